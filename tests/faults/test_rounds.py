"""Seeded rounds: clients work, harm is done, and afterwards every promise has held by the clients' own logs.

VACANCYD_SEED=n begins with round n, VACANCYD_ROUNDS says how many; a failure names its seed.
"""

import csv
import os
import random

import pytest
from afterwards import Look
from checker import judge
from clients import Agency, Bureau, Employer, Reader, Round, Shower
from harness import LONG, SOURCE
from harness.drawn_city import organisation_code
from harness.trade import Trade
from harness.wait import wait_for
from history import History
from installation import KINDS, NEED_A_DISK, Harm, Installation

FIRST = int(os.environ.get("VACANCYD_SEED") or random.SystemRandom().randrange(10 ** 6))
ROUNDS = int(os.environ.get("VACANCYD_ROUNDS") or (400 if LONG else 20))
STEPS, EMPLOYERS, BUREAUS = 12, 3, 3
HARM_S = 3  # of one that lasts


@pytest.fixture(scope="module")
def town():
    made = Installation()
    try:
        Trade(made.daemon).licence()
        yield made
    finally:
        made.remove()


def occupations():
    """One of each minor group, none that takes a licence."""
    data = SOURCE / "config" / "data"
    with open(data / "licences.tsv", encoding="utf-8") as table:
        licensed = {r["group"] for r in csv.DictReader(table, delimiter="\t")}
    with open(data / "occupations_csco2022.tsv", encoding="utf-8") as table:
        codes = [r["code"] for r in csv.DictReader(table, delimiter="\t") if r["level"] == "4"]
    groups = {c[:7]: c for c in codes if c[:7] not in licensed and c[0] in "456"}
    return sorted(groups.values())


OCCUPATIONS = occupations()


def harms(dice, seed):
    """One of each in as many rounds as there are kinds; sometimes another after it."""
    return [KINDS[seed % len(KINDS)]] + [dice.choice(KINDS) for _ in range(dice.choice((0, 0, 1)))]


def begin(town, history, seed):
    """Employers with a key."""
    shared = Round(town, history, seed, OCCUPATIONS[seed % len(OCCUPATIONS)])
    codes = [organisation_code(20000000 + seed % 1000000 * EMPLOYERS + n) for n in range(EMPLOYERS)]
    key = town.daemon.new_key(role="employer", org_code=codes[0], org_name="测试企业", employers=codes[1:])
    town.daemon.keys.update(dict.fromkeys(codes, key))
    return shared, codes


def work(shared, codes, dice, doing, people):
    def one(kind, *more, steps=STEPS):
        return kind(shared, random.Random(dice.random()), steps, *more)
    clients = [one(Shower, codes[0], people), *(one(Employer, code) for code in codes[1:]),
               *(one(Bureau, people + 1 + STEPS * n) for n in range(BUREAUS)), one(Agency), one(Reader)]
    history = shared.history
    history.note(at_work=len(clients))
    for c in clients:
        c.start()
    try:
        history.wait_ended(dice.randint(15, 60), 20)
        for name in doing:
            n = dice.randint(5, 40)
            getattr(Harm(shared.town, dice, lambda n=n: history.wait_ended(n, HARM_S)), name)()
            history.wait_ended(dice.randint(1, 20), HARM_S)
        shared.town.heal()
    finally:
        shared.goes_on.set()
        for c in clients:
            c.join(60)
        shared.over.set()
        for c in clients:
            c.join(10)
    for c in clients:
        assert not c.is_alive(), c
        if c.failure:
            raise c.failure
    return clients


def ask_again(client, history, dice):
    """All that was answered is answered the same; what was not is asked again, or never."""
    for w in history.wishes:
        if w.is_keyed and (w.final or dice.random() < 0.7):
            wait_for(lambda w=w: client.attempt(w, w.again if w.final else w.attempts).is_final, 20, w)


@pytest.mark.parametrize("n", range(ROUNDS))
def test_every_promise_held(town, n):
    seed = FIRST + n
    print(f"VACANCYD_SEED={seed} VACANCYD_ROUNDS=1 does this round again")
    dice = random.Random(seed)
    doing = harms(dice, seed)
    for name in doing:
        if name in NEED_A_DISK and not town.state.is_small:
            pytest.skip(f"{name}: nothing can be mounted here")
    town.heal()
    history = History(f"round{seed}")
    shared, codes = begin(town, history, seed)
    clients = work(shared, codes, dice, doing, n * (1 + BUREAUS * STEPS))
    ask_again(clients[0], history, dice)
    wrong = judge(history, Look(town, history).read())
    town.daemon.check_log()
    assert not wrong, f"round {seed} ({', '.join(doing)}):\n" + "\n".join(wrong)
