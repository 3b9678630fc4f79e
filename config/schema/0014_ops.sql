-- What keeps the exchange running: heartbeat, keys, the turn of the day, cities and
-- their code tables.
--
-- Keys are made through the admin socket only: such a call comes as 'admin' without a
-- hash, which no HTTP caller can do, and works on nothing else.  The turn of the day
-- re-ranks whoever's class ends and closes what has run out, in small batches.

CREATE FUNCTION ops.heartbeat(p_city int)
RETURNS TABLE (now timestamptz, today date, fixed boolean, keys_changed bigint,
	horizon_age_ms bigint, horizon_pid int)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT ledger.app_now(c.city), ledger.today(c.city), c.fixed_clock IS NOT NULL,
		c.keys_changed, coalesce(h.age, 0), coalesce(h.pid, 0)
	FROM ledger.city c
	LEFT JOIN LATERAL (SELECT a.pid,
			greatest(0, extract(epoch FROM clock_timestamp() - a.xact_start) * 1000)::bigint AS age
		FROM pg_stat_activity a
		WHERE a.backend_xid IS NOT NULL AND a.pid <> pg_backend_pid()
		ORDER BY age(a.backend_xid) DESC LIMIT 1) h ON true
	WHERE c.city = p_city
$$;

-- Whoever may speak: keys, and the officers behind them.  `organisation` is a digest, to be
-- compared only; an officer's instants are those of her days.
CREATE FUNCTION ops.keys(p_city int)
RETURNS TABLE (kind "char", id text, secret_hash bytea, role int, organisation text,
	org_code text, scope text, sandbox boolean, not_before timestamptz, expires_at timestamptz,
	rate int, burst int)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT 'k'::"char", k.kid, k.secret_hash, k.role, md5(coalesce(k.org_code, k.org_name)),
		k.org_code, k.scope, k.sandbox, k.not_before, k.expires_at, k.rate, k.burst
	FROM ledger.api_key k JOIN ledger.city c USING (city)
	WHERE k.city = p_city AND k.revoked_at IS NULL AND k.sandbox = c.sandbox
	  AND k.expires_at > ledger.app_now(p_city)
	UNION ALL
	SELECT 'o', ledger.seeker_text(o.id), o.secret_hash, o.role, md5(o.organisation),
		NULL, o.scope, c.sandbox, o.valid_from::timestamp AT TIME ZONE 'Asia/Shanghai',
		(o.valid_until + 1)::timestamp AT TIME ZONE 'Asia/Shanghai', 0, 0
	FROM ledger.officer o JOIN ledger.city c USING (city)
	WHERE o.city = p_city AND o.revoked_at IS NULL AND o.valid_until >= ledger.today(p_city)
$$;

CREATE FUNCTION ledger.key_json(p_key ledger.api_key) RETURNS jsonb
LANGUAGE sql STABLE AS $$
	SELECT jsonb_build_object('kid', p_key.kid, 'role', CASE p_key.role WHEN 1 THEN 'employer'
			WHEN 2 THEN 'agency' WHEN 4 THEN 'bureau' ELSE 'auditor' END,
		'org_code', p_key.org_code, 'org_name', p_key.org_name, 'scope', p_key.scope,
		'employers', to_jsonb(p_key.employers), 'sandbox', p_key.sandbox,
		'not_before', ledger.instant(p_key.not_before),
		'expires_at', ledger.instant(p_key.expires_at),
		'expires_on', ledger.legal_day(p_key.expires_at - interval '1 microsecond'),
		'rate', p_key.rate, 'burst', p_key.burst,
		'revoked_at', ledger.instant(p_key.revoked_at))
$$;

CREATE FUNCTION api.admit_admin(p_kid text, p_hash bytea) RETURNS api.reply
LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE WHEN p_kid IS DISTINCT FROM 'admin' OR p_hash IS NOT NULL
		THEN api.refuse(401, 'key-refused') END
$$;

CREATE FUNCTION api.create_key(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_body jsonb, p_secret_hash bytea)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	a    api.reply := api.admit_admin(p_kid, p_hash);
	town ledger.city;
	made ledger.api_key;
	bad  jsonb;
BEGIN
	IF a.status IS NOT NULL THEN
		RETURN NEXT a;
		RETURN;
	END IF;
	SELECT * INTO town FROM ledger.city c WHERE c.city = p_city;
	made.city := p_city;
	made.kid := p_body->>'kid';
	made.secret_hash := p_secret_hash;
	made.role := CASE p_body->>'role' WHEN 'employer' THEN 1 WHEN 'agency' THEN 2
		WHEN 'bureau' THEN 4 WHEN 'auditor' THEN 8 WHEN '1' THEN 1 WHEN '2' THEN 2
		WHEN '4' THEN 4 WHEN '8' THEN 8 END;
	made.org_code := p_body->>'org_code';
	made.org_name := coalesce(p_body->>'org_name', made.org_code);
	made.scope := p_body->>'scope';
	made.employers := ARRAY(SELECT jsonb_array_elements_text(
		coalesce(nullif(p_body->'employers', 'null'), '[]')));
	made.sandbox := coalesce((p_body->>'sandbox')::boolean, town.sandbox);
	made.not_before := ledger.app_now(p_city);
	made.expires_at := coalesce(((p_body->>'expires_on')::date + 1)::timestamp
		AT TIME ZONE 'Asia/Shanghai', made.not_before + interval '1 year');
	made.created_at := transaction_timestamp();
	made.rate := coalesce((p_body->>'rate')::int, 50);
	made.burst := coalesce((p_body->>'burst')::int, 2 * made.rate);
	bad := CASE
		WHEN town.city IS NULL THEN ledger.fault('', 'city-unknown', p_city::text,
			'a city that was set up', 'This city is not set up.', '该城市尚未建立。')
		WHEN made.kid IS NULL OR made.kid !~ '^[0-9a-f]{16}$' THEN ledger.fault('/kid', 'format',
			made.kid, '16 hex digits', 'The key id is not well-formed.', '密钥编号格式不正确。')
		WHEN made.role IS NULL THEN ledger.fault('/role', 'choice', p_body->>'role',
			'employer, agency, bureau or auditor', 'There is no such role.', '没有该角色。')
		WHEN made.org_name IS NULL THEN ledger.fault('/org_name', 'required', NULL,
			'the name of the organisation', 'The organisation is not named.', '缺少单位名称。')
		WHEN made.org_name ~ '[[:cntrl:]]' OR length(made.org_name) NOT BETWEEN 1 AND 120 THEN
			ledger.fault('/org_name', 'format', NULL, '1 to 120 characters, none of control',
			'The name of the organisation is not one line of text.', '单位名称须为一行文字。')
		WHEN made.expires_at <= made.not_before THEN ledger.fault('/expires_on', 'order',
			p_body->>'expires_on', 'today or later', 'The key would have expired already.',
			'密钥到期日不得早于今日。')
		WHEN made.rate NOT BETWEEN 1 AND 100000 OR made.burst NOT BETWEEN 1 AND 1000000 THEN
			ledger.fault('/rate', 'range', NULL, 'rate 1 to 100000 a second, burst 1 to 1000000',
			'The limit of requests is out of bounds.', '请求限额超出范围。')
		WHEN made.role = 1 AND made.org_code IS NULL THEN ledger.fault('/org_code', 'required',
			NULL, 'the code of the employer', 'An employer''s key needs its code.', '用人单位密钥须有单位代码。')
		WHEN made.role = 4 AND made.scope IS NULL OR NOT starts_with(made.scope, town.prefix)
			OR made.scope !~ '^[0-9]{4,12}$' THEN ledger.fault('/scope', 'scope', made.scope,
			'a division prefix that begins with ' || town.prefix,
			'The scope is not a division of this city.', '权限范围不属于本市行政区划。')
		WHEN made.sandbox <> town.sandbox THEN ledger.fault('/sandbox', 'sandbox',
			made.sandbox::text, town.sandbox::text, 'A key is of the city''s own kind.',
			'密钥类别须与城市环境一致。')
		END;
	IF bad IS NOT NULL THEN
		RETURN NEXT ledger.refuse_fault(bad);
		RETURN;
	END IF;
	INSERT INTO ledger.api_key SELECT (made).* ON CONFLICT DO NOTHING;
	-- The same key again is the same call again, after a commit whose answer was lost.
	IF NOT FOUND AND NOT EXISTS (SELECT FROM ledger.api_key k WHERE k.city = p_city
			AND (k.kid, k.secret_hash, k.role, k.org_code, k.scope) IS NOT DISTINCT FROM
			(made.kid, made.secret_hash, made.role, made.org_code, made.scope)) THEN
		RETURN NEXT api.refuse(409, 'wrong-state', '{"reason": "key-exists"}');
		RETURN;
	END IF;
	UPDATE ledger.city c SET keys_changed = c.keys_changed + 1 WHERE c.city = p_city;
	RETURN NEXT api.answer(201, ledger.key_json(made));
END $$;

CREATE FUNCTION api.revoke_key(p_city int, p_kid text, p_hash bytea, p_actor text, p_key text)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	a    api.reply := api.admit_admin(p_kid, p_hash);
	made ledger.api_key;
BEGIN
	IF a.status IS NOT NULL THEN
		RETURN NEXT a;
		RETURN;
	END IF;
	UPDATE ledger.api_key k SET revoked_at = coalesce(k.revoked_at, ledger.app_now(p_city))
		WHERE k.city = p_city AND k.kid = p_key RETURNING * INTO made;
	IF NOT FOUND THEN
		RETURN NEXT api.refuse(404, 'not-found');
		RETURN;
	END IF;
	UPDATE ledger.city c SET keys_changed = c.keys_changed + 1 WHERE c.city = p_city;
	RETURN NEXT api.answer(200, ledger.key_json(made));
END $$;

CREATE FUNCTION api.list_keys(p_city int, p_kid text, p_hash bytea, p_actor text)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	a api.reply := api.admit_admin(p_kid, p_hash);
BEGIN
	IF a.status IS NULL THEN
		a := api.answer(200, jsonb_build_object('keys', (SELECT coalesce(jsonb_agg(
			ledger.key_json(k) ORDER BY k.created_at, k.kid), '[]')
			FROM ledger.api_key k WHERE k.city = p_city)));
	END IF;
	RETURN NEXT a;
END $$;

-- Whoever's class ends by today, and vacancies that ran out or fell silent; call again
-- while it returns p_limit or more.  Old answers go after 35 days: their natural keys stay.
CREATE FUNCTION ops.turn_day(p_city int, p_limit int) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	today date := ledger.today(p_city);
	due   bigint[];
	ended int;
BEGIN
	WITH over AS (
		SELECT v.id, v.valid_until FROM ledger.vacancy v
		JOIN ledger.vacancy_standing s ON s.city = v.city AND s.vacancy = v.id
		WHERE v.city = p_city AND v.open AND (v.valid_until < today OR s.lapses_on <= today)
		ORDER BY v.id LIMIT p_limit FOR NO KEY UPDATE OF v SKIP LOCKED)
	UPDATE ledger.vacancy v SET open = false, version = v.version + 1, closed_on = today,
			closed_reason = CASE WHEN v.valid_until < today THEN 'expired' ELSE 'lapsed' END
		FROM over o WHERE v.city = p_city AND v.id = o.id;
	GET DIAGNOSTICS ended = ROW_COUNT;
	SELECT array_agg(x.id) INTO due FROM (SELECT s.id FROM ledger.seeker s
		WHERE s.city = p_city AND s.class_until <= today
		ORDER BY s.id LIMIT p_limit - ended FOR NO KEY UPDATE SKIP LOCKED) x;
	PERFORM ledger.rerank(p_city, due, today);
	ended := ended + ledger.expire_referrals(p_city, p_limit);
	DELETE FROM ledger.idempotency i WHERE (i.city, i.kid, i.key) IN (SELECT o.city, o.kid, o.key
		FROM ledger.idempotency o WHERE o.city = p_city
		AND o.created_at < transaction_timestamp() - interval '35 days' LIMIT p_limit);
	RETURN ended + coalesce(cardinality(due), 0);
END $$;

-- A city may be set up again (a name, the sample's clock); what it is cannot change.
CREATE FUNCTION ops.create_city(p_city int, p_name text, p_prefix text, p_sandbox boolean,
	p_fixed_clock timestamptz, p_plan_year int)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	INSERT INTO ledger.city AS c (city, name, prefix, sandbox, fixed_clock, plan_year)
		VALUES (p_city, p_name, p_prefix, p_sandbox, p_fixed_clock, p_plan_year)
		ON CONFLICT (city) DO UPDATE SET name = EXCLUDED.name, fixed_clock = EXCLUDED.fixed_clock,
			plan_year = EXCLUDED.plan_year
		WHERE c.sandbox = EXCLUDED.sandbox AND c.prefix = EXCLUDED.prefix;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'city % exists with another prefix or of another kind', p_city;
	END IF;
	INSERT INTO ledger.policy (city, valid_from) VALUES (p_city, '-infinity') ON CONFLICT DO NOTHING;
END $$;

-- Rows of the code files, members named by their headers; NULL leaves a table alone.
CREATE FUNCTION ops.load_catalogue(p_city int, p_divisions jsonb, p_occupations jsonb,
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

-- The daemon's own role needs the functions, the records' views and no table.
CREATE FUNCTION ops.grant_daemon(p_role text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	EXECUTE format('GRANT USAGE ON SCHEMA api, ops TO %I', p_role);
	EXECUTE format('GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA api, ops TO %I', p_role);
	EXECUTE format('GRANT SELECT ON ops.vacancy_record, ops.seeker_record TO %I', p_role);
END $$;

REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA api, ops, ledger FROM PUBLIC;
