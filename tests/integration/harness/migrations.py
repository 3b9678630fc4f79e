"""`vacancyd migrate` without a daemon: an empty database, folders of SQL made up for a test."""

import subprocess

import pytest

from .daemon import binary, sanitizer_env
from .services import Postgres


@pytest.fixture
def empty(services, templates):
    services.start("postgres")
    db = Postgres(services, "migrated")
    templates.admin("DROP DATABASE IF EXISTS migrated WITH (FORCE)")
    templates.admin("CREATE DATABASE migrated OWNER vacancyd")
    yield db
    templates.drop(db)


def migrate(db, schema, data="", *plan, hosts=None):
    return subprocess.run(
        [binary("ledger_driver"), "migrate", hosts or db.dsn, str(schema), str(data), *plan],
        capture_output=True, text=True, env=sanitizer_env(), timeout=60, check=False,
    )


def files(folder, **texts):
    """Files of tables, but for names that begin with fn_: those are files of functions."""
    for kind in ("tables", "functions"):
        (folder / kind).mkdir(exist_ok=True)
    for name, text in texts.items():
        name = f"functions/{name[3:]}" if name.startswith("fn_") else f"tables/{name[1:]}"
        (folder / f"{name}.sql").write_text(text)
    return folder
