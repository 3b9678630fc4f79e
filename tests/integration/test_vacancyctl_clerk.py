"""vacancyctl for a clerk: one name for one thing, everyday words, what annoyed at the counter.

Each test is something that a person at a desk tried and that went wrong once.
"""

import csv
import http.server
import io
import json
import re
import threading
import time
import urllib.parse

import openpyxl
import pytest
import yaml

from harness import SOURCE
from harness.desk import Desk, desk_of
from harness.trade import COMMUNITY, Trade, line

RETURN = ("123456788", "410105", "2007Q2")


@pytest.fixture
def trade(make_daemon):
    trade = Trade(make_daemon())
    trade.employer()
    return trade


@pytest.fixture
def nobody(tmp_path):
    """A desk whose exchange is not there."""
    return Desk("http://127.0.0.1:1", "/nowhere", tmp_path)


def properties(api, schema):
    """The members of a body, those within an object as well, and which must be there."""
    while "$ref" in schema:
        schema = api["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    found, needed = {}, set(schema.get("required", ()))
    for part in schema.get("oneOf", []) + schema.get("anyOf", []) + schema.get("allOf", []):
        found.update(properties(api, part)[0])
    for name, inner in schema.get("properties", {}).items():
        found[name] = inner
        found.update(properties(api, inner)[0])
    return found, needed


def test_an_option_is_called_as_the_api_calls_it_and_needed_where_it_needs_it(nobody):
    api = yaml.safe_load((SOURCE / "config" / "openapi.yaml").read_text())
    usage = nobody.done("help").split("\n\n")[1].splitlines()
    shapes = {re.sub(r"\{[^}]*\}", "X", path): found for path, found in api["paths"].items()}
    seen = 0
    for text in usage:
        words = re.match(r" *((?:[a-z-]+ ?){1,2})", text).group(1).strip()
        shown = nobody.done("help", *words.split()).split("\n", 1)
        args = re.sub(r"--\S+ \S+|\[OPTIONS\]|\[FILE\]", "", shown[0].split(words, 1)[1]).split()
        needed = re.findall(r"--([a-z-]+)", shown[0])
        if "FILE" in args or words in ("help", "completion", "manual", "return nil"):  # that asks the exchange
            continue
        given = ["unemployment" if a == "KIND" and words.startswith("fact") else "X" for a in args]
        dry = nobody.run(*words.split(), *given, "--dry-run",
                         *[w for name in needed for w in (f"--{name}", "1")], stdin="1\n")[1]
        if not dry.startswith(("GET ", "PUT ", "POST ", "PATCH ")):
            continue  # it makes requests of its own
        method, path = re.match(r"(\S+) (?:http://[^/]*)?(/[^?\s]*)", dry).groups()
        if not path.startswith("/v1/"):
            continue  # the operator's socket
        takes = shapes[path][method.lower()]
        query = {p["name"] for p in
                 (api["components"]["parameters"][p["$ref"].rsplit("/", 1)[1]] if "$ref" in p else p
                  for p in takes.get("parameters", [])) if p["in"] == "query"}
        body, must = {}, set()
        if "requestBody" in takes:
            body, must = properties(api, takes["requestBody"]["content"]["application/json"]["schema"])
        options = set(re.findall(r"^ +(?:-[a-z], )?--([a-z-]+)", shown[1], re.M))
        options -= {"all", "if-match", "if-none-match"}
        known = {name.replace("_", "-") for name in query | set(body)} | {"limit"}
        known |= {"explain"}  # of what is shown, not of what is asked
        assert options <= known, (words, options - known)
        given = {name.replace("-", "_") for name in needed}
        optional = {name.replace("-", "_") for name in options - set(needed)}
        must -= {"kind"} if words == "place report" else set()  # a job at a unit, unless it is said
        assert not (must & optional), (words, must & optional)
        assert all(name in must or name in ("staff", "reason", "signal", "filled_by") for name in given), \
            (words, given - must)
        seen += 1
    assert seen > 60


def test_codes_are_found_by_what_people_say(trade, tmp_path):
    desk = desk_of(trade, tmp_path, "employer")
    for said, code in (("仓库", "4-02-06-01"), ("文员", "3-01-01-01"), ("厨师", "4-03-02-01"),
                       ("叉车", "6-30-05-01"), ("客服", "4-07-02-03"), ("security guard", "4-07-05-01")):
        found = desk.json("codes", "show", "occupations", "-q", said)
        assert code in [item["code"] for item in found["items"]] and not found["nearest"], said
    # A title of one's own is no name; what shares its parts is offered, the nearest first.
    found = desk.json("codes", "show", "occupations", "--q", "夜班保安员若干")
    assert found["nearest"] and found["items"][0]["code"] == "4-07-05-01"
    found = desk.json("codes", "show", "divisions", "--q", "金水的文化路街道")
    assert found["nearest"] and any("文化路街道" in item["zh"] for item in found["items"])
    # A code with a slip is still a code.
    found = desk.json("codes", "show", "occupations", "--q", "4-07-05-10")
    assert found["nearest"] and "4-07-05-01" in [item["code"] for item in found["items"]]
    assert desk.json("codes", "show", "skills", "--q", "ZZZZ")["items"] == []


class Pages(http.server.BaseHTTPRequestHandler):
    """A list of which a filter leaves out whole pages: what it answers by the cursor."""

    pages = {None: ([], "b"), "b": ([{"seeker": "1"}], "c"), "c": ([], "d"),
             "d": ([{"seeker": "2"}, {"seeker": "3"}], "e"), "e": ([{"seeker": "4"}], None)}

    def do_GET(self):
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)
        rows, cursor = self.pages[query.get("cursor", [None])[0]]
        self.server.asked.append(query.get("limit", [None])[0])
        text = json.dumps({"items": rows, "next": cursor}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


def test_a_page_that_a_filter_emptied_is_no_end(tmp_path):
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Pages) as server:
        server.asked = []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        desk = Desk(f"http://127.0.0.1:{server.server_port}", "/nowhere", tmp_path)
        code, out, err = desk.run("seeker", "list", "--rank", "P1", "--unoffered", "-k", "3")
        assert code == 0 and out.split() == ["SEEKER", "1", "2", "3"], out
        assert server.asked == ["3", "3", "2", "2"] and "--cursor e" in err and "nothing" not in err
        code, out, err = desk.run("seeker", "list", "--unoffered")
        assert out.split() == ["SEEKER", "1"] and "--cursor c" in err
        assert desk.json("seeker", "list")["next"] == "b"  # a program gets the page as it came
        assert desk.done("seeker", "list", "--all").split() == ["SEEKER", "1", "2", "3", "4"]
        server.shutdown()


def test_what_is_kept_of_a_deed_bears_the_citys_day(trade, tmp_path):
    """The sandbox lives in 2007, and so does whoever looks into it."""
    desk = desk_of(trade, tmp_path)
    who = trade.register(1)
    desk.done("seeker", "show", who)
    looks = desk.json("looks", "list", "--seeker", who)["items"]
    assert looks and {x["at"][:10] for x in looks} == {"2007-07-12"}
    actions = desk.json("actions", "list")["items"]
    assert actions and {x["at"][:10] for x in actions} == {"2007-07-12"}


def test_a_household_counts_in_the_year_that_was_asked_for(trade, tmp_path):
    """It was determined in 2007: 2006 ended without it.  A unit says what of its division is not its own."""
    people = [trade.register(n) for n in (1, 2)]
    body = {"members": [{"seeker": who, "able": True, "willing": True} for who in people],
            "community": COMMUNITY, "hukou_type": "urban", "business_income": False,
            "investment_income": False, "applied_on": "2007-03-01", "determined_on": "2007-03-12"}
    trade.must(201, "POST", "/v1/households", body)
    desk = desk_of(trade, tmp_path)

    def homes(*words):
        return [t["achieved"] for t in desk.json("progress", "city", "--unit", "410105", *words)["targets"]
                if t["target"] == "T10"]

    assert homes() == homes("--year", "2007") == [1]
    assert homes("--year", "2006") == [0]
    unit = desk.json("progress", "city", "--unit", "410105")["units"][0]
    assert unit["divisions"] == ["410105"]
    assert "410105560" in unit["without"]
    assert desk.json("progress", "city", "--unit", "city")["units"][0]["without"] == []
    assert "410105560" in desk.done("progress", "city", "--unit", "410105")


def test_codes_stand_with_their_names_and_words_stand_for_codes(trade, tmp_path):
    desk = desk_of(trade, tmp_path)
    trade.file([line("A", 2, education_min="61")])
    who = trade.register(1)
    zh = ("--lang", "zh")
    home = "410105003001 人民路街道人民路社区居民委员会"
    shown = desk.done("seeker", "list", *zh)
    assert home in shown and "4-07-05-01 保安员" in shown and "求职中" in shown and "seeking" not in shown
    assert "4-07-05-01 security guard" in desk.done("seeker", "list")
    shown = desk.done("seeker", "show", who, *zh)
    assert "城镇户口" in shown and "410105 金水区" in shown and "61 普通高中毕业" in shown and "白班" in shown
    assert "code_names" not in shown and "代码名称" not in shown
    shown = desk.done("return", "show", *RETURN, *zh)
    assert home in shown and "61 普通高中毕业" in shown and "按月" in shown
    assert home in desk.done("vacancy", "search", "--q", "保安", *zh)
    # Whatever people call a code means it, in options and for the kind of a fact.
    assert who in desk.done("seeker", "list", "--state", "求职中")
    dry = desk.done("place", "end", "5", "--reason", "合同期满", "--on", "2007-07-12", "--dry-run")
    assert '"contract_ended"' in dry
    fact = desk.file("f.json", {"code": "HC7", "on": "2007-07-12"})
    assert "/recognitions\n" in desk.done("fact", "add", who, "困难认定", fact, "--dry-run")
    code, _, err = desk.run("fact", "add", who, "证", fact, *zh)
    assert code == 2 and "certificates 再就业优惠证" in err and "retirement 退休年龄" in err
    # What is allowed stands in the help, all of it, with the names.
    shown = desk.done("help", "place", "end", *zh)
    for words in ("contract_ended 合同期满", "resigned 本人辞职", "dead 死亡", "other 其他"):
        assert words in shown


def test_seconds_are_counted_for_who_waits(tmp_path):
    """Nothing moves for two seconds: the person sees that it is still waited for."""

    class Slow(Pages):
        def do_GET(self):
            time.sleep(2.2)  # what is waited for
            super().do_GET()

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Slow) as server:
        server.asked = []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        desk = Desk(f"http://127.0.0.1:{server.server_port}", "/nowhere", tmp_path)
        assert "\rwaiting, seconds 1" in desk.on_terminal(80, "seeker", "list", "--json")
        assert "\r" not in desk.on_terminal(80, "seeker", "list", "--json", "--quiet")
        server.shutdown()


def test_a_receipt_is_printed_with_room_for_seal_and_hand(trade, tmp_path):
    desk = desk_of(trade, tmp_path, "employer")
    trade.file([line("A", 2, title="小区门卫", pay_min_fen=90000, pay_max_fen=120050), line("B", 3)])
    shown = desk.done("return", "receipt", *RETURN, "--lang", "zh")
    for words in ("回执编号：410105-2007Q2-123456788-1", "单位名称：测试企业", "单位代码：123456788",
                  "区县：410105 金水区", "收到时间：2007-07-12", "应报日期：2007-07-10", "按期与否：逾期收到",
                  "小区门卫", "4-07-05-01 保安员", "900–1200.50", "按月", "共 2 行，招聘 5 人",
                  "单位（盖章）：__", "填表人：__", "联系电话：__"):
        assert words in shown, words
    assert "Receipt: 410105-2007Q2-123456788-1" in desk.done("return", "receipt", *RETURN)
    assert desk.json("return", "receipt", *RETURN)["receipt"] == "410105-2007Q2-123456788-1"
    # A nil return says so; an earlier version has its own number.
    trade.file([], quarter="2007Q1")
    shown = desk.done("return", "receipt", "123456788", "410105", "2007Q1", "--lang", "zh")
    assert "零报告：本季度无空岗" in shown and "410105-2007Q1-123456788-1" in shown
    trade.file([line("A", 2), line("B", 4)])
    assert "410105-2007Q2-123456788-2" in desk.done("return", "receipt", *RETURN)
    assert "410105-2007Q2-123456788-1" in desk.done("return", "receipt", *RETURN, "--version", "1")


def test_a_list_is_saved_in_the_readers_language(trade, tmp_path):
    desk = desk_of(trade, tmp_path)
    who = trade.register(1)
    rows = list(csv.DictReader(io.StringIO(desk.done("seeker", "list", "--csv", "--lang", "zh"))))
    assert rows[0]["求职人员"] == who and rows[0]["状态"] == "求职中" and rows[0]["社区"] == COMMUNITY
    rows = list(csv.DictReader(io.StringIO(desk.done("seeker", "list", "--csv"))))
    assert rows[0]["seeker"] == who and rows[0]["state"] == "seeking"
    shown = desk.done("seeker", "show", who, "--csv", "--lang", "zh")
    assert shown.startswith("项目,内容") and "等待自," in shown


def test_refused_rows_and_lists_are_fetched_as_sheets(trade, tmp_path):
    desk = desk_of(trade, tmp_path, "employer")
    heads = "编号,季度,职业代码,岗位名称,工作内容,招聘人数,工作地点代码,最高薪酬（分）,计薪周期"
    rows = [f"{ref},2007Q2,4-07-05-01,保安员,值班,{posts},{COMMUNITY},120000,月" for ref, posts in (("A", 1), ("B", 0))]
    file = desk.file("空岗.csv", "\n".join([heads, *rows]) + "\n")
    code, _, err = desk.run("import", file, "--lang", "zh", "--idempotency-key", "july")
    assert code == 1 and "vacancyctl import show july --xlsx --out refused.xlsx" in err, err
    out = tmp_path / "refused.xlsx"
    assert desk.done("import", "show", "july", "--xlsx", "--out", str(out), "--lang", "zh") == ""
    sheet = openpyxl.load_workbook(out).active
    assert [c.value for c in sheet[1]] == [*heads.split(","), "退回原因"] and sheet.max_row == 2
    assert sheet["A2"].value == "B" and "招聘人数" in sheet["J2"].value
    sheet["F2"] = 3
    sheet.parent.save(out)
    desk.done("import", str(out))
    told = desk.done("import", "show", "july", "--csv")
    assert told.startswith("\ufeff编号,") and "refusal_reason" in told

    found = tmp_path / "found.xlsx"
    desk.done("vacancy", "search", "--xlsx", "--out", str(found))
    assert openpyxl.load_workbook(found).active.max_row == 3
    before = found.read_bytes()
    for words, why in ((("vacancy", "show", "1", "--xlsx", "--out", str(found)), "no sheet"),
                       (("return", "close", *RETURN, "A", "--reason", "withdrawn", "--xlsx"), "no sheet")):
        code, _, err = desk.run(*words)
        assert code == 2 and why in err, err
    assert found.read_bytes() == before and not list(tmp_path.glob("*.part"))
    text = tmp_path / "list.txt"
    desk.done("vacancy", "search", "--json", "--out", str(text))
    assert json.loads(text.read_text())["items"]


def test_a_sheet_in_the_place_of_json_is_told_where_it_goes(nobody, tmp_path):
    sheet = nobody.file("单位.csv", "单位代码,名称\n1,某厂\n")
    code, _, err = nobody.run("employer", "register", RETURN[0], sheet, "--lang", "zh")
    assert code == 2 and "vacancyctl import" in err and "JSON" in err


def test_receipts_are_lines_for_a_person_and_records_for_a_program(trade, tmp_path):
    desk = desk_of(trade, tmp_path, "employer")
    body = {"employer": "123456788", "quarter": "2007Q2"}
    lines = desk.file("l.ndjson", "".join(json.dumps({**body, **line(ref)}) + "\n" for ref in "AB"))
    shown = desk.on_terminal(100, "--lang", "zh", "import", str(lines))
    assert re.search("第 1 行：新增.*编号 A", shown) and re.search("第 2 行：新增.*编号 B", shown), shown
    assert re.search(r"行数 +2\s", shown) and not re.search(r"空岗 {2,}", shown), shown
    tried = desk.done("import", lines, "--validate", "--idempotency-key", "t", "--lang", "zh")
    assert re.search("仅作核对 +是.*新增 +0.*未变 +2", tried, re.S) and "records" not in tried, tried
    again = desk.done("import", lines, "--idempotency-key", "again").splitlines()
    assert [json.loads(x)["result"] for x in again[:2]] == ["unchanged", "unchanged"]
    taken = desk.file("taken", "of an earlier run\n")
    desk.done("import", lines, "--idempotency-key", "taken", "--receipts", taken)
    assert len(taken.read_text().splitlines()) == 2 and not taken.with_name("taken.part").exists()
    # An older line says which later statement stands; a wrong one, which cell it is, and what is right.
    old = desk.file("o.ndjson", json.dumps({**body, **line("A", 9), "quarter": "2006Q4"}) + "\n")
    shown = desk.on_terminal(100, "--lang", "zh", "import", str(old))
    assert re.search("第 1 行：未变.*已有更新的申报：.*季度 2007Q2", shown), shown
    sheet = desk.file("s.csv", "编号,季度,岗位名称,工作地点,备注\nA,2007Q2,保安,某某村,急\n")
    code, out, _ = desk.run("import", sheet, "--idempotency-key", "bad", "--lang", "zh")
    place = [x for x in json.loads(out.splitlines()[0])["errors"] if x["pointer"] == "/place"][0]
    assert code == 1 and place["expected"] == place["expected_zh"], place
    shown = desk.run("import", "show", "bad", "--lang", "zh")[2]
    assert f"工作地点「某某村」：{place['message']['zh']} [{place['expected_zh']}]" in shown, shown
    sheet = desk.file("h.csv", "编号,季度,岗位名臣\nA,2007Q2,保安\n")
    kept = desk.file("kept", "the receipts of an earlier run\n")
    assert "/header/3「岗位名臣」：" in desk.run("import", sheet, "--receipts", kept, "--lang", "zh")[2]
    assert kept.read_text() == "the receipts of an earlier run\n"
