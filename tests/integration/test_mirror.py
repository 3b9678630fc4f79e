"""A mirror behind a real Redis: what it serves while it loads, follows, and loads
again, and what it makes of a board that cannot be believed."""

import fcntl
import re

import pytest

from boards import CITY, key, s, seeker, v, vacancy
from harness.wait import wait_for


def mirror_until(b, what, seconds=20, **wanted):
    def there():
        state = b.state()
        return all(state[k] == value for k, value in wanted.items()) and state

    try:
        return wait_for(there, seconds, what)
    except TimeoutError as e:
        raise AssertionError(f"{e}: {b.state()} {b.errors.decode()[-1500:]}") from e


def test_a_mirror_loads_follows_and_keeps_labels(board, boards):
    assert board.apply(v(1, 1), s(2, 1)) == "ok"
    m = boards()
    assert m.ask("mirror")[0] == "ok"
    mirror_until(m, "loaded", ready=True, following=True, vacancies=1, seekers=1)
    assert m.ask("label 1") == ["label", "保安/郑州某厂/1200元"]

    assert board.apply(v(3, 1, label="厨师\x1f\x1f面议"), s(2, 2, active=False)) == "ok"
    mirror_until(m, "followed", vacancies=2, seekers=0, seq=board.at[3])
    assert m.ask("label 3") == ["label", "厨师//面议"]
    assert board.apply(v(1, 2, open=False)) == "ok"
    mirror_until(m, "closed", vacancies=1, seq=board.at[3])
    assert m.ask("label 1") == ["label", "none"]


def test_a_mirror_is_not_ready_before_there_is_a_board(boards):
    b, m = boards(), boards()
    assert m.ask("mirror")[0] == "ok"
    mirror_until(m, "said why", ready=False, why="the board is empty")
    b.rebuild(v(1, 1))
    mirror_until(m, "ready", ready=True, vacancies=1)


def test_a_mirror_starts_without_redis(redis, boards):
    m = boards()
    redis.kill()
    wait_for(lambda: m.moved("position") == "unavailable", what="Redis is gone")
    assert m.ask("mirror")[0] == "ok"
    mirror_until(m, "said why", ready=False, why="the board is away")
    redis.start()
    boards().rebuild(v(1, 1), s(2, 1))
    mirror_until(m, "ready", ready=True, following=True, vacancies=1, seekers=1)


def test_a_mirror_serves_on_while_redis_is_away(board, boards, redis):
    assert board.apply(v(1, 1), s(2, 1)) == "ok"
    m = boards()
    assert m.ask("mirror")[0] == "ok"
    mirror_until(m, "loaded", following=True, vacancies=1)
    redis.kill()
    mirror_until(m, "noticed", following=False, ready=True, vacancies=1, seekers=1)
    assert m.ask("own " + v(5, 1))[0] == "ok", "own writes go on"
    wait_for(lambda: m.state()["age"] > 100, what="it knows its age")
    redis.start()
    board.up()
    # Whatever Redis remembers, the applier brings the rest.
    board.rebuild(v(1, 1), s(2, 1), v(3, 1))
    mirror_until(m, "back", following=True, vacancies=3)


def test_a_mirror_loads_again_when_redis_is_emptied(board, boards, redis):
    assert board.apply(*[v(n, 1) for n in range(1, 50)]) == "ok"
    m = boards()
    assert m.ask("mirror")[0] == "ok"
    mirror_until(m, "loaded", following=True, vacancies=49)
    redis.cli("FLUSHALL")
    mirror_until(m, "noticed, and serves on", following=False, vacancies=49)
    board.rebuild(*[v(n, 2) for n in range(1, 30)])
    mirror_until(m, "loaded again", following=True, vacancies=29)


def test_own_writes_survive_a_reload_until_the_stream_has_them(board, boards):
    m = boards()
    assert m.ask("mirror")[0] == "ok"
    mirror_until(m, "loaded", following=True)
    assert m.ask("own " + v(1, 5, label="自己\x1f\x1f"))[0] == "ok"
    assert m.state()["vacancies"] == 1
    board.rebuild()  # the board does not have it yet
    mirror_until(m, "loaded again", following=True, why="another generation")
    assert m.state()["vacancies"] == 1
    assert m.ask("label 1") == ["label", "自己//"]

    # The stream passes it, with something newer behind: our copy must not come back.
    assert board.apply(v(1, 5, label="自己\x1f\x1f")) == "ok"
    assert board.apply(v(1, 6, open=False)) == "ok"
    mirror_until(m, "passed", seq=board.at[3], vacancies=0)
    board.rebuild(v(1, 6, open=False))
    mirror_until(m, "loaded a third time", following=True, seq=0, vacancies=0)


def test_a_tombstone_in_a_load_ends_an_own_write(board, boards, redis):
    m = boards()
    assert m.ask("mirror")[0] == "ok"
    mirror_until(m, "loaded", following=True)
    assert m.ask("own " + v(1, 5))[0] == "ok"
    # Another generation already knows that it was closed at version 6.
    board.rebuild(v(1, 6, open=False))
    mirror_until(m, "loaded again", following=True, vacancies=0)


def test_a_mirror_never_misses_what_changes_while_it_loads(board, boards):
    """Cells are read one after the other while vacancies move between them."""
    places = [410105003001, 410102001001, 410103002001]
    board.apply(*[v(n, 1, place=places[n % 3]) for n in range(1, 400)])
    mirrors = [boards() for _ in range(3)]
    version = 1
    for m in mirrors:
        assert m.ask("mirror")[0] == "ok"
        for _ in range(20):
            version += 1
            batch = [v(n, version, place=places[(n + version) % 3], open=n % 7 != version % 7)
                     for n in range(1, 400, 3)]
            assert board.apply(*batch) == "ok"
    open_now = sum(1 for _, record, _ in board.load().values() if record)
    for m in mirrors:
        mirror_until(m, "in step", following=True, seq=board.at[3], vacancies=open_now)


# Bad input.

PUT_ENTRY = """
local value = string.gsub(ARGV[3], '..', function(h) return string.char(tonumber(h, 16)) end)
local pos = redis.call('GET', KEYS[2])
local at, seq = string.match(pos, '^(%d+ %d+) (%d+)$')
redis.call('XADD', KEYS[1], (seq + 1) .. '-0', ARGV[2], value)
redis.call('SET', KEYS[2], at .. ' ' .. (seq + 1))
"""
PUT_VALUE = """
local value = string.gsub(ARGV[2], '..', function(h) return string.char(tonumber(h, 16)) end)
redis.call('HSET', KEYS[1], ARGV[1], value)
"""


def value(record):
    return (len(record).to_bytes(2, "big") + record).hex()


def put_entry(redis, board, name, hexes):
    """An entry that no applier of ours would write."""
    redis.cli("EVAL", PUT_ENTRY, "2", key(board, "stream"), key(board, "pos"), "", name, hexes)


@pytest.fixture
def followed(board, boards):
    """A mirror that follows two vacancies and a seeker."""
    assert board.apply(v(1, 1), v(2, 1), s(3, 1)) == "ok"
    m = boards()
    assert m.ask("mirror")[0] == "ok"
    mirror_until(m, "loaded", following=True, vacancies=2, seekers=1, seq=board.at[3])
    return m


def newer_format(record):
    return b"\x02" + record[1:]


@pytest.mark.parametrize("name, hexes", [
    ("v:1:2", value(newer_format(vacancy(1, 2)))),
    ("v:1:2", value(vacancy(1, 2)[:-3])),
    ("v:1:2", value(vacancy(9, 2))),
    ("v:1:2", value(vacancy(1, 2, place=410205003001))),
    ("s:3:2", value(seeker(3, 2, place=410205003001))),
    ("s:3:2", value(b"")),
])
def test_a_record_of_the_stream_that_cannot_be_read_is_not_believed(
        followed, board, redis, name, hexes):
    put_entry(redis, board, name, hexes)
    # The board itself still has the older one whole: that is what a whole load finds.
    mirror_until(followed, "loaded again", following=True, vacancies=2, seekers=1,
                 why="a record of the stream cannot be read")
    followed.pump(0)
    assert "mirror.bad_record" in followed.errors.decode()
    # Another one closes what it is about; the board is not loaded for each of them.
    put_entry(redis, board, name.replace(":2", ":3"), hexes)
    gone = name[0]
    mirror_until(followed, "closed", following=True, vacancies=1 if gone == "v" else 2,
                 seekers=0 if gone == "s" else 1)


@pytest.mark.parametrize("name, hexes", [
    ("q:1:2", value(vacancy(1, 2))), ("v:1", value(vacancy(1, 2))), ("v:1:2", "00"),
    ("v:1:2", "ffff00"), ("vacancy", "00"),
])
def test_an_entry_of_another_format_is_a_reason_to_load_again(followed, board, redis, name, hexes):
    put_entry(redis, board, name, hexes)
    mirror_until(followed, "loaded again", following=True, vacancies=2, seekers=1, seq=2 + 2,
                 why="an entry of the stream cannot be read")


def test_what_cannot_be_read_in_a_load_is_left_out(board, boards, redis):
    assert board.apply(v(1, 1), v(2, 1), s(3, 1), s(4, 1)) == "ok"
    cell, bucket = key(board, "v:4-07-05-01:410105003"), key(board, "s:003")
    redis.cli("EVAL", PUT_VALUE, "1", cell, "2", value(vacancy(2, 1)[:20]))
    redis.cli("EVAL", PUT_VALUE, "1", cell, "nobody", value(vacancy(5, 1)[:20]))
    redis.cli("EVAL", PUT_VALUE, "1", cell, "6", value(newer_format(vacancy(6, 1))))
    redis.cli("EVAL", PUT_VALUE, "1", bucket, "3", "00")
    redis.cli("SADD", key(board, "cells"), "no-such-cell", "x" * 40)
    m = boards()
    assert m.ask("mirror")[0] == "ok"
    mirror_until(m, "loaded", following=True, vacancies=1, seekers=1)
    assert m.ask("label 1")[0] == "label"
    m.pump(0)
    assert m.errors.decode().count("mirror.bad_record") == 3
    assert m.errors.decode().count("board.bad_value") == 1


def test_a_record_under_another_name(board, boards, redis):
    """Who compares with the ledger loads by name; a mirror believes what a record says."""
    assert board.apply(v(1, 1)) == "ok"
    cell = key(board, "v:4-07-05-01:410105003")
    redis.cli("EVAL", PUT_VALUE, "1", cell, "nobody", value(vacancy(5, 1)))
    redis.cli("EVAL", PUT_VALUE, "1", cell, "7", value(vacancy(1, 1)))
    assert sorted(board.load()) == [("v", 1), ("v", 7)]
    board.pump(0)
    assert "board.bad_value" in board.errors.decode()
    m = boards()
    assert m.ask("mirror")[0] == "ok"
    mirror_until(m, "loaded", following=True, vacancies=2)
    assert m.ask("label 1")[0] == "label" and m.ask("label 5")[0] == "label"


def test_a_board_whose_keys_hold_something_else_is_not_loaded(followed, board, redis):
    redis.cli("SET", key(board, "s:001"), "a text")
    redis.cli("XDEL", key(board, "stream"), "1-0")
    redis.cli("DEL", key(board, "pos"))
    mirror_until(followed, "noticed, and serves on", following=False, vacancies=2, seekers=1)
    assert followed.state()["ready"]


def another_generation(board, redis):
    board.rebuild(v(1, 1), v(2, 1), s(3, 1))


def emptied(board, redis):
    redis.flush()


def trimmed(board, redis):
    """What came was cut off before anybody could read it."""
    redis.cli("EVAL", TRIM, "2", key(board, "stream"), key(board, "pos"))


def gap(board, redis):
    redis.cli("EVAL", GAP, "2", key(board, "stream"), key(board, "pos"), "", "v:1:2",
              value(vacancy(1, 2)))


def entry(name, hexes):
    return lambda board, redis: put_entry(redis, board, name, hexes)


TRIM = """
local at, seq = string.match(redis.call('GET', KEYS[2]), '^(%d+ %d+) (%d+)$')
redis.call('XTRIM', KEYS[1], 'MAXLEN', '0')
redis.call('SET', KEYS[2], at .. ' ' .. (seq + 1))
"""
GAP = PUT_ENTRY.replace("seq + 1", "seq + 2")


@pytest.mark.parametrize("happens, why", [
    (entry("v:1:2", value(vacancy(1, 2)[:-3])), "a record of the stream cannot be read"),
    (entry("s:3:2", value(seeker(3, 2, place=410205003001))),
     "a record of the stream cannot be read"),
    (entry("v:1", value(vacancy(1, 2))), "an entry of the stream cannot be read"),
    (gap, "a gap in the stream"),
    (trimmed, "the stream was trimmed before it was read"),
    (another_generation, "another generation"),
    (emptied, "the board was emptied"),
], ids=["bad-record", "other-city", "other-format", "gap", "trimmed", "generation", "emptied"])
def test_whatever_goes_wrong_it_serves_on_says_why_and_how_old_it_is(
        board, boards, redis, tmp_path, happens, why):
    """Its turn to load is held back, so that what is served meanwhile can be looked at."""
    assert board.apply(v(1, 1), v(2, 1), s(3, 1)) == "ok"
    m, turn = boards(), tmp_path / "turn"
    assert m.ask(f"mirror {turn}")[0] == "ok"
    mirror_until(m, "loaded", following=True, vacancies=2, seekers=1)
    with open(turn, "w", encoding="ascii") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        happens(board, redis)
        mirror_until(m, "noticed", following=False, why=why)
        wait_for(lambda: m.state()["age"] > 200, what="it says how old it is")
        state = m.state()
        # What it cannot read is closed; everything else is what it last knew.
        lost = why == "a record of the stream cannot be read"
        assert state["ready"] and state["why"] == why
        assert state["vacancies"] + state["seekers"] == 3 - lost
        m.pump(0)
        assert re.search(f'mirror.resync.*why="{why}"', m.errors.decode())
    if happens is emptied:
        board.rebuild(v(1, 1), v(2, 1), s(3, 1))
    mirror_until(m, "loaded again", following=True, vacancies=2, seekers=1)


def test_a_board_of_another_city_is_not_believed(board, boards, redis):
    """Neither under its own key nor, by somebody's mistake, under ours."""
    assert board.apply(v(1, 1), s(3, 1)) == "ok"
    elsewhere = 410205003001
    cell, bucket = key(board, "v:4-07-05-01:410205003"), key(board, "s:004")
    redis.cli("EVAL", PUT_VALUE, "1", cell, "8", value(vacancy(8, 1, place=elsewhere)))
    redis.cli("EVAL", PUT_VALUE, "1", bucket, "4", value(seeker(4, 1, place=elsewhere)))
    redis.cli("SADD", key(board, "cells"), "4-07-05-01:410205003")
    redis.cli("RENAME", f"{{{CITY}}}gen", "{4102}gen")
    m = boards()
    assert m.ask("mirror")[0] == "ok"
    mirror_until(m, "not its board", ready=False, why="the board is empty")
    redis.cli("RENAME", "{4102}gen", f"{{{CITY}}}gen")
    mirror_until(m, "loaded", following=True, vacancies=1, seekers=1)
    m.pump(0)
    assert m.errors.decode().count("mirror.bad_record") == 2


def test_a_mirror_follows_whichever_of_two_appliers_wins(board, boards):
    other, m = boards(), boards()
    other.position()
    assert m.ask("mirror")[0] == "ok"
    mirror_until(m, "loaded", following=True)
    for n in range(1, 21):
        first, second = (board, other) if n % 3 else (other, board)
        assert first.apply(v(n, 1)) == "ok"
        assert second.apply(v(n, 1), v(100 + n, 1)) == "conflict", "it is behind"
        second.position()
    state = mirror_until(m, "in step", following=True, seq=board.at[3], vacancies=20)
    assert state["why"] in ("", "the board is away"), "nothing was a reason to load again"


def test_one_at_a_time_loads_beside_what_it_serves(board, boards, redis, tmp_path):
    assert board.apply(v(1, 1)) == "ok"
    turn = tmp_path / "turn"
    mirrors = [boards(), boards()]
    for m in mirrors:
        assert m.ask(f"mirror {turn}")[0] == "ok"
        mirror_until(m, "loaded without a turn", following=True, vacancies=1)
    with open(turn, "w", encoding="ascii") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        board.rebuild(v(1, 1), v(2, 1))
        for m in mirrors:
            mirror_until(m, "waits, and serves on", following=False, ready=True, vacancies=1)
        wait_for(lambda: all(m.state()["age"] > 200 for m in mirrors), what="they say how old")
        assert all(m.state()["vacancies"] == 1 for m in mirrors)
    for m in mirrors:
        mirror_until(m, "had its turn", following=True, vacancies=2)


def test_the_stream_keeps_what_is_young(board, redis):
    for n in range(1, 31):
        assert board.apply(*[v(100 * n + i, 1) for i in range(20)]) == "ok"
    assert redis.cli("XLEN", key(board, "stream")) == "600", "nothing is old yet"
    # As if the first 500 had come in another age.
    redis.cli("DEL", key(board, "at"))
    redis.cli("RPUSH", key(board, "at"), "1 100", "2 500")
    assert board.apply(v(1, 1)) == "ok"
    kept = int(redis.cli("XLEN", key(board, "stream")))
    assert 101 <= kept <= 260, kept
    board.follow((*board.at[:3], 500))
    assert board.event()[:2] == ["each", "501"]
