-- Placements: once, never over-filled, refused by name, confirmed by another, void.

DO $$
DECLARE
	a  jsonb;
	b  jsonb;
	v  text;
	w  text;
	n  bigint;
	id bigint;
BEGIN
	PERFORM t.approve('G-7', 2);
	PERFORM t.is('the same approval again', t.approve('G-7', 2)->>'label', 'replayed');
	PERFORM t.is('another under its number', t.approve('G-7', 3)->>'code', 'wrong-state');
	a := t.file(jsonb_build_array(t.line('A', 2), t.line('L', 1, '{"licences":"03"}'),
		t.line('R', 2, '{"reserved":true,"approval":"G-7"}'), t.line('X')));
	PERFORM t.over('X');
	v := a#>>'{body,vacancies,A}';
	FOR id IN 1..9 LOOP
		PERFORM t.seeker(id);
	END LOOP;
	COMMIT;

	a := t.place(1, v::bigint, p_idem => 'p1');
	PERFORM t.is('reported', a->>'status', '201');
	PERFORM t.is('vacancy and seeker change', (SELECT jsonb_agg(e->'entity' ORDER BY e->>'entity')
		FROM jsonb_array_elements(a->'events') e), '["s", "v"]');
	PERFORM t.is('she is inactive', (SELECT active FROM ledger.seeker s WHERE s.id = 1), false);
	COMMIT;
	SELECT count(*) INTO n FROM ops.outbox;
	b := t.place(1, v::bigint, p_idem => 'p1');
	PERFORM t.is('the same key again', b->>'label', 'replayed');
	PERFORM t.is('has the first status', b->>'status', '201');
	PERFORM t.is('and its position', b->'xid', a->'xid');
	b := t.place(1, v::bigint, p_key => 'firm');
	PERFORM t.is('the same placement under another key is 200', b->>'status', '200');
	PERFORM t.is('replayed', b->>'label', 'replayed');
	PERFORM t.is('of that placement', b#>'{body,placement}', a#>'{body,placement}');
	PERFORM t.is('and the first position', b->'xid', a->'xid');
	b := t.place(1, v::bigint, '{"start_on":"2007-06-11"}');
	PERFORM t.is('31 days before is refused, naming the first', (b->'code', b->'body')::text,
		(to_jsonb('placed-from-another-day'::text), jsonb_build_object('placement',
		a#>'{body,placement}', 'start_on', '2007-07-12'))::text);
	PERFORM t.is('and nothing happened', (SELECT count(*) FROM ops.outbox), n);

	PERFORM t.is('a second', t.place(2, v::bigint)->>'status', '201');
	PERFORM t.is('a third is one too many', t.place(3, v::bigint)->>'code', 'vacancy-filled');
	PERFORM t.is('nothing is open', (SELECT posts - filled FROM ledger.vacancy x WHERE x.id = v::bigint), 0);
	PERFORM t.is('placed elsewhere', t.place(1, (SELECT x.id FROM ledger.vacancy x WHERE ref = 'L'))->>'code', 'seeker-placed');
	PERFORM t.is('a licence the law demands', t.place(3, (SELECT x.id FROM ledger.vacancy x WHERE ref = 'L'))->>'code', 'licence-missing');
	PERFORM t.is('out of date', t.place(3, (SELECT x.id FROM ledger.vacancy x WHERE ref = 'X'))->>'code', 'vacancy-closed');
	PERFORM t.is('since when', t.place(3, (SELECT x.id FROM ledger.vacancy x WHERE ref = 'X'))#>>'{body,closed_on}', '2007-07-12');
	PERFORM t.is('31 days ahead', t.place(3, NULL, '{"start_on":"2007-08-12"}')->>'code', 'start-too-far');
	PERFORM t.is('30 days ahead', t.place(9, NULL, '{"start_on":"2007-08-11"}')->>'code', 'ok');
	PERFORM t.seeker(20, '{"birth":"1991-07-12","unemployment":null}');
	PERFORM t.is('under 16', t.place(20, NULL, '{"start_on":"2007-07-11"}')->>'code', 'under-age');
	PERFORM t.is('16 on the day', t.place(20, NULL, '{"start_on":"2007-07-12"}')->>'code', 'ok');
	PERFORM t.is('nobody', t.place(999, v::bigint)->>'status', '404');
	PERFORM t.is('nothing', t.place(3, 999)->>'status', '404');
	PERFORM t.is('not hers to know', t.place(3, v::bigint, p_key => 'elsewhere')->>'status', '404');
	PERFORM t.is('another firm''s vacancy', t.place(3, v::bigint, p_key => 'other firm')->>'status', '404');
	PERFORM t.is('a firm without a vacancy', t.place(3, NULL, p_key => 'firm')->>'code', 'role-refused');

	-- reserved posts: P1 to P3, P4 and P5 after the release
	SELECT x.id::text INTO w FROM ledger.vacancy x WHERE ref = 'R';
	PERFORM t.is('P5 may not', t.place(4, w::bigint)->>'code', 'reserved-post');
	PERFORM t.seeker(21, '{"birth":"1966-01-01"}');
	PERFORM t.is('P2 may', t.place(21, w::bigint)->>'code', 'ok');
	UPDATE ledger.vacancy SET released_on = '2007-07-12', version = version + 1 WHERE ref = 'R';
	PERFORM t.is('released, P5 may', t.place(4, w::bigint)->>'code', 'ok');

	-- found alone, twice the same
	b := t.place(5, NULL, '{"kind":"self"}');
	PERFORM t.is('self', b->>'status', '201');
	PERFORM t.is('again is the same', t.place(5, NULL, '{"kind":"self"}')#>'{body,placement}', b#>'{body,placement}');
	PERFORM t.is('another kind is another', t.place(5, NULL, '{"kind":"flexible","start_on":"2007-07-20"}')->>'code', 'seeker-placed');

	-- confirmed and registered by whoever did not report it
	PERFORM t.is('not registered by the reporter', t.register(b#>>'{body,placement}', p_second => false)
		->>'code', 'own-report');
	PERFORM t.is('not by the reporter', t.confirm(a#>>'{body,placement}', 'bureau')->>'code', 'own-report');
	PERFORM t.is('not by a stranger', t.confirm(a#>>'{body,placement}', 'other firm')->>'status', '404');
	PERFORM t.is('by the firm', t.confirm(a#>>'{body,placement}', 'firm')#>>'{body,state}', 'confirmed');
	PERFORM t.is('twice is once', t.confirm(a#>>'{body,placement}', 'group')#>>'{body,state}', 'confirmed');

	-- registered in a community's own scope
	PERFORM t.is('not elsewhere', t.register(a#>>'{body,placement}', 'elsewhere')->>'status', '404');
	b := t.register(a#>>'{body,placement}', 'district');
	PERFORM t.is('registered', b#>>'{body,state}', 'registered');
	PERFORM t.is('in its unit', b#>>'{body,registered,unit}', '410105');
	PERFORM t.is('the same again', t.register(a#>>'{body,placement}', 'district')->>'code', 'ok');
	PERFORM t.is('another day', t.register(a#>>'{body,placement}', 'district', '{"community":"410105003001","on":"2007-07-11"}')->>'code', 'wrong-state');
	PERFORM t.is('the unemployment it ends', (SELECT ended_on FROM ledger.unemployment WHERE person = 1), DATE '2007-07-12');
	COMMIT;

	-- void: the post is open, she waits again, as long as before
	b := t.void(a#>>'{body,placement}', 'elsewhere');
	PERFORM t.is('not by a stranger', b->>'status', '404');
	b := t.void(a#>>'{body,placement}');
	PERFORM t.is('void', b#>>'{body,state}', 'void');
	PERFORM t.is('two events', jsonb_array_length(b->'events'), 2);
	PERFORM t.is('one post open', (SELECT posts - filled FROM ledger.vacancy x WHERE x.id = v::bigint), 1);
	PERFORM t.is('she waits', (SELECT active || ' ' || rank || ' ' || waiting_since FROM ledger.seeker s WHERE s.id = 1), 'true 5 2007-01-10');
	PERFORM t.is('unemployed again', (SELECT ended_on FROM ledger.unemployment WHERE person = 1), NULL);
	PERFORM t.is('void is void', t.void(a#>>'{body,placement}')->>'code', 'placement-void');
	PERFORM t.is('not to be registered', t.register(a#>>'{body,placement}')->>'code', 'placement-void');
	PERFORM t.is('the same is void', t.place(1, v::bigint)#>>'{body,newer_stands,0,what}', 'void');
	PERFORM t.is('a new one for the pair', t.place(1, v::bigint, '{"reference":"8"}')->>'status', '201');
	BEGIN
		UPDATE ledger.vacancy SET filled = 3, version = version + 1 WHERE ref = 'A';
		RAISE EXCEPTION 'over-filled';
	EXCEPTION WHEN check_violation THEN
		NULL;
	END;

	-- an unemployment that began after the job did was open without ground
	PERFORM t.seeker(40, '{"unemployment":{"since":"2007-06-15","prior_job":true,"laid_off":null}}');
	PERFORM t.works(40, DATE '2007-05-02');
	PERFORM t.is('it ends where it began', (SELECT u.ended_on = u.since FROM ledger.unemployment u
		WHERE u.person = 40), true);

	-- one file for bureaus in scope, the firm and the reporter
	SELECT p.id INTO n FROM ledger.placement p WHERE p.seeker = 2;
	PERFORM t.is(k || ' reads it', (t.fold(ARRAY(SELECT r FROM api.read_placement(4101, t.kid(k), t.secret(k), '', n) r))->>'status')::int, s)
		FROM (VALUES ('district', 200), ('firm', 200), ('auditor', 200), ('elsewhere', 404), ('other firm', 404), ('agency', 404)) x(k, s);
END $$;
