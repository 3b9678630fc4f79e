"""Files of people: each record is the single call, whatever stands beside it."""

import json

from harness.trade import Trade, citizen_number, seeker
from harness.wait import wait_for

NDJSON = {"Content-Type": "application/x-ndjson"}


def ndjson(records):
    return "".join(json.dumps(r, ensure_ascii=False) + "\n" for r in records).encode()


def post(daemon, kind, body, name, key="bureau", headers=NDJSON):
    return daemon.request("POST", f"/v1/imports?kind={kind}", daemon.keys.get(key, key), raw=body,
                          headers={**headers, "Idempotency-Key": name})


def send(daemon, kind, body, name, key="bureau"):
    answer = post(daemon, kind, body, name, key)
    assert answer.status == 200, answer
    receipts = [json.loads(line) for line in answer.text.splitlines()]
    return receipts[:-1], receipts[-1]


def why(receipt):
    """What is wrong with a record: its faults, or the problem of the single call."""
    if "problem" in receipt:
        return receipt["problem"]["type"].rpartition("/")[2]
    return [(e["pointer"], e["rule"]) for e in receipt["errors"]]


FACTS = {"recognitions": [{"code": "HC7", "on": "2007-05-01"}],
         "certificate": {"number": "优惠20070001", "group": "L1", "issued_on": "2007-03-01",
                         "valid_to": "2009-12-31", "inspected": [2007]},
         "retirement": {"age": 55, "evidence": "干部档案"}}


def test_people_with_their_facts(daemon, postgres):
    trade = Trade(daemon)
    on_file = trade.register(1)
    people = [seeker(n) for n in range(1, 1300)]
    people[10].update(FACTS)
    people[20]["citizen_number"] = "410105197001010000"
    people[30]["community"] = "410105003999"
    people[40]["certificate"] = FACTS["certificate"]  # another's by then
    people[50]["citizen_number"] = citizen_number(50)  # comes again below
    people[60].update(citizen_number=citizen_number(60, year=1985),
                      unemployment={"since": "1999-01-01", "prior_job": True})
    body = ndjson(people[:700]) + b'{"citizen_number": \n\xff\n\n' + ndjson(people[700:])
    receipts, end = send(daemon, "seekers", body, "street-1")
    assert [r["line"] for r in receipts] == [*range(1, 703), *range(704, 1303)]
    refused = {r["line"]: why(r) for r in receipts if r["result"] == "refused"}
    assert refused == {1: "already-registered", 21: [("/citizen_number", "check-digit")],
                       31: [("/community", "unknown-code")], 41: [("/certificate/number", "certificate-taken")],
                       51: "already-registered", 61: [("/unemployment/since", "not-working-age")],
                       701: [("", "truncated")], 702: [("", "utf-8")]}
    assert receipts[0]["problem"]["seeker"] == on_file
    assert "41010519700101" not in json.dumps(receipts), "a sealed number is never quoted"
    assert (end["kind"], end["state"], end["lines"], end["added"], end["refused"]) == (
        "seekers", "complete", 1302, 1293, 8)
    # As the single call leaves them: sealed, ranked, looked at, noted.
    file = trade.must(200, "GET", f"/v1/seekers/{receipts[10]['seeker']}")
    assert (file["name"], file["rank"], file["retirement_age"]) == ("测试11", "P3", 55)
    assert file["certificate"]["inspected"] == [2007] and file["recognitions"][0]["code"] == "HC7"
    assert postgres.psql("SELECT count(*) FROM ledger.action WHERE op = 'seekers.create'") == "1294"
    assert postgres.psql("SELECT count(*) FROM ledger.person WHERE citizen IS NULL OR name IS NULL") == "0"
    wait_for(lambda: daemon.admin("POST", "/board/verify").json["differences"] == 0, 20,
             "the board to equal the ledger")

    # The same people in another file: who stands is not refused, who was wrong may be right now.
    people[20]["citizen_number"] = citizen_number(2000)
    again, end = send(daemon, "seekers", ndjson(people), "street-2")
    assert (end["added"], end["unchanged"], end["refused"]) == (1, 1293, 5)
    assert again[10] == {"line": 11, "result": "unchanged", "seeker": receipts[10]["seeker"]}
    assert again[20]["result"] == "added"


def test_a_record_is_judged_as_the_single_call(daemon, postgres):
    trade = Trade(daemon)
    there = daemon.new_key(role="bureau", org_name="管城区局", scope="410104")
    theirs = trade.register(1)
    # Out of scope, and on file in another's scope: neither is told from the other.
    receipts, _ = send(daemon, "seekers", ndjson([seeker(2), seeker(1, community="410104001001")]),
                       "there", there)
    assert [why(r) for r in receipts] == ["not-found", "not-found"]
    assert theirs not in json.dumps(receipts)
    assert send(daemon, "seekers", b"", "empty")[1]["lines"] == 0
    # Whoever may not register one may not register many; a kind that is none is told what there is.
    assert post(daemon, "seekers", ndjson([seeker(3)]), "e", "employer").status == 403
    answer = post(daemon, "people", b"", "p")
    assert answer.status == 422 and "seekers" in answer.json["errors"][0]["expected"], answer
    nobody = {**NDJSON, "Vacancyd-Actor": "vo_0000000000000000_" + "0" * 43}
    assert post(daemon, "seekers", ndjson([seeker(3)]), "n", headers=nobody).status == 403
    assert post(daemon, "seekers", b"", "c", headers={"Content-Type": "text/csv"}).status == 415
    assert postgres.psql("SELECT count(*) FROM ledger.person") == "1"
