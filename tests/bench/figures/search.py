"""search: three filters and a text word over all vacancies, through HTTP, one caller.

The peer is the bare query (peers/search.sql): the same conditions and order as a prepared
statement over the same indexes, each with a plan of its own that is kept, measured by
pgbench on one connection; both answer the same rows.  Ours is measured by wrk on one
connection, so it holds HTTP, the key, the permission, JSON and the cursor.  The questions
are made of vacancies that are there: occupation, district, pay and two letters of title or
duties, from common to rare.  Later pages are the second, the middle and the last of the
questions with most pages, by the cursors that walking there gave.
"""

import hashlib
import json
import random
import shutil
import subprocess
import tempfile
from pathlib import Path
from urllib.parse import urlencode

from load import Load
from measure import figure

PEERS = Path(__file__).resolve().parents[1] / "peers"
PAIRS = 5
QUESTIONS = 60
WALKED = 24
DEEP = 12
PAGES = 60


def ledger(ctx):
    """A ledger of vacancies alone; made once."""
    file = PEERS / "search_fill.sql"
    place = ctx.services(f"search-{ctx.size}", shared_buffers="1GB", max_wal_size="8GB", jit="off")
    stamp = hashlib.sha256(ctx.stamp().encode() + file.read_bytes()).hexdigest()[:16]

    def fill(db):
        subprocess.run(["psql", "-Xq", "-v", "ON_ERROR_STOP=1", "-v", f"rows={ctx.size}", "-d",
                        db.dsn, "-f", file], check=True, stdout=subprocess.DEVNULL)

    return ctx.filled(place, "search", stamp, fill)


def questions(db, n):
    """(filters, the peer's statement) made of vacancies here, with at least a page of answers."""
    dice = random.Random(2007)
    statement = (PEERS / "search.sql").read_text(encoding="utf-8").split("\n", 3)[3]
    rows = json.loads(db.psql(
        "SELECT json_agg(x) FROM (SELECT title, duties, occupation, district, pay_max_month AS pay"
        " FROM ledger.vacancy WHERE open AND filled < posts ORDER BY hashint8(id) LIMIT 2000) x"))
    made = []
    for row in rows:
        code = f"{row['occupation']:07d}"
        group, node = dice.choice([(f"{code[0]}-{code[1:3]}", row["occupation"] // 10000 * 10000),
                                   (code[0], row["occupation"] // 1000000 * 1000000)])
        text = dice.choice([row["title"], row["duties"].split(";")[1]])
        starts = [i for i in range(len(text) - 1) if all(ord(c) > 0x4e00 for c in text[i:i + 2])]
        if not starts:
            continue
        start = dice.choice(starts)
        word = text[start:start + 2]
        pay = dice.choice([60000, 62000, 80000])
        terms = [1 << 50 | node, 2 << 50 | int(row["district"]) * 1000000,
                 ord(word[0]) << 21 | ord(word[1])]
        sql = statement.replace("TERMS", ",".join(map(str, terms))).replace("WORD", word) \
                       .replace("PAY", str(pay))
        made.append(({"q": word, "occupation": group, "division": row["district"], "pay_min": pay},
                     sql))
    found = []
    for filters, sql in made:
        if len(found) == n:
            return found
        if db.psql(sql).count("\n") == 19:
            found.append((filters, sql))
    assert len(found) >= n // 4, f"only {len(found)} questions have a page of answers"
    return found


def ask(load, path):
    return json.loads(load.get(path))


def check(load, db, asked):
    for filters, sql in asked:
        got = [i["vacancy"] for i in ask(load, "/v1/vacancies?" + urlencode(filters))["items"]]
        right = [line.split("|")[0] for line in db.psql(sql).splitlines()]
        assert got == right, f"{filters}:\n{got}\n{right}"


def later_pages(load, asked, n):
    """Of the questions with most answers: their first pages, and a second, a middle and a last one."""
    walks = []
    for filters, _ in asked[:WALKED]:
        path, pages = "/v1/vacancies?" + urlencode(filters), []
        cursor, seen = None, set()
        while len(pages) < PAGES:
            at = path + (f"&cursor={cursor}" if cursor else "")
            page = ask(load, at)
            ids = {i["vacancy"] for i in page["items"]}
            assert not ids & seen, at
            seen |= ids
            pages.append(at)
            cursor = page["next"]
            if not cursor:
                break
        # The last page may hold a single row, which would be too kind.
        walks.append(pages[:-1] if len(pages) > 2 else pages)
    walks = sorted((w for w in walks if len(w) > 1), key=len)[-n:]
    return ([w[0] for w in walks], [p for w in walks for p in (w[1], w[len(w) // 2], w[-1])],
            max(len(w) for w in walks))


def milliseconds(seconds, load):
    """The mean time of a request of one caller."""
    return 1000 / load.rate(seconds, connections=1)


class Bare:
    """pgbench on one connection, the statements in turn by chance."""

    def __init__(self, folder, dsn, statements):
        self.command = ["pgbench", "-n", "-M", "prepared", "-c1"]
        for i, sql in enumerate(statements):
            path = Path(folder) / f"q{i}.sql"
            path.write_text(sql, encoding="utf-8")
            self.command += ["-f", str(path)]
        self.dsn = dsn

    def milliseconds(self, seconds):
        said = subprocess.run([*self.command, f"-T{seconds}", self.dsn], check=True,
                              capture_output=True, text=True).stdout
        return float(next(line for line in said.splitlines()
                          if line.startswith("latency average")).split()[3])


def write_plans(db, asked):
    """EXPLAIN of some of the peer's statements, beside them."""
    out = []
    for filters, sql in asked[:4]:
        out.append(f"-- {filters}\n" + db.psql("EXPLAIN (ANALYZE, BUFFERS, COSTS OFF) " + sql))
    (PEERS / "search_explain.txt").write_text("\n\n".join(out) + "\n", encoding="utf-8")


def run(ctx):
    place = ledger(ctx)
    db = place.database("search", "postgres")
    seconds = 1 if ctx.small else 5
    place.redis.flush()
    daemon = ctx.daemon(place.database("search").dsn, place.redis.address, log_level="warn",
                        workers=1)
    folder = Path(tempfile.mkdtemp(prefix="vacancyd-search-", dir="/tmp"))
    try:
        asked = questions(db, 12 if ctx.small else QUESTIONS)
        load = Load(folder, "first", daemon.port, daemon.keys["employer"],
                    ["/v1/vacancies?" + urlencode(f) for f, _ in asked])
        check(load, db, asked)
        first, later, depth = later_pages(load, asked, 4 if ctx.small else DEEP)
        bare = Bare(folder, place.database("search", "postgres").dsn, [sql for _, sql in asked])
        head = Load(folder, "head", daemon.port, daemon.keys["employer"], first)
        deep = Load(folder, "deep", daemon.port, daemon.keys["employer"], later)
        values = [(milliseconds(seconds, load), bare.milliseconds(seconds),
                   milliseconds(seconds, deep), milliseconds(seconds, head)) for _ in range(PAIRS)]
        if not ctx.small:
            write_plans(db, asked)
    finally:
        daemon.stop()
        shutil.rmtree(folder)
    what = f"three filters and a word over {ctx.size:,} vacancies, through HTTP, "
    return [
        figure("search", what + "first page", "ms", "<= 3", [v[0] for v in values],
               [v[1] for v in values], "the bare query, prepared, same indexes", rate=False),
        figure("search later page", what + f"second, middle and last page of up to {depth}", "ms",
               "<= 1.5", [v[2] for v in values], [v[3] for v in values],
               "the first pages of the same questions", rate=False),
    ]
