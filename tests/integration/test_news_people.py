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
