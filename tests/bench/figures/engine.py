"""match-engine: both directions in the process, all components, the same answers.

The peers: PostgreSQL alone, with covering indexes, staged functions and everything
cached (peers/README.md says what was tried), on one connection; and the twin, a scan
over the whole city with the matcher's own rules.  Both are asked the same queries in
turn, and every answer is compared.  The worst query is the slowest of some sixty hard
ones and of all the random ones; the median is that of the random ones, both directions.
"""

import hashlib
import subprocess
from pathlib import Path

from context import SOURCE
from harness.services import run as command
from measure import figure

PEERS = Path(__file__).resolve().parents[1] / "peers"
MARKET = ["--data", SOURCE / "config" / "data",
          "--policy", SOURCE / "config" / "policy" / "zhengzhou-2007.conf"]
COLUMNS = {
    "vacancy": "id, occupation, place, pay_max_month, posted_on, valid_until, released_on,"
               " experience_months, education_rank, shift, form, reserved, required, wished,"
               " licences",
    "seeker": "id, active, rank, age_class, community, waiting_since, pay_wish, farthest, shifts,"
              " forms, education_rank, wishes, skills, licences, experience",
}
DIRECTIONS = {"vacancies": "seeker to vacancies", "seekers": "vacancy to seekers"}


def fill_peer(ctx):
    """The peer's database beside the ledger it is copied from; made once."""
    place = ctx.market()
    files = [PEERS / name for name in ("postgres.sql", "stages.py", "plain.sql", "postgres_fill.sql")]
    stamp = hashlib.sha256(b"".join(f.read_bytes() for f in files)
                           + ctx.stamp().encode()).hexdigest()[:16]
    admin = place.database("postgres", "postgres")
    peer = place.database("peer", "postgres")
    if admin.psql("SELECT shobj_description(oid, 'pg_database') FROM pg_database"
                  " WHERE datname = 'peer'") != stamp:
        place.create("peer")
        peer.psql_file(files[0])
        peer.psql(command("/usr/bin/python3", files[1]))
        peer.psql_file(files[2])
        for table, columns in COLUMNS.items():
            copy_rows(place.database("market").dsn, peer, table, columns)
        peer.psql_file(files[3])
        peer.psql("VACUUM (ANALYZE, FREEZE)")
        peer.psql("CREATE EXTENSION pg_prewarm; GRANT USAGE ON SCHEMA peer TO PUBLIC;"
                  "GRANT SELECT ON ALL TABLES IN SCHEMA peer TO PUBLIC")
        admin.psql(f"COMMENT ON DATABASE peer IS '{stamp}'")
    peer.psql("SELECT pg_prewarm(c.oid) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace"
              " WHERE nspname = 'peer' AND relkind IN ('r', 'i')")
    return place.database("peer")


def copy_rows(ledger, peer, table, columns):
    types = command("psql", "-XqAt", "-d", ledger, "-c",
                    "SELECT string_agg(format('%I %s', attname, format_type(atttypid, NULL)), ', ')"
                    f" FROM pg_attribute WHERE attrelid = 'ledger.{table}'::regclass"
                    f" AND attname = ANY (string_to_array('{columns.replace(' ', '')}', ','))")
    peer.psql(f"CREATE TABLE ledger_{table} ({types})")
    out = f"COPY (SELECT {columns} FROM ledger.{table}) TO STDOUT (FORMAT binary)"
    into = f"COPY ledger_{table} ({columns}) FROM STDIN (FORMAT binary)"
    with subprocess.Popen(["psql", "-Xq", "-d", ledger, "-c", out],
                          stdout=subprocess.PIPE) as reading:
        subprocess.run(["psql", "-Xq", "-v", "ON_ERROR_STOP=1", "-d", peer.dsn, "-c", into],
                       stdin=reading.stdout, check=True)
    assert reading.returncode == 0


def rates(mean_us):
    return [1e6 / us for us in mean_us]


def run(ctx):
    peer = fill_peer(ctx)
    queries = (300, 100, 100, 5) if ctx.small else (2000, 60, 400, 8)
    found = ctx.measure("bench_engine", *MARKET, "--sizes", ctx.size, "--queries", queries[0],
                        "--twin", queries[1], "--peer-queries", queries[2],
                        "--postgres", peer.dsn, "--plain", queries[3], "--worst")
    figures = []
    for way, words in DIRECTIONS.items():
        pair = found["postgres"][way]
        figures += [
            figure(f"match-engine-rate-{way}", f"{words}, best 20, one core", "1/s", ">= 50",
                   rates(pair["ours"]["mean"]), rates(pair["peer"]["mean"]),
                   "PostgreSQL alone, tuned"),
            figure(f"match-engine-p99-{way}", f"{words}, best 20, 99 of 100 within", "us", ">= 50",
                   pair["ours"]["p99"], pair["peer"]["p99"], "PostgreSQL alone, tuned",
                   rate=False)]
        pair = found["plain"][way]
        figures.append(figure(f"match-engine-plain-{way}", f"{words}, best 20, one core", "1/s", "",
                              rates(pair["ours"]["mean"]), rates(pair["peer"]["mean"]),
                              "PostgreSQL alone, one statement a question"))
    for way, words in DIRECTIONS.items():
        pair = found["twin"][way]
        figures.append(figure(f"match-engine-twin-{way}", f"{words}, best 20, one core", "1/s",
                              ">= 20", rates(pair["ours"]["mean"]), rates(pair["peer"]["mean"]),
                              "a scan over the whole city"))
    one_set = found["one_set"]
    figures.append(figure("match-engine-one-set", "vacancy to seekers, P1 to P3 as one set, 99 of 100"
                          " within", "us", "", one_set["ours"]["p99"], one_set["peer"]["p99"],
                          "the statutory order", rate=False))
    places = found["positions"]
    figures.append(figure("match-engine-position", "where any eligible seeker stands among all, 99 of"
                          " 100 within", "us", "", places["ours"]["p99"], places["peer"]["p99"],
                          "a scan over the whole city", rate=False))
    worst = found["worst"]
    figures.append(figure("match-engine-worst", f"the worst query: {worst['name']}", "us", "<= 30",
                          [worst["us"]], [worst["median_us"]], "the median random query",
                          rate=False))
    return figures
