"""What is recorded when somebody calls: the registers as they grow, and what must be refused.

A registration of unemployment keeps the end that an officer gave it; the end that a job gives it
is worked out anew for every day (rules/registration, rules/void), so that nothing has to be put
back when a job turns out never to have been.  `why_not_...` answers the reason of a refusal by its
page, or None.  It refuses to know who calls.
"""

from datetime import date

from . import households, tables
from .days import age, over
from .registers import Registers


class Played(Registers):
    def __init__(self, town="4101"):
        super().__init__(town)
        self.withdrawn = {}  # person: since when
        self.away = []  # who, out, back or None, reason, of a file
        self.merges = []
        for row in tables.table("units_4101"):
            for prefix in row["prefixes"].split(","):
                self.add("unit_prefix", unit=row["unit"], prefix=prefix, valid_from=date.min)

    def seeking(self, person, day):
        """rules/inactive: the state in an answer; a job holds from its report on."""
        if person in self.withdrawn:
            return "withdrawn"
        return "placed" if any(p["state"] != "void" and (p["ended_on"] is None or p["ended_on"] > day)
                               for p in self.of("placement", person, "seeker")) else "seeking"

    # Unemployment.

    def jobs(self, person):
        """In the register of employment."""
        return [e for e in self.of("employment", person) if e["void_on"] is None]

    def ended(self, u):
        """The first day without a registration, or None; and whether it ended for work."""
        hired = [max(e["start_on"], u["since"]) for e in self.jobs(u["person"])
                 if e["ended_on"] is None or e["ended_on"] > u["since"]]
        if hired and min(hired) <= (u["ended_on"] or date.max):
            return min(hired), True
        return u["ended_on"], u["reason"] == "employed"

    def registrations(self, person):
        """(first day, first day without it or None, whether it ended for work)."""
        return [(u["since"], *self.ended(u)) for u in self.of("unemployment", person)
                if u["void_on"] is None]

    def unemployed(self, person, day):
        return any(over(since, end)(day) for since, end, _ in self.registrations(person))

    def open_registration(self, person, day):
        held = [u for u in self.of("unemployment", person) if u["void_on"] is None
                and over(u["since"], self.ended(u)[0])(day)]
        return held[-1] if held else None

    def why_not_unemployment(self, person, since):
        """rules/unemployment, up to today; whose age is unknown may be of working age."""
        if person in self.withdrawn:
            return "withdrawn"
        if self.working_age(person, since) is False:
            return "not-working-age"
        if self.in_the_way(person, since):
            return "employed"
        if any(end is None or end > since for _, end, _ in self.registrations(person)):
            return "registered-unemployed"
        return None

    def register_unemployed(self, person, since, fact=None):
        return self.add("unemployment", person=person, since=since, ended_on=None, void_on=None,
                        fact=fact, prior_job=True, laid_off=None, reason=None)

    def end_unemployment(self, u, day, reason):
        u["ended_on"], u["reason"] = day, reason

    def withdraw(self, person, day, reason):
        """rules/withdrawal."""
        self.withdrawn[person] = day
        self.away.append({"who": person, "out": day, "back": None, "reason": reason})
        for u in self.of("unemployment", person):
            if u["void_on"] is None and (u["ended_on"] is None or u["ended_on"] > day):
                self.end_unemployment(u, max(day, u["since"]), reason)

    def come_back(self, person, day):
        del self.withdrawn[person]
        next(a for a in self.away if a["who"] == person and not a["back"])["back"] = day

    def absences(self, person):
        return [(a["out"], a["back"], a["reason"]) for a in self.away if a["who"] in self.files(person)]

    # Two files of one person (rules/merging).

    def files(self, person):
        return {person}.union(*(self.files(m["gone"]) for m in self.merges if m["stays"] == person))

    def why_not_merge(self, a, b, day):
        works = [[p for p in self.of("placement", x, "seeker") if p["state"] != "void"] for x in (a, b)]
        if any(p["start_on"] < (q["ended_on"] or date.max) and q["start_on"] < (p["ended_on"] or date.max)
               for p in works[0] for q in works[1]):
            return "placements"
        if all(any(not c["void_on"] for c in self.of("certificate", x)) for x in (a, b)):
            return "certificates"
        homes = {h["id"] for h in self.household if not h["ended_on"]}
        ever = [{m["household"] for m in self.of("household_member", x)} & homes for x in (a, b)]
        now = [any(m["person"] == x for h in self.household if h["id"] in homes
                   for m in self.members(h, day)) for x in (a, b)]
        return "households" if ever[0] & ever[1] or all(now) else None

    def merge(self, stays, gone, day):
        moved = []
        for table in ("placement", "unemployment", "recognition", "certificate", "retirement_fact",
                      "household_member"):
            kept = [self.place(table, row) for row in self.of(table, stays)]
            for row in self.of(table, gone):
                if table not in ("retirement_fact", "household_member") or self.place(table, row) not in kept:
                    moved.append(row)
        self.hand_over(moved, stays)
        self.merges.append({"stays": stays, "gone": gone, "day": day, "moved": moved,
                            "facts": self.facts(stays)})

    def why_not_undo_merge(self, m, day):
        if (day - m["day"]).days > 30:
            return "too-late"
        return "changed-since" if m["facts"] != self.facts(m["stays"]) else None

    def undo_merge(self, m):
        self.hand_over(m["moved"], m["gone"])
        self.merges.remove(m)

    @staticmethod
    def place(table, row):
        return row.get("household"), row.get("since"), row.get("joined_on")

    @staticmethod
    def hand_over(rows, to):
        for row in rows:
            row["person"] = to
            if "seeker" in row:
                row["seeker"] = to

    def facts(self, person):
        return repr([self.of(table, person) for table in (
            "placement", "unemployment", "recognition", "certificate", "retirement_fact", "household_member")])

    # Work.

    def same_job(self, person, kind, start):
        """rules/placement-once, of people's own work: the placement that a report is a second one of."""
        for p in self.of("placement", person, "seeker"):
            if (p["state"] != "void" and p["kind"] == kind and abs((p["start_on"] - start).days) <= 30
                    and (p["ended_on"] is None or start < p["ended_on"])):
                return p
        return None

    def in_the_way(self, person, start, but=None):
        """Work of theirs that runs then, or will."""
        return any(p is not but and p["state"] != "void"
                   and (p["ended_on"] is None or p["ended_on"] > start)
                   for p in self.of("placement", person, "seeker"))

    def why_not_placement(self, person, kind, start, today):
        """rules/placements, rules/placement-once, of work without an employer."""
        if age(self.people[person]["birth"], start) < 16:
            return "under-age"
        if (start - today).days > 30:
            return "start-too-far"
        if not self.same_job(person, kind, start) and self.in_the_way(person, start):
            return "seeker-placed"
        return None

    def report(self, placement, person, kind, start, day, workplace):
        """The first report, or the same organisation's correction of it."""
        same = self.same_job(person, kind, start)
        if same is None:
            return self.add("placement", id=placement, placement=placement, seeker=person,
                            person=person, kind=kind, start_on=start, ended_on=None, end_reason=None,
                            void_on=None, state="reported", reported_on=day,
                            workplace=workplace)
        assert same["id"] == placement, (same, placement)
        until = same["ended_on"] or date.max
        if not any(p is not same and p["state"] != "void" and p["start_on"] < until
                   and start < (p["ended_on"] or date.max)
                   for p in self.of("placement", person, "seeker")):
            same["start_on"] = start
        return same

    def register(self, p, day, community):
        """At a community, or recorded without one (rules/outside-city)."""
        p["state"], p["community"] = "registered" if community else "recorded", community
        p["registered_on"] = day
        self.employment.append(p)

    def end(self, p, day, reason):
        p["ended_on"], p["end_reason"] = day, reason

    def void(self, p, day):
        p["before"], p["state"], p["void_on"] = p["state"], "void", day

    def undo(self, p):
        p["state"], p["void_on"] = p["before"], None

    # Households.

    def household_of(self, person, day, states=("applied", "open", "helped"), but=None):
        """The one to which somebody belongs."""
        for home in self.household:
            if home is not but and any(m["person"] == person for m in self.members(home, day)) \
                    and households.state(self, home, day) in states:
                return home
        return None

    def why_not_household(self, home, members, day):
        """rules/zero-employment-household, asked of the members line by line; what determines it may
        follow an application (rules/household-state)."""
        states = ("open", "helped") if home["determined_on"] else ("applied", "open", "helped")
        if any(self.household_of(m["person"], day, states) for m in members):
            return "already-in-household"
        if home["hukou_type"] != "urban":
            return "hukou-not-urban"
        if home["business_income"]:
            return "business-income"
        if home["investment_income"]:
            return "investment-income"
        able = self.who_would_work(members, day)
        return next((w for w in (households.line(self, p, day) for p in able) if w), None) \
            or (None if able else "nobody-of-working-age")

    def who_would_work(self, members, day):
        """W(d) of members who are named, and of whom it is unknown whether they are of it."""
        return [m["person"] for m in members if m["able"] and m["willing"] and not m["excluded"]
                and self.working_age(m["person"], day) is not False]

    def found(self, household, members, day, **said):
        for m in members:
            applied = self.household_of(m["person"], day, ("applied",))
            if applied:
                applied["ended_on"] = day
        home = self.add("household", id=household, ended_on=None, **said)
        for m in members:
            self.add("household_member", household=household, joined_on=date.min, left_on=None, **m)
        return home

    def why_not_members(self, home, members, day):
        """Of whoever comes into W(d) when its members change."""
        was = households.working(self, home, day) + households.unknown(self, home, day)
        for m in members:
            if self.household_of(m["person"], day, but=home):
                return "already-in-household"
        able = self.who_would_work(members, day)
        return next((w for w in (households.line(self, p, day) for p in able if p not in was) if w), None) \
            or (None if able or not was else "nobody-of-working-age")

    def change_members(self, home, members, day):
        flags = ("able", "willing", "excluded")
        new = {m["person"]: m for m in members}
        for m in self.members(home, day):
            said = new.get(m["person"])
            if said is None or any(said[f] != m[f] for f in flags):
                m["left_on"] = day
            else:
                del new[m["person"]]
        for m in new.values():
            self.add("household_member", household=home["id"], joined_on=day, left_on=None, **m)
