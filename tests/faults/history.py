"""What clients wrote down: each thing that they wanted done, each time that they asked for it, and
what they were answered.

The checker knows nothing else.  Every request of one thing bears its name as X-Request-Id, so that
what the exchange says was done (/v1/actions) can be laid beside it.
"""

import itertools
import json
import threading
import time

# These refuse before anything is begun, and say so; other answers of 503 and 504 do not know.
NOTHING_DONE = {"ledger-away", "busy", "keys-unknown", "draining", "too-many-connections", "board-away",
                "mirror-loading", "not-yet-visible"}


class Attempt:
    """One request; without an answer it is not known whether it was heard."""

    def __init__(self):
        self.began = time.monotonic()
        self.ended = None
        self.status = self.body = self.token = None
        self.was_sent = True  # False: nobody took the connection

    def hear(self, answer):
        self.status = answer.status
        is_rows = answer.headers.get("content-type", "").endswith("x-ndjson")
        self.body = [json.loads(row) for row in answer.text.splitlines()] if is_rows else answer.json
        self.token = answer.headers.get("consistency-token")

    @property
    def slug(self):
        if self.status and self.status >= 400:
            return self.body["type"].removeprefix("/problems/")
        return None

    @property
    def is_final(self):
        if isinstance(self.body, list):  # an import's receipts, and how far it came
            return bool(self.body) and self.body[-1].get("state") == "complete"
        return self.status is not None and self.status not in (429, 503, 504)

    @property
    def did_nothing(self):
        """For sure: it was not heard, or refused before anything was begun."""
        return not self.was_sent or self.status == 429 or self.slug in NOTHING_DONE

    def __str__(self):
        said = self.status or ("no answer" if self.was_sent else "no connection")
        return f"{self.began:.3f}-{self.ended or 0:.3f} {said} {self.token or ''} {self.slug or str(self.body)[:300]}"


class Wish:
    """One thing that somebody wants done, or wants to know."""

    def __init__(self, name, kind, method, path, body, key, headers, about):
        self.name = name
        self.kind = kind
        self.method, self.path, self.body, self.key = method, path, body, key
        self.headers = {**headers, "X-Request-Id": name}
        if method == "POST":
            self.headers.setdefault("Idempotency-Key", name)
        self.about = about
        self.attempts = []
        self.again = []  # after it was answered for good, the very same once more

    @property
    def is_keyed(self):
        return self.method == "POST"

    @property
    def final(self):
        """The answer for good, or None."""
        return next((a for a in self.attempts if a.is_final), None)

    @property
    def was_done(self):
        return self.final is not None and self.final.status < 300

    @property
    def was_surely_not(self):
        """Refused, or never begun.  Without a key a refusal says nothing of an earlier request."""
        before = [a for a in self.attempts if not a.is_final]
        if self.final is not None and self.final.status < 300:
            return False
        if self.final is not None and self.is_keyed:
            return True
        return all(a.did_nothing for a in before)

    @property
    def may_be_done(self):
        return not self.was_done and not self.was_surely_not

    def __str__(self):
        said = "\n    ".join(map(str, self.attempts + self.again))
        token = self.headers.get("Consistency-Token", "")
        return f"{self.name} {self.kind} {self.method} {self.path} {token} {str(self.body)[:300]}\n    {said}"


class History:
    """Of one round, by all clients."""

    def __init__(self, name):
        self.name = name
        self.wishes = []
        self.lock = threading.Condition()
        self.numbers = itertools.count(1)
        self.ended = 0  # attempts
        self.at_work = 0  # clients who will make another without being told to

    def wish(self, kind, method, path, body=None, key=None, headers=None, **about):
        with self.lock:
            w = Wish(f"{self.name}.{next(self.numbers)}", kind, method, path, body, key, headers or {}, about)
            self.wishes.append(w)
            return w

    def note(self, ended=0, at_work=0):
        with self.lock:
            self.ended += ended
            self.at_work += at_work
            self.lock.notify_all()

    def wait_ended(self, n, seconds):
        """Until so many attempts more have ended, nobody makes any, or the time is over."""
        with self.lock:
            n += self.ended
            self.lock.wait_for(lambda: self.ended >= n or not self.at_work, seconds)

    def of(self, *kinds):
        return [w for w in self.wishes if w.kind in kinds]
