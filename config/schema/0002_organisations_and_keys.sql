-- Who files and who asks: employers with their dated sites, API keys, and the
-- answers already given.
--
-- The principal is found again inside every call, from the key's hash, so a
-- connection cannot claim to be somebody.  The secret itself is never here.  The
-- surprising thing: an Idempotency-Key is inserted first and a twin waits on that
-- row, so a retry can never overtake the call it repeats; 401 and 403 are not kept.

CREATE TABLE ledger.employer (
	city          int NOT NULL REFERENCES ledger.city,
	id            bigint GENERATED ALWAYS AS IDENTITY,
	code          text NOT NULL,
	name          text NOT NULL,
	kind          text NOT NULL DEFAULT '',
	registered_on date NOT NULL,
	PRIMARY KEY (city, id),
	UNIQUE (city, code)
);

-- An employer is liable per district, from a day to a day.
CREATE TABLE ledger.employer_site (
	city     int NOT NULL,
	employer bigint NOT NULL,
	district text NOT NULL CHECK (district ~ '^[0-9]{6}$'),
	since    date NOT NULL,
	until    date,
	PRIMARY KEY (city, employer, district, since),
	FOREIGN KEY (city, employer) REFERENCES ledger.employer,
	CHECK (until IS NULL OR until >= since)
);

-- role: 1 employer, 2 agency, 4 bureau, 8 auditor.
CREATE TABLE ledger.api_key (
	city        int NOT NULL REFERENCES ledger.city,
	kid         text NOT NULL CHECK (kid ~ '^[0-9a-f]{16}$'),
	secret_hash bytea NOT NULL CHECK (octet_length(secret_hash) = 32),
	role        int NOT NULL CHECK (role IN (1, 2, 4, 8)),
	org_code    text,
	org_name    text NOT NULL,
	scope       text CHECK (scope ~ '^[0-9]{4,12}$'),
	employers   text[] NOT NULL DEFAULT '{}',
	sandbox     boolean NOT NULL,
	not_before  timestamptz NOT NULL,
	expires_at  timestamptz NOT NULL,
	created_at  timestamptz NOT NULL DEFAULT transaction_timestamp(),
	revoked_at  timestamptz,
	PRIMARY KEY (city, kid),
	CHECK (role <> 4 OR scope IS NOT NULL),
	CHECK (role <> 1 OR org_code IS NOT NULL)
);

CREATE TABLE ledger.idempotency (
	city       int NOT NULL,
	kid        text NOT NULL,
	key        text NOT NULL,
	request    bytea NOT NULL,
	status     int,
	code       text,
	body       text,
	xid        bigint,
	event      bigint,
	created_at timestamptz NOT NULL DEFAULT transaction_timestamp(),
	PRIMARY KEY (city, kid, key)
);
CREATE INDEX idempotency_age ON ledger.idempotency (city, created_at);

-- Every look at a person's file: who, when, and which call.
CREATE TABLE ledger.person_look (
	city   int NOT NULL,
	id     bigint GENERATED ALWAYS AS IDENTITY,
	person bigint NOT NULL,
	kid    text NOT NULL,
	actor  text NOT NULL,
	what   text NOT NULL,
	at     timestamptz NOT NULL DEFAULT transaction_timestamp(),
	PRIMARY KEY (city, id)
);
CREATE INDEX person_look_person ON ledger.person_look (city, person, at);

-- Who is calling, as the functions see it.  `organisation` decides "who reported".
CREATE TYPE api.caller AS (
	city         int,
	kid          text,
	actor        text,
	role         int,
	org_code     text,
	organisation text,
	scope        text,
	employers    text[]
);

CREATE FUNCTION api.principal(p_city int, p_kid text, p_hash bytea, p_actor text)
RETURNS api.caller
LANGUAGE plpgsql STABLE AS $$
DECLARE
	who    api.caller;
	at     timestamptz := ledger.app_now(p_city);
BEGIN
	SELECT k.city, k.kid, coalesce(p_actor, ''), k.role, k.org_code,
		coalesce(k.org_code, k.org_name), k.scope,
		CASE WHEN k.role = 1 THEN k.employers || k.org_code ELSE '{}' END
		INTO who
		FROM ledger.api_key k JOIN ledger.city c USING (city)
		WHERE k.city = p_city AND k.kid = p_kid AND k.secret_hash = p_hash
		  AND k.revoked_at IS NULL AND k.sandbox = c.sandbox
		  AND at >= k.not_before AND at < k.expires_at;
	RETURN who;
END $$;

CREATE FUNCTION api.answer(p_status int, p_body jsonb DEFAULT '{}') RETURNS api.reply
LANGUAGE sql IMMUTABLE AS $$
	SELECT ROW('a', p_status, 'ok', p_body::text, NULL, NULL, NULL, '')::api.reply
$$;

CREATE FUNCTION api.refuse(p_status int, p_slug text, p_members jsonb DEFAULT '{}')
RETURNS api.reply
LANGUAGE sql IMMUTABLE AS $$
	SELECT ROW('a', p_status, p_slug, p_members::text, NULL, NULL, NULL, '')::api.reply
$$;

-- Before anything else: the key is known and the role may ask this.  NULL: go on.
CREATE FUNCTION api.admit(p_who api.caller, p_roles int) RETURNS api.reply
LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE
		WHEN (p_who).role IS NULL THEN api.refuse(401, 'key-refused')
		WHEN (p_who).role & p_roles = 0 THEN api.refuse(403, 'role-refused')
	END
$$;

-- Claim the Idempotency-Key.  NULL: it is ours, go on; else what was answered before.
CREATE FUNCTION api.claim(p_who api.caller, p_idem text, p_req bytea) RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	was ledger.idempotency;
BEGIN
	IF p_idem IS NULL OR p_req IS NULL THEN
		RETURN api.refuse(400, 'idempotency-key-missing');
	END IF;
	INSERT INTO ledger.idempotency (city, kid, key, request)
		VALUES (p_who.city, p_who.kid, p_idem, p_req) ON CONFLICT DO NOTHING;
	IF FOUND THEN
		RETURN NULL;
	END IF;
	SELECT * INTO was FROM ledger.idempotency
		WHERE city = p_who.city AND kid = p_who.kid AND key = p_idem;
	IF was.request IS DISTINCT FROM p_req THEN
		RETURN api.refuse(422, 'idempotency-mismatch');
	END IF;
	RETURN ROW('a', was.status, was.code, was.body, was.xid, was.event, NULL, 'replayed')::api.reply;
END $$;

CREATE FUNCTION api.put_employer(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_code text, p_body jsonb)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who     api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	refused api.reply  := api.admit(who, 4);
	today   date       := ledger.today(p_city);
	site    jsonb;
	emp     ledger.employer;
	made    boolean;
BEGIN
	IF refused.status IS NOT NULL THEN
		RETURN NEXT refused;
		RETURN;
	END IF;
	FOR site IN SELECT * FROM jsonb_array_elements(p_body->'sites') LOOP
		IF NOT starts_with(site->>'district', who.scope) THEN
			RETURN NEXT api.refuse(404, 'not-found');
			RETURN;
		END IF;
	END LOOP;

	INSERT INTO ledger.employer (city, code, name, kind, registered_on)
		VALUES (p_city, p_code, p_body->>'name', coalesce(p_body->>'kind', ''), today)
		ON CONFLICT (city, code) DO NOTHING RETURNING * INTO emp;
	made := FOUND;
	IF NOT made THEN
		SELECT * INTO emp FROM ledger.employer
			WHERE city = p_city AND code = p_code FOR NO KEY UPDATE;
		-- A district that the employer has no site in may add one; its name is not that district's.
		IF EXISTS (SELECT FROM ledger.employer_site s WHERE s.city = p_city
				AND s.employer = emp.id AND s.until IS NULL
				AND starts_with(s.district, who.scope)) THEN
			PERFORM ledger.rename_employer(p_city, emp.id, p_body->>'name');
			UPDATE ledger.employer SET name = p_body->>'name',
				kind = coalesce(p_body->>'kind', kind)
				WHERE city = p_city AND id = emp.id;
		END IF;
	END IF;

	-- A site of this scope that the list leaves out ends today; it is never deleted.
	UPDATE ledger.employer_site s SET until = greatest(today, s.since)
		WHERE s.city = p_city AND s.employer = emp.id AND s.until IS NULL
		  AND starts_with(s.district, who.scope)
		  AND NOT p_body->'sites' @> jsonb_build_array(jsonb_build_object('district', s.district));
	-- Another day for a site that stands is a correction, unless it reaches into an older one.
	UPDATE ledger.employer_site s SET since = (x->>'since')::date
		FROM jsonb_array_elements(p_body->'sites') x
		WHERE s.city = p_city AND s.employer = emp.id AND s.until IS NULL
		  AND s.district = x->>'district' AND s.since <> (x->>'since')::date
		  AND NOT EXISTS (SELECT FROM ledger.employer_site o WHERE o.city = p_city
			AND o.employer = emp.id AND o.district = s.district AND o.until > (x->>'since')::date);
	INSERT INTO ledger.employer_site (city, employer, district, since)
		SELECT p_city, emp.id, x->>'district', min(coalesce((x->>'since')::date, today))
		FROM jsonb_array_elements(p_body->'sites') x
		WHERE NOT EXISTS (SELECT FROM ledger.employer_site s
			WHERE s.city = p_city AND s.employer = emp.id AND s.district = x->>'district'
			  AND s.until IS NULL)
		GROUP BY 3
		ON CONFLICT (city, employer, district, since) DO UPDATE SET until = NULL;

	RETURN QUERY SELECT * FROM api.with_events(p_city,
		api.answer(CASE WHEN made THEN 201 ELSE 200 END, ledger.employer_json(p_city, emp.id)));
END $$;

CREATE FUNCTION ledger.employer_json(p_city int, p_id bigint) RETURNS jsonb
LANGUAGE sql STABLE AS $$
	SELECT jsonb_build_object('employer', e.code, 'name', e.name, 'kind', e.kind,
		'registered_on', e.registered_on,
		'sites', coalesce((SELECT jsonb_agg(jsonb_build_object('district', s.district,
				'since', s.since, 'until', s.until) ORDER BY s.district, s.since)
			FROM ledger.employer_site s WHERE s.city = e.city AND s.employer = e.id), '[]'))
	FROM ledger.employer e WHERE e.city = p_city AND e.id = p_id
$$;

-- A bureau sees the employers that have, or had, a site in its scope.
CREATE FUNCTION api.read_employer(p_city int, p_kid text, p_hash bytea, p_actor text, p_code text)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who     api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	refused api.reply  := api.admit(who, 1 | 4 | 8);
	emp     bigint;
BEGIN
	IF refused.status IS NOT NULL THEN
		RETURN NEXT refused;
		RETURN;
	END IF;
	SELECT e.id INTO emp FROM ledger.employer e
		WHERE e.city = p_city AND e.code = p_code AND CASE who.role
			WHEN 1 THEN e.code = ANY (who.employers)
			WHEN 4 THEN length(who.scope) = 4 OR EXISTS (SELECT FROM ledger.employer_site s
				WHERE s.city = e.city AND s.employer = e.id AND starts_with(s.district, who.scope))
			ELSE true END;
	IF emp IS NULL THEN
		RETURN NEXT api.refuse(404, 'not-found');
	ELSE
		RETURN NEXT api.answer(200, ledger.employer_json(p_city, emp));
	END IF;
END $$;
