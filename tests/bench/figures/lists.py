"""list: a page of each list under the filters that leave the most rows aside, in the ledger.

The peer is the bare query: the same rows in the same order as JSON, columns as they stand,
prepared, on the same server by the same index, without caller, permission or cursor.  Both are measured by pgbench on one
connection.  The ledger is the market's, with a referral, a look and an action for each seeker;
nobody of it is withdrawn, and every seeker was referred once, so that what asks for the
others looks at as many as a page may.
"""

import subprocess
import tempfile
from pathlib import Path

from measure import compare

PAIRS = 5
KID = "00000000000000b1"
CALLER = f"4101, '{KID}', sha256('{KID}'), ''"
AUDITOR = "00000000000000a8"
READER = f"4101, '{AUDITOR}', sha256('{AUDITOR}'), ''"

FILL = f"""
SET session_replication_role = replica;
INSERT INTO ledger.api_key (city, kid, secret_hash, role, org_code, org_name, scope, sandbox,
		not_before, expires_at)
	SELECT c.city, x.kid, sha256(x.kid::bytea), x.role, x.code, x.code, x.scope, c.sandbox,
		'2000-01-01', '2100-01-01'
	FROM ledger.city c, (VALUES ('{KID}', 4, 'BUREAU', '4101'), ('{AUDITOR}', 8, 'AUDIT', NULL))
		x(kid, role, code, scope);
INSERT INTO ledger.referral (city, seeker, vacancy, employer, state, made_at, expires_at, by_role,
		by_whom, kid, actor, rank, rank_reason, decided_on)
	SELECT 4101, s.id, v.id, v.employer::text, 'placed', '2007-07-01', '2007-07-08', 2,
		'AGENCY' || s.n % 300, '{KID}', '', 4, 'certificate', '{{}}'
	FROM (SELECT id, row_number() OVER () AS n FROM ledger.seeker) s
	JOIN (SELECT id, employer, row_number() OVER () AS n FROM ledger.vacancy) v USING (n);
INSERT INTO ledger.referral_step (city, referral, n, state, at)
	SELECT city, id, 1, state, made_at FROM ledger.referral;
INSERT INTO ledger.person_look (city, person, kid, actor, what, officer)
	SELECT 4101, id, '{KID}', '', 'read_seeker', 901 FROM ledger.seeker;
INSERT INTO ledger.action (city, kid, officer, op, object, request)
	SELECT 4101, '{KID}', 901, 'seekers.amend', 'x', 'r' FROM ledger.seeker;
VACUUM (ANALYZE) ledger.referral, ledger.referral_step, ledger.person_look, ledger.action;
"""

SEEKERS = ("SELECT * FROM (SELECT * FROM ledger.seeker WHERE city = 4101 AND merged_into IS NULL"
           " ORDER BY waiting_since, id LIMIT 20000) s WHERE {} ORDER BY waiting_since, id LIMIT 101")
REFERRALS = ("SELECT * FROM (SELECT * FROM ledger.referral WHERE city = 4101"
             " ORDER BY id DESC LIMIT 20000) r WHERE {} ORDER BY id DESC LIMIT 101")
RETURNS = ("SELECT r.*, v.nil, v.staff FROM ledger.return r JOIN ledger.return_version v ON v.city = r.city AND v.return"
           " = r.id AND v.version = r.version WHERE r.city = 4101 AND {}"
           " ORDER BY r.quarter DESC, r.district, r.id LIMIT 101")

# name: the call, the bare query
LISTS = {
    "seekers, all": (f"list_seekers({CALLER}, NULL, NULL, NULL, NULL, NULL, NULL, 100, NULL, NULL)",
                     SEEKERS.format("true")),
    "seekers, unoffered": (
        f"list_seekers({CALLER}, NULL, NULL, NULL, NULL, NULL, true, 100, NULL, NULL)",
        SEEKERS.format("NOT EXISTS (SELECT FROM ledger.referral r WHERE r.city = 4101"
                       " AND r.seeker = s.id AND r.made_at >= s.waiting_since OFFSET 0)")),
    "seekers, withdrawn": (
        f"list_seekers({CALLER}, 'withdrawn', NULL, NULL, NULL, NULL, NULL, 100, NULL, NULL)",
        SEEKERS.format("withdrawn_on IS NOT NULL")),
    "referrals, all": (f"list_referrals({CALLER}, NULL, NULL, NULL, NULL, 100, NULL)",
                       REFERRALS.format("true")),
    "referrals, withdrawn": (f"list_referrals({CALLER}, 'withdrawn', NULL, NULL, NULL, 100, NULL)",
                             REFERRALS.format("state = 'withdrawn'")),
    "returns, all": (
        f"list_returns({CALLER}, NULL, NULL, NULL, NULL, NULL, 100, NULL, NULL, NULL)",
        RETURNS.format("true")),
    "returns, late": (
        f"list_returns({CALLER}, NULL, NULL, NULL, NULL, true, 100, NULL, NULL, NULL)",
        RETURNS.format("late")),
    "looks": (f"list_looks({READER}, NULL, NULL, 100, NULL)",
              "SELECT * FROM ledger.person_look WHERE city = 4101 ORDER BY id DESC LIMIT 101"),
    "actions": (f"list_actions({READER}, NULL, NULL, 100, NULL)",
                "SELECT * FROM ledger.action WHERE city = 4101 ORDER BY id DESC LIMIT 101"),
}


def milliseconds(folder, dsn, sql, times):
    path = Path(folder) / "query.sql"
    path.write_text(sql + ";\n", encoding="utf-8")
    said = subprocess.run(["pgbench", "-n", "-M", "prepared", "-c1", f"-t{times}", "-f", path, dsn],
                          check=True, capture_output=True, text=True).stdout
    return float(next(line for line in said.splitlines()
                      if line.startswith("latency average")).split()[3])


def figures(db, times):
    for call, _ in LISTS.values():
        assert db.psql(f"SELECT status FROM api.{call}").strip() == "200", call
    with tempfile.TemporaryDirectory(prefix="vacancyd-lists-", dir="/tmp") as folder:
        return [compare(f"list, {name}", "a page of 100, its call in the ledger", "ms", "<= 3",
                        lambda call=call: milliseconds(folder, db.dsn, f"SELECT * FROM api.{call}", times),
                        lambda bare=bare: milliseconds(folder, db.dsn, f"SELECT jsonb_agg(x) FROM ({bare}) x",
                                                        times),
                        "the bare query as JSON, prepared, same index", rate=False, pairs=PAIRS)
                for name, (call, bare) in LISTS.items()]


def run(ctx):
    place = ctx.market()
    place.create("lists", "market")
    try:
        db = place.database("lists", "postgres")
        db.psql(FILL)
        return figures(db, 3 if ctx.small else 20)
    finally:
        place.drop("lists")
