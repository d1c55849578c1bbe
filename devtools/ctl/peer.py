# SPDX-License-Identifier: BSD-3-Clause
"""A daemon that answers as a test tells it to, and records what it was asked."""

import json
import os
import socket
import tempfile
import threading
import time

# Longer than any test; a test that is stuck ends with it.
TIMEOUT_S = 30


class Peer:
    """Listens on a control socket of its own. script(request, send) answers each request: it is called with the decoded
    object and a function that sends bytes, or an object as JSON; the connection is closed when it returns."""

    def __init__(self, script=None, kind=socket.SOCK_SEQPACKET, accept=True):
        self.directory = tempfile.TemporaryDirectory(prefix="ctl-test-")
        self.path = os.path.join(self.directory.name, "control.sock")
        self.script = script or (lambda request, send: send(reply(request, result={})))
        self.requests = []
        self.raw = []
        self.failure = None
        self.socket = socket.socket(socket.AF_UNIX, kind)
        self.socket.bind(self.path)
        self.socket.listen(0 if not accept else 16)
        self.stopping = False
        self.thread = threading.Thread(target=self._serve, daemon=True)
        if accept:
            self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stopping = True
        # Ends accept().
        self.socket.shutdown(socket.SHUT_RDWR)
        if self.thread.is_alive():
            self.thread.join(TIMEOUT_S)
        self.socket.close()
        self.directory.cleanup()
        if self.failure:
            raise self.failure

    def _serve(self):
        while not self.stopping:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            connection.settimeout(TIMEOUT_S)
            with connection:
                try:
                    self._answer(connection)
                except (BrokenPipeError, ConnectionResetError):
                    pass  # the client has had enough, which some tests are about
                except Exception as failure:  # pylint: disable=broad-except
                    self.failure = failure

    def _answer(self, connection):
        data = connection.recv(1 << 20)
        if not data:
            return
        self.raw.append(data)
        request = json.loads(data)
        self.requests.append(request)

        def send(message):
            packet = message if isinstance(message, bytes) else json.dumps(message).encode()
            # As root; else as large as the kernel lets it be.
            for option in (32, socket.SO_SNDBUF):  # SO_SNDBUFFORCE
                try:
                    connection.setsockopt(socket.SOL_SOCKET, option, 2 * len(packet) + 65536)
                    break
                except PermissionError:
                    continue
            connection.send(packet)

        self.script(request, send)


def reply(request, **members):
    """A reply to a request: reply(request, result={}), for example."""
    return {"id": request["id"], **members}


def answers(table):
    """A script that answers each method with the result that a table has for it."""
    def script(request, send):
        if request["method"] in table:
            result = table[request["method"]]
            send(reply(request, result=result(request) if callable(result) else result))
        else:
            send(reply(request, error={"errno": "ENOSYS", "message": "no such method: " + request["method"]}))
    return script


def closes(_request, _send):
    """A script that closes without an answer."""


def sleeps(_request, _send):
    """A script that does not answer in time."""
    time.sleep(4)
