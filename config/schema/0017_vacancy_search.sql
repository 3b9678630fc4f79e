-- Searching the open vacancies: by codes, by pay, by words.
--
-- A vacancy's text is kept folded (`words`), and one GIN index holds what narrows a search:
-- the pairs of neighbouring letters of that text, which finds Chinese words of two
-- characters too, and the codes that stand above the vacancy.  The surprising thing: no
-- page hangs on an estimate.  It is first looked for by walking 200 rows of the order's own
-- index; what that finds says whether to walk on or to ask the GIN index, and either is
-- stopped when it has taken more than the other would.

ALTER TABLE ledger.vacancy ADD COLUMN duties text NOT NULL DEFAULT '';
ALTER TYPE ledger.coded_line ADD ATTRIBUTE duties text;

-- Text as it is compared: compatibility forms (full width, ligatures) and case are gone.
CREATE FUNCTION ledger.folded(p_text text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT lower(normalize(p_text, NFKC))
$$;

ALTER TABLE ledger.vacancy ADD COLUMN words text NOT NULL GENERATED ALWAYS AS (
	ledger.folded(title || chr(10) || duties || chr(10) || employer_name)) STORED;

-- Pairs of neighbouring letters of a folded text, each a number below 2^42.  Punctuation and
-- space part letters: after folding they are ASCII, or in two blocks.
CREATE FUNCTION ledger.letter_pairs(p_folded text) RETURNS bigint[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
	letter text;
	was    bigint := 0;
	at     bigint;
	pairs  bigint[] := '{}';
BEGIN
	FOREACH letter IN ARRAY string_to_array(p_folded, NULL) LOOP
		at := ascii(letter);
		IF at BETWEEN 97 AND 122 OR at BETWEEN 48 AND 57
				OR at > 191 AND at NOT BETWEEN 8192 AND 8303 AND at NOT BETWEEN 12288 AND 12351 THEN
			IF was > 0 THEN
				pairs := pairs || (was << 21 | at);
			END IF;
			was := at;
		ELSE
			was := 0;
		END IF;
	END LOOP;
	RETURN pairs;
END $$;

-- The codes a vacancy can be asked for by, as numbers above every pair's: its occupation and
-- the groups above it, its place and the divisions above, and what is not usual about it.
CREATE FUNCTION ledger.occupation_term(p_node int) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT 1::bigint << 50 | p_node $$;

CREATE FUNCTION ledger.place_term(p_node bigint) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT 2::bigint << 50 | p_node $$;

CREATE FUNCTION ledger.trait_term(p_kind int, p_value int) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT 3::bigint << 50 | p_kind << 8 | p_value $$;

CREATE FUNCTION ledger.vacancy_terms(p_words text, p_occupation int, p_place bigint, p_form int,
	p_shift int, p_reserved boolean)
RETURNS bigint[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
	terms bigint[] := ledger.letter_pairs(p_words) || ARRAY[
		1::bigint << 50 | p_occupation, 1::bigint << 50 | p_occupation / 100 * 100,
		1::bigint << 50 | p_occupation / 10000 * 10000,
		1::bigint << 50 | p_occupation / 1000000 * 1000000,
		2::bigint << 50 | p_place, 2::bigint << 50 | p_place / 1000 * 1000,
		2::bigint << 50 | p_place / 1000000 * 1000000];
BEGIN
	IF p_form <> 1 THEN
		terms := terms || ledger.trait_term(1, p_form);
	END IF;
	IF p_shift <> 1 THEN
		terms := terms || ledger.trait_term(2, p_shift);
	END IF;
	IF p_reserved THEN
		terms := terms || ledger.trait_term(3, 1);
	END IF;
	RETURN terms;
END $$;

-- What was not merged yet is read by every search, and merging it makes one filing wait: some
-- 1,300 vacancies at a time cost a search half a millisecond and that filing 50.
CREATE INDEX vacancy_terms ON ledger.vacancy USING gin
	(ledger.vacancy_terms(words, occupation, place, form, shift, reserved))
	WITH (gin_pending_list_limit = 2048) WHERE open;
CREATE INDEX vacancy_posted ON ledger.vacancy (city, posted_on, id) WHERE open;
CREATE INDEX vacancy_pay ON ledger.vacancy (city, pay_max_month, id) WHERE open;
DROP INDEX ledger.vacancy_ends;
CREATE INDEX vacancy_ends ON ledger.vacancy (city, (coalesce(valid_until, 'infinity')), id)
	WHERE open;

-- A question, coded: bounds that stand open when they were not asked for.
CREATE TYPE ledger.vacancy_query AS (
	city            int,
	occupation_from int,
	occupation_to   int,
	place_from      bigint,
	place_to        bigint,
	pay             int,
	education       int,
	forms           int,
	shifts          int,
	reserved        int,
	since           date,
	patterns        text[],
	whole           text[],
	terms           bigint[]
);

-- Every condition but `city` and `open`.  One expression, so that it becomes part of the
-- statement that calls it.
CREATE FUNCTION ledger.vacancy_fits(q ledger.vacancy_query, filled int, posts int,
	occupation int, place bigint, pay_max_month int, education_rank int, form int, shift int,
	reserved boolean, posted_on date, words text)
RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT filled < posts AND occupation BETWEEN q.occupation_from AND q.occupation_to
		AND place BETWEEN q.place_from AND q.place_to AND pay_max_month >= q.pay
		AND education_rank <= q.education AND form & q.forms <> 0 AND shift & q.shifts <> 0
		AND reserved::int + 1 & q.reserved <> 0 AND posted_on >= q.since
		AND words LIKE ALL (q.patterns) AND words ~ ALL (q.whole)
$$;

-- One word of a search: the pattern it is found by, the expression that keeps a latin word
-- whole (NULL: it is not latin at either end), and its pairs.
CREATE FUNCTION ledger.word_conditions(p_word text, OUT pattern text, OUT whole text,
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
CREATE FUNCTION ledger.search_words(p_q text, OUT words text[], OUT fault jsonb)
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
CREATE FUNCTION ledger.vacancy_key(p_sort text, posted_on date, pay_max_month int,
	valid_until date)
RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT CASE p_sort WHEN 'posted' THEN posted_on - DATE '2000-01-01' WHEN 'pay'
		THEN pay_max_month ELSE -ledger.day_number(valid_until) END::bigint
$$;

CREATE FUNCTION ledger.day_of_number(p_number bigint) RETURNS date
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT CASE WHEN p_number >= 2147483647 THEN 'infinity'
		ELSE DATE '2000-01-01' + least(greatest(p_number, -700000), 2900000)::int END
$$;

-- Up to p_n ids that fit among the next p_budget rows of the order.
CREATE FUNCTION ledger.walk_vacancies(q ledger.vacancy_query, p_sort text, p_key bigint,
	p_tie bigint, p_n int, p_budget bigint)
RETURNS bigint[]
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
DECLARE
	from_day date := ledger.day_of_number(CASE p_sort WHEN 'closing' THEN -p_key ELSE p_key END);
BEGIN
	IF p_sort = 'posted' THEN
		RETURN ARRAY(SELECT w.id FROM (SELECT v.id, v.filled, v.posts, v.occupation, v.place,
				v.pay_max_month, v.education_rank, v.form, v.shift, v.reserved, v.posted_on, v.words
				FROM ledger.vacancy v
				WHERE v.city = q.city AND v.open AND v.posted_on >= q.since
				  AND (v.posted_on, v.id) < (from_day, p_tie)
				ORDER BY v.posted_on DESC, v.id DESC LIMIT p_budget) w
			WHERE ledger.vacancy_fits(q, w.filled, w.posts, w.occupation, w.place,
				w.pay_max_month, w.education_rank, w.form, w.shift, w.reserved, w.posted_on,
				w.words) LIMIT p_n);
	ELSIF p_sort = 'pay' THEN
		RETURN ARRAY(SELECT w.id FROM (SELECT v.id, v.filled, v.posts, v.occupation, v.place,
				v.pay_max_month, v.education_rank, v.form, v.shift, v.reserved, v.posted_on, v.words
				FROM ledger.vacancy v
				WHERE v.city = q.city AND v.open AND v.pay_max_month >= q.pay
				  AND (v.pay_max_month, v.id) < (p_key, p_tie)
				ORDER BY v.pay_max_month DESC, v.id DESC LIMIT p_budget) w
			WHERE ledger.vacancy_fits(q, w.filled, w.posts, w.occupation, w.place,
				w.pay_max_month, w.education_rank, w.form, w.shift, w.reserved, w.posted_on,
				w.words) LIMIT p_n);
	ELSE
		RETURN ARRAY(SELECT w.id FROM (SELECT v.id, v.filled, v.posts, v.occupation, v.place,
				v.pay_max_month, v.education_rank, v.form, v.shift, v.reserved, v.posted_on, v.words
				FROM ledger.vacancy v
				WHERE v.city = q.city AND v.open
				  AND (coalesce(v.valid_until, 'infinity'), v.id) > (from_day, -p_tie)
				ORDER BY coalesce(v.valid_until, 'infinity'), v.id LIMIT p_budget) w
			WHERE ledger.vacancy_fits(q, w.filled, w.posts, w.occupation, w.place,
				w.pay_max_month, w.education_rank, w.form, w.shift, w.reserved, w.posted_on,
				w.words) LIMIT p_n);
	END IF;
END $$;

-- The first p_n ids after (key, tie) of the vacancies that carry the terms, and how many of
-- these were looked at: when p_budget were, there may be more, and the ids are not the first.
CREATE FUNCTION ledger.gather_vacancies(q ledger.vacancy_query, p_sort text, p_key bigint,
	p_tie bigint, p_n int, p_budget bigint, OUT ids bigint[], OUT n bigint)
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_indexscan = off AS $$
DECLARE
	turn int := CASE p_sort WHEN 'closing' THEN -1 ELSE 1 END;
BEGIN
	WITH carriers AS MATERIALIZED (
		SELECT v.id, ledger.vacancy_key(p_sort, v.posted_on, v.pay_max_month, v.valid_until) AS key,
			ledger.vacancy_fits(q, v.filled, v.posts, v.occupation, v.place, v.pay_max_month,
				v.education_rank, v.form, v.shift, v.reserved, v.posted_on, v.words) AS fits
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
-- the order does not go by; else NULL.  How many are beyond a bound the planner knows well.
CREATE FUNCTION ledger.bounded_vacancies(q ledger.vacancy_query, p_sort text, p_key bigint,
	p_tie bigint, p_n int, p_budget bigint)
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
			v.education_rank, v.form, v.shift, v.reserved, v.posted_on, v.words))
		SELECT f.id FROM found f ORDER BY f.key DESC, f.id * turn DESC LIMIT p_n);
END $$;

-- The employer's vacancies are few: no order's index is needed, and closed ones are shown to
-- those who may read them.
CREATE FUNCTION ledger.employer_vacancies(q ledger.vacancy_query, who api.caller, p_employer text,
	p_state text, p_sort text, p_key bigint, p_tie bigint, p_n int)
RETURNS bigint[]
LANGUAGE plpgsql STABLE AS $$
DECLARE
	turn int := CASE p_sort WHEN 'closing' THEN -1 ELSE 1 END;
BEGIN
	RETURN ARRAY(SELECT v.id FROM ledger.employer e
		JOIN ledger.vacancy v ON v.city = e.city AND v.employer = e.id
		WHERE e.city = q.city AND e.code = p_employer
		  AND (p_state <> 'open' OR v.open AND v.filled < v.posts)
		  AND (p_state <> 'closed' OR NOT v.open)
		  AND (v.open OR who.role = 8 OR e.code = ANY (who.employers)
			OR who.role = 4 AND ledger.in_scope(who.scope, v.place))
		  AND (ledger.vacancy_key(p_sort, v.posted_on, v.pay_max_month, v.valid_until),
			v.id * turn) < (p_key, p_tie)
		  AND ledger.vacancy_fits(q, 0, 1, v.occupation, v.place, v.pay_max_month,
			v.education_rank, v.form, v.shift, v.reserved, v.posted_on, v.words)
		ORDER BY ledger.vacancy_key(p_sort, v.posted_on, v.pay_max_month, v.valid_until) DESC,
			v.id * turn DESC LIMIT p_n);
END $$;

-- The first p_n ids after (key, tie), at most.  Of N vacancies a share s fits: walking takes
-- p_n / s rows, gathering s * N, so from s = sqrt(p_n / N) on walking is the shorter way.
CREATE FUNCTION ledger.find_vacancies(q ledger.vacancy_query, p_sort text, p_key bigint,
	p_tie bigint, p_n int)
RETURNS bigint[]
LANGUAGE plpgsql STABLE AS $$
DECLARE
	first_look CONSTANT int := 200;
	gathered   CONSTANT int := 4000;
	bounded    CONSTANT int := 20000;
	walked     CONSTANT int := 60000;
	everything CONSTANT bigint := 1000000000;
	rows       CONSTANT real := (SELECT greatest(c.reltuples, 100) FROM pg_class c
		WHERE c.oid = 'ledger.vacancy'::regclass);
	ids        bigint[] := ledger.walk_vacancies(q, p_sort, p_key, p_tie, p_n, first_look);
	hits       int := cardinality(ids);
	n          bigint;
BEGIN
	IF hits < p_n AND hits > 2 AND hits >= first_look * sqrt(p_n / rows) THEN
		ids := ledger.walk_vacancies(q, p_sort, p_key, p_tie, p_n,
			2 * p_n * first_look / hits + 1000);
	END IF;
	IF cardinality(ids) = p_n THEN
		RETURN ids;
	END IF;
	IF cardinality(q.terms) > 0 THEN
		SELECT g.ids, g.n INTO ids, n
			FROM ledger.gather_vacancies(q, p_sort, p_key, p_tie, p_n, gathered) g;
		IF n < gathered THEN
			RETURN ids;
		END IF;
	END IF;
	ids := ledger.bounded_vacancies(q, p_sort, p_key, p_tie, p_n, bounded);
	IF ids IS NOT NULL THEN
		RETURN ids;
	END IF;
	ids := ledger.walk_vacancies(q, p_sort, p_key, p_tie, p_n,
		CASE WHEN cardinality(q.terms) > 0 THEN walked ELSE everything END);
	IF cardinality(ids) = p_n OR cardinality(q.terms) = 0 THEN
		RETURN ids;
	END IF;
	SELECT g.ids INTO ids
		FROM ledger.gather_vacancies(q, p_sort, p_key, p_tie, p_n, everything) g;
	RETURN ids;
END $$;

-- Codes and choices as people write them.
CREATE FUNCTION ledger.occupation_text(p_code int) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT to_char(p_code, 'FM9"-"00"-"00"-"00')
$$;

CREATE FUNCTION ledger.education_name(p_rank int) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT ('{other,primary,junior_high,senior_high,junior_college,bachelor,postgraduate}'
		::text[])[p_rank]
$$;

CREATE FUNCTION ledger.shift_name(p_shift int) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT CASE p_shift WHEN 1 THEN 'day' WHEN 2 THEN 'evening' WHEN 4 THEN 'night'
		ELSE 'rotating' END
$$;

CREATE FUNCTION ledger.form_name(p_form int) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT CASE p_form WHEN 1 THEN 'full' ELSE 'part' END
$$;

-- Vacancies in this order, as a list shows them.
CREATE FUNCTION ledger.vacancy_items(p_city int, p_ids bigint[]) RETURNS json
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
BEGIN
	RETURN coalesce((SELECT json_agg(json_build_object('vacancy', v.id::text, 'title', v.title,
			'occupation', ledger.occupation_text(v.occupation), 'employer', e.code,
			'employer_name', v.employer_name, 'district', v.district, 'place', v.place::text,
			'pay', v.pay_text, 'pay_min_month_fen', nullif(v.pay_min_month, 0),
			'pay_max_month_fen', v.pay_max_month, 'education',
			ledger.education_name(v.education_rank), 'experience_months', v.experience_months,
			'shift', ledger.shift_name(v.shift), 'form', ledger.form_name(v.form), 'reserved',
			v.reserved, 'state', CASE WHEN v.open THEN 'open' ELSE 'closed' END, 'posts', v.posts,
			'open_posts', v.posts - v.filled, 'posted_on', v.posted_on, 'valid_until', v.valid_until,
			'version', v.version) ORDER BY i.n)
		FROM unnest(p_ids) WITH ORDINALITY i(id, n)
		JOIN ledger.vacancy v ON v.city = p_city AND v.id = i.id
		JOIN ledger.employer e ON e.city = v.city AND e.id = v.employer), '[]');
END $$;

-- What facets count: p_most + 1 ids of the whole answer when there are so many, else all.
CREATE FUNCTION ledger.countable_vacancies(q ledger.vacancy_query, p_most int) RETURNS bigint[]
LANGUAGE plpgsql STABLE AS $$
DECLARE
	key CONSTANT bigint := 2147483647;
	tie CONSTANT bigint := 9223372036854775807;
	ids bigint[] := ledger.walk_vacancies(q, 'posted', key, tie, 21, 200);
BEGIN
	IF cardinality(ids) = 21 THEN
		ids := ledger.walk_vacancies(q, 'posted', key, tie, p_most + 1, 10 * p_most);
		IF cardinality(ids) > p_most THEN
			RETURN ids;
		END IF;
	END IF;
	ids := ledger.bounded_vacancies(q, 'closing', key, tie, p_most + 1, 20000);
	IF ids IS NULL AND cardinality(q.terms) > 0 THEN
		SELECT g.ids INTO ids
			FROM ledger.gather_vacancies(q, 'posted', key, tie, p_most + 1, 1000000000) g;
	END IF;
	RETURN coalesce(ids,
		ledger.walk_vacancies(q, 'posted', key, tie, p_most + 1, 1000000000));
END $$;

-- How many there are by kind, over at most p_most of them; when there are more, each number
-- is one that is reached at least.
CREATE FUNCTION ledger.vacancy_facets(p_city int, p_ids bigint[], p_most int,
	p_occupation_step int, p_place_step bigint)
RETURNS json
LANGUAGE sql STABLE AS $$
	SELECT json_build_object('counted', least(cardinality(p_ids), p_most),
		'at_least', cardinality(p_ids) > p_most,
		'occupation', coalesce(json_agg(json_build_object('code', left(
			ledger.occupation_text(o), CASE p_occupation_step WHEN 10000 THEN 4 WHEN 100 THEN 7 ELSE 10 END),
			'count', c) ORDER BY c DESC, o) FILTER (WHERE o IS NOT NULL), '[]'),
		'division', coalesce(json_agg(json_build_object('code', CASE p_place_step
			WHEN 1000000 THEN left(p::text, 6) WHEN 1000 THEN left(p::text, 9) ELSE p::text END,
			'count', c) ORDER BY c DESC, p) FILTER (WHERE p IS NOT NULL), '[]'),
		'form', coalesce(json_agg(json_build_object('code', ledger.form_name(f), 'count', c)
			ORDER BY f) FILTER (WHERE f IS NOT NULL), '[]'),
		'shift', coalesce(json_agg(json_build_object('code', ledger.shift_name(s), 'count', c)
			ORDER BY s) FILTER (WHERE s IS NOT NULL), '[]'),
		'reserved', coalesce(json_agg(json_build_object('code', r, 'count', c) ORDER BY r)
			FILTER (WHERE r IS NOT NULL), '[]'))
	FROM (SELECT v.occupation / p_occupation_step * p_occupation_step AS o,
			v.place / p_place_step * p_place_step AS p, v.form AS f, v.shift AS s,
			v.reserved AS r, count(*) AS c
		FROM unnest(p_ids[1:p_most]) i(id)
		JOIN ledger.vacancy v ON v.city = p_city AND v.id = i.id
		GROUP BY GROUPING SETS ((1), (2), (3), (4), (5))) x
$$;

-- p_query: occupation, division ("410105"), pay, education, forms, shifts, reserved, since, q,
-- employer, state, facets, unreferred; members left out stand open.
CREATE FUNCTION api.search_vacancies(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_query jsonb, p_sort text, p_limit int, p_key bigint, p_tie bigint)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET jit = off AS $$
DECLARE
	who      api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	refused  api.reply  := api.admit(who, 'vacancies.search');
	node     int        := coalesce((p_query->>'occupation')::int, 0);
	width    int        := CASE WHEN node = 0 THEN 10000000 WHEN node % 1000000 = 0 THEN 1000000
		WHEN node % 10000 = 0 THEN 10000 WHEN node % 100 = 0 THEN 100 ELSE 1 END;
	division text       := coalesce(p_query->>'division', '');
	low      bigint     := rpad(division, 12, '0')::bigint;
	span     bigint     := (10 ^ (12 - length(division)))::bigint;
	q        ledger.vacancy_query;
	found    record;
	word     record;
	counted CONSTANT int := 5000;
	state    text       := coalesce(p_query->>'state', 'open');
	ids      bigint[];
	facets   json;
	last     text[];
BEGIN
	IF refused.status IS NOT NULL THEN
		RETURN NEXT refused;
		RETURN;
	END IF;
	q.city := p_city;
	q.occupation_from := node;
	q.occupation_to := node + width - 1;
	q.place_from := low;
	q.place_to := low + span - 1;
	q.pay := coalesce((p_query->>'pay')::int, 0);
	q.education := coalesce((p_query->>'education')::int, 7);
	q.forms := coalesce((p_query->>'forms')::int, 3);
	q.shifts := coalesce((p_query->>'shifts')::int, 15);
	q.reserved := coalesce((p_query->>'reserved')::int, 3);
	q.since := coalesce((p_query->>'since')::date, '-infinity');
	q.patterns := '{}';
	q.whole := '{}';
	q.terms := '{}';
	IF node > 0 THEN
		q.terms := q.terms || ledger.occupation_term(node);
	END IF;
	IF length(division) > 4 THEN
		q.terms := q.terms || ledger.place_term(low);
	END IF;
	IF q.forms = 2 THEN
		q.terms := q.terms || ledger.trait_term(1, 2);
	END IF;
	IF q.shifts IN (2, 4, 8) THEN
		q.terms := q.terms || ledger.trait_term(2, q.shifts);
	END IF;
	IF q.reserved = 2 THEN
		q.terms := q.terms || ledger.trait_term(3, 1);
	END IF;
	IF p_query ? 'q' THEN
		found := ledger.search_words(p_query->>'q');
		IF found.fault IS NOT NULL THEN
			RETURN NEXT ledger.refuse_fault(found.fault);
			RETURN;
		END IF;
		FOR word IN SELECT c.* FROM unnest(found.words) w, ledger.word_conditions(w) c LOOP
			q.patterns := q.patterns || word.pattern;
			q.whole := q.whole || word.whole;
			q.terms := q.terms || word.pairs;
		END LOOP;
		q.whole := array_remove(q.whole, NULL);
	END IF;

	p_key := coalesce(p_key, 2147483647);
	p_tie := coalesce(p_tie, 9223372036854775807);
	IF p_query ? 'employer' THEN
		ids := ledger.employer_vacancies(q, who, p_query->>'employer',
			state, p_sort, p_key, p_tie, p_limit + 1);
	ELSIF p_query ? 'unreferred' THEN
		ids := ledger.unreferred_vacancies(q, p_sort, p_key, p_tie, p_limit + 1);
	ELSE
		ids := ledger.find_vacancies(q, p_sort, p_key, p_tie, p_limit + 1);
	END IF;
	IF cardinality(ids) > p_limit THEN
		SELECT ARRAY[ledger.vacancy_key(p_sort, v.posted_on, v.pay_max_month, v.valid_until),
				CASE p_sort WHEN 'closing' THEN -v.id ELSE v.id END]::text[]
			INTO last FROM ledger.vacancy v WHERE v.city = p_city AND v.id = ids[p_limit];
	END IF;
	IF p_query ? 'facets' THEN
		facets := ledger.vacancy_facets(p_city, CASE WHEN p_query ? 'employer'
			THEN ledger.employer_vacancies(q, who, p_query->>'employer', state, 'posted',
				2147483647, 9223372036854775807, counted + 1)
			ELSE ledger.countable_vacancies(q, counted) END, counted,
			CASE WHEN width >= 1000000 THEN 10000 WHEN width = 10000 THEN 100 ELSE 1 END,
			CASE WHEN span >= 100000000 THEN 1000000 WHEN span = 1000000 THEN 1000 ELSE 1 END);
	END IF;
	RETURN NEXT ROW('a', 200, 'ok', '{"items":' || ledger.vacancy_items(p_city, ids[1:p_limit])
		|| coalesce(',"facets":' || facets, '') || '}', NULL, NULL, NULL,
		coalesce(chr(31) || array_to_string(last, chr(31)), ''))::api.reply;
END $$;

-- A vacancy as it is; or, as of a day, the line that stood for it at that day's end, and its
-- state then (NULL: it was opened again since, and what it was before is not kept).
CREATE FUNCTION api.read_vacancy(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_id bigint, p_as_of date DEFAULT NULL)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who     api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	refused api.reply  := api.admit(who, 'vacancies.read');
	v       ledger.vacancy;
	s       ledger.vacancy_standing;
	owner   text;
	was     record;
BEGIN
	IF refused.status IS NOT NULL THEN
		RETURN NEXT refused;
		RETURN;
	END IF;
	IF p_as_of > ledger.today(p_city) THEN
		RETURN NEXT ledger.refuse_fault(ledger.fault('query/as_of', 'future', p_as_of::text,
			'at latest ' || ledger.today(p_city), 'The day is still to come.', '日期在将来。'));
		RETURN;
	END IF;
	SELECT * INTO v FROM ledger.vacancy WHERE city = p_city AND id = p_id;
	SELECT e.code INTO owner FROM ledger.employer e WHERE e.city = p_city AND e.id = v.employer;
	IF v.id IS NULL OR NOT (v.open OR who.role = 8 OR owner = ANY (who.employers)
			OR who.role = 4 AND ledger.in_scope(who.scope, v.place)) THEN
		RETURN NEXT api.refuse(404, 'not-found');
		RETURN;
	END IF;
	IF p_as_of IS NOT NULL THEN
		SELECT r.quarter, n.received_at, l.filed INTO was FROM ledger.return r
			JOIN ledger.return_line l ON l.city = r.city AND l.return = r.id AND l.ref = v.ref
			JOIN ledger.return_version n ON n.city = r.city AND n.return = r.id
				AND n.version = l.version_from
			WHERE r.city = p_city AND r.employer = v.employer AND r.district = v.district
			  AND n.received_at < (p_as_of + 1)::timestamp AT TIME ZONE 'Asia/Shanghai'
			ORDER BY r.quarter DESC, l.version_from DESC LIMIT 1;
		RETURN NEXT CASE WHEN was.filed IS NULL THEN api.refuse(404, 'not-found')
			ELSE api.answer(200, jsonb_build_object('vacancy', v.id::text, 'employer', owner,
				'district', v.district, 'ref', v.ref, 'as_of', p_as_of, 'quarter', was.quarter,
				'filed_at', ledger.instant(was.received_at), 'state',
				CASE WHEN v.closed_on <= p_as_of THEN 'closed'
					WHEN v.posted_on <= p_as_of THEN 'open' END, 'line', was.filed)) END;
		RETURN;
	END IF;
	SELECT * INTO s FROM ledger.vacancy_standing WHERE city = p_city AND vacancy = p_id;
	RETURN NEXT (SELECT api.answer(200, (ledger.vacancy_items(p_city, ARRAY[p_id])->0)::jsonb
			|| jsonb_build_object('ref', v.ref, 'quarter', s.quarter, 'closed_reason',
			v.closed_reason, 'closed_on', v.closed_on, 'filled', v.filled, 'confirmed_on',
			s.confirmed_on, 'lapses_on', s.lapses_on, 'line', l.filed))
		FROM ledger.return_line l WHERE l.city = p_city AND l.id = s.line);
	IF s.contact IS NOT NULL AND (who.role IN (2, 4) OR owner = ANY (who.employers)) THEN
		RETURN NEXT ROW('x', NULL, NULL, NULL, v.id, NULL, s.contact, 'contact')::api.reply;
	END IF;
END $$;

REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA api, ops, ledger FROM PUBLIC;
