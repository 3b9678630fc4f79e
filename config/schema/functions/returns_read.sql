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
	SELECT ledger.within((p_who).scope, p_district) AND CASE (p_who).role
		WHEN 1 THEN ledger.speaks_as(p_who, p_code) ELSE (p_who).role IN (4, 8) END
$$;

-- The return, or nothing: there is none, or not for this caller.
CREATE OR REPLACE FUNCTION ledger.return_of(p_who api.caller, p_employer text, p_district text,
	p_quarter text)
RETURNS ledger.return
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN (SELECT r FROM ledger.return r
		JOIN ledger.employer e ON e.city = r.city AND e.id = r.employer
		WHERE r.city = p_who.city AND e.org = ledger.org_of(p_employer) AND r.district = p_district
		  AND r.quarter = p_quarter AND ledger.may_see_return(p_who, e.code, r.district));
END $$;

-- Which part of its name leads to none that this caller may see.
CREATE OR REPLACE FUNCTION ledger.no_return(p_who api.caller, p_employer text, p_district text,
	p_quarter text)
RETURNS api.reply
LANGUAGE sql STABLE AS $$
	SELECT CASE
		WHEN NOT ledger.within(p_who.scope, p_district) THEN ledger.missing('path/district', p_district)
		WHEN p_who.role = 1 AND NOT ledger.speaks_as(p_who, p_employer) OR NOT EXISTS (SELECT
				FROM ledger.employer e WHERE e.city = p_who.city AND e.org = ledger.org_of(p_employer))
			THEN ledger.missing('path/employer', p_employer)
		ELSE ledger.missing('path/quarter', p_quarter) END
$$;

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
		RETURN NEXT CASE WHEN ret.id IS NULL THEN ledger.no_return(who, p_employer, p_district, p_quarter)
			WHEN p_as_of IS NULL THEN ledger.missing('query/version', p_version::text)
			ELSE ledger.missing('query/as_of', p_as_of::text) END;
		RETURN;
	END IF;
	RETURN NEXT (SELECT api.answer(200, jsonb_build_object('employer', ledger.filed_code(p_city, p_employer),
			'code_recognised', ledger.is_recognised(ledger.filed_code(p_city, p_employer)),
			'receipt', concat_ws('-', ret.district, ret.quarter,
				ledger.filed_code(p_city, p_employer), ver.version),
			'employer_name', (SELECT e.name FROM ledger.employer e WHERE e.city = ret.city
				AND e.id = ret.employer),
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

-- Latest quarter first, quarter by quarter: what one leaves of the 20,000 that a page may look at
-- is for the one before it.
CREATE OR REPLACE FUNCTION ledger.return_page(p_city int, p_employers bigint[], p_districts text[],
	p_quarter text, p_nil boolean, p_late boolean, p_limit int, p_after_quarter text,
	p_after_district text, p_after_employer bigint, OUT ids bigint[], OUT next text[])
LANGUAGE plpgsql STABLE SET jit = off SET enable_seqscan = off SET enable_bitmapscan = off AS $$
DECLARE
	looked  text := 'SELECT r.* FROM ledger.return r WHERE r.city = $1 AND r.quarter = $2'
		' AND (r.district, r.employer) > ($3, $4) AND r.district BETWEEN $5 AND $6'
		|| CASE WHEN p_late THEN ' AND r.late' ELSE '' END
		|| CASE WHEN p_employers IS NOT NULL THEN ' AND r.employer = ANY ($7)' ELSE '' END
		|| ' ORDER BY r.district, r.employer LIMIT $8';
	kept    text := ' WHERE ($9 IS NULL OR r.nil = $9) AND ($10 IS NULL OR r.late = $10)';
	turn    text := coalesce(p_after_quarter, p_quarter, (SELECT max(r.quarter)
		FROM ledger.return r WHERE r.city = p_city));
	after   text   := coalesce(p_after_district, p_districts[1]);
	after_e bigint := coalesce(p_after_employer, 0);
	reach   bigint := 20000;
	found   bigint[];
	n       bigint;
BEGIN
	ids := '{}';
	WHILE turn IS NOT NULL AND (p_quarter IS NULL OR turn = p_quarter) LOOP
		EXECUTE 'SELECT array_agg(x.id) FROM (SELECT r.id FROM (' || looked || ') r' || kept
				|| ' ORDER BY r.district, r.employer LIMIT $11) x' INTO found
			USING p_city, turn, after, after_e, p_districts[1], p_districts[2], p_employers, reach,
				p_nil, p_late, p_limit + 1 - cardinality(ids);
		ids := ids || found;
		IF cardinality(ids) > p_limit THEN
			ids := ids[1:p_limit];
			SELECT ARRAY[r.quarter, r.district, r.employer::text] INTO next FROM ledger.return r
				WHERE r.city = p_city AND r.id = ids[p_limit];
			RETURN;
		END IF;
		EXECUTE 'SELECT x.n, ARRAY[$2, x.district, x.employer::text] FROM (SELECT r.district,'
				' r.employer, row_number() OVER () AS n FROM (' || looked || ') r) x ORDER BY x.n DESC'
				' LIMIT 1' INTO n, next
			USING p_city, turn, after, after_e, p_districts[1], p_districts[2], p_employers, reach;
		IF n = reach THEN
			RETURN;
		END IF;
		next := NULL;
		reach := reach - coalesce(n, 0);
		turn := (SELECT max(r.quarter) FROM ledger.return r
			WHERE r.city = p_city AND r.quarter < turn);
		after := p_districts[1];
		after_e := 0;
	END LOOP;
END $$;

CREATE OR REPLACE FUNCTION api.list_returns(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_employer text, p_district text, p_quarter text, p_nil boolean, p_late boolean, p_limit int,
	p_after_quarter text, p_after_district text, p_after_id bigint)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
	SET enable_seqscan = off AS $$
DECLARE
	who     api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	refused api.reply  := api.admit(who, 'returns.read');
	page    record;
BEGIN
	IF refused.status IS NOT NULL THEN
		RETURN NEXT refused;
		RETURN;
	END IF;
	page := ledger.return_page(p_city, ledger.employers_meant(who, p_employer), ledger.districts_of(
			ledger.narrower(who.scope, coalesce(p_district, who.scope))),
		p_quarter, p_nil, p_late, p_limit, p_after_quarter, p_after_district, p_after_id);
	RETURN NEXT (SELECT api.page(jsonb_build_object('items', coalesce(jsonb_agg(jsonb_build_object(
				'employer', e.code, 'code_recognised', ledger.is_recognised(e.code),
				'employer_name', e.name,
				'district', r.district, 'quarter', r.quarter, 'version', r.version,
				'state', CASE WHEN r.late THEN 'late' ELSE 'received' END, 'nil', r.nil,
				'staff', v.staff, 'received_at', ledger.instant(r.received_at),
				'due', ledger.quarter_due(r.quarter), 'lines', (SELECT count(*)
					FROM ledger.return_line l WHERE l.city = r.city AND l.return = r.id
					  AND l.version_to IS NULL))
				ORDER BY r.quarter DESC, r.district, r.employer), '[]')), page.next)
		FROM ledger.return r
		JOIN ledger.return_version v ON v.city = r.city AND v.return = r.id
			AND v.version = r.version
		JOIN ledger.employer e ON e.city = r.city AND e.id = r.employer
		WHERE r.city = p_city AND r.id = ANY (page.ids));
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
		RETURN NEXT ledger.no_return(who, p_employer, p_district, p_quarter);
		RETURN;
	END IF;
	RETURN NEXT (SELECT api.page_of(array_agg(x.item ORDER BY x.version DESC),
			array_agg(x.version::text ORDER BY x.version DESC), p_limit,
			jsonb_build_object('employer', ledger.filed_code(p_city, p_employer), 'district', ret.district,
				'quarter', ret.quarter, 'due', ledger.quarter_due(ret.quarter)))
		FROM (SELECT v.version, jsonb_build_object('version', v.version, 'received_at', ledger.instant(v.received_at),
				'late', ledger.legal_day(v.received_at) > ledger.quarter_due(ret.quarter),
				'nil', v.nil, 'staff', v.staff, 'closed', v.closed, 'organisation',
				(SELECT ledger.organisation_of(k) FROM ledger.api_key k
					WHERE k.city = v.city AND k.kid = v.kid), 'actor', ledger.actor_shown(v.actor))
				|| ledger.version_diff(v.city, v.return, v.version) AS item
			FROM ledger.return_version v
			WHERE v.city = ret.city AND v.return = ret.id
			  AND (p_before IS NULL OR v.version < p_before)
			ORDER BY v.version DESC LIMIT p_limit + 1) x);
END $$;

-- Who had to file for a quarter, as known on a day, and how each did, as the text of a query: one
-- row an employer and district, from two indexes that stand in one order.  Of a return that was
-- amended after the day the version tells that stood then.  p_counted: all of them are read, each
-- index once from end to end.
-- rules/liability, rules/deadline
CREATE OR REPLACE FUNCTION ledger.owed(p_city int, p_quarter text, p_day date, p_districts text[],
	p_employers bigint[], p_counted boolean)
RETURNS text
LANGUAGE plpgsql STABLE AS $$
DECLARE
	due     date := ledger.quarter_due(p_quarter);
	evening timestamptz := (p_day + 1)::timestamp AT TIME ZONE 'Asia/Shanghai';
BEGIN
	RETURN format('SELECT s.district, s.employer, r.id AS return, r.first_on,'
			' CASE WHEN r.first_on > %L THEN ''late'' WHEN r.first_on IS NOT NULL THEN ''filed'''
			' ELSE %L END AS state, %s AS nil'
		' FROM (SELECT DISTINCT s.district, s.employer FROM ledger.employer_site s'
			' WHERE s.city = %L AND s.district BETWEEN %L AND %L AND s.since < %L'
			' AND (s.until IS NULL OR s.until > %L) %s) s'
		' LEFT JOIN (SELECT * FROM ledger.return r WHERE r.city = %L AND r.quarter = %L'
			' AND r.district BETWEEN %L AND %L AND r.first_on <= %L %s) r ON r.district = s.district AND r.employer = s.employer',
		due, CASE WHEN p_day > due THEN 'missing' ELSE 'due' END,
		CASE WHEN p_day >= ledger.today(p_city) THEN 'r.nil' ELSE format('CASE'
			' WHEN r.received_at < %1$L THEN r.nil ELSE (SELECT v.nil FROM ledger.return_version v'
			' WHERE v.city = r.city AND v.return = r.id AND v.received_at < %1$L'
			' ORDER BY v.version DESC LIMIT 1) END', evening) END,
		p_city, p_districts[1], p_districts[2], ledger.quarter_end(p_quarter),
		ledger.quarter_begin(p_quarter), CASE WHEN p_employers IS NULL THEN ''
			ELSE format('AND s.employer = ANY (%L)', p_employers) END,
		p_city, p_quarter, p_districts[1], p_districts[2], p_day,
		CASE WHEN p_counted THEN 'ORDER BY r.district, r.employer OFFSET 0' ELSE '' END);
END $$;

CREATE OR REPLACE FUNCTION ledger.obligation_totals(p_owed text, p_due date, p_day date)
RETURNS jsonb
LANGUAGE plpgsql STABLE SET jit = off SET enable_seqscan = off SET enable_hashagg = off
	SET enable_hashjoin = off SET enable_nestloop = off AS $$
DECLARE
	totals jsonb;
BEGIN
	EXECUTE 'SELECT jsonb_build_object(''liable'', count(*), ''nil'', count(*) FILTER (WHERE o.nil),'
			' ''filed'', count(*) FILTER (WHERE o.first_on <= $1),'
			' ''late'', count(*) FILTER (WHERE o.first_on > $1),'
			' ''missing'', CASE WHEN $2 > $1 THEN count(*) - count(o.first_on) ELSE 0 END,'
			' ''due'', CASE WHEN $2 > $1 THEN 0 ELSE count(*) - count(o.first_on) END)'
		' FROM (' || p_owed || ') o' INTO totals USING p_due, p_day;
	RETURN totals;
END $$;

-- The next 20,000 of them, of which p_state leaves the page: filed, late, missing, due, or nil.
CREATE OR REPLACE FUNCTION ledger.obligation_page(p_owed text, p_state text, p_limit int,
	p_after_district text, p_after_employer bigint, OUT items jsonb, OUT next text[])
LANGUAGE plpgsql STABLE SET jit = off SET enable_seqscan = off SET enable_hashagg = off
	SET enable_bitmapscan = off SET enable_mergejoin = off SET enable_hashjoin = off AS $$
DECLARE
	looked text := p_owed || ' WHERE (s.district, s.employer) > ($1, $2)'
		' ORDER BY s.district, s.employer LIMIT 20000';
	after_employer bigint := coalesce(p_after_employer, 0);
BEGIN
	EXECUTE 'SELECT jsonb_agg(to_jsonb(x)) FROM (SELECT * FROM (' || looked || ') o'
			' WHERE $3 IS NULL OR o.state = $3 OR $3 = ''nil'' AND o.nil LIMIT $4) x'
		INTO items USING p_after_district, after_employer, p_state, p_limit + 1;
	IF jsonb_array_length(items) > p_limit THEN
		items := items - p_limit;
		next := ARRAY[items->-1->>'district', items->-1->>'employer'];
	ELSE
		EXECUTE 'SELECT ARRAY[o.district, o.employer::text] FROM (' || looked || ') o OFFSET 19999'
			INTO next USING p_after_district, after_employer;
	END IF;
END $$;

-- The contact is that of the last return which the employer filed for the district, sealed in hex
-- for the daemon to open: for the bureau only.
CREATE OR REPLACE FUNCTION api.list_obligations(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_employer text, p_district text, p_quarter text, p_state text, p_as_of date, p_limit int,
	p_after_district text, p_after_id bigint)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
	SET enable_seqscan = off AS $$
DECLARE
	who     api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	refused api.reply  := api.admit(who, 'obligations.read');
	day     date := coalesce(p_as_of, ledger.today(p_city));
	quarter text := coalesce(p_quarter, ledger.quarter_of((day - interval '3 months')::date));
	due     date := ledger.quarter_due(quarter);
	evening timestamptz := (day + 1)::timestamp AT TIME ZONE 'Asia/Shanghai';
	mine    bigint[] := ledger.employers_meant(who, p_employer);
	part    text[] := ledger.districts_of(ledger.narrower(who.scope,
		coalesce(p_district, who.scope)));
	totals  jsonb;
	page    record;
BEGIN
	IF refused.status IS NOT NULL THEN
		RETURN NEXT refused;
		RETURN;
	END IF;
	totals := ledger.obligation_totals(ledger.owed(p_city, quarter, day, part, mine, true), due,
		day);
	page := ledger.obligation_page(ledger.owed(p_city, quarter, day, part, mine, false), p_state,
		p_limit, coalesce(p_after_district, part[1]), p_after_id);
	RETURN NEXT (SELECT api.page(jsonb_build_object('quarter', quarter, 'district', p_district,
			'due', due, 'as_of', day, 'totals', totals,
			'items', coalesce(jsonb_agg(jsonb_build_object('employer', e.code,
				'employer_name', CASE WHEN p_as_of IS NULL THEN e.name
					ELSE ledger.employer_name_on(e, day) END,
				'district', p.district, 'quarter', quarter, 'due', due,
				'state', p.state, 'nil', p.nil, 'received_on', p.first_on, 'version', v.version,
				'days_late', greatest(coalesce(p.first_on, day) - due, 0))
				|| CASE WHEN who.role <> 4 THEN '{}' ELSE coalesce((SELECT jsonb_build_object(
					'sealed_quarter', r.quarter, 'contact', encode(c.contact, 'hex'),
					'telephone', encode(c.phone, 'hex'))
					FROM ledger.return r JOIN ledger.return_version c ON c.city = r.city
						AND c.return = r.id AND c.version = r.version
					WHERE r.city = p_city AND r.employer = p.employer AND r.district = p.district
						AND num_nonnulls(c.contact, c.phone) > 0
					ORDER BY r.quarter DESC LIMIT 1), '{}') END
				ORDER BY p.district, p.employer), '[]')), page.next)
		FROM jsonb_to_recordset(page.items) p(district text, employer bigint, return bigint,
			first_on date, state text, nil boolean)
		JOIN ledger.employer e ON e.city = p_city AND e.id = p.employer
		LEFT JOIN LATERAL (SELECT max(v.version) AS version FROM ledger.return_version v
			WHERE v.city = p_city AND v.return = p.return AND v.received_at < evening) v ON true);
END $$;

-- A line that does not stand in the return: it was closed, or never stood.
-- rules/closing
CREATE OR REPLACE FUNCTION ledger.refuse_line(p_return ledger.return, p_ref text) RETURNS api.reply
LANGUAGE plpgsql STABLE AS $$
BEGIN
	IF EXISTS (SELECT FROM ledger.return_line l WHERE l.city = p_return.city
			AND l.return = p_return.id AND l.ref = p_ref) THEN
		RETURN ledger.wrong_state('line-closed');
	END IF;
	RETURN ledger.missing('path/ref', p_ref);
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
	IF ret.id IS NULL THEN
		RETURN NEXT ledger.no_return(who, p_employer, p_district, p_quarter);
		RETURN;
	ELSIF line.id IS NULL THEN
		RETURN NEXT ledger.refuse_line(ret, p_ref);
		RETURN;
	END IF;
	RETURN NEXT api.answer(200, jsonb_build_object('version', ret.version, 'line', line.filed));
	IF line.contact IS NOT NULL THEN
		RETURN NEXT ROW('x', NULL, NULL, NULL, line.vacancy, NULL, line.contact,
			'contact')::api.reply;
	END IF;
END $$;
