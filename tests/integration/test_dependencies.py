"""What one member of a body demands of another: config/openapi.yaml says it where JSON Schema can,
and the daemon holds it.  Each dependency is a body that is right and one that breaks nothing else.
"""

from urllib.parse import quote

import pytest
from generated.contract import Contract
from harness.trade import CLEANER, DISTRICT, QUARTER, Trade, line, quarter_return

RETURN = f"/v1/returns/123456788/{DISTRICT}/{QUARTER}"
AGENCY = "/v1/agencies/" + quote("某介绍所")
LICENCE = {"licence": "2006-017", "district": DISTRICT, "services": ["introduction"], "from": "2006-01-01",
           "until": "2008-12-31"}
OFFICER = {"name": "新员", "post": "窗口", "scope": "4101"}


def filing(**changed):
    return quarter_return([line("A", **changed)])


# (method, path, right, wrong, pointer of the fault)
CASES = {
    "hours beside pay that is not by the month": (
        "PUT", RETURN, filing(pay_period="hour", pay_min_fen=500, pay_max_fen=600),
        filing(pay_period="hour", pay_min_fen=500, pay_max_fen=600, weekly_hours=None), "/lines/0/weekly_hours"),
    "a lowest or a highest pay": (
        "PUT", RETURN, filing(pay_min_fen=90000, pay_max_fen=None), filing(pay_min_fen=None, pay_max_fen=None),
        "/lines/0/pay_max_fen"),
    "no approval of a post that is not reserved": (
        "PUT", RETURN, filing(reserved=False, approval=None), filing(reserved=False, approval="1"),
        "/lines/0/approval"),
    "no lines in a nil return": (
        "PUT", RETURN, {"nil": True, "staff": 3}, {"nil": True, "staff": 3, "lines": [line("A")]}, "/lines"),
    "lines in one that is not nil": (
        "PUT", RETURN, filing(), {"nil": False, "staff": 3, "lines": []}, "/lines"),
    "a line closed and nothing else": (
        "PATCH", f"{RETURN}/lines/K", {"title": "保洁"}, {"closed": {"reason": "withdrawn"}, "title": "保洁"},
        "/title"),
    "a member that a line does not have": (
        "PATCH", f"{RETURN}/lines/K", {"posts": 2}, {"wage": 2}, "/wage"),
    "the first day of a suspension that has a last": (
        "PUT", AGENCY, {**LICENCE, "suspended_from": "2008-01-01", "suspended_until": "2008-02-01"},
        {**LICENCE, "suspended_until": "2008-02-01"}, "/suspended_until"),
    "an officer's role and organisation together": (
        "POST", "/v1/officers", OFFICER, {**OFFICER, "role": "agency"}, "/organisation"),
    "a job before those who lost one": (
        "POST", "/v1/seekers/{seeker}/unemployment", {"since": "2007-07-01", "prior_job": True, "laid_off": "L1"},
        {"since": "2007-07-01", "prior_job": False, "laid_off": "L1"}, "/laid_off"),
    "who filled it only where somebody did": (
        "PATCH", f"{RETURN}/lines/K", {"closed": {"reason": "filled_agency", "filled_by": "某所"}},
        {"closed": {"reason": "withdrawn", "filled_by": "某所"}}, "/closed/filled_by"),
}


@pytest.fixture(scope="module")
def contract():
    return Contract()


def test_what_the_document_demands_the_daemon_demands(daemon, contract):
    trade = Trade(daemon)
    trade.employer()
    trade.file([line("K", occupation=CLEANER)])
    seeker = trade.register(1, unemployment=None)
    failed = []
    # What is refused first, and the line that others are tried on closed last.
    for name, (method, path, right, wrong, pointer) in CASES.items():
        path = path.replace("{seeker}", seeker)
        schema = contract.find(method, path).schema
        if contract.faults(schema, right) or not contract.faults(schema, wrong):
            failed.append(f"{name}: the document {contract.faults(schema, right)}")
        answer = trade.call(method, path, wrong)
        if answer.status != 422 or pointer not in [e["pointer"] for e in answer.json["errors"]]:
            failed.append(f"{name}: {answer}")
    for name, (method, path, right, _, _) in CASES.items():
        path = path.replace("{seeker}", seeker)
        asked = path + "?validate=only" if method == "PUT" and path == RETURN else path
        answer = trade.call(method, asked, right)
        # A rule of the ledger may stand in the way; the form does not.
        if answer.status not in (200, 201, 409):
            failed.append(f"{name}: {answer}")
    assert not failed, "\n".join(failed)


def test_a_code_is_taken_in_each_form_that_the_document_takes(daemon, contract):
    """Schema and daemon refuse the same forms; of a form that is right the check digit is another matter."""
    trade = Trade(daemon)
    trade.employer("D2143569X")
    right = ["D2143569X", "D2143569-X", "d2143569x", " D2143569X ", "Ｄ２１４３５６９－Ｘ", "d2143569-x\u3000",
             "D2143569X\t"]
    wrong = ["", "D21-43569X", "D2143569--X", "D2143569X1", "D214 3569X", "D2143569_X", "D2143569\u00d7"]
    for n, code in enumerate(right + wrong):
        body = {"seeker": trade.register(n), "employer": code, "kind": "unit", "workplace": "410105003001",
                "start_on": "2007-07-12"}
        answer = trade.call("POST", "/v1/placements", body)
        taken = answer.status == 201
        assert taken == (code in right) == (not contract.faults(contract.find("POST", "/v1/placements").schema, body)), \
            (code, answer)
        assert not taken or trade.must(200, "GET", f"/v1/placements/{answer.json['placement']}")["employer"] \
            == "D2143569X"
        if code.strip() and "\t" not in code:  # no path has one
            path = f"/v1/employers/{quote(code, safe='')}"
            assert (trade.call("GET", path).status == 200) == taken, code
