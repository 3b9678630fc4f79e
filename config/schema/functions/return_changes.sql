-- What a filing is compared with: the lines that stand.  It knows neither who files nor what may
-- be filed.

-- Whether a line, or its contact, is another than the one that was filed.
CREATE OR REPLACE FUNCTION ledger.line_differs(p_filed jsonb, p_contact_key text,
	p_was ledger.return_line)
RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT p_filed IS DISTINCT FROM p_was.filed OR p_was.contact_mark IS DISTINCT FROM
		ledger.contact_mark(p_contact_key, p_was.contact)
$$;

-- Whether a return that is sent again after amendments is the one that stands: header, lines,
-- what it closes, and no vacancy to be opened again.
CREATE OR REPLACE FUNCTION ledger.is_as_it_stands(p_ret ledger.return,
	p_lines ledger.offered_line[], p_body jsonb, p_closing jsonb, p_contact_key text, p_diff jsonb)
RETURNS boolean
LANGUAGE sql STABLE AS $$
	SELECT p_diff->'added' = '[]' AND (SELECT v.nil = (p_body->>'nil')::boolean
			AND v.staff IS NOT DISTINCT FROM (p_body->>'staff')::int AND v.closed = p_closing
			AND v.contact_mark IS NOT DISTINCT FROM ledger.contact_mark(p_contact_key,
				coalesce(v.contact, '') || coalesce(v.phone, ''))
		FROM ledger.return_version v
		WHERE v.city = p_ret.city AND v.return = p_ret.id AND v.version = p_ret.version)
	AND NOT EXISTS (SELECT FROM unnest(p_lines) l
		FULL JOIN (SELECT o FROM ledger.return_line o WHERE o.city = p_ret.city
			AND o.return = p_ret.id AND o.version_to IS NULL) w ON (w.o).ref = l.ref
		WHERE ledger.line_differs(l.filed, l.contact_key, w.o))
$$;

-- Lines of the return as it stands that it has no more, and does not close: what is still open is
-- refused, so these are over already.
CREATE OR REPLACE FUNCTION ledger.dropped_lines(p_ret ledger.return, p_refs text[], p_closing jsonb)
RETURNS jsonb
LANGUAGE sql STABLE AS $$
	SELECT CASE WHEN count(*) > 0 THEN jsonb_build_object('dropped', jsonb_agg(l.ref ORDER BY l.ref))
		ELSE '{}' END
	FROM ledger.return_line l WHERE l.city = p_ret.city AND l.return = p_ret.id
		AND l.version_to IS NULL AND l.ref <> ALL (p_refs)
		AND NOT p_closing @> jsonb_build_array(jsonb_build_object('ref', l.ref))
$$;

-- What these lines change: refs added (or opened again), changed, and how many stand as
-- they did, against this return's version before, else the vacancy's latest line; and what
-- stands of which they are history.
CREATE OR REPLACE FUNCTION ledger.diff_lines(p_emp ledger.employer, p_ret ledger.return,
	p_district text, p_quarter text, p_lines ledger.offered_line[], p_refs text[], p_closing jsonb,
	p_nil text, p_until date)
RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
	diff  jsonb;
	today date := ledger.today(p_emp.city);
	shut  jsonb := ledger.closings_that_hold(p_emp.city, p_emp.id, p_district, p_quarter, p_closing);
BEGIN
	SELECT jsonb_build_object(
			'added', coalesce(jsonb_agg(x.ref ORDER BY n) FILTER (WHERE x.was = 'added'), '[]'),
			'changed', coalesce(jsonb_agg(x.ref ORDER BY n) FILTER (WHERE x.was = 'changed'), '[]'),
			'unchanged', count(*) FILTER (WHERE x.was = 'unchanged'),
			'newer_stands', coalesce(jsonb_agg(jsonb_build_object('ref', x.ref) || x.newer
				ORDER BY n) FILTER (WHERE x.newer IS NOT NULL), '[]') || (shut->'newer'))
		INTO diff
		FROM (SELECT l.ref, l.n, newer.newer, CASE WHEN v.id IS NULL THEN 'added'
				WHEN newer.newer IS NOT NULL THEN 'unchanged'
				WHEN NOT v.open THEN 'added'
				WHEN ledger.line_differs(l.filed, l.contact_key,
					CASE WHEN mine.id IS NULL THEN latest ELSE mine END) THEN 'changed'
				ELSE 'unchanged' END AS was
			FROM (SELECT ref, filed, contact_key, valid_until, ordinality AS n
				FROM unnest(p_lines) WITH ORDINALITY) l
			LEFT JOIN ledger.vacancy v ON v.city = p_emp.city AND v.employer = p_emp.id
				AND v.district = p_district AND v.ref = l.ref
			LEFT JOIN ledger.vacancy_standing s ON s.city = v.city AND s.vacancy = v.id
			LEFT JOIN ledger.return_line latest ON latest.city = s.city AND latest.id = s.line
			LEFT JOIN ledger.return_line mine ON mine.city = p_ret.city
				AND mine.return = p_ret.id AND mine.ref = l.ref AND mine.version_to IS NULL
			CROSS JOIN LATERAL (SELECT ledger.newer_than(p_quarter, s.quarter, v.closed_reason,
				p_nil, l.valid_until, p_until, today) AS newer) newer) x;
	RETURN diff || ledger.dropped_lines(p_ret, p_refs, p_closing) || jsonb_build_object(
		'closed', shut->'closed',
		'unmentioned', (SELECT coalesce(jsonb_agg(jsonb_build_object('ref', v.ref,
				'lapses_on', s.lapses_on) ORDER BY v.ref), '[]')
			FROM ledger.vacancy v
			JOIN ledger.vacancy_standing s ON s.city = v.city AND s.vacancy = v.id
			WHERE v.city = p_emp.city AND v.employer = p_emp.id AND v.district = p_district
			  AND ledger.is_open(v.open, v.valid_until, today) AND s.quarter <= p_quarter
			  AND v.ref <> ALL (p_refs)
			  AND NOT p_closing @> jsonb_build_array(jsonb_build_object('ref', v.ref))));
END $$;
