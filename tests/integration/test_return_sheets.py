"""A quarter's return whose lines are a sheet: read as an import's rows are, filed whole or told by row and column."""

import base64
import io
import json

import openpyxl
import pytest
from harness.desk import desk_of
from harness.imports import ELSEWHERE, HEADER, csv_file, path, row
from harness.trade import COMMUNITY, Trade, line, quarter_return

RETURN = ("123456788", "410105", "2007Q2")
CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture
def trade(daemon):
    trade = Trade(daemon)
    trade.employer()
    return trade


def book(*rows, title=None):
    out, wb = io.BytesIO(), openpyxl.Workbook()
    wb.active.title = title or "空岗"
    for cells in rows:
        wb.active.append(cells)
    wb.save(out)
    return out.getvalue()


def of_file(content, **members):
    return {"staff": 120, "contact": "王某", "telephone": "0371-60000000",
            "file": base64.b64encode(content).decode(), **members}


def without(cells, *headings):
    return [c for c, h in zip(cells, HEADER, strict=True) if h not in headings]


def refs(trade):
    return [x["ref"] for x in trade.must(200, "GET", path(), key=trade.daemon.keys["employer"])["lines"]]


@pytest.mark.parametrize("content", [
    csv_file([row("A"), row("B", posts="３")]),
    csv_file([row("A"), row("B", posts="3")], charset="gb18030"),
    book(["二季度空岗"], HEADER, row("A"), row("B", posts=3)),
    book(without(HEADER, "季度"), without(row("A"), "季度"), without(row("B", posts="3人"), "季度"))])
def test_a_sheet_is_the_same_return_as_its_lines(trade, content):
    key = trade.daemon.keys["employer"]
    filed = trade.must(201, "PUT", path(), of_file(content), key=key)
    assert filed["added"] == ["A", "B"]
    stands = trade.must(200, "GET", path(), key=key)
    assert (stands["staff"], stands["contact"], stands["telephone"]) == (120, "王某", "0371-60000000")
    assert [(x["ref"], x["posts"], x["place"]) for x in stands["lines"]] == [("A", 2, COMMUNITY), ("B", 3, COMMUNITY)]
    # What was read of it, sent as JSON, changes nothing; nor does the sheet again.
    again = {k: stands[k] for k in ("nil", "staff", "contact", "telephone", "lines")}
    assert trade.must(200, "PUT", path(), again, key=key)["version"] == 1
    assert trade.must(200, "PUT", path(), of_file(content), key=key)["version"] == 1


@pytest.mark.parametrize("make", [csv_file, lambda rows: book(HEADER, *rows)])
def test_each_bad_row_is_told_and_nothing_is_filed(trade, make):
    bad = row("B", posts="许多")
    bad[HEADER.index("职业代码")] = "没有这个职业"
    away = row("C")
    away[HEADER.index("工作地点代码")] = ELSEWHERE
    later = row("D")
    later[HEADER.index("季度")] = "2007Q3"
    content = make([row("A"), bad, away, later, ["合计", *[""] * (len(HEADER) - 1)], row("A")])
    problem = trade.must(422, "PUT", path(), of_file(content))
    found = {(e.get("line"), e.get("column"), e["rule"], e["pointer"]) for e in problem["errors"]}
    assert found == {(3, "职业代码", "unknown-name", "/lines/1/occupation"), (3, "招聘人数", "type", "/lines/1/posts"),
                     (4, "工作地点代码", "outside-district", "/lines/2/place"),
                     (5, "季度", "choice", "/lines/3/quarter"),
                     (7, "编号", "duplicate-ref", "/lines/4/ref")}, problem["errors"]
    assert trade.call("GET", path()).status == 404


def test_the_header_is_told_without_a_line(trade):
    problem = trade.must(422, "PUT", path(), of_file(csv_file([row("A", posts=0)]), staff=-1))
    assert [(e.get("line"), e["pointer"]) for e in problem["errors"]] == [(2, "/lines/0/posts"), (None, "/staff")]
    problem = trade.must(422, "PUT", path(), of_file(csv_file([])))
    assert [e["rule"] for e in problem["errors"]] == ["no-record", "no-lines"]
    for content, rule in ((b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "sheet-kind"), (b"a,b\r\n1,2\r\n" * 20, "headings"),
                          (b"PK\x03\x04" + bytes(100), "sheet-broken")):
        problem = trade.must(422, "PUT", path(), of_file(content))
        assert rule in [e["rule"] for e in problem["errors"]], problem
    assert trade.must(422, "PUT", path(), of_file(b"", file="?"))["errors"][0]["rule"] == "format"
    problem = trade.must(422, "PUT", path(), of_file(csv_file([row("A")]), lines=[line("B")]))
    assert ("/lines", "together") in [(e["pointer"], e["rule"]) for e in problem["errors"]]
    assert trade.call("GET", path()).status == 404


def test_what_the_ledger_refuses_is_told_by_row_too(trade):
    heads = [*HEADER, "有效期至"]
    content = csv_file([[*row("A"), ""], [*row("B"), "2007-07-01"]], heads)
    problem = trade.must(422, "PUT", path(), of_file(content))
    assert [(e["line"], e["column"], e["rule"]) for e in problem["errors"]] == [(3, "有效期至", "last-day-over")], problem


def test_a_row_with_a_reason_closes(trade):
    trade.file([line("A"), line("B")])
    heads = [*HEADER, "关闭原因"]
    rows = [[*row("A"), ""], [*row("B"), "不知道"]]
    problem = trade.must(422, "PUT", path(), of_file(csv_file(rows, heads)))
    assert [(e["line"], e["column"], e["pointer"]) for e in problem["errors"]] == [(3, "关闭原因", "/closed/0/reason")]
    rows[1][-1] = "filled_own"
    assert trade.must(200, "PUT", path(), of_file(csv_file(rows, heads)))["closed"] == ["B"]
    assert refs(trade) == ["A"]


def test_more_lines_than_a_return_has(trade):
    problem = trade.must(422, "PUT", path(), of_file(csv_file([row(f"L{n}") for n in range(201)])))
    assert ("/lines", "count") in [(e["pointer"], e["rule"]) for e in problem["errors"]]


@pytest.mark.parametrize("kind", [CSV, XLSX])
def test_what_a_return_is_read_as_is_filed_again(trade, kind):
    trade.file([line("A", 3), line("B", 1)])
    answer = trade.daemon.request("GET", path(), trade.daemon.keys["employer"], headers={"Accept": kind})
    before = trade.must(200, "GET", path())
    filed = trade.must(200, "PUT", path(), of_file(answer.body, staff=before["staff"], contact=before.get("contact"),
                                                   telephone=before.get("telephone")))
    assert (filed["added"], filed["changed"], filed["unchanged"]) == ([], [], 2), filed


def test_a_clerk_files_a_sheet(trade, tmp_path):
    hr = desk_of(trade, tmp_path, "employer")
    sheet = hr.folder / "空岗.xlsx"
    sheet.write_bytes(book(HEADER, row("A"), row("B", posts="许多")))
    code, out, err = hr.run("return", "file", *RETURN, sheet, "--staff", "120", LC_ALL="zh_CN.UTF-8")
    assert code == 1 and not out and "第 3 行，招聘人数「许多」" in err, err
    assert hr.run("return", "show", *RETURN)[0] == 1
    sheet.write_bytes(book(HEADER, row("A"), row("B")))
    said = ("--staff", "120", "--contact", "王某", "--telephone", "0371-60000000")
    assert "nothing is filed" in hr.run("return", "file", *RETURN, sheet, *said, "--dry-run")[2]
    assert hr.json("return", "file", *RETURN, sheet, *said)["added"] == ["A", "B"]
    shown = hr.json("return", "show", *RETURN)
    assert (shown["staff"], shown["contact"]) == (120, "王某")
    # As CSV, from a pipe, in the old encoding; the options stand in the place of what JSON says.
    code, out, err = hr.run("return", "file", *RETURN, "-", *said, stdin=csv_file([row("A"), row("B")]).decode())
    assert code == 0, err
    body = hr.file("r.json", quarter_return([line("C")], staff=3, closed=[
        {"ref": r, "reason": "withdrawn"} for r in "AB"]))
    hr.done("return", "file", *RETURN, body, "--staff", "7")
    assert hr.json("return", "show", *RETURN)["staff"] == 7
    # Where no sheet is taken, what takes it is named.
    (hr.folder / "e.csv").write_bytes(csv_file([row("A")]))
    code, _, err = hr.run("employer", "register", RETURN[0], hr.folder / "e.csv")
    assert code == 2 and "vacancyctl import" in err
    broken = hr.file("broken.json", "{\n1}")
    code, _, err = hr.run("return", "file", *RETURN, broken)
    assert code == 2 and "line 2, column" in err
    assert json.loads(hr.done("--json", "return", "show", *RETURN))["version"] == 2
