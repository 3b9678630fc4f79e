"""What clumsy or hostile clients found, each kept as a test against the real daemon.

Other people's placements, registers entered twice, answers that tell too much, and
vacancyctl in the hands of somebody in a hurry.  Whatever happens, the figures move by
exactly what was done, and the board equals the ledger at the end.
"""

import json
import os
import socket
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest
from harness.daemon import SANITIZER, binary, id_in, sanitizer_env
from harness.trade import (CLEANER, COMMUNITY, DISTRICT, QUARTER, Trade, citizen_number, line,
                           quarter_return, seeker)
from harness.wait import wait_for

OTHER = "D2143569X"
ELSEWHERE = "410103001001"
HOUSEHOLD = {"community": COMMUNITY, "hukou_type": "urban", "business_income": False,
             "investment_income": False, "applied_on": "2007-07-02", "determined_on": "2007-07-10"}


class Attack(Trade):
    """The trade with two employers, and keys of another district and another employer."""

    def __init__(self, daemon):
        super().__init__(daemon)
        self.employer()
        self.employer(OTHER)
        self.licence()
        self.keys = dict(daemon.keys)
        for name, wanted in {
            "elsewhere": {"role": "bureau", "org_name": "二七区", "scope": "410103"},
            "other_employer": {"role": "employer", "org_code": OTHER, "org_name": "他"},
            "second_employer": {"role": "employer", "org_code": "123456788", "org_name": "二"},
        }.items():
            self.keys[name] = daemon.new_key(**wanted)

    def as_(self, who, method, path, body=None, **headers):
        return self.call(method, path, body, key=self.keys[who],
                         headers={k.replace("_", "-"): v for k, v in headers.items()})

    def report(self, seeker_id, vacancy, who="agency", **changed):
        answer = self.as_(who, "POST", "/v1/placements",
                          self.placement(seeker_id, vacancy, **changed))
        assert answer.status == 201, answer
        return f"/v1/placements/{answer.json['placement']}"

    def counts(self, seeker_id):
        targets = self.must(200, "GET", f"/v1/seekers/{seeker_id}/progress?year=2007")["targets"]
        return {t["target"] for t in targets if t["counts"]}

    def city(self):
        targets = self.must(200, "GET", "/v1/progress?year=2007&unit=city")["targets"]
        return [t["achieved"] for t in targets if t["target"] in ("T1", "T2", "T3", "T4")]

    def rank(self, seeker_id):
        return self.must(200, "GET", f"/v1/seekers/{seeker_id}")["rank"]

    def household(self, *members, **changed):
        return self.call("POST", "/v1/households", {**HOUSEHOLD, **changed, "members": [
            {"seeker": m, "able": True, "willing": True, "excluded": None} for m in members]})

    def at_once(self, calls):
        with ThreadPoolExecutor(8) as pool:
            return sorted(a.status for a in pool.map(lambda c: self.call(*c), calls))


@pytest.fixture
def attack(daemon):
    yield Attack(daemon)
    assert daemon.admin("POST", "/board/verify").json["differences"] == 0


def test_a_bureau_cannot_count_the_placements_of_another_district(attack):
    someone = attack.register(1)
    placement = attack.report(someone, attack.file([line("A")])["A"])
    for path, body in ((placement, None), (placement + "/confirm", None),
                       (placement + "/register", {"community": ELSEWHERE, "on": "2007-07-12"}),
                       (placement + "/void", {"code": "V1", "reason": "r", "evidence": "e"}),
                       (placement + "/void/undo", {"reason": "r", "evidence": "e"}),
                       (placement + "/void/decide", {"decision": "approve", "reason": "r"}),
                       (placement + "/withdraw", {"signal": "report", "reason": "other"})):
        answer = attack.as_("elsewhere", "GET" if body is None and path == placement else "POST",
                            path, body)
        assert answer.status == 404, answer
    assert attack.counts(someone) == set()


def test_a_bureau_registers_who_works_in_its_district(attack):
    site = {"name": "测试企业", "sites": [{"district": "410103", "since": "2006-01-01"},
                                          {"district": DISTRICT, "since": "2006-01-01"}]}
    attack.must(200, "PUT", "/v1/employers/123456788", site)
    someone = attack.register(1)
    vacancy = attack.file([line("A", place=ELSEWHERE)], district="410103")["A"]
    placement = attack.report(someone, vacancy)
    answer = attack.as_("elsewhere", "POST", placement + "/register", {"community": ELSEWHERE})
    assert answer.status == 200, answer
    # Without a day it is the ledger's today.
    assert answer.json["registered"] == {"community": ELSEWHERE, "on": "2007-07-12",
                                         "unit": "410103"}
    assert attack.counts(someone) == {"T1", "T2"}


def test_the_targets_move_with_each_step_and_back(attack):
    vacancy = attack.file([line("A", 2)])["A"]
    certified = {"number": "证0001", "group": "L1", "issued_on": "2006-05-01",
                 "valid_to": "2009-05-01", "inspected": [2007]}
    someone = attack.register(1, certificate=certified)
    before = attack.city()
    for start in ("2007-07-12", "2007-07-11"):
        placement = attack.report(someone, vacancy, start=start)
        assert attack.as_("second_employer", "POST", placement + "/confirm").status == 200
        assert attack.counts(someone) == set() and attack.city() == before
        registration = {"community": COMMUNITY, "on": "2007-07-12"}
        for _ in range(2):
            attack.must(200, "POST", placement + "/register", registration)
        assert attack.counts(someone) == {"T1", "T2", "T3"}
        assert attack.city() == [before[0] + 1, before[1] + 1, before[2] + 1, before[3]]
        voiding = {"code": "V2", "reason": "r", "evidence": "e"}
        attack.void(placement)
        attack.must(409, "POST", placement + "/void", voiding)
        attack.must(409, "POST", placement + "/register", registration)
        assert attack.counts(someone) == set() and attack.city() == before
        assert attack.rank(someone) == "P4"


def test_the_same_organisation_cannot_confirm_its_own_report(attack):
    placement = attack.report(attack.register(1), attack.file([line("A")])["A"], who="employer")
    assert attack.as_("second_employer", "POST", placement + "/confirm").status == 409
    assert attack.as_("other_employer", "POST", placement + "/confirm").status == 404


def test_a_placement_names_no_employer_but_the_vacancys(attack):
    someone, vacancy = attack.register(1), attack.file([line("A")])["A"]
    answer = attack.call("POST", "/v1/placements",
                         attack.placement(someone, vacancy, employer=OTHER))
    assert answer.status == 422, answer
    assert [(e["pointer"], e["rule"]) for e in answer.json["errors"]] == [("/employer", "together")]
    attack.report(someone, vacancy, employer="123456788")


def test_a_reserved_post_refuses_all_but_the_first_three_ranks(attack):
    attack.must(201, "POST", "/v1/public-welfare-posts", {
        "approval": "公岗9号", "employer": "123456788", "community": COMMUNITY,
        "kind": "security", "posts": 2, "approved_on": "2007-06-20", "new": True})
    vacancy = attack.file([line("A", 2, reserved=True, approval="公岗9号")])["A"]
    for n, facts in enumerate(({"unemployment": None}, {})):
        answer = attack.as_("agency", "POST", "/v1/placements",
                            attack.placement(attack.register(n, **facts), vacancy))
        assert (answer.status, answer.json["type"]) == (409, "/problems/reserved-post"), answer
    hard = attack.register(5, recognitions=[{"code": "HC6a", "on": "2007-05-01"}])
    placement = attack.report(hard, vacancy)
    attack.must(200, "POST", placement + "/register", {"community": COMMUNITY})
    assert attack.counts(hard) == {"T1", "T2", "T4"}


def test_an_application_of_a_household_can_still_be_determined(attack):
    a, b = attack.register(1), attack.register(2)
    applied = attack.household(a, determined_on=None)
    assert (applied.status, applied.json["state"]) == (201, "applied")
    assert attack.household(a, determined_on=None).status == 409
    opened = attack.household(a, b)
    assert (opened.status, opened.json["state"]) == (201, "open")
    assert attack.rank(a) == attack.rank(b) == "P1"
    old = attack.must(200, "GET", f"/v1/households/{applied.json['household']}")
    assert old["state"] == "ended"
    assert attack.household(b).status == 409


def test_twins_get_one_answer_and_never_a_500(attack):
    certificate = {"number": "证0002", "group": "L1", "issued_on": "2006-05-01",
                   "valid_to": "2009-05-01", "inspected": [2007]}
    people = [seeker(n, certificate=certificate) for n in (1, 2)]
    told = attack.at_once([("POST", "/v1/seekers", p) for p in people * 6])
    assert told.count(201) == 1 and set(told) == {201, 409, 422}

    vacancy = attack.file([line("A", 2)])["A"]
    ids = [attack.register(n) for n in range(10, 15)]
    told = attack.at_once([("POST", "/v1/placements", attack.placement(i, vacancy))
                           for i in ids * 3])
    assert told.count(201) == 2 and set(told) == {200, 201, 409}

    path = f"/v1/returns/123456788/{DISTRICT}/{QUARTER}"
    told = attack.at_once([("PUT", path, quarter_return([line("A", 2)], staff=n),
                            attack.keys["employer"], {"If-Match": '"1"'}) for n in range(8)])
    assert told == [200] + [412] * 7


def test_what_is_asked_for_beyond_all_calendars_is_refused(attack):
    for quarter in ("0000Q1", "9999Q4", "2005Q1"):
        answer = attack.call("PUT", f"/v1/returns/123456788/{DISTRICT}/{quarter}",
                             quarter_return([line("A")]))
        assert answer.status == 422, answer
    for day in ("0001-01-01", "1989-12-31", "2100-01-01", "9999-12-31"):
        for path in ("/v1/progress", "/v1/obligations", "/v1/returns?limit=1"):
            answer = attack.call("GET", f"{path}{'&' if '?' in path else '?'}as_of={day}")
            assert answer.status == 422 and answer.json["errors"], answer
    attack.must(200, "GET", "/v1/progress?as_of=2004-02-29")


def test_a_text_of_wide_or_invisible_spaces_is_blank(attack):
    for blank, rule in ((" ", "blank"), ("\u3000", "blank"), ("\u00a0\u3000 ", "blank"),
                        ("\u200b", "control-character"), ("王\u3164", "control-character")):
        answer = attack.call("POST", "/v1/seekers", seeker(1, name=blank))
        assert [e["rule"] for e in answer.json["errors"]] == [rule], repr(blank)
    attack.register(1, name="欧阳\u3000某")


def test_a_citizen_number_in_the_wrong_place_is_not_told_again(attack):
    number = citizen_number(1)
    bodies = (("/v1/placements", {"seeker": number, "kind": number, "start_on": number}),
              ("/v1/households", {"members": [{"seeker": number}], "community": number}),
              ("/v1/seekers", seeker(1, community=number, education=number, wishes=[number])))
    for path, body in bodies:
        answer = attack.call("POST", path, body)
        assert answer.status == 422 and number[:17] not in answer.text, answer


class Ctl:
    """vacancyctl with the bureau's key: exit code, standard output, standard error."""

    def __init__(self, daemon):
        self.env = dict(sanitizer_env(), VACANCYD_URL=daemon.url, LANG="C.UTF-8",
                        VACANCYD_KEY=daemon.keys["bureau"],
                        VACANCYD_ACTOR=daemon.actors[daemon.keys["bureau"]],
                        VACANCYD_ADMIN=str(daemon.admin_socket))

    def __call__(self, *args, stdin="", actor=None):
        done = subprocess.run([os.fsencode(str(a)) if not isinstance(a, bytes) else a
                               for a in (binary("vacancyctl"), *args)],
                              input=stdin.encode(), capture_output=True, timeout=60,
                              env=dict(self.env, **{"VACANCYD_ACTOR": actor} if actor else {}))
        err = done.stderr.decode("utf-8", "replace")
        assert not SANITIZER.search(err), err
        return done.returncode, done.stdout.decode("utf-8", "replace"), err


@pytest.fixture
def ctl(attack):
    return Ctl(attack.daemon)


def test_the_command_line_of_the_readme_registers_a_placement(attack, ctl):
    someone, vacancy = attack.register(1), attack.file([line("A")])["A"]
    report = ("place", "report", "--seeker", someone, "--vacancy", vacancy, "--start-on",
              "2007-07-12")
    code, out, _ = ctl(*report, "--json")
    placement = json.loads(out)["placement"]
    assert code == 0 and json.loads(ctl(*report, "--json")[1])["placement"] == placement
    register = ("place", "register", placement, "--community", COMMUNITY)
    second = attack.second()["Vacancyd-Actor"]
    assert ctl(*register)[0] == 1  # by the one who reported it
    assert ctl(*register, actor=second)[0] == 0
    assert attack.counts(someone) == {"T1", "T2"}
    void = ("place", "void", placement, "--code", "V2", "--reason", "未到岗", "--evidence", "e")
    decide = ("place", "decide", placement, "--decision", "approve", "--reason", "属实")
    assert ctl(*void)[0] == 0 and attack.counts(someone) == {"T1", "T2"}
    assert ctl(*decide)[0] == 1  # by herself
    assert ctl(*decide, actor=second)[0] == 0 and ctl(*void)[0] == 1
    # Void, it is not there again by the same words; by another day it is a placement of its own.
    assert json.loads(ctl(*report, "--json")[1])["newer_stands"] == [{"on": "2007-07-12", "what": "void"}]
    assert json.loads(ctl(*report[:-1], "2007-07-11", "--json")[1])["placement"] != placement


def test_people_and_keys_on_the_command_line(attack, ctl):
    someone = attack.register(1)
    code, out, err = ctl("officer", "add", "--name", "新员", "--post", "窗口", "--scope", "410105",
                         "--json")
    made = json.loads(out)
    assert code == 0 and made["actor"].startswith(f"vo_{made['officer']}_"), err
    other = json.loads(ctl("officer", "add", "--name", "另员", "--post", "窗口", "--scope", "4101", "--json")[1])["officer"]
    code, _, err = ctl("officer", "delegate", other, "--to", made["officer"], "--scope", "4101",
                       "--until", "2007-07-31")
    assert code == 0, err
    wait_for(lambda: ctl("--for", other, "seeker", "show", someone,
                         actor=made["actor"])[0] == 0,
             5, "the new officer")
    code, out, _ = ctl("looks", "list", "--seeker", someone, "-k", "1", "--json")
    look = json.loads(out)["items"][0]
    assert (code, look["officer"], look["on_behalf_of"]) == (0, made["officer"], other)
    assert "新员" in ctl("officer", "list")[1] and "seekers.create" in ctl("actions", "list")[1]
    assert ctl("officer", "end", made["officer"])[0] == 0
    assert json.loads(ctl("officer", "show", made["officer"], "--json")[1])["revoked_at"]
    kid = id_in(attack.daemon.keys["agency"])
    code, out, _ = ctl("key", "rotate", kid, "--until", "2007-07-12T18:00:00+08:00", "--json")
    assert code == 0 and json.loads(out)["replaces"]["kid"] == kid
    code, out, _ = ctl("key", "officer", kid, "--name", "某", "--post", "介绍员", "--scope", "4101", "--json")
    assert code == 0 and json.loads(out)["role"] == "agency"


def test_two_heads_for_one_officer_are_refused(attack):
    """A proxy and we might each believe another line."""
    someone = attack.register(1)
    actor = attack.daemon.actors[attack.daemon.keys["bureau"]]
    with socket.create_connection(("127.0.0.1", attack.daemon.port), 10) as raw:
        raw.sendall((f"GET /v1/seekers/{someone} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer "
                     f"{attack.daemon.keys['bureau']}\r\nVacancyd-Actor: {actor}\r\n"
                     "Vacancyd-Actor: vo_0123456789abcdef_x\r\nConnection: close\r\n\r\n").encode())
        answer = b"".join(iter(lambda: raw.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 400"), answer[:200]


def test_a_refusal_on_the_command_line_says_what_it_is_about(attack, ctl):
    attack.file([line("甲", 1), line("乙", 1, occupation=CLEANER)])
    code, _, err = ctl("return", "nil", "123456788", DISTRICT, QUARTER, "--staff", "3")
    assert code == 1 and '乙, 甲' in err, err
    code, _, err = ctl("return", "nil", "123456788", DISTRICT, QUARTER, "--staff", "3",
                       "--if-match", "7")
    assert code == 1 and "412" in err and "version: 1" in err, err


def test_what_the_command_line_cannot_send_is_said(ctl):
    for words in (("place", "report", "--seeker", b"\xff", "--start-on", "2007-07-12"),
                  ("place", "void", "1", "--code", "V1", "--reason", b"\xc3(", "--evidence", "e"),
                  ("match", "vacancy", b"\xfe")):
        code, _, err = ctl(*words)
        assert code == 2 and "not UTF-8" in err, (words, err)
    for words in (("-k", "0", "match", "vacancy", "1"), ("-k", "-1", "match", "vacancy", "1"),
                  ("progress", "city", "--year", "0"),
                  ("return", "show", "123456788", DISTRICT, QUARTER, "--version", "0")):
        code, _, err = ctl(*words)
        assert code == 1 and "422" in err, (words, err)


def test_a_batch_survives_every_kind_of_line(attack, ctl):
    attack.file([line("A")])
    lines = [
        {"method": "POST", "path": "/v1/households", "idempotency_key": "b1",
         "body": {"x": "y" * 3000}, "expect": 422},
        {"method": "POST", "path": "/v1/placements/1/confirm", "idempotency_key": "b2",
         "expect": 404},
        {"method": "GET", "path": "/v1/vacancies/1"},
        {"method": "GET", "path": "/v1/vacancies/1", "name": 5},
        {"path": 5},
        {"method": "POST", "path": "/v1/placements", "idempotency_key": "b3",
         "body": {"seeker": {"$ref": "nobody"}}},
    ]
    text = "\n".join([*(json.dumps(x) for x in lines), "", "x", "[1]", ""])
    for n in (1, 8):
        code, out, err = ctl("batch", "-", "--quiet", "-c", n, stdin=text)
        assert code == 1 and out == "sent=8 ok=2 expected=2 failed=4\n", (out, err)
    assert ctl("batch", "-", stdin="\n \n")[0] == 0
    code, _, err = ctl("batch", "/")
    assert code == 1 and "directory" in err, err
