"""A city of some hundred vacancies and seekers, drawn so that everything meets: ties of score, waiting
time and posting day, reserved posts, the edges of every age, far places, rare trades, and all ranks.

It is filed and registered through the API while the sandbox's clock moves on, and written down as
the oracle wants it.  It refuses to know what a match is.
"""

import json
from datetime import date, timedelta

from oracle.registers import Registers

from .trade import Trade, line, seeker

# Until when each lot of vacancies was posted: at the edges of rules/freshness on the last day.
DAYS = [date.fromisoformat(f"2007-{d}") for d in (
    "07-12", "07-13", "08-11", "08-12", "09-10", "09-11", "10-03", "10-04", "10-11")]
TODAY = DAYS[-1]
CONFIRMED = date(2007, 10, 4)  # what the first two lots need, or they lapse

# A few trades that many share, some of the same groups, some that hardly anybody has.
TRADES = (["4-07-05-01"] * 6 + ["4-07-05-02"] * 3 + ["4-07-03-01", "4-07-05-03"] * 2
          + ["4-09-08-01"] * 4 + ["4-09-08-02"] * 2 + ["4-09-10-01", "4-10-01-05"]
          + ["6-31-01-03", "6-31-01-01", "6-31-02-01", "6-18-02-01", "6-18-02-02"]
          + ["2-06-03-00", "2-06-06-01", "1-01-00-01", "1-01-00-02", "1-02-01-00", "5-01-01-01"])
PLACES = (["410105001003"] * 3 + ["410105001006", "410105002001"] * 2
          + ["410102001001", "410108001001", "410106001001", "410122001001", "410181001001"])
SKILLS = ["K001", "K006", "K007", "K008", "K011", "K010"]
LICENCES = ["L01", "L02", "L03"]
SHIFTS = ["day", "evening", "night", "rotating"]
EDUCATION = ["90", "81", "83", "71", "61", "63", "41", "43", "44", "31", "21", "14", "60", "40"]
MAN, WOMAN = 1, 2


def organisation_code(number):
    digits = f"{number:08d}"
    rest = 11 - sum(int(d) * w for d, w in zip(digits, (3, 7, 9, 10, 5, 8, 4, 2))) % 11
    return digits + {10: "X", 11: "0"}.get(rest, str(rest))


def births(day):
    """(birth, sex) at the edges of each age on the last day and at the year's end; of sixteen on the day
    of registering, before which nobody is registered (rules/under-16)."""
    one = timedelta(days=1)
    at = day.replace(year=day.year - 16)
    yield from ((at - one, MAN), (at, WOMAN))
    for at, sex in ((TODAY.replace(year=TODAY.year - 18), WOMAN), (date(1957, 12, 31), MAN),
                    (date(1967, 12, 31), WOMAN), (date(1948, 1, 1), MAN),
                    (date(1958, 1, 1), WOMAN), (TODAY.replace(year=1947), MAN),
                    (TODAY.replace(year=1957), WOMAN), (TODAY.replace(year=1952), WOMAN)):
        yield from ((at - one, sex), (at, sex), (at + one, sex))


class DrawnCity:
    def __init__(self, daemon, dice, people=300, vacancies=300):
        self.trade, self.dice, self.daemon = Trade(daemon), dice, daemon
        known = {c["code"] for c in self.trade.must(200, "GET", "/v1/codes/divisions")["items"]}
        self.places = [p if p in known else min(c for c in known if c[:9] == p[:9] and len(c) == 12)
                       for p in PLACES]
        self.registers = Registers()
        self.vacancies, self.seekers, self.sequences = {}, {}, {}
        self.firms = [organisation_code(20000000 + n) for n in range(6)]
        self.approvals = {}
        self.found()
        for n, day in enumerate(DAYS):
            if n:
                self.move_to(day)
            self.post_vacancies(day, vacancies // len(DAYS))
            for _ in range(people // len(DAYS)):
                self.register(day)
            if day == CONFIRMED:
                self.confirm()
            if day == DAYS[-2]:
                self.determine()
        self.live()

    def move_to(self, day):
        answer = self.daemon.admin("POST", "/clock", {"now": f"{day}T10:00:00+08:00"}, timeout=120)
        assert answer.status == 200, answer

    # Employers and their posts.

    def found(self):
        districts = sorted({p[:6] for p in self.places})
        for n, code in enumerate(self.firms):
            self.trade.must(201, "PUT", f"/v1/employers/{code}", {"name": f"企业{n}", "sites": [
                {"district": d, "since": "2006-01-01"} for d in districts]})
            for release in (None, "2007-08-01", "2007-10-11", "2007-10-12"):
                number = f"郑岗{n}-{release}"
                self.trade.must(201, "POST", "/v1/public-welfare-posts", {
                    "approval": number, "employer": code, "community": self.places[0],
                    "kind": "security", "posts": 1000, "approved_on": "2007-06-20", "new": True,
                    "release_on": release})
                self.approvals[number] = date.fromisoformat(release) if release else None

    def draw_line(self, ref, day):
        dice = self.dice
        period = dice.choice(["month"] * 5 + ["hour", "day", "piece", "week", "year", "negotiable"])
        pay = dice.choice([60000, 79999, 80000, 80001, 100000, 120000, 200000])
        made = line(ref, dice.choice([1, 1, 1, 2, 5]), occupation=dice.choice(TRADES),
                    place=dice.choice(self.places), pay_period=period, pay_min_fen=None,
                    pay_max_fen=None if period == "negotiable" else
                    pay * {"year": 12}.get(period, 1) // {"hour": 173, "day": 21, "week": 4}.get(period, 1),
                    weekly_hours=dice.choice([20, 40, 44, 84]))
        if dice.random() < 0.5:
            made["shift"] = dice.choice(SHIFTS)
        if dice.random() < 0.3:
            made["form"] = dice.choice(["full", "part"])
        if dice.random() < 0.3:
            made["education_min"] = dice.choice(EDUCATION)
        if dice.random() < 0.4:
            made["skills_required"] = dice.sample(SKILLS, dice.choice([1, 1, 2, 3]))
        if dice.random() < 0.4:
            left = [s for s in SKILLS if s not in made.get("skills_required", [])]
            made["skills_wished"] = dice.sample(left, dice.choice([1, 2]))
        if dice.random() < 0.15:
            made["licences"] = dice.sample(LICENCES, dice.choice([1, 1, 2]))
        if dice.random() < 0.4:
            made["experience_months"] = dice.choice([0, 6, 12, 36])
        if dice.random() < 0.2:
            made["valid_until"] = dice.choice([last for last in ("2007-10-10", "2007-10-11", "2007-12-31")
                                               if last >= str(day)])  # rules/news
        return made

    def post_vacancies(self, day, n):
        sent = []
        for _ in range(n):
            firm = self.dice.randrange(len(self.firms))
            made = self.draw_line(f"R{len(self.vacancies) + len(sent)}", day)
            if self.dice.random() < 0.12:
                made.update(reserved=True, approval=self.dice.choice(
                    [a for a in self.approvals if a.startswith(f"郑岗{firm}-")]))
            sent.append({"employer": self.firms[firm], "quarter": "2007Q2" if day < DAYS[2] else "2007Q3",
                         **made})
        for record, receipt in zip(sent, self.send(f"lot-{day}", sent)):
            release = self.approvals.get(record.get("approval"))
            late = day + timedelta(days=45)
            self.vacancies[int(receipt["vacancy"])] = {
                **record, "id": int(receipt["vacancy"]), "posted_on": day, "lapses": day < DAYS[2],
                "filled": 0, "closed": False,
                "released_on": max(release, late) if release else None}

    def send(self, name, records):
        body = "".join(json.dumps(r, ensure_ascii=False) + "\n" for r in records).encode()
        answer = self.daemon.request("POST", "/v1/imports", self.trade.bureau, raw=body, headers={
            "Content-Type": "application/x-ndjson", "Idempotency-Key": name})
        assert answer.status == 200, answer
        *receipts, end = [json.loads(x) for x in answer.text.splitlines()]
        assert end["refused"] == 0, [r for r in receipts if "errors" in r][:3]
        return receipts

    def confirm(self):
        """The third quarter's returns mention most of the first lots."""
        kept = [v for v in self.vacancies.values() if v["lapses"] and v["id"] % 5]
        ours = ("id", "posted_on", "lapses", "filled", "closed", "released_on", "open")
        self.send("confirmed", [{**{k: x for k, x in v.items() if k not in ours}, "quarter": "2007Q3"}
                                for v in kept])
        for v in kept:
            v["lapses"] = False

    # People.

    def citizen(self, birth, sex):
        """A number with a sequence that is kept for people over a hundred; None when they are used up."""
        n = self.sequences.get((birth, sex), 0)
        if n == 2 * len(DAYS):
            return None
        self.sequences[birth, sex] = n + 1
        area = ("410105", "410102", "410103", "410104", "410106", "410108", "410122", "410181",
                "410182")[n // 2]
        number = f"{area}{birth:%Y%m%d}{(('997', '999'), ('996', '998'))[sex - 1][n % 2]}"
        weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
        return number + "10X98765432"[sum(int(d) * w for d, w in zip(number, weights)) % 11]

    def draw_person(self, day):
        dice = self.dice
        birth, sex = dice.choice(list(births(day))) if dice.random() < 0.4 else \
            (date(dice.randrange(1948, 1990), dice.randrange(1, 13), dice.randrange(1, 29)),
             dice.choice([MAN, WOMAN]))
        number = self.citizen(birth, sex)
        if number is None:
            return self.draw_person(day)
        wishes = []
        while len(wishes) < dice.choice([1, 1, 2, 3]):
            trade = dice.choice(TRADES)
            wish = trade[:dice.choice([10, 10, 10, 7, 4])]
            if wish not in wishes and wish not in ("1-01-00",):
                wishes.append(wish)
        return birth, sex, {
            "citizen_number": number, "community": dice.choice(self.places),
            "education": dice.choice(EDUCATION), "wishes": wishes,
            "skills": dice.sample(SKILLS, dice.randrange(len(SKILLS) + 1)),
            "licences": dice.sample(LICENCES, dice.choice([0, 0, 0, 1, 2])),
            "experience": [{"occupation": trade, "months": dice.choice([3, 6, 11, 12, 30, 36])}
                           for trade in sorted(set(dice.choices(TRADES, k=dice.choice([0, 1, 2, 3]))))],
            "pay_wish_fen": dice.choice([None, 0, 79999, 80000, 80001, 100000, 106667, 150000]),
            "farthest": dice.choice(["city"] * 5 + ["adjacent", "county", "street", "community"]),
            "shifts": SHIFTS if dice.random() < 0.5 else dice.sample(SHIFTS, dice.choice([1, 2, 3])),
            "forms": dice.choice([["full"], ["full", "part"], ["full", "part"], ["part"]]),
            "unemployment": None}

    def register(self, day):
        dice, r = self.dice, self.registers
        birth, sex, body = self.draw_person(day)
        who = len(self.seekers) + 1
        r.add("person", id=who, sex=sex, birth=birth, hukou_division="410105", grp="local")
        if sex == WOMAN and dice.random() < 0.2:
            body["retirement"] = {"age": 55, "evidence": "干部档案"}
            r.add("retirement_fact", person=who, since=day, age=55)
        at_age = r.working_age(who, day)
        since = None
        if at_age and dice.random() < 0.7:
            since = dice.choice([date(2005, 9, 18), date(2006, 10, 10), date(2006, 10, 11),
                                 date(2006, 10, 12), date(2006, 12, 31), date(2007, 1, 10), day])
            since = max(since, birth.replace(year=birth.year + 16, day=min(birth.day, 28)))
            body["unemployment"] = {"since": str(since), "prior_job": True, "laid_off": None}
            r.add("unemployment", person=who, since=since, ended_on=None, void_on=None)
        if at_age and dice.random() < 0.2:
            code = dice.choice(["HC4", "HC5", "HC6a", "HC7"])
            body["recognitions"] = [{"code": code, "on": "2007-03-01"}]
            r.add("recognition", person=who, code=code, recognised_on=date(2007, 3, 1), ended_on=None,
                  void_on=None)
        if at_age and dice.random() < 0.25:
            issued = dice.choice([date(2006, 5, 1), date(2007, 2, 1)])
            seen = dice.choice([[], [2007]])
            body["certificate"] = {"number": f"豫{who:07d}", "group": "L1", "issued_on": str(issued),
                                   "valid_to": dice.choice(["2007-10-10", "2007-10-11", "2008-12-31"]),
                                   "inspected": seen}
            r.add("certificate", id=who, person=who, issued_on=issued, void_on=None,
                  valid_to=date.fromisoformat(body["certificate"]["valid_to"]))
            for year in seen:
                r.add("inspection", certificate=who, year=year, on_day=date(year, 1, 1))
        made = self.trade.must(201, "POST", "/v1/seekers", seeker(who, **body))
        self.seekers[who] = {**body, "key": made["seeker"], "id": int(made["seeker"], 16), "who": who,
                             "birth": birth, "waiting_since": since or day, "active": True,
                             "busy": False}

    def determine(self):
        """Zero-employment households of one to three, a student among some of them."""
        r, free = self.registers, [who for who in self.seekers
                                   if self.registers.unemployed(who, DAYS[-2])]
        self.dice.shuffle(free)
        for home in range(1, 13):
            members = [{"who": free.pop(), "excluded": None} for _ in range(self.dice.choice([1, 2, 3]))]
            if home % 4 == 0:
                members.append({"who": free.pop(), "excluded": "student"})
            self.trade.must(201, "POST", "/v1/households", {
                "community": self.places[0], "hukou_type": "urban", "business_income": False,
                "investment_income": False, "applied_on": str(DAYS[-3]), "determined_on": str(DAYS[-2]),
                "members": [{"seeker": self.seekers[m["who"]]["key"], "able": True, "willing": True,
                             "excluded": m["excluded"]} for m in members]})
            r.add("household", id=home, determined_on=DAYS[-2], ended_on=None)
            for m in members:
                r.add("household_member", household=home, person=m["who"], able=True, willing=True,
                      excluded=m["excluded"], joined_on=date.min, left_on=None)

    def live(self):
        """On the last day some find work, now or soon; some look no more; some posts are closed."""
        dice, at_work = self.dice, []
        for who in dice.sample(sorted(self.seekers), 40):
            s = self.seekers[who]
            if s["birth"] > TODAY.replace(year=TODAY.year - 17):
                continue
            if len(at_work) < 24:
                open_now = [v for v in self.vacancies.values() if not self.is_over(v)
                            and not v.get("reserved") and not v.get("licences")]
                at_work.append((s, dice.choice(open_now), TODAY + timedelta(dice.choice([0, 0, 5, 30]))))
                s["active"] = False
                at_work[-1][1]["filled"] += 1
                self.registers.add("placement", seeker=who, start_on=at_work[-1][2], ended_on=None,
                                   state="reported")
            elif s["active"]:
                s["active"] = False
                self.trade.must(200, "POST", f"/v1/seekers/{s['key']}/withdraw", {"reason": "gave_up"})
                for row in self.registers.of("unemployment", who):  # rules/withdrawal
                    row["ended_on"] = TODAY
        answer = self.trade.must(200, "POST", "/v1/placements/batch", {"items": [
            {"seeker": s["key"], "vacancy": str(v["id"]), "kind": "unit", "start_on": str(start)}
            for s, v, start in at_work]})
        assert answer["recorded"] == len(at_work), answer
        shut = dice.sample([v for v in self.vacancies.values() if not self.is_over(v)], 8)
        self.send("shut", [{"employer": v["employer"], "quarter": "2007Q3", "ref": v["ref"],
                            "place": v["place"], "closed": {
                                "reason": dice.choice(["unfilled", "withdrawn", "filled_own"])}}
                           for v in shut])
        for v in shut:
            v["closed"] = True

    @staticmethod
    def is_over(v):
        return v["closed"] or v["lapses"] or v["filled"] >= v["posts"] \
            or v.get("valid_until", "9999") < str(TODAY)

    def refer(self, s, vacancies):
        """Three live referrals, each where nobody with priority stands before the seeker."""
        for v in vacancies:
            self.trade.must(201, "POST", "/v1/referrals", {"seeker": s["key"], "vacancy": str(v["id"])})
        s["busy"] = True
