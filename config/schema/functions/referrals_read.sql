-- Referrals as they are read, and what came of them all.
--
-- An employer sees a pseudonym until the seeker has consented to be referred to it; then a
-- look at their name and telephone, by the referral, is written down like any other.

CREATE OR REPLACE FUNCTION ledger.referral_json(r ledger.referral) RETURNS jsonb
LANGUAGE sql STABLE AS $$
	SELECT ledger.referral_short(r) || jsonb_build_object('state', st.now,
		'expires_at', CASE WHEN ledger.is_live(st.now) THEN ledger.instant(r.expires_at) END,
		'made_at', ledger.instant(r.made_at),
		'by', jsonb_build_object('role', ledger.role_name(r.by_role), 'organisation', r.by_whom),
		'rank', 'P' || r.rank, 'priority', r.rank <= 3, 'decided_on', r.decided_on,
		'note', r.note, 'consent', CASE WHEN r.consented_at IS NOT NULL THEN jsonb_build_object(
			'how', r.consent_how, 'at', ledger.instant(r.consented_at)) END,
		'passing_reason', r.passing_reason, 'passed_over', (SELECT coalesce(jsonb_agg(jsonb_build_object(
				'seeker', ledger.seeker_text(p.seeker), 'position', p.position,
				'reason', p.reason) ORDER BY p.position), '[]')
			FROM ledger.referral_passed p WHERE p.city = r.city AND p.referral = r.id),
		'steps', (SELECT jsonb_agg(jsonb_build_object('state', s.state, 'reason', s.reason,
				'at', ledger.instant(s.at), 'organisation', s.by_whom) ORDER BY s.n)
			FROM ledger.referral_step s WHERE s.city = r.city AND s.referral = r.id))
	FROM (SELECT ledger.referral_state(r.state, r.expires_at, ledger.app_now(r.city)) AS now) st
$$;

CREATE OR REPLACE FUNCTION api.read_referral(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_id bigint)
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

-- Newest first.  p_live: those that are, or are not, live at this moment.  A page looks at no
-- more than 20,000 of those that the caller's role and the ids asked for leave: with a rare
-- state, or for a small place, it may be short, and the cursor goes on from where it stopped.
CREATE OR REPLACE FUNCTION api.list_referrals(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_state text, p_live boolean, p_seeker bigint, p_vacancy bigint, p_limit int, p_before bigint)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
	SET plan_cache_mode = force_custom_plan SET jit = off SET enable_seqscan = off AS $$
DECLARE
	who    api.caller  := api.principal(p_city, p_kid, p_hash, p_actor);
	a      api.reply   := api.admit(who, 'referrals.read');
	at     timestamptz := ledger.app_now(p_city);
	reach  int         := 20000;
	ids    bigint[];
	next   bigint;
	masked text[];
BEGIN
	IF a.status IS NOT NULL THEN
		RETURN NEXT a;
		RETURN;
	END IF;
	masked := api.masked(who, 'referrals.read');
	SELECT array_agg(x.id ORDER BY x.id DESC) INTO ids
		FROM (SELECT r.id
			FROM (SELECT * FROM ledger.referral l
				WHERE l.city = p_city AND (p_before IS NULL OR l.id < p_before)
				  AND (who.role <> 1 OR l.employer = ANY (who.employers))
				  AND (who.role <> 2 OR l.by_role = 2 AND l.by_whom = who.organisation)
				  AND (p_seeker IS NULL OR l.seeker = p_seeker)
				  AND (p_vacancy IS NULL OR l.vacancy = p_vacancy)
				ORDER BY l.id DESC LIMIT reach) r
			WHERE (p_state IS NULL OR p_state = ledger.referral_state(r.state, r.expires_at, at))
			  AND (p_live IS NULL OR p_live = (ledger.is_live(r.state) AND r.expires_at > at))
			  AND (who.role <> 4 OR ledger.in_scope(who.scope, (SELECT s.community
					FROM ledger.seeker s WHERE s.city = p_city AND s.id = r.seeker))
				OR ledger.in_scope(who.scope, (SELECT v.place
					FROM ledger.vacancy v WHERE v.city = p_city AND v.id = r.vacancy)))
			ORDER BY r.id DESC LIMIT p_limit + 1) x;
	IF cardinality(ids) > p_limit THEN
		next := ids[p_limit];
	ELSE
		SELECT l.id INTO next FROM ledger.referral l
			WHERE l.city = p_city AND (p_before IS NULL OR l.id < p_before)
			  AND (who.role <> 1 OR l.employer = ANY (who.employers))
			  AND (who.role <> 2 OR l.by_role = 2 AND l.by_whom = who.organisation)
			  AND (p_seeker IS NULL OR l.seeker = p_seeker)
			  AND (p_vacancy IS NULL OR l.vacancy = p_vacancy)
			ORDER BY l.id DESC OFFSET reach - 1 LIMIT 1;
	END IF;
	RETURN NEXT (SELECT api.page(jsonb_build_object('items', coalesce(jsonb_agg(
				ledger.referral_json(r) - masked ORDER BY r.id DESC), '[]')),
			CASE WHEN next IS NOT NULL THEN ARRAY[next::text] END)
		FROM ledger.referral r WHERE r.city = p_city AND r.id = ANY (ids[1:p_limit]));
END $$;

-- Her name and telephone, to whoever she has consented to be introduced by, or to; the look is
-- kept with the referral that is its reason.
CREATE OR REPLACE FUNCTION api.read_referral_person(p_city int, p_kid text, p_hash bytea,
	p_actor text, p_id bigint)
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

-- Referred -> interviewed -> placed, by rank or by who referred.  A cell under five is not shown
-- to anybody but a bureau.
CREATE OR REPLACE FUNCTION api.summarise_referrals(p_city int, p_kid text, p_hash bytea,
	p_actor text, p_from date, p_to date, p_by text)
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
				  AND CASE who.role WHEN 1 THEN r.employer = ANY (who.employers)
					WHEN 2 THEN r.by_role = 2 AND r.by_whom = who.organisation
					WHEN 4 THEN ledger.in_scope(who.scope, (SELECT s.community
							FROM ledger.seeker s WHERE s.city = p_city AND s.id = r.seeker))
						OR ledger.in_scope(who.scope, (SELECT v.place
							FROM ledger.vacancy v WHERE v.city = p_city AND v.id = r.vacancy))
					ELSE true END
				GROUP BY 1) g;
		a := api.answer(200, jsonb_build_object('from', first, 'to', last, 'by', p_by,
			'hidden_under', least, 'items', items));
	END IF;
	RETURN NEXT a;
END $$;
