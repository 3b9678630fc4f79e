"""Calls that go to PostgreSQL together: each is answered for itself, whatever becomes of the others.

The driver and its small ledger are those of test_ledger_faults.py.
"""

import pytest

from harness.ledger import backends, drive, fake, placed, sums, superuser  # noqa: F401 (fixtures)
from harness.wait import wait_for

LANES = 3  # of calls that may go together, as in daemon/ledger/lanes.c


def in_sleep(db, calls="= 1"):
    """Backends in the middle of so many placements."""
    return int(db.psql("SELECT count(*) FROM pg_stat_activity a JOIN pg_locks l USING (pid) "
                       "WHERE a.wait_event = 'PgSleep' AND l.locktype = 'advisory' "
                       f"AND l.classid = 7 AND l.objid::int {calls}"))


def largest(db):
    """Of the calls that went together, also of those that were undone."""
    return int(db.psql("SELECT last_value FROM ledger.together"))


def held_back(d, fake, *actors, sleep=1):
    """Calls that gather while every lane is taken: one for each actor, then go as one."""
    wait_for(lambda: len(backends(fake)) == 4, what="every connection is up")
    sleepers = [d.send("place", f"sleeper-{n}", f"sleep {sleep}") for n in range(LANES)]
    wait_for(lambda: in_sleep(fake) == LANES, what="the lanes are full")
    return sleepers, [d.send("place", f"held-{n}", a) for n, a in enumerate(actors)]


def test_an_error_in_a_combined_call_is_answered_to_whom_it_belongs(drive, fake):
    d = drive(call_ms=5000)
    sleepers, held = held_back(d, fake, "", "", "raise 22P02", "", "raise 23505", "")
    lines = [d.answer(tag) for tag in held]
    assert [line["result"] for line in lines] == ["ok", "ok", "internal", "ok", "internal", "ok"]
    # Nobody had anybody else's answer, and what was undone with the others was done again, once.
    assert [line["body"] for line in lines if line["result"] == "ok"] == \
        [f'{{"key":"held-{n}"}}' for n in (0, 1, 3, 5)]
    assert not any(line["replayed"] for line in lines if line["result"] == "ok")
    assert all(d.answer(tag)["result"] == "ok" for tag in sleepers)
    assert placed(fake) == LANES + 4 and largest(fake) == 6
    # The lanes are free again.
    assert sums(d, d.send("many", 500, 64, "k"))["ok"] == 500


def test_a_backend_killed_in_a_combined_call_costs_none_of_its_members(drive, fake):
    d = drive(call_ms=5000)
    sleepers, held = held_back(d, fake, "", "sleep 1", "", "")
    wait_for(lambda: in_sleep(fake, "> 1") == 1, what="the combined call is running")
    superuser(fake).psql("SELECT pg_terminate_backend(pid) FROM pg_locks "
              "WHERE locktype = 'advisory' AND classid = 7 AND objid::int > 1")
    lines = [d.answer(tag) for tag in [*sleepers, *held]]
    assert {(line["result"], line["status"]) for line in lines} == {("ok", 201)}, d.log()
    assert [line["body"] for line in lines[LANES:]] == [f'{{"key":"held-{n}"}}' for n in range(4)]
    assert placed(fake) == LANES + 4 and largest(fake) == 4
    assert "ledger.lost" in d.log()
    assert sums(d, d.send("many", 500, 64, "k"))["ok"] == 500


def test_a_stale_combined_call_goes_again_alone_and_is_no_defect(drive, fake):
    d = drive(call_ms=5000)
    sleepers, held = held_back(d, fake, "", "raise 26000", "")
    lines = [d.answer(tag) for tag in held]
    assert [line["result"] for line in lines] == ["ok", "unavailable", "ok"], d.log()
    assert all(d.answer(tag)["result"] == "ok" for tag in sleepers)
    assert placed(fake) == LANES + 2 and largest(fake) == 3


@pytest.mark.parametrize("returned", ["n + 100", "n"])
def test_a_combined_answer_that_is_not_everybodys_is_asked_for_again(drive, fake, returned):
    fake.psql(f"""
        CREATE OR REPLACE FUNCTION api.report_placements(p_city int, p_kid text[], p_hash bytea[],
            p_actor text[], p_idem text[], p_req bytea[], p_body jsonb[])
        RETURNS TABLE (call int, kind "char", status int, code text, body text, id bigint,
            version bigint, record bytea, label text)
        LANGUAGE sql AS $$
            SELECT pg_advisory_xact_lock_shared(7, cardinality(p_kid));
            SELECT CASE WHEN cardinality(p_kid) > 1 THEN {returned} ELSE n END, r.*
                FROM generate_subscripts(p_kid, 1) n, ledger.place(p_actor[n], p_idem[n]) r
            OFFSET (cardinality(p_kid) > 1)::int
        $$""")
    d = drive(call_ms=5000)
    sleepers, held = held_back(d, fake, "", "", "")
    lines = [d.answer(tag) for tag in held]
    assert [line["result"] for line in lines] == ["ok"] * 3, d.log()
    assert [line["body"] for line in lines] == [f'{{"key":"held-{n}"}}' for n in range(3)]
    assert lines[0]["replayed"]  # it was done the first time, and only once
    assert all(d.answer(tag)["result"] == "ok" for tag in sleepers)
    assert placed(fake) == LANES + 3


def test_a_deadlock_of_two_combined_calls_ends_with_every_member_done(drive, fake):
    d = drive(call_ms=12000)
    sleepers, held = held_back(d, fake, "", "lock 1 3 2", "")
    wait_for(lambda: in_sleep(fake, "> 1") == 1, what="the first is running")
    full = [d.send("place", f"more-{n}", "sleep 1") for n in range(LANES - 1)]
    wait_for(lambda: in_sleep(fake) == LANES - 1, what="the other lanes are full")
    others = [d.send("place", f"other-{n}", a) for n, a in enumerate(["", "lock 2 0 1", ""])]
    lines = [d.answer(tag) for tag in [*sleepers, *held, *full, *others]]
    assert {(line["result"], line["status"]) for line in lines} == {("ok", 201)}, d.log()
    assert d.log().count("sqlstate=40P01") == 1
    assert placed(fake) == len(lines) and largest(fake) == 3
