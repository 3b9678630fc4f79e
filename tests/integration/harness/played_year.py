"""Families of a year, as they live: what happens to them is drawn, said to the daemon, and said to the oracle.

Each thing that happens is sent through the API on its day; whether it must be refused is asked of
the oracle first, and an answer of the other kind is kept as a fault.  It refuses to know what a
state or a rank is.
"""

import inspect
from collections import Counter
from datetime import date, timedelta

from oracle.events import Played

from .people import People
from .trade import citizen_number, seeker

START = date(2007, 7, 12)
MAN, WOMAN = 1, 2
AWAY = "410202"  # a county of another city
HOMES = ("410105003001", "410105560002", "410102001001")  # of three reporting units


def day_of(number):
    return START + timedelta(number)


class PlayedYear:
    def __init__(self, daemon, postgres, dice, families):
        self.town, self.dice, self.daemon = People(daemon, postgres), dice, daemon
        self.registers, self.faults, self.said, self.done = Played(), [], [], Counter()
        self.key, self.who, self.gone, self.numbers = {}, {}, {}, {}
        self.day = START
        known = {c["code"] for c in self.town.must(200, "GET", "/v1/codes/divisions")["items"]}
        self.homes = [p if p in known else min(c for c in known if c[:9] == p[:9] and len(c) == 12)
                      for p in HOMES]
        self.families = [self.family() for _ in range(families)]

    # People.

    def person(self, birth, sex, **more):
        r, n = self.registers, len(self.key) + 1
        used = self.numbers[birth, sex] = self.numbers.get((birth, sex), -1) + 1
        number = self.number(birth, sex, used)
        who = r.add("person", id=n, birth=birth, sex=sex, hukou_division="410105", grp="local",
                    registered_on=self.day)["id"]
        body = {"unemployment": None, **more}
        since = None
        if r.working_age(who, self.day) and self.dice.random() < 0.8:
            since = max(self.dice.choice([date(2007, 1, 10), self.day]),
                        birth.replace(year=birth.year + 16, day=min(birth.day, 28)))
            body["unemployment"] = {"since": str(since), "prior_job": True, "laid_off": None}
            r.register_unemployed(who, since)
        if self.dice.random() < 0.15 and r.working_age(who, self.day):
            body["recognitions"] = [{"code": "HC6a", "on": "2007-03-01"}]
            r.add("recognition", person=who, code="HC6a", recognised_on=date(2007, 3, 1),
                  ended_on=None, void_on=None)
        if self.dice.random() < 0.3 and r.working_age(who, self.day):
            inspected = self.dice.choice([[], [2007]])
            body["certificate"] = {"number": f"豫{who:07d}", "group": "L1", "issued_on": "2006-05-01",
                                   "valid_to": "2008-12-31", "inspected": inspected}
            r.add("certificate", id=who, person=who, issued_on=date(2006, 5, 1),
                  valid_to=date(2008, 12, 31), void_on=None)
            for year in inspected:
                r.add("inspection", certificate=who, year=year, on_day=date(year, 1, 1))
        self.key[who] = self.town.must(201, "POST", "/v1/seekers", seeker(
            who, citizen_number=number, **body))["seeker"]
        self.who[self.key[who]] = who
        if since:
            self.registers.of("unemployment", who)[0]["fact"] = \
                self.town.file_of(self.key[who])["unemployment"]["id"]
        return who

    @staticmethod
    def number(birth, sex, used):
        area = ("410105", "410102", "410103", "410104", "410106", "410108")[used // 2]
        number = f"{area}{birth:%Y%m%d}{(('997', '999'), ('996', '998'))[sex - 1][used % 2]}"
        return number + citizen_check(number)

    def birth(self, first, last):
        return date(self.dice.randrange(first, last + 1), self.dice.randrange(1, 13),
                    self.dice.randrange(1, 29))

    def family(self):
        """A couple or one parent, a child of sixteen or seventeen, a grandparent about to retire, a student."""
        dice = self.dice
        people = [self.person(self.birth(1952, 1970), MAN)]
        if dice.random() < 0.7:
            people.append(self.person(self.birth(1962, 1975), WOMAN))
        if dice.random() < 0.5:
            birth = START.replace(year=START.year - 16) - timedelta(dice.randrange(730))
            people.append(self.person(birth, dice.choice([MAN, WOMAN])))
        if dice.random() < 0.3:
            people.append(self.person(self.birth(1947, 1948), MAN))
        if dice.random() < 0.3:
            people.append(self.person(self.birth(1986, 1989), dice.choice([MAN, WOMAN])))
        return people

    # What happens.

    def send(self, reason, method, path, body, *, headers=None, also=()):
        """Whether it is done; it must be refused if, and only if, the oracle has a reason."""
        answer = self.town.call(method, path, body, headers=headers)
        done = answer.status < 300
        self.done[inspect.stack()[1].function, reason] += 1
        self.said.append((str(self.day), method, path, body, answer.status, reason))
        if done == bool(reason):
            self.faults.append((str(self.day), method, path, body, f"the oracle: {reason}", answer))
        return answer.json if done else None

    def history(self, *people):
        """All that the oracle knows of some people, and all that was said of them."""
        r = self.registers
        for table, key in (("person", "id"), ("unemployment", "person"), ("placement", "seeker"),
                           ("retirement_fact", "person"), ("household_member", "person")):
            for row in getattr(r, table):
                if row[key] in people:
                    yield table, {k: str(v) for k, v in row.items()}
        homes = {m["household"] for m in r.household_member if m["person"] in people}
        for home in r.household:
            if home["id"] in homes:
                yield "household", {k: str(v) for k, v in home.items()}
        for said in self.said:
            if any((self.key.get(who) or self.gone[who]) in str(said) for who in people):
                yield said

    def happen(self):
        dice = self.dice
        what = dice.choices(*zip(*{
            self.find_family: 4, self.find_work: 8, self.register_work: 8, self.end_work: 6,
            self.void_work: 2, self.undo_void: 1, self.register_unemployed: 6, self.end_unemployed: 1.5,
            self.void_unemployed: 0.5, self.withdraw: 1.5, self.come_back: 2.5, self.change_members: 5,
            self.end_family: 0.2, self.prove_age: 0.5, self.inspect: 1, self.recover: 0.5,
            self.merge_files: 0.7, self.undo_merge: 0.4,
        }.items()))[0]
        what()

    def anybody(self):
        return self.dice.choice(sorted(self.key))

    def member(self, who):
        dice = self.dice
        young = self.registers.people[who]["birth"] > date(1986, 1, 1)
        return {"person": who, "able": dice.random() < 0.95, "willing": dice.random() < 0.97,
                "excluded": "student" if young and dice.random() < 0.5 else None}

    def body_of(self, members):
        return [{"seeker": self.key[m["person"]], **{f: m[f] for f in ("able", "willing", "excluded")}}
                for m in members]

    def find_family(self):
        r, dice = self.registers, self.dice
        members = [self.member(who) for who in dice.choice(self.families)
                   if who in self.key and dice.random() < 0.9]
        if not members:
            return
        said = {"community": dice.choice(self.homes), "hukou_type": "urban" if dice.random() < 0.95
                else "rural", "business_income": dice.random() < 0.05, "investment_income": False,
                "applied_on": self.day, "determined_on": self.day if dice.random() < 0.9 else None}
        why = r.why_not_household(said, members, self.day)
        made = self.send(why, "POST", "/v1/households", {
            **said, "applied_on": str(self.day), "members": self.body_of(members),
            "determined_on": said["determined_on"] and str(self.day)})
        if made:
            r.found(made["household"], members, self.day, **said)

    def find_work(self):
        r, dice = self.registers, self.dice
        who = self.anybody()
        start = self.day + timedelta(dice.choice([-40, -10, -3, -1, 0, 0, 0, 1, 5, 20]))
        kind = dice.choice(["self", "flexible"])
        if who in r.withdrawn:
            return
        same = r.same_job(who, kind, start)
        place = same["workplace"] if same else AWAY if dice.random() < 0.2 else self.homes[0]
        made = self.send(r.why_not_placement(who, kind, start, self.day), "POST", "/v1/placements", {
            "seeker": self.key[who], "kind": kind, "workplace": place, "start_on": str(start)})
        if made:
            r.report(made["placement"], who, kind, start, self.day, place)

    def some_placement(self, *states):
        found = [p for p in self.registers.placement if p["state"] in states]
        return self.dice.choice(found) if found else None

    def register_work(self):
        p = self.some_placement("reported")
        if not p:
            return
        path = f"/v1/placements/{p['id']}"
        if p["workplace"] != AWAY:
            if self.send(None, "POST", f"{path}/register", {"community": self.homes[0]},
                         headers=self.town.second()):
                self.registers.register(p, self.day, self.homes[0])
        elif self.twice(f"{path}/record", {"evidence": "劳动合同", "reason": "外地就业"}):
            self.registers.register(p, self.day, None)

    def end_work(self):
        p = self.some_placement("reported", "registered", "recorded")
        on = self.day - timedelta(self.dice.choice([0, 0, 1, 5]))
        if not p or p["ended_on"] or on <= p["start_on"]:
            return
        reason = self.dice.choice(["dismissed", "resigned", "contract_ended"])
        why = "not-registered" if p["state"] == "reported" else None
        if self.send(why, "POST", f"/v1/placements/{p['id']}/end", {"on": str(on), "reason": reason}):
            self.registers.end(p, on, reason)

    def twice(self, path, asked):
        """One officer asks, another decides."""
        if self.send(None, "POST", path, asked) is None:
            return False
        path = path.removesuffix("/undo") + "/decide"
        return self.send(None, "POST", path, {"decision": "approve", "reason": "情况属实"},
                         headers=self.town.second()) is not None

    def void_work(self):
        p = self.some_placement("reported", "registered", "recorded")
        if p and self.twice(f"/v1/placements/{p['id']}/void",
                            {"code": "V2", "reason": "未到岗", "evidence": "书面说明"}):
            self.registers.void(p, self.day)

    def undo_void(self):
        p, r = self.some_placement("void"), self.registers
        if not p or (self.day - p["void_on"]).days > 29 or p["person"] in r.withdrawn:
            return
        end = p["ended_on"] or date.max
        if any(q is not p and q["state"] != "void" and q["start_on"] < end
               and p["start_on"] < (q["ended_on"] or date.max) for q in r.of("placement", p["person"], "seeker")):
            return
        if self.twice(f"/v1/placements/{p['id']}/void/undo", {"reason": "已补合同", "evidence": "合同"}):
            r.undo(p)

    def register_unemployed(self):
        r, who = self.registers, self.anybody()
        since = self.day - timedelta(self.dice.choice([0, 0, 0, 4]))
        if any(p["state"] != "void" and p["start_on"] > since for p in r.of("placement", who, "seeker")):
            return
        made = self.send(r.why_not_unemployment(who, since), "POST",
                         f"/v1/seekers/{self.key[who]}/unemployment",
                         {"since": str(since), "prior_job": True, "laid_off": None})
        if made:
            r.register_unemployed(who, since, made["fact"])

    def end_unemployed(self):
        r, who = self.registers, self.anybody()
        u, on = r.open_registration(who, self.day), self.day - timedelta(self.dice.choice([0, 0, 3]))
        if not u or on <= u["since"] or r.works(who, on):
            return
        reason = self.dice.choice(["gave_up", "employed"])
        why = "ended" if r.ended(u)[0] else None  # by work that is to begin
        if self.send(why, "POST", f"/v1/seekers/{self.key[who]}/unemployment/{u['fact']}/end",
                     {"reason": reason, "on": str(on)}):
            r.end_unemployment(u, on, reason)

    def void_unemployed(self):
        r, who = self.registers, self.anybody()
        u = r.open_registration(who, self.day)
        if u and self.send(None, "POST", f"/v1/seekers/{self.key[who]}/unemployment/{u['fact']}/void",
                           {"reason": "误登"}):
            u["void_on"] = self.day

    def withdraw(self):
        r, who = self.registers, self.anybody()
        if who in r.withdrawn or any(p["state"] != "void" and (p["ended_on"] or date.max) > self.day
                                     for p in r.of("placement", who, "seeker")):
            return
        reason = self.dice.choice(["gave_up", "school", "no_contact", "employed", "employed"])
        if self.send(None, "POST", f"/v1/seekers/{self.key[who]}/withdraw", {"reason": reason}):
            r.withdraw(who, self.day, reason)

    def come_back(self):
        r = self.registers
        out = sorted(set(r.withdrawn) & set(self.key))
        if not out:
            return
        who = self.dice.choice(out)
        answer = self.send(None, "POST", f"/v1/seekers/{self.key[who]}/return", {})
        if answer:
            r.come_back(who, self.day)

    # Two files of one person.

    def merge_files(self):
        r = self.registers
        stays, gone = self.dice.sample(sorted(self.key), 2)
        if self.send(r.why_not_merge(stays, gone, self.day), "POST", f"/v1/seekers/{self.key[stays]}/merge",
                     {"duplicate": self.key[gone], "reason": "同一人"}):
            r.merge(stays, gone, self.day)
            self.gone[gone] = self.key.pop(gone)

    def undo_merge(self):
        r = self.registers
        found = [m for m in r.merges if m["stays"] in self.key]
        if not found:
            return
        m = self.dice.choice(found)
        if self.send(r.why_not_undo_merge(m, self.day), "POST",
                     f"/v1/seekers/{self.key[m['stays']]}/unmerge",
                     {"duplicate": self.gone[m["gone"]], "reason": "不是同一人"}, headers=self.town.second()):
            r.undo_merge(m)
            self.key[m["gone"]] = self.gone.pop(m["gone"])

    def change_members(self):
        r, dice = self.registers, self.dice
        homes = [h for h in r.household if h["determined_on"] and not h["ended_on"]]
        if not homes:
            return
        home = dice.choice(homes)
        members = [{k: m[k] for k in ("person", "able", "willing", "excluded")}
                   for m in r.members(home, self.day)]
        what = dice.random()
        if what < 0.4:
            others = sorted(set(self.key) - {m["person"] for m in members})
            members.append(self.member(dice.choice(others)))
        elif what < 0.7 and len(members) > 1:
            members.remove(dice.choice(members))
        elif members:
            members[dice.randrange(len(members))]["excluded"] = dice.choice([None, None, "student"])
        why = r.why_not_members(home, members, self.day)
        answer = self.send(why, "PATCH", f"/v1/households/{home['id']}",
                           {"members": self.body_of(members), "on": str(self.day)},
                           headers={"Content-Type": "application/json"})
        if answer:
            r.change_members(home, members, self.day)

    def end_family(self):
        homes = [h for h in self.registers.household if not h["ended_on"]]
        home = self.dice.choice(homes) if homes else None
        if not home:
            return
        path = f"/v1/households/{home['id']}/end"
        if not home["determined_on"]:
            if self.send(None, "POST", path, {"reason": "moved"}):
                home["ended_on"] = self.day
        elif self.twice(path, {"reason": "changed"}):
            home["ended_on"] = self.day

    def prove_age(self):
        r, who = self.registers, self.anybody()
        if r.people[who]["sex"] == WOMAN and not r.of("retirement_fact", who) and self.send(
                None, "POST", f"/v1/seekers/{self.key[who]}/retirement",
                {"age": 55, "evidence": "干部档案"}):
            r.add("retirement_fact", person=who, since=self.day, age=55)

    def inspect(self):
        r, year = self.registers, self.day.year
        certificates = [c for c in r.certificate if not any(
            i["certificate"] == c["id"] and i["year"] == year for i in r.inspection)]
        if not certificates:
            return
        c = self.dice.choice(certificates)
        fact = self.town.file_of(self.key[c["person"]])["certificate"]
        if fact and self.send(None, "POST", f"/v1/seekers/{self.key[c['person']]}/certificates/"
                              f"{fact['id']}/inspect", {"year": year}):
            r.add("inspection", certificate=c["id"], year=year, on_day=self.day)

    def recover(self):
        r, open_now = self.registers, [x for x in self.registers.recognition if not x["ended_on"]]
        if not open_now:
            return
        x = self.dice.choice(open_now)
        fact = self.town.file_of(self.key[x["person"]])["recognitions"][0]["id"]
        if self.send(None, "POST", f"/v1/seekers/{self.key[x['person']]}/recognitions/{fact}/end",
                     {"reason": "no_longer_meets"}):
            x["ended_on"] = self.day


def citizen_check(number):
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return "10X98765432"[sum(int(d) * w for d, w in zip(number, weights)) % 11]
