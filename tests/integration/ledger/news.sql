-- News has an age: what is older is history and answered so; one rule of openness at midnight too.

CREATE FUNCTION t.newer(p_answer jsonb) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(concat_ws(' ', x->>'ref', x->>'what', x->>'quarter', x->>'version', x->>'on'), ', ')
	FROM jsonb_array_elements(p_answer#>'{body,newer_stands}') x
$$;

DO $$
DECLARE
	a jsonb;
BEGIN
	-- a line that was over before it came
	a := t.file(jsonb_build_array(t.line('A', 1), t.line('X', 1, '{"valid_until":"2007-07-11"}')));
	PERFORM t.is('over before', a#>>'{body,errors,0,rule}', 'last-day-over');
	PERFORM t.is('where', a#>>'{body,errors,0,pointer}', '/lines/1/valid_until');
	PERFORM t.is('what is right', a#>>'{body,errors,0,expected}', '2007-07-12 or later');
	PERFORM t.is('on its last day', t.file(jsonb_build_array(t.line('A', 1),
		t.line('X', 1, '{"valid_until":"2007-07-12"}')))->>'status', '201');
	-- of a quarter that speaks no more it is history, as is all else
	a := t.file(jsonb_build_array(t.line('A', 9), t.line('O', 1, '{"valid_until":"2007-05-01"}'),
		t.line('P', 1)), '2007Q1');
	PERFORM t.is('filed late', concat_ws(' ', a->>'status', a#>>'{body,state}', a#>>'{body,added}'),
		'201 late ["O", "P"]');
	PERFORM t.is('each by what stands', t.newer(a),
		'A line 2007Q2, O expired 2007-05-02, P lapsed 2007-07-11');
	PERFORM t.is('none is open', (SELECT string_agg(ref, '' ORDER BY ref) FROM ledger.vacancy WHERE open),
		'AX');
	PERFORM t.is('nor was ever', (SELECT string_agg(ref || closed_reason || closed_on, ' ' ORDER BY ref)
		FROM ledger.vacancy WHERE NOT open), 'Oexpired2007-05-02 Plapsed2007-07-11');
	PERFORM t.is('as it is counted', (SELECT late FROM ledger.return WHERE quarter = '2007Q1'), true);

	-- a nil return closes nothing in silence
	a := t.file('[]', '2007Q3');
	PERFORM t.is('open ones', concat_ws(' ', a->>'code', a#>>'{body,open}'),
		'open-lines-left-out ["A", "X"]');
	a := t.file('[]', '2007Q3', '[{"ref":"A","reason":"unfilled"},{"ref":"X","reason":"filled_own"}]');
	PERFORM t.is('named', concat_ws(' ', a->>'status', a#>>'{body,closed}'), '201 ["A", "X"]');
	-- and what an earlier quarter says after it is history
	a := t.file(jsonb_build_array(t.line('A', 7), t.line('N', 1), t.line('X', 1)));
	PERFORM t.is('after a closing, after nil', t.newer(a),
		'A closing 2007Q3, N nil 2007Q3, X closing 2007Q3');
	PERFORM t.is('nothing is open', (SELECT count(*) FROM ledger.vacancy WHERE open), 0::bigint);
	PERFORM t.is('a nil of before is nobody''s', t.file('[]', '2006Q4')->>'status', '201');
	COMMIT;

	-- the same again after an amendment is the old one
	PERFORM t.is('opened anew', t.file(jsonb_build_array(t.line('A', 3), t.line('B', 1)), '2007Q3')
		#>>'{body,added}', '["A", "B"]');
	PERFORM t.is('amended', t.file(jsonb_build_array(t.line('A', 5), t.line('B', 1)), '2007Q3')
		#>>'{body,changed}', '["A"]');
	a := t.file(jsonb_build_array(t.line('A', 3), t.line('B', 1)), '2007Q3');
	PERFORM t.is('sent again', concat_ws(' ', a->>'status', a#>>'{body,version}', t.newer(a)),
		'200 3 version 2007Q3 3 2007-07-12');
	PERFORM t.is('so it would be', t.newer(t.file(jsonb_build_array(t.line('A', 3), t.line('B', 1)),
		'2007Q3', p_validate => true)), 'version 2007Q3 3 2007-07-12');
	PERFORM t.is('what stands is none', t.newer(t.file(jsonb_build_array(t.line('A', 5),
		t.line('B', 1)), '2007Q3', p_validate => true)), NULL);
	PERFORM t.is('five', (SELECT posts FROM ledger.vacancy WHERE ref = 'A'), 5);
	a := t.file(jsonb_build_array(t.line('A', 3), t.line('B', 1)), '2007Q3', p_if_match => 3);
	PERFORM t.is('said anew', a#>>'{body,changed}', '["A"]');
END $$;

-- One rule of openness: on the last day, and at midnight before the day was turned.
CREATE FUNCTION t.found(p_query jsonb, p_sort text) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(i->>'title' || (i->>'state'), ' ') FROM jsonb_array_elements(t.fold(ARRAY(SELECT r
		FROM api.search_vacancies(4101, t.kid('bureau'), t.secret('bureau'), t.actor('bureau'),
		p_query, p_sort, 9, NULL, NULL) r))#>'{body,items}') i
$$;
DO $$
DECLARE
	v    bigint;
	sort text;
	day  text[];
BEGIN
	PERFORM t.file(jsonb_build_array(t.line('A', 3), t.line('B', 1), t.line('L', 1,
		'{"valid_until":"2007-07-13","title":"末日"}')), '2007Q3');
	SELECT id INTO v FROM ledger.vacancy WHERE ref = 'L';
	PERFORM t.seeker(1);
	COMMIT;
	FOREACH day SLICE 1 IN ARRAY '{{2007-07-13,末日open,open,1},{2007-07-14,"",closed,""}}'::text[] LOOP
		PERFORM t.on_day(day[1]::date);
		FOREACH sort IN ARRAY '{closing,posted,pay}'::text[] LOOP
			PERFORM t.is(day[1] || ' ' || sort, coalesce(t.found('{"q":"末日"}', sort), ''), day[2]);
			PERFORM t.is(day[1] || ' of all, ' || sort, coalesce(t.found('{}', sort), '') ~ '末日', day[2] <> '');
		END LOOP;
		PERFORM t.is(day[1] || ' of the employer',
			coalesce(t.found('{"employer":"123456788"}', 'posted'), '') ~ '末日', day[2] <> '');
		PERFORM t.is(day[1] || ' closed ones', coalesce(t.found('{"employer":"123456788","state":"closed"}',
			'posted'), '') ~ '末日closed', day[2] = '');
		PERFORM t.is(day[1] || ' by itself', (SELECT t.fold(ARRAY(SELECT r FROM api.read_vacancy(4101,
			t.kid('bureau'), t.secret('bureau'), t.actor('bureau'), v) r)))#>>'{body,state}', day[3]);
		PERFORM t.is(day[1] || ' figures', (SELECT value FROM ops.city_figures(4101)
			WHERE name = 'vacancies'), CASE WHEN day[2] = '' THEN 2 ELSE 3 END::bigint);
		PERFORM t.is(day[1] || ' closing asked', (t.file('[]', '2007Q3')#>'{body,open}') ? 'L', day[2] <> '');
	END LOOP;
	PERFORM t.is('nobody is placed in it', t.place(1, v)->>'code', 'vacancy-closed');
	PERFORM t.is('it is closed with the day', ops.turn_day(4101, 100) > 0, true);
	PERFORM t.is('of its end', (SELECT closed_on || closed_reason FROM ledger.vacancy WHERE id = v),
		'2007-07-14expired');
END $$;

-- A day of a site is corrected with a reason, and the past stays liable; an old body is old.
CREATE FUNCTION t.put_site(p_since text, p_more jsonb DEFAULT '{}', p_name text DEFAULT '测试企业')
RETURNS jsonb LANGUAGE sql AS $$
	SELECT t.employer('bureau', '123456788', jsonb_build_object('name', p_name, 'sites',
		jsonb_build_array(jsonb_build_object('district', '410105', 'since', p_since))) || p_more)
$$;
CREATE FUNCTION t.sites() RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(concat_ws('..', s.since, s.until), ' ' ORDER BY s.since)
	FROM ledger.employer_site s JOIN ledger.employer e ON e.city = s.city AND e.id = s.employer
	WHERE e.code = '123456788' AND s.district = '410105'
$$;
CREATE FUNCTION t.owes(p_quarter text) RETURNS boolean LANGUAGE sql AS $$
	SELECT t.fold(ARRAY(SELECT r FROM api.list_obligations(4101, t.kid('bureau'), t.secret('bureau'),
		t.actor('bureau'), '123456788', '410105', p_quarter, NULL, NULL, 9, NULL, NULL) r))
		#>>'{body,totals,liable}' = '1'
$$;
DO $$
DECLARE
	a jsonb;
BEGIN
	PERFORM t.on_day('2007-07-14');
	a := t.put_site('2007-07-12');
	PERFORM t.is('without a reason', a#>>'{body,errors,0,rule}', 'correction-reason');
	PERFORM t.is('where', a#>>'{body,errors,0,pointer}', '/sites/0/since');
	PERFORM t.is('nothing changed', t.sites(), '2005-01-01');
	a := t.put_site('2007-07-12', '{"reason":"误登记"}');
	PERFORM t.is('with one', a->>'status', '200');
	PERFORM t.is('it is kept', a#>>'{body,corrections,0,reason}', '误登记');
	PERFORM t.is('and so is the past', t.sites(), '2005-01-01..2007-07-12 2007-07-12');
	PERFORM t.is('it is owed', t.owes('2006Q1') AND t.owes('2007Q2') AND t.owes('2007Q3'), true);
	PERFORM t.is('and may be filed', t.file('[]', '2006Q1')->>'status', '201');
	a := t.put_site('2004-01-01', '{"reason":"更早"}');
	PERFORM t.is('not into what was before', a#>>'{body,errors,0,expected}', '2007-07-12 or later');
	COMMIT;

	-- a PUT of before is old, whatever it would undo: a name, an end, a site
	PERFORM t.is('another name', t.put_site('2007-07-12', '{}', '新名企业')->>'status', '200');
	a := t.put_site('2007-07-12', '{"reason":"误登记"}');
	PERFORM t.is('sent again', concat_ws(' ', a->>'status', a#>>'{body,name}',
		a#>>'{body,newer_stands,0,what}'), '200 新名企业 version');
	PERFORM t.is('moved away', t.employer('bureau', '123456788', '{"name":"新名企业",
		"sites":[{"district":"410103","since":"2007-07-14"}]}')->>'status', '200');
	PERFORM t.is('ended', t.sites(), '2005-01-01..2007-07-12 2007-07-12..2007-07-14');
	PERFORM t.is('the old list is old', t.newer(t.put_site('2007-07-12', '{}', '新名企业')),
		'version ' || (SELECT max(b.n) FROM ledger.said b JOIN ledger.employer e
			ON b.object = 'employer/' || e.id WHERE e.code = '123456788') || ' 2007-07-14');
	PERFORM t.is('from before its end it goes on with a reason', t.put_site('2007-07-01', '{}',
		'新名企业')#>>'{body,errors,0,expected}', '2007-07-14 or later; or with a reason');
	PERFORM t.is('so', t.put_site('2007-07-12', '{"reason":"未迁"}', '新名企业')->>'status', '200');
	PERFORM t.is('it goes on', t.sites(), '2005-01-01..2007-07-12 2007-07-12');
END $$;

-- A post is held while somebody says so.
CREATE FUNCTION t.taken(p_ref text) RETURNS text LANGUAGE sql AS $$
	SELECT v.filled || ' ' || (SELECT count(*) FROM ledger.placement p WHERE p.city = v.city
		AND p.vacancy = v.id AND p.state <> 'void') FROM ledger.vacancy v WHERE v.ref = p_ref
$$;
DO $$
DECLARE
	a jsonb;
	p bigint;
	v bigint := (SELECT id FROM ledger.vacancy WHERE ref = 'B');
BEGIN
	PERFORM t.seeker(2);
	PERFORM t.seeker(3);
	a := t.place(2, v, p_key => 'agency');
	p := (a#>>'{body,placement}')::bigint;
	PERFORM t.is('taken', t.taken('B'), '1 1');
	COMMIT;
	PERFORM t.is('withdrawn', t.change(p::text, 'withdraw', '{"signal":"report","reason":"mistaken"}',
		'agency')->>'status', '200');
	PERFORM t.is('free', t.taken('B'), '0 0');
	COMMIT;
	PERFORM t.is('for another', t.place(3, v, p_key => 'agency')->>'status', '201');
	COMMIT;
	PERFORM t.is('who comes again finds it taken', t.place(2, v, p_key => 'agency')->>'code', 'vacancy-filled');
	PERFORM t.is('free again', t.change((SELECT max(id) FROM ledger.placement)::text, 'withdraw',
		'{"signal":"report","reason":"mistaken"}', 'agency')->>'status', '200');
	COMMIT;
	a := t.place(2, v, p_key => 'agency');
	PERFORM t.is('and takes it', concat_ws(' ', a->>'status', a#>>'{body,placement}', t.taken('B')),
		'200 ' || p || ' 1 1');
END $$;

-- A licence of before is old, unless it is said anew.
CREATE FUNCTION t.put_licence(p_more jsonb, p_if_match bigint DEFAULT NULL) RETURNS jsonb
LANGUAGE sql AS $$
	SELECT t.fold(ARRAY(SELECT r FROM api.put_agency(4101, t.kid('bureau'), t.secret('bureau'),
		t.actor('bureau'), 'AGENCY009', p_if_match, false, '{"licence":"L-9","district":"410105",
		"services":["introduction"],"from":"2007-01-01","until":"2007-12-31","suspended_from":null,
		"suspended_until":null}'::jsonb || p_more) r))
$$;
DO $$
DECLARE
	a jsonb;
BEGIN
	PERFORM t.is('recorded', t.put_licence('{}')->>'status', '201');
	PERFORM t.is('suspended', t.put_licence('{"suspended_from":"2007-07-13"}')#>>'{body,version}', '2');
	a := t.put_licence('{}');
	PERFORM t.is('sent again', concat_ws(' ', a->>'status', a#>>'{body,suspended_from}', t.newer(a)),
		'200 2007-07-13 version 2 2007-07-14');
	PERFORM t.is('lifted', t.put_licence('{}', 2)#>>'{body,suspended_from}', NULL);
	PERFORM t.is('it is', (SELECT max(version) FROM ledger.agency_licence
		WHERE organisation = 'AGENCY009'), 3);
END $$;

-- What a later quarter carries, an earlier one may leave out, and nothing is closed by it.
CREATE FUNCTION t.other(p_lines jsonb, p_quarter text) RETURNS text LANGUAGE sql AS $$
	SELECT t.file(p_lines, p_quarter, p_key => 'other firm', p_code => '600037341')->>'code'
$$;
DO $$
BEGIN
	PERFORM t.is('first', t.other(jsonb_build_array(t.line('K', 1), t.line('M', 1)), '2007Q2'), 'ok');
	PERFORM t.is('not yet', t.other(jsonb_build_array(t.line('M', 1)), '2007Q2'), 'open-lines-left-out');
	PERFORM t.is('a later one', t.other(jsonb_build_array(t.line('K', 2)), '2007Q3'), 'ok');
	PERFORM t.is('left out', t.other(jsonb_build_array(t.line('M', 1)), '2007Q2'), 'ok');
	PERFORM t.is('it stands', (SELECT open AND posts = 2 FROM ledger.vacancy WHERE ref = 'K'), true);
END $$;
