"""What was typed when the log-in had run out, or into a form that had grown too old: it waits for whoever wrote it.

Every form carries a signed word on who it was made for (`{% csrf_token %}` writes it). When such a form arrives and can't be taken,
its words are kept in the session of the browser; after the log-in the same person looks them through and sends them. Nothing
is ever sent on its own, nobody else is shown anything, and a form with a password in it is never kept.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.core import signing
from django.http import HttpRequest
from django.utils.crypto import get_random_string

from tracker import clock
from tracker.models import Person

WRITER = "written_by"
SENT = "unsent"  # names the kept words when they are sent, so that they are forgotten once they were taken
KEPT = "unsent"
SALT = "resolves-written-by"
FOR_DAYS = 7
MOST = 10  # the oldest give way
LONGEST = 1_000_000  # characters of all that one browser keeps
LONG_WORDS = 40


@dataclass(frozen=True)
class Field:
    """A field of a kept form: typed ones are shown and can be changed, the others go along as they are."""

    name: str
    label: Any
    value: str
    shape: str  # area, line, day or as_it_is
    words: str = ""  # what a choice reads as, where it is one of a fixed list


@dataclass(frozen=True)
class Unsent:
    """One form that was not taken."""

    key: str
    address: str
    page: str
    at: datetime
    fields: list[Field]
    files: list[dict[str, str]]

    @property
    def along(self) -> int:
        """How many choices go along that are not shown."""
        return sum(1 for field in self.fields if field.shape == "as_it_is" and field.label and not field.words)


def writer(request: HttpRequest) -> str:
    """The signed word on who a form is made for; "" where nobody has logged in."""
    if not hasattr(request, "_resolves_writer"):
        person = getattr(request, "user", None)
        known = isinstance(person, Person) and person.is_authenticated
        request._resolves_writer = signing.dumps(person.pk, salt=SALT) if known else ""  # type: ignore[attr-defined, union-attr]
    return request._resolves_writer  # type: ignore[attr-defined]


def keep(request: HttpRequest) -> bool:
    """Keep the words of a form that can't be taken; whether there was anything to keep that may be kept."""
    by = _written_by(request)
    user = request.user
    if by is None or (user.is_authenticated and user.pk != by):
        return False
    given = [(name, value) for name in request.POST for value in request.POST.getlist(name)]
    given = [(name, value) for name, value in given if name not in {WRITER, SENT, "csrfmiddlewaretoken"}]
    files = [(name, file.name or "") for name in request.FILES for file in request.FILES.getlist(name)]
    if any("password" in name.lower() for name, _value in given):
        return False
    typed = any(field.shape != "as_it_is" and field.value.strip() for field in _fields(given))
    if not typed and not files:
        return False
    entry = {
        "key": get_random_string(12),
        "by": by,
        "address": request.get_full_path(),
        "page": page_of(request),
        "at": clock.now().isoformat(),
        "given": [list(pair) for pair in given],
        "files": [list(pair) for pair in files],
    }
    again = request.POST.get(SENT, "")  # sent from the page of kept words, and too late once more
    others = [one for one in _entries(request) if one["key"] != again][1 - MOST :]
    while others and _length([*others, entry]) > LONGEST:
        others.pop(0)
    if _length([entry]) > LONGEST:
        return False
    request.session[KEPT] = [*others, entry]
    return True


def of(request: HttpRequest) -> list[Unsent]:
    """What waits for whoever has logged in, the newest first."""
    user = request.user
    if not user.is_authenticated:
        return []
    return [
        Unsent(
            key=one["key"],
            address=one["address"],
            page=one["page"],
            at=datetime.fromisoformat(one["at"]),
            fields=list(_fields([(name, value) for name, value in one["given"]])),
            files=[{"name": name, "file": file} for name, file in one["files"]],
        )
        for one in reversed(_entries(request))
        if one["by"] == user.pk
    ]


def waits(request: HttpRequest) -> bool:
    """Whether something waits for whoever has logged in."""
    user = getattr(request, "user", None)
    return bool(user and user.is_authenticated and any(one["by"] == user.pk for one in _entries(request)))


def forget(request: HttpRequest, key: str) -> None:
    """What was taken, or thrown away, waits no longer."""
    entries = request.session.get(KEPT, [])
    left = [one for one in entries if one["key"] != key]
    if len(left) != len(entries):
        request.session[KEPT] = left


def forget_others(request: HttpRequest) -> None:
    """Somebody has logged in: what another person wrote on this browser is gone."""
    entries = request.session.get(KEPT, [])
    left = [one for one in entries if one["by"] == request.user.pk]
    if len(left) != len(entries):
        request.session[KEPT] = left


def page_of(request: HttpRequest) -> str:
    """The page of ours on which the form stood, as far as the browser says it; "" where it does not."""
    came_from = urlsplit(request.META.get("HTTP_REFERER", ""))
    if came_from.netloc != request.get_host() or came_from.path.startswith("//"):
        return ""
    return came_from.path + (f"?{came_from.query}" if came_from.query else "")


def _written_by(request: HttpRequest) -> int | None:
    try:
        found = signing.loads(request.POST.get(WRITER, ""), salt=SALT, max_age=timedelta(days=FOR_DAYS))
    except signing.BadSignature:
        return None
    return int(found)


def _entries(request: HttpRequest) -> list[dict[str, Any]]:
    oldest = clock.now() - timedelta(days=FOR_DAYS)
    return [one for one in request.session.get(KEPT, []) if datetime.fromisoformat(one["at"]) >= oldest]


def _length(entries: list[dict[str, Any]]) -> int:
    return sum(len(name) + len(value) for one in entries for name, value in one["given"])


def _fields(given: list[tuple[str, str]]) -> Iterator[Field]:
    """Names and values with the labels of the form that they most likely belong to."""
    known = _form_with({_own_name(name) for name, _value in given})
    for name, value in given:
        field = known.get(_own_name(name))
        yield Field(name, field.label if field else "", value, _shape(field, value), _words(field, value))


def _own_name(name: str) -> str:
    """The name of a field without the prefix of its row."""
    return name.rsplit("-", 1)[-1]


def _form_with(names: set[str]) -> dict[str, forms.Field]:
    """The fields of that form of ours which shares most names with what was sent."""

    def likeness(form: type[forms.BaseForm]) -> tuple[int, int]:
        own = set(_declared(form))
        return len(own & names), -len(own - names)

    best = max(_forms(forms.BaseForm), key=likeness)
    return _declared(best) if likeness(best)[0] else {}


def _forms(form: type[forms.BaseForm]) -> Iterator[type[forms.BaseForm]]:
    for one in form.__subclasses__():
        yield one
        yield from _forms(one)


def _declared(form: type[forms.BaseForm]) -> dict[str, forms.Field]:
    found: dict[str, forms.Field] = getattr(form, "base_fields", {})
    return found


def _words(field: forms.Field | None, value: str) -> str:
    offered: Any = field.choices if type(field) is forms.ChoiceField else ()  # of a fixed list alone
    found = dict(offered).get(value, "") if value else ""
    return "" if isinstance(found, (list, tuple)) else str(found)


def _shape(field: forms.Field | None, value: str) -> str:
    if field is None:
        return "area" if "\n" in value or len(value) > LONG_WORDS else "as_it_is"
    widget = field.widget
    if widget.is_hidden or not isinstance(widget, (forms.Textarea, forms.TextInput, forms.DateInput)):
        return "as_it_is"
    if isinstance(widget, forms.Textarea) or "\n" in value:
        return "area"
    return "day" if isinstance(widget, forms.DateInput) else "line"
