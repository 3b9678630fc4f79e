-- Lots: what one import made, to be approved once by a second officer (rules/lots).
--
-- A lot is a kind, the import that made it, and its records in the order of the file; what they
-- are, its kind alone says.  Nothing of it is written into the records themselves: whoever counts
-- asks the lot (ledger.uncounted), so a decision is one row however many records there are.  What
-- a decision does to records beside that is done by and by, and `settled` says how far it came.

CREATE TABLE ledger.lot (
	city            int NOT NULL,
	id              bigint GENERATED ALWAYS AS IDENTITY,
	kind            text NOT NULL,
	first_kid       text NOT NULL,
	import          text NOT NULL,
	records         bigint NOT NULL DEFAULT 0,
	asked_at        timestamptz NOT NULL,
	asked_kid       text NOT NULL,
	asked_actor     text NOT NULL,
	whole_at        timestamptz, -- no record comes into it any more, and its sample is drawn
	seed            text,
	decision        text CHECK (decision IN ('approve', 'refuse')),
	decided_at      timestamptz,
	decided_kid     text,
	decided_actor   text,
	decided_officer bigint,
	decided_behalf  bigint,
	decided_scope   text,
	decided_request text,
	decided_for     text,
	unchecked_for   text,
	settled         bigint NOT NULL DEFAULT 0,
	left_over       bigint NOT NULL DEFAULT 0,
	settled_at      timestamptz,
	PRIMARY KEY (city, id),
	UNIQUE (city, first_kid, import),
	FOREIGN KEY (city, first_kid, import) REFERENCES ledger.import,
	CHECK ((whole_at IS NULL) = (seed IS NULL)),
	CHECK ((decision IS NULL) = (decided_at IS NULL)),
	CHECK (decision IS NULL OR whole_at IS NOT NULL),
	CHECK (settled_at IS NULL OR decision IS NOT NULL)
);
CREATE INDEX lot_open ON ledger.lot (city, id) WHERE whole_at IS NULL;
CREATE INDEX lot_waiting ON ledger.lot (city, id) WHERE decision IS NULL AND whole_at IS NOT NULL;
CREATE INDEX lot_decided ON ledger.lot (city, id) WHERE decision IS NOT NULL;
CREATE INDEX lot_unsettled ON ledger.lot (city, id)
	WHERE decision IS NOT NULL AND settled_at IS NULL;

CREATE TABLE ledger.lot_record (
	city    int NOT NULL,
	lot     bigint NOT NULL,
	n       bigint NOT NULL,
	object  bigint NOT NULL,
	place   bigint NOT NULL,
	sampled boolean NOT NULL DEFAULT false,
	checked text CHECK (checked IN ('ok', 'wrong')),
	note    text,
	outcome text,
	reason  text,
	PRIMARY KEY (city, lot, n),
	FOREIGN KEY (city, lot) REFERENCES ledger.lot
) WITH (fillfactor = 90);
CREATE INDEX lot_record_object ON ledger.lot_record (city, object);
CREATE INDEX lot_record_sample ON ledger.lot_record (city, lot, n) WHERE sampled;

-- How many of its records lie where: who sees it and who may decide is asked of a few rows.
CREATE TABLE ledger.lot_place (
	city    int NOT NULL,
	lot     bigint NOT NULL,
	place   bigint NOT NULL,
	records bigint NOT NULL,
	PRIMARY KEY (city, lot, place),
	FOREIGN KEY (city, lot) REFERENCES ledger.lot
);
