"""A mail server that misbehaves: it speaks SMTP by hand, so that it can say, leave unsaid and cut whatever it likes."""

import re
import socket
import struct
import threading
from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from typing import Any

RESET = struct.pack("ii", 1, 0)  # closing sends a reset instead of a goodbye
NAME = re.compile(rb"^Message-ID: *(\S+)", re.MULTILINE | re.IGNORECASE)
MODES = (
    "421 in the greeting",
    "421 at MAIL",
    "451 at RCPT",
    "451 after DATA",
    "silent in the greeting",
    "silent after DATA",
    "reset after DATA",
    "reset after 250",
    "TLS broken",
)
TOOK_IT = ("silent after DATA", "reset after DATA")
"""In these the server has the whole mail and the sender never hears so: the mail may double."""


class Unruly:
    """Behaves as `mode` says, "" being well. `accepted` are the mails that it answered with 250, by their Message-ID; `had` those
    that came in whole, however they were answered."""

    def __init__(self) -> None:
        self.mode = ""
        self.accepted: Counter[str] = Counter()
        self.had: Counter[str] = Counter()
        self.over = threading.Event()
        self.door = socket.create_server(("127.0.0.1", 0))
        self.port = int(self.door.getsockname()[1])
        threading.Thread(target=self._let_in, daemon=True).start()

    def _let_in(self) -> None:
        with suppress(OSError):
            while True:
                caller, _address = self.door.accept()
                threading.Thread(target=self._talk, args=[caller], daemon=True).start()

    def _talk(self, caller: socket.socket) -> None:
        with suppress(OSError), caller:
            for answer in self._answers(caller, self.mode):
                caller.sendall(answer)

    def _answers(self, caller: socket.socket, mode: str) -> Iterator[bytes]:
        if mode == "silent in the greeting":
            self.over.wait()
        elif mode == "421 in the greeting":
            yield b"421 Too busy\r\n"
        else:
            yield b"220 unruly\r\n"
            yield from self._conversation(caller, mode)

    def _conversation(self, caller: socket.socket, mode: str) -> Iterator[bytes]:
        lines = caller.makefile("rb")
        for line in lines:
            match line[:4].upper().strip():
                case b"EHLO":
                    yield b"250-unruly\r\n250 STARTTLS\r\n" if mode == "TLS broken" else b"250 unruly\r\n"
                case b"STAR":
                    yield b"220 Go on\r\n" + b"This is no TLS.\r\n" * 50
                    return
                case b"MAIL" if mode == "421 at MAIL":
                    yield b"421 Closing down\r\n"
                    return
                case b"RCPT" if mode == "451 at RCPT":
                    yield b"451 Later\r\n"
                case b"DATA":
                    yield b"354 Go on\r\n"
                    yield from self._taken(caller, lines, mode)
                    if mode.startswith("reset"):
                        caller.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                        return
                case b"QUIT":
                    yield b"221 Bye\r\n"
                    return
                case _:
                    yield b"250 OK\r\n"

    def _taken(self, caller: socket.socket, lines: Any, mode: str) -> Iterator[bytes]:
        content = b"".join(iter(lines.readline, b".\r\n"))
        named = NAME.search(content)
        assert named
        name = named[1].decode()
        self.had[name] += 1
        if mode == "silent after DATA":
            self.over.wait()
        elif mode == "451 after DATA":
            yield b"451 Later\r\n"
        elif mode != "reset after DATA":
            self.accepted[name] += 1
            yield b"250 Queued\r\n"

    def close(self) -> None:
        self.over.set()
        self.door.close()


@contextmanager
def open_unruly() -> Generator[Unruly]:
    """Such a server on a free port of this machine."""
    server = Unruly()
    try:
        yield server
    finally:
        server.close()
