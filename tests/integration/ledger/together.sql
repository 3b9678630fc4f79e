-- Placements in one batch are what they are one by one: the same market twice, the same
-- calls, the first market's one after the other and by the rule, the second's at once.

CREATE FUNCTION t.market(p_set int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	n int;
BEGIN
	PERFORM t.approve('G-' || p_set, 2);
	PERFORM t.is('filed', t.file((SELECT jsonb_agg(t.line('V' || i, 2) ORDER BY i)
			FROM generate_series(1, 20) i) || jsonb_build_array(t.line('one', 1),
			t.line('L', 1, '{"licences":"03"}'), t.line('X'),
			t.line('R', 2, jsonb_build_object('reserved', true, 'approval', 'G-' || p_set))),
		p_code => CASE p_set WHEN 1 THEN '123456788' ELSE '600037341' END,
		p_key => 'group')->>'code', 'ok');
	PERFORM t.over('X');
	FOR n IN 1..30 LOOP
		PERFORM t.is('registered', t.seeker(p_set * 100 + n, jsonb_build_object('citizen', p_set || '/' || n)
			|| CASE n WHEN 11 THEN '{"birth":"1991-07-12","unemployment":null}'
			WHEN 12 THEN '{"birth":"1990-03-01","unemployment":null}'
			WHEN 13 THEN '{"birth":"1945-01-01","sex":1,"unemployment":null}'
			WHEN 14 THEN '{"birth":"1956-01-01","retirement_age":55,"retirement_evidence":"x"}'
			WHEN 15 THEN jsonb_build_object('certificate', jsonb_build_object('number', 'C' || p_set,
				'group', 'local', 'issued_on', '2007-02-01', 'valid_to', '2009-02-01'))
			ELSE '{}' END::jsonb)->>'status', '201');
	END LOOP;
	PERFORM t.is('a household', t.household(ARRAY[p_set * 100 + 16, p_set * 100 + 17])->>'status', '201');
END $$;

-- What is posted, in this order: who, where, with which key of which caller.
CREATE TABLE t.calls AS SELECT * FROM (VALUES
	(1, 1, 'V1', 'bureau', 'a', '{}'::jsonb), (2, 2, 'V2', 'agency', 'a', '{}'),
	(3, 3, 'one', 'bureau', 'b', '{}'), (4, 4, 'one', 'bureau', 'c', '{}'),
	(5, 5, 'V5', 'bureau', 'd', '{}'), (6, 5, 'V6', 'bureau', 'e', '{}'),
	(7, 7, 'V7', 'bureau', 'f', '{"start_on":"2007-07-20"}'),
	(8, 8, 'V8', 'bureau', 'g', '{"start_on":"2007-09-20"}'),
	(9, 9, 'V9', 'bureau', 'h', '{"start_on":"2007-05-01"}'),
	(10, 10, 'nowhere', 'bureau', 'i', '{}'), (11, 11, 'V11', 'bureau', 'j', '{"start_on":"2007-07-11"}'),
	(12, 12, 'V12', 'bureau', 'k', '{}'), (13, 13, 'V13', 'bureau', 'l', '{}'),
	(14, 14, 'V14', 'bureau', 'm', '{}'), (15, 15, 'V15', 'bureau', 'n', '{}'),
	(16, 16, 'V16', 'bureau', 'o', '{}'), (17, 17, 'R', 'bureau', 'p', '{}'),
	(18, 1, 'V1', 'bureau', 'a', '{}'), (19, 2, 'V3', 'agency', 'a', '{}'),
	(20, 1, 'V1', 'bureau', 'q', '{}'), (21, 1, 'V1', 'bureau', 'r', '{"start_on":"2007-06-01"}'),
	(22, 18, 'L', 'bureau', 's', '{}'), (23, 19, 'X', 'bureau', 't', '{}'),
	(24, 20, NULL, 'bureau', 'u', '{"kind":"flexible"}'), (25, 21, 'V17', 'elsewhere', 'a', '{}'),
	(26, 22, 'V18', 'group', 'a', '{}'), (27, 23, 'V19', 'auditor', 'a', '{}'),
	(28, 24, 'V20', 'bureau', NULL, '{}'), (29, 99, 'V4', 'bureau', 'v', '{}'),
	(30, 25, 'V4', 'bureau', 'w', '{"employer":"D2143569X"}'), (31, 26, 'R', 'bureau', 'x', '{}')
	) c(n, seeker, ref, key, idem, more);

CREATE FUNCTION t.posting(p_set int, c t.calls, OUT idem text, OUT req bytea, OUT body jsonb)
LANGUAGE sql AS $$
	SELECT p_set || c.idem, sha256(convert_to(c.seeker || coalesce(c.ref, '') || c.more::text, 'UTF8')),
		jsonb_build_object('seeker', ledger.seeker_text(p_set * 100 + c.seeker), 'vacancy',
		CASE WHEN c.ref = 'nowhere' THEN '999999' ELSE (SELECT v.id::text FROM ledger.vacancy v
			JOIN ledger.employer e USING (city) WHERE e.id = v.employer AND v.ref = c.ref
			AND e.code = CASE p_set WHEN 1 THEN '123456788' ELSE '600037341' END) END,
		'kind', 'unit', 'employer', NULL, 'workplace', NULL, 'start_on', '2007-07-12',
		'source', NULL) || c.more
$$;

CREATE FUNCTION t.batch(p_set int, p_calls t.calls[])
RETURNS TABLE (n int, fold jsonb) LANGUAGE sql AS $$
	SELECT p_calls[r.call].n, t.fold(array_agg(ROW(r.kind, r.status, r.code, r.body, r.id, r.version,
		r.record, r.label)::api.reply))
	FROM (SELECT array_agg(t.kid(c.key) ORDER BY i) AS kid, array_agg(t.secret(c.key) ORDER BY i) AS hash,
			array_agg(t.actor(c.key) ORDER BY i) AS actor, array_agg(p.idem ORDER BY i) AS idem,
			array_agg(p.req ORDER BY i) AS req, array_agg(p.body ORDER BY i) AS body
		FROM unnest(p_calls) WITH ORDINALITY c(n, seeker, ref, key, idem, more, i),
			t.posting(p_set, ROW(c.n, c.seeker, c.ref, c.key, c.idem, c.more)::t.calls) p) x,
		api.report_placements(4101, x.kid, x.hash, x.actor, x.idem, x.req, x.body) r
	GROUP BY r.call
$$;

CREATE FUNCTION t.one(p_set int, c t.calls) RETURNS jsonb LANGUAGE sql AS $$
	SELECT t.report(c.key, p.idem, p.req, p.body) FROM t.posting(p_set, c) p
$$;

CREATE TABLE t.answers (p_set int, n int, fold jsonb);
CREATE FUNCTION t.short(p_fold jsonb) RETURNS jsonb LANGUAGE sql AS $$
	SELECT jsonb_build_object('status', p_fold->'status', 'code', p_fold->'code',
		'label', p_fold->'label', 'answers', p_fold->'answers', 'has_xid', p_fold->'xid' <> 'null',
		'state', p_fold#>'{body,state}', 'reason', p_fold#>'{body,reason}',
		'events', (SELECT jsonb_agg(e->'entity' ORDER BY e->'entity')
			FROM jsonb_array_elements(p_fold->'events') e))
$$;

SELECT t.market(1);
SELECT t.market(2);
DO $$
DECLARE
	c t.calls;
BEGIN
	FOR c IN SELECT * FROM t.calls ORDER BY n LOOP
		INSERT INTO t.answers VALUES (1, c.n, t.one(1, c));
		COMMIT;
	END LOOP;
END $$;
INSERT INTO t.answers SELECT 2, b.* FROM t.batch(2, ARRAY(SELECT c FROM t.calls c ORDER BY c.n)) b;

SELECT t.is('call ' || x.n, t.short(y.fold), t.short(x.fold))
	FROM t.answers x LEFT JOIN t.answers y ON y.p_set = 2 AND y.n = x.n WHERE x.p_set = 1;
SELECT t.is('some went the quick way and some did not',
	(SELECT count(*) FROM t.answers WHERE p_set = 2 AND fold->>'status' = '201') BETWEEN 10 AND 20, true);
SELECT t.is('seeker ' || x.id, (y.active, y.rank, y.rank_reason, y.age_class, y.class_until,
		y.version)::text, (x.active, x.rank, x.rank_reason, x.age_class, x.class_until, x.version)::text)
	FROM ledger.seeker x JOIN ledger.seeker y ON y.city = x.city AND y.id = x.id + 100 WHERE x.id < 200;
SELECT t.is('vacancy ' || x.ref, (y.filled, y.version, y.open)::text, (x.filled, x.version, x.open)::text)
	FROM ledger.vacancy x JOIN ledger.vacancy y ON y.city = x.city AND y.ref = x.ref
	WHERE x.employer < y.employer;
SELECT t.is('kept under ' || x.key, (y.status, y.code, y.xid IS NULL, y.event IS NULL)::text,
		(x.status, x.code, x.xid IS NULL, x.event IS NULL)::text)
	FROM ledger.idempotency x LEFT JOIN ledger.idempotency y ON y.first_kid = x.first_kid
		AND y.key = '2' || substr(x.key, 2)
	WHERE x.key ~ '^1[a-z]$';
SELECT t.is('placements', (SELECT jsonb_agg(x ORDER BY x) FROM (SELECT jsonb_build_array(p.seeker - 100,
			p.state, p.kind, p.start_on, p.source, p.reported_by, p.reported_actor, p.workplace) AS x
			FROM ledger.placement p WHERE p.seeker > 200) z),
	(SELECT jsonb_agg(x ORDER BY x) FROM (SELECT jsonb_build_array(p.seeker, p.state, p.kind,
			p.start_on, p.source, p.reported_by, p.reported_actor, p.workplace) AS x
			FROM ledger.placement p WHERE p.seeker < 200) z));
SELECT t.is('noted as done', (SELECT count(*) FROM ledger.action a JOIN ledger.placement p
		ON a.object = 'placement/' || p.id WHERE p.seeker > 200 AND a.op = 'placements.create'
		AND a.request = 'request-1'),
	(SELECT count(*) FROM ledger.placement p WHERE p.seeker > 200));

-- The whole batch again changes nothing and answers the same.
CREATE TABLE t.before AS SELECT (SELECT count(*) FROM ops.outbox) AS events,
	(SELECT count(*) FROM ledger.placement) AS placements;
SELECT t.is('again, call ' || b.n, b.fold->'body', a.fold->'body')
	FROM t.batch(2, ARRAY(SELECT c FROM t.calls c ORDER BY c.n)) b
	JOIN t.answers a ON a.p_set = 2 AND a.n = b.n;
SELECT t.is('nothing more', (SELECT (count(*), (SELECT count(*) FROM ledger.placement))::text
	FROM ops.outbox), (SELECT (events, placements)::text FROM t.before));

-- Alone it is a batch of one, with the same answer again and a new one for new people.
SELECT t.is('alone again, call ' || c.n, t.report(c.key, p.idem, p.req, p.body)->'body', a.fold->'body')
	FROM t.calls c JOIN t.answers a ON a.p_set = 2 AND a.n = c.n, t.posting(2, c) p;
SELECT t.is('alone', t.report('bureau', 'alone', '\x01', p.body) #>> '{body,seeker}', p.body->>'seeker')
	FROM t.posting(2, ROW(0, 28, 'V10', 'bureau', 'alone', '{}'::jsonb)::t.calls) p;
SELECT t.is('with all that follows', (SELECT (s.active, s.rank, s.turn_on <= s.class_until)::text
	FROM ledger.seeker s WHERE s.id = 228), '(f,6,t)');
