-- The targets that are ratios, T9 and T11: a numerator and a denominator for each reporting unit,
-- divided once at each level; and those that no register tells yet, T8 and T12.
--
-- A figure that nobody gave is missing, never zero: where a unit's is, its ratio has no value, and
-- neither has the city's, which says whose is missing.

-- Where somebody lived on the evening of a day, by their file.
CREATE OR REPLACE FUNCTION ledger.lived_in(p_city int, p_seeker bigint, p_day date)
RETURNS TABLE (community bigint)
LANGUAGE sql STABLE ROWS 1 AS $$
	SELECT coalesce((SELECT p.community FROM ledger.seeker_past p WHERE p.city = p_city
			AND p.seeker = p_seeker AND p.until_on > p_day ORDER BY p.version LIMIT 1),
		(SELECT s.community FROM ledger.seeker s WHERE s.city = p_city AND s.id = p_seeker))
$$;

-- Registered unemployed on a day: urban hukou, of working age as far as is known, without work.
-- rules/t9, rules/unemployment, rules/lots
CREATE OR REPLACE FUNCTION ledger.unemployed_on(p_city int, p_day date)
RETURNS TABLE (person bigint, place bigint)
LANGUAGE sql STABLE AS $$
	SELECT x.person, l.community
	FROM (SELECT DISTINCT u.person FROM ledger.unemployment u
		WHERE u.city = p_city AND u.void_on IS NULL AND u.since <= p_day
		  AND (u.ended_on IS NULL OR u.ended_on > p_day)) x
	JOIN ledger.person k ON k.city = p_city AND k.id = x.person AND k.hukou_type = 'urban'
	CROSS JOIN ledger.policies_on(p_city, p_day) p
	CROSS JOIN LATERAL ledger.retirement_on(p_city, x.person, p_day) r
	CROSS JOIN LATERAL ledger.lived_in(p_city, x.person, p_day) l
	WHERE ledger.age_class(p, k.sex, ledger.age_on(k.birth, p_day), r.age) IN (2, 3, 5)
	  AND x.person NOT IN (SELECT o.object FROM ledger.uncounted(p_city, 'seekers', p_day) o)
	  AND NOT EXISTS (SELECT FROM ledger.employment e WHERE e.city = p_city AND e.person = x.person
		AND e.void_on IS NULL AND e.start_on <= p_day AND (e.ended_on IS NULL OR e.ended_on > p_day))
$$;

-- What each unit was given of an indicator, all for one period: of those over by the day and in the
-- year before it, the latest that every unit has, else the latest that any has.
-- rules/outside-figures
CREATE OR REPLACE FUNCTION ledger.given_on(p_city int, p_indicator text, p_day date)
RETURNS TABLE (unit text, period text, value bigint)
LANGUAGE sql STABLE AS $$
	WITH given AS MATERIALIZED (
		SELECT f.subject, f.period, f.value, ledger.period_end(f.period) AS last
		FROM ledger.outside_figure f JOIN ledger.entry e USING (city, id, version)
		JOIN ledger.unit u ON u.city = f.city AND u.unit = f.subject
		WHERE f.city = p_city AND f.indicator = p_indicator AND f.ended_on IS NULL
		  AND ledger.period_end(f.period) BETWEEN (p_day - interval '1 year')::date + 1 AND p_day
	), chosen AS (
		SELECT g.period FROM given g GROUP BY g.period, g.last
		ORDER BY count(*) = (SELECT count(*) FROM ledger.unit u WHERE u.city = p_city) DESC,
			g.last DESC, g.period DESC LIMIT 1
	)
	SELECT g.subject, g.period, g.value FROM given g JOIN chosen USING (period)
$$;

-- By unit, and the city; `down` is NULL where something is missing.
-- rules/t9, rules/t11, rules/reporting-units
CREATE OR REPLACE FUNCTION ledger.rates(p_city int, p_day date)
RETURNS TABLE (target text, unit text, up bigint, down bigint, missing text[], more jsonb)
LANGUAGE sql STABLE AS $$
	WITH jobless AS MATERIALIZED (
		SELECT x.place, count(*) AS n FROM ledger.unemployed_on(p_city, p_day) x GROUP BY 1
	), given AS MATERIALIZED (
		SELECT * FROM ledger.given_on(p_city, 'urban_employed', p_day)
	), placed AS (
		SELECT DISTINCT ON (j.place) j.n, coalesce(w.unit, 'unassigned') AS unit FROM jobless j
		LEFT JOIN ledger.units_over(p_city, ARRAY(SELECT place FROM jobless)) w ON w.place = j.place
			AND w.valid_from <= p_day AND p_day < w.valid_to
		ORDER BY j.place, w.digits DESC
	), whose AS (
		SELECT u.unit, true AS asked FROM ledger.unit u WHERE u.city = p_city
		UNION ALL SELECT DISTINCT 'unassigned', false FROM placed p WHERE p.unit = 'unassigned'
	), part AS MATERIALIZED (
		SELECT u.unit, u.asked, coalesce(sum(p.n), 0)::bigint AS up, g.value AS given
		FROM whose u LEFT JOIN placed p USING (unit) LEFT JOIN given g USING (unit)
		GROUP BY u.unit, u.asked, g.value
	), model AS MATERIALIZED (
		SELECT DISTINCT ON (c.place) c.checked, c.passes, coalesce(w.unit, 'unassigned') AS unit
		FROM ledger.communities_on(p_city, p_day) c
		LEFT JOIN ledger.units_over(p_city, ARRAY(SELECT d.code FROM ledger.division d
			WHERE d.city = p_city AND d.digits = 12)) w ON w.place = c.place
			AND w.valid_from <= p_day AND p_day < w.valid_to
		ORDER BY c.place, w.digits DESC
	), house AS MATERIALIZED (
		-- A unit none of whose communities was looked at is missing; one without a community is not.
		SELECT u.unit, count(*) FILTER (WHERE m.passes) AS up, count(m.unit) AS down,
			count(*) FILTER (WHERE NOT m.checked) AS not_checked,
			count(m.unit) > 0 AND NOT coalesce(bool_or(m.checked), false) AS unseen
		FROM (SELECT x.unit FROM ledger.unit x WHERE x.city = p_city UNION SELECT x.unit FROM model x) u
		LEFT JOIN model m USING (unit) GROUP BY 1
	), spoken AS (
		SELECT jsonb_build_object('indicator', 'urban_employed', 'period',
			(SELECT g.period FROM given g LIMIT 1)) AS more
	)
	SELECT 'T9', p.unit, p.up, p.up + p.given,
		CASE WHEN p.given IS NULL THEN ARRAY[p.unit] ELSE '{}' END, s.more
	FROM part p, spoken s
	UNION ALL
	SELECT 'T9', 'city', sum(p.up)::bigint, CASE WHEN bool_and(p.given IS NOT NULL) FILTER (WHERE p.asked)
			THEN (sum(p.up) + sum(p.given))::bigint END,
		coalesce(array_agg(p.unit ORDER BY p.unit) FILTER (WHERE p.asked AND p.given IS NULL), '{}'), s.more
	FROM part p, spoken s GROUP BY s.more
	UNION ALL
	SELECT 'T11', h.unit, h.up, CASE WHEN NOT h.unseen THEN h.down END,
		CASE WHEN h.unseen THEN ARRAY[h.unit] ELSE '{}' END, jsonb_build_object('not_checked', h.not_checked)
	FROM house h
	UNION ALL
	SELECT 'T11', 'city', sum(h.up)::bigint, CASE WHEN NOT bool_or(h.unseen) THEN sum(h.down)::bigint END,
		coalesce(array_agg(h.unit ORDER BY h.unit) FILTER (WHERE h.unseen), '{}'),
		jsonb_build_object('not_checked', sum(h.not_checked))
	FROM house h
$$;

-- As progress answers them.  A ratio is shown in per cent with two decimals; whether the target is
-- met is told from the whole numbers.
CREATE OR REPLACE FUNCTION ledger.rates_json(p_city int, p_year int, p_as_of date)
RETURNS TABLE (target text, n int, unit text, body jsonb)
LANGUAGE sql STABLE AS $$
	SELECT r.target, t.n, r.unit, jsonb_build_object('target', r.target, 'unit', r.unit,
		'kind', 'ratio', 'state', CASE WHEN r.missing = '{}' THEN 'derived' ELSE 'missing' END,
		'value', goal.value, 'expected', goal.value, 'achieved', x.rate, 'gap', x.rate - goal.value,
		'numerator', r.up, 'denominator', r.down, 'missing', to_jsonb(r.missing),
		'met', CASE WHEN r.down > 0 THEN CASE r.target WHEN 'T9' THEN 100 * r.up <= goal.value * r.down
			ELSE 100 * r.up >= goal.value * r.down END END,
		'rule_page', '/rules/' || lower(r.target)) || r.more
	FROM ledger.rates(p_city, least(p_as_of, make_date(p_year, 12, 31))) r
	JOIN (VALUES ('T9', 9), ('T11', 11)) t(target, n) USING (target)
	CROSS JOIN LATERAL (SELECT round(100.0 * r.up / nullif(r.down, 0), 2) AS rate) x
	LEFT JOIN ledger.target goal ON goal.city = p_city AND goal.year = p_year
		AND goal.unit = r.unit AND goal.target = r.target
	UNION ALL
	SELECT t.target, t.n, u.unit, jsonb_build_object('target', t.target, 'unit', u.unit,
		'kind', t.kind, 'state', 'no-register', 'value', goal.value, 'achieved', NULL,
		'expected', NULL, 'gap', NULL, 'rule_page', '/rules/targets')
	FROM (VALUES ('T8', 8, 'flow'), ('T12', 12, 'ratio')) t(target, n, kind)
	CROSS JOIN (SELECT x.unit FROM ledger.unit x WHERE x.city = p_city UNION ALL SELECT 'city') u
	LEFT JOIN ledger.target goal ON goal.city = p_city AND goal.year = p_year
		AND goal.unit = u.unit AND goal.target = t.target
$$;
