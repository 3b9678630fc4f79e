"""A household on a day: the predicate line by line and the state (rules/zero-employment-household,
rules/household-state).

It walks from day to day where a comparison of ends would do.
"""

from datetime import date

from .days import months, over


def working(r, home, day):
    """W(d): the members who would work."""
    return [m["person"] for m in r.members(home, day) if m["able"] and m["willing"]
            and not m["excluded"] and r.working_age(m["person"], day)]


def unknown(r, home, day):
    """Of whom it is unknown whether they are of W(d)."""
    return [m["person"] for m in r.members(home, day) if m["able"] and m["willing"]
            and not m["excluded"] and r.unproven(m["person"], day)]


def line(r, person, day):
    """Why the line of one of W(d), or of one who may be, fails; None when it holds."""
    if r.unproven(person, day):
        return "retirement-unproven"
    if r.registered_job(person, day):
        return "employed"
    if not r.unemployed(person, day):
        return "not-registered-unemployed"
    return None


def holding(r, home, day):
    return [p for p in working(r, home, day) if line(r, p, day) is None]


def lines(r, home, day):
    """{person: what fails} of all members; None for whose line holds or who are not of W(d)."""
    able = working(r, home, day) + unknown(r, home, day)
    return {m["person"]: line(r, m["person"], day) if m["person"] in able else None
            for m in r.members(home, day)}


def reported(r, person, day):
    """A placement that had been reported by that day and is to be registered."""
    found = [p["id"] for p in r.of("placement", person, "seeker") if p["state"] == "reported"
             and p["reported_on"] <= day]
    return found[0] if found else None


def state(r, home, day, worked=None):
    """`worked`: the last day whose work is seen."""
    worked = worked or day
    if home["ended_on"] and home["ended_on"] <= day:
        return "ended"
    if home["determined_on"] is None or home["determined_on"] > day:
        return "applied"
    for m in r.of("household_member", home["id"], "household"):
        for e in r.of("employment", m["person"]):
            third = months(e["start_on"], 3)
            end = e["ended_on"] or date.max
            if (e["void_on"] is None and m["able"] and m["willing"] and not m["excluded"]
                    and third <= min(worked, end) and end > home["determined_on"]
                    and over(m["joined_on"], m["left_on"])(third) and r.working_age(m["person"], third)):
                return "cleared"
    if any(r.registered_job(person, worked) for person in working(r, home, day)):
        return "helped"
    return "open"


def to_verify(r, home, day):
    """Open, and W(d) empty, or somebody of it not registered as unemployed, or unknown who is of it."""
    if state(r, home, day) != "open":
        return False
    able = working(r, home, day)
    return not able or bool(unknown(r, home, day)) or any(not r.unemployed(p, day) for p in able)
