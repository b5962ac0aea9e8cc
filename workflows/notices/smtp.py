"""Django's SMTP backend, which also remembers what the server answered when it took a mail, and takes mails that are finished."""

import smtplib
from binascii import b2a_qp
from email.header import Header
from functools import cached_property, lru_cache
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.smtp import EmailBackend as DjangoEmailBackend
from django.core.mail.message import BadHeaderError, EmailMessage, sanitize_address


class FinishedMail(EmailMultiAlternatives):
    """A mail to one address, in text and HTML, that is made into bytes before its turn on the line comes."""

    @cached_property
    def envelope(self) -> tuple[str, str, bytes]:
        """What goes over the line: sender, recipient and the whole mail. Raises ValueError where a header takes no such words.

        Made by hand of a few headers and one or two parts in quoted-printable: Django's own way, which the other backends go,
        takes ten times as long and is a good part of what a mail costs."""
        recipient = sanitize_address(self.to[0], settings.DEFAULT_CHARSET)
        named = {"From": _sender(self.from_email), "To": recipient, "Subject": self.subject, **self.extra_headers}
        lines = [f"{name}: {_words(value)}" for name, value in named.items()] + ["MIME-Version: 1.0"]
        parts = [_part("plain", str(self.body)), *(_part("html", str(one[0])) for one in self.alternatives)]
        if len(parts) == 1:
            return _sender(self.from_email), recipient, _joined(lines, parts[0])
        lines += [f'Content-Type: multipart/alternative; boundary="{BOUNDARY}"', "", ""]
        edge = f"--{BOUNDARY}".encode()
        body = b"".join(edge + b"\r\n" + part + b"\r\n" for part in parts)
        return _sender(self.from_email), recipient, _joined(lines, body + edge + b"--\r\n")


BOUNDARY = (
    "=_part"  # no line of quoted-printable begins so: an equals sign stands before two digits there, or ends the line
)


def _joined(lines: list[str], rest: bytes) -> bytes:
    return "\r\n".join(lines).encode("ascii") + (b"" if lines[-1] == "" else b"\r\n") + rest


def _words(value: Any) -> str:
    """A header's value, encoded where it is not plain; ValueError where it would begin another header."""
    words = str(value)
    if "\r" in words or "\n" in words:
        raise BadHeaderError(f"A header does not take line breaks: {words!r}.")
    return words if words.isascii() and words.isprintable() else Header(words, "utf-8").encode(linesep="\r\n")


def _part(kind: str, words: str) -> bytes:
    """A part of a mail, with its headers."""
    content = b2a_qp("\n".join(words.splitlines()).encode() + b"\n", istext=True).replace(b"\n", b"\r\n")
    head = f'Content-Type: text/{kind}; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'
    return head.encode("ascii") + content


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
