"""The decisions of a session, many at once: "Council 2018, document and paragraph: these four noted". Each item is closed or
waived by the very step that closes or waives one, with the same questions; one decision for each distinct citation, one
event for each item, one request id for them all."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django_fsm import TransitionNotAllowed

from tracker import access
from tracker.models import Decision, Occurrence, Person, Precision, Session
from workflows import refusals
from workflows.steps.beats import lock_all, said
from workflows.steps.bodies import one_act
from workflows.steps.decisions import close, record_decision, waive

Refusal = PermissionDenied | TransitionNotAllowed | ValidationError


@dataclass(frozen=True)
class Citation:
    """What the body did, and where it is written: the same for all items unless an item has its own."""

    document: str
    paragraph: str
    outcome: str
    decided_on: date | None = None
    precision: str = Precision.DAY
    words: str = ""


@dataclass
class Decided:
    """An item of a batch: its outcome, document and paragraph ("": those of the batch), and what became of it. `refusal`
    says why it stayed as it was; without one it was done by `decision`."""

    occurrence: Occurrence
    outcome: str = ""
    document: str = ""
    paragraph: str = ""
    decision: Decision | None = None
    refusal: Refusal | None = field(default=None)

    @property
    def done(self) -> bool:
        return self.decision is not None and self.refusal is None

    @property
    def waived(self) -> bool:
        return self.outcome == Decision.Outcome.WAIVED

    @property
    def why(self) -> str:
        """The refusal in words."""
        if isinstance(self.refusal, ValidationError):
            return " ".join(self.refusal.messages)
        return str(self.refusal or "")


def decide(session: Session, *, by: Person, cited: Citation, items: Sequence[Decided], note: str = "") -> list[Decided]:
    """Close or waive each item by a decision of a session, all tried, each with its own result. Where the citation itself
    is refused nothing is done; a citation by which no item was settled leaves no decision."""
    with one_act():
        return _decide(session, by, cited, items, note)


def would_decide(
    session: Session, *, by: Person, cited: Citation, items: Sequence[Decided], note: str = ""
) -> list[Decided]:
    """What `decide` would do: it is done and undone again, so that the preview and the act cannot differ."""
    with one_act():
        found = _decide(session, by, cited, items, note)
        transaction.set_rollback(True)
    return found


def _decide(session: Session, by: Person, cited: Citation, items: Sequence[Decided], note: str) -> list[Decided]:
    refusals.require_on_body(by, "record_decision", session.body)
    said("document", cited.document)
    said("paragraph", cited.paragraph)
    if not items:
        raise ValidationError({"items": _("Choose at least one item.")})
    if len({item.occurrence.pk for item in items}) != len(items):
        raise ValidationError({"items": _("Name each item once.")})
    groups: dict[tuple[str, str, str], list[Decided]] = {}
    ordered = sorted(items, key=lambda one: one.occurrence.pk)
    # In one order, and before the decision as single steps do it: nobody waits for each other for ever.
    lock_all(item.occurrence for item in ordered)
    for item in ordered:
        item.outcome = item.outcome or cited.outcome
        item.document = (item.document or cited.document).strip()
        item.paragraph = (item.paragraph or cited.paragraph).strip()
        groups.setdefault((item.document, item.paragraph, item.outcome), []).append(item)
    with access.asked_once():
        for (document, paragraph, outcome), rows in groups.items():
            own = Citation(document, paragraph, outcome, cited.decided_on, cited.precision, cited.words)
            _settle(session, by, own, rows, note)
    return list(items)


def _settle(session: Session, by: Person, cited: Citation, rows: Iterable[Decided], note: str) -> None:
    with transaction.atomic():
        decision = record_decision(
            session,
            by=by,
            document=cited.document,
            paragraph=cited.paragraph,
            outcome=cited.outcome,
            decided_on=cited.decided_on,
            precision=cited.precision,
            words=cited.words,
        )
        settled = [_settled(item, by, decision, note) for item in rows]
        if not any(settled):
            transaction.set_rollback(True)


def _settled(item: Decided, by: Person, decision: Decision, note: str) -> bool:
    """Close or waive one item; what was refused says so. A step that raises has changed nothing: it is a savepoint here."""
    try:
        if item.waived:
            waive(item.occurrence, by=by, decision=decision, reason=note)
        else:
            close(item.occurrence, by=by, decision=decision, note=note)
    except (PermissionDenied, TransitionNotAllowed, ValidationError) as refusal:
        item.refusal = refusal
        return False
    item.decision = decision
    return True
