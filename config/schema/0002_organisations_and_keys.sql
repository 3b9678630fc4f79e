-- Who files and who asks: employers with their dated sites, API keys, and the
-- answers already given.
--
-- The principal is found again inside every call, from the hashes of the key's secret and
-- of the officer's, so a connection cannot claim to be somebody.  No secret is here.  The
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
	rate        int NOT NULL DEFAULT 50 CHECK (rate BETWEEN 1 AND 100000),
	burst       int NOT NULL DEFAULT 100 CHECK (burst BETWEEN 1 AND 1000000),
	PRIMARY KEY (city, kid),
	CHECK (not_before <= expires_at),
	CHECK (role <> 4 OR scope IS NOT NULL),
	CHECK (role <> 1 OR org_code IS NOT NULL)
);

-- A named person of an organisation, with a secret of her own (0015).
CREATE TABLE ledger.officer (
	city         int NOT NULL REFERENCES ledger.city,
	id           bigint NOT NULL CHECK (id > 0),
	role         int NOT NULL CHECK (role IN (1, 2, 4, 8)),
	organisation text NOT NULL,
	name         text NOT NULL,
	post         text NOT NULL,
	scope        text CHECK (scope ~ '^[0-9]{4,12}$'),
	lead         boolean NOT NULL DEFAULT false,
	valid_from   date NOT NULL,
	valid_until  date NOT NULL,
	secret_hash  bytea NOT NULL CHECK (octet_length(secret_hash) = 32),
	version      int NOT NULL DEFAULT 1,
	made_kid     text NOT NULL,
	made_by      bigint,
	revoked_at   timestamptz,
	PRIMARY KEY (city, id),
	CHECK (valid_until >= valid_from)
);
CREATE INDEX officer_organisation ON ledger.officer (city, role, organisation, id);

-- Somebody acts in another's place, of the same organisation, for some days.
CREATE TABLE ledger.delegation (
	city         int NOT NULL,
	id           bigint GENERATED ALWAYS AS IDENTITY,
	from_officer bigint NOT NULL,
	to_officer   bigint NOT NULL,
	scope        text CHECK (scope ~ '^[0-9]{4,12}$'),
	valid_from   date NOT NULL,
	valid_until  date NOT NULL,
	made_by      bigint,
	ended_at     timestamptz,
	PRIMARY KEY (city, id),
	FOREIGN KEY (city, from_officer) REFERENCES ledger.officer,
	FOREIGN KEY (city, to_officer) REFERENCES ledger.officer,
	CHECK (from_officer <> to_officer),
	CHECK (valid_until >= valid_from)
);
CREATE INDEX delegation_from ON ledger.delegation (city, from_officer, to_officer);

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
-- In order of time as they come: a range is found by blocks, and an insert costs nothing.
CREATE INDEX idempotency_age ON ledger.idempotency USING brin (created_at);

-- Every look at a person's file: who, when, and which call.
CREATE TABLE ledger.person_look (
	city   int NOT NULL,
	id     bigint GENERATED ALWAYS AS IDENTITY,
	person bigint NOT NULL,
	kid    text NOT NULL,
	actor  text NOT NULL,
	what   text NOT NULL,
	at     timestamptz NOT NULL DEFAULT transaction_timestamp(),
	officer   bigint,
	on_behalf bigint,
	PRIMARY KEY (city, id)
);
CREATE INDEX person_look_person ON ledger.person_look (city, person, id);
CREATE INDEX person_look_officer ON ledger.person_look (city, officer, id);

-- Who is calling, as the functions see it.  `organisation` decides "who reported"; `officer`
-- is the person behind the key: NULL when none was named, -1 when the one named is not
-- accepted (api.admit refuses that before any function sees it).
CREATE TYPE api.caller AS (
	city         int,
	kid          text,
	actor        text,
	role         int,
	org_code     text,
	organisation text,
	scope        text,
	employers    text[],
	officer      bigint,
	on_behalf    bigint,
	lead         boolean,
	request      text
);

-- p_actor: "<officer>.<hash of the secret>[.<officer on whose behalf>] <request id>", either
-- part or both empty.
CREATE FUNCTION api.principal(p_city int, p_kid text, p_hash bytea, p_actor text)
RETURNS api.caller
LANGUAGE plpgsql STABLE AS $$
DECLARE
	who    api.caller;
	at     timestamptz := ledger.app_now(p_city);
	claim  text        := split_part(p_actor, ' ', 1);
BEGIN
	SELECT k.city, k.kid, '', k.role, k.org_code,
		coalesce(k.org_code, k.org_name), k.scope,
		CASE WHEN k.role = 1 THEN k.employers || k.org_code ELSE '{}' END,
		NULL, NULL, false, split_part(p_actor, ' ', 2)
		INTO who
		FROM ledger.api_key k JOIN ledger.city c USING (city)
		WHERE k.city = p_city AND k.kid = p_kid AND k.secret_hash = p_hash
		  AND k.revoked_at IS NULL AND k.sandbox = c.sandbox
		  AND at >= k.not_before AND at < k.expires_at;
	IF claim <> '' AND who.role IS NOT NULL THEN
		who := ledger.with_officer(who, claim, ledger.legal_day(at));
	END IF;
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

-- A page of a list.  `p_last` are the sort keys of its last row when more follow, else NULL;
-- the daemon makes the cursor of them.
CREATE FUNCTION api.page(p_body jsonb, p_last text[]) RETURNS api.reply
LANGUAGE sql IMMUTABLE AS $$
	SELECT ROW('a', 200, 'ok', p_body::text, NULL, NULL, NULL,
		coalesce(chr(31) || array_to_string(p_last, chr(31)), ''))::api.reply
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
	p_code text, p_body jsonb, p_new_only boolean DEFAULT false)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who     api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	refused api.reply  := api.admit(who, 'employers.put');
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
	IF NOT made AND p_new_only THEN
		RETURN NEXT api.refuse(412, 'version-changed');
		RETURN;
	ELSIF NOT made THEN
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
			AND o.employer = emp.id AND o.district = s.district
			  AND (o.until > (x->>'since')::date OR o.since = (x->>'since')::date));
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
	refused api.reply  := api.admit(who, 'employers.read');
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
