-- Public-welfare posts and placements: reported once, confirmed by another,
-- registered at a community, or void.
--
-- Locks are taken in one order: vacancy, households by id, seekers by id, placement.
-- Every check comes before the first write, and a refusal is an answer that is kept.
-- The surprising thing: posting the same placement again, under any Idempotency-Key,
-- is 200 with the first answer; the natural key stays for ever.

CREATE FUNCTION ledger.approve_posts(p_who api.caller, p_body jsonb) RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	home bigint := (p_body->>'community')::bigint;
	emp  bigint;
	made ledger.approval;
	was  ledger.approval;
BEGIN
	SELECT e.id INTO emp FROM ledger.employer e
		WHERE e.city = p_who.city AND e.code = p_body->>'employer';
	IF NOT ledger.in_scope(p_who.scope, home)
			OR emp IS NULL AND p_body->>'employer' IS NOT NULL THEN
		RETURN api.refuse(404, 'not-found');
	END IF;
	made := ROW(p_who.city, p_body->>'approval', emp, home, p_body->>'kind',
		(p_body->>'posts')::int, (p_body->>'approved_on')::date,
		coalesce((p_body->>'new')::boolean, true), (p_body->>'release_on')::date, p_who.kid,
		p_who.actor);
	INSERT INTO ledger.approval SELECT (made).* ON CONFLICT DO NOTHING;
	IF FOUND THEN
		INSERT INTO ledger.post_slot (city, approval)
			SELECT made.city, made.approval FROM generate_series(1, made.posts);
	ELSE
		SELECT * INTO was FROM ledger.approval a
			WHERE a.city = made.city AND a.approval = made.approval;
		IF (was.employer, was.community, was.kind, was.posts, was.approved_on, was.is_new,
				was.release_on) IS DISTINCT FROM (made.employer, made.community, made.kind,
				made.posts, made.approved_on, made.is_new, made.release_on) THEN
			RETURN api.refuse(409, 'wrong-state', '{"reason": "approval-exists"}');
		END IF;
	END IF;
	RETURN ROW('a', CASE WHEN was.city IS NULL THEN 201 ELSE 200 END, 'ok',
		jsonb_build_object('approval', made.approval, 'community', made.community::text,
			'kind', made.kind, 'posts', made.posts, 'approved_on', made.approved_on,
			'new', made.is_new, 'release_on', made.release_on, 'slots',
			(SELECT jsonb_agg(s.id::text ORDER BY s.id) FROM ledger.post_slot s
				WHERE s.city = made.city AND s.approval = made.approval))::text,
		NULL, NULL, NULL, CASE WHEN was.city IS NULL THEN '' ELSE 'replayed' END)::api.reply;
END $$;

CREATE FUNCTION ledger.placement_short(p ledger.placement) RETURNS jsonb
LANGUAGE sql STABLE AS $$
	SELECT jsonb_build_object('placement', p.id::text, 'state', 'reported',
		'seeker', ledger.seeker_text(p.seeker), 'vacancy', p.vacancy::text, 'kind', p.kind,
		'start_on', p.start_on)
$$;

CREATE FUNCTION ledger.placement_json(p ledger.placement) RETURNS jsonb
LANGUAGE sql STABLE AS $$
	SELECT ledger.placement_short(p) || jsonb_build_object('state', p.state,
		'employer', p.employer, 'workplace', p.workplace::text, 'source', p.source,
		'reported_at', ledger.instant(p.reported_at),
		'confirmed_at', ledger.instant(p.confirmed_at),
		'registered', CASE WHEN p.registered_on IS NOT NULL THEN jsonb_build_object(
			'community', p.community::text, 'on', p.registered_on,
			'unit', ledger.unit_of(p.city, p.community, p.start_on)) END,
		'void', CASE WHEN p.state = 'void' THEN jsonb_build_object('code', p.void_code,
			'on', p.void_on) END)
$$;

CREATE FUNCTION ledger.report_placement(p_who api.caller, p_body jsonb) RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	at     timestamptz := ledger.app_now(p_who.city);
	today  date := ledger.legal_day(at);
	start  date := (p_body->>'start_on')::date;
	v      ledger.vacancy;
	s      ledger.seeker;
	p      ledger.placement;
	emp    text := p_body->>'employer';
	kin    bigint[];
	person ledger.person;
	rank   int;
BEGIN
	IF p_body->>'vacancy' IS NOT NULL THEN
		SELECT * INTO v FROM ledger.vacancy x
			WHERE x.city = p_who.city AND x.id = ledger.row_id(p_body->>'vacancy')
			FOR NO KEY UPDATE;
		SELECT e.code INTO emp FROM ledger.employer e
			WHERE e.city = p_who.city AND e.id = v.employer;
		IF v.id IS NULL OR p_who.role = 1 AND emp <> ALL (p_who.employers) THEN
			RETURN api.refuse(404, 'not-found');
		END IF;
		IF emp <> p_body->>'employer' THEN
			RETURN ledger.refuse_fault(ledger.fault('/employer', 'together',
				p_body->>'employer', 'the employer of this vacancy, or nothing',
				'The vacancy is another employer''s.', '该岗位属于另一用人单位。'));
		END IF;
	ELSIF p_who.role = 1 THEN
		RETURN api.refuse(403, 'role-refused');
	END IF;
	kin := ledger.lock_people(p_who.city, ledger.seeker_id(p_body->>'seeker'));
	SELECT * INTO s FROM ledger.seeker x
		WHERE x.city = p_who.city AND x.id = ledger.seeker_id(p_body->>'seeker');
	IF s.id IS NULL OR p_who.role <> 1 AND p_who.scope IS NOT NULL
			AND NOT ledger.in_scope(p_who.scope, s.community) THEN
		RETURN api.refuse(404, 'not-found');
	END IF;
	IF v.id IS NOT NULL THEN
		SELECT * INTO p FROM ledger.placement x WHERE x.city = p_who.city AND x.vacancy = v.id
			AND x.seeker = s.id AND x.state <> 'void';
	ELSE
		SELECT * INTO p FROM ledger.placement x WHERE x.city = p_who.city AND x.vacancy IS NULL
			AND x.seeker = s.id AND coalesce(x.employer, '') = coalesce(emp, '')
			AND x.kind = p_body->>'kind' AND x.start_on = start AND x.state <> 'void';
	END IF;
	IF p.id IS NOT NULL THEN
		RETURN ROW('a', 200, 'ok', ledger.placement_short(p)::text, NULL, NULL, NULL,
			'replayed')::api.reply;
	END IF;

	IF v.id IS NOT NULL AND (NOT v.open OR v.valid_until < today) THEN
		RETURN api.refuse(409, 'vacancy-closed');
	ELSIF v.filled >= v.posts THEN
		RETURN api.refuse(409, 'vacancy-filled', jsonb_build_object('posts', v.posts));
	END IF;
	SELECT * INTO person FROM ledger.person x WHERE x.city = p_who.city AND x.id = s.id;
	IF ledger.age_on(person.birth, start) < 16 THEN
		RETURN api.refuse(422, 'under-age');
	ELSIF start > today + (ledger.policy_on(p_who.city, today)).start_ahead_days THEN
		RETURN api.refuse(422, 'start-too-far', jsonb_build_object('latest',
			today + (ledger.policy_on(p_who.city, today)).start_ahead_days));
	ELSIF EXISTS (SELECT FROM ledger.work w WHERE w.city = p_who.city AND w.person = s.id
			AND (w.ended_on IS NULL OR w.ended_on > start)) THEN
		RETURN api.refuse(409, 'seeker-placed');
	END IF;
	IF v.reserved THEN
		rank := (ledger.rank_at(p_who.city, person, today)).rank;
		IF rank > 3 AND NOT (rank < 6 AND coalesce(v.released_on <= today, false)) THEN
			RETURN api.refuse(409, 'reserved-post', jsonb_build_object('released_on', v.released_on));
		END IF;
	END IF;
	IF octet_length(v.licences) > 0 AND NOT ledger.ids_of(v.licences) <@ ledger.ids_of(s.licences) THEN
		RETURN api.refuse(409, 'licence-missing');
	END IF;

	INSERT INTO ledger.placement (city, seeker, vacancy, employer, kind, workplace, start_on,
			source, reported_at, reported_kid, reported_by, reported_actor)
		VALUES (p_who.city, s.id, v.id, emp, p_body->>'kind',
			coalesce((p_body->>'workplace')::bigint, v.place), start,
			coalesce(p_body->>'source', p_who.organisation), at, p_who.kid, p_who.organisation,
			p_who.actor)
		RETURNING * INTO p;
	UPDATE ledger.vacancy x SET filled = x.filled + 1, version = x.version + 1
		WHERE x.city = p_who.city AND x.id = v.id;
	PERFORM ledger.rerank(p_who.city, kin, today);
	RETURN api.answer(201, ledger.placement_short(p));
END $$;

-- Confirmed by whoever did not report it.
CREATE FUNCTION ledger.confirm_placement(p_who api.caller, p_id bigint) RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	p ledger.placement;
BEGIN
	SELECT x.* INTO p FROM ledger.placement x
		JOIN ledger.seeker s ON s.city = x.city AND s.id = x.seeker
		WHERE x.city = p_who.city AND x.id = p_id AND (x.employer = ANY (p_who.employers)
			OR p_who.role = 4 AND ledger.in_scope(p_who.scope, s.community))
		FOR NO KEY UPDATE OF x;
	IF p.id IS NULL THEN
		RETURN api.refuse(404, 'not-found');
	ELSIF p.state = 'void' THEN
		RETURN api.refuse(409, 'placement-void');
	ELSIF p.reported_by = p_who.organisation THEN
		RETURN api.refuse(409, 'own-report');
	ELSIF p.confirmed_at IS NULL THEN
		UPDATE ledger.placement x SET confirmed_at = ledger.app_now(x.city),
			confirmed_by = p_who.organisation,
			state = CASE WHEN x.state = 'reported' THEN 'confirmed' ELSE x.state END
			WHERE x.city = p.city AND x.id = p.id RETURNING * INTO p;
	END IF;
	RETURN api.answer(200, ledger.placement_json(p));
END $$;

-- At the community it counts (R01); it ends the unemployment registration it answers.
CREATE FUNCTION ledger.register_placement(p_who api.caller, p_id bigint, p_body jsonb)
RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	today date := ledger.today(p_who.city);
	home  bigint := (p_body->>'community')::bigint;
	day   date := coalesce((p_body->>'on')::date, today);
	p     ledger.placement;
	kin   bigint[];
BEGIN
	-- Hers where she lives or where she works; else a bureau could count anybody as its own.
	SELECT x.* INTO p FROM ledger.placement x
		JOIN ledger.seeker s ON s.city = x.city AND s.id = x.seeker
		WHERE x.city = p_who.city AND x.id = p_id AND (ledger.in_scope(p_who.scope, s.community)
			OR ledger.in_scope(p_who.scope, x.workplace));
	IF p.id IS NULL OR NOT ledger.in_scope(p_who.scope, home) THEN
		RETURN api.refuse(404, 'not-found');
	END IF;
	kin := ledger.lock_people(p_who.city, p.seeker);
	SELECT * INTO p FROM ledger.placement x WHERE x.city = p_who.city AND x.id = p_id
		FOR NO KEY UPDATE;
	IF p.state = 'void' THEN
		RETURN api.refuse(409, 'placement-void');
	ELSIF p.state = 'registered' AND (p.community, p.registered_on) IS DISTINCT FROM (home, day) THEN
		RETURN api.refuse(409, 'wrong-state', '{"reason": "placement-registered"}');
	ELSIF p.state <> 'registered' THEN
		UPDATE ledger.placement x SET state = 'registered', community = home, registered_on = day,
			registered_kid = p_who.kid WHERE x.city = p.city AND x.id = p.id RETURNING * INTO p;
		INSERT INTO ledger.employment (city, placement, person, community, start_on)
			VALUES (p.city, p.id, p.seeker, home, p.start_on);
		UPDATE ledger.unemployment u SET ended_on = p.start_on, ended_by = p.id
			WHERE u.city = p.city AND u.person = p.seeker AND u.ended_on IS NULL
			  AND u.since <= p.start_on AND u.void_on IS NULL;
		PERFORM ledger.rerank(p_who.city, kin, today);
	END IF;
	RETURN api.answer(200, ledger.placement_json(p));
END $$;

CREATE FUNCTION ledger.void_placement(p_who api.caller, p_id bigint, p_body jsonb)
RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	today date := ledger.today(p_who.city);
	p     ledger.placement;
	kin   bigint[];
BEGIN
	SELECT x.* INTO p FROM ledger.placement x
		JOIN ledger.seeker s ON s.city = x.city AND s.id = x.seeker
		WHERE x.city = p_who.city AND x.id = p_id AND (ledger.in_scope(p_who.scope, s.community)
			OR ledger.in_scope(p_who.scope, x.community));
	IF p.id IS NULL THEN
		RETURN api.refuse(404, 'not-found');
	END IF;
	PERFORM FROM ledger.vacancy v WHERE v.city = p.city AND v.id = p.vacancy FOR NO KEY UPDATE;
	kin := ledger.lock_people(p_who.city, p.seeker);
	SELECT * INTO p FROM ledger.placement x WHERE x.city = p_who.city AND x.id = p_id
		FOR NO KEY UPDATE;
	IF p.state = 'void' THEN
		RETURN api.refuse(409, 'placement-void');
	END IF;
	UPDATE ledger.placement x SET state = 'void', void_code = p_body->>'code',
		void_reason = p_body->>'reason', void_evidence = p_body->>'evidence', void_on = today,
		void_kid = p_who.kid, void_actor = p_who.actor
		WHERE x.city = p.city AND x.id = p.id RETURNING * INTO p;
	UPDATE ledger.employment e SET void_on = today WHERE e.city = p.city AND e.placement = p.id;
	UPDATE ledger.unemployment u SET ended_on = NULL, ended_by = NULL
		WHERE u.city = p.city AND u.person = p.seeker AND u.ended_by = p.id;
	UPDATE ledger.vacancy v SET filled = v.filled - 1, version = v.version + 1
		WHERE v.city = p.city AND v.id = p.vacancy;
	PERFORM ledger.rerank(p_who.city, kin, today);
	RETURN api.answer(200, ledger.placement_json(p));
END $$;

CREATE FUNCTION api.read_placement(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_id bigint)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	a   api.reply  := api.admit(who, 1 | 2 | 4 | 8);
	p   ledger.placement;
BEGIN
	IF a.status IS NULL THEN
		SELECT x.* INTO p FROM ledger.placement x
			JOIN ledger.seeker s ON s.city = x.city AND s.id = x.seeker
			WHERE x.city = p_city AND x.id = p_id AND CASE who.role
				WHEN 1 THEN x.employer = ANY (who.employers)
				WHEN 2 THEN x.reported_by = who.organisation
				WHEN 4 THEN ledger.in_scope(who.scope, s.community)
					OR ledger.in_scope(who.scope, x.community)
				ELSE true END;
		-- The clerk's own words may name people: a bureau reads them, and no stored answer has them.
		a := CASE WHEN p.id IS NULL THEN api.refuse(404, 'not-found')
			ELSE api.answer(200, ledger.placement_json(p)
				|| CASE WHEN who.role = 4 AND p.state = 'void' THEN jsonb_build_object(
					'void_reason', p.void_reason, 'void_evidence', p.void_evidence)
				ELSE '{}' END) END;
	END IF;
	RETURN NEXT a;
END $$;
