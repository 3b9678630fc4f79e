"""vacancyctl at the desks: a clerk of a street office, a firm's HR, somebody's script.

What the exchange decides is tested elsewhere; here it is what a person types and sees, that
no secret is shown, and that manual, completion and commands are one.
"""

import csv
import io
import json
import re
import socket
import subprocess
import threading
import time

import pytest
import yaml

from harness import SOURCE
from harness.daemon import binary, secret_in
from harness.desk import Desk, desk_of
from harness.trade import CLEANER, COMMUNITY, Trade, citizen_number, line, quarter_return, seeker

RETURN = ("123456788", "410105", "2007Q2")
LONG = "夜班保安员（小区巡逻及车辆出入登记）"


def columns_of(text):
    """The places that a text takes: two for a Chinese character."""
    return sum(2 if ord(c) > 0x2e80 else 1 for c in text)


@pytest.fixture
def trade(make_daemon):
    daemon = make_daemon()
    trade = Trade(daemon)
    trade.employer()
    return trade


@pytest.fixture
def nobody(tmp_path):
    """A desk whose exchange is not there."""
    return Desk("http://127.0.0.1:1", "/nowhere", tmp_path)


def test_a_clerk_places_somebody(trade, tmp_path):
    clerk = desk_of(trade, tmp_path)
    vacancy = trade.file([line("A", 2, title=LONG), line("B", occupation=CLEANER)])["A"]
    clerk.done("seeker", "register", clerk.file("s.json", seeker(1)))
    someone = clerk.json("seeker", "find", stdin=citizen_number(1) + "\n")["seeker"]
    shown = clerk.done("match", "seeker", someone, "--explain", "--lang", "zh")
    assert "匹配度" in shown and "职业：" in shown and LONG in shown
    assert "WHY" not in clerk.done("match", "seeker", someone)
    rows = csv.DictReader(io.StringIO(clerk.done("match", "seeker", someone, "--csv", "--lang", "zh")))
    assert "单位名称" in rows.fieldnames and "单位代码" not in rows.fieldnames
    assert "yes" in clerk.done("match", "explain", someone, vacancy)
    propose = ("referral", "propose", "--seeker", someone, "--vacancy", vacancy)
    dry = clerk.done(*propose, "--note", "面谈过", "--dry-run")
    assert json.loads(dry.split("\n\n", 1)[1]) == {"seeker": someone, "vacancy": vacancy,
                                                   "note": "面谈过"}
    secrets = [secret_in(clerk.env[name]) for name in ("VACANCYD_KEY", "VACANCYD_ACTOR")]
    assert "POST" in dry and not any(secret in dry for secret in secrets)
    why = clerk.done(*propose, "--passing-reason", "list_order", "--dry-run")
    assert json.loads(why.split("\n\n", 1)[1])["passing_reason"] == "list_order"
    assert clerk.json("referral", "list")["items"] == []  # nothing was sent
    referral = clerk.json(*propose)["referral"]
    assert "proposed" in clerk.done("referral", "list", "--live")
    assert "steps\n" in clerk.done("referral", "show", referral)
    placement = clerk.json("place", "report", "--seeker", someone, "--vacancy", vacancy, "--start-on",
                           "2007-07-12")["placement"]
    code, _, err = clerk.run("place", "register", placement, "--community", COMMUNITY)
    assert code == 1 and "409 Who reported a placement" in err
    trade.registered(placement)
    counted = [row for row in csv.DictReader(io.StringIO(
        clerk.done("progress", "city", "--unit", "city", "--csv"))) if row["target"] == "T1"]
    assert [row["achieved"] for row in counted] == ["1"]
    assert "T1" in clerk.done("progress", "seeker", someone)
    # A refusal says where, which rule, what would be right, in the reader's language.
    assert "是" in clerk.done("progress", "seeker", someone, "--lang", "zh")
    hers = clerk.done("seeker", "show", someone, "--lang", "zh")
    assert "户籍.行政区划" in hers and "公民身份号码" in hers and "citizen_number" not in hers
    assert "公民身份号码," in clerk.done("seeker", "show", someone, "--lang", "zh", "--csv")
    code, out, err = clerk.run("place", "register", placement, "--community", "41", LC_ALL="zh_CN")
    assert (code, out) == (1, "") and "/community" in err and re.search("[一-龥]", err), err


def test_hr_files_amends_and_imports(trade, tmp_path):
    hr = desk_of(trade, tmp_path, "employer")
    body = hr.file("r.json", quarter_return([line("A", 2), line("B")]))
    code, out, err = hr.run("return", "file", *RETURN, body, "--dry-run")
    assert code == 0 and "valid" in out and "nothing is filed" in err
    assert hr.run("return", "show", *RETURN)[0] == 1
    hr.done("return", "file", *RETURN, body)
    hr.done("return", "amend", *RETURN, "A", hr.file("p.json", {"posts": 7}), "--if-match", "1")
    code, _, err = hr.run("return", "amend", *RETURN, "A", hr.folder / "p.json", "--if-match", "1")
    assert code == 1 and "412" in err
    hr.done("return", "close", *RETURN, "B", "--reason", "filled_own")
    assert [x["posts"] for x in hr.json("return", "show", *RETURN)["lines"]] == [7]
    assert "lines\n" in hr.done("return", "show", *RETURN)
    assert len(hr.done("return", "history", *RETURN).splitlines()) == 4
    lines = hr.file("more.ndjson", "".join(json.dumps({
        "employer": RETURN[0], "quarter": RETURN[2], **line(ref)}) + "\n" for ref in ("C", "D")))
    assert "POST" in hr.done("import", lines, "--dry-run")
    assert hr.json("return", "show", *RETURN)["version"] == 3
    hr.done("import", lines, "--receipts", hr.folder / "receipts", "--quiet")
    assert len((hr.folder / "receipts").read_text().splitlines()) == 2
    name = re.search("Idempotency-Key: (.*)", hr.done("import", lines, "--dry-run")).group(1)
    assert "complete" in hr.done("import", "show", name)
    # The name is kept, and tells nobody what is in a file that can be guessed: another's is another.
    assert name not in hr.done("import", lines, "--dry-run", VACANCYD_KEY=trade.daemon.keys["bureau"])
    # What somebody else wrote is no formula of ours, and no order to the terminal.
    evil = "=1+1,\"\x1b[2J\u202e"
    shown = hr.run("return", "list", "--employer", evil)[2]
    assert "\x1b" not in shown and "\u202e" not in shown


def test_lists_page_by_page_at_any_width(trade, tmp_path):
    desk = desk_of(trade, tmp_path)
    trade.file([line(f"L{i}", title="=SUM(A1)" if i == 3 else LONG) for i in range(5)])
    search = ("vacancy", "search")
    code, out, err = desk.run(*search, "-k", "2")
    assert code == 0 and len(out.splitlines()) == 3 and "--all" in err
    cursor = re.search(r"--cursor (\S+)", err).group(1)
    first, rest = desk.json(*search, "-k", "2"), desk.json(*search, "--cursor", cursor)
    items = [json.loads(x) for x in desk.done(*search, "--json", "--all", "-k", "2").splitlines()]
    assert items == first["items"] + rest["items"] and len(items) == 5
    sheet = desk.done(*search, "--csv", "--all", "-k", "2", "--bom")
    assert sheet.startswith("\ufeffvacancy,") and sheet.count("\r\n") == 6
    assert [row["title"] for row in csv.DictReader(io.StringIO(sheet))].count("'=SUM(A1)") == 1
    assert "=SUM(A1)," in desk.done(*search, "--csv", "--all")
    for width in (80, 120):
        shown = desk.on_terminal(width, *search, "--all", "-k", "3", "--lang", "zh")
        progress, table = shown.split("\x1b[K")
        assert "已读 3" in progress and "\x1b" not in table
        assert all(columns_of(x) <= width for x in table.splitlines()), table
        assert ("发布日期" in table) == (width == 120) and table.count("900–1200元/月") == 5
    assert "\r" not in desk.on_terminal(80, *search, "--all", "--quiet")
    assert desk.run("seeker", "list", LC_ALL="zh_CN.UTF-8") == (
        0, "", "vacancyctl: 没有符合条件的记录\n")


class Unsure:
    """An exchange that refuses the first `n` requests, and keeps what it was asked."""

    def __init__(self, n, refusal="503 Busy"):
        self.left, self.keys, self.refusal = n, [], refusal
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = "http://127.0.0.1:%d" % self.socket.getsockname()[1]
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        while True:
            try:
                peer = self.socket.accept()[0]
            except OSError:
                return
            with peer:
                head = peer.recv(65536).decode()
                self.keys += re.findall(r"Idempotency-Key: (\S+)", head)
                self.left -= 1
                status = self.refusal if self.left >= 0 else "200 OK"
                peer.sendall((f"HTTP/1.1 {status}\r\nContent-Length: 2\r\nConnection: close\r\n"
                              "Content-Type: application/json\r\n\r\n{}").encode())

    def close(self):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        self.thread.join(10)


def test_a_rule_is_shown_as_it_is_written(trade, tmp_path):
    clerk = desk_of(trade, tmp_path)
    assert clerk.done("rule", "education") == (SOURCE / "config/rules/education").read_text("utf-8")
    assert clerk.done("rules").splitlines()[0] == "/rules/4050\t4050 · “4050”人员"
    code, out, err = clerk.run("rule", "nothing")
    assert (code, out) == (1, "") and "There is no such thing" in err


def test_an_unknown_outcome_is_asked_again_with_the_same_key(nobody):
    confirm = ("place", "confirm", "1")
    server = Unsure(2)
    code, _, err = nobody.run(*confirm, VACANCYD_URL=server.url)
    assert code == 0 and len(server.keys) == 3 and len(set(server.keys)) == 1, err
    server.left, server.keys = 9, []
    code, _, err = nobody.run(*confirm, "--retries", "1", VACANCYD_URL=server.url)
    assert code == 3 and len(server.keys) == 2 and f"--idempotency-key {server.keys[0]}" in err
    # An amendment is not safe to repeat: it is sent once, and that is said.
    server.left = 9
    code, _, err = nobody.run("seeker", "amend", "1", nobody.file("p", {}), VACANCYD_URL=server.url)
    assert code == 3 and server.left == 8 and "look before" in err
    server.close()


def test_what_the_rate_refuses_is_sent_again_when_it_was_said(nobody):
    full = "429 Too Many Requests\r\nRetry-After: 1"
    server = Unsure(1, full)
    amend = ("seeker", "amend", "1", nobody.file("p", {}))
    # It was not carried out, so even what must not be repeated is.
    begin = time.monotonic()
    code, _, err = nobody.run(*amend, VACANCYD_URL=server.url)
    assert code == 0 and "Retry-After" in err and time.monotonic() - begin >= 1, err
    server.left = 9
    code, _, err = nobody.run(*amend, "--retries", "0", VACANCYD_URL=server.url)
    assert code == 1 and server.left == 8 and "not known" not in err
    # Of a file each is sent until it is taken, and how many waited is said.
    requests = nobody.file("b", "".join(json.dumps(
        {"method": "POST", "path": "/x", "idempotency_key": f"k{i}", "body": {}}) + "\n"
        for i in range(3)))
    for refusal in (full, "503 Busy\r\nRetry-After: 1"):
        server.refusal, server.left, server.keys = refusal, 2, []
        code, out, err = nobody.run("batch", requests, VACANCYD_URL=server.url)
        assert code == 0 and "ok=3" in out and "waited" in err and len(server.keys) == 5, (out, err)
    server.left = 9
    code, out, err = nobody.run("batch", requests, "--retries", "0", VACANCYD_URL=server.url)
    assert code == 1 and "failed=3" in out and server.left == 6
    server.close()


def test_exit_codes_and_wrong_usage(nobody):
    assert nobody.run("progress", "city")[0] == 3
    assert nobody.run("key", "list")[0] == 3
    for words, said in ((("seekr",), "no such command"), (("seeker",), "seeker register FILE"),
                        (("seeker", "show"), "SEEKER"), (("progress", "city", "x"), "none"),
                        (("seeker", "list", "--q", "x"), "does not take --q"),
                        (("seeker", "withdraw", "1"), "needs --reason"),
                        (("progress", "city", "--year", "x"), "takes a number"),
                        (("progress", "city", "--retries", "10"), "0 to 9"),
                        (("progress", "city", "--json", "--csv"), "not both"),
                        (("progress", "city", "--frobnicate"), "--help"),
                        (("seeker", "register", "/nowhere"), "/nowhere"), ((), "usage")):
        code, out, err = nobody.run(*words)
        assert code == 2 and out == "" and said in err, (words, err)
    assert "用法" in nobody.done("--lang", "zh", "help", "seeker", "list")
    assert nobody.run("help", "nothing")[0] == 2
    with open("/dev/full", "w") as full:
        assert subprocess.run([binary("vacancyctl"), "help"], env=nobody.env,
                              stdout=full, check=False).returncode == 2


def test_secrets_come_from_files_and_never_from_the_command_line(nobody):
    for words in (("--key", "vd_1_secret"), ("--actor=vo_1_secret",)):
        code, _, err = nobody.run(*words, "progress", "city")
        assert code == 2 and "secret" not in err and "VACANCYD_" in err, err
    nobody.file("key", "vd_12_hush\n")
    settings = nobody.file("vacancyctl.conf", 'key = "vd_34_hush"\nlang = "zh"\n')
    settings.chmod(0o600)
    show = ("progress", "city", "--dry-run")
    assert "vd_12_..." in nobody.done(*show, "--key-file", nobody.folder / "key")
    del nobody.env["VACANCYD_KEY"]
    out = nobody.done(*show, XDG_CONFIG_HOME=str(nobody.folder))
    assert "vd_34_..." in out and "hush" not in out and "zh-CN" in out
    settings.chmod(0o644)
    code, _, err = nobody.run(*show, VACANCYCTL_CONF=str(settings))
    assert code == 2 and "chmod 600" in err
    nobody.file("vacancyctl.conf", "nonsense = 1\n")
    assert nobody.run(*show, VACANCYCTL_CONF=str(settings))[0] == 2


def members_of(schema):
    """Every member that the schemas name, but of a problem and of another vocabulary."""
    if isinstance(schema, dict):
        for name, value in schema.items():
            if name == "properties" and isinstance(value, dict):
                yield from value
            if name not in ("JobPosting", "Problem"):
                yield from members_of(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from members_of(value)


def test_every_member_of_an_answer_has_a_chinese_name():
    described = yaml.safe_load((SOURCE / "config" / "openapi.yaml").read_text(encoding="utf-8"))
    rows = (SOURCE / "config" / "data" / "members.tsv").read_text(encoding="utf-8")
    names = [row.split("\t")[0] for row in rows.splitlines()[1:]]
    assert names == sorted(set(names)) and len(names) > 200
    printed = subprocess.run([binary("print_tables"), "show", "register-members", SOURCE / "config" / "data"],
                             capture_output=True, text=True, check=True).stdout
    names += re.findall(r'^\{ "[a-z-]+", "([a-z_]+)"', printed, re.M)
    assert set(members_of(described)) - set(names) <= {"detail_zh", "title_zh", "expected_zh"}


def help_of(desk, words):
    """Of a command: its options that are not every list's or every amendment's."""
    text = desk.done("help", *words.split())
    return set(re.findall(r"--([a-z-]+)", text)) - {"all", "limit", "cursor", "if-match",
                                                    "if-none-match", "json"}


def test_the_readme_names_commands_that_there_are_and_the_ways_in_by_sheet(nobody):
    usage = nobody.done("help").split("\n\n")[1].splitlines()
    commands = {re.match(r" *((?:[a-z-]+ ?)+)", x).group(1).strip() for x in usage}
    readme = (SOURCE / "README.md").read_text(encoding="utf-8")
    shown = re.findall(r"^vacancyctl ((?:[a-z-]+ ?)+)", readme, re.M)
    assert len(shown) > 5
    named = {next((c for c in commands if words == c or words.startswith(c + " ")), words.strip()) for words in shown}
    assert named <= commands
    assert {"import", "import template", "return receipt"} <= {w for x in shown for w in
                                                               (x.strip(), " ".join(x.split()[:1]), " ".join(x.split()[:2]))}
    assert {"XLSX", "CSV", "VACANCYD_STATE"} <= set(re.findall(r"[A-Z_]+", readme))
    assert {"XLSX", "CSV"} <= set(re.findall(r"[A-Z]+", nobody.done("help", "import", "--lang", "zh")))


def test_the_manual_the_completion_and_the_api_know_the_same_commands(nobody):
    usage = nobody.done("help").split("\n\n")[1].splitlines()
    commands = [re.match(r" *((?:[a-z-]+ ?)+)", x).group(1).strip() for x in usage]
    assert len(commands) == len(set(commands)) > 80
    manual = (SOURCE / "config" / "man" / "vacancyctl.1").read_text()
    listed = {}
    for item in re.findall(r"^\.It Cm (.*)", manual, re.M):
        words = re.match(r"[a-z -]+?(?= (?:Ar|Fl|Oo|Op)\b|$)", item).group(0)
        assert words not in listed
        listed[words] = set(re.findall(r"Fl -([a-z-]+)", item))
    assert listed == {words: help_of(nobody, words) for words in commands}
    chinese = (SOURCE / "config" / "man" / "zh_CN" / "vacancyctl.1").read_text()
    printed = chinese.split('.\\" printed: begin commands\n')[1].split('.\\" printed: end commands')[0]
    assert printed == nobody.done("manual", "--lang", "zh")  # ninja printed
    items = re.findall(r"^\.It Cm (.*)\n(.*)", printed, re.M)
    assert {re.match(r"[a-z -]+?(?= (?:Ar|Fl|Oo|Op)\b|$)", item).group(0): set(re.findall(r"Fl -([a-z-]+)", item))
            for item, _ in items} == {words: found - {"csv", "xlsx"} for words, found in listed.items()}
    assert all(re.search("[一-龥]", said) for _, said in items)
    explained = set(re.findall(r"^\.It (?:Fl \S , )?Fl -([a-z-]+)", printed, re.M))
    assert explained >= set().union(*listed.values())  # the common ones too
    completion = SOURCE / "config" / "vacancyctl.bash-completion"
    assert nobody.done("completion") == completion.read_text()
    for typed, wanted in (("seeker li", "list"), ("seeker list --unoff", "--unoffered"),
                          ("boa", "board"), ("help boa", "board"), ("place report --kind di", "dispatch"),
                          ("place end 5 --reason resi", "resigned"),
                          ("fact end 1f3c unemployment 7 --reason emi", "emigrated")):
        words = f"vacancyctl {typed}".split()
        out = subprocess.run(
            ["bash", "-c", f". {completion}; COMP_WORDS=({' '.join(words)}); "
             f"COMP_CWORD={len(words) - 1}; _vacancyctl; echo ${{COMPREPLY[@]}}"],
            capture_output=True, text=True, check=True).stdout
        assert out.split() == [wanted], typed
    # Every route has a command; the path of each is in the API.
    source = (SOURCE / "clients" / "cli" / "commands.c").read_text()
    names = dict(re.findall(r'#define (RETURN|SEEKER)\s+"(/v1/[^"]*)"', source))
    paths = {re.sub(r"\{[^}]*\}", "*", names.get(name, "") + rest) for name, rest in re.findall(
        r'"(?:GET|PUT|POST|PATCH)",\s*(?:(RETURN|SEEKER)\b)?\s*(?:"(/[^"]*)")?', source)}
    routes = (SOURCE / "daemon" / "api" / "routes.c").read_text()
    served = {re.sub(r"\{[^}]*\}", "*", p) for p in re.findall(r'\("(/v1/[^"]*)"', routes)}
    # Facts have one command for all kinds.
    kinds = "unemployment|recognitions|certificates|retirement"
    served = {re.sub(rf"^/v1/seekers/\*/({kinds})(?!.*inspect)", "/v1/seekers/*/*", p) for p in served}
    assert {p for p in paths if p.startswith("/v1/")} == served
