-- The registered unemployment rate (rules/t9): who is in it on a day, and what is missing.

CREATE FUNCTION t.rate(p_unit text, p_day date DEFAULT '2007-07-12', p_target text DEFAULT 'T9') RETURNS text
LANGUAGE sql AS $$
	SELECT concat_ws(' ', x->>'numerator', coalesce(x->>'denominator', '-'), coalesce(x->>'achieved', '-'),
		x->>'state', x->>'met', nullif((SELECT string_agg(m, ',' ORDER BY m)
			FROM jsonb_array_elements_text(x->'missing') m), ''), x->>'period')
	FROM jsonb_array_elements(ledger.progress_json(4101, 2007, p_day, p_unit)->'targets') x
	WHERE x->>'target' = p_target
$$;
CREATE FUNCTION t.give(p_unit text, p_period text, p_value bigint, p_key text DEFAULT 'bureau') RETURNS jsonb
LANGUAGE sql AS $$
	SELECT t.fold(ARRAY(SELECT r FROM api.create_entry(4101, t.kid(p_key), t.secret(p_key), t.actor(p_key),
		gen_random_uuid()::text, '\x01', 'outside-figure', jsonb_build_object('subject', p_unit, 'indicator',
		'urban_employed', 'period', p_period, 'value', p_value, 'source', '统计局', 'day', '2007-07-10')) r))
$$;

DO $$
DECLARE
	a jsonb;
BEGIN
	UPDATE ledger.target SET value = 4, target = 'T9' WHERE unit = 'city' AND target = 'T2';
	PERFORM t.seeker(n) FROM generate_series(1, 9) n;
	PERFORM t.is('everybody; nobody has given E', t.rate('410105'), '9 - - missing 410105');
	PERFORM t.is('nor for any', t.rate('city'), '9 - - missing 410103,410105,Z-ZD');

	-- who is in it, by days
	UPDATE ledger.unemployment SET since = '2007-07-12' WHERE person = 1;
	UPDATE ledger.unemployment SET since = '2007-07-13' WHERE person = 2;
	UPDATE ledger.unemployment SET ended_on = '2007-07-12', end_reason = 'employed' WHERE person = 3;
	UPDATE ledger.unemployment SET ended_on = '2007-07-13', end_reason = 'employed' WHERE person = 4;
	UPDATE ledger.unemployment SET void_on = '2007-07-12' WHERE person = 5;
	UPDATE ledger.person SET hukou_type = 'rural' WHERE id = 6;
	UPDATE ledger.person SET birth = '1951-07-12' WHERE id = 7; -- 56, a woman of whom nothing is on file
	UPDATE ledger.person SET birth = '1956-07-12' WHERE id = 8; -- 51, her age of retirement unproven
	PERFORM t.is('today: 1, 4, 8 and 9', t.rate('410105'), '4 - - missing 410105');
	PERFORM t.is('yesterday: 3, 4, 8 and 9, and one not yet', (SELECT string_agg(person::text, ' ' ORDER BY person)
		FROM ledger.unemployed_on(4101, '2007-07-11')), '3 4 8 9');
	PERFORM t.is('tomorrow: 1, 2, 8 and 9', (SELECT string_agg(person::text, ' ' ORDER BY person)
		FROM ledger.unemployed_on(4101, '2007-07-13')), '1 2 8 9');

	-- E of one period for all, divided once
	PERFORM t.is('given', t.give('410105', '2007Q2', 96)->>'code', 'ok');
	PERFORM t.is('just met: 25 * 4 <= 4 + 96', t.rate('410105'), '4 100 4.00 derived 2007Q2');
	PERFORM t.is('the city lacks two', t.rate('city'), '4 - - missing 410103,Z-ZD 2007Q2');
	PERFORM t.give('410103', '2007Q1', 1000), t.give('Z-ZD', '2007Q1', 500), t.give('410105', '2007Q1', 96);
	PERFORM t.is('a whole older period serves', t.rate('city'), '4 1600 0.25 derived true 2007Q1');
	PERFORM t.is('a zero that was given is one', t.rate('410103'), '0 1000 0.00 derived 2007Q1');
	PERFORM t.give('410103', '2007-06', 0), t.give('Z-ZD', '2007-06', 0), t.give('410105', '2007-06', 95);
	PERFORM t.is('the latest whole one', t.rate('city'), '4 99 4.04 derived false 2007-06');
	PERFORM t.is('of nobody, no rate', t.rate('410103'), '0 0 - derived 2007-06');
	PERFORM t.is('not before it is over', t.rate('city', '2007-06-29'), '4 1600 0.25 derived true 2007Q1');
	PERFORM t.is('nothing was over then', t.rate('410105', '2007-03-30'), '4 - - missing 410105');

	-- nobody of the unit signs its figure
	a := t.give('410105', '2006', 1, 'district');
	PERFORM t.is('its own subject', a#>>'{body,reason}', 'signed-by-subject');
	PERFORM t.is('the city signs its own', t.give('city', '2006', 1)->>'code', 'ok');
	UPDATE ledger.officer SET scope = '410105' WHERE id = t.officer_id('bureau');
	PERFORM t.is('nor by another key', t.give('410105', '2006', 1)#>>'{body,reason}', 'signed-by-subject');

	-- no register yet
	PERFORM t.is('T8', (SELECT (x->>'state') || (x->'achieved')::text FROM jsonb_array_elements(
		ledger.progress_json(4101, 2007, '2007-07-12', 'city')->'targets') x WHERE x->>'target' = 'T8'), 'no-registernull');
END $$;

-- The model communities (rules/t11): what passes, what is not looked at, what is missing.
CREATE FUNCTION t.check(p_place bigint, p_day date, p_more jsonb DEFAULT '{}') RETURNS jsonb
LANGUAGE sql AS $$
	SELECT t.fold(ARRAY(SELECT r FROM api.create_entry(4101, t.kid('bureau'), t.secret('bureau'), t.actor('bureau'),
		gen_random_uuid()::text, '\x01', 'community-check', jsonb_build_object('place', p_place, 'day', p_day,
		'established', true, 'staffed', true, 'funds', true, 'premises', true, 'rules', true, 'work', true,
		'residents', 100, 'on_census', 95, 'ledger_updated', p_day,
		'evidence', '[{"kind":"report","number":"1","day":"2007-07-01"}]'::jsonb) || p_more) r))
$$;
CREATE FUNCTION t.passing(p_day date DEFAULT '2007-07-12') RETURNS text LANGUAGE sql AS $$
	SELECT string_agg((place % 1000000)::text, ' ' ORDER BY place) FROM ledger.communities_on(4101, p_day) WHERE passes
$$;

DO $$
DECLARE
	h bigint;
BEGIN
	UPDATE ledger.officer SET scope = '4101' WHERE id = t.officer_id('bureau');
	UPDATE ledger.target SET value = 70, target = 'T11' WHERE unit = 'city' AND target = 'T9';
	INSERT INTO ledger.division (city, code, digits, level, name, parent) VALUES
		(4101, 410105003199, 12, 'community', '末社区', 410105003), (4101, 410105003200, 12, 'community', '村', 410105003),
		(4101, 410103001001, 12, 'community', '二七社区', 410103001), (4101, 410105560001, 12, 'community', '东区社区', 410105560);
	PERFORM t.is('nothing is known', t.rate('city', p_target => 'T11'), '0 - - missing 410103,410105,Z-ZD');
	PERFORM t.is('a village', t.check(410105003200, '2007-07-01')#>>'{body,errors,0,pointer}', '/place');
	PERFORM t.is('no paper', t.check(410105003001, '2007-07-01', '{"evidence":[]}')#>>'{body,errors,0,pointer}', '/evidence');
	PERFORM t.is('more than live there', t.check(410105003001, '2007-07-01', '{"on_census":101}')#>>'{body,errors,0,pointer}', '/on_census');
	PERFORM t.is('a day not seen', t.check(410105003001, '2007-07-01', '{"ledger_updated":"2007-07-02"}')#>>'{body,errors,0,pointer}', '/ledger_updated');
	PERFORM t.is('checked', t.check(410105003001, '2007-06-11')->>'code', 'ok');
	PERFORM t.is('once a day', t.check(410105003001, '2007-06-11', '{"work":false}')#>>'{body,reason}', 'already-checked');
	PERFORM t.is('31 days', t.passing('2007-07-12'), '3001');
	PERFORM t.is('32 days', t.passing('2007-07-13'), NULL);
	PERFORM t.is('the day before', t.passing('2007-06-10'), NULL);
	PERFORM t.is('its unit: one of two', t.rate('410105', p_target => 'T11'), '1 2 50.00 derived');
	PERFORM t.is('the city lacks two', t.rate('city', p_target => 'T11'), '1 - - missing 410103,Z-ZD');
	PERFORM t.check(410103001001, '2007-07-01', '{"staffed":false}'), t.check(410105560001, '2007-07-01', '{"on_census":94}');
	PERFORM t.is('five in place, 94 per cent', t.rate('city', p_target => 'T11'), '1 4 25.00 derived false');
	PERFORM t.check(410103001001, '2007-07-11'), t.check(410105560001, '2007-07-11'), t.check(410105003199, '2007-07-11', '{"rules":false}');
	PERFORM t.is('the latest decides', t.rate('city', p_target => 'T11'), '3 4 75.00 derived true');

	-- a household open for more than 30 days
	PERFORM t.seeker(20);
	h := (t.household(ARRAY[20])#>>'{body,household}')::bigint;
	UPDATE ledger.household SET determined_on = '2007-06-12' WHERE id = h;
	PERFORM t.is('30 days', t.passing(), '1001 3001 560001');
	UPDATE ledger.household SET determined_on = '2007-06-11' WHERE id = h;
	PERFORM t.is('31 days open', t.passing(), '1001 560001');
END $$;
