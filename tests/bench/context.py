"""What a figure stands on: one state directory, a release build, private
services, and a ledger filled once.

Everything lies under the state directory and is made at its first use; nothing
outside it is touched.  A filled ledger is a database that nobody
connects to.  Who only reads opens it, who writes gets a copy of its files, so
that no run begins where another one ended.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "tests" / "integration"))

from harness.daemon import Daemon  # noqa: E402
from harness.services import Postgres, Redis, Services, run  # noqa: E402

TODAY = "2007-07-12"


def state_dir():
    """$VACANCYD_STATE/bench; else a directory that the account of the services can reach."""
    if os.environ.get("VACANCYD_STATE"):
        return Path(os.environ["VACANCYD_STATE"]) / "bench"
    if os.geteuid() == 0:
        return Path("/var/lib/vacancyd-bench")
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "vacancyd-bench"


class Place(Services):
    """PostgreSQL and Redis in a directory that stays; `conf` are PostgreSQL's settings."""

    def __init__(self, folder, keep, conf):  # pylint: disable=super-init-not-called
        self.dir = folder
        self.keep = keep
        self.start()
        self.configure(conf)

    def configure(self, conf):
        admin = self.database("postgres", "postgres")
        for name, value in conf.items():
            admin.psql(f"ALTER SYSTEM SET {name} = '{value}'")
        if conf:
            self.stop("postgres")
            self.start("postgres")

    def database(self, name, user="vacancyd"):
        """harness.services.Postgres: .dsn, .psql(sql)."""
        return Postgres(self, name, user)

    @property
    def redis(self):
        """harness.services.Redis: .address, .cli(...), .flush()."""
        return Redis(self)

    def create(self, name, template="template1"):
        """A database made anew, empty or a copy of the files of another."""
        admin = self.database("postgres", "postgres")
        admin.psql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        admin.psql(f"CREATE DATABASE {name} OWNER vacancyd TEMPLATE {template} STRATEGY file_copy")
        return self.database(name)

    def drop(self, name):
        self.database("postgres", "postgres").psql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def close(self):
        self.stop()
        if not self.keep:
            shutil.rmtree(self.dir)


class Context:
    """Passed to every figure's run(ctx)."""

    def __init__(self, small, size=None):
        self.small = small
        self.size = size or (20_000 if small else 1_000_000)
        self.state = state_dir()
        self.state.mkdir(parents=True, exist_ok=True)
        self.build = self.state / "build"
        self.opened = {}
        self.daemons = []
        self.configured = False

    # -- programs

    def program(self, target):
        """The path of a program of the release build (any CMake target), built now if need be."""
        log = self.state / "build.log"
        with open(log, "w", encoding="utf-8") as out:
            steps = [["cmake", "--build", self.build, "--target", target]]
            if not self.configured:
                # Fresh: it may have been built from another clone.
                steps.insert(0, ["cmake", "--fresh", "-S", SOURCE, "-B", self.build, "-G", "Ninja",
                                 "-DCMAKE_BUILD_TYPE=RelWithDebInfo", "-DVACANCYD_BENCH=ON",
                                 "-DVACANCYD_SANITIZE=OFF"])
            for step in steps:
                if subprocess.run([str(s) for s in step], stdout=out, stderr=out,
                                  check=False).returncode:
                    tail = log.read_text(encoding="utf-8", errors="replace")[-4000:]
                    raise AssertionError(f"{target} does not build:\n{tail}")
        self.configured = True
        found = [p for p in self.build.rglob(target) if p.is_file() and os.access(p, os.X_OK)]
        assert len(found) == 1, f"{target}: {found}"
        return found[0]

    def measure(self, target, *args, timeout=1800):
        """Run a bench program; its last line of standard output, a JSON object, as a dict."""
        done = subprocess.run([str(self.program(target)), *map(str, args)], timeout=timeout,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        if done.returncode:
            raise AssertionError(f"{target} ended with {done.returncode}:\n{done.stderr}{done.stdout}")
        return json.loads(done.stdout.strip().splitlines()[-1])

    # -- services

    def services(self, name=None, **conf):
        """A running Place.  Named: its data stays for the next run, and asking again gives
        the same one.  `conf`: PostgreSQL's settings, shared_buffers="1GB"."""
        if name in self.opened:
            return self.opened[name]
        folder = self.state / name if name else Path(tempfile.mkdtemp(prefix="b-", dir=self.state))
        place = Place(folder, bool(name), conf)
        self.opened[name or folder.name] = place
        return place

    def daemon(self, ledger, board, **settings):
        """harness.daemon.Daemon of the release build: started, with keys, stopped at the end.

        `ledger` and `board` are .dsn and .address of what services() gave."""
        self.program("vacancyd")
        os.environ["VACANCYD_BUILD"] = str(self.build)
        folder = tempfile.mkdtemp(prefix="vacancyd-bench-", dir="/tmp")
        daemon = Daemon(folder, ledger, board, **settings)
        self.daemons.append(daemon)
        daemon.start()
        daemon.make_keys()
        return daemon

    # -- the market

    def stamp(self):
        """Changes with whatever the filled ledger depends on."""
        digest = hashlib.sha256()
        for pattern in ("config/schema/*/*.sql", "tests/city/*.[ch]", "tests/bench/market.*",
                        "tests/bench/fill_ledger.c", "config/data/*.tsv"):
            for path in sorted(SOURCE.glob(pattern)):
                digest.update(path.read_bytes())
        return digest.hexdigest()[:16]

    def market(self):
        """The Place whose database `market` is a ledger with .size vacancies and .size seekers.

        To read: place.database("market").  To write: place.create("mine", "market"), which
        copies the files; drop it afterwards."""
        place = self.services(f"market-{self.size}", shared_buffers="512MB" if self.small else "4GB",
                              max_wal_size="8GB", checkpoint_timeout="30min")
        return self.filled(place, "market", self.stamp(), self.copy)

    def copy(self, db):
        run(self.program("bench_copy"), "--data", SOURCE / "config" / "data", "--ledger", db.dsn,
            "--vacancies", self.size, "--seekers", self.size)
        db.psql("VACUUM (ANALYZE, FREEZE)")

    def filled(self, place, name, stamp, fill):
        """The place, with a database of this name that is migrated and filled; made anew when its
        stamp is another.  fill(db) is given it as its superuser."""
        admin = place.database("postgres", "postgres")
        if admin.psql("SELECT shobj_description(oid, 'pg_database') FROM pg_database"
                      f" WHERE datname = '{name}'") == stamp:
            return place
        db = place.create(name)
        folder = Path(tempfile.mkdtemp(prefix="vacancyd-bench-", dir="/tmp"))
        try:
            self.program("vacancyd")
            os.environ["VACANCYD_BUILD"] = str(self.build)
            Daemon(folder, db.dsn, place.redis.address).migrate()
        finally:
            shutil.rmtree(folder)
        fill(place.database(name, "postgres"))
        admin.psql(f"COMMENT ON DATABASE {name} IS '{stamp}'")
        return place

    def close(self):
        for daemon in self.daemons:
            daemon.stop()
            shutil.rmtree(daemon.dir)
        for place in self.opened.values():
            place.close()
