"""PUT return: new returns of twenty lines, durable, 8 connections.

The peer is a binary COPY of exactly the rows that filing wrote (return, version, lines,
vacancies, standings, outbox) from files on the server into tables with the same columns,
generated ones too, and the same indexes, without triggers; on one connection or eight,
whichever is faster.  It checks nothing and answers nobody.  Every answer of ours must be
a 201, and afterwards every return has its twenty open vacancies.
"""

from figures import writes
from measure import compare

PARTS = 8


def run(ctx):
    calls, seconds, most = (150, 1, 3000) if ctx.small else (2000, 4, 12000)
    with writes.Ledger(ctx, "file", employers=6 * calls + 7 * most) as ledger:
        ledger.load("file", 8, 64, calls // 3)
        ledger.analyse()
        ledger.load("file", 8, 64, calls - calls // 3)
        returns, copies = ledger.keep(writes.FILED, PARTS)

        def peer():
            return max(ledger.copy(writes.FILED, returns, copies, n) for n in (1, PARTS))

        what = "binary COPY of the same rows into the same indexes"
        figures = [compare("file, library", "returns of 20 lines through the ledger library",
                           "returns/s", ">= 0.3",
                           lambda: ledger.load("file", 8, 64, calls)["rate"], peer, what)]
        daemon = ledger.daemon()
        ledger.wrk(daemon, "file", 64, 1, most)
        figures.append(compare("file, http", "returns of 20 lines through HTTP, 64 connections",
                               "returns/s", ">= 0.2",
                               lambda: ledger.wrk(daemon, "file", 64, seconds, most), peer, what))
        daemon.stop()
        ledger.check_returns()
    return figures
