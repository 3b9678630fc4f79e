"""One thing that stands in a file more than once: its records are applied in the order of the file, each by the
rule of the single call, wherever a batch ends between them."""

import json

import pytest
from harness.imports import NDJSON, closing, ndjson, offered, path
from harness.registers import PLURALS, example
from harness.trade import COMMUNITY, Trade, line, seeker

# A record that cannot be read: as many of them are a batch.
BATCH = b"{\n" * 1000


def results(daemon, kind, records, name, key, between=b""):
    answer = daemon.request("POST", f"/v1/imports?kind={kind}", daemon.keys[key],
                            raw=between.join(ndjson([r]) for r in records),
                            headers={**NDJSON, "Idempotency-Key": name})
    assert answer.status == 200, answer
    receipts = [json.loads(x) for x in answer.text.splitlines()][:-1]
    return [r for r in receipts if [e["rule"] for e in r.get("errors", ())] != ["truncated"]]


def said(receipts):
    return [r["problem"]["type"].rpartition("/")[2] if "problem" in r else r["result"] for r in receipts]


def house(member, **changed):
    return {"community": COMMUNITY, "hukou_type": "urban", "business_income": False, "investment_income": False,
            "applied_on": "2007-07-02", "determined_on": "2007-07-10",
            "members": [{"able": True, "willing": True, "seeker": member}], **changed}


@pytest.mark.parametrize("between", [b"", BATCH], ids=["in one batch", "in several"])
def test_a_thing_that_comes_again(make_daemon, between):
    daemon = make_daemon(import_refusals=100000)
    trade = Trade(daemon)
    trade.employer()
    vacancy = trade.file([line("P", 3)])["P"]
    ids = [trade.register(n) for n in range(1, 4)]

    def each(kind, records, key="bureau"):
        receipts = results(daemon, kind, records, f"{kind}-{len(records)}", key, between)
        # The same file again says nothing new.
        again = results(daemon, kind, records, f"{kind}-{len(records)}-again", key)
        assert {*said(again)} <= {"unchanged", *said(receipts)} - {"added", "changed", "closed"}, again
        return said(receipts), receipts

    # A line amends the one before it; what has been amended is not said anew by coming once more.
    first, other = offered("A"), offered("A", 2)
    got, receipts = each("returns", [first, first, other, first, other], "employer")
    assert got == ["added", "unchanged", "changed", "unchanged", "unchanged"]
    assert [r.get("newer_stands", {}).get("what") for r in receipts] == [None, None, None, "version", None]
    stands = trade.must(200, "GET", path())
    assert [l["posts"] for l in stands["lines"] if l["ref"] == "A"] == [2]
    shut = closing("A", reason="unfilled")
    assert each("returns", [shut, shut, other, shut], "employer")[0] == ["closed"] + ["unchanged"] * 3

    # Who is registered is amended by nobody's file; nor is a household that stands.
    one = seeker(20)
    got, receipts = each("seekers", [one, one, {**one, "education": "71"}, one])
    assert got == ["added", "unchanged", "already-registered", "unchanged"]
    file = trade.must(200, "GET", f"/v1/seekers/{receipts[0]['seeker']}")
    assert file["education"] == "61" and receipts[1]["seeker"] == receipts[3]["seeker"] == receipts[0]["seeker"]
    one = house(ids[0])
    assert each("households", [one, one, house(ids[0], determined_on="2007-07-09"), one])[0] == [
        "added", "unchanged", "wrong-state", "unchanged"]

    # A job that is reported again is one, and so it is from another day near it.
    one = trade.placement(ids[1], vacancy, "2007-07-11")
    got, receipts = each("placements", [one, one, {**one, "start_on": "2007-07-10"}, one,
                                        {**one, "start_on": "2007-03-01"}])
    assert got == ["added", "unchanged", "unchanged", "unchanged", "placed-from-another-day"]
    assert len({r["placement"] for r in receipts if "placement" in r}) == 1


def test_an_entry_that_comes_again(daemon):
    trade = Trade(daemon)
    trade.employer()
    names = {"seeker": trade.register(1)}
    for register, plural in PLURALS.items():
        entry = example(register, names)
        receipts = results(daemon, plural, [entry, entry], f"{plural}-1", "bureau")
        assert said(receipts) == ["added", "unchanged"], (plural, receipts)
        again = results(daemon, plural, [entry], f"{plural}-2", "bureau")
        assert said(again) == ["unchanged"]
        names[register] = receipts[0][register.replace("-", "_")]
        assert len({r[register.replace("-", "_")] for r in receipts + again}) == 1, (plural, receipts, again)
