-- Vacancies as they are read: the pages of a search with their counts, and one.

-- Codes and choices as people write them.
CREATE OR REPLACE FUNCTION ledger.occupation_text(p_code int) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT to_char(p_code, 'FM9"-"00"-"00"-"00')
$$;

CREATE OR REPLACE FUNCTION ledger.education_class(p_rank int) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT ('{90,80,70,60,30,20,10}'::text[])[p_rank]
$$;

CREATE OR REPLACE FUNCTION ledger.shift_name(p_shift int) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT CASE p_shift WHEN 1 THEN 'day' WHEN 2 THEN 'evening' WHEN 4 THEN 'night'
		ELSE 'rotating' END
$$;

CREATE OR REPLACE FUNCTION ledger.form_name(p_form int) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT CASE p_form WHEN 1 THEN 'full' ELSE 'part' END
$$;

-- Vacancies in this order, as a list shows them.
CREATE OR REPLACE FUNCTION ledger.vacancy_items(p_city int, p_ids bigint[]) RETURNS json
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
DECLARE
	today date := ledger.today(p_city);
BEGIN
	RETURN coalesce((SELECT json_agg(json_build_object('vacancy', v.id::text, 'title', v.title,
			'occupation', ledger.occupation_text(v.occupation), 'employer', e.code,
			'code_recognised', ledger.is_recognised(e.code),
			'employer_name', v.employer_name, 'district', v.district, 'place', v.place::text,
			'pay', v.pay_text, 'pay_min_month_fen', nullif(v.pay_min_month, 0),
			'pay_max_month_fen', nullif(v.pay_max_month, 0), 'education',
			ledger.education_class(v.education_rank), 'experience_months', v.experience_months,
			'shift', ledger.shift_name(v.shift), 'form', ledger.form_name(v.form), 'reserved',
			v.reserved, 'state', CASE WHEN ledger.is_open(v.open, v.valid_until, today) THEN 'open'
			ELSE 'closed' END, 'posts', v.posts,
			'open_posts', v.posts - v.filled, 'posted_on', v.posted_on, 'valid_until', v.valid_until,
			'version', v.version) ORDER BY i.n)
		FROM unnest(p_ids) WITH ORDINALITY i(id, n)
		JOIN ledger.vacancy v ON v.city = p_city AND v.id = i.id
		JOIN ledger.employer e ON e.city = v.city AND e.id = v.employer), '[]');
END $$;

-- What facets count: p_most + 1 ids of the whole answer, whichever, when there are so many; else
-- all; or, without a code or a word to find them by, those of the 60,000 newest.  `at_least`: there
-- may be more.
CREATE OR REPLACE FUNCTION ledger.countable_vacancies(q ledger.vacancy_query, p_most int,
	OUT ids bigint[], OUT at_least boolean)
LANGUAGE plpgsql STABLE AS $$
DECLARE
	key CONSTANT bigint := 2147483647;
	tie CONSTANT bigint := 9223372036854775807;
BEGIN
	ids := ledger.walk_vacancies(q, 'posted', key, tie, 21, 200);
	IF cardinality(ids) = 21 THEN
		ids := ledger.walk_vacancies(q, 'posted', key, tie, p_most + 1, 10 * p_most);
		at_least := cardinality(ids) > p_most;
		IF at_least THEN
			RETURN;
		END IF;
	END IF;
	ids := ledger.bounded_vacancies(q, 'closing', key, tie, p_most + 1, 20000);
	IF ids IS NULL AND cardinality(q.terms) > 0 THEN
		ids := ledger.some_vacancies(q, p_most + 1);
	END IF;
	IF ids IS NULL THEN
		ids := ledger.walk_vacancies(q, 'posted', key, tie, p_most + 1, 60000);
		at_least := cardinality(ids) > p_most
			OR ledger.walks_to(q, 'posted', key, tie, 60000) IS NOT NULL;
	ELSE
		at_least := cardinality(ids) > p_most;
	END IF;
END $$;

-- How many there are by kind, over at most p_most of them; when there are more, each number
-- is one that is reached at least.
CREATE OR REPLACE FUNCTION ledger.vacancy_facets(p_city int, p_ids bigint[], p_at_least boolean,
	p_most int, p_occupation_step int, p_place_step bigint)
RETURNS json
LANGUAGE sql STABLE AS $$
	SELECT json_build_object('counted', least(cardinality(p_ids), p_most),
		'at_least', p_at_least,
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
CREATE OR REPLACE FUNCTION api.search_vacancies(p_city int, p_kid text, p_hash bytea, p_actor text,
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
	at       bigint;
	counts   bigint[];
	more     boolean;
	facets   json;
	last     text[];
BEGIN
	IF refused.status IS NOT NULL THEN
		RETURN NEXT refused;
		RETURN;
	END IF;
	q.city := p_city;
	q.today := ledger.today(p_city);
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
		SELECT u.ids, u.last_seen INTO ids, at
			FROM ledger.unreferred_vacancies(q, p_sort, p_key, p_tie, p_limit + 1) u;
	ELSE
		SELECT f.ids, f.last_seen INTO ids, at
			FROM ledger.find_vacancies(q, p_sort, p_key, p_tie, p_limit + 1) f;
	END IF;
	IF cardinality(ids) > p_limit THEN
		at := ids[p_limit];
	END IF;
	SELECT ARRAY[ledger.vacancy_key(p_sort, v.posted_on, v.pay_max_month, v.valid_until),
			CASE p_sort WHEN 'closing' THEN -v.id ELSE v.id END]::text[]
		INTO last FROM ledger.vacancy v WHERE v.city = p_city AND v.id = at;
	IF p_query ? 'facets' THEN
		IF p_query ? 'employer' THEN
			counts := ledger.employer_vacancies(q, who, p_query->>'employer', state, 'posted',
				2147483647, 9223372036854775807, counted + 1);
			more := cardinality(counts) > counted;
		ELSE
			SELECT c.ids, c.at_least INTO counts, more
				FROM ledger.countable_vacancies(q, counted) c;
		END IF;
		facets := ledger.vacancy_facets(p_city, counts, more, counted,
			CASE WHEN width >= 1000000 THEN 10000 WHEN width = 10000 THEN 100 ELSE 1 END,
			CASE WHEN span >= 100000000 THEN 1000000 WHEN span = 1000000 THEN 1000 ELSE 1 END);
	END IF;
	RETURN NEXT ROW('a', 200, 'ok', '{"items":' || ledger.vacancy_items(p_city, ids[1:p_limit])
		|| coalesce(',"facets":' || facets, '') || '}', NULL, NULL, NULL,
		coalesce(chr(31) || array_to_string(last, chr(31)), ''))::api.reply;
END $$;

-- A vacancy as it is; or, as of a day, the line that stood for it at that day's end, and whether it
-- was closed then.
CREATE OR REPLACE FUNCTION api.read_vacancy(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_id bigint, p_as_of date DEFAULT NULL)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who     api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	refused api.reply  := api.admit(who, 'vacancies.read');
	v       ledger.vacancy;
	s       ledger.vacancy_standing;
	line    ledger.return_line;
	owner   text;
	was     record;
	shut    record;
BEGIN
	IF refused.status IS NOT NULL THEN
		RETURN NEXT refused;
		RETURN;
	END IF;
	SELECT * INTO v FROM ledger.vacancy WHERE city = p_city AND id = p_id;
	SELECT e.code INTO owner FROM ledger.employer e WHERE e.city = p_city AND e.id = v.employer;
	IF v.id IS NULL OR NOT (ledger.is_open(v.open, v.valid_until, ledger.today(p_city)) OR ledger.speaks_as(who, owner)
			OR who.role IN (4, 8) AND ledger.in_scope(who.scope, v.place)) THEN
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
		SELECT c.closed_on, c.closed_reason INTO shut
			FROM (SELECT coalesce(v.closed_on, v.valid_until + 1) AS closed_on,
					coalesce(v.closed_reason, 'expired') AS closed_reason,
					'infinity'::date AS until_on
				UNION ALL SELECT p.closed_on, p.closed_reason, p.until_on FROM ledger.vacancy_past p
				WHERE p.city = p_city AND p.vacancy = p_id) c
			WHERE c.closed_on <= p_as_of AND p_as_of < c.until_on;
		RETURN NEXT CASE WHEN was.filed IS NULL
				THEN ledger.missing('query/as_of', p_as_of::text)
			ELSE api.answer(200, jsonb_build_object('vacancy', v.id::text, 'employer', owner,
				'code_recognised', ledger.is_recognised(owner), 'district', v.district, 'ref', v.ref, 'as_of', p_as_of, 'quarter', was.quarter,
				'filed_at', ledger.instant(was.received_at), 'state',
				CASE WHEN shut.closed_on IS NULL THEN 'open' ELSE 'closed' END,
				'closed_on', shut.closed_on, 'closed_reason', shut.closed_reason,
				'line', was.filed)) END;
		RETURN;
	END IF;
	SELECT * INTO s FROM ledger.vacancy_standing WHERE city = p_city AND vacancy = p_id;
	SELECT * INTO line FROM ledger.return_line l WHERE l.city = p_city AND l.id = s.line;
	RETURN NEXT api.answer(200, (ledger.vacancy_items(p_city, ARRAY[p_id])->0)::jsonb
		|| jsonb_build_object('ref', v.ref, 'quarter', s.quarter, 'closed_reason',
		coalesce(v.closed_reason, CASE WHEN v.valid_until < ledger.today(p_city) THEN 'expired' END),
		'closed_on', coalesce(v.closed_on, CASE WHEN v.valid_until < ledger.today(p_city)
			THEN v.valid_until + 1 END), 'filled', v.filled, 'confirmed_on',
		s.confirmed_on, 'lapses_on', s.lapses_on, 'line', line.filed));
	IF line.contact IS NOT NULL AND (who.role IN (2, 4) OR ledger.speaks_as(who, owner)) THEN
		RETURN NEXT ROW('x', NULL, NULL, NULL, v.id, NULL, line.contact, 'contact')::api.reply;
	END IF;
END $$;

-- rules/closed
CREATE OR REPLACE FUNCTION ledger.refuse_closed(v ledger.vacancy) RETURNS api.reply
LANGUAGE sql STABLE AS $$
	SELECT api.refuse(409, 'vacancy-closed', jsonb_build_object('closed_on',
		CASE WHEN (v).open THEN (v).valid_until + 1 ELSE (v).closed_on END))
$$;
