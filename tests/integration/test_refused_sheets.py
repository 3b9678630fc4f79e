"""The refused rows of a file as a sheet: mended in it and sent again, they are taken."""

import csv
import io
import json
import pathlib
import socket

import openpyxl
import pytest
from harness.imports import HEADER, csv_file, row, state_of
from harness.trade import COMMUNITY, Trade, citizen_number
from harness.wait import wait_for
from test_household_sheets import HEADS as HOMES
from test_household_sheets import home

CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
REASON = "退回原因"
PEOPLE = ["序号", "身份证号", "姓名", "户口类型", "户籍地", "社区", "学历", "求职意向", "求职范围", "班次", "用工形式",
          "人员类别"]


def person(n, **changed):
    cells = {"序号": n, "身份证号": citizen_number(n), "姓名": f"求职者{n}", "户口类型": "城镇", "户籍地": "410105",
             "社区": COMMUNITY, "学历": "普通高中毕业", "求职意向": "4-07-05-01", "求职范围": "city", "班次": "day",
             "用工形式": "full", "人员类别": "local"}
    return [{**cells, **changed}[h] for h in PEOPLE]


def book(*rows):
    out, wb = io.BytesIO(), openpyxl.Workbook()
    for cells in rows:
        wb.active.append(cells)
    wb.save(out)
    return out.getvalue()


def send(daemon, body, name, kind, of, key="bureau"):
    answer = daemon.request("POST", f"/v1/imports?kind={of}", daemon.keys.get(key, key), raw=body,
                            headers={"Content-Type": kind, "Idempotency-Key": name})
    assert answer.status == 200, answer
    receipts = [json.loads(line) for line in answer.text.splitlines()]
    return receipts[:-1], receipts[-1]


def sheet_of(daemon, name, kind, lang="zh-CN", key="bureau", status=200):
    return_to = daemon.keys.get(key, key)
    answer = daemon.request("GET", f"/v1/imports/{name}/receipts", return_to,
                            headers={"Accept": kind, "Accept-Language": lang})
    assert answer.status == status, answer
    if status == 200:
        assert answer.headers["content-type"].partition(";")[0] == kind
    return answer.body


def rows_of(body, kind):
    if kind == XLSX:
        return [list(r) for r in openpyxl.load_workbook(io.BytesIO(body)).active.iter_rows(values_only=True)]
    return list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("kind", [CSV, XLSX])
def test_refused_people_are_mended_in_their_sheet_and_taken(daemon, kind):
    sent = [PEOPLE, person(1), person(2, 社区="410105003999"), person(3, 身份证号=410105197001010000),
            person(4, 学历="不知道", 姓名="@赵"), person(5)]
    receipts, end = send(daemon, book(*sent), "street", XLSX, "seekers")
    assert [r["result"] for r in receipts] == ["added", "refused", "refused", "refused", "added"], receipts
    heads, *rows = rows_of(sheet_of(daemon, "street", kind), kind)
    assert heads == [*PEOPLE, REASON]
    assert len(rows) == end["refused"] == 3
    at = {h: n for n, h in enumerate(heads)}
    cells = [[str(c or "") for c in r] for r in rows]
    assert cells[0][:-1] == [str(c) for c in sent[2]]
    assert cells[2][at["姓名"]] == ("'@赵" if kind == CSV else "@赵")
    # A number that has lost its last digits would be another person's when it came as text.
    assert cells[1][at["身份证号"]] == "" and "设为文本" in cells[1][-1]
    assert "第3行" in cells[0][-1] and "社区" in cells[0][-1] and "学历" in cells[2][-1]
    assert citizen_number(2) not in cells[0][-1]

    rows[0][at["社区"]] = COMMUNITY
    rows[1][at["身份证号"]] = citizen_number(3)
    rows[2][at["学历"]] = "初中毕业"
    out = io.StringIO()
    csv.writer(out).writerows([heads, *rows])
    again = book(heads, *rows) if kind == XLSX else out.getvalue().encode("utf-8-sig")
    receipts, end = send(daemon, again, "mended", kind, "seekers")
    assert [r["result"] for r in receipts] == ["added"] * 3, receipts
    assert end["file"]["not_read"] == {"columns": ["序号", REASON]}
    # Nothing is wrong any more: a sheet without rows.
    assert rows_of(sheet_of(daemon, "mended", kind), kind)[1:] == []


def test_a_row_that_could_not_be_read_has_its_reason_and_is_nothing_when_it_comes_back(daemon):
    Trade(daemon).employer()
    lines = csv_file([row("A"), row("B", posts=0), row("C")]).decode().splitlines()
    lines.insert(2, '"D,2007Q2,never closed')
    receipts, _ = send(daemon, "\n".join(lines).encode(), "broken", CSV, "returns", "employer")
    assert [r["result"] for r in receipts] == ["added", "refused", "refused", "added"]
    heads, unread, wrong = rows_of(sheet_of(daemon, "broken", CSV, "en", "employer"), CSV)
    assert heads == [*HEADER, "refusal_reason"]
    assert not any(unread[:-1]) and unread[-1].startswith("line 3: A quote") or "quote" in unread[-1], unread
    assert wrong[0] == "B" and wrong[-1].startswith("line 4: 招聘人数: ") and "1 to 10000" in wrong[-1]
    wrong[heads.index("招聘人数")] = "4"
    out = io.StringIO()
    csv.writer(out).writerows([heads, unread, wrong])
    receipts, end = send(daemon, out.getvalue().encode(), "again", CSV, "returns", "employer")
    assert [(r["line"], r["result"]) for r in receipts] == [(3, "added")], (receipts, unread)
    assert end["file"]["blank"] == 1


def test_what_is_kept_is_sealed_and_its_senders_alone(daemon):
    sent = [PEOPLE, *(person(n, 社区="410105003999") for n in range(1, 700))]
    receipts, _ = send(daemon, book(*sent), "sealed", XLSX, "seekers")
    assert len(receipts) == 699 and {r["result"] for r in receipts} == {"refused"}
    kept = b"".join(p.read_bytes() for p in pathlib.Path(daemon.dir).glob("vacancyd-*"))
    assert kept and citizen_number(1).encode() not in kept and "求职者1".encode() not in kept
    heads, *rows = rows_of(sheet_of(daemon, "sealed", XLSX), XLSX)
    assert [r[1] for r in rows] == [citizen_number(n) for n in range(1, 700)]
    other = daemon.new_key(role="bureau", org_name="金水区劳动保障局", scope="410105")
    sheet_of(daemon, "sealed", XLSX, key=other, status=404)
    for path in pathlib.Path(daemon.dir).glob("vacancyd-*.rows.receipts"):
        path.write_bytes(path.read_bytes()[:-1] + b"x")  # altered: its rows are not told, their reasons are
    heads, *rows = rows_of(sheet_of(daemon, "sealed", XLSX), XLSX)
    assert heads[-1] == REASON and len(rows) == 699 and rows[-1][-1]
    for path in pathlib.Path(daemon.dir).glob("vacancyd-*.receipts"):
        path.unlink()
    sheet_of(daemon, "sealed", XLSX, status=410)


@pytest.mark.parametrize("kind", [CSV, XLSX])
def test_a_household_is_mended_with_all_its_rows(daemon, kind):
    trade = Trade(daemon)
    for n in range(1, 7):
        trade.register(n)
    lacking = home(2, 3, 3, 4)
    sent = [HOMES, *home(1, 2, 1, 2), *lacking, *home(3, 1, 5)]
    receipts, _ = send(daemon, book(*sent), "homes", XLSX, "households")
    assert [(r["line"], r.get("lines"), r["result"]) for r in receipts] == [
        (2, 2, "added"), (4, 2, "refused"), (6, None, "added")], receipts
    heads, *rows = rows_of(sheet_of(daemon, "homes", kind), kind)
    assert heads == [*HOMES, REASON]
    assert [[str(c or "") for c in r[:-1]] for r in rows] == [[str(c) for c in r] for r in lacking]
    # The reason stands in the first row, which has what is of the whole.
    assert rows[0][-1] and not rows[1][-1]
    rows[0][heads.index("家庭人口")] = 2
    out = io.StringIO()
    csv.writer(out).writerows([heads, *rows])
    again = book(heads, *rows) if kind == XLSX else out.getvalue().encode("utf-8-sig")
    receipts, _ = send(daemon, again, "homes-mended", kind, "households")
    assert [(r.get("lines"), r["result"]) for r in receipts] == [(2, "added")], receipts
    made = trade.must(200, "GET", f"/v1/households/{receipts[0]['household']}")
    assert len(made["members"]) == 2


def test_an_import_that_was_cut_and_sent_again_has_each_refused_row_once(daemon, postgres):
    Trade(daemon).employer()
    wrong = {5, 499, 500, 501, 777, 1200}
    lines = csv_file([row(f"L{n}", posts=0 if n in wrong else 1) for n in range(1, 1201)])
    at = lines.index(b"\nL900,")
    with socket.create_connection(("127.0.0.1", daemon.port)) as s:
        s.sendall((f"POST /v1/imports HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {daemon.keys['employer']}\r\n"
                   f"Idempotency-Key: cut\r\nContent-Type: {CSV}\r\nContent-Length: {len(lines)}\r\n\r\n"
                   ).encode() + lines[:at])
        wait_for(lambda: int(postgres.psql("SELECT coalesce(max(lines), 0) FROM ledger.import WHERE name = 'cut'")) >= 500,
                 20, "its first batch")
    wait_for(lambda: state_of(daemon, "cut") == "cut", 20, "the end of the import")
    before = {r[0] for r in rows_of(sheet_of(daemon, "cut", CSV, "en", "employer"), CSV)[1:]}
    assert {"L5", "L499"} <= before and "L1200" not in before, before
    receipts, end = send(daemon, lines, "cut", CSV, "returns", "employer")
    assert len(receipts) == 1200 and end["state"] == "complete" and end["refused"] == len(wrong), end
    heads, *rows = rows_of(sheet_of(daemon, "cut", CSV, "en", "employer"), CSV)
    assert [r[0] for r in rows] == [f"L{n}" for n in sorted(wrong)]
    assert all(r[heads.index("招聘人数")] == "0" and r[-1] for r in rows)
