"""The fixtures of the tests that need a running exchange.

services   both services, for the whole session
postgres   a fresh database with all migrations applied
redis      the session's Redis, emptied
daemon     the built vacancyd on a fresh, migrated database, ready, with three keys
shared_daemon  one daemon for all tests of a module, each with people and keys of its own
make_daemon  further daemons (or other settings) on the same database

PostgreSQL databases are cloned from a template that was migrated once.
"""

import itertools
import shutil
import tempfile

import pytest

from .daemon import Daemon
from .services import Postgres, Redis, Services

numbers = itertools.count(1)


@pytest.fixture(scope="session")
def services():
    s = Services()
    yield s
    s.remove()


class Templates:
    """Two templates, each made at its first use: one by psql alone (for tests of the schema
    by itself), one by `vacancyd migrate` (as a daemon needs it, with the catalogue)."""

    def __init__(self, services):
        self.services = services
        self.made = set()

    def admin(self, sql):
        # The superuser: only he may end an autovacuum that stands in a DROP's way.
        Postgres(self.services, "postgres", "postgres").psql(sql)

    def named(self, name, migrate):
        if name not in self.made:
            self.admin(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            self.admin(f"CREATE DATABASE {name} OWNER vacancyd")
            migrate(Postgres(self.services, name))
            self.made.add(name)
        return name

    def clone(self, template):
        name = f"t{next(numbers)}"
        self.admin(f"CREATE DATABASE {name} TEMPLATE {template} OWNER vacancyd")
        return Postgres(self.services, name)

    def drop(self, postgres):
        self.admin(f"DROP DATABASE IF EXISTS {postgres.name} WITH (FORCE)")


@pytest.fixture(scope="session")
def templates(services):
    return Templates(services)


@pytest.fixture
def redis(services):
    services.start("redis")
    r = Redis(services)
    r.flush()
    return r


@pytest.fixture
def postgres(request, services, templates):
    services.start("postgres")
    if "make_daemon" in request.fixturenames:
        name = templates.named("template_daemon", lambda db: migrate_by_daemon(db, services))
    else:
        name = templates.named("template_psql", lambda db: db.migrate())
    db = templates.clone(name)
    yield db
    services.start("postgres")
    templates.drop(db)


def migrate_by_daemon(db, services):
    folder = tempfile.mkdtemp(prefix="vacancyd-it-", dir="/tmp")
    try:
        Daemon(folder, db.dsn, Redis(services).address).migrate()
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def make_daemon(postgres, redis):
    """make_daemon(**settings) -> a daemon that is ready and has keys; see Daemon."""
    daemons = []
    folders = []

    def make(start=True, **settings):
        folder = tempfile.mkdtemp(prefix="vacancyd-it-", dir="/tmp")
        folders.append(folder)
        if daemons:
            settings.setdefault("master_key", daemons[0].settings["master_key"])
        d = Daemon(folder, settings.pop("ledger", postgres.dsn), settings.pop("board", redis.address), **settings)
        daemons.append(d)
        if start:
            d.start()
            d.make_keys()
        return d

    yield make
    try:
        for d in reversed(daemons):
            d.stop()
    finally:
        for d in daemons:
            if d.process is not None:
                d.process.kill()
                d.process.wait()
        for folder in folders:
            shutil.rmtree(folder)


@pytest.fixture
def daemon(make_daemon):
    return make_daemon()


@pytest.fixture(scope="module")
def shared_settings():
    """Of the shared daemon; a module may have a fixture of its own by this name."""
    return {}


@pytest.fixture(scope="module")
def shared_daemon(services, templates, shared_settings):
    services.start()
    redis = Redis(services)
    redis.flush()
    db = templates.clone(templates.named("template_daemon", lambda d: migrate_by_daemon(d, services)))
    folder = tempfile.mkdtemp(prefix="vacancyd-it-", dir="/tmp")
    d = Daemon(folder, db.dsn, redis.address, **shared_settings)
    d.postgres = db
    d.start()
    try:
        d.make_keys()
        yield d
        d.stop()
    finally:
        if d.process is not None:
            d.process.kill()
            d.process.wait()
        shutil.rmtree(folder)
        templates.drop(db)
