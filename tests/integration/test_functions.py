"""Files of functions: what they say is what the database has, and open sessions go on with it."""

import re
import subprocess

import pytest

from harness import SOURCE
from harness.migrations import empty, files, migrate  # noqa: F401

SCHEMA = SOURCE / "config" / "schema"
BASE = "CREATE SCHEMA api; CREATE SCHEMA ops; CREATE TABLE ledger.t (n int);"


def f(answer, args="p_n int", returns="text", name="api.f"):
    return (f"CREATE OR REPLACE FUNCTION {name}({args}) RETURNS {returns}\n"
            f"LANGUAGE plpgsql AS $$ BEGIN RETURN {answer}; END $$;\n")


def defined(db):
    return sorted(db.psql("SELECT oid::regprocedure FROM pg_proc WHERE pronamespace IN"
                          " ('api'::regnamespace, 'ledger'::regnamespace)").split())


class Caller:
    """A session that was open before: what a running daemon is to a migration."""

    def __init__(self, db):
        self.psql = subprocess.Popen(["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-d", db.dsn],
                                     stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, sql):
        self.psql.stdin.write(sql + ";\n")
        self.psql.stdin.flush()
        return self.psql.stdout.readline().rstrip("\n")

    def end(self):
        self.psql.communicate(timeout=60)


@pytest.fixture
def caller(empty, tmp_path):
    """With one function, and a session that has it prepared and has called it."""
    files(tmp_path, _0001_a=BASE, fn_a=f("'old'"))
    done = migrate(empty, tmp_path)
    assert done.stdout.split() == ["ran", "tables/0001_a", "ran", "functions/a"], done.stderr
    session = Caller(empty)
    assert session.ask("PREPARE c AS SELECT api.f(1);\nEXECUTE c") == "old"
    yield session
    session.end()


def test_a_changed_file_reaches_a_running_database(caller, empty, tmp_path):
    assert migrate(empty, tmp_path).stdout == ""
    files(tmp_path, fn_a=f("'new'"))
    assert migrate(empty, tmp_path).stdout.split() == ["ran", "functions/a"]
    assert caller.ask("EXECUTE c") == "new"
    assert migrate(empty, tmp_path).stdout == ""


def test_what_no_file_defines_any_more_is_gone(caller, empty, tmp_path):
    files(tmp_path, fn_b=f("1", "", "int", "ledger.g") + f("2", "p_t ledger.t", "int", "ledger.h"))
    migrate(empty, tmp_path)
    assert defined(empty) == ["api.f(integer)", "ledger.g()", "ledger.h(ledger.t)"]
    (tmp_path / "functions" / "b.sql").unlink()
    assert migrate(empty, tmp_path).stdout.split("\n")[:2] == [
        "dropped   ledger.g()", "dropped   ledger.h(ledger.t)"]
    assert defined(empty) == ["api.f(integer)"]
    assert caller.ask("EXECUTE c") == "old"


def test_a_changed_signature_leaves_only_the_new_one(caller, empty, tmp_path):
    files(tmp_path, fn_a=f("'with ' || p_more", "p_n int, p_more int DEFAULT 7"))
    assert migrate(empty, tmp_path).stdout.split("\n")[:2] == [
        "ran       functions/a", "dropped   api.f(integer)"]
    assert defined(empty) == ["api.f(integer,integer)"]
    assert caller.ask("EXECUTE c") == "with 7" # as it was prepared: the default speaks


@pytest.mark.parametrize("change", [{"args": "p_other int"}, {"returns": "SETOF text"}])
def test_what_postgresql_does_not_replace_is_dropped_first(caller, empty, tmp_path, change):
    text = f("'new'", **change).replace("RETURN 'new'", "RETURN NEXT 'new'") \
        if "returns" in change else f("'new'", **change)
    files(tmp_path, fn_a=text, fn_b=f("1", "", "int", "ledger.g"))
    done = migrate(empty, tmp_path)
    assert done.stdout.split() == ["ran", "functions/a", "ran", "functions/b"], done.stderr
    assert empty.psql("SELECT api.f(1)") == "new"
    assert defined(empty) == ["api.f(integer)", "ledger.g()"]
    assert caller.ask("EXECUTE c") == "new"


def test_a_function_of_a_file_of_tables_stays(caller, empty, tmp_path):
    files(tmp_path, _0002_b="CREATE FUNCTION ledger.code(n int) RETURNS int LANGUAGE sql IMMUTABLE"
          " AS 'SELECT n + 1'; ALTER TABLE ledger.t ADD c int GENERATED ALWAYS AS (ledger.code(n)) STORED",
          fn_b=f("1", "", "int", "ledger.g"))
    migrate(empty, tmp_path)
    # One that was in a file of functions too, once it is a file of tables'.
    files(tmp_path, _0003_c=f("3", "", "int", "ledger.g"), fn_b="", fn_a=f("'new'"))
    assert "dropped" not in migrate(empty, tmp_path).stdout
    assert defined(empty) == ["api.f(integer)", "ledger.code(integer)", "ledger.g()"]
    assert empty.psql("SELECT ledger.g()") == "3"


def test_files_may_need_each_other_and_a_wrong_one_changes_nothing(caller, empty, tmp_path):
    files(tmp_path, fn_a="CREATE OR REPLACE FUNCTION api.f(p_n int) RETURNS text LANGUAGE sql AS"
          " $$ SELECT ledger.z(p_n) $$;\n")
    done = migrate(empty, tmp_path)
    assert done.returncode != 0 and "ledger.z(integer) does not exist" in done.stderr, done
    assert caller.ask("EXECUTE c") == "old"
    files(tmp_path, fn_z=f("'from z'", name="ledger.z"), fn_y="SELECT 1;\nCREATE FUNCTON x();\n")
    done = migrate(empty, tmp_path)
    assert done.returncode != 0 and "functions/y.sql:2: syntax error" in done.stderr, done
    assert defined(empty) == ["api.f(integer)"] and caller.ask("EXECUTE c") == "old"
    (tmp_path / "functions" / "y.sql").unlink()
    assert migrate(empty, tmp_path).returncode == 0
    assert caller.ask("EXECUTE c") == "from z"


def test_a_plan_tells_both_halves(caller, empty, tmp_path):
    files(tmp_path, _0002_b="CREATE TABLE ledger.u (n int)", fn_a=
          f("1", "p_n int DEFAULT 1,\n    p_u ledger.u DEFAULT NULL"), fn_b=f("1", "", "int", "ledger.g"))
    assert migrate(empty, tmp_path, "", "plan").stdout == (
        "has run   tables/0001_a\nwould run tables/0002_b\n"
        "would run functions/a\nwould run functions/b\nwould drop api.f(integer)\n")
    assert defined(empty) == ["api.f(integer)"]
    migrate(empty, tmp_path)
    assert migrate(empty, tmp_path, "", "plan").stdout == (
        "has run   tables/0001_a\nhas run   tables/0002_b\nhas run   functions/a\nhas run   functions/b\n")


def test_the_plan_knows_every_shipped_function(empty):
    assert migrate(empty, SCHEMA).returncode == 0
    done = migrate(empty, SCHEMA, "", "plan")
    assert set(line.split()[0] for line in done.stdout.splitlines()) == {"has"}, done.stdout
    assert int(empty.psql("SELECT count(*) FROM ledger.function_of_file")) == sum(
        p.read_text("utf-8").count("\nCREATE OR REPLACE ") for p in SCHEMA.glob("functions/*.sql"))


# -- the shipped files as they are written

HEAD = re.compile(r"CREATE (OR REPLACE )?FUNCTION ([\w.]+)\(([^()]*)\)")


def types(args):
    """The types of the arguments that make up the name of a function."""
    each = [re.sub(r" DEFAULT .*", "", a) for a in re.split(r",\s+", args) if a]
    return ", ".join(a.split(" ", 1)[1] for a in each if not a.startswith("OUT "))


def test_a_name_with_its_arguments_has_one_definition():
    seen = {}
    for path in sorted(SCHEMA.glob("*/*.sql")):
        for _, name, args in HEAD.findall(path.read_text("utf-8")):
            seen.setdefault(f"{name}({types(args)})", []).append(path.name)
    assert len(seen) > 250
    assert {name: where for name, where in seen.items() if len(where) > 1} == {}


def test_files_of_functions_hold_nothing_else():
    for path in SCHEMA.glob("functions/*.sql"):
        text = path.read_text("utf-8")
        assert text.startswith("-- "), f"{path.name} says nothing of itself"
        for statement in re.split(r"\n(?=CREATE)", re.sub(r"^(--.*)?\n", "", text, flags=re.M)):
            assert HEAD.match(statement) and statement.startswith("CREATE OR REPLACE ") \
                and statement.count("$$") == 2 and statement.rstrip().endswith("$$;"), \
                f"{path.name}: {statement[:200]}"
