"""What is the law of one register alone: seats and dates of courses, who is enrolled in them, figures
from outside."""

from concurrent.futures import ThreadPoolExecutor

from harness.people import refused, rules
from harness.register_keeper import Registers, figure



def test_the_law_of_enrolment(daemon, postgres):
    town = Registers(daemon, postgres)
    held = town.course(until="2007-07-12")
    people = [town.register(n) for n in range(1, 5)]
    first = town.enrolled(held, people[0])
    assert first["outcome"] == "attending" and first["seeker"] == people[0] and first["course"] == held
    refused(town.enrol(held, people[0]), "wrong-state", reason="already-enrolled",
            enrolment=first["enrolment"])
    assert rules(town.enrol(held, people[1], **{"from": "2007-06-30"})) == {("/from", "range")}
    assert rules(town.enrol(held, people[1], outcome="completed")) == {("/until", "required")}
    assert rules(town.enrol(held, people[1], outcome="completed", until="2007-07-11", attendance=99)) == {
        ("/until", "range")}
    second = town.enrolled(held, people[1])["enrolment"]
    refused(town.enrol(held, people[2]), "wrong-state", reason="course-full", seats=2)

    # Who drops out, and an enrolment that is void, leave a seat.
    path = f"/v1/enrolments/{second}"
    town.patch(200, path, {"outcome": "dropped", "until": "2007-07-10"})
    refused(town.patch(409, path, {"outcome": "completed"}), "wrong-state", reason="outcome-final")
    third = town.enrolled(held, people[2])["enrolment"]
    town.post(200, f"/v1/enrolments/{third}/void", {"reason": "录错人"})
    paper = [{"kind": "certificate", "number": "8", "day": "2007-07-02"}]
    third = town.enrolled(held, people[2], evidence=paper)["enrolment"]
    refused(town.enrol(held, people[3]), "wrong-state", reason="course-full")

    path = f"/v1/enrolments/{third}"
    refused(town.patch(409, path, {"outcome": "passed", "until": "2007-07-12", "attendance": 99}), "wrong-state",
            reason="not-completed", outcome="attending")
    assert rules(town.patch(422, path, {"outcome": "completed", "until": "2007-07-12", "attendance": 79})) \
        == {("/attendance", "range")}
    town.patch(200, path, {"outcome": "completed", "until": "2007-07-12", "attendance": 80, "evidence": [
        {"kind": "roll", "number": "考勤7月", "day": "2007-07-12", "hash": "ab" * 32}]})
    refused(town.patch(409, path, {"outcome": None}), "wrong-state", reason="outcome-final")
    assert town.patch(200, path, {"outcome": "passed"}).json["evidence"][-1]["hash"] == "ab" * 32
    assert rules(town.patch(422, path, {"seeker": people[3], "until": "2007-07-01"})) == {
        ("/seeker", "fixed")}
    assert rules(town.patch(422, path, {"until": "2007-07-01"})) == {("/until", "order")}

    # By seeker and outcome.
    found = town.must(200, "GET", f"/v1/enrolments?seeker={people[2]}&state=live")["items"]
    assert [i["enrolment"] for i in found] == [third] and found[0]["outcome"] == "passed"
    assert len(town.must(200, "GET", f"/v1/enrolments?course={held}")["items"]) == 4


def test_the_law_of_a_course(daemon, postgres):
    town = Registers(daemon, postgres)
    held = town.course()
    people = [town.register(n) for n in range(1, 4)]
    town.enrolled(held, people[0])
    town.enrolled(held, people[1], **{"from": "2007-07-09"})
    path = f"/v1/courses/{held}"
    for change, fault in (({"seats": 1}, ("/seats", "range")), ({"kind": "entrepreneurship"}, ("/kind", "fixed")),
                          ({"from": "2007-07-03"}, ("/from", "order")),
                          ({"until": "2007-07-08"}, ("/until", "order"))):
        assert rules(town.patch(422, path, change)) == {fault}
    assert rules(town.call("POST", f"{path}/end", {"reason": "held"})) == {("/on", "order")}
    town.move_to("2007-08-01", people[0])
    town.post(200, f"{path}/end", {"reason": "held"})
    refused(town.enrol(held, people[2]), "wrong-state", reason="course-ended", ended_on="2007-08-01")

    # A place that a subsidy pays for is for P1 to P5.
    paid = town.course(subsidised=True, until="2007-08-31")
    town.enrolled(paid, people[0], **{"from": "2007-07-20"})
    other = town.register(9, unemployment=None)
    refused(town.enrol(paid, other), "wrong-state", reason="not-entitled", rank="P6")
    # Nobody who goes to a course can be told that there was none; who dropped out leaves a seat.
    path = f"/v1/courses/{paid}/end"
    refused(town.call("POST", path, {"reason": "cancelled"}), "wrong-state", reason="course-attended", enrolled=1)
    [one] = town.must(200, "GET", f"/v1/enrolments?course={paid}&outcome=attending")["items"]
    town.patch(200, f"/v1/enrolments/{one['enrolment']}", {"outcome": "dropped", "until": "2007-07-31"})
    town.post(200, path, {"reason": "cancelled"})


def test_a_change_of_a_course_is_held_against_who_is_enrolled_in_it(daemon, postgres):
    town = Registers(daemon, postgres)
    one, other = town.register(1), town.register(9, unemployment=None)
    # Who dropped out takes no seat, so a full course may still be amended.
    full = f"/v1/courses/{town.course(seats=1)}"
    gone = town.enrolled(full[12:], one, outcome="dropped", until="2007-07-05")
    town.enrolled(full[12:], other)
    assert town.patch(200, full, {"hours": 100}).json["seats"] == 1
    assert gone["outcome"] == "dropped"
    # A subsidy given later is for the same people as one given at first.
    shut = town.must(200, "GET", f"/v1/enrolments?course={full[12:]}&outcome=attending")["items"][0]["enrolment"]
    refused(town.patch(409, full, {"subsidised": True}), "wrong-state", reason="not-entitled", enrolled=1,
            enrolments=[shut])
    town.post(200, f"/v1/enrolments/{shut}/void", {"reason": "录错"})
    town.patch(200, full, {"subsidised": True})
    # Those who completed it did so by what it asked and on its last day.
    over = f"/v1/courses/{town.course(until='2007-07-12')}"
    done = town.enrolled(over[12:], one, outcome="completed", until="2007-07-12", attendance=85)
    town.patch(200, over, {"attendance_min": 85})
    bad = town.patch(422, over, {"attendance_min": 86})
    assert rules(bad) == {("/attendance_min", "range")}
    assert bad.json["errors"][0]["expected"] == "85 at most; 1 completed it with less than was given"
    assert rules(town.patch(422, over, {"until": "2007-07-13"})) == {("/until", "fixed")}
    path = f"/v1/enrolments/{done['enrolment']}"
    assert rules(town.patch(422, path, {"attendance": 84})) == {("/attendance", "range")}
    refused(town.patch(409, path, {"outcome": "dropped"}), "wrong-state", reason="outcome-final")


def test_the_law_of_figures_from_outside(daemon, postgres):
    town = Registers(daemon, postgres)
    made = town.figure()
    assert made.status == 201 and made.json["value"] == 512345
    given = made.json["outside_figure"]
    refused(town.figure(value=1), "wrong-state", reason="already-recorded", outside_figure=given)
    for changed in ({"period": "2007"}, {"period": "2007-07"}, {"period": "2007Q3"}, {"day": "2007-06-29"}):
        assert rules(town.figure(**changed)) == {("/period", "future")}, changed
    for changed in ({"period": "2007Q5"}, {"period": "2007-13"}, {"period": "07"}, {"period": "2007-7"}):
        assert rules(town.figure(**changed)) == {("/period", "format")}, changed
    assert rules(town.figure(subject="410199")) == {("/subject", "unknown-code")}
    assert rules(town.figure(value=-1, indicator="weather", day="2007-07-13")) == {
        ("/value", "range"), ("/indicator", "choice"), ("/day", "future")}
    for changed in ({"period": "2006"}, {"period": "2007-06"}, {"subject": "city"}, {"value": 0, "subject": "Z-ZD"},
                    {"indicator": "fund_input", "value": 10 ** 15}):
        assert town.figure(**changed).status == 201, changed
    # It is corrected by a version more; one that is void makes room for another.
    path = f"/v1/outside-figures/{given}"
    assert town.patch(200, path, {"value": 512346}).json["version"] == 2
    assert rules(town.patch(422, path, {"period": "2007Q1"})) == {("/period", "fixed")}
    town.post(200, f"{path}/void", {"reason": "口径有误"})
    assert town.figure().json["newer_stands"][0]["what"] == "void"
    assert town.figure(value=512347).status == 201
    assert rules(town.call("GET", "/v1/outside-figures?subject=410199")) == {("query/subject", "unknown-code")}
    assert rules(town.call("GET", "/v1/outside-figures?period=2007Q5")) == {("query/period", "format")}
    assert rules(town.call("GET", "/v1/enrolments?course=01")) == {("query/course", "format")}
    for query, rule in (("value=01", "range"), ("value=1000000000000001", "range"), ("value=-1", "range")):
        assert rules(town.call("GET", f"/v1/outside-figures?{query}")) == {(f"query/{query[:5]}", rule)}
    assert town.must(200, "GET", "/v1/outside-figures?value=1000000000000000")["items"] != []
    for query in ("", "x" * 61):
        assert rules(town.call("GET", f"/v1/courses?title={query}")) == {("query/title", "length")}
    for course_id in ("9223372036854775808", "99999999999999999999", "0"):
        assert rules(town.call("GET", f"/v1/enrolments?course={course_id}")) == {("query/course", "format")}
    named = town.call("GET", "/v1/outside-figures?subject=410199").json["errors"][0]["expected"]
    assert named.startswith("city, ") and "410105 金水区" in named and named.count(",") == 16
    # What nobody gave is missing, never zero.
    items = town.must(200, "GET", "/v1/outside-figures?subject=410105&period=2007Q1")["items"]
    assert items == []
    assert town.must(200, "GET", "/v1/outside-figures?subject=Z-ZD")["items"][0]["value"] == 0
    assert town.call("POST", "/v1/outside-figures", figure(period="2005"),
                     headers={"Vacancyd-Actor": None}).json["type"] == "/problems/actor-required"


def test_many_at_once_fill_no_more_than_the_seats_and_record_a_figure_once(daemon, postgres):
    town = Registers(daemon, postgres)
    held = town.course(seats=3)
    people = [town.register(n) for n in range(1, 9)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda who: town.enrol(held, who), people))
        figures = list(pool.map(lambda n: town.figure(value=n), range(8)))
        changes = list(pool.map(lambda n: town.call("PATCH", f"/v1/courses/{held}", {"hours": n + 1},
                                                    headers={"If-Match": '"1"'}), range(8)))
    assert sorted(a.status for a in answers) == [201] * 3 + [409] * 5
    assert sorted(a.status for a in figures) == [201] + [409] * 7
    assert sorted(a.status for a in changes) == [200] + [412] * 7


def test_a_merge_takes_the_courses_along_and_back(daemon, postgres):
    town = Registers(daemon, postgres)
    stays, goes = town.register(1), town.register(2)
    path = f"/v1/enrolments/{town.enrolled(town.course(), goes)['enrolment']}"
    body = {"duplicate": goes, "reason": "同一人"}
    merged = town.post(201, f"/v1/seekers/{stays}/merge", body)
    assert merged["moved"]["enrolment"] == 1
    assert town.must(200, "GET", path)["seeker"] == stays
    town.must(200, "POST", f"/v1/seekers/{stays}/unmerge", body, headers=town.second())
    assert town.must(200, "GET", path)["seeker"] == goes
