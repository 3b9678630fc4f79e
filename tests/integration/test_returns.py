"""Returns over time and in bulk: lists, versions, as of a day, lines amended and closed, who had
to file, vacancies over the quarters, and files of lines."""

import csv
import http.client
import io
import json
import os
import socket
import subprocess
from concurrent.futures import ThreadPoolExecutor

from harness.daemon import binary
from harness.trade import COMMUNITY, Trade, line, quarter_return
from harness.wait import wait_for

ELSEWHERE = "410103001001"
CODES = ("123456788", "600037341", "123456796")


def set_clock(postgres, daemon, instant):
    """The sample city lives on another day; the daemon hears of it with a heartbeat."""
    postgres.psql(f"UPDATE ledger.city SET fixed_clock = '{instant}+08'")
    day = instant[:10]

    def knows():
        answer = daemon.request("GET", "/v1/progress", daemon.keys["bureau"])
        return answer.status == 200 and day in answer.text

    wait_for(knows, 10, f"the daemon's day to be {day}")


def path(code=CODES[0], quarter="2007Q2", district="410105"):
    return f"/v1/returns/{code}/{district}/{quarter}"


def test_versions_and_a_day_in_the_past(daemon, postgres):
    trade = Trade(daemon)
    trade.employer()
    employer = daemon.keys["employer"]
    trade.file([line("A"), line("B")])
    set_clock(postgres, daemon, "2007-07-20 09:00")
    body = quarter_return([line("A", 5), line("C")])
    body["closed"] = [{"ref": "B", "reason": "filled_agency", "filled_by": "金水职介"}]
    trade.must(412, "PUT", path(), body, key=employer, headers={"If-None-Match": "*"})
    trade.must(200, "PUT", path(), body, key=employer)
    assert trade.call("GET", path(), headers={"If-None-Match": '"2"'}).status == 304

    history = trade.must(200, "GET", path() + "/versions", key=employer)
    second, first = history["items"]
    assert (second["version"], second["added"], second["changed"], second["left_out"]) == \
        (2, ["C"], ["A"], ["B"])
    assert second["closed"] == [{"ref": "B", "reason": "filled_agency", "filled_by": "金水职介"}]
    assert first["added"] == ["A", "B"] and first["late"] is True
    assert second["received_at"].startswith("2007-07-20") and second["organisation"] == CODES[0]
    page = trade.must(200, "GET", path() + "/versions?limit=1", key=employer)
    assert [i["version"] for i in page["items"]] == [2]
    page = trade.must(200, "GET", path() + f"/versions?limit=1&cursor={page['next']}", key=employer)
    assert [i["version"] for i in page["items"]] == [1] and page["next"] is None

    def refs(query):
        return [x["ref"] for x in trade.must(200, "GET", path() + query)["lines"]]

    assert refs("?as_of=2007-07-19") == ["A", "B"] and refs("?as_of=2007-07-20") == ["A", "C"]
    trade.must(404, "GET", path() + "?as_of=2007-07-11")
    trade.must(422, "GET", path() + "?as_of=2007-07-21")
    trade.must(422, "GET", path() + "?as_of=2007-07-19&version=1")
    wrong = quarter_return([line("A", 5)], closed=[{"ref": "C", "reason": "withdrawn",
                                                    "filled_by": "x"}])
    assert trade.must(422, "PUT", path(), wrong)["errors"][0]["pointer"] == "/closed/0/filled_by"

    # Lists: an employer's own, a district's, by page.
    for n, code in enumerate(CODES[1:]):
        trade.employer(code)
        trade.must(201, "PUT", path(code), quarter_return([line("X")] if n else []))
    seen, query = [], "/v1/returns?district=410105&quarter=2007Q2&limit=2"
    page = trade.must(200, "GET", query)
    seen += page["items"]
    assert trade.must(409, "GET", f"/v1/returns?limit=2&cursor={page['next']}")["type"].endswith("restart")
    page = trade.must(200, "GET", f"{query}&cursor={page['next']}")
    seen += page["items"]
    assert [i["employer"] for i in seen] == list(CODES) and page["next"] is None
    assert [i["lines"] for i in seen] == [2, 0, 1]
    mine = trade.must(200, "GET", "/v1/returns", key=employer)["items"]
    assert [i["employer"] for i in mine] == [CODES[0]] and mine[0]["version"] == 2
    assert [i["employer"] for i in trade.must(200, "GET", "/v1/returns?nil=true")["items"]] == [CODES[1]]
    elsewhere = daemon.new_key(role="bureau", org_name="二七区劳动保障局", scope="410103")
    assert trade.must(200, "GET", "/v1/returns", key=elsewhere)["items"] == []
    trade.must(404, "GET", path() + "/versions", key=elsewhere)


def test_many_amend_lines_of_one_return_at_once(daemon):
    trade = Trade(daemon)
    trade.employer()
    refs = [f"R{n}" for n in range(12)]
    trade.file([line(ref) for ref in refs])
    with ThreadPoolExecutor(len(refs)) as pool:
        answers = list(pool.map(lambda ref: trade.call("PATCH", f"{path()}/lines/{ref}", {"posts": 7}), refs))
    assert [a.status for a in answers] == [200] * len(refs), answers
    now = trade.must(200, "GET", path())
    assert now["version"] == 1 + len(refs) and {l["posts"] for l in now["lines"]} == {7}
    # One line by many at once: each member stands as somebody has said it last.
    said = [{"benefits": "工作餐"}, {"duties": "巡逻"}, {"weekly_hours": 44}, {"experience_months": 3}]
    with ThreadPoolExecutor(len(said)) as pool:
        answers = list(pool.map(lambda body: trade.call("PATCH", f"{path()}/lines/R0", body), said))
    assert [a.status for a in answers] == [200] * len(said), answers
    stands = next(l for l in trade.must(200, "GET", path())["lines"] if l["ref"] == "R0")
    assert all(stands.items() >= body.items() for body in said)


def test_one_line_is_amended_and_closed(daemon, postgres):
    trade = Trade(daemon)
    trade.employer()
    key = daemon.keys["employer"]
    vacancies = trade.file([line("A", 2, interview_contact="面试人丙"), line("B")])
    at = path() + "/lines/A"
    diff = trade.must(200, "PATCH", at, {"posts": 4, "benefits": "工作餐"}, key=key)
    assert (diff["changed"], diff["unchanged"], diff["version"]) == (["A"], 1, 2)
    assert diff["vacancies"] == vacancies
    seen = trade.must(200, "GET", f"/v1/vacancies/{vacancies['A']}")
    assert seen["posts"] == 4 and seen["interview_contact"] == "面试人丙"
    # null takes away; the contact alone is a change too; the same again is none.
    trade.must(200, "PATCH", at, {"benefits": None, "interview_contact": "面试人丁"}, key=key)
    assert trade.must(200, "GET", f"/v1/vacancies/{vacancies['A']}")["interview_contact"] == "面试人丁"
    diff = trade.must(200, "PATCH", at, {"posts": 4}, key=key)
    assert (diff["changed"], diff["version"]) == ([], 3)

    assert trade.must(412, "PATCH", at, {"posts": 5}, key=key,
                      headers={"If-Match": '"2"'})["version"] == 3
    assert trade.must(422, "PATCH", at, {"posts": 0}, key=key)["errors"][0]["pointer"] == "/posts"
    assert trade.must(422, "PATCH", at, {"title": None}, key=key)["errors"][0]["rule"] == "required"
    trade.must(422, "PATCH", at, {"ref": "Z"}, key=key)
    trade.must(422, "PATCH", at, {"wages": 1}, key=key)
    assert trade.must(422, "PATCH", at, {"place": ELSEWHERE}, key=key)["errors"][0]["rule"] == \
        "outside-district"
    trade.must(404, "PATCH", path() + "/lines/Z", {"posts": 1}, key=key)
    other = daemon.new_key(role="employer", org_code=CODES[1], org_name="另一企业")
    trade.must(404, "PATCH", at, {"posts": 1}, key=other)
    assert trade.must(200, "GET", path())["version"] == 3

    # Not fewer posts than people placed; closed by reason, with who filled it.
    for n in (1, 2):
        trade.must(201, "POST", "/v1/placements",
                   trade.placement(trade.register(n), vacancies["A"]))
    assert trade.must(409, "PATCH", at, {"posts": 1}, key=key)["type"].endswith("posts-below-placements")
    trade.must(422, "PATCH", at, {"closed": {"reason": "sold"}}, key=key)
    closing = {"closed": {"reason": "filled_agency", "filled_by": "金水职介"}}
    diff = trade.must(200, "PATCH", at, closing, key=key)
    assert diff["closed"] == ["A"] and list(diff["vacancies"]) == ["B"]
    assert trade.must(200, "GET", path())["closed"] == [{"ref": "A", **closing["closed"]}]
    gone = trade.must(200, "GET", f"/v1/vacancies/{vacancies['A']}", key=key)
    assert (gone["state"], gone["closed_reason"]) == ("closed", "filled_agency")
    trade.must(404, "PATCH", at, closing, key=key)
    # What was filed whole before is not what stands now.
    again = trade.must(200, "PUT", path(), quarter_return([line("A", 2), line("B")]))
    assert again["added"] == ["A"] and again["vacancies"]["A"] == vacancies["A"]
    assert postgres.psql("SELECT count(*) FROM ledger.return_version") == "5"


def test_a_vacancy_outlives_its_quarter(daemon, postgres):
    trade = Trade(daemon)
    trade.employer()
    first = trade.file([line("A"), line("S")])
    set_clock(postgres, daemon, "2007-10-05 09:00")
    filed = trade.must(201, "PUT", path(quarter="2007Q3"), quarter_return([line("A")]))
    assert filed["vacancies"] == {"A": first["A"]} and filed["unchanged"] == 1
    # Silence closes nothing yet, with notice of the day on which it will.
    assert filed["unmentioned"] == [{"ref": "S", "lapses_on": "2007-10-11"}]
    kept = trade.must(200, "GET", f"/v1/vacancies/{first['A']}")
    assert (kept["posted_on"], kept["confirmed_on"], kept["quarter"]) == \
        ("2007-07-12", "2007-10-05", "2007Q3")
    assert kept["lapses_on"] == "2008-01-11"
    set_clock(postgres, daemon, "2007-10-11 09:00")
    postgres.psql("SELECT ops.turn_day(4101, 100)")
    states = {ref: trade.must(200, "GET", f"/v1/vacancies/{v}") for ref, v in first.items()}
    assert states["A"]["state"] == "open" and states["S"]["closed_reason"] == "lapsed"


def test_who_had_to_file(daemon, postgres):
    trade = Trade(daemon)
    for code in CODES:
        trade.employer(code)
    trade.must(201, "PUT", path(quarter="2007Q1"), quarter_return([], contact="王某"))
    trade.must(201, "PUT", path(), quarter_return([line("A")]))
    trade.must(201, "PUT", path(CODES[1]), quarter_return([], contact="李某"))
    owed = trade.must(200, "GET", "/v1/obligations?district=410105")
    assert owed["quarter"] == "2007Q2" and owed["due"] == "2007-07-10"
    assert owed["totals"] == {"liable": 3, "filed": 0, "late": 2, "missing": 1, "due": 0, "nil": 1}
    states = {i["employer"]: (i["state"], i["days_late"], i["nil"]) for i in owed["items"]}
    assert states == {CODES[0]: ("late", 2, False), CODES[1]: ("late", 2, True),
                      CODES[2]: ("missing", 2, None)}
    contacts = {i["employer"]: i.get("contact") for i in owed["items"]}
    assert contacts == {CODES[0]: "测试联系人", CODES[1]: "李某", CODES[2]: None}
    missing = trade.must(200, "GET", "/v1/obligations?quarter=2007Q2&state=missing")
    assert [i["employer"] for i in missing["items"]] == [CODES[2]] and missing["totals"]["liable"] == 3
    # As of a day before: nobody had filed, and nobody was late.
    early = trade.must(200, "GET", "/v1/obligations?quarter=2007Q2&as_of=2007-07-09")
    assert early["totals"]["due"] == 3 and early["items"][0]["days_late"] == 0
    trade.must(422, "GET", "/v1/obligations?as_of=2007-07-13")
    trade.must(422, "GET", "/v1/obligations?state=lost")
    mine = trade.must(200, "GET", "/v1/obligations", key=daemon.keys["employer"])
    assert [i["employer"] for i in mine["items"]] == [CODES[0]] and "contact" not in mine["items"][0]
    trade.must(403, "GET", "/v1/obligations", key=daemon.keys["agency"])
    page = trade.must(200, "GET", "/v1/obligations?limit=2")
    rest = trade.must(200, "GET", f"/v1/obligations?limit=2&cursor={page['next']}")
    assert [i["employer"] for i in page["items"] + rest["items"]] == list(CODES)


# --- files ---

NDJSON = {"Content-Type": "application/x-ndjson"}


def offered(ref, posts=1, code=CODES[0], quarter="2007Q2", **changed):
    return {"employer": code, "quarter": quarter, **line(ref, posts, **changed)}


def ndjson(lines):
    return "".join(json.dumps(x, ensure_ascii=False) + "\n" for x in lines).encode()


def send(daemon, body, name, key="employer", headers=NDJSON):
    answer = daemon.request("POST", "/v1/imports", daemon.keys[key], raw=body,
                            headers={**headers, "Idempotency-Key": name})
    assert answer.status == 200, answer
    receipts = [json.loads(x) for x in answer.text.splitlines()]
    return receipts[:-1], receipts[-1]


def group(daemon, codes=CODES):
    """A key of one office for several employers."""
    trade = Trade(daemon)
    for code in codes:
        body = {"name": "集团门店", "sites": [{"district": "410105", "since": "2006-01-01"},
                                          {"district": "410103", "since": "2006-01-01"}]}
        trade.must(201, "PUT", f"/v1/employers/{code}", body)
    daemon.keys["group"] = daemon.new_key(role="employer", org_code=codes[0], org_name="集团人力资源部",
                                          employers=list(codes[1:]))
    return trade


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

    again, end = send(daemon, body, "file-1", "group")
    assert [(r["line"], r["result"]) for r in again] == [
        (r["line"], "unchanged" if r["result"] == "added" else "refused") for r in receipts]
    assert (end["run"], end["unchanged"], end["added"]) == (2, 1292, 0)
    assert postgres.psql("SELECT count(*), sum(version) FROM ledger.vacancy") == count
    assert postgres.psql("SELECT sum(version) FROM ledger.return") == versions
    kept = trade.must(200, "GET", "/v1/imports/file-1", key=daemon.keys["group"])
    assert kept == end
    trade.must(404, "GET", "/v1/imports/file-1")

    # A ref that comes again in the file amends itself; a contact alone is a change.
    more = [offered("R0", 9), offered("R0", 8), offered("R6", 1, interview_contact="新店长"),
            offered("OLD", 2, interview_contact="丙"), offered("R6", 1, interview_contact="新店长")]
    receipts, end = send(daemon, ndjson(more), "file-2", "group")
    assert [r["result"] for r in receipts] == ["changed", "changed", "changed", "changed", "unchanged"]
    seen = trade.must(200, "GET", f"/v1/vacancies/{receipts[0]['vacancy']}")
    assert seen["posts"] == 8 and seen["employer_name"] == "集团门店"
    # One employer's key need not say whose the lines are; a bureau's must.
    anonymous = offered("N1")
    del anonymous["employer"]
    assert send(daemon, ndjson([anonymous]), "file-3")[0][0]["result"] == "added"
    assert send(daemon, ndjson([anonymous]), "file-4", "bureau")[0][0]["errors"][0]["rule"] == "required"
    assert send(daemon, ndjson([offered("X", 1, CODES[1])]), "file-5")[0][0]["result"] == "refused"
    assert send(daemon, b"", "file-6")[1]["lines"] == 0
    wait_for(lambda: daemon.admin("POST", "/board/verify").json["differences"] == 0, 20,
             "the board to equal the ledger")


HEADER = ["编号", "季度", "职业代码", "岗位名称", "工作内容", "招聘人数", "工作地点代码",
          "最高薪酬（分）", "计薪周期", "社会保险", "公益性岗位"]


def csv_file(rows, header=None, charset="utf-8"):
    out = io.StringIO()
    csv.writer(out).writerows([header or HEADER, *rows])
    return out.getvalue().encode(charset)


def row(ref, duties="值班巡逻", posts=2, flag="否"):
    return [ref, "2007Q2", "4-07-05-01", "保安员", duties, posts, COMMUNITY, 120000, "月",
            "养老；医疗", flag]


def closing(ref, code=CODES[0], place=COMMUNITY, **why):
    return {"employer": code, "quarter": "2007Q2", "ref": ref, "place": place, "closed": why}


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
    again, end = send(daemon, ndjson(second), "file-2", "group")
    assert [r["result"] for r in again][:3] == ["unchanged"] * 3 and end["changed"] == 0
    # The same file first opens and then closes: in its order.
    receipts, _ = send(daemon, ndjson([offered("N"), closing("N", reason="withdrawn"), offered("N", 4)]),
                       "file-3", "group")
    assert [r["result"] for r in receipts] == ["added", "closed", "added"]

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
    # B's line feed in quotes is part of its cell, which the member refuses; the rest stand.
    assert [(r["line"], r["result"]) for r in receipts] == [
        (2, "added"), (3, "refused"), (5, "refused"), (6, "refused"), (7, "refused"),
        (8, "refused"), (9, "added")]
    rules = [r["errors"][0]["rule"] for r in receipts if r["result"] == "refused"]
    assert rules == ["control-character", "type", "type", "too-long", "count"]
    stands = trade.must(200, "GET", path())["lines"]
    assert stands[0]["insurance"] == ["pension", "medical"] and stands[0]["pay_period"] == "month"
    assert stands[0]["reserved"] is False and stands[0]["posts"] == 2

    rows[1] = row("B", '巡逻,"夜间"')
    receipts, end = send(daemon, csv_file(rows[:2] + rows[6:], charset="gb18030"), "s2", headers=as_gb)
    assert [r["result"] for r in receipts] == ["unchanged", "added", "unchanged"]
    assert trade.must(200, "GET", path())["lines"][2]["duties"] == '巡逻,"夜间"'

    def refused(body, headers, status=422):
        answer = daemon.request("POST", "/v1/imports", daemon.keys["employer"], raw=body,
                                headers={"Idempotency-Key": "s3", **headers})
        assert answer.status == status, answer
        return [(e["pointer"], e["rule"]) for e in answer.json["errors"]]

    assert refused(csv_file(rows, charset="gb18030"), as_csv) == [("", "utf-8")]
    assert refused(csv_file(rows, charset="utf-16"), as_csv) == [("", "nul")]
    assert refused(csv_file(rows, HEADER[:3] + ["薪水"]), as_csv) == [("/header/3", "unknown-member")]
    assert refused(csv_file(rows, HEADER + ["ref"]), as_csv) == [("/header/11", "duplicate")]
    assert refused(b"{}", {"Content-Type": "application/json"}, 415) == [("header/Content-Type", "type")]
    assert refused(b"x", {"Content-Type": "text/csv; charset=big5"}, 415)
    # Cut in the middle of a quoted cell; the right columns in the wrong bytes.
    cut = csv_file([row("H"), row("I", '一"二')])[:-40]
    receipts, end = send(daemon, cut, "s4", headers=as_csv)
    assert [r["result"] for r in receipts] == ["added", "refused"]
    assert receipts[1]["errors"][0]["rule"] in ("truncated", "count")
    wrong = csv_file([row("J")], charset="gb18030") + b"K,2007Q2,\xff\xff,x,x,1,x,1,x,x,x\r\n"
    receipts, _ = send(daemon, wrong, "s5", headers=as_gb)
    assert [r["result"] for r in receipts] == ["added", "refused"]


def test_a_line_of_ten_megabytes_and_a_cut_connection(daemon, postgres):
    trade = Trade(daemon)
    trade.employer()
    body = ndjson([offered("A")]) + b'{"duties": "' + b"x" * 10_000_000 + b'"}\n' + ndjson([offered("B")])
    receipts, end = send(daemon, body, "big")
    assert [r["result"] for r in receipts] == ["added", "refused", "added"]
    assert receipts[1]["errors"][0]["rule"] == "too-long"
    assert receipts[1]["errors"][0]["found"] == "10000015 bytes"

    # Cut after 1,200 of 2,000 lines: whole batches stand; the same file again makes the rest.
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
    assert len(receipts) == 2000 and (end["unchanged"], end["added"]) == (1000, 1000)
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
    assert "complete" in ctl(*sent, code=1)
    assert [json.loads(x)["result"] for x in receipts.read_text().splitlines()] == ["added", "refused"]
    assert "complete，已到第 3 行" in ctl(*sent, "--resume", code=1)
    assert "unchanged" in receipts.read_text()
    assert ctl("return", "list", "--quarter", "2007Q2").splitlines()[1].split()[0] == CODES[0]
    (tmp_path / "patch").write_text('{"posts": 7}')
    assert "A" in ctl("return", "amend", CODES[0], "410105", "2007Q2", "A", tmp_path / "patch")
    ctl("return", "close", CODES[0], "410105", "2007Q2", "A", "--reason", "filled_own")
    assert len(ctl("return", "history", CODES[0], "410105", "2007Q2").splitlines()) == 4
    assert "late" in ctl("obligations", "list", "--state", "late")
    assert "422" in ctl("import", file, code=1)
