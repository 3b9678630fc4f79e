-- Reading returns, in any version, and vacancies.
--
-- What an employer may see is its own; a bureau sees its districts; the open vacancies
-- are everybody's with a key.  Sealed contacts go out beside the answer, as rows of
-- kind 'x', to those who may have them.

CREATE FUNCTION api.read_return(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_employer text, p_district text, p_quarter text, p_version int)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who     api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	refused api.reply  := api.admit(who, 1 | 4 | 8);
	ret     ledger.return;
	ver     ledger.return_version;
BEGIN
	IF refused.status IS NOT NULL THEN
		RETURN NEXT refused;
		RETURN;
	END IF;
	SELECT r.* INTO ret FROM ledger.return r
		JOIN ledger.employer e ON e.city = r.city AND e.id = r.employer
		WHERE r.city = p_city AND e.code = p_employer AND r.district = p_district
		  AND r.quarter = p_quarter AND CASE who.role WHEN 1 THEN e.code = ANY (who.employers)
			WHEN 4 THEN starts_with(r.district, who.scope) ELSE true END;
	SELECT v.* INTO ver FROM ledger.return_version v WHERE v.city = ret.city AND v.return = ret.id
		AND v.version = coalesce(p_version, ret.version);
	IF ver.version IS NULL THEN
		RETURN NEXT api.refuse(404, 'not-found');
		RETURN;
	END IF;
	RETURN NEXT (SELECT api.answer(200, jsonb_build_object('employer', p_employer,
			'district', ret.district, 'quarter', ret.quarter, 'version', ver.version,
			'current', ret.version, 'state', CASE WHEN ret.late THEN 'late' ELSE 'received' END,
			'nil', ver.nil, 'staff', ver.staff, 'received_at', ledger.instant(ver.received_at),
			'due', ledger.quarter_due(ret.quarter), 'closed', ver.closed,
			'lines', coalesce(jsonb_agg(l.filed ORDER BY l.vacancy), '[]'),
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

CREATE FUNCTION api.read_vacancy(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_id bigint)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who     api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	refused api.reply  := api.admit(who, 1 | 2 | 4 | 8);
	v       ledger.vacancy;
	s       ledger.vacancy_standing;
	owner   text;
BEGIN
	IF refused.status IS NOT NULL THEN
		RETURN NEXT refused;
		RETURN;
	END IF;
	SELECT * INTO v FROM ledger.vacancy WHERE city = p_city AND id = p_id;
	SELECT e.code INTO owner FROM ledger.employer e WHERE e.city = p_city AND e.id = v.employer;
	IF v.id IS NULL OR NOT (v.open OR who.role = 8 OR owner = ANY (who.employers)
			OR who.role = 4 AND ledger.in_scope(who.scope, v.place)) THEN
		RETURN NEXT api.refuse(404, 'not-found');
		RETURN;
	END IF;
	SELECT * INTO s FROM ledger.vacancy_standing WHERE city = p_city AND vacancy = p_id;
	RETURN NEXT (SELECT api.answer(200, jsonb_build_object('vacancy', v.id::text,
			'employer', owner, 'employer_name', v.employer_name, 'district', v.district,
			'ref', v.ref, 'quarter', s.quarter, 'state', CASE WHEN v.open THEN 'open'
			ELSE 'closed' END, 'closed_reason', v.closed_reason, 'posts', v.posts,
			'filled', v.filled, 'open_posts', v.posts - v.filled, 'posted_on', v.posted_on,
			'confirmed_on', s.confirmed_on, 'lapses_on', s.lapses_on, 'version', v.version,
			'line', l.filed))
		FROM ledger.return_line l WHERE l.city = p_city AND l.id = s.line);
	IF s.contact IS NOT NULL AND (who.role IN (2, 4) OR owner = ANY (who.employers)) THEN
		RETURN NEXT ROW('x', NULL, NULL, NULL, v.id, NULL, s.contact, 'contact')::api.reply;
	END IF;
END $$;
