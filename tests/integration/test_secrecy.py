"""The order must not tell the rank: on a sample city an agency gathers all lists, explanations and
files, and tries a thousand referrals; no heuristic guesses P1, P2 or P3 of people with priority
better than who always guesses the most frequent of the three, by more than two points.  The same
heuristics on a bureau's lists find it, so that they could.

VACANCYD_LONG=1 takes a city five times as large.
"""

import os
import subprocess
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from random import Random
from time import monotonic
from urllib.parse import quote

import pytest

from guessing import HEURISTICS, Seen, base_rate, guess_by, guess_by_all, parts
from harness import LONG, SOURCE
from harness.daemon import binary
from harness.trade import Trade
from harness.wait import wait_for

PEOPLE = 30000 if LONG else 6000
TRIES = 1000
AGENCY = "测试职业介绍所"


class City(Trade):
    def __init__(self, daemon, folder):
        super().__init__(daemon)
        self.agency = daemon.keys["agency"]
        subprocess.run([binary("city"), "--data", SOURCE / "config" / "data", "--out", folder,
                        "--seed", "7", "--people", str(PEOPLE)], check=True, capture_output=True)
        # A household names its members' requests: it is sent with them.
        with open(folder / "seekers.ndjson", "a", encoding="utf-8") as people:
            people.write((folder / "households.ndjson").read_text(encoding="utf-8"))
        for name in ("employers", "posts", "returns", "seekers"):
            done = subprocess.run(
                [binary("vacancyctl"), "--url", daemon.url, "batch", "--concurrency", "32",
                 folder / f"{name}.ndjson"], capture_output=True, text=True, env={
                     **os.environ, "VACANCYD_KEY": self.bureau,
                     "VACANCYD_ACTOR": daemon.actors[self.bureau]})
            assert "failed=0" in done.stdout, done.stdout[-500:] + done.stderr[-500:]
        self.must(201, "PUT", f"/v1/agencies/{quote(AGENCY)}", {
            "licence": "2006-017", "district": "410105", "services": ["introduction"],
            "from": "2006-01-01", "until": "2007-12-31"})
        self.vacancies = self.rows("SELECT id FROM ledger.vacancy WHERE open ORDER BY id")
        self.truth = dict(line.split("|") for line in self.rows(
            "SELECT ledger.seeker_text(id) || '|' || rank FROM ledger.seeker WHERE rank <= 3 AND active"))
        last = self.rows("SELECT ledger.seeker_text(id) FROM ledger.seeker WHERE rank <= 3 AND active "
                         "ORDER BY id DESC LIMIT 1")[0]
        wait_for(lambda: self.call("GET", f"/v1/seekers/{last}/matches").status == 200, 30, "the mirror")

    def rows(self, sql):
        return self.daemon.postgres.psql(sql).split()

    def all(self, ask, things):
        with ThreadPoolExecutor(8) as pool:
            return list(pool.map(ask, things))

    def lists(self, key):
        """Every vacancy's list; of a bureau's no more is kept than what an agency has."""
        def ask(vacancy):
            items = self.must(200, "GET", f"/v1/vacancies/{vacancy}/matches?k=100", key=key)["items"]
            for i in items:
                i["priority"] = i.get("priority", i.pop("rank", "P6") <= "P3")
            return items
        return self.all(ask, self.vacancies)


@pytest.fixture(scope="module")
def city(shared_daemon, tmp_path_factory):
    return City(shared_daemon, tmp_path_factory.mktemp("city"))


@pytest.fixture(scope="module")
def shown(city):
    return city.lists(city.agency)


@pytest.fixture(scope="module")
def statutory(city):
    return city.lists(city.bureau)


def met(truth, seen):
    """Those who are in some list."""
    return {who: truth[who] for who in seen.people}


def no_better(found, base):
    for name, share in found.items():
        print(f"{name:>16} {100 * share:5.1f} %, base rate {100 * base:.1f} %")
    for name, share in found.items():
        assert share <= base + 0.02, (name, share, base)


def test_heuristics_find_the_rank_in_the_statutory_order(city, statutory):
    seen = Seen(statutory)
    truth = met(city.truth, seen)
    found = {h.__name__: guess_by(parts(h(seen)), truth) for h in HEURISTICS}
    print(base_rate(truth), found)
    assert base_rate(truth) < 0.8
    assert found["inversions"] > 0.9 and found["position"] > base_rate(truth) + 0.1
    assert guess_by_all([parts(h(seen)) for h in HEURISTICS], truth) > 0.9


def test_no_heuristic_finds_it_in_what_an_agency_is_shown(city, shown):
    seen = Seen(shown)
    assert sum(map(len, seen.lists)) > 10000
    truth = met(city.truth, seen)
    signs = {h.__name__: parts(h(seen)) for h in HEURISTICS}
    found = {name: guess_by(s, truth) for name, s in signs.items()}
    found["all together"] = guess_by_all(list(signs.values()), truth)
    no_better(found, base_rate(truth))


def test_nor_in_explanations_and_files(city, shown):
    """Of everybody one pair, in which they stand in a list; and what else an agency is told."""
    truth = met(city.truth, Seen(shown))
    pair = {}
    for vacancy, items in zip(city.vacancies, shown):
        for i in items:
            if i["seeker"] in truth and (i["seeker"] not in pair or len(items) < pair[i["seeker"]][2]):
                pair[i["seeker"]] = vacancy, i, len(items)

    def ask(who):
        vacancy, item, _ = pair[who]
        explained = city.call("GET", f"/v1/seekers/{who}/matches/{vacancy}", key=city.agency)
        file = city.call("GET", f"/v1/seekers/{who}", key=city.agency)
        posts = city.must(200, "GET", f"/v1/seekers/{who}/matches?k=100", key=city.agency)["items"]
        assert explained.status == file.status == 200
        told = explained.json["positions"]["among_seekers"]
        assert told["by_order"] == item["position"]
        guess = {"seeker_version": 1, "vacancy_version": 1, "priority": True}
        tried = city.call("POST", "/v1/referrals", {"seeker": who, "vacancy": vacancy,
                                                    "decided_on": guess}, key=city.agency)
        assert tried.json["type"] == "/problems/changed-since"
        return {
            "by score": float(told["by_order"] - told["by_score"]),
            "length of the explanation": float(len(explained.body)),
            "length of the file": float(len(file.body)),
            "age": file.json["age_band"],
            "state": file.json["state"],
            "version": (file.json["version"] <= 3, file.headers["etag"] in ('"1"', '"2"', '"3"')),
            "changed": str(tried.json["changed"]),
            "reserved posts": sum(p["reserved"] for p in posts) // 5,
            "posts shown": float(len(posts)),
        }

    found = dict(zip(truth, city.all(ask, truth)))
    signs = {name: parts({who: f[name] for who, f in found.items()}) for name in
             next(iter(found.values()))}
    guesses = {name: guess_by(s, truth) for name, s in signs.items()}
    guesses["all together"] = guess_by_all(list(signs.values()), truth)
    no_better(guesses, base_rate(truth))


def tries_of(city, lists, key, n_tries, first_reason):
    """Tried referrals, of people with priority to vacancies in whose lists they are: what came of
    each, with and without a reason.  What goes through is withdrawn as a mistake."""
    wanted = [(v, i, n, sum(x["priority"] and x["fit"] for x in items))
              for v, items in zip(city.vacancies, lists)
              for n, i in enumerate(i for i in items if i["priority"] and i["fit"])
              if i["seeker"] in city.truth]
    wanted = Random(5).sample(wanted, min(n_tries, len(wanted)))

    def tried(body):
        begin = monotonic()
        answer = city.call("POST", "/v1/referrals", body, key=key)
        answer.ms = 1000 * (monotonic() - begin)
        assert answer.status in (201, 409), answer
        if answer.status == 201:
            city.must(200, "POST", f"/v1/referrals/{answer.json['referral']}/withdraw",
                      {"reason": "mistake"}, key=key)
        return answer

    def at_vacancy(tries):
        """One after the other, since a live referral takes a post."""
        heard = []
        for vacancy, item, place, n in tries:
            body = {"seeker": item["seeker"], "vacancy": vacancy}
            answers = [tried(body)]
            if first_reason:
                answers += [tried({**body, "passing_reason": r}) for r in ("list_order", "unreachable")]
            people = answers[0].json.get("people", ())
            heard.append((item["seeker"], {
                "outcomes": tuple(a.json.get("type", "through") for a in answers),
                "named": len(people), "place": place, "of": min(n, 4),
                "length": tuple(len(a.body) // 4 for a in answers[:1]), "ms": answers[-1].ms}))
            heard += [(p["seeker"], {"outcomes": "named", "named": 0, "length": 0, "place": 0, "of": 0,
                                     "ms": 0.0}) for p in people]
        return heard

    by_vacancy = defaultdict(list)
    for one in wanted:
        by_vacancy[one[0]].append(one)
    found = defaultdict(list)
    for heard in city.all(at_vacancy, by_vacancy.values()):
        for who, what in heard:
            found[who].append(what)
    return found


def signs_of(found):
    """What came of somebody's tries, by each of what was seen."""
    return {
        "outcomes": {who: max(str(t["outcomes"]) for t in tries) for who, tries in found.items()},
        "by how many": {who: str((tries[0]["outcomes"], tries[0]["of"])) for who, tries in found.items()},
        "the first": {who: str((tries[0]["outcomes"], tries[0]["place"] == 0))
                      for who, tries in found.items()},
        "named": {who: any(t["outcomes"] == "named" for t in tries) for who, tries in found.items()},
        "how many named": {who: str(tries[0]["named"]) for who, tries in found.items()},
        "length": {who: str(tries[0]["length"]) for who, tries in found.items()},
        "time": parts({who: tries[0]["ms"] for who, tries in found.items()}),
    }


def test_nor_by_a_thousand_tried_referrals(city, shown, statutory):
    found = tries_of(city, shown, city.agency, TRIES, True)
    truth = {who: city.truth[who] for who in found}
    signs = signs_of(found)
    guesses = {name: guess_by(s, truth) for name, s in signs.items()}
    guesses["all together"] = guess_by_all(list(signs.values()), truth)
    no_better(guesses, base_rate(truth))
    # What a bureau is told names those before.
    found = tries_of(city, statutory, city.bureau, TRIES, False)
    truth = {who: city.truth[who] for who, tries in found.items()
             if any(t["outcomes"] != "named" for t in tries)}
    guesses = {name: guess_by(s, truth) for name, s in signs_of(found).items()}
    print(base_rate(truth), guesses)
    assert max(guesses.values()) > base_rate(truth) + 0.1
