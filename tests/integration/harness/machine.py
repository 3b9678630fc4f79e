"""A machine of one's own: a bare Debian by namespaces, with its own /etc, /var, /run, processes and network.

What is done there by root stays there, and goes with it: accounts, clusters, settings.  In the place of
apt-get and systemctl stand two scripts that do what Debian's packages and systemd would, as far as the
manual asks for it.  It knows no command of the manual.
"""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from .daemon import sanitizer_env

SPACES = ["--mount", "--net", "--pid"]

SET_UP = r"""
mount -t tmpfs none "$1"
for d in etc var usr/local root; do
    mkdir -p "$1/$d/upper" "$1/$d/work"
    mount -t overlay none -o "lowerdir=/$d,upperdir=$1/$d/upper,workdir=$1/$d/work" "/$d"
done
mount -t tmpfs none /run
mkdir -m 755 /run/stands-in
rm -rf /etc/postgresql/* /var/lib/postgresql/* /var/lib/redis/* /usr/local/etc/vacancyd
/usr/bin/python3 -c 'import fcntl, socket, struct
fcntl.ioctl(socket.socket(), 0x8914, struct.pack("16sh", b"lo", 1))'
"""

APT_GET = r"""#!/bin/bash
set -euo pipefail
[[ "$*" == 'install -y postgresql redis-server' ]]
version=$(ls /usr/lib/postgresql | tail -n 1)
pg_createcluster "$version" main --start >/dev/null
install -d -o redis -g redis /run/redis /var/log/redis /var/lib/redis
systemctl restart redis-server
"""

SYSTEMCTL = r"""#!/bin/bash
set -euo pipefail
unit=/usr/local/lib/systemd/system/vacancyd.service
value() { sed -n "s/^$1=//p" "$unit"; }
end_of() { while kill -0 "$1" 2>/dev/null; do sleep 0.02; done; }
start_vacancyd() {
    install -d -o vacancyd -g vacancyd -m "$(value RuntimeDirectoryMode)" "/run/$(value RuntimeDirectory)"
    [[ -z $(value StateDirectory) ]] || install -d -o vacancyd -g vacancyd \
        -m "$(value StateDirectoryMode)" "/var/lib/$(value StateDirectory)"
    as=(setpriv "--reuid=$(value User)" "--regid=$(value Group)"
        "--groups=$(value Group),$(value SupplementaryGroups)" --)
    "${as[@]}" $(value ExecStartPre) >/dev/null
    setsid "${as[@]}" $(value ExecStart) >>/var/log/vacancyd.log 2>&1 </dev/null &
    echo $! >/run/vacancyd.pid
    until curl -sf http://127.0.0.1:8081/readyz >/dev/null; do
        kill -0 $! || { tail -n 20 /var/log/vacancyd.log >&2 && exit 1; }
        sleep 0.05
    done
}
stop_vacancyd() {
    [[ -e /run/vacancyd.pid ]] || return 0
    kill "$(</run/vacancyd.pid)"
    end_of "$(</run/vacancyd.pid)"
    rm /run/vacancyd.pid
}
restart() {
    case $1 in
    postgresql) pg_ctlcluster "$(ls /etc/postgresql)" main restart ;;
    redis-server)
        if [[ -s /run/redis/redis-server.pid ]]; then
            pid=$(</run/redis/redis-server.pid)
            kill "$pid"
            end_of "$pid"
        fi
        setpriv --reuid=redis --regid=redis --init-groups redis-server /etc/redis/redis.conf >/dev/null
        ;;
    vacancyd) stop_vacancyd && start_vacancyd ;;
    systemd-journald) ;;
    *) exit 1 ;;
    esac
}
verb=$1
shift
case "$verb $*" in
daemon-reload*) ;;
restart*) for one; do restart "$one"; done ;;
'enable --now vacancyd' | 'start vacancyd') start_vacancyd ;;
'stop vacancyd') stop_vacancyd ;;
*) printf 'systemctl %s %s\n' "$verb" "$*" >&2 && exit 1 ;;
esac
"""


class Machine:
    """Root's alone to make; `refusal()` says why there is none."""

    @staticmethod
    def refusal():
        if os.geteuid() != 0:
            return "a machine of one's own takes root"
        done = subprocess.run(["unshare", *SPACES, "--fork", "mount", "-t", "tmpfs", "none", "/run"],
                              capture_output=True, text=True, check=False)
        return f"no namespaces here: {done.stderr}" if done.returncode else None

    def __init__(self):
        self.dir = Path(tempfile.mkdtemp(prefix="vacancyd-machine-", dir="/tmp"))
        # Its first process, which takes leave of all others.
        self.process = subprocess.Popen(
            ["unshare", *SPACES, "--fork", "--kill-child", "--mount-proc", "bash", "-c",
             "echo; while :; do read -r || exit; done"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout.readline() == "\n"
        of = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        self.first = of.read_text(encoding="ascii").split()[0]
        self.run(f"set -- {self.dir}\n{SET_UP}")
        for name, text in (("apt-get", APT_GET), ("systemctl", SYSTEMCTL)):
            self.write(f"/run/stands-in/{name}", text, "755")

    def run(self, text, check=True):
        """A script of bash, by root; its standard output."""
        env = sanitizer_env() | {"HOME": "/root", "LANG": "C.UTF-8",
                                 "PATH": "/run/stands-in:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin"}
        done = subprocess.run(["nsenter", "--target", self.first, *SPACES, "--wd=/root",
                               "bash", "-euo", "pipefail", "-c", text], env=env, text=True, timeout=120,
                              stdin=subprocess.DEVNULL, capture_output=True, check=False)
        if check and done.returncode != 0:
            raise AssertionError(f"ended with {done.returncode}:\n{text}\n{done.stdout}{done.stderr}")
        return done.stdout if check else done.stdout + done.stderr

    def write(self, path, text, mode="644"):
        self.run(f"cat >{path} <<'END-OF-FILE'\n{text}\nEND-OF-FILE\nchmod {mode} {path}")

    def remove(self):
        self.process.stdin.close()
        self.process.wait()
        shutil.rmtree(self.dir)
