"""Codes at the doors: divisions with zeros behind them, who is too young or too old to be true, one
spelling for one thing, and what a refusal says and does not say."""

import pytest
from harness.people import People, refused, rules
from harness.trade import COMMUNITY, citizen_number, line, quarter_return, seeker
from harness.wait import wait_for


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


OLD, CREDIT = "MA0000007", "92410105MA0000007M"


@pytest.mark.parametrize("first, other", [(OLD, CREDIT), (CREDIT, OLD)])
def test_a_credit_code_and_the_code_in_it_are_one_employer(town, first, other):
    body = {"name": "一家两码", "sites": [{"district": "410105", "since": "2006-01-01"}]}
    town.must(201, "PUT", f"/v1/employers/{first}", body)
    again = town.must(200, "PUT", f"/v1/employers/{other}", body)
    read = town.must(200, "GET", f"/v1/employers/{first}")
    assert read == town.must(200, "GET", f"/v1/employers/{other}")
    assert again == {member: value for member, value in read.items() if member != "code_names"}
    assert again["employer"] == first
    # Each form of a key files by each form of the path; what is sealed opens again.
    keys = [town.daemon.new_key(role="employer", org_code=code, org_name="一家两码", scope="410105")
            for code in (first, other)]
    body = quarter_return([line("A", interview_contact="张三")])
    path = "/v1/returns/{}/410105/2007Q2"
    town.must(201, "PUT", path.format(other), body, key=keys[0])
    town.must(200, "PUT", path.format(first), body, key=keys[1])
    for code in (first, other):
        for key in keys:
            read = town.must(200, "GET", path.format(code), key=key)
            assert read["employer"] == first and read["lines"][0]["interview_contact"] == "张三"
        assert len(town.must(200, "GET", f"/v1/vacancies?employer={code}")["items"]) == 1
        [filed] = town.must(200, "GET", f"/v1/returns?employer={code}")["items"]
        assert filed["employer"] == first
    # A job of either form is one job, and its employer confirms it by either key.
    who = town.register(1)
    [one, two] = [town.post(status, "/v1/placements", {
        "seeker": who, "kind": "unit", "employer": code, "workplace": COMMUNITY, "start_on": "2007-07-12"},
        headers={"Idempotency-Key": f"job-{code}"}) for status, code in ((201, other), (200, first))]
    assert one["placement"] == two["placement"]
    for key in keys:
        seen = town.must(200, "GET", f"/v1/placements/{one['placement']}", key=key)
        assert seen["employer"] == first


def keys_of_both(town):
    return [town.daemon.new_key(role="employer", org_code=code, org_name="一家两码", scope="410105")
            for code in (OLD, CREDIT)]


def test_two_keys_by_the_two_codes_of_an_employer_are_one_hand(town):
    town.employer(OLD)
    vacancy = town.file([line("A", 3)], code=OLD)["A"]
    keys = keys_of_both(town)
    wanted = town.placement(town.register(1), vacancy)
    [first, again] = [town.post(status, "/v1/placements", wanted, key=key) for key, status in
                      ((keys[1], 201), (keys[0], 200))]
    path = f"/v1/placements/{first['placement']}"
    assert again["placement"] == first["placement"]
    for key in keys:
        refused(town.call("POST", path + "/confirm", key=key), "own-report")
    town.must(200, "POST", "/v1/placements", wanted)
    sources = town.must(200, "GET", path)["sources"]
    assert [s["organisation"] for s in sources] == [OLD, "郑州市劳动保障局"]
    # What one has said, the other takes back.
    town.must(200, "POST", path + "/withdraw", {"signal": "report", "reason": "mistaken"}, key=keys[0])
    refused(town.call("POST", path + "/withdraw", {"signal": "report", "reason": "mistaken"}, key=keys[1]),
            "wrong-state", reason="no-such-signal")


def test_an_officer_of_an_employer_acts_with_a_key_of_either_code(town):
    town.employer(OLD)
    keys = keys_of_both(town)
    for key in keys:
        actor = {"Vacancyd-Actor": town.daemon.new_officer(key, scope="410105")}
        for by in keys:
            wait_for(lambda: town.call("GET", "/v1/officers", key=by, headers=actor).status == 200, 5, "the officer")
    assert {o["organisation"] for o in town.must(200, "GET", "/v1/officers", key=by, headers=actor)["items"]} == {OLD}
    made = town.must(201, "POST", "/v1/officers", {"name": "新来", "post": "窗口", "scope": "410105",
                     "organisation": CREDIT, "role": "employer"})
    assert made["organisation"] == OLD


@pytest.mark.parametrize("code", [OLD, CREDIT])
def test_a_job_at_an_employer_that_is_not_on_file_is_seen_by_both_its_keys(town, code):
    placed = town.post(201, "/v1/placements", {"seeker": town.register(1), "kind": "unit", "employer": code,
                                               "workplace": COMMUNITY, "start_on": "2007-07-12"})["placement"]
    keys = keys_of_both(town)
    other = town.daemon.new_key(role="employer", org_code="123456788", org_name="别家", scope="410105")
    assert town.call("GET", f"/v1/placements/{placed}", key=other).status == 404
    for key in keys:
        assert town.must(200, "GET", f"/v1/placements/{placed}", key=key)["employer"] == code
        [waits] = town.must(200, "GET", "/v1/decisions", key=key)["items"]
        assert waits["object"] == f"placement/{placed}" and waits["deciders"]["you"]
    for key in keys:
        town.must(200, "POST", f"/v1/placements/{placed}/confirm", key=key)


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


PAPER = [{"kind": "identity", "number": "户字001", "day": "2007-07-01"}]


def with_area(area):
    return citizen_number(5, area=area)


def test_an_area_that_no_table_has_is_taken_by_its_paper_and_marked(town):
    number = with_area("419876")
    bad = town.call("POST", "/v1/seekers", seeker(5, citizen_number=number))
    assert rules(bad) == {("/citizen_number", "area")}
    assert "recognised first" in bad.json["errors"][0]["expected"] and "认可代码" in bad.json["errors"][0]["expected_zh"]
    entry = {"kind": "area", "code": "419876", "place": "410105"}
    assert rules(town.call("POST", "/v1/recognised-codes", entry)) == {("/evidence", "required")}
    assert rules(town.call("POST", "/v1/recognised-codes", {**entry, "code": "41987X", "evidence": PAPER})) == {
        ("/code", "format")}
    for known in ("410105", "110103"):  # one of today, one of old
        assert rules(town.call("POST", "/v1/recognised-codes", {**entry, "code": known, "evidence": PAPER})) == {
            ("/code", "area-known")}
    made = town.post(201, "/v1/recognised-codes", {**entry, "evidence": PAPER})
    refused(town.call("POST", "/v1/recognised-codes", {**entry, "evidence": PAPER}), "wrong-state",
            reason="already-recognised", recognised_code=made["recognised_code"], place="410105")
    elsewhere = town.daemon.new_key(role="bureau", org_name="中原区局", scope="410102")
    refused(town.call("POST", "/v1/recognised-codes", {**entry, "place": "410102", "evidence": PAPER},
                      key=elsewhere), "wrong-state", place="410105", recognised_on="2007-07-12")
    who = wait_for(lambda: (a := town.call("POST", "/v1/seekers", seeker(5, citizen_number=number))).status == 201
                   and a.json["seeker"], 10, "the code at every door")
    assert town.file_of(who)["area_recognised"] is True
    assert town.file_of(town.register(6))["area_recognised"] is False
    found = town.post(200, "/v1/seekers/find", {"citizen_number": number})
    assert who in str(found)
    [listed] = town.must(200, "GET", "/v1/recognised-codes")["items"]
    assert (listed["code"], listed["kind"], listed["ended"]) == ("419876", "area", None)
    # Nobody's number stands there in the clear, and what was taken stays, marked, when it is void.
    for table in ("ledger.recognised_code", "ledger.evidence", "ledger.action", "ledger.idempotency"):
        assert number not in town.postgres.psql(f"SELECT x::text FROM {table} x")
    assert number not in town.daemon.log
    town.post(200, f"/v1/recognised-codes/{made['recognised_code']}/void", {"reason": "录错"})
    wait_for(lambda: town.call("POST", "/v1/seekers", seeker(7, citizen_number=citizen_number(7, area="419876")))
             .status == 422, 10, "the end of it at every door")
    assert town.file_of(who)["area_recognised"] is True


def test_a_credit_code_that_was_issued_wrong_is_taken_by_its_paper_and_marked(town):
    code = "914101001234567892"[:17] + "3"
    body = {"name": "错码公司", "sites": [{"district": "410105", "since": "2006-01-01"}]}
    bad = town.call("PUT", f"/v1/employers/{code}", body)
    assert rules(bad) == {("path/employer", "check-digit")}
    assert "recognised first" in bad.json["errors"][0]["expected"]
    entry = {"kind": "credit-code", "code": code, "place": "410105", "evidence": [
        {"kind": "licence", "number": "照001", "day": "2007-07-01"}]}
    elsewhere = town.daemon.new_key(role="bureau", org_name="中原区局", scope="410102")
    assert town.call("POST", "/v1/recognised-codes", entry, key=elsewhere).status == 404
    assert rules(town.call("POST", "/v1/recognised-codes", {**entry, "code": CREDIT})) == {
        ("/code", "check-digit-fits")}
    town.post(201, "/v1/recognised-codes", entry)
    wait_for(lambda: town.call("PUT", f"/v1/employers/{code}", body).status == 201, 10, "the code at every door")
    for path, shown in ((f"/v1/employers/{code}", True), ("/v1/employers/123456788", False)):
        assert town.must(200, "GET", path)["code_recognised"] is shown
    town.must(201, "PUT", f"/v1/returns/{code}/410105/2007Q2", quarter_return([line("A")]))
    [post] = town.must(200, "GET", f"/v1/vacancies?employer={code}")["items"]
    # Wherever the code shows, it is marked.
    assert post["employer"] == code and post["code_recognised"] is True
    filed = town.must(200, "GET", f"/v1/returns/{code}/410105/2007Q2")
    town.must(200, "PUT", f"/v1/returns/{code}/410105/2007Q2", filed)  # what is read is taken back
    job = town.post(201, "/v1/placements", town.placement(town.register(8), post["vacancy"]))
    shown = [filed, town.must(200, "GET", f"/v1/vacancies/{post['vacancy']}"),
             town.must(200, "GET", f"/v1/vacancies/{post['vacancy']}?as_of=2007-07-12"),
             *town.must(200, "GET", f"/v1/returns?employer={code}")["items"],
             town.must(200, "GET", f"/v1/placements/{job['placement']}")]
    assert [one["code_recognised"] for one in shown] == [True] * 5
    # SQL and C judge alike.
    fits = town.postgres.psql("SELECT string_agg(ledger.credit_code_fits(c)::text, ',') FROM unnest(ARRAY["
                              f"'91350100M000100Y43', '91110000600037341L', '{CREDIT}', '{code}']) c")
    assert fits == "true,true,true,false"
