-- Finding open vacancies: by codes, by pay, by words.
--
-- No page hangs on an estimate.  It is first looked for by walking 200 rows of the order's
-- own index; what that finds says whether to walk on or to ask the GIN index, and either is
-- stopped when it has taken more than the other would.

-- Every condition but `city` and `open`, which is asked with it: together they are the rule of
-- openness (news.sql) and that there is a free post.  One expression, so that it becomes part of the
-- statement that calls it.
CREATE OR REPLACE FUNCTION ledger.vacancy_fits(q ledger.vacancy_query, filled int, posts int,
	occupation int, place bigint, pay_max_month int, education_rank int, form int, shift int,
	reserved boolean, posted_on date, valid_until date, words text)
RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT filled < posts AND coalesce(valid_until, 'infinity') >= q.today
		AND occupation BETWEEN q.occupation_from AND q.occupation_to
		AND place BETWEEN q.place_from AND q.place_to AND pay_max_month >= q.pay
		AND education_rank <= q.education AND form & q.forms <> 0 AND shift & q.shifts <> 0
		AND reserved::int + 1 & q.reserved <> 0 AND posted_on >= q.since
		AND words LIKE ALL (q.patterns) AND words ~ ALL (q.whole)
$$;

-- One word of a search: the pattern it is found by, the expression that keeps a latin word
-- whole (NULL: it is not latin at either end), and its pairs.
CREATE OR REPLACE FUNCTION ledger.word_conditions(p_word text, OUT pattern text, OUT whole text,
	OUT pairs bigint[])
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
	pattern := '%' || regexp_replace(p_word, '([\\%_])', '\\\1', 'g') || '%';
	IF p_word ~ '^[a-z0-9]|[a-z0-9]$' THEN
		whole := CASE WHEN p_word ~ '^[a-z0-9]' THEN '(^|[^a-z0-9])' ELSE '' END
			|| regexp_replace(p_word, '([][(){}.*+?^$|\\-])', '\\\1', 'g')
			|| CASE WHEN p_word ~ '[a-z0-9]$' THEN '($|[^a-z0-9])' ELSE '' END;
	END IF;
	pairs := ledger.letter_pairs(p_word);
END $$;

-- The words of `q`, folded; what is wrong with them, or NULL.
CREATE OR REPLACE FUNCTION ledger.search_words(p_q text, OUT words text[], OUT fault jsonb)
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
	short text;
BEGIN
	words := ARRAY(SELECT DISTINCT w
		FROM regexp_split_to_table(ledger.folded(p_q), '[[:space:]]+') w WHERE w <> '');
	SELECT w INTO short FROM unnest(words) w WHERE cardinality(ledger.letter_pairs(w)) = 0;
	IF cardinality(words) NOT BETWEEN 1 AND 5 THEN
		fault := ledger.fault('query/q', 'count', left(p_q, 20), '1 to 5 words',
			'A search takes one to five words.', '检索词须为一至五个。');
	ELSIF short IS NOT NULL THEN
		fault := ledger.fault('query/q', 'too-short', left(short, 20),
			'two neighbouring letters or characters', 'A word has at least two characters.',
			'检索词至少须有两个相邻的字。');
	END IF;
END $$;

-- How pages are ordered: falling by (key, tie), both numbers.  `closing` rises by day and id,
-- so both are negated there.
CREATE OR REPLACE FUNCTION ledger.vacancy_key(p_sort text, posted_on date, pay_max_month int,
	valid_until date)
RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT CASE p_sort WHEN 'posted' THEN posted_on - DATE '2000-01-01' WHEN 'pay'
		THEN pay_max_month ELSE -ledger.day_number(valid_until) END::bigint
$$;

-- Up to p_n ids that fit among the next p_budget rows of the order.
CREATE OR REPLACE FUNCTION ledger.walk_vacancies(q ledger.vacancy_query, p_sort text, p_key bigint,
	p_tie bigint, p_n int, p_budget bigint)
RETURNS bigint[]
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
DECLARE
	from_day date := ledger.day_of_number(CASE p_sort WHEN 'closing' THEN -p_key ELSE p_key END);
BEGIN
	IF p_sort = 'posted' THEN
		RETURN ARRAY(SELECT w.id FROM (SELECT v.id, v.filled, v.posts, v.occupation, v.place,
				v.pay_max_month, v.education_rank, v.form, v.shift, v.reserved, v.posted_on,
				v.valid_until, v.words
				FROM ledger.vacancy v
				WHERE v.city = q.city AND v.open AND v.posted_on >= q.since
				  AND (v.posted_on, v.id) < (from_day, p_tie)
				ORDER BY v.posted_on DESC, v.id DESC LIMIT p_budget) w
			WHERE ledger.vacancy_fits(q, w.filled, w.posts, w.occupation, w.place,
				w.pay_max_month, w.education_rank, w.form, w.shift, w.reserved, w.posted_on,
				w.valid_until, w.words) LIMIT p_n);
	ELSIF p_sort = 'pay' THEN
		RETURN ARRAY(SELECT w.id FROM (SELECT v.id, v.filled, v.posts, v.occupation, v.place,
				v.pay_max_month, v.education_rank, v.form, v.shift, v.reserved, v.posted_on,
				v.valid_until, v.words
				FROM ledger.vacancy v
				WHERE v.city = q.city AND v.open AND v.pay_max_month >= q.pay
				  AND (v.pay_max_month, v.id) < (p_key, p_tie)
				ORDER BY v.pay_max_month DESC, v.id DESC LIMIT p_budget) w
			WHERE ledger.vacancy_fits(q, w.filled, w.posts, w.occupation, w.place,
				w.pay_max_month, w.education_rank, w.form, w.shift, w.reserved, w.posted_on,
				w.valid_until, w.words) LIMIT p_n);
	ELSE
		RETURN ARRAY(SELECT w.id FROM (SELECT v.id, v.filled, v.posts, v.occupation, v.place,
				v.pay_max_month, v.education_rank, v.form, v.shift, v.reserved, v.posted_on,
				v.valid_until, v.words
				FROM ledger.vacancy v
				WHERE v.city = q.city AND v.open
				  AND (coalesce(v.valid_until, 'infinity'), v.id) > (from_day, -p_tie)
				ORDER BY coalesce(v.valid_until, 'infinity'), v.id LIMIT p_budget) w
			WHERE ledger.vacancy_fits(q, w.filled, w.posts, w.occupation, w.place,
				w.pay_max_month, w.education_rank, w.form, w.shift, w.reserved, w.posted_on,
				w.valid_until, w.words) LIMIT p_n);
	END IF;
END $$;

-- The first p_n ids after (key, tie) of the vacancies that carry the terms, and how many of
-- these were looked at: when p_budget were, there may be more, and the ids are not the first.
CREATE OR REPLACE FUNCTION ledger.gather_vacancies(q ledger.vacancy_query, p_sort text,
	p_key bigint, p_tie bigint, p_n int, p_budget bigint, OUT ids bigint[], OUT n bigint)
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_indexscan = off AS $$
DECLARE
	turn int := CASE p_sort WHEN 'closing' THEN -1 ELSE 1 END;
BEGIN
	WITH carriers AS MATERIALIZED (
		SELECT v.id, ledger.vacancy_key(p_sort, v.posted_on, v.pay_max_month, v.valid_until) AS key,
			ledger.vacancy_fits(q, v.filled, v.posts, v.occupation, v.place, v.pay_max_month,
				v.education_rank, v.form, v.shift, v.reserved, v.posted_on, v.valid_until,
				v.words) AS fits
		FROM ledger.vacancy v
		WHERE v.open AND ledger.vacancy_terms(v.words, v.occupation, v.place, v.form, v.shift,
				v.reserved) @> q.terms AND v.city = q.city
		LIMIT p_budget)
	SELECT ARRAY(SELECT c.id FROM carriers c WHERE c.fits AND (c.key, c.id * turn) < (p_key, p_tie)
			ORDER BY c.key DESC, c.id * turn DESC LIMIT p_n),
		(SELECT count(*) FROM carriers)
		INTO ids, n;
END $$;

-- The same by the bounds of pay and day alone, when few enough are beyond one of them that
-- the order does not go by; else NULL.  How many are beyond a bound the planner knows well, but
-- only of a bound that it is told: so each call is planned for its own.
CREATE OR REPLACE FUNCTION ledger.bounded_vacancies(q ledger.vacancy_query, p_sort text,
	p_key bigint, p_tie bigint, p_n int, p_budget bigint)
RETURNS bigint[]
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_custom_plan AS $$
DECLARE
	turn int := CASE p_sort WHEN 'closing' THEN -1 ELSE 1 END;
BEGIN
	IF (p_sort = 'pay' OR (SELECT count(*) FROM (SELECT FROM ledger.vacancy v
			WHERE v.city = q.city AND v.open AND v.pay_max_month >= q.pay
			LIMIT p_budget) x) = p_budget)
		AND (p_sort = 'posted' OR (SELECT count(*) FROM (SELECT FROM ledger.vacancy v
			WHERE v.city = q.city AND v.open AND v.posted_on >= q.since
			LIMIT p_budget) x) = p_budget) THEN
		RETURN NULL;
	END IF;
	RETURN ARRAY(WITH found AS MATERIALIZED (
		SELECT v.id, ledger.vacancy_key(p_sort, v.posted_on, v.pay_max_month, v.valid_until) AS key
		FROM ledger.vacancy v
		WHERE v.city = q.city AND v.open AND v.pay_max_month >= q.pay AND v.posted_on >= q.since
		  AND (ledger.vacancy_key(p_sort, v.posted_on, v.pay_max_month, v.valid_until),
			v.id * turn) < (p_key, p_tie)
		  AND ledger.vacancy_fits(q, v.filled, v.posts, v.occupation, v.place, v.pay_max_month,
			v.education_rank, v.form, v.shift, v.reserved, v.posted_on, v.valid_until, v.words))
		SELECT f.id FROM found f ORDER BY f.key DESC, f.id * turn DESC LIMIT p_n);
END $$;

-- Any p_n of those that fit and carry the terms, in no order.
CREATE OR REPLACE FUNCTION ledger.some_vacancies(q ledger.vacancy_query, p_n int)
RETURNS bigint[]
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_indexscan = off AS $$
BEGIN
	RETURN ARRAY(SELECT v.id FROM ledger.vacancy v
		WHERE v.open AND ledger.vacancy_terms(v.words, v.occupation, v.place, v.form, v.shift,
				v.reserved) @> q.terms AND v.city = q.city
		  AND ledger.vacancy_fits(q, v.filled, v.posts, v.occupation, v.place, v.pay_max_month,
			v.education_rank, v.form, v.shift, v.reserved, v.posted_on, v.valid_until, v.words)
		LIMIT p_n);
END $$;

-- The employer's vacancies are few: no order's index is needed, and closed ones are shown to
-- those who may read them.
CREATE OR REPLACE FUNCTION ledger.employer_vacancies(q ledger.vacancy_query, who api.caller,
	p_employer text, p_state text, p_sort text, p_key bigint, p_tie bigint, p_n int)
RETURNS bigint[]
LANGUAGE plpgsql STABLE AS $$
DECLARE
	turn int := CASE p_sort WHEN 'closing' THEN -1 ELSE 1 END;
BEGIN
	RETURN ARRAY(SELECT v.id FROM ledger.employer e
		JOIN ledger.vacancy v ON v.city = e.city AND v.employer = e.id
		CROSS JOIN LATERAL (SELECT ledger.is_open(v.open, v.valid_until, q.today) AS open) now_is
		WHERE e.city = q.city AND e.org = ledger.org_of(p_employer)
		  AND (p_state <> 'open' OR now_is.open AND v.filled < v.posts)
		  AND (p_state <> 'closed' OR NOT now_is.open)
		  AND (now_is.open OR ledger.speaks_as(who, e.code)
			OR who.role IN (4, 8) AND ledger.in_scope(who.scope, v.place))
		  AND (ledger.vacancy_key(p_sort, v.posted_on, v.pay_max_month, v.valid_until),
			v.id * turn) < (p_key, p_tie)
		  AND ledger.vacancy_fits(q, 0, 1, v.occupation, v.place, v.pay_max_month,
			v.education_rank, v.form, v.shift, v.reserved, v.posted_on, 'infinity', v.words)
		ORDER BY ledger.vacancy_key(p_sort, v.posted_on, v.pay_max_month, v.valid_until) DESC,
			v.id * turn DESC LIMIT p_n);
END $$;

-- The id of the row at which such a walk stops when it has looked at p_budget; NULL: there are
-- fewer.
CREATE OR REPLACE FUNCTION ledger.walks_to(q ledger.vacancy_query, p_sort text, p_key bigint,
	p_tie bigint, p_budget bigint)
RETURNS bigint
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
DECLARE
	from_day date := ledger.day_of_number(CASE p_sort WHEN 'closing' THEN -p_key ELSE p_key END);
BEGIN
	RETURN CASE p_sort
		WHEN 'posted' THEN (SELECT v.id FROM ledger.vacancy v
			WHERE v.city = q.city AND v.open AND v.posted_on >= q.since
			  AND (v.posted_on, v.id) < (from_day, p_tie)
			ORDER BY v.posted_on DESC, v.id DESC OFFSET p_budget - 1 LIMIT 1)
		WHEN 'pay' THEN (SELECT v.id FROM ledger.vacancy v
			WHERE v.city = q.city AND v.open AND v.pay_max_month >= q.pay
			  AND (v.pay_max_month, v.id) < (p_key, p_tie)
			ORDER BY v.pay_max_month DESC, v.id DESC OFFSET p_budget - 1 LIMIT 1)
		ELSE (SELECT v.id FROM ledger.vacancy v
			WHERE v.city = q.city AND v.open
			  AND (coalesce(v.valid_until, 'infinity'), v.id) > (from_day, -p_tie)
			ORDER BY coalesce(v.valid_until, 'infinity'), v.id OFFSET p_budget - 1 LIMIT 1) END;
END $$;

-- The first p_n ids after (key, tie), at most.  Of N vacancies a share s fits: walking takes
-- p_n / s rows, gathering s * N, so from s = sqrt(p_n / N) on walking is the shorter way.  Without
-- a code or a word there is nothing to gather by: then `last_seen` is where a walk stopped that
-- did not find them, and more may follow.
CREATE OR REPLACE FUNCTION ledger.find_vacancies(q ledger.vacancy_query, p_sort text, p_key bigint,
	p_tie bigint, p_n int, OUT ids bigint[], OUT last_seen bigint)
LANGUAGE plpgsql STABLE AS $$
DECLARE
	first_look CONSTANT int := 200;
	gathered   CONSTANT int := 4000;
	bounded    CONSTANT int := 20000;
	walked     CONSTANT int := 60000;
	everything CONSTANT bigint := 1000000000;
	rows       CONSTANT real := (SELECT greatest(c.reltuples, 100) FROM pg_class c
		WHERE c.oid = 'ledger.vacancy'::regclass);
	hits       int;
	n          bigint;
BEGIN
	ids := ledger.walk_vacancies(q, p_sort, p_key, p_tie, p_n, first_look);
	hits := cardinality(ids);
	IF hits < p_n AND hits > 2 AND hits >= first_look * sqrt(p_n / rows) THEN
		ids := ledger.walk_vacancies(q, p_sort, p_key, p_tie, p_n,
			2 * p_n * first_look / hits + 1000);
	END IF;
	IF cardinality(ids) = p_n THEN
		RETURN;
	END IF;
	IF cardinality(q.terms) > 0 THEN
		SELECT g.ids, g.n INTO ids, n
			FROM ledger.gather_vacancies(q, p_sort, p_key, p_tie, p_n, gathered) g;
		IF n < gathered THEN
			RETURN;
		END IF;
	END IF;
	ids := ledger.bounded_vacancies(q, p_sort, p_key, p_tie, p_n, bounded);
	IF ids IS NOT NULL THEN
		RETURN;
	END IF;
	ids := ledger.walk_vacancies(q, p_sort, p_key, p_tie, p_n, walked);
	IF cardinality(ids) < p_n AND cardinality(q.terms) = 0 THEN
		last_seen := ledger.walks_to(q, p_sort, p_key, p_tie, walked);
	ELSIF cardinality(ids) < p_n THEN
		SELECT g.ids INTO ids
			FROM ledger.gather_vacancies(q, p_sort, p_key, p_tie, p_n, everything) g;
	END IF;
END $$;

-- A search's first p_n vacancies that nobody was ever referred to, of the next 20,000 that it
-- finds.  When there are fewer among these and more to look at, `last_seen` is where it stopped.
CREATE OR REPLACE FUNCTION ledger.unreferred_vacancies(q ledger.vacancy_query, p_sort text,
	p_key bigint, p_tie bigint, p_n int, OUT ids bigint[], OUT last_seen bigint)
LANGUAGE plpgsql STABLE AS $$
DECLARE
	step int;
	stop bigint;
	page bigint[];
BEGIN
	ids := '{}';
	FOREACH step IN ARRAY '{200,20000}'::int[] LOOP
		SELECT f.ids, f.last_seen INTO page, stop
			FROM ledger.find_vacancies(q, p_sort, p_key, p_tie, step) f;
		ids := ids || ARRAY(SELECT x.id FROM unnest(page) WITH ORDINALITY x(id, n)
			WHERE NOT EXISTS (SELECT FROM ledger.referral r
				WHERE r.city = q.city AND r.vacancy = x.id OFFSET 0) ORDER BY x.n);
		last_seen := CASE WHEN cardinality(ids) < p_n THEN coalesce(stop, page[step]) END;
		EXIT WHEN last_seen IS NULL OR stop IS NOT NULL;
		SELECT ledger.vacancy_key(p_sort, v.posted_on, v.pay_max_month, v.valid_until),
				CASE p_sort WHEN 'closing' THEN -v.id ELSE v.id END INTO p_key, p_tie
			FROM ledger.vacancy v WHERE v.city = q.city AND v.id = last_seen;
	END LOOP;
	ids := ids[1:p_n];
END $$;
