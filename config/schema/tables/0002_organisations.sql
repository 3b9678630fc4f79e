-- Who files and who asks: employers with their dated sites, agencies' licences, API keys,
-- officers, what each role may do, and what was done.
--
-- What a key, an officer or a delegation may is written down: nothing that is missing means all,
-- and the whole city is a scope like another, its prefix.  No secret is here, only hashes.  An officer's name is an official's, which a person may be
-- told, so it is not sealed; it stands here only, in no kept answer, action or look.

-- Characters 9 to 17 of a credit code are the organisation code of old (rules/employer-codes).
CREATE FUNCTION ledger.org_of(p_code text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT CASE WHEN length(p_code) = 18 THEN substr(p_code, 9, 9) ELSE p_code END
$$;

CREATE TABLE ledger.employer (
	city          int NOT NULL REFERENCES ledger.city,
	id            bigint GENERATED ALWAYS AS IDENTITY,
	code          text NOT NULL,
	org           text NOT NULL GENERATED ALWAYS AS (ledger.org_of(code)) STORED,
	name          text NOT NULL,
	kind          text NOT NULL DEFAULT '',
	registered_on date NOT NULL,
	PRIMARY KEY (city, id),
	UNIQUE (city, org) -- and so is the code: of two unique columns, two first calls fail on the other
);

-- What an employer is and was called, each name from a day on.  No row is changed or deleted: a
-- name that was recorded wrongly is followed by another from the same day.  The latest is the
-- present name, which stands with the employer, where every list and vacancy line reads it;
-- ledger.name_employer writes both.  kid: NULL of a name that nobody's call recorded.
CREATE TABLE ledger.employer_name (
	city        int NOT NULL,
	employer    bigint NOT NULL,
	since       date NOT NULL,
	recorded_at timestamptz NOT NULL,
	id          bigint GENERATED ALWAYS AS IDENTITY,
	name        text NOT NULL,
	kid         text,
	officer     bigint,
	on_behalf   bigint,
	PRIMARY KEY (city, employer, since, id),
	FOREIGN KEY (city, employer) REFERENCES ledger.employer
);

-- What was said of a thing each time, by its hash: the same again, after another, is the old one
-- sent again.  `object` is its kind and its row's number, as "household/17".  A reason corrects
-- what was said before.
CREATE TABLE ledger.said (
	city        int NOT NULL REFERENCES ledger.city,
	object      text NOT NULL,
	n           int NOT NULL,
	body_hash   bytea NOT NULL,
	reason      text,
	recorded_at timestamptz NOT NULL,
	kid         text NOT NULL,
	officer     bigint,
	PRIMARY KEY (city, object, n)
);

-- An employer is liable per district, from a day to a day.
CREATE TABLE ledger.employer_site (
	city     int NOT NULL,
	employer bigint NOT NULL,
	district text NOT NULL CHECK (district ~ '^[0-9]{6}$'),
	since    date NOT NULL,
	until    date,
	PRIMARY KEY (city, employer, district, since),
	FOREIGN KEY (city, employer) REFERENCES ledger.employer,
	CHECK (until IS NULL OR until >= since)
);
CREATE INDEX employer_site_district ON ledger.employer_site (city, district, employer)
	INCLUDE (since, until);

-- A division and all below, by the prefix of its code; '-' holds no place at all.
CREATE DOMAIN ledger.scope AS text NOT NULL CHECK (VALUE ~ '^([0-9]{4,12}|-)$');

-- Append only: the row of the highest version is in force.
CREATE TABLE ledger.agency_licence (
	city            int NOT NULL REFERENCES ledger.city,
	organisation    text NOT NULL CHECK (organisation <> ''),
	version         int NOT NULL,
	licence         text NOT NULL,
	district        text NOT NULL CHECK (district ~ '^[0-9]{4,6}$'),
	services        text[] NOT NULL CHECK (('' <> ALL (services)) IS TRUE),
	valid_from      date NOT NULL,
	valid_until     date NOT NULL,
	suspended_from  date,
	suspended_until date,
	recorded_at     timestamptz NOT NULL,
	kid             text NOT NULL,
	actor           text NOT NULL,
	PRIMARY KEY (city, organisation, version),
	CHECK (valid_until >= valid_from),
	CHECK (suspended_until IS NULL OR suspended_until >= suspended_from)
);

-- role: 1 employer, 2 agency, 4 bureau, 8 auditor.  first_kid: the first of the keys that this
-- one has come of by rotation; NULL: it is the first.
CREATE TABLE ledger.api_key (
	city        int NOT NULL REFERENCES ledger.city,
	kid         text NOT NULL CHECK (kid ~ '^[0-9a-f]{16}$'),
	first_kid   text CHECK (first_kid ~ '^[0-9a-f]{16}$'),
	secret_hash bytea NOT NULL CHECK (octet_length(secret_hash) = 32),
	role        int NOT NULL CHECK (role IN (1, 2, 4, 8)),
	org_code    text CHECK (org_code <> ''),
	org_name    text NOT NULL CHECK (org_name <> ''),
	scope       ledger.scope NOT NULL,
	employers   text[] NOT NULL DEFAULT '{}' CHECK (('' <> ALL (employers)) IS TRUE),
	sandbox     boolean NOT NULL,
	not_before  timestamptz NOT NULL,
	expires_at  timestamptz NOT NULL,
	created_at  timestamptz NOT NULL DEFAULT transaction_timestamp(),
	revoked_at  timestamptz,
	rate        int NOT NULL DEFAULT 50 CHECK (rate BETWEEN 1 AND 100000),
	burst       int NOT NULL DEFAULT 100 CHECK (burst BETWEEN 1 AND 1000000),
	PRIMARY KEY (city, kid),
	CHECK (not_before <= expires_at),
	CHECK (role <> 4 OR scope IS NOT NULL),
	CHECK (role <> 1 OR org_code IS NOT NULL)
);

-- A named person of an organisation, with a secret of their own.
CREATE TABLE ledger.officer (
	city         int NOT NULL REFERENCES ledger.city,
	id           bigint NOT NULL CHECK (id > 0),
	role         int NOT NULL CHECK (role IN (1, 2, 4, 8)),
	organisation text NOT NULL CHECK (organisation <> ''),
	name         text NOT NULL,
	post         text NOT NULL,
	scope        ledger.scope NOT NULL,
	lead         boolean NOT NULL DEFAULT false,
	valid_from   date NOT NULL,
	valid_until  date NOT NULL,
	secret_hash  bytea NOT NULL CHECK (octet_length(secret_hash) = 32),
	version      int NOT NULL DEFAULT 1,
	made_kid     text NOT NULL,
	made_by      bigint,
	-- The officers who know the secret because they made it, until the officer has made one.
	secret_hands text[] NOT NULL DEFAULT '{}',
	code_hash    bytea CHECK (octet_length(code_hash) = 32),
	code_until   timestamptz,
	revoked_at   timestamptz,
	PRIMARY KEY (city, id),
	CHECK ((code_hash IS NULL) = (code_until IS NULL)),
	CHECK (valid_until >= valid_from)
);
CREATE INDEX officer_organisation ON ledger.officer (city, role, organisation, id);

-- Somebody acts in another's place, of the same organisation, for some days.
CREATE TABLE ledger.delegation (
	city         int NOT NULL,
	id           bigint GENERATED ALWAYS AS IDENTITY,
	from_officer bigint NOT NULL,
	to_officer   bigint NOT NULL,
	scope        ledger.scope NOT NULL,
	valid_from   date NOT NULL,
	valid_until  date NOT NULL,
	made_by      bigint,
	ended_at     timestamptz,
	PRIMARY KEY (city, id),
	FOREIGN KEY (city, from_officer) REFERENCES ledger.officer,
	FOREIGN KEY (city, to_officer) REFERENCES ledger.officer,
	CHECK (from_officer <> to_officer),
	CHECK (valid_until >= valid_from)
);
CREATE INDEX delegation_from ON ledger.delegation (city, from_officer, to_officer);

-- What a key, an officer or a delegation lets its holder do, of which organisation, where, as a
-- lead or not, and to which last day.
CREATE TYPE ledger.powers AS (
	role         int,
	organisation text,
	scope        text,
	lead         boolean,
	until        date
);

-- What was answered, to whom, and about what: `object` is as in ledger.action, NULL when nothing
-- was written or found.  A key and those that it was rotated to are one client.  `call`: as in
-- api.caller.
CREATE TABLE ledger.idempotency (
	city       int NOT NULL,
	first_kid  text NOT NULL,
	key        text NOT NULL,
	request    bytea NOT NULL,
	status     int,
	code       text,
	body       text,
	xid        bigint,
	event      bigint,
	officer    bigint,
	on_behalf  bigint,
	scope      text,
	object     text,
	created_at timestamptz NOT NULL DEFAULT transaction_timestamp(),
	call       text,
	-- What a record of a file is about.
	recorded   text GENERATED ALWAYS AS (CASE WHEN key LIKE 'record %' THEN object END) STORED,
	PRIMARY KEY (city, first_kid, key)
);

-- In order of time as they come: a range is found by blocks, and an insert costs nothing.
CREATE INDEX idempotency_age ON ledger.idempotency USING brin (created_at);

-- A column of its own, which no answer changes: an answer under a key that was given stays an update
-- that no index sees.
CREATE INDEX idempotency_recorded ON ledger.idempotency (city, first_kid, recorded)
	WHERE recorded IS NOT NULL;

-- What was answered to a write that no Idempotency-Key stands for.  Of minutes: nobody repeats a
-- call later.
CREATE TABLE ledger.answered_call (
	city   int NOT NULL,
	call   text NOT NULL,
	status int NOT NULL,
	code   text NOT NULL,
	body   text NOT NULL,
	xid    bigint,
	event  bigint,
	at     timestamptz NOT NULL DEFAULT transaction_timestamp(),
	PRIMARY KEY (city, call)
);
CREATE INDEX answered_call_at ON ledger.answered_call (city, at);

-- Every look at a person's file: who, when, and which request and call.
CREATE TABLE ledger.person_look (
	city      int NOT NULL,
	id        bigint GENERATED ALWAYS AS IDENTITY,
	person    bigint NOT NULL,
	kid       text NOT NULL,
	actor     text NOT NULL,
	what      text NOT NULL,
	at        timestamptz NOT NULL DEFAULT transaction_timestamp(),
	officer   bigint,
	on_behalf bigint,
	request   text NOT NULL DEFAULT '',
	call      text,
	PRIMARY KEY (city, id)
);
CREATE INDEX person_look_person ON ledger.person_look (city, person, id);
CREATE INDEX person_look_officer ON ledger.person_look (city, officer, id);

-- What is kept of a deed bears the city's time, like the deed itself.
CREATE FUNCTION ledger.stamp_time() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
	NEW.at := ledger.app_now(NEW.city);
	RETURN NEW;
END $$;
CREATE TRIGGER stamp_time BEFORE INSERT ON ledger.person_look
	FOR EACH ROW EXECUTE FUNCTION ledger.stamp_time();

-- Who is calling, as the functions see it.  `organisation` decides "who reported"; `officer`
-- is the person behind the key: NULL when none was named, -1 when the one named is not
-- accepted (api.admit refuses that before any function sees it).  `request` is an id of ours, 32
-- hex digits, and after a "/" what its client called it, when it did.  `until`: the last day on
-- which the caller may do what they may.  `call` is the number of the daemon's call, by which one
-- whose connection was lost is called again and does nothing twice; `again` that it may have been
-- here before.
CREATE TYPE api.caller AS (
	city         int,
	kid          text,
	actor        text,
	role         int,
	org_code     text,
	organisation text,
	scope        text,
	employers    text[],
	officer      bigint,
	on_behalf    bigint,
	lead         boolean,
	request      text,
	first_kid    text,
	until        date,
	call         text,
	again        boolean
);

-- config/data/authorisation.tsv, a row a role and action.  Nothing loaded, nothing allowed.
CREATE TABLE ledger.permission (
	action text NOT NULL CHECK (action ~ '^[a-z-]+[.][a-z-]+$'),
	role   int NOT NULL CHECK (role IN (1, 2, 4, 8)),
	actor  boolean NOT NULL,
	fields text[] NOT NULL DEFAULT '{}',
	PRIMARY KEY (action, role)
);

-- Every write that was accepted, and by whom.  `object` is an id, never a name or a number
-- of a person; the request id joins it to the access log.
CREATE TABLE ledger.action (
	city      int NOT NULL,
	id        bigint GENERATED ALWAYS AS IDENTITY,
	at        timestamptz NOT NULL DEFAULT transaction_timestamp(),
	kid       text NOT NULL,
	officer   bigint,
	on_behalf bigint,
	op        text NOT NULL,
	object    text NOT NULL,
	request   text NOT NULL,
	PRIMARY KEY (city, id)
);
CREATE INDEX action_officer ON ledger.action (city, officer, id) WHERE officer IS NOT NULL;
CREATE INDEX action_op ON ledger.action (city, op, id);
CREATE TRIGGER stamp_time BEFORE INSERT ON ledger.action
	FOR EACH ROW EXECUTE FUNCTION ledger.stamp_time();
