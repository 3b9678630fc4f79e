"""The board against a real Redis: what the script may and may not do, and what a
load and a follower see."""

import os
import re
import signal
import time

import pytest

from boards import CITY, key, s, seeker, v, vacancy
from harness.wait import wait_for


# The script.


def test_an_empty_redis_is_generation_zero(boards):
    b = boards()
    assert b.position() == (0, 0, 0, 0)
    assert b.ask("load")[0] == "not" or b.moved("load") != "ok"
    assert b.apply(v(1, 1)) == "conflict"


def test_a_vacancy_stands_where_a_person_would_look_for_it(board, redis):
    assert board.apply(v(7, 1)) == "ok"
    cell = "4-07-05-01:410105003"
    assert redis.cli("SMEMBERS", key(board, "cells")) == cell
    assert redis.cli("HLEN", key(board, f"v:{cell}")) == "1"
    assert redis.cli("HGET", key(board, "where:0"), "7") == f"1 {cell}"
    assert board.load() == {("v", 7): (1, vacancy(7, 1).hex(), "保安\x1f郑州某厂\x1f1200元")}


def test_the_same_batch_twice_changes_nothing(board, redis):
    batch = [v(1, 1), v(2, 1), s(9, 1)]
    before = board.at
    assert board.apply(*batch) == "ok"
    after, loaded = board.at, board.load()
    dump = redis.cli("--no-raw", "XRANGE", key(board, "stream"), "-", "+")

    assert board.apply(*batch, at=before) == "conflict"
    assert board.position() == after
    # Even when the position was lost: versions guard what is there.
    assert board.apply(*batch) == "ok"
    assert board.load() == loaded
    assert board.at[3] == after[3], "a batch of nothing new is no stream entry"
    assert redis.cli("--no-raw", "XRANGE", key(board, "stream"), "-", "+") == dump


def test_older_versions_never_overwrite_newer(board):
    assert board.apply(v(1, 10, posts=2), s(2, 10, rank=1)) == "ok"
    assert board.apply(v(1, 9, posts=5), s(2, 9, rank=6), v(3, 1)) == "ok"
    loaded = board.load()
    assert loaded["v", 1][:2] == (10, vacancy(1, 10, posts=2).hex())
    assert loaded["s", 2][:2] == (10, seeker(2, 10, rank=1).hex())
    assert ("v", 3) in loaded, "the others of the batch still move"
    # Numbers, not texts: 9 < 10, and near 2^53 too.
    big = 2**53 - 2
    assert board.apply(v(1, big), s(2, big)) == "ok"
    assert board.apply(v(1, big + 1, posts=1), s(2, big + 1, rank=3)) == "ok"
    assert board.load()["v", 1][0] == big + 1
    assert board.load()["s", 2][0] == big + 1


def test_a_vacancy_that_moves_leaves_its_old_cell(board, redis):
    assert board.apply(v(1, 1), v(2, 1)) == "ok"
    assert board.apply(v(1, 2, occupation=2020101, place=410102001001)) == "ok"
    assert set(redis.cli("SMEMBERS", key(board, "cells")).split()) == {
        "4-07-05-01:410105003", "2-02-01-01:410102001",
    }
    assert redis.cli("HKEYS", key(board, "v:4-07-05-01:410105003")) == "2"
    assert board.apply(v(2, 2, place=410102001001, occupation=2020101)) == "ok"
    assert redis.cli("SMEMBERS", key(board, "cells")) == "2-02-01-01:410102001"
    assert redis.cli("EXISTS", key(board, "v:4-07-05-01:410105003")) == "0"


@pytest.mark.parametrize("closing", [{"open": False}, {"posts": 0}])
def test_a_closed_vacancy_leaves_a_tombstone(board, redis, closing):
    assert board.apply(v(1, 1)) == "ok"
    assert board.apply(v(1, 3, **closing)) == "ok"
    assert redis.cli("SCARD", key(board, "cells")) == "0"
    assert board.load() == {("v", 1): (3, "", "")}
    assert board.apply(v(1, 2)) == "ok"
    assert board.load() == {("v", 1): (3, "", "")}, "an older one does not rise again"
    assert board.apply(v(1, 4)) == "ok"
    assert board.load()["v", 1][0] == 4


def test_a_transaction_is_one_stream_entry_and_numbers_are_dense(board, redis):
    assert board.apply(s(1, 1, xid=5), s(2, 1, xid=5), s(3, 1, xid=6)) == "ok"
    assert board.apply(s(1, 2, xid=7), s(4, 1, xid=7)) == "ok"
    assert board.at[3] == 3
    entries = redis.cli("--no-raw", "XRANGE", key(board, "stream"), "-", "+")
    ids = re.findall(r'"(\d+-\d+)"', entries)
    assert ids == ["1-0", "2-0", "3-0"]


def test_a_change_that_contradicts_its_record_is_left_out(board):
    good, bad = v(1, 1), v(2, 1).replace("v:2:1:", "v:2:8:")
    assert board.apply(bad, good, s(3, 1).replace("s:3:", "v:3:")) == "ok"
    assert set(board.load()) == {("v", 1)}


def test_two_appliers_take_turns_and_only_one_wins(board, boards):
    other = boards()
    other.position()
    assert board.apply(v(1, 1)) == "ok"
    assert other.apply(v(1, 1), v(2, 1)) == "conflict"
    assert other.position() == board.at
    assert other.apply(v(2, 1)) == "ok"
    assert board.apply(v(3, 1)) == "conflict"


# Generations.


def test_a_fresh_generation_is_not_read_until_the_switch(board, boards):
    assert board.apply(v(1, 1)) == "ok"
    old = board.at
    builder = boards()
    assert builder.moved("begin 50 0") == "ok"
    fresh = builder.at
    assert fresh[0] > old[0]
    assert builder.ask("fill " + " ".join(map(str, fresh)) + " " + v(2, 1))[0] == "ok"
    assert board.position() == old
    assert set(board.load()) == {("v", 1)}
    assert builder.apply(v(3, 1), to=(51, 4)) == "ok", "it catches up before the switch"
    assert builder.ask("switch " + " ".join(map(str, builder.at)))[0] == "ok"
    assert set(board.load()) == {("v", 2), ("v", 3)}
    assert board.position()[:3] == (fresh[0], 51, 4)


def test_an_applier_of_the_old_generation_is_refused(board, boards):
    old = board.at
    boards().rebuild(v(2, 1))
    assert board.apply(v(1, 1), at=old) == "conflict"


def test_the_slower_of_two_rebuilds_gives_way(board, boards, redis):
    a, b = boards(), boards()
    for x in (a, b):
        assert x.moved("begin 1 0") == "ok"
        assert x.ask("fill " + " ".join(map(str, x.at)) + " " + v(1, 1))[0] == "ok"
    assert a.ask("switch " + " ".join(map(str, a.at)))[0] == "ok"
    assert b.ask("fill " + " ".join(map(str, b.at)) + " " + v(2, 1))[0] == "conflict"
    assert b.ask("switch " + " ".join(map(str, b.at)))[0] == "conflict"
    assert board.position()[0] == a.at[0]
    # Nothing is left of the loser, nor of the generation before.
    assert redis.cli("EXISTS", f"{{{CITY}}}gens") == "0"
    assert set(redis.cli("KEYS", "*").split()) == {
        f"{{{CITY}}}gen", key(a, "pos"), key(a, "cells"), key(a, "where:0"),
        key(a, "v:4-07-05-01:410105003"),
    }


def test_what_a_slower_rebuild_left_behind_is_swept_by_the_next(boards, redis):
    a, b = boards(), boards()
    for x in (a, b):
        assert x.moved("begin 1 0") == "ok"
    assert a.ask("switch " + " ".join(map(str, a.at)))[0] == "ok"
    # What b had already sent arrives after the sweep; then b dies.
    assert b.ask("fill " + " ".join(map(str, b.at)) + " " + v(2, 1))[0] == "conflict"
    assert redis.cli("KEYS", key(b, "*")), "there is something to sweep"
    a.rebuild(v(1, 1))
    assert not redis.cli("KEYS", key(b, "*"))
    assert redis.cli("EXISTS", f"{{{CITY}}}gens", f"{{{CITY}}}swept") == "0"


# The follower.


def test_a_follower_gets_every_change_in_order(board, boards):
    writer = boards()
    writer.position()
    board.follow()
    for n in range(1, 8):
        assert writer.apply(v(n, 1), s(100 + n, 1)) == "ok"
    got = [board.event() for _ in range(14)]
    assert [int(e[1]) for e in got] == list(range(1, 15))
    assert [(e[2], int(e[3])) for e in got[:2]] == [("v", 1), ("s", 101)]
    assert got[0][5] == vacancy(1, 1).hex()


def test_a_follower_sees_a_gap(board, boards, redis):
    writer = boards()
    writer.position()
    assert writer.apply(v(1, 1), v(2, 1), v(3, 1)) == "ok"
    redis.cli("XDEL", key(board, "stream"), "2-0")
    board.follow()
    assert board.event()[:2] == ["each", "1"]
    assert " ".join(board.event()) == "lost a gap in the stream"


def test_a_follower_sees_that_the_stream_was_trimmed(board, boards, redis):
    writer = boards()
    writer.position()
    assert writer.apply(v(1, 1), v(2, 1)) == "ok"
    redis.cli("XTRIM", key(board, "stream"), "MAXLEN", "0")
    board.follow()
    assert " ".join(board.event()) == "lost the stream was trimmed before it was read"


def test_the_stream_is_bounded(redis, boards):
    b = boards(stream_length=100)
    b.rebuild()
    start = b.at
    for n in range(30):
        assert b.apply(*[v(1000 * n + i, 1) for i in range(1, 41)]) == "ok"
    assert 100 <= int(redis.cli("XLEN", key(b, "stream"))) <= 300
    b.follow(start)
    assert b.event()[0] == "lost"


def test_a_follower_sees_a_flush_another_generation_and_a_dead_redis(board, boards, redis):
    board.follow()
    redis.cli("FLUSHALL")
    assert " ".join(board.event()) == "lost the board was emptied"

    other = boards()
    other.rebuild(v(1, 1))
    board.position()
    board.follow()
    other.rebuild(v(2, 1))
    assert " ".join(board.event()) == "lost another generation"

    board.position()
    board.follow()
    redis.kill()
    assert board.event()[0] == "lost"
    redis.start()
    board.up()


def test_calls_to_a_dead_redis_say_unavailable_and_come_back(board, redis):
    redis.kill()
    wait_for(lambda: board.apply(v(1, 1)) == "unavailable", what="unavailable")
    redis.start()
    board.up()


def test_a_redis_that_hangs_is_given_up_in_time(board, services):
    pid = int((services.dir / "redis" / "redis.pid").read_text())
    os.kill(pid, signal.SIGSTOP)
    try:
        start = time.monotonic()
        assert board.moved("position") == "unavailable"
        assert time.monotonic() - start < 10
    finally:
        os.kill(pid, signal.SIGCONT)
    board.up()
