-- A person referred to a vacancy: who may be, ahead of whom, and until when.
--
-- A referral is live for seven days after its last step, by the ledger's clock.  Three live
-- ones a free post and three a person; who has three leaves the match lists (seeker.busy, in
-- the record).  Whoever stands before the referred in the statutory order, beyond the free posts,
-- is passed over with a coded reason or not at all.  Who comes before is the daemon's mirror's to
-- say, because the order is the matcher's; what must be true of them all is checked here, under
-- the locks.

CREATE OR REPLACE FUNCTION ledger.is_live(p_state text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT p_state IN ('proposed', 'consented', 'accepted', 'interviewed', 'offered')
$$;

-- rules/referral-expiry
CREATE OR REPLACE FUNCTION ledger.referral_state(p_state text, p_expires timestamptz,
	p_at timestamptz)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT CASE WHEN ledger.is_live(p_state) AND p_expires <= p_at THEN 'expired' ELSE p_state END
$$;

-- Those to a closed vacancy can come to nothing: they do not keep her from another.
CREATE OR REPLACE FUNCTION ledger.live_referrals(p_city int, p_seeker bigint, p_at timestamptz)
RETURNS int
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN (SELECT count(*) FROM ledger.referral r
		JOIN ledger.vacancy v ON v.city = r.city AND v.id = r.vacancy
			AND ledger.is_open(v.open, v.valid_until, ledger.legal_day(p_at))
		WHERE r.city = p_city AND r.seeker = p_seeker
		  AND ledger.is_live(r.state) AND r.expires_at > p_at);
END $$;

-- Those that keep a free post waiting: whoever has found work elsewhere no longer does.
CREATE OR REPLACE FUNCTION ledger.live_at_vacancy(p_city int, p_vacancy bigint, p_at timestamptz)
RETURNS int
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN (SELECT count(*) FROM ledger.referral r
		JOIN ledger.seeker s ON s.city = r.city AND s.id = r.seeker AND s.active
		WHERE r.city = p_city AND r.vacancy = p_vacancy AND ledger.is_live(r.state)
		  AND r.expires_at > p_at);
END $$;

-- The caller holds her row.  Her record changes only when this does.
CREATE OR REPLACE FUNCTION ledger.note_busy(p_city int, p_seeker bigint, p_at timestamptz)
RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	is_busy boolean := ledger.live_referrals(p_city, p_seeker, p_at) >= 3;
BEGIN
	UPDATE ledger.seeker s SET busy = is_busy, version = s.version + 1
		WHERE s.city = p_city AND s.id = p_seeker AND s.busy <> is_busy;
END $$;

-- Whoever is referred to these vacancies, which will close or open: all in the order of people,
-- before the trigger takes them vacancy by vacancy.
CREATE OR REPLACE FUNCTION ledger.lock_referred(p_city int, p_vacancies bigint[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	IF cardinality(p_vacancies) > 0 THEN
		PERFORM FROM ledger.seeker s WHERE s.city = p_city AND s.id IN (SELECT r.seeker
			FROM ledger.referral r WHERE r.city = p_city AND r.vacancy = ANY (p_vacancies)
			AND ledger.is_live(r.state)) ORDER BY s.id FOR NO KEY UPDATE;
	END IF;
END $$;

CREATE OR REPLACE FUNCTION ledger.note_step(r ledger.referral, p_who api.caller, p_state text,
	p_reason text, p_at timestamptz)
RETURNS void
LANGUAGE sql AS $$
	INSERT INTO ledger.referral_step (city, referral, n, state, reason, at, role, by_whom, actor)
	SELECT (r).city, (r).id, 1 + count(*), p_state, p_reason, p_at, (p_who).role,
		(p_who).organisation, (p_who).actor
	FROM ledger.referral_step s WHERE s.city = (r).city AND s.referral = (r).id
$$;

-- What has run out is written down, a person at a time under her lock; who is being worked on
-- is left for the next turn.  Returns how many.
CREATE OR REPLACE FUNCTION ledger.expire_referrals(p_city int, p_limit int) RETURNS int
LANGUAGE plpgsql AS $$
DECLARE
	at   timestamptz := ledger.app_now(p_city);
	who  bigint;
	r    ledger.referral;
	done int := 0;
BEGIN
	FOR who IN SELECT s.id FROM ledger.seeker s WHERE s.city = p_city AND s.id IN (
			SELECT x.seeker FROM ledger.referral x WHERE x.city = p_city
			  AND x.state IN ('proposed', 'consented', 'accepted', 'interviewed', 'offered')
			  AND x.expires_at <= at ORDER BY x.expires_at LIMIT p_limit)
			ORDER BY s.id FOR NO KEY UPDATE SKIP LOCKED LOOP
		FOR r IN UPDATE ledger.referral x SET state = 'expired', version = x.version + 1
				WHERE x.city = p_city AND x.seeker = who AND ledger.is_live(x.state)
				  AND x.expires_at <= at RETURNING * LOOP
			PERFORM ledger.note_step(r, NULL, 'expired', NULL, r.expires_at);
			done := done + 1;
		END LOOP;
		PERFORM ledger.note_busy(p_city, who, at);
	END LOOP;
	RETURN done;
END $$;

-- The names of the rules (matcher/eligible.c) that forbid the pair, from the rows as they are.
-- Which counties touch is not known here: p_too_far is the mirror's answer to `distance`.
-- rules/eligibility
CREATE OR REPLACE FUNCTION ledger.ineligible_rules(s ledger.seeker, v ledger.vacancy,
	p_too_far boolean, p_today date)
RETURNS text[]
LANGUAGE plpgsql STABLE AS $$
DECLARE
	person ledger.person;
	now_is ledger.standing;
BEGIN
	SELECT * INTO person FROM ledger.person p WHERE p.city = s.city AND p.id = s.id;
	now_is := ledger.rank_at(s.city, person, p_today);
	RETURN array_remove(ARRAY[
		CASE WHEN NOT ledger.is_open(v.open, v.valid_until, p_today) OR v.filled >= v.posts
			THEN 'closed' END,
		CASE WHEN NOT s.active THEN 'inactive' END,
		CASE WHEN s.community / 100000000 <> v.place / 100000000 THEN 'city' END,
		CASE WHEN now_is.age_class = 1 THEN 'under-16' END,
		CASE WHEN NOT EXISTS (SELECT FROM unnest(s.wishes) w
			WHERE w / 1000000 = v.occupation / 1000000) THEN 'occupation' END,
		CASE WHEN s.education_rank < v.education_rank THEN 'education' END,
		CASE WHEN NOT ledger.ids_of(v.licences) <@ ledger.ids_of(s.licences) THEN 'licence' END,
		CASE WHEN s.shifts & v.shift = 0 AND s.shifts > 0 AND v.shift > 0 THEN 'shift' END,
		CASE WHEN s.forms & v.form = 0 AND s.forms > 0 AND v.form > 0 THEN 'form' END,
		CASE WHEN coalesce(p_too_far, s.farthest = 0 AND s.community <> v.place
			OR s.farthest = 1 AND s.community / 1000 <> v.place / 1000
			OR s.farthest = 2 AND s.community / 1000000 <> v.place / 1000000) THEN 'distance' END,
		CASE WHEN v.reserved AND now_is.rank > 3
			AND NOT (now_is.rank < 6 AND coalesce(v.released_on <= p_today, false))
			THEN 'reserved' END], NULL);
END $$;

-- A live referral as something that stands in the way; another agency's without what state it is
-- in and by which number.
CREATE OR REPLACE FUNCTION ledger.referral_hint(p_who api.caller, r ledger.referral) RETURNS jsonb
LANGUAGE sql STABLE AS $$
	SELECT jsonb_build_object('expires_at', ledger.instant(r.expires_at))
		|| CASE WHEN ledger.sees_referral(p_who, r)
			THEN jsonb_build_object('referral', r.id::text, 'state', r.state) ELSE '{}' END
$$;

-- rules/referral-caps
CREATE OR REPLACE FUNCTION ledger.refuse_cap(p_who api.caller, p_cap text, p_limit int,
	p_vacancy bigint, p_seeker bigint, p_at timestamptz)
RETURNS api.reply
LANGUAGE sql STABLE AS $$
	SELECT api.refuse(409, 'referral-cap', jsonb_build_object('cap', p_cap, 'limit', p_limit,
		'referrals', jsonb_agg(ledger.referral_hint(p_who, r.live)
			ORDER BY (r.live).expires_at, (r.live).id)))
	FROM (SELECT x AS live FROM ledger.referral x
		JOIN ledger.vacancy v ON v.city = x.city AND v.id = x.vacancy
			AND ledger.is_open(v.open, v.valid_until, ledger.legal_day(p_at))
		WHERE x.city = (p_who).city
		AND (x.vacancy = p_vacancy OR x.seeker = p_seeker) AND ledger.is_live(x.state)
		AND x.expires_at > p_at ORDER BY x.expires_at, x.id LIMIT 30) r
$$;

-- Those of p_people who come into question for the vacancy beside p_seeker: of p_rank or better
-- and waiting, not at three referrals, never referred to it (unless by a mistake, or while it
-- was another post), and, where ranks are seen, not found out of reach by the same organisation
-- this week.  Where they are not, what was recorded of somebody must not decide who is asked
-- about, since it tells who stood before.
-- rules/passing-over
CREATE OR REPLACE FUNCTION ledger.in_question(p_who api.caller, p_vacancy bigint, p_seeker bigint,
	p_people jsonb, p_rank int, p_sees_ranks boolean, p_at timestamptz)
RETURNS TABLE (seeker bigint, place int, district text)
LANGUAGE sql STABLE AS $$
	SELECT s.id, a.position, left(s.community::text, 6)
	FROM jsonb_to_recordset(p_people) a(seeker text, position int)
	JOIN ledger.seeker s ON s.city = p_who.city AND s.id = ledger.seeker_id(a.seeker)
	WHERE s.active AND s.rank <= p_rank AND s.id <> p_seeker AND s.merged_into IS NULL
	  AND ledger.live_referrals(p_who.city, s.id, p_at) < 3
	  AND NOT EXISTS (SELECT FROM ledger.referral r WHERE r.city = s.city AND r.seeker = s.id
		AND r.vacancy = p_vacancy AND NOT (r.state = 'withdrawn'
			AND r.reason IN ('mistake', 'vacancy_changed')))
	  AND NOT (p_sees_ranks AND EXISTS (SELECT FROM ledger.referral_passed p
		JOIN ledger.referral r ON r.city = p.city AND r.id = p.referral
		WHERE p.city = s.city AND p.seeker = s.id AND p.reason = 'unreachable'
		  AND r.by_whom = p_who.organisation AND r.made_at > p_at - interval '7 days'))
	ORDER BY a.position
$$;

-- How many of those before p_seeker still have a post if p_seeker takes one: free posts that no
-- live referral is for, less one.
-- rules/passing-over
CREATE OR REPLACE FUNCTION ledger.posts_beside(v ledger.vacancy, p_at timestamptz) RETURNS int
LANGUAGE sql STABLE AS $$
	SELECT greatest((v).posts - (v).filled - ledger.live_at_vacancy((v).city, (v).id, p_at) - 1, 0)
$$;

-- Who is passed over, if p_seeker is referred: the people before them (P1 or P2), in order, for
-- whom no post is left; p_given: those with a reason already, who stand aside.
CREATE OR REPLACE FUNCTION ledger.passed_over(p_who api.caller, v ledger.vacancy, p_seeker bigint,
	p_mirror jsonb, p_given jsonb, p_sees_ranks boolean, p_at timestamptz)
RETURNS TABLE (seeker bigint, place int, district text)
LANGUAGE sql STABLE AS $$
	SELECT o.seeker, o.place, o.district
	FROM ledger.in_question(p_who, (v).id, p_seeker, p_mirror->'ahead', 2, p_sees_ranks, p_at) o
	WHERE NOT p_given @> jsonb_build_array(jsonb_build_object(
		'seeker', ledger.seeker_text(o.seeker)))
	ORDER BY o.place OFFSET ledger.posts_beside(v, p_at)
$$;

-- Whether who sees no ranks must give a reason.  It hangs on nothing that differs between P1, P2
-- and P3: everybody else with priority who might come before counts, in whichever order, so
-- that neither a refusal nor its absence tells a rank.  p_mirror->'set': those people, and where
-- they stand in the list shown; p_before: of them only those before p_seeker there.
-- rules/passing-over, rules/masking
CREATE OR REPLACE FUNCTION ledger.might_pass_over(p_who api.caller, v ledger.vacancy,
	p_seeker bigint, p_mirror jsonb, p_before boolean, p_at timestamptz)
RETURNS boolean
LANGUAGE sql STABLE AS $$
	SELECT coalesce((p_mirror->>'cut')::boolean, false)
			AND NOT (p_before AND p_mirror ? 'position')
		OR count(*) > ledger.posts_beside(v, p_at)
	FROM ledger.in_question(p_who, (v).id, p_seeker, p_mirror->'set', 3, false, p_at) o
	WHERE NOT p_before OR NOT p_mirror ? 'position'
		OR o.place < (p_mirror->>'position')::int
$$;

-- What differs from what it was decided on, by name; the version as the caller is shown it.
CREATE OR REPLACE FUNCTION ledger.changed_since(s ledger.seeker, v ledger.vacancy, p_seen jsonb,
	p_sees_ranks boolean)
RETURNS text[]
LANGUAGE sql STABLE AS $$
	SELECT array_remove(ARRAY[
		CASE WHEN (p_seen->>'seeker_version')::bigint <> CASE WHEN p_sees_ranks THEN s.version
			ELSE (ledger.masked_json(s)->>'version')::bigint END THEN 'seeker' END,
		CASE WHEN (p_seen->>'vacancy_version')::bigint <> v.version THEN 'vacancy' END,
		CASE WHEN p_seen->>'rank' <> 'P' || s.rank THEN 'rank' END,
		CASE WHEN (p_seen->>'priority')::boolean <> (s.rank <= 3) THEN 'priority' END], NULL)
$$;

CREATE OR REPLACE FUNCTION ledger.referral_short(r ledger.referral) RETURNS jsonb
LANGUAGE sql STABLE AS $$
	SELECT jsonb_build_object('referral', r.id::text, 'version', r.version, 'state', r.state,
		'seeker', ledger.seeker_text(r.seeker), 'vacancy', r.vacancy::text,
		'employer', r.employer, 'expires_at', CASE WHEN ledger.is_live(r.state)
			THEN ledger.instant(r.expires_at) END, 'reason', r.reason,
		'placement', CASE WHEN r.state = 'placed' THEN r.placement::text END)
$$;

-- p_body: seeker, vacancy, note, decided_on, passed_over or passing_reason; p_mirror, the daemon's
-- own: ahead (seeker, position: in the statutory order), set and cut (for who sees no ranks: in
-- the order shown, and whether there may be more of them), too_far, and where the seeker stood in
-- the list shown: position, order, score, policy, seq.
-- rules/referrals
CREATE OR REPLACE FUNCTION ledger.create_referral(p_who api.caller, p_body jsonb, p_mirror jsonb)
RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	at     timestamptz := ledger.app_now(p_who.city);
	today  date := ledger.legal_day(at);
	her    bigint := ledger.seeker_id(p_body->>'seeker');
	a      api.reply := ledger.refuse_unlicensed(p_who);
	v      ledger.vacancy;
	s      ledger.seeker;
	r      ledger.referral;
	rules  text[];
	sees   boolean := NOT 'rank' = ANY (api.masked(p_who, 'referrals.create'));
	given  jsonb := coalesce(nullif(p_body->'passed_over', 'null'), '[]');
	why    text := p_body->>'passing_reason';
	people jsonb;
BEGIN
	IF a.status IS NOT NULL THEN
		RETURN a;
	ELSIF NOT sees AND p_body->'decided_on' ? 'rank' THEN -- who asks so, would be told
		RETURN ledger.refuse_fault(ledger.fault('/decided_on/rank', 'unknown-member', NULL,
			'priority', 'Only a bureau knows ranks.', '仅劳动保障部门可使用优先级。'));
	ELSIF NOT sees AND given <> '[]' THEN
		RETURN ledger.refuse_fault(ledger.fault('/passed_over', 'unknown-member', NULL,
			'passing_reason', 'Only a bureau knows who stands before; give one reason for all.',
			'只有劳动保障部门知道何人在前；请以 passing_reason 填写一项原因。'));
	ELSIF sees AND why IS NOT NULL THEN
		RETURN ledger.refuse_fault(ledger.fault('/passing_reason', 'unknown-member', NULL,
			'passed_over', 'A bureau gives the reason for each of those who stand before.',
			'劳动保障部门应对排在前面的人员逐一注明原因。'));
	END IF;
	SELECT * INTO v FROM ledger.vacancy x
		WHERE x.city = p_who.city AND x.id = ledger.row_id(p_body->>'vacancy') FOR NO KEY UPDATE;
	PERFORM ledger.lock_people(p_who.city, her);
	SELECT * INTO s FROM ledger.seeker x WHERE x.city = p_who.city AND x.id = her;
	IF v.id IS NULL THEN
		RETURN ledger.missing('/vacancy', p_body->>'vacancy');
	ELSIF s.id IS NULL OR NOT (ledger.in_scope(p_who.scope, s.community)
			OR ledger.in_scope(p_who.scope, v.place)) THEN
		RETURN ledger.missing('/seeker', p_body->>'seeker');
	ELSIF s.merged_into IS NOT NULL THEN
		RETURN api.refuse(410, 'seeker-merged', CASE WHEN p_who.role = 4 THEN
			jsonb_build_object('survivor', ledger.seeker_text(ledger.survivor(p_who.city, s.id)))
			ELSE '{}' END);
	END IF;
	SELECT * INTO r FROM ledger.referral x WHERE x.city = p_who.city AND x.vacancy = v.id
		AND x.seeker = s.id AND (x.state = 'placed' OR ledger.is_live(x.state)
		AND x.expires_at > at) ORDER BY x.id DESC LIMIT 1;
	IF r.id IS NOT NULL THEN
		RETURN api.refuse(409, 'already-referred', jsonb_build_object('state', r.state)
			|| CASE WHEN r.by_whom = p_who.organisation OR p_who.role = 4
				THEN jsonb_build_object('referral', r.id::text) ELSE '{}' END);
	END IF;
	rules := ledger.changed_since(s, v, p_body->'decided_on', sees);
	IF rules <> '{}' THEN
		RETURN api.refuse(409, 'changed-since', jsonb_build_object('changed', to_jsonb(rules)));
	END IF;
	rules := ledger.ineligible_rules(s, v, (p_mirror->>'too_far')::boolean, today);
	IF rules <> '{}' THEN
		RETURN api.refuse(409, 'not-eligible', jsonb_build_object('rules', to_jsonb(rules)));
	ELSIF ledger.live_referrals(p_who.city, s.id, at) >= 3 THEN
		RETURN ledger.refuse_cap(p_who, 'person', 3, NULL, s.id, at);
	ELSIF ledger.live_at_vacancy(p_who.city, v.id, at) >= 3 * (v.posts - v.filled) THEN
		RETURN ledger.refuse_cap(p_who, 'vacancy', 3 * (v.posts - v.filled), v.id, NULL, at);
	END IF;
	IF sees THEN
		SELECT jsonb_agg(jsonb_build_object('seeker', ledger.seeker_text(o.seeker),
				'district', o.district, 'position', o.place) ORDER BY o.place) INTO people
			FROM ledger.passed_over(p_who, v, s.id, p_mirror, given, sees, at) o;
		IF people IS NOT NULL THEN
			RETURN api.refuse(409, 'passed-over', jsonb_build_object('people', people));
		END IF;
	ELSIF ledger.might_pass_over(p_who, v, s.id, p_mirror, false, at) AND (why IS NULL
			OR why = 'list_order'
			AND ledger.might_pass_over(p_who, v, s.id, p_mirror, true, at)) THEN
		RETURN api.refuse(409, 'passed-over');
	END IF;
	-- Before this referral is one more that a post is kept for.
	SELECT jsonb_agg(jsonb_build_object('seeker', o.seeker, 'position', o.place)) INTO people
		FROM ledger.passed_over(p_who, v, s.id, p_mirror, '[]', sees, at) o WHERE why IS NOT NULL;

	INSERT INTO ledger.referral (city, seeker, vacancy, employer, made_at, expires_at, by_role,
			by_whom, kid, actor, rank, rank_reason, decided_on, note, passing_reason)
		SELECT p_who.city, s.id, v.id, e.code, at, at + interval '7 days', p_who.role,
			p_who.organisation, p_who.kid, p_who.actor, s.rank, s.rank_reason,
			coalesce(nullif(p_body->'decided_on', 'null'), '{}') || jsonb_build_object(
				'versions', jsonb_build_object('seeker', s.version, 'vacancy', v.version),
				'listed', p_mirror - 'ahead' - 'set' - 'cut' - 'too_far'), p_body->>'note', why
		FROM ledger.employer e WHERE e.city = p_who.city AND e.id = v.employer
		RETURNING * INTO r;
	-- Each with their own reason, or, from who sees no ranks, all that are passed over with one.
	INSERT INTO ledger.referral_passed (city, referral, seeker, position, reason)
		SELECT r.city, r.id, o.id, x.position, g->>'reason'
			FROM jsonb_to_recordset(p_mirror->'ahead') x(seeker text, position int)
			JOIN jsonb_array_elements(given) g ON g->>'seeker' = x.seeker
			JOIN ledger.seeker o ON o.city = r.city AND o.id = ledger.seeker_id(x.seeker)
			WHERE o.id <> s.id
		UNION ALL SELECT r.city, r.id, x.seeker, x.position, why
			FROM jsonb_to_recordset(people) x(seeker bigint, position int)
		ON CONFLICT DO NOTHING;
	PERFORM ledger.note_step(r, p_who, 'proposed', NULL, at);
	PERFORM ledger.note_busy(r.city, s.id, at);
	RETURN api.answer(201, ledger.referral_short(r));
END $$;

CREATE OR REPLACE FUNCTION api.create_referral(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_idem text, p_req bytea, p_body jsonb, p_mirror jsonb)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	a   api.reply  := api.admit_once(who, 'referrals.create', p_idem, p_req);
	no  api.reply;
BEGIN
	IF a.status IS NULL THEN
		a := ledger.create_referral(who, p_body, p_mirror);
	ELSIF a.label = 'replayed' THEN
		no := ledger.refuse_unlicensed(who);
		IF no.status IS NOT NULL THEN
			a := no;
		END IF;
	END IF;
	RETURN QUERY SELECT * FROM api.keep(who, p_idem, 'referral', a);
END $$;
