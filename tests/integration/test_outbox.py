"""The applier between a real PostgreSQL and a real Redis: it may be killed at any
moment and run twice, Redis may forget everything, and at the end the board says
what the ledger says, record by record."""

import random
import subprocess
import threading
import time

import pytest

from boards import CITY, Driver
from harness.wait import wait_for

# A town, one employer, and people enough to write about; the writes below go
# straight to the tables, because it is the triggers and the applier that are tested.
TOWN = f"""
SELECT ops.create_city({CITY}, '郑州', '4101', true, '2007-07-12 10:00+08', 2007);
INSERT INTO ledger.employer (city, code, name, registered_on)
	VALUES ({CITY}, '123456788', '某厂', '2007-01-01');
INSERT INTO ledger.person (city, id, blind, citizen, name, sex, birth, grp, hukou_type,
		registered_on, kid, actor)
	SELECT {CITY}, n, decode(lpad(to_hex(n), 64, '0'), 'hex'), '', '', 1, '1965-01-01', 'local',
		'urban', '2007-01-01', 'k', '' FROM generate_series(1, 300) n;
INSERT INTO ledger.seeker (city, id, community, rank, rank_reason, rank_on, age_class,
		waiting_since, farthest, shifts, forms, education_rank, wishes)
	SELECT {CITY}, n, 410105003001, 1 + n % 6, '-', '2007-01-01', 3, '2006-01-01', 4, 15, 3, 4,
		'{{4070501}}' FROM generate_series(1, 300) n;
"""

VACANCIES = """
INSERT INTO ledger.vacancy (city, employer, district, ref, open, occupation, title,
		employer_name, pay_text, posts, place, posted_on)
	SELECT {city}, (SELECT id FROM ledger.employer LIMIT 1), '410105', '{name}-' || n, true,
		4070500 + n % 3, '保安', '某厂', '1200元', 1 + n % 4, 410105003001 + n % 5 * 1000,
		'2007-07-01' FROM generate_series(1, {n}) n;
"""

# Some of everything: moves, fills, closes, opens again, re-ranks; now and then a
# transaction stays open for a moment, so that commits overtake one another.
WRITES = """
BEGIN;
UPDATE ledger.vacancy SET version = version + 1, filled = (filled + 1) % (posts + 1),
	open = id % 7 <> {turn} % 7, closed_reason = CASE WHEN id % 7 = {turn} % 7 THEN 'withdrawn' END,
	place = 410105003001 + (id + {turn}) % 5 * 1000
	WHERE city = {city} AND id % 41 = {part} % 41;
SELECT pg_sleep({hold});
UPDATE ledger.seeker SET version = version + 1, active = id % 5 <> {turn} % 5,
	rank = 1 + (id + {turn}) % 6
	WHERE city = {city} AND id % 37 = {part} % 37;
COMMIT;
"""


@pytest.fixture
def town(postgres):
    postgres.psql(TOWN)
    postgres.psql(VACANCIES.format(city=CITY, name="a", n=500))
    return postgres


@pytest.fixture
def appliers(town, redis):
    """appliers() -> a running outbox_driver."""
    made = []

    def make():
        made.append(Driver("outbox_driver", town.dsn, redis.address, CITY))
        return made[-1]

    yield make
    for a in made:
        if not a.process.stdin.closed:
            a.close()


class Writers:
    """A few psql sessions that write until they are told to stop."""

    def __init__(self, dsn, seed, n=3):
        self.stop = threading.Event()
        self.written = 0
        self.failed = []
        self.threads = [
            threading.Thread(target=self.write, args=(dsn, random.Random(seed * 100 + i)))
            for i in range(n)
        ]
        for t in self.threads:
            t.start()

    def write(self, dsn, rng):
        while not self.stop.is_set():
            sql = "".join(
                WRITES.format(
                    city=CITY, turn=rng.randrange(1000), part=rng.randrange(1000),
                    hold=rng.choice([0, 0, 0, 0.003, 0.02]),
                ) + (VACANCIES.format(city=CITY, name=f"{rng.random()}", n=3)
                     if rng.random() < 0.2 else "")
                for _ in range(15)
            )
            done = subprocess.run(["psql", "-XqAt", "-d", dsn, "-f", "-"], input=sql, text=True,
                                  capture_output=True, check=False)
            # Two of them may lock rows in a different order: one of them is given up.
            errors = [e for e in done.stderr.splitlines() if "ERROR" in e
                      and "deadlock detected" not in e and "is aborted" not in e]
            if done.returncode != 0 or errors:
                self.failed.append(done.stderr)
            self.written += 15

    def end(self):
        self.stop.set()
        for t in self.threads:
            t.join()


def verified(applier):
    """(vacancies, seekers) compared, when nothing differs."""
    word, *rest = applier.ask("verify", seconds=60)
    assert word == "verified", (word, applier.errors.decode()[-1500:])
    vacancies, seekers, differences = map(int, rest[:3])
    assert differences == 0, (" ".join(rest), applier.errors.decode()[-1500:])
    return vacancies, seekers


def wait_for_board(redis, applier):
    def there():
        applier.pump(0)
        return redis.cli("GET", f"{{{CITY}}}gen")

    return wait_for(there, what="a first rebuild")


def test_an_empty_board_is_rebuilt_without_being_asked(town, redis, appliers):
    a = appliers()
    wait_for_board(redis, a)
    vacancies, seekers = verified(a)
    assert vacancies == 500
    assert seekers >= 300


def test_every_change_reaches_the_board(town, redis, appliers):
    a = appliers()
    wait_for_board(redis, a)
    town.psql(f"UPDATE ledger.vacancy SET version = version + 1, open = false,"
              f" closed_reason = 'withdrawn' WHERE city = {CITY} AND id % 2 = 0")
    town.psql(f"UPDATE ledger.seeker SET version = version + 1, active = false"
              f" WHERE city = {CITY} AND id <= 100")
    verified(a)
    cells = redis.cli("SMEMBERS", f"{{{CITY}}}g{redis.cli('GET', f'{{{CITY}}}gen')}:cells").split()
    gen = redis.cli("GET", f"{{{CITY}}}gen")
    open_now = sum(int(redis.cli("HLEN", f"{{{CITY}}}g{gen}:v:{c}")) for c in cells)
    assert open_now == 250


def test_a_rebuild_that_is_asked_for_changes_nothing_but_the_generation(town, redis, appliers):
    a = appliers()
    before = wait_for_board(redis, a)
    word, generation, vacancies, *_ = a.ask("rebuild", seconds=60)
    assert word == "rebuilt"
    assert int(vacancies) == 500
    assert generation == redis.cli("GET", f"{{{CITY}}}gen") != before
    assert not redis.cli("KEYS", f"{{{CITY}}}g{before}:*"), "the old one is gone"
    verified(a)


def test_verify_names_what_differs(town, redis, appliers):
    a = appliers()
    gen = wait_for_board(redis, a)
    verified(a)
    cell = redis.cli("SRANDMEMBER", f"{{{CITY}}}g{gen}:cells")
    key = f"{{{CITY}}}g{gen}:v:{cell}"
    lost, bent = redis.cli("HKEYS", key).split()[:2]
    redis.cli("HDEL", key, lost)
    value = "".join(f"\\x{b:02x}" for b in b"nonsense")
    redis.cli("HSET", key, bent, value)
    word, _, _, differences, _, *what = a.ask("verify", seconds=60)
    assert word == "verified"
    assert int(differences) >= 2
    text = " ".join(what)
    assert f"v{lost}:not on the board" in text
    assert f"v{bent}:" in text


def trim(town, xid):
    """Everything below `xid` that is over, however young."""
    return int(town.psql(f"SELECT ops.trim_outbox({CITY}, {xid}, '0 s', 100000)"))


def test_what_the_board_has_passed_is_trimmed_and_a_board_from_before_is_rebuilt(
        town, redis, appliers):
    a = appliers()
    old = wait_for_board(redis, a)
    verified(a)
    place = redis.cli("GET", f"{{{CITY}}}g{old}:pos")
    for rank in range(1, 5):
        town.psql(f"UPDATE ledger.seeker SET version = version + 1, rank = {rank}"
                  f" WHERE city = {CITY} AND id <= 50")
    verified(a)
    rows = int(town.psql("SELECT count(*) FROM ops.outbox"))
    assert trim(town, 0) == 0, "the board has passed nothing"
    assert trim(town, 2**62) >= 200
    assert int(town.psql("SELECT count(*) FROM ops.outbox")) <= rows - 200
    assert redis.cli("GET", f"{{{CITY}}}gen") == old, "who has passed it misses nothing"
    verified(a)
    # Redis comes back with what it had before: what follows there is gone.
    redis.cli("SET", f"{{{CITY}}}g{old}:pos", place)
    wait_for(lambda: a.pump(0) or redis.cli("GET", f"{{{CITY}}}gen") != old, what="a rebuild")
    verified(a)
    assert "does not lead on" in a.errors.decode()


def test_a_board_of_another_ledger_is_rebuilt(town, redis, appliers):
    a = appliers()
    old = wait_for_board(redis, a)
    verified(a)
    ahead, *_, seq = redis.cli("GET", f"{{{CITY}}}g{old}:pos").split()
    redis.cli("SET", f"{{{CITY}}}g{old}:pos", f"{int(ahead) + 10**9} 0 {seq}")
    wait_for(lambda: a.pump(0) or redis.cli("GET", f"{{{CITY}}}gen") != old, what="a rebuild")
    town.psql(f"UPDATE ledger.seeker SET version = version + 1, rank = 6 WHERE city = {CITY}")
    verified(a)


def test_an_end_in_the_middle_of_everything_is_orderly(town, redis, appliers):
    wait_for_board(redis, appliers())
    writers = Writers(town.dsn, seed=3)
    try:
        for looks in range(6):
            a = appliers()
            a.send("verify")
            a.send("rebuild")
            for _ in range(looks):
                a.pump(0.05)
            a.close()  # its end, and what its sanitizer found lost
    finally:
        writers.end()


def test_a_flushed_redis_is_filled_again_while_writes_go_on(town, redis, appliers):
    a = appliers()
    wait_for_board(redis, a)
    writers = Writers(town.dsn, seed=1)
    try:
        for _ in range(3):
            before = writers.written
            redis.cli("FLUSHALL")
            wait_for_board(redis, a)
            wait_for(lambda: writers.written > before, what="writes went on")
    finally:
        writers.end()
    assert not writers.failed, writers.failed[:2]
    verified(a)


def test_redis_and_postgres_die_and_the_applier_goes_on(town, redis, appliers):
    a = appliers()
    wait_for_board(redis, a)
    redis.kill()
    town.psql(f"UPDATE ledger.seeker SET version = version + 1, rank = 1 WHERE city = {CITY}")
    redis.start()
    wait_for_board(redis, a)
    town.kill()
    town.start()
    town.psql(f"UPDATE ledger.seeker SET version = version + 1, rank = 2 WHERE city = {CITY}")

    def quiet():
        word, *rest = a.ask("verify", seconds=60)
        return word == "verified" and rest[2] == "0"

    wait_for(quiet, what="verify finds no difference")


@pytest.mark.parametrize("seed", [1, 2])
def test_two_appliers_killed_at_random_leave_no_difference(town, redis, appliers, seed):
    rng = random.Random(seed)
    writers = Writers(town.dsn, seed)
    pair = [appliers(), appliers()]
    kills = 0
    try:
        end = time.monotonic() + 12
        while time.monotonic() < end:
            victim = rng.randrange(2)
            # Let it live for a random number of looks at its pipe.
            for _ in range(rng.randrange(1, 12)):
                pair[victim].pump(0.05)
                pair[1 - victim].pump(0)
            pair[victim].kill()
            kills += 1
            pair[victim] = appliers()
            if rng.random() < 0.15:
                redis.cli("FLUSHALL")
            if rng.random() < 0.15:
                redis.kill()
                redis.start()
    finally:
        writers.end()
    assert not writers.failed, writers.failed[:2]
    assert kills > 10
    wait_for_board(redis, pair[0])

    def same():
        word, *rest = pair[0].ask("verify", seconds=60)
        assert word != "verified" or rest[2] == "0", " ".join(rest)
        return word == "verified"

    wait_for(same, seconds=60, what="verify")
    assert int(town.psql("SELECT count(*) FROM ops.outbox")) > 5000, "there was something to lose"
