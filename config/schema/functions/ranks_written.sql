-- Ranks written anew, and the order in which the files are locked whose ranks hang together.
--
-- What a rank is, ranks.sql says.  Locks are taken in one order everywhere: vacancy, households by
-- id, seekers by id, placement.

-- Write rank and activity of these seekers as of a day; only what changed gets a new
-- version, and p_touched, whose file was written.  She is inactive while a placement of
-- hers is live, begun or not, and then her waiting time stays as it stood.  Whoever is looked at is looked at again when her class ends.  The caller holds their rows,
-- locked by id.
-- rules/inactive, rules/waiting-time
CREATE OR REPLACE FUNCTION ledger.rerank(p_city int, p_seekers bigint[], p_day date,
	p_touched bigint DEFAULT NULL)
RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	r     record;
	idle  boolean;
	waits date;
BEGIN
	-- Written one by one: a set would be planned anew each time, which costs more than the update.
	FOR r IN SELECT * FROM ledger.ranks_of(p_city, p_seekers, p_day) LOOP
		idle := NOT EXISTS (SELECT FROM ledger.work w WHERE w.city = p_city AND w.person = r.person
			AND (w.ended_on IS NULL OR w.ended_on > p_day));
		waits := CASE WHEN idle THEN ledger.waits_since(p_city, r.person, p_day) END;
		UPDATE ledger.seeker s SET version = s.version + 1,
			active = idle AND s.withdrawn_on IS NULL AND s.merged_into IS NULL, rank = r.rank,
			rank_reason = r.reason, rank_on = p_day, age_class = r.age_class,
			class_until = r.class_until, turn_on = r.class_until,
			waiting_since = coalesce(waits, s.waiting_since)
			WHERE s.city = p_city AND s.id = r.person AND (r.person = p_touched OR s.turn_on <= p_day
			  OR (s.active, s.rank, s.rank_reason, s.age_class, s.class_until, s.waiting_since)
				IS DISTINCT FROM (idle AND s.withdrawn_on IS NULL AND s.merged_into IS NULL,
				r.rank, r.reason, r.age_class, r.class_until, coalesce(waits, s.waiting_since)));
	END LOOP;
END $$;

-- Where she stands, in codes: what every change answers.
CREATE OR REPLACE FUNCTION ledger.standing_json(p_city int, p_id bigint) RETURNS jsonb
LANGUAGE sql STABLE AS $$
	SELECT jsonb_build_object('seeker', ledger.seeker_text(s.id), 'version', s.version,
		'state', ledger.seeker_state(s), 'rank', 'P' || s.rank, 'rank_reason', s.rank_reason,
		'age_class', ledger.age_class_name(s.age_class), 'class_until', s.class_until,
		'waiting_since', s.waiting_since)
	FROM ledger.seeker s WHERE s.city = p_city AND s.id = p_id
$$;

CREATE OR REPLACE FUNCTION ledger.kin_of(p_city int, p_people bigint[]) RETURNS bigint[]
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN ARRAY(SELECT x FROM unnest(p_people) x WHERE x IS NOT NULL UNION SELECT k.person
		FROM ledger.household_member m
		JOIN ledger.household_member k ON k.city = m.city AND k.household = m.household
		WHERE m.city = p_city AND m.person = ANY (p_people) ORDER BY 1);
END $$;

-- These files and all whose rank hangs on one of them, locked in the one order.  Who came into
-- one of their households while we waited is locked too, out of turn: else her rank would be
-- written from what it was.
CREATE OR REPLACE FUNCTION ledger.lock_files(p_city int, p_people bigint[]) RETURNS bigint[]
LANGUAGE plpgsql AS $$
DECLARE
	who bigint;
	kin bigint[];
BEGIN
	LOOP
		PERFORM FROM ledger.household h WHERE h.city = p_city AND h.id IN (SELECT m.household
			FROM ledger.household_member m WHERE m.city = p_city AND m.person = ANY (p_people))
			ORDER BY h.id FOR NO KEY UPDATE;
		kin := ledger.kin_of(p_city, p_people);
		FOREACH who IN ARRAY kin LOOP
			PERFORM FROM ledger.seeker s WHERE s.city = p_city AND s.id = who FOR NO KEY UPDATE;
		END LOOP;
		EXIT WHEN ledger.kin_of(p_city, p_people) <@ kin;
	END LOOP;
	RETURN kin;
END $$;

-- Her households, and all seekers whose rank hangs on hers, in that order, by id.
CREATE OR REPLACE FUNCTION ledger.lock_people(p_city int, p_seeker bigint) RETURNS bigint[]
LANGUAGE sql AS $$
	SELECT ledger.lock_files(p_city, ARRAY[p_seeker])
$$;
