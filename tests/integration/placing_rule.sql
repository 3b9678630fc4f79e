-- A city for random calls (test_placing_rule.py): people and vacancies of every kind that the rule
-- of placements tells apart; lists of calls made; and what both cities must have in common.

SELECT t.key('unlicensed', '{"role":"agency","scope":"4101","org_code":"AGENCY002"}');
SELECT api.create_first_officer(4101, 'admin', NULL, '', t.kid('unlicensed'), 990,
	t.secret('officer of unlicensed'), '{"name":"测试员","post":"经办","lead":true}');
UPDATE ledger.agency_licence SET valid_from = '2007-01-01', valid_until = '2007-12-31';
-- 1 to 30: many posts, few, or one; then what each kind of refusal wants, ten of each.
SELECT t.approve('G-1', 60);
SELECT t.file((SELECT jsonb_agg(t.line('V' || n, CASE WHEN n % 3 = 0 THEN 1 ELSE n % 4 + 1 END))
		FROM generate_series(1, 30) n)
	|| (SELECT jsonb_agg(t.line('L' || n, 3, '{"licences":"03"}')
		|| CASE WHEN n > 5 THEN '{"licences":"0305"}' ELSE '{}' END::jsonb) FROM generate_series(1, 6) n)
	|| (SELECT jsonb_agg(t.line('X' || n, 3)) FROM generate_series(1, 4) n)
	|| (SELECT jsonb_agg(t.line('C' || n, 3)) FROM generate_series(1, 4) n)
	|| (SELECT jsonb_agg(t.line('R' || n, 3, '{"reserved":true,"approval":"G-1"}'))
		FROM generate_series(1, 10) n));
SELECT t.file((SELECT jsonb_agg(t.line('O' || n, 3)) FROM generate_series(1, 8) n),
	p_key => 'other firm', p_code => '600037341');
SELECT t.over('X');
UPDATE ledger.vacancy SET open = false, version = version + 1, closed_on = '2007-07-01',
	closed_reason = 'lapsed' WHERE ref ~ '^C';
UPDATE ledger.vacancy SET version = version + 1, released_on = CASE ref WHEN 'R10' THEN '2007-08-01'::date
	ELSE '2007-07-01' END WHERE ref IN ('R7', 'R8', 'R9', 'R10');
SELECT t.seeker(n, CASE n % 20
	WHEN 8 THEN '{"birth":"1992-01-01","unemployment":null}'
	WHEN 9 THEN '{"birth":"1990-03-01","unemployment":null}'
	WHEN 10 THEN '{"birth":"1945-01-01","sex":1,"unemployment":null}'
	WHEN 11 THEN '{"birth":"1956-01-01","retirement_age":55,"retirement_evidence":"x"}'
	WHEN 12 THEN '{"birth":"1957-07-20"}'
	WHEN 13 THEN jsonb_build_object('certificate', jsonb_build_object('number', 'C' || n,
		'group', 'local', 'issued_on', '2007-02-01', 'valid_to', '2009-02-01'))
	WHEN 17 THEN '{"community":"410103001001"}' WHEN 18 THEN '{"licences":"03"}'
	WHEN 7 THEN '{"sex":1,"birth":"1956-02-29"}' WHEN 6 THEN '{"birth":"1989-07-12","unemployment":null}'
	WHEN 5 THEN '{"unemployment":null}'
	ELSE jsonb_build_object('birth', DATE '1960-01-01' + n * 31) END::jsonb)
	FROM generate_series(1, :people) n;
SELECT t.household(CASE WHEN n % 40 = 14 THEN ARRAY[n, n + 1, n + 2] ELSE ARRAY[n, n + 1] END)
	FROM generate_series(14, :people - 6, 20) n;
SELECT t.members((SELECT household FROM ledger.household_member WHERE person = n), ARRAY[n, n + 2])
	FROM generate_series(34, :people - 6, 40) n;
SELECT t.merge(n, n + 1) FROM generate_series(21, :people - 20, 40) n;
SELECT t.fact(n, 'withdraw', '{"reason":"other"}') FROM generate_series(39, :people, 40) n;
-- Referrals of every state: of the people of 1 to 5 of each twenty, to one of the thirty.
INSERT INTO ledger.referral (city, seeker, vacancy, employer, state, made_at, expires_at, by_role,
		by_whom, kid, actor, rank, rank_reason, decided_on)
	SELECT 4101, s.id, v.id, e.code, st.state, ledger.app_now(4101), ledger.app_now(4101)
		+ CASE st.n WHEN 7 THEN '-1 hour' ELSE '5 days' END::interval,
		CASE WHEN s.id % 3 > 0 THEN 2 ELSE 4 END,
		CASE WHEN s.id % 3 > 0 THEN 'AGENCY001' ELSE 'bureau' END, t.kid('bureau'), '', 5, 'x', '{}'
	FROM ledger.seeker s
	JOIN ledger.vacancy v ON v.ref = 'V' || 1 + s.id * 7 % 30
	JOIN ledger.employer e ON e.id = v.employer,
	LATERAL (SELECT 1 + s.id % 8) i(i), unnest('{consented,proposed,accepted,interviewed,offered,failed,
		consented,offered}'::text[]) WITH ORDINALITY st(state, n)
	WHERE s.id % 20 = ANY (string_to_array(:'referred', ',')::int[])
	  AND (st.n = i.i OR st.n = 1 + (i.i + 3) % 8 AND s.id % 2 = 0)
	ORDER BY s.id, st.n;

CREATE FUNCTION t.list(p_calls jsonb, OUT kid text[], OUT hash bytea[], OUT actor text[],
	OUT idem text[], OUT req bytea[], OUT body jsonb[])
LANGUAGE sql AS $$
	SELECT array_agg(t.kid(c->>'key') ORDER BY n), array_agg(t.secret(c->>'key') ORDER BY n),
		array_agg(CASE WHEN c->>'officer' IN ('', 'firm', 'group', 'nobody') THEN ' ' || (c->>'request')
			ELSE ledger.seeker_text(coalesce(t.officer_id(c->>'officer'), 990)) || '.'
			|| encode(t.secret('officer of ' || (c->>'officer')), 'hex') || ' ' || (c->>'request')
			END ORDER BY n),
		array_agg(c->>'idem' ORDER BY n), array_agg(CASE WHEN c->>'idem' IS NOT NULL THEN sha256(convert_to(
			(c->'body')::text, 'UTF8')) END ORDER BY n),
		array_agg(CASE WHEN c#>>'{body,referral}' ~ '^of ' THEN jsonb_set(c->'body', '{referral}',
			coalesce((SELECT to_jsonb(max(r.id)::text) FROM ledger.referral r
				WHERE r.seeker = substr(c#>>'{body,referral}', 4)::bigint), 'null')) ELSE c->'body' END ORDER BY n)
	FROM jsonb_array_elements(p_calls) WITH ORDINALITY x(c, n)
$$;
-- What names a placement in both cities.
CREATE FUNCTION t.named(p_id bigint) RETURNS jsonb LANGUAGE sql STABLE AS $$
	SELECT jsonb_build_object('of', p.seeker, 'at', p.vacancy, 'on', p.start_on, 'kind', p.kind, 'nth',
		(SELECT count(*) FROM ledger.placement o WHERE o.seeker = p.seeker AND o.id < p.id))
	FROM ledger.placement p WHERE p.id = p_id
$$;
CREATE FUNCTION t.same(p_body text) RETURNS jsonb LANGUAGE sql STABLE AS $$
	SELECT CASE WHEN b ? 'placement' THEN jsonb_set(b, '{placement}',
		coalesce(t.named((b->>'placement')::bigint), 'null')) ELSE b END FROM (SELECT p_body::jsonb) x(b)
$$;
CREATE FUNCTION t.answers(p_calls jsonb) RETURNS TABLE (n int, answer jsonb) LANGUAGE sql AS $$
	SELECT r.call, jsonb_build_object('status', max(r.status), 'code', max(r.code),
		'body', max(CASE WHEN r.kind = 'a' THEN r.body END),
		'label', max(CASE WHEN r.kind = 'a' THEN r.label END),
		'xid', max(CASE WHEN r.kind = 'a' THEN r.id END) IS NOT NULL,
		'event', max(CASE WHEN r.kind = 'a' THEN r.version END) IS NOT NULL,
		'answers', count(*) FILTER (WHERE r.kind = 'a'),
		'events', jsonb_agg(jsonb_build_array(r.kind, r.id, r.version, encode(r.record, 'hex'), r.label)
			ORDER BY r.kind, r.id, r.version) FILTER (WHERE r.kind <> 'a'))
	FROM (SELECT (t.list(p_calls)).*) x,
		api.report_placements(4101, x.kid, x.hash, x.actor, x.idem, x.req, x.body) r
	GROUP BY r.call
$$;
CREATE TABLE t.answered (list int, n int, answer jsonb);
CREATE VIEW t.content AS
	SELECT 'placement ' || (to_jsonb(p) - '{id,xid}'::text[]
		|| jsonb_build_object('nth', t.named(p.id)->'nth'))::text AS row FROM ledger.placement p
	UNION ALL SELECT 'vacancy ' || to_jsonb(v)::text FROM ledger.vacancy v
	UNION ALL SELECT 'seeker ' || to_jsonb(s)::text FROM ledger.seeker s
	UNION ALL SELECT 'past ' || to_jsonb(s)::text FROM ledger.seeker_past s
	UNION ALL SELECT 'event ' || (to_jsonb(o) - '{id,xid}'::text[])::text FROM ops.outbox o
	UNION ALL SELECT 'key ' || (to_jsonb(i) - '{xid,event,created_at,body}'::text[]
		|| jsonb_build_object('body', t.same(i.body), 'xid', i.xid IS NOT NULL,
			'event', i.event IS NOT NULL))::text
		FROM ledger.idempotency i WHERE i.key ~ '^k'
	UNION ALL SELECT 'action ' || (to_jsonb(a) - '{id,at,object}'::text[]
		|| jsonb_build_object('object', CASE WHEN a.object ~ '^placement/'
			THEN t.named(split_part(a.object, '/', 2)::bigint)::text ELSE a.object END))::text
		FROM ledger.action a
	UNION ALL SELECT 'signal ' || (to_jsonb(g) - '{id,placement,corrects}'::text[]
		|| jsonb_build_object('of', t.named(g.placement), 'corrects', (SELECT jsonb_build_array(c.at,
			c.organisation, c.start_on) FROM ledger.placement_signal c WHERE c.id = g.corrects)))::text
		FROM ledger.placement_signal g
	UNION ALL SELECT 'referral ' || (to_jsonb(r) - 'placement'
		|| jsonb_build_object('of', t.named(r.placement)))::text
		FROM ledger.referral r
	UNION ALL SELECT 'step ' || to_jsonb(s)::text FROM ledger.referral_step s
	UNION ALL SELECT 'work ' || (to_jsonb(e) - 'placement'
		|| jsonb_build_object('of', t.named(e.placement)))::text
		FROM ledger.employment e
	UNION ALL SELECT 'unemployment ' || (to_jsonb(u) - 'ended_by')::text FROM ledger.unemployment u;

-- Between two lists: somebody's last placement is registered, ends ('end'), or is void.
CREATE FUNCTION t.goes_on(p_seeker bigint, p_what text, p_on date) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	one text := (SELECT max(p.id)::text FROM ledger.placement p WHERE p.seeker = p_seeker);
BEGIN
	IF p_what = 'void' THEN
		PERFORM t.void(one);
	ELSIF one IS NOT NULL THEN
		PERFORM t.register(one);
		IF p_what = 'end' THEN
			PERFORM t.ends(one, jsonb_build_object('on', p_on, 'reason', 'resigned'));
		END IF;
	END IF;
END $$;

-- What is wrong by itself, whatever was called.
CREATE VIEW t.wrong AS
	SELECT 'filled of ' || v.ref AS what FROM ledger.vacancy v WHERE filled <>
		(SELECT count(*) FROM ledger.placement p WHERE p.vacancy = v.id AND p.state <> 'void')
	UNION ALL SELECT 'rank of ' || s.id || ' ' || (s.rank, s.rank_reason, s.age_class, s.class_until,
		r)::text
	FROM ledger.seeker s, LATERAL ledger.rank_of(4101, s.id, '2007-07-12') r
	WHERE s.merged_into IS NULL AND (s.rank, s.rank_reason, s.age_class, s.class_until)
		IS DISTINCT FROM (r.rank, r.reason, r.age_class, r.class_until)
	UNION ALL SELECT 'one job twice, of ' || a.seeker FROM ledger.placement a JOIN ledger.placement b
		ON b.seeker = a.seeker AND b.id > a.id AND b.state <> 'void' AND b.employer = a.employer
		AND abs(b.start_on - a.start_on) <= 30 AND (a.vacancy = b.vacancy OR a.vacancy IS NULL OR b.vacancy IS NULL)
		LEFT JOIN ledger.employment e ON e.placement = a.id
		LEFT JOIN ledger.employment f ON f.placement = b.id
	WHERE a.state <> 'void' AND b.start_on < coalesce(e.ended_on, 'infinity')
		AND a.start_on < coalesce(f.ended_on, 'infinity')
	UNION ALL SELECT 'day of the work of ' || e.person FROM ledger.employment e
		JOIN ledger.placement p ON p.id = e.placement WHERE e.start_on <> p.start_on
	UNION ALL SELECT 'live beside its placement: ' || r.id FROM ledger.referral r
		JOIN ledger.placement p ON p.seeker = r.seeker AND p.vacancy = r.vacancy AND p.state <> 'void'
	WHERE ledger.is_live(r.state) AND r.expires_at > ledger.app_now(4101) AND NOT EXISTS (SELECT
		FROM ledger.referral o WHERE o.placement = p.id AND o.state = 'placed')
	UNION ALL SELECT 'activity of ' || s.id FROM ledger.seeker s
	WHERE active <> (NOT EXISTS (SELECT FROM ledger.work w WHERE w.person = s.id
		AND (w.ended_on IS NULL OR w.ended_on > '2007-07-12'))
		AND withdrawn_on IS NULL AND merged_into IS NULL)
	UNION ALL SELECT 'turn of ' || s.id FROM ledger.seeker s
	WHERE coalesce(turn_on, 'infinity') > coalesce(class_until, 'infinity');
