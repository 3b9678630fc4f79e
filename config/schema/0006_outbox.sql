-- The outbox: every change of a vacancy or a seeker, in commit-safe order.
--
-- Statement triggers write it, so no change of a record can miss it; the same rows
-- are what a call returns to its daemon.  It is read by (xid, id) below the snapshot
-- horizon, because sequence order is not commit order.  No personal data: a record is
-- codes, a label is a vacancy's title, employer and pay.

CREATE TABLE ops.outbox (
	xid       xid8 NOT NULL DEFAULT pg_current_xact_id(),
	id        bigint GENERATED ALWAYS AS IDENTITY,
	city      int NOT NULL,
	entity    "char" NOT NULL CHECK (entity IN ('v', 's')),
	entity_id bigint NOT NULL,
	version   bigint NOT NULL,
	record    bytea NOT NULL,
	label     text NOT NULL,
	PRIMARY KEY (city, xid, id)
);

CREATE FUNCTION ops.announce() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	IF TG_TABLE_NAME = 'vacancy' THEN
		INSERT INTO ops.outbox (city, entity, entity_id, version, record, label)
			SELECT city, 'v', id, version, record, label FROM now_is ORDER BY id;
	ELSE
		INSERT INTO ops.outbox (city, entity, entity_id, version, record, label)
			SELECT city, 's', id, version, record, '' FROM now_is ORDER BY id;
	END IF;
	RETURN NULL;
END $$;

CREATE TRIGGER announce_new AFTER INSERT ON ledger.vacancy
	REFERENCING NEW TABLE AS now_is FOR EACH STATEMENT EXECUTE FUNCTION ops.announce();
CREATE TRIGGER announce_change AFTER UPDATE ON ledger.vacancy
	REFERENCING NEW TABLE AS now_is FOR EACH STATEMENT EXECUTE FUNCTION ops.announce();
CREATE TRIGGER announce_new AFTER INSERT ON ledger.seeker
	REFERENCING NEW TABLE AS now_is FOR EACH STATEMENT EXECUTE FUNCTION ops.announce();
CREATE TRIGGER announce_change AFTER UPDATE ON ledger.seeker
	REFERENCING NEW TABLE AS now_is FOR EACH STATEMENT EXECUTE FUNCTION ops.announce();

-- A changed row without a risen version is a bug, and older would overwrite newer.  After the
-- row, and called only then: a trigger before it would have every generated column made anew.
CREATE FUNCTION ledger.version_rises() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION 'the version of % % did not rise', TG_TABLE_NAME, OLD.id;
END $$;
CREATE TRIGGER version_rises AFTER UPDATE ON ledger.vacancy FOR EACH ROW
	WHEN (NEW.version <= OLD.version) EXECUTE FUNCTION ledger.version_rises();
CREATE TRIGGER version_rises AFTER UPDATE ON ledger.seeker FOR EACH ROW
	WHEN (NEW.version <= OLD.version) EXECUTE FUNCTION ledger.version_rises();

-- Of a transaction that is over: with its xid, the position to wait for when its answer is
-- given again.  NULL: it changed no record, or everybody has long since passed it.
CREATE FUNCTION ledger.last_event(p_city int, p_xid bigint) RETURNS bigint
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN (SELECT max(o.id) FROM ops.outbox o
		WHERE o.city = p_city AND o.xid = p_xid::text::xid8);
END $$;

-- The answer with this transaction's changes, those after the event p_after; the position is
-- that of the last one.
CREATE FUNCTION api.with_events(p_city int, p_answer api.reply, p_after bigint DEFAULT 0)
RETURNS SETOF api.reply
LANGUAGE plpgsql AS $$
DECLARE
	a api.reply := p_answer;
	e record;
BEGIN
	PERFORM ledger.note_action(p_city, p_answer);
	FOR e IN SELECT o.id AS event, o.entity, o.entity_id, o.version, o.record, o.label
			FROM ops.outbox o WHERE o.city = p_city AND o.id > p_after
			  AND o.xid = pg_current_xact_id_if_assigned()
			ORDER BY o.id LOOP
		a.id := pg_current_xact_id()::text::bigint;
		a.version := e.event;
		RETURN NEXT ROW(e.entity, NULL, NULL, NULL, e.entity_id, e.version, e.record,
			e.label)::api.reply;
	END LOOP;
	RETURN NEXT a;
END $$;

-- The same for a POST: the answer is kept under its Idempotency-Key.
CREATE FUNCTION api.keep(p_who api.caller, p_idem text, p_answer api.reply,
	p_after bigint DEFAULT 0)
RETURNS SETOF api.reply
LANGUAGE plpgsql AS $$
DECLARE
	r api.reply;
BEGIN
	FOR r IN SELECT * FROM api.with_events(p_who.city, p_answer, p_after) LOOP
		IF r.kind = 'a' THEN
			UPDATE ledger.idempotency SET status = r.status, code = r.code, body = r.body,
				xid = r.id, event = r.version
				WHERE city = p_who.city AND kid = p_who.kid AND key = p_idem;
		END IF;
		RETURN NEXT r;
	END LOOP;
END $$;

CREATE FUNCTION ops.horizon() RETURNS TABLE (xid bigint, id bigint)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint, 0::bigint
$$;

-- The outbox has no times: a mark says which transactions were over by when.  And up to
-- which of them rows were trimmed.
CREATE TABLE ops.outbox_mark (
	city int NOT NULL,
	at   timestamptz NOT NULL,
	xid  xid8 NOT NULL,
	PRIMARY KEY (city, at)
);
CREATE TABLE ops.outbox_trimmed (
	city int PRIMARY KEY,
	xid  xid8 NOT NULL
);

-- Below the horizon nothing can still appear, so (xid, id) is a position that never skips.
-- One row 'gap' when what follows the position was trimmed, or the position is of another
-- ledger, which was ahead of this one: whoever stands there must be rebuilt.
CREATE FUNCTION ops.read_outbox(p_city int, p_xid bigint, p_id bigint, p_limit int)
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
CREATE FUNCTION ops.trim_outbox(p_city int, p_xid bigint, p_keep interval, p_limit int)
RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	by_now timestamptz := clock_timestamp();
	old    ops.outbox_mark;
	last   xid8;
	n      int;
BEGIN
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

-- Every record, for rebuild and verify, which COPY what is open and what closed lately;
-- the latter as tombstones: a change that the horizon replays must find the newer version
-- it must not overwrite.  Codes and labels only: the daemon's own role reads these views.
CREATE VIEW ops.vacancy_record AS
	SELECT city, id, version, record, label, open, closed_on FROM ledger.vacancy;
CREATE VIEW ops.seeker_record AS
	SELECT city, id, version, record FROM ledger.seeker;

CREATE FUNCTION ops.tombstones_from(p_city int) RETURNS date
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT ledger.today(p_city) - 2
$$;
