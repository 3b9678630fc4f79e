"""The daemon's certificate: how it is renewed, which one is refused, and what is said of its days."""

import os
import re
import signal
import socket
import ssl
import subprocess
import time

import pytest

from harness.secure import ASK, GET, authority, heard, make_secure, serial, shaken, tcp  # noqa: F401
from harness.wait import wait_for


def test_sighup_takes_the_renewed_certificate(make_secure, authority):
    secure = make_secure()
    context = authority.trusted()
    before = serial(secure, context)
    kept = shaken(secure, context)
    kept.sendall(ASK)
    assert kept.recv(65536).startswith(b"HTTP/1.1 ")
    for name, new in zip(("tls_certificate", "tls_key"), authority.issue(days=(-1, 60))):
        os.replace(new, secure.settings[name])
    secure.process.send_signal(signal.SIGHUP)
    wait_for(lambda: serial(secure, context) != before, 30, "the new certificate")
    kept.close()
    wait_for(lambda: "event=worker.ended" in secure.log, 30, "the old worker's end")
    left = expiry(secure) - time.time()
    assert 59 * 86400 < left < 61 * 86400


def test_who_has_connected_before_a_reload_is_answered_after_it(make_secure, authority):
    daemon = make_secure(tls_handshake_ms=60000)
    early = tcp(daemon)
    idle = socket.create_connection(("127.0.0.1", daemon.port), 30)
    idle.sendall(b"GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n")
    assert b" 404 " in idle.recv(65536)
    wait_for(lambda: daemon.metric("http_connections")[0] >= 3,
             10, "that it is accepted, beside the one that asks")
    daemon.process.send_signal(signal.SIGHUP)
    wait_for(lambda: "event=worker.draining" in daemon.log, 30, "the old worker's drain")
    heard(idle)  # so long is an idle connection given then
    idle.close()
    with authority.trusted().wrap_socket(early, server_hostname="localhost") as s:
        s.sendall(GET)
        assert heard(s)[0].startswith(b"HTTP/1.1 200")
    wait_for(lambda: "event=worker.ended" in daemon.log, 30, "the old worker's end")


def expiry(daemon):
    return daemon.metric("tls_certificate_expiry_timestamp_seconds")[0]


def bad_pairs(authority):
    """(certificate, key, what is said of which of the two)"""
    good, other = authority.issue(), authority.issue()
    weak = authority.issue("rsa:1024")
    open_key = authority.issue()
    open_key[1].chmod(0o644)
    locked = authority.issue()
    subprocess.run(["openssl", "ec", "-aes128", "-passout", "pass:x", "-in", str(locked[1]),
                    "-out", str(locked[1])], check=True, capture_output=True)
    text = authority.dir / "text.pem"
    text.write_text("no certificate\n", encoding="ascii")
    text.chmod(0o600)
    return {
        "another's key": (good[0], other[1], 1, "not the key of the certificate"),
        "a key of another kind": (good[0], authority.issue("rsa:2048")[1], 1, "not the key of the certificate"),
        "another kind's certificate": (authority.issue("rsa:2048")[0], good[1], 1, "not the key of the certificate"),
        "no certificate": (text, good[1], 0, "no certificate in PEM"),
        "no key": (good[0], text, 1, "no key in PEM"),
        "a missing certificate": (authority.dir / "none", good[1], 0, "No such file"),
        "a missing key": (good[0], authority.dir / "none", 1, "No such file"),
        "a weak one": (*weak, 0, "too small"),
        "a key that all can read": (*open_key, 1, "chmod 0600"),
        "a pass phrase": (*locked, 1, "without a pass phrase"),
        "expired": (*authority.issue(days=(-3, -1)), 0, "the certificate has expired"),
        "not yet": (*authority.issue(days=(1, 3)), 0, "not valid yet"),
    }


def test_a_bad_pair_is_refused_and_the_good_one_stays(make_secure, authority):
    secure = make_secure()
    context = authority.trusted()
    good = serial(secure, context)
    told = secure.run("--check-config")
    assert told.returncode == 0 and "certificate until " in told.stdout and re.search(r"\b(29|30) days", told.stdout), told
    refused = 0
    for name, (certificate, key, at_fault, why) in bad_pairs(authority).items():
        secure.settings["tls_certificate"], secure.settings["tls_key"] = str(certificate), str(key)
        secure.write_config()
        told = secure.run("--check-config")
        # One that is not of today would be served by a start: ExecStartPre must let it.
        is_of_another_day = name in ("expired", "not yet")
        assert told.returncode == (0 if is_of_another_day else 1), (name, told)
        assert ("good; policy" in told.stdout) == is_of_another_day, (name, told)
        assert f"{(certificate, key)[at_fault]}: " in told.stderr, (name, told)
        assert why in told.stderr and "Sanitizer" not in told.stderr, (name, told)
        if name in ("another's key", "no certificate", "expired", "not yet"):
            refused += 1
            secure.process.send_signal(signal.SIGHUP)
            wait_for(lambda: secure.log.count("event=daemon.not-reloaded") == refused, 20, f"the refusal of {name}")
            assert serial(secure, context) == good, name
    assert refused == 4
    assert "event=worker.ended" not in secure.log


def test_one_that_has_expired_is_said_and_served(make_secure, authority):
    daemon = make_secure(authority.issue(days=(-3, -1)))
    assert "event=daemon.certificate" in daemon.log
    context = authority.trusted()
    with pytest.raises(ssl.SSLCertVerificationError):
        shaken(daemon, context)
    assert expiry(daemon) < time.time()


def test_without_tls_nothing_is_said_of_a_certificate(daemon):
    assert "tls_certificate_expiry" not in daemon.admin("GET", "/metrics").text
