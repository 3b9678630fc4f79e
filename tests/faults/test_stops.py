"""Redis stopped while matches are asked for, and the daemon told to end while placements are reported."""

import http.client
import threading

from harness.trade import Trade, line
from harness.wait import wait_for


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
    report = wait_for(lambda: daemon.admin("POST", "/board/verify", timeout=60), 60, "a board to verify")
    assert (report.status, report.json["differences"]) == (200, 0), report


def test_sigterm_answers_what_it_has_begun(daemon, postgres):
    trade = Trade(daemon)
    trade.employer()
    vacancies = trade.file([line("R0", 20), line("R1", 20)])
    bodies = [trade.placement(trade.register(i), vacancies[f"R{i % 2}"]) for i in range(40)]
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
    assert int(postgres.psql("SELECT count(*) FROM ledger.placement")) >= statuses.count(201)
    assert set(statuses) <= {201, None, 503}
