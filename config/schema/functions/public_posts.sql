-- Who may be placed in a public-welfare post: the hard-to-employ, by their rank on the first day, in
-- a reserved vacancy or in a free slot of an approval (rules/placement-kinds, rules/reserved).
--
-- An approval's slots are taken by the vacancies that reserve them and by those placed in one
-- without a vacancy; who is placed in a closed vacancy keeps theirs while the work goes on.

-- How many slots are placed without a vacancy and not free again by a day.
CREATE OR REPLACE FUNCTION ledger.slots_held(p_city int, p_approval text, p_day date) RETURNS int
LANGUAGE sql STABLE AS $$
	SELECT count(*)::int FROM ledger.placement p
	LEFT JOIN ledger.employment e ON e.city = p.city AND e.placement = p.id
	WHERE p.city = p_city AND p.approval = p_approval AND ledger.is_job(p.state)
	  AND (e.ended_on IS NULL OR e.ended_on > p_day)
$$;

-- How many slots are left beside these vacancies of an employer in a district, which are to be
-- reserved or placed in: who else reserves or holds one, in whichever district, has it.  p_closing:
-- those of the employer there that are closed meanwhile; who works in one keeps theirs.
CREATE OR REPLACE FUNCTION ledger.slots_beside(p_city int, p_approval text, p_day date,
	p_employer bigint, p_district text, p_refs text[], p_closing text[])
RETURNS int
LANGUAGE sql STABLE AS $$
	SELECT (SELECT count(*)::int FROM ledger.post_slot s WHERE s.city = p_city
			AND s.approval = p_approval AND (s.closed_on IS NULL OR s.closed_on > p_day))
		- ledger.slots_held(p_city, p_approval, p_day)
		- coalesce((SELECT sum(CASE WHEN ledger.is_open(v.open, v.valid_until, p_day) AND NOT (own.is_own AND v.ref = ANY (p_closing)) THEN v.posts
				ELSE (SELECT count(*) FROM ledger.placement p
				LEFT JOIN ledger.employment e ON e.city = p.city AND e.placement = p.id
				WHERE p.city = v.city AND p.vacancy = v.id AND p.state <> 'void'
				  AND (e.ended_on IS NULL OR e.ended_on > p_day)) END)::int
			FROM ledger.vacancy v, LATERAL (SELECT coalesce(v.employer = p_employer
				AND v.district = p_district, false) AS is_own) own
			WHERE v.city = p_city AND v.approval = p_approval AND v.reserved
			  AND NOT (own.is_own AND v.ref = ANY (p_refs))), 0)
$$;

CREATE OR REPLACE FUNCTION ledger.slots_free(p_city int, p_approval text, p_day date) RETURNS int
LANGUAGE sql STABLE AS $$
	SELECT ledger.slots_beside(p_city, p_approval, p_day, NULL, NULL, '{}', '{}')
$$;

CREATE OR REPLACE FUNCTION ledger.over_approval(p_at text, p_posts int, p_free int) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$
	SELECT ledger.fault(p_at, 'approved-posts', p_posts::text,
		'together at most ' || greatest(p_free, 0) || ' posts under this approval',
		'More posts are reserved than this approval covers.', '预留岗位数超过批准文号核准的岗位数。')
$$;

-- Before vacancies, so that what these lines reserve and what is placed meanwhile see each other.
CREATE OR REPLACE FUNCTION ledger.lock_approvals(p_city int, p_lines ledger.offered_line[])
RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	IF EXISTS (SELECT FROM unnest(p_lines) l WHERE l.reserved) THEN
		PERFORM FROM ledger.approval a WHERE a.city = p_city AND a.approval IN (SELECT l.approval
			FROM unnest(p_lines) l WHERE l.reserved) ORDER BY a.approval FOR NO KEY UPDATE;
	END IF;
END $$;

-- P1 to P3 from the first day, P4 and P5 from the day of release, P6 never.
CREATE OR REPLACE FUNCTION ledger.refuse_rank(p_city int, p_seeker bigint, p_day date,
	p_start date, p_released date)
RETURNS api.reply
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN CASE WHEN (ledger.rank_of(p_city, p_seeker, p_day)).rank
			> CASE WHEN p_released <= p_start THEN 5 ELSE 3 END
		THEN api.refuse(409, 'reserved-post', jsonb_build_object('released_on', p_released)) END;
END $$;

-- Why a placement of this body, at this vacancy or none, takes no public-welfare post; NULL:
-- nothing, or it is of none.  Of a slot: the caller holds the approval's row.  p_idle: the day
-- before this very job, when it is reported already and takes its post only now.
CREATE OR REPLACE FUNCTION ledger.refuse_public_post(p_city int, p_seeker bigint,
	p_vacancy ledger.vacancy, p_body jsonb, p_idle date)
RETURNS api.reply
LANGUAGE plpgsql STABLE AS $$
DECLARE
	start date := (p_body->>'start_on')::date;
	g     ledger.approval;
BEGIN
	IF p_vacancy.reserved THEN
		RETURN ledger.refuse_rank(p_city, p_seeker, coalesce(p_idle, start), start,
			p_vacancy.released_on);
	ELSIF p_body->>'kind' <> 'pwp' THEN
		RETURN NULL;
	ELSIF p_vacancy.id IS NOT NULL THEN
		RETURN ledger.refuse_fault(ledger.fault('/kind', 'not-reserved', 'pwp',
			'unit, dispatch; or a reserved vacancy, or an approval without one',
			'A public-welfare post is a reserved vacancy or a slot of an approval; this vacancy is neither.',
			'公益性岗位须为预留空岗或批准文号下的岗位名额，此空岗不是。'));
	END IF;
	SELECT a.* INTO g FROM ledger.approval a
		LEFT JOIN ledger.employer e ON e.city = a.city AND e.id = a.employer
		WHERE a.city = p_city AND a.approval = p_body->>'approval'
		  AND (a.employer IS NULL OR e.org = ledger.org_of(p_body->>'employer'));
	IF g.approval IS NULL THEN
		RETURN ledger.refuse_fault(ledger.fault('/approval', 'approval-unknown', p_body->>'approval',
			'the number of an approved public-welfare post of this employer',
			'No such approval is on the register of public-welfare posts.',
			'公益性岗位登记中没有该批准文号。'));
	ELSIF start < g.approved_on THEN
		RETURN ledger.wrong_day('/start_on', start, 'not before ' || g.approved_on);
	ELSIF ledger.slots_free(p_city, g.approval, start) <= 0 THEN
		RETURN ledger.wrong_state('no-free-slot', jsonb_build_object('posts', g.posts));
	END IF;
	RETURN ledger.refuse_rank(p_city, p_seeker, coalesce(p_idle, start), start, g.release_on);
END $$;
