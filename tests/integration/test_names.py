"""Names beside codes: whoever reads an answer need not keep the code tables.

The oracle reads the tables of config/data itself, and the description of the API for where
codes stand.
"""

import csv

import pytest
import yaml

from harness import SOURCE
from harness.trade import CLEANER, COMMUNITY, GUARD, Trade, line

DATA = SOURCE / "config" / "data"


def table(name, code, zh):
    with open(DATA / name, encoding="utf-8") as rows:
        return {row[code]: row[zh] for row in csv.DictReader(rows, delimiter="\t", quoting=csv.QUOTE_NONE)}


@pytest.fixture
def trade(make_daemon):
    trade = Trade(make_daemon())
    trade.employer()
    return trade


def test_an_answer_says_what_its_codes_mean(trade):
    divisions = table("divisions_4101.tsv", "code", "name")
    occupations = table("occupations_csco2022.tsv", "code", "name")
    home = divisions["410105003"] + divisions[COMMUNITY]
    vacancy = trade.file([line("A", 2, education_min="61", skills_required=["K001"]),
                          line("B", occupation=CLEANER)])["A"]
    who = trade.register(1, wishes=[GUARD, "4-09"])

    def names(path):
        return trade.must(200, "GET", path).get("code_names")

    shown = names(f"/v1/seekers/{who}")
    assert shown[COMMUNITY] == {"zh": home, "en": None}
    assert shown[GUARD] == {"zh": occupations[GUARD], "en": "security guard"}
    assert shown["4-09"]["zh"] == occupations["4-09-00-00"]
    assert shown["61"]["zh"] == "普通高中毕业" and shown["61"]["en"]
    assert shown["410105"]["zh"] == divisions["410105"]  # where they are registered
    assert set(names("/v1/seekers")) == {COMMUNITY, GUARD, "4-09"}
    assert {COMMUNITY, GUARD, "61", "K001"} <= set(names(f"/v1/vacancies/{vacancy}"))
    assert {COMMUNITY, GUARD, CLEANER} <= set(names("/v1/vacancies"))
    assert {COMMUNITY, GUARD, CLEANER} <= set(names("/v1/returns/123456788/410105/2007Q2"))
    assert names("/v1/returns")["410105"]["zh"] == "金水区"
    assert names("/v1/employers/123456788")["410105"]["zh"] == "金水区"
    assert "code_names" not in trade.must(200, "GET", "/v1/referrals")  # nothing to name
    # What a member says that holds no codes is not taken for one, and no code is named twice.
    trade.register(2, name="4-07-05-01", address=COMMUNITY)
    found = trade.must(200, "GET", "/v1/seekers")
    assert len(found["items"]) == 2 and set(found["code_names"]) == {COMMUNITY, GUARD, "4-09"}


def test_each_member_that_the_api_calls_a_code_is_known(trade):
    """member_lists.tsv against the description: where it says a list, the table says it too."""
    api = yaml.safe_load((SOURCE / "config" / "openapi.yaml").read_text())
    schemas = api["components"]["schemas"]
    lists = {name: s["description"].split()[0].removeprefix("/v1/codes/") for name, s in schemas.items()
             if s.get("description", "").startswith("/v1/codes/")}
    known = table("member_lists.tsv", "member", "lists")
    assert list(known) == sorted(known)

    def walk(schema, name, seen):
        ref = schema.get("$ref", "").rsplit("/", 1)[-1]
        if ref in lists:
            yield name, lists[ref]
        elif ref and ref not in seen:
            yield from walk(schemas[ref], name, seen | {ref})
        for part in (*schema.get("oneOf", ()), *schema.get("anyOf", ()), *schema.get("allOf", ())):
            yield from walk(part, name, seen)
        if isinstance(schema.get("items"), dict):
            yield from walk(schema["items"], name, seen)
        for member, inner in schema.get("properties", {}).items():
            yield from walk(inner, member, seen)

    found = 0
    for path, ops in api["paths"].items():
        for op in ops.values():
            answers = op.get("responses", {}) if isinstance(op, dict) else {}
            for status, answer in answers.items():
                if not str(status).startswith("2"):
                    continue
                if "$ref" in answer:
                    answer = api["components"]["responses"][answer["$ref"].rsplit("/", 1)[-1]]
                schema = answer.get("content", {}).get("application/json", {}).get("schema", {})
                for member, codes in walk(schema, "", frozenset()):
                    if member == "board":
                        continue  # of the operator
                    said = {x.split(":")[-1] for x in known.get(member, "").split()}
                    assert codes in said, (path, member, codes)
                    found += 1
    assert found > 200
