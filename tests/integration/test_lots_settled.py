"""What a lot costs however big it is, and what else goes on while it is settled."""

import pytest

from harness.trade import line, seeker
from harness.wait import wait_for
from test_import_people import household
from test_ledger_sql import Session, is_in
from test_lots import REFUSE, decide, draw, left, lot_of, settled, trade  # noqa: F401

MANY = 3000

# A lot of seekers beside the others, that grows still, of files that nobody looks at.
CROWD = f"""
    INSERT INTO ledger.import (city, first_kid, name, kind, format, scope, actor, started_at, changed_at)
        SELECT city, first_kid, 'crowd', kind, format, scope, actor, started_at, changed_at FROM ledger.import LIMIT 1;
    INSERT INTO ledger.lot (city, kind, first_kid, import, records, asked_at, asked_kid, asked_actor)
        SELECT city, 'seekers', first_kid, 'crowd', {MANY}, asked_at, asked_kid, asked_actor FROM ledger.lot LIMIT 1;
    INSERT INTO ledger.lot_record (city, lot, n, object, place)
        SELECT l.city, l.id, n, n, 410105003001 FROM ledger.lot l, generate_series(1, {MANY}) n
        WHERE l.import = 'crowd';
    INSERT INTO ledger.idempotency (city, first_kid, key, request, status, code, body, object)
        SELECT l.city, l.first_kid, 'record seekers ' || n, '', 201, 'ok', '{{}}', 'seeker/' || n
        FROM ledger.lot l, generate_series(1, {MANY}) n WHERE l.import = 'crowd';
"""
# What was said of the three others.
FORGET = """SELECT ledger.forget_said(l, (SELECT array_agg(r.object) FROM ledger.lot_record r
    WHERE (r.city, r.lot) = (l.city, l.id))) FROM ledger.lot l WHERE l.records = 3"""


def rows_read(postgres, sql, table):
    """Of a table, by statements that are taken back; and what these said."""
    said = postgres.psql(f"""BEGIN; {sql};
        SELECT seq_tup_read + coalesce(idx_tup_fetch, 0) FROM pg_stat_xact_user_tables
            WHERE relid = 'ledger.{table}'::regclass;
        ROLLBACK""").splitlines()
    return int(said[-1]), said[:-1]


@pytest.fixture(params=["", "ANALYZE"])
def crowd(trade, postgres, request):  # noqa: F811
    """People with placements, three of one lot and one of none, and a lot that is big; whether or not
    that is known."""
    _, people = lot_of(trade, [seeker(n) for n in range(1, 4)])
    for who in [*people, trade.register(4)]:
        trade.must(201, "POST", "/v1/placements", trade.placement(who, trade.vacancy))
    postgres.psql(CROWD + request.param)
    return postgres


def test_an_answer_about_a_placement_reads_no_lot_but_its_own(crowd):
    rows, said = rows_read(crowd, "SELECT ledger.missing_json(p) FROM ledger.placement p", "lot_record")
    assert ["lot" in s for s in said] == [True, True, True, False]
    assert rows <= 6, rows
    rows, said = rows_read(crowd, "SELECT count(*) FROM ledger.count_facts(4101, 2007, '2007-07-12', "
                           "(SELECT min(seeker) FROM ledger.placement))", "lot_record")
    assert said == ["1"] and rows <= 6, rows


def test_what_is_forgotten_is_found_by_what_it_was_about(crowd):
    crowd.psql("ANALYZE ledger.idempotency")  # into which every write goes, so that it always is
    rows, _ = rows_read(crowd, FORGET, "idempotency")
    assert rows <= 6, rows
    kept = rows_read(crowd, FORGET + "; SELECT count(*) FROM ledger.idempotency WHERE key LIKE 'record %'",
                     "idempotency")[1]
    assert kept[-1] == str(MANY), "the three are gone, and no other"


def test_the_end_of_an_import_reads_what_is_drawn(crowd):
    rows, _ = rows_read(crowd, "SELECT ledger.make_whole(l) FROM ledger.lot l WHERE import = 'crowd'", "lot_record")
    assert rows <= 60, rows
    crowd.psql("SELECT ledger.make_whole(l) FROM ledger.lot l WHERE import = 'crowd'")
    seed, drawn = crowd.psql("""SELECT l.seed, string_agg(r.n::text, ' ' ORDER BY r.n) FROM ledger.lot l
        JOIN ledger.lot_record r ON r.lot = l.id AND r.sampled WHERE l.import = 'crowd' GROUP BY 1""").split("|")
    assert [int(n) for n in drawn.split()] == sorted(draw(seed, MANY, 20))
    # However many there were, and all of a few.
    big = crowd.psql(f"SELECT array_to_string(ledger.draw('{seed}', 10000000000, 200), ' ')")
    assert [int(n) for n in big.split()] == draw(seed, 10**10, 200)
    assert crowd.psql(f"SELECT cardinality(ledger.draw('{seed}', 7, 20))") == "7"


def job_of(trade, name, n):  # noqa: F811
    """The lot of one placement that a file reports, the placement, and whose it is."""
    who = trade.register(n)
    lot, [job] = lot_of(trade, [trade.placement(who, trade.vacancy)], name, "placements")
    return lot, job, who


def test_a_confirmation_meanwhile_stands(trade, postgres):  # noqa: F811
    """A report that goes takes nothing along that was said beside it, as if withdrawn by itself."""
    lot, job, _ = job_of(trade, "jobs", 1)
    clerk = Session(postgres, "clerk")
    clerk.say("BEGIN")
    clerk.say(f"""SELECT 'done', ledger.confirm_placement(jsonb_populate_record(NULL::api.caller,
        jsonb_build_object('city', k.city, 'kid', k.kid, 'first_kid', k.kid, 'role', 4, 'scope', '4101',
        'organisation', 'another', 'actor', '', 'call', '')), {job})
        FROM ledger.api_key k WHERE k.role = 1 LIMIT 1""")
    is_in(postgres, clerk, "state = 'idle in transaction' AND query LIKE 'SELECT ''done''%'")
    decide(trade, lot, REFUSE)
    wait_for(lambda: postgres.psql("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
                                   "AND query LIKE '%settle_lots%'") == "1", 30, "the turn of the lot to wait")
    clerk.say("COMMIT")
    clerk.finish()
    settled(trade, lot)
    seen = trade.must(200, "GET", f"/v1/placements/{job}")
    assert (seen["state"], seen["missing"]) == ("confirmed", ["report", "registration"])
    assert postgres.psql("SELECT filled FROM ledger.vacancy") == "1"


def test_a_turn_holds_what_its_records_hang_on_by_then(trade, postgres):  # noqa: F811
    """Who waited for a post that was left meanwhile holds the one that was taken, and not the other."""
    lot, job, _ = job_of(trade, "jobs", 1)
    other = trade.file([line("A", 50), line("B", 9)])["B"]
    clerk, turn = Session(postgres, "clerk"), Session(postgres, "turn")
    clerk.say("BEGIN")
    clerk.say("SELECT 'held' FROM ledger.vacancy FOR NO KEY UPDATE")
    clerk.say(f"UPDATE ledger.placement SET vacancy = {other} WHERE id = {job}")
    is_in(postgres, clerk, "state = 'idle in transaction' AND query LIKE 'UPDATE%'")
    turn.say("BEGIN")
    turn.say(f"SELECT ledger.lock_lot(l, ARRAY[{job}]) FROM ledger.lot l WHERE l.id = {lot}")
    is_in(postgres, turn, "wait_event_type = 'Lock'")
    clerk.say("COMMIT")
    clerk.finish()
    is_in(postgres, turn, "state = 'idle in transaction' AND query LIKE '%lock_lot%'")
    free = [postgres.psql(f"SELECT id FROM ledger.{table} FOR NO KEY UPDATE SKIP LOCKED")
            for table in ("vacancy", "placement")]
    turn.say("COMMIT")
    turn.finish()
    assert free == [trade.vacancy, ""]


def test_a_record_that_cannot_be_done_is_left(trade, postgres):  # noqa: F811
    people = [trade.register(n) for n in range(1, 4)]
    lot, homes = lot_of(trade, [household({"seeker": p}) for p in people], kind="households")
    postgres.psql("ALTER TABLE ledger.household ADD CONSTRAINT planted "
                  f"CHECK (id <> {homes[1]} OR end_reason IS NULL)")
    decide(trade, lot, REFUSE)
    assert settled(trade, lot)["left"] == 1 and left(trade, lot) == {"2": "failed"}
    states = [trade.must(200, "GET", f"/v1/households/{h}")["state"] for h in homes]
    assert states == ["ended", "open", "ended"]


def test_a_lot_that_gets_no_turn_keeps_no_other_from_its_own(trade, postgres):  # noqa: F811
    first, _, who = job_of(trade, "first", 1)
    then, job, _ = job_of(trade, "then", 2)
    # Whoever keeps a file locked keeps that lot from its turn.
    clerk = Session(postgres, "clerk")
    clerk.say("BEGIN")
    clerk.say(f"SELECT 'held' FROM ledger.seeker WHERE id = ledger.seeker_id('{who}') FOR UPDATE")
    is_in(postgres, clerk, "state = 'idle in transaction' AND query LIKE 'SELECT ''held''%'")
    decide(trade, first, REFUSE)
    decide(trade, then, REFUSE)

    def turn():
        postgres.psql("SET lock_timeout = '50ms'; SELECT ops.settle_lots(4101, 40)", check=False)
        return trade.must(200, "GET", f"/v1/lots/{then}")["settled"] == 1

    wait_for(turn, 60, "the second lot")
    assert trade.must(200, "GET", f"/v1/placements/{job}")["state"] == "withdrawn"
    assert trade.must(200, "GET", f"/v1/lots/{first}")["settled"] == 0
    clerk.say("COMMIT")
    clerk.finish()
    assert settled(trade, first)["left"] == 0


def test_a_lot_that_cannot_be_whole_keeps_no_other_from_being_settled(trade, postgres):  # noqa: F811
    lot, job, _ = job_of(trade, "jobs", 1)
    postgres.psql(CROWD + "UPDATE ledger.import SET changed_at = '2007-07-01' WHERE name = 'crowd';"
                  "ALTER TABLE ledger.lot ADD CONSTRAINT planted CHECK (import <> 'crowd' OR whole_at IS NULL)")
    decide(trade, lot, REFUSE)
    settled(trade, lot)
    assert trade.must(200, "GET", f"/v1/placements/{job}")["state"] == "withdrawn"
