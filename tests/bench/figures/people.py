"""POST import of people with their facts, and of placements: NDJSON, durable, one connection.

The peer of people is `register`'s: a binary COPY of exactly the rows that were written (person,
facts, seeker, outbox, action, kept answer) into the same indexes, on one connection or eight,
whichever is faster; and beside it the same people, a request each, one after the other on one
connection.  The peer of placements is `place, http`: a request each, 64 connections.  Every
receipt must say that its record was added, and afterwards everybody, and every job, is there once.
"""

import http.client
import json
from time import monotonic

from figures import writes
from harness.trade import citizen_number, seeker
from measure import compare

AREAS = ("410102", "410103", "410104", "410105", "410106", "410108")
EACH = 20_000  # numbers of an area
PARTS = 8
HEADERS = {"Authorization": f"Bearer {writes.KEY}", "Vacancyd-Actor": writes.OFFICER}


def person(n):
    body = seeker(n % 10_000, citizen_number=citizen_number(n % EACH, AREAS[n // EACH]))
    if n % 5 == 0:
        body["certificate"] = {"number": f"优惠{n:08d}", "group": "L1", "issued_on": "2007-03-01",
                               "valid_to": "2009-12-31", "inspected": [2007]}
    return json.dumps(body, ensure_ascii=False).encode()


def send(daemon, kind, name, records):
    """Records a second."""
    body = b"\n".join(records)
    connection = http.client.HTTPConnection("127.0.0.1", daemon.port, timeout=1800)
    began = monotonic()
    connection.request("POST", f"/v1/imports?kind={kind}", body=body, headers={
        **HEADERS, "Idempotency-Key": name, "Content-Type": "application/x-ndjson"})
    answer = connection.getresponse()
    last = answer.read().splitlines()[-1]
    took = monotonic() - began
    connection.close()
    totals = json.loads(last)
    assert answer.status == 200 and totals["added"] == len(records), (totals, daemon.log[-2000:])
    return len(records) / took


def one_each(daemon, first, records):
    connection = http.client.HTTPConnection("127.0.0.1", daemon.port, timeout=60)
    began = monotonic()
    for n, body in enumerate(records, first):
        connection.request("POST", "/v1/seekers", body=body, headers={
            **HEADERS, "Idempotency-Key": f"one-{n}", "Content-Type": "application/json"})
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 201, answer.status
    took = monotonic() - began
    connection.close()
    return len(records) / took


def pair(n):
    """The n-th person of write_market.sql on the n-th vacancy."""
    return json.dumps({"seeker": f"{n * 2654435761 % 2 ** 44:016x}", "vacancy": str(n), "kind": "unit",
                       "start_on": "2007-07-12"}).encode()


def run(ctx):
    people, few, seconds, most = (500, 100, 1, 3000) if ctx.small else (8000, 500, 4, 30000)
    taken = 0

    def take(n):
        nonlocal taken
        taken += n
        return [person(i) for i in range(taken - n, taken)]

    with writes.Ledger(ctx, "people", people=24 * most) as ledger:
        daemon = ledger.daemon()
        send(daemon, "seekers", "warm", take(people))
        ledger.analyse()
        send(daemon, "seekers", "warm-2", take(people))
        things, copies = ledger.keep(writes.REGISTERED, PARTS)

        def sent():
            return send(daemon, "seekers", f"people-{taken}", take(people))

        figures = [
            compare("import people", "people with facts as NDJSON, one connection", "people/s",
                    ">= 0.15", sent,
                    lambda: max(ledger.copy(writes.REGISTERED, things, copies, n) for n in (1, PARTS)),
                    "binary COPY of the same rows into the same indexes"),
            compare("import people, together", "people with facts as NDJSON, one connection",
                    "people/s", ">= 8", sent, lambda: one_each(daemon, taken, take(few)),
                    "a request each, one connection")]
        ledger.check_people()

        def placed():
            first = ledger.take("place", most)
            return send(daemon, "placements", f"placed-{first}",
                        [pair(n) for n in range(first, first + most)])

        placed()
        ledger.analyse()
        figures.append(compare(
            "import placements", "placements as NDJSON, one connection", "placements/s", ">= 0.8",
            placed, lambda: ledger.wrk(daemon, "place", 64, seconds, 3 * most),
            "a request each, 64 connections"))
        daemon.stop()
    return figures
