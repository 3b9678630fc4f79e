-- Returns as the filer and the bureau follow them: one in any version, lists, what a version
-- changed, who had to file.
--
-- What an employer may see is its own; a bureau sees its districts.  Sealed contacts go out, to
-- those who may have them, beside the answer (rows of kind 'x') or, if there are many, in it.  Who had to file is
-- never stored: it follows from the dated sites, as of a day.  What a version changed follows
-- from the lines that begin and end with it.

CREATE OR REPLACE FUNCTION ledger.may_see_return(p_who api.caller, p_code text, p_district text)
RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT CASE (p_who).role WHEN 1 THEN p_code = ANY ((p_who).employers)
		WHEN 4 THEN starts_with(p_district, (p_who).scope) ELSE (p_who).role = 8 END
$$;

-- The return, or nothing: there is none, or not for this caller.
CREATE OR REPLACE FUNCTION ledger.return_of(p_who api.caller, p_employer text, p_district text,
	p_quarter text)
RETURNS ledger.return
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN (SELECT r FROM ledger.return r
		JOIN ledger.employer e ON e.city = r.city AND e.id = r.employer
		WHERE r.city = p_who.city AND e.code = p_employer AND r.district = p_district
		  AND r.quarter = p_quarter AND ledger.may_see_return(p_who, e.code, r.district));
END $$;

-- p_version, or the version that stood at the end of the day p_as_of; else the latest.  Whoever
-- may file it reads all that filing replaces; a line's contact is sealed, in hex, for the daemon
-- to open, since a return has more of them than a reply has sealed fields.
CREATE OR REPLACE FUNCTION api.read_return(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_employer text, p_district text, p_quarter text, p_version int, p_as_of date DEFAULT NULL)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who     api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	refused api.reply  := api.admit(who, 'returns.read');
	ret     ledger.return;
	ver     ledger.return_version;
BEGIN
	IF refused.status IS NOT NULL THEN
		RETURN NEXT refused;
		RETURN;
	END IF;
	ret := ledger.return_of(who, p_employer, p_district, p_quarter);
	SELECT v.* INTO ver FROM ledger.return_version v WHERE v.city = ret.city AND v.return = ret.id
		AND v.version = CASE WHEN p_as_of IS NULL THEN coalesce(p_version, ret.version)
			ELSE (SELECT max(o.version) FROM ledger.return_version o WHERE o.city = ret.city
				AND o.return = ret.id AND o.received_at <
				(p_as_of + 1)::timestamp AT TIME ZONE 'Asia/Shanghai') END;
	IF ver.version IS NULL THEN
		RETURN NEXT api.refuse(404, 'not-found');
		RETURN;
	END IF;
	RETURN NEXT (SELECT api.answer(200, jsonb_build_object('employer', p_employer,
			'district', ret.district, 'quarter', ret.quarter, 'version', ver.version,
			'current', ret.version, 'state', CASE WHEN ret.late THEN 'late' ELSE 'received' END,
			'nil', ver.nil, 'staff', ver.staff, 'received_at', ledger.instant(ver.received_at),
			'due', ledger.quarter_due(ret.quarter), 'as_of', p_as_of, 'closed', ver.closed,
			'lines', coalesce(jsonb_agg(l.filed || CASE WHEN who.role = 8 OR l.contact IS NULL
				THEN '{}' ELSE jsonb_build_object('interview_contact', encode(l.contact, 'hex')) END
				ORDER BY l.vacancy), '[]'),
			'vacancies', coalesce(jsonb_object_agg(l.ref, l.vacancy::text)
				FILTER (WHERE l.ref IS NOT NULL), '{}')))
		FROM ledger.return_line l WHERE l.city = ret.city AND l.return = ret.id
		  AND l.version_from <= ver.version
		  AND (l.version_to IS NULL OR l.version_to > ver.version));
	IF who.role <> 8 THEN
		RETURN QUERY SELECT 'x'::"char", NULL::int, NULL::text, NULL::text, ret.id, NULL::bigint,
				x.sealed, x.name
			FROM (VALUES ('contact', ver.contact), ('phone', ver.phone)) x(name, sealed)
			WHERE x.sealed IS NOT NULL;
	END IF;
END $$;

-- What version p_version of a return changed against the one before it.
CREATE OR REPLACE FUNCTION ledger.version_diff(p_city int, p_return bigint, p_version int)
RETURNS jsonb
LANGUAGE sql STABLE AS $$
	SELECT jsonb_build_object(
		'added', coalesce(jsonb_agg(ref ORDER BY ref) FILTER (WHERE begins AND NOT ends), '[]'),
		'changed', coalesce(jsonb_agg(ref ORDER BY ref) FILTER (WHERE begins AND ends), '[]'),
		'left_out', coalesce(jsonb_agg(ref ORDER BY ref) FILTER (WHERE ends AND NOT begins), '[]'))
	FROM (SELECT l.ref, bool_or(l.version_from = p_version) AS begins,
			bool_or(l.version_to IS NOT DISTINCT FROM p_version) AS ends
		FROM ledger.return_line l WHERE l.city = p_city AND l.return = p_return
		  AND (l.version_from = p_version OR l.version_to = p_version) GROUP BY l.ref) x
$$;

CREATE OR REPLACE FUNCTION api.list_returns(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_employer text, p_district text, p_quarter text, p_nil boolean, p_late boolean, p_limit int,
	p_after_quarter text, p_after_district text, p_after_id bigint)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who     api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	refused api.reply  := api.admit(who, 'returns.read');
	mine    bigint[]   := ledger.employers_meant(who, p_employer);
BEGIN
	IF refused.status IS NOT NULL THEN
		RETURN NEXT refused;
		RETURN;
	END IF;
	RETURN NEXT (SELECT api.page_of(array_agg(x.item ORDER BY x.n), array_agg(x.keys ORDER BY x.n),
			p_limit)
		FROM (SELECT concat_ws(chr(31), r.quarter, r.district, r.id) AS keys,
				row_number() OVER (ORDER BY r.quarter DESC, r.district, r.id) AS n,
				jsonb_build_object('employer', e.code, 'employer_name', e.name,
				'district', r.district, 'quarter', r.quarter, 'version', r.version,
				'state', CASE WHEN r.late THEN 'late' ELSE 'received' END, 'nil', v.nil,
				'staff', v.staff, 'received_at', ledger.instant(r.received_at),
				'due', ledger.quarter_due(r.quarter), 'lines', (SELECT count(*)
					FROM ledger.return_line l WHERE l.city = r.city AND l.return = r.id
					  AND l.version_to IS NULL)) AS item
			FROM ledger.return r
			JOIN ledger.return_version v ON v.city = r.city AND v.return = r.id
				AND v.version = r.version
			JOIN ledger.employer e ON e.city = r.city AND e.id = r.employer
			WHERE r.city = p_city AND (mine IS NULL OR r.employer = ANY (mine))
			  AND (who.role <> 4 OR starts_with(r.district, who.scope))
			  AND (p_district IS NULL OR r.district = p_district)
			  AND (p_quarter IS NULL OR r.quarter = p_quarter)
			  AND (p_nil IS NULL OR v.nil = p_nil) AND (p_late IS NULL OR r.late = p_late)
			  AND (p_after_quarter IS NULL OR r.quarter <= p_after_quarter AND (r.quarter
				< p_after_quarter OR (r.district, r.id) > (p_after_district, p_after_id)))
			ORDER BY r.quarter DESC, r.district, r.id LIMIT p_limit + 1) x);
END $$;

-- The history of a return, newest first: what each version changed, and who sent it.
CREATE OR REPLACE FUNCTION api.list_return_versions(p_city int, p_kid text, p_hash bytea,
	p_actor text, p_employer text, p_district text, p_quarter text, p_limit int, p_before bigint)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who     api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	refused api.reply  := api.admit(who, 'returns.read');
	ret     ledger.return;
BEGIN
	IF refused.status IS NOT NULL THEN
		RETURN NEXT refused;
		RETURN;
	END IF;
	ret := ledger.return_of(who, p_employer, p_district, p_quarter);
	IF ret.id IS NULL THEN
		RETURN NEXT api.refuse(404, 'not-found');
		RETURN;
	END IF;
	RETURN NEXT (SELECT api.page_of(array_agg(x.item ORDER BY x.version DESC),
			array_agg(x.version::text ORDER BY x.version DESC), p_limit,
			jsonb_build_object('employer', p_employer, 'district', ret.district,
				'quarter', ret.quarter, 'due', ledger.quarter_due(ret.quarter)))
		FROM (SELECT v.version, jsonb_build_object('version', v.version, 'received_at', ledger.instant(v.received_at),
				'late', ledger.legal_day(v.received_at) > ledger.quarter_due(ret.quarter),
				'nil', v.nil, 'staff', v.staff, 'closed', v.closed, 'organisation',
				(SELECT coalesce(k.org_code, k.org_name) FROM ledger.api_key k
					WHERE k.city = v.city AND k.kid = v.kid), 'actor', v.actor)
				|| ledger.version_diff(v.city, v.return, v.version) AS item
			FROM ledger.return_version v
			WHERE v.city = ret.city AND v.return = ret.id
			  AND (p_before IS NULL OR v.version < p_before)
			ORDER BY v.version DESC LIMIT p_limit + 1) x);
END $$;

-- Who had to file for a quarter, as known on a day: one row an employer and district.
-- rules/liability, rules/deadline
CREATE OR REPLACE FUNCTION ledger.obligations(p_city int, p_quarter text, p_day date,
	p_district text, p_scope text, p_employers bigint[])
RETURNS TABLE (district text, employer bigint, return bigint, version int, first_on date,
	nil boolean, state text, days_late int)
LANGUAGE sql STABLE AS $$
	SELECT s.district, s.employer, r.id, v.version, v.first_on, v.nil, CASE
			WHEN v.first_on > ledger.quarter_due(p_quarter) THEN 'late'
			WHEN v.first_on IS NOT NULL THEN 'filed'
			WHEN p_day > ledger.quarter_due(p_quarter) THEN 'missing' ELSE 'due' END,
		greatest(coalesce(v.first_on, p_day) - ledger.quarter_due(p_quarter), 0)
	FROM (SELECT DISTINCT s.district, s.employer FROM ledger.employer_site s
		WHERE s.city = p_city AND s.since < ledger.quarter_end(p_quarter)
		  AND (s.until IS NULL OR s.until > ledger.quarter_begin(p_quarter))
		  AND (p_district IS NULL OR s.district = p_district)
		  AND (p_scope IS NULL OR starts_with(s.district, p_scope))
		  AND (p_employers IS NULL OR s.employer = ANY (p_employers))) s
	LEFT JOIN ledger.return r ON r.city = p_city AND r.employer = s.employer
		AND r.district = s.district AND r.quarter = p_quarter
	LEFT JOIN LATERAL (SELECT max(v.version) AS version,
			ledger.legal_day(min(v.received_at)) AS first_on,
			(array_agg(v.nil ORDER BY v.version DESC))[1] AS nil
		FROM ledger.return_version v WHERE v.city = p_city AND v.return = r.id
		  AND v.received_at < (p_day + 1)::timestamp AT TIME ZONE 'Asia/Shanghai') v ON true
$$;

-- p_state: filed, late, missing, due, or nil.  The contact is that of the last return which the
-- employer filed for the district, sealed in hex for the daemon to open: for the bureau only.
CREATE OR REPLACE FUNCTION api.list_obligations(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_employer text, p_district text, p_quarter text, p_state text, p_as_of date, p_limit int,
	p_after_district text, p_after_id bigint)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who     api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	refused api.reply  := api.admit(who, 'obligations.read');
	today   date := ledger.today(p_city);
	day     date := coalesce(p_as_of, today);
	quarter text := coalesce(p_quarter, ledger.quarter_of((day - interval '3 months')::date));
	mine    bigint[] := ledger.employers_meant(who, p_employer);
	totals  jsonb;
	items   jsonb;
	last    text[];
BEGIN
	IF refused.status IS NOT NULL THEN
		RETURN NEXT refused;
		RETURN;
	END IF;
	WITH owed AS MATERIALIZED (SELECT * FROM ledger.obligations(p_city, quarter, day, p_district,
			CASE who.role WHEN 4 THEN who.scope END, mine)),
	page AS (SELECT o.*, row_number() OVER (ORDER BY o.district, o.employer) AS n FROM owed o
		WHERE (p_state IS NULL OR o.state = p_state OR p_state = 'nil' AND o.nil)
		  AND (p_after_district IS NULL
			OR (o.district, o.employer) > (p_after_district, p_after_id))
		ORDER BY o.district, o.employer LIMIT p_limit + 1)
	SELECT (SELECT jsonb_build_object('liable', count(*),
			'filed', count(*) FILTER (WHERE o.state = 'filed'),
			'late', count(*) FILTER (WHERE o.state = 'late'),
			'missing', count(*) FILTER (WHERE o.state = 'missing'),
			'due', count(*) FILTER (WHERE o.state = 'due'),
			'nil', count(*) FILTER (WHERE o.nil)) FROM owed o),
		(SELECT coalesce(jsonb_agg(jsonb_build_object('employer', e.code, 'employer_name', e.name,
				'district', p.district, 'quarter', quarter, 'due', ledger.quarter_due(quarter),
				'state', p.state, 'nil', p.nil, 'received_on', p.first_on, 'version', p.version,
				'days_late', p.days_late)
				|| CASE WHEN who.role <> 4 THEN '{}' ELSE coalesce((SELECT jsonb_build_object(
					'sealed_quarter', r.quarter, 'contact', encode(v.contact, 'hex'),
					'telephone', encode(v.phone, 'hex'))
					FROM ledger.return r JOIN ledger.return_version v ON v.city = r.city
						AND v.return = r.id AND v.version = r.version
					WHERE r.city = p_city AND r.employer = p.employer AND r.district = p.district
					ORDER BY r.quarter DESC LIMIT 1), '{}') END
				ORDER BY p.district, p.employer), '[]')
			FROM page p JOIN ledger.employer e ON e.city = p_city AND e.id = p.employer
			WHERE p.n <= p_limit),
		(SELECT ARRAY[p.district, p.employer::text] FROM page p WHERE p.n = p_limit
			AND EXISTS (SELECT FROM page m WHERE m.n > p_limit))
		INTO totals, items, last;
	RETURN NEXT api.page(jsonb_build_object('quarter', quarter, 'district', p_district,
		'due', ledger.quarter_due(quarter), 'as_of', day, 'totals', totals, 'items', items), last);
END $$;

-- One line of a return as it stands, to be amended by who filed it.
CREATE OR REPLACE FUNCTION api.read_return_line(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_employer text, p_district text, p_quarter text, p_ref text)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who     api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	refused api.reply  := api.admit(who, 'returns.file');
	ret     ledger.return;
	line    ledger.return_line;
BEGIN
	IF refused.status IS NOT NULL THEN
		RETURN NEXT refused;
		RETURN;
	END IF;
	ret := ledger.return_of(who, p_employer, p_district, p_quarter);
	SELECT l.* INTO line FROM ledger.return_line l WHERE l.city = ret.city AND l.return = ret.id
		AND l.ref = p_ref AND l.version_to IS NULL;
	IF line.id IS NULL THEN
		RETURN NEXT api.refuse(404, 'not-found');
		RETURN;
	END IF;
	RETURN NEXT api.answer(200, jsonb_build_object('version', ret.version, 'line', line.filed));
	IF line.contact IS NOT NULL THEN
		RETURN NEXT ROW('x', NULL, NULL, NULL, line.vacancy, NULL, line.contact,
			'contact')::api.reply;
	END IF;
END $$;
