-- People: the sealed civil file, and beside it the dated facts a rank is derived from.
--
-- `person` holds what is sealed and the civil register's sex and birth date;
-- `seeker` holds codes only, and its generated record is all that leaves the ledger.
-- Certificates, recognitions, registrations, households and who belongs to them are dated
-- rows, voided, never deleted.  The surprising thing: a household has no state column;
-- open, helped and cleared follow from its members' employment on the day asked
-- (domain.md 3.6).

CREATE TABLE ledger.person (
	city           int NOT NULL REFERENCES ledger.city,
	id             bigint NOT NULL CHECK (id > 0),
	blind          bytea NOT NULL CHECK (octet_length(blind) = 32),
	citizen        bytea NOT NULL,
	name           bytea NOT NULL,
	phone          bytea,
	address        bytea,
	name_blind     bytea,
	phone_blind    bytea,
	sex            int NOT NULL CHECK (sex IN (1, 2)),
	birth          date NOT NULL,
	grp            text NOT NULL,
	hukou_type     text NOT NULL CHECK (hukou_type IN ('urban', 'rural')),
	hukou_division text,
	registered_on  date NOT NULL,
	kid            text NOT NULL,
	actor          text NOT NULL,
	PRIMARY KEY (city, id),
	UNIQUE (city, blind)
);
CREATE INDEX person_name ON ledger.person (city, name_blind) WHERE name_blind IS NOT NULL;
CREATE INDEX person_phone ON ledger.person (city, phone_blind) WHERE phone_blind IS NOT NULL;

-- A dated personal fact with its evidence (worker 50, cadre 55, man 60).
CREATE TABLE ledger.retirement_fact (
	city     int NOT NULL,
	person   bigint NOT NULL,
	since    date NOT NULL,
	age      int NOT NULL CHECK (age BETWEEN 45 AND 70),
	evidence text NOT NULL,
	PRIMARY KEY (city, person, since),
	FOREIGN KEY (city, person) REFERENCES ledger.person
);

-- p_state: 0 not looking, 1 waiting, 2 waiting with three live referrals.
CREATE FUNCTION ledger.seeker_record(p_id bigint, p_version bigint, p_state int,
	p_community bigint, p_rank int, p_age_class int, p_until date, p_waiting date,
	p_pay_wish int, p_farthest int, p_shifts int, p_forms int, p_education int, p_wishes int[],
	p_skills bytea, p_licences bytea, p_experience bytea)
RETURNS bytea
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
	RETURN '\x0173'::bytea || int8send(p_id) || int8send(p_version) || int2send(p_state::int2)
		|| int8send(p_community) || int2send(p_rank::int2) || int2send(p_age_class::int2)
		|| int4send(ledger.day_number(p_until)) || int4send(ledger.day_number(p_waiting))
		|| int4send(p_pay_wish) || int2send(p_farthest::int2) || int2send(p_shifts::int2)
		|| int2send(p_forms::int2) || int2send(p_education::int2)
		|| int4send(p_wishes[1]) || int4send(coalesce(p_wishes[2], 0))
		|| int4send(coalesce(p_wishes[3], 0)) || int4send(coalesce(p_wishes[4], 0))
		|| int4send(coalesce(p_wishes[5], 0))
		|| int2send(octet_length(p_skills)::int2) || p_skills
		|| int2send(octet_length(p_licences)::int2) || p_licences
		|| int2send(octet_length(p_experience)::int2) || p_experience;
END $$;

-- waits_from: the registration she waits from; a longer job since then makes waiting_since
-- later (ledger.rerank).  merged_into: the file that holds what this one held.  busy: she has
-- three live referrals, and stands in no new list.
CREATE TABLE ledger.seeker (
	city           int NOT NULL,
	id             bigint NOT NULL,
	version        bigint NOT NULL DEFAULT 1,
	active         boolean NOT NULL DEFAULT true,
	busy           boolean NOT NULL DEFAULT false,
	community      bigint NOT NULL CHECK (community BETWEEN 100000000000 AND 999999999999),
	rank           int NOT NULL CHECK (rank BETWEEN 1 AND 6),
	rank_reason    text NOT NULL,
	rank_on        date NOT NULL,
	age_class      int NOT NULL CHECK (age_class BETWEEN 1 AND 4),
	class_until    date,
	waiting_since  date NOT NULL,
	waits_from     date,
	withdrawn_on   date,
	withdrawn_for  text,
	returned_on    date,
	merged_into    bigint,
	pay_wish       int NOT NULL DEFAULT 0 CHECK (pay_wish >= 0),
	farthest       int NOT NULL CHECK (farthest BETWEEN 0 AND 4),
	shifts         int NOT NULL CHECK (shifts BETWEEN 1 AND 15),
	forms          int NOT NULL CHECK (forms BETWEEN 1 AND 3),
	education      text,
	education_rank int NOT NULL CHECK (education_rank BETWEEN 0 AND 7),
	wishes         int[] NOT NULL CHECK (cardinality(wishes) BETWEEN 1 AND 5),
	skills         bytea NOT NULL DEFAULT '' CHECK (octet_length(skills) <= 16),
	licences       bytea NOT NULL DEFAULT '' CHECK (octet_length(licences) <= 8),
	experience     bytea NOT NULL DEFAULT ''
		CHECK (octet_length(experience) <= 30 AND octet_length(experience) % 6 = 0),
	record bytea GENERATED ALWAYS AS (ledger.seeker_record(id, version,
		CASE WHEN NOT active THEN 0 WHEN busy THEN 2 ELSE 1 END, community, rank,
		age_class, class_until, waiting_since, pay_wish, farthest, shifts, forms,
		education_rank, wishes, skills, licences, experience)) STORED,
	PRIMARY KEY (city, id),
	FOREIGN KEY (city, id) REFERENCES ledger.person
);
CREATE INDEX seeker_waiting ON ledger.seeker (city, waiting_since, id)
	WHERE merged_into IS NULL;
CREATE INDEX seeker_merged ON ledger.seeker (city, merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX seeker_turn ON ledger.seeker (city, class_until) WHERE class_until IS NOT NULL;

CREATE VIEW ledger.seeker_readable AS
	SELECT city, ledger.seeker_text(id) AS seeker, version, active, community, 'P' || rank AS rank,
		rank_reason, rank_on, age_class, class_until, waiting_since, pay_wish, wishes,
		ledger.ids_of(skills) AS skills, ledger.ids_of(licences) AS licences
	FROM ledger.seeker;

-- What a seeker's row said before each change; until_on is the first day without it.  The
-- row that stood on the evening of a day is the first with a later until_on, else the
-- present one.
CREATE TABLE ledger.seeker_past (
	city          int NOT NULL,
	seeker        bigint NOT NULL,
	version       bigint NOT NULL,
	until_on      date NOT NULL,
	active        boolean NOT NULL,
	community     bigint NOT NULL,
	rank          int NOT NULL,
	rank_reason   text NOT NULL,
	rank_on       date NOT NULL,
	age_class     int NOT NULL,
	class_until   date,
	waiting_since date NOT NULL,
	withdrawn_on  date,
	withdrawn_for text,
	pay_wish      int NOT NULL,
	farthest      int NOT NULL,
	shifts        int NOT NULL,
	forms         int NOT NULL,
	education     text,
	wishes        int[] NOT NULL,
	skills        bytea NOT NULL,
	licences      bytea NOT NULL,
	experience    bytea NOT NULL,
	PRIMARY KEY (city, seeker, version)
);

CREATE FUNCTION ledger.keep_past() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO ledger.seeker_past VALUES (OLD.city, OLD.id, OLD.version,
		ledger.today(OLD.city), OLD.active, OLD.community, OLD.rank, OLD.rank_reason,
		OLD.rank_on, OLD.age_class, OLD.class_until, OLD.waiting_since, OLD.withdrawn_on,
		OLD.withdrawn_for, OLD.pay_wish, OLD.farthest, OLD.shifts, OLD.forms, OLD.education,
		OLD.wishes, OLD.skills, OLD.licences, OLD.experience);
	RETURN NULL;
END $$;
CREATE TRIGGER keep_past AFTER UPDATE ON ledger.seeker FOR EACH ROW
	WHEN ((OLD.active, OLD.community, OLD.rank, OLD.rank_reason, OLD.waiting_since,
		OLD.withdrawn_on, OLD.pay_wish, OLD.farthest, OLD.shifts, OLD.forms, OLD.education,
		OLD.wishes, OLD.skills, OLD.licences, OLD.experience)
		IS DISTINCT FROM (NEW.active, NEW.community, NEW.rank, NEW.rank_reason,
		NEW.waiting_since, NEW.withdrawn_on, NEW.pay_wish, NEW.farthest, NEW.shifts, NEW.forms,
		NEW.education, NEW.wishes, NEW.skills, NEW.licences, NEW.experience))
	EXECUTE FUNCTION ledger.keep_past();

-- The same for the sealed fields that change.
CREATE TABLE ledger.person_past (
	city     int NOT NULL,
	id       bigint GENERATED ALWAYS AS IDENTITY,
	person   bigint NOT NULL,
	until_on date NOT NULL,
	phone    bytea,
	address  bytea,
	PRIMARY KEY (city, person, id),
	FOREIGN KEY (city, person) REFERENCES ledger.person
);

-- ended_on is the first day without it, here and in every dated table below.
CREATE TABLE ledger.unemployment (
	city       int NOT NULL,
	id         bigint GENERATED ALWAYS AS IDENTITY,
	person     bigint NOT NULL,
	since      date NOT NULL,
	prior_job  boolean NOT NULL,
	laid_off   text CHECK (laid_off IN ('L1', 'L2', 'L3', 'L4')),
	ended_on   date,
	ended_by   bigint,
	end_reason text,
	void_on    date,
	PRIMARY KEY (city, id),
	FOREIGN KEY (city, person) REFERENCES ledger.person
);
CREATE INDEX unemployment_person ON ledger.unemployment (city, person);

CREATE TABLE ledger.recognition (
	city          int NOT NULL,
	id            bigint GENERATED ALWAYS AS IDENTITY,
	person        bigint NOT NULL,
	code          text NOT NULL CHECK (code ~ '^HC[1-7][a-e]?$'),
	recognised_on date NOT NULL,
	by_kid        text NOT NULL,
	ended_on      date,
	end_reason    text,
	void_on       date,
	PRIMARY KEY (city, id),
	FOREIGN KEY (city, person) REFERENCES ledger.person
);
CREATE INDEX recognition_person ON ledger.recognition (city, person);

-- One number one certificate, one person one live certificate (domain.md 3.4, F1).
CREATE TABLE ledger.certificate (
	city        int NOT NULL,
	id          bigint GENERATED ALWAYS AS IDENTITY,
	person      bigint NOT NULL,
	number      text NOT NULL,
	grp         text NOT NULL,
	issued_on   date NOT NULL,
	valid_to    date NOT NULL,
	void_on     date,
	void_reason text,
	PRIMARY KEY (city, id),
	UNIQUE (city, number),
	FOREIGN KEY (city, person) REFERENCES ledger.person
);
CREATE INDEX certificate_person ON ledger.certificate (city, person);
CREATE UNIQUE INDEX certificate_one_live ON ledger.certificate (city, person)
	WHERE void_on IS NULL;

CREATE TABLE ledger.inspection (
	city        int NOT NULL,
	certificate bigint NOT NULL,
	year        int NOT NULL,
	PRIMARY KEY (city, certificate, year),
	FOREIGN KEY (city, certificate) REFERENCES ledger.certificate
);

CREATE TABLE ledger.household (
	city              int NOT NULL REFERENCES ledger.city,
	id                bigint GENERATED ALWAYS AS IDENTITY,
	community         bigint NOT NULL,
	hukou_type        text NOT NULL CHECK (hukou_type IN ('urban', 'rural')),
	business_income   boolean NOT NULL,
	investment_income boolean NOT NULL,
	applied_on        date NOT NULL,
	determined_on     date,
	ended_on          date,
	end_reason        text,
	version           bigint NOT NULL DEFAULT 1,
	kid               text NOT NULL,
	actor             text NOT NULL,
	PRIMARY KEY (city, id)
);

-- `excluded`: full-time student, serving soldier, internally retired, as told.  Who belonged
-- to it when it applied has done so since ever; left_on is the first day without her.
CREATE TABLE ledger.household_member (
	city      int NOT NULL,
	household bigint NOT NULL,
	person    bigint NOT NULL,
	able      boolean NOT NULL,
	willing   boolean NOT NULL,
	excluded  text NOT NULL DEFAULT '',
	joined_on date NOT NULL DEFAULT '-infinity',
	left_on   date CHECK (left_on >= joined_on),
	PRIMARY KEY (city, household, person, joined_on),
	FOREIGN KEY (city, household) REFERENCES ledger.household,
	FOREIGN KEY (city, person) REFERENCES ledger.person
);
CREATE INDEX household_member_person ON ledger.household_member (city, person);

CREATE FUNCTION ledger.retirement_age(p_city int, p_person bigint, p_sex int, p_day date)
RETURNS int
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN coalesce(
		(SELECT f.age FROM ledger.retirement_fact f
			WHERE f.city = p_city AND f.person = p_person AND f.since <= p_day
			ORDER BY f.since DESC LIMIT 1),
		(SELECT CASE WHEN p_sex = 2 THEN retire_women ELSE retire_men END
			FROM ledger.policy_on(p_city, p_day)));
END $$;

-- cert_valid(d), domain.md 3.4: active, and inspected for the year, or for the year
-- before (or issued then) up to the inspection deadline; none needed in the year of issue.
CREATE FUNCTION ledger.certificate_on(p_city int, p_person bigint, p_day date) RETURNS bigint
LANGUAGE plpgsql STABLE AS $$
DECLARE
	y   int := extract(year FROM p_day);
	pol ledger.policy := ledger.policy_on(p_city, p_day);
BEGIN
	RETURN (SELECT c.id FROM ledger.certificate c
		WHERE c.city = p_city AND c.person = p_person
		  AND c.issued_on <= p_day AND p_day <= c.valid_to
		  AND (c.void_on IS NULL OR p_day < c.void_on)
		  AND (extract(year FROM c.issued_on) = y
			OR EXISTS (SELECT FROM ledger.inspection i
				WHERE i.city = p_city AND i.certificate = c.id AND i.year = y)
			OR (p_day <= make_date(y, pol.inspect_by_month, pol.inspect_by_day)
				AND (extract(year FROM c.issued_on) = y - 1
				OR EXISTS (SELECT FROM ledger.inspection i
					WHERE i.city = p_city AND i.certificate = c.id AND i.year = y - 1))))
		LIMIT 1);
END $$;

CREATE FUNCTION ledger.unemployment_on(p_city int, p_person bigint, p_day date)
RETURNS ledger.unemployment
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN (SELECT u FROM ledger.unemployment u
		WHERE u.city = p_city AND u.person = p_person AND u.since <= p_day
		  AND (u.ended_on IS NULL OR p_day < u.ended_on) AND u.void_on IS NULL
		ORDER BY u.since LIMIT 1);
END $$;

-- 4050 (domain.md 3.2): an attribute of sex, birth date and the policy's as-of day.
CREATE FUNCTION ledger.is_4050(p_city int, p_sex int, p_birth date, p_retire int, p_day date)
RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
DECLARE
	pol  ledger.policy := ledger.policy_on(p_city, p_day);
	asof date := CASE pol.age_asof
		WHEN 'year_end' THEN make_date(extract(year FROM p_day)::int, 12, 31)
		WHEN 'event_date' THEN p_day
		ELSE substr(pol.age_asof, 7)::date END;
BEGIN
	RETURN ledger.age_on(p_birth, asof) >= CASE WHEN p_sex = 2 THEN pol.women_from ELSE pol.men_from END
		AND ledger.age_on(p_birth, asof) < p_retire AND ledger.age_on(p_birth, p_day) < p_retire;
END $$;
