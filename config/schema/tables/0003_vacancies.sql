-- The quarterly vacancy returns, the vacancies they carry (rules/quarterly-return),
-- and public-welfare posts (rules/public-welfare-posts).
--
-- A return is one employer's for one district and quarter; each filing is a version, and a
-- version inserts only the lines that changed, so any version can be read again.  A vacancy
-- is (employer, district, the employer's own ref) and goes on over the quarters.  The record
-- that the board and every mirror read is a generated column, so it cannot differ from the
-- row.  Its text is kept folded (`words`), and one GIN index holds what narrows a search: the
-- pairs of neighbouring letters of that text, which finds Chinese words of two characters
-- too, and the codes that stand above the vacancy.  A row that changes touches its indexes
-- only when an indexed column changes or its page is full, so pages have room.

CREATE TABLE ledger.return (
	city        int NOT NULL,
	id          bigint GENERATED ALWAYS AS IDENTITY,
	employer    bigint NOT NULL,
	district    text NOT NULL CHECK (district ~ '^[0-9]{6}$'),
	quarter     text NOT NULL CHECK (quarter ~ '^[0-9]{4}Q[1-4]$'),
	version     int NOT NULL CHECK (version >= 1),
	first_on    date NOT NULL, -- the day of version 1
	received_at timestamptz NOT NULL,
	late        boolean NOT NULL,
	nil         boolean NOT NULL, -- of the version in force, as is received_at
	body_hash   bytea NOT NULL,
	PRIMARY KEY (city, id),
	UNIQUE (city, employer, district, quarter),
	FOREIGN KEY (city, employer) REFERENCES ledger.employer
);
-- Who filed for a quarter is counted from it alone.
CREATE INDEX return_quarter ON ledger.return (city, quarter DESC, district, employer)
	INCLUDE (first_on, nil);
CREATE INDEX return_late ON ledger.return (city, quarter DESC, district, employer) WHERE late;

-- `contact_mark` is of contact and phone together, made as a line's is.
CREATE TABLE ledger.return_version (
	city        int NOT NULL,
	return      bigint NOT NULL,
	version     int NOT NULL,
	nil         boolean NOT NULL,
	staff       int,
	received_at timestamptz NOT NULL,
	contact     bytea,
	phone       bytea,
	contact_mark bytea,
	closed      jsonb NOT NULL DEFAULT '[]',
	answer      text NOT NULL,
	kid         text NOT NULL,
	actor       text NOT NULL,
	xid         bigint DEFAULT pg_current_xact_id()::text::bigint, -- the token's, if repeated
	body_hash   bytea, -- of one that was filed whole
	PRIMARY KEY (city, return, version),
	FOREIGN KEY (city, return) REFERENCES ledger.return
);

-- `filed` is the line as the filer sent it, without the interview contact, which stands sealed
-- beside it.  `contact_mark` tells a contact that is the same from one that was changed: a hash
-- over the keyed hash of its text and the sealed bytes, so that it is void once they change.
-- A line stands in the versions from version_from up to, not including, version_to.
CREATE TABLE ledger.return_line (
	city         int NOT NULL,
	id           bigint GENERATED ALWAYS AS IDENTITY,
	return       bigint NOT NULL,
	ref          text NOT NULL,
	version_from int NOT NULL,
	version_to   int,
	vacancy      bigint NOT NULL,
	filed        jsonb NOT NULL,
	contact      bytea,
	contact_mark bytea,
	PRIMARY KEY (city, id),
	CHECK (version_to > version_from)
);
CREATE FUNCTION ledger.contact_mark(p_key text, p_sealed bytea) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT sha256(convert_to(p_key, 'UTF8') || coalesce(p_sealed, ''))
$$;
CREATE UNIQUE INDEX return_line_now ON ledger.return_line (city, return, ref)
	WHERE version_to IS NULL;
CREATE INDEX return_line_history ON ledger.return_line (city, return, version_from);
CREATE INDEX return_line_before ON ledger.return_line (city, return, ref)
	WHERE version_to IS NOT NULL;

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

-- Text as it is compared: compatibility forms (full width, ligatures) and case are gone.
CREATE FUNCTION ledger.folded(p_text text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT lower(normalize(p_text, NFKC))
$$;

-- Pairs of neighbouring letters of a folded text, each a number below 2^42.  Punctuation and
-- space part letters: after folding they are ASCII, or in two blocks.
CREATE FUNCTION ledger.letter_pairs(p_folded text) RETURNS bigint[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
	letter text;
	was    bigint := 0;
	at     bigint;
	pairs  bigint[] := '{}';
BEGIN
	FOREACH letter IN ARRAY string_to_array(p_folded, NULL) LOOP
		at := ascii(letter);
		IF at BETWEEN 97 AND 122 OR at BETWEEN 48 AND 57
				OR at > 191 AND at NOT BETWEEN 8192 AND 8303 AND at NOT BETWEEN 12288 AND 12351 THEN
			IF was > 0 THEN
				pairs := pairs || (was << 21 | at);
			END IF;
			was := at;
		ELSE
			was := 0;
		END IF;
	END LOOP;
	RETURN pairs;
END $$;

-- The codes a vacancy can be asked for by, as numbers above every pair's: its occupation and
-- the groups above it, its place and the divisions above, and what is not usual about it.
CREATE FUNCTION ledger.occupation_term(p_node int) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT 1::bigint << 50 | p_node $$;

CREATE FUNCTION ledger.place_term(p_node bigint) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT 2::bigint << 50 | p_node $$;

CREATE FUNCTION ledger.trait_term(p_kind int, p_value int) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT 3::bigint << 50 | p_kind << 8 | p_value $$;

CREATE FUNCTION ledger.vacancy_terms(p_words text, p_occupation int, p_place bigint, p_form int,
	p_shift int, p_reserved boolean)
RETURNS bigint[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
	terms bigint[] := ledger.letter_pairs(p_words) || ARRAY[
		1::bigint << 50 | p_occupation, 1::bigint << 50 | p_occupation / 100 * 100,
		1::bigint << 50 | p_occupation / 10000 * 10000,
		1::bigint << 50 | p_occupation / 1000000 * 1000000,
		2::bigint << 50 | p_place, 2::bigint << 50 | p_place / 1000 * 1000,
		2::bigint << 50 | p_place / 1000000 * 1000000];
BEGIN
	IF p_form <> 1 THEN
		terms := terms || ledger.trait_term(1, p_form);
	END IF;
	IF p_shift <> 1 THEN
		terms := terms || ledger.trait_term(2, p_shift);
	END IF;
	IF p_reserved THEN
		terms := terms || ledger.trait_term(3, 1);
	END IF;
	RETURN terms;
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
	duties text NOT NULL DEFAULT '',
	words text NOT NULL GENERATED ALWAYS AS (
		ledger.folded(title || chr(10) || duties || chr(10) || employer_name)) STORED,
	PRIMARY KEY (city, id),
	-- Not the city first, as of ledger.person.
	UNIQUE (employer, district, ref, city),
	CONSTRAINT never_over_filled CHECK (filled BETWEEN 0 AND posts),
	CHECK (open = (closed_reason IS NULL)),
	CHECK (NOT reserved OR approval IS NOT NULL)
) WITH (fillfactor = 80);

-- What was not merged yet is read by every search, and merging it makes one filing wait: some
-- 1,300 vacancies at a time cost a search half a millisecond and that filing 50.
CREATE INDEX vacancy_terms ON ledger.vacancy USING gin
	(ledger.vacancy_terms(words, occupation, place, form, shift, reserved))
	WITH (gin_pending_list_limit = 2048) WHERE open;
CREATE INDEX vacancy_approval ON ledger.vacancy (city, approval) WHERE reserved;
CREATE INDEX vacancy_posted ON ledger.vacancy (city, posted_on, id) WHERE open;
CREATE INDEX vacancy_pay ON ledger.vacancy (city, pay_max_month, id) WHERE open;
CREATE INDEX vacancy_ends ON ledger.vacancy (city, (coalesce(valid_until, 'infinity')), id)
	WHERE open;

-- What a filing says about a vacancy without changing its record: the line that carries it
-- now, the quarter of the newest statement about it (its line, or its closing), and until when
-- silence leaves it open.  `turn_on` is the day an open vacancy lapses, and none for a closed
-- one: the minute's look finds it by that, neither by all that are open nor by all that ever
-- lapsed.
CREATE TABLE ledger.vacancy_standing (
	city         int NOT NULL,
	vacancy      bigint NOT NULL,
	line         bigint NOT NULL,
	quarter      text NOT NULL,
	confirmed_on date NOT NULL,
	lapses_on    date NOT NULL,
	turn_on      date,
	PRIMARY KEY (city, vacancy)
) WITH (fillfactor = 80);
CREATE INDEX vacancy_standing_turn ON ledger.vacancy_standing (city, turn_on)
	WHERE turn_on IS NOT NULL;

CREATE FUNCTION ledger.open_turn() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
	UPDATE ledger.vacancy_standing s SET turn_on = CASE WHEN NEW.open THEN s.lapses_on END
		WHERE s.city = NEW.city AND s.vacancy = NEW.id;
	RETURN NULL;
END $$;
CREATE TRIGGER open_turn AFTER UPDATE OF open ON ledger.vacancy FOR EACH ROW
	WHEN (OLD.open <> NEW.open) EXECUTE FUNCTION ledger.open_turn();

-- When a vacancy that was opened again had been closed; until_on is the first day on which it was
-- open again.  The line that stood on a day is among the lines of its returns.
CREATE TABLE ledger.vacancy_past (
	city          int NOT NULL,
	vacancy       bigint NOT NULL,
	closed_on     date NOT NULL,
	closed_reason text NOT NULL,
	until_on      date NOT NULL CHECK (until_on > closed_on),
	PRIMARY KEY (city, vacancy, until_on)
);

CREATE FUNCTION ledger.keep_closed() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO ledger.vacancy_past (city, vacancy, closed_on, closed_reason, until_on)
		SELECT OLD.city, OLD.id, OLD.closed_on, OLD.closed_reason, d.today
		FROM ledger.today(OLD.city) d(today) WHERE OLD.closed_on < d.today;
	RETURN NULL;
END $$;
CREATE TRIGGER keep_closed AFTER UPDATE OF open ON ledger.vacancy FOR EACH ROW
	WHEN (NEW.open AND NOT OLD.open) EXECUTE FUNCTION ledger.keep_closed();

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

-- A line as the codec hands it over; sets are hex, the contact is sealed.  Which return it is
-- of is NULL in a filing, where the call says it.
CREATE TYPE ledger.offered_line AS (
	n                 int,
	employer          text,
	district          text,
	quarter           text,
	ref               text,
	occupation        int,
	title             text,
	duties            text,
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
	contact_key       text,
	filed             jsonb,
	closing           jsonb -- of an import, which may close lines too; else NULL
);

-- The same, looked up: what it would change.  `follows`: the vacancy takes it over, because
-- no newer statement is there; `until`: the first day on which it no longer speaks for it;
-- `opens`: it is open by this line; `newer`: what stands instead (rules/news).
CREATE TYPE ledger.amendment AS (
	line          ledger.offered_line,
	employer      bigint,
	employer_name text,
	old_line      bigint,
	vacancy       bigint,
	follows       boolean,
	rewrites      boolean,
	writes        boolean,
	result        text,
	fault         jsonb,
	until         date,
	opens         boolean,
	newer         jsonb
);

-- A question, coded: bounds that stand open when they were not asked for.
CREATE TYPE ledger.vacancy_query AS (
	city            int,
	occupation_from int,
	occupation_to   int,
	place_from      bigint,
	place_to        bigint,
	pay             int,
	education       int,
	forms           int,
	shifts          int,
	reserved        int,
	since           date,
	patterns        text[],
	whole           text[],
	terms           bigint[],
	today           date
);
