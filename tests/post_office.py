"""A real SMTP server in a thread, which takes mails, refuses them, or keeps a worker waiting."""

import asyncio
import email
import email.policy
import socket
import threading
import time
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


class PostOffice:
    """What came in, and how to answer. `rcpt` and `data` map an address to the answer it gets instead of 250. `holds` keeps
    every worker waiting: at "rcpt" before its mail was handed over, at "data" after that and before it is answered."""

    def __init__(self) -> None:
        self.received: list[EmailMessage] = []
        self.accepted: list[EmailMessage] = []
        self.rcpt: dict[str, str] = {}
        self.data: dict[str, str] = {}
        self.delay = 0.0
        self.holds = threading.Event()
        self.holds_at = "rcpt"
        self.asked = 0
        self.port = 0

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    async def handle_RCPT(  # noqa: N802  (aiosmtpd's name)
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.asked += 1
        await self._held("rcpt")
        if address in self.rcpt:
            return self.rcpt[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        message = email.message_from_bytes(envelope.content or b"", policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        message["X-Envelope-To"] = ", ".join(envelope.rcpt_tos)
        self.received.append(message)
        await asyncio.sleep(self.delay)
        refused = next((self.data[address] for address in envelope.rcpt_tos if address in self.data), "")
        if not refused:
            self.accepted.append(message)
        await self._held("data")
        return refused or "250 Queued as 4711"

    async def _held(self, at: str) -> None:
        while self.holds_at == at and self.holds.is_set():  # noqa: ASYNC110  (set from another thread)
            await asyncio.sleep(0.02)

    def to(self, name: str) -> list[EmailMessage]:
        """The accepted mails of one person."""
        return [message for message in self.accepted if message["X-Envelope-To"] == f"{name}@resolves.example"]

    def doubles(self) -> dict[str, int]:
        """Mails that were accepted more than once, by Message-ID."""
        counted = Counter(str(message["Message-ID"]) for message in self.accepted)
        return {name: count for name, count in counted.items() if count > 1}

    def wait_for(self, count: int, *, seconds: float = 30) -> None:
        """Until so many mails are under way, handed over or not."""
        deadline = time.monotonic() + seconds
        while self.asked < count or (self.holds_at == "data" and len(self.received) < count):
            assert time.monotonic() < deadline, f"fewer than {count} mails were under way in {seconds} s"
            time.sleep(0.01)


@contextmanager
def open_post_office() -> Generator[PostOffice]:
    """A post office on a free port of this machine."""
    office = PostOffice()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        office.port = free.getsockname()[1]
    controller = Controller(office, hostname="127.0.0.1", port=office.port)
    controller.start()
    try:
        yield office
    finally:
        office.holds.clear()
        controller.stop()


def deliver_through(office: PostOffice, settings: Any) -> None:
    """Send the mails of this process there."""
    settings.EMAIL_BACKEND = "workflows.notices.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", office.port
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
