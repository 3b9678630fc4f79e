"""Every cell of config/data/authorisation.tsv: each route as each role, allowed and refused; and
another's object, which is answered byte for byte as one that does not exist.
"""

import csv
import os
import re
import subprocess
from pathlib import Path

import pytest

from harness import SOURCE
from harness.daemon import EMPLOYER, id_in
from harness.registers import one_of_each, reason_of
from harness.trade import COMMUNITY, QUARTER, Trade, line
from harness.wait import wait_for

ROLES = {"employer": 1, "agency": 2, "bureau": 4, "auditor": 8}
# What a path parameter may be that is well formed and nobody's.
NOWHERE = {"employer": "600037341", "district": "410105", "quarter": QUARTER, "ref": "zz",
           "vacancy": "999999", "seeker": "3fffffffffffffff", "officer": "3fffffffffffffff",
           "list": "skills", "import": "nothing-here"}

# A reason for each step of a referral that takes one.
STEPS = {"refuse": "pay", "decline": "filled", "fail": "no_show", "withdraw": "mistake"}


def rows():
    with open(SOURCE / "config" / "data" / "authorisation.tsv", encoding="utf-8") as table:
        return {(r["action"], r["role"]): r for r in csv.DictReader(table, delimiter="\t")}


def routes():
    """(method, pattern, action) of every route of the table."""
    program = Path(os.environ["VACANCYD_BUILD"]) / "tests" / "unit" / "routes_dump"
    out = subprocess.run([program], check=True, capture_output=True, text=True).stdout
    found = [x.split("\t") for x in out.splitlines()]
    return [(x[0].upper(), x[1], x[5]) for x in found if x[5] != "-"]


def fill(pattern, known):
    return re.sub(r"{(\w+)}", lambda m: known.get(m.group(1), NOWHERE.get(m.group(1), "999999")), pattern)


def slug(answer):
    return answer.json.get("type", "").removeprefix("/problems/") if answer.status >= 400 else "ok"


def bare(answer):
    """Status, headers and body, but for what names the request, what it asked for, or the moment."""
    headers = {k: v for k, v in answer.headers.items()
               if k not in ("content-length", "date", "vacancyd-request-id", "ratelimit")}
    body = re.sub(rb'"instance":"[0-9a-f]{32}"|"found": ?"[^"]*"', b"", answer.body)
    return answer.status, headers, body


@pytest.fixture(scope="module")
def stage(shared_daemon):
    """Keys of every role, with officers; strangers of each; one object of each kind."""
    trade = Trade(shared_daemon)
    keys = dict(shared_daemon.keys)
    keys["auditor"] = shared_daemon.new_key(role="auditor", org_name="审计局")
    strangers = {
        "employer": shared_daemon.new_key(role="employer", org_code="D2143569X", org_name="他厂"),
        "agency": shared_daemon.new_key(role="agency", org_name="他所", scope="410102"),
        "bureau": shared_daemon.new_key(role="bureau", org_name="他区", scope="410102"),
    }
    for key in (*keys.values(), *strangers.values()):
        if key not in shared_daemon.actors:
            shared_daemon.actors[key] = shared_daemon.new_officer(key)
            wait_for(lambda k=key: shared_daemon.request("GET", "/v1/officers", k).status == 200, 5,
                     "the officer")
    trade.keys, trade.strangers = keys, strangers
    trade.employer()
    vacancies = trade.file([line("A", 5)])
    someone = trade.register(1)
    placed = trade.must(201, "POST", "/v1/placements", trade.placement(someone, vacancies["A"]))
    others = [trade.register(2), trade.register(3)]
    household = trade.must(201, "POST", "/v1/households", {
        "community": COMMUNITY, "hukou_type": "urban", "business_income": False,
        "investment_income": False, "applied_on": "2007-06-01", "determined_on": "2007-06-11",
        "members": [{"seeker": s, "able": True, "willing": True, "excluded": None} for s in others]})
    # The name of the agency, as it stands in a path.
    agency = "%E6%B5%8B%E8%AF%95%E8%81%8C%E4%B8%9A%E4%BB%8B%E7%BB%8D%E6%89%80"
    trade.must(201, "PUT", f"/v1/agencies/{agency}", {
        "licence": "2006-017", "district": "410105", "services": ["introduction"],
        "from": "2006-01-01", "until": "2007-12-31"})
    referred = trade.must(201, "POST", "/v1/referrals", key=keys["bureau"], body={
        "seeker": trade.register(4), "vacancy": vacancies["A"], "passed_over": [
            {"seeker": s, "reason": "cannot_start"} for s in others]})
    officer = id_in(shared_daemon.actors[keys["bureau"]])
    trade.known = {"employer": EMPLOYER, "district": "410105", "quarter": QUARTER, "ref": "A",
                   "vacancy": vacancies["A"], "seeker": someone, "placement": placed["placement"],
                   "household": household["household"], "officer": officer, "delegation": "1",
                   "agency": agency, "referral": referred["referral"],
                   **one_of_each(trade, others[0])}
    return trade


def test_every_row_is_of_a_route():
    assert {action for action, _ in rows()} == {action for _, _, action in routes()}


def test_every_cell(stage):
    table, wrong, cells = rows(), [], 0
    for method, pattern, action in routes():
        body = None if method == "GET" else {}
        path = fill(pattern, {})
        if slug(stage.daemon.request(method, path, None, body)) != "key-missing":
            wrong.append((method, pattern, "nobody"))
        for role, key in stage.keys.items():
            cells += 1
            row = table.get((action, role))
            alone = slug(stage.call(method, path, body, key=key, headers={"Vacancyd-Actor": None}))
            named = slug(stage.call(method, path, body, key=key))
            if not row:
                right = alone == named == "role-refused"
            elif row["actor"] == "officer":
                right = alone == "actor-required" and not named.startswith(("role", "actor", "key"))
            else:
                right = not alone.startswith(("role", "actor", "key", "internal")) and \
                    not named.startswith(("role", "actor", "key", "internal"))
            if not right:
                wrong.append((method, pattern, role, alone, named))
    assert not wrong and cells == 4 * len(routes())


def test_the_ledger_has_the_same_table(stage):
    """The second gate, in every function: the C table alone would not be enough."""
    sql = stage.daemon.postgres.psql(
        "SELECT action || ' ' || ledger.role_name(role) || ' ' || actor || ' '"
        " || array_to_string(fields, ',') FROM ledger.permission ORDER BY 1")
    assert sql.splitlines() == sorted(
        f"{r['action']} {r['role']} {'true' if r['actor'] == 'officer' else 'false'} "
        f"{'' if r['fields'] == '-' else r['fields']}" for r in rows().values())
    asked = set(re.findall(r"api\.admit\(who, '([a-z.-]+)'\)", stage.daemon.postgres.psql(
        "SELECT prosrc FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace"
        " WHERE nspname = 'api'") + stage.daemon.postgres.psql(
        "SELECT string_agg(pg_get_functiondef(p.oid), ' ') FROM pg_proc p"
        " JOIN pg_namespace n ON n.oid = pronamespace WHERE nspname = 'api' AND prokind = 'f'")))
    assert asked <= {action for action, _ in rows()}


def test_anothers_object_is_as_if_it_were_not_there(stage):
    table, wrong, pairs = rows(), [], 0
    for method, pattern, action in routes():
        names = re.findall(r"{(\w+)}", pattern)
        if not names or names == ["list"]:
            continue
        body = {"PUT": {"nil": True, "staff": 1, "lines": []}}.get(method, {})
        if "register" in pattern:
            body = {"community": "410102001002"}
        elif pattern.endswith("/decide"):
            body = {"decision": "approve", "reason": "r"}
        elif reason_of(pattern):
            body = reason_of(pattern)
        elif pattern.endswith("/placements/{placement}/withdraw"):
            body = {"signal": "report", "reason": "other"}
        elif pattern.endswith("/undo"):
            body = {"reason": "r", "evidence": "e"}
        elif "void" in pattern:
            body = {"code": "V1", "reason": "r", "evidence": "e"}
        elif "delegations" in pattern and "end" not in pattern:
            body = {"to": stage.known["officer"], "scope": "410102", "until": "2007-12-31"}
        elif "consent" in pattern:
            body = {"how": "in_person"}
        elif "/referrals/" in pattern:
            body = {name: {"reason": code} for name, code in STEPS.items()}.get(
                pattern.rsplit("/", 1)[1], {})
        body = None if method == "GET" else body
        for role, key in stage.strangers.items():
            if (action, role) not in table or (action == "vacancies.read" and role != "none"):
                continue  # what is open is everybody's
            if action == "employers.put":
                continue  # names a district, not somebody's object
            pairs += 1
            theirs = stage.call(method, fill(pattern, stage.known), body, key=key)
            nobodys = stage.call(method, fill(pattern, {}), body, key=key)
            if bare(theirs) != bare(nobodys) or theirs.status < 400:
                wrong.append((method, pattern, role, theirs, nobodys))
    assert not wrong and pairs > 10


def test_masked_fields_are_not_in_the_answer(stage):
    placed = stage.known["placement"]
    stage.must(200, "POST", f"/v1/placements/{placed}/void",
               {"code": "V1", "reason": "写错", "evidence": "e1"})
    seen = 0
    for (action, role), row in rows().items():
        masked = [] if row["fields"] == "-" else row["fields"].split(",")
        for method, pattern, of in routes():
            if of != action or method != "GET" or not masked:
                continue
            answer = stage.call("GET", fill(pattern, stage.known), key=stage.keys[role])
            names = set(re.findall(r'"(\w+)":', answer.text))
            assert not names & set(masked), (action, role, names & set(masked))
            whole = stage.call("GET", fill(pattern, stage.known))
            seen += set(masked) <= set(re.findall(r'"(\w+)": ?', whole.text))
    assert seen
