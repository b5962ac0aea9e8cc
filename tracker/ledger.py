"""The ledger of what was promised to be told: each notice in words, and the search through all of them.

A page goes on from a row, never from the n-th one, so that it costs the same at a thousand notices and at a million."""

from collections.abc import Container, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, ngettext_lazy

from tracker import access
from tracker.ladders import DEADLINE, DUE, UNTOUCHED
from tracker.models import Notice, Occurrence

AT_MOST = 10_000
"""Up to here rows are counted; beyond it the page says "more than"."""
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@dataclass(frozen=True)
class Row:
    """A notice in words: `why` it was promised, `policy` the name of the ladder that says so, `reason` why it was not sent, `turn`
    what it is about where the reader still sees that. Days and moments are of `zone`."""

    notice: Notice
    why: str
    policy: str
    reason: str
    zone: str
    turn: Occurrence | None = None


def in_full(found: QuerySet[Notice]) -> QuerySet[Notice]:
    """With all that a row needs."""
    return found.select_related(
        "person", "message", "policy", "body", "event__body", "occurrence__body", "occurrence__obligation__paragraph"
    )


def rows(found: Iterable[Notice], reader: access.Reader | None = None) -> list[Row]:
    """Notices in words, in their order; with what each is about, where there is a reader to show it to. At most one query."""
    shown = list(found)
    seen = seen_of(shown, reader) if reader is not None else set()
    return [row(one, seen) for one in shown]


def seen_of(found: Iterable[Notice], reader: access.Reader) -> set[int]:
    """Of the occurrences that notices are about, the keys of those that a reader sees: who was told of one may have lost
    sight of it since."""
    about = {one.occurrence_id for one in found if one.occurrence_id is not None}
    seen = access.occurrences(reader).filter(pk__in=about) if about else Occurrence.objects.none()
    return set(seen.order_by().values_list("pk", flat=True))


def row(notice: Notice, seen: Container[int | None] = ()) -> Row:
    zone = zone_of(notice)
    policy = ""
    if notice.kind == Notice.Kind.REMINDER:
        policy = notice.policy.name if notice.policy else _("built-in ladder")
    turn = notice.occurrence if notice.occurrence_id in seen else None
    return Row(notice, why(notice), policy, reason(notice, zone), zone, turn)


def zone_of(notice: Notice) -> str:
    """The time zone of the body that it is about."""
    for about in (notice, notice.occurrence, notice.event):
        if about is not None and about.body is not None:
            return str(about.body.time_zone)
    return "UTC"


def why(notice: Notice) -> str:
    """Why it was promised: what happened, or which rung of a ladder."""
    if notice.kind != Notice.Kind.REMINDER or notice.rung is None:
        return capfirst(notice.get_kind_display())
    return capfirst(rung_in_words(notice.rung, notice.anchor, working=_in_working_days(notice)))


def _in_working_days(notice: Notice) -> bool:
    rungs = notice.policy.rungs if notice.policy else []
    same = {"days": notice.rung, "audience": notice.audience, "anchor": notice.anchor or "due"}
    return any(same.items() <= one.items() and one.get("working") for one in rungs)


# What it is counted from, before (-1) or after it, in days or working days → the words.
RUNGS: dict[tuple[str, int, bool], Any] = {
    (DUE, -1, False): ngettext_lazy("%(days)d day before the due day", "%(days)d days before the due day", "days"),
    (DUE, 1, False): ngettext_lazy("%(days)d day after the due day", "%(days)d days after the due day", "days"),
    (DUE, -1, True): ngettext_lazy(
        "%(days)d working day before the due day", "%(days)d working days before the due day", "days"
    ),
    (DUE, 1, True): ngettext_lazy(
        "%(days)d working day after the due day", "%(days)d working days after the due day", "days"
    ),
    (DEADLINE, -1, False): ngettext_lazy(
        "%(days)d day before the document deadline", "%(days)d days before the document deadline", "days"
    ),
    (DEADLINE, 1, False): ngettext_lazy(
        "%(days)d day after the document deadline", "%(days)d days after the document deadline", "days"
    ),
    (DEADLINE, -1, True): ngettext_lazy(
        "%(days)d working day before the document deadline",
        "%(days)d working days before the document deadline",
        "days",
    ),
    (DEADLINE, 1, True): ngettext_lazy(
        "%(days)d working day after the document deadline",
        "%(days)d working days after the document deadline",
        "days",
    ),
    (UNTOUCHED, 1, False): ngettext_lazy("untouched for %(days)d day", "untouched for %(days)d days", "days"),
    (UNTOUCHED, 1, True): ngettext_lazy(
        "untouched for %(days)d working day", "untouched for %(days)d working days", "days"
    ),
}


def rung_in_words(days: int, anchor: str = DUE, *, working: bool = False) -> str:
    """A rung as the distance from what it is counted from: "14 days before the due day"."""
    if days == 0 and anchor != UNTOUCHED:
        return _("on the document deadline") if anchor == DEADLINE else _("on the due day")
    side = 1 if days > 0 or anchor == UNTOUCHED else -1
    return str(RUNGS[anchor or DUE, side, working] % {"days": abs(days)})


def reason(notice: Notice, zone: str) -> str:
    """Why it was not sent, and how long before it would have been that came about: "report received 2 hours earlier"."""
    if not notice.reason:
        return ""
    words = _(notice.reason)
    earlier = _earlier(notice, zone) if notice.state == Notice.State.SKIPPED else ""
    return _("%(reason)s %(earlier)s") % {"reason": words, "earlier": earlier} if earlier else words


def _earlier(notice: Notice, zone: str) -> str:
    since = notice.reason_since
    if since is None:
        return ""
    days = (notice.planned_for - since.astimezone(ZoneInfo(zone)).date()).days
    if days > 0:
        return ngettext("%(days)d day earlier", "%(days)d days earlier", days) % {"days": days}
    if notice.settled_at is None or (before := notice.settled_at - since) < MINUTE:
        return ""
    if before >= 24 * HOUR:
        days = before // (24 * HOUR)
        return ngettext("%(days)d day earlier", "%(days)d days earlier", days) % {"days": days}
    if before >= HOUR:
        hours = before // HOUR
        return ngettext("%(hours)d hour earlier", "%(hours)d hours earlier", hours) % {"hours": hours}
    minutes = before // MINUTE
    return ngettext("%(minutes)d minute earlier", "%(minutes)d minutes earlier", minutes) % {"minutes": minutes}


# The search ------------------------------------------------------------------------------------------------------------


def narrowed(found: QuerySet[Notice], given: dict[str, Any]) -> QuerySet[Notice]:
    """Of notices, those that the filters ask for: `person` (a number), `item` (a reference or part of one), `resolution` (a
    key), `kind`, `state`, `since` and `until` (days for which they were planned), `words` of a reason or of a server's answer."""
    for name in ("person", "kind", "state"):
        if given.get(name):
            found = found.filter(**{name: given[name]})
    if item := (given.get("item") or "").strip():
        turns = Occurrence.objects.filter(reference=item)
        if not turns.exists():
            turns = Occurrence.objects.filter(reference__icontains=item)
        found = found.filter(occurrence__in=turns.order_by().values("pk"))
    if given.get("resolution"):
        found = found.filter(occurrence__resolution=given["resolution"])
    if given.get("since"):
        found = found.filter(planned_for__gte=given["since"])
    if given.get("until"):
        found = found.filter(planned_for__lte=given["until"])
    if words := (given.get("words") or "").strip():
        found = found.filter(_saying(words))
    return found


def _saying(words: str) -> Q:
    """Reasons are kept in English and read in every language, so they are looked for as they are read, too."""
    kept = Notice.objects.exclude(reason="").order_by().values_list("reason", flat=True).distinct()
    read = [one for one in kept if words.casefold() in _(one).casefold()]
    return Q(reason__icontains=words) | Q(reason__in=read) | Q(message__answer__icontains=words)


@dataclass(frozen=True)
class Cursor:
    """The row from which a list goes on, as it stands in an address: `2018-02-16.123`."""

    day: date
    number: int

    def __str__(self) -> str:
        return f"{self.day.isoformat()}.{self.number}"

    @classmethod
    def read(cls, text: str) -> "Cursor | None":
        """The cursor of an address, or None where it is none."""
        day, _dot, number = text.partition(".")
        try:
            found = date.fromisoformat(day)
        except ValueError:
            return None
        known = number.isascii() and number.isdecimal() and len(number) < 18
        return cls(found, int(number)) if known else None


def so_far(found: QuerySet[Notice], today: date, after: Cursor | None = None) -> QuerySet[Notice]:
    """What was planned for today or before, newest first, from after a row on."""
    return newest(found.filter(planned_for__lte=today), after)


def newest(found: QuerySet[Notice], after: Cursor | None = None) -> QuerySet[Notice]:
    """The same whatever the day."""
    found = found.order_by("-planned_for", "-pk")
    if after is None:
        return found
    return found.filter(
        Q(planned_for__lt=after.day) | Q(planned_for=after.day, pk__lt=after.number), planned_for__lte=after.day
    )


def to_come(found: QuerySet[Notice], today: date, after: Cursor | None = None) -> QuerySet[Notice]:
    """What is planned for later days, soonest first, from after a row on."""
    found = found.filter(planned_for__gt=today).order_by("planned_for", "pk")
    if after is None:
        return found
    return found.filter(
        Q(planned_for__gt=after.day) | Q(planned_for=after.day, pk__gt=after.number), planned_for__gte=after.day
    )


def stretch(found: QuerySet[Notice], per_page: int) -> tuple[list[Notice], Cursor | None]:
    """A page of an ordered list, and the row after which it goes on, None where it ends. The keys first: of a million rows
    only those of the page are read in full."""
    keys = list(found.values_list("pk", flat=True)[: per_page + 1])
    by_key = {one.pk: one for one in in_full(Notice.objects.filter(pk__in=keys[:per_page]))}
    page = [by_key[key] for key in keys[:per_page] if key in by_key]
    last = page[-1] if page and len(keys) > per_page else None
    return page, Cursor(last.planned_for, last.pk) if last else None


def counted(found: QuerySet[Notice]) -> int:
    """How many there are, counted up to `AT_MOST`; one more where there are more."""
    return found.order_by()[: AT_MOST + 1].count()
