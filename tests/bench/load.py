"""The load of the HTTP figures: wrk on 64 connections, and who runs on which core.

The server has core 0 and the client core 1.  An answer that is not 200 ends the run: a
refusal is fast, and no figure.
"""

import os
import re
import ssl
import subprocess
import time
import urllib.request
from contextlib import suppress
from pathlib import Path

from context import TODAY  # noqa: F401  (the day the market lives on)

CONNECTIONS = 64
SERVER, CLIENT = 0, 1
SCRIPT = """
local paths, n = {}, 0
for line in io.lines("%s") do paths[#paths + 1] = line end
request = function()
  n = n %% #paths + 1
  return wrk.format("GET", paths[n])
end
"""


def descendants(pid):
    """A process and all that it has started; what ends meanwhile, as PostgreSQL's workers do, is none."""
    found = [pid]
    for task in list(Path("/proc").glob(f"{pid}/task/*/children")):
        with suppress(FileNotFoundError, ProcessLookupError):
            for child in task.read_text(encoding="ascii").split():
                found += descendants(int(child))
    return found


def pin(pid, *cores):
    for p in descendants(pid):
        with suppress(ProcessLookupError):
            os.sched_setaffinity(p, cores)


class Load:
    """Requests for a list of paths, each in turn, to one server; by TLS where a port for it is given, on
    connections that are kept unless each is to bring its own, and answered by 404 where that is said."""

    def __init__(self, folder, name, port, key, paths, https=None, close=False, refused=False):
        self.url = f"https://127.0.0.1:{https}" if https else f"http://127.0.0.1:{port}"
        self.key = key
        self.refused = refused
        self.headers = ["-H", "Connection: close"] if close else []
        self.paths = paths
        script, listed = Path(folder) / f"{name}.lua", Path(folder) / f"{name}.paths"
        listed.write_text("".join(p + "\n" for p in paths), encoding="ascii")
        script.write_text(SCRIPT % listed, encoding="ascii")
        self.script = script

    def get(self, path):
        asked = urllib.request.Request(self.url + path,
                                       headers={"Authorization": f"Bearer {self.key}"})
        anybody = ssl._create_unverified_context()  # pylint: disable=protected-access
        with urllib.request.urlopen(asked, timeout=60, context=anybody) as answer:
            return answer.read()

    def rate(self, seconds, client=CLIENT, connections=CONNECTIONS):
        """Requests a second."""
        said = subprocess.run(
            ["taskset", "-c", str(client), "wrk", "-t1", f"-c{connections}", f"-d{seconds}s",
             "--timeout", "60s", "-H", f"Authorization: Bearer {self.key}", *self.headers, "-s",
             self.script, self.url], capture_output=True, text=True, check=True).stdout
        assert self.refused == ("Non-2xx" in said) and "Socket errors" not in said, f"{self.url}:\n{said}"
        return float(re.search(r"Requests/sec:\s+([0-9.]+)", said)[1])


def wait_for_line(process, line, seconds=600):
    """A program that says when it is ready."""
    end = time.monotonic() + seconds
    for said in process.stdout:
        if said.strip() == line:
            return
        assert time.monotonic() < end, f"{process.args[0]}: not ready"
    raise AssertionError(f"{process.args[0]} ended with {process.wait()}")
