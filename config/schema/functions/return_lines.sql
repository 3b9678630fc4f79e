-- Lines of returns that stand: amended, begun, closed.
--
-- One amended line and a batch of an import are the same function (ledger.amend_lines); it
-- takes lines of many returns and leaves alone what it is not given.

-- Vacancies as these amendments say: changed ones get a new version, new ones are opened.
CREATE OR REPLACE FUNCTION ledger.amend_vacancies(p_city int, p_work ledger.amendment[],
	p_today date)
RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	release int := (ledger.policy_on(p_city, p_today)).release_days;
BEGIN
	UPDATE ledger.vacancy v SET version = v.version + 1, open = w.opens,
			closed_reason = CASE WHEN NOT w.opens THEN coalesce(v.closed_reason,
				ledger.over_for((w.line).valid_until, w.until)) END,
			closed_on = CASE WHEN NOT w.opens THEN coalesce(v.closed_on,
				ledger.over_on((w.line).valid_until, w.until)) END,
			occupation = (w.line).occupation, title = (w.line).title,
			duties = coalesce((w.line).duties, ''),
			employer_name = w.employer_name, pay_text = (w.line).pay_text,
			posts = (w.line).posts, place = (w.line).place,
			pay_min_month = (w.line).pay_min_month, pay_max_month = (w.line).pay_max_month,
			education_rank = (w.line).education_rank,
			experience_months = (w.line).experience_months, shift = (w.line).shift,
			form = (w.line).form, reserved = (w.line).reserved, approval = (w.line).approval,
			posted_on = CASE WHEN v.open OR NOT w.opens THEN v.posted_on ELSE p_today END,
			valid_until = (w.line).valid_until,
			released_on = CASE WHEN (w.line).reserved THEN greatest(a.release_on,
				CASE WHEN a.release_on IS NOT NULL THEN v.posted_on + release END) END,
			required = ledger.unhex((w.line).skills_required),
			wished = ledger.unhex((w.line).skills_wished),
			licences = ledger.unhex((w.line).licences)
		FROM (SELECT w.line, w.employer_name, w.until, w.opens, x.ctid AS at FROM unnest(p_work) w,
			LATERAL (SELECT x.ctid FROM ledger.vacancy x WHERE x.city = p_city
				AND x.id = w.vacancy OFFSET 0) x
			WHERE w.writes AND w.follows OFFSET 0) w
		LEFT JOIN LATERAL (SELECT a.release_on FROM ledger.approval a WHERE a.city = p_city
			AND a.approval = (w.line).approval OFFSET 0) a ON true
		WHERE v.ctid = w.at
		  AND (v.open <> w.opens OR (v.occupation, v.title, v.duties, v.employer_name, v.pay_text, v.posts,
			v.place, v.pay_min_month, v.pay_max_month, v.education_rank, v.experience_months,
			v.shift, v.form, v.reserved, v.approval, v.valid_until, v.required, v.wished,
			v.licences) IS DISTINCT FROM ((w.line).occupation, (w.line).title,
			coalesce((w.line).duties, ''), w.employer_name,
			(w.line).pay_text, (w.line).posts, (w.line).place, (w.line).pay_min_month,
			(w.line).pay_max_month, (w.line).education_rank, (w.line).experience_months,
			(w.line).shift, (w.line).form, (w.line).reserved, (w.line).approval,
			(w.line).valid_until, ledger.unhex((w.line).skills_required),
			ledger.unhex((w.line).skills_wished), ledger.unhex((w.line).licences)));

	INSERT INTO ledger.vacancy (city, employer, district, ref, open, closed_reason, closed_on,
			occupation, title, employer_name, pay_text, posts, place, pay_min_month, pay_max_month, education_rank,
			experience_months, shift, form, reserved, approval, posted_on, valid_until,
			released_on, required, wished, licences, duties)
		SELECT p_city, w.employer, l.district, l.ref, w.opens,
			CASE WHEN NOT w.opens THEN ledger.over_for(l.valid_until, w.until) END,
			CASE WHEN NOT w.opens THEN ledger.over_on(l.valid_until, w.until) END,
			l.occupation, l.title, w.employer_name,
			l.pay_text, l.posts, l.place, l.pay_min_month, l.pay_max_month, l.education_rank,
			l.experience_months, l.shift, l.form, l.reserved, l.approval,
			CASE WHEN w.opens THEN p_today ELSE least(p_today,
				ledger.over_on(l.valid_until, w.until)) END, l.valid_until,
			CASE WHEN a.release_on IS NOT NULL THEN greatest(a.release_on, p_today + release) END,
			ledger.unhex(l.skills_required), ledger.unhex(l.skills_wished), ledger.unhex(l.licences),
			coalesce(l.duties, '')
		FROM unnest(p_work) w, LATERAL (SELECT (w.line).*) l
		LEFT JOIN LATERAL (SELECT a.release_on FROM ledger.approval a WHERE a.city = p_city
			AND a.approval = l.approval AND l.reserved OFFSET 0) a ON true
		WHERE w.writes AND w.vacancy IS NULL ORDER BY l.n;
END $$;

-- Lines into the next version of their returns; what they do not mention stays as it is.
-- Planned anew for each batch: a plan that is kept from an almost empty ledger goes on
-- reading a full one by half an index.
CREATE OR REPLACE FUNCTION ledger.amend_lines(p_who api.caller, p_lines ledger.offered_line[],
	p_explicit boolean DEFAULT false)
RETURNS ledger.amendment[]
LANGUAGE plpgsql SET plan_cache_mode = force_custom_plan AS $$
DECLARE
	at     timestamptz := ledger.app_now(p_who.city);
	today  date := ledger.legal_day(at);
	work   ledger.amendment[];
	full_  int[];
	shut   bigint[]; -- vacancies that are closed
BEGIN
	PERFORM FROM (SELECT DISTINCT e.id FROM unnest(p_lines) l, LATERAL (SELECT e.id
				FROM ledger.employer e WHERE e.city = p_who.city AND e.org = ledger.org_of(l.employer)
				  AND ledger.may_see_return(p_who, e.code, l.district) OFFSET 0) e
			ORDER BY 1 OFFSET 0) x, LATERAL (SELECT FROM ledger.employer e
			WHERE e.city = p_who.city AND e.id = x.id FOR NO KEY UPDATE) e;
	PERFORM ledger.lock_approvals(p_who.city, p_lines);
	work := ledger.weigh_lines(p_who, p_lines, today, p_explicit);
	-- Posts may not be fewer than the people placed, who are counted under the lock.
	SELECT array_agg(x.n) FILTER (WHERE v.filled > x.posts),
			array_agg(x.vacancy) FILTER (WHERE NOT v.open) INTO full_, shut
		FROM (SELECT w.vacancy, (w.line).n, (w.line).posts FROM unnest(work) w
			WHERE w.writes AND w.follows AND w.vacancy IS NOT NULL ORDER BY 1 OFFSET 0) x,
		LATERAL (SELECT v.filled, v.open FROM ledger.vacancy v WHERE v.city = p_who.city
			AND v.id = x.vacancy FOR NO KEY UPDATE) v;
	PERFORM ledger.lock_referred(p_who.city, shut);
	IF full_ IS NOT NULL THEN
		work := (SELECT array_agg(CASE WHEN (w.line).n = ANY (full_)
				THEN ROW(w.line, w.employer, w.employer_name, w.old_line, w.vacancy, w.follows,
					w.rewrites, false, 'refused', ledger.fault('/posts', 'posts-below-placements',
					(w.line).posts::text, 'at least ' || (SELECT v.filled FROM ledger.vacancy v
						WHERE v.city = p_who.city AND v.id = w.vacancy),
					'So many people are placed on this vacancy already.',
					'该岗位已安置人数多于所报人数。'), w.until, w.opens, NULL)::ledger.amendment
				ELSE w END ORDER BY (w.line).n) FROM unnest(work) w);
	END IF;
	IF NOT EXISTS (SELECT FROM unnest(work) w WHERE w.writes) THEN
		RETURN work;
	END IF;

	PERFORM ledger.amend_vacancies(p_who.city, work, today);
	-- A body that is filed later is compared with a hash that no body has.
	WITH touched AS (SELECT DISTINCT w.employer, (w.line).district, (w.line).quarter
			FROM unnest(work) w WHERE w.writes),
	now_is AS (INSERT INTO ledger.return AS r (city, employer, district, quarter, version,
				first_on, received_at, late, nil, body_hash)
			SELECT p_who.city, t.employer, t.district, t.quarter, 1, today, at,
				today > ledger.quarter_due(t.quarter), false, sha256('amended')
			FROM touched t ORDER BY 2, 3, 4
			ON CONFLICT (city, employer, district, quarter) DO UPDATE SET version = r.version + 1,
				received_at = at, nil = false, body_hash = sha256('amended')
			RETURNING r.city, r.id, r.version)
	INSERT INTO ledger.return_version (city, return, version, nil, staff, received_at, contact,
			phone, contact_mark, closed, answer, kid, actor)
		SELECT n.city, n.id, n.version, false, p.staff, at, p.contact, p.phone, p.contact_mark,
			'[]', '{}', p_who.kid, p_who.actor
		FROM now_is n LEFT JOIN LATERAL (SELECT * FROM ledger.return_version p
			WHERE p.city = n.city AND p.return = n.id AND p.version = n.version - 1 OFFSET 0) p
			ON true;
	UPDATE ledger.return_line l SET version_to = w.version
		FROM (SELECT x.ctid AS at, r.version FROM unnest(work) w,
			LATERAL (SELECT x.ctid, x.return FROM ledger.return_line x WHERE x.city = p_who.city
				AND x.id = w.old_line OFFSET 0) x,
			LATERAL (SELECT r.version FROM ledger.return r WHERE r.city = p_who.city
				AND r.id = x.return OFFSET 0) r
			WHERE w.writes AND w.rewrites OFFSET 0) w
		WHERE l.ctid = w.at;
	INSERT INTO ledger.return_line (city, return, ref, version_from, vacancy, filed, contact,
			contact_mark)
		SELECT p_who.city, r.id, (w.line).ref, r.version, v.id, (w.line).filed,
			decode((w.line).contact, 'hex'), ledger.contact_mark((w.line).contact_key,
				decode((w.line).contact, 'hex'))
		FROM unnest(work) w,
		LATERAL (SELECT r.id, r.version FROM ledger.return r WHERE r.city = p_who.city
			AND r.employer = w.employer AND r.district = (w.line).district
			AND r.quarter = (w.line).quarter OFFSET 0) r,
		LATERAL (SELECT v.id FROM ledger.vacancy v WHERE v.city = p_who.city
			AND v.employer = w.employer AND v.district = (w.line).district
			AND v.ref = (w.line).ref OFFSET 0) v
		WHERE w.writes AND w.rewrites ORDER BY (w.line).n;
	INSERT INTO ledger.vacancy_standing AS s (city, vacancy, line, quarter, confirmed_on,
			lapses_on, turn_on)
		SELECT p_who.city, l.vacancy, l.id, (w.line).quarter, today, w.until,
			CASE WHEN w.opens THEN w.until END
		FROM unnest(work) w,
		LATERAL (SELECT r.id FROM ledger.return r WHERE r.city = p_who.city
			AND r.employer = w.employer AND r.district = (w.line).district
			AND r.quarter = (w.line).quarter OFFSET 0) r,
		LATERAL (SELECT l.id, l.vacancy FROM ledger.return_line l WHERE l.city = p_who.city
			AND l.return = r.id AND l.ref = (w.line).ref AND l.version_to IS NULL OFFSET 0) l
		WHERE w.writes
		ON CONFLICT (city, vacancy) DO UPDATE SET line = EXCLUDED.line,
			quarter = EXCLUDED.quarter, confirmed_on = EXCLUDED.confirmed_on,
			lapses_on = EXCLUDED.lapses_on, turn_on = EXCLUDED.turn_on
		WHERE s.quarter <= EXCLUDED.quarter;
	-- The vacancies that were opened have their ids now.
	RETURN (SELECT array_agg(CASE WHEN w.vacancy IS NULL AND w.writes THEN ROW(w.line, w.employer,
			w.employer_name, w.old_line, v.id, w.follows, w.rewrites, w.writes, w.result,
			w.fault, w.until, w.opens, w.newer)::ledger.amendment ELSE w END ORDER BY (w.line).n)
		FROM unnest(work) w LEFT JOIN LATERAL (SELECT v.id FROM ledger.vacancy v
			WHERE w.vacancy IS NULL AND v.city = p_who.city AND v.employer = w.employer
			  AND v.district = (w.line).district AND v.ref = (w.line).ref OFFSET 0) v ON true);
END $$;

-- Closes one line's vacancy by reason, as a version of the return that no longer has it.
-- rules/closing
CREATE OR REPLACE FUNCTION ledger.close_line(p_who api.caller, p_ret ledger.return, p_ref text,
	p_closing jsonb)
RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	at   timestamptz := ledger.app_now(p_who.city);
	line ledger.return_line;
BEGIN
	SELECT l.* INTO line FROM ledger.return_line l WHERE l.city = p_ret.city
		AND l.return = p_ret.id AND l.ref = p_ref AND l.version_to IS NULL;
	UPDATE ledger.vacancy v SET version = v.version + 1, open = false,
			closed_reason = p_closing->>'reason', closed_on = ledger.legal_day(at)
		FROM ledger.vacancy_standing s
		WHERE v.city = line.city AND v.id = line.vacancy AND v.open AND s.city = v.city
		  AND s.vacancy = v.id AND s.quarter <= p_ret.quarter;
	UPDATE ledger.return r SET version = r.version + 1, received_at = at,
			body_hash = sha256('amended'), nil = NOT EXISTS (SELECT FROM ledger.return_line l
				WHERE l.city = r.city AND l.return = r.id AND l.version_to IS NULL AND l.id <> line.id)
		WHERE r.city = p_ret.city AND r.id = p_ret.id;
	UPDATE ledger.return_line l SET version_to = p_ret.version + 1
		WHERE l.city = line.city AND l.id = line.id;
	INSERT INTO ledger.return_version (city, return, version, nil, staff, received_at, contact,
			phone, contact_mark, closed, answer, kid, actor)
		SELECT v.city, v.return, v.version + 1, NOT EXISTS (SELECT FROM ledger.return_line l
				WHERE l.city = v.city AND l.return = v.return AND l.version_to IS NULL),
			v.staff, at, v.contact, v.phone, v.contact_mark,
			jsonb_build_array(jsonb_build_object('ref', p_ref) || p_closing), '{}', p_who.kid,
			p_who.actor
		FROM ledger.return_version v WHERE v.city = p_ret.city AND v.return = p_ret.id
		  AND v.version = p_ret.version;
END $$;

-- These refs without those beside which something newer stands.
CREATE OR REPLACE FUNCTION ledger.refs_but(p_refs jsonb, p_newer jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT coalesce(jsonb_agg(r ORDER BY n), '[]')
	FROM jsonb_array_elements(coalesce(p_refs, '[]')) WITH ORDINALITY x(r, n)
	WHERE NOT p_newer @> jsonb_build_array(jsonb_build_object('ref', r))
$$;

-- What filing the return would have answered, had it been sent whole.  Lines that are history
-- stand neither among those added nor those changed, but in newer_stands.
CREATE OR REPLACE FUNCTION ledger.amended_json(p_city int, p_return bigint, p_was int) RETURNS jsonb
LANGUAGE sql STABLE AS $$
	SELECT jsonb_build_object('added', d.added, 'changed', d.changed, 'employer', e.code,
		'district', r.district, 'quarter', r.quarter, 'version', r.version,
		'state', CASE WHEN r.late THEN 'late' ELSE 'received' END, 'nil', v.nil,
		'received_at', ledger.instant(r.received_at), 'due', ledger.quarter_due(r.quarter),
		'closed', coalesce(d.closed->'closed', '[]'),
		'unchanged', l.n - jsonb_array_length(d.added) - jsonb_array_length(d.changed),
		'newer_stands', coalesce(d.closed->'newer', '[]') || n.newer,
		'unmentioned', (SELECT coalesce(jsonb_agg(jsonb_build_object('ref', x.ref,
				'lapses_on', s.lapses_on) ORDER BY x.ref), '[]')
			FROM ledger.vacancy x
			JOIN ledger.vacancy_standing s ON s.city = x.city AND s.vacancy = x.id
			WHERE x.city = r.city AND x.employer = r.employer AND x.district = r.district
			  AND ledger.is_open(x.open, x.valid_until, ledger.today(x.city))
			  AND s.quarter < r.quarter),
		'vacancies', l.vacancies)
	FROM ledger.return r
	JOIN ledger.employer e ON e.city = r.city AND e.id = r.employer
	JOIN ledger.return_version v ON v.city = r.city AND v.return = r.id AND v.version = r.version,
	LATERAL (SELECT ledger.newer_stands(r) AS newer) n,
	LATERAL (SELECT CASE WHEN r.version > p_was THEN ledger.version_diff(r.city, r.id, r.version)
			END AS diff) c,
	LATERAL (SELECT ledger.refs_but(c.diff->'added', n.newer) AS added,
			ledger.refs_but(c.diff->'changed', n.newer) AS changed,
			CASE WHEN r.version > p_was THEN ledger.closings_that_hold(r.city, r.employer, r.district,
				r.quarter, v.closed) END AS closed) d,
	LATERAL (SELECT count(*) AS n, coalesce(jsonb_object_agg(l.ref, l.vacancy::text), '{}')
			AS vacancies
		FROM ledger.return_line l WHERE l.city = r.city AND l.return = r.id
		  AND l.version_to IS NULL) l
	WHERE r.city = p_city AND r.id = p_return
$$;

-- A return that stands as it was wanted.
CREATE OR REPLACE FUNCTION ledger.return_unchanged(p_ret ledger.return) RETURNS api.reply
LANGUAGE sql STABLE AS $$
	SELECT api.unchanged(ledger.amended_json(v.city, v.return, v.version), v.xid,
		ledger.last_event(v.city, v.xid))
	FROM ledger.return_version v
	WHERE v.city = p_ret.city AND v.return = p_ret.id AND v.version = p_ret.version
$$;

-- One line amended (p_line) or closed (p_closing).  p_version is the version it was read in.
CREATE OR REPLACE FUNCTION api.amend_return_line(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_employer text, p_district text, p_quarter text, p_ref text, p_line json, p_closing jsonb,
	p_version int)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who     api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	refused api.reply  := api.admit_call(who, 'returns.file');
	ret     ledger.return;
	work    ledger.amendment[];
BEGIN
	IF refused.status IS NOT NULL THEN
		RETURN NEXT refused;
		RETURN;
	END IF;
	PERFORM FROM ledger.employer e WHERE e.city = p_city AND e.org = ledger.org_of(p_employer)
		AND ledger.may_see_return(who, e.code, p_district) FOR NO KEY UPDATE;
	ret := ledger.return_of(who, p_employer, p_district, p_quarter);
	refused := CASE
		WHEN ret.id IS NULL THEN ledger.no_return(who, p_employer, p_district, p_quarter)
		WHEN ret.version <> p_version THEN
			api.refuse(412, 'version-changed', jsonb_build_object('version', ret.version))
		WHEN NOT EXISTS (SELECT FROM ledger.return_line l WHERE l.city = ret.city
			AND l.return = ret.id AND l.ref = p_ref AND l.version_to IS NULL) THEN
			ledger.refuse_line(ret, p_ref)
		WHEN NOT ledger.quarter_is_open(p_quarter, ledger.today(p_city)) THEN
			api.refuse(422, 'quarter-not-open', jsonb_build_object(
				'open_from', ledger.quarter_of((ledger.today(p_city) - interval '2 years')::date),
				'open_to', ledger.quarter_of(ledger.today(p_city)))) END;
	IF refused.status IS NULL AND p_closing IS NOT NULL THEN
		PERFORM ledger.close_line(who, ret, p_ref, p_closing);
	ELSIF refused.status IS NULL THEN
		work := ledger.amend_lines(who, ARRAY(SELECT l
			FROM json_populate_recordset(NULL::ledger.offered_line, p_line) l), true);
		IF work[1].fault IS NOT NULL THEN
			refused := CASE work[1].fault->>'rule'
				WHEN 'posts-below-placements' THEN api.refuse(409, 'posts-below-placements',
					jsonb_build_object('errors', jsonb_build_array(work[1].fault)))
				WHEN 'approval-unknown' THEN api.refuse(422, 'approval-unknown',
					jsonb_build_object('errors', jsonb_build_array(work[1].fault),
						'refs', jsonb_build_array(p_ref)))
				WHEN 'not-liable' THEN api.refuse(422, 'not-liable')
				ELSE ledger.refuse_fault(work[1].fault) END;
		END IF;
	END IF;
	IF refused.status IS NULL THEN
		refused := CASE WHEN EXISTS (SELECT FROM ledger.return r
				WHERE r.city = ret.city AND r.id = ret.id AND r.version = ret.version)
			THEN ledger.return_unchanged(ret)
			ELSE api.answer(200, ledger.amended_json(p_city, ret.id, ret.version)) END;
	END IF;
	RETURN QUERY SELECT * FROM api.keep(who, NULL, 'return/' || ledger.filed_code(p_city, p_employer) || '/' || p_district
		|| '/' || p_quarter, refused);
END $$;
