-- Lots: what an import by a bureau's officer made, and the second officer who decides about all of
-- it at once.
--
-- A record comes into its import's lot in the batch that makes it; lots_whole.sql says when nothing
-- does any more.  A decision is one row: counts read it (ledger.uncounted), and what else it does to
-- records lots_settled.sql does by and by.  The three kinds that there are stand in one list; all
-- else here is the same for any.

-- Which imports make lots, what a record of one is called, and whether an approval does anything
-- to it.
CREATE OR REPLACE FUNCTION ledger.lot_kinds()
RETURNS TABLE (kind text, member text, acts boolean)
LANGUAGE sql IMMUTABLE AS $$
	VALUES ('seekers', 'seeker', false), ('households', 'household', false),
		('placements', 'placement', true)
$$;

-- Where records lie: a placement where its seeker lives.
CREATE OR REPLACE FUNCTION ledger.lot_places(p_city int, p_kind text, p_objects bigint[])
RETURNS TABLE (object bigint, place bigint)
LANGUAGE sql STABLE AS $$
	SELECT s.id, s.community FROM ledger.seeker s
		WHERE p_kind = 'seekers' AND s.city = p_city AND s.id = ANY (p_objects)
	UNION ALL SELECT h.id, h.community FROM ledger.household h
		WHERE p_kind = 'households' AND h.city = p_city AND h.id = ANY (p_objects)
	UNION ALL SELECT p.id, s.community FROM ledger.placement p
		JOIN ledger.seeker s ON s.city = p.city AND s.id = p.seeker
		WHERE p_kind = 'placements' AND p.city = p_city AND p.id = ANY (p_objects)
$$;

CREATE OR REPLACE FUNCTION ledger.lot_object(p_kind text, p_object bigint) RETURNS text
LANGUAGE sql STABLE AS $$
	SELECT k.member || '/' || CASE k.kind WHEN 'seekers' THEN ledger.seeker_text(p_object)
		ELSE p_object::text END FROM ledger.lot_kinds() k WHERE k.kind = p_kind
$$;

-- What a batch has made goes into the lot of its import, whose row the caller holds.  Whoever
-- stood behind the officer in any of its batches is a hand of it.
-- rules/lots
CREATE OR REPLACE FUNCTION ledger.add_to_lot(p_who api.caller, p_import ledger.import,
	p_receipts jsonb)
RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	made bigint[];
	l    ledger.lot;
BEGIN
	IF p_who.role <> 4 OR p_who.officer IS NULL THEN
		RETURN;
	END IF;
	SELECT array_agg(CASE k.kind WHEN 'seekers' THEN ledger.seeker_id(r.receipt->1->>k.member)
			ELSE (r.receipt->1->>k.member)::bigint END ORDER BY r.n)
		INTO made FROM ledger.lot_kinds() k, jsonb_array_elements(p_receipts)
			WITH ORDINALITY r(receipt, n)
		WHERE k.kind = p_import.kind AND r.receipt->>0 = 'added';
	IF made IS NULL THEN
		RETURN;
	END IF;
	INSERT INTO ledger.lot (city, kind, first_kid, import, asked_at, asked_kid, asked_actor)
		VALUES (p_who.city, p_import.kind, p_import.first_kid, p_import.name,
			ledger.app_now(p_who.city), p_who.kid, p_who.actor)
		ON CONFLICT (city, first_kid, import) DO UPDATE SET asked_actor = ledger.actor_of(
			split_part(lot.asked_actor, '/', 1), split_part(lot.asked_actor, '/', 2),
			ARRAY(SELECT DISTINCT h FROM unnest(ledger.hands_of(lot.asked_actor)
				|| ledger.hands_of(EXCLUDED.asked_actor)) h ORDER BY h))
		RETURNING * INTO l;
	WITH those AS MATERIALIZED (
		SELECT l.records + m.n AS n, m.object, p.place FROM unnest(made) WITH ORDINALITY m(object, n)
			JOIN ledger.lot_places(l.city, l.kind, made) p ON p.object = m.object
	), kept AS (
		INSERT INTO ledger.lot_record (city, lot, n, object, place)
			SELECT l.city, l.id, t.n, t.object, t.place FROM those t
	)
	INSERT INTO ledger.lot_place (city, lot, place, records)
		SELECT l.city, l.id, t.place, count(*) FROM those t GROUP BY t.place
		ON CONFLICT (city, lot, place) DO UPDATE SET records = lot_place.records + EXCLUDED.records;
	UPDATE ledger.lot x SET records = x.records + cardinality(made)
		WHERE x.city = l.city AND x.id = l.id;
END $$;

CREATE OR REPLACE FUNCTION ledger.lot_of(p_import ledger.import) RETURNS ledger.lot
LANGUAGE sql STABLE AS $$
	SELECT l FROM ledger.lot l WHERE l.city = p_import.city
		AND l.first_kid = p_import.first_kid AND l.import = p_import.name
$$;

-- What does not count on a day, and by which rule: what was first registered in a lot that was not
-- approved by then.  Who was withdrawn out of a refused one and registered again by an officer
-- stands in it no more.  Whoever asks about one says so behind it, by `object`, and reads no other
-- record.
-- rules/lots
CREATE OR REPLACE FUNCTION ledger.uncounted(p_city int, p_kind text, p_as_of date)
RETURNS TABLE (object bigint, rule text)
LANGUAGE sql STABLE AS $$
	SELECT r.object, CASE WHEN l.decision = 'refuse' AND ledger.legal_day(l.decided_at) <= p_as_of
		THEN 'lot-refused' ELSE 'lot-undecided' END
	FROM ledger.lot l JOIN ledger.lot_record r ON r.city = l.city AND r.lot = l.id
	WHERE l.city = p_city AND l.kind = p_kind
	  AND (l.decision = 'approve' AND ledger.legal_day(l.decided_at) <= p_as_of) IS NOT TRUE
	  AND NOT (l.decision = 'refuse' AND l.kind = 'seekers' AND EXISTS (SELECT FROM ledger.seeker s
		WHERE s.city = r.city AND s.id = r.object AND s.returned_on <= p_as_of))
$$;

-- The smallest division that holds all of it.
CREATE OR REPLACE FUNCTION ledger.lot_division(p_city int, p_lot bigint) RETURNS bigint
LANGUAGE sql STABLE AS $$
	SELECT left(x.low, n)::bigint FROM (SELECT min(p.place)::text AS low, max(p.place)::text AS high
			FROM ledger.lot_place p WHERE p.city = p_city AND p.lot = p_lot) x,
		unnest('{12,9,6,4}'::int[]) n
	WHERE left(x.low, n) = left(x.high, n) ORDER BY n DESC LIMIT 1
$$;

-- Whoever has something of it in their scope.
CREATE OR REPLACE FUNCTION ledger.sees_lot(p_scope text, p_city int, p_lot bigint) RETURNS boolean
LANGUAGE sql STABLE AS $$
	SELECT EXISTS (SELECT FROM ledger.lot_place p WHERE p.city = p_city AND p.lot = p_lot
		AND p.place BETWEEN ledger.scope_from(p_scope) AND ledger.scope_to(p_scope))
$$;

CREATE OR REPLACE FUNCTION ledger.lot_outside(p_scope text, p_city int, p_lot bigint)
RETURNS bigint
LANGUAGE sql STABLE AS $$
	SELECT coalesce(sum(p.records), 0)::bigint FROM ledger.lot_place p
	WHERE p.city = p_city AND p.lot = p_lot
	  AND p.place NOT BETWEEN ledger.scope_from(p_scope) AND ledger.scope_to(p_scope)
$$;

-- Whether the caller may be the second hand of a lot.
-- rules/lots, rules/two-hands
CREATE OR REPLACE FUNCTION ledger.may_decide_lot(p_who api.caller, l ledger.lot) RETURNS boolean
LANGUAGE sql STABLE AS $$
	SELECT coalesce(p_who.role = 4 AND p_who.officer IS NOT NULL AND (l).decision IS NULL
		AND (l).whole_at IS NOT NULL
		AND ledger.lot_outside(p_who.scope, (l).city, (l).id) = 0
		AND NOT ledger.same_hand(p_who, (l).asked_kid, (l).asked_actor), false)
$$;

-- As decisions.sql lists what waits and what was decided.  It waits since it is whole.
CREATE OR REPLACE FUNCTION ledger.lots_asked() RETURNS SETOF ledger.decision
LANGUAGE sql STABLE AS $$
	SELECT l.city, 'lot'::text, l.id, 'lot/' || l.id, l.whole_at, l.asked_kid, l.asked_actor,
		d.division, NULL::bigint, NULL::text, l.decision, l.decided_at, l.decided_kid,
		l.decided_actor
	FROM ledger.lot l
	CROSS JOIN LATERAL (SELECT ledger.lot_division(l.city, l.id) AS division OFFSET 0) d
	WHERE l.whole_at IS NOT NULL
$$;

CREATE OR REPLACE FUNCTION ledger.lot_state(l ledger.lot) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE WHEN (l).whole_at IS NULL THEN 'growing' WHEN (l).decision IS NULL THEN 'waiting'
		WHEN (l).decision = 'approve' THEN 'approved' ELSE 'refused' END
$$;

CREATE OR REPLACE FUNCTION ledger.lot_json(p_who api.caller, l ledger.lot) RETURNS jsonb
LANGUAGE sql STABLE AS $$
	SELECT jsonb_build_object('lot', (l).id::text, 'kind', (l).kind, 'import', (l).import,
		'state', ledger.lot_state(l), 'records', (l).records,
		'outside', ledger.lot_outside(p_who.scope, (l).city, (l).id),
		'division', ledger.lot_division((l).city, (l).id)::text,
		'sent_at', ledger.instant((l).asked_at),
		'sent_by', nullif(split_part((l).asked_actor, '/', 1), ''),
		'organisation', (SELECT ledger.organisation_of(k) FROM ledger.api_key k
			WHERE k.city = (l).city AND k.kid = (l).asked_kid),
		'whole_at', ledger.instant((l).whole_at), 'seed', (l).seed,
		'sample', s.n, 'ok', s.ok, 'wrong', s.wrong, 'unchecked', s.n - s.ok - s.wrong,
		'unchecked_reason', (l).unchecked_for, 'you', ledger.may_decide_lot(p_who, l),
		'decision', (l).decision, 'decided_at', ledger.instant((l).decided_at),
		'decided_by', nullif(split_part((l).decided_actor, '/', 1), ''), 'reason', (l).decided_for,
		'settled', CASE WHEN (l).settled_at IS NULL THEN (l).settled ELSE (l).records END,
		'left', (l).left_over)
	FROM (SELECT count(*) AS n, count(*) FILTER (WHERE r.checked = 'ok') AS ok,
			count(*) FILTER (WHERE r.checked = 'wrong') AS wrong
		FROM ledger.lot_record r
		WHERE r.city = (l).city AND r.lot = (l).id AND r.sampled) s
$$;

-- Newest first.
CREATE OR REPLACE FUNCTION api.list_lots(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_state text, p_kind text, p_limit int, p_after bigint)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
	SET enable_seqscan = off AS $$
DECLARE
	who  api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	a    api.reply  := api.admit(who, 'lots.list');
	page record;
BEGIN
	IF a.status IS NOT NULL THEN
		RETURN NEXT a;
		RETURN;
	END IF;
	page := ledger.page_ids(p_city, 'ledger.lot r', CASE p_state
			WHEN 'growing' THEN 'AND r.whole_at IS NULL'
			WHEN 'waiting' THEN 'AND r.decision IS NULL AND r.whole_at IS NOT NULL'
			WHEN 'approved' THEN 'AND r.decision IS NOT NULL AND r.decision = ''approve'''
			WHEN 'refused' THEN 'AND r.decision IS NOT NULL AND r.decision = ''refuse''' ELSE '' END,
		format('AND ledger.sees_lot(%L, r.city, r.id)', who.scope)
		|| CASE WHEN p_kind IS NOT NULL THEN format(' AND r.kind = %L', p_kind) ELSE '' END,
		true, p_after, p_limit, 2000);
	RETURN NEXT (SELECT api.page(jsonb_build_object('items', coalesce(jsonb_agg(
			ledger.lot_json(who, l) - api.masked(who, 'lots.list') ORDER BY l.id DESC), '[]')), page.next)
		FROM ledger.lot l WHERE l.city = p_city AND l.id = ANY (page.ids));
END $$;

-- NULL: there is none that this caller sees.
CREATE OR REPLACE FUNCTION ledger.lot_seen(p_who api.caller, p_id bigint) RETURNS ledger.lot
LANGUAGE sql STABLE AS $$
	SELECT l FROM ledger.lot l WHERE l.city = p_who.city AND l.id = p_id
		AND ledger.sees_lot(p_who.scope, l.city, l.id)
$$;

CREATE OR REPLACE FUNCTION api.read_lot(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_id bigint)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	a   api.reply  := api.admit(who, 'lots.read');
	l   ledger.lot;
BEGIN
	IF a.status IS NULL THEN
		l := ledger.lot_seen(who, p_id);
		a := CASE WHEN l.id IS NULL THEN api.refuse(404, 'not-found')
			ELSE api.answer(200, ledger.lot_json(who, l) - api.masked(who, 'lots.read')) END;
	END IF;
	RETURN NEXT a;
END $$;

-- Its records in the caller's scope, in the order of the file: pseudonyms and codes, no look at
-- anybody.  What lies elsewhere by now has no name here.
CREATE OR REPLACE FUNCTION api.list_lot_records(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_id bigint, p_sample boolean, p_outcome text, p_limit int, p_after bigint)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
	SET enable_seqscan = off AS $$
DECLARE
	who  api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	a    api.reply  := api.admit(who, 'lots.read');
	l    ledger.lot;
	page record;
BEGIN
	IF a.status IS NULL THEN
		l := ledger.lot_seen(who, p_id);
		a := CASE WHEN l.id IS NULL THEN api.refuse(404, 'not-found') END;
	END IF;
	IF a.status IS NOT NULL THEN
		RETURN NEXT a;
		RETURN;
	END IF;
	page := ledger.page_ids(p_city, format('(SELECT x.*, x.n AS id FROM ledger.lot_record x '
			'WHERE x.lot = %L) r', p_id), CASE WHEN p_sample THEN 'AND r.sampled' ELSE '' END,
		format('AND r.place BETWEEN %L AND %L', ledger.scope_from(who.scope),
			ledger.scope_to(who.scope))
		|| CASE WHEN NOT p_sample THEN ' AND NOT r.sampled' ELSE '' END
		|| CASE WHEN p_outcome IS NOT NULL THEN format(' AND r.outcome = %L', p_outcome)
			ELSE '' END,
		false, p_after, p_limit, 20000);
	RETURN NEXT (SELECT api.page(jsonb_build_object('items', coalesce(jsonb_agg(jsonb_build_object(
				'record', r.n::text, 'object', CASE WHEN h.place BETWEEN ledger.scope_from(who.scope)
					AND ledger.scope_to(who.scope) THEN ledger.lot_object(l.kind, r.object) END,
				'community', r.place::text, 'sample', r.sampled, 'check', r.checked, 'note', r.note,
				'outcome', r.outcome, 'left_for', r.reason)
				- api.masked(who, 'lots.read') ORDER BY r.n), '[]')), page.next)
		FROM ledger.lot_record r
		LEFT JOIN LATERAL ledger.lot_places(p_city, l.kind, ARRAY[r.object]) h ON true
		WHERE r.city = p_city AND r.lot = p_id AND r.n = ANY (page.ids));
END $$;

-- What is said of the sample: each record of it once, and of the rest why not.
CREATE OR REPLACE FUNCTION ledger.refuse_checks(l ledger.lot, p_body jsonb) RETURNS api.reply
LANGUAGE plpgsql STABLE AS $$
DECLARE
	drawn text[] := ARRAY(SELECT r.n::text FROM ledger.lot_record r
		WHERE r.city = (l).city AND r.lot = (l).id AND r.sampled ORDER BY r.n);
	said  record;
	open  text;
BEGIN
	SELECT x.at, x.n INTO said FROM (
		SELECT '/ok/' || o.at - 1 AS at, o.n, false AS second
			FROM jsonb_array_elements_text(p_body->'ok') WITH ORDINALITY o(n, at)
		UNION ALL SELECT '/wrong/' || w.at - 1 || '/record', w.one->>'record', (p_body->'ok') ? (w.one->>'record')
			FROM jsonb_array_elements(p_body->'wrong') WITH ORDINALITY w(one, at)) x
		WHERE x.second OR x.n <> ALL (drawn) LIMIT 1;
	IF FOUND THEN
		RETURN ledger.refuse_fault(ledger.fault(said.at, 'choice', said.n,
			'a record of the sample, once: ' || array_to_string(drawn, ', '),
			'The value is none of those that are allowed.', '不是允许的取值。'));
	END IF;
	SELECT string_agg(d, ', ') INTO open FROM unnest(drawn) d
		WHERE NOT (p_body->'ok') ? d AND NOT EXISTS (SELECT
			FROM jsonb_array_elements(p_body->'wrong') w WHERE w->>'record' = d);
	IF open IS NOT NULL AND p_body->>'unchecked' IS NULL AND p_body->>'decision' = 'approve' THEN
		RETURN ledger.refuse_fault(ledger.fault('/unchecked', 'required', NULL,
			'why these of the sample were not looked at: ' || open,
			'The member is missing.', '缺少此项。'));
	END IF;
	RETURN NULL;
END $$;

-- Once, by a second officer; nothing of it is undone.
-- rules/lots, rules/two-hands
CREATE OR REPLACE FUNCTION ledger.decide_lot(p_who api.caller, p_id bigint, p_body jsonb)
RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	at timestamptz := ledger.app_now(p_who.city);
	l  ledger.lot  := ledger.lot_seen(p_who, p_id);
	a  api.reply;
BEGIN
	IF l.id IS NULL THEN
		RETURN api.refuse(404, 'not-found');
	END IF;
	SELECT * INTO l FROM ledger.lot x WHERE x.city = p_who.city AND x.id = p_id FOR NO KEY UPDATE;
	IF (l.decision, l.decided_actor, l.decided_for) = (p_body->>'decision', p_who.actor,
			p_body->>'reason') THEN
		RETURN api.unchanged(ledger.lot_json(p_who, l));
	ELSIF l.decision IS NOT NULL THEN
		RETURN ledger.wrong_state('lot-decided', jsonb_build_object('decision', l.decision,
			'decided_by', split_part(l.decided_actor, '/', 1)));
	ELSIF l.whole_at IS NULL THEN
		RETURN ledger.wrong_state('lot-growing');
	ELSIF ledger.same_hand(p_who, l.asked_kid, l.asked_actor) THEN
		RETURN ledger.refuse_same_hand(p_who, l.asked_kid, l.asked_actor);
	ELSIF ledger.lot_outside(p_who.scope, l.city, l.id) > 0 THEN
		RETURN ledger.wrong_state('lot-outside', jsonb_build_object(
			'outside', ledger.lot_outside(p_who.scope, l.city, l.id),
			'division', ledger.lot_division(l.city, l.id)::text));
	END IF;
	a := ledger.refuse_checks(l, p_body);
	IF a.status IS NOT NULL THEN
		RETURN a;
	END IF;
	UPDATE ledger.lot_record r SET checked = x.checked, note = x.note
		FROM (SELECT o.n::bigint AS n, 'ok' AS checked, NULL::text AS note
				FROM jsonb_array_elements_text(p_body->'ok') o(n)
			UNION ALL SELECT (w->>'record')::bigint, 'wrong', w->>'note'
				FROM jsonb_array_elements(p_body->'wrong') w) x
		WHERE r.city = l.city AND r.lot = l.id AND r.n = x.n;
	UPDATE ledger.lot x SET decision = p_body->>'decision', decided_at = at,
			decided_kid = p_who.kid, decided_actor = p_who.actor, decided_officer = p_who.officer,
			decided_behalf = p_who.on_behalf, decided_scope = p_who.scope,
			decided_request = p_who.request, decided_for = p_body->>'reason',
			unchecked_for = p_body->>'unchecked',
			settled_at = CASE WHEN p_body->>'decision' = 'approve' AND NOT (SELECT k.acts
				FROM ledger.lot_kinds() k WHERE k.kind = x.kind) THEN at END
		WHERE x.city = l.city AND x.id = l.id RETURNING * INTO l;
	RETURN api.answer(200, ledger.lot_json(p_who, l));
END $$;

CREATE OR REPLACE FUNCTION api.decide_lot(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_idem text, p_req bytea, p_id bigint, p_body jsonb)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	a   api.reply  := api.admit_once(who, 'lots.decide', p_idem, p_req);
BEGIN
	IF a.status IS NULL THEN
		a := ledger.decide_lot(who, p_id, p_body);
	END IF;
	RETURN QUERY SELECT * FROM api.keep(who, p_idem, 'lot/' || p_id, a);
END $$;
