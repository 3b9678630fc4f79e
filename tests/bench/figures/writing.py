"""match-while-writing: matches over HTTP while 500 changes a second are committed.

The changes go the whole way: ledger, outbox, applier (in the same process as the answers),
board, stream, mirror.  The peer is the same daemon when nothing is written.  PostgreSQL and Redis
are on the client's core.
"""

import json
import shutil
import subprocess
import tempfile
import threading
import time
from pathlib import Path

from figures.http import market_daemon
from harness.wait import wait_for
from load import CLIENT, Load, pin
from measure import PAIRS, figure

CHANGES = 500  # a second
STEP_S = 0.02
TOGETHER = int(CHANGES * STEP_S / 2)  # in one commit, which is one entry of the stream
PREPARE = """
CREATE TEMP TABLE hot AS SELECT row_number() OVER () AS n, id FROM (SELECT id FROM ledger.seeker
	WHERE active ORDER BY hashint8(id) LIMIT 5000) s;
CREATE UNIQUE INDEX ON hot (n);
"""
CHANGE = """
UPDATE ledger.vacancy SET version = version + 1 WHERE city = 4101 AND id = ANY (ARRAY(
	SELECT 1 + floor(random() * {n})::bigint FROM generate_series(1, {half})));
UPDATE ledger.seeker SET version = version + 1 WHERE city = 4101 AND id = ANY (ARRAY(
	SELECT s.id FROM generate_series(1, {half}) g,
		LATERAL (SELECT 1 + floor(random() * 5000 + 0 * g)::bigint AS n) r
		JOIN hot s USING (n)));
"""


class Writer:
    """Commits CHANGES a second as long as it is on."""

    def __init__(self, dsn, size):
        self.psql = subprocess.Popen(["psql", "-Xq", "-v", "ON_ERROR_STOP=1", "-d", dsn],
                                     stdin=subprocess.PIPE, text=True)
        self.sql = CHANGE.format(n=size, half=TOGETHER).replace("\n", " ") + "\n"
        self.psql.stdin.write(PREPARE)
        self.on = threading.Event()
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self.work, daemon=True)
        self.thread.start()

    def work(self):
        due = 0.0
        while not self.stopping.wait(max(0.0, due - time.monotonic())):
            if not self.on.is_set():
                due = time.monotonic() + STEP_S
                continue
            self.psql.stdin.write(self.sql)
            self.psql.stdin.flush()
            due += STEP_S

    def close(self):
        self.stopping.set()
        self.thread.join()
        self.psql.stdin.close()
        assert self.psql.wait() == 0, "the writer's psql failed"


def run(ctx):
    daemon, ids = market_daemon(ctx, "writing")
    place = ctx.market()
    folder = Path(tempfile.mkdtemp(prefix="vacancyd-writing-", dir="/tmp"))
    seconds = 2 if ctx.small else 5
    quiet, busy, arrived = [], [], []
    for pid_file in place.dir.glob("**/*.pid"):
        pin(int(pid_file.read_text(encoding="ascii").split()[0]), CLIENT)
    try:
        ours = Load(folder, "ours", daemon.port, daemon.keys["agency"],
                    [f"/v1/seekers/{i}/matches" for i in ids])

        def seq():
            return json.loads(ours.get(ours.paths[0]))["as_of"]["seq"]

        writer = Writer(place.database("writing", "postgres").dsn, ctx.size)
        for _ in range(PAIRS):
            quiet.append(ours.rate(seconds))
            before = seq()
            writer.on.set()
            wait_for(lambda seen=before: seq() > seen, 60, "the first change in the mirror")
            before, began = seq(), time.monotonic()
            busy.append(ours.rate(seconds))
            arrived.append(TOGETHER * (seq() - before) / (time.monotonic() - began))
            writer.on.clear()
        writer.close()
    finally:
        daemon.stop()
        place.drop("writing")
        shutil.rmtree(folder)
        for pid_file in place.dir.glob("**/*.pid"):
            pin(int(pid_file.read_text(encoding="ascii").split()[0]), 0, 1)
    mean = sum(arrived) / len(arrived)
    assert mean > CHANGES / 2, f"only {mean:.0f} changes a second arrived in the mirror"
    return [figure("match-while-writing",
                   f"matches over HTTP while {mean:,.0f} changes a second reach the mirror", "1/s",
                   ">= 0.85", busy, quiet, "the same daemon, quiet")]
