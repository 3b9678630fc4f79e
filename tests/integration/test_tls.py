"""TLS by the daemon: who may speak it, and how little they can hold up."""

import contextlib
import socket
import ssl
import subprocess
import time

import pytest

from harness.daemon import free_port, sanitizer_env, binary
from harness.secure import ASK, GET, authority, heard, https, make_secure, shaken, tcp  # noqa: F401
from harness.wait import wait_for


@pytest.fixture(scope="module")
def shared_settings(authority):
    certificate, key = authority.issue()
    return {"tls_listen": f"127.0.0.1:{free_port()}", "tls_certificate": str(certificate), "tls_key": str(key),
            "import_refusals": 1000000}


@pytest.fixture
def secure(shared_daemon):
    """For whoever leaves it as it was."""
    shared_daemon.tls_port = int(shared_daemon.settings["tls_listen"].rpartition(":")[2])
    return shared_daemon


def s_client(daemon, *options, said=b"", seconds=20):
    """What openssl s_client has to say; without anything to say it ends at once."""
    done = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{daemon.tls_port}", *options],
                          input=said, capture_output=True, timeout=seconds, check=False)
    return (done.stdout + done.stderr).decode("utf-8", "replace")


def is_let_in(daemon, context):
    try:
        return https(daemon, context, "GET", "/openapi.yaml").status == 200
    except OSError:
        return False


def failures(daemon):
    return daemon.metric("tls_handshake_failures_total")[0]


def test_a_request_is_answered_and_says_to_stay_with_tls(secure, authority):
    context = authority.trusted()
    answer = https(secure, context, "GET", "/v1/employers/123456788", secure.keys["bureau"])
    assert answer.status == 404 and answer.headers["strict-transport-security"] == "max-age=31536000"
    plain = secure.request("GET", "/v1/employers/123456788", secure.keys["bureau"])
    assert plain.status == 404 and "strict-transport-security" not in plain.headers
    with pytest.raises(ssl.SSLCertVerificationError):
        https(secure, ssl.create_default_context(), "GET", "/livez")
    with shaken(secure, context) as s:
        assert s.version() == "TLSv1.3" and s.compression() is None
        s.sendall(GET)
        # close_notify, not a cut: that would raise.
        assert heard(s)[0].startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("version", ["TLSv1", "TLSv1_1", "TLSv1_2", "TLSv1_3"])
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_nothing_below_1_2_is_spoken(secure, authority, version):
    context = authority.trusted()
    context.set_ciphers("DEFAULT@SECLEVEL=0")  # or it is the client who refuses
    context.minimum_version = context.maximum_version = getattr(ssl.TLSVersion, version)
    if version in ("TLSv1_2", "TLSv1_3"):
        with shaken(secure, context) as s:
            assert s.version() == version.replace("_", ".")
        return
    with pytest.raises(ssl.SSLError) as told:
        shaken(secure, context)
    assert told.value.reason == "TLSV1_ALERT_PROTOCOL_VERSION"


GOOD = ("AES128-GCM-SHA256", "AES256-GCM-SHA384", "CHACHA20-POLY1305")
WEAK = ("AES128-SHA", "AES256-SHA256", "AES128-GCM-SHA256", "AES256-GCM-SHA384", "ECDHE-{}-AES128-SHA",
        "ECDHE-{}-AES256-SHA384", "ECDHE-{}-AES128-CCM", "ECDHE-{}-CAMELLIA128-SHA256", "ECDHE-{}-NULL-SHA",
        "DHE-RSA-AES128-GCM-SHA256", "AECDH-AES128-SHA", "ADH-AES128-GCM-SHA256", "NULL-SHA256")


@pytest.mark.parametrize("kind", ["rsa:2048", "ec"])
def test_of_1_2_there_are_six_ciphers(make_secure, authority, kind):
    name = "RSA" if kind.startswith("rsa") else "ECDSA"
    daemon = make_secure(authority.issue(kind))

    def agreed(cipher):
        context = authority.trusted(maximum_version=ssl.TLSVersion.TLSv1_2)
        try:
            context.set_ciphers(f"{cipher}@SECLEVEL=0")
        except ssl.SSLError:
            return None  # the client's library has no such
        with shaken(daemon, context) as s:
            return s.cipher()[0]

    for cipher in GOOD:
        assert agreed(f"ECDHE-{name}-{cipher}") == f"ECDHE-{name}-{cipher}"
    refused = 0
    for cipher in WEAK:
        try:
            assert agreed(cipher.format(name)) is None, f"{cipher} was agreed on"
        except ssl.SSLError as told:
            assert told.reason == "SSLV3_ALERT_HANDSHAKE_FAILURE", (cipher, told)
            refused += 1
    assert refused >= 8, "the client could offer too little to show anything"


def test_curves(secure):
    for group, version in (("X25519", "-tls1_3"), ("P-256", "-tls1_3"), ("P-384", "-tls1_3"), ("P-256", "-tls1_2")):
        assert "Verification" in s_client(secure, "-groups", group, version, said=b"Q\n"), group
    for group, version in (("P-521", "-tls1_3"), ("X448", "-tls1_3"), ("ffdhe2048", "-tls1_3"), ("P-224", "-tls1_2"),
                           ("P-521", "-tls1_2"), ("secp192r1", "-tls1_2")):
        told = s_client(secure, "-groups", group, "-cipher", "DEFAULT@SECLEVEL=0", version, said=b"Q\n")
        assert "alert handshake failure" in told, (group, told)


def test_alpn_is_http_1_1_or_nothing(secure, authority):
    for offered in (["http/1.1"], ["h2", "http/1.1"]):
        context = authority.trusted()
        context.set_alpn_protocols(offered)
        with shaken(secure, context) as s:
            assert s.selected_alpn_protocol() == "http/1.1"
    context = authority.trusted()
    context.set_alpn_protocols(["h2", "http/1.0"])
    with pytest.raises(ssl.SSLError) as told:
        shaken(secure, context)
    assert "alert no application protocol" in str(told.value)


@pytest.mark.parametrize("version", ["TLSv1_2", "TLSv1_3"])
def test_nothing_is_resumed(secure, authority, version):
    context = authority.trusted(maximum_version=getattr(ssl.TLSVersion, version))
    with shaken(secure, context) as s:
        s.sendall(ASK)
        assert s.recv(65536).startswith(b"HTTP/1.1 ")
        session = s.session
    assert not session.has_ticket and session.ticket_lifetime_hint == 0
    with context.wrap_socket(tcp(secure), server_hostname="localhost", session=session) as s:
        assert not s.session_reused


def test_nothing_is_renegotiated(secure):
    told = s_client(secure, "-tls1_2", said=b"R\n")
    assert "RENEGOTIATING" in told and "no renegotiation" in told
    # The connection goes with it, and nobody else's.
    assert secure.request("GET", "/openapi.yaml").status == 200


def test_a_client_may_change_its_keys_and_ask_for_ours(secure):
    with subprocess.Popen(["openssl", "s_client", "-tls1_3", "-quiet", "-no_ign_eof", "-connect",
                           f"127.0.0.1:{secure.tls_port}"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, bufsize=0) as talker:
        for said in (GET.replace(b"close", b"keep-alive"), b"K\n", GET):
            talker.stdin.write(said)
            if said == b"K\n":
                while b"KEYUPDATE" not in (told := talker.stderr.readline()):
                    assert told, "it ended"
                continue
            while b"HTTP/1.1 200" not in (got := talker.stdout.readline()):
                assert got, "it ended"


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"])
def test_plain_http_is_told_so_and_not_heard(secure, method):
    key = secure.keys["bureau"]
    body = b'{"name":"x","sites":[]}'
    with tcp(secure) as s:
        s.sendall(f"{method} /v1/employers/123456788 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n"
                  f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
        got, seconds = heard(s)
    head, _, told = got.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400") and b"\r\nConnection: close" in head and got.count(b"\r\nDate: ") == 1
    assert b'"rule":"scheme"' in told and b"https://" in told and key.encode() not in told
    assert seconds < 3
    assert secure.request("GET", "/v1/employers/123456788", secure.keys["bureau"]).status == 404


GARBAGE = {
    "zeros": bytes(64),
    "noise": bytes(range(128, 256)) * 4,
    "a record that is too long": b"\x16\x03\x01\xff\xff" + b"\x01" * 512,
    "an empty handshake": b"\x16\x03\x01\x00\x00" * 40,
    "data before the handshake": b"\x17\x03\x03\x00\x10" + bytes(16),
    "an alert": b"\x15\x03\x03\x00\x02\x02\x28",
    "SSL 2": b"\x80\x2e\x01\x00\x02\x00\x15\x00\x00\x00\x10\x01\x00\x80" + bytes(34),
    "a hello of a server": b"\x16\x03\x03\x00\x30\x02\x00\x00\x2c\x03\x03" + bytes(42),
    "small letters": b"get / http/1.1\r\n\r\n",
}


@pytest.mark.parametrize("name", GARBAGE)
def test_garbage_ends_at_once(secure, authority, name):
    before = failures(secure)
    with tcp(secure) as s:
        s.sendall(GARBAGE[name])
        got, seconds = heard(s)
    assert seconds < 2, "it hung"
    assert not got or got[0] == 21, f"something else than an alert: {got[:40]}"
    wait_for(lambda: failures(secure) == before + 1, 5, "the count")
    assert https(secure, authority.trusted(), "GET", "/openapi.yaml").status == 200


def hello(context):
    """The first flight of a client, as bytes."""
    come, leave = ssl.MemoryBIO(), ssl.MemoryBIO()
    session = context.wrap_bio(come, leave, server_hostname="localhost")
    with contextlib.suppress(ssl.SSLWantReadError):
        session.do_handshake()
    return leave.read()


@pytest.mark.parametrize("how", ["silent", "half", "drop by drop"])
def test_a_handshake_has_an_end(make_secure, authority, how):
    daemon = make_secure(tls_handshake_ms=700)
    before, flight = failures(daemon), hello(authority.trusted())
    with tcp(daemon) as s:
        begin = time.monotonic()
        if how == "half":
            s.sendall(flight[:len(flight) // 2])
        s.settimeout(0.05 if how == "drop by drop" else 10)
        ended, at = False, 0
        while not ended:
            with contextlib.suppress(TimeoutError):
                try:
                    ended = s.recv(4096) == b""
                except ConnectionResetError:
                    ended = True
            if not ended and how == "drop by drop":
                with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                    s.sendall(flight[at:at + 1])
                at += 1
            assert time.monotonic() - begin < 15, "it has no end"
        seconds = time.monotonic() - begin
    assert 0.6 < seconds and at < len(flight)
    wait_for(lambda: failures(daemon) == before + 1, 5, "the count")


def test_a_handshake_in_small_pieces_is_good(secure, authority):
    context = authority.trusted()
    come, leave = ssl.MemoryBIO(), ssl.MemoryBIO()
    session = context.wrap_bio(come, leave, server_hostname="localhost")
    with tcp(secure) as s:
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

        def flush():
            for byte in leave.read():
                s.sendall(bytes([byte]))

        def until_done(act):
            while True:
                try:
                    result = act()
                    flush()
                    return result
                except ssl.SSLWantReadError:
                    flush()
                    come.write(s.recv(7))

        until_done(session.do_handshake)
        session.write(ASK)
        flush()
        assert until_done(lambda: session.read(64)).startswith(b"HTTP/1.1 ")


def test_handshakes_count_among_an_addresss_connections(make_secure, authority):
    daemon = make_secure(max_connections_per_address=3)
    held = [tcp(daemon) for _ in range(2)]
    spoken = shaken(daemon, authority.trusted())
    with tcp(daemon) as one_more:
        got, seconds = heard(one_more)
        assert not got and seconds < 2, "a fourth was let in"
    spoken.sendall(ASK)
    assert spoken.recv(64).startswith(b"HTTP/1.1 "), "those that were there are not served"
    held.pop().close()
    wait_for(lambda: is_let_in(daemon, authority.trusted()), 5, "the place that was given back")
    spoken.close()
    held[0].close()


def test_an_address_that_only_agrees_and_agrees_is_let_in_so_often_a_second(make_secure, authority):
    daemon = make_secure(max_connections_per_address=5)
    trusted, agreed = authority.trusted(), 0
    begin = time.monotonic()
    while time.monotonic() - begin < 2:
        with contextlib.suppress(OSError):  # it is closed before a word is said
            shaken(daemon, trusted).close()
            agreed += 1
    spent = time.monotonic() - begin
    assert 10 <= agreed <= 10 + 5 * spent + 1
    assert failures(daemon) > 0
    wait_for(lambda: is_let_in(daemon, trusted), 5, "a turn")


def test_half_open_ones_give_their_places_back(make_secure, authority):
    daemon = make_secure(max_connections=8, tls_handshake_ms=1000)
    held = [tcp(daemon) for _ in range(8)]
    begin = time.monotonic()
    assert https(daemon, authority.trusted(), "GET", "/openapi.yaml").status == 200
    assert 0.3 < time.monotonic() - begin < 15, "they took no places, or kept them"
    for s in held:
        s.close()


def test_large_answers_and_bodies_pass_whole(secure, authority):
    context = authority.trusted()
    plain = secure.request("GET", "/openapi.yaml")
    assert https(secure, context, "GET", "/openapi.yaml").body == plain.body and len(plain.body) > 100_000
    # A file, which the kernel cannot send by itself here.
    body = b'{"ref":1}\n' * 20_000
    sent = {"raw": body, "headers": {"Content-Type": "application/x-ndjson", "Idempotency-Key": "over-tls"}}
    answer = https(secure, context, "POST", "/v1/imports", secure.keys["employer"], **sent)
    rows = answer.text.splitlines()
    assert answer.status == 200 and len(rows) == 20_001, (answer.status, len(rows), rows[-1])
    assert '"line":20000' in rows[-2].replace(" ", "")


def test_a_request_in_one_record_is_read_to_its_end(secure, authority):
    key, body = secure.keys["bureau"], b'{"name":"' + b"x" * 14_000 + b'"}'
    with shaken(secure, authority.trusted()) as s:
        s.settimeout(5)  # shorter than a body may take
        s.sendall(f"PUT /v1/employers/123456788 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n"
                  f"Vacancyd-Actor: {secure.actors[key]}\r\nContent-Type: application/json\r\n"
                  f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
        assert s.recv(64).startswith(b"HTTP/1.1 422")


def test_a_slow_reader_gets_everything_in_its_order(secure, authority):
    size = len(secure.request("GET", "/openapi.yaml").body)
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    raw.settimeout(20)
    raw.connect(("127.0.0.1", secure.tls_port))
    with authority.trusted().wrap_socket(raw, server_hostname="localhost") as s:
        s.sendall(b"GET /openapi.yaml HTTP/1.1\r\nHost: x\r\n\r\n" * 7 + GET)
        got = bytearray()
        while more := s.recv(8192):
            got += more
    assert bytes(got).count(b"HTTP/1.1 200 OK\r\n") == 8 and len(got) > 8 * size
    assert len(got) < 8 * (size + 1000)


def test_two_workers_speak_it(make_secure, authority):
    daemon = make_secure(workers=2)
    context = authority.trusted()
    for _ in range(20):
        assert https(daemon, context, "GET", "/openapi.yaml").status == 200


def test_vacancyctl_speaks_it_and_trusts_whom_it_is_told_to(secure, authority, tmp_path):
    env = {**sanitizer_env(), "VACANCYD_KEY": secure.keys["bureau"], "HOME": str(tmp_path), "LC_ALL": "C.UTF-8",
           "VACANCYD_URL": f"https://localhost:{secure.tls_port}"}

    def ctl(*words, **more):
        return subprocess.run([str(binary("vacancyctl")), *words], env={**env, **more}, capture_output=True, text=True,
                              timeout=60, check=False)

    good = str(authority.certificate)
    for done in (ctl("--cacert", good, "codes", "list"), ctl("codes", "list", VACANCYD_CACERT=good)):
        assert done.returncode == 0 and "occupations" in done.stdout, done
    (tmp_path / "conf").write_text(f'url = "{env["VACANCYD_URL"]}"\ncacert = "{good}"\n', encoding="ascii")
    lines = tmp_path / "lines"
    lines.write_text('{"method":"GET","path":"/v1/codes"}\n', encoding="ascii")
    done = ctl("batch", str(lines), VACANCYCTL_CONF=str(tmp_path / "conf"))
    assert done.returncode == 0 and "ok=1" in done.stdout + done.stderr, done
    for done in (ctl("codes", "list"), ctl("--url", f"https://127.0.0.2:{secure.tls_port}", "--cacert", good, "codes", "list")):
        assert done.returncode == 3 and "occupations" not in done.stdout, done
    assert "certificate" in ctl("codes", "list").stderr
