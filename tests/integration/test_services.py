"""The private services: what they keep through a kill, and what they never write down."""

import stat

from harness.services import Postgres


def test_committed_work_survives_the_kill_of_every_process(postgres):
    postgres.psql("CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)")
    postgres.kill()
    postgres.start()
    assert postgres.psql("SELECT n FROM kept") == "7"


def test_redis_comes_back_after_a_kill(redis):
    redis.cli("SET", "a", "b")
    redis.kill()
    redis.start()
    assert redis.cli("GET", "a") in ("", "b")
    assert redis.cli("CONFIG", "GET", "maxmemory-policy").split()[1] == "noeviction"


def test_a_failing_statement_leaves_no_value_in_the_log(postgres, services):
    number = "410102195712319990"
    postgres.psql("CREATE TABLE people (citizen text PRIMARY KEY)")
    postgres.psql(f"INSERT INTO people VALUES ('{number}')")
    postgres.psql(f"INSERT INTO people VALUES ('{number}')", check=False)
    postgres.psql(f"SELECT '{number}'::int", check=False)
    log = (services.dir / "log" / "postgres.log").read_text(encoding="utf-8")
    assert "duplicate key" in log
    assert "INSERT INTO people" not in log
    assert "Key (citizen)" not in log  # the DETAIL line, which quotes the row


def test_the_ledger_is_durable_and_takes_no_prepared_transactions(postgres, services):
    # As config/services makes it; what the harness sets behind it is the tests' alone.
    assert Postgres(services, "postgres", "postgres").psql(
        "SELECT setting FROM pg_file_settings WHERE name = 'fsync' AND sourcefile LIKE '%/postgresql.conf'") == "on"
    assert postgres.psql("SHOW synchronous_commit") == "on"
    assert postgres.psql("SHOW max_prepared_transactions") == "0"


def test_nobody_else_can_reach_the_sockets(services):
    mode = stat.S_IMODE(services.dir.stat().st_mode)
    assert mode == 0o700
    assert list(services.dir.glob("run/*.sock"))
