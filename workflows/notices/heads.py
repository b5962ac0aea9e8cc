"""The newest head of the log, mailed to the auditors once a day when there is a new one: the owner of the database cannot
reach into their mailboxes."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from tracker import clock, keys
from tracker.log import program
from tracker.models import Delivery, Head, Message, Person, Role, Term
from workflows.notices.addressing import reachable
from workflows.notices.gathering import message_id
from workflows.notices.letters import Written, letter
from workflows.notices.sending import post

Way = Delivery.Way


def mail_heads(*, now: datetime | None = None) -> int:
    """Queue the mail of the newest head for each auditor who has had none today (in real time, as heads are signed), and none
    on the day on which the log began. Returns how many were queued. Twice, or by two workers, is once."""
    now = now or timezone.now()
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    tomorrow = today + timedelta(days=1)  # what lies further ahead was of a clock that was put back since
    with transaction.atomic():
        # The first head of all is the one row that every worker asks for: who has it plans, the others wait their turn.
        first = Head.objects.select_for_update(no_key=True).order_by("size").first()
        if first is None or today <= first.signed_at <= tomorrow:
            return 0
        head = Head.objects.order_by("-size").first()
        assert head is not None  # noqa: S101  (there is a first one)
        had = set(
            Delivery.objects.filter(way=Way.MAIL, tried_at__range=(today, tomorrow)).values_list("to", flat=True)
            | Delivery.objects.filter(way=Way.MAIL, head=head).values_list("to", flat=True)
        )
        asked = [person for person in auditors() if _to(person) not in had and reachable(person)]
        for person in asked:
            said = _written(head, person)
            post(person, person.email, said.subject, said.text, html=said.html, key=_key(head.size, person.pk))
            Delivery.objects.create(head=head, way=Way.MAIL, to=_to(person), attempts=1, tried_at=now)
    return len(asked)


def note_answers() -> int:
    """Note beside the heads under way what became of their mails; returns how many were delivered."""
    done = 0
    under_way = Delivery.objects.filter(way=Way.MAIL, done_at=None, answer="").select_related("head")
    for delivery in under_way:
        mail = Message.objects.filter(message_id=message_id("post", _key(delivery.head.size, int(delivery.to)))).first()
        if mail is None or mail.state not in {Message.State.SENT, Message.State.FAILED}:
            continue
        sent = mail.state == Message.State.SENT
        done += Delivery.objects.filter(pk=delivery.pk, done_at=None, answer="").update(
            done_at=timezone.now() if sent else None, answer=mail.answer or ("sent" if sent else "failed")
        )
    return done


def auditors() -> list[Person]:
    """Who holds the office of an auditor today."""
    terms = Term.objects.running(clock.today()).filter(office__role=Role.AUDITOR).values("person")
    return list(Person.objects.filter(pk__in=terms, is_active=True).order_by("pk"))


def _to(person: Person) -> str:
    """People go by their number: an address would have to be erased one day."""
    return str(person.pk)


def _key(size: int, person: int) -> str:
    return f"head:{size}:{person}"


def _written(head: Head, person: Person) -> Written:
    with translation.override(person.language or settings.LANGUAGE_CODE):
        return letter(
            "head",
            {
                "size": head.size,
                "note": head.note,
                "key": str(keys.log_key().public),
                "site": settings.SITE_URL,
                "link": settings.SITE_URL + reverse("log"),
                "verifier_hash": program.sha256(),
                "language": translation.get_language(),
                "right_to_left": translation.get_language_bidi(),
                "why": _("you are an auditor"),
            },
        )
