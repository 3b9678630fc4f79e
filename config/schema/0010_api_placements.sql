-- Public-welfare posts; placements reported once and registered at a community.  What else
-- is said about one, and how it becomes void, stands in 0020.
--
-- Locks are taken in one order: vacancy, households by id, seekers by id, placement.
-- Every check comes before the first write, and a refusal is an answer that is kept.
-- The surprising thing: posting the same placement again, under any Idempotency-Key,
-- is 200 with the first answer and its token; the natural key stays for ever, and the
-- same two with another start is 409, naming the first.  A rule that is added to
-- ledger.report_placement goes into ledger.plain_postings too.

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
	refused api.reply;
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
	ELSIF s.merged_into IS NOT NULL THEN
		RETURN api.refuse(410, 'seeker-merged', CASE WHEN p_who.role = 4 THEN
			jsonb_build_object('survivor', ledger.seeker_text(ledger.survivor(p_who.city, s.id)))
			ELSE '{}' END);
	END IF;
	IF v.id IS NOT NULL THEN
		SELECT * INTO p FROM ledger.placement x WHERE x.city = p_who.city AND x.vacancy = v.id
			AND x.seeker = s.id AND x.state <> 'void';
	ELSE
		SELECT * INTO p FROM ledger.placement x WHERE x.city = p_who.city AND x.vacancy IS NULL
			AND x.seeker = s.id AND coalesce(x.employer, '') = coalesce(emp, '')
			AND x.kind = p_body->>'kind' AND x.start_on = start AND x.state <> 'void';
	END IF;
	IF p.start_on <> start THEN
		RETURN api.refuse(409, 'placed-from-another-day', jsonb_build_object(
			'placement', p.id::text, 'start_on', p.start_on));
	ELSIF p.id IS NOT NULL THEN
		PERFORM ledger.also_reported(p_who, p, at);
		RETURN ROW('a', 200, 'ok', ledger.placement_short(p)::text, p.xid,
			ledger.last_event(p.city, p.xid), NULL, 'replayed')::api.reply;
	END IF;

	IF p_body->>'referral' IS NOT NULL THEN
		refused := ledger.refuse_placing(p_who, p_body->>'referral', v.id, s.id);
	END IF;
	IF refused.status IS NOT NULL THEN
		RETURN refused;
	ELSIF v.id IS NOT NULL AND (NOT v.open OR v.valid_until < today) THEN
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
	IF p_body->>'referral' IS NOT NULL THEN
		PERFORM ledger.place_referral(p_who, p_body->>'referral', p.id);
	END IF;
	PERFORM ledger.rerank(p_who.city, kin, today);
	RETURN api.answer(201, ledger.placement_short(p));
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
	ELSIF ledger.open_voiding(p.city, p.id) IS NOT NULL THEN
		RETURN ledger.wrong_state('void-asked');
	ELSIF p.state = 'registered' AND (p.community, p.registered_on) IS DISTINCT FROM (home, day) THEN
		RETURN api.refuse(409, 'wrong-state', '{"reason": "placement-registered"}');
	ELSIF p.state <> 'registered' THEN
		UPDATE ledger.placement x SET state = 'registered', community = home, registered_on = day
			WHERE x.city = p.city AND x.id = p.id RETURNING * INTO p;
		INSERT INTO ledger.employment (city, placement, person, community, start_on)
			VALUES (p.city, p.id, p.seeker, home, p.start_on);
		PERFORM ledger.add_signal(p_who, p.id, 'registration', ledger.app_now(p.city));
		-- One that began after the job did was open without ground: it ends where it began.
		UPDATE ledger.unemployment u SET ended_on = greatest(p.start_on, u.since), ended_by = p.id
			WHERE u.city = p.city AND u.person = p.seeker AND u.ended_on IS NULL
			  AND u.void_on IS NULL;
		PERFORM ledger.rerank(p_who.city, kin, today);
	END IF;
	RETURN api.answer(200, ledger.placement_json(p));
END $$;
