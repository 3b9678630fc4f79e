"""Files of people: each record is the single call, whatever stands beside it."""

import json

from harness.imports import NDJSON, ndjson
from harness.trade import COMMUNITY, Trade, citizen_number, line, seeker
from harness.wait import wait_for


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
    assert refused == {21: [("/citizen_number", "check-digit")],
                       31: [("/community", "unknown-code")], 41: [("/certificate/number", "certificate-taken")],
                       51: "already-registered", 61: [("/unemployment/since", "not-working-age")],
                       701: [("", "truncated")], 702: [("", "utf-8")]}
    # In the same words, by whoever: it stands.
    assert (receipts[0]["result"], receipts[0]["seeker"]) == ("unchanged", on_file)
    assert "41010519700101" not in json.dumps(receipts), "a sealed number is never quoted"
    assert (end["kind"], end["state"], end["lines"], end["added"], end["refused"]) == (
        "seekers", "complete", 1302, 1293, 7)
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
    assert (end["added"], end["unchanged"], end["refused"]) == (1, 1294, 4)
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
    answer = post(daemon, "seekers", b"", "empty")
    assert answer.status == 422 and answer.json["errors"][0]["rule"] == "no-record", answer
    # Whoever may not register one may not register many; a kind that is none is told what there is.
    assert post(daemon, "seekers", ndjson([seeker(3)]), "e", "employer").status == 403
    answer = post(daemon, "people", b"", "p")
    assert answer.status == 422 and "seekers" in answer.json["errors"][0]["expected"], answer
    nobody = {**NDJSON, "Vacancyd-Actor": "vo_0000000000000000_" + "0" * 43}
    assert post(daemon, "seekers", ndjson([seeker(3)]), "n", headers=nobody).status == 403
    assert post(daemon, "households", b"", "c", headers={"Content-Type": "text/plain"}).status == 415
    assert postgres.psql("SELECT count(*) FROM ledger.person") == "1"


def household(*members, **changed):
    return {"community": COMMUNITY, "hukou_type": "urban", "business_income": False,
            "investment_income": False, "applied_on": "2007-07-02", "determined_on": "2007-07-10",
            "members": [{"able": True, "willing": True, **m} for m in members], **changed}


def test_households_by_the_numbers_of_their_members(daemon, postgres):
    trade = Trade(daemon)
    ids = [trade.register(n) for n in range(1, 8)]
    there = daemon.new_key(role="bureau", org_name="管城区局", scope="410104")
    here = daemon.new_key(role="bureau", org_name="金水区局", scope="410105")
    far = trade.must(201, "POST", "/v1/seekers", seeker(50, community="410104001001"), key=there)
    houses = [household({"citizen_number": citizen_number(1)}, {"seeker": ids[1]}),
              household({"citizen_number": citizen_number(3), "seeker": ids[2]}),
              household({"citizen_number": citizen_number(99)}),  # nobody's
              household({"citizen_number": citizen_number(50)}),  # another bureau's
              household({"citizen_number": citizen_number(2)}),  # in the first already
              household({"citizen_number": "410105197001010000"}),
              household({"citizen_number": citizen_number(4)}, hukou_type="rural"),
              household({"citizen_number": citizen_number(5)}, {"citizen_number": citizen_number(5)}),
              household({"citizen_number": citizen_number(6)})]
    receipts, end = send(daemon, "households", ndjson(houses[:4]) + b"{\n" + ndjson(houses[4:]), "h-1", here)
    assert [r["result"] if r["result"] == "added" else why(r) for r in receipts] == [
        "added", [("/members/0/seeker", "together")], "not-found", "not-found", [("", "truncated")],
        "wrong-state", [("/members/0/citizen_number", "check-digit")], "not-zero-employment",
        [("/members/1", "duplicate")], "added"]
    assert [r["problem"]["errors"][0]["pointer"] for r in receipts[2:4]] == ["/members/0/citizen_number"] * 2
    assert receipts[5]["problem"]["seeker"] == ids[1]
    assert not any(citizen_number(n) in json.dumps(receipts) for n in range(1, 7))
    assert (end["added"], end["refused"]) == (2, 8)
    made = trade.must(200, "GET", f"/v1/households/{receipts[0]['household']}")
    assert {m["seeker"]: m["rank"] for m in made["members"]} == {ids[0]: "P1", ids[1]: "P1"}
    assert far["seeker"] not in json.dumps(receipts)
    # Finding somebody by number is a look, also in a file.
    looks = trade.must(200, "GET", f"/v1/looks?seeker={ids[0]}")["items"]
    assert "find_seeker" in [look["what"] for look in looks]
    again, end = send(daemon, "households", ndjson(houses), "h-2", here)
    assert again[0]["household"] == receipts[0]["household"]
    assert (end["added"], end["unchanged"]) == (0, 2)
    assert postgres.psql("SELECT count(*) FROM ledger.action WHERE op = 'households.create'") == "2"


def test_placements_each_exactly_once(daemon, postgres):
    trade = Trade(daemon)
    trade.employer()
    vacancy = trade.file([line("A", 3)])["A"]
    ids = [trade.register(n) for n in range(1, 7)]
    jobs = [trade.placement(ids[0], vacancy), trade.placement(ids[1], vacancy),
            {**trade.placement(None, None, "2007-07-11"), "citizen_number": citizen_number(3),
             "kind": "flexible", "workplace": COMMUNITY},
            trade.placement(ids[3], "999999"), trade.placement(ids[4], vacancy, "2007-13-01"),
            trade.placement(ids[0], vacancy), trade.placement(ids[4], vacancy),
            trade.placement(ids[5], vacancy)]
    for job in jobs:
        for name in [k for k, v in job.items() if v is None]:
            del job[name]
    receipts, end = send(daemon, "placements", ndjson(jobs), "p-1")
    assert [r["result"] if r["result"] != "refused" else why(r) for r in receipts] == [
        "added", "added", "added", "not-found", [("/start_on", "date")], "unchanged", "added",
        "vacancy-filled"]
    assert receipts[5]["placement"] == receipts[0]["placement"]
    assert (end["added"], end["unchanged"], end["refused"]) == (4, 1, 3)
    seen = trade.must(200, "GET", f"/v1/placements/{receipts[2]['placement']}")
    assert (seen["seeker"], seen["kind"]) == (ids[2], "flexible")
    # A refusal is not kept: what stood in the way is gone, and the same line is taken.
    trade.file([line("A", 4)])
    again, end = send(daemon, "placements", ndjson(jobs), "p-2")
    assert [r["result"] for r in again] == ["unchanged"] * 3 + ["refused"] * 2 + ["unchanged"] * 2 + ["added"]
    assert postgres.psql("SELECT count(*) FROM ledger.placement") == "5"
    # What was void since is not made again by an old file.
    voided = f"/v1/placements/{receipts[1]['placement']}"
    trade.void(voided)
    again, _ = send(daemon, "placements", ndjson(jobs), "p-3")
    assert again[1]["result"] == "unchanged"
    assert postgres.psql("SELECT count(*) FROM ledger.placement") == "5"
    # An employer names nobody by number; nor does anybody find out so who is on file.
    mine = {"citizen_number": citizen_number(6), "vacancy": vacancy, "kind": "unit", "start_on": "2007-07-12"}
    receipts, _ = send(daemon, "placements", ndjson([mine, {**mine, "citizen_number": citizen_number(999)}]),
                       "mine", "employer")
    assert [why(r) for r in receipts] == ["not-found", "not-found"]
    wait_for(lambda: daemon.admin("POST", "/board/verify").json["differences"] == 0, 20,
             "the board to equal the ledger")


def test_entries_of_a_register(daemon, postgres):
    trade = Trade(daemon)
    trade.register(1)
    course = {"title": "电工初级", "provider": "郑州市第一技工学校", "kind": "skills", "from": "2007-07-01",
              "until": "2007-07-31", "place": COMMUNITY, "seats": 2, "attendance_min": 80,
              "subsidised": False}
    receipts, end = send(daemon, "courses", ndjson([course, {**course, "seats": -1}, course,
                                                    {**course, "place": "410104001001"},
                                                    {**course, "title": "电工中级"}]), "c-1")
    assert [r["result"] if r["result"] != "refused" else why(r) for r in receipts] == [
        "added", [("/seats", "range")], "unchanged", "added", "added"]
    assert receipts[2]["course"] == receipts[0]["course"]
    pupil = {"course": receipts[0]["course"], "from": "2007-07-02"}
    receipts, end = send(daemon, "enrolments", ndjson([
        {**pupil, "citizen_number": citizen_number(1)}, {**pupil, "citizen_number": citizen_number(77)}]), "e-1")
    assert [r["result"] for r in receipts] == ["added", "refused"] and why(receipts[1]) == "not-found"
    assert postgres.psql("SELECT count(*) FROM ledger.entry") == "4"
    send(daemon, "courses", ndjson([course]), "c-2")
    assert postgres.psql("SELECT count(*) FROM ledger.entry") == "4"


def table(*rows):
    return "".join(",".join(map(str, row)) + "\r\n" for row in rows).encode("gb18030")


def test_people_and_placements_as_a_sheet(daemon):
    trade = Trade(daemon)
    as_csv = {"Content-Type": "text/csv"}
    number = citizen_number(1)
    body = table(
        ["序号", "姓名", "身份证号", "手机", "社区", "户口性质", "户籍地", "学历", "求职意向", "求职范围", "班次",
         "用工形式", "人员类别", "失业日期", "曾就业"],
        [1, "测试甲", number, "13900000001", COMMUNITY, "城镇", "410105", "高中", "4-07-05-01；4-09-08-01", "city",
         "day;night", "全职", "本地人员", "2007年1月10日", "是"],
        [2, "测试乙", number[:-1] + ("0" if number[-1] != "0" else "1"), "", COMMUNITY, "城镇", "410105", "高中",
         "4-07-05-01", "city", "day", "full", "local", "", ""])
    answer = post(daemon, "seekers", body, "sheet", headers=as_csv)
    receipts = [json.loads(one) for one in answer.text.splitlines()]
    assert [r.get("result") for r in receipts] == ["added", "refused", None], receipts
    assert [e["pointer"] for e in receipts[1]["errors"]] == ["/citizen_number"]
    assert receipts[1]["errors"][0]["column"] == "身份证号" and number[:10] not in answer.text
    file = trade.must(200, "GET", f"/v1/seekers/{receipts[0]['seeker']}")
    assert (file["name"], file["hukou"]["type"], file["unemployment"]["since"]) == ("测试甲", "urban", "2007-01-10")
    assert len(file["wishes"]) == 2 and file["shifts"] == ["day", "night"]

    body = table(["身份证号", "就业形式", "工作地点", "就业日期"], [number, "灵活就业", COMMUNITY, "2007/7/11"],
                 [citizen_number(9), "flexible", COMMUNITY, "2007-07-11"])
    answer = post(daemon, "placements", body, "jobs", headers=as_csv)
    receipts = [json.loads(one) for one in answer.text.splitlines()]
    assert [r.get("result") for r in receipts] == ["added", "refused", None], receipts
    assert why(receipts[1]) == "not-found"
