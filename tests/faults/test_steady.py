"""Workers replaced, hung and killed while clients ask: nobody is refused, nobody waits for long."""

import http.client
import os
import signal
import socket
import threading

from harness.http import Answer
from harness.trade import Trade, line
from harness.wait import wait_for


def with_two_workers(make_daemon, **settings):
    """Both know the keys that were made before they began."""
    daemon = make_daemon(**settings)
    daemon.settings["workers"] = 2
    daemon.write_config()
    daemon.restart()
    return daemon


class Reader(threading.Thread):
    """Asks again and again, on a connection each time or on one for as long as it is kept."""

    def __init__(self, daemon, path, is_kept):
        super().__init__()
        self.daemon_ = daemon
        self.path = path
        self.is_kept = is_kept
        self.ends = threading.Event()
        self.answered = 0
        self.failures = []

    def run(self):
        connection = None
        key = self.daemon_.keys["bureau"]
        headers = {"Authorization": f"Bearer {key}", "Vacancyd-Actor": self.daemon_.actors[key]}
        if not self.is_kept:
            headers["Connection"] = "close"
        while not self.ends.is_set():
            connection = connection or http.client.HTTPConnection("127.0.0.1", self.daemon_.port, timeout=20)
            try:
                connection.request("GET", self.path, headers=headers)
                answer = Answer(connection.getresponse())
                if answer.status != 200:
                    self.failures.append(answer)
                self.answered += 1
                if not self.is_kept or answer.headers.get("connection", "").lower() == "close":
                    connection.close()
                    connection = None
            except (OSError, http.client.HTTPException) as e:
                self.failures.append(repr(e))
                connection = None


def city_with_a_match(daemon):
    trade = Trade(daemon)
    trade.employer()
    trade.file([line("A", 2)])
    return f"/v1/seekers/{trade.register(1)}/matches"


def read_during(daemon, path, work):
    readers = [Reader(daemon, path, is_kept) for is_kept in (False, True, False, True)]
    for r in readers:
        r.start()
    try:
        work(lambda: sum(r.answered for r in readers))
    finally:
        for r in readers:
            r.ends.set()
        for r in readers:
            r.join(30)
    assert [f for r in readers for f in r.failures] == []
    assert all(r.answered for r in readers)


def test_sighup_under_load_fails_no_request(make_daemon):
    daemon = with_two_workers(make_daemon)
    path = city_with_a_match(daemon)

    def reload_often(answered):
        for _ in range(5):
            before, n = daemon.workers(), answered()
            daemon.process.send_signal(signal.SIGHUP)
            wait_for(lambda b=before: len(daemon.workers()) == 2 and not b & daemon.workers(), 60, "new workers")
            assert answered() > n

    read_during(daemon, path, reload_often)


def test_settings_under_which_nobody_comes_to_serve_leave_the_old_serving(make_daemon):
    daemon = with_two_workers(make_daemon)
    path = city_with_a_match(daemon)
    before = daemon.workers()
    right = daemon.settings["ledger"]

    def set_ledger(conninfo):
        daemon.settings["ledger"] = conninfo
        daemon.write_config()
        daemon.process.send_signal(signal.SIGHUP)

    def reload_wrongly(answered):
        set_ledger("host=127.0.0.1 port=1 dbname=nobody user=nobody")
        wait_for(lambda: len(daemon.workers()) == 3, 20, "the worker that is to follow")
        n = answered()
        wait_for(lambda: answered() > n + 100, 60, "answers of the old ones")
        assert before <= daemon.workers()
        set_ledger(right)
        wait_for(lambda: len(daemon.workers()) == 2 and not before & daemon.workers(), 60, "new workers")

    read_during(daemon, path, reload_wrongly)


def test_a_worker_that_hangs_is_replaced(make_daemon):
    daemon = with_two_workers(make_daemon, watchdog_ms=2000)
    path = city_with_a_match(daemon)
    hung = min(daemon.workers())
    os.kill(hung, signal.SIGSTOP)
    wait_for(lambda: len(daemon.workers() - {hung}) == 2, 30, "its successor")
    assert "event=worker.hung" in daemon.log
    daemon.wait_ready()
    Trade(daemon).must(200, "GET", path)
    assert "vacancyd_worker_restarts_total 1\n" in daemon.admin("GET", "/metrics").text


def test_systemd_hears_when_it_serves_reloads_lives_and_stops(make_daemon, tmp_path, monkeypatch):
    daemon = make_daemon(start=False, workers=2)
    told = []
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.setblocking(False)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        monkeypatch.setenv("WATCHDOG_USEC", "30000000")

        def hears(word):
            try:
                while True:
                    told.append(systemd.recv(4096).decode().split("\n")[0])
            except BlockingIOError:
                return word in told

        daemon.start(ready=False)
        wait_for(lambda: hears("READY=1"), 60, "READY")
        wait_for(lambda: hears("WATCHDOG=1"), 10, "WATCHDOG")
        told.clear()
        before = daemon.workers()
        daemon.process.send_signal(signal.SIGHUP)
        wait_for(lambda: hears("RELOADING=1"), 30, "RELOADING")
        wait_for(lambda: hears("READY=1"), 60, "READY again")
        assert told.index("RELOADING=1") < told.index("READY=1")
        assert not before & daemon.workers()
        daemon.stop()
        assert hears("STOPPING=1")


def test_a_key_and_an_officer_answered_201_are_good_at_every_worker_at_once(make_daemon):
    daemon = make_daemon(workers=3)
    bureau = {"role": "bureau", "org_name": "测试局", "scope": "4101", "sandbox": True}
    for _ in range(5):
        key = daemon.admin("POST", "/keys", bureau).json["key"]
        seen = [daemon.request("GET", "/v1/employers/000000000", key).status for _ in range(12)]
        assert 401 not in seen, seen
        actor = daemon.new_officer(key)
        seen = [daemon.request("GET", "/v1/officers", key, headers={"Vacancyd-Actor": actor}).status
                for _ in range(12)]
        assert set(seen) == {200}, seen
