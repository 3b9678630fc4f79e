"""Placements by several signals, void by two officers, and lists of them, through HTTP.

The rules one by one are in ledger/signals.sql; here is what only a running exchange can
show: many at once, the board and the counts afterwards, languages, and the command line.
"""

import collections
import json
import subprocess
import threading

import pytest

from harness.daemon import SANITIZER, binary, sanitizer_env
from harness.trade import COMMUNITY, Trade, line

MANY = 200


@pytest.fixture
def trade(daemon):
    trade = Trade(daemon)
    trade.employer()
    trade.licence()
    yield trade
    assert daemon.admin("POST", "/board/verify").json["differences"] == 0


def batch(trade, items, key=None, idem=None, **headers):
    if idem:
        headers["Idempotency-Key"] = idem
    return trade.call("POST", "/v1/placements/batch", {"items": items}, key=key, headers=headers)


def statuses(answer):
    assert answer.status == 200, answer
    return [i["status"] for i in answer.json["items"]]


def test_a_list_is_answered_item_by_item(trade):
    vacancy = trade.file([line("A", 2)])["A"]
    a, b, c = (trade.register(i) for i in range(3))
    items = [trade.placement(a, vacancy, key="k-a"),
             trade.placement(b, vacancy, start="2007-13-01", nonsense=1),
             trade.placement("3fffffffffffffff", vacancy),
             "not a placement",
             trade.placement(b, vacancy),
             trade.placement(c, vacancy),
             trade.placement(a, vacancy, key="k-a")]
    first = batch(trade, items, idem="list-1", **{"Accept-Language": "en"})
    assert statuses(first) == [201, 422, 404, 422, 201, 409, 200]
    assert (first.json["recorded"], first.json["again"], first.json["refused"]) == (2, 1, 4)
    got = first.json["items"]
    assert [e["pointer"] for e in got[1]["problem"]["errors"]] == ["/items/1/start_on", "/items/1/nonsense"]
    assert [e["pointer"] for e in got[3]["problem"]["errors"]] == ["/items/3"]
    assert got[5]["problem"]["type"] == "/problems/vacancy-filled" and got[5]["problem"]["posts"] == 2
    assert got[6]["placement"] == got[0]["placement"] and got[0]["placement"]["seeker"] == a
    # The mirror has it at once, and the same list again is the same answer.
    seen = trade.must(200, "GET", f"/v1/vacancies/{vacancy}/matches", headers={
        "Consistency-Token": first.headers["consistency-token"]})
    assert seen["items"] == []
    again = batch(trade, items, idem="list-1", **{"Accept-Language": "zh-CN"})
    assert [i.get("placement") for i in again.json["items"]] == [i.get("placement") for i in got]
    assert again.json["items"][5]["problem"]["title"] == "该空岗已招满"
    assert statuses(again) == statuses(first)
    assert batch(trade, items[:2], idem="list-1").json["type"] == "/problems/idempotency-mismatch"
    # Alone it is the same placement.
    alone = trade.must(200, "POST", "/v1/placements", trade.placement(a, vacancy))
    assert got[0]["placement"].items() <= alone.items() and len(alone["sources"]) == 1


@pytest.mark.parametrize("body, status", [
    ({"items": []}, 422), ({}, 422), ({"items": {}}, 422), ({"items": [{}] * 201}, 422),
    ({"items": [{}], "more": 1}, 422), ([], 422)])
def test_a_list_that_is_none_is_refused_as_a_whole(shared_daemon, body, status):
    answer = Trade(shared_daemon).call("POST", "/v1/placements/batch", body)
    assert answer.status in (status, 400), answer
    assert shared_daemon.postgres.psql("SELECT count(*) FROM ledger.idempotency") == "0"


def test_the_same_list_many_times_at_once_beside_single_calls(trade, postgres):
    vacancy = trade.file([line("A", MANY)])["A"]
    people = [trade.register(i) for i in range(40)]
    bodies = [trade.placement(s, vacancy) for s in people]
    answers, gate = [], threading.Barrier(24)

    def post(i):
        gate.wait()
        if i % 3:
            keyed = [{**b, "key": f"k{n}"} for n, b in enumerate(bodies)]
            # Forwards and backwards: two lists hold what the other wants.
            answers.append(batch(trade, keyed if i % 2 else keyed[::-1]))
        else:
            for body in bodies[i:i + 6]:
                answers.append(trade.call("POST", "/v1/placements", body))

    threads = [threading.Thread(target=post, args=(i,)) for i in range(24)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    made = collections.Counter()
    for a in answers:
        if a.status in (200, 201) and "items" not in a.json:
            made[a.status] += 1
        else:
            made.update(statuses(a))
    assert set(made) == {200, 201} and made[201] == 40, made
    assert postgres.psql("SELECT count(*) FROM ledger.placement") == "40"
    assert postgres.psql("SELECT filled FROM ledger.vacancy") == "40"
    assert postgres.psql("SELECT count(*) FROM ledger.action WHERE op = 'placements.create'") == "40"


def test_a_void_and_its_undo_move_the_figures_and_the_board(trade):
    vacancy = trade.file([line("A", 1)])["A"]
    someone = trade.register(1)
    agency = trade.daemon.keys["agency"]
    made = trade.must(201, "POST", "/v1/placements", trade.placement(someone, vacancy), key=agency)
    placement = f"/v1/placements/{made['placement']}"
    read = trade.must(200, "GET", placement, key=agency)
    assert [s["signal"] for s in read["signals"]] == ["report"] and "voidings" not in read
    assert read["missing"] == ["confirmation", "registration"]
    trade.must(200, "POST", placement + "/confirm", key=trade.daemon.keys["employer"])
    done = trade.must(200, "POST", placement + "/register", {"community": COMMUNITY})
    assert done["missing"] == [] and done["signals"][1]["role"] == "employer"

    def counts():
        person = trade.must(200, "GET", f"/v1/seekers/{someone}/progress")
        return {t["target"] for t in person["targets"] if t["counts"]}

    assert counts() == {"T1", "T2"}
    voided = trade.void(placement, "V3")
    assert voided["state"] == "void" and counts() == set()
    # Words stay with the bureaus.
    assert trade.must(200, "GET", placement)["void_evidence"] == "书面说明"
    assert not {"void_evidence", "voidings"} & set(trade.must(200, "GET", placement, key=agency))
    undo = {"reason": "已补合同", "evidence": "合同第8号"}
    trade.must(200, "POST", placement + "/void/undo", undo)
    assert trade.decide(placement).json["state"] == "registered" and counts() == {"T1", "T2"}
    # The post given to another meanwhile.
    trade.void(placement)
    other = trade.register(2)
    trade.must(201, "POST", "/v1/placements", trade.placement(other, vacancy))
    trade.must(200, "POST", placement + "/void/undo", undo)
    refused = trade.decide(placement)
    assert (refused.status, refused.json["type"]) == (409, "/problems/vacancy-filled")
    assert trade.decide(placement, "refuse").json["state"] == "void" and counts() == set()


def test_two_officers_who_decide_at_once_decide_once(trade, postgres):
    vacancy = trade.file([line("A", 1)])["A"]
    made = trade.must(201, "POST", "/v1/placements", trade.placement(trade.register(1), vacancy))
    placement = f"/v1/placements/{made['placement']}"
    trade.must(200, "POST", placement + "/void", {"code": "V1", "reason": "r", "evidence": "e"})
    trade.second()
    answers = []
    threads = [threading.Thread(target=lambda w=w: answers.append(trade.decide(placement, w)))
               for w in ("approve", "refuse") * 4]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert sorted(a.status for a in answers) == [200] + [409] * 7
    assert {a.json["reason"] for a in answers if a.status == 409} == {"nothing-asked"}
    live = postgres.psql("SELECT count(*) FROM ledger.placement WHERE state <> 'void'")
    assert postgres.psql("SELECT filled FROM ledger.vacancy") == live


def test_the_same_at_a_terminal(trade, tmp_path):
    vacancy = trade.file([line("A", 2)])["A"]
    someone = trade.register(1)
    env = dict(sanitizer_env(), VACANCYD_URL=trade.daemon.url, LANG="C.UTF-8",
               VACANCYD_KEY=trade.bureau, VACANCYD_ACTOR=trade.daemon.actors[trade.bureau])

    def typed(code, *words):
        done = subprocess.run([binary("vacancyctl"), *words], env=env, capture_output=True,
                              text=True, timeout=60)
        assert done.returncode == code and not SANITIZER.search(done.stderr), done
        return done.stdout

    listed = tmp_path / "list.json"
    listed.write_text(json.dumps({"items": [trade.placement(someone, vacancy), {"seeker": "x"}]}))
    shown = typed(1, "place", "batch", str(listed))
    assert "STATUS" in shown and someone in shown and "422" in shown
    placed = json.loads(typed(0, "place", "report", "--seeker", someone, "--vacancy", vacancy,
                              "--start-on", "2007-07-12", "--json"))["placement"]
    typed(0, "place", "withdraw", placed, "--signal", "report", "--reason", "mistaken")
    typed(1, "place", "withdraw", placed, "--signal", "report", "--reason", "mistaken")
    typed(2, "place", "withdraw", placed, "--signal", "report")
    typed(0, "place", "void", placed, "--code", "V2", "--reason", "未到岗", "--evidence", "e")
    typed(1, "place", "undo", placed, "--reason", "r", "--evidence", "e")
    typed(1, "place", "decide", placed, "--decision", "approve", "--reason", "r")
    env["VACANCYD_ACTOR"] = trade.second()["Vacancyd-Actor"]
    typed(0, "place", "decide", placed, "--decision", "approve", "--reason", "r")
    assert '"state": "void"' in typed(0, "place", "show", placed, "--json")
