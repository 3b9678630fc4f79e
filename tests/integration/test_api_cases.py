"""The bad inputs of tests/cases/api, each against the real daemon.

A case is a folder: request.json (method, path, key, headers, and a body as
`body`, `raw`, `raw_hex` or `raw_repeat`) and expect.json (status, problem type,
the errors' pointers and rules, text that must or must not stand in the answer).
After each, nothing in the ledger may have changed.  They run against one daemon,
one after the other, and all that fail are told.
"""

import json

from harness import SOURCE
from harness.daemon import id_in
from harness.trade import Trade, line, quarter_return

CASES = SOURCE / "tests" / "cases" / "api"
OTHER = "D2143569X"

# What was answered to a key, and who looked at whom, is not a change of the facts.
SNAPSHOT = """
SELECT string_agg(t.name || ':' || x.sum, ' ' ORDER BY t.name)
FROM (SELECT n.nspname || '.' || c.relname AS name FROM pg_class c
	JOIN pg_namespace n ON n.oid = c.relnamespace
	WHERE c.relkind = 'r' AND n.nspname IN ('ledger', 'ops')
	  AND c.relname NOT IN ('idempotency', 'person_look', 'outbox_mark', 'api_key')) t,
LATERAL (SELECT (xpath('/row/s/text()', query_to_xml(format(
	'SELECT coalesce(md5(string_agg(r::text, chr(10) ORDER BY r::text)), ''-'') AS s FROM %s r',
	t.name), false, true, '')))[1]::text AS sum) x
"""


class Stage:
    """Two employers, a filed return, a seeker, and keys good and bad."""

    def __init__(self, daemon):
        trade = Trade(daemon)
        trade.employer()
        trade.employer(OTHER)
        self.daemon = daemon
        self.names = {"vacancy": trade.file([line("A", 3)])["A"], "seeker": trade.register(1),
                      "officer": trade.must(201, "POST", "/v1/officers", {
                          "name": "新员", "post": "窗口", "scope": "4101", "from": "2007-08-01"})["officer"]}
        self.keys = dict(daemon.keys)
        self.keys["other_employer"] = daemon.new_key(role="employer", org_code=OTHER, org_name="他")
        self.keys["other_bureau"] = daemon.new_key(role="bureau", org_name="他区", scope="410102")
        self.keys["revoked"] = daemon.new_key(role="employer", org_code="123456788", org_name="旧")
        self.keys["nobody"] = "vd_0123456789abcdef_" + "0" * 43
        kid = id_in(self.keys["revoked"])
        assert daemon.admin("POST", f"/keys/{kid}/revoke").status == 200

    def fill(self, text):
        for name, value in self.names.items():
            text = text.replace("{" + name + "}", value)
        return text

    def send(self, request):
        raw = None
        if "raw" in request:
            raw = request["raw"].encode("utf-8")
        elif "raw_hex" in request:
            raw = bytes.fromhex(request["raw_hex"])
        elif "raw_repeat" in request:
            raw = (request["raw_repeat"]["text"] * request["raw_repeat"]["times"]).encode("utf-8")
        elif "body" in request:
            raw = self.fill(json.dumps(request["body"], ensure_ascii=False)).encode("utf-8")
        headers = dict(request.get("headers", {}))
        if raw is not None:
            headers.setdefault("Content-Type", "application/json")
        key = self.keys[request["key"]] if "key" in request else None
        return self.daemon.request(request["method"], self.fill(request["path"]), key,
                                   headers=headers, raw=raw)


def wrong_with(answer, expect):
    """What is not as expected, in words; empty when all is."""
    if answer.status != expect["status"]:
        return f"status {answer.status}"
    if "type" in expect:
        if answer.headers["content-type"] != "application/problem+json":
            return answer.headers["content-type"]
        if answer.json["type"] != expect["type"]:
            return answer.json["type"]
        if answer.json["status"] != expect["status"]:
            return "the body says another status"
    found = [(e["pointer"], e["rule"]) for e in answer.json.get("errors", [])]
    wanted = [(e["pointer"], e["rule"]) for e in expect.get("errors", [])]
    if answer.status == 404 and [rule for _, rule in found] != ["not-found"]:
        return f"it does not say what was not found: {found}"
    if wanted and sorted(found) != sorted(wanted):
        return f"errors {found}"
    if any(not e["message"]["zh"] or not e["message"]["en"] for e in answer.json.get("errors", [])):
        return "an error without a message"
    if expect.get("contains", "") not in answer.text:
        return f"no {expect['contains']!r}"
    for secret in expect.get("secret", []):
        if secret in answer.text:
            return f"it tells {secret!r}"
    return ""


def test_bad_input_is_told_apart_and_changes_nothing(daemon, postgres):
    stage = Stage(daemon)
    before = postgres.psql(SNAPSHOT)
    failed = []
    cases = sorted(p for p in CASES.iterdir() if p.is_dir())
    assert len(cases) > 90
    for case in cases:
        request = json.loads((case / "request.json").read_text(encoding="utf-8"))
        expect = json.loads((case / "expect.json").read_text(encoding="utf-8"))
        answer = stage.send(request)
        wrong = wrong_with(answer, expect)
        if wrong:
            failed.append(f"{case.name}: {wrong}\n    {answer}")
        after = postgres.psql(SNAPSHOT)
        if after != before:
            failed.append(f"{case.name}: something changed")
            before = after
    assert not failed, "\n".join(failed)
    for secret in ("测试甲", "13900000000", "410102195712319990"):
        assert secret not in daemon.log
    # The snapshot does see a change.
    Trade(daemon).register(2)
    assert postgres.psql(SNAPSHOT) != before


def test_a_good_return_after_all_that(daemon):
    stage = Stage(daemon)
    body = quarter_return([line("A", 3), line("B", 2)])
    first = stage.daemon.request("PUT", "/v1/returns/123456788/410105/2007Q2",
                                 stage.keys["employer"], body)
    assert first.status == 200, first
    assert first.json["version"] == 2
    assert first.headers["etag"] == '"2"'
    assert first.headers["consistency-token"]
    again = stage.daemon.request("PUT", "/v1/returns/123456788/410105/2007Q2",
                                 stage.keys["employer"], dict(reversed(body.items())))
    assert (again.status, again.json["version"]) == (200, 2)
