-- Reading returns, in any version.
--
-- What an employer may see is its own; a bureau sees its districts.  Sealed contacts go out beside the answer, as rows of
-- kind 'x', to those who may have them.

-- p_version, or the version that stood at the end of the day p_as_of; else the latest.
CREATE FUNCTION api.read_return(p_city int, p_kid text, p_hash bytea, p_actor text,
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
	IF p_as_of > ledger.today(p_city) THEN
		RETURN NEXT ledger.refuse_fault(ledger.fault('query/as_of', 'future', p_as_of::text,
			'at latest ' || ledger.today(p_city), 'The day is still to come.', '日期在将来。'));
		RETURN;
	END IF;
	SELECT r.* INTO ret FROM ledger.return r
		JOIN ledger.employer e ON e.city = r.city AND e.id = r.employer
		WHERE r.city = p_city AND e.code = p_employer AND r.district = p_district
		  AND r.quarter = p_quarter AND CASE who.role WHEN 1 THEN e.code = ANY (who.employers)
			WHEN 4 THEN starts_with(r.district, who.scope) ELSE true END;
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
