"""Files of an import and what sends them: lines of returns as NDJSON and CSV."""

import csv
import io
import json
import socket

from .trade import COMMUNITY, Trade, line
from .wait import wait_for

ELSEWHERE = "410103001001"
CODES = ("123456788", "600037341", "123456796")
NDJSON = {"Content-Type": "application/x-ndjson"}
HEADER = ["编号", "季度", "职业代码", "岗位名称", "工作内容", "招聘人数", "工作地点代码",
          "最高薪酬（分）", "计薪周期", "社会保险", "公益性岗位"]


def path(code=CODES[0], quarter="2007Q2", district="410105"):
    return f"/v1/returns/{code}/{district}/{quarter}"


def offered(ref, posts=1, code=CODES[0], quarter="2007Q2", **changed):
    return {"employer": code, "quarter": quarter, **line(ref, posts, **changed)}


def closing(ref, code=CODES[0], place=COMMUNITY, **why):
    return {"employer": code, "quarter": "2007Q2", "ref": ref, "place": place, "closed": why}


def ndjson(lines):
    return "".join(json.dumps(x, ensure_ascii=False) + "\n" for x in lines).encode()


def csv_file(rows, header=None, charset="utf-8"):
    out = io.StringIO()
    csv.writer(out).writerows([header or HEADER, *rows])
    return out.getvalue().encode(charset)


def row(ref, duties="值班巡逻", posts=2, flag="否"):
    return [ref, "2007Q2", "4-07-05-01", "保安员", duties, posts, COMMUNITY, 120000, "月",
            "养老；医疗", flag]


def send(daemon, body, name, key="employer", headers=NDJSON):
    answer = daemon.request("POST", "/v1/imports", daemon.keys[key], raw=body,
                            headers={**headers, "Idempotency-Key": name})
    assert answer.status == 200, answer
    receipts = [json.loads(x) for x in answer.text.splitlines()]
    return receipts[:-1], receipts[-1]


def mismatch(daemon, body, name, headers=NDJSON):
    answer = daemon.request("POST", "/v1/imports", daemon.keys["employer"], raw=body,
                            headers={**headers, "Idempotency-Key": name})
    return answer.status == 422 and answer.json["type"] == "/problems/idempotency-mismatch"


def group(daemon, codes=CODES):
    """A key of one office for several employers."""
    trade = Trade(daemon)
    for code in codes:
        body = {"name": "集团门店", "sites": [{"district": "410105", "since": "2006-01-01"},
                                          {"district": "410103", "since": "2006-01-01"}]}
        trade.must(201, "PUT", f"/v1/employers/{code}", body)
    daemon.keys["group"] = daemon.new_key(role="employer", org_code=codes[0], org_name="集团人力资源部",
                                          employers=list(codes[1:]))
    return trade


def begin(daemon, key, name, length=10_000_000):
    """An import whose sender has sent a head and no more."""
    s = socket.create_connection(("127.0.0.1", daemon.port), timeout=20)
    s.sendall((f"POST /v1/imports HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {daemon.keys[key]}\r\n"
               f"Idempotency-Key: {name}\r\nContent-Type: application/x-ndjson\r\n"
               f"Content-Length: {length}\r\n\r\n").encode())
    return s


def cut(daemon, postgres, lines, name, at, batches):
    """Sends so many bytes of it, and waits until so many lines of them stand."""
    with socket.create_connection(("127.0.0.1", daemon.port)) as s:
        s.sendall((f"POST /v1/imports HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
                   f"{daemon.keys['employer']}\r\nIdempotency-Key: {name}\r\n"
                   f"Content-Type: application/x-ndjson\r\nContent-Length: {len(lines)}\r\n\r\n"
                   ).encode() + lines[:at])
        wait_for(lambda: postgres.psql(f"SELECT lines FROM ledger.import WHERE name = '{name}'")
                 == str(batches), 20, "its batches")
    wait_for(lambda: state_of(daemon, name) == "cut", 20, "the end of the import")


def state_of(daemon, name, key="employer"):
    answer = daemon.request("GET", f"/v1/imports/{name}", daemon.keys[key])
    return answer.json["state"] if answer.status == 200 else None


def receipts_of(daemon, name, key="employer"):
    return daemon.request("GET", f"/v1/imports/{name}/receipts", daemon.keys[key])
