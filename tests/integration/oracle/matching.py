"""A match by the pages: rules/eligibility and its rules, rules/score, rules/fit, rules/order, rules/widened.

A vacancy and a seeker are what was sent, as dicts, and beside it: of a vacancy `id`, `posted_on`,
`open` (rules/closed) and `released_on` (rules/reserved); of a seeker `id`, `birth`, `rank`,
`waiting_since`, `active` (rules/inactive) and `busy` (rules/referral-caps).  Every list is made
by looking at every pair.  It refuses to know how a rank comes about.
"""

from . import tables
from .days import DAY, age

NEAR = ("city", "adjacent", "county", "street", "community")  # by closeness, from 1
LEVEL = {"1": 7, "2": 6, "3": 5, "4": 4, "6": 4, "7": 3, "8": 2, "9": 1}  # rules/education
CLASS = {"P1": 0, "P2": 1, "P3": 2}


class Matching:
    """The rules with the shipped policy, on one day."""

    def __init__(self, day):
        self.day = day
        self.policy = tables.policy()
        self.touch = tables.neighbours()
        assert self.policy["priority"] == "rank_first"

    # How near two things are.

    def near(self, home, place):
        """rules/places: 5 the same community ... 1 the same city, 0 another."""
        for digits, level in ((12, 5), (9, 4), (6, 3)):
            if home[:digits] == place[:digits]:
                return level
        if (home[:6], place[:6]) in self.touch and home[:4] == place[:4]:
            return 2
        return 1 if home[:4] == place[:4] else 0

    @staticmethod
    def common(wish, post):
        """rules/occupation: 4 the same detailed occupation, 3 minor, 2 middle, 1 major group, 0 none."""
        if wish + "-00" == post:  # a minor group without details is itself a detailed occupation
            return 4
        n = 0
        for a, b in zip(wish.split("-"), post.split("-")):
            if a != b:
                break
            n += 1
        return n

    def nearest(self, s, v):
        return max(self.common(w, v["occupation"]) for w in s["wishes"])

    # Eligibility: the names of the rules that fail, in their order.

    def failed(self, s, v, widened=True):
        asked = LEVEL[v["education_min"][0]] if v.get("education_min") else 0
        near = self.near(s["community"], v["place"])
        holds = {
            "closed": v["open"],
            "inactive": s["active"] and not s["busy"],
            "city": near > 0,
            "under-16": age(s["birth"], self.day) >= 16,
            "occupation": self.nearest(s, v) >= (1 if widened else 2),
            "education": LEVEL[s["education"][0]] >= asked,
            "licence": set(v.get("licences") or ()) <= set(s.get("licences") or ()),
            "shift": (v.get("shift") or "day") in s["shifts"],
            "form": (v.get("form") or "full") in s["forms"],
            "distance": near >= 1 + NEAR.index(s["farthest"]),
            "reserved": not v.get("reserved") or s["rank"] in ("P1", "P2", "P3")
            or s["rank"] != "P6" and v["released_on"] is not None and v["released_on"] <= self.day,
        }
        return [rule for rule, is_met in holds.items() if not is_met]

    # The score, component by component.

    def components(self, s, v):
        p = self.policy
        required, wished = set(v.get("skills_required") or ()), set(v.get("skills_wished") or ())
        has = set(s.get("skills") or ())
        whole = 2 * len(required) + len(wished)
        met = 2 * len(required & has) + len(wished & has)
        asked, months = v.get("experience_months") or 0, self.months(s, v)
        level, near = self.nearest(s, v), self.near(s["community"], v["place"])
        days = (self.day - v["posted_on"]).days
        fresh = sum(days > d for d in p["freshness_days"])
        return {
            "occupation": p["occupation"][4 - level] if level else 0,
            "area": p["area"][5 - near] if near else 0,
            "skills": p["skills"] * met // whole if whole else p["skills_unstated"],
            "pay": self.pay(s, v),
            "experience": p["experience"] if months >= asked else p["experience"] * months // asked,
            "freshness": p["freshness"][fresh],
        }

    @staticmethod
    def months(s, v):
        """rules/experience."""
        group = v["occupation"].rsplit("-", 1)[0]
        return sum(e["months"] for e in s.get("experience") or () if
                   e["occupation"] == group or e["occupation"].rsplit("-", 1)[0] == group)

    @staticmethod
    def monthly(v):
        """rules/pay-comparison: fen a month, None by the piece and when it is to be agreed."""
        fen, hours = v.get("pay_max_fen"), v.get("weekly_hours")
        return {"month": lambda: fen, "hour": lambda: fen * hours * 52 // 12,
                "day": lambda: fen * hours * 52 // (8 * 12), "week": lambda: fen * 52 // 12,
                "year": lambda: fen // 12, "piece": lambda: None, "negotiable": lambda: None}[v["pay_period"]]()

    def pay(self, s, v):
        """rules/pay."""
        most, slack = self.policy["pay"], self.policy["pay_slack_percent"]
        wished, offered = s.get("pay_wish_fen") or 0, self.monthly(v)
        if not wished:
            return most
        if offered is None:
            return most // 2
        if offered >= wished:
            return most
        return max(0, most - most * (wished - offered) * 100 // (wished * slack))

    def fits(self, s, v):
        """rules/fit, of an eligible pair."""
        return (self.nearest(s, v) >= 3
                and set(v.get("skills_required") or ()) <= set(s.get("skills") or ())
                and self.months(s, v) >= (v.get("experience_months") or 0))

    # Order.

    def pair(self, s, v):
        components = self.components(s, v)
        return {"seeker": s, "vacancy": v, "components": components, "score": sum(components.values()),
                "fit": self.fits(s, v), "widened": self.nearest(s, v) == 1}

    def among_seekers(self, m):
        """rules/order: of a vacancy's list."""
        s, score = m["seeker"], m["score"]
        if m["fit"]:
            key = (0, CLASS.get(s["rank"], 3), -(score // self.policy["band"]), s["waiting_since"], -score)
        else:
            key = (1, -score, s["waiting_since"])
        return (m["widened"], *key, s["id"])

    def among_seekers_unranked(self, m):
        """rules/order: for whoever may not see ranks; who have the same key stand in any order."""
        s, score = m["seeker"], m["score"]
        year = self.day - 365 * DAY
        if m["fit"]:
            return (m["widened"], 0, s["rank"] not in CLASS, -(score // self.policy["band"]),
                    max(s["waiting_since"], year))
        return (m["widened"], 1, -score, max(s["waiting_since"], year))

    @staticmethod
    def among_vacancies(m):
        """rules/order: of a seeker's list."""
        return (m["widened"], -m["score"], m["vacancy"]["posted_on"], m["vacancy"]["id"])

    def all_seekers(self, v, seekers, order=None):
        """Everybody eligible for the vacancy, the major group too, in order."""
        return sorted((self.pair(s, v) for s in seekers if not self.failed(s, v)),
                      key=order or self.among_seekers)

    def all_vacancies(self, s, vacancies):
        return sorted((self.pair(s, v) for v in vacancies if not self.failed(s, v)),
                      key=self.among_vacancies)

    @staticmethod
    def shown(everybody, k):
        """rules/widened: the major group is added only when fewer than k are in a middle group."""
        near = [m for m in everybody if not m["widened"]]
        return near[:k] if len(near) >= k else everybody[:k]

    @staticmethod
    def positions(everybody, mine):
        """rules/order: by order, and by score alone, among all who are eligible."""
        return {"by_order": 1 + everybody.index(mine),
                "by_score": 1 + sum(m["score"] > mine["score"] for m in everybody)}
