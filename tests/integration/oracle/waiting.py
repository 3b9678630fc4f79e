"""Since when somebody waits (rules/waiting-time), by the registers of events.py.

It goes through the days on which somebody came and asks of each from where; the day is never kept.
"""


def since(r, person, day):
    waits = min(r.people[x]["registered_on"] for x in r.files(person))
    for came in sorted(comings(r, person, day)):
        left, for_work = leaving(r, person, came)
        if not (for_work and (job_between(r, person, left, came) or (came - left).days < 90)):
            waits = came
    ends = [e["ended_on"] for e in r.jobs(person) if e["ended_on"] and e["ended_on"] <= day
            and (e["ended_on"] - e["start_on"]).days >= 90]
    return max([waits, *ends])


def comings(r, person, day):
    """The days of registrations and returns of somebody who had been away."""
    held = r.registrations(person)

    def away(then, itself=False):
        return not any((since < then if itself else since <= then)
                       and (end is None or then <= end) for since, end, _ in held)

    return ({since for since, _, _ in held if since <= day and away(since, True)}
            | {back for out, back, _ in r.absences(person) if back and out < back <= day and away(back)})


def leaving(r, person, came):
    """The last day before on which they left, and whether for work."""
    left = [(end, for_work) for _, end, for_work in r.registrations(person) if end and end < came]
    left += [(out, reason == "employed") for out, _, reason in r.absences(person) if out < came]
    day = max((d for d, _ in left), default=None)
    return day, bool(left) and all(for_work for d, for_work in left if d == day)


def job_between(r, person, left, came):
    return any(e["start_on"] < came and (e["ended_on"] is None or e["ended_on"] > left)
               for e in r.jobs(person))
