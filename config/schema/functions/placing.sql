-- Placements reported, once: the rule, for all calls that wait for a connection at one moment;
-- one alone is a batch of one.
--
-- Every check comes before the first write, and a refusal is an answer that is kept.
-- Another report of one job, by anybody and under any Idempotency-Key, is 200 with the placement
-- that it is one more report of (reports.sql); what is another job and cannot stand beside it is
-- 409, naming the first to whoever may see it.
--
-- Each call has the answer it would have had alone, in the order of the calls.  Locks are taken
-- for all of them first, in the one order of all functions (Idempotency-Keys, approvals, vacancies,
-- households, seekers, each by its number), so two batches cannot wait for each other.  Then in
-- rounds: of the calls not answered yet, those that meet no earlier one are judged by what
-- stands, as one set, and one statement writes what they leave.

CREATE OR REPLACE FUNCTION ledger.placement_short(p_id bigint, p_seeker bigint, p_vacancy bigint,
	p_kind text, p_start_on date, p_standing text)
RETURNS jsonb
LANGUAGE sql STABLE AS $$
	SELECT jsonb_build_object('placement', p_id::text, 'state', 'reported',
		'seeker', ledger.seeker_text(p_seeker), 'vacancy', p_vacancy::text, 'kind', p_kind,
		'start_on', p_start_on, 'standing', p_standing)
$$;

-- One lock a key, so that a twin waits before there is a row: a row is written once, when its
-- answer is known.
CREATE OR REPLACE FUNCTION ledger.key_lock(p_city int, p_kid text, p_idem text) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT hashtextextended(p_kid || ' ' || p_idem, p_city)
$$;

-- All locks; a call that was refused already has neither seeker nor vacancy here.  Returns the
-- seekers who are or were of a household, asked again when their rows are locked: they may have
-- come into one meanwhile.
CREATE OR REPLACE FUNCTION ledger.lock_postings(p_city int, p_keys bigint[], p_approvals text[],
	p_vacancies bigint[], p_seekers bigint[])
RETURNS bigint[]
LANGUAGE plpgsql AS $$
DECLARE
	members bigint[];
BEGIN
	PERFORM pg_advisory_xact_lock(x.key) FROM (SELECT DISTINCT k.key FROM unnest(p_keys) k(key)
		WHERE k.key IS NOT NULL ORDER BY 1) x;
	IF p_approvals IS NOT NULL THEN
		PERFORM FROM ledger.approval a WHERE a.city = p_city AND a.approval = ANY (p_approvals)
			ORDER BY a.approval FOR NO KEY UPDATE;
	END IF;
	PERFORM FROM ledger.vacancy v WHERE v.city = p_city AND v.id = ANY (p_vacancies)
		ORDER BY v.id FOR NO KEY UPDATE;
	FOR n IN 1..2 LOOP
		SELECT array_agg(m.person) INTO members FROM ledger.household_member m
			WHERE m.city = p_city AND m.person = ANY (p_seekers);
		IF members IS NOT NULL THEN
			PERFORM ledger.lock_files(p_city, p_seekers);
		ELSIF n = 1 THEN
			PERFORM FROM ledger.seeker s WHERE s.city = p_city AND s.id = ANY (p_seekers)
				ORDER BY s.id FOR NO KEY UPDATE;
		END IF;
	END LOOP;
	RETURN coalesce(members, '{}');
END $$;

-- The rule: of the calls not answered yet, those that meet no earlier one over key, vacancy,
-- seeker or household, each with its answer, in the order of the checks; no answer: it is a
-- placement.  A report of a job that is recorded is answered with its number alone, for
-- ledger.join_report.  p_whose says which of p_callers each call's is; one that is answered has none, and
-- neither key, seeker nor vacancy.  p_members: of p_seekers those who are or were of a household.
-- retires_on: the seeker's rank is that of one at work and nothing but this birthday can change
-- it; NULL when a fact, a household or a policy may.
-- A plain query, so that it becomes a part of the statement that asks; one look each where a row
-- need not be, never a join: a plan made while a table was empty is kept.
-- rules/placements, rules/placement-once, rules/under-16, rules/placement-kinds, rules/reserved,
-- rules/licence, rules/agency-licence, rules/referrals
CREATE OR REPLACE FUNCTION ledger.judge_postings(p_city int, p_today date, p_policy ledger.policy,
	p_is_steady boolean, p_members bigint[], p_callers api.caller[], p_whose int[],
	p_keys bigint[], p_idem text[], p_req bytea[], p_calls text[], p_seekers bigint[],
	p_vacancies bigint[], p_body jsonb[])
RETURNS TABLE (n bigint, kid text, officer bigint, on_behalf bigint, actor text,
	organisation text, new_key text, answer api.reply, seeker bigint, seeker_row tid,
	vacancy bigint, post_row tid, employer text, kind text, workplace bigint, start_on date,
	source text, standing text, referral bigint, retires_on date)
LANGUAGE sql STABLE AS $$
	SELECT c.n, w.kid, w.officer, w.on_behalf, w.actor, w.organisation,
		CASE WHEN c.request IS NOT NULL AND (c.kept).status IS NULL
			AND (c.unlicensed).status IS NULL THEN c.idem END,
		CASE
		WHEN c.idem IS NULL OR c.request IS NULL THEN api.refuse(400, 'idempotency-key-missing')
		WHEN (c.unlicensed).status IS NOT NULL THEN c.unlicensed
		WHEN (c.kept).status IS NOT NULL THEN c.kept
		WHEN v.id IS NULL AND c.body->>'vacancy' IS NOT NULL
				OR v.id IS NOT NULL AND w.role = 1 AND (e.code = ANY (w.employers)) IS NOT TRUE
			THEN ledger.missing('/vacancy', c.body->>'vacancy')
		WHEN e.org <> ledger.org_of(c.body->>'employer') THEN ledger.refuse_fault(ledger.fault('/employer',
			'together', c.body->>'employer', 'the employer of this vacancy, or nothing',
			'The vacancy is another employer''s.', '该岗位属于另一用人单位。'))
		WHEN v.id IS NULL AND w.role = 1 THEN api.refuse(403, 'role-refused')
		WHEN s.id IS NULL OR w.role <> 1 AND NOT ledger.in_scope(w.scope, s.community)
			THEN ledger.missing('/seeker', c.body->>'seeker')
		WHEN s.merged_into IS NOT NULL THEN api.refuse(410, 'seeker-merged',
			CASE WHEN w.role = 4 THEN jsonb_build_object('survivor',
				ledger.seeker_text(ledger.survivor(p_city, s.id))) ELSE '{}' END)
		WHEN c.start_on < ledger.birthday(f.birth, 16) THEN api.refuse(422, 'under-age')
		WHEN c.start_on > p_today + p_policy.start_ahead_days THEN api.refuse(422, 'start-too-far',
			jsonb_build_object('latest', p_today + p_policy.start_ahead_days))
		WHEN (c.placed).code IN ('placed-from-another-day', 'validation-failed')
			OR (c.placed).label = 'replayed' THEN c.placed
		WHEN (c.via).status IS NOT NULL THEN c.via
		WHEN (c.placed).label = 'joins' THEN c.placed
		-- Before the vacancy's: their own job may be what has filled it.
		WHEN (c.placed).status >= 400 THEN c.placed
		WHEN NOT ledger.is_open(v.open, v.valid_until, p_today) THEN ledger.refuse_closed(v)
		WHEN v.filled >= v.posts THEN api.refuse(409, 'vacancy-filled',
			jsonb_build_object('posts', v.posts))
		WHEN (v.reserved OR c.body->>'kind' = 'pwp') AND (ledger.refuse_public_post(p_city, s.id, v,
				c.body, ((c.placed).body::jsonb->>'idle_on')::date)).status IS NOT NULL
			THEN ledger.refuse_public_post(p_city, s.id, v, c.body,
				((c.placed).body::jsonb->>'idle_on')::date)
		WHEN octet_length(v.licences) > 0
				AND NOT ledger.ids_of(v.licences) <@ ledger.ids_of(s.licences)
			THEN api.refuse(409, 'licence-missing')
		WHEN (c.placed).status = 200 THEN c.placed END,
		s.id, s.ctid, v.id, v.ctid, coalesce(e.code, ledger.filed_code(p_city, c.body->>'employer')), c.body->>'kind',
		coalesce((c.body->>'workplace')::bigint, v.place), c.start_on,
		coalesce(c.body->>'source', w.organisation),
		CASE WHEN w.role = 1 THEN 'employer' ELSE coalesce((c.via).label, 'alone') END, (c.via).id,
		-- In days, which is cheap, and never too many: 18 years have at most 6575, and n at least
		-- 365 n and a fourth of n, less two.
		CASE WHEN p_is_steady AND c.seeker <> ALL (p_members) AND c.start_on <= p_today
				AND (c.via).id IS NULL AND p_today - f.birth >= 6575
				AND p_today - f.birth < 365 * a.age + a.age / 4 - 2
				AND (SELECT 1 FROM ledger.retirement_fact k
					WHERE k.city = p_city AND k.person = s.id LIMIT 1) IS NULL
			THEN ledger.birthday(f.birth, a.age) END
	FROM (SELECT y.*, CASE WHEN y.body->>'referral' IS NOT NULL OR y.vacancy IS NOT NULL
				AND (SELECT 1 FROM ledger.referral k
					WHERE k.city = p_city AND k.seeker = y.seeker LIMIT 1) = 1
				THEN ledger.referral_reported(p_callers[y.whose], y.body->>'referral', y.vacancy,
					y.seeker, CASE WHEN (y.placed).status = 200
						THEN ((y.placed).body::jsonb->>'placement')::bigint END) END AS via
		FROM (SELECT x.*, (x.body->>'start_on')::date AS start_on,
			(SELECT CASE WHEN (r.no).status IS NULL THEN ROW('a', k.status, k.code, k.body, k.xid,
					k.event, NULL, CASE WHEN k.call = nullif(x.call, '') THEN 'repeated'
					ELSE 'replayed' END)::api.reply ELSE r.no END
				FROM ledger.idempotency k, LATERAL (SELECT api.refuse_again(p_callers[x.whose], k,
					x.request) AS no OFFSET 0) r
				WHERE k.city = p_city AND k.first_kid = p_callers[x.whose].first_kid
				  AND k.key = x.idem) AS kept,
			CASE WHEN (SELECT 1 FROM ledger.placement k
					WHERE k.city = p_city AND k.seeker = x.seeker LIMIT 1) = 1
				THEN ledger.judge_placed(p_callers[x.whose], p_today, x.seeker, x.vacancy, x.body)
				END AS placed,
			CASE WHEN p_callers[x.whose].role = 2 THEN ledger.refuse_unlicensed(
				p_callers[x.whose], (x.body->>'start_on')::date) END AS unlicensed
		FROM unnest(p_whose, p_keys, p_idem, p_req, p_calls, p_seekers, p_vacancies, p_body)
			WITH ORDINALITY x(whose, key, idem, request, call, seeker, vacancy, body, n)
		WHERE x.whose IS NOT NULL
		  AND (x.key IS NULL OR array_position(p_keys, x.key) = x.n)
		  AND (x.vacancy IS NULL OR array_position(p_vacancies, x.vacancy) = x.n)
		  AND (x.seeker IS NULL OR array_position(p_seekers, x.seeker) = x.n)
		  AND (x.body->>'approval' IS NULL OR NOT EXISTS (SELECT
			FROM unnest(p_whose[:x.n::int - 1], p_body[:x.n::int - 1]) o(whose, body)
			WHERE o.whose IS NOT NULL AND o.body->>'approval' = x.body->>'approval'))
		  AND NOT coalesce(x.seeker = ANY (p_members)
			AND ledger.kin_of(p_city, ARRAY[x.seeker]) && p_seekers[:x.n::int - 1], false)
		OFFSET 0) y OFFSET 0) c
	JOIN unnest(p_callers) WITH ORDINALITY w ON w.ordinality = c.whose
	LEFT JOIN ledger.vacancy v ON v.city = p_city AND v.id = c.vacancy
	LEFT JOIN ledger.employer e ON e.city = p_city AND e.id = v.employer
	LEFT JOIN ledger.seeker s ON s.city = p_city AND s.id = c.seeker
	LEFT JOIN ledger.person f ON f.city = p_city AND f.id = c.seeker
	CROSS JOIN LATERAL (SELECT CASE WHEN f.sex = 2 THEN p_policy.retire_women
		ELSE p_policy.retire_men END AS age) a
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
	is_steady boolean := NOT EXISTS (SELECT FROM ledger.policy p
		WHERE p.city = p_city AND p.valid_from > today);
	claim     text;
	was       text;
	who       api.caller;
	a         api.reply;
	callers   api.caller[] := '{}';
	whose     int[] := '{}'; -- of each call; it and the next three are NULL when it is answered
	keys      bigint[];
	calls     text[] := ARRAY(SELECT split_part(c.actor, ' ', 3)
		FROM unnest(p_actor) WITH ORDINALITY c(actor, n) ORDER BY c.n);
	seekers   bigint[];
	vacancies bigint[];
	waiting   int := 0;
	members   bigint[];
	done      int[]; -- the calls of a round, and of each:
	new_keys  text[]; -- the key, when its answer is to be kept
	answers   api.reply[];
	posts     bigint[];
	people    bigint[]; -- the seeker, and then others whose rank may change
	movers    int[]; -- by which call theirs does
	has_more  boolean[]; -- more follows than is written at once
	ended     bigint[]; -- the referral
	places    bigint[];
	placed    bigint;
	kin       bigint[];
	passed    bigint := 0; -- the last event of earlier rounds
	n         int;
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
		IF a.status IS NULL THEN
			waiting := waiting + 1;
		ELSE
			RETURN QUERY SELECT n, a.*;
		END IF;
	END LOOP;
	SELECT array_agg(CASE WHEN c.whose > 0 THEN ledger.key_lock(p_city,
				callers[c.whose].first_kid, c.idem) END ORDER BY c.n),
			array_agg(CASE WHEN c.whose > 0 THEN ledger.seeker_id(c.body->>'seeker') END ORDER BY c.n),
			array_agg(CASE WHEN c.whose > 0 THEN ledger.row_id(c.body->>'vacancy') END ORDER BY c.n)
		INTO keys, seekers, vacancies
		FROM unnest(whose, p_idem, p_body) WITH ORDINALITY c(whose, idem, body, n);
	members := ledger.lock_postings(p_city, keys, (SELECT array_agg(c.body->>'approval')
		FROM unnest(whose, p_body) c(whose, body) WHERE c.whose > 0 AND c.body->>'approval' IS NOT NULL),
		vacancies, seekers);

	WHILE waiting > 0 LOOP
		-- The rows of the seeker and of the vacancy are locked: they are still where this statement
		-- has read them.  Whoever's rank more can change is ranked by ledger.rerank below.
		WITH judged AS MATERIALIZED (
			SELECT x.*, CASE WHEN (x.answer).status IS NULL
				THEN nextval('ledger.placement_id_seq') END AS id
			FROM (SELECT * FROM ledger.judge_postings(p_city, today, pol, is_steady, members,
				callers, whose, keys, p_idem, p_req, calls, seekers, vacancies, p_body) OFFSET 0) x
		), made AS (
			INSERT INTO ledger.placement (city, id, seeker, vacancy, employer, kind, workplace,
				approval, start_on, source, reported_at, reported_kid, reported_by, reported_actor)
			OVERRIDING SYSTEM VALUE
			SELECT p_city, c.id, c.seeker, c.vacancy, c.employer, c.kind, c.workplace,
				p_body[c.n]->>'approval', c.start_on, c.source, at, c.kid, c.organisation, c.actor
				FROM judged c WHERE c.id > 0
		), taken AS (
			UPDATE ledger.vacancy v SET filled = v.filled + 1, version = v.version + 1
			FROM judged c WHERE v.ctid = c.post_row AND c.id > 0
		), busy AS (
			UPDATE ledger.seeker s SET version = s.version + 1, active = false, rank = 6,
				rank_reason = 'employed', rank_on = today, age_class = 3,
				class_until = c.retires_on, turn_on = least(s.turn_on, c.retires_on)
			FROM judged c WHERE s.ctid = c.seeker_row AND c.id > 0 AND c.retires_on IS NOT NULL
			  AND (s.active, s.rank, s.rank_reason, s.age_class, s.class_until)
				IS DISTINCT FROM (false, 6, 'employed', 3, c.retires_on)
		), noted AS (
			INSERT INTO ledger.action (city, kid, officer, on_behalf, op, object, request)
			SELECT p_city, c.kid, c.officer, c.on_behalf, 'placements.create',
				'placement/' || c.id, split_part(p_actor[c.n], ' ', 2) FROM judged c WHERE c.id > 0
		)
		SELECT array_agg(c.n), array_agg(c.new_key), array_agg(c.vacancy), array_agg(c.seeker),
				array_agg(c.n), array_agg(CASE WHEN c.id IS NULL THEN c.answer
					ELSE api.answer(201, ledger.placement_short(c.id, c.seeker, c.vacancy, c.kind,
						c.start_on, c.standing)) END), array_agg(CASE WHEN c.id IS NULL
					THEN (c.answer).status = 200 AND (c.answer).label IN ('joins', 'takes')
						AND c.new_key IS NOT NULL ELSE c.retires_on IS NULL
						OR p_body[c.n]->>'reference' IS NOT NULL END),
				array_agg(c.referral), array_agg(c.workplace)
			INTO done, new_keys, posts, people, movers, answers, has_more, ended, places
			FROM judged c;

		FOR i IN 1 .. CASE WHEN true = ANY (has_more) THEN cardinality(done) ELSE 0 END LOOP
			CONTINUE WHEN NOT has_more[i];
			who := callers[whose[done[i]]];
			who.request := split_part(p_actor[done[i]], ' ', 2);
			placed := ((answers[i]).body::jsonb->>'placement')::bigint;
			kin := ledger.kin_of(p_city, people[i:i]);
			IF (answers[i]).status = 200 THEN
				answers[i] := ledger.join_report(who, placed, p_body[done[i]], posts[i], places[i],
					ended[i], kin, at);
			ELSE
				PERFORM ledger.keep_first_report(p, p_body[done[i]]->>'reference')
					FROM ledger.placement p WHERE p.city = p_city AND p.id = placed
					AND p_body[done[i]]->>'reference' IS NOT NULL;
				PERFORM ledger.place_referral(who, ended[i], placed) WHERE ended[i] IS NOT NULL;
				PERFORM ledger.rerank(p_city, kin, today);
			END IF;
			people := people || kin;
			movers := movers || array_fill(done[i], ARRAY[cardinality(kin)]);
		END LOOP;

		RETURN QUERY
			WITH said AS MATERIALIZED (
				SELECT d.n, d.key, d.status, d.code, d.body, d.label, CASE WHEN d.is_new
					AND l.last > 0 THEN pg_current_xact_id()::text::bigint ELSE d.id END AS xid,
					CASE WHEN d.is_new AND l.last > 0 THEN l.last ELSE d.version END AS event
				FROM (SELECT max(o.id) AS last FROM ops.outbox o
					WHERE o.city = p_city AND o.xid = pg_current_xact_id_if_assigned()) l,
					(SELECT *, u.status < 300 AND u.label = '' AS is_new FROM unnest(done, new_keys,
						answers) u(n, key, kind, status, code, body, id, version, record, label)) d
			), kept AS (
				INSERT INTO ledger.idempotency (city, first_kid, key, request, call, status, code, body,
					xid, event, officer, on_behalf, scope, object)
				SELECT p_city, callers[whose[d.n]].first_kid, d.key, p_req[d.n], calls[d.n], d.status, d.code,
					d.body, d.xid, d.event,
					callers[whose[d.n]].officer, callers[whose[d.n]].on_behalf,
					callers[whose[d.n]].scope, CASE WHEN d.status < 300 AND NOT api.is_given_key(d.key)
						THEN 'placement/' || (d.body::jsonb->>'placement') END
				FROM said d WHERE d.key IS NOT NULL
				  AND (d.status < 300 OR api.is_given_key(d.key))
			)
			SELECT d.n, 'a'::"char", d.status, d.code, d.body, d.xid, d.event, NULL::bytea, d.label
			FROM said d
			UNION ALL
			SELECT movers[array_position(CASE o.entity WHEN 'v' THEN posts ELSE people END,
				o.entity_id)], o.entity, NULL, NULL, NULL, o.entity_id, o.version, o.record, o.label
			FROM ops.outbox o
			WHERE o.city = p_city AND o.xid = pg_current_xact_id_if_assigned() AND o.id > passed;
		waiting := waiting - cardinality(done);
		EXIT WHEN waiting = 0;
		FOREACH n IN ARRAY done LOOP
			whose[n] := NULL;
			keys[n] := NULL;
			seekers[n] := NULL;
			vacancies[n] := NULL;
		END LOOP;
		SELECT coalesce(max(o.id), 0) INTO passed FROM ops.outbox o
			WHERE o.city = p_city AND o.xid = pg_current_xact_id_if_assigned();
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
			'status', CASE WHEN one.status = 201 AND one.label IN ('replayed', 'repeated') THEN 200
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
