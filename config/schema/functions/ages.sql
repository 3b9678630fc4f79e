-- Ages that decide: of work and of retirement, and what an age is by them.  It knows no ranks.

-- The retirement age on file on a day, NULL: none is.
CREATE OR REPLACE FUNCTION ledger.retirement_on(p_city int, p_person bigint, p_day date)
RETURNS TABLE (age int)
LANGUAGE sql STABLE ROWS 1 AS $$
	SELECT (SELECT k.age FROM ledger.retirement_fact k WHERE k.city = p_city
		AND k.person = p_person AND k.since <= p_day ORDER BY k.since DESC LIMIT 1) OFFSET 0
$$;

-- What an age of full years is: 1 under 16, 2 16 or 17, 3 working, 4 past retirement, 5 unknown:
-- past a woman worker's retirement, not past a cadre's, and no age on file (p_on_file NULL).  The
-- one place that says so: rank, 4050, households and counts ask here.
-- rules/retirement, rules/age
CREATE OR REPLACE FUNCTION ledger.age_class(p_policy ledger.policy, p_sex int, p_age int,
	p_on_file int)
RETURNS int
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT CASE WHEN p_age < 16 THEN 1 WHEN p_age < 18 THEN 2
		WHEN p_age < coalesce(p_on_file, CASE p_sex WHEN 2 THEN (p_policy).retire_women
			ELSE (p_policy).retire_men END) THEN 3
		WHEN p_on_file IS NULL AND p_sex = 2 AND p_age < (p_policy).retire_cadres THEN 5
		ELSE 4 END
$$;

-- The ages at which the class above changes.
CREATE OR REPLACE FUNCTION ledger.turning_ages(p_policy ledger.policy, p_sex int, p_on_file int)
RETURNS int[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT ARRAY[16, 18] || CASE WHEN p_on_file > 0 THEN ARRAY[p_on_file]
		WHEN p_sex = 2 THEN ARRAY[(p_policy).retire_women, (p_policy).retire_cadres]
		ELSE ARRAY[(p_policy).retire_men] END
$$;

CREATE OR REPLACE FUNCTION ledger.age_class_of(p_city int, p_person bigint, p_day date) RETURNS int
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN (SELECT ledger.age_class(p, k.sex, ledger.age_on(k.birth, p_day), r.age)
		FROM ledger.person k, ledger.policies_on(p_city, p_day) p,
			ledger.retirement_on(p_city, p_person, p_day) r
		WHERE k.city = p_city AND k.id = p_person);
END $$;

-- NULL: unknown, of a woman past a worker's retirement with none on file.
CREATE OR REPLACE FUNCTION ledger.retirement_age(p_city int, p_person ledger.person, p_day date)
RETURNS int
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN (SELECT coalesce(r.age, CASE WHEN (p_person).sex <> 2 THEN p.retire_men
			WHEN ledger.age_on((p_person).birth, p_day) < p.retire_women THEN p.retire_women END)
		FROM ledger.policies_on(p_city, p_day) p,
			ledger.retirement_on(p_city, (p_person).id, p_day) r);
END $$;

CREATE OR REPLACE FUNCTION ledger.age_class_name(p_class int) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT (ARRAY['under-16', '16-17', 'working', 'retired', 'unknown'])[p_class]
$$;
