-- The POSTs about posts and placements, each one transaction.
--
-- One shape: who is it, may the role ask, was this Idempotency-Key answered before,
-- else do it and keep the answer with its events.  What is done stands in the ledger
-- functions of the same names.

CREATE FUNCTION api.approve_posts(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_idem text, p_req bytea, p_body jsonb)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	a   api.reply  := api.admit(who, 'posts.approve');
BEGIN
	IF a.status IS NULL THEN
		a := api.claim(who, p_idem, p_req);
	END IF;
	IF a.status IS NOT NULL THEN
		RETURN NEXT a;
		RETURN;
	END IF;
	RETURN QUERY SELECT * FROM api.keep(who, p_idem, ledger.approve_posts(who, p_body));
END $$;

CREATE FUNCTION api.report_placement(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_idem text, p_req bytea, p_body jsonb)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	a   api.reply  := api.admit(who, 'placements.create');
BEGIN
	IF a.status IS NULL THEN
		a := api.claim(who, p_idem, p_req);
	END IF;
	IF a.status IS NOT NULL THEN
		RETURN NEXT a;
		RETURN;
	END IF;
	RETURN QUERY SELECT * FROM api.keep(who, p_idem, ledger.report_placement(who, p_body));
END $$;

CREATE FUNCTION api.register_placement(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_idem text, p_req bytea, p_id bigint, p_body jsonb)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	a   api.reply  := api.admit(who, 'placements.register');
BEGIN
	IF a.status IS NULL THEN
		a := api.claim(who, p_idem, p_req);
	END IF;
	IF a.status IS NOT NULL THEN
		RETURN NEXT a;
		RETURN;
	END IF;
	RETURN QUERY SELECT * FROM api.keep(who, p_idem, ledger.register_placement(who, p_id, p_body));
END $$;
