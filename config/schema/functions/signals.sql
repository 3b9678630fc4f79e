-- What is said about a placement beside its report, and how it becomes void.
--
-- A placement is void when one officer has asked for it and another has decided, and so is
-- that taken back.  What is only asked changes no row that anything is counted from, so
-- "void-asked" is a word of the answer and never a state of the register.

CREATE OR REPLACE FUNCTION ledger.open_voiding(p_city int, p_placement bigint) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN (SELECT v.what FROM ledger.voiding v
		WHERE v.city = p_city AND v.placement = p_placement AND v.decision IS NULL);
END $$;

CREATE OR REPLACE FUNCTION ledger.refuse_asked(v ledger.voiding) RETURNS api.reply
LANGUAGE sql IMMUTABLE AS $$
	SELECT ledger.wrong_state((v).what || '-asked', jsonb_build_object('asked_on', ledger.legal_day((v).asked_at),
		'asked_by', split_part((v).asked_actor, '/', 1)))
$$;

-- Whether an officer is the only one who says that it happened: the first of two hands.  What
-- nobody says any more is no other's word.
-- rules/two-hands
CREATE OR REPLACE FUNCTION ledger.is_own_report(p ledger.placement, p_who api.caller)
RETURNS boolean
LANGUAGE sql STABLE AS $$
	SELECT coalesce(bool_and(ledger.same_hand(p_who, s.kid, s.actor)), true)
		FROM ledger.signal s WHERE s.city = (p).city AND s.placement = (p).id
		AND s.signal = 'report' AND s.withdrawn_at IS NULL
$$;

CREATE OR REPLACE FUNCTION ledger.add_signal(p_who api.caller, p_placement bigint, p_signal text,
	p_at timestamptz)
RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO ledger.placement_signal (city, placement, signal, at, organisation, kid, actor)
		VALUES (p_who.city, p_placement, p_signal, p_at, p_who.organisation, p_who.kid, p_who.actor)
		ON CONFLICT DO NOTHING;
END $$;

CREATE OR REPLACE FUNCTION ledger.signals_json(p ledger.placement) RETURNS jsonb
LANGUAGE sql STABLE AS $$
	SELECT coalesce(jsonb_agg(jsonb_build_object('signal', s.signal, 'at', ledger.instant(s.at),
			'role', (SELECT ledger.role_name(k.role) FROM ledger.api_key k
				WHERE k.city = s.city AND k.kid = s.kid),
			'organisation', s.organisation, 'officer', nullif(split_part(s.actor, '/', 1), ''),
			'withdrawn', CASE WHEN s.withdrawn_at IS NOT NULL THEN jsonb_build_object(
				'at', ledger.instant(s.withdrawn_at), 'reason', s.withdrawn_for,
				'officer', nullif(split_part(s.withdrawn_actor, '/', 1), '')) END)
			ORDER BY s.at, array_position('{report,confirmation,registration}', s.signal),
				s.organisation), '[]')
		FROM ledger.signal s WHERE s.city = p.city AND s.placement = p.id
$$;

CREATE OR REPLACE FUNCTION ledger.missing_json(p ledger.placement) RETURNS jsonb
LANGUAGE sql STABLE AS $$
	SELECT coalesce(jsonb_agg(w.signal ORDER BY w.n), '[]') || CASE WHEN p.state <> 'void' AND EXISTS (
			SELECT FROM ledger.uncounted(p.city, 'seekers', 'infinity') u WHERE u.object = p.seeker)
			THEN '["lot"]' ELSE '[]' END::jsonb
		FROM unnest('{report,confirmation,registration}'::text[]) WITH ORDINALITY w(signal, n)
		WHERE p.state <> 'void' AND (w.signal <> 'registration'
			OR ledger.is_outside(p.city, p.workplace) IS NOT TRUE) AND NOT EXISTS (SELECT FROM ledger.signal s WHERE s.city = p.city
			AND s.placement = p.id AND s.signal = w.signal AND s.withdrawn_at IS NULL)
$$;

-- What was asked and decided, without the officers' words.
CREATE OR REPLACE FUNCTION ledger.voidings_json(p ledger.placement) RETURNS jsonb
LANGUAGE sql STABLE AS $$
	SELECT coalesce(jsonb_agg(jsonb_build_object('what', v.what, 'code', v.code,
			'asked_on', ledger.legal_day(v.asked_at), 'asked_by', split_part(v.asked_actor, '/', 1),
			'decision', v.decision, 'decided_on', ledger.legal_day(v.decided_at),
			'decided_by', split_part(v.decided_actor, '/', 1)) ORDER BY v.id), '[]')
		FROM ledger.voiding v WHERE v.city = p.city AND v.placement = p.id
$$;

-- Whose report a confirmation confirms: the one that decides; NULL: each was withdrawn.
CREATE OR REPLACE FUNCTION ledger.report_to_confirm(p ledger.placement, OUT kid text, OUT actor text)
LANGUAGE sql STABLE AS $$
	SELECT s.kid, s.actor FROM ledger.signal s
		WHERE s.city = (p).city AND s.placement = (p).id AND s.signal = 'report'
		  AND s.withdrawn_at IS NULL
		ORDER BY s.id IS NOT DISTINCT FROM (ledger.deciding_report(p)).id DESC, s.id LIMIT 1
$$;

-- Confirms the report that decides: neither its organisation nor its officer can.
-- rules/two-hands
CREATE OR REPLACE FUNCTION ledger.confirm_placement(p_who api.caller, p_id bigint) RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	p ledger.placement;
	g record;
BEGIN
	SELECT x.* INTO p FROM ledger.placement x
		JOIN ledger.seeker s ON s.city = x.city AND s.id = x.seeker
		WHERE x.city = p_who.city AND x.id = p_id AND (ledger.speaks_as(p_who, x.employer)
			OR p_who.role = 4 AND ledger.in_scope(p_who.scope, s.community))
		FOR NO KEY UPDATE OF x;
	IF p.id IS NULL THEN
		RETURN api.refuse(404, 'not-found');
	ELSIF p.state = 'void' THEN
		RETURN api.refuse(409, 'placement-void');
	END IF;
	SELECT * INTO g FROM ledger.report_to_confirm(p);
	IF g.kid IS NULL THEN
		RETURN ledger.wrong_state('report-withdrawn');
	ELSIF ledger.same_hand(p_who, g.kid, g.actor, true) THEN
		RETURN api.refuse(409, 'own-report', ledger.same_secret(p_who, g.kid, g.actor, true));
	END IF;
	PERFORM ledger.add_signal(p_who, p.id, 'confirmation', ledger.app_now(p.city));
	UPDATE ledger.placement x SET state = 'confirmed'
		WHERE x.city = p.city AND x.id = p.id AND x.state = 'reported';
	SELECT * INTO p FROM ledger.placement x WHERE x.city = p_who.city AND x.id = p_id;
	RETURN ledger.placement_answer(p_who, p);
END $$;

CREATE OR REPLACE FUNCTION api.confirm_placement(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_idem text, p_req bytea, p_id bigint)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	a   api.reply  := api.admit_once(who, 'placements.confirm', p_idem, p_req);
BEGIN
	IF a.status IS NULL THEN
		a := ledger.confirm_placement(who, p_id);
	END IF;
	RETURN QUERY SELECT * FROM api.keep(who, p_idem, 'placement/' || p_id, a);
END $$;

-- What an organisation said of it, taken back.  When the report that decided is, another decides;
-- when nobody says it any more, it is no job (ledger.settle_signals).  The caller holds its vacancy, it, and p_kin.
-- rules/signals, rules/placement-once
CREATE OR REPLACE FUNCTION ledger.take_signal_back(p_who api.caller, p ledger.placement,
	p_kin bigint[], p_signal text, p_organisation text, p_reason text)
RETURNS ledger.placement
LANGUAGE plpgsql AS $$
DECLARE
	now timestamptz := ledger.app_now(p_who.city);
BEGIN
	PERFORM ledger.keep_first_report(p, NULL);
	UPDATE ledger.placement_signal s SET withdrawn_at = now, withdrawn_actor = p_who.actor,
			withdrawn_for = p_reason
		WHERE s.city = p.city AND s.placement = p.id AND s.signal = p_signal
		  AND s.organisation = p_organisation AND s.withdrawn_at IS NULL;
	RETURN ledger.settle_signals(p_who, ledger.settle_reports(p, p_kin, ledger.legal_day(now)), p_kin,
		ledger.legal_day(now));
END $$;

-- By the organisation that gave it.  The registration is what is counted: it goes only with
-- the placement, which takes two officers.
-- rules/signals, rules/placement-once
CREATE OR REPLACE FUNCTION ledger.withdraw_signal(p_who api.caller, p_id bigint, p_body jsonb)
RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	p   ledger.placement;
	kin bigint[];
BEGIN
	SELECT * INTO p FROM ledger.placement x WHERE x.city = p_who.city AND x.id = p_id;
	IF p.id IS NULL OR NOT ledger.sees_placement(p_who, p) THEN
		RETURN api.refuse(404, 'not-found');
	END IF;
	PERFORM FROM ledger.vacancy x WHERE x.city = p.city AND x.id = p.vacancy FOR NO KEY UPDATE;
	kin := ledger.lock_placed(p_who.city, p_id);
	SELECT * INTO p FROM ledger.placement x WHERE x.city = p_who.city AND x.id = p_id;
	IF p.state = 'void' THEN
		RETURN api.refuse(409, 'placement-void');
	ELSIF NOT EXISTS (SELECT FROM ledger.signal s WHERE s.city = p.city AND s.placement = p.id
			AND s.signal = p_body->>'signal' AND s.organisation = p_who.organisation
			AND s.withdrawn_at IS NULL) THEN
		RETURN ledger.wrong_state('no-such-signal');
	END IF;
	-- By itself: what is answered is read after it.
	p := ledger.take_signal_back(p_who, p, kin, p_body->>'signal', p_who.organisation,
		p_body->>'reason');
	RETURN ledger.placement_answer(p_who, p);
END $$;

-- Asks that it be void ('void'), that a void of at most 30 days be taken back ('undo'), or that a job
-- outside the city be recorded ('record').
-- rules/void, rules/outside-city
CREATE OR REPLACE FUNCTION ledger.ask_voiding(p_who api.caller, p_id bigint, p_what text,
	p_body jsonb)
RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	today date := ledger.today(p_who.city);
	p     ledger.placement;
	v     ledger.voiding;
BEGIN
	SELECT * INTO p FROM ledger.placement x WHERE x.city = p_who.city AND x.id = p_id
		FOR NO KEY UPDATE;
	IF p.id IS NULL OR NOT ledger.sees_placement(p_who, p) THEN
		RETURN api.refuse(404, 'not-found');
	END IF;
	SELECT * INTO v FROM ledger.voiding x WHERE x.city = p.city AND x.placement = p.id
		AND x.decision IS NULL;
	IF FOUND THEN
		IF (v.what, v.code, v.reason, v.evidence, v.asked_actor) IS DISTINCT FROM (p_what,
				p_body->>'code', p_body->>'reason', p_body->>'evidence', p_who.actor) THEN
			RETURN ledger.refuse_asked(v);
		END IF;
		RETURN ledger.placement_answer(p_who, p);
	ELSIF p_what = 'void' AND p.state = 'void' THEN
		RETURN api.refuse(409, 'placement-void');
	ELSIF p_what = 'undo' AND p.state <> 'void' THEN
		RETURN ledger.wrong_state('not-void');
	ELSIF p_what = 'undo' AND today - p.void_on > 30 THEN
		RETURN ledger.wrong_state('too-late', jsonb_build_object('void_on', p.void_on));
	ELSIF p_what = 'record' AND (ledger.refuse_recording(p)).status IS NOT NULL THEN
		RETURN ledger.refuse_recording(p);
	END IF;
	INSERT INTO ledger.voiding (city, placement, what, code, reason, evidence, asked_at, asked_kid,
			asked_actor)
		VALUES (p.city, p.id, p_what, p_body->>'code', p_body->>'reason', p_body->>'evidence',
			ledger.app_now(p.city), p_who.kid, p_who.actor);
	RETURN ledger.placement_answer(p_who, p);
END $$;

-- The placement with all whose rank hangs on its seeker's, locked in the one order: her file may
-- have gone into another while we waited for her.
CREATE OR REPLACE FUNCTION ledger.lock_placed(p_city int, p_id bigint) RETURNS bigint[]
LANGUAGE plpgsql AS $$
DECLARE
	her bigint := (SELECT x.seeker FROM ledger.placement x WHERE x.city = p_city AND x.id = p_id);
	was bigint;
	kin bigint[];
BEGIN
	WHILE her IS DISTINCT FROM was LOOP
		kin := ledger.lock_people(p_city, her);
		was := her;
		SELECT x.seeker INTO her FROM ledger.placement x WHERE x.city = p_city AND x.id = p_id
			FOR NO KEY UPDATE;
	END LOOP;
	RETURN kin;
END $$;

-- Whether a void placement still has its place: its post, and she no other work in its days.
CREATE OR REPLACE FUNCTION ledger.refuse_undo(p_who api.caller, p ledger.placement,
	p_vacancy ledger.vacancy, p_today date)
RETURNS api.reply
LANGUAGE plpgsql STABLE AS $$
DECLARE
	over  date := (SELECT e.ended_on FROM ledger.employment e
		WHERE e.city = p.city AND e.placement = p.id);
	other bigint;
BEGIN
	IF p_today - p.void_on > 30 THEN
		RETURN ledger.wrong_state('too-late', jsonb_build_object('void_on', p.void_on));
	ELSIF p_vacancy.filled >= p_vacancy.posts THEN
		RETURN api.refuse(409, 'vacancy-filled', jsonb_build_object('posts', p_vacancy.posts));
	ELSIF p.approval IS NOT NULL AND (over IS NULL OR over > p_today)
			AND ledger.slots_free(p.city, p.approval, greatest(p.start_on, p_today)) <= 0 THEN
		RETURN ledger.wrong_state('no-free-slot');
	END IF;
	SELECT min(w.placement) INTO other FROM ledger.work w
		JOIN ledger.placement o ON o.city = w.city AND o.id = w.placement
		WHERE w.city = p.city AND w.person = p.seeker AND (o.vacancy = p.vacancy
			OR w.start_on < coalesce(over, 'infinity')
			AND p.start_on < coalesce(w.ended_on, 'infinity'));
	IF other IS NOT NULL THEN
		RETURN ledger.refuse_placed(p_who, 'seeker-placed', other);
	END IF;
	RETURN NULL;
END $$;

-- What an approval does: the placement and all that hangs on it, gone or there again.
CREATE OR REPLACE FUNCTION ledger.set_void(p ledger.placement, p_code text, p_today date)
RETURNS ledger.placement
LANGUAGE plpgsql AS $$
DECLARE
	gone boolean := p_code IS NOT NULL;
BEGIN
	UPDATE ledger.placement x SET void_code = p_code, void_on = CASE WHEN gone THEN p_today END,
		state = CASE WHEN gone THEN 'void' WHEN x.registered_on IS NOT NULL THEN 'registered'
			WHEN x.recorded_on IS NOT NULL THEN 'recorded'
			ELSE ledger.said_state(x.city, x.id) END
		WHERE x.city = p.city AND x.id = p.id RETURNING * INTO p;
	UPDATE ledger.employment e SET void_on = p.void_on
		WHERE e.city = p.city AND e.placement = p.id;
	-- What began after an ended job did stays as it is when that job is there again.
	IF gone THEN
		PERFORM ledger.end_otherwise(p.city, ARRAY(SELECT u.id FROM ledger.unemployment u
			WHERE u.city = p.city AND u.person = p.seeker AND u.ended_by = p.id));
	ELSIF p.state IN ('registered', 'recorded') THEN
		PERFORM ledger.end_by_work(p);
	END IF;
	UPDATE ledger.vacancy v SET filled = v.filled + CASE WHEN gone THEN -1 ELSE 1 END,
		version = v.version + 1 WHERE v.city = p.city AND v.id = p.vacancy;
	RETURN p;
END $$;

-- p_record: whether it is asked to be recorded; else to be void, or no longer.
-- rules/void, rules/outside-city, rules/two-hands
CREATE OR REPLACE FUNCTION ledger.decide_voiding(p_who api.caller, p_id bigint, p_body jsonb,
	p_record boolean)
RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	today  date := ledger.today(p_who.city);
	p      ledger.placement;
	post   ledger.vacancy;
	v      ledger.voiding;
	kin    bigint[];
	a      api.reply;
BEGIN
	SELECT * INTO p FROM ledger.placement x WHERE x.city = p_who.city AND x.id = p_id;
	IF p.id IS NULL OR NOT ledger.sees_placement(p_who, p) THEN
		RETURN api.refuse(404, 'not-found');
	END IF;
	PERFORM FROM ledger.approval x WHERE x.city = p.city AND x.approval = p.approval
		FOR NO KEY UPDATE;
	SELECT * INTO post FROM ledger.vacancy x WHERE x.city = p.city AND x.id = p.vacancy
		FOR NO KEY UPDATE;
	kin := ledger.lock_placed(p_who.city, p_id);
	SELECT * INTO p FROM ledger.placement x WHERE x.city = p_who.city AND x.id = p_id;
	SELECT * INTO v FROM ledger.voiding x WHERE x.city = p.city AND x.placement = p.id
		AND x.decision IS NULL AND (x.what = 'record') = p_record;
	IF v.id IS NULL THEN
		RETURN ledger.wrong_state('nothing-asked');
	ELSIF ledger.same_hand(p_who, v.asked_kid, v.asked_actor) THEN
		RETURN ledger.refuse_same_hand(p_who, v.asked_kid, v.asked_actor);
	ELSIF p_body->>'decision' = 'approve' THEN
		a := CASE v.what WHEN 'undo' THEN ledger.refuse_undo(p_who, p, post, today)
			WHEN 'record' THEN ledger.refuse_recording(p) END;
		IF a.status IS NOT NULL THEN
			RETURN a;
		END IF;
	END IF;
	UPDATE ledger.voiding x SET decision = p_body->>'decision',
			decided_at = ledger.app_now(v.city),
			decided_kid = p_who.kid, decided_actor = p_who.actor, decided_for = p_body->>'reason'
		WHERE x.city = v.city AND x.id = v.id;
	IF p_body->>'decision' = 'approve' THEN
		p := CASE WHEN p_record THEN ledger.set_recorded(p, today)
			ELSE ledger.set_void(p, v.code, today) END;
		PERFORM ledger.undo_referral(p_who, p) WHERE NOT p_record;
		PERFORM ledger.rerank(p_who.city, kin, today);
	END IF;
	RETURN ledger.placement_answer(p_who, p);
END $$;

-- p_what: "withdraw", "void", "undo", "decide", "record" or "record decide".
CREATE OR REPLACE FUNCTION api.change_placement(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_idem text, p_req bytea, p_id bigint, p_what text, p_body jsonb)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	a   api.reply  := api.admit_once(who, 'placements.' || split_part(p_what, ' ', 1), p_idem, p_req);
BEGIN
	IF a.status IS NULL THEN
		a := CASE p_what
			WHEN 'withdraw' THEN ledger.withdraw_signal(who, p_id, p_body)
			WHEN 'decide' THEN ledger.decide_voiding(who, p_id, p_body, false)
			WHEN 'record decide' THEN ledger.decide_voiding(who, p_id, p_body, true)
			ELSE ledger.ask_voiding(who, p_id, p_what, p_body) END;
	END IF;
	RETURN QUERY SELECT * FROM api.keep(who, p_idem, 'placement/' || p_id, a);
END $$;
