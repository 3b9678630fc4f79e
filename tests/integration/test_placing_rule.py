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

from harness import LONG
from test_ledger_sql import HELPERS
from test_second_opinion import TOWN

EXAMPLES = int(os.environ.get("VACANCYD_EXAMPLES") or (40 if LONG else 1))
SEED = int(os.environ.get("VACANCYD_SEED", "1"))
LISTS, PEOPLE = 10, 160
REFERRED = (0, 1, 2, 3, 4, 14, 15)  # of each twenty people
# Where a refusal of the rule may stand, with what it is called with in place of a word.
RULE = ("judge_postings", "judge_placed", "refuse_placing", "refuse_unlicensed", "licence_rule")
# What else must have been seen, beside what the rule's text names.
SEEN = {"401 key-refused", "403 actor-refused", "403 actor-required", "404 vacancy", "404 seeker",
        "404 referral", "404 not mine", "404 elsewhere", "410 for the bureau", "410 for others",
        "422 /employer", "422 /referral", "409 referral-proposed", "409 referral-expired",
        "409 referral-failed", "409 reserved, released", "200 again", "200 again, by another",
        "200 the key again", "201", "201 without a vacancy", "201 by a referral", "201 in a household",
        "201 reserved", "201 with a licence", "201 later", "201 retirement on file", "closed", "expired"}

# Who calls: a key, and the officer behind it.
CALLERS = ["bureau"] * 20 + ["agency"] * 8 + ["firm"] * 4 + ["group", "elsewhere", "district", "unlicensed",
    "auditor", "nobody", "bureau/none", "bureau/district"]

CITY = """
SELECT t.key('unlicensed', '{"role":"agency","scope":"4101","org_code":"AGENCY002"}');
SELECT api.create_first_officer(4101, 'admin', NULL, '', t.kid('unlicensed'), 990,
	t.secret('officer of unlicensed'), '{"name":"测试员","post":"经办","lead":true}');
INSERT INTO ledger.agency_licence SELECT 4101, 'AGENCY001', 1, 'L-1', '4101', '{introduction}',
	'2007-01-01', '2007-12-31', NULL, NULL, ledger.app_now(4101), t.kid('bureau'), '';
-- 1 to 30: many posts, few, or one; then what each kind of refusal wants, ten of each.
SELECT t.approve('G-1', 60);
SELECT t.file((SELECT jsonb_agg(t.line('V' || n, CASE WHEN n % 3 = 0 THEN 1 ELSE n % 4 + 1 END)) FROM generate_series(1, 30) n)
	|| (SELECT jsonb_agg(t.line('L' || n, 3, '{"licences":"03"}')
		|| CASE WHEN n > 5 THEN '{"licences":"0305"}' ELSE '{}' END::jsonb) FROM generate_series(1, 6) n)
	|| (SELECT jsonb_agg(t.line('X' || n, 3, '{"valid_until":"2007-07-11"}')) FROM generate_series(1, 4) n)
	|| (SELECT jsonb_agg(t.line('C' || n, 3)) FROM generate_series(1, 4) n)
	|| (SELECT jsonb_agg(t.line('R' || n, 3, '{"reserved":true,"approval":"G-1"}')) FROM generate_series(1, 10) n));
SELECT t.file((SELECT jsonb_agg(t.line('O' || n, 3)) FROM generate_series(1, 8) n),
	p_key => 'other firm', p_code => '600037341');
UPDATE ledger.vacancy SET open = false, version = version + 1, closed_on = '2007-07-01',
	closed_reason = 'lapsed' WHERE ref ~ '^C';
UPDATE ledger.vacancy SET released_on = '2007-07-01', version = version + 1 WHERE ref IN ('R7', 'R8', 'R9');
UPDATE ledger.vacancy SET released_on = '2007-08-01', version = version + 1 WHERE ref = 'R10';
SELECT t.seeker(n, CASE n % 20
	WHEN 8 THEN '{"birth":"1992-01-01","unemployment":null}' WHEN 9 THEN '{"birth":"1990-03-01","unemployment":null}'
	WHEN 10 THEN '{"birth":"1945-01-01","sex":1,"unemployment":null}'
	WHEN 11 THEN '{"birth":"1956-01-01","retirement_age":55,"retirement_evidence":"x"}'
	WHEN 12 THEN '{"birth":"1957-07-20"}'
	WHEN 13 THEN jsonb_build_object('certificate', jsonb_build_object('number', 'C' || n,
		'group', 'local', 'issued_on', '2007-02-01', 'valid_to', '2009-02-01'))
	WHEN 17 THEN '{"community":"410103001001"}' WHEN 18 THEN '{"licences":"03"}'
	WHEN 7 THEN '{"sex":1,"birth":"1956-02-29"}' WHEN 6 THEN '{"birth":"1989-07-12","unemployment":null}'
	WHEN 5 THEN '{"unemployment":null}'
	ELSE jsonb_build_object('birth', DATE '1960-01-01' + n * 31) END::jsonb) FROM generate_series(1, :people) n;
SELECT t.household(CASE WHEN n % 40 = 14 THEN ARRAY[n, n + 1, n + 2] ELSE ARRAY[n, n + 1] END)
	FROM generate_series(14, :people - 6, 20) n;
SELECT t.members((SELECT household FROM ledger.household_member WHERE person = n), ARRAY[n, n + 2])
	FROM generate_series(34, :people - 6, 40) n;
SELECT t.merge(n, n + 1) FROM generate_series(21, :people - 20, 40) n;
SELECT t.fact(n, 'withdraw', '{"reason":"other"}') FROM generate_series(39, :people, 40) n;
-- Referrals of every state: of the people of 1 to 5 of each twenty, to one of the thirty.
INSERT INTO ledger.referral (city, seeker, vacancy, employer, state, made_at, expires_at, by_role,
		by_whom, kid, actor, rank, rank_reason, decided_on)
	SELECT 4101, s.id, v.id, e.code, st.state, ledger.app_now(4101), ledger.app_now(4101)
		+ CASE st.n WHEN 7 THEN '-1 hour' ELSE '5 days' END::interval, CASE WHEN s.id % 3 > 0 THEN 2 ELSE 4 END,
		CASE WHEN s.id % 3 > 0 THEN 'AGENCY001' ELSE 'bureau' END, t.kid('bureau'), '', 5, 'x', '{}'
	FROM ledger.seeker s
	JOIN ledger.vacancy v ON v.ref = 'V' || 1 + s.id * 7 % 30
	JOIN ledger.employer e ON e.id = v.employer,
	LATERAL (SELECT 1 + s.id % 8) i(i), unnest('{consented,proposed,accepted,interviewed,offered,failed,
		consented,offered}'::text[]) WITH ORDINALITY st(state, n)
	WHERE s.id % 20 = ANY (string_to_array(:'referred', ',')::int[]) AND (st.n = i.i OR st.n = 1 + (i.i + 3) % 8 AND s.id % 2 = 0)
	ORDER BY s.id, st.n;
"""

CALLS = """
CREATE FUNCTION t.list(p_calls jsonb, OUT kid text[], OUT hash bytea[], OUT actor text[],
	OUT idem text[], OUT req bytea[], OUT body jsonb[])
LANGUAGE sql AS $$
	SELECT array_agg(t.kid(c->>'key') ORDER BY n), array_agg(t.secret(c->>'key') ORDER BY n),
		array_agg(CASE WHEN c->>'officer' IN ('', 'firm', 'group', 'nobody') THEN ' ' || (c->>'request')
			ELSE ledger.seeker_text(coalesce(t.officer_id(c->>'officer'), 990)) || '.'
			|| encode(t.secret('officer of ' || (c->>'officer')), 'hex') || ' ' || (c->>'request') END ORDER BY n),
		array_agg(c->>'idem' ORDER BY n), array_agg(CASE WHEN c->>'idem' IS NOT NULL THEN sha256(convert_to(
			(c->'body')::text, 'UTF8')) END ORDER BY n),
		array_agg(CASE WHEN c#>>'{body,referral}' ~ '^of ' THEN jsonb_set(c->'body', '{referral}',
			coalesce((SELECT to_jsonb(max(r.id)::text) FROM ledger.referral r
				WHERE r.seeker = substr(c#>>'{body,referral}', 4)::bigint), 'null')) ELSE c->'body' END ORDER BY n)
	FROM jsonb_array_elements(p_calls) WITH ORDINALITY x(c, n)
$$;
-- What names a placement in both cities.
CREATE FUNCTION t.named(p_id bigint) RETURNS jsonb LANGUAGE sql STABLE AS $$
	SELECT jsonb_build_object('of', p.seeker, 'at', p.vacancy, 'on', p.start_on, 'kind', p.kind, 'nth',
		(SELECT count(*) FROM ledger.placement o WHERE o.seeker = p.seeker AND o.id < p.id))
	FROM ledger.placement p WHERE p.id = p_id
$$;
CREATE FUNCTION t.same(p_body text) RETURNS jsonb LANGUAGE sql STABLE AS $$
	SELECT CASE WHEN b ? 'placement' THEN jsonb_set(b, '{placement}', coalesce(t.named((b->>'placement')::bigint),
		'null')) ELSE b END FROM (SELECT p_body::jsonb) x(b)
$$;
CREATE FUNCTION t.answers(p_calls jsonb) RETURNS TABLE (n int, answer jsonb) LANGUAGE sql AS $$
	SELECT r.call, jsonb_build_object('status', max(r.status), 'code', max(r.code),
		'body', max(CASE WHEN r.kind = 'a' THEN r.body END), 'label', max(CASE WHEN r.kind = 'a' THEN r.label END),
		'xid', max(CASE WHEN r.kind = 'a' THEN r.id END) IS NOT NULL,
		'event', max(CASE WHEN r.kind = 'a' THEN r.version END) IS NOT NULL,
		'answers', count(*) FILTER (WHERE r.kind = 'a'),
		'events', jsonb_agg(jsonb_build_array(r.kind, r.id, r.version, encode(r.record, 'hex'), r.label)
			ORDER BY r.kind, r.id, r.version) FILTER (WHERE r.kind <> 'a'))
	FROM (SELECT (t.list(p_calls)).*) x,
		api.report_placements(4101, x.kid, x.hash, x.actor, x.idem, x.req, x.body) r
	GROUP BY r.call
$$;
CREATE TABLE t.answered (list int, n int, answer jsonb);
CREATE VIEW t.content AS
	SELECT 'placement ' || (to_jsonb(p) - '{id,xid}'::text[] || jsonb_build_object('nth', t.named(p.id)->'nth'))::text AS row FROM ledger.placement p
	UNION ALL SELECT 'vacancy ' || to_jsonb(v)::text FROM ledger.vacancy v
	UNION ALL SELECT 'seeker ' || to_jsonb(s)::text FROM ledger.seeker s
	UNION ALL SELECT 'past ' || to_jsonb(s)::text FROM ledger.seeker_past s
	UNION ALL SELECT 'event ' || (to_jsonb(o) - '{id,xid}'::text[])::text FROM ops.outbox o
	UNION ALL SELECT 'key ' || (to_jsonb(i) - '{xid,event,created_at,body}'::text[] || jsonb_build_object('body',
		t.same(i.body), 'xid', i.xid IS NOT NULL, 'event', i.event IS NOT NULL))::text
		FROM ledger.idempotency i WHERE i.key ~ '^k'
	UNION ALL SELECT 'action ' || (to_jsonb(a) - '{id,at,object}'::text[] || jsonb_build_object('object', CASE
		WHEN a.object ~ '^placement/' THEN t.named(split_part(a.object, '/', 2)::bigint)::text ELSE a.object END))::text
		FROM ledger.action a
	UNION ALL SELECT 'signal ' || (to_jsonb(g) - '{id,placement}'::text[] || jsonb_build_object('of', t.named(g.placement)))::text
		FROM ledger.placement_signal g
	UNION ALL SELECT 'referral ' || (to_jsonb(r) - 'placement' || jsonb_build_object('of', t.named(r.placement)))::text
		FROM ledger.referral r
	UNION ALL SELECT 'step ' || to_jsonb(s)::text FROM ledger.referral_step s
	UNION ALL SELECT 'work ' || (to_jsonb(e) - 'placement' || jsonb_build_object('of', t.named(e.placement)))::text
		FROM ledger.employment e
	UNION ALL SELECT 'unemployment ' || (to_jsonb(u) - 'ended_by')::text FROM ledger.unemployment u;
"""

# Between two lists: the k-th placement of somebody, as both cities count, is registered, ended or void.
LIFE = """DO $$ DECLARE one text; BEGIN
	SELECT id::text INTO one FROM ledger.placement WHERE seeker = %(who)d ORDER BY id DESC LIMIT 1;
	IF '%(what)s' = 'void' THEN PERFORM t.void(one);
	ELSIF one IS NOT NULL THEN
		PERFORM t.register(one);
		IF '%(what)s' = 'end' THEN
			PERFORM t.ends(one, '{"on":"%(on)s","reason":"resigned"}');
		END IF;
	END IF;
END $$;"""

HOLDS = """
SELECT 'filled of ' || v.ref FROM ledger.vacancy v WHERE filled <>
	(SELECT count(*) FROM ledger.placement p WHERE p.vacancy = v.id AND p.state <> 'void')
UNION ALL SELECT 'rank of ' || s.id || ' ' || (s.rank, s.rank_reason, s.age_class, s.class_until, r)::text
	FROM ledger.seeker s, LATERAL ledger.rank_of(4101, s.id, '2007-07-12') r WHERE s.merged_into IS NULL
	AND (s.rank, s.rank_reason, s.age_class, s.class_until) IS DISTINCT FROM (r.rank, r.reason, r.age_class, r.class_until)
UNION ALL SELECT 'activity of ' || s.id FROM ledger.seeker s WHERE active <> (NOT EXISTS (SELECT FROM ledger.work w
	WHERE w.person = s.id AND (w.ended_on IS NULL OR w.ended_on > '2007-07-12'))
	AND withdrawn_on IS NULL AND merged_into IS NULL)
UNION ALL SELECT 'turn of ' || s.id FROM ledger.seeker s
	WHERE coalesce(turn_on, 'infinity') > coalesce(class_until, 'infinity')
"""


def words_of_the_rule(postgres):
    """Every "status slug" that the rule's functions may answer with, and the rules of a licence."""
    text = postgres.psql("SELECT prosrc FROM pg_proc JOIN pg_namespace n ON n.oid = pronamespace"
                         f" WHERE nspname = 'ledger' AND proname IN {RULE}")
    words = {" ".join(x) for x in re.findall(r"api\.refuse\((\d+), '([a-z-]+)'", text)}
    assert len(words) > 12, words
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
            body |= {"vacancy": None, "kind": r.choice(["flexible", "self"]), "employer": r.choice([None, "123456788"])}
        if r.random() < 0.25:
            body["start_on"] = r.choice(["2007-05-01", "2007-07-01", "2007-07-11", "2007-07-13", "2007-08-11",
                                         "2007-08-12", "2007-12-01", "2008-01-02"])
        if r.random() < 0.12:
            body |= r.choice([{"seeker": f"{5000:016x}"}, {"seeker": "nobody"}, {"vacancy": "999999"}, {"vacancy": "none"},
                              {"employer": "123456788"}, {"employer": "600037341"}, {"workplace": "410103001001"},
                              {"source": "told"}])
        aim = r.random()
        if aim < 0.12:
            who = r.choice([w for w in range(1, PEOPLE + 1) if w % 20 in REFERRED])
            body |= {"seeker": f"{who:016x}", "referral": f"of {who}", "vacancy": self.vacancies[f"V{1 + who * 7 % 30}"]}
            key = r.choice([key, key, "unlicensed"])
        elif aim < 0.16:
            body["referral"] = r.choice(["999999", "none", f"of {who}", f"of {1 + who % PEOPLE}"])
        elif aim < 0.24:
            kind, ref = r.choice([(18, f"L{r.randint(1, 6)}"), (r.choice([11, 13, 14]), f"R{r.randint(1, 10)}"), (2, ref)])
            body |= {"seeker": f"{r.randrange(kind, PEOPLE, 20):016x}", "vacancy": self.vacancies[ref]}
        self.keys += 1
        call = {"key": key, "officer": "" if officer == "none" else officer or key, "request": f"r{self.keys}",
                "idem": f"k{self.keys}" if r.random() < 0.97 else None, "body": body}
        if self.said and r.random() < 0.15:
            was = r.choice(self.said[-60:])
            call = dict(r.choice([was, was | {"idem": call["idem"]}, call | {"idem": was["idem"]},
                was | {"idem": call["idem"], "body": was["body"] | {"start_on": body["start_on"]}}]))
            call["request"] = f"r{self.keys}"
            if r.random() < 0.2:
                call |= {"key": "agency", "officer": "agency"}
        self.said.append(call)
        return call

    def list(self):
        r = self.random
        hot = r.sample(range(1, PEOPLE + 1), r.choice([3, 10, 40]))
        posts = r.sample(self.refs, r.choice([2, 8, 30]))
        return [self.one(hot, posts) for _ in range(r.choice([1, 2, 30, 60, 80]))]


class Seen:
    """Which of SEEN and of the rule's words have been answered."""

    def __init__(self, refs):
        self.refs = refs  # id -> ref
        self.words = Counter()
        self.keys = set()
        self.reporters = {}  # what was placed -> by which keys

    def add(self, call, answer):
        self.words.update(self.of(call, call["body"], answer, json.loads(answer["body"] or "{}")))
        if answer["status"] in (200, 201):
            self.keys.add((call["key"], call["idem"]))
            self.reporters.setdefault(answer["body"], set()).add(call["key"])

    def of(self, call, said, answer, body):
        status, code, ref = answer["status"], answer["code"], self.refs.get(said["vacancy"], "-")
        yield f"{status} {code}"
        if status == 201 and not answer["label"]:
            who = int(said["seeker"], 16)
            yield from (what for what, is_so in {
                "201": True, "201 without a vacancy": not said["vacancy"], "201 by a referral": said.get("referral"),
                "201 in a household": who % 20 in (14, 15), "201 reserved": ref[0] == "R",
                "201 with a licence": ref[0] == "L", "201 later": said["start_on"] > "2007-07-12",
                "201 retirement on file": who % 20 == 11}.items() if is_so)
        elif status in (200, 201):
            if (call["key"], call["idem"]) in self.keys:
                yield "200 the key again"
            else:
                yield "200 again" if call["key"] in self.reporters[answer["body"]] else "200 again, by another"
        elif code == "validation-failed":
            yield f"422 {body['errors'][0]['pointer']}"
        elif code == "not-found":
            yield "404 vacancy" if said["vacancy"] in ("999999", "none") else \
                "404 seeker" if said["seeker"] in ("nobody", f"{5000:016x}") else \
                "404 referral" if said.get("referral") in ("999999", "none") else \
                "404 not mine" if call["key"] == "firm" else "404 elsewhere"
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
                   f"$c${json.dumps(one, ensure_ascii=False)}$c$) a;\n" for n, one in enumerate(lists)) + f"""
SELECT 'answer ' || (answer || jsonb_build_object('same', t.same(answer->>'body')))::text FROM t.answered
	WHERE list = {number} ORDER BY n;
SELECT 'wrong: ' || what FROM ({HOLDS if is_batch else "SELECT ''"}) x(what) WHERE what <> '';
SELECT 'row ' || row FROM t.content;"""


def parts(out):
    """The lines of script(), by their first word."""
    of = {"answer": [], "wrong:": [], "row": []}
    for line in out.splitlines():
        of[line.split(" ", 1)[0]].append(line.split(" ", 1)[1])
    return [json.loads(x) for x in of["answer"]], of["wrong:"], Counter(of["row"])


def run(pair, seed):
    vacancies = dict(line.split("|") for line in pair[0].psql("SELECT ref, id FROM ledger.vacancy").splitlines())
    calls = Calls(seed, vacancies)
    seen = Seen({number: ref for ref, number in vacancies.items()})
    life = ""
    with ThreadPoolExecutor(2) as both:
        for number in range(LISTS):
            asked = calls.list()
            together, alone = (parts(out) for out in both.map(lambda x: x[0].psql(life + script(asked, x[1], number)),
                                                              zip(pair, (True, False))))
            what = f"seed {seed}, list {number}: {json.dumps(asked)}\n"
            assert len(together[0]) == len(alone[0]) == len(asked), what
            for n, (call, x, y) in enumerate(zip(asked, together[0], alone[0])):
                assert x | {"body": ""} == y | {"body": ""}, f"{what}call {n}: {call}\ntogether {x}\nalone    {y}"
                seen.add(call, x)
            assert not together[1], what + "\n".join(together[1])
            assert together[2] == alone[2], what + "\n".join(
                [f"together {row}" for row in (together[2] - alone[2])] + [f"alone {row}" for row in (alone[2] - together[2])])
            life = "".join(LIFE % {"who": calls.random.randint(1, PEOPLE), "on": calls.random.choice(["2007-07-12", "2007-07-13"]),
                                   "what": calls.random.choice(["void", "end", "register"])} for _ in range(4))
    return seen.words


def test_together_is_one_after_the_other(postgres, templates):
    postgres.psql(f"\\set people {PEOPLE}\n\\set referred {','.join(map(str, REFERRED))}\n"
                  + HELPERS + TOWN + CITY + CALLS)
    wanted = words_of_the_rule(postgres) | SEEN
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
