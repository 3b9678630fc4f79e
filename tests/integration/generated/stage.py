"""The exchange the requests are sent to.

Keys of each role, of the whole city and of one district, each with an officer behind
it; people, returns, a household, placements; and pools of what exists, which grow by
what the requests themselves make.  Officers that requests may change or revoke are
others than those who act.
"""

import json
import subprocess
from urllib.parse import quote

from harness.daemon import KEYS
from harness.registers import IDS, one_of_each
from harness.trade import (CLEANER, COMMUNITY, DISTRICT, GUARD, QUARTER, Trade, citizen_number, line, seeker)
from harness.wait import wait_for

from .values import CONTACT, NAME, STREET, TELEPHONE

OTHER = "D2143569X"
AGENCY = KEYS["agency"]["org_name"]
# Not facts: what was answered to a key, who looked at whom, the clock, how far the board is.
BESIDES = ("idempotency", "person_look", "heartbeat", "api_key", "outbox_mark", "outbox_trimmed")
KEPT = 24  # of each pool: the first few and the latest


class Ledger:
    """One session of psql, asked again and again whether anything has changed."""

    def __init__(self, postgres):
        names = postgres.psql(
            "SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c"
            " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'r'"
            f" AND n.nspname IN ('ledger', 'ops') AND c.relname NOT IN {BESIDES}").splitlines()
        # A row that was added or changed has the number of a new transaction.
        self.digest_sql = " UNION ALL ".join(
            f"SELECT '{n} ' || count(*) || ' ' || coalesce(max(xmin::text::bigint), 0) FROM {n}"
            for n in sorted(names)) + ";\n\\echo end\n"
        self.psql = subprocess.Popen(
            ["psql", "-XqAt", "-d", postgres.dsn], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True, encoding="utf-8")

    def digest(self):
        self.psql.stdin.write(self.digest_sql)
        self.psql.stdin.flush()
        lines = []
        while (text := self.psql.stdout.readline()) != "end\n":
            assert text, "psql ended"
            lines.append(text)
        return lines

    def close(self):
        self.psql.stdin.close()
        self.psql.stdout.close()
        self.psql.wait()


class Stage:
    def __init__(self, daemon):
        self.daemon = daemon
        self.trade = trade = Trade(daemon)
        trade.employer()
        trade.employer(OTHER, "410102")
        new = daemon.new_key
        self.keys = {
            "employer": [daemon.keys["employer"], new(role="employer", org_code=OTHER, org_name="他厂")],
            "agency": [daemon.keys["agency"], new(role="agency", org_name="他所", scope="410102")],
            "bureau": [daemon.keys["bureau"], daemon.keys["bureau"],
                       new(role="bureau", org_name="他区", scope="410102")],
            "auditor": [new(role="auditor", org_name="审计局")],
        }
        self.actors = daemon.actors
        for keys in self.keys.values():
            for key in keys:
                if key not in self.actors:
                    self.actors[key] = daemon.new_officer(key)
                    wait_for(lambda k=key: daemon.request("GET", "/v1/officers", k).status == 200, 5,
                             "the officer")
        self.lists = {}
        self.pools = self.fill()
        self.ledger = Ledger(daemon.postgres)

    def fill(self):
        trade = self.trade
        people = [trade.register(n, name=f"{NAME}{n}", telephone=f"{TELEPHONE}{n:04d}",
                                 address=f"{STREET}{n}号") for n in range(1, 9)]
        vacancies = trade.file([line("A", 9), line("B", 2, interview_contact=f"{CONTACT}1"),
                                line("C", 1, occupation=CLEANER)])
        ids = [vacancies[r] for r in "ABC"]
        placements = [trade.must(201, "POST", "/v1/placements", trade.placement(p, ids[0]))["placement"]
                      for p in people[:3]]
        trade.must(201, "PUT", f"/v1/agencies/{quote(AGENCY)}", {
            "licence": "2006-017", "district": DISTRICT, "services": ["introduction"],
            "from": "2006-01-01", "until": "2008-12-31"})
        agreed, taken = ("consent", {"how": self.codes("consent-ways")[0]}), ("accept", {})
        referrals = [self.refer(people[n], ids[v], *steps) for n, v, steps in (
            (3, 0, ()), (4, 0, ()), (5, 0, ()), (3, 1, (agreed,)), (4, 1, (agreed,)),
            (5, 1, (agreed, taken)))]
        household = trade.must(201, "POST", "/v1/households", {
            "community": COMMUNITY, "hukou_type": "urban", "business_income": False,
            "investment_income": False, "applied_on": "2007-06-01", "determined_on": "2007-06-11",
            "members": [{"seeker": p, "able": True, "willing": True} for p in people[6:]]})["household"]
        facts = [trade.must(201, "POST", f"/v1/seekers/{people[4]}/recognitions",
                            {"code": "HC7", "on": "2007-07-01"})["fact"]]
        officers = [trade.must(201, "POST", "/v1/officers", {"name": f"新{n}", "post": "窗口", "scope": "4101"})["officer"]
                    for n in range(8)]
        lent = trade.must(201, "POST", f"/v1/officers/{officers[0]}/delegations",
                          {"to": officers[1], "scope": "410105", "until": "2007-12-31"})["delegation"]
        offered = {"employer": "123456788", "quarter": QUARTER, **line("A", 9)}
        self.send("returns", offered, self.keys["employer"][0], {})
        lot = self.send("seekers", seeker(9, name=f"{NAME}9", telephone=f"{TELEPHONE}0009", address=f"{STREET}9号"),
                        self.keys["bureau"][0], trade.second())["lot"]
        entries = one_of_each(trade, people[7])
        return {
            **{name: [entry] for name, entry in entries.items()},
            "subject": ["city", "410105", "410102"], "period": ["2007Q2", "2006", "2007-06", "2007Q3"],
            "seen_by": officers[:1], "hash": ["ab" * 32],
            "employer": ["123456788", "123456788", OTHER, "600037341"], "EmployerCode": ["123456788", OTHER],
            "district": [DISTRICT, DISTRICT, "410102"], "District": [DISTRICT, "410102"],
            "quarter": [QUARTER, QUARTER, "2007Q3", "2007Q1", "2005Q3"], "Quarter": [QUARTER, "2007Q1"],
            "Community": [COMMUNITY, COMMUNITY, "410102001002"], "division": ["410105", "410102"],
            "place": ["410105003001", "410105003001", "410102001002"], "unit": ["city", "410105", "410102"],
            "occupation": [GUARD, CLEANER], "Occupation": [GUARD, CLEANER],
            "OccupationOrGroup": [GUARD, CLEANER, GUARD[:7], GUARD[:4]], "Education": ["61", "71", "21"],
            "education_max": ["61", "21"], "skills": ["K001", "K002", "K003"], "skills_required": ["K001"],
            "skills_wished": ["K001", "K002"], "licences": ["L01", "L02"],
            "ref": ["A", "B", "C", "Z"], "approval": ["公岗1号"], "scope": ["410105", "4101"],
            "organisation": ["他区"], "list": ["occupations", "skills", "closing-reasons", "divisions"],
            "slug": ["vacancy-filled", "internal", "nothing"], "import": ["file"], "lot": [lot], "kind": ["returns"],
            "citizen_number": [citizen_number(n) for n in (1, 2, 8)],
            "seeker": people, "SeekerId": people, "duplicate": people, "person": people,
            "vacancy": ids, "placement": placements, "household": [household], "fact": facts,
            "referral": referrals, "agency": [AGENCY, AGENCY, "他所"],
            "officer": officers, "to": officers, "actor": [],
            "delegation": [lent], "q": ["保安", "K001", "a"],
            "op": ["officers.create", "seekers.create"], "parent": ["4-07", "4101"], "cursor": ["00" * 12],
            "Consistency-Token": ["1.1"], "If-Match": ['"1"', '"2"'],
        }

    def send(self, kind, record, key, headers):
        """A file of one record; its end."""
        answer = self.daemon.request(
            "POST", f"/v1/imports?kind={kind}", key, raw=json.dumps(record).encode(),
            headers={**headers, "Idempotency-Key": "file", "Content-Type": "application/x-ndjson"})
        receipt, end = map(json.loads, answer.text.splitlines())
        assert "errors" not in receipt, receipt
        return end

    def codes(self, name):
        """The codes of a list, as the exchange names them."""
        if name not in self.lists:
            items = self.trade.must(200, "GET", f"/v1/codes/{name}")["items"]
            self.lists[name] = [i["code"] for i in items]
        return self.lists[name]

    def refer(self, someone, vacancy, *steps):
        """A referral by the agency, brought as far as the steps go."""
        agency = self.daemon.keys["agency"]
        made = self.trade.must(201, "POST", "/v1/referrals", {"seeker": someone, "vacancy": vacancy},
                               key=agency)["referral"]
        for step, body in steps:
            self.trade.must(200, "POST", f"/v1/referrals/{made}/{step}", body)
        return made

    def learn(self, answer):
        """What an answer names can be asked for."""
        if answer.status >= 300 or not answer.kind.endswith("json") or answer.kind.endswith("ndjson"):
            return
        body = answer.json
        for name in ("seeker", "placement", "household", "fact", "delegation", "vacancy", "referral",
                     *IDS.values()):
            if isinstance(body.get(name), str):
                self.keep(name, body[name])
        if isinstance(body.get("vacancies"), dict):
            for value in body["vacancies"].values():
                self.keep("vacancy", value)
        if body.get("actor"):
            self.keep("officer", body["officer"])
            self.keep("actor", body["actor"])
        if body.get("next"):
            self.keep("cursor", body["next"])
        if body.get("approval"):
            self.keep("approval", body["approval"])
        for header, pool in (("consistency-token", "Consistency-Token"), ("etag", "If-Match")):
            if header in answer.headers:
                self.keep(pool, answer.headers[header])

    def keep(self, name, value):
        pool = self.pools.setdefault(name, [])
        if value not in pool:
            pool.append(value)
            if len(pool) > KEPT:
                del pool[KEPT // 3]

    def close(self):
        self.ledger.close()
