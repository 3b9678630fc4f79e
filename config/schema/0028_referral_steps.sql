-- A referral's steps, its end in a placement, its readers, and what came of them all.
--
-- A step takes the same locks in the same order as everything else (vacancy, households,
-- seekers, the referral), and asked again from the state it leads to it answers as the first
-- time.  An employer sees a pseudonym until she has consented to be referred to it; then a look
-- at her name and telephone, by her referral, is written down like any other.

-- Whose it is to see.
CREATE FUNCTION ledger.sees_referral(p_who api.caller, r ledger.referral) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN CASE p_who.role WHEN 1 THEN r.employer = ANY (p_who.employers)
		WHEN 2 THEN r.by_role = 2 AND r.by_whom = p_who.organisation
		WHEN 4 THEN EXISTS (SELECT FROM ledger.seeker s WHERE s.city = r.city AND s.id = r.seeker
				AND ledger.in_scope(p_who.scope, s.community))
			OR EXISTS (SELECT FROM ledger.vacancy v WHERE v.city = r.city AND v.id = r.vacancy
				AND ledger.in_scope(p_who.scope, v.place))
		ELSE true END;
END $$;

CREATE FUNCTION ledger.referral_json(r ledger.referral) RETURNS jsonb
LANGUAGE sql STABLE AS $$
	SELECT ledger.referral_short(r) || jsonb_build_object('state', st.now,
		'expires_at', CASE WHEN ledger.is_live(st.now) THEN ledger.instant(r.expires_at) END,
		'made_at', ledger.instant(r.made_at),
		'by', jsonb_build_object('role', ledger.role_name(r.by_role), 'organisation', r.by_whom),
		'rank', 'P' || r.rank, 'priority', r.rank <= 3, 'decided_on', r.decided_on,
		'note', r.note, 'consent', CASE WHEN r.consented_at IS NOT NULL THEN jsonb_build_object(
			'how', r.consent_how, 'at', ledger.instant(r.consented_at)) END,
		'passed_over', (SELECT coalesce(jsonb_agg(jsonb_build_object(
				'seeker', ledger.seeker_text(p.seeker), 'position', p.position,
				'reason', p.reason) ORDER BY p.position), '[]')
			FROM ledger.referral_passed p WHERE p.city = r.city AND p.referral = r.id),
		'steps', (SELECT jsonb_agg(jsonb_build_object('state', s.state, 'reason', s.reason,
				'at', ledger.instant(s.at), 'organisation', s.by_whom) ORDER BY s.n)
			FROM ledger.referral_step s WHERE s.city = r.city AND s.referral = r.id))
	FROM (SELECT ledger.referral_state(r.state, r.expires_at, ledger.app_now(r.city)) AS now) st
$$;

-- From which states a verb leads where.
CREATE FUNCTION ledger.referral_move(p_verb text, OUT froms text[], OUT state text)
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
CREATE FUNCTION ledger.lock_referral(p_who api.caller, p_id bigint) RETURNS ledger.referral
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

CREATE FUNCTION ledger.wrong_referral_state(r ledger.referral, p_at timestamptz) RETURNS api.reply
LANGUAGE sql STABLE AS $$
	SELECT ledger.wrong_state('referral-' || s, jsonb_build_object('state', s))
	FROM ledger.referral_state((r).state, (r).expires_at, p_at) s
$$;

CREATE FUNCTION ledger.step_referral(p_who api.caller, p_id bigint, p_verb text, p_body jsonb)
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
		RETURN api.refuse(404, 'not-found');
	ELSIF p_body->>'sandbox' IS NOT NULL THEN
		IF NOT (SELECT c.sandbox FROM ledger.city c WHERE c.city = r.city) THEN
			RETURN ledger.refuse_fault(ledger.fault('/sandbox', 'sandbox', p_body->>'sandbox',
				'nothing, in a city that is none', 'Only in a sandbox are answers made up.',
				'仅沙箱城市可模拟本人答复。'));
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
		IF NOT v.open OR v.valid_until < ledger.legal_day(at) THEN
			RETURN api.refuse(409, 'vacancy-closed');
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
CREATE FUNCTION api.step_referral(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_idem text, p_req bytea, p_id bigint, p_verb text, p_body jsonb)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	a   api.reply  := api.admit(who, 'referrals.' || p_verb);
BEGIN
	IF a.status IS NULL THEN
		a := api.claim(who, p_idem, p_req);
	END IF;
	IF a.status IS NOT NULL THEN
		RETURN NEXT a;
		RETURN;
	END IF;
	RETURN QUERY SELECT * FROM api.keep(who, p_idem,
		ledger.step_referral(who, p_id, p_verb, p_body));
END $$;

-- A placement that names its referral: may it?  NULL: it may.  The vacancy and the seeker are
-- locked; the referral is, after this.
CREATE FUNCTION ledger.refuse_placing(p_who api.caller, p_id text, p_vacancy bigint,
	p_seeker bigint)
RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	at timestamptz := ledger.app_now(p_who.city);
	a  api.reply := ledger.refuse_unlicensed(p_who);
	r  ledger.referral;
BEGIN
	IF a.status IS NOT NULL THEN
		RETURN a;
	END IF;
	SELECT * INTO r FROM ledger.referral x
		WHERE x.city = p_who.city AND x.id = ledger.row_id(p_id) FOR NO KEY UPDATE;
	IF r.id IS NULL OR NOT ledger.sees_referral(p_who, r) THEN
		RETURN api.refuse(404, 'not-found');
	ELSIF (r.vacancy, r.seeker) IS DISTINCT FROM (p_vacancy, p_seeker) THEN
		RETURN ledger.refuse_fault(ledger.fault('/referral', 'together', p_id,
			'a referral of this seeker to this vacancy', 'The referral is of another pair.',
			'该推荐不属于此求职者与此岗位。'));
	ELSIF r.state NOT IN ('consented', 'accepted', 'interviewed', 'offered')
			OR r.expires_at <= at THEN
		RETURN ledger.wrong_referral_state(r, at);
	END IF;
	RETURN NULL;
END $$;

CREATE FUNCTION ledger.place_referral(p_who api.caller, p_id text, p_placement bigint)
RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	at timestamptz := ledger.app_now(p_who.city);
	r  ledger.referral;
BEGIN
	UPDATE ledger.referral x SET state = 'placed', version = x.version + 1,
		placement = p_placement WHERE x.city = p_who.city AND x.id = ledger.row_id(p_id)
		RETURNING * INTO r;
	IF FOUND THEN
		PERFORM ledger.note_step(r, p_who, 'placed', NULL, at);
		PERFORM ledger.note_busy(r.city, r.seeker, at);
	END IF;
END $$;

CREATE FUNCTION api.read_referral(p_city int, p_kid text, p_hash bytea, p_actor text, p_id bigint)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	a   api.reply  := api.admit(who, 'referrals.read');
	r   ledger.referral;
BEGIN
	IF a.status IS NULL THEN
		SELECT * INTO r FROM ledger.referral x WHERE x.city = p_city AND x.id = p_id
			AND ledger.sees_referral(who, x);
		-- No ETag: a state runs out without a new version.
		a := CASE WHEN r.id IS NULL THEN api.refuse(404, 'not-found')
			ELSE api.answer(200, ledger.referral_json(r) - api.masked(who, 'referrals.read')) END;
	END IF;
	RETURN NEXT a;
END $$;

-- Newest first.  p_live: those that are, or are not, live at this moment.
CREATE FUNCTION api.list_referrals(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_state text, p_live boolean, p_seeker bigint, p_vacancy bigint, p_limit int, p_before bigint)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
	SET plan_cache_mode = force_custom_plan AS $$
DECLARE
	who    api.caller  := api.principal(p_city, p_kid, p_hash, p_actor);
	a      api.reply   := api.admit(who, 'referrals.read');
	at     timestamptz := ledger.app_now(p_city);
	masked text[];
	items  jsonb;
	last   bigint;
	more   boolean;
BEGIN
	IF a.status IS NULL THEN
		masked := api.masked(who, 'referrals.read');
		SELECT coalesce(jsonb_agg(x.item ORDER BY x.id DESC) FILTER (WHERE x.n <= p_limit), '[]'),
				min(x.id) FILTER (WHERE x.n <= p_limit), count(*) > p_limit
			INTO items, last, more
			FROM (SELECT r.id, ledger.referral_json(r) - masked AS item,
					row_number() OVER (ORDER BY r.id DESC) AS n
				FROM ledger.referral r
				WHERE r.city = p_city AND (p_before IS NULL OR r.id < p_before)
				  AND (who.role <> 1 OR r.employer = ANY (who.employers))
				  AND (who.role <> 2 OR r.by_whom = who.organisation)
				  AND (p_seeker IS NULL OR r.seeker = p_seeker)
				  AND (p_vacancy IS NULL OR r.vacancy = p_vacancy)
				  AND (p_state IS NULL OR p_state
					= ledger.referral_state(r.state, r.expires_at, at))
				  AND (p_live IS NULL OR p_live = (ledger.is_live(r.state) AND r.expires_at > at))
				  AND ledger.sees_referral(who, r)
				ORDER BY r.id DESC LIMIT p_limit + 1) x;
		a := api.page(jsonb_build_object('items', items), CASE WHEN more THEN ARRAY[last::text] END);
	END IF;
	RETURN NEXT a;
END $$;

-- Her name and telephone, to whoever she has consented to be introduced by, or to; the look is
-- kept with the referral that is its reason.
CREATE FUNCTION api.read_referral_person(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_id bigint)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	a   api.reply  := api.admit(who, 'referrals.person');
	r   ledger.referral;
BEGIN
	IF a.status IS NULL THEN
		SELECT * INTO r FROM ledger.referral x WHERE x.city = p_city AND x.id = p_id
			AND ledger.sees_referral(who, x);
		IF r.id IS NULL THEN
			a := api.refuse(404, 'not-found');
		ELSIF r.state NOT IN ('consented', 'accepted', 'interviewed', 'offered')
				OR r.expires_at <= ledger.app_now(p_city) THEN
			a := ledger.wrong_referral_state(r, ledger.app_now(p_city));
		END IF;
	END IF;
	IF a.status IS NOT NULL THEN
		RETURN NEXT a;
		RETURN;
	END IF;
	PERFORM ledger.note_look(who, r.seeker, 'referral ' || r.id);
	RETURN NEXT api.answer(200, jsonb_build_object('referral', r.id::text,
		'seeker', ledger.seeker_text(r.seeker)));
	RETURN QUERY SELECT 'x'::"char", NULL::int, NULL::text, NULL::text, p.id, NULL::bigint,
			x.sealed, x.name
		FROM ledger.person p,
			LATERAL (VALUES ('name', p.name), ('phone', p.phone)) x(name, sealed)
		WHERE p.city = p_city AND p.id = r.seeker AND x.sealed IS NOT NULL;
END $$;

-- A file as an agency sees it: no name, number, birth date, household or rank.
CREATE FUNCTION ledger.masked_seeker(p_who api.caller, p_id bigint) RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	s   ledger.seeker;
	age int;
BEGIN
	SELECT * INTO s FROM ledger.seeker x WHERE x.city = p_who.city AND x.id = p_id;
	IF s.id IS NULL OR NOT (p_who.scope IS NULL OR ledger.in_scope(p_who.scope, s.community)) THEN
		RETURN api.refuse(404, 'not-found');
	ELSIF s.merged_into IS NOT NULL THEN
		RETURN api.refuse(410, 'seeker-merged');
	END IF;
	PERFORM ledger.note_look(p_who, p_id, 'read_masked');
	SELECT ledger.age_on(p.birth, ledger.today(p.city)) INTO age FROM ledger.person p
		WHERE p.city = s.city AND p.id = s.id;
	RETURN api.answer_version(jsonb_build_object('seeker', ledger.seeker_text(s.id),
		'version', s.version, 'state', ledger.seeker_state(s),
		'district', left(s.community::text, 6), 'age_band', CASE WHEN age < 16 THEN 'under-16'
			WHEN age < 18 THEN '16-17' WHEN age < 25 THEN '18-24' WHEN age < 35 THEN '25-34'
			WHEN age < 45 THEN '35-44' WHEN age < 55 THEN '45-54' ELSE '55-' END,
		'wishes', (SELECT jsonb_agg(ledger.wish_text(w) ORDER BY n)
			FROM unnest(s.wishes) WITH ORDINALITY u(w, n)),
		'education', s.education, 'experience', (SELECT coalesce(jsonb_agg(jsonb_build_object(
				'occupation', ledger.occupation_text(get_byte(s.experience, n * 6) << 24
					| get_byte(s.experience, n * 6 + 1) << 16
					| get_byte(s.experience, n * 6 + 2) << 8 | get_byte(s.experience, n * 6 + 3)),
				'months', get_byte(s.experience, n * 6 + 4) << 8
					| get_byte(s.experience, n * 6 + 5)) ORDER BY n), '[]')
			FROM generate_series(0, octet_length(s.experience) / 6 - 1) n),
		'priority', s.rank <= 3), s.version);
END $$;

-- Offered something, or referred to it, since she began to wait.
CREATE OR REPLACE FUNCTION ledger.was_offered(p_city int, p_person bigint) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN EXISTS (SELECT FROM ledger.referral r
		JOIN ledger.seeker s ON s.city = r.city AND s.id = r.seeker
		WHERE r.city = p_city AND r.seeker = p_person
		  AND ledger.legal_day(r.made_at) >= s.waiting_since);
END $$;

-- A search's first p_n vacancies that nobody was ever referred to.
CREATE FUNCTION ledger.unreferred_vacancies(q ledger.vacancy_query, p_sort text, p_key bigint,
	p_tie bigint, p_n int)
RETURNS bigint[]
LANGUAGE plpgsql STABLE AS $$
DECLARE
	step CONSTANT int := 200;
	page bigint[];
	kept bigint[] := '{}';
BEGIN
	LOOP
		page := ledger.find_vacancies(q, p_sort, p_key, p_tie, step);
		kept := kept || ARRAY(SELECT x.id FROM unnest(page) WITH ORDINALITY x(id, n)
			WHERE NOT EXISTS (SELECT FROM ledger.referral r
				WHERE r.city = q.city AND r.vacancy = x.id) ORDER BY x.n);
		IF cardinality(kept) >= p_n OR cardinality(page) < step THEN
			RETURN kept[1:p_n];
		END IF;
		SELECT ledger.vacancy_key(p_sort, v.posted_on, v.pay_max_month, v.valid_until),
				CASE p_sort WHEN 'closing' THEN -v.id ELSE v.id END INTO p_key, p_tie
			FROM ledger.vacancy v WHERE v.city = q.city AND v.id = page[step];
	END LOOP;
END $$;

-- Referred -> interviewed -> placed, by rank or by who referred.  A cell under five is not shown
-- to anybody but a bureau.
CREATE FUNCTION api.summarise_referrals(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_from date, p_to date, p_by text)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who   api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	a     api.reply  := api.admit(who, 'referrals.summary');
	first date       := coalesce(p_from, date_trunc('year', ledger.today(p_city)::timestamp)::date);
	last  date       := coalesce(p_to, ledger.today(p_city));
	least int        := CASE WHEN who.role = 4 THEN 0 ELSE 5 END;
	items jsonb;
BEGIN
	IF a.status IS NULL THEN
		SELECT coalesce(jsonb_agg(jsonb_build_object(p_by, g.name) || (SELECT jsonb_object_agg(c.k,
				CASE WHEN c.n >= least OR c.n = 0 AND g.referred >= least THEN c.n END)
				FROM (VALUES ('referred', g.referred), ('consented', g.consented),
					('accepted', g.accepted), ('interviewed', g.interviewed),
					('offered', g.offered), ('placed', g.placed)) c(k, n)) ORDER BY g.name), '[]')
			INTO items
			FROM (SELECT CASE WHEN p_by <> 'rank' THEN r.by_whom
						-- One day with one referral would tell its rank, and so the household.
						WHEN who.role = 2 AND r.rank <= 3 THEN 'P1-P3'
						WHEN who.role = 2 THEN 'P4-P6' ELSE 'P' || r.rank END AS name,
					count(*) AS referred, count(r.consented_at) AS consented,
					count(*) FILTER (WHERE s.states @> '{accepted}') AS accepted,
					count(*) FILTER (WHERE s.states @> '{interviewed}') AS interviewed,
					count(*) FILTER (WHERE s.states @> '{offered}') AS offered,
					count(*) FILTER (WHERE r.state = 'placed' AND EXISTS (SELECT
						FROM ledger.placement p WHERE p.city = r.city AND p.id = r.placement
						AND p.state <> 'void')) AS placed
				FROM ledger.referral r, LATERAL (SELECT array_agg(x.state) AS states
					FROM ledger.referral_step x WHERE x.city = r.city AND x.referral = r.id) s
				WHERE r.city = p_city
				  AND r.made_at >= first::timestamp AT TIME ZONE 'Asia/Shanghai'
				  AND r.made_at < (last + 1)::timestamp AT TIME ZONE 'Asia/Shanghai'
				  AND ledger.sees_referral(who, r)
				GROUP BY 1) g;
		a := api.answer(200, jsonb_build_object('from', first, 'to', last, 'by', p_by,
			'hidden_under', least, 'items', items));
	END IF;
	RETURN NEXT a;
END $$;

REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA api, ledger FROM PUBLIC;
