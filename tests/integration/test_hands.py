"""Two hands are two persons: each way in which one person would be both."""

import pytest

from harness.daemon import id_in as officer_id
from harness.trade import COMMUNITY, Trade, line
from harness.wait import wait_for

VOID = {"code": "V1", "reason": "同一人", "evidence": "卷宗"}
APPROVE = {"decision": "approve", "reason": "已核实"}


@pytest.fixture
def trade(shared_daemon):
    t = Trade(shared_daemon)
    t.employer()
    return t


def works(trade, actor):
    named = {"Vacancyd-Actor": actor}
    wait_for(lambda: trade.call("GET", "/v1/officers", headers=named).status == 200, 5, "the officer")
    return named


def add(trade, by, **wanted):
    made = trade.must(201, "POST", "/v1/officers", {"name": "新来", "post": "窗口", "scope": "4101", **wanted}, headers=by)
    return made, works(trade, made["actor"])


def lead(trade):
    return works(trade, trade.daemon.new_officer(trade.bureau, name="负责人"))


def own(trade, officer, code_from):
    """The officer with a secret that nobody else has, by a code from `code_from`."""
    path = f"/v1/officers/{officer_id(officer['Vacancyd-Actor'])}/secret"
    code = trade.must(201, "POST", path + "/code", headers=code_from)["code"]
    made = trade.must(201, "POST", path + "/own", {"code": code}, headers=officer)
    assert made["hands"] == []
    return works(trade, made["actor"])


def asked(trade, n, by):
    """A registered placement that `by` asks to be void."""
    vacancy = trade.file([line("A", 9)])["A"]
    placed = trade.must(201, "POST", "/v1/placements", trade.placement(trade.register(n), vacancy))["placement"]
    trade.registered(placed)
    trade.must(200, "POST", f"/v1/placements/{placed}/void", VOID, headers=by)
    return f"/v1/placements/{placed}/void/decide"


def refused(answer, reason="same-officer"):
    assert (answer.status, answer.json.get("reason")) == (409, reason), answer.json


def test_a_lead_decides_nothing_with_the_secret_they_made(trade):
    chief, other = lead(trade), lead(trade)
    made, clerk = add(trade, chief)
    assert made["hands"] == [officer_id(chief["Vacancyd-Actor"])]
    decide = asked(trade, 101, chief)
    told = trade.call("POST", decide, APPROVE, headers=clerk)
    refused(told, "same-secret")
    assert told.json["hands"] == [officer_id(chief["Vacancyd-Actor"])] and told.json["rule_page"] == "/rules/own-secret"
    _, second = add(trade, clerk := add(trade, chief, lead=True)[1])   # by way of another
    refused(trade.call("POST", decide, APPROVE, headers=second), "same-secret")
    secret = f"/v1/officers/{officer_id(other['Vacancyd-Actor'])}/secret"
    renewed = works(trade, trade.must(201, "POST", secret, headers=chief)["actor"])
    refused(trade.call("POST", decide, APPROVE, headers=renewed), "same-secret")
    trade.must(200, "POST", decide, APPROVE, headers=trade.second())


def test_nor_asks_with_it_and_decides_after_it_became_the_officers_own(trade):
    chief, other = lead(trade), lead(trade)
    _, clerk = add(trade, chief)
    decide = asked(trade, 102, clerk)
    own(trade, clerk, other)
    refused(trade.call("POST", decide, APPROVE, headers=chief))
    trade.must(200, "POST", decide, APPROVE, headers=other)


def test_two_clerks_of_one_lead_are_two_hands_with_secrets_of_their_own(trade):
    chief, other = lead(trade), lead(trade)
    one, two = add(trade, chief)[1], add(trade, chief)[1]
    refused(trade.call("POST", asked(trade, 103, one), APPROVE, headers=two), "same-secret")
    one, two = own(trade, one, other), own(trade, two, other)
    trade.must(200, "POST", asked(trade, 104, one), APPROVE, headers=two)
    trade.must(200, "POST", asked(trade, 105, chief), APPROVE, headers=two)


def test_a_code_takes_a_second_person(trade):
    chief, other = lead(trade), lead(trade)
    _, clerk = add(trade, chief, lead=True)
    path = f"/v1/officers/{officer_id(clerk['Vacancyd-Actor'])}/secret"
    for knows in (chief, clerk, add(trade, chief, lead=True)[1]):
        refused(trade.call("POST", path + "/code", headers=knows))
    code = trade.must(201, "POST", path + "/code", headers=other)["code"]
    for not_theirs in (chief, other):
        assert trade.call("POST", path + "/own", {"code": code}, headers=not_theirs).status == 404
    wrong = trade.call("POST", path + "/own", {"code": code[::-1]}, headers=clerk)
    assert (wrong.status, wrong.json["errors"][0]["rule"]) == (422, "unknown-code")
    assert code not in wrong.text and code[::-1] not in wrong.text
    # Another secret ends the code.
    clerk = works(trade, trade.must(201, "POST", path, headers=chief)["actor"])
    assert trade.call("POST", path + "/own", {"code": code}, headers=clerk).status == 422
    mine = own(trade, clerk, other)
    assert trade.call("GET", "/v1/officers", headers=clerk).status == 403
    assert trade.must(200, "GET", path.rsplit("/", 1)[0], headers=mine)["hands"] == []


def test_who_acts_for_another_is_the_hand_that_acts(trade):
    chief, deputy = lead(trade), lead(trade)
    lent = {"to": officer_id(deputy["Vacancyd-Actor"]), "scope": "4101", "until": "2007-07-31"}
    trade.must(201, "POST", f"/v1/officers/{officer_id(chief['Vacancyd-Actor'])}/delegations", lent, headers=chief)
    standing_in = {**deputy, "Vacancyd-For": officer_id(chief["Vacancyd-Actor"])}
    refused(trade.call("POST", asked(trade, 106, standing_in), APPROVE, headers=deputy))
    refused(trade.call("POST", asked(trade, 107, deputy), APPROVE, headers=standing_in))
    trade.must(200, "POST", asked(trade, 108, chief), APPROVE, headers=standing_in)


def test_what_a_lead_reports_nobody_registers_or_confirms_with_their_secret(trade):
    chief = lead(trade)
    _, clerk = add(trade, chief)
    vacancy = trade.file([line("A", 9)])["A"]
    placed = trade.must(201, "POST", "/v1/placements", trade.placement(trade.register(109), vacancy),
                        headers=chief)["placement"]
    own_report = trade.call("POST", f"/v1/placements/{placed}/register", {"community": COMMUNITY}, headers=clerk)
    refused(own_report, "same-secret")
    assert own_report.json["type"] == "/problems/own-report" and "own" in own_report.json["detail"]
    assert own_report.json["rule_page"] == "/rules/own-secret"
    trade.registered(placed)


def test_a_report_that_is_taken_back_is_no_other_hand(trade):
    vacancy = trade.file([line("A", 9)])["A"]
    seeker = trade.register(113)
    placed = trade.must(201, "POST", "/v1/placements", trade.placement(seeker, vacancy))["placement"]
    path = f"/v1/placements/{placed}"
    trade.must(200, "POST", path + "/withdraw", {"signal": "report", "reason": "mistaken"})
    for alone in ({}, trade.second()):
        refused(trade.call("POST", path + "/register", {"community": COMMUNITY}, headers=alone), "report-withdrawn")
    assert trade.must(200, "GET", path)["state"] == "withdrawn"
    waits = trade.must(200, "GET", "/v1/decisions?kind=register&limit=50", headers=trade.second())["items"]
    assert f"placement/{placed}" not in [w["object"] for w in waits]  # nothing to decide
    trade.must(200, "POST", "/v1/placements", trade.placement(seeker, vacancy))
    own_report = trade.call("POST", path + "/register", {"community": COMMUNITY})
    assert (own_report.status, own_report.json["type"]) == (409, "/problems/own-report")
    trade.registered(placed)


def test_files_made_one_are_not_parted_with_the_same_hand(trade):
    chief = lead(trade)
    _, clerk = add(trade, chief)
    stays, goes = trade.register(110), trade.register(111)
    body = {"duplicate": goes, "reason": "同一人"}
    trade.must(201, "POST", f"/v1/seekers/{stays}/merge", body, headers=chief)
    refused(trade.call("POST", f"/v1/seekers/{stays}/unmerge", body, headers=clerk), "same-secret")
    trade.must(200, "POST", f"/v1/seekers/{stays}/unmerge", body, headers=trade.second())


def test_a_key_that_names_an_employer_is_a_hand_of_theirs(trade):
    vacancy = trade.file([line("A", 9)])["A"]
    firm = trade.daemon.keys["employer"]
    service = trade.daemon.new_key(role="employer", org_code="600037341", org_name="人事代理", employers=["123456788"])
    placed = trade.must(201, "POST", "/v1/placements", trade.placement(trade.register(112), vacancy),
                        key=service)["placement"]
    own_report = trade.call("POST", f"/v1/placements/{placed}/confirm", key=firm)
    assert (own_report.status, own_report.json["type"]) == (409, "/problems/own-report")
