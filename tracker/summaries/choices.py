"""What the filters of a body can be set to."""

from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from tracker import access
from tracker.marks import MARKS
from tracker.models import Assignment, Obligation, Occurrence, Session
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
        Q(pk__in=mine.order_by().values("session")) | Q(body=body, kind=Session.Kind.ORDINARY, opens__isnull=False)
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
    leads = Assignment.objects.standing().filter(part=Assignment.Part.LEAD, occurrence__in=mine.order_by().values("pk"))
    offices = (
        leads.filter(office__isnull=False)
        .order_by()
        .values_list("office__body__slug", "office__slug", "office__title")
        .distinct()
    )
    found = [(f"{body}/{office}", title) for body, office, title in offices]
    if not isinstance(reader, AnonymousUser):
        people = (
            leads.filter(person__isnull=False).order_by().values_list("person__username", "person__name").distinct()
        )
        found += [(username, name or username) for username, name in people]
    return sorted(found, key=lambda pair: pair[1])
