"""Who saw what when, and who was refused: logged apart from the record of what was done.

While a request is answered, whoever fetches something sensitive, or hides it, notes that here; when the answer is ready the
middleware keeps at most one row about it. No words of people and no secrets get in: of an address stay its path, with what
is secret in it left out, and those values of its query that are numbers, days or verbs.
"""

import logging
import re
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import DatabaseError, models, transaction
from django.http import HttpRequest, HttpResponseBase

from tracker.models import Evidence, Obligation, Occurrence, Person, Report, Resolution, Visibility, Visit
from tracker.verbs import VERBS

log = logging.getLogger(__name__)

SECRET = frozenset({"secret", "token", "uidb64"})
"""Parts of an address that nobody but its owner may know."""
STRANGERS, WITHIN = 60, 60.0
"""Of people who have not logged in so many refusals are kept in so many seconds, by each process: knocking fills no disk."""
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_NUMBER = re.compile(r"\d{1,12}")


@dataclass
class Noted:
    """What a request noted: the thing that it was about, whether seeing it is kept, and what it was looking for in vain."""

    about: models.Model | None = None
    seen: bool = False
    missed: tuple[type[models.Model], dict[str, Any]] | None = None
    at_the_door: bool = False


_noted: ContextVar[Noted | None] = ContextVar("resolves_visit", default=None)
_strangers: deque[float] = deque()
_counting = threading.Lock()


@contextmanager
def noting() -> Iterator[Noted]:
    """Within this block what is noted belongs to one request."""
    noted = Noted()
    token = _noted.set(noted)
    try:
        yield noted
    finally:
        _noted.reset(token)


def about(thing: models.Model, *, sensitive: bool = False) -> None:
    """Note what the request is about; with `sensitive` that it was seen, should the answer show it."""
    if noted := _noted.get():
        noted.about = thing if noted.about is None or sensitive else noted.about
        noted.seen = noted.seen or sensitive


def sensitive() -> None:
    """Note that the page shows what not everybody should see, whatever it is about."""
    if noted := _noted.get():
        noted.seen = True


def missed(model: type[models.Model], **named: Any) -> None:
    """Note that somebody asked for a thing of that name and was told that there is none, or none for them."""
    if noted := _noted.get():
        noted.missed = (model, named)


def refused_at_the_door(username: str) -> None:
    """Note a log-in that failed."""
    if noted := _noted.get():
        noted.missed, noted.at_the_door = (Person, {"username": username}), True


def is_restricted(thing: Any) -> bool:
    """Whether a turn, a paper of one or a text is restricted, by itself or by what it belongs to."""
    match thing:
        case Occurrence():
            return is_restricted(thing.obligation) or is_restricted(thing.resolution)
        case Obligation() | Resolution() | Report():
            return thing.visibility == Visibility.RESTRICTED
        case Evidence():
            return thing.visibility == Visibility.RESTRICTED or is_restricted(thing.occurrence)
        case _:
            return getattr(thing, "visibility", "") == Visibility.RESTRICTED


# Keeping it ------------------------------------------------------------------------------------------------------------


def keep(  # noqa: PLR0913  (a row has that many parts)
    noted: Noted, request: HttpRequest, response: HttpResponseBase, *, means: str, request_id: str, now: datetime
) -> Visit | None:
    """Keep what is worth keeping of a request that was answered, in a transaction of its own. What goes wrong here is said
    to whoever runs the machine and never breaks the page."""
    kind = _kind(noted, request, response.status_code)
    person = request.user if isinstance(request.user, Person) else None
    if not kind or (person is None and kind == Visit.Kind.REFUSED and not _counted()):
        return None
    match = request.resolver_match
    try:
        with transaction.atomic():
            return Visit.objects.create(
                kind=kind,
                person=person,
                at=now,
                means=means,
                method=(request.method or "")[:8],
                address=address(request)[:300],
                page=(match.url_name or "")[:60] if match else "",
                answer=response.status_code,
                request_id=request_id[:40],
                **_subject(noted),
            )
    except (DatabaseError, ValueError, OverflowError):  # a name that no database can hold is found nowhere
        log.exception("A visit could not be kept.")
        return None


def _kind(noted: Noted, request: HttpRequest, answer: int) -> str:
    """Whether something was seen or refused; "" where there is nothing to keep."""
    if answer == 403 or (answer == 404 and noted.missed) or (answer < 429 and noted.at_the_door):
        return Visit.Kind.REFUSED
    if answer == 401 and "Authorization" in request.headers:
        return Visit.Kind.REFUSED
    return Visit.Kind.SEEN if noted.seen and (answer < 300 or answer == 304) else ""


def _subject(noted: Noted) -> dict[str, Any]:
    """What it was about, by name and number. What somebody looked for is looked up among all there is, found or not: so
    both take as long."""
    thing = noted.about
    if noted.missed is not None:
        model, named = noted.missed
        thing = model._base_manager.filter(**named).first()
    if thing is None:
        return {}
    return {
        "subject_type": str(thing._meta.model_name),
        "subject_id": thing.pk,
        "subject_reference": _reference(thing)[:160],
    }


def _reference(thing: Any) -> str:
    if isinstance(thing, Occurrence | Resolution | Obligation):
        return str(thing.reference)
    if hasattr(thing, "occurrence_id"):
        return str(thing.occurrence.reference)
    return str(thing.pk)


def _counted() -> bool:
    """Whether one more refusal of somebody who has not logged in is within what is kept."""
    now = time.monotonic()
    with _counting:
        while _strangers and now - _strangers[0] > WITHIN:
            _strangers.popleft()
        if len(_strangers) >= STRANGERS:
            return False
        _strangers.append(now)
    return True


def address(request: HttpRequest) -> str:
    """The address of a request without words and secrets."""
    path, match = request.path, request.resolver_match
    for name, value in (match.kwargs if match else {}).items():
        if name in SECRET:
            path = path.replace(str(value), "…")
    said = [f"{name}={value if _plain(name, value) else '…'}" for name, value in request.GET.items() if name in _NAMES]
    left = any(name not in _NAMES for name in request.GET)
    query = "&".join([*said, *(["…"] if left else [])])
    return f"{path}?{query}" if query else path


_NAMES = frozenset(
    "person acting_for verb item since until day means words request kind page before after body resolution session mark "
    "holder q".split()
)


def _plain(name: str, value: Any) -> bool:
    """Whether a value of a query says no words: a number, a day, a verb of the register."""
    words = str(value)
    return bool(_NUMBER.fullmatch(words) or _DAY.fullmatch(words)) or (name == "verb" and words in VERBS)
