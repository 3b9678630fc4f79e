-- The ground: schemas, the city with its clock and policy, and the code tables.
--
-- A file of this folder runs once.  Until a release has been made a table stands once, in the
-- file of its subject, as it is, and a database of before is made anew (vacancyd(8)); from then
-- on no file is altered, and what changes is a new one.  With the tables stand the functions that their columns, indexes and triggers
-- call, because what was computed with them is stored; all other functions are in
-- ../functions.  Three schemas: `ledger` holds the facts, `api` what the daemon may call,
-- `ops` what keeps it running.  The city leads every primary key, so tables can be
-- partitioned or distributed by it without changing a query.  A sandbox city may live on a
-- fixed clock, a production city cannot (a CHECK, not a habit).

CREATE SCHEMA api;
CREATE SCHEMA ops;
REVOKE ALL ON SCHEMA ledger, api, ops FROM PUBLIC;

-- One row of an answer: 'a' the answer, 'v' and 's' changed records, 'x' sealed fields.
CREATE TYPE api.reply AS (
	kind    "char",
	status  int,
	code    text,
	body    text,
	id      bigint,
	version bigint,
	record  bytea,
	label   text
);

CREATE TABLE ledger.city (
	city         int PRIMARY KEY CHECK (city BETWEEN 1000 AND 9999),
	name         text NOT NULL,
	prefix       text NOT NULL CHECK (prefix ~ '^[0-9]{4,6}$'),
	sandbox      boolean NOT NULL,
	fixed_clock  timestamptz,
	plan_year    int NOT NULL CHECK (plan_year BETWEEN 1990 AND 2200),
	keys_changed bigint NOT NULL DEFAULT 0,
	CONSTRAINT production_has_no_fixed_clock CHECK (fixed_clock IS NULL OR sandbox)
);

-- What a bureau may decide for itself (rules/policy), by date of effect.
CREATE TABLE ledger.policy (
	city             int NOT NULL REFERENCES ledger.city,
	valid_from       date NOT NULL,
	age_asof         text NOT NULL DEFAULT 'year_end'
		CHECK (age_asof IN ('year_end', 'event_date') OR age_asof ~ '^fixed:\d{4}-\d\d-\d\d$'),
	women_from       int NOT NULL DEFAULT 40,
	men_from         int NOT NULL DEFAULT 50,
	retire_women     int NOT NULL DEFAULT 50,
	retire_cadres    int NOT NULL DEFAULT 55,
	retire_men       int NOT NULL DEFAULT 60,
	inspect_by_month int NOT NULL DEFAULT 4,
	inspect_by_day   int NOT NULL DEFAULT 30,
	t2_prior_job     boolean NOT NULL DEFAULT true,
	migrant_count    text NOT NULL DEFAULT 'q_in_year'
		CHECK (migrant_count IN ('q_in_year', 'start_and_q_in_year')),
	migrant_break    int NOT NULL DEFAULT 15,
	slot_min_days    int NOT NULL DEFAULT 90,
	release_days     int NOT NULL DEFAULT 45,
	confirm_days     int NOT NULL DEFAULT 90,
	start_ahead_days int NOT NULL DEFAULT 30,
	quick_seconds    int NOT NULL DEFAULT 60 CHECK (quick_seconds BETWEEN 0 AND 86400),
	sample_of_lot    int NOT NULL DEFAULT 20 CHECK (sample_of_lot BETWEEN 1 AND 200),
	PRIMARY KEY (city, valid_from)
);

-- Places, padded to twelve digits; `digits` says how many of them are the code.
CREATE TABLE ledger.division (
	city   int NOT NULL REFERENCES ledger.city,
	code   bigint NOT NULL,
	digits int NOT NULL CHECK (digits IN (4, 6, 9, 12)),
	level  text NOT NULL,
	name   text NOT NULL,
	parent bigint,
	PRIMARY KEY (city, code)
);

CREATE TABLE ledger.occupation (
	city   int NOT NULL REFERENCES ledger.city,
	code   int NOT NULL,
	level  int NOT NULL CHECK (level BETWEEN 1 AND 4),
	name   text NOT NULL,
	PRIMARY KEY (city, code, level)
);

-- A reporting unit is not a division: a development zone owns streets whose codes begin
-- with another district's (rules/reporting-units).  The longest prefix wins.
CREATE TABLE ledger.unit (
	city    int NOT NULL REFERENCES ledger.city,
	unit    text NOT NULL,
	kind    text NOT NULL,
	name_zh text NOT NULL,
	name_en text NOT NULL,
	gb_code text,
	PRIMARY KEY (city, unit)
);

CREATE TABLE ledger.unit_prefix (
	city       int NOT NULL,
	prefix     text NOT NULL CHECK (prefix ~ '^[0-9]{4,12}$'),
	valid_from date NOT NULL DEFAULT '-infinity',
	valid_to   date NOT NULL DEFAULT 'infinity',
	unit       text NOT NULL,
	PRIMARY KEY (city, prefix, valid_from),
	FOREIGN KEY (city, unit) REFERENCES ledger.unit
);

-- `unit` is a reporting unit, or 'city'.
CREATE TABLE ledger.target (
	city   int NOT NULL REFERENCES ledger.city,
	year   int NOT NULL,
	unit   text NOT NULL,
	target text NOT NULL CHECK (target ~ '^T[0-9]{1,2}$'),
	value  bigint NOT NULL,
	source text NOT NULL DEFAULT '',
	PRIMARY KEY (city, year, unit, target)
);

-- Days as the records write them; a day that never comes is the greatest number.
CREATE FUNCTION ledger.day_number(p_day date) RETURNS int
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT CASE WHEN p_day IS NULL OR p_day = 'infinity' THEN 2147483647
		ELSE p_day - DATE '2000-01-01' END
$$;
