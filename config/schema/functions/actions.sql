-- Who looked at a person's file, and what an officer did: the two lists that are only read.

-- Who looked at a person's file, or at whose files an officer looked; newest first.  A bureau
-- is told of people of its division only, and out of it there is nobody.  A look at a file that
-- was made one with hers is a look at hers.
CREATE OR REPLACE FUNCTION api.list_looks(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_person bigint, p_officer bigint, p_limit int, p_before bigint)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
	SET enable_seqscan = off AS $$
DECLARE
	who   api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	a     api.reply  := api.admit(who, 'looks.list');
	page  record;
BEGIN
	IF a.status IS NULL AND p_person IS NOT NULL AND NOT EXISTS (SELECT FROM ledger.seeker s
			WHERE s.city = p_city AND s.id = p_person
			  AND ledger.in_scope(who.scope, s.community)) THEN
		a := ledger.missing('query/seeker', ledger.seeker_text(p_person));
	ELSIF a.status IS NULL AND p_officer IS NOT NULL AND NOT EXISTS (SELECT FROM ledger.officer o
			WHERE o.city = p_city AND o.id = p_officer AND ledger.has_officer(who, o, true)) THEN
		a := ledger.missing('query/officer', ledger.seeker_text(p_officer));
	END IF;
	IF a.status IS NOT NULL THEN
		RETURN NEXT a;
		RETURN;
	END IF;
	page := ledger.page_ids(p_city, 'ledger.person_look r', CASE
			WHEN p_person IS NOT NULL THEN format('AND r.person = ANY (%L)',
				ledger.same_person(p_city, p_person))
			WHEN p_officer IS NOT NULL THEN format('AND r.officer = %L', p_officer) ELSE '' END,
		CASE WHEN p_person IS NOT NULL AND p_officer IS NOT NULL
			THEN format('AND r.officer = %L', p_officer) ELSE '' END
		|| CASE WHEN ledger.is_whole_city(p_city, who.scope) THEN '' ELSE format('AND EXISTS (SELECT FROM ledger.seeker s'
			' WHERE s.city = r.city AND s.id = r.person AND s.community BETWEEN %L AND %L OFFSET 0)',
			ledger.scope_from(who.scope), ledger.scope_to(who.scope)) END,
		true, p_before, p_limit, 20000);
	RETURN NEXT (SELECT api.page(jsonb_build_object('items', coalesce(jsonb_agg(jsonb_build_object(
				'at', ledger.instant(l.at), 'seeker', ledger.seeker_text(l.person), 'what', l.what,
				'kid', l.kid, 'officer', ledger.seeker_text(l.officer),
				'on_behalf_of', ledger.seeker_text(l.on_behalf), 'name', o.name, 'post', o.post,
				'organisation', coalesce(o.organisation, ledger.organisation_of(k)),
				'request', split_part(l.request, '/', 1),
				'client_request', nullif(split_part(l.request, '/', 2), ''))
				ORDER BY l.id DESC), '[]')), page.next)
		FROM ledger.person_look l
		LEFT JOIN ledger.officer o ON o.city = l.city AND o.id = l.officer
		LEFT JOIN ledger.api_key k ON k.city = l.city AND k.kid = l.kid
		WHERE l.city = p_city AND l.id = ANY (page.ids));
END $$;

-- What was done, newest first: of the own organisation's officers; the bureau and the auditor of
-- the whole city see everybody's, another auditor what officers and keys of their scope did.
CREATE OR REPLACE FUNCTION api.list_actions(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_officer bigint, p_op text, p_limit int, p_before bigint)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
	SET enable_seqscan = off AS $$
DECLARE
	who   api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	a     api.reply  := api.admit(who, 'actions.list');
	page  record;
BEGIN
	IF a.status IS NULL AND p_officer IS NOT NULL AND NOT EXISTS (SELECT FROM ledger.officer o
			WHERE o.city = p_city AND o.id = p_officer AND ledger.has_officer(who, o, true)) THEN
		a := ledger.missing('query/officer', ledger.seeker_text(p_officer));
	END IF;
	IF a.status IS NOT NULL THEN
		RETURN NEXT a;
		RETURN;
	END IF;
	page := ledger.page_ids(p_city, 'ledger.action r', CASE
			WHEN p_officer IS NOT NULL THEN format('AND r.officer = %L', p_officer)
			WHEN p_op IS NOT NULL THEN format('AND r.op = %L', p_op) ELSE '' END,
		CASE WHEN p_officer IS NOT NULL AND p_op IS NOT NULL THEN format('AND r.op = %L', p_op)
			ELSE '' END
		|| CASE WHEN ledger.reads_all_officers(who) THEN ''
			WHEN who.role = 8 THEN format('AND (r.kid = ANY (%L) OR EXISTS (SELECT FROM ledger.officer o'
				' WHERE o.city = r.city AND o.id = r.officer AND ledger.has_officer(%L, o, true) OFFSET 0))',
				ARRAY(SELECT k.kid FROM ledger.api_key k WHERE k.city = p_city
					AND ledger.within(who.scope, k.scope)), who)
			ELSE format('AND r.kid = ANY (%L)', ARRAY(SELECT k.kid FROM ledger.api_key k
				WHERE k.city = p_city AND k.role = who.role
				  AND ledger.organisation_of(k) = who.organisation)) END,
		true, p_before, p_limit, 20000);
	RETURN NEXT (SELECT api.page(jsonb_build_object('items', coalesce(jsonb_agg(jsonb_build_object(
				'at', ledger.instant(c.at), 'op', c.op, 'object', c.object, 'kid', c.kid,
				'officer', ledger.seeker_text(c.officer),
				'on_behalf_of', ledger.seeker_text(c.on_behalf), 'name', o.name,
				'organisation', coalesce(o.organisation, ledger.organisation_of(k)),
				'request', split_part(c.request, '/', 1),
				'client_request', nullif(split_part(c.request, '/', 2), '')) ORDER BY c.id DESC), '[]')), page.next)
		FROM ledger.action c
		LEFT JOIN ledger.officer o ON o.city = c.city AND o.id = c.officer
		LEFT JOIN ledger.api_key k ON k.city = c.city AND k.kid = c.kid
		WHERE c.city = p_city AND c.id = ANY (page.ids));
END $$;
