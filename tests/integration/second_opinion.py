"""The counts a second time: every figure from the raw registers, in Python, by the pages of rules/progress.

It reads whole tables and knows none of the ledger's functions; what a day and a year are, who
holds a count and where it belongs is written again from the rules.  It refuses to know who may
write.  It walks day by day where the ledger compares ends, so that an
error of one day in either does not hide in both.
"""

import json
from collections import Counter
from datetime import date, timedelta

DAY = timedelta(days=1)
TABLES = ("person", "placement", "employment", "unemployment", "certificate", "inspection",
          "recognition", "retirement_fact", "household", "household_member", "approval",
          "post_slot", "unit_prefix")
WHEN = ("birth", "start_on", "registered_on", "ended_on", "void_on", "since", "issued_on",
        "valid_to", "recognised_on", "applied_on", "determined_on", "joined_on", "left_on",
        "approved_on", "closed_on", "valid_from", "on_day")
FOREVER = {"infinity": date.max, "-infinity": date.min}


def later(day, years):
    """The birthday; of 29 February in a common year, 1 March."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def months(day, n):
    """The same day of the month, or its last."""
    year, month = divmod(day.year * 12 + day.month - 1 + n, 12)
    for d in range(day.day, 27, -1):
        try:
            return date(year, month + 1, d)
        except ValueError:
            continue
    return date(year, month + 1, day.day)


def age(birth, day):
    n = day.year - birth.year
    return n if later(birth, n) <= day else n - 1


class Registers:
    """One reading of all registers, at one moment."""

    def __init__(self, postgres, town="4101"):
        self.town = town
        parts = ", ".join(f"'{t}', (SELECT coalesce(json_agg(x), '[]') FROM ledger.{t} x)"
                          for t in TABLES)
        for name, rows in json.loads(postgres.psql(f"SELECT json_build_object({parts})")).items():
            for row in rows:
                for key in WHEN:
                    if row.get(key):
                        row[key] = FOREVER.get(row[key]) or date.fromisoformat(row[key])
            setattr(self, name, rows)
        self.people = {p["id"]: p for p in self.person}

    def of(self, table, person, key="person"):
        return [row for row in getattr(self, table) if row[key] == person]

    def unit(self, place, day):
        fits = [u for u in self.unit_prefix if str(place).startswith(u["prefix"])
                and u["valid_from"] <= day]
        return max(fits, key=lambda u: len(u["prefix"]))["unit"] if fits else "unassigned"

    def of_working_age(self, person, day, years=None):
        """Whether they are; None: unknown.  `years`: at that age, by what is on file on the day."""
        years = age(self.people[person]["birth"], day) if years is None else years
        facts = [f for f in self.of("retirement_fact", person) if f["since"] <= day]
        if years < 16:
            return False
        if facts:
            return years < max(facts, key=lambda f: f["since"])["age"]
        if self.people[person]["sex"] == 1:
            return years < 60
        return True if years < 50 else None if years < 55 else False

    def registered_job(self, person, day, but=None, since=date.min):
        return any(e["start_on"] <= day and (e["ended_on"] is None or day < e["ended_on"])
                   and e["start_on"] >= since for e in self.of("employment", person)
                   if e["void_on"] is None and e["placement"] != but)

    def stayed(self, person, start, until, as_of):
        """At work from start to until, breaks of 15 days allowed, also one across the last day."""
        away, day = 0, start
        while day < until:
            away = 0 if self.registered_job(person, day, since=start) else away + 1
            if away > 15:
                return False
            day += DAY
        while away and away < 16 and day <= as_of:
            away = 0 if self.registered_job(person, day, since=start) else away + 1
            day += DAY
        return away == 0

    def certified(self, person, day):
        return any(self.valid(c, day) for c in self.of("certificate", person))

    def valid(self, c, day):
        if not c["issued_on"] <= day <= c["valid_to"] or c["void_on"] and c["void_on"] <= day:
            return False
        seen = {i["year"] for i in self.inspection
                if i["certificate"] == c["id"] and i["on_day"] <= day}
        seen.add(c["issued_on"].year)
        return day.year in seen or day <= date(day.year, 4, 30) and day.year - 1 in seen

    def members(self, home, day):
        return [m for m in self.household_member if m["household"] == home["id"]
                and m["joined_on"] <= day and (m["left_on"] is None or day < m["left_on"])]

    def able(self, home, day):
        return [m["person"] for m in self.members(home, day)
                if m["able"] and m["willing"] and not m["excluded"]
                and self.of_working_age(m["person"], day)]

    def home_state(self, home, day, worked=None):
        """`worked`: the last day whose work is seen."""
        worked = worked or day
        if home["ended_on"] and home["ended_on"] <= day:
            return "ended"
        if home["determined_on"] is None or home["determined_on"] > day:
            return "applied"
        for m in self.of("household_member", home["id"], "household"):
            for e in self.of("employment", m["person"]):
                third = months(e["start_on"], 3)
                end = e["ended_on"] or date.max
                if (e["void_on"] is None and m["able"] and m["willing"] and not m["excluded"]
                        and third <= min(worked, end) and end > home["determined_on"]
                        and m["joined_on"] <= third and self.of_working_age(m["person"], third)
                        and (m["left_on"] is None or third < m["left_on"])):
                    return "cleared"
        if any(self.registered_job(person, worked) for person in self.able(home, day)):
            return "helped"
        return "open"

    def unemployed(self, person, day):
        return any(u["void_on"] is None and u["since"] <= day
                   and (u["ended_on"] is None or day < u["ended_on"])
                   for u in self.of("unemployment", person))

    def hard(self, person, day):
        p = self.people[person]
        then = age(p["birth"], date(day.year, 12, 31))
        if (40 if p["sex"] == 2 else 50) <= then and self.of_working_age(person, day, then):
            return True
        if any(r["void_on"] is None and r["recognised_on"] <= day and (r["ended_on"] is None
               or day < r["ended_on"] or day == r["ended_on"] and r["end_reason"] == "employed")
               for r in self.of("recognition", person)):
            return True
        if not self.unemployed(person, day - DAY) or self.registered_job(person, day - DAY):
            return False
        return any(person in self.able(h, day) and self.home_state(h, day, day - DAY) == "open"
                   for h in self.household if person in [m["person"] for m in self.members(h, day)])

    def targets(self, p, year, as_of):
        """What one placement would count toward."""
        who, start = self.people[p["seeker"]], p["start_on"]
        if p["state"] != "registered" or p["registered_on"] > as_of or start > as_of:
            return set()
        migrant = (not str(who["hukou_division"]).startswith(self.town)
                   and who["grp"] not in ("graduate", "serviceman", "transferred"))
        counted = months(start, 3) if migrant else start
        if (counted.year != year or counted > as_of
                or not self.of_working_age(who["id"], start)
                or not str(p["workplace"]).startswith(self.town)
                or self.registered_job(who["id"], start - DAY, but=p["id"])
                or migrant and not self.stayed(who["id"], start, counted, as_of)):
            return set()
        before = [u for u in self.of("unemployment", who["id"]) if u["void_on"] is None
                  and u["since"] < start and (u["ended_on"] is None or u["ended_on"] >= start)]
        if not any(u["prior_job"] or u["laid_off"] in ("L1", "L2", "L3") for u in before):
            return {"T1"}
        return {"T1", "T2"} | ({"T3"} if self.certified(who["id"], start) else set()) \
            | ({"T4"} if self.hard(who["id"], start) else set())

    def counted(self, year, as_of):
        """{(target, person): (placement, unit)}: the earliest that qualifies holds it."""
        held = {}
        for p in sorted(self.placement, key=lambda p: (p["start_on"], p["reported_at"], p["id"])):
            for target in self.targets(p, year, as_of):
                held.setdefault((target, p["seeker"]),
                                (p["id"], self.unit(p["community"], p["start_on"])))
        return held

    def figures(self, year, as_of):
        """{(target, unit): (gross, lost)} without zeros."""
        gross, lost = Counter(), Counter()
        for (target, _), (_, unit) in self.counted(year, as_of).items():
            gross[target, unit] += 1
        first, last = date(year, 1, 1), min(as_of, date(year, 12, 31))
        for e in self.employment:
            if (e["void_on"] is None and e["end_reason"] in ("retired", "dead")
                    and first <= e["ended_on"] <= last):
                lost["T1", self.unit(e["community"], e["ended_on"])] += 1
        for a in self.approval:
            for s in self.of("post_slot", a["approval"], "approval"):
                closed = s["closed_on"] if s["closed_on"] and s["closed_on"] <= as_of else date.max
                if (a["is_new"] and first <= a["approved_on"] <= last
                        and closed >= a["approved_on"] + 90 * DAY
                        and str(a["community"]).startswith(self.town)):
                    gross["T5", self.unit(a["community"], a["approved_on"])] += 1
        for h in self.household:
            if self.home_state(h, as_of) == "open":
                gross["T10", self.unit(h["community"], as_of)] += 1
        return {key: (gross[key], lost[key]) for key in gross.keys() | lost.keys()}


def ledgers(postgres, year, as_of):
    """The same two from the ledger."""
    rows = json.loads(postgres.psql(
        f"SELECT json_build_array((SELECT coalesce(json_agg(c), '[]') FROM ledger.counted(4101, {year},"
        f" '{as_of}', NULL) c), (SELECT coalesce(json_agg(f), '[]')"
        f" FROM ledger.figures(4101, {year}, '{as_of}') f))"))
    held = {(c["target"], c["person"]): (c["placement"], c["unit"] or "unassigned") for c in rows[0]}
    sums = {(f["target"], f["unit"]): (f["n"], f["lost"]) for f in rows[1]}
    return held, sums


def compare(postgres, days, year=2007):
    """What the two say of each day must be the same; answers how often each target was counted."""
    registers = Registers(postgres)
    seen = Counter()
    for day in days:
        held, sums = ledgers(postgres, year, day)
        mine = registers.counted(year, day)
        assert {k: v for k, v in held.items() if mine.get(k) != v} == \
            {k: v for k, v in mine.items() if held.get(k) != v} == {}, f"as of {day}"
        assert sums == registers.figures(year, day), f"as of {day}"
        for (target, _), (n, lost) in sums.items():
            seen[target] += n
            seen["lost"] += lost
    return seen
