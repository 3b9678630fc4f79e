"""No chain of grants reaches more than its root: 5,000 random chains a run through the ledger's own
calls, 100,000 with VACANCYD_LONG (rules/granting).

What the rule says of each grant is written here from its page alone, in sets of places and last days:
the ledger has to answer every call as it says.  And of what then stands in the ledger, whoever somebody
is, or has the secret of, they reach no place, organisation or day that no root who gave to them had.
VACANCYD_SEED: which chains.
"""

import itertools
import json
import os
import random
from collections import defaultdict

from harness import LONG, SOURCE
from harness.grants import BEYOND, KEYS, TODAY, Chain, Officer, places
from test_ledger_sql import HELPERS

CHAINS, BATCH = (100_000 if LONG else 5_000), 1_000


def assert_recorded(postgres, chains):
    """The officers and delegations of the chains stand in the ledger as they should."""
    keys = {(KEYS[k][0], KEYS[k][1]): k for k in KEYS}
    officers = {o.id: o for c in chains for o in c.officers}
    rows = json.loads(postgres.psql(
        "SELECT json_agg(json_build_array(id, ledger.role_name(role), organisation, scope, lead, valid_from"
        f" - date '{TODAY}', valid_until - date '{TODAY}', revoked_at IS NOT NULL)) FROM ledger.officer"
        f" WHERE id >= {min(officers)}"))
    assert {r[0] for r in rows} == set(officers)
    for id, role, organisation, scope, lead, start, until, revoked in rows:
        o = officers[id]
        found = Officer(id, keys[role, organisation], places(scope), lead, start, until, o.secret, revoked, o.roots)
        assert found == o, f"{found} is not {o}"
    lent = sorted([d.by.id, d.to.id, sorted(d.scope), d.start, d.until, d.ended]
                  for c in chains for d in c.delegations)
    rows = json.loads(postgres.psql(
        "SELECT coalesce(json_agg(json_build_array(from_officer, to_officer, scope, valid_from - date"
        f" '{TODAY}', valid_until - date '{TODAY}', ended_at IS NOT NULL)), '[]') FROM ledger.delegation"
        f" WHERE from_officer >= {min(officers)}"))
    assert sorted([a, b, sorted(places(scope)), *rest] for a, b, scope, *rest in rows) == lent


def drawn(seed, ids, first, n):
    return [Chain(random.Random(f"{seed}/{at}"), at, ids) for at in range(first, first + n)]


def played(postgres, chains, answers):
    """The first answer that is not what the rule says, or what somebody reaches beyond; None: there is none."""
    calls = [(c, expected, sql) for c in chains for expected, sql in c.calls]
    told = iter(postgres.psql("SET synchronous_commit = off;\n" + ";\n".join(
        sql for _, _, sql in calls) + ";").splitlines())
    for chain, expected, sql in calls:
        if expected is not None:
            answer = next(told)
            answers[answer] += 1
            if answer != expected:
                return f"{chain}: expected {expected}, {answer} of {sql}"
    assert next(told, None) is None
    assert_recorded(postgres, chains)
    return next((f"{chain}: {chain.reaches_more()}" for chain in chains if chain.reaches_more()), None)


def test_no_chain_of_grants_reaches_more_than_its_root(postgres):
    postgres.psql(HELPERS)
    seed, ids, answers = int(os.environ.get("VACANCYD_SEED", "1")), itertools.count(1 << 32), defaultdict(int)
    for first in range(0, CHAINS, BATCH):
        wrong = played(postgres, drawn(seed, ids, first, BATCH), answers)
        assert wrong is None, f"VACANCYD_SEED={seed}, {wrong}"
    assert answers["201 ok"] > 2 * CHAINS and answers[BEYOND] > CHAINS / 2, dict(answers)


# A part of the rule, where it stands, and the same without it.
PLANTED = {
    "what a secret is lent": ("powers", "AND r.status IS NOT NULL LIMIT 1", "AND false LIMIT 1"),
    "organisation": ("powers", "WHEN NOT ledger.stands_over(", "WHEN false AND ledger.stands_over("),
    "auditors": ("powers", "p_role IN (1, 2, 4)", "true"),
    "scope": ("powers", "WHEN NOT ledger.within(p_own.scope, p_given.scope)", "WHEN false"),
    "days": ("powers", "WHEN (p_given.until <= p_own.until) IS NOT TRUE", "WHEN false"),
    "what is added": ("powers", "IF ledger.beyond(p_who.city, was, now) <> '[]'", "IF false"),
    "what was had": ("powers", "a := ledger.refuse_beyond(p_who, was);", "NULL;"),
    "a secret": ("powers", "a := ledger.refuse_beyond(p_who, ledger.powers_of(o));", "NULL;"),
    "of the lead's": ("delegations", "refused := ledger.refuse_beyond(p_who, given);", "NULL;"),
    "of the officer's": ("delegations", "refused := ledger.refuse_excess(ledger.beyond(p_who.city, ledger.powers_of(o), given));", "NULL;"),
    "made": ("officers", "a := ledger.refuse_beyond(p_who, ledger.powers_of(o));", "NULL;"),
    "never handed on": ("delegations", "p_who.on_behalf IS NOT NULL OR (p_who.lead", "(p_who.lead"),
    "nor a lead's": ("doors", "leads := false;", "NULL;"),
    "delegated place": ("doors", "ledger.narrower(d.scope, f.scope), least(", "f.scope, least("),
    "delegated days": ("doors", "least(ends, d.valid_until, f.valid_until)", "ends"),
}


def test_each_part_of_the_rule_is_missed_when_it_is_gone(postgres):
    """What finds nothing in the ledger as it is finds each of these."""
    postgres.psql(HELPERS)
    ids, numbers, unseen = itertools.count(1 << 32), itertools.count(0, 100), []
    for name, (subject, part, without) in PLANTED.items():
        text = (SOURCE / "config" / "schema" / "functions" / f"{subject}.sql").read_text(encoding="utf-8")
        assert text.count(part) == 1, name
        postgres.psql("SET check_function_bodies = off;" + text.replace(part, without))
        if not any(played(postgres, drawn(1, ids, next(numbers), 100), defaultdict(int)) for _ in range(30)):
            unseen.append(name)
        postgres.psql("SET check_function_bodies = off;" + text)
    assert unseen == []
    assert played(postgres, drawn(1, ids, next(numbers), 100), defaultdict(int)) is None
