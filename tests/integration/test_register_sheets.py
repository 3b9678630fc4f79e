"""The registers at the command line: their verbs, and a spreadsheet of entries, a receipt each."""

import json

from harness.register_keeper import course
from test_vacancyctl import desk_of, trade  # noqa: F401 (a fixture)

SHEET = """\
培训名称,provider,培训类别,开班日期,结业日期,地点,招生名额,最低出勤率,补贴培训
电工初级,"郑州市第一技工学校,北校区",技能,2007-07-01,2007-07-31,410105003001,30,80,是
创业班,某学校,创业培训,2007-07-05,2007-07-20,410105003001,20,90,否
"两行的
名称",某学校,skills,2007-07-05,2007-07-20,410105003001,20,90,
没有类别,某学校,绘画,2007-07-05,2007-07-20,410105003001,二十,90,
电工初级,"郑州市第一技工学校,北校区",技能,2007-07-01,2007-07-31,410105003001,30,80,是
"""


def test_a_clerk_keeps_a_course(trade, tmp_path):  # noqa: F811
    clerk = desk_of(trade, tmp_path)
    made = clerk.json("course", "add", "--title", "电工初级", "--provider", "第一技校", "--kind", "skills",
                      "--from", "2007-07-01", "--until", "2007-07-31", "--place", "410105003001",
                      "--seats", "30", "--attendance-min", "80", "--subsidised")["course"]
    assert clerk.json("course", "add", clerk.file("c.json", course(seats=7)))["seats"] == 7
    assert clerk.json("course", "change", made, "--seats", "31", "--if-match", "1")["version"] == 2
    code, _, err = clerk.run("course", "change", made, "--seats", "32", "--if-match", "1")
    assert code == 1 and "412" in err
    change = clerk.file("p.json", {"subsidised": False, "hours": 120})
    assert clerk.json("course", "change", made, change)["subsidised"] is False
    shown = clerk.done("course", "show", made, "--lang", "zh")
    for word in ("培训名称", "招生名额", "培训类别", "生效日期"):
        assert word in shown
    assert "attendance_min" not in shown and "岗位名称" not in shown
    assert clerk.run("course", "show", made, "--as-of", "2007-07-11")[0] == 1
    table = clerk.done("course", "list", "--title", "电工", "--lang", "zh")
    assert len(table.splitlines()) == 3 and "培训班" in table.splitlines()[0]
    assert [i["course"] for i in clerk.json("course", "list", "--from-since", "2007-07-02")["items"]] == []
    assert "held" in clerk.run("course", "end", made, "--reason", "tired")[2]
    clerk.done("course", "end", made, "--reason", "cancelled")
    assert len(clerk.json("course", "list", "--state", "live")["items"]) == 1
    # Without a file what must be said is asked for; what is not a number is told at once.
    assert "--title" in clerk.run("course", "add")[2]
    assert clerk.run("course", "add", "--seats", "many")[0] == 2
    assert clerk.run("enrolment", "add", "--title", "x")[0] == 2  # not one of its members


def receipts_of(clerk, tmp_path):
    return {r["line"]: r for r in map(json.loads, (tmp_path / "r").read_text().splitlines())}


def test_a_spreadsheet_is_recorded_once_a_receipt_for_each_row(trade, tmp_path):  # noqa: F811
    clerk = desk_of(trade, tmp_path)
    sheet = clerk.file("courses.csv", "\ufeff" + SHEET.replace("\n", "\r\n"))
    code, out, err = clerk.run("course", "import", sheet, "--receipts", tmp_path / "r", "--quiet")
    assert code == 1, (out, err)
    receipts = receipts_of(clerk, tmp_path)
    assert {n: r["result"] for n, r in receipts.items()} == {
        2: "added", 3: "added", 4: "refused", 6: "refused", 7: "unchanged"}
    assert {e["pointer"] for e in receipts[6]["errors"]} == {"/kind", "/seats"}
    assert {e["column"] for e in receipts[6]["errors"]} == {"培训类别", "招生名额"}
    assert {e["pointer"] for e in receipts[4]["errors"]} == {"/title"}
    assert receipts[7]["course"] == receipts[2]["course"]
    one = clerk.json("course", "show", receipts[2]["course"])
    assert (one["provider"], one["kind"], one["subsidised"]) == ("郑州市第一技工学校,北校区", "skills", True)
    assert clerk.json("course", "show", receipts[3]["course"])["subsidised"] is False
    # The same file again is nothing new.
    clerk.run("course", "import", sheet, "--receipts", tmp_path / "r", "--quiet")
    assert receipts_of(clerk, tmp_path) == receipts
    assert len(clerk.json("course", "list")["items"]) == 2
    # What is read first is which one it is and what it is called; then the register's order.
    shown = [x.split()[0] for x in clerk.done("course", "show", one["course"]).splitlines() if x]
    assert shown[:5] == ["course", "title", "provider", "employer", "kind"]
    history = clerk.done("course", "show", one["course"]).split("history\n")[1]
    assert "recorded.at" in history and "{" not in history


def test_a_sheet_that_cannot_be_read_records_nothing(trade, tmp_path):  # noqa: F811
    clerk = desk_of(trade, tmp_path)
    for text, told in (("培训名称,kind,老师\na,skills,b\n", "老师"), ("title\na\n", "/header"),
                       ("title,title\na,b\n", "each column once")):
        code, out, err = clerk.run("course", "import", clerk.file("bad.csv", text), "--quiet")
        assert code == 1 and told in out + err, (out, err)
    assert clerk.run("course", "import", tmp_path)[0] == 2
    assert clerk.run("course", "import", tmp_path / "none.csv")[0] == 2
    assert clerk.json("course", "list")["items"] == []
    sheet = tmp_path / "gb.csv"
    sheet.write_bytes(SHEET.replace("没有类别", "丙班").encode("gb18030"))
    code, out, _ = clerk.run("course", "import", sheet, "--quiet")  # its bytes tell what they are
    assert "added" in out and len(clerk.json("course", "list")["items"]) == 2
    dry = clerk.done("course", "import", sheet, "--dry-run")
    assert "/v1/imports?kind=courses" in dry
    tried = clerk.run("course", "import", clerk.file("c.csv", SHEET.replace("初级", "高级")), "--validate", "--quiet")[1]
    assert "validated" in tried and len(clerk.json("course", "list")["items"]) == 2
