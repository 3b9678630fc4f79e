"""list: a page of each list, and each summary, under the values that leave the most rows aside.

The rows, each with its bare query, are peers/lists.sql; the ledger is the market's with what
peers/lists_fill.sql puts beside it.  Both sides run in the ledger as prepared statements of one
connection, in turn, and the p99 of each is compared; of the bare query the rows are made JSON
as they stand.  `lists, the slowest` is the dearest of all by itself.

`write beside lists` is one officer's placement through the daemon, p99, while another caller
keeps 32 connections busy with the slowest lists; beside it the same quiet.
"""

import hashlib
import json
import statistics
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

from measure import figure

PEERS = Path(__file__).resolve().parents[1] / "peers"
PAIRS = 5
MOST_MS = 300


def caller(kid, officer=None):
    claim = f"{officer:016x}.{hashlib.sha256(str(officer).encode()).hexdigest()} " if officer else ""
    return f"4101, '{kid}', sha256('{kid}'), '{claim}'"


CALLERS = {"BUREAU": caller("00000000000000b1"), "DISTRICT": caller("00000000000000b2", 902),
           "STREET": caller("00000000000000b3", 903), "AGENCY": caller("00000000000000c1"),
           "AUDITOR": caller("00000000000000a8")}


def rows():
    """(name, the call, the bare query)"""
    text = (PEERS / "lists.sql").read_text(encoding="utf-8")
    for part in text.split("\n-- ")[1:]:
        head, *query = part.strip().split("\n")
        if " | " not in head:
            continue
        name, call = head.split(" | ")
        for word, value in CALLERS.items():
            call = call.replace(f"({word},", f"({value},")
        yield name, call, " ".join(query).rstrip(";")


def p99(folder, dsn, sql, times):
    """Milliseconds that 99 of 100 take at most, of so many transactions of one connection."""
    path, log = Path(folder) / "query.sql", Path(folder) / "log"
    path.write_text(sql + ";\n", encoding="utf-8")
    subprocess.run(["pgbench", "-n", "-M", "prepared", "-c1", f"-t{times + 1}", "-l", "--log-prefix",
                    log, "-f", path, dsn], check=True, capture_output=True)
    file = next(Path(folder).glob("log.*"))
    # The first one makes the plans.
    took = sorted(int(line.split()[2]) / 1000 for line in file.read_text().splitlines()[1:])
    file.unlink()
    return took[min(len(took) - 1, len(took) * 99 // 100)]


def pages(db, times):
    figures = []
    with tempfile.TemporaryDirectory(prefix="vacancyd-lists-", dir="/tmp") as folder:
        for name, call, bare in rows():
            assert db.psql(f"SELECT status FROM api.{call} WHERE kind = 'a'").strip() == "200", call
            sides = (f"SELECT * FROM api.{call}", f"SELECT jsonb_agg(x) FROM ({bare}) x")
            values = [[p99(folder, db.dsn, sql, times) for sql in sides] for _ in range(PAIRS)]
            figures.append(figure(f"list, {name}", "p99 of its call in the ledger", "ms", "<= 3",
                                  [v[0] for v in values], [v[1] for v in values],
                                  "the bare query as JSON, prepared, same indexes", rate=False))
    slowest = max(figures, key=lambda f: f.ours)
    return figures + [figure("lists, the slowest", slowest.name, "ms", "<= 1", [slowest.ours],
                             [MOST_MS], f"the bound, {MOST_MS} ms", rate=False)]


def run(ctx):
    place = ctx.market()
    place.create("lists", "market")
    try:
        db = place.database("lists", "postgres")
        db.psql((PEERS / "lists_fill.sql").read_text(encoding="utf-8"))
        return pages(db, 4 if ctx.small else 20)
    finally:
        place.drop("lists")
