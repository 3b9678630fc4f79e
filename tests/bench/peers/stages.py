"""The two search functions of the PostgreSQL peer, as SQL.

Each is a row of stages, nearest first, that differ in where they look and in what
they can still reach; a stage is one static statement, so that plpgsql keeps its
plan.  It is written out by a program only because SQL has no way to say
a statement once that is inlined eighteen times.
"""

# Points by the level at which two occupations meet, and two places; those of a street
# are the community's, its best.
DETAIL, MINOR, MIDDLE, MAJOR = 350, 245, 140, 50
STREET, COUNTY, ADJACENT, CITY = 200, 110, 60, 20
REST = 450  # left to skills, pay, experience and freshness


def by_place(row):
    return (f"CASE WHEN {row}.place = p_place THEN 200"
            f" WHEN {row}.place / 1000 = p_place / 1000 THEN 170 ELSE 110 END")


# -- seeker -> vacancies

VACANCY_WHERE = {
    DETAIL: "v.occupation = ANY (p_wishes)",
    MINOR: "v.minor = ANY (p_minors) AND v.occupation <> ALL (p_wishes)",
    MIDDLE: "v.middle = ANY (p_middles) AND v.minor <> ALL (p_minors)"
            " AND v.occupation <> ALL (p_wishes)",
    MAJOR: "v.major = ANY (p_majors) AND v.middle <> ALL (p_middles)"
           " AND v.occupation <> ALL (p_wishes)",
}
VACANCY_AREA = {
    STREET: "v.county = p_county AND v.place BETWEEN low AND high",
    COUNTY: "v.county = p_county AND v.place / 1000 <> p_place / 1000",
    ADJACENT: "v.county = ANY (p_touching)",
    CITY: "v.county <> ALL (near)",
}
FARTHEST = {STREET: 0, COUNTY: 2, ADJACENT: 3, CITY: 4}


def vacancy_stage(level, area):
    reach = level + REST + area
    points = by_place("v") if area == STREET else area
    return f"""
	IF worst <= {reach} AND p_farthest >= {FARTHEST[area]} THEN
		top := ARRAY(SELECT x.key FROM (SELECT unnest(top) AS key UNION ALL
			SELECT peer.vacancy_key({level} + {points}
				+ peer.skill_points(p_skills, v.required, v.wished, v.weight)
				+ peer.pay_points(v.pay_max, p_pay)
				+ peer.month_points(CASE WHEN v.minor = p_m1 THEN p_n1 ELSE 0 END
					+ CASE WHEN v.minor = p_m2 THEN p_n2 ELSE 0 END
					+ CASE WHEN v.minor = p_m3 THEN p_n3 ELSE 0 END, v.months)
				+ peer.fresh_points(p_today - v.posted_on), v.posted_on, v.id)
			FROM peer.vacancy v
			WHERE {VACANCY_WHERE[level]}
			  AND {VACANCY_AREA[area]}
			  AND {level + REST - 190} + {points} + peer.pay_points(v.pay_max, p_pay)
				+ peer.fresh_points(p_today - v.posted_on) >= worst
			  AND v.valid_until >= p_today AND v.education <= p_education
			  AND (v.licences & p_lacks) = 0
			  AND (p_shifts = 0 OR v.shift = 0 OR (v.shift & p_shifts) <> 0)
			  AND (p_forms = 0 OR v.form = 0 OR (v.form & p_forms) <> 0)
			  AND (NOT v.reserved OR p_rank <= 3 OR (p_rank <= 5 AND p_today >= v.released_on))
			) x ORDER BY x.key LIMIT p_k);
		worst := CASE WHEN cardinality(top) = p_k THEN 1023 - (top[p_k] >> 52)::int ELSE 0 END;
	END IF;
"""


def give_vacancies(widened):
    return f"""
	RETURN QUERY SELECT key & 68719476735, 1023 - (key >> 52)::int, {widened} FROM unnest(top) key;
"""


def best_vacancies():
    stages = sorted(((level, area) for level in (DETAIL, MINOR, MIDDLE)
                     for area in (STREET, COUNTY, ADJACENT, CITY)), key=lambda s: -sum(s))
    return f"""
-- p_lacks: the licences she has not; p_minors, p_middles, p_majors: the groups of her
-- wishes, each once; p_m and p_n: minor groups of her experience and the months in them.
CREATE FUNCTION peer.best_vacancies(p_today int, p_place bigint, p_county int, p_touching int[],
	p_wishes int[], p_minors int[], p_middles int[], p_majors int[], p_rank int, p_education int,
	p_lacks bigint, p_shifts int, p_forms int, p_farthest int, p_skills bit(256), p_pay int,
	p_m1 int, p_n1 int, p_m2 int, p_n2 int, p_m3 int, p_n3 int, p_k int)
RETURNS TABLE (id bigint, score int, widened boolean)
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
DECLARE
	low   bigint := CASE p_farthest WHEN 0 THEN p_place ELSE p_place / 1000 * 1000 END;
	high  bigint := CASE p_farthest WHEN 0 THEN p_place ELSE p_place / 1000 * 1000 + 999 END;
	near  int[] := p_touching || p_county;
	top   bigint[] := '{{}}';
	worst int := 0;
BEGIN{"".join(vacancy_stage(*s) for s in stages)}{give_vacancies("false")}
	p_k := p_k - cardinality(top);
	IF p_k = 0 THEN
		RETURN;
	END IF;
	top := '{{}}';
	worst := 0;
{"".join(vacancy_stage(MAJOR, area) for area in (STREET, COUNTY, ADJACENT, CITY))}{give_vacancies("true")}END $$;
"""


# -- vacancy -> seekers

SEEKER_AREA = {
    COUNTY: "s.county = p_county AND s.farthest >= CASE WHEN s.place = p_place THEN 0"
          " WHEN s.place / 1000 = p_place / 1000 THEN 1 ELSE 2 END",
    ADJACENT: "s.county = ANY (p_touching) AND s.farthest >= 3",
    CITY: "s.county <> ALL (near) AND s.farthest >= 4",
}
MONTHS = ("(CASE WHEN s.m1 = p_minor THEN s.n1 ELSE 0 END + CASE WHEN s.m2 = p_minor THEN s.n2 ELSE 0 END"
          " + CASE WHEN s.m3 = p_minor THEN s.n3 ELSE 0 END)")
ABLE = f"((s.skills & p_required) = p_required AND {MONTHS} >= p_months)"
IN_MINOR = ("s.minor = p_minor"
            " AND (s.wish = p_occupation OR (s.first_minor AND p_occupation <> ALL (s.wishes)))")
SEEKER_WHERE = {
    "fit": f"s.class = c AND {IN_MINOR} AND {ABLE}",
    "unable": f"s.class = ANY ('{{0,1,2,3}}'::smallint[]) AND {IN_MINOR} AND NOT {ABLE}",
    "middle": "s.middle = p_middle AND s.first_middle AND p_minor <> ALL (s.minors)",
    "major": "s.major = p_major AND s.first_major AND p_middle <> ALL (s.middles)",
}
SEEKER_LEVEL = {
    "fit": f"CASE WHEN s.wish = p_occupation THEN {DETAIL} ELSE {MINOR} END",
    "unable": f"CASE WHEN s.wish = p_occupation THEN {DETAIL} ELSE {MINOR} END",
    "middle": str(MIDDLE),
    "major": str(MAJOR),
}
SEEKER_BEST = {COUNTY: STREET, ADJACENT: ADJACENT, CITY: CITY}
REACH = {"fit": DETAIL, "unable": DETAIL, "middle": MIDDLE, "major": MAJOR}


def seeker_stage(group, area):
    reach = REACH[group] + REST + SEEKER_BEST[area]
    key = "fit_key" if group == "fit" else "other_key"
    # The number that a full list's last key may not be below: band, or points.
    first = 40 - reach // 25 if group == "fit" else 1023 - reach
    return f"""
	IF worst >= {first} THEN
		SELECT array_agg(x.key ORDER BY x.key, x.id), array_agg(x.id ORDER BY x.key, x.id)
			INTO keys, ids
			FROM (SELECT u.key, u.id FROM unnest(keys, ids) u(key, id) UNION ALL
				SELECT peer.{key}({SEEKER_LEVEL[group]} + {by_place("s") if area == COUNTY else area}
					+ peer.skill_points(s.skills, p_required, p_wished, p_weight)
					+ peer.pay_points(p_pay, s.pay_wish)
					+ peer.month_points({MONTHS}, p_months)
					+ fresh, s.waiting), s.id
				FROM peer.posting s
				WHERE {SEEKER_WHERE[group]}
				  AND {SEEKER_AREA[area]}
				  AND s.education >= p_education AND (p_licences & ~s.licences) = 0
				  AND (p_shift = 0 OR s.shifts = 0 OR (s.shifts & p_shift) <> 0)
				  AND (p_form = 0 OR s.forms = 0 OR (s.forms & p_form) <> 0)
				  AND (NOT p_reserved OR s.rank <= 3 OR (s.rank <= 5 AND p_released))
				ORDER BY 1, 2 LIMIT p_k) x;
		worst := CASE WHEN cardinality(keys) = p_k THEN (keys[p_k] >> 32)::int ELSE 2000 END;
	END IF;
"""


def give_seekers(group):
    score = "1023 - (u.key & 1023)::int" if group == "fit" else "1023 - (u.key >> 32)::int"
    widened = "true" if group == "major" else "false"
    return f"""
	IF keys IS NOT NULL THEN
		RETURN QUERY SELECT u.id, {score}, {widened} FROM unnest(keys, ids) u(key, id);
		p_k := p_k - cardinality(keys);
	END IF;
	IF p_k = 0 THEN
		RETURN;
	END IF;
	keys := NULL;
	ids := NULL;
	worst := 2000;
"""


def best_seekers():
    areas = (COUNTY, ADJACENT, CITY)
    stages = {g: "".join(seeker_stage(g, a) for a in areas) for g in REACH}
    stages["middle"] = stages["unable"] + stages["middle"] # who does not fit is one list
    groups = {g: stages[g] + give_seekers(g) for g in REACH}
    return f"""
-- One class after another among those who fit, then those who do not, then the major group.
CREATE FUNCTION peer.best_seekers(p_today int, p_place bigint, p_county int, p_touching int[],
	p_occupation int, p_minor int, p_middle int, p_major int, p_education int, p_licences bigint,
	p_shift int, p_form int, p_reserved boolean, p_released boolean, p_required bit(256),
	p_wished bit(256), p_weight smallint, p_pay int, p_months int, p_posted_on int, p_k int)
RETURNS TABLE (id bigint, score int, widened boolean)
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
DECLARE
	near  int[] := p_touching || p_county;
	fresh int := peer.fresh_points(p_today - p_posted_on);
	keys  bigint[];
	ids   bigint[];
	worst int := 2000;
BEGIN
	FOR c IN 0 .. 3 LOOP
{groups["fit"]}	END LOOP;
{groups["middle"]}{groups["major"]}END $$;
"""


if __name__ == "__main__":
    print(best_vacancies(), best_seekers())
