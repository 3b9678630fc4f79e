"""Files of tables: once each, in order, whole or not at all, and never over something unknown."""

import shutil
import subprocess

from harness import SOURCE
from harness.daemon import binary, sanitizer_env
from harness.migrations import empty, files, migrate  # noqa: F401

SCHEMA = SOURCE / "config" / "schema"
DATA = SOURCE / "config" / "data"
WHAT_TO_DO = "Nothing was changed.  The database can go on with the version that made it."


def levels(db):
    return db.psql("SELECT level FROM ledger.schema_migration ORDER BY level").split()


def test_each_file_runs_once_and_in_order(empty, tmp_path):
    files(tmp_path, _0002_b="INSERT INTO t VALUES (2)", _0001_a="CREATE TABLE t (n int)")
    done = migrate(empty, tmp_path)
    assert done.stdout.split() == ["ran", "tables/0001_a", "ran", "tables/0002_b"], done.stderr
    assert migrate(empty, tmp_path).stdout == ""
    files(tmp_path, _0003_c="INSERT INTO t VALUES (3)")
    assert migrate(empty, tmp_path).stdout.split() == ["ran", "tables/0003_c"]
    assert empty.psql("SELECT n FROM t ORDER BY n").split() == ["2", "3"]


def test_a_plan_changes_nothing(empty, tmp_path):
    files(tmp_path, _0001_a="CREATE TABLE t (n int)")
    done = migrate(empty, tmp_path, "", "plan")
    assert done.returncode == 0 and done.stdout == "would run tables/0001_a\n"
    assert empty.psql("SELECT to_regclass('ledger.schema_migration')") == ""
    migrate(empty, tmp_path)
    files(tmp_path, _0002_b="SELECT 1")
    assert migrate(empty, tmp_path, "", "plan").stdout == "has run   tables/0001_a\nwould run tables/0002_b\n"


def test_a_file_that_fails_leaves_nothing_and_says_where(empty, tmp_path):
    files(tmp_path, _0001_a="SELECT 1",
          _0002_b="CREATE TABLE t (n int);\n-- 郑州\nINSERT INTO nowhere VALUES (1);\n",
          _0003_c="SELECT 1")
    done = migrate(empty, tmp_path)
    assert done.returncode != 0
    assert 'tables/0002_b.sql:3: relation "nowhere" does not exist' in done.stderr
    assert levels(empty) == ["1"]
    assert empty.psql("SELECT to_regclass('t')") == ""


def test_an_altered_file_is_refused_with_both_checksums(empty, tmp_path):
    files(tmp_path, _0001_a="SELECT 1")
    migrate(empty, tmp_path)
    files(tmp_path, _0001_a="SELECT 2", _0002_b="SELECT 1")
    done = migrate(empty, tmp_path)
    assert done.returncode != 0 and WHAT_TO_DO in done.stderr
    for text in ("SELECT 1", "SELECT 2"):
        assert empty.psql(f"SELECT encode(sha256('{text}'), 'hex')") in done.stderr
    assert levels(empty) == ["1"]


def test_a_level_that_the_files_lack_is_refused(empty, tmp_path):
    files(tmp_path, _0001_a="SELECT 1", _0002_b="SELECT 1")
    migrate(empty, tmp_path)
    (tmp_path / "tables" / "0002_b.sql").unlink()
    done = migrate(empty, tmp_path)
    assert done.returncode != 0 and "0002_b" in done.stderr and "another version" in done.stderr
    assert WHAT_TO_DO in done.stderr


def test_a_level_between_two_that_ran_is_refused(empty, tmp_path):
    files(tmp_path, _0001_a="SELECT 1", _0003_c="SELECT 1")
    migrate(empty, tmp_path)
    files(tmp_path, _0002_b="SELECT 1")
    done = migrate(empty, tmp_path)
    assert done.returncode != 0 and "0002_b never ran" in done.stderr and WHAT_TO_DO in done.stderr


def test_names_that_say_no_order_are_refused(empty, tmp_path):
    files(tmp_path, _0001_a="SELECT 1", _first="SELECT 1")
    assert "first.sql: not a name" in migrate(empty, tmp_path).stderr
    (tmp_path / "tables" / "first.sql").unlink()
    files(tmp_path, _0001_b="SELECT 1")
    assert "have one number" in migrate(empty, tmp_path).stderr


def test_a_file_that_ends_its_own_transaction_is_refused(empty, tmp_path):
    files(tmp_path, _0001_a="COMMIT")
    done = migrate(empty, tmp_path)
    assert done.returncode != 0 and "ends its transaction" in done.stderr


def test_two_at_once_run_each_file_once(empty, tmp_path):
    files(tmp_path, _0001_a="CREATE TABLE t (n int)", _0002_b="SELECT pg_sleep(0.2)",
          _0003_c="INSERT INTO t VALUES (3)")
    command = [binary("ledger_driver"), "migrate", empty.dsn, str(tmp_path), ""]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                             env=sanitizer_env()) for _ in range(4)]
    outputs = [p.communicate(timeout=60) for p in both]
    assert [p.returncode for p in both] == [0, 0, 0, 0], outputs
    assert sorted(len(out) > 0 for out, _ in outputs) == [False, False, False, True]
    assert empty.psql("SELECT count(*) FROM t") == "1"


def test_a_server_that_is_away_is_said_and_the_next_one_taken(empty, tmp_path):
    files(tmp_path, _0001_a="SELECT 1")
    done = migrate(empty, tmp_path, hosts=f"host=/nonexistent|{empty.dsn}")
    assert done.returncode == 0 and "/nonexistent" in done.stderr
    assert migrate(empty, tmp_path, hosts="host=/nonexistent").returncode != 0


def test_the_shipped_schema_and_catalogue_load_twice(empty):
    for _ in range(2):
        done = migrate(empty, SCHEMA, DATA)
        assert done.returncode == 0, done.stderr
    assert len(levels(empty)) == len(list(SCHEMA.glob("tables/*.sql")))
    rows = sum(1 for _ in open(DATA / "divisions_4101.tsv", encoding="utf-8")) - 1
    assert empty.psql("SELECT count(*) FROM ledger.division") == str(rows)
    assert empty.psql("SELECT name, prefix, sandbox, plan_year FROM ledger.city") == "郑州市|4101|t|2007"


def test_a_broken_table_loads_nothing(empty, tmp_path):
    shutil.copytree(DATA, tmp_path / "data")
    with open(tmp_path / "data" / "units_4101.tsv", "a", encoding="utf-8") as f:
        f.write("410999\tdistrict\n")
    done = migrate(empty, SCHEMA, tmp_path / "data")
    assert done.returncode != 0 and "not as many fields as the header" in done.stderr
    assert empty.psql("SELECT count(*) FROM ledger.city") == "0"
