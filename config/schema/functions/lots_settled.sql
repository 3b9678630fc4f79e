-- What a decision about a lot does to its records, beside that they count or not: by and by, in
-- the background, a few in one transaction, so that ten thousand hold nobody up.
--
-- An approved placement is registered at the community where its seeker lives, by the officer who
-- decided, as the single call would; what that would refuse stays reported, and why is kept.  What
-- a refused lot had registered is taken back as registered in error, as if it had never been; what
-- something else hangs on already is left, and kept as that.  It knows each kind, and decides
-- nothing about a lot.

-- Who decided, as their call was.
CREATE OR REPLACE FUNCTION ledger.decider_of(l ledger.lot) RETURNS api.caller
LANGUAGE plpgsql STABLE AS $$
DECLARE
	who api.caller;
BEGIN
	who.city := l.city;
	who.kid := l.decided_kid;
	who.first_kid := l.decided_kid;
	who.actor := l.decided_actor;
	who.role := 4;
	who.organisation := (SELECT ledger.organisation_of(k) FROM ledger.api_key k
		WHERE k.city = l.city AND k.kid = l.decided_kid);
	who.scope := l.decided_scope;
	who.employers := '{}';
	who.officer := l.decided_officer;
	who.on_behalf := l.decided_behalf;
	who.request := l.decided_request;
	RETURN who;
END $$;

CREATE OR REPLACE FUNCTION ledger.note_settled(p_who api.caller, p_action text, p_object text)
RETURNS void
LANGUAGE sql AS $$
	INSERT INTO ledger.action (city, kid, officer, on_behalf, op, object, request)
		VALUES (p_who.city, p_who.kid, p_who.officer, p_who.on_behalf, p_action, p_object,
			coalesce(p_who.request, ''))
$$;

-- This and the next three: NULL, or why it is left.  The caller holds it and what hangs on it.
-- rules/lots, rules/registration
CREATE OR REPLACE FUNCTION ledger.settle_placement(p_who api.caller, l ledger.lot, p_id bigint)
RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
	p ledger.placement;
	a api.reply;
BEGIN
	SELECT * INTO p FROM ledger.placement x WHERE x.city = l.city AND x.id = p_id;
	IF p.state = 'registered' THEN
		RETURN NULL;
	END IF;
	a := ledger.register_placement(p_who, p_id, jsonb_build_object('community', (SELECT s.community
			FROM ledger.seeker s WHERE s.city = p.city AND s.id = p.seeker),
		'on', ledger.legal_day(l.decided_at)));
	IF a.status < 300 THEN
		PERFORM ledger.note_settled(p_who, 'placements.register', 'placement/' || p_id);
		RETURN NULL;
	END IF;
	RETURN coalesce(a.body::jsonb->>'reason', a.code);
END $$;

-- rules/lots, rules/signals
CREATE OR REPLACE FUNCTION ledger.undo_placement(p_who api.caller, l ledger.lot, p_id bigint)
RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
	p   ledger.placement;
	org text := (SELECT ledger.organisation_of(k) FROM ledger.api_key k
		WHERE k.city = l.city AND k.kid = l.asked_kid);
BEGIN
	SELECT * INTO p FROM ledger.placement x WHERE x.city = l.city AND x.id = p_id;
	IF p.state NOT IN ('reported', 'confirmed', 'withdrawn') THEN
		RETURN p.state;
	ELSIF ledger.open_voiding(p.city, p.id) IS NOT NULL THEN
		RETURN ledger.open_voiding(p.city, p.id) || '-asked';
	ELSIF NOT EXISTS (SELECT FROM ledger.signal s WHERE s.city = p.city AND s.placement = p.id
			AND s.signal = 'report' AND s.organisation = org AND s.withdrawn_at IS NULL) THEN
		RETURN 'report-withdrawn';
	END IF;
	PERFORM ledger.take_signal_back(p_who, p, ledger.kin_of(p.city, ARRAY[p.seeker]), 'report', org,
		'mistaken');
	PERFORM ledger.note_settled(p_who, 'placements.withdraw', 'placement/' || p_id);
	RETURN NULL;
END $$;

-- Never as if they had left: the facts never held, and the number, and those of their certificates,
-- are free for the same person registered again.
-- rules/lots
CREATE OR REPLACE FUNCTION ledger.undo_seeker(p_who api.caller, l ledger.lot, p_id bigint)
RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
	at    timestamptz := ledger.app_now(l.city);
	today date := ledger.legal_day(at);
	s     ledger.seeker;
BEGIN
	SELECT * INTO s FROM ledger.seeker x WHERE x.city = l.city AND x.id = p_id;
	IF s.merged_into IS NOT NULL OR cardinality(ledger.same_person(l.city, p_id)) > 1 THEN
		RETURN 'merged';
	ELSIF s.withdrawn_on IS NOT NULL THEN
		RETURN 'withdrawn';
	ELSIF EXISTS (SELECT FROM ledger.placement p WHERE p.city = l.city AND p.seeker = p_id
			AND ledger.is_job(p.state)) THEN
		RETURN 'placement';
	ELSIF EXISTS (SELECT FROM ledger.referral r WHERE r.city = l.city AND r.seeker = p_id
			AND r.state IN ('proposed', 'consented', 'accepted', 'interviewed', 'offered')
			AND r.expires_at > at) THEN
		RETURN 'referral';
	ELSIF EXISTS (SELECT FROM ledger.household_member m
			JOIN ledger.household h ON h.city = m.city AND h.id = m.household
			WHERE m.city = l.city AND m.person = p_id AND h.ended_on IS NULL
			  AND m.left_on IS NULL) THEN
		RETURN 'household';
	ELSIF EXISTS (SELECT FROM ledger.enrolment x JOIN ledger.entry e USING (city, id, version)
			WHERE x.city = l.city AND x.seeker = p_id AND x.ended_on IS NULL) THEN
		RETURN 'enrolment';
	END IF;
	UPDATE ledger.unemployment u SET void_on = today
		WHERE u.city = l.city AND u.person = p_id AND u.void_on IS NULL;
	UPDATE ledger.recognition r SET void_on = today
		WHERE r.city = l.city AND r.person = p_id AND r.void_on IS NULL;
	UPDATE ledger.certificate c SET void_on = coalesce(c.void_on, c.issued_on),
			void_reason = CASE WHEN c.void_on IS NULL THEN 'in_error' ELSE c.void_reason END,
			number = c.number || ' (lot ' || l.id || ', ' || c.id || ')'
		WHERE c.city = l.city AND c.person = p_id;
	UPDATE ledger.person x SET blind = sha256(x.blind || int8send(x.id))
		WHERE x.city = l.city AND x.id = p_id;
	UPDATE ledger.seeker x SET version = x.version + 1, active = false,
			withdrawn_for = 'in_error',
			withdrawn_on = (SELECT k.registered_on FROM ledger.person k WHERE k.city = x.city AND k.id = x.id)
		WHERE x.city = l.city AND x.id = p_id;
	PERFORM ledger.note_change(p_who, p_id, 'undo registration', NULL, today, l.decided_for);
	PERFORM ledger.rerank(l.city, ARRAY[p_id], today, p_id);
	RETURN NULL;
END $$;

-- rules/lots, rules/household-state
CREATE OR REPLACE FUNCTION ledger.undo_household(p_who api.caller, l ledger.lot, p_id bigint)
RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
	at      timestamptz := ledger.app_now(l.city);
	members bigint[] := ARRAY(SELECT DISTINCT m.person FROM ledger.household_member m
		WHERE m.city = l.city AND m.household = p_id ORDER BY 1);
	h       ledger.household;
BEGIN
	SELECT * INTO h FROM ledger.household x WHERE x.city = l.city AND x.id = p_id;
	IF h.ended_on IS NOT NULL THEN
		RETURN 'household-ended';
	ELSIF EXISTS (SELECT FROM ledger.household_ending e WHERE e.city = l.city
			AND e.household = p_id AND e.decision IS NULL) THEN
		RETURN 'end-asked';
	ELSIF EXISTS (SELECT FROM ledger.placement p WHERE p.city = l.city
			AND p.seeker = ANY (members) AND ledger.is_job(p.state)
			AND p.reported_at >= l.asked_at) THEN
		RETURN 'placement';
	ELSIF EXISTS (SELECT FROM ledger.referral r WHERE r.city = l.city
			AND r.seeker = ANY (members) AND r.expires_at > at
			AND r.state IN ('proposed', 'consented', 'accepted', 'interviewed', 'offered')) THEN
		RETURN 'referral';
	END IF;
	UPDATE ledger.household x SET ended_on = x.applied_on, end_reason = 'in_error',
		version = x.version + 1 WHERE x.city = l.city AND x.id = p_id;
	PERFORM ledger.note_change(p_who, m, 'undo household', p_id, h.applied_on, l.decided_for)
		FROM unnest(members) m;
	PERFORM ledger.rerank(l.city, members, ledger.legal_day(at));
	RETURN NULL;
END $$;

-- All that the records of a turn hang on, in the one order of locks.  While it waited, a file may
-- have gone into another and a post been taken or left: then all that is let go, and it begins anew.
CREATE OR REPLACE FUNCTION ledger.lock_lot(l ledger.lot, p_objects bigint[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	people bigint[];
	jobs   bigint[];
	held   boolean := false;
BEGIN
	IF l.kind <> 'placements' THEN
		PERFORM ledger.lock_files(l.city, CASE l.kind WHEN 'seekers' THEN p_objects
			ELSE ARRAY(SELECT DISTINCT m.person FROM ledger.household_member m
				WHERE m.city = l.city AND m.household = ANY (p_objects) ORDER BY 1) END);
		RETURN;
	END IF;
	WHILE NOT held LOOP
		BEGIN
			people := ARRAY(SELECT DISTINCT p.seeker FROM ledger.placement p
				WHERE p.city = l.city AND p.id = ANY (p_objects) ORDER BY 1);
			jobs := ARRAY(SELECT DISTINCT p.vacancy FROM ledger.placement p
				WHERE p.city = l.city AND p.id = ANY (p_objects) AND p.vacancy IS NOT NULL);
			PERFORM FROM ledger.vacancy v WHERE v.city = l.city AND v.id = ANY (jobs)
				ORDER BY v.id FOR NO KEY UPDATE;
			PERFORM ledger.lock_files(l.city, people);
			PERFORM FROM ledger.placement p WHERE p.city = l.city AND p.id = ANY (p_objects)
				ORDER BY p.id FOR NO KEY UPDATE;
			held := (SELECT bool_and(p.seeker = ANY (people)
					AND (p.vacancy IS NULL OR p.vacancy = ANY (jobs)))
				FROM ledger.placement p WHERE p.city = l.city AND p.id = ANY (p_objects));
			IF NOT held THEN
				RAISE EXCEPTION USING ERRCODE = 'VC001', MESSAGE = 'changed meanwhile';
			END IF;
		EXCEPTION WHEN SQLSTATE 'VC001' THEN
			NULL;
		END;
	END LOOP;
END $$;

-- What was undone may be sent again in the same words: that they were said is forgotten.
-- rules/imports
CREATE OR REPLACE FUNCTION ledger.forget_said(l ledger.lot, p_objects bigint[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	one bigint;
BEGIN
	FOREACH one IN ARRAY p_objects LOOP -- one by one: no plan for several reads the others
		DELETE FROM ledger.idempotency i
			WHERE i.city = l.city AND i.first_kid = l.first_kid
			  AND i.recorded = ledger.lot_object(l.kind, one) AND i.status < 300;
	END LOOP;
END $$;

-- What a decision does to one record: NULL, or why it is left.  One that cannot be done, though it
-- should, stops no other: it is left too, and PostgreSQL's log says what it was.
CREATE OR REPLACE FUNCTION ledger.settle_record(p_who api.caller, l ledger.lot, p_n bigint,
	p_object bigint)
RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
	state text;
	law   text;
BEGIN
	RETURN CASE l.kind || ' ' || l.decision
		WHEN 'placements approve' THEN ledger.settle_placement(p_who, l, p_object)
		WHEN 'placements refuse' THEN ledger.undo_placement(p_who, l, p_object)
		WHEN 'seekers refuse' THEN ledger.undo_seeker(p_who, l, p_object)
		WHEN 'households refuse' THEN ledger.undo_household(p_who, l, p_object) END;
EXCEPTION
	WHEN deadlock_detected OR lock_not_available OR serialization_failure THEN
		RAISE; -- the turn comes again
	WHEN OTHERS THEN
		GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, law = CONSTRAINT_NAME;
		RAISE LOG 'lot % record %: % %', l.id, p_n, state, law;
		RETURN 'failed';
END $$;

-- The next p_limit records of a lot; how many there were.
CREATE OR REPLACE FUNCTION ledger.settle_lot(l ledger.lot, p_limit int) RETURNS int
LANGUAGE plpgsql AS $$
DECLARE
	who  api.caller := ledger.decider_of(l);
	done int := 0;
	stay int := 0;
	gone bigint[] := '{}';
	r    record;
	why  text;
BEGIN
	PERFORM ledger.lock_lot(l, ARRAY(SELECT x.object FROM ledger.lot_record x WHERE x.city = l.city
		AND x.lot = l.id AND x.n > l.settled AND x.n <= l.settled + p_limit));
	FOR r IN SELECT x.n, x.object FROM ledger.lot_record x WHERE x.city = l.city AND x.lot = l.id
			AND x.n > l.settled AND x.n <= l.settled + p_limit ORDER BY x.n LOOP
		why := ledger.settle_record(who, l, r.n, r.object);
		UPDATE ledger.lot_record x SET reason = why, outcome = CASE WHEN why IS NOT NULL THEN 'left'
				WHEN l.decision = 'approve' THEN 'registered' ELSE 'undone' END
			WHERE x.city = l.city AND x.lot = l.id AND x.n = r.n;
		done := done + 1;
		stay := stay + (why IS NOT NULL)::int;
		IF why IS NULL AND l.decision = 'refuse' THEN
			gone := gone || r.object;
		END IF;
	END LOOP;
	PERFORM ledger.forget_said(l, gone) WHERE gone <> '{}';
	UPDATE ledger.lot x SET settled = x.settled + done, left_over = x.left_over + stay,
			settled_at = CASE WHEN x.settled + done >= x.records THEN ledger.app_now(x.city) END
		WHERE x.city = l.city AND x.id = l.id;
	RETURN done;
END $$;

-- A turn of one lot, whichever chance takes: one that is long, or whose turn fails, keeps no other
-- from its own.
CREATE OR REPLACE FUNCTION ops.settle_lots(p_city int, p_limit int) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	n int;
	l ledger.lot;
BEGIN
	IF NOT ops.take_turn(p_city, 'settle_lots') THEN
		RETURN 0;
	END IF;
	n := ledger.end_silent_lots(p_city, p_limit);
	SELECT * INTO l FROM ledger.lot x WHERE x.city = p_city AND x.decision IS NOT NULL
		AND x.settled_at IS NULL ORDER BY random() LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED;
	IF l.id IS NOT NULL THEN
		n := n + ledger.settle_lot(l, p_limit);
	END IF;
	RETURN n;
END $$;
