-- Who is behind a figure (rules/behind-a-figure): the rows that counted(), trained() and
-- counted_alone() give, one by one, with the rule met and what of it is on file.
--
-- It decides nothing about what counts.  Pseudonyms and codes, of the caller's division; how many
-- lie outside of it is the figure, which everybody who asks here may read, less what they see.

-- `id` is what the list goes by: of a person's count the person, else the thing counted.  `holds`
-- is what holds a person's count: the placement, or the enrolment.
CREATE OR REPLACE FUNCTION ledger.behind(p_city int, p_year int, p_as_of date, p_figure text)
RETURNS TABLE (id bigint, seeker bigint, holds bigint, place bigint, unit text)
LANGUAGE plpgsql STABLE AS $$
BEGIN
	IF p_figure IN ('T1', 'T2', 'T3', 'T4') THEN
		RETURN QUERY SELECT c.person, c.person, c.placement, coalesce(p.community, p.workplace),
				coalesce(c.unit, 'unassigned')
			FROM ledger.counted(p_city, p_year, p_as_of, NULL) c
			JOIN ledger.placement p ON p.city = p_city AND p.id = c.placement
			WHERE c.target = p_figure;
	ELSIF p_figure IN ('T6', 'T7') THEN
		RETURN QUERY SELECT t.person, t.person, t.enrolment, f.place, coalesce(t.unit, 'unassigned')
			FROM ledger.trained(p_city, p_year, p_as_of, NULL) t
			JOIN ledger.training_facts(p_city, p_year, p_as_of, NULL) f ON f.enrolment = t.enrolment
			WHERE t.target = p_figure;
	ELSE
		RETURN QUERY WITH one AS MATERIALIZED (
				SELECT * FROM ledger.counted_alone(p_city, p_year, p_as_of) x WHERE x.figure = p_figure
			)
			SELECT DISTINCT ON (o.object) o.object, e.person, e.placement, o.place,
				coalesce(w.unit, 'unassigned')
			FROM one o
			LEFT JOIN ledger.employment e ON p_figure = 'attrition' AND e.city = p_city
				AND e.placement = o.object
			LEFT JOIN ledger.units_over(p_city, ARRAY(SELECT DISTINCT h.place FROM one h)) w
				ON w.place = o.place AND w.valid_from <= o.day AND o.day < w.valid_to
			ORDER BY o.object, w.digits DESC;
	END IF;
END $$;

-- By what a placement that counts does so: the fact on file, the day it holds from, and what else
-- is known of it.  That it counts is said already; of several facts the strongest is shown, and
-- toward T4 what is neither recognised nor out of a household is 4050.
-- rules/t1, rules/t2, rules/t3, rules/t4
CREATE OR REPLACE FUNCTION ledger.met_by(p_city int, p_figure text, p ledger.placement)
RETURNS TABLE (ground text, fact bigint, fact_on date, evidence text)
LANGUAGE sql STABLE ROWS 1 AS $$
	SELECT x.ground, x.fact, x.fact_on, x.evidence FROM (
		SELECT 'registered' AS ground, NULL::bigint AS fact, (p).registered_on AS fact_on,
			NULL::text AS evidence, 9 AS n WHERE p_figure = 'T1'
		UNION ALL
		SELECT 'third-month', NULL, ledger.add_months((p).start_on, 3), NULL, 1
			FROM ledger.person pe JOIN ledger.city c ON c.city = pe.city
			WHERE p_figure = 'T1' AND pe.city = p_city AND pe.id = (p).seeker
			  AND NOT starts_with(pe.hukou_division, c.prefix)
			  AND pe.grp NOT IN ('graduate', 'serviceman', 'transferred')
		UNION ALL
		SELECT CASE WHEN u.laid_off IN ('L1', 'L2', 'L3') THEN 'laid-off' ELSE 'unemployed' END, u.id,
			u.since, u.laid_off, CASE WHEN u.laid_off IN ('L1', 'L2', 'L3') THEN 1
				WHEN u.prior_job THEN 2 ELSE 3 END
			FROM ledger.unemployment u
			WHERE p_figure = 'T2' AND u.city = p_city AND u.person = (p).seeker
			  AND u.since < (p).start_on AND (u.ended_on IS NULL OR u.ended_on >= (p).start_on)
			  AND u.void_on IS NULL
		UNION ALL
		SELECT 'certificate', c.id, c.issued_on, (SELECT max(i.on_day)::text FROM ledger.inspection i
				WHERE i.city = p_city AND i.certificate = c.id AND i.on_day <= (p).start_on), 1
			FROM ledger.policies_on(p_city, (p).start_on) pol,
				ledger.certificate_on(pol, (p).seeker, (p).start_on) held
			JOIN ledger.certificate c ON c.city = p_city AND c.id = held
			WHERE p_figure = 'T3'
		UNION ALL
		SELECT 'recognition', r.id, r.recognised_on, r.code, 1 FROM ledger.recognition r
			WHERE p_figure = 'T4' AND r.city = p_city AND r.person = (p).seeker AND r.void_on IS NULL
			  AND r.recognised_on <= (p).start_on AND (r.ended_on IS NULL OR r.ended_on > (p).start_on
				OR r.ended_on = (p).start_on AND r.end_reason = 'employed')
		UNION ALL
		SELECT 'household', h.id, h.determined_on, NULL, 2 FROM ledger.household h
			WHERE p_figure = 'T4' AND h.city = p_city
			  AND h.id = ledger.open_household(p_city, (p).seeker, (p).start_on, (p).start_on - 1)
		UNION ALL
		SELECT '4050', NULL, NULL, NULL, 9 WHERE p_figure = 'T4'
		UNION ALL
		SELECT e.end_reason, NULL, e.ended_on, NULL, 1 FROM ledger.employment e
			WHERE p_figure = 'attrition' AND e.city = p_city AND e.placement = (p).id) x
	ORDER BY x.n, x.fact_on, x.fact LIMIT 1
$$;

CREATE OR REPLACE FUNCTION ledger.behind_json(p_city int, p_figure text, p_id bigint,
	p_holds bigint, p_place bigint, p_unit text)
RETURNS jsonb
LANGUAGE sql STABLE AS $$
	SELECT jsonb_build_object('figure', p_figure, 'seeker', ledger.seeker_text(coalesce(p.seeker, t.seeker)),
		'placement', p.id::text, 'household', h.id::text, 'approval', a.approval,
		'slot', s.id::text, 'community', p_place::text, 'unit', p_unit,
		'first_day', coalesce(p.start_on, t."from", h.determined_on, a.approved_on),
		'registered_on', p.registered_on,
		'ground', coalesce(m.ground, CASE WHEN t.id IS NOT NULL THEN 'trained' WHEN h.id IS NOT NULL
			THEN 'household' ELSE 'slot' END),
		'fact', coalesce(m.fact, t.id)::text, 'fact_on', coalesce(m.fact_on, t.until), 'evidence', m.evidence,
		'rule_page', '/rules/' || lower(p_figure))
	FROM (SELECT p_id AS id) x
	LEFT JOIN ledger.placement p ON p_figure NOT IN ('T6', 'T7') AND p.city = p_city AND p.id = p_holds
	LEFT JOIN (ledger.enrolment t JOIN ledger.entry n USING (city, id, version))
		ON p_figure IN ('T6', 'T7') AND t.city = p_city AND t.id = p_holds
	LEFT JOIN LATERAL ledger.met_by(p_city, p_figure, p) m ON p.id IS NOT NULL
	LEFT JOIN ledger.household h ON p_figure = 'T10' AND h.city = p_city AND h.id = x.id
	LEFT JOIN ledger.post_slot s ON p_figure = 'T5' AND s.city = p_city AND s.id = x.id
	LEFT JOIN ledger.approval a ON a.city = p_city AND a.approval = s.approval
$$;

-- The whole figure is derived for each page: a page costs what the progress costs.
CREATE OR REPLACE FUNCTION api.list_behind(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_figure text, p_year int, p_as_of date, p_unit text, p_limit int, p_after bigint)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who    api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	a      api.reply  := api.admit(who, 'figures.list');
	as_of  date := coalesce(p_as_of, ledger.today(p_city));
BEGIN
	IF a.status IS NULL THEN
		a := ledger.refuse_unit(p_city, p_unit);
	END IF;
	IF a.status IS NOT NULL THEN
		RETURN NEXT a;
		RETURN;
	END IF;
	RETURN QUERY WITH whole AS MATERIALIZED (
			SELECT b.*, b.place BETWEEN ledger.scope_from(who.scope) AND ledger.scope_to(who.scope)
				AS is_seen
			FROM ledger.behind(p_city, p_year, as_of, p_figure) b
			WHERE p_unit IS NULL OR p_unit = 'city' OR b.unit = p_unit
		), page AS MATERIALIZED (
			SELECT w.* FROM whole w WHERE w.is_seen AND w.id > coalesce(p_after, 0)
			ORDER BY w.id LIMIT p_limit + 1
		)
		SELECT r.* FROM (SELECT array_agg(ledger.behind_json(p_city, p_figure, p.id, p.holds, p.place,
				p.unit) ORDER BY p.id) AS items, array_agg(p.id::text ORDER BY p.id) AS keys FROM page p) x,
			(SELECT count(*) AS n, count(*) FILTER (WHERE NOT w.is_seen) AS outside FROM whole w) n,
			LATERAL api.page_of(x.items, x.keys, p_limit, jsonb_build_object('year', p_year, 'as_of',
				as_of, 'achieved', n.n, 'outside', n.outside)) r;
END $$;
