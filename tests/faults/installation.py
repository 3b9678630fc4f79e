"""An exchange on small disks, and what can be done to it.

PostgreSQL, Redis and their sockets stand on one file system in memory, what the daemon keeps on
another: either can be filled.  The daemon's log goes through a pipe, whose reader can be stopped.
Where nothing can be mounted, the disks are the machine's own and are not filled.
"""

import fcntl
import os
import shutil
import signal
import subprocess
import tempfile
import threading
from pathlib import Path

from harness.daemon import Daemon
from harness.fixtures import Templates, migrate_by_daemon
from harness.services import Postgres, Redis, Services, run

LEDGER_DISK_MB = 384
STATE_DISK_MB = 4
PIPE_BYTES = 4096
# Short, so that whoever stands still is given up within a round.
SETTINGS = {"workers": 2, "ledger_call_ms": 1500, "request_deadline_ms": 2500, "board_call_ms": 500,
            "watchdog_ms": 3000, "drain_ms": 2000, "log_level": "info"}


class Disk:
    """A small file system of its own, if one can be mounted here."""

    def __init__(self, folder, megabytes):
        self.dir = Path(folder)
        self.dir.mkdir(exist_ok=True)
        self.balloon = self.dir / "balloon"
        self.is_small = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0755", "vacancyd-test", self.dir],
            stderr=subprocess.DEVNULL, check=False).returncode == 0

    def fill(self):
        """To the last byte; what is written meanwhile takes the rest."""
        with open(self.balloon, "ab", buffering=0) as f:
            for size in (1 << 20, 1 << 12):
                try:
                    while True:
                        f.write(bytes(size))
                except OSError:
                    pass

    def free(self):
        self.balloon.unlink(missing_ok=True)

    def remove(self):
        if self.is_small:
            run("umount", "--lazy", self.dir)


class SmallServices(Services):
    def __init__(self):
        self.dir = Path(tempfile.mkdtemp(prefix="vacancyd-it-", dir="/tmp"))
        self.disk = Disk(self.dir, LEDGER_DISK_MB)
        self.start()

    def remove(self):
        self.stop()
        self.disk.remove()
        shutil.rmtree(self.dir)


class Log(threading.Thread):
    """Reads the daemon's pipe into its log, unless it is told not to."""

    def __init__(self, path):
        super().__init__(daemon=True)
        self.path = path
        self.reader, self.writer = os.pipe()
        fcntl.fcntl(self.writer, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        self.goes_on = threading.Event()
        self.goes_on.set()

    def run(self):
        with open(self.path, "ab", buffering=0) as log:
            while True:
                self.goes_on.wait()
                heard = os.read(self.reader, PIPE_BYTES)
                if not heard:
                    return
                log.write(heard)

    def close(self):
        self.goes_on.set()
        os.close(self.writer)
        self.join(10)
        os.close(self.reader)


class Installation:
    def __init__(self):
        self.services = SmallServices()
        self.templates = Templates(self.services)
        self.redis = Redis(self.services)
        self.redis.flush()
        # Its log of changes is of a few segments, so that the disk is not full of it.
        self.superuser = Postgres(self.services, "postgres", "postgres")
        self.superuser.psql("ALTER SYSTEM SET max_wal_size = '64MB'; ALTER SYSTEM SET min_wal_size = '32MB';"
                            "SELECT pg_reload_conf()")
        self.postgres = self.templates.clone(
            self.templates.named("template_daemon", lambda d: migrate_by_daemon(d, self.services)))
        self.dir = Path(tempfile.mkdtemp(prefix="vacancyd-it-", dir="/tmp"))
        self.state = Disk(self.dir / "state", STATE_DISK_MB)
        self.daemon = Daemon(self.dir, self.postgres.dsn, self.redis.address, state_dir=str(self.state.dir),
                             import_dir=str(self.state.dir), **SETTINGS)
        self.daemon.postgres = self.postgres
        self.log = Log(self.daemon.log_path)
        self.log.start()
        self.start_daemon()
        self.daemon.make_keys()
        self.daemon.keys["auditor"] = self.daemon.new_key(role="auditor", org_name="审计局")

    def start_daemon(self):
        self.daemon.start(ready=False, stderr=self.log.writer)
        self.daemon.wait_ready()

    def pids_of_postgres(self):
        """The postmaster first."""
        first = int((self.services.dir / "pg" / "postmaster.pid").read_text("ascii").split("\n", 1)[0])
        return [first] + children(first)

    def backends(self):
        """Those that serve the daemon."""
        return [pid for pid in self.pids_of_postgres()[1:] if b"vacancyd" in command_line(pid)]

    def pid_of_redis(self):
        return int((self.services.dir / "redis" / "redis.pid").read_text("ascii"))

    def heal(self):
        """Whatever was done to it, all of it runs and is ready."""
        self.log.goes_on.set()
        for disk in (self.services.disk, self.state):
            disk.free()
        self.services.start()
        if self.daemon.process is not None and self.daemon.process.poll() is not None:
            self.daemon.process = None
        if self.daemon.process is None:
            self.start_daemon()
        self.daemon.wait_ready()

    def remove(self):
        try:
            self.heal()
            self.daemon.stop()
        finally:
            if self.daemon.process is not None:
                self.daemon.process.kill()
                self.daemon.process.wait()
            self.log.close()
            self.state.remove()
            shutil.rmtree(self.dir)
            self.services.remove()


def children(pid):
    return [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()]


def command_line(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


def send(pids, number):
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            pass


class Harm:
    """Done to an installation for a while; `wait` lets clients feel it."""

    def __init__(self, town, dice, wait):
        self.town, self.dice, self.wait = town, dice, wait

    def stop(self, pids):
        send(pids, signal.SIGSTOP)
        try:
            self.wait()
        finally:
            send(pids, signal.SIGCONT)

    def workers(self, n=None):
        found = sorted(self.town.daemon.workers())
        return found if n is None else self.dice.sample(found, min(n, len(found)))

    def worker_killed(self):
        send(self.workers(1), signal.SIGKILL)

    def workers_killed(self):
        send(self.workers(), signal.SIGKILL)

    def supervisor_killed(self):
        self.town.daemon.kill()
        self.town.start_daemon()

    def postgres_killed(self):
        self.town.postgres.kill()
        self.town.postgres.start()

    def postgres_killed_for_a_while(self):
        self.town.postgres.kill()
        self.wait()
        self.town.postgres.start()

    def backend_killed(self):
        send(self.dice.sample(self.town.backends(), 1), signal.SIGKILL)

    def redis_killed(self):
        self.town.redis.kill()
        self.wait()
        self.town.redis.start()

    def redis_killed_and_emptied(self):
        self.town.redis.kill()
        (self.town.services.dir / "redis" / "board.rdb").unlink(missing_ok=True)
        self.town.redis.start()

    def worker_stopped(self):
        self.stop(self.workers(1))

    def workers_stopped(self):
        self.stop(self.workers())

    def supervisor_stopped(self):
        self.stop([self.town.daemon.process.pid])

    def postgres_stopped(self):
        self.stop(self.town.pids_of_postgres())

    def backends_stopped(self):
        found = self.town.backends()
        self.stop(self.dice.sample(found, self.dice.randint(1, len(found))))

    def redis_stopped(self):
        self.stop([self.town.pid_of_redis()])

    def board_emptied(self):
        self.town.redis.flush()

    def board_emptied_and_worker_killed(self):
        self.town.redis.flush()
        self.worker_killed()

    def log_stalled(self):
        self.town.log.goes_on.clear()
        try:
            self.wait()
            self.worker_killed()
            self.wait()
        finally:
            self.town.log.goes_on.set()

    def ledger_disk_full(self):
        """Its tables cannot grow, and then its log of changes cannot either."""
        self.town.services.disk.fill()
        try:
            self.wait()
            for _ in range(self.dice.randint(0, 4)):
                self.town.superuser.psql("SELECT txid_current(); SELECT pg_switch_wal()", check=False)
            self.wait()
        finally:
            self.town.services.disk.free()
            self.town.services.start()

    def state_disk_full(self):
        self.town.state.fill()
        try:
            self.wait()
        finally:
            self.town.state.free()


NEED_A_DISK = {"ledger_disk_full": "services", "state_disk_full": "state"}
KINDS = ["worker_killed", "postgres_killed", "board_emptied", "worker_stopped", "ledger_disk_full", "workers_killed",
         "redis_killed", "postgres_stopped", "log_stalled", "supervisor_killed", "backend_killed", "redis_stopped",
         "state_disk_full", "workers_stopped", "redis_killed_and_emptied", "backends_stopped",
         "postgres_killed_for_a_while", "supervisor_stopped", "board_emptied_and_worker_killed"]
