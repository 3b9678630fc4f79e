"""An authority of one's own, and the certificates that it gives out (openssl)."""

import itertools
import ssl
from datetime import datetime, timedelta, timezone
from pathlib import Path

from .services import run

NAMES = "DNS:localhost,IP:127.0.0.1"
CONFIG = """
[ca]
default_ca = us
[us]
dir = {0}
new_certs_dir = {0}
database = {0}/index
serial = {0}/serial
default_md = sha256
policy = anybody
copy_extensions = copy
unique_subject = no
[anybody]
commonName = supplied
[authority]
basicConstraints = critical,CA:true
keyUsage = critical,keyCertSign
"""


class Authority:
    def __init__(self, folder):
        self.dir = Path(folder)
        self.dir.mkdir()
        self.names = itertools.count()
        self.config = self.dir / "config"
        self.config.write_text(CONFIG.format(self.dir), encoding="ascii")
        (self.dir / "index").touch()
        (self.dir / "serial").write_text("1000\n", encoding="ascii")
        self.certificate, self.key = self.dir / "ca.pem", self.dir / "ca.key"
        run("openssl", "req", "-x509", "-config", self.config, "-extensions", "authority", "-subj", "/CN=test authority",
            "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
            "-keyout", self.key, "-out", self.certificate)

    def issue(self, kind="ec", days=(-1, 30), names=NAMES):
        """A certificate and its key, two files: "ec", or "rsa:2048"; from so many days from now until so many."""
        stem = self.dir / str(next(self.names))
        pair = stem.with_suffix(".pem"), stem.with_suffix(".key")
        bits = ("-pkeyopt", "ec_paramgen_curve:P-256") if kind == "ec" else ()
        run("openssl", "req", "-config", self.config, "-subj", "/CN=localhost", "-addext", f"subjectAltName={names}",
            "-newkey", kind, *bits, "-nodes", "-keyout", pair[1], "-out", stem.with_suffix(".csr"))
        begin, end = ((datetime.now(timezone.utc) + timedelta(days=d)).strftime("%Y%m%d%H%M%SZ") for d in days)
        run("openssl", "ca", "-batch", "-config", self.config, "-cert", self.certificate, "-keyfile", self.key,
            "-notext", "-startdate", begin, "-enddate", end, "-in", stem.with_suffix(".csr"), "-out", pair[0])
        pair[1].chmod(0o600)
        return pair

    def trusted(self, **settings):
        """What a client believes who trusts this authority alone."""
        context = ssl.create_default_context(cafile=str(self.certificate))
        for name, value in settings.items():
            setattr(context, name, value)
        return context
