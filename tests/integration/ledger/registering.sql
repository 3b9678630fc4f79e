-- People registered in one batch are what they are one by one: the same town twice, the same
-- calls, the first town's one after the other, the second's at once; every refusal, every
-- kind of twin.

CREATE FUNCTION t.town(p_set int) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM t.is('on file', t.seeker(p_set * 1000 + 900, jsonb_build_object('citizen', p_set || '/old',
		'certificate', jsonb_build_object('number', p_set || 'OLD', 'group', 'local',
		'issued_on', '2007-02-01', 'valid_to', '2009-02-01')), p_idem => p_set || 'old')->>'status', '201');
	PERFORM t.is('a second', t.seeker(p_set * 1000 + 901, jsonb_build_object('citizen',
		p_set || '/second'))->>'status', '201');
	PERFORM t.is('merged', (SELECT r.status FROM api.merge_seekers(4101, t.kid('bureau'),
		t.secret('bureau'), t.actor('bureau'), p_set || 'merge', '\x01', p_set * 1000 + 900, 'merge',
		jsonb_build_object('duplicate', ledger.seeker_text(p_set * 1000 + 901), 'reason', 'same'))
		r WHERE r.kind = 'a'), 201);
END $$;

-- Who, whose number, which certificate, with which key of which caller, and what else.
CREATE TABLE t.registrations AS SELECT * FROM (VALUES
	(1, 'a', NULL, 'bureau', 'a', '{}'::jsonb), (2, 'b', NULL, 'district', 'a', '{}'),
	(3, 'c', 'C', 'bureau', 'c', '{"name_blind":"aa","phone_blind":null,"sex":1,"birth":"1950-03-01"}'),
	(4, 'a', NULL, 'bureau', 'd', '{}'),                      -- a number of this batch
	(5, 'a', NULL, 'elsewhere', 'e', '{"community":"410103001001"}'), -- the same, told to another bureau
	(6, 'old', NULL, 'bureau', 'f', '{}'),                    -- a number on file
	(7, 'second', NULL, 'bureau', 'g', '{}'),                 -- of a file that was made one with it
	(8, 'h', 'OLD', 'bureau', 'h', '{}'),                     -- a certificate on file
	(9, 'i', 'C', 'bureau', 'i', '{}'),                       -- a certificate of this batch
	(10, 'c', 'C', 'bureau', 'j', '{}'),                      -- the same certificate's person
	(11, 'k', 'D', 'elsewhere', 'k', '{}'),                   -- out of scope
	(12, 'l', 'D', 'bureau', 'l', '{}'),                      -- so her certificate is free
	(13, 'a', NULL, 'bureau', 'a', '{"pay_wish":1}'),         -- a key used for something else
	(14, 'm', NULL, 'agency', 'm', '{}'), (15, 'n', NULL, 'nobody', 'n', '{}'),
	(16, 'o', NULL, 'bureau', NULL, '{}'), (17, 'p', NULL, 'auditor', 'p', '{}'),
	(18, 'h', NULL, 'bureau', 'q', '{"unemployment":null}'),  -- refused above, not now
	(19, 'h', NULL, 'bureau', 'q', '{"unemployment":null}'),  -- with a key that is answered
	(20, 'r', 'D', 'bureau', 'r', '{}'), (21, 'r', NULL, 'bureau', 's', '{}'),
	(22, 'r', NULL, 'bureau', 't', '{}'),
	(23, 's', NULL, 'bureau', 'u', '{"birth":"1992-01-01","unemployment":null}'),
	(24, 't', NULL, 'bureau', 'v', '{"birth":"1990-03-01","unemployment":null,"hukou_type":"rural"}'),
	(25, 'u', NULL, 'bureau', 'w', '{"birth":"1956-01-01","retirement_age":55,"retirement_evidence":"x"}'),
	(26, 'v', NULL, 'bureau', 'x', '{"birth":"1956-01-01"}'),
	(27, 'w', NULL, 'bureau', 'y', '{"recognitions":[{"code":"HC3","on":"2007-01-01"},{"code":"HC5","on":"2006-01-01"}]}'),
	(28, 'x', 'E', 'bureau', 'z', '{"wishes":[4070501,4090801],"skills":"0a0b","licences":"03","experience":"003e1f8d0012","pay_wish":null,"education":null,"education_rank":null,"shifts":1,"forms":2,"farthest":0}')
	) c(n, citizen, certificate, key, idem, more);

-- A call as the daemon makes it.  The same call again has the same request, and another id.
CREATE FUNCTION t.registering(p_set int, c t.registrations, OUT idem text, OUT req bytea,
	OUT id bigint, OUT blind bytea, OUT body jsonb)
LANGUAGE sql AS $$
	SELECT p_set || c.idem, t.blind(c.citizen || c.more::text || coalesce(c.certificate, '')),
		p_set * 1000 + c.n, t.blind(p_set || '/' || c.citizen),
		t.person(jsonb_build_object('certificate', CASE WHEN c.certificate IS NOT NULL
			THEN jsonb_build_object('number', p_set || c.certificate, 'group', 'local',
			'issued_on', '2006-02-01', 'valid_to', '2009-02-01', 'inspected', '[2007, 2006, 2007]'::jsonb)
			END) || c.more)
$$;

CREATE FUNCTION t.register_all(p_set int, p_calls t.registrations[])
RETURNS TABLE (n int, fold jsonb) LANGUAGE sql AS $$
	SELECT p_calls[r.call].n, t.fold(array_agg((r.kind, r.status, r.code, r.body, r.id, r.version,
		r.record, r.label)::api.reply))
	FROM (SELECT array_agg(t.kid(c.key) ORDER BY i) AS kid, array_agg(t.secret(c.key) ORDER BY i) AS hash,
			array_agg(t.actor(c.key) || c.n ORDER BY i) AS actor, array_agg(p.idem ORDER BY i) AS idem,
			array_agg(p.req ORDER BY i) AS req, array_agg(p.id ORDER BY i) AS id,
			array_agg(p.blind ORDER BY i) AS blind, array_agg('\x01'::bytea) AS sealed,
			array_agg(p.body ORDER BY i) AS body
		FROM unnest(p_calls) WITH ORDINALITY c(n, citizen, certificate, key, idem, more, i),
			t.registering(p_set, ROW(c.n, c.citizen, c.certificate, c.key, c.idem, c.more)::t.registrations) p) x,
		api.register_seekers(4101, x.kid, x.hash, x.actor, x.idem, x.req, x.id, x.blind, x.sealed,
			x.sealed, x.sealed, x.sealed, x.body) r
	GROUP BY r.call
$$;

-- What both towns must have alike: ids, numbers and positions are those of a town.
CREATE FUNCTION t.told(p_set int, p jsonb) RETURNS jsonb LANGUAGE sql AS $$
	SELECT jsonb_build_object('status', p->'status', 'code', p->'code', 'label', p->'label',
		'answers', p->'answers', 'has position', p->>'xid' IS NOT NULL,
		'body', regexp_replace(regexp_replace(p->>'body', '"([0-9a-f]{16})"',
			'"' || coalesce((('x' || substr(p #>> '{body,seeker}', 9))::bit(32)::int - p_set * 1000)::text, '') || '"'),
			'"' || p_set || '([A-Z]+)"', '"\1"', 'g'),
		'events', (SELECT jsonb_agg(e || jsonb_build_object('id', (e->>'id')::bigint - p_set * 1000,
			'record', overlay(e->>'record' PLACING '................' FROM 5 FOR 16)))
			FROM jsonb_array_elements(p->'events') e))
$$;

CREATE TABLE t.answers (p_set int, n int, fold jsonb);
SELECT t.town(1);
SELECT t.town(2);
DO $$
DECLARE
	one t.registrations;
BEGIN
	FOR one IN SELECT * FROM t.registrations c ORDER BY c.n LOOP
		INSERT INTO t.answers SELECT 1, r.* FROM t.register_all(1, ARRAY[one]) r;
		COMMIT;
	END LOOP;
END $$;
INSERT INTO t.answers SELECT 2, r.* FROM t.register_all(2,
	ARRAY(SELECT c FROM t.registrations c ORDER BY c.n)) r;

SELECT t.is('call ' || x.n, t.told(2, y.fold), t.told(1, x.fold))
	FROM t.answers x LEFT JOIN t.answers y ON y.p_set = 2 AND y.n = x.n WHERE x.p_set = 1;
-- Each of them was met.
SELECT t.is('codes', string_agg(x, ' ' ORDER BY x), '201 ok 400 idempotency-key-missing 401 key-refused'
	' 403 role-refused 404 not-found 409 already-registered 422 idempotency-mismatch 422 under-age'
	' 422 validation-failed')
	FROM (SELECT DISTINCT (fold->>'status') || ' ' || (fold->>'code') AS x FROM t.answers WHERE p_set = 2) z;
SELECT t.is('who was registered', array_agg(n ORDER BY n) FILTER (WHERE fold->>'status' = '201'),
	'{1,2,3,12,18,19,21,24,25,26,27,28}'::int[]) FROM t.answers WHERE p_set = 2;
SELECT t.is('the number of the other scope is nobody''s', (SELECT fold#>>'{body,errors,0,pointer}' || ' ' || (fold#>>'{body,errors,0,found}')
	FROM t.answers WHERE p_set = 2 AND n = 5), '/citizen_number (not shown)');
SELECT t.is('a merged file names the one it went into', (SELECT fold #>> '{body,seeker}' FROM t.answers
	WHERE p_set = 2 AND n = 7), ledger.seeker_text(2900));
SELECT t.is('a replay', (SELECT fold->>'label' FROM t.answers WHERE p_set = 2 AND n = 19), 'replayed');

-- The rows, without what is a town's own.
CREATE FUNCTION t.rows_of(p_set int) RETURNS TABLE (what text, line jsonb) LANGUAGE sql AS $$
	SELECT 'person', to_jsonb(p) - '{id,blind}'::text[] || jsonb_build_object('n', p.id - p_set * 1000)
		FROM ledger.person p WHERE p.id / 1000 = p_set
	UNION ALL SELECT 'seeker', to_jsonb(s) - '{id,record}'::text[] || jsonb_build_object('n', s.id - p_set * 1000)
		FROM ledger.seeker s WHERE s.id / 1000 = p_set AND s.merged_into IS NULL
	UNION ALL SELECT 'retirement', to_jsonb(f) - 'person' || jsonb_build_object('n', f.person - p_set * 1000)
		FROM ledger.retirement_fact f WHERE f.person / 1000 = p_set
	UNION ALL SELECT 'unemployment', to_jsonb(u) - '{id,person}'::text[] || jsonb_build_object('n', u.person - p_set * 1000)
		FROM ledger.unemployment u WHERE u.person / 1000 = p_set
	UNION ALL SELECT 'recognition', to_jsonb(r) - '{id,person}'::text[] || jsonb_build_object('n', r.person - p_set * 1000)
		FROM ledger.recognition r WHERE r.person / 1000 = p_set
	UNION ALL SELECT 'certificate', to_jsonb(c) - '{id,person,number}'::text[] || jsonb_build_object(
			'n', c.person - p_set * 1000, 'number', substr(c.number, 2), 'years', (SELECT array_agg(i.year ORDER BY i.year)
			FROM ledger.inspection i WHERE i.certificate = c.id))
		FROM ledger.certificate c WHERE c.person / 1000 = p_set
	UNION ALL SELECT 'key', jsonb_build_array(i.first_kid, substr(i.key, 2), encode(i.request, 'hex'), i.status, i.code,
			t.told(p_set, jsonb_build_object('body', i.body::jsonb))->'body', i.xid IS NULL, i.event IS NULL)
		FROM ledger.idempotency i WHERE i.key ~ ('^' || p_set || '[a-z]$')
	UNION ALL SELECT 'kept event', jsonb_build_array(o.entity::text, o.entity_id - p_set * 1000, o.version)
		FROM ledger.idempotency i JOIN ops.outbox o ON o.city = i.city AND o.id = i.event
			AND o.xid::text::bigint = i.xid WHERE i.key ~ ('^' || p_set || '[a-z]$')
	UNION ALL SELECT 'action', jsonb_build_array(a.kid, a.officer, a.on_behalf, a.op, a.request,
			('x' || substr(a.object, 16))::bit(32)::int - p_set * 1000)
		FROM ledger.action a WHERE a.op = 'seekers.create' AND ('x' || substr(a.object, 16))::bit(32)::int / 1000 = p_set
	UNION ALL SELECT 'event', jsonb_build_array(o.entity_id - p_set * 1000, o.version, o.label,
			overlay(encode(o.record, 'hex') PLACING '................' FROM 5 FOR 16))
		FROM ops.outbox o WHERE o.entity = 's' AND o.entity_id / 1000 = p_set
$$;
SELECT t.is('rows', count(*) > 60, true) FROM t.rows_of(2);
SELECT t.is('a row of one by one, not of the batch: ' || x::text, true, false)
	FROM (SELECT * FROM t.rows_of(1) EXCEPT ALL SELECT * FROM t.rows_of(2)) x;
SELECT t.is('a row of the batch, not of one by one: ' || x::text, true, false)
	FROM (SELECT * FROM t.rows_of(2) EXCEPT ALL SELECT * FROM t.rows_of(1)) x;

-- The whole batch again changes nothing and answers the same.
CREATE TABLE t.before AS SELECT (SELECT count(*) FROM ops.outbox) AS events,
	(SELECT count(*) FROM ledger.person) AS people;
SELECT t.is('again, call ' || b.n, b.fold - '{label,events}'::text[], a.fold - '{label,events}'::text[])
	FROM t.register_all(2, ARRAY(SELECT c FROM t.registrations c ORDER BY c.n)) b
	JOIN t.answers a ON a.p_set = 2 AND a.n = b.n;
SELECT t.is('nothing more', ((SELECT count(*) FROM ops.outbox), (SELECT count(*) FROM ledger.person))::text,
	(SELECT (events, people)::text FROM t.before));
