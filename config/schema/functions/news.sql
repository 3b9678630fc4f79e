-- News has an age (rules/news): which of two statements stands, about a vacancy or about anything
-- else, and on which days a vacancy is open.
--
-- A statement is about a quarter, and was received.  The later quarter is newer; of one quarter,
-- what was received later, unless it is word for word what a newer version has superseded: then
-- it is the old one, sent again, and only an If-Match or an amendment of the line says it anew.
-- A nil return is a statement about every vacancy of the district.  A statement speaks until
-- silence ends it, counted from what it is about and not from when it came, and a line no longer
-- than its own last day.  What is older, or speaks no more, is kept as history of its return and
-- touches no vacancy.  Who files, and what may be filed, is returns.sql's and return_lines.sql's.
--
-- Of everything else a statement is known by what it says.  What was said before, and has been
-- followed by another, or is void, or has ended since, is the old one sent again: whoever means it
-- says so, by an If-Match, a day, a reason or a paper of its own, as the subject has it.

-- What stands instead: what it is, since which day, and its number where it has one.
CREATE OR REPLACE FUNCTION ledger.newer_by(p_what text, p_on date, p_version bigint DEFAULT NULL)
RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$
	SELECT jsonb_strip_nulls(jsonb_build_object('what', p_what, 'version', p_version, 'on', p_on))
$$;

-- The answer to what is sent again: nothing was done, and what stands is named.
CREATE OR REPLACE FUNCTION ledger.sent_again(p_answer jsonb, p_newer jsonb) RETURNS api.reply
LANGUAGE sql IMMUTABLE AS $$
	SELECT api.unchanged(p_answer || jsonb_build_object('newer_stands', jsonb_build_array(p_newer)))
$$;

-- What was said of a thing since this very body was; NULL: nothing, or never this.
CREATE OR REPLACE FUNCTION ledger.newer_said(p_city int, p_object text, p_hash bytea) RETURNS jsonb
LANGUAGE sql STABLE AS $$
	SELECT ledger.newer_by('version', ledger.legal_day(n.recorded_at), n.n)
	FROM (SELECT * FROM ledger.said s WHERE s.city = p_city AND s.object = p_object
		ORDER BY s.n DESC LIMIT 1) n
	WHERE n.body_hash <> p_hash AND EXISTS (SELECT FROM ledger.said s
		WHERE s.city = p_city AND s.object = p_object AND s.body_hash = p_hash)
$$;

-- Kept each time it is another than before.  The caller holds the thing.
CREATE OR REPLACE FUNCTION ledger.keep_said(p_who api.caller, p_object text, p_hash bytea,
	p_reason text DEFAULT NULL)
RETURNS void
LANGUAGE sql AS $$
	INSERT INTO ledger.said (city, object, n, body_hash, reason, recorded_at, kid, officer)
		SELECT p_who.city, p_object, coalesce(max(s.n), 0) + 1, p_hash, p_reason,
			ledger.app_now(p_who.city), p_who.kid, p_who.officer
		FROM ledger.said s WHERE s.city = p_who.city AND s.object = p_object
		HAVING (array_agg(s.body_hash ORDER BY s.n DESC))[1] IS DISTINCT FROM p_hash
$$;

-- The first day on which a return no longer speaks for what it names: a late one is as old as
-- one that came in time.
-- rules/confirmation
CREATE OR REPLACE FUNCTION ledger.speaks_until(p_quarter text, p_received date, p_days int)
RETURNS date
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT greatest(least(p_received, ledger.quarter_due(p_quarter)) + p_days,
		(ledger.quarter_due(p_quarter) + interval '3 months')::date + 1)
$$;

-- The latest quarter after this one for which the employer has filed, in whichever version, that
-- there is nothing; NULL: none.  As a part of the statement that asks, and by itself.
CREATE OR REPLACE FUNCTION ledger.later_nils(p_city int, p_employer bigint, p_district text,
	p_quarter text)
RETURNS SETOF text
LANGUAGE sql STABLE ROWS 1 AS $$
	SELECT r.quarter FROM ledger.return r WHERE r.city = p_city
		AND r.employer = p_employer AND r.district = p_district AND r.quarter > p_quarter
		AND EXISTS (SELECT FROM ledger.return_version n WHERE n.city = r.city
			AND n.return = r.id AND n.nil AND n.body_hash IS NOT NULL)
		ORDER BY r.quarter DESC LIMIT 1
$$;

CREATE OR REPLACE FUNCTION ledger.later_nil(p_city int, p_employer bigint, p_district text,
	p_quarter text)
RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN (SELECT n FROM ledger.later_nils(p_city, p_employer, p_district, p_quarter) n);
END $$;

-- The one rule of openness for whoever reads: what stands open, on its last day too, and not the
-- day after, although the turn of the day may not have closed it yet.
-- rules/closed
CREATE OR REPLACE FUNCTION ledger.is_open(p_open boolean, p_valid_until date, p_today date)
RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT p_open AND coalesce(p_valid_until, 'infinity') >= p_today
$$;

-- The first day on which a line does not stand open any more, and which of the two ends it.
CREATE OR REPLACE FUNCTION ledger.over_on(p_valid_until date, p_until date) RETURNS date
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT least(p_valid_until + 1, p_until)
$$;

CREATE OR REPLACE FUNCTION ledger.over_for(p_valid_until date, p_until date) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT CASE WHEN p_valid_until < p_until THEN 'expired' ELSE 'lapsed' END
$$;

-- What stands instead of a line of this quarter, or NULL: nothing, the line does.  p_stands: the
-- quarter of the newest statement about its vacancy.
CREATE OR REPLACE FUNCTION ledger.newer_than(p_quarter text, p_stands text, p_closed_reason text,
	p_nil text, p_valid_until date, p_until date, p_today date)
RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE AS $$
	SELECT CASE WHEN p_stands > p_quarter THEN jsonb_build_object('what',
			CASE WHEN coalesce(p_closed_reason, 'lapsed') IN ('expired', 'lapsed') THEN 'line'
			ELSE 'closing' END, 'quarter', p_stands)
		WHEN p_nil IS NOT NULL THEN jsonb_build_object('what', 'nil', 'quarter', p_nil)
		WHEN ledger.over_on(p_valid_until, p_until) <= p_today THEN jsonb_build_object('what',
			ledger.over_for(p_valid_until, p_until), 'on',
			ledger.over_on(p_valid_until, p_until)) END
$$;

-- What whoever sent the line is told of what stands beside it.
CREATE OR REPLACE FUNCTION ledger.line_beside(p_result text, p_newer jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE WHEN p_newer->>'what' = 'nil' THEN jsonb_build_object('message', jsonb_build_object(
			'en', 'A nil return of ' || (p_newer->>'quarter') || ' stands: the vacancy is not offered. '
				|| 'To offer it, file it in the return of the current quarter.',
			'zh', (p_newer->>'quarter') || '已作无空岗申报且仍然有效，本条不招聘；如需招聘，请列入当季的申报。'))
		WHEN p_result = 'added' THEN jsonb_build_object('message', jsonb_build_object(
			'en', 'Added to the return. Its days were over on ' || (p_newer->>'on')
				|| ': the vacancy is not offered. To offer it, file it in the return of the current quarter.',
			'zh', '已列入该季申报；已于' || (p_newer->>'on') || '过有效期，不再招聘。如需招聘，请列入当季的申报。'))
		ELSE '{}' END
$$;

-- The version of a return that has superseded what is sent again.
CREATE OR REPLACE FUNCTION ledger.newer_version(p_return ledger.return, p_version int)
RETURNS jsonb
LANGUAGE sql STABLE AS $$
	SELECT jsonb_build_object('what', CASE WHEN v.nil THEN 'nil' ELSE 'version' END,
		'quarter', p_return.quarter, 'version',
		v.version, 'on', ledger.legal_day(v.received_at))
	FROM ledger.return_version v WHERE v.city = p_return.city AND v.return = p_return.id
	  AND v.version = p_version
$$;

-- The version that took back this very line, or the one that followed on this very closing;
-- NULL: it was never said of this return.
CREATE OR REPLACE FUNCTION ledger.line_superseded(p_city int, p_return bigint,
	p_line ledger.offered_line)
RETURNS SETOF int
LANGUAGE sql STABLE ROWS 1 AS $$
	SELECT max(o.version_to) FROM ledger.return_line o WHERE o.city = p_city
		AND o.return = p_return AND o.ref = (p_line).ref AND o.version_to IS NOT NULL
		AND NOT ledger.line_differs((p_line).filed, (p_line).contact_key, o)
$$;

CREATE OR REPLACE FUNCTION ledger.closing_superseded(p_line ledger.return_line, p_closing jsonb)
RETURNS int
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN (SELECT min(n.version_from) FROM ledger.return_version v
		JOIN ledger.return_line n ON n.city = v.city AND n.return = v.return
			AND n.ref = p_line.ref AND n.version_from > v.version
		WHERE v.city = p_line.city AND v.return = p_line.return
		  AND v.version < p_line.version_from AND v.closed <> '[]'
		  AND v.closed @> jsonb_build_array(jsonb_build_object('ref', p_line.ref) || p_closing));
END $$;

-- Of what a return closes: the refs that are closed by it, and what a newer statement keeps.
CREATE OR REPLACE FUNCTION ledger.closings_that_hold(p_city int, p_employer bigint, p_district text,
	p_quarter text, p_closing jsonb)
RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN (SELECT jsonb_build_object('newer', coalesce(jsonb_agg(jsonb_build_object('ref', v.ref)
			|| ledger.newer_than(p_quarter, s.quarter, v.closed_reason, NULL, NULL, NULL, NULL)
			ORDER BY v.ref) FILTER (WHERE s.quarter > p_quarter), '[]'),
			'closed', coalesce(jsonb_agg(v.ref ORDER BY v.ref)
			FILTER (WHERE s.quarter <= p_quarter), '[]'))
		FROM jsonb_array_elements(p_closing) c
		JOIN ledger.vacancy v ON v.city = p_city AND v.employer = p_employer
			AND v.district = p_district AND v.ref = c->>'ref'
		JOIN ledger.vacancy_standing s ON s.city = v.city AND s.vacancy = v.id);
END $$;

-- The lines of a return as it stands beside which something newer does.
CREATE OR REPLACE FUNCTION ledger.newer_stands(p_return ledger.return) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
	today date := ledger.today(p_return.city);
	nil   text := ledger.later_nil(p_return.city, p_return.employer, p_return.district,
		p_return.quarter);
BEGIN
	RETURN (SELECT coalesce(jsonb_agg(jsonb_build_object('ref', v.ref) || coalesce(
			ledger.newer_than(p_return.quarter, s.quarter, v.closed_reason, nil, NULL, NULL, today),
			jsonb_build_object('what', coalesce(v.closed_reason, 'expired'), 'on',
				coalesce(v.closed_on, v.valid_until + 1))) ORDER BY v.ref), '[]')
		FROM ledger.return_line l
		JOIN ledger.vacancy v ON v.city = l.city AND v.id = l.vacancy
		JOIN ledger.vacancy_standing s ON s.city = v.city AND s.vacancy = v.id
		WHERE l.city = p_return.city AND l.return = p_return.id AND l.version_to IS NULL
		  AND (s.quarter > p_return.quarter OR NOT ledger.is_open(v.open, v.valid_until, today)));
END $$;

-- A line that is said of today and was over before: NULL if it may stand.  Of a quarter that
-- speaks no more it is history.
-- rules/news
CREATE OR REPLACE FUNCTION ledger.ended_fault(p_pointer text, p_valid_until date, p_until date,
	p_today date)
RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE AS $$
	SELECT CASE WHEN p_valid_until < p_today AND p_until > p_today THEN
		ledger.fault(p_pointer, 'last-day-over', p_valid_until::text, p_today || ' or later',
			'The vacancy''s last day is over: leave the line out, or close it by reason.',
			'该岗位有效期已过：请不再列出，或注明原因关闭。') END
$$;
