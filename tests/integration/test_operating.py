"""The operator's first hour: what is installed and where, and what a city is for good."""

import re
import shutil
import subprocess

import pytest
from harness import SOURCE
from harness.daemon import Daemon, binary, sanitizer_env
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
    pages = [p.relative_to(SOURCE / "config" / "man") for p in (SOURCE / "config" / "man").rglob("*.[1-9]")]
    assert any(p.parts[0] == "zh_CN" for p in pages)
    shipped = {str("share/man" / p.parent / f"man{p.suffix[1:]}" / p.name) for p in pages}
    for part in ("data", "schema", "prometheus"):
        shipped |= {f"share/vacancyd/{part}/{p}" for p in files_under(SOURCE / "config" / part)}
    shipped |= {f"etc/vacancyd/policy/{p.name}" for p in (SOURCE / "config" / "policy").iterdir()}
    assert files_under(prefix) == shipped | {
        "bin/vacancyctl", "sbin/vacancyd", "etc/vacancyd/vacancyd.conf", "share/vacancyd/vacancyd.conf", "share/vacancyd/database-roles",
        "share/bash-completion/completions/vacancyctl", "lib/systemd/system/vacancyd.service",
        "lib/systemd/system/vacancyd.socket"}


def test_what_is_installed_names_no_place_outside_the_prefix(prefix):
    """Nor the source or the build; /run, /tmp and /var/lib are the machine's, and so are the services'
    commands."""
    named = re.compile(r"(?<![\w.:/])/(?:etc/vacancyd|usr/)[\w./-]*")
    for path in [*prefix.glob("share/man/**/*.[1-9]"), *prefix.glob("lib/systemd/*/*"),
                 *prefix.glob("etc/vacancyd/*.conf"), *prefix.glob("share/vacancyd/*.conf")]:
        text = path.read_text(encoding="utf-8")
        assert str(prefix) in text or path.name in ("vacancyctl.1", "vacancyd-codes.7", "vacancyd.socket"), path
        found = [p for p in named.findall(text.replace(str(prefix), "P"))
                 if "vacancyd" in p and not p.startswith("/var/lib/")]
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
    return daemon.run(*args, check=1).stderr


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


# Another year.

YEAR = ("targets_2007.tsv", "calendar_2007.tsv")


@pytest.fixture
def data(tmp_path):
    return shutil.copytree(SOURCE / "config" / "data", tmp_path / "data")


@pytest.fixture
def settings(tmp_path):
    """settings(**settings): a file of settings, and neither PostgreSQL nor Redis."""
    return lambda **given: Daemon(tmp_path, "host=/nonexistent", "unix:/nonexistent", **given)


def test_the_sample_s_year_is_made_of_the_city_s_numbers(settings, data):
    daemon = settings(data_dir=str(data))
    for name in YEAR:
        (data / name).unlink()
    done = daemon.run("year", "new", "2007", data / "year_2007.tsv")
    assert done.returncode == 0, done.stderr
    for name in YEAR:
        assert (data / name).read_bytes() == (SOURCE / "config" / "data" / name).read_bytes()
    again = daemon.run("year", "new", "2007", data / "year_2007.tsv")
    assert again.returncode == 1 and "targets_2007.tsv: File exists" in again.stderr


def test_a_year_without_tables_is_refused_and_says_how_they_are_made(settings, data):
    daemon = settings(data_dir=str(data), plan_year=2026)
    for args in (["--check-config"], ["migrate"], []):
        told = refused(daemon, *args)
        assert "targets_2026.tsv: No such file" in told and "vacancyd year new 2026 FILE" in told


NUMBERS = (SOURCE / "config" / "data" / "year_2007.tsv").read_text(encoding="utf-8")


@pytest.mark.parametrize("text, other, says", [
    ("target\tT3\t14000\tnotice of 2007-03-08\n", "", "2007: no figure: T3 of city"),
    ("target\tT3\t", "target\tT12\t", ":4: none of T1 to T11"),
    ("target\tT3\t", "target\tT2\t", ":4: given twice"),
    ("\t14000\t", "\t14,000\t", ":4: a whole number is expected"),
    ("share\tZ-ZD\t55\tlabour force\n", "", "2007: no share: Z-ZD"),
    ("share\tZ-ZD\t", "share\t410200\t", ":28: not one of the city's units"),
    ("off\t2007-05-01\t7", "off\t2008-05-01\t7", ":34: not in this year"),
    ("off\t2007-05-01\t7", "off\t2007-05-02\t6", "a statutory holiday is not off: 2007-05-01"),
    ("off\t2007-05-01\t7", "off\t2007-04-29\t9", ":34: a day that is given twice"),
    ("work\t2007-04-28\t2", "work\t2007-04-28\t3", ":33: works anyway"),
    ("off\t2007-12-31\t1", "off\t2007-12-31\t2", ":38: not in this year"),
    ("work\t2007-12-29", "rest\t2007-12-29", ":37: neither off nor work"),
])
def test_numbers_that_make_no_year_make_no_table(settings, data, tmp_path, text, other, says):
    daemon = settings(data_dir=str(data))
    for name in YEAR:
        (data / name).unlink()
    assert text in NUMBERS
    (tmp_path / "numbers.tsv").write_text(NUMBERS.replace(text, other, 1), encoding="utf-8")
    done = daemon.run("year", "new", "2007", tmp_path / "numbers.tsv")
    assert done.returncode == 1 and says in done.stderr, done.stderr
    assert not any((data / name).exists() for name in YEAR)


@pytest.mark.parametrize("name, text, other, says", [
    ("targets", "410102\tT1\t2007\t13846", "410102\tT1\t2007\t13845",
     "the units together do not come to the city's: T1, 119999 of 120000"),
    ("targets", "410102\tT1\t2007", "410102\tT1\t2008", ":13: another year"),
    ("calendar", "2007-10-01\toff\t国庆节\n", "", "a statutory holiday is not off: 2007-10-01"),
])
def test_tables_that_were_changed_are_held_to_the_same(settings, data, name, text, other, says):
    table = data / f"{name}_2007.tsv"
    whole = table.read_text(encoding="utf-8")
    assert text in whole
    table.write_text(whole.replace(text, other, 1), encoding="utf-8")
    assert says in refused(settings(data_dir=str(data)), "--check-config")


def test_another_city_without_its_tables_is_told_all_that_it_lacks(settings, data):
    told = refused(settings(data_dir=str(data), city=4102), "--check-config")
    for name in ("divisions", "units", "adjacency"):
        assert f"{name}_4102.tsv: No such file" in told


def test_another_city_is_its_tables_and_its_year(settings, data):
    """Four places, two units of which one owns a street of the other's county."""
    tables = {
        "divisions": "code\tlevel\tname\tparent\n410200\tcity\t开封市\t\n410202\tcounty\t龙亭区\t410200\n"
                     "410202001\tstreet\t北书店街道\t410202\n410202001001\tcommunity\t某社区\t410202001\n",
        "units": "unit\tkind\tname_zh\tname_en\tgb_code\tprefixes\n410202\tdistrict\t龙亭区\tLongting\t410202\t410202\n"
                 "Z-KF\tzone\t示范区\tZone\t\t410202001\n",
        "adjacency": "county\tneighbour\n"}
    for name, text in tables.items():
        (data / f"{name}_4102.tsv").write_text(text, encoding="utf-8")
    for name in YEAR:
        (data / name).unlink()
    kept = [line for line in NUMBERS.splitlines() if not line.startswith("share")]
    (data / "numbers.tsv").write_text(
        "\n".join([*kept, "share\t410202\t2\tpeople", "share\tZ-KF\t1\tpeople"]), encoding="utf-8")
    daemon = settings(data_dir=str(data), city=4102)
    assert daemon.run("year", "new", "2007", data / "numbers.tsv").returncode == 0
    assert "410202\tT7\t2007\t1333\tsplit by people" in (data / YEAR[0]).read_text(encoding="utf-8")
    done = daemon.run("--check-config")
    assert done.returncode == 0, done.stderr
    (data / "divisions_4102.tsv").write_text(tables["divisions"].replace("410202", "410203"), encoding="utf-8")
    assert "no reporting unit owns it" in refused(daemon, "--check-config")


def test_an_outbox_of_another_server_is_forgotten_by_the_migration(make_daemon, postgres):
    """Its transactions have not been here; ours stay."""
    daemon = make_daemon(start=False)
    ours, theirs = "pg_current_xact_id()", "'999999999999'"
    for xid in (ours, theirs):
        postgres.psql(f"""INSERT INTO ops.outbox (xid, city, entity, entity_id, version, record, label)
                VALUES ({xid}, 4101, 'v', 1, 1, '', '');
            INSERT INTO ops.outbox_mark VALUES (4101, clock_timestamp(), {xid});
            INSERT INTO ops.outbox_trimmed VALUES ({'4101' if xid == ours else '4102'}, {xid})""")
    daemon.migrate()
    for table in ("outbox", "outbox_mark", "outbox_trimmed"):
        assert postgres.psql(f"SELECT count(*), max(xid::text::bigint) < 999999999999 FROM ops.{table}") == "1|t"
