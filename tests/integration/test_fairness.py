"""What one organisation may use up of the exchange, whatever number of keys and connections it has."""

import math
import subprocess
import threading
import time

from harness.wait import wait_for

EMPLOYER = "/v1/employers/123456788"
ANOTHER = {"role": "bureau", "org_code": None, "scope": "4101"}


def ask_until_refused(ask, most):
    """The refusal, and how many were answered before it."""
    for n in range(most):
        answer = ask()
        if answer.status == 429:
            return answer, n
    raise AssertionError(f"{most} were all answered")


def test_reports_have_a_part_of_their_own(make_daemon):
    daemon = make_daemon(workers=2, report_percent=1, report_saved_ms=60)
    key, second = (daemon.new_key(org_name="总局", **ANOTHER) for _ in range(2))
    other = daemon.new_key(org_name="另一机构", **ANOTHER)
    answer, n = ask_until_refused(lambda: daemon.request("GET", "/v1/progress", key), 200)
    assert n >= 1 and answer.json["type"] == "/problems/rate-limited"
    wait = int(answer.headers["retry-after"])
    assert wait >= 1
    # Another key of it is no way round; what is no report is answered, and everybody else too.
    assert daemon.request("GET", "/v1/seekers", second).status == 429
    assert daemon.request("GET", EMPLOYER, key).status == 404
    assert daemon.request("GET", "/v1/progress", other).status == 200
    # What was said is true: then it is answered.
    time.sleep(wait)
    assert daemon.request("GET", "/v1/progress", key).status == 200
    assert daemon.metric("reports_limited_total")[0] >= 2
    assert daemon.metric('ledger_done_total{class="report"}')[0] >= n
    assert daemon.metric('ledger_held_seconds_total{class="report"}')[0] > 0


def test_the_rate_is_that_of_all_keys_connections_and_workers(make_daemon):
    daemon = make_daemon(workers=2)
    keys = [daemon.new_key(org_name="总局", rate=5, burst=20, **ANOTHER) for _ in range(3)]
    began, answered, refused = time.monotonic(), 0, 0
    for n in range(90):  # each on a connection of its own, so on either worker
        answer = daemon.request("GET", EMPLOYER, keys[n % 3])
        answered += answer.status == 404
        refused += answer.status == 429
    took = time.monotonic() - began
    assert answered + refused == 90 and refused
    assert answered <= 20 + math.ceil(5 * took)
    assert daemon.request("GET", EMPLOYER, daemon.keys["bureau"]).status == 404, "another's is its own"


def test_work_counts_as_requests(make_daemon, postgres):
    """Whoever holds a connection for half a second has asked for five hundred milliseconds."""
    daemon = make_daemon(request_work_ms=1)
    key, second = (daemon.new_key(org_name="总局", rate=1, burst=100, **ANOTHER) for _ in range(2))
    assert daemon.request("GET", EMPLOYER, key).status == 404
    answers = []
    asker = threading.Thread(target=lambda: answers.append(daemon.request("GET", EMPLOYER, key)))

    def is_one(which):
        return postgres.psql("SELECT count(*) FROM pg_locks WHERE relation = 'ledger.employer'::regclass AND "
                             + which) == "1"

    with subprocess.Popen(["psql", "-XqAt", "-d", postgres.dsn], stdin=subprocess.PIPE, text=True) as holder:
        holder.stdin.write("BEGIN; LOCK TABLE ledger.employer IN ACCESS EXCLUSIVE MODE;\n")
        holder.stdin.flush()
        wait_for(lambda: is_one("mode = 'AccessExclusiveLock' AND granted"), 10, "the lock")
        asker.start()
        wait_for(lambda: is_one("NOT granted AND waitstart < clock_timestamp() - interval '0.6 s'"), 10, "who waits")
        holder.stdin.close()  # and the transaction ends
    asker.join()
    assert answers[0].status == 404
    answer = daemon.request("GET", EMPLOYER, second)
    assert answer.status == 429 and answer.headers["ratelimit"].startswith('"key";r=0;'), answer
    assert 10 < int(answer.headers["retry-after"]) <= 62
    assert daemon.request("GET", EMPLOYER, daemon.keys["bureau"]).status == 404, "another's is its own"
