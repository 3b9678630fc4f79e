-- Entries of registers: recorded, read as on record by a day, listed.
--
-- One function a request, for every register of ledger.register_member; the register's name is
-- never a piece of SQL unless it stands there.  A register's own law is a function of its own,
-- ledger.check_<register>(who, was, new, evidence), which answers a refusal or nothing: `was`
-- is the version before, none for a new entry.  Out of the caller's division there is nothing.

-- The whole table: a row that the file has no longer is gone.
CREATE OR REPLACE FUNCTION ops.load_registers(p_rows jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	home text;
BEGIN
	DELETE FROM ledger.register_member;
	INSERT INTO ledger.register_member (register, member, kind, bounds, say, list)
		SELECT r.register, r.member, r.kind, r.bounds, r.say, r.list
		FROM jsonb_to_recordset(p_rows) r(register text, member text, kind text, bounds text,
			say text, list text);
	FOR home IN SELECT ledger.register_table(m.register) FROM ledger.register_member m
			WHERE m.kind = 'register' LOOP
		IF to_regclass('ledger.' || home) IS NULL OR to_regproc('ledger.check_' || home) IS NULL THEN
			RAISE EXCEPTION 'registers.tsv has %, config/schema not its table ledger.% and its law'
				' ledger.check_%', home, home, home;
		END IF;
	END LOOP;
END $$;

-- "courses.create"
CREATE OR REPLACE FUNCTION ledger.register_action(p_register text, p_verb text) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN (SELECT m.bounds || '.' || p_verb FROM ledger.register_member m
		WHERE m.register = p_register AND m.member = '-');
END $$;

CREATE OR REPLACE FUNCTION ledger.register_table(p_register text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT replace(p_register, '-', '_')
$$;

-- A reporting unit lies in a division when every piece of it does; the city, when the division
-- is all of it.
CREATE OR REPLACE FUNCTION ledger.unit_in_scope(p_city int, p_scope text, p_unit text)
RETURNS boolean
LANGUAGE sql STABLE AS $$
	SELECT CASE WHEN p_unit = 'city' THEN EXISTS (SELECT FROM ledger.city c
			WHERE c.city = p_city AND ledger.within(p_scope, c.prefix))
		ELSE EXISTS (SELECT FROM ledger.unit_prefix u WHERE u.city = p_city AND u.unit = p_unit)
			AND NOT EXISTS (SELECT FROM ledger.unit_prefix u WHERE u.city = p_city
				AND u.unit = p_unit AND NOT ledger.within(p_scope, u.prefix)) END
$$;

-- Whether a row `r` of the register's table lies in the division $1, as a condition.
CREATE OR REPLACE FUNCTION ledger.entry_scope(p_register text) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN (SELECT format(CASE m.kind
			WHEN 'place' THEN 'ledger.in_scope($1, r.%I)'
			WHEN 'unit' THEN 'ledger.unit_in_scope(r.city, $1, r.%I)'
			WHEN 'seeker' THEN 'EXISTS (SELECT FROM ledger.seeker s WHERE s.city = r.city'
				' AND s.id = r.%I AND ledger.in_scope($1, s.community))' END, m.member)
		FROM ledger.register_member m WHERE m.register = p_register AND m.list = 'scope');
END $$;

-- The version on record by the end of a day, or the latest; NULL: none that the caller sees.
-- Who sees an entry is said by its latest version alone, whatever the day.
CREATE OR REPLACE FUNCTION ledger.entry_on(p_who api.caller, p_register text, p_id bigint,
	p_day date DEFAULT NULL)
RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
	found jsonb;
BEGIN
	EXECUTE format('SELECT to_jsonb(v) FROM ledger.entry e JOIN ledger.%1$I r USING (city, id, version)'
		' JOIN ledger.%1$I v USING (city, id)'
		' WHERE e.city = $2 AND e.id = $3 AND e.register = $4'
		' AND ($5 IS NULL OR ledger.legal_day(v.recorded_at) <= $5) AND %2$s'
		' ORDER BY v.version DESC LIMIT 1',
		ledger.register_table(p_register), ledger.entry_scope(p_register))
		INTO found USING p_who.scope, p_who.city, p_id, p_register, p_day;
	RETURN found;
END $$;

-- A member as it is answered: numbers of rows are texts, persons sixteen digits.
CREATE OR REPLACE FUNCTION ledger.member_json(p_kind text, p_value jsonb) RETURNS jsonb
LANGUAGE sql STABLE AS $$
	SELECT CASE WHEN p_value = 'null' THEN 'null'
		WHEN p_kind IN ('seeker', 'officer') THEN to_jsonb(ledger.seeker_text((p_value#>>'{}')::bigint))
		WHEN p_kind IN ('whole', 'flag') THEN p_value
		ELSE to_jsonb(p_value#>>'{}') END
$$;

CREATE OR REPLACE FUNCTION ledger.members_json(p_register text, p_row jsonb, p_listed boolean)
RETURNS jsonb
LANGUAGE sql STABLE AS $$
	SELECT jsonb_object_agg(m.member, ledger.member_json(m.kind, p_row->m.member))
	FROM ledger.register_member m
	WHERE m.register = p_register AND m.member <> '-' AND m.kind NOT IN ('end', 'void')
	  AND (NOT p_listed OR m.list <> '-')
$$;

CREATE OR REPLACE FUNCTION ledger.recorded_json(p_row jsonb) RETURNS jsonb
LANGUAGE sql STABLE AS $$
	SELECT jsonb_build_object('at', ledger.instant((p_row->>'recorded_at')::timestamptz),
		'kid', p_row->'kid', 'officer', ledger.seeker_text((p_row->>'officer')::bigint),
		'on_behalf_of', ledger.seeker_text((p_row->>'on_behalf')::bigint))
$$;

-- What every entry's answer has beside its members.
CREATE OR REPLACE FUNCTION ledger.entry_head(p_register text, p_row jsonb) RETURNS jsonb
LANGUAGE sql STABLE AS $$
	SELECT jsonb_build_object(ledger.register_table(p_register), p_row->>'id',
		'version', p_row->'version', 'holds_from', p_row->'holds_from',
		'recorded', ledger.recorded_json(p_row),
		'ended', CASE WHEN p_row->>'ended_on' IS NOT NULL THEN jsonb_build_object(
			'on', p_row->'ended_on', 'reason', p_row->'end_reason') END)
$$;

CREATE OR REPLACE FUNCTION ledger.entry_json(p_register text, p_row jsonb, p_listed boolean)
RETURNS jsonb
LANGUAGE sql STABLE AS $$
	SELECT ledger.members_json(p_register, p_row, p_listed) || ledger.entry_head(p_register, p_row)
$$;

-- A version with all that it and those before it rest on.
CREATE OR REPLACE FUNCTION ledger.entry_whole(p_register text, p_row jsonb) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
	past jsonb;
BEGIN
	EXECUTE format('SELECT jsonb_agg(jsonb_build_object(''version'', r.version,'
		' ''holds_from'', r.holds_from, ''recorded'', ledger.recorded_json(to_jsonb(r)))'
		' ORDER BY r.version) FROM ledger.%I r WHERE r.city = $1 AND r.id = $2 AND r.version <= $3',
		ledger.register_table(p_register))
		INTO past USING (p_row->>'city')::int, (p_row->>'id')::bigint, (p_row->>'version')::int;
	RETURN ledger.entry_json(p_register, p_row, false) || jsonb_build_object('history', past,
		'evidence', (SELECT coalesce(jsonb_agg(ledger.members_json('evidence', to_jsonb(v), false)
				|| jsonb_build_object('version', v.version) ORDER BY v.version, v.n), '[]')
			FROM ledger.evidence v WHERE v.city = (p_row->>'city')::int
			  AND v.id = (p_row->>'id')::bigint AND v.version <= (p_row->>'version')::int));
END $$;

-- What no register's row may be: another's, of nobody, or turned round.
CREATE OR REPLACE FUNCTION ledger.refuse_entry(p_who api.caller, p_register text, p_was jsonb,
	p_new jsonb)
RETURNS api.reply
LANGUAGE plpgsql STABLE AS $$
DECLARE
	m     record;
	found boolean;
	other text;
BEGIN
	FOR m IN SELECT x.*, p_new->>x.member AS value FROM ledger.register_member x
			WHERE x.register = p_register AND x.member <> '-' ORDER BY x.member LOOP
		CONTINUE WHEN m.value IS NULL;
		other := substring(m.bounds FROM '^>= ([a-z_]+)');
		IF m.kind = 'day' AND m.value::date < (p_new->>other)::date THEN
			RETURN ledger.wrong_day('/' || m.member, m.value::date, 'not before ' || other);
		END IF;
		CONTINUE WHEN p_was->>m.member IS NOT DISTINCT FROM m.value;
		IF m.kind = 'seeker' THEN
			found := EXISTS (SELECT FROM ledger.seeker s WHERE s.city = p_who.city
				AND s.id = m.value::bigint AND s.merged_into IS NULL
				AND ledger.in_scope(p_who.scope, s.community));
		ELSIF m.kind = 'unit' AND m.value <> 'city' AND NOT EXISTS (SELECT FROM ledger.unit u
				WHERE u.city = p_who.city AND u.unit = m.value) THEN
			RETURN ledger.no_unit(p_who.city, '/' || m.member, m.value);
		ELSIF ledger.register_action(m.kind, 'read') IS NOT NULL THEN
			found := ledger.entry_on(p_who, m.kind, ledger.row_id(m.value)) IS NOT NULL;
		END IF;
		IF NOT found THEN
			RETURN ledger.missing('/' || m.member, CASE m.kind WHEN 'seeker'
				THEN ledger.seeker_text(m.value::bigint) ELSE m.value END);
		END IF;
	END LOOP;
	EXECUTE format('SELECT %s FROM jsonb_populate_record(NULL::ledger.%I, $2) r',
		ledger.entry_scope(p_register), ledger.register_table(p_register))
		INTO found USING p_who.scope, p_new;
	SELECT x.member, x.kind, p_new->>x.member AS value INTO m FROM ledger.register_member x
		WHERE x.register = p_register AND x.list = 'scope';
	RETURN CASE WHEN found IS NOT TRUE THEN ledger.missing('/' || m.member, CASE m.kind
		WHEN 'seeker' THEN ledger.seeker_text(m.value::bigint) ELSE m.value END) END;
END $$;

CREATE OR REPLACE FUNCTION ledger.refuse_evidence(p_who api.caller, p_evidence jsonb)
RETURNS api.reply
LANGUAGE sql STABLE AS $$
	SELECT ledger.refuse_fault(ledger.fault('/evidence/' || v.n - 1 || '/seen_by', 'unknown-officer',
			ledger.seeker_text((v.item->>'seen_by')::bigint), 'an officer',
			'There is no such officer.', '没有此经办人。'))
	FROM jsonb_array_elements(p_evidence) WITH ORDINALITY v(item, n)
	WHERE v.item->>'seen_by' IS NOT NULL AND NOT EXISTS (SELECT FROM ledger.officer o
		WHERE o.city = p_who.city AND o.id = (v.item->>'seen_by')::bigint)
	LIMIT 1
$$;

-- The papers of a body that the entry does not rest on yet.
CREATE OR REPLACE FUNCTION ledger.new_papers(p_city int, p_id bigint, p_evidence jsonb)
RETURNS jsonb
LANGUAGE sql STABLE AS $$
	SELECT coalesce(jsonb_agg(p.item ORDER BY p.n), '[]')
	FROM jsonb_array_elements(p_evidence) WITH ORDINALITY p(item, n)
	WHERE NOT EXISTS (SELECT FROM ledger.evidence v WHERE v.city = p_city AND v.id = p_id
		AND (v.kind, v.number, v.day) = (p.item->>'kind', p.item->>'number', (p.item->>'day')::date)
		AND v.hash IS NOT DISTINCT FROM p.item->>'hash'
		AND v.seen_by IS NOT DISTINCT FROM coalesce((p.item->>'seen_by')::bigint, v.seen_by))
$$;

-- Whether what ends in this register never was.
CREATE OR REPLACE FUNCTION ledger.ends_void(p_register text) RETURNS boolean
LANGUAGE sql STABLE AS $$
	SELECT EXISTS (SELECT FROM ledger.register_member m
		WHERE m.register = p_register AND m.kind = 'void')
$$;

CREATE OR REPLACE FUNCTION ledger.newer_than_entry(p_register text, p_row jsonb) RETURNS jsonb
LANGUAGE sql STABLE AS $$
	SELECT CASE WHEN p_row->>'ended_on' IS NOT NULL THEN ledger.newer_by(CASE WHEN
		ledger.ends_void(p_register) THEN 'void' ELSE 'ended' END, (p_row->>'ended_on')::date) END
$$;

-- The latest version of an entry that is void and of which one version said just this, on no paper
-- that the entry has not; NULL: there is none.
-- rules/news
CREATE OR REPLACE FUNCTION ledger.void_entry(p_who api.caller, p_register text, p_members jsonb,
	p_evidence jsonb)
RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
	once text := (SELECT string_agg(format(' AND r.%1$I = w.%1$I', m.member), '')
		FROM ledger.register_member m WHERE m.register = p_register AND m.say = 'once');
	void jsonb;
BEGIN
	IF NOT ledger.ends_void(p_register) THEN
		RETURN NULL;
	END IF;
	EXECUTE format('SELECT to_jsonb(v) FROM jsonb_populate_record(NULL::ledger.%1$I, $1) w'
		' JOIN ledger.%1$I r ON r.city = $2%2$s JOIN ledger.entry e ON e.city = r.city AND e.id = r.id'
		' JOIN ledger.%1$I v ON v.city = e.city AND v.id = e.id AND v.version = e.version'
		' WHERE v.ended_on IS NOT NULL AND to_jsonb(r) @> (SELECT jsonb_object_agg(k, to_jsonb(w)->k)'
			' FROM jsonb_object_keys($1) k)'
		' AND ledger.new_papers(e.city, e.id, $3) = ''[]'' ORDER BY e.id DESC LIMIT 1',
		ledger.register_table(p_register), once)
		INTO void USING p_members, p_who.city, p_evidence;
	RETURN void;
END $$;

-- A new version, or the first: judged, then written with who said so and on what it rests.
CREATE OR REPLACE FUNCTION ledger.write_entry(p_who api.caller, p_register text, p_was jsonb,
	p_members jsonb, p_body jsonb)
RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	home    text  := ledger.register_table(p_register);
	papers  jsonb := coalesce(p_body->'evidence', '[]');
	added   jsonb := ledger.new_papers(p_who.city, (p_was->>'id')::bigint, papers);
	today   date  := ledger.today(p_who.city);
	day     date  := coalesce((p_body->>'on')::date, today);
	refused api.reply;
	row     jsonb;
	made    bigint := (p_was->>'id')::bigint;
	void    jsonb;
BEGIN
	row := coalesce(p_was, '{}') || p_members || jsonb_build_object('city', p_who.city,
		'version', coalesce((p_was->>'version')::int, 0) + 1, 'holds_from', day,
		'recorded_at', ledger.app_now(p_who.city), 'kid', p_who.kid, 'officer', p_who.officer,
		'on_behalf', p_who.on_behalf);
	refused := ledger.refuse_entry(p_who, p_register, p_was, row);
	IF refused.status IS NULL AND day < (p_was->>'holds_from')::date THEN
		refused := ledger.wrong_day('/on', day, 'not before ' || (p_was->>'holds_from'));
	END IF;
	IF refused.status IS NULL THEN
		refused := ledger.refuse_evidence(p_who, papers);
	END IF;
	IF refused.status IS NULL AND p_was IS NULL THEN
		void := ledger.void_entry(p_who, p_register, p_members, papers);
		IF void IS NOT NULL THEN
			RETURN ledger.sent_again(ledger.entry_whole(p_register, void),
				ledger.newer_than_entry(p_register, void));
		END IF;
	END IF;
	IF refused.status IS NULL THEN
		EXECUTE format('SELECT x.* FROM ledger.%I($1, CASE WHEN $2 IS NOT NULL THEN'
			' jsonb_populate_record(NULL::ledger.%I, $2) END,'
			' jsonb_populate_record(NULL::ledger.%I, $3), $4) x', 'check_' || home, home, home)
			INTO refused USING p_who, p_was, row, added;
	END IF;
	IF refused.status IS NOT NULL THEN
		RETURN refused;
	END IF;
	IF made IS NULL THEN
		INSERT INTO ledger.entry (city, register) VALUES (p_who.city, p_register)
			RETURNING id INTO made;
		row := row || jsonb_build_object('id', made);
	ELSE
		UPDATE ledger.entry e SET version = e.version + 1 WHERE e.city = p_who.city AND e.id = made;
	END IF;
	EXECUTE format('INSERT INTO ledger.%I SELECT * FROM jsonb_populate_record(NULL::ledger.%I, $1)',
		home, home) USING row;
	INSERT INTO ledger.evidence (city, id, version, n, kind, number, day, seen_by, hash)
		SELECT p_who.city, made, (row->>'version')::int, v.n, v.item->>'kind', v.item->>'number',
			(v.item->>'day')::date, coalesce((v.item->>'seen_by')::bigint, p_who.officer),
			v.item->>'hash'
		FROM jsonb_array_elements(added) WITH ORDINALITY v(item, n);
	RETURN api.answer(CASE WHEN p_was IS NULL THEN 201 ELSE 200 END,
		ledger.entry_whole(p_register, row));
END $$;

CREATE OR REPLACE FUNCTION api.create_entry(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_idem text, p_req bytea, p_register text, p_body jsonb)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	a   api.reply  := api.admit_once(who, ledger.register_action(p_register, 'create'), p_idem,
		p_req);
BEGIN
	IF a.status IS NULL THEN
		a := ledger.write_entry(who, p_register, NULL, p_body - '{on,evidence}'::text[], p_body);
	END IF;
	RETURN QUERY SELECT * FROM api.keep(who, p_idem, p_register, a);
END $$;

CREATE OR REPLACE FUNCTION api.read_entry(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_register text, p_id bigint, p_as_of date)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	a   api.reply  := api.admit(who, ledger.register_action(p_register, 'read'));
	row jsonb;
BEGIN
	IF a.status IS NULL THEN
		row := ledger.entry_on(who, p_register, p_id, p_as_of);
		a := CASE WHEN row IS NULL THEN CASE WHEN ledger.entry_on(who, p_register, p_id) IS NULL
				THEN api.refuse(404, 'not-found')
				ELSE ledger.missing('query/as_of', p_as_of::text) END
			ELSE api.answer(200, ledger.entry_whole(p_register, row)
				|| jsonb_build_object('as_of', coalesce(p_as_of, ledger.today(p_city)))) END;
	END IF;
	RETURN NEXT a;
END $$;

CREATE OR REPLACE FUNCTION ledger.no_unit(p_city int, p_where text, p_unit text)
RETURNS api.reply
LANGUAGE sql STABLE AS $$
	SELECT ledger.refuse_fault(ledger.fault(p_where, 'unknown-code', p_unit,
		(SELECT 'city, ' || string_agg(u.unit || ' ' || u.name_zh, ', ' ORDER BY u.unit)
			FROM ledger.unit u WHERE u.city = p_city),
		'There is no such code in the catalogue.', '代码表中没有此代码。'))
$$;

-- A unit that does not exist is an error, never an empty list.
CREATE OR REPLACE FUNCTION ledger.refuse_filter(p_city int, p_register text, p_filters jsonb)
RETURNS SETOF api.reply
LANGUAGE sql STABLE AS $$
	SELECT r.* FROM jsonb_each_text(p_filters) f
	JOIN ledger.register_member m ON m.register = p_register AND m.member = f.key AND m.kind = 'unit'
	CROSS JOIN LATERAL ledger.no_unit(p_city, 'query/' || f.key, f.value) r
	WHERE f.value <> 'city' AND NOT EXISTS (SELECT FROM ledger.unit u
		WHERE u.city = p_city AND u.unit = f.value)
	LIMIT 1
$$;

-- The conditions of a list, out of {"kind": "skills", "from_since": "2007-07-01"}: those that an
-- index of the register finds rows by, or the others.
CREATE OR REPLACE FUNCTION ledger.entry_filter(p_city int, p_register text, p_filters jsonb,
	p_found boolean)
RETURNS text
LANGUAGE sql STABLE AS $$
	SELECT coalesce(string_agg(CASE
			WHEN f.key = 'state' THEN format(' AND (r.ended_on IS NULL) = %L', f.value = 'live')
			WHEN m.kind = 'place' THEN format(' AND r.%I BETWEEN %L AND %L', m.member,
				ledger.scope_from(f.value), ledger.scope_to(f.value))
			WHEN m.kind = 'text' THEN format(' AND strpos(lower(r.%I), lower(%L)) > 0', m.member,
				f.value)
			WHEN m.kind = 'seeker' THEN format(' AND r.%I = ANY (%L)', m.member,
				ledger.same_person(p_city, f.value::bigint))
			WHEN m.kind = 'employer' THEN format(' AND ledger.org_of(r.%I) = ledger.org_of(%L)',
				m.member, f.value)
			WHEN m.kind = 'day' THEN format(' AND r.%I %s %L', m.member,
				CASE WHEN f.key LIKE '%\_since' THEN '>=' ELSE '<' END, f.value)
			WHEN p_found THEN format(' AND r.%I = %L', m.member, ledger.row_id(f.value))
			ELSE format(' AND r.%I::text = %L', m.member, f.value) END, ''), '')
	FROM jsonb_each_text(p_filters) f
	LEFT JOIN ledger.register_member m ON m.register = p_register AND m.list <> '-'
		AND m.member = CASE WHEN m.kind = 'day' THEN regexp_replace(f.key, '_(since|before)$', '')
			ELSE f.key END
	WHERE (m.member IS NOT NULL OR f.key = 'state') AND p_found = (f.key <> 'state'
		AND (m.kind = 'seeker' OR ledger.register_action(m.kind, 'read') IS NOT NULL))
$$;

CREATE OR REPLACE FUNCTION api.list_entries(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_register text, p_filters jsonb, p_limit int, p_after bigint)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
	SET enable_seqscan = off AS $$
DECLARE
	who   api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	a     api.reply  := api.admit(who, ledger.register_action(p_register, 'list'));
	home  text       := ledger.register_table(p_register);
	items jsonb;
	page  record;
BEGIN
	IF a.status IS NULL THEN
		SELECT * INTO a FROM ledger.refuse_filter(p_city, p_register, p_filters);
	END IF;
	IF a.status IS NOT NULL THEN
		RETURN NEXT a;
		RETURN;
	END IF;
	page := ledger.page_ids(p_city,
		format('ledger.entry e JOIN ledger.%I r USING (city, id, version)', home),
		format(' AND e.register = %L', p_register)
			|| ledger.entry_filter(p_city, p_register, p_filters, true),
		' AND ' || replace(ledger.entry_scope(p_register), '$1', quote_literal(who.scope))
			|| ledger.entry_filter(p_city, p_register, p_filters, false),
		false, p_after, p_limit, 20000);
	-- As ledger.entry_json() for each, in one statement.
	EXECUTE format('SELECT jsonb_agg(ledger.entry_head($1, j.row) || (SELECT jsonb_object_agg('
			'm.member, ledger.member_json(m.kind, j.row->m.member)) FROM ledger.register_member m'
			' WHERE m.register = $1 AND m.list <> ''-'' AND m.member <> ''-'') ORDER BY j.id)'
		' FROM (SELECT e.id, to_jsonb(r) AS row FROM ledger.entry e'
			' JOIN ledger.%I r USING (city, id, version)'
			' WHERE e.city = $2 AND e.id = ANY ($3) OFFSET 0) j', home)
		INTO items USING p_register, p_city, page.ids;
	RETURN NEXT api.page(jsonb_build_object('items', coalesce(items, '[]')), page.next);
END $$;
