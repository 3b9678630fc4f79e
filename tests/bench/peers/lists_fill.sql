-- Beside the market, for the figure `lists`: to each seeker a referral, a placement, a look and an
-- action; returns of the three quarters before, and registers; as many of each as there are seekers.
--
-- Rare on purpose, because a filter for them leaves nearly all aside: a withdrawn seeker, a late
-- or a nil return, a withdrawn referral, an action of one kind, a helped household.  Every seeker
-- was referred once, so that who was not must be looked for among all.

SET session_replication_role = replica;
SET synchronous_commit = off;
SET work_mem = '256MB';

INSERT INTO ledger.api_key (city, kid, secret_hash, role, org_code, org_name, scope, sandbox,
		not_before, expires_at)
	SELECT c.city, x.kid, sha256(x.kid::bytea), x.role, x.code, x.code, x.scope, c.sandbox,
		'2000-01-01', '2100-01-01'
	FROM ledger.city c, (VALUES ('00000000000000b1', 4, 'BUREAU', '4101'),
		('00000000000000b2', 4, 'DISTRICT', '410105'), ('00000000000000b3', 4, 'STREET', '410105003'),
		('00000000000000c1', 2, 'AGENCY7', '4101'), ('00000000000000a8', 8, 'AUDIT', '4101'))
		x(kid, role, code, scope);
INSERT INTO ledger.officer (city, id, role, organisation, name, post, scope, valid_from, valid_until,
		secret_hash, made_kid)
	SELECT 4101, 1000 + g, 2, 'AGENCY' || g % 300, 'n', 'p', '4101', '2007-01-01', '2008-01-01', sha256('x'), 'k'
	FROM generate_series(1, (SELECT count(*) / 50 FROM ledger.seeker)) g;

INSERT INTO ledger.officer (city, id, role, organisation, name, post, scope, valid_from, valid_until,
		secret_hash, made_kid)
	SELECT 4101, x.id, 4, x.organisation, 'n', 'p', x.scope, '2007-01-01', '2008-01-01',
		sha256(x.id::text::bytea), 'k'
	FROM (VALUES (902, 'DISTRICT', '410105'), (903, 'STREET', '410105003')) x(id, organisation, scope);

CREATE TEMP TABLE pair AS
	SELECT s.n, s.id AS seeker, s.community, v.id AS vacancy, v.place, v.employer
	FROM (SELECT id, community, row_number() OVER (ORDER BY id) AS n FROM ledger.seeker) s
	JOIN (SELECT id, place, employer, row_number() OVER (ORDER BY id) AS n FROM ledger.vacancy) v
		USING (n);
ANALYZE pair;

INSERT INTO ledger.placement (city, seeker, vacancy, employer, kind, workplace, start_on, source,
		state, reported_at, reported_kid, reported_by, reported_actor, community, registered_on)
	SELECT 4101, p.seeker, p.vacancy, e.code, 'unit', p.place, d.day, 'employer',
		CASE p.n % 10 WHEN 0 THEN 'reported' ELSE 'registered' END, d.day, 'k', e.code, '',
		p.community, CASE WHEN p.n % 10 > 0 THEN d.day END
	FROM pair p JOIN ledger.employer e ON e.city = 4101 AND e.id = p.employer,
		LATERAL (SELECT DATE '2000-01-01' + (p.n * 2741 / (SELECT count(*) FROM pair))::int AS day) d
	ORDER BY p.n;
INSERT INTO ledger.employment (city, placement, person, community, start_on, ended_on, end_reason)
	SELECT city, id, seeker, community, start_on, CASE WHEN id % 3 = 0 THEN start_on + 100 END,
		CASE WHEN id % 3 = 0 THEN 'other' END
	FROM ledger.placement WHERE state = 'registered';

INSERT INTO ledger.referral (city, seeker, vacancy, employer, state, made_at, expires_at, by_role,
		by_whom, kid, actor, rank, rank_reason, decided_on, consented_at, placement,
		community, place, reached)
	SELECT 4101, p.seeker, p.vacancy, e.code,
		CASE WHEN p.n % 100000 = 7 THEN 'withdrawn' WHEN p.n % 3 = 0 THEN 'placed'
			WHEN p.n % 3 = 1 THEN 'failed' ELSE 'expired' END,
		d.at, d.at + interval '7 days', 2, 'AGENCY' || p.n % 300, '00000000000000c1', '',
		1 + p.n % 6, 'certificate', '{}', CASE WHEN p.n % 3 < 2 THEN d.at END,
		CASE WHEN p.n % 3 = 0 THEN l.id END, p.community, p.place,
		CASE p.n % 3 WHEN 0 THEN 31 WHEN 1 THEN 3 ELSE 0 END
	FROM pair p JOIN ledger.employer e ON e.city = 4101 AND e.id = p.employer
	JOIN ledger.placement l ON l.city = 4101 AND l.seeker = p.seeker,
		LATERAL (SELECT TIMESTAMPTZ '2007-01-01 00:00+08' + interval '190 days'
			* (p.n::float8 / (SELECT count(*) FROM pair)) AS at) d
	ORDER BY p.n;
INSERT INTO ledger.referral_step (city, referral, n, state, at)
	SELECT r.city, r.id, s.n, s.state, r.made_at FROM ledger.referral r,
		unnest(CASE r.state WHEN 'placed' THEN '{proposed,consented,accepted,interviewed,offered,placed}'
			WHEN 'failed' THEN '{proposed,consented,accepted,failed}'
			ELSE ARRAY['proposed', r.state] END::text[]) WITH ORDINALITY s(state, n)
	ORDER BY r.id;

INSERT INTO ledger.person_look (city, person, kid, actor, what, officer)
	SELECT 4101, seeker, '00000000000000b1', '', 'read_seeker', 901 FROM pair ORDER BY n;
INSERT INTO ledger.action (city, kid, officer, op, object, request)
	SELECT 4101, CASE WHEN n % 100000 = 9 THEN '00000000000000b2' ELSE '00000000000000b1' END, 901,
		CASE WHEN n % 100000 = 7 THEN 'officers.change' ELSE 'seekers.change' END, 'x', 'r'
	FROM pair ORDER BY n;

INSERT INTO ledger.return (city, employer, district, quarter, version, first_on, received_at, late,
		nil, body_hash)
	SELECT r.city, r.employer, r.district, q.quarter, 1, q.at, q.at, r.id % 50000 = 7,
		r.id % 50000 = 11, ''
	FROM ledger.return r, (VALUES ('2006Q3', DATE '2006-10-05'), ('2006Q4', '2007-01-05'),
		('2007Q1', '2007-04-05')) q(quarter, at)
	ORDER BY q.quarter, r.id;
INSERT INTO ledger.return_version (city, return, version, nil, received_at, answer, kid, actor)
	SELECT r.city, r.id, 1, r.nil, r.received_at, '{}', 'k', '' FROM ledger.return r
	WHERE NOT EXISTS (SELECT FROM ledger.return_version v WHERE v.city = r.city AND v.return = r.id);

-- A course to ten seekers, an enrolment to each, a figure to ten.
CREATE TEMP TABLE made AS
	SELECT g, CASE g % 6 WHEN 0 THEN 'course' WHEN 1 THEN 'outside-figure' ELSE 'enrolment' END AS register
	FROM generate_series(1, (SELECT count(*) * 6 / 5 FROM pair)) g;
INSERT INTO ledger.entry (city, id, register) OVERRIDING SYSTEM VALUE
	SELECT 4101, g, register FROM made ORDER BY g;
INSERT INTO ledger.course (city, id, version, holds_from, recorded_at, kid, title, provider, kind,
		"from", until, place, seats, attendance_min, subsidised, ended_on, end_reason)
	SELECT 4101, g, 1, '2007-01-01', '2007-01-01', 'k', 'course ' || g, 'provider ' || g % 500, 'skills',
		DATE '2007-01-01' + (g % 180)::int, DATE '2007-12-01', p.place, 30, 80, g % 60000 = 0,
		CASE WHEN g % 90000 = 0 THEN DATE '2007-07-01' END, CASE WHEN g % 90000 = 0 THEN 'held' END
	FROM made m JOIN pair p ON p.n = m.g / 6 + 1 WHERE register = 'course';
INSERT INTO ledger.enrolment (city, id, version, holds_from, recorded_at, kid, course, seeker,
		"from", outcome)
	SELECT 4101, g, 1, '2007-01-01', '2007-01-01', 'k', g / 6 * 6, p.seeker, '2007-01-01',
		CASE WHEN g % 60000 = 2 THEN 'dropped' ELSE 'attending' END
	FROM made m JOIN pair p ON p.n = m.g * 5 / 6 WHERE register = 'enrolment';
INSERT INTO ledger.outside_figure (city, id, version, holds_from, recorded_at, kid, subject,
		indicator, period, value, source, day)
	SELECT 4101, g, 1, '2007-01-01', '2007-01-01', 'k', '410105', 'x', 2000 + g % 8 || '-05', g, 's',
		'2007-01-01' FROM made WHERE register = 'outside-figure';
SELECT setval(pg_get_serial_sequence('ledger.entry', 'id'), (SELECT max(id) FROM ledger.entry));
VACUUM (ANALYZE);
