-- The ground: schemas, the city with its clock and policy, and the code tables.
--
-- Three schemas: `ledger` holds the facts, `api` what the daemon may call, `ops`
-- what keeps it running.  The city leads every primary key, so tables can be
-- partitioned or distributed by it without changing a query.  Business time comes
-- from ledger.app_now() and nowhere else; a legal date is a day in Asia/Shanghai.
-- The surprising thing: a sandbox city may live on a fixed clock, a production
-- city cannot (a CHECK, not a habit).

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

-- plpgsql wherever a look-up is on the way of a write: its plan is kept by the session.
CREATE FUNCTION ledger.app_now(p_city int) RETURNS timestamptz
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN (SELECT coalesce(c.fixed_clock, transaction_timestamp())
		FROM ledger.city c WHERE c.city = p_city);
END $$;

CREATE FUNCTION ledger.legal_day(p_at timestamptz) RETURNS date
LANGUAGE sql STABLE PARALLEL SAFE AS $$
	SELECT (p_at AT TIME ZONE 'Asia/Shanghai')::date
$$;

CREATE FUNCTION ledger.today(p_city int) RETURNS date
LANGUAGE sql STABLE AS $$
	SELECT ledger.legal_day(ledger.app_now(p_city))
$$;

CREATE FUNCTION ledger.instant(p_at timestamptz) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE AS $$
	SELECT to_char(p_at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD"T"HH24:MI:SS"+08:00"')
$$;

-- What a bureau may decide for itself (domain.md sections 2, 3 and 7), by date of effect.
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
	PRIMARY KEY (city, valid_from)
);

CREATE FUNCTION ledger.policy_on(p_city int, p_day date) RETURNS ledger.policy
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN (SELECT p FROM ledger.policy p
		WHERE p.city = p_city AND p.valid_from <= p_day
		ORDER BY p.valid_from DESC LIMIT 1);
END $$;

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
-- with another district's (domain.md 5.2).  The longest prefix wins.
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

CREATE FUNCTION ledger.unit_of(p_city int, p_place bigint, p_day date) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN (SELECT u.unit FROM ledger.unit_prefix u
		WHERE u.city = p_city
		  AND u.prefix = ANY (ARRAY(SELECT left(p_place::text, n) FROM generate_series(4, 12) n))
		  AND u.valid_from <= p_day AND p_day < u.valid_to
		ORDER BY length(u.prefix) DESC LIMIT 1);
END $$;

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

CREATE FUNCTION ledger.add_months(p_day date, p_months int) RETURNS date
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT (p_day + make_interval(months => p_months))::date
$$;

-- Full years (domain.md 3.1): born on 29 February, the year is full on 1 March.
CREATE FUNCTION ledger.age_on(p_birth date, p_day date) RETURNS int
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT (extract(year FROM p_day) - extract(year FROM p_birth))::int
		- (extract(month FROM p_day) * 100 + extract(day FROM p_day)
			< extract(month FROM p_birth) * 100 + extract(day FROM p_birth))::int
$$;

CREATE FUNCTION ledger.birthday(p_birth date, p_years int) RETURNS date
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT (p_birth + make_interval(years => p_years))::date
		+ (extract(day FROM p_birth) = 29
			AND extract(day FROM p_birth + make_interval(years => p_years)) = 28)::int
$$;

-- A seeker's id in JSON is sixteen hex digits; anything else is nobody's.
CREATE FUNCTION ledger.seeker_text(p_id bigint) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT lpad(to_hex(p_id), 16, '0')
$$;

CREATE FUNCTION ledger.seeker_id(p_text text) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT CASE WHEN p_text ~ '^[0-7][0-9a-f]{15}$' THEN ('x' || p_text)::bit(64)::bigint END
$$;

CREATE FUNCTION ledger.row_id(p_text text) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT CASE WHEN p_text ~ '^[0-9]{1,18}$' THEN p_text::bigint END
$$;

CREATE FUNCTION ledger.in_scope(p_scope text, p_place bigint) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT left(p_place::text, length(p_scope)) = p_scope
$$;

-- A set of one-byte ids (skills, licences), for people to read.
CREATE FUNCTION ledger.ids_of(p_set bytea) RETURNS int[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT coalesce(array_agg(get_byte(p_set, n) ORDER BY n), '{}')
	FROM generate_series(0, octet_length(p_set) - 1) n
$$;

CREATE FUNCTION ledger.unhex(p_hex text) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT decode(coalesce(p_hex, ''), 'hex')
$$;
