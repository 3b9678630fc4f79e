-- Many placements in one transaction: the calls that wait for a connection at one moment.
--
-- Each call has the answer it would have had alone, in the order of the calls.  Locks are
-- taken for all of them first, in the one order of all functions (Idempotency-Keys, vacancies,
-- households, seekers, each by its number), so two batches cannot wait for each other.  The
-- surprising thing: two lanes.  A plain call, of which nothing can be refused and that meets
-- no other call, goes through set-based statements with all plain ones, for a seventh of the
-- cost; every other goes through ledger.report_placement, which is the rule.  Whoever adds a
-- rule there adds to ledger.plain_postings what must hold for it never to speak.

CREATE TYPE ledger.posting AS (
	n       int,
	who     api.caller,
	idem    text,
	request bytea,
	body    jsonb,
	seeker  bigint,
	vacancy bigint
);

CREATE TYPE ledger.plain_posting AS (
	n           int,
	who         api.caller,
	idem        text,
	seeker      bigint,
	vacancy     bigint,
	employer    text,
	kind        text,
	workplace   bigint,
	start_on    date,
	source      text,
	class_until date
);

-- Room on each page for the row of a post that is taken, which then touches no index.
ALTER TABLE ledger.vacancy SET (fillfactor = 90);

-- Take the keys; which calls are the first under theirs.
CREATE FUNCTION ledger.claim_postings(p_calls ledger.posting[]) RETURNS int[]
LANGUAGE plpgsql AS $$
DECLARE
	fresh int[];
BEGIN
	WITH first AS (
		SELECT DISTINCT ON ((c.who).kid, c.idem) c.n, c.who, c.idem, c.request
		FROM unnest(p_calls) c WHERE c.idem IS NOT NULL AND c.request IS NOT NULL
		ORDER BY (c.who).kid, c.idem, c.n
	), claimed AS (
		INSERT INTO ledger.idempotency (city, kid, key, request)
		SELECT (f.who).city, (f.who).kid, f.idem, f.request FROM first f
		ON CONFLICT DO NOTHING RETURNING kid, key
	)
	SELECT array_agg(f.n) INTO fresh
		FROM claimed c JOIN first f ON f.idem = c.key AND (f.who).kid = c.kid;
	RETURN coalesce(fresh, '{}');
END $$;

CREATE FUNCTION ledger.lock_postings(p_city int, p_calls ledger.posting[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	people bigint[] := ARRAY(SELECT c.seeker FROM unnest(p_calls) c WHERE c.seeker IS NOT NULL);
	homes  bigint[];
BEGIN
	PERFORM FROM ledger.vacancy v WHERE v.city = p_city
		AND v.id = ANY (ARRAY(SELECT c.vacancy FROM unnest(p_calls) c))
		ORDER BY v.id FOR NO KEY UPDATE;
	SELECT array_agg(DISTINCT m.household) INTO homes FROM ledger.household_member m
		WHERE m.city = p_city AND m.person = ANY (people);
	IF homes IS NOT NULL THEN
		PERFORM FROM ledger.household h WHERE h.city = p_city AND h.id = ANY (homes)
			ORDER BY h.id FOR NO KEY UPDATE;
		people := people || ARRAY(SELECT m.person FROM ledger.household_member m
			WHERE m.city = p_city AND m.household = ANY (homes));
	END IF;
	PERFORM FROM ledger.seeker s WHERE s.city = p_city AND s.id = ANY (people)
		ORDER BY s.id FOR NO KEY UPDATE;
END $$;

-- The calls that report_placement would answer with 201 and nothing else: alone with their
-- vacancy and seeker, who is of full age, in no household and was never placed, begins by
-- today on an open, unreserved post that asks for no licence.
CREATE FUNCTION ledger.plain_postings(p_city int, p_calls ledger.posting[], p_fresh int[],
	p_at timestamptz)
RETURNS ledger.plain_posting[]
LANGUAGE plpgsql STABLE AS $$
DECLARE
	today date := ledger.legal_day(p_at);
	pol   ledger.policy := ledger.policy_on(p_city, today);
BEGIN
	IF EXISTS (SELECT FROM ledger.policy p WHERE p.city = p_city AND p.valid_from > today) THEN
		RETURN '{}';
	END IF;
	RETURN ARRAY(SELECT ROW(c.n, c.who, c.idem, s.id, v.id, e.code, c.body->>'kind',
			coalesce((c.body->>'workplace')::bigint, v.place), (c.body->>'start_on')::date,
			coalesce(c.body->>'source', (c.who).organisation), ledger.birthday(f.birth,
			CASE WHEN f.sex = 2 THEN pol.retire_women ELSE pol.retire_men END))::ledger.plain_posting
		FROM (SELECT x.*, count(*) OVER (PARTITION BY x.vacancy) AS on_vacancy,
				count(*) OVER (PARTITION BY x.seeker) AS of_seeker FROM unnest(p_calls) x) c
		JOIN ledger.vacancy v ON v.city = p_city AND v.id = c.vacancy
		JOIN ledger.employer e ON e.city = p_city AND e.id = v.employer
		JOIN ledger.seeker s ON s.city = p_city AND s.id = c.seeker
		JOIN ledger.person f ON f.city = p_city AND f.id = c.seeker
		WHERE c.n = ANY (p_fresh) AND c.on_vacancy = 1 AND c.of_seeker = 1
		  AND ((c.who).role <> 1 OR e.code = ANY ((c.who).employers))
		  AND ((c.who).role = 1 OR (c.who).scope IS NULL
			OR ledger.in_scope((c.who).scope, s.community))
		  AND coalesce(c.body->>'employer', e.code) = e.code
		  AND (c.body->>'start_on')::date <= today AND s.active
		  AND c.body->>'referral' IS NULL
		  AND v.open AND (v.valid_until IS NULL OR v.valid_until >= today)
		  AND v.filled < v.posts AND NOT v.reserved AND octet_length(v.licences) = 0
		  AND ledger.age_on(f.birth, (c.body->>'start_on')::date) >= 18
		  AND ledger.age_on(f.birth, today)
			< CASE WHEN f.sex = 2 THEN pol.retire_women ELSE pol.retire_men END
		  -- One look each, never a join: a plan made while a table was empty is kept.
		  AND (SELECT 1 FROM ledger.retirement_fact r
			WHERE r.city = p_city AND r.person = c.seeker LIMIT 1) IS NULL
		  AND (SELECT 1 FROM ledger.placement p
			WHERE p.city = p_city AND p.seeker = c.seeker LIMIT 1) IS NULL
		  AND (SELECT 1 FROM ledger.household_member m
			WHERE m.city = p_city AND m.person = c.seeker LIMIT 1) IS NULL
		ORDER BY c.n);
END $$;

-- The placements of plain calls and all that follows from one: her rank at work is P6 until
-- she retires (ledger.rank_of), and the action is noted as api.with_events notes it.
CREATE FUNCTION ledger.write_plain(p_city int, p_plain ledger.plain_posting[], p_at timestamptz)
RETURNS SETOF ledger.placement
LANGUAGE plpgsql AS $$
DECLARE
	made ledger.placement[];
BEGIN
	WITH made AS (
		INSERT INTO ledger.placement (city, seeker, vacancy, employer, kind, workplace, start_on,
			source, reported_at, reported_kid, reported_by, reported_actor)
		SELECT p_city, c.seeker, c.vacancy, c.employer, c.kind, c.workplace, c.start_on, c.source,
			p_at, (c.who).kid, (c.who).organisation, (c.who).actor
		FROM unnest(p_plain) c ORDER BY c.n
		RETURNING *
	) SELECT array_agg(m ORDER BY m.id) INTO made FROM made m;
	UPDATE ledger.vacancy v SET filled = v.filled + 1, version = v.version + 1
		FROM unnest(made) m WHERE v.city = p_city AND v.id = m.vacancy;
	UPDATE ledger.seeker s SET version = s.version + 1, active = false, rank = 6,
			rank_reason = 'employed', rank_on = ledger.legal_day(p_at), age_class = 3,
			class_until = c.class_until
		FROM unnest(p_plain) c WHERE s.city = p_city AND s.id = c.seeker;
	INSERT INTO ledger.action (city, kid, officer, on_behalf, op, object, request)
		SELECT p_city, (c.who).kid, (c.who).officer, (c.who).on_behalf, 'placements.create',
			'placement/' || m.id, coalesce((c.who).request, '')
		FROM unnest(p_plain) c JOIN unnest(made) m ON m.seeker = c.seeker ORDER BY c.n;
	RETURN QUERY SELECT m.* FROM unnest(made) m;
END $$;

CREATE FUNCTION api.report_placements(p_city int, p_kid text[], p_hash bytea[], p_actor text[],
	p_idem text[], p_req bytea[], p_body jsonb[])
RETURNS TABLE (call int, kind "char", status int, code text, body text, id bigint,
	version bigint, record bytea, label text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE
	at    timestamptz := ledger.app_now(p_city);
	claim text;
	was   text;
	who   api.caller;
	a     api.reply;
	calls ledger.posting[] := '{}';
	c     ledger.posting;
	fresh int[];
	quick int[];
	plain ledger.plain_posting[];
	made  ledger.placement[];
	last  bigint := 0;
BEGIN
	FOR n IN 1 .. cardinality(p_kid) LOOP
		-- The second part of an actor is the request's own id; who it is stands in the first.
		claim := split_part(p_actor[n], ' ', 1);
		IF n = 1 OR (p_kid[n], p_hash[n], claim) IS DISTINCT FROM (p_kid[n - 1], p_hash[n - 1], was) THEN
			who := api.principal(p_city, p_kid[n], p_hash[n], p_actor[n]);
			a := api.admit(who, 'placements.create');
		END IF;
		was := claim;
		who.request := split_part(p_actor[n], ' ', 2);
		IF a.status IS NULL THEN
			calls := calls || ROW(n, who, p_idem[n], p_req[n], p_body[n],
				ledger.seeker_id(p_body[n]->>'seeker'),
				ledger.row_id(p_body[n]->>'vacancy'))::ledger.posting;
		ELSE
			RETURN QUERY SELECT n, a.*;
		END IF;
	END LOOP;
	fresh := ledger.claim_postings(calls);
	PERFORM ledger.lock_postings(p_city, calls);
	plain := ledger.plain_postings(p_city, calls, fresh, at);
	quick := ARRAY(SELECT x.n FROM unnest(plain) x);
	IF quick <> '{}' THEN
		made := ARRAY(SELECT m FROM ledger.write_plain(p_city, plain, at) m);
		SELECT max(o.id) INTO last FROM ops.outbox o
			WHERE o.city = p_city AND o.xid = pg_current_xact_id();
		RETURN QUERY
			WITH done AS (
				SELECT x.n, m.reported_kid AS kid, x.idem, ledger.placement_short(m)::text AS body
				FROM unnest(plain) x JOIN unnest(made) m ON m.seeker = x.seeker
			), kept AS (
				UPDATE ledger.idempotency i SET status = 201, code = 'ok', body = d.body,
					xid = pg_current_xact_id()::text::bigint, event = last
				FROM done d WHERE i.city = p_city AND i.kid = d.kid AND i.key = d.idem
			)
			SELECT d.n, 'a'::"char", 201, 'ok', d.body, pg_current_xact_id()::text::bigint, last,
				NULL::bytea, '' FROM done d
			UNION ALL
			SELECT k.n, k.entity, NULL, NULL, NULL, k.id, o.version, o.record, o.label
			FROM (SELECT x.n, 'v'::"char", x.vacancy FROM unnest(plain) x
				UNION ALL SELECT x.n, 's'::"char", x.seeker FROM unnest(plain) x)
				k(n, entity, id)
			JOIN ops.outbox o ON o.city = p_city AND o.xid = pg_current_xact_id()
				AND o.entity_id = k.id AND o.entity = k.entity;
	END IF;

	FOREACH c IN ARRAY calls LOOP
		CONTINUE WHEN c.n = ANY (quick);
		IF c.n = ANY (fresh) THEN
			PERFORM api.admit(c.who, 'placements.create'); -- what it leaves is this call's
			RETURN QUERY SELECT c.n, k.* FROM api.keep(c.who, c.idem,
				ledger.report_placement(c.who, c.body), last) k;
			SELECT coalesce(max(o.id), 0) INTO last FROM ops.outbox o
				WHERE o.city = p_city AND o.xid = pg_current_xact_id();
		ELSE
			a := api.claim(c.who, c.idem, c.request);
			RETURN QUERY SELECT c.n, a.*;
		END IF;
	END LOOP;
END $$;

-- A list of placements under one Idempotency-Key: each of p_items is {"key", "body"}, or
-- {"errors"} when the daemon has found it wrong.  Each is recorded by its own key and its own
-- nature, good ones beside bad ones; the answer has one entry for each, in order, and is kept
-- whole.  The keys of items have a space in them, which no header's has.
CREATE FUNCTION api.report_batch(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_idem text, p_req bytea, p_items jsonb)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who    api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	a      api.reply  := api.admit(who, 'placements.create');
	good   int[]      := ARRAY(SELECT i.n FROM jsonb_array_elements(p_items)
		WITH ORDINALITY i(item, n) WHERE i.item ? 'body' ORDER BY i.n);
	n      int        := cardinality(good);
	answer jsonb      := '{}';
	one    record;
	items  jsonb;
BEGIN
	IF a.status IS NULL THEN
		a := api.claim(who, p_idem, p_req);
	END IF;
	IF a.status IS NOT NULL THEN
		RETURN NEXT a;
		RETURN;
	END IF;
	FOR one IN SELECT good[r.call] AS item, r.status, r.code, r.body::jsonb AS body, r.label
			FROM api.report_placements(p_city, array_fill(p_kid, ARRAY[n]),
				array_fill(p_hash, ARRAY[n]), array_fill(p_actor, ARRAY[n]),
				ARRAY(SELECT coalesce('item ' || (p_items->(g - 1)->>'key'),
					'batch ' || p_idem || ' ' || g) FROM unnest(good) WITH ORDINALITY x(g, k)
					ORDER BY x.k),
				ARRAY(SELECT sha256(convert_to((p_items->(g - 1)->'body')::text, 'UTF8'))
					FROM unnest(good) WITH ORDINALITY x(g, k) ORDER BY x.k),
				ARRAY(SELECT p_items->(g - 1)->'body' FROM unnest(good) WITH ORDINALITY x(g, k)
					ORDER BY x.k)) r
			WHERE r.kind = 'a' AND n > 0 LOOP
		answer := answer || jsonb_build_object(one.item::text, jsonb_build_object(
			'status', CASE WHEN one.status = 201 AND one.label = 'replayed' THEN 200
				ELSE one.status END,
			'code', one.code, 'body', CASE WHEN one.body ? 'errors' THEN one.body || jsonb_build_object(
				'errors', (SELECT jsonb_agg(e || jsonb_build_object('pointer',
					'/items/' || one.item - 1 || (e->>'pointer')))
					FROM jsonb_array_elements(one.body->'errors') e))
				ELSE one.body END));
	END LOOP;
	SELECT jsonb_agg(coalesce(answer->(i.n::text), jsonb_build_object('status', 422,
			'code', 'validation-failed', 'body', i.item)) ORDER BY i.n)
		INTO items FROM jsonb_array_elements(p_items) WITH ORDINALITY i(item, n);
	PERFORM set_config('vacancyd.caller', '', true); -- each item has noted itself
	RETURN QUERY SELECT * FROM api.keep(who, p_idem, api.answer(200, jsonb_build_object(
		'recorded', (SELECT count(*) FROM jsonb_array_elements(items) i WHERE i->>'status' = '201'),
		'again', (SELECT count(*) FROM jsonb_array_elements(items) i WHERE i->>'status' = '200'),
		'refused', (SELECT count(*) FROM jsonb_array_elements(items) i
			WHERE (i->>'status')::int >= 400), 'items', items)));
END $$;

REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA api, ledger FROM PUBLIC;
