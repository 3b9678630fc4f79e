-- Registering people: all whose calls wait for a connection at one moment, in one transaction.
--
-- A bureau registers, inside its scope; what is sealed stays sealed.  Each call has the answer
-- that it would have had alone, in the order of the calls; one alone is a batch of one.  Locks
-- are taken for all of them first, in one order (Idempotency-Keys, certificates, people, each
-- by its number), so two batches cannot wait for each other.  Who changes a file (facts.sql)
-- locks its rows first and a certificate's number after; nothing here waits for those rows.
-- Calls of one batch that share one of these go one after the other, in rounds; what a round
-- accepts is written by a statement a table.

-- Locked first, so a twin waits before there is a row, and is told.
CREATE OR REPLACE FUNCTION ledger.lock_registrations(p_city int, p_calls ledger.registration[])
RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM pg_advisory_xact_lock(x.lock) FROM (SELECT DISTINCT k.kind, k.lock
		FROM unnest(p_calls) c, LATERAL (VALUES (1, ledger.key_lock(p_city, c.first_kid, c.idem)),
			(2, hashtextextended(c.body->'certificate'->>'number', p_city)),
			(3, hashtextextended('person ' || encode(c.blind, 'hex'), p_city))) k(kind, lock)
		WHERE k.lock IS NOT NULL ORDER BY k.kind, k.lock) x;
END $$;

-- Why a person cannot be registered, or NULL.  Who is on file in another bureau's scope is not
-- told from a place that is: what finding by number does not tell, registering does not.
CREATE OR REPLACE FUNCTION ledger.refuse_registration(p_city int, p_call ledger.registration)
RETURNS api.reply
LANGUAGE plpgsql STABLE AS $$
DECLARE
	cert  text := p_call.body->'certificate'->>'number';
	since date := (p_call.body->'unemployment'->>'since')::date;
	old   ledger.seeker;
BEGIN
	IF NOT ledger.in_scope(p_call.scope, (p_call.body->>'community')::bigint) THEN
		RETURN ledger.missing('/community', p_call.body->>'community');
	END IF;
	SELECT s.* INTO old FROM ledger.seeker s WHERE s.city = p_city AND s.id = ledger.survivor(p_city,
		(SELECT p.id FROM ledger.person p WHERE p.city = p_city AND p.blind = p_call.blind));
	IF FOUND AND NOT ledger.in_scope(p_call.scope, old.community) THEN
		RETURN ledger.missing('/citizen_number', '(not shown)');
	ELSIF old.id IS NOT NULL THEN
		RETURN api.refuse(409, 'already-registered',
			jsonb_build_object('seeker', ledger.seeker_text(old.id)));
	ELSIF ledger.age_on((p_call.body->>'birth')::date, ledger.today(p_city)) < 16 THEN
		RETURN api.refuse(422, 'under-age');
	ELSIF since IS NOT NULL AND ledger.age_class(ledger.policy_on(p_city, since), (p_call.body->>'sex')::int, ledger.age_on((p_call.body->>'birth')::date,
			since), (p_call.body->>'retirement_age')::int) IN (1, 4) THEN
		RETURN ledger.refuse_outside_working_age('/unemployment/since', since);
	ELSIF EXISTS (SELECT FROM ledger.certificate c WHERE c.city = p_city AND c.number = cert) THEN
		RETURN ledger.refuse_fault(ledger.fault('/certificate/number', 'certificate-taken',
			'(not shown)', 'the number of this person''s own certificate',
			'This certificate is on file for somebody else.', '该证号已登记在他人名下。'));
	END IF;
	RETURN NULL;
END $$;

-- People and their facts, of calls of which nothing can be refused.
CREATE OR REPLACE FUNCTION ledger.write_people(p_city int, p_today date,
	p_calls ledger.registration[])
RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO ledger.person (city, id, blind, citizen, name, phone, address, name_blind,
			phone_blind, address_blind, sex, birth, grp, hukou_type, hukou_division, registered_on,
			kid, actor)
		SELECT p_city, c.id, c.blind, c.citizen, c.name, c.phone, c.address,
			decode(b.name_blind, 'hex'), decode(b.phone_blind, 'hex'),
			decode(b.address_blind, 'hex'), b.sex, b.birth, b."group", b.hukou_type,
			b.hukou_division, p_today, c.kid, c.actor
		FROM unnest(p_calls) c, jsonb_to_record(c.body) b(name_blind text, phone_blind text,
			address_blind text, sex int, birth date, "group" text, hukou_type text, hukou_division text);
	INSERT INTO ledger.retirement_fact (city, person, since, age, evidence)
		SELECT p_city, c.id, (c.body->>'birth')::date, (c.body->>'retirement_age')::int,
			coalesce(c.body->>'retirement_evidence', '')
		FROM unnest(p_calls) c WHERE c.body->>'retirement_age' IS NOT NULL;
	INSERT INTO ledger.unemployment (city, person, since, prior_job, laid_off)
		SELECT p_city, c.id, u.since, coalesce(u.prior_job, false), u.laid_off
		FROM unnest(p_calls) c, jsonb_to_record(nullif(c.body->'unemployment', 'null'))
			u(since date, prior_job boolean, laid_off text)
		WHERE c.body->>'unemployment' IS NOT NULL;
	INSERT INTO ledger.recognition (city, person, code, recognised_on, by_kid)
		SELECT p_city, c.id, r->>'code', (r->>'on')::date, c.kid
		FROM unnest(p_calls) c,
			jsonb_array_elements(coalesce(nullif(c.body->'recognitions', 'null'), '[]')) r;
	WITH made AS (
		INSERT INTO ledger.certificate (city, person, number, grp, issued_on, valid_to)
			SELECT p_city, c.id, b.number, b."group", b.issued_on, b.valid_to
			FROM unnest(p_calls) c, jsonb_to_record(nullif(c.body->'certificate', 'null'))
				b(number text, "group" text, issued_on date, valid_to date)
			WHERE c.body->>'certificate' IS NOT NULL
			RETURNING person, id)
	INSERT INTO ledger.inspection (city, certificate, year, on_day)
		SELECT DISTINCT p_city, m.id, y::int, ledger.inspected_on(p_city, y::int) FROM unnest(p_calls) c JOIN made m ON m.person = c.id,
			jsonb_array_elements_text(
				coalesce(nullif(c.body->'certificate'->'inspected', 'null'), '[]')) y;
END $$;

-- Calls of which no two share a key, a number or a certificate.
CREATE OR REPLACE FUNCTION ledger.register_round(p_city int, p_calls ledger.registration[])
RETURNS TABLE (call int, kind "char", status int, code text, body text, id bigint,
	version bigint, record bytea, label text)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
	today date := ledger.today(p_city);
	here  bigint := pg_current_xact_id()::text::bigint;
	c     ledger.registration;
	a     api.reply;
	who   api.caller;
	good  ledger.registration[] := '{}';
	ids     bigint[];
	answers text[];
BEGIN
	FOREACH c IN ARRAY p_calls LOOP
		who.city := p_city;
		who.kid := c.kid;
		who.first_kid := c.first_kid;
		who.call := c.call;
		who.actor := c.actor;
		who.role := 4;
		who.scope := c.scope;
		who.officer := c.officer;
		who.on_behalf := c.on_behalf;
		a := CASE WHEN api.is_given_key(c.idem)
			THEN api.said_before(who, c.idem, c.request) END;
		IF a.status IS NULL THEN
			a := ledger.refuse_registration(p_city, c);
			IF a.status IS NULL THEN
				good := good || c;
				CONTINUE;
			END IF;
			INSERT INTO ledger.idempotency (city, first_kid, key, request, call, status, code, body,
					officer, on_behalf, scope)
				SELECT p_city, c.first_kid, c.idem, c.request, c.call, a.status, a.code, a.body, c.officer,
					c.on_behalf, c.scope WHERE api.is_given_key(c.idem);
		END IF;
		RETURN QUERY SELECT c.n, a.*;
	END LOOP;
	IF good = '{}' THEN
		RETURN;
	END IF;

	PERFORM ledger.write_people(p_city, today, good);
	WITH made AS (
		INSERT INTO ledger.seeker (city, id, community, rank, rank_reason, rank_on, age_class,
				class_until, turn_on, waiting_since, pay_wish, farthest, shifts,
				forms, education, education_rank, wishes, skills, licences, experience)
			SELECT p_city, c.id, b.community, r.rank, r.reason, today, r.age_class,
				r.class_until, r.class_until, coalesce(b.since, today),
				coalesce(b.pay_wish, 0), b.farthest, b.shifts, b.forms, b.education,
				coalesce(b.education_rank, 0), b.wishes, ledger.unhex(b.skills),
				ledger.unhex(b.licences), ledger.unhex(b.experience)
			FROM unnest(good) c JOIN ledger.ranks_of(p_city, ARRAY(SELECT g.id FROM unnest(good) g),
					today) r ON r.person = c.id,
				jsonb_to_record(c.body || jsonb_build_object('since',
					c.body->'unemployment'->'since')) b(community bigint, since date,
					pay_wish int, farthest int, shifts int, forms int, education text,
					education_rank int, wishes int[], skills text, licences text, experience text)
			RETURNING *)
		SELECT array_agg(m.id), array_agg(jsonb_build_object('seeker', ledger.seeker_text(m.id),
				'rank', 'P' || m.rank, 'rank_reason', m.rank_reason,
				'age_class', ledger.age_class_name(m.age_class), 'class_until', m.class_until,
				'registered_on', today)::text)
			INTO ids, answers FROM made m;
	RETURN QUERY WITH events AS MATERIALIZED (
		SELECT o.* FROM ops.outbox o WHERE o.city = p_city AND o.xid = pg_current_xact_id()
			AND o.entity = 's' AND o.entity_id = ANY (ids)
	), answered AS MATERIALIZED (
		SELECT c.*, d.answer, e.id AS event, e.version, e.record FROM unnest(good) c
			JOIN unnest(ids, answers) d(made, answer) ON d.made = c.id
			JOIN events e ON e.entity_id = c.id
	), noted AS (
		INSERT INTO ledger.action (city, kid, officer, on_behalf, op, object, request)
			SELECT p_city, x.kid, x.officer, x.on_behalf, 'seekers.create',
				'seeker/' || ledger.seeker_text(x.id), x.trace FROM answered x
	), kept AS (
		INSERT INTO ledger.idempotency (city, first_kid, key, request, call, status, code, body, xid, event,
				officer, on_behalf, scope, object)
			SELECT p_city, x.first_kid, x.idem, x.request, x.call, 201, 'ok', x.answer, here, x.event,
				x.officer, x.on_behalf, x.scope, 'seeker/' || ledger.seeker_text(x.id)
			FROM answered x
	)
	SELECT x.n, 's'::"char", NULL::int, NULL, NULL, x.id, x.version, x.record, '' FROM answered x
	UNION ALL
	SELECT x.n, 'a', 201, 'ok', x.answer, here, x.event, NULL, '' FROM answered x;
END $$;

-- All of them, each once: by calls of their own and by files alike.
CREATE OR REPLACE FUNCTION ledger.register_each(p_city int, p_calls ledger.registration[])
RETURNS TABLE (call int, kind "char", status int, code text, body text, id bigint,
	version bigint, record bytea, label text)
LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
DECLARE
	calls ledger.registration[] := p_calls;
	turn  ledger.registration[];
BEGIN
	PERFORM ledger.lock_registrations(p_city, calls);
	WHILE calls <> '{}' LOOP
		SELECT array_agg(x.c) FILTER (WHERE x.is_first),
				coalesce(array_agg(x.c ORDER BY (x.c).n) FILTER (WHERE NOT x.is_first), '{}')
			INTO turn, calls
			FROM (SELECT c, row_number() OVER (PARTITION BY c.first_kid, c.idem ORDER BY c.n) = 1
					AND row_number() OVER (PARTITION BY c.blind ORDER BY c.n) = 1
					AND (c.body->'certificate'->>'number' IS NULL OR row_number() OVER (
						PARTITION BY c.body->'certificate'->>'number' ORDER BY c.n) = 1) AS is_first
				FROM unnest(calls) c) x;
		RETURN QUERY SELECT * FROM ledger.register_round(p_city, turn);
	END LOOP;
END $$;

CREATE OR REPLACE FUNCTION api.register_seekers(p_city int, p_kid text[], p_hash bytea[],
	p_actor text[], p_idem text[], p_req bytea[], p_id bigint[], p_blind bytea[],
	p_citizen bytea[], p_name bytea[], p_phone bytea[], p_address bytea[], p_body jsonb[])
RETURNS TABLE (call int, kind "char", status int, code text, body text, id bigint,
	version bigint, record bytea, label text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE
	who   api.caller;
	a     api.reply;
	calls ledger.registration[] := '{}';
BEGIN
	FOR n IN 1 .. cardinality(p_kid) LOOP
		-- The second part of an actor is the request's own id; who it is stands in the first.
		IF n = 1 OR (p_kid[n], p_hash[n], split_part(p_actor[n], ' ', 1)) IS DISTINCT FROM
				(p_kid[n - 1], p_hash[n - 1], split_part(p_actor[n - 1], ' ', 1)) THEN
			who := api.principal(p_city, p_kid[n], p_hash[n], p_actor[n]);
			a := api.admit(who, 'seekers.create');
		END IF;
		IF a.status IS NOT NULL THEN
			RETURN QUERY SELECT n, a.*;
		ELSIF p_idem[n] IS NULL OR p_req[n] IS NULL THEN
			RETURN QUERY SELECT n, r.* FROM api.refuse(400, 'idempotency-key-missing') r;
		ELSE
			calls := calls || ROW(n, who.kid, who.first_kid, who.actor, who.scope, who.officer, who.on_behalf,
				split_part(p_actor[n], ' ', 2), p_idem[n], p_req[n], p_id[n], p_blind[n],
				p_citizen[n], p_name[n], p_phone[n], p_address[n], p_body[n],
				split_part(p_actor[n], ' ', 3))::ledger.registration;
		END IF;
	END LOOP;
	RETURN QUERY SELECT * FROM ledger.register_each(p_city, calls);
END $$;
