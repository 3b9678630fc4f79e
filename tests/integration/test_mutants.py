"""Each check of authority in the SQL that is in force, taken away: an attack gets through that was refused.

The checks are found in the functions as PostgreSQL has them: every call of what compares scopes,
organisations or hands, and a list of what is written out.  One at a time is replaced by what it
says of the rightful caller; then every attack is tried.  A check whose loss no attack notices
fails the test, and so does an attack that gets through with every check in place, and one that
is refused alike whichever is gone: it would show nothing.
"""

import json
import re
from concurrent.futures import ThreadPoolExecutor

from harness.attacks import ATTACKS, HELP, WORLD
from test_ledger_sql import HELPERS

# What is called, and what it is replaced by.
CALLS = {"within": "true", "in_scope": "true", "speaks_as": "true", "has_officer": "true", "object_in_scope": "true",
         "is_whole_city": "true", "is_seen_from": "true", "unit_in_scope": "true", "sees_placement": "true",
         "sees_referral": "true", "may_see_return": "true", "same_hand": "false", "is_own_report": "false",
         "districts_of": "'{000000,999999}'::text[]", "scope_from": "0::bigint", "scope_to": "999999999999::bigint", "refuse_unlicensed": "t.nothing()",
         "stands_over": "true", "reads_all_officers": "true",
         "refuse_amendment": "t.nothing()", "refuse_secret": "t.nothing()", "refuse_beyond": "t.nothing()"}
CALL = re.compile(r"ledger\.(%s)\(" % "|".join(CALLS))
# What is written out: function, part, and the same without it.
WRITTEN = (
    ("api.principal", "AND k.secret_hash = p_hash", ""),
    ("api.principal", "AND k.revoked_at IS NULL", ""),
    ("api.principal", "AND at < k.expires_at", ""),
    ("api.principal", "AND k.sandbox = c.sandbox", ""),
    ("ledger.with_officer", "AND encode(o.secret_hash, 'hex') = part[2]", ""),
    ("ledger.with_officer", "AND o.role = who.role", ""),
    ("ledger.with_officer", "AND o.organisation = who.organisation", ""),
    ("ledger.with_officer", "AND o.revoked_at IS NULL", ""),
    ("ledger.with_officer", "AND p_day BETWEEN o.valid_from AND o.valid_until;", ";"),
    ("ledger.with_officer", "AND d.to_officer = her", ""),
    ("ledger.with_officer", "AND d.ended_at IS NULL", ""),
    ("ledger.with_officer", "AND p_day BETWEEN d.valid_from AND d.valid_until", ""),
    ("ledger.with_officer", "leads := false;", ""),
    ("ledger.with_officer", "who.scope := ledger.narrower(who.scope, bound);", ""),
    ("api.admit", "IF NOT FOUND THEN", "IF false THEN"),
    ("api.admit", "ELSIF p_who.officer = -1 THEN", "ELSIF false THEN"),
    ("api.admit", "ELSIF may.actor IS NOT FALSE AND p_who.officer IS NULL THEN", "ELSIF false THEN"),
    ("api.refuse_again", "(p_req, p_who.officer, p_who.on_behalf)", "(was.request, was.officer, was.on_behalf)"),
    ("ledger.make_secret_code", "(f.o).secret_hands && ledger.hands_of(p_who.actor)", "false"),
    ("ledger.set_own_secret", "IF (p_who.officer = p_id AND p_who.on_behalf IS NULL) IS NOT TRUE THEN", "IF false THEN"),
    ("ledger.set_own_secret", "AND x.code_hash = p_code_hash", ""),
    ("ledger.officer_to_change", "WHEN p_who.lead IS NOT TRUE THEN", "WHEN false THEN"),
    ("ledger.create_officer", "IF p_who.lead IS NOT TRUE THEN", "IF false THEN"),
    ("ledger.refuse_entry", "CASE WHEN found IS NOT TRUE THEN", "CASE WHEN false THEN"),
)
# What may be gone without an attack, and why: it decides nothing, or nothing alone.
SPARED = {
    "api.amend_return_line: may_see_return 1": "which rows are locked first",
    "ledger.lock_lines: may_see_return 1": "which rows are locked first",
    "ledger.signs_for_itself: within 1": "who signs for themselves is refused: gone, more is",
    "ledger.signs_for_itself: within 2": "who signs for themselves is refused: gone, more is",
    "ledger.named_people: in_scope 1": "asked again by the rule of the record",
    "ledger.amend_lines: may_see_return 1": "which rows are locked first",
    "api.create_referral: refuse_unlicensed 1": "asked again by ledger.create_referral",
    "ledger.entry_filter: its range": "a filter that the caller gave",
    "ledger.stands_over: is_whole_city 1": "asked before by who calls it; test_grants_by_chance.py takes both away",
    "ledger.register_household: in_scope 1": "which rows are locked first",
    "ledger.refuse_entry: in_scope 1": "asked again of the whole entry, at its end",
}


def functions(postgres):
    """name -> its definition in force; the names that stand for several are left out."""
    rows = postgres.psql(
        "SELECT json_agg(json_build_array(n.nspname || '.' || p.proname, pg_get_functiondef(p.oid))) FROM pg_proc p"
        " JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname IN ('api', 'ledger') AND p.prokind = 'f'")
    return dict(json.loads(rows))


def argument_end(text, at):
    """Where the call ends whose arguments begin at `at`."""
    depth = 1
    while depth:
        depth += {"(": 1, ")": -1}.get(text[at], 0)
        at += 1
    return at


def without(text, calls):
    for start, end, value in reversed(calls):
        text = text[:start] + value + text[end:]
    return text


def mutants(defined):
    for name, text in sorted(defined.items()):
        body = text.index("\nAS $")
        calls = [(m.start(), argument_end(text, m.end()), CALLS[m[1]], m[1]) for m in CALL.finditer(text, body)]
        ranges = [c[:3] for c in calls if c[3].startswith("scope_")]
        if ranges:
            yield f"{name}: its range", without(text, ranges)
        for start, end, value, called in calls:
            if not called.startswith("scope_"):
                nth = sum(1 for c in calls if c[3] == called and c[0] < start)
                yield f"{name}: {called} {nth + 1}", without(text, [(start, end, value)])
    for name, part, rest in WRITTEN:
        assert defined[name].count(part) == 1, (name, part)
        yield f"{name}: {part}", defined[name].replace(part, rest)


def tried(postgres, planted):
    """What each attack is answered with each of what is planted: two sessions, each with its half."""
    attacks = ", ".join(f"($n${name}$n$, $c${call}$c$, $s${seen}$s$)" for name, (call, seen) in ATTACKS.items())
    ask = f"SELECT json_object_agg(x.name, t.tried(x.call, x.seen)) FROM (VALUES {attacks}) x (name, call, seen);"

    def half(mutants_of_it):
        return postgres.psql("".join(f"BEGIN; {m}; {ask} ROLLBACK;\n" for m in mutants_of_it)).splitlines()

    middle = len(planted) // 2
    with ThreadPoolExecutor(2) as pool:
        said = [line for lines in pool.map(half, (planted[:middle], planted[middle:])) for line in lines]
    assert len(said) == len(planted)
    return [json.loads(line) for line in said]


def test_without_any_check_some_attack_is_refused_no_more(postgres):
    postgres.psql(HELPERS + HELP + WORLD)
    names, planted = zip(*mutants(functions(postgres)))
    assert len(names) == len(set(names)) > 140
    whole, *answers = tried(postgres, ("", *planted))
    wrong = {name: said for name, said in whole.items() if said == "through" or said.startswith("error")}
    assert wrong == {}, "with every check in place"
    noticed = {name: {a for a, said in answer.items() if said != whole[a] and not said.startswith("error")}
               for name, answer in zip(names, answers)}
    assert {name for name, by_whom in noticed.items() if not by_whom} == set(SPARED), "is gone, and nobody notices"
    assert set(ATTACKS) - set().union(*noticed.values()) == set(), "shows nothing"
