"""The people behind the keys: who they are, what they may, and what is kept of it.

One daemon serves the whole module; each test uses people and keys of its own.
"""

import pytest

from harness.daemon import id_in as officer_id
from harness.trade import COMMUNITY, Trade, line
from harness.wait import wait_for

ELSEWHERE = "410102001002"


@pytest.fixture
def trade(shared_daemon):
    t = Trade(shared_daemon)
    t.employer()
    return t


def works(daemon, key, actor):
    """Wait until the officer is known, as she is within a second."""
    wait_for(lambda: daemon.request("GET", "/v1/officers", key, headers={"Vacancyd-Actor": actor})
             .status == 200, 2, "the officer")
    return actor


def add(trade, **wanted):
    answer = trade.must(201, "POST", "/v1/officers", {"name": "新来", "post": "窗口", "scope": "4101", **wanted})
    return works(trade.daemon, trade.bureau, answer["actor"])


def test_nobody_decides_or_looks_by_a_key_alone(trade):
    someone = trade.register(1)
    vacancy = trade.file([line("A", 9)])["A"]
    placed = trade.must(201, "POST", "/v1/placements", trade.placement(someone, vacancy))["placement"]
    nobody = {"Vacancyd-Actor": None}
    for method, path, body in (
            ("GET", f"/v1/seekers/{someone}", None),
            ("GET", f"/v1/seekers/{someone}/progress", None),
            ("POST", "/v1/placements", trade.placement(someone, vacancy)),
            ("POST", f"/v1/placements/{placed}/register", {"community": COMMUNITY}),
            ("POST", f"/v1/placements/{placed}/void", {"code": "V1", "reason": "r", "evidence": "e"})):
        answer = trade.call(method, path, body, headers=nobody)
        assert (answer.status, answer.json["type"]) == (403, "/problems/actor-required"), path
        answer = trade.call(method, path, body, headers={"Vacancyd-Actor": ""})
        assert answer.json["type"] == "/problems/actor-required", "an empty name is none"
        for wrong in ("vo_0123456789abcdef_" + "a" * 43, "王五",
                      trade.daemon.actors[trade.daemon.keys["agency"]]):
            answer = trade.call(method, path, body,
                                headers={"Vacancyd-Actor": wrong.encode().decode("latin-1")})
            assert answer.json["type"] == "/problems/actor-refused", wrong
    assert trade.must(200, "GET", f"/v1/placements/{placed}")["state"] == "reported"
    assert trade.call("GET", f"/v1/seekers/{someone}/matches", headers=nobody).status == 200


def test_an_officer_is_registered_by_a_lead_changed_and_ended(trade):
    clerk = add(trade, scope="410105", until="2007-12-31")
    path = f"/v1/officers/{officer_id(clerk)}"
    read = trade.call("GET", path)
    assert read.json["name"] == "新来" and read.json["scope"] == "410105"
    assert read.headers["etag"] == '"1"'
    assert trade.call("GET", path, headers={"If-None-Match": '"1"'}).status == 304
    refused = trade.call("POST", "/v1/officers", {"name": "x", "post": "y", "scope": "410105"},
                         headers={"Vacancyd-Actor": clerk})
    assert refused.json["type"] == "/problems/lead-required"

    changed = trade.call("PATCH", path, {"post": "科长"}, headers={"If-Match": '"1"'})
    assert (changed.status, changed.json["post"], changed.headers["etag"]) == (200, "科长", '"2"')
    assert trade.call("PATCH", path, {"post": "z"}, headers={"If-Match": '"1"'}).status == 412
    for wrong in ({"until": "2007-07-11"}, {"scope": None}, {"scope": ""}, {"id": "1"}, {"lead": 1}, {"name": ""}):
        assert trade.call("PATCH", path, wrong).status == 422, wrong
    right = {"name": "x", "post": "y", "scope": "4101"}
    for wrong in ({"name": "x", "scope": "4101"}, {**right, "scope": "41"}, {**right, "scope": None},
                  {"name": "x", "post": "y"}, {**right, "from": "2008-01-01", "until": "2007-12-31"},
                  {**right, "name": "x\ny"}, {**right, "role": "bureau"}):
        assert trade.call("POST", "/v1/officers", wrong).status == 422, wrong

    # Her scope is the key's and hers: what lies outside is not there.
    outside = trade.register(2, community=ELSEWHERE)
    for person, status in ((outside, 404), (trade.register(4), 200)):
        for what in ("", "/matches"):
            asked = trade.call("GET", f"/v1/seekers/{person}{what}", headers={"Vacancyd-Actor": clerk})
            assert asked.status == status, what

    other = trade.must(201, "POST", f"{path}/secret")["actor"]
    works(trade.daemon, trade.bureau, other)
    assert trade.call("GET", "/v1/officers", headers={"Vacancyd-Actor": clerk}).status == 403
    assert trade.must(200, "PATCH", path, {"revoked": True})["revoked_at"]
    wait_for(lambda: trade.call("GET", "/v1/officers", headers={"Vacancyd-Actor": other}).status == 403,
             1, "her end")
    assert trade.call("PATCH", path, {"post": "z"}).status == 409


def test_a_repeated_registration_does_not_show_the_secret_again(trade):
    body, once = {"name": "某", "post": "窗口", "scope": "410105"}, {"Idempotency-Key": "once"}
    first = trade.call("POST", "/v1/officers", body, headers=once)
    again = trade.call("POST", "/v1/officers", body, headers=once)
    assert first.status == 201 and first.json["actor"].startswith("vo_")
    assert again.status == 200 and "actor" not in again.json
    assert again.json["officer"] == first.json["officer"]
    listed = trade.must(200, "GET", "/v1/officers?limit=1")
    assert len(listed["items"]) == 1 and listed["next"]
    rest = trade.must(200, "GET", f"/v1/officers?limit=1&cursor={listed['next']}")
    assert rest["items"] != listed["items"]
    assert trade.call("GET", f"/v1/officers?cursor={listed['next']}&state=live").json["type"] == \
        "/problems/restart"


def test_organisations_do_not_see_each_others_people(trade):
    district = trade.daemon.new_key(role="bureau", org_name="金水区", scope="410105")
    theirs = officer_id(trade.daemon.actors[district])
    ours = officer_id(trade.daemon.actors[trade.bureau])
    missing = trade.call("GET", "/v1/officers/3fffffffffffffff", key=district)
    for method, path, body in (("GET", "", None), ("PATCH", "", {"post": "x"}),
                               ("POST", "/delegations", {"to": theirs, "scope": "410105", "until": "2007-12-31"})):
        answer = trade.call(method, f"/v1/officers/{ours}{path}", body, key=district)
        assert answer.status == 404 and strip(answer) == strip(missing)
    # The city's bureau sees and changes them; and registers for any organisation that has a key.
    assert trade.must(200, "GET", f"/v1/officers/{theirs}")["organisation"] == "金水区"
    made = trade.must(201, "POST", "/v1/officers", {"name": "区员", "post": "窗口", "role": "bureau",
                                                    "organisation": "金水区", "scope": "410105003"})
    works(trade.daemon, district, made["actor"])
    assert trade.call("POST", "/v1/officers", {"name": "x", "post": "y", "scope": "4101", "role": "agency",
                                               "organisation": "无此单位"}).status == 404
    listed = trade.must(200, "GET", "/v1/officers", key=district)["items"]
    assert {o["organisation"] for o in listed} == {"金水区"}


def strip(answer):
    """An answer but for its request id and for what was asked for."""
    body = answer.json
    body.pop("instance", None)
    for error in body.get("errors", ()):
        error.pop("found", None)
    return answer.status, body


def test_one_stands_in_for_another_while_it_is_delegated(trade):
    chief = add(trade, scope="410102")
    clerk = add(trade, scope="410105")
    someone = trade.register(3, community=ELSEWHERE)
    path = f"/v1/officers/{officer_id(chief)}/delegations"
    standing_in = {"Vacancyd-Actor": clerk, "Vacancyd-For": officer_id(chief)}
    assert trade.call("GET", f"/v1/seekers/{someone}", headers=standing_in).json["type"] == \
        "/problems/actor-refused"
    body = {"to": officer_id(clerk), "scope": "410102", "until": "2007-07-31"}
    assert trade.call("POST", path, body, headers={"Vacancyd-Actor": clerk}).json["type"] == \
        "/problems/lead-required"
    for wrong, status in (({**body, "until": "2012-01-01"}, 403), ({**body, "scope": "410105"}, 403),
                          ({**body, "to": officer_id(chief)}, 422), ({"to": officer_id(clerk)}, 422)):
        assert trade.call("POST", path, wrong, headers={"Vacancyd-Actor": chief}).status == status, wrong
    made = trade.must(201, "POST", path, body, headers={"Vacancyd-Actor": chief})
    assert trade.call("GET", f"/v1/seekers/{someone}", headers=standing_in).status == 200
    assert trade.call("GET", f"/v1/seekers/{someone}", headers={"Vacancyd-Actor": clerk}).status == 404
    assert trade.call("POST", path, body, headers=standing_in).status == 403  # not handed on
    look = trade.must(200, "GET", f"/v1/looks?officer={officer_id(clerk)}")["items"][0]
    assert look["on_behalf_of"] == officer_id(chief) and look["seeker"] == someone
    trade.must(200, "POST", f"{path}/{made['delegation']}/end", headers={"Vacancyd-Actor": chief})
    assert trade.call("GET", f"/v1/seekers/{someone}", headers=standing_in).status == 403


def test_looks_are_told_to_auditors_and_to_the_bureau_of_the_place(trade):
    someone = trade.register(5)
    for _ in range(3):
        trade.must(200, "GET", f"/v1/seekers/{someone}")
    auditor = trade.daemon.new_key(role="auditor", org_name="审计局")
    page = trade.must(200, "GET", f"/v1/looks?seeker={someone}&limit=2", key=auditor)
    assert [x["what"] for x in page["items"]] == ["read_seeker"] * 2
    first = page["items"][0]
    assert first["officer"] == officer_id(trade.daemon.actors[trade.bureau])
    assert (first["name"], first["organisation"]) == ("测试员", "郑州市劳动保障局")
    rest = trade.must(200, "GET", f"/v1/looks?seeker={someone}&limit=2&cursor={page['next']}", key=auditor)
    assert len(rest["items"]) == 1 and rest["next"] is None
    assert len(trade.must(200, "GET", f"/v1/looks?seeker={someone}")["items"]) == 3

    elsewhere = trade.daemon.new_key(role="bureau", org_name="中原区", scope="410102")
    missing = trade.call("GET", "/v1/looks?seeker=3fffffffffffffff", key=elsewhere)
    hidden = trade.call("GET", f"/v1/looks?seeker={someone}", key=elsewhere)
    assert missing.status == 404 and strip(hidden) == strip(missing)
    assert trade.call("GET", f"/v1/looks?officer={first['officer']}", key=elsewhere).status == 404
    for key in ("employer", "agency"):
        assert trade.call("GET", f"/v1/looks?seeker={someone}", key=trade.daemon.keys[key]).status == 403
    assert trade.call("GET", "/v1/looks").status == 422


def test_every_write_is_kept_with_who_did_it(trade):
    """Once each, with the request's id; a refusal, a repeat, a check and what stood so already are no writes."""
    firm = trade.daemon.keys["employer"]
    before = trade.must(200, "GET", "/v1/actions?limit=1")["items"][0]["request"]
    trade.employer("600037341")
    vacancy = trade.file([line("A", 9), line("B")])["A"]
    trade.call("PUT", "/v1/returns/123456788/410105/2007Q2?validate=only", {"nil": True, "staff": 1, "lines": []})
    someone = trade.register(6)
    trade.employer("600037341")
    trade.must(200, "PATCH", "/v1/returns/123456788/410105/2007Q2/lines/A", {"posts": 9})
    trade.must(200, "PATCH", f"/v1/seekers/{someone}", {"pay_wish_fen": 80000})
    sent = {"Idempotency-Key": "k", "X-Request-Id": "desk-7:1", "Vacancyd-Request-Id": "ab" * 16}
    body = trade.placement(someone, vacancy)
    first = trade.call("POST", "/v1/placements", body, headers=sent)
    placed, ours = first.json["placement"], first.headers["vacancyd-request-id"]
    # The id is ours, whatever is sent; the client's comes back, and is kept beside it.
    assert ours != "ab" * 16 and first.headers["x-request-id"] == "desk-7:1"
    assert trade.call("POST", "/v1/placements", body, headers=sent).status == 200
    assert trade.call("POST", f"/v1/placements/{placed}/confirm", key=trade.bureau).status == 409
    trade.must(200, "POST", f"/v1/placements/{placed}/confirm", key=firm)
    own = trade.call("POST", f"/v1/placements/{placed}/register", {"community": COMMUNITY})
    assert own.status == 409 and own.json["type"] == "/problems/own-report"
    second = officer_id(trade.second()["Vacancyd-Actor"])
    trade.registered(placed)
    kept = trade.must(200, "GET", "/v1/actions?limit=100")["items"]
    kept = kept[:[x["request"] for x in kept].index(before)]
    assert [(x["op"], x["object"]) for x in reversed(kept)] == [
        ("employers.put", "employer/600037341"),
        ("returns.file", "return/123456788/410105/2007Q2"),
        ("seekers.create", f"seeker/{someone}"),
        ("placements.create", f"placement/{placed}"),
        ("placements.confirm", f"placement/{placed}"),
        ("officers.create", f"officer/{second}"),
        ("placements.register", f"placement/{placed}")]
    me = officer_id(trade.daemon.actors[trade.bureau])
    assert [x["officer"] for x in reversed(kept)] == [me, me, me, me, None, None, second]
    assert (kept[1]["kid"], kept[1]["name"]) == ("admin", None), "by the operator"
    assert (kept[3]["request"], kept[3]["client_request"]) == (ours, "desk-7:1")
    assert kept[2]["client_request"] is None and kept[2]["kid"] == officer_id(firm)
    assert len({x["request"] for x in kept}) == len(kept)
    assert any(f"request={ours} client_request=desk-7:1" in x for x in trade.daemon.log.splitlines())
    for name in ("a b", "x" * 65, "é", "a/b", ""):
        seen = trade.call("GET", f"/v1/seekers/{someone}", headers={"X-Request-Id": name.encode().decode("latin-1")})
        assert seen.status == 200 and "x-request-id" not in seen.headers, name
    seen = trade.call("GET", f"/v1/seekers/{someone}", headers={"X-Request-Id": "desk-8"})
    look = trade.must(200, "GET", f"/v1/looks?seeker={someone}")["items"][0]
    assert (look["request"], look["client_request"]) == (seen.headers["vacancyd-request-id"], "desk-8")
    refused = trade.call("GET", "/v1/seekers/3fffffffffffffff", headers={"X-Request-Id": "desk-9"})
    assert refused.json["instance"] == refused.headers["vacancyd-request-id"]
    assert refused.headers["x-request-id"] == "desk-9"
    only = trade.must(200, "GET", f"/v1/actions?officer={me}&op=placements.create")["items"]
    assert only[0]["object"] == f"placement/{placed}"
