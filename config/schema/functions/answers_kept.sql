-- What was answered is answered again: by an Idempotency-Key, or by the number of the daemon's call;
-- and how every write ends.
--
-- A key is inserted first and a twin waits on that row, so a retry can never overtake the call it
-- repeats; 401 and 403 are not kept.  An accepted write is noted by api.keep, through which every
-- write answers and says what it wrote.  Who the caller is, doors.sql has said.

-- Whether what lies there is the caller's: a file that has moved to another bureau is not.
CREATE OR REPLACE FUNCTION ledger.object_in_scope(p_who api.caller, p_object text) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
DECLARE
	of text := split_part(p_object, '/', 2);
BEGIN
	RETURN coalesce(CASE WHEN p_who.role <> 4 THEN true
		WHEN p_object LIKE 'seeker/%' THEN (SELECT ledger.in_scope(p_who.scope, s.community)
			FROM ledger.seeker s WHERE s.city = p_who.city
			AND s.id = ledger.survivor(p_who.city, ledger.seeker_id(of)))
		WHEN p_object LIKE 'household/%' THEN (SELECT ledger.in_scope(p_who.scope, h.community)
			FROM ledger.household h WHERE h.city = p_who.city AND h.id = of::bigint)
		ELSE true END, false);
END $$;

-- Why what was answered before is not answered to this caller now, or NULL: it is another
-- request or another officer's; their scope, or where the thing lies, has changed.
CREATE OR REPLACE FUNCTION api.refuse_again(p_who api.caller, was ledger.idempotency, p_req bytea)
RETURNS api.reply
LANGUAGE plpgsql STABLE AS $$
BEGIN
	IF (was.request, was.officer, was.on_behalf) IS DISTINCT FROM
			(p_req, p_who.officer, p_who.on_behalf) THEN
		RETURN api.refuse(422, 'idempotency-mismatch');
	ELSIF was.scope IS DISTINCT FROM p_who.scope
			AND NOT ledger.within(p_who.scope, was.scope)
			OR was.object IS NOT NULL AND NOT ledger.object_in_scope(p_who, was.object) THEN
		RETURN api.refuse(404, 'not-found');
	END IF;
	RETURN NULL;
END $$;

-- What was answered under this key before, when the caller may be told it now, or NULL.  An
-- answer about a person is a look, each time.
-- rules/idempotency
CREATE OR REPLACE FUNCTION api.said_before(p_who api.caller, p_idem text, p_req bytea)
RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	was     ledger.idempotency;
	is_same boolean;
	a       api.reply;
BEGIN
	SELECT * INTO was FROM ledger.idempotency i
		WHERE i.city = p_who.city AND i.first_kid = p_who.first_kid AND i.key = p_idem;
	IF NOT FOUND THEN
		RETURN NULL;
	END IF;
	a := api.refuse_again(p_who, was, p_req);
	is_same := was.call = nullif(p_who.call, '');
	IF a.status IS NOT NULL THEN
		RETURN a;
	ELSIF was.object LIKE 'seeker/%' AND is_same IS NOT TRUE THEN
		PERFORM ledger.note_look(p_who, ledger.seeker_id(split_part(was.object, '/', 2)),
			CASE current_setting('vacancyd.action', true) WHEN 'seekers.find' THEN 'find_seeker'
			ELSE 'answer_again' END);
	END IF;
	RETURN ROW('a', was.status, was.code, was.body, was.xid, was.event, NULL,
		CASE WHEN is_same THEN 'repeated' ELSE 'replayed' END)::api.reply;
END $$;

-- A record of a file has no key that somebody gave it, but what it says ("record <kind> <hash>"):
-- it is judged each time that it comes, and no refusal is kept for it.
CREATE OR REPLACE FUNCTION api.is_given_key(p_idem text) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
	SELECT p_idem NOT LIKE 'record %'
$$;

-- Claim the Idempotency-Key.  NULL: it is ours, go on; else what was answered before.
-- rules/idempotency
CREATE OR REPLACE FUNCTION api.claim(p_who api.caller, p_idem text, p_req bytea)
RETURNS api.reply
LANGUAGE plpgsql AS $$
BEGIN
	IF p_idem IS NULL OR p_req IS NULL THEN
		RETURN api.refuse(400, 'idempotency-key-missing');
	END IF;
	PERFORM pg_advisory_xact_lock(ledger.key_lock(p_who.city, p_who.first_kid, p_idem));
	INSERT INTO ledger.idempotency (city, first_kid, key, request, call, officer, on_behalf, scope)
		VALUES (p_who.city, p_who.first_kid, p_idem, p_req, p_who.call, p_who.officer,
			p_who.on_behalf, p_who.scope)
		ON CONFLICT DO NOTHING;
	IF FOUND THEN
		RETURN NULL;
	END IF;
	RETURN api.said_before(p_who, p_idem, p_req);
END $$;

-- What this very call was answered before its connection was lost, or NULL: it has not been here.
-- One that comes while the first is still at work waits for it.
CREATE OR REPLACE FUNCTION api.said_to_call(p_city int, p_call text) RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	a api.reply;
BEGIN
	IF p_call <> '' THEN
		PERFORM pg_advisory_xact_lock(hashtextextended(p_call, p_city));
		SELECT 'a', c.status, c.code, c.body, c.xid, c.event, NULL, 'repeated' INTO a
			FROM ledger.answered_call c WHERE c.city = p_city AND c.call = p_call;
	END IF;
	RETURN a;
END $$;

CREATE OR REPLACE FUNCTION api.note_said(p_city int, p_call text, p_answer api.reply) RETURNS void
LANGUAGE sql AS $$
	INSERT INTO ledger.answered_call (city, call, status, code, body, xid, event)
		SELECT p_city, p_call, p_answer.status, p_answer.code, p_answer.body, p_answer.id,
			p_answer.version WHERE p_call <> '' AND p_answer.label NOT IN ('replayed', 'repeated')
$$;

-- Before a write that no Idempotency-Key stands for: admitted, and not done by this very call.
-- NULL: go on.
CREATE OR REPLACE FUNCTION api.admit_call(p_who api.caller, p_action text) RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	a api.reply := api.admit(p_who, p_action);
BEGIN
	IF a.status IS NULL THEN
		a := api.said_to_call(p_who.city, p_who.call);
	END IF;
	RETURN a;
END $$;

-- Before a POST: admitted, and not answered before under this key.  NULL: go on.
CREATE OR REPLACE FUNCTION api.admit_once(p_who api.caller, p_action text, p_idem text,
	p_req bytea)
RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	a api.reply := api.admit(p_who, p_action);
BEGIN
	IF a.status IS NULL THEN
		a := api.claim(p_who, p_idem, p_req);
	END IF;
	RETURN a;
END $$;

-- How every write ends, whatever its answer is.  An accepted one is noted with what it wrote:
-- p_object is "household/17", or the kind alone of what was made just now and the answer names;
-- NULL: nothing of its own.  The answer is kept under the key that this call has claimed, if it
-- has one, else under the call's own number, and goes out with this transaction's changes, those after the event p_after; its
-- position is that of the last one.
CREATE OR REPLACE FUNCTION api.keep(p_who api.caller, p_idem text, p_object text,
	p_answer api.reply, p_after bigint DEFAULT 0)
RETURNS SETOF api.reply
LANGUAGE plpgsql AS $$
DECLARE
	a     api.reply := p_answer;
	e     record;
	about text;
BEGIN
	IF a.status < 300 AND a.label NOT IN ('replayed', 'repeated') AND p_object IS NOT NULL THEN
		about := CASE WHEN p_object LIKE '%/%' THEN p_object
			ELSE p_object || '/' || (a.body::jsonb->>replace(p_object, '-', '_')) END;
		INSERT INTO ledger.action (city, kid, officer, on_behalf, op, object, request)
			VALUES (p_who.city, p_who.kid, p_who.officer, p_who.on_behalf,
				current_setting('vacancyd.action'), about, coalesce(p_who.request, ''));
	END IF;
	FOR e IN SELECT o.id AS event, o.entity, o.entity_id, o.version, o.record, o.label
			FROM ops.outbox o WHERE o.city = p_who.city AND o.id > p_after
			  AND o.xid = pg_current_xact_id_if_assigned()
			ORDER BY o.id LOOP
		a.id := pg_current_xact_id()::text::bigint;
		a.version := e.event;
		RETURN NEXT ROW(e.entity, NULL, NULL, NULL, e.entity_id, e.version, e.record,
			e.label)::api.reply;
	END LOOP;
	IF a.status = 403 THEN -- what the caller may do is asked each time
		DELETE FROM ledger.idempotency i
			WHERE i.city = p_who.city AND i.first_kid = p_who.first_kid AND i.key = p_idem
			  AND i.status IS NULL;
	ELSIF p_idem IS NOT NULL THEN
		UPDATE ledger.idempotency i SET status = a.status, code = a.code, body = a.body,
			xid = a.id, event = a.version, object = about
			WHERE i.city = p_who.city AND i.first_kid = p_who.first_kid AND i.key = p_idem AND i.status IS NULL;
	ELSIF about IS NOT NULL THEN
		PERFORM api.note_said(p_who.city, p_who.call, a);
	END IF;
	RETURN NEXT a;
END $$;

-- Of a transaction that is over: with its xid, the position to wait for when its answer is
-- given again.  NULL: it changed no record, or everybody has long since passed it.
CREATE OR REPLACE FUNCTION ledger.last_event(p_city int, p_xid bigint) RETURNS bigint
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN (SELECT max(o.id) FROM ops.outbox o
		WHERE o.city = p_city AND o.xid = p_xid::text::xid8);
END $$;
