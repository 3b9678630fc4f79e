-- The clock, days and quarters, policy, units, and ids in text.
--
-- A file of this folder holds CREATE OR REPLACE FUNCTION and nothing else, each function once
-- over all files, the rule (`ledger`) beside its door (`api`).  When any file differs from what
-- the database holds, `vacancyd migrate` applies them all in one transaction and drops what no
-- file defines any more.  Daemons of the previous version go on working meanwhile: an argument
-- is added at the end and with a default, never moved or taken away while one may call it.
--
-- Business time comes from ledger.app_now() and nowhere else; a legal date is a day in
-- Asia/Shanghai.

-- plpgsql wherever a look-up is on the way of a write: its plan is kept by the session.
CREATE OR REPLACE FUNCTION ledger.app_now(p_city int) RETURNS timestamptz
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN (SELECT coalesce(c.fixed_clock, transaction_timestamp())
		FROM ledger.city c WHERE c.city = p_city);
END $$;

CREATE OR REPLACE FUNCTION ledger.legal_day(p_at timestamptz) RETURNS date
LANGUAGE sql STABLE PARALLEL SAFE AS $$
	SELECT (p_at AT TIME ZONE 'Asia/Shanghai')::date
$$;

CREATE OR REPLACE FUNCTION ledger.today(p_city int) RETURNS date
LANGUAGE sql STABLE AS $$
	SELECT ledger.legal_day(ledger.app_now(p_city))
$$;

CREATE OR REPLACE FUNCTION ledger.instant(p_at timestamptz) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE AS $$
	SELECT to_char(p_at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD"T"HH24:MI:SS"+08:00"')
$$;

-- One; as a part of the statement that asks, and by itself.
CREATE OR REPLACE FUNCTION ledger.policies_on(p_city int, p_day date) RETURNS SETOF ledger.policy
LANGUAGE sql STABLE ROWS 1 AS $$
	SELECT p.* FROM ledger.policy p
	WHERE p.city = p_city AND p.valid_from <= p_day
	ORDER BY p.valid_from DESC LIMIT 1
$$;

CREATE OR REPLACE FUNCTION ledger.policy_on(p_city int, p_day date) RETURNS ledger.policy
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN (SELECT p FROM ledger.policies_on(p_city, p_day) p);
END $$;

CREATE OR REPLACE FUNCTION ledger.unit_of(p_city int, p_place bigint, p_day date) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN (SELECT u.unit FROM ledger.unit_prefix u
		WHERE u.city = p_city
		  AND u.prefix = ANY (ARRAY(SELECT left(p_place::text, n) FROM generate_series(4, 12) n))
		  AND u.valid_from <= p_day AND p_day < u.valid_to
		ORDER BY length(u.prefix) DESC LIMIT 1);
END $$;

CREATE OR REPLACE FUNCTION ledger.add_months(p_day date, p_months int) RETURNS date
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT (p_day + make_interval(months => p_months))::date
$$;

-- Full years (rules/age): born on 29 February, the year is full on 1 March.
CREATE OR REPLACE FUNCTION ledger.age_on(p_birth date, p_day date) RETURNS int
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT (date_part('year', p_day) - date_part('year', p_birth))::int
		- (date_part('month', p_day) * 100 + date_part('day', p_day)
			< date_part('month', p_birth) * 100 + date_part('day', p_birth))::int
$$;

CREATE OR REPLACE FUNCTION ledger.birthday(p_birth date, p_years int) RETURNS date
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT (p_birth + make_interval(years => p_years))::date
		+ (extract(day FROM p_birth) = 29
			AND extract(day FROM p_birth + make_interval(years => p_years)) = 28)::int
$$;

-- Quarters: '2007Q2' begins 2007-04-01; it fell due on the 10th after its end.
CREATE OR REPLACE FUNCTION ledger.quarter_begin(p_quarter text) RETURNS date
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT make_date(left(p_quarter, 4)::int, right(p_quarter, 1)::int * 3 - 2, 1)
$$;

CREATE OR REPLACE FUNCTION ledger.quarter_due(p_quarter text) RETURNS date
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT (ledger.quarter_begin(p_quarter) + interval '3 months')::date + 9
$$;

CREATE OR REPLACE FUNCTION ledger.quarter_end(p_quarter text) RETURNS date
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT (ledger.quarter_begin(p_quarter) + interval '3 months')::date
$$;

CREATE OR REPLACE FUNCTION ledger.quarter_of(p_day date) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT extract(year FROM p_day)::text || 'Q' || extract(quarter FROM p_day)::text
$$;

-- The current and the past eight quarters may be filed.
CREATE OR REPLACE FUNCTION ledger.quarter_is_open(p_quarter text, p_today date) RETURNS boolean
LANGUAGE sql STABLE AS $$
	SELECT p_quarter ~ '^[0-9]{4}Q[1-4]$' AND ledger.quarter_begin(p_quarter) BETWEEN
		ledger.quarter_begin(ledger.quarter_of(p_today)) - interval '2 years' AND p_today
$$;

CREATE OR REPLACE FUNCTION ledger.day_of_number(p_number bigint) RETURNS date
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT CASE WHEN p_number >= 2147483647 THEN 'infinity'
		ELSE DATE '2000-01-01' + least(greatest(p_number, -700000), 2900000)::int END
$$;

-- A seeker's id in JSON is sixteen hex digits; anything else is nobody's.
CREATE OR REPLACE FUNCTION ledger.seeker_text(p_id bigint) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT lpad(to_hex(p_id), 16, '0')
$$;

CREATE OR REPLACE FUNCTION ledger.seeker_id(p_text text) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT CASE WHEN p_text ~ '^[0-7][0-9a-f]{15}$' THEN ('x' || p_text)::bit(64)::bigint END
$$;

CREATE OR REPLACE FUNCTION ledger.row_id(p_text text) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT CASE WHEN p_text ~ '^[0-9]{1,18}$' THEN p_text::bigint END
$$;

CREATE OR REPLACE FUNCTION ledger.unhex(p_hex text) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT decode(coalesce(p_hex, ''), 'hex')
$$;

-- A set of one-byte ids (skills, licences).
CREATE OR REPLACE FUNCTION ledger.ids_of(p_set bytea) RETURNS int[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT coalesce(array_agg(get_byte(p_set, n) ORDER BY n), '{}')
	FROM generate_series(0, octet_length(p_set) - 1) n
$$;
