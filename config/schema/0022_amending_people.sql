-- A person's file amended, and a job that ends.
--
-- Wishes and particulars are replaced member by member; what stood before goes to the past
-- tables.  The surprising thing: a job's end takes nothing back.  The flow into work has
-- happened and stays counted (domain.md 7.6); only her rank, her household and her waiting
-- follow.

-- Amended, member by member: what p_body does not name stays.  `phone` and `address` are
-- sealed; p_body says "set" or "none" for those that change.
CREATE FUNCTION ledger.amend_seeker(p_who api.caller, p_id bigint, p_if_match bigint,
	p_body jsonb, p_phone bytea, p_address bytea)
RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	today date := ledger.today(p_who.city);
	a     api.reply;
	s     ledger.seeker;
	n     ledger.seeker;
	p     ledger.person;
	rings boolean;
BEGIN
	PERFORM FROM ledger.seeker x WHERE x.city = p_who.city AND x.id = p_id FOR NO KEY UPDATE;
	a := ledger.refuse_file(p_who, p_id);
	IF a.status IS NOT NULL THEN
		RETURN a;
	END IF;
	SELECT * INTO s FROM ledger.seeker x WHERE x.city = p_who.city AND x.id = p_id;
	SELECT * INTO p FROM ledger.person x WHERE x.city = p_who.city AND x.id = p_id;
	IF p_if_match <> s.version THEN
		RETURN api.refuse(412, 'version-changed', jsonb_build_object('version', s.version));
	ELSIF p_body ? 'community'
			AND NOT ledger.in_scope(p_who.scope, (p_body->>'community')::bigint) THEN
		RETURN api.refuse(404, 'not-found');
	END IF;
	n := s;
	n.community := coalesce((p_body->>'community')::bigint, s.community);
	n.pay_wish := coalesce((p_body->>'pay_wish')::int, s.pay_wish);
	n.farthest := coalesce((p_body->>'farthest')::int, s.farthest);
	n.shifts := coalesce((p_body->>'shifts')::int, s.shifts);
	n.forms := coalesce((p_body->>'forms')::int, s.forms);
	n.education := coalesce(p_body->>'education', s.education);
	n.education_rank := coalesce((p_body->>'education_rank')::int, s.education_rank);
	n.skills := coalesce(decode(p_body->>'skills', 'hex'), s.skills);
	n.licences := coalesce(decode(p_body->>'licences', 'hex'), s.licences);
	n.experience := coalesce(decode(p_body->>'experience', 'hex'), s.experience);
	IF p_body ? 'wishes' THEN
		n.wishes := ARRAY(SELECT w::int FROM jsonb_array_elements_text(p_body->'wishes') w);
	END IF;
	rings := p_body ? 'phone'
		AND decode(p_body->>'phone_blind', 'hex') IS DISTINCT FROM p.phone_blind;
	IF n IS NOT DISTINCT FROM s AND NOT rings AND NOT p_body ? 'address' THEN
		RETURN api.answer(200, ledger.standing_json(p_who.city, p_id) || '{"changed": false}');
	END IF;
	IF rings OR p_body ? 'address' THEN
		INSERT INTO ledger.person_past (city, person, until_on, phone, address)
			VALUES (p_who.city, p_id, today, p.phone, p.address);
		UPDATE ledger.person x SET
			phone = CASE WHEN rings THEN p_phone ELSE x.phone END,
			phone_blind = CASE WHEN rings THEN decode(p_body->>'phone_blind', 'hex')
				ELSE x.phone_blind END,
			address = CASE WHEN p_body ? 'address' THEN p_address ELSE x.address END
			WHERE x.city = p_who.city AND x.id = p_id;
	END IF;
	UPDATE ledger.seeker x SET version = x.version + 1, community = n.community,
		pay_wish = n.pay_wish, farthest = n.farthest, shifts = n.shifts, forms = n.forms,
		education = n.education, education_rank = n.education_rank, wishes = n.wishes,
		skills = n.skills, licences = n.licences, experience = n.experience
		WHERE x.city = p_who.city AND x.id = p_id;
	PERFORM ledger.note_change(p_who, p_id, 'amend', NULL, today, NULL);
	RETURN api.answer(200, ledger.standing_json(p_who.city, p_id) || '{"changed": true}');
END $$;

CREATE FUNCTION api.amend_seeker(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_id bigint, p_if_match bigint, p_body jsonb, p_phone bytea, p_address bytea)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	a   api.reply  := api.admit(who, 'seekers.change');
BEGIN
	IF a.status IS NULL THEN
		a := ledger.amend_seeker(who, p_id, p_if_match, p_body, p_phone, p_address);
	END IF;
	RETURN QUERY SELECT * FROM api.with_events(p_city, a);
END $$;

-- The end of a job: `on` is the first day without it.  Retirement and death are natural
-- attrition (domain.md 3.8), and she seeks no more; nothing else is taken back (7.6).
CREATE FUNCTION ledger.end_placement(p_who api.caller, p_id bigint, p_body jsonb)
RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	today date := ledger.today(p_who.city);
	day   date := (p_body->>'on')::date;
	p     ledger.placement;
	e     ledger.employment;
	kin   bigint[];
BEGIN
	SELECT x.* INTO p FROM ledger.placement x
		JOIN ledger.seeker s ON s.city = x.city AND s.id = x.seeker
		WHERE x.city = p_who.city AND x.id = p_id AND (ledger.in_scope(p_who.scope, s.community)
			OR ledger.in_scope(p_who.scope, x.community));
	IF p.id IS NULL THEN
		RETURN api.refuse(404, 'not-found');
	END IF;
	kin := ledger.lock_placed(p_who.city, p_id);
	SELECT * INTO p FROM ledger.placement x WHERE x.city = p_who.city AND x.id = p_id;
	SELECT * INTO e FROM ledger.employment x WHERE x.city = p_who.city AND x.placement = p_id;
	IF p.state = 'void' THEN
		RETURN api.refuse(409, 'placement-void');
	ELSIF p.state <> 'registered' THEN
		RETURN ledger.wrong_state('not-registered');
	ELSIF day <= p.start_on THEN
		RETURN ledger.wrong_day('/on', day, 'after ' || p.start_on
			|| '; a job that never began is void (V2)');
	ELSIF (e.ended_on, e.end_reason) IS NOT DISTINCT FROM (day, p_body->>'reason') THEN
		RETURN api.answer(200, ledger.placement_json(p));
	ELSIF e.ended_on IS NOT NULL THEN
		RETURN ledger.wrong_state('placement-ended', jsonb_build_object('ended_on', e.ended_on));
	END IF;
	UPDATE ledger.employment x SET ended_on = day, end_reason = p_body->>'reason'
		WHERE x.city = p_who.city AND x.placement = p_id;
	IF p_body->>'reason' IN ('retired', 'dead') THEN
		UPDATE ledger.seeker x SET version = x.version + 1, withdrawn_on = day,
			withdrawn_for = CASE p_body->>'reason' WHEN 'dead' THEN 'died' ELSE 'retired' END
			WHERE x.city = p_who.city AND x.id = p.seeker AND x.withdrawn_on IS NULL;
	END IF;
	PERFORM ledger.note_change(p_who, p.seeker, 'end placement', p_id, day, p_body->>'reason');
	PERFORM ledger.rerank(p_who.city, kin, today, p.seeker);
	RETURN api.answer(200, ledger.placement_json(p));
END $$;

CREATE FUNCTION api.end_placement(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_idem text, p_req bytea, p_id bigint, p_body jsonb)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	a   api.reply  := api.admit(who, 'placements.end');
BEGIN
	IF a.status IS NULL THEN
		a := api.claim(who, p_idem, p_req);
	END IF;
	IF a.status IS NOT NULL THEN
		RETURN NEXT a;
		RETURN;
	END IF;
	RETURN QUERY SELECT * FROM api.keep(who, p_idem, ledger.end_placement(who, p_id, p_body));
END $$;

REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA api, ledger FROM PUBLIC;
