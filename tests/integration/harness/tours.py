"""Each operation once: what there is to ask of each part, every answer held against config/openapi.yaml.

An answer with a status or a shape that the document does not describe fails.
"""

import json

from generated.contract import Contract

from . import registers
from .daemon import id_in
from .imports import NDJSON, ndjson
from .trade import CLEANER, COMMUNITY, LICENCE, PATH, Trade, citizen_number, seeker
from .wait import wait_for


class Described:
    """The daemon, seen through its description."""

    def __init__(self, daemon):
        self.daemon, self.contract = daemon, Contract()
        self.called, self.made = set(), []

    def call(self, status, method, path, key="bureau", body=None, headers=None, raw=None):
        method = method.upper()
        answer = self.daemon.request(method, path, self.daemon.keys.get(key), body, headers, raw)
        operation = self.contract.find(method, path.partition("?")[0])
        assert operation, f"{method} {path} is not described"
        self.called.add(operation)
        assert answer.status == status, answer
        assert str(status) in operation.responses, f"{status} of {operation}"
        content = operation.responses[str(status)]["content"]
        kind = answer.headers["content-type"].partition(";")[0]
        assert kind in content, kind
        if kind.endswith("json") and kind != "application/x-ndjson":
            errors = self.contract.faults(content[kind]["schema"], answer.json)
            assert not errors, f"{operation}: {errors}\n{answer}"
        if "etag" in answer.headers:
            assert "ETag" in operation.responses[str(status)].get("headers", {}), f"{operation} has an ETag"
        if status == 201 and "Location" in operation.responses["201"].get("headers", {}):
            self.made.append((operation, answer.headers["location"]))
        return answer

    def read_what_was_made(self):
        """At the end: each look at a file is counted."""
        assert self.made
        for operation, where in self.made:
            there = self.daemon.request("GET", where, self.daemon.keys["bureau"])
            assert there.status == 200, f"{operation}: {where} is {there}"


def person(n, **changed):
    body = seeker(n, **changed)
    body["name"] = f"某人甲{n}"
    return body


def entries_of_registers(api, someone):
    """An entry of each register, what there is to ask of it, and its end."""
    known = {"seeker": someone}
    made = {}
    for register, plural in registers.PLURALS.items():
        one = api.call(201, "post", f"/v1/{plural}", body=registers.example(register, known)).json
        known[register] = one[registers.IDS[register]]
        made[register] = f"/v1/{plural}/{known[register]}"
        assert api.call(200, "get", f"/v1/{plural}").json["items"]
        assert api.call(200, "get", made[register]).json["version"] == 1
        assert api.call(200, "patch", made[register], body={}).json["version"] == 1
    for register in reversed(made):
        verb = "end"
        if not api.contract.find("POST", f"{made[register]}/{verb}"):
            verb = "void"
        api.call(200, "post", f"{made[register]}/{verb}", body=registers.reason(register))


def a_lot(api):
    """People of a file, whom a second officer approves as a lot."""
    file = {**NDJSON, "Idempotency-Key": "lot"}
    raw = ndjson([person(n) for n in (21, 22)])
    sent = api.call(200, "post", "/v1/imports?kind=seekers", headers=file, raw=raw).text.splitlines()
    lot = f"/v1/lots/{json.loads(sent[-1])['lot']}"
    assert [f"/v1/lots/{i['lot']}" for i in api.call(200, "get", "/v1/lots").json["items"]] == [lot]
    assert api.call(200, "get", lot).json["records"] == 2
    assert len(api.call(200, "get", lot + "/records").json["items"]) == 2
    approved = {"decision": "approve", "reason": "抽样核对", "unchecked": "外出"}
    api.call(409, "post", lot + "/decision", body=approved)  # by who sent it
    second = Trade(api.daemon).second()
    assert api.call(200, "post", lot + "/decision", body=approved, headers=second).json["state"] == "approved"


def people_behind_keys(api, someone):
    """Officers, who stands in for whom, and what is kept of what they did."""
    made = [api.call(201, "post", "/v1/officers", body={"name": "新员", "post": "窗口", "scope": "410105"}).json["officer"]
            for _ in range(2)]
    path = f"/v1/officers/{made[0]}"
    api.call(409, "post", f"{path}/secret/code")  # who made the secret knows it
    second = {"Vacancyd-Actor": api.daemon.new_officer(api.daemon.keys["bureau"])}
    wait_for(lambda: api.daemon.request("GET", "/v1/officers", api.daemon.keys["bureau"],
                                        headers=second).status == 200, 5, "the second lead")
    code = api.call(201, "post", f"{path}/secret/code", headers=second).json["code"]
    clerk = {"Vacancyd-Actor": api.call(201, "post", f"{path}/secret").json["actor"]}
    wait_for(lambda: api.daemon.request("GET", "/v1/officers", api.daemon.keys["bureau"],
                                        headers=clerk).status == 200, 5, "the new secret")
    api.call(422, "post", f"{path}/secret/own", body={"code": code}, headers=clerk)
    code = api.call(201, "post", f"{path}/secret/code", headers=second).json["code"]
    assert api.call(201, "post", f"{path}/secret/own", body={"code": code}, headers=clerk).json["hands"] == []
    lent = api.call(201, "post", f"{path}/delegations", body={"to": made[1], "scope": "410105", "until": "2007-07-31"}).json
    api.call(200, "get", path)
    api.call(200, "post", f"{path}/delegations/{lent['delegation']}/end")
    api.call(412, "patch", path, body={"post": "科员"}, headers={"If-Match": '"9"'})
    assert api.call(200, "patch", path, body={"revoked": True}).json["revoked_at"]
    api.call(409, "patch", path, body={"post": "科员"})
    page = api.call(200, "get", "/v1/officers?limit=1").json
    api.call(200, "get", f"/v1/officers?limit=1&cursor={page['next']}")
    assert api.call(200, "get", f"/v1/looks?seeker={someone}").json["items"]
    api.call(404, "get", f"/v1/looks?officer={'3' * 16}")
    api.call(200, "get", "/v1/decisions")
    newest = api.call(200, "get", "/v1/actions?op=officers.create").json["items"]
    assert [i["object"] for i in newest[:2]] == [  # the operator made the second lead
        f"officer/{id_in(second['Vacancyd-Actor'])}", f"officer/{made[1]}"]


def search_and_codes(api, vacancy):
    found = api.call(200, "get", "/v1/vacancies?occupation=4&facets=true&sort=pay&limit=1", "employer").json
    api.call(200, "get", f"/v1/vacancies?occupation=4&facets=true&sort=pay&limit=1&cursor={found['next']}",
             "employer")
    api.call(409, "get", f"/v1/vacancies?limit=1&cursor={found['next']}", "employer")
    api.call(422, "get", "/v1/vacancies?q=a", "agency")
    api.call(200, "get", f"/v1/vacancies/{vacancy}?as_of=2007-07-12", "agency")
    api.call(200, "get", f"/v1/vacancies/{vacancy}", "agency", headers={"Accept": "application/ld+json"})
    for listed in api.call(200, "get", "/v1/codes", "agency").json["items"]:
        api.call(200, "get", f"/v1/codes/{listed['list']}?q=a", "agency")
    api.call(404, "get", "/v1/codes/none", "employer")


def licensed(api, taking):
    """An agency without a licence refers nobody and reports nothing."""
    pair = {"seeker": taking["seeker"], "vacancy": taking["vacancy"]}
    api.call(404, "get", PATH, "agency")
    api.call(403, "post", "/v1/referrals", "agency", pair)
    api.call(403, "post", "/v1/placements", "agency", taking)
    done = api.call(200, "post", "/v1/placements/batch", "agency", {"items": [taking]}).json
    assert done["items"][0]["problem"]["type"] == "/problems/agency-unlicensed"
    api.call(201, "put", PATH, body=LICENCE)
    api.call(200, "get", PATH, "agency")


def referrals(api, someone, vacancy):
    """Referred by a licensed agency, each step once, and each end."""
    body = {"seeker": someone, "vacancy": vacancy}
    assert api.call(200, "get", f"/v1/seekers/{someone}", "agency").json["priority"]
    assert api.call(200, "get", f"/v1/seekers/{someone}/matches/{vacancy}").json["eligible"]
    api.call(200, "get", f"/v1/vacancies/{vacancy}/matches?rank=P1&min_score=1&distance=city")
    api.call(200, "get", f"/v1/seekers/{someone}/matches?pay_min=1&shift=day&form=full", "agency")

    def refer(*steps):
        r = api.call(201, "post", "/v1/referrals", "agency", body).json["referral"]
        for key, verb, said in steps:
            api.call(200, "post", f"/v1/referrals/{r}/{verb}", key, said)
        return f"/v1/referrals/{r}"

    agreed = ("agency", "consent", {"how": "telephone"})
    r = refer(agreed)
    api.call(200, "get", f"{r}/person", "employer")
    for key, verb, said in [("employer", "accept", None), ("agency", "interview", None),
                            ("employer", "offer", None), ("bureau", "fail", {"reason": "no_show"})]:
        api.call(200, "post", f"{r}/{verb}", key, said)
    api.call(409, "get", f"{r}/person", "employer")
    refer(("agency", "refuse", {"reason": "pay"}))
    refer(agreed, ("employer", "decline", {"reason": "experience"}))
    refer(("agency", "withdraw", {"reason": "seeker_asked"}))
    for key in ("employer", "agency", "bureau"):
        api.call(200, "get", r, key)
        assert len(api.call(200, "get", "/v1/referrals?live=false", key).json["items"]) == 4
    api.call(200, "get", "/v1/referrals/summary?by=agency", "agency")
    api.call(200, "get", "/v1/vacancies?unreferred=true", "agency")


def files_of_people(api):
    """What happens to people after they were registered, each operation once."""
    one, two, three = (api.call(201, "post", "/v1/seekers", body=person(n)).json["seeker"]
                       for n in (11, 12, 13))
    path = f"/v1/seekers/{one}"
    api.call(200, "post", "/v1/seekers/find", body={"citizen_number": citizen_number(11)})
    api.call(404, "post", "/v1/seekers/find", body={"citizen_number": citizen_number(99)})
    assert len(api.call(200, "get", "/v1/seekers?limit=1&state=seeking").json["items"]) == 1
    api.call(409, "get", "/v1/seekers?limit=2&cursor="
             + api.call(200, "get", "/v1/seekers?limit=1&rank=P5").json["next"])
    wishes = {"wishes": [CLEANER], "telephone": "13900000099", "address": None}
    assert api.call(200, "patch", path, body=wishes).headers["etag"]
    api.call(412, "patch", path, body=wishes, headers={"If-Match": '"99"'})
    api.call(200, "get", path + "?as_of=2007-07-12")

    def fact(kind, body, verb=None, which=None, status=200):
        where = f"{path}/{kind}" + (f"/{which}/{verb}" if verb else "")
        return api.call(status, "post", where, body=body).json.get("fact")

    register = api.call(200, "get", path).json["unemployment"]["id"]
    fact("unemployment", {"reason": "gave_up"}, "end", register)
    again = fact("unemployment", {"since": "2007-07-12", "prior_job": True}, status=201)
    fact("unemployment", {"reason": "登记有误"}, "void", again)
    hard = fact("recognitions", {"code": "HC7", "on": "2007-07-01"}, status=201)
    fact("recognitions", {"reason": "moved"}, "end", hard)
    fact("recognitions", {"reason": "证明无效"}, "void", hard)
    card = fact("certificates", {"number": "豫0000099", "group": "L1", "issued_on": "2007-05-01",
                                 "valid_to": "2008-12-31"}, status=201)
    fact("certificates", {"year": 2007}, "inspect", card)
    fact("certificates", {"reason": "遗失"}, "void", card)
    fact("retirement", {"age": 60, "evidence": "工人身份"}, status=201)
    api.call(200, "post", path + "/withdraw", body={"reason": "school"})
    api.call(409, "post", path + "/withdraw", body={"reason": "school"})
    api.call(200, "post", path + "/return", body={})
    api.call(200, "get", path + "/duplicates")
    merge = {"duplicate": two, "reason": "同一人"}
    api.call(201, "post", path + "/merge", body=merge)
    api.call(410, "get", f"/v1/seekers/{two}")
    api.call(409, "post", path + "/unmerge", body=merge)
    other = {"Vacancyd-Actor": api.daemon.new_officer(api.daemon.keys["bureau"])}
    wait_for(lambda: api.daemon.request("GET", path, api.daemon.keys["bureau"],
                                        headers=other).status == 200, 10, "the second officer")
    api.call(200, "post", path + "/unmerge", body=merge, headers=other)

    members = [{"seeker": w, "able": True, "willing": True} for w in (two, three)]
    home = api.call(201, "post", "/v1/households", body={
        "community": COMMUNITY, "hukou_type": "urban", "business_income": False,
        "investment_income": False, "applied_on": "2007-07-02", "determined_on": "2007-07-10",
        "members": members}).json["household"]
    home = f"/v1/households/{home}"
    api.call(200, "patch", home, body={"members": members[:1]})
    api.call(412, "patch", home, body={"members": members}, headers={"If-Match": '"9"'})
    api.call(200, "get", home + "?as_of=2007-07-11")
    api.call(200, "get", "/v1/households?to_verify=false")
    api.call(409, "post", home + "/end/decide", body={"decision": "approve", "reason": "已核实"})
    api.call(200, "post", home + "/end", body={"reason": "changed"})
    api.call(200, "post", home + "/end/decide", body={"decision": "approve", "reason": "已核实"},
             headers=other)
    assert api.call(200, "get", "/v1/households?state=ended").json["items"]
    job = api.call(201, "post", "/v1/placements", body={
        "seeker": three, "kind": "flexible", "workplace": COMMUNITY,
        "start_on": "2007-07-10"}).json["placement"]
    api.call(409, "post", f"/v1/placements/{job}/register", body={"community": COMMUNITY})
    api.call(200, "post", f"/v1/placements/{job}/register", body={"community": COMMUNITY}, headers=other)
    over = {"on": "2007-07-12", "reason": "resigned"}
    ended = api.call(200, "post", f"/v1/placements/{job}/end", body=over).json
    assert ended["ended"] == over
    away = api.call(201, "post", "/v1/placements", body={
        "seeker": three, "kind": "self", "workplace": "310101", "start_on": "2007-07-12"}).json["placement"]
    api.call(200, "post", f"/v1/placements/{away}/record", body={"reason": "在外就业", "evidence": "营业执照"})
    done = api.call(200, "post", f"/v1/placements/{away}/record/decide", headers=Trade(api.daemon).second(),
                    body={"decision": "approve", "reason": "属实"}).json
    assert (done["state"], done["outside_city"]) == ("recorded", True)
