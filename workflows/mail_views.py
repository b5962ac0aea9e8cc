"""The demonstration's letter box: the mails that a real site would have sent, read from their folder."""

import email
import email.policy
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

PAGE = 20
SEPARATOR = b"\n" + b"-" * 79 + b"\n"  # Django's file backend writes it after each mail


@dataclass(frozen=True)
class Mail:
    """A mail as its reader sees it."""

    to: str
    subject: str
    sent_at: datetime | None
    text: str


class Filters(forms.Form):
    """Whose mails to show."""

    to = forms.ChoiceField(label=_("To"), required=False)

    def __init__(self, addresses: list[str], data: object) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        self.fields["to"].choices = [("", _("everybody")), *((one, one) for one in addresses)]  # type: ignore[attr-defined]


@require_safe
@login_required
def mailbox(request: HttpRequest) -> HttpResponse:
    """Every mail, newest first; only in the demonstration, where nothing leaves the machine."""
    folder = getattr(settings, "EMAIL_FILE_PATH", None)
    if not settings.DEMO or folder is None:
        raise Http404
    mails = kept(Path(folder))
    addresses = sorted({mail.to for mail in mails})
    chosen = request.GET.get("to", "")
    filters = Filters(addresses, {"to": chosen if chosen in addresses else ""})
    shown = [mail for mail in mails if mail.to == chosen] if chosen in addresses else mails
    page = Paginator(shown, PAGE).get_page(request.GET.get("page"))
    context = {"page_obj": page, "filters": filters, "shown": len(shown), "total": len(mails), "folder": folder}
    return render(request, "workflows/mailbox.html", context)


def kept(folder: Path) -> list[Mail]:
    """The mails of a folder, newest first."""
    found = [
        (path.name, number, _read(source))
        for path in folder.glob("*.log")
        for number, source in enumerate(path.read_bytes().split(SEPARATOR))
        if source.strip()
    ]
    never = datetime.min.replace(tzinfo=UTC)
    found.sort(key=lambda one: (one[2].sent_at or never, one[0], one[1]), reverse=True)
    return [mail for _name, _number, mail in found]


def _read(source: bytes) -> Mail:
    message = email.message_from_bytes(source.lstrip(b"\n"), policy=email.policy.default)
    assert isinstance(message, EmailMessage)  # noqa: S101  (what this policy gives)
    body = message.get_body(("plain",))
    try:
        sent_at = parsedate_to_datetime(str(message["Date"]))
    except ValueError:
        sent_at = None
    text = body.get_content() if body else ""
    return Mail(str(message["To"] or ""), str(message["Subject"] or ""), sent_at, text)
