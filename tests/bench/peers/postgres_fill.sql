-- The peer's rows out of the ledger's, by psql: `ledger_vacancy` and `ledger_seeker` have
-- just been copied from there.  Then the indexes, and everything frozen, so that an
-- index-only scan never looks at the heap.

INSERT INTO peer.vacancy
	SELECT id, occupation, occupation / 100, occupation / 10000, occupation / 1000000,
		(place / 1000000)::int, place, pay_max_month, peer.day(posted_on), peer.day(valid_until),
		peer.day(released_on), experience_months, education_rank, shift, form, reserved,
		2 * octet_length(required) + octet_length(wished), peer.mask(licences),
		peer.bits(required), peer.bits(wished)
	FROM ledger_vacancy ORDER BY occupation, place;

INSERT INTO peer.posting
	SELECT s.id, least(s.rank, 4) - 1, w.wish, w.minor, w.wish / 10000, w.wish / 1000000,
		(s.community / 1000000)::int, s.community, peer.day(s.waiting_since), s.pay_wish, s.rank,
		s.farthest, s.shifts, s.forms, s.education_rank,
		w.minor IS NOT NULL AND NOT EXISTS (SELECT FROM unnest(s.wishes[:w.seat - 1]) e
			WHERE e / 100 = w.minor),
		NOT EXISTS (SELECT FROM unnest(s.wishes[:w.seat - 1]) e WHERE e / 10000 = w.wish / 10000),
		NOT EXISTS (SELECT FROM unnest(s.wishes[:w.seat - 1]) e WHERE e / 1000000 = w.wish / 1000000),
		x.m[1], x.m[2], x.m[3], x.n[1], x.n[2], x.n[3], peer.mask(s.licences), s.wishes,
		ARRAY(SELECT e / 100 FROM unnest(s.wishes) e WHERE e % 10000 <> 0),
		ARRAY(SELECT e / 10000 FROM unnest(s.wishes) e), peer.bits(s.skills)
	FROM ledger_seeker s
	CROSS JOIN LATERAL (SELECT wish, seat, CASE WHEN wish % 10000 <> 0 THEN wish / 100 END AS minor
		FROM unnest(s.wishes) WITH ORDINALITY u(wish, seat)) w
	CROSS JOIN LATERAL (SELECT array_agg(minor) || '{0,0,0}' AS m, array_agg(months) || '{0,0,0}' AS n
		FROM (SELECT ('x' || encode(substr(s.experience, 6 * i + 1, 4), 'hex'))::bit(32)::int / 100
				AS minor,
			sum(get_byte(s.experience, 6 * i + 4) * 256 + get_byte(s.experience, 6 * i + 5))::int
				AS months
			FROM generate_series(0, octet_length(s.experience) / 6 - 1) i GROUP BY 1) e) x
	WHERE s.active AND s.age_class > 1
	ORDER BY w.wish / 10000, w.minor, s.community;

DROP TABLE ledger_vacancy, ledger_seeker;

CREATE INDEX ON peer.vacancy (occupation, county, place) INCLUDE (id, minor, pay_max, posted_on,
	valid_until, released_on, months, education, shift, form, reserved, weight, licences, required,
	wished);
CREATE INDEX ON peer.vacancy (minor, county, place) INCLUDE (id, occupation, pay_max, posted_on,
	valid_until, released_on, months, education, shift, form, reserved, weight, licences, required,
	wished);
CREATE INDEX ON peer.vacancy (middle, county, place) INCLUDE (id, occupation, minor, pay_max,
	posted_on, valid_until, released_on, months, education, shift, form, reserved, weight, licences,
	required, wished);
CREATE INDEX ON peer.vacancy (major, county);
CREATE INDEX ON peer.posting (minor, class, county) INCLUDE (id, wish, place, waiting, pay_wish,
	rank, farthest, shifts, forms, education, first_minor, m1, m2, m3, n1, n2, n3, licences, wishes,
	skills);
CREATE INDEX ON peer.posting (middle, county);
CREATE INDEX ON peer.posting (major, county) WHERE first_major;
