"""News has an age, of people and their jobs: what nobody says any more holds nothing, and what was
void or followed by something newer is not undone by the same, sent again."""

import pytest

from harness.people import People, refused
from harness.trade import line


@pytest.fixture
def town(daemon, postgres):
    people = People(daemon, postgres)
    people.employer()
    people.licence()
    return people


def standing(town, who):
    found = town.file_of(who)
    return found["state"], found["rank"]


def filled(town, vacancy):
    return town.must(200, "GET", f"/v1/vacancies/{vacancy}")["filled"]


def test_a_job_that_nobody_says_any_more_is_none(town):
    vacancy = town.file([line("A", 1)])["A"]
    other = town.file([line("B", 1)], code=town.employer("600037341"))["B"]
    who, mate, kin = (town.register(n) for n in (1, 2, 3))
    house = town.house(who, kin)
    before = standing(town, who)
    assert before == ("seeking", "P1")
    agency = town.daemon.keys["agency"]
    ref = town.post(201, "/v1/referrals", {"seeker": who, "vacancy": vacancy, "passing_reason": "unreachable"},
                    key=agency)
    own = {"signal": "report", "reason": "mistaken"}
    placed = town.post(201, "/v1/placements", town.placement(who, vacancy))["placement"]
    path = f"/v1/placements/{placed}"
    assert standing(town, who)[0] == "placed" and filled(town, vacancy) == 1
    by_agency = town.placement(who, vacancy, start="2007-07-11")
    town.post(200, "/v1/placements", by_agency, key=agency)

    # One of two reports taken back: the other says it still.
    town.post(200, path + "/withdraw", own)
    assert standing(town, who)[0] == "placed" and filled(town, vacancy) == 1
    assert town.must(200, "GET", path)["start_on"] == "2007-07-11"
    gone = town.post(200, path + "/withdraw", own, key=agency)
    assert (gone["state"], gone["vacancy"]) == ("withdrawn", None)
    assert gone["missing"] == ["report", "confirmation", "registration"]
    assert standing(town, who) == before and filled(town, vacancy) == 0
    members = {m["seeker"]: m for m in town.must(200, "GET", f"/v1/households/{house}")["members"]}
    assert (members[who]["rank"], members[who]["reported"]) == ("P1", None)
    again = town.must(200, "GET", f"/v1/referrals/{ref['referral']}")
    assert again["state"] == ref["state"]
    assert who in [m["seeker"] for m in town.must(200, "GET", f"/v1/vacancies/{other}/matches")["items"]]

    # They are free for other work, whenever it begins; then the old one cannot come back beside it.
    taken = town.post(201, "/v1/placements", town.placement(who, other, start="2007-08-10"))["placement"]
    refused(town.call("POST", "/v1/placements", town.placement(who, vacancy)), "seeker-placed")
    town.void(f"/v1/placements/{taken}")
    # Said again it is a job again, and takes the post if that is free.
    town.post(201, "/v1/placements", town.placement(mate, vacancy))
    refused(town.call("POST", "/v1/placements", town.placement(who, vacancy)), "vacancy-filled")
    alone = {**town.placement(who, None), "employer": "123456788"}
    back = town.post(200, "/v1/placements", alone)
    assert (back["placement"], back["state"], back["vacancy"]) == (placed, "reported", None)
    assert standing(town, who)[0] == "placed"


def test_a_job_that_is_void_after_it_was_taken_back_is_not_a_job_when_that_is_undone(town):
    vacancy = town.file([line("A", 1)])["A"]
    who = town.register(1)
    placed = town.post(201, "/v1/placements", town.placement(who, vacancy))["placement"]
    path = f"/v1/placements/{placed}"
    town.post(200, path + "/withdraw", {"signal": "report", "reason": "mistaken"})
    town.void(path)
    town.post(200, path + "/void/undo", {"reason": "误作废", "evidence": "合同"})
    assert town.decide(path).json["state"] == "withdrawn"
    assert standing(town, who)[0] == "seeking" and filled(town, vacancy) == 0


def test_nobody_records_outside_the_city_what_nobody_says(town):
    who = town.register(1)
    placed = town.post(201, "/v1/placements", {"seeker": who, "kind": "flexible", "start_on": "2007-07-12",
                                               "workplace": "440305"})["placement"]
    path = f"/v1/placements/{placed}"
    asked = {"reason": "外出", "evidence": "合同"}
    town.post(200, path + "/record", asked)
    town.post(200, path + "/withdraw", {"signal": "report", "reason": "mistaken"})
    refused(town.call("POST", path + "/record/decide", {"decision": "approve", "reason": "已核"},
                      headers=town.second()), "wrong-state", reason="report-withdrawn")


def again(town, status, path, body, what=None, **more):
    """Each time under a new key."""
    answer = town.must(status, "POST", path, body, **more)
    assert [x["what"] for x in answer.get("newer_stands", [])] == ([what] if what else []), answer
    return answer


@pytest.mark.parametrize("kind, body", [
    ("unemployment", {"since": "2007-07-01", "prior_job": True}),
    ("recognitions", {"code": "HC5", "on": "2007-07-01"}),
    ("certificates", {"number": "C-77", "group": "L1", "issued_on": "2007-02-01", "valid_to": "2009-02-01"})])
def test_a_fact_that_is_void_is_not_there_again_because_a_file_is_sent_again(town, kind, body):
    who = town.register(1, unemployment=None)
    path = f"/v1/seekers/{who}/{kind}"
    bare = standing(town, who)
    made = again(town, 201, path, body)
    held = standing(town, who)
    assert held != bare
    town.post(200, f"{path}/{made['fact']}/void", {"reason": "误登记"})
    assert standing(town, who) == bare
    for _ in range(2):
        stands = again(town, 200, path, body, "void")
        assert (stands["fact"], stands["newer_stands"][0]["on"]) == (made["fact"], "2007-07-12")
        assert (stands["state"], stands["rank"]) == bare
    if kind == "certificates":  # one number, one certificate
        return
    told = again(town, 201, path, {**body, "reason": "原作废有误"})
    assert told["fact"] != made["fact"] and standing(town, who) == held
    refused(town.call("POST", path, body), "wrong-state")


def test_a_registration_that_ended_at_once_is_not_there_again(town):
    who = town.register(1, unemployment=None)
    path = f"/v1/seekers/{who}/unemployment"
    body = {"since": "2007-07-12", "prior_job": True}
    made = again(town, 201, path, body)
    town.post(200, f"{path}/{made['fact']}/end", {"reason": "employed", "on": "2007-07-12"})
    assert again(town, 200, path, body, "ended")["rank"] == "P6"


def test_a_retirement_age_without_a_day_does_not_undo_a_newer_one(town):
    who = town.register(1)
    path = f"/v1/seekers/{who}"
    worker, cadre = {"age": 50, "evidence": "工人"}, {"age": 55, "evidence": "干部"}
    again(town, 201, path + "/retirement", {**worker, "since": "2007-07-01"})
    again(town, 201, path + "/retirement", cadre)
    again(town, 200, path + "/retirement", cadre)
    again(town, 200, path + "/retirement", worker, "version")
    town.move_to("2007-07-13", who)
    again(town, 200, path + "/retirement", worker, "version")
    again(town, 201, path + "/retirement", {**worker, "since": "2007-07-13"})


def test_a_void_placement_is_not_there_again_because_its_report_is(town):
    vacancy = town.file([line("A", 2)])["A"]
    who = town.register(1)
    body = town.placement(who, vacancy)
    placed = again(town, 201, "/v1/placements", body)["placement"]
    town.void(f"/v1/placements/{placed}")
    before = standing(town, who)
    stands = again(town, 200, "/v1/placements", body, "void")
    assert (stands["placement"], stands["state"]) == (placed, "void")
    items = town.post(200, "/v1/placements/batch", {"items": [body]})["items"]
    assert (items[0]["status"], items[0]["placement"]["newer_stands"][0]["what"]) == (200, "void")
    assert standing(town, who) == before and filled(town, vacancy) == 0
    # Another says so; so does the same, of another day or by another paper.
    other = again(town, 201, "/v1/placements", body, key=town.daemon.keys["agency"])["placement"]
    town.void(f"/v1/placements/{other}")
    by_paper = again(town, 201, "/v1/placements", {**body, "reference": "合同8号"})["placement"]
    town.void(f"/v1/placements/{by_paper}")
    again(town, 200, "/v1/placements", {**body, "reference": "合同8号"}, "void")
    again(town, 201, "/v1/placements", {**body, "start_on": "2007-07-11"})


def test_an_older_list_of_members_does_not_undo_a_newer_one(town):
    one, two, three = (town.register(n) for n in (1, 2, 3))
    house = town.house(one, two)
    path = f"/v1/households/{house}"

    def members(*who, status=200, **more):
        headers = more.pop("headers", {})
        answer = town.patch(status, path, {"members": [town.member(m) for m in who], **more}, **headers)
        return sorted(m["seeker"] for m in answer.json.get("members", [])), answer.json

    def stands(*who, **more):
        told, answer = members(*who, **more)
        return told, [(n["what"], n["version"]) for n in answer.get("newer_stands", [])]

    assert stands(one, two, three) == (sorted([one, two, three]), [])
    assert stands(one, three) == (sorted([one, three]), [])
    version = town.must(200, "GET", path)["version"]
    assert stands(one, two, three) == (sorted([one, three]), [("version", version)])
    assert stands(one, two) == (sorted([one, three]), [("version", version)])
    assert stands(one, three) == (sorted([one, three]), [])
    # Said anew: of its day, or of the version that stands.
    assert stands(one, two, on="2007-07-12") == (sorted([one, two]), [])
    assert stands(one, three)[1] != []
    etag = f'"{town.must(200, "GET", path)["version"]}"'
    assert stands(one, three, headers={"If-Match": etag}) == (sorted([one, three]), [])


def test_a_household_that_has_ended_is_not_there_again(town):
    one, two = town.register(1), town.register(2)
    house = town.house(one, two)
    path = f"/v1/households/{house}"
    town.post(200, path + "/end", {"reason": "moved"})
    town.must(200, "POST", path + "/end/decide", {"decision": "approve", "reason": "已核"}, headers=town.second())
    body = {"community": town.must(200, "GET", path)["community"], "hukou_type": "urban", "business_income": False,
            "investment_income": False, "applied_on": "2007-07-02", "determined_on": "2007-07-10",
            "members": [town.member(two), town.member(one)]}
    assert again(town, 200, "/v1/households", body, "ended")["household"] == house
    assert again(town, 201, "/v1/households", {**body, "determined_on": "2007-07-12"})["household"] != house


def test_a_void_entry_of_a_register_is_not_there_again(town):
    who = town.register(1)
    paper = {"kind": "certificate", "number": "P-1", "day": "2007-07-01"}
    course = town.post(201, "/v1/courses", {
        "title": "保洁", "provider": "培训中心", "kind": "skills", "from": "2007-07-01", "until": "2007-07-31",
        "place": "410105003001", "seats": 5, "attendance_min": 80, "evidence": [paper]})["course"]
    body = {"course": course, "seeker": who, "from": "2007-07-02", "evidence": [paper]}
    made = again(town, 201, "/v1/enrolments", body)["enrolment"]
    town.patch(200, f"/v1/enrolments/{made}", {"attendance": 50})
    town.post(200, f"/v1/enrolments/{made}/void", {"reason": "误登记"})
    stands = again(town, 200, "/v1/enrolments", body, "void")
    assert (stands["enrolment"], stands["ended"]["reason"]) == (made, "误登记")
    again(town, 200, "/v1/enrolments", {**body, "attendance": 50}, "void")
    figure = {"subject": "410105", "indicator": "fund_input", "period": "2007Q2", "value": 7,
              "source": "统计局", "day": "2007-07-05", "evidence": [paper]}
    given = again(town, 201, "/v1/outside-figures", figure)["outside_figure"]
    town.post(200, f"/v1/outside-figures/{given}/void", {"reason": "误报"})
    again(town, 200, "/v1/outside-figures", figure, "void")
    # Another value is another figure; another paper says the same anew.
    again(town, 201, "/v1/outside-figures", {**figure, "value": 8})
    assert again(town, 201, "/v1/enrolments", {**body, "evidence": [{**paper, "number": "P-2"}]})["enrolment"] != made
