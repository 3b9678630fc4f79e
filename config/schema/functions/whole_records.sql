-- Whole records, as an import takes them: for a page of a list, by their ids, in their order; and
-- whether what a file brings stands already, word for word.
--
-- What has ended is left out: no file brings it back as it was.  People are named by their citizen
-- number, sealed, which is a look at each (rules/looks); who lies outside the caller's division is
-- named by the number of their file alone.

-- Two members of an object, or none that the caller may have.
CREATE OR REPLACE FUNCTION ledger.sealed_number(p_who api.caller, p_person bigint) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN coalesce((SELECT jsonb_build_object('sealed', p.id::text,
			'citizen_number', encode(p.citizen, 'hex'))
		FROM ledger.person p JOIN ledger.seeker s ON s.city = p.city AND s.id = p.id
		WHERE p.city = p_who.city AND p.id = p_person AND p_who.role = 4 AND p_who.officer IS NOT NULL
		  AND s.merged_into IS NULL AND ledger.in_scope(p_who.scope, s.community)),
		jsonb_build_object('seeker', ledger.seeker_text(p_person)));
END $$;

-- With its papers; who saw them is whoever records them again.
CREATE OR REPLACE FUNCTION ledger.whole_entry(p_who api.caller, p_register text, p_row jsonb)
RETURNS jsonb
LANGUAGE sql STABLE AS $$
	SELECT CASE WHEN p_row ? 'seeker' THEN (x.said - 'seeker')
			|| ledger.sealed_number(p_who, (p_row->>'seeker')::bigint) ELSE x.said END
		|| jsonb_build_object('on', p_row->'holds_from', 'evidence', (SELECT coalesce(jsonb_agg(
				jsonb_build_object('kind', v.kind, 'number', v.number, 'day', v.day, 'hash', v.hash)
				ORDER BY v.version, v.n), '[]')
			FROM ledger.evidence v WHERE v.city = p_who.city AND v.id = (p_row->>'id')::bigint))
	FROM (SELECT ledger.members_json(p_register, p_row, false) AS said) x
$$;

-- Who belongs to it today.
CREATE OR REPLACE FUNCTION ledger.present_members(p_city int, p_household bigint)
RETURNS SETOF ledger.household_member
LANGUAGE sql STABLE AS $$
	SELECT m.* FROM ledger.household_member m, ledger.today(p_city) d(today)
	WHERE m.city = p_city AND m.household = p_household AND m.joined_on <= d.today
	  AND (m.left_on IS NULL OR d.today < m.left_on)
$$;

CREATE OR REPLACE FUNCTION ledger.whole_household(p_who api.caller, h ledger.household)
RETURNS jsonb
LANGUAGE sql STABLE AS $$
	SELECT jsonb_build_object('community', (h).community::text, 'hukou_type', (h).hukou_type,
		'business_income', (h).business_income, 'investment_income', (h).investment_income,
		'applied_on', (h).applied_on, 'determined_on', (h).determined_on, 'size', count(*),
		'members', coalesce(jsonb_agg(jsonb_build_object('able', m.able, 'willing', m.willing,
			'excluded', nullif(m.excluded, '')) || ledger.sealed_number(p_who, m.person)
			ORDER BY m.person), '[]'))
	FROM ledger.present_members((h).city, (h).id) m
$$;

-- What the file says, and the facts that hold today; of what is derived from them nothing.
CREATE OR REPLACE FUNCTION ledger.whole_seeker(p_who api.caller, p_id bigint) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN (SELECT ledger.sealed_number(p_who, p.id) || jsonb_build_object(
			'name', encode(p.name, 'hex'), 'telephone', encode(p.phone, 'hex'),
			'address', encode(p.address, 'hex'), 'community', s.community::text,
			'hukou', jsonb_build_object('type', p.hukou_type, 'division', p.hukou_division),
			'education', s.education, 'skills', encode(s.skills, 'hex'),
			'licences', encode(s.licences, 'hex'), 'experience', encode(s.experience, 'hex'),
			'wishes', to_jsonb(s.wishes), 'pay_wish', s.pay_wish, 'farthest', s.farthest,
			'shifts', s.shifts, 'forms', s.forms, 'group', p.grp,
			'unemployment', (SELECT jsonb_build_object('since', u.since, 'prior_job', u.prior_job,
					'laid_off', u.laid_off)
				FROM ledger.unemployment_on(p.city, p.id, ledger.today(p.city)) u),
			'recognitions', (SELECT coalesce(jsonb_agg(jsonb_build_object('code', c.code,
					'on', c.recognised_on) ORDER BY c.recognised_on, c.code), '[]')
				FROM ledger.recognition c WHERE c.city = p.city AND c.person = p.id
				  AND c.ended_on IS NULL AND c.void_on IS NULL),
			'certificate', (SELECT jsonb_build_object('number', c.number, 'group', c.grp,
					'issued_on', c.issued_on, 'valid_to', c.valid_to, 'inspected',
					(SELECT coalesce(jsonb_agg(i.year ORDER BY i.year), '[]') FROM ledger.inspection i
						WHERE i.city = c.city AND i.certificate = c.id))
				FROM ledger.certificate c WHERE c.city = p.city AND c.person = p.id
				  AND c.void_on IS NULL),
			'retirement', (SELECT jsonb_build_object('age', r.age, 'evidence', nullif(r.evidence, ''))
				FROM ledger.retirement_fact r WHERE r.city = p.city AND r.person = p.id
				ORDER BY r.since DESC LIMIT 1))
		FROM ledger.person p JOIN ledger.seeker s ON s.city = p.city AND s.id = p.id
		WHERE p.city = p_who.city AND p.id = p_id);
END $$;

-- p_kind: the name of a register, else "seekers" or "households".
CREATE OR REPLACE FUNCTION api.read_whole(p_city int, p_kid text, p_hash bytea, p_actor text,
	p_kind text, p_ids jsonb)
RETURNS SETOF api.reply
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	who   api.caller := api.principal(p_city, p_kid, p_hash, p_actor);
	a     api.reply  := api.admit(who, coalesce(ledger.register_action(p_kind, 'read'),
		p_kind || '.read'));
	items jsonb;
	look  bigint[];
BEGIN
	IF a.status IS NULL AND p_kind = 'seekers' AND who.role <> 4 THEN
		a := api.refuse(403, 'role-refused');
	END IF;
	IF a.status IS NOT NULL THEN
		RETURN NEXT a;
		RETURN;
	END IF;
	IF p_kind = 'seekers' THEN
		SELECT jsonb_agg(ledger.whole_seeker(who, s.id) ORDER BY i.n) INTO items
			FROM jsonb_array_elements_text(p_ids) WITH ORDINALITY i(id, n)
			JOIN ledger.seeker s ON s.city = p_city AND s.id = ledger.seeker_id(i.id)
			WHERE s.merged_into IS NULL AND s.withdrawn_on IS NULL
			  AND ledger.in_scope(who.scope, s.community);
	ELSIF p_kind = 'households' THEN
		SELECT jsonb_agg(ledger.whole_household(who, h) ORDER BY i.n) INTO items
			FROM jsonb_array_elements_text(p_ids) WITH ORDINALITY i(id, n)
			JOIN ledger.household h ON h.city = p_city AND h.id = i.id::bigint
			WHERE h.ended_on IS NULL AND ledger.in_scope(who.scope, h.community);
	ELSE
		SELECT jsonb_agg(ledger.whole_entry(who, p_kind, e.row) ORDER BY i.n) INTO items
			FROM jsonb_array_elements_text(p_ids) WITH ORDINALITY i(id, n)
			CROSS JOIN LATERAL (SELECT ledger.entry_on(who, p_kind, i.id::bigint) AS row) e
			WHERE e.row IS NOT NULL AND e.row->>'ended_on' IS NULL;
	END IF;
	PERFORM ledger.note_look(who, p.id, 'read_whole') FROM (SELECT DISTINCT
			(jsonb_path_query(items, '$.**.sealed')#>>'{}')::bigint AS id) p;
	RETURN NEXT api.answer(200, jsonb_build_object('items', coalesce(items, '[]')));
END $$;

-- The latest version of an entry that says just this, on no paper that the entry has not; NULL:
-- there is none.
-- rules/imports
CREATE OR REPLACE FUNCTION ledger.standing_entry(p_who api.caller, p_register text, p_body jsonb)
RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
	words text := (SELECT string_agg(format(CASE WHEN m.say = 'may'
			THEN ' AND v.%1$I IS NOT DISTINCT FROM w.%1$I' ELSE ' AND v.%1$I = w.%1$I' END, m.member), '')
		FROM ledger.register_member m WHERE m.register = p_register AND m.member <> '-'
		  AND m.kind NOT IN ('end', 'void'));
	found bigint;
BEGIN
	EXECUTE format('SELECT e.id FROM jsonb_populate_record(NULL::ledger.%1$I, $1) w'
		' JOIN ledger.%1$I v ON v.city = $2%2$s'
		' JOIN ledger.entry e ON e.city = v.city AND e.id = v.id AND e.version = v.version'
		' WHERE ($3 IS NULL OR v.holds_from = $3)'
		' AND ledger.new_papers(e.city, e.id, $4) = ''[]'''
		' ORDER BY v.ended_on IS NOT NULL, e.id LIMIT 1', ledger.register_table(p_register), words)
		INTO found USING p_body, p_who.city, (p_body->>'on')::date,
			coalesce(nullif(p_body->'evidence', 'null'), '[]');
	RETURN CASE WHEN found IS NOT NULL THEN ledger.entry_on(p_who, p_register, found) END;
END $$;

-- A household that stands just so, in which these people are.
-- rules/imports
CREATE OR REPLACE FUNCTION ledger.standing_household(p_who api.caller, p_body jsonb,
	p_members bigint[])
RETURNS bigint
LANGUAGE sql STABLE AS $$
	SELECT h.id FROM ledger.household h
	WHERE h.city = p_who.city AND h.ended_on IS NULL AND ledger.in_scope(p_who.scope, h.community)
	  AND h.id IN (SELECT m.household FROM ledger.household_member m
		WHERE m.city = p_who.city AND m.person = p_members[1])
	  AND h.community = (p_body->>'community')::bigint AND h.hukou_type = p_body->>'hukou_type'
	  AND h.business_income = (p_body->>'business_income')::boolean
	  AND h.investment_income = (p_body->>'investment_income')::boolean
	  AND h.applied_on = (p_body->>'applied_on')::date
	  AND h.determined_on IS NOT DISTINCT FROM (p_body->>'determined_on')::date
	  AND ledger.members_hash(p_body->'members') = (SELECT ledger.members_hash(jsonb_agg(
			jsonb_build_object('seeker', ledger.seeker_text(m.person), 'able', m.able,
				'willing', m.willing, 'excluded', nullif(m.excluded, ''))))
		FROM ledger.present_members(h.city, h.id) m)
	ORDER BY h.id DESC LIMIT 1
$$;

-- Whether the file of who is registered already says just what this registration does.
-- rules/imports
CREATE OR REPLACE FUNCTION ledger.says_the_same(p_city int, p_person bigint,
	p_call ledger.registration)
RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
DECLARE
	b     jsonb := p_call.body;
	told  jsonb := coalesce(nullif(b->'unemployment', 'null'), '{}');
	card  jsonb := coalesce(nullif(b->'certificate', 'null'), '{}');
	p     ledger.person;
	s     ledger.seeker;
	u     ledger.unemployment;
	c     ledger.certificate;
	r     ledger.retirement_fact;
BEGIN
	SELECT * INTO p FROM ledger.person x WHERE x.city = p_city AND x.id = p_person;
	SELECT * INTO s FROM ledger.seeker x WHERE x.city = p_city AND x.id = p_person;
	IF s.withdrawn_on IS NOT NULL OR s.merged_into IS NOT NULL OR (p.blind, p.name_blind,
			p.phone_blind, p.address_blind, p.phone IS NULL, p.address IS NULL, p.grp, p.hukou_type,
			p.hukou_division, s.community, s.pay_wish, s.farthest, s.shifts, s.forms, s.education,
			to_jsonb(s.wishes), s.skills, s.licences, s.experience)
		IS DISTINCT FROM (p_call.blind, decode(b->>'name_blind', 'hex'),
			decode(b->>'phone_blind', 'hex'), decode(b->>'address_blind', 'hex'),
			p_call.phone IS NULL, p_call.address IS NULL, b->>'group', b->>'hukou_type',
			b->>'hukou_division', (b->>'community')::bigint, coalesce((b->>'pay_wish')::int, 0),
			(b->>'farthest')::int, (b->>'shifts')::int, (b->>'forms')::int, b->>'education',
			b->'wishes', ledger.unhex(b->>'skills'), ledger.unhex(b->>'licences'),
			ledger.unhex(b->>'experience')) THEN
		RETURN false;
	END IF;
	SELECT * INTO u FROM ledger.unemployment_on(p_city, p_person, ledger.today(p_city));
	SELECT * INTO c FROM ledger.certificate x WHERE x.city = p_city AND x.person = p_person
		AND x.void_on IS NULL;
	SELECT * INTO r FROM ledger.retirement_fact x WHERE x.city = p_city AND x.person = p_person
		ORDER BY x.since DESC LIMIT 1;
	RETURN (u.since, u.prior_job, u.laid_off) IS NOT DISTINCT FROM ((told->>'since')::date,
			(told->>'prior_job')::boolean, told->>'laid_off')
		AND (c.number, c.grp, c.issued_on, c.valid_to) IS NOT DISTINCT FROM (card->>'number',
			card->>'group', (card->>'issued_on')::date, (card->>'valid_to')::date)
		AND (r.age, r.evidence) IS NOT DISTINCT FROM ((b->>'retirement_age')::int,
			b->>'retirement_evidence')
		AND ARRAY(SELECT i.year FROM ledger.inspection i WHERE i.city = p_city
				AND i.certificate = c.id ORDER BY 1)
			= ARRAY(SELECT DISTINCT y::int FROM jsonb_array_elements_text(
				coalesce(nullif(card->'inspected', 'null'), '[]')) y ORDER BY 1)
		AND ARRAY(SELECT x.code || x.recognised_on FROM ledger.recognition x WHERE x.city = p_city
				AND x.person = p_person AND x.ended_on IS NULL AND x.void_on IS NULL ORDER BY 1)
			= ARRAY(SELECT (x->>'code') || (x->>'on') FROM jsonb_array_elements(
				coalesce(nullif(b->'recognitions', 'null'), '[]')) x ORDER BY 1);
END $$;
