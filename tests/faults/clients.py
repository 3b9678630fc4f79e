"""Those who work while harm is done: employers who file and amend, a bureau that registers and places,
an agency that refers and places, and somebody who reads what was just written.

Each asks until it is answered for good, with the same key, as a good client does; now and then one
gives up, or asks once more for what it has been given.  They write all of it into the history and judge
nothing.
"""

import http.client
import io
import json
import threading
import time

import openpyxl
from harness.daemon import assert_is_described
from harness.http import call
from harness.trade import DISTRICT, citizen_number, line, quarter_return, seeker
from history import Attempt

NDJSON = "application/x-ndjson"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PATIENCE_S = 40  # for an answer for good
GIVES_UP, ASKS_TWICE, CONDITIONS = 0.08, 0.15, 0.5


class Round:
    """What its clients share: what is known to be there, and who may be asked about it."""

    def __init__(self, town, history, number, occupation):
        self.town, self.history, self.number, self.occupation = town, history, number, occupation
        self.lock = threading.Lock()
        self.goes_on = threading.Event()  # the last part of each client's work
        self.over = threading.Event()  # whoever still waits for an answer waits no longer
        self.vacancies = []
        self.seekers = []
        self.pairs = set()  # (organisation, seeker, vacancy) of which something was asked
        self.shown = None  # (vacancy, seeker, posts, token): of the last write that a list must show

    def draw_pair(self, dice, organisation):
        with self.lock:
            if not self.vacancies or not self.seekers:
                return None
            pair = dice.choice(self.seekers), dice.choice(self.vacancies)
            if (organisation, *pair) in self.pairs:
                return None
            self.pairs.add((organisation, *pair))
            return pair


class Client(threading.Thread):
    def __init__(self, shared, dice, steps):
        super().__init__(name=type(self).__name__, daemon=True)
        self.shared, self.dice, self.steps = shared, dice, steps
        self.daemon_ = shared.town.daemon
        self.keys = self.daemon_.keys
        self.failure = None

    def run(self):
        try:
            self.begin()
            for n in range(self.steps):
                if n == self.steps * 2 // 3:
                    self.rest()
                self.step()
        except Exception as e:  # pylint: disable=broad-except
            self.failure = e
        self.shared.history.note(at_work=-1)

    def rest(self):
        self.shared.history.note(at_work=-1)
        self.shared.goes_on.wait(PATIENCE_S)
        self.shared.history.note(at_work=1)

    def begin(self):
        pass

    def attempt(self, wish, attempts):
        a = wish_attempt(self.daemon_, wish)
        attempts.append(a)
        self.shared.history.note(ended=1)
        return a

    def ask(self, kind, method, path, body=None, key="bureau", headers=None, gives_up=True, **about):
        """The wish, answered for good unless the client gave up."""
        wish = self.shared.history.wish(kind, method, path, body, self.keys[key], headers, **about)
        while not self.attempt(wish, wish.attempts).is_final:
            if gives_up and self.dice.random() < GIVES_UP or self.shared.over.wait(0.03):
                return wish
        if method != "GET" and self.dice.random() < ASKS_TWICE:
            self.attempt(wish, wish.again)
        return wish

    def must(self, *words, **more):
        """Of what the rest stands on: asked until it is done."""
        wish = self.ask(*words, gives_up=False, **more)
        assert wish.was_done, wish
        return wish.final


def wish_attempt(daemon, wish):
    a = Attempt()
    headers = dict(wish.headers)
    if wish.key in daemon.actors:
        headers.setdefault("Vacancyd-Actor", daemon.actors[wish.key])
    connection = http.client.HTTPConnection("127.0.0.1", daemon.port, timeout=4)
    try:
        connection.connect()
    except OSError:
        a.was_sent = False
    else:
        raw = wish.body if isinstance(wish.body, bytes) else None
        try:
            answer = call(connection, wish.method, wish.path, wish.key, None if raw else wish.body, headers, raw)
            a.hear(answer)
            assert_is_described(wish.method, wish.path, answer)
        except (OSError, http.client.HTTPException):
            pass
    finally:
        connection.close()
    a.ended = time.monotonic()
    return a


def ndjson(rows):
    return "".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rows).encode("utf-8")


def xlsx(rows):
    book, file = openpyxl.Workbook(), io.BytesIO()
    for row in (rows[0].keys(), *(r.values() for r in rows)):
        book.active.append(list(row))
    book.save(file)
    return file.getvalue()


class Employer(Client):
    """Files a return, amends it whole and by line, closes lines, and sends another quarter's as a file."""

    def __init__(self, shared, dice, steps, code):
        super().__init__(shared, dice, steps)
        self.code = code
        self.path = f"/v1/returns/{code}/{DISTRICT}/2007Q2"
        self.lines = {}
        self.stamp = 0
        self.version = None

    def title(self):
        """Never the same again: whose value stands is told by it."""
        self.stamp += 1
        return f"保安员{self.shared.number}-{self.stamp}"

    def new_line(self, ref, posts):
        return line(ref, posts, occupation=self.shared.occupation, title=self.title())

    def begin(self):
        self.must("employer", "PUT", f"/v1/employers/{self.code}", {
            "name": f"测试企业{self.code}", "sites": [{"district": DISTRICT, "since": "2006-01-01"}]})
        self.lines = {ref: self.new_line(ref, posts) for ref, posts in
                      (("SHOWN", 1), ("A", self.dice.randint(1, 3)), ("B", 40))}
        self.put()

    def note(self, final):
        if final.status < 300:
            self.version = final.body["version"]
            with self.shared.lock:
                known = self.shared.vacancies
                known += [v for ref, v in final.body["vacancies"].items() if ref != "SHOWN" and v not in known]

    def put(self, closed=()):
        wish = self.ask("return", "PUT", self.path, quarter_return(list(self.lines.values()), closed=list(closed)),
                        key=self.code, gives_up=False,
                        line={ref: said["title"] for ref, said in self.lines.items()}, of=self.path,
                        closes=[c["ref"] for c in closed])
        if wish.final is not None:
            self.note(wish.final)
        return wish

    def step(self):
        self.dice.choice([self.amend, self.amend, self.amend, self.replace, self.add, self.close, self.send_file,
                          self.read])()

    def amend(self):
        ref = self.dice.choice(sorted(self.lines))
        changed = {"title": self.title()}
        if self.dice.random() < CONDITIONS and self.version:
            headers = {"If-Match": f'"{self.version}"'}
        else:
            headers = {}
        wish = self.ask("line", "PATCH", f"{self.path}/lines/{ref}", changed, key=self.code, headers=headers,
                        line={ref: changed["title"]}, of=self.path)
        self.lines[ref] = {**self.lines[ref], **changed}
        if wish.was_done:
            self.note(wish.final)
        else:  # perhaps done by a request that was not answered
            self.read()

    def replace(self):
        for ref in self.lines:
            self.lines[ref] = {**self.lines[ref], "title": self.title()}
        self.put()

    def add(self):
        ref = f"N{self.stamp}"
        self.lines[ref] = self.new_line(ref, self.dice.randint(1, 2))
        self.put()

    def close(self):
        others = [ref for ref in self.lines if ref.startswith("N")]
        if not others:
            return self.add()
        ref = self.dice.choice(others)
        del self.lines[ref]
        return self.put([{"ref": ref, "reason": "filled_own"}])

    def send_file(self):
        rows = [{"employer": self.code, "quarter": "2007Q1", **self.new_line(f"F{n}", 1)} for n in range(3)]
        kind, body = self.dice.choice([(NDJSON, ndjson), (XLSX, xlsx)])
        self.ask("import", "POST", "/v1/imports", body(rows), key=self.code, gives_up=False,
                 headers={"Content-Type": kind},
                 line={r["ref"]: r["title"] for r in rows}, of=self.path.replace("2007Q2", "2007Q1"))

    def read(self):
        wish = self.ask("read return", "GET", self.path, key=self.code, gives_up=False, of=self.path)
        if wish.was_done:
            self.version = wish.final.body["version"]


class Shower(Employer):
    """Adds a post to a vacancy again and again; what it wrote, a list with its token must show."""

    def __init__(self, shared, dice, steps, code, somebody):
        super().__init__(shared, dice, steps, code)
        self.somebody = somebody

    def begin(self):
        super().begin()
        self.who = self.must("seeker", "POST", "/v1/seekers",
                             person(self.shared, self.somebody), number=self.somebody).body["seeker"]
        self.steps *= 2

    def step(self):
        posts = self.lines["SHOWN"]["posts"] + 1
        self.lines["SHOWN"] = {**self.lines["SHOWN"], "posts": posts, "title": self.title()}
        wish = self.ask("line", "PATCH", f"{self.path}/lines/SHOWN", {
            "posts": posts, "title": self.lines["SHOWN"]["title"]}, key=self.code, gives_up=False,
            line={"SHOWN": self.lines["SHOWN"]["title"]}, of=self.path)
        if wish.was_done:
            vacancy = wish.final.body["vacancies"]["SHOWN"]
            self.shared.shown = vacancy, self.who, posts, wish.final.token


class Reader(Client):
    """With the token of the last write that it knows of."""

    def begin(self):
        self.steps *= 4

    def step(self):
        shown = self.shared.shown
        if shown is None:
            self.shared.over.wait(0.02)
            return
        vacancy, who, posts, token = shown
        self.ask("read shown", "GET", f"/v1/seekers/{who}/matches?k=100", headers={"Consistency-Token": token},
                 vacancy=vacancy, posts=posts)


def number_of(n):
    """Of the n-th person; none is old enough to come before others, or too young."""
    days = 28 * 12 * 2 * 20
    return citizen_number(n % days, ("410105", "410102", "410103", "410104")[n // days], year=1970)


def person(shared, n):
    return seeker(n, citizen_number=number_of(n), telephone="13900000000", wishes=[shared.occupation], name="测试员")


class Bureau(Client):
    """Registers people and amends their files, reports placements, and registers them."""

    def __init__(self, shared, dice, steps, first):
        super().__init__(shared, dice, steps)
        self.next = first
        self.files = {}
        self.wish_fen = 80000

    def step(self):
        self.dice.choice([self.register, self.register, self.amend, self.place, self.place])()

    def register(self):
        wish = self.ask("seeker", "POST", "/v1/seekers", person(self.shared, self.next), number=self.next)
        self.next += 1
        if not wish.was_done:
            return
        who = wish.final.body["seeker"]
        self.files[who] = None
        with self.shared.lock:
            self.shared.seekers.append(who)
        self.ask("read new", "GET", f"/v1/seekers/{who}/matches", headers={"Consistency-Token": wish.final.token})

    def amend(self):
        if not self.files:
            return self.register()
        who = self.dice.choice(sorted(self.files))
        self.wish_fen += 100
        wish = self.ask("file", "PATCH", f"/v1/seekers/{who}", {"pay_wish_fen": self.wish_fen}, seeker=who,
                        value=self.wish_fen)
        return wish

    def place(self):
        pair = self.shared.draw_pair(self.dice, "bureau")
        if pair is None:
            return self.register()
        return place(self, pair, "bureau")


def place(client, pair, key):
    who, vacancy = pair
    wish = client.ask("placement", "POST", "/v1/placements", {
        "seeker": who, "vacancy": vacancy, "kind": "unit", "start_on": "2007-07-12"}, key=key, seeker=who,
        vacancy=vacancy)
    if wish.was_done:
        client.ask("read placed", "GET", f"/v1/vacancies/{vacancy}/matches?k=100", key="bureau",
                   headers={"Consistency-Token": wish.final.token}, seeker=who)
    return wish


class Agency(Client):
    """Refers people, takes their consent, and reports that they took the post."""

    def __init__(self, shared, dice, steps):
        super().__init__(shared, dice, steps)
        self.live = []

    def step(self):
        self.dice.choice([self.refer, self.go_on, self.place])()

    def refer(self):
        pair = self.shared.draw_pair(self.dice, "agency refers")
        if pair is None:
            self.shared.over.wait(0.02)
            return
        wish = self.ask("referral", "POST", "/v1/referrals", {"seeker": pair[0], "vacancy": pair[1]}, key="agency",
                        seeker=pair[0], vacancy=pair[1])
        if wish.was_done:
            self.live.append(wish.final.body["referral"])

    def go_on(self):
        if not self.live:
            return self.refer()
        referral = self.live.pop(self.dice.randrange(len(self.live)))
        verb, body = self.dice.choice([("consent", {"how": "telephone"}), ("withdraw", {"reason": "mistake"})])
        return self.ask(verb, "POST", f"/v1/referrals/{referral}/{verb}", body, key="agency", referral=referral)

    def place(self):
        pair = self.shared.draw_pair(self.dice, "agency")
        if pair is None:
            return self.refer()
        return place(self, pair, "agency")
