"""PostgreSQL, Redis and workers killed in the middle of requests, and a log that nobody reads.

What was acknowledged stands, what was not can be asked again with the same
key, and afterwards the board equals the ledger, record by record.
"""

import fcntl
import http.client
import os
import signal
import threading
import uuid

from harness.trade import Trade, line
from harness.wait import wait_for


def verify(daemon):
    def attempt():
        answer = daemon.admin("POST", "/board/verify", timeout=120)
        # Redis may be back a moment before the board is.
        assert answer.status in (200, 503), answer
        return answer.json if answer.status == 200 else None

    return wait_for(attempt, 60, "a board to verify")


def assert_board_equals_ledger(daemon):
    report = verify(daemon)
    assert report["differences"] == 0, report
    return report


class Client(threading.Thread):
    """Posts its placements one after the other, each until it is answered for good."""

    def __init__(self, daemon, bodies):
        super().__init__()
        self.daemon = daemon
        self.bodies = bodies
        self.answers = []
        self.retries = 0
        self.error = None

    def run(self):
        try:
            for body in self.bodies:
                self.answers.append(self.until_answered(body))
        except Exception as e:  # pylint: disable=broad-except
            self.error = e

    def until_answered(self, body):
        key = uuid.uuid4().hex
        answered = []

        def attempt():
            try:
                a = self.daemon.request("POST", "/v1/placements", self.daemon.keys["bureau"], body,
                                        {"Idempotency-Key": key})
            except (OSError, http.client.HTTPException):
                self.retries += 1
                return False
            if a.status in (503, 504):
                assert a.status == 504 or "retry-after" in a.headers, a
                self.retries += 1
                return False
            answered.append(a)
            return True

        wait_for(attempt, 60, "an answer for good")
        return answered[0]


def many_placements(trade, n_vacancies, per_vacancy):
    trade.employer()
    vacancies = trade.file([line(f"R{i}", per_vacancy) for i in range(n_vacancies)])
    people = [trade.register(i) for i in range(n_vacancies * per_vacancy)]
    return [trade.placement(who, vacancies[f"R{i % n_vacancies}"])
            for i, who in enumerate(people)]




def run_clients(daemon, bodies, n):
    clients = [Client(daemon, bodies[i::n]) for i in range(n)]
    for c in clients:
        c.start()
    return clients


def finish(clients):
    for c in clients:
        c.join(180)
        assert not c.is_alive()
        if c.error:
            raise c.error
    return [a for c in clients for a in c.answers]


def live_rows(postgres):
    return int(postgres.psql("SELECT count(*) FROM ledger.placement WHERE state <> 'void'"))


def test_postgres_killed_while_placements_are_posted(daemon, postgres):
    trade = Trade(daemon)
    bodies = many_placements(trade, 4, 30)
    clients = run_clients(daemon, bodies, 8)
    for done in (10, 40, 80):
        wait_for(lambda n=done: sum(len(c.answers) for c in clients) >= n, 60, f"{done} answers")
        postgres.kill()
        postgres.start()
    answers = finish(clients)

    assert [a for a in answers if a.status not in (200, 201)] == []
    assert live_rows(postgres) == len(bodies)
    assert len({a.json["placement"] for a in answers}) == len(bodies)
    assert_board_equals_ledger(daemon)


def test_redis_killed_and_emptied_while_placements_are_posted(daemon, postgres, redis):
    trade = Trade(daemon)
    bodies = many_placements(trade, 4, 30)
    clients = run_clients(daemon, bodies, 4)
    for done in (10, 50):
        wait_for(lambda n=done: sum(len(c.answers) for c in clients) >= n, 60, f"{done} answers")
        redis.kill()
        redis.start()
        redis.flush()
    answers = finish(clients)

    assert {a.status for a in answers} == {201}
    assert live_rows(postgres) == len(bodies)
    assert_board_equals_ledger(daemon)


def test_matching_goes_on_without_redis_and_says_so(daemon, redis):
    trade = Trade(daemon)
    trade.employer()
    vacancy = trade.file([line("A", 2)])["A"]
    who = trade.register(1)
    path = f"/v1/vacancies/{vacancy}/matches"
    assert [i["seeker"] for i in trade.must(200, "GET", path)["items"]] == [who]

    redis.stop()
    # Writes go on too, and their own daemon's matches know them at once.
    other = trade.register(2)
    answer = trade.must(200, "GET", path)
    assert {i["seeker"] for i in answer["items"]} == {who, other}
    wait_for(lambda: trade.must(200, "GET", path)["as_of"]["board"] == "away", 10, "`away`")

    redis.start()
    wait_for(lambda: trade.must(200, "GET", path)["as_of"]["board"] == "following", 30,
             "`following`")
    assert_board_equals_ledger(daemon)


def test_reads_go_on_without_postgres_and_writes_say_503(daemon, postgres):
    trade = Trade(daemon)
    trade.employer()
    vacancy = trade.file([line("A", 2)])["A"]
    who = trade.register(1)
    postgres.stop()

    assert trade.must(200, "GET", f"/v1/seekers/{who}/matches")["items"][0]["vacancy"] == vacancy
    answer = trade.call("POST", "/v1/placements", trade.placement(who, vacancy))
    assert answer.status == 503, answer
    assert int(answer.headers["retry-after"]) >= 1
    assert answer.json["type"] == "/problems/ledger-away"

    postgres.start()
    wait_for(lambda: trade.call("POST", "/v1/placements", trade.placement(who, vacancy)).status
             in (200, 201), 30, "the placement")
    assert live_rows(postgres) == 1


def test_a_killed_worker_is_replaced(make_daemon):
    daemon = make_daemon(workers=2)
    pids = daemon.workers()
    assert len(pids) == 2
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    wait_for(lambda: len(daemon.workers() - pids) == 2, 30, "new workers")
    daemon.wait_ready()
    Trade(daemon).employer()


def test_sigterm_answers_what_it_has_begun(daemon, postgres):
    trade = Trade(daemon)
    bodies = many_placements(trade, 2, 20)
    statuses = []

    def post(body):
        try:
            statuses.append(trade.call("POST", "/v1/placements", body).status)
        except (OSError, http.client.HTTPException):
            statuses.append(None)  # refused at the door: never begun

    threads = [threading.Thread(target=post, args=(b,)) for b in bodies]
    for t in threads:
        t.start()
    wait_for(lambda: statuses, 30, "the first answer")
    daemon.stop()
    for t in threads:
        t.join()
    # Whoever was acknowledged is in the ledger, and nobody was answered with a failure.
    assert live_rows(postgres) >= statuses.count(201)
    assert set(statuses) <= {201, None, 503}


def fill(pipe):
    """So that the next write to it would wait for a reader."""
    flags = fcntl.fcntl(pipe, fcntl.F_GETFL)
    fcntl.fcntl(pipe, fcntl.F_SETFL, flags | os.O_NONBLOCK)
    try:
        while True:
            os.write(pipe, b"-" * 4095 + b"\n")
    except BlockingIOError:
        fcntl.fcntl(pipe, fcntl.F_SETFL, flags)


def test_a_log_that_nobody_reads_stops_nobody(make_daemon, redis):
    """Neither worker nor parent waits for the reader; when they read again, the log goes on."""
    daemon = make_daemon()
    daemon.stop()
    reader, writer = os.pipe()
    fill(writer)
    daemon.start(stderr=writer)
    trade = Trade(daemon)
    trade.employer()
    vacancy = trade.file([line("A", 2)])["A"]
    who = trade.register(1)
    redis.stop()  # the worker has something to say
    wait_for(lambda: trade.must(200, "GET", f"/v1/seekers/{who}/matches")["as_of"]["board"] == "away",
             10, "`away`")
    redis.start()
    os.kill(min(daemon.workers()), signal.SIGKILL)  # the parent, too
    wait_for(daemon.workers, 10, "the new worker")
    daemon.wait_ready()
    assert trade.must(200, "GET", f"/v1/seekers/{who}/matches")["items"][0]["vacancy"] == vacancy

    os.set_blocking(reader, False)
    heard = b""

    def hears(word):
        nonlocal heard
        try:
            heard += os.read(reader, 1 << 20)
        except BlockingIOError:
            pass
        return word in heard

    wait_for(lambda: hears(b"event=worker.gone"), 20, "the log to go on")
    daemon.stop()
    wait_for(lambda: hears(b"event=daemon.ended"), 20, "the last line")
    os.close(reader)
    os.close(writer)
