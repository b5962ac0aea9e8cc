"""What a person keeps for themselves: calendar feeds and saved filters. Nobody else's right is asked: each is the person's
own, and what a feed shows is decided when it is read, with the eyes that its owner has then."""

import secrets
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied, TooManyFieldsSent, ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as _

from tracker import access, audit, clock
from tracker.models import Body, CalendarFeed, Person, Resolution, SavedFilter
from workflows.steps.beats import said
from workflows.steps.bodies import NotTheMoment, checked, one_act

MOST_FEEDS = 20
MOST_FILTERS = 50
LONGEST_QUERY = 1000
NOT_KEPT = frozenset({"page", "csrfmiddlewaretoken"})
"""What stands in the address of a list and is no filter of it."""


def make_feed(*, by: Person, kind: str, resolution: Resolution | None = None, body: Body | None = None) -> CalendarFeed:
    """A secret address under which a calendar program reads what falls due for them, of a resolution that they may see,
    or of a body. Two of one thing are two feeds: one for the desk, one for the telephone."""
    with one_act():
        _require_active(by)
        Person.objects.select_for_update(no_key=True).get(pk=by.pk)  # of two at once, the second counts the first
        if kind not in CalendarFeed.Kind.values:
            raise ValidationError({"kind": _("Choose what the feed is about.")})
        resolution = resolution if kind == CalendarFeed.Kind.RESOLUTION else None
        body = body if kind == CalendarFeed.Kind.BODY else None
        if kind == CalendarFeed.Kind.RESOLUTION and resolution is None:
            raise ValidationError({"resolution": _("Choose the resolution.")})
        if resolution is not None and not access.resolutions(by).filter(pk=resolution.pk).exists():
            raise ValidationError({"resolution": _("There is no such resolution, or you may not see it.")})
        if kind == CalendarFeed.Kind.BODY and body is None:
            raise ValidationError({"body": _("Choose the body.")})
        if access.feeds(by).count() >= MOST_FEEDS:
            raise ValidationError(_("You have %(count)s feeds: end one first.") % {"count": MOST_FEEDS})
        feed = CalendarFeed(
            secret=secrets.token_urlsafe(32), owner=by, kind=kind, resolution=resolution, body=body, made_at=clock.now()
        )
        audit.record(checked(feed), "feed.made", by=by)
    return feed


def end_feed(feed: CalendarFeed, *, by: Person) -> CalendarFeed:
    """The address answers nobody any more. Raises NotTheMoment where it has ended already."""
    with one_act():
        _require_active(by)
        feed = CalendarFeed.objects.select_for_update(of=("self",), no_key=True).select_related("owner").get(pk=feed.pk)
        if feed.owner_id != by.pk:
            raise PermissionDenied(_("Only the person who made a feed can end it."))
        if feed.ended_at is not None:
            raise NotTheMoment(_("This feed has ended already."), object=feed)
        feed.ended_at = clock.now()
        audit.record(feed, "feed.ended", by=by)
    return feed


def keep_filter(*, by: Person, page: str, name: str, query: str) -> SavedFilter:
    """A list's filters under a name of their own; a name that they have for this list already takes the new filters. A
    preference, not an act on anything: it leaves no event."""
    with one_act():
        _require_active(by)
        Person.objects.select_for_update(no_key=True).get(pk=by.pk)
        name, query = said("name", name), filters_of(query)
        kept = access.saved_filters(by, page)
        found = kept.filter(name=name).first()
        if found is None and kept.count() >= MOST_FILTERS:
            raise ValidationError(_("You keep %(count)s filters here: delete one first.") % {"count": MOST_FILTERS})
        found = found or SavedFilter(person=by, page=page, name=name)
        found.query = query
        checked(found).save()
    return found


def rename_filter(kept: SavedFilter, *, by: Person, name: str) -> SavedFilter:
    """Another name for it."""
    with one_act():
        kept = _own(kept, by)
        kept.name = said("name", name)
        if access.saved_filters(by, kept.page).filter(name=kept.name).exclude(pk=kept.pk).exists():
            raise ValidationError({"name": _("You have a filter of this name here already.")})
        checked(kept).save()
    return kept


def drop_filter(kept: SavedFilter, *, by: Person) -> None:
    """Delete it: a person's own note, of which nothing on record depends."""
    with one_act():
        _own(kept, by).delete()


def filters_of(query: str) -> str:
    """The filters in the query string of an address, in one form, without what is no filter. ValidationError where that
    cannot be kept."""
    try:
        given = QueryDict(query.removeprefix("?"))
    except TooManyFieldsSent as error:
        raise ValidationError({"query": _("These filters are too many to be kept.")}) from error
    pairs = [(key, value) for key, values in given.lists() if key not in NOT_KEPT for value in values if value]
    found = urlencode(pairs)
    if "\x00" in "".join(value + key for key, value in pairs):
        raise ValidationError({"query": _("This holds a character that cannot be kept.")})
    if len(found) > LONGEST_QUERY:
        raise ValidationError({"query": _("These filters are too long to be kept.")})
    return found


def _own(kept: SavedFilter, by: Person) -> SavedFilter:
    _require_active(by)
    found = SavedFilter.objects.select_for_update(of=("self",), no_key=True).filter(pk=kept.pk).first()
    if found is None:
        raise NotTheMoment(_("This filter was deleted meanwhile."))
    if found.person_id != by.pk:
        raise PermissionDenied(_("This filter is somebody else's."))
    return found


def _require_active(by: Person) -> None:
    if not by.is_active:
        raise PermissionDenied(_("This account has been deactivated."))
