-- The outbox as it is read and trimmed, and records for a daemon whose mirror lacks them.
--
-- What is closed or filled has left the board, and what another process wrote may still be on
-- its way; neither is missing.  Such rows are those of a change, and are taken as one.

CREATE OR REPLACE FUNCTION ops.horizon() RETURNS TABLE (xid bigint, id bigint)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint, 0::bigint
$$;

-- Below the horizon nothing can still appear, so (xid, id) is a position that never skips.
-- One row 'gap' when what follows the position was trimmed, or the position is of another
-- ledger, which was ahead of this one: whoever stands there must be rebuilt.
CREATE OR REPLACE FUNCTION ops.read_outbox(p_city int, p_xid bigint, p_id bigint, p_limit int)
RETURNS TABLE (xid bigint, id bigint, entity text, entity_id bigint, version bigint,
	record bytea, label text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	place xid8 := p_xid::text::xid8;
BEGIN
	IF place > pg_snapshot_xmax(pg_current_snapshot())
		OR EXISTS (SELECT FROM ops.outbox_trimmed t WHERE t.city = p_city AND t.xid > place) THEN
		RETURN QUERY SELECT 0::bigint, 0::bigint, 'gap', 0::bigint, 0::bigint, ''::bytea, '';
		RETURN;
	END IF;
	RETURN QUERY SELECT o.xid::text::bigint, o.id, o.entity::text, o.entity_id, o.version,
			o.record, o.label
		FROM ops.outbox o
		WHERE o.city = p_city AND (o.xid, o.id) > (place, p_id)
		  AND o.xid < pg_snapshot_xmin(pg_current_snapshot())
		ORDER BY o.xid, o.id LIMIT p_limit;
END $$;

-- Rows that the board has passed go when they are as old as p_keep: a Redis that comes back
-- with an older board is fed from there, and no token or kept answer needs a row.
-- Returns how many went; call again while that is p_limit.
CREATE OR REPLACE FUNCTION ops.trim_outbox(p_city int, p_xid bigint, p_keep interval, p_limit int)
RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	by_now timestamptz := clock_timestamp();
	old    ops.outbox_mark;
	last   xid8;
	n      int;
BEGIN
	IF NOT ops.take_turn(p_city, 'trim_outbox') THEN
		RETURN 0;
	END IF;
	INSERT INTO ops.outbox_mark (city, at, xid)
		SELECT p_city, by_now, pg_snapshot_xmin(pg_current_snapshot())
		WHERE NOT EXISTS (SELECT FROM ops.outbox_mark m WHERE m.city = p_city
			AND m.at > by_now - least(interval '10 minutes', p_keep))
		ON CONFLICT DO NOTHING;
	SELECT * INTO old FROM ops.outbox_mark m WHERE m.city = p_city AND m.at <= by_now - p_keep
		ORDER BY m.at DESC LIMIT 1;
	IF NOT FOUND THEN
		RETURN 0;
	END IF;
	DELETE FROM ops.outbox_mark m WHERE m.city = p_city AND m.at < old.at;
	WITH gone AS (
		DELETE FROM ops.outbox o WHERE (o.city, o.xid, o.id) IN (
			SELECT p.city, p.xid, p.id FROM ops.outbox p
			WHERE p.city = p_city AND p.xid < least(old.xid, p_xid::text::xid8)
			ORDER BY p.xid, p.id LIMIT p_limit)
		RETURNING o.xid)
	SELECT count(*), (array_agg(g.xid ORDER BY g.xid DESC))[1] INTO n, last FROM gone g;
	IF n > 0 THEN
		INSERT INTO ops.outbox_trimmed AS t (city, xid) VALUES (p_city, last)
			ON CONFLICT (city) DO UPDATE SET xid = greatest(t.xid, EXCLUDED.xid);
	END IF;
	RETURN n;
END $$;

-- A ledger restored on another server has the outbox of that one's transactions.  Those still to
-- come here are no positions: a mark among them would be a gap for ever.  Run by each migration.
CREATE OR REPLACE FUNCTION ops.forget_other_server() RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
	DELETE FROM ops.outbox WHERE xid >= pg_snapshot_xmax(pg_current_snapshot());
	DELETE FROM ops.outbox_mark WHERE xid >= pg_snapshot_xmax(pg_current_snapshot());
	DELETE FROM ops.outbox_trimmed WHERE xid >= pg_snapshot_xmax(pg_current_snapshot())
$$;

CREATE OR REPLACE FUNCTION ops.tombstones_from(p_city int) RETURNS date
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT ledger.today(p_city) - 2
$$;

CREATE OR REPLACE FUNCTION api.read_records(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_seeker bigint, p_vacancy bigint, p_where text DEFAULT 'path/')
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who     api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	refused api.reply  := api.admit(who, CASE WHEN p_seeker IS NULL THEN 'vacancies.matches'
		ELSE 'seekers.matches' END);
	s       ledger.seeker;
	v       ledger.vacancy;
BEGIN
	IF refused.status IS NOT NULL THEN
		RETURN NEXT refused;
		RETURN;
	END IF;
	SELECT * INTO s FROM ledger.seeker x WHERE x.city = p_city AND x.id = p_seeker
		AND ledger.in_scope(who.scope, x.community);
	SELECT * INTO v FROM ledger.vacancy x WHERE x.city = p_city AND x.id = p_vacancy
		AND (p_seeker IS NOT NULL OR ledger.in_scope(who.scope, x.place));
	IF s.id IS DISTINCT FROM p_seeker THEN
		RETURN NEXT ledger.missing(p_where || 'seeker', ledger.seeker_text(p_seeker));
		RETURN;
	ELSIF v.id IS DISTINCT FROM p_vacancy THEN
		RETURN NEXT ledger.missing(p_where || 'vacancy', p_vacancy::text);
		RETURN;
	END IF;
	IF s.id IS NOT NULL THEN
		RETURN NEXT ROW('s', NULL, NULL, NULL, s.id, s.version, s.record, '')::api.reply;
	END IF;
	IF v.id IS NOT NULL THEN
		RETURN NEXT ROW('v', NULL, NULL, NULL, v.id, v.version, v.record, v.label)::api.reply;
	END IF;
	RETURN NEXT api.answer(200);
END $$;
