"""The administration: for reading only. What is audited changes by steps alone, and so do accounts: nothing here adds,
changes or deletes. It is for whoever runs the machine; being staff gives no right anywhere else."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from tracker.models import (
    Activity,
    Assignment,
    Body,
    Decision,
    Event,
    Evidence,
    HandOver,
    Heartbeat,
    Meeting,
    Message,
    Notice,
    Obligation,
    Occurrence,
    Office,
    Paragraph,
    Person,
    ReminderPolicy,
    Report,
    Resolution,
    Session,
    Sitting,
    Substitution,
    Term,
    Version,
)


class Reading(admin.AdminSite):
    """A site of our own: what the engine, groups and tokens register elsewhere could be changed past the steps, and has no
    page here. One logs in at the one door, where tries are counted."""

    site_header = site_title = _("Resolves: administration, for reading")
    index_title = _("What is on record")

    def has_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_active and request.user.is_staff and request.user.is_superuser)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if request.user.is_authenticated:
            raise PermissionDenied
        return redirect_to_login(request.get_full_path())

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:  # type: ignore[override]
        """Nothing is changed here: a new password comes by mail, as for everybody."""
        return redirect("password_forgotten")

    def password_change_done(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:  # type: ignore[override]
        return redirect("password_forgotten")


site = Reading(name="admin")


class ReadOnly(admin.ModelAdmin):
    """Lists and shows; refuses everything else, to superusers too."""

    actions = None
    list_per_page = 50

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return site.has_permission(request)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


# What a list shows, what it can be narrowed by, and what it is searched in.
COLUMNS: dict[type[models.Model], tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = {
    Body: (("name", "short_name", "kind", "parent", "time_zone"), ("kind",), ("name", "slug")),
    Office: (("title", "body", "role"), ("body", "role"), ("title",)),
    Term: (("office", "person", "part", "begins", "ends"), ("part", "office__body"), ("person__name",)),
    HandOver: (("term", "predecessor", "opened_at", "accepted_at"), ("term__office__body",), ()),
    Substitution: (
        ("office", "resolution", "principal", "substitute", "begins", "ends"),
        ("office__body",),
        (),
    ),
    Session: (
        ("name", "body", "code", "kind", "state", "opens", "closes"),
        ("body", "kind", "state"),
        ("name", "code"),
    ),
    Sitting: (("session", "kind", "form", "state", "begins", "ends"), ("kind", "form", "state"), ()),
    Meeting: (("number", "body", "state", "begins", "session"), ("body", "state"), ()),
    Resolution: (("symbol", "title", "body", "visibility"), ("body",), ("symbol", "title")),
    Version: (("resolution", "label", "tracking", "in_force_from", "in_force_until"), ("tracking",), ()),
    Paragraph: (("version", "kind", "path", "disposition"), ("kind", "disposition"), ("text",)),
    Obligation: (("title", "resolution", "kind", "anchor", "confirmed"), ("kind", "confirmed"), ("title",)),
    Occurrence: (("reference", "status", "due_on", "first_due_on", "on_hold"), ("body", "status"), ("reference",)),
    Assignment: (("occurrence", "part", "office", "person", "acceptance", "ended_at"), ("part", "acceptance"), ()),
    Activity: (("occurrence", "happened_on", "recorded_by"), (), ("text",)),
    Evidence: (("occurrence", "title", "symbol"), (), ("title", "symbol")),
    Report: (("occurrence", "state", "symbol", "effective_on"), ("state",), ("symbol",)),
    Decision: (("session", "document", "paragraph", "outcome", "decided_on"), ("outcome",), ("document",)),
    Event: (("recorded_at", "stream", "number", "verb", "actor", "means"), ("means", "verb"), ("stream",)),
    Notice: (("planned_for", "kind", "audience", "person", "state", "reason"), ("kind", "state"), ("key",)),
    ReminderPolicy: (("name", "scope", "state", "in_force_since", "ended_at"), ("state",), ("name",)),
    Heartbeat: (("name", "beat_at", "note"), (), ()),
}
for model, (columns, filters, searched) in COLUMNS.items():
    named = {"list_display": columns, "list_filter": filters, "search_fields": searched, "list_select_related": True}
    site.register(model, type(f"{model.__name__}Admin", (ReadOnly,), named))


@admin.register(Person, site=site)
class PersonAdmin(ReadOnly):
    """Accounts, without their secrets."""

    list_display = ("username", "name", "email", "is_active", "is_staff", "last_login")
    list_filter = ("is_active", "is_staff")
    search_fields = ("username", "name", "email")
    exclude = ("password",)


@admin.register(Message, site=site)
class MessageAdmin(ReadOnly):
    """Mails and what became of them; what stood in them may hold a link that opens an account, and is not shown."""

    list_display = ("created_at", "person", "subject", "state", "attempts", "answer")
    list_filter = ("state",)
    search_fields = ("subject", "address")
    exclude = ("text", "html")
