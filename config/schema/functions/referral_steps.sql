-- A referral's steps, and its end in a placement.
--
-- A step takes the same locks in the same order as everything else (vacancy, households,
-- seekers, the referral), and asked again from the state it leads to it answers as the first
-- time.

-- Whose it is to see.
CREATE OR REPLACE FUNCTION ledger.sees_referral(p_who api.caller, r ledger.referral) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN CASE p_who.role WHEN 1 THEN r.employer = ANY (p_who.employers)
		WHEN 2 THEN r.by_role = 2 AND r.by_whom = p_who.organisation
		ELSE EXISTS (SELECT FROM ledger.seeker s WHERE s.city = r.city AND s.id = r.seeker
				AND ledger.in_scope(p_who.scope, s.community))
			OR EXISTS (SELECT FROM ledger.vacancy v WHERE v.city = r.city AND v.id = r.vacancy
				AND ledger.in_scope(p_who.scope, v.place)) END;
END $$;

-- From which states a verb leads where.
CREATE OR REPLACE FUNCTION ledger.referral_move(p_verb text, OUT froms text[], OUT state text)
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT (CASE p_verb WHEN 'consent' THEN '{proposed}' WHEN 'refuse' THEN '{proposed}'
			WHEN 'accept' THEN '{consented}' WHEN 'decline' THEN '{proposed,consented}'
			WHEN 'interview' THEN '{accepted}' WHEN 'offer' THEN '{accepted,interviewed}'
			WHEN 'fail' THEN '{accepted,interviewed,offered}'
			WHEN 'withdraw' THEN '{proposed,consented,accepted,interviewed,offered}' END)::text[],
		CASE p_verb WHEN 'consent' THEN 'consented' WHEN 'refuse' THEN 'refused'
			WHEN 'accept' THEN 'accepted' WHEN 'decline' THEN 'declined'
			WHEN 'interview' THEN 'interviewed' WHEN 'offer' THEN 'offered'
			WHEN 'fail' THEN 'failed' WHEN 'withdraw' THEN 'withdrawn' END
$$;

-- The referral with its locks taken, or nothing: there is none, or not for this caller.
CREATE OR REPLACE FUNCTION ledger.lock_referral(p_who api.caller, p_id bigint)
RETURNS ledger.referral
LANGUAGE plpgsql AS $$
DECLARE
	r   ledger.referral;
	her bigint;
BEGIN
	SELECT * INTO r FROM ledger.referral x WHERE x.city = p_who.city AND x.id = p_id;
	IF r.id IS NULL OR NOT ledger.sees_referral(p_who, r) THEN
		RETURN NULL;
	END IF;
	PERFORM FROM ledger.vacancy v WHERE v.city = r.city AND v.id = r.vacancy FOR NO KEY UPDATE;
	-- Her file may have gone into another while we waited for her.
	WHILE r.seeker IS DISTINCT FROM her LOOP
		her := r.seeker;
		PERFORM ledger.lock_people(r.city, her);
		SELECT * INTO r FROM ledger.referral x WHERE x.city = r.city AND x.id = p_id
			FOR NO KEY UPDATE;
	END LOOP;
	RETURN r;
END $$;

CREATE OR REPLACE FUNCTION ledger.wrong_referral_state(r ledger.referral, p_at timestamptz)
RETURNS api.reply
LANGUAGE sql STABLE AS $$
	SELECT ledger.wrong_state('referral-' || s, jsonb_build_object('state', s))
	FROM ledger.referral_state((r).state, (r).expires_at, p_at) s
$$;

CREATE OR REPLACE FUNCTION ledger.step_referral(p_who api.caller, p_id bigint, p_verb text,
	p_body jsonb)
RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	at    timestamptz := ledger.app_now(p_who.city);
	verb  text := p_verb;
	why   text := p_body->>'reason';
	r     ledger.referral := ledger.lock_referral(p_who, p_id);
	v     ledger.vacancy;
	froms text[];
	goal  text;
BEGIN
	IF r.id IS NULL THEN
		RETURN ledger.missing('path/referral', p_id::text);
	ELSIF p_body->>'sandbox' IS NOT NULL THEN
		IF NOT (SELECT c.sandbox FROM ledger.city c WHERE c.city = r.city) THEN
			RETURN ledger.refuse_fault(ledger.fault('/sandbox', 'sandbox', p_body->>'sandbox',
				'nothing, in a city that is none', 'Only in a sandbox are answers made up.',
				'仅试用环境可模拟本人答复。'));
		ELSIF p_body->>'sandbox' = 'refuse' THEN
			verb := 'refuse';
			why := 'other';
		END IF;
	END IF;
	SELECT m.froms, m.state INTO froms, goal FROM ledger.referral_move(verb) m;
	IF r.state = goal AND (NOT ledger.is_live(goal) OR r.expires_at > at) THEN
		RETURN api.answer(200, ledger.referral_short(r));
	ELSIF r.state <> ALL (froms) OR r.expires_at <= at THEN
		RETURN ledger.wrong_referral_state(r, at);
	END IF;
	SELECT * INTO v FROM ledger.vacancy x WHERE x.city = r.city AND x.id = r.vacancy;
	IF goal IN ('consented', 'accepted', 'offered') THEN
		IF NOT ledger.is_open(v.open, v.valid_until, ledger.legal_day(at)) THEN
			RETURN ledger.refuse_closed(v);
		ELSIF v.filled >= v.posts THEN
			RETURN api.refuse(409, 'vacancy-filled', jsonb_build_object('posts', v.posts));
		ELSIF NOT EXISTS (SELECT FROM ledger.seeker s WHERE s.city = r.city AND s.id = r.seeker
				AND s.active) THEN
			RETURN api.refuse(409, 'not-eligible', '{"rules": ["inactive"]}');
		END IF;
	END IF;
	IF p_body->>'sandbox' = 'timeout' THEN
		goal := 'expired';
	END IF;
	UPDATE ledger.referral x SET state = goal, version = x.version + 1,
		reason = coalesce(why, x.reason),
		expires_at = CASE WHEN ledger.is_live(goal) THEN at + interval '7 days'
			WHEN goal = 'expired' THEN at ELSE x.expires_at END,
		consent_how = CASE goal WHEN 'consented'
			THEN coalesce(p_body->>'how', 'sandbox') ELSE x.consent_how END,
		consented_at = CASE goal WHEN 'consented' THEN at ELSE x.consented_at END
		WHERE x.city = r.city AND x.id = r.id RETURNING * INTO r;
	PERFORM ledger.note_step(r, p_who, goal, why, at);
	PERFORM ledger.note_busy(r.city, r.seeker, at);
	RETURN api.answer(200, ledger.referral_short(r));
END $$;

-- Each verb by its action of the table of authorisation.
CREATE OR REPLACE FUNCTION api.step_referral(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_idem text, p_req bytea, p_id bigint, p_verb text, p_body jsonb)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	a   api.reply  := api.admit_once(who, 'referrals.' || p_verb, p_idem, p_req);
BEGIN
	IF a.status IS NULL THEN
		a := ledger.step_referral(who, p_id, p_verb, p_body);
	END IF;
	RETURN QUERY SELECT * FROM api.keep(who, p_idem, 'referral/' || p_id, a);
END $$;

-- As what it backs a placement with (rules/standing).
CREATE OR REPLACE FUNCTION ledger.referral_found(r ledger.referral) RETURNS api.reply
LANGUAGE sql IMMUTABLE AS $$
	SELECT ROW('a', NULL, NULL, NULL, (r).id, NULL, NULL,
		CASE WHEN (r).consented_at IS NULL THEN 'referral' ELSE 'consent' END)::api.reply
$$;

-- Which referral a report ends: a reply without a status, whose id it is; NULL: none; else what
-- stands in the way.  A report that names none is about the one live referral of the seeker to the
-- vacancy, whoever made it.  p_placement: what is reported once more.  The vacancy and the seeker
-- are locked, and with them all referrals of this one to that.
-- rules/referrals
CREATE OR REPLACE FUNCTION ledger.referral_reported(p_who api.caller, p_named text,
	p_vacancy bigint, p_seeker bigint, p_placement bigint)
RETURNS api.reply
LANGUAGE plpgsql STABLE AS $$
DECLARE
	at   timestamptz := ledger.app_now(p_who.city);
	r    ledger.referral;
	was  ledger.referral;
	live jsonb;
	is_seen boolean := false;
BEGIN
	SELECT * INTO was FROM ledger.referral x WHERE x.city = p_who.city AND x.seeker = p_seeker
		AND x.placement = p_placement AND x.state = 'placed';
	IF p_named IS NULL THEN
		IF was.id IS NOT NULL THEN
			RETURN NULL;
		END IF;
		-- The first is the last read, and is it for who may see none and so cannot name one.
		FOR r IN SELECT * FROM ledger.referral x
				WHERE x.city = p_who.city AND x.seeker = p_seeker AND x.vacancy = p_vacancy
				  AND ledger.is_live(x.state) AND x.expires_at > at ORDER BY x.id DESC LOOP
			live := ledger.referral_hint(p_who, r) || coalesce(live, '[]');
			is_seen := is_seen OR ledger.sees_referral(p_who, r);
		END LOOP;
		IF live IS NULL THEN
			RETURN NULL;
		ELSIF jsonb_array_length(live) > 1 AND is_seen THEN
			RETURN api.refuse(409, 'referral-unclear', jsonb_build_object('referrals', live));
		END IF;
		RETURN ledger.referral_found(r);
	END IF;
	SELECT * INTO r FROM ledger.referral x
		WHERE x.city = p_who.city AND x.id = ledger.row_id(p_named);
	IF r.id IS NULL OR NOT ledger.sees_referral(p_who, r) THEN
		RETURN ledger.missing('/referral', p_named);
	ELSIF r.id = was.id THEN
		RETURN NULL;
	ELSIF was.id IS NOT NULL THEN
		RETURN api.refuse(409, 'another-referral', jsonb_build_object('placement',
			p_placement::text) || CASE WHEN ledger.sees_referral(p_who, was)
			THEN jsonb_build_object('referral', was.id::text) ELSE '{}' END);
	ELSIF (r.vacancy, r.seeker) IS DISTINCT FROM (p_vacancy, p_seeker) THEN
		RETURN ledger.refuse_fault(ledger.fault('/referral', 'together', p_named,
			'a referral of this seeker to this vacancy', 'The referral is of another pair.',
			'该推荐不属于此求职者与此岗位。'));
	ELSIF NOT ledger.is_live(r.state) OR r.expires_at <= at THEN
		RETURN ledger.wrong_referral_state(r, at);
	END IF;
	RETURN ledger.referral_found(r);
END $$;

CREATE OR REPLACE FUNCTION ledger.place_referral(p_who api.caller, p_id bigint, p_placement bigint)
RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	at timestamptz := ledger.app_now(p_who.city);
	r  ledger.referral;
BEGIN
	UPDATE ledger.referral x SET state = 'placed', version = x.version + 1,
		placement = p_placement WHERE x.city = p_who.city AND x.id = p_id
		RETURNING * INTO r;
	IF FOUND THEN
		PERFORM ledger.note_step(r, p_who, 'placed', NULL, at);
		PERFORM ledger.note_busy(r.city, r.seeker, at);
	END IF;
END $$;

-- A placement that never was, or that nobody says any more, has ended no referral: it is live again in the state that it had come
-- to, as after a step.  When the placement is there again, it has ended it.  The caller holds the
-- vacancy and the seeker.
-- rules/referrals, rules/void
CREATE OR REPLACE FUNCTION ledger.undo_referral(p_who api.caller, p ledger.placement) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	at timestamptz := ledger.app_now(p.city);
	r  ledger.referral;
BEGIN
	FOR r IN UPDATE ledger.referral x SET version = x.version + 1,
			state = CASE WHEN ledger.is_job(p.state) THEN 'placed' ELSE coalesce((SELECT s.state
				FROM ledger.referral_step s WHERE s.city = x.city AND s.referral = x.id
				AND s.state <> 'placed' ORDER BY s.n DESC LIMIT 1), 'proposed') END,
			expires_at = CASE WHEN ledger.is_job(p.state) THEN x.expires_at ELSE at + interval '7 days' END
			WHERE x.city = p.city AND x.seeker = p.seeker AND x.placement = p.id
			  AND (x.state = 'placed') <> ledger.is_job(p.state) RETURNING * LOOP
		PERFORM ledger.note_step(r, p_who, r.state, NULL, at);
	END LOOP;
	PERFORM ledger.note_busy(p.city, p.seeker, at) WHERE r.id IS NOT NULL;
END $$;
