-- Officers: named persons of an organisation, with a post, a scope and two days, each with a
-- secret of their own.

-- What of an officer may be shown; her name only where `p_named`, and never in a kept answer.
CREATE OR REPLACE FUNCTION ledger.officer_json(o ledger.officer, p_named boolean) RETURNS jsonb
LANGUAGE sql STABLE AS $$
	SELECT jsonb_build_object('officer', ledger.seeker_text(o.id), 'role', ledger.role_name(o.role),
		'organisation', o.organisation, 'post', o.post, 'scope', o.scope, 'lead', o.lead,
		'from', o.valid_from, 'until', o.valid_until, 'revoked_at', ledger.instant(o.revoked_at),
		'hands', o.secret_hands, 'version', o.version)
		|| CASE WHEN p_named THEN jsonb_build_object('name', o.name, 'delegations',
			(SELECT coalesce(jsonb_agg(jsonb_build_object('delegation', d.id::text,
				'to', ledger.seeker_text(d.to_officer), 'scope', d.scope, 'from', d.valid_from,
				'until', d.valid_until, 'ended_at', ledger.instant(d.ended_at)) ORDER BY d.id), '[]')
			FROM ledger.delegation d WHERE d.city = o.city AND d.from_officer = o.id))
		ELSE '{}' END
$$;

-- NULL: the officer's days and division are as they should be.
CREATE OR REPLACE FUNCTION ledger.officer_fault(o ledger.officer, p_bound text) RETURNS jsonb
LANGUAGE sql STABLE AS $$
	SELECT CASE
		WHEN o.valid_until < o.valid_from THEN ledger.fault('/until', 'order', o.valid_until::text,
			'not before from', 'The last day lies before the first.', '截止日期早于起始日期。')
		WHEN o.valid_until < ledger.today(o.city) THEN ledger.fault('/until', 'order',
			o.valid_until::text, 'today or later', 'The last day is over already.', '截止日期已过。')
		WHEN o.valid_until > o.valid_from + 3700 THEN ledger.fault('/until', 'range',
			o.valid_until::text, 'at most ten years after from', 'The days are too many.', '任期过长。')
		WHEN NOT ledger.within(p_bound, o.scope) THEN ledger.fault('/scope', 'scope', o.scope,
			'a division within ' || p_bound, 'The scope is not within that of the organisation.',
			'权限范围超出本单位辖区。')
		END
$$;

CREATE OR REPLACE FUNCTION ledger.make_officer(p_who api.caller, p_role int, p_organisation text,
	p_bound text, p_id bigint, p_hash bytea, p_body jsonb)
RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	today date := ledger.today(p_who.city);
	o     ledger.officer;
	a     api.reply;
	bad   jsonb;
BEGIN
	o.city := p_who.city;
	o.id := p_id;
	o.role := p_role;
	o.organisation := p_organisation;
	o.name := p_body->>'name';
	o.post := p_body->>'post';
	o.scope := ledger.scope_of(p_body->>'scope');
	o.lead := coalesce((p_body->>'lead')::boolean, false);
	o.valid_from := coalesce((p_body->>'from')::date, today);
	o.valid_until := coalesce((p_body->>'until')::date,
		least(ledger.add_months(o.valid_from, 12), p_who.until));
	o.secret_hash := p_hash;
	o.version := 1;
	o.made_kid := p_who.kid;
	o.made_by := p_who.officer;
	o.secret_hands := ledger.hands_of(coalesce(p_who.actor, ''));
	a := ledger.refuse_beyond(p_who, ledger.powers_of(o));
	IF a.status IS NOT NULL THEN
		RETURN a;
	END IF;
	bad := ledger.officer_fault(o, p_bound);
	IF bad IS NOT NULL THEN
		RETURN ledger.refuse_fault(bad);
	END IF;
	INSERT INTO ledger.officer SELECT (o).*;
	PERFORM ledger.keys_have_changed(o.city);
	RETURN api.answer(201, ledger.officer_json(o, false));
END $$;

-- The first of an organisation, by the operator: what the key `p_key` may, without an end.
CREATE OR REPLACE FUNCTION api.create_first_officer(p_city int, p_kid text, p_hash bytea,
	p_actor text, p_key text, p_id bigint, p_secret_hash bytea, p_body jsonb)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	a   api.reply := api.admit_operator(p_city, p_kid, p_hash, p_actor);
	who api.caller;
	k   ledger.api_key;
BEGIN
	IF a.status IS NULL THEN
		SELECT * INTO k FROM ledger.api_key x WHERE x.city = p_city AND x.kid = p_key;
		who.city := p_city;
		who.kid := 'admin';
		who.role := k.role;
		who.organisation := ledger.organisation_of(k);
		who.scope := k.scope;
		who.lead := true;
		who.until := 'infinity';
		a := CASE WHEN k.kid IS NULL THEN api.refuse(404, 'not-found')
			ELSE ledger.make_officer(who, k.role, who.organisation, k.scope, p_id, p_secret_hash,
				p_body) END;
	END IF;
	RETURN NEXT api.keep_operator(p_city, p_actor, 'officers.create',
		'officer/' || ledger.seeker_text(p_id), a);
END $$;

-- Who reads every organisation's officers and what they did: bureau or auditor of the whole city.
CREATE OR REPLACE FUNCTION ledger.reads_all_officers(p_who api.caller) RETURNS boolean
LANGUAGE sql STABLE AS $$
	SELECT coalesce(p_who.role IN (4, 8), false) AND ledger.is_whole_city(p_who.city, p_who.scope)
$$;

-- Own organisation's; the city's bureau every one's; an auditor reads those who lie in their scope.
CREATE OR REPLACE FUNCTION ledger.has_officer(p_who api.caller, o ledger.officer, p_reads boolean)
RETURNS boolean
LANGUAGE sql STABLE AS $$
	SELECT coalesce((o.role, o.organisation) = (p_who.role, p_who.organisation)
		OR (p_reads OR p_who.role = 4) AND ledger.reads_all_officers(p_who)
		OR p_reads AND p_who.role = 8 AND ledger.within(p_who.scope, o.scope), false)
$$;

-- The newest key of an organisation, whose scope is the organisation's; NULL: it has none.
CREATE OR REPLACE FUNCTION ledger.key_of(p_city int, p_role int, p_organisation text)
RETURNS ledger.api_key
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN (SELECT k FROM ledger.api_key k WHERE k.city = p_city AND k.role = p_role
		AND ledger.organisation_of(k) = CASE p_role WHEN 1 THEN ledger.org_of(p_organisation)
			ELSE p_organisation END
		AND k.revoked_at IS NULL AND k.expires_at > ledger.app_now(k.city)
		ORDER BY k.created_at DESC LIMIT 1);
END $$;

-- rules/officers
CREATE OR REPLACE FUNCTION ledger.create_officer(p_who api.caller, p_id bigint, p_hash bytea,
	p_body jsonb)
RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	k ledger.api_key;
BEGIN
	IF p_who.lead IS NOT TRUE THEN
		RETURN api.refuse(403, 'lead-required');
	ELSIF p_body->>'organisation' IS NULL THEN
		RETURN ledger.make_officer(p_who, p_who.role, p_who.organisation, p_who.scope, p_id,
			p_hash, p_body);
	END IF;
	k := ledger.key_of(p_who.city, ledger.role_of(p_body->>'role'), p_body->>'organisation');
	IF k.kid IS NULL OR NOT (p_who.role = 4 AND ledger.is_whole_city(p_who.city, p_who.scope)
			OR (k.role, ledger.organisation_of(k)) = (p_who.role, p_who.organisation)) THEN
		RETURN ledger.missing('/organisation', p_body->>'organisation');
	END IF;
	RETURN ledger.make_officer(p_who, k.role, ledger.organisation_of(k), k.scope, p_id, p_hash, p_body);
END $$;

CREATE OR REPLACE FUNCTION api.create_officer(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_idem text, p_req bytea, p_id bigint, p_secret_hash bytea, p_body jsonb)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	a   api.reply  := api.admit_once(who, 'officers.create', p_idem, p_req);
BEGIN
	IF a.status IS NULL THEN
		a := ledger.create_officer(who, p_id, p_secret_hash, p_body);
	END IF;
	RETURN QUERY SELECT * FROM api.keep(who, p_idem, 'officer/' || ledger.seeker_text(p_id), a);
END $$;

CREATE OR REPLACE FUNCTION api.read_officer(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_id bigint)
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
			ELSE api.answer(200, ledger.officer_json(o, true)) END;
	END IF;
	RETURN NEXT a;
END $$;

CREATE OR REPLACE FUNCTION api.list_officers(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_live boolean, p_limit int, p_after bigint)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
	SET enable_seqscan = off AS $$
DECLARE
	who   api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	a     api.reply  := api.admit(who, 'officers.read');
	page  record;
BEGIN
	IF a.status IS NULL THEN
		page := ledger.page_ids(p_city, 'ledger.officer r',
			CASE WHEN who.role = 8 OR ledger.reads_all_officers(who) THEN ''
				ELSE format('AND r.role = %L AND r.organisation = %L', who.role, who.organisation) END,
			CASE WHEN who.role = 8 THEN format('AND ledger.has_officer(%L, r, true)', who)
				ELSE '' END
			|| CASE WHEN p_live IS NOT NULL THEN format('AND (r.revoked_at IS NULL'
				' AND %L BETWEEN r.valid_from AND r.valid_until) = %L', ledger.today(p_city), p_live)
				ELSE '' END, false, p_after, p_limit, 20000);
		a := (SELECT api.page(jsonb_build_object('items', coalesce(jsonb_agg(
				ledger.officer_json(o, true) ORDER BY o.id), '[]')), page.next)
			FROM ledger.officer o WHERE o.city = p_city AND o.id = ANY (page.ids));
	END IF;
	RETURN NEXT a;
END $$;

-- Who may change them: a lead of their organisation or of the city's bureau, who has what they
-- have (but for the days).  NULL: this caller.
CREATE OR REPLACE FUNCTION ledger.officer_to_change(p_who api.caller, p_id bigint,
	OUT o ledger.officer, OUT refused api.reply)
LANGUAGE plpgsql AS $$
BEGIN
	SELECT * INTO o FROM ledger.officer x WHERE x.city = p_who.city AND x.id = p_id
		AND ledger.has_officer(p_who, x, false) FOR NO KEY UPDATE;
	refused := CASE WHEN o.id IS NULL THEN api.refuse(404, 'not-found')
		WHEN p_who.lead IS NOT TRUE THEN api.refuse(403, 'lead-required') END;
	IF refused.status IS NULL THEN
		refused := ledger.refuse_amendment(p_who, o, o);
	END IF;
	IF refused.status IS NULL AND o.revoked_at IS NOT NULL THEN
		refused := api.refuse(409, 'wrong-state', '{"reason": "officer-revoked"}');
	END IF;
END $$;

CREATE OR REPLACE FUNCTION ledger.change_officer(p_who api.caller, p_id bigint, p_if_match bigint,
	p_body jsonb)
RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	f       record;
	o       ledger.officer;
	refused api.reply;
	bad     jsonb;
BEGIN
	SELECT * INTO f FROM ledger.officer_to_change(p_who, p_id);
	IF (f.refused).status IS NOT NULL THEN
		RETURN f.refused;
	END IF;
	o := f.o;
	IF p_if_match <> o.version THEN
		RETURN api.refuse(412, 'version-changed', jsonb_build_object('version', o.version));
	END IF;
	o.name := coalesce(p_body->>'name', o.name);
	o.post := coalesce(p_body->>'post', o.post);
	o.lead := coalesce((p_body->>'lead')::boolean, o.lead);
	o.valid_until := coalesce((p_body->>'until')::date, o.valid_until);
	IF p_body ? 'scope' THEN
		o.scope := ledger.scope_of(p_body->>'scope');
	END IF;
	IF p_body ? 'revoked' THEN
		o.revoked_at := ledger.app_now(o.city);
	END IF;
	refused := ledger.refuse_amendment(p_who, f.o, o);
	IF refused.status IS NOT NULL THEN
		RETURN refused;
	ELSIF p_body ?| '{until,scope}' THEN
		bad := ledger.officer_fault(o, CASE WHEN (o.role, o.organisation) =
			(p_who.role, p_who.organisation) THEN p_who.scope
			ELSE (ledger.key_of(o.city, o.role, o.organisation)).scope END);
		IF bad IS NOT NULL THEN
			RETURN ledger.refuse_fault(bad);
		END IF;
	END IF;
	IF o IS NOT DISTINCT FROM f.o THEN
		RETURN api.unchanged( ledger.officer_json(o, false));
	END IF;
	o.version := o.version + 1;
	UPDATE ledger.officer x SET name = o.name, post = o.post, lead = o.lead, scope = o.scope,
		valid_until = o.valid_until, revoked_at = o.revoked_at, version = o.version
		WHERE x.city = o.city AND x.id = o.id;
	PERFORM ledger.keys_have_changed(o.city);
	RETURN api.answer(200, ledger.officer_json(o, false));
END $$;

-- The name is told and never kept.
CREATE OR REPLACE FUNCTION api.change_officer(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_id bigint, p_if_match bigint, p_body jsonb)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	a   api.reply  := api.admit_call(who, 'officers.change');
BEGIN
	IF a.status IS NULL THEN
		a := ledger.change_officer(who, p_id, p_if_match, p_body);
	END IF;
	RETURN QUERY SELECT k.kind, k.status, k.code, CASE WHEN k.status = 200 THEN
			(SELECT ledger.officer_json(o, true)::text FROM ledger.officer o
			WHERE o.city = p_city AND o.id = p_id) ELSE k.body END, k.id, k.version, k.record, k.label
		FROM api.keep(who, NULL, 'officer/' || ledger.seeker_text(p_id), a) k;
END $$;

CREATE OR REPLACE FUNCTION ledger.renew_officer(p_who api.caller, p_id bigint, p_hash bytea)
RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	f       record;
	o       ledger.officer;
	refused api.reply;
BEGIN
	SELECT * INTO f FROM ledger.officer_to_change(p_who, p_id);
	refused := f.refused;
	IF refused.status IS NULL THEN
		refused := ledger.refuse_secret(p_who, f.o);
	END IF;
	IF refused.status IS NOT NULL THEN
		RETURN refused;
	END IF;
	UPDATE ledger.officer x SET secret_hash = p_hash, code_hash = NULL, code_until = NULL,
			secret_hands = ledger.hands_of(p_who.actor), version = x.version + 1
		WHERE x.city = p_who.city AND x.id = p_id RETURNING * INTO o;
	PERFORM ledger.keys_have_changed(o.city);
	RETURN api.answer(201, ledger.officer_json(o, false));
END $$;

CREATE OR REPLACE FUNCTION api.renew_officer(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_idem text, p_req bytea, p_id bigint, p_secret_hash bytea)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	a   api.reply  := api.admit_once(who, 'officers.change', p_idem, p_req);
BEGIN
	IF a.status IS NULL THEN
		a := ledger.renew_officer(who, p_id, p_secret_hash);
	END IF;
	RETURN QUERY SELECT * FROM api.keep(who, p_idem, 'officer/' || ledger.seeker_text(p_id), a);
END $$;
