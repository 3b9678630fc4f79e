"""Every list of a drawn city, both ways, and the explanations of pairs, as the oracle has them by the rules.

VACANCYD_SEED: which city; with VACANCYD_LONG several.
"""

import os
import random

import pytest
from harness import LONG
from harness.drawn_city import DrawnCity, TODAY
from oracle import ranks
from oracle.matching import Matching

SEED = int(os.environ.get("VACANCYD_SEED", "20071011"))
SAID = ("score", "fit", "widened", "components")


class Asked:
    """The city's questions, each answered twice; what differs is kept."""

    def __init__(self, city, dice):
        self.city, self.dice, self.rules = city, dice, Matching(TODAY)
        self.vacancies = [{**v, "open": not city.is_over(v)} for v in city.vacancies.values()]
        self.seekers = [{**s, "rank": ranks.rank(city.registers, s["who"], TODAY)[0]}
                        for s in city.seekers.values()]
        self.lists = self.items = self.widened = self.pairs = self.eligible = self.shuffled = 0
        self.wrong = []

    def get(self, path):
        return self.city.trade.must(200, "GET", path)

    def busy(self):
        """People with three live referrals, in a vacancy where nobody with priority is passed over."""
        made = 0
        for s in self.seekers:
            first = []
            for v in self.vacancies:
                everybody = self.rules.all_seekers(v, self.seekers) if v["open"] and not \
                    self.rules.failed(s, v) and not s["busy"] else []
                ahead = [m for m in everybody if m["fit"] and m["seeker"]["rank"] in ("P1", "P2")]
                if everybody and (not ahead or ahead[0]["seeker"] is s):
                    first.append(v)
                    if len(first) == 3:
                        self.city.refer(s, first)
                        made += 1
                        break
            if made == 5:
                return
        assert made == 5

    def compare(self, path, everybody, side, name):
        for k in (100, self.dice.choice([1, 2, 7, 20])):
            answer = self.get(f"{path}?k={k}")
            mine, theirs = Matching.shown(everybody, k), answer["items"]
            self.lists, self.items = self.lists + 1, self.items + len(theirs)
            self.widened += any(m["widened"] for m in mine)
            if answer["busy"] != sum(s["busy"] for s in self.seekers):
                self.wrong.append((path, "busy", answer["busy"]))
            if [i[side] for i in theirs] != [name(m[side]) for m in mine]:
                self.wrong.append((path, k, [i[side] for i in theirs], [name(m[side]) for m in mine]))
            for n, (item, m) in enumerate(zip(theirs, mine)):
                said = {key: item[key] for key in SAID}
                meant = {key: m[key] for key in SAID}
                if side == "seeker":
                    said["rank"], meant["rank"] = item["rank"], m["seeker"]["rank"]
                    said["since"], meant["since"] = item["waiting_since"], str(m["seeker"]["waiting_since"])
                if said != meant or item["position"] != n + 1:
                    self.wrong.append((path, k, n, said, meant, m["seeker"], m["vacancy"]))

    def compare_lists(self):
        for v in self.vacancies:
            self.compare(f"/v1/vacancies/{v['id']}/matches", self.rules.all_seekers(v, self.seekers),
                         "seeker", lambda s: s["key"])
            if v["open"]:
                self.compare_unranked(v)
        for s in self.seekers:
            self.compare(f"/v1/seekers/{s['key']}/matches",
                         self.rules.all_vacancies(s, self.vacancies), "vacancy", lambda v: str(v["id"]))

    def compare_unranked(self, v):
        """What an agency is shown: the second order, in it any order of those who stand alike."""
        path, order = f"/v1/vacancies/{v['id']}/matches", self.rules.among_seekers_unranked
        agency = self.city.daemon.keys["agency"]
        everybody = self.rules.all_seekers(v, self.seekers, order)
        mine, whole = {m["seeker"]["key"]: m for m in everybody}, []
        for k in (100, 7):
            theirs = self.city.trade.must(200, "GET", f"{path}?k={k}", key=agency)["items"]
            shown = Matching.shown(everybody, k)
            found = [mine.get(i["seeker"]) for i in theirs]
            said = [(i["priority"], *(i[key] for key in SAID)) for i in theirs]
            meant = [m and (m["seeker"]["rank"] in ("P1", "P2", "P3"), *(m[key] for key in SAID))
                     for m in found]
            whole = whole or [i["seeker"] for i in theirs]
            if (said != meant or [m and order(m) for m in found] != [order(m) for m in shown]
                    or len({i["seeker"] for i in theirs}) != len(theirs)
                    or [i["seeker"] for i in theirs] != whole[:len(theirs)]
                    or any({"rank", "waiting_since"} & set(i) for i in theirs)):
                self.wrong.append((path, k, *[(n, *x) for n, x in enumerate(zip(
                    said, meant, [m and order(m) for m in found], [order(m) for m in shown]))
                    if x[0] != x[1] or x[2] != x[3]][:2], v))
            self.shuffled += len({order(m) for m in shown}) < len(shown)
        if not theirs:
            return
        # A place in the list is the place that the explanation gives.
        n = self.dice.randrange(len(theirs))
        pair = self.city.trade.must(200, "GET", f"/v1/seekers/{theirs[n]['seeker']}/matches/{v['id']}",
                                    key=agency)["positions"]["among_seekers"]
        scores = [m["score"] for m in everybody]
        if pair != {"by_order": n + 1, "by_score": 1 + sum(x > theirs[n]["score"] for x in scores)}:
            self.wrong.append((path, n, theirs[n], pair))

    def compare_pairs(self, n):
        for _ in range(n):
            s, v = self.dice.choice(self.seekers), self.dice.choice(self.vacancies)
            path = f"/v1/seekers/{s['key']}/matches/{v['id']}"
            answer = self.get(path)
            failed = self.rules.failed(s, v)
            said = (answer["eligible"], [f["rule"] for f in answer["failed"]], answer["busy"])
            meant = (not failed, failed, s["busy"])
            if not failed:
                people = self.rules.all_seekers(v, self.seekers)
                posts = self.rules.all_vacancies(s, self.vacancies)
                pair = self.rules.pair(s, v)
                said += tuple(answer.get(key) for key in SAID) + (answer["positions"],)
                meant += tuple(pair[key] for key in SAID) + ({
                    "among_seekers": Matching.positions(people, pair),
                    "among_vacancies": Matching.positions(posts, pair)},)
                self.eligible += 1
            self.pairs += 1
            if said != meant:
                self.wrong.append((path, said, meant, s, v))


@pytest.mark.parametrize("seed", range(SEED, SEED + (5 if LONG else 1)))
def test_every_list_and_pair_is_what_the_rules_say(daemon, seed):
    dice = random.Random(seed)
    asked = Asked(DrawnCity(daemon, dice), dice)
    asked.busy()
    asked.compare_lists()
    asked.compare_pairs(600)
    print({k: v for k, v in vars(asked).items() if isinstance(v, int)}, len(asked.wrong), "wrong")
    for one in asked.wrong[:6]:
        print(one)
    assert len(asked.wrong) == 0
    assert asked.items > 20000 and asked.widened > 100 and asked.eligible > 50 and asked.shuffled > 50
    assert {s["rank"] for s in asked.seekers} == {f"P{n}" for n in range(1, 7)}
