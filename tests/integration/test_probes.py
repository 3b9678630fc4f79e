"""The listener of the monitoring: how the daemon is, by TCP, and nothing that changes anything."""

import http.client
import re
import signal
import socket
import threading

import pytest

from harness import SOURCE
from harness.daemon import free_port, id_in
from harness.http import call
from harness.wait import wait_for

PROBES = ("/livez", "/readyz", "/metrics")
# What the operator's socket has besides.
OPERATORS = [route for route in re.findall(r'^\t{ METHOD_(\w+), "(/[^"]*)"', (
    SOURCE / "daemon" / "admin" / "admin.c").read_text(encoding="utf-8"), re.M) if route[1] not in PROBES]


@pytest.fixture
def watched(make_daemon):
    return watch(make_daemon)


def watch(make_daemon, **settings):
    port = free_port()
    daemon = make_daemon(metrics_listen=f"127.0.0.1:{port}", **settings)
    daemon.probe_port = port
    return daemon


def probe(daemon, method, path):
    return call(http.client.HTTPConnection("127.0.0.1", daemon.probe_port, timeout=10), method, path)


def test_it_says_what_the_operators_socket_says(watched):
    for path in ("/livez", "/readyz"):
        assert probe(watched, "GET", path).status == 200
        assert probe(watched, "GET", path).json.keys() == watched.admin("GET", path).json.keys()
    there, here = (answer.text for answer in (watched.admin("GET", "/metrics"), probe(watched, "GET", "/metrics")))
    names = [[row for row in text.splitlines() if row.startswith("# TYPE")] for text in (there, here)]
    assert len(names[1]) > 20 and names[0] == names[1]


def test_nothing_can_be_changed_or_read_of_keys_there(watched):
    assert len(OPERATORS) >= 10 and ("POST", "/officers/{officer}/code") in OPERATORS
    for method, pattern in OPERATORS:
        key = watched.new_key(role="bureau", org_name="测试局")
        path = pattern.format(kid=id_in(key), officer=id_in(watched.actors[key]))
        assert watched.admin(method, path).status not in (404, 405), path
        assert probe(watched, method, path).status == 404, path
        assert probe(watched, "GET", path).status == 404, path
    for path in PROBES:
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            assert probe(watched, method, path).status == 405, (method, path)
        assert watched.request("GET", path).status == 404, "the clients' port has it too"
    assert probe(watched, "GET", "/v1/codes").status == 404


def test_one_worker_answers_for_all(make_daemon):
    daemon = watch(make_daemon, workers=2)
    text = wait_for(lambda: (t := probe(daemon, "GET", "/metrics").text).count("process_open_fds{") == 2 and t,
                    20, "both workers")
    assert 'process_open_fds{worker="0"}' in text and 'process_open_fds{worker="1"}' in text


def test_it_answers_while_the_workers_are_renewed(watched):
    answers, over = [], threading.Event()

    def look():
        while not over.is_set():
            answers.append(probe(watched, "GET", "/readyz").status)

    looking = threading.Thread(target=look)
    looking.start()
    watched.process.send_signal(signal.SIGHUP)
    wait_for(lambda: watched.log.count("event=worker.ended") == 1, 30, "the old worker's end")
    over.set()
    looking.join()
    assert len(answers) > 3 and set(answers) == {200}


def test_who_holds_all_its_connections_keeps_nobody_out(watched):
    held = [socket.create_connection(("127.0.0.1", watched.probe_port), 10) for _ in range(64)]
    for s in held:
        s.sendall(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n")
        assert s.recv(4096).startswith(b"HTTP/1.1 200")
    assert probe(watched, "GET", "/livez").status == 200
    for s in held:
        s.close()


def test_its_address_is_taken_at_the_start(watched, make_daemon):
    watched.settings["metrics_listen"] = ""
    watched.write_config()
    watched.process.send_signal(signal.SIGHUP)
    wait_for(lambda: "daemon.not-reloaded" in watched.log, 20, "the refusal")
    assert probe(watched, "GET", "/livez").status == 200
