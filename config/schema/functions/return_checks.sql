-- What forbids the lines of a filing, whatever else stands in the ledger unchanged.
--
-- It writes nothing; who files, and what becomes of the vacancies, is returns.sql's.

-- What forbids these lines, whatever else stands in the ledger unchanged; NULL: nothing.
-- p_known: how many of their vacancies are in the ledger already; p_until: the first day on
-- which the return no longer speaks for them.
-- rules/closing, rules/posts, rules/news
CREATE OR REPLACE FUNCTION ledger.check_lines(p_emp ledger.employer, p_ret ledger.return,
	p_district text, p_quarter text, p_lines ledger.offered_line[], p_refs text[], p_closing jsonb,
	p_nil boolean, p_known int, p_until date)
RETURNS api.reply
LANGUAGE plpgsql STABLE AS $$
DECLARE
	closed text[] := CASE WHEN p_closing = '[]' THEN '{}'
		ELSE ARRAY(SELECT x->>'ref' FROM jsonb_array_elements(p_closing) x) END;
	bad    jsonb;
	named  jsonb;
	once   int;
	held   int; -- lines of reserved posts
	over   int; -- lines whose last day has passed
	today  date := ledger.today(p_emp.city);
BEGIN
	SELECT count(DISTINCT l.ref), count(*) FILTER (WHERE l.reserved),
			count(*) FILTER (WHERE l.valid_until < today)
		INTO once, held, over FROM unnest(p_lines) l;
	IF once < cardinality(p_refs) OR closed && p_refs THEN
		SELECT jsonb_agg(ledger.fault('/lines/' || n - 1 || '/ref', 'duplicate-ref', ref,
				'a ref that stands once', 'This ref stands in the return more than once.',
				'同一报表中 ref 重复。'))
			INTO bad FROM (SELECT ref, n, count(*) OVER (PARTITION BY ref) AS times
				FROM unnest(p_refs) WITH ORDINALITY l(ref, n)) x
			WHERE times > 1 OR ref = ANY (closed);
		IF bad IS NOT NULL THEN
			RETURN api.refuse(422, 'validation-failed', jsonb_build_object('errors', bad));
		END IF;
	END IF;

	IF p_closing <> '[]' THEN
		SELECT jsonb_agg(ledger.fault('/closed/' || n - 1 || '/ref', 'ref-unknown', c->>'ref',
				'a ref that was filed before', 'No vacancy was filed under this ref.',
				'该 ref 从未申报。'))
			INTO bad FROM jsonb_array_elements(p_closing) WITH ORDINALITY x(c, n)
			WHERE NOT EXISTS (SELECT FROM ledger.vacancy v WHERE v.city = p_emp.city
				AND v.employer = p_emp.id AND v.district = p_district AND v.ref = c->>'ref');
		IF bad IS NOT NULL THEN
			RETURN api.refuse(422, 'validation-failed', jsonb_build_object('errors', bad));
		END IF;
	END IF;

	IF over > 0 THEN
		SELECT jsonb_agg(ledger.ended_fault('/lines/' || l.n - 1 || '/valid_until',
				l.valid_until, p_until, today))
			INTO bad FROM (SELECT ref, filed, contact_key, valid_until, ordinality AS n
				FROM unnest(p_lines) WITH ORDINALITY) l
			WHERE l.valid_until < today AND p_until > today
			  AND NOT EXISTS (SELECT FROM ledger.return_line o WHERE o.city = p_ret.city
				AND o.return = p_ret.id AND o.ref = l.ref AND o.version_to IS NULL
				AND NOT ledger.line_differs(l.filed, l.contact_key, o))
			  AND NOT EXISTS (SELECT FROM ledger.vacancy v JOIN ledger.vacancy_standing s
				ON s.city = v.city AND s.vacancy = v.id WHERE v.city = p_emp.city
				AND v.employer = p_emp.id AND v.district = p_district AND v.ref = l.ref
				AND s.quarter > p_quarter);
		IF bad IS NOT NULL THEN
			RETURN api.refuse(422, 'validation-failed', jsonb_build_object('errors', bad));
		END IF;
	END IF;

	IF held > 0 THEN
		SELECT jsonb_agg(ledger.fault('/lines/' || l.n - 1 || '/approval', 'approval-unknown',
				l.approval, 'the number of an approved public-welfare post',
				'No such approval is on the register of public-welfare posts.',
				'公益性岗位登记中没有该批准文号。')), jsonb_agg(l.ref)
			INTO bad, named
			FROM (SELECT ref, reserved, approval, ordinality AS n
				FROM unnest(p_lines) WITH ORDINALITY) l
			WHERE l.reserved AND NOT EXISTS (SELECT FROM ledger.approval a
				WHERE a.city = p_emp.city AND a.approval = l.approval
				  AND (a.employer IS NULL OR a.employer = p_emp.id));
		IF bad IS NOT NULL THEN
			RETURN api.refuse(422, 'approval-unknown', jsonb_build_object('errors', bad, 'refs', named));
		END IF;

		SELECT jsonb_agg(ledger.over_approval('/lines/' || l.n - 1 || '/posts', l.posts, b.free))
			INTO bad
			FROM (SELECT approval, posts, ordinality AS n, sum(posts) OVER (PARTITION BY approval) AS sum
				FROM unnest(p_lines) WITH ORDINALITY WHERE reserved) l
			JOIN (SELECT a.approval, ledger.slots_beside(p_emp.city, a.approval,
					ledger.today(p_emp.city), p_emp.id, p_district, p_refs, closed) AS free
				FROM (SELECT DISTINCT approval FROM unnest(p_lines) WHERE reserved) a OFFSET 0) b
				ON b.approval = l.approval
			WHERE l.sum > b.free;
		IF bad IS NOT NULL THEN
			RETURN api.refuse(422, 'validation-failed', jsonb_build_object('errors', bad));
		END IF;
	END IF;

	-- What no newer statement carries: this return's own lines, and before a nil return all.
	IF p_ret.id IS NOT NULL OR p_nil THEN
		SELECT jsonb_agg(x.ref ORDER BY x.ref) INTO named
			FROM (SELECT l.vacancy AS id, l.ref FROM ledger.return_line l
				WHERE l.city = p_ret.city AND l.return = p_ret.id AND l.version_to IS NULL
				UNION SELECT v.id, v.ref FROM ledger.vacancy v WHERE p_nil
				AND v.city = p_emp.city AND v.employer = p_emp.id AND v.district = p_district) x
			JOIN ledger.vacancy v ON v.city = p_emp.city AND v.id = x.id
			JOIN ledger.vacancy_standing s ON s.city = v.city AND s.vacancy = v.id
			WHERE s.quarter <= p_quarter AND ledger.is_open(v.open, v.valid_until, today)
			  AND x.ref <> ALL (p_refs) AND x.ref <> ALL (closed);
		IF named IS NOT NULL THEN
			RETURN api.refuse(409, 'open-lines-left-out', jsonb_build_object('open', named));
		END IF;
	END IF;
	IF p_known = 0 THEN
		RETURN NULL;
	END IF;

	SELECT jsonb_agg(ledger.fault('/lines/' || l.n - 1 || '/posts', 'posts-below-placements',
			l.posts::text, 'at least ' || v.filled,
			'So many people are placed on this vacancy already.', '该岗位已安置人数多于所报人数。')),
			jsonb_agg(jsonb_build_object('ref', l.ref, 'posts', l.posts, 'placements', v.filled))
		INTO bad, named
		FROM (SELECT ref, posts, ordinality AS n FROM unnest(p_lines) WITH ORDINALITY) l
		JOIN ledger.vacancy v ON v.city = p_emp.city AND v.employer = p_emp.id
			AND v.district = p_district AND v.ref = l.ref
		JOIN ledger.vacancy_standing s ON s.city = v.city AND s.vacancy = v.id
		WHERE v.filled > l.posts AND s.quarter <= p_quarter;
	IF bad IS NOT NULL THEN
		RETURN api.refuse(409, 'posts-below-placements',
			jsonb_build_object('errors', bad, 'lines', named));
	END IF;
	RETURN NULL;
END $$;
