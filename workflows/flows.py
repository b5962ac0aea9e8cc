"""The path of an occurrence as a viewflow flow: who owes which move next.

The machine leads, the flow is a projection. A step of the flow means "somebody owes one of these moves"; `fire` is the
one place where a move is made. If the open step offers the move, the step is completed and its activation fires the
machine in the same transaction; otherwise the machine moves first, the run is cancelled and the path re-entered at the
step of the present state. Gateways read nothing but the status.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from viewflow import this
from viewflow.workflow import Activation, flow
from viewflow.workflow.base import Flow
from viewflow.workflow.models import Task
from viewflow.workflow.nodes.start import StartHandleActivation
from viewflow.workflow.nodes.view import ViewActivation
from viewflow.workflow.status import PROCESS, STATUS

from tracker.models import Occurrence
from workflows.machines import Status
from workflows.models import Run


class OccurrenceLock:
    """The one lock: the occurrence's row (PostgreSQL); on SQLite the IMMEDIATE transaction itself."""

    @contextmanager
    def __call__(self, _flow_class: type[Flow], process_pk: int) -> Iterator[None]:
        with transaction.atomic():
            list(
                Occurrence.objects.select_for_update(of=("self",), no_key=True)
                .filter(runs=process_pk)
                .values_list("pk")
            )
            yield


class StepActivation(ViewActivation):
    """Completing a step fires the machine: no way of completing it goes past the move."""

    move: str = ""
    arguments: dict[str, Any]

    @Activation.status.super()
    def execute(self) -> None:
        if self.move not in self.flow_task.fires:
            raise ValueError(f"{self.flow_task.name} does not offer {self.move!r}")
        getattr(self.process.occurrence, self.move)(**self.arguments)
        super().execute.original()


class Step(flow.View):
    """A state in which somebody owes one of the moves `fires`."""

    activation_class = StepActivation

    def __init__(self, state: Status, *fires: str, **kwargs: Any) -> None:
        super().__init__(_no_page, **kwargs)
        self.state = state
        self.fires = fires

    _owner_permission_obj = None


class EnterActivation(StartHandleActivation):
    """Enters the path at the step of the occurrence's present state."""

    @Activation.status.super()
    def create_next(self) -> Iterator[Any]:
        node = STEP_OF.get(self.process.occurrence.status)
        if node is not None:
            yield getattr(self.flow_class, node)._create(self, self.task.token)


class Enter(flow.StartHandle):
    """The one entrance: a new turn, a declined or waived one, a new version of this flow."""

    activation_class = EnterActivation


def _no_page(*_args: Any, **_kwargs: Any) -> None:
    raise LookupError("steps are taken through workflows.steps")


def _sent_back(activation: Activation) -> bool:
    return bool(activation.process.occurrence.status == Status.IN_PROGRESS)


class OccurrenceFlow(Flow):
    """planned → assigned → in progress → submitted → endorsed → closed."""

    process_class = Run
    lock_impl = OccurrenceLock()

    enter = Enter(this.begin).Next(this.assignment)
    assignment = Step(Status.PLANNED, "assign").Next(this.acceptance)
    acceptance = Step(Status.ASSIGNED, "accept").Next(this.work)
    work = Step(Status.IN_PROGRESS, "submit").Next(this.endorsement)
    endorsement = Step(Status.SUBMITTED, "endorse", "send_back").Next(this.sent_back)
    sent_back = flow.If(_sent_back).Then(this.work).Else(this.decision)
    decision = Step(Status.ENDORSED, "close").Next(this.end)
    end = flow.End()

    def begin(self, activation: Activation, occurrence: Occurrence) -> Run:
        activation.process.occurrence = occurrence
        return activation.process


PATH: tuple[str, ...] = ("assignment", "acceptance", "work", "endorsement", "decision")
STEP_OF: dict[str, str] = {str(getattr(OccurrenceFlow, name).state): name for name in PATH}
KEEPS_STATE = frozenset({"record_activity", "hold", "resume", "change_due_date", "correct"})


def enter(occurrence: Occurrence) -> None:
    """Start a run at the step of the present state; a final state has none."""
    if occurrence.status in STEP_OF:
        OccurrenceFlow.enter.run(occurrence=occurrence)


def open_task(occurrence: Occurrence) -> Task | None:
    """The one open step of an occurrence, or None."""
    return (
        Task.objects.filter(process__run__occurrence=occurrence, process__status=PROCESS.NEW)
        .exclude(status__in=[STATUS.DONE, STATUS.CANCELED, STATUS.REVIVED])
        .select_related("process")
        .first()
    )


def fire(occurrence: Occurrence, move: str, **arguments: Any) -> None:
    """Make a move: the only place that does. `occurrence` is locked by the caller, within its transaction.

    The move changes the object in hand; `audit.record` saves it. Raises TransitionNotAllowed where the machine does not
    permit the move; then nothing has changed.
    """
    if move in KEEPS_STATE:
        getattr(occurrence, move)(**arguments)
        return
    task = open_task(occurrence)
    if task is not None and move in task.flow_task.fires:
        _complete(task, occurrence, move, arguments)
        return
    getattr(occurrence, move)(**arguments)
    _cancel(occurrence)
    enter(occurrence)


def _complete(task: Task, occurrence: Occurrence, move: str, arguments: dict[str, Any]) -> None:
    with task.activation() as activation:
        activation.process.occurrence = occurrence
        activation.move, activation.arguments = move, arguments
        if activation.assign.can_proceed():
            activation.assign(user=None)
        activation.start(request=None)
        activation.execute()


def _cancel(occurrence: Occurrence) -> None:
    for run in Run.objects.filter(occurrence=occurrence, status=PROCESS.NEW):
        for task in run.task_set.exclude(status__in=[STATUS.DONE, STATUS.CANCELED, STATUS.REVIVED]):
            task.process = run
            activation = task.flow_task.activation_class(task)
            if activation.cancel.can_proceed():
                activation.cancel()
        run.status, run.finished = PROCESS.CANCELED, occurrence.status_since
        run.save(update_fields=["status", "finished"])
