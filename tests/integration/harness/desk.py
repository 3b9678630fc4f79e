"""Somebody who types: vacancyctl run with a key, an officer and a language."""

import fcntl
import json
import os
import pty
import struct
import subprocess
import termios

from .daemon import SANITIZER, binary, sanitizer_env


class Desk:
    """Somebody with a key, and an officer behind it, who types."""

    def __init__(self, url, admin, folder, key="vd_0_x", actor=None):
        self.folder = folder
        self.env = {name: value for name, value in sanitizer_env().items()
                    if not name.startswith(("VACANCY", "XDG_"))}
        self.env.update(VACANCYD_URL=url, VACANCYD_ADMIN=str(admin), VACANCYD_KEY=key,
                        LC_ALL="C.UTF-8", HOME=str(folder))
        if actor:
            self.env["VACANCYD_ACTOR"] = actor

    def run(self, *words, stdin="", **env):
        done = subprocess.run([str(binary("vacancyctl")), *map(str, words)], input=stdin.encode(),
                              env={**self.env, **env}, capture_output=True, timeout=60)
        out, err = done.stdout.decode(), done.stderr.decode()
        assert not SANITIZER.search(err), err
        return done.returncode, out, err

    def done(self, *words, **more):
        code, out, err = self.run(*words, **more)
        assert code == 0, (words, out, err)
        return out

    def json(self, *words, **more):
        return json.loads(self.done("--json", *words, **more))

    def file(self, name, body):
        path = self.folder / name
        path.write_text(body if isinstance(body, str) else json.dumps(body, ensure_ascii=False))
        return path

    def on_terminal(self, width, *words):
        """What stands on a terminal of that width, lines and all."""
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, width, 0, 0))
        process = subprocess.Popen([str(binary("vacancyctl")), *words], env=self.env,
                                   stdin=theirs, stdout=theirs, stderr=theirs)
        os.close(theirs)
        out = b""
        try:
            while piece := os.read(ours, 65536):
                out += piece
        except OSError:
            pass  # the other end is closed
        os.close(ours)
        assert process.wait(60) == 0, out
        return out.decode().replace("\r\n", "\n")


def desk_of(trade, folder, role="bureau"):
    key = trade.daemon.keys[role]
    return Desk(trade.daemon.url, trade.daemon.admin_socket, folder, key,
                trade.daemon.actors.get(key))
