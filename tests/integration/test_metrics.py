"""What the operator's monitoring reads: well-formed, each thing once, nothing that grows without end."""

import collections
import os
import re
import shutil
import socket
import subprocess

from prometheus_client.parser import text_string_to_metric_families

from harness.people import People
from harness.trade import line
from harness.wait import wait_for

LABELS = {"class", "worker", "version", "method", "route", "status", "le", "problem", "rank", "reason", "state", "target"}
TOOK = "vacancyd_http_request_duration_seconds"
CITY = {"open_vacancies", "open_posts", "waiting_seekers", "placements", "returns", "target_achieved", "target_goal",
        "city_figures_timestamp_seconds"}


def text_of(daemon):
    answer = daemon.admin("GET", "/metrics")
    assert answer.status == 200 and answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    return answer.text


def samples(daemon):
    """Every sample by its name and labels: {(name, (("worker", "0"),)): 1.0}"""
    found = {}
    for family in text_string_to_metric_families(text_of(daemon)):
        for s in family.samples:
            key = (s.name, tuple(sorted(s.labels.items())))
            assert key not in found, f"twice: {key}"
            found[key] = s.value
    return found


def value(daemon, name, **labels):
    return samples(daemon).get((name, tuple(sorted(labels.items()))))


def by(daemon, name, label):
    return {dict(labels)[label]: v for (n, labels), v in samples(daemon).items() if n == name}


def answered(daemon, route, **labels):
    """How many requests of a route, by status."""
    found = collections.Counter()
    for (name, labels_), n in samples(daemon).items():
        of = dict(labels_)
        if name == f"{TOOK}_count" and of["route"] == route and labels.items() <= of.items():
            found[of["status"]] += int(n)
    return dict(found)


def check_conventions(text):
    """prometheus.io/docs/practices/naming; what `promtool check metrics` says too, where it is there."""
    heads = re.findall(r"^# (HELP|TYPE) (\S+) (.+)$", text, re.M)
    assert len(heads) == len(set(h[:2] for h in heads)) and len(heads) % 2 == 0
    for family in text_string_to_metric_families(text):
        kind, name = family.type, family.name
        assert family.documentation and kind in ("counter", "gauge", "histogram"), name
        assert re.fullmatch(r"(vacancyd|process)_[a-z0-9_]*[a-z0-9]", name), name
        assert not re.search(r"_(ms|us|milliseconds|microseconds|minutes|kb|mb|percent|gauge|counter|total)(_|$)", name), name
        for s in family.samples:
            assert set(s.labels) <= LABELS, s
            assert s.name.endswith("_total") == (kind == "counter"), s
            assert s.value == s.value and (s.value >= 0 or kind == "gauge"), s
        if kind == "histogram":
            check_histogram(family)
    promtool = shutil.which("promtool") or os.environ.get("PROMTOOL")
    if promtool:
        done = subprocess.run([promtool, "check", "metrics"], input=text, text=True, capture_output=True, check=False)
        assert done.returncode == 0 and not done.stdout and not done.stderr, done


def check_histogram(family):
    rows = collections.defaultdict(dict)
    for s in family.samples:
        of = tuple(sorted((k, v) for k, v in s.labels.items() if k != "le"))
        rows[of][s.labels.get("le", s.name.rpartition("_")[2])] = s.value
    for of, row in rows.items():
        count, took = row.pop("count"), row.pop("sum")
        bounds = sorted(row, key=float)
        assert [row[b] for b in bounds] == sorted(row.values()), of
        assert bounds[-1] == "+Inf" and row["+Inf"] == count > 0 and took >= 0, of


def with_two_workers(daemon):
    """Both know the keys that were made before they began, and the city is counted anew at once."""
    daemon.settings["workers"] = 2
    daemon.write_config()
    daemon.restart()


def town_with_something(daemon, postgres):
    town = People(daemon, postgres)
    town.employer()
    town.file([line("A", posts=2), line("B", posts=3)])
    town.at_work(town.register(1))
    town.register(2)
    return town


def test_the_text_goes_by_the_conventions(make_daemon, postgres):
    daemon = make_daemon()
    town_with_something(daemon, postgres)
    with_two_workers(daemon)
    daemon.request("GET", "/v1/codes")
    daemon.request("GET", "/rules")
    wait_for(lambda: "vacancyd_open_posts" in text_of(daemon), 30, "the figures of the city")
    daemon.request("GET", "/nowhere")
    text = text_of(daemon)
    check_conventions(text)
    assert len(text) < 200_000
    for line_ in text.splitlines():
        assert "测试" not in line_ and "郑州" not in line_


def test_a_packed_text_is_the_same(daemon):
    answer = daemon.admin("GET", "/metrics", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"


def test_a_request_is_counted_once_whichever_worker_had_it(make_daemon):
    daemon = make_daemon()
    with_two_workers(daemon)
    bureau = daemon.keys["bureau"]
    before = answered(daemon, "/v1/codes/{list}", method="GET")
    tag = daemon.request("GET", "/v1/codes/skills", bureau).headers["etag"]
    for _ in range(19):
        assert daemon.request("GET", "/v1/codes/skills", bureau).status == 200
    for _ in range(5):
        assert daemon.request("HEAD", "/v1/codes/skills", bureau, headers={"If-None-Match": tag}).status == 304
    for _ in range(3):
        assert daemon.request("GET", "/v1/codes/nothing", bureau).status == 404
    assert daemon.request("GET", "/v1/codes/skills").status == 401
    assert not before
    wait_for(lambda: answered(daemon, "/v1/codes/{list}", method="GET") == {"2xx": 20, "304": 5, "4xx": 4}, 10,
             "the counts")
    refused = by(daemon, "vacancyd_http_refusals_total", "problem")
    assert refused["not-found"] >= 3 and refused["key-missing"] == 1
    assert value(daemon, "vacancyd_build_info", version="0.1.0") == 1


def say(daemon, raw):
    with socket.create_connection(("127.0.0.1", daemon.port), 10) as s:
        s.sendall(raw)
        heard = b""
        while b"\r\n\r\n" not in heard:
            more = s.recv(65536)
            if not more:
                break
            heard += more
    return int(heard[9:12])


def test_scans_and_nonsense_are_no_routes_and_no_errors_of_ours(make_daemon):
    daemon = make_daemon(header_deadline_ms=300)
    routes = {k: v for k, v in samples(daemon).items() if k[0] == f"{TOOK}_count"}
    refused = by(daemon, "vacancyd_http_refusals_total", "problem")
    for i in range(30):
        assert daemon.request("GET", f"/wp-admin/{i}.php").status == 404
    assert say(daemon, b"\x16\x03\x01\x02\x00\x01\r\n\r\n") == 400
    assert say(daemon, b"PROPFIND / HTTP/1.1\r\nHost: a\r\n\r\n") == 501
    assert say(daemon, b"GET / HTTP/3.0\r\nHost: a\r\n\r\n") == 505
    assert say(daemon, b"GET /rules HTTP/1.1\r\nHost") == 408
    assert daemon.request("DELETE", "/rules").status == 405
    assert by(daemon, "vacancyd_http_unrouted_total", "problem") == {
        "not-found": 30, "malformed-request": 1, "method-unknown": 1, "version-refused": 1, "request-timeout": 1,
        "method-not-allowed": 1}
    assert {k: v for k, v in samples(daemon).items() if k[0] == f"{TOOK}_count"} == routes
    assert by(daemon, "vacancyd_http_refusals_total", "problem") == refused


def test_the_operators_own_requests_are_not_those_of_clients(daemon):
    before = {k: v for k, v in samples(daemon).items() if "http_" in k[0] and "connections" not in k[0]}
    for path in ("/livez", "/readyz", "/nothing", "/keys"):
        daemon.admin("GET", path)
    assert {k: v for k, v in samples(daemon).items() if "http_" in k[0] and "connections" not in k[0]} == before


def test_preflights_are_counted(make_daemon):
    daemon = make_daemon(cors_origins="https://desk.example")
    daemon.request("OPTIONS", "/v1/codes", headers={"Origin": "https://desk.example",
                                                     "Access-Control-Request-Method": "GET"})
    assert value(daemon, "vacancyd_http_preflights_total") == 1
    assert not answered(daemon, "preflight")


def test_each_worker_says_how_it_is(make_daemon):
    daemon = make_daemon(workers=2)
    for name in ("process_cpu_seconds_total", "process_resident_memory_bytes", "process_open_fds", "process_max_fds",
                 "process_start_time_seconds"):
        found = wait_for(lambda: (lambda v: len(v) == 2 and all(v.values()) and v)(by(daemon, name, "worker")), 20, name)
        assert set(found) == {"0", "1"}
    assert value(daemon, "process_resident_memory_bytes", worker="0") > 1e6
    before = by(daemon, "process_start_time_seconds", "worker")
    daemon.restart()
    assert all(v > before[w] for w, v in by(daemon, "process_start_time_seconds", "worker").items() if v)


def figures(daemon):
    return {(name[9:], *(v for _, v in labels)): n for (name, labels), n in samples(daemon).items() if name[9:] in CITY}


def test_the_city_is_counted_once_and_rightly(make_daemon, postgres):
    daemon = make_daemon()
    town = town_with_something(daemon, postgres)
    with_two_workers(daemon)
    found = wait_for(lambda: figures(daemon), 30, "the figures of the city")
    stamp = found.pop(("city_figures_timestamp_seconds",))
    assert stamp > 1e9
    assert found[("open_vacancies",)] == 2 and found[("open_posts",)] == 5 - postgres_filled(postgres)
    waiting = {rank: n for (name, *rank_), n in found.items() if name == "waiting_seekers" for rank in rank_}
    assert set(waiting) == {"P1", "P2", "P3", "P4", "P5", "P6"}
    listed = daemon.request("GET", "/v1/seekers?state=seeking&limit=100", town.bureau).json["items"]
    assert sum(waiting.values()) == len(listed)
    placed = {state: n for (name, *state_), n in found.items() if name == "placements" for state in state_}
    assert set(placed) == {"reported", "confirmed", "registered", "void"} and sum(placed.values()) == 1
    owed = daemon.request("GET", "/v1/obligations", town.bureau).json["totals"]
    assert {s: found[("returns", s)] for s in ("filed", "late", "missing", "due")} == \
        {s: owed[s] for s in ("filed", "late", "missing", "due")}
    shown = {t["target"]: t for t in daemon.request("GET", "/v1/progress?unit=city", town.bureau).json["targets"]}
    # A ratio and what has no register are no sums of what was counted.
    assert set(shown) == {f"T{n}" for n in range(1, 13)}
    for target, t in shown.items():
        if t["kind"] == "ratio" or t["state"] == "no-register":
            continue
        assert found[("target_achieved", target)] == t["achieved"]
        assert found.get(("target_goal", target)) == t["value"]


def postgres_filled(postgres):
    return int(postgres.psql("SELECT coalesce(sum(filled), 0) FROM ledger.vacancy WHERE open"))


def test_what_is_not_known_is_left_out_and_never_zero(make_daemon, postgres):
    daemon = make_daemon()
    town_with_something(daemon, postgres)
    daemon.restart()
    wait_for(lambda: ("open_posts",) in figures(daemon), 30, "the figures of the city")
    wait_for(lambda: value(daemon, "vacancyd_outbox_lag_entries") == 0, 30, "the lag")
    postgres.kill()
    wait_for(lambda: value(daemon, "vacancyd_ledger_up", worker="0") == 0, 20, "that PostgreSQL is away")
    assert not figures(daemon)
    assert value(daemon, "vacancyd_outbox_lag_entries") is None
    check_conventions(text_of(daemon))
    behind = value(daemon, "vacancyd_outbox_lag_seconds")
    wait_for(lambda: value(daemon, "vacancyd_outbox_lag_seconds") > behind, 10, "the lag to grow")
    postgres.start()
    wait_for(lambda: ("open_posts",) in figures(daemon), 60, "the figures again")


def test_the_lag_is_what_the_board_lacks(daemon, postgres, redis):
    town = People(daemon, postgres)
    town.employer()
    wait_for(lambda: value(daemon, "vacancyd_outbox_lag_entries") == 0, 30, "the lag")
    redis.kill()
    wait_for(lambda: value(daemon, "vacancyd_board_up", worker="0") == 0, 20, "that Redis is away")
    town.file([line("A"), line("B"), line("C")])
    wait_for(lambda: value(daemon, "vacancyd_outbox_lag_entries") >= 3, 30, "what the board lacks")
    assert value(daemon, "vacancyd_outbox_lag_seconds") > 0
    redis.start()
    wait_for(lambda: value(daemon, "vacancyd_outbox_lag_entries") == 0, 60, "the board to come level")
    wait_for(lambda: value(daemon, "vacancyd_outbox_lag_seconds") < 1, 20, "the lag to end")
