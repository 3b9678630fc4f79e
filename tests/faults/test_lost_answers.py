"""A write is done, and then the connection that would have said so is gone; or it is silent.

The daemon calls again by itself, on another connection; the caller is answered as if nothing had
been, and one thing was done: one action, one look, one version.  Nobody else waits for it.
"""

import json
import threading
import time
import uuid

import pytest

from harness.daemon import id_in
from harness.pg_proxy import PgProxy
from harness.services import Postgres
from harness.trade import LICENCE, PATH, Trade, line, quarter_return, seeker
from harness.wait import wait_for


@pytest.fixture
def proxy(services):
    p = PgProxy(services)
    yield p
    p.close()


class Town:
    def __init__(self, make_daemon, postgres, proxy, **settings):
        self.daemon = make_daemon(start=False, **settings)
        self.daemon.settings["ledger"] = proxy.dsn(postgres)
        self.daemon.write_config()
        self.daemon.start()
        self.daemon.make_keys()
        self.postgres = postgres
        self.proxy = proxy
        self.trade = Trade(self.daemon)
        self.trade.employer()
        self.trade.licence()
        self.bureau = self.daemon.keys["bureau"]

    def done(self):
        return int(self.postgres.psql("SELECT (SELECT count(*) FROM ledger.action) + "
                                      "(SELECT count(*) FROM ledger.person_look)"))

    def lose(self, statement, method, path, body=None, status=200, headers=None):
        """The answer is lost once; what the caller gets, and that one thing was done."""
        before = self.done()
        self.proxy.lose(statement)
        answer = self.trade.call(method, path, body, headers=headers)
        assert self.proxy.lost[-1] == statement and not self.proxy.wanted, "the answer was not lost"
        assert answer.status == status, answer
        assert self.done() - before == 1, answer
        return answer


def test_a_write_whose_answer_is_lost_is_done_once_and_answered_as_the_first_time(make_daemon, postgres, proxy):
    town = Town(make_daemon, postgres, proxy)
    trade = town.trade
    returns = "/v1/returns/123456788/410105/2007Q2"
    filed = town.lose("file_return", "PUT", returns, quarter_return([line("A", 5)]), 201).json
    assert filed["version"] == 1
    again = town.lose("file_return", "PUT", returns, quarter_return([line("A", 6)]),
                      headers={"If-Match": '"1"'}).json
    assert again["version"] == 2, "a condition on a version is judged once"
    amended = town.lose("amend_return_line", "PATCH", f"{returns}/lines/A", {"title": "门卫"},
                        headers={"If-Match": '"2"'})
    assert amended.headers["etag"] == '"3"'
    employer = "/v1/employers/600037341"
    body = {"name": "乙厂", "sites": [{"district": "410105", "since": "2006-01-01"}]}
    town.lose("put_employer", "PUT", employer, body, 201, {"If-None-Match": "*"})
    town.lose("put_agency", "PUT", PATH, {**LICENCE, "until": "2008-12-31"})

    who = town.lose("register_seekers", "POST", "/v1/seekers", seeker(1), 201).json["seeker"]
    file = f"/v1/seekers/{who}"
    version = town.lose("read_seeker", "GET", file).headers["etag"]
    changed = town.lose("amend_seeker", "PATCH", file, {"pay_wish_fen": 90000}, headers={"If-Match": version})
    assert changed.headers["etag"] != version
    job = town.lose("report_placements", "POST", "/v1/placements",
                    trade.placement(who, again["vacancies"]["A"]), 201).json["placement"]
    asked = {"code": "V2", "reason": "未到岗", "evidence": "书面说明"}
    town.lose("change_placement", "POST", f"/v1/placements/{job}/void", asked)

    # Whoever is made an officer gets their secret, though its answer was lost.
    made = town.lose("create_officer", "POST", "/v1/officers", {
        "name": "新来员", "post": "窗口", "scope": "4101", "until": "2008-12-31"}, 201).json
    assert made["actor"].startswith("vo_")
    officer = f"/v1/officers/{made['officer']}"
    ended = town.lose("change_officer", "PATCH", officer, {"revoked": True}, headers={"If-Match": '"1"'}).json
    assert ended["name"] == "新来员", "told, and not kept"
    assert postgres.psql("SELECT count(*) FROM ledger.answered_call x WHERE x::text LIKE '%新来员%'") == "0"


def test_a_rotation_and_a_first_officer_whose_answers_are_lost_still_show_their_secrets(make_daemon, postgres, proxy):
    town = Town(make_daemon, postgres, proxy)
    key = town.daemon.new_key(role="bureau", org_name="换钥局", scope="4101")
    kid = id_in(key)
    proxy.lose("create_first_officer")
    made = town.daemon.admin("POST", f"/keys/{kid}/officers", {
        "name": "甲", "post": "主任", "scope": "4101", "until": "2008-12-31"})
    assert made.status == 201 and made.json["actor"].startswith("vo_"), made
    proxy.lose("rotate_key")
    rotated = town.daemon.admin("POST", f"/keys/{kid}/rotate")
    assert rotated.status == 201 and rotated.json["key"].startswith("vd_"), rotated
    proxy.lose("create_key")
    made = town.daemon.admin("POST", "/keys", {"role": "auditor", "org_name": "审计局", "scope": "4101"})
    assert made.status == 201, made
    proxy.lose("move_clock")
    assert town.daemon.admin("POST", "/clock", {"now": "2007-07-12T11:00:00+08:00"}).status == 200
    assert postgres.psql("SELECT count(*) FROM ledger.action WHERE op = 'clock.move'") == "1"
    assert proxy.lost == ["create_first_officer", "rotate_key", "create_key", "move_clock"]


def test_an_import_whose_answers_are_lost_counts_each_line_once(make_daemon, postgres, proxy):
    town = Town(make_daemon, postgres, proxy)
    rows = "".join(json.dumps({"employer": "123456788", "quarter": "2007Q2", **line(f"R{n}")}) + "\n"
                   for n in range(10)).encode()
    proxy.lose("import_batch")
    before = town.done()
    answer = town.daemon.request("POST", "/v1/imports", town.daemon.keys["employer"], raw=rows, headers={
        "Content-Type": "application/x-ndjson", "Idempotency-Key": uuid.uuid4().hex})
    *receipts, total = (json.loads(said) for said in answer.text.splitlines())
    assert {r["result"] for r in receipts} == {"added"}, "as the first time"
    assert (total["lines"], total["added"], total["unchanged"]) == (10, 10, 0), total
    assert proxy.lost == ["import_batch"] and town.done() - before == 1


def test_a_call_that_comes_late_after_its_repetition_does_nothing(make_daemon, postgres, proxy):
    town = Town(make_daemon, postgres, proxy, ledger_call_ms=2000)
    file = f"/v1/seekers/{town.trade.register(1)}"
    proxy.hold("amend_seeker")
    for pay in range(80100, 90000, 100):  # until one is held up: the statement has been prepared there
        before = town.done()
        town.trade.must(200, "PATCH", file, {"pay_wish_fen": pay})
        if proxy.lost:
            break
    town.trade.must(200, "PATCH", file, {"pay_wish_fen": 95000})
    proxy.released.set()
    assert proxy.arrived.wait(20)
    assert town.done() - before == 2
    assert town.trade.must(200, "GET", file)["pay_wish_fen"] == 95000, "what came after stands"


class Writer(threading.Thread):
    """Amends a file of its own again and again."""

    def __init__(self, town, n):
        super().__init__()
        self.town = town
        self.file = f"/v1/seekers/{town.trade.register(n)}"
        self.ends = threading.Event()
        self.answers = []

    def run(self):
        n = 0
        while not self.ends.is_set():
            n += 1
            began = time.monotonic()
            answer = self.town.trade.call("PATCH", self.file, {"pay_wish_fen": 80000 + n * 100})
            self.answers.append((answer.status, time.monotonic() - began))


def test_a_silent_connection_and_lost_backends_delay_no_other_write(make_daemon, postgres, proxy):
    town = Town(make_daemon, postgres, proxy)
    superuser = Postgres(postgres.services, postgres.name, "postgres")
    writers = [Writer(town, n) for n in range(6)]
    for w in writers:
        w.start()

    def answered():
        return sum(len(w.answers) for w in writers)

    wait_for(lambda: answered() > 50, 60, "answers")
    proxy.hold("amend_seeker")
    wait_for(lambda: 'why="the oldest call is too old"' in town.daemon.log, 20, "the end of the silence")
    for _ in range(5):
        before = answered()
        superuser.psql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
                      "AND datname = current_database() ORDER BY state = 'active' DESC LIMIT 1")
        wait_for(lambda b=before: answered() > b + 30, 60, "answers")
    for w in writers:
        w.ends.set()
    for w in writers:
        w.join(30)
    answers = [a for w in writers for a in w.answers]
    late = [a for a in answers if a[1] > 3 or a[0] != 200]
    # What was on the silent connection when it fell silent, and within a quarter of a second.
    assert len(late) <= 4 and max(a[1] for a in answers) < 15, (len(answers), late)
