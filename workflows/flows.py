"""The path of an occurrence as a viewflow flow: who owes which move next.

The machine leads, the flow is a projection. A step of the flow means "somebody owes one of these moves"; `fire` is the
one place where a move is made. If an open step offers the move, the step is completed and its activation fires the
machine in the same transaction; otherwise the machine moves first, and where the status changes the run is cancelled and
the path re-entered at the step of the present state. Gateways read nothing but the occurrence.

While work is in progress several steps are open at once: the lead's, and one for each contribution that is not done. They
are joined before the path goes on; the machine does not let the lead submit before that.

`OccurrenceFlow` is version 1 of the path, `OccurrenceFlow2` the present one. Runs are stored under these names, so both
stay. `carry_over` takes what is open under version 1 to the present path: at the next step, or all of it by the clock's
daily round and by `manage.py carry_over`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from viewflow import this
from viewflow.workflow import Activation, flow
from viewflow.workflow.base import Edge, Flow
from viewflow.workflow.models import Task
from viewflow.workflow.nodes.join import JoinActivation
from viewflow.workflow.nodes.split import SplitActivation
from viewflow.workflow.nodes.start import StartHandleActivation
from viewflow.workflow.nodes.view import ViewActivation
from viewflow.workflow.status import PROCESS, STATUS
from viewflow.workflow.token import Token

from tracker.models import Assignment, Occurrence
from workflows.machines import Status
from workflows.models import Run

# Nodes -----------------------------------------------------------------------------------------------------------------


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


class FanOutActivation(SplitActivation):
    """Opens every branch at once, those of `Each` once for each thing that there is."""

    @Activation.status.super()
    def activate(self) -> None:
        for node, _condition, each in self.flow_task._branches:
            self.next_tasks += [(node, data) for data in (each(self) if each else [None])]


class FanOut(flow.Split):
    """A parallel gateway, as the engine's own, that can open a branch any number of times."""

    activation_class = FanOutActivation

    def Each(self, node: Any, things: Callable[[Activation], list[dict[str, Any]]]) -> "FanOut":  # noqa: N802  (as the engine's)
        """Open a branch once for each of `things`, which are the data of its tasks."""
        self._activate_next.append((node, None, things))
        return self

    def _outgoing(self) -> Iterator[Edge]:
        for node, _condition, _each in self._activate_next:
            yield Edge(src=self, dst=node, edge_class="next")


class JoinedActivation(JoinActivation):
    """Goes on with the occurrence in hand: a gateway that a contributor has reached before would be read from the row again,
    which is not saved before the move is made."""

    @classmethod
    def create(cls, flow_task: Any, prev_activation: Activation, *args: Any, **kwargs: Any) -> Activation:
        found: Activation = super().create(flow_task, prev_activation, *args, **kwargs)
        found.process = found.task.process = prev_activation.process
        return found


class Joined(flow.Join):
    """Waits for the lead's work and every contribution."""

    activation_class = JoinedActivation


class EnterActivation(StartHandleActivation):
    """Enters the path at the step of the occurrence's present state."""

    @Activation.status.super()
    def create_next(self) -> Iterator[Any]:
        node = self.flow_class.step_of(self.process.occurrence)
        if node:
            yield getattr(self.flow_class, node)._create(self, self.task.token)


class Enter(flow.StartHandle):
    """The one entrance: a new turn, a declined or waived one, a new version of this flow."""

    activation_class = EnterActivation


def _no_page(*_args: Any, **_kwargs: Any) -> None:
    raise LookupError("steps are taken through workflows.steps")


def _sent_back(activation: Activation) -> bool:
    return bool(activation.process.occurrence.status == Status.IN_PROGRESS)


def _needs_validation(activation: Activation) -> bool:
    return bool(activation.process.occurrence.needs_validation)


def _open_parts(activation: Activation) -> list[dict[str, Any]]:
    return [{"part": pk} for pk in _undone(activation.process.occurrence)]


def _undone(occurrence: Occurrence) -> list[int]:
    """The standing contributions that are not done."""
    parts = occurrence.assignments.standing().filter(part=Assignment.Part.CONTRIBUTOR, done_at=None)
    return list(parts.order_by("pk").values_list("pk", flat=True))


# The path --------------------------------------------------------------------------------------------------------------


class OccurrenceFlow(Flow):
    """Version 1: planned → assigned → in progress → submitted → endorsed → closed. Nothing enters it any more."""

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

    ENTRANCES: dict[str, str] = {
        Status.PLANNED: "assignment",
        Status.ASSIGNED: "acceptance",
        Status.IN_PROGRESS: "work",
        Status.SUBMITTED: "endorsement",
        Status.ENDORSED: "decision",
    }

    @classmethod
    def step_of(cls, occurrence: Occurrence) -> str:
        """The node of the present state; "" where nothing is owed any more."""
        return cls.ENTRANCES.get(occurrence.status, "")

    def begin(self, activation: Activation, occurrence: Occurrence) -> Run:
        activation.process.occurrence = occurrence
        return activation.process


class OccurrenceFlow2(Flow):
    """Version 2: the same states; in progress, the lead's work and each contribution side by side, joined before the report
    goes on; a submitted report that needs it is validated before it is endorsed."""

    process_class = Run
    lock_impl = OccurrenceLock()

    enter = Enter(this.begin).Next(this.assignment)
    assignment = Step(Status.PLANNED, "assign").Next(this.acceptance)
    acceptance = Step(Status.ASSIGNED, "accept").Next(this.shared)
    shared = FanOut().Always(this.work).Each(this.contribution, _open_parts)
    work = Step(Status.IN_PROGRESS, "submit").Next(this.joined)
    contribution = Step(Status.IN_PROGRESS, "finish_part").Next(this.joined)
    joined = Joined().Next(this.checked)
    checked = flow.If(_needs_validation).Then(this.validation).Else(this.endorsement)
    validation = Step(Status.SUBMITTED, "validate").Next(this.endorsement)
    endorsement = Step(Status.SUBMITTED, "endorse", "send_back").Next(this.sent_back)
    sent_back = flow.If(_sent_back).Then(this.shared).Else(this.decision)
    decision = Step(Status.ENDORSED, "close").Next(this.end)
    end = flow.End()

    ENTRANCES: dict[str, str] = OccurrenceFlow.ENTRANCES | {Status.IN_PROGRESS: "shared"}

    @classmethod
    def step_of(cls, occurrence: Occurrence) -> str:
        """The node of the present state; "" where nothing is owed any more."""
        if occurrence.status == Status.SUBMITTED and occurrence.needs_validation:
            return "validation"
        return cls.ENTRANCES.get(occurrence.status, "")

    def begin(self, activation: Activation, occurrence: Occurrence) -> Run:
        activation.process.occurrence = occurrence
        return activation.process


Path = OccurrenceFlow2
STEPS_OF_PATH: tuple[str, ...] = (
    "assignment",
    "acceptance",
    "work",
    "contribution",
    "validation",
    "endorsement",
    "decision",
)
OFFERED = frozenset(move for name in STEPS_OF_PATH for move in getattr(Path, name).fires)
OVER = (STATUS.DONE, STATUS.CANCELED, STATUS.REVIVED)

# Moving ----------------------------------------------------------------------------------------------------------------


def enter(occurrence: Occurrence) -> None:
    """Start a run of the present path at the step of the present state; a final state has none."""
    if Path.step_of(occurrence):
        Path.enter.run(occurrence=occurrence)


def open_tasks(occurrence: Occurrence) -> list[Task]:
    """The open steps of an occurrence: the lead's first, then those of contributors in the order in which they were asked."""
    found = Task.objects.filter(process__run__occurrence=occurrence, process__status=PROCESS.NEW)
    steps = found.exclude(status__in=OVER).select_related("process__run").order_by("pk")
    return [task for task in steps if isinstance(task.flow_task, Step)]


def open_task(occurrence: Occurrence) -> Task | None:
    """The first of them, or None."""
    return next(iter(open_tasks(occurrence)), None)


def fire(occurrence: Occurrence, move: str, *, part: int | None = None, **arguments: Any) -> None:
    """Make a move: the only place that does. `occurrence` is locked by the caller, within its transaction; `part` is the
    assignment whose contribution is done.

    The move changes the object in hand; `audit.record` saves it. Raises TransitionNotAllowed where the machine does not
    permit the move; then nothing has changed.
    """
    if move in OFFERED:
        for task in open_tasks(occurrence):
            if move in task.flow_task.fires and task.data.get("part") == part:
                _complete(task, occurrence, move, arguments)
                return
    before = occurrence.status
    getattr(occurrence, move)(**arguments)
    if occurrence.status != before or move in ENTERS_ANEW:
        _cancel(occurrence)
        enter(occurrence)


# Moves that lead back to the state that they start from: what was owed there is owed anew, by somebody else.
ENTERS_ANEW = frozenset({"reassign"})


def share(occurrence: Occurrence) -> None:
    """Make the open contributions those that are not done, after some were added or released; the lead's step stays."""
    if occurrence.status != Status.IN_PROGRESS:
        return
    undone = _undone(occurrence)
    opened = {task.data.get("part"): task for task in open_tasks(occurrence) if task.flow_task == Path.contribution}
    for part, task in opened.items():
        if part not in undone:
            task.flow_task.activation_class(task).cancel()
    fresh = [part for part in undone if part not in opened]
    split = _split(occurrence) if fresh else None
    if split is not None:
        for part in fresh:
            token = Token(f"{split.task.token}/{split.task.pk}_{split.task.leading.count() + 1}")
            Path.contribution._create(split, token, data={"part": part})


def _split(occurrence: Occurrence) -> FanOutActivation | None:
    """The gateway from which the work in progress was shared out."""
    runs = Run.objects.filter(occurrence=occurrence, status=PROCESS.NEW)
    found = Task.objects.filter(process__in=runs, flow_task=Path.shared).select_related("process").order_by("-pk")
    task = found.first()
    return FanOutActivation(task) if task else None


def _complete(task: Task, occurrence: Occurrence, move: str, arguments: dict[str, Any]) -> None:
    """Complete a step that `open_tasks` has just read. The occurrence's row is locked by the caller, and nothing else moves
    its tasks: the engine's own way, which locks the same row and reads the task again, would cost four questions more."""
    activation = task.flow_task.activation_class(task)
    activation.process.occurrence = occurrence
    activation.move, activation.arguments = move, arguments
    if activation.assign.can_proceed():
        activation.assign(user=None)
    activation.start(request=None)
    activation.execute()


def _cancel(occurrence: Occurrence) -> None:
    for run in Run.objects.filter(occurrence=occurrence, status=PROCESS.NEW):
        for task in run.task_set.exclude(status__in=OVER):
            task.process = run
            activation = task.flow_task.activation_class(task)
            if activation.cancel.can_proceed():
                activation.cancel()
        run.status, run.finished = PROCESS.CANCELED, occurrence.status_since
        run.save(update_fields=["status", "finished"])


# From one version to the next -------------------------------------------------------------------------------------------


def behind() -> list[int]:
    """The occurrences that are open under version 1."""
    runs = Run.objects.filter(flow_class=OccurrenceFlow, status=PROCESS.NEW)
    return list(runs.order_by("occurrence").values_list("occurrence", flat=True).distinct())


def is_behind(occurrence: Occurrence) -> bool:
    """Whether an occurrence is open under version 1."""
    return bool(Run.objects.filter(occurrence=occurrence, flow_class=OccurrenceFlow, status=PROCESS.NEW).exists())


def carry_over(occurrence: Occurrence) -> None:
    """Take an occurrence from version 1 to the present path, at the step of its present state; its row is locked by the
    caller. Contributions asked for under version 1 are counted from now on."""
    occurrence.parts_open = len(_undone(occurrence))
    _cancel(occurrence)
    enter(occurrence)
