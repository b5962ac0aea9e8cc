"""A mail from its three templates: a plain subject of one line, a text, and an HTML part."""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.template import Context
from django.template.loader import get_template

from workflows.notices import facts

LONGEST_SUBJECT = 200


@dataclass(frozen=True)
class Written:
    """What goes into a mail."""

    subject: str
    text: str
    html: str


def letter(name: str, said: dict[str, Any]) -> Written:
    """A mail of a kind, in the language that is on."""
    subject = subject_line(name, said)[:LONGEST_SUBJECT]
    html = get_template(f"emails/{name}.html").render({**said, "subject": subject})
    return Written(subject, _paragraphs(_plain(f"{name}.txt", said)), html)


def subject_line(name: str, said: dict[str, Any]) -> str:
    """The subject of a mail of a kind, whole; lists of several things say it too."""
    return one_line(_plain(f"{name}_subject.txt", said))


def list_headers() -> dict[str, str]:
    """The headers by which mail programs sort mails of notices, and lead to where their frequency is changed."""
    host = urlsplit(settings.SITE_URL).hostname or "localhost"
    return {"List-Id": f"Resolves <notices.{host}>", "List-Unsubscribe": f"<{facts.preferences_page()}>"}


def one_line(words: str) -> str:
    """Words without line breaks and control characters, as a header takes them."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in words).split())


def _plain(name: str, said: dict[str, Any]) -> str:
    """A template without HTML's escapes."""
    return str(get_template(f"emails/{name}").template.render(Context(said, autoescape=False)))  # type: ignore[attr-defined]


def _paragraphs(text: str) -> str:
    """Without the gaps that unused parts of a template leave."""
    lines = "\n".join(line.rstrip() for line in text.splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines).strip() + "\n"
