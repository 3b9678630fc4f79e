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

-- Newest first.  p_live: those that are, or are not, live at this moment.
CREATE OR REPLACE FUNCTION api.list_referrals(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_state text, p_live boolean, p_seeker bigint, p_vacancy bigint, p_limit int, p_before bigint)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
	SET enable_seqscan = off AS $$
DECLARE
	who    api.caller  := api.principal(p_city, p_kid, p_hash, p_actor);
	a      api.reply   := api.admit(who, 'referrals.read');
	at     timestamptz := ledger.app_now(p_city);
	masked text[];
	page   record;
BEGIN
	IF a.status IS NOT NULL THEN
		RETURN NEXT a;
		RETURN;
	END IF;
	masked := api.masked(who, 'referrals.read');
	page := ledger.page_ids(p_city, 'ledger.referral r', CASE who.role
			WHEN 1 THEN format('AND r.employer = ANY (%L)', who.employers)
			WHEN 2 THEN format('AND r.by_role = 2 AND r.by_whom = %L', who.organisation) ELSE '' END
		|| CASE WHEN p_seeker IS NOT NULL THEN format(' AND r.seeker = %L', p_seeker) ELSE '' END
		|| CASE WHEN p_vacancy IS NOT NULL THEN format(' AND r.vacancy = %L', p_vacancy) ELSE '' END,
		CASE WHEN p_state IS NOT NULL THEN format(
			'AND ledger.referral_state(r.state, r.expires_at, %L) = %L', at, p_state) ELSE '' END
		|| CASE WHEN p_live IS NOT NULL THEN format(
			' AND (ledger.is_live(r.state) AND r.expires_at > %L) = %L', at, p_live) ELSE '' END
		|| CASE WHEN who.role IN (4, 8) THEN format(' AND (r.community BETWEEN %1$L AND %2$L'
			' OR r.place BETWEEN %1$L AND %2$L)', ledger.scope_from(who.scope),
			ledger.scope_to(who.scope)) ELSE '' END,
		true, p_before, p_limit, 20000);
	RETURN NEXT (SELECT api.page(jsonb_build_object('items', coalesce(jsonb_agg(
				ledger.referral_json(r) - masked ORDER BY r.id DESC), '[]')), page.next)
		FROM ledger.referral r WHERE r.city = p_city AND r.id = ANY (page.ids));
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

-- What a summary counts: from the index alone, a row for each name and set of steps.  A referral
-- is placed while its placement is not void; the void ones are few, are counted apart, and are
-- taken off.
CREATE OR REPLACE FUNCTION ledger.referral_sums(p_who api.caller, p_by text, p_from timestamptz,
	p_to timestamptz)
RETURNS TABLE (name text, reached int, n bigint)
LANGUAGE plpgsql STABLE SET jit = off SET enable_seqscan = off AS $$
DECLARE
	asked text := CASE p_who.role WHEN 1 THEN 'r.employer = ANY ($4)'
		WHEN 2 THEN 'r.by_role = 2 AND r.by_whom = $5'
		ELSE '(r.community BETWEEN $6 AND $7 OR r.place BETWEEN $6 AND $7)' END || ' AND r.city = $1 AND r.made_at >= $2 AND r.made_at < $3';
	name  text := CASE p_by WHEN 'rank' THEN 'r.rank' ELSE 'r.by_whom' END;
BEGIN
	RETURN QUERY EXECUTE 'SELECT ' || name || '::text, r.reached, count(*)'
			' FROM ledger.referral r WHERE ' || asked || ' GROUP BY ' || name || ', r.reached'
		' UNION ALL SELECT ' || name || '::text, 16, -count(*) FROM ledger.placement p'
			' JOIN ledger.referral r ON r.city = p.city AND r.seeker = p.seeker AND r.placement = p.id'
			' WHERE p.city = $1 AND p.state = ''void'' AND r.state = ''placed'' AND ' || asked
			|| ' GROUP BY ' || name
		USING p_who.city, p_from, p_to, p_who.employers, p_who.organisation,
			ledger.scope_from(p_who.scope), ledger.scope_to(p_who.scope);
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
			FROM (SELECT CASE WHEN p_by <> 'rank' THEN s.name
						-- One day with one referral would tell its rank, and so the household.
						WHEN who.role = 2 AND s.name <= '3' THEN 'P1-P3'
						WHEN who.role = 2 THEN 'P4-P6' ELSE 'P' || s.name END AS name,
					sum(s.n) FILTER (WHERE s.n > 0) AS referred,
					coalesce(sum(s.n) FILTER (WHERE s.reached & 1 > 0), 0) AS consented,
					coalesce(sum(s.n) FILTER (WHERE s.reached & 2 > 0), 0) AS accepted,
					coalesce(sum(s.n) FILTER (WHERE s.reached & 4 > 0), 0) AS interviewed,
					coalesce(sum(s.n) FILTER (WHERE s.reached & 8 > 0), 0) AS offered,
					coalesce(sum(s.n) FILTER (WHERE s.reached & 16 > 0), 0) AS placed
				FROM ledger.referral_sums(who, p_by, first::timestamp AT TIME ZONE 'Asia/Shanghai',
					(last + 1)::timestamp AT TIME ZONE 'Asia/Shanghai') s
				GROUP BY 1) g;
		a := api.answer(200, jsonb_build_object('from', first, 'until', last, 'by', p_by,
			'hidden_under', least, 'items', items));
	END IF;
	RETURN NEXT a;
END $$;
