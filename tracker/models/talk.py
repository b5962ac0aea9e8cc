"""What people say and follow beside the path: comments with mentions, items watched, filters kept."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tracker.models.dates import Visibility
from tracker.models.obligations import Obligation, Occurrence
from tracker.models.people import Person


class Comment(models.Model):
    """Words on an occurrence that move nothing. Never changed; taken back, it stays and reads as taken back."""

    occurrence = models.ForeignKey(Occurrence, models.PROTECT, related_name="comments", verbose_name=_("occurrence"))
    text = models.TextField(_("comment"))
    visibility = models.CharField(
        _("visible to"), max_length=12, choices=Visibility.choices, default=Visibility.MEMBERS
    )
    author = models.ForeignKey(Person, models.PROTECT, related_name="comments", verbose_name=_("author"))
    acting_for = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    posted_at = models.DateTimeField(_("posted"))
    taken_back_at = models.DateTimeField(_("taken back"), null=True, blank=True)

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.text[:80]


class Mention(models.Model):
    """A person named in a comment (@name), who is told of it."""

    comment = models.ForeignKey(Comment, models.PROTECT, related_name="mentions", verbose_name=_("comment"))
    person = models.ForeignKey(Person, models.PROTECT, related_name="mentions", verbose_name=_("person"))

    class Meta:
        verbose_name = _("mention")
        verbose_name_plural = _("mentions")
        constraints = [models.UniqueConstraint(fields=["comment", "person"], name="mention_once_in_a_comment")]

    def __str__(self) -> str:
        return f"@{self.person.username}"


class Watch(models.Model):
    """A person who follows an item, in all its turns, without having a part in it."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="watches", verbose_name=_("person"))
    obligation = models.ForeignKey(Obligation, models.PROTECT, related_name="watches", verbose_name=_("obligation"))
    since = models.DateTimeField(_("since"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        verbose_name = _("watch")
        verbose_name_plural = _("watches")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "obligation"], condition=Q(ended_at=None), name="watch_once_a_person"
            )
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.obligation}"


class SavedFilter(models.Model):
    """A list's filters under a name of a person's own: what the address says after its question mark."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="saved_filters", verbose_name=_("of"))
    page = models.CharField(_("page"), max_length=40)
    name = models.CharField(_("name"), max_length=80)
    query = models.CharField(_("filters"), max_length=1000, blank=True)

    class Meta:
        verbose_name = _("saved filter")
        verbose_name_plural = _("saved filters")
        ordering = ["page", "name"]
        constraints = [models.UniqueConstraint(fields=["person", "page", "name"], name="saved_filter_name_of_a_person")]

    def __str__(self) -> str:
        return self.name
