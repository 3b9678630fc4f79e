-- Registers whose members are rows of config/data/registers.tsv: what is common to all.
--
-- An entry is one thing of a register.  What is known of it stands in the register's own
-- table, a row a version, and no row there is ever changed or deleted: each says from which
-- day it holds, when it was recorded, and who recorded it.

CREATE TABLE ledger.register_member (
	register text NOT NULL,
	member   text NOT NULL, -- '-': the register itself, its plural in bounds
	kind     text NOT NULL,
	bounds   text NOT NULL,
	say      text NOT NULL,
	list     text NOT NULL,
	PRIMARY KEY (register, member)
);

-- `version` is the latest; its row is what amendments of the entry lock.
CREATE TABLE ledger.entry (
	city     int NOT NULL REFERENCES ledger.city,
	id       bigint GENERATED ALWAYS AS IDENTITY,
	register text NOT NULL,
	version  int NOT NULL DEFAULT 1,
	PRIMARY KEY (city, id)
);
CREATE INDEX entry_register ON ledger.entry (city, register, id);

-- The columns that every register's table begins with; it holds no rows itself.
CREATE TABLE ledger.entry_version (
	city        int NOT NULL,
	id          bigint NOT NULL,
	version     int NOT NULL,
	holds_from  date NOT NULL,
	recorded_at timestamptz NOT NULL,
	kid         text NOT NULL,
	officer     bigint,
	on_behalf   bigint,
	ended_on    date,
	end_reason  text,
	PRIMARY KEY (city, id, version),
	CHECK ((ended_on IS NULL) = (end_reason IS NULL))
);

-- On what a version rests: the paper, and who saw it; a scan itself is kept elsewhere.
CREATE TABLE ledger.evidence (
	city    int NOT NULL,
	id      bigint NOT NULL,
	version int NOT NULL,
	n       int NOT NULL,
	kind    text NOT NULL,
	number  text NOT NULL,
	day     date NOT NULL,
	seen_by bigint,
	hash    text CHECK (hash ~ '^[0-9a-f]{64}$'),
	PRIMARY KEY (city, id, version, n),
	FOREIGN KEY (city, id) REFERENCES ledger.entry,
	FOREIGN KEY (city, seen_by) REFERENCES ledger.officer
);

-- Codes that are taken although no table has them, or their check digit is wrong
-- (rules/recognised-codes).  The daemons have those that stand with their list of keys.
CREATE TABLE ledger.recognised_code (
	LIKE ledger.entry_version INCLUDING ALL,
	kind  text NOT NULL,
	code  text NOT NULL CHECK (CASE kind WHEN 'area' THEN code ~ '^[1-9][0-9]{5}$'
		ELSE code ~ '^[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}$' END),
	place bigint NOT NULL,
	note  text,
	FOREIGN KEY (city, id) REFERENCES ledger.entry
);
CREATE INDEX recognised_code_code ON ledger.recognised_code (city, code);

CREATE FUNCTION ledger.tell_codes() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
	UPDATE ledger.city c SET keys_changed = c.keys_changed + 1 WHERE c.city = NEW.city;
	RETURN NULL;
END $$;
CREATE TRIGGER tell_codes AFTER INSERT ON ledger.recognised_code FOR EACH ROW
	EXECUTE FUNCTION ledger.tell_codes();
