"""The checker by itself: a round that went well by forged logs, and one forgery for each thing that it must find."""

import pytest
from checker import Afterwards, judge
from history import Attempt, History

RETURN = "/v1/returns/200000021/410105/2007Q2"


def heard(status, body=None, token=None):
    a = Attempt()
    a.ended, a.status, a.body, a.token = a.began, status, body or {}, token
    return a


def refused(status, slug):
    return heard(status, {"type": f"/problems/{slug}"})


class Story:
    """One employer, two people, two posts; one was placed, and one was refused by nobody's fault."""

    def __init__(self):
        self.history, self.after = History("r"), Afterwards()
        self.filed = self.wish("return", "PUT", heard(201, {"version": 1, "vacancies": {"A": "7"}}, "5.1"),
                               of=RETURN, line={"A": "one"}, closes=[])
        self.amended = self.wish("line", "PATCH", heard(200, {"version": 2, "vacancies": {"A": "7"}}, "6.1"),
                                 of=RETURN, line={"A": "two"})
        self.first = self.wish("seeker", "POST", heard(201, {"seeker": "a"}), number="00000001")
        self.second = self.wish("seeker", "POST", Attempt(), heard(200, {"seeker": "b"}), number="00000002")
        self.placed = self.wish("placement", "POST", heard(201, {"placement": "9"}), seeker="a", vacancy="7")
        self.late = self.wish("placement", "POST", refused(409, "seeker-placed"), seeker="a", vacancy="7")
        self.referred = self.wish("referral", "POST", heard(201, {"referral": "3"}), seeker="b", vacancy="7")
        self.read = self.wish("read shown", "GET", heard(200, {"items": [{"vacancy": "7", "open_posts": 1}]}),
                              vacancy="7", posts=1)
        self.after.actions = [(w.name, w.kind, "") for w in self.history.wishes if w not in (self.late, self.read)]
        self.after.returns = {RETURN: {"version": 2, "lines": {"A": "two"}}}
        self.after.vacancies = {"7": {"posts": 2, "filled": 1, "open_posts": 1, "state": "open"}}
        self.after.placements = {"9": {"seeker": "a", "vacancy": "7", "state": "reported"}}
        self.after.referrals = {"3": {"state": "proposed", "seeker": "b", "vacancy": "7", "steps": ["proposed"]}}
        self.after.found = {"00000001": "a", "00000002": "b"}
        self.after.lists = [("7", {"b"})]

    def wish(self, kind, method, *attempts, **about):
        w = self.history.wish(kind, method, "/", **about)
        w.attempts += attempts
        return w

    def forget(self, wish):
        self.after.actions = [a for a in self.after.actions if a[0] != wish.name]

    def again(self, wish):
        self.after.actions.append((wish.name, wish.kind, ""))


FORGERIES = {
    "effects: acknowledged and not done": lambda s: s.forget(s.placed),
    "effects: done 2 times": lambda s: s.again(s.second),
    "effects: refused and done": lambda s: s.again(s.late),
    "effects: refused and done: r.4": lambda s: s.second.attempts.__setitem__(
        slice(None), [refused(503, "ledger-away")]),
    "answers: answered 500": lambda s: s.read.attempts.append(refused(500, "internal")),
    "answers: refused as not-found": lambda s: s.wish("placement", "POST", refused(409, "not-found")),
    "repetitions: answered otherwise": lambda s: s.first.again.append(heard(200, {"seeker": "c"})),
    "repetitions: answered otherwise when asked again: r.6": lambda s: s.late.again.append(
        heard(200, {"placement": "9"})),
    "lines: /v1/returns/200000021/410105/2007Q2 A is one": lambda s: s.after.returns[RETURN]["lines"].update(A="one"),
    "lines: /v1/returns/200000021/410105/2007Q2 is at version 3": lambda s: s.after.returns[RETURN].update(version=3),
    "files: 00000002 is found as None": lambda s: s.after.found.update({"00000002": None}),
    "placements: stands as None": lambda s: s.after.placements.clear(),
    "placements: a has 2 placements": lambda s: s.after.placements.update(
        {"10": {"seeker": "a", "vacancy": "7", "state": "reported"}}),
    "placements: vacancy 7 says": lambda s: s.after.vacancies["7"].update(filled=2),
    "referrals: referral 3 went": lambda s: s.after.referrals["3"]["steps"].append("proposed"),
    "tokens: 0 posts are shown": lambda s: s.read.attempts[0].body["items"].clear(),
    "matches: vacancy 7 lacks {'b'}": lambda s: s.after.lists.append(("7", set())),
    "matches: vacancy 7 lacks set() and shows {'a'}": lambda s: s.after.lists.append(("7", {"a", "b"})),
    "matches: 2 records of the board": lambda s: setattr(s.after, "differences", 2),
}


def test_a_round_that_went_well_is_found_well():
    story = Story()
    assert judge(story.history, story.after) == []


@pytest.mark.parametrize("found", FORGERIES)
def test_what_went_wrong_is_found(found):
    story = Story()
    FORGERIES[found](story)
    assert any(said.startswith(found) for said in judge(story.history, story.after))


def test_what_was_never_answered_may_be_done_once_or_not_at_all():
    for times, is_fine in ((0, True), (1, True), (2, False)):
        story = Story()
        lost = story.wish("line", "PATCH", Attempt(), of=RETURN, line={"A": "three"})
        for _ in range(times):
            story.again(lost)
        story.after.returns[RETURN].update(version=2 + times, lines={"A": "three" if times else "two"})
        assert (judge(story.history, story.after) == []) is is_fine
