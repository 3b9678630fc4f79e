"""Files of lines: NDJSON and CSV, of one employer and of many, whole and cut off."""

import http.client
import json
import os
import re
import socket
import subprocess

from harness.daemon import binary, program
from harness.imports import (CODES, ELSEWHERE, HEADER, NDJSON, begin, closing, csv_file, group, ndjson,
                             offered, path, row, send, state_of)
from harness.trade import COMMUNITY, Trade, line, quarter_return
from harness.wait import wait_for

OLD, CREDIT = "MA0000007", "92410105MA0000007M"  # one employer


def test_one_file_for_many_employers_twice(daemon, postgres):
    trade = group(daemon)
    trade.must(201, "PUT", path(), quarter_return([line("OLD", 2, interview_contact="丙")]))
    # Near-copies in three employers' sites of two districts; 1 in 100 is bad.
    lines = [offered(f"R{n}", 1 + n % 3, CODES[n % 3], place=ELSEWHERE if n % 2 else COMMUNITY,
                     interview_contact="店长" if n % 7 == 0 else None) for n in range(1300)]
    bad = {100: {"posts": 0}, 200: {"occupation": "9-99"}, 300: {"place": "410105003999"},
           400: {"quarter": "2008Q1"}, 500: {"employer": "000000019"}, 600: {"title": None},
           700: {"reserved": True, "approval": "无此文号"}, 800: {"wage": 1}}
    for n, change in bad.items():
        lines[n].update(change)
    body = ndjson(lines[:900]) + b'{"quarter": "2007Q2", "ref": \n\xff\xfe\n\n' + ndjson(lines[900:])
    receipts, end = send(daemon, body, "file-1", "group")
    assert [r["line"] for r in receipts] == [*range(1, 903), *range(904, 1304)]
    refused = {r["line"]: [(e["pointer"], e["rule"]) for e in r["errors"]]
               for r in receipts if r["result"] == "refused"}
    assert refused == {
        101: [("/posts", "range")], 201: [("/occupation", "format")],
        301: [("/place", "unknown-code")], 401: [("/quarter", "quarter-not-open")],
        501: [("/employer", "not-found")], 601: [("/title", "required")],
        701: [("/approval", "approval-unknown")], 801: [("/wage", "unknown-member")],
        901: [("", "truncated")], 902: [("", "utf-8")]}
    assert (end["state"], end["lines"], end["added"], end["refused"]) == ("complete", 1303, 1292, 10)
    assert all(r["vacancy"] for r in receipts if r["result"] == "added")
    assert receipts[0]["district"] == "410105" and receipts[1]["district"] == "410103"
    # What the file does not mention stays.
    stands = trade.must(200, "GET", path())
    assert "OLD" in stands["vacancies"] and stands["staff"] == 120
    count = postgres.psql("SELECT count(*), sum(version) FROM ledger.vacancy")
    assert count == "1293|1293"
    versions = postgres.psql("SELECT sum(version) FROM ledger.return")

    first = (receipts, end)
    assert send(daemon, body, "file-1", "group") == first
    again, end = send(daemon, body, "file-1b", "group")
    assert [(r["line"], r["result"]) for r in again] == [
        (r["line"], "unchanged" if r["result"] == "added" else "refused") for r in receipts]
    assert (end["unchanged"], end["added"]) == (1292, 0)
    assert postgres.psql("SELECT count(*), sum(version) FROM ledger.vacancy") == count
    assert postgres.psql("SELECT sum(version) FROM ledger.return") == versions
    kept = trade.must(200, "GET", "/v1/imports/file-1", key=daemon.keys["group"])
    # What became of every line is told with the receipts.
    assert first[1].pop("file") == {"total": 1303, "blank": 1, "header": 0}
    assert kept == first[1]
    trade.must(404, "GET", "/v1/imports/file-1")

    # A ref that comes again in the file amends itself; a contact alone is a change, if it is another.
    more = [offered("R0", 9), offered("R0", 8), offered("R6", 1, interview_contact="新店长"),
            offered("OLD", 2, interview_contact="丙"), offered("R6", 1, interview_contact="新店长")]
    receipts, end = send(daemon, ndjson(more), "file-2", "group")
    assert [r["result"] for r in receipts] == ["changed", "changed", "changed", "unchanged", "unchanged"]
    seen = trade.must(200, "GET", f"/v1/vacancies/{receipts[0]['vacancy']}")
    assert seen["posts"] == 8 and seen["employer_name"] == "集团门店"
    # One employer's key need not say whose the lines are; a bureau's must.
    anonymous = offered("N1")
    del anonymous["employer"]
    assert send(daemon, ndjson([anonymous]), "file-3")[0][0]["result"] == "added"
    assert send(daemon, ndjson([anonymous]), "file-4", "bureau")[0][0]["errors"][0]["rule"] == "required"
    assert send(daemon, ndjson([offered("X", 1, CODES[1])]), "file-5")[0][0]["result"] == "refused"
    wait_for(lambda: daemon.admin("POST", "/board/verify").json["differences"] == 0, 20,
             "the board to equal the ledger")


def test_a_file_closes_lines_too(daemon):
    trade = group(daemon)
    first = [offered(ref, 2, code) for code in CODES[:2] for ref in ("A", "B", "C")]
    receipts, _ = send(daemon, ndjson(first), "file-1", "group")
    vacancies = [r["vacancy"] for r in receipts]
    second = [closing("A", reason="filled_agency", filled_by="金水职介"), offered("B", 3),
              closing("C", CODES[1], reason="unfilled"), closing("C", reason="sold"),
              closing("Z", reason="unfilled"), closing("C", place=ELSEWHERE, reason="unfilled"),
              closing("A", CODES[2], reason="unfilled"), closing("C", "000000019", reason="unfilled"),
              {**closing("C", reason="unfilled"), "posts": 1},
              {**closing("C", reason="unfilled"), "quarter": "2008Q1"}]
    receipts, end = send(daemon, ndjson(second), "file-2", "group")
    assert [r["result"] for r in receipts] == ["closed", "changed", "closed"] + ["refused"] * 7
    assert [r["errors"][0]["pointer"] for r in receipts[3:]] == [
        "/closed/reason", "/ref", "/ref", "/ref", "/employer", "/posts", "/quarter"]
    assert (end["changed"], end["refused"]) == (3, 7) and receipts[0]["vacancy"] == vacancies[0]
    gone = trade.must(200, "GET", f"/v1/vacancies/{vacancies[0]}")
    assert (gone["state"], gone["closed_reason"]) == ("closed", "filled_agency")
    stands = trade.must(200, "GET", path())
    assert [l["ref"] for l in stands["lines"]] == ["B", "C"]
    again, end = send(daemon, ndjson(second), "file-2b", "group")
    assert [r["result"] for r in again][:3] == ["unchanged"] * 3 and end["changed"] == 0
    # The same file first opens and then closes: in its order.
    receipts, _ = send(daemon, ndjson([offered("N"), closing("N", reason="withdrawn"), offered("N", 4)]),
                       "file-3", "group")
    assert [r["result"] for r in receipts] == ["added", "closed", "added"]

    # By whichever code the employer is named.
    trade.employer(OLD)
    daemon.keys["both"] = daemon.new_key(role="employer", org_code=OLD, org_name="一家两码")
    receipts, _ = send(daemon, ndjson([offered("T", 1, OLD)]), "file-5", "both")
    receipts, end = send(daemon, ndjson([closing("T", OLD, reason="withdrawn"), offered("T", 8, CREDIT),
                                         offered("U", 2, OLD), offered("U", 3, CREDIT)]), "file-6", "both")
    assert [r["result"] for r in receipts] == ["closed", "added", "added", "changed"] and end["state"] == "complete"
    stands = trade.must(200, "GET", path(OLD))
    assert [(l["ref"], l["posts"]) for l in stands["lines"]] == [("T", 8), ("U", 3)]

    rows = [row("B", posts=3) + ["未招到", ""], row("C", posts="二") + ["职介机构招用", "金水职介"],
            row("N", posts=4) + ["", ""]]
    receipts, _ = send(daemon, csv_file(rows, HEADER + ["关闭原因", "招用机构"], "gb18030"), "file-4",
                       headers={"Content-Type": "text/csv; charset=gb18030"})
    assert [r["result"] for r in receipts][:2] == ["closed", "closed"], receipts
    stands = trade.must(200, "GET", path())
    assert list(stands["vacancies"]) == ["N"]
    wait_for(lambda: daemon.admin("POST", "/board/verify").json["differences"] == 0, 20,
             "the board to equal the ledger")


def test_a_spreadsheet(daemon):
    trade = Trade(daemon)
    trade.employer()
    as_csv = {"Content-Type": "text/csv; charset=utf-8"}
    as_gb = {"Content-Type": 'text/csv; charset="GB18030"'}
    rows = [row("A"), row("B", '巡逻,"夜间"\n门岗'), row("C", "值班", "两"), row("D", flag="不详"),
            row("E", "长" * 70000), row("F")[:5], row("G", "多䶮㐀字")]
    receipts, end = send(daemon, b"\xef\xbb\xbf" + csv_file(rows), "s1", headers=as_csv)
    # B's line feed in quotes is part of its cell; the rest stand.
    assert [(r["line"], r.get("lines"), r["result"]) for r in receipts] == [
        (2, None, "added"), (3, 2, "added"), (5, None, "refused"), (6, None, "refused"), (7, None, "refused"),
        (8, None, "refused"), (9, None, "added")]
    rules = [r["errors"][0]["rule"] for r in receipts if r["result"] == "refused"]
    assert rules == ["type", "type", "too-long", "count"]
    assert receipts[2]["errors"][0]["column"] == "招聘人数"
    assert end["file"] == {"total": 9, "blank": 0, "header": 1}
    stands = trade.must(200, "GET", path())["lines"]
    assert stands[0]["insurance"] == ["pension", "medical"] and stands[0]["pay_period"] == "month"
    assert stands[0]["reserved"] is False and stands[0]["posts"] == 2

    rows[1] = row("B", '巡逻,"夜间"')
    receipts, end = send(daemon, csv_file(rows[:2] + rows[6:], charset="gb18030"), "s2", headers=as_gb)
    assert [r["result"] for r in receipts] == ["unchanged", "changed", "unchanged"]
    assert trade.must(200, "GET", path())["lines"][1]["duties"] == '巡逻,"夜间"'

    def refused(body, headers, status=422):
        answer = daemon.request("POST", "/v1/imports", daemon.keys["employer"], raw=body,
                                headers={"Idempotency-Key": "s3", **headers})
        assert answer.status == status, answer
        return [(e["pointer"], e["rule"]) for e in answer.json["errors"]]

    for charset, label in (("gb18030", as_csv), ("utf-16", as_csv), ("utf-8", as_gb), ("utf-16", as_gb)):
        assert refused(csv_file(rows, charset=charset), label) == [("", "charset")]
    assert refused(csv_file(rows, HEADER[:3] + ["工龄"]), as_csv) == [("/header/4", "unknown-member")]
    assert refused(csv_file(rows, HEADER + ["ref"]), as_csv) == [("/header/12", "duplicate")]
    assert refused(b"{}", {"Content-Type": "application/json"}, 415) == [("header/Content-Type", "type")]
    assert refused(b"x", {"Content-Type": "text/csv; charset=big5"}, 415)
    # Cut in the middle of a quoted cell; the right columns in the wrong bytes.
    cut = csv_file([row("H"), row("I", '一"二')])[:-40]
    receipts, end = send(daemon, cut, "s4", headers=as_csv)
    assert [r["result"] for r in receipts] == ["added", "refused"]
    assert receipts[1]["errors"][0]["rule"] in ("quote", "count")
    wrong = csv_file([row("J")], charset="gb18030") + b"K,2007Q2,\xff\xff,x,x,1,x,1,x,x,x\r\n"
    receipts, _ = send(daemon, wrong, "s5", headers=as_gb)
    assert [r["result"] for r in receipts] == ["added", "refused"]
    # However long a word of a list is, it is not passed over.
    wordy = row("L")
    wordy[9] = "养老；a" + "长" * 22
    receipts, _ = send(daemon, csv_file([wordy]), "s6", headers=as_csv)
    assert [(e["pointer"], e["rule"]) for e in receipts[0]["errors"]] == [("/insurance/1", "choice")]


def test_a_line_of_ten_megabytes_and_a_cut_connection(daemon, postgres):
    trade = Trade(daemon)
    trade.employer()
    body = ndjson([offered("A")]) + b'{"duties": "' + b"x" * 10_000_000 + b'"}\n' + ndjson([offered("B")])
    receipts, end = send(daemon, body, "big")
    assert [r["result"] for r in receipts] == ["added", "refused", "added"]
    assert receipts[1]["errors"][0]["rule"] == "too-long"
    assert receipts[1]["errors"][0]["found"] == "10000015 bytes"

    # Cut after 1,200 of 2,000 lines: whole batches stand; the same file again makes the rest, with the
    # receipts of both.
    lines = ndjson([offered(f"C{n}") for n in range(2000)])
    sent = len(lines) * 6 // 10
    with socket.create_connection(("127.0.0.1", daemon.port)) as s:
        s.sendall((f"POST /v1/imports HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
                   f"{daemon.keys['employer']}\r\nIdempotency-Key: cut\r\n"
                   f"Content-Type: application/x-ndjson\r\nContent-Length: {len(lines)}\r\n\r\n"
                   ).encode() + lines[:sent])

        def done():
            return postgres.psql("SELECT lines FROM ledger.import WHERE name = 'cut'") == "1000"

        wait_for(done, 20, "two batches")
    seen = wait_for(lambda: [a for a in [trade.must(200, "GET", "/v1/imports/cut",
                                                    key=daemon.keys["employer"])]
                             if a["state"] == "cut"], 20, "the end of the import")
    assert seen[0]["added"] == 1000
    receipts, end = send(daemon, lines, "cut")
    assert len(receipts) == 2000 and (end["run"], end["added"], end["lines"]) == (2, 2000, 2000)
    assert [r["line"] for r in receipts] == list(range(1, 2001))
    assert postgres.psql("SELECT count(*) FROM ledger.vacancy") == "2002"

    # Who asks before it sends is told to go on; a refusal comes at once, without the body.
    connection = http.client.HTTPConnection("127.0.0.1", daemon.port, timeout=10)
    connection.putrequest("POST", "/v1/imports")
    for name, value in {"Authorization": f"Bearer {daemon.keys['agency']}", "Content-Length": "999",
                        "Vacancyd-Actor": daemon.actors[daemon.keys["agency"]],
                        "Idempotency-Key": "x", **NDJSON}.items():
        connection.putheader(name, value)
    connection.endheaders()
    assert connection.getresponse().status == 403
    connection.close()


def test_one_organisation_has_two_at_a_time(daemon):
    Trade(daemon).employer()
    daemon.keys["second"] = daemon.new_key(role="employer", org_code=CODES[0], org_name="测试企业")
    daemon.keys["other"] = daemon.new_key(role="employer", org_code=CODES[1], org_name="另一企业")
    slow = [begin(daemon, "employer", "slow-0"), begin(daemon, "second", "slow-1")]
    for n, key in enumerate(("employer", "second")):
        wait_for(lambda n=n, key=key: state_of(daemon, f"slow-{n}", key) == "running", 10, "its opening")
    # A third waits for neither, by whichever key; the other's goes through beside them.
    for key in ("employer", "second"):
        answer = daemon.request("POST", "/v1/imports", daemon.keys[key], raw=b"",
                                headers={**NDJSON, "Idempotency-Key": "third"})
        assert answer.status == 503 and int(answer.headers["retry-after"]) >= 1, answer
        assert answer.json["type"] == "/problems/busy"
    beside = ndjson([offered("A", code=CODES[1])])
    assert send(daemon, beside, "beside", "other")[1]["state"] == "complete"
    # A place is given back with the import that had it.
    slow[0].close()
    wait_for(lambda: state_of(daemon, "slow-0") == "cut", 10, "its end")
    assert send(daemon, ndjson([offered("A")]), "third")[1]["state"] == "complete"
    slow[1].close()
    wait_for(lambda: state_of(daemon, "slow-1", "second") == "cut", 10, "the end of the second")


def test_an_import_comes_to_an_end(make_daemon, tmp_path):
    folder = tmp_path / "receipts"
    folder.mkdir()
    daemon = make_daemon(import_refusals=10, import_receipts_bytes=65536, import_dir=str(folder))
    trade = Trade(daemon)
    trade.employer()

    # One line more than may be refused ends it; the rest is read and thrown away.
    body = ndjson([offered("A")]) + b"{}\n" * 20000 + ndjson([offered("B")])
    receipts, end = send(daemon, body, "wrong")
    assert end["state"] == "stopped" and state_of(daemon, "wrong") == "stopped"
    assert [r["result"] for r in receipts] == ["added"] + ["refused"] * 11
    assert (end["lines"], end["added"], end["refused"]) == (12, 1, 11)
    assert list(trade.must(200, "GET", path())["vacancies"]) == ["A"]
    # As many as may be do not; nor is it the sum over imports.
    for name in ("ten", "ten-again"):
        end = send(daemon, b"{}\n" * 10 + ndjson([offered("B")]), name)[1]
        assert (end["state"], end["refused"]) == ("complete", 10)
    # Refusals of the ledger count as those before it do: two batches, which are full when the lines
    # come as fast as they are taken, and no third beside what the first left on its way.
    lines = [closing(f"Z{n}", reason="unfilled") for n in range(4000)]
    receipts, end = send(daemon, ndjson(lines), "unknown")
    assert end["state"] == "stopped" and len(receipts) == end["refused"]
    assert 10 < end["refused"] <= 1500

    # Receipts are bounded.
    receipts, end = send(daemon, ndjson([offered("A")] * 3000), "long")
    assert end["state"] == "stopped" and len(receipts) == end["unchanged"] < 3000

    # A sender that is quick enough for each deadline but has no end.
    daemon = make_daemon(import_deadline_ms=1500)
    with begin(daemon, "employer", "endless") as s:
        s.settimeout(0.05)
        answer = b""
        try:
            while not answer:
                s.sendall(b"\n" * 1000)
                try:
                    answer = s.recv(65536)
                except TimeoutError:
                    continue
        except (BrokenPipeError, ConnectionResetError):
            pass
    assert answer.startswith(b"HTTP/1.1 200 "), answer
    assert state_of(daemon, "endless") == "stopped"


def test_where_receipts_wait_is_checked(daemon):
    settings = daemon.dir / "nowhere.conf"
    settings.write_text(re.sub("import_dir = .*", 'import_dir = "/nowhere"', daemon.config.read_text()))
    assert "import_dir: /nowhere: " in program("-c", settings, "--check-config", check=1).stderr


def test_the_command_line(daemon, tmp_path):
    trade = Trade(daemon)
    trade.employer()
    file, receipts = tmp_path / "lines.csv", tmp_path / "receipts"
    file.write_bytes(csv_file([row("A"), row("B", posts=0)], charset="gb18030"))

    def ctl(*words, code=0):
        done = subprocess.run([binary("vacancyctl"), "--url", daemon.url, "--lang", "zh", *words],
                              env=dict(os.environ, VACANCYD_KEY=daemon.keys["employer"]),
                              capture_output=True, text=True, check=False)
        assert done.returncode == code, done
        return done.stdout + done.stderr

    sent = ("import", file, "--charset", "gb18030", "--receipts", receipts)
    assert "已完成" in ctl(*sent, code=1)
    assert [json.loads(x)["result"] for x in receipts.read_text().splitlines()] == ["added", "refused"]
    first = receipts.read_text()
    assert "complete，已到第 3 行" in ctl(*sent, "--resume", code=1)
    assert receipts.read_text() == first
    # Its name is of what is in it, and of what it is: no other file's.
    file.with_suffix(".ndjson").write_bytes(file.read_bytes())
    ctl("import", file.with_suffix(".ndjson"), "--receipts", receipts, code=1)
    ctl(*sent, "--idempotency-key", "named", code=1)
    shown = ctl("import", "show", "named")
    assert "第 3 行" in shown and "招聘人数「0」" in shown, "it says why"
    again = [json.loads(x) for x in ctl("import", "receipts", "named").splitlines()]
    assert [r.get("result") for r in again] == ["unchanged", "refused", None]
    assert '"validated":true' in ctl(*sent, "--validate", "--json", "--idempotency-key", "t", code=1).replace(" ", "")
    assert "已完成" in ctl(*sent, code=1) and receipts.read_text() == first
    assert ctl("return", "list", "--quarter", "2007Q2").splitlines()[1].split()[0] == CODES[0]
    (tmp_path / "patch").write_text('{"posts": 7}')
    assert "A" in ctl("return", "amend", CODES[0], "410105", "2007Q2", "A", tmp_path / "patch")
    ctl("return", "close", CODES[0], "410105", "2007Q2", "A", "--reason", "filled_own")
    assert len(ctl("return", "history", CODES[0], "410105", "2007Q2").splitlines()) == 4
    assert "逾期已报" in ctl("obligations", "list", "--state", "late")
    assert "新增" in ctl("import", file, code=1)  # its bytes say what they are
    assert "422" in ctl("import", file, "--charset", "utf-8", code=1)


def test_a_file_that_cannot_be_read_to_its_end(daemon):
    """Its first lines are on their way when it is seen: their receipts come all the same."""
    Trade(daemon).employer()
    body = b"x\n" * 1000 + ("中文" * 20000).encode("gb18030")
    receipts, end = send(daemon, body, "broken", headers={"Content-Type": "application/x-ndjson; charset=utf-8"})
    assert [r["line"] for r in receipts] == list(range(1, 1002))
    assert [e["rule"] for e in receipts[-1]["errors"]] == ["charset"]
    assert (end["state"], end["refused"]) == ("stopped", 1001) and state_of(daemon, "broken") == "stopped"
