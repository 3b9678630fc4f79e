"""The dated registers in memory, and what they say of one person on one day (rules/age, rules/retirement,
rules/4050, rules/certificate, rules/unemployment, rules/recognitions, rules/employment, rules/ranks).

Rows are dicts, a list for each register, named as the ledger names them; they are read from the
ledger's tables as they are, or written by events.py.  It refuses to know who may write them.
"""

import json
from datetime import date, datetime
from zoneinfo import ZoneInfo

from .days import DAY, age, over

TABLES = ("person", "placement", "employment", "unemployment", "certificate", "inspection",
          "recognition", "retirement_fact", "household", "household_member", "approval",
          "post_slot", "unit_prefix", "seeker", "seeker_past", "lot", "lot_record", "course",
          "enrolment")
WHEN = ("birth", "start_on", "registered_on", "ended_on", "void_on", "since", "issued_on",
        "valid_to", "recognised_on", "applied_on", "determined_on", "joined_on", "left_on",
        "approved_on", "closed_on", "valid_from", "on_day", "returned_on", "from", "until",
        "until_on")
FOREVER = {"infinity": date.max, "-infinity": date.min}
WOMAN = 2
HERE = ZoneInfo("Asia/Shanghai")


class Registers:
    """All registers, at one moment."""

    def __init__(self, town="4101"):
        self.town = town
        for name in TABLES:
            setattr(self, name, [])
        self.people = {}

    @classmethod
    def of_ledger(cls, postgres):
        """One reading of the raw tables."""
        self = cls()
        parts = ", ".join(f"'{t}', (SELECT coalesce(json_agg(x), '[]') FROM ledger.{t} x)"
                          for t in TABLES)
        for name, rows in json.loads(postgres.psql(f"SELECT json_build_object({parts})")).items():
            for row in rows:
                for key in WHEN:
                    if row.get(key):
                        row[key] = FOREVER.get(row[key]) or date.fromisoformat(row[key])
            setattr(self, name, rows)
        self.people = {p["id"]: p for p in self.person}
        return self

    def add(self, table, **row):
        getattr(self, table).append(row)
        if table == "person":
            self.people[row["id"]] = row
        return row

    def of(self, table, person, key="person"):
        return [row for row in getattr(self, table) if row[key] == person]

    def in_doubt(self, kind, thing, day):
        """rules/lots: whether what was first registered in a lot does not count on a day."""
        for lot in (x for x in self.lot if x["kind"] == kind):
            if not any(x["lot"] == lot["id"] and x["object"] == thing for x in self.lot_record):
                continue
            decided = lot["decided_at"] and datetime.fromisoformat(lot["decided_at"]).astimezone(HERE).date()
            by_then = lot["decision"] if decided and decided <= day else None
            back = [s["returned_on"] for s in self.seeker if s["id"] == thing and s["returned_on"]]
            if by_then != "approve" and not (kind == "seekers" and lot["decision"] == "refuse"
                                             and back and back[0] <= day):
                return True
        return False

    # Age.

    def stated_age(self, person, day):
        facts = [f for f in self.of("retirement_fact", person) if f["since"] <= day]
        return max(facts, key=lambda f: f["since"])["age"] if facts else None

    def working_age(self, person, day, years=None):
        """rules/retirement: whether they are of it; None: nobody knows, of a woman of 50 to 54 without
        a fact.  `years`: whether they are at that age, by what is on file on the day."""
        years = age(self.people[person]["birth"], day) if years is None else years
        stated = self.stated_age(person, day)
        if years < 16 or stated:
            return 16 <= years < (stated or 0)
        if self.people[person]["sex"] != WOMAN:
            return years < 60
        return years < 50 or (None if years < 55 else False)

    def unproven(self, person, day):
        return self.working_age(person, day) is None

    def is_4050(self, person, day):
        p = self.people[person]
        then = age(p["birth"], date(day.year, 12, 31))
        return bool((40 if p["sex"] == WOMAN else 50) <= then
                    and self.working_age(person, day, then) and self.working_age(person, day))

    # Work and its absence.

    def registered_job(self, person, day, but=None, since=date.min, here=False):
        """`here`: in the city (rules/outside-city)."""
        return any(e["void_on"] is None and e["placement"] != but and e["start_on"] >= since
                   and (not here or e.get("community", True))
                   and over(e["start_on"], e["ended_on"])(day) for e in self.of("employment", person))

    def works(self, person, day):
        """rules/employment: any placement that is not void, registered or not."""
        return any(p["state"] != "void" and over(p["start_on"], p["ended_on"])(day)
                   for p in self.of("placement", person, "seeker"))

    def unemployed(self, person, day):
        return any(u["void_on"] is None and over(u["since"], u["ended_on"])(day)
                   for u in self.of("unemployment", person))

    # Certificates and recognitions.

    def certified(self, person, day):
        return any(self.valid(c, day) for c in self.of("certificate", person))

    def valid(self, c, day):
        """rules/certificate."""
        if not c["issued_on"] <= day <= c["valid_to"] or c["void_on"] and c["void_on"] <= day:
            return False
        seen = {i["year"] for i in self.inspection
                if i["certificate"] == c["id"] and i["on_day"] <= day}
        seen.add(c["issued_on"].year)
        return day.year in seen or day <= date(day.year, 4, 30) and day.year - 1 in seen

    def recognised(self, person, day):
        """The codes that are open on the day."""
        return sorted(r["code"] for r in self.of("recognition", person) if r["void_on"] is None
                      and over(r["recognised_on"], r["ended_on"])(day))

    # Households, as far as a person's membership goes.

    def members(self, home, day):
        return [m for m in self.household_member if m["household"] == home["id"]
                and over(m["joined_on"], m["left_on"])(day)]

    def unit(self, place, day):
        fits = [u for u in self.unit_prefix if str(place).startswith(u["prefix"])
                and u["valid_from"] <= day]
        return max(fits, key=lambda u: len(u["prefix"]))["unit"] if fits else "unassigned"
