"""Anonymising somebody who has left, on request: the history stays true and chained, the name goes.

What goes: name, user name, address and language of the account; the words beside the events of the account's own stream;
the account's mails, and the name in everybody else's; mentions of the user name in comments. What stays: every act, under
"anonymised person" and a number; free words in which somebody wrote the name down (a report, a reason), which are part of
the record of the body. `docs/offices.md` says so to whoever asks.
"""

import hashlib
import re
import secrets

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q
from django.utils.html import escape
from django.utils.translation import gettext as _
from rest_framework.authtoken.models import Token

from tracker import access, audit, clock
from tracker.models import CalendarFeed, EventWords, Mention, Message, Person, Role, Term, Watch
from workflows import refusals
from workflows.steps.beats import said
from workflows.steps.bodies import NotTheMoment, one_act
from workflows.steps.erasing import empty


def anonymise(person: Person, *, by: Person, reason: str) -> Person:
    """Take the name of somebody who has left out of the account, the mails and the erasable words of their own stream. It
    cannot be undone. Only a secretary of a body in which they held an office may do it."""
    with one_act():
        acting_for = _may(by, person)
        person = Person.objects.select_for_update(no_key=True).get(pk=person.pk)
        if person.is_active:
            raise NotTheMoment(_("%(name)s has not left: deactivate the account first.") % {"name": person})
        if person.anonymised_at:
            raise NotTheMoment(_("This account is anonymised already."), object=person)
        names = [one for one in (person.name, person.username, person.email) if one]
        reason = said("reason", reason)
        if any(_whole(one).search(reason) for one in names):
            raise ValidationError({"reason": _("Leave the name out: this reason stays on record.")})
        nameless = f"anonymised person {person.pk}"  # kept in the row and read in every language
        emptied = sorted({*_empty_words(person), *_empty_mentions(person)})
        _clean_mails(person, nameless)
        end_access(person, by=by, acting_for=acting_for)
        print_ = username_print(person.username)
        _rename(person, nameless)
        audit.record(
            person,
            "person.anonymised",
            by=by,
            acting_for=acting_for,
            words={"reason": reason},
            facts={"username_print": [None, print_]} | ({"emptied": [None, emptied]} if emptied else {}),
        )
    return person


def end_access(person: Person, *, by: Person, acting_for: Person | None = None) -> None:
    """Everything by which an account reaches in or is reached: programs' tokens, calendar feeds, watches, saved filters.
    A session ends with the account itself: it opens for active people only."""
    Token.objects.filter(user=person).delete()
    person.saved_filters.all().delete()
    for feed in CalendarFeed.objects.filter(owner=person, ended_at=None):
        feed.ended_at = clock.now()
        audit.record(feed, "feed.ended", by=by, acting_for=acting_for)
    for watch in Watch.objects.filter(person=person, ended_at=None).select_related("obligation__resolution__body"):
        watch.ended_at = clock.now()
        audit.record(watch, "watch.ended", by=by, acting_for=acting_for)


def username_print(username: str) -> str:
    """What is kept of a user name that is gone, so that nobody gets it again: slow to guess by, and it opens nothing."""
    return hashlib.scrypt(username.casefold().encode(), salt=b"resolves.username", n=2**14, r=8, p=1, dklen=32).hex()


def _may(by: Person, person: Person) -> Person | None:
    """A secretary of a body in which they held an office; of any body, where they held none."""
    bodies = {term.office.body for term in Term.objects.filter(person=person).select_related("office__body__parent")}
    mine = [body for body in bodies if access.may_on_body(by, "anonymise", body)]
    if mine:
        return refusals.require_on_body(by, "anonymise", mine[0])
    if bodies or Role.SECRETARY not in access.roles(by):
        raise PermissionDenied(_("Only the %(who)s can do this.") % {"who": access.who_may("anonymise")})
    return None


def _whole(name: str) -> re.Pattern[str]:
    """The name as a whole: "Li" is not found in "Liability"."""
    return re.compile(rf"(?<!\w){re.escape(name)}(?!\w)", re.IGNORECASE)


def _empty_words(person: Person) -> list[int]:
    """The words beside the events about the account: its name and address, why it was deactivated. The events keep the
    salted hash of what stood there. Returns the ids of those events."""
    return empty(EventWords.objects.filter(event__stream=audit.stream(person)))


def _empty_mentions(person: Person) -> list[int]:
    """Where a comment names them by user name, it names nobody; the words of its event are emptied with it. Returns the ids
    of those events."""
    emptied = []
    for mention in Mention.objects.filter(person=person).select_related("comment"):
        comment = mention.comment
        text = re.sub(rf"@{re.escape(person.username)}(?![\w.@+-])", "@…", comment.text)
        type(comment).objects.filter(pk=comment.pk).update(text=text)
        said_it = EventWords.objects.filter(
            event__subject_type="occurrence",
            event__subject_id=comment.occurrence_id,
            words__has_key=f"comment:{comment.pk}.text",
        )
        emptied += empty(said_it)
    return emptied


def _clean_mails(person: Person, nameless: str) -> None:
    """Their own mails keep when they went and what of; nobody's mail keeps the name or the address."""
    own = Q(person=person)
    if person.email:
        own |= Q(address__iexact=person.email)
    Message.objects.filter(own, state__in=[Message.State.QUEUED, Message.State.CLAIMED]).update(
        state=Message.State.SKIPPED, leased_until=None
    )
    Message.objects.filter(own).update(address="", subject="", text="", html="", answer="")
    for name in filter(None, (person.email, person.name)):
        said_in = Q()
        for column in ("subject", "text", "html", "answer"):
            said_in |= Q(**{f"{column}__icontains": name}) | Q(**{f"{column}__icontains": str(escape(name))})
        for message in Message.objects.filter(said_in).iterator():
            for column in ("subject", "text", "html", "answer"):
                for written in {name, str(escape(name))}:
                    setattr(message, column, _whole(written).sub(nameless, getattr(message, column)))
            message.save(update_fields=["subject", "text", "html", "answer"])


def _rename(person: Person, nameless: str) -> None:
    """The row loses the name before the event is written: the event must not say from what to what. What is no name (the
    language, the rights) is recorded as any change is."""
    blank = {"name": nameless, "username": f"anonymised-{secrets.token_hex(8)}", "email": ""}
    Person.objects.filter(pk=person.pk).update(**blank, last_login=None)
    for column, value in blank.items():
        setattr(person, column, value)
    person.last_login = None
    person.language = ""
    person.is_staff = person.is_superuser = False
    person.set_unusable_password()
    person.anonymised_at = clock.now()
