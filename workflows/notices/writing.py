"""A mail in words: subject, text and HTML, in its reader's language, with dates counted on the day it is sent."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.template import Context
from django.template.loader import get_template
from django.urls import reverse
from django.utils import formats, translation
from django.utils.translation import gettext as _

from tracker import clock, invitations
from tracker.access import CHAIR, ENDORSER, LEAD, VALIDATOR
from tracker.ball import Ball
from tracker.models import Assignment, HandOver, Notice, Occurrence, Person, legible
from tracker.templatetags.resolves import day_in_words, distance
from tracker.verbs import VERBS
from workflows.notices.handing import hand_over_of
from workflows.notices.hearing import comment_of

Kind = Notice.Kind
# Which of several notices gives a mail its subject: what asks for an act comes first.
LEADS = (
    Kind.INVITED,
    Kind.HANDED_OVER,
    Kind.ASSIGNED,
    Kind.SENT_BACK,
    Kind.DECLINED,
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
COPY = "copy"
LONGEST_SUBJECT = 200


@dataclass(frozen=True)
class Written:
    """What goes into a mail."""

    subject: str
    text: str
    html: str


def write(person: Person, notices: list[Notice], balls: dict[int, Ball | None]) -> Written:
    """The mail that tells a person of some notices; `balls` has who has the ball for those that go to whoever has it."""
    ordered = sorted(notices, key=lambda notice: (LEADS.index(Kind(notice.kind)), notice.pk))
    with translation.override(person.language or settings.LANGUAGE_CODE):
        first, *others = [_facts(notice, person, balls.get(notice.pk)) for notice in ordered]
        kind = ordered[0].kind
        moves = [facts for facts in (first, *others) if facts["kind"] == Kind.MOVED]
        first["moves"] = moves if kind == Kind.MOVED else []
        first["happened"] = [facts for facts in (first, *others) if facts["kind"] == kind == Kind.WATCHED]
        said_of = [facts for facts in others if facts["kind"] not in SAID_BY.get(Kind(kind), set())]
        first["also"] = [one_line(_plain(f"{facts['kind']}_subject.txt", facts)) for facts in said_of]
        subject = one_line(_plain(f"{kind}_subject.txt", first))[:LONGEST_SUBJECT]
        text = _paragraphs(_plain(f"{kind}.txt", first))
        html = get_template(f"emails/{kind}.html").render({**first, "subject": subject})
    return Written(subject, text, html)


def letter(name: str, facts: dict[str, Any]) -> Written:
    """A mail that is about no notice, from its three templates, in the language that is on."""
    subject = one_line(_plain(f"{name}_subject.txt", facts))[:LONGEST_SUBJECT]
    html = get_template(f"emails/{name}.html").render({**facts, "subject": subject})
    return Written(subject, _paragraphs(_plain(f"{name}.txt", facts)), html)


def one_line(words: str) -> str:
    """Words without line breaks and control characters, as a header takes them."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in words).split())


def _plain(name: str, facts: dict[str, Any]) -> str:
    """A template without HTML's escapes."""
    return str(get_template(f"emails/{name}").template.render(Context(facts, autoescape=False)))  # type: ignore[attr-defined]


def _paragraphs(text: str) -> str:
    """Without the gaps that unused parts of a template leave."""
    lines = "\n".join(line.rstrip() for line in text.splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines).strip() + "\n"


def _facts(notice: Notice, person: Person, ball: Ball | None) -> dict[str, Any]:
    """What the templates may say of a notice."""
    facts: dict[str, Any] = {
        "kind": notice.kind,
        "person": person,
        "site": settings.SITE_URL,
        "right_to_left": translation.get_language_bidi(),
        "language": translation.get_language(),
        "actor": str(notice.event.actor) if notice.event and notice.event.actor else _("The system"),
        "said": _said(notice) if notice.kind != Kind.WATCHED else "",
        "sentence": _sentence(notice),
        "comment": _comment(notice),
        "reason": _said(notice),
        "capacity": COPY if notice.audience == Notice.Audience.CHAIR else (ball.capacity if ball else ""),
        "contributes": bool(notice.assignment and notice.assignment.part == Assignment.Part.CONTRIBUTOR),
        "reopened": bool(notice.event and notice.event.verb == "occurrence.reopened"),
        "granted": bool(notice.event and notice.event.verb == "occurrence.date_granted"),
        "waived": bool(notice.event and notice.event.verb == "occurrence.waived"),
    }
    if notice.kind == Kind.INVITED:
        link = settings.SITE_URL + reverse("invitation", args=[invitations.token(person)])
        return facts | {"link": link, "why": _("somebody who keeps this register invited you")}
    if hand_over := hand_over_of(notice.event):
        return facts | _of_hand_over(hand_over)
    assert notice.occurrence is not None  # noqa: S101  (all other notices are about one)
    return (
        facts
        | _of_occurrence(notice.occurrence)
        | _of_dates(notice, notice.occurrence)
        | {"why": _why(notice, person, ball)}
    )


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


def _of_occurrence(occurrence: Occurrence) -> dict[str, Any]:
    paragraph = occurrence.obligation.paragraph
    return {
        "title": occurrence.obligation.title,
        "reference": occurrence.short_reference,
        "turn": str(occurrence.session or ""),
        "resolution": occurrence.obligation.resolution.symbol,
        "item": " ".join(filter(None, [paragraph.heading, paragraph.label or paragraph.path])),
        "words": paragraph.text,
        "link": settings.SITE_URL
        + reverse("occurrence", kwargs={"body": occurrence.body.slug, "short": occurrence.short_reference}),
    }


def _of_dates(notice: Notice, occurrence: Occurrence) -> dict[str, Any]:
    today = clock.today(occurrence.body.time_zone)
    due_on = occurrence.due_on
    before = legible.day(notice.event.changes.get("due_on", [None])[0]) if notice.event else None
    return {
        "days": (due_on - today).days if due_on else None,
        "late": bool(due_on and due_on < today),
        "away": distance(due_on, today) if due_on else "",
        "due_day": weekday(due_on) if due_on else "",
        "first_day": weekday(occurrence.first_due_on) if occurrence.first_due_on not in {None, due_on} else "",
        "wanted_day": weekday(occurrence.asked_due_on) if occurrence.asked_due_on else "",
        "parts_open": occurrence.parts_open,
        "before_day": weekday(before) if before else "",
    }


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
    if notice.audience == Notice.Audience.CHAIR:
        body = notice.occurrence.obligation.responsible
        return _("you chair %(body)s, to whom late items are copied") % {"body": body}
    if notice.kind == Notice.Kind.MENTIONED:
        return _("you were mentioned in a comment")
    if notice.kind == Notice.Kind.WATCHED:
        return _("you watch this item; its page lets you end that")
    office = ball.office if ball else (notice.assignment.office if notice.assignment else None)
    holder = str(office) if office else ""
    if ball and ball.people and ball.people[0].pk != person.pk:
        if not holder:
            return _("you stand in for %(name)s") % {"name": ball.people[0]}
        return _("you stand in for %(name)s as %(office)s") % {"name": ball.people[0], "office": holder}
    if ball:
        why = {
            LEAD: _("you lead this"),
            ENDORSER: _("it is for you to endorse this"),
            VALIDATOR: _("it is for you to validate this"),
            CHAIR: _("it is for you to assign this"),
        }
        words = why.get(ball.capacity, _("it is for you to bring this before the body"))
        if notice.kind == Kind.DATE_ASKED:
            words = _("it is for you to grant or refuse it")
    elif notice.assignment and notice.assignment.part == Assignment.Part.CONTRIBUTOR:
        words = _("you were asked to contribute to this")
    elif notice.assignment:
        words = _("you were asked to lead this")
    else:
        words = _("you assigned this")
    return _("%(why)s, as %(office)s") % {"why": words, "office": holder} if holder else words
