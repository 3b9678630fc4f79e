-- What a person is on a day: certificate, registration, work, household; the rank that
-- follows, and until which day it holds.
--
-- rank_of() answers for a day and says until which day that answer holds, by trying, in order,
-- every day on which one of its facts changes.  Locks are taken in one order everywhere:
-- vacancy, households by id, seekers by id, placement.

-- rules/retirement
CREATE OR REPLACE FUNCTION ledger.retirement_age(p_city int, p_person bigint, p_sex int, p_day date)
RETURNS int
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN coalesce(
		(SELECT f.age FROM ledger.retirement_fact f
			WHERE f.city = p_city AND f.person = p_person AND f.since <= p_day
			ORDER BY f.since DESC LIMIT 1),
		(SELECT CASE WHEN p_sex = 2 THEN retire_women ELSE retire_men END
			FROM ledger.policy_on(p_city, p_day)));
END $$;

-- rules/certificate: active, and inspected for the year, or for the year
-- before (or issued then) up to the inspection deadline; none needed in the year of issue.
CREATE OR REPLACE FUNCTION ledger.certificate_on(p_city int, p_person bigint, p_day date)
RETURNS bigint
LANGUAGE plpgsql STABLE AS $$
DECLARE
	y   int := extract(year FROM p_day);
	pol ledger.policy := ledger.policy_on(p_city, p_day);
BEGIN
	RETURN (SELECT c.id FROM ledger.certificate c
		WHERE c.city = p_city AND c.person = p_person
		  AND c.issued_on <= p_day AND p_day <= c.valid_to
		  AND (c.void_on IS NULL OR p_day < c.void_on)
		  AND (extract(year FROM c.issued_on) = y
			OR EXISTS (SELECT FROM ledger.inspection i
				WHERE i.city = p_city AND i.certificate = c.id AND i.year = y)
			OR (p_day <= make_date(y, pol.inspect_by_month, pol.inspect_by_day)
				AND (extract(year FROM c.issued_on) = y - 1
				OR EXISTS (SELECT FROM ledger.inspection i
					WHERE i.city = p_city AND i.certificate = c.id AND i.year = y - 1))))
		LIMIT 1);
END $$;

-- rules/unemployment
CREATE OR REPLACE FUNCTION ledger.unemployment_on(p_city int, p_person bigint, p_day date)
RETURNS ledger.unemployment
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN (SELECT u FROM ledger.unemployment u
		WHERE u.city = p_city AND u.person = p_person AND u.since <= p_day
		  AND (u.ended_on IS NULL OR p_day < u.ended_on) AND u.void_on IS NULL
		ORDER BY u.since LIMIT 1);
END $$;

-- rules/4050: an attribute of sex, birth date and the policy's as-of day.
CREATE OR REPLACE FUNCTION ledger.is_4050(p_city int, p_sex int, p_birth date, p_retire int,
	p_day date)
RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
DECLARE
	pol  ledger.policy := ledger.policy_on(p_city, p_day);
	asof date := CASE pol.age_asof
		WHEN 'year_end' THEN make_date(extract(year FROM p_day)::int, 12, 31)
		WHEN 'event_date' THEN p_day
		ELSE substr(pol.age_asof, 7)::date END;
BEGIN
	RETURN ledger.age_on(p_birth, asof) >= CASE WHEN p_sex = 2 THEN pol.women_from ELSE pol.men_from END
		AND ledger.age_on(p_birth, asof) < p_retire AND ledger.age_on(p_birth, p_day) < p_retire;
END $$;

-- rules/employment
CREATE OR REPLACE FUNCTION ledger.is_employed(p_city int, p_person bigint, p_day date)
RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN EXISTS (SELECT FROM ledger.work w
		WHERE w.city = p_city AND w.person = p_person AND w.start_on <= p_day
		  AND (w.ended_on IS NULL OR p_day < w.ended_on));
END $$;

-- Members of working age, able, willing and not excluded: W(d) of rules/zero-employment-household.
CREATE OR REPLACE FUNCTION ledger.household_workers(p_city int, p_household bigint, p_day date)
RETURNS SETOF bigint
LANGUAGE sql STABLE AS $$
	SELECT m.person FROM ledger.household_member m
	JOIN ledger.person p ON p.city = m.city AND p.id = m.person
	WHERE m.city = p_city AND m.household = p_household AND m.able AND m.willing
	  AND m.joined_on <= p_day AND (m.left_on IS NULL OR p_day < m.left_on)
	  AND m.excluded = '' AND ledger.age_on(p.birth, p_day) >= 16
	  AND ledger.age_on(p.birth, p_day) < ledger.retirement_age(p_city, p.id, p.sex, p_day)
$$;

-- applied -> open -> helped -> cleared (3 months of work); a job lost within them opens it
-- again without a new application.  p_worked: the day up to which work counts; the day
-- before a placement, when its own start must not close the household it came from.
-- rules/household-state
CREATE OR REPLACE FUNCTION ledger.household_state(p_city int, p_household bigint, p_day date,
	p_worked date DEFAULT NULL)
RETURNS text
LANGUAGE plpgsql STABLE AS $$
DECLARE
	h      ledger.household;
	worked date := coalesce(p_worked, p_day);
	helped boolean;
	clear  boolean;
BEGIN
	SELECT * INTO h FROM ledger.household WHERE city = p_city AND id = p_household;
	IF h.ended_on <= p_day THEN
		RETURN 'ended';
	ELSIF h.determined_on IS NULL OR h.determined_on > p_day THEN
		RETURN 'applied';
	END IF;
	SELECT bool_or(w.start_on <= worked AND (w.ended_on IS NULL OR worked < w.ended_on)
				AND m.joined_on <= p_day AND (m.left_on IS NULL OR p_day < m.left_on)),
			bool_or(ledger.add_months(w.start_on, 3) <= worked
				AND (w.ended_on IS NULL OR w.ended_on >= ledger.add_months(w.start_on, 3))
				AND ledger.add_months(w.start_on, 3) >= m.joined_on
				AND (m.left_on IS NULL OR ledger.add_months(w.start_on, 3) < m.left_on))
		INTO helped, clear
		FROM ledger.household_member m
		JOIN ledger.work w ON w.city = m.city AND w.person = m.person
		WHERE m.city = p_city AND m.household = p_household
		  AND (w.ended_on IS NULL OR w.ended_on > h.determined_on);
	RETURN CASE WHEN clear THEN 'cleared' WHEN helped THEN 'helped'
		WHEN NOT EXISTS (SELECT ledger.household_workers(p_city, p_household, p_day)) THEN 'ended'
		ELSE 'open' END;
END $$;

-- The open household that makes this person P1, or NULL.
CREATE OR REPLACE FUNCTION ledger.open_household(p_city int, p_person bigint, p_day date,
	p_worked date DEFAULT NULL)
RETURNS bigint
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN (SELECT m.household FROM ledger.household_member m
		WHERE m.city = p_city AND m.person = p_person
		  AND m.joined_on <= p_day AND (m.left_on IS NULL OR p_day < m.left_on)
		  AND ledger.household_state(p_city, m.household, p_day, p_worked) = 'open'
		  AND EXISTS (SELECT FROM ledger.household_workers(p_city, m.household, p_day) w
			WHERE w = p_person)
		LIMIT 1);
END $$;

-- Domain.md 8.1 on one day: the best rank whose test holds.
-- rules/ranks
CREATE OR REPLACE FUNCTION ledger.rank_at(p_city int, p_person ledger.person, p_day date)
RETURNS ledger.standing
LANGUAGE plpgsql STABLE AS $$
DECLARE
	out     ledger.standing;
	age     int := ledger.age_on(p_person.birth, p_day);
	retire  int := ledger.retirement_age(p_city, p_person.id, p_person.sex, p_day);
	cert    bigint;
	open_at ledger.unemployment;
BEGIN
	out.age_class := CASE WHEN age < 16 THEN 1 WHEN age >= retire THEN 4 WHEN age < 18 THEN 2 ELSE 3 END;
	out.rank := 6;
	IF out.age_class IN (1, 4) THEN
		-- A worker's 50 or a cadre's 55: without evidence she is asked, not called retired.
		out.reason := CASE WHEN out.age_class = 4 AND p_person.sex = 2
			AND age < (ledger.policy_on(p_city, p_day)).retire_cadres
			AND NOT EXISTS (SELECT FROM ledger.retirement_fact f WHERE f.city = p_city
				AND f.person = p_person.id AND f.since <= p_day)
			THEN 'retirement-unproven' ELSE 'not-working-age' END;
		RETURN out;
	ELSIF ledger.is_employed(p_city, p_person.id, p_day) THEN
		out.reason := 'employed';
		RETURN out;
	ELSIF ledger.open_household(p_city, p_person.id, p_day) IS NOT NULL THEN
		out.rank := 1;
		out.reason := 'zero-employment-household';
		RETURN out;
	END IF;
	cert := ledger.certificate_on(p_city, p_person.id, p_day);
	open_at := ledger.unemployment_on(p_city, p_person.id, p_day);
	IF (cert IS NOT NULL OR open_at.id IS NOT NULL)
			AND ledger.is_4050(p_city, p_person.sex, p_person.birth, retire, p_day) THEN
		out.rank := 2;
		out.reason := '4050';
		RETURN out;
	END IF;
	SELECT 3, r.code INTO out.rank, out.reason FROM ledger.recognition r
		WHERE r.city = p_city AND r.person = p_person.id AND r.code >= 'HC3'
		  AND r.recognised_on <= p_day AND (r.ended_on IS NULL OR p_day < r.ended_on)
		  AND r.void_on IS NULL
		ORDER BY r.code LIMIT 1;
	IF NOT FOUND THEN
		out.rank := CASE WHEN cert IS NOT NULL THEN 4 WHEN open_at.id IS NOT NULL THEN 5 ELSE 6 END;
		out.reason := CASE out.rank WHEN 4 THEN 'certificate' WHEN 5 THEN 'registered-unemployed'
			ELSE 'other' END;
	END IF;
	RETURN out;
END $$;

-- Every later day on which a fact behind the rank or the age class changes.
CREATE OR REPLACE FUNCTION ledger.turning_days(p_city int, p_person ledger.person, p_day date)
RETURNS SETOF date
LANGUAGE plpgsql STABLE AS $$
DECLARE
	pol    ledger.policy := ledger.policy_on(p_city, p_day);
	retire int := ledger.retirement_age(p_city, p_person.id, p_person.sex, p_day);
	born   int := extract(year FROM p_person.birth);
	cert   ledger.certificate;
	homes  bigint[];
BEGIN
	RETURN NEXT ledger.birthday(p_person.birth, 16);
	RETURN NEXT ledger.birthday(p_person.birth, 18);
	RETURN NEXT ledger.birthday(p_person.birth, retire);
	-- The as-of age of a year is 40 or 50, or the retirement age, from its first day on.
	RETURN NEXT make_date(born + pol.women_from, 1, 1);
	RETURN NEXT make_date(born + pol.men_from, 1, 1);
	RETURN NEXT make_date(born + retire, 1, 1);
	RETURN QUERY SELECT ledger.birthday(p_person.birth, n)
		FROM unnest(ARRAY[pol.women_from, pol.men_from]) n WHERE pol.age_asof = 'event_date';
	RETURN QUERY SELECT p.valid_from FROM ledger.policy p
		WHERE p.city = p_city AND p.valid_from > p_day;
	RETURN QUERY SELECT unnest(ARRAY[f.since, ledger.birthday(p_person.birth, f.age)])
		FROM ledger.retirement_fact f
		WHERE f.city = p_city AND f.person = p_person.id AND f.since > p_day;
	RETURN QUERY SELECT unnest(ARRAY[u.since, u.ended_on]) FROM ledger.unemployment u
		WHERE u.city = p_city AND u.person = p_person.id AND u.void_on IS NULL;
	RETURN QUERY SELECT unnest(ARRAY[r.recognised_on, r.ended_on]) FROM ledger.recognition r
		WHERE r.city = p_city AND r.person = p_person.id AND r.void_on IS NULL;
	FOR cert IN SELECT * FROM ledger.certificate c
			WHERE c.city = p_city AND c.person = p_person.id AND c.valid_to >= p_day LOOP
		RETURN QUERY SELECT unnest(ARRAY[cert.issued_on, cert.valid_to + 1, cert.void_on]);
		RETURN QUERY SELECT unnest(ARRAY[make_date(y, 1, 1),
				make_date(y, pol.inspect_by_month, pol.inspect_by_day) + 1])
			FROM generate_series(extract(year FROM p_day)::int,
				extract(year FROM cert.valid_to)::int) y;
	END LOOP;
	RETURN QUERY SELECT unnest(ARRAY[w.start_on, w.ended_on]) FROM ledger.work w
		WHERE w.city = p_city AND w.person = p_person.id;
	SELECT array_agg(m.household) INTO homes FROM ledger.household_member m
		WHERE m.city = p_city AND m.person = p_person.id;
	IF homes IS NOT NULL THEN
		RETURN QUERY SELECT unnest(ARRAY[h.determined_on, h.ended_on]) FROM ledger.household h
			WHERE h.city = p_city AND h.id = ANY (homes);
		RETURN QUERY SELECT unnest(ARRAY[m.joined_on, m.left_on]) FROM ledger.household_member m
			WHERE m.city = p_city AND m.household = ANY (homes);
		RETURN QUERY SELECT unnest(ARRAY[w.start_on, w.ended_on]) FROM ledger.household_member m
			JOIN ledger.work w ON w.city = m.city AND w.person = m.person
			WHERE m.city = p_city AND m.household = ANY (homes) AND m.person <> p_person.id;
	END IF;
END $$;

CREATE OR REPLACE FUNCTION ledger.rank_of(p_city int, p_person bigint, p_day date)
RETURNS ledger.standing
LANGUAGE plpgsql STABLE AS $$
DECLARE
	who   ledger.person;
	out   ledger.standing;
	later ledger.standing;
	day   date;
BEGIN
	SELECT * INTO who FROM ledger.person WHERE city = p_city AND id = p_person;
	out := ledger.rank_at(p_city, who, p_day);
	FOR day IN SELECT DISTINCT d FROM ledger.turning_days(p_city, who, p_day) d
			WHERE d > p_day ORDER BY d LOOP
		later := ledger.rank_at(p_city, who, day);
		IF later.rank <> out.rank OR later.age_class <> out.age_class THEN
			out.class_until := day;
			EXIT;
		END IF;
	END LOOP;
	RETURN out;
END $$;

-- Write rank and activity of these seekers as of a day; only what changed gets a new
-- version, and p_touched, whose file was written.  She is inactive while a placement of
-- hers is live, begun or not; a job of 90 days or more makes her wait anew from its end.
-- Whoever is looked at is looked at again when her class ends.  The caller holds their rows,
-- locked by id.
-- rules/inactive, rules/waiting-time
CREATE OR REPLACE FUNCTION ledger.rerank(p_city int, p_seekers bigint[], p_day date,
	p_touched bigint DEFAULT NULL)
RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	who    bigint;
	r      ledger.standing;
	idle   boolean;
	worked date;
BEGIN
	-- One by one: a set would be planned anew each time, which costs more than the update.
	FOREACH who IN ARRAY coalesce(p_seekers, '{}') LOOP
		r := ledger.rank_of(p_city, who, p_day);
		idle := NOT EXISTS (SELECT FROM ledger.work w WHERE w.city = p_city AND w.person = who
			AND (w.ended_on IS NULL OR w.ended_on > p_day));
		worked := CASE WHEN idle THEN (SELECT max(e.ended_on) FROM ledger.employment e
			WHERE e.city = p_city AND e.person = who AND e.void_on IS NULL
			  AND e.ended_on - e.start_on >= 90) END;
		UPDATE ledger.seeker s SET version = s.version + 1,
			active = idle AND s.withdrawn_on IS NULL AND s.merged_into IS NULL, rank = r.rank,
			rank_reason = r.reason, rank_on = p_day, age_class = r.age_class,
			class_until = r.class_until, turn_on = r.class_until, waiting_since = CASE WHEN idle
				THEN greatest(coalesce(s.waits_from, s.waiting_since), worked)
				ELSE s.waiting_since END
			WHERE s.city = p_city AND s.id = who AND (who = p_touched OR s.turn_on <= p_day
			  OR (s.active, s.rank, s.rank_reason, s.age_class, s.class_until, s.waiting_since)
				IS DISTINCT FROM (idle AND s.withdrawn_on IS NULL AND s.merged_into IS NULL,
				r.rank, r.reason, r.age_class, r.class_until, CASE WHEN idle
				THEN greatest(coalesce(s.waits_from, s.waiting_since), worked)
				ELSE s.waiting_since END));
	END LOOP;
END $$;

CREATE OR REPLACE FUNCTION ledger.age_class_name(p_class int) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT (ARRAY['under-16', '16-17', 'working', 'retired'])[p_class]
$$;

-- Where she stands, in codes: what every change answers.
CREATE OR REPLACE FUNCTION ledger.standing_json(p_city int, p_id bigint) RETURNS jsonb
LANGUAGE sql STABLE AS $$
	SELECT jsonb_build_object('seeker', ledger.seeker_text(s.id), 'version', s.version,
		'state', ledger.seeker_state(s), 'rank', 'P' || s.rank, 'rank_reason', s.rank_reason,
		'age_class', ledger.age_class_name(s.age_class), 'class_until', s.class_until,
		'waiting_since', s.waiting_since)
	FROM ledger.seeker s WHERE s.city = p_city AND s.id = p_id
$$;

CREATE OR REPLACE FUNCTION ledger.kin_of(p_city int, p_people bigint[]) RETURNS bigint[]
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN ARRAY(SELECT x FROM unnest(p_people) x WHERE x IS NOT NULL UNION SELECT k.person
		FROM ledger.household_member m
		JOIN ledger.household_member k ON k.city = m.city AND k.household = m.household
		WHERE m.city = p_city AND m.person = ANY (p_people) ORDER BY 1);
END $$;

-- These files and all whose rank hangs on one of them, locked in the one order.  Who came into
-- one of their households while we waited is locked too, out of turn: else her rank would be
-- written from what it was.
CREATE OR REPLACE FUNCTION ledger.lock_files(p_city int, p_people bigint[]) RETURNS bigint[]
LANGUAGE plpgsql AS $$
DECLARE
	who bigint;
	kin bigint[];
BEGIN
	LOOP
		PERFORM FROM ledger.household h WHERE h.city = p_city AND h.id IN (SELECT m.household
			FROM ledger.household_member m WHERE m.city = p_city AND m.person = ANY (p_people))
			ORDER BY h.id FOR NO KEY UPDATE;
		kin := ledger.kin_of(p_city, p_people);
		FOREACH who IN ARRAY kin LOOP
			PERFORM FROM ledger.seeker s WHERE s.city = p_city AND s.id = who FOR NO KEY UPDATE;
		END LOOP;
		EXIT WHEN ledger.kin_of(p_city, p_people) <@ kin;
	END LOOP;
	RETURN kin;
END $$;

-- Her households, and all seekers whose rank hangs on hers, in that order, by id.
CREATE OR REPLACE FUNCTION ledger.lock_people(p_city int, p_seeker bigint) RETURNS bigint[]
LANGUAGE sql AS $$
	SELECT ledger.lock_files(p_city, ARRAY[p_seeker])
$$;
