"""PostgreSQL away, and a worker or the whole daemon begins: who asks is known by what was kept."""

import os
import signal

from harness.daemon import id_in
from harness.trade import Trade, line
from harness.wait import wait_for


class Town:
    """Somebody who fits somewhere, and two readers: a bureau, which names an officer, and an agency."""

    def __init__(self, daemon):
        self.daemon = daemon
        self.trade = trade = Trade(daemon)
        trade.employer()
        trade.licence()
        self.vacancy = trade.file([line("A", 2)])["A"]
        self.seeker = trade.register(1)
        self.kept = daemon.dir / "keys"

    def wait_kept(self):
        """Until the file has the last change: it is written again after this."""
        before = self.kept.stat().st_mtime_ns if self.kept.exists() else 0
        self.daemon.new_key(role="auditor", org_name="审计局")
        wait_for(lambda: self.kept.exists() and self.kept.stat().st_mtime_ns > before, 20, "the kept keys")

    def read(self, key="bureau"):
        return self.daemon.request("GET", f"/v1/seekers/{self.seeker}/matches", self.daemon.keys[key])

    def reads(self):
        return [self.read(), self.read("agency"), self.daemon.request(
            "GET", f"/v1/vacancies/{self.vacancy}/matches", self.daemon.keys["bureau"])]

    def write(self):
        return self.trade.call("POST", "/v1/placements", self.trade.placement(self.seeker, self.vacancy))

    def start(self):
        """Without PostgreSQL; it begins to serve within seconds."""
        self.daemon.start(ready=False)
        self.daemon.wait_ready(20)

    def starts_and_knows_nobody(self, why, is_asked=False):
        self.daemon.start(ready=False)
        wait_for(lambda: f'event=keys.not-restored why="{why}' in self.daemon.log, 20, why)
        if is_asked:  # it opens its door only when it has waited for the ledger
            wait_for(lambda: "event=worker.serving" in self.daemon.log.rpartition("event=daemon.started")[2], 20,
                     "a door")
            answer = self.read()
            assert (answer.status, answer.json["type"]) == (503, "/problems/keys-unknown"), answer
        self.daemon.stop()


def test_a_worker_and_a_daemon_that_begin_without_postgres_answer_reads(make_daemon, postgres):
    daemon = make_daemon(workers=2)
    town = Town(daemon)
    gone = daemon.new_key(role="bureau", org_name="撤销局", scope="4101")
    assert daemon.admin("POST", f"/keys/{id_in(gone)}/revoke").status == 200
    town.wait_kept()
    assert town.kept.stat().st_mode & 0o777 == 0o600
    content = town.kept.read_bytes()
    assert id_in(daemon.keys["bureau"]).encode() not in content, "sealed"
    postgres.stop()

    before = daemon.workers()
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    wait_for(lambda: daemon.log.count("event=keys.restored") == 2, 20, "both to go by what was kept")
    daemon.wait_ready(20)
    for again in range(2):
        for answer in town.reads():
            assert answer.status == 200 and answer.json["as_of"]["age_ms"] >= 0, answer
        answer = town.write()
        assert (answer.status, answer.json["type"]) == (503, "/problems/ledger-away")
        assert daemon.request("GET", "/v1/officers", gone).status == 401, "what was revoked before stays out"
        assert daemon.request("GET", f"/v1/seekers/{town.seeker}/matches", daemon.keys["bureau"],
                              headers={"Vacancyd-Actor": "vo_0000000000000001_" + "a" * 43}).status == 403
        health = daemon.admin("GET", "/readyz").json
        assert health["degraded"] and health["ledger"]["keys_kept"] and health["ledger"]["day"] == "2007-07-12"
        if not again:
            daemon.stop()
            town.start()

    # Revoked behind its back: out as soon as PostgreSQL is there again.
    postgres.start()
    kid = id_in(daemon.keys["agency"])
    postgres.psql(f"UPDATE ledger.api_key SET revoked_at = now() WHERE kid = '{kid}';"
                  "UPDATE ledger.city SET keys_changed = keys_changed + 1")
    wait_for(lambda: town.read("agency").status == 401, 10, "the agency's end")
    assert town.read().status == 200
    assert not daemon.admin("GET", "/readyz").json["ledger"]["keys_kept"]
    wait_for(lambda: town.write().status in (200, 201), 10, "a write")


def test_what_was_altered_is_foreign_or_too_old_is_refused(make_daemon, postgres):
    daemon = make_daemon(keys_kept_s=2)
    town = Town(daemon)
    town.wait_kept()
    postgres.stop()
    daemon.stop()
    good = town.kept.read_bytes()
    town.kept.write_bytes(good[:-1] + bytes([good[-1] ^ 1]))
    town.starts_and_knows_nobody("does not open")
    town.kept.write_bytes(good.replace(b"keys 1\n", b"keys 2\n"))
    town.starts_and_knows_nobody("another version's")
    town.kept.unlink()
    town.starts_and_knows_nobody("there is none")
    town.kept.write_bytes(good)
    town.kept.chmod(0o600)
    town.starts_and_knows_nobody("too old", is_asked=True)

    # And who goes by them stops when they have become so.
    postgres.start()
    daemon.settings["keys_kept_s"] = 10
    daemon.write_config()
    daemon.start()
    town.wait_kept()
    postgres.stop()
    daemon.stop()
    town.start()
    assert town.read().status == 200
    wait_for(lambda: town.read().status == 503, 20, "their end")
    assert town.read().json["type"] == "/problems/keys-unknown"
    assert daemon.admin("GET", "/readyz").status == 503
    postgres.start()
    wait_for(lambda: town.read().status == 200, 20, "the ledger's own")


def test_no_file_is_kept_where_none_is_wanted_and_a_full_or_missing_folder_is_said_once(make_daemon):
    daemon = make_daemon(start=False, state_dir="")
    daemon.start()
    daemon.make_keys()
    assert "event=keys." not in daemon.log
    daemon.stop()
    daemon.settings["state_dir"] = str(daemon.dir / "nowhere")
    daemon.write_config()
    daemon.start()
    wait_for(lambda: "event=keys.not-kept" in daemon.log, 20, "a word about it")
    daemon.make_keys()
    assert daemon.log.count("event=keys.not-kept") == 1
