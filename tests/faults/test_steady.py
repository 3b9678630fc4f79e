"""Workers replaced, hung and killed while clients ask: nobody is refused, nobody waits for long."""

import http.client
import os
import shutil
import signal
import socket
import threading

import pytest

from harness.daemon import binary
from harness.http import Answer
from harness.trade import Trade, line
from harness.wait import wait_for

ROUNDS = 50 if os.environ.get("VACANCYD_LONG") else 3


def with_two_workers(make_daemon, **settings):
    """Both know the keys that were made before they began."""
    daemon = make_daemon(**settings)
    daemon.settings["workers"] = 2
    daemon.write_config()
    daemon.restart()
    return daemon


class Asker(threading.Thread):
    """Asks again and again, on a connection each time or on one for as long as it is kept."""

    def __init__(self, daemon, request, is_kept):
        super().__init__()
        self.daemon_ = daemon
        self.request = request
        self.is_kept = is_kept
        self.ends = threading.Event()
        self.answered = 0
        self.failures = []

    def run(self):
        connection = None
        key = self.daemon_.keys["bureau"]
        headers = {"Authorization": f"Bearer {key}", "Vacancyd-Actor": self.daemon_.actors[key],
                   "Content-Type": "application/json"}
        if not self.is_kept:
            headers["Connection"] = "close"
        while not self.ends.is_set():
            connection = connection or http.client.HTTPConnection("127.0.0.1", self.daemon_.port, timeout=20)
            try:
                connection.request(*self.request, headers=headers)
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


def ask_during(daemon, path, work):
    """Reads and writes, on new connections and on kept ones; what fails, the clients themselves count."""
    read = ("GET", path)
    write = ("PATCH", path.removesuffix("/matches"), '{"pay_wish_fen": 80000}')
    askers = [Asker(daemon, request, is_kept) for request in (read, read, write) for is_kept in (False, True)]
    for a in askers:
        a.start()
    try:
        work(lambda: sum(a.answered for a in askers))
    finally:
        for a in askers:
            a.ends.set()
        for a in askers:
            a.join(30)
    failures = [f for a in askers for f in a.failures]
    assert failures == [], (len(failures), sum(a.answered for a in askers), failures[:5])
    assert all(a.answered for a in askers)


def test_sighup_under_load_fails_no_request(make_daemon):
    daemon = with_two_workers(make_daemon)
    path = city_with_a_match(daemon)

    def reload_often(answered):
        for _ in range(ROUNDS):
            before, n = daemon.workers(), answered()
            daemon.process.send_signal(signal.SIGHUP)
            wait_for(lambda b=before: len(daemon.workers()) == 2 and not b & daemon.workers(), 60, "new workers")
            assert answered() > n

    ask_during(daemon, path, reload_often)


def held_sockets(daemon):
    """What systemd would hold: the clients' address and the operator's."""
    clients = socket.socket()
    clients.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    clients.bind(("127.0.0.1", daemon.port))
    operator = socket.socket(socket.AF_UNIX)
    operator.bind(str(daemon.admin_socket))
    for s in (clients, operator):
        s.listen(4096)
    return [clients, operator]


@pytest.mark.parametrize("is_upgrade", [False, True], ids=["restart", "upgrade"])
def test_a_restart_behind_sockets_that_are_held_fails_no_request(make_daemon, is_upgrade):
    """SIGTERM, and another daemon on the same sockets; or another program in the place of the first."""
    daemon = with_two_workers(make_daemon)
    path = city_with_a_match(daemon)
    daemon.stop()
    program = daemon.dir / "vacancyd"

    def install(name):
        shutil.copy(binary("vacancyd"), daemon.dir / name)
        os.replace(daemon.dir / name, program)

    install("first")
    held = held_sockets(daemon)
    daemon.start(program=program, held=held)

    def restart_often(answered):
        for n in range(ROUNDS):
            before = answered()
            if is_upgrade:
                install(f"next{n}")
            daemon.stop()
            daemon.start(program=program, held=held)
            wait_for(lambda b=before: answered() > b + 20, 60, "answers")

    try:
        ask_during(daemon, path, restart_often)
        assert daemon.admin_socket.exists(), "whose it is not, it does not remove"
    finally:
        daemon.stop()
        for s in held:
            s.close()


def test_a_socket_that_no_setting_names_is_refused(make_daemon):
    daemon = make_daemon(start=False)
    with socket.socket() as stray:
        stray.bind(("127.0.0.1", 0))
        stray.listen()
        daemon.start(ready=False, held=[stray])
        assert daemon.process.wait(30) == 1
    daemon.process = None
    assert "a socket was handed over (3) that is none of the settings'" in daemon.log


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

    ask_during(daemon, path, reload_wrongly)


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
        wait_for(lambda: hears("WATCHDOG=1"), 30, "WATCHDOG")
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
