"""The registers of config/data/registers.tsv, for tests that try every route: one entry of each.

What a register's example is stands here and nowhere else; a register without one fails the
tests that ask for it.
"""

import csv

from . import SOURCE
from .trade import COMMUNITY


def table(name):
    with open(SOURCE / "config" / "data" / name, encoding="utf-8") as rows:
        return list(csv.DictReader(rows, delimiter="\t"))


ROWS = table("registers.tsv")
PLURALS = {r["register"]: r["bounds"] for r in ROWS if r["kind"] == "register"}
# The member that names an entry of it, as in paths and answers.
IDS = {register: register.replace("-", "_") for register in PLURALS}


def course(**changed):
    return {"title": "电工初级", "provider": "郑州市第一技工学校", "kind": "skills", "from": "2007-07-01",
            "until": "2007-07-31", "place": COMMUNITY, "seats": 2, "attendance_min": 80,
            "subsidised": False, **changed}


def enrolment(**changed):
    return {"from": "2007-07-02", **changed}


def figure(**changed):
    return {"subject": "410105", "indicator": "urban_employed", "period": "2007Q2", "value": 512345,
            "source": "郑州市统计局劳动工资科", "day": "2007-07-05", **changed}


EXAMPLES = {"course": course, "enrolment": enrolment, "outside-figure": figure}


def reason(register):
    """A body that ends an entry of it."""
    [row] = [r for r in ROWS if r["register"] == register and r["kind"] in ("end", "void")]
    codes = [c["code"] for c in table("choices.tsv") if c["list"] == row["bounds"]]
    return {"reason": codes[-1] if codes else "录错"}


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
        named = {r["member"]: known[r["kind"]] for r in ROWS
                 if r["register"] == register and r["kind"] in known}
        made = trade.must(201, "POST", f"/v1/{plural}", EXAMPLES[register](**named))
        known[register] = made[IDS[register]]
    return {IDS[register]: known[register] for register in PLURALS}
