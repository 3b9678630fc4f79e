"""match-http: GET matches with explanations, over 64 connections, the server on one core.

What it is compared with:
  allowed     what the engine's own rate and the bare HTTP layer's, added as times, allow
  PostgreSQL  the peer of match-engine behind our HTTP layer, two workers with a connection each
              and both cores for them and for PostgreSQL; who asks, and the display text, are
              given to it for nothing
  Redis       cells asked by MGET, the most promising first, until no other could matter; one
              core for the daemon, Redis on the other; as kind as to PostgreSQL
  nginx       the bytes of one answer from a file: sendfile, open_file_cache, no access log
All of them give the same items, which is asked of some fifty people first.
"""

import contextlib
import json
import random
import shutil
import statistics
import subprocess
import tempfile
from pathlib import Path

from figures.engine import MARKET, fill_peer
from harness.daemon import free_port
from harness.wait import wait_for
from load import SERVER, Load, pin, wait_for_line
from measure import PAIRS, figure

NGINX = """
worker_processes 1;
daemon off;
pid {dir}/nginx.pid;
error_log {dir}/nginx.log;
events {{ worker_connections 256; }}
http {{
	access_log off;
	keepalive_requests 1000000000;
	sendfile on;
	tcp_nopush on;
	open_file_cache max=16;
	default_type application/json;
	client_body_temp_path {dir}/1; proxy_temp_path {dir}/2; fastcgi_temp_path {dir}/3;
	uwsgi_temp_path {dir}/4; scgi_temp_path {dir}/5;
	server {{ listen 127.0.0.1:{port}; root {dir}/files; }}
}}
"""


def market_daemon(ctx, name, **settings):
    """Our daemon on a copy of the market, its board rebuilt, on the server's core; some ids."""
    place = ctx.market()
    db = place.create(name, "market")
    place.redis.flush()
    daemon = ctx.daemon(db.dsn, place.redis.address, log_level="warn", workers=1, **settings)
    answer = daemon.admin("POST", "/board/rebuild", timeout=600)
    assert answer.status == 200, answer
    ids = place.database(name, "postgres").psql(
        "SELECT lpad(to_hex(id), 16, '0') FROM ledger.seeker WHERE active"
        " ORDER BY hashint8(id) LIMIT 5000").split()
    path = f"/v1/seekers/{ids[0]}/matches"

    def has_market():
        got = daemon.request("GET", path, daemon.keys["agency"])
        return got.status == 200 and len(got.json["items"]) > 0

    wait_for(has_market, 120, "the market in the mirror")
    pin(daemon.process.pid, SERVER)
    return daemon, ids


def items(answer):
    return [(i["vacancy"], i["score"], i["components"], i["widened"], i["explanation"])
            for i in json.loads(answer)["items"]]


@contextlib.contextmanager
def running(*command):
    with subprocess.Popen([str(c) for c in command], stdout=subprocess.PIPE, text=True) as p:
        try:
            yield p
        finally:
            p.terminate()


@contextlib.contextmanager
def server(ctx, body, port, *args):
    with running(ctx.program("bench_server"), *MARKET, "--size", ctx.size, "--body", body,
                 "--listen", f"127.0.0.1:{port}", *args) as p:
        wait_for_line(p, "ready")
        yield p


def of_the_middle(ours):
    """The answer of middling length."""
    return sorted((ours.get(p) for p in ours.paths[:201]), key=len)[100]


def run(ctx):
    daemon, ids = market_daemon(ctx, "http")
    folder = Path(tempfile.mkdtemp(prefix="vacancyd-http-", dir="/tmp"))
    folder.chmod(0o755)
    key = daemon.keys["agency"]
    beside = ctx.services()
    ports = [free_port() for _ in range(3)]
    try:
        ours = Load(folder, "ours", daemon.port, key, [f"/v1/seekers/{i}/matches" for i in ids])
        (folder / "files").mkdir()
        body = folder / "files" / "answer"
        body.write_bytes(of_the_middle(ours))
        (folder / "nginx.conf").write_text(NGINX.format(dir=folder, port=ports[2]), encoding="ascii")
        with server(ctx, body, ports[0], "--redis", beside.redis_socket) as one, \
                server(ctx, body, ports[1], "--postgres", fill_peer(ctx).dsn, "--workers", 2), \
                running("nginx", "-c", folder / "nginx.conf", "-p", folder,
                        "-e", folder / "nginx.log") as nginx:
            pin(one.pid, SERVER)
            pin(nginx.pid, SERVER)
            peers = {
                name: Load(folder, name, port, key, [f"/{name}/{i}" for i in ids])
                for name, port in (("bare", ports[0]), ("engine", ports[0]), ("redis", ports[0]),
                                   ("postgres", ports[1]))}
            peers["nginx"] = Load(folder, "nginx", ports[2], key, ["/answer"])
            check(ours, peers)
            return measure(ctx, ours, peers, body.stat().st_size)
    finally:
        daemon.stop()
        ctx.market().drop("http")
        shutil.rmtree(folder)


def check(ours, peers):
    """The same items from all of them."""
    some = random.Random(2007).sample(range(len(ours.paths)), 50)
    for i in some:
        right = items(ours.get(ours.paths[i]))
        for name in ("postgres", "redis"):
            got = items(peers[name].get(peers[name].paths[i]))
            assert got == right, f"{name}: {peers[name].paths[i]}:\n{got}\n{right}"


def measure(ctx, ours, peers, size):
    seconds = 1 if ctx.small else 4
    found = {name: [] for name in ("ours", "allowed", "bare", "postgres", "redis", "nginx")}
    for _ in range(PAIRS):
        found["ours"].append(ours.rate(seconds))
        found["bare"].append(peers["bare"].rate(seconds))
        engine_us = statistics.median(
            json.loads(peers["engine"].get(peers["engine"].paths[0]))["us"] for _ in range(3))
        found["allowed"].append(1 / (engine_us / 1e6 + 1 / found["bare"][-1]))
        found["nginx"].append(peers["nginx"].rate(seconds))
        found["redis"].append(peers["redis"].rate(seconds))
        found["postgres"].append(peers["postgres"].rate(seconds))
    what = f"matches with explanations over HTTP, {size:,} bytes, 64 connections, one core"

    def beside(name, bound, peer, value):
        return figure(name, what, "1/s", bound, found["ours"], found[value], peer)

    return [
        beside("match-http", ">= 0.7", "engine and bare HTTP layer, added as times", "allowed"),
        beside("match-http-postgres", ">= 20", "PostgreSQL alone, same HTTP layer, two cores",
               "postgres"),
        beside("match-http-redis", ">= 3.5", "cells from Redis at each request", "redis"),
        beside("match-http-bare", "", "the bare HTTP layer", "bare"),
        beside("match-http-nginx", "", "nginx, the same bytes from a file", "nginx"),
    ]
