"""Every operation once, against the real daemon, each answer held against config/openapi.yaml.

The path of one quarter: an employer files, people are registered, matched, placed, confirmed,
registered at a community, counted, voided.  An answer with a status or a shape that the
document does not describe fails; so does an operation that no step has called.
"""

import json
import re

import pytest

from harness import SOURCE, registers
from harness.tours import (Described, a_lot, entries_of_registers, files_of_people, licensed, people_behind_keys, person,
                           referrals, search_and_codes)
from harness.trade import CLEANER, COMMUNITY, GUARD, Trade, citizen_number, line

# The object of an action, by its operation or the resource of it.
WRITTEN = {
    "agencies": "agency/测试职业介绍所", "employers": "employer/123456788", "households": "household/[0-9]+",
    "imports": "import/(file|lot)", "keys": "key/[0-9A-Za-z]+", "lots": "lot/[0-9]+",
    "officers": "officer/[0-9a-f]{16}", "officers.delegate": "delegation/[0-9]+",
    "placements": "placement/[0-9]+", "posts": "approval/公岗1号", "referrals": "referral/[0-9]+",
    "returns": "return/123456788/410105/2007Q2", "seekers": "seeker/[0-9a-f]{16}",
    **{plural: f"{register}/[0-9]+" for register, plural in registers.PLURALS.items()},
}


@pytest.fixture
def api(daemon):
    return Described(daemon)


def everything(postgres):
    """All rows of all tables as text: what a copy of the database would tell."""
    names = postgres.psql("SELECT string_agg(format('%I.%I', n.nspname, c.relname), ' ') "
                          "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
                          "WHERE c.relkind = 'r' AND n.nspname IN ('ledger', 'ops')")
    return "\n".join(postgres.psql(f"SELECT r::text FROM {name} r") for name in names.split())


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
    for target, figure in city.items():
        if target not in {"T1", "T2", "T3", "T4", "T5", "T6", "T7", "T10"}:
            continue  # a ratio: nobody's in particular
        behind = api.call(200, "get", f"/v1/figures/{target}/records?year=2007&as_of=2007-07-12").json
        assert len(behind["items"]) == behind["achieved"] == figure.get("gross", figure["achieved"])
        assert all((SOURCE / "config" / one["rule_page"][1:]).is_file() for one in behind["items"])
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
    a_lot(api)
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
