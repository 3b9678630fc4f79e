"""HTTP as a client speaks it, over TCP or a unix socket."""

import http.client
import json
import socket
import uuid

JSON = "application/json"


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout):
        super().__init__("localhost", timeout=timeout)
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Answer:
    """A status, headers by any case, and a body that knows whether it is JSON."""

    def __init__(self, response):
        self.status = response.status
        self.headers = {k.lower(): v for k, v in response.getheaders()}
        self.body = response.read()

    @property
    def text(self):
        return self.body.decode("utf-8")

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"<{self.status} {self.body[:2000]!r}>"


def call(connection, method, path, key=None, json_body=None, headers=None, raw=None):
    """One request on a connection that is closed afterwards."""
    sent = {"Accept": JSON, "Connection": "close"}
    body = raw
    if json_body is not None:
        body = json.dumps(json_body, ensure_ascii=False).encode("utf-8")
        sent["Content-Type"] = JSON
    if key is not None:
        sent["Authorization"] = f"Bearer {key}"
    if method == "POST" and not any(h.lower() == "idempotency-key" for h in headers or {}):
        # A test that wants none says so: headers={"Idempotency-Key": None}.
        sent["Idempotency-Key"] = uuid.uuid4().hex
    sent.update(headers or {})
    sent = {k: v for k, v in sent.items() if v is not None}
    try:
        connection.request(method, path, body=body, headers=sent)
        return Answer(connection.getresponse())
    finally:
        connection.close()
