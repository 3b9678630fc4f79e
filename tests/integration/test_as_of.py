"""As of a day: a day to come is refused wherever there is such a parameter, and what stood on a day
is told also when it has changed since."""

import re

import pytest
from generated.contract import Contract
from harness.people import People, rules
from harness.trade import line
from harness.wait import wait_for

TODAY, TOMORROW, LATER = "2007-07-12", "2007-07-13", "2007-07-20"
MADE_UP = {"employer": "123456788", "district": "410105", "quarter": "2007Q2", "ref": "A",
           "seeker": "1f3c5d7e9a0b1c2d", "officer": "1f3c5d7e9a0b1c2d", "figure": "T1"}


@pytest.fixture
def town(daemon, postgres):
    town = People(daemon, postgres)
    town.employer()
    return town


def asking_for_a_day():
    """Every request of the description that has the parameter, its path made up."""
    found = [(o.method, re.sub(r"{(\w+)}", lambda m: MADE_UP.get(m[1], "1"), o.path))
             for o in Contract().operations if any(p["name"] == "as_of" for p in o.parameters)]
    assert len(found) >= 10
    return found


def test_a_day_to_come_is_refused_in_every_as_of(daemon, town):
    for method, path in asking_for_a_day():
        for day, expected in ((TODAY, set()), (TOMORROW, {("query/as_of", "future")}),
                              ("2099-12-31", {("query/as_of", "future")})):
            answer = town.call(method, f"{path}?as_of={day}")
            assert answer.status in ((422,) if expected else (200, 404)), (path, answer)
            assert not expected or rules(answer) == expected, (path, answer)
    # The city's day is its clock's.
    assert daemon.admin("POST", "/clock", {"now": LATER + "T09:00:00+08:00"}, timeout=60).status == 200
    for method, path in asking_for_a_day():
        assert town.call(method, f"{path}?as_of={LATER}").status in (200, 404), path
        assert town.call(method, f"{path}?as_of=2007-07-21").status == 422, path


def test_a_vacancy_was_closed_while_it_was_also_when_it_is_open_again(daemon, town):
    vacancy = town.file([line("A", 3), line("B")])["A"]
    path = f"/v1/vacancies/{vacancy}"

    def move(day):
        assert daemon.admin("POST", "/clock", {"now": day + "T09:00:00+08:00"}, timeout=60).status == 200

    def file(*lines, closed=()):
        body = {"nil": not lines, "staff": 120, "contact": "测试", "telephone": "13900000000",
                "lines": list(lines), "closed": [{"ref": r, "reason": "withdrawn"} for r in closed]}
        # What was said before is said anew, which If-Match tells from an old file sent again.
        at = "/v1/returns/123456788/410105/2007Q2"
        stands = town.must(200, "GET", at)["version"]
        town.must(200, "PUT", at, body, headers={"If-Match": f'"{stands}"'})

    def on(day):
        was = town.must(200, "GET", f"{path}?as_of={day}")
        assert was["as_of"] == day
        return was["state"], was["closed_on"], was["closed_reason"], was["line"]["posts"]

    move("2007-07-14")
    file(line("B"), closed=["A"])
    move("2007-07-17")
    file(line("A", 5), line("B"))
    first = {day: on(day) for day in ("2007-07-12", "2007-07-13", "2007-07-14", "2007-07-16", "2007-07-17")}
    shut = ("closed", "2007-07-14", "withdrawn", 3)
    assert first == {"2007-07-12": ("open", None, None, 3), "2007-07-13": ("open", None, None, 3),
                     "2007-07-14": shut, "2007-07-16": shut, "2007-07-17": ("open", None, None, 5)}
    # Closed and opened again within a day, that evening it was open; a second time is one more.
    file(line("B"), closed=["A"])
    file(line("A", 6), line("B"))
    assert on("2007-07-17") == ("open", None, None, 6)
    move("2007-07-18")
    file(line("B"), closed=["A"])
    move("2007-07-25")
    assert on("2007-07-25") == ("closed", "2007-07-18", "withdrawn", 6)
    # One line alone opens it, as a whole return does.
    file(line("A", 2), line("B"))
    assert on("2007-07-24") == ("closed", "2007-07-18", "withdrawn", 6)
    assert on("2007-07-25") == ("open", None, None, 2)
    assert {day: on(day) for day in first if day < "2007-07-17"} == {
        day: was for day, was in first.items() if day < "2007-07-17"}
    wait_for(lambda: daemon.admin("POST", "/board/verify").json["differences"] == 0, 10, "the board")


def test_what_ended_by_itself_and_was_filed_anew_was_closed_between(daemon, town):
    path = f"/v1/vacancies/{town.file([line('A', valid_until='2007-07-14')])['A']}"
    for day in ("2007-07-16", "2007-07-18"):
        assert daemon.admin("POST", "/clock", {"now": day + "T09:00:00+08:00"}, timeout=60).status == 200
    town.file([line("A", valid_until="2007-12-31")])
    states = [town.must(200, "GET", f"{path}?as_of=2007-07-{d}")["state"] for d in (14, 15, 17, 18)]
    assert states == ["open", "closed", "closed", "open"]


def test_an_ending_is_undecided_as_of_the_days_before_its_decision(daemon, town):
    one = town.register(1)
    home = f"/v1/households/{town.house(one)}"
    town.post(200, home + "/end", {"reason": "moved"})
    assert daemon.admin("POST", "/clock", {"now": "2007-07-14T09:00:00+08:00"}, timeout=60).status == 200
    town.must(200, "POST", home + "/end/decide", {"decision": "approve", "reason": "属实"},
              headers=town.second())
    now, then = (town.must(200, "GET", f"{home}?as_of=2007-07-{d}")["endings"][0] for d in (14, 13))
    assert now["decision"] == "approve" and now["decided_on"] == "2007-07-14"
    assert then["asked_on"] == TODAY
    assert (then["decision"], then["decided_on"], then["decided_by"]) == (None, None, None)


def test_who_works_neither_determines_a_household_nor_joins_it(daemon, town):
    post = town.file([line("A", 9)])["A"]
    one, two, three, four = (town.register(n) for n in range(1, 5))
    town.at_work(two, post)
    body = {"community": "410105003001", "hukou_type": "urban", "business_income": False,
            "investment_income": False, "applied_on": TODAY, "determined_on": TODAY}
    determined = town.call("POST", "/v1/households", {**body, "members": [town.member(one), town.member(two)]})
    home = f"/v1/households/{town.house(one, determined_on=TODAY)}"
    joining = town.call("PATCH", home, {"members": [town.member(one), town.member(two)]})
    for answer in (determined, joining):
        assert answer.status == 422 and answer.json["type"] == "/problems/not-zero-employment"
        assert (answer.json["member"], answer.json["reason"]) == (two, "employed")
    assert town.must(200, "GET", home)["state"] == "open"
    # Out of the predicate they may live there; and who is of it may find work and be told again.
    aside = town.patch(200, home, {"members": [town.member(one), town.member(two, excluded="student")]})
    assert aside.json["state"] == "open"
    again = town.call("PATCH", home, {"members": [town.member(one), town.member(two)]})
    assert again.status == 422 and again.json["reason"] == "employed"
    town.patch(200, home, {"members": [town.member(w) for w in (one, three)]})
    town.at_work(three, post)
    told = town.patch(200, home, {"members": [town.member(w) for w in (one, three, four)]})
    assert told.json["state"] == "helped"
