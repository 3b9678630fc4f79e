"""An import is one file by its name: sent again, cut off, tried; and the receipts that are kept of it."""

import json
import os
from hashlib import blake2b

from harness.imports import (HEADER, NDJSON, begin, csv_file, cut, mismatch, ndjson, offered, path, receipts_of, row,
                             send, state_of)
from harness.trade import Trade, line, quarter_return
from harness.wait import wait_for


def test_a_name_is_of_one_file(daemon, postgres):
    """Known by the digest of what it says, before anything of another is taken."""
    Trade(daemon).employer()
    lines = [offered(f"A{n}") for n in range(1200)]
    first = send(daemon, ndjson(lines), "july")
    stands = postgres.psql("SELECT count(*), sum(version) FROM ledger.vacancy")
    others = {"shorter": lines[:1100], "longer": [*lines, offered("B")],
              "another first": [offered("B"), *lines[1:]], "another last": [*lines[:-1], offered("B")],
              "turned": [lines[1], lines[0], *lines[2:]]}
    for what, other in others.items():
        answer = daemon.request("POST", "/v1/imports", daemon.keys["employer"], raw=ndjson(other),
                                headers={**NDJSON, "Idempotency-Key": "july"})
        assert answer.status == 422 and answer.json["type"] == "/problems/idempotency-mismatch", what
    for kind, headers in (("returns", {"Content-Type": "text/csv"}), ("placements", NDJSON)):
        answer = daemon.request("POST", f"/v1/imports?kind={kind}", daemon.keys["employer"],
                                raw=ndjson(lines), headers={**headers, "Idempotency-Key": "july"})
        assert answer.status == 422 and answer.json["type"] == "/problems/idempotency-mismatch", answer
    assert postgres.psql("SELECT count(*), sum(version) FROM ledger.vacancy") == stands
    assert send(daemon, ndjson(lines), "july") == first

    # Blank lines say nothing.
    body = b"\n".join(ndjson([one]) for one in lines)
    assert send(daemon, body, "blank")[1]["unchanged"] == 1200
    # What is kept of a file tells nobody of what it says, however short: it is no plain hash.
    one = ndjson(lines[:1]).strip()
    send(daemon, one, "short")
    assert postgres.psql("SELECT digest FROM ledger.import WHERE name = 'short'") not in (
        "", blake2b(bytes(32) + b"\n1" + one + b"\0", digest_size=32).hexdigest())
    # A file without a record is none: a name that is taken keeps its file, one that is free stays free.
    for name in ("july", "nothing"):
        for empty in (b"", b"\n"):
            answer = daemon.request("POST", "/v1/imports", daemon.keys["employer"], raw=empty,
                                    headers={**NDJSON, "Idempotency-Key": name})
            assert answer.status == 422 and answer.json["errors"][0]["rule"] == "no-record", answer
    assert send(daemon, ndjson(lines), "july") == first
    assert send(daemon, ndjson(lines[:1]), "nothing")[1]["unchanged"] == 1


def test_another_file_is_one_that_means_another_thing(daemon):
    Trade(daemon).employer()
    as_csv = {"Content-Type": "text/csv; charset=utf-8"}
    in_yuan = HEADER[:7] + ["最高薪酬（元）"] + HEADER[8:]
    first = send(daemon, csv_file([row("A")]), "unit", headers=as_csv)
    assert mismatch(daemon, csv_file([row("A")], in_yuan), "unit", as_csv)
    assert send(daemon, csv_file([row("A")]), "unit", headers=as_csv) == first
    # Nor is a line that could not be read another one that cannot.
    broken, other = b"x\xff\n" + ndjson([offered("A")]), b"xyz\xff\n" + ndjson([offered("A")])
    first = send(daemon, broken, "line")
    assert mismatch(daemon, other, "line") and mismatch(daemon, b"x\x00\n" + ndjson([offered("A")]), "line")
    assert send(daemon, broken, "line") == first


def test_another_file_where_receipts_are_behind(make_daemon, postgres, tmp_path):
    """It is told before anything of it is sent, whatever its batches would be; the same file goes on."""
    folder = tmp_path / "receipts"
    folder.mkdir()
    daemon = make_daemon(import_dir=str(folder), import_refusals=1000)
    Trade(daemon).employer()
    body = b"x\n" * 1000 + ndjson([offered(f"B{n}") for n in range(1200)])
    cut(daemon, postgres, body, "behind", 2000 + len(ndjson([offered("B0")])) * 30, 1000)
    kept, = folder.iterdir()
    kept.unlink()
    labelled = {"Content-Type": "application/x-ndjson; charset=utf-8"}
    for other in (ndjson([offered(f"A{n}") for n in range(500)]) + b"x\n" * 600,
                  ndjson([offered("A")] * 3) + b"x\n" * 1100, ndjson([offered("A")] * 3),
                  ndjson([offered("A")] * 3) + "中文".encode("gb18030") * 20000):
        assert mismatch(daemon, other, "behind", labelled)
    assert postgres.psql("SELECT count(*) FROM ledger.vacancy") == "0"
    receipts, end = send(daemon, body, "behind")
    assert (len(receipts), end["state"], end["refused"], end["added"]) == (2200, "complete", 1000, 1200)


def test_receipts_survive_and_are_read_again(make_daemon, postgres, tmp_path):
    folder = tmp_path / "receipts"
    folder.mkdir()
    daemon = make_daemon(import_dir=str(folder))
    Trade(daemon).employer()
    lines = [offered(f"C{n}", posts=0 if n == 3 else 1) for n in range(1700)]
    body = ndjson(lines)
    cut(daemon, postgres, body, "cut", len(body) * 7 // 10, 1001)
    # So far as it came; and another file that begins alike is not the rest of it.
    part = [json.loads(x) for x in receipts_of(daemon, "cut").text.splitlines()]
    assert [r["line"] for r in part if "line" in r] == list(range(1, 1002))
    answer = daemon.request("POST", "/v1/imports", daemon.keys["employer"],
                            raw=ndjson([offered("X"), *lines[1:]]),
                            headers={**NDJSON, "Idempotency-Key": "cut"})
    assert answer.status == 422, answer
    # The daemon died after the ledger had the last batch, before its receipts were written.
    kept, = folder.iterdir()
    text = kept.read_text().splitlines(keepends=True)
    kept.write_text("".join(text[:501]) + text[501][:20])
    receipts, end = send(daemon, body, "cut")
    assert [(r["line"], r["result"]) for r in receipts] == [
        (n + 1, "refused" if n == 3 else "added") for n in range(1700)]
    assert len({r["vacancy"] for r in receipts if "vacancy" in r}) == 1699
    assert (end["added"], end["refused"], end["run"]) == (1699, 1, 2)
    assert postgres.psql("SELECT count(*), sum(version) FROM ledger.vacancy") == "1699|1699"
    again = receipts_of(daemon, "cut")
    assert [json.loads(x) for x in again.text.splitlines()] == [*receipts, end]
    # Nobody else's; and nobody but the daemon's user reads the file.
    assert receipts_of(daemon, "cut", "bureau").status == 404
    assert kept.stat().st_mode & 0o77 == 0

    # Where they are not kept it is said, and what stands is not taken again.
    kept.unlink()
    answer = receipts_of(daemon, "cut")
    assert answer.status == 410 and answer.json["type"] == "/problems/receipts-gone", answer
    answer = daemon.request("POST", "/v1/imports", daemon.keys["employer"], raw=body,
                            headers={**NDJSON, "Idempotency-Key": "cut"})
    assert answer.status == 410, answer
    more = ndjson([offered(f"D{n}") for n in range(1700)])
    cut(daemon, postgres, more, "elsewhere", len(more) * 7 // 10, 1000)
    for kept in folder.iterdir():
        kept.unlink()
    receipts, end = send(daemon, more, "elsewhere")
    assert receipts[0] == {"line": 1000, "result": "gone", "records": 1000}
    assert [r["line"] for r in receipts[1:]] == list(range(1001, 1701)) and end["added"] == 1700


def test_receipts_are_bounded_in_time_and_bytes(make_daemon, tmp_path):
    folder = tmp_path / "receipts"
    folder.mkdir()
    daemon = make_daemon(import_dir=str(folder), import_kept_bytes=1048576)
    Trade(daemon).employer()
    for name in ("old", "young"):
        send(daemon, ndjson([offered("A")]), name)
        if name == "old":
            one, = folder.iterdir()
            os.utime(one, (0, 0))
    assert one not in list(folder.iterdir()) and receipts_of(daemon, "old").status == 410
    wide = b"".join(b'{"ref": "%d"}\n' % n for n in range(900))
    for n in range(12):
        send(daemon, wide, f"wide-{n}")
    assert sum(f.stat().st_size for f in folder.iterdir()) < 3 * 1048576
    assert receipts_of(daemon, "wide-11").status == 200 and receipts_of(daemon, "young").status == 410
    # One of a byte takes a block all the same; and of whatever size, there is a most of them.
    for n in range(8100):
        (folder / f"vacancyd-{n}.receipts").write_bytes(b"" if n % 20 else b"\n")
        os.utime(folder / f"vacancyd-{n}.receipts", ns=(1, 2_000_000_000_999_999_999 - n))
    send(daemon, ndjson([offered("A")]), "last")
    assert sum(f.stat().st_blocks * 512 for f in folder.iterdir()) < 2 * 1048576
    assert len(list(folder.iterdir())) <= 8001
    # The oldest went first, also of one second.
    left = sum((folder / f"vacancyd-{n}.receipts").exists() for n in range(8100))
    assert left and all((folder / f"vacancyd-{n}.receipts").exists() for n in range(left))


def test_the_end_is_written_when_it_was_not(daemon):
    """The daemon died after the ledger had closed the import, before its totals were written."""
    Trade(daemon).employer()
    for name, body in (("three", ndjson([offered("A"), offered("B", 0), offered("C")]) + b"\n"), ("one", ndjson([offered("D", 0)]))):
        before = set(daemon.dir.glob("*.receipts"))
        first = send(daemon, body, name)
        kept, = set(daemon.dir.glob("*.receipts")) - before
        whole = kept.read_bytes()
        lines = whole.splitlines(keepends=True)
        for torn in (b"".join(lines[:-1]), whole[:-20]):
            kept.write_bytes(torn)
            assert send(daemon, body, name) == first
            assert kept.read_bytes() == whole == receipts_of(daemon, name).text.encode()


def test_what_is_only_tried_is_not_kept(daemon, postgres):
    trade = Trade(daemon)
    trade.employer()
    trade.must(201, "PUT", path(), quarter_return([line("OLD", 2)]))
    before = postgres.psql("SELECT count(*), sum(version) FROM ledger.vacancy")
    events = postgres.psql("SELECT count(*) FROM ops.outbox")
    body = ndjson([offered("OLD", 3), offered("NEW"), offered("BAD", 0)]) + b"{\n"
    answer = daemon.request("POST", "/v1/imports?validate=only", daemon.keys["employer"], raw=body,
                            headers={**NDJSON, "Idempotency-Key": "try"})
    assert answer.status == 200, answer
    *receipts, end = (json.loads(x) for x in answer.text.splitlines())
    assert [r["result"] for r in receipts] == ["changed", "added", "refused", "refused"]
    assert end == {"validated": True, "kind": "returns", "format": "ndjson", "state": "complete",
                   "records": 4, "added": 1, "changed": 1, "unchanged": 0, "refused": 2, "file": {"total": 4, "blank": 0, "header": 0}}
    assert postgres.psql("SELECT count(*), sum(version) FROM ledger.vacancy") == before
    assert postgres.psql("SELECT count(*) FROM ops.outbox") == events
    assert postgres.psql("SELECT count(*) FROM ledger.import") == "0"
    trade.must(404, "GET", "/v1/imports/try")
    # The name is free, and the same file does what was said.
    receipts, _ = send(daemon, body, "try")
    assert [r["result"] for r in receipts] == ["changed", "added", "refused", "refused"]
    answer = daemon.request("POST", "/v1/imports?validate=yes", daemon.keys["employer"], raw=body,
                            headers={**NDJSON, "Idempotency-Key": "x"})
    assert answer.status == 422, answer


def test_a_file_whose_beginning_cannot_be_read_is_no_import(make_daemon, postgres, tmp_path):
    """Bytes, heading, kind: it is said why, nothing is kept, and the name is free for another file of any type."""
    folder = tmp_path / "receipts"
    folder.mkdir()
    daemon = make_daemon(import_dir=str(folder))
    Trade(daemon).employer()
    as_csv = {"Content-Type": "text/csv; charset=utf-8"}
    as_book = {"Content-Type": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
    files = {"bytes": (csv_file([row("A")], charset="gb18030"), as_csv, "charset"),
             "heading": (csv_file([row("A")], HEADER[:3] + ["工龄"]), as_csv, "unknown-member"),
             "twice": (csv_file([row("A")], HEADER + ["ref"]), as_csv, "duplicate"),
             "kind": (b"PK\x03\x04" + b"x" * 70000, as_book, "sheet-broken")}

    def post(name, body, headers):
        return daemon.request("POST", "/v1/imports", daemon.keys["employer"], raw=body,
                              headers={**headers, "Idempotency-Key": name})

    for name, (body, headers, rule) in files.items():
        for _ in range(2):
            answer = post(name, body, headers)
            assert answer.status == 422 and answer.json["type"] == "/problems/validation-failed", answer
            assert [e["rule"] for e in answer.json["errors"]] == [rule], answer
            assert daemon.request("GET", f"/v1/imports/{name}", daemon.keys["employer"]).status == 404
            assert receipts_of(daemon, name).status == 404
    assert postgres.psql("SELECT count(*) FROM ledger.import") == "0"
    for name in files:
        assert [r["result"] for r in send(daemon, ndjson([offered(name)]), name)[0]] == ["added"]
        # Once it is an import it stays one, whatever comes under its name.
        body, headers, _ = files[name]
        assert mismatch(daemon, body, name, headers)
        assert state_of(daemon, name) == "complete"
    # What was cut before it said anything is none either; what was cut behind a batch is.
    begin(daemon, "employer", "cut").close()
    wait_for(lambda: state_of(daemon, "cut") == "cut", 20, "its end")
    assert post("cut", b"\xff\xfe\x00", {"Content-Type": "application/x-ndjson; charset=utf-8"}).status == 422
    assert state_of(daemon, "cut") is None
    body = ndjson([offered(f"C{n}") for n in range(600)])
    cut(daemon, postgres, body, "half", len(body) * 9 // 10, 500)
    assert post("half", b"\xff\xfe\x00", {"Content-Type": "application/x-ndjson; charset=utf-8"}).status == 422
    assert state_of(daemon, "half") == "cut" and send(daemon, body, "half")[1]["added"] == 600
