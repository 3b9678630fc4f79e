-- What a person is on a day: certificate, registration, work, household; the rank that
-- follows, and until which day it holds.
--
-- ranks_of() answers for a day and says until which day that answer holds, by trying, in order,
-- every day on which one of its facts changes.  What returns a set becomes a part of the
-- statement that asks, so that many people cost one plan.  It writes nothing.

-- rules/certificate: active, and inspected for the year by that day, or for the year
-- before (or issued then) up to the inspection deadline; none needed in the year of issue.
CREATE OR REPLACE FUNCTION ledger.certificate_on(p_policy ledger.policy, p_person bigint,
	p_day date)
RETURNS SETOF bigint
LANGUAGE sql STABLE ROWS 1 AS $$
	SELECT c.id FROM ledger.certificate c,
		(SELECT extract(year FROM p_day)::int AS y OFFSET 0) x
	WHERE c.city = (p_policy).city AND c.person = p_person
	  AND c.issued_on <= p_day AND p_day <= c.valid_to
	  AND (c.void_on IS NULL OR p_day < c.void_on)
	  AND (extract(year FROM c.issued_on) = x.y
		OR EXISTS (SELECT FROM ledger.inspection i
			WHERE i.city = c.city AND i.certificate = c.id AND i.year = x.y
			  AND i.on_day <= p_day)
		OR (p_day <= make_date(x.y, (p_policy).inspect_by_month,
				(p_policy).inspect_by_day)
			AND (extract(year FROM c.issued_on) = x.y - 1
			OR EXISTS (SELECT FROM ledger.inspection i
				WHERE i.city = c.city AND i.certificate = c.id AND i.year = x.y - 1
				  AND i.on_day <= p_day))))
$$;

-- A year in a certificate's list of inspections stands for one done in time.
CREATE OR REPLACE FUNCTION ledger.inspected_on(p_city int, p_year int) RETURNS date
LANGUAGE sql STABLE AS $$
	SELECT least(make_date(p_year, p.inspect_by_month, p.inspect_by_day), d.today)
	FROM (SELECT ledger.today(p_city) AS today OFFSET 0) d, ledger.policies_on(p_city, d.today) p
$$;

-- rules/unemployment
CREATE OR REPLACE FUNCTION ledger.unemployment_on(p_city int, p_person bigint, p_day date)
RETURNS SETOF ledger.unemployment
LANGUAGE sql STABLE ROWS 1 AS $$
	SELECT u.* FROM ledger.unemployment u
	WHERE u.city = p_city AND u.person = p_person AND u.since <= p_day
	  AND (u.ended_on IS NULL OR p_day < u.ended_on) AND u.void_on IS NULL
	ORDER BY u.since LIMIT 1
$$;

-- rules/employment
CREATE OR REPLACE FUNCTION ledger.work_on(p_city int, p_person bigint, p_day date)
RETURNS SETOF bigint
LANGUAGE sql STABLE ROWS 1 AS $$
	SELECT w.placement FROM ledger.work w
	WHERE w.city = p_city AND w.person = p_person AND w.start_on <= p_day
	  AND (w.ended_on IS NULL OR p_day < w.ended_on)
$$;

-- Work that clears: registered at a community, and of the people in the household's predicate.
-- What is only reported clears nothing (rules/household-state).
CREATE OR REPLACE FUNCTION ledger.registered_work_on(p_city int, p_person bigint, p_day date)
RETURNS SETOF bigint
LANGUAGE sql STABLE AS $$
	SELECT e.placement FROM ledger.employment e
	WHERE e.city = p_city AND e.person = p_person AND e.void_on IS NULL AND e.start_on <= p_day
	  AND (e.ended_on IS NULL OR p_day < e.ended_on)
$$;

-- One line of the predicate: what keeps it from holding for one of W(d), NULL: it holds.  Whether
-- somebody is of W(d) whose retirement age is unknown, nobody knows: their line does not hold.
-- rules/zero-employment-household
CREATE OR REPLACE FUNCTION ledger.household_line(p_city int, p_person bigint, p_day date)
RETURNS text
LANGUAGE sql STABLE AS $$
	SELECT CASE WHEN ledger.age_class_of(p_city, p_person, p_day) = 5 THEN 'retirement-unproven'
		WHEN EXISTS (SELECT FROM ledger.registered_work_on(p_city, p_person, p_day))
			THEN 'employed'
		WHEN NOT EXISTS (SELECT FROM ledger.unemployment_on(p_city, p_person, p_day))
			THEN 'not-registered-unemployed' END
$$;

-- Members of working age, able, willing and not excluded: W(d) of rules/zero-employment-household;
-- with them those whose retirement age is unknown.
CREATE OR REPLACE FUNCTION ledger.household_workers(p_city int, p_household bigint, p_day date)
RETURNS SETOF bigint
LANGUAGE sql STABLE AS $$
	SELECT m.person FROM ledger.household_member m
	WHERE m.city = p_city AND m.household = p_household AND m.able AND m.willing
	  AND m.joined_on <= p_day AND (m.left_on IS NULL OR p_day < m.left_on)
	  AND m.excluded = '' AND ledger.age_class_of(p_city, m.person, p_day) IN (2, 3, 5)
$$;

-- applied -> open -> helped -> cleared (3 months of work); a job lost within them opens it
-- again without a new application.  Only registered work of a member in the predicate changes
-- it: a line that fails otherwise leaves it open, to be verified.  p_worked: the day up to which
-- work counts; the day before a placement, when its own start must not close the household it
-- came from.
-- rules/household-state
CREATE OR REPLACE FUNCTION ledger.household_state(p_city int, p_household bigint, p_day date,
	p_worked date DEFAULT NULL)
RETURNS text
LANGUAGE plpgsql STABLE AS $$
DECLARE
	h      ledger.household;
	worked date := coalesce(p_worked, p_day);
BEGIN
	SELECT * INTO h FROM ledger.household WHERE city = p_city AND id = p_household;
	IF h.ended_on <= p_day THEN
		RETURN 'ended';
	ELSIF h.determined_on IS NULL OR h.determined_on > p_day THEN
		RETURN 'applied';
	ELSIF EXISTS (SELECT FROM ledger.household_member m
			JOIN ledger.employment e ON e.city = m.city AND e.person = m.person
			CROSS JOIN LATERAL (SELECT ledger.add_months(e.start_on, 3) AS on_day OFFSET 0) third
			WHERE m.city = p_city AND m.household = p_household AND m.able AND m.willing
			  AND m.excluded = '' AND e.void_on IS NULL AND third.on_day <= worked
			  AND (e.ended_on IS NULL OR e.ended_on > h.determined_on
				AND e.ended_on >= third.on_day)
			  AND third.on_day >= m.joined_on
			  AND (m.left_on IS NULL OR third.on_day < m.left_on)
			  AND ledger.age_class_of(p_city, m.person, third.on_day) IN (2, 3)) THEN
		RETURN 'cleared';
	ELSIF EXISTS (SELECT FROM ledger.household_workers(p_city, p_household, p_day) w
			WHERE ledger.household_line(p_city, w, worked) = 'employed') THEN
		RETURN 'helped';
	END IF;
	RETURN 'open';
END $$;

-- An open household of which a line fails, or nobody is left whose line could hold.
CREATE OR REPLACE FUNCTION ledger.household_to_verify(p_city int, p_household bigint, p_day date,
	p_state text)
RETURNS boolean
LANGUAGE sql STABLE AS $$
	SELECT p_state = 'open' AND (SELECT count(*) = 0
			OR bool_or(ledger.household_line(p_city, w, p_day) IS NOT NULL)
		FROM ledger.household_workers(p_city, p_household, p_day) w)
$$;

-- The open household that makes this person P1, or NULL: of W(d), and their own line holds.
CREATE OR REPLACE FUNCTION ledger.open_household(p_city int, p_person bigint, p_day date,
	p_worked date DEFAULT NULL)
RETURNS bigint
LANGUAGE plpgsql STABLE SET plan_cache_mode = auto AS $$
BEGIN
	RETURN (SELECT m.household FROM ledger.household_member m
		WHERE m.city = p_city AND m.person = p_person
		  AND m.joined_on <= p_day AND (m.left_on IS NULL OR p_day < m.left_on)
		  AND ledger.household_line(p_city, p_person, coalesce(p_worked, p_day)) IS NULL
		  AND ledger.household_state(p_city, m.household, p_day, p_worked) = 'open'
		  AND EXISTS (SELECT FROM ledger.household_workers(p_city, m.household, p_day) w
			WHERE w = p_person)
		LIMIT 1);
END $$;

-- rules/ranks, on one day: the best rank whose test holds.
CREATE OR REPLACE FUNCTION ledger.standing_on(p_city int, p_person bigint, p_sex int,
	p_birth date, p_day date)
RETURNS TABLE (rank int, reason text, age_class int)
LANGUAGE sql STABLE ROWS 1 AS $$
	SELECT CASE x.reason WHEN 'zero-employment-household' THEN 1 WHEN '4050' THEN 2
			WHEN 'certificate' THEN 4 WHEN 'registered-unemployed' THEN 5
			ELSE CASE WHEN starts_with(x.reason, 'HC') THEN 3 ELSE 6 END END,
		x.reason, x.age_class
	FROM (SELECT a.age_class, CASE
			WHEN a.age_class = 5 THEN 'retirement-unproven'
			WHEN a.age_class IN (1, 4) THEN 'not-working-age'
			WHEN EXISTS (SELECT FROM ledger.household_member m
					WHERE m.city = p_city AND m.person = p_person)
				AND ledger.open_household(p_city, p_person, p_day) IS NOT NULL
				THEN 'zero-employment-household'
			WHEN EXISTS (SELECT FROM ledger.work_on(p_city, p_person, p_day)) THEN 'employed'
			WHEN a.is_4050 AND (a.has_certificate OR a.is_registered) THEN '4050'
			ELSE coalesce((SELECT k.code FROM ledger.recognition k
					WHERE k.city = p_city AND k.person = p_person AND k.code >= 'HC3'
					  AND k.recognised_on <= p_day AND (k.ended_on IS NULL OR p_day < k.ended_on)
					  AND k.void_on IS NULL ORDER BY k.code LIMIT 1),
				CASE WHEN a.has_certificate THEN 'certificate'
					WHEN a.is_registered THEN 'registered-unemployed' ELSE 'other' END) END AS reason
		FROM (SELECT ledger.age_class(p, p_sex, y.age, r.age) AS age_class,
				-- rules/4050: an attribute of sex, birth date and the policy's as-of day.
				y.as_of >= CASE WHEN p_sex = 2 THEN p.women_from ELSE p.men_from END
					AND ledger.age_class(p, p_sex, y.as_of, r.age) = 3 AS is_4050,
				EXISTS (SELECT FROM ledger.certificate_on(p, p_person, p_day)) AS has_certificate,
				EXISTS (SELECT FROM ledger.unemployment_on(p_city, p_person, p_day)) AS is_registered
			FROM ledger.policies_on(p_city, p_day) p, ledger.retirement_on(p_city, p_person, p_day) r,
				LATERAL (SELECT ledger.age_on(p_birth, p_day) AS age, ledger.age_on(p_birth,
					CASE p.age_asof WHEN 'year_end' THEN make_date(extract(year FROM p_day)::int, 12, 31)
					WHEN 'event_date' THEN p_day ELSE substr(p.age_asof, 7)::date END) AS as_of
					OFFSET 0) y
			OFFSET 0) a
		OFFSET 0) x
$$;

CREATE OR REPLACE FUNCTION ledger.rank_at(p_city int, p_person ledger.person, p_day date)
RETURNS ledger.standing
LANGUAGE plpgsql STABLE AS $$
DECLARE
	out ledger.standing;
BEGIN
	SELECT s.rank, s.reason, s.age_class INTO out.rank, out.reason, out.age_class
		FROM ledger.standing_on(p_city, p_person.id, p_person.sex, p_person.birth, p_day) s;
	RETURN out;
END $$;

-- Every later day on which a fact behind the rank or the age class changes.
CREATE OR REPLACE FUNCTION ledger.turning_days(p_city int, p_person bigint, p_sex int,
	p_birth date, p_day date)
RETURNS SETOF date
LANGUAGE sql STABLE ROWS 10 AS $$
	SELECT DISTINCT t.day
	FROM ledger.policies_on(p_city, p_day) p,
		ledger.retirement_on(p_city, p_person, p_day) r,
		LATERAL (SELECT extract(year FROM p_birth)::int AS born, ARRAY(SELECT m.household
			FROM ledger.household_member m
			WHERE m.city = p_city AND m.person = p_person) AS homes OFFSET 0) x,
		LATERAL (
		-- The as-of age of a year is 40 or 50, or a retirement age, from its first day on.
		SELECT unnest(ARRAY[ledger.birthday(p_birth, t), make_date(x.born + t, 1, 1)])
			FROM unnest(ledger.turning_ages(p, p_sex, r.age)) t
		UNION ALL SELECT unnest(ARRAY[make_date(x.born + p.women_from, 1, 1),
			make_date(x.born + p.men_from, 1, 1),
			CASE p.age_asof WHEN 'event_date' THEN ledger.birthday(p_birth, p.women_from) END,
			CASE p.age_asof WHEN 'event_date' THEN ledger.birthday(p_birth, p.men_from) END])
		UNION ALL SELECT k.valid_from FROM ledger.policy k
			WHERE k.city = p_city AND k.valid_from > p_day
		UNION ALL SELECT unnest(ARRAY[f.since, ledger.birthday(p_birth, f.age)])
			FROM ledger.retirement_fact f
			WHERE f.city = p_city AND f.person = p_person AND f.since > p_day
		UNION ALL SELECT unnest(ARRAY[u.since, u.ended_on]) FROM ledger.unemployment u
			WHERE u.city = p_city AND u.person = p_person AND u.void_on IS NULL
		UNION ALL SELECT unnest(ARRAY[k.recognised_on, k.ended_on]) FROM ledger.recognition k
			WHERE k.city = p_city AND k.person = p_person AND k.void_on IS NULL
		UNION ALL SELECT unnest(ARRAY[c.issued_on, c.valid_to + 1, c.void_on, make_date(y, 1, 1),
				make_date(y, p.inspect_by_month, p.inspect_by_day) + 1])
			FROM ledger.certificate c, generate_series(extract(year FROM p_day)::int,
				extract(year FROM c.valid_to)::int) y
			WHERE c.city = p_city AND c.person = p_person AND c.valid_to >= p_day
		UNION ALL SELECT i.on_day FROM ledger.certificate c
			JOIN ledger.inspection i ON i.city = c.city AND i.certificate = c.id
			WHERE c.city = p_city AND c.person = p_person
		UNION ALL SELECT unnest(ARRAY[w.start_on, w.ended_on]) FROM ledger.work w
			WHERE w.city = p_city AND w.person = p_person
		UNION ALL SELECT unnest(ARRAY[h.determined_on, h.ended_on]) FROM ledger.household h
			WHERE h.city = p_city AND h.id = ANY (x.homes)
		UNION ALL SELECT unnest(ARRAY[m.joined_on, m.left_on]) FROM ledger.household_member m
			WHERE m.city = p_city AND m.household = ANY (x.homes)
		UNION ALL SELECT unnest(ARRAY[e.start_on, e.ended_on]) FROM ledger.household_member m
			JOIN ledger.employment e ON e.city = m.city AND e.person = m.person
			WHERE m.city = p_city AND m.household = ANY (x.homes) AND e.void_on IS NULL
		-- Who comes of age or retires comes into the predicate or leaves it.
		UNION ALL SELECT ledger.birthday(k.birth, t)
			FROM ledger.household_member m
			JOIN ledger.person k ON k.city = m.city AND k.id = m.person
			CROSS JOIN LATERAL ledger.retirement_on(p_city, k.id, p_day) f
			CROSS JOIN LATERAL unnest(ledger.turning_ages(p, k.sex, f.age)) t
			WHERE m.city = p_city AND m.household = ANY (x.homes) AND m.person <> p_person
		UNION ALL SELECT unnest(ARRAY[f.since, ledger.birthday(k.birth, f.age)])
			FROM ledger.household_member m
			JOIN ledger.person k ON k.city = m.city AND k.id = m.person
			JOIN ledger.retirement_fact f ON f.city = m.city AND f.person = m.person
			WHERE m.city = p_city AND m.household = ANY (x.homes) AND m.person <> p_person) t(day)
	WHERE t.day > p_day
$$;

-- Planned once, for tables that may still be empty and are not for long.
CREATE OR REPLACE FUNCTION ledger.ranks_of(p_city int, p_people bigint[], p_day date)
RETURNS TABLE (person bigint, rank int, reason text, age_class int, class_until date)
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan SET jit = off
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
	RETURN QUERY SELECT p.id, s.rank, s.reason, s.age_class,
			(SELECT d.day FROM (SELECT t AS day
					FROM ledger.turning_days(p_city, p.id, p.sex, p.birth, p_day) t
					ORDER BY t OFFSET 0) d, ledger.standing_on(p_city, p.id, p.sex, p.birth, d.day) l
				WHERE l.rank <> s.rank OR l.age_class <> s.age_class ORDER BY d.day LIMIT 1)
		FROM unnest(p_people) w, LATERAL (SELECT k.id, k.sex, k.birth FROM ledger.person k
				WHERE k.city = p_city AND k.id = w OFFSET 0) p,
			ledger.standing_on(p_city, p.id, p.sex, p.birth, p_day) s;
END $$;

CREATE OR REPLACE FUNCTION ledger.rank_of(p_city int, p_person bigint, p_day date)
RETURNS ledger.standing
LANGUAGE plpgsql STABLE AS $$
DECLARE
	out ledger.standing;
BEGIN
	SELECT r.rank, r.reason, r.age_class, r.class_until
		INTO out.rank, out.reason, out.age_class, out.class_until
		FROM ledger.ranks_of(p_city, ARRAY[p_person], p_day) r;
	RETURN out;
END $$;

-- When and why they sought no more: by their word, or because a job ended so.
CREATE OR REPLACE FUNCTION ledger.withdrawals(p_city int, p_files bigint[])
RETURNS TABLE (change bigint, day date, reason text)
LANGUAGE sql STABLE AS $$
	SELECT c.id, c.on_day, c.reason FROM ledger.person_change c
	WHERE c.city = p_city AND c.person = ANY (p_files) AND (c.what = 'withdraw'
		OR c.what = 'end placement' AND c.reason IN ('retired', 'dead'))
$$;

-- Since when somebody waits, by the registers as they stand: from registering as a seeker; anew by
-- each registration of unemployment and each return, unless they come back from work; and from the
-- end of a job of 90 days or more.  Two files made one are read as one.
-- rules/waiting-time
CREATE OR REPLACE FUNCTION ledger.waits_since(p_city int, p_person bigint, p_day date) RETURNS date
LANGUAGE plpgsql STABLE AS $$
DECLARE
	files bigint[] := ledger.same_person(p_city, p_person);
	waits date := (SELECT min(p.registered_on) FROM ledger.person p
		WHERE p.city = p_city AND p.id = ANY (files));
	came  date;
	went  record;
BEGIN
	-- Whoever is registered meanwhile, or again on the very day, has not been away.
	FOR came IN
		SELECT u.since FROM ledger.unemployment u WHERE u.city = p_city AND u.person = p_person
			AND u.void_on IS NULL AND u.since <= p_day AND NOT EXISTS (SELECT FROM ledger.unemployment o
				WHERE o.city = p_city AND o.person = p_person AND o.void_on IS NULL
				AND o.since < u.since AND (o.ended_on IS NULL OR o.ended_on >= u.since))
		UNION SELECT c.on_day FROM ledger.person_change c WHERE c.city = p_city
			AND c.person = ANY (files) AND c.what = 'return' AND c.on_day <= p_day
			AND NOT EXISTS (SELECT FROM ledger.unemployment o WHERE o.city = p_city
				AND o.person = p_person AND o.void_on IS NULL AND o.since <= c.on_day
				AND (o.ended_on IS NULL OR o.ended_on >= c.on_day))
			AND c.on_day > (SELECT w.day FROM ledger.withdrawals(p_city, ARRAY[c.person]) w
				WHERE w.change < c.id ORDER BY w.change DESC LIMIT 1)
		ORDER BY 1
	LOOP
		SELECT x.day, x.for_work INTO went FROM (
			SELECT u.ended_on AS day, u.ended_by IS NOT NULL OR u.end_reason = 'employed' AS for_work
				FROM ledger.unemployment u WHERE u.city = p_city AND u.person = p_person
				AND u.void_on IS NULL AND u.ended_on < came
			UNION ALL SELECT w.day, w.reason = 'employed' FROM ledger.withdrawals(p_city, files) w
				WHERE w.day < came) x
			ORDER BY x.day DESC, x.for_work LIMIT 1;
		CONTINUE WHEN went.for_work AND (came - went.day < 90 OR EXISTS (SELECT
			FROM ledger.employment e WHERE e.city = p_city AND e.person = p_person
			AND e.void_on IS NULL AND e.start_on < came
			AND (e.ended_on IS NULL OR e.ended_on > went.day)));
		waits := came;
	END LOOP;
	RETURN greatest(waits, (SELECT max(e.ended_on) FROM ledger.employment e WHERE e.city = p_city
		AND e.person = p_person AND e.void_on IS NULL AND e.ended_on <= p_day
		AND e.ended_on - e.start_on >= 90));
END $$;
