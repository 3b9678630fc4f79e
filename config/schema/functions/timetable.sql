-- What time brings: the jobs that are done again and again, each by one caller at a time
-- (daemon/timetable says when), and the clock of a sandbox, which is moved through them.
--
-- A job does at most p_limit at once and returns how much that was: if anything, there may be
-- more.

-- False: somebody is at this job, who will see to what is left; do nothing.
CREATE OR REPLACE FUNCTION ops.take_turn(p_city int, p_job text) RETURNS boolean
LANGUAGE sql AS $$
	SELECT pg_try_advisory_xact_lock(p_city, hashtext('timetable ' || p_job))
$$;

-- Vacancies that ran out or fell silent, and whoever's class ends by the ledger's day.
CREATE OR REPLACE FUNCTION ledger.turn_day(p_city int, p_limit int) RETURNS int
LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
	today date := ledger.today(p_city);
	due   bigint[];
	ended int;
BEGIN
	-- As a list: joined, a plan for many would read every vacancy up to the last of a few.
	due := ARRAY(SELECT e.id FROM ledger.vacancy e
			WHERE e.city = p_city AND e.open AND coalesce(e.valid_until, 'infinity') < today
		UNION SELECT s.vacancy FROM ledger.vacancy_standing s
			WHERE s.city = p_city AND s.turn_on <= today);
	due := ARRAY(SELECT v.id FROM ledger.vacancy v
		WHERE v.city = p_city AND v.open AND v.id = ANY (due) AND (v.valid_until < today
			OR EXISTS (SELECT FROM ledger.vacancy_standing s WHERE s.city = p_city
				AND s.vacancy = v.id AND s.turn_on <= today))
		ORDER BY v.id LIMIT p_limit FOR NO KEY UPDATE OF v SKIP LOCKED);
	PERFORM ledger.lock_referred(p_city, due);
	UPDATE ledger.vacancy v SET open = false, version = v.version + 1,
			closed_on = ledger.over_on(v.valid_until, s.turn_on),
			closed_reason = ledger.over_for(v.valid_until, s.turn_on)
		FROM unnest(due) d(id) LEFT JOIN ledger.vacancy_standing s ON s.city = p_city
			AND s.vacancy = d.id
		WHERE v.city = p_city AND v.id = d.id;
	GET DIAGNOSTICS ended = ROW_COUNT;
	SELECT array_agg(x.id) INTO due FROM (SELECT s.id FROM ledger.seeker s
		WHERE s.city = p_city AND s.turn_on <= today
		ORDER BY s.turn_on LIMIT p_limit - ended FOR NO KEY UPDATE SKIP LOCKED) x;
	PERFORM ledger.rerank(p_city, due, today);
	RETURN ended + coalesce(cardinality(due), 0);
END $$;

CREATE OR REPLACE FUNCTION ops.turn_day(p_city int, p_limit int) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	IF NOT ops.take_turn(p_city, 'turn_day') THEN
		RETURN 0;
	END IF;
	RETURN ledger.turn_day(p_city, p_limit);
END $$;

CREATE OR REPLACE FUNCTION ops.expire_referrals(p_city int, p_limit int) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	IF NOT ops.take_turn(p_city, 'expire_referrals') THEN
		RETURN 0;
	END IF;
	RETURN ledger.expire_referrals(p_city, p_limit);
END $$;

-- Kept answers go after 35 days: their natural keys stay.  Those to a call go when nobody can
-- repeat it any more.
CREATE OR REPLACE FUNCTION ops.forget_answers(p_city int, p_limit int) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	n int;
	m int;
BEGIN
	IF NOT ops.take_turn(p_city, 'forget_answers') THEN
		RETURN 0;
	END IF;
	DELETE FROM ledger.idempotency i WHERE (i.city, i.first_kid, i.key) IN (
		SELECT o.city, o.first_kid, o.key FROM ledger.idempotency o WHERE o.city = p_city
		AND o.created_at < transaction_timestamp() - interval '35 days' LIMIT p_limit);
	GET DIAGNOSTICS n = ROW_COUNT;
	DELETE FROM ledger.answered_call c WHERE (c.city, c.call) IN (
		SELECT o.city, o.call FROM ledger.answered_call o WHERE o.city = p_city
		AND o.at < transaction_timestamp() - interval '10 minutes' LIMIT p_limit - n);
	GET DIAGNOSTICS m = ROW_COUNT;
	RETURN n + m;
END $$;

-- Whether something that time has brought by now is still to be done, whoever holds the rows.
CREATE OR REPLACE FUNCTION ledger.is_due(p_city int) RETURNS boolean
LANGUAGE plpgsql STABLE SET enable_seqscan = off AS $$
DECLARE
	at    timestamptz := ledger.app_now(p_city);
	today date        := ledger.legal_day(at);
BEGIN
	RETURN EXISTS (SELECT FROM ledger.vacancy e
			WHERE e.city = p_city AND e.open AND coalesce(e.valid_until, 'infinity') < today)
		OR EXISTS (SELECT FROM ledger.vacancy_standing s
			WHERE s.city = p_city AND s.turn_on <= today)
		OR EXISTS (SELECT FROM ledger.seeker s WHERE s.city = p_city AND s.turn_on <= today)
		OR EXISTS (SELECT FROM ledger.referral x WHERE x.city = p_city
			AND x.state IN ('proposed', 'consented', 'accepted', 'interviewed', 'offered')
			AND x.expires_at <= at);
END $$;

CREATE OR REPLACE FUNCTION api.read_clock(p_city int, p_kid text, p_hash bytea, p_actor text)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	a api.reply := api.admit_admin(p_kid, p_hash);
BEGIN
	IF a.status IS NULL THEN
		a := api.answer(200, (SELECT jsonb_build_object('now',
				ledger.instant(ledger.app_now(c.city)), 'sandbox', c.sandbox,
				'fixed', c.fixed_clock IS NOT NULL)
			FROM ledger.city c WHERE c.city = p_city));
	END IF;
	RETURN NEXT a;
END $$;

-- One step of the way: some of the work that is due where the clock stands, or else on to the
-- next midnight, or to where it is sent.  202: call again, with its "from"; other calls go on
-- in between, as on any day.  200: it has arrived, and nothing is due.  The move is kept among
-- the actions by its first step: whatever ends it on the way, the clock has moved.
CREATE OR REPLACE FUNCTION api.move_clock(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_body jsonb, p_from timestamptz)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	step CONSTANT int := 200;
	goal  timestamptz := p_body->>'now';
	call  text        := CASE WHEN p_from IS NULL THEN split_part(p_actor, ' ', 3) END;
	a     api.reply   := api.admit_admin(p_kid, p_hash);
	who   api.caller;
	town  ledger.city;
	begun timestamptz;
	n     int;
BEGIN
	IF a.status IS NULL THEN
		a := api.said_to_call(p_city, call);
	END IF;
	IF a.status IS NULL THEN
		SELECT * INTO town FROM ledger.city c WHERE c.city = p_city FOR NO KEY UPDATE;
		begun := coalesce(p_from, town.fixed_clock);
		a := CASE WHEN NOT town.sandbox OR town.fixed_clock IS NULL THEN
				api.refuse(409, 'clock-runs')
			WHEN goal < town.fixed_clock THEN api.refuse(409, 'clock-backward',
				jsonb_build_object('now', ledger.instant(town.fixed_clock)))
			WHEN goal > begun + interval '366 days' THEN ledger.refuse_fault(
				ledger.fault('/now', 'range', p_body->>'now', 'at most 366 days ahead of '
				|| ledger.instant(begun), 'The clock would pass more than a year at once.',
				'一次最多向前调整 366 天。')) END;
	END IF;
	IF a.status IS NOT NULL THEN
		RETURN NEXT a;
		RETURN;
	END IF;
	IF p_from IS NULL AND goal > begun THEN
		PERFORM ledger.note_operator(p_city, p_actor, 'clock.move',
			'clock/' || ledger.instant(begun) || '/' || ledger.instant(goal));
	END IF;
	n := ops.turn_day(p_city, step) + ops.expire_referrals(p_city, step);
	IF n = 0 AND ledger.is_due(p_city) THEN
		PERFORM pg_sleep(0.02); -- somebody has the row or the job; it is theirs for a moment
	ELSIF n = 0 AND goal = town.fixed_clock THEN
		RETURN NEXT api.answer(200, jsonb_build_object('from', ledger.instant(begun),
			'now', ledger.instant(goal)));
		RETURN;
	ELSIF n = 0 THEN
		UPDATE ledger.city c SET fixed_clock = least(goal, (ledger.legal_day(c.fixed_clock) + 1)
				::timestamp AT TIME ZONE 'Asia/Shanghai') WHERE c.city = p_city;
	END IF;
	who.city := p_city;
	a := api.answer(202, jsonb_build_object('from', ledger.instant(begun)));
	PERFORM api.note_said(p_city, call, a);
	RETURN QUERY SELECT * FROM api.keep(who, NULL, NULL, a);
END $$;
