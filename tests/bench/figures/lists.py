"""list: a page of each list, and each summary, under the values that leave the most rows aside.

The rows, each with its bare query, are peers/lists.sql; the ledger is the market's with what
peers/lists_fill.sql puts beside it.  Both sides run in the ledger as prepared statements of one
connection, in turn, and the p99 of each is compared; of the bare query the rows are made JSON
as they stand.  `lists, the slowest` is the dearest of all by itself.

`list, another's write` is the p99 of one employer's amended return through a daemon of one
worker, while another caller keeps 32 connections busy with the dearest lists; the peer is the
same daemon, quiet.
"""

import hashlib
import itertools
import subprocess
import tempfile
import time
from pathlib import Path

from harness.trade import Trade, line
from harness.wait import wait_for
from load import Load
from measure import figure

PEERS = Path(__file__).resolve().parents[1] / "peers"
PAIRS = 3
MOST_MS = 300
ASKERS = 32
DEAREST = ["/v1/referrals/summary?by=agency", "/v1/seekers?unoffered=true&limit=100", "/v1/obligations",
           "/v1/progress", "/v1/vacancies?unreferred=true", "/v1/referrals?state=withdrawn",
           "/v1/households?to_verify=true", "/v1/vacancies?facets=true&reserved=true"]


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


def of_100(took):
    return sorted(took)[min(len(took) - 1, len(took) * 99 // 100)]


def p99(folder, dsn, sql, times):
    """Milliseconds that 99 of 100 take at most, of so many transactions of one connection."""
    path, log = Path(folder) / "query.sql", Path(folder) / "log"
    path.write_text(sql + ";\n", encoding="utf-8")
    subprocess.run(["pgbench", "-n", "-M", "prepared", "-c1", f"-t{times + 1}", "-l", "--log-prefix",
                    log, "-f", path, dsn], check=True, capture_output=True)
    file = next(Path(folder).glob("log.*"))
    # The first one makes the plans.
    took = [int(done.split()[2]) / 1000 for done in file.read_text().splitlines()[1:]]
    file.unlink()
    return of_100(took)


def pages(db, pairs, times):
    slowest = None
    with tempfile.TemporaryDirectory(prefix="vacancyd-lists-", dir="/tmp") as folder:
        for name, call, bare in rows():
            begin = time.monotonic()
            assert db.psql(f"SELECT status FROM api.{call} WHERE kind = 'a'").strip() == "200", call
            # A second each, of what takes long.
            n = max(3, min(times, int(1 / (time.monotonic() - begin))))
            sides = (f"SELECT * FROM api.{call}", f"SELECT jsonb_agg(x) FROM ({bare}) x")
            values = [[p99(folder, db.dsn, sql, n) for sql in sides] for _ in range(pairs)]
            row = figure(f"list, {name}", "p99 of its call in the ledger", "ms", "<= 3",
                         [v[0] for v in values], [v[1] for v in values],
                         "the bare query as JSON, prepared, same indexes", rate=False)
            slowest = row if not slowest or row.ours > slowest.ours else slowest
            yield row
    yield figure("lists, the slowest", slowest.name, "ms", "<= 1", [slowest.ours], [MOST_MS],
                 f"the bound, {MOST_MS} ms", rate=False)


class Beside:
    """Somebody who asks for lists all the time, as a process."""

    def __init__(self, daemon, load, actor):
        self.daemon = daemon
        self.command = ["wrk", "-t1", f"-c{ASKERS}", "-d600s", "--timeout", "60s", "-H",
                        f"Authorization: Bearer {load.key}", "-H", f"Vacancyd-Actor: {actor}",
                        "-s", load.script, load.url]

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdout=subprocess.DEVNULL)
        wait_for(self.is_connected, 30, "the connections that ask for lists")

    def is_connected(self):
        return sum(self.daemon.metric("http_connections")) >= ASKERS

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


def write(ctx, place, pairs, times):
    place.redis.flush()
    daemon = ctx.daemon(place.database("lists").dsn, place.redis.address, log_level="warn", workers=1)
    other = daemon.new_key(role="bureau", org_code=None, org_name="另一机构")
    trade, posts = Trade(daemon), itertools.cycle(range(1, 100))
    # The other's key has the officers read again, twenty thousand of them.
    wait_for(lambda: daemon.request("GET", "/v1/officers", daemon.keys["bureau"]).status == 200, 60,
             "the officers")
    trade.employer()
    trade.file([line("A")])
    for path in DEAREST:
        answer = daemon.request("GET", path, other)
        assert answer.status in (200, 504), (path, answer)

    def milliseconds():
        begin = time.monotonic()
        trade.file([line("A", next(posts))])
        return 1000 * (time.monotonic() - begin)

    try:
        with tempfile.TemporaryDirectory(prefix="vacancyd-lists-", dir="/tmp") as folder:
            load = Load(folder, "dearest", daemon.port, other, DEAREST)
            values = []
            for _ in range(pairs):
                quiet = of_100([milliseconds() for _ in range(times)])
                with Beside(daemon, load, daemon.actors[other]):
                    values.append((of_100([milliseconds() for _ in range(times)]), quiet))
    finally:
        daemon.stop()
    return figure("list, another's write", "p99 of a return amended through HTTP while one caller asks"
                  " for lists on 32 connections", "ms", "<= 1.5", [v[0] for v in values],
                  [v[1] for v in values], "the same, quiet", rate=False)


def run(ctx):
    place = ctx.market()
    place.create("lists", "market")
    try:
        db = place.database("lists", "postgres")
        db.psql((PEERS / "lists_fill.sql").read_text(encoding="utf-8"))
        pairs = 1 if ctx.small else PAIRS
        yield from pages(db, pairs, 3 if ctx.small else 20)
        yield write(ctx, place, *((1, 20) if ctx.small else (5, 200)))
    finally:
        place.drop("lists")
