-- Counts toward the year's targets, derived from the dated registers (rules/progress).
--
-- Nothing here is stored and nothing is incremented: a figure is a function of the
-- registers and an as-of day, so a correction in a register corrects every report.
-- count_facts() says for each placement and target which rule keeps it from counting,
-- and NULL when none does; the earliest that qualifies holds a person's count.  An
-- in-migrant counts in the year in which the third month ends (rules/in-migrants), so a start in October
-- belongs to the next year.  The city's progress is figures only, for bureaus and auditors;
-- one person's is a look at their file and is written down as one.

-- Continuous work over the three months, breaks of some days allowed, several employers too; a
-- break may lie across their end, once work goes on after it.
CREATE OR REPLACE FUNCTION ledger.worked_through(p_city int, p_person bigint, p_from date,
	p_until date, p_break int, p_as_of date)
RETURNS boolean
LANGUAGE plpgsql STABLE SET plan_cache_mode = auto AS $$
BEGIN
	RETURN (SELECT bool_and(x.start_on - x.reached <= p_break) AND max(x.stop) >= p_until
		FROM (SELECT e.start_on, coalesce(e.ended_on, 'infinity') AS stop,
				coalesce(max(coalesce(e.ended_on, 'infinity')) OVER (ORDER BY e.start_on, e.placement
					ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), p_from) AS reached
			FROM ledger.employment e
			WHERE e.city = p_city AND e.person = p_person AND e.void_on IS NULL
			  AND e.community IS NOT NULL AND e.start_on >= p_from AND e.start_on < p_until + p_break
			  AND e.start_on <= p_as_of) x
		WHERE x.reached < p_until);
END $$;

-- Every placement that could count in the year, with the rule that keeps it from each
-- target.  Set by set, not row by row: a city has a hundred thousand of them.  Planned for
-- each call, because one plan cannot serve both the whole city and one person.
-- rules/t1, rules/t2, rules/t3, rules/t4, rules/lots
CREATE OR REPLACE FUNCTION ledger.count_facts(p_city int, p_year int, p_as_of date, p_person bigint)
RETURNS TABLE (placement bigint, person bigint, d0 date, reported_at timestamptz, place bigint,
	t1 text, t2 text, t3 text, t4 text)
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_custom_plan SET jit = off AS $$
DECLARE
	town text := (SELECT c.prefix FROM ledger.city c WHERE c.city = p_city);
BEGIN
	RETURN QUERY
	WITH pol AS (
		SELECT x.*, x AS said, lead(x.valid_from, 1, 'infinity') OVER (ORDER BY x.valid_from) AS until
		FROM ledger.policy x WHERE x.city = p_city
	), retire AS (
		SELECT f.person AS who, f.since, f.age,
			lead(f.since, 1, 'infinity') OVER (PARTITION BY f.person ORDER BY f.since) AS until
		FROM ledger.retirement_fact f
		WHERE f.city = p_city AND (p_person IS NULL OR f.person = p_person)
	), uncounted AS MATERIALIZED (
		SELECT * FROM ledger.uncounted(p_city, 'seekers', p_as_of) u
		WHERE p_person IS NULL OR u.object = p_person
	), base AS (
		SELECT p.id, p.seeker, p.start_on, date_part('year', p.start_on)::int AS year,
			p.reported_at AS told, p.state, p.registered_on,
			coalesce(p.community, p.workplace) AS home, p.workplace, pe.birth,
			date_part('year', pe.birth)::int AS born, a.age,
			pe.sex, r.age AS on_file, pol.said,
			CASE WHEN pe.sex = 2 THEN pol.women_from ELSE pol.men_from END AS aid_from,
			pol.age_asof, pol.inspect_by_month, pol.inspect_by_day, pol.t2_prior_job,
			pol.migrant_count, pol.migrant_break,
			CASE WHEN m.migrant THEN ledger.add_months(p.start_on, 3) ELSE p.start_on END AS counted_on,
			m.migrant, o.rule AS lot_rule
		FROM ledger.placement p
		JOIN ledger.person pe ON pe.city = p.city AND pe.id = p.seeker
		JOIN pol ON pol.valid_from <= p.start_on AND p.start_on < pol.until
		LEFT JOIN retire r ON r.who = p.seeker AND r.since <= p.start_on AND p.start_on < r.until
		LEFT JOIN uncounted o ON o.object = p.seeker
		-- R02 names graduates, ex-servicemen and people transferred in by themselves.
		CROSS JOIN LATERAL (SELECT NOT starts_with(pe.hukou_division, town)
			AND pe.grp NOT IN ('graduate', 'serviceman', 'transferred') AS migrant) m
		CROSS JOIN LATERAL (SELECT ledger.age_on(pe.birth, p.start_on) AS age OFFSET 0) a
		WHERE p.city = p_city AND (p_person IS NULL OR p.seeker = p_person)
		  AND (p_person IS NOT NULL OR p.state = 'registered')
		  AND p.start_on BETWEEN make_date(p_year - 1, 9, 1) AND make_date(p_year, 12, 31)
	), one AS MATERIALIZED (
		SELECT b.*, CASE
			WHEN b.state = 'void' THEN 'placement-void'
			WHEN NOT starts_with(b.workplace::text, town) THEN 'workplace-outside-city'
			WHEN b.state <> 'registered' OR b.registered_on > p_as_of THEN 'not-registered'
			WHEN b.start_on > p_as_of THEN 'not-started'
			WHEN date_part('year', b.counted_on) <> p_year
				OR b.migrant_count = 'start_and_q_in_year' AND b.year <> p_year THEN 'other-year'
			WHEN b.lot_rule IS NOT NULL THEN b.lot_rule
			WHEN b.age < 16 THEN 'under-age'
			WHEN b.class = 5 THEN 'retirement-unproven'
			WHEN b.class = 4 THEN 'past-retirement'
			WHEN EXISTS (SELECT FROM ledger.employment e
				WHERE e.city = p_city AND e.person = b.seeker AND e.placement <> b.id
				AND e.void_on IS NULL AND e.community IS NOT NULL AND e.start_on < b.start_on
				AND (e.ended_on IS NULL OR e.ended_on >= b.start_on)) THEN 'already-employed'
			WHEN NOT b.migrant THEN NULL
			WHEN b.counted_on > p_as_of THEN 'migrant-three-months'
			WHEN NOT ledger.worked_through(p_city, b.seeker, b.start_on, b.counted_on,
				b.migrant_break, p_as_of) THEN 'migrant-left-early'
			END AS r1
		FROM (SELECT x.*, ledger.age_class(x.said, x.sex, x.age, x.on_file) AS class FROM base x) b
	), jobless AS (
		SELECT o.id, bool_or(u.prior_job OR coalesce(u.laid_off IN ('L1', 'L2', 'L3'), false)) AS worked
		FROM one o JOIN ledger.unemployment u ON u.city = p_city AND u.person = o.seeker
		WHERE o.r1 IS NULL AND u.since < o.start_on
		  AND (u.ended_on IS NULL OR u.ended_on >= o.start_on) AND u.void_on IS NULL
		GROUP BY o.id
	), two AS MATERIALIZED (
		SELECT o.*, CASE WHEN o.r1 IS NOT NULL THEN o.r1 WHEN j.id IS NULL THEN 'not-unemployed'
			WHEN o.t2_prior_job AND NOT j.worked THEN 'first-job' END AS r2
		FROM one o LEFT JOIN jobless j ON j.id = o.id
	), certified AS (
		-- ledger.certificate_on(), for all of them at once
		SELECT DISTINCT t.id FROM two t
		JOIN ledger.certificate c ON c.city = p_city AND c.person = t.seeker
		LEFT JOIN ledger.inspection now ON now.city = p_city AND now.certificate = c.id
			AND now.year = t.year AND now.on_day <= t.start_on
		LEFT JOIN ledger.inspection was ON was.city = p_city AND was.certificate = c.id
			AND was.year = t.year - 1 AND was.on_day <= t.start_on
		WHERE t.r2 IS NULL AND t.start_on BETWEEN c.issued_on AND c.valid_to
		  AND (c.void_on IS NULL OR t.start_on < c.void_on)
		  AND (date_part('year', c.issued_on) = t.year OR now.year IS NOT NULL
			OR t.start_on <= make_date(t.year, t.inspect_by_month, t.inspect_by_day)
			AND (date_part('year', c.issued_on) = t.year - 1 OR was.year IS NOT NULL))
	), recognised AS (
		SELECT DISTINCT t.id FROM two t
		JOIN ledger.recognition r ON r.city = p_city AND r.person = t.seeker
		WHERE t.r2 IS NULL AND r.void_on IS NULL AND r.recognised_on <= t.start_on
		  AND (r.ended_on IS NULL OR r.ended_on > t.start_on
			OR r.ended_on = t.start_on AND r.end_reason = 'employed')
	), housed AS (
		-- HC1: the household was open on the day she began, but for her beginning.
		SELECT x.id, u.rule FROM (SELECT y.id, ledger.open_household(p_city, y.seeker, y.start_on,
					y.start_on - 1) AS household
			FROM (SELECT DISTINCT t.id, t.seeker, t.start_on FROM two t
				JOIN ledger.household_member m ON m.city = p_city AND m.person = t.seeker
				WHERE t.r2 IS NULL OFFSET 0) y OFFSET 0) x
		LEFT JOIN ledger.uncounted(p_city, 'households', p_as_of) u ON u.object = x.household
		WHERE x.household IS NOT NULL
	)
	SELECT t.id, t.seeker, t.start_on, t.told, t.home, t.r1, t.r2,
		CASE WHEN t.r2 IS NOT NULL THEN t.r2
			WHEN t.id NOT IN (SELECT id FROM certified) THEN 'no-valid-certificate' END,
		CASE WHEN t.r2 IS NOT NULL THEN t.r2
			-- as in ledger.standing_on(): at the year's end every birthday of the year is past
			WHEN a.asof >= t.aid_from AND a.class = 3 THEN NULL
			WHEN t.id IN (SELECT id FROM recognised)
				OR t.id IN (SELECT id FROM housed WHERE rule IS NULL) THEN NULL
			WHEN a.class = 5 THEN 'retirement-unproven'
			WHEN t.id IN (SELECT id FROM housed WHERE rule = 'lot-refused') THEN 'lot-refused'
			WHEN t.id IN (SELECT id FROM housed) THEN 'lot-undecided'
			ELSE 'not-hard-to-employ' END
	FROM two t
	CROSS JOIN LATERAL (SELECT y.asof, ledger.age_class(t.said, t.sex, y.asof, t.on_file) AS class
		FROM (SELECT CASE t.age_asof WHEN 'year_end' THEN t.year - t.born
			WHEN 'event_date' THEN t.age
			ELSE ledger.age_on(t.birth, substr(t.age_asof, 7)::date) END AS asof) y) a;
END $$;

-- The reporting units over some places, each with its days; the longest prefix wins.
CREATE OR REPLACE FUNCTION ledger.units_over(p_city int, p_places bigint[])
RETURNS TABLE (place bigint, unit text, valid_from date, valid_to date, digits int)
LANGUAGE sql STABLE AS $$
	SELECT h.place, u.unit, u.valid_from, u.valid_to, length(u.prefix)
	FROM (SELECT DISTINCT x AS place FROM unnest(p_places) x) h
	CROSS JOIN generate_series(4, 12) n
	JOIN ledger.unit_prefix u ON u.city = p_city AND u.prefix = left(h.place::text, n)
$$;

-- One row a person and target: the placement that holds the count (rules/counted-once).
CREATE OR REPLACE FUNCTION ledger.counted(p_city int, p_year int, p_as_of date, p_person bigint)
RETURNS TABLE (target text, person bigint, placement bigint, unit text)
LANGUAGE sql STABLE AS $$
	WITH fact AS MATERIALIZED (
		SELECT * FROM ledger.count_facts(p_city, p_year, p_as_of, p_person) f WHERE f.t1 IS NULL
	)
	SELECT DISTINCT ON (f.person, x.target) x.target, f.person, f.placement, w.unit
	FROM fact f
	CROSS JOIN LATERAL (VALUES ('T1', f.t1), ('T2', f.t2), ('T3', f.t3), ('T4', f.t4))
		x(target, rule)
	LEFT JOIN ledger.units_over(p_city, ARRAY(SELECT DISTINCT h.place FROM fact h)) w
		ON w.place = f.place AND w.valid_from <= f.d0 AND f.d0 < w.valid_to
	WHERE x.rule IS NULL
	ORDER BY f.person, x.target, f.d0, f.reported_at, f.placement, w.digits DESC
$$;

-- What else is counted, one row each: by which figure, where, on what day, and its number: of who
-- left for good the placement, of a post its slot, the household.
-- rules/t5, rules/t10, rules/attrition, rules/lots
CREATE OR REPLACE FUNCTION ledger.counted_alone(p_city int, p_year int, p_as_of date)
RETURNS TABLE (figure text, object bigint, place bigint, day date)
LANGUAGE sql STABLE AS $$
	WITH span AS (
		SELECT make_date(p_year, 1, 1) AS first, least(p_as_of, make_date(p_year, 12, 31)) AS last
	), pol AS (
		SELECT x.slot_min_days, x.valid_from, lead(x.valid_from, 1, 'infinity') OVER
			(ORDER BY x.valid_from) AS until
		FROM ledger.policy x WHERE x.city = p_city
	)
	SELECT 'attrition', e.placement, e.community, e.ended_on
		FROM ledger.employment e, span
		WHERE e.city = p_city AND e.end_reason IN ('retired', 'dead') AND e.void_on IS NULL
		  AND e.community IS NOT NULL AND e.ended_on BETWEEN span.first AND span.last
		  AND e.person NOT IN (SELECT u.object FROM ledger.uncounted(p_city, 'seekers', p_as_of) u)
	UNION ALL
	SELECT 'T5', s.id, a.community, a.approved_on
		FROM span, ledger.approval a JOIN ledger.city c USING (city)
		JOIN pol ON pol.valid_from <= a.approved_on AND a.approved_on < pol.until
		JOIN ledger.post_slot s ON s.city = a.city AND s.approval = a.approval
		WHERE a.city = p_city AND a.is_new AND starts_with(a.community::text, c.prefix)
		  AND a.approved_on BETWEEN span.first AND span.last
		  AND NOT (s.closed_on IS NOT NULL AND s.closed_on <= p_as_of
			AND s.closed_on - a.approved_on < pol.slot_min_days)
	UNION ALL
	SELECT 'T10', h.id, h.community, span.last
		FROM ledger.household h, span
		WHERE h.city = p_city AND h.determined_on <= span.last
		  AND h.id NOT IN (SELECT u.object FROM ledger.uncounted(p_city, 'households', p_as_of) u)
		  AND ledger.household_state(p_city, h.id, span.last) = 'open'
$$;

-- All figures by reporting unit; `lost` is natural attrition, T1 only.
-- rules/reporting-units, rules/t6, rules/t7
CREATE OR REPLACE FUNCTION ledger.figures(p_city int, p_year int, p_as_of date)
RETURNS TABLE (target text, unit text, n bigint, lost bigint)
LANGUAGE sql STABLE AS $$
	WITH part AS MATERIALIZED (
		SELECT CASE p.figure WHEN 'attrition' THEN 'T1' ELSE p.figure END AS target, p.place, p.day,
			count(*) FILTER (WHERE p.figure <> 'attrition') AS n,
			count(*) FILTER (WHERE p.figure = 'attrition') AS lost
		FROM ledger.counted_alone(p_city, p_year, p_as_of) p GROUP BY 1, 2, 3
	)
	SELECT x.target, coalesce(x.unit, 'unassigned'), sum(x.n)::bigint, sum(x.lost)::bigint
	FROM (
		SELECT c.target, c.unit, count(*) AS n, 0 AS lost
			FROM ledger.counted(p_city, p_year, p_as_of, NULL) c GROUP BY 1, 2
		UNION ALL
		SELECT c.target, c.unit, count(*), 0
			FROM ledger.trained(p_city, p_year, p_as_of, NULL) c GROUP BY 1, 2
		UNION ALL
		(SELECT DISTINCT ON (p.target, p.place, p.day) p.target, w.unit, p.n, p.lost FROM part p
			LEFT JOIN ledger.units_over(p_city, ARRAY(SELECT DISTINCT h.place FROM part h)) w
				ON w.place = p.place AND w.valid_from <= p.day AND p.day < w.valid_to
			ORDER BY p.target, p.place, p.day, w.digits DESC)) x
	GROUP BY 1, 2
$$;

-- What a unit owns, and what inside of it another does (rules/reporting-units): why a unit's
-- figure is not the length of its division's list.
CREATE OR REPLACE FUNCTION ledger.unit_divisions(p_city int, p_unit text, p_day date)
RETURNS jsonb
LANGUAGE sql STABLE AS $$
	SELECT coalesce(jsonb_agg(u.prefix ORDER BY u.prefix), '[]') FROM ledger.unit_prefix u
	WHERE u.city = p_city AND u.unit = p_unit AND u.valid_from <= p_day AND p_day < u.valid_to
$$;

CREATE OR REPLACE FUNCTION ledger.unit_without(p_city int, p_unit text, p_day date)
RETURNS jsonb
LANGUAGE sql STABLE AS $$
	SELECT coalesce(jsonb_agg(x.prefix ORDER BY x.prefix), '[]')
	FROM ledger.unit_prefix x
	WHERE x.city = p_city AND x.unit <> p_unit AND x.valid_from <= p_day AND p_day < x.valid_to
	  AND EXISTS (SELECT FROM ledger.unit_prefix u WHERE u.city = p_city AND u.unit = p_unit
		AND u.valid_from <= p_day AND p_day < u.valid_to
		AND starts_with(x.prefix, u.prefix) AND x.prefix <> u.prefix)
$$;

CREATE OR REPLACE FUNCTION ledger.progress_json(p_city int, p_year int, p_as_of date, p_unit text)
RETURNS jsonb
LANGUAGE sql STABLE AS $$
	WITH figure AS MATERIALIZED (
		SELECT * FROM ledger.figures(p_city, p_year, p_as_of)
	), rate AS MATERIALIZED (
		SELECT * FROM ledger.rates_json(p_city, p_year, p_as_of)
	), place AS (
		SELECT u.unit, u.name_zh, u.name_en, 1 AS n FROM ledger.unit u WHERE u.city = p_city
		UNION ALL SELECT DISTINCT 'unassigned', '未归属', 'unassigned', 2
			FROM (SELECT f.unit FROM figure f UNION ALL SELECT r.unit FROM rate r) x
			WHERE x.unit = 'unassigned'
		UNION ALL SELECT 'city', c.name, 'city', 3 FROM ledger.city c WHERE c.city = p_city
	), row AS (
		SELECT t.target, t.n AS tn, p.unit, p.n AS pn, goal.value,
			coalesce(sum(f.n), 0)::bigint AS gross, coalesce(sum(f.lost), 0)::bigint AS lost,
			CASE WHEN t.kind = 'stock' THEN goal.value ELSE goal.value
				* greatest(0, least(p_as_of, make_date(p_year, 12, 31)) - make_date(p_year, 1, 1) + 1)
				/ (make_date(p_year + 1, 1, 1) - make_date(p_year, 1, 1)) END AS expected, t.kind
		FROM (VALUES ('T1', 1, 'flow'), ('T2', 2, 'flow'), ('T3', 3, 'flow'), ('T4', 4, 'flow'),
			('T5', 5, 'flow'), ('T6', 6, 'flow'), ('T7', 7, 'flow'), ('T10', 10, 'stock'))
			t(target, n, kind)
		CROSS JOIN place p
		LEFT JOIN ledger.target goal ON goal.city = p_city AND goal.year = p_year
			AND goal.unit = p.unit AND goal.target = t.target
		LEFT JOIN figure f ON f.target = t.target AND (f.unit = p.unit OR p.unit = 'city')
		WHERE p_unit IS NULL OR p.unit = p_unit
		GROUP BY t.target, t.n, t.kind, p.unit, p.n, goal.value
	)
	SELECT jsonb_build_object('city', p_city::text, 'year', p_year, 'as_of', p_as_of,
		'units', (SELECT jsonb_agg(jsonb_build_object('unit', p.unit, 'name', p.name_zh,
				'name_en', p.name_en, 'divisions', ledger.unit_divisions(p_city, p.unit, p_as_of),
				'without', ledger.unit_without(p_city, p.unit, p_as_of)) ORDER BY p.n, p.unit)
			FROM place p WHERE p_unit IS NULL OR p.unit = p_unit),
		'targets', (SELECT jsonb_agg(x.body ORDER BY x.tn, x.pn, x.unit) FROM (
			SELECT r.tn, r.pn, r.unit, jsonb_build_object('target', r.target, 'unit', r.unit,
				'kind', r.kind, 'state', 'derived', 'value', r.value, 'achieved', r.gross - r.lost,
				'expected', r.expected, 'gap', r.gross - r.lost - r.expected,
				'rule_page', '/rules/' || lower(r.target))
				|| CASE WHEN r.target = 'T1' THEN jsonb_build_object('gross', r.gross,
					'attrition', r.lost, 'net', r.gross - r.lost) ELSE '{}' END AS body FROM row r
			UNION ALL
			SELECT r.n, p.n, r.unit, r.body FROM rate r JOIN place p USING (unit)
				WHERE p_unit IS NULL OR r.unit = p_unit) x))
$$;

CREATE OR REPLACE FUNCTION ledger.refuse_unit(p_city int, p_unit text) RETURNS api.reply
LANGUAGE sql STABLE AS $$
	SELECT ledger.refuse_fault(ledger.fault('query/unit', 'unit-unknown', p_unit,
		'a reporting unit, or city', 'No reporting unit has this code.', '没有该统计单位。'))
	WHERE p_unit <> 'city'
	  AND NOT EXISTS (SELECT FROM ledger.unit u WHERE u.city = p_city AND u.unit = p_unit)
$$;

CREATE OR REPLACE FUNCTION api.read_progress(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_year int, p_as_of date, p_unit text)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	a   api.reply  := api.admit(who, 'progress.read');
BEGIN
	IF a.status IS NULL THEN
		a := ledger.refuse_unit(p_city, p_unit);
	END IF;
	IF a.status IS NULL THEN
		a := api.answer(200, ledger.progress_json(p_city, p_year,
			coalesce(p_as_of, ledger.today(p_city)), p_unit));
	END IF;
	RETURN NEXT a;
END $$;

-- For each target: the placement or the enrolment that holds the count, else what keeps the latest
-- one that is not void from counting.
CREATE OR REPLACE FUNCTION ledger.person_progress_json(p_city int, p_person bigint, p_year int,
	p_as_of date)
RETURNS jsonb
LANGUAGE sql STABLE AS $$
	WITH fact AS MATERIALIZED (
		SELECT f.placement, f.d0, x.target, x.rule
		FROM ledger.count_facts(p_city, p_year, p_as_of, p_person) f,
			LATERAL (VALUES ('T1', f.t1), ('T2', f.t2), ('T3', f.t3), ('T4', f.t4)) x(target, rule)
	), held AS MATERIALIZED (
		SELECT * FROM ledger.counted(p_city, p_year, p_as_of, p_person)
	), said AS (
		SELECT t.target, h.placement IS NOT NULL AS counts, coalesce(h.placement, why.placement) AS placement,
			NULL::bigint AS enrolment, h.unit, CASE WHEN h.placement IS NOT NULL THEN 'counts'
				ELSE coalesce(why.rule, 'no-placement') END AS rule
		FROM (VALUES ('T1'), ('T2'), ('T3'), ('T4')) t(target)
		LEFT JOIN held h ON h.target = t.target
		LEFT JOIN LATERAL (SELECT f.placement, f.rule FROM fact f WHERE f.target = t.target
			ORDER BY f.rule = 'placement-void', f.d0 DESC, f.placement DESC LIMIT 1) why ON true
		UNION ALL
		SELECT t.target, t.counts, NULL, t.enrolment, t.unit, t.rule
		FROM ledger.person_trained(p_city, p_person, p_year, p_as_of) t
	)
	SELECT jsonb_build_object('seeker', ledger.seeker_text(p_person), 'year', p_year,
		'as_of', p_as_of, 'targets', jsonb_agg(jsonb_build_object('target', s.target,
			'counts', s.counts, 'placement', s.placement::text, 'enrolment', s.enrolment::text,
			'unit', s.unit, 'rule', r.rule,
			'rule_page', '/' || coalesce(r.page, 'rules/' || lower(s.target)),
			'zh', r.zh, 'en', r.en) ORDER BY s.target))
	FROM said s JOIN ledger.count_rule r ON r.rule = s.rule
$$;

CREATE OR REPLACE FUNCTION api.read_person_progress(p_city int, p_kid text, p_hash bytea,
	p_actor text, p_id bigint, p_year int, p_as_of date)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	a   api.reply  := api.admit(who, 'seekers.progress');
BEGIN
	IF a.status IS NULL THEN
		a := ledger.refuse_file(who, p_id);
	END IF;
	IF a.status IS NULL THEN
		PERFORM ledger.note_look(who, p_id, 'read_person_progress');
		a := api.answer(200, ledger.person_progress_json(p_city, p_id, p_year,
			coalesce(p_as_of, ledger.today(p_city))));
	END IF;
	RETURN NEXT a;
END $$;
