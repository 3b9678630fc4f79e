-- The same two questions as one statement each: every candidate of the groups concerned
-- is scored and the best are kept.  This is what one writes first.

CREATE FUNCTION peer.plain_vacancies(p_today int, p_place bigint, p_county int,
	p_touching int[], p_wishes int[], p_minors int[], p_middles int[], p_majors int[], p_rank int,
	p_education int, p_lacks bigint, p_shifts int, p_forms int, p_farthest int,
	p_skills bit(256), p_pay int, p_m1 int, p_n1 int, p_m2 int, p_n2 int, p_m3 int, p_n3 int,
	p_k int)
RETURNS TABLE (id bigint, score int, widened boolean)
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
DECLARE
	best bigint[];
BEGIN
	FOR wider IN 0 .. 1 LOOP
		best := ARRAY(SELECT peer.vacancy_key(
				CASE WHEN wider = 1 THEN 50 WHEN v.occupation = ANY (p_wishes) THEN 350
					WHEN v.minor = ANY (p_minors) THEN 245 ELSE 140 END
				+ CASE v.level WHEN 0 THEN 200 WHEN 1 THEN 170 WHEN 2 THEN 110 WHEN 3 THEN 60 ELSE 20 END
				+ peer.skill_points(p_skills, v.required, v.wished, v.weight)
				+ peer.pay_points(v.pay_max, p_pay)
				+ peer.month_points(CASE WHEN v.minor = p_m1 THEN p_n1 ELSE 0 END
					+ CASE WHEN v.minor = p_m2 THEN p_n2 ELSE 0 END
					+ CASE WHEN v.minor = p_m3 THEN p_n3 ELSE 0 END, v.months)
				+ peer.fresh_points(p_today - v.posted_on), v.posted_on, v.id)
			FROM (SELECT *, CASE WHEN place = p_place THEN 0 WHEN place / 1000 = p_place / 1000 THEN 1
					WHEN county = p_county THEN 2 WHEN county = ANY (p_touching) THEN 3 ELSE 4 END AS level
				FROM peer.vacancy
				WHERE middle = ANY (p_middles) AND wider = 0
				UNION ALL
				SELECT *, CASE WHEN place = p_place THEN 0 WHEN place / 1000 = p_place / 1000 THEN 1
					WHEN county = p_county THEN 2 WHEN county = ANY (p_touching) THEN 3 ELSE 4 END
				FROM peer.vacancy
				WHERE major = ANY (p_majors) AND middle <> ALL (p_middles) AND wider = 1) v
			WHERE v.level <= p_farthest AND v.valid_until >= p_today AND v.education <= p_education
			  AND (v.licences & p_lacks) = 0
			  AND (p_shifts = 0 OR v.shift = 0 OR (v.shift & p_shifts) <> 0)
			  AND (p_forms = 0 OR v.form = 0 OR (v.form & p_forms) <> 0)
			  AND (NOT v.reserved OR p_rank <= 3 OR (p_rank <= 5 AND p_today >= v.released_on))
			ORDER BY 1 LIMIT p_k);
		RETURN QUERY SELECT key & 68719476735, 1023 - (key >> 52)::int, wider = 1 FROM unnest(best) key;
		p_k := p_k - cardinality(best);
		EXIT WHEN p_k = 0;
	END LOOP;
END $$;

CREATE FUNCTION peer.plain_seekers(p_today int, p_place bigint, p_county int, p_touching int[],
	p_occupation int, p_minor int, p_middle int, p_major int, p_education int,
	p_licences bigint, p_shift int, p_form int, p_reserved boolean, p_released boolean,
	p_required bit(256), p_wished bit(256), p_weight smallint, p_pay int, p_months int,
	p_posted_on int, p_k int)
RETURNS TABLE (id bigint, score int, widened boolean)
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
DECLARE
	found int;
BEGIN
	FOR wider IN 0 .. 1 LOOP
		RETURN QUERY SELECT y.id, y.points, wider = 1 FROM (
			SELECT x.*, x.occupation_points
				+ CASE x.level WHEN 0 THEN 200 WHEN 1 THEN 170 WHEN 2 THEN 110 WHEN 3 THEN 60 ELSE 20 END
				+ peer.skill_points(x.skills, p_required, p_wished, p_weight)
				+ peer.pay_points(p_pay, x.pay_wish)
				+ peer.month_points(CASE WHEN x.m1 = p_minor THEN x.n1 ELSE 0 END
					+ CASE WHEN x.m2 = p_minor THEN x.n2 ELSE 0 END
					+ CASE WHEN x.m3 = p_minor THEN x.n3 ELSE 0 END, p_months)
				+ peer.fresh_points(p_today - p_posted_on) AS points,
				x.occupation_points >= 245 AND (x.skills & p_required) = p_required
				AND CASE WHEN x.m1 = p_minor THEN x.n1 ELSE 0 END
					+ CASE WHEN x.m2 = p_minor THEN x.n2 ELSE 0 END
					+ CASE WHEN x.m3 = p_minor THEN x.n3 ELSE 0 END >= p_months AS fit
			FROM (SELECT s.*, CASE WHEN s.wish = p_occupation THEN 350
						WHEN s.minor = p_minor THEN 245 ELSE 140 END AS occupation_points,
					CASE WHEN s.place = p_place THEN 0 WHEN s.place / 1000 = p_place / 1000 THEN 1
						WHEN s.county = p_county THEN 2 WHEN s.county = ANY (p_touching) THEN 3
						ELSE 4 END AS level
				FROM peer.posting s
				WHERE wider = 0 AND s.middle = p_middle AND (s.wish = p_occupation
					OR p_occupation <> ALL (s.wishes) AND (s.minor = p_minor AND s.first_minor
						OR p_minor <> ALL (s.minors) AND s.first_middle))
				UNION ALL
				SELECT s.*, 50, CASE WHEN s.place = p_place THEN 0
						WHEN s.place / 1000 = p_place / 1000 THEN 1
						WHEN s.county = p_county THEN 2 WHEN s.county = ANY (p_touching) THEN 3
						ELSE 4 END
				FROM peer.posting s
				WHERE wider = 1 AND s.major = p_major AND s.first_major
				  AND p_middle <> ALL (s.middles)
				) x
			WHERE x.level <= x.farthest AND x.education >= p_education
			  AND (p_licences & ~x.licences) = 0
			  AND (p_shift = 0 OR x.shifts = 0 OR (x.shifts & p_shift) <> 0)
			  AND (p_form = 0 OR x.forms = 0 OR (x.forms & p_form) <> 0)
			  AND (NOT p_reserved OR x.rank <= 3 OR (x.rank <= 5 AND p_released))
			) y
			ORDER BY NOT y.fit, CASE WHEN y.fit THEN y.class END,
				CASE WHEN y.fit THEN 40 - y.points / 25 END, CASE WHEN y.fit THEN y.waiting END,
				y.points DESC, y.waiting, y.id
			LIMIT p_k;
		GET DIAGNOSTICS found = ROW_COUNT;
		p_k := p_k - found;
		EXIT WHEN p_k = 0;
	END LOOP;
END $$;
