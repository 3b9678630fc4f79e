-- A small ledger that does as it is told: the functions that the daemon calls, of the same
-- types, so that the pool can be tested for what it does when PostgreSQL misbehaves.
--
-- api.read_vacancy obeys its p_actor: "sleep 3", "raise 40001 2" (twice, then fine),
-- "refuse", "changes 3", "warn", "void" (no row), "odd" (a row of an unknown kind).
-- api.report_placements, of one call or of many: "sleep 3", "raise 22P02", "lock 1 0.5 2" (one
-- thing, after half a second another).  How many there are shows as an advisory lock (7, n).
CREATE SCHEMA ledger;
CREATE SCHEMA api;
CREATE SCHEMA ops;
CREATE TYPE api.reply AS (kind "char", status int, code text, body text, id bigint,
	version bigint, record bytea, label text);

CREATE TABLE ledger.placed (key text PRIMARY KEY, at timestamptz NOT NULL DEFAULT now());
CREATE TABLE ledger.fixed (keys_changed bigint NOT NULL, clock timestamptz);
INSERT INTO ledger.fixed VALUES (1, NULL);
CREATE TABLE ledger.api_key (kid text PRIMARY KEY, secret_hash bytea NOT NULL,
	role int NOT NULL, scope text, not_before timestamptz NOT NULL DEFAULT '2000-01-01',
	expires_at timestamptz NOT NULL DEFAULT '2100-01-01');
CREATE SEQUENCE ledger.raised;
CREATE SEQUENCE ledger.together MINVALUE 0; -- the largest of combined calls; no rollback undoes it

CREATE FUNCTION api.read_vacancy(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_id bigint, p_as_of date)
RETURNS SETOF api.reply LANGUAGE plpgsql AS $$
DECLARE
	word text[] := string_to_array(p_actor, ' ');
BEGIN
	IF word[1] = 'sleep' THEN
		PERFORM pg_sleep(word[2]::float8);
	ELSIF word[1] = 'raise' AND nextval('ledger.raised') <= word[3]::int THEN
		RAISE EXCEPTION 'secret %', p_id USING ERRCODE = word[2], DETAIL = 'Key (citizen)=(4101)';
	ELSIF word[1] = 'warn' THEN
		RAISE WARNING 'secret %', p_id;
	ELSIF word[1] = 'void' THEN
		RETURN;
	ELSIF word[1] = 'odd' THEN
		RETURN NEXT ('q', 200, 'ok', '{}', NULL, NULL, NULL, '')::api.reply;
	ELSIF word[1] = 'refuse' THEN
		RETURN NEXT ('a', 409, 'vacancy-filled', '{ "vacancy": "7" }', NULL, NULL, NULL, '')::api.reply;
		RETURN;
	END IF;
	RETURN NEXT ('a', 200, 'ok', format('{"id":"%s"}', p_id), 77, 9, NULL, '')::api.reply;
	FOR i IN 1 .. CASE WHEN word[1] = 'changes' THEN word[2]::int ELSE 0 END LOOP
		RETURN NEXT ('v', NULL, NULL, NULL, i, i, '\x0176', 'a')::api.reply;
	END LOOP;
END $$;

CREATE FUNCTION ledger.place(p_actor text, p_idem text) RETURNS SETOF api.reply
LANGUAGE plpgsql AS $$
DECLARE
	word text[] := string_to_array(p_actor, ' ');
	again boolean;
BEGIN
	INSERT INTO ledger.placed (key) VALUES (p_idem) ON CONFLICT DO NOTHING;
	again := NOT FOUND;
	IF word[1] = 'sleep' AND NOT again THEN
		PERFORM pg_sleep(word[2]::float8);
	ELSIF word[1] = 'raise' THEN
		RAISE EXCEPTION 'secret %', p_idem USING ERRCODE = word[2];
	ELSIF word[1] = 'lock' THEN
		PERFORM pg_advisory_xact_lock(word[2]::bigint);
		PERFORM pg_sleep(word[3]::float8);
		PERFORM pg_advisory_xact_lock(word[4]::bigint);
	END IF;
	RETURN NEXT ('a', 201, 'ok', format('{"key":"%s"}', p_idem), NULL, NULL, NULL,
		CASE WHEN again THEN 'replayed' ELSE '' END)::api.reply;
END $$;

CREATE FUNCTION api.report_placements(p_city int, p_kid text[], p_hash bytea[], p_actor text[],
	p_idem text[], p_req bytea[], p_body jsonb[])
RETURNS TABLE (call int, kind "char", status int, code text, body text, id bigint,
	version bigint, record bytea, label text)
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM setval('ledger.together', greatest(cardinality(p_kid),
		(SELECT last_value FROM ledger.together)));
	PERFORM pg_advisory_xact_lock_shared(7, cardinality(p_kid));
	RETURN QUERY SELECT n, r.* FROM generate_subscripts(p_kid, 1) n,
		ledger.place(p_actor[n], p_idem[n]) r;
END $$;

CREATE FUNCTION ops.heartbeat(p_city int, OUT now timestamptz, OUT today date, OUT fixed boolean,
	OUT keys_changed bigint, OUT horizon_age_ms bigint, OUT horizon_pid int, OUT sandbox boolean)
LANGUAGE sql AS $$
	SELECT coalesce(f.clock, now()), now()::date, f.clock IS NOT NULL, f.keys_changed,
		1234::bigint, 42, true
	FROM ledger.fixed f
$$;

CREATE FUNCTION ops.keys(p_city int)
RETURNS TABLE (kind "char", id text, secret_hash bytea, role int, organisation text,
	org_code text, scope text, sandbox boolean, not_before timestamptz, expires_at timestamptz,
	rate int, burst int)
LANGUAGE sql AS $$
	SELECT 'k'::"char", k.kid, k.secret_hash, k.role, '', NULL::text, k.scope, true, k.not_before,
		k.expires_at, 50, 100
	FROM ledger.api_key k
$$;

CREATE FUNCTION ops.horizon(OUT xid bigint, OUT id bigint) LANGUAGE sql AS
	$$ SELECT 9007199254740993, 12::bigint $$;

CREATE FUNCTION ops.read_outbox(p_city int, p_xid bigint, p_id bigint, p_limit int)
RETURNS TABLE (xid bigint, id bigint, entity text, entity_id bigint, version bigint,
	record bytea, label text)
LANGUAGE sql AS $$
	SELECT p_xid, p_id + i, CASE WHEN i % 2 = 1 THEN 'v' ELSE 's' END, 4611686018427387904 - i,
		i, decode(repeat('00', i::int), 'hex'), format('%s', i)
	FROM generate_series(1::bigint, p_limit) i
$$;

CREATE FUNCTION ops.turn_day(p_city int, p_limit int) RETURNS int LANGUAGE sql AS
	$$ SELECT p_limit - 1 $$;

-- As whom the daemon comes; nothing runs with its owner's rights here.
GRANT USAGE ON SCHEMA api, ledger, ops TO vacancyd_request;
GRANT ALL ON ALL TABLES IN SCHEMA ledger, ops TO vacancyd_request;
GRANT ALL ON ALL SEQUENCES IN SCHEMA ledger, ops TO vacancyd_request;
