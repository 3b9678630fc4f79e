-- The law of figures from outside (rules/outside-figures): one for each subject, indicator and period, and none for a
-- period that is not over.  A figure that nobody gave is missing, never zero.

CREATE OR REPLACE FUNCTION ledger.period_end(p_period text) RETURNS date
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT (CASE length(p_period)
		WHEN 4 THEN make_date(p_period::int, 1, 1) + interval '1 year'
		WHEN 6 THEN ledger.quarter_begin(p_period) + interval '3 months'
		ELSE (p_period || '-01')::date + interval '1 month' END)::date - 1
$$;

-- Whether the officer who would sign, or the one for whom they act, is of the unit that the figure
-- is about.  The city's own figures are its own to sign: nobody above it is here.
CREATE OR REPLACE FUNCTION ledger.signs_for_itself(p_who api.caller, p_subject text)
RETURNS boolean
LANGUAGE sql STABLE AS $$
	SELECT EXISTS (SELECT FROM ledger.unit_prefix u
		WHERE u.city = p_who.city AND u.unit = p_subject
		  AND (ledger.within(u.prefix, p_who.scope) OR EXISTS (SELECT FROM ledger.officer o
			WHERE o.city = p_who.city AND o.id IN (p_who.officer, p_who.on_behalf)
			  AND ledger.within(u.prefix, o.scope))))
$$;

-- rules/outside-figures
CREATE OR REPLACE FUNCTION ledger.check_outside_figure(p_who api.caller,
	p_was ledger.outside_figure, p_new ledger.outside_figure, p_evidence jsonb)
RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	twin bigint;
BEGIN
	IF ledger.signs_for_itself(p_who, p_new.subject) THEN
		RETURN ledger.wrong_state('signed-by-subject', jsonb_build_object('subject', p_new.subject));
	ELSIF ledger.period_end(p_new.period) > p_new.day THEN
		RETURN ledger.refuse_fault(ledger.fault('/period', 'future', p_new.period,
			'a period that ends no later than day', 'The period was not over on that day.',
			'数据日期时该统计期尚未结束。'));
	ELSIF p_was.id IS NOT NULL THEN
		RETURN NULL;
	END IF;
	PERFORM pg_advisory_xact_lock(hashtextextended(concat_ws(' ', 'outside-figure', p_new.city,
		p_new.subject, p_new.indicator, p_new.period), 0));
	SELECT x.id INTO twin FROM ledger.outside_figure x JOIN ledger.entry e USING (city, id, version)
		WHERE x.city = p_new.city AND x.ended_on IS NULL
		  AND (x.subject, x.indicator, x.period) = (p_new.subject, p_new.indicator, p_new.period);
	RETURN CASE WHEN twin IS NOT NULL THEN ledger.wrong_state('already-recorded',
		jsonb_build_object('outside_figure', twin::text)) END;
END $$;
