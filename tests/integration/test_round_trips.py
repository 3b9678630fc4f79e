"""A return is read, taken apart by its schemas as a generated client does, and put back: nothing is lost.

A generated client keeps the members that config/openapi.yaml names and drops the others, so a member
that the document forgets is a member that the client takes away.
"""

import pytest
from generated.contract import Contract
from harness.trade import CLEANER, DISTRICT, Trade, line

PATH = f"/v1/returns/123456788/{DISTRICT}/2007Q2"
FULL = {
    "pay_min_fen": 90000, "pay_max_fen": 120000, "pay_period": "month", "weekly_hours": 44,
    "insurance": ["pension", "medical"], "education_min": "71", "skills_required": ["K001"],
    "skills_wished": ["K002"], "licences": ["L01"], "experience_months": 6, "shift": "rotating",
    "form": "full", "contract_months": 12, "vacant_since": "2007-04-01", "valid_until": "2007-12-31",
    "reserved": False, "restrictions": ["age"], "benefits": "工作餐",
}


@pytest.fixture
def contract():
    return Contract()


def kept(contract, schema, value):
    """The value with the members that the schema names, as a client generated from it has it."""
    schema = contract.resolve(schema)
    if isinstance(value, list):
        return [kept(contract, schema["items"], v) for v in value]
    if isinstance(value, dict):
        extra = schema.get("additionalProperties")
        named = schema.get("properties", {})
        return {n: kept(contract, named.get(n, extra), v) for n, v in value.items()
                if n in named or isinstance(extra, dict)}
    return value


def test_a_return_read_and_put_back_changes_nothing(daemon, contract):
    trade = Trade(daemon)
    trade.employer()
    body = {"nil": False, "staff": 120, "contact": "王某", "telephone": "0371-60000000",
            "lines": [line("A", 3, **FULL), line("B", 1, occupation=CLEANER)], "closed": []}
    first = trade.must(201, "PUT", PATH, body)

    answer = trade.must(200, "GET", PATH)
    schema = contract.find("GET", PATH).responses["200"]["content"]["application/json"]["schema"]
    assert contract.faults(schema, answer) == []
    read = kept(contract, schema, answer)
    assert read == answer, "members of an answer that the document does not name"

    asked = contract.resolve(contract.find("PUT", PATH).schema)
    sent = {n: v for n, v in read.items() if n in asked["properties"]}
    assert contract.faults(asked, sent) == []
    again = trade.must(200, "PUT", PATH, sent)
    assert again["version"] == first["version"]
    assert trade.must(200, "GET", PATH) == answer


def test_a_line_amended_and_put_back_changes_that_alone(daemon, contract):
    trade = Trade(daemon)
    trade.employer()
    trade.file([line("A", 3, **FULL), line("B", 1)])
    schema = contract.find("GET", PATH).responses["200"]["content"]["application/json"]["schema"]
    read = kept(contract, schema, trade.must(200, "GET", PATH))
    read["lines"][0]["posts"] = 4
    asked = contract.resolve(contract.find("PUT", PATH).schema)
    again = trade.must(200, "PUT", PATH, {n: v for n, v in read.items() if n in asked["properties"]})
    assert (again["changed"], again["unchanged"]) == (["A"], 1)
    now = trade.must(200, "GET", PATH)["lines"]
    assert now == read["lines"]
