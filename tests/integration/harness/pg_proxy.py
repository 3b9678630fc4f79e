"""Between the daemon and PostgreSQL: forwards everything, and loses an answer when it is told to.

It understands as much of the protocol as it takes to know which statement is asked for and when
its transaction is over: that a Bind names the prepared statement, that each call ends in a Sync,
and each Sync in a ReadyForQuery.
"""

import os
import shutil
import socket
import struct
import tempfile
import threading

SOCKET = ".s.PGSQL.5432"


class Link:
    """One connection of the daemon's."""

    def __init__(self, proxy, client, server):
        self.proxy = proxy
        self.client = client
        self.server = server
        self.syncs = self.readies = 0
        self.lost_at = None  # the number of the Sync whose answer nobody gets
        for work in (self.forward, self.back):
            threading.Thread(target=work, daemon=True).start()

    def close(self):
        for end in (self.client, self.server):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def messages(self, end, has_startup):
        """(type, whole message) as they come."""
        data = b""
        while True:
            head = 0 if has_startup else 1
            while len(data) < head + 4 or len(data) < head + struct.unpack_from("!i", data, head)[0]:
                more = end.recv(65536)
                if not more:
                    return
                data += more
            size = head + struct.unpack_from("!i", data, head)[0]
            yield b"" if has_startup else data[:1], data[:size]
            data, has_startup = data[size:], False

    def forward(self):
        try:
            for kind, message in self.messages(self.client, True):
                if kind == b"B":
                    statement = message[5:].split(b"\0", 2)[1].decode()
                    if self.proxy.take(statement):
                        self.lost_at = self.syncs + 1
                self.syncs += kind == b"S"
                self.server.sendall(message)
        except OSError:
            pass
        self.close()

    def back(self):
        try:
            for kind, message in self.messages(self.server, False):
                # The first ReadyForQuery ends the greeting and answers no Sync.
                self.readies += kind == b"Z"
                is_lost = self.lost_at is not None and self.readies >= self.lost_at
                if is_lost and kind == b"Z" and self.readies > self.lost_at:
                    break
                if not is_lost:
                    self.client.sendall(message)
                elif self.readies == self.lost_at and kind == b"Z":
                    self.client.sendall(message)  # the end of the one before
        except OSError:
            pass
        self.close()


class PgProxy:
    def __init__(self, services):
        self.upstream = str(services.socket_dir / SOCKET)
        self.dir = tempfile.mkdtemp(prefix="vacancyd-pg-", dir="/tmp")
        self.lock = threading.Lock()
        self.to_lose = []
        self.lost = []
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(os.path.join(self.dir, SOCKET))
        self.listener.listen(64)
        threading.Thread(target=self.accept, daemon=True).start()

    def dsn(self, postgres):
        return f"host={self.dir} dbname={postgres.name} user={postgres.user}"

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(self.upstream)
            except OSError:
                return
            Link(self, client, server)

    def lose(self, statement):
        """The next answer to it: it is done, and then its connection is gone."""
        with self.lock:
            self.to_lose.append(statement)

    def take(self, statement):
        with self.lock:
            if statement not in self.to_lose:
                return False
            self.to_lose.remove(statement)
            self.lost.append(statement)
            return True

    def close(self):
        self.listener.close()
        shutil.rmtree(self.dir)
