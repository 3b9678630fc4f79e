-- Who looked at a person's file, and what an officer did: the two lists that are only read.

-- Who looked at a person's file, or at whose files an officer looked; newest first.  A bureau
-- is told of people of its division only, and out of it there is nobody.  A look at a file that
-- was made one with hers is a look at hers.
CREATE OR REPLACE FUNCTION api.list_looks(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_person bigint, p_officer bigint, p_limit int, p_before bigint)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who   api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	a     api.reply  := api.admit(who, 'looks.list');
	one   bigint[]   := ledger.same_person(p_city, p_person);
BEGIN
	IF a.status IS NULL AND p_person IS NOT NULL AND NOT EXISTS (SELECT FROM ledger.seeker s
			WHERE s.city = p_city AND s.id = p_person
			  AND (who.role = 8 OR ledger.in_scope(who.scope, s.community))) THEN
		a := api.refuse(404, 'not-found');
	ELSIF a.status IS NULL AND p_officer IS NOT NULL AND NOT EXISTS (SELECT FROM ledger.officer o
			WHERE o.city = p_city AND o.id = p_officer AND ledger.has_officer(who, o, true)) THEN
		a := api.refuse(404, 'not-found');
	END IF;
	IF a.status IS NULL THEN
		a := (SELECT api.page_of(array_agg(jsonb_build_object('at', ledger.instant(x.at),
				'person', ledger.seeker_text(x.person), 'what', x.what, 'kid', x.kid,
				'officer', ledger.seeker_text(x.officer),
				'on_behalf_of', ledger.seeker_text(x.on_behalf), 'name', x.name, 'post', x.post,
				'organisation', x.organisation) ORDER BY x.id DESC),
				array_agg(x.id::text ORDER BY x.id DESC), p_limit)
			FROM (SELECT l.*, o.name, o.post, coalesce(o.organisation, k.org_code, k.org_name)
					AS organisation
				FROM ledger.person_look l
				LEFT JOIN ledger.officer o ON o.city = l.city AND o.id = l.officer
				LEFT JOIN ledger.api_key k ON k.city = l.city AND k.kid = l.kid
				WHERE l.city = p_city AND (p_person IS NULL OR l.person = ANY (one))
				  AND (p_officer IS NULL OR l.officer = p_officer)
				  AND (p_before IS NULL OR l.id < p_before)
				  AND (who.role = 8 OR EXISTS (SELECT FROM ledger.seeker s WHERE s.city = l.city
					AND s.id = l.person AND ledger.in_scope(who.scope, s.community)))
				ORDER BY l.id DESC LIMIT p_limit + 1) x);
	END IF;
	RETURN NEXT a;
END $$;

-- What was done, newest first: of the own organisation's officers; the city's bureau and an
-- auditor see everybody's.
CREATE OR REPLACE FUNCTION api.list_actions(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_officer bigint, p_op text, p_limit int, p_before bigint)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who   api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	a     api.reply  := api.admit(who, 'actions.list');
	every boolean    := who.role = 8 OR who.role = 4 AND length(who.scope) = 4;
BEGIN
	IF a.status IS NULL AND p_officer IS NOT NULL AND NOT EXISTS (SELECT FROM ledger.officer o
			WHERE o.city = p_city AND o.id = p_officer AND ledger.has_officer(who, o, true)) THEN
		a := api.refuse(404, 'not-found');
	END IF;
	IF a.status IS NULL THEN
		a := (SELECT api.page_of(array_agg(jsonb_build_object('at', ledger.instant(x.at),
				'op', x.op, 'object', x.object, 'kid', x.kid,
				'officer', ledger.seeker_text(x.officer),
				'on_behalf_of', ledger.seeker_text(x.on_behalf), 'name', x.name,
				'organisation', x.organisation, 'request', x.request) ORDER BY x.id DESC),
				array_agg(x.id::text ORDER BY x.id DESC), p_limit)
			FROM (SELECT c.*, o.name, coalesce(o.organisation, k.org_code, k.org_name)
					AS organisation
				FROM ledger.action c
				LEFT JOIN ledger.officer o ON o.city = c.city AND o.id = c.officer
				LEFT JOIN ledger.api_key k ON k.city = c.city AND k.kid = c.kid
				WHERE c.city = p_city AND (p_officer IS NULL OR c.officer = p_officer)
				  AND (p_op IS NULL OR c.op = p_op) AND (p_before IS NULL OR c.id < p_before)
				  AND (every OR (k.role, coalesce(k.org_code, k.org_name))
					= (who.role, who.organisation))
				ORDER BY c.id DESC LIMIT p_limit + 1) x);
	END IF;
	RETURN NEXT a;
END $$;
