-- When a lot is whole, and which of its records are looked at.
--
-- When its import has ended, nothing comes into it any more, and its sample is drawn, so whoever
-- sends cannot choose it.  That costs what the sample does, however many records there are: an
-- import's end waits for it.

-- The numbers that a seed draws of 1 to p_records, however many those are: SHA-256 of the seed, a
-- blank and 1, 2, 3 and so on; its first 15 hexadecimal digits, modulo p_records, and 1.  What was
-- drawn before is passed over.
-- rules/lots
CREATE OR REPLACE FUNCTION ledger.draw(p_seed text, p_records bigint, p_wanted int)
RETURNS bigint[]
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
	drawn bigint[] := '{}';
	turn  int := 0;
	n     bigint;
BEGIN
	WHILE cardinality(drawn) < least(p_wanted, p_records) LOOP
		turn := turn + 1;
		n := ('x' || left(encode(sha256(convert_to(p_seed || ' ' || turn, 'UTF8')), 'hex'), 15)
			)::bit(60)::bigint % p_records + 1;
		IF n <> ALL (drawn) THEN
			drawn := drawn || n;
		END IF;
	END LOOP;
	RETURN drawn;
END $$;

-- Nothing comes into it any more; who is to be looked at is drawn.  The seed is made now and kept,
-- so that anybody can draw again.
-- rules/lots
CREATE OR REPLACE FUNCTION ledger.make_whole(p_lot ledger.lot) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	at    timestamptz := ledger.app_now(p_lot.city);
	made  text := replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '');
	drawn bigint[] := ledger.draw(made, p_lot.records,
		(ledger.policy_on(p_lot.city, ledger.legal_day(at))).sample_of_lot);
	one   bigint;
BEGIN
	UPDATE ledger.lot x SET whole_at = at, seed = made
		WHERE x.city = p_lot.city AND x.id = p_lot.id AND x.whole_at IS NULL;
	IF NOT FOUND THEN
		RETURN;
	END IF;
	FOREACH one IN ARRAY drawn LOOP -- one by one: no plan for several reads the others
		UPDATE ledger.lot_record r SET sampled = true
			WHERE r.city = p_lot.city AND r.lot = p_lot.id AND r.n = one;
	END LOOP;
END $$;

-- At the end of a run.  One that was cut or stopped may go on.
CREATE OR REPLACE FUNCTION ledger.end_lot(p_import ledger.import) RETURNS void
LANGUAGE sql AS $$
	SELECT ledger.make_whole(l) FROM ledger.lot l WHERE l.city = p_import.city
		AND l.first_kid = p_import.first_kid AND l.import = p_import.name
		AND p_import.state = 'complete'
$$;

-- An import that has not gone on for a day is over: what it made is whole.
CREATE OR REPLACE FUNCTION ledger.end_silent_lots(p_city int, p_limit int) RETURNS int
LANGUAGE plpgsql AS $$
DECLARE
	i ledger.import;
	n int := 0;
BEGIN
	FOR i IN SELECT x.* FROM ledger.import x JOIN ledger.lot l ON l.city = x.city
				AND l.first_kid = x.first_kid AND l.import = x.name
			WHERE l.city = p_city AND l.whole_at IS NULL
			  AND x.changed_at < ledger.app_now(p_city) - interval '1 day'
			ORDER BY l.id LIMIT p_limit FOR NO KEY UPDATE OF x SKIP LOCKED LOOP
		BEGIN
			PERFORM ledger.make_whole(ledger.lot_of(i));
			n := n + 1;
		EXCEPTION WHEN OTHERS THEN -- it waits; what others wait for goes on
			RAISE LOG 'an import is over, and its lot not whole: %', SQLSTATE;
		END;
	END LOOP;
	RETURN n;
END $$;
