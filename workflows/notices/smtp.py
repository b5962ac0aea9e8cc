"""Django's SMTP backend, which also remembers what the server answered when it took a mail, and takes mails that are finished."""

import smtplib
from functools import cached_property
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
        sender, recipient = (sanitize_address(one, settings.DEFAULT_CHARSET) for one in (self.from_email, *self.to))
        return sender, recipient, self.message().as_bytes(linesep="\r\n")


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
            return bool(super()._send(email_message))
        sender, recipient, content = email_message.envelope
        self.connection.sendmail(sender, [recipient], content)
        return True
