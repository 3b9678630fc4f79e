-- How a household's file ends: which there are and who is in them is households.sql's.

-- It ends for a reason of its own, never by itself: one officer asks, another decides; an
-- application not determined yet takes one.
-- rules/household-state, rules/two-hands
CREATE OR REPLACE FUNCTION ledger.end_household(p_who api.caller, p_id bigint, p_what text,
	p_body jsonb)
RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	today   date := ledger.today(p_who.city);
	day     date := coalesce((p_body->>'on')::date, today);
	members bigint[] := ledger.lock_household(p_who.city, p_id, '{}');
	h       ledger.household;
	e       ledger.household_ending;
	who     bigint;
BEGIN
	SELECT * INTO h FROM ledger.household x WHERE x.city = p_who.city AND x.id = p_id;
	IF h.id IS NULL OR NOT ledger.in_scope(p_who.scope, h.community) THEN
		RETURN api.refuse(404, 'not-found');
	ELSIF h.ended_on IS NOT NULL THEN
		RETURN ledger.wrong_state('household-ended', jsonb_build_object('ended_on', h.ended_on));
	ELSIF day < h.applied_on THEN
		RETURN ledger.wrong_day('/on', day, 'not before ' || h.applied_on);
	END IF;
	SELECT * INTO e FROM ledger.household_ending x WHERE x.city = h.city AND x.household = p_id
		AND x.decision IS NULL;
	IF p_what = 'ask' AND e.id IS NOT NULL THEN
		IF (e.on_day, e.reason, e.asked_actor) IS DISTINCT FROM (day, p_body->>'reason', p_who.actor) THEN
			RETURN ledger.wrong_state('end-asked', jsonb_build_object('asked_on', ledger.legal_day(e.asked_at),
				'asked_by', split_part(e.asked_actor, '/', 1)));
		END IF;
	ELSIF p_what = 'ask' AND h.determined_on IS NOT NULL THEN
		INSERT INTO ledger.household_ending (city, household, on_day, reason, asked_at, asked_kid,
				asked_actor)
			VALUES (h.city, p_id, day, p_body->>'reason', ledger.app_now(h.city), p_who.kid,
				p_who.actor);
	ELSIF p_what = 'decide' THEN
		IF e.id IS NULL THEN
			RETURN ledger.wrong_state('nothing-asked');
		ELSIF ledger.same_hand(p_who, e.asked_kid, e.asked_actor) THEN
			RETURN ledger.refuse_same_hand(p_who, e.asked_kid, e.asked_actor);
		END IF;
		UPDATE ledger.household_ending x SET decision = p_body->>'decision',
				decided_at = ledger.app_now(h.city),
				decided_kid = p_who.kid, decided_actor = p_who.actor,
				decided_for = p_body->>'reason'
			WHERE x.city = e.city AND x.id = e.id;
	ELSE
		e.reason := p_body->>'reason';
		e.on_day := day;
	END IF;
	IF p_what = 'ask' AND h.determined_on IS NULL OR p_body->>'decision' = 'approve' THEN
		UPDATE ledger.household x SET ended_on = e.on_day, end_reason = e.reason,
			version = x.version + 1 WHERE x.city = h.city AND x.id = p_id;
		FOREACH who IN ARRAY members LOOP
			PERFORM ledger.note_change(p_who, who, 'end household', p_id, e.on_day, e.reason);
		END LOOP;
		PERFORM ledger.rerank(h.city, members, today);
	END IF;
	RETURN api.answer(200, ledger.household_json(h.city, p_id, today));
END $$;

-- p_what: "ask" or "decide".
CREATE OR REPLACE FUNCTION api.end_household(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_idem text, p_req bytea, p_id bigint, p_what text, p_body jsonb)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	a   api.reply  := api.admit_once(who, 'households.end', p_idem, p_req);
BEGIN
	IF a.status IS NULL THEN
		a := ledger.end_household(who, p_id, p_what, p_body);
	END IF;
	RETURN QUERY SELECT * FROM api.keep(who, p_idem, 'household/' || p_id, a);
END $$;
