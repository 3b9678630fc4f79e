"""Templates: for every kind a form that explains itself, with an example that is taken as it is."""

import csv
import io
import json

import openpyxl
import pytest
from harness.registers import PLURALS
from harness.trade import Trade

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv"
# In this order: a household, a placement and an enrolment are of people who are on file.
KINDS = ["returns", "seekers", "households", "placements", *PLURALS.values()]


@pytest.fixture(scope="module")
def trade(shared_daemon):
    trade = Trade(shared_daemon)
    trade.employer()
    return trade


MARKS = ("示例（请删除本行）", "EXAMPLE (delete this row)")


def key_of(trade, kind):
    return trade.daemon.keys["employer" if kind == "returns" else "bureau"]


def template(trade, kind, lang, of=CSV):
    answer = trade.daemon.request("GET", f"/v1/templates/{kind}?division=410105", key_of(trade, kind),
                                  headers={"Accept": of, "Accept-Language": lang})
    assert answer.status == 200 and answer.headers["content-type"].partition(";")[0] == of, answer
    return answer.body


def post(trade, kind, body, name, of=CSV, query=""):
    answer = trade.daemon.request("POST", f"/v1/imports?kind={kind}{query}", key_of(trade, kind), raw=body,
                                  headers={"Content-Type": of, "Idempotency-Key": name})
    assert answer.status == 200, answer
    return [json.loads(x) for x in answer.text.splitlines()]


def refused(trade, kind, body, name, of=CSV):
    answer = trade.daemon.request("POST", f"/v1/imports?kind={kind}", key_of(trade, kind), raw=body,
                                  headers={"Content-Type": of, "Idempotency-Key": name})
    assert answer.status == 422, answer
    return answer.json["errors"][0]


def rows_of(body):
    return list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline="")))


def written(rows):
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_each_example_is_taken_and_stars_stand_where_nothing_may_lack(daemon, lang):
    trade = Trade(daemon)
    trade.employer()
    course = None
    for kind in KINDS:
        heads, example = rows_of(template(trade, kind, lang))
        # As it is in the form it is none, of whatever kind.
        left = refused(trade, kind, written([heads, example]), f"left-{kind}")
        assert left["rule"] == "no-record", (kind, left)
        assert any(x in MARKS for x in example), example
        example = ["范例" if x in MARKS else x for x in example]
        body = written([heads, example])
        if kind == "enrolments":  # the number of a course is this exchange's
            example[heads.index("培训班*" if lang == "zh-CN" else "course*")] = course
            body = written([heads, example])
        for i, head in enumerate(heads):
            if not example[i]:
                assert not head.endswith("*"), head
                continue
            lacking = [*example[:i], "", *example[i + 1:]]
            receipt, _ = post(trade, kind, written([heads, lacking]), f"{kind}-{i}", query="&validate=only")
            either = head in ("公民身份号码", "citizen_number", "members.citizen_number",  # or seeker
                              "失业日期", "曾就业", "unemployment.since", "unemployment.prior_job")  # or neither
            assert (receipt["result"] == "refused") == (head.endswith("*") or either), (kind, head, receipt)
        receipts = post(trade, kind, body, kind)
        assert [r.get("result") for r in receipts] == ["added", None], (kind, receipts)
        course = receipts[0].get("course", course)


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_each_form_explains_its_columns(trade, lang):
    for kind in KINDS:
        body = template(trade, kind, lang, XLSX)
        wb = openpyxl.load_workbook(io.BytesIO(body))
        heads = [c.value.rstrip("*") for c in wb.active[1]]
        assert [c.value.rstrip("*") for c in wb.active[1]] == [h.rstrip("*") for h in rows_of(
            template(trade, kind, lang))[0]]
        told = {r[0].value: r[1].value for r in wb[wb.sheetnames[1]].rows}
        assert list(told) == heads and all(told.values()), (kind, told)
        listed = {c for v in wb.active.data_validations.dataValidation if v.type == "list"
                  for c in str(v.sqref).split()}
        for cell in wb.active[1]:  # where a list is promised there is one
            text = told[cell.value.rstrip("*")]
            if ("从列表中选一项" in text or "One of the list" in text) and "；多项" not in text and "several" not in text:
                assert any(c.startswith(f"{cell.column_letter}2") for c in listed), (kind, cell.value)
        if kind == "courses" and lang == "zh-CN":
            assert told["招生名额"] == "必填。1 至 2000 的整数"
            assert "skills" not in str(listed) and told["材料种类"].startswith("从列表中选一项；多项的以分号隔开")
    answer = trade.call("GET", "/v1/templates/horses")
    [error] = answer.json["errors"]
    assert (answer.status, error["pointer"], error["found"]) == (422, "path/kind", "horses"), answer
    assert error["expected"] == ", ".join(["returns", "seekers", "households", "placements", *PLURALS.values()])
