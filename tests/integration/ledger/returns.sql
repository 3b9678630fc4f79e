-- Filing returns: first, the same again, amended, closed, left out, late, nil, too early.

DO $$
DECLARE
	a jsonb;
	b jsonb;
	v bigint;
	n bigint;
BEGIN
	a := t.file(jsonb_build_array(t.line('A', 3), t.line('B')));
	PERFORM t.is('the first filing is 201', a->>'status', '201');
	PERFORM t.is('one answer', a->>'answers', '1');
	PERFORM t.is('added', a#>'{body,added}', '["A", "B"]');
	PERFORM t.is('two events', jsonb_array_length(a->'events'), 2);
	PERFORM t.is('version', a#>>'{body,version}', '1');
	PERFORM t.is('on the 12th it is late', a#>>'{body,state}', 'late');
	PERFORM t.is('due on the 10th', a#>>'{body,due}', '2007-07-10');
	PERFORM t.is('received at', a#>>'{body,received_at}', '2007-07-12T10:00:00+08:00');
	PERFORM t.is('label', a#>>'{events,0,label}', '保安员' || chr(31) || '测试企业' || chr(31) || '900–1200元/月');
	v := (a#>>'{body,vacancies,A}')::bigint;

	SELECT count(*) INTO n FROM ops.outbox;
	b := t.file(jsonb_build_array(t.line('A', 3), t.line('B')));
	PERFORM t.is('the same body again is 200', b->>'status', '200');
	PERFORM t.is('and replayed', b->>'label', 'replayed');
	PERFORM t.is('with the same answer', b->'body', a->'body');
	PERFORM t.is('and changes nothing', (SELECT count(*) FROM ops.outbox), n);

	a := t.file(jsonb_build_array(t.line('A', 4), t.line('B')), p_validate => true);
	PERFORM t.is('a dry run is 200', a->>'status', '200');
	PERFORM t.is('says valid', a#>'{body,valid}', 'true');
	PERFORM t.is('tells the change', a#>'{body,changed}', '["A"]');
	PERFORM t.is('and writes nothing', (SELECT count(*) FROM ops.outbox), n);
	PERFORM t.is('not even a version', (SELECT count(*) FROM ledger.return_version), 1::bigint);

	PERFORM t.is('another version expected is 412',
		t.file(jsonb_build_array(t.line('A', 4), t.line('B')), p_if_match => 7)->>'code',
		'version-changed');
	COMMIT;
	a := t.file(jsonb_build_array(t.line('A', 4), t.line('B'), t.line('C')), p_if_match => 1);
	PERFORM t.is('an amendment is 200', a->>'status', '200');
	PERFORM t.is('changed', a#>'{body,changed}', '["A"]');
	PERFORM t.is('added', a#>'{body,added}', '["C"]');
	PERFORM t.is('unchanged', a#>'{body,unchanged}', '1');
	PERFORM t.is('only what changed is an event', jsonb_array_length(a->'events'), 2);
	PERFORM t.is('A is still the same vacancy', (a#>>'{body,vacancies,A}')::bigint, v);
	PERFORM t.is('A is version 2', (SELECT version FROM ledger.vacancy WHERE id = v), 2::bigint);
	PERFORM t.is('only changed lines are inserted', (SELECT count(*) FROM ledger.return_line), 4::bigint);

	a := t.file(jsonb_build_array(t.line('A', 4), t.line('C')));
	PERFORM t.is('an open line left out is 409', a->>'code', 'open-lines-left-out');
	PERFORM t.is('with the list', a#>'{body,open}', '["B"]');
	a := t.file(jsonb_build_array(t.line('A', 4), t.line('C')), p_closed => '[{"ref":"B","reason":"filled_own"}]');
	PERFORM t.is('closed by reason it may go', a->>'status', '200');
	PERFORM t.is('closed', a#>'{body,closed}', '["B"]');
	PERFORM t.is('B is closed', (SELECT closed_reason FROM ledger.vacancy WHERE ref = 'B'), 'filled_own');
	PERFORM t.is('a ref nobody filed', t.file(jsonb_build_array(t.line('A', 4), t.line('C')),
		p_closed => '[{"ref":"Z","reason":"withdrawn"}]')#>>'{body,errors,0,rule}', 'ref-unknown');
	PERFORM t.is('a ref twice', t.file(jsonb_build_array(t.line('A', 4), t.line('A')))
		#>>'{body,errors,0,pointer}', '/lines/0/ref');

	-- any version can be read again
	PERFORM t.is('version 1', jsonb_array_length(t.read_return('2007Q2', 1)#>'{body,lines}'), 2);
	PERFORM t.is('version 1 had 3 posts', t.read_return('2007Q2', 1)#>>'{body,lines,0,posts}', '3');
	PERFORM t.is('version 2 had three lines', jsonb_array_length(t.read_return('2007Q2', 2)#>'{body,lines}'), 3);
	PERFORM t.is('version 3 has two', jsonb_array_length(t.read_return('2007Q2')#>'{body,lines}'), 2);
	PERFORM t.is('and what it closed', t.read_return('2007Q2')#>>'{body,closed,0,ref}', 'B');
	PERFORM t.is('a version that never was', t.read_return('2007Q2', 9)->>'status', '404');
	PERFORM t.is('sealed contacts go beside', t.read_return('2007Q2')->'sealed', '["contact", "phone"]');
	PERFORM t.is('not to an auditor', t.read_return('2007Q2', NULL, 'auditor')->'sealed', '[]');

	-- the next quarter continues the vacancy; its silence closes nothing
	COMMIT;
	a := t.file(jsonb_build_array(t.line('A', 4)), '2007Q3');
	PERFORM t.is('a current quarter is in time', a#>>'{body,state}', 'received');
	PERFORM t.is('A goes on', (a#>>'{body,vacancies,A}')::bigint, v);
	PERFORM t.is('unchanged', a#>'{body,unchanged}', '1');
	PERFORM t.is('no event', jsonb_array_length(a->'events'), 0);
	PERFORM t.is('C is not mentioned', a#>>'{body,unmentioned,0,ref}', 'C');
	PERFORM t.is('and stays open', (SELECT open FROM ledger.vacancy WHERE ref = 'C'), true);
	a := t.file(jsonb_build_array(t.line('A', 9), t.line('C')));
	PERFORM t.is('an older quarter amended', a->>'status', '200');
	PERFORM t.is('does not change what a later one carries', (SELECT posts FROM ledger.vacancy WHERE id = v), 4);

	-- quarters
	PERFORM t.is('a future quarter', t.file('[]', '2007Q4')->>'code', 'quarter-not-open');
	PERFORM t.is('too long ago', t.file('[]', '2005Q2')->>'code', 'quarter-not-open');
	PERFORM t.is('the eighth before', t.file('[]', '2005Q3')->>'status', '201');
	PERFORM t.is('nil is said', t.read_return('2005Q3')#>'{body,nil}', 'true');
	PERFORM t.is('nonsense', t.file('[]', '2007Q5')->>'code', 'quarter-not-open');
	PERFORM t.is('before the site began', t.file('[]', '2007Q1', p_district => '410103')->>'code', 'not-liable');
	a := t.employer('bureau', '600037341', '{"name":"另一企业","reason":"迁入","sites":[{"district":"410105","since":"2007-07-01"}]}');
	PERFORM t.is('a site''s day corrected', a#>>'{body,sites,1,since}', '2007-07-01');
	PERFORM t.is('what was owed is owed', t.file('[]', '2007Q1', p_key => 'other firm', p_code => '600037341')
		->>'status', '201');
	PERFORM t.is('no site there', t.file('[]', '2007Q2', p_district => '410104')->>'code', 'not-liable');

	-- who may
	PERFORM t.is('another employer', t.file('[]', '2007Q1', p_key => 'other firm')->>'status', '404');
	PERFORM t.is('an employer nobody knows', t.file('[]', '2007Q1', p_key => 'bureau', p_code => '000000019')->>'status', '404');
	PERFORM t.is('a clerk of another district', t.file('[]', '2007Q1', p_key => 'elsewhere')->>'status', '404');
	PERFORM t.is('a clerk enters a paper return', t.file('[]', '2007Q1', p_key => 'district')->>'status', '201');
	PERFORM t.is('a key for several', t.file('[]', '2006Q4', p_key => 'group')->>'status', '201');
	PERFORM t.is('an agency does not file', t.file('[]', '2006Q3', p_key => 'agency')->>'status', '403');

	-- posts and placements, reserved posts
	PERFORM t.seeker(1);
	PERFORM t.seeker(2);
	PERFORM t.is('placed', t.place(1, v)->>'status', '201');
	PERFORM t.is('placed', t.place(2, v)->>'status', '201');
	a := t.file(jsonb_build_array(t.line('A', 1)), '2007Q3');
	PERFORM t.is('posts below the placements', a->>'code', 'posts-below-placements');
	PERFORM t.is('says where', a#>>'{body,errors,0,pointer}', '/lines/0/posts');
	a := t.file(jsonb_build_array(t.line('A', 4), t.line('R', 1, '{"reserved":true,"approval":"G-1"}')), '2007Q3');
	PERFORM t.is('an approval nobody gave', a->>'code', 'approval-unknown');
	PERFORM t.approve('G-1', 1);
	a := t.file(jsonb_build_array(t.line('A', 4), t.line('R', 2, '{"reserved":true,"approval":"G-1"}')), '2007Q3');
	PERFORM t.is('more posts than were approved', a#>>'{body,errors,0,rule}', 'approved-posts');
	a := t.file(jsonb_build_array(t.line('A', 4), t.line('R', 1, '{"reserved":true,"approval":"G-1"}')), '2007Q3');
	PERFORM t.is('with the approval', a->>'status', '200');

	-- a renamed employer is a change of its open vacancies
	COMMIT;
	a := t.employer('bureau', '123456788', '{"name":"新名企业","sites":[{"district":"410105","since":"2005-01-01"}]}');
	PERFORM t.is('renamed', a->>'status', '200');
	PERFORM t.is('three open vacancies told', jsonb_array_length(a->'events'), 3);
	PERFORM t.is('the other site ended', a#>>'{body,sites,0,until}', '2007-07-12');
END $$;

-- What ran out or fell silent closes when the day turns.
DO $$
BEGIN
	PERFORM t.is('nothing is due', ops.turn_day(4101, 100), 0);
	UPDATE ledger.city SET fixed_clock = '2008-01-15 09:00+08';
	PERFORM t.is('three lapse', ops.turn_day(4101, 2) + ops.turn_day(4101, 2), 3);
	PERFORM t.is('lapsed', (SELECT closed_reason FROM ledger.vacancy WHERE ref = 'A'), 'lapsed');
END $$;
