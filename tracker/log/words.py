"""What was found wrong with the record, in words anyone understands: the one table that pages and mails read."""

from typing import Any

from django.apps import apps
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracker.models import Finding

_CHANGED = gettext_lazy("What stands here was changed after it was written: it is not what happened then.")
_GONE = gettext_lazy("Something that was written is no longer there.")
_NOT_OURS = gettext_lazy("It was not written by Resolves.")
# kind of `findings.KINDS` → what was seen
SEEN: dict[str, Any] = {
    "changed": _CHANGED,
    "words": gettext_lazy("The words of this entry were changed after they were written."),
    "words_missing": gettext_lazy("The words of this entry are gone."),
    "words_emptied": gettext_lazy("The words of this entry were taken away, and no entry says who asked for it."),
    "words_added": gettext_lazy("Words stand here that were not written with the entry."),
    "chain": gettext_lazy(
        "It does not follow the entry before it: one of the two was changed, or one between them is gone."
    ),
    "gap": gettext_lazy("Entries before this one are gone."),
    "double": gettext_lazy("Two entries claim the same place: one of them was put in afterwards."),
    "forged": _NOT_OURS,
    "form": _NOT_OURS,
    "missing": _GONE,
    "leaf": gettext_lazy("It is not the entry that was sealed in this place."),
    "leaf_gap": gettext_lazy("A part of the seals is gone."),
    "node": gettext_lazy("A part of the seals does not fit the rest."),
    "late": gettext_lazy("It was never sealed, though it should have been long ago."),
    "head": gettext_lazy("A signed seal of the whole history does not fit what stands there now."),
    "head_signature": gettext_lazy("A seal of the whole history is not signed by a key that is known."),
    "tail": gettext_lazy(
        "The newest part of the history is gone: it once was longer, as a seal that was given out says."
    ),
    "head_missing": gettext_lazy("A seal that was given out is no longer in the database."),
    "exported": gettext_lazy("The history is not the one of which a seal was given out: it was written anew."),
    "state": gettext_lazy("What the pages show is not what the history says."),
    "state_missing": gettext_lazy("The history tells of something that is no longer there."),
    "state_unrecorded": gettext_lazy("Something stands there of which the history knows nothing."),
    "trigger": gettext_lazy("A guard that keeps the history from being changed is missing in the database."),
}
_ENTRY = gettext_lazy(
    "Don't rely on this entry. Tell the auditors, if they don't know yet; whoever runs Resolves can hold it against a backup."
)
_RESTORED = gettext_lazy(
    "If an older backup was put back in good faith, an administrator says so with manage.py accept_restored_log; until then "
    "nothing new is sealed. If nobody did, somebody cut or rewrote the log: keep the database as it is."
)
_WHOLE = gettext_lazy(
    "Don't rely on the history until it is explained. Hold the seals that were mailed out and a backup against the database."
)
_STATE = gettext_lazy(
    "The history is what counts. Whoever runs Resolves puts right what the pages show, and finds out who changed it."
)
_SEAL = gettext_lazy(
    "Look whether the worker runs. If it does, and this stays, somebody has kept the entry from being sealed."
)
_GUARD = gettext_lazy("Run manage.py migrate, which puts it back, then have the whole history checked.")
TO_DO: dict[str, Any] = {
    **dict.fromkeys(("head", "head_signature", "head_missing", "leaf_gap", "node", "missing"), _WHOLE),
    **dict.fromkeys(("tail", "exported"), _RESTORED),
    **dict.fromkeys(("state", "state_missing", "state_unrecorded"), _STATE),
    "late": _SEAL,
    "trigger": _GUARD,
}


def seen(kind: str) -> str:
    """What was seen, as a sentence of its own; a kind that is not in the table is told all the same."""
    return str(SEEN.get(kind, _("It does not verify.")))


def to_do(kind: str) -> str:
    """What whoever reads of a finding of this kind should do."""
    return str(TO_DO.get(kind, _ENTRY))


def place(finding: Finding) -> str:
    """The row that a finding is about, in words: "occurrence council/r1-1.2-c18, entry 3 (event 412)"."""
    parts = []
    if finding.stream:
        kind, _colon, reference = finding.stream.partition(":")
        parts.append(f"{_kind(kind)} {reference}")
    if finding.number is not None:
        parts.append(_("entry %(number)s") % {"number": finding.number})
    if finding.event_number is not None:
        parts.append(_("event %(number)s") % {"number": finding.event_number})
    if finding.position is not None:
        parts.append(_("place %(number)s of the log") % {"number": finding.position})
    named = finding.facts.get("name") if isinstance(finding.facts, dict) else None
    if isinstance(named, str):
        parts.append(named)
    return capfirst(", ".join(parts)) or _("The log as a whole")


def line(finding: Finding) -> str:
    """A finding as one line: the row, then what was found."""
    return _("%(row)s: %(what)s") % {"row": place(finding), "what": seen(finding.kind)}


def all_to_do(kinds: set[str]) -> list[str]:
    """What to do about findings of these kinds, each said once."""
    return list(dict.fromkeys(to_do(kind) for kind in sorted(kinds)))


def _kind(name: str) -> str:
    try:
        return str(apps.get_model("tracker", name)._meta.verbose_name)
    except LookupError:
        return name
