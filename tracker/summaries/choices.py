"""What the filters of a body can be set to."""

from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from tracker import access
from tracker.marks import MARKS
from tracker.models import Assignment, Obligation, Occurrence, Person, Session
from tracker.summaries.scope import NO_SESSION, NOBODY, Sight, session_key

Pairs = list[tuple[str, str]]


@dataclass(frozen=True)
class Choices:
    """Value and words of each filter."""

    sessions: Pairs
    resolutions: Pairs
    marks: Pairs
    holders: Pairs
    kinds: Pairs


def choices(sight: Sight) -> Choices:
    """The choices for the occurrences that a reader may see of a body. A constant number of queries."""
    body, mine = sight.body, sight.occurrences
    used = access.sessions(sight.reader).filter(
        Q(pk__in=sight.sessions) | Q(body=body, kind=Session.Kind.ORDINARY, opens__isnull=False)
    )
    return Choices(
        sessions=[
            *((session_key(one, body), str(one)) for one in used.order_by("-opens", "code")),
            (NO_SESSION, _("session not recorded")),
        ],
        resolutions=list(
            sight.versions.order_by("resolution__slug").values_list("resolution__slug", "resolution__symbol").distinct()
        ),
        marks=[(code, str(word)) for code, (_glyph, word, _tone) in MARKS.items() if code != "blank"],
        holders=[(NOBODY, _("nobody")), *_holders(sight.reader, mine)],
        kinds=[(value, str(label)) for value, label in Obligation.Kind.choices],
    )


def _holders(reader: access.Reader, mine: QuerySet[Occurrence]) -> Pairs:
    """Whom a turn was given to lead. Asked of each office, so that the first turn answers for all of its turns."""
    turn = mine.order_by().filter(pk=OuterRef("occurrence"))
    leads = Assignment.objects.standing().order_by().filter(Exists(turn), part=Assignment.Part.LEAD)
    # The first one, not whether there is any: PostgreSQL would read them all to know that.
    first = Subquery(leads.filter(office=OuterRef("pk")).values("pk")[:1])
    offices = access.offices(reader).alias(first=first).filter(first__isnull=False)
    found = [(f"{office.body.slug}/{office.slug}", office.title) for office in offices]
    if not isinstance(reader, AnonymousUser):
        people = Person.objects.filter(pk__in=leads.filter(person__isnull=False).values("person"))
        found += [(username, name or username) for username, name in people.values_list("username", "name")]
    return sorted(found, key=lambda pair: pair[1])
