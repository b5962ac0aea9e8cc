"""The states of an occurrence and every permitted move: the table to read first.

Each method is one move. `source` says from where, `target` to where; `target=None` keeps the state. The bodies only note
the facts that the move itself settles (the day of a submission, the day of discharge). Nothing here knows people.
Only `workflows.flows.fire` calls these methods.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from django_fsm import RETURN_VALUE, FSMField, FSMModelMixin, TransitionNotAllowed, can_proceed, transition


class Status(models.TextChoices):
    """Where an occurrence stands. Late is not a status: it is computed from the dates."""

    PLANNED = "planned", _("planned")
    ASSIGNED = "assigned", _("assigned")
    IN_PROGRESS = "in_progress", _("in progress")
    SUBMITTED = "submitted", _("submitted")
    ENDORSED = "endorsed", _("endorsed")
    CLOSED = "closed", _("closed")
    WAIVED = "waived", _("waived")
    SUPERSEDED = "superseded", _("superseded")


S = Status
OPEN = [S.PLANNED, S.ASSIGNED, S.IN_PROGRESS, S.SUBMITTED, S.ENDORSED]
UNDISCHARGED = [S.PLANNED, S.ASSIGNED, S.IN_PROGRESS]


def _not_held(occurrence: Any) -> bool:
    return not occurrence.on_hold


def _held(occurrence: Any) -> bool:
    return occurrence.on_hold


def _parts_done(occurrence: Any) -> bool:
    return not occurrence.parts_open


def _part_open(occurrence: Any) -> bool:
    return bool(occurrence.parts_open)


def _validated(occurrence: Any) -> bool:
    return not occurrence.needs_validation


def _not_validated(occurrence: Any) -> bool:
    return bool(occurrence.needs_validation)


def _date_asked(occurrence: Any) -> bool:
    return occurrence.asked_due_on is not None


def _date_can_be_asked(occurrence: Any) -> bool:
    return occurrence.asked_due_on is None and occurrence.due_on is not None


class OccurrenceMachine(FSMModelMixin, models.Model):
    """The machine that every occurrence is."""

    status = FSMField(_("status"), max_length=12, choices=Status.choices, default=S.PLANNED, protected=True)

    # Columns of the occurrence that moves settle; declared on the model.
    on_hold: Any
    due_on: Any
    parts_open: Any
    asked_due_on: Any
    needs_validation: Any
    submitted_on: Any
    submitted_precision: Any
    discharged_on: Any
    discharged_precision: Any
    nothing_happened: Any

    class Meta:
        abstract = True

    def refresh_from_db(
        self, using: str | None = None, fields: Iterable[str] | None = None, from_queryset: Any = None
    ) -> None:
        """As Django's. django-fsm's own version opens the shared field for all threads while it reloads."""
        fields = None if fields is None else list(fields)
        for name in self._get_protected_fsm_fields():
            if fields is None or name in fields:
                self.__dict__.pop(name, None)
        models.Model.refresh_from_db(self, using=using, fields=fields, from_queryset=from_queryset)

    # The path ----------------------------------------------------------------------------------------------------

    @transition(status, source=S.PLANNED, target=S.ASSIGNED)
    def assign(self, *, parts: int = 0) -> None:
        self.parts_open = parts

    @transition(status, source=S.ASSIGNED, target=S.PLANNED)
    def unassign(self) -> None:
        self.parts_open = 0

    @transition(status, source=[S.ASSIGNED, S.IN_PROGRESS], target=S.ASSIGNED)
    def reassign(self, *, parts: int) -> None:
        self.parts_open = parts

    @transition(status, source=S.ASSIGNED, target=S.IN_PROGRESS)
    def accept(self) -> None: ...

    @transition(status, source=S.ASSIGNED, target=S.PLANNED)
    def decline(self) -> None: ...

    @transition(status, source=[S.ASSIGNED, S.IN_PROGRESS, S.SUBMITTED], target=None)
    def record_activity(self) -> None: ...

    @transition(status, source=S.IN_PROGRESS, target=S.SUBMITTED, conditions=[_parts_done])
    def submit(
        self, *, effective_on: date | None, precision: str, nothing_happened: bool, needs_validation: bool = False
    ) -> None:
        self.submitted_on, self.submitted_precision = effective_on, precision
        self.nothing_happened = nothing_happened
        self.needs_validation = needs_validation

    @transition(status, source=S.SUBMITTED, target=S.IN_PROGRESS)
    def withdraw(self) -> None:
        self._forget_submission()

    @transition(status, source=S.SUBMITTED, target=S.IN_PROGRESS)
    def send_back(self) -> None:
        self._forget_submission()

    @transition(status, source=S.SUBMITTED, target=None, conditions=[_not_validated])
    def validate(self) -> None:
        self.needs_validation = False

    @transition(status, source=S.SUBMITTED, target=S.ENDORSED, conditions=[_validated])
    def endorse(self) -> None:
        self.discharged_on, self.discharged_precision = self.submitted_on, self.submitted_precision

    @transition(status, source=S.ENDORSED, target=S.CLOSED)
    def close(self) -> None: ...

    # Those who contribute, while the lead works ------------------------------------------------------------------

    @transition(status, source=[S.ASSIGNED, S.IN_PROGRESS], target=None)
    def add_contributors(self, *, parts: int) -> None:
        self.parts_open += parts

    @transition(status, source=[S.ASSIGNED, S.IN_PROGRESS], target=None)
    def release_contributor(self, *, parts: int) -> None:
        self.parts_open -= parts

    @transition(status, source=S.IN_PROGRESS, target=None, conditions=[_part_open])
    def finish_part(self) -> None:
        self.parts_open -= 1

    # A new date, asked for by the lead ---------------------------------------------------------------------------

    @transition(status, source=[S.ASSIGNED, S.IN_PROGRESS], target=None, conditions=[_date_can_be_asked])
    def ask_new_date(self, *, wanted_on: date) -> None:
        self.asked_due_on = wanted_on

    @transition(status, source=[S.ASSIGNED, S.IN_PROGRESS], target=None, conditions=[_date_asked])
    def grant_new_date(self) -> None:
        self.asked_due_on = None

    @transition(status, source=[S.ASSIGNED, S.IN_PROGRESS], target=None, conditions=[_date_asked])
    def refuse_new_date(self) -> None:
        self.asked_due_on = None

    # Beside the path ---------------------------------------------------------------------------------------------

    @transition(status, source=OPEN, target=S.WAIVED)
    def waive(self, *, decided_on: date | None, precision: str) -> None:
        self.discharged_on, self.discharged_precision = decided_on, precision
        self._nobody_owes()

    @transition(status, source=OPEN, target=S.SUPERSEDED)
    def supersede(self) -> None:
        self._nobody_owes()

    @transition(status, source=[S.ENDORSED, S.CLOSED], target=S.IN_PROGRESS)
    def reopen(self) -> None:
        self._forget_submission()

    @transition(status, source=S.PLANNED, target=RETURN_VALUE(S.ENDORSED, S.CLOSED))
    def enter_from_record(
        self, *, effective_on: date | None, precision: str, nothing_happened: bool, decided: bool
    ) -> str:
        self.submitted_on = self.discharged_on = effective_on
        self.submitted_precision = self.discharged_precision = precision
        self.nothing_happened = nothing_happened
        return S.CLOSED if decided else S.ENDORSED

    @transition(status, source=OPEN, target=None, conditions=[_not_held])
    def hold(self) -> None:
        self.on_hold = True

    @transition(status, source=OPEN, target=None, conditions=[_held])
    def resume(self) -> None:
        self.on_hold = False

    @transition(status, source=[*UNDISCHARGED, S.SUBMITTED], target=None)
    def change_due_date(self) -> None: ...

    @transition(status, source="*", target=None)
    def correct(self) -> None: ...

    # Questions ---------------------------------------------------------------------------------------------------

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    def can(self, step: str) -> bool:
        """Whether this is the moment for a step; who may take it is `tracker.access`'s question."""
        return bool(can_proceed(getattr(self, step)))

    def require(self, step: str) -> None:
        """Raise TransitionNotAllowed unless this is the moment for a step."""
        if not self.can(step):
            raise TransitionNotAllowed(
                f"{step} is not possible while {self.status}.", object=self, method=getattr(self, step)
            )

    def _forget_submission(self) -> None:
        """A sent-back, withdrawn or reopened report starts the holder's clock again as if it had not come."""
        self.submitted_on = self.discharged_on = None
        self.submitted_precision = self.discharged_precision = ""
        self.nothing_happened = self.needs_validation = False

    def _nobody_owes(self) -> None:
        self.parts_open, self.needs_validation = 0, False


STEPS: tuple[str, ...] = (
    "assign",
    "unassign",
    "accept",
    "decline",
    "record_activity",
    "submit",
    "withdraw",
    "send_back",
    "endorse",
    "close",
    "waive",
    "supersede",
    "reopen",
    "enter_from_record",
    "hold",
    "resume",
    "change_due_date",
    "correct",
    "reassign",
    "add_contributors",
    "release_contributor",
    "finish_part",
    "ask_new_date",
    "grant_new_date",
    "refuse_new_date",
    "validate",
)
