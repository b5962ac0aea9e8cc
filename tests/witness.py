"""A witness as c2sp.org/tlog-witness has it, in a thread, on this machine: it remembers the last head that it cosigned, checks
signatures and proofs itself, and cosigns what goes on from it. It can be told to misbehave."""

import base64
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.utils import timezone

from tracker.proofs import cosignatures, merkle, notes

NAME = "witness.example/w1"


class Witness:
    """What it saw, and how it answers."""

    def __init__(self, known: notes.PublicKey) -> None:
        self.known = [known]
        self.key = Ed25519PrivateKey.generate()
        self.size, self.root = 0, merkle.EMPTY
        self.asked: list[tuple[int, int]] = []  # (old size, answer)
        self.says: tuple[int, str] | None = None  # this answer to everything
        self.delay, self.drip = 0.0, 0.0
        self.moment: datetime | None = None
        self.port = 0
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/w1"

    @property
    def line(self) -> str:
        """Its public key, as LOG_WITNESS_KEY."""
        return str(cosignatures.WitnessKey(NAME, self.key.public_key().public_bytes_raw()))

    def answer(self, body: str) -> tuple[int, str]:
        """The rules of the protocol, one after the other."""
        with self._lock:
            code, said = self.says or self._judged(body)
            self.asked.append((int(body.split("\n", 1)[0].removeprefix("old ")), code))
            return code, said

    def _judged(self, body: str) -> tuple[int, str]:
        top, _blank, note = body.partition("\n\n")
        first, *lines = top.split("\n")
        word, _space, written = first.partition(" ")
        if word != "old" or str(int(written)) != written or len(lines) > 63:
            return 400, "bad request\n"
        old, path = int(written), [base64.b64decode(line, validate=True) for line in lines]
        try:
            head = notes.read(note, self.known)
        except notes.NotAHead as error:
            return 403, f"{error}\n"
        if head.origin != self.known[0].name:
            return 404, "unknown log\n"
        if old > head.size:
            return 400, "the old size is above the new one\n"
        if old != self.size:
            return 409, f"{self.size}\n"
        if old == head.size and head.root != self.root:
            return 409, f"{self.size}\n"
        if old == 0 and path:
            return 422, "a proof from nothing is empty\n"
        if not merkle.extends(old, self.root, head.size, head.root, path):
            return 422, "the proof does not hold\n"
        self.size, self.root = head.size, head.root
        return 200, cosignatures.cosign(note, NAME, self.key, self.moment or timezone.now())


@contextmanager
def open_witness(known: notes.PublicKey) -> Generator[Witness]:
    witness = Witness(known)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            time.sleep(witness.delay)
            code, said = witness.answer(body) if self.path == "/w1/add-checkpoint" else (404, "")
            self.send_response(code)
            if code in (301, 302, 307, 308):
                self.send_header("Location", said)
            self.send_header("Content-Type", "text/x.tlog.size" if code == 409 else "text/plain")
            self.send_header("Content-Length", str(len(said.encode())))
            self.end_headers()
            try:
                for letter in said.encode() if witness.drip else [said.encode()]:
                    time.sleep(witness.drip)
                    self.wfile.write(bytes([letter]) if witness.drip else letter)
                    self.wfile.flush()
            except OSError:
                pass  # who asked has hung up

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (the library's name)
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.block_on_close = False
    witness.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield witness
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
