-- Delegations: who acts in whose place, for some days and in which division.
--
-- Who may give one is powers.sql's question; how one is used in a call, doors.sql's.

CREATE OR REPLACE FUNCTION ledger.delegation_json(d ledger.delegation) RETURNS jsonb
LANGUAGE sql STABLE AS $$
	SELECT jsonb_build_object('delegation', d.id::text,
		'from_officer', ledger.seeker_text(d.from_officer), 'to', ledger.seeker_text(d.to_officer),
		'scope', d.scope, 'from', d.valid_from, 'until', d.valid_until)
$$;

-- Their own powers, or anybody's of the organisation by a lead; never handed on.
-- rules/delegation
CREATE OR REPLACE FUNCTION ledger.delegate_officer(p_who api.caller, p_id bigint, p_body jsonb)
RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	today date := ledger.today(p_who.city);
	o     ledger.officer;
	other ledger.officer;
	d     ledger.delegation;
	given ledger.powers;
	refused api.reply;
BEGIN
	SELECT * INTO o FROM ledger.officer x WHERE x.city = p_who.city AND x.id = p_id
		AND ledger.has_officer(p_who, x, false);
	SELECT * INTO other FROM ledger.officer x WHERE x.city = p_who.city
		AND x.id = ledger.seeker_id(p_body->>'to') AND x.revoked_at IS NULL
		AND (x.role, x.organisation) = (o.role, o.organisation);
	IF o.id IS NULL THEN
		RETURN ledger.missing('path/officer', ledger.seeker_text(p_id));
	ELSIF p_who.on_behalf IS NOT NULL OR (p_who.lead OR p_who.officer = p_id) IS NOT TRUE THEN
		RETURN api.refuse(403, 'lead-required');
	ELSIF o.revoked_at IS NOT NULL OR o.valid_until < today THEN
		RETURN api.refuse(409, 'wrong-state', '{"reason": "officer-revoked"}');
	ELSIF other.id IS NULL OR other.id = o.id THEN
		RETURN ledger.refuse_fault(ledger.fault('/to', 'unknown-officer', p_body->>'to',
			'another officer of the same organisation', 'There is no such officer beside this one.',
			'本单位没有该经办人，或与委托人为同一人。'));
	END IF;
	d.valid_from := coalesce((p_body->>'from')::date, today);
	d.valid_until := (p_body->>'until')::date;
	given := ROW(o.role, o.organisation, ledger.scope_of(p_body->>'scope'), false, d.valid_until);
	refused := ledger.refuse_beyond(p_who, given);
	IF refused.status IS NULL THEN
		refused := ledger.refuse_excess(ledger.beyond(p_who.city, ledger.powers_of(o), given));
	END IF;
	IF refused.status IS NOT NULL THEN
		RETURN refused;
	ELSIF d.valid_until < d.valid_from THEN
		RETURN ledger.wrong_day('/until', d.valid_until, 'not before from');
	END IF;
	INSERT INTO ledger.delegation (city, from_officer, to_officer, scope, valid_from, valid_until,
			made_by)
		VALUES (p_who.city, o.id, other.id, given.scope, d.valid_from, d.valid_until,
			p_who.officer)
		RETURNING * INTO d;
	RETURN api.answer(201, ledger.delegation_json(d));
END $$;

CREATE OR REPLACE FUNCTION api.delegate_officer(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_idem text, p_req bytea, p_id bigint, p_body jsonb)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	a   api.reply  := api.admit_once(who, 'officers.delegate', p_idem, p_req);
BEGIN
	IF a.status IS NULL THEN
		a := ledger.delegate_officer(who, p_id, p_body);
	END IF;
	RETURN QUERY SELECT * FROM api.keep(who, p_idem, 'delegation', a);
END $$;

CREATE OR REPLACE FUNCTION ledger.end_delegation(p_who api.caller, p_id bigint, p_delegation bigint)
RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	o     ledger.officer;
	d     ledger.delegation;
	fault jsonb;
BEGIN
	SELECT * INTO o FROM ledger.officer x WHERE x.city = p_who.city AND x.id = p_id
		AND ledger.has_officer(p_who, x, false);
	SELECT * INTO d FROM ledger.delegation x WHERE x.city = o.city AND x.id = p_delegation
		AND x.from_officer = o.id FOR NO KEY UPDATE;
	IF o.id IS NULL THEN
		RETURN ledger.missing('path/officer', ledger.seeker_text(p_id));
	ELSIF d.id IS NULL THEN
		RETURN ledger.missing('path/delegation', p_delegation::text);
	ELSIF p_who.on_behalf IS NOT NULL
			OR (p_who.lead OR p_who.officer IN (d.from_officer, d.to_officer)) IS NOT TRUE THEN
		RETURN api.refuse(403, 'lead-required');
	END IF;
	fault := ledger.organisation_fault(p_who.city, ledger.powers_of(p_who), o.role, o.organisation);
	IF fault IS NOT NULL THEN
		RETURN ledger.refuse_excess(jsonb_build_array(fault));
	END IF;
	UPDATE ledger.delegation x SET ended_at = coalesce(x.ended_at, ledger.app_now(x.city))
		WHERE x.city = d.city AND x.id = d.id RETURNING * INTO d;
	RETURN api.answer(200, ledger.delegation_json(d)
		|| jsonb_build_object('ended_at', ledger.instant(d.ended_at)));
END $$;

CREATE OR REPLACE FUNCTION api.end_delegation(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_idem text, p_req bytea, p_id bigint, p_delegation bigint)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	a   api.reply  := api.admit_once(who, 'officers.delegate', p_idem, p_req);
BEGIN
	IF a.status IS NULL THEN
		a := ledger.end_delegation(who, p_id, p_delegation);
	END IF;
	RETURN QUERY SELECT * FROM api.keep(who, p_idem, 'delegation/' || p_delegation, a);
END $$;
