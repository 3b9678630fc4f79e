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
	INSERT INTO ledger.person (city, id, blind, citizen, name, phone, address, name_blind,
			phone_blind, sex, birth, grp, hukou_type, hukou_division, registered_on, kid, actor)
		VALUES (p_who.city, p_id, p_blind, p_citizen, p_name, p_phone, p_address,
			decode(p_body->>'name_blind', 'hex'), decode(p_body->>'phone_blind', 'hex'),
			(p_body->>'sex')::int, born, p_body->>'group', p_body->>'hukou_type',
			p_body->>'hukou_division', today, p_who.kid, p_who.actor)
		ON CONFLICT (city, blind) DO NOTHING;
	IF NOT FOUND THEN
		SELECT s.* INTO old FROM ledger.person p
			JOIN ledger.seeker s ON s.city = p.city AND s.id = p.id
			WHERE p.city = p_who.city AND p.blind = p_blind;
		SELECT * INTO old FROM ledger.seeker s WHERE s.city = p_who.city
			AND s.id = ledger.survivor(p_who.city, old.id);
		RETURN api.refuse(409, 'already-registered',
			CASE WHEN ledger.in_scope(p_who.scope, old.community)
			THEN jsonb_build_object('seeker', ledger.seeker_text(old.id)) ELSE '{}' END);
	END IF;
	PERFORM ledger.write_facts(p_who, p_id, born, p_body);
	r := ledger.rank_of(p_who.city, p_id, today);
	INSERT INTO ledger.seeker (city, id, community, rank, rank_reason, rank_on, age_class,
			class_until, waiting_since, waits_from, pay_wish, farthest, shifts, forms, education,
			education_rank, wishes, skills, licences, experience)
		VALUES (p_who.city, p_id, home, r.rank, r.reason, today, r.age_class, r.class_until,
			coalesce((p_body->'unemployment'->>'since')::date, today),
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
	a   api.reply  := api.admit(who, 'seekers.create');
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

-- The file that holds what is known of her: her own, or the one it was merged into.
CREATE FUNCTION ledger.survivor(p_city int, p_id bigint) RETURNS bigint
LANGUAGE plpgsql STABLE AS $$
DECLARE
	at   bigint := p_id;
	next bigint;
BEGIN
	LOOP
		SELECT s.merged_into INTO next FROM ledger.seeker s WHERE s.city = p_city AND s.id = at;
		IF next IS NULL THEN
			RETURN at;
		END IF;
		at := next;
	END LOOP;
END $$;

-- Her row as it stood on the evening of a day.
CREATE FUNCTION ledger.seeker_on(p_city int, p_id bigint, p_day date) RETURNS ledger.seeker
LANGUAGE plpgsql STABLE AS $$
DECLARE
	s   ledger.seeker;
	was ledger.seeker_past;
BEGIN
	SELECT * INTO s FROM ledger.seeker x WHERE x.city = p_city AND x.id = p_id;
	SELECT * INTO was FROM ledger.seeker_past x WHERE x.city = p_city AND x.seeker = p_id
		AND x.until_on > p_day ORDER BY x.version LIMIT 1;
	IF FOUND THEN
		s.version := was.version;
		s.active := was.active;
		s.community := was.community;
		s.rank := was.rank;
		s.rank_reason := was.rank_reason;
		s.rank_on := was.rank_on;
		s.age_class := was.age_class;
		s.class_until := was.class_until;
		s.waiting_since := was.waiting_since;
		s.withdrawn_on := was.withdrawn_on;
		s.withdrawn_for := was.withdrawn_for;
		s.pay_wish := was.pay_wish;
		s.farthest := was.farthest;
		s.shifts := was.shifts;
		s.forms := was.forms;
		s.education := was.education;
		s.wishes := was.wishes;
		s.skills := was.skills;
		s.licences := was.licences;
		s.experience := was.experience;
	END IF;
	RETURN s;
END $$;

CREATE FUNCTION ledger.seeker_state(p ledger.seeker) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE WHEN p.withdrawn_on IS NOT NULL THEN 'withdrawn'
		WHEN p.active THEN 'seeking' ELSE 'placed' END
$$;

-- NULL for the day: as it is now.  For an earlier day the profile and the rank are those on
-- record then; `now_known` is the rank of that day by the registers as corrected since.
CREATE FUNCTION ledger.seeker_json(p_city int, p_id bigint, p_day date DEFAULT NULL)
RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
	day date := coalesce(p_day, ledger.today(p_city));
	p   ledger.person;
	s   ledger.seeker := ledger.seeker_on(p_city, p_id, coalesce(p_day, 'infinity'));
	r   ledger.standing := ledger.rank_of(p_city, p_id, day);
	u   ledger.unemployment := ledger.unemployment_on(p_city, p_id, day);
BEGIN
	SELECT * INTO p FROM ledger.person WHERE city = p_city AND id = p_id;
	RETURN jsonb_build_object('seeker', ledger.seeker_text(p_id), 'version', s.version,
		'active', s.active, 'state', ledger.seeker_state(s),
		'registered_on', p.registered_on, 'sex', p.sex, 'birth', p.birth,
		'community', s.community::text,
		'hukou', jsonb_build_object('type', p.hukou_type, 'division', p.hukou_division),
		'education', s.education, 'skills', encode(s.skills, 'hex'),
		'licences', encode(s.licences, 'hex'), 'experience', encode(s.experience, 'hex'),
		'wishes', to_jsonb(s.wishes), 'pay_wish', s.pay_wish, 'farthest', s.farthest,
		'shifts', s.shifts, 'forms', s.forms, 'group', p.grp,
		'retirement_age', ledger.retirement_age(p_city, p_id, p.sex, day))
	|| CASE WHEN p_day IS NULL THEN jsonb_build_object('rank', 'P' || r.rank,
			'rank_reason', r.reason, 'rank_on', day,
			'age_class', ledger.age_class_name(r.age_class), 'class_until', r.class_until)
		ELSE jsonb_build_object('as_of', p_day, 'rank', 'P' || s.rank,
			'rank_reason', s.rank_reason, 'rank_on', s.rank_on,
			'age_class', ledger.age_class_name(s.age_class), 'class_until', s.class_until,
			'now_known', jsonb_build_object('rank', 'P' || r.rank, 'rank_reason', r.reason)) END
	|| jsonb_build_object('waiting_since', s.waiting_since,
		'withdrawn', CASE WHEN s.withdrawn_on IS NOT NULL THEN jsonb_build_object(
			'on', s.withdrawn_on, 'reason', s.withdrawn_for) END,
		'household', (SELECT m.household::text FROM ledger.household_member m
			WHERE m.city = p_city AND m.person = p_id AND m.joined_on <= day
			  AND (m.left_on IS NULL OR day < m.left_on) ORDER BY m.household DESC LIMIT 1),
		'unemployment', CASE WHEN u.id IS NOT NULL THEN jsonb_build_object('id', u.id::text,
			'since', u.since, 'prior_job', u.prior_job, 'laid_off', u.laid_off) END,
		'recognitions', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', c.id::text,
				'code', c.code, 'on', c.recognised_on, 'ended_on', c.ended_on)
				ORDER BY c.recognised_on, c.id), '[]')
			FROM ledger.recognition c WHERE c.city = p_city AND c.person = p_id
			  AND (c.void_on IS NULL OR c.void_on > day) AND c.recognised_on <= day),
		'certificate', (SELECT jsonb_build_object('id', c.id::text, 'number', c.number,
				'group', c.grp, 'issued_on', c.issued_on, 'valid_to', c.valid_to, 'inspected',
				(SELECT coalesce(jsonb_agg(i.year ORDER BY i.year), '[]') FROM ledger.inspection i
					WHERE i.city = p_city AND i.certificate = c.id))
			FROM ledger.certificate c WHERE c.city = p_city AND c.person = p_id
			  AND (c.void_on IS NULL OR c.void_on > day) AND c.issued_on <= day
			ORDER BY c.issued_on DESC, c.id DESC LIMIT 1));
END $$;

CREATE FUNCTION ledger.note_look(p_who api.caller, p_person bigint, p_what text) RETURNS void
LANGUAGE sql AS $$
	INSERT INTO ledger.person_look (city, person, kid, actor, what, officer, on_behalf)
	VALUES (p_who.city, p_person, p_who.kid, p_who.actor, p_what, p_who.officer, p_who.on_behalf)
$$;

-- Why a file cannot be used, or NULL: out of scope is not there, and a merged one names
-- the file it went into.
CREATE FUNCTION ledger.refuse_file(p_who api.caller, p_id bigint) RETURNS api.reply
LANGUAGE plpgsql STABLE AS $$
DECLARE
	s ledger.seeker;
BEGIN
	SELECT * INTO s FROM ledger.seeker x WHERE x.city = p_who.city AND x.id = p_id;
	IF s.id IS NULL OR NOT ledger.in_scope(p_who.scope, s.community) THEN
		RETURN api.refuse(404, 'not-found');
	ELSIF s.merged_into IS NOT NULL THEN
		RETURN api.refuse(410, 'seeker-merged', jsonb_build_object('survivor',
			ledger.seeker_text(ledger.survivor(p_who.city, p_id))));
	END IF;
	RETURN NULL;
END $$;

CREATE FUNCTION api.read_seeker(p_city int, p_kid text, p_hash bytea, p_actor text, p_id bigint,
	p_as_of date DEFAULT NULL)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	a   api.reply  := api.admit(who, 'seekers.read');
BEGIN
	IF a.status IS NULL AND who.role = 2 THEN
		a := CASE WHEN p_as_of IS NULL THEN ledger.masked_seeker(who, p_id)
			ELSE api.refuse(403, 'role-refused') END;
	ELSIF a.status IS NULL THEN
		a := ledger.refuse_file(who, p_id);
	END IF;
	IF a.status IS NULL AND p_as_of < (SELECT p.registered_on FROM ledger.person p
			WHERE p.city = p_city AND p.id = p_id) THEN
		a := api.refuse(404, 'not-found');
	END IF;
	IF a.status IS NOT NULL THEN
		RETURN NEXT a;
		RETURN;
	END IF;
	PERFORM ledger.note_look(who, p_id, 'read_seeker');
	RETURN NEXT api.answer(200, ledger.seeker_json(p_city, p_id, p_as_of));
	RETURN QUERY SELECT 'x'::"char", NULL::int, NULL::text, NULL::text, p.id, NULL::bigint,
			x.sealed, x.name
		FROM ledger.person p
		LEFT JOIN LATERAL (SELECT o.id, o.phone, o.address FROM ledger.person_past o
			WHERE o.city = p.city AND o.person = p.id AND o.until_on > p_as_of
			ORDER BY o.id LIMIT 1) was ON true,
			LATERAL (VALUES ('citizen', p.citizen), ('name', p.name),
				('phone', CASE WHEN was.id IS NULL THEN p.phone ELSE was.phone END),
				('address', CASE WHEN was.id IS NULL THEN p.address ELSE was.address END))
				x(name, sealed)
		WHERE p.city = p_city AND p.id = p_id AND x.sealed IS NOT NULL;
END $$;

-- As it stood on a day: who belonged to it, and with which rank.
CREATE FUNCTION ledger.household_json(p_city int, p_id bigint, p_day date) RETURNS jsonb
LANGUAGE sql STABLE AS $$
	SELECT jsonb_build_object('household', h.id::text, 'version', h.version,
		'community', h.community::text,
		'state', ledger.household_state(p_city, p_id, p_day), 'applied_on', h.applied_on,
		'determined_on', h.determined_on,
		'ended', CASE WHEN h.ended_on <= p_day THEN jsonb_build_object('on', h.ended_on,
			'reason', h.end_reason) END, 'members',
		(SELECT coalesce(jsonb_agg(jsonb_build_object('seeker', ledger.seeker_text(m.person),
				'rank', 'P' || (ledger.rank_of(p_city, m.person, p_day)).rank, 'able', m.able,
				'willing', m.willing, 'excluded', nullif(m.excluded, ''),
				'joined_on', nullif(m.joined_on, '-infinity')) ORDER BY m.person), '[]')
			FROM ledger.household_member m WHERE m.city = p_city AND m.household = p_id
			  AND m.joined_on <= p_day AND (m.left_on IS NULL OR p_day < m.left_on)))
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
		AND ledger.in_scope(p_who.scope, s.community) AND s.merged_into IS NULL
		ORDER BY s.id FOR NO KEY UPDATE;
	GET DIAGNOSTICS n = ROW_COUNT;
	IF NOT ledger.in_scope(p_who.scope, home) OR n < cardinality(members) THEN
		RETURN api.refuse(404, 'not-found');
	END IF;
	SELECT m.person INTO worker FROM ledger.household_member m
		WHERE m.city = p_who.city AND m.person = ANY (members)
		  AND (m.left_on IS NULL OR today < m.left_on) AND ledger.household_state(p_who.city, m.household, today) = ANY (CASE
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
	UPDATE ledger.household h SET ended_on = today, end_reason = 'determined',
		version = h.version + 1
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
	a   api.reply  := api.admit(who, 'households.create');
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
	p_id bigint, p_as_of date DEFAULT NULL)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	a   api.reply  := api.admit(who, 'households.read');
BEGIN
	IF a.status IS NULL AND NOT EXISTS (SELECT FROM ledger.household h
			WHERE h.city = p_city AND h.id = p_id AND ledger.in_scope(who.scope, h.community)
			  AND (p_as_of IS NULL OR h.applied_on <= p_as_of)) THEN
		a := api.refuse(404, 'not-found');
	END IF;
	IF a.status IS NOT NULL THEN
		RETURN NEXT a;
		RETURN;
	END IF;
	PERFORM ledger.note_look(who, m.person, 'read_household')
		FROM (SELECT DISTINCT x.person FROM ledger.household_member x
			WHERE x.city = p_city AND x.household = p_id) m;
	RETURN NEXT api.answer(200, ledger.household_json(p_city, p_id,
		coalesce(p_as_of, ledger.today(p_city)))
		|| CASE WHEN p_as_of IS NULL THEN '{}' ELSE jsonb_build_object('as_of', p_as_of) END);
END $$;
