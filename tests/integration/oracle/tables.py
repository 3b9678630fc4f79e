"""What config/policy and config/data say: the weights of a score, which counties touch, occupations.

It reads the files as they are shipped; what the numbers mean is the business of the other modules.
"""

import re

from harness import SOURCE

DATA = SOURCE / "config" / "data"
POLICY = SOURCE / "config" / "policy" / "zhengzhou-2007.conf"


def table(name):
    """The rows of a table, each a dict."""
    head, *rows = (DATA / f"{name}.tsv").read_text(encoding="utf-8").splitlines()
    return [dict(zip(head.split("\t"), row.split("\t"))) for row in rows]


def policy():
    """{name: number, list of numbers or word}; the shipped file has no name twice."""
    found = {}
    for line in POLICY.read_text(encoding="utf-8").splitlines():
        said = re.fullmatch(r'\s*(\w+) = (?:"(.*)"|\{(.*)\}|(\d+))', line)
        if said:
            name, word, numbers, number = said.groups()
            assert name not in found, name
            found[name] = word if word is not None else int(number) if number \
                else [int(n) for n in numbers.split(",")]
    return found


def neighbours():
    """Pairs of counties that touch, both ways."""
    return {(row["county"], row["neighbour"]) for row in table("adjacency_4101")}
