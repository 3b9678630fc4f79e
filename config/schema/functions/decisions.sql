-- What takes two hands, in one list: what waits for the second, since when, and who may be it; and
-- what was decided, and how soon.
--
-- It owns no rows: each kind is a part of ledger.decisions, which says where its rows stand.  Who
-- may decide, the kinds' own functions judge; this says the same of each.

-- A part a kind; `id` rises with time within one.  What is reported waits to be confirmed and to
-- be registered; what is registered without a confirmation waits no more.
CREATE OR REPLACE FUNCTION ledger.decisions()
RETURNS TABLE (city int, kind text, id bigint, object text, asked_at timestamptz, asked_kid text,
	asked_actor text, home bigint, place bigint, employer text, decision text,
	decided_at timestamptz, decided_kid text, decided_actor text)
LANGUAGE sql STABLE AS $$
	SELECT p.city, 'register', p.id, 'placement/' || p.id, p.reported_at, p.reported_kid,
		p.reported_actor, s.community, p.workplace, NULL::text, NULL::text, NULL::timestamptz,
		NULL::text, NULL::text
	FROM ledger.placement p
	JOIN ledger.city c ON c.city = p.city
	JOIN ledger.seeker s ON s.city = p.city AND s.id = p.seeker
	WHERE p.state IN ('reported', 'confirmed')
	  AND starts_with(p.workplace::text, c.prefix) IS NOT FALSE
	  AND NOT EXISTS (SELECT FROM ledger.voiding v WHERE v.city = p.city AND v.placement = p.id
		AND v.decision IS NULL)
	UNION ALL
	SELECT p.city, 'confirm', p.id, 'placement/' || p.id, p.reported_at, p.reported_kid,
		p.reported_actor, s.community, NULL, p.employer, NULL, NULL, NULL, NULL
	FROM ledger.placement p
	JOIN ledger.seeker s ON s.city = p.city AND s.id = p.seeker
	WHERE p.state = 'reported'
	UNION ALL
	SELECT g.city, CASE g.signal WHEN 'registration' THEN 'register' ELSE 'confirm' END, g.id,
		'placement/' || p.id, p.reported_at, p.reported_kid, p.reported_actor, s.community,
		CASE g.signal WHEN 'registration' THEN p.community END,
		CASE g.signal WHEN 'confirmation' THEN p.employer END, 'approve', g.at, g.kid, g.actor
	FROM ledger.placement_signal g
	JOIN ledger.placement p ON p.city = g.city AND p.id = g.placement
	JOIN ledger.seeker s ON s.city = p.city AND s.id = p.seeker
	WHERE g.signal IN ('registration', 'confirmation')
	UNION ALL
	SELECT v.city, v.what, v.id, 'placement/' || p.id, v.asked_at, v.asked_kid, v.asked_actor,
		s.community, p.community, NULL, v.decision, v.decided_at, v.decided_kid, v.decided_actor
	FROM ledger.voiding v
	JOIN ledger.placement p ON p.city = v.city AND p.id = v.placement
	JOIN ledger.seeker s ON s.city = p.city AND s.id = p.seeker
	UNION ALL
	SELECT e.city, 'end-household', e.id, 'household/' || h.id, e.asked_at, e.asked_kid,
		e.asked_actor, h.community, NULL, NULL, e.decision, e.decided_at, e.decided_kid,
		e.decided_actor
	FROM ledger.household_ending e
	JOIN ledger.household h ON h.city = e.city AND h.id = e.household
$$;

-- Those that this caller sees, as a condition on its rows `r`.
CREATE OR REPLACE FUNCTION ledger.decisions_seen(p_who api.caller) RETURNS text
LANGUAGE sql STABLE AS $$
	SELECT CASE p_who.role WHEN 1 THEN format('AND r.employer = ANY (%L)', p_who.employers)
		WHEN 8 THEN ''
		ELSE format('AND (r.home BETWEEN %1$L AND %2$L OR r.place BETWEEN %1$L AND %2$L)',
			ledger.scope_from(p_who.scope), ledger.scope_to(p_who.scope)) END
$$;

-- Whether the caller may be the second hand of what waits.
-- rules/decisions
CREATE OR REPLACE FUNCTION ledger.may_decide(p_who api.caller, p_kind text, p_id bigint,
	p_kid text, p_actor text)
RETURNS boolean
LANGUAGE sql STABLE AS $$
	SELECT coalesce((p_who.role = 4 AND p_who.officer IS NOT NULL
			OR p_who.role = 1 AND p_kind = 'confirm')
		AND NOT CASE p_kind
			WHEN 'register' THEN (SELECT ledger.is_own_report(p, p_who) FROM ledger.placement p
				WHERE p.city = p_who.city AND p.id = p_id)
			WHEN 'confirm' THEN (SELECT g.kid IS NULL OR ledger.same_hand(p_who, g.kid, g.actor, true)
				FROM ledger.placement p, ledger.report_to_confirm(p) g
				WHERE p.city = p_who.city AND p.id = p_id)
			ELSE ledger.same_hand(p_who, p_kid, p_actor) END, false)
$$;

CREATE OR REPLACE FUNCTION ledger.decision_json(p_who api.caller, p_kind text, p_decided boolean,
	p_ids bigint[])
RETURNS jsonb[]
LANGUAGE sql STABLE AS $$
	SELECT array_agg(jsonb_build_object('kind', r.kind, 'object', r.object,
			'since', ledger.instant(r.asked_at),
			'asked_by', nullif(split_part(r.asked_actor, '/', 1), ''),
			'organisation', coalesce(k.org_code, k.org_name),
			'decision', r.decision, 'decided_at', ledger.instant(r.decided_at),
			'decided_by', nullif(split_part(r.decided_actor, '/', 1), ''),
			'decided_after_seconds', w.seconds, 'quick', w.seconds <= (ledger.policy_on(r.city,
				ledger.legal_day(r.decided_at))).quick_seconds,
			'deciders', CASE WHEN NOT p_decided THEN jsonb_build_object(
				'roles', CASE WHEN r.employer IS NOT NULL THEN '["employer", "bureau"]'::jsonb
					ELSE '["bureau"]' END,
				'divisions', to_jsonb(array_remove(ARRAY[r.home::text,
					nullif(r.place, r.home)::text], NULL)),
				'except', to_jsonb(ledger.hands_of(r.asked_actor)),
				'you', ledger.may_decide(p_who, r.kind, r.id, r.asked_kid, r.asked_actor))
				- api.masked(p_who, 'decisions.list') END)
		ORDER BY CASE WHEN p_decided THEN -r.id ELSE r.id END)
	FROM ledger.decisions() r
	LEFT JOIN ledger.api_key k ON k.city = r.city AND k.kid = r.asked_kid,
	LATERAL (SELECT CASE WHEN r.decided_at >= r.asked_at
		THEN extract(epoch FROM r.decided_at - r.asked_at)::bigint END AS seconds) w
	WHERE r.city = p_who.city AND r.kind = p_kind AND (r.decided_at IS NOT NULL) = p_decided
	  AND r.id = ANY (p_ids)
$$;

-- A kind after the other; what waits longest first, what was decided last first.  p_after_kind:
-- which kind the page before came to, counted from 1; p_after: and how far, 0: not begun.
CREATE OR REPLACE FUNCTION api.list_decisions(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_decided boolean, p_kind text, p_quick boolean, p_limit int, p_after_kind bigint,
	p_after bigint)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
	SET enable_seqscan = off AS $$
DECLARE
	kinds text[]    := '{register,confirm,void,undo,record,end-household}';
	who   api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	a     api.reply := api.admit(who, 'decisions.list');
	items jsonb[]   := '{}';
	last  text[];
	page  record;
BEGIN
	FOR n IN coalesce(p_after_kind, 1) .. cardinality(kinds) LOOP
		EXIT WHEN a.status IS NOT NULL OR last IS NOT NULL;
		CONTINUE WHEN kinds[n] <> p_kind;
		IF cardinality(items) = p_limit THEN
			last := ARRAY[n::text, '0'];
			EXIT;
		END IF;
		page := ledger.page_ids(p_city, 'ledger.decisions() r', format('AND r.kind = %L AND '
				'r.decided_at IS %sNULL', kinds[n], CASE WHEN p_decided THEN 'NOT ' ELSE '' END),
			ledger.decisions_seen(who) || CASE WHEN p_quick IS NOT NULL THEN format('AND '
				'coalesce(extract(epoch FROM r.decided_at - r.asked_at) BETWEEN 0 AND %s, false) = %L',
				(ledger.policy_on(p_city, ledger.today(p_city))).quick_seconds, p_quick) ELSE '' END,
			p_decided, CASE WHEN n = p_after_kind THEN nullif(p_after, 0) END,
			p_limit - cardinality(items), 20000);
		items := items || coalesce(ledger.decision_json(who, kinds[n], p_decided, page.ids), '{}');
		last := CASE WHEN page.next IS NOT NULL THEN n::text || page.next END;
	END LOOP;
	RETURN NEXT CASE WHEN a.status IS NULL
		THEN api.page(jsonb_build_object('items', to_jsonb(items)), last) ELSE a END;
END $$;
