"""Lots: what a file registered first counts once a second officer has approved it, as a lot."""

import hashlib
import json

import pytest

from harness.trade import COMMUNITY, Trade, citizen_number, line, seeker
from harness.wait import wait_for
from test_import_people import household, ndjson, post, send

FAR = "410104001001"
REASON = {"reason": "抽样核对"}
APPROVE = {"decision": "approve", **REASON, "unchecked": "外出"}
REFUSE = {"decision": "refuse", **REASON}


@pytest.fixture
def trade(daemon):
    t = Trade(daemon)
    t.employer()
    t.vacancy = t.file([line("A", 50)])["A"]
    return t


def lot_of(trade, people, name="street", kind="seekers", key="bureau"):
    """What a file makes: its lot, and what each of its records is called."""
    receipts, end = send(trade.daemon, kind, ndjson(people), name, key)
    member = {"seekers": "seeker", "households": "household", "placements": "placement"}[kind]
    return end["lot"], [r.get(member) for r in receipts]


def decide(trade, lot, body=APPROVE, status=200, **more):
    more.setdefault("headers", trade.second())
    return trade.must(status, "POST", f"/v1/lots/{lot}/decision", body, **more)


def settled(trade, lot):
    def look():
        seen = trade.must(200, "GET", f"/v1/lots/{lot}")
        return seen if seen["settled"] == seen["records"] else None
    return wait_for(look, 30, "what was decided to be done to each record")


def records(trade, lot, query="", **more):
    found, at = [], ""
    while at is not None:
        page = trade.must(200, "GET", f"/v1/lots/{lot}/records?limit=7{query}{at}", **more)
        found += page["items"]
        at = page["next"] and f"&cursor={page['next']}"
    return found


def counts(trade, as_of="2007-07-12"):
    """T1 of the city, and who of these counts not, and why."""
    figures = trade.must(200, "GET", f"/v1/progress?year=2007&as_of={as_of}")["targets"]
    return next(t["achieved"] for t in figures if (t["target"], t["unit"]) == ("T1", "city"))


def why_not(trade, who, as_of="2007-07-12"):
    said = trade.must(200, "GET", f"/v1/seekers/{who}/progress?year=2007&as_of={as_of}")["targets"]
    return {t["target"]: t["rule"] for t in said}


def placed(trade, who, **more):
    made = trade.must(201, "POST", "/v1/placements", trade.placement(who, trade.vacancy), **more)["placement"]
    trade.registered(made)
    return made


def test_nobody_counts_before_a_second_officer_has_approved_the_lot(trade):
    alone = trade.register(100)
    lot, people = lot_of(trade, [seeker(n) for n in range(1, 31)])
    # Served at once: ranked, found, placed.
    assert trade.must(200, "GET", f"/v1/seekers/{people[0]}")["rank"] == "P5"
    jobs = [placed(trade, who) for who in (alone, people[0], people[1])]
    assert counts(trade) == 1
    assert why_not(trade, people[0])["T1"] == "lot-undecided"
    assert [trade.must(200, "GET", f"/v1/placements/{j}")["missing"] for j in jobs] == \
        [["confirmation"]] + [["confirmation", "lot"]] * 2
    [waits] = [d for d in trade.must(200, "GET", "/v1/decisions?kind=lot", headers=trade.second())["items"]]
    assert (waits["object"], waits["deciders"]["you"], waits["deciders"]["divisions"]) == (
        f"lot/{lot}", True, [COMMUNITY])
    assert not trade.must(200, "GET", "/v1/decisions?kind=lot")["items"][0]["deciders"]["you"]
    assert decide(trade, lot, status=409, headers={})["reason"] == "same-officer"
    trade.daemon.admin("POST", "/clock", {"now": "2007-07-14T10:00:00+08:00"})
    done = decide(trade, lot)
    assert (done["state"], done["records"], done["unchecked"], done["unchecked_reason"]) == (
        "approved", 30, 20, "外出")
    # On its own day; and as of an earlier day by what was decided by then.
    assert [counts(trade, f"2007-07-{day}") for day in (12, 13, 14)] == [1, 1, 3]
    assert why_not(trade, people[0], "2007-07-13")["T1"] == "lot-undecided"
    assert why_not(trade, people[0], "2007-07-14")["T1"] == "counts"
    assert trade.must(200, "GET", f"/v1/placements/{jobs[1]}")["missing"] == ["confirmation"]
    assert trade.must(200, "GET", "/v1/decisions?kind=lot")["items"] == []
    [was] = trade.must(200, "GET", "/v1/decisions?kind=lot&state=decided")["items"]
    assert (was["object"], was["decision"], was["decided_after_seconds"], was["quick"]) == (
        f"lot/{lot}", "approve", 2 * 86400, False)
    # Once.
    assert decide(trade, lot, REFUSE, 409)["reason"] == "lot-decided"
    assert decide(trade, lot)["decided_at"] == done["decided_at"]
    acts = trade.must(200, "GET", "/v1/actions?op=lots.decide")["items"]
    assert [a["object"] for a in acts] == [f"lot/{lot}"]


def test_who_is_looked_at_is_drawn_when_nothing_comes_any_more(trade, postgres):
    _, first = send(trade.daemon, "seekers", ndjson([seeker(n) for n in range(1, 31)]), "street")
    lot = first["lot"]
    seen = trade.must(200, "GET", f"/v1/lots/{lot}")
    rank = sorted(range(1, 31), key=lambda n: hashlib.sha256(f"{seen['seed']} {n}".encode()).digest())
    drawn = records(trade, lot, "&sample=true")
    assert [int(r["record"]) for r in drawn] == sorted(rank[:20]) and seen["sample"] == 20
    assert len(records(trade, lot)) == 30 and len(records(trade, lot, "&sample=false")) == 10
    assert all(r["object"].startswith("seeker/") and "name" not in r for r in drawn)
    looks = postgres.psql("SELECT count(*) FROM ledger.person_look")
    assert looks == "0", "a list of pseudonyms is no look"
    # Each of them is spoken of, once, and nobody else.
    ok = [r["record"] for r in drawn[:18]]
    wrong = [{"record": drawn[18]["record"], "note": "住址不符"}]
    bad = decide(trade, lot, {**APPROVE, "ok": ok, "wrong": wrong, "unchecked": None}, 422)
    assert [(e["pointer"], e["rule"]) for e in bad["errors"]] == [("/unchecked", "required")]
    assert bad["errors"][0]["expected"].endswith(": " + drawn[19]["record"])
    other = str(rank[20])
    for body, pointer in (({"ok": [other]}, "/ok/0"), ({"ok": [ok[0], ok[0]]}, "/ok"),
                          ({"ok": ok, "wrong": [{"record": ok[3], "note": "错"}]}, "/wrong/0/record")):
        errors = decide(trade, lot, {**APPROVE, **body}, 422)["errors"]
        assert errors[0]["pointer"].startswith(pointer), errors
    done = decide(trade, lot, {**APPROVE, "ok": ok, "wrong": wrong})
    assert (done["ok"], done["wrong"], done["unchecked"], done["state"]) == (18, 1, 1, "approved")
    said = {r["record"]: (r["check"], r["note"]) for r in records(trade, lot, "&sample=true")}
    assert said[wrong[0]["record"]] == ("wrong", "住址不符") and said[ok[0]] == ("ok", None)
    # All when there are fewer; none when nothing was new.
    lot, _ = lot_of(trade, [seeker(n) for n in range(28, 33)], "more")
    assert trade.must(200, "GET", f"/v1/lots/{lot}")["sample"] == 2
    assert lot_of(trade, [seeker(n) for n in range(28, 33)], "again")[0] is None
    assert trade.must(200, "GET", "/v1/lots?limit=1")["items"][0]["lot"] == lot


def test_a_lot_is_decided_where_all_of_it_lies(trade):
    lot, _ = lot_of(trade, [seeker(1), seeker(2, community=FAR), seeker(3, community=FAR)])
    seen = {}
    for scope in ("410105", "410104", "410106", "4101"):
        key = trade.daemon.new_key(role="bureau", org_name=scope, scope=scope)
        seen[scope] = trade.call("GET", f"/v1/lots/{lot}", key=key)
        listed = trade.must(200, "GET", "/v1/decisions?kind=lot", key=key)["items"]
        assert [d["object"] for d in listed] == [f"lot/{lot}"] * (scope != "410106")
        assert [d["deciders"]["you"] for d in listed] == [scope == "4101"] * (scope != "410106")
        answer = trade.call("POST", f"/v1/lots/{lot}/decision", APPROVE, key=key)
        assert answer.status == {"410106": 404, "4101": 200}.get(scope, 409), answer
        if answer.status == 409:
            assert (answer.json["reason"], answer.json["division"]) == ("lot-outside", "4101")
            assert answer.json["outside"] == seen[scope].json["outside"]
            assert len(records(trade, lot, key=key)) == 3 - answer.json["outside"]
    assert {s: a.json.get("outside") for s, a in seen.items()} == {
        "410105": 2, "410104": 1, "410106": None, "4101": 0}
    assert trade.call("GET", "/v1/lots", key=trade.daemon.keys["employer"]).status == 403
    auditor = trade.daemon.new_key(role="auditor", org_name="审计")
    assert "reason" not in trade.must(200, "GET", f"/v1/lots/{lot}", key=auditor)
    assert trade.call("POST", f"/v1/lots/{lot}/decision", APPROVE, key=auditor).status == 403
