"""Requests as bytes on a kept-alive connection.

http.client would refuse to send most of what is sent here.  An answer is read to
its end and unpacked; a connection that ends without one is a failure of its own.
"""

import gzip
import json
import socket
from dataclasses import dataclass, field


@dataclass
class Request:
    method: str
    path: str  # the target, with its query, as it is sent
    headers: list = field(default_factory=list)  # (name, value), in order, repeated ones too
    body: bytes | None = None
    role: str = "nobody"
    actor: bool = False
    note: str = ""  # what is wrong with it, if anything

    def head(self):
        lines = [f"{self.method} {self.path} HTTP/1.1", "Host: localhost"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        if self.body is not None and not self.has("content-length"):
            lines.append(f"Content-Length: {len(self.body)}")
        return "\r\n".join(lines).encode("utf-8", "surrogateescape") + b"\r\n\r\n"

    def has(self, name):
        return any(n.lower() == name for n, _ in self.headers)

    def curl(self, url):
        words = ["curl", "-sS", "-i", "--path-as-is", "-g", "-X", quoted(self.method)]
        for name, value in self.headers:
            words += ["-H", quoted(f"{name}: {value}" if value else f"{name};")]
        if self.body is not None:
            words += ["--data-binary", quoted(self.body)]
        return " ".join([*words, quoted(url + self.path)])


def quoted(text):
    """A word of bash, any bytes but NUL (written as \\x00, which bash ends the word at)."""
    raw = text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape")
    if len(raw) > 6000:
        return f"$'{escaped(raw[:6000])}'...{len(raw)} bytes"
    try:
        plain = raw.decode("utf-8")
    except UnicodeDecodeError:
        plain = "\x00"
    if plain.isprintable():
        return "'" + plain.replace("'", "'\\''") + "'"
    return f"$'{escaped(raw)}'"


def escaped(raw):
    return "".join(chr(b) if 32 <= b < 127 and chr(b) not in "'\\" else f"\\x{b:02x}" for b in raw)


class Answer:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    @property
    def kind(self):
        return self.headers.get("content-type", "").partition(";")[0]

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"<{self.status} {self.body[:700].decode('utf-8', 'replace')}>"


class Dropped(Exception):
    """The connection ended before the answer did."""


class Wire:
    def __init__(self, port):
        self.port = port
        self.socket = None
        self.buffer = b""
        self.fresh = True

    def close(self):
        if self.socket is not None:
            self.socket.close()
        self.socket, self.buffer = None, b""

    def send(self, request):
        """The answer; on a kept connection that the server has closed meanwhile, once more."""
        self.fresh = self.socket is None
        try:
            return self.once(request)
        except (Dropped, ConnectionError):
            self.close()
            if self.fresh:
                raise Dropped(request) from None
            return self.once(request)

    def once(self, request):
        if self.socket is None:
            self.socket = socket.create_connection(("127.0.0.1", self.port), timeout=60)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            self.socket.sendall(request.head() + (request.body or b""))
        except ConnectionError:
            pass  # refused before it was read to its end; the answer is there
        answer = self.read(request.method)
        while answer.status < 200:
            answer = self.read(request.method)
        if answer.headers.get("connection", "").lower() == "close":
            self.close()
        return answer

    def more(self):
        try:
            got = self.socket.recv(1 << 16)
        except ConnectionError:
            got = b""
        if not got:
            raise Dropped
        self.buffer += got

    def until(self, mark):
        while mark not in self.buffer:
            self.more()
        found, _, self.buffer = self.buffer.partition(mark)
        return found

    def exactly(self, n):
        while len(self.buffer) < n:
            self.more()
        found, self.buffer = self.buffer[:n], self.buffer[n:]
        return found

    def read(self, method):
        lines = self.until(b"\r\n\r\n").decode("latin-1").split("\r\n")
        status = int(lines[0].split(" ")[1])
        headers = {n.lower(): v.strip() for n, _, v in (x.partition(":") for x in lines[1:])}
        body = b""
        if method == "HEAD" or status in (204, 304) or status < 200:
            pass
        elif headers.get("transfer-encoding") == "chunked":
            while size := int(self.until(b"\r\n"), 16):
                body += self.exactly(size)
                self.until(b"\r\n")
            self.until(b"\r\n")
        else:
            body = self.exactly(int(headers["content-length"]))
        if body and headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        return Answer(status, headers, body)
