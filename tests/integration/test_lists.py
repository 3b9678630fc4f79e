"""How many rows a page of a list looks at: a first page few, a page that finds nothing each row
a few times, however the planner came to it.

Counted by PostgreSQL (pg_stat_xact_user_tables), never timed.  What a page reads beside its
own table is counted too: a look-up a row that became a scan a row shows as millions.
"""

from pathlib import Path

import pytest

from harness.services import Postgres

HELPERS = (Path(__file__).resolve().parent / "ledger" / "helpers.sql").read_text(encoding="utf-8")
ROWS = 3000
LIMIT = 20
TABLES = "{seeker,referral,referral_step,return,return_version,return_line,employer,vacancy,person_look,action,officer}"

# Foreign keys and triggers rest: a list reads what is there.
FILL = f"""
SET session_replication_role = replica;
INSERT INTO ledger.seeker (city, id, community, rank, rank_reason, rank_on, age_class,
		waiting_since, farthest, shifts, forms, education_rank, wishes)
	SELECT 4101, g, 410105003001, 4, 'certificate', '2007-01-01', 3, '2006-01-01'::date + g % 365,
		4, 15, 3, 0, '{{4070501}}' FROM generate_series(1, {ROWS}) g;
INSERT INTO ledger.referral (city, seeker, vacancy, employer, state, made_at, expires_at, by_role,
		by_whom, kid, actor, rank, rank_reason, decided_on)
	SELECT 4101, g, g, 'E', 'placed', '2007-05-01', '2007-05-08', 2, 'AGENCY001', 'k', '', 4,
		'certificate', '{{}}' FROM generate_series(1, {ROWS}) g;
INSERT INTO ledger.referral_step (city, referral, n, state, at)
	SELECT city, id, 1, 'placed', made_at FROM ledger.referral;
INSERT INTO ledger.return (city, employer, district, quarter, version, received_at, late, body_hash)
	SELECT 4101, 100 + g, '410105', '2007Q' || 1 + g % 2, 1, '2007-07-01', false, ''
	FROM generate_series(1, {ROWS}) g;
INSERT INTO ledger.return_version (city, return, version, nil, received_at, answer, kid, actor)
	SELECT city, id, 1, false, received_at, '{{}}', 'k', '' FROM ledger.return;
INSERT INTO ledger.employer (city, id, code, name, kind, registered_on) OVERRIDING SYSTEM VALUE
	SELECT 4101, 100 + g, 'E' || g, 'E', 'enterprise', '2000-01-01' FROM generate_series(1, {ROWS}) g;
INSERT INTO ledger.person_look (city, person, kid, actor, what, officer)
	SELECT 4101, g, t.kid('bureau'), '', 'read_seeker', 901 FROM generate_series(1, {ROWS}) g;
INSERT INTO ledger.action (city, kid, officer, op, object, request)
	SELECT 4101, t.kid('bureau'), 901, 'seekers.amend', 'x', 'r' FROM generate_series(1, {ROWS}) g;
INSERT INTO ledger.officer (city, id, role, organisation, name, post, valid_from, valid_until,
		secret_hash, made_kid)
	SELECT 4101, 10000 + g, 4, 'ORG' || g % 50, 'n', 'p', '2007-01-01', '2008-01-01',
		t.secret(g::text), 'k' FROM generate_series(1, {ROWS}) g;
SET session_replication_role = origin;
ANALYZE;
"""

# list, key, its arguments after the caller's
FULL = [
    ("list_seekers", "bureau", f"NULL, NULL, NULL, NULL, NULL, NULL, {LIMIT}, NULL, NULL"),
    ("list_seekers", "bureau", f"NULL, NULL, NULL, NULL, NULL, false, {LIMIT}, NULL, NULL"),
    ("list_referrals", "bureau", f"NULL, NULL, NULL, NULL, {LIMIT}, NULL"),
    ("list_referrals", "district", f"'placed', NULL, NULL, NULL, {LIMIT}, NULL"),
    ("list_referrals", "agency", f"NULL, false, NULL, NULL, {LIMIT}, NULL"),
    ("list_returns", "bureau", f"NULL, NULL, NULL, NULL, NULL, {LIMIT}, NULL, NULL, NULL"),
    ("list_returns", "bureau", f"NULL, '410105', NULL, false, false, {LIMIT}, NULL, NULL, NULL"),
    ("list_looks", "auditor", f"NULL, NULL, {LIMIT}, NULL"),
    ("list_actions", "auditor", f"NULL, 'seekers.amend', {LIMIT}, NULL"),
    ("list_officers", "bureau", f"true, {LIMIT}, NULL"),
]
EMPTY = [
    ("list_seekers", "bureau", f"NULL, NULL, NULL, NULL, NULL, true, {LIMIT}, NULL, NULL"),
    ("list_seekers", "elsewhere", f"NULL, NULL, NULL, NULL, NULL, false, {LIMIT}, NULL, NULL"),
    ("list_seekers", "bureau", f"'withdrawn', 1, NULL, NULL, NULL, NULL, {LIMIT}, NULL, NULL"),
    ("list_referrals", "elsewhere", f"NULL, NULL, NULL, NULL, {LIMIT}, NULL"),
    ("list_referrals", "bureau", f"'withdrawn', true, NULL, NULL, {LIMIT}, NULL"),
    ("list_returns", "bureau", f"NULL, NULL, NULL, true, true, {LIMIT}, NULL, NULL, NULL"),
    ("list_actions", "auditor", f"NULL, 'no.such', {LIMIT}, NULL"),
    ("list_officers", "bureau", f"false, {LIMIT}, NULL"),
]


@pytest.fixture(name="ledger")
def full_ledger(postgres):
    admin = Postgres(postgres.services, postgres.name, "postgres")
    admin.psql(HELPERS + FILL)
    return admin


def page(ledger, call):
    """Items of the page, and how many rows PostgreSQL read for it."""
    function, key, rest = call
    said = ledger.psql(f"""
        BEGIN;
        SELECT status, jsonb_array_length(body::jsonb->'items') FROM api.{function}(4101,
            t.kid('{key}'), t.secret('{key}'), t.actor('{key}'), {rest}) WHERE kind = 'a';
        SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) FROM pg_stat_xact_user_tables
            WHERE schemaname = 'ledger' AND relname = ANY ('{TABLES}');
        COMMIT""").split()
    status, items = said[0].split("|")
    assert status == "200", said
    return int(items), int(said[1])


def test_a_page_looks_at_what_it_shows_or_at_each_row_a_few_times(ledger):
    for call in FULL:
        items, rows = page(ledger, call)
        assert items == LIMIT, call
        assert rows <= 12 * LIMIT, f"{call}: {rows} rows for {items}"
    for call in EMPTY:
        items, rows = page(ledger, call)
        assert items == 0, call
        assert rows <= 4 * ROWS, f"{call}: {rows} rows for none"
