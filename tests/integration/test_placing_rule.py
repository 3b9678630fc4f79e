"""Random calls that report placements: together they are what they are one after the other.

The same city twice.  In the first each list of calls is one batch, in the second they are made
one by one, each a transaction of its own; then every answer, every event and every row must be
the same, but for numbers that are drawn from a sequence.  Between the lists life goes on in both
cities alike.  What the rule can refuse is read from the functions' own text, and a run that has
not seen all of it fails.  VACANCYD_EXAMPLES: how many cities; VACANCYD_SEED: which.
"""

import json
import os
import random
import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from harness import LONG
from test_ledger_sql import HELPERS
from test_second_opinion import TOWN

EXAMPLES = int(os.environ.get("VACANCYD_EXAMPLES") or (40 if LONG else 1))
SEED = int(os.environ.get("VACANCYD_SEED", "1"))
CITY = (Path(__file__).resolve().parent / "placing_rule.sql").read_text()
LISTS, PEOPLE = 10, 160
REFERRED = (0, 1, 2, 3, 4, 14, 15)  # of each twenty people
# Where a refusal of the rule may stand.
RULE = ("judge_postings", "judge_placed", "refuse_placed", "referral_reported", "refuse_unlicensed",
        "refuse_closed")
# What else must have been seen, beside what the rule's text names.
SEEN = {"401 key-refused", "403 actor-refused", "403 actor-required", "404 vacancy", "404 seeker",
        "404 referral", "404 not mine", "404 elsewhere", "410 for the bureau", "410 for others",
        "422 /employer", "422 /referral", "409 referral-expired", "409 placed-from-another-day",
        "409 referral-failed", "409 reserved, released", "200 again", "200 again, by another",
        "200 from another day", "200 corrected", "200 takes a post", "200 ends a referral", "409 told nothing",
        "200 the key again", "201", "201 without a vacancy", "201 by a referral", "201 in a household",
        "201 reserved", "201 with a licence", "201 later", "201 retirement on file", "closed", "expired"}

# Who calls: a key, and the officer behind it.
CALLERS = ["bureau"] * 20 + ["agency"] * 8 + ["firm"] * 4 + [
    "group", "elsewhere", "district", "unlicensed", "auditor", "nobody", "bureau/none", "bureau/district"]


def words_of_the_rule(postgres):
    """Every "status slug" that the rule's functions may answer with."""
    text = postgres.psql("SELECT prosrc FROM pg_proc JOIN pg_namespace n ON n.oid = pronamespace"
                         f" WHERE nspname = 'ledger' AND proname IN {RULE}")
    words = {" ".join(x) for x in re.findall(r"api\.refuse\((\d+), '([a-z-]+)'", text)}
    assert len(words) > 11, words
    return words


class Calls:
    """Random lists; what is drawn lies close together, so that calls of a list meet."""

    def __init__(self, seed, vacancies):
        self.random = random.Random(seed)
        self.vacancies = vacancies  # ref -> id, as text
        self.refs = sorted(vacancies)
        self.said = []
        self.keys = 0

    def one(self, hot, posts):
        r = self.random
        key, _, officer = r.choice(CALLERS).partition("/")
        who = r.choice(hot) if r.random() < 0.7 else r.randint(1, PEOPLE)
        ref = r.choice(posts) if r.random() < 0.75 else r.choice(self.refs)
        vacancy = self.vacancies[ref]
        body = {"seeker": f"{who:016x}", "vacancy": vacancy, "kind": "unit", "employer": None,
                "workplace": None, "start_on": "2007-07-12", "source": None}
        if r.random() < 0.12:
            body |= {"vacancy": None, "kind": r.choice(["flexible", "self", "unit", "unit"]),
                     "employer": r.choice([None, "123456788", "123456788"])}
        if r.random() < 0.25:
            body["start_on"] = r.choice(["2007-05-01", "2007-07-01", "2007-07-11", "2007-07-13",
                                         "2007-08-11", "2007-08-12", "2007-12-01", "2008-01-02"])
        if r.random() < 0.12:
            body |= r.choice([{"seeker": f"{5000:016x}"}, {"seeker": "nobody"}, {"vacancy": "999999"},
                              {"vacancy": "none"}, {"employer": "123456788"}, {"source": "told"},
                              {"reference": "n"},
                              {"employer": "600037341"}, {"workplace": "410103001001"}])
        aim = r.random()
        if aim < 0.12:
            who = r.choice([w for w in range(1, PEOPLE + 1) if w % 20 in REFERRED])
            body |= {"seeker": f"{who:016x}", "referral": f"of {who}",
                     "vacancy": self.vacancies[f"V{1 + who * 7 % 30}"]}
            key = r.choice([key, key, "unlicensed"])
            if r.random() < 0.4: # the same job without the referral, or without the vacancy
                del body["referral"]
                body |= r.choice([{}, {"vacancy": None, "kind": "unit", "employer": "123456788"}])
        elif aim < 0.16:
            body["referral"] = r.choice(["999999", "none", f"of {who}", f"of {1 + who % PEOPLE}"])
        elif aim < 0.24:
            kind, ref = r.choice([(18, f"L{r.randint(1, 6)}"), (2, ref),
                                  (r.choice([11, 13, 14]), f"R{r.randint(1, 10)}")])
            body |= {"seeker": f"{r.randrange(kind, PEOPLE, 20):016x}", "vacancy": self.vacancies[ref]}
        self.keys += 1
        call = {"key": key, "officer": "" if officer == "none" else officer or key,
                "request": f"r{self.keys}", "body": body,
                "idem": f"k{self.keys}" if r.random() < 0.97 else None}
        if self.said and r.random() < 0.15:
            was = r.choice(self.said[-60:])
            other_day = was["body"] | {"start_on": body["start_on"]}
            other_referral = was["body"] | {"referral": f"of {r.choice(range(1, PEOPLE, 20))}"}
            call = r.choice([
                was, was | {"idem": call["idem"]}, call | {"idem": was["idem"]},
                was | {"idem": call["idem"], "body": other_day},
                was | {"idem": call["idem"], "body": other_referral}]) | {"request": f"r{self.keys}"}
            if r.random() < 0.2:
                call |= {"key": "agency", "officer": "agency"}
        self.said.append(call)
        return call

    def list(self):
        r = self.random
        hot = r.sample(range(1, PEOPLE + 1), r.choice([3, 10, 40]))
        posts = r.sample(self.refs, r.choice([2, 8, 30]))
        return [self.one(hot, posts) for _ in range(r.choice([1, 2, 30, 60, 80]))]

    def life(self):
        r = self.random
        return f"SELECT t.goes_on({r.randint(1, PEOPLE)}, '{r.choice(['void', 'end', 'register'])}'," \
               f" '{r.choice(['2007-07-12', '2007-07-13'])}');"


class Seen:
    """Which of SEEN and of the rule's words have been answered."""

    def __init__(self, refs):
        self.refs = refs  # id -> ref
        self.words = Counter()
        self.keys = set()
        self.placed = {}  # the number of what was placed -> by which keys, and the answer

    def add(self, call, answer):
        self.words.update(self.of(call, call["body"], answer, json.loads(answer["body"] or "{}")))
        if answer["status"] in (200, 201):
            self.keys.add((call["key"], call["idem"]))
            body = json.loads(answer["body"])
            keys, _ = self.placed.get(body["placement"], (set(), None))
            self.placed[body["placement"]] = (keys | {call["key"]}, body)

    def of(self, call, said, answer, body):
        status, code, ref = answer["status"], answer["code"], self.refs.get(said["vacancy"], "-")
        yield f"{status} {code}"
        if status == 201 and not answer["label"]:
            who = int(said["seeker"], 16)
            yield from (what for what, is_so in {
                "201": True, "201 without a vacancy": not said["vacancy"],
                "201 by a referral": said.get("referral"), "201 in a household": who % 20 in (14, 15),
                "201 reserved": ref[0] == "R", "201 with a licence": ref[0] == "L",
                "201 later": said["start_on"] > "2007-07-12",
                "201 retirement on file": who % 20 == 11}.items() if is_so)
        elif status in (200, 201):
            if (call["key"], call["idem"]) in self.keys:
                yield "200 the key again"
            else:
                keys, before = self.placed[body["placement"]]
                yield "200 again" if call["key"] in keys else "200 again, by another"
                yield from (what for what, is_so in {
                    "200 from another day": any(s["start_on"] != said["start_on"] for s in body["sources"]),
                    "200 corrected": any((s["withdrawn"] or {}).get("reason") == "corrected"
                                         for s in body["sources"]),
                    "200 takes a post": before["vacancy"] != body["vacancy"],
                    "200 ends a referral": before["standing"] in ("alone", "several")
                                           and body["standing"] in ("consent", "referral")}.items() if is_so)
        elif code == "validation-failed":
            yield f"422 {body['errors'][0]['pointer']}"
        elif code == "not-found":
            yield "404 vacancy" if said["vacancy"] in ("999999", "none") else \
                "404 seeker" if said["seeker"] in ("nobody", f"{5000:016x}") else \
                "404 referral" if said.get("referral") in ("999999", "none") else \
                "404 not mine" if call["key"] == "firm" else "404 elsewhere"
        elif code == "seeker-placed" and "placement" not in body:
            yield "409 told nothing"
        elif code == "seeker-merged":
            yield "410 for the bureau" if "survivor" in body else "410 for others"
        elif code == "wrong-state":
            yield f"409 {body['reason']}"
        elif code == "reserved-post" and body["released_on"] == "2007-07-01":
            yield "409 reserved, released"
        elif code == "vacancy-closed":
            yield "closed" if ref[0] == "C" else "expired"


def script(calls, is_batch, number):
    """Makes the calls of a list; prints their answers, then what is wrong, then every row."""
    lists = [calls] if is_batch else [[call] for call in calls]
    return "".join(f"INSERT INTO t.answered SELECT {number}, {n} + a.n, a.answer FROM t.answers("
                   f"$c${json.dumps(one)}$c$) a;\n" for n, one in enumerate(lists)) + f"""
SELECT 'answer ' || (answer || jsonb_build_object('same', t.same(answer->>'body')))::text FROM t.answered
	WHERE list = {number} ORDER BY n;
SELECT 'wrong: ' || what FROM t.wrong WHERE {is_batch};
SELECT 'row ' || row FROM t.content;"""


def parts(out):
    """The lines of script(), by their first word."""
    of = {"answer": [], "wrong:": [], "row": []}
    for line in filter(None, out.splitlines()):
        of[line.split(" ", 1)[0]].append(line.split(" ", 1)[1])
    return [json.loads(x) for x in of["answer"]], of["wrong:"], Counter(of["row"])


def run(pair, seed):
    rows = pair[0].psql("SELECT ref, id FROM ledger.vacancy").splitlines()
    vacancies = dict(row.split("|") for row in rows)
    calls = Calls(seed, vacancies)
    seen = Seen({number: ref for ref, number in vacancies.items()})
    life = ""
    with ThreadPoolExecutor(2) as both:
        for number in range(LISTS):
            asked = calls.list()
            scripts = [life + script(asked, is_batch, number) for is_batch in (True, False)]
            together, alone = map(parts, both.map(lambda db, text: db.psql(text), pair, scripts))
            what = f"seed {seed}, list {number}: {json.dumps(asked)}\n"
            assert len(together[0]) == len(alone[0]) == len(asked), what
            for n, (call, x, y) in enumerate(zip(asked, together[0], alone[0])):
                assert x | {"body": ""} == y | {"body": ""}, f"{what}call {n}: {call}\n{x}\n{y}"
                seen.add(call, x)
            assert not together[1], what + "\n".join(together[1])
            assert together[2] == alone[2], what + "\n".join(
                [f"together {row}" for row in together[2] - alone[2]]
                + [f"alone {row}" for row in alone[2] - together[2]])
            life = "".join(calls.life() for _ in range(4))
    return seen.words


def test_together_is_one_after_the_other(postgres, templates):
    postgres.psql(f"\\set people {PEOPLE}\n\\set referred {','.join(map(str, REFERRED))}\n"
                  + HELPERS + TOWN + CITY)
    # Nobody under sixteen is registered: that the rule refuses them too is a second wall.
    wanted = (words_of_the_rule(postgres) | SEEN) - {"422 under-age"}
    found = Counter()
    for example in range(EXAMPLES + 5):
        if example >= EXAMPLES and not wanted - set(found):
            break
        pair = [templates.clone(postgres.name) for _ in range(2)]
        try:
            found += run(pair, SEED * 1000 + example)
        finally:
            for db in pair:
                templates.drop(db)
    missing = sorted(wanted - set(found))
    assert not missing, f"never answered: {missing}; {dict(found)}"
