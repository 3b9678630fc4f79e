"""mirror: from start to ready, what it weighs, and how late it is.

Start to ready is beside a rebuild of the same board, in turn.  Memory is the heap's
growth without the display text, beside what 64 bytes a vacancy and 240 a seeker come
to.  Lag is measured while 5,000 changes a second arrive: from before the script that
does the XADD, and from the commit of another process, until a reader who waits for that
position is let go on; both beside their bounds.
"""

from measure import PAIRS, compare, figure

from figures.rebuild import measured, rebuilt

RATE = 5000


def lag(ctx, place, what):
    # A run of the stream alone leaves the board ahead of its ledger.
    place.redis.flush()
    result = ctx.measure("bench_lag", what, place.database("lag").dsn, place.redis.address,
                         RATE, 2 if ctx.small else 5)
    assert result["never"] == 0, result
    return result["median_ms"]


def run(ctx):
    place = ctx.market()
    place.redis.cli("CONFIG", "SET", "save", "")
    pairs = []
    for _ in range(PAIRS):
        rebuild = rebuilt(ctx, place)
        pairs.append((measured(ctx, place, "mirror"), rebuild))
    start = figure("mirror-start", "start to ready", "s", "<= 0.5",
                   [m["seconds"] for m, _ in pairs], [r for _, r in pairs],
                   "rebuild, just before", rate=False)
    weight = figure("mirror-memory", "bytes beside the display text", "MB", "<= 1",
                    [(m["bytes"] - m["label_bytes"]) / 1e6 for m, _ in pairs],
                    [ctx.size * (64 + 240) / 1e6] * len(pairs),
                    "64 a vacancy and 240 a seeker", rate=False)
    place.create("lag", "market")
    try:
        lags = [compare(f"mirror-lag-{what}", f"{RATE:,} changes a second, median", "ms", "<= 1",
                        lambda what=what: lag(ctx, place, what), lambda bound=bound: bound,
                        f"the bound, {bound} ms", rate=False, pairs=1 if ctx.small else 3)
                for what, bound in (("stream", 5), ("commit", 50))]
    finally:
        place.drop("lag")
    return [start, weight, *lags]
