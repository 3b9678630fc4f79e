-- The law of training (rules/training): what a course and an enrolment may be.
--
-- Whoever is enrolled in a course locks its entry first, so that its seats are counted once.

-- A change of a course is held against who is enrolled in it; what it leaves as it was is not.
CREATE OR REPLACE FUNCTION ledger.check_course(p_who api.caller, p_was ledger.course,
	p_new ledger.course, p_evidence jsonb)
RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	taken    record;
	shut_out text[];
BEGIN
	SELECT count(*) AS n, count(*) FILTER (WHERE x.outcome <> 'dropped') AS seated,
			min(x."from") AS first, greatest(max(x."from"), max(x.until)) AS last,
			count(*) FILTER (WHERE ledger.is_through(x.outcome)) AS through,
			count(*) FILTER (WHERE ledger.is_through(x.outcome)
				AND x.attendance < p_new.attendance_min) AS below,
			min(x.attendance) FILTER (WHERE ledger.is_through(x.outcome)) AS least INTO taken
		FROM ledger.enrolment x JOIN ledger.entry e USING (city, id, version)
		WHERE x.city = p_new.city AND x.course = p_new.id AND x.ended_on IS NULL;
	IF taken.n > 0 AND p_new.subsidised AND NOT p_was.subsidised THEN
		SELECT array_agg(x.id::text ORDER BY x.id) INTO shut_out
			FROM ledger.enrolment x JOIN ledger.entry e USING (city, id, version)
			WHERE x.city = p_new.city AND x.course = p_new.id AND x.ended_on IS NULL
			  AND (ledger.rank_of(x.city, x.seeker, x."from")).rank > 5;
	END IF;
	RETURN CASE
		WHEN p_new.seats < p_was.seats AND p_new.seats < taken.seated THEN
			ledger.refuse_fault(ledger.fault('/seats', 'range', p_new.seats::text,
				taken.seated || ' at least', 'So many are enrolled already.', '已招收人数超过此名额。'))
		WHEN taken.n > 0 AND p_new.kind <> p_was.kind THEN ledger.refuse_fault(ledger.fault('/kind',
			'fixed', p_new.kind, p_was.kind, 'Somebody is enrolled in it as what it was.',
			'已有学员报名，培训类别不能更改。'))
		WHEN p_new."from" > p_was."from" AND p_new."from" > taken.first THEN
			ledger.wrong_day('/from', p_new."from", 'not after ' || taken.first
				|| ', when somebody was enrolled')
		WHEN p_new.until <> p_was.until AND taken.through > 0 THEN ledger.refuse_fault(
			ledger.fault('/until', 'fixed', p_new.until::text, p_was.until || ', when '
				|| taken.through || ' completed it', 'Somebody completed it on its last day.',
				'已有学员在结业日期完成培训，不能更改。'))
		WHEN p_new.until < p_was.until AND p_new.until < taken.last THEN
			ledger.wrong_day('/until', p_new.until, 'not before ' || taken.last
				|| ', when somebody went')
		WHEN p_new.attendance_min > p_was.attendance_min AND taken.below > 0 THEN
			ledger.refuse_fault(ledger.fault('/attendance_min', 'range', p_new.attendance_min::text,
				taken.least || ' at most; ' || taken.below || ' completed it with less than was given',
				'Somebody completed it with less attendance than this.',
				'已有学员以低于此数的出勤率完成培训。'))
		WHEN shut_out IS NOT NULL THEN ledger.wrong_state('not-entitled', jsonb_build_object(
			'enrolled', cardinality(shut_out), 'enrolments', to_jsonb(shut_out[:10])))
		WHEN p_new.end_reason = 'held' AND p_new.ended_on < p_new.until THEN
			ledger.wrong_day('/on', p_new.ended_on, 'not before ' || p_new.until)
		WHEN p_new.end_reason = 'cancelled' AND taken.seated > 0 THEN
			ledger.wrong_state('course-attended', jsonb_build_object('enrolled', taken.seated)) END;
END $$;

CREATE OR REPLACE FUNCTION ledger.is_through(p_outcome text) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
	SELECT p_outcome IN ('completed', 'passed', 'failed')
$$;

-- Which outcome may follow which; the same may always.
CREATE OR REPLACE FUNCTION ledger.may_follow(p_was text, p_new text) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
	SELECT p_new = p_was OR CASE p_was WHEN 'attending' THEN p_new IN ('completed', 'dropped')
		WHEN 'completed' THEN p_new IN ('passed', 'failed') ELSE false END
$$;

-- The days of an enrolment lie in those of its course.  Whoever left says when; whoever
-- completed it was there to its last day, and often enough.
CREATE OR REPLACE FUNCTION ledger.enrolment_fault(p ledger.enrolment, c ledger.course)
RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE
		WHEN p."from" NOT BETWEEN c."from" AND c.until THEN ledger.fault('/from', 'range',
			p."from"::text, c."from" || ' to ' || c.until, 'The day is not one of the course.',
			'入学日期不在培训班起止日期之内。')
		WHEN p.until IS NULL AND p.outcome <> 'attending' THEN ledger.fault('/until', 'required',
			'nothing', 'a day', 'This must be stated.', '此项必填。')
		WHEN ledger.is_through(p.outcome) AND p.until <> c.until THEN ledger.fault('/until',
			'range', p.until::text, c.until::text,
			'Whoever completed the course was there to its last day.', '完成培训的，结束日期为培训班结业日期。')
		WHEN p.until > c.until THEN ledger.fault('/until', 'range', p.until::text,
			'not before from, nor after ' || c.until, 'The day is not one of the course.',
			'结束日期不在培训班起止日期之内。')
		WHEN ledger.is_through(p.outcome) AND coalesce(p.attendance, -1) < c.attendance_min THEN
			ledger.fault('/attendance', 'range', coalesce(p.attendance::text, 'nothing'),
				c.attendance_min || ' to 100', 'The course asks for more attendance than this.',
				'未达到该培训班要求的最低出勤率。') END
$$;

CREATE OR REPLACE FUNCTION ledger.check_enrolment(p_who api.caller, p_was ledger.enrolment,
	p_new ledger.enrolment, p_evidence jsonb)
RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	c     ledger.course;
	taken record;
	bad   jsonb;
	rank  int;
BEGIN
	IF p_new.ended_on IS NOT NULL THEN
		RETURN NULL;
	END IF;
	PERFORM FROM ledger.entry e WHERE e.city = p_new.city AND e.id = p_new.course
		FOR NO KEY UPDATE;
	SELECT x.* INTO c FROM ledger.course x JOIN ledger.entry e USING (city, id, version)
		WHERE x.city = p_new.city AND x.id = p_new.course;
	IF NOT ledger.may_follow(p_was.outcome, p_new.outcome) THEN
		RETURN ledger.wrong_state(CASE WHEN p_was.outcome = 'attending' THEN 'not-completed'
			ELSE 'outcome-final' END, jsonb_build_object('outcome', p_was.outcome));
	END IF;
	bad := ledger.enrolment_fault(p_new, c);
	IF bad IS NOT NULL THEN
		RETURN ledger.refuse_fault(bad);
	END IF;
	rank := CASE WHEN c.subsidised AND p_new."from" IS DISTINCT FROM p_was."from" THEN
		(ledger.rank_of(p_new.city, p_new.seeker, p_new."from")).rank END;
	IF p_was.id IS NULL THEN
		IF c.ended_on IS NOT NULL THEN
			RETURN ledger.wrong_state('course-ended', jsonb_build_object('ended_on', c.ended_on));
		END IF;
		SELECT count(*) FILTER (WHERE x.outcome <> 'dropped') AS n, min(x.id) FILTER (WHERE x.seeker
				= ANY (ledger.same_person(p_new.city, p_new.seeker))) AS twin
			INTO taken FROM ledger.enrolment x JOIN ledger.entry e USING (city, id, version)
			WHERE x.city = p_new.city AND x.course = p_new.course AND x.ended_on IS NULL;
		IF taken.twin IS NOT NULL THEN
			RETURN ledger.wrong_state('already-enrolled',
				jsonb_build_object('enrolment', taken.twin::text));
		ELSIF taken.n >= c.seats AND p_new.outcome <> 'dropped' THEN
			RETURN ledger.wrong_state('course-full', jsonb_build_object('seats', c.seats));
		END IF;
	END IF;
	RETURN CASE WHEN rank > 5 THEN ledger.wrong_state('not-entitled',
		jsonb_build_object('rank', 'P' || rank)) END;
END $$;
