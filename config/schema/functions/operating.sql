-- What keeps the exchange running: heartbeat, cities and their code tables, permissions.

CREATE OR REPLACE FUNCTION ops.heartbeat(p_city int)
RETURNS TABLE (now timestamptz, today date, fixed boolean, keys_changed bigint,
	horizon_age_ms bigint, horizon_pid int, sandbox boolean)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT ledger.app_now(c.city), ledger.today(c.city), c.fixed_clock IS NOT NULL,
		c.keys_changed, coalesce(h.age, 0), coalesce(h.pid, 0), c.sandbox
	FROM ledger.city c
	LEFT JOIN LATERAL (SELECT a.pid,
			greatest(0, extract(epoch FROM clock_timestamp() - a.xact_start) * 1000)::bigint AS age
		FROM pg_stat_activity a
		WHERE a.backend_xid IS NOT NULL AND a.pid <> pg_backend_pid()
		ORDER BY age(a.backend_xid) DESC LIMIT 1) h ON true
	WHERE c.city = p_city
$$;

-- A city may be set up again (a name, the year of its plan); what it is cannot change, since keys,
-- people and days of a sandbox are nobody's.  A fixed clock begins where it is set, and from then
-- on only moves (api.move_clock), or is let run.
CREATE OR REPLACE FUNCTION ops.create_city(p_city int, p_name text, p_prefix text,
	p_sandbox boolean, p_fixed_clock timestamptz, p_plan_year int)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	kind text;
	has text;
BEGIN
	INSERT INTO ledger.city AS c (city, name, prefix, sandbox, fixed_clock, plan_year)
		VALUES (p_city, p_name, p_prefix, p_sandbox, p_fixed_clock, p_plan_year)
		ON CONFLICT (city) DO UPDATE SET name = EXCLUDED.name,
			fixed_clock = CASE WHEN EXCLUDED.fixed_clock IS NOT NULL THEN c.fixed_clock END,
			plan_year = EXCLUDED.plan_year
		WHERE c.sandbox = EXCLUDED.sandbox AND c.prefix = EXCLUDED.prefix;
	IF NOT FOUND THEN
		SELECT CASE WHEN c.sandbox THEN 'a sandbox' ELSE 'no sandbox' END, c.prefix
			INTO STRICT kind, has FROM ledger.city c WHERE c.city = p_city;
		RAISE EXCEPTION 'city % is % with the prefix % in this database, and stays that: set sandbox as it is, or give what is wanted a database of its own',
			p_city, kind, has;
	END IF;
	INSERT INTO ledger.policy (city, valid_from) VALUES (p_city, '-infinity') ON CONFLICT DO NOTHING;
END $$;

-- Rows of the code files, members named by their headers; NULL leaves a table alone.
CREATE OR REPLACE FUNCTION ops.load_catalogue(p_city int, p_divisions jsonb, p_occupations jsonb,
	p_units jsonb, p_targets jsonb)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	INSERT INTO ledger.division (city, code, digits, level, name, parent)
		SELECT p_city, rpad(d.code, 12, '0')::bigint, length(rtrim(d.code, ' ')), d.level, d.name,
			rpad(nullif(d.parent, ''), 12, '0')::bigint
		FROM jsonb_to_recordset(p_divisions) d(code text, level text, name text, parent text)
		ON CONFLICT (city, code) DO UPDATE SET digits = EXCLUDED.digits, level = EXCLUDED.level,
			name = EXCLUDED.name, parent = EXCLUDED.parent;
	INSERT INTO ledger.occupation (city, code, level, name)
		SELECT DISTINCT ON (1, 2, 3) p_city, replace(o.code, '-', '')::int, o.level, o.name
		FROM jsonb_to_recordset(p_occupations) o(code text, level int, name text)
		ON CONFLICT (city, code, level) DO UPDATE SET name = EXCLUDED.name;
	INSERT INTO ledger.unit (city, unit, kind, name_zh, name_en, gb_code)
		SELECT p_city, u.unit, u.kind, u.name_zh, u.name_en, nullif(u.gb_code, '')
		FROM jsonb_to_recordset(p_units) u(unit text, kind text, name_zh text, name_en text,
			gb_code text)
		ON CONFLICT (city, unit) DO UPDATE SET kind = EXCLUDED.kind, name_zh = EXCLUDED.name_zh,
			name_en = EXCLUDED.name_en, gb_code = EXCLUDED.gb_code;
	INSERT INTO ledger.unit_prefix (city, prefix, unit)
		SELECT p_city, trim(x), u.unit
		FROM jsonb_to_recordset(p_units) u(unit text, prefixes text),
			LATERAL regexp_split_to_table(u.prefixes, ',') x WHERE trim(x) <> ''
		ON CONFLICT (city, prefix, valid_from) DO UPDATE SET unit = EXCLUDED.unit;
	INSERT INTO ledger.target (city, year, unit, target, value, source)
		SELECT p_city, t.year, t.unit, t.target, t.value, coalesce(t.source, '')
		FROM jsonb_to_recordset(p_targets) t(unit text, target text, year int, value bigint,
			source text)
		ON CONFLICT (city, year, unit, target) DO UPDATE SET value = EXCLUDED.value,
			source = EXCLUDED.source;
END $$;

-- The whole table: a row that the file has no longer is gone.
CREATE OR REPLACE FUNCTION ops.load_permissions(p_rows jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	DELETE FROM ledger.permission;
	INSERT INTO ledger.permission (action, role, actor, fields)
		SELECT r.action, ledger.role_of(r.role), r.actor = 'officer',
			coalesce(string_to_array(nullif(r.fields, '-'), ','), '{}')
		FROM jsonb_to_recordset(p_rows) r(action text, role text, actor text, fields text);
END $$;
