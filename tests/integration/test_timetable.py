"""The timetable: what is done again and again happens when it is due, and again when it failed."""

import contextlib
import subprocess

from harness.people import People
from harness.trade import line
from harness.wait import wait_for

CLOSED = "SELECT count(*) FROM ledger.vacancy WHERE closed_reason = 'expired'"


def town_with_a_vacancy_until(day, daemon, postgres):
    town = People(daemon, postgres)
    town.employer()
    town.file([line("A", valid_until=day)])
    return town


def midnight(postgres, day):
    """As when the night passes; nobody tells the daemon."""
    postgres.psql(f"UPDATE ledger.city SET fixed_clock = '{day} 00:00+08'")


def test_at_midnight_the_day_turns_without_waiting_for_its_minute(daemon, postgres):
    town_with_a_vacancy_until("2007-07-12", daemon, postgres)
    assert postgres.psql(CLOSED) == "0"
    midnight(postgres, "2007-07-13")
    wait_for(lambda: postgres.psql(CLOSED) == "1", 20, "the vacancy to end")


def test_what_was_answered_to_calls_is_forgotten_some_at_a_time(postgres):
    postgres.psql("INSERT INTO ledger.answered_call (city, call, status, code, body, at) SELECT 4101, n::text, 200, 'ok',"
                  " '{}', now() - interval '1 minute' * (n + 0.5) FROM generate_series(8, 12) n")
    forget = "SELECT ops.forget_answers(4101, 2)"
    assert [postgres.psql(forget) for _ in range(3)] == ["2", "1", "0"]
    assert postgres.psql("SELECT string_agg(call, ' ' ORDER BY call) FROM ledger.answered_call") == "8 9"


def test_what_failed_is_logged_once_and_tried_until_it_is_done(daemon, postgres):
    town_with_a_vacancy_until("2007-07-12", daemon, postgres)
    postgres.psql("""ALTER FUNCTION ops.turn_day(int, int) RENAME TO kept;
        CREATE SEQUENCE ops.attempts;
        CREATE FUNCTION ops.turn_day(p_city int, p_limit int) RETURNS int
        LANGUAGE plpgsql SECURITY DEFINER AS $$
        BEGIN
            PERFORM nextval('ops.attempts');
            RAISE EXCEPTION 'not now';
        END $$;
        SELECT ops.grant_roles()""")
    midnight(postgres, "2007-07-13")
    wait_for(lambda: int(postgres.psql("SELECT last_value FROM ops.attempts")) >= 3, 30,
             "three attempts")
    assert daemon.log.count("event=timetable.failed job=turn_day") == 1
    assert postgres.psql(CLOSED) == "0"
    postgres.psql("DROP FUNCTION ops.turn_day(int, int);"
                  "ALTER FUNCTION ops.kept(int, int) RENAME TO turn_day; SELECT ops.grant_roles()")
    wait_for(lambda: postgres.psql(CLOSED) == "1", 20, "the vacancy to end")
    wait_for(lambda: "event=timetable.done job=turn_day n=1" in daemon.log, 10, "its line")


@contextlib.contextmanager
def somebody_at(postgres, job):
    """Who is at a job, as another daemon would be, until the block ends."""
    first = subprocess.Popen(["psql", "-XqAt", "-d", postgres.dsn], stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE, text=True)
    with first.stdin, first.stdout:
        first.stdin.write(f"BEGIN; SELECT ops.take_turn(4101, '{job}');\n")
        first.stdin.flush()
        assert first.stdout.readline() == "t\n"
        yield
    assert first.wait(10) == 0


def test_one_at_a_time_does_a_job_and_nobody_waits_for_it(daemon, postgres):
    town_with_a_vacancy_until("2007-07-12", daemon, postgres)
    with somebody_at(postgres, "turn_day"):
        midnight(postgres, "2007-07-13")
        assert postgres.psql("SET lock_timeout = '100ms'; SELECT ops.turn_day(4101, 10)") == "0"
        assert postgres.psql(CLOSED) == "0"
    postgres.psql("SELECT ops.turn_day(4101, 10)")
    wait_for(lambda: postgres.psql(CLOSED) == "1", 20, "the vacancy to end")
    assert "event=timetable.failed" not in daemon.log


def test_a_clock_that_is_moved_leaves_a_job_to_who_is_at_it(daemon, postgres):
    town_with_a_vacancy_until("2007-07-12", daemon, postgres)
    start, goal = "2007-07-12T10:00:00+08:00", "2007-07-20T09:00:00+08:00"
    step = ("SELECT status FROM api.move_clock(4101, 'admin', NULL, 'admin 1',"
            f" jsonb_build_object('now', '{goal}'), {{}})")
    now = "SELECT ledger.instant(fixed_clock) FROM ledger.city"
    with somebody_at(postgres, "turn_day"):
        assert postgres.psql(step.format("NULL")) == "202"
        # To the first midnight, and no further while its work is not done.
        for _ in range(3):
            assert postgres.psql(step.format(f"'{start}'")) == "202"
            assert postgres.psql(now) == "2007-07-13T00:00:00+08:00"
        assert postgres.psql(CLOSED) == "0"
    # Cut off here, it stands among the actions all the same.
    kept = "SELECT string_agg(object, ' ') FROM ledger.action WHERE op = 'clock.move'"
    assert postgres.psql(kept) == f"clock/{start}/{goal}"
    wait_for(lambda: postgres.psql(step.format(f"'{start}'")) == "200", 60, "it to arrive")
    assert postgres.psql(CLOSED) == "1"
    assert postgres.psql(now) == goal
    assert postgres.psql(kept) == f"clock/{start}/{goal}"
