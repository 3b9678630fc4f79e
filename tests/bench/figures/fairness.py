"""fair: another organisation's write while one does its worst.

One organisation keeps 64 connections busy: half of them with the dearest reports, half with every
other route of the API in turn, of every write a body of wrong entries as long as may be, imports of
wrong lines among them, and with matches and their explanations.  Whatever it is answered, it asks the next at once.
Meanwhile another amends its return again and again, on one connection; each must be answered
200.  The figure is the p99 of that beside the same daemon quiet, measured in turn, of a daemon
of one worker as it is shipped: once with the key that an operator makes without saying more, 50
requests a second, and once with one that may send 10,000.
"""

import itertools
import json
import re
import subprocess
import tempfile
import time
from pathlib import Path

from figures.lists import DEAREST
from harness.daemon import described
from harness.trade import Trade, line, quarter_return
from harness.wait import wait_for
from measure import figure

PAIRS = 5
CONNECTIONS = 64
SCRIPT = """
local asked, n = {}, 0
for line in io.lines("%s") do
  local method, path, kind, file = line:match("(%%S+) (%%S+) ?(%%S*) ?(%%S*)")
  local body = nil
  if file ~= "" then body = io.open(file):read("*a") end
  asked[#asked + 1] = { method, path, kind, body }
end
request = function()
  n = n %% #asked + 1
  local a = asked[n]
  wrk.headers["Idempotency-Key"] = string.format("k-%%d-%%d", n, math.random(1e9))
  wrk.headers["Content-Type"] = a[3]
  return wrk.format(a[1], a[2], wrk.headers, a[4])
end
"""
PARTS = {"employer": "123456788", "district": "410105", "quarter": "2007Q2", "ref": "A", "vacancy": "17",
         "seeker": "0000000000000011", "agency": "AGENCY001", "officer": "0000000000000385"}


def wrong(path):
    """As long as a body may be, and wrong in every part; an import's as long as a return's."""
    if path == "/v1/imports":
        return "{}\n" * (256 * 1024 // 3)
    most = 256 * 1024 if path.endswith("batch") or path.startswith("/v1/returns/") else 64 * 1024
    many = [{}] * (most // 3 - 40)
    name = "items" if path.endswith("batch") else "lines" if path.startswith("/v1/returns/") else "wishes"
    return json.dumps({name: many}, separators=(",", ":"))


def routes(folder):
    """Every operation of the API that is no report, as a line of the script."""
    for n, operation in enumerate(described().operations):
        method, path = operation.method, operation.path
        if method == "GET" and "{" not in path:
            continue
        path = re.sub(r"\{(\w+)\}", lambda m: PARTS.get(m[1], "1"), path)
        if method == "GET":
            yield f"GET {path}{'?k=100' if path.endswith('/matches') else ''}"
            continue
        body = Path(folder) / f"body-{n}"
        body.write_text(wrong(path), encoding="ascii")
        kind = "application/x-ndjson" if path == "/v1/imports" else "application/json"
        yield f"{method} {path} {kind} {body}"


class Worst:
    """One organisation at its worst, as two processes."""

    def __init__(self, daemon, folder, key):
        self.daemon = daemon
        self.commands = [self.command(folder, key, name, asked)
                         for name, asked in (("reports", [f"GET {path}" for path in DEAREST]),
                                             ("others", list(routes(folder)) + matches(daemon)))]

    def command(self, folder, key, name, asked):
        listed, script = Path(folder) / name, Path(folder) / f"{name}.lua"
        listed.write_text("".join(f"{line}\n" for line in asked), encoding="ascii")
        script.write_text(SCRIPT % listed, encoding="ascii")
        return ["wrk", "-t1", f"-c{CONNECTIONS // 2}", "-d600s", "--timeout", "60s", "-H",
                f"Authorization: Bearer {key}", "-H", f"Vacancyd-Actor: {self.daemon.actors[key]}",
                "-s", script,
                f"http://127.0.0.1:{self.daemon.port}"]

    def __enter__(self):
        self.processes = [subprocess.Popen(c, stdout=subprocess.DEVNULL) for c in self.commands]
        try:
            # Some are always being made anew: what is refused before its body was read is closed.
            wait_for(lambda: self.connected() >= CONNECTIONS // 2, 30, "the connections of the worst")
        except TimeoutError:
            self.__exit__()
            raise

    def connected(self):
        return sum(self.daemon.metric("http_connections"))

    def __exit__(self, *_):
        for process in self.processes:
            process.terminate()
            process.wait()


def matches(daemon):
    """Lists of a hundred with explanations, of people and posts that there are."""
    key = daemon.keys["bureau"]
    people = daemon.request("GET", "/v1/seekers?limit=50", key).json["items"]
    posts = daemon.request("GET", "/v1/vacancies?limit=50", key).json["items"]
    return [f"GET /v1/seekers/{p['seeker']}/matches?k=100" for p in people] + \
        [f"GET /v1/vacancies/{v['vacancy']}/matches?k=100" for v in posts]


def of_100(took):
    """The least that 99 of 100 do not exceed."""
    return sorted(took)[-(-len(took) * 99 // 100) - 1]


def measured(daemon, rate, pairs, times):
    worst = daemon.new_key(role="bureau", org_code=None, org_name=f"机构{rate}", scope="4101", rate=rate,
                           burst=2 * rate)
    trade, posts = Trade(daemon), itertools.cycle(range(1, 100))

    def milliseconds():
        begin = time.monotonic()
        trade.must(200, "PUT", "/v1/returns/123456788/410105/2007Q2",
                   quarter_return([line("A", next(posts))]))
        return 1000 * (time.monotonic() - begin)

    with tempfile.TemporaryDirectory(prefix="vacancyd-fair-", dir="/tmp") as folder:
        values = []
        for _ in range(pairs):
            quiet = of_100([milliseconds() for _ in range(times)])
            with Worst(daemon, folder, worst):
                values.append((of_100([milliseconds() for _ in range(times)]), quiet))
    return figure(f"fair, a key of {rate} a second", "p99 of another's amended return while one organisation"
                  f" asks every route on {CONNECTIONS} connections", "ms", "<= 3", [v[0] for v in values],
                  [v[1] for v in values], "the same, quiet", rate=False)


def run(ctx):
    place = ctx.market()
    place.create("fair", "market")
    place.redis.flush()
    daemon = ctx.daemon(place.database("fair").dsn, place.redis.address, log_level="error", workers=1,
                        report_percent=50, ledger_queue=512)
    try:
        trade = Trade(daemon)
        trade.employer()
        trade.file([line("A")])
        for rate in (50, 10000):
            yield measured(daemon, rate, *((3, 100) if ctx.small else (PAIRS, 400)))
    finally:
        daemon.stop()
        place.drop("fair")
