"""Who hears of a hand-over: the successor, from the first day of their term until they have accepted it."""

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_noop

from tracker import clock
from tracker.models import Event, HandOver, Notice

OPENED = "handover.opened"
ACCEPTED = gettext_noop("accepted already")
OVER = gettext_noop("that term is over")


def hand_over_of(event: Event | None) -> HandOver | None:
    """The hand-over that an event is about, as it stands now."""
    if event is None or event.subject_type != "handover":
        return None
    related = ("term__office__body", "term__person", "predecessor__person")
    return HandOver.objects.select_related(*related).filter(pk=event.subject_id).first()


def notices_of(events: Iterable[Event]) -> list[Notice]:
    """One promise for each hand-over that was opened, not yet saved."""
    opened = {event.subject_id: event for event in events if event.verb == OPENED}
    found = HandOver.objects.filter(pk__in=opened).select_related("term__office__body") if opened else ()
    return [_notice(opened[one.pk], one) for one in found]


def _notice(event: Event, hand_over: HandOver) -> Notice:
    day = event.recorded_at.astimezone(ZoneInfo(hand_over.term.office.body.time_zone)).date()
    return Notice(
        key=f"{Notice.Kind.HANDED_OVER}:{event.stream}:{event.number}:person-{hand_over.term.person_id}",
        kind=Notice.Kind.HANDED_OVER,
        audience=Notice.Audience.PERSON,
        event=event,
        person_id=hand_over.term.person_id,
        planned_for=max(day, hand_over.term.begins or day),
        created_at=clock.now(),
    )


def outdated(notice: Notice) -> str:
    """Why a hand-over need not be told any more ("" where it does)."""
    hand_over = hand_over_of(notice.event)
    if hand_over is None or hand_over.accepted_at:
        return ACCEPTED
    ends = hand_over.term.ends
    return OVER if ends and ends < clock.today(hand_over.term.office.body.time_zone) else ""
