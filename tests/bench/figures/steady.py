"""steady: requests that fail while workers are renewed, or the whole daemon restarted or upgraded, under load.

Six clients ask as fast as they are answered, reads and writes, half of them on kept connections.  So often
a worker gets new settings (SIGHUP), the daemon ends and another begins on the sockets that are held for it
(SIGTERM), or another program does.  What one would otherwise have: SIGTERM and another start, with sockets
of its own.  The bound is none; the ratio is the number itself.
"""

import os
import shutil
import signal

from harness.askers import Askers, held_sockets
from harness.daemon import binary
from harness.trade import Trade, line
from harness.wait import wait_for
from measure import Figure, holds

TIMES = 50
BOUND = "<= 0"


class Renewal:
    def __init__(self, daemon, times):
        self.daemon, self.times, self.program = daemon, times, daemon.dir / "vacancyd"
        self.askers = None

    def install(self, n):
        shutil.copy(binary("vacancyd"), self.daemon.dir / f"next{n}")
        os.replace(self.daemon.dir / f"next{n}", self.program)

    def failed(self, once):
        """Of all requests, while it is done so many times: (failed, answered)."""
        with Askers(self.daemon, self.daemon.somebody) as self.askers:
            for n in range(self.times):
                before = self.askers.answered
                once(n)
                wait_for(lambda b=before: self.askers.answered > b + 20, 60, "answers")
        return len(self.askers.failures), self.askers.answered

    def reload(self, _):
        before = self.daemon.workers()
        self.daemon.process.send_signal(signal.SIGHUP)
        wait_for(lambda: len(self.daemon.workers()) == 2 and not before & self.daemon.workers(), 60, "new workers")

    def restart(self, held=(), upgrades=False):
        def once(n):
            if upgrades:
                self.install(n)
            self.daemon.stop()
            self.daemon.start(program=self.program, held=held)
        return once


def run(ctx):
    place = ctx.filled(ctx.services("steady"), "steady", ctx.stamp(), lambda db: None)
    db = place.create("steadied", "steady")
    place.redis.flush()
    daemon = ctx.daemon(db.dsn, place.redis.address, workers=2, log_level="error")
    held = []
    try:
        trade = Trade(daemon)
        trade.employer()
        trade.file([line("A", 2)])
        daemon.somebody = trade.register(1)
        daemon.restart()
        renewal = Renewal(daemon, 3 if ctx.small else TIMES)
        renewal.install("first")
        found = {"SIGHUP": renewal.failed(renewal.reload)}
        other, _ = renewal.failed(renewal.restart())
        daemon.stop()
        held = held_sockets(daemon)
        daemon.start(program=renewal.program, held=held)
        found["SIGTERM, sockets held"] = renewal.failed(renewal.restart(held))
        found["another program, sockets held"] = renewal.failed(renewal.restart(held, upgrades=True))
        for name, (failed, answered) in found.items():
            yield Figure(f"steady, {name}", f"failed requests, {renewal.times} times under load"
                         f" ({answered:,} answered)", failed, "SIGTERM and a start, sockets of its own", other,
                         "requests", failed, BOUND, holds(failed, BOUND))
    finally:
        daemon.stop()
        for s in held:
            s.close()
        place.drop("steadied")
