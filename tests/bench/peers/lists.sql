-- Every list, filter, sort, facet and summary of the API that the ledger answers, under the values
-- that leave the most rows aside (lists_fill.sql): a name, the call, and below it the bare query.
--
-- The bare query gives the same rows in the same order as the columns stand, by the same indexes,
-- without caller, permission, names of organisations or cursor; a page that looks at so many
-- rows and no more does so in both.  Callers: BUREAU the city's, DISTRICT and STREET bureaus of a
-- part of it, AGENCY, AUDITOR.

-- seekers | list_seekers(BUREAU, NULL, NULL, NULL, NULL, NULL, NULL, 100, NULL, NULL)
SELECT * FROM ledger.seeker s WHERE city = 4101 AND merged_into IS NULL ORDER BY waiting_since, id LIMIT 101;
-- seekers, a later page | list_seekers(BUREAU, NULL, NULL, NULL, NULL, NULL, NULL, 100, '2007-06-01', '0000000000000001')
SELECT * FROM ledger.seeker s WHERE city = 4101 AND merged_into IS NULL AND (waiting_since, id) > ('2007-06-01', 1) ORDER BY waiting_since, id LIMIT 101;
-- seekers, withdrawn | list_seekers(BUREAU, 'withdrawn', NULL, NULL, NULL, NULL, NULL, 100, NULL, NULL)
SELECT * FROM (SELECT * FROM ledger.seeker WHERE city = 4101 AND merged_into IS NULL ORDER BY waiting_since, id LIMIT 20000) s WHERE withdrawn_on IS NOT NULL ORDER BY waiting_since, id LIMIT 101;
-- seekers, of a rank | list_seekers(BUREAU, NULL, 1, NULL, NULL, NULL, NULL, 100, NULL, NULL)
SELECT * FROM (SELECT * FROM ledger.seeker WHERE city = 4101 AND merged_into IS NULL ORDER BY waiting_since, id LIMIT 20000) s WHERE rank = 1 ORDER BY waiting_since, id LIMIT 101;
-- seekers, of a street | list_seekers(STREET, NULL, NULL, NULL, NULL, NULL, NULL, 100, NULL, NULL)
SELECT * FROM (SELECT * FROM ledger.seeker WHERE city = 4101 AND merged_into IS NULL ORDER BY waiting_since, id LIMIT 20000) s WHERE community BETWEEN 410105003000 AND 410105003999 ORDER BY waiting_since, id LIMIT 101;
-- seekers, of a trade | list_seekers(BUREAU, NULL, NULL, NULL, 6010101, NULL, NULL, 100, NULL, NULL)
SELECT * FROM (SELECT * FROM ledger.seeker WHERE city = 4101 AND merged_into IS NULL ORDER BY waiting_since, id LIMIT 20000) s WHERE wishes && '{6010101,6010100,6010000}' ORDER BY waiting_since, id LIMIT 101;
-- seekers, unoffered | list_seekers(BUREAU, NULL, NULL, NULL, NULL, NULL, true, 100, NULL, NULL)
SELECT * FROM (SELECT * FROM ledger.seeker WHERE city = 4101 AND merged_into IS NULL ORDER BY waiting_since, id LIMIT 20000) s WHERE NOT EXISTS (SELECT FROM ledger.referral r WHERE r.city = 4101 AND r.seeker = s.id AND r.made_at >= s.waiting_since OFFSET 0) ORDER BY waiting_since, id LIMIT 101;

-- referrals | list_referrals(BUREAU, NULL, NULL, NULL, NULL, 100, NULL)
SELECT r.*, (SELECT jsonb_agg(to_jsonb(s) ORDER BY s.n) FROM ledger.referral_step s WHERE s.city = r.city AND s.referral = r.id) FROM ledger.referral r WHERE city = 4101 ORDER BY id DESC LIMIT 101;
-- referrals, the last page | list_referrals(BUREAU, NULL, NULL, NULL, NULL, 100, 100)
SELECT r.*, (SELECT jsonb_agg(to_jsonb(s) ORDER BY s.n) FROM ledger.referral_step s WHERE s.city = r.city AND s.referral = r.id) FROM ledger.referral r WHERE city = 4101 AND id < 100 ORDER BY id DESC LIMIT 101;
-- referrals, withdrawn | list_referrals(BUREAU, 'withdrawn', NULL, NULL, NULL, 100, NULL)
SELECT * FROM (SELECT * FROM ledger.referral WHERE city = 4101 ORDER BY id DESC LIMIT 20000) r WHERE state = 'withdrawn' ORDER BY id DESC LIMIT 101;
-- referrals, live | list_referrals(BUREAU, NULL, true, NULL, NULL, 100, NULL)
SELECT * FROM (SELECT * FROM ledger.referral WHERE city = 4101 ORDER BY id DESC LIMIT 20000) r WHERE state IN ('proposed', 'consented', 'accepted', 'interviewed', 'offered') AND expires_at > '2007-07-12' ORDER BY id DESC LIMIT 101;
-- referrals, of a district | list_referrals(DISTRICT, NULL, NULL, NULL, NULL, 100, NULL)
SELECT r.*, (SELECT jsonb_agg(to_jsonb(s) ORDER BY s.n) FROM ledger.referral_step s WHERE s.city = r.city AND s.referral = r.id) FROM ledger.referral r WHERE city = 4101 AND (community BETWEEN 410105000000 AND 410105999999 OR place BETWEEN 410105000000 AND 410105999999) ORDER BY id DESC LIMIT 101;
-- referrals, of a street | list_referrals(STREET, NULL, NULL, NULL, NULL, 100, NULL)
SELECT r.*, (SELECT jsonb_agg(to_jsonb(s) ORDER BY s.n) FROM ledger.referral_step s WHERE s.city = r.city AND s.referral = r.id) FROM (SELECT * FROM ledger.referral WHERE city = 4101 ORDER BY id DESC LIMIT 20000) r WHERE (community BETWEEN 410105003000 AND 410105003999 OR place BETWEEN 410105003000 AND 410105003999) ORDER BY id DESC LIMIT 101;
-- referrals, of an agency | list_referrals(AGENCY, NULL, NULL, NULL, NULL, 100, NULL)
SELECT r.*, (SELECT jsonb_agg(to_jsonb(s) ORDER BY s.n) FROM ledger.referral_step s WHERE s.city = r.city AND s.referral = r.id) FROM ledger.referral r WHERE city = 4101 AND by_whom = 'AGENCY7' AND by_role = 2 ORDER BY id DESC LIMIT 101;

-- summary, by rank | summarise_referrals(BUREAU, NULL, NULL, 'rank')
SELECT rank, reached, count(*) FROM ledger.referral WHERE city = 4101 AND made_at >= '2007-01-01 00:00+08' AND made_at < '2007-07-13 00:00+08' GROUP BY 1, 2;
-- summary, by agency | summarise_referrals(BUREAU, NULL, NULL, 'agency')
SELECT by_whom, reached, count(*) FROM ledger.referral WHERE city = 4101 AND made_at >= '2007-01-01 00:00+08' AND made_at < '2007-07-13 00:00+08' GROUP BY 1, 2;
-- summary, of a street | summarise_referrals(STREET, NULL, NULL, 'rank')
SELECT rank, reached, count(*) FROM ledger.referral WHERE city = 4101 AND made_at >= '2007-01-01 00:00+08' AND made_at < '2007-07-13 00:00+08' AND (community BETWEEN 410105003000 AND 410105003999 OR place BETWEEN 410105003000 AND 410105003999) GROUP BY 1, 2;
-- summary, of an agency | summarise_referrals(AGENCY, NULL, NULL, 'rank')
SELECT rank, reached, count(*) FROM ledger.referral WHERE city = 4101 AND by_whom = 'AGENCY7' AND by_role = 2 AND made_at >= '2007-01-01 00:00+08' AND made_at < '2007-07-13 00:00+08' GROUP BY 1, 2;

-- returns | list_returns(BUREAU, NULL, NULL, NULL, NULL, NULL, 100, NULL, NULL, NULL)
SELECT r.*, v.staff, e.name, (SELECT count(*) FROM ledger.return_line l WHERE l.city = r.city AND l.return = r.id AND l.version_to IS NULL) FROM ledger.return r JOIN ledger.return_version v ON v.city = r.city AND v.return = r.id AND v.version = r.version JOIN ledger.employer e ON e.city = r.city AND e.id = r.employer WHERE r.city = 4101 ORDER BY r.quarter DESC, r.district, r.employer LIMIT 101;
-- returns, the last quarter's end | list_returns(BUREAU, NULL, NULL, NULL, NULL, NULL, 100, '2006Q3', '410185', 1000)
SELECT r.*, v.staff, e.name, (SELECT count(*) FROM ledger.return_line l WHERE l.city = r.city AND l.return = r.id AND l.version_to IS NULL) FROM ledger.return r JOIN ledger.return_version v ON v.city = r.city AND v.return = r.id AND v.version = r.version JOIN ledger.employer e ON e.city = r.city AND e.id = r.employer WHERE r.city = 4101 AND r.quarter = '2006Q3' AND (r.district, r.employer) > ('410185', 1000) ORDER BY r.district, r.employer LIMIT 101;
-- returns, late | list_returns(BUREAU, NULL, NULL, NULL, NULL, true, 100, NULL, NULL, NULL)
SELECT r.*, v.staff, e.name, (SELECT count(*) FROM ledger.return_line l WHERE l.city = r.city AND l.return = r.id AND l.version_to IS NULL) FROM ledger.return r JOIN ledger.return_version v ON v.city = r.city AND v.return = r.id AND v.version = r.version JOIN ledger.employer e ON e.city = r.city AND e.id = r.employer WHERE r.city = 4101 AND r.late ORDER BY r.quarter DESC, r.district, r.employer LIMIT 101;
-- returns, nil in a past quarter | list_returns(BUREAU, NULL, NULL, '2006Q3', true, NULL, 100, NULL, NULL, NULL)
SELECT * FROM (SELECT * FROM ledger.return WHERE city = 4101 AND quarter = '2006Q3' ORDER BY district, employer LIMIT 20000) r WHERE nil ORDER BY district, employer LIMIT 101;
-- returns, of a district | list_returns(DISTRICT, NULL, NULL, NULL, NULL, NULL, 100, NULL, NULL, NULL)
SELECT r.*, v.staff, e.name, (SELECT count(*) FROM ledger.return_line l WHERE l.city = r.city AND l.return = r.id AND l.version_to IS NULL) FROM ledger.return r JOIN ledger.return_version v ON v.city = r.city AND v.return = r.id AND v.version = r.version JOIN ledger.employer e ON e.city = r.city AND e.id = r.employer WHERE r.city = 4101 AND r.quarter = '2007Q2' AND r.district = '410105' ORDER BY r.employer LIMIT 101;

-- obligations | list_obligations(BUREAU, NULL, NULL, NULL, NULL, NULL, 100, NULL, NULL)
SELECT count(*), count(r.first_on), count(*) FILTER (WHERE r.first_on > '2007-07-10'), count(*) FILTER (WHERE r.nil) FROM (SELECT DISTINCT district, employer FROM ledger.employer_site WHERE city = 4101 AND since < '2007-07-01' AND (until IS NULL OR until > '2007-04-01')) s LEFT JOIN ledger.return r ON r.city = 4101 AND r.quarter = '2007Q2' AND r.district = s.district AND r.employer = s.employer;
-- obligations, late | list_obligations(BUREAU, NULL, NULL, NULL, 'late', NULL, 100, NULL, NULL)
SELECT count(*), count(r.first_on), count(*) FILTER (WHERE r.first_on > '2007-07-10'), count(*) FILTER (WHERE r.nil) FROM (SELECT DISTINCT district, employer FROM ledger.employer_site WHERE city = 4101 AND since < '2007-07-01' AND (until IS NULL OR until > '2007-04-01')) s LEFT JOIN ledger.return r ON r.city = 4101 AND r.quarter = '2007Q2' AND r.district = s.district AND r.employer = s.employer;
-- obligations, of a past day | list_obligations(BUREAU, NULL, NULL, '2007Q1', NULL, '2007-05-01', 100, NULL, NULL)
SELECT count(*), count(r.first_on), count(*) FILTER (WHERE r.first_on > '2007-04-10'), count(*) FILTER (WHERE r.nil) FROM (SELECT DISTINCT district, employer FROM ledger.employer_site WHERE city = 4101 AND since < '2007-04-01' AND (until IS NULL OR until > '2007-01-01')) s LEFT JOIN ledger.return r ON r.city = 4101 AND r.quarter = '2007Q1' AND r.district = s.district AND r.employer = s.employer;

-- households | list_households(BUREAU, NULL, NULL, NULL, 100, NULL)
SELECT h.*, ledger.household_state(city, id, '2007-07-12'), (SELECT count(*) FROM ledger.household_member m WHERE m.city = h.city AND m.household = h.id) FROM ledger.household h WHERE city = 4101 ORDER BY id LIMIT 101;
-- households, helped | list_households(BUREAU, 'helped', NULL, NULL, 100, NULL)
SELECT * FROM (SELECT * FROM ledger.household WHERE city = 4101 ORDER BY id LIMIT 2000) h WHERE ledger.household_state(city, id, '2007-07-12') = 'helped' ORDER BY id LIMIT 101;
-- households, to verify | list_households(BUREAU, NULL, NULL, true, 100, NULL)
SELECT * FROM (SELECT *, ledger.household_state(city, id, '2007-07-12') AS state FROM ledger.household WHERE city = 4101 ORDER BY id LIMIT 2000) h WHERE ledger.household_to_verify(city, id, '2007-07-12', state) ORDER BY id LIMIT 101;

-- looks | list_looks(AUDITOR, NULL, NULL, 100, NULL)
SELECT * FROM ledger.person_look l LEFT JOIN ledger.officer o ON o.city = l.city AND o.id = l.officer LEFT JOIN ledger.api_key k ON k.city = l.city AND k.kid = l.kid WHERE l.city = 4101 ORDER BY l.id DESC LIMIT 101;
-- looks, of a street | list_looks(STREET, NULL, NULL, 100, NULL)
SELECT * FROM (SELECT * FROM ledger.person_look WHERE city = 4101 ORDER BY id DESC LIMIT 20000) l WHERE EXISTS (SELECT FROM ledger.seeker s WHERE s.city = l.city AND s.id = l.person AND s.community BETWEEN 410105003000 AND 410105003999 OFFSET 0) ORDER BY id DESC LIMIT 101;
-- actions | list_actions(AUDITOR, NULL, NULL, 100, NULL)
SELECT * FROM ledger.action l LEFT JOIN ledger.officer o ON o.city = l.city AND o.id = l.officer LEFT JOIN ledger.api_key k ON k.city = l.city AND k.kid = l.kid WHERE l.city = 4101 ORDER BY l.id DESC LIMIT 101;
-- actions, of a rare kind | list_actions(AUDITOR, NULL, 'officers.change', 100, NULL)
SELECT * FROM ledger.action l LEFT JOIN ledger.officer o ON o.city = l.city AND o.id = l.officer LEFT JOIN ledger.api_key k ON k.city = l.city AND k.kid = l.kid WHERE l.city = 4101 AND op = 'officers.change' ORDER BY l.id DESC LIMIT 101;
-- actions, of a district's bureau | list_actions(DISTRICT, NULL, NULL, 100, NULL)
SELECT * FROM (SELECT * FROM ledger.action WHERE city = 4101 ORDER BY id DESC LIMIT 20000) c WHERE kid = '00000000000000b2' ORDER BY id DESC LIMIT 101;
-- officers | list_officers(AUDITOR, NULL, 100, NULL)
SELECT *, (SELECT jsonb_agg(to_jsonb(d)) FROM ledger.delegation d WHERE d.city = o.city AND d.from_officer = o.id) FROM ledger.officer o WHERE city = 4101 ORDER BY id LIMIT 101;
-- officers, over | list_officers(AUDITOR, false, 100, NULL)
SELECT * FROM (SELECT * FROM ledger.officer WHERE city = 4101 ORDER BY id LIMIT 20000) o WHERE revoked_at IS NOT NULL OR '2007-07-12' NOT BETWEEN valid_from AND valid_until ORDER BY id LIMIT 101;

-- courses | list_entries(BUREAU, 'course', '{}', 100, NULL)
SELECT r.* FROM ledger.entry e JOIN ledger.course r USING (city, id, version) WHERE e.city = 4101 AND e.register = 'course' ORDER BY e.id LIMIT 101;
-- courses, by title | list_entries(BUREAU, 'course', '{"title": "nowhere"}', 100, NULL)
SELECT r.* FROM (SELECT r.* FROM ledger.entry e JOIN ledger.course r USING (city, id, version) WHERE e.city = 4101 AND e.register = 'course' ORDER BY e.id LIMIT 20000) r WHERE strpos(lower(title), 'nowhere') > 0 ORDER BY id LIMIT 101;
-- courses, ended | list_entries(BUREAU, 'course', '{"state": "ended"}', 100, NULL)
SELECT r.* FROM (SELECT r.* FROM ledger.entry e JOIN ledger.course r USING (city, id, version) WHERE e.city = 4101 AND e.register = 'course' ORDER BY e.id LIMIT 20000) r WHERE ended_on IS NOT NULL ORDER BY id LIMIT 101;
-- enrolments, of a street | list_entries(STREET, 'enrolment', '{}', 100, NULL)
SELECT r.* FROM (SELECT r.* FROM ledger.entry e JOIN ledger.enrolment r USING (city, id, version) WHERE e.city = 4101 AND e.register = 'enrolment' ORDER BY e.id LIMIT 20000) r WHERE EXISTS (SELECT FROM ledger.seeker s WHERE s.city = r.city AND s.id = r.seeker AND s.community BETWEEN 410105003000 AND 410105003999) ORDER BY id LIMIT 101;
-- enrolments, of a course | list_entries(BUREAU, 'enrolment', '{"course": "600"}', 100, NULL)
SELECT r.* FROM ledger.entry e JOIN ledger.enrolment r USING (city, id, version) WHERE r.city = 4101 AND r.course = 600 ORDER BY id LIMIT 101;
-- enrolments, by outcome | list_entries(BUREAU, 'enrolment', '{"outcome": "passed"}', 100, NULL)
SELECT r.* FROM (SELECT r.* FROM ledger.entry e JOIN ledger.enrolment r USING (city, id, version) WHERE e.city = 4101 AND e.register = 'enrolment' ORDER BY e.id LIMIT 20000) r WHERE outcome = 'passed' ORDER BY id LIMIT 101;
-- outside figures, by value | list_entries(BUREAU, 'outside-figure', '{"value": "7"}', 100, NULL)
SELECT r.* FROM (SELECT r.* FROM ledger.entry e JOIN ledger.outside_figure r USING (city, id, version) WHERE e.city = 4101 AND e.register = 'outside-figure' ORDER BY e.id LIMIT 20000) r WHERE value = 7 ORDER BY id LIMIT 101;

-- vacancies | search_vacancies(AGENCY, '{}', 'posted', 20, NULL, NULL)
SELECT * FROM ledger.vacancy WHERE city = 4101 AND open AND filled < posts ORDER BY posted_on DESC, id DESC LIMIT 21;
-- vacancies, best paid | search_vacancies(AGENCY, '{}', 'pay', 20, NULL, NULL)
SELECT * FROM ledger.vacancy WHERE city = 4101 AND open AND filled < posts ORDER BY pay_max_month DESC, id DESC LIMIT 21;
-- vacancies, part-time evenings, ending soonest | search_vacancies(AGENCY, '{"forms": 2, "shifts": 2, "education": 0}', 'closing', 20, NULL, NULL)
SELECT * FROM ledger.vacancy WHERE city = 4101 AND open AND filled < posts AND form = 2 AND shift = 2 AND education_rank = 0 ORDER BY coalesce(valid_until, 'infinity'), id LIMIT 21;
-- vacancies, without a diploma, nights, best paid | search_vacancies(AGENCY, '{"education": 0, "shifts": 12}', 'pay', 20, NULL, NULL)
SELECT * FROM ledger.vacancy WHERE city = 4101 AND open AND filled < posts AND education_rank = 0 AND shift IN (4, 8) ORDER BY pay_max_month DESC, id DESC LIMIT 21;
-- vacancies, unreferred | search_vacancies(AGENCY, '{"unreferred": true}', 'posted', 20, NULL, NULL)
SELECT * FROM (SELECT * FROM ledger.vacancy WHERE city = 4101 AND open AND filled < posts ORDER BY posted_on DESC, id DESC LIMIT 20200) v WHERE NOT EXISTS (SELECT FROM ledger.referral r WHERE r.city = 4101 AND r.vacancy = v.id OFFSET 0) ORDER BY posted_on DESC, id DESC LIMIT 21;
-- facets, of all | search_vacancies(AGENCY, '{"facets": true}', 'posted', 20, NULL, NULL)
SELECT occupation / 10000, place / 1000000, form, shift, reserved, count(*) FROM (SELECT * FROM ledger.vacancy WHERE city = 4101 AND open AND filled < posts ORDER BY posted_on DESC, id DESC LIMIT 5000) v GROUP BY GROUPING SETS ((1), (2), (3), (4), (5));
-- facets, of the reserved | search_vacancies(AGENCY, '{"facets": true, "reserved": 2}', 'posted', 20, NULL, NULL)
SELECT occupation / 10000, place / 1000000, form, shift, reserved, count(*) FROM (SELECT * FROM ledger.vacancy WHERE city = 4101 AND open AND filled < posts AND reserved ORDER BY posted_on DESC, id DESC LIMIT 5000) v GROUP BY GROUPING SETS ((1), (2), (3), (4), (5));

-- progress | read_progress(BUREAU, 2007, NULL, NULL)
SELECT left(p.community::text, 6), count(*), count(*) FILTER (WHERE EXISTS (SELECT FROM ledger.unemployment u WHERE u.city = 4101 AND u.person = p.seeker AND u.since < p.start_on AND u.void_on IS NULL AND (u.ended_on IS NULL OR u.ended_on >= p.start_on))), count(*) FILTER (WHERE EXISTS (SELECT FROM ledger.certificate c WHERE c.city = 4101 AND c.person = p.seeker AND p.start_on BETWEEN c.issued_on AND c.valid_to)), count(*) FILTER (WHERE EXISTS (SELECT FROM ledger.recognition c WHERE c.city = 4101 AND c.person = p.seeker AND c.recognised_on <= p.start_on AND c.ended_on IS NULL)) FROM ledger.placement p JOIN ledger.person e ON e.city = p.city AND e.id = p.seeker WHERE p.city = 4101 AND p.state = 'registered' AND p.start_on BETWEEN '2006-09-01' AND '2007-07-12' AND NOT EXISTS (SELECT FROM ledger.employment w WHERE w.city = 4101 AND w.person = p.seeker AND w.placement <> p.id AND w.start_on < p.start_on) GROUP BY 1;
