-- Seekers, their ranks on a day and until when, households, and who may see them.

CREATE FUNCTION t.is_certified(p_id bigint, p_day date) RETURNS boolean LANGUAGE sql AS $$
	SELECT EXISTS (SELECT FROM ledger.policies_on(4101, p_day) p, ledger.certificate_on(p, p_id, p_day))
$$;

DO $$
DECLARE
	a jsonb;
BEGIN
	a := t.seeker(1, '{"citizen":"x"}');
	PERFORM t.is('registered', a->>'status', '201');
	PERFORM t.is('id in hex', a#>>'{body,seeker}', '0000000000000001');
	PERFORM t.is('one event', a#>>'{events,0,entity}', 's');
	PERFORM t.is('the position is told', (a->>'xid') IS NOT NULL, true);
	COMMIT;
	a := t.seeker(1, '{"citizen":"x"}');
	PERFORM t.is('the same key again is the first answer', a->>'label', 'replayed');
	PERFORM t.is('with its status', a->>'status', '201');
	PERFORM t.is('and no event', a->'events', '[]');
	a := t.seeker(1, '{"citizen":"y"}');
	PERFORM t.is('the same key for another request', a->>'code', 'idempotency-mismatch');
	a := t.seeker(2, '{"citizen":"x"}');
	PERFORM t.is('the same citizen number', a->>'code', 'already-registered');
	PERFORM t.is('says as whom', a#>>'{body,seeker}', '0000000000000001');
	a := t.seeker(2, '{"citizen":"x"}');
	PERFORM t.is('a refusal is kept too', a->>'label', 'replayed');
	a := t.seeker(3, '{"citizen":"x","community":"410103001001"}', 'elsewhere');
	PERFORM t.is('out of scope it does not say', a->'body'->'errors'->0->>'pointer', '/citizen_number');
	PERFORM t.is('nor whose it is', a->'body'->'errors'->0->>'found', '(not shown)');
	PERFORM t.is('a community out of scope', t.seeker(3, '{}', 'elsewhere', 'another')->>'status', '404');
	PERFORM t.is('an agency may not', t.seeker(4, '{}', 'agency')->>'code', 'role-refused');
	PERFORM t.is('a key nobody has', t.seeker(4, '{}', 'nobody')->>'code', 'key-refused');
	PERFORM t.is('neither is kept', (SELECT count(*) FROM ledger.idempotency WHERE key = 'seeker-4'), 0::bigint);
	PERFORM t.is('a POST without a key', t.fold(ARRAY(SELECT r FROM api.approve_posts(4101,
		t.kid('bureau'), t.secret('bureau'), '', NULL, '\x01', '{}') r))->>'code', 'idempotency-key-missing');
	PERFORM t.is('nothing sealed or personal is kept in an answer',
		(SELECT count(*) FROM ledger.idempotency WHERE body ~ '1970|birth'), 0::bigint);

	-- 4050 at the edges (rules/4050)
	a := t.seeker(9, '{"sex":2,"birth":"1950-02-02"}');
	PERFORM t.is('past working age on that day', concat_ws(' ', a->>'status', a#>>'{body,errors,0,pointer}',
		a#>>'{body,errors,0,rule}'), '422 /unemployment/since not-working-age');
	PERFORM t.is('nor before it', t.seeker(8, '{"birth":"1991-01-11"}')#>>'{body,errors,0,rule}', 'not-working-age');
	PERFORM t.seeker(10, '{"sex":2,"birth":"1967-12-31"}');
	PERFORM t.seeker(11, '{"sex":2,"birth":"1968-01-01"}');
	PERFORM t.seeker(12, '{"sex":1,"birth":"1957-12-31"}');
	PERFORM t.seeker(13, '{"sex":1,"birth":"1958-01-01"}');
	PERFORM t.is('F 1967-12-31', t.rank(10), 'P2 4050');
	PERFORM t.is('F 1968-01-01', t.rank(11), 'P5 registered-unemployed');
	PERFORM t.is('M 1957-12-31', t.rank(12), 'P2 4050');
	PERFORM t.is('M 1958-01-01', t.rank(13), 'P5 registered-unemployed');
	PERFORM t.is('until she retires by her birthday in the as-of year',
		(SELECT class_until FROM ledger.seeker WHERE id = 10), DATE '2017-01-01');
	PERFORM t.is('the next year she is', (SELECT class_until FROM ledger.seeker WHERE id = 11), DATE '2008-01-01');
	PERFORM t.is('who is 50 by the end of 2007 is not',
		(SELECT (ledger.rank_at(4101, p, '2007-03-08')).rank FROM (SELECT (jsonb_populate_record(
			NULL::ledger.person, '{"city":4101,"id":9,"sex":2,"birth":"1957-12-31"}')).*) p), 6);
	PERFORM t.seeker(14, '{"sex":2,"birth":"1955-03-03"}');
	PERFORM t.is('a woman of 52 is asked', t.rank(14), 'P6 retirement-unproven');
	PERFORM t.is('neither working nor retired', (SELECT age_class FROM ledger.seeker WHERE id = 14), 5);
	PERFORM t.seeker(15, '{"sex":2,"birth":"1955-03-03","retirement_age":55,"retirement_evidence":"cadre"}');
	PERFORM t.is('unless she was a cadre', t.rank(15), 'P2 4050');
	PERFORM t.seeker(16, '{"sex":2,"birth":"1965-03-03","unemployment":null}');
	PERFORM t.is('4050 takes unemployment or a certificate', t.rank(16), 'P6 other');
	PERFORM t.is('she waits since she registered', (SELECT waiting_since FROM ledger.seeker WHERE id = 16), DATE '2007-07-12');
	PERFORM t.is('the others since unemployment', (SELECT waiting_since FROM ledger.seeker WHERE id = 10), DATE '2007-01-10');
	PERFORM t.seeker(17, '{"birth":"1990-09-01"}');
	PERFORM t.is('16 in class two until 18', (SELECT age_class || ' ' || class_until FROM ledger.seeker WHERE id = 17), '2 2008-09-01');

	-- recognitions and certificates
	PERFORM t.seeker(20, '{"recognitions":[{"code":"HC6e","on":"2007-05-01"}]}');
	PERFORM t.is('other hard-to-employ', t.rank(20), 'P3 HC6e');
	PERFORM t.seeker(21, '{"unemployment":null,"certificate":{"number":"HN-1","group":"L1","issued_on":"2006-03-01","valid_to":"2008-12-31","inspected":[]}}');
	PERFORM t.is('issued in 2006, not inspected by 30 April 2007', t.rank(21), 'P6 other');
	PERFORM t.seeker(22, '{"unemployment":null,"certificate":{"number":"HN-2","group":"L1","issued_on":"2006-03-01","valid_to":"2008-12-31","inspected":[2007]}}');
	PERFORM t.is('inspected', t.rank(22), 'P4 certificate');
	PERFORM t.is('until 30 April of the year after', (SELECT class_until FROM ledger.seeker WHERE id = 22), DATE '2008-05-01');
	PERFORM t.is('one number, one person', t.seeker(23, '{"certificate":{"number":"HN-2","group":"L1","issued_on":"2006-03-01","valid_to":"2008-12-31"}}')
		#>>'{body,errors,0,rule}', 'certificate-taken');
	PERFORM t.is('in the grace of April', t.is_certified(21, '2007-04-30'), true);
	PERFORM t.is('over on 1 May', NOT t.is_certified(21, '2007-05-01'), true);
	PERFORM t.is('not before it was issued', NOT t.is_certified(21, '2006-02-28'), true);
	UPDATE ledger.recognition SET ended_on = '2007-09-01' WHERE person = 20;
	PERFORM t.is('a rank says until when', (ledger.rank_of(4101, 20, '2007-07-12')).class_until, DATE '2007-09-01');

	-- looks
	a := (SELECT t.fold(ARRAY(SELECT r FROM api.read_seeker(4101, t.kid('district'), t.secret('district'), t.actor('district'), 10) r)));
	PERFORM t.is('the file', a#>>'{body,rank}', 'P2');
	PERFORM t.is('sealed fields go beside', a->'sealed', '["citizen", "name", "phone"]');
	PERFORM t.is('the look is written down', (SELECT actor FROM ledger.person_look WHERE person = 10), ledger.seeker_text(t.officer_id('district')));
	PERFORM t.is('out of scope is not there', (SELECT replace(t.fold(ARRAY(SELECT r FROM api.read_seeker(4101,
		t.kid('elsewhere'), t.secret('elsewhere'), t.actor('elsewhere'), 10) r))::text,
		ledger.seeker_text(10), ledger.seeker_text(99))::jsonb), (SELECT t.fold(ARRAY(SELECT r FROM api.read_seeker(4101,
		t.kid('elsewhere'), t.secret('elsewhere'), t.actor('elsewhere'), 99) r))));
END $$;

-- Households.
DO $$
DECLARE
	a jsonb;
	b jsonb;
	c jsonb;
	h bigint;
BEGIN
	PERFORM t.seeker(30, '{"birth":"1966-02-02"}');
	PERFORM t.seeker(31, '{"sex":1,"birth":"1975-02-02"}');
	PERFORM t.seeker(32, '{"birth":"1950-02-02","unemployment":null}');
	PERFORM t.seeker(33, '{"sex":1,"birth":"1980-02-02","unemployment":null}');
	a := t.household('{30,33}');
	PERFORM t.is('a member not registered as unemployed', a->>'code', 'not-zero-employment');
	PERFORM t.is('is named', a#>>'{body,member}', ledger.seeker_text(33));
	PERFORM t.is('with the reason', a#>>'{body,reason}', 'not-registered-unemployed');
	PERFORM t.is('income', t.household('{30}', '{"business_income":true}')#>>'{body,reason}', 'business-income');
	PERFORM t.is('rural', t.household('{30}', '{"hukou_type":"rural"}')#>>'{body,reason}', 'hukou-not-urban');
	PERFORM t.is('nobody of working age', t.household('{32}')#>>'{body,reason}', 'nobody-of-working-age');
	PERFORM t.is('somebody nobody knows', t.household('{30,77}')->>'status', '404');
	COMMIT;
	a := t.household('{30,31,32}');
	PERFORM t.is('determined', a#>>'{body,state}', 'open');
	PERFORM t.is('two ranks change in one call', jsonb_array_length(a->'events'), 2);
	PERFORM t.is('P1', t.rank(30), 'P1 zero-employment-household');
	PERFORM t.is('P1', t.rank(31), 'P1 zero-employment-household');
	PERFORM t.is('not the pensioner', t.rank(32), 'P6 not-working-age');
	PERFORM t.is('no second household', t.household('{31}')#>>'{body,reason}', 'already-in-household');
	COMMIT;

	-- one works: a report clears nothing, its registration ends P1 for all; void opens it again
	h := (a#>>'{body,household}')::bigint;
	b := t.place(31, NULL, '{"kind":"self"}');
	PERFORM t.is('he keeps P1', t.rank(31), 'P1 zero-employment-household');
	PERFORM t.is('so does she', t.rank(30), 'P1 zero-employment-household');
	PERFORM t.is('open', ledger.household_state(4101, h, '2007-07-12'), 'open');
	PERFORM t.is('not to be verified', (SELECT (ledger.household_json(4101, h, '2007-07-12')->>'to_verify')::boolean), false);
	PERFORM t.is('reported, to be registered', (SELECT m->>'reported' FROM jsonb_array_elements(
		ledger.household_json(4101, h, '2007-07-12')->'members') m WHERE m->>'seeker' = ledger.seeker_text(31)), b#>>'{body,placement}');
	PERFORM t.is('and no second placement', t.place(31, NULL, '{"kind":"flexible"}')->>'code', 'seeker-placed');
	COMMIT;
	c := t.register(b#>>'{body,placement}');
	PERFORM t.is('both members in one call', jsonb_array_length(c->'events'), 2);
	PERFORM t.is('he works', t.rank(31), 'P6 employed');
	PERFORM t.is('she falls back', t.rank(30), 'P2 4050');
	PERFORM t.is('helped', ledger.household_state(4101, h, '2007-07-12'), 'helped');
	PERFORM t.is('open the day before', ledger.household_state(4101, h, '2007-07-11'), 'open');
	PERFORM t.is('cleared after three months', ledger.household_state(4101, h, '2007-10-12'), 'cleared');
	COMMIT;
	PERFORM t.is('void', t.void(b#>>'{body,placement}')->>'code', 'ok');
	PERFORM t.is('open again', t.rank(30), 'P1 zero-employment-household');
	PERFORM t.is('he waits again', (SELECT active FROM ledger.seeker WHERE id = 31), true);
	COMMIT;

	-- a job that begins tomorrow: she is P1 today, the day turns, she is not
	b := t.place(31, NULL, '{"kind":"self","start_on":"2007-07-13"}');
	PERFORM t.register(b#>>'{body,placement}');
	PERFORM t.is('inactive from the report on', (SELECT active FROM ledger.seeker WHERE id = 31), false);
	PERFORM t.is('still P1', t.rank(30), 'P1 zero-employment-household');
	PERFORM t.is('until tomorrow', (SELECT class_until FROM ledger.seeker WHERE id = 30), DATE '2007-07-13');
	UPDATE ledger.city SET fixed_clock = '2007-07-13 00:00+08';
	PERFORM t.is('two turn', ops.turn_day(4101, 100), 2);
	PERFORM t.is('not P1 any more', t.rank(30), 'P2 4050');
	PERFORM t.is('nothing is left', ops.turn_day(4101, 100), 0);
END $$;

-- The predicate lives: line by line, in determination, amendment and afterwards alike.
CREATE FUNCTION t.members(p_id bigint, p_members jsonb) RETURNS jsonb LANGUAGE sql AS $$
	SELECT t.fold(ARRAY(SELECT r FROM api.amend_household(4101, t.kid('bureau'), t.secret('bureau'),
		t.actor('bureau'), p_id, NULL, jsonb_build_object('members', (SELECT jsonb_agg(jsonb_build_object(
		'seeker', ledger.seeker_text(m.key::bigint), 'able', true, 'willing', true, 'excluded',
		nullif(m.value, 'null'))) FROM jsonb_each(p_members) m))) r))
$$;
CREATE FUNCTION t.finish(p_id bigint, p_what text, p_body jsonb, p_second boolean DEFAULT false)
RETURNS jsonb LANGUAGE sql AS $$
	SELECT t.fold(ARRAY(SELECT r FROM api.end_household(4101, t.kid('bureau'), t.secret('bureau'),
		CASE WHEN p_second THEN t.second_actor('bureau') ELSE t.actor('bureau') END,
		gen_random_uuid()::text, '\x01', p_id, p_what, p_body) r))
$$;
CREATE FUNCTION t.home(p_id bigint) RETURNS text LANGUAGE sql AS $$
	SELECT (j->>'state') || CASE WHEN (j->>'to_verify')::boolean THEN ' to-verify' ELSE '' END
	FROM ledger.household_json(4101, p_id, ledger.today(4101)) j
$$;
CREATE FUNCTION t.to_verify(p_is boolean) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(i->>'household', ' ') FROM jsonb_array_elements(t.fold(ARRAY(SELECT r
		FROM api.list_households(4101, t.kid('bureau'), t.secret('bureau'), t.actor('bureau'), 'open', NULL,
		p_is, 100, NULL) r))#>'{body,items}') i
$$;
DO $$
DECLARE
	h bigint;
	k bigint;
	a jsonb;
BEGIN
	PERFORM t.seeker(40, '{"sex":1,"birth":"1962-02-02"}'); -- a father, 45
	PERFORM t.seeker(41, '{"sex":1,"birth":"1970-02-02","unemployment":null}'); -- his brother
	PERFORM t.is('nobody of 15 is registered', t.seeker(42, '{"sex":1,"birth":"1991-07-20","unemployment":null}')->>'code', 'under-age');
	PERFORM t.seeker(42, '{"sex":1,"birth":"1991-07-12","unemployment":null}', p_idem => 'son');
	UPDATE ledger.person SET birth = '1991-07-20' WHERE id = 42; -- his son, 15: a file of before
	PERFORM ledger.rerank(4101, '{42}', ledger.today(4101));
	PERFORM t.seeker(43, '{"birth":"1985-02-02"}'); -- his daughter, a student
	PERFORM t.is('with the brother', t.household('{40,41}')#>>'{body,reason}', 'not-registered-unemployed');
	h := (t.household('{40,42}')#>>'{body,household}')::bigint;
	a := t.members(h, '{"40":null,"41":null,"42":null}');
	PERFORM t.is('nor can he come in later', a->>'status' || ' ' || (a#>>'{body,reason}'), '422 not-registered-unemployed');
	PERFORM t.is('he is named', a#>>'{body,member}', ledger.seeker_text(41));
	a := t.members(h, '{"40":null,"42":null,"43":"student"}');
	PERFORM t.is('a student may', a->>'code', 'ok');
	PERFORM t.is('P1', t.rank(40), 'P1 zero-employment-household');
	PERFORM t.is('who is not of W is not P1', t.rank(43), 'P5 registered-unemployed');
	PERFORM t.is('nobody of working age', t.members(h, '{"42":null}')#>>'{body,reason}', 'nobody-of-working-age');
	PERFORM t.is('all lines hold', t.home(h), 'open');
	-- A student's job is none of the predicate.
	PERFORM t.works(43, ledger.today(4101));
	PERFORM t.is('open', t.home(h), 'open');
	COMMIT;
	-- The son turns 16 and is not registered: open and counted, to be verified; the father stays P1.
	UPDATE ledger.city SET fixed_clock = '2007-07-20 00:00+08';
	WHILE ops.turn_day(4101, 100) > 0 LOOP END LOOP;
	PERFORM t.is('his line fails', t.home(h), 'open to-verify');
	PERFORM t.is('counted', (SELECT sum(n) FROM ledger.figures(4101, 2007, '2007-07-20') WHERE target = 'T10'), 1::numeric);
	PERFORM t.is('stands in the list', t.to_verify(true), h::text);
	PERFORM t.is('and not in the other', t.to_verify(false), NULL);
	PERFORM t.is('the father', t.rank(40), 'P1 zero-employment-household');
	PERFORM t.is('not the son', t.rank(42), 'P6 other');
	PERFORM t.fact(42, 'add unemployment', '{"since":"2007-07-20","prior_job":false,"laid_off":null}');
	PERFORM t.is('registered', t.home(h) || ' ' || t.rank(42), 'open P1 zero-employment-household');
	-- The father gives up his registration: his line fails, the son's holds.
	PERFORM t.fact(40, 'end unemployment', '{"on":"2007-07-20","reason":"other"}',
		(SELECT id FROM ledger.unemployment WHERE person = 40));
	PERFORM t.is('to be verified', t.home(h), 'open to-verify');
	PERFORM t.is('he', t.rank(40), 'P6 other');
	PERFORM t.is('the son', t.rank(42), 'P1 zero-employment-household');
	COMMIT;
	-- It ends by two officers.
	a := t.finish(h, 'decide', '{"decision":"approve","reason":"seen"}', true);
	PERFORM t.is('nothing asked', a#>>'{body,reason}', 'nothing-asked');
	a := t.finish(h, 'ask', '{"reason":"changed","on":null}');
	PERFORM t.is('only asked', a#>>'{body,state}', 'open');
	a := t.finish(h, 'decide', '{"decision":"approve","reason":"seen"}');
	PERFORM t.is('not by the same', a#>>'{body,reason}', 'same-officer');
	a := t.finish(h, 'ask', '{"reason":"moved","on":null}', true);
	PERFORM t.is('asked by another', a#>>'{body,reason}', 'end-asked');
	a := t.finish(h, 'decide', '{"decision":"refuse","reason":"register him"}', true);
	PERFORM t.is('refused', a#>>'{body,state}', 'open');
	PERFORM t.finish(h, 'ask', '{"reason":"changed","on":null}');
	a := t.finish(h, 'decide', '{"decision":"approve","reason":"seen"}', true);
	PERFORM t.is('ended', a#>>'{body,state}', 'ended');
	PERFORM t.is('both stand in it', jsonb_array_length(a#>'{body,endings}'), 2);
	PERFORM t.is('the son falls back', t.rank(42), 'P5 registered-unemployed');

	-- T4 by the household is not lost by another member's report.
	PERFORM t.seeker(44, '{"sex":1,"birth":"1975-02-02"}');
	PERFORM t.seeker(45, '{"birth":"1975-02-02"}');
	k := (t.household('{44,45}')#>>'{body,household}')::bigint;
	PERFORM t.place(44, NULL, '{"kind":"self","start_on":"2007-07-15"}');
	PERFORM t.works(45, '2007-07-19');
	PERFORM t.is('T4', t.counts(45, '2007-07-20'), 'T1 T2 T4');
END $$;
