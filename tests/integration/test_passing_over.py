"""Who stands before the referred is referred too, or passed over by a coded reason, beyond the free
posts: a bureau for each by name, an agency, which is told nobody's name, once for all.
"""

import pytest

from harness.daemon import EMPLOYER
from harness.market import OLDER, problem, town, whole  # noqa: F401
from harness.trade import COMMUNITY

HARD = {"recognitions": [{"code": "HC5", "on": "2007-07-01"}]}  # P3


@pytest.fixture
def before(town):
    """before(n): n people of P2, in their order in every list: they waited longer and longer."""
    def make(n, **more):
        people = [town.person(**OLDER, unemployment={"since": f"2007-0{i + 1}-10", "prior_job": True,
                                                     "laid_off": None}, **more) for i in range(n)]
        town.older = town.older + people
        return people
    return make


def by_bureau(town, status, who, vacancy, reasons=None, key=None):
    given = [{"seeker": s, "reason": r} for s, r in (reasons or {}).items()]
    return town.propose(status, who, vacancy, key=key or town.bureau, passed_over=given)


def named(answer):
    return [p["seeker"] for p in problem(answer, "passed-over")["people"]]


def test_one_post_takes_a_reason_for_each_who_stands_before(town, before):
    first, second = before(2)
    vacancy, who = town.vacancy(), town.person()
    people = problem(by_bureau(town, 409, who, vacancy), "passed-over")["people"]
    assert [p["seeker"] for p in people] == [first, second]
    assert set(people[0]) == {"seeker", "district", "position"}
    assert named(by_bureau(town, 409, who, vacancy, {second: "unreachable"})) == [first]
    bad = by_bureau(town, 422, who, vacancy, {first: "dislike"})
    assert bad["errors"][0]["pointer"] == "/passed_over/0/reason"
    # What is no reason about this post is none.
    for old in ("in_training", "other_offer", "not_available", "list_order"):
        assert by_bureau(town, 422, who, vacancy, {first: old})["errors"][0]["pointer"] == \
            "/passed_over/0/reason"
    r = by_bureau(town, 201, who, vacancy, {first: "declined_post", second: "cannot_start"})["referral"]
    kept = town.read(r)
    assert {p["seeker"]: p["reason"] for p in kept["passed_over"]} == {
        first: "declined_post", second: "cannot_start"}
    assert kept["passing_reason"] is None and kept["decided_on"]["listed"]["order"] == "statutory"
    assert not {"passed_over", "passing_reason"} & set(town.read(r, key=town.hirer))


def test_the_first_three_for_three_posts_need_none_in_whatever_order(town, before):
    for order in [(2, 1, 0), (0, 2, 1), (1, 2, 0)]:
        people = before(4)
        vacancy = town.vacancy(3)
        for i in order:
            by_bureau(town, 201, people[i], vacancy)
        # They are referred: nobody else stands before the fourth.
        by_bureau(town, 201, people[3], vacancy)
        for person in people:
            town.call("POST", f"/v1/seekers/{person}/withdraw", {"reason": "gave_up"})


def test_the_fourth_for_three_posts_needs_one_reason_and_the_fifth_two(town, before):
    people = before(5)
    vacancy = town.vacancy(3)
    # The first two could still have theirs: it is the third who is passed over.
    assert named(by_bureau(town, 409, people[3], vacancy)) == [people[2]]
    assert named(by_bureau(town, 409, people[4], vacancy)) == people[2:4]
    # A reason for any of those before leaves a post for the others.
    r = by_bureau(town, 201, people[3], vacancy, {people[0]: "declined_post"})["referral"]
    assert [p["seeker"] for p in town.read(r)["passed_over"]] == [people[0]]


def test_taken_posts_and_those_that_a_live_referral_is_for_are_not_free(town, before):
    people = before(4)
    vacancy, placed, other = town.vacancy(3), town.person(), town.person()
    town.must(201, "POST", "/v1/placements", town.placement(placed, vacancy), key=town.bureau)
    # Two are free.
    by_bureau(town, 201, people[1], vacancy)
    # One of them has a live referral, and the other is for the first.
    assert named(by_bureau(town, 409, people[2], vacancy)) == [people[0]]
    assert named(by_bureau(town, 409, other, vacancy)) == [people[0], people[2], people[3]]
    by_bureau(town, 201, people[0], vacancy)
    by_bureau(town, 201, people[2], vacancy)
    # The widest list of reasons is short of what the cap allows.
    assert named(by_bureau(town, 409, other, vacancy)) == [people[3]]


def test_who_was_referred_is_not_asked_about_again_unless_by_mistake(town, before):
    first, second = before(2)
    vacancy, who = town.vacancy(), town.person()
    r = by_bureau(town, 201, first, vacancy)["referral"]
    town.step(200, r, "withdraw", {"reason": "mistake"}, key=town.bureau)
    assert named(by_bureau(town, 409, who, vacancy)) == [first, second]
    r = by_bureau(town, 201, first, vacancy)["referral"]
    town.step(200, r, "refuse", {"reason": "pay"}, key=town.bureau)
    assert named(by_bureau(town, 409, who, vacancy)) == [second]
    town.must(200, "POST", f"/v1/seekers/{second}/withdraw", {"reason": "gave_up"})
    by_bureau(town, 201, who, vacancy)


def test_who_could_not_be_reached_this_week_is_not_asked_about(town, before):
    first, second = before(2)
    vacancy, later = town.vacancy(), town.vacancy()
    by_bureau(town, 201, town.person(), vacancy, {first: "unreachable", second: "declined_post"})
    assert named(by_bureau(town, 409, town.person(), later)) == [second]
    elsewhere = town.daemon.new_key(role="bureau", org_name="另一局")
    assert named(by_bureau(town, 409, town.person(), later, key=elsewhere)) == [first, second]


def test_who_does_not_fit_is_before_nobody_and_after_all(town, before):
    fit, = before(1)
    skilled = town.vacancy(skills_required=["K012"])
    # Nobody fits: nobody is passed over.
    by_bureau(town, 201, town.person(), skilled)
    able, = before(1, skills=["K012"])
    assert named(by_bureau(town, 409, fit, skilled)) == [able]
    by_bureau(town, 201, able, skilled)
    by_bureau(town, 201, fit, skilled)


def test_a_reserved_post_asks_likewise(town, before):
    first, second = before(2)
    town.must(201, "POST", "/v1/public-welfare-posts", {
        "approval": "GY-1", "employer": EMPLOYER, "community": COMMUNITY, "kind": "security",
        "posts": 1, "approved_on": "2007-06-20", "new": True})
    vacancy = town.vacancy(reserved=True, approval="GY-1")
    assert named(by_bureau(town, 409, second, vacancy)) == [first]
    problem(by_bureau(town, 409, town.person(), vacancy), "not-eligible", rules=["reserved"])


def test_an_agency_is_told_nobody_and_gives_one_reason(town, before):
    first, second = before(2)
    third = town.person(**HARD)
    town.older.append(third)
    vacancy, who = town.vacancy(), town.person()
    refused = problem(town.propose(409, who, vacancy), "passed-over")
    assert not {"people", "seekers", "needed", "position"} & set(refused)
    wrong = town.propose(422, who, vacancy, passed_over=[{"seeker": first, "reason": "unreachable"}])
    assert wrong["errors"][0]["pointer"] == "/passed_over"
    wrong = town.propose(422, who, vacancy, key=town.bureau, passing_reason="unreachable")
    assert wrong["errors"][0]["pointer"] == "/passing_reason"
    assert town.propose(422, who, vacancy, passing_reason="dislike")["errors"][0]["rule"] == \
        "unknown-code"
    # It is not the next in the list.
    problem(town.propose(409, who, vacancy, passing_reason="list_order"), "passed-over")
    r = town.propose(201, who, vacancy, passing_reason="declined_post")["referral"]
    # The bureau reads who was passed over, the agency what it said.
    kept = town.read(r, key=town.bureau)
    assert [(p["seeker"], p["reason"]) for p in kept["passed_over"]] == [
        (first, "declined_post"), (second, "declined_post")]
    told = town.read(r, key=town.agency)
    assert told["passing_reason"] == "declined_post" and "passed_over" not in told
    shown = town.must(200, "GET", f"/v1/vacancies/{vacancy}/matches?k=100", key=town.agency)["items"]
    assert told["decided_on"]["listed"]["order"] == "one_set"
    assert told["decided_on"]["listed"]["position"] == next(
        i["position"] for i in shown if i["seeker"] == who)


def test_asking_an_agency_tells_no_rank(town, before):
    """Two with priority: each is refused without a reason, whichever of them the law puts first,
    and what is answered is the same."""
    second, = before(1)
    third = town.person(**HARD)
    town.older.append(third)
    heard = []
    for who in (second, third):
        answer = town.propose(409, who, town.vacancy())
        heard.append({k: v for k, v in problem(answer, "passed-over").items()
                      if k not in ("instance", "request_id")})
    assert heard[0] == heard[1]
    vacancy = town.vacancy()
    shown = town.must(200, "GET", f"/v1/vacancies/{vacancy}/matches?k=100", key=town.agency)["items"]
    assert {i["seeker"] for i in shown if i["priority"]} == {second, third}
    first, last = (i["seeker"] for i in shown if i["priority"])
    problem(town.propose(409, last, vacancy, passing_reason="list_order"), "passed-over")
    town.propose(201, first, vacancy, passing_reason="list_order")
    # Alone before nobody else there is nothing to ask.
    town.propose(201, last, vacancy)


def test_what_was_recorded_does_not_decide_what_an_agency_is_asked(town, before):
    """After `unreachable` for all before one, those recorded would not be asked about, and so be
    told from those who were not."""
    before(2)
    third = town.person(**HARD)
    town.older.append(third)
    town.propose(201, third, town.vacancy(), passing_reason="unreachable")
    for _ in range(2):
        problem(town.propose(409, town.person(), town.vacancy()), "passed-over")


def test_an_agency_has_the_first_posts_free_too(town, before):
    first, second = before(2)
    third = town.person(**HARD)
    town.older.append(third)
    vacancy = town.vacancy(3)
    for who in (third, second, first):
        town.propose(201, who, vacancy)
    town.propose(201, town.person(), vacancy)
