"""Lists as files: the rows that the pages have, all of them, as CSV and as XLSX, by openpyxl's word."""

import csv
import io
import re

import openpyxl
import pytest
from harness.trade import DISTRICT, Trade, line

CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LINES = 60


@pytest.fixture(scope="module")
def trade(shared_daemon):
    trade = Trade(shared_daemon)
    for number in range(12):
        code = CODES[number]
        trade.employer(code)
        trade.file([line(f"N{number}-{n}", 1 + n % 3, title=TITLES[n % len(TITLES)]) for n in range(LINES)],
                   code)
    return trade


TITLES = ["保安员", "=1+1", "-2+3", "@SUM(A1)", 'say "so", twice', "'=x", "+8613800000000", "一、二；三"]


def organisation_code(body):
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    check = 11 - sum(int(d) * w for d, w in zip(body, weights)) % 11
    return body + {10: "X", 11: "0"}.get(check, str(check))


CODES = [organisation_code(str(20000000 + n)) for n in range(12)]


def pages(trade, path):
    found, cursor = [], None
    while True:
        page = trade.must(200, "GET", path + ("&" if "?" in path else "?") + "limit=100"
                          + (f"&cursor={cursor}" if cursor else ""))
        found += page["items"]
        cursor = page["next"]
        if not cursor:
            return found


def file(trade, path, kind, lang="zh-CN"):
    answer = trade.call("GET", path, headers={"Accept": kind, "Accept-Language": lang})
    assert answer.status == 200, answer
    assert answer.headers["content-type"].partition(";")[0] == kind
    return answer.body


def csv_rows(body):
    assert body.startswith(b"\xef\xbb\xbf") and body.endswith(b"\r\n")
    return list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline="")))


def unguarded(text):
    """By the rule: an apostrophe before = + - @ TAB CR is ours, but not before a plain number."""
    if re.match(r"''*[=+\-@\t\r]", text) and not re.fullmatch(r"[-+]?\d+(\.\d*)?", text[1:]):
        return text[1:]
    return text


def test_a_csv_has_the_rows_of_the_pages_and_no_formula(trade):
    found = pages(trade, "/v1/vacancies?sort=posted")
    assert len(found) == 12 * LINES
    rows = csv_rows(file(trade, "/v1/vacancies?sort=posted", CSV, "en"))
    names = rows[0]
    assert {"vacancy", "title", "posts"} <= set(names)
    assert all(len(row) == len(names) for row in rows)
    for cell in (cell for row in rows for cell in row):
        assert not re.match(r"[=+\-@\t\r]", cell) or re.fullmatch(r"[-+]?\d+(\.\d*)?", cell), cell
    items = [dict(zip(names, map(unguarded, row))) for row in rows[1:]]
    assert [i["vacancy"] for i in items] == [i["vacancy"] for i in found]
    assert [i["title"] for i in items] == [i["title"] for i in found]
    assert [i["posts"] for i in items] == [str(i["posts"]) for i in found]


def test_an_xlsx_has_typed_cells_and_texts_that_are_texts(trade):
    found = pages(trade, "/v1/vacancies?sort=posted")
    sheet = openpyxl.load_workbook(io.BytesIO(file(trade, "/v1/vacancies?sort=posted", XLSX))).active
    rows = list(sheet.iter_rows())
    assert len(rows) == 1 + len(found)
    at = {cell.value: n for n, cell in enumerate(rows[0])}
    assert "岗位名称" in at
    for row, item in zip(rows[1:], found):
        assert row[at["岗位名称"]].value == item["title"]
        assert row[at["岗位名称"]].data_type == "s"  # never a formula
    numbers = [row[at["招聘人数"]] for row in rows[1:]] if "招聘人数" in at else []
    assert all(cell.data_type == "n" for cell in numbers)


def test_filters_and_rights_are_those_of_the_list(trade):
    path = f"/v1/vacancies?employer={CODES[3]}&state=all"
    assert len(csv_rows(file(trade, path, CSV))) == 1 + LINES
    assert trade.call("GET", "/v1/vacancies?colour=red", headers={"Accept": CSV}).status == 400 or \
        trade.call("GET", "/v1/vacancies?colour=red", headers={"Accept": CSV}).status == 422
    agency = trade.daemon.keys["agency"]
    refused = trade.call("GET", "/v1/returns", key=agency, headers={"Accept": CSV})
    assert refused.status == 403 and refused.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("accept, kind", [
    ("application/json, text/csv", "application/json"), ("*/*", "application/json"),
    ("text/html, text/csv;q=0.9", CSV), (f"{XLSX}, text/csv", XLSX)])
def test_what_is_accepted_first_is_what_comes(trade, accept, kind):
    answer = trade.call("GET", f"/v1/returns?district={DISTRICT}", headers={"Accept": accept})
    assert answer.status == 200
    assert answer.headers["content-type"].partition(";")[0] == kind


def test_an_empty_list_is_an_empty_file(trade):
    assert csv_rows(file(trade, "/v1/referrals", CSV)) == [[]]
