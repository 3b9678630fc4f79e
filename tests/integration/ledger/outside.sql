-- A job outside the city: recorded by two officers, like registered work for the person and the
-- household, and nothing toward the targets (rules/outside-city).  Today is 2007-07-12.

CREATE FUNCTION t.away(p_id bigint, p_start date DEFAULT '2007-07-12', p_more jsonb DEFAULT '{}') RETURNS text
LANGUAGE sql AS $$
	SELECT t.place(p_id, NULL, jsonb_build_object('kind', 'flexible', 'workplace', '310101',
		'start_on', p_start) || p_more)#>>'{body,placement}'
$$;
CREATE FUNCTION t.asked(p_id text) RETURNS jsonb LANGUAGE sql AS $$
	SELECT t.change(p_id, 'record', '{"reason":"away","evidence":"contract 7"}')
$$;
CREATE FUNCTION t.record(p_id text, p_decision text DEFAULT 'approve') RETURNS jsonb LANGUAGE sql AS $$
	SELECT t.change(p_id, 'record decide', jsonb_build_object('decision', p_decision, 'reason', 'seen'), p_second => true)
$$;
CREATE FUNCTION t.figures() RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(concat_ws(' ', target, unit, n, lost), ',' ORDER BY target, unit)
	FROM ledger.figures(4101, 2007, '2007-07-12')
$$;

DO $$
DECLARE
	a jsonb;
	h bigint;
	p text;
	q text;
	was text;
BEGIN
	PERFORM t.seeker(1, '{"birth":"1966-02-02"}');
	PERFORM t.seeker(2, '{"sex":1,"birth":"1975-02-02","unemployment":{"since":"2006-09-18","prior_job":true,"laid_off":null}}');
	h := (t.household('{1,2}')#>>'{body,household}')::bigint;
	was := t.figures();
	p := t.away(2);
	-- reported: it exists, blocks another, and clears nothing
	PERFORM t.is('no second job', t.place(2, NULL, '{"kind":"self"}')->>'code', 'seeker-placed');
	PERFORM t.is('open', ledger.household_state(4101, h, '2007-07-12'), 'open');
	PERFORM t.is('keeps P1', t.rank(2), 'P1 zero-employment-household');
	PERFORM t.is('reported, to be registered', (SELECT m->>'reported' FROM jsonb_array_elements(
		ledger.household_json(4101, h, '2007-07-12')->'members') m WHERE m->>'seeker' = ledger.seeker_text(2)), p);
	a := t.register(p);
	PERFORM t.is('no community registers it', a#>>'{body,reason}', 'outside-city');
	PERFORM t.is('nothing is asked', t.record(p)#>>'{body,reason}', 'nothing-asked');
	-- one asks, another decides
	a := t.asked(p);
	PERFORM t.is('asked', a#>>'{body,state}', 'record-asked');
	PERFORM t.is('says where', (a#>>'{body,workplace}') || (a#>>'{body,outside_city}'), '310101true');
	PERFORM t.is('no registration is missing', a#>'{body,missing}', '["confirmation"]');
	PERFORM t.is('again', t.asked(p)->>'code', 'ok');
	PERFORM t.is('not by who asked', t.change(p, 'record decide', '{"decision":"approve","reason":"x"}')#>>'{body,reason}', 'same-officer');
	PERFORM t.is('nor by the calls of a void', t.change(p, 'decide', '{"decision":"approve","reason":"x"}', p_second => true)#>>'{body,reason}', 'nothing-asked');
	PERFORM t.is('nor voided meanwhile', t.change(p, 'void', '{"code":"V2","reason":"x","evidence":"y"}')#>>'{body,reason}', 'record-asked');
	PERFORM t.is('still open', ledger.household_state(4101, h, '2007-07-12'), 'open');
	PERFORM t.is('refused', t.record(p, 'refuse')#>>'{body,state}', 'reported');
	PERFORM t.is('still P1', t.rank(1), 'P1 zero-employment-household');
	PERFORM t.asked(p);
	a := t.record(p);
	PERFORM t.is('recorded', (a#>>'{body,state}') || (a#>>'{body,recorded,on}'), 'recorded2007-07-12');
	PERFORM t.is('of no community', a#>'{body,registered}', 'null'::jsonb);
	PERFORM t.is('helped', ledger.household_state(4101, h, '2007-07-12'), 'helped');
	PERFORM t.is('cleared after three months', ledger.household_state(4101, h, '2007-10-12'), 'cleared');
	PERFORM t.is('at work', t.rank(2), 'P6 employed');
	PERFORM t.is('she falls back', t.rank(1), 'P2 4050');
	PERFORM t.is('the registration has ended', (SELECT ended_on FROM ledger.unemployment WHERE person = 2), DATE '2007-07-12');
	PERFORM t.is('counts toward nothing', t.counts(2), '');
	PERFORM t.is('and says so', t.why(2, 'T1') || t.why(2, 'T4'), 'workplace-outside-cityworkplace-outside-city');
	PERFORM t.is('recorded already', t.asked(p)#>>'{body,reason}', 'recorded');
	PERFORM t.is('no figure but the household''s', coalesce(t.figures(), ''), replace(was, 'T10 410105 1 0', ''));

	-- void restores, and its undoing is a record again
	PERFORM t.is('void', t.void(p)#>>'{body,state}', 'void');
	PERFORM t.is('open again', ledger.household_state(4101, h, '2007-07-12'), 'open');
	PERFORM t.is('P1 again', t.rank(2) || t.rank(1), 'P1 zero-employment-householdP1 zero-employment-household');
	PERFORM t.is('registered as before', (SELECT ended_on FROM ledger.unemployment WHERE person = 2), NULL::date);
	PERFORM t.is('waits from when they did', (SELECT waiting_since FROM ledger.seeker WHERE id = 2), DATE '2006-09-18');
	PERFORM t.is('a void one is not recorded', t.asked(p)->>'code', 'placement-void');
	PERFORM t.is('undone', t.void(p, p_what => 'undo')#>>'{body,state}', 'recorded');
	PERFORM t.is('helped again', ledger.household_state(4101, h, '2007-07-12'), 'helped');

	-- its end opens the household again; and is no attrition of the city
	UPDATE ledger.city SET fixed_clock = '2007-07-20 10:00+08';
	PERFORM t.is('ended', t.ends(p, '{"on":"2007-07-15","reason":"dead"}')->>'code', 'ok');
	PERFORM t.is('open once more', ledger.household_state(4101, h, '2007-07-20'), 'open');
	PERFORM t.is('no attrition', (SELECT sum(lost) FROM ledger.figures(4101, 2007, '2007-07-20')), 0::numeric);
	UPDATE ledger.city SET fixed_clock = '2007-07-12 10:00+08';

	-- no transfer, no part of an in-migrant's three months
	PERFORM t.seeker(5);
	p := t.away(5, '2007-05-01');
	PERFORM t.asked(p);
	PERFORM t.record(p);
	PERFORM t.ends(p, '{"on":"2007-07-02","reason":"resigned"}');
	PERFORM t.works(5, '2007-07-02');
	PERFORM t.is('not employed in the city the day before', t.why(5, 'T1'), 'counts');
	PERFORM t.seeker(6, '{"hukou_division":"310101","unemployment":null}');
	q := t.works(6, '2007-03-01');
	PERFORM t.ends(q, '{"on":"2007-04-01","reason":"resigned"}');
	p := t.away(6, '2007-04-01');
	PERFORM t.asked(p);
	PERFORM t.record(p);
	PERFORM t.ends(p, '{"on":"2007-05-20","reason":"resigned"}');
	PERFORM t.works(6, '2007-05-20', '{"employer":"600037341"}');
	PERFORM t.is('three months are of the city', (SELECT t1 FROM ledger.count_facts(4101, 2007, '2007-07-12', 6)
		WHERE placement = q::bigint), 'migrant-left-early');

	-- a job of the city is registered, not recorded
	PERFORM t.seeker(7);
	p := t.place(7, NULL, '{"kind":"self","workplace":"410105003001"}')#>>'{body,placement}';
	PERFORM t.is('inside', t.asked(p)#>>'{body,reason}', 'inside-city');
	PERFORM t.seeker(8);
	p := t.place(8, NULL, '{"kind":"self"}')#>>'{body,placement}';
	PERFORM t.is('nowhere in particular', t.asked(p)#>>'{body,reason}', 'inside-city');
END $$;
