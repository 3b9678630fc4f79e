-- Reading progress: the city's by reporting unit, and one person's with the rules.
--
-- The first is figures only, for bureaus and auditors; the second is a look at a
-- person's file and is written down as one.  Each answer that something does not count
-- names the rule and says it in Chinese and English.

CREATE FUNCTION api.read_progress(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_year int, p_as_of date, p_unit text)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	a   api.reply  := api.admit(who, 'progress.read');
BEGIN
	IF a.status IS NULL AND p_unit IS NOT NULL AND p_unit <> 'city'
			AND NOT EXISTS (SELECT FROM ledger.unit u WHERE u.city = p_city AND u.unit = p_unit) THEN
		a := ledger.refuse_fault(ledger.fault('query/unit', 'unit-unknown', p_unit,
			'a reporting unit, or city', 'No reporting unit has this code.', '没有该统计单位。'));
	END IF;
	IF a.status IS NULL THEN
		a := api.answer(200, ledger.progress_json(p_city, p_year,
			coalesce(p_as_of, ledger.today(p_city)), p_unit));
	END IF;
	RETURN NEXT a;
END $$;

-- For each target: the placement that holds the count, else what keeps the latest one
-- that is not void from counting.
CREATE FUNCTION ledger.person_progress_json(p_city int, p_person bigint, p_year int,
	p_as_of date)
RETURNS jsonb
LANGUAGE sql STABLE AS $$
	WITH fact AS MATERIALIZED (
		SELECT f.placement, f.d0, x.target, x.rule
		FROM ledger.count_facts(p_city, p_year, p_as_of, p_person) f,
			LATERAL (VALUES ('T1', f.t1), ('T2', f.t2), ('T3', f.t3), ('T4', f.t4)) x(target, rule)
	), held AS MATERIALIZED (
		SELECT * FROM ledger.counted(p_city, p_year, p_as_of, p_person)
	)
	SELECT jsonb_build_object('seeker', ledger.seeker_text(p_person), 'year', p_year,
		'as_of', p_as_of, 'targets', jsonb_agg(jsonb_build_object('target', t.target,
			'counts', h.placement IS NOT NULL,
			'placement', coalesce(h.placement, why.placement)::text, 'unit', h.unit,
			'rule', r.rule, 'zh', r.zh, 'en', r.en) ORDER BY t.target))
	FROM (VALUES ('T1'), ('T2'), ('T3'), ('T4')) t(target)
	LEFT JOIN held h ON h.target = t.target
	LEFT JOIN LATERAL (SELECT f.placement, f.rule FROM fact f WHERE f.target = t.target
		ORDER BY f.rule = 'placement-void', f.d0 DESC, f.placement DESC LIMIT 1) why ON true
	JOIN ledger.count_rule r ON r.rule = CASE WHEN h.placement IS NOT NULL THEN 'counts'
		ELSE coalesce(why.rule, 'no-placement') END
$$;

CREATE FUNCTION api.read_person_progress(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_id bigint, p_year int, p_as_of date)
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
