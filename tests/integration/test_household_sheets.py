"""Households as sheets: a row a person, put together by 户号, and counted by 家庭人口."""

import io
import json

import openpyxl
import pytest
from harness.trade import COMMUNITY, Trade, citizen_number

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv"
HEADS = ["户号", "家庭人口", "社区", "户口性质", "有经营收入", "有投资收入", "申请日期", "认定日期", "公民身份号码",
         "有劳动能力", "有就业愿望", "不计入原因"]


@pytest.fixture
def trade(daemon):
    trade = Trade(daemon)
    for n in range(1, 10):
        trade.register(n)
    return trade


def home(number, size, *people):
    """Its rows: what is of the whole in the first."""
    whole = [number, size, COMMUNITY, "城镇", "否", "否", "2007年7月2日", "2007/7/10"]
    return [(whole if k == 0 else [""] * len(whole)) + [citizen_number(n), "是", "是", ""]
            for k, n in enumerate(people)]


def post(trade, rows, name, query=""):
    body = "".join(",".join(map(str, row)) + "\r\n" for row in [HEADS, *rows]).encode("gb18030")
    return send(trade, body, name, CSV, query)


def send(trade, body, name, of, query=""):
    answer = trade.daemon.request("POST", f"/v1/imports?kind=households{query}", trade.daemon.keys["bureau"],
                                  raw=body, headers={"Content-Type": of, "Idempotency-Key": name})
    assert answer.status == 200, answer
    receipts = [json.loads(x) for x in answer.text.splitlines()]
    assert sum(r.get("lines", 1) for r in receipts[:-1]) + sum(
        receipts[-1]["file"][n] for n in ("blank", "header")) == receipts[-1]["file"]["total"]
    return receipts[:-1], receipts[-1]


def said(receipt):
    return [(e["pointer"], e["rule"], e.get("column")) for e in receipt.get("errors", ())]


def test_rows_of_one_number_are_one_household(trade):
    receipts, end = post(trade, [*home(1, 2, 1, 2), *home("B-2", 1, 3), *home(3, 2, 4, 5)], "a")
    assert [(r["line"], r.get("lines"), r["result"]) for r in receipts] == [
        (2, 2, "added"), (4, None, "added"), (5, 2, "added")], receipts
    made = trade.must(200, "GET", f"/v1/households/{receipts[0]['household']}")
    assert len(made["members"]) == 2 and made["determined_on"] == "2007-07-10"
    again, _ = post(trade, [*home(1, 2, 1, 2), *home("B-2", 1, 3), *home(3, 2, 4, 5)], "b")
    assert {r["result"] for r in again} == {"unchanged"}


def test_a_row_that_went_astray_is_noticed(trade):
    first, second = home(1, 2, 1, 2), home(2, 1, 3)
    receipts, _ = post(trade, [first[0], *second, [1, *first[1][1:]]], "sorted")
    assert [said(r) for r in receipts] == [[("/size", "rows-count", "家庭人口")], [], [
        ("/community", "required", "社区"), ("/hukou_type", "required", "户口性质"),
        ("/business_income", "required", "有经营收入"), ("/investment_income", "required", "有投资收入"),
        ("/applied_on", "required", "申请日期"), ("/size", "required", "家庭人口")]], receipts
    assert receipts[0]["errors"][0]["found"] == "1" and receipts[0]["errors"][0]["expected_zh"] == "2，每人一行"
    receipts, _ = post(trade, [first[0], [""] * len(HEADS), first[1]], "torn")
    assert [r["result"] for r in receipts] == ["refused", "refused"], receipts


def test_what_the_rows_of_a_household_say_twice_is_the_same(trade):
    rows = home(1, 2, 1, 2)
    rows[1][2] = "410105003002"
    rows[1][9] = "也许"
    receipts, _ = post(trade, rows, "a")
    assert set(said(receipts[0])) == {("/members/1/able", "type", "有劳动能力"), ("/community", "rows-differ", "社区")}
    rows[1][2], rows[1][9] = COMMUNITY, "是"
    receipts, _ = post(trade, rows, "b")
    assert [r["result"] for r in receipts] == ["added"], receipts


def test_merged_cells_and_two_worksheets(trade):
    wb = openpyxl.Workbook()
    for number, people in (1, (1, 2)), (1, (3, 4)):  # each street counts for itself
        ws = wb.active if people[0] == 1 else wb.create_sheet("另一社区")
        ws.append(["零就业家庭登记表"])
        ws.append(HEADS)
        for row in home(number, 2, *people):
            ws.append([cell if cell != "" else None for cell in row])
        for column in "ABCDEFGH":
            ws.merge_cells(f"{column}3:{column}4")
    out = io.BytesIO()
    wb.save(out)
    receipts, _ = send(trade, out.getvalue(), "book", XLSX)
    assert [(r["sheet"], r["line"], r["lines"], r["result"]) for r in receipts] == [
        ("Sheet", 3, 2, "added"), ("另一社区", 3, 2, "added")], receipts


def test_a_household_may_stand_in_one_row(trade):
    [row] = home(7, 2, 1)
    row[8:] = [f"{citizen_number(1)}；{citizen_number(2)}", "是；是", "是；否", "-；在校学生"]
    receipts, _ = post(trade, [row], "one")
    assert [r["result"] for r in receipts] == ["added"], receipts
    members = trade.must(200, "GET", f"/v1/households/{receipts[0]['household']}")["members"]
    assert sorted(m["willing"] for m in members) == [False, True]
    assert [m["excluded"] for m in members if m["excluded"]] == ["student"]


def test_a_file_sent_again_is_known_by_all_its_rows(trade):
    rows = [*home(1, 2, 1, 2), *home(2, 1, 3)]
    receipts, _ = post(trade, rows, "same")
    assert post(trade, rows, "same")[0] == receipts
    rows[1][9] = "否"
    body = "".join(",".join(map(str, row)) + "\r\n" for row in [HEADS, *rows]).encode("gb18030")
    answer = trade.daemon.request("POST", "/v1/imports?kind=households", trade.daemon.keys["bureau"], raw=body,
                                  headers={"Content-Type": CSV, "Idempotency-Key": "same"})
    assert answer.status == 422 and answer.json["type"].endswith("idempotency-mismatch"), answer
