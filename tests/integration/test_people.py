"""People after they were registered: amended files, dated facts, withdrawal and return, jobs that
end; and each of them as it stood on a day.

Who may ask is the table's of authorisation; here it is what is decided and what follows:
rank, waiting time, counts, the board, and that nothing personal goes where it must not.
"""

import json

from harness.daemon import id_in
from harness.people import People, refused, rules
from harness.trade import CLEANER, COMMUNITY, GUARD, citizen_number, line, seeker
from harness.wait import wait_for

OTHER_STREET = "410105004001"


def test_a_file_is_found_by_number_inside_the_scope_only(daemon, postgres):
    town = People(daemon, postgres)
    who = town.register(1)
    find = {"citizen_number": citizen_number(1)}
    street = daemon.new_key(role="bureau", org_name="花园路街道", scope="410105003")
    elsewhere = daemon.new_key(role="bureau", org_name="中原区局", scope="410102")

    assert town.post(200, "/v1/seekers/find", find) == {
        "seeker": who, "state": "seeking", "community": COMMUNITY, "merged_from": None}
    assert town.post(200, "/v1/seekers/find", find, key=street)["seeker"] == who
    looks = "SELECT count(*) FROM ledger.person_look WHERE what = 'find_seeker'"
    assert postgres.psql(looks) == "2"

    # Somebody of another scope is answered as nobody is, and no look is written for her.
    def told(body, key):
        answer = town.call("POST", "/v1/seekers/find", body, key=key)
        problem = {k: v for k, v in answer.json.items() if k != "instance"}
        return answer.status, sorted(answer.headers), problem

    nobody = told({"citizen_number": citizen_number(99)}, elsewhere)
    assert nobody[0] == 404
    assert told(find, elsewhere) == nobody
    assert postgres.psql(looks) == "2"
    for key in (daemon.keys["agency"], daemon.keys["employer"]):
        refused(town.call("POST", "/v1/seekers/find", find, key=key), "role-refused")
    bad = town.call("POST", "/v1/seekers/find", {"citizen_number": "410102195712319991"})
    assert bad.status == 422 and "195712319991" not in bad.text
    assert rules(bad) == {("/citizen_number", "check-digit")}


def test_an_answer_is_given_again_to_whom_it_may_be_given_now(daemon, postgres):
    town = People(daemon, postgres)
    who = town.register(1)
    find = {"citizen_number": citizen_number(1)}
    officer = daemon.new_officer(town.bureau, name="测试乙", lead=False, scope=COMMUNITY[:9])
    hand = {"Vacancyd-Actor": officer, "Idempotency-Key": "find-1"}
    looks = "SELECT count(*) FROM ledger.person_look WHERE what = 'find_seeker'"

    def again(status, body=find, **headers):
        return town.must(status, "POST", "/v1/seekers/find", body, headers={**hand, **headers})

    wait_for(lambda: town.call("GET", "/v1/officers", headers={"Vacancyd-Actor": officer}).status == 200,
             5, "the officer")
    first = again(200)
    assert first["seeker"] == who and again(200) == first
    assert postgres.psql(looks) == "2"

    # Another officer of the same key is not told what this one was, nor does it count as theirs.
    refused(town.call("POST", "/v1/seekers/find", find, headers={"Idempotency-Key": "find-1"}),
            "idempotency-mismatch")
    assert postgres.psql(looks) == "2"

    # The file has gone to another street; it has come back; the officer's scope is another.
    town.patch(200, f"/v1/seekers/{who}", {"community": OTHER_STREET})
    assert "seeker" not in again(404)
    town.patch(200, f"/v1/seekers/{who}", {"community": COMMUNITY})
    assert again(200) == first
    mine = f"/v1/officers/{id_in(officer)}"
    town.must(200, "PATCH", mine, {"scope": "410105004"})
    assert "seeker" not in again(404)
    town.must(200, "PATCH", mine, {"scope": COMMUNITY[:9]})
    made = {"Vacancyd-Actor": officer, "Idempotency-Key": "made-1"}
    one = town.must(201, "POST", "/v1/seekers", seeker(2), headers=made)
    same = town.must(200, "POST", "/v1/seekers", seeker(2), headers=made)
    assert one == same
    assert town.must(200, "GET", f"/v1/looks?seeker={one['seeker']}")["items"][0]["what"] == "answer_again"
    town.must(200, "PATCH", mine, {"scope": "410105004"})
    assert town.must(404, "POST", "/v1/seekers", seeker(2), headers=made)["type"] == "/problems/not-found"
    town.must(200, "PATCH", mine, {"revoked": True})
    refused(town.call("POST", "/v1/seekers/find", find, headers=hand), "actor-refused")


def test_a_number_of_another_scope_is_answered_alike_by_finding_and_registering(daemon, postgres):
    town = People(daemon, postgres)
    town.register(1)
    elsewhere = daemon.new_key(role="bureau", org_name="另一街道", scope=OTHER_STREET[:9])
    body = seeker(1, community=OTHER_STREET)
    told = [{k: v for k, v in answer.json.items() if k != "instance"} for answer in (
        town.call("POST", "/v1/seekers/find", {"citizen_number": citizen_number(1)}, key=elsewhere),
        town.call("POST", "/v1/seekers", body, key=elsewhere))]
    assert told[0] == told[1] and told[0]["type"] == "/problems/not-found"
    # A number that nobody has is registered, and whose it is here is said here.
    refused(town.call("POST", "/v1/seekers", seeker(1)), "already-registered")
    assert town.call("POST", "/v1/seekers", seeker(2, community=OTHER_STREET),
                     key=elsewhere).status == 201


def test_a_file_is_amended_and_read_as_it_stood(daemon, postgres):
    town = People(daemon, postgres)
    who = town.register(1)
    path = f"/v1/seekers/{who}"
    before = town.call("GET", path)
    assert before.headers["etag"] == '"1"' and before.json["version"] == 1
    town.move_to("2007-07-20", who)
    changed = town.patch(200, path, {
        "wishes": [CLEANER, "4-07"], "pay_wish_fen": None, "farthest": "street",
        "shifts": ["day"], "forms": ["part"], "education": "21", "skills": ["K001"],
        "experience": [{"occupation": GUARD, "months": 7}], "telephone": "13911112222",
        "address": None, "community": OTHER_STREET}, **{"If-Match": '"1"'})
    assert changed.headers["etag"] == '"2"' and changed.json["changed"]
    assert not {"telephone", "address", "name"} & set(changed.json)
    now = town.file_of(who)
    assert now["wishes"] == [CLEANER, "4-07"] and now["community"] == OTHER_STREET
    assert (now["telephone"], now["address"], now["pay_wish_fen"]) == ("13911112222", None, 0)
    then = town.file_of(who, "2007-07-19")
    for name in ("wishes", "community", "telephone", "address", "pay_wish_fen", "farthest",
                 "shifts", "forms", "education", "skills", "experience", "rank", "version"):
        assert then[name] == before.json[name], name
    assert then["as_of"] == "2007-07-19"
    assert town.file_of(who, "2007-07-20")["wishes"] == [CLEANER, "4-07"]
    assert town.call("GET", f"{path}?as_of=2007-07-11").status == 404
    assert rules(town.call("GET", f"{path}?as_of=2007-07-21")) == {("query/as_of", "future")}

    # The same again changes nothing; what somebody else changed meanwhile is not overwritten.
    again = town.patch(200, path, {"shifts": ["day"], "telephone": "+86 139-1111-2222"})
    assert again.json["changed"] is False and again.headers["etag"] == '"2"'
    refused(town.patch(412, path, {"shifts": ["night"]}, **{"If-Match": '"1"'}),
            "version-changed", version=2)
    bad = town.patch(422, path, {"wishes": None, "citizen_number": citizen_number(2),
                                 "farthest": "moon", "skills": ["K01"]})
    assert {r for _, r in rules(bad)} == {"required", "unknown-member", "choice", "unknown-code"}
    elsewhere = daemon.new_key(role="bureau", org_name="中原区局", scope="410102")
    missing = town.call("PATCH", path, {"shifts": ["day"]}, key=elsewhere)
    assert missing.status == 404
    district = daemon.new_key(role="bureau", org_name="金水区局", scope="410105")
    assert town.call("PATCH", path, {"community": "410102001002"}, key=district).status == 404
    # The board has what the ledger has.
    assert daemon.admin("POST", "/board/verify").json["differences"] == 0
    for secret in ("13911112222", "测试路", "测试1"):
        assert secret not in daemon.log
        assert secret not in postgres.psql("SELECT o::text FROM ops.outbox o")


def test_dated_facts_move_the_rank_and_are_voided_not_deleted(daemon, postgres):
    town = People(daemon, postgres)
    who = town.register(1, unemployment=None)
    assert town.file_of(who)["rank"] == "P6"
    certificate = {"number": "豫0000007", "group": "other", "issued_on": "2006-05-01",
                   "valid_to": "2008-12-31"}

    added = town.person(201, who, "unemployment", {"since": "2007-03-01", "prior_job": True})
    assert (added["rank"], added["waiting_since"]) == ("P5", "2007-03-01")
    register = added["fact"]
    twice = town.call("POST", f"/v1/seekers/{who}/unemployment",
                      {"since": "2007-05-01", "prior_job": True})
    refused(twice, "wrong-state", reason="registered-unemployed", fact=register)

    card = town.person(201, who, "certificates", certificate)
    assert card["rank"] == "P5"  # of 2006, and the time to inspect it is over
    assert town.person(200, who, f"certificates/{card['fact']}/inspect", {"year": 2007})[
        "rank"] == "P4"
    early = town.call("POST", f"/v1/seekers/{who}/certificates/{card['fact']}/inspect",
                      {"year": 2005})
    assert rules(early) == {("/year", "range")}
    refused(town.call("POST", f"/v1/seekers/{who}/certificates",
                      {**certificate, "number": "豫0000008"}), "wrong-state",
            reason="certificate-live")
    other = town.register(2)
    taken = town.call("POST", f"/v1/seekers/{other}/certificates", certificate)
    assert rules(taken) == {("/number", "certificate-taken")}

    hard = town.person(201, who, "recognitions", {"code": "HC6a", "on": "2007-06-01"})
    assert (hard["rank"], hard["rank_reason"]) == ("P3", "HC6a")
    refused(town.call("POST", f"/v1/seekers/{who}/recognitions",
                      {"code": "HC6a", "on": "2007-06-02"}), "wrong-state", reason="recognised")
    assert rules(town.call("POST", f"/v1/seekers/{who}/recognitions",
                           {"code": "HC2", "on": "2007-06-01"})) == {("/code", "computed")}
    ended = town.person(200, who, f"recognitions/{hard['fact']}/end",
                        {"reason": "no_longer_meets", "on": "2007-07-01"})
    assert ended["rank"] == "P4"
    refused(town.call("POST", f"/v1/seekers/{who}/recognitions/{hard['fact']}/end",
                      {"reason": "moved"}), "wrong-state", reason="ended")
    again = town.person(201, who, "recognitions", {"code": "HC6a", "on": "2007-07-01"})
    assert again["rank"] == "P3"
    assert town.person(200, who, f"recognitions/{again['fact']}/void",
                       {"reason": "证明系伪造"})["rank"] == "P4"
    assert town.person(200, who, f"certificates/{card['fact']}/void",
                       {"reason": "遗失", "on": "2007-07-12"})["rank"] == "P5"
    assert town.person(200, who, f"unemployment/{register}/end",
                       {"reason": "gave_up", "on": "2007-07-12"})["rank"] == "P6"
    assert town.call("POST", f"/v1/seekers/{other}/unemployment/{register}/void",
                     {"reason": "张冠李戴"}).status == 404
    voided = town.person(200, who, f"unemployment/{register}/void", {"reason": "张冠李戴"})
    assert voided["waiting_since"] == "2007-07-12"
    # The register still has all of it; the clerk's words stay in the ledger.
    assert postgres.psql("SELECT count(*) FROM ledger.person_change WHERE reason = '证明系伪造'"
                         " AND actor <> ''") == "1"
    assert postgres.psql("SELECT count(*) FROM ledger.recognition") == "2"
    assert "伪造" not in json.dumps(town.file_of(who), ensure_ascii=False)
    for table in ("ledger.idempotency", "ops.outbox"):
        assert "伪造" not in postgres.psql(f"SELECT x::text FROM {table} x")

    # A woman past 50 is asked; the evidence of a cadre's 55 settles it.
    woman = town.register(3, citizen_number=citizen_number(3, man=False, year=1955))
    assert town.file_of(woman)["rank_reason"] == "retirement-unproven"
    assert {k: town.file_of(woman)[k] for k in ("age_class", "retirement_age", "rank")} == {
        "age_class": "unknown", "retirement_age": None, "rank": "P6"}
    found = {x["code"]: x for x in town.must(200, "GET", "/v1/codes/age-classes")["items"]}["unknown"]
    assert "worker 50, cadre 55" in str(found) and "工人50、干部55" in str(found)
    proof = {"age": 55, "evidence": "干部身份证明"}
    settled = town.person(201, woman, "retirement", proof)
    assert (settled["rank"], settled["age_class"]) == ("P2", "working")
    assert town.person(200, woman, "retirement", proof)["rank"] == "P2"
    assert town.file_of(woman)["retirement_age"] == 55
    refused(town.call("POST", f"/v1/seekers/{woman}/retirement", {**proof, "age": 60}),
            "wrong-state", reason="retirement-on-file", age=55)


def test_a_return_is_done_whole_or_not(daemon, postgres):
    """Registered, withdrawn and back on one day, in the same words."""
    town = People(daemon, postgres)
    who, other = (town.register(n, unemployment=None) for n in (1, 2))
    idle = {"since": "2007-07-12", "prior_job": False}
    town.person(201, who, "unemployment", idle)
    town.person(200, who, "withdraw", {"reason": "school"})
    back = town.person(200, who, "return", {"unemployment": idle})
    assert (back["state"], back["rank"], "newer_stands" in back) == ("seeking", "P5", False)
    assert town.file_of(who)["unemployment"]["since"] == "2007-07-12"
    # What was void, or ended otherwise, is said anew with its reason.
    fact = town.person(201, other, "unemployment", idle)["fact"]
    town.person(200, other, f"unemployment/{fact}/void", {"reason": "录错人"})
    town.person(200, other, "withdraw", {"reason": "school"})
    half = town.call("POST", f"/v1/seekers/{other}/return", {"unemployment": idle})
    assert rules(half) == {("/unemployment/reason", "required")}
    assert town.file_of(other)["state"] == "withdrawn"
    back = town.person(200, other, "return", {"unemployment": {**idle, "reason": "确系失业"}})
    assert (back["state"], back["rank"]) == ("seeking", "P5")


def test_withdrawal_return_and_the_end_of_a_job(daemon, postgres):
    town = People(daemon, postgres)
    town.employer()
    post = town.file([line("A", 9)])["A"]
    short, long, gone = (town.register(n) for n in (1, 2, 3))
    jobs = [town.at_work(who, post) for who in (short, long)]
    assert town.file_of(short)["state"] == "placed"
    counted = town.progress()[("T1", "city")]
    assert counted == 2

    out = town.person(200, gone, "withdraw", {"reason": "school"})
    assert (out["state"], out["rank"]) == ("withdrawn", "P6")
    refused(town.call("POST", f"/v1/seekers/{gone}/withdraw", {"reason": "army"}),
            "wrong-state", reason="withdrawn")
    refused(town.call("POST", f"/v1/seekers/{gone}/unemployment",
                      {"since": "2007-07-12", "prior_job": True}), "wrong-state",
            reason="withdrawn")
    refused(town.call("POST", f"/v1/seekers/{short}/return", {}), "wrong-state",
            reason="not-withdrawn")
    matches = town.must(200, "GET", f"/v1/vacancies/{post}/matches")["items"]
    assert gone not in [m["seeker"] for m in matches]

    def end(job, on, reason="contract_ended"):
        return town.call("POST", f"/v1/placements/{job}/end", {"on": on, "reason": reason})

    assert rules(end(jobs[0], "2007-07-13")) == {("/on", "future")}
    town.move_to("2007-09-20", short)
    assert rules(end(jobs[0], "2007-07-12")) == {("/on", "order")}
    first = end(jobs[0], "2007-09-20")
    assert first.json["ended"] == {"on": "2007-09-20", "reason": "contract_ended"}
    assert end(jobs[0], "2007-09-20").status == 200
    refused(end(jobs[0], "2007-09-19"), "wrong-state", reason="placement-ended")
    assert town.file_of(short)["waiting_since"] == "2007-01-10"
    back = town.person(201, short, "unemployment", {"since": "2007-09-20", "prior_job": True})
    # A job of under 90 days does not make her wait anew.
    assert (back["rank"], back["waiting_since"]) == ("P5", "2007-01-10")
    returned = town.person(200, gone, "return", {
        "unemployment": {"since": "2007-09-20", "prior_job": False}})
    assert (returned["state"], returned["rank"]) == ("seeking", "P5")
    assert returned["waiting_since"] == "2007-09-20"
    town.person(200, gone, "withdraw", {"reason": "employed", "on": "2007-09-20"})

    town.move_to("2007-10-15", short)
    # Back from work she found herself, within 90 days: she waits from where she did.
    kept = town.person(200, gone, "return", {})
    assert kept["waiting_since"] == "2007-09-20"
    assert end(jobs[1], "2007-10-15", "dismissed").status == 200
    assert town.file_of(long)["waiting_since"] == "2007-10-15"
    assert town.person(201, long, "unemployment", {"since": "2007-10-15", "prior_job": True})[
        "waiting_since"] == "2007-10-15"
    # The flow into work has happened; only retirement and death are attrition.
    assert town.progress()[("T1", "city")] == counted
    # Nobody has confirmed the first vacancy since July: it has lapsed.
    next_post = town.file([line("B")], quarter="2007Q3")["B"]
    third = town.at_work(gone, next_post, start="2007-10-10")
    gross = town.progress()[("T1", "city")]
    assert end(third, "2007-10-15", "retired").status == 200
    assert town.progress()[("T1", "city")] == gross - 1
    assert town.file_of(gone)["withdrawn"] == {"on": "2007-10-15", "reason": "retired"}
    assert town.file_of(gone, "2007-10-14")["withdrawn"] == {
        "on": "2007-09-20", "reason": "employed"}
    reported = town.post(201, "/v1/placements", {
        "seeker": short, "kind": "flexible", "workplace": COMMUNITY, "start_on": "2007-10-15"})
    refused(end(reported["placement"], "2007-10-15"), "wrong-state", reason="not-registered")
    assert town.call("POST", "/v1/placements/999/end",
                     {"on": "2007-10-15", "reason": "dead"}).status == 404
    assert daemon.admin("POST", "/board/verify").json["differences"] == 0
