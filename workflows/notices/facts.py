"""What a mail may say of a notice: the item as it stands, its dates counted on the day of sending, why its reader gets it, and
the one next step that they owe."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.conf import settings
from django.urls import NoReverseMatch, reverse
from django.utils import formats, translation
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracker import clock, invitations, mailed
from tracker.access import CHAIR, ENDORSER, LEAD, VALIDATOR
from tracker.audiences import standing
from tracker.ball import Ball
from tracker.models import Assignment, HandOver, Message, Notice, Occurrence, Person, legible
from tracker.templatetags.resolves import day_in_words, distance
from tracker.verbs import VERBS
from workflows import desk
from workflows.machines import Status
from workflows.notices import bounced, tabled, weekly
from workflows.notices.handing import hand_over_of
from workflows.notices.hearing import comment_of

Kind, Audience = Notice.Kind, Notice.Audience
COPY = "copy"
SHORT = 160
"""Signs of an item's words in a list; a mail about it alone has them in full."""
STEPS: dict[str, Any] = {
    "assign": gettext_lazy("Ask somebody to lead it"),
    "reassign": gettext_lazy("Pass it on to somebody else"),
    "accept": gettext_lazy("Accept or decline"),
    "submit": gettext_lazy("Submit the report"),
    "finish_part": gettext_lazy("Say that your part is done"),
    "validate": gettext_lazy("Read and validate the report"),
    "endorse": gettext_lazy("Read and endorse the report"),
    "grant_new_date": gettext_lazy("Grant or refuse the new date"),
}
"""The steps that a mail leads to, and what it calls them."""
PAGES = {"accept": "", "validate": "", "endorse": "", "grant_new_date": ""}
"""Steps that are a choice between two, or ask for something to be read first: their link leads to the item's page."""
OWING = frozenset(
    {
        Kind.REMINDER,
        Kind.ASSIGNED,
        Kind.SENT_BACK,
        Kind.DECLINED,
        Kind.SUBMITTED,
        Kind.TO_VALIDATE,
        Kind.DATE_ANSWERED,
        Kind.MOVED,
    }
)
"""Kinds of notices whose reader may owe the next step."""


@dataclass(frozen=True)
class Reader:
    """Whom a mail is for, and which mail it is (None: a mail that is only looked at, and makes no links), with the links of the
    mails that are written beside it."""

    person: Person
    message: Message | None = None
    links: mailed.Links = field(default_factory=lambda: mailed.Links(clock.now()))

    def wanted(self, occurrence: Occurrence) -> mailed.Wanted:
        """Its links about an item."""
        return mailed.Wanted(self.person, occurrence, standing(occurrence), self.message)

    def expect(self, occurrences: Iterable[Occurrence]) -> None:
        """Make at once the links about several items that it may ask for."""
        if self.message is not None:
            self.links.make(self.wanted(one) for one in occurrences)


def of_mail(person: Person) -> dict[str, Any]:
    """What every mail of notices says beside its notices, in the language that is on."""
    return {
        "person": person,
        "site": settings.SITE_URL,
        "preferences": preferences_page(),
        "right_to_left": translation.get_language_bidi(),
        "language": translation.get_language(),
    }


def preferences_page() -> str:
    """Where a reader says how they want to be told."""
    try:
        return settings.SITE_URL + reverse("preferences")
    except NoReverseMatch:
        return f"{settings.SITE_URL}/account/preferences/"


def of_notice(notice: Notice, reader: Reader, ball: Ball | None) -> dict[str, Any]:
    """What the templates may say of a notice, in the language that is on."""
    event, person = notice.event, reader.person
    facts: dict[str, Any] = {
        "kind": notice.kind,
        "audience": notice.audience,
        "occurrence": notice.occurrence,
        "actor": str(event.actor) if event and event.actor else _("The system"),
        "said": _said(notice) if notice.kind != Kind.WATCHED else "",
        "sentence": _sentence(notice),
        "comment": _comment(notice),
        "reason": _said(notice),
        "capacity": _capacity(notice, ball),
        "contributes": _contributes(notice),
        "reopened": bool(event and event.verb == "occurrence.reopened"),
        "granted": bool(event and event.verb == "occurrence.date_granted"),
        "waived": bool(event and event.verb == "occurrence.waived"),
    }
    if notice.kind == Kind.INVITED:
        link = settings.SITE_URL + reverse("invitation", args=[invitations.token(person)])
        return facts | {"link": link, "why": _("somebody who keeps this register invited you")}
    if hand_over := hand_over_of(event):
        return facts | _of_hand_over(hand_over)
    if notice.kind == Kind.BOUNCED:
        return facts | bounced.facts(notice)
    if summary := tabled.tabled_of(event):
        return facts | tabled.facts(summary)
    if notice.kind == Kind.WEEKLY and notice.body is not None:
        said = weekly.facts(notice.body)
        return facts | {"why": _("you chair %(body)s") % {"body": notice.body}, "week": said} | said
    assert notice.occurrence is not None  # noqa: S101  (all other notices are about one)
    return (
        facts
        | of_occurrence(notice.occurrence)
        | _before(notice)
        | {"why": _why(notice, person, ball), "step": _step(notice, person, ball)}
    )


def with_links(facts: dict[str, Any], reader: Reader) -> dict[str, Any]:
    """The same with the way to the next step, and with the one-use links of what can be done from the mail itself."""
    occurrence, step = facts.get("occurrence"), facts.get("step", "")
    if occurrence is None:
        return facts
    place = {"body": occurrence.body.slug, "short": occurrence.short_reference}
    if step and step not in PAGES:
        facts["next_link"] = settings.SITE_URL + reverse("step", kwargs={**place, "step": step})
    leads = step in {"accept", "submit"} or facts.get("capacity") == LEAD  # all that has one-use links is the lead's
    offered = reader.message is not None and leads
    offers = reader.links.of(reader.wanted(occurrence)) if offered else []
    return facts | {"next_label": STEPS[step] if step else "", "offers": offers}


def _capacity(notice: Notice, ball: Ball | None) -> str:
    if notice.audience in {Audience.CHAIR, Audience.SECRETARIAT}:
        return COPY
    if notice.audience == Audience.CONTRIBUTORS:
        return LEAD
    return ball.capacity if ball else ""


def _contributes(notice: Notice) -> bool:
    asked = notice.assignment
    return notice.audience == Audience.CONTRIBUTORS or bool(asked and asked.part == Assignment.Part.CONTRIBUTOR)


def _step(notice: Notice, person: Person, ball: Ball | None) -> str:
    """The step that this reader owes; "" where they owe none."""
    occurrence = notice.occurrence
    assert occurrence is not None  # noqa: S101  (asked of a notice about one)
    if notice.kind == Kind.DATE_ASKED:
        return "grant_new_date"
    if notice.kind not in OWING or notice.audience in {Audience.CHAIR, Audience.SECRETARIAT}:
        return ""
    if _contributes(notice):
        return "finish_part" if occurrence.status == Status.IN_PROGRESS else ""
    if ball is None and notice.assignment is None:  # whoever had asked
        return "assign" if occurrence.status == Status.PLANNED else ""
    if ball and person not in ball.people:
        return ""
    if occurrence.status in {Status.ASSIGNED, Status.IN_PROGRESS} and ball and ball.capacity != LEAD:
        return "reassign"
    step = desk.next_step(occurrence)
    return step if step in STEPS else ""


def _of_hand_over(hand_over: HandOver) -> dict[str, Any]:
    term = hand_over.term
    return {
        "office": str(term.office),
        "organ": str(term.office.body),
        "predecessor": str(hand_over.predecessor.person) if hand_over.predecessor else "",
        "begins_day": weekday(term.begins) if term.begins else "",
        "link": settings.SITE_URL + reverse("hand-over", args=[hand_over.pk]),
        "why": _("you hold %(office)s") % {"office": term.office},
    }


def of_occurrence(occurrence: Occurrence) -> dict[str, Any]:
    """The item as it stands, with its dates counted from today."""
    paragraph, today, due_on = (
        occurrence.obligation.paragraph,
        clock.today(occurrence.body.time_zone),
        occurrence.due_on,
    )
    return {
        "title": occurrence.obligation.title,
        "reference": occurrence.short_reference,
        "turn": str(occurrence.session or ""),
        "resolution": occurrence.obligation.resolution.symbol,
        "item": " ".join(filter(None, [paragraph.heading, paragraph.label or paragraph.path])),
        "words": paragraph.text,
        "short_words": Truncator(paragraph.text).chars(SHORT),
        "link": settings.SITE_URL
        + reverse("occurrence", kwargs={"body": occurrence.body.slug, "short": occurrence.short_reference}),
        "due_on": due_on,
        "days": (due_on - today).days if due_on else None,
        "late": bool(due_on and due_on < today),
        "away": distance(due_on, today) if due_on else "",
        "due_day": weekday(due_on) if due_on else "",
        "first_day": weekday(occurrence.first_due_on) if occurrence.first_due_on not in {None, due_on} else "",
        "wanted_day": weekday(occurrence.asked_due_on) if occurrence.asked_due_on else "",
        "parts_open": occurrence.parts_open,
    }


def _before(notice: Notice) -> dict[str, Any]:
    before = legible.day(notice.event.changes.get("due_on", [None])[0]) if notice.event else None
    return {"before_day": weekday(before) if before else ""}


def weekday(day: date) -> str:
    """A day with its weekday: "Sunday 18 March 2018"."""
    if day == legible.NO_DAY:
        return day_in_words(day)
    return _("%(weekday)s %(day)s") % {"weekday": formats.date_format(day, "l"), "day": day_in_words(day)}


def _said(notice: Notice) -> str:
    """The reason or note that the event carries, unless it has been erased."""
    words = getattr(notice.event, "words", None) if notice.event else None
    found = words.words if words else {}
    return str(found.get("reason") or found.get("note") or "")


def _sentence(notice: Notice) -> str:
    """What happened, as the history says it."""
    if notice.event is None or notice.event.verb not in VERBS:
        return ""
    return str(VERBS[notice.event.verb]) % {"actor": notice.event.actor or _("The system")}


def _comment(notice: Notice) -> str:
    """The words of the comment that the notice tells of; only who may read it is told at all."""
    comment = comment_of(notice)
    return comment.text if comment and comment.taken_back_at is None else ""


def _why(notice: Notice, person: Person, ball: Ball | None) -> str:
    """Why this person gets this mail."""
    assert notice.occurrence is not None  # noqa: S101
    beside = _why_beside(notice)
    if beside:
        return beside
    office = ball.office if ball else (notice.assignment.office if notice.assignment else None)
    holder = str(office) if office else ""
    if ball and ball.people and ball.people[0].pk != person.pk:
        if not holder:
            return _("you stand in for %(name)s") % {"name": ball.people[0]}
        return _("you stand in for %(name)s as %(office)s") % {"name": ball.people[0], "office": holder}
    words = _why_owing(notice, ball)
    return _("%(why)s, as %(office)s") % {"why": words, "office": holder} if holder else words


def _why_beside(notice: Notice) -> str:
    """Why, for who has nothing to do about it."""
    assert notice.occurrence is not None  # noqa: S101
    body = notice.occurrence.obligation.responsible
    if notice.kind == Kind.MOVED and notice.audience == Audience.CHAIR:
        return _("you chair %(body)s") % {"body": body}
    if notice.audience == Audience.CHAIR:
        return _("you chair %(body)s, to whom late items are copied") % {"body": body}
    if notice.audience == Audience.SECRETARIAT:
        return _("you keep the secretariat over %(body)s, to which late items are copied") % {"body": body}
    if notice.kind == Kind.LINK_USED:
        return _("the link was mailed to you")
    if notice.kind == Kind.MENTIONED:
        return _("you were mentioned in a comment")
    if notice.kind == Kind.WATCHED:
        return _("you watch this item; its page lets you end that")
    return ""


def _why_owing(notice: Notice, ball: Ball | None) -> str:
    if _contributes(notice):
        return _("you were asked to contribute to this")
    if ball:
        if notice.kind == Kind.DATE_ASKED:
            return _("it is for you to grant or refuse it")
        why = {
            LEAD: _("you lead this"),
            ENDORSER: _("it is for you to endorse this"),
            VALIDATOR: _("it is for you to validate this"),
            CHAIR: _("it is for you to assign this"),
        }
        return why.get(ball.capacity, _("it is for you to bring this before the body"))
    return _("you were asked to lead this") if notice.assignment else _("you assigned this")
