"""Read your writes: who shows a write's Consistency-Token is never answered from before it."""

import signal
import threading
import time
from pathlib import Path

import pytest
from harness.trade import DISTRICT, QUARTER, Trade, citizen_number, line, quarter_return
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


def wait_known(daemon, key, connections=1):
    """Another daemon reads keys and officers by itself, and so does each worker: thirty
    connections do not all meet the same one."""
    wait_for(lambda: all(daemon.request("GET", "/v1/officers", key).status not in (401, 403)
                         for _ in range(connections)), 20, "the key and its officer")


@pytest.fixture
def two(make_daemon):
    """Two daemons on one ledger and one board; the second has no keys of its own."""
    one = make_daemon()
    other = make_daemon(start=False)
    other.actors.update(one.actors)
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


def test_what_another_daemon_has_written_is_never_missing(two, redis):
    one, other = two
    trade = Trade(one)
    trade.employer()
    redis.stop()  # nothing reaches the other's mirror
    vacancy = trade.file([line("A", 2)])["A"]
    seeker = trade.register(1)
    key = one.keys["bureau"]
    ask = lambda path: other.request("GET", path, key)
    pair = ask(f"/v1/seekers/{seeker}/matches/{vacancy}")
    assert pair.status == 200 and pair.json["eligible"], pair
    assert [i["vacancy"] for i in ask(f"/v1/seekers/{seeker}/matches").json["items"]] == [vacancy]
    assert [i["seeker"] for i in ask(f"/v1/vacancies/{vacancy}/matches").json["items"]] == [seeker]

    # Neither is anybody passed over unseen because the mirror knew nothing of the post.
    first = trade.register(2, citizen_number=citizen_number(2, year=1955))
    assert ask(f"/v1/seekers/{first}/matches").status == 200
    later = trade.file([line("A", 2), line("B", 1)])["B"]
    body = {"seeker": seeker, "vacancy": later}
    here, there = (d.request("POST", "/v1/referrals", key, body) for d in (one, other))
    assert (here.status, there.status) == (409, 409), (here, there)
    assert there.json["type"] == here.json["type"]
    redis.start()


def test_a_filled_vacancy_has_matches_after_a_restart_too(daemon):
    trade = Trade(daemon)
    trade.employer()
    vacancy = trade.file([line("A", 1)])["A"]
    placed, other = trade.register(1), trade.register(2)
    trade.must(201, "POST", "/v1/placements", trade.placement(placed, vacancy))
    paths = [f"/v1/vacancies/{vacancy}/matches", f"/v1/seekers/{other}/matches/{vacancy}",
             f"/v1/seekers/{placed}/matches"]
    before = [trade.must(200, "GET", path) for path in paths]
    assert before[0]["items"] == [] and not before[1]["eligible"]
    daemon.restart()
    wait_known(daemon, daemon.keys["bureau"])
    for path, then in zip(paths, before):
        # The board may still have to be told of what was written last.
        wait_for(lambda path=path, then=then: {**trade.must(200, "GET", path), "as_of": 0} == {**then, "as_of": 0},
                 20, path)
    # Nobody's is still nobody's.
    assert trade.call("GET", "/v1/vacancies/999999/matches").status == 404


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
    wait_known(daemon, daemon.keys["bureau"], connections=30)
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


class Asking(threading.Thread):
    """Asks for the same matches all the time; what was answered, in order."""

    def __init__(self, daemon, key, seeker):
        super().__init__()
        self.ask = lambda: matches(daemon, key, seeker, None)
        self.answers = []
        self.failed = []
        self.over = threading.Event()

    def run(self):
        while not self.over.is_set():
            try:
                self.answers.append(self.ask())
            except OSError as e:
                self.failed.append(e)

    def __enter__(self):
        self.start()
        wait_for(lambda: len(self.answers) > 20, 20, "answers")
        return self

    def __exit__(self, *_):
        self.over.set()
        self.join()
        assert not self.failed, self.failed[:3]


def wait_both_show(daemon, key, seeker, n):
    """Who answers is chance, and on a busy machine thirty times the same worker: what a worker
    has is asked of its metrics."""
    def do_they():
        has = daemon.metric("mirror_seekers")
        answer = matches(daemon, key, seeker, None)
        return len(has) == 2 and all(has) and answer.status == 200 and \
            len(answer.json["items"]) == n

    wait_for(do_they, 20, "both workers")


def test_redis_is_emptied_while_queries_run(make_daemon, redis):
    daemon = make_daemon(workers=2)
    wait_known(daemon, daemon.keys["bureau"], connections=30)
    trade = Trade(daemon)
    trade.employer()
    trade.file([line("A", 3), line("B", 2)])
    seeker = trade.register(1)

    whys = ("the board was emptied", "the board is empty")
    wait_both_show(daemon, trade.bureau, seeker, 2)
    with Asking(daemon, trade.bureau, seeker) as asking:
        for n in range(20):
            # Who is first to see it, the outbox or a follower, is left to chance.
            if n >= 3 and all(why in daemon.log for why in whys):
                break
            gen = redis.cli("GET", "{4101}gen")
            redis.flush()
            wait_for(lambda gen=gen: redis.cli("GET", "{4101}gen") not in ("", gen), 20, "a board")
            asked = len(asking.answers)
            wait_for(lambda asked=asked: len(asking.answers) > asked + 50, 20, "queries went on")
    for answer in asking.answers:
        assert answer.status == 200, answer
        assert len(answer.json["items"]) == 2, "never less than was there"
        assert answer.json["as_of"]["age_ms"] >= 0
    wait_for(lambda: daemon.admin("GET", "/readyz").status == 200, 20, "ready")
    for why in whys:
        assert why in daemon.log


def test_another_policy_comes_while_queries_run(make_daemon, tmp_path):
    daemon = make_daemon(workers=2)
    wait_known(daemon, daemon.keys["bureau"], connections=30)
    trade = Trade(daemon)
    trade.employer()
    trade.file([line("A", 3)])
    seeker = trade.register(1)
    text = Path(daemon.settings["policy"]).read_text(encoding="utf-8")
    other = tmp_path / "policy.conf"
    other.write_text(text.replace("zhengzhou-2007.1", "zhengzhou-2007.2")
                     .replace("skills_unstated = 100", "skills_unstated = 40"), encoding="utf-8")
    wait_both_show(daemon, trade.bureau, seeker, 1)
    with Asking(daemon, trade.bureau, seeker) as asking:
        daemon.settings["policy"] = str(other)
        daemon.write_config()
        daemon.process.send_signal(signal.SIGHUP)
        wait_for(lambda: asking.answers[-1].json.get("policy") == "zhengzhou-2007.2", 30,
                 "the new policy")
        asked = len(asking.answers)
        wait_for(lambda: len(asking.answers) > asked + 50, 20, "queries went on")
    scores = {}
    for answer in asking.answers:
        if answer.status == 503:  # a new worker that has not loaded yet says so
            assert answer.headers["retry-after"]
            continue
        assert answer.status == 200, answer
        for item in answer.json["items"]:
            scores.setdefault(answer.json["policy"], set()).add(item["score"])
    old, new = scores["zhengzhou-2007.1"], scores["zhengzhou-2007.2"]
    assert len(old) == len(new) == 1, scores
    assert old.pop() - new.pop() == 60
