"""What can be read and written is read, put back, and is as it was: nothing is lost, and no version is made.

A generated client keeps the members that config/openapi.yaml names and drops the others, so a member
that the document forgets is a member that the client takes away; and a member that whoever writes an
object cannot read is one that they clear without knowing.
"""

import json
from urllib.parse import quote

import pytest
from generated.contract import Contract
from harness.registers import PLURALS, one_of_each
from harness.trade import CLEANER, DISTRICT, QUARTER, Trade, line

CODE = "123456788"
PATH = f"/v1/returns/{CODE}/{DISTRICT}/{QUARTER}"
FULL = {
    "pay_min_fen": 90000, "pay_max_fen": 120000, "pay_period": "month", "weekly_hours": 44,
    "insurance": ["pension", "medical"], "education_min": "71", "skills_required": ["K001"],
    "skills_wished": ["K002"], "licences": ["L01"], "experience_months": 6, "shift": "rotating",
    "form": "full", "contract_months": 12, "vacant_since": "2007-04-01", "valid_until": "2007-12-31",
    "reserved": False, "restrictions": ["age"], "benefits": "工作餐", "interview_contact": "面试人丙",
}
RETURN = {"nil": False, "staff": 120, "contact": "王某", "telephone": "0371-60000000",
          "lines": [line("A", 3, **FULL), line("B", 1, occupation=CLEANER, approval=None, reserved=None)],
          "closed": []}


@pytest.fixture(scope="module")
def contract():
    return Contract()


@pytest.fixture
def trade(daemon):
    trade = Trade(daemon)
    trade.employer()
    trade.must(201, "PUT", PATH, RETURN)
    return trade


def kept(contract, schema, value):
    """The value with the members that the schema names, as a client generated from it has it."""
    schema = contract.resolve(schema)
    schema = next((contract.resolve(s) for s in schema.get("anyOf", ())
                   if contract.resolve(s).get("type") != "null"), schema)
    if isinstance(value, list):
        return [kept(contract, schema["items"], v) for v in value]
    if isinstance(value, dict):
        extra = schema.get("additionalProperties")
        named = schema.get("properties", {})
        return {n: kept(contract, named.get(n, extra), v) for n, v in value.items()
                if n in named or isinstance(extra, dict)}
    return value


def read(trade, contract, path, template, **more):
    """What a GET answers; the document names all of it."""
    answer = trade.must(200, "GET", path, **more)
    schema = contract.find("GET", template).responses["200"]["content"]["application/json"]["schema"]
    assert contract.faults(schema, answer) == []
    assert kept(contract, schema, answer) == answer, "members of an answer that the document does not name"
    return answer


def put_back(trade, contract, path, template, **more):
    """A GET's answer by PUT, whole and as the request's schema has it: neither changes anything."""
    before = read(trade, contract, path, template, **more)
    asked = contract.find("PUT", template).schema
    assert contract.faults(asked, before) == []
    writable = {n: v for n, v in before.items()
                if not contract.resolve(asked)["properties"][n].get("readOnly")}
    spelt_out = {n: None for n, of in contract.resolve(asked)["properties"].items()
                 if n not in contract.resolve(asked)["required"]}
    for body in (before, writable, {**spelt_out, **before}):
        again = trade.must(200, "PUT", path, body, **more)
        assert again.get("version") == before.get("version")
        assert read(trade, contract, path, template, **more) == before
    return before


def patch_back(trade, contract, path, template):
    """The members that a PATCH may change, with what they are: no version is made."""
    before = read(trade, contract, path, template)
    asked = contract.find("PATCH", template).schema
    body = kept(contract, asked, before)
    assert body and contract.faults(asked, body) == []
    assert trade.call("PATCH", path, body).status == 200, body
    assert read(trade, contract, path, template) == before
    return body


def test_a_return_is_put_back_by_whoever_may_file_it(trade, daemon, contract):
    template = "/v1/returns/{employer}/{district}/{quarter}"
    for key in (daemon.keys["employer"], daemon.keys["bureau"]):
        before = put_back(trade, contract, PATH, template, key=key)
        assert {n: before[n] for n in RETURN if n != "lines"} == {n: v for n, v in RETURN.items() if n != "lines"}
        assert before["lines"] == [{n: v for n, v in sent.items() if v is not None} for sent in RETURN["lines"]]
        assert before["version"] == 1
    auditor = read(trade, contract, PATH, template, key=daemon.new_key(role="auditor", org_name="审计局"))
    assert not {"contact", "telephone"} & set(auditor)
    assert all("interview_contact" not in of for of in auditor["lines"])


def test_a_return_that_was_amended_line_by_line_is_put_back(trade, contract):
    trade.must(200, "PATCH", f"{PATH}/lines/A", {"posts": 4})
    trade.must(200, "PATCH", f"{PATH}/lines/B", {"closed": {"reason": "withdrawn"}})
    before = put_back(trade, contract, PATH, "/v1/returns/{employer}/{district}/{quarter}")
    assert before["version"] == 3 and before["closed"] == [{"ref": "B", "reason": "withdrawn"}]
    assert before["lines"][0]["interview_contact"] == "面试人丙"


def test_a_return_that_lines_of_a_file_began_is_put_back(trade, contract):
    path = PATH.replace(QUARTER, "2007Q1")
    file = b'{"quarter": "2007Q1", ' + json.dumps(line("F", 1)).encode()[1:]
    trade.daemon.request("POST", "/v1/imports", trade.daemon.keys["employer"], raw=file, headers={
        "Content-Type": "application/x-ndjson", "Idempotency-Key": "file"})
    assert put_back(trade, contract, path, "/v1/returns/{employer}/{district}/{quarter}")["staff"] is None
    # Where it was stated it must be.
    for body in ({"nil": True}, {"nil": True, "staff": None}):
        answer = trade.call("PUT", PATH, body)
        assert [(e["pointer"], e["rule"]) for e in answer.json["errors"]] == [("/staff", "required")]


def test_a_line_amended_and_put_back_changes_that_alone(trade):
    first = trade.must(200, "GET", PATH)
    amended = {**first, "lines": [{**first["lines"][0], "posts": 4}, first["lines"][1]]}
    again = trade.must(200, "PUT", PATH, amended)
    assert (again["changed"], again["unchanged"]) == (["A"], 1)
    now = trade.must(200, "GET", PATH)
    assert now["lines"] == amended["lines"] and now["contact"] == first["contact"]
    # A contact alone is a change of its line, and an earlier version keeps the one it had.
    amended["lines"][0]["interview_contact"] = "面试人丁"
    assert trade.must(200, "PUT", PATH, amended)["changed"] == ["A"]
    contacts = [trade.must(200, "GET", f"{PATH}?version={v}")["lines"][0]["interview_contact"] for v in (1, 2, 3)]
    assert contacts == ["面试人丙", "面试人丙", "面试人丁"]
    del amended["lines"][0]["interview_contact"]
    assert trade.must(200, "PUT", PATH, amended)["changed"] == ["A"]
    assert "interview_contact" not in trade.must(200, "GET", PATH)["lines"][0]
    vacancy = trade.must(200, "GET", f"/v1/vacancies/{now['vacancies']['A']}")
    assert "interview_contact" not in vacancy


def test_an_employer_is_put_back_with_the_sites_that_have_ended(trade, daemon, contract):
    path, template = f"/v1/employers/{CODE}", "/v1/employers/{employer}"
    sites = [{"district": d, "since": "2006-01-01"} for d in ("410102", "410103", "410105")]
    trade.must(200, "PUT", path, {"name": "测试企业", "kind": "enterprise", "sites": sites})
    trade.must(200, "PUT", path, {"name": "测试企业", "sites": sites[1:]})
    before = put_back(trade, contract, path, template)
    assert [s["until"] for s in before["sites"]] == ["2007-07-12", None, None]
    # A district's bureau writes its own sites; the others stand as they were read, and as nothing else.
    district = daemon.new_key(role="bureau", org_name="金水区劳动保障局", scope="410105")
    put_back(trade, contract, path, template, key=district)
    for wrong, status in (({"until": "2007-07-13"}, 422), ({"district": "410104"}, 403)):
        body = {**before, "sites": [{**before["sites"][0], **wrong}, *before["sites"][1:]]}
        answer = trade.call("PUT", path, body, key=district if status == 403 else None)
        assert answer.status == status, answer
    assert trade.must(200, "GET", path) == before


def test_an_agency_is_put_back(trade, contract):
    path = "/v1/agencies/" + quote("测试中介")
    trade.must(201, "PUT", path, {"licence": "豫郑职介2006-017", "district": DISTRICT, "services": ["introduction"],
                                  "from": "2006-01-01", "until": "2008-12-31",
                                  "suspended_from": "2008-01-01"})
    put_back(trade, contract, path, "/v1/agencies/{agency}")


def test_a_person_a_household_and_an_officer_are_patched_with_what_they_are(trade, contract):
    person = trade.register(1)
    changed = patch_back(trade, contract, f"/v1/seekers/{person}", "/v1/seekers/{seeker}")
    assert {"telephone", "address", "wishes"} <= set(changed)
    household = trade.must(201, "POST", "/v1/households", {
        "community": "410105003001", "hukou_type": "urban", "applied_on": "2007-07-02",
        "determined_on": "2007-07-12", "business_income": False, "investment_income": False,
        "members": [{"seeker": person, "able": True, "willing": True}]})["household"]
    patch_back(trade, contract, f"/v1/households/{household}", "/v1/households/{household}")
    # Its list is sent whole: somebody is added to the members as they were read.
    path, another = f"/v1/households/{household}", trade.register(2)
    members = trade.must(200, "GET", path)["members"]
    assert {"rank", "fails", "reported", "joined_on"} < set(members[0])
    body = {"members": [*members, {"seeker": another, "able": True, "willing": True}]}
    assert contract.faults(contract.find("PATCH", "/v1/households/{household}").schema, body) == []
    tag = trade.call("GET", path).headers["etag"]
    assert trade.call("PATCH", path, body, headers={"If-Match": tag}).status == 200
    # What follows from other facts is sent whole, whatever its version.
    assert trade.call("GET", path, headers={"If-None-Match": trade.call("GET", path).headers["etag"]}).status == 200
    assert {m["seeker"] for m in trade.must(200, "GET", path)["members"]} == {person, another}
    officer = trade.must(201, "POST", "/v1/officers", {"name": "新员", "post": "窗口", "scope": DISTRICT})["officer"]
    patch_back(trade, contract, f"/v1/officers/{officer}", "/v1/officers/{officer}")


def test_an_entry_of_each_register_is_patched_with_what_it_is(trade, contract):
    entries = one_of_each(trade, trade.register(2))
    assert entries
    for register, plural in PLURALS.items():
        member = register.replace("-", "_")
        patch_back(trade, contract, f"/v1/{plural}/{entries[member]}", f"/v1/{plural}/{{{member}}}")
