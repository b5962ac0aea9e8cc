"""What is counted: the occurrences of a body that a reader may see, narrowed by filters that live in the address.

Every number on a page carries the filters that gave it, so that its list has exactly that many rows.
"""

from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from tracker import access, queries
from tracker.marks import ORDER
from tracker.models import Assignment, Body, Obligation, Occurrence, Office, Paragraph, Session, Version

UNDISCHARGED = frozenset({"planned", "assigned", "in_progress"})
NOBODY = "nobody"
NO_SESSION = "none"


@dataclass(frozen=True)
class Filters:
    """How a list is narrowed; empty means not at all. `session`, `until` and `before` are keys of sessions (see
    `session_key`), `session` also "none"; `holder` is a user name, an office as body/office, or "nobody"."""

    resolution: str = ""
    session: str = ""
    until: str = ""
    before: str = ""
    mark: str = ""
    holder: str = ""
    kind: str = ""
    item: str = ""
    past_due: bool = False
    awaiting: bool = False
    vacant: bool = False

    def query(self, body: Body | None = None) -> str:
        """The filters as the query string of the list of occurrences."""
        pairs = [("body", body.slug)] if body else []
        for name in self.__dataclass_fields__:
            value = getattr(self, name)
            if value:
                pairs.append((name, "1" if value is True else str(value)))
        return urlencode(pairs, safe="/")

    def but(self, **changes: str | bool) -> "Filters":
        """The same with some changed."""
        return replace(self, **changes)  # type: ignore[arg-type]

    @property
    def narrowed(self) -> bool:
        """Whether single occurrences are chosen, so that items without any of them are not meant."""
        return self != Filters(session=self.session, resolution=self.resolution)


@dataclass(frozen=True)
class Number:
    """A number and the query string of its list; `by_item` where the list is one of items."""

    count: int
    query: str


@dataclass(frozen=True)
class Sight:
    """What a reader may see of a body, asked of `access` once and narrowed by everybody else."""

    reader: access.Reader
    body: Body
    occurrences: QuerySet[Occurrence]
    versions: QuerySet[Version]
    paragraphs: QuerySet[Paragraph]
    obligations: QuerySet[Obligation]

    @classmethod
    def of(cls, reader: access.Reader, body: Body) -> "Sight":
        with access.asked_once():
            return cls(
                reader,
                body,
                access.occurrences(reader).filter(body=body),
                access.versions(reader).filter(resolution__body=body),
                access.paragraphs(reader).filter(version__resolution__body=body),
                access.obligations(reader).filter(resolution__body=body),
            )

    @cached_property
    def sessions(self) -> frozenset[int]:
        """The sessions to which something belongs: asked of each session, so that its first turn answers for all."""
        belongs = Exists(self.occurrences.order_by().filter(session=OuterRef("pk")))
        return frozenset(access.sessions(self.reader).filter(belongs).order_by().values_list("pk", flat=True))


def session_key(session: Session, body: Body) -> str:
    """A session in addresses: `c18` for the body's own, `itu-pp/pp-18` for another body's."""
    return session.slug if session.body_id == body.pk else f"{session.body.slug}/{session.slug}"


def find_session(body: Body, key: str) -> Session:
    """The session of a key; ValidationError where there is none."""
    owner, slash, code = key.rpartition("/")
    found = access.sessions(None).filter(  # type: ignore[arg-type]
        body__slug=owner if slash else body.slug, code__iexact=code
    )
    if session := found.first():
        return session
    raise ValidationError({"session": _("There is no session %(key)s.") % {"key": key[:60]}})


def present_session(body: Body, today: date) -> Session | None:
    """The session that the body is heading for or sitting in: its first ordinary one that is not over, else its last."""
    found = list(
        access.sessions(None)  # type: ignore[arg-type]
        .filter(body=body, kind=Session.Kind.ORDINARY, opens__isnull=False)
        .exclude(state="cancelled")
        .order_by("opens")
    )
    return next((one for one in found if not one.is_over(today)), found[-1] if found else None)


def select(sight: Sight, filters: Filters, today: date) -> QuerySet[Occurrence]:
    """The occurrences of a body that a reader may see and the filters leave, with `mark_rank`. What an amendment has
    superseded is nobody's any more and not among them. ValidationError names a filter that makes no sense."""
    found = queries.ranked(sight.occurrences, today).exclude(status="superseded")
    found = _of_sessions(_of_duties(found, sight, filters), sight.body, filters)
    if filters.holder:
        found = found.filter(_led_by(filters.holder))
    if filters.past_due:
        found = queries.past_due(found, today)
    if filters.awaiting:
        found = queries.awaiting_decision(found)
    if filters.vacant:
        found = queries.vacant(found, today)
    if filters.mark:
        if filters.mark not in ORDER:
            raise ValidationError({"mark": _("There is no such mark.")})
        found = found.filter(mark_rank=ORDER[filters.mark])  # type: ignore[misc]
    return found


def _of_duties(found: QuerySet[Occurrence], sight: Sight, filters: Filters) -> QuerySet[Occurrence]:
    if filters.resolution:
        if not sight.versions.filter(resolution__slug=filters.resolution).exists():
            raise ValidationError({"resolution": _("There is no such resolution, or you may not see it.")})
        found = found.filter(resolution__slug=filters.resolution)
    if filters.kind:
        if filters.kind not in Obligation.Kind.values:
            raise ValidationError({"kind": _("There is no such kind of duty.")})
        found = found.filter(obligation__kind=filters.kind)
    if filters.item:
        found = found.filter(obligation__paragraph__path=filters.item)
    return found


def _of_sessions(found: QuerySet[Occurrence], body: Body, filters: Filters) -> QuerySet[Occurrence]:
    if filters.session == NO_SESSION:
        found = found.filter(session=None)
    elif filters.session:
        found = found.filter(session=find_session(body, filters.session))
    if filters.until:
        found = found.filter(_opened_by(find_session(body, filters.until), strictly=False))
    if filters.before:
        found = found.filter(_opened_by(find_session(body, filters.before), strictly=True))
    return found


def _opened_by(session: Session, *, strictly: bool) -> Q:
    """Of sessions that open before another one; not strictly, also of itself and of none."""
    if session.opens is None:
        return Q(session=session) if not strictly else Q(pk__in=[])
    earlier = Q(session__opens__lt=session.opens)
    return earlier if strictly else earlier | Q(session=session) | Q(session=None)


def _led_by(holder: str) -> Q:
    leads = Assignment.objects.standing().filter(occurrence=OuterRef("pk"), part=Assignment.Part.LEAD)
    if holder == NOBODY:
        return ~Exists(leads)  # type: ignore[return-value]
    party = access.party(holder)
    if party is None:
        raise ValidationError({"holder": _("There is no such office or person.")})
    asked = Q(office=party) if isinstance(party, Office) else Q(person=party)
    return Exists(leads.filter(asked))  # type: ignore[return-value]
