"""Referrals: who may refer whom, each step and each refusal, expiry, and that nobody's name or
number is anywhere before she has consented.
"""

from harness.market import AGENCY, LICENCE, PATH, numbers, problem, town, whole  # noqa: F401
from harness.trade import GUARD, citizen_number
from harness.wait import wait_for


def test_a_licence_is_kept_and_covers_the_day_or_not(town):
    first = town.call("GET", PATH)
    assert first.headers["etag"] == '"1"' and first.json["rule"] is None
    assert first.json["agency"] == AGENCY
    again = town.call("PUT", PATH, LICENCE)
    assert again.status == 200 and again.json["version"] == 1
    assert town.call("GET", PATH, key=town.agency).json["licence"] == LICENCE["licence"]
    assert town.call("PUT", PATH, LICENCE, headers={"If-None-Match": "*"}).status == 412
    assert town.call("PUT", PATH, LICENCE, headers={"If-Match": '"9"'}).status == 412
    other = town.daemon.new_key(role="agency", org_name="他所")
    assert town.call("GET", PATH, key=other).status == 404
    bad = town.call("PUT", PATH, {**LICENCE, "services": ["lending"], "until": "2005-01-01",
                                  "district": "999999", "suspended_until": "2007-07-01"})
    assert {(e["pointer"], e["rule"]) for e in bad.json["errors"]} >= {
        ("/services/0", "unknown-code"), ("/until", "order"), ("/suspended_until", "together")}

    who, vacancy = town.person(), town.vacancy()
    for changed, rule in [({"until": "2007-07-11"}, "expired"), ({"from": "2007-07-13"}, "not-yet-valid"),
                          ({"services": ["dispatch"]}, "service"),
                          ({"suspended_from": "2007-07-01"}, "suspended")]:
        town.licence(**changed)
        problem(town.propose(403, who, vacancy), "agency-unlicensed", rule=rule)
    problem(town.propose(403, who, vacancy, key=other), "agency-unlicensed", rule="no-licence")
    town.licence(suspended_from="2007-06-01", suspended_until="2007-07-11")
    town.propose(201, who, vacancy)
    assert town.postgres.psql("SELECT count(*) FROM ledger.action WHERE object = "
                              f"'agency/{AGENCY}'") == "6"


def test_from_proposal_to_placement(town):
    who, vacancy = town.person(), town.vacancy()
    made = town.propose(201, who, vacancy, note="电话已核实", decided_on={
        "position": 1, "priority": False, "policy": "zhengzhou-2007.1"})
    r = made["referral"]
    assert made["state"] == "proposed" and made["expires_at"] == "2007-07-19T10:00:00+08:00"
    problem(town.step(409, r, "accept", key=town.hirer), "wrong-state", state="proposed")
    problem(town.step(409, r, "offer", key=town.hirer), "wrong-state", state="proposed")
    bad = town.step(422, r, "consent", {"how": "dream"})
    assert bad["errors"][0]["rule"] == "unknown-code" and "telephone" in bad["errors"][0]["expected"]
    assert town.step(200, r, "consent", {"how": "telephone"})["state"] == "consented"
    assert town.step(200, r, "consent", {"how": "written"})["version"] == 2
    for verb, state in [("accept", "accepted"), ("interview", "interviewed"), ("offer", "offered")]:
        assert town.step(200, r, verb, key=town.hirer)["state"] == state
    problem(town.step(409, r, "consent", {"how": "telephone"}), "wrong-state", state="offered")
    problem(town.step(409, r, "decline", {"reason": "filled"}, key=town.hirer), "wrong-state")
    elsewhere = town.vacancy()
    body = town.placement(who, elsewhere, referral=r)
    pair = town.must(422, "POST", "/v1/placements", body, key=town.agency)
    assert pair["errors"][0]["pointer"] == "/referral"
    body = town.placement(who, vacancy, referral=r)
    town.licence(until="2007-07-11")
    problem(town.must(403, "POST", "/v1/placements", body, key=town.agency), "agency-unlicensed")
    town.licence()
    placed = town.must(201, "POST", "/v1/placements", body, key=town.agency)
    town.must(200, "POST", "/v1/placements", body, key=town.agency)
    whole = town.read(r)
    assert whole["state"] == "placed" and whole["placement"] == placed["placement"]
    assert [s["state"] for s in whole["steps"]] == [
        "proposed", "consented", "accepted", "interviewed", "offered", "placed"]
    assert whole["rank"] == "P5" and whole["consent"]["how"] == "telephone"
    assert whole["decided_on"]["position"] == 1
    assert whole["decided_on"]["listed"]["position"] >= 1
    assert "note" not in town.read(r, key=town.hirer)
    problem(town.propose(409, who, vacancy), "already-referred", state="placed")
    rows = {i["rank"]: i for i in town.must(200, "GET", "/v1/referrals/summary?by=rank")["items"]}
    assert rows["P5"]["placed"] == 1 and rows["P5"]["interviewed"] == 1
    # By day and by rank an agency would learn the rank of the one whom it referred that day.
    hers = town.must(200, "GET", "/v1/referrals/summary?by=rank", key=town.agency)
    assert {i["rank"] for i in hers["items"]} <= {"P1-P3", "P4-P6"}
    masked = town.must(200, "GET", "/v1/referrals/summary?by=agency", key=town.agency)
    assert masked["hidden_under"] == 5 and masked["items"][0]["placed"] is None


def test_every_other_end(town):
    vacancy = town.vacancy(9)
    for verbs, state in [
            ([("refuse", {"reason": "pay"}, town.agency)], "refused"),
            ([("decline", {"reason": "experience"}, town.hirer)], "declined"),
            ([("consent", {"how": "in_person"}, town.bureau),
              ("decline", {"reason": "not_met"}, town.hirer)], "declined"),
            ([("consent", {"how": "in_person"}, town.agency), ("accept", {}, town.hirer),
              ("fail", {"reason": "no_show"}, town.hirer)], "failed"),
            ([("withdraw", {"reason": "mistake"}, town.agency)], "withdrawn"),
            ([("consent", {"sandbox": "grant"}, town.agency)], "consented"),
            ([("consent", {"sandbox": "refuse"}, town.agency)], "refused"),
            ([("consent", {"sandbox": "timeout"}, town.agency)], "expired")]:
        r = town.propose(201, town.person(), vacancy)["referral"]
        for verb, body, key in verbs:
            last = town.step(200, r, verb, body, key=key)
        assert last["state"] == state == town.read(r)["state"]
        if state not in ("consented",):
            problem(town.step(409, r, "interview", key=town.hirer), "wrong-state", state=state)
    stranger = town.daemon.new_key(role="employer", org_code="D2143569X", org_name="他厂")
    assert town.call("POST", f"/v1/referrals/{r}/accept", {}, key=stranger).status == 404
    assert town.call("GET", f"/v1/referrals/{r}", key=stranger).status == 404
    problem(town.step(403, r, "consent", {"how": "in_person"}, key=town.hirer), "role-refused")
    live = town.must(200, "GET", f"/v1/referrals?vacancy={vacancy}&live=true", key=town.agency)
    assert [i["state"] for i in live["items"]] == ["consented"]
    pages, path = [], f"/v1/referrals?vacancy={vacancy}&limit=3"
    page = town.must(200, "GET", path, key=town.hirer)
    while page["next"]:
        pages += page["items"]
        page = town.must(200, "GET", f"{path}&cursor={page['next']}", key=town.hirer)
    pages += page["items"]
    assert len({i["referral"] for i in pages}) == len(pages) == 8


def test_a_production_city_makes_nothing_up(town):
    r = town.propose(201, town.person(), town.vacancy())["referral"]
    sql = ("BEGIN; UPDATE ledger.city SET fixed_clock = NULL, sandbox = false;"
           "SELECT (ledger.step_referral(w, {}, 'consent', '{{\"sandbox\": \"grant\"}}')).code FROM "
           "(SELECT ROW(4101, 'k', '', 4, NULL, 'b', '4101', '{{}}', 1, NULL, true, '', 'k', 'infinity', '',"
           " false)::api.caller"
           " AS w) x; ROLLBACK").format(r)
    assert "validation-failed" in town.postgres.psql(sql)
    assert town.read(r)["state"] == "proposed"


def test_what_a_rule_forbids_is_refused_by_name_and_explained(town):
    vacancy = town.vacancy(education_min="21", shift="night", place="410105003001")
    who = town.person(shifts=["day"], farthest="city", wishes=["4-07-05-01"])
    problem(town.propose(409, who, vacancy), "not-eligible", rules=["education", "shift"])
    pair = town.must(200, "GET", f"/v1/seekers/{who}/matches/{vacancy}", key=town.agency)
    assert not pair["eligible"] and pair["positions"]["among_seekers"] is None
    assert [f["rule"] for f in pair["failed"]] == ["education", "shift"]
    assert all(f["zh"] and f["en"] for f in pair["failed"])
    fine = town.vacancy()
    pair = town.must(200, "GET", f"/v1/seekers/{who}/matches/{fine}")
    listed = town.must(200, "GET", f"/v1/seekers/{who}/matches?k=100")["items"]
    mine = next(i for i in listed if i["vacancy"] == fine)
    assert pair["eligible"] and pair["failed"] == []
    assert (pair["score"], pair["components"], pair["explanation"]) == (
        mine["score"], mine["components"], mine["explanation"])
    assert pair["positions"]["among_vacancies"]["by_order"] == mine["position"]
    better = sum(i["score"] > mine["score"] for i in listed)
    assert pair["positions"]["among_vacancies"]["by_score"] == better + 1
    of_post = town.must(200, "GET", f"/v1/vacancies/{fine}/matches?k=100", key=town.bureau)["items"]
    place = next(i["position"] for i in of_post if i["seeker"] == who)
    pair = town.must(200, "GET", f"/v1/seekers/{who}/matches/{fine}", key=town.bureau)
    assert pair["positions"]["among_seekers"]["by_order"] == place
    # An agency's is the place in the order that it is shown (rules/order).
    shown = town.must(200, "GET", f"/v1/vacancies/{fine}/matches?k=100", key=town.agency)["items"]
    place = next(i["position"] for i in shown if i["seeker"] == who)
    pair = town.must(200, "GET", f"/v1/seekers/{who}/matches/{fine}", key=town.agency)
    assert pair["positions"]["among_seekers"]["by_order"] == place
    assert town.call("GET", f"/v1/seekers/{who}/matches/999999").status == 404
    problem(town.propose(409, who, fine, decided_on={"seeker_version": 7, "priority": True}),
            "changed-since", changed=["seeker", "priority"])
    # An agency cannot find out a rank by asking whether it has changed.
    guess = town.propose(422, who, fine, decided_on={"rank": "P1"})
    assert guess["errors"][0]["pointer"] == "/decided_on/rank"
    problem(town.propose(409, who, fine, key=town.bureau, decided_on={"rank": "P1"}),
            "changed-since", changed=["rank"])


def test_lists_are_filtered_and_say_of_how_many(town):
    near = town.person(wishes=[GUARD], shifts=["day"])
    day, night = town.vacancy(shift="day"), town.vacancy(shift="night")
    ask = f"/v1/seekers/{near}/matches?k=100"
    plain = town.must(200, "GET", ask)
    assert "of_first" not in plain
    some = town.must(200, "GET", f"{ask}&shift=day&form=full&pay_min=100000&distance=community"
                     "&occupation=4-07&min_score=100")
    assert some["of_first"] == 100
    assert day in [i["vacancy"] for i in some["items"]]
    at = {i["vacancy"]: i["position"] for i in plain["items"]}
    assert all(at[i["vacancy"]] == i["position"] for i in some["items"])
    assert town.must(200, "GET", f"{ask}&pay_min=9000000")["items"] == []
    assert town.must(200, "GET", f"{ask}&occupation=4-09")["items"] == []
    people = town.must(200, "GET", f"/v1/vacancies/{night}/matches?k=100&rank=P5&shift=night")
    assert people["items"] and all(i["rank"] == "P5" for i in people["items"])
    assert near not in [i["seeker"] for i in people["items"]]
    refused = town.call("GET", f"/v1/vacancies/{night}/matches?rank=P1", key=town.agency)
    assert refused.status == 422


def test_openings_nobody_was_referred_to_and_people_nothing_was_offered(town):
    who, other, vacancy, empty = town.person(), town.person(), town.vacancy(), town.vacancy()
    town.propose(201, who, vacancy)
    ids = [i["vacancy"] for i in town.must(200, "GET", "/v1/vacancies?unreferred=true&limit=100")["items"]]
    assert empty in ids and vacancy not in ids
    first = town.must(200, "GET", "/v1/vacancies?unreferred=true&limit=1")
    second = town.must(200, "GET", f"/v1/vacancies?unreferred=true&limit=1&cursor={first['next']}")
    assert [first["items"][0]["vacancy"], second["items"][0]["vacancy"]] == ids[:2]
    seen = set()
    page = town.must(200, "GET", "/v1/seekers?unoffered=true&limit=100")
    while page["next"]:
        seen |= {i["seeker"] for i in page["items"]}
        page = town.must(200, "GET", f"/v1/seekers?unoffered=true&limit=100&cursor={page['next']}")
    seen |= {i["seeker"] for i in page["items"]}
    assert other in seen and who not in seen


def test_nothing_personal_before_consent(town):
    n = next(numbers)
    number = citizen_number(n, year=1980)
    who = town.register(n, citizen_number=number, name="欧阳测试", telephone="13912340000",
                        address="测试路甲一号")
    secrets = [s.encode() for s in ("欧阳测试", "13912340000", "测试路甲一号", number,
                                    number[:14], number[6:14], "1980-")]
    vacancy = town.vacancy()
    heard = []

    def hear(key, method, path, body=None):
        answer = town.call(method, path, body, key=key)
        heard.append(answer.body + str(sorted(answer.headers.items())).encode())
        return answer

    masked = hear(town.agency, "GET", f"/v1/seekers/{who}")
    assert set(masked.json) == {"seeker", "version", "state", "district", "age_band", "wishes",
                                "education", "experience", "priority", "code_names"}
    assert masked.json["age_band"] == "18-59"
    assert masked.headers["etag"] == f'"{masked.json["version"]}"'
    assert hear(town.hirer, "GET", f"/v1/seekers/{who}").status == 403
    made = hear(town.agency, "POST", "/v1/referrals", {"seeker": who, "vacancy": vacancy}).json
    person = f"/v1/referrals/{made['referral']}/person"
    for key in (town.agency, town.hirer):
        hear(key, "GET", f"/v1/referrals/{made['referral']}")
        hear(key, "GET", "/v1/referrals")
        problem(hear(key, "GET", person).json, "wrong-state", state="proposed")
    for key in (town.agency, town.bureau):
        hear(key, "GET", f"/v1/vacancies/{vacancy}/matches?k=100")
        hear(key, "GET", f"/v1/seekers/{who}/matches/{vacancy}")
    for secret in secrets:
        assert not any(secret in h for h in heard), secret
    looks = "SELECT string_agg(what, ',' ORDER BY id) FROM ledger.person_look WHERE person = " \
        f"ledger.seeker_id('{who}')"
    assert town.postgres.psql(looks) == "read_masked"

    town.step(200, made["referral"], "consent", {"how": "telephone"})
    for key in (town.agency, town.hirer):
        assert town.must(200, "GET", person, key=key) == {
            "referral": made["referral"], "seeker": who, "name": "欧阳测试",
            "telephone": "13912340000"}
    seen = f"referral {made['referral']}"
    assert town.postgres.psql(looks) == f"read_masked,{seen},{seen}"
    stranger = town.daemon.new_key(role="agency", org_name="第三所")
    assert town.call("GET", person, key=stranger).status == 404
    town.step(200, made["referral"], "withdraw", {"reason": "mistake"})
    problem(town.must(409, "GET", person, key=town.hirer), "wrong-state", state="withdrawn")
    dump = town.postgres.psql("SELECT string_agg(r::text, ' ') FROM ledger.referral r") + \
        town.postgres.psql("SELECT string_agg(body, ' ') FROM ledger.idempotency") + \
        town.postgres.psql("SELECT string_agg(a::text, ' ') FROM ledger.action a")
    assert not any(s.decode() in dump for s in secrets[:4])


def test_after_seven_days_it_has_expired(town):
    who, vacancies = town.person(), [town.vacancy(valid_until=None) for _ in range(3)]
    made = [town.propose(201, who, v)["referral"] for v in vacancies]
    town.step(200, made[0], "consent", {"how": "telephone"})
    town.move_to("2007-07-18")
    town.step(200, made[0], "accept", key=town.hirer)
    town.move_to("2007-07-19")
    # Read as expired before anything is written; a step names the state.
    assert [town.read(r)["state"] for r in made] == ["accepted", "expired", "expired"]
    problem(town.step(409, made[1], "consent", {"how": "telephone"}), "wrong-state",
            state="expired")
    problem(town.must(409, "GET", f"/v1/referrals/{made[1]}/person"), "wrong-state",
            state="expired")
    town.postgres.psql("SELECT ops.expire_referrals(4101, 100)")
    # The daemon may be at it.
    wait_for(lambda: town.postgres.psql("SELECT ledger.is_due(4101)") == "f", 20, "the work of the day")
    states = "SELECT string_agg(state, ',' ORDER BY id) FROM ledger.referral WHERE id IN ({})"
    assert town.postgres.psql(states.format(",".join(made))) == "accepted,expired,expired"
    steps = town.read(made[1])["steps"]
    assert steps[-1] == {"state": "expired", "reason": None, "organisation": None,
                         "at": "2007-07-19T10:00:00+08:00"}
    listed = f"/v1/vacancies/{vacancies[1]}/matches?k=100"
    wait_for(lambda: who in [i["seeker"] for i in town.must(200, "GET", listed)["items"]], 10,
             "her return to the lists")
    assert town.propose(201, who, vacancies[1])["state"] == "proposed"
    town.move_to("2007-07-12")
