"""writer: the direct writer of a matches answer, explanations included.

The peer is jansson's json_dumps (2.14, compact) of the same answer, whose tree is already
there: only the dump is timed.  The bytes are the same, checked answer by answer.
"""

from figures.engine import MARKET
from measure import PAIRS, figure


def run(ctx):
    found = ctx.measure("bench_writer", *MARKET, "--rounds", PAIRS)
    return [figure("writer", f"an answer of {found['bytes']:,} bytes written, both directions",
                   "answers/s", ">= 8", found["ours"], found["jansson"], "jansson json_dumps")]
