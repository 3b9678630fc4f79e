"""config/quickstart, interrupted at its steps and run again, and ended by what it started.

A small city and the programs as they are built; the ports are whichever are free.
"""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from pathlib import Path

import pytest

from harness import SOURCE
from harness.services import run
from harness.wait import wait_for

PEOPLE = 1000


def interrupt_by_key(process):
    """As Ctrl-C does: everybody in the foreground."""
    os.killpg(process.pid, signal.SIGINT)


def terminate(process):
    process.terminate()


def kill(process):
    """The script alone: whatever it has at work goes on."""
    process.kill()


class Quickstart:
    def __init__(self):
        # Open to the account that the services run as.
        self.folder = Path(tempfile.mkdtemp(prefix="vacancyd-it-", dir="/tmp"))
        self.folder.chmod(0o755)
        self.state = self.folder / "quickstart"
        self.env = dict(os.environ, VACANCYD_STATE=str(self.folder), VACANCYD_PEOPLE=str(PEOPLE),
                        VACANCYD_PROGRAMS=os.environ["VACANCYD_BUILD"])

    def __call__(self, *options):
        return run(SOURCE / "config" / "quickstart", *options, env=self.env)

    def interrupted(self, step, how, when=lambda: True):
        """A run that is ended as soon as it says that it begins `step`, and `when` holds."""
        process = subprocess.Popen(
            [SOURCE / "config" / "quickstart"], env=self.env, start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
        said = b""
        with process.stdout:
            while step.encode() not in said:
                more = process.stdout.read1()
                assert more, f"never came to {step}:\n{said.decode()}"
                said += more
            wait_for(when, 60, step)
            how(process)
            assert process.wait(30) != 0

    def sql(self, sql):
        dsn = f"host={self.state}/services/run dbname=vacancyd user=vacancyd"
        return run("psql", "-XqAt", "-d", dsn, "-c", sql).strip()

    def count(self, table):
        return int(self.sql(f"SELECT count(*) FROM ledger.{table}"))

    def daemons(self):
        """The leaders of their sessions that are called as this state's daemon is."""
        called = f"{self.state}/bin/vacancyd\0--config\0{self.state}/vacancyd.conf\0".encode()
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                if entry.joinpath("cmdline").read_bytes() == called \
                        and os.getsid(int(entry.name)) == int(entry.name):
                    found.append(int(entry.name))
            except OSError:
                pass  # it ended meanwhile
        return found

    def at_work(self):
        """Processes that name the state, of whatever kind."""
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                if str(self.state).encode() in entry.joinpath("cmdline").read_bytes():
                    found.append(entry.name)
            except OSError:
                pass
        return found

    @property
    def port(self):
        return int((self.state / "url").read_text().rsplit(":", 1)[1])


@pytest.fixture(scope="module")
def quickstart():
    q = Quickstart()
    yield q
    q("--reset")
    shutil.rmtree(q.folder)


def test_it_goes_on_wherever_it_was_interrupted(quickstart):
    q = quickstart
    q.interrupted("Building", kill)
    q.interrupted("Starting PostgreSQL", kill)
    q.interrupted("Starting PostgreSQL", interrupt_by_key)
    q.interrupted("Migrating", terminate)
    q.interrupted("Starting the daemon", kill)
    q.interrupted("Starting the daemon", interrupt_by_key)
    q.interrupted("Making three keys", kill)
    q.interrupted("filed on 2007-07-02", terminate)
    q.interrupted("filed on 2007-07-12", kill)
    q.interrupted("Job seekers", interrupt_by_key, lambda: q.count("seeker") > 0)
    q.interrupted("Job seekers", kill)
    q.interrupted("The main job", interrupt_by_key)
    said = q()
    assert "The exchange answers at" in said
    assert len(q.daemons()) == 1

    size = dict(word.split("=") for word in (q.state / "city" / "size").read_text().split())
    assert int(size["seekers"]) == PEOPLE
    # And what the main job adds, once.
    assert q.count("employer") == int(size["employers"]) + 1
    assert q.count("return") == int(size["returns"]) + 1
    assert q.count("vacancy") == int(size["vacancies"]) + 2
    assert q.count("seeker") == int(size["seekers"]) + 1
    # Neither all on time nor all late, and the clock is where the sample stands.
    assert 0.05 < q.count("return WHERE late") / q.count("return") < 0.3
    assert q.sql("SELECT ledger.instant(fixed_clock) FROM ledger.city") == "2007-07-12T10:00:00+08:00"
    assert q.count("household") == int(size["households"])
    assert q.count("placement") == 1
    assert "It runs already." in q()


def test_a_port_that_somebody_else_holds_is_left_to_them(quickstart):
    q = quickstart
    q("--stop")
    assert q.at_work() == []
    before = q.port
    with socket.create_server(("127.0.0.1", before)) as other:
        q()
        assert q.port != before
        q("--stop")
        assert q.at_work() == []
        with socket.create_connection(("127.0.0.1", before)), other.accept()[0]:
            pass
    q()
    assert q.count("seeker") == PEOPLE + 1


def test_a_second_run_beside_the_first_changes_nothing_and_stop_ends_it(quickstart):
    q = quickstart
    q("--stop")
    marker = q.state / ".vacancyd-quickstart"
    first = subprocess.Popen(
        ["bash", "-c", f"exec 9>>{marker}; flock 9; echo $$ >{marker}; echo; read -r"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    with first.stdin, first.stdout:
        first.stdout.readline()
        with pytest.raises(AssertionError, match=f"is at work there already, process {first.pid}") as refused:
            q()
        assert "The end of" not in str(refused.value)  # the log is the other's
        assert q.daemons() == []
        q("--stop")
        assert first.wait(30) == -signal.SIGTERM


def test_reset_ends_what_was_left_at_work_and_forgets_it(quickstart):
    q = quickstart
    q("--stop")
    q.interrupted("Starting the daemon", kill)
    q("--reset")
    assert not q.state.exists()
    assert q.at_work() == []
    assert "There is nothing at" in q("--reset")
