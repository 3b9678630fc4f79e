-- Agencies' licences: recorded, read, and what an agency without one is told.

CREATE OR REPLACE FUNCTION ledger.licence_of(p_city int, p_organisation text)
RETURNS ledger.agency_licence
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN (SELECT l FROM ledger.agency_licence l
		WHERE l.city = p_city AND l.organisation = p_organisation
		ORDER BY l.version DESC LIMIT 1);
END $$;

-- The rule by which the licence does not cover this service on this day, or NULL.
-- rules/agency-licence
CREATE OR REPLACE FUNCTION ledger.licence_rule(l ledger.agency_licence, p_service text, p_day date)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT CASE WHEN l.version IS NULL THEN 'no-licence'
		WHEN (p_day >= l.valid_from) IS NOT TRUE THEN 'not-yet-valid'
		WHEN (p_day <= l.valid_until) IS NOT TRUE THEN 'expired'
		WHEN l.suspended_from <= p_day AND p_day <= coalesce(l.suspended_until, 'infinity')
			THEN 'suspended'
		WHEN (p_service = ANY (l.services)) IS NOT TRUE THEN 'service' END
$$;

-- Which licence speaks of a day: the newest, but of a day before it began the one it followed.  A
-- version under the same number corrects the one before.
CREATE OR REPLACE FUNCTION ledger.licence_on(p_city int, p_organisation text, p_day date)
RETURNS ledger.agency_licence
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN (SELECT l FROM ledger.agency_licence l
		WHERE l.city = p_city AND l.organisation = p_organisation
		  AND NOT EXISTS (SELECT FROM ledger.agency_licence x WHERE x.city = l.city
			AND x.organisation = l.organisation AND x.licence = l.licence
			AND x.version > l.version)
		ORDER BY l.valid_from <= p_day DESC, l.version DESC LIMIT 1);
END $$;

-- NULL: the caller may introduce people to employers today, and might on p_day, the first day of
-- the work that it reports.
CREATE OR REPLACE FUNCTION ledger.refuse_unlicensed(p_who api.caller, p_day date DEFAULT NULL)
RETURNS api.reply
LANGUAGE plpgsql STABLE AS $$
DECLARE
	l    ledger.agency_licence;
	rule text;
	day  date;
BEGIN
	IF p_who.role <> 2 THEN
		RETURN NULL;
	END IF;
	FOREACH day IN ARRAY ARRAY[ledger.today(p_who.city), p_day] LOOP
		l := ledger.licence_on(p_who.city, p_who.organisation, day);
		rule := ledger.licence_rule(l, 'introduction', day);
		IF rule IS NOT NULL AND day IS NOT NULL THEN
			RETURN api.refuse(403, 'agency-unlicensed', jsonb_build_object('rule', rule, 'day', day,
				'licence', l.licence, 'from', l.valid_from, 'until', l.valid_until,
				'services', coalesce(to_jsonb(l.services), '[]')));
		END IF;
	END LOOP;
	RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION ledger.licence_json(l ledger.agency_licence) RETURNS jsonb
LANGUAGE sql STABLE AS $$
	SELECT jsonb_build_object('agency', l.organisation, 'licence', l.licence,
		'district', l.district, 'services', to_jsonb(l.services), 'from', l.valid_from,
		'until', l.valid_until, 'suspended_from', l.suspended_from,
		'suspended_until', l.suspended_until, 'version', l.version,
		'recorded_at', ledger.instant(l.recorded_at),
		'rule', (SELECT ledger.licence_rule(ledger.licence_on(l.city, l.organisation, d.today),
			'introduction', d.today) FROM (SELECT ledger.today(l.city) AS today OFFSET 0) d))
$$;

-- What has taken the place of a licence that was recorded so before; NULL: it never was.
-- rules/news
CREATE OR REPLACE FUNCTION ledger.newer_of_licence(p_was ledger.agency_licence,
	p_again ledger.agency_licence)
RETURNS jsonb
LANGUAGE sql STABLE AS $$
	SELECT ledger.newer_by('version', ledger.legal_day(p_was.recorded_at), p_was.version) WHERE EXISTS (SELECT FROM ledger.agency_licence l WHERE l.city = p_was.city
		AND l.organisation = p_was.organisation AND l.version < p_was.version
		AND (l.licence, l.district, l.services, l.valid_from, l.valid_until, l.suspended_from,
			l.suspended_until) IS NOT DISTINCT FROM (p_again.licence, p_again.district,
			p_again.services, p_again.valid_from, p_again.valid_until, p_again.suspended_from,
			p_again.suspended_until))
$$;

CREATE OR REPLACE FUNCTION ledger.put_agency(p_who api.caller, p_organisation text,
	p_if_match bigint, p_new_only boolean, p_body jsonb)
RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	was   ledger.agency_licence;
	made  ledger.agency_licence;
	newer jsonb;
BEGIN
	PERFORM pg_advisory_xact_lock(p_who.city, hashtext('agency ' || p_organisation));
	was := ledger.licence_of(p_who.city, p_organisation);
	IF NOT ledger.within(p_who.scope, p_body->>'district') THEN
		RETURN ledger.missing('/district', p_body->>'district');
	ELSIF was.version IS NOT NULL AND NOT ledger.within(p_who.scope, was.district) THEN
		RETURN ledger.missing('path/agency', p_organisation);
	ELSIF p_if_match <> coalesce(was.version, 0) OR p_new_only AND was.version IS NOT NULL THEN
		RETURN api.refuse(412, 'version-changed', jsonb_build_object('version', was.version));
	END IF;
	made := ROW(p_who.city, p_organisation, coalesce(was.version, 0) + 1, p_body->>'licence',
		p_body->>'district', ARRAY(SELECT jsonb_array_elements_text(p_body->'services')),
		(p_body->>'from')::date, (p_body->>'until')::date, (p_body->>'suspended_from')::date,
		(p_body->>'suspended_until')::date, ledger.app_now(p_who.city), p_who.kid, p_who.actor);
	IF (was.licence, was.district, was.services, was.valid_from, was.valid_until,
			was.suspended_from, was.suspended_until) IS NOT DISTINCT FROM (made.licence,
			made.district, made.services, made.valid_from, made.valid_until,
			made.suspended_from, made.suspended_until) THEN
		RETURN api.unchanged(ledger.licence_json(was));
	END IF;
	newer := CASE WHEN p_if_match IS NULL THEN ledger.newer_of_licence(was, made) END;
	IF newer IS NOT NULL THEN
		RETURN ledger.sent_again(ledger.licence_json(was), newer);
	END IF;
	INSERT INTO ledger.agency_licence SELECT (made).*;
	RETURN api.answer(CASE WHEN was.version IS NULL THEN 201 ELSE 200 END,
		ledger.licence_json(made));
END $$;

CREATE OR REPLACE FUNCTION api.put_agency(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_organisation text, p_if_match bigint, p_new_only boolean, p_body jsonb)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	a   api.reply  := api.admit_call(who, 'agencies.put');
BEGIN
	IF a.status IS NULL THEN
		a := ledger.put_agency(who, p_organisation, p_if_match, p_new_only, p_body);
	END IF;
	RETURN QUERY SELECT * FROM api.keep(who, NULL, 'agency/' || p_organisation, a);
END $$;

-- An agency reads its own; a bureau or an auditor those whose district lies in its scope, or it in theirs.
CREATE OR REPLACE FUNCTION api.read_agency(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_organisation text)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	a   api.reply  := api.admit(who, 'agencies.read');
	l   ledger.agency_licence;
BEGIN
	IF a.status IS NULL THEN
		l := ledger.licence_of(p_city, p_organisation);
		a := CASE WHEN l.version IS NULL OR NOT CASE who.role
				WHEN 2 THEN l.organisation = who.organisation
				ELSE ledger.narrower(who.scope, l.district) <> '-' END THEN api.refuse(404, 'not-found')
			ELSE api.answer(200, ledger.licence_json(l)) END;
	END IF;
	RETURN NEXT a;
END $$;
