"""A primary that is lost, a standby that takes over, and the old one that comes back.

With a synchronous standby nothing that was acknowledged may be missing after it,
and the daemon must never go back to a server that was left behind.
"""

import glob
import os
import shutil

import pytest

from harness.ledger import drive, fake, placed, sums  # noqa: F401
from harness.services import run
from harness.wait import wait_for

BIN = sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1]


def as_owner(*command):
    """As the account that owns the services: PostgreSQL does not run as root."""
    return run(*(["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []), *command)


class Standby:
    def __init__(self, primary):
        self.primary = primary
        self.dir = primary.services.dir / "standby"
        self.socket_dir = primary.services.dir / "run2"
        as_owner("mkdir", "-m", "700", self.socket_dir)
        as_owner(f"{BIN}/pg_basebackup", "-h", primary.services.socket_dir, "-U", "postgres",
                 "-D", self.dir, "-R", "-X", "stream", "-c", "fast")
        with open(self.dir / "postgresql.auto.conf", "a", encoding="utf-8") as f:
            f.write(f"unix_socket_directories = '{self.socket_dir}'\n")
        self.pg_ctl("start", "-l", primary.services.dir / "log" / "standby.log")

    @property
    def dsn(self):
        return f"host={self.socket_dir} dbname={self.primary.name} user=vacancyd"

    def pg_ctl(self, *words):
        as_owner(f"{BIN}/pg_ctl", "-D", self.dir, "-w", *words)

    def psql(self, sql):
        return run("psql", "-XqAt", "-d", self.dsn, "-c", sql).strip()

    def remove(self):
        if (self.dir / "postmaster.pid").exists():
            self.pg_ctl("stop", "-m", "immediate")
        shutil.rmtree(self.dir)
        shutil.rmtree(self.socket_dir)


def as_superuser(db, *statements):
    dsn = f"host={db.services.socket_dir} dbname=postgres user=postgres"
    for sql in statements:
        out = run("psql", "-XqAt", "-d", dsn, "-c", sql)
    return out.strip()


@pytest.fixture
def standby(fake):  # noqa: F811
    s = Standby(fake)
    as_superuser(fake, "ALTER SYSTEM SET synchronous_standby_names = '*'", "SELECT pg_reload_conf()")
    try:
        wait_for(lambda: as_superuser(fake, "SELECT sync_state FROM pg_stat_replication") == "sync",
                 what="the standby is synchronous")
        yield s
    finally:
        fake.start()
        # Without this no commit would end once the standby is gone.
        as_superuser(fake, "ALTER SYSTEM RESET synchronous_standby_names", "SELECT pg_reload_conf()")
        s.remove()


def test_a_failover_loses_and_doubles_nothing_and_the_old_primary_stays_left(fake, standby, drive):  # noqa: F811
    # The standby is named first: it must be passed over while it is one.
    d = drive(hosts=f"{standby.dsn}|{fake.dsn}", call_ms=15000)
    assert "in recovery" in d.log()
    tag = d.send("many", 3000, 32, "k")
    wait_for(lambda: placed(fake) > 300, what="some have been placed")
    fake.kill()
    standby.pg_ctl("promote")
    line = sums(d, tag)
    assert line["ok"] == 3000, line
    assert standby.psql("SELECT count(*) FROM ledger.placed") == "3000"

    # The old primary comes back, writable as it believes; the new one goes.
    fake.start()
    as_superuser(fake, "ALTER SYSTEM RESET synchronous_standby_names", "SELECT pg_reload_conf()")
    standby.pg_ctl("stop", "-m", "fast")
    wait_for(lambda: "on an older timeline" in d.log(), what="the old primary is refused")
    assert d.ask("state")["up"] == 0
    standby.pg_ctl("start", "-l", fake.services.dir / "log" / "standby.log")
    wait_for(lambda: d.ask("place", "after", "")["result"] == "ok", what="the new primary serves")
    assert standby.psql("SELECT count(*) FROM ledger.placed WHERE key = 'after'") == "1"
