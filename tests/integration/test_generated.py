"""Thousands of requests made from config/openapi.yaml, each answer held against it.

Every operation gets requests as the document says, nearly so, and hostile ones, with
the keys of every role, with and without an officer.  Whatever is sent: no 5xx, no
connection that ends without an answer, nothing that the document does not describe,
no change by what was not accepted, and nobody's name, number, street or telephone
in an answer (but her own file, and to whom she agreed to be referred) or in the log.

A run makes the same requests each time; the long form ten times as many, VACANCYD_SEED
others.  What fails is printed as a curl line.
"""

import os
import re
from collections import Counter

import pytest
from generated.contract import Contract
from generated.requests import Requests
from generated.stage import OTHER, Stage
from generated.values import CONTACT, NAME, STREET, TELEPHONE, Values
from generated.wire import Dropped, Wire
from harness import LONG
from hypothesis import HealthCheck, Phase, given, seed, settings

EXAMPLES = 200 if LONG else 20  # an operation, of each sort
SEED = os.environ.get("VACANCYD_SEED", "1")
WINDOW = 24  # requests between two looks at the ledger
CITIZEN_NUMBER = re.compile(r"4101(0519|0520)\d{6}99[6-9][0-9X]")
SEALED = re.compile("|".join((NAME, STREET, TELEPHONE, CITIZEN_NUMBER.pattern)))


class Session:
    """All that was sent and what was wrong with the answers; the tests share one."""

    def __init__(self, daemon):
        self.contract = Contract()
        self.stage = Stage(daemon)
        self.requests = Requests(self.contract, self.stage, Values(self.contract.document, self.stage))
        self.wire = Wire(daemon.port)
        self.url = daemon.url
        self.sent, self.accepted, self.statuses = 0, Counter(), Counter()
        self.failures = {}
        self.window = []
        self.known = self.stage.ledger.digest()

    def fail(self, what, operation, request, answer=None):
        """The first of its kind."""
        kind = re.sub(r"[0-9a-f]{16}|\d{4,}|'[^']*'", "_", what)
        told = f"{operation}: {what}\n  [{request.note}] {request.role}\n  {request.curl(self.url)}" \
               f"\n  {answer}"
        if answer and answer.status >= 500 and answer.kind.endswith("json"):
            log = self.stage.daemon.log.splitlines()
            at = next((i for i, x in enumerate(log) if answer.json["instance"] in x), len(log))
            told += "\n  " + "\n  ".join(log[max(0, at - 2):at + 1])
        self.failures.setdefault((kind, repr(operation)), told)

    def one(self, operation, request):
        self.sent += 1
        try:
            answer = self.wire.send(request)
        except Dropped:
            self.fail("no answer", operation, request)
            return
        self.statuses[answer.status] += 1
        for fault in self.contract.judge(request, answer):
            self.fail(fault, operation, request, answer)
        text = answer.body.decode("utf-8", "replace")
        asked = repr(self.contract.operation(request))
        own_file = asked == "GET /v1/seekers/{seeker}" and request.role == "bureau" and request.actor \
            or asked == "GET /v1/referrals/{referral}/person"
        if SEALED.search(text) and not own_file:
            self.fail("it tells " + SEALED.search(text).group()[:6], operation, request, answer)
        if answer.status < 300:
            self.accepted[asked] += 1
            if request.method != "HEAD":
                self.stage.learn(answer)
        if answer.status < 300 and request.method not in ("GET", "HEAD"):
            self.window, self.known = [], self.stage.ledger.digest()
            return
        self.window.append((operation, request, answer))
        if len(self.window) >= WINDOW:
            self.look()

    def look(self):
        """Nothing in the ledger has changed since the last accepted write."""
        now = self.stage.ledger.digest()
        changed = sorted(set(now) ^ set(self.known))
        if changed and self.window:
            lines = "\n  ".join(f"{a.status} {r.curl(self.url)}" for _, r, a in self.window
                                if r.method != "GET")
            self.failures.setdefault(("changed", changed[0].split()[0]),
                                     f"one of these was refused and changed {changed}\n  {lines}")
        self.window, self.known = [], now

    def run(self, profile):
        for operation in self.contract.operations:
            self.generate(operation, profile)
        self.look()

    def generate(self, operation, profile):
        @seed(f"{SEED} {operation} {profile}")
        @settings(max_examples=EXAMPLES, database=None, deadline=None, phases=(Phase.generate,),
                  suppress_health_check=HealthCheck.all())
        @given(self.requests.strategy(operation, profile))
        def send(request):
            self.one(operation, request)

        send()


@pytest.fixture(scope="module")
def session(shared_daemon):
    s = Session(shared_daemon)
    yield s
    s.wire.close()
    s.stage.close()


@pytest.mark.parametrize("profile", ["valid", "near", "hostile"])
def test_whatever_is_sent_the_answer_is_in_the_contract(session, profile):
    session.failures.clear()
    session.run(profile)
    told = list(session.failures.values())
    assert not told, f"{len(told)} kinds of failure:\n" + "\n\n".join(told)


def test_a_site_moved_to_the_first_day_of_one_that_ended(session):
    """Found by the requests above: the corrected row met the old one."""
    for sites in ([("410102", "2007-07-16")], [("410105", "2007-07-01")], [("410102", "2007-07-12")],
                  [("410102", "2007-07-16")]):
        body = {"name": "某厂", "sites": [{"district": d, "since": s} for d, s in sites], "reason": "录入有误"}
        session.stage.trade.must(200, "PUT", f"/v1/employers/{OTHER}", body)


def test_most_operations_were_accepted_at_some_time(session):
    """Else the requests would only be refused at the door."""
    never = [repr(o) for o in session.contract.operations if not session.accepted[repr(o)]]
    assert session.sent > 2 * EXAMPLES * len(session.contract.operations)
    assert len(never) < len(session.contract.operations) // 4, "\n".join([*never, str(session.statuses)])


def test_the_log_tells_nothing_and_names_no_fault_of_ours(session, shared_daemon):
    log = shared_daemon.log
    told = re.findall(f".*(?:{SEALED.pattern}|{CONTACT}).*", log)
    assert not told, told[:3]
    ours = [x for x in log.splitlines() if "level=error" in x]
    assert not ours, ours[:5]
