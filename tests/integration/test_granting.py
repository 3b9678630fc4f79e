"""Nobody gives what they do not have, to themselves or another (rules/granting): the ways that were
tried, through the daemon.  Chains of grants by chance are test_grants_by_chance.py's."""

import pytest

from harness.daemon import id_in
from harness.trade import Trade
from harness.wait import wait_for
from test_officers import officer_id

DISTRICT, ELSEWHERE = "410102", "410105"


@pytest.fixture
def trade(shared_daemon):
    return Trade(shared_daemon)


def works(trade, actor, key=None):
    wait_for(lambda: trade.call("GET", "/v1/officers", key=key, headers={"Vacancyd-Actor": actor}).status == 200,
             5, "the officer")
    return {"Vacancyd-Actor": actor}


def made(trade, by=None, **wanted):
    body = {"name": "某", "post": "窗口", "scope": DISTRICT, **wanted}
    return works(trade, trade.must(201, "POST", "/v1/officers", body, headers=by)["actor"])


def beyond(answer):
    """What the refusal names."""
    assert (answer.status, answer.json["type"]) == (403, "/problems/beyond-own-powers"), answer
    for error in answer.json["errors"]:
        assert error["rule"] == "beyond-own-powers" and set(error["message"]) == {"en", "zh"}
    return [error["pointer"] for error in answer.json["errors"]]


def path_of(actor):
    return f"/v1/officers/{officer_id(actor['Vacancyd-Actor'])}"


def test_a_lead_does_not_widen_themselves(trade):
    lead = made(trade, lead=True, until="2007-12-31")
    me = path_of(lead)
    assert trade.call("PATCH", me, {"scope": None}, headers=lead).status == 422
    assert trade.call("PATCH", me, {"scope": ""}, headers=lead).status == 422
    for wider, where in (({"scope": "4101"}, ["/scope"]), ({"scope": ELSEWHERE}, ["/scope"]),
                         ({"until": "2008-01-01"}, ["/until"]),
                         ({"scope": "4101", "until": "2008-01-01"}, ["/scope", "/until"])):
        assert beyond(trade.call("PATCH", me, wider, headers=lead)) == where
    assert trade.must(200, "PATCH", me, {"post": "科长"}, headers=lead)["scope"] == DISTRICT
    assert trade.must(201, "POST", f"{me}/secret", headers=lead)["actor"]


def test_a_lead_makes_nobody_who_may_more(trade):
    lead = made(trade, lead=True, until="2007-12-31")
    body = {"name": "某", "post": "窗口", "scope": DISTRICT}
    assert trade.call("POST", "/v1/officers", {"name": "某", "post": "窗口"}, headers=lead).status == 422
    for wider, where in (({"scope": "4101"}, ["/scope"]), ({"scope": ELSEWHERE}, ["/scope"]),
                         ({"until": "2008-01-01", "lead": True}, ["/until"])):
        assert beyond(trade.call("POST", "/v1/officers", {**body, **wider}, headers=lead)) == where
    clerk = trade.must(201, "POST", "/v1/officers", body, headers=lead)
    assert clerk["until"] == "2007-12-31", "unless said, no longer than who makes them"
    auditors = trade.daemon.new_key(role="auditor", org_name="审计局")
    assert beyond(trade.call("POST", "/v1/officers", {**body, "role": "auditor", "organisation": "审计局"})) == \
        ["/organisation"], "the audited make no auditors"
    assert trade.daemon.new_officer(auditors)


def test_a_lead_takes_no_secret_of_somebody_who_may_more(trade):
    lead = made(trade, lead=True, until="2007-12-31")
    wide, long = made(trade, scope="4101", until="2007-12-31"), made(trade, until="2008-12-31")
    for other, where in ((wide, ["/scope"]), (long, ["/until"])):
        assert beyond(trade.call("POST", f"{path_of(other)}/secret", headers=lead)) == where
    assert beyond(trade.call("POST", f"{path_of(wide)}/secret/code", headers=lead)) == ["/scope"]
    assert beyond(trade.call("PATCH", path_of(wide), {"revoked": True}, headers=lead)) == ["/scope"]
    # What takes away is any lead's of the place, whatever their own last day.
    assert trade.must(200, "PATCH", path_of(long), {"until": "2008-06-30"}, headers=lead)["until"] == "2008-06-30"
    assert beyond(trade.call("PATCH", path_of(long), {"lead": True}, headers=lead)) == ["/until"]
    assert trade.must(200, "PATCH", path_of(long), {"revoked": True}, headers=lead)["revoked_at"]


def test_a_secret_is_no_way_to_what_was_delegated(trade):
    """A clerk of the district stands in for the city's: their lead would act for the city with it."""
    lead, clerk, city = made(trade, lead=True), made(trade), made(trade, scope="4101")
    lent = trade.must(201, "POST", f"{path_of(city)}/delegations", {
        "to": officer_id(clerk["Vacancyd-Actor"]), "scope": "4101", "until": "2007-07-31"}, headers=city)
    assert beyond(trade.call("POST", f"{path_of(clerk)}/secret", headers=lead)) == ["/scope"]
    trade.must(200, "POST", f"{path_of(city)}/delegations/{lent['delegation']}/end", headers=city)
    assert trade.must(201, "POST", f"{path_of(clerk)}/secret", headers=lead)["actor"]


def test_a_lead_sets_up_no_delegation_of_more_than_their_own(trade):
    lead, city = made(trade, lead=True, until="2007-12-31"), made(trade, scope="4101", until="2008-06-30")
    path, me = f"{path_of(city)}/delegations", officer_id(lead["Vacancyd-Actor"])
    body = {"to": me, "scope": "4101", "until": "2007-07-31"}
    assert trade.call("POST", path, {"to": me, "until": "2007-07-31"}, headers=lead).status == 422
    assert beyond(trade.call("POST", path, body, headers=lead)) == ["/scope"]
    assert beyond(trade.call("POST", path, {**body, "scope": DISTRICT, "until": "2008-01-31"}, headers=lead)) == \
        ["/until"]
    assert trade.must(201, "POST", path, {**body, "scope": DISTRICT}, headers=lead)["scope"] == DISTRICT
    # Nor of the officer's, by a lead who has more.
    clerk = made(trade, scope="410102001", until="2007-12-31")
    assert beyond(trade.call("POST", f"{path_of(clerk)}/delegations", {**body, "scope": DISTRICT})) == ["/scope"]
    # What was delegated is not handed on, and makes nobody.
    trade.must(201, "POST", path, body, headers=city)
    for_city = {**lead, "Vacancyd-For": officer_id(city["Vacancyd-Actor"])}
    for method, where, sent in (("POST", path, body), ("POST", f"{path_of(clerk)}/secret", None),
                                ("POST", "/v1/officers", {"name": "某", "post": "窗口", "scope": "4101"})):
        assert trade.call(method, where, sent, headers=for_city).json["type"] == "/problems/lead-required"


def test_who_audits_is_ended_by_no_bureau(trade):
    """The lead of the city's bureau ended what an auditor had delegated."""
    daemon = trade.daemon
    auditors = daemon.new_key(role="auditor", org_name="审计局")
    one, other = ({"Vacancyd-Actor": daemon.new_officer(auditors, until="2008-06-30")} for _ in range(2))
    for actor in (one, other):
        wait_for(lambda a=actor: trade.call("GET", "/v1/officers", key=auditors, headers=a).status == 200, 5, "them")
    lent = trade.must(201, "POST", f"{path_of(one)}/delegations", {
        "to": officer_id(other["Vacancyd-Actor"]), "scope": "4101", "until": "2007-07-31"}, key=auditors, headers=one)
    path = f"{path_of(one)}/delegations/{lent['delegation']}/end"
    assert beyond(trade.call("POST", path)) == ["/organisation"]
    assert trade.must(200, "POST", path, key=auditors, headers=other)["ended_at"]


def test_an_auditor_of_a_district_reads_what_lies_in_it(trade):
    daemon = trade.daemon
    trade.employer("600037341", "410105")
    here, there = (daemon.new_key(role="auditor", org_name=f"审计{n}", scope=s)
                   for n, s in enumerate(("410105", "410102")))
    clerk = made(trade, scope="410105003", until="2007-12-31")
    path = path_of(clerk)
    # An employer's sites, an officer's scope, what they did.
    for key, seen in ((here, True), (there, False)):
        assert trade.call("GET", "/v1/employers/600037341", key=key).status == (200 if seen else 404)
        assert trade.call("GET", path, key=key).status == (200 if seen else 404)
        listed = trade.must(200, "GET", "/v1/officers?limit=100", key=key)["items"]
        assert (path.split("/")[-1] in [o["officer"] for o in listed]) is seen
        done = trade.call("GET", f"/v1/actions?officer={path.split('/')[-1]}", key=key)
        assert done.status == (200 if seen else 404)
        assert not [i for i in trade.must(200, "GET", "/v1/actions?limit=100", key=key)["items"] if i["kid"] == "admin"]


def test_what_a_bureau_of_a_district_makes_reaches_no_other_bureau(trade):
    """The officer that was made city-wide renewed a secret of another bureau."""
    here = trade.daemon.new_key(role="bureau", org_name="中原分局", scope=DISTRICT)
    there = trade.daemon.new_key(role="bureau", org_name="金水分局", scope=ELSEWHERE)
    theirs = f"/v1/officers/{officer_id(trade.daemon.actors[there])}"
    body = {"name": "某", "post": "窗口", "scope": "4101", "lead": True}
    assert beyond(trade.call("POST", "/v1/officers", body, key=here)) == ["/scope"]
    for sent in (("POST", f"{theirs}/secret", None), ("PATCH", theirs, {"lead": False}),
                 ("POST", "/v1/officers", {**body, "role": "bureau", "organisation": "金水分局"})):
        assert trade.call(*sent, key=here).status == 404
    # The city's bureau makes them, within what their organisation has.
    answer = trade.call("POST", "/v1/officers", {**body, "role": "bureau", "organisation": "金水分局"})
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (422, "/scope")
    assert trade.must(201, "POST", f"{theirs}/secret")["organisation"] == "金水分局"


def test_the_operator_writes_the_scope_and_gives_within_the_keys(trade):
    daemon = trade.daemon
    for role, org in (("bureau", None), ("agency", None), ("auditor", None), ("employer", "123456788")):
        answer = daemon.admin("POST", "/keys", {"role": role, "org_name": "某", "org_code": org} if org else
                              {"role": role, "org_name": "某"})
        assert (answer.status, answer.json["errors"][0]["pointer"]) == (422, "/scope"), role
    kid = id_in(daemon.new_key(role="bureau", org_name="惠济分局", scope="410108"))
    body = {"name": "某", "post": "窗口", "until": "2030-12-31"}
    assert daemon.admin("POST", f"/keys/{kid}/officers", body).json["errors"][0]["pointer"] == "/scope"
    assert beyond(daemon.admin("POST", f"/keys/{kid}/officers", {**body, "scope": "4101"})) == ["/scope"]
