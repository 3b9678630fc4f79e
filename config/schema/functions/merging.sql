-- Two files of one person made one, by decision.
--
-- Two files are made one by a person who has looked at both; the ledger only says which
-- might be the same, by blind indexes.  Placements and facts go over to the file that
-- stays, each move is kept, so another officer can take it all back for 30 days while
-- nothing else has happened to them.  Looks are not moved, because the record of who looked
-- is never rewritten; ledger.same_person() finds them.

-- One person's ids: her own, and those of the files that went into hers.
CREATE OR REPLACE FUNCTION ledger.same_person(p_city int, p_id bigint) RETURNS bigint[]
LANGUAGE sql STABLE AS $$
	WITH RECURSIVE one(id) AS (
		SELECT p_id
		UNION
		SELECT s.id FROM one JOIN ledger.seeker s ON s.city = p_city AND s.merged_into = one.id)
	SELECT array_agg(id) FROM one
$$;

-- Changes with every row that hangs on her.
CREATE OR REPLACE FUNCTION ledger.facts_digest(p_city int, p_person bigint) RETURNS text
LANGUAGE sql STABLE AS $$
	SELECT md5(coalesce(string_agg(x.line, chr(10) ORDER BY x.line), '')) FROM (
		SELECT p::text FROM ledger.placement p WHERE p.city = p_city AND p.seeker = p_person
		UNION ALL SELECT e::text FROM ledger.employment e
			WHERE e.city = p_city AND e.person = p_person
		UNION ALL SELECT u::text FROM ledger.unemployment u
			WHERE u.city = p_city AND u.person = p_person
		UNION ALL SELECT r::text FROM ledger.recognition r
			WHERE r.city = p_city AND r.person = p_person
		UNION ALL SELECT c::text FROM ledger.certificate c
			WHERE c.city = p_city AND c.person = p_person
		UNION ALL SELECT f::text FROM ledger.retirement_fact f
			WHERE f.city = p_city AND f.person = p_person
		UNION ALL SELECT m::text FROM ledger.household_member m
			WHERE m.city = p_city AND m.person = p_person
		UNION ALL SELECT n::text FROM ledger.enrolment n
			WHERE n.city = p_city AND n.seeker = p_person) x(line)
$$;

-- Moves the rows named in merge_moved from one file to the other.
CREATE OR REPLACE FUNCTION ledger.move_facts(p_city int, p_merge bigint, p_from bigint, p_to bigint)
RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	row ledger.merge_moved;
BEGIN
	FOR row IN SELECT * FROM ledger.merge_moved m WHERE m.city = p_city AND m.merge = p_merge LOOP
		CASE row.what
		WHEN 'placement' THEN
			UPDATE ledger.placement x SET seeker = p_to
				WHERE x.city = p_city AND x.id = row.key::bigint;
			UPDATE ledger.employment x SET person = p_to
				WHERE x.city = p_city AND x.placement = row.key::bigint;
		WHEN 'referral' THEN
			UPDATE ledger.referral x SET seeker = p_to
				WHERE x.city = p_city AND x.id = row.key::bigint;
		WHEN 'enrolment' THEN -- in all its versions
			UPDATE ledger.enrolment x SET seeker = p_to
				WHERE x.city = p_city AND x.id = row.key::bigint AND x.seeker = p_from;
		WHEN 'unemployment', 'recognition', 'certificate' THEN
			EXECUTE format('UPDATE ledger.%I SET person = $1 WHERE city = $2 AND id = $3', row.what)
				USING p_to, p_city, row.key::bigint;
		WHEN 'retirement_fact' THEN
			UPDATE ledger.retirement_fact x SET person = p_to
				WHERE x.city = p_city AND x.person = p_from AND x.since = row.key::date;
		WHEN 'household_member' THEN
			UPDATE ledger.household_member x SET person = p_to
				WHERE x.city = p_city AND x.household = split_part(row.key, '/', 1)::bigint
				  AND x.person = p_from AND x.joined_on = split_part(row.key, '/', 2)::date;
		END CASE;
	END LOOP;
	PERFORM ledger.note_busy(p_city, x, ledger.app_now(p_city)) FROM unnest(ARRAY[p_from, p_to]) x;
END $$;

-- Why two files cannot be one as they stand, or NULL.
-- rules/merging
CREATE OR REPLACE FUNCTION ledger.refuse_merge(p_city int, p_a bigint, p_b bigint, p_today date)
RETURNS api.reply
LANGUAGE plpgsql STABLE AS $$
DECLARE
	x bigint;
	y bigint;
BEGIN
	SELECT a.id, b.id INTO x, y FROM ledger.placement a
		JOIN ledger.placement b ON b.city = a.city AND b.seeker = p_b AND ledger.is_job(b.state)
		LEFT JOIN ledger.employment ea ON ea.city = a.city AND ea.placement = a.id
		LEFT JOIN ledger.employment eb ON eb.city = b.city AND eb.placement = b.id
		WHERE a.city = p_city AND a.seeker = p_a AND ledger.is_job(a.state) AND (a.vacancy = b.vacancy
			OR a.start_on < coalesce(eb.ended_on, 'infinity')
			AND b.start_on < coalesce(ea.ended_on, 'infinity'))
		ORDER BY a.id, b.id LIMIT 1;
	IF FOUND THEN
		RETURN api.refuse(409, 'merge-refused', jsonb_build_object('reason', 'placements',
			'placements', jsonb_build_array(x::text, y::text)));
	END IF;
	SELECT a.id, b.id INTO x, y FROM ledger.certificate a JOIN ledger.certificate b
		ON b.city = a.city AND b.person = p_b AND b.void_on IS NULL
		WHERE a.city = p_city AND a.person = p_a AND a.void_on IS NULL;
	IF FOUND THEN
		RETURN api.refuse(409, 'merge-refused', '{"reason": "certificates"}');
	END IF;
	SELECT a.household, b.household INTO x, y FROM ledger.household_member a
		JOIN ledger.household_member b ON b.city = a.city AND b.person = p_b
			AND (a.household = b.household OR (a.left_on IS NULL OR a.left_on > p_today)
				AND (b.left_on IS NULL OR b.left_on > p_today))
		JOIN ledger.household h ON h.city = a.city AND h.id = a.household AND h.ended_on IS NULL
		JOIN ledger.household g ON g.city = b.city AND g.id = b.household AND g.ended_on IS NULL
		WHERE a.city = p_city AND a.person = p_a
		LIMIT 1;
	IF FOUND THEN
		RETURN api.refuse(409, 'merge-refused', jsonb_build_object('reason', 'households',
			'households', jsonb_build_array(x::text, y::text)));
	END IF;
	RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION ledger.merge_json(p ledger.merge) RETURNS jsonb
LANGUAGE sql STABLE AS $$
	SELECT ledger.standing_json((p).city, (p).survivor) || jsonb_build_object(
		'merge', (p).id::text, 'duplicate', ledger.seeker_text((p).duplicate),
		'moved', (SELECT coalesce(jsonb_object_agg(x.what, x.n), '{}') FROM (
			SELECT m.what, count(*) AS n FROM ledger.merge_moved m
			WHERE m.city = (p).city AND m.merge = (p).id GROUP BY m.what) x))
$$;

CREATE OR REPLACE FUNCTION ledger.merge_seekers(p_who api.caller, p_id bigint, p_body jsonb)
RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	today date := ledger.today(p_who.city);
	dup   bigint := ledger.seeker_id(p_body->>'duplicate');
	kin   bigint[] := ledger.lock_files(p_who.city, ARRAY[p_id, dup]);
	a     api.reply := ledger.refuse_file(p_who, p_id);
	m     ledger.merge;
BEGIN
	IF a.status IS NULL THEN
		a := ledger.refuse_file(p_who, dup, '/duplicate');
	END IF;
	IF a.status IS NULL AND p_id = dup THEN
		a := ledger.refuse_fault(ledger.fault('/duplicate', 'together', p_body->>'duplicate',
			'another file than the one that stays', 'The two values cannot stand together.',
			'这两个值不能同时出现。'));
	END IF;
	IF a.status IS NULL THEN
		a := ledger.refuse_merge(p_who.city, p_id, dup, today);
	END IF;
	IF a.status IS NOT NULL THEN
		RETURN a;
	END IF;
	INSERT INTO ledger.merge (city, survivor, duplicate, reason, on_day, facts, kid, actor)
		VALUES (p_who.city, p_id, dup, p_body->>'reason', today, '', p_who.kid, p_who.actor)
		RETURNING * INTO m;
	INSERT INTO ledger.merge_moved (city, merge, what, key)
		SELECT m.city, m.id, 'placement', p.id::text FROM ledger.placement p
			WHERE p.city = m.city AND p.seeker = dup
		UNION ALL SELECT m.city, m.id, 'referral', r.id::text FROM ledger.referral r
			WHERE r.city = m.city AND r.seeker = dup
		UNION ALL SELECT m.city, m.id, 'unemployment', u.id::text FROM ledger.unemployment u
			WHERE u.city = m.city AND u.person = dup
		UNION ALL SELECT m.city, m.id, 'recognition', r.id::text FROM ledger.recognition r
			WHERE r.city = m.city AND r.person = dup
		UNION ALL SELECT m.city, m.id, 'certificate', c.id::text FROM ledger.certificate c
			WHERE c.city = m.city AND c.person = dup
		UNION ALL SELECT DISTINCT m.city, m.id, 'enrolment', n.id::text FROM ledger.enrolment n
			WHERE n.city = m.city AND n.seeker = dup
		UNION ALL SELECT m.city, m.id, 'retirement_fact', f.since::text FROM ledger.retirement_fact f
			WHERE f.city = m.city AND f.person = dup AND NOT EXISTS (SELECT
				FROM ledger.retirement_fact o WHERE o.city = m.city AND o.person = p_id
				AND o.since = f.since)
		UNION ALL SELECT m.city, m.id, 'household_member', h.household || '/' || h.joined_on
			FROM ledger.household_member h WHERE h.city = m.city AND h.person = dup
			AND NOT EXISTS (SELECT FROM ledger.household_member o WHERE o.city = m.city
				AND o.household = h.household AND o.person = p_id AND o.joined_on = h.joined_on);
	PERFORM ledger.move_facts(m.city, m.id, dup, p_id);
	PERFORM ledger.end_by_work(p) FROM ledger.placement p JOIN ledger.employment e
		ON e.city = p.city AND e.placement = p.id AND e.void_on IS NULL
		WHERE p.city = m.city AND p.seeker = p_id;
	UPDATE ledger.merge x SET facts = ledger.facts_digest(m.city, p_id)
		WHERE x.city = m.city AND x.id = m.id;
	UPDATE ledger.seeker s SET version = s.version + 1, active = false, merged_into = p_id
		WHERE s.city = m.city AND s.id = dup;
	PERFORM ledger.note_change(p_who, p_id, 'merge', m.id, today, p_body->>'reason');
	PERFORM ledger.rerank(m.city, kin, today, p_id);
	RETURN api.answer(201, ledger.merge_json(m));
END $$;

-- Taken back, by another officer than who decided it, within 30 days, while the facts
-- stand as they stood then.
CREATE OR REPLACE FUNCTION ledger.unmerge_seekers(p_who api.caller, p_id bigint, p_body jsonb)
RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	today date := ledger.today(p_who.city);
	dup   bigint := ledger.seeker_id(p_body->>'duplicate');
	kin   bigint[] := ledger.lock_files(p_who.city, ARRAY[p_id, dup]);
	a     api.reply := ledger.refuse_file(p_who, p_id);
	m     ledger.merge;
BEGIN
	IF a.status IS NOT NULL THEN
		RETURN a;
	END IF;
	SELECT * INTO m FROM ledger.merge x WHERE x.city = p_who.city AND x.duplicate = dup
		AND x.survivor = p_id AND x.undone_on IS NULL;
	IF m.id IS NULL THEN
		RETURN ledger.missing('/duplicate', p_body->>'duplicate');
	ELSIF ledger.same_hand(p_who, m.kid, m.actor) THEN
		RETURN ledger.refuse_same_hand(p_who, m.kid, m.actor);
	ELSIF today - m.on_day > 30 THEN
		RETURN ledger.wrong_state('too-late', jsonb_build_object('merged_on', m.on_day));
	ELSIF m.facts <> ledger.facts_digest(m.city, p_id) THEN
		RETURN ledger.wrong_state('changed-since', jsonb_build_object('merged_on', m.on_day));
	END IF;
	PERFORM ledger.move_facts(m.city, m.id, p_id, dup);
	PERFORM ledger.end_otherwise(m.city, ARRAY(SELECT u.id FROM ledger.unemployment u
		JOIN ledger.placement p ON p.city = u.city AND p.id = u.ended_by AND p.seeker <> u.person
		WHERE u.city = m.city AND u.person IN (p_id, dup)));
	UPDATE ledger.merge x SET undone_on = today, undone_kid = p_who.kid,
		undone_actor = p_who.actor, undone_for = p_body->>'reason'
		WHERE x.city = m.city AND x.id = m.id;
	UPDATE ledger.seeker s SET version = s.version + 1, merged_into = NULL
		WHERE s.city = m.city AND s.id = dup;
	PERFORM ledger.note_change(p_who, p_id, 'unmerge', m.id, today, p_body->>'reason');
	PERFORM ledger.rerank(m.city, kin, today, p_id);
	RETURN api.answer(200, ledger.merge_json(m));
END $$;

-- p_what: "merge" or "unmerge".
CREATE OR REPLACE FUNCTION api.merge_seekers(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_idem text, p_req bytea, p_id bigint, p_what text, p_body jsonb)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	a   api.reply  := api.admit_once(who, 'seekers.' || p_what, p_idem, p_req);
BEGIN
	IF a.status IS NULL THEN
		a := CASE p_what
			WHEN 'merge' THEN ledger.merge_seekers(who, p_id, p_body)
			ELSE ledger.unmerge_seekers(who, p_id, p_body) END;
	END IF;
	RETURN QUERY SELECT * FROM api.keep(who, p_idem, 'seeker/' || ledger.seeker_text(p_id), a);
END $$;

-- Her sealed number alone, for the daemon to look for numbers that were mistyped.
CREATE OR REPLACE FUNCTION api.read_identity(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_id bigint)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	a   api.reply  := api.admit(who, 'seekers.duplicates');
BEGIN
	IF a.status IS NULL THEN
		a := ledger.refuse_file(who, p_id);
	END IF;
	IF a.status IS NOT NULL THEN
		RETURN NEXT a;
		RETURN;
	END IF;
	PERFORM ledger.note_look(who, p_id, 'find_duplicates');
	RETURN NEXT api.answer(200);
	RETURN QUERY SELECT 'x'::"char", NULL::int, NULL::text, NULL::text, p.id, NULL::bigint,
			p.citizen, 'citizen'
		FROM ledger.person p WHERE p.city = p_city AND p.id = p_id;
END $$;

-- Files that may be the same person's, each with why: for people to decide.
CREATE OR REPLACE FUNCTION api.list_duplicates(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_id bigint, p_blinds bytea[])
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	a   api.reply  := api.admit(who, 'seekers.duplicates');
	p   ledger.person;
BEGIN
	IF a.status IS NULL THEN
		a := ledger.refuse_file(who, p_id);
	END IF;
	IF a.status IS NULL THEN
		SELECT * INTO p FROM ledger.person x WHERE x.city = p_city AND x.id = p_id;
		a := api.answer(200, jsonb_build_object('seeker', ledger.seeker_text(p_id), 'items',
			(SELECT coalesce(jsonb_agg(jsonb_build_object('seeker', ledger.seeker_text(c.id),
					'reasons', c.reasons, 'state', ledger.seeker_state(s),
					'community', s.community::text, 'registered_on', o.registered_on)
					ORDER BY cardinality(c.reasons) DESC, c.id), '[]')
			FROM (SELECT f.id, array_agg(f.reason ORDER BY f.reason) AS reasons
				FROM (SELECT x.id, 'name-and-birth' AS reason FROM ledger.person x
						WHERE x.city = p_city AND x.name_blind = p.name_blind AND x.birth = p.birth
					UNION ALL SELECT x.id, 'number-transposed' FROM ledger.person x
						WHERE x.city = p_city AND x.blind = ANY (p_blinds)
					UNION ALL (SELECT x.id, 'telephone' FROM ledger.person x
						WHERE x.city = p_city AND x.phone_blind = p.phone_blind LIMIT 50)) f
				WHERE f.id <> p_id GROUP BY f.id) c
			JOIN ledger.seeker s ON s.city = p_city AND s.id = c.id AND s.merged_into IS NULL
				AND ledger.in_scope(who.scope, s.community)
			JOIN ledger.person o ON o.city = p_city AND o.id = c.id)));
	END IF;
	RETURN NEXT a;
END $$;
