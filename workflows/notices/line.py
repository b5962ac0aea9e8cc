"""The line to the mail server: one connection, and what an answer of the server means.

Mails go over it one after the other in a thread of its own, so that the next one is read and written while the server answers.
"""

import logging
import smtplib
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from django.core.mail import get_connection

from workflows.notices.smtp import FinishedMail

log = logging.getLogger(__name__)

PATIENCE = 3  # troubles of the server in a row, after which the round leaves it alone


@dataclass
class Trouble:
    """Why a mail did not go: for good or for now; because of the mail or because of the server. `of_address`: the server
    refused this recipient, or this mail to them."""

    answer: str
    for_good: bool = False
    of_server: bool = False
    of_address: bool = False


@dataclass
class Line:
    """The open line to the mail server, kept for a whole round; the threads that use it never do so at once."""

    troubles: int = 0
    open: Any = None
    thread: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "mail-line"))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.thread.shutdown()
        self._close()

    def patient(self) -> bool:
        """Whether the server is worth another try in this round."""
        return self.troubles < PATIENCE

    def begin(self, mail: FinishedMail) -> Future[str]:
        """Start sending a mail; the future has what the server answered, or raises what `trouble` understands."""
        return self.thread.submit(self._send, mail)

    def _send(self, mail: FinishedMail) -> str:
        try:
            if self.open is None:
                self.open = get_connection()
                self.open.open()
            mail.connection = self.open
            mail.send()
        except Exception:
            self._close()  # whatever was said last, the next mail begins afresh
            raise
        said = str(getattr(getattr(self.open, "connection", None), "answer", ""))
        if not said:  # a folder of mails: one file each
            self._close()
        return said

    def _close(self) -> None:
        open_, self.open = self.open, None
        if open_ is not None:
            try:
                open_.close()
            except (OSError, smtplib.SMTPException):
                log.info("The mail server had hung up already.")


def trouble(error: Exception) -> Trouble:
    """What an error means. What the server says of the mail or its address counts as it says (4xx for now, 5xx for good);
    what it says before (greeting, log-in, our own address) or not at all is its own trouble and is tried again."""
    said: bytes | str
    match error:
        case smtplib.SMTPRecipientsRefused():
            code, said = next(iter(error.recipients.values()))
        case smtplib.SMTPDataError():
            code, said = error.smtp_code, error.smtp_error
        case smtplib.SMTPResponseException():
            said = error.smtp_error
            return Trouble(f"{error.smtp_code} {_decoded(said)}", of_server=True)
        case smtplib.SMTPException() | OSError():
            return Trouble(f"{type(error).__name__}: {error}", of_server=True)
        case UnicodeError() | ValueError():
            return Trouble(str(error), for_good=True)
        case _:
            log.error("A mail could not be written.", exc_info=error)
            return Trouble(f"{type(error).__name__}: {error}")
    refused = 500 <= code < 600
    return Trouble(f"{code} {_decoded(said)}", for_good=refused, of_server=code == 421, of_address=refused)


def _decoded(said: bytes | str) -> str:
    return said.decode(errors="replace") if isinstance(said, bytes) else said
