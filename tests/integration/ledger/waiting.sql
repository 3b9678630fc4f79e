-- Since when somebody waits (rules/waiting-time).

CREATE FUNCTION t.waits(p_id bigint) RETURNS text LANGUAGE sql AS $$
	SELECT waiting_since::text FROM ledger.seeker WHERE id = p_id
$$;
CREATE FUNCTION t.unemployed(p_id bigint, p_since date) RETURNS bigint LANGUAGE sql AS $$
	SELECT (t.fact(p_id, 'add unemployment', jsonb_build_object('since', p_since, 'prior_job', true,
		'laid_off', NULL))#>>'{body,fact}')::bigint
$$;
CREATE FUNCTION t.hired(p_id bigint, p_fact bigint, p_on date, p_reason text DEFAULT 'employed')
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM t.is('ended', t.fact(p_id, 'end unemployment', jsonb_build_object('reason', p_reason,
		'on', p_on), p_fact)->>'code', 'ok');
END $$;
CREATE FUNCTION t.merge(p_id bigint, p_what text, p_duplicate bigint, p_second boolean DEFAULT false)
RETURNS jsonb LANGUAGE sql AS $$
	SELECT t.fold(ARRAY(SELECT r FROM api.merge_seekers(4101, t.kid('bureau'), t.secret('bureau'),
		CASE WHEN p_second THEN t.second_actor('bureau') ELSE t.actor('bureau') END,
		gen_random_uuid()::text, '\x01', p_id, p_what, jsonb_build_object('duplicate',
		ledger.seeker_text(p_duplicate), 'reason', 'one person')) r))
$$;

DO $$
DECLARE
	since jsonb := '{"unemployment":{"since":"2006-01-10","prior_job":true,"laid_off":null}}';
	f     bigint;
	p     text;
BEGIN
	-- No job on the register: the 89th day still, the 90th no longer.
	PERFORM t.seeker(1, since);
	SELECT id INTO f FROM ledger.unemployment WHERE person = 1;
	PERFORM t.hired(1, f, '2006-03-01');
	PERFORM t.is('leaving changes nothing', t.waits(1), '2006-01-10');
	f := t.unemployed(1, '2006-05-29');
	PERFORM t.is('day 89', t.waits(1), '2006-01-10');
	PERFORM t.fact(1, 'void unemployment', '{"reason":"wrong day"}', f);
	f := t.unemployed(1, '2006-05-30');
	PERFORM t.is('day 90', t.waits(1), '2006-05-30');
	PERFORM t.hired(1, f, '2006-07-01', 'gave_up');
	f := t.unemployed(1, '2006-07-02');
	PERFORM t.is('not for work', t.waits(1), '2006-07-02');
	PERFORM t.hired(1, f, '2006-08-01', 'gave_up');
	PERFORM t.unemployed(1, '2006-08-01');
	PERFORM t.is('never away', t.waits(1), '2006-07-02');

	-- A job on the register says how long it was, however late they come.
	PERFORM t.seeker(2, since);
	p := t.works(2, '2006-02-01');
	PERFORM t.ends(p, '{"on":"2006-05-01","reason":"resigned"}'); -- 89 days
	f := t.unemployed(2, '2007-01-10');
	PERFORM t.is('a short job, and months', t.waits(2), '2006-01-10');
	PERFORM t.seeker(3, since);
	p := t.works(3, '2006-02-01');
	PERFORM t.ends(p, '{"on":"2006-05-02","reason":"resigned"}'); -- 90
	PERFORM t.is('a long one', t.waits(3), '2006-05-02');
	f := t.unemployed(3, '2007-01-10');
	PERFORM t.is('from its end still', t.waits(3), '2006-05-02');
	-- Left for work by their word, and then the job is known: it decides after day 90 too.
	PERFORM t.seeker(4, since);
	SELECT id INTO f FROM ledger.unemployment WHERE person = 4;
	PERFORM t.hired(4, f, '2006-03-01');
	p := t.works(4, '2006-03-10');
	PERFORM t.ends(p, '{"on":"2006-05-20","reason":"resigned"}');
	f := t.unemployed(4, '2006-07-01');
	PERFORM t.is('between the two', t.waits(4), '2006-01-10');
	PERFORM t.void(p);
	PERFORM t.is('and it never was', t.waits(4), '2006-07-01');
	PERFORM t.void(p, p_what => 'undo');
	PERFORM t.is('and was', t.waits(4), '2006-01-10');
	-- One that is void: by the next leaving, not by an earlier one for work.
	PERFORM t.seeker(5, since);
	p := t.works(5, '2006-02-01');
	PERFORM t.ends(p, '{"on":"2006-03-01","reason":"resigned"}');
	f := t.unemployed(5, '2006-03-01');
	PERFORM t.hired(5, f, '2006-04-01', 'gave_up');
	f := t.unemployed(5, '2006-05-01');
	PERFORM t.is('gave up after a short job', t.waits(5), '2006-05-01');

	-- As a seeker only.
	PERFORM t.seeker(6, '{"unemployment":null}');
	PERFORM t.is('registered', t.waits(6), '2007-07-12');
	PERFORM t.fact(6, 'withdraw', '{"reason":"gave_up"}');
	PERFORM t.fact(6, 'return', '{}');
	PERFORM t.is('back on the day', t.waits(6), '2007-07-12');
	UPDATE ledger.city SET fixed_clock = '2007-07-20 10:00+08';
	PERFORM t.fact(6, 'withdraw', '{"reason":"school"}');
	UPDATE ledger.city SET fixed_clock = '2007-07-25 10:00+08';
	PERFORM t.fact(6, 'return', '{}');
	PERFORM t.is('anew', t.waits(6), '2007-07-25');
	PERFORM t.fact(6, 'withdraw', '{"reason":"employed"}');
	UPDATE ledger.city SET fixed_clock = '2007-10-22 10:00+08';
	PERFORM t.fact(6, 'return', '{}');
	PERFORM t.is('day 89 of a withdrawal', t.waits(6), '2007-07-25');
	PERFORM t.fact(6, 'withdraw', '{"reason":"employed"}');
	UPDATE ledger.city SET fixed_clock = '2008-01-20 10:00+08';
	PERFORM t.fact(6, 'return', '{}');
	PERFORM t.is('day 90', t.waits(6), '2008-01-20');
	UPDATE ledger.city SET fixed_clock = '2007-07-12 10:00+08';
END $$;

-- Two files, read as one: a job on one ends the registration on the other.
DO $$
DECLARE
	p text;
	a jsonb;
BEGIN
	PERFORM t.seeker(11, '{"unemployment":{"since":"2006-01-10","prior_job":true,"laid_off":null}}');
	PERFORM t.seeker(12, '{"unemployment":null}');
	p := t.works(12, '2007-01-10');
	PERFORM t.is('by itself', t.waits(12), '2007-07-12');
	a := t.merge(11, 'merge', 12);
	PERFORM t.is('made one', a->>'code', 'ok');
	PERFORM t.is('at work', t.rank(11), 'P6 employed');
	PERFORM t.is('the registration is over', (SELECT ended_on FROM ledger.unemployment WHERE person = 11),
		DATE '2007-01-10');
	PERFORM t.is('undone', t.merge(11, 'unmerge', 12, true)->>'code', 'ok');
	PERFORM t.is('open again', (SELECT ended_on FROM ledger.unemployment WHERE person = 11), NULL::date);
	PERFORM t.is('ranked again', t.rank(11), 'P5 registered-unemployed');
	PERFORM t.merge(11, 'merge', 12);
	PERFORM t.ends(p, '{"on":"2007-04-10","reason":"resigned"}');
	PERFORM t.is('from the end of the job', t.waits(11), '2007-04-10');
	-- The later of two registrations that overlap begins nothing.
	PERFORM t.seeker(13, '{"unemployment":{"since":"2006-03-10","prior_job":true,"laid_off":null}}');
	PERFORM t.seeker(14, '{"unemployment":{"since":"2006-01-10","prior_job":true,"laid_off":null}}');
	PERFORM t.merge(13, 'merge', 14);
	PERFORM t.is('the earlier', t.waits(13), '2006-01-10');
	-- Who ever were two of one household are not one.
	PERFORM t.seeker(15, '{}');
	PERFORM t.seeker(16, '{}');
	PERFORM t.is('a household', t.household('{15,16}')->>'code', 'ok');
	UPDATE ledger.household_member SET left_on = '2007-07-12' WHERE person = 16;
	PERFORM t.is('two of one', t.merge(15, 'merge', 16)#>>'{body,reason}', 'households');
END $$;
