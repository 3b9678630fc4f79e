-- kind pwp: a reserved vacancy or a free slot, by rank on the first day (rules/placement-kinds,
-- rules/reserved).  Today is 2007-07-12.

CREATE FUNCTION t.pwp(p_id bigint, p_more jsonb, p_vacancy bigint DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
	SELECT coalesce(a#>>'{body,reason}', a#>>'{body,errors,0,rule}', a->>'code')
	FROM (SELECT t.place(p_id, p_vacancy, '{"kind":"pwp"}'::jsonb || p_more) AS a) x
$$;

DO $$
DECLARE
	v bigint;
	r bigint;
	a jsonb;
	p text;
BEGIN
	PERFORM t.approve('G-1', 2);
	PERFORM t.approve('G-2', 3, '{"release_on":"2007-07-14"}');
	PERFORM t.approve('G-3', 1, '{"approved_on":"2007-07-13"}');
	PERFORM t.approve('G-4', 1, '{"employer":"123456788"}');
	PERFORM t.file(jsonb_build_array(t.line('A', 3), t.line('R', 2, '{"reserved":true,"approval":"G-2"}')));
	v := (SELECT id FROM ledger.vacancy WHERE ref = 'A');
	r := (SELECT id FROM ledger.vacancy WHERE ref = 'R');
	PERFORM t.seeker(n, '{"recognitions":[{"code":"HC6e","on":"2007-05-01"}]}') FROM generate_series(1, 9) n;
	PERFORM t.seeker(10); -- P5
	PERFORM t.seeker(11, '{"unemployment":null}'); -- P6
	PERFORM t.seeker(12, '{"birth":"1955-02-02"}'); -- unknown
	PERFORM t.seeker(13, '{"recognitions":[{"code":"HC6e","on":"2007-07-10"}]}');

	-- a vacancy that is not reserved is none
	PERFORM t.is('an ordinary vacancy', t.pwp(1, '{}', v), 'not-reserved');
	PERFORM t.is('whose unit post it may be', t.place(1, v)->>'code', 'ok');
	PERFORM t.is('a reserved one', t.pwp(2, '{}', r), 'ok');
	PERFORM t.is('of another kind too', t.place(3, r)->>'code', 'ok');
	-- by rank
	PERFORM t.is('P6', t.pwp(11, '{"approval":"G-1"}'), 'reserved-post');
	PERFORM t.is('unknown is P6', t.pwp(12, '{"approval":"G-1"}'), 'reserved-post');
	PERFORM t.is('P5 before its release', t.pwp(10, '{"approval":"G-2"}'), 'reserved-post');
	PERFORM t.is('P5 without a day of release', t.pwp(10, '{"approval":"G-1","start_on":"2007-08-01"}'), 'reserved-post');
	PERFORM t.is('P6 never', t.pwp(11, '{"approval":"G-2","start_on":"2007-07-14"}'), 'reserved-post');
	-- on the first day, not today
	PERFORM t.is('recognised since', t.pwp(13, '{"approval":"G-1","start_on":"2007-07-09"}'), 'reserved-post');
	PERFORM t.is('and from then on', t.pwp(13, '{"approval":"G-1","start_on":"2007-07-10"}'), 'ok');
	PERFORM t.is('P5 on the day of release', t.pwp(10, '{"approval":"G-2","start_on":"2007-07-14"}'), 'ok');
	UPDATE ledger.recognition SET ended_on = '2007-07-20', end_reason = 'moved' WHERE person = 9;
	PERFORM t.is('no longer then', t.pwp(9, '{"approval":"G-1","start_on":"2007-07-20"}'), 'reserved-post');
	-- the approval
	PERFORM t.is('not known', t.pwp(4, '{"approval":"G-9"}'), 'approval-unknown');
	PERFORM t.is('another''s', t.pwp(4, '{"approval":"G-4"}'), 'approval-unknown');
	PERFORM t.is('its own', t.pwp(4, '{"approval":"G-4","employer":"123456788"}'), 'ok');
	PERFORM t.is('not yet approved', t.pwp(5, '{"approval":"G-3"}'), 'order');
	-- its slots: G-1 has two, one is taken; G-2 three, two reserved and one taken
	PERFORM t.is('none left', t.pwp(5, '{"approval":"G-2","start_on":"2007-07-15"}'), 'no-free-slot');
	a := t.place(5, NULL, '{"kind":"pwp","approval":"G-1"}');
	p := a#>>'{body,placement}';
	PERFORM t.is('the second of G-1', a->>'code', 'ok');
	PERFORM t.is('no third', t.pwp(6, '{"approval":"G-1"}'), 'no-free-slot');
	PERFORM t.is('the same again is the same', t.place(5, NULL, '{"kind":"pwp","approval":"G-1"}')->>'code', 'ok');
	PERFORM t.is('no line reserves it either', t.file(jsonb_build_array(t.line('A', 3), t.line('R', 2,
		'{"reserved":true,"approval":"G-2"}'), t.line('S', 1, '{"reserved":true,"approval":"G-1"}')))#>>'{body,errors,0,rule}', 'approved-posts');
	-- void frees it, and an undoing wants it back
	PERFORM t.is('void', t.void(p)->>'code', 'ok');
	PERFORM t.is('free', t.pwp(6, '{"approval":"G-1"}'), 'ok');
	PERFORM t.is('not undone', t.void(p, p_what => 'undo')#>>'{body,reason}', 'no-free-slot');
	-- so does a job's end, from its day on
	p := (SELECT id::text FROM ledger.placement WHERE seeker = 13);
	PERFORM t.register(p);
	PERFORM t.is('ended', t.ends(p, '{"on":"2007-07-12","reason":"resigned"}')->>'code', 'ok');
	PERFORM t.is('not the day before', t.pwp(7, '{"approval":"G-1","start_on":"2007-07-11"}'), 'no-free-slot');
	PERFORM t.is('filled again', t.pwp(7, '{"approval":"G-1"}'), 'ok');
	-- who is placed in a closed vacancy keeps the slot
	PERFORM t.is('closed', t.file(jsonb_build_array(t.line('A', 3)), p_closed => '[{"ref":"R","reason":"withdrawn"}]')->>'code', 'ok');
	PERFORM t.is('two there, one beside', ledger.slots_free(4101, 'G-2', '2007-07-15'), 0);
	-- a slot is reserved once, whoever shares the approval
	PERFORM t.approve('G-5', 2);
	PERFORM t.is('both', t.file(jsonb_build_array(t.line('A', 3), t.line('T', 2,
		'{"reserved":true,"approval":"G-5"}')))->>'code', 'ok');
	PERFORM t.is('the same again', t.file(jsonb_build_array(t.line('A', 4), t.line('T', 2,
		'{"reserved":true,"approval":"G-5"}')))->>'code', 'ok');
	PERFORM t.is('none for another employer', t.file(jsonb_build_array(t.line('T', 1,
		'{"reserved":true,"approval":"G-5"}')), p_key => 'other firm', p_code => '600037341')#>>'{body,errors,0,rule}',
		'approved-posts');
	PERFORM t.is('closed', t.file(jsonb_build_array(t.line('A', 4)), p_closed =>
		'[{"ref":"T","reason":"withdrawn"}]')->>'code', 'ok');
	PERFORM t.is('now', t.file(jsonb_build_array(t.line('T', 1, '{"reserved":true,"approval":"G-5"}')),
		p_key => 'other firm', p_code => '600037341')->>'code', 'ok');
	PERFORM t.is('one is left', ledger.slots_free(4101, 'G-5', '2007-07-15'), 1);
	PERFORM t.is('not two', t.file(jsonb_build_array(t.line('A', 5), t.line('T', 2,
		'{"reserved":true,"approval":"G-5"}')))#>>'{body,errors,0,expected}', 'together at most 1 posts under this approval');
END $$;

-- Two for one slot in one batch: the first has it.
DO $$
DECLARE
	codes text;
BEGIN
	PERFORM t.approve('G-5', 1);
	PERFORM t.seeker(n, '{"recognitions":[{"code":"HC6e","on":"2007-05-01"}]}') FROM generate_series(21, 23) n;
	codes := (SELECT string_agg(r.code, ' ' ORDER BY r.call) FROM api.report_placements(4101,
		array_fill(t.kid('bureau'), ARRAY[3]), array_fill(t.secret('bureau'), ARRAY[3]),
		array_fill(t.actor('bureau'), ARRAY[3]), '{a,b,c}', ARRAY['\x01', '\x02', '\x03']::bytea[],
		ARRAY(SELECT jsonb_build_object('seeker', ledger.seeker_text(n), 'vacancy', NULL, 'kind', 'pwp',
			'employer', NULL, 'workplace', NULL, 'approval', 'G-5', 'start_on', '2007-07-12', 'source', NULL)
			FROM generate_series(21, 23) n ORDER BY n)) r WHERE r.kind = 'a');
	PERFORM t.is('one of three', codes, 'ok wrong-state wrong-state');
END $$;
