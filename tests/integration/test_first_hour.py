"""The operator's first hour, as the installed manual has it: each of its commands but those of the source
is run, as it stands there, on a machine that has Debian's packages and two stand-ins, and nothing else.

What a person would write with an editor, the test writes: the numbers of a year, a return.
"""

import json
import re
from datetime import date

import pytest
import yaml
from harness import SOURCE
from harness.daemon import binary
from harness.machine import Machine
from harness.wait import wait_for

MANUAL = "/usr/local/share/man/man7/vacancyd-operating.7"
FIRM, DISTRICT, STREET = "123456788", "410105", "410105003001"
TODAY = date.today()
QUARTER = f"{TODAY.year}Q{(TODAY.month + 2) // 3}"
# What the manual makes outside the folder of settings.
BESIDES = ("/usr/local/sbin/vacancyd-backup", "/etc/cron.d/vacancyd", "/etc/systemd/journald.conf.d/vacancyd.conf",
           "/etc/systemd/system/vacancyd.service.d/networks.conf")
PERSON = {"citizen_number": "410105196712319986", "name": "王样板", "telephone": "10000000001",
          "community": STREET, "hukou": {"type": "urban", "division": DISTRICT}, "education": "71", "group": "local",
          "wishes": ["4-07-05-01"], "pay_wish_fen": 80000, "farthest": "county", "shifts": ["day"], "forms": ["full"]}
# Every table of the ledger, and how many rows it has; not the outbox, which is not of the backup.
COUNTS = """SELECT format('SELECT %L, count(*) FROM ledger.%I', c.relname, c.relname)
    FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = 'ledger'::regnamespace ORDER BY 1 \\gexec"""


def blocks(page):
    """The commands of a manual by their names; a literal text is marked as commands or as shown."""
    found = dict(re.findall(r'^\.\\" run: (\w+)\n\.Bd -literal -offset indent\n(.*?)^\.Ed$', page, re.M | re.S))
    marks = re.findall(r'^\.\\" (?:run: \w+|shown)\n\.Bd', page, re.M)
    assert len(marks) == len(re.findall(r"^\.Bd", page, re.M))
    return {name: text.replace("\\e", "\\") for name, text in found.items()}


class Operator:
    def __init__(self, machine):
        self.machine, self.did = machine, set()
        machine.run(f"cmake --install {binary('vacancyd').parents[1]} --prefix /usr/local")
        self.commands = blocks(machine.run(f"cat {MANUAL}"))

    def does(self, name):
        self.did.add(name)
        return self.machine.run(self.commands[name])

    def ctl(self, who, *words):
        actor = f"--actor-file /root/{who}.actor" if who == "bureau" else ""
        return self.machine.run(f"vacancyctl --key-file /root/{who}.key {actor} {' '.join(words)}")

    def restores(self, kept):
        told = self.does("restore")
        self.machine.run(f"ls {' '.join(BESIDES)}")
        assert self.counts() == kept
        assert re.search(r"^differences +0$", told, re.M), told
        listed = self.ctl("bureau", "--json vacancy search --division", DISTRICT)
        assert "小区门卫" in listed and "后来的岗位" not in listed
        # By the hash of a number and by what is sealed: both are of the master key.
        found = json.loads(self.ctl("bureau", "--json seeker find /root/number.json"))
        assert PERSON["name"] in self.ctl("bureau", "--json seeker show", found["seeker"])

    def counts(self):
        return self.machine.run(f"psql -qXAt -U vacancyd vacancyd <<'END'\n{COUNTS}\nEND")


@pytest.fixture(scope="module")
def operator():
    why = Machine.refusal()
    if why:
        pytest.skip(why)
    machine = Machine()
    yield Operator(machine)
    machine.remove()


def numbers_of(year):
    """As a clerk would, on the sample's: another year, a day off each at its three fixed days."""
    shipped = (SOURCE / "config" / "data" / "year_2007.tsv").read_text(encoding="utf-8").splitlines()
    kept = [line for line in shipped if not line.startswith(("off", "work"))]
    return "\n".join([*kept, f"off\t{year}-01-01\t1\t元旦", f"off\t{year}-05-01\t1\t劳动节",
                      f"off\t{year}-10-01\t3\t国庆节"])


def test_the_first_hour(operator):
    m = operator.machine
    operator.does("services")
    operator.does("roles")
    operator.does("city")
    told = m.run("vacancyd --check-config", check=False)
    assert f"targets_{TODAY.year}.tsv: No such file" in told, told
    m.write("/root/numbers.tsv", numbers_of(TODAY.year))
    operator.does("year")
    operator.does("start")
    m.run(operator.commands["roles"].splitlines()[0])  # again: it changes nothing


def return_of(*titles):
    return json.dumps({"nil": False, "staff": 86, "contact": "人事科", "telephone": "10000000000", "lines": [
        {"ref": str(n), "occupation": "4-07-05-01", "title": title, "duties": "门岗值守", "posts": 3,
         "place": STREET, "pay_min_fen": 70000, "pay_max_fen": 90000, "pay_period": "month", "weekly_hours": 40,
         "vacant_since": str(TODAY), "valid_until": f"{TODAY.year + 1}-12-31"}
        for n, title in enumerate(titles)], "closed": []}, ensure_ascii=False)


def test_a_key_an_officer_and_a_return(operator):
    m = operator.machine
    operator.does("keys")
    m.write("/root/employer.json", json.dumps({"name": "郑州样板物业服务有限公司", "sites": [
        {"district": DISTRICT, "since": "2006-01-01"}]}, ensure_ascii=False))
    m.write("/root/return.json", return_of("小区门卫"))
    operator.ctl("bureau", "employer register", FIRM, "/root/employer.json")
    operator.ctl("employer", "return file", FIRM, DISTRICT, QUARTER, "/root/return.json")
    m.write("/root/person.json", json.dumps(PERSON, ensure_ascii=False))
    m.write("/root/number.json", json.dumps({"citizen_number": PERSON["citizen_number"]}))
    operator.ctl("bureau", "seeker register /root/person.json")
    assert "小区门卫" in operator.ctl("bureau", "--json vacancy search --division", DISTRICT)
    progress = json.loads(operator.ctl("bureau", "--json progress city"))
    assert progress["year"] == TODAY.year and "120000" in json.dumps(progress)


def test_tls_networks_and_logs(operator):
    for name in ("tls", "networks", "logs"):
        operator.does(name)


def test_systemd_understands_the_unit_which_closes_no_network(operator):
    """With the drop-in that closes them, and without."""
    m = operator.machine
    unit = m.run("cat /usr/local/lib/systemd/system/vacancyd.service")
    assert "\nIPAddress" not in unit
    assert m.run("systemd-analyze verify vacancyd.service 2>&1") == ""


def counted(figures):
    return figures if "\nvacancyd_city_figures_timestamp_seconds" in figures else None


def test_what_the_city_decides_is_a_row_from_a_day_on(operator):
    operator.does("policy")
    asked = "SELECT quick_seconds, confirm_days, women_from FROM ledger.policy_on(4101, '{}')"
    for day, row in (("2099-12-31", "60|90|40"), ("2100-01-01", "120|60|40")):
        assert operator.machine.run(f'psql -qXAt -U vacancyd vacancyd -c "{asked.format(day)}"').strip() == row
    # The manual has each of the values, with what it is in the first row.
    columns = operator.machine.run("psql -qXAt -U vacancyd vacancyd -c \"SELECT key || ' No ' || value FROM jsonb_each_text("
                                   "(SELECT to_jsonb(p) - 'city' - 'valid_from' FROM ledger.policy_on(4101, '2007-01-01') p))\"")
    manual = operator.machine.run(f"cat {MANUAL}")
    assert [c for c in columns.splitlines() if f".It Li {c}" not in manual and f", Li {c}" not in manual] == []


def test_the_alarms_are_of_figures_that_there_are(operator):
    m = operator.machine
    figures = wait_for(lambda: counted(m.run("curl -sf http://127.0.0.1:8081/metrics")), 60,
                       "the city's figures, which are counted some seconds after the start")
    there = m.run("cat /usr/local/share/vacancyd/prometheus/scrape.yml")
    assert yaml.safe_load(there)[0]["static_configs"][0]["targets"] == ["127.0.0.1:8081"]
    rules = yaml.safe_load(m.run("cat /usr/local/share/vacancyd/prometheus/alerts.yml"))["groups"][0]["rules"]
    assert len({rule["alert"] for rule in rules}) == len(rules) > 5
    for rule in rules:
        for name in re.findall(r"vacancyd_\w+", rule["expr"]):
            family = re.sub(r"_count$", "", name)
            assert f"# TYPE {name} " in figures or f"# TYPE {family} " in figures, name


def test_what_was_lost_is_restored_from_the_backup_and_the_key(operator):
    m = operator.machine
    operator.does("backup")
    assert "master.key" not in m.run("tar -tzPf /var/backups/vacancyd/settings.tgz")
    kept = operator.counts()
    assert re.search(r"^vacancy\|1$", kept, re.M) and re.search(r"^seeker\|1$", kept, re.M), kept
    # What comes after the night is lost, and the board, which has it, is not believed.
    m.write("/root/return.json", return_of("小区门卫", "后来的岗位"))
    operator.ctl("employer", "return file", FIRM, DISTRICT, QUARTER, "/root/return.json")
    m.run("rm -rf /usr/local/etc/vacancyd")
    operator.restores(kept)
    # On a new machine: another cluster, whose transactions begin anew, and an empty Redis.
    version = m.run("ls /etc/postgresql").strip()
    m.run(f"""systemctl stop vacancyd
        pg_dropcluster --stop {version} main && pg_createcluster {version} main --start >/dev/null
        redis-cli -s /run/redis/redis-server.sock flushall
        rm -rf /usr/local/etc/vacancyd /var/lib/vacancyd/* {' '.join(BESIDES)}""")
    operator.restores(kept)


def test_an_upgrade_changes_nothing_that_is_so(operator):
    told = operator.does("upgrade")
    assert "would run" not in told
    assert operator.did == set(operator.commands)
