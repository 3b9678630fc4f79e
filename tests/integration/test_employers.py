"""An employer's name and sites: whose they are to change, and what it was called when."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from harness.daemon import id_in
from harness.trade import DISTRICT, QUARTER, Trade, line, quarter_return
from harness.wait import wait_for

CODE, PATH = "123456788", "/v1/employers/123456788"
ELSEWHERE = "410103"


@pytest.fixture
def trade(daemon):
    t = Trade(daemon)
    t.must(201, "PUT", PATH, body(name_since="2006-01-01"))
    return t


def key_of(trade, name, **wanted):
    """A key with an officer behind it."""
    key = trade.daemon.new_key(**wanted)
    trade.daemon.actors[key] = trade.daemon.new_officer(key, name=name)
    wait_for(lambda: trade.call("GET", "/v1/officers", key=key).status == 200, 5, "the officer")
    return key


def body(name="测试企业", sites=((DISTRICT, "2006-01-01"),), **more):
    return {"name": name, "sites": [{"district": d, "since": s} for d, s in sites], **more}


def others(answer, pointer, may, name="测试企业"):
    assert (answer.status, answer.json["type"]) == (403, "/problems/employer-of-others"), answer
    assert (answer.json["pointer"], answer.json["may"], answer.json["name"]) == (pointer, may, name)
    assert answer.json["rule_page"] == "/rules/employer-names"


def test_another_districts_bureau_renames_nobody(trade):
    district = key_of(trade, "区员", role="bureau", org_name="二七区", scope=ELSEWHERE)
    # It may write a site of its own, and gains nothing by it.
    others(trade.call("PUT", PATH, body("改名", [(ELSEWHERE, "2007-07-01")]), key=district),
           "/name", [CODE, "4101", DISTRICT])
    both = trade.must(200, "PUT", PATH, body(sites=[(ELSEWHERE, "2007-07-01")]), key=district)
    assert [s["district"] for s in both["sites"]] == [ELSEWHERE, DISTRICT]
    others(trade.call("PUT", PATH, body("改名", [(ELSEWHERE, "2007-07-01")]), key=district),
           "/name", [CODE, "4101"])
    others(trade.call("PUT", PATH, body(sites=[(ELSEWHERE, "2007-07-01")], kind="x"), key=district),
           "/kind", [CODE, "4101"])
    others(trade.call("PUT", PATH, body(sites=[("410104", "2007-07-01")]), key=district),
           "/sites", [CODE, "410104", "4101"])
    now = trade.must(200, "GET", PATH)
    assert (now["name"], len(now["names"]), now["sites"]) == ("测试企业", 1, both["sites"])
    # Neither does the district's own bureau any more: the name is not its alone.
    home = key_of(trade, "本区", role="bureau", org_name="金水区", scope=DISTRICT)
    others(trade.call("PUT", PATH, body("改名"), key=home), "/name", [CODE, "4101"])


def test_the_bureau_of_the_only_district_may_and_a_street_may_not(trade):
    street = key_of(trade, "街道", role="bureau", org_name="人民路街道", scope="410105003")
    others(trade.call("PUT", PATH, body("改名"), key=street), "/name", [CODE, "4101", DISTRICT])
    home = key_of(trade, "本区", role="bureau", org_name="金水区", scope=DISTRICT)
    assert trade.must(200, "PUT", PATH, body("区改名"), key=home)["name"] == "区改名"
    assert trade.must(200, "GET", PATH)["names"][-1]["officer"] == \
        id_in(trade.daemon.actors[home])


def test_nobody_without_an_officer(trade):
    for key in (trade.bureau, trade.daemon.keys["employer"]):
        answer = trade.call("PUT", PATH, body("改名"), key=key, headers={"Vacancyd-Actor": None})
        assert (answer.status, answer.json["type"]) == (403, "/problems/actor-required")
    assert trade.must(200, "GET", PATH)["name"] == "测试企业"


def test_an_employer_changes_itself_and_nobody_else(trade):
    trade.employer("600037341")
    mine = key_of(trade, "本企", role="employer", org_code=CODE, org_name="测试企业")
    group = key_of(trade, "集团", role="employer", org_code="D2143569X", org_name="集团",
                   employers=[CODE, "600037341"])
    named = trade.must(200, "PUT", PATH, body("自改名", name_since="2007-07-01"), key=mine)
    assert [(n["name"], n["since"]) for n in named["names"]] == \
        [("测试企业", "2006-01-01"), ("自改名", "2007-07-01")]
    for path, key in (("/v1/employers/600037341", mine), (PATH, group),
                      ("/v1/employers/D2143569X", group)):
        assert trade.call("PUT", path, body("改名"), key=key).status == 404
    # A site of its own, from a day, and to an end; what it owes it does not shorten.
    both = body("自改名", [(DISTRICT, "2006-01-01"), (ELSEWHERE, "2007-07-01")])
    trade.must(200, "PUT", PATH, both, key=mine)
    ended = trade.must(200, "PUT", PATH, body("自改名"), key=mine)["sites"]
    assert [s["until"] for s in ended] == ["2007-07-12", None]
    others(trade.call("PUT", PATH, body("自改名", [(DISTRICT, "2007-07-12")]), key=mine), "/sites",
           [CODE, DISTRICT, "4101"], "自改名")


def test_a_site_that_was_ended_is_put_back_from_any_day(trade):
    said = iter(range(99))

    def sites(*days):
        made = trade.must(200, "PUT", PATH, body(sites=[(DISTRICT, "2006-01-01"), *((ELSEWHERE, d) for d in days)],
                                                 reason=f"更正{next(said)}"))
        return [(s["since"], s["until"]) for s in made["sites"] if s["district"] == ELSEWHERE]

    # Left out on its first day, and before it: nothing was owed.
    for day in ("2007-07-12", "2007-08-01"):
        assert sites(day)[-1] == (day, None)
        sites()
        assert sites(day)[-1] == (day, None)
        sites()
        assert sites("2007-07-01") == [("2007-07-01", None)]
        sites()
        trade.daemon.admin("POST", "/clock", {"now": "2007-07-13T10:00:00+08:00"})
    # Two times, of which the first is named again: it lasts, and holds the second.
    sites("2007-07-01")
    assert sites("2007-07-05") == [("2007-07-01", "2007-07-05"), ("2007-07-05", None)]
    sites()
    assert sites("2007-07-01") == [("2007-07-01", None)]


def test_two_who_name_one_employer_first_make_one(trade, postgres):
    # Both have looked for it before either is in an index: an index slow enough stands before the others.
    postgres.psql("CREATE FUNCTION public.slowly(text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS "
                  "$$ BEGIN PERFORM pg_sleep(1); RETURN $1; END $$; CREATE INDEX ON ledger.employer (public.slowly(code))")
    for index in postgres.psql("SELECT indexrelid::regclass FROM pg_index WHERE indrelid = 'ledger.employer'::regclass "
                               "AND indisunique").splitlines():
        postgres.psql(f"REINDEX INDEX CONCURRENTLY {index}")

    def put(_):
        return trade.call("PUT", "/v1/employers/600037341", body()).status

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(put, range(2))) == [200, 201]


def test_a_name_has_its_days(trade):
    lines = trade.file([line("A", 2), line("B", 2)])
    path = f"/v1/returns/{CODE}/{DISTRICT}/{QUARTER}"
    trade.must(200, "PUT", path, quarter_return([line("A", 2)], closed=[
        {"ref": "B", "reason": "withdrawn"}]))
    moved = trade.daemon.admin("POST", "/clock", {"now": "2007-07-20T10:00:00+08:00"})
    assert moved.status == 200, moved
    for wrong in ("2005-12-31", "2007-07-21"):
        answer = trade.call("PUT", PATH, body("新名", name_since=wrong))
        assert [e["pointer"] for e in answer.json["errors"]] == ["/name_since"], answer
    now = trade.must(200, "PUT", PATH, body("新名", name_since="2007-07-15"))
    assert [(n["name"], n["since"]) for n in now["names"]] == \
        [("测试企业", "2006-01-01"), ("新名", "2007-07-15")]
    # What was read is put back, and the same name again is no other.
    assert trade.must(200, "PUT", PATH, now)["names"] == now["names"]
    # Before the name it follows it does not begin; from the same day it corrects.
    assert trade.call("PUT", PATH, body("更早", name_since="2007-07-14")).status == 422
    now = trade.must(200, "PUT", PATH, body("更正", name_since="2007-07-15"))
    assert [n["name"] for n in now["names"]] == ["测试企业", "新名", "更正"]

    # What is open bears the present name, what closed the last it had.
    assert trade.must(200, "GET", f"/v1/vacancies/{lines['A']}")["employer_name"] == "更正"
    assert trade.must(200, "GET", f"/v1/vacancies/{lines['B']}")["employer_name"] == "测试企业"

    def owed(day):
        items = trade.must(200, "GET", f"/v1/obligations{day}")["items"]
        return {i["employer_name"] for i in items if i["employer"] == CODE}

    # As of a day, as it was known then: the name was recorded on the 20th.
    assert (owed(""), owed("?as_of=2007-07-20"), owed("?as_of=2007-07-19")) == \
        ({"更正"}, {"更正"}, {"测试企业"})
    assert {r["employer_name"] for r in trade.must(200, "GET", "/v1/returns")["items"]} == {"更正"}
