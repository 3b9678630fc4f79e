-- What takes two hands, in one list: what waits for the second, since when, and who may be it; and
-- what was decided, and how soon.
--
-- It owns no rows.  Each kind is a row of ledger.decision_kinds, which names where those that wait
-- and those that were decided are found; `id` rises with time within one.  Employers have part in
-- one kind only.  Who may decide, the kinds' own functions judge; this says the same of each.

CREATE OR REPLACE FUNCTION ledger.decision_kinds()
RETURNS TABLE (n int, kind text, employers boolean, waiting text, decided text)
LANGUAGE sql IMMUTABLE AS $$
	VALUES (1, 'register', false, 'to_register()', 'signals_given(''registration'')'),
		(2, 'confirm', true, 'to_confirm()', 'signals_given(''confirmation'')'),
		(3, 'void', false, 'voidings_asked()', 'voidings_asked()'),
		(4, 'undo', false, 'voidings_asked()', 'voidings_asked()'),
		(5, 'record', false, 'voidings_asked()', 'voidings_asked()'),
		(6, 'end-household', false, 'endings_asked()', 'endings_asked()'),
		(7, 'lot', false, 'lots_asked()', 'lots_asked()')
$$;

-- What hangs on a row is looked up for that row (OFFSET 0), so a page reads what it looks at.
CREATE OR REPLACE FUNCTION ledger.to_register() RETURNS SETOF ledger.decision
LANGUAGE sql STABLE AS $$
	SELECT p.city, 'register'::text, p.id, 'placement/' || p.id, p.reported_at, p.reported_kid,
		p.reported_actor, s.community, p.workplace, NULL::text, NULL::text, NULL::timestamptz,
		NULL::text, NULL::text
	FROM ledger.placement p
	CROSS JOIN LATERAL (SELECT x.community FROM ledger.seeker x
		WHERE x.city = p.city AND x.id = p.seeker OFFSET 0) s
	WHERE p.state IN ('reported', 'confirmed') AND starts_with(p.workplace::text,
		(SELECT c.prefix FROM ledger.city c WHERE c.city = p.city)) IS NOT FALSE
	  AND NOT EXISTS (SELECT FROM ledger.voiding v WHERE v.city = p.city AND v.placement = p.id
		AND v.decision IS NULL OFFSET 0)
$$;

-- What is registered without a confirmation waits for none any more.
CREATE OR REPLACE FUNCTION ledger.to_confirm() RETURNS SETOF ledger.decision
LANGUAGE sql STABLE AS $$
	SELECT p.city, 'confirm'::text, p.id, 'placement/' || p.id, p.reported_at, p.reported_kid,
		p.reported_actor, s.community, NULL::bigint, p.employer, NULL::text, NULL::timestamptz,
		NULL::text, NULL::text
	FROM ledger.placement p
	CROSS JOIN LATERAL (SELECT x.community FROM ledger.seeker x
		WHERE x.city = p.city AND x.id = p.seeker OFFSET 0) s
	WHERE p.state = 'reported'
$$;

CREATE OR REPLACE FUNCTION ledger.signals_given(p_signal text) RETURNS SETOF ledger.decision
LANGUAGE sql STABLE AS $$
	SELECT g.city, CASE p_signal WHEN 'registration' THEN 'register' ELSE 'confirm' END, g.id, 'placement/' || p.id, p.reported_at,
		p.reported_kid, p.reported_actor, s.community,
		CASE p_signal WHEN 'registration' THEN p.community END,
		CASE p_signal WHEN 'confirmation' THEN p.employer END, 'approve'::text, g.at, g.kid, g.actor
	FROM ledger.placement_signal g
	CROSS JOIN LATERAL (SELECT x.* FROM ledger.placement x
		WHERE x.city = g.city AND x.id = g.placement OFFSET 0) p
	CROSS JOIN LATERAL (SELECT x.community FROM ledger.seeker x
		WHERE x.city = p.city AND x.id = p.seeker OFFSET 0) s
	WHERE g.signal = p_signal
$$;

CREATE OR REPLACE FUNCTION ledger.voidings_asked() RETURNS SETOF ledger.decision
LANGUAGE sql STABLE AS $$
	SELECT v.city, v.what, v.id, 'placement/' || p.id, v.asked_at, v.asked_kid, v.asked_actor,
		s.community, p.community, NULL::text, v.decision, v.decided_at, v.decided_kid,
		v.decided_actor
	FROM ledger.voiding v
	CROSS JOIN LATERAL (SELECT x.* FROM ledger.placement x
		WHERE x.city = v.city AND x.id = v.placement OFFSET 0) p
	CROSS JOIN LATERAL (SELECT x.community FROM ledger.seeker x
		WHERE x.city = p.city AND x.id = p.seeker OFFSET 0) s
$$;

CREATE OR REPLACE FUNCTION ledger.endings_asked() RETURNS SETOF ledger.decision
LANGUAGE sql STABLE AS $$
	SELECT e.city, 'end-household'::text, e.id, 'household/' || h.id, e.asked_at, e.asked_kid,
		e.asked_actor, h.community, NULL::bigint, NULL::text, e.decision, e.decided_at,
		e.decided_kid, e.decided_actor
	FROM ledger.household_ending e
	CROSS JOIN LATERAL (SELECT x.* FROM ledger.household x
		WHERE x.city = e.city AND x.id = e.household OFFSET 0) h
$$;

-- Those that this caller sees, as a condition on its rows `r`.  A lot lies in many places: whoever
-- has one of them in their scope sees it.
CREATE OR REPLACE FUNCTION ledger.decisions_seen(p_who api.caller) RETURNS text
LANGUAGE sql STABLE AS $$
	SELECT CASE p_who.role WHEN 1 THEN format('AND ledger.org_of(r.employer) = ANY (%L)',
			ARRAY(SELECT ledger.org_of(x) FROM unnest(p_who.employers) x))
		ELSE format('AND (r.home BETWEEN %1$L AND %2$L OR r.place BETWEEN %1$L AND %2$L '
			'OR r.kind = ''lot'' AND ledger.sees_lot(%3$L, r.city, r.id))',
			ledger.scope_from(p_who.scope), ledger.scope_to(p_who.scope), p_who.scope) END
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
			WHEN 'lot' THEN (SELECT NOT ledger.may_decide_lot(p_who, l) FROM ledger.lot l
				WHERE l.city = p_who.city AND l.id = p_id)
			ELSE ledger.same_hand(p_who, p_kid, p_actor) END, false)
$$;

-- How long after its asking something was decided, in whole seconds as they are shown, and whether
-- that is quick by the policy of the day of the decision; unknown when it was asked again since.
-- rules/decisions
CREATE OR REPLACE FUNCTION ledger.decision_pace(p_city int, p_asked timestamptz,
	p_decided timestamptz, OUT seconds bigint, OUT quick boolean)
LANGUAGE sql STABLE AS $$
	SELECT w.seconds, w.seconds <= (ledger.policy_on(p_city,
		ledger.legal_day(p_decided))).quick_seconds
	FROM (SELECT CASE WHEN p_decided >= p_asked
		THEN extract(epoch FROM p_decided - p_asked)::bigint END AS seconds) w
$$;

CREATE OR REPLACE FUNCTION ledger.decision_json(p_who api.caller, r ledger.decision) RETURNS jsonb
LANGUAGE sql STABLE AS $$
	SELECT jsonb_build_object('kind', r.kind, 'object', r.object,
		'since', ledger.instant(r.asked_at),
		'asked_by', nullif(split_part(r.asked_actor, '/', 1), ''),
		'organisation', (SELECT ledger.organisation_of(k) FROM ledger.api_key k
			WHERE k.city = r.city AND k.kid = r.asked_kid),
		'decision', r.decision, 'decided_at', ledger.instant(r.decided_at),
		'decided_by', nullif(split_part(r.decided_actor, '/', 1), ''),
		'decided_after_seconds', w.seconds, 'quick', w.quick,
		'deciders', CASE WHEN r.decision IS NULL THEN jsonb_build_object(
			'roles', CASE WHEN r.employer IS NOT NULL THEN '["employer", "bureau"]'::jsonb
				ELSE '["bureau"]' END,
			'divisions', to_jsonb(array_remove(ARRAY[r.home::text,
				nullif(r.place, r.home)::text], NULL)),
			'except', to_jsonb(ledger.hands_of(r.asked_actor)),
			'you', ledger.may_decide(p_who, r.kind, r.id, r.asked_kid, r.asked_actor))
			- api.masked(p_who, 'decisions.list') END)
	FROM ledger.decision_pace(r.city, r.asked_at, r.decided_at) w
$$;

-- A kind after the other; what waits longest first, what was decided last first.  p_after_kind:
-- which kind the page before came to; p_after: and how far, 0: not begun.
CREATE OR REPLACE FUNCTION api.list_decisions(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_decided boolean, p_kind text, p_quick boolean, p_limit int, p_after_kind bigint,
	p_after bigint)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
	SET enable_seqscan = off AS $$
DECLARE
	who   api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	a     api.reply  := api.admit(who, 'decisions.list');
	items jsonb[]    := '{}';
	found jsonb[];
	k     record;
	page  record;
	last  text[];
BEGIN
	IF a.status IS NOT NULL THEN
		RETURN NEXT a;
		RETURN;
	END IF;
	FOR k IN SELECT x.n, x.kind, 'ledger.' || CASE WHEN p_decided THEN x.decided
				ELSE x.waiting END || ' r' AS source
			FROM ledger.decision_kinds() x WHERE x.n >= coalesce(p_after_kind, 1)
			  AND (who.role <> 1 OR x.employers) AND (p_kind IS NULL OR x.kind = p_kind) ORDER BY x.n LOOP
		IF cardinality(items) = p_limit THEN
			last := ARRAY[k.n::text, '0'];
			EXIT;
		END IF;
		page := ledger.page_ids(p_city, k.source, format('AND r.kind = %L AND r.decision IS %sNULL',
				k.kind, CASE WHEN p_decided THEN 'NOT ' ELSE '' END),
			ledger.decisions_seen(who) || CASE WHEN p_quick IS NOT NULL THEN format('AND '
				'coalesce((ledger.decision_pace(r.city, r.asked_at, r.decided_at)).quick, false) = %L',
				p_quick) ELSE '' END,
			p_decided, CASE WHEN k.n = p_after_kind THEN nullif(p_after, 0) END,
			p_limit - cardinality(items), 20000);
		EXECUTE format('SELECT array_agg(ledger.decision_json($1, r) ORDER BY r.id %s) FROM %s '
				'WHERE r.city = $2 AND r.kind = $3 AND r.id = ANY ($4)',
			CASE WHEN p_decided THEN 'DESC' ELSE '' END, k.source)
			INTO found USING who, p_city, k.kind, page.ids;
		items := items || coalesce(found, '{}');
		last := CASE WHEN page.next IS NOT NULL THEN k.n::text || page.next END;
		EXIT WHEN last IS NOT NULL;
	END LOOP;
	RETURN NEXT api.page(jsonb_build_object('items', to_jsonb(items)), last);
END $$;
