-- API keys: made, rotated, revoked, listed; by the operator only (operator_doors.sql).

-- Whoever may speak: keys, and the officers behind them; and ('c') the codes that are recognised,
-- which every daemon has to know as soon as they are.  `organisation` is a digest, to be
-- compared only; an officer's instants are those of her days.
CREATE OR REPLACE FUNCTION ops.keys(p_city int)
RETURNS TABLE (kind "char", id text, secret_hash bytea, role int, organisation text,
	org_code text, scope text, sandbox boolean, not_before timestamptz, expires_at timestamptz,
	rate int, burst int)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT 'k'::"char", k.kid, k.secret_hash, k.role, md5(ledger.organisation_of(k)),
		k.org_code, k.scope, k.sandbox, k.not_before, k.expires_at, k.rate, k.burst
	FROM ledger.api_key k JOIN ledger.city c USING (city)
	WHERE k.city = p_city AND k.revoked_at IS NULL AND k.sandbox = c.sandbox
	  AND k.expires_at > ledger.app_now(p_city)
	UNION ALL
	-- What was good until lately, without what it was known by: 'r' revoked, 'e' run out.
	SELECT CASE WHEN k.revoked_at IS NULL THEN 'e' ELSE 'r' END::"char", k.kid,
		decode(repeat('00', 32), 'hex'), k.role, '', NULL, k.scope, k.sandbox, k.not_before,
		k.expires_at, 0, 0
	FROM ledger.api_key k JOIN ledger.city c USING (city)
	WHERE k.city = p_city AND k.sandbox = c.sandbox
	  AND (k.revoked_at IS NOT NULL OR k.expires_at <= ledger.app_now(p_city))
	  AND coalesce(k.revoked_at, k.expires_at) > ledger.app_now(p_city) - interval '30 days'
	UNION ALL
	SELECT 'o', ledger.seeker_text(o.id), o.secret_hash, o.role, md5(o.organisation),
		NULL, o.scope, c.sandbox, o.valid_from::timestamp AT TIME ZONE 'Asia/Shanghai',
		(o.valid_until + 1)::timestamp AT TIME ZONE 'Asia/Shanghai', 0, 0
	FROM ledger.officer o JOIN ledger.city c USING (city)
	WHERE o.city = p_city AND o.revoked_at IS NULL AND o.valid_until >= ledger.today(p_city)
	UNION ALL
	SELECT 'c', x.code, decode(repeat('00', 32), 'hex'), 0, '', NULL, NULL, c.sandbox,
		to_timestamp(0), NULL, 0, 0
	FROM ledger.recognised_code x JOIN ledger.entry e USING (city, id, version)
	JOIN ledger.city c USING (city) WHERE x.city = p_city AND x.ended_on IS NULL
$$;

CREATE OR REPLACE FUNCTION ledger.key_json(p_key ledger.api_key) RETURNS jsonb
LANGUAGE sql STABLE AS $$
	SELECT jsonb_build_object('kid', p_key.kid, 'role', ledger.role_name(p_key.role),
		'org_code', p_key.org_code, 'org_name', p_key.org_name, 'scope', p_key.scope,
		'employers', to_jsonb(p_key.employers), 'sandbox', p_key.sandbox,
		'not_before', ledger.instant(p_key.not_before),
		'expires_at', ledger.instant(p_key.expires_at),
		'expires_on', ledger.legal_day(p_key.expires_at - interval '1 microsecond'),
		'rate', p_key.rate, 'burst', p_key.burst,
		'revoked_at', ledger.instant(p_key.revoked_at))
$$;

CREATE OR REPLACE FUNCTION ledger.keys_have_changed(p_city int) RETURNS void
LANGUAGE sql AS $$
	UPDATE ledger.city c SET keys_changed = c.keys_changed + 1 WHERE c.city = p_city
$$;

CREATE OR REPLACE FUNCTION api.create_key(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_body jsonb, p_secret_hash bytea)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	a    api.reply := api.admit_operator(p_city, p_kid, p_hash, p_actor);
	town ledger.city;
	made ledger.api_key;
	bad  jsonb;
	new  boolean;
BEGIN
	IF a.status IS NOT NULL THEN
		RETURN NEXT a;
		RETURN;
	END IF;
	SELECT * INTO town FROM ledger.city c WHERE c.city = p_city;
	made.city := p_city;
	made.kid := p_body->>'kid';
	made.secret_hash := p_secret_hash;
	made.role := CASE WHEN p_body->>'role' IN ('1', '2', '4', '8') THEN (p_body->>'role')::int
		ELSE ledger.role_of(p_body->>'role') END;
	made.org_code := p_body->>'org_code';
	made.org_name := coalesce(p_body->>'org_name', made.org_code);
	made.scope := ledger.scope_of(p_body->>'scope');
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
		WHEN p_body->>'scope' IS NULL THEN ledger.fault('/scope', 'required', NULL,
			'a division prefix, for the whole city ' || town.prefix,
			'The scope is not written; none is no place at all.', '缺少权限范围；未填写即无任何权限。')
		WHEN NOT ledger.within(town.prefix, made.scope) THEN ledger.fault('/scope', 'scope',
			p_body->>'scope', 'a division prefix that begins with ' || town.prefix,
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
	new := FOUND;
	-- The same key again is the same request again, after a commit whose answer was lost.
	IF NOT new AND NOT EXISTS (SELECT FROM ledger.api_key k WHERE k.city = p_city
			AND (k.kid, k.secret_hash, k.role, k.org_code, k.scope) IS NOT DISTINCT FROM
			(made.kid, made.secret_hash, made.role, made.org_code, made.scope)) THEN
		RETURN NEXT api.refuse(409, 'wrong-state', '{"reason": "key-exists"}');
		RETURN;
	END IF;
	PERFORM ledger.keys_have_changed(p_city);
	RETURN NEXT api.keep_operator(p_city, p_actor, 'keys.create',
		CASE WHEN new THEN 'key/' || made.kid END, api.answer(201, ledger.key_json(made)));
END $$;

-- A key's successor: another secret for the same organisation, and the old key until then.
CREATE OR REPLACE FUNCTION api.rotate_key(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_key text, p_new text, p_new_hash bytea, p_until timestamptz)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	a     api.reply   := api.admit_operator(p_city, p_kid, p_hash, p_actor);
	at    timestamptz := ledger.app_now(p_city);
	old   ledger.api_key;
	made  ledger.api_key;
BEGIN
	IF a.status IS NULL THEN
		SELECT * INTO old FROM ledger.api_key k WHERE k.city = p_city AND k.kid = p_key
			FOR NO KEY UPDATE;
		a := CASE WHEN old.kid IS NULL THEN api.refuse(404, 'not-found')
			WHEN old.revoked_at IS NOT NULL OR old.expires_at <= at THEN
				api.refuse(409, 'wrong-state', '{"reason": "key-over"}')
			WHEN p_until < at THEN ledger.refuse_fault(ledger.fault('/until', 'order',
				ledger.instant(p_until), 'an instant that is still to come, or none',
				'The old key would have ended already.', '旧密钥的截止时间不得早于现在。')) END;
	END IF;
	IF a.status IS NOT NULL THEN
		RETURN NEXT a;
		RETURN;
	END IF;
	made := old;
	made.kid := p_new;
	made.first_kid := coalesce(old.first_kid, old.kid);
	made.secret_hash := p_new_hash;
	made.not_before := at;
	made.expires_at := at + greatest(old.expires_at - old.not_before, interval '1 day');
	made.created_at := transaction_timestamp();
	INSERT INTO ledger.api_key SELECT (made).* ON CONFLICT DO NOTHING;
	UPDATE ledger.api_key k
		SET expires_at = greatest(k.not_before, least(k.expires_at, coalesce(p_until, at)))
		WHERE k.city = p_city AND k.kid = p_key RETURNING * INTO old;
	PERFORM ledger.keys_have_changed(p_city);
	RETURN NEXT api.keep_operator(p_city, p_actor, 'keys.rotate', 'key/' || old.kid, api.answer(201,
		ledger.key_json(made) || jsonb_build_object('replaces', ledger.key_json(old))));
END $$;

CREATE OR REPLACE FUNCTION api.revoke_key(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_key text)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	a   api.reply := api.admit_operator(p_city, p_kid, p_hash, p_actor);
	was ledger.api_key;
	k   ledger.api_key;
BEGIN
	IF a.status IS NULL THEN
		SELECT * INTO was FROM ledger.api_key x WHERE x.city = p_city AND x.kid = p_key
			FOR NO KEY UPDATE;
		UPDATE ledger.api_key x SET revoked_at = coalesce(x.revoked_at, ledger.app_now(p_city))
			WHERE x.city = p_city AND x.kid = p_key RETURNING * INTO k;
		PERFORM ledger.keys_have_changed(p_city) WHERE k.kid IS NOT NULL;
		a := CASE WHEN k.kid IS NULL THEN api.refuse(404, 'not-found')
			ELSE api.answer(200, ledger.key_json(k)) END;
	END IF;
	RETURN NEXT api.keep_operator(p_city, p_actor, 'keys.revoke',
		CASE WHEN was.revoked_at IS NULL THEN 'key/' || k.kid END, a);
END $$;

CREATE OR REPLACE FUNCTION api.list_keys(p_city int, p_kid text, p_hash bytea, p_actor text)
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
