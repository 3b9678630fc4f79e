"""Workers replaced, hung and killed while clients ask: nobody is refused, nobody waits for long."""

import os
import shutil
import signal
import socket

import pytest

from harness.askers import Askers, held_sockets
from harness.daemon import binary
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


def city_with_a_match(daemon):
    """Somebody of whom is asked."""
    trade = Trade(daemon)
    trade.employer()
    trade.file([line("A", 2)])
    return trade.register(1)


def ask_during(daemon, seeker, work):
    with Askers(daemon, seeker) as askers:
        work(lambda: askers.answered)
    assert askers.failures == [], (len(askers.failures), askers.answered, askers.failures[:5])
    assert all(a.answered for a in askers.all)


def test_sighup_under_load_fails_no_request(make_daemon):
    daemon = with_two_workers(make_daemon)
    seeker = city_with_a_match(daemon)

    def reload_often(answered):
        for _ in range(ROUNDS):
            before, n = daemon.workers(), answered()
            daemon.process.send_signal(signal.SIGHUP)
            wait_for(lambda b=before: len(daemon.workers()) == 2 and not b & daemon.workers(), 60, "new workers")
            assert answered() > n

    ask_during(daemon, seeker, reload_often)


@pytest.mark.parametrize("is_upgrade", [False, True], ids=["restart", "upgrade"])
def test_a_restart_behind_sockets_that_are_held_fails_no_request(make_daemon, is_upgrade):
    """SIGTERM, and another daemon on the same sockets; or another program in the place of the first."""
    daemon = with_two_workers(make_daemon)
    seeker = city_with_a_match(daemon)
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
        ask_during(daemon, seeker, restart_often)
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
    seeker = city_with_a_match(daemon)
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

    ask_during(daemon, seeker, reload_wrongly)


def test_a_worker_that_hangs_is_replaced(make_daemon):
    daemon = with_two_workers(make_daemon, watchdog_ms=2000)
    seeker = city_with_a_match(daemon)
    hung = min(daemon.workers())
    os.kill(hung, signal.SIGSTOP)
    wait_for(lambda: len(daemon.workers() - {hung}) == 2, 30, "its successor")
    assert "event=worker.hung" in daemon.log
    daemon.wait_ready()
    Trade(daemon).must(200, "GET", f"/v1/seekers/{seeker}/matches")
    assert daemon.metric("worker_restarts_total") == [1]


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
