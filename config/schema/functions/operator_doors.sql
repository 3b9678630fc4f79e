-- The operator's door: what comes over the admin socket, as 'admin' without a hash, which no HTTP
-- caller can do, is admitted and kept here.
--
-- It knows no key, officer or clock: what the operator does, the functions of those say.

CREATE OR REPLACE FUNCTION api.admit_admin(p_kid text, p_hash bytea) RETURNS api.reply
LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE WHEN p_kid IS DISTINCT FROM 'admin' OR p_hash IS NOT NULL
		THEN api.refuse(401, 'key-refused') END
$$;

-- Before a write: admitted, and not done by this very call.  NULL: go on.
CREATE OR REPLACE FUNCTION api.admit_operator(p_city int, p_kid text, p_hash bytea, p_actor text)
RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	a api.reply := api.admit_admin(p_kid, p_hash);
BEGIN
	IF a.status IS NULL THEN
		a := api.said_to_call(p_city, split_part(p_actor, ' ', 3));
	END IF;
	RETURN a;
END $$;

-- What the operator did, among the actions of officers.
CREATE OR REPLACE FUNCTION ledger.note_operator(p_city int, p_actor text, p_op text, p_object text)
RETURNS void
LANGUAGE sql AS $$
	INSERT INTO ledger.action (city, kid, op, object, request)
		VALUES (p_city, 'admin', p_op, p_object, split_part(p_actor, ' ', 2))
$$;

-- How a write ends.  An accepted one is noted, unless p_object is NULL: it changed nothing; and its
-- answer is kept under the call's number.
CREATE OR REPLACE FUNCTION api.keep_operator(p_city int, p_actor text, p_op text, p_object text,
	p_answer api.reply)
RETURNS api.reply
LANGUAGE plpgsql AS $$
BEGIN
	IF p_answer.status < 300 AND p_answer.label <> 'repeated' THEN
		PERFORM ledger.note_operator(p_city, p_actor, p_op, p_object) WHERE p_object IS NOT NULL;
		PERFORM api.note_said(p_city, split_part(p_actor, ' ', 3), p_answer);
	END IF;
	RETURN p_answer;
END $$;
