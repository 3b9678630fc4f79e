"""Twenty placements posted by four hundred concurrent clients."""

import collections
import threading

from harness.trade import Trade, line


def test_twenty_placements_by_four_hundred_clients(daemon, postgres):
    trade = Trade(daemon)
    trade.employer()
    vacancy = trade.file([line("A", 20)])["A"]
    bodies = [trade.placement(trade.register(i), vacancy) for i in range(20)]
    answers = []
    gate = threading.Barrier(400)

    def post(i):
        # Half of a placement's clients repeat one key, half come with keys of their own.
        n, repeat = i % 20, i // 20
        key = f"shared-{n}" if repeat % 2 else f"own-{n}-{repeat}"
        gate.wait()
        answers.append((n, trade.call("POST", "/v1/placements", bodies[n],
                                      headers={"Idempotency-Key": key})))

    threads = [threading.Thread(target=post, args=(i,)) for i in range(400)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()

    others = [a for _, a in answers if a.status not in (200, 201)]
    assert not others, others[0]
    assert collections.Counter(a.status for _, a in answers) == {201: 20, 200: 380}
    first = {n: a.json for n, a in answers if a.status == 201}
    assert len(first) == 20
    assert [a for n, a in answers if a.json["placement"] != first[n]["placement"]] == []
    assert postgres.psql("SELECT count(*) FROM ledger.placement") == "20"
    assert postgres.psql("SELECT filled FROM ledger.vacancy") == "20"


def test_the_last_post_goes_to_one_of_fifty(daemon, postgres):
    trade = Trade(daemon)
    trade.employer()
    vacancy = trade.file([line("A", 1)])["A"]
    bodies = [trade.placement(trade.register(i), vacancy) for i in range(50)]
    answers = []

    def post(body):
        answers.append(trade.call("POST", "/v1/placements", body))

    threads = [threading.Thread(target=post, args=(b,)) for b in bodies]
    for t in threads:
        t.start()
    for t in threads:
        t.join()

    assert collections.Counter(a.status for a in answers) == {201: 1, 409: 49}
    assert {a.json["type"] for a in answers if a.status == 409} == {"/problems/vacancy-filled"}
    assert postgres.psql("SELECT count(*) FROM ledger.placement") == "1"
