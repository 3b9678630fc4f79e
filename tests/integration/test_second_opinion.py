"""Many sessions at once, and afterwards every figure a second time (oracle/counts.py).

Sessions place the same people in the same vacancies, one by one and in batches, register, end,
void and undo, merge and unmerge, change facts and households, on days that follow each other;
whatever they did, the ledger's counts are those of its raw registers.  A household that changes while one of its people
is waited for may cost a deadlock, which the daemon answers by asking again; here it is left.
"""

import json
from collections import Counter
from datetime import date

import pytest

from oracle import counts as rules
from oracle import training
from oracle.registers import Registers
from test_ledger_sql import HELPERS, LEDGER, REGISTERS, Session, is_in, race

TOWN = (LEDGER / "town.sql").read_text()

# Ninety people at the edges: of working age and of 4050, from here and not, with every kind of fact.
PEOPLE = """
SELECT t.file((SELECT jsonb_agg(t.line('V' || i, 9, CASE WHEN i % 5 = 0
	THEN '{"place":"410105560002"}' ELSE '{}' END::jsonb)) FROM generate_series(1, 12) i));
SELECT t.seeker(n, jsonb_build_object('sex', 1 + n % 2, 'birth', ('{1957-07-20,1967-12-31,1968-01-01,'
		'1956-02-29,1991-07-12,1947-10-16,1980-01-01,1952-05-05}'::date[])[1 + n % 8],
		'group', ('{local,migrant,graduate,local}'::text[])[1 + n % 4],
		'hukou_division', CASE n % 4 WHEN 1 THEN '411500' ELSE '410105' END,
		'retirement_age', CASE WHEN n % 8 = 3 AND n % 3 = 0 THEN 55 END, 'retirement_evidence', 'e')
	|| CASE WHEN n % 8 IN (3, 4, 5) OR n % 5 = 4 THEN '{"unemployment":null}' ELSE jsonb_build_object(
		'unemployment', jsonb_build_object('since', ('{2007-01-10,2007-07-11,2007-07-12}'::date[])[1 + n % 3],
		'prior_job', n % 5 > 0, 'laid_off', CASE WHEN n % 6 = 0 THEN 'L4' END)) END
	|| CASE WHEN n % 3 = 0 THEN jsonb_build_object('certificate', jsonb_build_object('number', 'C' || n,
		'group', 'L1', 'issued_on', ('{2005-03-01,2006-03-01,2007-07-12}'::date[])[1 + n % 9 / 3],
		'valid_to', '2008-12-31', 'inspected', CASE WHEN n % 2 = 0 THEN '[2007]' ELSE '[]' END::jsonb))
		ELSE '{}' END
	|| CASE WHEN n % 7 = 0 THEN '{"recognitions":[{"code":"HC5","on":"2007-07-12"}]}' ELSE '{}' END::jsonb)
	FROM generate_series(1, 90) n;
SELECT t.household(ARRAY[n, n + 1], jsonb_build_object('community', CASE WHEN n % 4 = 0
	THEN '410105560003' ELSE '410105003001' END)) FROM generate_series(2, 88, 2) n;
SELECT t.approve('G-1', 3), t.approve('G-2', 2, '{"new":false}'),
	t.approve('G-3', 2, '{"community":"410105560003","approved_on":"2007-06-30"}');
UPDATE ledger.post_slot SET closed_on = ('{2007-07-29,2007-07-30}'::date[])[n]
	FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM ledger.post_slot) x
	WHERE x.id = post_slot.id AND x.n < 3;
SELECT t.lot(l, 'seekers', ARRAY(SELECT n FROM generate_series(1, 90) n WHERE n % 8 = l), (ARRAY[NULL, 'approve',
	'refuse'])[l], (ARRAY[NULL, '2007-07-13 23:59+08', '2007-07-14 00:00+08']::timestamptz[])[l]) FROM generate_series(1, 3) l;
SELECT t.seeker(n) FROM generate_series(301, 304) n;
SELECT t.household(ARRAY[n]) FROM generate_series(301, 304) n;
SELECT t.lot(3 + l, 'households', ARRAY(SELECT m.household FROM ledger.household_member m WHERE m.person = 300 + l), (ARRAY[NULL, 'approve',
	'refuse'])[l], (ARRAY[NULL, '2007-07-13 23:59+08', '2007-07-14 00:00+08']::timestamptz[])[l]) FROM generate_series(1, 3) l;
-- Some have moved today, and some are sent to two courses, of which not every one is approved.
SELECT t.moves(n, '410105560003') FROM generate_series(5, 90, 5) n;
SELECT t.course('2007-07-01', d, jsonb_build_object('kind', CASE WHEN i % 2 = 0 THEN 'entrepreneurship'
		ELSE 'skills' END, 'approval', CASE WHEN i <> 3 THEN 'A' END))
	FROM unnest('{2007-07-10,2007-07-11,2007-07-12,2007-07-13}'::date[]) WITH ORDINALITY u(d, i);
SELECT t.enrol(c.id, n, LEAST(c.until, DATE '2007-07-10' + n % 4), c.until, jsonb_build_object('outcome',
		(ARRAY['completed', 'passed', 'failed', 'dropped'])[1 + n % 7 % 4], 'attendance', 80 + n % 2))
	FROM ledger.course c, (SELECT s.id::int AS n FROM ledger.seeker s WHERE s.id <= 90) s WHERE (n + c.id) % 3 = 0;
"""

# What a session does, a transaction each; the days lie around today, many on the same one.
LIFE = """
DO $$
DECLARE
	x    float;
	one  text;
	who  bigint;
	them bigint[];
	day  date;
BEGIN
	PERFORM setseed(%d / 100.0);
	FOR n IN 1..90 LOOP
		x := random();
		who := 1 + floor(random() * 90);
		day := t.day() - floor(random() * random() * 60)::int;
		SELECT id::text INTO one FROM ledger.placement ORDER BY random() LIMIT 1;
		BEGIN
		IF x < 0.15 THEN
			PERFORM t.place(who, (SELECT id FROM ledger.vacancy ORDER BY random() LIMIT 1),
				jsonb_build_object('start_on', day));
		ELSIF x < 0.3 THEN
			PERFORM t.batch((array_agg(1 + floor(random() * 90)::bigint)), array_agg(v.id),
				array_agg(t.day() - floor(random() * random() * 60)::int))
				FROM (SELECT id FROM ledger.vacancy ORDER BY random() LIMIT 8) v;
		ELSIF x < 0.35 THEN
			PERFORM t.place(who, NULL, jsonb_build_object('kind', 'flexible', 'start_on', day + 20,
				'workplace', '410105003001'));
		ELSIF x < 0.55 THEN
			PERFORM t.register(one, 'bureau', jsonb_build_object('on', greatest(day, DATE '2007-07-05'),
				'community', CASE WHEN random() < 0.3 THEN '410105560003' ELSE '410105003001' END));
		ELSIF x < 0.68 THEN
			SELECT placement::text INTO one FROM ledger.employment WHERE ended_on IS NULL
				AND void_on IS NULL ORDER BY random() LIMIT 1;
			PERFORM t.ends(one, jsonb_build_object('on', t.day() - floor(random() * 3)::int, 'reason',
				('{resigned,dismissed,retired,dead,other,closed}'::text[])[1 + floor(random() * 6)::int]));
		ELSIF x < 0.78 THEN
			PERFORM t.change(one, CASE WHEN x < 0.74 THEN 'void' ELSE 'undo' END,
				CASE WHEN x < 0.74 THEN '{"code":"V2","reason":"r","evidence":"e"}'
				ELSE '{"reason":"r","evidence":"e"}' END::jsonb);
		ELSIF x < 0.79 THEN
			PERFORM t.merge(who, 1 + floor(random() * 90)::bigint);
		ELSIF x < 0.82 THEN
			PERFORM t.merge(m.survivor, m.duplicate, 'unmerge') FROM (SELECT * FROM ledger.merge
				WHERE undone_on IS NULL ORDER BY random() LIMIT 1) m;
		ELSIF x < 0.87 THEN
			SELECT placement::text INTO one FROM ledger.voiding WHERE decision IS NULL
				ORDER BY random() LIMIT 1;
			PERFORM t.change(one, 'decide', '{"decision":"approve","reason":"seen"}', 'bureau', true);
		ELSIF x < 0.93 THEN
			PERFORM t.fact(who, 'add unemployment', jsonb_build_object('since', day,
				'prior_job', random() < 0.8, 'laid_off', NULL));
		ELSIF x < 0.96 THEN
			PERFORM t.fact(c.person, 'void certificates', jsonb_build_object('on', day, 'reason', 'r'),
				c.id) FROM (SELECT * FROM ledger.certificate ORDER BY random() LIMIT 1) c;
			PERFORM t.fact(r.person, 'end recognitions', jsonb_build_object('on', t.day(),
				'reason', 'employed'), r.id) FROM (SELECT * FROM ledger.recognition
				ORDER BY random() LIMIT 1) r;
		ELSE
			SELECT array_agg(m.person) || who INTO them FROM ledger.household_member m
				WHERE m.household = (SELECT id FROM ledger.household ORDER BY random() LIMIT 1)
				AND m.left_on IS NULL AND m.person <> who AND random() < 0.7;
			PERFORM t.members((SELECT m.household FROM ledger.household_member m
				WHERE m.person = them[1] LIMIT 1), them);
		END IF;
		EXCEPTION WHEN deadlock_detected THEN NULL; -- the daemon would ask again
		END;
		COMMIT;
		PERFORM ops.turn_day(4101, 5);
		COMMIT;
	END LOOP;
END $$"""

# What holds whatever happened; an honest ledger answers nothing.
HOLDS = """
SELECT 'filled is the placements that are not void' FROM ledger.vacancy v WHERE filled <>
	(SELECT count(*) FROM ledger.placement p WHERE p.vacancy = v.id AND p.state <> 'void')
UNION ALL SELECT 'no two jobs at once' FROM ledger.work a JOIN ledger.work b USING (person)
	WHERE a.placement < b.placement AND a.start_on < coalesce(b.ended_on, 'infinity')
	AND b.start_on < coalesce(a.ended_on, 'infinity')
UNION ALL SELECT 'seeker ' || id || ' is as active as she should be' FROM ledger.seeker s
	WHERE active <> (NOT EXISTS (SELECT FROM ledger.work w WHERE w.person = s.id
		AND (w.ended_on IS NULL OR w.ended_on > t.day()))
	AND withdrawn_on IS NULL AND merged_into IS NULL)
UNION ALL SELECT 'seeker ' || id || ' has her rank and its end: ' || (s.rank, s.rank_reason, s.rank_on, s.age_class, s.class_until, s.turn_on, r)::text FROM ledger.seeker s,
	LATERAL ledger.rank_of(4101, id, t.day()) r
	WHERE (s.rank, s.age_class, s.class_until) IS DISTINCT FROM (r.rank, r.age_class, r.class_until)
UNION ALL SELECT 'seeker ' || id || ' is looked at in time' FROM ledger.seeker
	WHERE coalesce(turn_on, 'infinity') > coalesce(class_until, 'infinity')
UNION ALL SELECT 'vacancy ' || v.id || ' is looked at when it lapses' FROM ledger.vacancy v
	JOIN ledger.vacancy_standing s ON s.vacancy = v.id
	WHERE s.turn_on IS DISTINCT FROM CASE WHEN v.open THEN s.lapses_on END
UNION ALL SELECT 'an employment is its placement''s' FROM ledger.employment e
	JOIN ledger.placement p ON p.id = e.placement
	WHERE (p.seeker, p.start_on, p.state = 'void') IS DISTINCT FROM
		(e.person, e.start_on, e.void_on IS NOT NULL)
UNION ALL SELECT 'every version of ' || s.id || ' is an event' FROM ledger.seeker s WHERE version <>
	(SELECT count(*) FROM ops.outbox o WHERE entity = 's' AND entity_id = s.id)
UNION ALL SELECT 'every version is an event' FROM ledger.vacancy v WHERE version <>
	(SELECT count(*) FROM ops.outbox o WHERE entity = 'v' AND entity_id = v.id)
UNION ALL SELECT 'the newest event is the row' FROM ledger.seeker s WHERE record <>
	(SELECT o.record FROM ops.outbox o WHERE entity = 's' AND entity_id = s.id AND o.version = s.version)
UNION ALL SELECT 'what stood before is kept' FROM ledger.seeker_past a
	WHERE NOT EXISTS (SELECT FROM ledger.seeker s WHERE s.id = a.seeker AND s.version > a.version)
"""

DAYS = ("2007-07-12", "2007-07-13", "2007-07-21", "2007-10-16")
ASKED = [date(2007, 1, 1), date(2007, 5, 1), *(date(2007, 7, d) for d in range(8, 24)),
         date(2007, 9, 27), date(2007, 9, 28), date(2007, 9, 30), date(2007, 10, 1),
         date(2007, 10, 12), date(2007, 10, 15), date(2007, 10, 16), date(2007, 12, 31)]


def ledgers(postgres, year, as_of):
    """What the ledger counts, as the oracle says it."""
    rows = json.loads(postgres.psql(
        f"SELECT json_build_array((SELECT coalesce(json_agg(c), '[]') FROM (SELECT * FROM ledger.counted(4101,"
        f" {year}, '{as_of}', NULL) UNION ALL SELECT * FROM ledger.trained(4101, {year}, '{as_of}', NULL)) c), (SELECT coalesce(json_agg(f), '[]')"
        f" FROM ledger.figures(4101, {year}, '{as_of}') f))"))
    held = {(c["target"], c["person"]): (c["placement"], c["unit"] or "unassigned") for c in rows[0]}
    sums = {(f["target"], f["unit"]): (f["n"], f["lost"]) for f in rows[1]}
    return held, sums


def compare(postgres, days, year=2007):
    """What the two say of each day must be the same; answers how often each target was counted."""
    registers = Registers.of_ledger(postgres)
    seen = Counter()
    for day in days:
        held, sums = ledgers(postgres, year, day)
        mine = rules.counted(registers, year, day) | training.trained(registers, year, day)
        assert {k: v for k, v in held.items() if mine.get(k) != v} == \
            {k: v for k, v in mine.items() if held.get(k) != v} == {}, f"as of {day}"
        assert sums == rules.figures(registers, year, day), f"as of {day}"
        for (target, _), (n, lost) in sums.items():
            seen[target] += n
            seen["lost"] += lost
    return seen


def move_to(postgres, day):
    postgres.psql(f"SELECT ops.create_city(4101, '测试市', '4101', true, '{day} 10:00+08', 2007)")
    while int(postgres.psql("SELECT ops.turn_day(4101, 50)")) >= 50:
        pass


@pytest.fixture
def town(postgres):
    postgres.psql(HELPERS + REGISTERS + TOWN)
    return postgres


def test_every_figure_is_what_the_registers_say(town):
    town.psql(PEOPLE)
    for n, day in enumerate(DAYS):
        move_to(town, day)
        sessions = [Session(town, f"life{s}") for s in range(4)]
        for s, session in enumerate(sessions):
            session.say(LIFE % (n * 4 + s))
        for session in sessions:
            session.finish(120)
        assert town.psql(HOLDS) == "", day
    # Whatever chance has voided, somebody is left who counts by a certificate.
    town.psql("SELECT t.seeker(200, '{\"certificate\":{\"number\":\"C200\",\"group\":\"L1\","
              "\"issued_on\":\"2006-03-01\",\"valid_to\":\"2008-12-31\",\"inspected\":[2007]}}')")
    works(town, 200, "2007-07-12", '{"workplace":"410105003001"}')
    for n in range(301, 305):
        works(town, n, "2007-07-12", '{"workplace":"410105003001"}')
    seen = compare(town, ASKED)
    assert all(seen[t] > 0 for t in ("T1", "T2", "T3", "T4", "T5", "T6", "T7", "T10", "lost")), seen
    compare(town, [date(2008, 1, 16)], 2008)


def works(town, who, start, more="{}"):
    return town.psql(f"SELECT t.works({who}, '{start}', '{more}')")


def counts(town, who):
    return town.psql(f"SELECT t.counts({who})")


def test_a_void_taken_back_leaves_a_later_registration(town):
    """Her second job counts for the registration that followed the first, void or not between."""
    town.psql("SELECT t.seeker(1, '{\"unemployment\":{\"since\":\"2007-01-10\",\"prior_job\":false,"
              "\"laid_off\":null}}')")
    first = works(town, 1, "2007-02-01")
    town.psql(f"SELECT t.ends('{first}', '{{\"on\":\"2007-04-01\",\"reason\":\"dismissed\"}}');"
              "SELECT t.fact(1, 'add unemployment', '{\"since\":\"2007-04-02\",\"prior_job\":true}')")
    assert town.psql("SELECT t.rank(1)") == "P5 registered-unemployed"
    standing = "SELECT since, ended_on, ended_by IS NULL FROM ledger.unemployment ORDER BY since"
    before = town.psql(standing)
    town.psql(f"SELECT t.void('{first}'); SELECT t.void('{first}', 'bureau', 'undo')")
    assert town.psql(standing) == before
    assert town.psql("SELECT t.rank(1)") == "P5 registered-unemployed"
    works(town, 1, "2007-06-01", '{"employer":"600037341"}')
    assert counts(town, 1) == "T1 T2"


def test_a_registration_a_void_opens_again_ends_with_the_next_job(town):
    town.psql("SELECT t.seeker(1)")
    first = works(town, 1, "2007-02-01")
    town.psql(f"SELECT t.ends('{first}', '{{\"on\":\"2007-04-01\",\"reason\":\"dismissed\"}}')")
    second = works(town, 1, "2007-05-01", '{"employer":"600037341"}')
    assert counts(town, 1) == "T1 T2"
    town.psql(f"SELECT t.void('{first}')")
    assert counts(town, 1) == "T1 T2" # by the second job now
    ended = "SELECT ended_on, ended_by FROM ledger.unemployment"
    assert town.psql(ended) == f"2007-05-01|{second}"
    town.psql(f"SELECT t.void('{first}', 'bureau', 'undo')")
    assert town.psql(ended) == f"2007-02-01|{first}"
    town.psql(f"SELECT t.ends('{second}', '{{\"on\":\"2007-07-12\",\"reason\":\"closed\"}}')")
    assert town.psql("SELECT t.rank(1)") == "P6 other"


def test_a_registration_that_a_void_opens_ends_where_a_withdrawal_would_have_ended_it(town):
    """The seeker gave up between the job and its void, and came back later without registering."""
    town.psql("SELECT t.seeker(1)")
    job = works(town, 1, "2007-02-01")
    town.psql(f"SELECT t.ends('{job}', '{{\"on\":\"2007-04-01\",\"reason\":\"dismissed\"}}');"
              "SELECT t.fact(1, 'withdraw', '{\"on\":\"2007-07-12\",\"reason\":\"gave_up\"}');"
              "SELECT t.fact(1, 'return', '{}')")
    ended = "SELECT ended_on, ended_by, end_reason FROM ledger.unemployment"
    town.psql(f"SELECT t.void('{job}')")
    assert town.psql(ended) == "2007-07-12||gave_up"
    assert town.psql("SELECT t.rank(1)") == "P6 other"
    town.psql(f"SELECT t.void('{job}', 'bureau', 'undo')")
    assert town.psql(ended) == f"2007-02-01|{job}|"
    town.psql(f"SELECT t.void('{job}')")
    assert town.psql(ended) == "2007-07-12||gave_up"


def decide(placement):
    return f"t.change('{placement}', 'decide', '{{\"decision\":\"approve\",\"reason\":\"r\"}}', 'bureau', true)"


def test_a_void_that_waited_for_a_merge_frees_who_has_the_placement_now(town):
    town.psql("SELECT t.seeker(1); SELECT t.seeker(2)")
    job = works(town, 2, "2007-07-02")
    town.psql(f"SELECT t.change('{job}', 'void', '{{\"code\":\"V1\",\"reason\":\"r\",\"evidence\":\"e\"}}')")
    merged, decided = race(town, "t.merge(1, 2)", decide(job))
    assert (merged["status"], decided["code"]) == (201, "ok")
    assert town.psql("SELECT id, active, rank_reason FROM ledger.seeker ORDER BY id") == \
        "1|t|registered-unemployed\n2|f|other"
    assert counts(town, 1) == ""


def test_the_end_of_a_job_that_waited_for_a_merge_is_hers_who_has_it_now(town):
    town.psql("SELECT t.seeker(1); SELECT t.seeker(2)")
    job = works(town, 2, "2007-07-02")
    merged, ended = race(town, "t.merge(1, 2)",
                         f"t.ends('{job}', '{{\"on\":\"2007-07-12\",\"reason\":\"closed\"}}')")
    assert (merged["status"], ended["code"]) == (201, "ok")
    assert town.psql("SELECT id FROM ledger.seeker WHERE active") == "1"


def test_who_came_into_a_household_meanwhile_has_her_rank_too(town):
    """2 joins the household of 1 while a placement of 2 waits for her row."""
    town.psql("SELECT t.seeker(n) FROM generate_series(1, 2) n; SELECT t.household('{1}')")
    joined, placed = race(town, "t.members((SELECT max(id) FROM ledger.household), '{1,2}')",
                          "t.place(2, NULL, '{\"kind\":\"self\"}')")
    assert (joined["code"], placed["code"]) == ("ok", "ok")
    assert town.psql("SELECT string_agg(t.rank(n), ', ') FROM generate_series(1, 2) n") == \
        "P1 zero-employment-household, P1 zero-employment-household"
    town.psql("SELECT t.register((SELECT max(id)::text FROM ledger.placement))")
    assert town.psql("SELECT string_agg(t.rank(n), ', ') FROM generate_series(1, 2) n") == \
        "P5 registered-unemployed, P6 employed"


def test_nobody_is_looked_at_too_late(town):
    town.psql("SELECT t.seeker(1); SELECT t.file(jsonb_build_array(t.line('A', 1)));"
              "SELECT t.batch('{1}', ARRAY[(SELECT id FROM ledger.vacancy)], '{2007-07-12}')")
    assert town.psql("SELECT active, turn_on <= class_until FROM ledger.seeker") == "f|t"
    for late in ("NULL", "'infinity'", "class_until + 1"):
        said = town.psql(f"DO $$ BEGIN UPDATE ledger.seeker SET version = version + 1, turn_on = {late};"
                         "EXCEPTION WHEN check_violation THEN RAISE NOTICE 'no'; RETURN; END $$;"
                         "SELECT count(*) FROM ledger.seeker WHERE turn_on <= class_until")
        assert said == "1", late


def test_two_that_close_and_refer_leave_her_as_busy_as_she_is(town):
    """A vacancy closes while a third referral of hers is made: two are left, and she is free."""
    town.psql("""SELECT t.seeker(1);
        SELECT t.file((SELECT jsonb_agg(t.line('V' || i, 1)) FROM generate_series(1, 3) i))""")
    refer = ("t.fold(ARRAY(SELECT r FROM api.create_referral(4101, t.kid('bureau'), t.secret('bureau'),"
             " t.actor('bureau'), gen_random_uuid()::text, '\\x01', jsonb_build_object('seeker',"
             " ledger.seeker_text(1), 'vacancy', (SELECT id::text FROM ledger.vacancy WHERE ref = '{}'),"
             " 'decided_on', '{{}}'::jsonb), '{{\"ahead\":[]}}') r))")
    for ref in ("V1", "V2"):
        assert town.psql(f"SELECT {refer.format(ref)}->>'status'") == "201"
    closer = Session(town, "closer")
    closer.say("BEGIN")
    closer.say("UPDATE ledger.vacancy SET open = false, version = version + 1, closed_on = t.day(),"
               " closed_reason = 'lapsed' WHERE ref = 'V1'")
    is_in(town, closer, "state = 'idle in transaction' AND query LIKE 'UPDATE%'")
    other = Session(town, "other")
    other.say(f"SELECT {refer.format('V3')}")
    is_in(town, other, "wait_event_type = 'Lock'")
    closer.say("COMMIT")
    closer.finish()
    assert other.finish()[0]["status"] == 201
    assert town.psql("SELECT busy, ledger.live_referrals(4101, 1, ledger.app_now(4101))"
                     " FROM ledger.seeker") == "f|2"
