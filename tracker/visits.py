"""Who saw what when, and who was refused: logged apart from the record of what was done.

While a request is answered, whoever fetches something sensitive, or hides it, notes that here; when the answer is ready the
middleware keeps at most one row about it. No words of people and no secrets get in: of an address stay its path, with what
is secret in it left out, and those values of its query that are numbers, days or verbs.

Nobody fills the disk, and nothing is lost: the same visit again is counted beside its first row, and so is what goes beyond a
number of rows a minute. Rows are counted in the database, for all processes; only how much one address may knock is counted
by each process, since no address is kept. Requests at the very same moment may make a few rows more.
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
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError, models, transaction
from django.http import HttpRequest, HttpResponseBase

from tracker.models import Evidence, Obligation, Occurrence, Person, Repeat, Report, Resolution, Visibility, Visit
from tracker.verbs import VERBS

log = logging.getLogger(__name__)

SECRET = frozenset({"secret", "token", "uidb64"})
"""Parts of an address that nobody but its owner may know."""
AGAIN = timedelta(minutes=5)
"""The same visit within this time of its first row is counted there."""
A_MINUTE = timedelta(minutes=1)
MOST = 30
"""Of what a person opens or is refused that is no thing of ours (missing things, lists) so many rows a minute are kept for each page."""
STRANGERS = 60
"""Of people who have not logged in so many rows a minute are kept in all."""
STRANGER = 10
"""Of one address so many rows a minute are kept by each process, so that one who knocks without end hides nobody else."""
ADDRESSES = 10_000
BEYOND = "…"
"""The address of the row that counts what went beyond."""
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
_strangers: dict[str, deque[float]] = {}
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
    if not kind:
        return None
    match = request.resolver_match
    try:
        with transaction.atomic():
            visit = Visit(
                kind=kind,
                person=request.user if isinstance(request.user, Person) else None,
                at=now,
                means=means,
                method=(request.method or "")[:8],
                address=address(request)[:300],
                page=(match.url_name or "")[:60] if match else "",
                answer=response.status_code,
                request_id=request_id[:40],
                **_subject(noted),
            )
            lately = Visit.objects.filter(kind=kind, person=visit.person, at__range=(now - AGAIN, now))
            if _too_many(visit, lately.filter(at__gt=now - A_MINUTE), came_from(request)):
                visit.address, visit.method, visit.answer = BEYOND, "", 0
                visit.subject_type, visit.subject_id, visit.subject_reference = "", None, ""
            if first := lately.filter(**_same(visit)).order_by("pk").values_list("pk", flat=True).first():
                _once_more(first, now)
                return None
            visit.save(force_insert=True)
            return visit
    except (DatabaseError, ValueError, OverflowError):  # a name that no database can hold is found nowhere
        log.exception("A visit could not be kept.")
        return None


def _too_many(visit: Visit, minute: models.QuerySet[Visit], place: str) -> bool:
    """Whether a visit goes beyond what is kept of a minute. Things of ours that somebody logged in opens or is refused are
    each kept: there are so many and no more, and nobody is to hide one of them behind others."""
    if visit.person is None:
        return minute.count() >= STRANGERS or not _counted(place)
    return minute.filter(page=visit.page, subject_id=None).count() >= MOST and visit.subject_id is None


def _same(visit: Visit) -> dict[str, Any]:
    """By what the same visit is known. Of a thing of ours its number, however the query may vary; else the address."""
    names = ["page", "means", "answer", "method", "subject_type", "subject_id"]
    if visit.subject_id is None:
        names.append("address")
    return {name: getattr(visit, name) for name in names}


def _once_more(first: int, now: datetime) -> None:
    """Count a visit beside its first row."""
    repeat, new = Repeat.objects.get_or_create(visit_id=first, defaults={"times": 1, "last_at": now})
    if not new:
        Repeat.objects.filter(pk=repeat.pk).update(times=models.F("times") + 1, last_at=now)


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


def _counted(place: str) -> bool:
    """Whether one more row of an address that has not logged in is within what this process keeps of it."""
    now, minute = time.monotonic(), A_MINUTE.total_seconds()
    with _counting:
        if len(_strangers) > ADDRESSES:
            for one in [one for one, tries in _strangers.items() if now - tries[-1] > minute] or list(_strangers):
                del _strangers[one]
        tries = _strangers.setdefault(place, deque(maxlen=STRANGER))
        if len(tries) == STRANGER and now - tries[0] <= minute:
            return False
        tries.append(now)
    return True


def came_from(request: HttpRequest) -> str:
    """Where a request comes from. Behind a proxy of ours it is what the proxy added last, never what a client may claim."""
    remote = str(request.META.get("REMOTE_ADDR", ""))
    if settings.SECURE_PROXY_SSL_HEADER:
        return str(request.META.get("HTTP_X_FORWARDED_FOR", "")).rpartition(",")[2].strip() or remote
    return remote


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
