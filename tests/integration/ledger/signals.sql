-- Signals of a placement, and a void that two officers make and unmake.
SELECT t.file(jsonb_build_array(t.line('A', 1), t.line('B', 3)));
SELECT t.seeker(n) FROM generate_series(1, 6) n;

CREATE FUNCTION t.said(p_answer jsonb) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(concat_ws(' ', s->>'signal', s->>'role',
		CASE WHEN s->'withdrawn' <> 'null' THEN 'withdrawn' END), ', ')
		|| ' | ' || (p_answer#>>'{body,missing}')
	FROM jsonb_array_elements(p_answer#>'{body,signals}') s
$$;
CREATE FUNCTION t.read(p_id text, p_key text DEFAULT 'bureau') RETURNS jsonb LANGUAGE sql AS $$
	SELECT t.fold(ARRAY(SELECT r FROM api.read_placement(4101, t.kid(p_key), t.secret(p_key),
		t.actor(p_key), p_id::bigint) r))
$$;
CREATE FUNCTION t.vacancy_of(p_ref text) RETURNS bigint LANGUAGE sql AS $$
	SELECT id FROM ledger.vacancy WHERE ref = p_ref
$$;
CREATE FUNCTION t.reason(p_answer jsonb) RETURNS text LANGUAGE sql AS $$
	SELECT coalesce(p_answer#>>'{body,reason}', p_answer->>'code')
$$;

DO $$
DECLARE
	a text := t.place(1, t.vacancy_of('B'), p_key => 'agency')#>>'{body,placement}';
	b text;
	r jsonb;
BEGIN
	PERFORM t.is('reported', t.said(t.read(a)), 'report agency | ["confirmation", "registration"]');
	PERFORM t.is('officer', t.read(a)#>>'{body,signals,0,officer}',
		ledger.seeker_text(t.officer_id('agency')));
	PERFORM t.is('an agency cannot confirm', t.confirm(a, 'agency')->>'code', 'role-refused');
	-- Another organisation reports the same: the first answer, and a report of its own.
	r := t.place(1, t.vacancy_of('B'), p_key => 'bureau');
	PERFORM t.is('again', r->>'label', 'replayed');
	PERFORM t.is('two say so', t.said(t.read(a)),
		'report agency, report bureau | ["confirmation", "registration"]');
	PERFORM t.place(1, t.vacancy_of('B'), p_key => 'bureau');
	PERFORM t.is('once each', (SELECT count(*) FROM ledger.placement_signal), 2::bigint);
	PERFORM t.is('noted', (SELECT count(*) FROM ledger.action WHERE op = 'placements.create'), 2::bigint);
	-- Confirmed, taken back, confirmed again; all of it stays.
	PERFORM t.is('confirmed', t.confirm(a, 'firm')#>>'{body,state}', 'confirmed');
	PERFORM t.is('twice', t.confirm(a, 'group')#>>'{body,state}', 'confirmed');
	r := t.change(a, 'withdraw', '{"signal":"confirmation","reason":"mistaken"}', 'firm');
	PERFORM t.is('one is left', r#>>'{body,state}', 'confirmed');
	r := t.change(a, 'withdraw', '{"signal":"confirmation","reason":"mistaken"}', 'group');
	PERFORM t.is('back', r#>>'{body,state}', 'reported');
	PERFORM t.is('who is not masked sees it', t.said(t.read(a)), 'report agency, report bureau, '
		|| 'confirmation employer withdrawn, confirmation employer withdrawn | '
		|| '["confirmation", "registration"]');
	r := t.change(a, 'withdraw', '{"signal":"confirmation","reason":"mistaken"}', 'firm');
	PERFORM t.is('nothing to take back', t.reason(r), 'no-such-signal');
	PERFORM t.confirm(a, 'firm');
	PERFORM t.is('again', t.read(a)#>>'{body,state}', 'confirmed');
	-- A report is taken back by who gave it; another's stands.
	r := t.change(a, 'withdraw', '{"signal":"report","reason":"mistaken"}', 'elsewhere');
	PERFORM t.is('another district', r->>'code', 'not-found');
	r := t.change(a, 'withdraw', '{"signal":"report","reason":"mistaken"}', 'agency');
	PERFORM t.is('kept as withdrawn', r#>>'{body,signals,0,withdrawn,reason}', 'mistaken');
	PERFORM t.is('not missing', r#>'{body,missing}', '["registration"]'::jsonb);
	PERFORM t.register(a);
	PERFORM t.is('none missing', t.read(a)#>'{body,missing}', '[]'::jsonb);

	-- Who reports cannot confirm; when nobody's report stands there is nothing to confirm.
	b := t.place(2, t.vacancy_of('B'), p_key => 'firm')#>>'{body,placement}';
	PERFORM t.is('own', t.confirm(b, 'firm')->>'code', 'own-report');
	PERFORM t.is('nor whoever''s key names them', t.confirm(b, 'group')->>'code', 'own-report');
	PERFORM t.change(b, 'withdraw', '{"signal":"report","reason":"other"}', 'firm');
	PERFORM t.is('withdrawn', t.reason(t.confirm(b, 'bureau')), 'report-withdrawn');
	r := t.place(2, t.vacancy_of('B'), p_key => 'firm');
	PERFORM t.is('reported anew', (r->>'status') || (r->>'label'), '200'); -- it takes the post again
	PERFORM t.is('now', t.confirm(b, 'bureau')->>'code', 'ok');
END $$;

DO $$
DECLARE
	p  text := t.place(3, t.vacancy_of('A'))#>>'{body,placement}';
	q  text;
	r  jsonb;
	ask jsonb := '{"code":"V3","reason":"no pay","evidence":"file 7"}';
	yes jsonb := '{"decision":"approve","reason":"seen"}';
	again jsonb := '{"reason":"found the contract","evidence":"file 8"}';
BEGIN
	PERFORM t.register(p);
	PERFORM t.is('counts', t.counts(3), 'T1 T2');
	PERFORM t.is('nothing asked', t.reason(t.change(p, 'decide', yes)), 'nothing-asked');
	PERFORM t.is('not void', t.reason(t.change(p, 'undo', again)), 'not-void');
	r := t.change(p, 'void', ask);
	PERFORM t.is('asked', r#>>'{body,state}', 'void-asked');
	PERFORM t.is('still counts', t.counts(3), 'T1 T2');
	PERFORM t.is('asked again', t.change(p, 'void', ask)->>'code', 'ok');
	PERFORM t.is('by another', t.reason(t.change(p, 'void', ask, p_second => true)), 'void-asked');
	PERFORM t.is('not the same officer', t.reason(t.change(p, 'decide', yes)), 'same-officer');
	PERFORM t.is('not elsewhere', t.change(p, 'decide', yes, 'elsewhere')->>'code', 'not-found');
	PERFORM t.is('the employer sees that it is asked', t.read(p, 'firm')#>>'{body,state}', 'void-asked');
	PERFORM t.is('and not why', t.read(p, 'firm')->'body' ?| '{voidings,void_reason,void_evidence}', false);
	PERFORM t.is('nobody else meanwhile', t.place(4, t.vacancy_of('A'))->>'code', 'vacancy-filled');
	COMMIT;
	r := t.change(p, 'decide', '{"decision":"refuse","reason":"pay slip"}', p_second => true);
	PERFORM t.is('refused', r#>>'{body,state}', 'registered');
	PERFORM t.is('with all of it', r#>>'{body,voidings,0,decision}', 'refuse');
	PERFORM t.is('events', r->'events', '[]'::jsonb);

	COMMIT;
	r := t.void(p);
	PERFORM t.is('void', r#>>'{body,state}', 'void');
	PERFORM t.is('no more', t.counts(3), '');
	PERFORM t.is('events', jsonb_array_length(r->'events'), 2);
	PERFORM t.is('words', t.read(p)#>>'{body,void_evidence}', 'letter');

	-- Undone: everything stands as it stood.
	r := t.change(p, 'undo', again);
	PERFORM t.is('asked', r#>>'{body,state}', 'undo-asked');
	PERFORM t.is('still void', t.counts(3), '');
	PERFORM t.is('another', t.reason(t.change(p, 'decide', yes)), 'same-officer');
	r := t.change(p, 'decide', yes, p_second => true);
	PERFORM t.is('undone', r#>>'{body,state}', 'registered');
	PERFORM t.is('counts again', t.counts(3), 'T1 T2');
	PERFORM t.is('rank', t.rank(3), 'P6 employed');
	PERFORM t.is('no code', r#>>'{body,void}', NULL);
	PERFORM t.is('unemployment ended', (SELECT count(*) FROM ledger.unemployment
		WHERE person = 3 AND ended_on IS NULL), 0::bigint);

	-- The post given to another meanwhile; then she placed elsewhere.
	PERFORM t.void(p);
	q := t.place(4, t.vacancy_of('A'))#>>'{body,placement}';
	PERFORM t.is('filled', t.void(p, p_what => 'undo')->>'code', 'vacancy-filled');
	PERFORM t.is('still asked', t.read(p)#>>'{body,state}', 'undo-asked');
	PERFORM t.void(q);
	q := t.place(3, NULL, '{"kind":"self"}')#>>'{body,placement}';
	r := t.change(p, 'decide', yes, p_second => true);
	PERFORM t.is('placed', r->>'code', 'seeker-placed');
	PERFORM t.is('where', r#>>'{body,placement}', q);
	PERFORM t.is('let be', t.change(p, 'decide', '{"decision":"refuse","reason":"r"}',
		p_second => true)#>>'{body,state}', 'void');
	PERFORM t.void(q);
	-- 30 days.
	UPDATE ledger.placement SET void_on = '2007-06-11' WHERE id = p::bigint;
	PERFORM t.is('too late', t.reason(t.change(p, 'undo', again)), 'too-late');
	UPDATE ledger.placement SET void_on = '2007-06-12' WHERE id = p::bigint;
	PERFORM t.is('in time', t.void(p, p_what => 'undo')#>>'{body,state}', 'registered');
END $$;

-- A list under one key: each item once, the whole answer kept.
CREATE FUNCTION t.batch(p_items jsonb, p_idem text, p_key text DEFAULT 'bureau') RETURNS jsonb
LANGUAGE sql AS $$
	SELECT t.fold(ARRAY(SELECT r FROM api.report_batch(4101, t.kid(p_key), t.secret(p_key),
		t.actor(p_key), p_idem, sha256(convert_to(p_items::text, 'UTF8')), p_items) r))
$$;
CREATE FUNCTION t.item(p_seeker bigint, p_vacancy bigint, p_key text DEFAULT NULL,
	p_more jsonb DEFAULT '{}')
RETURNS jsonb LANGUAGE sql AS $$
	SELECT jsonb_build_object('key', p_key, 'body', jsonb_build_object('seeker',
		ledger.seeker_text(p_seeker), 'vacancy', p_vacancy::text, 'kind', 'unit', 'employer', NULL,
		'workplace', NULL, 'start_on', '2007-07-12', 'source', NULL) || p_more)
$$;
DO $$
DECLARE
	r jsonb;
	s jsonb;
	n bigint;
BEGIN
	PERFORM t.file(jsonb_build_array(t.line('A', 1), t.line('B', 9)));
	COMMIT;
	r := t.batch(jsonb_build_array(t.item(5, t.vacancy_of('B')), '{"errors":[{"rule":"x"}]}'::jsonb,
		t.item(5, t.vacancy_of('B'), 'k1'), t.item(6, t.vacancy_of('B'), 'k2'),
		t.item(6, t.vacancy_of('A'), 'k2'), t.item(6, t.vacancy_of('B'), 'k2'),
		t.item(4, 999), t.item(4, t.vacancy_of('B'), NULL, '{"employer":"600037341"}')), 'b1');
	PERFORM t.is('each', (SELECT string_agg(concat(i->>'status', ' ', i->>'code'), ', ')
		FROM jsonb_array_elements(r#>'{body,items}') i), '201 ok, 422 validation-failed, 200 ok, '
		|| '201 ok, 422 idempotency-mismatch, 200 ok, 404 not-found, 422 validation-failed');
	PERFORM t.is('in order', r#>>'{body,items,1,body,errors,0,rule}', 'x');
	PERFORM t.is('with its place', r#>>'{body,items,7,body,errors,0,pointer}', '/items/7/employer');
	PERFORM t.is('sums', concat(r#>>'{body,recorded}', r#>>'{body,again}', r#>>'{body,refused}'), '224');
	PERFORM t.is('events', jsonb_array_length(r->'events'), 4);
	PERFORM t.is('each noted', (SELECT count(*) FROM ledger.action
		WHERE object = 'placement/' || (r#>>'{body,items,0,body,placement}')), 1::bigint);
	SELECT count(*) INTO n FROM ledger.action;
	s := t.batch(jsonb_build_array(t.item(5, t.vacancy_of('B')), '{"errors":[{"rule":"x"}]}'::jsonb,
		t.item(5, t.vacancy_of('B'), 'k1'), t.item(6, t.vacancy_of('B'), 'k2'),
		t.item(6, t.vacancy_of('A'), 'k2'), t.item(6, t.vacancy_of('B'), 'k2'),
		t.item(4, 999), t.item(4, t.vacancy_of('B'), NULL, '{"employer":"600037341"}')), 'b1');
	PERFORM t.is('kept whole', s->'body', r->'body');
	PERFORM t.is('replayed', s->>'label', 'replayed');
	PERFORM t.is('another list', t.batch('[{"errors":[]}]', 'b1')->>'code', 'idempotency-mismatch');
	s := t.batch(jsonb_build_array(t.item(6, t.vacancy_of('B'), 'k2')), 'b2');
	PERFORM t.is('by its own key', s#>>'{body,items,0,status}', '200');
	s := t.batch(jsonb_build_array(t.item(5, t.vacancy_of('B'))), 'b3');
	PERFORM t.is('by its nature', (s#>'{body,items,0,body}') - 'sources', r#>'{body,items,0,body}');
	PERFORM t.is('nothing but wrong ones', t.batch('[{"errors":[]}]', 'b4')#>>'{body,refused}', '1');
	PERFORM t.is('nothing noted', (SELECT count(*) FROM ledger.action), n);
END $$;

-- Void from the start: waiting time, registration and rank as if the job had never been.
DO $$
DECLARE
	p text;
	f text;
BEGIN
	PERFORM t.seeker(20, '{"unemployment":{"since":"2005-09-18","prior_job":true,"laid_off":null}}');
	p := t.works(20, '2006-03-01');
	PERFORM t.ends(p, '{"on":"2006-12-31","reason":"resigned"}');
	PERFORM t.fact(20, 'add unemployment', '{"since":"2006-12-31","prior_job":true,"laid_off":null}');
	PERFORM t.is('a long job', (SELECT waiting_since FROM ledger.seeker WHERE id = 20), DATE '2006-12-31');
	PERFORM t.void(p);
	PERFORM t.is('never was', (SELECT waiting_since FROM ledger.seeker WHERE id = 20), DATE '2005-09-18');
	PERFORM t.is('registered all the time', (SELECT min(since) FROM ledger.unemployment_on(4101, 20, '2006-06-01')), DATE '2005-09-18');
	PERFORM t.is('rank', t.rank(20), 'P5 registered-unemployed');
	PERFORM t.void(p, p_what => 'undo');
	PERFORM t.is('and was after all', (SELECT waiting_since FROM ledger.seeker WHERE id = 20), DATE '2006-12-31');
	-- Two short jobs, the first void: the wait goes on from before both.
	PERFORM t.seeker(21, '{"unemployment":{"since":"2006-01-10","prior_job":true,"laid_off":null}}');
	p := t.works(21, '2007-01-10');
	PERFORM t.ends(p, '{"on":"2007-02-10","reason":"resigned"}');
	f := t.fact(21, 'add unemployment', '{"since":"2007-02-15","prior_job":true,"laid_off":null}')#>>'{body,waiting_since}';
	PERFORM t.is('kept over a short one', f, '2006-01-10');
	PERFORM t.void(p);
	PERFORM t.is('kept', (SELECT waiting_since FROM ledger.seeker WHERE id = 21), DATE '2006-01-10');
END $$;
