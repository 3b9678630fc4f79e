-- Seekers: registered, read, amended.
--
-- A bureau registers, inside its scope; everything sealed stays sealed here, and a look at a
-- file is written down before the file goes out.  The same citizen number in another
-- bureau's scope is "already registered" without saying as whom.  Wishes and particulars are
-- replaced member by member; what stood before goes to the past tables.

-- The file that holds what is known of her: her own, or the one it was merged into.
CREATE OR REPLACE FUNCTION ledger.survivor(p_city int, p_id bigint) RETURNS bigint
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
CREATE OR REPLACE FUNCTION ledger.seeker_on(p_city int, p_id bigint, p_day date)
RETURNS ledger.seeker
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

CREATE OR REPLACE FUNCTION ledger.seeker_state(p ledger.seeker) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE WHEN p.withdrawn_on IS NOT NULL THEN 'withdrawn'
		WHEN p.active THEN 'seeking' ELSE 'placed' END
$$;

-- NULL for the day: as it is now.  For an earlier day the profile and the rank are those on
-- record then; `now_known` is the rank of that day by the registers as corrected since.
CREATE OR REPLACE FUNCTION ledger.seeker_json(p_city int, p_id bigint, p_day date DEFAULT NULL)
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
		'retirement_age', ledger.retirement_age(p_city, p, day))
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
					WHERE i.city = p_city AND i.certificate = c.id
					  AND i.on_day <= day))
			FROM ledger.certificate c WHERE c.city = p_city AND c.person = p_id
			  AND (c.void_on IS NULL OR c.void_on > day) AND c.issued_on <= day
			ORDER BY c.issued_on DESC, c.id DESC LIMIT 1));
END $$;

-- Why a file cannot be used, or NULL: out of scope is not there, and a merged one names
-- the file it went into.
CREATE OR REPLACE FUNCTION ledger.refuse_file(p_who api.caller, p_id bigint,
	p_pointer text DEFAULT 'path/seeker')
RETURNS api.reply
LANGUAGE plpgsql STABLE AS $$
DECLARE
	s ledger.seeker;
BEGIN
	SELECT * INTO s FROM ledger.seeker x WHERE x.city = p_who.city AND x.id = p_id;
	IF s.id IS NULL OR NOT ledger.in_scope(p_who.scope, s.community) THEN
		RETURN ledger.missing(p_pointer, ledger.seeker_text(p_id));
	ELSIF s.merged_into IS NOT NULL THEN
		RETURN api.refuse(410, 'seeker-merged', jsonb_build_object('survivor',
			ledger.seeker_text(ledger.survivor(p_who.city, p_id))));
	END IF;
	RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION api.read_seeker(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_id bigint, p_as_of date DEFAULT NULL)
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
		a := ledger.missing('query/as_of', p_as_of::text);
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

-- A file as an agency sees it: no name, number, birth date, household or rank, and no age that
-- would tell 4050 from the others with priority.  Its version is of what is shown, because the
-- file's own counts each change of a rank.
-- rules/masking
CREATE OR REPLACE FUNCTION ledger.masked_json(s ledger.seeker) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
	age   int;
	shown jsonb;
BEGIN
	SELECT ledger.age_on(p.birth, ledger.today(p.city)) INTO age FROM ledger.person p
		WHERE p.city = s.city AND p.id = s.id;
	shown := jsonb_build_object('seeker', ledger.seeker_text(s.id),
		'state', ledger.seeker_state(s),
		'district', left(s.community::text, 6), 'age_band', CASE WHEN age < 16 THEN 'under-16'
			WHEN age < 18 THEN '16-17' WHEN age < 60 THEN '18-59' ELSE '60-' END,
		'wishes', (SELECT jsonb_agg(ledger.wish_text(w) ORDER BY n)
			FROM unnest(s.wishes) WITH ORDINALITY u(w, n)),
		'education', s.education, 'experience', (SELECT coalesce(jsonb_agg(jsonb_build_object(
				'occupation', ledger.occupation_text(get_byte(s.experience, n * 6) << 24
					| get_byte(s.experience, n * 6 + 1) << 16
					| get_byte(s.experience, n * 6 + 2) << 8 | get_byte(s.experience, n * 6 + 3)),
				'months', get_byte(s.experience, n * 6 + 4) << 8
					| get_byte(s.experience, n * 6 + 5)) ORDER BY n), '[]')
			FROM generate_series(0, octet_length(s.experience) / 6 - 1) n),
		'priority', s.rank <= 3);
	RETURN shown || jsonb_build_object('version', greatest(1,
		('x' || left(encode(sha256(convert_to(shown::text, 'UTF8')), 'hex'), 8))::bit(32)::bigint));
END $$;

CREATE OR REPLACE FUNCTION ledger.masked_seeker(p_who api.caller, p_id bigint) RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	s ledger.seeker;
BEGIN
	SELECT * INTO s FROM ledger.seeker x WHERE x.city = p_who.city AND x.id = p_id;
	IF s.id IS NULL OR NOT ledger.in_scope(p_who.scope, s.community) THEN
		RETURN ledger.missing('path/seeker', ledger.seeker_text(p_id));
	ELSIF s.merged_into IS NOT NULL THEN
		RETURN api.refuse(410, 'seeker-merged');
	END IF;
	PERFORM ledger.note_look(p_who, p_id, 'read_masked');
	RETURN api.answer(200, ledger.masked_json(s));
END $$;

-- Amended, member by member: what p_body does not name stays.  `phone` and `address` are
-- sealed; p_body says "set" or "none" for those that are named, and their blind indexes tell
-- whether they change.
CREATE OR REPLACE FUNCTION ledger.amend_seeker(p_who api.caller, p_id bigint, p_if_match bigint,
	p_body jsonb, p_phone bytea, p_address bytea)
RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	today date := ledger.today(p_who.city);
	a     api.reply;
	s     ledger.seeker;
	n     ledger.seeker;
	p     ledger.person;
	rings boolean;
	moves boolean;
BEGIN
	PERFORM FROM ledger.seeker x WHERE x.city = p_who.city AND x.id = p_id FOR NO KEY UPDATE;
	a := ledger.refuse_file(p_who, p_id);
	IF a.status IS NOT NULL THEN
		RETURN a;
	END IF;
	SELECT * INTO s FROM ledger.seeker x WHERE x.city = p_who.city AND x.id = p_id;
	SELECT * INTO p FROM ledger.person x WHERE x.city = p_who.city AND x.id = p_id;
	IF p_if_match <> s.version THEN
		RETURN api.refuse(412, 'version-changed', jsonb_build_object('version', s.version));
	ELSIF p_body ? 'community'
			AND NOT ledger.in_scope(p_who.scope, (p_body->>'community')::bigint) THEN
		RETURN ledger.missing('/community', p_body->>'community');
	END IF;
	n := s;
	n.community := coalesce((p_body->>'community')::bigint, s.community);
	n.pay_wish := coalesce((p_body->>'pay_wish')::int, s.pay_wish);
	n.farthest := coalesce((p_body->>'farthest')::int, s.farthest);
	n.shifts := coalesce((p_body->>'shifts')::int, s.shifts);
	n.forms := coalesce((p_body->>'forms')::int, s.forms);
	n.education := coalesce(p_body->>'education', s.education);
	n.education_rank := coalesce((p_body->>'education_rank')::int, s.education_rank);
	n.skills := coalesce(decode(p_body->>'skills', 'hex'), s.skills);
	n.licences := coalesce(decode(p_body->>'licences', 'hex'), s.licences);
	n.experience := coalesce(decode(p_body->>'experience', 'hex'), s.experience);
	IF p_body ? 'wishes' THEN
		n.wishes := ARRAY(SELECT w::int FROM jsonb_array_elements_text(p_body->'wishes') w);
	END IF;
	-- A telephone without a digit has no blind index, and counts as another.
	rings := p_body ? 'phone'
		AND (decode(p_body->>'phone_blind', 'hex') IS DISTINCT FROM p.phone_blind
			OR p.phone_blind IS NULL AND (p_body->>'phone' = 'set' OR p.phone IS NOT NULL));
	moves := p_body ? 'address'
		AND decode(p_body->>'address_blind', 'hex') IS DISTINCT FROM p.address_blind;
	IF n IS NOT DISTINCT FROM s AND NOT rings AND NOT moves THEN
		RETURN api.unchanged(ledger.standing_json(p_who.city, p_id) || '{"changed": false}');
	END IF;
	IF rings OR moves THEN
		INSERT INTO ledger.person_past (city, person, until_on, phone, address)
			VALUES (p_who.city, p_id, today, p.phone, p.address);
		UPDATE ledger.person x SET
			phone = CASE WHEN rings THEN p_phone ELSE x.phone END,
			phone_blind = CASE WHEN rings THEN decode(p_body->>'phone_blind', 'hex')
				ELSE x.phone_blind END,
			address = CASE WHEN moves THEN p_address ELSE x.address END,
			address_blind = CASE WHEN moves THEN decode(p_body->>'address_blind', 'hex')
				ELSE x.address_blind END
			WHERE x.city = p_who.city AND x.id = p_id;
	END IF;
	UPDATE ledger.seeker x SET version = x.version + 1, community = n.community,
		pay_wish = n.pay_wish, farthest = n.farthest, shifts = n.shifts, forms = n.forms,
		education = n.education, education_rank = n.education_rank, wishes = n.wishes,
		skills = n.skills, licences = n.licences, experience = n.experience
		WHERE x.city = p_who.city AND x.id = p_id;
	PERFORM ledger.note_change(p_who, p_id, 'amend', NULL, today, NULL);
	RETURN api.answer(200, ledger.standing_json(p_who.city, p_id) || '{"changed": true}');
END $$;

CREATE OR REPLACE FUNCTION api.amend_seeker(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_id bigint, p_if_match bigint, p_body jsonb, p_phone bytea, p_address bytea)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	a   api.reply  := api.admit_call(who, 'seekers.change');
BEGIN
	IF a.status IS NULL THEN
		a := ledger.amend_seeker(who, p_id, p_if_match, p_body, p_phone, p_address);
	END IF;
	RETURN QUERY SELECT * FROM api.keep(who, NULL, 'seeker/' || ledger.seeker_text(p_id), a);
END $$;
