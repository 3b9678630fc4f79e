"""What a figure is, and how two things are compared fairly.

A ratio is the median of five pairs, measured in turn, so that a machine that is
busy for a while is busy for both.  The way of the ratio follows the
bound.  ">= 20" asks how many times better ours is, "<= 2" how many times dearer;
whether more is better is said by `rate`.
"""

import dataclasses
import json
import operator
import statistics

PAIRS = 5
TESTS = {">=": operator.ge, "<=": operator.le}


@dataclasses.dataclass
class Figure:
    name: str
    what: str
    ours: float
    peer: str
    peer_value: float
    unit: str
    ratio: float
    bound: str  # ">= 20", "<= 2", or "" for a ratio that is only printed beside
    holds: bool | None  # None: there is no bound

    def json(self):
        members = {name: float(f"{value:.4g}") if isinstance(value, float) else value
                   for name, value in dataclasses.asdict(self).items()}
        return json.dumps(members, ensure_ascii=False)


def holds(ratio, bound):
    if not bound:
        return None
    sign, number = bound.split()
    return TESTS[sign](ratio, float(number))


def figure(name, what, unit, bound, ours, peer, peer_name, rate=True):
    """A figure from values that were measured in turn: ours[i] beside peer[i]."""
    assert len(ours) == len(peer) > 0, f"{name}: {len(ours)} values beside {len(peer)}"
    better = not bound.startswith("<=")
    ratios = [o / p if rate == better else p / o for o, p in zip(ours, peer)]
    ratio = statistics.median(ratios)
    return Figure(name, what, statistics.median(ours), peer_name, statistics.median(peer), unit,
                  ratio, bound, holds(ratio, bound))


def compare(name, what, unit, bound, ours, peer, peer_name, rate=True, pairs=PAIRS):
    """Calls ours() and peer() in turn; each returns its value in `unit`.

    rate=True: more is better (queries/s); rate=False: less is (seconds, bytes).
    """
    values = [(float(ours()), float(peer())) for _ in range(pairs)]
    return figure(name, what, unit, bound, [v[0] for v in values], [v[1] for v in values],
                  peer_name, rate)
