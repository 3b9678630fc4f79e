"""Every operation once, against the real daemon, each answer held against config/openapi.yaml.

The path of one quarter: an employer files, people are registered, matched, placed, confirmed,
registered at a community, counted, voided.  An answer with a status or a shape that the
document does not describe fails; so does an operation that no step has called.
"""

import re

import jsonschema
import pytest
import yaml
from harness import SOURCE
from harness.trade import CLEANER, COMMUNITY, GUARD, Trade, citizen_number, line, seeker

METHODS = ("get", "put", "post")


class Described:
    """The daemon, seen through its description."""

    def __init__(self, daemon):
        text = (SOURCE / "config" / "openapi.yaml").read_text(encoding="utf-8")
        self.daemon = daemon
        self.document = yaml.safe_load(text)
        self.called = set()
        self.patterns = [(re.compile(re.sub(r"{\w+}", "[^/]+", path) + "$"), path)
                         for path in self.document["paths"]]

    def resolve(self, node):
        while "$ref" in node:
            at = self.document
            for part in node["$ref"].removeprefix("#/").split("/"):
                at = at[part]
            node = at
        return node

    def operation(self, method, path):
        plain = path.partition("?")[0]
        found = [p for pattern, p in self.patterns if pattern.match(plain)]
        assert found, f"{path} is not described"
        # A literal path ("/v1/seekers") never looks like another's pattern.
        return found[0], self.document["paths"][found[0]][method]

    def call(self, status, method, path, key="bureau", body=None, headers=None):
        answer = self.daemon.request(method.upper(), path, self.daemon.keys.get(key), body, headers)
        pattern, operation = self.operation(method, path)
        self.called.add((method, pattern))
        assert answer.status == status, answer
        assert str(status) in operation["responses"], f"{status} of {method} {pattern}"
        content = self.resolve(operation["responses"][str(status)])["content"]
        kind = answer.headers["content-type"].partition(";")[0]
        assert kind in content, kind
        if kind.endswith("json"):
            schema = {"components": self.document["components"], **content[kind]["schema"]}
            errors = [f"{list(e.path)}: {e.message}"
                      for e in jsonschema.Draft202012Validator(schema).iter_errors(answer.json)]
            assert not errors, f"{method} {path}: {errors}\n{answer}"
        return answer


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
    assert read["lines"][0]["title"] == "保安员" and "interview_contact" not in read["lines"][0]
    assert api.call(200, "get", path + "?version=1", "bureau").json["staff"] == 120
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
    assert postgres.psql("SELECT count(*) FROM ledger.person_look") == "1"

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
    placed = api.call(201, "post", "/v1/placements", "agency", taking).json
    assert api.call(200, "post", "/v1/placements", "agency", taking).json == placed
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

    # Undone: the post is open again and she waits again.
    voiding = {"code": "V2", "reason": "未到岗", "evidence": "书面说明"}
    assert api.call(200, "post", placement + "/void", body=voiding).json["state"] == "void"
    seen = api.call(200, "get", f"/v1/vacancies/{guard}/matches").json
    assert sorted(i["seeker"] for i in seen["items"]) == sorted([a, b])

    api.call(200, "get", "/openapi.yaml", None)
    api.call(200, "get", "/problems/vacancy-filled", None)
    described = {(m, p) for p, item in api.document["paths"].items() for m in METHODS if m in item}
    assert described == api.called

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
