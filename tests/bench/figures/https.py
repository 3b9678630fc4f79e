"""match-https: what match-http asks, by TLS 1.3 and plain, of the same daemon in turn.

The connections are kept, as a client's are; `https-new` is what a new one costs, which
signs once (P-256) and agrees on a key.
"""

import shutil
import tempfile
from pathlib import Path

from figures.http import items, market_daemon
from harness.certificates import Authority
from harness.daemon import free_port
from load import Load
from measure import compare


def run(ctx):
    folder = Path(tempfile.mkdtemp(prefix="vacancyd-https-", dir="/tmp"))
    certificate, tls_key = Authority(folder / "authority").issue()
    port = free_port()
    daemon, ids = market_daemon(ctx, "https", tls_listen=f"127.0.0.1:{port}", tls_certificate=str(certificate),
                                tls_key=str(tls_key))
    try:
        def load(name, paths, **more):
            return Load(folder, name, daemon.port, daemon.keys["agency"], paths, **more)

        paths = [f"/v1/seekers/{i}/matches" for i in ids]
        plain, secure = load("plain", paths), load("secure", paths, https=port)
        assert [items(plain.get(p)) for p in paths[:20]] == [items(secure.get(p)) for p in paths[:20]]
        size, seconds = len(plain.get(paths[0])), 1 if ctx.small else 4
        yield compare(
            "match-https", f"matches with explanations by TLS 1.3, {size:,} bytes, 64 connections, one core", "1/s",
            ">= 0.7", lambda: secure.rate(seconds), lambda: plain.rate(seconds), "the same daemon by plain HTTP")
        short = [load("short-plain", ["/v1/nothing"], close=True, refused=True),
                 load("short-secure", ["/v1/nothing"], close=True, refused=True, https=port)]
        yield compare(
            "https-new", "requests that each bring a connection of their own, by TLS 1.3, one core", "1/s", "",
            lambda: short[1].rate(seconds), lambda: short[0].rate(seconds), "the same daemon by plain HTTP")
    finally:
        daemon.stop()
        ctx.market().drop("https")
        shutil.rmtree(folder)
