-- Who counts as trained (T6), and as trained for business (T7), derived from the registers of
-- courses and enrolments.
--
-- An enrolment is taken as its latest version has it: one that is void never was.  It counts on
-- the day it was completed, in the year of that day; what the person was is asked of the day of
-- enrolment, and so is where they lived.  Nothing is known here of placements.

-- Every enrolment that somebody could count by, with the rule that keeps it from each target.
-- rules/t6, rules/t7, rules/lots
CREATE OR REPLACE FUNCTION ledger.training_facts(p_city int, p_year int, p_as_of date,
	p_person bigint)
RETURNS TABLE (enrolment bigint, person bigint, enrolled_on date, completed_on date, place bigint,
	t6 text, t7 text)
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_custom_plan SET jit = off AS $$
BEGIN
	RETURN QUERY
	WITH latest AS MATERIALIZED (
		SELECT x.id, x.seeker, x."from" AS day, x.until, x.outcome, x.attendance, x.ended_on,
			c.kind, c.approval, c.attendance_min
		FROM ledger.enrolment x JOIN ledger.entry e USING (city, id, version)
		JOIN ledger.entry ce ON ce.city = x.city AND ce.id = x.course
		JOIN ledger.course c ON c.city = ce.city AND c.id = ce.id AND c.version = ce.version
		WHERE x.city = p_city AND (p_person IS NULL OR x.seeker = p_person)
	), jobless AS (
		SELECT DISTINCT l.id FROM latest l
		JOIN ledger.unemployment u ON u.city = p_city AND u.person = l.seeker
		WHERE u.void_on IS NULL AND u.since <= l.day AND (u.ended_on IS NULL OR u.ended_on > l.day)
	), judged AS (
		SELECT l.*, CASE
			WHEN l.ended_on IS NOT NULL THEN 'enrolment-void'
			WHEN ledger.is_through(l.outcome) IS NOT TRUE OR l.until IS NULL OR l.until > p_as_of
				THEN 'training-not-completed'
			WHEN date_part('year', l.until)::int <> p_year THEN 'completed-other-year'
			WHEN o.rule IS NOT NULL THEN o.rule
			WHEN l.approval IS NULL THEN 'course-not-approved'
			WHEN coalesce(l.attendance, -1) < l.attendance_min THEN 'attendance-short'
			WHEN j.id IS NULL THEN 'not-unemployed-enrolled' END AS r
		FROM latest l LEFT JOIN jobless j ON j.id = l.id
		LEFT JOIN ledger.uncounted(p_city, 'seekers', p_as_of) o ON o.object = l.seeker
			AND (p_person IS NULL OR o.object = p_person)
	)
	SELECT j.id, j.seeker, j.day, j.until, home.community, j.r,
		coalesce(j.r, CASE WHEN j.kind <> 'entrepreneurship' THEN 'not-entrepreneurship' END)
	FROM judged j CROSS JOIN LATERAL ledger.lived_in(p_city, j.seeker, j.day) home;
END $$;

-- One row a person and target: the enrolment that holds the count, which is the one completed
-- first (rules/t6, rules/counted-once).
CREATE OR REPLACE FUNCTION ledger.trained(p_city int, p_year int, p_as_of date, p_person bigint)
RETURNS TABLE (target text, person bigint, enrolment bigint, unit text)
LANGUAGE sql STABLE AS $$
	WITH fact AS MATERIALIZED (
		SELECT * FROM ledger.training_facts(p_city, p_year, p_as_of, p_person) f WHERE f.t6 IS NULL
	)
	SELECT DISTINCT ON (f.person, x.target) x.target, f.person, f.enrolment, w.unit
	FROM fact f
	CROSS JOIN LATERAL (VALUES ('T6', f.t6), ('T7', f.t7)) x(target, rule)
	LEFT JOIN ledger.units_over(p_city, ARRAY(SELECT DISTINCT h.place FROM fact h)) w
		ON w.place = f.place AND w.valid_from <= f.enrolled_on AND f.enrolled_on < w.valid_to
	WHERE x.rule IS NULL
	ORDER BY f.person, x.target, f.completed_on, f.enrolled_on, f.enrolment, w.digits DESC
$$;

-- For T6 and T7: the enrolment that holds a person's count, else what keeps the latest that is
-- not void from counting.
CREATE OR REPLACE FUNCTION ledger.person_trained(p_city int, p_person bigint, p_year int,
	p_as_of date)
RETURNS TABLE (target text, enrolment bigint, unit text, counts boolean, rule text)
LANGUAGE sql STABLE AS $$
	WITH fact AS MATERIALIZED (
		SELECT f.enrolment, f.enrolled_on, x.target, x.rule
		FROM ledger.training_facts(p_city, p_year, p_as_of, p_person) f,
			LATERAL (VALUES ('T6', f.t6), ('T7', f.t7)) x(target, rule)
	)
	SELECT t.target, coalesce(h.enrolment, why.enrolment), h.unit, h.enrolment IS NOT NULL,
		CASE WHEN h.enrolment IS NOT NULL THEN 'counts' ELSE coalesce(why.rule, 'no-training') END
	FROM (VALUES ('T6'), ('T7')) t(target)
	LEFT JOIN ledger.trained(p_city, p_year, p_as_of, p_person) h ON h.target = t.target
	LEFT JOIN LATERAL (SELECT f.enrolment, f.rule FROM fact f WHERE f.target = t.target
		ORDER BY f.rule = 'enrolment-void', f.enrolled_on DESC, f.enrolment DESC LIMIT 1) why ON true
$$;
