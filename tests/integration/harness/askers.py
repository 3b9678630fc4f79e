"""Clients who ask while the daemon is replaced under them, and sockets that outlive it.

They count what fails; whether any may, they leave to whoever asks for it.
"""

import http.client
import socket
import threading

from .http import Answer


class Asker(threading.Thread):
    """Asks again and again, on a connection each time or on one for as long as it is kept."""

    def __init__(self, daemon, request, is_kept):
        super().__init__()
        self.daemon_ = daemon
        self.request = request
        self.is_kept = is_kept
        self.ends = threading.Event()
        self.answered = 0
        self.failures = []

    def run(self):
        connection = None
        key = self.daemon_.keys["bureau"]
        headers = {"Authorization": f"Bearer {key}", "Vacancyd-Actor": self.daemon_.actors[key],
                   "Content-Type": "application/json"}
        if not self.is_kept:
            headers["Connection"] = "close"
        while not self.ends.is_set():
            connection = connection or http.client.HTTPConnection("127.0.0.1", self.daemon_.port, timeout=20)
            try:
                connection.request(*self.request, headers=headers)
                answer = Answer(connection.getresponse())
                if answer.status != 200:
                    self.failures.append(answer)
                self.answered += 1
                if not self.is_kept or answer.headers.get("connection", "").lower() == "close":
                    connection.close()
                    connection = None
            except (OSError, http.client.HTTPException) as e:
                self.failures.append(repr(e))
                connection = None


class Askers:
    """Reads and writes of somebody's file, on new connections and on kept ones, for as long as it is open."""

    def __init__(self, daemon, seeker):
        read = ("GET", f"/v1/seekers/{seeker}/matches")
        write = ("PATCH", f"/v1/seekers/{seeker}", '{"pay_wish_fen": 80000}')
        self.all = [Asker(daemon, request, is_kept) for request in (read, read, write) for is_kept in (False, True)]

    def __enter__(self):
        for a in self.all:
            a.start()
        return self

    def __exit__(self, *_):
        for a in self.all:
            a.ends.set()
        for a in self.all:
            a.join(30)

    @property
    def answered(self):
        return sum(a.answered for a in self.all)

    @property
    def failures(self):
        return [f for a in self.all for f in a.failures]


def held_sockets(daemon):
    """What systemd would hold: the clients' address and the operator's."""
    clients = socket.socket()
    clients.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    clients.bind(("127.0.0.1", daemon.port))
    operator = socket.socket(socket.AF_UNIX)
    operator.bind(str(daemon.admin_socket))
    for s in (clients, operator):
        s.listen(4096)
    return [clients, operator]
