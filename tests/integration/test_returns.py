"""Returns over time: lists, versions, as of a day, lines amended and closed, who had to file, and
vacancies over the quarters."""

import json
from concurrent.futures import ThreadPoolExecutor

from harness.trade import Trade, line, quarter_return
from harness.wait import wait_for

ELSEWHERE = "410103001001"
CODES = ("123456788", "600037341", "123456796")


def set_clock(postgres, daemon, instant):
    """The sample city lives on another day; the daemon hears of it with a heartbeat."""
    postgres.psql(f"UPDATE ledger.city SET fixed_clock = '{instant}+08'")
    day = instant[:10]

    def knows():
        answer = daemon.request("GET", f"/v1/progress?as_of={day}", daemon.keys["bureau"])
        return answer.status == 200

    wait_for(knows, 10, f"the daemon's day to be {day}")


def path(code=CODES[0], quarter="2007Q2", district="410105"):
    return f"/v1/returns/{code}/{district}/{quarter}"


def test_versions_and_a_day_in_the_past(daemon, postgres):
    trade = Trade(daemon)
    trade.employer()
    employer = daemon.keys["employer"]
    trade.file([line("A"), line("B")])
    set_clock(postgres, daemon, "2007-07-20 09:00")
    body = quarter_return([line("A", 5), line("C")])
    body["closed"] = [{"ref": "B", "reason": "filled_agency", "filled_by": "金水职介"}]
    trade.must(412, "PUT", path(), body, key=employer, headers={"If-None-Match": "*"})
    trade.must(200, "PUT", path(), body, key=employer)
    assert trade.call("GET", path(), headers={"If-None-Match": '"2"'}).status == 304

    history = trade.must(200, "GET", path() + "/versions", key=employer)
    second, first = history["items"]
    assert (second["version"], second["added"], second["changed"], second["left_out"]) == \
        (2, ["C"], ["A"], ["B"])
    assert second["closed"] == [{"ref": "B", "reason": "filled_agency", "filled_by": "金水职介"}]
    assert first["added"] == ["A", "B"] and first["late"] is True
    assert second["received_at"].startswith("2007-07-20") and second["organisation"] == CODES[0]
    page = trade.must(200, "GET", path() + "/versions?limit=1", key=employer)
    assert [i["version"] for i in page["items"]] == [2]
    page = trade.must(200, "GET", path() + f"/versions?limit=1&cursor={page['next']}", key=employer)
    assert [i["version"] for i in page["items"]] == [1] and page["next"] is None

    def refs(query):
        return [x["ref"] for x in trade.must(200, "GET", path() + query)["lines"]]

    assert refs("?as_of=2007-07-19") == ["A", "B"] and refs("?as_of=2007-07-20") == ["A", "C"]
    trade.must(404, "GET", path() + "?as_of=2007-07-11")
    trade.must(422, "GET", path() + "?as_of=2007-07-21")
    trade.must(422, "GET", path() + "?as_of=2007-07-19&version=1")
    wrong = quarter_return([line("A", 5)], closed=[{"ref": "C", "reason": "withdrawn",
                                                    "filled_by": "x"}])
    assert trade.must(422, "PUT", path(), wrong)["errors"][0]["pointer"] == "/closed/0/filled_by"

    # Lists: an employer's own, a district's, by page.
    for n, code in enumerate(CODES[1:]):
        trade.employer(code)
        trade.must(201, "PUT", path(code), quarter_return([line("X")] if n else []))
    seen, query = [], "/v1/returns?district=410105&quarter=2007Q2&limit=2"
    page = trade.must(200, "GET", query)
    seen += page["items"]
    assert trade.must(409, "GET", f"/v1/returns?limit=2&cursor={page['next']}")["type"].endswith("restart")
    page = trade.must(200, "GET", f"{query}&cursor={page['next']}")
    seen += page["items"]
    assert [i["employer"] for i in seen] == list(CODES) and page["next"] is None
    assert [i["lines"] for i in seen] == [2, 0, 1]
    mine = trade.must(200, "GET", "/v1/returns", key=employer)["items"]
    assert [i["employer"] for i in mine] == [CODES[0]] and mine[0]["version"] == 2
    assert [i["employer"] for i in trade.must(200, "GET", "/v1/returns?nil=true")["items"]] == [CODES[1]]
    elsewhere = daemon.new_key(role="bureau", org_name="二七区劳动保障局", scope="410103")
    assert trade.must(200, "GET", "/v1/returns", key=elsewhere)["items"] == []
    trade.must(404, "GET", path() + "/versions", key=elsewhere)


def test_refs_that_only_case_tells_apart_are_told(daemon):
    trade = Trade(daemon)
    trade.employer()
    employer = daemon.keys["employer"]
    refs = ("N1", "n1", "b", "A")
    told = [trade.must(status, "PUT", path() + query, quarter_return([line(r) for r in refs]), key=employer)
            for status, query in ((200, "?validate=only"), (201, ""))]
    assert [t["case_twins"] for t in told] == [[["N1", "n1"]]] * 2 and len(told[1]["vacancies"]) == 4
    alone = trade.must(200, "PUT", path(), {**quarter_return([line(r) for r in refs[1:]]),
                                            "closed": [{"ref": "N1", "reason": "withdrawn"}]}, key=employer)
    assert "case_twins" not in alone


def test_many_amend_lines_of_one_return_at_once(daemon):
    trade = Trade(daemon)
    trade.employer()
    refs = [f"R{n}" for n in range(12)]
    trade.file([line(ref) for ref in refs])
    with ThreadPoolExecutor(len(refs)) as pool:
        answers = list(pool.map(lambda ref: trade.call("PATCH", f"{path()}/lines/{ref}", {"posts": 7}), refs))
    assert [a.status for a in answers] == [200] * len(refs), answers
    now = trade.must(200, "GET", path())
    assert now["version"] == 1 + len(refs) and {l["posts"] for l in now["lines"]} == {7}
    # One line by many at once: each member stands as somebody has said it last.
    said = [{"benefits": "工作餐"}, {"duties": "巡逻"}, {"weekly_hours": 44}, {"experience_months": 3}]
    with ThreadPoolExecutor(len(said)) as pool:
        answers = list(pool.map(lambda body: trade.call("PATCH", f"{path()}/lines/R0", body), said))
    assert [a.status for a in answers] == [200] * len(said), answers
    stands = next(l for l in trade.must(200, "GET", path())["lines"] if l["ref"] == "R0")
    assert all(stands.items() >= body.items() for body in said)


def test_one_line_is_amended_and_closed(daemon, postgres):
    trade = Trade(daemon)
    trade.employer()
    key = daemon.keys["employer"]
    vacancies = trade.file([line("A", 2, interview_contact="面试人丙"), line("B")])
    at = path() + "/lines/A"
    diff = trade.must(200, "PATCH", at, {"posts": 4, "benefits": "工作餐"}, key=key)
    assert (diff["changed"], diff["unchanged"], diff["version"]) == (["A"], 1, 2)
    assert diff["vacancies"] == vacancies
    seen = trade.must(200, "GET", f"/v1/vacancies/{vacancies['A']}")
    assert seen["posts"] == 4 and seen["interview_contact"] == "面试人丙"
    # null takes away; the contact alone is a change too; the same again is none.
    trade.must(200, "PATCH", at, {"benefits": None, "interview_contact": "面试人丁"}, key=key)
    assert trade.must(200, "GET", f"/v1/vacancies/{vacancies['A']}")["interview_contact"] == "面试人丁"
    diff = trade.must(200, "PATCH", at, {"posts": 4}, key=key)
    assert (diff["changed"], diff["version"]) == ([], 3)

    assert trade.must(412, "PATCH", at, {"posts": 5}, key=key,
                      headers={"If-Match": '"2"'})["version"] == 3
    assert trade.must(422, "PATCH", at, {"posts": 0}, key=key)["errors"][0]["pointer"] == "/posts"
    assert trade.must(422, "PATCH", at, {"title": None}, key=key)["errors"][0]["rule"] == "required"
    trade.must(422, "PATCH", at, {"ref": "Z"}, key=key)
    trade.must(422, "PATCH", at, {"wages": 1}, key=key)
    assert trade.must(422, "PATCH", at, {"place": ELSEWHERE}, key=key)["errors"][0]["rule"] == \
        "outside-district"
    trade.must(404, "PATCH", path() + "/lines/Z", {"posts": 1}, key=key)
    other = daemon.new_key(role="employer", org_code=CODES[1], org_name="另一企业")
    trade.must(404, "PATCH", at, {"posts": 1}, key=other)
    assert trade.must(200, "GET", path())["version"] == 3

    # Not fewer posts than people placed; closed by reason, with who filled it.
    for n in (1, 2):
        trade.must(201, "POST", "/v1/placements",
                   trade.placement(trade.register(n), vacancies["A"]))
    assert trade.must(409, "PATCH", at, {"posts": 1}, key=key)["type"].endswith("posts-below-placements")
    trade.must(422, "PATCH", at, {"closed": {"reason": "sold"}}, key=key)
    closing = {"closed": {"reason": "filled_agency", "filled_by": "金水职介"}}
    diff = trade.must(200, "PATCH", at, closing, key=key)
    assert diff["closed"] == ["A"] and list(diff["vacancies"]) == ["B"]
    assert trade.must(200, "GET", path())["closed"] == [{"ref": "A", **closing["closed"]}]
    # It is out of the return, and the answer says how it comes in again.
    for patch in ({"closed": None}, {"posts": 1}, closing):
        shut = trade.must(409, "PATCH", at, patch, key=key)
        assert shut["reason"] == "line-closed" and "opened" in shut["detail"]
    gone = trade.must(200, "GET", f"/v1/vacancies/{vacancies['A']}", key=key)
    assert (gone["state"], gone["closed_reason"]) == ("closed", "filled_agency")
    # What was filed whole before is not what stands now: said anew it is news, sent again it is not.
    first = quarter_return([line("A", 2, interview_contact="面试人丙"), line("B")])
    again = trade.must(200, "PUT", path(), first)
    assert (again["version"], again["added"], again["newer_stands"]) == (4, [], [
        {"what": "version", "quarter": "2007Q2", "version": 4, "on": "2007-07-12"}])
    again = trade.must(200, "PUT", path(), first, headers={"If-Match": '"4"'})
    assert again["added"] == ["A"] and again["vacancies"]["A"] == vacancies["A"]
    assert postgres.psql("SELECT count(*) FROM ledger.return_version") == "5"


def test_a_vacancy_outlives_its_quarter(daemon, postgres):
    trade = Trade(daemon)
    trade.employer()
    first = trade.file([line("A"), line("S")])
    set_clock(postgres, daemon, "2007-10-05 09:00")
    filed = trade.must(201, "PUT", path(quarter="2007Q3"), quarter_return([line("A")]))
    assert filed["vacancies"] == {"A": first["A"]} and filed["unchanged"] == 1
    # Silence closes nothing yet, with notice of the day on which it will.
    assert filed["unmentioned"] == [{"ref": "S", "lapses_on": "2007-10-11"}]
    kept = trade.must(200, "GET", f"/v1/vacancies/{first['A']}")
    assert (kept["posted_on"], kept["confirmed_on"], kept["quarter"]) == \
        ("2007-07-12", "2007-10-05", "2007Q3")
    assert kept["lapses_on"] == "2008-01-11"
    set_clock(postgres, daemon, "2007-10-11 09:00")
    postgres.psql("SELECT ops.turn_day(4101, 100)")
    # The daemon may be at it.
    wait_for(lambda: postgres.psql("SELECT ledger.is_due(4101)") == "f", 20, "the day's work")
    states = {ref: trade.must(200, "GET", f"/v1/vacancies/{v}") for ref, v in first.items()}
    assert states["A"]["state"] == "open" and states["S"]["closed_reason"] == "lapsed"


def test_who_had_to_file(daemon, postgres):
    trade = Trade(daemon)
    for code in CODES:
        trade.employer(code)
    trade.must(201, "PUT", path(quarter="2007Q1"), quarter_return([], contact="王某"))
    trade.must(201, "PUT", path(), quarter_return([line("A")]))
    trade.must(201, "PUT", path(CODES[1]), quarter_return([], contact="李某"))
    owed = trade.must(200, "GET", "/v1/obligations?district=410105")
    assert owed["quarter"] == "2007Q2" and owed["due"] == "2007-07-10"
    assert owed["totals"] == {"liable": 3, "filed": 0, "late": 2, "missing": 1, "due": 0, "nil": 1}
    states = {i["employer"]: (i["state"], i["days_late"], i["nil"]) for i in owed["items"]}
    assert states == {CODES[0]: ("late", 2, False), CODES[1]: ("late", 2, True),
                      CODES[2]: ("missing", 2, None)}
    contacts = {i["employer"]: i.get("contact") for i in owed["items"]}
    assert contacts == {CODES[0]: "测试联系人", CODES[1]: "李某", CODES[2]: None}
    # A file of them has the same contacts, each opened once.
    for kind in ("text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"):
        file = trade.call("GET", "/v1/obligations?district=410105", headers={"Accept": kind})
        assert file.status == 200 and (kind != "text/csv" or "李某" in file.text), file
    assert "vault.unopened" not in daemon.log
    # Lines that a file adds to another quarter bring no contact: the last that was said stays.
    answer = daemon.request(
        "POST", "/v1/imports", daemon.keys["employer"],
        raw=json.dumps({"employer": CODES[0], "quarter": "2007Q3", **line("N")}).encode(),
        headers={"Content-Type": "application/x-ndjson", "Idempotency-Key": "next"})
    assert json.loads(answer.text.splitlines()[0])["result"] == "added", answer
    owed = trade.must(200, "GET", "/v1/obligations?district=410105")
    assert {i["employer"]: i.get("contact") for i in owed["items"]} == contacts
    missing = trade.must(200, "GET", "/v1/obligations?quarter=2007Q2&state=missing")
    assert [i["employer"] for i in missing["items"]] == [CODES[2]] and missing["totals"]["liable"] == 3
    # As of a day before: nobody had filed, and nobody was late.
    early = trade.must(200, "GET", "/v1/obligations?quarter=2007Q2&as_of=2007-07-09")
    assert early["totals"]["due"] == 3 and early["items"][0]["days_late"] == 0
    trade.must(422, "GET", "/v1/obligations?as_of=2007-07-13")
    trade.must(422, "GET", "/v1/obligations?state=lost")
    mine = trade.must(200, "GET", "/v1/obligations", key=daemon.keys["employer"])
    assert [i["employer"] for i in mine["items"]] == [CODES[0]] and "contact" not in mine["items"][0]
    trade.must(403, "GET", "/v1/obligations", key=daemon.keys["agency"])
    page = trade.must(200, "GET", "/v1/obligations?limit=2")
    rest = trade.must(200, "GET", f"/v1/obligations?limit=2&cursor={page['next']}")
    assert [i["employer"] for i in page["items"] + rest["items"]] == list(CODES)


def test_an_amount_is_by_its_period(daemon):
    """Another period alone would say of the old amounts what nobody has said."""
    trade = Trade(daemon)
    trade.employer()
    at, vacancy = path() + "/lines/A", trade.file([line("A")])["A"]

    def amended(body):
        trade.must(200, "PATCH", at, body)
        return trade.must(200, "GET", f"/v1/vacancies/{vacancy}")

    for period in ("piece", "hour", "year"):
        answer = trade.call("PATCH", at, {"pay_period": period})
        assert [(e["pointer"], e["rule"]) for e in answer.json["errors"]] == [("/pay_max_fen", "required")]
    seen = amended({"pay_period": "piece", "pay_max_fen": 150000})
    assert (seen["pay"], seen["pay_max_month_fen"], seen["pay_min_month_fen"]) == ("1500元/月（计件）", None, None)
    # The same period said again is no change of it.
    assert amended({"pay_period": "piece", "title": "保安"})["line"]["pay_max_fen"] == 150000
    seen = amended({"pay_period": "hour", "pay_min_fen": 600, "pay_max_fen": 700})
    assert (seen["pay"], seen["pay_max_month_fen"]) == ("6–7元/小时", 121333)
    assert amended({"weekly_hours": 20})["pay_max_month_fen"] == 60666
    seen = amended({"pay_period": "negotiable"})
    assert (seen["pay"], seen["pay_max_month_fen"]) == ("面议", None) and "pay_min_fen" not in seen["line"]
