-- Imports: files of vacancy lines, of many employers and quarters, in batches.
--
-- A batch is one call and one transaction: its lines are taken into the next versions of
-- their returns, or refused one by one, and the import says how far it came in the same
-- commit.  An import is named by the Idempotency-Key it was sent with.  A batch whose connection
-- was lost is answered as the first time; else nothing is kept to skip what was done before: a
-- file that is sent again finds its lines as they stand, and changes nothing.

CREATE OR REPLACE FUNCTION ledger.import_json(p_import ledger.import) RETURNS jsonb
LANGUAGE sql STABLE AS $$
	SELECT jsonb_build_object('import', p_import.name, 'run', p_import.run,
		'format', p_import.format, 'state', p_import.state, 'lines', p_import.lines,
		'added', p_import.added, 'changed', p_import.changed, 'unchanged', p_import.unchanged,
		'refused', p_import.refused, 'started_at', ledger.instant(p_import.started_at),
		'changed_at', ledger.instant(p_import.changed_at))
$$;

-- Begins a run.  `employer` is who the lines are of when they do not say so.
CREATE OR REPLACE FUNCTION api.open_import(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_name text, p_format text)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who     api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	refused api.reply  := api.admit(who, 'imports.create');
	at      timestamptz := ledger.app_now(p_city);
	made    ledger.import;
BEGIN
	IF refused.status IS NOT NULL THEN
		RETURN NEXT refused;
		RETURN;
	END IF;
	INSERT INTO ledger.import AS i (city, first_kid, name, format, actor, started_at, changed_at)
		VALUES (p_city, who.first_kid, p_name, p_format, who.actor, at, at)
		ON CONFLICT (city, first_kid, name) DO UPDATE SET run = i.run + 1, format = EXCLUDED.format,
			state = 'running', lines = 0, added = 0, changed = 0, unchanged = 0, refused = 0,
			actor = EXCLUDED.actor, started_at = at, changed_at = at
		RETURNING * INTO made;
	RETURN NEXT api.answer(200, ledger.import_json(made) || jsonb_build_object('employer',
		(SELECT CASE WHEN count(DISTINCT x) = 1 THEN min(x) END FROM unnest(who.employers) x)));
END $$;

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
		AND e.code = p_line.employer AND ledger.may_see_return(p_who, e.code, p_line.district);
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

-- One batch: what became of each of its lines.  p_last is the number of the last line that
-- was read, p_refused how many up to it broke a rule before they came here.
CREATE OR REPLACE FUNCTION api.import_lines(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_name text, p_run int, p_lines json, p_last int, p_refused int)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who     api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	refused api.reply  := api.admit_call(who, 'imports.create');
	lines   ledger.offered_line[];
	line    ledger.offered_line;
	work    ledger.amendment[];
BEGIN
	IF refused.status IS NOT NULL THEN
		RETURN NEXT refused;
		RETURN;
	END IF;
	lines := ARRAY(SELECT l FROM json_populate_recordset(NULL::ledger.offered_line, p_lines) l);
	IF EXISTS (SELECT FROM unnest(lines) l WHERE l.closing IS NOT NULL) THEN
		-- All employers first, in their order: another import may have them in another.
		PERFORM FROM ledger.employer e WHERE e.city = p_city AND e.id IN (
			SELECT x.id FROM ledger.employer x JOIN unnest(lines) l ON x.code = l.employer
			WHERE x.city = p_city AND ledger.may_see_return(who, x.code, l.district))
			ORDER BY e.id FOR NO KEY UPDATE;
		work := ledger.amend_lines(who, ARRAY(SELECT l FROM unnest(lines) l
			WHERE l.closing IS NULL));
		FOR line IN SELECT * FROM unnest(lines) l WHERE l.closing IS NOT NULL ORDER BY l.n LOOP
			work := work || ledger.close_offered(who, line);
		END LOOP;
	ELSE
		work := ledger.amend_lines(who, lines);
	END IF;
	UPDATE ledger.import i SET lines = p_last, added = i.added + x.added,
			changed = i.changed + x.changed, unchanged = i.unchanged + x.unchanged,
			refused = i.refused + p_refused + x.refused, changed_at = ledger.app_now(p_city)
		FROM (SELECT count(*) FILTER (WHERE w.result = 'added') AS added,
				count(*) FILTER (WHERE w.result IN ('changed', 'closed')) AS changed,
				count(*) FILTER (WHERE w.result = 'unchanged') AS unchanged,
				count(*) FILTER (WHERE w.result = 'refused') AS refused
			FROM unnest(work) w) x
		WHERE i.city = p_city AND i.first_kid = who.first_kid AND i.name = p_name AND i.run = p_run;
	RETURN QUERY SELECT * FROM api.keep(who, NULL, 'import/' || p_name, api.answer(200,
		jsonb_build_object('import', p_name, 'receipts', (SELECT coalesce(jsonb_agg(CASE
				WHEN w.newer IS NOT NULL THEN jsonb_build_array(w.result, w.vacancy::text, NULL, w.newer)
				WHEN w.fault IS NULL THEN jsonb_build_array(w.result, w.vacancy::text)
				ELSE jsonb_build_array(w.result, NULL, w.fault) END ORDER BY (w.line).n), '[]')
			FROM unnest(work) w))));
END $$;

-- The end of a run: 'complete', 'stopped' when it came to a limit, or 'cut' when the rest
-- never came.
CREATE OR REPLACE FUNCTION api.close_import(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_name text, p_run int, p_state text)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who     api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	refused api.reply  := api.admit(who, 'imports.create');
	ended   ledger.import;
BEGIN
	IF refused.status IS NOT NULL THEN
		RETURN NEXT refused;
		RETURN;
	END IF;
	UPDATE ledger.import i SET state = p_state, changed_at = ledger.app_now(p_city)
		WHERE i.city = p_city AND i.first_kid = who.first_kid AND i.name = p_name AND i.run = p_run
		RETURNING * INTO ended;
	IF ended.name IS NULL THEN
		RETURN NEXT api.refuse(409, 'wrong-state', '{"reason": "another-run"}');
	ELSE
		RETURN NEXT api.answer(200, ledger.import_json(ended));
	END IF;
END $$;

CREATE OR REPLACE FUNCTION api.read_import(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_name text)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who     api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	refused api.reply  := api.admit(who, 'imports.read');
BEGIN
	IF refused.status IS NOT NULL THEN
		RETURN NEXT refused;
		RETURN;
	END IF;
	RETURN NEXT coalesce((SELECT api.answer(200, ledger.import_json(i)) FROM ledger.import i
		WHERE i.city = p_city AND i.first_kid = who.first_kid AND i.name = p_name),
		api.refuse(404, 'not-found'));
END $$;
