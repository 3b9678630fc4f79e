-- Placements after their report: registered at a community, ended, read; and public-welfare
-- posts approved.
--
-- A job's end takes nothing back: the flow into work has happened and stays counted
-- (rules/job-end); only the seeker's rank, household and waiting follow.

-- rules/public-welfare-posts
CREATE OR REPLACE FUNCTION ledger.approve_posts(p_who api.caller, p_body jsonb) RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	home bigint := (p_body->>'community')::bigint;
	emp  bigint;
	made ledger.approval;
	was  ledger.approval;
BEGIN
	SELECT e.id INTO emp FROM ledger.employer e
		WHERE e.city = p_who.city AND e.org = ledger.org_of(p_body->>'employer');
	IF NOT ledger.in_scope(p_who.scope, home) THEN
		RETURN ledger.missing('/community', p_body->>'community');
	ELSIF emp IS NULL AND p_body->>'employer' IS NOT NULL THEN
		RETURN ledger.missing('/employer', p_body->>'employer');
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

CREATE OR REPLACE FUNCTION api.approve_posts(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_idem text, p_req bytea, p_body jsonb)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	a   api.reply  := api.admit_once(who, 'posts.approve', p_idem, p_req);
BEGIN
	IF a.status IS NULL THEN
		a := ledger.approve_posts(who, p_body);
	END IF;
	RETURN QUERY SELECT * FROM api.keep(who, p_idem, 'approval/' || (p_body->>'approval'), a);
END $$;

-- The registration as unemployed that a job answers ends.  One that began after the job did was
-- open without ground and ends where it began; one that somebody ended later had ended with the job.
CREATE OR REPLACE FUNCTION ledger.end_by_work(p ledger.placement) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	UPDATE ledger.unemployment u SET ended_on = greatest(p.start_on, u.since), ended_by = p.id,
			end_reason = NULL
		WHERE u.city = p.city AND u.person = p.seeker AND u.void_on IS NULL
		  AND u.since < coalesce((SELECT e.ended_on FROM ledger.employment e
			WHERE e.city = p.city AND e.placement = p.id), 'infinity')
		  AND (u.ended_on IS NULL OR u.ended_on > greatest(p.start_on, u.since));
END $$;

-- What a job had ended that is gone goes on, until the next job, or until somebody would have ended
-- it meanwhile.
CREATE OR REPLACE FUNCTION ledger.end_otherwise(p_city int, p_registrations bigint[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	UPDATE ledger.unemployment u SET (ended_on, ended_by, end_reason) = (SELECT
			greatest(x.day, u.since), x.placement, x.reason FROM (
			SELECT e.start_on AS day, e.placement, NULL::text AS reason FROM ledger.employment e
			WHERE e.city = u.city AND e.person = u.person AND e.void_on IS NULL
			  AND (e.ended_on IS NULL OR e.ended_on > u.since)
			UNION ALL SELECT c.on_day, NULL, c.reason FROM ledger.person_change c
			WHERE c.city = u.city AND c.person = ANY (ledger.same_person(u.city, u.person))
			  AND c.on_day >= u.since
			  AND (c.what = 'withdraw' OR c.what = 'end unemployment' AND c.fact = u.id)
			  AND c.id > coalesce((SELECT max(a.id) FROM ledger.person_change a
				WHERE a.city = u.city AND a.person = c.person AND a.what = 'add unemployment'
				AND a.fact = u.id), 0)) x
			ORDER BY x.day, x.placement LIMIT 1)
		WHERE u.city = p_city AND u.id = ANY (p_registrations);
END $$;

-- Into the register of employment.
CREATE OR REPLACE FUNCTION ledger.enter_employment(p ledger.placement) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO ledger.employment (city, placement, person, community, start_on)
		VALUES (p.city, p.id, p.seeker, p.community, p.start_on)
		ON CONFLICT (city, placement) DO UPDATE SET community = EXCLUDED.community;
	PERFORM ledger.end_by_work(p);
END $$;

-- At the community it counts (R01).
-- rules/registration, rules/two-hands
CREATE OR REPLACE FUNCTION ledger.register_placement(p_who api.caller, p_id bigint, p_body jsonb)
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
	IF p.id IS NULL THEN
		RETURN ledger.missing('path/placement', p_id::text);
	ELSIF NOT ledger.in_scope(p_who.scope, home) THEN
		RETURN ledger.missing('/community', p_body->>'community');
	END IF;
	-- A merge may give it to another file meanwhile.
	kin := ledger.lock_placed(p_who.city, p_id);
	SELECT * INTO p FROM ledger.placement x WHERE x.city = p_who.city AND x.id = p_id;
	IF p.state = 'void' THEN
		RETURN api.refuse(409, 'placement-void');
	ELSIF ledger.open_voiding(p.city, p.id) IS NOT NULL THEN
		RETURN (SELECT ledger.refuse_asked(v) FROM ledger.voiding v WHERE v.city = p.city AND v.placement = p.id
			AND v.decision IS NULL);
	ELSIF ledger.is_outside(p.city, p.workplace) THEN
		RETURN ledger.wrong_state('outside-city', jsonb_build_object('workplace', p.workplace::text));
	ELSIF p.state = 'registered' AND (p.community, p.registered_on) IS DISTINCT FROM (home, day) THEN
		RETURN ledger.wrong_state('placement-registered', jsonb_build_object(
			'community', p.community::text, 'registered_on', p.registered_on));
	ELSIF p.state <> 'registered' AND (ledger.report_to_confirm(p)).kid IS NULL THEN
		RETURN ledger.wrong_state('report-withdrawn');
	ELSIF p.state <> 'registered' AND ledger.is_own_report(p, p_who) THEN
		RETURN (SELECT api.refuse(409, 'own-report', ledger.same_secret(p_who, g.kid, g.actor))
			FROM ledger.report_to_confirm(p) g);
	ELSIF p.state <> 'registered' THEN
		UPDATE ledger.placement x SET state = 'registered', community = home, registered_on = day
			WHERE x.city = p.city AND x.id = p.id RETURNING * INTO p;
		PERFORM ledger.enter_employment(p);
		PERFORM ledger.add_signal(p_who, p.id, 'registration', ledger.app_now(p.city));
		PERFORM ledger.rerank(p_who.city, kin, today);
	END IF;
	RETURN api.answer(200, ledger.placement_json(p));
END $$;

CREATE OR REPLACE FUNCTION api.register_placement(p_city int, p_kid text, p_hash bytea,
	p_actor text, p_idem text, p_req bytea, p_id bigint, p_body jsonb)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	a   api.reply  := api.admit_once(who, 'placements.register', p_idem, p_req);
BEGIN
	IF a.status IS NULL THEN
		a := ledger.register_placement(who, p_id, p_body);
	END IF;
	RETURN QUERY SELECT * FROM api.keep(who, p_idem, 'placement/' || p_id, a);
END $$;

-- The end of a job: `on` is the first day without it.  Retirement and death are natural
-- attrition (rules/attrition), and the person seeks no more; nothing else is taken back.
CREATE OR REPLACE FUNCTION ledger.end_placement(p_who api.caller, p_id bigint, p_body jsonb)
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
	ELSIF p.state NOT IN ('registered', 'recorded') THEN
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

CREATE OR REPLACE FUNCTION api.end_placement(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_idem text, p_req bytea, p_id bigint, p_body jsonb)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	a   api.reply  := api.admit_once(who, 'placements.end', p_idem, p_req);
BEGIN
	IF a.status IS NULL THEN
		a := ledger.end_placement(who, p_id, p_body);
	END IF;
	RETURN QUERY SELECT * FROM api.keep(who, p_idem, 'placement/' || p_id, a);
END $$;

CREATE OR REPLACE FUNCTION ledger.placement_json(p ledger.placement) RETURNS jsonb
LANGUAGE sql STABLE AS $$
	SELECT ledger.reported_json(p) || jsonb_build_object(
		'employer', p.employer, 'code_recognised', coalesce(ledger.is_recognised(p.employer), false),
		'workplace', p.workplace::text, 'source', p.source,
		'reported_at', ledger.instant(p.reported_at),
		'confirmed_at', (SELECT ledger.instant(min(s.at)) FROM ledger.placement_signal s
			WHERE s.city = p.city AND s.placement = p.id AND s.signal = 'confirmation'
			  AND s.withdrawn_at IS NULL),
		'signals', ledger.signals_json(p), 'missing', ledger.missing_json(p),
		'approval', p.approval, 'outside_city', coalesce(ledger.is_outside(p.city, p.workplace), false),
		'recorded', CASE WHEN p.recorded_on IS NOT NULL THEN jsonb_build_object('on', p.recorded_on) END,
		'registered', CASE WHEN p.registered_on IS NOT NULL THEN jsonb_build_object(
			'community', p.community::text, 'on', p.registered_on,
			'unit', ledger.unit_of(p.city, p.community, p.start_on)) END,
		'ended', (SELECT jsonb_build_object('on', e.ended_on, 'reason', e.end_reason)
			FROM ledger.employment e WHERE e.city = p.city AND e.placement = p.id
			  AND e.ended_on IS NOT NULL),
		'void', CASE WHEN p.state = 'void' THEN jsonb_build_object('code', p.void_code,
			'on', p.void_on) END,
		'voidings', ledger.voidings_json(p))
$$;

-- As this caller may see it.
CREATE OR REPLACE FUNCTION ledger.placement_answer(p_who api.caller, p ledger.placement)
RETURNS api.reply
LANGUAGE sql STABLE AS $$
	SELECT api.answer(200, ledger.placement_json(p) - api.masked(p_who, 'placements.read'))
$$;

CREATE OR REPLACE FUNCTION ledger.sees_placement(p_who api.caller, p ledger.placement)
RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN coalesce(CASE p_who.role WHEN 1 THEN ledger.speaks_as(p_who, p.employer)
		WHEN 2 THEN EXISTS (SELECT FROM ledger.signal s WHERE s.city = p.city
			AND s.placement = p.id AND s.organisation = p_who.organisation)
		ELSE ledger.in_scope(p_who.scope, p.community) OR ledger.in_scope(p_who.scope,
			(SELECT s.community FROM ledger.seeker s WHERE s.city = p.city AND s.id = p.seeker))
		END, false);
END $$;

CREATE OR REPLACE FUNCTION api.read_placement(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_id bigint)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	a   api.reply  := api.admit(who, 'placements.read');
	p   ledger.placement;
	v   ledger.voiding;
BEGIN
	IF a.status IS NULL THEN
		SELECT x.* INTO p FROM ledger.placement x WHERE x.city = p_city AND x.id = p_id;
		IF p.id IS NULL OR NOT ledger.sees_placement(who, p) THEN
			a := api.refuse(404, 'not-found');
		ELSE
			-- The clerk's own words may name people: the table of authorisation says who reads
			-- them, and no stored answer has them.
			SELECT * INTO v FROM ledger.voiding x WHERE x.city = p_city AND x.placement = p.id
				AND x.what IN ('void', 'record') AND x.decision IS DISTINCT FROM 'refuse'
				ORDER BY x.id DESC LIMIT 1;
			a := api.answer(200, (ledger.placement_json(p) || CASE WHEN v.id IS NULL THEN '{}'
				ELSE jsonb_build_object(v.what || '_reason', v.reason,
					v.what || '_evidence', v.evidence) END)
				- api.masked(who, 'placements.read'));
		END IF;
	END IF;
	RETURN NEXT a;
END $$;
