"""Read your writes: who shows a write's Consistency-Token is never answered from before it."""

import time

import pytest
from harness.trade import DISTRICT, QUARTER, Trade, line, quarter_return
from harness.trade import seeker as seeker_body
from harness.wait import wait_for

ROUNDS = 60


def put_line(trade, round_number):
    """Files the return with one more post; the vacancy and the token of the write."""
    answer = trade.call("PUT", f"/v1/returns/123456788/{DISTRICT}/{QUARTER}",
                        quarter_return([line("A", round_number + 1)]))
    assert answer.status in (200, 201), answer
    return answer.json["vacancies"]["A"], answer.headers["consistency-token"]


def posts_seen(answer, vacancy):
    return {i["vacancy"]: i["open_posts"] for i in answer.json["items"]}.get(vacancy, 0)


def matches(daemon, key, seeker, token, timeout=10):
    headers = {"Consistency-Token": token} if token else None
    return daemon.request("GET", f"/v1/seekers/{seeker}/matches", key, headers=headers,
                          timeout=timeout)


def is_not_yet(answer):
    return answer.status == 503 and answer.json["type"] == "/problems/not-yet-visible"


def wait_known(daemon, key):
    """Another daemon reads the keys by itself."""
    wait_for(lambda: daemon.request("GET", "/v1/employers/000000000", key).status != 401, 10,
             "the key")


@pytest.fixture
def two(make_daemon):
    """Two daemons on one ledger and one board; the second has no keys of its own."""
    one = make_daemon()
    other = make_daemon(start=False)
    other.start()
    wait_known(other, one.keys["bureau"])
    return one, other


def test_another_daemon_never_answers_from_before_the_write(two):
    one, other = two
    trade = Trade(one)
    trade.employer()
    seeker = trade.register(1)
    visible = 0
    for n in range(ROUNDS):
        vacancy, token = put_line(trade, n)
        answer = matches(other, trade.bureau, seeker, token)
        if is_not_yet(answer):
            assert answer.headers["retry-after"]
            continue
        assert answer.status == 200, answer
        assert posts_seen(answer, vacancy) == n + 1, (n, token)
        visible += 1
    # On a quiet machine it is all of them; a slow one may be late, but not always.
    assert visible > ROUNDS / 2


def test_somebody_new_is_found_elsewhere_with_the_token_of_the_registration(two):
    one, other = two
    trade = Trade(one)
    trade.employer()
    trade.file([line("A", 3)])
    found = 0
    for n in range(1, 20):
        answer = trade.call("POST", "/v1/seekers", seeker_body(n))
        assert answer.status == 201, answer
        token, who = answer.headers["consistency-token"], answer.json["seeker"]
        seen = matches(other, trade.bureau, who, token)
        assert seen.status == 200 or is_not_yet(seen), seen  # 404 would be older than the token
        found += seen.status == 200
    assert found > 10


def test_the_own_daemon_shows_it_at_once_with_redis_away_and_another_refuses(two, redis):
    one, other = two
    trade = Trade(one)
    trade.employer()
    seeker = trade.register(1)
    _, token = put_line(trade, 0)
    wait_for(lambda: matches(other, trade.bureau, seeker, token).status == 200, 10, "both")
    redis.stop()
    try:
        for n in range(1, 6):
            vacancy, token = put_line(trade, n)
            own = matches(one, trade.bureau, seeker, token)
            assert own.status == 200, own
            assert posts_seen(own, vacancy) == n + 1
            began = time.monotonic()
            refused = matches(other, trade.bureau, seeker, token)
            took = time.monotonic() - began
            assert is_not_yet(refused), refused
            assert 0.25 < took < 3, took
            # Without a token it still answers from what it has.
            assert posts_seen(matches(other, trade.bureau, seeker, None), vacancy) == 1
    finally:
        redis.start()
    wait_for(lambda: matches(other, trade.bureau, seeker, token).status == 200, 30, "caught up")
    assert posts_seen(matches(other, trade.bureau, seeker, token), vacancy) == 6
    own = matches(one, trade.bureau, seeker, token)
    assert own.status == 200 and posts_seen(own, vacancy) == 6, own


def test_a_replayed_answer_carries_the_token_of_the_first(two):
    one, other = two
    trade = Trade(one)
    trade.employer()
    headers = {"Idempotency-Key": "the-same"}
    first = trade.call("POST", "/v1/seekers", seeker_body(1), headers=headers)
    assert first.status == 201, first
    again = other.request("POST", "/v1/seekers", trade.bureau, seeker_body(1), headers)
    assert again.status == 200, again
    token = again.headers["consistency-token"]
    assert token == first.headers["consistency-token"]
    for daemon in two:
        answer = matches(daemon, trade.bureau, first.json["seeker"], token)
        assert answer.status == 200 or is_not_yet(answer) and daemon is other, answer


def test_a_replay_elsewhere_does_not_vouch_for_what_is_not_there(two, redis):
    one, other = two
    trade = Trade(one)
    trade.employer()
    redis.stop()
    try:
        headers = {"Idempotency-Key": "the-same"}
        first = trade.call("POST", "/v1/seekers", seeker_body(1), headers=headers)
        again = other.request("POST", "/v1/seekers", trade.bureau, seeker_body(1), headers)
        assert (first.status, again.status) == (201, 200)
        token, who = again.headers["consistency-token"], first.json["seeker"]
        assert matches(one, trade.bureau, who, token).status == 200
        assert is_not_yet(matches(other, trade.bureau, who, token))
    finally:
        redis.start()


def test_the_workers_of_one_daemon_keep_the_promise_too(make_daemon):
    daemon = make_daemon(workers=2)
    trade = Trade(daemon)

    def both_serve():
        # Each connection meets one of the two: thirty in a row do not all meet the same one.
        somebody = "0" * 15 + "1"
        return all(matches(daemon, trade.bureau, somebody, None).status == 404
                   for _ in range(30))

    wait_for(both_serve, 20, "both workers to know the key and the board")
    trade.employer()
    seeker = trade.register(1)
    for n in range(ROUNDS):
        vacancy, token = put_line(trade, n)
        for _ in range(2):  # the kernel gives each connection to one of the two
            answer = matches(daemon, trade.bureau, seeker, token)
            assert is_not_yet(answer) or posts_seen(answer, vacancy) == n + 1, (n, answer)


def test_a_token_of_nobody(daemon):
    trade = Trade(daemon)
    seeker = trade.register(1)
    for wrong in ("abc", "1", "1.", ".1", "1.2.3", "9" * 20 + ".1", "-1.1"):
        answer = matches(daemon, trade.bureau, seeker, wrong)
        assert answer.status == 422, (wrong, answer)
        assert answer.json["errors"][0]["pointer"] == "header/Consistency-Token"
    # One from the future is waited for, and not for long.
    began = time.monotonic()
    answer = matches(daemon, trade.bureau, seeker, f"{2 ** 62}.1")
    assert is_not_yet(answer), answer
    assert 0.25 < time.monotonic() - began < 3
