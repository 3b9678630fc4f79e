"""rebuild: the board from the ledger, all of it, into an emptied Redis.

The peer is a binary COPY of the same rows, parsed field by field and dropped: what a
program costs that only wants the rows.  libpq, one table after the other, seq scans of
cached tables; there is nothing to tune.  Both must have seen the same number of rows.
"""

from measure import compare


def measured(ctx, place, what):
    """A run of bench_board, whose rows are all of the market."""
    result = ctx.measure("bench_board", what, place.database("market").dsn, place.redis.address)
    assert (result["vacancies"], result["seekers"]) == (ctx.size, ctx.size), (what, result)
    return result


def rebuilt(ctx, place):
    place.redis.flush()
    return measured(ctx, place, "rebuild")["seconds"]


def run(ctx):
    place = ctx.market()
    place.redis.cli("CONFIG", "SET", "save", "")
    return [compare("rebuild", "board from ledger", "s", "<= 4", lambda: rebuilt(ctx, place),
                    lambda: measured(ctx, place, "copy")["seconds"],
                    "a binary COPY of the same rows, parsed and dropped", rate=False)]
