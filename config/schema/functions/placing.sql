-- Placements reported, once; alone, or together with the calls that wait for a connection at
-- the same moment.
--
-- Every check comes before the first write, and a refusal is an answer that is kept.
-- Posting the same placement again, under any Idempotency-Key, is 200 with the first answer
-- and its token; the natural key stays for ever, and the same two with another start is 409,
-- naming the first.
--
-- Together, each call has the answer it would have had alone, in the order of the calls.
-- Locks are taken for all of them first, in the one order of all functions (Idempotency-Keys,
-- vacancies, households, seekers, each by its number), so two batches cannot wait for each
-- other.  A plain call, of which nothing can be refused and that meets no other call, is
-- written by one statement with all plain ones, for a seventh of the cost; every other goes
-- through ledger.report_placement, which is the rule.  Whoever adds a rule there adds to
-- ledger.plain_postings what must hold for it never to speak.

CREATE OR REPLACE FUNCTION ledger.placement_short(p ledger.placement) RETURNS jsonb
LANGUAGE sql STABLE AS $$
	SELECT jsonb_build_object('placement', p.id::text, 'state', 'reported',
		'seeker', ledger.seeker_text(p.seeker), 'vacancy', p.vacancy::text, 'kind', p.kind,
		'start_on', p.start_on)
$$;

CREATE OR REPLACE FUNCTION ledger.report_placement(p_who api.caller, p_body jsonb) RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	at     timestamptz := ledger.app_now(p_who.city);
	today  date := ledger.legal_day(at);
	start  date := (p_body->>'start_on')::date;
	v      ledger.vacancy;
	s      ledger.seeker;
	p      ledger.placement;
	emp    text := p_body->>'employer';
	kin    bigint[];
	person ledger.person;
	rank   int;
	refused api.reply;
BEGIN
	IF p_body->>'vacancy' IS NOT NULL THEN
		SELECT * INTO v FROM ledger.vacancy x
			WHERE x.city = p_who.city AND x.id = ledger.row_id(p_body->>'vacancy')
			FOR NO KEY UPDATE;
		SELECT e.code INTO emp FROM ledger.employer e
			WHERE e.city = p_who.city AND e.id = v.employer;
		IF v.id IS NULL OR p_who.role = 1 AND emp <> ALL (p_who.employers) THEN
			RETURN api.refuse(404, 'not-found');
		END IF;
		IF emp <> p_body->>'employer' THEN
			RETURN ledger.refuse_fault(ledger.fault('/employer', 'together',
				p_body->>'employer', 'the employer of this vacancy, or nothing',
				'The vacancy is another employer''s.', '该岗位属于另一用人单位。'));
		END IF;
	ELSIF p_who.role = 1 THEN
		RETURN api.refuse(403, 'role-refused');
	END IF;
	kin := ledger.lock_people(p_who.city, ledger.seeker_id(p_body->>'seeker'));
	SELECT * INTO s FROM ledger.seeker x
		WHERE x.city = p_who.city AND x.id = ledger.seeker_id(p_body->>'seeker');
	IF s.id IS NULL OR p_who.role <> 1 AND p_who.scope IS NOT NULL
			AND NOT ledger.in_scope(p_who.scope, s.community) THEN
		RETURN api.refuse(404, 'not-found');
	ELSIF s.merged_into IS NOT NULL THEN
		RETURN api.refuse(410, 'seeker-merged', CASE WHEN p_who.role = 4 THEN
			jsonb_build_object('survivor', ledger.seeker_text(ledger.survivor(p_who.city, s.id)))
			ELSE '{}' END);
	END IF;
	IF v.id IS NOT NULL THEN
		SELECT * INTO p FROM ledger.placement x WHERE x.city = p_who.city AND x.vacancy = v.id
			AND x.seeker = s.id AND x.state <> 'void';
	ELSE
		SELECT * INTO p FROM ledger.placement x WHERE x.city = p_who.city AND x.vacancy IS NULL
			AND x.seeker = s.id AND coalesce(x.employer, '') = coalesce(emp, '')
			AND x.kind = p_body->>'kind' AND x.start_on = start AND x.state <> 'void';
	END IF;
	IF p.start_on <> start THEN
		RETURN api.refuse(409, 'placed-from-another-day', jsonb_build_object(
			'placement', p.id::text, 'start_on', p.start_on));
	ELSIF p.id IS NOT NULL THEN
		PERFORM ledger.also_reported(p_who, p, at);
		RETURN ROW('a', 200, 'ok', ledger.placement_short(p)::text, p.xid,
			ledger.last_event(p.city, p.xid), NULL, 'replayed')::api.reply;
	END IF;

	IF p_body->>'referral' IS NOT NULL THEN
		refused := ledger.refuse_placing(p_who, p_body->>'referral', v.id, s.id);
	END IF;
	IF refused.status IS NOT NULL THEN
		RETURN refused;
	ELSIF v.id IS NOT NULL AND (NOT v.open OR v.valid_until < today) THEN
		RETURN api.refuse(409, 'vacancy-closed');
	ELSIF v.filled >= v.posts THEN
		RETURN api.refuse(409, 'vacancy-filled', jsonb_build_object('posts', v.posts));
	END IF;
	SELECT * INTO person FROM ledger.person x WHERE x.city = p_who.city AND x.id = s.id;
	IF ledger.age_on(person.birth, start) < 16 THEN
		RETURN api.refuse(422, 'under-age');
	ELSIF start > today + (ledger.policy_on(p_who.city, today)).start_ahead_days THEN
		RETURN api.refuse(422, 'start-too-far', jsonb_build_object('latest',
			today + (ledger.policy_on(p_who.city, today)).start_ahead_days));
	ELSIF EXISTS (SELECT FROM ledger.work w WHERE w.city = p_who.city AND w.person = s.id
			AND (w.ended_on IS NULL OR w.ended_on > start)) THEN
		RETURN api.refuse(409, 'seeker-placed');
	END IF;
	IF v.reserved THEN
		rank := (ledger.rank_at(p_who.city, person, today)).rank;
		IF rank > 3 AND NOT (rank < 6 AND coalesce(v.released_on <= today, false)) THEN
			RETURN api.refuse(409, 'reserved-post', jsonb_build_object('released_on', v.released_on));
		END IF;
	END IF;
	IF octet_length(v.licences) > 0 AND NOT ledger.ids_of(v.licences) <@ ledger.ids_of(s.licences) THEN
		RETURN api.refuse(409, 'licence-missing');
	END IF;

	INSERT INTO ledger.placement (city, seeker, vacancy, employer, kind, workplace, start_on,
			source, reported_at, reported_kid, reported_by, reported_actor)
		VALUES (p_who.city, s.id, v.id, emp, p_body->>'kind',
			coalesce((p_body->>'workplace')::bigint, v.place), start,
			coalesce(p_body->>'source', p_who.organisation), at, p_who.kid, p_who.organisation,
			p_who.actor)
		RETURNING * INTO p;
	UPDATE ledger.vacancy x SET filled = x.filled + 1, version = x.version + 1
		WHERE x.city = p_who.city AND x.id = v.id;
	IF p_body->>'referral' IS NOT NULL THEN
		PERFORM ledger.place_referral(p_who, p_body->>'referral', p.id);
	END IF;
	PERFORM ledger.rerank(p_who.city, kin, today);
	RETURN api.answer(201, ledger.placement_short(p));
END $$;

-- One alone is a batch of one: half the price of the rule, and one set of plans for both.
CREATE OR REPLACE FUNCTION api.report_placement(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_idem text, p_req bytea, p_body jsonb)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	RETURN QUERY SELECT r.kind, r.status, r.code, r.body, r.id, r.version, r.record, r.label
		FROM api.report_placements(p_city, ARRAY[p_kid], ARRAY[p_hash], ARRAY[p_actor],
			ARRAY[p_idem], ARRAY[p_req], ARRAY[p_body]) r;
END $$;

-- One lock a key, so that a twin waits before there is a row: a plain call's row is written
-- when its answer is known, once.
CREATE OR REPLACE FUNCTION ledger.key_lock(p_city int, p_kid text, p_idem text) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT hashtextextended(p_kid || ' ' || p_idem, p_city)
$$;

-- Locks, of all calls; a call that was refused already has neither seeker nor vacancy here.
CREATE OR REPLACE FUNCTION ledger.lock_postings(p_city int, p_kid text[], p_idem text[],
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
CREATE OR REPLACE FUNCTION ledger.plain_postings(p_city int, p_today date, p_women int, p_men int,
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

CREATE OR REPLACE FUNCTION api.report_placements(p_city int, p_kid text[], p_hash bytea[],
	p_actor text[], p_idem text[], p_req bytea[], p_body jsonb[])
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
		-- (ledger.rank_of), and the action is noted as api.keep notes it.  Her row and the
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
			RETURN QUERY SELECT n, k.* FROM api.keep(who, p_idem[n], 'placement',
				ledger.report_placement(who, p_body[n]), last) k;
			SELECT coalesce(max(o.id), 0) INTO last FROM ops.outbox o
				WHERE o.city = p_city AND o.xid = pg_current_xact_id();
		ELSE
			RETURN QUERY SELECT n, a.*;
		END IF;
	END LOOP;
END $$;

-- A list of placements under one Idempotency-Key: each of p_items is {"key", "body"}, or
-- {"errors"} when the daemon has found it wrong.  Each is recorded by its own key and its own
-- nature, good ones beside bad ones; the answer has one entry for each, in order, and is kept
-- whole.  The keys of items have a space in them, which no header's has.
CREATE OR REPLACE FUNCTION api.report_batch(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_idem text, p_req bytea, p_items jsonb)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who    api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	a      api.reply  := api.admit_once(who, 'placements.create', p_idem, p_req);
	good   int[]      := ARRAY(SELECT i.n FROM jsonb_array_elements(p_items)
		WITH ORDINALITY i(item, n) WHERE i.item ? 'body' ORDER BY i.n);
	n      int        := cardinality(good);
	answer jsonb      := '{}';
	one    record;
	items  jsonb;
BEGIN
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
	-- Each item has noted itself.
	RETURN QUERY SELECT * FROM api.keep(who, p_idem, NULL, api.answer(200, jsonb_build_object(
		'recorded', (SELECT count(*) FROM jsonb_array_elements(items) i WHERE i->>'status' = '201'),
		'again', (SELECT count(*) FROM jsonb_array_elements(items) i WHERE i->>'status' = '200'),
		'refused', (SELECT count(*) FROM jsonb_array_elements(items) i
			WHERE (i->>'status')::int >= 400), 'items', items)));
END $$;
