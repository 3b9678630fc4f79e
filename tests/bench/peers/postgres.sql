-- The peer of match-engine: the same two questions answered by PostgreSQL alone.
--
-- One table of vacancies and one of postings (a seeker's wish), with covering indexes so
-- that every scan is index-only.  The functions search in stages, nearest first, and stop
-- when no candidate of a later stage could still be among the best k: what the index
-- does in the process, said in plpgsql (stages.py).  Skills are a bit string, licences a bigint;
-- an answer's order is one bigint, so that sorting compares integers.  What else was
-- tried is in README.md.
--
-- The points are the policy's (config/policy/zhengzhou-2007.conf), written out, because
-- constants are faster than look-ups.

CREATE SCHEMA peer;

CREATE TABLE peer.vacancy (
	id          bigint NOT NULL,
	occupation  int NOT NULL,
	minor       int NOT NULL,
	middle      int NOT NULL,
	major       int NOT NULL,
	county      int NOT NULL,
	place       bigint NOT NULL,
	pay_max     int NOT NULL,
	posted_on   int NOT NULL,
	valid_until int NOT NULL,
	released_on int NOT NULL,
	months      int NOT NULL,
	education   smallint NOT NULL,
	shift       smallint NOT NULL,
	form        smallint NOT NULL,
	reserved    boolean NOT NULL,
	weight      smallint NOT NULL, -- of all skills named: a required one counts twice
	licences    bigint NOT NULL,
	required    bit(256) NOT NULL,
	wished      bit(256) NOT NULL
);

-- Seats: one for each wish.  The first_ columns: no earlier wish is in the same group.
CREATE TABLE peer.posting (
	id           bigint NOT NULL,
	class        smallint NOT NULL,
	wish         int NOT NULL,
	minor        int, -- NULL: she wishes a whole middle group
	middle       int NOT NULL,
	major        int NOT NULL,
	county       int NOT NULL,
	place        bigint NOT NULL,
	waiting      int NOT NULL,
	pay_wish     int NOT NULL,
	rank         smallint NOT NULL,
	farthest     smallint NOT NULL,
	shifts       smallint NOT NULL,
	forms        smallint NOT NULL,
	education    smallint NOT NULL,
	first_minor  boolean NOT NULL,
	first_middle boolean NOT NULL,
	first_major  boolean NOT NULL,
	m1           int NOT NULL, -- minor groups of her experience, and the months in them
	m2           int NOT NULL,
	m3           int NOT NULL,
	n1           smallint NOT NULL,
	n2           smallint NOT NULL,
	n3           smallint NOT NULL,
	licences     bigint NOT NULL,
	wishes       int[] NOT NULL,
	minors       int[] NOT NULL,
	middles      int[] NOT NULL,
	skills       bit(256) NOT NULL
);

-- Days since 2000-01-01.
CREATE FUNCTION peer.day(d date) RETURNS int LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE WHEN d IS NULL THEN 2147483647 ELSE d - DATE '2000-01-01' END
$$;

-- A set of one-byte ids as bits.
CREATE FUNCTION peer.bits(ids bytea) RETURNS bit(256) LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
	b bit(256) := repeat('0', 256)::bit(256);
BEGIN
	FOR i IN 0 .. octet_length(ids) - 1 LOOP
		b := set_bit(b, get_byte(ids, i), 1);
	END LOOP;
	RETURN b;
END $$;

CREATE FUNCTION peer.mask(ids bytea) RETURNS bigint LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
	m bigint := 0;
BEGIN
	FOR i IN 0 .. octet_length(ids) - 1 LOOP
		m := m | (1::bigint << get_byte(ids, i));
	END LOOP;
	RETURN m;
END $$;

-- The points that both sides share; all of these are inlined.
CREATE FUNCTION peer.pay_points(offered int, asked int) RETURNS int LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE WHEN offered >= asked THEN 150 WHEN offered = 0 THEN 75 -- by the piece
		ELSE greatest(150 - (15000 * (asked - offered)::bigint / (25 * asked::bigint))::int, 0) END
$$;

CREATE FUNCTION peer.month_points(have int, months int) RETURNS int LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE WHEN have >= months THEN 60 ELSE 60 * have / months END
$$;

CREATE FUNCTION peer.skill_points(skills bit, required bit, wished bit, weight smallint) RETURNS int
LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE WHEN weight = 0 THEN 100
		ELSE 200 * (2 * bit_count(skills & required) + bit_count(skills & wished))::int / weight END
$$;

CREATE FUNCTION peer.fresh_points(age int) RETURNS int LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE WHEN age <= 7 THEN 40 WHEN age <= 30 THEN 30 WHEN age <= 60 THEN 20
		WHEN age <= 90 THEN 10 ELSE 0 END
$$;

-- Seeker -> vacancies: score descending, posted ascending, id ascending, as one number.
CREATE FUNCTION peer.vacancy_key(points int, posted_on int, id bigint) RETURNS bigint
LANGUAGE sql IMMUTABLE AS $$
	SELECT ((1023 - points)::bigint << 52) | (posted_on::bigint << 36) | id
$$;

-- Vacancy -> seekers.  Of those who fit, with every required skill and the months asked for: band descending, waiting longer, score descending;
-- of the others: score descending, waiting longer.  The id comes after it.
CREATE FUNCTION peer.fit_key(points int, waiting int) RETURNS bigint
LANGUAGE sql IMMUTABLE AS $$
	SELECT ((40 - points / 25)::bigint << 32) | ((waiting + 65536)::bigint << 10) | (1023 - points)
$$;

CREATE FUNCTION peer.other_key(points int, waiting int) RETURNS bigint
LANGUAGE sql IMMUTABLE AS $$
	SELECT ((1023 - points)::bigint << 32) | (waiting + 65536)
$$;
