"""Searching vacancies: equal to a filter in Python, whatever is asked for; cursors that
neither skip nor repeat; and the code lists that the filters are made of.
"""

import json
import random
import re
import unicodedata
from urllib.parse import quote, urlencode

from harness.trade import QUARTER, Trade, line, quarter_return

SEED = 20070712
TODAY = "2007-07-12"
OCCUPATIONS = {"4-07-05-01": "保安员", "4-07-05-02": "安检员", "4-09-08-01": "保洁员",
               "4-03-02-01": "中式烹调师", "6-31-01-03": "电工", "2-06-03-00": "会计专业人员"}
PLACES = ["410105003001", "410105003002", "410105001001", "410102001001", "410103002001"]
PHRASES = ["值班巡逻", "会电脑者优先", "需ＣＡＤ制图", "熟悉C++和Node.js", "驾照C1", "夜班补贴",
           "100%按时发薪", "英语it部", "包吃住；五险一金", "Kitchen helper", "a_b编号"]
EDUCATION = {None: 0, "71": 3, "61": 4, "31": 5, "21": 6}


def folded(text):
    return unicodedata.normalize("NFKC", text).lower()


def has_word(text, word):
    """A latin word stands whole; anything else may stand inside."""
    before = r"(?<![a-z0-9])" if re.match("[a-z0-9]", word) else ""
    after = r"(?![a-z0-9])" if re.search("[a-z0-9]$", word) else ""
    return re.search(before + re.escape(word) + after, text) is not None


class Market:
    """Some hundred vacancies, filed as employers do, and the same known to Python."""

    def __init__(self, daemon, n):
        self.dice = random.Random(SEED)
        self.trade = Trade(daemon)
        self.posts = []
        places = self.existing(PLACES)
        names = ["顺达物业有限公司", "金鼎餐饮管理有限公司", "ＡＢＣ电子厂", "中原保安服务公司"]
        for number, name in enumerate(names):
            code = organisation_code(10000000 + number)
            for district in sorted({p[:6] for p in places}):
                here = [p for p in places if p[:6] == district]
                lines = [self.line(f"{district}-{i}", here) for i in range(n // 12)]
                self.trade.must(201, "PUT", f"/v1/employers/{code}", {
                    "name": name, "sites": [{"district": d, "since": "2006-01-01"}
                                            for d in sorted({p[:6] for p in places})]}) \
                    if district == min(p[:6] for p in places) else None
                ids = self.trade.must(201, "PUT", f"/v1/returns/{code}/{district}/{QUARTER}",
                                      quarter_return(lines))["vacancies"]
                for one in lines:
                    self.posts.append({**one, "id": int(ids[one["ref"]]), "employer": code,
                                       "text": folded("\n".join([one["title"], one["duties"], name]))})

    def existing(self, places):
        known = {c["code"] for c in self.trade.must(200, "GET", "/v1/codes/divisions")["items"]}
        found = [p for p in places if p in known]
        for district in ("410102", "410103"):
            if not any(p.startswith(district) for p in found):
                found.append(min(c for c in known if c.startswith(district) and len(c) == 12))
        return found

    def line(self, ref, places):
        dice = self.dice
        occupation = dice.choice(sorted(OCCUPATIONS))
        pay = dice.randrange(50, 300) * 1000
        changed = {"occupation": occupation, "title": OCCUPATIONS[occupation],
                   "duties": "，".join(dice.sample(PHRASES, 2)), "place": dice.choice(places),
                   "pay_min_fen": None, "pay_max_fen": pay, "education_min": dice.choice(list(EDUCATION)),
                   "shift": dice.choice(["day", "day", "evening", "night", "rotating"]),
                   "form": dice.choice(["full", "full", "part"]),
                   "valid_until": dice.choice([None, "2007-09-30", "2007-10-31", "2007-12-31"])}
        made = {k: v for k, v in line(ref, **changed).items() if v is not None}
        return {**made, "shift": changed["shift"], "form": changed["form"]}

    def question(self):
        dice = self.dice
        filters = {
            "occupation": ["4", "4-07", "4-07-05", "4-07-05-01", "6-31-01-03", "2-06-03"],
            "division": ["4101", "410105", "410102", "410105003", PLACES[0]],
            "pay_min": ["60000", "150000", "290000"],
            "form": ["full", "part"], "shift": ["night", "day,evening", "rotating"],
            "reserved": ["false"], "education_max": ["71", "61", "31"],
            "posted_since": ["2007-07-12", "2007-01-01"],
            "employer": sorted({p["employer"] for p in self.posts}),
            "q": ["保安", "电脑", "cad", "ＣＡＤ", "it", "C1", "保安 物业", "100%", "node.js",
                  "a_b编号", "五险 电工", "吃住;", "abc", "烹调师", "kitchen"],
        }
        chosen = dice.sample(sorted(filters), dice.randrange(0, 5))
        return {name: dice.choice(filters[name]) for name in chosen}

    def expected(self, ask):
        return [p for p in self.posts if fits(p, ask)]

    def walk(self, ask, limit):
        """Every page; the ids in order, and the items."""
        items, cursor = [], None
        while True:
            page = self.trade.must(200, "GET", "/v1/vacancies?" + urlencode(
                {**ask, "limit": limit, **({"cursor": cursor} if cursor else {})}))
            assert len(page["items"]) <= limit
            items += page["items"]
            cursor = page["next"]
            if not cursor:
                return items
            assert len(page["items"]) == limit


def organisation_code(number):
    digits = f"{number:08d}"
    rest = 11 - sum(int(d) * w for d, w in zip(digits, (3, 7, 9, 10, 5, 8, 4, 2))) % 11
    return digits + {10: "X", 11: "0"}.get(rest, str(rest))


def fits(post, ask):
    pay_ok = post["pay_max_fen"] >= int(ask.get("pay_min", 0))
    words = folded(ask["q"]).split() if "q" in ask else []
    occupation = ask.get("occupation", "")
    return (pay_ok and post["occupation"].startswith(occupation)
            and post["place"].startswith(ask.get("division", ""))
            and ask.get("form", post["form"]) == post["form"]
            and post["shift"] in ask.get("shift", post["shift"]).split(",")
            and EDUCATION[post.get("education_min")] <= EDUCATION[ask.get("education_max", "21")]
            and ask.get("employer", post["employer"]) == post["employer"]
            and ask.get("posted_since", TODAY) <= TODAY
            and all(has_word(post["text"], w) for w in words))


def in_order(posts, sort):
    if sort == "closing":
        return sorted(posts, key=lambda p: (p.get("valid_until", "9999"), p["id"]))
    return sorted(posts, key=lambda p: (-p["pay_max_fen"] if sort == "pay" else 0, -p["id"]))


def test_a_search_is_what_a_filter_in_python_finds(daemon):
    market = Market(daemon, 420)
    assert len(market.posts) > 400
    found = 0
    for _ in range(120):
        ask = market.question()
        sort = market.dice.choice([None, "posted", "pay", "closing"])
        asked = {**ask, **({"sort": sort} if sort else {})}
        items = market.walk(asked, market.dice.choice([7, 50, 100]))
        wanted = in_order(market.expected(ask), sort or "posted")
        assert [int(i["vacancy"]) for i in items] == [p["id"] for p in wanted], asked
        found += len(items) > 0
    assert found > 40

    for ask in ({"q": "保安"}, {"occupation": "4-07", "division": "410105"}, {},
                {"employer": market.posts[0]["employer"]}):
        facets = market.trade.must(200, "GET", "/v1/vacancies?" + urlencode(
            {**ask, "facets": "true", "limit": 1}))["facets"]
        wanted = market.expected(ask)
        assert facets["counted"] == len(wanted) and not facets["at_least"]
        for name, of in (("form", "form"), ("shift", "shift")):
            counts = {f["code"]: f["count"] for f in facets[name]}
            assert counts == {v: sum(p[of] == v for p in wanted) for v in {p[of] for p in wanted}}
        deep = 7 if "occupation" in ask else 4
        assert {f["code"]: f["count"] for f in facets["occupation"]} == {
            c: sum(p["occupation"].startswith(c) for p in wanted)
            for c in {p["occupation"][:deep] for p in wanted}}
        deep = 9 if "division" in ask else 6
        assert sum(f["count"] for f in facets["division"]) == len(wanted)
        assert {len(f["code"]) for f in facets["division"]} == {deep}

    check_refusals(daemon, market)
    check_walk_under_change(market)


def check_refusals(daemon, market):
    key = daemon.keys["employer"]
    hostile = ["'; DROP TABLE ledger.vacancy; --", '"', "\\", "%%", "__", "(((((", "[a", "*+?", "$1", "保安\\",
               "%' OR '1'='1", "\u0600\u0601", "ab\u3000cd", "{a,b}", "ab|cd", "^ab$", "\U0001f600\U0001f600",
               "e\u0301e\u0301", "ﷺﷺ"]
    for q in hostile:
        answer = daemon.request("GET", f"/v1/vacancies?q={quote(q)}", key)
        assert answer.status in (200, 422), (q, answer)
        if answer.status == 200:
            words = folded(q).split()
            wanted = [p for p in market.posts if all(has_word(p["text"], w) for w in words)]
            assert len(answer.json["items"]) == min(len(wanted), 20), q
    refused = {
        "q=" + "a" * 301: (422, "length"), "q=%E4%BF%9D": (422, "too-short"), "q=c%2B%2B": (422, "too-short"), "q=+": (422, "count"),
        "q=aa+bb+cc+dd+ee+ff": (422, "count"), "q=" + "a" * 10240: (414, None),
        "q=ab%00": (400, None), "q=%ED%A0%80": (400, None), "q=ab&q=cd": (400, None),
        "occupation=4-77": (422, "unknown-code"), "occupation=%27": (422, "unknown-code"),
        "division=410199": (422, "unknown-code"), "pay_min=-1": (422, "range"), "form=any": (422, "choice"),
        "shift=day,": (422, "choice"), "education_max=99": (422, "unknown-code"),
        "posted_since=2007-02-30": (422, "date"), "employer=1": (422, "format"),
        "state=closed": (422, "together"), "sort=luck": (422, "choice"), "limit=101": (422, "range"),
        "limit=0": (422, "range"), "offset=5": (422, "unknown-parameter"), "cursor=": (422, "cursor"),
        "cursor=00": (422, "cursor"), "cursor=" + "0" * 40: (422, "cursor"),
    }
    for query, (status, rule) in refused.items():
        answer = daemon.request("GET", f"/v1/vacancies?{query}", key)
        assert answer.status == status, (query[:60], answer)
        if rule:
            assert [e["rule"] for e in answer.json["errors"]] == [rule], answer
    near = daemon.request("GET", "/v1/vacancies?occupation=" + quote("保安员"), key).json
    assert near["errors"][0]["expected"] == "4-07-05-01"
    assert daemon.request("GET", "/v1/vacancies").status == 401

    first = daemon.request("GET", "/v1/vacancies?q=" + quote("保安") + "&limit=5", key).json
    cursor = first["next"]
    for changed in ("", "&q=" + quote("保洁"), "&q=" + quote("保安") + "&sort=pay"):
        answer = daemon.request("GET", f"/v1/vacancies?limit=5&cursor={cursor}{changed}", key)
        assert answer.status == 409 and answer.json["type"].endswith("/restart"), answer
    cut = daemon.request("GET", f"/v1/vacancies?cursor={cursor[:-2]}&q=" + quote("保安"), key)
    assert cut.status == 422
    again = daemon.request("GET", f"/v1/vacancies?limit=9&cursor={cursor}&q=" + quote("保安"), key)
    assert again.status == 200


def check_walk_under_change(market):
    """What is open all the while stands in the walk exactly once; what comes or goes may."""
    trade, ask = market.trade, {"sort": "pay", "limit": 10}
    code = organisation_code(20000000)
    trade.employer(code)
    lines = [line(f"n{i}", pay_max_fen=100000 + 7000 * i) for i in range(20)]
    seen, cursor, turn, closed = [], None, 0, []
    while True:
        page = trade.must(200, "GET", "/v1/vacancies?" + urlencode(
            {**ask, **({"cursor": cursor} if cursor else {})}))
        seen += [int(i["vacancy"]) for i in page["items"]]
        cursor = page["next"]
        if not cursor:
            break
        turn += 1
        if turn <= 20:  # one comes
            trade.file(lines[:turn], code)
        if turn in (5, 9, 13):  # one goes, which may be before or behind the cursor
            victim = market.dice.choice([p for p in market.posts if p["id"] not in closed])
            closed.append(victim["id"])
            kept = [{k: v for k, v in p.items() if k not in ("id", "employer", "text")}
                    for p in market.posts if p["employer"] == victim["employer"]
                    and p["place"][:6] == victim["place"][:6] and p["id"] not in closed]
            gone = [{"ref": p["ref"], "reason": "withdrawn"} for p in market.posts
                    if p["id"] in closed and p["employer"] == victim["employer"]
                    and p["place"][:6] == victim["place"][:6]]
            trade.must(200, "PUT", f"/v1/returns/{victim['employer']}/{victim['place'][:6]}/{QUARTER}",
                       quarter_return(kept, closed=gone))
    stayed = {p["id"] for p in market.posts} - set(closed)
    assert len(seen) == len(set(seen))
    assert stayed <= set(seen)
    left = {int(i["vacancy"]) for i in market.walk({}, 100)}
    assert not left & set(closed) and stayed <= left
    mine = f"/v1/vacancies?employer={next(p['employer'] for p in market.posts if p['id'] == closed[0])}&limit=100"
    shut = trade.must(200, "GET", mine + "&state=closed")
    assert closed[0] in {int(i["vacancy"]) for i in shut["items"]}
    other = trade.call("GET", mine + "&state=closed", key=trade.daemon.keys["employer"])
    assert other.status == 200 and other.json["items"] == []


def test_a_vacancy_is_read_in_full_as_of_a_day_and_as_a_job_posting(daemon):
    trade = Trade(daemon)
    trade.employer()
    vacancy = trade.file([line("A-1", duties="值班 巡逻\"夜\"", benefits="包吃住", insurance=["pension"],
                               education_min="61", valid_until="2007-09-30", posts=3,
                               interview_contact="王主任 13900000000")])["A-1"]
    path = f"/v1/vacancies/{vacancy}"
    answer = trade.call("GET", path)
    assert answer.status == 200 and answer.headers["etag"] == '"1"'
    body = answer.json
    assert (body["occupation"], body["open_posts"], body["line"]["benefits"]) == ("4-07-05-01", 3, "包吃住")
    assert body["interview_contact"].startswith("王主任")

    posting = trade.call("GET", path, headers={"Accept": "application/ld+json"})
    assert posting.headers["content-type"].startswith("application/ld+json")
    ld = posting.json
    assert ld["@type"] == "JobPosting" and ld["@context"] == "https://schema.org/"
    assert ld["title"] == "保安员" and ld["description"] == "值班 巡逻\"夜\""
    assert ld["datePosted"] == TODAY and ld["validThrough"] == "2007-09-30T23:59:59+08:00"
    assert ld["hiringOrganization"]["identifier"] == "123456788"
    assert ld["jobLocation"]["address"]["addressLocality"] == "金水区"
    assert ld["baseSalary"]["value"] == {"@type": "QuantitativeValue", "minValue": 900.0,
                                         "maxValue": 1200.0, "unitText": "MONTH"}
    assert (ld["employmentType"], ld["totalJobOpenings"]) == ("FULL_TIME", 3)
    assert ld["occupationalCategory"]["codeValue"] == "4-07-05-01"
    assert "王主任" not in json.dumps(ld, ensure_ascii=False)

    was = trade.must(200, "GET", f"{path}?as_of={TODAY}")
    assert was["line"]["duties"] == "值班 巡逻\"夜\"" and was["state"] == "open" and was["as_of"] == TODAY
    assert trade.call("GET", f"{path}?as_of=2007-07-11").status == 404
    assert trade.call("GET", f"{path}?as_of=2007-07-13").status == 422
    # A change of the duties alone is found at once, and is a new version.
    trade.file([line("A-1", duties="管理仓库", posts=3)])
    assert trade.must(200, "GET", "/v1/vacancies?q=" + quote("仓库"))["items"][0]["version"] == 2
    assert trade.must(200, "GET", "/v1/vacancies?q=" + quote("巡逻"))["items"] == []


def test_code_lists_are_answered_whole_or_by_what_is_asked(daemon):
    def get(path, status=200, role="employer"):
        answer = daemon.request("GET", path, daemon.keys[role])
        assert answer.status == status, answer
        return answer

    lists = {i["list"]: i["count"] for i in get("/v1/codes").json["items"]}
    assert {"divisions", "occupations", "skills", "licences", "industries-2017", "education", "shifts",
            "forms", "closing-reasons", "problems"} <= set(lists)
    for name, count in lists.items():
        items = get(f"/v1/codes/{name}").json["items"]
        assert len(items) == count and all(i["code"] and i["level"] >= 1 for i in items), name
        codes = {i["code"] for i in items}
        assert len(codes) == count, name
        if name in ("divisions", "occupations", "education", "industries-2017"):
            assert {i["parent"] for i in items} - {None} <= codes, name
    guards = get("/v1/codes/occupations?parent=4-07-05").json["items"]
    guard = next(g for g in guards if g["code"] == "4-07-05-01")
    assert (guard["zh"], guard["en"], guard["parent"], guard["level"]) == ("保安员", "security guard", "4-07-05", 4)
    assert "门卫" in guard["spellings"]
    headings = get("/v1/codes/headings?parent=returns").json["items"]
    assert next(h for h in headings if h["code"] == "returns.posts")["zh"] == "招聘人数"
    assert next(h for h in headings if h["code"] == "returns.pay_min_yuan")["zh"] == "最低薪酬（元）"
    people = {h["code"] for h in get("/v1/codes/headings?parent=seekers").json["items"]}
    assert {"seekers.unemployment.prior_job", "seekers.unemployment.laid_off"} <= people
    assert {"returns.pay", "returns.pay_min_fen", "returns.pay_min_yuan", "returns.ref"} <= {h["code"] for h in headings}
    assert [i["code"] for i in get("/v1/codes/occupations?q=" + quote("保安员")).json["items"]] == ["4-07-05-01"]
    near = get("/v1/codes/skills?q=K01x").json
    assert near["nearest"] and near["items"]
    assert get("/v1/codes/shifts?q=NIGHT").json["items"][0]["zh"] == "夜班"
    part = get("/v1/codes/forms?q=" + quote("兼职")).json["items"]
    assert [c["code"] for c in part] == ["part"] and "小时工" in part[0]["spellings"]
    assert "24 a week" in part[0]["definition"]["en"] and "24小时" in part[0]["definition"]["zh"]
    assert get("/v1/codes/nothing", 404).json["type"].endswith("/not-found")
    assert get("/v1/codes/shifts?limit=5", 422).json["errors"][0]["rule"] == "unknown-parameter"
    tag = get("/v1/codes/forms").headers["etag"]
    assert get("/v1/codes/forms", role="agency").headers["etag"] == tag != get("/v1/codes/shifts").headers["etag"]
