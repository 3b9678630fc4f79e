"""Every figure from the registers, by the pages of rules/progress: t1 to t7, t10, attrition,
counted-once, in-migrants, reporting-units; and by rules/lots.

What a day and a year are, who holds a count and where it belongs is written again from the rules.
It walks day by day where the ledger compares ends, so that an error of one day in either does not
hide in both.
"""

from collections import Counter
from datetime import date

from . import households, training
from .days import DAY, age, months


def stayed(r, person, start, until, as_of):
    """At work from start to until, breaks of 15 days allowed, also one across the last day."""
    away, day = 0, start
    while day < until:
        away = 0 if r.registered_job(person, day, since=start, here=True) else away + 1
        if away > 15:
            return False
        day += DAY
    while away and away < 16 and day <= as_of:
        away = 0 if r.registered_job(person, day, since=start, here=True) else away + 1
        day += DAY
    return away == 0


def hard(r, person, day, as_of):
    """T4's own condition, on the first day of work."""
    p = r.people[person]
    then = age(p["birth"], date(day.year, 12, 31))
    if (40 if p["sex"] == 2 else 50) <= then and r.working_age(person, day, then):
        return True
    if any(x["void_on"] is None and x["recognised_on"] <= day and (x["ended_on"] is None
           or day < x["ended_on"] or day == x["ended_on"] and x["end_reason"] == "employed")
           for x in r.of("recognition", person)):
        return True
    if not r.unemployed(person, day - DAY) or r.registered_job(person, day - DAY):
        return False
    return any(person in households.working(r, h, day)
               and not r.in_doubt("households", h["id"], as_of)
               and households.state(r, h, day, day - DAY) == "open" for h in r.household)


def targets(r, p, year, as_of):
    """What one placement would count toward."""
    who, start = r.people[p["seeker"]], p["start_on"]
    if (p["state"] != "registered" or p["registered_on"] > as_of or start > as_of
            or r.in_doubt("seekers", who["id"], as_of)):
        return set()
    migrant = (not str(who["hukou_division"]).startswith(r.town)
               and who["grp"] not in ("graduate", "serviceman", "transferred"))
    counted = months(start, 3) if migrant else start
    if (counted.year != year or counted > as_of or not r.working_age(who["id"], start)
            or not str(p["workplace"]).startswith(r.town)
            or r.registered_job(who["id"], start - DAY, but=p["id"], here=True)
            or migrant and not stayed(r, who["id"], start, counted, as_of)):
        return set()
    before = [u for u in r.of("unemployment", who["id"]) if u["void_on"] is None
              and u["since"] < start and (u["ended_on"] is None or u["ended_on"] >= start)]
    if not any(u["prior_job"] or u["laid_off"] in ("L1", "L2", "L3") for u in before):
        return {"T1"}
    return {"T1", "T2"} | ({"T3"} if r.certified(who["id"], start) else set()) \
        | ({"T4"} if hard(r, who["id"], start, as_of) else set())


def counted(r, year, as_of):
    """{(target, person): (placement, unit)}: the earliest that qualifies holds it."""
    held = {}
    for p in sorted(r.placement, key=lambda p: (p["start_on"], p["reported_at"], p["id"])):
        for target in targets(r, p, year, as_of):
            held.setdefault((target, p["seeker"]), (p["id"], r.unit(p["community"], p["start_on"])))
    return held


def open_households(r, day):
    """rules/t10: {unit: how many}."""
    return Counter(r.unit(h["community"], day) for h in r.household
                   if households.state(r, h, day) == "open" and not r.in_doubt("households", h["id"], day))


def figures(r, year, as_of):
    """{(target, unit): (gross, lost)} without zeros."""
    gross, lost = Counter(), Counter()
    for (target, _), (_, unit) in counted(r, year, as_of).items():
        gross[target, unit] += 1
    for (target, _), (_, unit) in training.trained(r, year, as_of).items():
        gross[target, unit] += 1
    first, last = date(year, 1, 1), min(as_of, date(year, 12, 31))
    for e in r.employment:
        if (e["community"] and e["void_on"] is None and e["end_reason"] in ("retired", "dead")
                and not r.in_doubt("seekers", e["person"], as_of)
                and first <= e["ended_on"] <= last):
            lost["T1", r.unit(e["community"], e["ended_on"])] += 1
    for a in r.approval:
        for s in r.of("post_slot", a["approval"], "approval"):
            closed = s["closed_on"] if s["closed_on"] and s["closed_on"] <= as_of else date.max
            if (a["is_new"] and first <= a["approved_on"] <= last
                    and closed >= a["approved_on"] + 90 * DAY
                    and str(a["community"]).startswith(r.town)):
                gross["T5", r.unit(a["community"], a["approved_on"])] += 1
    for unit, n in open_households(r, as_of).items():
        gross["T10", unit] = n
    return {key: (gross[key], lost[key]) for key in gross.keys() | lost.keys()}
