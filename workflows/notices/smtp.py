"""Django's SMTP backend, which also remembers what the server answered when it took a mail, and takes mails that are finished."""

import smtplib
from functools import cached_property, lru_cache
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.smtp import EmailBackend as DjangoEmailBackend
from django.core.mail.message import EmailMessage, sanitize_address


class FinishedMail(EmailMultiAlternatives):
    """A mail to one address that is made into bytes before its turn on the line comes."""

    @cached_property
    def envelope(self) -> tuple[str, str, bytes]:
        """What goes over the line: sender, recipient and the whole mail. Raises ValueError where a header takes no such words."""
        recipient = sanitize_address(self.to[0], settings.DEFAULT_CHARSET)
        return _sender(self.from_email), recipient, self.message().as_bytes(linesep="\r\n")  # type: ignore[call-arg]


@lru_cache(maxsize=8)
def _sender(address: str) -> str:
    """Always the same."""
    return str(sanitize_address(address, settings.DEFAULT_CHARSET))


class _Remembering:
    """Keeps the answer to DATA, which smtplib checks and forgets."""

    answer = ""

    def data(self, msg: Any) -> tuple[int, bytes]:
        code, said = super().data(msg)  # type: ignore[misc]
        self.answer = f"{code} {said.decode(errors='replace')}"
        return code, said


class _Plain(_Remembering, smtplib.SMTP):
    pass


class _Encrypted(_Remembering, smtplib.SMTP_SSL):
    pass


class EmailBackend(DjangoEmailBackend):
    """For `settings.EMAIL_BACKEND`."""

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return _Encrypted if self.use_ssl else _Plain

    def _send(self, email_message: EmailMessage) -> bool:
        if not isinstance(email_message, FinishedMail):
            return bool(super()._send(email_message))  # type: ignore[misc]
        sender, recipient, content = email_message.envelope
        assert self.connection is not None  # noqa: S101  (it is open)
        self.connection.sendmail(sender, [recipient], content)
        return True
