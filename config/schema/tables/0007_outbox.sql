-- The outbox: every change of a vacancy or a seeker, in commit-safe order.
--
-- Statement triggers write it, so no change of a record can miss it; the same rows are what a
-- call returns to its daemon.  It is read by (xid, id) below the snapshot horizon, because
-- sequence order is not commit order.  No personal data: a record is codes, a label is a
-- vacancy's title, employer and pay.

-- Each session takes some ids at a time: within a transaction they rise, which is all they
-- are for.
CREATE TABLE ops.outbox (
	xid       xid8 NOT NULL DEFAULT pg_current_xact_id(),
	id        bigint GENERATED ALWAYS AS IDENTITY (CACHE 64),
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

-- Every record, for rebuild and verify, which COPY what is open and what closed lately;
-- the latter as tombstones: a change that the horizon replays must find the newer version
-- it must not overwrite.  Codes and labels only: the daemon's own role reads these views.
CREATE VIEW ops.vacancy_record AS
	SELECT city, id, version, record, label, open, closed_on FROM ledger.vacancy;

CREATE VIEW ops.seeker_record AS
	SELECT city, id, version, record FROM ledger.seeker;
