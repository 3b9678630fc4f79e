"""Judges a round by what its clients wrote down, and by what the exchange shows them afterwards.

The rules are those of config/rules/promises: what was acknowledged stands exactly once; what was refused
did not happen; what was never answered happened once or not at all; the same request again is answered
the same; who shows a token never reads from before it; and matches are what the ledger says.  It knows
no daemon: `after` is what was read when everything had settled (afterwards.py), and a test forges both.
"""

import collections

# Which answers a client may get: another is a fault by itself.
FINE = {
    "employer": {200, 201}, "return": {200, 201}, "line": {200, 412}, "import": {200},
    "seeker": {200, 201}, "file": {200}, "placement": {200, 201, 409}, "referral": {200, 201, 409},
    "consent": {200, 409}, "withdraw": {200, 409}, "read return": {200}, "read shown": {200}, "read new": {200},
    "read placed": {200, 404},
}
REFUSALS = {"placement": {"vacancy-filled", "seeker-placed", "vacancy-closed", "already-referred", "not-eligible",
                          "referral-unclear"},
            "referral": {"already-referred", "referral-cap", "not-eligible", "seeker-placed", "vacancy-closed",
                         "vacancy-filled", "passed-over"},
            "consent": {"wrong-state", "not-eligible", "vacancy-filled", "vacancy-closed", "seeker-placed"},
            "withdraw": {"wrong-state"}, "line": {"version-changed"}}
WRITES = {"employer", "return", "line", "seeker", "file", "placement", "referral", "consent", "withdraw"}


class Afterwards:
    """What is shown when all has settled."""

    def __init__(self):
        self.actions = []  # (client_request, op, object)
        self.returns = {}  # path -> {"version", "lines": {ref: title}}
        self.vacancies = {}  # id -> {"posts", "filled", "open_posts", "state"}
        self.placements = {}  # id -> {"seeker", "vacancy", "state"}
        self.referrals = {}  # id -> {"state", "steps", "seeker", "vacancy"}
        self.found = {}  # number of a person -> seeker or None
        self.files = {}  # seeker -> {"pay_wish_fen"}
        self.lists = []  # (vacancy, {seekers})
        self.differences = 0  # between board and ledger


def judge(history, after):
    """What is wrong, in words; nothing when all promises held."""
    wrong = []
    for rule in (answers, repetitions, effects, lines, files, placements, referrals, tokens, matches):
        wrong += [f"{rule.__name__}: {what}" for what in rule(history, after)]
    return wrong


def answers(history, _):
    for w in history.wishes:
        for a in w.attempts + w.again:
            if a.status is None or a.status in (503, 504):
                continue
            if a.status not in FINE[w.kind]:
                yield f"answered {a.status}: {w}"
            elif a.status >= 400 and a.slug not in REFUSALS.get(w.kind, {a.slug}):
                yield f"refused as {a.slug}: {w}"


def told(attempt):
    """What of an answer is the same when it is given again."""
    if attempt.status >= 400:
        return attempt.status, attempt.slug
    return attempt.body


def repetitions(history, _):
    for w in history.wishes:
        heard = [a for a in w.attempts + w.again if a.is_final]
        if not heard or not w.is_keyed or w.kind == "import":
            continue
        for a in heard[1:]:
            if told(a) != told(heard[0]) or a.token != heard[0].token:
                yield f"answered otherwise when asked again: {w}"


def effects(history, after):
    """Each thing as often as it was done: once when acknowledged, never when refused."""
    times = collections.Counter(name for name, _, _ in after.actions)
    for w in history.of(*WRITES):
        n = times[w.name]
        if n > 1:
            yield f"done {n} times: {w}"
        elif n == 0 and w.was_done:
            yield f"acknowledged and not done: {w}"
        elif n == 1 and w.was_surely_not:
            yield f"refused and done: {w}"


def lines(history, after):
    """Each line of a return stands as it was last written, or as somebody wanted it who was not answered."""
    times = collections.Counter(name for name, _, _ in after.actions)
    for path, stands in after.returns.items():
        writes = [w for w in history.of("return", "line", "import") if w.about["of"] == path]
        unanswered = [w for w in writes if w.may_be_done]
        last = {}
        for w in writes:
            if w.was_done:
                last.update(w.about["line"])
                for ref in w.about.get("closes", ()):
                    last.pop(ref, None)
        for ref, title in last.items():
            may = {title} | {w.about["line"][ref] for w in unanswered if ref in w.about["line"]}
            closed = any(ref in w.about.get("closes", ()) for w in unanswered)
            if stands["lines"].get(ref) not in may and not (closed and ref not in stands["lines"]):
                yield f"{path} {ref} is {stands['lines'].get(ref)}, not {may}"
        for ref in stands["lines"].keys() - last.keys():
            if not any(ref in w.about["line"] for w in unanswered):
                yield f"{path} {ref} was closed and stands"
        if not any(w.kind == "import" for w in writes):
            n = sum(times[w.name] for w in writes)
            if stands["version"] != n:
                yield f"{path} is at version {stands['version']} after {n} changes"


def files(history, after):
    """Each person is registered once, and each file is as it was last amended."""
    for w in history.of("seeker"):
        who = after.found[w.about["number"]]
        if w.was_done and w.final.body["seeker"] != who:
            yield f"{w.about['number']} is found as {who}: {w}"
        elif w.was_surely_not and who is not None:
            yield f"{w.about['number']} is found and was refused: {w}"
    for who, stands in after.files.items():
        writes = [w for w in history.of("file") if w.about["seeker"] == who]
        done = [w.about["value"] for w in writes if w.was_done]
        may = set(done[-1:] or [80000]) | {w.about["value"] for w in writes if w.may_be_done}
        if stands["pay_wish_fen"] not in may:
            yield f"the file of {who} says {stands['pay_wish_fen']}, not {may}"


def placements(history, after):
    """One for each person, no more than there are posts, and each that was acknowledged."""
    ids = {}
    for w in history.of("placement"):
        if w.was_done:
            ids[w.final.body["placement"]] = w
            stands = after.placements.get(w.final.body["placement"])
            if stands is None or (stands["seeker"], stands["vacancy"]) != (w.about["seeker"], w.about["vacancy"]):
                yield f"stands as {stands}: {w}"
    of = collections.Counter(p["seeker"] for p in after.placements.values() if p["seeker"])
    yield from (f"{who} has {n} placements" for who, n in of.items() if n > 1)
    taken = collections.Counter(p["vacancy"] for p in after.placements.values())
    for vacancy, stands in after.vacancies.items():
        if stands["posts"] is None:
            yield f"vacancy {vacancy} is gone"
        elif stands["filled"] != taken[vacancy] or stands["filled"] > stands["posts"]:
            yield f"vacancy {vacancy} says {stands}, and {taken[vacancy]} people took it"
        elif stands["state"] == "open" and stands["open_posts"] != stands["posts"] - stands["filled"]:
            yield f"vacancy {vacancy} does not add up: {stands}"


def referrals(history, after):
    """Each step that was acknowledged is there once."""
    done = collections.defaultdict(list)
    for w in history.of("referral", "consent", "withdraw"):
        if w.was_done:
            done[w.final.body["referral"]].append({"referral": "proposed", "consent": "consented",
                                                   "withdraw": "withdrawn"}[w.kind])
    for referral, states in done.items():
        steps = after.referrals.get(referral, {}).get("steps", [])
        if len(steps) != len(set(steps)) or not set(states) <= set(steps):
            yield f"referral {referral} went {steps}; acknowledged were {states}"


def tokens(history, _):
    for w in history.of("read shown"):
        for a in w.attempts:
            if a.status != 200:
                continue
            seen = {i["vacancy"]: i["open_posts"] for i in a.body["items"]}.get(w.about["vacancy"], 0)
            if seen < w.about["posts"]:
                yield f"{seen} posts are shown, {w.about['posts']} were written before: {w}"
    for w in history.of("read placed"):
        for a in w.attempts:
            if a.status == 200 and w.about["seeker"] in {i["seeker"] for i in a.body["items"]}:
                yield f"who was placed before is shown: {w}"


def matches(_, after):
    """Whoever is registered, looks for work and may be referred is in the list of each open vacancy."""
    if after.differences:
        yield f"{after.differences} records of the board are not as the ledger has them"
    placed = {p["seeker"] for p in after.placements.values()}
    live = collections.Counter(r["seeker"] for r in after.referrals.values()
                               if r["state"] in ("proposed", "consented"))
    looking = {who for who in after.found.values() if who and who not in placed and live[who] < 3}
    for vacancy, listed in after.lists:
        fits = looking if after.vacancies[vacancy]["open_posts"] else set()
        if listed != fits:
            yield f"vacancy {vacancy} lacks {fits - listed} and shows {listed - fits}"
