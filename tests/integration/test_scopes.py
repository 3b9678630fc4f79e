"""Nothing that is missing means everything (rules/granting): in every place where authority stands, what
is missing or empty is refused, and where it stood all the same it would give nothing."""

import re

import pytest

from harness import SOURCE
from test_ledger_sql import HELPERS

NONE = ("NULL", "''", "'4'", "'410'", "'x'", "'41 0'")

# Table, column, and what is planted there beside NULL and ''.
STORED = (
    ("api_key", "scope", NONE), ("officer", "scope", NONE), ("delegation", "scope", NONE),
    ("api_key", "employers", ("NULL", "'{NULL}'", "'{\"\"}'", "'{123456788,NULL}'")),
    ("api_key", "role", ("NULL", "0")), ("api_key", "org_name", ("NULL", "''")),
    ("api_key", "not_before", ("NULL",)), ("api_key", "expires_at", ("NULL",)),
    ("api_key", "secret_hash", ("NULL", "''")), ("api_key", "sandbox", ("NULL",)),
    ("officer", "role", ("NULL", "0")), ("officer", "organisation", ("NULL", "''")), ("officer", "lead", ("NULL",)),
    ("officer", "valid_from", ("NULL",)), ("officer", "valid_until", ("NULL",)),
    ("officer", "secret_hash", ("NULL", "''")), ("officer", "secret_hands", ("NULL",)),
    ("delegation", "valid_from", ("NULL",)), ("delegation", "valid_until", ("NULL",)),
    ("delegation", "from_officer", ("NULL",)), ("delegation", "to_officer", ("NULL",)),
    ("agency_licence", "services", ("NULL", "'{NULL}'", "'{\"\"}'", "'{introduction,NULL}'")),
    ("agency_licence", "organisation", ("NULL", "''")), ("agency_licence", "district", ("NULL", "''")),
    ("agency_licence", "valid_from", ("NULL",)), ("agency_licence", "valid_until", ("NULL",)),
    ("permission", "role", ("NULL",)), ("permission", "action", ("NULL", "''")), ("permission", "actor", ("NULL",)),
    ("permission", "fields", ("NULL",)), ("city", "prefix", ("NULL", "''", "'41'")),
    ("employer_site", "district", ("NULL", "''")), ("unit_prefix", "prefix", ("NULL", "''", "'41'")),
)

KEY_COLUMNS = {("agency_licence", "organisation"), ("permission", "role"), ("permission", "action"),
               ("employer_site", "district"), ("unit_prefix", "prefix")}

# A seeker and a return; the second officer of the bureau stands in for the first, and has no place of
# their own.
WORLD = """
CREATE FUNCTION t.planted(p_table text, p_column text, p_value text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
	n int;
BEGIN
	EXECUTE format('UPDATE ledger.%I SET %I = %s', p_table, p_column, p_value);
	GET DIAGNOSTICS n = ROW_COUNT;
	RAISE EXCEPTION 'undone' USING ERRCODE = CASE WHEN n > 0 THEN 'ZZ001' ELSE 'ZZ002' END;
EXCEPTION
	WHEN SQLSTATE 'ZZ001' THEN RETURN true;
	WHEN integrity_constraint_violation THEN RETURN false;
END $$;
SELECT t.file(jsonb_build_array(t.line('A', 1)));
SELECT t.seeker(1);
INSERT INTO ledger.delegation (city, from_officer, to_officer, scope, valid_from, valid_until)
	VALUES (4101, t.officer_id('bureau'), t.officer_id('bureau') + 50, '4101', '2007-07-01', '2007-12-31');
UPDATE ledger.officer SET scope = '-' WHERE id = t.officer_id('bureau') + 50;
SELECT api.read_seeker(4101, t.kid('bureau'), t.secret('bureau'), t.actor('bureau'), id) FROM ledger.seeker;
"""

# Calls of a bureau, and what is asked of each answer.
ITEMS = "jsonb_array_length(body::jsonb->'items') > 0"
ASKED = {
    "list_seekers": ("NULL, NULL, NULL, NULL, NULL, NULL, 9, NULL, NULL", ITEMS),
    "list_returns": ("NULL, NULL, NULL, NULL, NULL, 9, NULL, NULL, NULL", ITEMS),
    "list_obligations": ("NULL, NULL, '2007Q2', NULL, NULL, 9, NULL, NULL", ITEMS),
    "list_looks": ("NULL, NULL, 9, NULL", ITEMS),
    "read_seeker": ("(SELECT max(id) FROM ledger.seeker)", "status = 200"),
    "read_return": ("'123456788', '410105', '2007Q2', NULL", "status = 200"),
    "put_employer": ("'123456788', '{\"name\":\"甲\",\"sites\":[{\"district\":\"410105\"}]}'", "status = 200"),
}
UNBOUND = """
DO $$
DECLARE
	c record;
BEGIN
	FOR c IN SELECT conrelid::regclass AS home, conname FROM pg_constraint
			WHERE contype = 'c' AND conrelid <> 0 AND connamespace = 'ledger'::regnamespace LOOP
		EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', c.home, c.conname);
	END LOOP;
END $$;
ALTER TABLE ledger.api_key ALTER scope TYPE text;
ALTER TABLE ledger.officer ALTER scope TYPE text;
ALTER TABLE ledger.delegation ALTER scope TYPE text;
""" + "".join(f"ALTER TABLE ledger.{table} ALTER {column} DROP NOT NULL;\n" for table, column, values in STORED
              if "NULL" in values and (table, column) not in KEY_COLUMNS and column != "org_code")


@pytest.fixture
def ledger(postgres):
    postgres.psql(HELPERS + WORLD)
    return postgres


def asked(ledger, actor="t.actor('bureau')", key="bureau", only=ASKED):
    """Which calls are answered with something, after what is planted, which is undone."""
    def after(planted):
        said = ledger.psql("BEGIN;" + planted + "".join(
            f"SELECT '{call}' FROM api.{call}(4101, t.kid('{key}'), t.secret('{key}'), {actor}, {args})"
            f" WHERE kind = 'a' AND {right};" for call, (args, right) in ASKED.items() if call in only) + "ROLLBACK;")
        return set(said.split())
    return after


def test_what_is_missing_is_stored_nowhere(ledger):
    cases = [(table, column, value) for table, column, values in STORED for value in values]
    stored = ledger.psql("".join(
        f"SELECT '{table}.{column} = {value.replace(chr(39), '')}' WHERE t.planted('{table}', '{column}', $${value}$$);"
        for table, column, value in cases))
    assert stored == "" and len(cases) > 50
    assert ledger.psql("SELECT t.planted('officer', 'scope', $$'410105'$$)") == "t", "what is right is stored"


def test_what_is_missing_gives_nothing_though_it_were_stored(ledger):
    ledger.psql(UNBOUND)
    bureau = asked(ledger)
    deputy = asked(ledger, f"split_part(t.second_actor('bureau'), ' ', 1) || '.' ||"
                           " ledger.seeker_text(t.officer_id('bureau')) || ' r'")
    own = asked(ledger, "t.second_actor('bureau')")
    group = asked(ledger, "''", "group", ("read_return", "list_returns", "list_obligations"))
    assert bureau("") == deputy("") == set(ASKED) and own("") == set() and len(group("")) == 3
    for value in ("NULL", "''", "'-'", "'4'"):
        for table, callers in (("api_key", (bureau, deputy, group)), ("officer", (bureau, deputy)),
                               ("delegation", (deputy,))):
            for caller in callers:
                assert caller(f"UPDATE ledger.{table} SET scope = {value};") == set(), (table, value)
    for value in ("NULL", "'{}'", "'{NULL}'", "'{\"\"}'"):
        assert group(f"UPDATE ledger.api_key SET employers = {value};") == set(), value
    # What else says who may act, from when, and to when.
    for table, column, caller in (
            *(("api_key", c, bureau) for c in ("role", "not_before", "expires_at", "secret_hash", "sandbox")),
            *(("officer", c, bureau) for c in ("role", "organisation", "valid_from", "valid_until", "secret_hash")),
            *(("delegation", c, deputy) for c in ("valid_from", "valid_until", "from_officer", "to_officer"))):
        assert caller(f"UPDATE ledger.{table} SET {column} = NULL;") == set(), (table, column)
    assert "read_seeker" not in asked(ledger, "''")("UPDATE ledger.permission SET actor = NULL;")
    assert ledger.psql(
        "BEGIN; UPDATE ledger.officer SET lead = NULL; SELECT code FROM api.create_officer(4101, t.kid('bureau'),"
        " t.secret('bureau'), t.actor('bureau'), 'k', '', 77, t.secret('x'), '{\"name\":\"n\",\"post\":\"p\","
        "\"scope\":\"4101\"}'); ROLLBACK") == "lead-required"
    # A city that has no prefix has no whole, and nobody who is all of it; whose hands made a secret is
    # not known, so it may be the caller's.
    for value in ("NULL", "''"):
        assert ledger.psql(f"BEGIN; UPDATE ledger.city SET prefix = {value}; SELECT ledger.is_whole_city(4101, '4101'),"
                           " ledger.unit_in_scope(4101, '4101', 'city'); ROLLBACK") == "f|f"
    assert ledger.psql(
        "BEGIN; UPDATE ledger.officer SET secret_hands = NULL; SELECT code, body::jsonb->>'reason' FROM"
        " api.make_secret_code(4101, t.kid('bureau'), t.secret('bureau'), t.actor('bureau'), 'k', '',"
        " t.officer_id('bureau'), t.secret('x')); ROLLBACK") == "wrong-state|same-officer"
    licensed = "SELECT (ledger.refuse_unlicensed(api.principal(4101, t.kid('agency'), t.secret('agency'), ''))).status"
    assert ledger.psql(licensed) == ""
    for value in ("NULL", "'{}'", "'{NULL}'", "'{\"\"}'"):
        assert ledger.psql(f"UPDATE ledger.agency_licence SET services = {value}; {licensed}") == "403", value
    for column in ("valid_from", "valid_until"):
        assert ledger.psql(f"BEGIN; UPDATE ledger.agency_licence SET {column} = NULL, services = '{{introduction}}';"
                           f" {licensed}; ROLLBACK") == "403", column
    assert ledger.psql(f"DELETE FROM ledger.agency_licence; {licensed}") == "403"
    # Nobody who acted is nobody's hand, and whose hand is not known is the same.
    assert ledger.psql("SELECT ledger.hands_of(NULL), ledger.same_hand(api.principal(4101, t.kid('bureau'),"
                       " t.secret('bureau'), t.actor('bureau')), NULL, NULL)") == "{}|t"


def test_no_comparison_of_scopes_is_unknown(ledger):
    """And of what is no scope none is true."""
    none = ("NULL", "''", "'-'", "'4'", "'410'")
    for one in none:
        for other in (*none, "'4101'", "'410105'"):
            said = ledger.psql(
                f"SELECT ledger.within({one}, {other}), ledger.within({other}, {one}) AND {one} IS DISTINCT FROM"
                f" {other}, ledger.narrower({one}, {other}), ledger.narrower({other}, {one})")
            assert said == "f|f|-|-", (one, other)
        said = ledger.psql(
            f"SELECT ledger.in_scope({one}, 410105003001), ledger.in_scope('4101', NULL), ledger.scope_of({one}),"
            f" ledger.is_whole_city(4101, {one}), ledger.scope_from({one}) > ledger.scope_to({one}),"
            f" ledger.districts_of({one}), ledger.unit_in_scope(4101, {one}, 'city')")
        assert said == "f|f|-|f|t|{1,0}|f", one
    right = ("4", "'bureau'", "'4101'", "true", "'2007-12-31'")
    # Each part missing of the giver or the given, and both.
    for n in range(len(right)):
        part = ", ".join((*right[:n], "NULL", *right[n + 1:]))
        whole = ", ".join(right)
        for own, given in ((part, whole), (whole, part), (part, part)):
            if right[n] == "true" and own == whole:
                continue  # who is no lead is given nothing by it
            assert ledger.psql(f"SELECT jsonb_array_length(ledger.beyond(4101, ROW({own})::ledger.powers,"
                               f" ROW({given})::ledger.powers)) > 0") == "t", (own, given)
    assert ledger.psql(f"SELECT ledger.beyond(4101, ROW({whole})::ledger.powers, ROW({whole})::ledger.powers)") == "[]"


# -- the sources: scopes are compared in one place of each language; whether a place is the city's at
# all is no scope

SQL = re.compile(r"starts_with\((?!x\.reason|a\.community|i\.key|\w\.workplace|p_place::text, c\.prefix|pe\.hukou)"
                 r"|length\([^)]*(scope|bound)"
                 r"|(scope|bound)\)?\s*(IS (NOT )?(NULL|DISTINCT)|<>|=|~|LIKE|!~|\|\|\s*'%')"
                 r"|rpad\((p_)?(who\.)?(scope|bound)|left\([^)]*(scope|bound)|array_length\([^)]*employers|<> ALL \([^)]*(employers|services)")
C = re.compile(r"\b(strn?cmp|memcmp|strncasecmp|strstr|strspn)\([^;]*\b(scope|bound)\b|scope\[0\]|\*\w+->scope")
ALLOWED = {
    "answers_kept.sql": {"was.scope IS DISTINCT FROM p_who.scope"},  # whether two calls had one, not which holds more
    "counts.sql": {"AND starts_with(x.prefix, u.prefix) AND x.prefix <> "
                   "u.prefix)"},  # a unit within a unit
    "imports.sql": {"SELECT (p_import.officer, p_import.on_behalf, p_import.scope) IS NOT DISTINCT FROM"},  # the same
    "import_records.sql": {"scope = EXCLUDED.scope, object = EXCLUDED.object, created_at = EXCLUDED.created_at;"},  # is set
    "lots.sql": {"decided_behalf = p_who.on_behalf, decided_scope = p_who.scope,"},  # is set
    "keys.sql": {"(k.kid, k.secret_hash, k.role, k.org_code, k.scope) IS NOT DISTINCT FROM"},  # the same call again
    "officers.sql": {"lead = o.lead, scope = o.scope,"},  # is set
}


def comparisons(path, pattern):
    text = re.sub(r"--[^\n]*|/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.S)
    allowed = ALLOWED.get(path.name, ())
    return [line.strip() for line in text.splitlines()
            if pattern.search(line) and not any(a in line for a in allowed)]


def test_scopes_are_compared_in_one_place():
    schema, daemon = SOURCE / "config" / "schema" / "functions", SOURCE / "daemon"
    found = {}
    for path in schema.glob("*.sql"):
        if path.name != "scopes.sql":
            found[path.name] = comparisons(path, SQL)
    for path in daemon.rglob("*.[ch]"):
        if path.parent.name != "base":
            found[path.name] = comparisons(path, C)
    assert {name: lines for name, lines in found.items() if lines} == {}
    # It finds what it is for.
    assert comparisons(schema / "scopes.sql", SQL) and comparisons(daemon / "base" / "scope.c", re.compile("strncmp"))
    for planted in ("starts_with(p.place, who.scope)", "p_who.scope IS NULL OR x", "length(who.scope) = 4",
                    "left(p, length(p_scope)) = p_scope", "e.code <> ALL (w.employers)"):
        assert SQL.search(planted), planted
    for planted in ("strncmp(bound, scope, strlen(scope))", "return who->scope[0] && x"):
        assert C.search(planted), planted
