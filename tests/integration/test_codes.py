"""Codes at the doors: divisions with zeros behind them, who is too young or too old to be true, one
spelling for one thing, and what a refusal says and does not say."""

import pytest
from harness.people import People, refused, rules
from harness.trade import line, seeker


@pytest.fixture
def town(daemon, postgres):
    town = People(daemon, postgres)
    town.employer()
    return town


def test_zeros_behind_a_division_mean_itself_at_every_door(town):
    body = {"name": "零零公司", "sites": [{"district": "410105000000", "since": "2006-01-01"}]}
    made = town.must(201, "PUT", "/v1/employers/D2143569X", body)
    assert [s["district"] for s in made["sites"]] == ["410105"]
    for path in ("/v1/vacancies?division={}", "/v1/seekers?division={}", "/v1/courses?place={}"):
        plain, padded = (town.must(200, "GET", path.format(d)) for d in ("410105", "410105000000"))
        assert plain["items"] == padded["items"], path
    assert town.call("GET", "/v1/returns?district=410105000000").status == 200
    town.register(1, hukou={"type": "urban", "division": "410105000000"})
    assert town.postgres.psql("SELECT hukou_division FROM ledger.person") == "410105"
    # A street is no community, and says which there are.
    bad = town.call("POST", "/v1/seekers", seeker(2, community="410105003000"))
    assert rules(bad) == {("/community", "level")}
    offered = bad.json["errors"][0]["expected"].split("as ")[1].split(", ")
    assert len(offered) == 3
    for n, community in enumerate(offered):
        assert town.call("POST", "/v1/seekers", seeker(2 + n, community=community)).status == 201


def test_nobody_is_registered_under_16_or_over_120_without_a_word(town):
    def number(day):
        first = f"410105{day.replace('-', '')}999"
        weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
        return first + "10X98765432"[sum(int(d) * w for d, w in zip(first, weights)) % 11]

    def register(day):
        return town.call("POST", "/v1/seekers", seeker(1, citizen_number=number(day), unemployment=None))

    # The day is 2007-07-12.
    young = refused(register("1991-07-13"), "under-age")
    assert young["rule_page"] == "/rules/under-16"
    assert register("1991-07-12").status == 201
    assert rules(register("1886-07-12")) == {("/citizen_number", "too-old")}
    assert register("1886-07-13").status == 201
    assert "1886" not in str(register("1886-07-12").json["errors"])


def test_education_is_a_code_wherever_it_stands(town):
    town.file([line("A", education_min="71")])
    [post] = town.must(200, "GET", "/v1/vacancies")["items"]
    assert post["education"] == "70"
    listed = {c["code"] for c in town.must(200, "GET", "/v1/codes/education")["items"]}
    assert post["education"] in listed
    assert {c["code"] for c in town.must(200, "GET", "/v1/codes/education-classes")["items"]} <= listed


def test_a_refusal_tells_nothing_of_a_store_that_a_question_has_not(town):
    bad = town.call("GET", "/v1/vacancies?division=410199")
    assert bad.status == 422 and "stored" not in bad.json["detail"] and "保存" not in bad.json["detail_zh"]


def test_a_certificate_of_somebody_else_is_not_quoted(town):
    certificate = {"number": "豫41-1234567", "group": "L1", "issued_on": "2006-01-01",
                   "valid_to": "2008-12-31", "inspected": []}
    town.register(1, certificate=certificate)
    for bad in (town.call("POST", "/v1/seekers", seeker(2, certificate=certificate)),
                town.call("POST", f"/v1/seekers/{town.register(3)}/certificates", certificate)):
        [error] = bad.json["errors"]
        assert error["rule"] == "certificate-taken" and certificate["number"] not in str(bad.json)
