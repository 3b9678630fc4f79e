-- A person referred to a vacancy, what happened to the referral, and who was passed over.
--
-- A referral is live for seven days after its last step; one read later has expired, whether
-- or not anything has written so.  What a bureau finds its referrals by, and what a summary
-- counts, stands in the row, so that an index holds it: where the seeker lives and the vacancy
-- is now, and which steps were reached ever.

CREATE TABLE ledger.referral (
	city         int NOT NULL,
	id           bigint GENERATED ALWAYS AS IDENTITY,
	version      int NOT NULL DEFAULT 1,
	seeker       bigint NOT NULL,
	vacancy      bigint NOT NULL,
	employer     text NOT NULL,
	state        text NOT NULL DEFAULT 'proposed' CHECK (state IN ('proposed', 'consented',
		'accepted', 'interviewed', 'offered', 'placed', 'refused', 'declined', 'failed',
		'withdrawn', 'expired')),
	made_at      timestamptz NOT NULL,
	expires_at   timestamptz NOT NULL,
	by_role      int NOT NULL,
	by_whom      text NOT NULL,
	kid          text NOT NULL,
	actor        text NOT NULL,
	rank         int NOT NULL,
	rank_reason  text NOT NULL,
	decided_on   jsonb NOT NULL,
	note         text,
	passing_reason text,
	consent_how  text,
	consented_at timestamptz,
	reason       text,
	placement    bigint,
	community    bigint NOT NULL DEFAULT 0, -- of the seeker
	place        bigint NOT NULL DEFAULT 0, -- of the vacancy
	reached      int NOT NULL DEFAULT 0,    -- ledger.step_reached
	PRIMARY KEY (city, id),
	FOREIGN KEY (city, seeker) REFERENCES ledger.seeker,
	FOREIGN KEY (city, vacancy) REFERENCES ledger.vacancy
);
CREATE INDEX referral_seeker ON ledger.referral (city, seeker, id);
CREATE INDEX referral_vacancy ON ledger.referral (city, vacancy, id);
CREATE INDEX referral_by ON ledger.referral (city, by_whom, id);
CREATE INDEX referral_employer ON ledger.referral (city, employer, id);
-- All that a summary asks for: it reads no row.
CREATE INDEX referral_made ON ledger.referral (city, made_at)
	INCLUDE (reached, rank, by_role, community, place, by_whom, employer);
CREATE INDEX referral_due ON ledger.referral (city, expires_at)
	WHERE state IN ('proposed', 'consented', 'accepted', 'interviewed', 'offered');

-- One bit a step that was reached ever, for a summary; 16 beside them while it is placed.
CREATE FUNCTION ledger.step_reached(p_state text) RETURNS int
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT CASE p_state WHEN 'consented' THEN 1 WHEN 'accepted' THEN 2 WHEN 'interviewed' THEN 4
		WHEN 'offered' THEN 8 ELSE 0 END
$$;

CREATE FUNCTION ledger.keep_referral() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
	NEW.reached := NEW.reached & 15 | ledger.step_reached(NEW.state)
		| CASE NEW.state WHEN 'placed' THEN 16 ELSE 0 END;
	IF TG_OP = 'INSERT' OR NEW.seeker <> OLD.seeker THEN
		NEW.community := (SELECT s.community FROM ledger.seeker s
			WHERE s.city = NEW.city AND s.id = NEW.seeker);
	END IF;
	IF TG_OP = 'INSERT' THEN
		NEW.place := (SELECT v.place FROM ledger.vacancy v
			WHERE v.city = NEW.city AND v.id = NEW.vacancy);
	END IF;
	RETURN NEW;
END $$;
CREATE TRIGGER keep BEFORE INSERT OR UPDATE OF state, seeker ON ledger.referral FOR EACH ROW
	EXECUTE FUNCTION ledger.keep_referral();

CREATE FUNCTION ledger.move_referrals() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
	IF TG_TABLE_NAME = 'seeker' THEN
		UPDATE ledger.referral r SET community = NEW.community
			WHERE r.city = NEW.city AND r.seeker = NEW.id;
	ELSE
		UPDATE ledger.referral r SET place = NEW.place
			WHERE r.city = NEW.city AND r.vacancy = NEW.id;
	END IF;
	RETURN NULL;
END $$;
CREATE TRIGGER moves AFTER UPDATE OF community ON ledger.seeker FOR EACH ROW
	WHEN (OLD.community <> NEW.community) EXECUTE FUNCTION ledger.move_referrals();
CREATE TRIGGER moves AFTER UPDATE OF place ON ledger.vacancy FOR EACH ROW
	WHEN (OLD.place <> NEW.place) EXECUTE FUNCTION ledger.move_referrals();

-- What happened to it, and who said so; append only.
CREATE TABLE ledger.referral_step (
	city     int NOT NULL,
	referral bigint NOT NULL,
	n        int NOT NULL,
	state    text NOT NULL,
	reason   text,
	at       timestamptz NOT NULL,
	role     int,
	by_whom  text,
	actor    text,
	PRIMARY KEY (city, referral, n),
	FOREIGN KEY (city, referral) REFERENCES ledger.referral
);

-- Who came before the referred in the statutory order and was not referred, and why.
CREATE TABLE ledger.referral_passed (
	city     int NOT NULL,
	referral bigint NOT NULL,
	seeker   bigint NOT NULL,
	position int NOT NULL,
	reason   text NOT NULL,
	PRIMARY KEY (city, referral, seeker),
	FOREIGN KEY (city, referral) REFERENCES ledger.referral,
	FOREIGN KEY (city, seeker) REFERENCES ledger.seeker
);
CREATE INDEX referral_passed_seeker ON ledger.referral_passed (city, seeker);

-- A vacancy has closed, or is open again: who was referred to it may be free, or busy.
CREATE FUNCTION ledger.note_busy_there() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
	her bigint;
BEGIN
	FOR her IN SELECT DISTINCT r.seeker FROM ledger.referral r WHERE r.city = NEW.city
			AND r.vacancy = NEW.id AND ledger.is_live(r.state) ORDER BY 1 LOOP
		PERFORM FROM ledger.seeker s WHERE s.city = NEW.city AND s.id = her FOR NO KEY UPDATE;
		PERFORM ledger.note_busy(NEW.city, her, ledger.app_now(NEW.city));
	END LOOP;
	RETURN NULL;
END $$;
CREATE TRIGGER closes_or_opens AFTER UPDATE OF open ON ledger.vacancy FOR EACH ROW
	WHEN (OLD.open <> NEW.open) EXECUTE FUNCTION ledger.note_busy_there();
