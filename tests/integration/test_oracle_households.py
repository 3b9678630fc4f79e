"""A year of families day by day: states, lines of the predicate, ranks and T10 as the oracle has them.

VACANCYD_SEED: which year; with VACANCYD_LONG several, of more families.  The first day that differs
is shown line by line, with what was said of its people.
"""

import os
import random
from collections import Counter

import pytest
from harness import LONG
from harness.played_year import PlayedYear, day_of
from oracle import counts, households, ranks, waiting
from oracle.days import DAY

SEED = int(os.environ.get("VACANCYD_SEED", "1"))
DAYS, FAMILIES = 366, 40 if LONG else 20
WITHIN = 60  # days in which a rank or an age class may change by itself
PAST = 2000 if LONG else 150  # households and files asked for as of a day gone by


class Compared:
    """What the daemon says, beside what the oracle means, until the first difference."""

    def __init__(self, year):
        self.year, self.town, self.r = year, year.town, year.registers
        self.seen, self.before = Counter(), {}

    def households(self, day, all_of_them):
        """The list and T10 every day; one by one those that have changed, and now and then all."""
        r = self.r
        meant = {h["id"]: self.meant(h, day) for h in r.household}
        said = self.listed()
        for home in r.household:
            mine = {k: meant[home["id"]][k] for k in ("state", "to_verify")}
            if said.pop(home["id"]) != mine:
                self.household(home, day, meant[home["id"]])
                self.different(home, day, "the list", mine)
            if all_of_them or meant[home["id"]] != self.before.get(home["id"]):
                self.household(home, day, meant[home["id"]])
            self.seen[mine["state"]] += 1
            self.seen["to verify"] += mine["to_verify"]
        assert not said
        if all_of_them or meant != self.before:
            self.t10(day)
        self.before = meant

    def listed(self):
        found, path = {}, "/v1/households?limit=100"
        while path:
            page = self.town.must(200, "GET", path)
            for item in page["items"]:
                found[item["household"]] = {k: item[k] for k in ("state", "to_verify")}
            path = page["next"] and f"/v1/households?limit=100&cursor={page['next']}"
        return found

    def t10(self, day):
        said = {t["unit"]: t["achieved"] for t in self.town.must(
            200, "GET", f"/v1/progress?year={day.year}&as_of={day}")["targets"] if t["target"] == "T10"}
        meant = counts.open_households(self.r, day)
        assert {u: n for u, n in said.items() if n and u != "city"} == meant, day
        assert said["city"] == sum(meant.values()), day

    def meant(self, home, day):
        r, lines = self.r, households.lines(self.r, home, day)
        return {"state": households.state(r, home, day), "to_verify": households.to_verify(r, home, day),
                "members": {who: (ranks.rank(r, who, day)[0], fails, households.reported(r, who, day))
                            for who, fails in lines.items()}}

    def household(self, home, day, meant, as_of=False):
        answer = self.town.must(200, "GET", f"/v1/households/{home['id']}"
                                + (f"?as_of={day}" if as_of else ""))
        said = {"state": answer["state"], "to_verify": answer["to_verify"],
                "members": {self.year.who[m["seeker"]]: (m["rank"], m["fails"], m["reported"])
                            for m in answer["members"]}}
        self.seen["asked"] += 1
        for _, fails, reported in meant["members"].values():
            self.seen[fails or "holds"] += 1
            self.seen["reported"] += reported is not None
        if said != meant:
            self.different(home, day, said, meant)

    def file(self, who, day):
        answer = self.town.file_of(self.year.key[who])
        rank, reason = ranks.rank(self.r, who, day)
        said = {k: answer[k] for k in ("rank", "rank_reason", "age_class", "state")}
        meant = {"rank": rank, "rank_reason": reason, "age_class": ranks.age_class(self.r, who, day),
                 "state": self.r.seeking(who, day)}
        self.seen[reason] += 1
        if meant["state"] != "placed":
            said["waits"], meant["waits"] = answer["waiting_since"], str(waiting.since(self.r, who, day))
            self.seen["waits", len(self.r.registrations(who)), len(self.r.absences(who)) > 0] += 1
        # Nothing is said of a change that lies farther off than we look.
        last, until = str(day + WITHIN * DAY), answer["class_until"]
        said["until"] = until if until and until <= last else None
        meant["until"] = (lambda d: d and str(d))(ranks.until(self.r, who, day, WITHIN))
        self.seen["until"] += meant["until"] is not None
        if said != meant:
            print(f"{who} on {day}\n  daemon: {said}\n  oracle: {meant}")
            self.show([who])
            pytest.fail(f"the file of {who} on {day}")

    def different(self, home, day, said, meant):
        print(f"household {home['id']} on {day}\n  daemon: {said}\n  oracle: {meant}")
        self.show({m["person"] for m in self.r.of("household_member", home["id"], "household")})
        pytest.fail(f"household {home['id']} on {day}")

    def show(self, people):
        for line in self.year.history(*people):
            print("   ", *line)


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
                compared.show([who for who, key in year.key.items() if key in str(fault)])
            assert not year.faults
        compared.households(year.day, all_of_them=n % 30 == 29)
        if n % 2:
            compared.file(dice.choice(sorted(year.key)), year.day)
    for _ in range(PAST):
        home, day = dice.choice(year.registers.household), day_of(dice.randrange(DAYS))
        if home["applied_on"] <= day:
            meant = compared.meant(home, day)
            compared.household(home, day, meant, as_of=True)
    print(dict(compared.seen), dict(year.done))
    assert {x for x in ("open", "helped", "ended", "to verify", "holds", "employed", "until", "reported",
                        "not-registered-unemployed") if not compared.seen[x]} == set()
