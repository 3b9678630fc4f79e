"""How many rows a page of a list looks at: a first page few, a page that finds nothing each row
a few times, however the planner came to it; and that short pages leave nothing out.

Counted by PostgreSQL (pg_stat_xact_user_tables), never timed.  What a page reads beside its
own table is counted too: a look-up a row that became a scan a row shows as millions.
"""

import json
from pathlib import Path

import pytest

from harness.services import Postgres

HELPERS = (Path(__file__).resolve().parent / "ledger" / "helpers.sql").read_text(encoding="utf-8")
ROWS = 3000
LIMIT = 20
TABLES = "{seeker,referral,referral_step,return,return_version,return_line,employer,vacancy,person_look,action,officer,placement,placement_signal,voiding}"

# Foreign keys and triggers rest: a list reads what is there.
FILL = f"""
SET session_replication_role = replica;
INSERT INTO ledger.seeker (city, id, community, rank, rank_reason, rank_on, age_class,
		waiting_since, farthest, shifts, forms, education_rank, wishes)
	SELECT 4101, g, 410105003001, 4, 'certificate', '2007-01-01', 3, '2006-01-01'::date + g % 365,
		4, 15, 3, 0, '{{4070501}}' FROM generate_series(1, {ROWS}) g;
INSERT INTO ledger.referral (city, seeker, vacancy, employer, state, made_at, expires_at, by_role,
		by_whom, kid, actor, rank, rank_reason, decided_on, community, place, reached)
	SELECT 4101, g, g, 'E', 'placed', '2007-05-01', '2007-05-08', 2, 'AGENCY001', 'k', '', 4,
		'certificate', '{{}}', 410105003001, 410105003001, 31 FROM generate_series(1, {ROWS}) g;
INSERT INTO ledger.referral_step (city, referral, n, state, at)
	SELECT city, id, 1, 'placed', made_at FROM ledger.referral;
INSERT INTO ledger.return (city, employer, district, quarter, version, first_on, received_at, late, nil,
		body_hash)
	SELECT 4101, 100 + g, '410105', '2007Q' || 1 + g % 2, 1, '2007-07-01', '2007-07-01', false, false, ''
	FROM generate_series(1, {ROWS}) g;
INSERT INTO ledger.return_version (city, return, version, nil, received_at, answer, kid, actor)
	SELECT city, id, 1, false, received_at, '{{}}', 'k', '' FROM ledger.return;
INSERT INTO ledger.employer (city, id, code, name, kind, registered_on) OVERRIDING SYSTEM VALUE
	SELECT 4101, 100 + g, 'E' || g, 'E', 'enterprise', '2000-01-01' FROM generate_series(1, {ROWS}) g;
INSERT INTO ledger.person_look (city, person, kid, actor, what, officer)
	SELECT 4101, g, t.kid('bureau'), '', 'read_seeker', 901 FROM generate_series(1, {ROWS}) g;
INSERT INTO ledger.action (city, kid, officer, op, object, request)
	SELECT 4101, t.kid('bureau'), 901, 'seekers.amend', 'x', 'r' FROM generate_series(1, {ROWS}) g;
INSERT INTO ledger.officer (city, id, role, organisation, name, post, scope, valid_from, valid_until,
		secret_hash, made_kid)
	SELECT 4101, 10000 + g, 4, 'ORG' || g % 50, 'n', 'p', '4101', '2007-01-01', '2008-01-01',
		t.secret(g::text), 'k' FROM generate_series(1, {ROWS}) g;
INSERT INTO ledger.placement (city, seeker, kind, start_on, source, state, reported_at, reported_kid,
		reported_by, reported_actor, community, registered_on)
	SELECT 4101, g, 'unit', '2007-07-01', 's', CASE WHEN g <= 100 THEN 'reported' ELSE 'registered' END,
		'2007-07-01', t.kid('bureau'), 'ORG1', '0000000000000385', 410105003001, '2007-07-02'
	FROM generate_series(1, {ROWS}) g;
INSERT INTO ledger.placement_signal (city, placement, signal, at, organisation, kid, actor)
	SELECT city, id, 'registration', '2007-07-02', 'ORG1', t.kid('district'), ''
	FROM ledger.placement WHERE state = 'registered';
INSERT INTO ledger.voiding (city, placement, what, code, reason, evidence, asked_at, asked_kid, asked_actor,
		decision, decided_at, decided_kid, decided_actor)
	SELECT city, id, 'void', 'V1', 'r', 'e', '2007-07-03', t.kid('bureau'), '', 'refuse', '2007-07-03',
		t.kid('bureau'), '' FROM ledger.placement WHERE state = 'registered';
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
    ("list_decisions", "bureau", f"false, NULL, NULL, {LIMIT}, NULL, NULL"),
    ("list_decisions", "district", f"false, 'confirm', NULL, {LIMIT}, NULL, NULL"),
    ("list_decisions", "auditor", f"true, 'void', true, {LIMIT}, NULL, NULL"),
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
    ("list_decisions", "elsewhere", f"false, NULL, NULL, {LIMIT}, NULL, NULL"),
    ("list_decisions", "bureau", f"false, 'void', NULL, {LIMIT}, NULL, NULL"),
    ("list_decisions", "elsewhere", f"true, 'register', NULL, {LIMIT}, NULL, NULL"),
]
# Of a kind that there is none of, or none for the caller, others' rows are not looked at.
NONE = [
    ("list_decisions", "firm", f"false, 'register', NULL, {LIMIT}, NULL, NULL"),
    ("list_decisions", "firm", f"true, 'void', NULL, {LIMIT}, NULL, NULL"),
    ("list_decisions", "bureau", f"true, 'confirm', NULL, {LIMIT}, NULL, NULL"),
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
        # Three tables a row where a decision is looked at, else one or two.
        assert rows <= (6 if call[0] == "list_decisions" else 4) * ROWS, f"{call}: {rows} rows for none"
    for call in NONE:
        items, rows = page(ledger, call)
        assert items == 0 and rows <= 12, f"{call}: {rows} rows for none"


def test_pages_that_look_at_few_rows_hold_each_one_once(ledger):
    """A twentieth of the rows fits; a page looks at 100 and shows up to 20, or at 1,000."""
    for reach in (100, 1000):
        for falls in ("true", "false"):
            found, at, pages = [], "NULL", 0
            while at:
                said = ledger.psql("SELECT array_to_string(ids, ','), next[1] FROM ledger.page_ids(4101,"
                                   " 'ledger.referral r', ' AND r.by_role = 2', 'AND r.id % 20 = 7',"
                                   f" {falls}, {at}, 20, {reach})")
                ids, at = said.split("|")
                found += [int(i) for i in ids.split(",") if i]
                pages += 1
            ids = ledger.psql("SELECT id FROM ledger.referral WHERE id % 20 = 7 ORDER BY id").split()
            assert sorted(found) == [int(i) for i in ids] and len(ids) == ROWS // 20
            assert found == sorted(found, reverse=falls == "true")
            assert pages <= 2 + ROWS // min(reach, 400)


def test_returns_go_on_from_quarter_to_quarter(ledger):
    ledger.psql("UPDATE ledger.return SET late = true WHERE id % 100 = 0")
    for nil, late, right in (("NULL", "true", ROWS // 100), ("false", "NULL", ROWS)):
        seen, at = [], "NULL, NULL, NULL"
        while at:
            said = ledger.psql(f"SELECT array_to_string(ids, ','), array_to_string(next, ',') FROM"
                               f" ledger.return_page(4101, NULL, '{{410100,410199}}', NULL, {nil}, {late},"
                               f" 50, {at})")
            ids, at = said.split("|")
            seen += ids.split(",")
            at = at and "'{}', '{}', {}".format(*at.split(","))
        assert len(seen) == len(set(seen)) == right
        order = ledger.psql("SELECT id FROM ledger.return WHERE late OR NOT "
                            f"{'true' if late == 'true' else 'false'}"
                            " ORDER BY quarter DESC, district, employer").split()
        assert seen == order


def test_what_a_referral_is_found_and_counted_by_follows_what_it_is_of(ledger):
    """The steps that were reached ever, one after the other; where the two live now."""
    ledger.psql("UPDATE ledger.referral SET reached = 0 WHERE id = 7")
    for state in ("proposed", "consented", "accepted", "offered", "failed"):
        ledger.psql(f"UPDATE ledger.referral SET state = '{state}' WHERE id = 7")
    ledger.psql("""
        UPDATE ledger.seeker SET version = version + 1, community = 410102001001 WHERE id = 9;
        UPDATE ledger.referral SET seeker = 9 WHERE id = 8""")
    assert ledger.psql("SELECT id, reached, community FROM ledger.referral WHERE id IN (7, 8, 9)"
                       " ORDER BY id").splitlines() == [
        "7|11|410105003001", "8|31|410102001001", "9|31|410102001001"]
    summary = ledger.psql("""SELECT body FROM api.summarise_referrals(4101, t.kid('bureau'),
        t.secret('bureau'), t.actor('bureau'), '2007-01-01', '2007-07-12', 'rank') WHERE kind = 'a'""")
    # No placement of theirs is there, so none is void.
    assert json.loads(summary)["items"] == [{"rank": "P4", "referred": ROWS, "consented": ROWS,
        "accepted": ROWS, "interviewed": ROWS - 1, "offered": ROWS, "placed": ROWS - 1}]


# Called once, or once a batch, by those that are planned anew at each call.
ONCE = {"app_now", "policy_on", "principal", "admit", "weigh_lines", "amend_vacancies", "lock_approvals",
        "lock_referred"}


def test_nothing_that_is_called_for_a_row_is_planned_for_a_row(ledger):
    """Whoever is called inherits the caller's plan mode, unless it says its own."""
    said = ledger.psql("""SELECT outer_.proname, inner_.proname FROM pg_proc outer_
        JOIN pg_proc inner_ ON outer_.prosrc ~ ('(ledger|api)[.]' || inner_.proname || '[(]')
        JOIN pg_language l ON l.oid = inner_.prolang AND l.lanname = 'plpgsql'
        WHERE outer_.proconfig::text LIKE '%force_custom_plan%' AND inner_.prosrc ~ 'FROM|INSERT|UPDATE'
          AND coalesce(inner_.proconfig::text, '') NOT LIKE '%plan_cache_mode%'""")
    assert said, "nobody is planned anew: this test has nothing to look at"
    assert {line.split("|")[1] for line in said.splitlines()} <= ONCE, said
