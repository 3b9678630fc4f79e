-- Many placements in one transaction: the calls that wait for a connection at one moment.
--
-- Each call has the answer it would have had alone, in the order of the calls.  Locks are
-- taken for all of them first, in the one order of all functions (Idempotency-Keys, vacancies,
-- households, seekers, each by its number), so two batches cannot wait for each other.  The
-- surprising thing: two lanes.  A plain call, of which nothing can be refused and that meets
-- no other call, is written by one statement with all plain ones, for a seventh of the cost;
-- every other goes through ledger.report_placement, which is the rule.  Whoever adds a rule
-- there adds to ledger.plain_postings what must hold for it never to speak.  What every
-- placement pays for in rows, indexes and triggers stands in 0029.

-- One lock a key, so that a twin waits before there is a row: a plain call's row is written
-- when its answer is known, once.
CREATE FUNCTION ledger.key_lock(p_city int, p_kid text, p_idem text) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT hashtextextended(p_kid || ' ' || p_idem, p_city)
$$;

CREATE OR REPLACE FUNCTION api.claim(p_who api.caller, p_idem text, p_req bytea)
RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	was ledger.idempotency;
BEGIN
	IF p_idem IS NULL OR p_req IS NULL THEN
		RETURN api.refuse(400, 'idempotency-key-missing');
	END IF;
	PERFORM pg_advisory_xact_lock(ledger.key_lock(p_who.city, p_who.kid, p_idem));
	INSERT INTO ledger.idempotency (city, kid, key, request)
		VALUES (p_who.city, p_who.kid, p_idem, p_req) ON CONFLICT DO NOTHING;
	IF FOUND THEN
		RETURN NULL;
	END IF;
	SELECT * INTO was FROM ledger.idempotency
		WHERE city = p_who.city AND kid = p_who.kid AND key = p_idem;
	IF was.request IS DISTINCT FROM p_req THEN
		RETURN api.refuse(422, 'idempotency-mismatch');
	END IF;
	RETURN ROW('a', was.status, was.code, was.body, was.xid, was.event, NULL, 'replayed')::api.reply;
END $$;

-- Locks, of all calls; a call that was refused already has neither seeker nor vacancy here.
CREATE FUNCTION ledger.lock_postings(p_city int, p_kid text[], p_idem text[],
	p_vacancies bigint[], p_seekers bigint[])
RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	people bigint[] := p_seekers;
	homes  bigint[];
BEGIN
	PERFORM pg_advisory_xact_lock(x.lock) FROM (SELECT DISTINCT ledger.key_lock(p_city, c.kid, c.idem)
			AS lock FROM unnest(p_kid, p_idem) c(kid, idem) WHERE c.idem IS NOT NULL
		ORDER BY 1) x;
	PERFORM FROM ledger.vacancy v WHERE v.city = p_city AND v.id = ANY (p_vacancies)
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

-- The calls that report_placement would answer with 201 and nothing else: the only one under
-- its key, with its vacancy and with its seeker, who is of full age, in no household and was
-- never placed, begins by today on an open, unreserved post that asks for no licence.
-- p_callers are those who call, p_whose says which of them each call's is.  A plain query, so
-- that it becomes a part of the statement that asks.
CREATE FUNCTION ledger.plain_postings(p_city int, p_today date, p_women int, p_men int,
	p_callers api.caller[], p_whose int[], p_kid text[], p_idem text[], p_req bytea[],
	p_seekers bigint[], p_vacancies bigint[], p_body jsonb[])
RETURNS TABLE (n bigint, officer bigint, on_behalf bigint, actor text, organisation text,
	seeker bigint, her_row tid, vacancy bigint, post_row tid, employer text, kind text,
	workplace bigint, start_on date, source text, class_until date)
LANGUAGE sql STABLE AS $$
	SELECT c.n, w.officer, w.on_behalf, w.actor, w.organisation, s.id, s.ctid, v.id, v.ctid, e.code,
		c.body->>'kind', coalesce((c.body->>'workplace')::bigint, v.place),
		(c.body->>'start_on')::date, coalesce(c.body->>'source', w.organisation),
		ledger.birthday(f.birth, CASE WHEN f.sex = 2 THEN p_women ELSE p_men END)
	FROM (SELECT x.*, count(*) OVER (PARTITION BY x.vacancy) AS on_vacancy,
			count(*) OVER (PARTITION BY x.seeker) AS of_seeker,
			count(*) OVER (PARTITION BY x.kid, x.idem) AS under_key
		FROM unnest(p_whose, p_kid, p_idem, p_req, p_seekers, p_vacancies, p_body)
		WITH ORDINALITY x(whose, kid, idem, request, seeker, vacancy, body, n)) c
	JOIN unnest(p_callers) WITH ORDINALITY w ON w.ordinality = c.whose
	JOIN ledger.vacancy v ON v.city = p_city AND v.id = c.vacancy
	JOIN ledger.employer e ON e.city = p_city AND e.id = v.employer
	JOIN ledger.seeker s ON s.city = p_city AND s.id = c.seeker
	JOIN ledger.person f ON f.city = p_city AND f.id = c.seeker
	WHERE c.idem IS NOT NULL AND c.request IS NOT NULL
	  AND c.under_key = 1 AND c.on_vacancy = 1 AND c.of_seeker = 1
	  AND (w.role <> 1 OR e.code = ANY (w.employers))
	  AND (w.role = 1 OR w.scope IS NULL OR ledger.in_scope(w.scope, s.community))
	  AND coalesce(c.body->>'employer', e.code) = e.code
	  AND (c.body->>'start_on')::date <= p_today AND s.active
	  AND c.body->>'referral' IS NULL
	  AND v.open AND (v.valid_until IS NULL OR v.valid_until >= p_today)
	  AND v.filled < v.posts AND NOT v.reserved AND octet_length(v.licences) = 0
	  -- In days, which is cheap, and never more than hers are: 18 years have at most 6575, and
	  -- n at least 365 n and a fourth of n, less two.
	  AND (c.body->>'start_on')::date - f.birth >= 6575
	  AND p_today - f.birth < CASE WHEN f.sex = 2 THEN 365 * p_women + p_women / 4 - 2
		ELSE 365 * p_men + p_men / 4 - 2 END
	  -- One look each, never a join: a plan made while a table was empty is kept.
	  AND (SELECT 1 FROM ledger.idempotency i
		WHERE i.city = p_city AND i.kid = c.kid AND i.key = c.idem) IS NULL
	  AND (SELECT 1 FROM ledger.retirement_fact r
		WHERE r.city = p_city AND r.person = c.seeker LIMIT 1) IS NULL
	  AND (SELECT 1 FROM ledger.placement p
		WHERE p.city = p_city AND p.seeker = c.seeker LIMIT 1) IS NULL
	  AND (SELECT 1 FROM ledger.household_member m
		WHERE m.city = p_city AND m.person = c.seeker LIMIT 1) IS NULL
$$;

CREATE FUNCTION api.report_placements(p_city int, p_kid text[], p_hash bytea[], p_actor text[],
	p_idem text[], p_req bytea[], p_body jsonb[])
RETURNS TABLE (call int, kind "char", status int, code text, body text, id bigint,
	version bigint, record bytea, label text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE
	at        timestamptz := ledger.app_now(p_city);
	today     date := ledger.legal_day(at);
	pol       ledger.policy := ledger.policy_on(p_city, today);
	claim     text;
	was       text;
	who       api.caller;
	a         api.reply;
	callers   api.caller[] := '{}';
	whose     int[] := '{}'; -- of each call, NULL when it was refused
	seekers   bigint[];
	vacancies bigint[];
	quick     bigint[]; -- the plain calls; beside them the seeker, vacancy and answer of each
	hers      bigint[];
	posts     bigint[];
	bodies    text[];
	last      bigint := 0;
BEGIN
	FOR n IN 1 .. cardinality(p_kid) LOOP
		-- The second part of an actor is the request's own id; who it is stands in the first.
		claim := split_part(p_actor[n], ' ', 1);
		IF n = 1 OR (p_kid[n], p_hash[n], claim) IS DISTINCT FROM (p_kid[n - 1], p_hash[n - 1], was) THEN
			who := api.principal(p_city, p_kid[n], p_hash[n], p_actor[n]);
			a := api.admit(who, 'placements.create');
			callers := callers || who;
		END IF;
		was := claim;
		whose := whose || CASE WHEN a.status IS NULL THEN cardinality(callers) END;
		IF a.status IS NOT NULL THEN
			RETURN QUERY SELECT n, a.*;
		END IF;
	END LOOP;
	SELECT array_agg(CASE WHEN c.whose > 0 THEN ledger.seeker_id(c.body->>'seeker') END ORDER BY c.n),
			array_agg(CASE WHEN c.whose > 0 THEN ledger.row_id(c.body->>'vacancy') END ORDER BY c.n)
		INTO seekers, vacancies
		FROM unnest(whose, p_body) WITH ORDINALITY c(whose, body, n);
	PERFORM ledger.lock_postings(p_city, p_kid, p_idem, vacancies, seekers);
	IF NOT EXISTS (SELECT FROM ledger.policy p WHERE p.city = p_city AND p.valid_from > today) THEN
		-- A placement and all that follows from it: her rank at work is P6 until she retires
		-- (ledger.rank_of), and the action is noted as api.with_events notes it.  Her row and the
		-- post's are locked, so they are still where this statement has just read them.
		WITH plain AS MATERIALIZED (
			SELECT x.*, nextval('ledger.placement_id_seq') AS id
			FROM (SELECT * FROM ledger.plain_postings(p_city, today, pol.retire_women,
				pol.retire_men, callers, whose, p_kid, p_idem, p_req, seekers, vacancies, p_body)
				ORDER BY n) x
		), made AS (
			INSERT INTO ledger.placement (city, id, seeker, vacancy, employer, kind, workplace,
				start_on, source, reported_at, reported_kid, reported_by, reported_actor)
			OVERRIDING SYSTEM VALUE
			SELECT p_city, c.id, c.seeker, c.vacancy, c.employer, c.kind, c.workplace, c.start_on,
				c.source, at, p_kid[c.n], c.organisation, c.actor FROM plain c
			RETURNING placement.id, ledger.placement_short(placement)::text AS body
		), taken AS (
			UPDATE ledger.vacancy v SET filled = v.filled + 1, version = v.version + 1
			FROM plain c WHERE v.ctid = c.post_row
		), busy AS (
			UPDATE ledger.seeker s SET version = s.version + 1, active = false, rank = 6,
				rank_reason = 'employed', rank_on = today, age_class = 3,
				class_until = c.class_until
			FROM plain c WHERE s.ctid = c.her_row
		), noted AS (
			INSERT INTO ledger.action (city, kid, officer, on_behalf, op, object, request)
			SELECT p_city, p_kid[c.n], c.officer, c.on_behalf, 'placements.create',
				'placement/' || c.id, split_part(p_actor[c.n], ' ', 2) FROM plain c
		)
		SELECT array_agg(c.n), array_agg(c.seeker), array_agg(c.vacancy),
				(SELECT array_agg(m.body ORDER BY m.id) FROM made m)
			INTO quick, hers, posts, bodies FROM (SELECT * FROM plain ORDER BY id) c;
	END IF;
	IF quick IS NOT NULL THEN
		SELECT max(o.id) INTO last FROM ops.outbox o
			WHERE o.city = p_city AND o.xid = pg_current_xact_id();
		RETURN QUERY
			WITH kept AS (
				INSERT INTO ledger.idempotency (city, kid, key, request, status, code, body, xid, event)
				SELECT p_city, p_kid[d.n], p_idem[d.n], p_req[d.n], 201, 'ok', d.body,
					pg_current_xact_id()::text::bigint, last
				FROM unnest(quick, bodies) d(n, body)
			)
			SELECT d.n::int, 'a'::"char", 201, 'ok', d.body, pg_current_xact_id()::text::bigint,
				last, NULL::bytea, '' FROM unnest(quick, bodies) d(n, body)
			UNION ALL
			SELECT quick[array_position(CASE o.entity WHEN 'v' THEN posts ELSE hers END,
				o.entity_id)]::int, o.entity, NULL, NULL, NULL, o.entity_id, o.version, o.record,
				o.label
			FROM ops.outbox o WHERE o.city = p_city AND o.xid = pg_current_xact_id();
	END IF;

	FOR n IN 1 .. cardinality(p_kid) LOOP
		CONTINUE WHEN whose[n] IS NULL OR n = ANY (quick);
		who := callers[whose[n]];
		who.request := split_part(p_actor[n], ' ', 2);
		a := api.claim(who, p_idem[n], p_req[n]);
		IF a.status IS NULL THEN
			PERFORM api.admit(who, 'placements.create'); -- what it leaves is this call's
			RETURN QUERY SELECT n, k.* FROM api.keep(who, p_idem[n],
				ledger.report_placement(who, p_body[n]), last) k;
			SELECT coalesce(max(o.id), 0) INTO last FROM ops.outbox o
				WHERE o.city = p_city AND o.xid = pg_current_xact_id();
		ELSE
			RETURN QUERY SELECT n, a.*;
		END IF;
	END LOOP;
END $$;

-- One alone is a batch of one: half the price of the rule, and one set of plans for both.
CREATE OR REPLACE FUNCTION api.report_placement(p_city int, p_kid text, p_hash bytea,
	p_actor text, p_idem text, p_req bytea, p_body jsonb)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	RETURN QUERY SELECT r.kind, r.status, r.code, r.body, r.id, r.version, r.record, r.label
		FROM api.report_placements(p_city, ARRAY[p_kid], ARRAY[p_hash], ARRAY[p_actor],
			ARRAY[p_idem], ARRAY[p_req], ARRAY[p_body]) r;
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
