-- Checks of communities' offices: their law, and which communities are up to the model (rules/t11).
--
-- Nobody says that a community passes; it follows from its latest check by the day asked, and from
-- the households of the exchange.

-- 居委会 have 001 to 199 in the third part of their codes, villages 200 and more.
CREATE OR REPLACE FUNCTION ledger.is_community(p_code bigint) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT p_code > 99999999999 AND p_code % 1000 BETWEEN 1 AND 199
$$;

-- rules/t11
CREATE OR REPLACE FUNCTION ledger.check_community_check(p_who api.caller,
	p_was ledger.community_check, p_new ledger.community_check, p_evidence jsonb)
RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	twin bigint;
BEGIN
	IF p_new.ended_on IS NOT NULL THEN
		RETURN NULL;
	ELSIF NOT ledger.is_community(p_new.place) THEN
		RETURN ledger.refuse_fault(ledger.fault('/place', 'range', p_new.place::text,
			'a community, whose code ends in 001 to 199', 'This is the code of a village.',
			'此代码为村民委员会，不是社区。'));
	ELSIF p_new.on_census > p_new.residents THEN
		RETURN ledger.refuse_fault(ledger.fault('/on_census', 'range', p_new.on_census::text,
			'residents, or fewer', 'More are on the census than live there.',
			'登记普查人数多于常住人口数。'));
	ELSIF p_new.ledger_updated > p_new.day THEN
		RETURN ledger.refuse_fault(ledger.fault('/ledger_updated', 'order', p_new.ledger_updated::text,
			'the day of the check, or before', 'The check had not seen this day yet.', '晚于检查日期。'));
	ELSIF p_was.id IS NOT NULL THEN
		RETURN NULL;
	ELSIF jsonb_array_length(p_evidence) = 0 THEN
		RETURN ledger.refuse_fault(ledger.fault('/evidence', 'required', 'nothing',
			'the record of the check', 'This must be stated.', '此项必填。'));
	END IF;
	PERFORM pg_advisory_xact_lock(hashtextextended(concat_ws(' ', 'community-check', p_new.city,
		p_new.place, p_new.day), 0));
	SELECT x.id INTO twin FROM ledger.community_check x JOIN ledger.entry e USING (city, id, version)
		WHERE x.city = p_new.city AND x.place = p_new.place AND x.day = p_new.day
		  AND x.ended_on IS NULL;
	RETURN CASE WHEN twin IS NOT NULL THEN ledger.wrong_state('already-checked',
		jsonb_build_object('community_check', twin::text)) END;
END $$;

-- Every community on a day: whether it was checked within reach of the day, and whether it passes.
-- rules/t11, rules/household-state
CREATE OR REPLACE FUNCTION ledger.communities_on(p_city int, p_day date)
RETURNS TABLE (place bigint, checked boolean, passes boolean)
LANGUAGE sql STABLE AS $$
	WITH latest AS (
		SELECT DISTINCT ON (x.place) x.*
		FROM ledger.community_check x JOIN ledger.entry e USING (city, id, version)
		WHERE x.city = p_city AND x.ended_on IS NULL AND x.day <= p_day
		ORDER BY x.place, x.day DESC, x.id DESC
	), waiting AS MATERIALIZED (
		SELECT DISTINCT h.community FROM ledger.household h
		WHERE h.city = p_city AND h.determined_on < p_day - 30
		  AND h.id NOT IN (SELECT u.object FROM ledger.uncounted(p_city, 'households', p_day) u)
		  AND ledger.household_state(p_city, h.id, p_day) = 'open'
	)
	SELECT d.code, l.id IS NOT NULL,
		l.id IS NOT NULL AND l.established AND l.staffed AND l.funds AND l.premises AND l.rules
			AND l.work AND 100 * l.on_census::bigint >= 95 * l.residents::bigint
			AND p_day - l.ledger_updated <= 31
			AND d.code NOT IN (SELECT w.community FROM waiting w)
	FROM ledger.division d LEFT JOIN latest l ON l.place = d.code
	WHERE d.city = p_city AND d.level = 'community' AND ledger.is_community(d.code)
$$;
