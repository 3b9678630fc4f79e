"""POST placement: durable, exactly once, outbox included.

The peer is `pgbench -N -M prepared`: an update, a look-up and an insert in one transaction,
prepared, on the same server with the same settings, a million accounts; it is PostgreSQL's
own measure of a small durable write, and it checks nothing.  Ours is a placement by one
officer of a bureau, each of another person on another vacancy.  Eight callers wait at each
connection, as the daemon's HTTP clients do: what waits together travels together, which
pgbench cannot.  Every answer must be a 201 with a position, and afterwards every placement
stands in the ledger once, with its two events and its kept answer.
"""

from figures import writes
from measure import compare

WARM = 1500


def run(ctx):
    calls, seconds, most = (2000, 1, 12000) if ctx.small else (20000, 4, 50000)
    pairs = 5
    with writes.Ledger(ctx, "place", people=2 * pairs * calls + (pairs + 1) * most + 5 * WARM) as ledger:
        ledger.make_pgbench()
        ledger.load("place", 8, 64, WARM)
        ledger.analyse()
        figures = [compare(
            f"place, {n} connections", "placements through the ledger library", "placements/s", bound,
            lambda n=n: ledger.load("place", n, 8 * n, calls)["rate"],
            lambda n=n: ledger.pgbench(n, seconds), f"pgbench -N -M prepared -c {n}")
            for n, bound in ((8, ">= 1.0"), (32, ">= 1.2"))]
        daemon = ledger.daemon()
        ledger.wrk(daemon, "place", 64, 1, most)
        figures.append(compare(
            "place, http", "placements through HTTP, 64 connections", "placements/s", ">= 0.7",
            lambda: ledger.wrk(daemon, "place", 64, seconds, most),
            lambda: ledger.pgbench(8, seconds), "pgbench -N -M prepared -c 8"))
        daemon.stop()
        ledger.check_placements()
    return figures
