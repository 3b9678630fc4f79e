"""What the tests of board, mirror and outbox stand on: records built by hand, and the
drivers, programs that do one command a line.

The records are built here a third time, after the ledger's SQL and the matcher's
C, so that neither is only tested against itself.
"""

import os
import selectors
import signal
import struct
import subprocess
import time

from harness.daemon import SANITIZER, binary, sanitizer_env
from harness.wait import wait_for

CITY = 4101
NEVER = 2147483647


def listed(data):
    return struct.pack(">h", len(data)) + data


def vacancy(id, version, open=True, occupation=4070501, place=410105003001, posts=3):
    return (
        struct.pack(">bcqqhiqi", 1, b"v", id, version, int(open), occupation, place, posts)
        + struct.pack(">iihhhhhiiiq", 80000, 120000, 0, 0, 1, 1, 0, 2700, 2900, NEVER, 77)
        + listed(b"") + listed(b"") + listed(b"")
    )


def seeker(id, version, active=True, rank=2, place=410105003001):
    return (
        struct.pack(">bcqqhqhhii", 1, b"s", id, version, int(active), place, rank, 3, NEVER, 2500)
        + struct.pack(">ihhhh5i", 90000, 4, 1, 1, 3, 4070501, 0, 0, 0, 0)
        + listed(b"") + listed(b"") + listed(b"")
    )


def change(entity, id, version, record, label="", xid=None):
    """A change as the driver reads it; each is a transaction of its own unless told."""
    text = label.encode().hex()
    return f"{entity}:{id}:{version}:{record.hex()}:{text}:{id if xid is None else xid}"


def v(id, version, label="保安\x1f郑州某厂\x1f1200元", xid=None, **fields):
    return change("v", id, version, vacancy(id, version, **fields), label, xid)


def s(id, version, xid=None, **fields):
    return change("s", id, version, seeker(id, version, **fields), "", xid)


class Driver:
    """A driver process; `ask` writes one line and waits for its answer."""

    def __init__(self, name, *args):
        self.process = subprocess.Popen(
            [str(binary(name)), *map(str, args)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=sanitizer_env(),
        )
        self.buffer = b""
        self.aside = []  # lines that came for nobody yet: of a follower
        self.errors = b""
        self.selector = selectors.DefaultSelector()
        for stream in (self.process.stdout, self.process.stderr):
            os.set_blocking(stream.fileno(), False)
            self.selector.register(stream, selectors.EVENT_READ)

    def pump(self, seconds):
        for key, _ in self.selector.select(seconds):
            data = os.read(key.fileobj.fileno(), 1 << 16)
            if not data:
                self.selector.unregister(key.fileobj)
            elif key.fileobj is self.process.stdout:
                self.buffer += data
            else:
                self.errors += data

    def line(self, seconds=20.0):
        end = time.monotonic() + seconds
        while b"\n" not in self.buffer:
            assert time.monotonic() < end, f"no answer; {self.errors.decode()[-2000:]}"
            assert self.selector.get_map(), f"it ended; {self.errors.decode()[-2000:]}"
            self.pump(0.2)
        line, self.buffer = self.buffer.split(b"\n", 1)
        return line.decode()

    def send(self, line):
        data = line.encode() + b"\n"
        while data:
            data = data[os.write(self.process.stdin.fileno(), data[: 1 << 15]):]
            self.pump(0)

    def ask(self, line, seconds=20.0):
        """The answer's words; lines of a follower in between are put aside."""
        self.send(line)
        while True:
            answer = self.line(seconds)
            if answer.split(" ")[0] not in ("each", "lost", "item"):
                return answer.split(" ")
            self.aside.append(answer)

    def event(self, seconds=20.0):
        """The next line of a follower or a load."""
        return (self.aside.pop(0) if self.aside else self.line(seconds)).split(" ")

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.close()

    def close(self):
        """End of input: an orderly end, and no sanitizer has anything to say."""
        if not self.process.stdin.closed:
            self.process.stdin.close()
        end = time.monotonic() + 20
        while self.selector.get_map() and time.monotonic() < end:
            self.pump(0.2)
        code = self.process.wait(20)
        self.process.stdout.close()
        self.process.stderr.close()
        text = self.errors.decode(errors="replace")
        assert not SANITIZER.search(text), text
        assert code in (0, -signal.SIGKILL), f"ended with {code}: {text[-3000:]}"


class Board(Driver):
    """board_driver, with a memory of the position."""

    def __init__(self, address, stream_length=0):
        super().__init__("board_driver", address, CITY, stream_length)
        self.at = (0, 0, 0, 0)

    def moved(self, line):
        word, *numbers = self.ask(line)
        if word == "ok":
            self.at = tuple(map(int, numbers))
        return word

    def position(self):
        assert self.moved("position") == "ok"
        return self.at

    def up(self):
        """Wait until the driver's connection is there."""
        wait_for(lambda: self.moved("position") == "ok", 20, "Redis")
        return self

    def apply(self, *changes, to=None, at=None):
        """Moves the outbox position by one id, or to `to`."""
        generation, xid, id, seq = at or self.at
        to = to or (xid, id + 1)
        return self.moved(
            f"apply {generation} {xid} {id} {seq} {to[0]} {to[1]} " + " ".join(changes)
        )

    def rebuild(self, *changes, xid=1, id=0):
        """A fresh generation that holds `changes`, read from now on."""
        assert self.moved(f"begin {xid} {id}") == "ok"
        here = " ".join(map(str, self.at))
        if changes:
            assert self.ask(f"fill {here} " + " ".join(changes))[0] == "ok"
        assert self.ask(f"switch {here}")[0] == "ok"
        return self.position()

    def load(self):
        """{(entity, id): (version, record, label)}; a tombstone has an empty record."""
        self.aside.clear()
        assert self.moved("load") == "ok"
        found = {}
        for line in self.aside:
            _, _, entity, id, version, record, label = line.split(" ")
            assert (entity, int(id)) not in found
            found[entity, int(id)] = (int(version), record, bytes.fromhex(label).decode())
        self.aside.clear()
        return found

    def follow(self, at=None):
        assert self.ask("follow " + " ".join(map(str, at or self.at)))[0] == "ok"

    def state(self):
        word, ready, following, seq, vacancies, seekers, age, *why = self.ask("state")
        assert word == "state"
        return {
            "ready": ready == "1", "following": following == "1", "seq": int(seq),
            "vacancies": int(vacancies), "seekers": int(seekers), "age": int(age),
            "why": " ".join(why),
        }


def key(board, rest):
    return f"{{{CITY}}}g{board.at[0]}:{rest}"
