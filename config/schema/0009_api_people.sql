-- Registering seekers and households, and reading their files.
--
-- A bureau registers, inside its scope; everything sealed stays sealed here, and a
-- look at a file is written down before the file goes out.  The surprising thing:
-- the same citizen number in another bureau's scope is "already registered" without
-- saying as whom.

CREATE FUNCTION ledger.age_class_name(p_class int) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT (ARRAY['under-16', '16-17', 'working', 'retired'])[p_class]
$$;

CREATE FUNCTION ledger.write_facts(p_who api.caller, p_person bigint, p_birth date, p_body jsonb)
RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	cert  jsonb := nullif(p_body->'certificate', 'null');
	unemp jsonb := nullif(p_body->'unemployment', 'null');
	made  bigint;
BEGIN
	INSERT INTO ledger.retirement_fact (city, person, since, age, evidence)
		SELECT p_who.city, p_person, p_birth, (p_body->>'retirement_age')::int,
			coalesce(p_body->>'retirement_evidence', '')
		WHERE p_body->>'retirement_age' IS NOT NULL;
	INSERT INTO ledger.unemployment (city, person, since, prior_job, laid_off)
		SELECT p_who.city, p_person, (unemp->>'since')::date,
			coalesce((unemp->>'prior_job')::boolean, false), unemp->>'laid_off'
		WHERE unemp IS NOT NULL;
	INSERT INTO ledger.recognition (city, person, code, recognised_on, by_kid)
		SELECT p_who.city, p_person, r->>'code', (r->>'on')::date, p_who.kid
		FROM jsonb_array_elements(coalesce(nullif(p_body->'recognitions', 'null'), '[]')) r;
	IF cert IS NOT NULL THEN
		INSERT INTO ledger.certificate (city, person, number, grp, issued_on, valid_to)
			VALUES (p_who.city, p_person, cert->>'number', cert->>'group',
				(cert->>'issued_on')::date, (cert->>'valid_to')::date)
			RETURNING id INTO made;
		INSERT INTO ledger.inspection (city, certificate, year)
			SELECT DISTINCT p_who.city, made, y::int
			FROM jsonb_array_elements_text(coalesce(nullif(cert->'inspected', 'null'), '[]')) y;
	END IF;
END $$;

CREATE FUNCTION ledger.register_seeker(p_who api.caller, p_id bigint, p_blind bytea,
	p_citizen bytea, p_name bytea, p_phone bytea, p_address bytea, p_body jsonb)
RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	today date := ledger.today(p_who.city);
	home  bigint := (p_body->>'community')::bigint;
	born  date := (p_body->>'birth')::date;
	cert  text := p_body->'certificate'->>'number';
	old   ledger.seeker;
	r     ledger.standing;
BEGIN
	IF NOT ledger.in_scope(p_who.scope, home) THEN
		RETURN api.refuse(404, 'not-found');
	END IF;
	-- Two people with one number at once: the second waits here and is told.
	IF cert IS NOT NULL THEN
		PERFORM pg_advisory_xact_lock(hashtextextended(cert, p_who.city));
	END IF;
	IF EXISTS (SELECT FROM ledger.certificate c WHERE c.city = p_who.city AND c.number = cert)
			AND NOT EXISTS (SELECT FROM ledger.person p
				WHERE p.city = p_who.city AND p.blind = p_blind) THEN
		RETURN ledger.refuse_fault(ledger.fault('/certificate/number', 'certificate-taken', cert,
			'the number of this person''s own certificate',
			'This certificate is on file for somebody else.', '该证号已登记在他人名下。'));
	END IF;
	INSERT INTO ledger.person (city, id, blind, citizen, name, phone, address, sex, birth, grp,
			hukou_type, hukou_division, registered_on, kid, actor)
		VALUES (p_who.city, p_id, p_blind, p_citizen, p_name, p_phone, p_address,
			(p_body->>'sex')::int, born, p_body->>'group', p_body->>'hukou_type',
			p_body->>'hukou_division', today, p_who.kid, p_who.actor)
		ON CONFLICT (city, blind) DO NOTHING;
	IF NOT FOUND THEN
		SELECT s.* INTO old FROM ledger.person p
			JOIN ledger.seeker s ON s.city = p.city AND s.id = p.id
			WHERE p.city = p_who.city AND p.blind = p_blind;
		RETURN api.refuse(409, 'already-registered',
			CASE WHEN ledger.in_scope(p_who.scope, old.community)
			THEN jsonb_build_object('seeker', ledger.seeker_text(old.id)) ELSE '{}' END);
	END IF;
	PERFORM ledger.write_facts(p_who, p_id, born, p_body);
	r := ledger.rank_of(p_who.city, p_id, today);
	INSERT INTO ledger.seeker (city, id, community, rank, rank_reason, rank_on, age_class,
			class_until, waiting_since, pay_wish, farthest, shifts, forms, education,
			education_rank, wishes, skills, licences, experience)
		VALUES (p_who.city, p_id, home, r.rank, r.reason, today, r.age_class, r.class_until,
			coalesce((p_body->'unemployment'->>'since')::date, today),
			coalesce((p_body->>'pay_wish')::int, 0), (p_body->>'farthest')::int,
			(p_body->>'shifts')::int, (p_body->>'forms')::int, p_body->>'education',
			coalesce((p_body->>'education_rank')::int, 0),
			ARRAY(SELECT w::int FROM jsonb_array_elements_text(p_body->'wishes') w),
			ledger.unhex(p_body->>'skills'), ledger.unhex(p_body->>'licences'),
			ledger.unhex(p_body->>'experience'));
	RETURN api.answer(201, jsonb_build_object('seeker', ledger.seeker_text(p_id),
		'rank', 'P' || r.rank, 'rank_reason', r.reason,
		'age_class', ledger.age_class_name(r.age_class), 'class_until', r.class_until,
		'registered_on', today));
END $$;

CREATE FUNCTION api.register_seeker(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_idem text, p_req bytea, p_id bigint, p_blind bytea, p_citizen bytea, p_name bytea,
	p_phone bytea, p_address bytea, p_body jsonb)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	a   api.reply  := api.admit(who, 4);
BEGIN
	IF a.status IS NULL THEN
		a := api.claim(who, p_idem, p_req);
	END IF;
	IF a.status IS NOT NULL THEN
		RETURN NEXT a;
		RETURN;
	END IF;
	RETURN QUERY SELECT * FROM api.keep(who, p_idem, ledger.register_seeker(who, p_id, p_blind,
		p_citizen, p_name, p_phone, p_address, p_body));
END $$;

CREATE FUNCTION ledger.seeker_json(p_city int, p_id bigint) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
	today date := ledger.today(p_city);
	p     ledger.person;
	s     ledger.seeker;
	r     ledger.standing := ledger.rank_of(p_city, p_id, today);
	u     ledger.unemployment := ledger.unemployment_on(p_city, p_id, today);
BEGIN
	SELECT * INTO p FROM ledger.person WHERE city = p_city AND id = p_id;
	SELECT * INTO s FROM ledger.seeker WHERE city = p_city AND id = p_id;
	RETURN jsonb_build_object('seeker', ledger.seeker_text(p_id), 'active', s.active,
		'registered_on', p.registered_on, 'sex', p.sex, 'birth', p.birth,
		'community', s.community::text,
		'hukou', jsonb_build_object('type', p.hukou_type, 'division', p.hukou_division),
		'education', s.education, 'skills', encode(s.skills, 'hex'),
		'licences', encode(s.licences, 'hex'), 'experience', encode(s.experience, 'hex'),
		'wishes', to_jsonb(s.wishes), 'pay_wish', s.pay_wish, 'farthest', s.farthest,
		'shifts', s.shifts, 'forms', s.forms, 'group', p.grp,
		'retirement_age', ledger.retirement_age(p_city, p_id, p.sex, today))
	|| jsonb_build_object('rank', 'P' || r.rank, 'rank_reason', r.reason, 'rank_on', today,
		'age_class', ledger.age_class_name(r.age_class), 'class_until', r.class_until,
		'waiting_since', s.waiting_since,
		'household', (SELECT m.household::text FROM ledger.household_member m
			WHERE m.city = p_city AND m.person = p_id ORDER BY m.household DESC LIMIT 1),
		'unemployment', CASE WHEN u.id IS NOT NULL THEN jsonb_build_object('since', u.since,
			'prior_job', u.prior_job, 'laid_off', u.laid_off) END,
		'recognitions', (SELECT coalesce(jsonb_agg(jsonb_build_object('code', c.code,
				'on', c.recognised_on, 'ended_on', c.ended_on) ORDER BY c.recognised_on), '[]')
			FROM ledger.recognition c
			WHERE c.city = p_city AND c.person = p_id AND c.void_on IS NULL),
		'certificate', (SELECT jsonb_build_object('number', c.number, 'group', c.grp,
				'issued_on', c.issued_on, 'valid_to', c.valid_to, 'inspected',
				(SELECT coalesce(jsonb_agg(i.year ORDER BY i.year), '[]') FROM ledger.inspection i
					WHERE i.city = p_city AND i.certificate = c.id))
			FROM ledger.certificate c
			WHERE c.city = p_city AND c.person = p_id AND c.void_on IS NULL));
END $$;

CREATE FUNCTION ledger.note_look(p_who api.caller, p_person bigint, p_what text) RETURNS void
LANGUAGE sql AS $$
	INSERT INTO ledger.person_look (city, person, kid, actor, what)
	VALUES (p_who.city, p_person, p_who.kid, p_who.actor, p_what)
$$;

CREATE FUNCTION api.read_seeker(p_city int, p_kid text, p_hash bytea, p_actor text, p_id bigint)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	a   api.reply  := api.admit(who, 4);
BEGIN
	IF a.status IS NOT NULL THEN
		RETURN NEXT a;
		RETURN;
	END IF;
	IF NOT EXISTS (SELECT FROM ledger.seeker s WHERE s.city = p_city AND s.id = p_id
			AND ledger.in_scope(who.scope, s.community)) THEN
		RETURN NEXT api.refuse(404, 'not-found');
		RETURN;
	END IF;
	PERFORM ledger.note_look(who, p_id, 'read_seeker');
	RETURN NEXT api.answer(200, ledger.seeker_json(p_city, p_id));
	RETURN QUERY SELECT 'x'::"char", NULL::int, NULL::text, NULL::text, p.id, NULL::bigint,
			x.sealed, x.name
		FROM ledger.person p, LATERAL (VALUES ('citizen', p.citizen), ('name', p.name),
			('phone', p.phone), ('address', p.address)) x(name, sealed)
		WHERE p.city = p_city AND p.id = p_id AND x.sealed IS NOT NULL;
END $$;

CREATE FUNCTION ledger.household_json(p_city int, p_id bigint, p_day date) RETURNS jsonb
LANGUAGE sql STABLE AS $$
	SELECT jsonb_build_object('household', h.id::text, 'community', h.community::text,
		'state', ledger.household_state(p_city, p_id, p_day), 'applied_on', h.applied_on,
		'determined_on', h.determined_on, 'members',
		(SELECT jsonb_agg(jsonb_build_object('seeker', ledger.seeker_text(m.person),
				'rank', 'P' || (ledger.rank_of(p_city, m.person, p_day)).rank, 'able', m.able,
				'willing', m.willing, 'excluded', nullif(m.excluded, '')) ORDER BY m.person)
			FROM ledger.household_member m WHERE m.city = p_city AND m.household = p_id))
	FROM ledger.household h WHERE h.city = p_city AND h.id = p_id
$$;

CREATE FUNCTION ledger.register_household(p_who api.caller, p_body jsonb) RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	today   date := ledger.today(p_who.city);
	day     date := coalesce((p_body->>'determined_on')::date, today);
	home    bigint := (p_body->>'community')::bigint;
	members bigint[] := ARRAY(SELECT ledger.seeker_id(m->>'seeker')
		FROM jsonb_array_elements(p_body->'members') m);
	made    bigint;
	worker  bigint;
	n       int := 0;
BEGIN
	-- Locked by id, households first; a member out of scope is a member that does not exist.
	PERFORM FROM ledger.household h WHERE h.city = p_who.city AND h.id IN (SELECT m.household
		FROM ledger.household_member m WHERE m.city = p_who.city AND m.person = ANY (members))
		ORDER BY h.id FOR NO KEY UPDATE;
	PERFORM FROM ledger.seeker s WHERE s.city = p_who.city AND s.id = ANY (members)
		AND ledger.in_scope(p_who.scope, s.community) ORDER BY s.id FOR NO KEY UPDATE;
	GET DIAGNOSTICS n = ROW_COUNT;
	IF NOT ledger.in_scope(p_who.scope, home) OR n < cardinality(members) THEN
		RETURN api.refuse(404, 'not-found');
	END IF;
	SELECT m.person INTO worker FROM ledger.household_member m
		WHERE m.city = p_who.city AND m.person = ANY (members)
		  AND ledger.household_state(p_who.city, m.household, today) = ANY (CASE
			WHEN p_body->>'determined_on' IS NULL THEN '{applied,open,helped}'::text[]
			ELSE '{open,helped}' END)
		LIMIT 1;
	IF FOUND THEN
		RETURN api.refuse(409, 'wrong-state', jsonb_build_object('reason', 'already-in-household',
			'seeker', ledger.seeker_text(worker)));
	END IF;

	-- ZEH(d), domain.md 3.6, over the members as told.
	IF p_body->>'hukou_type' <> 'urban' OR (p_body->>'business_income')::boolean
			OR (p_body->>'investment_income')::boolean THEN
		RETURN api.refuse(422, 'not-zero-employment', jsonb_build_object('member', NULL,
			'reason', CASE WHEN p_body->>'hukou_type' <> 'urban' THEN 'hukou-not-urban'
			WHEN (p_body->>'business_income')::boolean THEN 'business-income'
			ELSE 'investment-income' END));
	END IF;
	n := 0;
	FOR worker IN SELECT p.id FROM jsonb_array_elements(p_body->'members') m
			JOIN ledger.person p ON p.city = p_who.city AND p.id = ledger.seeker_id(m->>'seeker')
			WHERE (m->>'able')::boolean AND (m->>'willing')::boolean
			  AND coalesce(m->>'excluded', 'false') = 'false'
			  AND ledger.age_on(p.birth, day) >= 16
			  AND ledger.age_on(p.birth, day) < ledger.retirement_age(p_who.city, p.id, p.sex, day)
			ORDER BY p.id LOOP
		n := n + 1;
		IF ledger.is_employed(p_who.city, worker, day) THEN
			RETURN api.refuse(422, 'not-zero-employment', jsonb_build_object(
				'member', ledger.seeker_text(worker), 'reason', 'employed'));
		ELSIF (ledger.unemployment_on(p_who.city, worker, day)).id IS NULL THEN
			RETURN api.refuse(422, 'not-zero-employment', jsonb_build_object(
				'member', ledger.seeker_text(worker), 'reason', 'not-registered-unemployed'));
		END IF;
	END LOOP;
	IF n = 0 THEN
		RETURN api.refuse(422, 'not-zero-employment', jsonb_build_object('member', NULL,
			'reason', 'nobody-of-working-age'));
	END IF;

	-- Determined: the application that was still without a decision has its answer.
	UPDATE ledger.household h SET ended_on = today, end_reason = 'determined'
		WHERE h.city = p_who.city AND h.determined_on IS NULL AND h.ended_on IS NULL
		  AND h.id IN (SELECT m.household FROM ledger.household_member m
			WHERE m.city = p_who.city AND m.person = ANY (members));
	INSERT INTO ledger.household (city, community, hukou_type, business_income, investment_income,
			applied_on, determined_on, kid, actor)
		VALUES (p_who.city, home, 'urban', false, false, (p_body->>'applied_on')::date,
			(p_body->>'determined_on')::date, p_who.kid, p_who.actor)
		RETURNING id INTO made;
	INSERT INTO ledger.household_member (city, household, person, able, willing, excluded)
		SELECT p_who.city, made, ledger.seeker_id(m->>'seeker'), (m->>'able')::boolean,
			(m->>'willing')::boolean, coalesce(nullif(m->>'excluded', 'false'), '')
		FROM jsonb_array_elements(p_body->'members') m;
	PERFORM ledger.rerank(p_who.city, members, today);
	RETURN api.answer(201, ledger.household_json(p_who.city, made, today));
END $$;

CREATE FUNCTION api.register_household(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_idem text, p_req bytea, p_body jsonb)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	a   api.reply  := api.admit(who, 4);
BEGIN
	IF a.status IS NULL THEN
		a := api.claim(who, p_idem, p_req);
	END IF;
	IF a.status IS NOT NULL THEN
		RETURN NEXT a;
		RETURN;
	END IF;
	RETURN QUERY SELECT * FROM api.keep(who, p_idem, ledger.register_household(who, p_body));
END $$;

CREATE FUNCTION api.read_household(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_id bigint)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	a   api.reply  := api.admit(who, 4);
BEGIN
	IF a.status IS NULL AND NOT EXISTS (SELECT FROM ledger.household h
			WHERE h.city = p_city AND h.id = p_id AND ledger.in_scope(who.scope, h.community)) THEN
		a := api.refuse(404, 'not-found');
	END IF;
	IF a.status IS NOT NULL THEN
		RETURN NEXT a;
		RETURN;
	END IF;
	PERFORM ledger.note_look(who, m.person, 'read_household') FROM ledger.household_member m
		WHERE m.city = p_city AND m.household = p_id;
	RETURN NEXT api.answer(200, ledger.household_json(p_city, p_id, ledger.today(p_city)));
END $$;
