-- A person's dated facts after the file was opened: added, ended and voided; withdrawal and
-- return.
--
-- One shape: the file is found and locked with all whose rank hangs on it, the fact is
-- judged and written, everybody's rank and waiting time follow, the answer says where they stand.

CREATE OR REPLACE FUNCTION ledger.note_change(p_who api.caller, p_person bigint, p_what text,
	p_fact bigint, p_day date, p_reason text)
RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO ledger.person_change (city, person, what, fact, on_day, reason, at, kid, actor)
		VALUES (p_who.city, p_person, p_what, p_fact, p_day, p_reason,
			ledger.app_now(p_who.city), p_who.kid, p_who.actor);
END $$;

-- rules/unemployment
CREATE OR REPLACE FUNCTION ledger.refuse_outside_working_age(p_at text, p_day date) RETURNS api.reply
LANGUAGE sql STABLE AS $$
	SELECT ledger.refuse_fault(ledger.fault(p_at, 'not-working-age', p_day::text,
		'a day of their working age', 'The seeker was not of working age on that day.',
		'该日不在法定劳动年龄内。'))
$$;

-- This and the next answer a refusal, or {"fact": its id}; the caller has locked the file.
-- rules/unemployment
CREATE OR REPLACE FUNCTION ledger.register_unemployed(p_who api.caller, p_id bigint, p_body jsonb)
RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	day    date := (p_body->>'since')::date;
	other  bigint;
	made   bigint;
	newer  jsonb;
BEGIN
	-- What ended with a withdrawal is said anew by who comes back from it.
	SELECT u.id, CASE WHEN u.void_on IS NOT NULL THEN ledger.newer_by('void', u.void_on)
			WHEN u.ended_on <= day AND (u.ended_on, u.end_reason) IS DISTINCT FROM
				(greatest(s.withdrawn_on, u.since), s.withdrawn_for)
				THEN ledger.newer_by('ended', u.ended_on) END INTO other, newer
		FROM ledger.unemployment u JOIN ledger.seeker s ON s.city = u.city AND s.id = u.person
		WHERE u.city = p_who.city AND u.person = p_id AND u.since = day
		  AND u.prior_job = (p_body->>'prior_job')::boolean
		  AND u.laid_off IS NOT DISTINCT FROM p_body->>'laid_off'
		ORDER BY u.id DESC LIMIT 1;
	IF newer IS NOT NULL AND p_body->>'reason' IS NULL THEN
		RETURN ledger.sent_again(jsonb_build_object('fact', other::text), newer);
	END IF;
	-- Whoever's retirement age is unknown may be: the registration gives a rank once it is known.
	IF ledger.age_class_of(p_who.city, p_id, day) IN (1, 4) THEN
		RETURN ledger.refuse_outside_working_age('/since', day);
	END IF;
	SELECT w.placement INTO other FROM ledger.work w WHERE w.city = p_who.city
		AND w.person = p_id AND (w.ended_on IS NULL OR w.ended_on > day) LIMIT 1;
	IF FOUND THEN
		RETURN ledger.wrong_state('employed', jsonb_build_object('placement', other::text));
	END IF;
	SELECT u.id INTO other FROM ledger.unemployment u WHERE u.city = p_who.city
		AND u.person = p_id AND u.void_on IS NULL AND (u.ended_on IS NULL OR u.ended_on > day)
		LIMIT 1;
	IF FOUND THEN
		RETURN ledger.wrong_state('registered-unemployed', jsonb_build_object('fact', other::text));
	END IF;
	INSERT INTO ledger.unemployment (city, person, since, prior_job, laid_off)
		VALUES (p_who.city, p_id, day, (p_body->>'prior_job')::boolean, p_body->>'laid_off')
		RETURNING id INTO made;
	RETURN api.answer(201, jsonb_build_object('fact', made::text));
END $$;

-- rules/certificate
CREATE OR REPLACE FUNCTION ledger.issue_certificate(p_who api.caller, p_id bigint, p_body jsonb)
RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	n    text := p_body->>'number';
	old  ledger.certificate;
	made bigint;
BEGIN
	-- Two people with one number at once: the second waits here and is told.
	PERFORM pg_advisory_xact_lock(hashtextextended(n, p_who.city));
	SELECT * INTO old FROM ledger.certificate c WHERE c.city = p_who.city AND c.number = n;
	IF old.person = p_id AND old.void_on IS NOT NULL AND (old.grp, old.issued_on, old.valid_to) =
			(p_body->>'group', (p_body->>'issued_on')::date, (p_body->>'valid_to')::date) THEN
		RETURN ledger.sent_again(jsonb_build_object('fact', old.id::text),
			ledger.newer_by('void', old.void_on));
	ELSIF old.person = p_id THEN
		RETURN ledger.wrong_state('certificate-on-file', jsonb_build_object('fact', old.id::text));
	ELSIF FOUND THEN
		RETURN ledger.refuse_fault(ledger.fault('/number', 'certificate-taken',
			'(not shown)', 'the number of this person''s own certificate',
			'This certificate is on file for somebody else.', '该证号已登记在他人名下。'));
	END IF;
	SELECT * INTO old FROM ledger.certificate c WHERE c.city = p_who.city AND c.person = p_id
		AND c.void_on IS NULL;
	IF FOUND THEN
		RETURN ledger.wrong_state('certificate-live', jsonb_build_object('fact', old.id::text));
	END IF;
	INSERT INTO ledger.certificate (city, person, number, grp, issued_on, valid_to)
		VALUES (p_who.city, p_id, n, p_body->>'group', (p_body->>'issued_on')::date,
			(p_body->>'valid_to')::date)
		RETURNING id INTO made;
	INSERT INTO ledger.inspection (city, certificate, year, on_day)
		SELECT DISTINCT p_who.city, made, y::int, ledger.inspected_on(p_who.city, y::int)
		FROM jsonb_array_elements_text(coalesce(nullif(p_body->'inspected', 'null'), '[]')) y;
	RETURN api.answer(201, jsonb_build_object('fact', made::text));
END $$;

CREATE OR REPLACE FUNCTION ledger.add_fact(p_who api.caller, p_id bigint, p_kind text, p_body jsonb,
	p_today date)
RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	day  date := coalesce((p_body->>'since')::date, p_today);
	born date;
	made bigint;
	age  int;
	was  ledger.retirement_fact;
	newer jsonb;
BEGIN
	IF p_kind = 'unemployment' THEN
		IF EXISTS (SELECT FROM ledger.seeker s WHERE s.city = p_who.city AND s.id = p_id
				AND s.withdrawn_on IS NOT NULL) THEN
			RETURN ledger.wrong_state('withdrawn');
		END IF;
		RETURN ledger.register_unemployed(p_who, p_id, p_body);
	ELSIF p_kind = 'certificates' THEN
		RETURN ledger.issue_certificate(p_who, p_id, p_body);
	ELSIF p_kind = 'recognitions' THEN
		SELECT r.id, CASE WHEN r.void_on IS NOT NULL THEN ledger.newer_by('void', r.void_on)
				WHEN r.ended_on <= r.recognised_on THEN ledger.newer_by('ended', r.ended_on) END
			INTO made, newer FROM ledger.recognition r WHERE r.city = p_who.city
			  AND r.person = p_id AND r.code = p_body->>'code'
			  AND r.recognised_on = (p_body->>'on')::date ORDER BY r.id DESC LIMIT 1;
		IF newer IS NOT NULL AND p_body->>'reason' IS NULL THEN
			RETURN ledger.sent_again(jsonb_build_object('fact', made::text), newer);
		END IF;
		SELECT r.id INTO made FROM ledger.recognition r WHERE r.city = p_who.city
			AND r.person = p_id AND r.code = p_body->>'code' AND r.void_on IS NULL
			AND (r.ended_on IS NULL OR r.ended_on > (p_body->>'on')::date);
		IF FOUND THEN
			RETURN ledger.wrong_state('recognised', jsonb_build_object('fact', made::text));
		END IF;
		INSERT INTO ledger.recognition (city, person, code, recognised_on, by_kid)
			VALUES (p_who.city, p_id, p_body->>'code', (p_body->>'on')::date, p_who.kid)
			RETURNING id INTO made;
		RETURN api.answer(201, jsonb_build_object('fact', made::text));
	END IF;
	SELECT p.birth INTO born FROM ledger.person p WHERE p.city = p_who.city AND p.id = p_id;
	IF day < born THEN
		RETURN ledger.wrong_day('/since', day, 'not before the day of birth');
	END IF;
	-- Without its day it is about today only if it was not said before.
	IF p_body->>'since' IS NULL THEN
		SELECT f.* INTO was FROM ledger.retirement_fact f WHERE f.city = p_who.city
			AND f.person = p_id ORDER BY f.since DESC LIMIT 1;
		IF (was.age, was.evidence) = ((p_body->>'age')::int, p_body->>'evidence') THEN
			RETURN api.unchanged('{"fact": null}');
		ELSIF EXISTS (SELECT FROM ledger.retirement_fact f WHERE f.city = p_who.city
				AND f.person = p_id AND f.age = (p_body->>'age')::int
				AND f.evidence = p_body->>'evidence') THEN
			RETURN ledger.sent_again('{"fact": null}', ledger.newer_by('version', was.since));
		END IF;
	END IF;
	INSERT INTO ledger.retirement_fact (city, person, since, age, evidence)
		VALUES (p_who.city, p_id, day, (p_body->>'age')::int, p_body->>'evidence')
		ON CONFLICT DO NOTHING;
	SELECT f.age INTO age FROM ledger.retirement_fact f WHERE f.city = p_who.city
		AND f.person = p_id AND f.since = day;
	IF age <> (p_body->>'age')::int THEN
		RETURN ledger.wrong_state('retirement-on-file', jsonb_build_object('age', age));
	END IF;
	RETURN api.answer(201, '{"fact": null}');
END $$;

-- The days of a person's fact; none: there is no such one.
CREATE OR REPLACE FUNCTION ledger.fact_days(p_city int, p_person bigint, p_kind text, p_fact bigint,
	OUT began date, OUT ended date, OUT void date)
LANGUAGE sql STABLE AS $$
	SELECT u.since, u.ended_on, u.void_on FROM ledger.unemployment u
		WHERE p_kind = 'unemployment' AND u.city = p_city AND u.person = p_person AND u.id = p_fact
	UNION ALL SELECT r.recognised_on, r.ended_on, r.void_on FROM ledger.recognition r
		WHERE p_kind = 'recognitions' AND r.city = p_city AND r.person = p_person AND r.id = p_fact
	UNION ALL SELECT c.issued_on, NULL, c.void_on FROM ledger.certificate c
		WHERE p_kind = 'certificates' AND c.city = p_city AND c.person = p_person AND c.id = p_fact
$$;

-- From a day on the fact holds no longer; it held until then.
CREATE OR REPLACE FUNCTION ledger.end_fact(p_who api.caller, p_id bigint, p_kind text,
	p_fact bigint, p_body jsonb, p_today date)
RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	day   date := coalesce((p_body->>'on')::date, p_today);
	f     record;
BEGIN
	SELECT * INTO f FROM ledger.fact_days(p_who.city, p_id, p_kind, p_fact);
	IF f.began IS NULL OR p_kind = 'certificates' THEN
		RETURN ledger.missing('path/fact', p_fact::text);
	ELSIF f.void IS NOT NULL THEN
		RETURN ledger.wrong_state('void');
	ELSIF f.ended IS NOT NULL THEN
		RETURN ledger.wrong_state('ended', jsonb_build_object('ended_on', f.ended));
	ELSIF day < f.began THEN
		RETURN ledger.wrong_day('/on', day, 'not before ' || f.began);
	END IF;
	IF p_kind = 'unemployment' THEN
		UPDATE ledger.unemployment u SET ended_on = day, end_reason = p_body->>'reason'
			WHERE u.city = p_who.city AND u.id = p_fact;
	ELSE
		UPDATE ledger.recognition r SET ended_on = day, end_reason = p_body->>'reason'
			WHERE r.city = p_who.city AND r.id = p_fact;
	END IF;
	RETURN api.answer(200, jsonb_build_object('fact', p_fact::text));
END $$;

-- It never held: counts and ranks follow by derivation.  A
-- certificate is void from a day on, which may lie before a placement.
CREATE OR REPLACE FUNCTION ledger.void_fact(p_who api.caller, p_id bigint, p_kind text,
	p_fact bigint, p_body jsonb, p_today date)
RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	day   date := coalesce((p_body->>'on')::date, p_today);
	f     record;
BEGIN
	SELECT * INTO f FROM ledger.fact_days(p_who.city, p_id, p_kind, p_fact);
	IF f.began IS NULL THEN
		RETURN ledger.missing('path/fact', p_fact::text);
	ELSIF f.void IS NOT NULL THEN
		RETURN ledger.wrong_state('void');
	ELSIF p_kind = 'certificates' AND day < f.began THEN
		RETURN ledger.wrong_day('/on', day, 'not before ' || f.began);
	END IF;
	IF p_kind = 'unemployment' THEN
		UPDATE ledger.unemployment u SET void_on = p_today
			WHERE u.city = p_who.city AND u.id = p_fact;
	ELSIF p_kind = 'recognitions' THEN
		UPDATE ledger.recognition r SET void_on = p_today
			WHERE r.city = p_who.city AND r.id = p_fact;
	ELSE
		UPDATE ledger.certificate c SET void_on = day, void_reason = p_body->>'reason'
			WHERE c.city = p_who.city AND c.id = p_fact;
	END IF;
	RETURN api.answer(200, jsonb_build_object('fact', p_fact::text));
END $$;

-- rules/certificate: from its day on, and never before.
CREATE OR REPLACE FUNCTION ledger.inspect_certificate(p_who api.caller, p_id bigint, p_fact bigint,
	p_body jsonb, p_today date)
RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	y     int := (p_body->>'year')::int;
	day   date := coalesce((p_body->>'on')::date, p_today);
	c     ledger.certificate;
	first date;
	old   date;
BEGIN
	SELECT * INTO c FROM ledger.certificate x WHERE x.city = p_who.city AND x.person = p_id
		AND x.id = p_fact;
	IF c.id IS NULL THEN
		RETURN ledger.missing('path/fact', p_fact::text);
	ELSIF c.void_on IS NOT NULL THEN
		RETURN ledger.wrong_state('void');
	ELSIF y NOT BETWEEN extract(year FROM c.issued_on) AND extract(year FROM c.valid_to) THEN
		RETURN ledger.refuse_fault(ledger.fault('/year', 'range', y::text, format('%s to %s',
				extract(year FROM c.issued_on), extract(year FROM c.valid_to)),
			'The number is out of its bounds.', '数值超出允许范围。'));
	END IF;
	first := greatest(c.issued_on, make_date(y, 1, 1));
	IF day < first THEN
		RETURN ledger.wrong_day('/on', day, 'not before ' || first);
	END IF;
	SELECT i.on_day INTO old FROM ledger.inspection i
		WHERE i.city = p_who.city AND i.certificate = p_fact AND i.year = y;
	IF old <> (p_body->>'on')::date THEN
		RETURN ledger.wrong_state('inspected', jsonb_build_object('inspected_on', old));
	END IF;
	INSERT INTO ledger.inspection (city, certificate, year, on_day)
		VALUES (p_who.city, p_fact, y, day) ON CONFLICT DO NOTHING;
	RETURN api.answer(200, jsonb_build_object('fact', p_fact::text));
END $$;

-- rules/withdrawal: the registration as unemployed ends with it.
CREATE OR REPLACE FUNCTION ledger.withdraw(p_who api.caller, p_id bigint, p_day date, p_reason text)
RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	s ledger.seeker;
	p ledger.person;
BEGIN
	SELECT * INTO s FROM ledger.seeker x WHERE x.city = p_who.city AND x.id = p_id;
	SELECT * INTO p FROM ledger.person x WHERE x.city = p_who.city AND x.id = p_id;
	IF s.withdrawn_on IS NOT NULL THEN
		RETURN ledger.wrong_state('withdrawn', jsonb_build_object('withdrawn_on', s.withdrawn_on));
	ELSIF p_day < coalesce(s.returned_on, p.registered_on) THEN
		RETURN ledger.wrong_day('/on', p_day, 'not before ' || coalesce(s.returned_on, p.registered_on));
	END IF;
	UPDATE ledger.unemployment u SET ended_on = greatest(p_day, u.since), end_reason = p_reason
		WHERE u.city = p_who.city AND u.person = p_id AND u.ended_on IS NULL AND u.void_on IS NULL;
	UPDATE ledger.seeker x SET version = x.version + 1, active = false, withdrawn_on = p_day,
		withdrawn_for = p_reason WHERE x.city = p_who.city AND x.id = p_id;
	RETURN api.answer(200);
END $$;

-- rules/withdrawal: registered again.
CREATE OR REPLACE FUNCTION ledger.come_back(p_who api.caller, p_id bigint, p_body jsonb,
	p_today date)
RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	day   date  := coalesce((p_body->>'on')::date, p_today);
	unemp jsonb := nullif(p_body->'unemployment', 'null');
	s     ledger.seeker;
	a     api.reply;
BEGIN
	SELECT * INTO s FROM ledger.seeker x WHERE x.city = p_who.city AND x.id = p_id;
	IF s.withdrawn_on IS NULL THEN
		RETURN ledger.wrong_state('not-withdrawn');
	ELSIF s.withdrawn_for = 'died' THEN
		RETURN ledger.wrong_state('died');
	ELSIF s.withdrawn_for = 'in_error' THEN
		RETURN ledger.wrong_state('registered-in-error');
	ELSIF day < s.withdrawn_on THEN
		RETURN ledger.wrong_day('/on', day, 'not before ' || s.withdrawn_on);
	END IF;
	IF unemp IS NOT NULL THEN
		a := ledger.register_unemployed(p_who, p_id, unemp);
		a.body := replace(a.body, '"/since"', '"/unemployment/since"');
		IF a.status >= 300 THEN
			RETURN a;
		ELSIF a.label = 'replayed' THEN
			-- Not done by half: what they were is over for another cause than the withdrawal.
			RETURN ledger.refuse_fault(ledger.fault('/unemployment/reason', 'required', NULL,
				'why they are registered again as what was ended or voided, fact '
					|| (a.body::jsonb->>'fact'),
				'The member is missing.', '缺少此项。'));
		END IF;
	END IF;
	UPDATE ledger.seeker x SET version = x.version + 1, withdrawn_on = NULL,
		withdrawn_for = NULL, returned_on = day WHERE x.city = p_who.city AND x.id = p_id;
	RETURN api.answer(200, coalesce(a.body::jsonb, '{}'));
END $$;

-- p_what: "add unemployment", "void certificates", "withdraw", "return".
CREATE OR REPLACE FUNCTION ledger.change_person(p_who api.caller, p_id bigint, p_what text,
	p_fact bigint, p_body jsonb)
RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	today date := ledger.today(p_who.city);
	verb  text := split_part(p_what, ' ', 1);
	kind  text := split_part(p_what, ' ', 2);
	kin   bigint[] := ledger.lock_people(p_who.city, p_id);
	a     api.reply := ledger.refuse_file(p_who, p_id);
BEGIN
	IF a.status IS NOT NULL THEN
		RETURN a;
	END IF;
	a := CASE verb
		WHEN 'add' THEN ledger.add_fact(p_who, p_id, kind, p_body, today)
		WHEN 'end' THEN ledger.end_fact(p_who, p_id, kind, p_fact, p_body, today)
		WHEN 'void' THEN ledger.void_fact(p_who, p_id, kind, p_fact, p_body, today)
		WHEN 'inspect' THEN ledger.inspect_certificate(p_who, p_id, p_fact, p_body, today)
		WHEN 'withdraw' THEN ledger.withdraw(p_who, p_id,
			coalesce((p_body->>'on')::date, today), p_body->>'reason')
		WHEN 'return' THEN ledger.come_back(p_who, p_id, p_body, today) END;
	IF a.status >= 300 THEN
		RETURN a;
	ELSIF a.label = 'replayed' THEN
		RETURN api.unchanged(ledger.standing_json(p_who.city, p_id) || a.body::jsonb);
	END IF;
	PERFORM ledger.note_change(p_who, p_id, p_what, (a.body::jsonb->>'fact')::bigint,
		coalesce((p_body->>'on')::date, (p_body->>'since')::date, today),
		coalesce(p_body->>'reason', p_body->>'evidence', p_body#>>'{unemployment,reason}'));
	PERFORM ledger.rerank(p_who.city, kin, today, p_id);
	RETURN api.answer(a.status, ledger.standing_json(p_who.city, p_id) || a.body::jsonb);
END $$;

CREATE OR REPLACE FUNCTION api.change_person(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_idem text, p_req bytea, p_id bigint, p_what text, p_fact bigint, p_body jsonb)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	a   api.reply  := api.admit_once(who, CASE WHEN p_what IN ('withdraw', 'return')
		THEN 'seekers.' || p_what ELSE 'seekers.facts' END, p_idem, p_req);
BEGIN
	IF a.status IS NULL THEN
		a := ledger.change_person(who, p_id, p_what, p_fact, p_body);
	END IF;
	RETURN QUERY SELECT * FROM api.keep(who, p_idem, 'seeker/' || ledger.seeker_text(p_id), a);
END $$;
