"""News has an age: whatever order filings arrive in, the same vacancies end open.

A firm's filings are drawn quarter by quarter: whole returns, nil returns, lines of a file, closings,
amendments, what was said before said anew, and ended lines.  Within a quarter they come in their
order; how the quarters mix, on which days they come, and which of them are sent a second time is
drawn again for each arrival.  The oracle is the rule of rules/news, applied to what was said.
VACANCYD_EXAMPLES: how many firms; VACANCYD_SEED: which.
"""

import json
import os
import random
from pathlib import Path

import pytest

from harness import LONG
from harness.imports import NDJSON, closing, ndjson, offered, path, send
from harness.trade import Trade, line
from test_ledger_sql import HELPERS

ARRIVALS = (Path(__file__).resolve().parent / "news_arrivals.sql").read_text()
EXAMPLES = int(os.environ.get("VACANCYD_EXAMPLES") or (1500 if LONG else 40))
SEED = int(os.environ.get("VACANCYD_SEED", "1"))
ORDERS = 4
REFS = "ABC"
# The days on which filings come, and the last one; a quarter opens on its first day.  On the last
# day of either, the returns of these quarters still speak.
WORLDS = {"2007-07-12": (["2007-07-03", "2007-07-05", "2007-07-11", "2007-07-12"], {"2007Q2", "2007Q3"}),
          "2007-10-12": (["2007-07-05", "2007-07-12", "2007-10-03", "2007-10-11", "2007-10-12"],
                         {"2007Q3", "2007Q4"})}
BEGINS = {"2006Q4": "2006-10-01", "2007Q1": "2007-01-01", "2007Q2": "2007-04-01",
          "2007Q3": "2007-07-01", "2007Q4": "2007-10-01"}
ENDED = "2007-05-31"
# Answers without which a run has not tried the rule.
SEEN = {"ok", "open-lines-left-out", "last-day-over", "version", "line", "closing", "nil", "lapsed",
        "line added", "line changed", "line unchanged", "line refused", "close closed",
        "close unchanged", "patch changed", "patch unchanged"}


class Quarter:
    """What one quarter's return says, statement by statement, and what it has said in the end."""

    def __init__(self, draw, quarter, number):
        self.draw, self.quarter, self.number = draw, quarter, number
        self.stands, self.says, self.is_nil = {}, {}, False
        self.lines_said, self.puts, self.closed = {}, [], set()
        self.queue = [self.statement() for _ in range(draw.randint(1, 4))]

    def post(self):
        self.number[0] += 1
        return self.number[0]

    def say(self, op, **what):
        return {"op": op, "quarter": self.quarter, "n": self.post(), **what}

    def line(self, ref, posts, until=None):
        return {"ref": ref, "posts": posts, "until": until}

    def put(self, lines, shut=(), **what):
        """`lines`: ref -> (posts, ended); `shut`: others that it closes by name, an older quarter's too."""
        if lines and all(ended for _, ended in lines.values()):  # left out, they would leave a nil return
            lines = {ref: (posts, False) for ref, (posts, _) in lines.items()}
        for ref in (set(self.stands) | set(shut)) - set(lines):
            self.says[ref] = None
        if shut:
            what["shut"] = sorted(set(shut) - set(lines))
        if not lines:
            self.is_nil, self.says = True, dict.fromkeys(REFS)
        self.stands = {}
        for ref, (posts, ended) in lines.items():
            if not ended or ref in self.says:
                self.says[ref] = None if ended else posts
            if not ended:
                self.stands[ref] = posts
                self.lines_said.setdefault(ref, []).append(posts)
        self.puts.append(lines)
        return self.say("put", staff=self.post(), lines=[
            self.line(ref, posts, ENDED if ended else None) for ref, (posts, ended) in lines.items()], **what)

    def statement(self):
        draw, refs = self.draw, [r for r in REFS if self.draw.random() < 0.6]
        kind = draw.choice(["put"] * 4 + ["nil", "line", "line", "line", "patch", "patch", "close", "close",
                                         "again", "over"])
        if kind == "nil":
            return self.put({})
        if kind == "again" and self.puts:
            return self.put(draw.choice(self.puts), again=True)
        if kind == "over":  # a line of a file that was over before
            return self.say("line", line=self.line(draw.choice(REFS), self.post(), ENDED))
        if kind in ("patch", "close") and self.stands:
            ref = draw.choice(sorted(self.stands))
            if kind == "close" and ref not in self.closed:
                self.closed.add(ref)
                self.says[ref] = None
                del self.stands[ref]
                return self.say("close", line=self.line(ref, 1))
            posts = draw.choice([self.post(), draw.choice(self.lines_said[ref])])
            return self.one("patch", ref, posts)
        if kind == "line":  # sooner one that was closed
            return self.one("line", draw.choice(sorted(self.closed - set(self.stands)) or REFS), self.post())
        shut = [r for r in REFS if r not in refs and draw.random() < 0.3] if refs else []
        return self.put(shut=shut, lines={ref: (self.stands[ref], False) if ref in self.stands and draw.random() < 0.5
                         else (self.post(), draw.random() < 0.1) for ref in refs or "A"})

    def one(self, op, ref, posts):
        self.stands[ref] = self.says[ref] = posts
        self.lines_said.setdefault(ref, []).append(posts)
        return self.say(op, line=self.line(ref, posts))


def firm(draw):
    number = [0]
    return [Quarter(draw, q, number) for q in sorted(draw.sample(sorted(BEGINS), draw.randint(2, 4)))]


def open_in_the_end(quarters, speaking):
    """The rule: of each ref the latest quarter that says anything of it, if it still speaks."""
    stands = {}
    for quarter in quarters:
        if quarter.is_nil:
            stands = {ref: (quarter.quarter, None) for ref in REFS}
        stands.update((ref, (quarter.quarter, posts)) for ref, posts in quarter.says.items())
    return {ref: [quarter, posts] for ref, (quarter, posts) in stands.items()
            if posts is not None and quarter in speaking}


def arrival(draw, quarters, days):
    """(day, statement): the quarters' queues mixed, with what is sent a second time."""
    queues = [(q, list(q.queue)) for q in quarters]
    came, said, known = [], [], set()

    def waits(head):
        return not set(head.get("shut", ())) <= known

    for day in days:
        last = day == days[-1]
        while True:
            ready = [queue for q, queue in queues if queue and BEGINS[q.quarter] <= day]
            # What nobody has filed cannot be closed: whoever would waits for it, if it ever comes.
            free = [queue for queue in ready if not waits(queue[0])]
            if free or last and not any(queue for q, queue in queues if BEGINS[q.quarter] > day):
                ready = free or ready
            else:
                ready = []
            if said and draw.random() < 0.3:
                came.append((day, {**draw.choice(said), "twice": True}))
            elif not ready or not last and draw.random() < 0.3:
                break
            else:
                queue = draw.choice(ready)
                came.append((day, queue.pop(0)))
                known.update(x["ref"] for x in came[-1][1].get("lines", [came[-1][1].get("line")])
                             if came[-1][1]["op"] != "close" and x["until"] is None)
                if came[-1][1]["op"] != "patch" and "again" not in came[-1][1]:
                    said.append(came[-1][1])
    return came


@pytest.mark.parametrize("last", WORLDS)
def test_in_every_order_the_same_vacancies_are_open(postgres, last):
    days, speaking = WORLDS[last]
    draw = random.Random(SEED)
    firms, rows, wanted = [], [], {}
    for example in range(EXAMPLES):
        quarters = firm(draw)
        if last < "2007-10-01":
            quarters = [q for q in quarters if q.quarter != "2007Q4"]
        for order in range(ORDERS):
            code = f"F{example:05}-{order}"
            firms.append(code)
            wanted[code] = open_in_the_end(quarters, speaking)
            rows += [(day, len(rows) + n, code, what)
                     for n, (day, what) in enumerate(arrival(draw, quarters, days))]
    text = "\n".join("\t".join([str(n), day, code, json.dumps(what)]) for day, n, code, what in rows)
    out = postgres.psql(f"""{HELPERS}{ARRIVALS}
        INSERT INTO ledger.employer (city, code, name, registered_on)
            SELECT 4101, x, x, '2005-01-01' FROM unnest('{{{",".join(firms)}}}'::text[]) x;
        INSERT INTO ledger.employer_site (city, employer, district, since)
            SELECT 4101, id, '410105', '2005-01-01' FROM ledger.employer WHERE code LIKE 'F%';
        COPY t.arrival (id, day, firm, said) FROM stdin;\n{text}\n\\.
        SELECT t.arrive_all('{last}');
        SELECT 'stands ' || jsonb_object_agg(code, coalesce(open, '{{}}'))::text FROM (
            SELECT e.code, jsonb_object_agg(v.ref, jsonb_build_array(s.quarter, v.posts))
                FILTER (WHERE ledger.is_open(v.open, v.valid_until, '{last}')) AS open
            FROM ledger.employer e
            LEFT JOIN ledger.vacancy v ON v.city = e.city AND v.employer = e.id
            LEFT JOIN ledger.vacancy_standing s ON s.city = v.city AND s.vacancy = v.id
            WHERE e.code LIKE 'F%' GROUP BY e.code) x;
        SELECT 'wrong ' || count(*) FROM ledger.vacancy v JOIN ledger.vacancy_standing s
            ON s.city = v.city AND s.vacancy = v.id
            WHERE s.turn_on IS DISTINCT FROM CASE WHEN v.open THEN s.lapses_on END OR v.open AND v.valid_until < '{last}';
        SELECT 'came ' || jsonb_object_agg(x, n)::text FROM (SELECT x, count(*) AS n
            FROM t.arrival, unnest(came) x WHERE x IS NOT NULL GROUP BY x) c;
        SELECT 'log ' || jsonb_object_agg(firm, log)::text FROM (SELECT firm, jsonb_agg(jsonb_build_array(day,
            said, came) ORDER BY day, id) AS log FROM t.arrival GROUP BY firm) l;""")
    found = {k: v for k, _, v in (x.partition(" ") for x in out.splitlines()) if k in
             ("stands", "wrong", "came", "log")}
    stands, log = json.loads(found["stands"]), json.loads(found["log"])
    for code in firms:
        assert stands[code] == wanted[code], "\n".join([code, *(json.dumps(x) for x in log.get(code, []))])
    assert found["wrong"] == "0"
    missing = SEEN - set(json.loads(found["came"]))
    assert not missing, f"never answered: {missing}; {found['came']}"


def test_a_file_imported_again_says_nothing_new(daemon):
    trade = Trade(daemon)
    trade.employer()
    file = ndjson([offered("A", 2), offered("B"), offered("C", 4)])
    receipts, _ = send(daemon, file, "monday")
    assert [r["result"] for r in receipts] == ["added"] * 3 and "newer_stands" not in receipts[0]
    trade.must(200, "PATCH", path() + "/lines/A", {"posts": 5})
    trade.must(200, "PATCH", path() + "/lines/B", {"closed": {"reason": "filled_own"}})
    receipts, end = send(daemon, file, "tuesday")
    assert [r["result"] for r in receipts] == ["unchanged"] * 3 and end["changed"] == 0
    assert [r.get("newer_stands") for r in receipts] == [
        {"what": "version", "quarter": "2007Q2", "version": v, "on": "2007-07-12"} if v else None
        for v in (2, 3, None)]
    stands = trade.must(200, "GET", path())
    assert [(x["ref"], x["posts"]) for x in stands["lines"]] == [("A", 5), ("C", 4)] and stands["version"] == 3
    # Another content is news, and opens again; the closing that was said before then is not.
    closes = ndjson([closing("B", reason="filled_own")])
    receipts, _ = send(daemon, ndjson([offered("B", 3)]), "wednesday")
    assert receipts[0]["result"] == "added"
    receipts, _ = send(daemon, closes, "thursday")
    assert (receipts[0]["result"], receipts[0]["newer_stands"]["version"]) == ("unchanged", 4)
    # Said anew: by the line itself.
    assert trade.must(200, "PATCH", path() + "/lines/A", {"posts": 2})["changed"] == ["A"]
    assert trade.must(200, "PATCH", path() + "/lines/B",
                      {"closed": {"reason": "filled_own"}})["closed"] == ["B"]
    # Of a quarter that a later one follows it is history, and so is what was over before.
    receipts, _ = send(daemon, ndjson([offered("A", 9, quarter="2007Q1"), offered("D", quarter="2006Q4"),
                                       offered("E", valid_until="2007-07-11")]), "friday")
    assert [(r["result"], r.get("newer_stands", {}).get("what")) for r in receipts] == [
        ("unchanged", "line"), ("added", "lapsed"), ("refused", None)]
    assert receipts[2]["errors"][0]["rule"] == "last-day-over"
    # What is on no return is added, though nobody is sent to it any more: both are said.
    assert "2007-04-11" in receipts[1]["message"]["zh"] and "不再招聘" in receipts[1]["message"]["zh"]
    kept = trade.must(200, "GET", f"/v1/vacancies/{receipts[1]['vacancy']}")
    assert kept["posted_on"] <= kept["closed_on"] == "2007-04-11", kept
    # Only tried, a vacancy that would be history at once has no number; one that stands has.
    answer = daemon.request("POST", "/v1/imports?validate=only", daemon.keys["employer"], raw=ndjson(
        [offered("A", 7, quarter="2006Q4"), offered("F", quarter="2006Q4")]),
        headers={**NDJSON, "Idempotency-Key": "tried"})
    stood, new = (json.loads(x) for x in answer.text.splitlines()[:2])
    assert (stood["result"], new["result"]) == ("unchanged", "added"), answer
    assert stood["vacancy"] and new["newer_stands"]["what"] == "lapsed" and "vacancy" not in new
    assert trade.must(200, "GET", path(quarter="2007Q1"))["lines"][0]["posts"] == 9
    diff = trade.must(200, "PATCH", path(quarter="2007Q1") + "/lines/A", {"posts": 8})
    assert (diff["changed"], diff["newer_stands"]) == ([], [{"ref": "A", "what": "line", "quarter": "2007Q2"}])


def test_a_nil_return_says_which_lines_it_drops_and_stands(daemon):
    trade = Trade(daemon)
    trade.employer()
    file = ndjson([offered("L-1", quarter="2006Q4"), offered("L-2", quarter="2006Q4")])
    receipts, end = send(daemon, file, "forgotten")
    assert [r["result"] for r in receipts] == ["added"] * 2 and end["added"] == 2
    nil = trade.must(200, "PUT", path(quarter="2006Q4"), {"staff": 5, "nil": True, "lines": []})
    assert nil["dropped"] == ["L-1", "L-2"], nil
    receipts, end = send(daemon, file, "again")
    assert [(r["result"], r["newer_stands"]["what"]) for r in receipts] == [("unchanged", "nil")] * 2, receipts
    assert all("无空岗申报" in r["message"]["zh"] for r in receipts) and end["unchanged"] == 2
    assert trade.must(200, "GET", path(quarter="2006Q4"))["nil"] is True
