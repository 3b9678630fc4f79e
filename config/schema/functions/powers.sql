-- Grants: the one place that says whether somebody gives what they have.
--
-- To make or amend an officer, to make a secret for one, to let one act in another's place: each
-- gives powers, and asks here first.  It knows no grant of its own, and nothing that is missing
-- on either side passes.

CREATE OR REPLACE FUNCTION ledger.powers_of(p_who api.caller) RETURNS ledger.powers
LANGUAGE sql IMMUTABLE AS $$
	SELECT ROW(p_who.role, p_who.organisation, p_who.scope, p_who.lead, p_who.until)::ledger.powers
$$;

CREATE OR REPLACE FUNCTION ledger.powers_of(o ledger.officer) RETURNS ledger.powers
LANGUAGE sql IMMUTABLE AS $$
	SELECT ROW(o.role, o.organisation, o.scope, o.lead, o.valid_until)::ledger.powers
$$;

-- Whose officers somebody may make: their own organisation's; the city's bureau those of every
-- employer, agency and bureau.  Auditors are not of a bureau's making.
CREATE OR REPLACE FUNCTION ledger.stands_over(p_city int, p_own ledger.powers, p_role int,
	p_organisation text)
RETURNS boolean
LANGUAGE sql STABLE AS $$
	SELECT coalesce((p_own.role, p_own.organisation) = (p_role, p_organisation)
		OR p_own.role = 4 AND p_own.organisation <> '' AND p_role IN (1, 2, 4)
			AND p_organisation <> '' AND ledger.is_whole_city(p_city, p_own.scope), false)
$$;

-- NULL: the giver stands over the organisation's officers.
CREATE OR REPLACE FUNCTION ledger.organisation_fault(p_city int, p_own ledger.powers, p_role int,
	p_organisation text)
RETURNS jsonb
LANGUAGE sql STABLE AS $$
	SELECT CASE WHEN NOT ledger.stands_over(p_city, p_own, p_role, p_organisation) THEN
		ledger.fault('/organisation', 'beyond-own-powers', p_organisation, p_own.organisation,
			'This organisation is not the giver''s.', '不属于授予人所在单位。') END
$$;

-- In what the given exceeds the giver's own, a fault each; '[]': in nothing.
-- rules/granting
CREATE OR REPLACE FUNCTION ledger.beyond(p_city int, p_own ledger.powers, p_given ledger.powers)
RETURNS jsonb
LANGUAGE sql STABLE AS $$
	SELECT jsonb_path_query_array(jsonb_build_array(
		ledger.organisation_fault(p_city, p_own, p_given.role, p_given.organisation),
		CASE WHEN NOT ledger.within(p_own.scope, p_given.scope) THEN
			ledger.fault('/scope', 'beyond-own-powers', p_given.scope,
				'a division within ' || coalesce(p_own.scope, '-'),
				'The scope is not within the giver''s own.', '权限范围超出授予人本人的权限范围。') END,
		CASE WHEN p_given.lead IS DISTINCT FROM false AND p_own.lead IS NOT TRUE THEN
			ledger.fault('/lead', 'beyond-own-powers', coalesce(p_given.lead::text, ''), 'false',
				'The giver is no lead.', '授予人不是负责人。') END,
		CASE WHEN (p_given.until <= p_own.until) IS NOT TRUE THEN
			ledger.fault('/until', 'beyond-own-powers', p_given.until::text,
				'not after ' || coalesce(p_own.until::text, ''),
				'The last day lies after the giver''s own.', '截止日期晚于授予人本人的任期。') END),
		'$[*] ? (@ != null)')
$$;

-- NULL: there are none.
CREATE OR REPLACE FUNCTION ledger.refuse_excess(p_faults jsonb) RETURNS api.reply
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
	RETURN CASE WHEN p_faults <> '[]' THEN api.refuse(403, 'beyond-own-powers',
		jsonb_build_object('errors', p_faults)) END;
END $$;

-- NULL: the caller has what they give.
CREATE OR REPLACE FUNCTION ledger.refuse_beyond(p_who api.caller, p_given ledger.powers)
RETURNS api.reply
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN ledger.refuse_excess(ledger.beyond(p_who.city, ledger.powers_of(p_who), p_given));
END $$;

-- The same for what an officer will be.  Who amends one must have, but for the days, what the
-- officer has already; whatever is more than that, the caller must have whole.
CREATE OR REPLACE FUNCTION ledger.refuse_amendment(p_who api.caller, p_was ledger.officer,
	p_now ledger.officer)
RETURNS api.reply
LANGUAGE plpgsql STABLE AS $$
DECLARE
	was ledger.powers := ledger.powers_of(p_was);
	now ledger.powers := ledger.powers_of(p_now);
	a   api.reply;
BEGIN
	IF ledger.beyond(p_who.city, was, now) <> '[]' THEN
		a := ledger.refuse_beyond(p_who, now);
	END IF;
	IF a.status IS NULL THEN
		was.until := least(was.until, p_who.until);
		a := ledger.refuse_beyond(p_who, was);
	END IF;
	RETURN a;
END $$;

-- And for an officer's secret: with it goes all that the officer may, for whomever.  Who has
-- the secret already is given nothing.
CREATE OR REPLACE FUNCTION ledger.refuse_secret(p_who api.caller, o ledger.officer)
RETURNS api.reply
LANGUAGE plpgsql STABLE AS $$
DECLARE
	today date := ledger.today(o.city);
	a     api.reply;
BEGIN
	IF o.id = p_who.officer AND p_who.on_behalf IS NULL THEN
		RETURN NULL;
	END IF;
	a := ledger.refuse_beyond(p_who, ledger.powers_of(o));
	IF a.status IS NULL THEN
		SELECT r.* INTO a FROM ledger.delegation d
			JOIN ledger.officer f ON f.city = d.city AND f.id = d.from_officer
			CROSS JOIN LATERAL ledger.refuse_beyond(p_who, ROW(f.role, f.organisation,
				ledger.narrower(d.scope, f.scope), false,
				least(d.valid_until, f.valid_until, o.valid_until))::ledger.powers) r
			WHERE d.city = o.city AND d.to_officer = o.id AND d.ended_at IS NULL
			  AND d.valid_until >= today AND f.revoked_at IS NULL AND f.valid_until >= today
			  AND r.status IS NOT NULL LIMIT 1;
	END IF;
	RETURN a;
END $$;
