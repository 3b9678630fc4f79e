"""What goes out comes in again: each list as `columns=import` has it, imported into the same exchange
and into an empty one, and sent out again: the same bytes as CSV, the same cells as XLSX."""

import csv
import io
import json
import random
import shutil
import tempfile

import openpyxl
import pytest
from harness.daemon import Daemon
from harness.fixtures import migrate_by_daemon
from harness.registers import PLURALS
from harness.services import Redis
from harness.trade import CLEANER, COMMUNITY, GUARD, Trade, citizen_number, seeker

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv"
KINDS = ["courses", "outside-figures", "recognised-codes", "community-checks", "seekers", "households", "enrolments"]
WAYS = [(CSV, "zh-CN"), (CSV, "en"), (XLSX, "zh-CN"), (XLSX, "en")]
# Entries of these name what is this exchange's own: rules/imports.
ONLY_HERE = ["enrolments"]
SIX = ["established", "staffed", "funds", "premises", "rules", "work"]
ENOUGH = 120
AWKWARD = ["=1+1", "-2+3", "@SUM(A1)", "'=x", "''=x", '说"好"，', "a;b；c", "+8613800000000", "0012",
           "1e5", "3.0", "2007-04-01", "是", "TRUE", "-", "x", "，", "'", "\"", "中 文", "a,b", "'1", "=", "٣"]
LOTS = random.Random(11)


def text(most=60):
    return "".join(LOTS.choice(AWKWARD) for _ in range(LOTS.randint(1, 4)))[:most].strip()


def paper():
    """Of a thing of a list - alone says that there is none: rules/imports."""
    return text().lstrip("-") or "1"


@pytest.fixture(scope="module")
def other(services, templates):
    """An exchange in which there is nothing."""
    services.start()
    db = templates.clone(templates.named("template_daemon", lambda d: migrate_by_daemon(d, services)))
    folder = tempfile.mkdtemp(prefix="vacancyd-it-", dir="/tmp")
    d = Daemon(folder, db.dsn, Redis(services).address)
    d.start()
    try:
        d.make_keys()
        yield Trade(d)
        d.stop()
    finally:
        if d.process is not None:
            d.process.kill()
            d.process.wait()
        shutil.rmtree(folder)
        templates.drop(db)


@pytest.fixture(scope="module")
def trade(shared_daemon):
    trade = Trade(shared_daemon)
    for kind in KINDS:
        records = MADE[kind](trade)
        receipts, end = send(trade, kind, "\n".join(map(json.dumps, records)).encode(), "application/x-ndjson")
        assert {r["result"] for r in receipts} == {"added"}, refused(receipts, "added")
    return trade


def courses(_):
    return [{"title": text(), "provider": text(), "kind": LOTS.choice(["skills", "entrepreneurship"]),
             "approval": LOTS.choice([None, text()]), "from": "2007-07-01", "until": "2007-07-31", "place": COMMUNITY,
             "seats": n + 1, "hours": LOTS.choice([None, 40]), "attendance_min": n % 101,
             "subsidised": LOTS.random() < .5, "on": f"2007-07-{n % 12 + 1:02d}",
             "evidence": [{"kind": "identity", "number": paper(), "day": "2007-07-02"} for _ in range(n % 3)]}
            for n in range(ENOUGH)]


def outside_figures(_):
    return [{"subject": "410105", "indicator": "trained_last_year", "period": f"{2000 + n // 12}-{n % 12 + 1:02d}",
             "value": n * 7, "source": text(), "day": "2007-07-02",
             "evidence": [{"kind": "report", "number": paper(), "day": "2007-07-02"}] * (n % 2)} for n in range(80)]


def recognised_codes(_):
    return [{"kind": "area", "code": f"4198{n:02d}", "place": "410105", "note": LOTS.choice([None, text()]),
             "evidence": [{"kind": "identity", "number": paper(), "day": "2007-07-02"}]} for n in range(90)]


def community_checks(_):
    return [{"place": COMMUNITY, "day": f"2007-06-{n + 1:02d}", "residents": 5000, "on_census": 4700 + n * 10,
             "ledger_updated": f"2007-05-{n + 1:02d}", **{item: LOTS.random() < .5 for item in SIX},
             "evidence": [{"kind": "report", "number": paper(), "day": "2007-07-02"}]} for n in range(30)]


def seekers(_):
    made = []
    for n in range(ENOUGH):
        facts = {}
        if n % 4 == 1:
            facts["recognitions"] = [{"code": c, "on": f"2007-06-{d:02d}"} for c, d in [("HC3", 1), ("HC6a", 9)][:n % 3]]
        if n % 5 == 1:
            facts["certificate"] = {"number": f"豫{n:04d}", "group": "other", "issued_on": "2005-01-10",
                                    "valid_to": "2007-12-31", "inspected": [2005, 2006][:n % 3]}
        if n % 6 == 1:
            facts["retirement"] = {"age": 55, "evidence": text()}
        made.append(seeker(n, name=text(50), address=LOTS.choice([None, text(200)]),
                           telephone=LOTS.choice([None, f"1390000{n:04d}", f"0371-6{n:07d}"]),
                           skills=["K001", "K002"][:n % 3], licences=["L01"][:n % 2], wishes=[GUARD, CLEANER][:n % 2 + 1],
                           experience=[{"occupation": o, "months": n + 1} for o in (GUARD, CLEANER)][:n % 3],
                           shifts=["day", "night"][:n % 2 + 1], pay_wish_fen=n * 1001,
                           unemployment=LOTS.choice([None, {"since": "2007-01-10", "prior_job": True, "laid_off": "L1"},
                                                     {"since": "2007-02-10", "prior_job": False, "laid_off": None}]),
                           **facts))
    return [{k: v for k, v in m.items() if v is not None} for m in made]


def households(trade):
    made = []
    for n in range(1, 40):
        people = [1000 + n * 3 + k for k in range(n % 3 + 1)]
        for p in people:
            trade.register(p)
        made.append({"community": COMMUNITY, "hukou_type": "urban", "business_income": False,
                     "investment_income": False, "applied_on": f"2007-07-{n % 9 + 1:02d}",
                     "determined_on": LOTS.choice(["2007-07-11", None]),
                     "members": [{"citizen_number": citizen_number(p), "able": True, "willing": k < 1 or LOTS.random() < .5,
                                  "excluded": "student" if k == 2 else None} for k, p in enumerate(people)]})
    return made


def enrolments(trade):
    found = trade.must(200, "GET", "/v1/courses?limit=20&state=live")["items"]
    return [{"course": found[n % 20]["course"], "citizen_number": citizen_number(1003 + 3 * n), "from": "2007-07-02",
             "attendance": LOTS.choice([None, 80])} for n in range(20)]


MADE = {"courses": courses, "outside-figures": outside_figures, "recognised-codes": recognised_codes,
        "community-checks": community_checks, "seekers": seekers, "households": households,
        "enrolments": enrolments}


def send(trade, kind, body, of, name=None):
    name = name or f"{kind}-{LOTS.getrandbits(48)}"
    answer = trade.daemon.request("POST", f"/v1/imports?kind={kind}", trade.bureau, raw=body,
                                  headers={"Content-Type": of, "Idempotency-Key": name})
    assert answer.status == 200, answer
    lines = [json.loads(x) for x in answer.text.splitlines()]
    return lines[:-1], lines[-1]


def refused(receipts, right):
    return [(r["line"], r.get("problem", {}).get("type"), [(e["pointer"], e["rule"], e.get("found")) for e in
             r.get("errors", ())]) for r in receipts if r["result"] != right][:4]


def file(trade, kind, of, lang, query="", key=None):
    answer = trade.call("GET", f"/v1/{kind}?columns=import{query}", key=key,
                        headers={"Accept": of, "Accept-Language": lang})
    assert answer.status == 200, answer
    assert answer.headers["content-type"].partition(";")[0] == of
    return answer.body


def cells(body):
    return [[(c.value, c.number_format) for c in row] for ws in openpyxl.load_workbook(io.BytesIO(body)) for row in ws]


def same(of, one, another):
    assert one == another if of == CSV else cells(one) == cells(another)


def rows(of, body):
    """Without the numbers of households, and in an order of their own: people come in that of numbers
    that are drawn."""
    found = list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""))) if of == CSV else cells(body)
    return found[0], sorted(map(str, found[1:]))


@pytest.mark.parametrize("of, lang", WAYS)
@pytest.mark.parametrize("kind", KINDS)
def test_what_goes_out_stands_already(trade, kind, of, lang):
    once = file(trade, kind, of, lang)
    receipts, end = send(trade, kind, once, of)
    assert {r["result"] for r in receipts} == {"unchanged"}, refused(receipts, "unchanged")
    assert len(receipts) >= 1
    same(of, once, file(trade, kind, of, lang))


@pytest.mark.parametrize("of, lang", WAYS[:1])
@pytest.mark.parametrize("kind", [k for k in KINDS if k not in ONLY_HERE])
def test_an_empty_exchange_has_then_the_same(trade, other, kind, of, lang):
    once = file(trade, kind, of, lang)
    receipts, end = send(other, kind, once, of)
    assert {r["result"] for r in receipts} == {"added"}, refused(receipts, "added")
    for of, lang in WAYS:
        here, there = file(trade, kind, of, lang), file(other, kind, of, lang)
        if kind == "seekers":
            assert rows(of, here) == rows(of, there)
        else:
            same(of, here, there)


def test_every_register_is_tried():
    assert set(PLURALS.values()) <= set(KINDS)


def test_it_is_a_file_and_of_these_columns(trade):
    for query, headers in (("import", {}), ("import", {"Accept": "application/json"}), ("all", {"Accept": CSV})):
        answer = trade.call("GET", f"/v1/courses?columns={query}", headers=headers)
        assert answer.status == 422 and answer.json["errors"][0]["pointer"] == "query/columns", answer
    # Where there is nothing the headings stand alone.
    empty = file(trade, "courses", CSV, "en", "&title=nothing+is+called+so").decode("utf-8-sig")
    assert empty.count("\r\n") == 1 and empty.startswith("title,provider,")


def number_column(body):
    heads, *found = csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""))
    return {row[heads.index("citizen_number")] for row in found}, {row[heads.index("seeker")] for row in found}


def test_numbers_are_for_an_officer_of_the_bureau_and_each_is_a_look(trade):
    daemon = trade.daemon
    numbers, ids = number_column(file(trade, "enrolments", CSV, "en"))
    assert ids == {""} and "" not in numbers and all(len(n) == 18 for n in numbers)
    auditor = daemon.new_key(role="auditor", org_name="审计局")
    numbers, ids = number_column(file(trade, "enrolments", CSV, "en", key=auditor))
    assert numbers == {""} and "" not in ids
    one = sorted(ids)[0]
    looks = [x["what"] for x in trade.must(200, "GET", f"/v1/looks?seeker={one}&limit=100")["items"]]
    before = looks.count("read_whole")
    assert before >= 1, looks
    file(trade, "enrolments", CSV, "en", key=auditor)
    file(trade, "enrolments", CSV, "en")
    looks = [x["what"] for x in trade.must(200, "GET", f"/v1/looks?seeker={one}&limit=100")["items"]]
    assert looks.count("read_whole") == before + 1
    for key in (auditor, daemon.keys["agency"]):
        refused = trade.call("GET", "/v1/seekers?columns=import", key=key, headers={"Accept": CSV})
        assert refused.status == 403, refused
    elsewhere = daemon.new_key(role="bureau", org_name="二七区劳动保障局", scope="410103")
    for kind in ("seekers", "households", "enrolments"):
        assert file(trade, kind, CSV, "en", key=elsewhere).count(b"\r\n") == 1
