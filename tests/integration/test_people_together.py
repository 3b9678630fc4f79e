"""People together: two files that are one person's, and households, which change and whose ranks
change with them.
"""

from harness.people import People, refused, rules
from harness.trade import COMMUNITY, line, seeker
from harness.wait import wait_for


def test_two_files_of_one_person_are_made_one(daemon, postgres):
    town = People(daemon, postgres)
    town.employer()
    post = town.file([line("A", 9)])["A"]
    # The same name and birth; the same telephone; two digits the other way round.
    stays = town.register(1, name="王测试", citizen_number="410105197001029979")
    double = town.register(2, name="王测试", telephone="+86 139 0000 0001",
                           citizen_number="410105197001029995",
                           recognitions=[{"code": "HC6a", "on": "2007-06-01"}])
    stranger = town.register(3)
    far = daemon.new_key(role="bureau", org_name="中原区局", scope="410102")
    found = town.must(200, "GET", f"/v1/seekers/{stays}/duplicates")["items"]
    assert [(c["seeker"], c["reasons"]) for c in found] == [
        (double, ["name-and-birth", "telephone"])]
    turned = town.register(4, citizen_number="410105197010029970")
    found = town.must(200, "GET", f"/v1/seekers/{stays}/duplicates")["items"]
    assert (turned, ["number-transposed"]) in [(c["seeker"], c["reasons"]) for c in found]
    assert town.call("GET", f"/v1/seekers/{stays}/duplicates", key=far).status == 404

    job = town.at_work(double, post, start="2007-07-10")
    before = town.progress()
    assert before[("T2", "city")] == before[("T4", "city")] == 1
    assert town.file_of(double)["state"] == "placed"
    merge = {"duplicate": double, "reason": "同一人，两次登记"}
    assert rules(town.call("POST", f"/v1/seekers/{stays}/merge",
                           {**merge, "duplicate": stays})) == {("/duplicate", "together")}
    one = town.person(201, stays, "merge", merge)
    assert one["moved"] == {"placement": 1, "recognition": 1, "unemployment": 1}
    assert town.progress() == before
    assert town.must(200, "GET", f"/v1/placements/{job}")["seeker"] == stays
    assert town.file_of(stays)["state"] == "placed"
    looks = town.must(200, "GET", f"/v1/looks?seeker={stays}")["items"]
    assert {look["seeker"] for look in looks} == {stays, double}
    for method, path, body in (("GET", "", None), ("PATCH", "", {"shifts": ["day"]}),
                               ("POST", "/withdraw", {"reason": "other"}),
                               ("GET", "/duplicates", None)):
        answer = town.call(method, f"/v1/seekers/{double}{path}", body)
        assert answer.status == 410, answer
        refused(answer, "seeker-merged", survivor=stays)
    assert town.call("POST", "/v1/placements", {
        "seeker": double, "kind": "flexible", "workplace": COMMUNITY,
        "start_on": "2007-07-12"}).status == 410
    assert town.call("GET", f"/v1/seekers/{double}", key=far).status == 404
    assert town.post(200, "/v1/seekers/find", {"citizen_number": "410105197001029995"}) == {
        "seeker": stays, "state": "placed", "community": COMMUNITY, "merged_from": double}
    refused(town.call("POST", "/v1/seekers", seeker(2, citizen_number="410105197001029995")),
            "already-registered", seeker=stays)

    # Taken back by another officer only, and while nothing else has happened.
    undo = {"duplicate": double, "reason": "不是同一人"}
    refused(town.call("POST", f"/v1/seekers/{stays}/unmerge", undo), "wrong-state",
            reason="same-officer")
    second = {"Vacancyd-Actor": daemon.new_officer(town.bureau, name="测试乙")}
    wait_for(lambda: town.call("GET", f"/v1/seekers/{stays}", headers=second).status == 200, 10,
             "the second officer")
    assert town.person(200, stays, "unmerge", undo, headers=second)["state"] == "seeking"
    assert town.progress() == before
    assert town.must(200, "GET", f"/v1/placements/{job}")["seeker"] == double
    assert town.file_of(double)["state"] == "placed"
    town.person(201, stays, "merge", merge)
    town.person(201, stays, "recognitions", {"code": "HC7", "on": "2007-07-12"})
    refused(town.call("POST", f"/v1/seekers/{stays}/unmerge", undo, headers=second),
            "wrong-state", reason="changed-since")

    # Two at work on the same days are not one person, whatever the files say.
    town.at_work(stranger, post, start="2007-07-11")
    both = refused(town.call("POST", f"/v1/seekers/{stays}/merge",
                             {**merge, "duplicate": stranger}), "merge-refused",
                   reason="placements")
    assert job in both["placements"]
    assert town.call("POST", f"/v1/seekers/{stays}/merge",
                     {**merge, "duplicate": "0000000000000001"}).status == 404
    assert daemon.admin("POST", "/board/verify").json["differences"] == 0


def test_a_household_changes_and_its_ranks_together(daemon, postgres):
    town = People(daemon, postgres)
    town.employer()
    post = town.file([line("A", 9)])["A"]
    one, two, three = (town.register(n) for n in (1, 2, 3))
    home = town.house(one, two)
    path = f"/v1/households/{home}"
    assert town.file_of(one)["rank"] == town.file_of(two)["rank"] == "P1"
    assert town.call("GET", path).headers["etag"] == '"1"'
    town.move_to("2007-07-20", one)

    def outbox():
        rows = postgres.psql("SELECT to_char(entity_id, 'FM0000000000000000') FROM ops.outbox"
                             " WHERE entity = 's' AND xid = (SELECT max(xid) FROM ops.outbox)")
        return len(rows.split())

    three_of = [town.member(w) for w in (one, two, three)]
    joined = town.patch(200, path, {"members": three_of}, **{"If-Match": '"1"'})
    assert joined.headers["etag"] == '"2"' and len(joined.json["members"]) == 3
    assert town.file_of(three)["rank"] == "P1"
    # All of a household are seen at once by a reader with the token of the write.
    job = town.at_work(three, post, start="2007-07-20")
    assert outbox() == 3
    assert [town.file_of(w)["rank"] for w in (one, two, three)] == ["P5", "P5", "P6"]
    assert town.must(200, "GET", path)["state"] == "helped"
    # Who they were once is said again with its day.
    assert town.patch(200, path, {"members": three_of[:2]}).json["state"] == "helped"
    gone = town.patch(200, path, {"members": three_of[:2], "on": "2007-07-20"})
    assert gone.json["state"] == "open" and outbox() == 2
    assert [town.file_of(w)["rank"] for w in (one, two, three)] == ["P1", "P1", "P6"]
    matched = town.must(200, "GET", f"/v1/vacancies/{post}/matches")["items"]
    assert {(m["seeker"], m["rank"]) for m in matched} == {(one, "P1"), (two, "P1")}
    then = town.must(200, "GET", f"{path}?as_of=2007-07-19")
    assert {m["seeker"] for m in then["members"]} == {one, two} and then["state"] == "open"
    assert town.call("GET", f"{path}?as_of=2007-07-01").status == 404

    # As it was told on the same day again, nothing changes.
    assert town.patch(200, path, {"members": three_of[:2]}).headers["etag"] == '"3"'
    refused(town.patch(412, path, {"members": three_of}, **{"If-Match": '"2"'}),
            "version-changed")
    assert rules(town.patch(422, path, {"members": three_of, "on": "2007-07-19"})) == {
        ("/on", "order")}
    assert rules(town.patch(422, path, {"members": []})) == {("/members", "count")}
    four = town.register(4)
    other = town.house(four)
    refused(town.patch(409, path, {"members": [town.member(four)]}), "wrong-state",
            reason="already-in-household", seeker=four)
    assert town.call("PATCH", path, {"members": [town.member("0000000000000001")]}).status == 404

    # One officer asks that it ends, another decides.
    asked = town.post(200, f"{path}/end", {"reason": "moved"})
    assert asked["state"] == "open" and asked["endings"][0]["decision"] is None
    decision = {"decision": "approve", "reason": "已核实"}
    refused(town.call("POST", f"{path}/end/decide", decision), "wrong-state", reason="same-officer")
    second = town.daemon.new_officer(town.daemon.keys["bureau"])
    wait_for(lambda: town.call("GET", path, headers={"Vacancyd-Actor": second}).status == 200, 10,
             "the second officer")
    ended = town.call("POST", f"{path}/end/decide", decision,
                      headers={"Vacancyd-Actor": second}).json
    assert ended["state"] == "ended" and ended["ended"] == {"on": "2007-07-20", "reason": "moved"}
    assert outbox() == 2 and town.file_of(one)["rank"] == "P5"
    refused(town.call("POST", f"{path}/end", {"reason": "moved"}), "wrong-state",
            reason="household-ended")
    assert town.must(200, "GET", f"{path}?as_of=2007-07-19")["state"] == "open"
    # A job lost within three months opens a household again without an application.
    job = town.at_work(four, post, start="2007-07-19")
    assert town.must(200, "GET", f"/v1/households/{other}")["state"] == "helped"
    town.post(200, f"/v1/placements/{job}/end", {"on": "2007-07-20", "reason": "dismissed"})
    assert town.must(200, "GET", f"/v1/households/{other}")["state"] == "open"

    listed = town.must(200, "GET", "/v1/households?state=open")
    assert [(h["household"], h["members"]) for h in listed["items"]] == [(other, 1)]
    page = town.must(200, "GET", "/v1/households?limit=1")
    assert [h["household"] for h in page["items"]] == [home]
    rest = town.must(200, "GET", f"/v1/households?limit=1&cursor={page['next']}")
    assert [h["household"] for h in rest["items"]] == [other] and rest["next"] is None
    assert daemon.admin("POST", "/board/verify").json["differences"] == 0
