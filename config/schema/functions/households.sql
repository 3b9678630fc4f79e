-- Households: determined, read, who joins and leaves, which there are.
--
-- A list of members replaces the list that stands, from a day on; who is left out leaves on
-- that day, and nobody's membership is ever deleted.  No state is written here: one who leaves
-- may open it again, and all members' ranks follow in the same transaction.  Nobody comes into
-- the predicate whose own line does not hold, when it is determined and afterwards alike.

-- As it stood on a day: who belonged to it, and with which rank.
CREATE OR REPLACE FUNCTION ledger.household_json(p_city int, p_id bigint, p_day date) RETURNS jsonb
LANGUAGE sql STABLE AS $$
	SELECT jsonb_build_object('household', h.id::text, 'version', h.version,
		'community', h.community::text,
		'state', d.state, 'to_verify', ledger.household_to_verify(p_city, p_id, p_day, d.state),
		'applied_on', h.applied_on,
		'determined_on', h.determined_on,
		'ended', CASE WHEN h.ended_on <= p_day THEN jsonb_build_object('on', h.ended_on,
			'reason', h.end_reason) END,
		'endings', (SELECT coalesce(jsonb_agg(jsonb_build_object('on', e.on_day,
				'reason', e.reason, 'asked_on', ledger.legal_day(e.asked_at),
				'asked_by', split_part(e.asked_actor, '/', 1), 'decision', d.decision,
				'decided_on', ledger.legal_day(d.decided_at), 'decided_by', split_part(d.decided_actor, '/', 1))
				ORDER BY e.id), '[]')
			FROM ledger.household_ending e
			LEFT JOIN ledger.household_ending d ON d.city = e.city AND d.id = e.id
				AND ledger.legal_day(d.decided_at) <= p_day
			WHERE e.city = p_city AND e.household = p_id AND ledger.legal_day(e.asked_at) <= p_day),
		'members', (SELECT coalesce(jsonb_agg(jsonb_build_object('seeker', ledger.seeker_text(m.person),
				'rank', 'P' || (ledger.rank_of(p_city, m.person, p_day)).rank, 'able', m.able,
				'willing', m.willing, 'excluded', nullif(m.excluded, ''),
				'fails', CASE WHEN m.person IN (SELECT ledger.household_workers(p_city, p_id, p_day))
					THEN ledger.household_line(p_city, m.person, p_day) END,
				-- Reported, to be registered: it clears nothing.
				'reported', (SELECT min(p.id)::text FROM ledger.placement p
					WHERE p.city = p_city AND p.seeker = m.person
					  AND p.state IN ('reported', 'confirmed')
					  AND ledger.legal_day(p.reported_at) <= p_day),
				'joined_on', nullif(m.joined_on, '-infinity')) ORDER BY m.person), '[]')
			FROM ledger.household_member m WHERE m.city = p_city AND m.household = p_id
			  AND m.joined_on <= p_day AND (m.left_on IS NULL OR p_day < m.left_on)))
	FROM ledger.household h
	CROSS JOIN LATERAL (SELECT ledger.household_state(p_city, p_id, p_day) AS state OFFSET 0) d
	WHERE h.city = p_city AND h.id = p_id
$$;

CREATE OR REPLACE FUNCTION ledger.not_zero_employment(p_person bigint, p_reason text)
RETURNS api.reply
LANGUAGE sql STABLE AS $$
	SELECT api.refuse(422, 'not-zero-employment', jsonb_build_object(
		'member', ledger.seeker_text(p_person), 'reason', p_reason))
$$;

-- Of the members as told, those who are of W(d), or may be (ledger.household_workers).
CREATE OR REPLACE FUNCTION ledger.told_workers(p_city int, p_members jsonb, p_day date)
RETURNS SETOF bigint
LANGUAGE sql STABLE AS $$
	SELECT p.id FROM jsonb_array_elements(p_members) m
	JOIN ledger.person p ON p.city = p_city AND p.id = ledger.seeker_id(m->>'seeker')
	WHERE (m->>'able')::boolean AND (m->>'willing')::boolean
	  AND coalesce(m->>'excluded', 'false') = 'false'
	  AND ledger.age_class_of(p_city, p.id, p_day) IN (2, 3, 5)
	ORDER BY p.id
$$;

-- The members as told, in an order of their own.
CREATE OR REPLACE FUNCTION ledger.members_hash(p_members jsonb) RETURNS bytea
LANGUAGE sql STABLE AS $$
	SELECT sha256(convert_to(string_agg(concat_ws(' ', m->>'seeker', m->>'able', m->>'willing',
		nullif(m->>'excluded', 'false')), ',' ORDER BY m->>'seeker'), 'UTF8'))
	FROM jsonb_array_elements(p_members) m
$$;

-- A household that was registered so, and has ended since; NULL: none.  One of a lot that was undone
-- (rules/lots) may come again as it was.
-- rules/news
CREATE OR REPLACE FUNCTION ledger.ended_household(p_who api.caller, p_body jsonb,
	p_members bigint[])
RETURNS ledger.household
LANGUAGE plpgsql STABLE AS $$
DECLARE
	h ledger.household;
BEGIN
	SELECT x.* INTO h FROM ledger.household x
		JOIN ledger.said s ON s.city = x.city AND s.object = 'household/' || x.id AND s.n = 1
		WHERE x.city = p_who.city AND x.id IN (SELECT m.household FROM ledger.household_member m
			WHERE m.city = p_who.city AND m.person = ANY (p_members))
		  AND x.ended_on IS NOT NULL AND x.end_reason <> 'in_error'
		  AND x.community = (p_body->>'community')::bigint
		  AND x.applied_on = (p_body->>'applied_on')::date
		  AND x.determined_on IS NOT DISTINCT FROM (p_body->>'determined_on')::date
		  AND s.body_hash = ledger.members_hash(p_body->'members')
		ORDER BY x.id DESC LIMIT 1;
	RETURN h;
END $$;

-- The first of them who is nobody, or nobody in this scope and not at home in the household, or
-- the same person as one before; NULL: none.
CREATE OR REPLACE FUNCTION ledger.refuse_members(p_who api.caller, p_members jsonb,
	p_household bigint DEFAULT NULL)
RETURNS api.reply
LANGUAGE plpgsql STABLE AS $$
DECLARE
	m    record;
	seen bigint[] := '{}';
BEGIN
	FOR m IN SELECT x.n - 1 AS at, x.item->>'seeker' AS text, ledger.seeker_id(x.item->>'seeker') AS id
			FROM jsonb_array_elements(p_members) WITH ORDINALITY x(item, n) ORDER BY x.n LOOP
		IF NOT EXISTS (SELECT FROM ledger.seeker s WHERE s.city = p_who.city AND s.id = m.id
				AND s.merged_into IS NULL AND (ledger.in_scope(p_who.scope, s.community)
				OR EXISTS (SELECT FROM ledger.household_member h WHERE h.city = s.city
					AND h.household = p_household AND h.person = s.id AND h.left_on IS NULL))) THEN
			RETURN ledger.missing('/members/' || m.at || '/seeker', m.text);
		ELSIF m.id = ANY (seen) THEN
			RETURN ledger.refuse_fault(ledger.fault('/members/' || m.at, 'duplicate', NULL,
				'each member once', 'The same entry stands twice.', '同一条目出现两次。'));
		END IF;
		seen := seen || m.id;
	END LOOP;
	RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION ledger.register_household(p_who api.caller, p_body jsonb)
RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	today   date := ledger.today(p_who.city);
	day     date := coalesce((p_body->>'determined_on')::date, today);
	home    bigint := (p_body->>'community')::bigint;
	members bigint[] := ARRAY(SELECT ledger.seeker_id(m->>'seeker')
		FROM jsonb_array_elements(p_body->'members') m);
	refused api.reply;
	made    bigint;
	worker  bigint;
	over    ledger.household;
	n       int := 0;
BEGIN
	-- Locked by id, households first; a member out of scope is a member that does not exist.
	PERFORM FROM ledger.household h WHERE h.city = p_who.city AND h.id IN (SELECT m.household
		FROM ledger.household_member m WHERE m.city = p_who.city AND m.person = ANY (members))
		ORDER BY h.id FOR NO KEY UPDATE;
	PERFORM FROM ledger.seeker s WHERE s.city = p_who.city AND s.id = ANY (members)
		AND ledger.in_scope(p_who.scope, s.community) AND s.merged_into IS NULL
		ORDER BY s.id FOR NO KEY UPDATE;
	IF NOT ledger.in_scope(p_who.scope, home) THEN
		RETURN ledger.missing('/community', p_body->>'community');
	END IF;
	refused := ledger.refuse_members(p_who, p_body->'members');
	IF refused.status IS NOT NULL THEN
		RETURN refused;
	END IF;
	over := ledger.ended_household(p_who, p_body, members);
	IF over.id IS NOT NULL THEN
		RETURN ledger.sent_again(ledger.household_json(p_who.city, over.id, today),
			ledger.newer_by('ended', over.ended_on));
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

	-- rules/zero-employment-household, over the members as told.
	IF p_body->>'hukou_type' <> 'urban' OR (p_body->>'business_income')::boolean
			OR (p_body->>'investment_income')::boolean THEN
		RETURN ledger.not_zero_employment(NULL, CASE WHEN p_body->>'hukou_type' <> 'urban'
			THEN 'hukou-not-urban' WHEN (p_body->>'business_income')::boolean
			THEN 'business-income' ELSE 'investment-income' END);
	END IF;
	n := 0;
	FOR worker IN SELECT ledger.told_workers(p_who.city, p_body->'members', day) LOOP
		n := n + 1;
		IF ledger.household_line(p_who.city, worker, day) IS NOT NULL THEN
			RETURN ledger.not_zero_employment(worker, ledger.household_line(p_who.city, worker, day));
		END IF;
	END LOOP;
	IF n = 0 THEN
		RETURN ledger.not_zero_employment(NULL, 'nobody-of-working-age');
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
	PERFORM ledger.keep_said(p_who, 'household/' || made, ledger.members_hash(p_body->'members'));
	PERFORM ledger.rerank(p_who.city, members, today);
	RETURN api.answer(201, ledger.household_json(p_who.city, made, today));
END $$;

CREATE OR REPLACE FUNCTION api.register_household(p_city int, p_kid text, p_hash bytea,
	p_actor text, p_idem text, p_req bytea, p_body jsonb)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	a   api.reply  := api.admit_once(who, 'households.create', p_idem, p_req);
BEGIN
	IF a.status IS NULL THEN
		a := ledger.register_household(who, p_body);
	END IF;
	RETURN QUERY SELECT * FROM api.keep(who, p_idem, 'household', a);
END $$;

CREATE OR REPLACE FUNCTION api.read_household(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_id bigint, p_as_of date DEFAULT NULL)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	a   api.reply  := api.admit(who, 'households.read');
BEGIN
	IF a.status IS NULL AND NOT EXISTS (SELECT FROM ledger.household h
			WHERE h.city = p_city AND h.id = p_id AND ledger.in_scope(who.scope, h.community)) THEN
		a := ledger.missing('path/household', p_id::text);
	ELSIF a.status IS NULL AND p_as_of < (SELECT h.applied_on FROM ledger.household h
			WHERE h.city = p_city AND h.id = p_id) THEN
		a := ledger.missing('query/as_of', p_as_of::text);
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

-- This household, those of people who might join it, and everybody concerned, in the one
-- order of locks.
CREATE OR REPLACE FUNCTION ledger.lock_household(p_city int, p_id bigint, p_people bigint[])
RETURNS bigint[]
LANGUAGE plpgsql AS $$
DECLARE
	who bigint;
	them bigint[];
BEGIN
	PERFORM FROM ledger.household h WHERE h.city = p_city AND (h.id = p_id OR h.id IN (
		SELECT m.household FROM ledger.household_member m
		WHERE m.city = p_city AND m.person = ANY (p_people))) ORDER BY h.id FOR NO KEY UPDATE;
	them := ARRAY(SELECT m.person FROM ledger.household_member m
		WHERE m.city = p_city AND m.household = p_id UNION SELECT unnest(p_people) ORDER BY 1);
	FOREACH who IN ARRAY them LOOP
		PERFORM FROM ledger.seeker s WHERE s.city = p_city AND s.id = who FOR NO KEY UPDATE;
	END LOOP;
	RETURN them;
END $$;

CREATE OR REPLACE FUNCTION ledger.amend_household(p_who api.caller, p_id bigint, p_if_match bigint,
	p_body jsonb)
RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	today   date := ledger.today(p_who.city);
	day     date := coalesce((p_body->>'on')::date, today);
	wanted  bigint[] := ARRAY(SELECT ledger.seeker_id(m->>'seeker')
		FROM jsonb_array_elements(p_body->'members') m ORDER BY 1);
	members bigint[] := ledger.lock_household(p_who.city, p_id, wanted);
	h       ledger.household;
	refused api.reply;
	former  ledger.household_member;
	earliest date;
	other   bigint;
	entry   record;
	moved   boolean := false;
	said    bytea := ledger.members_hash(p_body->'members');
	newer   jsonb;
BEGIN
	SELECT * INTO h FROM ledger.household x WHERE x.city = p_who.city AND x.id = p_id;
	IF h.id IS NULL OR NOT ledger.in_scope(p_who.scope, h.community) THEN
		RETURN ledger.missing('path/household', p_id::text);
	END IF;
	refused := ledger.refuse_members(p_who, p_body->'members', p_id);
	IF refused.status IS NOT NULL THEN
		RETURN refused;
	ELSIF p_if_match <> h.version THEN
		RETURN api.refuse(412, 'version-changed', jsonb_build_object('version', h.version));
	ELSIF h.ended_on IS NOT NULL THEN
		RETURN ledger.wrong_state('household-ended', jsonb_build_object('ended_on', h.ended_on));
	END IF;
	-- Without its day it is about today only if it was not said before.
	newer := CASE WHEN p_if_match IS NULL AND p_body->>'on' IS NULL
		THEN ledger.newer_said(h.city, 'household/' || p_id, said) END;
	IF newer IS NOT NULL THEN
		RETURN ledger.sent_again(ledger.household_json(h.city, p_id, today),
			newer || jsonb_build_object('version', h.version));
	END IF;
	SELECT greatest(h.applied_on, max(m.joined_on), max(m.left_on)) INTO earliest
		FROM ledger.household_member m WHERE m.city = h.city AND m.household = p_id;
	IF day < earliest THEN
		RETURN ledger.wrong_day('/on', day, 'not before ' || earliest);
	END IF;
	SELECT m.person INTO other FROM ledger.household_member m
		WHERE m.city = h.city AND m.person = ANY (wanted) AND m.household <> p_id
		  AND (m.left_on IS NULL OR m.left_on > day)
		  AND ledger.household_state(h.city, m.household, today) = ANY ('{applied,open,helped}')
		LIMIT 1;
	IF FOUND THEN
		RETURN ledger.wrong_state('already-in-household', jsonb_build_object('seeker',
			ledger.seeker_text(other)));
	END IF;
	-- The predicate, as when it was determined, of whoever comes into it.
	other := NULL;
	SELECT w INTO other FROM ledger.told_workers(p_who.city, p_body->'members', day) w
		WHERE ledger.household_line(h.city, w, day) IS NOT NULL
		  AND w NOT IN (SELECT ledger.household_workers(h.city, p_id, day)) LIMIT 1;
	IF FOUND THEN
		RETURN ledger.not_zero_employment(other, ledger.household_line(h.city, other, day));
	ELSIF NOT EXISTS (SELECT ledger.told_workers(p_who.city, p_body->'members', day))
			AND EXISTS (SELECT ledger.household_workers(h.city, p_id, day)) THEN
		RETURN ledger.not_zero_employment(NULL, 'nobody-of-working-age');
	END IF;
	FOR entry IN SELECT p.person, w.able, w.willing, w.excluded, w.person IS NOT NULL AS stays
			FROM unnest(members) p(person)
			LEFT JOIN (SELECT ledger.seeker_id(m->>'seeker') AS person,
					(m->>'able')::boolean AS able, (m->>'willing')::boolean AS willing,
					coalesce(m->>'excluded', '') AS excluded
				FROM jsonb_array_elements(p_body->'members') m) w USING (person)
			ORDER BY p.person LOOP
		SELECT * INTO former FROM ledger.household_member m WHERE m.city = h.city
			AND m.household = p_id AND m.person = entry.person AND m.left_on IS NULL;
		CONTINUE WHEN former.person IS NULL AND NOT entry.stays
			OR entry.stays AND (former.able, former.willing, former.excluded)
				IS NOT DISTINCT FROM (entry.able, entry.willing, entry.excluded);
		UPDATE ledger.household_member m SET left_on = day
			WHERE m.city = h.city AND m.household = p_id AND m.person = former.person
			  AND m.joined_on = former.joined_on;
		IF entry.stays THEN
			INSERT INTO ledger.household_member (city, household, person, able, willing, excluded,
					joined_on)
				VALUES (h.city, p_id, entry.person, entry.able, entry.willing, entry.excluded, day)
				ON CONFLICT (city, household, person, joined_on) DO UPDATE SET left_on = NULL,
					able = EXCLUDED.able, willing = EXCLUDED.willing, excluded = EXCLUDED.excluded;
		END IF;
		PERFORM ledger.note_change(p_who, entry.person, CASE WHEN NOT entry.stays
			THEN 'leave household' WHEN former.person IS NULL THEN 'join household'
			ELSE 'amend household' END, p_id, day, NULL);
		moved := true;
	END LOOP;
	PERFORM ledger.keep_said(p_who, 'household/' || p_id, said);
	IF moved THEN
		UPDATE ledger.household x SET version = x.version + 1
			WHERE x.city = h.city AND x.id = p_id;
		PERFORM ledger.rerank(h.city, members, today);
	END IF;
	RETURN CASE WHEN moved THEN api.answer(200, ledger.household_json(h.city, p_id, today))
		ELSE api.unchanged(ledger.household_json(h.city, p_id, today)) END;
END $$;

CREATE OR REPLACE FUNCTION api.amend_household(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_id bigint, p_if_match bigint, p_body jsonb)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	a   api.reply  := api.admit_call(who, 'households.change');
BEGIN
	IF a.status IS NULL THEN
		a := ledger.amend_household(who, p_id, p_if_match, p_body);
	END IF;
	RETURN QUERY SELECT * FROM api.keep(who, NULL, 'household/' || p_id, a);
END $$;

-- The state is derived row by row, after what the columns alone can rule out, so a page that asks
-- for it looks at fewer.
CREATE OR REPLACE FUNCTION api.list_households(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_state text, p_place text, p_to_verify boolean, p_limit int, p_after_id bigint)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
	SET enable_seqscan = off AS $$
DECLARE
	who   api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	a     api.reply  := api.admit(who, 'households.list');
	today date := ledger.today(p_city);
	bound text;
	page  record;
BEGIN
	IF a.status IS NOT NULL THEN
		RETURN NEXT a;
		RETURN;
	END IF;
	bound := ledger.narrower(who.scope, coalesce(p_place, who.scope));
	page := ledger.page_ids(p_city, 'ledger.household r', '',
		format('AND r.community BETWEEN %L AND %L', ledger.scope_from(bound), ledger.scope_to(bound))
		|| CASE p_state WHEN 'applied' THEN ' AND r.determined_on IS NULL'
			WHEN 'ended' THEN ' AND r.ended_on IS NOT NULL'
			ELSE CASE WHEN p_state IS NOT NULL THEN ' AND r.determined_on IS NOT NULL' ELSE '' END END
		|| CASE WHEN p_state IS NOT NULL THEN format(
			' AND ledger.household_state(r.city, r.id, %L) = %L', today, p_state) ELSE '' END
		|| CASE WHEN p_to_verify IS NOT NULL THEN format(
			' AND ledger.household_to_verify(r.city, r.id, %1$L, ledger.household_state(r.city, r.id,'
			' %1$L)) = %2$L', today, p_to_verify) ELSE '' END,
		false, p_after_id, p_limit,
		CASE WHEN p_state IS NULL AND p_to_verify IS NULL THEN 20000 ELSE 2000 END);
	RETURN NEXT (SELECT api.page(jsonb_build_object('items', coalesce(jsonb_agg(jsonb_build_object(
				'household', h.id::text, 'version', h.version, 'community', h.community::text,
				'state', d.state, 'to_verify',
				ledger.household_to_verify(h.city, h.id, today, d.state),
				'applied_on', h.applied_on, 'determined_on', h.determined_on,
				'ended', CASE WHEN h.ended_on <= today THEN jsonb_build_object('on', h.ended_on,
					'reason', h.end_reason) END,
				'members', (SELECT count(*) FROM ledger.household_member m WHERE m.city = h.city
					AND m.household = h.id AND m.joined_on <= today
					AND (m.left_on IS NULL OR today < m.left_on))) ORDER BY h.id), '[]')), page.next)
		FROM ledger.household h
		CROSS JOIN LATERAL (SELECT ledger.household_state(h.city, h.id, today) AS state OFFSET 0) d
		WHERE h.city = p_city AND h.id = ANY (page.ids));
END $$;
