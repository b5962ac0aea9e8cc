"""A mail in words: subject, text and HTML, in its reader's language, with dates counted on the day it is sent.

A mail with one thing to tell has that thing's own words and subject; one with several is a list of them (`digest`).
"""

from dataclasses import dataclass, field

from django.conf import settings
from django.utils import translation

from tracker import clock, mailed
from tracker.ball import Ball
from tracker.models import Message, Notice, Occurrence, Person
from workflows.notices import digest, facts
from workflows.notices.letters import Written, letter, subject_line

Kind = Notice.Kind
# Which of several notices about one item gives a mail its subject: what asks for an act comes first.
LEADS = (
    Kind.INVITED,
    Kind.LINK_USED,
    Kind.HANDED_OVER,
    Kind.ASSIGNED,
    Kind.SENT_BACK,
    Kind.DECLINED,
    Kind.BOUNCED,
    Kind.TO_VALIDATE,
    Kind.SUBMITTED,
    Kind.DATE_ASKED,
    Kind.DATE_ANSWERED,
    Kind.REMINDER,
    Kind.MENTIONED,
    Kind.ENDORSED,
    Kind.MOVED,
    Kind.PART_DONE,
    Kind.CLOSED,
    Kind.REASSIGNED,
    Kind.UNASSIGNED,
    Kind.WATCHED,
    Kind.TABLED,
    Kind.WEEKLY,
)
# What a mail of some kind says anyhow, so that it need not be said beside it.
SAID_BY = {
    Kind.MOVED: {Kind.MOVED},
    Kind.WATCHED: {Kind.WATCHED},
    Kind.SUBMITTED: {Kind.REMINDER},
    Kind.TO_VALIDATE: {Kind.REMINDER},
    Kind.SENT_BACK: {Kind.REMINDER},
    Kind.DECLINED: {Kind.REMINDER},
}
MOST_IN_FULL = 200
"""Items that a mail names; the rest is counted, with a link to all of them."""


@dataclass(frozen=True)
class SaidBefore:
    """What the reader owes that is late and was said before: the earliest, and how many more there are."""

    named: list[Occurrence] = field(default_factory=list)
    more: int = 0


def write(  # noqa: PLR0913  (a mail has that many parts)
    person: Person,
    notices: list[Notice],
    balls: dict[int, Ball | None],
    *,
    before: SaidBefore | None = None,
    message: Message | None = None,
    links: mailed.Links | None = None,
) -> Written:
    """The mail that tells a person of some notices; `balls` has who has the ball for those that go to whoever has it,
    `before` what it goes on listing. Without a `message` it makes no one-use links; `links` are those of mails beside it."""
    before = before or SaidBefore()
    reader = facts.Reader(person, message, links or mailed.Links(clock.now()))
    ordered = sorted(notices, key=lambda notice: (LEADS.index(Kind(notice.kind)), notice.pk))
    with translation.override(person.language or settings.LANGUAGE_CODE):
        if _is_one_thing(ordered):
            return _single(ordered, reader, balls, before)
        found = digest.lay_out(ordered, reader, balls, before.named, before.more, MOST_IN_FULL)
        return letter("digest", facts.of_mail(person) | found)


def _is_one_thing(notices: list[Notice]) -> bool:
    """Whether a mail tells one thing: whatever there is to say of one item; the moves of one session; one summary."""
    if all(notice.kind == Kind.MOVED for notice in notices):
        return len({notice.event.request_id if notice.event else None for notice in notices}) == 1
    matters = {notice.occurrence_id or f"{notice.kind}:{notice.pk}" for notice in notices}
    return len(matters) == 1


def _single(ordered: list[Notice], reader: facts.Reader, balls: dict[int, Ball | None], before: SaidBefore) -> Written:
    first, *others = [facts.of_notice(notice, reader, balls.get(notice.pk)) for notice in ordered]
    kind = first["kind"]
    moves = [one for one in (first, *others) if one["kind"] == Kind.MOVED]
    first["moves"] = moves if kind == Kind.MOVED else []
    first["happened"] = [one for one in (first, *others) if one["kind"] == kind == Kind.WATCHED]
    said_of = [one for one in others if one["kind"] not in SAID_BY.get(Kind(kind), set())]
    first["also"] = [subject_line(one["kind"], one) for one in said_of]
    first["still_late"] = [facts.of_occurrence(one) for one in before.named]
    first["still_late_more"] = before.more
    if len(moves) <= 1:
        first = facts.with_links(first, reader)
    return letter(kind, facts.of_mail(reader.person) | first)
