-- Finding seekers: one by citizen number, many by what a bureau filters for.
--
-- A list holds pseudonyms and codes and is no look at anybody's file; finding by number is
-- one, and is written down.  Somebody of another bureau's scope takes the same look-ups and
-- gives the same answer as nobody at all.

-- A wish as it was told: 4-07-05-01, or the group 4-07-05 or 4-07.
CREATE OR REPLACE FUNCTION ledger.wish_text(p_code int) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT left(to_char(p_code, 'FM9"-"00"-"00"-"00'),
		CASE WHEN p_code % 10000 = 0 THEN 4 WHEN p_code % 100 = 0 THEN 7 ELSE 10 END)
$$;

CREATE OR REPLACE FUNCTION api.find_seeker(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_idem text, p_req bytea, p_blind bytea)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who   api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	a     api.reply  := api.admit_once(who, 'seekers.find', p_idem, p_req);
	found bigint;
	s     ledger.seeker;
BEGIN
	IF a.status IS NOT NULL THEN
		RETURN NEXT a;
		RETURN;
	END IF;
	-- Nobody's number looks for the id 0, so that it costs what somebody's costs.
	found := coalesce((SELECT p.id FROM ledger.person p
		WHERE p.city = p_city AND p.blind = p_blind), 0);
	SELECT * INTO s FROM ledger.seeker x
		WHERE x.city = p_city AND x.id = ledger.survivor(p_city, found);
	IF s.id IS NULL OR NOT ledger.in_scope(who.scope, s.community) THEN
		a := ledger.missing('/citizen_number', '(not shown)');
	ELSE
		PERFORM ledger.note_look(who, s.id, 'find_seeker');
		a := api.answer(200, jsonb_build_object('seeker', ledger.seeker_text(s.id),
			'state', ledger.seeker_state(s), 'community', s.community::text,
			'merged_from', CASE WHEN found <> s.id THEN ledger.seeker_text(found) END));
	END IF;
	RETURN QUERY SELECT * FROM api.keep(who, p_idem, 'seeker/' || ledger.seeker_text(s.id), a);
END $$;

-- A page looks at no more than 20,000 people, in their order: with a rare filter it may be
-- short, or empty, and the cursor goes on from where it stopped.
-- Planned for each call, in which a filter that was not asked for is no condition at all.
-- p_place is a prefix of divisions.  An occupation takes its whole subtree, and the groups
-- above it: who would take anything of a group would take this.
CREATE OR REPLACE FUNCTION api.list_seekers(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_state text, p_rank int, p_place text, p_occupation int, p_waiting_before date,
	p_unoffered boolean, p_limit int, p_after_day date, p_after_id text)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
	SET plan_cache_mode = force_custom_plan SET jit = off SET enable_seqscan = off
	SET enable_bitmapscan = off AS $$
DECLARE
	who   api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	a     api.reply  := api.admit(who, 'seekers.list');
	bound text;
	low   bigint;
	high  bigint;
	after bigint := coalesce(ledger.seeker_id(p_after_id), 0);
	reach int := 20000;
	last  int := p_occupation + CASE WHEN p_occupation % 10000 = 0 THEN 9999
		WHEN p_occupation % 100 = 0 THEN 99 ELSE 0 END;
	above int[] := ARRAY[p_occupation / 100 * 100, p_occupation / 10000 * 10000];
	items jsonb[];
	days  date[];
	ids   bigint[];
BEGIN
	IF a.status IS NOT NULL THEN
		RETURN NEXT a;
		RETURN;
	END IF;
	bound := ledger.narrower(who.scope, coalesce(p_place, who.scope));
	low := ledger.scope_from(bound);
	high := ledger.scope_to(bound);
	SELECT array_agg(x.item ORDER BY x.waiting_since, x.id),
			array_agg(x.waiting_since ORDER BY x.waiting_since, x.id),
			array_agg(x.id ORDER BY x.waiting_since, x.id)
		INTO items, days, ids
		FROM (SELECT s.id, s.waiting_since, jsonb_build_object(
				'seeker', ledger.seeker_text(s.id), 'state', ledger.seeker_state(s),
				'rank', 'P' || s.rank, 'rank_reason', s.rank_reason,
				'age_class', ledger.age_class_name(s.age_class),
				'community', s.community::text, 'waiting_since', s.waiting_since,
				'wishes', (SELECT jsonb_agg(ledger.wish_text(w) ORDER BY n)
					FROM unnest(s.wishes) WITH ORDINALITY u(w, n)),
				'offered', o.offered, 'version', s.version) AS item
			FROM (SELECT * FROM ledger.seeker w WHERE w.city = p_city AND w.merged_into IS NULL
				AND (p_after_day IS NULL OR (w.waiting_since, w.id) > (p_after_day, after))
				AND (p_waiting_before IS NULL OR w.waiting_since < p_waiting_before)
				ORDER BY w.waiting_since, w.id LIMIT reach) s
			CROSS JOIN LATERAL (SELECT EXISTS (SELECT FROM ledger.referral r
				WHERE r.city = p_city AND r.seeker = s.id AND r.made_at
				>= s.waiting_since::timestamp AT TIME ZONE 'Asia/Shanghai') AS offered OFFSET 0) o
			WHERE s.community BETWEEN low AND high
			  AND (p_state IS NULL OR CASE p_state WHEN 'seeking' THEN s.active
				WHEN 'withdrawn' THEN s.withdrawn_on IS NOT NULL
				ELSE NOT s.active AND s.withdrawn_on IS NULL END)
			  AND (p_rank IS NULL OR s.rank = p_rank)
			  AND (p_occupation IS NULL OR s.wishes[1] BETWEEN p_occupation AND last
				OR s.wishes[2] BETWEEN p_occupation AND last
				OR s.wishes[3] BETWEEN p_occupation AND last
				OR s.wishes[4] BETWEEN p_occupation AND last
				OR s.wishes[5] BETWEEN p_occupation AND last OR s.wishes && above)
			  AND (p_unoffered IS NULL OR o.offered <> p_unoffered)
			ORDER BY s.waiting_since, s.id LIMIT p_limit + 1) x;
	IF cardinality(items) > p_limit THEN
		p_after_day := days[p_limit];
		after := ids[p_limit];
	ELSE
		SELECT w.waiting_since, w.id INTO p_after_day, after FROM ledger.seeker w
			WHERE w.city = p_city AND w.merged_into IS NULL
			  AND (p_after_day IS NULL OR (w.waiting_since, w.id) > (p_after_day, after))
			  AND (p_waiting_before IS NULL OR w.waiting_since < p_waiting_before)
			ORDER BY w.waiting_since, w.id OFFSET reach - 1 LIMIT 1;
	END IF;
	RETURN NEXT api.page(jsonb_build_object('items',
			to_jsonb(coalesce(items[1:p_limit], '{}'))),
		CASE WHEN p_after_day IS NOT NULL THEN
			ARRAY[p_after_day::text, ledger.seeker_text(after)] END);
END $$;
