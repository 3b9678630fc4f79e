"""sheets: XLSX in, XLSX and CSV out, each beside the bare library at the same cells.

Peer in: libzip and expat over the same parts, doing nothing with what they hear.  Peers out:
libxlsxwriter in constant memory, and fputs.  Memory for all rows stands beside that for a
hundredth of them.
"""

from measure import figure


def run(ctx):
    rows = 10_000 if ctx.small else 100_000
    found = ctx.measure("bench_sheets", "--rows", rows, "--rounds", 5)

    def each(name, what, bound, ours, peer, peer_name, unit="s"):
        return figure(name, what, unit, bound, found[ours], found[peer], peer_name, rate=False)

    found["few_kib"], found["many_kib"] = [found["few_kib"]], [found["many_kib"]]
    return [
        each("sheet-in", f"XLSX of {rows:,} rows of 20 cells, in", "<= 3", "in", "bare_in",
             "libzip and expat alone"),
        each("sheet-memory", f"memory for {rows:,} rows in", "<= 1.1", "many_kib", "few_kib",
             f"for {rows // 100:,} rows", "KiB"),
        each("sheet-xlsx", f"XLSX of {rows:,} rows out", "<= 1.5", "xlsx", "bare_xlsx",
             "libxlsxwriter alone"),
        each("sheet-csv", f"CSV of {rows:,} rows out", "<= 1.5", "csv", "bare_csv", "fputs"),
    ]
