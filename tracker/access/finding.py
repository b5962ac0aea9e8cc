"""What a reader may find, noun by noun, their offices asked once; and what is a person's own: feeds and saved filters."""

import re
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from tracker import clock
from tracker.access.seeing import (
    _OPEN_TO_ALL,
    Sight,
    _obligations,
    _occurrences,
    _one,
    _paper_seen,
    _resolutions,
    _sight,
    bodies,
)
from tracker.access.standing import Reader
from tracker.access.talking import _comments
from tracker.models import (
    Activity,
    CalendarFeed,
    Comment,
    Decision,
    Evidence,
    Meeting,
    Obligation,
    Occurrence,
    Office,
    Paragraph,
    Person,
    Report,
    Resolution,
    Role,
    SavedFilter,
    Session,
    Term,
)

_SECRET = re.compile(r"[A-Za-z0-9_-]{43}")
_STANDING = (Report.State.SUBMITTED, Report.State.ENDORSED)


@dataclass(frozen=True)
class Findable:
    """All that a search may find for a reader. A paper is found where both it and its occurrence may be seen, or where
    the public register has it."""

    reader: Reader
    sight: Sight

    @classmethod
    def by(cls, reader: Reader) -> "Findable":
        return cls(reader, _sight(reader))

    def resolutions(self) -> QuerySet[Resolution]:
        return _resolutions(self.sight)

    def paragraphs(self) -> QuerySet[Paragraph]:
        return Paragraph.objects.select_related("version__resolution__body").filter(
            version__resolution__in=_resolutions(self.sight)
        )

    def obligations(self) -> QuerySet[Obligation]:
        return _obligations(self.sight)

    def occurrences(self) -> QuerySet[Occurrence]:
        return _occurrences(self.sight)

    def _turn(self) -> Q:
        """As `_occurrences` has it, seen from a paper of the occurrence."""

        def seen(by: Sight) -> Q:
            mine = by.visible("occurrence__body", "occurrence__obligation__") | Q(occurrence__in=by.asked())
            return mine | Q(occurrence__obligation__responsible__in=by.officer_of)

        return self.sight.opens(seen, "occurrence__resolution")

    def _beside(self) -> Q:
        """Papers that may be seen, of occurrences that may be seen."""
        return _paper_seen(self.sight) & self._turn()

    def reports(self) -> QuerySet[Report]:
        """Those that stand: what was withdrawn or sent back is the item's own business."""
        return Report.objects.filter(
            self._beside() & Q(state__in=_STANDING) | _OPEN_TO_ALL & Q(state=Report.State.ENDORSED)
        ).select_related("occurrence__body", "occurrence__obligation")

    def evidence(self) -> QuerySet[Evidence]:
        """Not that of a report which does not stand."""
        return Evidence.objects.filter(
            self._beside() & (Q(report=None) | Q(report__state__in=_STANDING))
            | _OPEN_TO_ALL & (Q(report=None) | Q(report__state=Report.State.ENDORSED))
        ).select_related("occurrence__body", "occurrence__obligation")

    def activities(self) -> QuerySet[Activity]:
        return Activity.objects.filter(self._beside()).select_related("occurrence__body", "occurrence__obligation")

    def comments(self) -> QuerySet[Comment]:
        """Those that were not taken back."""
        standing = Comment.objects.filter(taken_back_at=None)
        return _comments(self.sight, standing).select_related("occurrence__body", "occurrence__obligation", "author")

    def decisions(self) -> QuerySet[Decision]:
        """Of the bodies of the reader's family, and those that an occurrence which they may see cites."""
        cited = Exists(_occurrences(self.sight).filter(decision=OuterRef("pk")))
        return Decision.objects.select_related("session", "body").filter(
            Q(body__in=self.sight.family | self.sight.officer_of) | Q(cited)
        )

    def offices(self) -> QuerySet[Office]:
        return Office.objects.select_related("body__parent__parent")

    def people(self) -> QuerySet[Person]:
        """Who holds an office today, for those who have logged in; every account for a secretary and an auditor."""
        if self.sight.person is None:
            return Person.objects.none()
        if self.sight.roles & {Role.SECRETARY, Role.AUDITOR}:
            return Person.objects.all()
        return Person.objects.filter(Exists(Term.objects.running(clock.today()).filter(person=OuterRef("pk"))))

    def sessions(self) -> QuerySet[Session]:
        return Session.objects.select_related("body")

    def meetings(self) -> QuerySet[Meeting]:
        return Meeting.objects.select_related("body", "session")


def feeds(person: Reader) -> QuerySet[CalendarFeed]:
    """A person's own calendar feeds that have not ended."""
    found = CalendarFeed.objects.select_related("resolution__body", "body")
    return found.filter(owner=person, ended_at=None) if isinstance(person, Person) else found.none()


def feed(person: Reader, number: int) -> CalendarFeed:
    """One of them, or Http404."""
    return _one(feeds(person).filter(pk=number), _("There is no such calendar feed."))


def feed_of_secret(secret: str) -> CalendarFeed:
    """The feed behind a secret address, read with the eyes of its owner today. Http404, always in the same words, where
    there is none, it has ended, its owner has left, or the owner may no longer see what it is about."""
    found = CalendarFeed.objects.select_related("owner", "resolution__body", "body").filter(
        secret=secret, ended_at=None, owner__is_active=True, owner__anonymised_at=None
    )
    one = _one(found if _SECRET.fullmatch(secret) else found.none(), _("There is no such calendar feed."))
    if one.resolution_id is not None:
        _one(_resolutions(_sight(one.owner)).filter(pk=one.resolution_id), _("There is no such calendar feed."))
    if one.body_id is not None:
        _one(bodies(one.owner).filter(pk=one.body_id), _("There is no such calendar feed."))
    return one


def saved_filters(person: Reader, page: str = "") -> QuerySet[SavedFilter]:
    """A person's own saved filters, of one list or of all."""
    if not isinstance(person, Person):
        return SavedFilter.objects.none()
    found = SavedFilter.objects.filter(person=person)
    return found.filter(page=page) if page else found


def saved_filter(person: Reader, number: int) -> SavedFilter:
    """One of them, or Http404."""
    return _one(saved_filters(person).filter(pk=number), _("There is no such saved filter."))
