-- What every write of a placement pays for beside its own row.
--
-- A row that changes touches its indexes only when an indexed column changes or its page is
-- full: seekers have room on each page, and what the day's turn looks for stands in a column
-- of its own, of a vacancy as of a seeker.  Her past is kept by statement, not by row, and a placement has one index for
-- "once" and "hers".  The surprising thing: turn_on is not when her class ends but a day by
-- which somebody looks; it may be early, never late, so getting work need not move it.

ALTER TABLE ledger.seeker SET (fillfactor = 90);
ALTER TABLE ledger.vacancy SET (fillfactor = 80);

ALTER TABLE ledger.seeker ADD COLUMN turn_on date;
ALTER TABLE ledger.seeker ALTER COLUMN turn_on TYPE date USING class_until;
ALTER TABLE ledger.seeker ADD CHECK (coalesce(turn_on, 'infinity') <= coalesce(class_until, 'infinity'));
DROP INDEX ledger.seeker_turn;
CREATE INDEX seeker_turn ON ledger.seeker (city, turn_on) WHERE turn_on IS NOT NULL;

CREATE FUNCTION ledger.first_turn() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
	NEW.turn_on := NEW.class_until;
	RETURN NEW;
END $$;
CREATE TRIGGER first_turn BEFORE INSERT ON ledger.seeker FOR EACH ROW
	WHEN (NEW.class_until IS NOT NULL) EXECUTE FUNCTION ledger.first_turn();

-- As before; and whoever was looked at is looked at again when her class ends.
CREATE OR REPLACE FUNCTION ledger.rerank(p_city int, p_seekers bigint[], p_day date,
	p_touched bigint DEFAULT NULL)
RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	who    bigint;
	r      ledger.standing;
	idle   boolean;
	worked date;
BEGIN
	-- One by one: a set would be planned anew each time, which costs more than the update.
	FOREACH who IN ARRAY coalesce(p_seekers, '{}') LOOP
		r := ledger.rank_of(p_city, who, p_day);
		idle := NOT EXISTS (SELECT FROM ledger.work w WHERE w.city = p_city AND w.person = who
			AND (w.ended_on IS NULL OR w.ended_on > p_day));
		worked := CASE WHEN idle THEN (SELECT max(e.ended_on) FROM ledger.employment e
			WHERE e.city = p_city AND e.person = who AND e.void_on IS NULL
			  AND e.ended_on - e.start_on >= 90) END;
		UPDATE ledger.seeker s SET version = s.version + 1,
			active = idle AND s.withdrawn_on IS NULL AND s.merged_into IS NULL, rank = r.rank,
			rank_reason = r.reason, rank_on = p_day, age_class = r.age_class,
			class_until = r.class_until, turn_on = r.class_until, waiting_since = CASE WHEN idle
				THEN greatest(coalesce(s.waits_from, s.waiting_since), worked)
				ELSE s.waiting_since END
			WHERE s.city = p_city AND s.id = who AND (who = p_touched OR s.turn_on <= p_day
			  OR (s.active, s.rank, s.rank_reason, s.age_class, s.class_until, s.waiting_since)
				IS DISTINCT FROM (idle AND s.withdrawn_on IS NULL AND s.merged_into IS NULL,
				r.rank, r.reason, r.age_class, r.class_until, CASE WHEN idle
				THEN greatest(coalesce(s.waits_from, s.waiting_since), worked)
				ELSE s.waiting_since END));
	END LOOP;
END $$;

-- The day an open vacancy lapses, and none for a closed one: the minute's look finds it by that,
-- neither by all that are open nor by all that ever lapsed.
ALTER TABLE ledger.vacancy_standing ADD COLUMN turn_on date;
UPDATE ledger.vacancy_standing s SET turn_on = s.lapses_on FROM ledger.vacancy v
	WHERE v.city = s.city AND v.id = s.vacancy AND v.open;
DROP INDEX ledger.vacancy_standing_lapses;
CREATE INDEX vacancy_standing_turn ON ledger.vacancy_standing (city, turn_on)
	WHERE turn_on IS NOT NULL;

CREATE FUNCTION ledger.lapse_turn() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
	NEW.turn_on := NEW.lapses_on;
	RETURN NEW;
END $$;
CREATE TRIGGER lapse_turn BEFORE INSERT OR UPDATE OF lapses_on ON ledger.vacancy_standing
	FOR EACH ROW EXECUTE FUNCTION ledger.lapse_turn();

CREATE FUNCTION ledger.open_turn() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
	UPDATE ledger.vacancy_standing s SET turn_on = CASE WHEN NEW.open THEN s.lapses_on END
		WHERE s.city = NEW.city AND s.vacancy = NEW.id;
	RETURN NULL;
END $$;
CREATE TRIGGER open_turn AFTER UPDATE OF open ON ledger.vacancy FOR EACH ROW
	WHEN (OLD.open <> NEW.open) EXECUTE FUNCTION ledger.open_turn();

CREATE OR REPLACE FUNCTION ops.turn_day(p_city int, p_limit int) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off AS $$
DECLARE
	today date := ledger.today(p_city);
	due   bigint[];
	ended int;
BEGIN
	-- As a list: joined, a plan for many would read every vacancy up to the last of a few.
	due := ARRAY(SELECT e.id FROM ledger.vacancy e
			WHERE e.city = p_city AND e.open AND coalesce(e.valid_until, 'infinity') < today
		UNION SELECT s.vacancy FROM ledger.vacancy_standing s
			WHERE s.city = p_city AND s.turn_on <= today);
	WITH over AS (
		SELECT v.id, v.valid_until FROM ledger.vacancy v
		WHERE v.city = p_city AND v.open AND v.id = ANY (due) AND (v.valid_until < today
			OR EXISTS (SELECT FROM ledger.vacancy_standing s WHERE s.city = p_city
				AND s.vacancy = v.id AND s.turn_on <= today))
		ORDER BY v.id LIMIT p_limit FOR NO KEY UPDATE OF v SKIP LOCKED)
	UPDATE ledger.vacancy v SET open = false, version = v.version + 1, closed_on = today,
			closed_reason = CASE WHEN v.valid_until < today THEN 'expired' ELSE 'lapsed' END
		FROM over o WHERE v.city = p_city AND v.id = o.id;
	GET DIAGNOSTICS ended = ROW_COUNT;
	SELECT array_agg(x.id) INTO due FROM (SELECT s.id FROM ledger.seeker s
		WHERE s.city = p_city AND s.turn_on <= today
		ORDER BY s.turn_on LIMIT p_limit - ended FOR NO KEY UPDATE SKIP LOCKED) x;
	PERFORM ledger.rerank(p_city, due, today);
	ended := ended + ledger.expire_referrals(p_city, p_limit);
	DELETE FROM ledger.idempotency i WHERE (i.city, i.kid, i.key) IN (SELECT o.city, o.kid, o.key
		FROM ledger.idempotency o WHERE o.city = p_city
		AND o.created_at < transaction_timestamp() - interval '35 days' LIMIT p_limit);
	RETURN ended + coalesce(cardinality(due), 0);
END $$;

-- As before, for all rows of a statement at once; they are of one city.  The two tables are
-- joined by hash however few rows there were when the plan was made.
DROP TRIGGER keep_past ON ledger.seeker;
CREATE OR REPLACE FUNCTION ledger.keep_past() RETURNS trigger
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

-- One live placement for a pair, and all of a person's, in one index.
DROP INDEX ledger.placement_once;
DROP INDEX ledger.placement_seeker;
CREATE UNIQUE INDEX placement_once ON ledger.placement
	(city, seeker, (CASE WHEN state <> 'void' THEN vacancy END));

-- Each session takes some at a time: within a transaction they rise, which is all they are for.
ALTER SEQUENCE ops.outbox_id_seq CACHE 64;

REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA api, ledger, ops FROM PUBLIC;
