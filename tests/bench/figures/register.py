"""POST seeker: people registered, durable, 8 connections.

The peer is a binary COPY of exactly the rows that registering wrote (person, facts, seeker,
outbox, action, kept answer) from files on the server into tables with the same columns,
generated ones too, and the same indexes, without triggers; on one connection or eight,
whichever is faster.  It checks nothing, ranks nobody and answers nobody.  Beside it, the same
calls from as many callers as there are lanes, so that each goes alone.  Every answer must be
a 201, and afterwards everybody is there once, with event and kept answer.
"""

from figures import writes
from measure import compare

PARTS = 8
LANES = 3  # as in daemon/ledger/lanes.c


def run(ctx):
    calls = 300 if ctx.small else 3000
    with writes.Ledger(ctx, "register") as ledger:
        ledger.load("register", 8, 64, calls // 3)
        ledger.analyse()
        ledger.load("register", 8, 64, calls - calls // 3)
        people, copies = ledger.keep(writes.REGISTERED, PARTS)
        figures = [
            compare("register, library", "people registered through the ledger library", "people/s",
                    ">= 0.2", lambda: ledger.load("register", 8, 64, calls)["rate"],
                    lambda: max(ledger.copy(writes.REGISTERED, people, copies, n) for n in (1, PARTS)),
                    "binary COPY of the same rows into the same indexes"),
            compare("register, together",
                    "people registered through the ledger library, 64 callers", "people/s", ">= 1.5", lambda: ledger.load("register", 8, 64, calls)["rate"],
                    lambda: ledger.load("register", 8, LANES, calls)["rate"],
                    f"one at a time, {LANES} callers")]
        ledger.check_people()
    return figures
