"""A daemon that speaks TLS, and clients that trust who vouches for it."""

import contextlib
import http.client
import socket
import time

import pytest

from .certificates import Authority
from .daemon import free_port
from .http import call

GET = b"GET /openapi.yaml HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
ASK = b"GET /openapi.yaml HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("tls") / "authority")


@pytest.fixture
def make_secure(make_daemon, authority):
    """make_secure(pair, **settings) -> a daemon that speaks TLS on tls_port, plain HTTP on port."""
    def make(pair=None, **settings):
        port = free_port()
        certificate, key = pair or authority.issue()
        daemon = make_daemon(tls_listen=f"127.0.0.1:{port}", tls_certificate=str(certificate), tls_key=str(key),
                             **settings)
        daemon.tls_port = port
        return daemon

    return make


def tcp(daemon):
    return socket.create_connection(("127.0.0.1", daemon.tls_port), 10)


def shaken(daemon, context):
    """A session of TLS; the caller closes it."""
    return context.wrap_socket(tcp(daemon), server_hostname="localhost", suppress_ragged_eofs=False)


def https(daemon, context, method, path, key=None, **sent):
    connection = http.client.HTTPSConnection("localhost", daemon.tls_port, timeout=20, context=context)
    if key in daemon.actors:
        sent["headers"] = {"Vacancyd-Actor": daemon.actors[key], **sent.get("headers", {})}
    return call(connection, method, path, key, sent.get("json"), sent.get("headers"), sent.get("raw"))


def heard(sock):
    """All that comes until the other side ends, and how long that took; a reset is an end."""
    begin, got = time.monotonic(), b""
    with contextlib.suppress(ConnectionResetError):
        while more := sock.recv(65536):
            got += more
    return got, time.monotonic() - begin


def serial(daemon, context):
    with shaken(daemon, context) as s:
        return s.getpeercert()["serialNumber"]
