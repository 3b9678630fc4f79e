"""The program itself: its commands, its settings, its health, its reload."""

import os
import re
import shutil
import signal
import socket
import stat
from pathlib import Path

from harness import SOURCE
from harness.daemon import program, secret_in
from harness.http import UnixConnection, call
from harness.wait import wait_for


def test_the_version_is_printed():
    assert program("--version", check=0).stdout.startswith("vacancyd ")


def test_wrong_options_end_with_2():
    program("--nonsense", check=2)
    program("nonsense", check=2)
    program("make-key", check=2)


def test_a_master_key_is_made_once_and_for_its_owner_alone(tmp_path):
    path = tmp_path / "master.key"
    program("make-key", path, check=0)
    assert stat.S_IMODE(path.stat().st_mode) == 0o400
    before = path.read_bytes()
    program("make-key", path, check=1)
    assert path.read_bytes() == before


def test_check_config_names_the_file_and_the_line(make_daemon):
    daemon = make_daemon(start=False)
    assert "good" in daemon.run("--check-config", check=0).stdout
    daemon.settings["workers"] = 0
    daemon.settings["nonsense"] = 1
    daemon.write_config()
    told = daemon.run("--check-config", check=1).stderr
    lines = daemon.config.read_text(encoding="utf-8").splitlines()
    at = lines.index("workers = 0") + 1
    assert f"{daemon.config}:{at}: workers: 0 is not within 1 to 64" in told
    assert f"{daemon.config}:{at + 1}: no such option 'nonsense'" in told


def test_check_config_reads_the_table_of_authorisation(make_daemon, tmp_path):
    """A route without a row would be closed to everybody, a row twice could be read two ways."""
    data = tmp_path / "data"
    shutil.copytree(SOURCE / "config" / "data", data)
    daemon = make_daemon(start=False, data_dir=str(data))
    table = data / "authorisation.tsv"
    whole = table.read_text(encoding="utf-8")
    for text, says in ((whole.replace("\tseekers.read\t", "\tseekers.raed\t"), "no row for seekers.read"),
                       (whole.replace("bureau\tseekers.read", "mayor\tseekers.read"), "mayor"),
                       (whole + whole.splitlines()[1] + "\n", "has a row for this action"),
                       (whole + "bureau\tx.y\n", "5 fields are expected")):
        table.write_text(text, encoding="utf-8")
        told = daemon.run("--check-config", check=1).stderr
        assert "authorisation.tsv" in told and says in told, told


def test_check_config_refuses_a_master_key_that_others_can_read(make_daemon):
    daemon = make_daemon(start=False)
    os.chmod(daemon.settings["master_key"], 0o444)
    assert "master" in daemon.run("--check-config", check=1).stderr


def test_a_second_daemon_on_the_same_port_does_not_start(daemon):
    told = daemon.run(check=1).stderr
    assert f"127.0.0.1:{daemon.port}: Address already in use" in told
    assert daemon.admin("GET", "/livez").status == 200


def test_it_starts_without_postgres_and_redis_and_says_so(make_daemon, postgres, redis):
    daemon = make_daemon(start=False)
    postgres.stop()
    redis.stop()
    daemon.start(ready=False)
    wait_for(daemon.admin_socket.exists, 20, "the admin socket")
    assert wait_for(lambda: daemon.admin("GET", "/livez"), 20, "/livez").status == 200
    health = daemon.admin("GET", "/readyz")
    assert health.status == 503
    assert (health.json["ledger"]["up"], health.json["board"]["up"]) == (False, False)
    assert daemon.admin("GET", "/metrics").status == 200
    assert daemon.admin("POST", "/board/rebuild").json["type"] == "/problems/board-away"
    postgres.start()
    redis.start()
    daemon.wait_ready()


def test_a_start_with_all_in_its_place_warns_of_nothing(daemon):
    before = len(daemon.log)
    daemon.restart()
    assert "event=mirror.ready" in daemon.log[before:]
    warned = [x for x in daemon.log[before:].splitlines() if re.search("level=(warn|error)", x)]
    # The tests' own PostgreSQL waits for no disk, and is told so.
    assert warned and all("event=ledger.unsafe-setting" in x and "setting=fsync" in x for x in warned), warned


def test_one_back_end_away_is_degraded_and_both_is_not_ready(daemon, postgres, redis):
    def health():
        answer = daemon.admin("GET", "/readyz")
        return answer.status, answer.json["degraded"]

    assert health() == (200, False)
    redis.kill()
    wait_for(lambda: health() == (200, True), 20, "degraded without Redis")
    postgres.kill()
    wait_for(lambda: health() == (503, False), 20, "not ready without both")
    redis.start()
    wait_for(lambda: health() == (200, True), 20, "degraded without PostgreSQL")
    postgres.start()
    wait_for(lambda: health() == (200, False), 30, "all well")


def test_the_admin_socket_is_its_owners_alone_and_goes_with_the_daemon(make_daemon):
    daemon = make_daemon()
    assert stat.S_IMODE(daemon.admin_socket.stat().st_mode) == 0o600
    assert daemon.request("GET", "/keys").status == 404
    daemon.stop()
    assert not daemon.admin_socket.exists()


def test_a_key_is_shown_once_and_dies_when_it_is_revoked(daemon):
    wanted = {"role": "bureau", "org_name": "郑州市劳动保障局", "scope": "410105"}
    made = daemon.admin("POST", "/keys", wanted)
    assert made.status == 201
    key, kid = made.json["key"], made.json["kid"]
    assert key.startswith(f"vd_{kid}_")
    listed = daemon.admin("GET", "/keys")
    assert kid in [k["kid"] for k in listed.json["keys"]]
    secret = secret_in(key)
    assert secret not in listed.text

    def status():
        return daemon.request("GET", "/v1/employers/123456788", key).status

    wait_for(lambda: status() != 401, 10, "the key")
    assert daemon.admin("POST", f"/keys/{kid}/revoke").status == 200
    wait_for(lambda: status() == 401, 10, "the end of the key")
    assert secret not in daemon.log


def test_a_key_without_sense_is_refused_with_its_members(daemon):
    answer = daemon.admin("POST", "/keys", {"role": "bureau", "scope": "4101", "org_code": "1", "color": 3})
    assert answer.status == 422
    assert {e["pointer"] for e in answer.json["errors"]} == {"/org_code", "/color"}
    answer = daemon.admin("POST", "/keys", {"role": "mayor", "scope": "4101", "org_name": "x"})
    assert answer.status == 422
    assert [e["pointer"] for e in answer.json["errors"]] == ["/role"]
    assert daemon.admin("POST", "/keys", [1]).json["type"] == "/problems/malformed-json"


def test_sighup_replaces_the_workers_behind_an_open_port(daemon, tmp_path):
    policy = tmp_path / "policy.conf"
    text = Path(daemon.settings["policy"]).read_text(encoding="utf-8")
    policy.write_text(text.replace("zhengzhou-2007.1", "zhengzhou-2007.2"), encoding="utf-8")
    before = daemon.workers()
    daemon.settings["policy"] = str(policy)
    daemon.write_config()
    daemon.process.send_signal(signal.SIGHUP)

    def is_renewed():
        with socket.create_connection(("127.0.0.1", daemon.port), 10):
            pass  # never refused: the parent holds the socket
        try:
            answer = daemon.admin("GET", "/readyz")
        except OSError:
            return False
        return answer.status == 200 and answer.json["policy"] == "zhengzhou-2007.2"

    wait_for(is_renewed, 30, "the new policy")
    wait_for(lambda: not before & daemon.workers(), 30, "the end of the old workers")


def test_sighup_with_a_fault_changes_nothing(daemon):
    before = daemon.workers()
    daemon.config.write_text("nonsense = 1\n", encoding="utf-8")
    daemon.process.send_signal(signal.SIGHUP)
    wait_for(lambda: "daemon.not-reloaded" in daemon.log, 20, "the refusal")
    assert "no such option 'nonsense'" in daemon.log
    assert daemon.workers() == before
    assert daemon.admin("GET", "/readyz").status == 200


def test_readyz_is_503_while_it_drains(make_daemon):
    daemon = make_daemon(drain_ms=10000)
    # A request whose body does not come holds the drain up.
    slow = socket.create_connection(("127.0.0.1", daemon.port), 10)
    slow.sendall(b"PUT /v1/employers/123456788 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " +
                 daemon.keys["bureau"].encode() + b"\r\nVacancyd-Actor: " +
                 daemon.actors[daemon.keys["bureau"]].encode() +
                 b"\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{")
    operator = UnixConnection(daemon.admin_socket, 10)
    assert call(operator, "GET", "/readyz").status == 200
    daemon.process.send_signal(signal.SIGTERM)

    def is_draining():
        answer = daemon.admin("GET", "/readyz")
        return answer.status == 503 and answer.json["draining"]

    wait_for(is_draining, 5, "draining")
    slow.close()
    daemon.stop()


def test_the_workers_die_with_the_parent_and_another_daemon_takes_the_port(make_daemon):
    daemon = make_daemon(workers=2)
    daemon.kill()
    daemon.start()
    assert daemon.request("GET", "/openapi.yaml").status == 200
