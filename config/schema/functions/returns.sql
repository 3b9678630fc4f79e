-- Filing a vacancy return.
--
-- A filing is one pass of set-based statements over its lines, under the lock of its
-- employer's row; it stands whole or not at all, and every check is made before the first
-- write (return_checks.sql), so a dry run is the same code stopped early.  Which statement a
-- vacancy follows is news.sql's rule.

-- The vacancies that are there, as these lines now have them: changed ones get a new version,
-- closed ones are closed.
CREATE OR REPLACE FUNCTION ledger.write_vacancies(p_emp ledger.employer, p_district text,
	p_quarter text, p_lines ledger.offered_line[], p_closing jsonb, p_today date, p_release int,
	p_until date)
RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	refs   text[] := ARRAY(SELECT l.ref FROM unnest(p_lines) l);
	closed text[] := ARRAY(SELECT c->>'ref' FROM jsonb_array_elements(p_closing) c);
BEGIN
	PERFORM ledger.lock_referred(p_emp.city, ARRAY(SELECT v.id FROM ledger.vacancy v
		WHERE v.city = p_emp.city AND v.employer = p_emp.id AND v.district = p_district
		  AND v.ref = ANY (refs || closed) AND v.open = (v.ref = ANY (closed))));
	UPDATE ledger.vacancy v SET version = v.version + 1, open = now_is.open,
			closed_reason = CASE WHEN NOT now_is.open THEN coalesce(v.closed_reason,
				ledger.over_for(l.valid_until, p_until)) END,
			closed_on = CASE WHEN NOT now_is.open THEN coalesce(v.closed_on,
				ledger.over_on(l.valid_until, p_until)) END,
			occupation = l.occupation, title = l.title,
			duties = coalesce(l.duties, ''),
			employer_name = p_emp.name, pay_text = l.pay_text, posts = l.posts, place = l.place,
			pay_min_month = l.pay_min_month, pay_max_month = l.pay_max_month,
			education_rank = l.education_rank, experience_months = l.experience_months,
			shift = l.shift, form = l.form, reserved = l.reserved, approval = l.approval,
			posted_on = CASE WHEN v.open OR NOT now_is.open THEN v.posted_on ELSE p_today END,
			valid_until = l.valid_until,
			released_on = CASE WHEN l.reserved THEN greatest(a.release_on,
				CASE WHEN a.release_on IS NOT NULL THEN v.posted_on + p_release END) END,
			required = ledger.unhex(l.skills_required), wished = ledger.unhex(l.skills_wished),
			licences = ledger.unhex(l.licences)
		FROM unnest(p_lines) l
		LEFT JOIN ledger.approval a ON a.city = p_emp.city AND a.approval = l.approval,
			LATERAL (SELECT ledger.over_on(l.valid_until, p_until) > p_today AS open) now_is,
			ledger.vacancy_standing s
		WHERE v.city = p_emp.city AND v.employer = p_emp.id AND v.district = p_district
		  AND v.ref = l.ref AND s.city = v.city AND s.vacancy = v.id AND s.quarter <= p_quarter
		  AND (v.open <> now_is.open OR (v.occupation, v.title, v.duties, v.employer_name, v.pay_text, v.posts,
			v.place, v.pay_min_month, v.pay_max_month, v.education_rank, v.experience_months,
			v.shift, v.form, v.reserved, v.approval, v.valid_until, v.required, v.wished,
			v.licences) IS DISTINCT FROM (l.occupation, l.title, coalesce(l.duties, ''),
			p_emp.name, l.pay_text, l.posts,
			l.place, l.pay_min_month, l.pay_max_month, l.education_rank, l.experience_months,
			l.shift, l.form, l.reserved, l.approval, l.valid_until,
			ledger.unhex(l.skills_required), ledger.unhex(l.skills_wished),
			ledger.unhex(l.licences)));

	IF p_closing = '[]' THEN
		RETURN;
	END IF;
	UPDATE ledger.vacancy v SET version = v.version + 1, open = false,
			closed_reason = c->>'reason', closed_on = p_today
		FROM jsonb_array_elements(p_closing) c, ledger.vacancy_standing s
		WHERE v.city = p_emp.city AND v.employer = p_emp.id AND v.district = p_district
		  AND v.ref = c->>'ref' AND v.open AND s.city = v.city AND s.vacancy = v.id
		  AND s.quarter <= p_quarter;
	UPDATE ledger.vacancy_standing s SET quarter = p_quarter
		FROM jsonb_array_elements(p_closing) c, ledger.vacancy v
		WHERE v.city = p_emp.city AND v.employer = p_emp.id AND v.district = p_district
		  AND v.ref = c->>'ref' AND s.city = v.city AND s.vacancy = v.id
		  AND s.quarter < p_quarter;
END $$;

-- Refs that only case tells apart: probably one vacancy named in two ways, which is not refused.
-- rules/vacancy-line
CREATE OR REPLACE FUNCTION ledger.case_twins(p_refs text[]) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE WHEN count(*) > 0 THEN jsonb_build_object('case_twins', jsonb_agg(t.refs ORDER BY t.refs))
		ELSE '{}' END
	FROM (SELECT jsonb_agg(r ORDER BY r) AS refs FROM unnest(p_refs) r GROUP BY lower(r)
		HAVING count(*) > 1) t
$$;

-- rules/quarterly-return, rules/confirmation, rules/news
CREATE OR REPLACE FUNCTION ledger.file_return(p_who api.caller, p_employer text, p_district text,
	p_quarter text, p_body jsonb, p_body_hash bytea, p_contact bytea, p_phone bytea,
	p_contact_key text, p_if_match bigint, p_validate boolean)
RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	at      timestamptz := ledger.app_now(p_who.city);
	today   date := ledger.legal_day(at);
	emp     ledger.employer;
	ret     ledger.return;
	lines   ledger.offered_line[] := ARRAY(SELECT l
		FROM jsonb_populate_recordset(NULL::ledger.offered_line, p_body->'lines') l);
	refs    text[] := ARRAY(SELECT l.ref FROM unnest(lines) l);
	closing jsonb := coalesce(p_body->'closed', '[]');
	refused api.reply;
	diff    jsonb;
	body    jsonb;
	was     int;
	known   int; -- how many of the lines' vacancies are there already
	policy  ledger.policy;
	is_nil  boolean := coalesce((p_body->>'nil')::boolean, false);
	after   text; -- the quarter of a later nil return
	until   date; -- the first day on which this return no longer speaks
	numbers jsonb;
BEGIN
	IF p_who.role = 1 AND NOT ledger.speaks_as(p_who, p_employer) THEN
		RETURN ledger.missing('path/employer', p_employer);
	ELSIF NOT ledger.within(p_who.scope, p_district) THEN
		RETURN ledger.missing('path/district', p_district);
	END IF;
	IF p_validate THEN
		SELECT * INTO emp FROM ledger.employer e WHERE e.city = p_who.city AND e.org = ledger.org_of(p_employer);
	ELSE
		SELECT * INTO emp FROM ledger.employer e WHERE e.city = p_who.city AND e.org = ledger.org_of(p_employer)
			FOR NO KEY UPDATE;
	END IF;
	IF emp.id IS NULL THEN
		RETURN ledger.missing('path/employer', p_employer);
	END IF;
	IF p_quarter !~ '^[0-9]{4}Q[1-4]$' OR ledger.quarter_begin(p_quarter) NOT BETWEEN
			ledger.quarter_begin(ledger.quarter_of(today)) - interval '2 years' AND today THEN
		RETURN api.refuse(422, 'quarter-not-open', jsonb_build_object(
			'open_from', ledger.quarter_of((today - interval '2 years')::date),
			'open_to', ledger.quarter_of(today)));
	END IF;
	IF NOT EXISTS (SELECT FROM ledger.employer_site s
			WHERE s.city = emp.city AND s.employer = emp.id AND s.district = p_district
			  AND s.since < ledger.quarter_begin(p_quarter) + interval '3 months'
			  AND (s.until IS NULL OR s.until > ledger.quarter_begin(p_quarter))) THEN
		RETURN api.refuse(422, 'not-liable');
	END IF;

	SELECT * INTO ret FROM ledger.return r WHERE r.city = emp.city AND r.employer = emp.id
		AND r.district = p_district AND r.quarter = p_quarter;
	was := coalesce(ret.version, 0);
	IF ret.body_hash = p_body_hash AND NOT p_validate THEN
		RETURN (SELECT ROW('a', 200, 'ok', v.answer, v.xid, ledger.last_event(v.city, v.xid), NULL,
				'replayed')::api.reply
			FROM ledger.return_version v
			WHERE v.city = ret.city AND v.return = ret.id AND v.version = ret.version);
	END IF;
	IF p_if_match <> was THEN
		RETURN api.refuse(412, 'version-changed', jsonb_build_object('version', was));
	END IF;
	IF was > 1 AND p_if_match IS NULL AND ret.body_hash <> p_body_hash
			AND EXISTS (SELECT FROM ledger.return_version v WHERE v.city = ret.city
				AND v.return = ret.id AND v.body_hash = p_body_hash)
			AND NOT ledger.is_as_it_stands(ret, lines, p_body, closing, p_contact_key,
				'{"added": []}') THEN
		RETURN api.unchanged((ledger.amended_json(ret.city, ret.id, was)
				- CASE WHEN p_validate THEN ARRAY['version', 'state', 'nil', 'received_at', 'due',
					'vacancies'] ELSE '{}' END)
			|| jsonb_build_object('newer_stands', jsonb_build_array(ledger.newer_version(ret, was)))
			|| CASE WHEN p_validate THEN '{"valid": true}'::jsonb ELSE '{}' END);
	END IF;
	-- What began as lines of a file says no staff, and may stay so.
	IF p_body->>'staff' IS NULL AND NOT EXISTS (SELECT FROM ledger.return_version v
			WHERE v.city = ret.city AND v.return = ret.id AND v.version = ret.version
			  AND v.staff IS NULL) THEN
		RETURN ledger.refuse_fault(ledger.fault('/staff', 'required', 'nothing',
			'a whole number, 0 to 10000000', 'This must be stated.', '此项必填。'));
	END IF;
	IF NOT p_validate THEN
		PERFORM ledger.lock_approvals(emp.city, lines);
		SELECT count(*) FILTER (WHERE x.ref = ANY (refs)) INTO known
			FROM (SELECT v.ref FROM ledger.vacancy v WHERE v.city = emp.city AND v.employer = emp.id
				AND v.district = p_district AND v.ref = ANY (refs || ARRAY(SELECT c->>'ref'
					FROM jsonb_array_elements(closing) c))
				ORDER BY v.id FOR NO KEY UPDATE) x;
	ELSE
		SELECT count(*) INTO known FROM ledger.vacancy v WHERE v.city = emp.city
			AND v.employer = emp.id AND v.district = p_district AND v.ref = ANY (refs);
	END IF;
	policy := ledger.policy_on(emp.city, today);
	after := ledger.later_nil(emp.city, emp.id, p_district, p_quarter);
	until := ledger.speaks_until(p_quarter, today, policy.confirm_days);
	IF after IS NOT NULL THEN
		until := least(until, today);
	END IF;
	refused := ledger.check_lines(emp, ret, p_district, p_quarter, lines, refs, closing, is_nil,
		known, until);
	IF refused.status IS NOT NULL THEN
		RETURN refused;
	END IF;
	diff := ledger.diff_lines(emp, ret, p_district, p_quarter, lines, refs, closing, after, until);
	IF was > 0 AND NOT p_validate AND ledger.is_as_it_stands(ret, lines, p_body, closing,
			p_contact_key, diff) THEN
		RETURN ledger.return_unchanged(ret);
	END IF;
	body := diff || ledger.case_twins(refs)
		|| jsonb_build_object('employer', emp.code, 'district', p_district, 'quarter', p_quarter);
	IF p_validate THEN
		RETURN api.answer(200, body || '{"valid": true}');
	END IF;

	IF known > 0 OR closing <> '[]' THEN
		PERFORM ledger.write_vacancies(emp, p_district, p_quarter, lines, closing, today,
			policy.release_days, until);
	END IF;
	IF was = 0 THEN
		INSERT INTO ledger.return (city, employer, district, quarter, version, first_on,
				received_at, late, nil, body_hash)
			VALUES (emp.city, emp.id, p_district, p_quarter, 1, today, at,
				today > ledger.quarter_due(p_quarter), is_nil, p_body_hash)
			RETURNING * INTO ret;
	ELSE
		UPDATE ledger.return r SET version = was + 1, received_at = at, body_hash = p_body_hash,
				nil = is_nil
			WHERE r.city = ret.city AND r.id = ret.id RETURNING * INTO ret;
		UPDATE ledger.return_line l SET version_to = ret.version
			WHERE l.city = ret.city AND l.return = ret.id AND l.version_to IS NULL
			  AND NOT EXISTS (SELECT FROM unnest(lines) n WHERE n.ref = l.ref
				AND NOT ledger.line_differs(n.filed, n.contact_key, l));
	END IF;
	-- New vacancies, the lines that carry them all, what these lines say of them: in one
	-- statement, so that none is looked up that was just written.
	WITH made AS (
		INSERT INTO ledger.vacancy (city, employer, district, ref, open, closed_reason, closed_on,
				occupation, title,
				employer_name, pay_text, posts, place, pay_min_month, pay_max_month, education_rank,
				experience_months, shift, form, reserved, approval, posted_on, valid_until,
				released_on, required, wished, licences, duties)
			SELECT emp.city, emp.id, p_district, l.ref, n.open,
				CASE WHEN NOT n.open THEN ledger.over_for(l.valid_until, until) END,
				CASE WHEN NOT n.open THEN ledger.over_on(l.valid_until, until) END,
				l.occupation, l.title, emp.name,
				l.pay_text, l.posts, l.place, l.pay_min_month, l.pay_max_month, l.education_rank,
				l.experience_months, l.shift, l.form, l.reserved, l.approval,
				CASE WHEN n.open THEN today ELSE least(today, ledger.over_on(l.valid_until, until)) END,
				l.valid_until,
				CASE WHEN a.release_on IS NOT NULL THEN greatest(a.release_on, today + policy.release_days) END,
				ledger.unhex(l.skills_required), ledger.unhex(l.skills_wished), ledger.unhex(l.licences),
				coalesce(l.duties, '')
			FROM unnest(lines) l CROSS JOIN LATERAL (SELECT
				ledger.over_on(l.valid_until, until) > today AS open) n
			LEFT JOIN ledger.approval a ON a.city = emp.city AND a.approval = l.approval AND l.reserved
			WHERE known = 0 OR NOT EXISTS (SELECT FROM ledger.vacancy v WHERE v.city = emp.city
				AND v.employer = emp.id AND v.district = p_district AND v.ref = l.ref)
			RETURNING id, ref
	), named AS (
		SELECT id, ref FROM made
		UNION ALL
		SELECT v.id, v.ref FROM ledger.vacancy v WHERE known > 0 AND v.city = emp.city
			AND v.employer = emp.id AND v.district = p_district AND v.ref = ANY (refs)
	), written AS (
		INSERT INTO ledger.return_line (city, return, ref, version_from, vacancy, filed, contact,
			contact_mark)
		SELECT ret.city, ret.id, l.ref, ret.version, n.id, l.filed, decode(l.contact, 'hex'),
			ledger.contact_mark(l.contact_key, decode(l.contact, 'hex'))
		FROM unnest(lines) l JOIN named n ON n.ref = l.ref
		WHERE was = 0 OR NOT EXISTS (SELECT FROM ledger.return_line o WHERE o.city = ret.city
			AND o.return = ret.id AND o.ref = l.ref AND o.version_to IS NULL)
		RETURNING id, ref, vacancy
	), current AS (
		SELECT id, ref, vacancy FROM written
		UNION ALL
		SELECT o.id, o.ref, o.vacancy FROM ledger.return_line o WHERE was > 0
			AND o.city = ret.city AND o.return = ret.id AND o.version_to IS NULL
	), confirmed AS (
		INSERT INTO ledger.vacancy_standing AS s (city, vacancy, line, quarter, confirmed_on,
			lapses_on, turn_on)
		SELECT ret.city, c.vacancy, c.id, p_quarter, today, until,
			CASE WHEN ledger.over_on(l.valid_until, until) > today THEN until END
		FROM current c JOIN unnest(lines) l ON l.ref = c.ref
		ON CONFLICT (city, vacancy) DO UPDATE SET line = EXCLUDED.line,
			quarter = EXCLUDED.quarter, confirmed_on = EXCLUDED.confirmed_on,
			lapses_on = EXCLUDED.lapses_on, turn_on = EXCLUDED.turn_on
		WHERE s.quarter <= EXCLUDED.quarter
	)
	SELECT coalesce(jsonb_object_agg(c.ref, c.vacancy::text), '{}') INTO numbers FROM current c;

	body := body || jsonb_build_object('version', ret.version,
		'state', CASE WHEN ret.late THEN 'late' ELSE 'received' END,
		'nil', is_nil, 'received_at', ledger.instant(at),
		'due', ledger.quarter_due(p_quarter), 'vacancies',
		numbers);
	INSERT INTO ledger.return_version (city, return, version, nil, staff, received_at, contact,
			phone, contact_mark, closed, answer, kid, actor, body_hash)
		VALUES (ret.city, ret.id, ret.version, is_nil, (p_body->>'staff')::int, at, p_contact, p_phone, ledger.contact_mark(p_contact_key,
				coalesce(p_contact, '') || coalesce(p_phone, '')), closing, body::text, p_who.kid,
			p_who.actor, p_body_hash);
	RETURN api.answer(CASE WHEN was = 0 THEN 201 ELSE 200 END, body);
END $$;

-- Generic plans: planning these statements for each call costs more than running them.  By
-- index: a plan that was made while a table was empty outlives its emptiness.
CREATE OR REPLACE FUNCTION api.file_return(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_employer text, p_district text, p_quarter text, p_body jsonb, p_body_hash bytea,
	p_contact bytea, p_phone bytea, p_contact_key text, p_if_match bigint, p_validate boolean)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
DECLARE
	who api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	a   api.reply  := api.admit_call(who, 'returns.file');
BEGIN
	IF a.status IS NULL THEN
		a := ledger.file_return(who, p_employer, p_district, p_quarter, p_body, p_body_hash,
			p_contact, p_phone, p_contact_key, p_if_match, coalesce(p_validate, false));
	END IF;
	RETURN QUERY SELECT * FROM api.keep(who, NULL, CASE WHEN p_validate IS NOT TRUE
		THEN 'return/' || ledger.filed_code(p_city, p_employer) || '/' || p_district || '/' || p_quarter END, a);
END $$;
