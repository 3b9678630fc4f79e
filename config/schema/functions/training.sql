-- The law of training (rules/training): what a course and an enrolment may be.
--
-- Whoever is enrolled in a course locks its entry first, so that its seats are counted once.

CREATE OR REPLACE FUNCTION ledger.check_course(p_who api.caller, p_was ledger.course,
	p_new ledger.course, p_evidence jsonb)
RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	taken record;
BEGIN
	SELECT count(*) AS n, count(*) FILTER (WHERE x.outcome <> 'dropped') AS went,
			min(x."from") AS first, max(x."from") AS last INTO taken
		FROM ledger.enrolment x JOIN ledger.entry e USING (city, id, version)
		WHERE x.city = p_new.city AND x.course = p_new.id AND x.ended_on IS NULL;
	RETURN CASE
		WHEN p_new.seats < taken.n THEN ledger.refuse_fault(ledger.fault('/seats', 'range',
			p_new.seats::text, taken.n || ' at least', 'So many are enrolled already.',
			'已招收人数超过此名额。'))
		WHEN taken.n > 0 AND p_new.kind <> p_was.kind THEN ledger.refuse_fault(ledger.fault('/kind',
			'fixed', p_new.kind, p_was.kind, 'Somebody is enrolled in it as what it was.',
			'已有学员报名，培训类别不能更改。'))
		WHEN p_new."from" > taken.first THEN ledger.wrong_day('/from', p_new."from",
			'not after ' || taken.first || ', when somebody was enrolled')
		WHEN p_new.until < taken.last THEN ledger.wrong_day('/until', p_new.until,
			'not before ' || taken.last || ', when somebody was enrolled')
		WHEN p_new.end_reason = 'held' AND p_new.ended_on < p_new.until THEN
			ledger.wrong_day('/on', p_new.ended_on, 'not before ' || p_new.until)
		WHEN p_new.end_reason = 'cancelled' AND taken.went > 0 THEN
			ledger.wrong_state('course-attended', jsonb_build_object('enrolled', taken.went)) END;
END $$;

-- What an outcome asks for: a day, and of who completed it that they were there.
CREATE OR REPLACE FUNCTION ledger.outcome_fault(p ledger.enrolment, p_least int) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE WHEN p.outcome = 'attending' OR p.outcome IS NULL THEN NULL
		WHEN p.until IS NULL THEN ledger.fault('/until', 'required', 'nothing', 'a day',
			'This must be stated.', '此项必填。')
		WHEN p.outcome <> 'dropped' AND coalesce(p.attendance, -1) < p_least THEN
			ledger.fault('/attendance', 'range', coalesce(p.attendance::text, 'nothing'),
				p_least || ' to 100', 'The course asks for more attendance than this.',
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
	IF p_new."from" NOT BETWEEN c."from" AND c.until THEN
		RETURN ledger.refuse_fault(ledger.fault('/from', 'range', p_new."from"::text,
			c."from" || ' to ' || c.until, 'The day is not one of the course.',
			'入学日期不在培训班起止日期之内。'));
	END IF;
	bad := ledger.outcome_fault(p_new, c.attendance_min);
	IF p_was.outcome IN ('passed', 'failed', 'dropped')
			AND p_new.outcome IS DISTINCT FROM p_was.outcome
		OR p_was.outcome = 'completed' AND coalesce(p_new.outcome, '') NOT IN ('completed', 'passed', 'failed') THEN
		RETURN ledger.wrong_state('outcome-final', jsonb_build_object('outcome', p_was.outcome));
	ELSIF bad IS NOT NULL THEN
		RETURN ledger.refuse_fault(bad);
	ELSIF p_was.id IS NOT NULL THEN
		RETURN NULL;
	ELSIF c.ended_on IS NOT NULL THEN
		RETURN ledger.wrong_state('course-ended', jsonb_build_object('ended_on', c.ended_on));
	END IF;
	SELECT count(*) FILTER (WHERE x.outcome IS DISTINCT FROM 'dropped') AS n,
			min(x.id) FILTER (WHERE x.seeker = ANY (ledger.same_person(p_new.city, p_new.seeker))) AS twin
		INTO taken FROM ledger.enrolment x JOIN ledger.entry e USING (city, id, version)
		WHERE x.city = p_new.city AND x.course = p_new.course AND x.ended_on IS NULL;
	rank := CASE WHEN c.subsidised THEN
		(ledger.rank_of(p_new.city, p_new.seeker, p_new."from")).rank END;
	RETURN CASE
		WHEN taken.twin IS NOT NULL THEN ledger.wrong_state('already-enrolled',
			jsonb_build_object('enrolment', taken.twin::text))
		WHEN taken.n >= c.seats THEN ledger.wrong_state('course-full',
			jsonb_build_object('seats', c.seats))
		WHEN rank > 5 THEN ledger.wrong_state('not-entitled',
			jsonb_build_object('rank', 'P' || rank)) END;
END $$;
