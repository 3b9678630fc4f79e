"""The rule of each grant (rules/granting), written here from its page alone, in sets of places and last
days; and chains of grants by chance, each call with the answer that the rule demands.

It refuses to know the ledger: calls are text.
"""

import datetime
import hashlib
import json
from collections import defaultdict
from dataclasses import dataclass, field, replace

SCOPES = ("4101", "410102", "410105", "410105003", "410102001", "410105003001")
PLACES = ("410102001001", "410102002001", "410103001001", "410105003001", "410105003002", "410105009001")
TODAY = datetime.date(2007, 7, 12)  # days are counted from there
AUDITOR, BUREAU, AGENCY = "auditor", "bureau", "agency"
# Of the test's ledger: the key, its role, organisation and scope.
KEYS = {"bureau": (BUREAU, "bureau", "4101"), "district": (BUREAU, "district", "410105"),
        "agency": (AGENCY, "AGENCY001", "4101"), "auditor": (AUDITOR, "auditor", "4101")}
BEYOND = "403 beyond-own-powers"


def places(scope):
    return frozenset(p for p in PLACES if p.startswith(scope))


def date_of(day):
    return str(TODAY + datetime.timedelta(day))


def year_after(day):
    at = TODAY + datetime.timedelta(day)
    return (at.replace(year=at.year + 1) - TODAY).days


def secret(name):
    return hashlib.sha256(name.encode()).hexdigest()


def kid(name):
    return hashlib.md5(name.encode()).hexdigest()[:16]


WHOLE = places("4101")


@dataclass
class Officer:
    id: int
    key: str  # of the organisation
    scope: frozenset
    lead: bool
    start: int
    until: int
    secret: int = 0
    revoked: bool = False
    roots: set = field(default_factory=set)

    def lives(self, today):
        return not self.revoked and self.start <= today <= self.until


@dataclass
class Delegation:
    id: int
    by: Officer
    to: Officer
    scope: frozenset
    start: int
    until: int
    ended: bool = False


@dataclass
class Powers:
    """What somebody has while they act: for another, no lead."""
    key: str
    scope: frozenset
    lead: bool
    until: int

    def organisations(self):
        """Over whose officers: the own; the city's bureau those of all but auditors."""
        of_city = KEYS[self.key][0] == BUREAU and self.scope == WHOLE
        return {self.key} | ({k for k in KEYS if KEYS[k][0] != AUDITOR} if of_city else set())

    def contain(self, given):
        return given.key in self.organisations() and given.scope <= self.scope \
            and (self.lead or not given.lead) and given.until <= self.until

    def cells(self):
        """Each thing that can be done, to its last day."""
        return {(org, place, what): self.until for org in self.organisations() for place in self.scope
                for what in ("act", "lead")[:1 + self.lead]}


def powers(o):
    return Powers(o.key, o.scope, o.lead, o.until)


class Chain:
    """One chain: the world as the rule has it, and the calls that were made of it."""

    def __init__(self, rng, number, ids):
        self.rng, self.number, self.ids = rng, number, ids
        self.today, self.officers, self.delegations, self.calls = 0, [], [], []
        self.knows = {}  # an officer's id: whose hands know the secret
        self.had = {}    # a root's id: what it was given by the operator
        self.given = defaultdict(set)  # a person: the roots who gave to them
        self.home = rng.choice(("bureau", *KEYS))
        self.clock()
        for _ in range(rng.randint(1, 3)):
            self.root()
        for _ in range(rng.randint(3, 8)):
            self.step()

    def __str__(self):
        return f"chain {self.number}, which is\n" + "\n".join(f"{e}: {sql}" for e, sql in self.calls) + "\n"

    # -- how a call is written

    def clock(self):
        self.calls.append((None, f"UPDATE ledger.city SET fixed_clock = '{date_of(self.today)} 10:00+08'"))

    def caller(self, me, behalf):
        claim = f"{me.id:016x}.{secret(f'{me.id}/{me.secret}')}{f'.{behalf.id:016x}' if behalf else ''} r"
        return f"4101, '{kid(me.key)}', '\\x{secret(me.key)}', '{claim}'"

    def call(self, expected, function, me, behalf, *rest):
        self.calls.append((expected, f"SELECT status || ' ' || code FROM api.{function}({self.caller(me, behalf)}, "
                           f"{', '.join(rest)}) WHERE kind = 'a'"))

    def once(self):
        return f"'{self.number}-{len(self.calls)}', '\\x00'"

    def hash(self, o):
        return f"'\\x{secret(f'{o.id}/{o.secret}')}'"

    def body(self, **said):
        for name in ("from_", "until"):
            if said.get(name) is not None:
                said[name.rstrip("_")] = date_of(said.pop(name))
        return "'" + json.dumps({k: v for k, v in said.items() if v is not None}) + "'"

    # -- what happens

    def root(self):
        key = self.home if self.rng.random() < 0.7 else self.rng.choice(list(KEYS))
        scope = self.rng.choice([s for s in SCOPES if places(s) <= places(KEYS[key][2])])
        o = Officer(next(self.ids), key, places(scope), self.rng.random() < 0.7, 0,
                    self.rng.choice((0, 3, 200, 300, 400)))
        o.roots = {o.id}
        self.had[o.id] = powers(o)
        self.join(o, {o.id})
        said = self.body(name="n", post="p", scope=scope, lead=o.lead, until=o.until)
        self.calls.append(("201 ok", "SELECT status || ' ' || code FROM api.create_first_officer(4101, 'admin',"
                           f" NULL, '', '{kid(key)}', {o.id}, {self.hash(o)}, {said})"))

    def join(self, o, knowing):
        self.officers.append(o)
        self.knows[o.id] = knowing
        self.given[o.id] |= o.roots

    def step(self):
        rng = self.rng
        if rng.random() < 0.12:
            self.today += rng.choice((1, 5, 40))
            self.clock()
            return
        lent = rng.choice(self.delegations) if self.delegations and rng.random() < 0.3 else None
        me = lent.to if lent else rng.choice(self.officers)
        person = rng.choice(sorted(self.knows[me.id]))
        what = rng.choice((self.create, self.create, self.change, self.change, self.renew, self.delegate,
                           self.delegate, self.end, self.act))
        what(me, person, lent.by if lent else None)

    def acting(self, me, behalf):
        """What the caller has, or why they are not heard."""
        if not me.lives(self.today):
            return None
        own = effective(powers(me))
        if behalf is None:
            return own
        live = [d for d in self.delegations if d.by is behalf and d.to is me and not d.ended
                and d.start <= self.today <= d.until and behalf.lives(self.today)]
        if not live:
            return None
        d = live[-1]
        return effective(Powers(me.key, d.scope & behalf.scope, False, min(me.until, d.until, behalf.until)))

    def sees(self, who, other):
        return other.key == who.key or KEYS[who.key][0] == BUREAU and who.scope == WHOLE

    def gave(self, to, giver):
        """A grant to an officer is one to each who has their secret."""
        to.roots |= giver.roots
        for person in self.knows[to.id]:
            self.given[person] |= giver.roots

    def create(self, me, person, behalf):
        rng = self.rng
        who = self.acting(me, behalf)
        org = me.key if rng.random() < 0.75 else rng.choice(list(KEYS))
        scope, start = rng.choice(SCOPES), self.today + rng.choice((0, 0, 0, 2))
        until = rng.choice((None, self.today, self.today + 3, self.today + 100, me.until, me.until + 1))
        lead = rng.random() < 0.5
        if rng.random() < 0.5:  # a likely one
            org, until = me.key, min(me.until, self.today + 100)
            scope = rng.choice([s for s in SCOPES if places(s) <= me.scope])
        said = {"role": KEYS[org][0], "organisation": KEYS[org][1]} if org != me.key else {}
        o = Officer(next(self.ids), org, places(scope), lead, start, until)
        if who:
            o.until = min(year_after(start), who.until) if until is None else until
        if not who:
            expected = "403 actor-refused"
        elif behalf or not who.lead:
            expected = "403 lead-required"
        elif org != me.key and not (KEYS[me.key][0] == BUREAU and who.scope == WHOLE):
            expected = "404 not-found"
        elif not who.contain(powers(o)):
            expected = BEYOND
        elif o.until < start or o.until < self.today or not o.scope <= places(KEYS[org][2]):
            expected = "422 validation-failed"
        else:
            expected = "201 ok"
            o.roots = set(me.roots)
            self.join(o, {o.id, person})
        self.call(expected, "create_officer", me, behalf, self.once(), str(o.id), self.hash(o), self.body(
            name="n", post="p", scope=scope, lead=lead, from_=start, until=until, **said))

    def refuse_change(self, who, me, o, behalf):
        if not who:
            return "403 actor-refused"
        if not self.sees(who, o):
            return "404 not-found"
        if behalf or not who.lead:
            return "403 lead-required"
        if not who.contain(replace(powers(o), until=min(o.until, who.until))):
            return BEYOND
        return "409 wrong-state" if o.revoked else None

    def change(self, me, person, behalf):
        rng, o = self.rng, self.rng.choice(self.officers)
        who = self.acting(me, behalf)
        said = {}
        if rng.random() < 0.5:
            said["scope"] = rng.choice(SCOPES)
        if rng.random() < 0.4:
            said["lead"] = rng.random() < 0.7
        if rng.random() < 0.5 or not said:
            said["until"] = rng.choice((self.today, self.today + 3, o.until + 1, me.until, me.until + 1))
        if rng.random() < 0.1:
            said["revoked"] = True
        now = replace(o, scope=places(said["scope"]) if "scope" in said else o.scope,
                      lead=said.get("lead", o.lead), until=said.get("until", o.until),
                      revoked=o.revoked or "revoked" in said)
        expected = self.refuse_change(who, me, o, behalf)
        adds = not powers(o).contain(powers(now))
        if expected is None and adds and not who.contain(powers(now)):
            expected = BEYOND
        if expected is None and ("until" in said or "scope" in said) and (
                now.until < o.start or now.until < self.today or not now.scope <= places(KEYS[o.key][2])):
            expected = "422 validation-failed"
        if expected is None:
            expected = "200 ok"
            o.scope, o.lead, o.until, o.revoked = now.scope, now.lead, now.until, now.revoked
            if adds:
                self.gave(o, me)
        self.call(expected, "change_officer", me, behalf, str(o.id), "NULL", self.body(**said))

    def lent_to(self, o):
        """What goes with an officer's secret beside their own."""
        return [Powers(d.by.key, d.scope & d.by.scope, False, min(d.until, d.by.until, o.until))
                for d in self.delegations if d.to is o and not d.ended and d.until >= self.today
                and not d.by.revoked and d.by.until >= self.today]

    def renew(self, me, person, behalf):
        o = self.rng.choice([d.to for d in self.delegations] or self.officers)
        who = self.acting(me, behalf)
        expected = self.refuse_change(who, me, o, behalf)
        if expected is None and o is not me and not all(who.contain(p) for p in [powers(o), *self.lent_to(o)]):
            expected = BEYOND
        fresh = replace(o, secret=o.secret + 1)
        self.call(expected or "201 ok", "renew_officer", me, behalf, self.once(), str(o.id), self.hash(fresh))
        if expected is None:
            o.secret = fresh.secret
            self.knows[o.id] = {o.id, person}

    def delegate(self, me, person, behalf):
        rng = self.rng
        o = me if rng.random() < 0.5 else rng.choice(self.officers)
        to = rng.choice([x for x in self.officers if x is not o and x.key == o.key or rng.random() < 0.1] or [o])
        who = self.acting(me, behalf)
        scope, start = rng.choice(SCOPES), self.today + rng.choice((0, 0, 0, 2))
        until = rng.choice((self.today, self.today + 3, o.until, me.until, me.until + 1))
        if rng.random() < 0.6:  # a likely one
            scope = rng.choice([s for s in SCOPES if places(s) <= o.scope & me.scope] or SCOPES)
            until = min(o.until, me.until, self.today + rng.choice((3, 100)))
        given = Powers(o.key, places(scope), False, until)
        if not who:
            expected = "403 actor-refused"
        elif not self.sees(who, o):
            expected = "404 not-found"
        elif behalf or not (who.lead or o is me):
            expected = "403 lead-required"
        elif o.revoked or o.until < self.today:
            expected = "409 wrong-state"
        elif to is o or to.revoked or to.key != o.key:
            expected = "422 validation-failed"
        elif not who.contain(given) or not powers(o).contain(given):
            expected = BEYOND
        elif until < start:
            expected = "422 validation-failed"
        else:
            expected = "201 ok"
            self.delegations.append(Delegation(next(self.ids), o, to, places(scope), start, until))
            self.gave(to, me)
        self.call(expected, "delegate_officer", me, behalf, self.once(), str(o.id), self.body(
            to=f"{to.id:016x}", scope=scope, from_=start, until=until))

    def act(self, me, person, behalf):
        who = self.acting(me, behalf)
        scope = next((s for s in SCOPES if who and places(s) == who.scope), "-")
        self.calls.append((f"{scope} {'t' if who.lead else 'f'} {date_of(who.until)}" if who else "nobody",
                           "SELECT CASE WHEN officer > 0 THEN concat_ws(' ', scope, lead, until) ELSE 'nobody' END"
                           f" FROM api.principal({self.caller(me, behalf)})"))

    def end(self, me, person, behalf):
        """Takes away, and gives nothing; of the first of the caller's own."""
        d = next((d for d in self.delegations if d.by is me and not d.ended), None)
        who = self.acting(me, behalf)
        if d is None or who is None or behalf:
            return
        d.ended = True
        self.call("200 ok", "end_delegation", me, behalf, self.once(), str(me.id),
                  f"(SELECT max(id) FROM (SELECT id FROM ledger.delegation WHERE from_officer = {me.id}"
                  " AND ended_at IS NULL ORDER BY id LIMIT 1) x)")


    # -- what stands

    def reaches_more(self):
        """What somebody reaches that nobody gave to them had, in words; None: nobody does."""
        for person in self.given:
            most = defaultdict(lambda: -1)
            for root in self.given[person]:
                for cell, until in self.had[root].cells().items():
                    most[cell] = max(most[cell], until)
            for o in self.officers:
                if person in self.knows[o.id] and not o.revoked and o.until >= self.today:
                    for p in (powers(o), *self.lent_to(o)):
                        for cell, until in effective(p).cells().items():
                            if until > most[cell]:
                                return f"{person:x} as {o.id:x}: {cell} to {date_of(until)}"
        return None


def effective(p):
    """As the key of the organisation lets them act."""
    return replace(p, scope=p.scope & places(KEYS[p.key][2]))
