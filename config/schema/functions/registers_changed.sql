-- Entries of registers amended and ended, by the doors and the laws of registers.sql.

-- The latest version, locked; what is not there, or has ended, is refused.
CREATE OR REPLACE FUNCTION ledger.lock_entry(p_who api.caller, p_register text, p_id bigint,
	OUT was jsonb, OUT refused api.reply)
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM FROM ledger.entry e WHERE e.city = p_who.city AND e.id = p_id
		AND e.register = p_register FOR NO KEY UPDATE;
	was := ledger.entry_on(p_who, p_register, p_id);
	refused := CASE WHEN was IS NULL THEN api.refuse(404, 'not-found')
		WHEN was->>'ended_on' IS NOT NULL THEN ledger.wrong_state('ended',
			jsonb_build_object('ended_on', was->'ended_on')) END;
END $$;

-- A merge patch: what is not named stays.  The same again makes no version.
CREATE OR REPLACE FUNCTION ledger.change_entry(p_who api.caller, p_register text, p_id bigint,
	p_if_match int, p_body jsonb)
RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	members jsonb := p_body - '{on,evidence}'::text[];
	l       record;
	before  jsonb;
BEGIN
	SELECT * INTO l FROM ledger.lock_entry(p_who, p_register, p_id);
	IF l.was IS NOT NULL AND p_if_match <> (l.was->>'version')::int THEN
		RETURN api.refuse(412, 'version-changed', jsonb_build_object('version', l.was->'version'));
	ELSIF (l.refused).status IS NOT NULL THEN
		RETURN l.refused;
	END IF;
	SELECT jsonb_object_agg(k, coalesce(to_jsonb(l.was->>k), 'null')) INTO before
		FROM jsonb_object_keys(members) k;
	IF ledger.new_papers(p_who.city, p_id, coalesce(p_body->'evidence', '[]')) = '[]' AND before IS NOT DISTINCT FROM (
			SELECT jsonb_object_agg(k, coalesce(to_jsonb(members->>k), 'null'))
			FROM jsonb_object_keys(members) k) THEN
		RETURN api.unchanged(ledger.entry_whole(p_register, l.was));
	END IF;
	RETURN ledger.write_entry(p_who, p_register, l.was, members, p_body);
END $$;

CREATE OR REPLACE FUNCTION api.change_entry(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_register text, p_id bigint, p_if_match int, p_body jsonb)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	a   api.reply  := api.admit_call(who, ledger.register_action(p_register, 'change'));
BEGIN
	IF a.status IS NULL THEN
		a := ledger.change_entry(who, p_register, p_id, p_if_match, p_body);
	END IF;
	RETURN QUERY SELECT * FROM api.keep(who, NULL, p_register || '/' || p_id, a);
END $$;

CREATE OR REPLACE FUNCTION ledger.end_entry(p_who api.caller, p_register text, p_id bigint,
	p_body jsonb)
RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	l record;
BEGIN
	SELECT * INTO l FROM ledger.lock_entry(p_who, p_register, p_id);
	IF (l.refused).status IS NOT NULL THEN
		RETURN l.refused;
	END IF;
	RETURN ledger.write_entry(p_who, p_register, l.was, jsonb_build_object(
		'ended_on', coalesce((p_body->>'on')::date, ledger.today(p_who.city)),
		'end_reason', p_body->'reason'), p_body);
END $$;

CREATE OR REPLACE FUNCTION api.end_entry(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_idem text, p_req bytea, p_register text, p_id bigint, p_body jsonb)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	a   api.reply  := api.admit_once(who, ledger.register_action(p_register, (SELECT m.kind
		FROM ledger.register_member m WHERE m.register = p_register AND m.member = 'reason')),
		p_idem, p_req);
BEGIN
	IF a.status IS NULL THEN
		a := ledger.end_entry(who, p_register, p_id, p_body);
	END IF;
	RETURN QUERY SELECT * FROM api.keep(who, p_idem, p_register || '/' || p_id, a);
END $$;
