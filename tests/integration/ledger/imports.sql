-- Imports: whose one is, what its end is, and what is kept of a file that was only tried.

CREATE FUNCTION t.batch(p_kind text, p_records jsonb, p_name text DEFAULT NULL, p_run int DEFAULT NULL,
	p_from int DEFAULT 0, p_key text DEFAULT 'bureau', p_actor text DEFAULT NULL)
RETURNS jsonb LANGUAGE sql AS $$
	SELECT t.fold(ARRAY(SELECT r FROM api.import_batch(4101, t.kid(p_key), t.secret(p_key),
		coalesce(p_actor, t.actor(p_key)), p_kind, p_name, p_run, p_from, p_records::json,
		p_from + jsonb_array_length(p_records), 0, md5(p_records::text)) r))
$$;
CREATE FUNCTION t.said(p_batch jsonb) RETURNS text LANGUAGE sql AS $$
	SELECT coalesce((SELECT string_agg(coalesce(r#>>'{1,code}', r->>0), ' ')
		FROM jsonb_array_elements(p_batch#>'{body,receipts}') r), p_batch->>'code')
$$;
-- A household of people who are named by the ids of their files.
CREATE FUNCTION t.house(p_n int, VARIADIC p_seekers text[]) RETURNS jsonb LANGUAGE sql AS $$
	SELECT jsonb_build_object('n', p_n, 'hash', encode(sha256(convert_to(p_n || p_seekers::text, 'UTF8')),
		'hex'), 'body', '{"community":"410105003001","hukou_type":"urban","business_income":false,
		"investment_income":false,"applied_on":"2007-07-02","determined_on":"2007-07-10"}'::jsonb
		|| jsonb_build_object('members', (SELECT jsonb_agg('{"able":true,"willing":true}'::jsonb
			|| jsonb_build_object('blind', encode(t.blind(s), 'hex'))) FROM unnest(p_seekers) s)))
$$;
CREATE FUNCTION t.job(p_n int, p_seeker text) RETURNS jsonb LANGUAGE sql AS $$
	SELECT jsonb_build_object('n', p_n, 'hash', encode(sha256(convert_to('job' || p_seeker, 'UTF8')),
		'hex'), 'body', jsonb_build_object('blind', encode(t.blind(p_seeker), 'hex'), 'vacancy', NULL,
		'kind', 'flexible', 'employer', NULL, 'workplace', '410105003001', 'start_on', '2007-07-12',
		'source', NULL))
$$;
CREATE FUNCTION t.looked(p_seeker bigint) RETURNS bigint LANGUAGE sql AS $$
	SELECT count(*) FROM ledger.person_look WHERE person = p_seeker AND what = 'find_seeker'
$$;

-- Who is found on file by a file that is only tried was looked at, and no more is kept.
DO $$
DECLARE
	kept bigint;
BEGIN
	PERFORM t.seeker(n) FROM generate_series(1, 9) n;
	COMMIT;
	kept := (SELECT count(*) FROM ledger.action);
	PERFORM t.is('tried', t.said(t.batch('households', jsonb_build_array(t.house(1, '1', '2'),
		t.house(2, '77')))), 'added not-found');
	PERFORM t.is('a look', ARRAY[t.looked(1), t.looked(2), t.looked(3)], '{1,1,0}'::bigint[]);
	PERFORM t.is('tried too', t.said(t.batch('placements', jsonb_build_array(t.job(1, '3')))), 'added');
	PERFORM t.is('a look as well', t.looked(3), 1::bigint);
	PERFORM t.is('no more', ARRAY[(SELECT count(*) FROM ledger.household),
		(SELECT count(*) FROM ledger.placement), (SELECT count(*) FROM ledger.action)],
		ARRAY[0, 0, kept]);
END $$;

-- An import is its officer's, and not each one's who has the key; complete, it stays so.
CREATE FUNCTION t.open(p_name text, p_actor text DEFAULT NULL, p_kind text DEFAULT 'households')
RETURNS jsonb LANGUAGE sql AS $$
	SELECT t.fold(ARRAY(SELECT r FROM api.open_import(4101, t.kid('bureau'), t.secret('bureau'),
		coalesce(p_actor, t.actor('bureau')), p_kind, p_name, 'ndjson') r))
$$;
CREATE FUNCTION t.close(p_name text, p_state text, p_run int DEFAULT 1, p_actor text DEFAULT NULL)
RETURNS jsonb LANGUAGE sql AS $$
	SELECT t.fold(ARRAY(SELECT r FROM api.close_import(4101, t.kid('bureau'), t.secret('bureau'),
		coalesce(p_actor, t.actor('bureau')), p_name, p_run, p_state) r))
$$;
CREATE FUNCTION t.state(p_name text, p_actor text DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
	SELECT coalesce(a#>>'{body,state}', a->>'code') FROM (SELECT t.fold(ARRAY(SELECT r
		FROM api.read_import(4101, t.kid('bureau'), t.secret('bureau'),
		coalesce(p_actor, t.actor('bureau')), p_name) r)) AS a) x
$$;
DO $$
DECLARE
	file  jsonb := jsonb_build_array(t.house(1, '1', '2'));
	other text  := t.second_actor('bureau');
BEGIN
	PERFORM t.is('opened', t.open('h')->>'status', '200');
	COMMIT;
	PERFORM t.is('not by another', t.said(t.batch('households', file, 'h', 1, p_actor => other)),
		'not-found');
	PERFORM t.is('by whose it is', t.said(t.batch('households', file, 'h', 1)), 'added');
	COMMIT;
	PERFORM t.is('the same again', t.said(t.batch('households', file, 'h', 1)), 'added');
	PERFORM t.is('nor told to another', t.said(t.batch('households', file, 'h', 1, p_actor => other)),
		'not-found');
	PERFORM t.is('nor ended', t.close('h', 'cut', 1, other)->>'code', 'outcome-unknown');
	PERFORM t.is('nor read', t.state('h', other), 'not-found');
	PERFORM t.is('running', t.state('h'), 'running');
	PERFORM t.is('ended', t.close('h', 'complete')#>>'{body,state}', 'complete');
	COMMIT;
	PERFORM t.is('ended again', t.close('h', 'complete')#>>'{body,state}', 'complete');
	PERFORM t.is('not undone', t.close('h', 'cut')->>'code', 'outcome-unknown');
	PERFORM t.is('nor by a later run', t.close('h', 'cut', 2)->>'code', 'outcome-unknown');
	PERFORM t.is('it stays', t.state('h'), 'complete');
	-- who had opened it before it was complete, and sends the one batch of it
	PERFORM t.is('a twin', t.said(t.batch('households', file, 'h', 1)), 'busy');
END $$;

-- A closing reads what was said before its line, not all the closings beside it.
CREATE FUNCTION t.versions_read() RETURNS bigint LANGUAGE sql AS $$
	SELECT seq_tup_read + coalesce(idx_tup_fetch, 0) FROM pg_stat_xact_user_tables
	WHERE relid = 'ledger.return_version'::regclass
$$;
CREATE FUNCTION t.closing(p_n int, p_ref text) RETURNS jsonb LANGUAGE sql AS $$
	SELECT t.line(p_ref) || jsonb_build_object('n', p_n, 'employer', '123456788', 'district', '410105',
		'quarter', '2007Q2', 'closing', '{"reason":"withdrawn"}'::jsonb)
$$;
DO $$
DECLARE
	file jsonb := (SELECT jsonb_agg(t.closing(n, 'L' || n)) FROM generate_series(1, 200) n);
	was  bigint;
BEGIN
	PERFORM t.is('filed', t.file((SELECT jsonb_agg(t.line('L' || n)) FROM generate_series(1, 200) n))
		->>'status', '201');
	COMMIT;
	was := t.versions_read();
	PERFORM t.is('closed', t.said(t.batch('returns', file, p_key => 'firm')), rtrim(repeat('closed ', 200)));
	IF t.versions_read() - was > 2000 THEN
		RAISE EXCEPTION 'versions read: %', t.versions_read() - was;
	END IF;
END $$;

-- The same job said again on behalf of another is the same job.
DO $$
DECLARE
	file   jsonb := jsonb_build_array(t.job(1, '8'));
	behalf text  := replace(t.actor('bureau'), ' ', '.' || ledger.seeker_text(951) || ' ');
BEGIN
	INSERT INTO ledger.delegation (city, from_officer, to_officer, scope, valid_from, valid_until)
		VALUES (4101, 951, 901, '4101', '2007-07-01', '2007-07-31');
	PERFORM t.is('reported', t.said(t.batch('placements', file)), 'added');
	PERFORM t.open('p-1', NULL, 'placements');
	PERFORM t.open('p-2', behalf, 'placements');
	PERFORM t.is('kept', t.said(t.batch('placements', file, 'p-1', 1)), 'added');
	COMMIT;
	PERFORM t.is('on behalf', t.said(t.batch('placements', file, 'p-2', 1, p_actor => behalf)), 'unchanged');
	PERFORM t.is('once', (SELECT count(*) FROM ledger.placement WHERE seeker = 8), 1::bigint);
END $$;

-- A household that has ended is not there again because its file is; a new application is another.
CREATE FUNCTION t.end_all() RETURNS void LANGUAGE sql AS $$
	UPDATE ledger.household SET ended_on = '2007-07-12', end_reason = 'moved', version = version + 1
		WHERE ended_on IS NULL
$$;
DO $$
DECLARE
	file jsonb := jsonb_build_array(t.house(1, '5', '6'));
	anew jsonb := jsonb_set(file, '{0,body,determined_on}', '"2007-07-12"');
	a    jsonb;
	ids  text[] := '{}';
BEGIN
	FOR n IN 1..5 LOOP
		PERFORM t.open('k-' || n);
		a := t.batch('households', CASE WHEN n < 4 THEN file ELSE anew END, 'k-' || n, 1);
		PERFORM t.is('time ' || n, t.said(a), CASE WHEN n IN (1, 4) THEN 'added' ELSE 'unchanged' END);
		ids := ids || (a#>>'{body,receipts,0,1,household}');
		IF n = 1 THEN
			PERFORM t.end_all();
		END IF;
		COMMIT;
	END LOOP;
	PERFORM t.is('it is that', ids[1:3], array_fill(ids[1], '{3}'));
	PERFORM t.is('another', ids[1] <> ids[4] AND ids[5] = ids[4], true);
	PERFORM t.end_all();
	PERFORM t.is('by hand', t.household('{5,7}')->>'status', '201');
	PERFORM t.is('old news', t.said(t.batch('households', file)), 'unchanged');
END $$;

-- One employer by either of its codes, and one vacancy more than once in one batch, which the daemon
-- never sends: one return, one vacancy, in the order of the file.
CREATE FUNCTION t.line_of(p_n int, p_employer text, p_ref text, p_more jsonb) RETURNS jsonb LANGUAGE sql AS $$
	SELECT t.line(p_ref, coalesce((p_more->>'posts')::int, 1), p_more) || jsonb_build_object('n', p_n,
		'employer', p_employer, 'district', '410105', 'quarter', '2007Q2')
$$;
DO $$
DECLARE
	plain    text := '123456788';
	credit   text := '91410105123456788X';
	said     text := 'added unchanged changed added validation-failed added closed added';
	file     jsonb;
	receipts jsonb;
BEGIN
	PERFORM t.approve('两码', 5);
	file := jsonb_build_array(t.line_of(1, plain, 'T', '{}'), t.line_of(2, credit, 'T', '{}'),
		t.line_of(3, credit, 'T', '{"posts":8}'),
		t.line_of(4, plain, 'R', '{"posts":2,"reserved":true,"approval":"两码"}'),
		t.line_of(5, credit, 'S', '{"posts":4,"reserved":true,"approval":"两码"}'),
		t.line_of(6, plain, 'S', '{"posts":3,"reserved":true,"approval":"两码"}'),
		t.line_of(7, plain, 'T', '{"closing":{"reason":"withdrawn"}}'),
		t.line_of(8, credit, 'T', '{"posts":9}'));
	PERFORM t.is('tried', t.said(t.batch('returns', file, p_key => 'firm')), said);
	receipts := ledger.import_lines(api.principal(4101, t.kid('firm'), t.secret('firm'), t.actor('firm')),
		file::json);
	PERFORM t.is('in their order', t.said(jsonb_build_object('body', jsonb_build_object('receipts', receipts))),
		said);
	PERFORM t.is('one return', (SELECT count(*) FROM ledger.return WHERE quarter = '2007Q2'), 1::bigint);
	PERFORM t.is('one vacancy', (SELECT jsonb_agg(posts ORDER BY ref) FROM ledger.vacancy
		WHERE ref IN ('R', 'S', 'T')), '[2, 3, 9]');
	PERFORM t.is('one employer', (SELECT count(*) FROM ledger.employer
		WHERE code IN (plain, credit)), 1::bigint);
END $$;
