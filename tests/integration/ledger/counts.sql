-- What counts toward T1 to T7 and T10, what does not, and why (rules/progress).

DO $$
DECLARE
	p text;
	q text;
	a jsonb;
	cert text := '"certificate":{"number":"%s","group":"L1","issued_on":"2006-03-01","valid_to":"2008-12-31","inspected":[2007]}';
BEGIN
	-- T1, and its conditions one by one
	PERFORM t.seeker(1, '{"unemployment":null}');
	PERFORM t.works(1, '2007-07-10');
	PERFORM t.is('a job-seeker', t.counts(1), 'T1');
	PERFORM t.is('as of the day before', t.counts(1, '2007-07-09'), '');
	PERFORM t.is('not registered then', t.why(1, 'T1', '2007-07-09'), 'not-registered');
	PERFORM t.is('another year', t.counts(1, '2008-07-12', 2008), '');
	PERFORM t.is('T2 says why', t.why(1, 'T2'), 'not-unemployed');
	PERFORM t.seeker(2);
	a := t.place(2, NULL, '{"kind":"self"}');
	PERFORM t.is('reported only', t.counts(2), '');
	PERFORM t.is('says so', t.why(2, 'T1'), 'not-registered');
	PERFORM t.void(a#>>'{body,placement}');
	PERFORM t.is('void', t.why(2, 'T1'), 'placement-void');
	PERFORM t.seeker(3);
	PERFORM t.is('nothing', t.why(3, 'T1'), 'no-placement');
	PERFORM t.works(3, '2007-07-20');
	PERFORM t.is('to begin', t.why(3, 'T1'), 'not-started');
	PERFORM t.is('begun', t.counts(3, '2007-07-20'), 'T1 T2');
	PERFORM t.seeker(4, '{"birth":"1956-01-01","unemployment":null}');
	PERFORM t.works(4, '2007-07-10');
	PERFORM t.is('her retirement age is not on file', t.why(4, 'T1'), 'retirement-unproven');
	PERFORM t.seeker(5, '{"birth":"1956-01-01","retirement_age":55,"retirement_evidence":"cadre"}');
	PERFORM t.works(5, '2007-07-10');
	PERFORM t.is('unless a cadre; and 4050', t.counts(5), 'T1 T2 T4');
	PERFORM t.seeker(6);
	PERFORM t.place(6, NULL, '{"kind":"self","start_on":"2007-07-10","workplace":"310101"}');
	PERFORM t.is('in another city', t.why(6, 'T1'), 'workplace-outside-city');

	-- a transfer does not count; after a day without work it is another matter
	PERFORM t.seeker(7);
	p := t.works(7, '2007-02-01');
	UPDATE ledger.employment SET ended_on = '2007-05-01', end_reason = 'resigned' WHERE placement = p::bigint;
	q := t.works(7, '2007-05-01', '{"employer":"600037341"}');
	PERFORM t.is('the first holds it', (SELECT placement FROM ledger.counted(4101, 2007, '2007-07-12', 7) WHERE target = 'T1'), p::bigint);
	PERFORM t.is('the second is a transfer', (SELECT t1 FROM ledger.count_facts(4101, 2007, '2007-07-12', 7) WHERE placement = q::bigint), 'already-employed');
	PERFORM t.seeker(8);
	p := t.works(8, '2007-02-01');
	UPDATE ledger.employment SET ended_on = '2007-04-30', end_reason = 'resigned' WHERE placement = p::bigint;
	q := t.works(8, '2007-05-01', '{"employer":"600037341"}');
	PERFORM t.is('two jobs count once', (SELECT count(*) FROM ledger.counted(4101, 2007, '2007-07-12', 8) WHERE target = 'T1'), 1::bigint);
	PERFORM t.is('void the first', t.void(p)->>'code', 'ok');
	PERFORM t.is('and the second takes the count', (SELECT placement FROM ledger.counted(4101, 2007, '2007-07-12', 8) WHERE target = 'T1'), q::bigint);

	-- a graduate's first job is T1; laid off and placed again in the same year, T2
	PERFORM t.seeker(9, '{"group":"graduate","unemployment":{"since":"2007-01-10","prior_job":false,"laid_off":null}}');
	p := t.works(9, '2007-02-01');
	PERFORM t.is('a first job', t.counts(9), 'T1');
	PERFORM t.is('says why', t.why(9, 'T2'), 'first-job');
	UPDATE ledger.employment SET ended_on = '2007-04-01', end_reason = 'dismissed' WHERE placement = p::bigint;
	INSERT INTO ledger.unemployment (city, person, since, prior_job) VALUES (4101, 9, '2007-04-02', true);
	q := t.works(9, '2007-06-01', '{"employer":"600037341"}');
	PERFORM t.is('T1 by the first, T2 by the second', (SELECT array_agg(placement::text ORDER BY target)
		FROM ledger.counted(4101, 2007, '2007-07-12', 9)), ARRAY[p, q]);
	PERFORM t.seeker(10, '{"unemployment":{"since":"2007-01-10","prior_job":false,"laid_off":"L1"}}');
	PERFORM t.works(10, '2007-07-10');
	PERFORM t.is('laid off is enough', t.counts(10), 'T1 T2');
	PERFORM t.seeker(11, '{"unemployment":{"since":"2007-07-10","prior_job":true,"laid_off":null}}');
	PERFORM t.works(11, '2007-07-10');
	PERFORM t.is('registered on the very day', t.why(11, 'T2'), 'not-unemployed');

	-- T3, T4
	PERFORM t.seeker(12, ('{' || format(cert, 'C-12') || '}')::jsonb);
	PERFORM t.works(12, '2007-07-10');
	PERFORM t.is('a certificate', t.counts(12), 'T1 T2 T3');
	UPDATE ledger.certificate SET void_on = '2007-07-01', void_reason = 'fraud' WHERE person = 12;
	PERFORM t.is('void on the day', t.counts(12), 'T1 T2');
	PERFORM t.is('says why', t.why(12, 'T3'), 'no-valid-certificate');
	PERFORM t.seeker(13, ('{' || replace(format(cert, 'C-13'), '[2007]', '[]') || '}')::jsonb);
	PERFORM t.works(13, '2007-04-30');
	PERFORM t.is('in the grace of April', t.counts(13), 'T1 T2 T3');
	PERFORM t.seeker(14, ('{' || replace(format(cert, 'C-14'), '[2007]', '[]') || '}')::jsonb);
	PERFORM t.works(14, '2007-05-01');
	PERFORM t.is('not inspected', t.counts(14), 'T1 T2');
	-- An inspection has a day: work begun between the deadline and it never counts toward T3.
	a := t.fact(14, 'inspect certificates', '{"year":2007,"on":"2007-06-15"}', (SELECT id FROM ledger.certificate WHERE person = 14));
	PERFORM t.is('inspected later', a->>'code', 'ok');
	PERFORM t.is('too late for the first of May', t.counts(14), 'T1 T2');
	PERFORM t.is('says why', t.why(14, 'T3'), 'no-valid-certificate');
	a := t.fact(14, 'inspect certificates', '{"year":2007,"on":"2007-04-15"}', (SELECT id FROM ledger.certificate WHERE person = 14));
	PERFORM t.is('on one day only', a#>>'{body,inspected_on}', '2007-06-15');
	PERFORM t.seeker(26, ('{' || replace(format(cert, 'C-26'), '[2007]', '[]') || '}')::jsonb);
	PERFORM t.works(26, '2007-06-15');
	PERFORM t.fact(26, 'inspect certificates', '{"year":2007,"on":"2007-06-15"}', (SELECT id FROM ledger.certificate WHERE person = 26));
	PERFORM t.is('on its day it holds', t.counts(26), 'T1 T2 T3');
	PERFORM t.seeker(15, '{"sex":1,"birth":"1957-12-31"}');
	PERFORM t.works(15, '2007-02-01');
	PERFORM t.is('4050 by the end of the year', t.counts(15), 'T1 T2 T4');
	PERFORM t.seeker(16, '{"recognitions":[{"code":"HC5","on":"2007-07-11"}]}');
	PERFORM t.works(16, '2007-07-10');
	PERFORM t.is('recognised after the start', t.why(16, 'T4'), 'not-hard-to-employ');
	PERFORM t.seeker(17, '{"recognitions":[{"code":"HC5","on":"2007-07-10"}]}');
	PERFORM t.works(17, '2007-07-10');
	PERFORM t.is('recognised by the start', t.counts(17), 'T1 T2 T4');
	PERFORM t.seeker(18);
	PERFORM t.is('a household', t.household('{18}')->>'code', 'ok');
	PERFORM t.works(18, '2007-07-10');
	PERFORM t.is('out of an open household', t.counts(18), 'T1 T2 T4');

	-- in-migrants count when the third month is over
	PERFORM t.seeker(19, '{"group":"migrant","hukou_type":"rural","hukou_division":"411500"}');
	PERFORM t.works(19, '2007-04-13');
	PERFORM t.is('a day short', t.why(19, 'T1'), 'migrant-three-months');
	PERFORM t.is('on the day', t.counts(19, '2007-07-13'), 'T1 T2');
	PERFORM t.seeker(20, '{"group":"migrant","hukou_division":"411500"}');
	PERFORM t.works(20, '2006-10-15');
	PERFORM t.is('a start in October counts next year', t.counts(20), 'T1');
	PERFORM t.is('not in its own', t.why(20, 'T1', '2006-12-31', 2006), 'not-registered');
	PERFORM t.seeker(21, '{"group":"migrant","hukou_division":"411500"}');
	p := t.works(21, '2007-03-01');
	UPDATE ledger.employment SET ended_on = '2007-04-20', end_reason = 'resigned' WHERE placement = p::bigint;
	PERFORM t.is('left before', t.why(21, 'T1'), 'migrant-left-early');
	p := t.works(21, '2007-05-05', '{"employer":"600037341"}');
	PERFORM t.is('a break of 15 days is allowed', t.counts(21), 'T1 T2');
	UPDATE ledger.employment SET start_on = '2007-05-06' WHERE placement = p::bigint;
	PERFORM t.is('16 are not', t.counts(21), '');
	PERFORM t.seeker(25, '{"group":"migrant","hukou_division":"411500"}');
	p := t.works(25, '2006-10-01');
	PERFORM t.ends(p, '{"on":"2006-12-31","reason":"resigned"}');
	PERFORM t.is('a day short of three months', t.counts(25), '');
	p := t.works(25, '2007-01-01', '{"employer":"600037341"}');
	PERFORM t.is('the next job begins on the day they are full', (SELECT placement < p::bigint FROM ledger.counted(4101, 2007, '2007-07-12', 25)), true);
	PERFORM t.is('not seen the day before', t.counts(25, '2006-12-31'), '');
	UPDATE ledger.employment SET ended_on = '2006-12-20' WHERE person = 25 AND placement <> p::bigint;
	UPDATE ledger.employment SET start_on = '2007-01-04' WHERE placement = p::bigint;
	PERFORM t.is('a break of 15 days across it', (SELECT placement < p::bigint FROM ledger.counted(4101, 2007, '2007-07-12', 25)), true);
	PERFORM t.is('while it lasts', t.counts(25, '2007-01-03'), '');
	UPDATE ledger.employment SET start_on = '2007-01-05' WHERE placement = p::bigint;
	PERFORM t.is('of 16: the later job counts by itself', (SELECT placement FROM ledger.counted(4101, 2007, '2007-07-12', 25)), p::bigint);
	PERFORM t.seeker(22, '{"group":"serviceman","hukou_division":"411500"}');
	PERFORM t.works(22, '2007-07-10');
	PERFORM t.is('an ex-serviceman is no in-migrant', t.counts(22), 'T1 T2');

	-- the unit of the community of registration; a zone owns another district's prefix
	PERFORM t.seeker(23);
	PERFORM t.works(23, '2007-07-10', '{}', '410105560003');
	PERFORM t.is('the zone', (SELECT unit FROM ledger.counted(4101, 2007, '2007-07-12', 23) WHERE target = 'T1'), 'Z-ZD');
END $$;

-- Who is behind a figure: a page; and all of them, by pages of seven.
CREATE FUNCTION t.behind_page(p_figure text, p_unit text, p_key text DEFAULT 'auditor', p_after bigint DEFAULT NULL)
RETURNS jsonb LANGUAGE sql AS $$
	SELECT t.fold(ARRAY(SELECT r FROM api.list_behind(4101, t.kid(p_key), t.secret(p_key), t.actor(p_key), p_figure,
		2007, NULL, p_unit, 7, p_after) r))
$$;
CREATE FUNCTION t.behind(p_figure text, p_unit text, p_key text DEFAULT 'auditor') RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
	found jsonb := '[]';
	page  jsonb;
	next  text;
BEGIN
	LOOP
		page := t.behind_page(p_figure, p_unit, p_key, next::bigint);
		found := found || (page#>'{body,items}');
		next := nullif(substr(page->>'label', 2), '');
		EXIT WHEN next IS NULL;
	END LOOP;
	PERFORM t.is('what is not seen is said by number', jsonb_array_length(found) + (page#>>'{body,outside}')::int,
		(page#>>'{body,achieved}')::int);
	RETURN found;
END $$;

-- The sums by unit, gross and net, slots and households.
DO $$
DECLARE
	all_t jsonb;
	f     jsonb;
	city  jsonb;
BEGIN
	UPDATE ledger.employment SET ended_on = '2007-07-11', end_reason = 'retired' WHERE person = 1;
	PERFORM t.approve('G-1', 3);
	PERFORM t.approve('G-2', 2, '{"new":false}');
	PERFORM t.approve('G-3', 1, '{"community":"410103001001"}');
	UPDATE ledger.post_slot SET closed_on = '2007-06-01' WHERE id = (SELECT min(id) FROM ledger.post_slot);
	PERFORM t.seeker(90);
	PERFORM t.household('{90}');
	all_t := t.fold(ARRAY(SELECT r FROM api.read_progress(4101, t.kid('auditor'), t.secret('auditor'), '', 2007, NULL, NULL) r))->'body';
	PERFORM t.is('as of today', all_t->>'as_of', '2007-07-12');
	FOR f IN SELECT x FROM jsonb_array_elements(all_t->'targets') x WHERE x->>'unit' = 'city' LOOP
		PERFORM t.is('units sum up to the city: ' || (f->>'target'), (SELECT sum((x->>'achieved')::int)
			FROM jsonb_array_elements(all_t->'targets') x WHERE x->>'target' = f->>'target'
			AND x->>'unit' <> 'city')::int, (f->>'achieved')::int);
	END LOOP;
	SELECT x INTO city FROM jsonb_array_elements(all_t->'targets') x WHERE x->>'unit' = 'city' AND x->>'target' = 'T1';
	PERFORM t.is('gross less attrition is net', (city->>'gross')::int - 1, (city->>'net')::int);
	PERFORM t.is('progress is net', city->'achieved', city->'net');
	PERFORM t.is('193 of 365 days', (city->>'expected')::int, 120000 * 193 / 365);
	PERFORM t.is('the gap', (city->>'gap')::int, (city->>'achieved')::int - (city->>'expected')::int);
	PERFORM t.is('nested: T3 in T2 in T1', (SELECT array_agg((x->>'achieved')::int ORDER BY x->>'target')
		FROM jsonb_array_elements(all_t->'targets') x WHERE x->>'unit' = 'city' AND x->>'target' IN ('T1', 'T2', 'T3', 'T4')),
		(SELECT ARRAY[count(DISTINCT person) FILTER (WHERE target = 'T1') - 1, count(DISTINCT person) FILTER (WHERE target = 'T2'),
		count(DISTINCT person) FILTER (WHERE target = 'T3'), count(DISTINCT person) FILTER (WHERE target = 'T4')]::int[]
		FROM ledger.counted(4101, 2007, '2007-07-12', NULL)));
	PERFORM t.is('three slots: new, not closed within 90 days', (SELECT x->>'achieved' FROM jsonb_array_elements(all_t->'targets') x
		WHERE x->>'unit' = 'city' AND x->>'target' = 'T5'), '3');
	PERFORM t.is('one household open', (SELECT x->>'achieved' || ' ' || (x->>'kind') FROM jsonb_array_elements(all_t->'targets') x
		WHERE x->>'unit' = '410105' AND x->>'target' = 'T10'), '1 stock');
	-- Behind each figure are as many as it says, over all pages, for whose scope holds it.
	FOR f IN SELECT x FROM jsonb_array_elements(all_t->'targets') x WHERE x->>'target' ~ '^T([1-7]|10)$' LOOP
		PERFORM t.is('behind ' || (f->>'target') || ' of ' || (f->>'unit'),
			(SELECT count(DISTINCT coalesce(x->>'seeker', x->>'household', x->>'slot'))
				FROM jsonb_array_elements(t.behind(f->>'target', f->>'unit')) x),
			coalesce(f->>'gross', f->>'achieved')::bigint);
		PERFORM t.is('and who left', jsonb_array_length(t.behind('attrition', f->>'unit')),
			(f->>'attrition')::int) WHERE f->>'target' = 'T1';
	END LOOP;
	PERFORM t.is('something was asked about', (SELECT count(*) FROM jsonb_array_elements(all_t->'targets') x
		WHERE (x->>'achieved')::int > 0 AND x->>'unit' <> 'city') > 8, true);
	-- Each by the placement that holds the count, and by what is on file.
	PERFORM t.is('held by the second, which is of T2 only', (SELECT jsonb_agg(x->'placement' ORDER BY x->>'figure')
		FROM jsonb_array_elements(t.behind('T1', 'city') || t.behind('T2', 'city')) x WHERE x->>'seeker' = ledger.seeker_text(9)),
		(SELECT jsonb_agg(placement::text ORDER BY target) FROM ledger.counted(4101, 2007, '2007-07-12', 9)));
	PERFORM t.is('by what: ' || n.figure || ' of ' || n.who, (SELECT x->>'ground' || coalesce(' ' || (x->>'evidence'), '')
			|| coalesce(' ' || (x->>'fact_on'), '') FROM jsonb_array_elements(t.behind(n.figure, 'city')) x
			WHERE x->>'seeker' = ledger.seeker_text(n.who)), n.said)
		FROM (VALUES ('T1', 3, NULL), ('T1', 5, 'registered 2007-07-10'), ('T1', 20, 'third-month 2007-01-15'),
			('T2', 5, 'unemployed 2007-01-10'), ('T2', 10, 'laid-off L1 2007-01-10'),
			('T3', 13, 'certificate 2006-03-01'), ('T3', 26, 'certificate 2007-06-15 2006-03-01'),
			('T4', 15, '4050'), ('T4', 17, 'recognition HC5 2007-07-10'), ('T4', 18, 'household 2007-06-11'),
			('attrition', 1, 'retired 2007-07-11')) n(figure, who, said);
	PERFORM t.is('a slot has its approval', (SELECT array_agg(DISTINCT x->>'approval') FROM jsonb_array_elements(t.behind('T5', 'city')) x),
		ARRAY['G-1', 'G-3']);
	-- A division sees its own, and of the rest the number that the progress tells it anyway.
	PERFORM t.is('of a division', (SELECT array_agg(DISTINCT left(x->>'community', 6)) FROM jsonb_array_elements(t.behind('T1', NULL, 'district')) x),
		ARRAY['410105']);
	PERFORM t.is('of another', t.behind('T1', NULL, 'elsewhere'), '[]');
	PERFORM t.is('and how many there are', (t.behind_page('T5', NULL, 'elsewhere') #- '{body,items}')->'body', jsonb_build_object('year', 2007,
		'as_of', '2007-07-12', 'achieved', 3, 'outside', 2));
	PERFORM t.is('no unit', t.behind_page('T1', 'Z-XX')->>'code', 'validation-failed');
	PERFORM t.is('no employer''s', t.behind_page('T1', NULL, 'firm')->>'code', 'role-refused');
	PERFORM t.is('an agency''s neither', t.behind_page('T1', NULL, 'agency')->>'code', 'role-refused');
	PERFORM t.is('nobody was looked at', (SELECT count(*) FROM ledger.person_look), 0::bigint);
	PERFORM t.is('one unit', (SELECT count(*) FROM jsonb_array_elements(t.fold(ARRAY(SELECT r FROM api.read_progress(4101,
		t.kid('bureau'), t.secret('bureau'), '', 2007, '2007-03-31', '410105') r))#>'{body,targets}')), 12::bigint);
	PERFORM t.is('no such unit', t.fold(ARRAY(SELECT r FROM api.read_progress(4101, t.kid('bureau'), t.secret('bureau'), '',
		2007, NULL, 'Z-XX') r))->>'code', 'validation-failed');
	PERFORM t.is('not for employers', t.fold(ARRAY(SELECT r FROM api.read_progress(4101, t.kid('firm'), t.secret('firm'), '',
		2007, NULL, NULL) r))->>'code', 'role-refused');
	f := t.fold(ARRAY(SELECT r FROM api.read_person_progress(4101, t.kid('district'), t.secret('district'), t.actor('district'), 5, 2007, NULL) r));
	PERFORM t.is('a person''s, in both tongues', f#>>'{body,targets,2,zh}', '到岗当日没有有效的《再就业优惠证》（未发、过期、未年检或已作废）。');
	PERFORM t.is('the unit that counts her', f#>>'{body,targets,0,unit}', '410105');
	PERFORM t.is('is a look', (SELECT what FROM ledger.person_look WHERE officer = t.officer_id('district')), 'read_person_progress');
	PERFORM t.is('every rule has its words', (SELECT count(*) FROM ledger.count_rule WHERE zh = '' OR en = ''), 0::bigint);
END $$;
