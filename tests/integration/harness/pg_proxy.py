"""Between the daemon and PostgreSQL: forwards everything, and loses an answer or holds up a call when
it is told to.

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
        self.held = None  # from when on nothing is forwarded: what was not
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
        preparing = None  # the server's clock runs from there: held up, it would be cancelled
        try:
            for kind, message in self.messages(self.client, True):
                if kind == b"P":
                    preparing = message[5:].split(b"\0", 1)[0].decode()
                elif kind == b"S":
                    preparing = None
                elif kind == b"B":
                    statement = message[5:].split(b"\0", 2)[1].decode()
                    if self.proxy.take("lose", statement):
                        self.lost_at = self.syncs + 1
                    elif self.held is None and preparing != statement and self.proxy.take("hold", statement):
                        self.held = b""
                self.syncs += kind == b"S"
                if self.held is None:
                    self.server.sendall(message)
                else:
                    self.held += message
        except OSError:
            pass
        if not self.held:
            self.close()
        elif self.proxy.released.wait(60):  # given up by the daemon, and only now heard of
            self.server.sendall(self.held)

    def back(self):
        try:
            for kind, message in self.messages(self.server, False):
                # The first ReadyForQuery ends the greeting and answers no Sync.
                self.readies += kind == b"Z"
                if self.held:
                    if self.readies > self.syncs:
                        self.proxy.arrived.set()
                        break
                    continue
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
        self.wanted = []
        self.lost = []  # statements of which one or the other was done
        self.released = threading.Event()  # what was held up may go on
        self.arrived = threading.Event()  # what was held up has been done after all
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
            self.wanted.append(("lose", statement))

    def hold(self, statement):
        """The next call of it, and all that follows on its connection: until the daemon has given that
        up and `released` is set."""
        with self.lock:
            self.wanted.append(("hold", statement))

    def take(self, what, statement):
        with self.lock:
            if (what, statement) not in self.wanted:
                return False
            self.wanted.remove((what, statement))
            self.lost.append(statement)
            return True

    def close(self):
        self.listener.close()
        shutil.rmtree(self.dir)
