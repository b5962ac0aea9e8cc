"""What every page shows: the menu of whoever reads it, how much they have not read, the banner of a demonstration, whether words
wait to be sent, and how the record stands."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject, cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracker import access, clock, unsent
from tracker.log import line
from tracker.models import Person
from tracker.templatetags.resolves import day_in_words

CHAIR, VICE_CHAIR, SECRETARY = access.CHAIR, access.VICE_CHAIR, access.SECRETARY
EVERYBODY: frozenset[str] = frozenset()
OFFICERS = frozenset({CHAIR, VICE_CHAIR, SECRETARY})


@dataclass(frozen=True)
class Entry:
    """A line of the menu."""

    label: str
    url: str
    current: bool


# Name of the page, words, for whom (empty: everybody), and whether only for people who have logged in.
MENU: tuple[tuple[str, Any, frozenset[str], bool], ...] = (
    ("tasks", gettext_lazy("My tasks"), EVERYBODY, True),
    ("board", gettext_lazy("Board"), OFFICERS, True),
    ("council_start", gettext_lazy("Council"), EVERYBODY, True),
    ("resolutions", gettext_lazy("Resolutions"), EVERYBODY, False),
    ("calendar", gettext_lazy("Calendar"), EVERYBODY, True),
    ("history", gettext_lazy("History"), EVERYBODY, True),
    ("register", gettext_lazy("Public register"), EVERYBODY, False),
    ("setup", gettext_lazy("Setup"), frozenset({SECRETARY}), True),
    ("people", gettext_lazy("People"), frozenset({SECRETARY}), True),
)


def page(request: HttpRequest) -> dict[str, Any]:
    """Context processor. What needs the database is asked when a template first asks."""
    held = _Held(request)
    return {
        "nav": SimpleLazyObject(lambda: menu(request, held)),
        "demo_banner": _banner(),
        "record": SimpleLazyObject(lambda: record(request)),
        "verifies": SimpleLazyObject(lambda: access.may_verify(request.user, held)),
        "unsent_waits": SimpleLazyObject(lambda: unsent.waits(request)),
        "unread_here": lambda: access.unread(request.user),  # called by the one template that asks
        "unread_most": access.MOST_UNREAD,
    }


def record(request: HttpRequest) -> line.Standing | None:
    """How the record stands, for people who have logged in."""
    reader = getattr(request, "user", None)
    return line.standing(reader) if isinstance(reader, Person) else None


class _Held:
    """The roles of whoever reads a page, asked for once, and only where something on it asks."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @cached_property
    def roles(self) -> set[str]:
        reader = getattr(self._request, "user", None)
        return access.roles(reader) if isinstance(reader, Person) else set()

    def __contains__(self, role: object) -> bool:
        return role in self.roles


def menu(request: HttpRequest, held: _Held) -> list[Entry]:
    """The pages that a reader has use for."""
    known = isinstance(getattr(request, "user", None), Person)
    found = []
    for name, words, for_whom, only_known in MENU:
        if (only_known and not known) or (for_whom and not for_whom & held.roles):
            continue
        url = reverse(name)
        found.append(Entry(str(words), url, request.path.startswith(url)))
    return found


def _banner() -> str:
    if not clock.pinned():
        return ""
    return _("Demonstration: today is %(day)s") % {"day": day_in_words(clock.today())}
