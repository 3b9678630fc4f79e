"""The ledger's driver (ledger_driver.c) on a line of its own, and the small ledger
(ledger_fake.sql) that does as it is told."""

import itertools
import json
import queue
import subprocess
import tempfile
import threading
from pathlib import Path

import pytest

from .daemon import SANITIZER, binary, sanitizer_env
from .services import Postgres
from .wait import wait_for

HERE = Path(__file__).resolve().parents[1]
CALL_MS = 1000
numbers = itertools.count(1)


class Driver:
    def __init__(self, hosts, connections=4, queue_limit=64, connect_ms=500, call_ms=CALL_MS, roles=()):
        self.errors = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(
            [binary("ledger_driver"), hosts, str(connections), str(queue_limit),
             str(connect_ms), str(call_ms), *roles],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors, text=True,
            env=sanitizer_env(),
        )
        self.answers = {}
        self.lines = queue.Queue()
        self.tags = itertools.count(1)
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            self.lines.put(json.loads(line))

    def send(self, command, *words):
        """Ask; the tag under which the answer will come."""
        tag = f"t{next(self.tags)}"
        self.process.stdin.write(" ".join([command, tag, *map(str, words)]) + "\n")
        self.process.stdin.flush()
        return tag

    def answer(self, tag, timeout=20):
        while tag not in self.answers:
            line = self.lines.get(timeout=timeout)
            assert line["tag"] not in self.answers, f"completed twice: {line}"
            self.answers[line["tag"]] = line
        return self.answers[tag]

    def ask(self, command, *words):
        return self.answer(self.send(command, *words))

    def call(self, actor="", id=1):
        return self.ask("call", id, actor)

    def wait_ready(self):
        wait_for(lambda: self.ask("state")["ready"], what="the ledger is ready")

    def quit(self):
        """End it; everything outstanding is completed on the way."""
        if self.process.poll() is None:
            self.process.stdin.write("quit\n")
            self.process.stdin.close()
            assert self.process.wait(timeout=20) == 0, self.log()
        assert not SANITIZER.search(self.log()), self.log()

    def log(self):
        self.errors.seek(0)
        return self.errors.read()


@pytest.fixture
def fake(services, templates):
    """A database with the ledger that does as it is told."""
    services.start("postgres")
    db = Postgres(services, f"fake{next(numbers)}")
    templates.admin(f"CREATE DATABASE {db.name} OWNER vacancyd")
    db.psql_file(HERE / "ledger_fake.sql")
    yield db
    services.start("postgres")
    templates.drop(db)


@pytest.fixture
def drive(fake):
    drivers = []

    def start(hosts=None, ready=True, **settings):
        d = Driver(hosts or fake.dsn, **settings)
        drivers.append(d)
        if ready:
            d.wait_ready()
        return d

    yield start
    try:
        for d in drivers:
            d.quit()
    finally:
        for d in drivers:
            d.process.kill()
            d.process.wait()


def backends(db):
    """Process ids of the driver's sessions."""
    out = db.psql("SELECT pid FROM pg_stat_activity WHERE application_name = 'vacancyd' "
                  "AND datname = current_database()")
    return [int(pid) for pid in out.split()]


def placed(db):
    return int(db.psql("SELECT count(*) FROM ledger.placed"))


def sums(d, tag):
    line = d.answer(tag, timeout=60)
    assert line["twice"] == 0 and line["wrong"] == 0, line
    return line


def superuser(db):
    """Who may end the sessions of the daemon's roles."""
    return Postgres(db.services, db.name, "postgres")
