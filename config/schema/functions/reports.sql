-- Several reports of one job: which placement a report is one more of, which report decides, and
-- what follows when the first day moves.
--
-- Two reports are of one job when person and employer are the same, their first days lie within 30
-- days and they name no two vacancies; a job that is over before that day is another.  Of the reports that stand a bureau's
-- decides, else the one received first; a correction keeps its organisation's turn.  The placement
-- bears what the deciding report says, so that everything counted from it follows; its vacancy is
-- the first that was named, because a post is taken once.  Who may report at all, and what a new
-- placement needs, is placing.sql's; confirmations and voids are signals.sql's.

-- Without an employer a job is the person's own, of the same kind.
-- rules/placement-once
CREATE OR REPLACE FUNCTION ledger.same_job(p_city int, p_seeker bigint, p_vacancy bigint,
	p_employer text, p_kind text, p_start date)
RETURNS ledger.placement
LANGUAGE plpgsql STABLE AS $$
DECLARE
	p ledger.placement;
BEGIN
	SELECT x.* INTO p FROM ledger.placement x
		LEFT JOIN ledger.employment e ON e.city = x.city AND e.placement = x.id
		WHERE x.city = p_city AND x.seeker = p_seeker AND x.state <> 'void'
		  AND (ledger.org_of(x.employer) = ledger.org_of(p_employer)
			OR x.employer IS NULL AND p_employer IS NULL AND x.kind = p_kind)
		  AND (x.vacancy = p_vacancy OR x.vacancy IS NULL OR p_vacancy IS NULL)
		  AND p_start < coalesce(e.ended_on, 'infinity')
		  AND (abs(x.start_on - p_start) <= 30 OR EXISTS (SELECT FROM ledger.placement_signal s
			WHERE s.city = x.city AND s.placement = x.id AND s.signal = 'report'
			  AND s.withdrawn_at IS NULL AND abs(s.start_on - p_start) <= 30))
		ORDER BY ledger.is_job(x.state) DESC, abs(x.start_on - p_start), x.id LIMIT 1;
	RETURN p;
END $$;

-- Other work of hers that a job from this day, with this end or none, could not stand beside.
-- rules/employment
CREATE OR REPLACE FUNCTION ledger.work_beside(p_city int, p_seeker bigint, p_but bigint,
	p_start date, p_end date)
RETURNS bigint
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN (SELECT w.placement FROM ledger.work w
		WHERE w.city = p_city AND w.person = p_seeker AND w.placement IS DISTINCT FROM p_but
		  AND w.start_on < coalesce(p_end, 'infinity')
		  AND p_start < coalesce(w.ended_on, 'infinity')
		ORDER BY w.start_on, w.placement LIMIT 1);
END $$;

-- Names the placement that stands in the way to whoever may see it; to others only that the seeker
-- has one.
CREATE OR REPLACE FUNCTION ledger.refuse_placed(p_who api.caller, p_slug text, p_placement bigint)
RETURNS api.reply
LANGUAGE plpgsql STABLE AS $$
DECLARE
	p ledger.placement;
BEGIN
	SELECT * INTO p FROM ledger.placement x WHERE x.city = p_who.city AND x.id = p_placement;
	IF NOT ledger.sees_placement(p_who, p) THEN
		RETURN api.refuse(409, 'seeker-placed');
	END IF;
	RETURN api.refuse(409, p_slug, jsonb_build_object('placement', p.id::text,
		'start_on', p.start_on));
END $$;

-- A void placement that the caller's organisation has reported just so: this is that report, sent
-- again.  Another first day, or another reference, makes it another.  NULL: there is none.
-- rules/news, rules/void
CREATE OR REPLACE FUNCTION ledger.void_report(p_who api.caller, p_seeker bigint, p_vacancy bigint,
	p_employer text, p_body jsonb)
RETURNS ledger.placement
LANGUAGE plpgsql STABLE AS $$
DECLARE
	p ledger.placement;
BEGIN
	SELECT x.* INTO p FROM ledger.placement x
		JOIN ledger.signal s ON s.city = x.city AND s.placement = x.id
		WHERE x.city = p_who.city AND x.seeker = p_seeker AND x.state = 'void'
		  AND ledger.org_of(x.employer) IS NOT DISTINCT FROM ledger.org_of(p_employer)
		  AND s.signal = 'report' AND s.organisation = p_who.organisation
		  AND (s.start_on, s.kind) = ((p_body->>'start_on')::date, p_body->>'kind')
		  AND (s.vacancy = p_vacancy OR p_vacancy IS NULL)
		  AND (p_body->>'reference' IS NULL OR s.reference = p_body->>'reference')
		ORDER BY x.id DESC LIMIT 1;
	RETURN p;
END $$;

-- What a seeker's earlier placements say to another report: it is one more of one of them (200,
-- whose label says "takes" when that one has no post yet), it is what was said of one that is void
-- ("replayed"), or it is another job that cannot stand beside one.  NULL: nothing.
-- rules/placement-once
CREATE OR REPLACE FUNCTION ledger.judge_placed(p_who api.caller, p_today date, p_seeker bigint,
	p_vacancy bigint, p_body jsonb)
RETURNS api.reply
LANGUAGE plpgsql STABLE AS $$
DECLARE
	start date := (p_body->>'start_on')::date;
	firm  text := coalesce((SELECT e.code FROM ledger.vacancy v
		JOIN ledger.employer e ON e.city = v.city AND e.id = v.employer
		WHERE v.city = p_who.city AND v.id = p_vacancy), p_body->>'employer');
	p     ledger.placement := ledger.same_job(p_who.city, p_seeker, p_vacancy, firm,
		p_body->>'kind', start);
	void  ledger.placement;
	other bigint;
BEGIN
	IF p.id IS NULL THEN
		void := ledger.void_report(p_who, p_seeker, p_vacancy, firm, p_body);
		IF void.id IS NOT NULL THEN
			RETURN ledger.sent_again(ledger.reported_json(void), ledger.newer_by('void', void.void_on));
		END IF;
		SELECT x.id INTO other FROM ledger.placement x
			LEFT JOIN ledger.employment e ON e.city = x.city AND e.placement = x.id
			WHERE x.city = p_who.city AND x.seeker = p_seeker AND ledger.is_job(x.state)
			  AND (x.vacancy = p_vacancy
				OR ledger.org_of(x.employer) = ledger.org_of(firm) AND (x.vacancy IS NULL OR p_vacancy IS NULL)
				AND start < coalesce(e.ended_on, 'infinity'))
			ORDER BY x.vacancy IS NOT DISTINCT FROM p_vacancy DESC, x.id LIMIT 1;
		IF FOUND THEN
			RETURN ledger.refuse_placed(p_who, 'placed-from-another-day', other);
		END IF;
		other := ledger.work_beside(p_who.city, p_seeker, NULL, start, NULL);
		RETURN CASE WHEN other IS NOT NULL
			THEN ledger.refuse_placed(p_who, 'seeker-placed', other) END;
	END IF;
	IF NOT EXISTS (SELECT FROM ledger.signal s WHERE s.city = p.city AND s.placement = p.id
			AND s.signal = 'report' AND s.organisation = p_who.organisation
			AND s.withdrawn_at IS NULL AND s.start_on = start) THEN
		other := ledger.work_beside(p.city, p_seeker, p.id, start, (SELECT e.ended_on
			FROM ledger.employment e WHERE e.city = p.city AND e.placement = p.id));
		IF other IS NOT NULL THEN
			RETURN ledger.refuse_placed(p_who, 'seeker-placed', other);
		END IF;
	END IF;
	IF p_body->>'kind' = 'pwp' AND p.kind <> 'pwp'
			AND (SELECT v.reserved FROM ledger.vacancy v WHERE v.city = p.city
				AND v.id = coalesce(p.vacancy, p_vacancy)) IS NOT TRUE THEN
		RETURN ledger.refuse_fault(ledger.fault('/kind', 'not-reserved', 'pwp', p.kind,
			'The job is reported already, and not as a public-welfare post: it takes no slot later.',
			'该就业已报告，且不是公益性岗位，不能另占名额。'));
	END IF;
	IF p.approval IS NOT NULL AND p.state = 'withdrawn'
			AND ledger.slots_free(p.city, p.approval, greatest(start, p_today)) <= 0 THEN
		RETURN ledger.wrong_state('no-free-slot');
	END IF;
	RETURN ROW('a', 200, 'ok', jsonb_build_object('placement', p.id::text,
		'idle_on', least(p_today, p.start_on - 1))::text, NULL, NULL, NULL,
		CASE WHEN p.vacancy IS NULL AND p.approval IS NULL AND p_vacancy IS NOT NULL AND NOT EXISTS (SELECT
			FROM ledger.placement x WHERE x.city = p.city AND x.seeker = p_seeker
			AND x.vacancy = p_vacancy AND x.state <> 'void') THEN 'takes' ELSE 'joins' END)::api.reply;
END $$;

-- The first report gets a row of its own when more is said than the placement's row can hold.
CREATE OR REPLACE FUNCTION ledger.keep_first_report(p ledger.placement, p_reference text)
RETURNS void
LANGUAGE sql AS $$
	INSERT INTO ledger.placement_signal (city, placement, signal, at, organisation, kid, actor,
			start_on, kind, workplace, vacancy, source, reference)
		SELECT p.city, p.id, 'report', p.reported_at, p.reported_by, p.reported_kid,
			p.reported_actor, p.start_on, p.kind, p.workplace, p.vacancy, p.source, p_reference
		WHERE NOT EXISTS (SELECT FROM ledger.placement_signal s WHERE s.city = p.city
			AND s.placement = p.id AND s.signal = 'report')
$$;

-- Of the reports that stand, and whose day can be: before the job's recorded end, beside no other
-- work.  The labour department's, then the one received first.
-- rules/placement-once
CREATE OR REPLACE FUNCTION ledger.deciding_report(p ledger.placement)
RETURNS ledger.placement_signal
LANGUAGE plpgsql STABLE AS $$
DECLARE
	over date := (SELECT e.ended_on FROM ledger.employment e
		WHERE e.city = p.city AND e.placement = p.id);
	g    ledger.placement_signal;
BEGIN
	SELECT s.* INTO g FROM ledger.placement_signal s
		JOIN ledger.api_key k ON k.city = s.city AND k.kid = s.kid
		WHERE s.city = p.city AND s.placement = p.id AND s.signal = 'report'
		  AND s.withdrawn_at IS NULL AND s.start_on < coalesce(over, 'infinity')
		  AND ledger.work_beside(p.city, p.seeker, p.id, s.start_on, over) IS NULL
		ORDER BY k.role = 4 DESC, coalesce(s.corrects, s.id) LIMIT 1;
	RETURN g;
END $$;

-- The placement as its deciding report has it, with all that hangs on its first day.  Without one
-- it stays as it is.  The caller holds it, and p_kin: the people whose rank may follow.
CREATE OR REPLACE FUNCTION ledger.settle_reports(p ledger.placement, p_kin bigint[], p_today date)
RETURNS ledger.placement
LANGUAGE plpgsql AS $$
DECLARE
	was date := p.start_on;
	g   ledger.placement_signal := ledger.deciding_report(p);
BEGIN
	IF g.id IS NULL OR (g.start_on, g.kind, coalesce(g.workplace, p.workplace), g.source)
			IS NOT DISTINCT FROM (p.start_on, p.kind, p.workplace, p.source) THEN
		RETURN p;
	END IF;
	UPDATE ledger.placement x SET start_on = g.start_on, source = g.source,
			kind = CASE WHEN x.approval IS NULL THEN g.kind ELSE x.kind END,
			workplace = coalesce(g.workplace, x.workplace)
		WHERE x.city = p.city AND x.id = p.id RETURNING * INTO p;
	IF p.start_on = was THEN
		RETURN p;
	END IF;
	UPDATE ledger.employment e SET start_on = p.start_on
		WHERE e.city = p.city AND e.placement = p.id;
	IF FOUND THEN
		UPDATE ledger.unemployment u SET ended_on = greatest(p.start_on, u.since)
			WHERE u.city = p.city AND u.person = p.seeker AND u.ended_by = p.id;
		UPDATE ledger.recognition r SET ended_on = p.start_on
			WHERE r.city = p.city AND r.person = p.seeker AND r.end_reason = 'employed'
			  AND r.ended_on = was AND r.recognised_on <= p.start_on;
	END IF;
	PERFORM ledger.rerank(p.city, p_kin, p_today);
	RETURN p;
END $$;

-- What the signals that stand make of a placement of which two officers have decided nothing.
-- rules/signals
CREATE OR REPLACE FUNCTION ledger.said_state(p_city int, p_id bigint) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN (SELECT CASE WHEN bool_or(s.signal = 'confirmation') THEN 'confirmed'
			WHEN count(*) > 0 THEN 'reported' ELSE 'withdrawn' END
		FROM ledger.signal s WHERE s.city = p_city AND s.placement = p_id
		  AND s.withdrawn_at IS NULL);
END $$;

-- A signal of it was taken back.  When nobody says it any more it is no job: its post is free, its
-- referral goes on, and rank, waiting time and household are as if it had not been.  The caller
-- holds vacancy and placement, and p_kin.
-- rules/signals
CREATE OR REPLACE FUNCTION ledger.settle_signals(p_who api.caller, p ledger.placement,
	p_kin bigint[], p_today date)
RETURNS ledger.placement
LANGUAGE plpgsql AS $$
DECLARE
	post bigint := p.vacancy;
	says text := ledger.said_state(p.city, p.id);
BEGIN
	IF p.state NOT IN ('reported', 'confirmed') OR says = p.state THEN
		RETURN p;
	END IF;
	UPDATE ledger.placement x SET state = says,
			vacancy = CASE WHEN says <> 'withdrawn' THEN x.vacancy END
		WHERE x.city = p.city AND x.id = p.id RETURNING * INTO p;
	IF says = 'withdrawn' THEN
		UPDATE ledger.vacancy v SET filled = v.filled - 1, version = v.version + 1
			WHERE v.city = p.city AND v.id = post;
		PERFORM ledger.undo_referral(p_who, p);
		PERFORM ledger.rerank(p.city, p_kin, p_today);
	END IF;
	RETURN p;
END $$;

-- One more report of a placement: kept beside the others, or in the place of what its organisation
-- said before.  A repeat changes nothing.  An answer without events has the position of the last
-- change, as a replay.
-- rules/placement-once, rules/signals
CREATE OR REPLACE FUNCTION ledger.join_report(p_who api.caller, p_id bigint, p_body jsonb,
	p_vacancy bigint, p_workplace bigint, p_referral bigint, p_kin bigint[], p_at timestamptz)
RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	today date := ledger.legal_day(p_at);
	here  bigint := pg_current_xact_id()::text::bigint;
	seen  bigint := ledger.last_event(p_who.city, here);
	turn  bigint;
	p     ledger.placement;
	own   record;
	says  record;
BEGIN
	SELECT * INTO p FROM ledger.placement x WHERE x.city = p_who.city AND x.id = p_id
		FOR NO KEY UPDATE;
	SELECT s.* INTO own FROM ledger.signal s WHERE s.city = p.city AND s.placement = p.id
		AND s.signal = 'report' AND s.organisation = p_who.organisation
		AND s.withdrawn_at IS NULL;
	-- What a repeat leaves out stays as it was said.
	SELECT (p_body->>'start_on')::date AS start_on, p_body->>'kind' AS kind,
			coalesce(p_workplace, own.workplace) AS workplace,
			coalesce(p_vacancy, own.vacancy) AS vacancy,
			coalesce(p_body->>'source', own.source, p_who.organisation) AS source,
			coalesce(p_body->>'reference', own.reference) AS reference INTO says;
	IF (says.start_on, says.kind, says.workplace, says.vacancy, says.source, says.reference)
			IS DISTINCT FROM
			(own.start_on, own.kind, own.workplace, own.vacancy, own.source, own.reference) THEN
		PERFORM ledger.keep_first_report(p, NULL);
		UPDATE ledger.placement_signal s SET withdrawn_at = p_at, withdrawn_actor = p_who.actor,
				withdrawn_for = 'corrected'
			WHERE s.city = p.city AND s.placement = p.id AND s.signal = 'report'
			  AND s.organisation = p_who.organisation AND s.withdrawn_at IS NULL
			RETURNING coalesce(s.corrects, s.id) INTO turn;
		INSERT INTO ledger.placement_signal (city, placement, signal, at, organisation, kid, actor,
				start_on, kind, workplace, vacancy, source, reference, corrects)
			VALUES (p.city, p.id, 'report', p_at, p_who.organisation, p_who.kid, p_who.actor,
				says.start_on, says.kind, says.workplace, says.vacancy, says.source, says.reference,
				turn);
		INSERT INTO ledger.action (city, kid, officer, on_behalf, op, object, request)
			VALUES (p.city, p_who.kid, p_who.officer, p_who.on_behalf, 'placements.create',
				'placement/' || p.id, coalesce(p_who.request, ''));
	END IF;
	-- Said again: a job from this report's day.
	IF p.state = 'withdrawn' THEN
		UPDATE ledger.placement x SET state = 'reported', start_on = says.start_on
			WHERE x.city = p.city AND x.id = p.id RETURNING * INTO p;
		PERFORM ledger.rerank(p.city, p_kin, today);
	END IF;
	IF p.vacancy IS NULL AND p.approval IS NULL AND p_vacancy IS NOT NULL AND NOT EXISTS (SELECT FROM ledger.placement x
			WHERE x.city = p.city AND x.seeker = p.seeker AND x.vacancy = p_vacancy
			AND x.state <> 'void') THEN
		UPDATE ledger.placement x SET vacancy = p_vacancy,
			workplace = coalesce(x.workplace, p_workplace)
			WHERE x.city = p.city AND x.id = p.id RETURNING * INTO p;
		UPDATE ledger.vacancy v SET filled = v.filled + 1, version = v.version + 1
			WHERE v.city = p.city AND v.id = p_vacancy;
	END IF;
	IF p_referral IS NOT NULL THEN
		PERFORM ledger.place_referral(p_who, p_referral, p.id);
	END IF;
	p := ledger.settle_reports(p, p_kin, today);
	IF seen IS DISTINCT FROM ledger.last_event(p.city, here) THEN
		UPDATE ledger.placement x SET xid = here WHERE x.city = p.city AND x.id = p.id;
		RETURN api.answer(200, ledger.reported_json(p));
	END IF;
	RETURN ROW('a', 200, 'ok', ledger.reported_json(p)::text, p.xid,
		ledger.last_event(p.city, p.xid), NULL, 'replayed')::api.reply;
END $$;

-- Who says so beside the reporter: "alone" is nobody.
-- rules/standing
CREATE OR REPLACE FUNCTION ledger.standing_of(p ledger.placement) RETURNS text
LANGUAGE plpgsql STABLE AS $$
DECLARE
	r ledger.referral;
BEGIN
	IF EXISTS (SELECT FROM ledger.signal s
			JOIN ledger.api_key k ON k.city = s.city AND k.kid = s.kid AND k.role = 1
			WHERE s.city = p.city AND s.placement = p.id AND s.withdrawn_at IS NULL) THEN
		RETURN 'employer';
	END IF;
	SELECT * INTO r FROM ledger.referral x WHERE x.city = p.city AND x.seeker = p.seeker
		AND x.placement = p.id AND x.state = 'placed' LIMIT 1;
	IF FOUND THEN
		RETURN CASE WHEN r.consented_at IS NULL THEN 'referral' ELSE 'consent' END;
	END IF;
	RETURN CASE WHEN (SELECT count(DISTINCT s.organisation) FROM ledger.signal s
			WHERE s.city = p.city AND s.placement = p.id AND s.signal <> 'registration'
			  AND s.withdrawn_at IS NULL) > 1 THEN 'several' ELSE 'alone' END;
END $$;

-- Who reported it, in the order of receipt; `decides`: whose word the placement bears.
CREATE OR REPLACE FUNCTION ledger.sources_json(p ledger.placement) RETURNS jsonb
LANGUAGE sql STABLE AS $$
	SELECT coalesce(jsonb_agg(jsonb_build_object('organisation', s.organisation,
			'role', (SELECT ledger.role_name(k.role) FROM ledger.api_key k
				WHERE k.city = s.city AND k.kid = s.kid),
			'start_on', s.start_on, 'kind', s.kind, 'vacancy', s.vacancy::text,
			'source', s.source, 'reference', s.reference, 'received_at', ledger.instant(s.at),
			'decides', CASE WHEN s.id IS NULL THEN true ELSE s.id IS NOT DISTINCT FROM d.id END,
			'withdrawn', CASE WHEN s.withdrawn_at IS NOT NULL THEN jsonb_build_object(
				'at', ledger.instant(s.withdrawn_at), 'reason', s.withdrawn_for) END)
			ORDER BY s.id), '[]')
		FROM ledger.signal s, (SELECT (ledger.deciding_report(p)).id) d
		WHERE s.city = p.city AND s.placement = p.id AND s.signal = 'report'
$$;

CREATE OR REPLACE FUNCTION ledger.shown_state(p ledger.placement) RETURNS text
LANGUAGE sql STABLE AS $$
	SELECT coalesce(ledger.open_voiding(p.city, p.id) || '-asked', p.state)
$$;

-- What a report of it is answered with.
CREATE OR REPLACE FUNCTION ledger.reported_json(p ledger.placement) RETURNS jsonb
LANGUAGE sql STABLE AS $$
	SELECT ledger.placement_short(p.id, p.seeker, p.vacancy, p.kind, p.start_on,
		ledger.standing_of(p)) || jsonb_build_object('state', ledger.shown_state(p),
		'sources', ledger.sources_json(p))
$$;
