"""One rule says on which days a vacancy is open (rules/closed), and every reader follows it: search,
what closes first, facets, both lists of matches, the explanation of one, the vacancy, what may be placed.

The turn of the day, which closes what is over, is held back: the readers have the rule themselves.
"""

import contextlib

import pytest

from harness.trade import Trade, line
from harness.wait import wait_for

HELD = """ALTER FUNCTION ops.turn_day(int, int) RENAME TO kept;
    CREATE FUNCTION ops.turn_day(p_city int, p_limit int) RETURNS int
    LANGUAGE sql SECURITY DEFINER AS 'SELECT 0';
    SELECT ops.grant_roles()"""
LET_GO = """DROP FUNCTION ops.turn_day(int, int);
    ALTER FUNCTION ops.kept(int, int) RENAME TO turn_day; SELECT ops.grant_roles()"""


@pytest.fixture
def town(daemon):
    trade = Trade(daemon)
    trade.employer()
    return trade


def day_is(town, postgres, day, who):
    postgres.psql(f"UPDATE ledger.city SET fixed_clock = '{day} 00:00+08'")
    wait_for(lambda: town.must(200, "GET", f"/v1/seekers/{who}/matches")["as_of"]["day"] == day, 20, "the day")


def shown_by(town, who, vacancy):
    """reader -> whether it has the vacancy as one that may be taken."""
    def has(path, key="vacancy", of=vacancy):
        return of in [i[key] for i in town.must(200, "GET", path)["items"]]
    search = town.must(200, "GET", "/v1/vacancies?facets=true&limit=50")
    listed = [i["vacancy"] for i in search["items"]]
    assert search["facets"]["counted"] == len(listed) == sum(f["count"] for f in search["facets"]["occupation"])
    seen = town.must(200, "GET", f"/v1/vacancies/{vacancy}")
    why = town.call("GET", f"/v1/seekers/{who}/matches/{vacancy}")
    people = town.call("GET", f"/v1/vacancies/{vacancy}/matches")
    return {
        "search": vacancy in listed,
        "what closes first": has("/v1/vacancies?sort=closing"),
        "the employer's own": has("/v1/vacancies?employer=123456788&state=open"),
        "its closed ones": not has("/v1/vacancies?employer=123456788&state=closed") and seen["open_posts"] > 0,
        "the vacancy": seen["state"] == "open" and seen["open_posts"] > 0,
        "matches": has(f"/v1/seekers/{who}/matches"),
        "people": people.status == 200 and who in [i["seeker"] for i in people.json["items"]],
        "why": why.status == 200 and why.json["eligible"],
    }


def all_say(town, who, vacancy, open_):
    with contextlib.suppress(TimeoutError):
        wait_for(lambda: set(shown_by(town, who, vacancy).values()) == {open_}, 10)
    said = shown_by(town, who, vacancy)
    assert said == dict.fromkeys(said, open_)


def test_every_reader_has_one_rule_of_openness(town, postgres):
    who = town.register(1)
    made = town.file([line("A", valid_until="2007-07-12"), line("B"), line("C")])
    for ref in "ABC":
        all_say(town, who, made[ref], True)
    # Its last day is over; nothing has closed it yet.
    postgres.psql(HELD)
    day_is(town, postgres, "2007-07-13", who)
    assert postgres.psql("SELECT open FROM ledger.vacancy WHERE ref = 'A'") == "t"
    all_say(town, who, made["A"], False)
    all_say(town, who, made["B"], True)
    refused = town.call("POST", "/v1/placements", town.placement(who, made["A"], "2007-07-13"))
    assert (refused.json["type"], refused.json["closed_on"]) == ("/problems/vacancy-closed", "2007-07-13")
    postgres.psql(LET_GO)
    assert postgres.psql("SELECT ops.turn_day(4101, 100)") == "1"
    all_say(town, who, made["A"], False)
    # Filled: by somebody else, so that this person is not at work.
    taken = town.placement(town.register(2), made["C"], "2007-07-13")
    town.must(201, "POST", "/v1/placements", taken)
    all_say(town, who, made["C"], False)
    all_say(town, who, made["B"], True)
    # The last day on which a return speaks for it, and the next: the silence ends it.
    assert town.must(200, "GET", f"/v1/vacancies/{made['B']}")["lapses_on"] == "2007-10-11"
    day_is(town, postgres, "2007-10-10", who)
    all_say(town, who, made["B"], True)
    day_is(town, postgres, "2007-10-11", who)
    wait_for(lambda: postgres.psql("SELECT closed_reason FROM ledger.vacancy WHERE ref = 'B'") == "lapsed", 20,
             "the silence")
    all_say(town, who, made["B"], False)
