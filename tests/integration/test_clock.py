"""The clock of a sandbox, moved by the operator: forward, through each day's work, for everybody."""

import json

import pytest
from harness.daemon import binary
from harness.people import People
from harness.services import run
from harness.trade import citizen_number, line, seeker
from harness.wait import wait_for

START = "2007-07-12T10:00:00+08:00"
LATER = "2007-07-20T09:00:00+08:00"


def move(daemon, now, status=200):
    answer = daemon.admin("POST", "/clock", {"now": now}, timeout=120)
    assert answer.status == status, answer
    return answer.json


def clock(daemon):
    answer = daemon.admin("GET", "/clock")
    assert answer.status == 200, answer
    return answer.json


@pytest.fixture
def town(daemon, postgres):
    town = People(daemon, postgres)
    town.employer()
    return town


def test_it_moves_forward_and_is_kept_among_the_actions(daemon):
    assert clock(daemon) == {"now": START, "fixed": True, "sandbox": True}
    assert move(daemon, LATER) == {"from": START, "now": LATER}
    assert clock(daemon)["now"] == LATER
    # The same once more is where it stands, in whatever zone it is written.
    assert move(daemon, "2007-07-20T01:00:00Z")["now"] == LATER
    back = move(daemon, START, 409)
    assert (back["type"], back["now"]) == ("/problems/clock-backward", LATER)
    assert clock(daemon)["now"] == LATER
    kept = daemon.request("GET", "/v1/actions?op=clock.move", daemon.keys["bureau"])
    assert [(a["kid"], a["object"]) for a in kept.json["items"]] == [
        ("admin", f"clock/{START}/{LATER}")]


@pytest.mark.parametrize("now, rule", [
    ("2008-07-21T10:00:00+08:00", "range"), ("2007-07-20 10:00", "format"),
    ("2007-02-30T10:00:00+08:00", "format"), (7, "type"), (None, "required")])
def test_an_instant_that_is_none_or_is_too_far_is_refused(shared_daemon, now, rule):
    problem = move(shared_daemon, now, 422)
    assert [(e["pointer"], e["rule"]) for e in problem["errors"]] == [("/now", rule)]
    assert clock(shared_daemon)["now"] == START


def test_a_clock_that_runs_is_nobodys_to_move(daemon, postgres):
    """Nor that of a city that is no sandbox, which a daemon of a sandbox leaves at once."""
    assert postgres.psql("BEGIN; UPDATE ledger.city SET fixed_clock = NULL, sandbox = false; SELECT code FROM"
                         " api.move_clock(4101, 'admin', NULL, '', '{\"now\":\"2099-01-01T00:00:00+08:00\"}', NULL);"
                         " ROLLBACK") == "clock-runs"
    postgres.psql("UPDATE ledger.city SET fixed_clock = NULL")
    problem = move(daemon, "2099-01-01T00:00:00+08:00", 409)
    assert problem["type"] == "/problems/clock-runs"
    assert "sandbox" in str(problem) and "试用环境" in str(problem)
    assert postgres.psql("SELECT fixed_clock FROM ledger.city") == ""


def test_each_day_that_passes_has_its_work_done(daemon, postgres, town):
    vacancies = town.file([line("A", valid_until="2007-07-13"), line("B", valid_until="2007-07-16"),
                           line("C", valid_until="2007-12-31")])
    certificate = {"number": "豫0000007", "group": "L1", "issued_on": "2006-05-01",
                   "valid_to": "2008-12-31", "inspected": [2007]}
    # Of retirement age on the 15th.
    retiring = town.post(201, "/v1/seekers", seeker(
        1, citizen_number=citizen_number(14 + 28 * 6, man=False, year=1957),
        retirement={"age": 50, "evidence": "身份证明"}, certificate=certificate))["seeker"]
    who = int(retiring, 16)
    assert postgres.psql(f"SELECT turn_on FROM ledger.seeker WHERE id = {who}") == "2007-07-15"

    move(daemon, LATER)
    closed = "SELECT closed_reason, closed_on FROM ledger.vacancy WHERE id = {}"
    assert postgres.psql(closed.format(vacancies["A"])) == "expired|2007-07-14"
    assert postgres.psql(closed.format(vacancies["B"])) == "expired|2007-07-17"
    assert postgres.psql(closed.format(vacancies["C"])) == "|"
    assert postgres.psql("SELECT until_on FROM ledger.seeker_past"
                         f" WHERE seeker = {who} ORDER BY 1") == "2007-07-15"
    assert postgres.psql("SELECT ledger.is_due(4101)") == "f"
    # The worker that moved it has the changes in its own mirror already.
    matched = town.must(200, "GET", f"/v1/vacancies/{vacancies['C']}/matches")
    assert matched["as_of"]["day"] == LATER[:10]


def test_it_stays_where_it_was_moved_to(daemon, postgres):
    move(daemon, LATER)
    daemon.restart()
    assert clock(daemon)["now"] == LATER
    daemon.stop()
    daemon.settings["fixed_clock"] = "2007-07-14 10:00+08"
    daemon.write_config()
    daemon.migrate()
    daemon.start()
    assert clock(daemon)["now"] == LATER


def test_all_workers_have_moved_when_the_answer_comes(make_daemon, postgres):
    daemon = make_daemon(workers=2)
    town = People(daemon, postgres)
    wait_for(lambda: all(town.call("GET", "/v1/officers").status == 200 for _ in range(20)), 10,
             "every worker to know the officer")
    town.employer()
    path = f"/v1/vacancies/{town.file([line('A')])['A']}/matches"
    days = []
    for now in ("2007-07-13T00:00:00+08:00", "2007-07-14T23:59:59+08:00", LATER):
        move(daemon, now)
        # A connection each: whichever worker takes it.
        days.append({town.must(200, "GET", path)["as_of"]["day"] for _ in range(20)})
    assert days == [{"2007-07-13"}, {"2007-07-14"}, {"2007-07-20"}]


def test_the_operator_types_it(daemon):
    def ctl(*words):
        return json.loads(run(binary("vacancyctl"), "--admin", daemon.admin_socket, "--json",
                              "clock", *words))

    assert ctl("move", LATER) == {"from": START, "now": LATER}
    assert ctl("show") == {"now": LATER, "fixed": True, "sandbox": True}
