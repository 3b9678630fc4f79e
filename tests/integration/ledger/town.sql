-- What the town of test_second_opinion.py does, beside helpers.sql: who merges, moves and works, and many at once.

CREATE FUNCTION t.day() RETURNS date LANGUAGE sql AS $$ SELECT ledger.today(4101) $$;
CREATE FUNCTION t.merge(p_id bigint, p_dup bigint, p_what text DEFAULT 'merge') RETURNS jsonb
LANGUAGE sql AS $$
	SELECT t.fold(ARRAY(SELECT r FROM api.merge_seekers(4101, t.kid('bureau'), t.secret('bureau'),
		CASE p_what WHEN 'merge' THEN t.actor('bureau') ELSE t.second_actor('bureau') END,
		gen_random_uuid()::text, '\x01', p_id, p_what, jsonb_build_object('reason', 'r',
		'duplicate', ledger.seeker_text(p_dup))) r))
$$;
CREATE FUNCTION t.members(p_id bigint, p_members bigint[]) RETURNS jsonb LANGUAGE sql AS $$
	SELECT t.fold(ARRAY(SELECT r FROM api.amend_household(4101, t.kid('bureau'), t.secret('bureau'),
		t.actor('bureau'), p_id, NULL, jsonb_build_object('members', (SELECT jsonb_agg(
		jsonb_build_object('seeker', ledger.seeker_text(m), 'able', true, 'willing', true,
		'excluded', NULL)) FROM unnest(p_members) m))) r))
$$;
CREATE FUNCTION t.moves(p_id bigint, p_community text) RETURNS jsonb LANGUAGE sql AS $$
	SELECT t.fold(ARRAY(SELECT r FROM api.amend_seeker(4101, t.kid('bureau'), t.secret('bureau'),
		t.actor('bureau'), p_id, NULL, jsonb_build_object('community', p_community), NULL, NULL) r))
$$;
CREATE FUNCTION t.lot(p_id bigint, p_kind text, p_things bigint[], p_decision text, p_at timestamptz)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO ledger.import (city, first_kid, name, kind, format, state, actor, started_at, changed_at)
		VALUES (4101, 'k', 'file ' || p_id, p_kind, 'ndjson', 'complete', '', now(), now());
	INSERT INTO ledger.lot (city, id, kind, first_kid, import, records, asked_at, asked_kid, asked_actor, whole_at,
			seed, decision, decided_at, settled_at) OVERRIDING SYSTEM VALUE
		VALUES (4101, p_id, p_kind, 'k', 'file ' || p_id, cardinality(p_things), now(), 'k', '', now(), 's', p_decision,
			p_at, p_at);
	INSERT INTO ledger.lot_record (city, lot, n, object, place)
		SELECT 4101, p_id, n, x, 410105003001 FROM unnest(p_things) WITH ORDINALITY u(x, n);
END $$;
CREATE FUNCTION t.batch(p_seekers bigint[], p_vacancies bigint[], p_starts date[]) RETURNS bigint
LANGUAGE sql AS $$
	SELECT count(*) FROM (SELECT array_agg(t.kid('bureau')) AS kid, array_agg(t.secret('bureau')) AS hash,
			array_agg(t.actor('bureau')) AS actor, array_agg(gen_random_uuid()::text) AS idem,
			array_agg('\x01'::bytea) AS req, array_agg(jsonb_build_object('seeker',
			ledger.seeker_text(s), 'vacancy', v::text, 'kind', 'unit', 'employer', NULL,
			'workplace', NULL, 'start_on', d, 'source', NULL)) AS body
		FROM unnest(p_seekers, p_vacancies, p_starts) u(s, v, d)) x,
		api.report_placements(4101, x.kid, x.hash, x.actor, x.idem, x.req, x.body)
$$;
