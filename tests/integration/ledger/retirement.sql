-- Retirement ages that are known and unknown, in rank, 4050, households and counts
-- (rules/retirement).  Today is 2007-07-12.

CREATE FUNCTION t.class(p_id bigint, p_day date DEFAULT '2007-07-12') RETURNS text LANGUAGE sql AS $$
	SELECT ledger.age_class_name(ledger.age_class_of(4101, p_id, p_day)) || ' ' || coalesce(
		ledger.retirement_age(4101, p, p_day)::text, 'unknown')
	FROM ledger.person p WHERE p.city = 4101 AND p.id = p_id
$$;

DO $$
DECLARE
	who    record;
	fact55 text := '"retirement_age":55,"retirement_evidence":"cadre"';
	h      bigint;
	a      jsonb;
BEGIN
	FOR who IN SELECT * FROM (VALUES
		(1, '2', '1957-07-13', NULL, 'working 50', 'P5 registered-unemployed'), -- 50 tomorrow
		(2, '2', '1957-07-12', NULL, 'unknown unknown', 'P6 retirement-unproven'), -- today
		(3, '2', '1952-07-13', NULL, 'unknown unknown', 'P6 retirement-unproven'), -- 55 tomorrow
		(4, '2', '1952-07-12', NULL, 'retired unknown', 'P6 not-working-age'), -- today
		(5, '2', '1957-07-12', 55, 'working 55', 'P2 4050'),
		(6, '2', '1957-07-12', 50, 'retired 50', 'P6 not-working-age'),
		(7, '2', '1952-07-13', 55, 'working 55', 'P5 registered-unemployed'), -- 55 at the year's end
		(8, '2', '1952-07-12', 55, 'retired 55', 'P6 not-working-age'),
		(9, '2', '1950-01-01', 60, 'working 60', 'P2 4050'),
		(10, '2', '1962-07-12', 45, 'retired 45', 'P6 not-working-age'), -- disability
		(11, '2', '1962-07-12', NULL, 'working 50', 'P2 4050'),
		(12, '1', '1947-07-13', NULL, 'working 60', 'P5 registered-unemployed'),
		(13, '1', '1947-07-12', NULL, 'retired 60', 'P6 not-working-age'),
		(14, '1', '1952-07-12', 55, 'retired 55', 'P6 not-working-age'), -- a special trade
		(15, '1', '1955-01-01', NULL, 'working 60', 'P2 4050'))
			v(id, sex, birth, age, class, rank) LOOP
		PERFORM t.seeker(who.id, jsonb_build_object('sex', who.sex, 'birth', who.birth,
			'retirement_age', who.age, 'retirement_evidence', 'letter'));
		PERFORM t.is('class of ' || who.id, t.class(who.id), who.class);
		PERFORM t.is('rank of ' || who.id, t.rank(who.id), who.rank);
		PERFORM t.is('the same in the register and the record', (SELECT ledger.age_class_name(s.age_class)
			FROM ledger.seeker s WHERE s.id = who.id), split_part(who.class, ' ', 1));
		PERFORM t.works(who.id, '2007-07-12');
		PERFORM t.is('T1 of ' || who.id, t.why(who.id, 'T1'), CASE split_part(who.class, ' ', 1)
			WHEN 'unknown' THEN 'retirement-unproven' WHEN 'retired' THEN 'past-retirement' ELSE 'counts' END);
		PERFORM t.is('T4 of ' || who.id, t.why(who.id, 'T4'), CASE
			WHEN who.rank = 'P2 4050' THEN 'counts' WHEN split_part(who.class, ' ', 1) = 'unknown' OR who.id = 1
			THEN 'retirement-unproven' WHEN split_part(who.class, ' ', 1) = 'retired' THEN 'past-retirement'
			ELSE 'not-hard-to-employ' END);
	END LOOP;
	PERFORM t.is('it says what decides', (SELECT count(*) FROM jsonb_array_elements(
		ledger.person_progress_json(4101, 2, 2007, '2007-07-12')->'targets') x
		WHERE x->>'en' LIKE '%worker 50, cadre 55%' AND x->>'zh' LIKE '%工人50、干部55%'
		  AND x->>'rule_page' = '/rules/retirement'), 4::bigint);

	-- the day it becomes unknown, and the day it ends, are days on which the class changes
	PERFORM t.seeker(20, '{"birth":"1957-07-13"}');
	PERFORM t.is('until 50', (SELECT class_until FROM ledger.seeker WHERE id = 20), DATE '2007-07-13');
	PERFORM t.seeker(21, '{"birth":"1955-03-03"}');
	PERFORM t.is('until 55', (SELECT class_until FROM ledger.seeker WHERE id = 21), DATE '2010-03-03');
	PERFORM t.is('then retired', t.class(21, '2010-03-03'), 'retired unknown');

	-- a fact holds from its day on
	a := t.fact(21, 'add retirement', '{"age":55,"since":"2007-07-10","evidence":"letter"}');
	PERFORM t.is('then 4050', a#>>'{body,rank_reason}', '4050');
	PERFORM t.is('of working age', a#>>'{body,age_class}', 'working');
	PERFORM t.is('unknown the day before', t.class(21, '2007-07-09'), 'unknown unknown');
	PERFORM t.works(21, '2007-07-09');
	PERFORM t.is('and for what began then', t.why(21, 'T1'), 'retirement-unproven');
	PERFORM t.seeker(22, '{"birth":"1955-03-03"}');
	PERFORM t.fact(22, 'add retirement', '{"age":50,"since":"2007-07-01","evidence":"letter"}');
	PERFORM t.is('a worker is retired', t.rank(22), 'P6 not-working-age');

	-- a registration as unemployed stands, and gives a rank once the age is known
	PERFORM t.seeker(23, '{"birth":"1955-03-03","unemployment":null}');
	a := t.fact(23, 'add unemployment', '{"since":"2007-07-01","prior_job":true,"laid_off":null}');
	PERFORM t.is('registered', a->>'status', '201');
	PERFORM t.is('no rank yet', a#>>'{body,rank_reason}', 'retirement-unproven');
	a := t.fact(23, 'add retirement', '{"age":55,"since":"2007-07-12","evidence":"letter"}');
	PERFORM t.is('now there is', a#>>'{body,rank_reason}', '4050');
	PERFORM t.seeker(24, '{"birth":"1951-03-03","unemployment":null}');
	PERFORM t.is('not past both ages', t.fact(24, 'add unemployment',
		'{"since":"2007-07-01","prior_job":true,"laid_off":null}')#>>'{body,errors,0,rule}', 'not-working-age');
END $$;

-- Households: whether somebody is of W(d) is unknown.
DO $$
DECLARE
	h bigint;
	a jsonb;
	p text;
BEGIN
	PERFORM t.seeker(30, '{"sex":1,"birth":"1970-02-02"}');
	PERFORM t.seeker(31, '{"birth":"1955-02-02"}');
	PERFORM t.seeker(32, '{"birth":"1957-07-14"}');
	a := t.household('{30,31}');
	PERFORM t.is('not determined', a->>'code', 'not-zero-employment');
	PERFORM t.is('for her', a#>>'{body,member}', ledger.seeker_text(31));
	PERFORM t.is('whose age is unknown', a#>>'{body,reason}', 'retirement-unproven');
	a := t.household('{30,32}');
	PERFORM t.is('49 is of working age', a#>>'{body,state}', 'open');
	h := (a#>>'{body,household}')::bigint;
	PERFORM t.is('P1', t.rank(32), 'P1 zero-employment-household');
	PERFORM t.is('holds today', (ledger.household_json(4101, h, '2007-07-12')->>'to_verify')::boolean, false);
	PERFORM t.is('until her birthday', (SELECT class_until FROM ledger.seeker WHERE id = 32), DATE '2007-07-14');
	a := ledger.household_json(4101, h, '2007-07-14');
	PERFORM t.is('open, to be verified', (a->>'state') || (a->>'to_verify'), 'opentrue');
	PERFORM t.is('by her', (SELECT string_agg((m->>'seeker') || ' ' || (m->>'fails'), ',')
		FROM jsonb_array_elements(a->'members') m WHERE m->>'fails' IS NOT NULL), ledger.seeker_text(32) || ' retirement-unproven');
	PERFORM t.is('he keeps P1', (ledger.rank_of(4101, 30, '2007-07-14')).reason, 'zero-employment-household');
	PERFORM t.is('she has none', (ledger.rank_of(4101, 32, '2007-07-14')).reason, 'retirement-unproven');
	-- her work neither helps nor clears while it is unknown whether she would have to
	UPDATE ledger.city SET fixed_clock = '2007-07-20 10:00+08';
	p := t.works(32, '2007-07-16');
	PERFORM t.is('still open', ledger.household_state(4101, h, '2007-07-20'), 'open');
	PERFORM t.is('nor after three months', ledger.household_state(4101, h, '2007-10-16'), 'open');
	PERFORM t.is('a cadre helps it', t.fact(32, 'add retirement', '{"age":55,"since":"2007-07-14","evidence":"letter"}')->>'status', '201');
	PERFORM t.is('helped', ledger.household_state(4101, h, '2007-07-20'), 'helped');
	PERFORM t.is('and clears it', ledger.household_state(4101, h, '2007-10-16'), 'cleared');
	PERFORM t.is('he falls back', t.rank(30), 'P5 registered-unemployed');
END $$;

-- Nobody past working age clears a household by three months of work.
DO $$
DECLARE
	h bigint;
BEGIN
	UPDATE ledger.city SET fixed_clock = '2007-07-12 10:00+08';
	PERFORM t.seeker(40, '{"sex":1,"birth":"1970-02-02"}');
	PERFORM t.seeker(41, '{"sex":1,"birth":"1940-02-02","unemployment":null}');
	h := (t.household('{40,41}')#>>'{body,household}')::bigint;
	PERFORM t.works(41, '2007-07-12');
	PERFORM t.is('open', ledger.household_state(4101, h, '2007-07-12'), 'open');
	PERFORM t.is('open after three months', ledger.household_state(4101, h, '2007-10-12'), 'open');
END $$;
