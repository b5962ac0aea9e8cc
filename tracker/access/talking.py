"""Who may say something beside the path, read it, and follow an item. One table, as for the steps."""

from collections.abc import Iterable

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracker import visits
from tracker.access.acting import SECRETARY, WHO_WORDS, capacities
from tracker.access.seeing import Sight, _occurrences, _sight, obligations
from tracker.access.standing import Reader
from tracker.models import Comment, Obligation, Occurrence, Person, Visibility, Watch

FAMILY, AUTHOR, READER = "family", "author", "reader"
TALK_WORDS = {
    FAMILY: gettext_lazy("people of its body, of the groups under it, and those asked to work on it"),
    AUTHOR: gettext_lazy("author"),
    READER: gettext_lazy("people who may see it"),
    SECRETARY: WHO_WORDS[SECRETARY],
}
# The table: who may do what beside the path. Every one of them must be able to see the item in the first place.
TALK: dict[str, tuple[str, ...]] = {
    "comment": (FAMILY,),
    "take_back_comment": (AUTHOR, SECRETARY),
    "watch": (READER,),
    "unwatch": (READER,),
}


def require_talk(by: Person, act: str, occurrence: Occurrence, *, comment: Comment | None = None) -> Person | None:
    """The person acted for when `by` may do this beside the path (None: for themselves); else PermissionDenied."""
    sight = _sight(by)
    sees = sight.person is not None and _occurrences(sight).filter(pk=occurrence.pk).exists()
    allowed = TALK[act] if sees else ()
    if AUTHOR in allowed and comment is not None and comment.author_id == by.pk:
        return None
    if SECRETARY in allowed and SECRETARY in (held := capacities(by, occurrence)):
        return held[SECRETARY]
    if FAMILY in allowed:
        for here in (sight, *filter(None, [sight.narrow.get(occurrence.resolution_id)])):
            if here.asked().filter(occurrence=occurrence).exists():
                return None
            near = occurrence.obligation.responsible_id in here.officer_of
            seats = [s for s in here.seats if near or occurrence.body_id in {b.pk for b in s.office.body.lineage()}]
            if seats:
                return next((None for seat in seats if seat.acting_for is None), seats[0].acting_for)
    if READER in allowed:
        return None
    words = " / ".join(str(TALK_WORDS[who]) for who in TALK[act])
    raise PermissionDenied(_("Only the %(who)s can do this.") % {"who": words})


def comments(person: Reader, found: QuerySet[Comment]) -> QuerySet[Comment]:
    """Of comments, those that a person may read: what is for members in the family of the body, what is restricted only
    with an office over the item, when asked to work on it, or their own. A comment is never public."""
    return _comments(_sight(person), found)


def _comments(sight: Sight, found: QuerySet[Comment]) -> QuerySet[Comment]:
    if sight.person is None:
        return found.none()

    def open_to(by: Sight) -> Q:
        members = Q(visibility=Visibility.MEMBERS, occurrence__body__in=by.family)
        return members | Q(occurrence__obligation__responsible__in=by.officer_of) | Q(occurrence__in=by.asked())

    seen = found.filter(sight.opens(open_to, "occurrence__resolution") | Q(author=sight.person))
    return seen.filter(occurrence__in=_occurrences(sight).order_by().values("pk"))


def comment(person: Reader, occurrence: Occurrence, number: int) -> Comment:
    """One comment on an occurrence by its number, or Http404: missing and not visible look alike."""
    one = comments(person, occurrence.comments.select_related("author", "acting_for")).filter(pk=number).first()
    if one is None:
        visits.missed(Comment, pk=number, occurrence=occurrence)
        raise Http404(_("There is no such comment, or you may not see it."))
    return one


def readers(names: Iterable[str], occurrence: Occurrence, visibility: str) -> dict[str, Person]:
    """Of people by their user names, those who may read a comment of that visibility on an occurrence."""
    found = {person.username: person for person in Person.objects.filter(username__in=set(names), is_active=True)}
    return {name: person for name, person in found.items() if may_read(person, occurrence, visibility)}


def may_read(person: Person, occurrence: Occurrence, visibility: str) -> bool:
    """Whether a person may read comments of a visibility on an occurrence."""
    sight = _sight(person)
    if sight.person is None or not _occurrences(sight).filter(pk=occurrence.pk).exists():
        return False
    near = occurrence.obligation.responsible_id in sight.officer_of
    if near or (visibility == Visibility.MEMBERS and occurrence.body_id in sight.family):
        return True
    return sight.asked().filter(occurrence=occurrence).exists()


def sees(person: Person, occurrence: Occurrence) -> bool:
    """Whether a person may see an occurrence now."""
    sight = _sight(person)
    return sight.person is not None and _occurrences(sight).filter(pk=occurrence.pk).exists()


def watches(person: Person) -> QuerySet[Watch]:
    """What a person watches now, as far as they may still see it."""
    standing = Watch.objects.filter(person=person, ended_at=None, obligation__in=obligations(person).values("pk"))
    return standing.select_related("obligation__paragraph", "obligation__resolution__body", "obligation__responsible")


def watch(person: Person, obligation: Obligation) -> Watch | None:
    """A person's standing watch on an item, or None."""
    return Watch.objects.filter(person=person, obligation=obligation, ended_at=None).first()
