"""Referrals beside each other: caps a person and a post, also when everybody comes at once."""

import threading
from urllib.parse import quote

from harness.daemon import EMPLOYER
from harness.market import LICENCE, problem, town, whole  # noqa: F401
from harness.trade import COMMUNITY, DISTRICT, QUARTER, quarter_return


def test_three_a_person_then_she_is_in_no_list(town):
    who = town.person()
    vacancies = [town.vacancy() for _ in range(4)]
    made = [town.propose(201, who, v)["referral"] for v in vacancies[:3]]
    cap = problem(town.propose(409, who, vacancies[3]), "referral-cap", cap="person", limit=3)
    assert {r["referral"] for r in cap["referrals"]} == set(made)
    listed = f"/v1/vacancies/{vacancies[3]}/matches?k=100"
    full = town.must(200, "GET", listed)
    assert who not in [i["seeker"] for i in full["items"]] and full["busy"] == 1
    pair = town.must(200, "GET", f"/v1/seekers/{who}/matches/{vacancies[3]}")
    assert pair["busy"] and [f["rule"] for f in pair["failed"]] == ["inactive"]
    problem(town.propose(409, who, vacancies[0]), "already-referred", referral=made[0])
    town.step(200, made[0], "withdraw", {"reason": "seeker_asked"})
    full = town.must(200, "GET", listed)
    assert who in [i["seeker"] for i in full["items"]] and full["busy"] == 0
    town.propose(201, who, vacancies[3])
    assert town.daemon.admin("POST", "/board/verify").json["differences"] == 0


def test_a_closed_vacancy_keeps_nobody_from_another(town):
    who = town.person()
    vacancies = [town.vacancy() for _ in range(4)]
    ref = town.lines[-4]["ref"]
    for v in vacancies[:3]:
        town.propose(201, who, v)
    # What another agency has under way is not told to this one.
    name = "又一职业介绍所"
    other = town.daemon.new_key(role="agency", org_name=name)
    assert town.call("PUT", f"/v1/agencies/{quote(name)}", LICENCE).status == 201
    cap = problem(town.propose(409, who, vacancies[3], key=other), "referral-cap", cap="person")
    assert [set(r) for r in cap["referrals"]] == [{"expires_at"}] * 3

    line_of = f"/v1/returns/{EMPLOYER}/{DISTRICT}/{QUARTER}/lines/{ref}"
    town.must(200, "PATCH", line_of, {"closed": {"reason": "unfilled"}})
    pair = f"/v1/seekers/{who}/matches/{vacancies[3]}"
    assert not town.must(200, "GET", pair)["busy"]
    town.propose(201, who, vacancies[3])
    cap = problem(town.propose(409, who, town.known), "referral-cap", cap="person")
    assert len(cap["referrals"]) == 3 and all("referral" in r for r in cap["referrals"])
    town.step(200, cap["referrals"][0]["referral"], "withdraw", {"reason": "seeker_asked"})
    assert not town.must(200, "GET", pair)["busy"]
    # Opened again by who knows how it stands, it is; and so is what was proposed.
    filed = f"/v1/returns/{EMPLOYER}/{DISTRICT}/{QUARTER}"
    stands = town.call("GET", filed).headers["etag"]
    town.must(200, "PUT", filed, quarter_return(town.lines), headers={"If-Match": stands})
    assert town.must(200, "GET", pair)["busy"]
    assert town.daemon.admin("POST", "/board/verify").json["differences"] == 0


def test_fifty_at_once_for_one_post_make_three(town):
    vacancy, people = town.vacancy(), [town.person() for _ in range(50)]
    answers = [None] * 50

    def refer(i):
        answers[i] = town.call("POST", "/v1/referrals", {"seeker": people[i], "vacancy": vacancy},
                               key=town.agency)

    threads = [threading.Thread(target=refer, args=(i,)) for i in range(50)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert sorted(a.status for a in answers) == [201] * 3 + [409] * 47
    for a in answers:
        if a.status == 409:
            problem(a.json, "referral-cap", cap="vacancy", limit=3)
    assert town.postgres.psql("SELECT count(*) FROM ledger.referral WHERE vacancy = "
                              f"{vacancy}") == "3"


def test_at_once_from_all_sides_the_caps_hold(town):
    vacancies, people = [town.vacancy(2) for _ in range(4)], [town.person() for _ in range(8)]
    pairs = [(p, v) for p in people for v in vacancies]
    odd = []

    def trade(turn):
        for n, (who, vacancy) in enumerate(pairs[turn * 5:] + pairs[:turn * 5]):
            answer = town.call("POST", "/v1/referrals", {"seeker": who, "vacancy": vacancy},
                               key=town.agency)
            if answer.status == 201 and n % 3 == 0:
                verb = ("withdraw", {"reason": "mistake"}) if n % 2 else ("consent", {"how": "written"})
                answer = town.call("POST", f"/v1/referrals/{answer.json['referral']}/{verb[0]}",
                                   verb[1], key=town.agency)
            if answer.status not in (200, 201, 409):
                odd.append(answer)

    def place(who, vacancy):
        answer = town.call("POST", "/v1/placements", town.placement(who, vacancy), key=town.agency)
        if answer.status not in (201, 409):
            odd.append(answer)

    threads = [threading.Thread(target=trade, args=(n,)) for n in range(6)]
    threads += [threading.Thread(target=place, args=(people[n], vacancies[-n])) for n in (1, 2)]
    for t in threads:
        t.start()
    for _ in range(5):
        town.postgres.psql("SELECT ops.turn_day(4101, 100), ops.expire_referrals(4101, 100)")
    for t in threads:
        t.join()
    assert not odd
    live = "r.state IN ('proposed', 'consented')"
    # Whoever found work meanwhile keeps no post waiting: hers are beside the cap.
    assert town.postgres.psql(
        "SELECT count(*) FROM ledger.vacancy v WHERE v.posts > v.filled AND 3 * v.posts < (SELECT "
        f"count(*) FROM ledger.referral r WHERE r.vacancy = v.id AND {live} AND NOT EXISTS (SELECT "
        "FROM ledger.work w WHERE w.person = r.seeker))") == "0"
    assert town.postgres.psql(
        "SELECT count(*) FROM ledger.seeker s, LATERAL (SELECT count(*) AS n FROM ledger.referral r "
        f"WHERE r.seeker = s.id AND {live}) x WHERE x.n > 3 OR (x.n = 3) <> s.busy") == "0"
    assert town.postgres.psql(
        f"SELECT count(*) FROM (SELECT FROM ledger.referral r WHERE {live} "
        "GROUP BY r.vacancy, r.seeker HAVING count(*) > 1) x") == "0"


def test_who_found_work_keeps_no_post_waiting_and_files_made_one_keep_theirs(town):
    vacancy, people = town.vacancy(), [town.person() for _ in range(4)]
    made = [town.propose(201, p, vacancy)["referral"] for p in people[:3]]
    problem(town.propose(409, people[3], vacancy), "referral-cap", cap="vacancy")
    town.must(201, "POST", "/v1/placements", {
        "seeker": people[0], "kind": "flexible", "start_on": "2007-07-12", "workplace": COMMUNITY})
    problem(town.step(409, made[0], "consent", {"how": "telephone"}), "not-eligible",
            rules=["inactive"])
    town.propose(201, people[3], vacancy)
    merged = town.must(201, "POST", f"/v1/seekers/{town.person()}/merge",
                       {"duplicate": people[1], "reason": "同一人"})
    assert merged["moved"]["referral"] == 1
    assert town.read(made[1])["seeker"] == merged["seeker"]
