"""Whole requests of one operation: as the document says, nearly so, or hostile.

A request that was made right and then spoilt is spoilt in one or two of its parts;
`note` says where.
"""

import re
from urllib.parse import quote

from hypothesis import strategies as st

from .values import NUMBER, ODD_TEXTS, dump, pick
from .wire import Request

JSON = "application/json"
TYPES = ("text/plain", "application/xml", "application/json; charset=gbk", "application/json; charset=utf-8",
         "APPLICATION/JSON", "application/json;", "application/json, text/html", "", "json", "*/*",
         "application/merge-patch+json", "application/x-ndjson", "text/csv", "multipart/form-data",
         "application/problem+json", "application/json; charset=\"utf-8\"", "application/json\tx")
HEADERS = (
    ("Idempotency-Key", ""), ("Idempotency-Key", "x" * 65), ("Idempotency-Key", "a b"),
    ("Idempotency-Key", "键"),
    ("Idempotency-Key", "a;b"), ("If-Match", '"1"'), ("If-Match", '"999"'), ("If-Match", "*"),
    ("If-Match", "1"),
    ("If-Match", 'W/"1"'), ("If-Match", '"99999999999999999999"'), ("If-Match", '"1", "2"'),
    ("If-Match", '""'),
    ("If-Match", '"-1"'), ("If-Match", '"1x"'), ("If-None-Match", "*"), ("If-None-Match", '"1"'),
    ("If-None-Match", 'W/"1"'), ("If-None-Match", '"a", "b"'), ("If-None-Match", "x" * 300),
    ("Consistency-Token", "1.1"), ("Consistency-Token", "9999999999999999999.9999999999999999999"),
    ("Consistency-Token", "0.0"), ("Consistency-Token", "-1.1"), ("Consistency-Token", "x"),
    ("Consistency-Token", ""),
    ("Accept", "text/html"), ("Accept", "application/ld+json"), ("Accept", "*/*;q=0"),
    ("Accept", "x" * 3000),
    ("Accept-Language", "zh-CN"), ("Accept-Language", ";;;;q=9"), ("Accept-Encoding", "gzip"),
    ("Content-Encoding", "gzip"), ("Content-Encoding", "identity"), ("Content-Length", "x"),
    ("Content-Length", "-1"),
    ("Content-Length", "99999999999999999999"), ("Transfer-Encoding", "gzip"), ("Expect", "100-continue"),
    ("Expect", "x"), ("Range", "bytes=0-1"), ("traceparent", "00-" + "a" * 32 + "-" + "b" * 16 + "-01"),
    ("traceparent", "zz"), ("X-Forwarded-For", "127.0.0.1"), ("X-HTTP-Method-Override", "DELETE"),
    ("Cookie", "a=b"),
    ("Authorization", "Bearer x"), ("Authorization", "Basic YTpi"), ("Authorization", ""),
    ("Authorization", "Bearer "),
    ("Authorization", "Bearer vd_0123456789abcdef_" + "0" * 43), ("Vacancyd-Actor", "x"),
    ("Vacancyd-Actor", ""),
    ("Vacancyd-Actor", "vo_3fffffffffffffff_" + "0" * 43), ("Vacancyd-For", "3fffffffffffffff"),
    ("Vacancyd-For", "x"),
    ("Vacancyd-For", ""), ("Upgrade", "h2c"), ("Connection", "close"), ("Connection", "upgrade"),
    ("Host", "other"),
    ("Content-Type", ""), ("X" * 400, "y"), ("X-Long", "y" * 7000), ("X-Much", "y" * 9000),
    ("X-Odd", "\x01"),
    ("X-Odd", "\x7f\x85"), ("X Odd", "space"), ("X-Fold", "a\r\n b"), ("Prefer", "return=minimal"))
PIECES = ("%00", "%2e%2e", "..", ".", "", "%2F", "%5C", "%25", "%", "%4", "%zz", "%ff", "%c0%ae", "%ed%a0%80",
          "*", " ",
          "%20", "%0d%0a", "é", "中", "%e4%b8%ad", "0", "-1", "00000001", "99999999999999999999",
          "9223372036854775807",
          "9223372036854775808", "1e3", "0x1", "+1", "١", "%EF%BC%91", "null", "undefined", "a" * 200,
          "a" * 5000,
          "{seeker}", "1;2", "1,2", "3fffffffffffffff", "3FFFFFFFFFFFFFFF", "ffffffffffffffff",
          "0000000000000000",
          "410105", "000000", "2007Q2", "2007q2", "9999Q4", "0000Q1", "1'--", "(", "\\", "#x", "1?x=1")
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT",
           "get", "BREW", "PURGE", "QUERY")
QUERIES = ("a", "=", "&", "&&", "?", "a=b", "a=b&a=b", "limit", "limit=", "limit=0",
           "limit=101", "limit=1&limit=2",
           "limit=1e1", "limit=%31", "limit=+1", "limit=-1", "limit=１", "limit=99999999999999999999",
           "limit=1%00",
           "cursor=", "cursor=x", "cursor=" + "0" * 24, "cursor=" + "f" * 64, "cursor=" + "a" * 2049,
           "cursor=7b7d" * 8,
           "as_of=", "as_of=2007-02-30", "as_of=2007-07-13", "as_of=0001-01-01", "as_of=9999-12-31",
           "as_of=infinity",
           "as_of=2007-07-12&as_of=2007-07-12", "%00=1", "%ff=1", "a%=1", "sort=", "sort=x",
           "sort=;drop", "k=0", "k=101",
           "k=9e9", "validate=only", "validate=x", "q=%00", "q=%ff", "q=%25", "q=" + "x" * 500,
           "q=" + "%e4%b8%ad" * 60,
           "version=0", "version=99999999999", "year=1", "year=99999", "unit=x", "unit=%27", "[]=1",
           "a[b]=1", "#", "x" * 4200,
           "&".join(f"p{i}=1" for i in range(100)), "%e4%bd%8d=1", "nil=TRUE", "nil=1", "facets=1",
           "rank=P9", "person=x")


class Requests:
    def __init__(self, contract, stage, values):
        self.contract, self.stage, self.values = contract, stage, values
        self.count = 0

    def strategy(self, operation, profile):
        return st.composite(lambda draw: self.make(draw, operation, profile))()

    def make(self, draw, operation, profile):
        request = Request(operation.method, "")
        self.values.of_people = operation.path.startswith("/v1/seekers")
        self.who(draw, operation, profile, request)
        body, note = self.body(draw, operation, profile, request)
        parts = [(x, x.startswith("{")) for x in re.findall(r"{\w+}|[^{]+", operation.path)]
        request.path = "".join(quote(self.parameter(draw, operation, x[1:-1]), safe="") if isparam else x
                               for x, isparam in parts)
        query = self.query(draw, operation, profile)
        if query:
            request.path += "?" + query
        self.headers(draw, operation, profile, request)
        request.body, request.note = body, note
        if profile == "hostile":
            ways = ["path", "path", "query", "query", "method", "header", "header", "header", "twice", "bytes"]
            spoil = draw(st.sampled_from(ways + ["bytes"] * bool(operation.bodies)))
            getattr(self, "spoil_" + spoil)(draw, request)
            request.note = f"{spoil}; {note}"
        return request

    def who(self, draw, operation, profile, request):
        """Mostly who may, with an officer; always sometimes anybody else, and without."""
        may = sorted(operation.roles) or ["nobody"]
        if draw(st.integers(0, 7)) == 0:
            may = ["employer", "agency", "bureau", "auditor", "nobody"]
        request.role = pick(draw, may)
        keys = self.stage.keys.get(request.role)
        if not keys:
            return
        key = pick(draw, keys)
        request.headers.append(("Authorization", f"Bearer {key}"))
        how = draw(st.integers(0, 13))
        if how < 2:
            return
        made = self.stage.pools["actor"] if how == 2 else ()  # by other requests: of any days and scope
        request.headers.append(("Vacancyd-Actor", pick(draw, made) if made else self.stage.actors[key]))
        request.actor = True
        if how == 3:
            request.headers.append(("Vacancyd-For", pick(draw, self.stage.pools["officer"])))

    def parameter(self, draw, operation, name):
        p = next(p for p in operation.parameters if p["name"] == name and p["in"] == "path")
        pool = self.stage.pools.get(name)
        if pool and draw(st.integers(0, 9)):
            return str(pick(draw, pool))
        return str(self.values.good(draw, p["schema"], name))

    def query(self, draw, operation, profile):
        said = []
        for p in operation.parameters:
            if p["in"] != "query" or draw(st.integers(0, 3)):
                continue
            value = self.values.good(draw, p["schema"], p["name"])
            if profile == "near" and draw(st.booleans()):
                value = self.values.wrong(draw, p["schema"], p["name"])
            if isinstance(value, bool):
                value = str(value).lower()
            said.append(f"{p['name']}={quote(str(value).encode('utf-8', 'surrogatepass')[:1500], safe='')}")
        return "&".join(said)

    def headers(self, draw, operation, profile, request):
        for p in operation.parameters:
            if p["in"] != "header" or p["name"].startswith("Vacancyd-"):
                continue
            if p["name"] == "Idempotency-Key":
                self.count += 1
                old = draw(st.integers(0, 15)) == 0
                number = 1 + draw(NUMBER) % self.count if old else self.count
                request.headers.append((p["name"], f"g-{number}"))
            elif draw(st.integers(0, 3)) == 0:
                known = self.stage.pools.get(p["name"])
                value = pick(draw, known) if known else self.values.good(draw, p["schema"], p["name"])
                request.headers.append((p["name"], value))

    def body(self, draw, operation, profile, request):
        if not operation.bodies:
            return (b"", "") if operation.method == "POST" else (None, "")
        kind = pick(draw, list(operation.bodies))
        request.headers.append(("Content-Type", kind))
        schema = operation.bodies[kind]["schema"]
        if schema.get("type") == "string":
            return self.file(draw, kind, profile)
        if profile == "near":
            value, note = self.values.nearly(draw, schema)
        else:
            value, note = self.values.good(draw, schema), ""
        return dump(value).encode("utf-8"), note

    def file(self, draw, kind, profile):
        """A file of lines; they are refused one by one, so that the file is taken."""
        line = {"$ref": "#/components/schemas/LineIn"}
        if kind == "text/csv":
            rows = ["ref,occupation,title,posts,place", "A,4-07-05-01,保安,1,410105003001"]
            if profile == "near":
                rows.append(",".join(pick(draw, ODD_TEXTS) for _ in range(draw(st.integers(0, 8)))))
            return "\n".join(rows).encode("utf-8", "surrogatepass"), "csv"
        lines = []
        for _ in range(draw(st.integers(0, 3))):
            value = self.values.nearly(draw, line)[0] if profile == "near" else self.values.good(draw, line)
            if isinstance(value, dict):
                value = {"quarter": "2007Q2", "district": "410105", **value}
            lines.append(dump(value))
        return "\n".join(lines).encode("utf-8"), "ndjson"

    def spoil_path(self, draw, request):
        path, mark, query = request.path.partition("?")
        parts = path.split("/")
        at = 1 + draw(NUMBER) % max(1, len(parts) - 1)
        piece = pick(draw, PIECES)
        way = draw(st.sampled_from(("replace", "replace", "replace", "append", "insert", "cut", "encode", "case")))
        if way == "replace":
            parts[at] = piece
        elif way == "append":
            parts[at] += piece
        elif way == "insert":
            parts.insert(at, piece)
        elif way == "cut":
            del parts[at]
        elif way == "encode":
            parts[at] = "".join(f"%{b:02x}" for b in parts[at].encode("utf-8", "surrogateescape"))
        else:
            parts[at] = parts[at].upper()
        request.path = ("/".join(parts) or "/") + mark + query

    def spoil_query(self, draw, request):
        path, _, query = request.path.partition("?")
        request.path = path + "?" + "&".join(filter(None, [query, pick(draw, QUERIES)]))

    def spoil_method(self, draw, request):
        request.method = pick(draw, METHODS)

    def spoil_header(self, draw, request):
        name, value = pick(draw, HEADERS)
        if name == "Content-Type":
            value = pick(draw, TYPES)
        if draw(st.integers(0, 3)):
            request.headers = [h for h in request.headers if h[0] != name]
        request.headers.append((name, value))
        if name in ("Authorization", "Vacancyd-Actor"):
            request.actor = False
            if name == "Authorization":
                request.role = "nobody"

    def spoil_twice(self, draw, request):
        """A header that stands twice, or not at all."""
        if not request.headers:
            return
        header = pick(draw, request.headers)
        if draw(st.booleans()):
            request.headers.append(header)
            return
        request.headers.remove(header)
        if header[0] == "Authorization":
            request.role = "nobody"
        if header[0] in ("Authorization", "Vacancyd-Actor"):
            request.actor = False

    def spoil_bytes(self, draw, request):
        body = request.body or b"{}"
        at = draw(NUMBER) % (len(body) + 1)
        some = pick(draw, (b"\x00", b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80",
                           b"\xef\xbb\xbf", b"\"", b"\\",
                           b"{", b"}", b",", b"[" * 100, b"\r\n\r\n", b"\x1f\x8b"))
        way = draw(st.sampled_from(("insert", "replace", "cut", "none", "twice", "gb18030", "utf-16", "long")))
        request.body = {
            "insert": lambda: body[:at] + some + body[at:],
            "replace": lambda: body[:at] + some + body[at + 1:],
            "cut": lambda: body[:at], "none": lambda: b"", "twice": lambda: body + body,
            "gb18030": lambda: body.decode("utf-8", "replace").encode("gb18030", "replace"),
            "utf-16": lambda: body.decode("utf-8", "replace").encode("utf-16"),
            "long": lambda: body + b" " * 66000}[way]()
