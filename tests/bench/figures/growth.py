"""growth: what a query costs as the city grows from 100,000 to 2,000,000 of each.

The peer is the same program on the smallest city; sizes take turns in one process.
Writes growth.tsv beside the state, and, with every size measured, the plot that the
README shows (tests/bench/growth.svg, by gnuplot).
"""

import shutil
import statistics
import subprocess
from pathlib import Path

from figures.engine import DIRECTIONS, MARKET
from measure import figure

PLOT = Path(__file__).resolve().parents[1] / "growth.svg"
FULL = (100_000, 200_000, 500_000, 1_000_000, 2_000_000)
SMALL = (5_000, 20_000)
GNUPLOT = """
set terminal svg size 640,400 font "sans,12" background "white"
set output "{out}"
set logscale xy
set xlabel "vacancies, and as many seekers"
set ylabel "one query, microseconds"
set xrange [80000:2500000]
set yrange [10:3000]
set xtics ("100,000" 1e5, "200,000" 2e5, "500,000" 5e5, "1,000,000" 1e6, "2,000,000" 2e6)
set key left top
set grid
plot "{data}" using 1:2 with linespoints title "seeker to vacancies, mean", \\
     "" using 1:4 with linespoints title "seeker to vacancies, 99 of 100", \\
     "" using 1:5 with linespoints title "vacancy to seekers, mean", \\
     "" using 1:7 with linespoints title "vacancy to seekers, 99 of 100"
"""


def run(ctx):
    sizes = SMALL if ctx.small else FULL
    found = ctx.measure("bench_engine", *MARKET, "--sizes", ",".join(map(str, sizes)),
                        "--queries", 300 if ctx.small else 2000)["sizes"]
    data = ctx.state / "growth.tsv"
    with open(data, "w", encoding="utf-8") as out:
        out.write("# of each; seeker to vacancies: mean, p50, p99; vacancy to seekers: the same; us\n")
        for size in found:
            values = [statistics.median(size[way][what])
                      for way in DIRECTIONS for what in ("mean", "p50", "p99")]
            out.write("\t".join([str(size["n"])] + [f"{v:.2f}" for v in values]) + "\n")
    if not ctx.small:
        plot(ctx, data)
    return [figure(f"growth-{way}", f"{words}, p99 at {sizes[-1]:,} of each", "us", "<= 3",
                   found[-1][way]["p99"], found[0][way]["p99"], f"at {sizes[0]:,}", rate=False)
            for way, words in DIRECTIONS.items()]


def plot(ctx, data):
    made = ctx.state / "growth.svg"
    subprocess.run(["gnuplot"], input=GNUPLOT.format(out=made, data=data), text=True, check=True)
    shutil.copyfile(made, PLOT)
