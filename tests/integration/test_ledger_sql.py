"""The ledger's SQL by itself: every rule through psql, and what only two sessions can show.

ledger/helpers.sql makes the sample city and says how the functions are called (town.sql is of
test_second_opinion.py); each other file there is a subject and raises at the first assertion
that fails.
"""

import json
import subprocess
from pathlib import Path

import pytest

from harness.registers import ROWS
from harness.wait import wait_for

LEDGER = Path(__file__).resolve().parent / "ledger"
HELPERS = (LEDGER / "helpers.sql").read_text()
REGISTERS = f"SELECT ops.load_registers($rows${json.dumps(ROWS)}$rows$);"


@pytest.mark.parametrize("subject", sorted(p.stem for p in LEDGER.glob("*.sql") if p.stem not in ("helpers", "town")))
def test_subject(postgres, subject):
    postgres.psql(HELPERS + REGISTERS + (LEDGER / f"{subject}.sql").read_text())


class Session:
    """A psql of its own, fed line by line; it blocks where PostgreSQL blocks."""

    def __init__(self, postgres, name):
        self.name = name
        self.process = subprocess.Popen(
            ["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-d", f"{postgres.dsn} application_name={name}"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def say(self, sql):
        self.process.stdin.write(sql + ";\n")
        self.process.stdin.flush()

    def finish(self, seconds=30):
        out, _ = self.process.communicate(timeout=seconds)
        assert self.process.returncode == 0, out
        return [json.loads(line) for line in out.splitlines() if line.startswith("{")]


def is_in(postgres, session, condition):
    return wait_for(lambda: postgres.psql(
        f"SELECT count(*) FROM pg_stat_activity WHERE application_name = '{session.name}'"
        f" AND {condition}") == "1", what=f"{session.name} {condition}")


def race(postgres, first, second):
    """`first` has run and holds its locks when `second` runs into them; then `first` commits."""
    a, b = Session(postgres, "first"), Session(postgres, "second")
    a.say("BEGIN")
    a.say(f"SELECT {first}")
    is_in(postgres, a, "state = 'idle in transaction' AND query LIKE 'SELECT t.%'")
    b.say(f"SELECT {second}")
    is_in(postgres, b, "wait_event_type = 'Lock'")
    a.say("COMMIT")
    return a.finish()[0], b.finish()[0]


@pytest.fixture
def city(postgres):
    postgres.psql(HELPERS + """
        SELECT t.file(jsonb_build_array(t.line('A', 1), t.line('B', 5)));
        SELECT t.seeker(n) FROM generate_series(1, 4) n;
    """)
    return postgres


def vacancy(postgres, ref):
    return int(postgres.psql(f"SELECT id FROM ledger.vacancy WHERE ref = '{ref}'"))


def test_a_slot_is_placed_or_reserved_never_both(city):
    city.psql("""SELECT t.approve('G-1', 1);
        SELECT t.seeker(5, '{"recognitions":[{"code":"HC6e","on":"2007-05-01"}]}');""")
    placed, filed = race(city, "t.place(5, NULL, '{\"kind\":\"pwp\",\"approval\":\"G-1\"}')",
                         "t.file(jsonb_build_array(t.line('A', 1), t.line('B', 5), "
                         "t.line('R', 1, '{\"reserved\":true,\"approval\":\"G-1\"}')))")
    assert placed["code"] == "ok"
    assert filed["body"]["errors"][0]["rule"] == "approved-posts"


def test_a_twin_with_the_same_key_waits_and_gets_the_first_answer(city):
    call = f"t.place(1, {vacancy(city, 'B')}, p_idem => 'once')"
    first, second = race(city, call, call)
    assert (first["status"], first["label"]) == (201, "")
    assert (second["status"], second["label"]) == (201, "replayed")
    assert second["body"] == first["body"]
    assert city.psql("SELECT count(*) FROM ledger.placement") == "1"


def test_a_twin_with_another_key_gets_the_first_answer_too(city):
    b = vacancy(city, "B")
    first, second = race(city, f"t.place(1, {b}, p_idem => 'x')", f"t.place(1, {b}, p_idem => 'y')")
    assert (first["status"], second["status"], second["label"]) == (201, 200, "replayed")
    assert first["body"].items() <= second["body"].items()
    assert [s["decides"] for s in second["body"]["sources"]] == [True]
    assert city.psql("SELECT filled FROM ledger.vacancy WHERE ref = 'B'") == "1"


def test_the_last_post_is_given_once(city):
    a = vacancy(city, "A")
    first, second = race(city, f"t.place(1, {a})", f"t.place(2, {a})")
    assert (first["code"], second["code"]) == ("ok", "vacancy-filled")
    assert city.psql("SELECT filled FROM ledger.vacancy WHERE ref = 'A'") == "1"


def test_one_seeker_takes_one_of_two_vacancies(city):
    first, second = race(city, f"t.place(1, {vacancy(city, 'A')})", f"t.place(1, {vacancy(city, 'B')})")
    assert (first["code"], second["code"]) == ("ok", "seeker-placed")


def test_posts_are_not_cut_below_a_placement_that_is_being_made(city):
    b = vacancy(city, "B")
    city.psql(f"SELECT t.place(1, {b})")
    first, second = race(city, f"t.place(2, {b})",
                         "t.file(jsonb_build_array(t.line('A', 1), t.line('B', 1)))")
    assert (first["code"], second["code"]) == ("ok", "posts-below-placements")


def test_two_filings_of_one_return_come_one_after_the_other(city):
    first, second = race(city, "t.file(jsonb_build_array(t.line('A', 2), t.line('B', 5)), p_if_match => 1)",
                         "t.file(jsonb_build_array(t.line('A', 3), t.line('B', 5)), p_if_match => 1)")
    assert (first["code"], second["code"]) == ("ok", "version-changed")
    assert second["body"] == {"version": 2}


def test_one_citizen_number_is_registered_once(city):
    first, second = race(city, "t.seeker(50, '{\"citizen\":\"n\"}')", "t.seeker(51, '{\"citizen\":\"n\"}')")
    assert (first["status"], second["code"]) == (201, "already-registered")
    assert second["body"]["seeker"] == f"{50:016x}"


def test_two_members_of_a_household_found_work_at_once(city):
    """Both calls change both members: the lock order keeps them from deadlock."""
    city.psql("SELECT t.household('{1,2}')")
    jobs = [city.psql(f"SELECT t.place({n}, NULL, '{{\"kind\":\"self\"}}')#>>'{{body,placement}}'")
            for n in (2, 1)]
    first, second = race(city, *(f"t.register('{job}')" for job in jobs))
    assert (first["code"], second["code"]) == ("ok", "ok")
    assert city.psql("SELECT string_agg(t.rank(n), ', ') FROM generate_series(1, 2) n") == \
        "P6 employed, P6 employed"


def test_the_outbox_shows_nothing_above_an_open_transaction(city):
    """A later id that committed first must wait for the earlier xid, or it would be skipped."""
    position = city.psql("SELECT xid || ',' || id FROM ops.read_outbox(4101, 0, 0, 1000) OFFSET 5")
    read = f"SELECT string_agg(entity_id::text, ',') FROM ops.read_outbox(4101, {position}, 1000)"
    slow = Session(city, "slow")
    slow.say("BEGIN")
    slow.say("SELECT t.place(3, NULL, '{\"kind\":\"self\"}')")
    is_in(city, slow, "state = 'idle in transaction' AND query LIKE 'SELECT t.%'")
    city.psql("SELECT t.place(4, NULL, '{\"kind\":\"self\"}')")
    assert city.psql(read) == ""
    pid = city.psql("SELECT horizon_pid FROM ops.heartbeat(4101)")
    assert pid == city.psql("SELECT pid FROM pg_stat_activity WHERE application_name = 'slow'")
    slow.say("COMMIT")
    slow.finish()
    assert city.psql(read) == "3,4"
    assert city.psql("SELECT horizon_pid FROM ops.heartbeat(4101)") == "0"


# Places, voids and undoes, registers and refiles at random, a transaction each; %d is the seed.
TRADE = """
DO $$
DECLARE
	x   float;
	one text;
BEGIN
	PERFORM setseed(%d / 100.0);
	FOR n IN 1..100 LOOP
		x := random();
		SELECT id::text INTO one FROM ledger.placement WHERE state <> 'void' ORDER BY random() LIMIT 1;
		IF x < 0.5 THEN
			PERFORM t.place(1 + floor(random() * 16)::int, (SELECT id FROM ledger.vacancy
				WHERE random() < 0.8 ORDER BY random() LIMIT 1));
		ELSIF x < 0.75 AND one IS NOT NULL THEN
			PERFORM t.change(one, 'void', '{"code":"V2","reason":"r","evidence":"e"}');
			COMMIT;
			PERFORM t.change(one, 'decide', '{"decision":"approve","reason":"seen"}', 'bureau', true);
		ELSIF x < 0.85 AND one IS NOT NULL THEN
			PERFORM t.register(one);
		ELSIF x < 0.9 THEN
			SELECT id::text INTO one FROM ledger.placement WHERE state = 'void' ORDER BY random() LIMIT 1;
			PERFORM t.change(one, 'undo', '{"reason":"r","evidence":"e"}');
			COMMIT;
			PERFORM t.change(one, 'decide', '{"decision":"approve","reason":"seen"}', 'bureau', true);
		ELSE
			PERFORM t.file(jsonb_build_array(t.line('A', 1 + floor(random() * 3)::int),
				t.line('B', 1 + floor(random() * 4)::int)));
		END IF;
		COMMIT;
		PERFORM ops.turn_day(4101, 5);
		COMMIT;
	END LOOP;
END $$"""

# Each says what is wrong and how often; an honest ledger answers nothing.
INVARIANTS = """
SELECT 'filled is the placements that are not void' FROM ledger.vacancy v WHERE filled <>
	(SELECT count(*) FROM ledger.placement p WHERE p.vacancy = v.id AND p.state <> 'void')
UNION ALL SELECT 'nobody has two jobs' FROM ledger.placement WHERE state <> 'void'
	GROUP BY seeker HAVING count(*) > 1
UNION ALL SELECT 'who has a job is inactive' FROM ledger.seeker s WHERE active =
	EXISTS (SELECT FROM ledger.placement p WHERE p.seeker = s.id AND p.state <> 'void')
UNION ALL SELECT 'every version is an event' FROM ledger.vacancy v WHERE version <>
	(SELECT count(*) FROM ops.outbox o WHERE entity = 'v' AND entity_id = v.id)
UNION ALL SELECT 'every version is an event' FROM ledger.seeker s WHERE version <>
	(SELECT count(*) FROM ops.outbox o WHERE entity = 's' AND entity_id = s.id)
UNION ALL SELECT 'the newest event is the row' FROM ledger.seeker s WHERE record <>
	(SELECT o.record FROM ops.outbox o WHERE entity = 's' AND entity_id = s.id AND o.version = s.version)
UNION ALL SELECT 'ranks are what they would be' FROM ledger.seeker
	WHERE rank <> (ledger.rank_of(4101, id, '2007-07-12')).rank
UNION ALL SELECT 'a deadlock' FROM pg_stat_database WHERE datname = current_database() AND deadlocks > 0
"""


def test_four_at_once_leave_the_ledger_honest(city):
    city.psql("SELECT t.seeker(n) FROM generate_series(5, 16) n;"
              "SELECT t.household('{1,2,3}'); SELECT t.household('{4,5}'); SELECT t.household('{6,7,8}')")
    sessions = [Session(city, f"trader{seed}") for seed in range(1, 5)]
    for seed, session in enumerate(sessions, 1):
        session.say(TRADE % seed)
    for session in sessions:
        session.finish()
    assert city.psql(INVARIANTS) == ""


def test_every_write_knows_a_call_that_comes_again(city):
    """By its Idempotency-Key, else by the call's own number; a list's placements each by theirs."""
    without = city.psql(r"""SELECT proname FROM pg_proc WHERE pronamespace = 'api'::regnamespace
        AND prosrc ~ 'api\.keep\(|INSERT INTO ledger\.action'
        AND prosrc !~ 'admit_once|admit_call|said_to_call' AND proname <> 'keep' ORDER BY proname""")
    assert without.split() == ["report_placements"]


def test_the_closings_of_a_file_take_people_in_their_order(city):
    """Who is referred to the line that closes first comes behind who is referred to the second."""
    for ref, person in (("A", 2), ("B", 1)):
        city.psql("SELECT t.is('referred', t.fold(ARRAY(SELECT r FROM api.create_referral(4101, t.kid('bureau'),"
                  f" t.secret('bureau'), t.actor('bureau'), '{ref}', '\\x01', jsonb_build_object('seeker',"
                  f" ledger.seeker_text({person}), 'vacancy', '{vacancy(city, ref)}'), '{{}}') r))->>'status', '201')")
    other, file = Session(city, "other"), Session(city, "file")
    other.say("BEGIN")
    other.say("SELECT FROM ledger.seeker WHERE id = 1 FOR NO KEY UPDATE")
    is_in(city, other, "state = 'idle in transaction' AND query LIKE 'SELECT FROM ledger.seeker%'")
    file.say("SELECT t.fold(ARRAY(SELECT r FROM api.import_batch(4101, t.kid('firm'), t.secret('firm'), ' r',"
             " 'returns', NULL, NULL, 0, (SELECT json_agg(t.line(ref) || jsonb_build_object('n', n, 'employer',"
             " '123456788', 'district', '410105', 'quarter', '2007Q2', 'closing', '{\"reason\":\"withdrawn\"}'"
             "::jsonb)) FROM (VALUES (1, 'A'), (2, 'B')) x (n, ref)), 2, 0, '') r))")
    is_in(city, file, "wait_event_type = 'Lock'")
    city.psql("SELECT FROM ledger.seeker WHERE id = 2 FOR NO KEY UPDATE NOWAIT")
    other.say("COMMIT")
    other.finish()
    assert [r[0] for r in file.finish()[0]["body"]["receipts"]] == ["closed", "closed"]
