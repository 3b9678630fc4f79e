-- The records of an import, a function a kind: each is judged by the rule of the single call and
-- has one receipt, [what became of it, {what it is, or why not}], in the order of the file.
--
-- Nothing here knows of files and batches; that is imports.sql's.

-- A line that closes one, by reason, as a PATCH does.  The same again finds it closed.
CREATE OR REPLACE FUNCTION ledger.close_offered(p_who api.caller, p_line ledger.offered_line)
RETURNS ledger.amendment
LANGUAGE plpgsql AS $$
DECLARE
	today date := ledger.today(p_who.city);
	ret   ledger.return;
	line  ledger.return_line;
	made  ledger.amendment;
BEGIN
	made.line := p_line;
	made.result := 'refused';
	SELECT e.id INTO made.employer FROM ledger.employer e WHERE e.city = p_who.city
		AND e.org = ledger.org_of(p_line.employer) AND ledger.may_see_return(p_who, e.code, p_line.district);
	IF made.employer IS NULL OR NOT ledger.quarter_is_open(p_line.quarter, today) THEN
		made.fault := ledger.line_fault(p_who, p_line, made.employer, today);
		RETURN made;
	END IF;
	SELECT * INTO ret FROM ledger.return r WHERE r.city = p_who.city
		AND r.employer = made.employer AND r.district = p_line.district
		AND r.quarter = p_line.quarter;
	SELECT l.* INTO line FROM ledger.return_line l WHERE l.city = p_who.city
		AND l.return = ret.id AND l.ref = p_line.ref AND l.version_to IS NULL;
	IF FOUND THEN
		made.vacancy := line.vacancy;
		made.newer := ledger.newer_version(ret, ledger.closing_superseded(line, p_line.closing));
		IF made.newer IS NULL THEN
			SELECT ledger.newer_than(ret.quarter, s.quarter, v.closed_reason, NULL, NULL, NULL, today)
				INTO made.newer FROM ledger.vacancy v
				JOIN ledger.vacancy_standing s ON s.city = v.city AND s.vacancy = v.id
				WHERE v.city = line.city AND v.id = line.vacancy;
			PERFORM ledger.close_line(p_who, ret, p_line.ref, p_line.closing);
		END IF;
		made.result := CASE WHEN made.newer IS NULL THEN 'closed' ELSE 'unchanged' END;
		RETURN made;
	END IF;
	SELECT v.id INTO made.vacancy FROM ledger.vacancy v WHERE v.city = p_who.city
		AND v.employer = made.employer AND v.district = p_line.district AND v.ref = p_line.ref
		AND NOT v.open;
	IF FOUND THEN
		made.result := 'unchanged';
	ELSE
		made.fault := ledger.fault('/ref', 'not-found', p_line.ref, 'the ref of a line of this return',
			'There is no such line in the return.', '该报表中没有此编号的空岗。');
	END IF;
	RETURN made;
END $$;

-- All locks of these lines, whoever they are of: employers first, in their order, because another
-- import may have them in another; then approvals, vacancies and whoever is referred to them, as
-- every other write does.
CREATE OR REPLACE FUNCTION ledger.lock_lines(p_who api.caller, p_lines ledger.offered_line[])
RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	those bigint[];
BEGIN
	those := ARRAY(SELECT e.id FROM ledger.employer e WHERE e.city = p_who.city AND e.id IN (
		SELECT x.id FROM ledger.employer x JOIN unnest(p_lines) l ON x.org = ledger.org_of(l.employer)
		WHERE x.city = p_who.city AND ledger.may_see_return(p_who, x.code, l.district))
		ORDER BY e.id FOR NO KEY UPDATE);
	PERFORM ledger.lock_approvals(p_who.city, p_lines);
	those := ARRAY(SELECT v.id FROM ledger.vacancy v WHERE v.city = p_who.city AND v.id IN (
		SELECT y.id FROM unnest(p_lines) l JOIN ledger.employer e ON e.city = p_who.city
			AND e.org = ledger.org_of(l.employer) AND e.id = ANY (those),
		LATERAL (SELECT x.id FROM ledger.vacancy x WHERE x.city = e.city AND x.employer = e.id
			AND x.district = l.district AND x.ref = l.ref OFFSET 0) y)
		ORDER BY v.id FOR NO KEY UPDATE);
	PERFORM ledger.lock_referred(p_who.city, those);
END $$;

-- Lines of returns; a receipt of each: what became of it, and its vacancy.  In turns: in each, a
-- vacancy stands once, whichever code names its employer, and one line is reserved; what comes
-- again is judged by what the turn before it has left.
CREATE OR REPLACE FUNCTION ledger.import_lines(p_who api.caller, p_records json) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
	lines ledger.offered_line[] := ARRAY(SELECT l
		FROM json_populate_recordset(NULL::ledger.offered_line, p_records) l ORDER BY l.n);
	turn  ledger.offered_line[] := lines;
	line  ledger.offered_line;
	work  ledger.amendment[];
	once  boolean;
	opens boolean; -- none closes
BEGIN
	SELECT count(DISTINCT concat_ws(' ', ledger.org_of(l.employer), l.district, l.ref)) = count(*)
			AND count(*) FILTER (WHERE l.reserved) <= 1, count(l.closing) = 0
		INTO once, opens FROM unnest(lines) l;
	IF NOT (once AND opens) THEN
		PERFORM ledger.lock_lines(p_who, lines);
	END IF;
	LOOP
		IF once THEN
			lines := '{}';
		ELSE
			SELECT array_agg(x.l ORDER BY (x.l).n) FILTER (WHERE x.is_first),
					coalesce(array_agg(x.l ORDER BY (x.l).n) FILTER (WHERE NOT x.is_first), '{}')
				INTO turn, lines
				FROM (SELECT l, row_number() OVER (PARTITION BY ledger.org_of(l.employer), l.district,
						l.ref ORDER BY l.n) = 1 AND (l.reserved IS NOT TRUE OR row_number() OVER (
						PARTITION BY l.reserved ORDER BY l.n) = 1) AS is_first
					FROM unnest(lines) l) x;
		END IF;
		work := work || ledger.amend_lines(p_who, CASE WHEN opens THEN turn
			ELSE ARRAY(SELECT l FROM unnest(turn) l WHERE l.closing IS NULL) END);
		FOR line IN SELECT * FROM unnest(turn) l WHERE l.closing IS NOT NULL ORDER BY l.n LOOP
			work := work || ledger.close_offered(p_who, line);
		END LOOP;
		EXIT WHEN lines = '{}';
	END LOOP;
	RETURN (SELECT coalesce(jsonb_agg(jsonb_build_array(w.result, CASE WHEN w.fault IS NULL
			THEN jsonb_build_object('vacancy', w.vacancy::text) || CASE WHEN w.newer IS NULL
				THEN '{}' ELSE jsonb_build_object('newer_stands', w.newer) END
			ELSE ledger.refused_json(ledger.refuse_fault(w.fault)) END) ORDER BY (w.line).n), '[]')
		FROM unnest(work) w);
END $$;

-- A refusal inside a receipt: which problem it is, with its further members.
CREATE OR REPLACE FUNCTION ledger.refused_json(p_answer api.reply) RETURNS jsonb
LANGUAGE sql STABLE AS $$
	SELECT p_answer.body::jsonb || jsonb_build_object('code', p_answer.code)
$$;

-- One record of a file as the call by itself would have been answered.
CREATE OR REPLACE FUNCTION ledger.receipt(p_answer api.reply, p_member text) RETURNS jsonb
LANGUAGE sql STABLE AS $$
	SELECT CASE WHEN p_answer.status >= 300
			THEN jsonb_build_array('refused', ledger.refused_json(p_answer))
		ELSE jsonb_build_array(CASE WHEN p_answer.label IN ('replayed', 'repeated') THEN 'unchanged'
				WHEN p_answer.status = 201 THEN 'added' ELSE 'changed' END,
			jsonb_build_object(p_member, p_answer.body::jsonb->>p_member)
				|| CASE WHEN p_answer.body::jsonb ? 'newer_stands' THEN jsonb_build_object(
				'newer_stands', p_answer.body::jsonb#>'{newer_stands,0}') ELSE '{}' END) END
$$;

-- The receipt of a record that was taken before, with what has become of it since.
CREATE OR REPLACE FUNCTION ledger.receipt_since(p_receipt jsonb, p_newer jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE WHEN p_receipt->>0 = 'unchanged' AND p_newer IS NOT NULL
		THEN jsonb_set(p_receipt, '{1,newer_stands}', p_newer) ELSE p_receipt END
$$;

-- rules/imports
-- A record is known by what it says: the same again, from the same key, is the same.
CREATE OR REPLACE FUNCTION ledger.record_key(p_kind text, p_hash text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
	SELECT 'record ' || p_kind || ' ' || p_hash
$$;

-- What stands already as a record says it.
CREATE OR REPLACE FUNCTION ledger.standing(p_member text, p_id text) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE WHEN p_id IS NOT NULL
		THEN jsonb_build_array('unchanged', jsonb_build_object(p_member, p_id)) END
$$;

-- What a record was answered that was taken before; the caller has been judged.
CREATE OR REPLACE FUNCTION ledger.record_said(p_who api.caller, p_key text, p_member text)
RETURNS jsonb
LANGUAGE sql STABLE AS $$
	SELECT jsonb_build_array('unchanged', jsonb_build_object(p_member, i.body::jsonb->>p_member))
	FROM ledger.idempotency i
	WHERE i.city = p_who.city AND i.first_kid = p_who.first_kid AND i.key = p_key
	  AND i.status < 300
$$;

-- People with their facts, as one by one.  What each brings is sealed already.  Who is on file
-- because this very record was taken before, in this file too, or whose file says just the same,
-- is unchanged: that is looked up when all of them have been answered.
CREATE OR REPLACE FUNCTION ledger.import_seekers(p_who api.caller, p_records json) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
	calls   ledger.registration[] := ARRAY(SELECT ROW(r.n, p_who.kid, p_who.first_kid, p_who.actor,
			p_who.scope, p_who.officer, p_who.on_behalf, coalesce(p_who.request, ''),
			ledger.record_key('seekers', r.hash), decode(r.hash, 'hex'), r.id,
			decode(r.blind, 'hex'), decode(r.citizen, 'hex'), decode(r.name, 'hex'),
			decode(r.phone, 'hex'), decode(r.address, 'hex'), r.body, '')::ledger.registration
		FROM json_to_recordset(p_records) r(n int, hash text, id bigint, blind text, citizen text,
			name text, phone text, address text, body jsonb) ORDER BY r.n);
	answers api.reply[] := ARRAY(SELECT ROW(r.kind, r.status, r.code, r.body, r.id, r.version,
			r.record, r.label)::api.reply
		FROM ledger.register_each(p_who.city, calls) r WHERE r.kind = 'a' ORDER BY r.call);
BEGIN
	RETURN (SELECT coalesce(jsonb_agg(coalesce(CASE WHEN a.code = 'already-registered'
				THEN coalesce(ledger.record_said(p_who, c.idem, 'seeker'), CASE WHEN ledger.says_the_same(
					p_who.city, ledger.seeker_id(a.body::jsonb->>'seeker'), c)
					THEN ledger.standing('seeker', a.body::jsonb->>'seeker') END) END,
			ledger.receipt(a, 'seeker')) ORDER BY c.n), '[]')
		FROM unnest(calls) c, LATERAL (SELECT (answers[c.n]).*) a);
END $$;

-- A record that was taken: noted as the single call is, and known by what it says from now on.
CREATE OR REPLACE FUNCTION ledger.keep_record(p_who api.caller, p_action text, p_key text,
	p_hash text, p_object text, p_answer api.reply)
RETURNS void
LANGUAGE sql AS $$
	INSERT INTO ledger.action (city, kid, officer, on_behalf, op, object, request)
		VALUES (p_who.city, p_who.kid, p_who.officer, p_who.on_behalf, p_action, p_object,
			coalesce(p_who.request, ''));
	INSERT INTO ledger.idempotency (city, first_kid, key, request, call, status, code, body,
			officer, on_behalf, scope, object)
		VALUES (p_who.city, p_who.first_kid, p_key, decode(p_hash, 'hex'), p_who.call,
			p_answer.status, p_answer.code, p_answer.body, p_who.officer, p_who.on_behalf,
			p_who.scope, p_object)
		ON CONFLICT (city, first_kid, key) DO UPDATE SET request = EXCLUDED.request,
			call = EXCLUDED.call, status = EXCLUDED.status, code = EXCLUDED.code,
			body = EXCLUDED.body, officer = EXCLUDED.officer, on_behalf = EXCLUDED.on_behalf,
			scope = EXCLUDED.scope, object = EXCLUDED.object, created_at = EXCLUDED.created_at;
$$;

-- Whoever may find a person by citizen number may name one so in a file, and it is a look at the
-- file as that is; for anybody else, and out of scope, there is nobody of that number.
CREATE OR REPLACE FUNCTION ledger.named_people(p_who api.caller, p_blinds text[])
RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
	found jsonb;
BEGIN
	IF p_who.officer IS NULL OR NOT EXISTS (SELECT FROM ledger.permission m
			WHERE m.action = 'seekers.find' AND m.role = p_who.role) THEN
		RETURN '{}';
	END IF;
	SELECT jsonb_object_agg(encode(p.blind, 'hex'), ledger.seeker_text(s.id)) INTO found
		FROM ledger.person p
		JOIN ledger.seeker s ON s.city = p.city AND s.id = ledger.survivor(p.city, p.id)
		WHERE p.city = p_who.city AND ledger.in_scope(p_who.scope, s.community)
		  AND p.blind = ANY (ARRAY(SELECT decode(b, 'hex') FROM unnest(p_blinds) b));
	PERFORM ledger.note_look(p_who, ledger.seeker_id(n.value), 'find_seeker')
		FROM jsonb_each_text(found) n;
	RETURN coalesce(found, '{}');
END $$;

-- A body in which people are named by the ids of their files alone; nobody's is all zeroes.
CREATE OR REPLACE FUNCTION ledger.with_seeker(p_body jsonb, p_named jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE WHEN p_body ? 'blind' THEN p_body - 'blind' || jsonb_build_object('seeker',
		coalesce(p_named->>(p_body->>'blind'), '0000000000000000')) ELSE p_body END
$$;

-- Reports of placements; the same job reported before is what its report makes of it.
CREATE OR REPLACE FUNCTION ledger.import_placements(p_city int, p_kid text, p_hash bytea,
	p_actor text, p_who api.caller, p_records json)
RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
	named jsonb;
	keys  text[];
	reqs  bytea[];
	said  jsonb[];
	n     int;
BEGIN
	named := ledger.named_people(p_who, ARRAY(SELECT r.body->>'blind'
		FROM json_to_recordset(p_records) r(body jsonb) WHERE r.body ? 'blind'));
	SELECT array_agg(ledger.record_key('placements', concat_ws(' ', coalesce(p_who.officer, 0),
				coalesce(p_who.on_behalf, 0), r.hash)) ORDER BY r.n),
			array_agg(decode(r.hash, 'hex') ORDER BY r.n),
			array_agg(ledger.with_seeker(r.body, named) ORDER BY r.n), count(*)
		INTO keys, reqs, said, n
		FROM json_to_recordset(p_records) r(n int, hash text, body jsonb);
	RETURN (SELECT coalesce(jsonb_agg(ledger.receipt_since(ledger.receipt(ROW(r.kind, r.status,
			r.code, r.body, r.id, r.version, r.record, r.label)::api.reply, 'placement'),
			(SELECT ledger.newer_by('void', p.void_on) FROM ledger.placement p WHERE p.city = p_city
				AND p.id = CASE WHEN r.status < 300 THEN ledger.row_id(r.body::jsonb->>'placement') END
				AND p.state = 'void')) ORDER BY r.call), '[]')
		FROM api.report_placements(p_city, array_fill(p_kid, ARRAY[n]),
			array_fill(p_hash, ARRAY[n]), array_fill(p_actor, ARRAY[n]), keys, reqs, said) r
		WHERE r.kind = 'a' AND n > 0);
END $$;

-- Households with their members.
CREATE OR REPLACE FUNCTION ledger.import_households(p_who api.caller, p_records json)
RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
	named  jsonb;
	people bigint[];
	r      record;
	a      api.reply;
	one    jsonb;
	made   jsonb := '[]';
BEGIN
	named := ledger.named_people(p_who, ARRAY(SELECT m->>'blind'
		FROM json_to_recordset(p_records) x(body jsonb), jsonb_array_elements(x.body->'members') m
		WHERE m ? 'blind'));
	-- All of them first, in their order: another file may have them in another.
	people := ARRAY(SELECT ledger.seeker_id(ledger.with_seeker(m, named)->>'seeker')
		FROM json_to_recordset(p_records) x(body jsonb), jsonb_array_elements(x.body->'members') m);
	PERFORM ledger.lock_files(p_who.city, people);
	FOR r IN SELECT x.n, x.hash, ledger.record_key('households', x.hash) AS key,
				x.body || jsonb_build_object('members', (SELECT jsonb_agg(ledger.with_seeker(m.member,
					named) ORDER BY m.n) FROM jsonb_array_elements(x.body->'members')
					WITH ORDINALITY m(member, n))) AS body
			FROM json_to_recordset(p_records) x(n int, hash text, body jsonb) ORDER BY x.n LOOP
		one := ledger.standing('household', ledger.standing_household(p_who, r.body, ARRAY(
			SELECT ledger.seeker_id(m->>'seeker') FROM jsonb_array_elements(r.body->'members') m))::text);
		IF one IS NULL THEN
			a := ledger.register_household(p_who, r.body);
			IF a.status = 201 THEN
				PERFORM ledger.keep_record(p_who, 'households.create', r.key, r.hash,
					'household/' || (a.body::jsonb->>'household'), a);
			END IF;
			one := CASE WHEN a.code = 'wrong-state' THEN ledger.record_said(p_who, r.key, 'household') END;
		END IF;
		made := made || jsonb_build_array(coalesce(one, ledger.receipt(a, 'household')));
	END LOOP;
	RETURN made;
END $$;

-- Entries of a register.  Nothing but its own words tells one from another, so an entry that the
-- same record made, or that says the same, and the caller sees, is that record's.
CREATE OR REPLACE FUNCTION ledger.import_entries(p_who api.caller, p_register text, p_records json)
RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
	member text  := ledger.register_table(p_register);
	named  jsonb := ledger.named_people(p_who, ARRAY(SELECT r.body->>'blind'
		FROM json_to_recordset(p_records) r(body jsonb) WHERE r.body ? 'blind'));
	made   jsonb := '[]';
	r      record;
	one    jsonb;
	was    jsonb;
	a      api.reply;
BEGIN
	FOR r IN SELECT x.n, x.hash, ledger.record_key(p_register, x.hash) AS key,
				CASE WHEN x.body ? 'blind' THEN x.body - '{blind,blind_of}'::text[]
					|| jsonb_build_object(x.body->>'blind_of', coalesce(ledger.seeker_id(
						named->>(x.body->>'blind')), 0)) ELSE x.body END AS body
			FROM json_to_recordset(p_records) x(n int, hash text, body jsonb) ORDER BY x.n LOOP
		PERFORM pg_advisory_xact_lock(ledger.key_lock(p_who.city, p_who.first_kid, r.key));
		one := ledger.record_said(p_who, r.key, member);
		was := ledger.entry_on(p_who, p_register, (one->1->>member)::bigint);
		IF was IS NULL THEN
			was := ledger.standing_entry(p_who, p_register, r.body);
			one := ledger.standing(member, was->>'id');
		END IF;
		IF was IS NOT NULL THEN
			one := ledger.receipt_since(one, ledger.newer_than_entry(p_register, was));
		ELSE
			a := ledger.write_entry(p_who, p_register, NULL, r.body - '{on,evidence}'::text[], r.body);
			IF a.status = 201 THEN
				PERFORM ledger.keep_record(p_who, ledger.register_action(p_register, 'create'), r.key,
					r.hash, p_register || '/' || (a.body::jsonb->>member), a);
			END IF;
			one := ledger.receipt(a, member);
		END IF;
		made := made || jsonb_build_array(one);
	END LOOP;
	RETURN made;
END $$;

-- A receipt of each record, in their order: [what became of it, {what it is, or why not}].
CREATE OR REPLACE FUNCTION ledger.import_records(p_city int, p_kid text, p_hash bytea,
	p_actor text, p_who api.caller, p_kind text, p_records json)
RETURNS jsonb
LANGUAGE plpgsql AS $$
BEGIN
	RETURN CASE p_kind WHEN 'returns' THEN ledger.import_lines(p_who, p_records)
		WHEN 'seekers' THEN ledger.import_seekers(p_who, p_records)
		WHEN 'households' THEN ledger.import_households(p_who, p_records)
		WHEN 'placements' THEN ledger.import_placements(p_city, p_kid, p_hash, p_actor, p_who,
			p_records)
		ELSE ledger.import_entries(p_who, (SELECT m.register FROM ledger.register_member m
			WHERE m.member = '-' AND m.bounds = p_kind), p_records) END;
END $$;

-- The same, and nothing of it is kept but the looks at who is named by number: the ids of what
-- would be new are nobody's, and are left out; so is that of a vacancy that would be opened only
-- to be history at once.
CREATE OR REPLACE FUNCTION ledger.try_records(p_city int, p_kid text, p_hash bytea,
	p_actor text, p_who api.caller, p_kind text, p_records json)
RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
	receipts jsonb;
BEGIN
	PERFORM ledger.named_people(p_who, ARRAY(SELECT m->>'blind'
		FROM json_to_recordset(p_records) r(body jsonb),
			jsonb_array_elements(coalesce(r.body->'members', '[]') || r.body) m
		WHERE m ? 'blind'));
	BEGIN
		receipts := ledger.import_records(p_city, p_kid, p_hash, p_actor, p_who, p_kind, p_records);
		RAISE EXCEPTION USING ERRCODE = 'VC001', MESSAGE = 'tried';
	EXCEPTION WHEN SQLSTATE 'VC001' THEN
		NULL;
	END;
	RETURN (SELECT coalesce(jsonb_agg(CASE r.receipt->>0 WHEN 'added'
			THEN jsonb_build_array('added', '{}'::jsonb)
			WHEN 'unchanged' THEN CASE WHEN p_kind = 'returns' AND NOT EXISTS (
					SELECT FROM ledger.vacancy v WHERE v.city = p_city
					AND v.id = (r.receipt#>>'{1,vacancy}')::bigint)
				THEN r.receipt #- '{1,vacancy}' ELSE r.receipt END
			ELSE r.receipt END ORDER BY r.n), '[]')
		FROM jsonb_array_elements(receipts) WITH ORDINALITY r(receipt, n));
END $$;
