"""Who counts as trained, by the pages t6, t7 and lots.

Written from the pages and not from the ledger: each person's enrolments are walked in the order of
their last days.
"""

from .days import over


def latest(r, table):
    """{id: its row as it stands now}."""
    rows = {}
    for row in sorted(getattr(r, table), key=lambda x: x["version"]):
        rows[row["id"]] = row
    return rows


def lived(r, person, day):
    """The community of that evening: of the rows that stood once, the first that stood longer."""
    for past in sorted(r.of("seeker_past", person, "seeker"), key=lambda x: x["version"]):
        if past["until_on"] > day:
            return past["community"]
    return r.of("seeker", person, "id")[0]["community"]


def targets(r, x, course, year, as_of):
    """What one enrolment would count toward."""
    jobless = any(u["void_on"] is None and over(u["since"], u["ended_on"])(x["from"])
                  for u in r.of("unemployment", x["seeker"]))
    if (x["ended_on"] or x["outcome"] not in ("completed", "passed", "failed") or x["until"] > as_of
            or x["until"].year != year or not course["approval"] or not jobless
            or x["attendance"] is None or x["attendance"] < course["attendance_min"]
            or r.in_doubt("seekers", x["seeker"], as_of)):
        return ()
    return ("T6", "T7") if course["kind"] == "entrepreneurship" else ("T6",)


def trained(r, year, as_of):
    """{(target, person): (enrolment, unit)}: what was completed first holds it."""
    courses, held = latest(r, "course"), {}
    for x in sorted(latest(r, "enrolment").values(), key=lambda x: (x["until"] or x["from"], x["from"], x["id"])):
        for target in targets(r, x, courses[x["course"]], year, as_of):
            held.setdefault((target, x["seeker"]),
                            (x["id"], r.unit(lived(r, x["seeker"], x["from"]), x["from"])))
    return held
