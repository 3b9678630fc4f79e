"""Redis with a user of its own and behind TLS, PostgreSQL by TLS: as the manual has it, word for word."""

import contextlib
import os
import re
import secrets
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from harness import SOURCE
from harness.certificates import Authority
from harness.daemon import free_port
from harness.people import People
from harness.secure import authority  # noqa: F401
from harness.services import Postgres, run
from harness.trade import CLEANER, line, quarter_return
from harness.wait import wait_for

HOST = "127.41.1.5"  # of our own on this machine: the port need not be free elsewhere


def example(beginning):
    """The one example of vacancyd(8) that begins so."""
    text = (SOURCE / "config" / "man" / "vacancyd.8").read_text(encoding="utf-8").replace("\\(dq", '"')
    found = [e for e in re.findall(r"^\.Bd -literal\n(.*?)^\.Ed$", text, re.M | re.S) if e.startswith(beginning)]
    assert len(found) == 1, beginning
    return found[0]


class LockedRedis:
    """A Redis whose users are those of the manual, and an operator of ours."""

    def __init__(self, folder, *settings):
        self.dir = Path(folder)
        self.socket = self.dir / "redis.sock"
        self.password, self.operator = secrets.token_hex(16), secrets.token_hex(16)
        self.user = " ".join(example("user vacancyd on").split()).replace("PASSWORD", self.password)
        (self.dir / "users.acl").write_text(
            f"user default off\n{self.user}\nuser operator on >{self.operator} ~* &* +@all\n", encoding="ascii")
        (self.dir / "password").write_text(self.password + "\n", encoding="ascii")
        (self.dir / "password").chmod(0o600)
        self.conf = self.dir / "redis.conf"
        self.conf.write_text("".join(f"{s}\n" for s in (
            "port 0", f"unixsocket {self.socket}", f"aclfile {self.dir}/users.acl", f"dir {self.dir}", 'save ""',
            "maxmemory-policy noeviction", *settings)), encoding="ascii")
        self.process = None
        self.start()

    def start(self):
        with open(self.dir / "redis.log", "ab") as log:
            self.process = subprocess.Popen(["redis-server", str(self.conf)], stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=log)
        wait_for(lambda: self.cli("PING", check=False) == "PONG", 20, "Redis")

    def kill(self):
        self.process.kill()
        self.process.wait()

    def cli(self, *words, check=True):
        env = {**os.environ, "REDISCLI_AUTH": self.operator}
        return run("redis-cli", "-s", self.socket, "--user", "operator", "--no-auth-warning", *words, env=env,
                   check=check).strip()

    def settings(self, **more):
        return {"board": f"unix:{self.socket}", "board_user": "vacancyd",
                "board_password_file": str(self.dir / "password"), **more}


@pytest.fixture
def locked(tmp_path):
    redis = LockedRedis(tmp_path)
    yield redis
    redis.kill()


def board_is(daemon, up):
    wait_for(daemon.admin_socket.exists, 20, "the operator's socket")
    return daemon.admin("GET", "/readyz").json["board"]["up"] is up


def says(daemon, words):
    try:
        wait_for(lambda: words in daemon.log, 60, words)
    except TimeoutError as late:
        raise AssertionError(f"{late}\n{daemon.log}") from late


def a_little_of_everything(daemon, postgres, redis):
    """Each command the daemon ever gives to Redis."""
    town = People(daemon, postgres)
    town.employer()
    vacancies = town.file([line("A", posts=2), line("B", posts=1), line("C", posts=1, occupation=CLEANER)])
    town.register(1)
    who = town.register(2)

    def seen(n):
        return lambda: daemon.admin("GET", "/readyz").json["mirror"]["vacancies"] == n

    wait_for(seen(3), 20, "the vacancies")
    town.at_work(who, vacancies["B"])
    # Another cell, and an end.
    changed = quarter_return([line("A", posts=2, occupation=CLEANER), line("B", posts=1)],
                             closed=[{"ref": "C", "reason": "withdrawn"}])
    answer = town.call("PUT", "/v1/returns/123456788/410105/2007Q2", changed)
    assert answer.status == 200, answer
    wait_for(seen(2), 20, "the end of one")
    # What was noted long ago is trimmed at the next note.
    at = redis.cli("KEYS", "{4101}g*:at")
    redis.cli("LPUSH", at, "3 2", "2 1", "1 0")
    redis.cli("LSET", at, "-1", "4 2")
    town.register(3)
    wait_for(lambda: redis.cli("LINDEX", at, "0") not in ("1 0", "2 1"), 20, "the trimming")
    for _ in range(2):
        assert daemon.admin("POST", "/board/rebuild", timeout=60).status == 200
    verdict = daemon.admin("POST", "/board/verify", timeout=60)
    assert verdict.status == 200 and verdict.json["differences"] == 0, verdict


def test_the_user_of_the_manual_may_do_what_the_daemon_does_and_no_more(make_daemon, postgres, locked):
    daemon = make_daemon(**locked.settings())
    locked.cli("ACL", "LOG", "RESET")
    a_little_of_everything(daemon, postgres, locked)
    assert locked.cli("ACL", "LOG") == ""
    daemon.restart()
    assert locked.cli("ACL", "LOG") == ""
    assert "board.error_reply" not in daemon.log and "board.evicts" not in daemon.log
    used = set(re.findall(r"^cmdstat_([a-z]+):", locked.cli("INFO", "commandstats"), re.M))
    given = set(re.findall(r" \+([a-z]+)", locked.user))
    assert len(given) > 20 and given <= used, f"nobody needs {given - used}"


@pytest.mark.parametrize("taken", ["-eval", "-xread", "-hvals", "-smembers", "resetkeys", "-hset"])
def test_with_less_it_does_not_come_up(make_daemon, locked, taken):
    """The list is not longer than it must be."""
    locked.cli("ACL", "SETUSER", "vacancyd", taken)
    daemon = make_daemon(start=False, **locked.settings())
    daemon.start(ready=False)
    says(daemon, "event=board.error_reply")
    assert daemon.admin("GET", "/readyz").status == 503


def test_a_wrong_password_is_said_and_a_right_one_taken_at_once(make_daemon, locked):
    daemon = make_daemon(start=False, **locked.settings(board_password_file="", board_user=""))
    daemon.start(ready=False)
    says(daemon, "it wants a password")
    wait_for(lambda: board_is(daemon, False), 20, "that Redis is away")
    (locked.dir / "wrong").write_text("0123456789\n", encoding="ascii")
    (locked.dir / "wrong").chmod(0o600)
    daemon.settings.update(locked.settings(board_password_file=str(locked.dir / "wrong")))
    daemon.write_config()
    daemon.process.send_signal(signal.SIGHUP)
    says(daemon, "the user or the password is wrong")
    wait_for(lambda: board_is(daemon, False), 20, "that Redis is away")
    daemon.settings.update(locked.settings())
    daemon.write_config()
    daemon.process.send_signal(signal.SIGHUP)
    daemon.wait_ready()
    locked.kill()
    wait_for(lambda: board_is(daemon, False), 20, "that Redis is away")
    locked.start()
    wait_for(lambda: board_is(daemon, True), 20, "that it is back, and knows us")


def test_a_password_for_a_redis_that_has_none_is_said_at_once(make_daemon, tmp_path):
    password = tmp_path / "password"
    password.write_text("0123456789\n", encoding="ascii")
    password.chmod(0o600)
    daemon = make_daemon(start=False, board_password_file=str(password), board_call_ms=20000)
    daemon.start(ready=False)
    wait_for(lambda: "event=board.down" in daemon.log and 'why="it refuses the command"' in daemon.log, 10, "why")
    wait_for(lambda: board_is(daemon, False), 20, "that Redis is away")


def processes(pid):
    found = [pid]
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split():
        found += processes(int(child))
    return found


def test_the_password_is_nowhere_to_be_read(make_daemon, postgres, locked):
    daemon = make_daemon(log_level="debug", **locked.settings())
    a_little_of_everything(daemon, postgres, locked)
    locked.kill()
    wait_for(lambda: board_is(daemon, False), 20, "that Redis is away")
    locked.start()
    wait_for(lambda: board_is(daemon, True), 20, "that it is back")
    shown = [daemon.log, daemon.config.read_text(encoding="utf-8"),
             *(daemon.admin("GET", path).text for path in ("/readyz", "/metrics", "/keys"))]
    for pid in processes(daemon.process.pid):
        for file in ("cmdline", "environ", "comm"):
            shown.append(Path(f"/proc/{pid}/{file}").read_text(encoding="utf-8", errors="replace"))
    assert len(shown) >= 11
    for text in shown:
        assert locked.password not in text


def test_a_password_file_is_for_its_owner_alone(make_daemon, locked):
    daemon = make_daemon(start=False, **locked.settings())

    def told(code=1):
        done = daemon.run("--check-config", check=code)
        assert locked.password not in done.stderr + done.stdout, done
        return done.stderr

    path = locked.dir / "password"
    assert told(0) == ""
    path.chmod(0o644)
    assert f"{path}: it can be read by others" in told()
    path.chmod(0o600)
    for text in ("", "\n", "x" * 513 + "\n"):
        path.write_text(text, encoding="ascii")
        assert f"{path}: its first line is empty, or too long" in told()
    path.unlink()
    assert f"{path}: No such file" in told()
    path.mkdir()
    assert f"{path}: it is not a regular file" in told()
    daemon.settings["board_password_file"] = ""
    daemon.write_config()
    assert "board_user: needs board_password_file" in told()


@contextlib.contextmanager
def stunnel(folder, text):
    conf = folder / "stunnel.conf"
    conf.write_text(f"foreground = yes\npid =\noutput = {folder}/stunnel.log\n{text}", encoding="ascii")
    with subprocess.Popen(["stunnel", str(conf)], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL) as process:
        try:
            yield
        finally:
            process.terminate()


def test_redis_by_tls_through_the_proxy_of_the_manual(make_daemon, postgres, tmp_path, authority):
    certificate, key = authority.issue(names="DNS:redis.example")
    far, near = free_port(), free_port()
    redis = LockedRedis(tmp_path, f"tls-port {far}", f"tls-cert-file {certificate}", f"tls-key-file {key}",
                        f"tls-ca-cert-file {authority.certificate}", "tls-auth-clients no")
    text = example("[redis]")
    for was, now in (("redis.example:6379", f"127.0.0.1:{far}"), ("127.0.0.1:6380", f"127.0.0.1:{near}"),
                     ("/etc/vacancyd/redis-ca.pem", str(authority.certificate))):
        assert text.count(was) == 1
        text = text.replace(was, now)
    try:
        with stunnel(tmp_path, text):
            daemon = make_daemon(**redis.settings(board=f"127.0.0.1:{near}"))
            a_little_of_everything(daemon, postgres, redis)
            daemon.stop()
        said = tmp_path / "stunnel.log"
        assert "certificate verify failed" not in said.read_text("utf-8")
        # Another's certificate of the same authority is no Redis of ours.
        with stunnel(tmp_path, text.replace("checkHost = redis.example", "checkHost = other.example")):
            daemon.start(ready=False)
            wait_for(lambda: "certificate verify failed" in said.read_text("utf-8"), 20, "the refusal")
            wait_for(lambda: board_is(daemon, False), 20, "that Redis is away")
            daemon.stop()
    finally:
        redis.kill()


@pytest.fixture
def far_postgres(services, postgres, authority):
    """The session's, by TLS on an address of its own, as db.example; and then as it was."""
    admin = Postgres(services, "postgres", "postgres")
    pair, data = authority.issue(names="DNS:db.example"), services.dir / "pg"
    for name, file in zip(("server.crt", "server.key"), pair):
        shutil.copy(file, data / name)
        os.chown(data / name, data.stat().st_uid, data.stat().st_gid)
        (data / name).chmod(0o600)
    password = secrets.token_hex(16)
    admin.psql(f"ALTER SYSTEM SET listen_addresses = '{HOST}'")
    admin.psql("ALTER SYSTEM SET ssl = on")
    admin.psql("DO $$ DECLARE r text; BEGIN FOR r IN SELECT rolname FROM pg_roles WHERE rolname ~ '^vacancyd' LOOP"
               f" EXECUTE format('ALTER ROLE %I PASSWORD ''{password}''', r); END LOOP; END $$")
    postgres.restart()
    with open(data / "pg_hba.conf", "a", encoding="ascii") as rules:  # until it is started again
        rules.write("hostssl all all 127.0.0.0/8 scram-sha-256\n")
    admin.psql("SELECT pg_reload_conf()")
    passfile = authority.dir / "pgpass"
    passfile.write_text(f"db.example:5432:*:*:{password}\n", encoding="ascii")
    passfile.chmod(0o600)
    yield passfile
    admin.psql("ALTER SYSTEM RESET listen_addresses")
    admin.psql("ALTER SYSTEM RESET ssl")
    postgres.restart()


def far_ledger(postgres, authority, passfile):
    """The manual's, but for what only our cluster has."""
    text = " ".join(example("ledger = ").split()).partition('"')[2].rstrip('"')
    for was, now in (("host=db.example", f"host=db.example hostaddr={HOST}"), ("dbname=vacancyd", f"dbname={postgres.name}"),
                     ("/etc/vacancyd/db-ca.pem", str(authority.certificate)), ("/etc/vacancyd/pgpass", str(passfile))):
        assert text.count(was) == 1, was
        text = text.replace(was, now)
    assert "sslmode=verify-full" in text
    return text


def test_postgresql_by_tls_that_proves_itself(make_daemon, postgres, far_postgres, authority, tmp_path):
    ledger = far_ledger(postgres, authority, far_postgres)
    daemon = make_daemon(ledger=ledger)
    assert People(daemon, postgres).employer()
    by_tls = Postgres(postgres.services, "postgres", "postgres").psql(
        "SELECT bool_and(s.ssl AND s.version >= 'TLSv1.2'), count(*) FROM pg_stat_ssl s JOIN pg_stat_activity a USING (pid)"
        f" WHERE a.datname = '{postgres.name}' AND a.client_addr IS NOT NULL").split("|")
    assert by_tls[0] == "t" and int(by_tls[1]) > 4
    daemon.stop()
    other = Authority(tmp_path / "other")
    for wrong, why in (({str(authority.certificate): str(other.certificate)}, "certificate verify failed"),
                       ({"host=db.example": "host=db2.example"}, 'does not match host name "db2.example"')):
        daemon.settings["ledger"] = ledger
        for was, now in wrong.items():
            daemon.settings["ledger"] = daemon.settings["ledger"].replace(was, now)
        daemon.write_config()
        daemon.start(ready=False)
        says(daemon, why.replace('"', '\\"'))
        assert not daemon.admin("GET", "/readyz").json["ledger"]["up"]
        daemon.stop()


def test_a_postgresql_without_tls_is_not_spoken_to(make_daemon, postgres, far_postgres, authority):
    admin = Postgres(postgres.services, "postgres", "postgres")
    admin.psql("ALTER SYSTEM SET ssl = off")
    postgres.restart()
    daemon = make_daemon(start=False, ledger=far_ledger(postgres, authority, far_postgres))
    daemon.start(ready=False)
    says(daemon, "server does not support SSL, but SSL was required")
    assert not daemon.admin("GET", "/readyz").json["ledger"]["up"]
