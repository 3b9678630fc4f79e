-- Who counts toward T6 and T7, who does not, and why (rules/t6, rules/t7).

CREATE FUNCTION t.trained(p_id bigint, p_as_of date DEFAULT '2008-07-12', p_year int DEFAULT 2007)
RETURNS text LANGUAGE sql AS $$
	SELECT coalesce(string_agg(target, ' ' ORDER BY target), '')
	FROM ledger.trained(4101, p_year, p_as_of, p_id)
$$;

DO $$
DECLARE
	spring bigint := t.course('2007-03-01', '2007-05-31');
	own    bigint := t.course('2007-04-01', '2007-06-30', '{"kind":"entrepreneurship"}');
	winter bigint;
	one    bigint;
	city   jsonb;
	f      jsonb;
BEGIN
	PERFORM t.seeker(n) FROM generate_series(1, 12) n;
	PERFORM t.is('nothing', t.why(1, 'T6'), 'no-training');
	one := t.enrol(spring, 1, '2007-03-01', '2007-05-31');
	PERFORM t.is('on its last day', t.trained(1, '2007-05-31'), 'T6');
	PERFORM t.is('not the day before', t.trained(1, '2007-05-30'), '');
	PERFORM t.is('and why', t.why(1, 'T6', '2007-05-30'), 'training-not-completed');
	PERFORM t.is('T7 says why', t.why(1, 'T7'), 'not-entrepreneurship');

	-- a second course adds nothing to T6; one of entrepreneurship is T7's
	PERFORM t.enrol(own, 1, '2007-04-01', '2007-06-30', '{"outcome":"failed"}');
	PERFORM t.is('each once', t.trained(1), 'T6 T7');
	PERFORM t.is('by the first', (SELECT enrolment FROM ledger.trained(4101, 2007, '2007-07-12', 1)
		WHERE target = 'T6'), one);
	PERFORM t.entry('enrolment', jsonb_build_object('course', spring, 'seeker', 2, 'from', date '2007-03-01',
		'outcome', 'attending'));
	PERFORM t.is('only enrolled', t.why(2, 'T6'), 'training-not-completed');
	PERFORM t.enrol(spring, 3, '2007-03-01', '2007-05-30', '{"outcome":"dropped"}');
	PERFORM t.is('left it', t.why(3, 'T6'), 'training-not-completed');

	-- the day of enrolment, and neither the day before nor the day after
	UPDATE ledger.unemployment SET ended_on = '2007-03-01', end_reason = 'employed' WHERE person = 4;
	PERFORM t.enrol(spring, 4, '2007-03-01', '2007-05-31');
	PERFORM t.is('it ended the day before', t.why(4, 'T6'), 'not-unemployed-enrolled');
	UPDATE ledger.unemployment SET ended_on = '2007-03-02', end_reason = 'employed' WHERE person = 5;
	PERFORM t.enrol(spring, 5, '2007-03-01', '2007-05-31');
	PERFORM t.is('its last day', t.trained(5), 'T6');
	UPDATE ledger.unemployment SET since = '2007-03-01' WHERE person = 6;
	PERFORM t.enrol(spring, 6, '2007-03-01', '2007-05-31');
	PERFORM t.is('its first day', t.trained(6), 'T6');
	UPDATE ledger.unemployment SET since = '2007-03-02' WHERE person = 7;
	PERFORM t.enrol(spring, 7, '2007-03-01', '2007-05-31');
	PERFORM t.is('registered the day after', t.why(7, 'T6'), 'not-unemployed-enrolled');
	UPDATE ledger.unemployment SET void_on = '2007-07-01' WHERE person = 6;
	PERFORM t.is('it never held', t.why(6, 'T6'), 'not-unemployed-enrolled');

	-- a course without an approval; one that gets it later
	one := t.course('2007-03-01', '2007-05-31', '{"approval":null}');
	PERFORM t.enrol(one, 8, '2007-03-01', '2007-05-31');
	PERFORM t.is('no approval', t.why(8, 'T6'), 'course-not-approved');
	PERFORM t.fold(ARRAY(SELECT r FROM api.change_entry(4101, t.kid('bureau'), t.secret('bureau'), t.actor('bureau'),
		'course', one, 1, '{"approval":"郑劳培2007-9"}') r));
	PERFORM t.is('recorded later', t.trained(8), 'T6');

	-- 31 December and 1 January
	PERFORM t.on_day('2008-01-02');
	winter := t.course('2007-12-31', '2008-01-01');
	PERFORM t.enrol(winter, 9, '2007-12-31', '2008-01-01');
	PERFORM t.is('not the old year', t.why(9, 'T6', '2008-01-02'), 'completed-other-year');
	PERFORM t.is('the new one', t.trained(9, '2008-07-12', 2008), 'T6');
	PERFORM t.is('by its end', t.trained(9, '2007-12-31', 2008), '');
	winter := t.course('2007-12-01', '2007-12-31');
	PERFORM t.enrol(winter, 10, '2007-12-01', '2007-12-31');
	PERFORM t.is('the last day of the year', t.trained(10, '2007-12-31'), 'T6');
	PERFORM t.is('is not the next', t.why(10, 'T6', '2008-07-12', 2008), 'completed-other-year');

	-- a lot that waits, an enrolment made void, a move
	INSERT INTO ledger.seeker_past SELECT 4101, s.id, 0, '2007-03-01', s.active, 410103001001, s.rank,
		s.rank_reason, s.rank_on, s.age_class, s.class_until, s.waiting_since, s.withdrawn_on, s.withdrawn_for,
		s.pay_wish, s.farthest, s.shifts, s.forms, s.education, s.wishes, s.skills, s.licences, s.experience
		FROM ledger.seeker s WHERE s.id IN (5, 8);
	UPDATE ledger.seeker_past SET until_on = '2007-03-02' WHERE seeker = 5;
	PERFORM t.is('where they lived that evening', (SELECT string_agg(unit, ' ' ORDER BY person) FROM
		ledger.trained(4101, 2007, '2007-07-12', NULL) WHERE person IN (5, 8)), '410103 410105');
	one := t.enrol(spring, 11, '2007-03-01', '2007-05-31');
	PERFORM t.is('counts', t.trained(11), 'T6');
	PERFORM t.is('void', t.fold(ARRAY(SELECT r FROM api.end_entry(4101, t.kid('bureau'), t.secret('bureau'),
		t.actor('bureau'), 'void', '\x01', 'enrolment', one, '{"reason":"录错"}') r))->>'code', 'ok');
	PERFORM t.is('is not counted', t.why(11, 'T6'), 'enrolment-void');

	-- shown: T7 is a part of T6
	SELECT jsonb_object_agg(x->>'target', x->'achieved') INTO city FROM jsonb_array_elements(
		ledger.progress_json(4101, 2007, '2007-12-31', 'city')->'targets') x WHERE x->>'target' IN ('T6', 'T7');
	PERFORM t.is('the city', city, '{"T6":4,"T7":1}');
	SELECT x INTO f FROM jsonb_array_elements(ledger.person_progress_json(4101, 8, 2007, '2007-12-31')->'targets') x
		WHERE x->>'target' = 'T6';
	PERFORM t.is('by the enrolment', f->>'counts', 'true');
	PERFORM t.is('which is named', (SELECT seeker FROM ledger.enrolment e WHERE e.id = (f->>'enrolment')::bigint), 8::bigint);
	PERFORM t.is('no placement', f->'placement', 'null');
	PERFORM t.is('its page', f->>'rule_page', '/rules/t6');
END $$;
