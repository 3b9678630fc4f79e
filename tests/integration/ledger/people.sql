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
	PERFORM t.is('out of scope it does not say', a->'body', '{}');
	PERFORM t.is('a community out of scope', t.seeker(3, '{}', 'elsewhere', 'another')->>'status', '404');
	PERFORM t.is('an agency may not', t.seeker(4, '{}', 'agency')->>'code', 'role-refused');
	PERFORM t.is('a key nobody has', t.seeker(4, '{}', 'nobody')->>'code', 'key-refused');
	PERFORM t.is('neither is kept', (SELECT count(*) FROM ledger.idempotency WHERE key = 'seeker-4'), 0::bigint);
	PERFORM t.is('a POST without a key', t.fold(ARRAY(SELECT r FROM api.approve_posts(4101,
		t.kid('bureau'), t.secret('bureau'), '', NULL, '\x01', '{}') r))->>'code', 'idempotency-key-missing');
	PERFORM t.is('nothing sealed or personal is kept in an answer',
		(SELECT count(*) FROM ledger.idempotency WHERE body ~ '1970|birth'), 0::bigint);

	-- 4050 at the edges (rules/4050)
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
	PERFORM t.is('is retired', (SELECT age_class FROM ledger.seeker WHERE id = 14), 4);
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
	PERFORM t.is('out of scope is not there', (SELECT t.fold(ARRAY(SELECT r FROM api.read_seeker(4101,
		t.kid('elsewhere'), t.secret('elsewhere'), t.actor('elsewhere'), 10) r))), (SELECT t.fold(ARRAY(SELECT r FROM api.read_seeker(4101,
		t.kid('elsewhere'), t.secret('elsewhere'), t.actor('elsewhere'), 99) r))));
END $$;

-- Households.
DO $$
DECLARE
	a jsonb;
	b jsonb;
BEGIN
	PERFORM t.seeker(30, '{"birth":"1966-02-02"}');
	PERFORM t.seeker(31, '{"sex":1,"birth":"1975-02-02"}');
	PERFORM t.seeker(32, '{"birth":"1950-02-02"}');
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

	-- one works: P1 ends for all; void opens it again
	b := t.place(31, NULL, '{"kind":"self"}');
	PERFORM t.is('all members in one call', jsonb_array_length(b->'events'), 2);
	PERFORM t.is('he works', t.rank(31), 'P6 employed');
	PERFORM t.is('she falls back', t.rank(30), 'P2 4050');
	PERFORM t.is('helped', ledger.household_state(4101, (a#>>'{body,household}')::bigint, '2007-07-12'), 'helped');
	PERFORM t.is('open the day before', ledger.household_state(4101, (a#>>'{body,household}')::bigint, '2007-07-11'), 'open');
	PERFORM t.is('cleared after three months', ledger.household_state(4101, (a#>>'{body,household}')::bigint, '2007-10-12'), 'cleared');
	COMMIT;
	PERFORM t.is('void', t.void(b#>>'{body,placement}')->>'code', 'ok');
	PERFORM t.is('open again', t.rank(30), 'P1 zero-employment-household');
	PERFORM t.is('he waits again', (SELECT active FROM ledger.seeker WHERE id = 31), true);
	COMMIT;

	-- a job that begins tomorrow: she is P1 today, the day turns, she is not
	b := t.place(31, NULL, '{"kind":"self","start_on":"2007-07-13"}');
	PERFORM t.is('inactive from the report on', (SELECT active FROM ledger.seeker WHERE id = 31), false);
	PERFORM t.is('still P1', t.rank(30), 'P1 zero-employment-household');
	PERFORM t.is('until tomorrow', (SELECT class_until FROM ledger.seeker WHERE id = 30), DATE '2007-07-13');
	UPDATE ledger.city SET fixed_clock = '2007-07-13 00:00+08';
	PERFORM t.is('two turn', ops.turn_day(4101, 100), 2);
	PERFORM t.is('not P1 any more', t.rank(30), 'P2 4050');
	PERFORM t.is('nothing is left', ops.turn_day(4101, 100), 0);
END $$;
