"""The rank of a person on a day, with its reason (rules/ranks).

It asks the registers and the households; a rank is never looked up.
"""

from . import households
from .days import DAY, age

HARDSHIPS = ("HC3", "HC4", "HC5", "HC6a", "HC6b", "HC6c", "HC6d", "HC6e", "HC7")


def rank(r, person, day):
    if not r.working_age(person, day):
        return "P6", "retirement-unproven" if r.unproven(person, day) else "not-working-age"
    if r.registered_job(person, day):
        return "P6", "employed"
    for home in r.household:
        if person in households.holding(r, home, day) and households.state(r, home, day) == "open":
            return "P1", "zero-employment-household"
    if r.works(person, day):
        return "P6", "employed"
    helped = r.unemployed(person, day) or r.certified(person, day)
    if r.is_4050(person, day) and helped:
        return "P2", "4050"
    if r.recognised(person, day):
        return "P3", r.recognised(person, day)[0]
    if r.certified(person, day):
        return "P4", "certificate"
    if r.unemployed(person, day):
        return "P5", "registered-unemployed"
    return "P6", "other"


def until(r, person, day, within):
    """The first day in so many that has another rank or age class, by what is on file now."""
    now = rank(r, person, day)[0], age_class(r, person, day)
    return next((d for d in (day + n * DAY for n in range(1, within + 1))
                 if (rank(r, person, d)[0], age_class(r, person, d)) != now), None)


def age_class(r, person, day):
    """rules/age."""
    n = age(r.people[person]["birth"], day)
    if n < 16:
        return "under-16"
    if not r.working_age(person, day):
        return "unknown" if r.unproven(person, day) else "retired"
    return "16-17" if n < 18 else "working"
