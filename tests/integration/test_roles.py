"""The roles of the database: what each may do, by the catalogue and by trying.

What a statement goes as, daemon/ledger/statements.c says; what a role may call,
config/schema/functions/privileges.sql.  Neither knows of the other, and both are held against what
PostgreSQL has: a function without a role, or a role with a function too many, is found here.
"""

import os
import re
import subprocess

import pytest

from harness import SOURCE
from harness.services import Postgres
from harness.wait import wait_for

ROLES = ("vacancyd_request", "vacancyd_applier", "vacancyd_admin")
LEDGER = SOURCE / "daemon" / "ledger"


@pytest.fixture
def postgres(postgres):
    """A copy of a database has not what was given and taken of the database itself."""
    postgres.psql("SELECT ops.grant_roles()")
    return postgres


def as_role(db, role):
    return Postgres(db.services, db.name, role)


def refused(db, sql):
    """The words with which the server refuses; an assertion when it does not."""
    done = subprocess.run(["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-d", db.dsn, "-f", "-"], input=sql,
                          capture_output=True, text=True, check=False)
    assert done.returncode != 0, f"{db.user} may: {sql}\n{done.stdout}"
    return done.stderr


# -- what is written, and what the catalogue has

def stated():
    """Functions by role, as the statements of the daemon go."""
    text = (LEDGER / "statements.c").read_text("utf-8")
    table = text[text.index("table[STATEMENTS] = {"):text.index("};", text.index("table[STATEMENTS]"))]
    found = {role: set() for role in ROLES}
    entries = re.split(r"\n\t\[(?=LEDGER_|STATEMENT_)", table)[1:]
    for entry in entries:
        macro = re.search(r"= ([A-Z_]+)\(\"(\w+)\"", entry)
        if macro:
            role = {"ADMIN": "admin", "JOB": "applier"}.get(macro[1], "request")
            schema = "ops" if macro[1] == "JOB" else "api"
            found[f"vacancyd_{role}"].add(f"{schema}.{macro[2]}")
            continue
        role = re.search(r"\.role = LEDGER_(\w+)", entry)
        function = re.search(r"\b((?:api|ops)\.\w+)\(", entry)
        found["vacancyd_" + (role[1].lower() if role else "request")].add(function[1])
    assert len(entries) > 75
    # A COPY goes beside the statements, by the applier.
    found["vacancyd_applier"] |= set(re.findall(r"\b(ops\.\w+)\(", (LEDGER / "copy.c").read_text("utf-8")))
    return found


def test_a_role_may_call_what_goes_as_it_and_no_more(postgres):
    may = {role: set(postgres.psql(f"""
        SELECT DISTINCT n.nspname || '.' || p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace
        WHERE n.nspname !~ '^(pg_|information_schema)' AND has_function_privilege('{role}', p.oid, 'EXECUTE')
        """).split()) for role in ROLES}
    assert may == stated()


def test_every_door_is_somebodys_and_runs_with_a_fixed_path(postgres):
    """All that is called with its owner's rights: one role's, or in this list; the rest nobody's."""
    owners_own = {"ops.create_city", "ops.load_catalogue", "ops.load_permissions", "ops.load_registers"}
    rows = [line.split("|") for line in postgres.psql("""
        SELECT n.nspname || '.' || p.proname, p.prosecdef, p.prorettype = 'trigger'::regtype,
            coalesce('search_path=pg_catalog, pg_temp' = ANY (p.proconfig), false),
            (SELECT coalesce(string_agg(CASE WHEN a.grantee = 0 THEN 'PUBLIC'
                ELSE pg_get_userbyid(a.grantee) END, ','), '')
             FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a WHERE a.grantee <> p.proowner)
        FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE n.nspname IN ('api', 'ledger', 'ops')""").split("\n")]
    assert len(rows) > 250
    for name, definer, trigger, fixed, grantees in rows:
        is_door = definer == "t" and trigger == "f" and name not in owners_own
        assert (grantees in ROLES) if is_door else grantees == "", f"{name}: {grantees or 'nobody'}"
        assert definer == "f" or fixed == "t", f"{name} has its owner's rights and its caller's path"


def test_the_roles_own_nothing_and_see_no_table(postgres):
    rights = postgres.psql(f"""
        SELECT r.rolname, c.oid::regclass FROM pg_roles r, pg_class c
        WHERE r.rolname IN {ROLES} AND c.relkind IN ('r', 'v', 'm', 'p', 'f')
          AND c.relnamespace::regnamespace::text !~ '^(pg_|information_schema)'
          AND (has_table_privilege(r.oid, c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
            OR has_any_column_privilege(r.oid, c.oid, 'SELECT, INSERT, UPDATE, REFERENCES'))
        UNION ALL
        SELECT r.rolname, c.oid::regclass FROM pg_roles r, pg_class c
        WHERE r.rolname IN {ROLES} AND c.relkind = 'S' AND has_sequence_privilege(r.oid, c.oid, 'USAGE, SELECT, UPDATE')
        ORDER BY 1, 2""").split()
    assert rights == ["vacancyd_applier|ops.vacancy_record", "vacancyd_applier|ops.seeker_record"]
    assert postgres.psql(f"""
        SELECT r.rolname FROM pg_roles r WHERE r.rolname IN {ROLES}
          AND (r.rolsuper OR r.rolcreaterole OR r.rolcreatedb OR r.rolreplication OR r.rolbypassrls
            OR has_database_privilege(r.oid, current_database(), 'CREATE, TEMPORARY')
            OR EXISTS (SELECT FROM pg_auth_members m WHERE m.member = r.oid)
            OR EXISTS (SELECT FROM pg_shdepend d WHERE d.refobjid = r.oid AND d.deptype = 'o')
            OR EXISTS (SELECT FROM pg_namespace n WHERE has_schema_privilege(r.oid, n.oid, 'CREATE')))
        """) == ""
    assert not postgres.psql("""SELECT rolname FROM pg_roles WHERE rolname LIKE 'vacancyd%'
        AND (rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls)""")


# -- trying

KEY = "SELECT * FROM api.create_key(4101, 'admin', NULL, NULL, '{\"role\": \"4\"}', sha256('x'))"
FIRST_SECRET = "SELECT * FROM api.create_first_officer(4101, 'admin', NULL, NULL, 'x', 1, sha256('x'), '{}')"
TRIM = "SELECT ops.trim_outbox(4101, 9, interval '0', 1)"
OPERATORS = (
    "SELECT ops.load_permissions('[{\"action\": \"seekers.read\", \"role\": \"employer\"}]')",
    "SELECT ops.create_city(4102, 'x', '4102', true, NULL, 2007)",
    "SELECT ops.load_catalogue(4101, NULL, NULL, NULL, NULL)", "SELECT ops.grant_roles()",
    "SELECT ledger.keys_have_changed(4101)", "SELECT * FROM api.principal(4101, 'x', NULL, NULL)",
    "INSERT INTO ledger.permission VALUES ('x', 1, false, '{}')", "UPDATE ledger.api_key SET revoked_at = NULL",
    "UPDATE ledger.officer SET secret_hash = sha256('x')", "DELETE FROM ops.outbox",
    "SELECT * FROM ledger.person", "SELECT secret_hash FROM ledger.officer", "SELECT * FROM ledger.idempotency",
    "CREATE TABLE public.t (n int)", "CREATE TEMPORARY TABLE t (n int)", "CREATE SCHEMA mine",
    "CREATE OR REPLACE FUNCTION api.admit_admin(text, bytea) RETURNS api.reply LANGUAGE sql AS 'SELECT NULL'",
    "ALTER FUNCTION api.list_keys OWNER TO CURRENT_USER", "GRANT ALL ON ALL FUNCTIONS IN SCHEMA api TO PUBLIC",
    "SET ROLE vacancyd", "SET SESSION AUTHORIZATION vacancyd", "ALTER ROLE vacancyd PASSWORD NULL",
    "COPY (SELECT 1) TO PROGRAM 'true'", "SELECT pg_read_file('pg_hba.conf')", "CREATE EXTENSION dblink",
)
KEYS = "SELECT count(*) FROM ops.keys(4101)"
RECORDS = "SELECT count(*) FROM ops.seeker_record"


@pytest.mark.parametrize("role, others", [
    ("vacancyd_request", (KEY, FIRST_SECRET, TRIM, RECORDS, "SELECT * FROM ops.horizon()",
                          "SELECT * FROM api.list_keys(4101, 'admin', NULL, NULL)",
                          "SELECT * FROM api.move_clock(4101, 'admin', NULL, NULL, '{}', NULL)")),
    ("vacancyd_applier", (KEY, FIRST_SECRET, KEYS, "SELECT * FROM api.read_seeker(4101, 'x', NULL, NULL, 1, NULL)")),
    ("vacancyd_admin", (TRIM, KEYS, RECORDS, "SELECT * FROM api.read_seeker(4101, 'x', NULL, NULL, 1, NULL)")),
])
def test_a_role_really_cannot(postgres, role, others):
    db = as_role(postgres, role)
    for sql in (*OPERATORS, *others):
        assert re.search("permission denied|must be (owner|member|superuser|a superuser)", refused(db, sql)), \
            f"{sql}: {refused(db, sql)}"


def test_what_is_given_by_hand_is_taken_by_the_next_migration(make_daemon, postgres):
    postgres.psql("""
        GRANT EXECUTE ON FUNCTION api.create_key TO vacancyd_request, PUBLIC;
        GRANT EXECUTE ON FUNCTION ops.load_permissions TO pg_monitor;
        GRANT SELECT (secret_hash) ON ledger.officer TO vacancyd_request; GRANT ALL ON ledger.person TO PUBLIC;
        GRANT USAGE, CREATE ON SCHEMA ledger TO vacancyd_admin;
        REVOKE EXECUTE ON FUNCTION ops.heartbeat FROM vacancyd_request;
        CREATE FUNCTION api.fresh() RETURNS int LANGUAGE sql AS 'SELECT 1'""")
    request = as_role(postgres, "vacancyd_request")
    assert "permission denied" in refused(request, "SELECT api.fresh()")
    make_daemon(start=False).migrate()
    assert "permission denied" in refused(request, KEY)
    assert request.psql("SELECT count(*) FROM ops.heartbeat(4101)") == "1"
    test_a_role_may_call_what_goes_as_it_and_no_more(postgres)
    test_every_door_is_somebodys_and_runs_with_a_fixed_path(postgres)
    test_the_roles_own_nothing_and_see_no_table(postgres)


# -- the daemon

def sessions(db):
    """How many of each role, of the daemons."""
    rows = Postgres(db.services, "postgres", "postgres").psql(
        f"SELECT usename, count(*) FROM pg_stat_activity WHERE datname = '{db.name}'"
        " AND application_name LIKE 'vacancyd%' GROUP BY 1")
    return {role: int(n) for role, n in (line.split("|") for line in rows.splitlines())}


def test_one_worker_alone_is_the_operator_and_none_the_owner(make_daemon, postgres):
    daemon = make_daemon(workers=2, ledger_connections=5)
    wait_for(lambda: sessions(postgres) == {"vacancyd_request": 10, "vacancyd_applier": 3, "vacancyd_admin": 1},
             what=f"the sessions of two workers: {sessions(postgres)}")
    assert daemon.admin("POST", "/board/rebuild").status == 200
    assert daemon.admin("POST", "/board/verify").status == 200


def test_the_role_of_requests_makes_no_key_at_the_operators_socket_either(make_daemon):
    daemon = make_daemon(start=False, ledger_admin="user=vacancyd_request")
    daemon.start()
    assert daemon.admin("POST", "/keys", {"role": "bureau", "org_name": "x", "scope": "4101"}).status == 500
    assert "42501" in daemon.log, daemon.log


def test_readyz_says_as_whom_the_ledger_does_not_let_us_in(make_daemon):
    daemon = make_daemon(start=False, ledger_applier="user=nobody-of-ours")
    daemon.start(ready=False)

    def ups():
        try:
            ledger = daemon.admin("GET", "/readyz").json["ledger"]
        except OSError:
            return None
        return [ledger[up] for up in ("up", "applier_up", "admin_up")]

    wait_for(lambda: ups() == [True, False, True], what="the others connect")


@pytest.mark.parametrize("role", ["request", "applier", "admin"])
def test_who_owns_the_schema_serves_nobody(make_daemon, role):
    daemon = make_daemon(start=False, **{f"ledger_{role}": "user=" + ("postgres" if role == "admin" else "vacancyd")})
    daemon.start(ready=False)
    wait_for(lambda: "owns the schema" in daemon.log, what="the daemon says as whom it will not come")
    if role == "admin":
        daemon.wait_ready()
        assert daemon.admin("POST", "/keys", {"role": "bureau", "org_name": "x", "scope": "4101"}).status == 503


@pytest.mark.parametrize("user, why", [("vacancyd_request", "permission denied|must be owner"),
                                       ("postgres", "as a superuser")])
def test_only_the_owner_migrates(make_daemon, postgres, user, why):
    daemon = make_daemon(start=False, ledger_migrate=f"user={user}")
    done = daemon.run("migrate", check=1)
    assert re.search(why, done.stderr), done.stderr


def test_passwords_come_from_a_file_of_their_owner_and_stand_nowhere_else(make_daemon, postgres, tmp_path):
    """scram, as over a network; a file that others can read is none."""
    admin = Postgres(postgres.services, "postgres", "postgres")
    hba = postgres.services.dir / "pg" / "pg_hba.conf"
    before = hba.read_text("utf-8")
    hba.write_text(f"local {postgres.name} all scram-sha-256\n{before}", "utf-8")
    passfile = tmp_path / "passwords"
    passfile.write_text("".join(f"*:*:{postgres.name}:{role}:hush-{role}\n" for role in (*ROLES, "vacancyd")))
    passfile.chmod(0o600)
    try:
        admin.psql("".join(f"ALTER ROLE {role} PASSWORD 'hush-{role}';" for role in (*ROLES, "vacancyd"))
                   + "SELECT pg_reload_conf()")
        wait_for(lambda: "password" in refused(postgres, "SELECT 1"), what="the server asks for passwords")
        daemon = make_daemon(start=False)
        daemon.settings["ledger"] += f" passfile={passfile}"
        daemon.write_config()
        daemon.migrate()
        daemon.start()
        daemon.make_keys()
        lines = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
        assert "hush-" not in lines + daemon.log + daemon.config.read_text("utf-8")
        daemon.stop()
        os.chmod(passfile, 0o644)
        done = daemon.run("migrate", check=1)
        assert "group or world access" in done.stderr, done.stderr
        daemon.settings["ledger_migrate"] = "user=vacancyd password=hush-vacancyd"
        daemon.write_config()
        done = daemon.run("migrate", check=1)
        assert "passfile=" in done.stderr, done.stderr
    finally:
        hba.write_text(before, "utf-8")
        admin.psql("".join(f"ALTER ROLE {role} PASSWORD NULL;" for role in (*ROLES, "vacancyd"))
                   + "SELECT pg_reload_conf()")
        wait_for(lambda: postgres.psql("SELECT 1", check=False) == "1", what="the server asks for none")
