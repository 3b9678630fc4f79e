"""Files as people send them: tests/cases/files, a kind of disorder each, with the receipts it must get.

A case that is disturbed, its rows in another order, encoded otherwise, quoted, folded, cut, leaves the same
lines in the ledger, or a receipt for each that it lost.
"""

import json
import pathlib
from itertools import count

from harness.drawn_city import organisation_code
from harness.trade import Trade
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

CASES = pathlib.Path(__file__).parent.parent / "cases/files"


class Sender:
    """An employer of its own for each file: what was closed stays closed."""

    def __init__(self, daemon, number):
        self.daemon, self.trade = daemon, Trade(daemon)
        self.code = self.trade.employer(organisation_code(number))
        self.key = daemon.new_key(role="employer", org_code=self.code, org_name="测试企业")

    def send(self, body, kind, name, status=200):
        answer = self.daemon.request("POST", "/v1/imports", self.key, raw=body,
                                     headers={"Content-Type": kind, "Idempotency-Key": name})
        assert answer.status == status, answer
        return answer

    def lines(self):
        stands = self.trade.must(200, "GET", f"/v1/returns/{self.code}/410105/2007Q2", key=self.key)
        return {x["ref"]: x for x in stands["lines"]}


def holds(wanted, got):
    """Whether all that is wanted stands in what came, list by list and member by member."""
    if isinstance(wanted, dict):
        return isinstance(got, dict) and all(holds(v, got.get(k)) for k, v in wanted.items())
    if isinstance(wanted, list):
        return isinstance(got, list) and len(wanted) == len(got) and all(map(holds, wanted, got))
    return wanted == got


def accounted(receipts, file):
    """Every line of the file stands in one receipt, is blank, or is a header."""
    lines = [n for r in receipts for n in range(r["line"], r["line"] + r.get("lines", 1))]
    return len(lines) == len(set(lines)) == file["total"] - file["blank"] - file["header"] - file.get("no_records", 0)


def wrong_with(sender, case, expect):
    body = next(case.glob("file.*")).read_bytes()
    if "refused" in expect:
        errors = sender.send(body, expect["type"], case.name, 422).json["errors"]
        return None if holds(expect["refused"], errors) else errors
    *receipts, end = map(json.loads, sender.send(body, expect["type"], case.name).text.splitlines())
    if not holds(expect["receipts"], receipts) or end["file"] != expect["file"]:
        return receipts, end
    if not accounted(receipts, end["file"]):
        return "lines are lost", receipts, end
    lines = sender.lines() if expect.get("stands") else {}
    for ref, members in expect.get("stands", {}).items():
        if not holds(members, lines.get(ref)):
            return ref, lines.get(ref)
    return None


def test_each_disorder_gets_its_receipts(daemon):
    failed = []
    cases = sorted(CASES.iterdir())
    assert len(cases) > 40
    for number, case in enumerate(cases):
        expect = json.loads((case / "expect.json").read_text(encoding="utf-8"))
        wrong = wrong_with(Sender(daemon, 1000 + number), case, expect)
        if wrong:
            failed.append(f"{case.name} ({expect['about']}): {wrong}")
    assert not failed, "\n".join(failed)


HEADINGS = ["编号", "季度", "职业", "岗位名称", "工作内容", "招聘人数", "工作地点", "薪酬", "社会保险", "有效期至"]
RIGHT = [
    ("2007Q2", "4-07-05-01", "保安员", "值班,巡逻", "2", "410105003001", "1200元/月", "养老；医疗", "2007-08-01"),
    ("2007Q2", "4-07-05-01", "保安\"夜班\"", "值班\n巡逻", "12", "410105003001", "1000-1200元/月", "养老", "2007-09-30"),
    ("2007Q2", "4-09-08-01", "保洁员", "打扫", "1", "410105003002", "面议", "", ""),
    ("2007Q2", "4-07-05-01", "门卫", "看门", "3", "410105003001", "300元/周", "工伤", "2007-12-31"),
]
MEMBERS = [
    {"title": "保安员", "duties": "值班,巡逻", "posts": 2, "pay_max_fen": 120000, "pay_period": "month",
     "insurance": ["pension", "medical"], "valid_until": "2007-08-01"},
    {"title": "保安\"夜班\"", "duties": "值班\n巡逻", "posts": 12, "pay_min_fen": 100000, "pay_max_fen": 120000,
     "pay_period": "month", "insurance": ["pension"], "valid_until": "2007-09-30"},
    {"title": "保洁员", "duties": "打扫", "posts": 1, "place": "410105003002", "pay_period": "negotiable"},
    {"title": "门卫", "duties": "看门", "posts": 3, "pay_max_fen": 30000, "pay_period": "week",
     "insurance": ["work_injury"], "valid_until": "2007-12-31"},
]
# Members that mean the same when they are typed at full width.
CODES = (0, 1, 2, 5, 6)


def wide(text):
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else "\u3000" if c == " " else c for c in text)


def cell(text, is_quoted, divider):
    if is_quoted or any(c in text for c in (divider, "\n", "\r")) or text.startswith('"'):
        return '"' + text.replace('"', '""') + '"'
    return text


@st.composite
def disturbed(draw):
    """The rows as (which, cells), and how they are written."""
    order = draw(st.permutations(range(len(RIGHT))))
    order += draw(st.lists(st.sampled_from(order), max_size=2))  # said twice
    columns = draw(st.permutations(range(len(HEADINGS))))
    return {
        "order": order, "columns": columns,
        "wide": draw(st.sets(st.sampled_from(CODES))),
        "pad": draw(st.sampled_from(["", " ", "\u3000", "\u00a0", "\u200b"])),
        "quoted": draw(st.booleans()), "star": draw(st.booleans()),
        "divider": draw(st.sampled_from([",", "\t", ";"])),
        "end": draw(st.sampled_from(["\n", "\r\n", "\r"])),
        "charset": draw(st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])),
        "blank": draw(st.sets(st.integers(0, 6))), "title": draw(st.integers(0, 2)),
        "empty": draw(st.booleans()),
        "cut": draw(st.one_of(st.none(), st.integers(1, 400))),
        "broken": draw(st.one_of(st.none(), st.integers(0, 5))),
    }


def write(d, refs):
    """The file's bytes, and of each row where it begins and whose it is; None: of a broken one."""
    lines, rows = [f"空岗表{n}" for n in range(d["title"])], []
    names = ["*" * d["star"] + HEADINGS[k] for k in d["columns"]] + [""] * d["empty"]
    lines.append(d["divider"].join(names))
    for n, which in enumerate(d["order"]):
        if n in d["blank"]:
            lines.append(d["divider"] * d["quoted"])
        cells = [refs[which], *RIGHT[which]]
        cells = [wide(c) if k in d["wide"] else c for k, c in enumerate(cells)]
        cells = [cell(d["pad"] + cells[k] if cells[k] else "", d["quoted"], d["divider"]) for k in d["columns"]]
        is_broken = n == d["broken"]
        if is_broken:
            cells[0] = '"' + cells[0].strip('"')
        rows.append((1 + sum(1 + x.count("\n") for x in lines), None if is_broken else which))
        lines.append(d["divider"].join(cells + [""] * d["empty"]))
    text = d["end"].join(lines) + d["end"]
    return text.encode(d["charset"]), rows


def test_a_right_file_disturbed_leaves_the_same_or_a_receipt_for_each_lost_row(daemon):
    numbers = count(1000)

    @settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(disturbed())
    def disturb(d):
        sender = Sender(daemon, next(numbers))
        refs = [f"R-{n}" for n in range(len(RIGHT))]
        body, rows = write(d, refs)
        body = body[:-d["cut"]] if d["cut"] and d["cut"] < len(body) // 2 else body
        *receipts, end = map(json.loads, sender.send(body, "text/csv", "disturbed").text.splitlines())
        assert accounted(receipts, end["file"]), (d, receipts, end)
        stands = sender.lines() if any(r["result"] == "added" for r in receipts) else {}
        by_line = {n: r for r in receipts for n in range(r["line"], r["line"] + r.get("lines", 1))}
        rows = [(line, which) for line, which in rows if line <= end["file"]["total"]]  # before the cut
        for line, which in rows:
            receipt = by_line[line]
            if receipt["result"] == "refused":
                # Only one that was cut or broken.
                assert which is None or d["cut"] and line == rows[-1][0], (d, receipt)
            elif which is not None and line + receipt.get("lines", 1) <= end["file"]["total"]:
                assert holds(MEMBERS[which], stands[refs[which]]), (d, receipt, stands[refs[which]])

    disturb()
