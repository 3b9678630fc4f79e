"""Several reports of one job through HTTP: at once, in any order, at a terminal, and with referrals.

The rules one by one are in ledger/reports.sql; here is what only a running exchange can show.
"""

import itertools
import json
import os
import random
import subprocess
import threading

from harness.daemon import SANITIZER, binary, sanitizer_env
from harness.market import problem, town, whole  # noqa: F401
from harness.trade import COMMUNITY, citizen_number

SEED = int(os.environ.get("VACANCYD_SEED", "1"))
DAYS = {"agency": "2007-07-05", "employer": "2007-06-20", "bureau": "2007-07-02"}
people = itertools.count(5000)


def someone(town):
    n = next(people)
    return town.register(n, citizen_number=citizen_number(n, year=1982))


def said(town, who, vacancy, by, **more):
    body = town.placement(who, vacancy, start=DAYS[by], **more)
    if by == "bureau" and int(who, 16) % 2: # it knows the employer and not the vacancy
        body |= {"vacancy": None, "employer": "123456788"}
    return "POST", "/v1/placements", body, town.daemon.keys[by]


def figures(town, as_of):
    targets = town.must(200, "GET", f"/v1/progress?year=2007&as_of={as_of}&unit=city")["targets"]
    return {t["target"]: t.get("gross", t["achieved"]) for t in targets}


def test_agency_bureau_and_employer_at_once_are_one_placement(town):
    chance = random.Random(SEED)
    vacancy = town.vacancy(20)
    who = [someone(town) for _ in range(20)]
    before = {day: figures(town, day) for day in ("2007-06-30", "2007-07-02")}
    calls = [said(town, w, vacancy, by) for w in who for by in DAYS for _ in range(2)]
    chance.shuffle(calls)
    lists = [calls[n::8] for n in range(8)]
    answers, gate = [], threading.Barrier(len(lists))

    def post(mine):
        gate.wait()
        for method, path, body, key in mine:
            answers.append((body["seeker"], town.call(method, path, body, key=key)))

    threads = [threading.Thread(target=post, args=(mine,)) for mine in lists]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert all(a.status in (200, 201) for _, a in answers), [a for _, a in answers if a.status > 201]
    numbers = {w: {a.json["placement"] for x, a in answers if x == w} for w in who}
    assert all(len(n) == 1 for n in numbers.values())
    assert sum(a.status == 201 for _, a in answers) == len(who)
    assert town.must(200, "GET", f"/v1/vacancies/{vacancy}")["filled"] == len(who)
    for (n,) in numbers.values():
        one = town.must(200, "GET", f"/v1/placements/{n}")
        assert (one["start_on"], one["standing"], one["vacancy"]) == (DAYS["bureau"], "employer", vacancy)
        assert {s["role"]: s["start_on"] for s in one["sources"] if not s["withdrawn"]} == DAYS
        assert [s["role"] for s in one["sources"] if s["decides"]] == ["bureau"]
        town.must(200, "POST", f"/v1/placements/{n}/register", {"community": COMMUNITY, "on": "2007-06-20"})
    # Counted once, from the bureau's day on.
    assert figures(town, "2007-06-30") == before["2007-06-30"]
    after = figures(town, "2007-07-02")
    assert {t: after[t] - before["2007-07-02"][t] for t in ("T1", "T2")} == {"T1": 20, "T2": 20}
    # Taken back by the bureau it is the first one's, whoever that was; and the figures follow.
    for (n,) in numbers.values():
        first = next(s for s in town.must(200, "GET", f"/v1/placements/{n}")["sources"]
                     if s["role"] != "bureau")
        moved = town.must(200, "POST", f"/v1/placements/{n}/withdraw",
                          {"signal": "report", "reason": "mistaken"})
        assert (moved["start_on"], moved["state"]) == (first["start_on"], "registered")
    early = sum(town.must(200, "GET", f"/v1/placements/{n}")["start_on"] < "2007-07-01" for (n,) in numbers.values())
    assert figures(town, "2007-06-30")["T1"] - before["2007-06-30"]["T1"] == early
    assert figures(town, "2007-07-12")["T1"] - before["2007-07-02"]["T1"] >= 20
    assert town.daemon.admin("POST", "/board/verify").json["differences"] == 0


class Job:
    """What the page of the rule says of reports that come, are corrected and are taken back."""

    def __init__(self):
        self.reports = {}  # organisation -> (turn, day); in the order of receipt
        self.turns = 0
        self.day = None

    def report(self, who, day):
        if who not in self.reports:
            self.turns += 1
        turn = self.reports[who][0] if who in self.reports else self.turns
        self.reports[who] = (turn, day)
        self.settle()

    def withdraw(self, who):
        del self.reports[who]
        self.settle()

    def settle(self):
        order = sorted(self.reports.items(), key=lambda r: (r[0] not in ("bureau", "district"), r[1][0]))
        if order:
            self.day = order[0][1][1]

    def standing(self):
        return "employer" if "employer" in self.reports else "several" if len(self.reports) > 1 else "alone"


def test_whatever_is_reported_corrected_and_taken_back(town):
    chance = random.Random(SEED + 1)
    vacancy = town.vacancy(9)
    keys = dict(town.daemon.keys, district=town.daemon.new_key(role="bureau", org_name="金水区", scope="410105"))
    seen = set()
    for _ in range(9):
        who, job, number = someone(town), Job(), None
        for _ in range(14):
            by = chance.choice(["agency", "employer", "bureau", "district"])
            if by in job.reports and chance.random() < 0.4:
                got = town.must(200, "POST", f"/v1/placements/{number}/withdraw",
                                {"signal": "report", "reason": "mistaken"}, key=keys[by])
                job.withdraw(by)
            else:
                day = f"2007-{chance.choice(['06-20', '06-30', '07-01', '07-05', '07-12'])}"
                body = town.placement(who, vacancy, start=day)
                if by in ("bureau", "district") and chance.random() < 0.5:
                    body |= {"vacancy": None, "employer": "123456788"}
                answer = town.call("POST", "/v1/placements", body, key=keys[by])
                assert answer.status == (200 if number else 201), answer
                got, number = answer.json, answer.json["placement"]
                job.report(by, day)
            if chance.random() < 0.1:
                town.must(200, "POST", f"/v1/placements/{number}/register",
                          {"community": COMMUNITY, "on": "2007-07-12"})
            assert got["placement"] == number and got["start_on"] == job.day, (job.reports, got)
            if job.reports:
                assert got["standing"] == job.standing(), (job.reports, got)
            if "sources" in got:
                live = sorted((s["role"], s["start_on"]) for s in got["sources"] if not s["withdrawn"])
                role = {"district": "bureau"}
                assert live == sorted((role.get(o, o), d) for o, (_, d) in job.reports.items())
            seen.add((len(job.reports), got["standing"]))
    assert {(1, "alone"), (2, "several"), (3, "employer"), (4, "employer")} <= seen, seen
    assert town.postgres.psql("SELECT count(*) FROM ledger.employment e JOIN ledger.placement p"
                              " ON p.id = e.placement WHERE p.start_on <> e.start_on") == "0"


def test_reports_withdrawals_registrations_and_voids_at_once(town):
    vacancy = town.vacancy(6)
    who = [someone(town) for _ in range(6)]
    second = town.second()
    bad, gate = [], threading.Barrier(8)

    def work(n):
        chance = random.Random(SEED * 100 + n)
        gate.wait()
        for _ in range(25):
            w, by = chance.choice(who), chance.choice(list(DAYS))
            key = town.daemon.keys[by]
            method, path, body, key = said(town, w, vacancy, by)
            answer = town.call(method, path, body, key=key)
            if answer.status in (200, 201):
                path = f"/v1/placements/{answer.json['placement']}"
                what = chance.random()
                if what < 0.3:
                    answer = town.call("POST", path + "/withdraw", {"signal": "report", "reason": "other"}, key=key)
                elif what < 0.5:
                    answer = town.call("POST", path + "/register", {"community": COMMUNITY, "on": "2007-07-12"})
                elif what < 0.7:
                    answer = town.call("POST", path + "/confirm", key=town.daemon.keys["employer"])
                elif what < 0.8:
                    town.call("POST", path + "/void", {"code": "V2", "reason": "r", "evidence": "e"})
                    answer = town.call("POST", path + "/void/decide", {"decision": "approve", "reason": "r"},
                                       headers=second)
            if answer.status not in (200, 201, 404, 409):
                bad.append(answer)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not bad, bad
    ids = ",".join(str(int(w, 16)) for w in who)
    assert town.postgres.psql("SELECT count(*) FROM ledger.placement WHERE state <> 'void' AND seeker IN"
                              f" ({ids}) GROUP BY seeker HAVING count(*) > 1") == ""
    live = town.postgres.psql(f"SELECT count(*) FROM ledger.placement WHERE state <> 'void' AND vacancy = {vacancy}")
    assert town.postgres.psql(f"SELECT filled FROM ledger.vacancy WHERE id = {vacancy}") == live
    assert town.postgres.psql("SELECT count(*) FROM ledger.employment e JOIN ledger.placement p"
                              " ON p.id = e.placement WHERE p.start_on <> e.start_on") == "0"
    assert town.daemon.admin("POST", "/board/verify").json["differences"] == 0


def test_who_works_already_is_told_so_though_their_job_has_filled_the_post(town):
    vacancy, who = town.vacancy(1), someone(town)
    first = town.must(201, "POST", "/v1/placements", town.placement(who, vacancy, start="2006-12-20"))["placement"]
    late = town.must(409, "POST", "/v1/placements", town.placement(who, vacancy, start="2007-01-20"))
    problem(late, "placed-from-another-day", placement=first, start_on="2006-12-20")
    blind = town.daemon.new_key(role="agency", org_name="三所")
    town.call("PUT", "/v1/agencies/%E4%B8%89%E6%89%80", {
        "licence": "L-10", "district": "410105", "services": ["introduction"], "from": "2006-01-01",
        "until": "2007-12-31"})
    late = town.must(409, "POST", "/v1/placements", town.placement(who, vacancy, start="2007-01-20"), key=blind)
    problem(late, "seeker-placed")
    full = town.vacancy(1)
    town.must(201, "POST", "/v1/placements", town.placement(someone(town), full))
    problem(town.must(409, "POST", "/v1/placements", town.placement(who, full)), "seeker-placed", placement=first)
    problem(town.must(409, "POST", "/v1/placements", town.placement(someone(town), full)), "vacancy-filled")


def test_a_list_has_one_rule_with_the_single_call(town):
    vacancy, who = town.vacancy(3), someone(town)
    items = [town.placement(who, vacancy, start=day, reference=f"n{day}", key=day)
             for day in ("2007-07-05", "2007-07-11", "2007-06-01")]
    done = town.must(200, "POST", "/v1/placements/batch", {"items": items}, key=town.agency)
    assert [i["status"] for i in done["items"]] == [201, 200, 409]
    got = done["items"]
    assert [s["reference"] for s in got[1]["placement"]["sources"]] == ["n2007-07-05", "n2007-07-11"]
    assert got[1]["placement"]["sources"][0]["withdrawn"]["reason"] == "corrected"
    assert got[2]["problem"]["type"] == "/problems/placed-from-another-day"
    assert got[2]["problem"]["placement"] == got[0]["placement"]["placement"]
    # Another agency is told that there is one, and nothing of it.
    other = town.daemon.new_key(role="agency", org_name="又一所")
    town.call("PUT", "/v1/agencies/%E5%8F%88%E4%B8%80%E6%89%80", {
        "licence": "L-9", "district": "410105", "services": ["introduction"], "from": "2007-01-01",
        "until": "2007-12-31"})
    blind = town.must(409, "POST", "/v1/placements", town.placement(who, vacancy, start="2007-06-01"), key=other)
    assert blind["type"] == "/problems/seeker-placed"
    assert not {"placement", "start_on", "vacancy", "employer"} & set(blind)
    # When it reports the same it is a source like the others.
    same = town.must(200, "POST", "/v1/placements", town.placement(who, vacancy), key=other)
    assert same["start_on"] == "2007-07-11" and same["standing"] == "several"


def test_a_consultants_own_report_ends_the_referral(town):
    vacancy, who = town.vacancy(), someone(town)
    r = town.propose(201, who, vacancy)["referral"]
    town.step(200, r, "consent", {"how": "telephone"})
    other = town.propose(201, someone(town), vacancy)["referral"]
    placed = town.must(201, "POST", "/v1/placements", town.placement(who, vacancy), key=town.agency)
    assert placed["standing"] == "consent"
    ended = town.read(r)
    assert (ended["state"], ended["placement"]) == ("placed", placed["placement"])
    assert ended["steps"][-1]["state"] == "placed"
    again = town.must(409, "POST", "/v1/placements", town.placement(who, vacancy, referral=other), key=town.agency)
    problem(again, "another-referral", placement=placed["placement"], referral=r)
    assert town.must(200, "POST", "/v1/placements", town.placement(who, vacancy, referral=r),
                     key=town.agency)["placement"] == placed["placement"]
    # The other's stands until it expires; nothing more is done on it.
    assert town.read(other)["state"] == "proposed"
    problem(town.step(409, other, "consent", {"how": "telephone"}), "vacancy-filled", posts=1)


def test_an_agency_reports_while_its_licence_covers_it(town):
    vacancy, who = town.vacancy(9), someone(town)
    body = town.placement(who, vacancy, start="2007-07-01")
    for changed, rule, day in [
            ({"until": "2007-07-11"}, "expired", "2007-07-12"), ({"until": "2007-06-30"}, "expired", "2007-07-12"),
            ({"from": "2007-07-02"}, "not-yet-valid", "2007-07-01"),
            ({"suspended_from": "2007-06-20", "suspended_until": "2007-07-01"}, "suspended", "2007-07-01"),
            ({"services": ["guidance"]}, "service", "2007-07-12")]:
        town.licence(**changed)
        refused = town.must(403, "POST", "/v1/placements", body, key=town.agency)
        problem(refused, "agency-unlicensed", rule=rule, day=day)
        listed = town.must(200, "POST", "/v1/placements/batch", {"items": [body]}, key=town.agency)
        problem(listed["items"][0]["problem"], "agency-unlicensed", rule=rule, day=day)
    assert town.must(200, "GET", f"/v1/seekers/{who}")["state"] == "seeking"
    town.licence()
    town.must(201, "POST", "/v1/placements", body, key=town.agency)


def test_the_same_at_a_terminal(town):
    vacancy, who = town.vacancy(2), someone(town)
    r = town.propose(201, who, vacancy)["referral"]
    key = town.agency
    env = dict(sanitizer_env(), VACANCYD_URL=town.daemon.url, LANG="C.UTF-8", VACANCYD_KEY=key,
               VACANCYD_ACTOR=town.daemon.actors[key])

    def typed(code, *words, **more):
        done = subprocess.run([binary("vacancyctl"), *words], env=env | more, capture_output=True,
                              text=True, timeout=60)
        assert done.returncode == code and not SANITIZER.search(done.stderr), done
        return done.stdout

    report = ("place", "report", "--seeker", who, "--vacancy", vacancy, "--start-on", "2007-07-12")
    placed = json.loads(typed(0, *report, "--reference", "7-113", "--referral", r, "--json"))
    assert placed["standing"] == "referral"
    shown = typed(0, *report)
    assert "standing" in shown and "referral" in shown
    assert "佐证" in typed(0, "place", "show", placed["placement"], LC_ALL="zh_CN.UTF-8", LANG="zh_CN.UTF-8")
    whole = json.loads(typed(0, "place", "show", placed["placement"], "--json"))
    assert [s["reference"] for s in whole["sources"]] == ["7-113"] # a repeat that leaves it out takes nothing
    assert town.read(r)["state"] == "placed"
