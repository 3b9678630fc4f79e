"""The ledger's pool against a PostgreSQL that dies, stalls, refuses and lies.

A driver (ledger_driver.c) calls a small ledger (ledger_fake.sql) that does as it
is told.  What is asked everywhere: each call is completed once, within its time,
and what was acknowledged is there.
"""

import hashlib
import os
import re
import shutil
import signal
import socket
import tempfile
import threading
import time

import pytest

from harness import SOURCE
from harness.ledger import (CALL_MS, Driver, backends, drive, fake, placed,  # noqa: F401
                            sums, superuser)
from harness.services import Postgres
from harness.wait import wait_for


def test_a_call_brings_its_answer_changes_and_position(drive):
    d = drive()
    line = d.call("changes 3", id=5)
    assert (line["result"], line["status"], line["body"]) == ("ok", 200, '{"id":"5"}')
    assert (line["changes"], line["position"]) == (3, "77.9")
    line = d.call("refuse")
    assert (line["status"], line["code"], line["body"]) == (409, "vacancy-filled", '"vacancy": "7"')
    assert d.ask("state")["commits"] == 1


def test_rows_of_another_shape_are_a_defect_and_not_a_crash(drive):
    d = drive()
    assert d.call("void")["result"] == "internal"
    assert d.call("odd")["result"] == "internal"
    assert d.call()["result"] == "ok"


def test_ten_thousand_calls_over_eight_connections_each_get_their_own_answer(drive, fake):
    d = drive(connections=8, queue_limit=256)
    line = sums(d, d.send("many", 10000, 256, "k"))
    assert line["ok"] == 10000 and line["replays"] == 0
    assert placed(fake) == 10000


def test_a_full_queue_is_busy_at_once_and_nothing_was_sent(drive, fake):
    d = drive(connections=2, queue_limit=10)
    sleepers = [d.send("call", 1, "sleep 0.1") for _ in range(8)]
    line = sums(d, d.send("many", 100, 100, "k"))
    # A heartbeat, or a connection that is not up yet, may have taken places in the queue.
    assert 90 <= line["busy"] < 100
    assert line["ok"] + line["busy"] == 100
    assert placed(fake) == line["ok"]
    for tag in sleepers:
        d.answer(tag)


def test_a_backend_killed_in_mid_call_costs_nothing(drive, fake):
    d = drive()
    tag = d.send("place", "key-1", "sleep 0.3")
    wait_for(lambda: fake.psql("SELECT count(*) FROM pg_stat_activity "
                               "WHERE wait_event = 'PgSleep'") == "1", what="the call is running")
    superuser(fake).psql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
              "WHERE wait_event = 'PgSleep'")
    line = d.answer(tag)
    assert (line["result"], line["status"]) == ("ok", 201), d.log()
    assert line["ms"] < CALL_MS
    assert placed(fake) == 1


def test_backends_killed_again_and_again_under_load_lose_and_double_nothing(drive, fake):
    d = drive(connections=8, queue_limit=256)
    tag = d.send("many", 4000, 64, "k")
    for _ in range(30):
        superuser(fake).psql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = "
                  "(SELECT pid FROM pg_stat_activity WHERE application_name = 'vacancyd' "
                  "AND datname = current_database() ORDER BY random() LIMIT 1)")
    line = sums(d, tag)
    assert line["ok"] == 4000, line
    assert placed(fake) == 4000


def test_a_killed_postgres_answers_unavailable_and_is_found_again(drive, fake):
    d = drive(connections=4)
    tag = d.send("many", 3000, 64, "k")
    wait_for(lambda: placed(fake) > 100, what="some have been placed")
    fake.kill()
    wait_for(lambda: not d.ask("state")["up"], what="the loss is seen")
    first = sums(d, tag)
    assert first["slowest_ms"] <= CALL_MS + 300, first
    # What was sent and not heard of again may have been done: that is said, not guessed.
    assert first["ok"] + first["unavailable"] + first["timeout"] + first["unknown"] == 3000, first
    # Hopeless by now: refused at once.
    assert wait_for(lambda: d.call()["ms"] < 50, what="calls are refused at once")
    fake.start()
    d.wait_ready()
    wait_for(lambda: d.ask("state")["up"], what="PostgreSQL is found again")
    # Every call again, under its own key: each exactly once, the first ones replayed.
    again = sums(d, d.send("many", 3000, 64, "k"))
    assert again["ok"] == 3000
    assert again["replays"] >= first["ok"]
    assert placed(fake) == 3000


def test_a_short_restart_is_not_noticed_by_callers(drive, fake):
    d = drive(call_ms=15000)
    tag = d.send("many", 2000, 32, "k")
    fake.restart()
    line = sums(d, tag)
    assert line["ok"] == 2000, line
    assert placed(fake) == 2000


def test_a_sleeping_statement_is_stopped_by_the_server_first(drive):
    d = drive()
    line = d.call("sleep 5")
    assert line["result"] == "timeout"
    # statement_timeout is three quarters of the call's time: the connection survives.
    assert 700 <= line["ms"] < CALL_MS
    assert "sqlstate=57014" in d.log() and "ledger.lost" not in d.log()


def test_a_stopped_backend_is_left_and_its_calls_go_elsewhere(drive, fake):
    d = drive(connections=2)
    pids = backends(fake)
    assert len(pids) == 2
    os.kill(pids[0], signal.SIGSTOP)
    try:
        lines = [d.answer(t) for t in [d.send("call", i, "") for i in range(8)]]
        assert all(line["result"] == "ok" for line in lines), lines
        assert max(line["ms"] for line in lines) >= CALL_MS * 3 // 4, lines
        wait_for(lambda: "the oldest call is too old" in d.log(),
                 what="the silent connection is thrown away")
        # Only the one: the ping of the other was answered.
        wait_for(lambda: d.call()["result"] == "ok", what="others serve")
    finally:
        os.kill(pids[0], signal.SIGCONT)
    assert sums(d, d.send("many", 200, 16, "k"))["ok"] == 200


def test_nothing_more_is_sent_to_a_connection_that_is_silent(drive, fake):
    """One call waits for it; whoever asks later goes by the other connection of its kind."""
    d = drive(connections=3, call_ms=8000)  # one of them is for reports
    stopped = backends(fake)[0]
    os.kill(stopped, signal.SIGSTOP)
    try:
        began = time.monotonic()
        both = [d.send("call", i, "") for i in range(2)]
        wait_for(lambda: time.monotonic() - began > 0.4, what="its silence is noticed")
        lines = [d.answer(t) for t in [d.send("call", i, "sleep 0.02") for i in range(8)]]
        assert max(line["ms"] for line in lines) < 2000, lines
    finally:
        os.kill(stopped, signal.SIGCONT)
    assert {d.answer(t)["result"] for t in both} == {"ok"}


def test_a_server_that_comes_back_is_found_at_once(drive, fake):
    d = drive()
    fake.stop()
    wait_for(lambda: d.log().count("ledger.lost") > 20, 10, "many attempts")
    fake.start()
    began = time.monotonic()
    wait_for(lambda: d.call()["result"] == "ok", what="a call")
    assert time.monotonic() - began < 1.5


def test_a_passing_clash_is_tried_again_and_a_lasting_one_is_not(drive):
    d = drive()
    assert d.call("raise 40001 2")["result"] == "ok"
    assert d.call("raise 40P01 1000")["result"] == "unavailable"
    assert d.log().count("sqlstate=40P01") == 3


@pytest.mark.parametrize("sqlstate", ["26000", "0A000"])
def test_every_connection_may_be_stale_and_nobody_notices(drive, sqlstate):
    d = drive(connections=8, call_ms=5000)
    assert d.call(f"raise {sqlstate} 8")["result"] == "ok"
    assert d.log().count(f"sqlstate={sqlstate}") == 8
    assert d.log().count("no longer serves us") == 8


@pytest.mark.parametrize("sqlstate, result", [
    ("55P03", "unavailable"), ("53100", "unavailable"), ("57014", "timeout"),
    ("P0001", "internal"), ("23505", "internal"), ("22P02", "internal"),
    ("0A000", "unavailable"), ("26000", "unavailable"),
])
def test_each_class_of_errors_has_its_answer(drive, sqlstate, result):
    d = drive()
    line = d.call(f"raise {sqlstate} 1000", id=31)
    assert line["result"] == result
    assert d.call()["result"] == "ok"
    assert f"sqlstate={sqlstate}" in d.log()
    # What was said with it may be about a person.
    assert "secret" not in d.log() and "citizen" not in d.log()


def test_a_primary_that_turns_read_only_is_left(drive, fake):
    d = drive(call_ms=3000)
    assert d.ask("place", "key-1", "")["result"] == "ok"
    # The second time finds a server that writes again.
    assert d.call("raise 25006 1")["result"] == "ok"
    assert "no longer serves us" in d.log()


def test_warnings_of_functions_are_not_logged(drive):
    d = drive()
    assert d.call("warn")["result"] == "ok"
    assert "secret" not in d.log()


class Silent:
    """A server that accepts and never says a word."""

    def __init__(self):
        self.dir = tempfile.mkdtemp(prefix="vacancyd-it-", dir="/tmp")
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.bind(f"{self.dir}/.s.PGSQL.5432")
        self.socket.listen(64)

    def close(self):
        self.socket.close()
        shutil.rmtree(self.dir)


@pytest.fixture
def silent():
    s = Silent()
    yield s
    s.close()


def test_a_dead_and_a_silent_host_are_passed_over(drive, fake, silent):
    d = drive(hosts=f"host=/nonexistent|host={silent.dir}|{fake.dsn}", connect_ms=300,
              call_ms=5000, ready=False)
    line = d.call()
    assert line["result"] == "ok"
    # One wait for the silent one: they do not try it one after the other.
    assert 250 <= line["ms"] < 1000, line


def test_a_silent_host_alone_answers_unavailable_in_time(drive, silent):
    d = drive(hosts=f"host={silent.dir}", ready=False)
    line = d.call()
    assert line["result"] == "unavailable"
    assert CALL_MS - 50 <= line["ms"] <= CALL_MS + 200


def test_a_host_that_speaks_nonsense_is_passed_over(drive, fake, silent):
    stop = threading.Event()

    def babble():
        while not stop.is_set():
            try:
                one, _ = silent.socket.accept()
            except OSError:
                return
            with one:
                one.recv(100)
                one.sendall(b"R\x00\x00\x00\x08\x00\x00\x00\x00" + b"Z\x00\x00\x00\x05I" + b"\xff" * 999)

    threading.Thread(target=babble, daemon=True).start()
    d = drive(hosts=f"host={silent.dir}|{fake.dsn}", call_ms=5000, ready=False)
    assert d.call()["result"] == "ok"
    stop.set()


def test_a_read_only_server_is_refused(drive, fake, templates):
    read_only = Postgres(fake.services, f"{fake.name}_standby")
    templates.admin(f"CREATE DATABASE {read_only.name} OWNER vacancyd")
    templates.admin(f"ALTER DATABASE {read_only.name} SET default_transaction_read_only = on")
    try:
        d = drive(hosts=f"{read_only.dsn}|{fake.dsn}")
        assert d.ask("place", "key-1", "")["result"] == "ok"
        assert "read-only" in d.log()
    finally:
        templates.drop(read_only)


def test_a_bad_conninfo_is_logged_and_the_password_is_not(drive, fake):
    d = drive(hosts=f"nonsense without sense|{fake.dsn} password=hush")
    assert d.call()["result"] == "ok"
    assert "ledger.bad-conninfo" in d.log() and "hush" not in d.log()


def test_sessions_have_their_settings(drive, fake):
    drive(connections=1)
    fake.psql("""
        CREATE OR REPLACE FUNCTION ops.turn_day(p_city int, p_limit int) RETURNS int
        LANGUAGE plpgsql AS $$
        BEGIN
            ASSERT current_setting('statement_timeout') = '750ms';
            ASSERT current_setting('lock_timeout') = '250ms';
            ASSERT current_setting('idle_in_transaction_session_timeout') = '2s';
            ASSERT current_setting('client_connection_check_interval') = '1s';
            ASSERT current_setting('TimeZone') = 'Asia/Shanghai';
            ASSERT current_setting('client_encoding') = 'UTF8';
            ASSERT current_setting('application_name') = 'vacancyd';
            RETURN 7;
        END $$""")
    line = drive(connections=1).ask("turn")
    assert (line["result"], line["n"]) == ("ok", 7)


def test_the_end_completes_what_is_under_way(drive):
    d = drive(connections=1, queue_limit=64)
    tags = [d.send("call", i, "sleep 0.5") for i in range(20)]
    d.quit()
    results = {d.answer(tag)["result"] for tag in tags}
    assert results <= {"unavailable", "unknown", "ok"} and "unavailable" in results


def test_keys_are_followed_within_a_second(drive, fake):
    d = drive()
    secret = hashlib.blake2b(b"hush", digest_size=32).hexdigest()
    assert d.ask("find", "k1", "hush")["result"] == "unknown"
    fake.psql(f"INSERT INTO ledger.api_key VALUES ('k1', '\\x{secret}', 4, '4101');"
              f"INSERT INTO ledger.api_key VALUES ('old', '\\x{secret}', 4, '4101', '2000-01-01', '2001-01-01');"
              "UPDATE ledger.fixed SET keys_changed = 2")
    wait_for(lambda: d.ask("find", "k1", "hush")["result"] == "known", 1, "the key is known")
    line = d.ask("find", "k1", "hush")
    assert (line["kid"], line["role"], line["city"], line["scope"]) == ("k1", 4, 4101, "4101")
    assert d.ask("find", "k1", "Hush")["result"] == "unknown"
    assert d.ask("find", "old", "hush")["result"] == "unknown"
    fake.psql("DELETE FROM ledger.api_key WHERE kid = 'k1'; UPDATE ledger.fixed SET keys_changed = 3")
    wait_for(lambda: d.ask("find", "k1", "hush")["result"] == "unknown", 1, "it is revoked")


def test_the_clock_is_the_ledgers_and_a_fixed_one_stands_still(drive, fake):
    d = drive()
    seen = d.ask("state")["seconds"]
    assert abs(seen - int(float(fake.psql("SELECT extract(epoch FROM now())")))) <= 1
    fake.psql("UPDATE ledger.fixed SET clock = '2007-07-12 23:59:59.9+08'")
    wait_for(lambda: d.ask("state")["fixed"] == 1, what="the clock is fixed")
    line = d.ask("state")
    assert line["day"] == 2749 and line["seconds"] == 1184255999
    assert (line["horizon_ms"], line["horizon_pid"]) == (1234, 42)


def test_the_outbox_comes_as_it_is_written(drive):
    d = drive()
    line = d.ask("outbox", 9007199254740993, 10, 3)
    assert line["rows"] == [
        [9007199254740993, 11, "v", 4611686018427387903, 1, 1, "1"],
        [9007199254740993, 12, "s", 4611686018427387902, 2, 2, "2"],
        [9007199254740993, 13, "v", 4611686018427387901, 3, 3, "3"],
    ]
    line = d.ask("horizon")
    assert (line["xid"], line["id"]) == (9007199254740993, 12)


def test_every_statement_suits_the_shipped_schema(postgres):
    postgres.psql("SELECT ops.create_city(4101, '郑州市', '4101', true, '2007-07-12 10:00+08', 2007)")
    d = Driver(postgres.dsn, roles=["each"])
    try:
        d.wait_ready()
        header = (SOURCE / "daemon" / "ledger" / "ledger.h").read_text()
        table = header[header.index("enum ledger_op {"):header.index("\tLEDGER_OPS\n")]
        for op in range(len(re.findall(r"^\tLEDGER_\w+,", table, re.M))):
            line = d.ask("op", op)
            # Nobody's key: refused, but by the function, which took all the arguments.
            assert (line["result"], line.get("status")) == ("ok", 401), (op, line, d.log())
        for command in (["outbox", 0, 0, 10], ["horizon"], ["turn"]):
            assert d.ask(*command)["result"] == "ok", (command, d.log())
        assert d.ask("state")["fixed"] == 1
        assert "sqlstate" not in d.log()
    finally:
        d.quit()
