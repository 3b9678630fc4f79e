-- Several reports of one job: one placement, whose day is the labour department's; and referrals
-- that end with it.
CREATE FUNCTION t.vacancy_of(p_ref text) RETURNS bigint LANGUAGE sql AS $$
	SELECT v.id FROM ledger.vacancy v WHERE v.ref = p_ref
$$;
CREATE FUNCTION t.read(p_id text, p_key text DEFAULT 'bureau') RETURNS jsonb LANGUAGE sql AS $$
	SELECT t.fold(ARRAY(SELECT r FROM api.read_placement(4101, t.kid(p_key), t.secret(p_key),
		t.actor(p_key), p_id::bigint) r))
$$;
CREATE FUNCTION t.reason(p_answer jsonb) RETURNS text LANGUAGE sql AS $$
	SELECT coalesce(p_answer#>>'{body,reason}', p_answer->>'code')
$$;
-- "agency 2007-07-12, bureau 2007-07-10 decides"
CREATE FUNCTION t.sources(p_answer jsonb) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(concat_ws(' ', s->>'role', s->>'start_on', s->>'reference',
		s#>>'{withdrawn,reason}', CASE WHEN (s->>'decides')::boolean THEN 'decides' END), ', ' ORDER BY n)
	FROM jsonb_array_elements(p_answer#>'{body,sources}') WITH ORDINALITY x(s, n)
$$;
CREATE FUNCTION t.says(p_key text, p_seeker bigint, p_ref text, p_day text, p_more jsonb DEFAULT '{}')
RETURNS jsonb LANGUAGE sql AS $$
	SELECT t.place(p_seeker, t.vacancy_of(p_ref), jsonb_build_object('start_on', p_day) || p_more, p_key)
$$;
CREATE FUNCTION t.taking_back(p_id text, p_key text) RETURNS jsonb LANGUAGE sql AS $$
	SELECT t.change(p_id, 'withdraw', '{"signal":"report","reason":"mistaken"}', p_key)
$$;
CREATE FUNCTION t.day_of(p_id text) RETURNS date LANGUAGE sql AS $$
	SELECT p.start_on FROM ledger.placement p WHERE p.id = p_id::bigint
$$;

SELECT t.employer('bureau', '600037341', '{"name":"另一企业","sites":[{"district":"410105","since":"2005-01-01"}]}');
SELECT t.file((SELECT jsonb_agg(t.line('V' || n, 40)) FROM generate_series(1, 4) n));
SELECT t.file(jsonb_build_array(t.line('O', 9)), p_key => 'other firm', p_code => '600037341');
SELECT t.approve('G-1', 9);
SELECT t.file(jsonb_build_array(t.line('V1', 40), t.line('V2', 40), t.line('V3', 40), t.line('V4', 40),
	t.line('R', 9, '{"reserved":true,"approval":"G-1"}')));
SELECT t.seeker(n) FROM generate_series(1, 60) n;

DO $$
DECLARE
	a jsonb;
	p text;
	n bigint;
BEGIN
	-- Who is first, and what else is said of it.
	a := t.says('agency', 1, 'V1', '2007-07-12', '{"reference":"A-7"}');
	p := a#>>'{body,placement}';
	PERFORM t.is('new', a->>'status', '201');
	PERFORM t.is('alone', a#>>'{body,standing}', 'alone');
	a := t.says('bureau', 1, 'V1', '2007-07-10');
	PERFORM t.is('the same', (a->>'status') || ' ' || (a#>>'{body,placement}'), '200 ' || p);
	PERFORM t.is('two sources', t.sources(a), 'agency 2007-07-12 A-7, bureau 2007-07-10 decides');
	PERFORM t.is('two say so', a#>>'{body,standing}', 'several');
	PERFORM t.is('the bureau''s day', a#>>'{body,start_on}', '2007-07-10');
	a := t.says('firm', 1, 'V1', '2007-07-02', '{"source":"人事科"}');
	PERFORM t.is('three', t.sources(a),
		'agency 2007-07-12 A-7, bureau 2007-07-10 decides, employer 2007-07-02');
	PERFORM t.is('the employer''s word', a#>>'{body,standing}', 'employer');
	PERFORM t.is('one post', (SELECT filled FROM ledger.vacancy WHERE ref = 'V1'), 1);
	SELECT count(*) INTO n FROM ledger.placement_signal;
	PERFORM t.is('again', t.says('firm', 1, 'V1', '2007-07-02', '{"source":"人事科"}')->>'label', 'replayed');
	PERFORM t.is('nothing new', (SELECT count(*) FROM ledger.placement_signal), n);
	-- Without a vacancy it is the same employer's.
	a := t.place(1, NULL, '{"employer":"123456788","start_on":"2007-08-09"}', 'district');
	PERFORM t.is('30 days', a->>'status', '200');
	PERFORM t.is('of two bureaus the first', a#>>'{body,start_on}', '2007-07-10');
	PERFORM t.is('and its vacancy', (a#>>'{body,vacancy}')::bigint, t.vacancy_of('V1'));

	-- It can be read, with who may see it.
	PERFORM t.is('read', t.sources(t.read(p, 'agency')), t.sources(a));
	-- What cannot stand beside it, and who is told.
	a := t.place(1, t.vacancy_of('V1'), '{"start_on":"2007-06-01"}');
	PERFORM t.is('too far', concat_ws(' ', a->>'code', a#>>'{body,placement}', a#>>'{body,start_on}'),
		'placed-from-another-day ' || p || ' 2007-07-10');
	a := t.place(1, NULL, '{"start_on":"2007-06-01","employer":"123456788"}');
	PERFORM t.is('too far, without a vacancy', (a->>'code') || (a#>>'{body,placement}'),
		'placed-from-another-day' || p);
	a := t.place(1, t.vacancy_of('V2'));
	PERFORM t.is('another post of it', (a->>'code') || (a#>>'{body,placement}'), 'seeker-placed' || p);
	a := t.place(1, t.vacancy_of('O'), p_key => 'other firm');
	PERFORM t.is('another employer, told nothing', (a->>'code') || (a->>'body'), 'seeker-placed{}');
	a := t.place(1, t.vacancy_of('O'));
	PERFORM t.is('the bureau is told', (a->>'code') || (a#>>'{body,placement}'), 'seeker-placed' || p);

	-- Confirmed is what decides.
	PERFORM t.is('not by its bureau', t.confirm(p, 'bureau')->>'code', 'own-report');
	PERFORM t.is('by the firm', t.confirm(p, 'firm')#>>'{body,state}', 'confirmed');
	-- Taken back, one after the other.
	PERFORM t.is('the other bureau''s', t.taking_back(p, 'bureau')#>>'{body,start_on}', '2007-08-09');
	PERFORM t.is('the first that came', t.taking_back(p, 'district')#>>'{body,start_on}', '2007-07-12');
	PERFORM t.is('the next', t.taking_back(p, 'agency')#>>'{body,start_on}', '2007-07-02');
	a := t.taking_back(p, 'firm');
	PERFORM t.is('stays', a#>>'{body,start_on}', '2007-07-02');
	PERFORM t.is('nobody decides', t.sources(a) ~ 'decides', false);
	a := t.says('agency', 1, 'V1', '2007-07-05');
	PERFORM t.is('reported anew', a#>>'{body,start_on}', '2007-07-05');
	PERFORM t.is('one all the time', (SELECT count(*) FROM ledger.placement WHERE seeker = 1), 1::bigint);
	PERFORM t.is('it was', t.day_of(p), DATE '2007-07-05');
END $$;

-- A correction keeps its turn, and what was said is kept.
DO $$
DECLARE
	a jsonb := t.says('agency', 2, 'V1', '2007-07-12');
	p text := a#>>'{body,placement}';
BEGIN
	PERFORM t.says('firm', 2, 'V1', '2007-07-09');
	a := t.says('agency', 2, 'V1', '2007-07-11');
	PERFORM t.is('corrected', t.sources(a),
		'agency 2007-07-12 corrected, employer 2007-07-09, agency 2007-07-11 decides');
	PERFORM t.is('its day', t.day_of(p), DATE '2007-07-11');
	a := t.says('agency', 2, 'V1', '2007-07-01');
	PERFORM t.is('twice', t.day_of(p), DATE '2007-07-01');
	PERFORM t.is('by day and by kind', t.says('agency', 2, 'V1', '2007-07-01', '{"kind":"dispatch"}')
		#>>'{body,kind}', 'dispatch');
	-- Over and begun again is another job; another post of the same employer too.
	PERFORM t.register(p);
	PERFORM t.ends(p, '{"on":"2007-07-03","reason":"resigned"}');
	a := t.place(2, NULL, '{"employer":"123456788","start_on":"2007-07-05"}');
	PERFORM t.is('begun again', a->>'status', '201');
	-- A day that would fall into the other job is refused, by its name.
	PERFORM t.is('not before that', (SELECT concat_ws(' ', x->>'code', x#>>'{body,placement}')
		FROM t.place(2, NULL, '{"employer":"600037341","start_on":"2007-07-02"}') x), 'seeker-placed ' || p);
	a := t.place(2, NULL, '{"employer":"123456788","start_on":"2007-07-04"}', 'district');
	PERFORM t.is('still of the second', a->>'status', '200');
END $$;

-- The day moves what is counted: over a year's end, with the unemployment that it ended.
DO $$
DECLARE
	a jsonb;
	p text;
BEGIN
	PERFORM t.seeker(70, '{"unemployment":{"since":"2006-06-10","prior_job":true,"laid_off":null}}');
	p := t.place(70, NULL, '{"employer":"123456788","start_on":"2007-01-05"}', 'agency')#>>'{body,placement}';
	PERFORM t.register(p);
	PERFORM t.is('this year', t.counts(70) || '|' || t.counts(70, '2006-12-31', 2006), 'T1 T2|');
	a := t.place(70, NULL, '{"employer":"123456788","start_on":"2006-12-20"}');
	PERFORM t.is('last year', t.counts(70) || '|' || t.counts(70, '2007-07-12', 2006), '|T1 T2');
	PERFORM t.is('works', (SELECT start_on FROM ledger.employment WHERE person = 70), DATE '2006-12-20');
	PERFORM t.is('unemployed until then', (SELECT ended_on FROM ledger.unemployment WHERE person = 70), DATE '2006-12-20');
	PERFORM t.is('an event', (SELECT count(*) FROM ledger.placement WHERE seeker = 70), 1::bigint);
	PERFORM t.taking_back(p, 'bureau');
	PERFORM t.is('this year again', t.counts(70) || '|' || t.counts(70, '2007-07-12', 2006), 'T1 T2|');
	PERFORM t.is('unemployed longer', (SELECT ended_on FROM ledger.unemployment WHERE person = 70), DATE '2007-01-05');
	-- An end before the next report's day: it cannot decide.
	PERFORM t.place(70, NULL, '{"employer":"123456788","start_on":"2006-12-28"}');
	PERFORM t.ends(p, '{"on":"2007-01-03","reason":"resigned"}');
	PERFORM t.taking_back(p, 'bureau');
	PERFORM t.is('stays', t.day_of(p), DATE '2006-12-28');
	-- Void and taken back with all its sources.
	PERFORM t.void(p);
	PERFORM t.is('void', t.counts(70, '2007-07-12', 2006), '');
	PERFORM t.void(p, p_what => 'undo');
	PERFORM t.is('there again', t.counts(70, '2007-07-12', 2006), 'T1 T2');

	-- A household clears from the day that decides.
	PERFORM t.household(ARRAY[3, 4]);
	p := t.says('agency', 3, 'V1', '2007-07-20')#>>'{body,placement}';
	PERFORM t.register(p);
	PERFORM t.is('open until then', t.rank(4), 'P1 zero-employment-household');
	a := t.says('bureau', 3, 'V1', '2007-07-11');
	PERFORM t.is('helped', t.rank(4), 'P5 registered-unemployed');
	PERFORM t.taking_back(p, 'bureau');
	PERFORM t.is('open again', t.rank(4), 'P1 zero-employment-household');
	-- A recognition that ended by the job ends where it begins.
	PERFORM t.seeker(71, '{"recognitions":[{"code":"HC5","on":"2007-02-01"}]}');
	p := t.says('agency', 71, 'V1', '2007-07-02')#>>'{body,placement}';
	PERFORM t.register(p);
	PERFORM t.fact(71, 'end recognition', '{"on":"2007-07-02","reason":"employed"}',
		(SELECT id FROM ledger.recognition WHERE person = 71));
	PERFORM t.is('counts', t.counts(71), 'T1 T2 T4');
	PERFORM t.says('bureau', 71, 'V1', '2007-07-05');
	PERFORM t.is('still', t.counts(71), 'T1 T2 T4');
END $$;

-- Whatever the order of arrival, with a registration somewhere among them: one placement, one post,
-- the bureau's day, the same figures.  Without a bureau it is the first one's.
DO $$
DECLARE
	who   bigint := 100;
	ways  text[];
	said  text;
	a     jsonb;
	seen  text;
	first text;
BEGIN
	FOR ways IN WITH of(x) AS (SELECT unnest('{agency,firm,bureau,register}'::text[]))
			SELECT ARRAY[i.x, j.x, k.x, l.x] FROM of i, of j, of k, of l
			WHERE i.x <> 'register' AND cardinality(ARRAY(SELECT DISTINCT unnest(ARRAY[i.x, j.x, k.x, l.x]))) = 4 LOOP
		who := who + 1;
		PERFORM t.seeker(who);
		FOREACH said IN ARRAY ways LOOP
			a := CASE said WHEN 'agency' THEN t.says('agency', who, 'V3', '2007-07-05')
				WHEN 'firm' THEN t.says('firm', who, 'V3', '2007-06-20', '{"kind":"dispatch"}')
				WHEN 'bureau' THEN t.place(who, CASE WHEN who % 2 = 0 THEN t.vacancy_of('V3') END,
					'{"start_on":"2007-07-02","employer":"123456788","source":"labour"}')
				ELSE t.register((SELECT id::text FROM ledger.placement WHERE seeker = who)) END;
			PERFORM t.is(ways::text, (a->>'status')::int < 300, true);
		END LOOP;
		SELECT string_agg(concat_ws(' ', p.state, p.start_on, p.kind, p.source, v.ref, p.employer,
				e.start_on, u.ended_on, s.rank, s.active, s.waiting_since, t.counts(who),
				ledger.standing_of(p)), '; ') INTO seen
			FROM ledger.placement p JOIN ledger.seeker s ON s.id = p.seeker
			LEFT JOIN ledger.vacancy v ON v.id = p.vacancy
			LEFT JOIN ledger.employment e ON e.placement = p.id
			LEFT JOIN ledger.unemployment u ON u.person = p.seeker WHERE p.seeker = who;
		first := coalesce(first, seen);
		PERFORM t.is(ways::text, seen, first);
	END LOOP;
	PERFORM t.is('as it should be', first, 'registered 2007-07-02 unit labour V3 123456788 2007-07-02 '
		|| '2007-07-02 6 f 2007-01-10 T1 T2 employer');
	PERFORM t.is('a post each', (SELECT filled::bigint FROM ledger.vacancy WHERE ref = 'V3'), who - 100);
END $$;

-- The vacancy named later takes its post, if it can be had.
DO $$
DECLARE
	a jsonb;
	p text := t.place(5, NULL, '{"employer":"123456788"}')#>>'{body,placement}';
BEGIN
	PERFORM t.is('not entitled', t.says('agency', 5, 'R', '2007-07-12')->>'code', 'reserved-post');
	COMMIT;
	a := t.says('agency', 5, 'V4', '2007-07-12');
	PERFORM t.is('taken', (a#>>'{body,vacancy}')::bigint, t.vacancy_of('V4'));
	PERFORM t.is('filled', (SELECT filled FROM ledger.vacancy WHERE ref = 'V4'), 1);
	PERFORM t.is('one event', (SELECT jsonb_agg(e->'entity') FROM jsonb_array_elements(a->'events') e), '["v"]');
	PERFORM t.void(p);
	PERFORM t.is('free', (SELECT filled FROM ledger.vacancy WHERE ref = 'V4'), 0);
	-- Who is entitled is so by the rank of the day before.
	PERFORM t.seeker(72, '{"birth":"1966-01-01"}');
	PERFORM t.place(72, NULL, '{"employer":"123456788"}');
	PERFORM t.is('entitled', t.says('agency', 72, 'R', '2007-07-12')->>'status', '200');
	-- Nobody's day before the sixteenth birthday, nor too far away.
	PERFORM t.seeker(73, '{"birth":"1991-07-10","unemployment":null}');
	PERFORM t.says('agency', 73, 'V4', '2007-07-12');
	PERFORM t.is('a child', t.says('bureau', 73, 'V4', '2007-07-09')->>'code', 'under-age');
	PERFORM t.is('too far', t.says('agency', 6, 'V4', '2007-08-11')->>'status', '201');
	PERFORM t.is('too far', t.says('bureau', 6, 'V4', '2007-08-12')->>'code', 'start-too-far');
END $$;

-- An agency's licence: the day of the report, and the first day of the work.
CREATE FUNCTION t.licensed(p_version int, p_licence text, p_from date, p_until date,
	p_off_from date DEFAULT NULL, p_off_until date DEFAULT NULL, p_services text[] DEFAULT '{introduction}')
RETURNS void LANGUAGE sql AS $$
	INSERT INTO ledger.agency_licence SELECT 4101, 'AGENCY001', p_version, p_licence, '4101', p_services,
		p_from, p_until, p_off_from, p_off_until, ledger.app_now(4101), t.kid('bureau'), ''
$$;
CREATE FUNCTION t.refused(p_answer jsonb) RETURNS text LANGUAGE sql AS $$
	SELECT concat_ws(' ', p_answer->>'status', p_answer#>>'{body,rule}', p_answer#>>'{body,day}')
$$;
DO $$
BEGIN
	PERFORM t.licensed(2, 'L-1', '2007-07-01', '2007-07-31');
	PERFORM t.is('before it', t.refused(t.says('agency', 7, 'V1', '2007-06-30')), '403 not-yet-valid 2007-06-30');
	PERFORM t.is('after it', t.refused(t.says('agency', 7, 'V1', '2007-08-01')), '403 expired 2007-08-01');
	PERFORM t.is('even of what is reported', t.refused(t.says('agency', 1, 'V1', '2007-06-30')), '403 not-yet-valid 2007-06-30');
	PERFORM t.is('even of nobody', t.refused(t.says('agency', 9999, 'V1', '2007-06-30')), '403 not-yet-valid 2007-06-30');
	PERFORM t.licensed(3, 'L-1', '2007-01-01', '2007-07-11');
	PERFORM t.is('over today', t.refused(t.says('agency', 7, 'V1', '2007-07-10')), '403 expired 2007-07-12');
	PERFORM t.licensed(4, 'L-1', '2007-01-01', '2007-12-31', '2007-06-01', '2007-06-30');
	PERFORM t.is('suspended then', t.refused(t.says('agency', 7, 'V1', '2007-06-30')), '403 suspended 2007-06-30');
	PERFORM t.is('not now', t.says('agency', 7, 'V1', '2007-07-01')->>'status', '201');
	PERFORM t.licensed(5, 'L-1', '2007-01-01', '2007-12-31', '2007-07-12', NULL);
	PERFORM t.is('suspended now', t.refused(t.says('agency', 8, 'V1', '2007-07-01')), '403 suspended 2007-07-12');
	PERFORM t.licensed(6, 'L-1', '2007-01-01', '2007-12-31', p_services => '{information}');
	PERFORM t.is('another service', t.refused(t.says('agency', 8, 'V1', '2007-07-01')), '403 service 2007-07-12');
	-- The next licence, under its own number: the one before covers the days before.
	PERFORM t.licensed(7, 'L-1', '2007-01-01', '2007-07-05');
	PERFORM t.licensed(8, 'L-2', '2007-07-06', '2008-07-05');
	PERFORM t.is('by the old one', t.says('agency', 8, 'V1', '2007-07-05')->>'status', '201');
	PERFORM t.licensed(9, 'L-3', '2008-07-06', '2009-07-05');
	PERFORM t.is('before the next', t.says('agency', 9, 'V1', '2007-07-12')->>'status', '201');
	-- Nothing is nothing.
	DELETE FROM ledger.agency_licence;
	PERFORM t.is('none', t.refused(t.says('agency', 10, 'V1', '2007-07-12')), '403 no-licence 2007-07-12');
	PERFORM t.is('nor in a list', (SELECT string_agg(r.status || ' ' || r.code, ',') FROM api.report_placements(4101,
		array_fill(t.kid('agency'), ARRAY[2]), array_fill(t.secret('agency'), ARRAY[2]),
		array_fill(t.actor('agency'), ARRAY[2]), '{x1,x2}', '{"\\x01","\\x02"}', ARRAY(SELECT jsonb_build_object(
		'seeker', ledger.seeker_text(n), 'vacancy', t.vacancy_of('V1')::text, 'kind', 'unit', 'start_on',
		'2007-07-12') FROM generate_series(10, 11) n)) r), '403 agency-unlicensed,403 agency-unlicensed');
	PERFORM t.is('kept under no key', (SELECT count(*) FROM ledger.idempotency i
		WHERE i.status IS NULL OR i.status = 403), 0::bigint);
	PERFORM t.licensed(1, 'L-1', '2006-01-01', '2008-12-31');
	PERFORM t.is('under the same key, with a licence', (SELECT r.status FROM api.report_placements(4101,
		ARRAY[t.kid('agency')], ARRAY[t.secret('agency')], ARRAY[t.actor('agency')], '{x1}', '{"\\x01"}',
		ARRAY[jsonb_build_object('seeker', ledger.seeker_text(10), 'vacancy', t.vacancy_of('V1')::text,
		'kind', 'unit', 'start_on', '2007-07-12')]) r WHERE r.kind = 'a'), 201);
END $$;

-- A referral ends with its placement.
CREATE FUNCTION t.referred(p_seeker bigint, p_ref text, p_state text, p_days int DEFAULT 5,
	p_by text DEFAULT 'AGENCY001')
RETURNS text LANGUAGE sql AS $$
	INSERT INTO ledger.referral (city, seeker, vacancy, employer, state, made_at, expires_at, by_role,
			by_whom, kid, actor, rank, rank_reason, decided_on, consented_at, consent_how)
		SELECT 4101, p_seeker, t.vacancy_of(p_ref), '123456788', p_state, ledger.app_now(4101),
			ledger.app_now(4101) + p_days * interval '1 day', 2, p_by, t.kid('agency'), '', 5, 'x', '{}',
			CASE WHEN p_state NOT IN ('proposed', 'declined') THEN ledger.app_now(4101) END,
			CASE WHEN p_state NOT IN ('proposed', 'declined') THEN 'telephone' END
		RETURNING id::text
$$;
CREATE FUNCTION t.ended(p_referral text) RETURNS text LANGUAGE sql AS $$
	SELECT r.state || coalesce(' ' || r.placement, '') FROM ledger.referral r WHERE r.id = p_referral::bigint
$$;
DO $$
DECLARE
	r text;
	q text;
	a jsonb;
	p text;
	n int := 20;
	key text;
	state text;
BEGIN
	-- In every step, named or not, by whomever.
	FOREACH state IN ARRAY '{proposed,consented,accepted,interviewed,offered}'::text[] LOOP
		FOREACH key IN ARRAY '{agency,bureau,firm}'::text[] LOOP
			n := n + 1;
			r := t.referred(n, 'V2', state);
			q := t.referred(n, 'V1', state);
			a := t.says(key, n, 'V2', '2007-07-12', CASE WHEN n % 2 = 0
				THEN jsonb_build_object('referral', r) ELSE '{}' END);
			PERFORM t.is(state || key, t.ended(r), 'placed ' || (a#>>'{body,placement}'));
			PERFORM t.is('another pair''s stays', t.ended(q), state);
			PERFORM t.is('what backs it', a#>>'{body,standing}', CASE WHEN key = 'firm' THEN 'employer'
				WHEN state = 'proposed' THEN 'referral' ELSE 'consent' END);
			PERFORM t.is('and is read', t.read(a#>>'{body,placement}')#>>'{body,standing}', a#>>'{body,standing}');
			-- Again: named, not named, and another.
			PERFORM t.is('again', t.says(key, n, 'V2', '2007-07-12')->>'status', '200');
			PERFORM t.is('again', t.says('agency', n, 'V2', '2007-07-12', jsonb_build_object('referral', r))->>'status', '200');
			a := t.says('agency', n, 'V2', '2007-07-12', jsonb_build_object('referral', q));
			PERFORM t.is('another', concat_ws(' ', a->>'code', a#>>'{body,referral}'), 'another-referral ' || r);
			PERFORM t.is('once', (SELECT count(*) FROM ledger.referral_step s WHERE s.referral = r::bigint), 1::bigint);
		END LOOP;
	END LOOP;
	-- Over, or run out: none.
	r := t.referred(50, 'V2', 'declined');
	q := t.referred(50, 'V2', 'offered', -1);
	a := t.says('agency', 50, 'V2', '2007-07-12');
	PERFORM t.is('none', (a->>'status') || (a#>>'{body,standing}'), '201alone');
	PERFORM t.is('as it was', t.ended(r) || t.ended(q), 'declinedoffered');
	-- Several: which is to be said, and each is told of what it may see.
	r := t.referred(51, 'V2', 'consented');
	q := t.referred(51, 'V2', 'offered', p_by => 'AGENCY009');
	a := t.says('agency', 51, 'V2', '2007-07-12');
	PERFORM t.is('which', (a->>'status') || (a->>'code'), '409referral-unclear');
	PERFORM t.is('its own by number', (SELECT jsonb_agg(x->'referral') FROM jsonb_array_elements(a#>'{body,referrals}') x),
		jsonb_build_array(r, NULL));
	PERFORM t.is('nothing recorded', (SELECT count(*) FROM ledger.placement WHERE seeker = 51), 0::bigint);
	a := t.says('bureau', 51, 'V2', '2007-07-12');
	PERFORM t.is('the bureau sees both', jsonb_path_query_array(a, '$.body.referrals[*].referral'), jsonb_build_array(r, q));
	a := t.says('firm', 51, 'V2', '2007-07-12');
	PERFORM t.is('so does the employer', jsonb_path_query_array(a, '$.body.referrals[*].referral'), jsonb_build_array(r, q));
	PERFORM t.is('not to see', t.says('agency', 51, 'V2', '2007-07-12', jsonb_build_object('referral', q))->>'status', '404');
	a := t.says('bureau', 51, 'V2', '2007-07-12', jsonb_build_object('referral', q));
	PERFORM t.is('this', t.ended(q) || t.ended(r), 'placed ' || (a#>>'{body,placement}') || 'consented');
	PERFORM t.is('not that', t.says('agency', 51, 'V2', '2007-07-12', jsonb_build_object('referral', r))->'body',
		jsonb_build_object('placement', a#>'{body,placement}'));
	-- Who may see none of them cannot name one.
	p := t.referred(53, 'V2', 'proposed', p_by => 'AGENCY009');
	a := to_jsonb(t.referred(53, 'V2', 'offered', p_by => 'AGENCY009'));
	PERFORM t.is('unseen', t.says('agency', 53, 'V2', '2007-07-12')->>'status', '201');
	PERFORM t.is('the first', left(t.ended(p), 6) || t.ended(a#>>'{}'), 'placedoffered');
	a := t.says('bureau', 51, 'V2', '2007-07-12', jsonb_build_object('referral', q));
	-- A void placement has ended none: it is live again as it had come to, and ends once more.
	p := a#>>'{body,placement}';
	PERFORM t.void(p);
	PERFORM t.is('live again', t.ended(q), 'proposed ' || p);
	PERFORM t.is('for seven days', (SELECT expires_at - ledger.app_now(4101) FROM ledger.referral
		WHERE id = q::bigint), interval '7 days');
	PERFORM t.is('not shown', (SELECT ledger.referral_short(z)->>'placement' FROM ledger.referral z
		WHERE id = q::bigint), NULL::text);
	PERFORM t.void(p, p_what => 'undo');
	PERFORM t.is('ended again', t.ended(q), 'placed ' || p);
	INSERT INTO ledger.referral_step SELECT 4101, q::bigint, 9, 'accepted', NULL, ledger.app_now(4101);
	PERFORM t.void(p);
	PERFORM t.is('where it was', t.ended(q), 'accepted ' || p);
	a := t.says('bureau', 51, 'V2', '2007-07-12', jsonb_build_object('referral', q, 'reference', '8'));
	PERFORM t.is('once more', t.ended(q), 'placed ' || (a#>>'{body,placement}'));
	-- Reported without the vacancy first: the report that names it ends the referral.
	r := t.referred(52, 'V2', 'offered');
	p := t.place(52, NULL, '{"employer":"123456788"}')#>>'{body,placement}';
	PERFORM t.is('not yet', t.ended(r), 'offered');
	PERFORM t.is('now', t.says('agency', 52, 'V2', '2007-07-11')#>>'{body,standing}', 'consent');
	PERFORM t.is('ended', t.ended(r), 'placed ' || p);
END $$;
