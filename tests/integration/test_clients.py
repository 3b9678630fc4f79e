"""Whose address the log has: the other end's, or whom a trusted proxy names; and no more of it than is said."""

import re
import socket

from harness.wait import wait_for


def clients(daemon, path, headers=None):
    """The client= of the line of one request."""
    answer = daemon.request("GET", path, headers=headers)
    request = answer.headers["vacancyd-request-id"]
    line = wait_for(lambda: [row for row in daemon.log.splitlines() if "event=http.access" in row and request in row],
                    10, "the line of the log")
    return re.findall(r" client=(\S+)", line[0])


def test_by_default_it_is_the_network_and_nobody_is_believed(daemon):
    said = {"X-Forwarded-For": "192.0.2.77", "Forwarded": "for=192.0.2.77"}
    assert clients(daemon, "/openapi.yaml", said) == ["127.0.0.0/24"]
    assert "192.0.2.77" not in daemon.log


def test_a_trusted_proxy_is_believed_in_its_own_header(make_daemon):
    daemon = make_daemon(trusted_proxies="10.9.9.9, 127.0.0.1", log_clients="whole")
    assert clients(daemon, "/openapi.yaml") == ["127.0.0.1"]
    assert clients(daemon, "/openapi.yaml", {"X-Forwarded-For": "6.6.6.6, 192.0.2.77, 10.9.9.9"}) == ["192.0.2.77"]
    assert clients(daemon, "/nowhere", {"X-Forwarded-For": "2001:db8::77"}) == ["2001:db8::77"]
    assert clients(daemon, "/openapi.yaml", {"Forwarded": "for=192.0.2.78"}) == ["127.0.0.1"]
    # On one connection each request has its own.
    with socket.create_connection(("127.0.0.1", daemon.port), 10) as s:
        for n in (81, 82):
            s.sendall(f"GET /nowhere HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 192.0.2.{n}\r\n\r\n".encode())
            assert s.recv(65536).startswith(b"HTTP/1.1 404")
        s.sendall(b"GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n")
        assert s.recv(65536).startswith(b"HTTP/1.1 404")
    wait_for(lambda: "client=192.0.2.82" in daemon.log, 10, "the second")
    assert daemon.log.count("client=192.0.2.81") == 1 and daemon.log.count("client=192.0.2.82") == 1
    assert [re.search(r"client=(\S+)", row)[1] for row in daemon.log.splitlines()
            if "event=http.access" in row and "status=404" in row][-3:] == ["192.0.2.81", "192.0.2.82", "127.0.0.1"]


def test_forwarded_is_read_where_it_is_named_and_nothing_kept_where_that_is_said(make_daemon):
    daemon = make_daemon(trusted_proxies="127.0.0.1", proxy_header="Forwarded", log_clients="network")
    said = {"Forwarded": 'for="[2001:db8:1:2::3]:4711";proto=https', "X-Forwarded-For": "6.6.6.6"}
    assert clients(daemon, "/openapi.yaml", said) == ["2001:db8:1::/48"]
    daemon.settings["log_clients"] = "none"
    daemon.write_config()
    daemon.restart()
    assert clients(daemon, "/openapi.yaml", said) == ["-"]
