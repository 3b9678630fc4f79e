"""The daemon under test: the built vacancyd, with a configuration of its own.

A report of a sanitizer in its standard error fails the test that ran it, and
so does an orderly stop that does not end with exit status 0.
"""

import functools
import http.client
import os
import re
import secrets
import signal
import socket
import subprocess
from pathlib import Path
from urllib.parse import unquote

from . import SOURCE
from .http import UnixConnection, call
from .services import run
from .wait import wait_for

SANITIZER = re.compile(r"ERROR: (Address|Leak|UndefinedBehavior|Thread)Sanitizer|runtime error:")

# The employer whose key the daemon fixture makes: a code that is well formed and nobody's.
EMPLOYER = "123456788"
KEYS = {
    "employer": {"role": "employer", "org_code": EMPLOYER, "org_name": "测试企业"},
    "agency": {"role": "agency", "org_code": None, "org_name": "测试职业介绍所"},
    "bureau": {"role": "bureau", "org_code": None, "org_name": "郑州市劳动保障局"},
}
CITY = "4101"  # the scope of a key and an officer unless said


def binary(name):
    """A program of the build that VACANCYD_BUILD names."""
    build = os.environ.get("VACANCYD_BUILD")
    if not build:
        raise AssertionError("VACANCYD_BUILD must name the build directory")
    for folder in ("", "daemon", "daemon/tables", "clients/cli", "tests/city"):
        path = Path(build) / folder / name
        if path.is_file():
            return path
    raise AssertionError(f"{name} is not built in {build}")


def sanitizer_env():
    env = dict(os.environ)
    env.setdefault("ASAN_OPTIONS", "detect_leaks=1:abort_on_error=0:strict_string_checks=1")
    env.setdefault("UBSAN_OPTIONS", "print_stacktrace=1:halt_on_error=1")
    return env


def program(*args, check=None):
    """One run of vacancyd that ends by itself, whatever comes of it; `check`: its exit status."""
    done = subprocess.run([str(binary("vacancyd")), *map(str, args)], env=sanitizer_env(), stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=60, check=False)
    assert not SANITIZER.search(done.stderr), done.stderr
    if check is not None:
        assert done.returncode == check, done
    return done


def id_in(token):
    """What a key "vd_<id>_<secret>" or an officer's "vo_<id>_<secret>" is called by."""
    return token.split("_", 2)[1]


def secret_in(token):
    return token.split("_", 2)[2]


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


@functools.cache
def described():
    from generated.contract import Contract
    return Contract()


def assert_is_described(method, path, answer):
    """Whatever any test is answered, the document says that it may be: its status and headers, of a
    refusal the kind of problem, of what is accepted every member."""
    contract = described()
    operation = contract.find(method, unquote(path.partition("?")[0]))
    if operation is None:
        return
    slug = answer.json["type"].removeprefix("/problems/") if answer.status >= 400 else None
    assert contract.admits(operation, answer.status, slug) if slug else \
        str(answer.status) in operation.responses, f"{operation}: {answer} is not in the document"
    response = operation.responses.get(str(answer.status))
    if response is None:
        return
    unnamed = contract.unnamed_headers(response, answer.headers)
    assert not unnamed, f"{operation} {answer.status}: headers that are not in the document: {unnamed}"
    kind = answer.headers.get("content-type", "").partition(";")[0]
    if kind in ("application/json", "application/ld+json", "application/problem+json") and answer.body \
            and "content-encoding" not in answer.headers:
        unnamed = list(contract.undescribed(response["content"][kind]["schema"], answer.json))
        assert not unnamed, f"{operation} {answer.status}: not in the document: {unnamed[:9]}"
        if b'"expected"' in answer.body:
            assert_is_chinese_too(answer.json)


def assert_is_chinese_too(value):
    """What would be right is said in Chinese wherever it is said; codes and names of members stay."""
    if isinstance(value, list):
        for one in value:
            assert_is_chinese_too(one)
    elif isinstance(value, dict):
        if isinstance(value.get("expected"), str):
            assert not re.search(r"[a-z]{2,} [a-z]{2,}", value["expected_zh"]), value
        for one in value.values():
            assert_is_chinese_too(one)


class Daemon:
    def __init__(self, folder, ledger, board, **settings):
        self.dir = Path(folder)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.admin_socket = self.dir / "admin.sock"
        self.config = self.dir / "vacancyd.conf"
        self.log_path = self.dir / "vacancyd.log"
        self.process = None
        self.keys = {}
        self.actors = {}  # of a key: the standard officer behind it
        self.scopes = {}  # of a key
        self.checked = 0
        master_key = self.dir / "master.key"
        if not master_key.exists():
            master_key.write_text(secrets.token_hex(32) + "\n")
            master_key.chmod(0o400)
        self.settings = {
            "listen": f"127.0.0.1:{self.port}",
            "admin_socket": str(self.admin_socket),
            "metrics_listen": "",
            "ledger": ledger,
            "board": board,
            "city": 4101,
            "data_dir": str(SOURCE / "config" / "data"),
            "schema_dir": str(SOURCE / "config" / "schema"),
            "policy": str(SOURCE / "config" / "policy" / "zhengzhou-2007.conf"),
            "master_key": str(master_key),
            "max_connections_per_address": 0,
            "state_dir": str(self.dir),
            "import_dir": str(self.dir),
            "ledger_queue": 1024,
            "report_percent": 0,
            **settings,
        }
        self.write_config()

    def write_config(self):
        lines = []
        for name, value in self.settings.items():
            if isinstance(value, str):
                value = '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
            elif isinstance(value, bool):
                value = "true" if value else "false"
            lines.append(f"{name} = {value}\n")
        self.config.write_text("".join(lines), encoding="utf-8")

    def command(self, *args):
        """One run of the program that ends by itself; its standard output."""
        return run(binary("vacancyd"), "--config", self.config, *args, env=sanitizer_env())

    def run(self, *args, check=None):
        return program("--config", self.config, *args, check=check)

    def migrate(self):
        return self.command("migrate")

    def start(self, ready=True, stderr=None, program=None, held=()):
        """held: sockets that are handed over to it, as systemd does."""
        assert self.process is None, "the daemon runs already"
        command, env = [str(program or binary("vacancyd")), "--config", str(self.config)], sanitizer_env()
        if held:
            moves = " ".join(f"{3 + n}<&{s.fileno()}" for n, s in enumerate(held))
            command = ["bash", "-c", f'LISTEN_PID=$$ exec "$@" {moves}', "bash", *command]
            env["LISTEN_FDS"] = str(len(held))
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=stderr or log, env=env,
                pass_fds=[s.fileno() for s in held],
            )
        if ready:
            self.wait_ready()

    def wait_ready(self, seconds=60):
        def is_ready():
            if self.process.poll() is not None:
                raise AssertionError(f"the daemon ended with {self.process.returncode}:\n{self.log}")
            try:
                return self.admin("GET", "/readyz").status == 200
            except (OSError, http.client.HTTPException):
                return False

        try:
            wait_for(is_ready, seconds, "the daemon's /readyz")
        except TimeoutError as late:
            raise AssertionError(f"{late}\n{self.log}") from late

    def make_keys(self):
        for name, wanted in KEYS.items():
            self.keys[name] = self.new_key(**wanted)

    def new_key(self, **wanted):
        """A key for one organisation, as the admin socket gives it out: once.  Behind one of a
        bureau or an agency stands an officer, a lead, who is named with every request."""
        wanted.setdefault("scope", CITY)
        wanted.setdefault("sandbox", True)
        wanted.setdefault("rate", 100000)
        wanted.setdefault("burst", 100000)
        answer = self.admin("POST", "/keys", {k: v for k, v in wanted.items() if v is not None})
        assert answer.status == 201, answer
        key = answer.json["key"]
        self.scopes[key] = wanted["scope"]
        # Another process may learn of a key only within a second; this one knows at once or
        # soon after, and a test should not meet the gap.
        wait_for(lambda: self.request("GET", "/v1/employers/000000000", key).status != 401,
                 10, "the new key")
        if wanted["role"] in ("bureau", "agency"):
            self.actors[key] = self.new_officer(key)
            wait_for(lambda: self.request("GET", "/v1/officers", key).status != 403,
                     10, "the new officer")
        return key

    def new_officer(self, key, **wanted):
        """The first officers of the organisation of a key: "vo_<id>_<secret>"."""
        body = {"name": "测试员", "post": "窗口经办", "lead": True, "until": "2010-12-31",
                "scope": self.scopes.get(key, CITY), **wanted}
        answer = self.admin("POST", f"/keys/{id_in(key)}/officers", body)
        assert answer.status == 201, answer
        return answer.json["actor"]

    def request(self, method, path, key=None, json=None, headers=None, raw=None, timeout=30):
        """With the key's standard officer; a test that wants none says so:
        headers={"Vacancyd-Actor": None}."""
        if key in self.actors:
            headers = {"Vacancyd-Actor": self.actors[key], **(headers or {})}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        answer = call(connection, method, path, key, json, headers, raw)
        assert_is_described(method, path, answer)
        return answer

    def admin(self, method, path, body=None, headers=None, timeout=30):
        return call(UnixConnection(self.admin_socket, timeout), method, path, None, body, headers)

    def metric(self, name):
        """What the operator is shown under this name, of each worker or label one."""
        rows = self.admin("GET", "/metrics").text.splitlines()
        return [float(row.rpartition(" ")[2]) for row in rows if row.startswith((f"vacancyd_{name} ", f"vacancyd_{name}{{"))]

    @property
    def log(self):
        if not self.log_path.exists():
            return ""
        return self.log_path.read_text(encoding="utf-8", errors="replace")

    def workers(self):
        """Their process ids: of the children, those who serve; another writes a file and ends."""
        pid, found = self.process.pid, set()
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split():
            try:
                name = Path(f"/proc/{child}/comm").read_text("ascii")
            except (FileNotFoundError, ProcessLookupError):
                continue
            if name.startswith("vacancyd:"):
                found.add(int(child))
        return found

    def stop(self, seconds=30):
        """SIGTERM; the daemon must drain and end with 0."""
        if self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired as late:
            self.kill()
            raise AssertionError(f"the daemon did not stop in {seconds} s:\n{self.log}") from late
        self.process = None
        self.check_log()
        assert code == 0, f"the daemon ended with {code}:\n{self.log}"

    def kill(self):
        """SIGKILL: the process is gone as by a power cut."""
        if self.process is None:
            return
        self.process.kill()
        self.process.wait()
        self.process = None
        self.check_log()

    def restart(self):
        self.stop()
        self.start()

    def check_log(self):
        found = SANITIZER.search(self.log)
        assert not found, f"a sanitizer spoke:\n{self.log[max(0, found.start() - 500):][:6000]}"
