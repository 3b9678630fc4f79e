-- Whose hand an act is: the one place that says whether two acts are of one person; and how an
-- officer comes to a secret that nobody else has.
--
-- An actor is written "<officer>[/<for whom>[/<officer>.<officer>...]]", once, when somebody
-- acts: the last part are those who knew the officer's secret then, because they made it.  So an
-- act keeps its hands, whatever becomes of the secret afterwards.  It knows no call but its own
-- two and decides nothing about a placement, a household or a file.

-- Who acts, and who could have: whoever stands in for another acts themselves, and the other
-- does not.  Nobody named, nobody's hands.
CREATE OR REPLACE FUNCTION ledger.hands_of(p_actor text) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT array_remove(string_to_array(split_part(coalesce(p_actor, ''), '/', 3), '.')
		|| split_part(coalesce(p_actor, ''), '/', 1), '')
$$;

CREATE OR REPLACE FUNCTION ledger.actor_of(p_officer text, p_for text, p_hands text[])
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT rtrim(p_officer || '/' || coalesce(p_for, '') || '/'
		|| array_to_string(array_remove(p_hands, p_officer), '.'), '/')
$$;

-- An actor without those who stand behind.
CREATE OR REPLACE FUNCTION ledger.actor_shown(p_actor text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT rtrim(split_part(p_actor, '/', 1) || '/' || split_part(p_actor, '/', 2), '/')
$$;

-- The organisation that a key is of.  An employer's two codes are one: whatever its key was made
-- for, it is the organisation code.
-- rules/employer-codes
CREATE OR REPLACE FUNCTION ledger.organisation_of(k ledger.api_key) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT coalesce(CASE WHEN (k).role = 1 THEN ledger.org_of((k).org_code) ELSE (k).org_code END,
		(k).org_name)
$$;

-- For which organisations a key speaks, by their organisation codes: an employer's for all the
-- employers that it names.
CREATE OR REPLACE FUNCTION ledger.speaks_for(p_city int, p_kid text) RETURNS text[]
LANGUAGE sql STABLE AS $$
	SELECT CASE WHEN k.role = 1 THEN ARRAY(SELECT ledger.org_of(x) FROM unnest(k.employers || k.org_code) x)
		ELSE ARRAY[coalesce(ledger.org_of(k.org_code), k.org_name)] END
	FROM ledger.api_key k WHERE k.city = p_city AND k.kid = p_kid
$$;

-- Whether the caller is who did something with p_kid as p_actor: a person in common, or an
-- organisation where one of the two named nobody, or where organisations must differ (p_apart).
-- What is not known is the same.
-- rules/two-hands
CREATE OR REPLACE FUNCTION ledger.same_hand(p_who api.caller, p_kid text, p_actor text,
	p_apart boolean DEFAULT false)
RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
DECLARE
	mine   text[] := ledger.hands_of(p_who.actor);
	theirs text[] := ledger.hands_of(p_actor);
BEGIN
	IF mine && theirs THEN
		RETURN true;
	ELSIF NOT p_apart AND cardinality(mine) > 0 AND cardinality(theirs) > 0 THEN
		RETURN false;
	END IF;
	RETURN coalesce(ledger.speaks_for(p_who.city, p_who.kid) && ledger.speaks_for(p_who.city, p_kid),
		true);
END $$;

-- The officers who make one hand of a caller and somebody they are not: who made the caller's
-- secret made the other's, or acted.  A secret of the caller's own parts the two; where something
-- else joins them too, nothing.
-- rules/own-secret
CREATE OR REPLACE FUNCTION ledger.same_secret(p_who api.caller, p_kid text, p_actor text,
	p_apart boolean DEFAULT false)
RETURNS jsonb
LANGUAGE sql STABLE AS $$
	SELECT CASE
		WHEN split_part(p_who.actor, '/', 1) = ANY (ledger.hands_of(p_actor))
			OR NOT ledger.hands_of(p_who.actor) && ledger.hands_of(p_actor)
			OR p_apart AND (ledger.speaks_for(p_who.city, p_who.kid) && ledger.speaks_for(p_who.city, p_kid))
				IS NOT FALSE THEN '{}'
		ELSE jsonb_build_object('reason', 'same-secret', 'hands', (SELECT jsonb_agg(h ORDER BY h)
			FROM unnest(ledger.hands_of(p_actor)) h WHERE h = ANY (ledger.hands_of(p_who.actor)))) END
$$;

-- Why a caller cannot decide what p_actor asked; NULL: they can.
-- rules/two-hands
CREATE OR REPLACE FUNCTION ledger.refuse_same_hand(p_who api.caller, p_kid text, p_actor text)
RETURNS api.reply
LANGUAGE sql STABLE AS $$
	SELECT CASE WHEN ledger.same_hand(p_who, p_kid, p_actor) THEN api.refuse(409, 'wrong-state',
		'{"reason": "same-officer"}' || ledger.same_secret(p_who, p_kid, p_actor)) END
$$;

CREATE OR REPLACE FUNCTION ledger.write_secret_code(p_city int, p_id bigint, p_hash bytea)
RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	o ledger.officer;
BEGIN
	UPDATE ledger.officer x SET code_hash = p_hash,
			code_until = ledger.app_now(x.city) + interval '7 days'
		WHERE x.city = p_city AND x.id = p_id RETURNING * INTO o;
	RETURN api.answer(201, jsonb_build_object('officer', ledger.seeker_text(o.id),
		'until', ledger.instant(o.code_until)));
END $$;

-- A code with which an officer makes their own secret.  It takes the present secret too, so it
-- comes from somebody else than who knows that: what one person gave, nobody else can finish.
-- rules/own-secret
CREATE OR REPLACE FUNCTION ledger.make_secret_code(p_who api.caller, p_id bigint, p_hash bytea)
RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	f record;
BEGIN
	SELECT * INTO f FROM ledger.officer_to_change(p_who, p_id);
	IF (f.refused).status IS NOT NULL THEN
		RETURN f.refused;
	ELSIF coalesce((f.o).secret_hands && ledger.hands_of(p_who.actor), true) THEN
		RETURN ledger.wrong_state('same-officer');
	END IF;
	RETURN ledger.write_secret_code(p_who.city, p_id, p_hash);
END $$;

CREATE OR REPLACE FUNCTION api.make_secret_code(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_idem text, p_req bytea, p_id bigint, p_code_hash bytea)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	a   api.reply  := api.admit_once(who, 'officers.change', p_idem, p_req);
BEGIN
	IF a.status IS NULL THEN
		a := ledger.make_secret_code(who, p_id, p_code_hash);
	END IF;
	RETURN QUERY SELECT * FROM api.keep(who, p_idem, 'officer/' || ledger.seeker_text(p_id), a);
END $$;

-- By the operator, where an organisation has one lead, who made the secret: the operator is nobody's
-- second hand, and it is kept who printed it.
-- rules/own-secret
CREATE OR REPLACE FUNCTION api.print_secret_code(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_id bigint, p_code_hash bytea)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	a api.reply := api.admit_operator(p_city, p_kid, p_hash, p_actor);
	o ledger.officer;
BEGIN
	IF a.status IS NULL THEN
		SELECT * INTO o FROM ledger.officer x WHERE x.city = p_city AND x.id = p_id
			FOR NO KEY UPDATE;
		a := CASE WHEN o.id IS NULL THEN api.refuse(404, 'not-found')
			WHEN o.revoked_at IS NOT NULL THEN ledger.wrong_state('officer-revoked')
			ELSE ledger.write_secret_code(p_city, p_id, p_code_hash) END;
	END IF;
	RETURN NEXT api.keep_operator(p_city, p_actor, 'officers.change',
		'officer/' || ledger.seeker_text(p_id), a);
END $$;

-- By the officer, in their own name; whoever knew the old secret stands behind them no more.
-- rules/own-secret
CREATE OR REPLACE FUNCTION ledger.set_own_secret(p_who api.caller, p_id bigint, p_code_hash bytea,
	p_hash bytea)
RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	o ledger.officer;
BEGIN
	IF (p_who.officer = p_id AND p_who.on_behalf IS NULL) IS NOT TRUE THEN
		RETURN api.refuse(404, 'not-found');
	END IF;
	UPDATE ledger.officer x SET secret_hash = p_hash, secret_hands = '{}', code_hash = NULL,
			code_until = NULL, version = x.version + 1
		WHERE x.city = p_who.city AND x.id = p_id AND x.code_hash = p_code_hash
		  AND x.code_until > ledger.app_now(x.city)
		RETURNING * INTO o;
	IF o.id IS NULL THEN
		RETURN ledger.refuse_fault(ledger.fault('/code', 'unknown-code', NULL,
			'the code that was printed for this officer, within 7 days',
			'The code is not this officer''s, was used, or is older than 7 days.',
			'该口令不属于此经办人，或已使用，或已超过7日。'));
	END IF;
	PERFORM ledger.keys_have_changed(o.city);
	RETURN api.answer(201, ledger.officer_json(o, false));
END $$;

CREATE OR REPLACE FUNCTION api.set_own_secret(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_idem text, p_req bytea, p_id bigint, p_code_hash bytea, p_secret_hash bytea)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	a   api.reply  := api.admit_once(who, 'officers.own-secret', p_idem, p_req);
BEGIN
	IF a.status IS NULL THEN
		a := ledger.set_own_secret(who, p_id, p_code_hash, p_secret_hash);
	END IF;
	RETURN QUERY SELECT * FROM api.keep(who, p_idem, 'officer/' || ledger.seeker_text(p_id), a);
END $$;
