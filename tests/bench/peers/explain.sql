-- What the staged functions do for one seeker and one vacancy, statement by statement:
--   psql -X -d DSN -f explain.sql 2>&1
-- A seeker of Jinshui (410105) with three wishes in large trades, and a guard's post there.

LOAD 'auto_explain';
SET auto_explain.log_min_duration = 0;
SET auto_explain.log_analyze = on;
SET auto_explain.log_buffers = on;
SET auto_explain.log_nested_statements = on;
SET jit = off;
SET max_parallel_workers_per_gather = 0;
SET work_mem = '64MB';
\set touching '''{410102,410103,410104,410108,410122,410171}'''

SELECT s.* FROM peer.posting s WHERE s.county = 410105 AND s.wish = 4090801 AND s.farthest = 4
	AND cardinality(s.wishes) = 3 ORDER BY s.id LIMIT 1 \gset s_
SELECT v.* FROM peer.vacancy v WHERE v.county = 410105 AND v.occupation = 4070501
	AND NOT v.reserved AND v.weight > 0 ORDER BY v.id LIMIT 1 \gset v_
PREPARE a AS SELECT * FROM peer.best_vacancies(2749, :s_place, 410105, :touching, :'s_wishes',
	ARRAY(SELECT DISTINCT w / 100 FROM unnest(:'s_wishes'::int[]) w WHERE w % 10000 > 0),
	ARRAY(SELECT DISTINCT w / 10000 FROM unnest(:'s_wishes'::int[]) w),
	ARRAY(SELECT DISTINCT w / 1000000 FROM unnest(:'s_wishes'::int[]) w),
	:s_rank, :s_education, ~ :s_licences::bigint, :s_shifts, :s_forms, 4, :'s_skills', :s_pay_wish,
	:s_m1, :s_n1, :s_m2, :s_n2, :s_m3, :s_n3, 20);
PREPARE b AS SELECT * FROM peer.best_seekers(2749, :v_place, 410105, :touching, :v_occupation,
	:v_minor, :v_middle, :v_major, :v_education, :v_licences, :v_shift, :v_form, false, false,
	:'v_required', :'v_wished', :v_weight::smallint, :v_pay_max, :v_months, :v_posted_on, 20);
-- Once to warm up and to plan, once to tell.
\o /dev/null
EXECUTE a;
EXECUTE b;
\o
SET client_min_messages = log;
EXECUTE a;
EXECUTE b;
