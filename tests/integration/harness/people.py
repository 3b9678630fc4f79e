"""What a bureau does with people, in one line each; and what is asserted of a refusal."""

from .trade import COMMUNITY, Trade
from .wait import wait_for

PATCHES = {"Content-Type": "application/json"}


class People(Trade):
    def __init__(self, daemon, postgres):
        super().__init__(daemon)
        self.postgres = postgres

    def post(self, status, path, body, **more):
        return self.must(status, "POST", path, body, **more)

    def person(self, status, who, path, body, **more):
        return self.post(status, f"/v1/seekers/{who}/{path}", body, **more)

    def patch(self, status, path, body, **headers):
        answer = self.call("PATCH", path, body, headers={**PATCHES, **headers})
        assert answer.status == status, answer
        return answer

    def file_of(self, who, as_of=None):
        return self.must(200, "GET", f"/v1/seekers/{who}" + (f"?as_of={as_of}" if as_of else ""))

    def house(self, *members, **changed):
        body = {"community": COMMUNITY, "hukou_type": "urban", "business_income": False,
                "investment_income": False, "applied_on": "2007-07-02",
                "determined_on": "2007-07-10",
                "members": [self.member(m) for m in members], **changed}
        return self.post(201, "/v1/households", body)["household"]

    @staticmethod
    def member(who, **changed):
        return {"seeker": who, "able": True, "willing": True, "excluded": None, **changed}

    def at_work(self, who, vacancy=None, start="2007-07-12", **changed):
        body = {"seeker": who, "vacancy": vacancy, "kind": "unit" if vacancy else "flexible",
                "start_on": start, **({} if vacancy else {"workplace": COMMUNITY}), **changed}
        placement = self.post(201, "/v1/placements", body)["placement"]
        self.registered(placement)
        return placement

    def progress(self):
        return {(t["target"], t["unit"]): t["achieved"]
                for t in self.must(200, "GET", "/v1/progress")["targets"]}

    def move_to(self, day, who):
        """The sandbox's clock; the daemon hears of it with the next heartbeat."""
        self.postgres.psql(f"UPDATE ledger.city SET fixed_clock = '{day} 10:00+08'")
        wait_for(lambda: self.call("GET", f"/v1/seekers/{who}?as_of={day}").status == 200, 10,
                 "the daemon's day")


def refused(answer, slug, **members):
    assert answer.json["type"] == f"/problems/{slug}", answer
    for name, value in members.items():
        assert answer.json[name] == value, answer
    return answer.json


def rules(answer):
    return {(e["pointer"], e["rule"]) for e in answer.json["errors"]}
