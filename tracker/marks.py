"""The one rule of discharge and the closed list of marks. Everything that shows or counts how an occurrence stands asks here.

Pure: an occurrence's own columns and a few facts in, a frozen answer out. No question to the database.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext


class Discharge(NamedTuple):
    """Whether the duty of a turn is done as far as its holder is concerned, and since when. `on` is None where the day
    is not recorded to the day; then nothing is said of lateness."""

    done: bool
    on: date | None = None
    late_days: int | None = None


def discharge(occurrence: Any) -> Discharge:
    """The one rule. A draft never stops the clock, so only columns that steps set count: an endorsed submission
    discharges on its own effective day, a waiver on the decision's; a submission that stands only passes the ball."""
    if occurrence.status in {"endorsed", "closed"}:
        known = occurrence.discharged_on if occurrence.discharged_precision == "day" else None
    elif occurrence.status == "waived":
        known = occurrence.discharged_on if occurrence.discharged_precision == "day" else None
        return Discharge(True, known, None)
    else:
        return Discharge(False)
    if known is None or occurrence.due_on is None:
        return Discharge(True, known, None)
    return Discharge(True, known, max(0, (known - occurrence.due_on).days))


# code → glyph, short word, tone; worst first.
MARKS: dict[str, tuple[str, Any, str]] = {
    "late": ("▲", gettext_lazy("late"), "late"),
    "unassigned": ("◌", gettext_lazy("no one assigned"), "none"),
    "never_asked": ("⊘", gettext_lazy("never asked"), "none"),
    "not_reported": ("○", gettext_lazy("not reported"), "late"),
    "waiting": ("…", gettext_lazy("waiting for a date"), "wait"),
    "on_hold": ("‖", gettext_lazy("on hold"), "wait"),
    "due": ("◐", gettext_lazy("due"), "due"),
    "submitted": ("◕", gettext_lazy("submitted, awaiting endorsement"), "wait"),
    "endorsed": ("✓", gettext_lazy("endorsed, awaiting the Council"), "good"),
    "received": ("●", gettext_lazy("received"), "good"),
    "nothing": ("∅", gettext_lazy("reported: nothing happened"), "good"),
    "closed": ("■", gettext_lazy("closed by decision"), "good"),
    "waived": ("▭", gettext_lazy("waived"), "none"),
    "blank": ("", gettext_lazy("not in force"), "blank"),
}
ORDER = {code: place for place, code in enumerate(MARKS)}


@dataclass(frozen=True)
class Mark:
    """What a cell or row shows: a glyph, a word and a tint, never one of them alone. `text` says it in full."""

    code: str
    text: str
    days: int | None = None
    proposed: bool = False

    @property
    def glyph(self) -> str:
        return MARKS[self.code][0]

    @property
    def word(self) -> str:
        return str(MARKS[self.code][1])

    @property
    def tone(self) -> str:
        return MARKS[self.code][2]


@dataclass(frozen=True)
class Facts:
    """What a mark needs beyond the occurrence's own columns: is there a standing lead, was that lead told, and is the
    session that it belongs to over."""

    assigned: bool
    told: bool
    session_over: bool


def mark_of(occurrence: Any, facts: Facts, today: date) -> Mark:
    """The mark of an occurrence on a day of its body's calendar (PRODUCT: the closed list).

    Before its day an undischarged occurrence reads ◌ where no one is assigned, else ◐. Past its day it takes the first
    that holds of ◌, ⊘, ○, ▲, with the days.
    """
    status = occurrence.status
    if status == "superseded":
        return Mark("blank", _("superseded by amendment"))
    if status == "waived":
        return Mark("waived", _("waived"))
    if status == "closed":
        return Mark("closed", _("closed by decision"))
    if status == "endorsed":
        return _endorsed(occurrence, facts)
    if status == "submitted":
        days = (today - occurrence.submitted_on).days if occurrence.submitted_on else None
        if days is None or days < 1:
            return Mark("submitted", _("submitted, awaiting endorsement"), days)
        said = ngettext(
            "submitted, with the endorser for %(days)s day", "submitted, with the endorser for %(days)s days", days
        )
        return Mark("submitted", said % {"days": days}, days)
    return _undischarged(occurrence, facts, today)


def _endorsed(occurrence: Any, facts: Facts) -> Mark:
    if occurrence.nothing_happened:
        return Mark("nothing", _("reported: nothing happened"))
    if not facts.session_over:
        return Mark("endorsed", _("endorsed, awaiting the Council"))
    late = discharge(occurrence).late_days
    if late is None:
        return Mark("received", _("received, day not recorded"))
    if late == 0:
        return Mark("received", _("received on time"), 0)
    return Mark(
        "received", ngettext("received %(days)s day late", "received %(days)s days late", late) % {"days": late}, late
    )


def _undischarged(occurrence: Any, facts: Facts, today: date) -> Mark:
    if occurrence.due_on is None:
        if not facts.assigned:
            return Mark("unassigned", _("no one assigned, waiting for a date"))
        return Mark("waiting", _("waiting for a date"))
    days = (today - occurrence.due_on).days
    if days > 0:
        since = ngettext("%(days)s day past due", "%(days)s days past due", days) % {"days": days}
        if not facts.assigned:
            return Mark("unassigned", _("no one assigned, %(since)s") % {"since": since}, days)
        if not facts.told:
            return Mark("never_asked", _("never asked, %(since)s") % {"since": since}, days)
        if facts.session_over:
            return Mark("not_reported", _("not reported, %(since)s") % {"since": since}, days)
        return Mark("late", ngettext("late %(days)s day", "late %(days)s days", days) % {"days": days}, days)
    day = date_format(occurrence.due_on, "DATE_FORMAT")
    if not facts.assigned:
        return Mark("unassigned", _("no one assigned, due %(day)s") % {"day": day}, -days)
    if occurrence.on_hold:
        return Mark("on_hold", _("on hold, due %(day)s") % {"day": day}, -days)
    left = -days
    if left == 0:
        return Mark("due", _("due today"), 0)
    return Mark("due", ngettext("due in %(days)s day", "due in %(days)s days", left) % {"days": left}, left)
