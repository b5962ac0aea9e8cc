"""Names of what the ids in an event stand for: one query for each model that is named, however many events."""

from django.db import models
from django.utils.translation import gettext as _

from tracker.history.columns import columns, model_of, target
from tracker.models import Event, Occurrence, Substitution, Watch

NAMED_WITH: dict[str, tuple[str, ...]] = {
    "occurrence": ("obligation",),
    "paragraph": ("version__resolution",),
    "version": ("resolution",),
    "term": ("person", "office"),
    "substitution": ("substitute", "principal", "office"),
    "handover": ("term__person", "term__office"),
    "sitting": ("session",),
    "meeting": ("body",),
    "decision": ("session",),
    "report": ("occurrence",),
    "assignment": ("office", "person"),
    "comment": ("author",),
    "watch": ("person", "obligation"),
}

Names = dict[str, dict[int, str]]


def names_in(events: list[Event]) -> Names:
    """Model → id → name, one query for each model that is named."""
    wanted: dict[str, set[int]] = {}
    for event in events:
        wanted.setdefault(event.subject_type, set()).add(event.subject_id)
        for one in columns(event, event.changes):
            if of := target(one.model, one.name):
                wanted.setdefault(of, set()).update(value for value in one.pair if isinstance(value, int))
            if one.model == "assignment" and one.row:
                wanted.setdefault("assignment", set()).add(one.row)
    return {name: found for name, ids in wanted.items() if (found := _named(name, ids - {0}))}


def _named(name: str, ids: set[int]) -> dict[int, str]:
    model = model_of(name)
    if model is None or not ids:
        return {}
    rows = model._base_manager.filter(pk__in=ids).select_related(*NAMED_WITH.get(name, ()))
    if name in {"paragraph", "report", "resolution"}:
        rows = rows.defer(*(f.name for f in model._meta.concrete_fields if isinstance(f, models.TextField)))
    return {row.pk: _name(row) for row in rows}


def _name(row: models.Model) -> str:
    if isinstance(row, Occurrence):
        return f"{row.short_reference} · {row.obligation.title}"
    if isinstance(row, Substitution):
        acts = _("%(substitute)s for %(principal)s") % {"substitute": row.substitute, "principal": row.principal}
        return f"{acts}, {row.office}" if row.office else acts
    if isinstance(row, Watch):
        return str(row.obligation)
    return str(row)


def kind(name: str) -> str:
    model = model_of(name)
    return str(model._meta.verbose_name) if model else name
