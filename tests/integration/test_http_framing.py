"""Raw bytes against the running daemon: framing, deadlines, pipelining, hanging up.

The probes of tests/cases/http/probes.tsv say what must come of each request; behind
each stands a second one, which must be answered if the connection stays and must
never be answered if it does not.
"""

import re
import socket
import time

import pytest

from harness import SOURCE
from harness.wait import wait_for

BEHIND = b"GET /problems/not-found HTTP/1.1\r\nHost: a\r\n\r\n"
PLAIN = b"GET /openapi.yaml HTTP/1.1\r\nHost: a\r\n\r\n"


def unescape(text):
    text = re.sub(r"<<(\d+)\|(.*?)>>", lambda m: m.group(2) * int(m.group(1)), text)
    simple = {"r": "\r", "n": "\n", "t": "\t", "\\": "\\"}
    text = re.sub(r"\\(x[0-9a-f]{2}|.)",
                  lambda m: simple.get(m.group(1)) or chr(int(m.group(1)[1:], 16)), text)
    return text.encode("latin-1")


def probes():
    path = SOURCE / "tests" / "cases" / "http" / "probes.tsv"
    for line in path.read_text(encoding="ascii").splitlines():
        if not line.startswith("#"):
            name, status, connection, raw = line.split("\t")
            yield name, int(status), connection == "keep", unescape(raw)


class Raw:
    """A socket that says and hears bytes."""

    def __init__(self, daemon, timeout=10):
        self.socket = socket.create_connection(("127.0.0.1", daemon.port), timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.heard = b""
        self.ended = False

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def say(self, data):
        try:
            self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass  # refused already: what it answered is still there to be heard

    def hear(self):
        try:
            data = self.socket.recv(1 << 16)
        except ConnectionResetError:
            data = b""
        self.heard += data
        self.ended = not data

    def answer(self, is_head=False):
        """The status and head of the next answer, or None at the end."""
        while True:
            head, mark, rest = self.heard.partition(b"\r\n\r\n")
            if mark:
                assert head.startswith(b"HTTP/1.1 "), head
                length = re.search(rb"\r\nContent-Length: (\d+)", head)
                n = 0 if is_head or not length else int(length.group(1))
                if len(rest) >= n:
                    self.heard = rest[n:]
                    return int(head[9:12]), head
            if self.ended:
                assert not self.heard, self.heard
                return None
            self.hear()


def outcome(daemon, raw, pieces):
    """The status of the probe, whether its answer says close, and whether BEHIND was answered."""
    with Raw(daemon) as client:
        for piece in pieces:
            client.say(piece)
        client.say(BEHIND)
        status, head = client.answer(raw.startswith(b"HEAD "))
        behind = client.answer()
        assert behind is None or behind[0] == 200, behind
        return status, b"\r\nConnection: close" in head, behind is not None


def test_every_probe_is_answered_once_and_nothing_is_smuggled(daemon):
    wrong = []
    for name, status, keeps, raw in probes():
        found = outcome(daemon, raw, [raw])
        if found != (status, not keeps, keeps):
            wrong.append((name, found))
    assert not wrong
    assert daemon.request("GET", "/openapi.yaml").status == 200


def test_every_probe_is_answered_the_same_byte_by_byte(daemon):
    wrong = []
    for name, status, keeps, raw in probes():
        if len(raw) > 1000:
            continue
        found = outcome(daemon, raw, [raw[i:i + 1] for i in range(len(raw))])
        # The rest of a refused body may still be on its way: then the connection ends.
        may_end = keeps and status >= 400 and b"Content-Length" in raw
        if found[0] != status or (found[2] != keeps and not may_end):
            wrong.append((name, found))
    assert not wrong


def test_fifty_pipelined_requests_are_answered_in_order(daemon):
    slugs = ["not-found", "busy", "internal", "deadline", "nonsense"]
    with Raw(daemon) as client:
        client.say(b"".join(b"GET /problems/%s HTTP/1.1\r\nHost: a\r\nX-Request-Id: "
                            b"%032x\r\n\r\n" % (slugs[i % 5].encode(), i) for i in range(50)))
        for i in range(50):
            status, head = client.answer()
            assert status == (404 if i % 5 == 4 else 200)
            assert b"X-Request-Id: %032x" % i in head


def test_a_slow_head_is_cut_by_an_absolute_deadline(make_daemon):
    daemon = make_daemon(header_deadline_ms=500)
    began = time.monotonic()
    with Raw(daemon) as client:
        client.say(PLAIN[:-2] + b"X: ")

        def is_cut():
            client.say(b"x")
            client.socket.setblocking(False)
            try:
                client.hear()
            except BlockingIOError:
                pass
            client.socket.settimeout(10)
            return client.heard or client.ended

        wait_for(is_cut, 6, "the end of a slow head", pause=0.02)
        assert client.answer()[0] == 408
        assert client.answer() is None
    assert 0.4 < time.monotonic() - began < 5


def bureau_head(daemon):
    key = daemon.keys["bureau"]
    return f"Authorization: Bearer {key}\r\nVacancyd-Actor: {daemon.actors[key]}"


def test_a_body_over_the_limit_is_refused_before_it_is_sent(make_daemon):
    daemon = make_daemon(max_body_bytes=2000)
    for path, limit in (("employers/123456788", 2000),
                        ("returns/123456788/410105/2007Q2", 262144)):
        with Raw(daemon) as client:
            client.say(f"PUT /v1/{path} HTTP/1.1\r\nHost: a\r\n"
                       f"{bureau_head(daemon)}\r\n"
                       f"Content-Type: application/json\r\nContent-Length: {limit + 1}\r\n"
                       "Expect: 100-continue\r\n\r\n".encode())
            assert client.answer()[0] == 413, path
            assert client.answer() is None


def test_a_body_may_wait_for_100_continue(daemon):
    body = b'{"name":1'
    with Raw(daemon) as client:
        client.say(b"PUT /v1/employers/123456788 HTTP/1.1\r\nHost: a\r\n"
                   + bureau_head(daemon).encode() +
                   b"\r\nContent-Type: application/json\r\nContent-Length: %d\r\n"
                   b"Expect: 100-continue\r\n\r\n" % len(body))
        assert client.answer()[0] == 100
        client.say(body)
        status, head = client.answer()
        assert status == 400 and b"application/problem+json" in head
        client.say(BEHIND)
        assert client.answer()[0] == 200


def flows_alive(daemon):
    return sum(daemon.metric("flows_alive"))


@pytest.mark.parametrize("reset", [False, True])
def test_clients_that_hang_up_in_the_middle_leave_nothing_behind(daemon, reset):
    asked = (b"GET /v1/employers/123456788 HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer "
             + daemon.keys["bureau"].encode() + b"\r\n\r\n")
    before = flows_alive(daemon)
    for i in range(300):
        with Raw(daemon) as client:
            if reset:
                client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                         b"\x01\x00\x00\x00\x00\x00\x00\x00")
            client.say(asked[:len(asked) - i % 3])
    wait_for(lambda: flows_alive(daemon) == before, 10, "the flows of clients that hung up")
    assert daemon.request("GET", "/openapi.yaml").status == 200


def test_a_refusal_at_the_gate_says_why_in_both_languages(daemon):
    with Raw(daemon) as client:
        client.say(b"GET / HTTP/1.1\r\n\r\n")
        while not client.ended:
            client.hear()
        body = client.heard.partition(b"\r\n\r\n")[2].decode("utf-8")
    assert '"pointer":"header/Host"' in body
    assert '"type":"/problems/malformed-request"' in body
    assert "Host" in body and "有且仅有一个" in body
