"""The two services, started and killed through config/services.

One PostgreSQL cluster and one Redis serve a whole session of tests; every test
gets a database of its own and an emptied Redis.  A test may kill either: the
next test finds both running again.
"""

import csv
import json
import os
import shutil
import socket
import struct
import subprocess
import tempfile
from pathlib import Path

from . import SOURCE

SERVICES = SOURCE / "config" / "services"
# The program itself: what Debian calls psql is a script that looks for it, six times as long.
PSQL = max(Path("/usr/lib/postgresql").glob("*/bin/psql"), default="psql")
# PostgreSQL's: a length, version 3.0, and who comes to what.
HELLO = b"user\0postgres\0database\0postgres\0\0"
HELLO = struct.pack("!ii", len(HELLO) + 8, 3 << 16) + HELLO


def run(*command, stdin=None, check=True, env=None):
    """Run a command and return its standard output; an error carries its words."""
    done = subprocess.run(
        [str(c) for c in command],
        input=stdin,
        stdin=subprocess.DEVNULL if stdin is None else None,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=env,
        check=False,
    )
    if check and done.returncode != 0:
        name = Path(str(command[0])).name
        raise AssertionError(f"{name} ended with {done.returncode}:\n{done.stderr}{done.stdout}")
    return done.stdout


class Services:
    """A private directory with both services in it."""

    def __init__(self):
        # Not pytest's folder: its parents are closed to the account the services run as,
        # and its names are too long for a unix socket.
        self.dir = Path(tempfile.mkdtemp(prefix="vacancyd-it-", dir="/tmp"))
        self.start()
        # Processes are killed here, never the machine: what was written is there without it, and
        # every test makes a database and drops it.
        Postgres(self, "postgres", "postgres").psql("ALTER SYSTEM SET fsync = off; SELECT pg_reload_conf()")

    def start(self, *which):
        down = [name for name in which or ("postgres", "redis") if not self.serves(name)]
        if down:
            run(SERVICES, "start", self.dir, *(down if len(down) == 1 else ()))

    def serves(self, which):
        """Whether it takes a session, which one that is only beginning does not."""
        path, hello, good = {
            "postgres": (self.socket_dir / ".s.PGSQL.5432", HELLO, b"R"),
            "redis": (self.redis_socket, b"PING\r\n", b"+"),
        }[which]
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(10)
            try:
                s.connect(str(path))
                s.sendall(hello)
                return s.recv(1) == good
            except OSError:
                return False

    def stop(self, *which):
        run(SERVICES, "stop", self.dir, *which)

    def kill(self, which):
        run(SERVICES, "kill", self.dir, which)

    def remove(self):
        self.stop()
        shutil.rmtree(self.dir)

    @property
    def socket_dir(self):
        return self.dir / "run"

    @property
    def redis_socket(self):
        return self.socket_dir / "redis.sock"


class Postgres:
    """One database of the cluster."""

    def __init__(self, services, name, user="vacancyd"):
        self.services = services
        self.name = name
        self.user = user

    @property
    def dsn(self):
        return f"host={self.services.socket_dir} dbname={self.name} user={self.user}"

    def psql(self, sql, check=True):
        """Run SQL in one session; unaligned tuples, the last newline cut off."""
        env = dict(os.environ, PGOPTIONS="-c client_min_messages=warning")
        out = run(
            PSQL, "-XqAt", "-v", "ON_ERROR_STOP=1", "-d", self.dsn, "-f", "-",
            stdin=sql, check=check, env=env,
        )
        return out.rstrip("\n")

    def psql_file(self, path):
        """Run a file as one transaction, as a migration is."""
        run(PSQL, "-XqAt1", "-v", "ON_ERROR_STOP=1", "-d", self.dsn, "-f", path,
            env=dict(os.environ, PGOPTIONS="-c client_min_messages=warning"))

    def migrate(self):
        """config/schema by psql alone: the tables in order, then all functions.

        The schema `ledger` is the migrator's own, where it keeps what it applied.
        """
        schema = SOURCE / "config" / "schema"
        self.psql("CREATE SCHEMA ledger")
        for path in sorted((schema / "tables").glob("*.sql")):
            self.psql_file(path)
        self.psql("BEGIN; SET LOCAL check_function_bodies = off;"
                  + "".join(p.read_text("utf-8") for p in (schema / "functions").glob("*.sql"))
                  + "SELECT ops.grant_roles(); COMMIT;")
        # What `vacancyd migrate` loads too; without it nobody may do anything.
        with open(SOURCE / "config" / "data" / "authorisation.tsv", encoding="utf-8") as table:
            rows = json.dumps(list(csv.DictReader(table, delimiter="\t")), ensure_ascii=False)
        self.psql(f"SELECT ops.load_permissions($rows${rows}$rows$)")

    def start(self):
        self.services.start("postgres")

    def stop(self):
        self.services.stop("postgres")

    def kill(self):
        """SIGKILL to the postmaster and every backend: committed work must survive it."""
        self.services.kill("postgres")

    def restart(self):
        self.stop()
        self.start()


class Redis:
    """The redis-server of the session."""

    def __init__(self, services):
        self.services = services

    @property
    def address(self):
        return f"unix:{self.services.redis_socket}"

    def cli(self, *args):
        """One command by redis-cli; its output without the last newline."""
        return run("redis-cli", "-s", self.services.redis_socket, *args).rstrip("\n")

    def flush(self):
        """Forget everything, the dump on disk included."""
        self.cli("FLUSHALL")

    def kill(self):
        self.services.kill("redis")

    def start(self):
        self.services.start("redis")

    def stop(self):
        self.services.stop("redis")
