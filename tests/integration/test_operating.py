"""The operator's first hour: what is installed and where, and what a city is for good."""

import re
import shutil
import subprocess

import pytest
from harness import SOURCE
from harness.daemon import binary, sanitizer_env
from harness.wait import wait_for


def install(prefix, **env):
    build = binary("vacancyd").parents[1]
    subprocess.run(["cmake", "--install", build, "--prefix", prefix], check=True, env=sanitizer_env() | env,
                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def files_under(folder):
    return {str(p.relative_to(folder)) for p in folder.rglob("*") if not p.is_dir()}


@pytest.fixture(scope="module")
def prefix(tmp_path_factory):
    folder = tmp_path_factory.mktemp("opt") / "vacancyd"
    install(folder)
    return folder


def test_everything_is_installed_under_the_prefix(prefix):
    shipped = {f"share/man/man{p.suffix[1:]}/{p.name}" for p in (SOURCE / "config" / "man").iterdir()}
    for part in ("data", "schema"):
        shipped |= {f"share/vacancyd/{part}/{p}" for p in files_under(SOURCE / "config" / part)}
    shipped |= {f"etc/vacancyd/policy/{p.name}" for p in (SOURCE / "config" / "policy").iterdir()}
    assert files_under(prefix) == shipped | {
        "bin/vacancyctl", "sbin/vacancyd", "etc/vacancyd/vacancyd.conf", "share/vacancyd/vacancyd.conf",
        "share/bash-completion/completions/vacancyctl", "lib/systemd/system/vacancyd.service"}


def test_what_is_installed_names_no_place_outside_the_prefix(prefix):
    """Nor the source or the build; /run and /tmp are the machine's, and so are the services' commands."""
    named = re.compile(r"(?<![\w.:/])/(?:etc|usr|opt|home|work|var)/[\w./-]*")
    for path in [*prefix.glob("share/man/*/*"), *prefix.glob("lib/systemd/*/*"),
                 *prefix.glob("etc/vacancyd/*.conf"), *prefix.glob("share/vacancyd/*.conf")]:
        text = path.read_text(encoding="utf-8")
        assert str(prefix) in text or path.name in ("vacancyctl.1", "vacancyd-codes.7"), path
        found = [p for p in named.findall(text.replace(str(prefix), "P")) if "vacancyd" in p]
        assert not found, (path, found)
        assert str(SOURCE) not in text, path


def test_a_destdir_is_put_before_the_prefix_and_etc_is_not_usr_s(tmp_path):
    install("/usr", DESTDIR=str(tmp_path))
    assert {p.name for p in tmp_path.iterdir()} == {"usr", "etc"}
    assert {p.name for p in (tmp_path / "usr").iterdir()} == {"bin", "sbin", "share", "lib"}
    conf = (tmp_path / "etc/vacancyd/vacancyd.conf").read_text(encoding="utf-8")
    assert conf == (SOURCE / "config" / "vacancyd.conf").read_text(encoding="utf-8")


def test_to_install_again_keeps_what_the_operator_changed(prefix):
    for name in ("etc/vacancyd/vacancyd.conf", "etc/vacancyd/policy/zhengzhou-2007.conf"):
        with open(prefix / name, "a", encoding="utf-8") as f:
            f.write("# ours\n")
    install(prefix)
    for name in ("etc/vacancyd/vacancyd.conf", "etc/vacancyd/policy/zhengzhou-2007.conf"):
        assert (prefix / name).read_text(encoding="utf-8").endswith("# ours\n")
    assert "# ours" not in (prefix / "share/vacancyd/vacancyd.conf").read_text(encoding="utf-8")


def test_an_installed_program_finds_its_files_wherever_its_prefix_is_moved(prefix, tmp_path):
    """Without a setting in its file, and without one on the command line."""
    moved = tmp_path / "moved"
    shutil.copytree(prefix, moved)
    (moved / "etc/vacancyd/vacancyd.conf").write_text("", encoding="utf-8")
    program = [moved / "sbin/vacancyd"]
    subprocess.run([*program, "make-key", moved / "etc/vacancyd/master.key"], check=True,
                   stdout=subprocess.DEVNULL, env=sanitizer_env())
    done = subprocess.run([*program, "--check-config"], capture_output=True, text=True,
                          env=sanitizer_env(), check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{moved}/etc/vacancyd/vacancyd.conf: good; policy ")


def refused(daemon, *args):
    done = subprocess.run([binary("vacancyd"), "--config", daemon.config, *args], text=True, timeout=60,
                          stdin=subprocess.DEVNULL, capture_output=True, env=sanitizer_env(), check=False)
    assert done.returncode == 1, done
    return done.stderr


@pytest.mark.parametrize("is_sandbox", [True, False])
def test_a_city_stays_a_sandbox_or_none(make_daemon, postgres, is_sandbox):
    """A file that says otherwise starts no daemon and migrates nothing."""
    if not is_sandbox:
        postgres.psql("UPDATE ledger.city SET sandbox = false, fixed_clock = NULL")
    daemon = make_daemon(start=False, sandbox=not is_sandbox, fixed_clock="")
    kind = "a sandbox" if is_sandbox else "no sandbox"
    assert f"the database's city is {kind}, and stays that: set sandbox = {str(is_sandbox).lower()}" \
        in refused(daemon)
    assert f"city 4101 is {kind} with the prefix 4101 in this database, and stays that" \
        in refused(daemon, "migrate")
    assert postgres.psql("SELECT sandbox FROM ledger.city") == ("t" if is_sandbox else "f")


def test_another_kind_of_city_is_refused_while_it_runs_too(make_daemon, postgres):
    """As by SIGHUP; and when PostgreSQL comes to be there only later."""
    daemon = make_daemon()
    daemon.settings |= {"sandbox": False, "fixed_clock": ""}
    daemon.write_config()
    daemon.process.send_signal(1)
    wait_for(lambda: "daemon.not-reloaded" in daemon.log, 20, "the refusal")
    daemon.stop()
    postgres.stop()
    daemon.start(ready=False)
    wait_for(lambda: "worker.serving" in daemon.log.split("daemon.ended")[-1], 20, "a worker")
    postgres.start()
    assert daemon.process.wait(30) == 1
    daemon.process = None
    assert "ledger.other-kind-of-city" in daemon.log
