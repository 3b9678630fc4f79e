"""What is left in the memory of a worker, after use: nobody's papers, and no more than before.

A plain build, as it is installed: a sanitizer has an allocator of its own.
"""

import gzip
import http.client
import json
import os
import re
import subprocess
import threading
import time
from collections import Counter
from pathlib import Path

import pytest

from harness import SOURCE
from harness.daemon import binary, id_in, secret_in
from harness.trade import Trade, line, seeker
from harness.wait import wait_for

PEOPLE = 12


@pytest.fixture(scope="module")
def plain_build():
    """The daemon without sanitizers; the tests' other programs stay as they are."""
    folder = binary("vacancyd").parents[1] / "plain"
    for step in (["cmake", "-S", SOURCE, "-B", folder, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=RelWithDebInfo",
                  "-DVACANCYD_SANITIZE=OFF"], ["cmake", "--build", folder, "--target", "vacancyd"]):
        subprocess.run([str(s) for s in step], check=True, stdout=subprocess.DEVNULL)
    return next(p for p in folder.rglob("vacancyd") if p.is_file() and os.access(p, os.X_OK))


@pytest.fixture
def plain(plain_build, make_daemon):
    daemon = make_daemon(start=False)
    daemon.start(program=plain_build)
    daemon.make_keys()
    parent = daemon.process.pid
    daemon.worker = int(Path(f"/proc/{parent}/task/{parent}/children").read_text().split()[0])
    return daemon


def resident_mib(daemon):
    return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{daemon.worker}/status").read_text())[1]) / 1024


def found(daemon, marks):
    """Which of the marks stand anywhere in what the worker may write to, as a core would show it."""
    where = {}
    with open(f"/proc/{daemon.worker}/mem", "rb", 0) as memory:
        for row in Path(f"/proc/{daemon.worker}/maps").read_text().splitlines():
            first, last, rights, name = re.match(r"(\w+)-(\w+) (\S+) \S+ \S+ \S+\s*(.*)", row).groups()
            if not rights.startswith("rw") or name.startswith(("[vvar", "[vsyscall")):
                continue
            memory.seek(int(first, 16))
            bytes_ = memory.read(int(last, 16) - int(first, 16))
            for mark in marks:
                if mark in bytes_:
                    at = bytes_.index(mark)
                    where.setdefault(mark, []).append((name or "heap", bytes_[max(0, at - 60):at + 60]))
    return where


def use(daemon, connection):
    """Registers, reads, finds and changes people on one connection that stays; the marks of them."""
    key, marks = daemon.keys["bureau"], []
    actor = daemon.actors[key]
    head = {"Authorization": f"Bearer {key}", "Vacancyd-Actor": actor, "Content-Type": "application/json"}

    def ask(status, method, path, body=None, **more):
        connection.request(method, path, json.dumps(body, ensure_ascii=False).encode() if body is not None else None,
                           {**head, "Idempotency-Key": f"m-{time.monotonic_ns()}", **more})
        answer = connection.getresponse()
        text = answer.read()
        packed = answer.getheader("Content-Encoding") == "gzip"
        if packed:
            text = gzip.decompress(text)
        assert answer.status == status, (method, path, answer.status, text)
        assert packed == ("gzip" in more.get("Accept-Encoding", "")), path
        return json.loads(text) if text else None

    for n in range(PEOPLE):
        body = seeker(700 + n, name=f"欧阳标记{'甲乙丙丁戊己庚辛壬癸子丑'[n]}", telephone=f"1377311{n:04d}",
                      address=f"标记巷{n}号院七单元")
        marks += [body["citizen_number"].encode(), body["name"].encode(), body["telephone"].encode(),
                  body["address"].encode()]
        who = ask(201, "POST", "/v1/seekers", body)["seeker"]
        ask(200, "GET", f"/v1/seekers/{who}")
        ask(200, "POST", "/v1/seekers/find", {"citizen_number": body["citizen_number"]})
        ask(200, "PATCH", f"/v1/seekers/{who}", {"telephone": f"1377322{n:04d}"}, **{"If-Match": '"1"'})
        marks.append(f"1377322{n:04d}".encode())
        ask(200, "GET", f"/v1/seekers/{who}", **{"Accept-Encoding": "identity"})
        # Whoever takes nothing else has short ones packed too.
        ask(200, "GET", f"/v1/seekers/{who}", **{"Accept-Encoding": "gzip, identity;q=0"})
        ask(422, "POST", "/v1/seekers", {**body, "hukou": {"type": "x"}, "name": ""})
    return marks + [secret_in(key).encode(), secret_in(actor).encode()]


def test_nothing_of_whom_it_served_is_left_in_memory(plain):
    trade = Trade(plain)
    trade.employer()
    trade.file([line("A")])
    connection = http.client.HTTPConnection("127.0.0.1", plain.port, timeout=30)
    marks = use(plain, connection)
    # The connection is open still, and idle.
    left = found(plain, marks)
    assert not left, left
    # The search can find: what is no secret stands there.
    assert found(plain, [id_in(plain.keys["bureau"]).encode()])
    connection.close()


RETURN = "/v1/returns/123456788/410105/2007Q2"
BATCH = "/v1/placements/batch"
WRONG_LINE = {"ref": "", "occupation": "9", "title": "", "duties": "x" * 900, "posts": -1, "place": "9", "shift": "q",
              "pay_min_fen": -5, "pay_max_fen": -9, "pay_period": "z", "skills": ["a"] * 20, "licences": ["b"] * 20}
WRONG_ITEM = {"seeker": "f" * 16, "vacancy": 17, "kind": "x", "start_on": "2007"}
HOSTILE = [
    ("PUT", RETURN, {"lines": [{}] * 87_000}),
    ("POST", BATCH, {"items": [{}] * 87_000}),
    ("POST", BATCH, '{"items":[' + ",".join(["[" * 1000 + "]" * 1000] * 120) + "]}"),
    ("POST", BATCH, {str(n): 0 for n in range(26_000)}),
    ("PUT", RETURN, {"lines": [WRONG_LINE] * 200}),
    ("POST", BATCH, {"items": [WRONG_ITEM] * 200}),
]


def send_hostile(daemon, times):
    """All of them so many times at once, each on a connection of its own; what was answered."""
    key, answered = daemon.keys["bureau"], []

    def one(n, method, path, body):
        connection = http.client.HTTPConnection("127.0.0.1", daemon.port, timeout=120)
        connection.request(method, path, body if isinstance(body, str) else json.dumps(body, separators=(",", ":")), {
            "Authorization": f"Bearer {key}", "Vacancyd-Actor": daemon.actors[key], "Accept-Encoding": "gzip",
            "Content-Type": "application/json", "Idempotency-Key": f"h-{time.monotonic_ns()}-{n}"})
        answer = connection.getresponse()
        answer.read()
        answered.append(answer.status)
        connection.close()

    threads = [threading.Thread(target=one, args=(n, *what)) for n in range(times) for what in HOSTILE]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answered) == times * len(HOSTILE) and set(answered) <= {200, 400, 422, 503, 504}, answered
    judged = sum(status in (400, 422) for status in answered)
    assert judged > len(answered) / 2, Counter(answered)


def steady_mib(daemon):
    """What it holds once it has held as much for longer than the five seconds after which it looks."""
    seen = []

    def is_steady():
        now, mib = time.monotonic(), resident_mib(daemon)
        seen.append((now, mib))
        return seen[0][0] < now - 7 and all(abs(m - mib) < 1 for at, m in seen if at > now - 7)

    wait_for(is_steady, 60, "memory that stays as it is")
    return seen[-1][1]


def test_memory_returns_after_hostile_batches(plain):
    trade = Trade(plain)
    trade.employer()
    trade.file([line("A")])
    send_hostile(plain, 1)
    before = steady_mib(plain)
    for _ in range(3):
        send_hostile(plain, 16)
    # Looked at every five seconds, and given back then; less than 4 MiB that are free stay.
    wait_for(lambda: resident_mib(plain) <= 1.3 * before + 4, 30,
             f"the {before:.1f} MiB that were held before")
