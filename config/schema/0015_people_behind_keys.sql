-- The people behind the keys, what each role may do, and what was done.
--
-- An officer is a named person of an organisation, with a post, a scope and two days; she
-- has a secret of her own, and the ledger checks its hash inside every call, as it does the
-- key's.  Her name is an official's, which a person may be told, so it is not sealed; it
-- stands here only, in no kept answer, action or look.  The surprising thing: an accepted
-- write is noted by api.with_events, through which every write answers, so no function
-- can forget it; who and which operation it was, api.admit has left in the transaction.

-- config/data/authorisation.tsv, a row a role and action.  Nothing loaded, nothing allowed.
CREATE TABLE ledger.permission (
	action text NOT NULL CHECK (action ~ '^[a-z-]+[.][a-z-]+$'),
	role   int NOT NULL CHECK (role IN (1, 2, 4, 8)),
	actor  boolean NOT NULL,
	fields text[] NOT NULL DEFAULT '{}',
	PRIMARY KEY (action, role)
);

CREATE FUNCTION ledger.role_of(p_name text) RETURNS int
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT CASE p_name WHEN 'employer' THEN 1 WHEN 'agency' THEN 2 WHEN 'bureau' THEN 4
		WHEN 'auditor' THEN 8 END
$$;

CREATE FUNCTION ledger.role_name(p_role int) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT CASE p_role WHEN 1 THEN 'employer' WHEN 2 THEN 'agency' WHEN 4 THEN 'bureau'
		WHEN 8 THEN 'auditor' END
$$;

-- The whole table: a row that the file has no longer is gone.
CREATE FUNCTION ops.load_permissions(p_rows jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	DELETE FROM ledger.permission;
	INSERT INTO ledger.permission (action, role, actor, fields)
		SELECT r.action, ledger.role_of(r.role), r.actor = 'officer',
			coalesce(string_to_array(nullif(r.fields, '-'), ','), '{}')
		FROM jsonb_to_recordset(p_rows) r(action text, role text, actor text, fields text);
END $$;

-- Every write that was accepted, and by whom.  `object` is an id, never a name or a number
-- of a person; the request id joins it to the access log.
CREATE TABLE ledger.action (
	city      int NOT NULL,
	id        bigint GENERATED ALWAYS AS IDENTITY,
	at        timestamptz NOT NULL DEFAULT transaction_timestamp(),
	kid       text NOT NULL,
	officer   bigint,
	on_behalf bigint,
	op        text NOT NULL,
	object    text NOT NULL,
	request   text NOT NULL,
	PRIMARY KEY (city, id)
);
CREATE INDEX action_officer ON ledger.action (city, officer, id) WHERE officer IS NOT NULL;

-- The smaller of two divisions; NULL is no bound, '-' holds no place at all.
CREATE FUNCTION ledger.narrower(p_a text, p_b text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT CASE WHEN p_a IS NULL OR starts_with(p_b, p_a) THEN p_b
		WHEN p_b IS NULL OR starts_with(p_a, p_b) THEN p_a ELSE '-' END
$$;

CREATE FUNCTION ledger.officer_on(p_city int, p_id bigint, p_day date) RETURNS ledger.officer
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN (SELECT o FROM ledger.officer o WHERE o.city = p_city AND o.id = p_id
		AND o.revoked_at IS NULL AND p_day BETWEEN o.valid_from AND o.valid_until);
END $$;

-- The caller as this officer, or as nobody who is accepted.
CREATE FUNCTION ledger.with_officer(p_who api.caller, p_claim text, p_day date)
RETURNS api.caller
LANGUAGE plpgsql STABLE AS $$
DECLARE
	who   api.caller := p_who;
	part  text[]     := string_to_array(p_claim, '.');
	her   bigint;
	bound text;
	leads boolean;
BEGIN
	who.officer := -1;
	SELECT o.id, o.scope, o.lead INTO her, bound, leads FROM ledger.officer o
		WHERE o.city = who.city AND o.id = ledger.seeker_id(part[1])
		  AND encode(o.secret_hash, 'hex') = part[2] AND o.role = who.role
		  AND o.organisation = who.organisation AND o.revoked_at IS NULL
		  AND p_day BETWEEN o.valid_from AND o.valid_until;
	IF her IS NULL THEN
		RETURN who;
	END IF;
	IF part[3] IS NOT NULL THEN
		leads := false;
		SELECT ledger.narrower(d.scope, f.scope), f.id INTO bound, who.on_behalf
			FROM ledger.delegation d, ledger.officer_on(who.city, d.from_officer, p_day) f
			WHERE d.city = who.city AND d.from_officer = ledger.seeker_id(part[3])
			  AND d.to_officer = her AND d.ended_at IS NULL
			  AND p_day BETWEEN d.valid_from AND d.valid_until AND f.id IS NOT NULL
			ORDER BY d.id DESC LIMIT 1;
		IF who.on_behalf IS NULL THEN
			RETURN who;
		END IF;
	END IF;
	who.officer := her;
	who.lead := leads;
	who.scope := ledger.narrower(who.scope, bound);
	who.actor := part[1] || coalesce('/' || part[3], '');
	RETURN who;
END $$;

-- Before anything else: the key is known, its role may do this, and a person stands behind it
-- where one must.  NULL: go on.
CREATE FUNCTION api.admit(p_who api.caller, p_action text) RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	may ledger.permission;
BEGIN
	IF p_who.role IS NULL THEN
		RETURN api.refuse(401, 'key-refused');
	END IF;
	SELECT * INTO may FROM ledger.permission m WHERE m.action = p_action AND m.role = p_who.role;
	IF NOT FOUND THEN
		RETURN api.refuse(403, 'role-refused');
	ELSIF p_who.officer = -1 THEN
		RETURN api.refuse(403, 'actor-refused');
	ELSIF may.actor AND p_who.officer IS NULL THEN
		RETURN api.refuse(403, 'actor-required');
	END IF;
	PERFORM set_config('vacancyd.caller', concat_ws(' ', p_action, p_who.kid,
		coalesce(p_who.officer::text, '-'), coalesce(p_who.on_behalf::text, '-'),
		p_who.request), true);
	RETURN NULL;
END $$;

-- The members of an answer that this caller's role does not see.
CREATE FUNCTION api.masked(p_who api.caller, p_action text) RETURNS text[]
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN coalesce((SELECT m.fields FROM ledger.permission m
		WHERE m.action = p_action AND m.role = p_who.role), '{}');
END $$;

-- A read's answer with the version that is its ETag.
CREATE FUNCTION api.answer_version(p_body jsonb, p_version bigint) RETURNS api.reply
LANGUAGE sql IMMUTABLE AS $$
	SELECT ROW('a', 200, 'ok', p_body::text, NULL, p_version, NULL, '')::api.reply
$$;

-- Which thing a write was about, by what its answer names first.  One expression, since it is
-- on the way of every write and is inlined so.
CREATE FUNCTION ledger.object_of(p_body jsonb) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT CASE WHEN p_body ? 'quarter' THEN 'return/' || (p_body->>'employer') || '/'
			|| (p_body->>'district') || '/' || (p_body->>'quarter')
		ELSE coalesce('delegation/' || (p_body->>'delegation'),
			'referral/' || (p_body->>'referral'),
			'placement/' || (p_body->>'placement'),
			'officer/' || (p_body->>'officer'),
			'household/' || (p_body->>'household'),
			'seeker/' || (p_body->>'seeker'),
			'approval/' || (p_body->>'approval'),
			'import/' || (p_body->>'import'),
			'vacancy/' || (p_body->>'vacancy'),
			'employer/' || (p_body->>'employer'),
			'agency/' || (p_body->>'agency'), '') END
$$;

CREATE FUNCTION ledger.note_action(p_city int, p_answer api.reply) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	part text[] := string_to_array(current_setting('vacancyd.caller', true), ' ');
	body jsonb;
BEGIN
	IF p_answer.status >= 300 OR p_answer.label = 'replayed' OR part[2] IS NULL THEN
		RETURN;
	END IF;
	body := p_answer.body::jsonb;
	IF body ? 'valid' THEN -- only checked
		RETURN;
	END IF;
	INSERT INTO ledger.action (city, kid, officer, on_behalf, op, object, request)
		VALUES (p_city, part[2], nullif(part[3], '-')::bigint, nullif(part[4], '-')::bigint,
			part[1], ledger.object_of(body), coalesce(part[5], ''));
END $$;

-- What of an officer may be shown; her name only where `p_named`, and never in a kept answer.
CREATE FUNCTION ledger.officer_json(o ledger.officer, p_named boolean) RETURNS jsonb
LANGUAGE sql STABLE AS $$
	SELECT jsonb_build_object('officer', ledger.seeker_text(o.id), 'role', ledger.role_name(o.role),
		'organisation', o.organisation, 'post', o.post, 'scope', o.scope, 'lead', o.lead,
		'from', o.valid_from, 'until', o.valid_until, 'revoked_at', ledger.instant(o.revoked_at),
		'version', o.version)
		|| CASE WHEN p_named THEN jsonb_build_object('name', o.name, 'delegations',
			(SELECT coalesce(jsonb_agg(jsonb_build_object('delegation', d.id::text,
				'to', ledger.seeker_text(d.to_officer), 'scope', d.scope, 'from', d.valid_from,
				'until', d.valid_until, 'ended_at', ledger.instant(d.ended_at)) ORDER BY d.id), '[]')
			FROM ledger.delegation d WHERE d.city = o.city AND d.from_officer = o.id))
		ELSE '{}' END
$$;

CREATE FUNCTION ledger.keys_have_changed(p_city int) RETURNS void
LANGUAGE sql AS $$
	UPDATE ledger.city c SET keys_changed = c.keys_changed + 1 WHERE c.city = p_city
$$;

-- NULL: the officer's days and division are as they should be.
CREATE FUNCTION ledger.officer_fault(o ledger.officer, p_bound text) RETURNS jsonb
LANGUAGE sql STABLE AS $$
	SELECT CASE
		WHEN o.valid_until < o.valid_from THEN ledger.fault('/until', 'order', o.valid_until::text,
			'not before ' || o.valid_from, 'The last day lies before the first.', '截止日期早于起始日期。')
		WHEN o.valid_until < ledger.today(o.city) THEN ledger.fault('/until', 'order',
			o.valid_until::text, 'today or later', 'The last day is over already.', '截止日期已过。')
		WHEN o.valid_until > o.valid_from + 3700 THEN ledger.fault('/until', 'range',
			o.valid_until::text, 'at most ten years after from', 'The days are too many.', '任期过长。')
		WHEN NOT starts_with(o.scope, p_bound) THEN ledger.fault('/scope', 'scope', o.scope,
			'a division within ' || p_bound, 'The scope is not within that of the organisation.',
			'权限范围超出本单位辖区。')
		END
$$;

CREATE FUNCTION ledger.make_officer(p_who api.caller, p_role int, p_organisation text,
	p_bound text, p_id bigint, p_hash bytea, p_body jsonb)
RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	today date := ledger.today(p_who.city);
	o     ledger.officer;
	bad   jsonb;
BEGIN
	o.city := p_who.city;
	o.id := p_id;
	o.role := p_role;
	o.organisation := p_organisation;
	o.name := p_body->>'name';
	o.post := p_body->>'post';
	o.scope := p_body->>'scope';
	o.lead := coalesce((p_body->>'lead')::boolean, false);
	o.valid_from := coalesce((p_body->>'from')::date, today);
	o.valid_until := coalesce((p_body->>'until')::date, ledger.add_months(o.valid_from, 12));
	o.secret_hash := p_hash;
	o.version := 1;
	o.made_kid := p_who.kid;
	o.made_by := p_who.officer;
	bad := ledger.officer_fault(o, p_bound);
	IF bad IS NOT NULL THEN
		RETURN ledger.refuse_fault(bad);
	END IF;
	INSERT INTO ledger.officer SELECT (o).*;
	PERFORM ledger.keys_have_changed(o.city);
	RETURN api.answer(201, ledger.officer_json(o, false));
END $$;

-- The first of an organisation, by the operator: that of the key `p_key`.
CREATE FUNCTION api.create_first_officer(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_key text, p_id bigint, p_secret_hash bytea, p_body jsonb)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	a   api.reply := api.admit_admin(p_kid, p_hash);
	who api.caller;
	k   ledger.api_key;
BEGIN
	IF a.status IS NULL THEN
		who.city := p_city;
		who.kid := 'admin';
		SELECT * INTO k FROM ledger.api_key x WHERE x.city = p_city AND x.kid = p_key;
		a := CASE WHEN k.kid IS NULL THEN api.refuse(404, 'not-found')
			ELSE ledger.make_officer(who, k.role, coalesce(k.org_code, k.org_name), k.scope, p_id,
				p_secret_hash, p_body) END;
	END IF;
	RETURN NEXT a;
END $$;

-- A key's successor: another secret for the same organisation, and the old key until then.
CREATE FUNCTION api.rotate_key(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_key text, p_new text, p_new_hash bytea, p_until timestamptz)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	a     api.reply   := api.admit_admin(p_kid, p_hash);
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
	made.secret_hash := p_new_hash;
	made.not_before := at;
	made.expires_at := at + greatest(old.expires_at - old.not_before, interval '1 day');
	made.created_at := transaction_timestamp();
	INSERT INTO ledger.api_key SELECT (made).* ON CONFLICT DO NOTHING;
	UPDATE ledger.api_key k
		SET expires_at = greatest(k.not_before, least(k.expires_at, coalesce(p_until, at)))
		WHERE k.city = p_city AND k.kid = p_key RETURNING * INTO old;
	PERFORM ledger.keys_have_changed(p_city);
	RETURN NEXT api.answer(201, ledger.key_json(made)
		|| jsonb_build_object('replaces', ledger.key_json(old)));
END $$;

-- Own organisation's; the city's bureau every one's; an auditor reads them all.
CREATE FUNCTION ledger.has_officer(p_who api.caller, o ledger.officer, p_reads boolean)
RETURNS boolean
LANGUAGE sql STABLE AS $$
	SELECT (o.role, o.organisation) = (p_who.role, p_who.organisation)
		OR p_who.role = 4 AND length(p_who.scope) = 4 OR p_reads AND p_who.role = 8
$$;

CREATE FUNCTION ledger.create_officer(p_who api.caller, p_id bigint, p_hash bytea, p_body jsonb)
RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	k ledger.api_key;
BEGIN
	IF NOT p_who.lead THEN
		RETURN api.refuse(403, 'lead-required');
	ELSIF p_body->>'organisation' IS NULL THEN
		RETURN ledger.make_officer(p_who, p_who.role, p_who.organisation, p_who.scope, p_id,
			p_hash, p_body);
	END IF;
	SELECT * INTO k FROM ledger.api_key x WHERE x.city = p_who.city
		AND x.role = ledger.role_of(p_body->>'role')
		AND coalesce(x.org_code, x.org_name) = p_body->>'organisation'
		ORDER BY x.created_at DESC LIMIT 1;
	IF k.kid IS NULL OR NOT (p_who.role = 4 AND length(p_who.scope) = 4
			OR (k.role, coalesce(k.org_code, k.org_name)) = (p_who.role, p_who.organisation)) THEN
		RETURN api.refuse(404, 'not-found');
	END IF;
	RETURN ledger.make_officer(p_who, k.role, p_body->>'organisation', k.scope, p_id, p_hash,
		p_body);
END $$;

CREATE FUNCTION api.create_officer(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_idem text, p_req bytea, p_id bigint, p_secret_hash bytea, p_body jsonb)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	a   api.reply  := api.admit(who, 'officers.create');
BEGIN
	IF a.status IS NULL THEN
		a := api.claim(who, p_idem, p_req);
	END IF;
	IF a.status IS NOT NULL THEN
		RETURN NEXT a;
		RETURN;
	END IF;
	RETURN QUERY SELECT * FROM api.keep(who, p_idem, ledger.create_officer(who, p_id,
		p_secret_hash, p_body));
END $$;

CREATE FUNCTION api.read_officer(p_city int, p_kid text, p_hash bytea, p_actor text, p_id bigint)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	a   api.reply  := api.admit(who, 'officers.read');
	o   ledger.officer;
BEGIN
	IF a.status IS NULL THEN
		SELECT * INTO o FROM ledger.officer x WHERE x.city = p_city AND x.id = p_id
			AND ledger.has_officer(who, x, true);
		a := CASE WHEN o.id IS NULL THEN api.refuse(404, 'not-found')
			ELSE api.answer_version(ledger.officer_json(o, true), o.version) END;
	END IF;
	RETURN NEXT a;
END $$;

CREATE FUNCTION api.list_officers(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_live boolean, p_limit int, p_after bigint)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who   api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	a     api.reply  := api.admit(who, 'officers.read');
	today date       := ledger.today(p_city);
	items jsonb;
	last  bigint;
	more  boolean;
BEGIN
	IF a.status IS NULL THEN
		SELECT coalesce(jsonb_agg(x.item ORDER BY x.id) FILTER (WHERE x.n <= p_limit), '[]'),
				max(x.id) FILTER (WHERE x.n <= p_limit), count(*) > p_limit
			INTO items, last, more
			FROM (SELECT o.id, ledger.officer_json(o, true) AS item,
					row_number() OVER (ORDER BY o.id) AS n
				FROM ledger.officer o WHERE o.city = p_city AND ledger.has_officer(who, o, true)
				  AND (p_live IS NULL OR p_live = (o.revoked_at IS NULL
					AND today BETWEEN o.valid_from AND o.valid_until))
				  AND o.id > coalesce(p_after, 0)
				ORDER BY o.id LIMIT p_limit + 1) x;
		a := api.page(jsonb_build_object('items', items), CASE WHEN more THEN ARRAY[last::text] END);
	END IF;
	RETURN NEXT a;
END $$;

-- Who may change her: a lead of her organisation or of the city's bureau.  NULL: this caller.
CREATE FUNCTION ledger.officer_to_change(p_who api.caller, p_id bigint, OUT o ledger.officer,
	OUT refused api.reply)
LANGUAGE plpgsql AS $$
BEGIN
	SELECT * INTO o FROM ledger.officer x WHERE x.city = p_who.city AND x.id = p_id
		AND ledger.has_officer(p_who, x, false) FOR NO KEY UPDATE;
	refused := CASE WHEN o.id IS NULL THEN api.refuse(404, 'not-found')
		WHEN NOT p_who.lead THEN api.refuse(403, 'lead-required')
		WHEN o.revoked_at IS NOT NULL THEN
			api.refuse(409, 'wrong-state', '{"reason": "officer-revoked"}') END;
END $$;

CREATE FUNCTION ledger.change_officer(p_who api.caller, p_id bigint, p_if_match text, p_body jsonb)
RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	f   record;
	o   ledger.officer;
	bad jsonb;
BEGIN
	SELECT * INTO f FROM ledger.officer_to_change(p_who, p_id);
	IF (f.refused).status IS NOT NULL THEN
		RETURN f.refused;
	END IF;
	o := f.o;
	IF p_if_match NOT IN ('*', '"' || o.version || '"') THEN
		RETURN api.refuse(412, 'version-changed', jsonb_build_object('version', o.version));
	END IF;
	o.name := coalesce(p_body->>'name', o.name);
	o.post := coalesce(p_body->>'post', o.post);
	o.lead := coalesce((p_body->>'lead')::boolean, o.lead);
	o.valid_until := coalesce((p_body->>'until')::date, o.valid_until);
	IF p_body ? 'scope' THEN
		o.scope := p_body->>'scope';
	END IF;
	IF p_body ? 'revoked' THEN
		o.revoked_at := ledger.app_now(o.city);
	END IF;
	IF p_body ?| '{until,scope}' THEN
		bad := ledger.officer_fault(o, p_who.scope);
		IF bad IS NOT NULL THEN
			RETURN ledger.refuse_fault(bad);
		END IF;
	END IF;
	o.version := o.version + 1;
	UPDATE ledger.officer x SET name = o.name, post = o.post, lead = o.lead, scope = o.scope,
		valid_until = o.valid_until, revoked_at = o.revoked_at, version = o.version
		WHERE x.city = o.city AND x.id = o.id;
	PERFORM ledger.keys_have_changed(o.city);
	RETURN ROW('a', 200, 'ok', ledger.officer_json(o, true)::text, NULL, o.version, NULL, '')::api.reply;
END $$;

CREATE FUNCTION api.change_officer(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_id bigint, p_if_match text, p_body jsonb)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	a   api.reply  := api.admit(who, 'officers.change');
BEGIN
	IF a.status IS NOT NULL THEN
		RETURN NEXT a;
		RETURN;
	END IF;
	RETURN QUERY SELECT * FROM api.with_events(p_city,
		ledger.change_officer(who, p_id, p_if_match, p_body));
END $$;

CREATE FUNCTION ledger.renew_officer(p_who api.caller, p_id bigint, p_hash bytea) RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	f record;
	o ledger.officer;
BEGIN
	SELECT * INTO f FROM ledger.officer_to_change(p_who, p_id);
	IF (f.refused).status IS NOT NULL THEN
		RETURN f.refused;
	END IF;
	UPDATE ledger.officer x SET secret_hash = p_hash, version = x.version + 1
		WHERE x.city = p_who.city AND x.id = p_id RETURNING * INTO o;
	PERFORM ledger.keys_have_changed(o.city);
	RETURN api.answer(201, ledger.officer_json(o, false));
END $$;

CREATE FUNCTION api.renew_officer(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_idem text, p_req bytea, p_id bigint, p_secret_hash bytea)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	a   api.reply  := api.admit(who, 'officers.change');
BEGIN
	IF a.status IS NULL THEN
		a := api.claim(who, p_idem, p_req);
	END IF;
	IF a.status IS NOT NULL THEN
		RETURN NEXT a;
		RETURN;
	END IF;
	RETURN QUERY SELECT * FROM api.keep(who, p_idem, ledger.renew_officer(who, p_id, p_secret_hash));
END $$;

-- Her own powers, or anybody's of the organisation by a lead; never handed on.
CREATE FUNCTION ledger.delegate_officer(p_who api.caller, p_id bigint, p_body jsonb)
RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	today date := ledger.today(p_who.city);
	o     ledger.officer;
	other ledger.officer;
	d     ledger.delegation;
BEGIN
	SELECT * INTO o FROM ledger.officer x WHERE x.city = p_who.city AND x.id = p_id
		AND ledger.has_officer(p_who, x, false);
	SELECT * INTO other FROM ledger.officer x WHERE x.city = p_who.city
		AND x.id = ledger.seeker_id(p_body->>'to') AND x.revoked_at IS NULL
		AND (x.role, x.organisation) = (o.role, o.organisation);
	IF o.id IS NULL THEN
		RETURN api.refuse(404, 'not-found');
	ELSIF p_who.on_behalf IS NOT NULL OR NOT (p_who.lead OR p_who.officer = p_id) THEN
		RETURN api.refuse(403, 'lead-required');
	ELSIF o.revoked_at IS NOT NULL OR o.valid_until < today THEN
		RETURN api.refuse(409, 'wrong-state', '{"reason": "officer-revoked"}');
	ELSIF other.id IS NULL OR other.id = o.id THEN
		RETURN ledger.refuse_fault(ledger.fault('/to', 'unknown-officer', p_body->>'to',
			'another officer of the same organisation', 'There is no such officer beside her.',
			'本单位没有该经办人，或与委托人为同一人。'));
	END IF;
	d.valid_from := coalesce((p_body->>'from')::date, today);
	d.valid_until := (p_body->>'until')::date;
	IF d.valid_until NOT BETWEEN d.valid_from AND o.valid_until THEN
		RETURN ledger.refuse_fault(ledger.fault('/until', 'range', d.valid_until::text,
			d.valid_from || ' to ' || o.valid_until, 'A delegation lies within her own days.',
			'委托期限须在委托人任期之内。'));
	ELSIF NOT starts_with(p_body->>'scope', coalesce(o.scope, p_who.scope)) THEN
		RETURN ledger.refuse_fault(ledger.fault('/scope', 'scope', p_body->>'scope',
			'a division within ' || coalesce(o.scope, p_who.scope),
			'Nobody hands over more than she has.', '委托范围超出委托人的权限。'));
	END IF;
	INSERT INTO ledger.delegation (city, from_officer, to_officer, scope, valid_from, valid_until,
			made_by)
		VALUES (p_who.city, o.id, other.id, p_body->>'scope', d.valid_from, d.valid_until,
			p_who.officer)
		RETURNING * INTO d;
	RETURN api.answer(201, jsonb_build_object('delegation', d.id::text,
		'from_officer', ledger.seeker_text(o.id), 'to', ledger.seeker_text(other.id),
		'scope', d.scope, 'from', d.valid_from, 'until', d.valid_until));
END $$;

CREATE FUNCTION api.delegate_officer(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_idem text, p_req bytea, p_id bigint, p_body jsonb)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	a   api.reply  := api.admit(who, 'officers.delegate');
BEGIN
	IF a.status IS NULL THEN
		a := api.claim(who, p_idem, p_req);
	END IF;
	IF a.status IS NOT NULL THEN
		RETURN NEXT a;
		RETURN;
	END IF;
	RETURN QUERY SELECT * FROM api.keep(who, p_idem, ledger.delegate_officer(who, p_id, p_body));
END $$;

CREATE FUNCTION ledger.end_delegation(p_who api.caller, p_id bigint, p_delegation bigint)
RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	d ledger.delegation;
BEGIN
	SELECT x.* INTO d FROM ledger.delegation x
		JOIN ledger.officer o ON o.city = x.city AND o.id = x.from_officer
		WHERE x.city = p_who.city AND x.id = p_delegation AND x.from_officer = p_id
		  AND ledger.has_officer(p_who, o, false)
		FOR NO KEY UPDATE OF x;
	IF d.id IS NULL THEN
		RETURN api.refuse(404, 'not-found');
	ELSIF p_who.on_behalf IS NOT NULL
			OR NOT (p_who.lead OR p_who.officer IN (d.from_officer, d.to_officer)) THEN
		RETURN api.refuse(403, 'lead-required');
	END IF;
	UPDATE ledger.delegation x SET ended_at = coalesce(x.ended_at, ledger.app_now(x.city))
		WHERE x.city = d.city AND x.id = d.id RETURNING * INTO d;
	RETURN api.answer(200, jsonb_build_object('delegation', d.id::text,
		'from_officer', ledger.seeker_text(d.from_officer), 'to', ledger.seeker_text(d.to_officer),
		'scope', d.scope, 'from', d.valid_from, 'until', d.valid_until,
		'ended_at', ledger.instant(d.ended_at)));
END $$;

CREATE FUNCTION api.end_delegation(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_idem text, p_req bytea, p_id bigint, p_delegation bigint)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	a   api.reply  := api.admit(who, 'officers.delegate');
BEGIN
	IF a.status IS NULL THEN
		a := api.claim(who, p_idem, p_req);
	END IF;
	IF a.status IS NOT NULL THEN
		RETURN NEXT a;
		RETURN;
	END IF;
	RETURN QUERY SELECT * FROM api.keep(who, p_idem, ledger.end_delegation(who, p_id,
		p_delegation));
END $$;

-- Who looked at a person's file, or at whose files an officer looked; newest first.  A bureau
-- is told of people of its division only, and out of it there is nobody.  A look at a file that
-- was made one with hers is a look at hers.
CREATE FUNCTION api.list_looks(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_person bigint, p_officer bigint, p_limit int, p_before bigint)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who   api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	a     api.reply  := api.admit(who, 'looks.list');
	one   bigint[]   := ledger.same_person(p_city, p_person);
	items jsonb;
	last  bigint;
	more  boolean;
BEGIN
	IF a.status IS NULL AND p_person IS NOT NULL AND NOT EXISTS (SELECT FROM ledger.seeker s
			WHERE s.city = p_city AND s.id = p_person
			  AND (who.role = 8 OR ledger.in_scope(who.scope, s.community))) THEN
		a := api.refuse(404, 'not-found');
	ELSIF a.status IS NULL AND p_officer IS NOT NULL AND NOT EXISTS (SELECT FROM ledger.officer o
			WHERE o.city = p_city AND o.id = p_officer AND ledger.has_officer(who, o, true)) THEN
		a := api.refuse(404, 'not-found');
	END IF;
	IF a.status IS NULL THEN
		SELECT coalesce(jsonb_agg(jsonb_build_object('at', ledger.instant(x.at),
				'person', ledger.seeker_text(x.person), 'what', x.what, 'kid', x.kid,
				'officer', ledger.seeker_text(x.officer),
				'on_behalf_of', ledger.seeker_text(x.on_behalf), 'name', x.name, 'post', x.post,
				'organisation', x.organisation) ORDER BY x.id DESC) FILTER (WHERE x.n <= p_limit),
				'[]'), min(x.id) FILTER (WHERE x.n <= p_limit), count(*) > p_limit
			INTO items, last, more
			FROM (SELECT l.*, o.name, o.post, coalesce(o.organisation, k.org_code, k.org_name)
					AS organisation, row_number() OVER (ORDER BY l.id DESC) AS n
				FROM ledger.person_look l
				LEFT JOIN ledger.officer o ON o.city = l.city AND o.id = l.officer
				LEFT JOIN ledger.api_key k ON k.city = l.city AND k.kid = l.kid
				WHERE l.city = p_city AND (p_person IS NULL OR l.person = ANY (one))
				  AND (p_officer IS NULL OR l.officer = p_officer)
				  AND (p_before IS NULL OR l.id < p_before)
				  AND (who.role = 8 OR EXISTS (SELECT FROM ledger.seeker s WHERE s.city = l.city
					AND s.id = l.person AND ledger.in_scope(who.scope, s.community)))
				ORDER BY l.id DESC LIMIT p_limit + 1) x;
		a := api.page(jsonb_build_object('items', items), CASE WHEN more THEN ARRAY[last::text] END);
	END IF;
	RETURN NEXT a;
END $$;

-- What was done, newest first: of the own organisation's officers; the city's bureau and an
-- auditor see everybody's.
CREATE FUNCTION api.list_actions(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_officer bigint, p_op text, p_limit int, p_before bigint)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who   api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	a     api.reply  := api.admit(who, 'actions.list');
	every boolean    := who.role = 8 OR who.role = 4 AND length(who.scope) = 4;
	items jsonb;
	last  bigint;
	more  boolean;
BEGIN
	IF a.status IS NULL AND p_officer IS NOT NULL AND NOT EXISTS (SELECT FROM ledger.officer o
			WHERE o.city = p_city AND o.id = p_officer AND ledger.has_officer(who, o, true)) THEN
		a := api.refuse(404, 'not-found');
	END IF;
	IF a.status IS NULL THEN
		SELECT coalesce(jsonb_agg(jsonb_build_object('at', ledger.instant(x.at), 'op', x.op,
				'object', x.object, 'kid', x.kid, 'officer', ledger.seeker_text(x.officer),
				'on_behalf_of', ledger.seeker_text(x.on_behalf), 'name', x.name,
				'organisation', x.organisation, 'request', x.request) ORDER BY x.id DESC)
				FILTER (WHERE x.n <= p_limit), '[]'),
				min(x.id) FILTER (WHERE x.n <= p_limit), count(*) > p_limit
			INTO items, last, more
			FROM (SELECT c.*, o.name, coalesce(o.organisation, k.org_code, k.org_name)
					AS organisation, row_number() OVER (ORDER BY c.id DESC) AS n
				FROM ledger.action c
				LEFT JOIN ledger.officer o ON o.city = c.city AND o.id = c.officer
				LEFT JOIN ledger.api_key k ON k.city = c.city AND k.kid = c.kid
				WHERE c.city = p_city AND (p_officer IS NULL OR c.officer = p_officer)
				  AND (p_op IS NULL OR c.op = p_op) AND (p_before IS NULL OR c.id < p_before)
				  AND (every OR (k.role, coalesce(k.org_code, k.org_name))
					= (who.role, who.organisation))
				ORDER BY c.id DESC LIMIT p_limit + 1) x;
		a := api.page(jsonb_build_object('items', items), CASE WHEN more THEN ARRAY[last::text] END);
	END IF;
	RETURN NEXT a;
END $$;

REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA api, ops, ledger FROM PUBLIC;
