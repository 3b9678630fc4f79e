-- The quarterly vacancy returns and the vacancies they carry (domain.md 4.1).
--
-- A return is one employer's for one district and quarter; each filing is a
-- version, and a version inserts only the lines that changed, so any version can
-- be read again.  A vacancy is (employer, district, the employer's own ref) and goes
-- on over the quarters.  The surprising thing: the record that the board and every
-- mirror read is a generated column, so it cannot differ from the row.

CREATE TABLE ledger.return (
	city        int NOT NULL,
	id          bigint GENERATED ALWAYS AS IDENTITY,
	employer    bigint NOT NULL,
	district    text NOT NULL CHECK (district ~ '^[0-9]{6}$'),
	quarter     text NOT NULL CHECK (quarter ~ '^[0-9]{4}Q[1-4]$'),
	version     int NOT NULL CHECK (version >= 1),
	received_at timestamptz NOT NULL,
	late        boolean NOT NULL,
	body_hash   bytea NOT NULL,
	PRIMARY KEY (city, id),
	UNIQUE (city, employer, district, quarter),
	FOREIGN KEY (city, employer) REFERENCES ledger.employer
);

CREATE TABLE ledger.return_version (
	city        int NOT NULL,
	return      bigint NOT NULL,
	version     int NOT NULL,
	nil         boolean NOT NULL,
	staff       int,
	received_at timestamptz NOT NULL,
	contact     bytea,
	phone       bytea,
	closed      jsonb NOT NULL DEFAULT '[]',
	answer      text NOT NULL,
	kid         text NOT NULL,
	actor       text NOT NULL,
	xid         bigint DEFAULT pg_current_xact_id()::text::bigint, -- the token's, if repeated
	PRIMARY KEY (city, return, version),
	FOREIGN KEY (city, return) REFERENCES ledger.return
);

-- `filed` is the line as the filer sent it, without the interview contact.
-- It stands in the versions from version_from up to, not including, version_to.
CREATE TABLE ledger.return_line (
	city         int NOT NULL,
	id           bigint GENERATED ALWAYS AS IDENTITY,
	return       bigint NOT NULL,
	ref          text NOT NULL,
	version_from int NOT NULL,
	version_to   int,
	vacancy      bigint NOT NULL,
	filed        jsonb NOT NULL,
	PRIMARY KEY (city, id),
	CHECK (version_to > version_from)
);
CREATE UNIQUE INDEX return_line_now ON ledger.return_line (city, return, ref)
	WHERE version_to IS NULL;
CREATE INDEX return_line_history ON ledger.return_line (city, return, version_from);

-- In plpgsql, and one call in the column: a generated column's expression is read and
-- planned again by every statement that writes the table, a function's body is not.
CREATE FUNCTION ledger.vacancy_record(p_id bigint, p_version bigint, p_open boolean,
	p_occupation int, p_place bigint, p_open_posts int, p_pay_min int, p_pay_max int,
	p_education int, p_experience int, p_shift int, p_form int, p_reserved boolean,
	p_posted date, p_until date, p_released date, p_employer bigint, p_required bytea,
	p_wished bytea, p_licences bytea)
RETURNS bytea
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
	RETURN '\x0176'::bytea || int8send(p_id) || int8send(p_version) || int2send(p_open::int::int2)
		|| int4send(p_occupation) || int8send(p_place) || int4send(p_open_posts)
		|| int4send(p_pay_min) || int4send(p_pay_max)
		|| int2send(p_education::int2) || int2send(p_experience::int2)
		|| int2send(p_shift::int2) || int2send(p_form::int2) || int2send(p_reserved::int::int2)
		|| int4send(ledger.day_number(p_posted)) || int4send(ledger.day_number(p_until))
		|| int4send(ledger.day_number(p_released)) || int8send(p_employer)
		|| int2send(octet_length(p_required)::int2) || p_required
		|| int2send(octet_length(p_wished)::int2) || p_wished
		|| int2send(octet_length(p_licences)::int2) || p_licences;
END $$;

CREATE TABLE ledger.vacancy (
	city              int NOT NULL,
	id                bigint GENERATED ALWAYS AS IDENTITY,
	version           bigint NOT NULL DEFAULT 1,
	employer          bigint NOT NULL,
	district          text NOT NULL,
	ref               text NOT NULL,
	open              boolean NOT NULL,
	closed_reason     text,
	closed_on         date,
	occupation        int NOT NULL,
	title             text NOT NULL,
	employer_name     text NOT NULL,
	pay_text          text NOT NULL,
	posts             int NOT NULL CHECK (posts BETWEEN 1 AND 10000),
	filled            int NOT NULL DEFAULT 0,
	place             bigint NOT NULL CHECK (place BETWEEN 100000000000 AND 999999999999),
	pay_min_month     int NOT NULL DEFAULT 0,
	pay_max_month     int NOT NULL DEFAULT 0,
	education_rank    int NOT NULL DEFAULT 0 CHECK (education_rank BETWEEN 0 AND 7),
	experience_months int NOT NULL DEFAULT 0 CHECK (experience_months BETWEEN 0 AND 1200),
	shift             int NOT NULL DEFAULT 1 CHECK (shift IN (1, 2, 4, 8)),
	form              int NOT NULL DEFAULT 1 CHECK (form IN (1, 2)),
	reserved          boolean NOT NULL DEFAULT false,
	approval          text,
	posted_on         date NOT NULL,
	valid_until       date,
	released_on       date,
	required          bytea NOT NULL DEFAULT '' CHECK (octet_length(required) <= 8),
	wished            bytea NOT NULL DEFAULT '' CHECK (octet_length(wished) <= 8),
	licences          bytea NOT NULL DEFAULT '' CHECK (octet_length(licences) <= 8),
	record bytea GENERATED ALWAYS AS (ledger.vacancy_record(id, version, open, occupation,
		place, posts - filled, pay_min_month, pay_max_month, education_rank, experience_months,
		shift, form, reserved, posted_on, valid_until, released_on, employer, required, wished,
		licences)) STORED,
	label text GENERATED ALWAYS AS (
		title || chr(31) || employer_name || chr(31) || pay_text) STORED,
	PRIMARY KEY (city, id),
	UNIQUE (city, employer, district, ref),
	CONSTRAINT never_over_filled CHECK (filled BETWEEN 0 AND posts),
	CHECK (open = (closed_reason IS NULL)),
	CHECK (NOT reserved OR approval IS NOT NULL)
);
CREATE INDEX vacancy_ends ON ledger.vacancy (city, valid_until) WHERE open;

-- What a filing says about a vacancy without changing its record: the line that carries
-- it now, the quarter, until when silence leaves it open, and the sealed contact.
CREATE TABLE ledger.vacancy_standing (
	city         int NOT NULL,
	vacancy      bigint NOT NULL,
	line         bigint NOT NULL,
	quarter      text NOT NULL,
	confirmed_on date NOT NULL,
	lapses_on    date NOT NULL,
	contact      bytea,
	PRIMARY KEY (city, vacancy)
) WITH (fillfactor = 80);
CREATE INDEX vacancy_standing_lapses ON ledger.vacancy_standing (city, lapses_on);

CREATE VIEW ledger.vacancy_readable AS
	SELECT city, id, version, employer_name, ref, open, occupation, title, place, posts, filled,
		pay_text, ledger.ids_of(required) AS required, ledger.ids_of(wished) AS wished,
		ledger.ids_of(licences) AS licences, posted_on, valid_until
	FROM ledger.vacancy;

-- Public-welfare slots: one row a slot (T5).  The approval's number joins them to the
-- reserved vacancies; release_on is the officer's leave to offer them to P4 and P5.
CREATE TABLE ledger.approval (
	city        int NOT NULL REFERENCES ledger.city,
	approval    text NOT NULL,
	employer    bigint,
	community   bigint NOT NULL,
	kind        text NOT NULL,
	posts       int NOT NULL CHECK (posts BETWEEN 1 AND 10000),
	approved_on date NOT NULL,
	is_new      boolean NOT NULL,
	release_on  date,
	kid         text NOT NULL,
	actor       text NOT NULL,
	PRIMARY KEY (city, approval),
	FOREIGN KEY (city, employer) REFERENCES ledger.employer
);

CREATE TABLE ledger.post_slot (
	city         int NOT NULL,
	id           bigint GENERATED ALWAYS AS IDENTITY,
	approval     text NOT NULL,
	closed_on    date,
	close_reason text,
	PRIMARY KEY (city, id),
	FOREIGN KEY (city, approval) REFERENCES ledger.approval
);
CREATE INDEX post_slot_approval ON ledger.post_slot (city, approval);

-- A line as the codec hands it over; sets are hex, contact is sealed.
CREATE TYPE ledger.coded_line AS (
	ref               text,
	occupation        int,
	title             text,
	posts             int,
	place             bigint,
	pay_min_month     int,
	pay_max_month     int,
	pay_text          text,
	education_rank    int,
	skills_required   text,
	skills_wished     text,
	licences          text,
	experience_months int,
	shift             int,
	form              int,
	valid_until       date,
	reserved          boolean,
	approval          text,
	contact           text,
	filed             jsonb
);

-- Quarters: '2007Q2' begins 2007-04-01; it fell due on the 10th after its end.
CREATE FUNCTION ledger.quarter_begin(p_quarter text) RETURNS date
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT make_date(left(p_quarter, 4)::int, right(p_quarter, 1)::int * 3 - 2, 1)
$$;

CREATE FUNCTION ledger.quarter_due(p_quarter text) RETURNS date
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT (ledger.quarter_begin(p_quarter) + interval '3 months')::date + 9
$$;

CREATE FUNCTION ledger.quarter_of(p_day date) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT extract(year FROM p_day)::text || 'Q' || extract(quarter FROM p_day)::text
$$;
