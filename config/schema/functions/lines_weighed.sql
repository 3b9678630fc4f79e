-- Offered lines of returns, weighed: why one cannot stand, or what it would change.
--
-- It writes nothing; return_lines.sql does, of what was weighed here.

-- Why an offered line cannot stand; NULL: it can.
-- rules/quarters, rules/liability, rules/public-welfare-posts
CREATE OR REPLACE FUNCTION ledger.line_fault(p_who api.caller, p_line ledger.offered_line,
	p_employer bigint, p_today date)
RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
	free int;
BEGIN
	IF p_employer IS NULL THEN
		RETURN ledger.fault('/employer', 'not-found', p_line.employer,
			'an employer that this key files for, in this district',
			'There is no such employer, or not for you.', '没有该用人单位，或无权为其申报。');
	END IF;
	IF NOT ledger.quarter_is_open(p_line.quarter, p_today) THEN
		RETURN ledger.fault('/quarter', 'quarter-not-open', p_line.quarter,
			ledger.quarter_of((p_today - interval '2 years')::date) || ' to '
				|| ledger.quarter_of(p_today),
			'The current quarter and the past eight can be filed.', '只能申报当季及此前八个季度。');
	END IF;
	IF NOT EXISTS (SELECT FROM ledger.employer_site s WHERE s.city = p_who.city
			AND s.employer = p_employer AND s.district = p_line.district
			AND s.since < ledger.quarter_end(p_line.quarter)
			AND (s.until IS NULL OR s.until > ledger.quarter_begin(p_line.quarter))) THEN
		RETURN ledger.fault('/place', 'not-liable', p_line.district,
			'a place in a district where the employer has a site in this quarter',
			'The employer has no site in this district.', '该单位在该区县没有用工地点。');
	END IF;
	IF p_line.reserved THEN
		IF NOT EXISTS (SELECT FROM ledger.approval a WHERE a.city = p_who.city
				AND a.approval = p_line.approval AND (a.employer IS NULL OR a.employer = p_employer)) THEN
			RETURN ledger.fault('/approval', 'approval-unknown', p_line.approval,
				'the number of an approved public-welfare post',
				'No such approval is on the register of public-welfare posts.',
				'公益性岗位登记中没有该批准文号。');
		END IF;
		free := ledger.slots_beside(p_who.city, p_line.approval, ledger.today(p_who.city), p_employer,
			p_line.district, ARRAY[p_line.ref], '{}');
		IF p_line.posts > free THEN
			RETURN ledger.over_approval('/posts', p_line.posts, free);
		END IF;
	END IF;
	RETURN NULL;
END $$;

-- What the lines would change, in their order, and what stands instead of those that are old
-- (rules/news).  p_explicit: a line that was said before is said anew.  Each vacancy (employer, district, ref)
-- stands at most once among them, and at most one of them is reserved.  "OFFSET 0": each line
-- is looked up by itself, whatever the planner thinks of joining so many.
CREATE OR REPLACE FUNCTION ledger.weigh_lines(p_who api.caller, p_lines ledger.offered_line[],
	p_today date, p_explicit boolean)
RETURNS ledger.amendment[]
LANGUAGE plpgsql STABLE AS $$
DECLARE
	silent int := (ledger.policy_on(p_who.city, p_today)).confirm_days;
BEGIN
	RETURN (SELECT array_agg(ROW(x.l, x.employer, x.name, x.old_line, x.vacancy, x.follows,
			x.rewrites, x.fault IS NULL AND x.rewrites AND x.again IS NULL,
			CASE WHEN x.fault IS NOT NULL THEN 'refused'
				WHEN x.again IS NOT NULL THEN 'unchanged'
				WHEN x.vacancy IS NULL THEN 'added' -- as history, when something newer stands
				WHEN x.newer IS NOT NULL THEN 'unchanged'
				WHEN NOT x.open THEN 'added'
				WHEN x.differs THEN 'changed' ELSE 'unchanged' END,
			x.fault, x.until, x.opens, CASE WHEN x.fault IS NULL THEN coalesce(x.again, x.newer)
			END)::ledger.amendment
			ORDER BY (x.l).n)
		FROM (SELECT l, e.id AS employer, e.name, (mine.line).id AS old_line, v.id AS vacancy,
				s.vacancy IS NULL OR s.quarter <= l.quarter AS follows,
				rewrites.rewrites, v.open, o.until,
				ledger.over_on(l.valid_until, o.until) > p_today AS opens,
				ledger.newer_than(l.quarter, s.quarter, v.closed_reason, nil.quarter,
					l.valid_until, o.until, p_today) AS newer,
				CASE WHEN again.version IS NOT NULL
					THEN ledger.newer_version(r.ret, again.version) END AS again,
				ledger.line_differs(l.filed, l.contact_key,
					CASE WHEN (mine.line).id IS NULL THEN latest.line ELSE mine.line END) AS differs,
				CASE WHEN e.id IS NULL OR l.reserved
					OR l.valid_until < p_today AND rewrites.rewrites
					OR NOT ledger.quarter_is_open(l.quarter, p_today)
					OR NOT EXISTS (SELECT FROM ledger.employer_site t WHERE t.city = e.city
						AND t.employer = e.id AND t.district = l.district
						AND t.since < ledger.quarter_end(l.quarter)
						AND (t.until IS NULL OR t.until > ledger.quarter_begin(l.quarter)))
					THEN coalesce(ledger.line_fault(p_who, l, e.id, p_today),
						CASE WHEN rewrites.rewrites AND (s.quarter > l.quarter) IS NOT TRUE
						THEN ledger.ended_fault('/valid_until', l.valid_until, o.until, p_today)
						END) END AS fault
			FROM unnest(p_lines) l
			LEFT JOIN LATERAL (SELECT * FROM ledger.employer e WHERE e.city = p_who.city
				AND e.org = ledger.org_of(l.employer) OFFSET 0) e
				ON ledger.may_see_return(p_who, e.code, l.district)
			LEFT JOIN LATERAL (SELECT o AS ret FROM ledger.return o WHERE o.city = p_who.city
				AND o.employer = e.id AND o.district = l.district AND o.quarter = l.quarter
				OFFSET 0) r ON true
			LEFT JOIN LATERAL (SELECT o AS line FROM ledger.return_line o
				WHERE o.city = p_who.city AND o.return = (r.ret).id AND o.ref = l.ref
				  AND o.version_to IS NULL OFFSET 0) mine ON true
			CROSS JOIN LATERAL (SELECT ledger.line_differs(l.filed, l.contact_key, mine.line)
				AS rewrites OFFSET 0) rewrites
			LEFT JOIN LATERAL (SELECT o.id, o.open, o.closed_reason FROM ledger.vacancy o
				WHERE o.city = p_who.city AND o.employer = e.id AND o.district = l.district
				  AND o.ref = l.ref OFFSET 0) v ON true
			LEFT JOIN LATERAL (SELECT * FROM ledger.vacancy_standing o
				WHERE o.city = p_who.city AND o.vacancy = v.id OFFSET 0) s ON true
			LEFT JOIN LATERAL (SELECT o AS line FROM ledger.return_line o
				WHERE o.city = p_who.city AND o.id = s.line OFFSET 0) latest ON true
			LEFT JOIN LATERAL (SELECT n AS quarter FROM ledger.later_nils(p_who.city, e.id,
				l.district, l.quarter) n WHERE v.open IS NOT TRUE OFFSET 0) nil ON true
			CROSS JOIN LATERAL (SELECT CASE WHEN ledger.quarter_is_open(l.quarter, p_today)
				THEN least(ledger.speaks_until(l.quarter, p_today, silent),
				CASE WHEN nil.quarter IS NOT NULL THEN p_today END) END AS until OFFSET 0) o
			LEFT JOIN LATERAL (SELECT s AS version FROM ledger.line_superseded(p_who.city,
				(r.ret).id, l) s WHERE rewrites.rewrites AND NOT p_explicit
				AND (r.ret).version > 1 OFFSET 0) again ON true
			OFFSET 0) x);
END $$;
