-- What the operator's metrics say of a city, counted by the daemon once a minute; and how far
-- the board is behind.  Figures only, by labels of which there are few: no person, employer or
-- place.

CREATE OR REPLACE FUNCTION ops.city_figures(p_city int)
RETURNS TABLE (name text, label text, value bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	WITH counted(target) AS (
		VALUES ('T1'), ('T2'), ('T3'), ('T4'), ('T5'), ('T6'), ('T7'), ('T10')
	), now AS MATERIALIZED (
		SELECT t.today, ledger.quarter_of((t.today - interval '3 months')::date) AS quarter,
			extract(year FROM t.today)::int AS year
		FROM ledger.today(p_city) t(today)
	), open AS (
		SELECT count(*) AS vacancies, coalesce(sum(v.posts - v.filled), 0) AS posts
		FROM now, ledger.vacancy v
		WHERE v.city = p_city AND ledger.is_open(v.open, v.valid_until, now.today)
	), waiting AS (
		SELECT s.rank, count(*) AS n FROM ledger.seeker s
		WHERE s.city = p_city AND s.active GROUP BY s.rank
	), placed AS (
		SELECT p.state, count(*) AS n FROM ledger.placement p WHERE p.city = p_city GROUP BY p.state
	), owed AS (
		SELECT o.key AS state, o.value::bigint AS n
		FROM now, ledger.city c, LATERAL (SELECT ledger.districts_of(c.prefix) AS all_, ledger.quarter_due(now.quarter) AS due) d,
		LATERAL jsonb_each_text(ledger.obligation_totals(ledger.owed(p_city, now.quarter, now.today,
			d.all_, NULL, true), d.due, now.today)) o
		WHERE c.city = p_city
	), achieved AS (
		SELECT f.target, sum(f.n) - sum(f.lost) AS n
		FROM now, ledger.figures(p_city, now.year, now.today) f GROUP BY f.target
	)
	SELECT 'vacancies', '', o.vacancies FROM open o
	UNION ALL SELECT 'posts', '', o.posts::bigint FROM open o
	UNION ALL SELECT 'waiting', 'P' || r, coalesce(w.n, 0)
		FROM generate_series(1, 6) r LEFT JOIN waiting w ON w.rank = r
	UNION ALL SELECT 'placements', s.state, coalesce(p.n, 0)
		FROM unnest(ARRAY['reported', 'confirmed', 'registered', 'void']) s(state)
		LEFT JOIN placed p USING (state)
	UNION ALL SELECT 'returns', s.state, coalesce(o.n, 0)
		FROM unnest(ARRAY['filed', 'late', 'missing', 'due']) s(state) LEFT JOIN owed o USING (state)
	UNION ALL SELECT 'achieved', t.target, coalesce(a.n, 0)::bigint
		FROM counted t LEFT JOIN achieved a USING (target)
	UNION ALL SELECT 'goal', g.target, g.value FROM now JOIN ledger.target g ON g.city = p_city
		AND g.year = now.year AND g.unit = 'city' JOIN counted USING (target)
$$;

-- How many changes stand behind the position, a million at most.
CREATE OR REPLACE FUNCTION ops.outbox_lag(p_city int, p_xid bigint, p_id bigint) RETURNS int
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT count(*)::int FROM (SELECT FROM ops.outbox o WHERE o.city = p_city
		AND (o.xid, o.id) > (p_xid::text::xid8, p_id) LIMIT 1000000) x
$$;
