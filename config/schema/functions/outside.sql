-- Jobs outside the city (rules/outside-city): they exist, block another, end a household's want of
-- work, and count toward nothing.
--
-- No community here can register one, so one officer records it with evidence and another confirms
-- that, by the rows and calls of a void (signals.sql).  Its row in the register of employment has
-- no community: whatever is counted by place leaves it out.

CREATE OR REPLACE FUNCTION ledger.is_outside(p_city int, p_place bigint) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN (SELECT NOT starts_with(p_place::text, c.prefix) FROM ledger.city c WHERE c.city = p_city);
END $$;

-- Why it cannot be recorded; NULL: nothing.
CREATE OR REPLACE FUNCTION ledger.refuse_recording(p ledger.placement) RETURNS api.reply
LANGUAGE plpgsql STABLE AS $$
BEGIN
	IF p.state = 'void' THEN
		RETURN api.refuse(409, 'placement-void');
	ELSIF ledger.is_outside(p.city, p.workplace) IS NOT TRUE THEN
		RETURN ledger.wrong_state('inside-city');
	ELSIF p.recorded_on IS NOT NULL THEN
		RETURN ledger.wrong_state('recorded', jsonb_build_object('recorded_on', p.recorded_on));
	ELSIF (ledger.report_to_confirm(p)).kid IS NULL THEN
		RETURN ledger.wrong_state('report-withdrawn');
	END IF;
	RETURN NULL;
END $$;

-- What the confirmation does.
CREATE OR REPLACE FUNCTION ledger.set_recorded(p ledger.placement, p_today date)
RETURNS ledger.placement
LANGUAGE plpgsql AS $$
BEGIN
	UPDATE ledger.placement x SET state = 'recorded', recorded_on = p_today
		WHERE x.city = p.city AND x.id = p.id RETURNING * INTO p;
	PERFORM ledger.enter_employment(p);
	RETURN p;
END $$;
