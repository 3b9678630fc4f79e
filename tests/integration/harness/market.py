"""A city in which an agency refers people: its licence, a vacancy, and what is said of referrals."""

import itertools

import pytest

from .trade import AGENCY, LICENCE, PATH, Trade, citizen_number, line  # noqa: F401
from .wait import wait_for

numbers = itertools.count(1)
# 4050 by age, and unemployed: P2.
OLDER = {"year": 1955}


class Market(Trade):
    def __init__(self, daemon):
        super().__init__(daemon)
        self.postgres = daemon.postgres
        self.agency, self.hirer = daemon.keys["agency"], daemon.keys["employer"]
        self.lines, self.older = [], []

    def vacancy(self, posts=1, **changed):
        """Return lines go on: what was filed stays."""
        self.lines.append(line(f"R{len(self.lines)}", posts, **changed))
        return self.file(self.lines)[self.lines[-1]["ref"]]

    def person(self, year=1980, **changed):
        """Born when she is of no 4050 age, unless it is said."""
        n = next(numbers)
        number = citizen_number(n, year=year)
        return self.register(n, citizen_number=number, **changed)

    def propose(self, status, who, vacancy, key=None, **more):
        return self.must(status, "POST", "/v1/referrals", {"seeker": who, "vacancy": vacancy, **more},
                         key=key or self.agency)

    def step(self, status, referral, verb, body=None, key=None):
        body = {} if body is None else body
        return self.must(status, "POST", f"/v1/referrals/{referral}/{verb}", body,
                         key=key or self.agency)

    def read(self, referral, key=None):
        return self.must(200, "GET", f"/v1/referrals/{referral}", key=key)

    def move_to(self, day):
        self.postgres.psql(f"UPDATE ledger.city SET fixed_clock = '{day} 10:00+08'")
        wait_for(lambda: self.must(200, "GET", "/v1/referrals/summary?by=rank")["until"] == day
                 and self.call("GET", f"/v1/vacancies/{self.known}/matches").json["as_of"]["day"]
                 == day, 10, "the daemon's day")


@pytest.fixture(scope="module")
def whole(shared_daemon):
    town = Market(shared_daemon)
    town.employer()
    assert town.call("PUT", PATH, LICENCE).status == 201
    town.known = town.vacancy()
    return town


@pytest.fixture
def town(whole):
    yield whole
    for older in whole.older:
        whole.call("POST", f"/v1/seekers/{older}/withdraw", {"reason": "gave_up"})
    whole.older = []
    whole.postgres.psql("UPDATE ledger.referral SET state = 'withdrawn' WHERE state IN "
                        "('proposed', 'consented', 'accepted', 'interviewed', 'offered');"
                        "UPDATE ledger.seeker SET busy = false, version = version + 1 WHERE busy")


def problem(body, slug, **members):
    assert body["type"] == f"/problems/{slug}", body
    for name, value in members.items():
        assert body[name] == value, body
    return body
