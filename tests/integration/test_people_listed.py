"""The list of a bureau's people: its filters, its pages, at a terminal, and that a page among very many
stops in time and tells nobody of another bureau where.
"""

import base64
import json

from harness.daemon import binary, sanitizer_env
from harness.people import People, refused, rules
from harness.services import run
from harness.trade import CLEANER, citizen_number
from test_people import OTHER_STREET


def test_a_bureau_lists_its_people(daemon, postgres):
    town = People(daemon, postgres)
    days = ["2007-01-10", "2007-03-01", "2007-03-01", "2007-02-01"]
    people = [town.register(n, unemployment={"since": day, "prior_job": True})
              for n, day in enumerate(days, 1)]
    town.patch(200, f"/v1/seekers/{people[0]}", {"wishes": ["4-09"]})
    town.patch(200, f"/v1/seekers/{people[1]}", {"community": OTHER_STREET})
    town.person(200, people[3], "withdraw", {"reason": "other"})
    by_turn = sorted(zip(days, people))

    def who(query="", **more):
        answer = town.must(200, "GET", f"/v1/seekers{query}", **more)
        return [i["seeker"] for i in answer["items"]], answer["next"]

    assert who() == ([p for _, p in by_turn], None)
    assert who("?state=withdrawn")[0] == [people[3]]
    assert set(who("?state=seeking")[0]) == set(people[:3])
    assert who(f"?occupation={CLEANER}")[0] == [people[0]]
    assert who("?occupation=4-09&waiting_before=2007-01-10")[0] == []
    assert who("?division=410105004")[0] == [people[1]]
    assert who("?rank=P1")[0] == [] and len(who("?unoffered=true")[0]) == 4
    assert who("?unoffered=false")[0] == []
    street = daemon.new_key(role="bureau", org_name="街道", scope="410105004")
    assert who(key=street)[0] == [people[1]]
    assert who("?division=410102", key=street)[0] == []

    seen, cursor = [], ""
    while cursor is not None:
        page, cursor = who("?limit=1" + (f"&cursor={cursor}" if cursor else ""))
        seen += page
        if len(seen) == 2:
            # Whoever comes before the cursor does not move what comes after.
            town.register(9, unemployment={"since": "2006-01-01", "prior_job": True})
    assert seen == [p for _, p in by_turn]
    first = town.must(200, "GET", "/v1/seekers?limit=1")
    refused(town.call("GET", f"/v1/seekers?limit=1&state=placed&cursor={first['next']}"),
            "restart")
    assert set(first["items"][0]) == {
        "seeker", "state", "rank", "rank_reason", "age_class", "community", "waiting_since",
        "wishes", "offered", "version"}
    bad = town.call("GET", "/v1/seekers?state=gone&rank=P7&division=41010&occupation=9-99&limit=0")
    assert {p for p, _ in rules(bad)} == {"query/state", "query/rank", "query/division",
                                          "query/occupation", "query/limit"}
    for key in (daemon.keys["agency"], daemon.keys["employer"]):
        assert town.call("GET", "/v1/seekers", key=key).status == 403

    # The same at a terminal.
    env = {**sanitizer_env(), "VACANCYD_URL": daemon.url, "VACANCYD_KEY": town.bureau,
           "VACANCYD_ACTOR": daemon.actors[town.bureau], "LANG": "C.UTF-8"}

    def typed(*words, stdin=None):
        return run(binary("vacancyctl"), *words, env=env, stdin=stdin)

    shown = typed("seeker", "list", "--state", "withdrawn")
    assert people[3] in shown and people[0] not in shown and "SEEKER" in shown
    assert people[2] in typed("seeker", "find", "-", stdin=json.dumps(
        {"citizen_number": citizen_number(3)}))
    typed("seeker", "amend", people[2], "-", stdin='{"shifts": ["night"]}')
    assert town.file_of(people[2])["shifts"] == ["night"]
    typed("seeker", "return", people[3])
    fact = json.loads(typed("--json", "fact", "add", people[3], "recognitions", "-", stdin=json.dumps(
        {"code": "HC7", "on": "2007-07-12"})))["fact"]
    ended = typed("fact", "end", people[3], "recognitions", fact, "--reason", "moved")
    assert "P6" in ended

    # A rare filter among very many: the page stops in time, and the next goes on from there.
    postgres.psql("""
        INSERT INTO ledger.person (city, id, blind, citizen, name, sex, birth, grp, hukou_type,
                registered_on, kid, actor)
            SELECT 4101, n, sha256(int8send(n)), '', '', 1, '1970-01-01', 'local', 'urban',
                '2007-01-01', '', '' FROM generate_series(1, 20005) n;
        INSERT INTO ledger.seeker (city, id, community, rank, rank_reason, rank_on, age_class,
                waiting_since, farthest, shifts, forms, education_rank, wishes, active)
            SELECT 4101, n, 410102001002, 6, 'other', '2007-07-12', 3, '2005-01-01', 4, 15, 3, 4,
                '{4070501}', true FROM generate_series(1, 20005) n""")
    short, further = who("?rank=P5&limit=2")
    assert short == [] and further is not None
    assert len(who(f"?rank=P5&limit=2&cursor={further}")[0]) == 2

    # Where the search stopped may be a file of another bureau's: nobody can read it, and no
    # other list, key or officer goes on from there.
    row = postgres.psql("SELECT ledger.seeker_text(max(id)) FROM ledger.person")
    plain = base64.urlsafe_b64decode(further + "=" * (-len(further) % 4))
    for text in (further.encode(), plain):
        assert row.encode() not in text and row.encode().hex().encode() not in text
    for path, key in ((f"/v1/seekers?rank=P5&limit=2&cursor={further}", street),
                      (f"/v1/households?limit=2&cursor={further}", None)):
        assert rules(town.call("GET", path, **({"key": key} if key else {}))) == {
            ("query/cursor", "cursor")}, path
