"""An agency that would like to know: what it can see and try of people with priority, and how well
their rank is guessed from it.

Each heuristic makes one sign of every person out of what was seen.  What a sign means is learned
from half of the people, whose ranks the guesser is simply told, and tried on the other half, both
ways round: nobody who has to find that out alone can do better with the same sign.  It shares
nothing with the matcher: bands are 25 points of the score, as rules/order says.
"""

from collections import Counter, defaultdict
from math import exp, log
from random import Random
from statistics import mean

BAND = 25
PARTS = 10
FOLDS = 5


class Seen:
    """The lists of vacancies as an agency has them: of each, those who fit and have priority, in
    order."""

    def __init__(self, lists):
        self.lists = [[i for i in items if i["priority"] and i["fit"] and not i["widened"]]
                      for items in lists]
        self.people = sorted({i["seeker"] for items in self.lists for i in items})

    def of_each(self, values):
        """values(list) gives (seeker, number) pairs; the mean of each person's."""
        found = defaultdict(list)
        for items in self.lists:
            for who, value in values(items):
                found[who].append(value)
        return {who: mean(v) for who, v in found.items()}


def position(seen):
    """How far down among those with priority somebody mostly stands."""
    return seen.of_each(lambda items: [(i["seeker"], n / (len(items) - 1))
                                       for n, i in enumerate(items)] if len(items) > 1 else ())


def place_in_band(seen):
    """The same among those of one band, which is by waiting time."""
    def values(items):
        bands = defaultdict(list)
        for i in items:
            bands[i["score"] // BAND].append(i["seeker"])
        for people in bands.values():
            for n, who in enumerate(people):
                if len(people) > 1:
                    yield who, n / (len(people) - 1)
    return seen.of_each(values)


def out_of_place(seen):
    """How far from where the band alone would put them."""
    def values(items):
        by_band = sorted(items, key=lambda i: -(i["score"] // BAND))
        at = {i["seeker"]: n for n, i in enumerate(by_band)}
        return [(i["seeker"], (n - at[i["seeker"]]) / len(items)) for n, i in enumerate(items)]
    return seen.of_each(values)


def inversions(seen):
    """Who stands before somebody of a better band is of a better rank: so many ranks are above and
    below each, at least, along such pairs of all lists."""
    better = defaultdict(set)
    for items in seen.lists:
        least = []  # the people of the worst bands so far
        for i in items:
            band = i["score"] // BAND
            for before, who in least:
                if before < band:
                    better[who].add(i["seeker"])
            if not least or band < least[-1][0]:
                least.append((band, i["seeker"]))
    below = defaultdict(int)
    for _ in range(2):
        for who, others in better.items():
            below[who] = max(below[who], *(1 + below[o] for o in others))
    above = defaultdict(int)
    for _ in range(2):
        for who, others in better.items():
            for o in others:
                above[o] = max(above[o], 1 + above[who])
    return {who: (min(above[who], 2), min(below[who], 2)) for who in seen.people}


def pairs_lost(seen):
    """Of the pairs with somebody of a better band, how many are won; of a worse one, lost."""
    def values(items):
        bands = [i["score"] // BAND for i in items]
        for n, i in enumerate(items):
            won = sum(b > bands[n] for b in bands[n + 1:])
            lost = sum(b < bands[n] for b in bands[:n])
            yield i["seeker"], (won - lost) / len(items)
    return seen.of_each(values)


def waits(seen):
    """Who waits longest, along all pairs of neighbours in a band, as players are ranked by games."""
    games = []
    for items in seen.lists:
        bands = defaultdict(list)
        for i in items:
            bands[i["score"] // BAND].append(i["seeker"])
        games += [pair for people in bands.values() for pair in zip(people, people[1:])]
    strength, order = defaultdict(float), Random(1)
    for _ in range(20):
        order.shuffle(games)
        for one, other in games:
            won = 0.3 / (1 + exp(strength[one] - strength[other]))
            strength[one] += won
            strength[other] -= won
    ranked = sorted(seen.people, key=lambda who: -strength[who])
    # The longest are told apart most finely.
    return {who: min(int(log(n + 1) * 2), 12) for n, who in enumerate(ranked)}


def first_of_all(seen):
    """How often somebody leads a list, for how often they are in one."""
    return seen.of_each(lambda items: [(i["seeker"], float(n == 0)) for n, i in enumerate(items)])


HEURISTICS = [position, place_in_band, out_of_place, inversions, pairs_lost, waits, first_of_all]


def parts(values):
    """Numbers by tenths of their range as they are spread; other signs as they are."""
    if not all(isinstance(v, float) for v in values.values()):
        return values
    ranked = sorted(values.values())
    bounds = sorted({ranked[len(ranked) * n // PARTS] for n in range(1, PARTS)})
    return {who: sum(v >= b for b in bounds) for who, v in values.items()}


def halves(truth):
    people = sorted(truth)  # pseudonyms are random
    return people[::2], people[1::2]


def guess_by(signs, truth):
    """The share of people whose rank is guessed right, who have a sign or none."""
    right = 0
    for learned, tried in (halves(truth), halves(truth)[::-1]):
        common = Counter(truth[w] for w in learned).most_common(1)[0][0]
        means = defaultdict(Counter)
        for who in learned:
            means[signs.get(who)][truth[who]] += 1
        best = {s: c.most_common(1)[0][0] for s, c in means.items()}
        right += sum(best.get(signs.get(who), common) == truth[who] for who in tried)
    return right / len(truth)


def guesses_by(signs, truth, learned, tried):
    """The ranks of the tried by these signs at once, as if they were independent."""
    ranks = Counter(truth[w] for w in learned)
    counts = [defaultdict(Counter) for _ in signs]
    for who in learned:
        for n, sign in enumerate(signs):
            counts[n][sign.get(who)][truth[who]] += 1

    def likely(who, rank):
        return log(ranks[rank]) + sum(log((counts[n][sign.get(who)][rank] + 1) / (ranks[rank] + 2))
                                      for n, sign in enumerate(signs))
    return {who: max(sorted(ranks), key=lambda rank: likely(who, rank)) for who in tried}


def chosen(signs, truth, learned):
    """Those that together guess best within the learned: one after the other, as long as it gets better.
    Signs of one order say much the same: all at once, several that agree outvote the one that knows."""
    parts_of = [learned[n::FOLDS] for n in range(FOLDS)]

    def right(some):
        return sum(rank == truth[who] for part in parts_of for who, rank in guesses_by(
            some, truth, [w for w in learned if w not in set(part)], part).items())
    best, most = [], right([])
    while True:
        more, sign = max(((right(best + [s]), n) for n, s in enumerate(signs)), default=(0, 0))
        if more <= most:
            return best
        best, most = best + [signs[sign]], more


def guess_by_all(signs, truth):
    """The share that is guessed right by those of the signs that together guess best."""
    right = 0
    for learned, tried in (halves(truth), halves(truth)[::-1]):
        best = chosen(signs, truth, learned)
        right += sum(rank == truth[who] for who, rank in guesses_by(best, truth, learned, tried).items())
    return right / len(truth)


def base_rate(truth):
    return Counter(truth.values()).most_common(1)[0][1] / len(truth)
