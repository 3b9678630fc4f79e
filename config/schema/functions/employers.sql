-- Employers: what they are called, and the districts they are liable in.
--
-- A name is the employer's, and so are its sites; a bureau writes the sites of its own division,
-- and the name where no site lies outside.  A credit code and the organisation code in it are one
-- employer, on file as it was named first.  News has an age here too (rules/news): a body that was
-- said before, and followed by another, is the old one sent again; a day on record is moved with a
-- reason only, and what was owed by it stays owed.

-- As it is on file; the same when it is not.
CREATE OR REPLACE FUNCTION ledger.filed_code(p_city int, p_code text) RETURNS text
LANGUAGE sql STABLE AS $$
	SELECT coalesce((SELECT e.code FROM ledger.employer e
		WHERE e.city = p_city AND e.org = ledger.org_of(p_code)), p_code)
$$;

CREATE OR REPLACE FUNCTION ledger.employer_json(p_city int, p_id bigint) RETURNS jsonb
LANGUAGE sql STABLE AS $$
	SELECT jsonb_build_object('employer', e.code, 'code_recognised', ledger.is_recognised(e.code),
		'name', e.name, 'kind', nullif(e.kind, ''),
		'registered_on', e.registered_on,
		'sites', coalesce((SELECT jsonb_agg(jsonb_build_object('district', s.district,
				'since', s.since, 'until', s.until) ORDER BY s.district, s.since)
			FROM ledger.employer_site s WHERE s.city = e.city AND s.employer = e.id), '[]'),
		'corrections', coalesce((SELECT jsonb_agg(jsonb_build_object('reason', b.reason,
				'recorded_at', ledger.instant(b.recorded_at),
				'officer', ledger.seeker_text(b.officer)) ORDER BY b.n)
			FROM ledger.said b WHERE b.city = e.city AND b.object = 'employer/' || e.id
			  AND b.reason IS NOT NULL), '[]'),
		'names', coalesce((SELECT jsonb_agg(jsonb_build_object('name', n.name, 'since', n.since,
				'recorded_at', ledger.instant(n.recorded_at),
				'officer', ledger.seeker_text(n.officer)) ORDER BY n.since, n.id)
			FROM ledger.employer_name n WHERE n.city = e.city AND n.employer = e.id), '[]'))
	FROM ledger.employer e WHERE e.city = p_city AND e.id = p_id
$$;

-- What it was called on that day, as known by the end of it; before its first name, that.
-- rules/employer-names
CREATE OR REPLACE FUNCTION ledger.employer_name_on(e ledger.employer, p_day date) RETURNS text
LANGUAGE sql STABLE AS $$
	SELECT coalesce((SELECT n.name FROM ledger.employer_name n
			WHERE n.city = e.city AND n.employer = e.id AND n.since <= p_day
			  AND n.recorded_at < (p_day + 1)::timestamp AT TIME ZONE 'Asia/Shanghai'
			ORDER BY n.since DESC, n.id DESC LIMIT 1),
		(SELECT n.name FROM ledger.employer_name n
			WHERE n.city = e.city AND n.employer = e.id
			ORDER BY n.since, n.id LIMIT 1), e.name)
$$;

-- A bureau or an auditor sees the employers that have, or had, a site in its scope.
CREATE OR REPLACE FUNCTION ledger.is_seen_from(p_employer ledger.employer, p_scope text)
RETURNS boolean
LANGUAGE sql STABLE AS $$
	SELECT ledger.is_whole_city((p_employer).city, p_scope) OR EXISTS (SELECT FROM ledger.employer_site s
		WHERE s.city = (p_employer).city AND s.employer = (p_employer).id
		  AND ledger.within(p_scope, s.district))
$$;

-- Its name, from a day on, and in whatever is open now.
CREATE OR REPLACE FUNCTION ledger.name_employer(p_who api.caller, e ledger.employer, p_name text,
	p_since date)
RETURNS void
LANGUAGE sql AS $$
	INSERT INTO ledger.employer_name (city, employer, since, recorded_at, name, kid, officer,
			on_behalf)
		VALUES (e.city, e.id, p_since, ledger.app_now(e.city), p_name, p_who.kid, p_who.officer,
			p_who.on_behalf);
	UPDATE ledger.employer SET name = p_name WHERE city = e.city AND id = e.id AND name <> p_name;
	UPDATE ledger.vacancy SET employer_name = p_name, version = version + 1
		WHERE city = e.city AND employer = e.id AND open AND employer_name <> p_name
$$;

-- Which division's bureau may say what it is called, beside itself: that of the whole city, and
-- that of the district where all its sites lie.
CREATE OR REPLACE FUNCTION ledger.naming_divisions(e ledger.employer) RETURNS text[]
LANGUAGE sql STABLE AS $$
	SELECT array_remove(ARRAY[c.prefix, (SELECT min(s.district) FROM ledger.employer_site s
			WHERE s.city = e.city AND s.employer = e.id AND s.until IS NULL
			HAVING min(s.district) = max(s.district))], NULL)
	FROM ledger.city c WHERE c.city = e.city
$$;

CREATE OR REPLACE FUNCTION ledger.is_anothers(e ledger.employer, p_pointer text, p_may text[])
RETURNS api.reply
LANGUAGE sql STABLE AS $$
	SELECT api.refuse(403, 'employer-of-others', jsonb_build_object('pointer', p_pointer,
		'name', e.name, 'may', to_jsonb(coalesce(e.code, '') || p_may)))
$$;

-- The sites of the body that are to stand, or why not.  One that has ended, or is not for this
-- caller, is passed over as it stands: whoever puts back what they read says it again.  What an
-- employer owed until now it does not shorten by itself.  With a reason another day is a correction,
-- and one that has ended goes on.
-- rules/liability
CREATE OR REPLACE FUNCTION ledger.sites_wanted(p_who api.caller, e ledger.employer, p_code text,
	p_sites jsonb, p_reason text, OUT sites jsonb, OUT refused api.reply)
LANGUAGE plpgsql STABLE AS $$
DECLARE
	site jsonb;
	n    int := -1;
	was  date;
	over date; -- the end of the last that has ended
	city text := (SELECT c.prefix FROM ledger.city c WHERE c.city = p_who.city);
BEGIN
	sites := '[]';
	e.code := p_code;
	FOR site IN SELECT * FROM jsonb_array_elements(p_sites) LOOP
		n := n + 1;
		SELECT max(s.since) FILTER (WHERE s.until IS NULL), max(s.until) INTO was, over
			FROM ledger.employer_site s WHERE s.city = p_who.city
			AND s.employer = e.id AND s.district = site->>'district';
		IF site->>'until' IS NULL AND ledger.within(p_who.scope, site->>'district') THEN
			sites := sites || site;
			IF p_who.role = 1 AND was < (site->>'since')::date THEN
				refused := ledger.is_anothers(e, '/sites', ARRAY[site->>'district', city]);
			ELSIF was <> (site->>'since')::date AND (site->>'since')::date < over THEN
				refused := ledger.refuse_fault(ledger.fault('/sites/' || n || '/since',
					'range-of-days', site->>'since', over || ' or later',
					'The day lies before the end of an earlier time of the site.',
					'该日期早于此前一段用工的终止日。'));
			ELSIF p_reason IS NULL AND (was <> (site->>'since')::date
					OR was IS NULL AND (site->>'since')::date < over) THEN
				refused := ledger.refuse_fault(ledger.fault('/sites/' || n || '/since',
					'correction-reason', site->>'since', coalesce(was::text, over || ' or later')
					|| '; or with a reason', 'A day on record is corrected with a reason only.',
					'更正已登记的日期须写明原因（reason）。'));
			END IF;
		ELSIF NOT EXISTS (SELECT FROM ledger.employer_site s WHERE s.city = p_who.city
				AND s.employer = e.id AND s.district = site->>'district'
				AND s.since = (site->>'since')::date
				AND s.until IS NOT DISTINCT FROM (site->>'until')::date) THEN
			refused := CASE WHEN ledger.within(p_who.scope, site->>'district') THEN
				ledger.refuse_fault(ledger.fault('/sites', 'site-end', site->>'until',
					'only the ends that were read',
					'A site ends when it is left out; an end that is stated is one on record.',
					'不再列出即为终止；填写的终止日期须与已登记的一致。'))
				ELSE ledger.is_anothers(e, '/sites', ARRAY[site->>'district', city]) END;
		END IF;
		EXIT WHEN refused.status IS NOT NULL;
	END LOOP;
END $$;

-- A site of this scope that the list leaves out ends today; no day that was owed is ever deleted.
CREATE OR REPLACE FUNCTION ledger.write_sites(p_city int, p_employer bigint, p_sites jsonb,
	p_scope text, p_today date)
RETURNS void
LANGUAGE sql AS $$
	-- What has ended and lies within what is named now is part of it.
	DELETE FROM ledger.employer_site s USING jsonb_array_elements(p_sites) x
		WHERE s.city = p_city AND s.employer = p_employer AND s.until IS NOT NULL
		  AND s.district = x->>'district' AND s.since >= (x->>'since')::date;
	UPDATE ledger.employer_site s SET until = greatest(p_today, s.since)
		WHERE s.city = p_city AND s.employer = p_employer AND s.until IS NULL
		  AND ledger.within(p_scope, s.district)
		  AND NOT p_sites @> jsonb_build_array(jsonb_build_object('district', s.district));
	-- Another day for a site that stands is a correction.  An earlier one is owed from then on; before
	-- a later one what was owed stays owed, as a time of its own.
	UPDATE ledger.employer_site s SET since = least(s.since, (x->>'since')::date),
			until = CASE WHEN (x->>'since')::date > s.since THEN (x->>'since')::date END
		FROM jsonb_array_elements(p_sites) x
		WHERE s.city = p_city AND s.employer = p_employer AND s.until IS NULL
		  AND s.district = x->>'district' AND s.since <> (x->>'since')::date;
	-- One that has ended goes on from the day on record that this one reaches into, or begins anew.
	UPDATE ledger.employer_site s SET until = NULL, since = least(s.since, (x->>'since')::date)
		FROM jsonb_array_elements(p_sites) x
		WHERE s.city = p_city AND s.employer = p_employer AND s.district = x->>'district'
		  AND s.until > (x->>'since')::date AND NOT EXISTS (SELECT FROM ledger.employer_site o
			WHERE o.city = p_city AND o.employer = p_employer AND o.district = s.district
			  AND (o.until IS NULL OR o.until > s.until));
	INSERT INTO ledger.employer_site (city, employer, district, since)
		SELECT p_city, p_employer, x->>'district', min(coalesce((x->>'since')::date, p_today))
		FROM jsonb_array_elements(p_sites) x
		WHERE NOT EXISTS (SELECT FROM ledger.employer_site s
			WHERE s.city = p_city AND s.employer = p_employer AND s.district = x->>'district'
			  AND s.until IS NULL)
		GROUP BY 3
		ON CONFLICT (city, employer, district, since) DO UPDATE SET until = NULL
$$;

-- The name and kind of one that is there: whose they are to say, and from which day.
-- rules/employer-names
CREATE OR REPLACE FUNCTION ledger.change_name(p_who api.caller, e ledger.employer, p_body jsonb,
	p_today date)
RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	may  text[] := ledger.naming_divisions(e);
	day  date   := coalesce((p_body->>'name_since')::date, p_today);
	last date;
BEGIN
	IF (e.name, e.kind) = (p_body->>'name', coalesce(p_body->>'kind', e.kind)) THEN
		RETURN NULL;
	ELSIF p_who.role <> 1 AND NOT EXISTS (SELECT FROM unnest(may) d
			WHERE ledger.within(p_who.scope, d)) THEN
		RETURN ledger.is_anothers(e, CASE WHEN e.name <> p_body->>'name' THEN '/name'
			ELSE '/kind' END, may);
	END IF;
	SELECT max(n.since) INTO last FROM ledger.employer_name n
		WHERE n.city = e.city AND n.employer = e.id;
	IF e.name <> p_body->>'name' AND (day < last OR day > p_today) THEN
		RETURN ledger.refuse_fault(ledger.fault('/name_since', 'range', day::text,
			last || ' to ' || p_today,
			'A name begins after the one before it began, and not after today.',
			'新名称的起始日期不得早于上一名称的起始日期，也不得晚于今日。'));
	ELSIF e.name <> p_body->>'name' THEN
		PERFORM ledger.name_employer(p_who, e, p_body->>'name', day);
	END IF;
	UPDATE ledger.employer SET kind = coalesce(p_body->>'kind', kind)
		WHERE city = e.city AND id = e.id;
	RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION ledger.put_employer(p_who api.caller, p_code text, p_body jsonb,
	p_new_only boolean)
RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	today date := ledger.today(p_who.city);
	f     record;
	emp   ledger.employer;
	made  boolean;
	hash  bytea := sha256(convert_to(p_body::text, 'UTF8'));
	newer jsonb;
	was   jsonb;
	said  jsonb;
	a     api.reply;
BEGIN
	SELECT * INTO emp FROM ledger.employer e
		WHERE e.city = p_who.city AND e.org = ledger.org_of(p_code) FOR NO KEY UPDATE;
	IF p_who.role = 1 AND (emp.org = ledger.org_of(p_who.org_code)) IS NOT TRUE THEN
		RETURN api.refuse(404, 'not-found');
	END IF;
	newer := CASE WHEN NOT p_new_only THEN ledger.newer_said(emp.city, 'employer/' || emp.id, hash) END;
	IF newer IS NOT NULL THEN
		RETURN ledger.sent_again(ledger.employer_json(p_who.city, emp.id), newer);
	END IF;
	SELECT * INTO f FROM ledger.sites_wanted(p_who, emp, p_code, p_body->'sites',
		p_body->>'reason');
	IF (f.refused).status IS NOT NULL THEN
		RETURN f.refused;
	END IF;
	INSERT INTO ledger.employer (city, code, name, kind, registered_on)
		VALUES (p_who.city, p_code, p_body->>'name', coalesce(p_body->>'kind', ''), today)
		ON CONFLICT (city, org) DO NOTHING RETURNING * INTO emp;
	made := FOUND;
	IF made THEN
		PERFORM ledger.name_employer(p_who, emp, emp.name,
			least((p_body->>'name_since')::date, today));
	ELSIF p_new_only THEN
		RETURN api.refuse(412, 'version-changed');
	ELSE
		SELECT * INTO emp FROM ledger.employer
			WHERE city = p_who.city AND org = ledger.org_of(p_code) FOR NO KEY UPDATE;
		was := ledger.employer_json(p_who.city, emp.id);
		a := ledger.change_name(p_who, emp, p_body, today);
		IF a.status IS NOT NULL THEN
			RETURN a;
		END IF;
	END IF;
	PERFORM ledger.write_sites(p_who.city, emp.id, f.sites, p_who.scope, today);
	PERFORM ledger.keep_said(p_who, 'employer/' || emp.id, hash, p_body->>'reason');
	said := ledger.employer_json(p_who.city, emp.id);
	RETURN CASE WHEN said = was THEN api.unchanged(said)
		ELSE api.answer(CASE WHEN made THEN 201 ELSE 200 END, said) END;
END $$;

CREATE OR REPLACE FUNCTION api.put_employer(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_code text, p_body jsonb, p_new_only boolean DEFAULT false)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	a   api.reply  := api.admit_call(who, 'employers.put');
BEGIN
	IF a.status IS NULL THEN
		a := ledger.put_employer(who, p_code, p_body, p_new_only);
	END IF;
	RETURN QUERY SELECT * FROM api.keep(who, NULL, 'employer/' || ledger.filed_code(p_city, p_code), a);
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
		WHERE e.city = p_city AND e.org = ledger.org_of(p_code) AND CASE who.role
			WHEN 1 THEN ledger.speaks_as(who, e.code)
			ELSE ledger.is_seen_from(e, who.scope) END;
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
		  AND (p_code IS NULL OR e.org = ledger.org_of(p_code))) END
$$;
