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

-- This and the next three: NULL, or why it is left.  The caller holds what hangs on it.
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

-- Never as if they had left: the facts never held, and the number, and that of the certificate,
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
	END IF;
	UPDATE ledger.unemployment u SET void_on = today
		WHERE u.city = l.city AND u.person = p_id AND u.void_on IS NULL;
	UPDATE ledger.recognition r SET void_on = today
		WHERE r.city = l.city AND r.person = p_id AND r.void_on IS NULL;
	UPDATE ledger.certificate c SET void_on = c.issued_on, void_reason = 'in_error',
			number = c.number || ' (lot ' || l.id || ', ' || c.id || ')'
		WHERE c.city = l.city AND c.person = p_id AND c.void_on IS NULL;
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

-- All that the records of a turn hang on, in the one order of locks.
CREATE OR REPLACE FUNCTION ledger.lock_lot(l ledger.lot, p_objects bigint[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	people bigint[];
BEGIN
	PERFORM FROM ledger.vacancy v WHERE l.kind = 'placements' AND v.city = l.city AND v.id IN (
		SELECT p.vacancy FROM ledger.placement p WHERE p.city = l.city AND p.id = ANY (p_objects))
		ORDER BY v.id FOR NO KEY UPDATE;
	people := CASE l.kind WHEN 'seekers' THEN p_objects
		WHEN 'placements' THEN ARRAY(SELECT DISTINCT p.seeker FROM ledger.placement p
			WHERE p.city = l.city AND p.id = ANY (p_objects) ORDER BY 1)
		ELSE ARRAY(SELECT DISTINCT m.person FROM ledger.household_member m
			WHERE m.city = l.city AND m.household = ANY (p_objects) ORDER BY 1) END;
	PERFORM ledger.lock_files(l.city, people);
END $$;

-- What was undone may be sent again in the same words: that they were said is forgotten.
-- rules/imports
CREATE OR REPLACE FUNCTION ledger.forget_said(l ledger.lot, p_objects bigint[]) RETURNS void
LANGUAGE sql AS $$
	DELETE FROM ledger.idempotency i USING ledger.lot_kinds() k
		WHERE i.city = (l).city AND i.first_kid = (l).first_kid AND k.kind = (l).kind
		  AND starts_with(i.key, ledger.record_key((l).kind, '')) AND i.status < 300
		  AND i.body::jsonb->>k.member IN (SELECT split_part(ledger.lot_object((l).kind, o), '/', 2)
			FROM unnest(p_objects) o)
$$;

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
		why := CASE l.kind || ' ' || l.decision
			WHEN 'placements approve' THEN ledger.settle_placement(who, l, r.object)
			WHEN 'placements refuse' THEN ledger.undo_placement(who, l, r.object)
			WHEN 'seekers refuse' THEN ledger.undo_seeker(who, l, r.object)
			WHEN 'households refuse' THEN ledger.undo_household(who, l, r.object) END;
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

-- An import that has not gone on for a day is over: what it made is whole.
CREATE OR REPLACE FUNCTION ledger.end_silent_lots(p_city int, p_limit int) RETURNS int
LANGUAGE plpgsql AS $$
DECLARE
	i ledger.import;
	n int := 0;
BEGIN
	FOR i IN SELECT x.* FROM ledger.import x JOIN ledger.lot l ON l.city = x.city
				AND l.first_kid = x.first_kid AND l.import = x.name
			WHERE l.city = p_city AND l.whole_at IS NULL
			  AND x.changed_at < ledger.app_now(p_city) - interval '1 day'
			ORDER BY l.id LIMIT p_limit FOR NO KEY UPDATE OF x SKIP LOCKED LOOP
		PERFORM ledger.make_whole(ledger.lot_of(i));
		n := n + 1;
	END LOOP;
	RETURN n;
END $$;

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
		AND x.settled_at IS NULL ORDER BY x.id LIMIT 1 FOR NO KEY UPDATE;
	IF l.id IS NOT NULL THEN
		n := n + ledger.settle_lot(l, p_limit);
	END IF;
	RETURN n;
END $$;
