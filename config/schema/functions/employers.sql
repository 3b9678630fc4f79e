-- Employers and the districts they are liable in.

CREATE OR REPLACE FUNCTION ledger.employer_json(p_city int, p_id bigint) RETURNS jsonb
LANGUAGE sql STABLE AS $$
	SELECT jsonb_build_object('employer', e.code, 'name', e.name, 'kind', nullif(e.kind, ''),
		'registered_on', e.registered_on,
		'sites', coalesce((SELECT jsonb_agg(jsonb_build_object('district', s.district,
				'since', s.since, 'until', s.until) ORDER BY s.district, s.since)
			FROM ledger.employer_site s WHERE s.city = e.city AND s.employer = e.id), '[]'))
	FROM ledger.employer e WHERE e.city = p_city AND e.id = p_id
$$;

-- A bureau sees the employers that have, or had, a site in its scope.
CREATE OR REPLACE FUNCTION ledger.is_seen_from(p_employer ledger.employer, p_scope text)
RETURNS boolean
LANGUAGE sql STABLE AS $$
	SELECT ledger.is_whole_city((p_employer).city, p_scope) OR EXISTS (SELECT FROM ledger.employer_site s
		WHERE s.city = (p_employer).city AND s.employer = (p_employer).id
		  AND ledger.within(p_scope, s.district))
$$;

CREATE OR REPLACE FUNCTION ledger.rename_employer(p_city int, p_employer bigint, p_name text)
RETURNS void
LANGUAGE sql AS $$
	UPDATE ledger.vacancy SET employer_name = p_name, version = version + 1
	WHERE city = p_city AND employer = p_employer AND open AND employer_name <> p_name
$$;

CREATE OR REPLACE FUNCTION api.put_employer(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_code text, p_body jsonb, p_new_only boolean DEFAULT false)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who     api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	refused api.reply  := api.admit(who, 'employers.put');
	today   date       := ledger.today(p_city);
	site    jsonb;
	sites   jsonb      := '[]';
	emp     ledger.employer;
	made    boolean;
BEGIN
	IF refused.status IS NOT NULL THEN
		RETURN NEXT refused;
		RETURN;
	END IF;
	-- A site that has ended, or is not for this scope, is passed over as it stands: whoever puts
	-- back what they read says it again.
	SELECT * INTO emp FROM ledger.employer e WHERE e.city = p_city AND e.code = p_code
		AND ledger.is_seen_from(e, who.scope);
	FOR site IN SELECT * FROM jsonb_array_elements(p_body->'sites') LOOP
		IF site->>'until' IS NULL AND ledger.within(who.scope, site->>'district') THEN
			sites := sites || site;
		ELSIF NOT EXISTS (SELECT FROM ledger.employer_site s WHERE s.city = p_city
				AND s.employer = emp.id AND s.district = site->>'district'
				AND s.since = (site->>'since')::date
				AND s.until IS NOT DISTINCT FROM (site->>'until')::date) THEN
			RETURN NEXT CASE WHEN NOT ledger.within(who.scope, site->>'district')
				THEN api.refuse(404, 'not-found') ELSE ledger.refuse_fault(ledger.fault(
					'/sites', 'site-end', site->>'until', 'only the ends that were read',
					'A site ends when it is left out; an end that is stated is one on record.',
					'不再列出即为终止；填写的终止日期须与已登记的一致。')) END;
			RETURN;
		END IF;
	END LOOP;

	INSERT INTO ledger.employer (city, code, name, kind, registered_on)
		VALUES (p_city, p_code, p_body->>'name', coalesce(p_body->>'kind', ''), today)
		ON CONFLICT (city, code) DO NOTHING RETURNING * INTO emp;
	made := FOUND;
	IF NOT made AND p_new_only THEN
		RETURN NEXT api.refuse(412, 'version-changed');
		RETURN;
	ELSIF NOT made THEN
		SELECT * INTO emp FROM ledger.employer
			WHERE city = p_city AND code = p_code FOR NO KEY UPDATE;
		-- A district that the employer has no site in may add one; its name is not that district's.
		IF EXISTS (SELECT FROM ledger.employer_site s WHERE s.city = p_city
				AND s.employer = emp.id AND s.until IS NULL
				AND ledger.within(who.scope, s.district)) THEN
			PERFORM ledger.rename_employer(p_city, emp.id, p_body->>'name');
			UPDATE ledger.employer SET name = p_body->>'name',
				kind = coalesce(p_body->>'kind', kind)
				WHERE city = p_city AND id = emp.id;
		END IF;
	END IF;

	-- A site of this scope that the list leaves out ends today; it is never deleted.
	UPDATE ledger.employer_site s SET until = greatest(today, s.since)
		WHERE s.city = p_city AND s.employer = emp.id AND s.until IS NULL
		  AND ledger.within(who.scope, s.district)
		  AND NOT sites @> jsonb_build_array(jsonb_build_object('district', s.district));
	-- Another day for a site that stands is a correction, unless it reaches into an older one.
	UPDATE ledger.employer_site s SET since = (x->>'since')::date
		FROM jsonb_array_elements(sites) x
		WHERE s.city = p_city AND s.employer = emp.id AND s.until IS NULL
		  AND s.district = x->>'district' AND s.since <> (x->>'since')::date
		  AND NOT EXISTS (SELECT FROM ledger.employer_site o WHERE o.city = p_city
			AND o.employer = emp.id AND o.district = s.district
			  AND (o.until > (x->>'since')::date OR o.since = (x->>'since')::date));
	INSERT INTO ledger.employer_site (city, employer, district, since)
		SELECT p_city, emp.id, x->>'district', min(coalesce((x->>'since')::date, today))
		FROM jsonb_array_elements(sites) x
		WHERE NOT EXISTS (SELECT FROM ledger.employer_site s
			WHERE s.city = p_city AND s.employer = emp.id AND s.district = x->>'district'
			  AND s.until IS NULL)
		GROUP BY 3
		ON CONFLICT (city, employer, district, since) DO UPDATE SET until = NULL;

	RETURN QUERY SELECT * FROM api.keep(who, NULL, 'employer/' || p_code,
		api.answer(CASE WHEN made THEN 201 ELSE 200 END, ledger.employer_json(p_city, emp.id)));
END $$;

CREATE OR REPLACE FUNCTION api.read_employer(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_code text)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who     api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	refused api.reply  := api.admit(who, 'employers.read');
	emp     bigint;
BEGIN
	IF refused.status IS NOT NULL THEN
		RETURN NEXT refused;
		RETURN;
	END IF;
	SELECT e.id INTO emp FROM ledger.employer e
		WHERE e.city = p_city AND e.code = p_code AND CASE who.role
			WHEN 1 THEN ledger.speaks_as(who, e.code)
			WHEN 4 THEN ledger.is_seen_from(e, who.scope)
			ELSE true END;
	IF emp IS NULL THEN
		RETURN NEXT api.refuse(404, 'not-found');
	ELSE
		RETURN NEXT api.answer(200, ledger.employer_json(p_city, emp));
	END IF;
END $$;

-- The employers that a list is about; NULL: all.
CREATE OR REPLACE FUNCTION ledger.employers_meant(p_who api.caller, p_code text) RETURNS bigint[]
LANGUAGE sql STABLE AS $$
	SELECT CASE WHEN (p_who).role = 1 OR p_code IS NOT NULL THEN ARRAY(SELECT e.id
		FROM ledger.employer e WHERE e.city = (p_who).city
		  AND ((p_who).role <> 1 OR ledger.speaks_as(p_who, e.code))
		  AND (p_code IS NULL OR e.code = p_code)) END
$$;
