"""A year of families day by day: states, lines of the predicate, ranks and T10 as the oracle has them.

VACANCYD_SEED: which year; with VACANCYD_LONG several, of more families.  The first day that differs
is shown line by line, with what was said of its people.
"""

import os
import random
from collections import Counter
from datetime import timedelta

import pytest
from harness import LONG
from harness.played_year import PlayedYear, day_of
from oracle import households, ranks

SEED = int(os.environ.get("VACANCYD_SEED", "1"))
DAYS, FAMILIES = 366, 40 if LONG else 20


class Compared:
    def __init__(self, year):
        self.year, self.town, self.r = year, year.town, year.registers
        self.seen, self.asked = Counter(), 0

    def meant(self, home, day):
        r = self.r
        lines = households.lines(r, home, day)
        return {"state": households.state(r, home, day), "to_verify": households.to_verify(r, home, day),
                "members": {who: (ranks.rank(r, who, day)[0], fails, self.reported(who))
                            for who, fails in lines.items()}}

    def reported(self, who):
        """A placement that nobody has registered yet."""
        found = [p["id"] for p in self.r.of("placement", who, "seeker") if p["state"] == "reported"
                 and not p["ended_on"]]
        return found[0] if found else None

    def household(self, home, day, as_of=False):
        answer = self.town.must(200, "GET", f"/v1/households/{home['id']}"
                                + (f"?as_of={day}" if as_of else ""))
        said = {"state": answer["state"], "to_verify": answer["to_verify"],
                "members": {self.year.who[m["seeker"]]: (m["rank"], m["fails"], m["reported"])
                            for m in answer["members"]}}
        self.asked += 1
        self.same(home, day, said, self.meant(home, day))

    def same(self, home, day, said, meant):
        if said == meant:
            return
        print(f"household {home['id']} on {day}\n  daemon: {said}\n  oracle: {meant}")
        self.show(m["person"] for m in self.r.of("household_member", home["id"], "household"))
        pytest.fail(f"household {home['id']} on {day}")

    def show(self, people):
        for line in self.year.history(*people):
            print("   ", *line)

    def day(self, day):
        for home in self.r.household:
            self.household(home, day)


@pytest.mark.parametrize("seed", range(SEED, SEED + (10 if LONG else 1)))
def test_a_year_of_families(daemon, postgres, seed):
    dice = random.Random(seed)
    year = PlayedYear(daemon, postgres, dice, FAMILIES)
    compared = Compared(year)
    for n in range(DAYS):
        year.day = day_of(n)
        if n:
            answer = daemon.admin("POST", "/clock", {"now": f"{year.day}T10:00:00+08:00"}, timeout=120)
            assert answer.status == 200, answer
        for _ in range(dice.choice([0, 1, 2, 4])):
            year.happen()
            for fault in year.faults:
                print(*fault)
                compared.show(who for who, key in year.key.items() if key in str(fault))
            assert not year.faults
        compared.day(year.day)
    print(compared.asked, compared.seen)
