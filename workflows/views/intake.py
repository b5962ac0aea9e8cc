"""Intake: the text on the one side, each operative item on the other, until all are accounted for and a person has confirmed
every duty; and the page on which a text comes in."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from itertools import pairwise
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from django_fsm import TransitionNotAllowed

from tracker import access, intake, visits
from tracker.models import Obligation, Paragraph, Person, Version
from workflows import refusals, steps
from workflows.forms.intake import DisposeForm, DutyForm, ImportForm, ReasonForm

Kind = Paragraph.Kind
# What the reader says of its confidence: the words say it (0.9), the verb speaks for it (0.5), nothing does (0.3).
_SAID, _INFERRED = 0.8, 0.4


@dataclass(frozen=True)
class Run:
    """Words of the text; `found` where the machine read a kind or a due point from them, `confirmed` once a person has."""

    text: str
    found: bool
    confirmed: bool


@dataclass(frozen=True)
class Item:
    """A paragraph with its words as runs; an operative one with its duties and the form that accounts for it."""

    paragraph: Paragraph
    runs: list[Run]
    heading: str
    duties: list[Obligation]
    form: DisposeForm | None = None
    take_back: ReasonForm | None = None

    @property
    def certainty(self) -> str:
        """How sure the machine is of the kind that it proposes, while nobody has confirmed it; "" where it proposes none."""
        sure = self.paragraph.proposal.get("confidence", 0)
        if not sure or not any(not duty.confirmed for duty in self.duties):
            return ""
        if sure >= _SAID:
            return _("Kind and due point as the words say them.")
        return _("Kind inferred from the verb: check it.") if sure >= _INFERRED else _("Kind assumed: check it.")

    @property
    def state(self) -> str:
        """For the tint of its entry: not accounted for, waiting for a confirmation, or done."""
        if not self.paragraph.disposition:
            return "missing"
        waiting = self.paragraph.disposition == Paragraph.Disposition.TRACKED and (
            not self.duties or not all(duty.confirmed for duty in self.duties)
        )
        return "proposed" if waiting else ""


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, body: str, slug: str, label: str) -> HttpResponse:
    """Show the intake of a version (GET) or take one of its steps (POST: `act`, and `item` or `duty`)."""
    person = request.user
    assert isinstance(person, Person)  # noqa: S101  (held by login_required)
    version = find_version(person, body, slug, label)
    bound: dict[str, Any] = {}
    status = HTTPStatus.OK
    if request.method == "POST":
        try:
            done = _act(request, version, person, bound)
        except TransitionNotAllowed as refusal:
            messages.error(request, str(refusal))
            status = HTTPStatus.CONFLICT
        except PermissionDenied as refusal:
            messages.error(request, str(refusal))
            status = HTTPStatus.FORBIDDEN
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            status = HTTPStatus.BAD_REQUEST
        else:
            if done:
                messages.success(request, done)
                place = f"#finding-{request.POST['item']}" if request.POST.get("item") else ""
                return redirect(request.path + place)
            status = HTTPStatus.BAD_REQUEST
        version = find_version(person, body, slug, label)
    return render(request, "workflows/intake.html", _context(person, version, bound), status=status)


def find_version(person: Person, body: str, slug: str, label: str) -> Version:
    named = {"resolution__body__slug": body, "resolution__slug": slug, "label": label}
    found = access.versions(person).filter(**named).first()
    if found is None:
        visits.missed(Version, **named)
        raise Http404(_("There is no such version, or you may not see it."))
    visits.about(found, sensitive=visits.is_restricted(found.resolution))
    return found


def find_item(version: Version, path: str) -> Paragraph:
    found = version.paragraphs.filter(kind=Kind.OPERATIVE, path=path).first() if "\x00" not in path else None
    if found is None:
        raise Http404(_("There is no such item."))
    return found


def _duty(person: Person, version: Version, number: str) -> Obligation:
    known = number.isascii() and number.isdigit() and len(number) < 19
    found = access.obligations(person).filter(paragraph__version=version, pk=number).first() if known else None
    if found is None:
        raise Http404(_("There is no such duty."))
    return found


def _act(request: HttpRequest, version: Version, person: Person, bound: dict[str, Any]) -> str:
    """Take the step asked for; what was done in words, or "" where a form (then in `bound`) has errors."""
    given = request.POST
    acts: dict[str, Callable[[], str]] = {
        "dispose": lambda: _dispose(given, find_item(version, given.get("item", "")), version, person, bound),
        "take_back": lambda: _take_back(given, find_item(version, given.get("item", "")), person, bound),
        "confirm_duty": lambda: _confirm_duty(_duty(person, version, given.get("duty", "")), person),
        "confirm": lambda: _confirm(version, person),
        "undo": lambda: _undo(version, person),
    }
    act = acts.get(given.get("act", ""))
    if act is None:
        raise ValidationError(_("There is no such step."))
    return act()


def _dispose(given: Any, paragraph: Paragraph, version: Version, person: Person, bound: dict[str, Any]) -> str:
    form = DisposeForm(given, paragraph=paragraph, others=_operative(version))
    if form.is_valid():
        try:
            steps.dispose(paragraph, by=person, **form.cleaned_data)
        except ValidationError as error:
            form.refused(error)
        else:
            return _("Item %(path)s is accounted for.") % {"path": paragraph.path}
    bound[paragraph.path] = form
    return ""


def _take_back(given: Any, paragraph: Paragraph, person: Person, bound: dict[str, Any]) -> str:
    form = ReasonForm(given, prefix=f"back-{paragraph.position}")
    if form.is_valid():
        steps.reopen_disposition(paragraph, by=person, **form.cleaned_data)
        return _("Item %(path)s is open again.") % {"path": paragraph.path}
    bound[f"back {paragraph.path}"] = form
    return ""


def _confirm_duty(duty: Obligation, person: Person) -> str:
    steps.confirm_obligation(duty, by=person)
    return _("“%(duty)s” is confirmed.") % {"duty": duty.title}


def _confirm(version: Version, person: Person) -> str:
    steps.confirm_version(version, by=person)
    return _("The intake is confirmed: its turns stand in the calendar.")


def _undo(version: Version, person: Person) -> str:
    steps.undo_correction(version, by=person)
    return _("The last correction of the reading is taken back.")


def _operative(version: Version) -> Any:
    return version.paragraphs.filter(kind=Kind.OPERATIVE).order_by("position")


def _context(person: Person, version: Version, bound: dict[str, Any]) -> dict[str, Any]:
    may = access.may_on_body(person, "confirm_intake", version.resolution.body)
    working = may and version.tracking == Version.Tracking.INTAKE
    duties: dict[int, list[Obligation]] = {}
    found = access.obligations(person).filter(paragraph__version=version)
    for duty in found.select_related(
        "anchor_body", "anchor_session__body", "anchor_meeting__body", "anchor_rule", "lead_office"
    ).order_by("number"):
        duties.setdefault(duty.paragraph_id, []).append(duty)
    items = [
        Item(
            paragraph,
            list(_runs(version.text, paragraph, duties.get(paragraph.pk, []))),
            heading,
            duties.get(paragraph.pk, []) if paragraph.disposition in _WITH_DUTIES else [],
            _form(paragraph, version, bound) if working and paragraph.kind == Kind.OPERATIVE else None,
            bound.get(f"back {paragraph.path}") or ReasonForm(prefix=f"back-{paragraph.position}"),
        )
        for paragraph, heading in _headed(version)
    ]
    done, total, missing = intake.accounted(version)
    operative = [item for item in items if item.paragraph.kind == Kind.OPERATIVE]
    return {
        "version": version,
        "resolution": version.resolution,
        "preamble": [item for item in items if item.paragraph.kind == Kind.PREAMBULAR],
        "operative": operative,
        "done": done,
        "total": total,
        "missing": missing,
        "lacking": steps.what_is_missing(version) if working else [],
        "unread": intake.unread(version, [item.paragraph for item in items]) if working else [],
        "undoable": intake.last_correction(version) if working else None,
        "may": may,
        "working": working,
    }


# An item that is covered or declaratory has no use for what the machine proposed of it.
_WITH_DUTIES = {"", Paragraph.Disposition.TRACKED}


def _form(paragraph: Paragraph, version: Version, bound: dict[str, Any]) -> DisposeForm | None:
    if paragraph.disposition:
        return None
    return bound.get(paragraph.path) or DisposeForm(paragraph=paragraph, others=_operative(version))


def _headed(version: Version) -> Iterator[tuple[Paragraph, str]]:
    """The paragraphs in order, each with its heading where that differs from the one before."""
    before = ""
    for paragraph in version.paragraphs.select_related("covered_by", "disposed_by").order_by("position"):
        yield paragraph, paragraph.heading if paragraph.heading != before else ""
        before = paragraph.heading


def _runs(text: str, paragraph: Paragraph, duties: list[Obligation]) -> Iterator[Run]:
    """The paragraph's own words, cut where the words begin and end from which its kind and due points were read."""
    read = paragraph.proposal
    marked = [*read.get("kind_span", []), *(span for due in read.get("due", []) for span in due.get("span", []))]
    confirmed = bool(duties) and all(duty.confirmed for duty in duties)
    for start, end in paragraph.spans:
        inside = [(max(start, a), min(end, b)) for a, b in marked if a < end and b > start]
        cuts = sorted({start, end, *(cut for pair in inside for cut in pair)})
        for one, other in pairwise(cuts):
            found = any(a <= one and other <= b for a, b in inside)
            yield Run(text[one:other], found, found and confirmed)


# A duty, and a text -----------------------------------------------------------------------------------------------------


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def duty(  # noqa: PLR0913  (its address has that many parts)
    request: HttpRequest, body: str, slug: str, label: str, item: str, number: int = 0
) -> HttpResponse:
    """Change a proposed duty of an item, drop it (POST `act=drop`), or add one (without a number)."""
    person = request.user
    assert isinstance(person, Person)  # noqa: S101  (held by login_required)
    version = find_version(person, body, slug, label)
    paragraph = find_item(version, item)
    refusals.require_on_body(person, "confirm_intake", version.resolution.body)
    known = _duty(person, version, str(number)) if number else None
    first = (
        {name: getattr(known, f"{name}_id", getattr(known, name)) for name in DutyForm.base_fields} if known else None
    )
    dropping = known is not None and request.POST.get("act") == "drop"
    given = request.POST if request.method == "POST" else None
    form = DutyForm(None if dropping else given, initial=first, by=person, body=version.resolution.body)
    drop = ReasonForm(given if dropping else None, prefix="drop") if known else None
    try:
        if given is not None and _kept(drop if dropping else form, known, paragraph, person, dropping=dropping):
            messages.success(request, _("Item %(path)s: its duties are changed.") % {"path": paragraph.path})
            return redirect("intake", body=body, slug=slug, label=label)
    except TransitionNotAllowed as refusal:
        messages.error(request, str(refusal))
        return redirect("intake", body=body, slug=slug, label=label)
    context = {"version": version, "paragraph": paragraph, "duty": known, "form": form, "drop": drop}
    wrong = form.errors or (drop and drop.errors)
    return render(
        request, "workflows/intake_duty.html", context, status=HTTPStatus.BAD_REQUEST if wrong else HTTPStatus.OK
    )


def _kept(form: Any, known: Obligation | None, paragraph: Paragraph, person: Person, *, dropping: bool) -> bool:
    """Whether the step asked for was taken; what it refuses is an error of its form."""
    if not form.is_valid():
        return False
    try:
        if dropping and known is not None:
            steps.drop_obligation(known, by=person, **form.cleaned_data)
        elif known is not None:
            steps.change_obligation(known, by=person, **form.cleaned_data)
        else:
            steps.draft_obligation(paragraph, by=person, **form.cleaned_data)
    except ValidationError as error:
        form.refused(error)
        return False
    return True


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def import_text(request: HttpRequest) -> HttpResponse:
    """Read a text and enter it as a draft, then lead to its intake."""
    person = request.user
    assert isinstance(person, Person)  # noqa: S101  (held by login_required)
    if access.SECRETARY not in access.roles(person):
        raise PermissionDenied(_("Only the %(who)s can do this.") % {"who": access.who_may("import")})
    form = ImportForm(*((request.POST, request.FILES) if request.method == "POST" else ()), by=person)
    if request.method == "POST" and form.is_valid() and (version := form.take()) is not None:
        done, total, _missing = intake.accounted(version)
        words = _("%(version)s is read: %(total)s operative items, %(done)s accounted for.")
        messages.success(request, words % {"version": version, "total": total, "done": done})
        resolution = version.resolution
        return redirect("intake", body=resolution.body.slug, slug=resolution.slug, label=version.label)
    return render(
        request,
        "workflows/import.html",
        {"form": form},
        status=HTTPStatus.BAD_REQUEST if form.errors else HTTPStatus.OK,
    )
