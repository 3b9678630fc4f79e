-- The law of recognised codes (rules/recognised-codes): none without a paper, one entry a code; and
-- how a credit code that was taken so is told from others.

-- GB 32100-2015.
CREATE OR REPLACE FUNCTION ledger.credit_code_fits(p_code text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT substr(p_code, 18) = substr('0123456789ABCDEFGHJKLMNPQRTUWXY', 1 + (31 - sum(x.weight
			* (strpos('0123456789ABCDEFGHJKLMNPQRTUWXY', substr(p_code, x.at::int, 1)) - 1))::int % 31) % 31, 1)
	FROM unnest('{1,3,9,27,19,26,16,17,20,29,25,13,8,24,10,30,28}'::int[]) WITH ORDINALITY x(weight, at)
$$;

-- Whether the code is one that is taken only because it was recognised.
CREATE OR REPLACE FUNCTION ledger.is_recognised(p_code text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT length(p_code) = 18 AND NOT ledger.credit_code_fits(p_code)
$$;

CREATE OR REPLACE FUNCTION ledger.check_recognised_code(p_who api.caller,
	p_was ledger.recognised_code, p_new ledger.recognised_code, p_evidence jsonb)
RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	twin bigint;
BEGIN
	IF p_was.id IS NOT NULL THEN
		RETURN NULL;
	ELSIF p_new.code !~ (CASE p_new.kind WHEN 'area' THEN '^[1-9][0-9]{5}$'
			ELSE '^[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}$' END) THEN
		RETURN ledger.refuse_fault(ledger.fault('/code', 'format', p_new.code,
			CASE p_new.kind WHEN 'area' THEN '6 digits' ELSE 'a credit code of 18 characters' END,
			'The value is not written as this kind of code is.', '编码格式不对。'));
	ELSIF p_new.kind = 'credit-code' AND ledger.credit_code_fits(p_new.code) THEN
		RETURN ledger.refuse_fault(ledger.fault('/code', 'check-digit-fits', p_new.code,
			'a credit code whose check digit is wrong',
			'The check digit fits; such a code is taken as it is.', '校验码正确，无须认可即可使用。'));
	ELSIF jsonb_array_length(p_evidence) = 0 THEN
		RETURN ledger.refuse_fault(ledger.fault('/evidence', 'required', 'nothing',
			'the paper that has the code', 'This must be stated.', '此项必填。'));
	END IF;
	PERFORM pg_advisory_xact_lock(hashtextextended('recognised-code ' || p_new.city || ' '
		|| p_new.code, 0));
	SELECT x.id INTO twin FROM ledger.recognised_code x JOIN ledger.entry e USING (city, id, version)
		WHERE x.city = p_new.city AND x.code = p_new.code AND x.ended_on IS NULL;
	-- Whose entry it is, is said to all: who may not read it would else have only its number.
	RETURN (SELECT ledger.wrong_state('already-recognised', jsonb_build_object('recognised_code',
			twin::text, 'place', left(x.place::text, 6), 'recognised_on', x.holds_from))
		FROM ledger.recognised_code x JOIN ledger.entry e USING (city, id, version)
		WHERE x.city = p_new.city AND x.id = twin);
END $$;
