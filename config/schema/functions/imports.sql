-- Imports: files of many records of one kind, in batches.
--
-- A batch is one call and one transaction: each record is judged by the rule of the single call,
-- taken or refused by itself, and the import says how far it came, with the digest of all that the
-- file said so far, in the same commit.  An import is named by the Idempotency-Key it was sent with,
-- and is one file: whatever else comes under that name is known by the digest before anything of it
-- is taken, and what was taken is passed over.  The receipts are the daemon's; only those of the
-- last batch stay here, for a daemon that died before it had written them down.

CREATE OR REPLACE FUNCTION ledger.import_json(p_import ledger.import) RETURNS jsonb
LANGUAGE sql STABLE AS $$
	SELECT jsonb_build_object('import', p_import.name, 'run', p_import.run,
		'kind', p_import.kind, 'format', p_import.format, 'state', p_import.state, 'lines', p_import.lines,
		'added', p_import.added, 'changed', p_import.changed, 'unchanged', p_import.unchanged,
		'refused', p_import.refused, 'lot', (ledger.lot_of(p_import)).id::text, 'started_at', ledger.instant(p_import.started_at),
		'changed_at', ledger.instant(p_import.changed_at))
$$;

-- The file of its receipts, where the daemon keeps them.
CREATE OR REPLACE FUNCTION ledger.import_file(p_import ledger.import) RETURNS text
LANGUAGE sql STABLE AS $$
	SELECT left(encode(sha256(convert_to(p_import.city || ' ' || p_import.first_kid || ' '
		|| p_import.name, 'UTF8')), 'hex'), 40)
$$;

-- Why this caller may not go on with an import; NULL: nothing.
CREATE OR REPLACE FUNCTION ledger.refuse_import(p_who api.caller, p_was ledger.import, p_kind text,
	p_format text)
RETURNS api.reply
LANGUAGE plpgsql STABLE AS $$
DECLARE
	was ledger.idempotency;
BEGIN
	was.request := convert_to(p_was.kind || ' ' || p_was.format, 'UTF8');
	was.officer := p_was.officer;
	was.on_behalf := p_was.on_behalf;
	was.scope := p_was.scope;
	RETURN api.refuse_again(p_who, was, convert_to(p_kind || ' ' || p_format, 'UTF8'));
END $$;

-- Whose it is, of all who have the key.
CREATE OR REPLACE FUNCTION ledger.is_import_of(p_who api.caller, p_import ledger.import)
RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
	SELECT (p_import.officer, p_import.on_behalf, p_import.scope) IS NOT DISTINCT FROM
		(p_who.officer, p_who.on_behalf, p_who.scope)
$$;

-- Who the lines of a file are of when they do not say so; NULL: the caller files for none, or for
-- several.
CREATE OR REPLACE FUNCTION ledger.only_employer(p_who api.caller) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE WHEN count(DISTINCT ledger.org_of(x)) = 1 THEN min(x) END
	FROM unnest(p_who.employers) x
$$;

-- Begins one, or goes on with it.  `employer` is who the lines are of when they do not say so.
CREATE OR REPLACE FUNCTION api.open_import(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_kind text, p_name text, p_format text)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who  api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	a    api.reply  := ledger.admit_import(who, p_kind);
	at   timestamptz := ledger.app_now(p_city);
	made ledger.import;
BEGIN
	IF a.status IS NULL THEN
		INSERT INTO ledger.import (city, first_kid, name, kind, format, actor, officer, on_behalf,
				scope, started_at, changed_at)
			VALUES (p_city, who.first_kid, p_name, p_kind, p_format, who.actor, who.officer,
				who.on_behalf, who.scope, at, at)
			ON CONFLICT DO NOTHING;
		SELECT * INTO made FROM ledger.import i
			WHERE i.city = p_city AND i.first_kid = who.first_kid AND i.name = p_name;
		a := ledger.refuse_import(who, made, p_kind, p_format);
	END IF;
	IF a.status IS NULL THEN
		a := api.answer(200, ledger.import_json(made) || jsonb_build_object('employer',
			ledger.only_employer(who),
			'file', ledger.import_file(made), 'digest', made.digest, 'said_from', made.said_from));
	END IF;
	RETURN NEXT a;
END $$;

-- What a file would come to that is only tried: nothing of it is kept, so there is no import.
CREATE OR REPLACE FUNCTION api.try_import(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_kind text)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	a   api.reply  := ledger.admit_import(who, p_kind);
BEGIN
	IF a.status IS NULL THEN
		a := api.answer(200, jsonb_build_object('employer',
			ledger.only_employer(who)));
	END IF;
	RETURN NEXT a;
END $$;

-- What somebody must be allowed who sends a file of that kind, beside sending files.
CREATE OR REPLACE FUNCTION ledger.import_action(p_kind text) RETURNS text
LANGUAGE sql STABLE AS $$
	SELECT CASE p_kind WHEN 'returns' THEN 'returns.file' ELSE p_kind || '.create' END
$$;

CREATE OR REPLACE FUNCTION ledger.admit_import(p_who api.caller, p_kind text) RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	a api.reply := api.admit(p_who, ledger.import_action(p_kind));
BEGIN
	RETURN CASE WHEN a.status IS NULL THEN api.admit(p_who, 'imports.create') ELSE a END;
END $$;

-- Another run of the import has taken it further than this one knows: the sender asked before, and
-- got no answer.  Whoever sends the file again gets what became of it.  Nothing was done by a run
-- that is told so at its first batch.
CREATE OR REPLACE FUNCTION ledger.came_further(p_behind int) RETURNS api.reply
LANGUAGE sql STABLE AS $$
	SELECT CASE WHEN p_behind = 0 THEN api.refuse(503, 'busy')
		ELSE api.refuse(503, 'outcome-unknown') END
$$;

-- One batch: what became of each of its records.  It begins behind p_from records of the file and
-- ends with line p_last; p_refused of it broke a rule before they came here, and p_digest is that
-- of all that the file says so far.  No p_run: it is only tried.
CREATE OR REPLACE FUNCTION api.import_batch(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_kind text, p_name text, p_run int, p_from int, p_records json, p_last int, p_refused int,
	p_digest text)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who      api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	a        api.reply  := ledger.admit_import(who, p_kind);
	was      ledger.import;
	receipts jsonb;
BEGIN
	IF a.status IS NULL AND p_run IS NULL THEN
		a := api.answer(200, jsonb_build_object('receipts', ledger.try_records(p_city, p_kid, p_hash,
			p_actor, who, p_kind, p_records)));
	ELSIF a.status IS NULL THEN
		a := api.said_to_call(p_city, who.call);
	END IF;
	IF a.status IS NULL THEN
		SELECT * INTO was FROM ledger.import i WHERE i.city = p_city
			AND i.first_kid = who.first_kid AND i.name = p_name FOR NO KEY UPDATE;
		IF was.name IS NOT NULL AND NOT ledger.is_import_of(who, was) THEN
			a := api.refuse(404, 'not-found');
		ELSIF (was.said_from, was.digest) = (p_from, p_digest) AND was.said IS NOT NULL THEN
			a := api.answer(200, was.said);
		ELSIF was.added + was.changed + was.unchanged + was.refused IS DISTINCT FROM p_from OR was.run NOT IN (p_run - 1, p_run)
				OR was.state = 'complete' OR was.kind <> p_kind THEN
			a := ledger.came_further(p_from);
		ELSIF (ledger.lot_of(was)).whole_at IS NOT NULL THEN
			a := ledger.wrong_state('lot-whole');
		END IF;
	END IF;
	IF a.status IS NOT NULL THEN
		RETURN NEXT a;
		RETURN;
	END IF;
	receipts := ledger.import_records(p_city, p_kid, p_hash, p_actor, who, p_kind, p_records);
	PERFORM ledger.add_to_lot(who, was, receipts);
	a := api.answer(200, jsonb_build_object('import', p_name, 'receipts', receipts));
	UPDATE ledger.import i SET run = p_run, state = 'running', lines = p_last, digest = p_digest,
			said_from = p_from, said = a.body::jsonb, added = i.added + x.added,
			changed = i.changed + x.changed, unchanged = i.unchanged + x.unchanged,
			refused = i.refused + p_refused + x.refused, changed_at = ledger.app_now(p_city)
		FROM (SELECT count(*) FILTER (WHERE r->>0 = 'added') AS added,
				count(*) FILTER (WHERE r->>0 IN ('changed', 'closed')) AS changed,
				count(*) FILTER (WHERE r->>0 = 'unchanged') AS unchanged,
				count(*) FILTER (WHERE r->>0 = 'refused') AS refused
			FROM jsonb_array_elements(receipts) r) x
		WHERE i.city = p_city AND i.first_kid = who.first_kid AND i.name = p_name;
	PERFORM set_config('vacancyd.action', 'imports.create', true);
	RETURN QUERY SELECT * FROM api.keep(who, NULL, 'import/' || p_name, a);
END $$;

-- The end of a run: 'complete', 'stopped' when it came to a limit, or 'cut' when the rest
-- never came.  What is complete stays so; its end may be said again.  'refused': not even its
-- beginning could be read, and it is no import; its name is free for another file.
-- rules/imports
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
	IF p_state = 'refused' THEN
		DELETE FROM ledger.import i
			WHERE i.city = p_city AND i.first_kid = who.first_kid AND i.name = p_name
			  AND i.run = p_run AND i.digest = '' AND i.state <> 'complete'
			  AND ledger.is_import_of(who, i);
		RETURN NEXT api.answer(200, '{}');
		RETURN;
	END IF;
	UPDATE ledger.import i SET run = p_run, state = p_state,
			said = CASE WHEN p_state <> 'complete' THEN i.said END,
			changed_at = ledger.app_now(p_city)
		WHERE i.city = p_city AND i.first_kid = who.first_kid AND i.name = p_name
		  AND i.run IN (p_run - 1, p_run) AND ledger.is_import_of(who, i)
		  AND (i.state <> 'complete' OR (p_state, p_run) = (i.state, i.run))
		RETURNING * INTO ended;
	IF ended.name IS NULL THEN
		RETURN NEXT ledger.came_further(p_run);
	ELSE
		PERFORM ledger.end_lot(ended);
		RETURN NEXT api.answer(200, ledger.import_json(ended));
	END IF;
END $$;

-- What the caller sent under that name: how far it came, or where its receipts are.
CREATE OR REPLACE FUNCTION ledger.read_import(p_who api.caller, p_name text, p_receipts boolean)
RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	a   api.reply := api.admit(p_who, 'imports.read');
	was ledger.import;
BEGIN
	IF a.status IS NOT NULL THEN
		RETURN a;
	END IF;
	SELECT * INTO was FROM ledger.import i WHERE i.city = p_who.city
		AND i.first_kid = p_who.first_kid AND i.name = p_name AND ledger.is_import_of(p_who, i);
	RETURN CASE WHEN was.name IS NULL THEN api.refuse(404, 'not-found')
		WHEN p_receipts THEN api.answer(200, jsonb_build_object('file', ledger.import_file(was)))
		ELSE api.answer(200, ledger.import_json(was)) END;
END $$;

-- Where its receipts are, for who sent it.
CREATE OR REPLACE FUNCTION api.read_receipts(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_name text)
RETURNS SETOF api.reply
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT a.* FROM ledger.read_import(api.principal(p_city, p_kid, p_hash, p_actor), p_name, true) a
$$;

CREATE OR REPLACE FUNCTION api.read_import(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_name text)
RETURNS SETOF api.reply
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT a.* FROM ledger.read_import(api.principal(p_city, p_kid, p_hash, p_actor), p_name, false) a
$$;
