-- A ledger to write into: employers that have filed nothing yet, and people and open
-- vacancies, one for each, for placements.
--
-- bench.people and bench.employers say how many.  It owns no rule: the rows are put
-- straight into the tables with triggers off, by the superuser.  A
-- person's id is a random-looking number as in the ledger, but one that can be computed
-- from hers in the row, so that a program can post her without asking.  The rows of people
-- and vacancies lie in no order, as those do whom one morning's placements are about, and
-- as the accounts do that pgbench draws; side by side, thirty would share two pages.

SET session_replication_role = replica;
SET synchronous_commit = off;

SELECT ops.create_city(4101, '郑州市', '4101', true, '2007-07-12 10:00+08', 2007);

-- A key of sixteen zeros and officer 1 behind it, with one secret: bench.hash is its hash.
INSERT INTO ledger.api_key (city, kid, secret_hash, role, org_name, scope, sandbox, not_before,
		expires_at, rate, burst)
	VALUES (4101, '0000000000000000', decode(current_setting('bench.hash'), 'hex'), 4, 'bench',
		'4101', true, '2000-01-01', '2100-01-01', 100000, 1000000);
INSERT INTO ledger.officer (city, id, role, organisation, name, post, scope, valid_from,
		valid_until, secret_hash, made_kid)
	VALUES (4101, 1, 4, 'bench', 'bench', 'bench', '4101', '2000-01-01', '2100-01-01',
		decode(current_setting('bench.hash'), 'hex'), '0000000000000000');

-- Nine characters with their check character (GB 11714).
CREATE FUNCTION pg_temp.organisation(p_n int) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT c || substr('0X987654321', 1 + (SELECT sum(substr(c, i::int, 1)::int * w) % 11
		FROM unnest('{3,7,9,10,5,8,4,2}'::int[]) WITH ORDINALITY x(w, i))::int, 1)
	FROM (SELECT lpad(p_n::text, 8, '0') AS c) y
$$;

INSERT INTO ledger.employer (city, code, name, kind, registered_on)
	SELECT 4101, pg_temp.organisation(n), '测试企业' || n, 'firm', '2000-01-01'
	FROM generate_series(1, current_setting('bench.employers')::int) n;
INSERT INTO ledger.employer_site (city, employer, district, since)
	SELECT city, id, '410105', '2000-01-01' FROM ledger.employer;

INSERT INTO ledger.vacancy (city, id, employer, district, ref, open, occupation, title,
		employer_name, pay_text, posts, place, pay_min_month, pay_max_month, posted_on)
	OVERRIDING SYSTEM VALUE
	SELECT 4101, n, 1 + n % current_setting('bench.employers')::int, '410103', 'V' || n, true,
		4070501, '保安员', '测试企业', '900–1200元/月', 3, 410103001001, 90000, 120000, '2007-06-01'
	FROM generate_series(1, current_setting('bench.people')::int) n ORDER BY hashint4(n);
SELECT setval('ledger.vacancy_id_seq', current_setting('bench.people')::int);

-- Women of 1968 to 1981, registered as unemployed; a fifth hold a certificate.
INSERT INTO ledger.person (city, id, blind, citizen, name, sex, birth, grp, hukou_type,
		registered_on, kid, actor)
	SELECT 4101, (n * 2654435761) & x'fffffffffff'::bigint, sha256(n::text::bytea), '\x00', '\x00',
		2, DATE '1968-01-01' + n::int % 5000, 'local', 'urban', '2007-01-10', '0000000000000000', ''
	FROM generate_series(1, current_setting('bench.people')::bigint) n ORDER BY hashint8(n);
INSERT INTO ledger.unemployment (city, person, since, prior_job)
	SELECT city, id, '2007-01-10', true FROM ledger.person;
INSERT INTO ledger.certificate (city, person, number, grp, issued_on, valid_to)
	SELECT city, id, 'C' || id, 'local', '2006-05-01', '2009-05-01' FROM ledger.person
	WHERE extract(doy FROM birth)::int % 5 = 0;
INSERT INTO ledger.inspection (city, certificate, year, on_day)
	SELECT city, id, 2007, '2007-04-30' FROM ledger.certificate;
INSERT INTO ledger.seeker (city, id, community, rank, rank_reason, rank_on, age_class,
		class_until, turn_on, waiting_since, pay_wish, farthest, shifts, forms, education_rank,
		wishes)
	SELECT p.city, p.id, 410103001001, CASE WHEN c.id IS NULL THEN 5 ELSE 4 END,
		CASE WHEN c.id IS NULL THEN 'registered-unemployed' ELSE 'certificate' END, '2007-07-12', 3,
		make_date(extract(year FROM p.birth)::int + 40, 1, 1),
		make_date(extract(year FROM p.birth)::int + 40, 1, 1), '2007-01-10', 80000, 4, 15, 3, 4,
		'{4070501}'
	FROM ledger.person p LEFT JOIN ledger.certificate c ON c.city = p.city AND c.person = p.id
	ORDER BY hashint8(p.id);

RESET session_replication_role;
