"""What the figures `file`, `place` and `register` share: a ledger to write into, and who writes.

It owns the numbers that were used: no employer, person or vacancy is written twice.
Tables that a run has just begun to fill are analysed once, as autovacuum would
within a minute; plans that were made for empty tables are nobody's figure.
"""

import hashlib
import json
import os
import re
import subprocess
from pathlib import Path

from context import SOURCE
from harness.services import run

SECRET = "B" * 43
HASH = hashlib.blake2b(SECRET.encode(), digest_size=32).hexdigest()
KEY = f"vd_{0:016x}_{SECRET}"
OFFICER = f"vo_{1:016x}_{SECRET}"
PEERS = SOURCE / "tests" / "bench" / "peers"
# What one filing and one registration write, in the order of COPY: the number by which the
# rows are dealt out, and which rows they are.
FILED = {"ledger.return": ("id", "true"), "ledger.return_version": ("return", "true"),
         "ledger.return_line": ("return", "true"),
         "ledger.vacancy": ("employer", "district = '410105'"),
         "ledger.vacancy_standing": ("line", "true"), "ops.outbox": ("id", "true")}
REGISTERED = {"ledger.person": ("id", "id >= 1::bigint << 45"),
              "ledger.unemployment": ("person", "person >= 1::bigint << 45"),
              "ledger.certificate": ("person", "person >= 1::bigint << 45"),
              "ledger.inspection": ("certificate", "true"),
              "ledger.seeker": ("id", "id >= 1::bigint << 45"),
              "ops.outbox": ("entity_id", "true"), "ledger.action": ("id", "op = 'seekers.create'"),
              "ledger.idempotency": ("hashtext(key)", "true")}


def owner(*command):
    """A command as the account that owns the services (config/services)."""
    return ["runuser", "-u", "postgres", "--", *command] if os.geteuid() == 0 else list(command)


class Ledger:
    def __init__(self, ctx, name, people=10, employers=10):
        self.ctx = ctx
        self.name = f"writes_{name}"
        self.place = ctx.services("writes", shared_buffers="1GB", max_wal_size="8GB",
                                  checkpoint_timeout="30min")
        self.db = self.place.create(self.name)
        self.admin = self.place.database(self.name, "postgres")
        self.used = {"place": 0, "file": 0, "register": 0}
        self.migrate()
        self.admin.psql(f"SET bench.people = {people}; SET bench.employers = {employers};"
                        f"SET bench.hash = '{HASH}';" + (PEERS / "write_market.sql").read_text())
        self.admin.psql("VACUUM (ANALYZE)")
        self.admin.psql("CHECKPOINT")

    def migrate(self):
        import tempfile  # pylint: disable=import-outside-toplevel
        from harness.daemon import Daemon  # pylint: disable=import-outside-toplevel
        self.ctx.program("vacancyd")
        os.environ["VACANCYD_BUILD"] = str(self.ctx.build)
        with tempfile.TemporaryDirectory(prefix="vacancyd-bench-") as folder:
            Daemon(folder, self.db.dsn, self.place.redis.address).migrate()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for daemon in self.ctx.daemons:
            if self.name in str(daemon.settings["ledger"]) and daemon.process:
                daemon.stop()
        self.place.drop(self.name)
        self.place.drop("writes_pgbench")

    def analyse(self):
        self.admin.psql("ANALYZE")

    def take(self, kind, n):
        first = self.used[kind] + 1
        self.used[kind] += n
        return first

    def load(self, kind, connections, callers, n):
        """n calls through the daemon's ledger library; every answer was a 201."""
        return self.ctx.measure("bench_ledger_load", self.db.dsn, connections, callers, kind,
                                self.take(kind, n), n, timeout=300)

    # -- through HTTP

    def daemon(self):
        """One key stands for many here: no share of the connections is kept free for others."""
        self.place.redis.flush()
        return self.ctx.daemon(self.db.dsn, self.place.redis.address, ledger_share_percent=100)

    def wrk(self, daemon, kind, connections, seconds, most):
        """Requests a second; wrk fails on anything that is not a 201."""
        first = self.take(kind, most)
        out = run("wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", PEERS / "writes.lua",
                  daemon.url, "--", kind, first, KEY, OFFICER)
        told = re.search(r"^done (\{.*\})$", out, re.M)
        assert told, out
        sums = json.loads(told.group(1))
        assert not sums["other"] and not sums["failed"], (sums, out, daemon.log[-2000:])
        assert sums["sent"] < most, f"{kind}: all {most} were sent before the time was over"
        return sums["created"] / sums["seconds"]

    # -- the peers

    def make_pgbench(self, scale=10):
        self.place.create("writes_pgbench")
        subprocess.run(owner("pgbench", "-h", str(self.place.socket_dir), "-U", "vacancyd", "-i",
                             "-s", str(scale), "-q", "writes_pgbench"), check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/")

    def pgbench(self, clients, seconds):
        out = subprocess.run(owner("pgbench", "-h", str(self.place.socket_dir), "-U", "vacancyd",
                                   "-n", "-N", "-M", "prepared", "-c", str(clients), "-j", "2",
                                   "-T", str(seconds), "writes_pgbench"), check=True, text=True,
                             stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd="/").stdout
        return float(re.search(r"^tps = ([0-9.]+)", out, re.M).group(1))

    def columns(self, table):
        schema, name = table.split(".")
        return self.admin.psql(
            "SELECT string_agg(quote_ident(column_name), ',' ORDER BY ordinal_position)"
            f" FROM information_schema.columns WHERE table_schema = '{schema}'"
            f" AND table_name = '{name}' AND is_generated = 'NEVER'")

    def keep(self, tables, parts):
        """The rows of what was written so far as binary COPY files, dealt out to `parts`: how many
        things those are, one a row of the first table, and the statements that copy them."""
        folder = Path(self.place.dir) / "copy"
        self.admin.psql(f"COPY (SELECT 1) TO PROGRAM 'mkdir -p {folder}'; CREATE SCHEMA peer")
        for table, (number, only) in tables.items():
            self.admin.psql(f"CREATE TABLE peer.{table.split('.')[1]} (LIKE {table} INCLUDING ALL)")
            for part in range(parts):
                self.admin.psql(
                    f"COPY (SELECT {self.columns(table)} FROM {table}"
                    f" WHERE abs({number}) % {parts} = {part} AND {only} ORDER BY 2)"
                    f" TO '{folder}/{table}.{part}' (FORMAT binary)")
        first, (_, only) = next(iter(tables.items()))
        things = int(self.admin.psql(f"SELECT count(*) FROM {first} WHERE {only}"))
        copies = ["BEGIN;" + "".join(
            f"COPY peer.{t.split('.')[1]} ({self.columns(t)}) FROM '{folder}/{t}.{part}' (FORMAT binary);"
            for t in tables) + "COMMIT;" for part in range(parts)]
        return things, copies

    def copy(self, tables, things, copies, connections):
        """Things a second, their rows going in by COPY on so many connections."""
        from time import monotonic  # pylint: disable=import-outside-toplevel
        self.admin.psql("TRUNCATE " + ", ".join(f"peer.{t.split('.')[1]}" for t in tables))
        began = monotonic()
        running = [subprocess.Popen(["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-d", self.admin.dsn,
                                     "-c", "".join(copies[n::connections])])
                   for n in range(connections)]
        codes = [p.wait() for p in running]
        assert codes == [0] * connections, codes
        took = monotonic() - began
        for table in tables:
            _, only = tables[table]
            there = self.admin.psql(f"SELECT (SELECT count(*) FROM peer.{table.split('.')[1]}),"
                                    f" (SELECT count(*) FROM {table} WHERE {only})").split("|")
            assert 0 < int(there[0]) <= int(there[1]), (table, there)
        assert int(self.admin.psql(f"SELECT count(*) FROM peer.{next(iter(tables)).split('.')[1]}")) == things
        return things / took

    # -- the same answers

    def check_placements(self):
        """Every placement once, its two events and its kept answer beside it."""
        wrong = self.admin.psql("""
            SELECT count(*) FILTER (WHERE v.filled <> 1 OR s.active OR s.rank <> 6
                OR i.status IS DISTINCT FROM 201 OR i.body::jsonb->>'placement' <> p.id::text),
                count(*) - count(DISTINCT (p.seeker, p.vacancy)), count(*) = (SELECT count(*)
                FROM ledger.idempotency), 2 * count(*) = (SELECT count(*) FROM ops.outbox)
            FROM ledger.placement p JOIN ledger.vacancy v ON v.city = p.city AND v.id = p.vacancy
            JOIN ledger.seeker s ON s.city = p.city AND s.id = p.seeker
            LEFT JOIN ledger.idempotency i ON i.city = p.city
                AND i.body::jsonb->>'seeker' = ledger.seeker_text(p.seeker)""")
        assert wrong == "0|0|t|t", wrong

    def check_people(self):
        """Everybody once, with facts, event and kept answer beside."""
        wrong = self.admin.psql("""
            SELECT count(*), count(*) FILTER (WHERE u.id IS NULL OR i.status IS DISTINCT FROM 201
                OR i.body::jsonb->>'rank' <> 'P' || s.rank OR s.rank <> (ledger.rank_of(s.city,
                s.id, '2007-07-12')).rank), count(*) = (SELECT count(*) FROM ledger.idempotency),
                count(*) = (SELECT count(DISTINCT entity_id) FROM ops.outbox),
                count(*) = (SELECT count(*) FROM ops.outbox)
            FROM ledger.person p JOIN ledger.seeker s ON s.city = p.city AND s.id = p.id
            LEFT JOIN ledger.unemployment u ON u.city = p.city AND u.person = p.id
            LEFT JOIN ledger.idempotency i ON i.city = p.city
                AND i.body::jsonb->>'seeker' = ledger.seeker_text(p.id)
            WHERE p.id >= 1::bigint << 45""")
        assert wrong.endswith("|0|t|t|t") and not wrong.startswith("0|"), wrong

    def check_returns(self):
        wrong = self.admin.psql("""
            SELECT count(*), count(*) FILTER (WHERE n.lines <> 20 OR n.open <> 20)
            FROM (SELECT r.id, count(*) AS lines, count(*) FILTER (WHERE v.open AND s.line = l.id) AS open
                FROM ledger.return r JOIN ledger.return_line l ON l.city = r.city AND l.return = r.id
                JOIN ledger.vacancy v ON v.city = l.city AND v.id = l.vacancy
                JOIN ledger.vacancy_standing s ON s.city = v.city AND s.vacancy = v.id
                GROUP BY r.id) n""")
        assert wrong.endswith("|0") and not wrong.startswith("0|"), wrong
