"""The forms of policies of reminders: a ladder is read as sentences, a line a reminder. Lines are added and taken away without
JavaScript too: there are spare ones, and a line whose number is emptied or that is marked goes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BoundField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracker import access, ladders, rungs
from tracker.ladders import Ladder, Rung
from tracker.models import Body, Obligation, Person
from workflows.forms.base import Part, line, text
from workflows.setup_forms import REASON, ResolutionChoice, SetupForm
from workflows.steps.policies import MOST_DAYS, MOST_GRACE, MOST_PER_ITEM, MOST_RUNGS

SPARE = 2
"""Empty lines that a form ends with."""


COLUMNS = {
    "days": gettext_lazy("Days"),
    "when": gettext_lazy("Counted from"),
    "whom": gettext_lazy("To whom"),
    "remove": gettext_lazy("Take away"),
}


@dataclass(frozen=True)
class Line:
    """The fields of one reminder, each with the head of its column: days, counted from, to whom, to be taken away."""

    number: int
    fields: tuple[tuple[str, BoundField], ...]


def written(rung: Rung) -> str:
    """What the days of a rung are counted from and in which direction, as one word of a form."""
    side = "after" if rung.days > 0 else "before"
    return f"{rung.anchor}-{rung.deadline or ''}-{side}{'-working' if rung.working else ''}"


def read(days: int, when: str, whom: str) -> Rung:
    """The reverse of `written`, with its number of days and who is told."""
    anchor, deadline, side, *working = when.split("-")
    return Rung(
        days if side == "after" else -days,
        whom,
        anchor,
        working=bool(working),
        deadline=int(deadline) if deadline else None,
    )


def _sides(anchor: str, point: str, deadline: int | None = None) -> list[tuple[str, Any]]:
    words = {
        (-1, False): _("days before %(point)s"),
        (-1, True): _("working days before %(point)s"),
        (1, False): _("days after %(point)s"),
        (1, True): _("working days after %(point)s"),
    }
    return [
        (written(Rung(side, anchor=anchor, working=working, deadline=deadline)), said % {"point": point})
        for (side, working), said in words.items()
    ]


def _whens(bodies: Sequence[Body], by: Person) -> list[Any]:
    """What days can be counted from: the due day, the document deadlines of these bodies, the last act on the turn."""
    found = _sides(ladders.DUE, str(rungs.ANCHORS[ladders.DUE]))
    for rule in access.deadline_rules(by).filter(body__in=bodies).order_by("body__name", "-days_before"):
        found += _sides(ladders.DEADLINE, _("the document deadline “%(rule)s”") % {"rule": rule}, rule.pk)
    untouched = {
        False: _("days without anything happening, before the due day"),
        True: _("working days without anything happening, before the due day"),
    }
    return found + [
        (written(Rung(1, anchor=ladders.UNTOUCHED, working=working)), words) for working, words in untouched.items()
    ]


class PolicyForm(SetupForm):
    """A ladder and its caps. `on` is the draft, or the body for which one is drafted."""

    rows: tuple[tuple[str, ...], ...] = (("most_per_item", "grace_days"),)
    name = line(gettext_lazy("Name"), required=True, most=160, help_text=gettext_lazy("Such as Fewer reminders."))
    most_per_item = forms.IntegerField(
        label=gettext_lazy("At most so many to one person about one item and due day"),
        min_value=1,
        max_value=MOST_PER_ITEM,
    )
    grace_days = forms.IntegerField(
        label=gettext_lazy("Days of peace after somebody was asked"), min_value=0, max_value=MOST_GRACE
    )
    keeps_quiet = forms.BooleanField(
        label=gettext_lazy("On working days of the duty station only"),
        required=False,
        help_text=gettext_lazy(
            "What would fall on another day goes out on the working day before, or after once it is late."
        ),
    )

    def __init__(self, *args: Any, ladder: Ladder, duty: Obligation | None = None, **kwargs: Any) -> None:
        self.ladder, self.duty = ladder, duty
        super().__init__(*args, **kwargs)

    def prepare(self) -> None:
        first = {
            "most_per_item": self.ladder.most,
            "grace_days": self.ladder.grace_days,
            "keeps_quiet": self.ladder.keeps_quiet,
        }
        for name, value in first.items():
            self.initial.setdefault(name, value)
        shown = rungs.ordered(self.ladder.rungs)
        self.count = max(len(shown) + SPARE, self._asked())
        whens = _whens(self.bodies(), self.by)
        for number in range(1, self.count + 1):
            self._add_line(number, shown[number - 1] if number <= len(shown) else None, whens)

    def bodies(self) -> list[Body]:
        """Those whose document deadlines the reminders may hang on."""
        body: Body = self.on if isinstance(self.on, Body) else self.on.body
        return [*body.lineage(), *(self.duty.responsible.lineage() if self.duty else ())]

    def _asked(self) -> int:
        """How many lines the form had that was filled in, with those that were asked for."""
        if not self.is_bound:
            return 0
        names = (name.removeprefix("days-") for name in self.data if name.startswith("days-"))
        had = max((int(name) for name in names if name.isascii() and name.isdigit() and len(name) < 3), default=0)
        return min(had + (SPARE if "more" in self.data else 0), 2 * MOST_RUNGS)

    def _add_line(self, number: int, rung: Rung | None, whens: list[Any]) -> None:
        label = _("Reminder %(number)s") % {"number": number}
        days = forms.IntegerField(
            label=_("%(label)s: number of days") % {"label": label}, required=False, min_value=0, max_value=MOST_DAYS
        )
        when = forms.ChoiceField(label=_("%(label)s: counted from") % {"label": label}, required=False, choices=whens)
        whom = forms.ChoiceField(
            label=_("%(label)s: to whom") % {"label": label}, required=False, choices=list(rungs.AUDIENCES.items())
        )
        remove = forms.BooleanField(label=_("%(label)s: take it away") % {"label": label}, required=False)
        self.fields |= {
            f"days-{number}": days,
            f"when-{number}": when,
            f"whom-{number}": whom,
            f"remove-{number}": remove,
        }
        if rung is not None:
            first = {f"days-{number}": abs(rung.days), f"when-{number}": written(rung), f"whom-{number}": rung.audience}
            for name, value in first.items():
                self.initial.setdefault(name, value)

    def parts(self) -> list[Part]:
        """The fields beside the reminders."""
        beside = [Part(part.legend, [row for row in part.rows if "-" not in row[0].name]) for part in super().parts()]
        return [part for part in beside if part.rows]

    def lines(self) -> list[Line]:
        """The fields of the reminders, a line each."""
        return [
            Line(number, tuple((str(head), self[f"{name}-{number}"]) for name, head in COLUMNS.items()))
            for number in range(1, self.count + 1)
        ]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        found: list[Rung] = []
        self.placed: list[int] = []
        for number in range(1, self.count + 1):
            days, when, whom, remove = (given.pop(f"{name}-{number}", None) for name in COLUMNS)
            if days is not None and when and whom and not remove:
                found.append(read(days, when, whom))
                self.placed.append(number)
        return {**given, "rungs": tuple(found)}

    def refused(self, error: ValidationError) -> None:
        """What is wrong with a reminder stands beside its line."""
        found: dict[str, Any] = getattr(error, "error_dict", {})
        for one in found.pop("rungs", []):
            number = (one.params or {}).get("number")
            self.add_error(f"days-{self.placed[number - 1]}" if number else None, one.messages)
        if found or not self.errors:
            super().refused(error)


class PolicyDraftForm(PolicyForm):
    """A new draft of a body: also what it is for."""

    field_order = ["name", "kind", "resolution"]
    rows = (("kind", "resolution"), ("most_per_item", "grace_days"))
    kind = forms.ChoiceField(
        label=gettext_lazy("For which kind of duty"),
        required=False,
        choices=[("", gettext_lazy("every kind")), *Obligation.Kind.choices],
    )
    resolution = ResolutionChoice()

    def prepare(self) -> None:
        super().prepare()
        texts: Any = self.fields["resolution"]
        texts.queryset = access.resolutions(self.by).filter(body=self.on)


class ForceForm(SetupForm):
    reason = text(gettext_lazy("Reason"), required=True, most=2000, rows=3, help_text=REASON)


class DropForm(SetupForm):
    reason = text(gettext_lazy("Reason"), most=2000, rows=3, help_text=REASON)
