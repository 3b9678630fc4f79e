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

-- A changed row without a risen version is a bug, and older would overwrite newer.
CREATE FUNCTION ledger.version_rises() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
	IF NEW.version <= OLD.version THEN
		RAISE EXCEPTION 'the version of % % did not rise', TG_TABLE_NAME, OLD.id;
	END IF;
	RETURN NEW;
END $$;
CREATE TRIGGER version_rises BEFORE UPDATE ON ledger.vacancy
	FOR EACH ROW EXECUTE FUNCTION ledger.version_rises();
CREATE TRIGGER version_rises BEFORE UPDATE ON ledger.seeker
	FOR EACH ROW EXECUTE FUNCTION ledger.version_rises();

-- The answer with this transaction's changes; the position is that of the last one.
CREATE FUNCTION api.with_events(p_city int, p_answer api.reply) RETURNS SETOF api.reply
LANGUAGE plpgsql AS $$
DECLARE
	a    api.reply := p_answer;
	last bigint;
BEGIN
	SELECT max(o.id) INTO last FROM ops.outbox o
		WHERE o.city = p_city AND o.xid = pg_current_xact_id_if_assigned();
	IF last IS NOT NULL THEN
		a.id := pg_current_xact_id()::text::bigint;
		a.version := last;
	END IF;
	RETURN NEXT a;
	IF last IS NOT NULL THEN
		RETURN QUERY SELECT o.entity, NULL::int, NULL::text, NULL::text, o.entity_id, o.version,
				o.record, o.label
			FROM ops.outbox o WHERE o.city = p_city AND o.xid = pg_current_xact_id()
			ORDER BY o.id;
	END IF;
END $$;

-- The same for a POST: the answer is kept under its Idempotency-Key.
CREATE FUNCTION api.keep(p_who api.caller, p_idem text, p_answer api.reply)
RETURNS SETOF api.reply
LANGUAGE plpgsql AS $$
DECLARE
	r api.reply;
BEGIN
	FOR r IN SELECT * FROM api.with_events(p_who.city, p_answer) LOOP
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

-- Below the horizon nothing can still appear, so (xid, id) is a position that never skips.
CREATE FUNCTION ops.read_outbox(p_city int, p_xid bigint, p_id bigint, p_limit int)
RETURNS TABLE (xid bigint, id bigint, entity text, entity_id bigint, version bigint,
	record bytea, label text)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
	SELECT o.xid::text::bigint, o.id, o.entity::text, o.entity_id, o.version, o.record, o.label
	FROM ops.outbox o
	WHERE o.city = p_city AND (o.xid, o.id) > (p_xid::text::xid8, p_id)
	  AND o.xid < pg_snapshot_xmin(pg_current_snapshot())
	ORDER BY o.xid, o.id LIMIT p_limit
$$;

-- What is open, for rebuild and verify; and, as tombstones, what closed lately: a change
-- that the horizon replays must find the newer version it must not overwrite.
CREATE FUNCTION ops.read_records(p_city int, p_entity text, p_after bigint, p_limit int)
RETURNS TABLE (entity_id bigint, version bigint, record bytea, label text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	IF p_entity = 'v' THEN
		RETURN QUERY SELECT v.id, v.version, v.record, v.label FROM ledger.vacancy v
			WHERE v.city = p_city AND v.id > p_after
			  AND (v.open OR v.closed_on >= ledger.today(p_city) - 2)
			ORDER BY v.id LIMIT p_limit;
	ELSE
		RETURN QUERY SELECT s.id, s.version, s.record, ''::text FROM ledger.seeker s
			WHERE s.city = p_city AND s.id > p_after ORDER BY s.id LIMIT p_limit;
	END IF;
END $$;
