-- People: the sealed civil file, and beside it the dated facts a rank is derived from.
--
-- `person` holds what is sealed and the civil register's sex and birth date; `seeker` holds
-- codes only, and its generated record is all that leaves the ledger.  Certificates,
-- recognitions, registrations, households and who belongs to them are dated rows, voided,
-- never deleted; person_change keeps who wrote what and why, the past tables what stood
-- before.  A household has no state column: open, helped and cleared follow from its members'
-- employment on the day asked (rules/household-state).  seeker.turn_on is not when a class ends but a
-- day by which somebody looks; it may be early, never late, so getting work need not move it.

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
	address_blind  bytea,
	sex            int NOT NULL CHECK (sex IN (1, 2)),
	birth          date NOT NULL,
	grp            text NOT NULL,
	hukou_type     text NOT NULL CHECK (hukou_type IN ('urban', 'rural')),
	hukou_division text,
	registered_on  date NOT NULL,
	kid            text NOT NULL,
	actor          text NOT NULL,
	PRIMARY KEY (city, id),
	-- Not the city first: while the table is small, a plan would take this one to look for an id.
	UNIQUE (blind, city)
);
CREATE INDEX person_name ON ledger.person (city, name_blind) WHERE name_blind IS NOT NULL;
CREATE INDEX person_phone ON ledger.person (city, phone_blind) WHERE phone_blind IS NOT NULL;

-- One call that registers a person, as the functions of registering pass it on; n: which of
-- the calls it is.
CREATE TYPE ledger.registration AS (
	n         int,
	kid       text,
	first_kid text,
	actor     text,
	scope     text,
	officer   bigint,
	on_behalf bigint,
	trace     text,
	idem      text,
	request   bytea,
	id        bigint,
	blind     bytea,
	citizen   bytea,
	name      bytea,
	phone     bytea,
	address   bytea,
	body      jsonb,
	call      text
);

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

-- waiting_since: as ledger.waits_since() had it when last looked at.  merged_into: the file that holds what this one held.  busy: she has
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
	age_class      int NOT NULL CHECK (age_class BETWEEN 1 AND 5),
	class_until    date,
	waiting_since  date NOT NULL,
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
	turn_on        date,
	PRIMARY KEY (city, id),
	FOREIGN KEY (city, id) REFERENCES ledger.person,
	CHECK (coalesce(turn_on, 'infinity') <= coalesce(class_until, 'infinity'))
) WITH (fillfactor = 90);
CREATE INDEX seeker_waiting ON ledger.seeker (city, waiting_since, id)
	WHERE merged_into IS NULL;
CREATE INDEX seeker_merged ON ledger.seeker (city, merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX seeker_turn ON ledger.seeker (city, turn_on) WHERE turn_on IS NOT NULL;

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

-- For all rows of a statement at once; they are of one city.  The two tables are joined by
-- hash however few rows there were when the plan was made.
CREATE FUNCTION ledger.keep_past() RETURNS trigger
LANGUAGE plpgsql SET enable_nestloop = off AS $$
DECLARE
	today date := (SELECT ledger.today(n.city) FROM now_is n LIMIT 1);
BEGIN
	INSERT INTO ledger.seeker_past SELECT o.city, o.id, o.version, today, o.active, o.community,
			o.rank, o.rank_reason, o.rank_on, o.age_class, o.class_until, o.waiting_since,
			o.withdrawn_on, o.withdrawn_for, o.pay_wish, o.farthest, o.shifts, o.forms,
			o.education, o.wishes, o.skills, o.licences, o.experience
		FROM was o JOIN now_is n ON n.city = o.city AND n.id = o.id
		WHERE (o.active, o.community, o.rank, o.rank_reason, o.waiting_since, o.withdrawn_on,
			o.pay_wish, o.farthest, o.shifts, o.forms, o.education, o.wishes, o.skills,
			o.licences, o.experience) IS DISTINCT FROM (n.active, n.community, n.rank,
			n.rank_reason, n.waiting_since, n.withdrawn_on, n.pay_wish, n.farthest, n.shifts,
			n.forms, n.education, n.wishes, n.skills, n.licences, n.experience);
	RETURN NULL;
END $$;
CREATE TRIGGER keep_past AFTER UPDATE ON ledger.seeker
	REFERENCING OLD TABLE AS was NEW TABLE AS now_is FOR EACH STATEMENT
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

-- One number one certificate, one person one live certificate (rules/certificate).
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
	on_day      date NOT NULL,
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

-- Asked by one officer, decided by another; what is only asked ends nothing.  The legal days of
-- both follow from the instants.
CREATE TABLE ledger.household_ending (
	city          int NOT NULL,
	id            bigint GENERATED ALWAYS AS IDENTITY,
	household     bigint NOT NULL,
	on_day        date NOT NULL,
	reason        text NOT NULL,
	asked_at      timestamptz NOT NULL,
	asked_kid     text NOT NULL,
	asked_actor   text NOT NULL,
	decision      text CHECK (decision IN ('approve', 'refuse')),
	decided_at    timestamptz,
	decided_kid   text,
	decided_actor text,
	decided_for   text,
	PRIMARY KEY (city, id),
	FOREIGN KEY (city, household) REFERENCES ledger.household,
	CHECK ((decision IS NULL) = (decided_at IS NULL))
);
CREATE UNIQUE INDEX household_ending_open ON ledger.household_ending (city, household)
	WHERE decision IS NULL;
CREATE INDEX household_ending_waiting ON ledger.household_ending (city, id)
	WHERE decision IS NULL;

-- Append only.  `reason` may be a clerk's words about a person: no answer and no event has it.
CREATE TABLE ledger.person_change (
	city   int NOT NULL,
	id     bigint GENERATED ALWAYS AS IDENTITY,
	person bigint NOT NULL,
	what   text NOT NULL,
	fact   bigint,
	on_day date NOT NULL,
	reason text,
	at     timestamptz NOT NULL,
	kid    text NOT NULL,
	actor  text NOT NULL,
	PRIMARY KEY (city, id),
	FOREIGN KEY (city, person) REFERENCES ledger.person
);
CREATE INDEX person_change_person ON ledger.person_change (city, person, id);

CREATE TABLE ledger.merge (
	city         int NOT NULL,
	id           bigint GENERATED ALWAYS AS IDENTITY,
	survivor     bigint NOT NULL,
	duplicate    bigint NOT NULL,
	reason       text NOT NULL,
	on_day       date NOT NULL,
	facts        text NOT NULL,
	kid          text NOT NULL,
	actor        text NOT NULL,
	undone_on    date,
	undone_kid   text,
	undone_actor text,
	undone_for   text,
	PRIMARY KEY (city, id),
	FOREIGN KEY (city, survivor) REFERENCES ledger.person,
	FOREIGN KEY (city, duplicate) REFERENCES ledger.person
);
CREATE UNIQUE INDEX merge_live ON ledger.merge (city, duplicate) WHERE undone_on IS NULL;

-- Each row that went over: its table, and what tells it apart there.
CREATE TABLE ledger.merge_moved (
	city  int NOT NULL,
	merge bigint NOT NULL,
	what  text NOT NULL,
	key   text NOT NULL,
	PRIMARY KEY (city, merge, what, key),
	FOREIGN KEY (city, merge) REFERENCES ledger.merge
);
