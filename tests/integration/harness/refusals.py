"""Which kinds of problem each operation can be refused with, found in the sources.

An operation is a plan of steps in daemon/api, which name what they refuse with and what they ask
the ledger; that is a function of config/schema/functions, which refuses and calls others.  It is
what can be reached, not what can happen: a refusal that a caller's role excludes counts.
"""

import csv
import os
import re
from pathlib import Path

from . import SOURCE

API = SOURCE / "daemon" / "api"
FUNCTIONS = SOURCE / "config" / "schema" / "functions"
# What any plan may end with (flow.c), one that asks the ledger (problem_of_status), and what the gate
# refuses before any plan (admit.c): of whom a key is asked, of a call, of a body.
ANY = {"malformed-path", "malformed-request", "deadline", "internal"}
WAITED = {"busy", "ledger-away", "ledger-slow", "outcome-unknown"}
KEYED = {"key-missing", "key-refused", "keys-unknown", "rate-limited", "role-refused", "actor-refused",
         "actor-required", "validation-failed"}
BODY = {"malformed-json", "body-too-large", "unsupported-media-type"}
CALL = {"idempotency-key-missing", "idempotency-key-malformed"}


def statuses():
    with open(SOURCE / "config" / "data" / "problems.tsv", encoding="utf-8") as rows:
        return {r["slug"]: r["status"] for r in csv.DictReader(rows, delimiter="\t")}


class Graph:
    """Functions of one language by name: what each says itself, and which it calls."""

    def __init__(self):
        self.said, self.calls = {}, {}

    def add(self, name, said, calls):
        self.said.setdefault(name, set()).update(said)
        self.calls.setdefault(name, set()).update(calls - {name})

    def reach(self, name):
        seen, found, todo = set(), set(), [name]
        while todo:
            at = todo.pop()
            if at not in seen and at in self.said:
                seen.add(at)
                found |= self.said[at]
                todo += self.calls[at]
        return found


def ledger_functions():
    graph, slugs = Graph(), set(statuses())
    laws = set()
    with open(SOURCE / "config" / "data" / "registers.tsv", encoding="utf-8") as rows:
        registers = {r["register"].replace("-", "_") for r in csv.DictReader(rows, delimiter="\t")}
    for path in sorted(FUNCTIONS.glob("*.sql")):
        text = re.sub(r"--[^\n]*", "", path.read_text(encoding="utf-8"))
        for part in re.split(r"CREATE (?:OR REPLACE )?FUNCTION ", text)[1:]:
            name = re.match(r"[\w.]+", part)[0]
            calls = set(re.findall(r"\b((?:api|ledger)\.\w+)\(", part[len(name):]))
            if "EXECUTE" in part and "'check_'" in part:
                laws.add(name)
            graph.add(name, set(re.findall(r"refuse\w*\(\s*\w+,\s*'([a-z-]+)'", part)) & slugs, calls)
    # What a record of a file is refused with stands in its receipt.
    graph.calls["ledger.import_records"] = set()
    for name in laws:  # which register's law it is, a row says
        graph.calls[name] |= {f"ledger.check_{r}" for r in registers}
    return graph


def statements():
    """LEDGER_X -> the function of the ledger."""
    text = (SOURCE / "daemon" / "ledger" / "statements.c").read_text(encoding="utf-8")
    return {op: "api." + f for op, f in re.findall(r'\[(LEDGER_\w+)\] = \w+\(\s*"(\w+)"', text)}


def api_functions():
    """daemon/api: slugs and LEDGER_X that a function names; static ones by file."""
    graph, plans = Graph(), {}
    sources = {p: p.read_text(encoding="utf-8") for p in sorted(API.glob("*.c")) if p.name != "routes.c"}
    static = {p: set(re.findall(r"^static [^;={]*?\b(\w+)\([^;{]*\)\n{", t, re.M)) for p, t in sources.items()}
    slugs = set(statuses())
    for path, text in sources.items():
        def named(name, path=path):
            return f"{path.name}:{name}" if name in static[path] else name
        for name, body in re.findall(r"^[a-z][^;={\n]*?\b(\w+)\((?:[^;{]*)\)\n{(.*?)^}", text, re.M | re.S):
            said = {w for w in re.findall(r'"([a-z-]+)"', body) if w in slugs and w != "internal"
                    and re.search(rf'(?:refuse|wrong)\w*\([^;]*"{w}"', body)}
            said |= set(re.findall(r"\bLEDGER_[A-Z_]+\b", body))
            graph.add(named(name), said, {named(w) for w in re.findall(r"\b(\w+)\b", body)})
        for name, body in re.findall(r"^const struct plan (\w+) = {(.*?)^};", text, re.M | re.S):
            plans[name] = {named(w) for w in re.findall(r"\b(\w+)\b", body.partition(".steps")[2])}
    # They only say which part is missing, of what ask_missing and the ledger refuse.
    for name in ("ask_check", "ask_refuse"):
        graph.calls[name].remove("refuse_missing")
    return graph, plans


def routes():
    """(method, path) -> (plan, LEDGER_X of an operation, letters of its arguments)."""
    text = (API / "routes.c").read_text(encoding="utf-8")
    printed = Path(os.environ["VACANCYD_BUILD"]) / "daemon" / "tables" / "register_routes.inc"
    text += re.sub(r"^(?=\w)", "\t", printed.read_text(encoding="utf-8"), flags=re.M)
    found = {}
    for kind, path, rest in re.findall(r'^\t([A-Z_]+)\("([^"]+)",\s*(.*?)\),$', text, re.M | re.S):
        op = re.search(r'OP\((LEDGER_\w+), "(\w+)"', rest)
        method = {"IMPORT": "post", "MATCHES": "get"}.get(kind, kind.split("_")[0].lower())
        found[(method, path)] = ("operation", *op.groups()) if op else (re.match(r"\w+", rest)[0], None, "")
    for path, plan in re.findall(r'{ METHOD_GET, "([^"]+)", \.plan = &(\w+)', text):
        found[("get", path)] = (plan, None, "")
    return found


# The steps that an argument of an operation stands for (operation.c).
LETTERS = {"p": "ask_person", "i": "ask_id", "e": "path_employer", "o": "operation.c:ask_organisation",
           "b": "ask_body", "n": "ask_nothing"}


def of_operations():
    """(method, path) -> the slugs that it may be refused with."""
    calls, (steps, plans), ops = ledger_functions(), api_functions(), statements()
    found = {}
    for (method, path), (plan, op, letters) in routes().items():
        if plan == "operation":
            said = {op}.union(*(steps.reach(LETTERS[x]) for x in letters if x in LETTERS))
        else:
            said = set().union(*(steps.reach(step) for step in plans[plan]))
        asked = {w for w in said if w.startswith("LEDGER_")}
        said = said - asked - BODY | ANY
        for one in asked:
            said |= WAITED | calls.reach(ops[one])
        if path.startswith("/v1/"):
            said |= KEYED
        if method != "get":
            said |= BODY
        if method == "post":
            said |= CALL
        found[(method, path)] = said
    return found


def members():
    """What the ledger's refusals say beside the errors: the keys of the objects that they are given."""
    found = set()
    for path in sorted(FUNCTIONS.glob("*.sql")):
        text = re.sub(r"--[^\n]*", "", path.read_text(encoding="utf-8"))
        for call in re.finditer(r"(?:api\.refuse|ledger\.wrong_state)\(", text):
            for made in re.split(r"jsonb_build_object\(", _inside(text, call.end()))[1:]:
                found |= {key[1:-1] for key in _arguments(made)[::2] if key.startswith("'")}
    return found


def _inside(text, start):
    """Up to the bracket that closes the one before start."""
    depth, at = 1, start
    while depth:
        depth += {"(": 1, ")": -1}.get(text[at], 0)
        at += 1
    return text[start:at]


def _arguments(text):
    """Of a call, up to its closing bracket."""
    depth, found = 0, [""]
    for c in text:
        depth += {"(": 1, ")": -1}.get(c, 0)
        if depth < 0:
            break
        if c == "," and not depth:
            found.append("")
        else:
            found[-1] += c
    return [one.strip() for one in found]
