"""Keys: what one is made of, its limits, its successor, and how soon it is nobody's."""

import http.client
import json
import os
import re
import signal
import time

from harness.daemon import id_in as kid
from harness.trade import Trade, line, quarter_return, seeker
from harness.wait import wait_for

EMPLOYERS = "/v1/employers/123456788"


def refused(daemon, key):
    return daemon.request("GET", EMPLOYERS, key).status == 401


def within_a_second(condition, what):
    """Nobody who asked later than that was still served, however long the asking took."""
    began, asked = time.monotonic(), []

    def is_so():
        asked.append(time.monotonic())
        return condition()

    wait_for(is_so, 10, what)
    assert all(at - began < 1 for at in asked[:-1]), what


def test_a_revoked_key_is_refused_within_a_second_by_every_daemon(make_daemon, postgres):
    """Also while PostgreSQL is away, once it is known; and the second daemon takes eight
    connections of one address."""
    one = make_daemon()
    other = make_daemon(start=False, max_connections_per_address=8)
    other.start()
    trade = Trade(one)
    trade.employer()
    trade.file([line("A")])
    matches = f"/v1/seekers/{trade.register(1)}/matches"
    bureau, agency = one.keys["bureau"], one.keys["agency"]
    wait_for(lambda: other.request("GET", matches, agency).status == 200, 10, "the other's keys")
    assert one.admin("POST", f"/keys/{kid(agency)}/revoke").status == 200
    within_a_second(lambda: other.request("GET", matches, agency).status == 401, "the other's no")
    assert one.request("GET", matches, agency).status == 401
    # So is an officer who was ended.
    named = {"Vacancyd-Actor": one.new_officer(bureau)}
    wait_for(lambda: other.request("GET", "/v1/officers", bureau, headers=named).status == 200, 2, "her")
    path = f"/v1/officers/{kid(named['Vacancyd-Actor'])}"
    assert one.request("PATCH", path, bureau, {"revoked": True}).status == 200
    within_a_second(lambda: other.request("GET", "/v1/officers", bureau, headers=named).status == 403,
                    "her end")

    held = [http.client.HTTPConnection("127.0.0.1", other.port, timeout=10) for _ in range(8)]
    for each in held:
        each.request("GET", "/problems/busy")
        assert each.getresponse().read()
    answer = other.request("GET", "/problems/busy")
    assert (answer.status, answer.json["type"]) == (503, "/problems/too-many-connections")
    held.pop().close()
    wait_for(lambda: other.request("GET", "/problems/busy").status == 200, 5, "a place")
    for each in held:
        each.close()

    postgres.stop()
    assert other.request("GET", matches, agency).status == 401
    assert other.request("GET", matches, bureau).status == 200, "the others go on"


def test_a_key_is_rotated_with_an_overlap(shared_daemon):
    daemon = shared_daemon
    old = daemon.new_key(role="employer", org_code="123456788", org_name="测试企业")
    for wrong in ({"until": "2007-07-12"}, {"until": 5}, {"till": "x"}, [], {"until": "2007-02-30T00:00:00Z"},
                  {"until": "2007-07-12T09:59:59+08:00"}):
        assert daemon.admin("POST", f"/keys/{kid(old)}/rotate", wrong).status in (400, 422), wrong
    assert daemon.admin("POST", "/keys/0123456789abcdef/rotate", {}).status == 404
    made = daemon.admin("POST", f"/keys/{kid(old)}/rotate", {"until": "2007-07-13T10:00:00+08:00"})
    assert made.status == 201 and made.json["org_code"] == "123456788"
    assert made.json["replaces"]["kid"] == kid(old)
    assert made.json["replaces"]["expires_at"] == "2007-07-13T10:00:00+08:00"
    new = made.json["key"]
    wait_for(lambda: not refused(daemon, new), 2, "the new key")
    assert not refused(daemon, old), "both are good until then"
    last = daemon.admin("POST", f"/keys/{kid(new)}/rotate")
    assert last.status == 201
    within_a_second(lambda: refused(daemon, new), "without an instant it ends at once")
    assert daemon.admin("POST", f"/keys/{kid(new)}/rotate").status == 409
    wait_for(lambda: not refused(daemon, last.json["key"]), 2, "the last key")
    # The officers are the organisation's, not the key's.
    bureau = daemon.new_key(role="bureau", org_name="换钥局")
    fresh = daemon.admin("POST", f"/keys/{kid(bureau)}/rotate", {"until": "2007-07-13T00:00:00Z"}).json["key"]
    wait_for(lambda: not refused(daemon, fresh), 2, "the new bureau key")
    assert daemon.request("GET", "/v1/seekers/3fffffffffffffff", fresh,
                          headers={"Vacancyd-Actor": daemon.actors[bureau]}).status == 404


def test_only_what_changed_an_officer_waits_for_the_other_worker(make_daemon):
    """Who was refused waited a second for a worker that hung, as if there were news for it."""
    daemon = make_daemon(workers=2)
    bureau = daemon.keys["bureau"]
    officer = kid(daemon.new_officer(bureau))

    def change(version):
        begin = time.monotonic()
        answer = daemon.request("PATCH", f"/v1/officers/{officer}", bureau, {"post": "科长"},
                                {"If-Match": f'"{version}"'})
        return answer.status, time.monotonic() - begin

    hung = min(daemon.workers())
    os.kill(hung, signal.SIGSTOP)
    try:
        (refused, short), (done, long) = change(7), change(1)
    finally:
        os.kill(hung, signal.SIGCONT)
    assert (refused, done) == (412, 200) and short < long / 2, (short, long)


def test_what_the_operator_does_is_kept_among_the_actions(shared_daemon):
    """Each that changes something once, by whose request; what was so already is nothing new."""
    daemon = shared_daemon
    bureau = daemon.keys["bureau"]

    def kept():
        items = daemon.request("GET", "/v1/actions?limit=100", bureau).json["items"]
        assert all(i["request"] for i in items)
        return [(i["op"], i["object"]) for i in reversed(items) if i["kid"] == "admin"]

    before = len(kept())
    key = daemon.admin("POST", "/keys", {"role": "bureau", "org_name": "留痕局", "scope": "410105"}).json["kid"]
    body = {"name": "某", "post": "负责人", "lead": True, "scope": "410105"}
    officer = daemon.admin("POST", f"/keys/{key}/officers", body).json["officer"]
    assert daemon.admin("POST", f"/keys/{key}/officers", {**body, "scope": "4101"}).status == 403
    assert daemon.admin("POST", f"/officers/{officer}/code").status == 201
    new = daemon.admin("POST", f"/keys/{key}/rotate").json["kid"]
    for _ in range(2):
        assert daemon.admin("POST", f"/keys/{new}/revoke").status == 200
    assert daemon.admin("POST", "/keys/0123456789abcdef/revoke").status == 404
    assert kept()[before:] == [
        ("keys.create", f"key/{key}"), ("officers.create", f"officer/{officer}"),
        ("officers.change", f"officer/{officer}"), ("keys.rotate", f"key/{key}"), ("keys.revoke", f"key/{new}")]


def test_after_a_rotation_the_same_idempotency_key_is_the_same_request(shared_daemon):
    daemon = shared_daemon
    old = daemon.new_key(role="bureau", org_name="换钥局", scope="4101")
    trade = Trade(daemon)
    vacancy = trade.file([line("A")], trade.employer("123456796"))["A"]
    actor = {"Vacancyd-Actor": daemon.actors[old]}

    def ask(key, path, body, name):
        return daemon.request("POST", path, key, body, {**actor, "Idempotency-Key": name})

    def three(key):
        made = ask(key, "/v1/seekers", seeker(977), "her")
        job = ask(key, "/v1/placements", trade.placement(made.json["seeker"], vacancy), "job")
        asked = {"code": "V2", "reason": "未到岗", "evidence": "书面说明"}
        return made, job, ask(key, f"/v1/placements/{job.json['placement']}/void", asked, "void")

    first = three(old)
    new = daemon.admin("POST", f"/keys/{kid(old)}/rotate").json["key"]
    new = daemon.admin("POST", f"/keys/{kid(new)}/rotate").json["key"]
    again = three(new)
    assert [a.json for a in again] == [a.json for a in first]
    assert [a.status for a in first + again] == [201, 201, 200, 200, 200, 200]
    assert daemon.postgres.psql("SELECT count(*) FROM ledger.action WHERE op LIKE 'placements.%'") == "2"
    assert ask(new, "/v1/seekers", seeker(976), "her").json["type"] == "/problems/idempotency-mismatch"
    stranger = daemon.new_key(role="bureau", org_name="换钥局", scope="4101")
    assert ask(stranger, "/v1/seekers", seeker(977), "her").json["type"] == "/problems/already-registered"

    # An import is named by the same key: the same file is the same run, and gets its first receipts.
    employer = daemon.new_key(role="employer", org_code="123456796", org_name="测试企业")
    fresh = daemon.admin("POST", f"/keys/{kid(employer)}/rotate", {"until": "2007-07-13T10:00:00+08:00"}).json["key"]
    lines = json.dumps({"quarter": "2007Q2", "employer": "123456796", **line("B")}).encode()
    one, two = (daemon.request("POST", "/v1/imports", key, raw=lines, headers={
        "Content-Type": "application/x-ndjson", "Idempotency-Key": "lines"}).text for key in (employer, fresh))
    receipt, end = map(json.loads, one.splitlines())
    assert (receipt["result"], end["run"]) == ("added", 1) and two == one


def test_what_a_key_cannot_be_made_of(shared_daemon):
    daemon = shared_daemon
    for wrong, where in (({"expires_on": "2007-07-11"}, "/expires_on"),
                         ({"org_name": "a\nb"}, "/org_name"), ({"org_name": "a\u0085b"}, "/org_name"),
                         ({"org_name": ""}, "/org_name"), ({"org_name": "长" * 121}, "/org_name"),
                         ({"rate": 0}, "/rate"), ({"rate": 1.5}, "/rate"), ({"burst": 10**9}, "/burst")):
        answer = daemon.admin("POST", "/keys", {"role": "auditor", "org_name": "审计局", "scope": "4101", **wrong})
        assert answer.status == 422, (wrong, answer)
        assert [e["pointer"] for e in answer.json["errors"]] == [where], answer
    for body in ({"name": "x", "scope": "4101"}, {"name": "a\u0007", "post": "y", "scope": "4101"},
                 {"name": "x", "post": "y", "scope": "4101", "until": "2007-07-11"}, {"name": "x", "post": "y"}):
        assert daemon.admin("POST", f"/keys/{kid(daemon.keys['bureau'])}/officers", body).status == 422
    assert daemon.admin("POST", "/keys/0123456789abcdef/officers",
                        {"name": "x", "post": "y", "scope": "4101"}).status == 404
    today = daemon.admin("POST", "/keys", {"role": "auditor", "org_name": "审计局", "scope": "4101",
                                           "expires_on": "2007-07-12"})
    assert today.status == 201 and today.json["expires_on"] == "2007-07-12"


def test_a_key_has_a_limit_and_every_answer_says_what_is_left(shared_daemon):
    daemon = shared_daemon
    key = daemon.new_key(role="auditor", org_name="审计局", rate=1, burst=8)
    for _ in range(100):
        answer = daemon.request("GET", EMPLOYERS, key)
        assert answer.headers["ratelimit-policy"] == '"key";q=8;w=8'
        assert re.fullmatch(r'"key";r=[0-7];t=[1-8]', answer.headers["ratelimit"])
        if answer.status == 429:
            break
    assert answer.json["type"] == "/problems/rate-limited"
    assert answer.headers["ratelimit"].startswith('"key";r=0;')
    assert 1 <= int(answer.headers["retry-after"]) <= 8
    assert daemon.request("GET", EMPLOYERS, daemon.keys["bureau"]).status == 404, "another's is its own"
    assert "ratelimit" not in daemon.request("GET", "/problems/rate-limited").headers


def test_what_the_client_has_is_not_sent_again_and_a_new_thing_replaces_none(shared_daemon):
    daemon = shared_daemon
    trade = Trade(daemon)
    trade.employer()
    path = "/v1/returns/123456788/410105/2007Q2"
    new = {"If-None-Match": "*"}
    made = trade.call("PUT", path, quarter_return([line("A")]), headers=new)
    assert made.status == 201
    again = trade.call("PUT", path, quarter_return([line("A", 2)]), headers=new)
    assert again.status == 412 and trade.call("GET", path).json["version"] == 1
    assert trade.call("PUT", path, quarter_return([line("A", 2)]), headers={"If-None-Match": '"1"'}).status == 422
    body = {"name": "乙厂", "sites": [{"district": "410105", "since": "2006-01-01"}]}
    assert trade.call("PUT", "/v1/employers/600037341", body, headers=new).status == 201
    assert trade.call("PUT", "/v1/employers/600037341", body, headers=new).status == 412
    tag = trade.call("GET", path).headers["etag"]
    for sent, status in ((tag, 304), (f'"9", W/{tag}', 304), ("*", 304), ('"9"', 200)):
        answer = trade.call("GET", path, headers={"If-None-Match": sent})
        assert answer.status == status and bool(answer.body) == (status == 200), sent
        assert answer.headers["etag"] == tag


def test_a_trace_is_in_the_log_with_the_request(shared_daemon):
    daemon = shared_daemon
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    answer = daemon.request("GET", EMPLOYERS, daemon.keys["bureau"], headers={"traceparent": trace})
    logged = [x for x in daemon.log.splitlines() if answer.headers["vacancyd-request-id"] in x]
    assert len(logged) == 1 and f"trace={trace}" in logged[0]
    zh = daemon.request("GET", "/v1/employers/D2143569X", daemon.keys["bureau"], headers={"Accept-Language": "zh-CN, en;q=0.5"})
    assert zh.json["title"] == zh.json["title_zh"]


def test_refused_keys_are_counted_by_reason(daemon):
    def counted():
        text = daemon.admin("GET", "/metrics").text
        return {r: int(n) for r, n in re.findall(r'keys_refused_total\{reason="(\w+)"\} (\d+)', text)}

    def refuses(key, status, reason, method="GET"):
        before = counted()
        answer = daemon.request(method, "/v1/codes" if status == 401 else "/v1/households", key)
        assert answer.status == status, answer
        after = counted()
        assert {r for r in after if after[r] != before.get(r, 0)} == {reason}, (before, after)
        assert after[reason] == before.get(reason, 0) + 1

    gone, short = daemon.new_key(role="auditor", org_name="甲"), daemon.new_key(
        role="auditor", org_name="乙", expires_on="2007-07-12")
    refuses("vd_x", 401, "malformed")
    refuses(f"vd_{'0' * 16}_{'a' * 43}", 401, "unknown")
    refuses(f"vd_{kid(gone)}_{'a' * 43}", 401, "secret")
    refuses(gone, 403, "role")
    assert daemon.admin("POST", f"/keys/{kid(gone)}/revoke").status == 200
    wait_for(lambda: daemon.request("GET", "/v1/codes", gone).status == 401, 5, "the revocation")
    refuses(gone, 401, "revoked")
    assert daemon.admin("POST", "/clock", {"now": "2007-07-13T09:00:00+08:00"}, timeout=60).status == 200
    wait_for(lambda: daemon.request("GET", "/v1/codes", short).status == 401, 5, "the end of its days")
    refuses(short, 401, "expired")
