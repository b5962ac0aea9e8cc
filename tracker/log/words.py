"""What was found wrong with the record, in words anyone understands: the one table that pages and mails read."""

from typing import Any

from django.apps import apps
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracker.models import Finding

SENTENCES: dict[str, Any] = {
    "changed": gettext_lazy("it was changed after it was written"),
    "words": gettext_lazy("the words beside it were changed"),
    "words_missing": gettext_lazy("the words beside it are gone"),
    "words_emptied": gettext_lazy("the words beside it were emptied, and no entry says so"),
    "words_added": gettext_lazy("words stand beside it that were not written with it"),
    "chain": gettext_lazy("it does not follow from the entry before it"),
    "gap": gettext_lazy("entries before it are missing"),
    "double": gettext_lazy("two entries claim the same number"),
    "forged": gettext_lazy("it was not written by Resolves"),
    "form": gettext_lazy("it is written in a form that there never was"),
    "missing": gettext_lazy("it was sealed, and it is gone"),
    "leaf": gettext_lazy("its seal in the log does not fit it"),
    "leaf_gap": gettext_lazy("seals before this one are missing in the log"),
    "node": gettext_lazy("the log does not add up over this place"),
    "late": gettext_lazy("it was never sealed"),
    "head": gettext_lazy("a signed head does not fit the log"),
    "head_signature": gettext_lazy("a head is not signed with a key of ours"),
    "tail": gettext_lazy("the log is shorter than a head that was given out says"),
    "head_missing": gettext_lazy("a head that was given out is gone from the database"),
    "exported": gettext_lazy("the log does not go on from a head that was given out"),
    "state": gettext_lazy("what stands is not what the history says"),
    "state_missing": gettext_lazy("the history speaks of a row that is not there"),
    "state_unrecorded": gettext_lazy("a row stands that the history does not know"),
    "trigger": gettext_lazy("a guard of the record is missing in the database"),
}
# What to do first, by kind; where none is named: the words of `AS_EVER`.
AS_EVER = gettext_lazy(
    "Change nothing in the database. Keep a copy of it and of the heads that you were given. Find out who had access to "
    "the database since the last check that passed."
)
RESTORED = gettext_lazy(
    "If an older backup was put back in good faith, an administrator says so with manage.py accept_restored_log; until then "
    "nothing new is sealed. If nobody did, somebody cut or rewrote the log: keep the database as it is."
)
TO_DO: dict[str, Any] = {
    "tail": RESTORED,
    "exported": RESTORED,
    "trigger": gettext_lazy("Run manage.py migrate, which puts the guard back, then manage.py verify_audit."),
    "late": gettext_lazy("See that the worker runs, and what it says in its log."),
}


def sentence(kind: str) -> str:
    """What was found, as the end of a sentence about the row."""
    return str(SENTENCES.get(kind, kind))


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
    return _("%(row)s: %(what)s.") % {"row": place(finding), "what": sentence(finding.kind)}


def to_do(kinds: set[str]) -> list[str]:
    """What whoever reads of findings of these kinds should do, each said once."""
    return list(dict.fromkeys(str(TO_DO.get(kind, AS_EVER)) for kind in sorted(kinds)))


def _kind(name: str) -> str:
    try:
        return str(apps.get_model("tracker", name)._meta.verbose_name)
    except LookupError:
        return name
