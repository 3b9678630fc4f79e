"""Jobs outside the city and public-welfare posts, through HTTP: which places are taken, one by one and
in a list, what is shown to whom, and the command line."""

import pytest
from harness.daemon import binary
from harness.people import People, refused, rules
from harness.services import run
from harness.trade import COMMUNITY, line


@pytest.fixture
def town(daemon, postgres):
    town = People(daemon, postgres)
    town.employer()
    return town


def report(town, who, **more):
    return town.call("POST", "/v1/placements", {"seeker": who, "kind": "flexible",
                                                "start_on": "2007-07-12", **more})


# In force, abolished since and standing then, made since, a city without counties, a county directly
# under a province, a county-level city whose code ends as a sum's does.
TAKEN = ("110105", "110103", "310151", "441900", "429004", "222401", "410202")
# The same with zeros behind it.
PADDED = ("110105000", "110103000000", "441900000000")
# A province, a city with counties, sum rows, old lists only, no code, one that was abolished before.
REFUSED = (
    ("110000", "format", "2007-07-12"), ("310100", "format", "2007-07-12"), ("440300", "format", "2007-07-12"),
    ("410201", "format", "2007-07-12"), ("620201", "format", "2007-07-12"), ("429000", "format", "2007-07-12"),
    ("110221", "retired-code", "2007-07-12"), ("999999", "unknown-code", "2007-07-12"),
    ("110110", "retired-code", "2007-07-12"), ("310119", "retired-code", "2012-01-02"),
    # The city's own divisions are exact.
    ("410105", "level", "2007-07-12"), ("410107", "retired-code", "2007-07-12"), ("410109", "format", "2007-07-12"),
    ("410107001001", "retired-code", "2007-07-12"), ("410105999999", "unknown-code", "2007-07-12"),
    ("410105003000", "level", "2007-07-12"),
    # A community elsewhere cannot be checked.
    ("110105001001", "format", "2007-07-12"), ("1101", "format", "2007-07-12"))


def test_a_county_elsewhere_is_a_place_of_work(town):
    for n, place in enumerate(TAKEN + PADDED):
        answer = report(town, town.register(n), workplace=place)
        assert answer.status == 201, (place, answer)
        shown = town.must(200, "GET", f"/v1/placements/{answer.json['placement']}")
        assert (shown["workplace"], shown["outside_city"], shown["recorded"]) == (place[:6], True, None)
        assert "registration" not in shown["missing"]


def test_what_is_no_place_of_work(town):
    who = town.register(1)
    bodies = [{"seeker": who, "kind": "flexible", "start_on": start, "workplace": place}
              for place, _, start in REFUSED]
    listed = town.must(200, "POST", "/v1/placements/batch", {"items": bodies})["items"]
    for n, (body, (place, rule, _), item) in enumerate(zip(bodies, REFUSED, listed)):
        answer = town.call("POST", "/v1/placements", body)
        assert answer.status == 422 and rules(answer) == {("/workplace", rule)}, (place, answer)
        assert [(e["pointer"], e["rule"]) for e in item["problem"]["errors"]] == [
            (f"/items/{n}/workplace", rule)], item


def test_it_ends_a_households_want_of_work_when_two_officers_have_recorded_it(daemon, town):
    one, two = town.register(1), town.register(2)
    home = f"/v1/households/{town.house(one, two)}"
    job = f"/v1/placements/{report(town, two, workplace='310101').json['placement']}"
    member = [m for m in town.must(200, "GET", home)["members"] if m["seeker"] == two][0]
    assert member["reported"] == job.split("/")[-1] and town.must(200, "GET", home)["state"] == "open"
    refused(town.call("POST", job + "/register", {"community": COMMUNITY}), "wrong-state", reason="outside-city",
            workplace="310101")
    assert rules(town.call("POST", job + "/record", {"reason": "在外就业"})) == {("/evidence", "required")}
    asked = town.post(200, job + "/record", {"reason": "在外就业", "evidence": "合同7号"})
    assert asked["state"] == "record-asked"
    auditor = daemon.new_key(role="auditor", org_name="审计局")
    for key, seen in ((town.bureau, True), (auditor, False)):
        shown = town.must(200, "GET", job, key=key)
        assert ("record_evidence" in shown) is seen and ("record_reason" in shown) is seen
    decision = {"decision": "approve", "reason": "属实"}
    refused(town.call("POST", job + "/record/decide", decision), "wrong-state", reason="same-officer")
    done = town.must(200, "POST", job + "/record/decide", decision, headers=town.second())
    assert (done["state"], done["recorded"], done["registered"]) == ("recorded", {"on": "2007-07-12"}, None)
    assert [v["what"] for v in done["voidings"]] == ["record"]
    assert town.must(200, "GET", home)["state"] == "helped"
    assert [town.file_of(w)["rank"] for w in (one, two)] == ["P5", "P6"]
    # None: of a rate that cannot be derived, and where there is no register, there is no figure.
    assert all(n in (None, 0) for (target, _), n in town.progress().items() if target != "T10")
    why = {t["target"]: t for t in town.must(200, "GET", f"/v1/seekers/{two}/progress")["targets"]}
    assert {why.pop(t)["rule"] for t in ("T6", "T7")} == {"no-training"}
    assert {t["rule"] for t in why.values()} == {"workplace-outside-city"}
    assert {t["rule_page"] for t in why.values()} == {"/rules/outside-city"}
    assert town.void(job)["state"] == "void"
    assert town.must(200, "GET", home)["state"] == "open"
    assert [town.file_of(w)["rank"] for w in (one, two)] == ["P1", "P1"]
    assert daemon.admin("POST", "/board/verify").json["differences"] == 0


def test_a_public_welfare_post_names_its_vacancy_or_its_approval(daemon, town):
    approval = {"approval": "G-1", "community": COMMUNITY, "kind": "cleaning", "posts": 1,
                "approved_on": "2007-07-01", "new": True}
    town.post(201, "/v1/public-welfare-posts", approval)
    hard = {"recognitions": [{"code": "HC6a", "on": "2007-06-01"}]}
    vacancy = town.file([line("A")])["A"]
    one, two, p5 = town.register(1, **hard), town.register(2, **hard), town.register(3)
    assert rules(report(town, one, kind="pwp")) == {("/approval", "approval-needed")}
    assert rules(report(town, one, kind="unit", approval="G-1")) == {("/approval", "approval-unasked")}
    assert rules(report(town, one, kind="pwp", approval="G-1", vacancy=vacancy)) == {
        ("/approval", "approval-unasked")}
    assert rules(report(town, one, kind="pwp", vacancy=vacancy)) == {("/kind", "not-reserved")}
    refused(report(town, p5, kind="pwp", approval="G-1"), "reserved-post", released_on=None)
    listed = town.must(200, "POST", "/v1/placements/batch", {"items": [
        {"seeker": who, "kind": "pwp", "approval": "G-1", "start_on": "2007-07-12"} for who in (p5, one, two)]})
    assert [i["status"] for i in listed["items"]] == [409, 201, 409]
    assert listed["items"][2]["problem"]["reason"] == "no-free-slot"
    shown = town.must(200, "GET", f"/v1/placements/{listed['items'][1]['placement']['placement']}")
    assert (shown["kind"], shown["approval"]) == ("pwp", "G-1")
    # A seeker with two faults is told both.
    assert rules(report(town, one, kind="pwp", workplace="110000")) == {
        ("/approval", "approval-needed"), ("/workplace", "format")}


def test_the_same_is_typed(daemon, town):
    who = town.register(1)
    job = report(town, who, workplace="310101").json["placement"]

    def ctl(*words):
        return run(binary("vacancyctl"), "--url", daemon.url, "--dry-run", "place", *words)

    assert f"/v1/placements/{job}/record" in ctl("record", job, "--reason", "外出", "--evidence", "合同")
    assert f"/v1/placements/{job}/record/decide" in ctl("record-decide", job, "--decision", "approve",
                                                       "--reason", "属实")
    assert "G-1" in ctl("report", "--seeker", who, "--kind", "pwp", "--approval", "G-1", "--start-on", "2007-07-12")
