-- What every call goes through: who is it, may they; and what an answer is made of.
--
-- The principal is found again inside every call, from the hashes of the key's secret and of
-- the officer's, so a connection cannot claim to be somebody.  Which operation it is, api.admit
-- leaves in the transaction.  Whether it was answered before, answers_kept.sql says.

-- p_actor: "<officer>.<hash of the secret>[.<officer on whose behalf>] <request id> <call>[ again]",
-- any part empty.
CREATE OR REPLACE FUNCTION api.principal(p_city int, p_kid text, p_hash bytea, p_actor text)
RETURNS api.caller
LANGUAGE plpgsql STABLE AS $$
DECLARE
	who    api.caller;
	at     timestamptz := ledger.app_now(p_city);
	claim  text        := split_part(p_actor, ' ', 1);
BEGIN
	SELECT k.city, k.kid, '', k.role, k.org_code,
		ledger.organisation_of(k), k.scope,
		CASE WHEN k.role = 1 THEN ledger.filed_codes(k.city, k.employers || k.org_code) ELSE '{}' END,
		NULL, NULL, false, split_part(p_actor, ' ', 2), coalesce(k.first_kid, k.kid),
		ledger.legal_day(k.expires_at - interval '1 microsecond'),
		split_part(p_actor, ' ', 3), split_part(p_actor, ' ', 4) = 'again'
		INTO who
		FROM ledger.api_key k JOIN ledger.city c USING (city)
		WHERE k.city = p_city AND k.kid = p_kid AND k.secret_hash = p_hash
		  AND k.revoked_at IS NULL AND k.sandbox = c.sandbox
		  AND at >= k.not_before AND at < k.expires_at;
	IF claim <> '' AND who.role IS NOT NULL THEN
		who := ledger.with_officer(who, claim, ledger.legal_day(at));
	END IF;
	RETURN who;
END $$;

-- The same codes, and each as it is on file when that is its other form; some perhaps twice.
CREATE OR REPLACE FUNCTION ledger.filed_codes(p_city int, p_codes text[]) RETURNS text[]
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN p_codes || ARRAY(SELECT e.code FROM unnest(p_codes) c JOIN ledger.employer e
		ON e.city = p_city AND e.org = ledger.org_of(c) AND e.code <> c);
END $$;

CREATE OR REPLACE FUNCTION ledger.officer_on(p_city int, p_id bigint, p_day date)
RETURNS ledger.officer
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN (SELECT o FROM ledger.officer o WHERE o.city = p_city AND o.id = p_id
		AND o.revoked_at IS NULL AND p_day BETWEEN o.valid_from AND o.valid_until);
END $$;

-- The caller as this officer, or as nobody who is accepted.
CREATE OR REPLACE FUNCTION ledger.with_officer(p_who api.caller, p_claim text, p_day date)
RETURNS api.caller
LANGUAGE plpgsql STABLE AS $$
DECLARE
	who   api.caller := p_who;
	part  text[]     := string_to_array(p_claim, '.');
	her   bigint;
	bound text;
	leads boolean;
	ends  date;
	knew  text[];
BEGIN
	who.officer := -1;
	SELECT o.id, o.scope, o.lead, o.valid_until, o.secret_hands INTO her, bound, leads, ends, knew
		FROM ledger.officer o
		WHERE o.city = who.city AND o.id = ledger.seeker_id(part[1])
		  AND encode(o.secret_hash, 'hex') = part[2] AND o.role = who.role
		  AND o.organisation = who.organisation AND o.revoked_at IS NULL
		  AND p_day BETWEEN o.valid_from AND o.valid_until;
	IF her IS NULL THEN
		RETURN who;
	END IF;
	IF part[3] IS NOT NULL THEN
		leads := false;
		SELECT ledger.narrower(d.scope, f.scope), least(ends, d.valid_until, f.valid_until), f.id
			INTO bound, ends, who.on_behalf
			FROM ledger.delegation d, ledger.officer_on(who.city, d.from_officer, p_day) f
			WHERE d.city = who.city AND d.from_officer = ledger.seeker_id(part[3])
			  AND d.to_officer = her AND d.ended_at IS NULL
			  AND p_day BETWEEN d.valid_from AND d.valid_until AND f.id IS NOT NULL
			ORDER BY d.id DESC LIMIT 1;
		IF who.on_behalf IS NULL THEN
			RETURN who;
		END IF;
	END IF;
	who.officer := her;
	who.lead := leads;
	who.scope := ledger.narrower(who.scope, bound);
	who.until := ends;
	who.actor := ledger.actor_of(part[1], part[3], knew);
	RETURN who;
END $$;

-- Whether the caller's key speaks for this employer, in either form of its code.
-- rules/employer-codes
CREATE OR REPLACE FUNCTION ledger.speaks_as(p_who api.caller, p_code text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT coalesce(p_code = ANY (p_who.employers) OR ledger.org_of(p_code) = ANY (p_who.employers)
		OR ledger.org_of(p_code) IN (SELECT ledger.org_of(x) FROM unnest(p_who.employers) x), false)
$$;

-- Before anything else: the key is known, its role may do this, and a person stands behind it
-- where one must.  NULL: go on.
-- rules/authorisation
CREATE OR REPLACE FUNCTION api.admit(p_who api.caller, p_action text) RETURNS api.reply
LANGUAGE plpgsql AS $$
DECLARE
	may ledger.permission;
BEGIN
	IF p_who.role IS NULL THEN
		RETURN api.refuse(401, 'key-refused');
	END IF;
	SELECT * INTO may FROM ledger.permission m WHERE m.action = p_action AND m.role = p_who.role;
	IF NOT FOUND THEN
		RETURN api.refuse(403, 'role-refused');
	ELSIF p_who.officer = -1 THEN
		RETURN api.refuse(403, 'actor-refused');
	ELSIF may.actor IS NOT FALSE AND p_who.officer IS NULL THEN
		RETURN api.refuse(403, 'actor-required');
	END IF;
	PERFORM set_config('vacancyd.action', p_action, true);
	RETURN NULL;
END $$;

-- The members of an answer that this caller's role does not see.
-- rules/masking
CREATE OR REPLACE FUNCTION api.masked(p_who api.caller, p_action text) RETURNS text[]
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN coalesce((SELECT m.fields FROM ledger.permission m
		WHERE m.action = p_action AND m.role = p_who.role), '{}');
END $$;

CREATE OR REPLACE FUNCTION api.answer(p_status int, p_body jsonb DEFAULT '{}') RETURNS api.reply
LANGUAGE sql IMMUTABLE AS $$
	SELECT ROW('a', p_status, 'ok', p_body::text, NULL, NULL, NULL, '')::api.reply
$$;

-- Accepted, and it stood so already: nothing was done, so no action is kept.  p_xid, p_event: the
-- position of the change that made it so, for whoever asked before and was not answered.
CREATE OR REPLACE FUNCTION api.unchanged(p_body jsonb, p_xid bigint DEFAULT NULL,
	p_event bigint DEFAULT NULL)
RETURNS api.reply
LANGUAGE sql IMMUTABLE AS $$
	SELECT ROW('a', 200, 'ok', p_body::text, p_xid, p_event, NULL, 'replayed')::api.reply
$$;

CREATE OR REPLACE FUNCTION api.refuse(p_status int, p_slug text, p_members jsonb DEFAULT '{}')
RETURNS api.reply
LANGUAGE sql IMMUTABLE AS $$
	SELECT ROW('a', p_status, p_slug, p_members::text, NULL, NULL, NULL, '')::api.reply
$$;

-- A page of a list.  `p_last` are the sort keys of its last row when more follow, else NULL;
-- the daemon makes the cursor of them.
CREATE OR REPLACE FUNCTION api.page(p_body jsonb, p_last text[]) RETURNS api.reply
LANGUAGE sql IMMUTABLE AS $$
	SELECT ROW('a', 200, 'ok', p_body::text, NULL, NULL, NULL,
		coalesce(chr(31) || array_to_string(p_last, chr(31)), ''))::api.reply
$$;

-- A page of rows in their order, each with its sort keys (several: parted by chr(31)).  More
-- follow when there is one more than p_limit.
CREATE OR REPLACE FUNCTION api.page_of(p_items jsonb[], p_keys text[], p_limit int,
	p_body jsonb DEFAULT '{}')
RETURNS api.reply
LANGUAGE sql IMMUTABLE AS $$
	SELECT api.page(p_body || jsonb_build_object('items', to_jsonb(coalesce(p_items[1:p_limit], '{}'))),
		CASE WHEN cardinality(p_items) > p_limit THEN ARRAY[p_keys[p_limit]] END)
$$;

-- The ids of a page in their order, and where the next one begins; NULL: this is the last.  Of
-- the rows `r` of p_from that p_found leaves, which an index must find, the next p_reach are
-- looked at, and the first p_limit that p_kept leaves are the page: a rare p_kept makes a page
-- short, never long to wait for.  Both are conditions with their values in them, after an AND.
-- It is planned at each call, because the values say which index serves, and nothing that is
-- called for a row is planned with it.
CREATE OR REPLACE FUNCTION ledger.page_ids(p_city int, p_from text, p_found text, p_kept text,
	p_falls boolean, p_at bigint, p_limit int, p_reach int, OUT ids bigint[], OUT next text[])
LANGUAGE plpgsql STABLE SET jit = off SET enable_seqscan = off SET enable_bitmapscan = off AS $$
DECLARE
	looked text := format('SELECT %s FROM %s WHERE r.city = $1 AND r.id %s $2 %s ORDER BY r.id %s',
		'%s', p_from, CASE WHEN p_falls THEN '<' ELSE '>' END, p_found,
		CASE WHEN p_falls THEN 'DESC' END);
	start  bigint := coalesce(p_at, CASE WHEN p_falls THEN 9223372036854775807 ELSE 0 END);
BEGIN
	EXECUTE 'SELECT array_agg(x.id) FROM (SELECT r.id FROM (' || format(looked, 'r.*')
		|| ' LIMIT $3) r WHERE true ' || p_kept || ' LIMIT $4) x'
		INTO ids USING p_city, start, p_reach, p_limit + 1;
	IF cardinality(ids) > p_limit THEN
		next := ids[p_limit:p_limit];
		ids := ids[1:p_limit];
	ELSIF p_kept <> '' THEN
		EXECUTE format(looked, 'ARRAY[r.id]') || ' OFFSET $3 - 1 LIMIT 1'
			INTO next USING p_city, start, p_reach;
	END IF;
END $$;

-- One entry of a problem's `errors`; what looks like a citizen number is not shown.
CREATE OR REPLACE FUNCTION ledger.fault(p_pointer text, p_rule text, p_found text, p_expected text,
	p_en text, p_zh text)
RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE AS $$
	SELECT jsonb_strip_nulls(jsonb_build_object('pointer', p_pointer, 'rule', p_rule,
		'found', CASE WHEN p_found ~ '[1-9][0-9]{14}' THEN '(not shown)' ELSE p_found END,
		'expected', p_expected,
		'message', jsonb_build_object('en', p_en, 'zh', p_zh)))
$$;

CREATE OR REPLACE FUNCTION ledger.missing_at(p_pointer text, p_given text) RETURNS jsonb
LANGUAGE sql STABLE AS $$
	SELECT ledger.fault(p_pointer, 'not-found', p_given, NULL,
		'There is none of this name or number, or not for you.', '没有此编号或名称，或您无权查看。')
$$;

CREATE OR REPLACE FUNCTION ledger.refuse_fault(p_fault jsonb) RETURNS api.reply
LANGUAGE sql STABLE AS $$
	SELECT api.refuse(422, 'validation-failed', jsonb_build_object('errors', jsonb_build_array(p_fault)))
$$;

-- What was not found, by where it was named: "path/fact", "query/seeker", "/vacancy".  Not to be
-- there and to be for others is one answer.  Nobody's number looks for nobody (with_seeker).
CREATE OR REPLACE FUNCTION ledger.missing(p_pointer text, p_given text DEFAULT NULL)
RETURNS api.reply
LANGUAGE sql STABLE AS $$
	SELECT api.refuse(404, 'not-found', jsonb_build_object('errors', jsonb_build_array(CASE
		WHEN p_given = '0000000000000000' THEN ledger.missing_at(regexp_replace(p_pointer, 'seeker$',
			'citizen_number'), '(not shown)')
		ELSE ledger.missing_at(p_pointer, p_given) END)))
$$;

CREATE OR REPLACE FUNCTION ledger.wrong_state(p_reason text, p_members jsonb DEFAULT '{}')
RETURNS api.reply
LANGUAGE sql IMMUTABLE AS $$
	SELECT api.refuse(409, 'wrong-state', jsonb_build_object('reason', p_reason) || p_members)
$$;

CREATE OR REPLACE FUNCTION ledger.wrong_day(p_pointer text, p_found date, p_expected text)
RETURNS api.reply
LANGUAGE sql IMMUTABLE AS $$
	SELECT ledger.refuse_fault(ledger.fault(p_pointer, 'order', p_found::text, p_expected,
		'Two values stand in the wrong order.', '两个值的先后或大小次序不对。'))
$$;

-- A call that comes again may have looked before.
CREATE OR REPLACE FUNCTION ledger.note_look(p_who api.caller, p_person bigint, p_what text)
RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	IF p_who.again AND EXISTS (SELECT FROM ledger.person_look l WHERE l.city = p_who.city
			AND l.person = p_person AND l.what = p_what AND l.call = p_who.call) THEN
		RETURN;
	END IF;
	INSERT INTO ledger.person_look (city, person, kid, actor, what, officer, on_behalf, call,
			request)
		VALUES (p_who.city, p_person, p_who.kid, p_who.actor, p_what, p_who.officer,
			p_who.on_behalf, p_who.call, coalesce(p_who.request, ''));
END $$;

CREATE OR REPLACE FUNCTION ledger.role_of(p_name text) RETURNS int
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT CASE p_name WHEN 'employer' THEN 1 WHEN 'agency' THEN 2 WHEN 'bureau' THEN 4
		WHEN 'auditor' THEN 8 END
$$;

CREATE OR REPLACE FUNCTION ledger.role_name(p_role int) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT CASE p_role WHEN 1 THEN 'employer' WHEN 2 THEN 'agency' WHEN 4 THEN 'bureau'
		WHEN 8 THEN 'auditor' END
$$;
