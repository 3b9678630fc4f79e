"""The registers of config/data/registers.tsv, for tests that try every route: one entry of each,
made of its rows.
"""

import csv
from itertools import count

from . import SOURCE
from .trade import COMMUNITY


def table(name):
    with open(SOURCE / "config" / "data" / name, encoding="utf-8") as rows:
        return list(csv.DictReader(rows, delimiter="\t"))


ROWS = table("registers.tsv")
PLURALS = {r["register"]: r["bounds"] for r in ROWS if r["kind"] == "register"}
# The member that names an entry of it, as in paths and answers.
IDS = {register: register.replace("-", "_") for register in PLURALS}


def codes(name):
    return [c["code"] for c in table("choices.tsv") if c["list"] == name]


# What a register's law asks beside its rows; each time another code.
TURN = count()
LAWS = {"community-check": lambda: {"day": f"2007-06-{1 + next(TURN) % 30:02d}", "ledger_updated": "2007-05-31",
                                    "evidence": [{"kind": "report", "number": "例", "day": "2007-07-02"}]},
        "recognised-code": lambda: {"code": f"4198{next(TURN) % 100:02d}", "evidence": [
    {"kind": "identity", "number": "例", "day": "2007-07-02"}]}}


def example(register, known):
    """A body of what must be stated: the first of what each member may be."""
    body = {}
    for row in ROWS:
        if row["register"] != register or row["member"] == "-" or row["say"] not in ("must", "once") \
                or row["kind"] in ("end", "void"):
            continue
        least = row["bounds"].split("..")[0]
        body[row["member"]] = known[row["kind"]] if row["kind"] in known else {
            "text": "例" * max(1, int(least) if least.isdigit() else 1),
            "hex": "0" * int(least) if least.isdigit() else None,
            "whole": int(least) if least.isdigit() else None,
            "flag": False, "day": "2007-07-02", "choice": (codes(row["bounds"]) or [None])[0],
            "place": COMMUNITY[:int(least)] if least.isdigit() else None, "employer": "123456788",
            "unit": "410105", "period": "2006"}[row["kind"]]
    return {**body, **LAWS.get(register, dict)()}


def reason(register):
    """A body that ends an entry of it."""
    [row] = [r for r in ROWS if r["register"] == register and r["kind"] in ("end", "void")]
    return {"reason": (codes(row["bounds"]) or ["录错"])[-1]}


def reason_of(pattern):
    """The same by a route; None: it does not end an entry."""
    for register, plural in PLURALS.items():
        if pattern in (f"/v1/{plural}/{{{IDS[register]}}}/{verb}" for verb in ("end", "void")):
            return reason(register)
    return None


def one_of_each(trade, seeker):
    """{"course": "1", ...}: what a bureau's officer has recorded, about this seeker where it is
    about somebody."""
    known = {"seeker": seeker}
    for register, plural in PLURALS.items():
        made = trade.must(201, "POST", f"/v1/{plural}", example(register, known))
        known[register] = made[IDS[register]]
    return {IDS[register]: known[register] for register in PLURALS}
