"""Ladders of reminders in words that anybody understands."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from tracker import ladders
from tracker.ladders import Ladder, Rung
from tracker.models import DeadlineRule, ReminderPolicy

AUDIENCES: dict[str, Any] = {
    ladders.HOLDER: gettext_lazy("whoever has the ball"),
    ladders.ALTERNATE: gettext_lazy("their alternates"),
    ladders.CONTRIBUTORS: gettext_lazy("contributors whose part is not done"),
    ladders.CHAIR: gettext_lazy("the chair of the responsible body"),
    ladders.SECRETARIAT: gettext_lazy("the secretariat"),
}
ANCHORS: dict[str, Any] = {
    ladders.DUE: gettext_lazy("the due day"),
    ladders.DEADLINE: gettext_lazy("a document deadline"),
    ladders.UNTOUCHED: gettext_lazy("the last time that anything happened"),
}
BUILT_IN: dict[str, Any] = {
    ladders.GENERAL.name: gettext_lazy("General"),
    ladders.ANNUAL_REPORT.name: gettext_lazy("Annual report"),
    ladders.FINAL_REPORT.name: gettext_lazy("Final report"),
}
"""What the ladders that are built in are called; one that has no other name here goes by its own."""


def called(ladder: Ladder) -> str:
    """The name of a ladder for its reader: that of its policy, or of one that is built in."""
    return ladder.name if ladder.policy else str(BUILT_IN.get(ladder.name, ladder.name))


def deadlines(rungs: Iterable[Rung]) -> dict[int, DeadlineRule]:
    """The document deadlines that rungs hang on, by their keys. One query, or none."""
    wanted = {one.deadline for one in rungs if one.deadline is not None}
    return DeadlineRule.objects.select_related("body__parent").in_bulk(wanted) if wanted else {}


def when(rung: Rung, rules: Mapping[int, DeadlineRule] | None = None) -> str:
    """When a rung falls, in words: "14 days before the due day". `rules` has the document deadlines by their keys."""
    number = abs(rung.days)
    if rung.anchor == ladders.UNTOUCHED:
        words = (
            ngettext(
                "%(days)s working day without anything happening",
                "%(days)s working days without anything happening",
                number,
            )
            if rung.working
            else ngettext("%(days)s day without anything happening", "%(days)s days without anything happening", number)
        )
        return words % {"days": number}
    point = _point(rung, rules or {})
    if not rung.days:
        on = _("on %(point)s")
        return on % {"point": point}
    if rung.working:
        words = (
            ngettext("%(days)s working day before %(point)s", "%(days)s working days before %(point)s", number)
            if rung.days < 0
            else ngettext("%(days)s working day after %(point)s", "%(days)s working days after %(point)s", number)
        )
    else:
        words = (
            ngettext("%(days)s day before %(point)s", "%(days)s days before %(point)s", number)
            if rung.days < 0
            else ngettext("%(days)s day after %(point)s", "%(days)s days after %(point)s", number)
        )
    return words % {"days": number, "point": point}


def _point(rung: Rung, rules: Mapping[int, DeadlineRule]) -> str:
    if rung.anchor == ladders.DEADLINE and rung.deadline is not None and rung.deadline in rules:
        return _("the document deadline “%(rule)s”") % {"rule": rules[rung.deadline]}
    return str(ANCHORS.get(rung.anchor, rung.anchor))


def whom(rung: Rung) -> str:
    """Who is told, in words."""
    return str(AUDIENCES.get(rung.audience, rung.audience))


def in_words(rung: Rung, rules: Mapping[int, DeadlineRule] | None = None) -> str:
    """A rung in one line: "14 days before the due day: whoever has the ball"."""
    return _("%(when)s: %(whom)s") % {"when": when(rung, rules), "whom": whom(rung)}


def recorded(written: Any) -> str:
    """Rungs as an event keeps them, in words; what is no ladder, because somebody tampered with it, as it stands."""
    try:
        rungs = ladders.read(written)
        return "; ".join(in_words(one) for one in rungs)
    except (AttributeError, TypeError, ValueError):
        return str(written)


def ordered(rungs: Sequence[Rung]) -> list[Rung]:
    """Rungs in the order in which a reader expects them: by what they hang on, then by their days, then by who is told."""
    place = {name: number for number, name in enumerate(ladders.ANCHORS)}
    told = {name: number for number, name in enumerate(ladders.AUDIENCES)}
    return sorted(
        rungs,
        key=lambda one: (
            place.get(one.anchor, len(place)),
            one.deadline or 0,
            one.days,
            told.get(one.audience, len(told)),
        ),
    )


def subject(policy: ReminderPolicy) -> str:
    """What a policy is for, in words: "duties of the Council and its groups: annual report each session"."""
    if policy.obligation:
        return _("the duty “%(duty)s” (%(reference)s)") % {
            "duty": policy.obligation,
            "reference": policy.obligation.reference.partition("/")[2],
        }
    about = {
        "kind": policy.get_kind_display(),
        "place": policy.resolution.symbol if policy.resolution else str(policy.body),
    }
    if policy.resolution:
        return (
            _("duties of %(place)s that fall due “%(kind)s”") % about
            if policy.kind
            else _("all duties of %(place)s") % about
        )
    if policy.kind:
        return _("duties of %(place)s and the groups under it that fall due “%(kind)s”") % about
    return _("all duties of %(place)s and the groups under it") % about


def promise(ladder: Ladder) -> str:
    """The contract of a ladder in one sentence."""
    words = ngettext(
        "Nobody gets more than %(most)s reminder about one item and one due day.",
        "Nobody gets more than %(most)s reminders about one item and one due day.",
        ladder.most,
    )
    return words % {"most": ladder.most}
