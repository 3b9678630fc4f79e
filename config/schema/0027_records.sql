-- A seeker's and a vacancy's record, for a daemon whose mirror lacks it.
--
-- What is closed or filled has left the board, and what another process wrote may still be
-- on its way; neither is missing.  The rows are those of a change, and are taken as one.

CREATE FUNCTION api.read_records(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_seeker bigint, p_vacancy bigint)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who     api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	refused api.reply  := api.admit(who, CASE WHEN p_seeker IS NULL THEN 'vacancies.matches'
		ELSE 'seekers.matches' END);
	s       ledger.seeker;
	v       ledger.vacancy;
BEGIN
	IF refused.status IS NOT NULL THEN
		RETURN NEXT refused;
		RETURN;
	END IF;
	SELECT * INTO s FROM ledger.seeker x WHERE x.city = p_city AND x.id = p_seeker
		AND ledger.in_scope(who.scope, x.community);
	SELECT * INTO v FROM ledger.vacancy x WHERE x.city = p_city AND x.id = p_vacancy
		AND (p_seeker IS NOT NULL OR ledger.in_scope(who.scope, x.place));
	IF s.id IS DISTINCT FROM p_seeker OR v.id IS DISTINCT FROM p_vacancy THEN
		RETURN NEXT api.refuse(404, 'not-found');
		RETURN;
	END IF;
	IF s.id IS NOT NULL THEN
		RETURN NEXT ROW('s', NULL, NULL, NULL, s.id, s.version, s.record, '')::api.reply;
	END IF;
	IF v.id IS NOT NULL THEN
		RETURN NEXT ROW('v', NULL, NULL, NULL, v.id, v.version, v.record, v.label)::api.reply;
	END IF;
	RETURN NEXT api.answer(200);
END $$;

REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA api, ops, ledger FROM PUBLIC;
