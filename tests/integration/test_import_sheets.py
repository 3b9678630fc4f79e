"""XLSX in: sheets as people make them, written by openpyxl, and the receipts that they must get."""

import csv
import datetime
import io
import json
import os
import subprocess
import zipfile

import openpyxl
import pytest
from harness import SOURCE
from harness.daemon import binary
from harness.trade import COMMUNITY, Trade, line

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CODE = "123456788"
HEADINGS = ["编号", "单位代码", "季度", "职业代码", "岗位名称", "工作内容", "招聘人数", "工作地点", "最低薪酬（元）",
            "最高薪酬（元）", "计薪周期", "每周工时", "空缺日期"]


def row(ref, posts=2, **changed):
    cells = {"编号": ref, "单位代码": CODE, "季度": "2007Q2", "职业代码": "4-07-05-01", "岗位名称": "保安员",
             "工作内容": "值班巡逻", "招聘人数": posts, "工作地点": COMMUNITY, "最低薪酬（元）": 900,
             "最高薪酬（元）": 1200.5, "计薪周期": "月", "每周工时": 40, "空缺日期": datetime.date(2007, 4, 2)}
    return [{**cells, **changed}[h] for h in HEADINGS]


def book(*rows, title=None):
    wb = openpyxl.Workbook()
    ws = wb.active
    ws.title = "空岗表"
    if title:
        ws.append([title])
        ws.merge_cells(start_row=1, start_column=1, end_row=1, end_column=len(HEADINGS))
    ws.append(HEADINGS)
    for r in rows:
        ws.append(r)
    return wb


def saved(wb):
    out = io.BytesIO()
    wb.save(out)
    return out.getvalue()


@pytest.fixture
def trade(daemon):
    trade = Trade(daemon)
    trade.employer()
    return trade


def post(trade, body, name, kind=XLSX):
    return trade.daemon.request("POST", "/v1/imports", trade.daemon.keys["employer"], raw=body,
                                headers={"Content-Type": kind, "Idempotency-Key": name})


def send(trade, body, name, kind=XLSX):
    answer = post(trade, body, name, kind)
    assert answer.status == 200, answer
    receipts = [json.loads(x) for x in answer.text.splitlines()]
    return receipts[:-1], receipts[-1]


def lines(trade):
    answer = trade.must(200, "GET", f"/v1/returns/{CODE}/410105/2007Q2")
    return {x["ref"]: x for x in answer["lines"]}


def rule_of(receipt):
    return [e["rule"] for e in receipt["errors"]]


def test_a_sheet_as_a_clerk_makes_it(trade):
    wb = book(row("A1"), row("A2", 3, 季度=None, 单位代码=None), row("A3", 4, 季度=None, 单位代码=None),
              title="2007年第二季度空岗报告表")
    ws = wb["空岗表"]
    ws.merge_cells("B3:B5")  # the employer's code and the quarter, once for three lines
    ws.merge_cells("C3:C5")
    ws.row_dimensions[4].hidden = True
    ws.column_dimensions["F"].hidden = True
    ws.append([])
    ws.append(row("A4", 1))
    notes = wb.create_sheet("填表说明")
    notes.append(["请如实填写"])
    notes["ZZ9"] = "远处"
    hidden = wb.create_sheet("旧表")
    hidden.append(HEADINGS)
    hidden.append(row("OLD"))
    hidden.sheet_state = "hidden"
    receipts, totals = send(trade, saved(wb), "clerk")
    assert [(r["sheet"], r["line"], r["ref"], r["result"]) for r in receipts] == [
        ("空岗表", 3, "A1", "added"), ("空岗表", 4, "A2", "added"), ("空岗表", 5, "A3", "added"),
        ("空岗表", 7, "A4", "added")], receipts
    assert totals["format"] == "xlsx" and totals["state"] == "complete" and totals["added"] == 4
    found = lines(trade)
    assert set(found) == {"A1", "A2", "A3", "A4"}
    assert found["A3"]["posts"] == 4 and found["A3"]["pay_max_fen"] == 120050
    assert found["A3"]["vacant_since"] == "2007-04-02" and found["A3"]["pay_period"] == "month"
    again, totals = send(trade, saved(wb), "clerk-again")
    assert {r["result"] for r in again} == {"unchanged"}, again


def test_what_a_spreadsheet_has_spoiled_is_refused_and_said(trade):
    wb = book(row("A1", 单位代码=914101001234567890), row("A2", posts="#REF!"), row("A3", posts="=1+1"),
              row("A4"), row("A5", 岗位名称="#REF!"), row(12345678901234567890))
    wb.active["G3"].data_type = "e"
    wb.active["E6"].data_type = "e"
    receipts, totals = send(trade, saved(wb), "spoiled")
    assert [r["result"] for r in receipts] == ["refused"] * 3 + ["added"] + ["refused"] * 2, receipts
    assert rule_of(receipts[0]) == ["number-cell"]
    assert "文本" in receipts[0]["errors"][0]["message"]["zh"]
    assert "#REF!" in json.dumps(receipts[1])
    assert "formula" in json.dumps(receipts[2])
    # Also where any text may stand.
    assert rule_of(receipts[4]) == ["error-cell"] and rule_of(receipts[5]) == ["number-cell"]
    assert totals["refused"] == 5


def test_two_worksheets_with_headers_are_both_read(trade):
    wb = book(row("A1"))
    second = wb.create_sheet("二车间")
    second.append(HEADINGS[::-1])
    second.append(row("B1")[::-1])
    receipts, _ = send(trade, saved(wb), "two")
    assert [(r["sheet"], r["ref"], r["result"]) for r in receipts] == [
        ("空岗表", "A1", "added"), ("二车间", "B1", "added")]


OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000)


@pytest.mark.parametrize("label", [XLSX, "text/csv", "application/x-ndjson"])
def test_old_and_locked_sheets_are_told_from_their_bytes(trade, label):
    answer = post(trade, OLE2, "old", label)
    assert answer.status == 422, answer
    [error] = answer.json["errors"]
    assert error["rule"] == "sheet-kind" and "请另存为 .xlsx 后上传" in error["message"]["zh"]


def test_a_label_that_the_bytes_contradict_is_refused_and_both_are_named(trade):
    for body, label, found in [(saved(book(row("A1"))), "text/csv", ".xlsx"),
                               ("编号,季度\n".encode(), XLSX, "text")]:
        answer = post(trade, body, f"label-{found}", label)
        assert answer.status == 422, answer
        [error] = answer.json["errors"]
        assert error["rule"] == "sheet-label" and found in error["found"] and error["expected"]
    assert trade.call("GET", f"/v1/returns/{CODE}/410105/2007Q2").status == 404


@pytest.mark.parametrize("label", [XLSX, "text/csv", "application/x-ndjson"])
def test_a_web_page_is_told_and_so_is_a_file_without_a_record(trade, label):
    def error(body, name):
        answer = post(trade, body, name, label)
        assert answer.status == 422, answer
        return answer.json["errors"][0]

    for n, page in enumerate([b"<html><table><tr><td>ref</td></tr></table>", b"\xef\xbb\xbf\r\n<!DOCTYPE html>"]):
        told = error(page, f"page-{n}")
        assert told["rule"] == "sheet-page" and "另存为 .xlsx" in told["message"]["zh"], told
    empty = {XLSX: [b"", saved(openpyxl.Workbook()), saved(book())],
             "text/csv": [b"", b"\xef\xbb\xbf", b"\n\n", "编号,季度\n".encode(), "编号,季度\n合计,\n".encode()],
             "application/x-ndjson": [b"", b"\n \n"]}[label]
    for n, body in enumerate(empty):
        told = error(body, f"empty-{n}")
        assert told["rule"] == "no-record" and "文件中没有记录" in told["message"]["zh"], (body, told)
    assert trade.call("GET", "/v1/imports/empty-0").status == 404


def test_a_page_of_a_printed_form_is_no_record(trade):
    wb = book(row("P1"), HEADINGS, row("P2"), ["合　计：", 16], ["填表人：张三", None, "审核：李四"])
    receipts, totals = send(trade, saved(wb), "printed")
    assert [r["result"] for r in receipts] == ["added", "added"], receipts
    name = wb.active.title
    assert totals["file"]["not_read"] == {
        "heading_rows": [f"{name}!3"], "sum_rows": [f"{name}!5"], "footer_rows": [f"{name}!6"]}, totals
    assert totals["file"]["no_records"] == 3


def test_a_damaged_file_is_refused_whole(trade):
    body = saved(book(*[row(f"A{n}") for n in range(200)]))
    at = body.index(b"xl/worksheets/sheet1.xml") + 200
    for n, broken in enumerate((body[:-100], body[:at] + bytes([body[at] ^ 1]) + body[at + 1:], body[:50],
                                b"PK\3\4" + bytes(100))):
        answer = post(trade, broken, f"broken-{n}")
        assert answer.status == 422, answer
        assert answer.json["errors"][0]["rule"] == "sheet-broken"
    assert trade.call("GET", f"/v1/returns/{CODE}/410105/2007Q2").status == 404


def test_a_bomb_is_refused(trade):
    out = io.BytesIO(saved(book(row("A1"))))
    with zipfile.ZipFile(out) as old:
        parts = {n: old.read(n) for n in old.namelist()}
    parts["xl/worksheets/sheet1.xml"] = b"<worksheet><sheetData>" + b" " * (64 << 20)
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as new:
        for name, data in parts.items():
            new.writestr(name, data)
    answer = post(trade, bomb.getvalue(), "bomb")
    assert answer.status == 422 and answer.json["errors"][0]["rule"] == "sheet-size", answer


def test_a_long_sheet_comes_whole(trade):
    receipts, totals = send(trade, saved(book(*[row(f"N{n}", 1 + n % 5) for n in range(3000)])), "long")
    assert totals["added"] == len(receipts) == 3000
    assert [r["line"] for r in receipts] == list(range(2, 3002))


CSV = "text/csv"


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
@pytest.mark.parametrize("kind", [XLSX, CSV])
def test_the_lines_of_a_return_go_out_as_a_sheet_and_in_again(trade, kind, lang):
    """What the exchange writes, it reads: nothing changes, and what goes out again is the same."""
    full = {"insurance": ["pension", "medical"], "education_min": "71", "skills_required": ["K001", "K002"],
            "licences": ["L01"], "experience_months": 6, "shift": "rotating", "form": "full",
            "contract_months": 12, "vacant_since": "2007-04-01", "valid_until": "2007-12-31",
            "restrictions": ["age"], "benefits": "=1+1", "interview_contact": "面试人丙",
            "pay_max_fen": 120050, "duties": "一、值班；\n二、\"巡逻\"，-x", "title": "@保安"}
    trade.file([line("A1", 3, **full), line("'=A2", 1), line("00A3", 2)], CODE)
    before = lines(trade)
    headers = {"Accept": kind, "Accept-Language": lang}
    path = f"/v1/returns/{CODE}/410105/2007Q2"
    out = trade.call("GET", path, headers=headers)
    assert out.status == 200 and out.headers["content-type"].partition(";")[0] == kind
    receipts, _ = send(trade, out.body, "again", kind)
    assert {r["result"] for r in receipts} == {"unchanged"} and len(receipts) == 3, receipts
    assert lines(trade) == before
    again = trade.call("GET", path, headers=headers)
    if kind == CSV:
        assert again.body == out.body
    else:
        cells = [[[c.value for c in r] for r in openpyxl.load_workbook(io.BytesIO(x)).active.iter_rows()]
                 for x in (out.body, again.body)]
        assert cells[0] == cells[1]


def test_what_is_not_read_or_hidden_is_named_with_the_totals(trade):
    wb = openpyxl.Workbook()
    ws = wb.active
    ws.title = "空岗表"
    for cells in (["序号", *HEADINGS, "备注"], [1, *row("H1"), "急"], [2, *row("H2"), None]):
        ws.append(cells)
    ws.row_dimensions[3].hidden = True
    ws.column_dimensions["H"].hidden = True
    wb.create_sheet("说明").append(["此表每季度填报一次"])
    draft = wb.create_sheet("旧稿")
    draft.append(HEADINGS)
    draft.append(row("H3"))
    draft.sheet_state = "hidden"
    receipts, totals = send(trade, saved(wb), "hidden")
    assert [r["result"] for r in receipts] == ["added", "added"]
    assert totals["file"] == {
        "total": 4, "blank": 0, "header": 2,
        "not_read": {"hidden_worksheets": ["旧稿"], "worksheets_without_headings": ["说明"], "columns": ["序号", "备注"]},
        "hidden_read": {"rows": 1, "columns": ["招聘人数"]}}
    assert set(lines(trade)) == {"H1", "H2"}


def listed(wb, lists, column):
    """The words that the list of a column offers, in the worksheet that holds them."""
    formula = next(f for cells, f in lists.items() if cells.startswith(f"{column}2"))
    sheet, _, cells = formula.partition("!")
    return [row[0].value for row in wb[sheet][cells]]


def below_example(body, kind):
    """A row of one's own under the example of a form: as it, but for its mark and its number."""
    def own(cells):
        return [{"EXAMPLE-1": "OWN-1"}.get(x, "保安员" if "EXAMPLE (" in str(x) or "示例（" in str(x) else x)
                for x in cells]

    if kind == CSV:
        rows = list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline="")))
        out = io.StringIO()
        csv.writer(out).writerows([*rows, own(rows[1])])
        return out.getvalue().encode()
    wb = openpyxl.load_workbook(io.BytesIO(body))
    wb.active.append(own([c.value for c in wb.active[2]]))
    return saved(wb)


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
@pytest.mark.parametrize("kind", [XLSX, CSV])
def test_a_template_explains_itself_and_its_example_can_be_imported(trade, kind, lang):
    answer = trade.daemon.request("GET", "/v1/templates/returns?division=410105", trade.daemon.keys["employer"],
                                  headers={"Accept": kind, "Accept-Language": lang})
    assert answer.status == 200 and answer.headers["content-type"].partition(";")[0] == kind
    # With a row below it the example of the form is passed over, and named.
    receipts, totals = send(trade, below_example(answer.body, kind), "template", kind)
    assert [r["result"] for r in receipts] == ["added"], receipts
    assert totals["added"] == 1 and list(lines(trade)) == ["OWN-1"]
    place = "2" if kind == CSV else f"{openpyxl.load_workbook(io.BytesIO(answer.body)).active.title}!2"
    assert totals["file"]["no_records"] == 1 and totals["file"]["not_read"]["example_rows"] == [place]
    if kind == XLSX:
        wb = openpyxl.load_workbook(io.BytesIO(answer.body))
        head = {c.value.rstrip("*"): c.column_letter for c in wb.active[1]}
        period = head["计薪周期" if lang == "zh-CN" else "pay_period"]
        lists = {c: v.formula1 for v in wb.active.data_validations.dataValidation if v.type == "list"
                 for c in str(v.sqref).split()}
        assert ("按月" if lang == "zh-CN" else "month") in listed(wb, lists, period)
        education = listed(wb, lists, head["最低学历代码" if lang == "zh-CN" else "education_min"])
        rows = [r.split("\t") for r in (SOURCE / "config/data/choices.tsv").read_text(encoding="utf-8").splitlines()]
        assert education == [r[2 if lang == "zh-CN" else 1] for r in rows if r[0] == "education"]
        code = head["单位代码" if lang == "zh-CN" else "employer"]
        assert wb.active.column_dimensions[code].number_format == "@"
        assert [w.sheet_state for w in wb] == ["visible", "visible", "hidden"]
        told = {r[0].value: r[1].value for r in wb[wb.sheetnames[1]].rows}
        for name, text in told.items():  # where a list is promised there is one
            has_list = any(c.startswith(f"{head[name]}2") for c in lists)
            assert not ("从列表中选一项" in text or "One of the list" in text) or has_list, name
        if lang == "zh-CN":
            assert told["招聘人数"] == "必填。整数" and "全称" in told["工作地点代码"]


def form(trade, kind, lang="zh-CN", key="bureau"):
    answer = trade.daemon.request("GET", f"/v1/templates/{kind}?division=410105", trade.daemon.keys[key],
                                  headers={"Accept": "text/csv", "Accept-Language": lang})
    assert answer.status == 200, answer
    return list(csv.reader(io.StringIO(answer.text.lstrip("\ufeff"))))


def fill(trade, kind, name, rows, key="bureau", validate=""):
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    answer = trade.daemon.request("POST", f"/v1/imports?kind={kind}{validate}", trade.daemon.keys[key],
                                  raw=out.getvalue().encode(),
                                  headers={"Content-Type": "text/csv", "Idempotency-Key": name})
    assert answer.status in (200, 422), answer
    return json.loads(answer.text.splitlines()[0]) if answer.status == 200 else {"result": "refused"}


def test_the_pay_that_is_wished_for_is_told_in_yuan(trade):
    heads, example = form(trade, "seekers")
    at = heads.index("期望薪酬（元）")
    example[heads.index("姓名*") if "姓名*" in heads else heads.index("姓名")] = "赵六"
    example[at] = "12元/小时"
    receipt = fill(trade, "seekers", "by-hour", [heads, example])
    [error] = receipt["errors"]
    assert error["column"] == "期望薪酬（元）" and error["expected_zh"] == "每月多少元，如 1500", receipt
    example[at] = "1500元/月"
    receipt = fill(trade, "seekers", "by-month", [heads, example])
    assert receipt["result"] == "added", receipt
    assert trade.must(200, "GET", f"/v1/seekers/{receipt['seeker']}")["pay_wish_fen"] == 150000


def test_a_type_that_is_not_taken_is_told_which_are(trade):
    answer = post(trade, b"x", "type", "application/pdf")
    assert answer.status == 415 and "application/json" not in answer.text, answer
    assert XLSX in answer.json["errors"][0]["expected"] and "errors" in answer.json["detail"]


def test_vacancyctl_gives_the_template_and_sends_it(trade, tmp_path):
    def ctl(*words):
        done = subprocess.run([binary("vacancyctl"), *words], capture_output=True, check=False, env={
            **os.environ, "VACANCYD_URL": trade.daemon.url, "VACANCYD_KEY": trade.daemon.keys["employer"],
            "LC_ALL": "zh_CN.UTF-8"})
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    form = tmp_path / "form.xlsx"
    form.write_bytes(below_example(ctl("import", "template", "returns", "--division", "410105"), XLSX))
    assert openpyxl.load_workbook(form).active["A1"].value == "单位代码"
    ctl("import", str(form), "--quiet")
    assert set(lines(trade)) == {"OWN-1"}
