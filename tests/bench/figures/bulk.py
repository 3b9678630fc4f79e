"""POST import: new returns of twenty lines as NDJSON, durable, one connection.

The peer is the figure `file`: the same lines, a return a request, 64 connections; both
through HTTP and the same daemon.  Every receipt must say that its line was added, and
afterwards every return has its twenty open vacancies.

The memory is the most that the worker ever held, after 10,000 new lines and after a file a
hundred times as long.  The long file says the same lines over and over, because
a million new vacancies would be in the worker's index, where they belong.
"""

import http.client
import json
from pathlib import Path

from figures import writes
from measure import compare, figure


def organisation(n):
    digits = f"{n:08d}"
    total = sum(int(d) * w for d, w in zip(digits, (3, 7, 9, 10, 5, 8, 4, 2)))
    return digits + "0X987654321"[total % 11]


def lines_of(n):
    """The twenty lines of writes.lua's return of the n-th employer."""
    return "".join(json.dumps(
        {"employer": organisation(n), "quarter": "2007Q2", "ref": f"E{n}-{i}",
         "occupation": "4-07-05-01", "title": "保安员", "duties": "值班巡逻", "posts": 1 + i % 5,
         "place": "410105003001", "pay_min_fen": 90000, "pay_max_fen": 120000,
         "pay_period": "month", "weekly_hours": 40,
         "interview_contact": "测试联系人 13900000000"}, ensure_ascii=False) + "\n"
        for i in range(1, 21)).encode()


def send(daemon, name, parts, times=1):
    """Lines a second, and the totals."""
    from time import monotonic  # pylint: disable=import-outside-toplevel
    connection = http.client.HTTPConnection("127.0.0.1", daemon.port, timeout=1800)
    began = monotonic()
    connection.request("POST", "/v1/imports", body=(p for _ in range(times) for p in parts), headers={
        "Authorization": f"Bearer {writes.KEY}", "Vacancyd-Actor": writes.OFFICER,
        "Idempotency-Key": name, "Content-Type": "application/x-ndjson",
        "Content-Length": str(times * sum(map(len, parts)))})
    answer = connection.getresponse()
    last = b""
    for line in answer:
        last = line
    took = monotonic() - began
    connection.close()
    assert answer.status == 200, (answer.status, last, daemon.log[-2000:])
    totals = json.loads(last)
    return totals["lines"] / took, totals


def most_held(daemon):
    """VmHWM of the worker, in MiB."""
    master = daemon.process.pid
    workers = Path(f"/proc/{master}/task/{master}/children").read_text(encoding="ascii").split()
    held = [int(line.split()[1]) for pid in workers
            for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
            if line.startswith("VmHWM")]
    return max(held) / 1024


def run(ctx):
    seconds, most, times = (1, 3000, 10) if ctx.small else (4, 12000, 100)
    returns = most // 6
    with writes.Ledger(ctx, "bulk", employers=7 * most + 7 * returns) as ledger:
        daemon = ledger.daemon()

        def bulk():
            first = ledger.take("file", returns)
            rate, totals = send(daemon, f"bulk-{first}",
                                [lines_of(n) for n in range(first, first + returns)])
            assert totals["added"] == 20 * returns, totals
            return rate

        ledger.wrk(daemon, "file", 64, 1, most)
        bulk()
        ledger.analyse()
        figures = [compare("import", "lines of new returns as NDJSON, one connection", "lines/s",
                           ">= 0.5", bulk,
                           lambda: 20 * ledger.wrk(daemon, "file", 64, seconds, most),
                           "the same lines, a return a request, 64 connections")]
        daemon.stop()
        ledger.check_returns()
        daemon = ledger.daemon()
        first = ledger.take("file", 500)
        parts = [lines_of(n) for n in range(first, first + 500)]
        send(daemon, "short", parts)
        short = most_held(daemon)
        _, totals = send(daemon, "long", parts, times)
        assert totals["unchanged"] == 10_000 * times, totals
        figures.append(figure("import, memory", f"most held after {10_000 * times:,} lines", "MiB",
                              "<= 1.25", [most_held(daemon)], [short], "after 10,000", rate=False))
        daemon.stop()
    return figures
