"""The exchange's daily trade, as bodies of requests: employers, returns, people.

Everything is well formed and nobody's: citizen numbers bear the sequences
996 to 999, which are kept for people over a hundred, with births after 1950.
"""

from .wait import wait_for

DISTRICT = "410105"
COMMUNITY = "410105003001"
QUARTER = "2007Q2"
GUARD = "4-07-05-01"
CLEANER = "4-09-08-01"
# The agency whose key a daemon's harness has, and what the bureau enters of it.
AGENCY = "测试职业介绍所"
LICENCE = {"licence": "豫郑职介2006-017", "district": DISTRICT, "services": ["introduction"],
           "from": "2006-01-01", "until": "2007-12-31"}
PATH = f"/v1/agencies/{'%E6%B5%8B%E8%AF%95%E8%81%8C%E4%B8%9A%E4%BB%8B%E7%BB%8D%E6%89%80'}"


def citizen_number(n, area="410105", man=True, year=1970):
    """The n-th of them: every day of thirty years, from `year` on."""
    day, turn = n % 28 + 1, n // 28
    month, turn = turn % 12 + 1, turn // 12
    sequence = ("997", "999") if man else ("996", "998")
    number = f"{area}{year + turn // 2 % 30:04d}{month:02d}{day:02d}{sequence[turn % 2]}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return number + "10X98765432"[sum(int(d) * w for d, w in zip(number, weights)) % 11]


def seeker(n, **changed):
    body = {
        "citizen_number": citizen_number(n),
        "name": f"测试{n}",
        "telephone": f"1390000{n:04d}",
        "address": f"测试路{n}号",
        "community": COMMUNITY,
        "hukou": {"type": "urban", "division": "410105"},
        "education": "61",
        "skills": [],
        "licences": [],
        "experience": [],
        "wishes": [GUARD],
        "pay_wish_fen": 80000,
        "farthest": "city",
        "shifts": ["day", "evening", "night", "rotating"],
        "forms": ["full", "part"],
        "group": "local",
        "unemployment": {"since": "2007-01-10", "prior_job": True, "laid_off": None},
    }
    body.update(changed)
    return body


def line(ref, posts=1, **changed):
    body = {
        "ref": ref,
        "occupation": GUARD,
        "title": "保安员",
        "duties": "值班巡逻",
        "posts": posts,
        "place": COMMUNITY,
        "pay_min_fen": 90000,
        "pay_max_fen": 120000,
        "pay_period": "month",
        "weekly_hours": 40,
    }
    body.update(changed)
    return body


def quarter_return(lines, **changed):
    body = {"nil": not lines, "staff": 120, "contact": "测试联系人", "telephone": "13900000000",
            "lines": lines}
    body.update(changed)
    return body


class Trade:
    """The same, said to a daemon with the bureau's key; what must succeed is asserted."""

    def __init__(self, daemon):
        self.daemon = daemon
        self.bureau = daemon.keys["bureau"]

    def call(self, method, path, body=None, key=None, headers=None):
        return self.daemon.request(method, path, key or self.bureau, body, headers)

    def must(self, status, method, path, body=None, **more):
        answer = self.call(method, path, body, **more)
        assert answer.status == status, answer
        return answer.json

    def employer(self, code="123456788", district=DISTRICT):
        body = {"name": "测试企业", "sites": [{"district": district, "since": "2006-01-01"}]}
        answer = self.call("PUT", f"/v1/employers/{code}", body)
        assert answer.status in (200, 201), answer
        return code

    def licence(self, **changed):
        now = self.call("GET", PATH)
        # What it was once is said anew with If-Match.
        stands = {"If-Match": f'"{now.json["version"]}"'} if now.status == 200 else {}
        answer = self.call("PUT", PATH, {**LICENCE, **changed}, headers=stands)
        assert answer.status in (200, 201), answer
        return answer.json

    def file(self, lines, code="123456788", district=DISTRICT, quarter=QUARTER):
        """Returns ref -> vacancy id."""
        answer = self.call("PUT", f"/v1/returns/{code}/{district}/{quarter}", quarter_return(lines))
        assert answer.status in (200, 201), answer
        return answer.json["vacancies"]

    def register(self, n, **changed):
        return self.must(201, "POST", "/v1/seekers", seeker(n, **changed))["seeker"]

    def placement(self, seeker_id, vacancy, start="2007-07-12", **changed):
        return {"seeker": seeker_id, "vacancy": vacancy, "kind": "unit", "start_on": start,
                **changed}

    def second(self):
        """Another officer of the bureau, who decides what the first has asked for."""
        if not hasattr(self.daemon, "second_officer"):
            made = self.daemon.new_officer(self.bureau, name="复核员", lead=False)
            wait_for(lambda: self.call("GET", "/v1/officers", headers={"Vacancyd-Actor": made})
                     .status == 200, 5, "the second officer")
            self.daemon.second_officer = made
        return {"Vacancyd-Actor": self.daemon.second_officer}

    def registered(self, placement, **changed):
        """By another officer than who mostly reports."""
        return self.must(200, "POST", f"/v1/placements/{placement}/register",
                         {"community": COMMUNITY, **changed}, headers=self.second())

    def decide(self, placement, decision="approve"):
        return self.call("POST", f"{placement}/void/decide",
                         {"decision": decision, "reason": "情况属实"}, headers=self.second())

    def void(self, placement, code="V2"):
        """Asked for by one officer, approved by another."""
        asked = self.must(200, "POST", placement + "/void",
                          {"code": code, "reason": "未到岗", "evidence": "书面说明"})
        assert asked["state"] == "void-asked"
        answer = self.decide(placement)
        assert answer.status == 200, answer
        return answer.json
