"""The registers that are rows of config/data/registers.tsv, whole: training courses, enrolments,
figures from outside.

What is common to all (bodies, lists, versions, scope, repeats) is tried on courses; each register's
own law is test_register_laws.py's.
"""

import re
from urllib.parse import quote
from harness import SOURCE
from harness.daemon import id_in
from harness.people import refused, rules
from harness.register_keeper import Registers, course, day_of, figure
from harness.registers import IDS, PLURALS, ROWS, codes, table
from harness.trade import COMMUNITY

OFFICER = "0000000000000001"
ELSEWHERE = "410102001002"


def test_a_course_is_recorded_read_amended_and_read_as_it_stood(daemon, postgres):
    town = Registers(daemon, postgres)
    made = town.call("POST", "/v1/courses", course(approval="郑劳培〔2007〕3号", evidence=[
        {"kind": "approval", "number": "郑劳培〔2007〕3号", "day": "2007-06-01"}]))
    assert made.status == 201 and made.headers["etag"] == '"1"'
    path = f"/v1/courses/{made.json['course']}"
    first = town.call("GET", path)
    assert first.headers["etag"] == '"1"' and first.json["as_of"] == "2007-07-12"
    officer = id_in(daemon.actors[town.bureau])
    assert first.json["recorded"] == {"at": "2007-07-12T10:00:00+08:00", "on_behalf_of": None,
                                      "kid": id_in(town.bureau), "officer": officer}
    assert first.json["evidence"] == [{"kind": "approval", "number": "郑劳培〔2007〕3号", "hash": None,
                                       "day": "2007-06-01", "seen_by": officer, "version": 1}]
    assert first.json["hours"] is None and first.json["place"] == COMMUNITY
    assert (first.json["from"], first.json["seats"], first.json["ended"]) == ("2007-07-01", 2, None)

    who = town.register(1)
    town.move_to("2007-07-20", who)
    changed = town.patch(200, path, {"seats": 5, "approval": None, "on": "2007-07-19"},
                         **{"If-Match": '"1"'})
    assert changed.headers["etag"] == '"2"' and changed.json["holds_from"] == "2007-07-19"
    now = town.call("GET", path).json
    assert (now["seats"], now["approval"], now["title"], now["version"]) == (5, None, "电工初级", 2)
    assert [h["version"] for h in now["history"]] == [1, 2]
    then = town.call("GET", f"{path}?as_of=2007-07-19")
    assert day_of(then) == day_of(first) and then.json["as_of"] == "2007-07-19"
    assert then.json["history"] == now["history"][:1]
    assert town.call("GET", f"{path}?as_of=2007-07-20").json["seats"] == 5
    assert town.call("GET", f"{path}?as_of=2007-07-11").status == 404
    assert rules(town.call("GET", f"{path}?as_of=2007-07-21")) == {("query/as_of", "future")}

    # What somebody else changed meanwhile is not overwritten; the same again is no new version.
    refused(town.patch(412, path, {"seats": 9}, **{"If-Match": '"1"'}), "version-changed", version=2)
    assert town.patch(200, path, {"seats": 5}).headers["etag"] == '"2"'
    assert rules(town.patch(422, path, {"until": "2007-06-30"})) == {("/until", "order")}
    assert rules(town.patch(422, path, {"seats": 5, "title": "x", "on": "2007-07-18"})) == {
        ("/on", "order")}

    ended = town.post(200, f"{path}/end", {"reason": "cancelled"})
    assert ended["ended"] == {"on": "2007-07-20", "reason": "cancelled"} and ended["version"] == 3
    refused(town.patch(409, path, {"seats": 6}), "wrong-state", reason="ended")
    refused(town.call("POST", f"{path}/end", {"reason": "cancelled"}), "wrong-state", reason="ended")
    # Nothing was overwritten: three rows, and what was done by whom.
    assert postgres.psql("SELECT string_agg(seats::text, ' ' ORDER BY version) FROM ledger.course") == "2 5 5"
    assert postgres.psql("SELECT string_agg(op || ' ' || object, ', ' ORDER BY id) FROM ledger.action"
                         f" WHERE object LIKE 'course/%'") == ", ".join(
        f"courses.{verb} course/{made.json['course']}" for verb in ("create", "change", "end"))


def test_every_fault_of_a_body_is_told_at_once(daemon, postgres):
    town = Registers(daemon, postgres)
    bad = town.call("POST", "/v1/courses", course(
        title="", kind="magic", seats=0, until="2007-06-30", place="410105", attendance_min="80",
        teacher="某人", subsidised="no", employer="123456789", evidence=[
            {"kind": "approval", "number": "1", "day": "2007-07-13"}, {"kind": "x", "colour": 1}]))
    assert rules(bad) == {
        ("/title", "length"), ("/kind", "choice"), ("/seats", "range"), ("/until", "order"),
        ("/place", "level"), ("/attendance_min", "type"), ("/teacher", "unknown-member"),
        ("/subsidised", "type"), ("/employer", "check-digit"), ("/evidence/0/day", "future"),
        ("/evidence/1/kind", "choice"), ("/evidence/1/number", "required"),
        ("/evidence/1/day", "required"), ("/evidence/1/colour", "unknown-member")}
    assert rules(town.call("POST", "/v1/courses", {})) == {
        (f"/{m}", "required") for m in ("title", "provider", "kind", "from", "until", "place", "seats",
                                        "attendance_min")}
    made = town.course()
    assert rules(town.patch(422, f"/v1/courses/{made}", {"title": None, "kind": "x"})) == {
        ("/title", "required"), ("/kind", "choice")}
    assert rules(town.call("POST", f"/v1/courses/{made}/end", {"reason": "tired", "on": "2007-07-13"})) \
        == {("/reason", "choice"), ("/on", "future")}
    seen = [{"kind": "other", "number": "1", "day": "2007-07-01", "seen_by": OFFICER}]
    assert rules(town.call("POST", "/v1/courses", course(evidence=seen))) == {
        ("/evidence/0/seen_by", "unknown-officer")}
    assert postgres.psql("SELECT count(*) FROM ledger.entry") == "1"


def test_a_repeat_is_the_first_answer_and_another_body_is_refused(daemon, postgres):
    town = Registers(daemon, postgres)
    key = {"Idempotency-Key": "course-1"}
    first = town.call("POST", "/v1/courses", course(), headers=key)
    again = town.call("POST", "/v1/courses", course(), headers=key)
    assert (first.status, again.status) == (201, 200) and again.json == first.json
    refused(town.call("POST", "/v1/courses", course(seats=9), headers=key), "idempotency-mismatch")
    refused(town.call("POST", "/v1/enrolments", course(), headers=key), "validation-failed")
    end = {"Idempotency-Key": "course-2"}
    path = f"/v1/courses/{first.json['course']}/end"
    assert town.call("POST", path, {"reason": "cancelled"}, headers=end).json == \
        town.call("POST", path, {"reason": "cancelled"}, headers=end).json
    assert postgres.psql("SELECT count(*) FROM ledger.course") == "2"


def test_a_list_is_filtered_and_goes_on_by_cursor(daemon, postgres):
    town = Registers(daemon, postgres)
    made = [town.course(title=f"第{n}期", kind="skills" if n % 2 else "entrepreneurship",
                        place=COMMUNITY if n < 4 else ELSEWHERE, **{"from": f"2007-07-0{n + 1}"},
                        subsidised=n == 2) for n in range(6)]
    town.post(200, f"/v1/courses/{made[5]}/end", {"reason": "cancelled"})

    def listed(query):
        answer = town.must(200, "GET", "/v1/courses" + query)
        return [made.index(i["course"]) for i in answer["items"]], answer["next"]

    assert listed("") == ([0, 1, 2, 3, 4, 5], None)
    for query, wanted in (("kind=skills", [1, 3, 5]), ("place=410102", [4, 5]), ("title=第3", [3]),
                          ("subsidised=true", [2]), ("state=live&place=410102", [4]),
                          ("state=ended", [5]), ("from_since=2007-07-04", [3, 4, 5]),
                          ("from_since=2007-07-02&from_before=2007-07-04", [1, 2]),
                          ("provider=第一技工", [0, 1, 2, 3, 4, 5]), ("title=x' OR '1'='1", [])):
        assert listed("?" + quote(query, safe="=&"))[0] == wanted, query
    seen, cursor = [], ""
    while cursor is not None:
        page, cursor = listed(f"?limit=2&kind=skills{'&cursor=' + cursor if cursor else ''}")
        seen += page
    assert seen == [1, 3, 5]
    item = town.must(200, "GET", "/v1/courses?limit=1")["items"][0]
    assert set(item) == {"course", "version", "holds_from", "recorded", "ended", "title", "provider",
                         "kind", "from", "place", "subsidised"}
    cursor = listed("?limit=2&kind=skills")[1]
    refused(town.call("GET", f"/v1/courses?limit=2&cursor={cursor}"), "restart")
    assert rules(town.call("GET", "/v1/courses?kind=x&place=41&from_since=x&seats=2&subsidised=1")) == {
        ("query/kind", "choice"), ("query/place", "unknown-code"), ("query/from_since", "date"),
        ("query/seats", "unknown-parameter"), ("query/subsidised", "choice")}


def test_another_districts_entries_are_not_there(daemon, postgres):
    town = Registers(daemon, postgres)
    mine, theirs = town.course(), town.course(place=ELSEWHERE)
    who = town.register(1)
    enrolled = town.enrolled(mine, who)["enrolment"]
    given = town.figure().json["outside_figure"]
    city = town.figure(subject="city").json["outside_figure"]
    district = daemon.new_key(role="bureau", org_name="中原区局", scope="410102")

    def told(method, path, body=None):
        answer = town.call(method, path, body, key=district)
        said = {k: v for k, v in answer.json.items() if k != "instance"}
        for e in said["errors"]:  # it names what was asked for, and nothing else
            assert e.pop("found") in path.split("/") + list((body or {}).values())
        return answer.status, said

    for path, nobodys, bodies in (
            (f"/v1/courses/{mine}", "/v1/courses/999", ({"seats": 3}, {"reason": "held"}, "end")),
            (f"/v1/enrolments/{enrolled}", "/v1/enrolments/999", ({"attendance": 3}, {"reason": "x"}, "void")),
            (f"/v1/outside-figures/{given}", "/v1/outside-figures/999", ({"value": 3}, {"reason": "x"}, "void")),
            (f"/v1/outside-figures/{city}", "/v1/outside-figures/999", ({"value": 3}, {"reason": "x"}, "void"))):
        change, end, verb = bodies
        assert told("GET", path)[0] == 404 and told("GET", path) == told("GET", nobodys)
        assert told("PATCH", path, change) == told("PATCH", nobodys, change)
        assert told("POST", f"{path}/{verb}", end) == told("POST", f"{nobodys}/{verb}", end)
    # An entry of another register is nobody's here.
    assert town.call("GET", f"/v1/enrolments/{mine}").status == 404
    assert [i["course"] for i in town.must(200, "GET", "/v1/courses", key=district)["items"]] == [theirs]
    for path in ("/v1/enrolments", "/v1/outside-figures"):
        assert town.must(200, "GET", path, key=district)["items"] == []
    assert town.call("POST", "/v1/courses", course(), key=district).status == 404
    assert town.call("POST", "/v1/outside-figures", figure(), key=district).status == 404
    # Neither a course of another district nor a seeker of one can be told from none.
    def enrol(course_id, seeker):
        return told("POST", "/v1/enrolments", {"course": course_id, "seeker": seeker, "from": "2007-07-02"})

    nobody = "3fffffffffffffff"
    for seeker in (who, nobody):
        assert enrol(mine, seeker) == enrol("998", seeker)
    for seen in (mine, theirs, "998"):
        assert enrol(seen, who) == enrol(seen, nobody)
    own = daemon.new_key(role="bureau", org_name="金水区局", scope="410105")
    assert town.call("PATCH", f"/v1/courses/{mine}", {"place": ELSEWHERE}, key=own).status == 404
    auditor = daemon.new_key(role="auditor", org_name="审计局")
    assert len(town.must(200, "GET", "/v1/courses", key=auditor)["items"]) == 2
    assert town.must(200, "GET", f"/v1/outside-figures/{city}", key=auditor)["value"] == 512345


def test_who_may_see_an_entry_is_said_by_its_latest_version(daemon, postgres):
    town = Registers(daemon, postgres)
    moved, who = town.course(), town.register(1)
    path = f"/v1/courses/{moved}"
    old, new = (daemon.new_key(role="bureau", org_name=scope, scope=scope) for scope in ("410105", "410102"))
    town.must(200, "GET", path, key=old)
    town.move_to("2007-07-13", who)
    town.patch(200, path, {"place": ELSEWHERE})
    for method, where, body in (("GET", path, None), ("GET", f"{path}?as_of=2007-07-12", None),
                                ("PATCH", path, {"seats": 3}), ("POST", f"{path}/end", {"reason": "cancelled"}),
                                ("POST", "/v1/enrolments", {"course": moved, "seeker": who, "from": "2007-07-02"})):
        assert town.call(method, where, body, key=old).status == 404, (method, where)
    assert town.must(200, "GET", f"{path}?as_of=2007-07-12", key=new)["place"] == COMMUNITY
    assert town.must(200, "GET", path, key=new)["version"] == 2


def test_what_would_break_a_table_is_a_fault_of_the_body(daemon, postgres):
    town = Registers(daemon, postgres)
    paper = {"kind": "roll", "number": "1", "day": "2007-07-01"}
    for digest in ("zz" * 32, "ab" * 31, "ab" * 33, ""):
        bad = town.call("POST", "/v1/courses", course(evidence=[{**paper, "hash": digest}]))
        assert rules(bad) == {("/evidence/0/hash", "format")}
        assert bad.json["errors"][0]["expected"] == "64 hex digits"
    made = town.must(201, "POST", "/v1/courses", course(evidence=[{**paper, "hash": "AB" * 32}]))
    assert made["evidence"][0]["hash"] == "ab" * 32
    for path in ("/v1/obligations?as_of=", f"/v1/courses/{made['course']}?as_of=", "/v1/progress?as_of=",
                 "/v1/courses?from_since="):
        for day in ("0001-01-01", "1989-12-31", "2100-01-01", "9999-12-31"):
            assert [e["rule"] for e in town.call("GET", path + day).json["errors"]] == ["range"], path + day


def test_every_reason_of_a_wrong_state_is_told_in_both_languages(daemon, postgres):
    told = {r["reason"]: r for r in table("wrong_states.tsv")}
    code = "\n".join(f.read_text(encoding="utf-8") for f in (SOURCE / "config/schema/functions").glob("*.sql"))
    given = set(re.findall(r"wrong_state\('([^']*[^-'])'", code))
    given |= set(re.findall(r"'wrong-state', '{\"reason\": \"([^\"]*)\"", code))
    given |= set(re.findall(r"ELSE jsonb_build_object\('reason', '([a-z-]+)'", code))
    given |= {f"referral-{c}" for c in codes("referral-states")}
    assert len(given) > 40 and given <= set(told)
    asked = {f"{what}-asked" for what in ("void", "undo", "record")}
    assert set(told) - given <= asked | {"not-completed", "outcome-final"}
    for row in told.values():
        assert not row["rule"] or (SOURCE / "config" / row["rule"]).is_file(), row

    town = Registers(daemon, postgres)
    full = town.course(seats=1)
    town.enrolled(full, town.register(1))
    body = {"course": full, "seeker": town.register(2), "from": "2007-07-02"}
    for lang, start in (("en", told["course-full"]["en"] + " "), ("zh", told["course-full"]["zh"])):
        said = refused(town.call("POST", "/v1/enrolments", body, headers={"Accept-Language": lang}), "wrong-state",
                       reason="course-full", rule_page="/rules/training")
        assert said["detail"].startswith(start) and len(said["detail"]) > len(start)
        assert said["detail_zh"].startswith(told["course-full"]["zh"])
    path = f"/v1/courses/{town.course()}/end"
    town.post(200, path, {"reason": "cancelled"})
    assert "rule_page" not in refused(town.call("POST", path, {"reason": "cancelled"}), "wrong-state", reason="ended")


def test_the_same_again_makes_no_version_and_no_second_paper(daemon, postgres):
    town = Registers(daemon, postgres)
    path = f"/v1/courses/{town.course()}"
    paper = {"kind": "roll", "number": "N1", "day": "2007-07-12"}
    for _ in range(2):
        answer = town.patch(200, path, {"title": "电工", "evidence": [paper]}).json
        assert (answer["version"], len(answer["evidence"])) == (2, 1)
    answer = town.patch(200, path, {"hours": 8, "evidence": [paper, {**paper, "number": "N2"}]}).json
    assert (answer["version"], [e["number"] for e in answer["evidence"]]) == (3, ["N1", "N2"])


def test_a_register_is_its_rows_its_table_and_its_law(daemon, postgres):
    """What README says a register takes: nothing else names it."""
    for register, name in IDS.items():
        columns = dict(x.split() for x in postgres.psql(
            "SELECT attname || ' ' || attnotnull FROM pg_attribute WHERE attnum > 0"
            f" AND attrelid = 'ledger.{name}'::regclass AND attname NOT IN (SELECT attname FROM"
            " pg_attribute WHERE attrelid = 'ledger.entry_version'::regclass)").splitlines())
        members = {r["member"]: r for r in ROWS if r["register"] == register
                   and r["kind"] not in ("register", "end", "void")}
        assert set(columns) == set(members)
        for member, row in members.items():
            assert (columns[member] == "true") == (row["say"] != "may" or row["kind"] == "flag"), member
    named = re.compile("|".join(rf"\b({n}|{n.replace('-', '_')})s?\b" for n in (*PLURALS, *PLURALS.values())))
    code = [f for folder in ("daemon", "clients") for f in (SOURCE / folder).rglob("*.[ch]")]
    code += (SOURCE / "config" / "schema" / "functions").glob("registers*.sql")
    # Columns of an answer that names an entry, as a figure that rests on it does.
    code.remove(SOURCE / "clients/cli/columns.h")
    for path in code:
        text = re.sub(r"/\*.*?\*/|--[^\n]*", "", path.read_text(encoding="utf-8"), flags=re.S)
        assert not named.search(text), (path, named.search(text))
    assert len(code) > 200
