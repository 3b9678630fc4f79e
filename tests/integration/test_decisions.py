"""What waits for a second hand, in one list: each kind, in whose list, page by page; the second hand of
an office with one officer; and decisions that follow too soon."""

import pytest

from harness.daemon import id_in
from harness.trade import COMMUNITY, Trade, line
from harness.wait import wait_for

VOID = {"code": "V1", "reason": "写错", "evidence": "卷宗"}
WORDS = {"reason": "属实", "evidence": "卷宗"}
APPROVE = {"decision": "approve", "reason": "已核实"}
KINDS = ["register", "confirm", "void", "undo", "record", "end-household"]


@pytest.fixture
def trade(daemon):
    t = Trade(daemon)
    t.employer()
    t.vacancy = t.file([line("A", 50)])["A"]
    return t


def placed(trade, n, **changed):
    body = trade.placement(trade.register(n), trade.vacancy, **changed)
    return trade.must(201, "POST", "/v1/placements", body)["placement"]


def one_of_each(trade):
    """What waits, by kind: object -> how the second hand acts."""
    trade.register(1)
    waits = {k: placed(trade, 10 + n) for n, k in enumerate(KINDS[:4])}
    away = trade.must(201, "POST", "/v1/placements", {
        "seeker": trade.register(20), "kind": "unit", "start_on": "2007-07-12", "workplace": "410202"})["placement"]
    for k in ("void", "undo"):
        trade.registered(waits[k])
    trade.void(f"/v1/placements/{waits['undo']}")
    trade.must(200, "POST", f"/v1/placements/{waits['void']}/void", VOID)
    trade.must(200, "POST", f"/v1/placements/{waits['undo']}/void/undo", WORDS)
    trade.must(200, "POST", f"/v1/placements/{away}/record", WORDS)
    home = trade.must(201, "POST", "/v1/households", {
        "community": COMMUNITY, "hukou_type": "urban", "business_income": False, "investment_income": False,
        "applied_on": "2007-06-01", "determined_on": "2007-06-11",
        "members": [{"seeker": trade.register(21), "able": True, "willing": True}]})["household"]
    trade.must(200, "POST", f"/v1/households/{home}/end", {"reason": "moved"})
    return {"void": (f"placement/{waits['void']}", "/void/decide", APPROVE),
            "undo": (f"placement/{waits['undo']}", "/void/decide", APPROVE),
            "record": (f"placement/{away}", "/record/decide", APPROVE),
            "end-household": (f"household/{home}", "/end/decide", APPROVE),
            "register": (f"placement/{waits['register']}", "/register", {"community": COMMUNITY})}


def listed(trade, query="", **more):
    found, at = [], ""
    while at is not None:
        page = trade.must(200, "GET", f"/v1/decisions?limit=2{query}{at}", **more)
        assert len(page["items"]) <= 2
        found += page["items"]
        at = page["next"] and f"&cursor={page['next']}"
    return found


def test_each_kind_waits_until_another_officer_has_decided(trade):
    how = one_of_each(trade)
    assert [c["code"] for c in trade.must(200, "GET", "/v1/codes/decision-kinds")["items"]] == [*KINDS, "lot"]
    me = id_in(trade.daemon.actors[trade.bureau])
    mine = listed(trade)
    assert [(i["kind"], i["object"]) for i in mine] == [(i["kind"], i["object"]) for i in
        trade.must(200, "GET", "/v1/decisions?limit=100")["items"]]
    assert {i["kind"] for i in mine} == set(KINDS)
    assert [i["kind"] for i in mine] == sorted((i["kind"] for i in mine), key=KINDS.index)
    assert {i["asked_by"] for i in mine} == {me}
    assert not any(i["deciders"]["you"] for i in mine)
    firms = {i["object"] for i in listed(trade, key=trade.daemon.keys["employer"])}
    assert len(firms) == 2
    seconds = listed(trade, headers=trade.second())
    assert [i["object"] for i in seconds] == [i["object"] for i in mine]
    for item in seconds:
        kind, who = item["kind"], item["deciders"]
        # One organisation neither reports nor confirms; its second officer may do all else.
        assert who["you"] == (kind != "confirm"), item
        assert who["except"] == [me] and COMMUNITY in who["divisions"]
        assert who["roles"] == ["employer"] * (item["object"] in firms and kind == "confirm") + ["bureau"]
        assert item["decision"] is None and item["quick"] is None
    for kind, (thing, path, body) in how.items():
        assert thing in {i["object"] for i in listed(trade, f"&kind={kind}")}, kind
        trade.must(200, "POST", f"/v1/{thing.replace('/', 's/')}{path}", body, headers=trade.second())
        assert thing not in {i["object"] for i in listed(trade, f"&kind={kind}")}, kind
        done = next(i for i in listed(trade, f"&state=decided&kind={kind}") if i["object"] == thing)
        assert (done["decision"], done["asked_by"]) == ("approve", me)
        assert done["decided_by"] == id_in(trade.second()["Vacancyd-Actor"])
        assert done["deciders"] is None
    assert {i["kind"] for i in listed(trade)} == {"register", "confirm"}


def test_whose_list_it_is_in(trade):
    one_of_each(trade)
    new_key = trade.daemon.new_key
    whole = [i["object"] for i in listed(trade)]
    street = new_key(role="bureau", org_name="街道", scope=COMMUNITY[:9])
    assert [i["object"] for i in listed(trade, key=street)] == whole
    assert all(i["deciders"]["you"] for i in listed(trade, key=street))
    assert listed(trade, key=new_key(role="bureau", org_name="他区", scope="410103")) == []
    assert [i["object"] for i in listed(trade, key=new_key(role="auditor", org_name="审计"))] == whole
    firm = listed(trade, key=trade.daemon.keys["employer"])
    assert {i["kind"] for i in firm} == {"confirm"} and all(i["deciders"]["you"] for i in firm)
    assert not any("divisions" in i["deciders"] for i in firm)
    assert listed(trade, key=new_key(role="employer", org_code="D2143569X", org_name="他")) == []
    trade.must(200, "POST", f"/v1/{firm[0]['object'].replace('/', 's/')}/confirm", key=trade.daemon.keys["employer"])
    assert [i["object"] for i in listed(trade, "&state=decided", key=trade.daemon.keys["employer"])] == \
        [firm[0]["object"]]


def test_what_is_decided_within_seconds_is_shown(trade, postgres):
    slow, soon, just = (placed(trade, n) for n in (1, 2, 3))
    assert trade.daemon.admin("POST", "/clock", {"now": "2007-07-12T10:00:30+08:00"}).status == 200
    trade.registered(soon)
    postgres.psql("UPDATE ledger.city SET fixed_clock = '2007-07-12T10:01:00.4+08:00'")
    trade.registered(just)
    assert trade.daemon.admin("POST", "/clock", {"now": "2007-07-12T10:01:01+08:00"}).status == 200
    trade.registered(slow)
    done = listed(trade, "&state=decided")
    assert [(i["object"], i["decided_after_seconds"], i["quick"]) for i in done] == \
        [(f"placement/{slow}", 61, False), (f"placement/{just}", 60, True), (f"placement/{soon}", 30, True)]
    for flag in (True, False):
        assert listed(trade, f"&state=decided&quick={str(flag).lower()}") == [i for i in done if i["quick"] == flag]
    assert trade.call("GET", "/v1/decisions?quick=true").status == 422


def office(trade, **wanted):
    """A district's bureau with one officer, and what they ask to be void."""
    key = trade.daemon.new_key(role="bureau", org_name="区局", scope=COMMUNITY[:6], **wanted)
    thing = f"/v1/placements/{placed(trade, 1)}"
    trade.registered(thing.rsplit("/", 1)[1])
    trade.must(200, "POST", thing + "/void", VOID, key=key)
    return key, thing + "/void/decide"


def waits_for(trade, **more):
    return [i["deciders"]["you"] for i in listed(trade, "&kind=void", **more)]


def test_the_second_hand_of_an_office_with_one_officer_is_the_streets(trade):
    key, decide = office(trade)
    assert waits_for(trade, key=key) == [False]
    answer = trade.call("POST", decide, APPROVE, key=key)
    assert (answer.status, answer.json["reason"]) == (409, "same-officer")
    street = trade.daemon.new_key(role="bureau", org_name="街道", scope=COMMUNITY[:9])
    assert waits_for(trade, key=street) == [True]
    trade.must(200, "POST", decide, APPROVE, key=street)
    assert waits_for(trade, key=key) == []


def test_or_a_deputys_in_their_days(trade):
    key, decide = office(trade)
    deputy = trade.daemon.new_officer(key, name="代办", scope=COMMUNITY, lead=False)
    one = id_in(trade.daemon.actors[key])
    standing_in = {"Vacancyd-Actor": deputy, "Vacancyd-For": one}
    wait_for(lambda: trade.call("GET", "/v1/officers", key=key, headers={"Vacancyd-Actor": deputy}).status == 200,
             5, "the deputy")
    assert trade.call("GET", "/v1/decisions", key=key, headers=standing_in).status == 403
    trade.must(201, "POST", f"/v1/officers/{one}/delegations",
               {"to": id_in(deputy), "scope": COMMUNITY, "until": "2007-07-13"}, key=key)
    assert waits_for(trade, key=key, headers=standing_in) == [True]
    # Whoever asks for another is the hand that asked; it is not theirs to decide with either name.
    assert trade.daemon.admin("POST", "/clock", {"now": "2007-07-14T09:00:00+08:00"}, timeout=60).status == 200
    over = trade.call("POST", decide, APPROVE, key=key, headers=standing_in)
    assert (over.status, over.json["type"]) == (403, "/problems/actor-refused")
    trade.must(201, "POST", f"/v1/officers/{one}/delegations",
               {"to": id_in(deputy), "scope": COMMUNITY, "until": "2007-07-20"}, key=key)
    trade.must(200, "POST", decide, APPROVE, key=key, headers=standing_in)
    done = listed(trade, "&state=decided&kind=void", key=key)
    assert [i["decided_by"] for i in done] == [id_in(deputy)]


def test_where_an_office_has_one_lead_the_operator_prints_the_code(trade):
    key = trade.daemon.new_key(role="bureau", org_name="区局", scope=COMMUNITY[:6])
    made = trade.must(201, "POST", "/v1/officers", {"name": "新来", "post": "窗口", "scope": COMMUNITY[:6]}, key=key)
    path = f"/v1/officers/{made['officer']}/secret"
    answer = trade.call("POST", path + "/code", key=key)
    assert (answer.status, answer.json["reason"]) == (409, "same-officer")
    printed = trade.daemon.admin("POST", f"/officers/{made['officer']}/code")
    assert printed.status == 201 and printed.json["officer"] == made["officer"], printed
    clerk = {"Vacancyd-Actor": made["actor"]}
    wait_for(lambda: trade.call("GET", "/v1/officers", key=key, headers=clerk).status == 200, 5, "the clerk")
    own = trade.must(201, "POST", path + "/own", {"code": printed.json["code"]}, key=key, headers=clerk)
    assert own["hands"] == []
    kept = trade.must(200, "GET", "/v1/actions?op=officers.change")["items"]
    assert [(i["kid"], i["object"]) for i in kept] == [("admin", f"officer/{made['officer']}")]
    assert trade.daemon.admin("POST", "/officers/3fffffffffffffff/code").status == 404
