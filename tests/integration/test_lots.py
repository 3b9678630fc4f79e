"""Lots: what a file registered first counts once a second officer has approved it, as a lot."""

import hashlib
import json
import socket

import pytest

from harness.desk import desk_of
from harness.register_keeper import course
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


def draw(seed, of, wanted):
    """As rules/lots says: anybody can draw again."""
    chosen, turn = [], 0
    while len(chosen) < wanted:
        turn += 1
        n = int(hashlib.sha256(f"{seed} {turn}".encode()).hexdigest()[:15], 16) % of + 1
        chosen += [n] * (n not in chosen)
    return chosen


def test_who_is_looked_at_is_drawn_when_nothing_comes_any_more(trade, postgres):
    _, first = send(trade.daemon, "seekers", ndjson([seeker(n) for n in range(1, 31)]), "street")
    lot = first["lot"]
    seen = trade.must(200, "GET", f"/v1/lots/{lot}")
    chosen = draw(seen["seed"], 30, 20)
    drawn = records(trade, lot, "&sample=true")
    assert [int(r["record"]) for r in drawn] == sorted(chosen) and seen["sample"] == 20
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
    other = next(str(n) for n in range(1, 31) if n not in chosen)
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
    # Who has moved away has no name there any more.
    near = trade.daemon.new_key(role="bureau", org_name="又一局", scope="410105")
    [known] = records(trade, lot, key=near)
    trade.must(200, "PATCH", "/v1/seekers/" + known["object"].split("/")[1], {"community": FAR})
    assert records(trade, lot, key=near) == [{**known, "object": None}]
    auditor = trade.daemon.new_key(role="auditor", org_name="审计")
    assert "reason" not in trade.must(200, "GET", f"/v1/lots/{lot}", key=auditor)
    assert trade.call("POST", f"/v1/lots/{lot}/decision", APPROVE, key=auditor).status == 403


def left(trade, lot):
    return {r["record"]: r["left_for"] for r in records(trade, lot, "&outcome=left")}


def test_an_approved_lot_of_placements_is_registered_as_one_by_one(trade, postgres):
    people = [trade.register(n) for n in range(1, 8)]
    jobs = [trade.placement(who, trade.vacancy) for who in people]
    jobs[2] = {"seeker": people[2], "kind": "unit", "start_on": "2007-07-12", "workplace": "410202"}
    lot, made = lot_of(trade, jobs, kind="placements")
    assert len(made) == 7 and trade.must(200, "GET", f"/v1/lots/{lot}")["kind"] == "placements"
    trade.registered(made[0])
    trade.must(200, "POST", f"/v1/placements/{made[1]}/void",
               {"code": "V2", "reason": "未到岗", "evidence": "书面说明"})
    assert counts(trade) == 1
    decide(trade, lot)
    seen = settled(trade, lot)
    assert seen["left"] == 2 and left(trade, lot) == {"2": "void-asked", "3": "outside-city"}
    assert [r["outcome"] for r in records(trade, lot)] == [
        "registered", "left", "left", "registered", "registered", "registered", "registered"]
    job = trade.must(200, "GET", f"/v1/placements/{made[3]}")
    assert (job["state"], job["registered"]["community"], job["registered"]["on"]) == (
        "registered", COMMUNITY, "2007-07-12")
    hand = [s["officer"] for s in job["signals"] if s["signal"] == "registration"]
    assert hand == [trade.second()["Vacancyd-Actor"].split("_")[1]]
    assert counts(trade) == 5
    assert trade.must(200, "GET", f"/v1/placements/{made[2]}")["state"] == "reported"
    acts = postgres.psql("SELECT count(*) FROM ledger.action WHERE op = 'placements.register'")
    assert acts == "5", "one single call, and four of the lot"
    assert trade.must(200, "GET", f"/v1/seekers/{people[4]}")["state"] == "placed"
    assert trade.must(200, "GET", "/v1/decisions?kind=register")["items"] == []


def test_a_refused_lot_of_placements_is_withdrawn(trade):
    people = [trade.register(n) for n in range(1, 5)]
    lot, made = lot_of(trade, [trade.placement(who, trade.vacancy) for who in people], kind="placements")
    trade.registered(made[0])
    decide(trade, lot, REFUSE)
    assert settled(trade, lot)["left"] == 1 and left(trade, lot) == {"1": "registered"}
    job = trade.must(200, "GET", f"/v1/placements/{made[1]}")
    assert job["state"] == "withdrawn" and "report" in job["missing"]
    assert job["signals"][0]["withdrawn"]["reason"] == "mistaken"
    assert counts(trade) == 1
    # The same can be sent again, under another name.
    again, ids = lot_of(trade, [trade.placement(people[3], trade.vacancy)], "again", "placements")
    assert trade.must(200, "GET", f"/v1/placements/{made[3]}")["missing"] == ["confirmation", "registration"]
    assert (again, ids) == (None, [made[3]]), "the placement stands since it was first reported"


def test_people_of_a_refused_lot_were_never_registered(trade, postgres):
    crowd = [seeker(n) for n in range(1, 9)]
    for n in (6, 7):
        crowd[n]["certificate"] = {"number": f"优惠2007000{n}", "group": "L1", "issued_on": "2007-03-01",
                                   "valid_to": "2009-12-31", "inspected": [2007]}
    crowd.append(seeker(9))
    lot, people = lot_of(trade, crowd)
    card = postgres.psql("SELECT id FROM ledger.certificate WHERE number = '优惠20070007'")
    trade.must(200, "POST", f"/v1/seekers/{people[7]}/certificates/{card}/void", {"reason": "遗失"})
    held = trade.must(201, "POST", "/v1/courses", course())["course"]
    trade.must(201, "POST", "/v1/enrolments", {"course": held, "seeker": people[8], "from": "2007-07-02"})
    job = placed(trade, people[0])
    trade.must(201, "POST", "/v1/referrals", {
        "seeker": people[1], "vacancy": trade.vacancy, "passed_over": [
            {"seeker": p, "reason": "unreachable"} for p in people[2:]]})
    home = trade.must(201, "POST", "/v1/households", household({"seeker": people[2]}))["household"]
    trade.must(200, "POST", f"/v1/seekers/{people[3]}/withdraw", {"reason": "school"})
    decide(trade, lot, REFUSE)
    assert settled(trade, lot)["left"] == 5
    assert left(trade, lot) == {"1": "placement", "2": "referral", "3": "household", "4": "withdrawn",
                                "9": "enrolment"}
    gone = trade.must(200, "GET", f"/v1/seekers/{people[6]}")
    assert gone["withdrawn"] == {"on": "2007-07-12", "reason": "in_error"}
    assert gone["unemployment"] is None and gone["certificate"] is None
    found = trade.call("POST", "/v1/seekers/find", {"citizen_number": citizen_number(7)})
    assert found.status == 404
    back = trade.call("POST", f"/v1/seekers/{people[6]}/return", {})
    assert (back.status, back.json["reason"]) == (409, "registered-in-error")
    assert decide(trade, lot, APPROVE, 409)["reason"] == "lot-decided", "a refusal is not undone"
    wait_for(lambda: trade.daemon.admin("POST", "/board/verify").json["differences"] == 0, 20,
             "the board to equal the ledger")
    # Sent again, whoever was undone is somebody new, with their certificate, which may have been void
    # before; who was left stands.
    again, ids = lot_of(trade, crowd, "again")
    assert ids[:4] + ids[8:] == people[:4] + people[8:] and not set(ids[4:8]) & set(people)
    assert trade.must(200, "GET", f"/v1/lots/{again}")["records"] == 4
    decide(trade, again)
    for n in (6, 7):
        assert trade.must(200, "GET", f"/v1/seekers/{ids[n]}")["certificate"]["number"] == f"优惠2007000{n}"
    placed(trade, ids[6])
    # Who was left counts when they are withdrawn and registered again.
    assert counts(trade) == 1 and why_not(trade, people[0])["T1"] == "lot-refused"
    trade.must(200, "POST", f"/v1/seekers/{people[0]}/withdraw", {"reason": "other"})
    trade.must(200, "POST", f"/v1/seekers/{people[0]}/return", {})
    assert counts(trade) == 2 and trade.must(200, "GET", f"/v1/placements/{job}")["missing"] == ["confirmation"]
    assert postgres.psql("SELECT count(*) FROM ledger.person") == "13"
    assert trade.must(200, "GET", f"/v1/households/{home}")["state"] == "open"


def goal(trade, target, unit="city"):
    said = trade.must(200, "GET", "/v1/progress?year=2007&as_of=2007-07-12")["targets"]
    return next(t["achieved"] for t in said if (t["target"], t["unit"]) == (target, unit))


@pytest.mark.parametrize("decision", [APPROVE, REFUSE])
def test_households_of_a_lot(trade, decision):
    people = [trade.register(n) for n in range(1, 4)]
    lot, homes = lot_of(trade, [household({"seeker": p}) for p in people[:2]], kind="households")
    # Ranked at once, and counted nowhere.
    assert trade.must(200, "GET", f"/v1/seekers/{people[0]}")["rank"] == "P1"
    assert goal(trade, "T10") == 0
    placed(trade, people[0])
    assert why_not(trade, people[0])["T4"] == "lot-undecided" and goal(trade, "T1") == 1
    decide(trade, lot, decision)
    settled(trade, lot)
    if decision is APPROVE:
        assert (goal(trade, "T10"), goal(trade, "T4")) == (1, 1)
        assert trade.must(200, "GET", f"/v1/households/{homes[0]}")["state"] == "helped"
        return
    assert left(trade, lot) == {"1": "placement"}
    assert (goal(trade, "T10"), goal(trade, "T4")) == (0, 0)
    assert why_not(trade, people[0])["T4"] == "lot-refused"
    undone = trade.must(200, "GET", f"/v1/households/{homes[1]}")
    assert (undone["state"], undone["ended"]) == ("ended", {"on": "2007-07-02", "reason": "in_error"})
    assert trade.must(200, "GET", f"/v1/seekers/{people[1]}")["rank"] == "P5"
    again, ids = lot_of(trade, [household({"seeker": people[1]})], "again", "households")
    assert again and ids != [homes[1]]


def cut(trade, body, name, records, postgres):
    """Sends the first part of a file, and then nothing."""
    daemon = trade.daemon
    with socket.create_connection(("127.0.0.1", daemon.port)) as s:
        s.sendall((f"POST /v1/imports?kind=seekers HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
                   f"{trade.bureau}\r\nVacancyd-Actor: {daemon.actors[trade.bureau]}\r\n"
                   f"Idempotency-Key: {name}\r\nContent-Type: application/x-ndjson\r\n"
                   f"Content-Length: {len(body)}\r\n\r\n").encode() + body[:len(body) * 7 // 10])
        wait_for(lambda: postgres.psql("SELECT coalesce(sum(records), 0) FROM ledger.lot") == str(records), 20,
                 "a batch")


def test_an_import_that_went_on_makes_one_lot(trade, postgres):
    body = ndjson([seeker(n) for n in range(1, 901)])
    cut(trade, body, "street", 500, postgres)
    wait_for(lambda: trade.must(200, "GET", "/v1/imports/street")["state"] == "cut", 20, "the end of the run")
    lot = trade.must(200, "GET", "/v1/imports/street")["lot"]
    seen = trade.must(200, "GET", f"/v1/lots/{lot}")
    assert (seen["state"], seen["records"], seen["seed"], seen["sample"]) == ("growing", 500, None, 0)
    assert decide(trade, lot, status=409)["reason"] == "lot-growing"
    assert trade.must(200, "GET", "/v1/decisions?kind=lot")["items"] == []
    # By a power cut too; what went on is the same lot.
    trade.daemon.kill()
    trade.daemon.restart()
    _, end = send(trade.daemon, "seekers", body, "street")
    assert (end["lot"], end["run"], end["added"]) == (lot, 2, 900)
    seen = trade.must(200, "GET", f"/v1/lots/{lot}")
    assert (seen["state"], seen["records"], seen["sample"]) == ("waiting", 900, 20)
    # Asked for again, it is the same, and nobody draws again.
    assert send(trade.daemon, "seekers", body, "street")[1]["lot"] == lot
    assert trade.must(200, "GET", f"/v1/lots/{lot}")["seed"] == seen["seed"]
    assert postgres.psql("SELECT count(*), count(DISTINCT object), max(n) FROM ledger.lot_record") == "900|900|900"


def test_an_import_that_does_not_go_on_is_over_after_a_day(trade, postgres):
    body = ndjson([seeker(n) for n in range(1, 901)])
    cut(trade, body, "street", 500, postgres)
    wait_for(lambda: trade.must(200, "GET", "/v1/imports/street")["state"] == "cut", 20, "the end of the run")
    lot = trade.must(200, "GET", "/v1/imports/street")["lot"]
    assert trade.daemon.admin("POST", "/clock", {"now": "2007-07-13T10:00:01+08:00"}).status == 200
    seen = wait_for(lambda: [a for a in [trade.must(200, "GET", f"/v1/lots/{lot}")] if a["seed"]], 20,
                    "the lot to be whole")[0]
    assert (seen["state"], seen["records"], seen["sample"]) == ("waiting", 500, 20)
    late = post(trade.daemon, "seekers", body, "street")
    assert (late.status, late.json["reason"]) == (409, "lot-whole")
    decide(trade, lot)
    other, ids = lot_of(trade, [seeker(n) for n in range(1, 901)], "street-2")
    assert other != lot and trade.must(200, "GET", f"/v1/lots/{other}")["records"] == 400


def test_who_makes_no_lot(trade):
    """An employer's file, one that adds nothing, one that is only tried, and the single call."""
    trade.register(1)
    jobs = [trade.placement(trade.register(2), trade.vacancy)]
    assert send(trade.daemon, "placements", ndjson(jobs), "firm", "employer")[1]["lot"] is None
    assert lot_of(trade, [seeker(1)])[0] is None
    tried = trade.daemon.request("POST", "/v1/imports?kind=seekers&validate=only", trade.bureau,
                                 raw=ndjson([seeker(3)]), headers={
                                     "Content-Type": "application/x-ndjson", "Idempotency-Key": "t"})
    assert tried.status == 200
    assert trade.must(200, "GET", "/v1/lots")["items"] == []


def test_the_command_line(trade, tmp_path):
    lot, _ = lot_of(trade, [seeker(n) for n in range(1, 4)])
    clerk = desk_of(trade, tmp_path)
    clerk.env["VACANCYD_ACTOR"] = trade.second()["Vacancyd-Actor"]
    shown = clerk.done("lot", "list", "--state", "waiting", "--lang", "zh")
    assert "求职人员" in shown and "待决定" in shown
    assert clerk.done("lot", "records", lot, "--sample", "--csv").count("seeker/") == 3
    done = clerk.json("lot", "decide", lot, "--decision", "approve", "--reason", "属实", "--ok", "1,2",
                      "--wrong", "3=住址不符")
    assert (done["ok"], done["wrong"]) == (2, 1)
    assert "approved" in clerk.done("lot", "show", lot)
