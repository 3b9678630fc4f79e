"""Every operation once, against the real daemon, each answer held against config/openapi.yaml.

The path of one quarter: an employer files, people are registered, matched, placed, confirmed,
registered at a community, counted, voided.  An answer with a status or a shape that the
document does not describe fails; so does an operation that no step has called.
"""

import json
import re

import pytest

from generated.contract import Contract
from harness import SOURCE, registers
from harness.daemon import id_in
from harness.trade import CLEANER, COMMUNITY, GUARD, LICENCE, PATH, Trade, citizen_number, line, seeker
from harness.wait import wait_for


# The object of an action, by its operation or the resource of it.
WRITTEN = {
    "agencies": "agency/测试职业介绍所", "employers": "employer/123456788", "households": "household/[0-9]+",
    "imports": "import/file", "keys": "key/[0-9A-Za-z]+", "officers": "officer/[0-9a-f]{16}", "officers.delegate": "delegation/[0-9]+",
    "placements": "placement/[0-9]+", "posts": "approval/公岗1号", "referrals": "referral/[0-9]+",
    "returns": "return/123456788/410105/2007Q2", "seekers": "seeker/[0-9a-f]{16}",
    **{plural: f"{register}/[0-9]+" for register, plural in registers.PLURALS.items()},
}


class Described:
    """The daemon, seen through its description."""

    def __init__(self, daemon):
        self.daemon, self.contract = daemon, Contract()
        self.called, self.made = set(), []

    def call(self, status, method, path, key="bureau", body=None, headers=None, raw=None):
        method = method.upper()
        answer = self.daemon.request(method, path, self.daemon.keys.get(key), body, headers, raw)
        operation = self.contract.find(method, path.partition("?")[0])
        assert operation, f"{method} {path} is not described"
        self.called.add(operation)
        assert answer.status == status, answer
        assert str(status) in operation.responses, f"{status} of {operation}"
        content = operation.responses[str(status)]["content"]
        kind = answer.headers["content-type"].partition(";")[0]
        assert kind in content, kind
        if kind.endswith("json") and kind != "application/x-ndjson":
            errors = self.contract.faults(content[kind]["schema"], answer.json)
            assert not errors, f"{operation}: {errors}\n{answer}"
        if "etag" in answer.headers:
            assert "ETag" in operation.responses[str(status)].get("headers", {}), f"{operation} has an ETag"
        if status == 201 and "Location" in operation.responses["201"].get("headers", {}):
            self.made.append((operation, answer.headers["location"]))
        return answer

    def read_what_was_made(self):
        """At the end: each look at a file is counted."""
        assert self.made
        for operation, where in self.made:
            there = self.daemon.request("GET", where, self.daemon.keys["bureau"])
            assert there.status == 200, f"{operation}: {where} is {there}"


@pytest.fixture
def api(daemon):
    return Described(daemon)


def person(n, **changed):
    body = seeker(n, **changed)
    body["name"] = f"某人甲{n}"
    return body


def everything(postgres):
    """All rows of all tables as text: what a copy of the database would tell."""
    names = postgres.psql("SELECT string_agg(format('%I.%I', n.nspname, c.relname), ' ') "
                          "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
                          "WHERE c.relkind = 'r' AND n.nspname IN ('ledger', 'ops')")
    return "\n".join(postgres.psql(f"SELECT r::text FROM {name} r") for name in names.split())


def entries_of_registers(api, someone):
    """An entry of each register, what there is to ask of it, and its end."""
    known = {"seeker": someone}
    made = {}
    for register, plural in registers.PLURALS.items():
        one = api.call(201, "post", f"/v1/{plural}", body=registers.example(register, known)).json
        known[register] = one[registers.IDS[register]]
        made[register] = f"/v1/{plural}/{known[register]}"
        assert api.call(200, "get", f"/v1/{plural}").json["items"]
        assert api.call(200, "get", made[register]).json["version"] == 1
        assert api.call(200, "patch", made[register], body={}).json["version"] == 1
    for register in reversed(made):
        verb = "end"
        if not api.contract.find("POST", f"{made[register]}/{verb}"):
            verb = "void"
        api.call(200, "post", f"{made[register]}/{verb}", body=registers.reason(register))


def people_behind_keys(api, someone):
    """Officers, who stands in for whom, and what is kept of what they did."""
    made = [api.call(201, "post", "/v1/officers", body={"name": "新员", "post": "窗口", "scope": "410105"}).json["officer"]
            for _ in range(2)]
    path = f"/v1/officers/{made[0]}"
    api.call(409, "post", f"{path}/secret/code")  # who made the secret knows it
    second = {"Vacancyd-Actor": api.daemon.new_officer(api.daemon.keys["bureau"])}
    wait_for(lambda: api.daemon.request("GET", "/v1/officers", api.daemon.keys["bureau"],
                                        headers=second).status == 200, 5, "the second lead")
    code = api.call(201, "post", f"{path}/secret/code", headers=second).json["code"]
    clerk = {"Vacancyd-Actor": api.call(201, "post", f"{path}/secret").json["actor"]}
    wait_for(lambda: api.daemon.request("GET", "/v1/officers", api.daemon.keys["bureau"],
                                        headers=clerk).status == 200, 5, "the new secret")
    api.call(422, "post", f"{path}/secret/own", body={"code": code}, headers=clerk)
    code = api.call(201, "post", f"{path}/secret/code", headers=second).json["code"]
    assert api.call(201, "post", f"{path}/secret/own", body={"code": code}, headers=clerk).json["hands"] == []
    lent = api.call(201, "post", f"{path}/delegations", body={"to": made[1], "scope": "410105", "until": "2007-07-31"}).json
    api.call(200, "get", path)
    api.call(200, "post", f"{path}/delegations/{lent['delegation']}/end")
    api.call(412, "patch", path, body={"post": "科员"}, headers={"If-Match": '"9"'})
    assert api.call(200, "patch", path, body={"revoked": True}).json["revoked_at"]
    api.call(409, "patch", path, body={"post": "科员"})
    page = api.call(200, "get", "/v1/officers?limit=1").json
    api.call(200, "get", f"/v1/officers?limit=1&cursor={page['next']}")
    assert api.call(200, "get", f"/v1/looks?seeker={someone}").json["items"]
    api.call(404, "get", f"/v1/looks?officer={'3' * 16}")
    api.call(200, "get", "/v1/decisions")
    newest = api.call(200, "get", "/v1/actions?op=officers.create").json["items"]
    assert [i["object"] for i in newest[:2]] == [  # the operator made the second lead
        f"officer/{id_in(second['Vacancyd-Actor'])}", f"officer/{made[1]}"]


def search_and_codes(api, vacancy):
    found = api.call(200, "get", "/v1/vacancies?occupation=4&facets=true&sort=pay&limit=1", "employer").json
    api.call(200, "get", f"/v1/vacancies?occupation=4&facets=true&sort=pay&limit=1&cursor={found['next']}",
             "employer")
    api.call(409, "get", f"/v1/vacancies?limit=1&cursor={found['next']}", "employer")
    api.call(422, "get", "/v1/vacancies?q=a", "agency")
    api.call(200, "get", f"/v1/vacancies/{vacancy}?as_of=2007-07-12", "agency")
    api.call(200, "get", f"/v1/vacancies/{vacancy}", "agency", headers={"Accept": "application/ld+json"})
    for listed in api.call(200, "get", "/v1/codes", "agency").json["items"]:
        api.call(200, "get", f"/v1/codes/{listed['list']}?q=a", "agency")
    api.call(404, "get", "/v1/codes/none", "employer")


def licensed(api, taking):
    """An agency without a licence refers nobody and reports nothing."""
    pair = {"seeker": taking["seeker"], "vacancy": taking["vacancy"]}
    api.call(404, "get", PATH, "agency")
    api.call(403, "post", "/v1/referrals", "agency", pair)
    api.call(403, "post", "/v1/placements", "agency", taking)
    done = api.call(200, "post", "/v1/placements/batch", "agency", {"items": [taking]}).json
    assert done["items"][0]["problem"]["type"] == "/problems/agency-unlicensed"
    api.call(201, "put", PATH, body=LICENCE)
    api.call(200, "get", PATH, "agency")


def referrals(api, someone, vacancy):
    """Referred by a licensed agency, each step once, and each end."""
    body = {"seeker": someone, "vacancy": vacancy}
    assert api.call(200, "get", f"/v1/seekers/{someone}", "agency").json["priority"]
    assert api.call(200, "get", f"/v1/seekers/{someone}/matches/{vacancy}").json["eligible"]
    api.call(200, "get", f"/v1/vacancies/{vacancy}/matches?rank=P1&min_score=1&distance=city")
    api.call(200, "get", f"/v1/seekers/{someone}/matches?pay_min=1&shift=day&form=full", "agency")

    def refer(*steps):
        r = api.call(201, "post", "/v1/referrals", "agency", body).json["referral"]
        for key, verb, said in steps:
            api.call(200, "post", f"/v1/referrals/{r}/{verb}", key, said)
        return f"/v1/referrals/{r}"

    agreed = ("agency", "consent", {"how": "telephone"})
    r = refer(agreed)
    api.call(200, "get", f"{r}/person", "employer")
    for key, verb, said in [("employer", "accept", None), ("agency", "interview", None),
                            ("employer", "offer", None), ("bureau", "fail", {"reason": "no_show"})]:
        api.call(200, "post", f"{r}/{verb}", key, said)
    api.call(409, "get", f"{r}/person", "employer")
    refer(("agency", "refuse", {"reason": "pay"}))
    refer(agreed, ("employer", "decline", {"reason": "experience"}))
    refer(("agency", "withdraw", {"reason": "seeker_asked"}))
    for key in ("employer", "agency", "bureau"):
        api.call(200, "get", r, key)
        assert len(api.call(200, "get", "/v1/referrals?live=false", key).json["items"]) == 4
    api.call(200, "get", "/v1/referrals/summary?by=agency", "agency")
    api.call(200, "get", "/v1/vacancies?unreferred=true", "agency")


def files_of_people(api):
    """What happens to people after they were registered, each operation once."""
    one, two, three = (api.call(201, "post", "/v1/seekers", body=person(n)).json["seeker"]
                       for n in (11, 12, 13))
    path = f"/v1/seekers/{one}"
    api.call(200, "post", "/v1/seekers/find", body={"citizen_number": citizen_number(11)})
    api.call(404, "post", "/v1/seekers/find", body={"citizen_number": citizen_number(99)})
    assert len(api.call(200, "get", "/v1/seekers?limit=1&state=seeking").json["items"]) == 1
    api.call(409, "get", "/v1/seekers?limit=2&cursor="
             + api.call(200, "get", "/v1/seekers?limit=1&rank=P5").json["next"])
    wishes = {"wishes": [CLEANER], "telephone": "13900000099", "address": None}
    assert api.call(200, "patch", path, body=wishes).headers["etag"]
    api.call(412, "patch", path, body=wishes, headers={"If-Match": '"99"'})
    api.call(200, "get", path + "?as_of=2007-07-12")

    def fact(kind, body, verb=None, which=None, status=200):
        where = f"{path}/{kind}" + (f"/{which}/{verb}" if verb else "")
        return api.call(status, "post", where, body=body).json.get("fact")

    register = api.call(200, "get", path).json["unemployment"]["id"]
    fact("unemployment", {"reason": "gave_up"}, "end", register)
    again = fact("unemployment", {"since": "2007-07-12", "prior_job": True}, status=201)
    fact("unemployment", {"reason": "登记有误"}, "void", again)
    hard = fact("recognitions", {"code": "HC7", "on": "2007-07-01"}, status=201)
    fact("recognitions", {"reason": "moved"}, "end", hard)
    fact("recognitions", {"reason": "证明无效"}, "void", hard)
    card = fact("certificates", {"number": "豫0000099", "group": "L1", "issued_on": "2007-05-01",
                                 "valid_to": "2008-12-31"}, status=201)
    fact("certificates", {"year": 2007}, "inspect", card)
    fact("certificates", {"reason": "遗失"}, "void", card)
    fact("retirement", {"age": 60, "evidence": "工人身份"}, status=201)
    api.call(200, "post", path + "/withdraw", body={"reason": "school"})
    api.call(409, "post", path + "/withdraw", body={"reason": "school"})
    api.call(200, "post", path + "/return", body={})
    api.call(200, "get", path + "/duplicates")
    merge = {"duplicate": two, "reason": "同一人"}
    api.call(201, "post", path + "/merge", body=merge)
    api.call(410, "get", f"/v1/seekers/{two}")
    api.call(409, "post", path + "/unmerge", body=merge)
    other = {"Vacancyd-Actor": api.daemon.new_officer(api.daemon.keys["bureau"])}
    wait_for(lambda: api.daemon.request("GET", path, api.daemon.keys["bureau"],
                                        headers=other).status == 200, 10, "the second officer")
    api.call(200, "post", path + "/unmerge", body=merge, headers=other)

    members = [{"seeker": w, "able": True, "willing": True} for w in (two, three)]
    home = api.call(201, "post", "/v1/households", body={
        "community": COMMUNITY, "hukou_type": "urban", "business_income": False,
        "investment_income": False, "applied_on": "2007-07-02", "determined_on": "2007-07-10",
        "members": members}).json["household"]
    home = f"/v1/households/{home}"
    api.call(200, "patch", home, body={"members": members[:1]})
    api.call(412, "patch", home, body={"members": members}, headers={"If-Match": '"9"'})
    api.call(200, "get", home + "?as_of=2007-07-11")
    api.call(200, "get", "/v1/households?to_verify=false")
    api.call(409, "post", home + "/end/decide", body={"decision": "approve", "reason": "已核实"})
    api.call(200, "post", home + "/end", body={"reason": "changed"})
    api.call(200, "post", home + "/end/decide", body={"decision": "approve", "reason": "已核实"},
             headers=other)
    assert api.call(200, "get", "/v1/households?state=ended").json["items"]
    job = api.call(201, "post", "/v1/placements", body={
        "seeker": three, "kind": "flexible", "workplace": COMMUNITY,
        "start_on": "2007-07-10"}).json["placement"]
    api.call(409, "post", f"/v1/placements/{job}/register", body={"community": COMMUNITY})
    api.call(200, "post", f"/v1/placements/{job}/register", body={"community": COMMUNITY}, headers=other)
    over = {"on": "2007-07-12", "reason": "resigned"}
    ended = api.call(200, "post", f"/v1/placements/{job}/end", body=over).json
    assert ended["ended"] == over
    away = api.call(201, "post", "/v1/placements", body={
        "seeker": three, "kind": "self", "workplace": "310101", "start_on": "2007-07-12"}).json["placement"]
    api.call(200, "post", f"/v1/placements/{away}/record", body={"reason": "在外就业", "evidence": "营业执照"})
    done = api.call(200, "post", f"/v1/placements/{away}/record/decide", headers=Trade(api.daemon).second(),
                    body={"decision": "approve", "reason": "属实"}).json
    assert (done["state"], done["outside_city"]) == ("recorded", True)


def test_a_quarter_from_end_to_end(api, postgres):
    employer = {"name": "测试企业", "kind": "enterprise",
                "sites": [{"district": "410105", "since": "2006-01-01"}]}
    api.call(201, "put", "/v1/employers/123456788", body=employer)
    api.call(200, "put", "/v1/employers/12345678-8", body=employer)
    api.call(200, "get", "/v1/employers/123456788", "employer")

    # The return: tried, filed, filed again, amended, read.
    path = "/v1/returns/123456788/410105/2007Q2"
    body = {"nil": False, "staff": 120, "contact": "联系人乙", "telephone": "0371-60000001",
            "lines": [line("A", 2, interview_contact="面试人丙", skills_wished=["K001"]),
                      line("C", 1, occupation=CLEANER, title="保洁员", pay_period="hour",
                           pay_min_fen=500, pay_max_fen=600)]}
    assert api.call(200, "put", path + "?validate=only", "employer", body).json["valid"] is True
    api.call(404, "get", path, "employer")
    filed = api.call(201, "put", path, "employer", body)
    assert filed.headers["etag"] == '"1"'
    assert api.call(200, "put", path, "employer", body).json == filed.json
    body["staff"] = 121
    amended = api.call(200, "put", path, "employer", body, {"If-Match": '"1"'})
    assert amended.json["version"] == 2 and amended.json["unchanged"] == 2
    api.call(412, "put", path, "employer", {**body, "staff": 1}, {"If-Match": '"1"'})
    read = api.call(200, "get", path, "employer").json
    assert (read["contact"], read["telephone"]) == ("联系人乙", "0371-60000001")
    assert read["lines"][0]["title"] == "保安员" and read["lines"][0]["interview_contact"] == "面试人丙"
    assert api.call(200, "get", path + "?version=1", "bureau").json["staff"] == 120
    api.call(200, "get", path + "?as_of=2007-07-12", "employer")
    api.call(200, "get", "/v1/returns?quarter=2007Q2&late=true", "employer")
    assert len(api.call(200, "get", path + "/versions", "employer").json["items"]) == 2
    owed = api.call(200, "get", "/v1/obligations?district=410105").json
    assert owed["totals"]["late"] == 1 and owed["items"][0]["contact"] == "联系人乙"
    api.call(200, "patch", path + "/lines/C", "employer", {"posts": 2})
    api.call(412, "patch", path + "/lines/C", "employer", {"posts": 3}, {"If-Match": '"1"'})
    file = {"Content-Type": "application/x-ndjson", "Idempotency-Key": "file"}
    offered = json.dumps({"quarter": "2007Q2", **line("N", 1)}).encode()
    receipts = api.call(200, "post", "/v1/imports", "employer", headers=file, raw=offered).text
    assert [json.loads(r).get("result") for r in receipts.splitlines()] == ["added", None]
    assert api.call(200, "get", "/v1/imports/file", "employer").json["state"] == "complete"
    assert api.call(200, "get", "/v1/imports/file/receipts", "employer").text == receipts
    form = api.call(200, "get", "/v1/templates/returns", "employer", headers={"Accept": "text/csv"})
    assert form.text.startswith("\ufeffemployer,quarter*,ref*,")
    closing = {"closed": {"reason": "withdrawn"}}
    api.call(200, "patch", path + "/lines/N", "employer", closing)
    guard, cleaner = filed.json["vacancies"]["A"], filed.json["vacancies"]["C"]
    assert api.call(200, "get", f"/v1/vacancies/{guard}").json["interview_contact"] == "面试人丙"

    # People.
    a = api.call(201, "post", "/v1/seekers", body=person(1), headers={"Idempotency-Key": "p-1"})
    repeat = api.call(200, "post", "/v1/seekers", body=person(1), headers={"Idempotency-Key": "p-1"})
    assert repeat.json == a.json
    a = a.json["seeker"]
    already = api.call(409, "post", "/v1/seekers", body=person(1))
    assert already.json["seeker"] == a
    api.call(422, "post", "/v1/seekers", body=person(2), headers={"Idempotency-Key": "p-1"})
    b = api.call(201, "post", "/v1/seekers", body=person(2, wishes=[GUARD, CLEANER[:7]])).json["seeker"]
    file = api.call(200, "get", f"/v1/seekers/{a}").json
    assert file["name"] == "某人甲1" and file["telephone"] == "13900000001"
    assert file["citizen_number"] == citizen_number(1)[:6] + "********" + citizen_number(1)[14:]
    assert file["wishes"] == [GUARD] and file["farthest"] == "city"
    assert postgres.psql("SELECT string_agg(what, ' ' ORDER BY id) FROM ledger.person_look") == \
        "answer_again read_seeker"

    # A household.
    household = {"community": COMMUNITY, "hukou_type": "urban", "business_income": False,
                 "investment_income": False, "applied_on": "2007-07-02",
                 "determined_on": "2007-07-10",
                 "members": [{"seeker": b, "able": True, "willing": True, "excluded": None}]}
    made = api.call(201, "post", "/v1/households", body=household).json
    assert made["members"][0]["rank"] == "P1"
    api.call(200, "get", f"/v1/households/{made['household']}")

    # Matches: the own writes are in them.
    seen = api.call(200, "get", f"/v1/vacancies/{guard}/matches?k=5").json
    assert [i["seeker"] for i in seen["items"]] == [b, a]
    assert seen["items"][0]["rank"] == "P1" and seen["as_of"]["day"] == "2007-07-12"
    seen = api.call(200, "get", f"/v1/vacancies/{guard}/matches", "agency").json
    assert [i["priority"] for i in seen["items"]][0] is True
    assert "rank" not in seen["items"][0]
    seen = api.call(200, "get", f"/v1/seekers/{b}/matches", "agency").json
    assert [i["vacancy"] for i in seen["items"]] == [guard, cleaner]
    assert seen["items"][0]["employer"] == "测试企业"
    assert seen["items"][1]["pay"] == "5–6元/小时"

    # Public-welfare posts.
    posts = {"approval": "公岗1号", "employer": "123456788", "community": COMMUNITY,
             "kind": "security", "posts": 2, "approved_on": "2007-06-20", "new": True}
    assert len(api.call(201, "post", "/v1/public-welfare-posts", body=posts).json["slots"]) == 2

    # Placements.
    taking = {"seeker": b, "vacancy": guard, "kind": "unit", "start_on": "2007-07-12"}
    licensed(api, taking)
    placed = api.call(201, "post", "/v1/placements", "agency", taking).json
    again = api.call(200, "post", "/v1/placements", "agency", taking).json
    assert placed.items() <= again.items() and [s["role"] for s in again["sources"]] == ["agency"]
    placement = f"/v1/placements/{placed['placement']}"
    api.call(200, "post", placement + "/confirm", "employer")
    registration = {"community": COMMUNITY, "on": "2007-07-12"}
    done = api.call(200, "post", placement + "/register", body=registration).json
    assert done["state"] == "registered" and done["registered"]["community"] == COMMUNITY
    api.call(200, "get", placement)
    seen = api.call(200, "get", f"/v1/vacancies/{guard}/matches").json
    assert [i["seeker"] for i in seen["items"]] == [a]

    # Figures.
    progress = api.call(200, "get", "/v1/progress?year=2007&as_of=2007-07-12").json
    city = {t["target"]: t for t in progress["targets"] if t["unit"] == "city"}
    assert city["T2"]["achieved"] == 1 and city["T5"]["achieved"] == 2
    api.call(200, "get", "/v1/progress?unit=410105")
    person_progress = api.call(200, "get", f"/v1/seekers/{b}/progress?year=2007").json
    assert [t["counts"] for t in person_progress["targets"] if t["target"] == "T2"] == [True]
    for told in progress["targets"] + person_progress["targets"]:
        assert (SOURCE / "config" / told["rule_page"][1:]).is_file(), told
    assert city["T10"]["rule_page"] == "/rules/t10"

    # Undone: the post is open again and she waits again.
    voiding = {"code": "V2", "reason": "未到岗", "evidence": "书面说明"}
    assert api.call(200, "post", placement + "/void", body=voiding).json["state"] == "void-asked"
    decided = {"decision": "approve", "reason": "情况属实"}
    second = Trade(api.daemon).second()
    assert api.call(409, "post", placement + "/void/decide", body=decided).json["reason"] == "same-officer"
    done = api.call(200, "post", placement + "/void/decide", body=decided, headers=second).json
    assert done["state"] == "void" and done["missing"] == []
    undoing = {"reason": "已补交劳动合同", "evidence": "合同第8号"}
    api.call(200, "post", placement + "/void/undo", body=undoing)
    refused = {"decision": "refuse", "reason": "合同系伪造"}
    api.call(200, "post", placement + "/void/decide", body=refused, headers=second)
    api.call(409, "post", placement + "/withdraw", "agency",
             {"signal": "report", "reason": "not_started"})
    seen = api.call(200, "get", f"/v1/vacancies/{guard}/matches").json
    assert sorted(i["seeker"] for i in seen["items"]) == sorted([a, b])

    search_and_codes(api, guard)
    many = {"items": [{"key": "1", **taking, "reference": "8"}, {**taking, "kind": "x"}]}
    done = api.call(200, "post", "/v1/placements/batch", "agency", many).json
    assert [i["status"] for i in done["items"]] == [201, 422]
    assert done["items"][1]["problem"]["errors"][0]["pointer"] == "/items/1/kind"
    again = f"/v1/placements/{done['items'][0]['placement']['placement']}"
    taken_back = {"signal": "report", "reason": "not_started"}
    assert api.call(200, "post", again + "/withdraw", "agency", taken_back).json["missing"][0] == "report"
    api.call(200, "post", again + "/void", body=voiding)
    api.call(200, "post", again + "/void/decide", body=decided, headers=second)

    referrals(api, b, guard)
    files_of_people(api)
    people_behind_keys(api, a)
    entries_of_registers(api, a)
    api.call(200, "get", "/openapi.yaml", None)
    api.call(200, "get", "/openapi.json", None)
    api.call(200, "get", "/problems/vacancy-filled", None)
    listed = api.call(200, "get", "/rules", None).text
    assert "/rules/education\t" in listed
    assert "学历" in api.call(200, "get", "/rules/education", None).text
    named = api.call(200, "get", "/rules/" + "under-age", None).text  # a problem
    assert named == api.call(200, "get", "/rules/under-16", None).text
    assert set(api.contract.operations) == api.called
    api.read_what_was_made()

    # Each write is noted with what it wrote.
    noted = {tuple(row.split("|")) for row in postgres.psql("SELECT op, object FROM ledger.action").splitlines()}
    assert len({op for op, _ in noted}) >= 34
    for op, thing in noted:
        assert re.fullmatch(WRITTEN.get(op) or WRITTEN.get(op.partition(".")[0], "nothing"), thing), (op, thing)

    # Nothing of it names anybody, in the ledger or in the log.
    copy = everything(postgres)
    for secret in ("某人甲", citizen_number(1), citizen_number(2), "139000000", "联系人乙", "面试人丙",
                   "0371-60000001", "测试路"):
        assert secret not in copy, secret
        assert secret not in api.daemon.log, secret


def test_who_reports_cannot_confirm(api):
    trade = Trade(api.daemon)
    trade.employer()
    vacancy = trade.file([line("A", 1)])["A"]
    taking = trade.placement(trade.register(1), vacancy)
    placed = api.call(201, "post", "/v1/placements", "employer", taking).json["placement"]
    refused = api.call(409, "post", f"/v1/placements/{placed}/confirm", "employer")
    assert refused.json["type"] == "/problems/own-report"
    api.call(403, "post", f"/v1/placements/{placed}/confirm", "agency")


def test_a_write_is_answered_again_after_a_restart(api):
    key = {"Idempotency-Key": "kept"}
    first = api.call(201, "post", "/v1/seekers", body=person(7), headers=key)
    api.daemon.restart()
    again = api.call(200, "post", "/v1/seekers", body=person(7), headers=key)
    assert again.json == first.json
