"""The verbs beside the path: comments with mentions, and watching an item. They move nothing."""

import re
from collections.abc import Iterator

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from tracker import access, audit, clock
from tracker.models import Comment, Mention, Occurrence, Person, Visibility, Watch
from workflows.steps.beats import lock, said
from workflows.steps.bodies import NotTheMoment, one_act

LONGEST_COMMENT = 10_000
MOST_MENTIONS = 20
READABLE_BY = (Visibility.MEMBERS, Visibility.RESTRICTED)
NAME = re.compile(r"(?<![\w.@+-])@([\w.@+-]+)")


def comment(occurrence: Occurrence, *, by: Person, text: str, visibility: str = Visibility.MEMBERS) -> Comment:
    """Say something about an occurrence; it moves nothing. Whoever is named (@name) is told, if they may read it; with a
    name that cannot be told nothing is posted."""
    with transaction.atomic():
        turn = lock(occurrence)
        acting_for = access.require_talk(by, "comment", turn)
        text = said("text", text)
        if len(text) > LONGEST_COMMENT:
            raise ValidationError({"text": _("This is longer than a comment can be.")})
        if visibility not in READABLE_BY:
            raise ValidationError({"visibility": _("Choose who may read it. A comment is never public.")})
        posted = Comment(
            occurrence=turn,
            text=text,
            visibility=visibility,
            author=by,
            acting_for=acting_for,
            posted_at=clock.now(),
        )
        named = [Mention(comment=posted, person=person) for person in _named(text, turn, visibility)]
        audit.record(turn, "occurrence.commented", by=by, acting_for=acting_for, also=[posted, *named])
    return posted


def take_back_comment(comment: Comment, *, by: Person) -> Comment:
    """Take a comment back: its words no longer show; that it was there, and taken back by whom, stays on record."""
    with transaction.atomic():
        turn = lock(comment.occurrence)
        standing = Comment.objects.select_for_update(of=("self",), no_key=True).get(pk=comment.pk)
        acting_for = access.require_talk(by, "take_back_comment", turn, comment=standing)
        if standing.taken_back_at is not None:
            raise NotTheMoment(_("This comment has been taken back already."), object=standing)
        standing.taken_back_at = clock.now()
        audit.record(turn, "occurrence.comment_taken_back", by=by, acting_for=acting_for, also=[standing])
    return standing


def watch(occurrence: Occurrence, *, by: Person) -> Watch:
    """Follow an item in all its turns. Watching it already changes nothing."""
    with one_act():
        access.require_talk(by, "watch", occurrence)
        standing = access.watch(by, occurrence.obligation)
        if standing is not None:
            return standing
        started = Watch(person=by, obligation=occurrence.obligation, since=clock.now())
        audit.record(started, "watch.started", by=by)
    return started


def unwatch(watch: Watch, *, by: Person) -> Watch:
    """Follow it no longer. Only one's own; also where the item can no longer be seen."""
    with transaction.atomic():
        standing = (
            Watch.objects.select_for_update(of=("self",), no_key=True).select_related("obligation").get(pk=watch.pk)
        )
        if standing.person_id != by.pk:
            raise PermissionDenied(_("Only %(who)s can do this.") % {"who": standing.person})
        if standing.ended_at is None:
            standing.ended_at = clock.now()
            audit.record(standing, "watch.ended", by=by)
    return standing


def _named(text: str, occurrence: Occurrence, visibility: str) -> list[Person]:
    """The people named in a text. ValidationError names those who may not read it, or whom nobody knows: the two look alike."""
    wanted = dict.fromkeys(_names(text))
    if len(wanted) > MOST_MENTIONS:
        raise ValidationError({"text": _("Name at most %(most)s people.") % {"most": MOST_MENTIONS}})
    spellings = {name: list(dict.fromkeys((name, name.rstrip(".-+@")))) for name in wanted}
    found = access.readers((one for some in spellings.values() for one in some), occurrence, visibility)
    people: dict[int, Person] = {}
    unknown = []
    for some in spellings.values():
        person = next((found[one] for one in some if one in found), None)
        if person is None:
            unknown.append(f"@{some[-1]}")
        else:
            people[person.pk] = person
    if unknown:
        words = _("Nobody of this name may read it: %(names)s. Nothing has been posted.")
        raise ValidationError({"text": words % {"names": ", ".join(unknown)}})
    return list(people.values())


def _names(text: str) -> Iterator[str]:
    for hit in NAME.finditer(text):
        name = hit.group(1).strip("@")
        if name.strip(".+-"):
            yield name
