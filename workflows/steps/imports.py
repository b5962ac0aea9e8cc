"""The verbs by which a text comes in: as a version in intake, with the duties that its words propose; or as a version
whose text is not recorded."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from tracker import audit, intake
from tracker.carried import carry
from tracker.models import Body, Person, Precision, Resolution, Session, Version, Visibility
from tracker.parsing import ParseError, parse
from workflows import refusals
from workflows.steps.beats import partial, said


def import_version(  # noqa: PLR0913  (what a text doesn't say of itself)
    body: Body,
    *,
    text: str,
    by: Person | None,
    slug: str = "",
    symbol: str = "",
    label: str = "",
    adopted_at: Session | None = None,
    in_force_from: date | None = None,
    precision: str = "",
    visibility: str = Visibility.PUBLIC,
    carried: Mapping[str, Any] | None = None,
) -> Version:
    """Read a text and enter it as a version in intake: its paragraphs, and the duties proposed from its words. The same
    text again gives the same version, unchanged. `by` is None for a command run by the system itself. `carried` is a reading
    that came along with the text (`tracker.carried`) and takes the place of the machine's.

    Raises PermissionDenied; ValidationError where the text is no resolution or its label is taken by another text."""
    with transaction.atomic():
        acting_for = _may_import(body, by)
        said("text", text)
        try:
            parsed = parse(text)
        except ParseError as error:
            raise ValidationError({"text": error.message}) from error
        made = intake.draft(
            parsed,
            text,
            body=body,
            slug=slug,
            symbol=symbol,
            label=label,
            adopted_at=adopted_at,
            in_force_from=in_force_from,
            precision=precision,
        )
        if made.already is not None:
            return made.already
        if carried is not None:
            carry(made, carried)
        if not made.resolution.symbol:
            raise ValidationError({"symbol": _("The text gives no symbol: say which one it has.")})
        _enter_resolution(made.resolution, visibility, by, acting_for)
        version = _taken_up(made.version)
        facts = {"operative": [None, [one.path for one in made.operative]], "paragraphs": [None, len(made.paragraphs)]}
        for paragraph in made.paragraphs:
            paragraph.clean_fields(exclude=["version", "parent", "proposal", "spans"])
        audit.record(version, "version.imported", by=by, acting_for=acting_for, facts=facts, also=made.paragraphs)
        for obligation in made.obligations:
            obligation.paragraph, obligation.resolution = (
                obligation.paragraph,
                version.resolution,
            )  # their keys are known now
            obligation.full_clean()
            audit.record(obligation, "obligation.drafted", by=by, acting_for=acting_for)
    return version


def enter_version(  # noqa: PLR0913
    body: Body,
    *,
    slug: str,
    symbol: str,
    label: str,
    title: str,
    by: Person | None,
    designation: str = "",
    adopted_at: Session | None = None,
    in_force_from: date | None = None,
    precision: str = Precision.UNKNOWN,
    in_force_until: date | None = None,
    visibility: str = Visibility.PUBLIC,
) -> Version:
    """Enter a version whose text is not recorded; its text can be imported later. The same label again gives the version
    that is there, unchanged. Raises PermissionDenied, ValidationError."""
    with transaction.atomic():
        acting_for = _may_import(body, by)
        slug, label = said("slug", slug), said("label", label)
        resolution = Resolution.objects.filter(body=body, slug=slug).first() or Resolution(
            body=body, slug=slug, symbol=said("symbol", symbol), title=said("title", title)
        )
        there = Version.objects.filter(resolution=resolution, label=label).first() if resolution.pk else None
        if there is not None:
            return there
        in_force_from, precision = partial(in_force_from, precision)
        _enter_resolution(resolution, visibility, by, acting_for)
        version = Version(
            resolution=resolution,
            label=label,
            designation=designation,
            title=title,
            adopted_at=adopted_at,
            in_force_from=in_force_from,
            in_force_from_precision=precision,
            in_force_until=in_force_until,
        )
        version.full_clean()
        audit.record(version, "version.imported", by=by, acting_for=acting_for)
    return version


def _may_import(body: Body, by: Person | None) -> Person | None:
    """Whom the importer acts for. The body's row is locked, so that two imports at once make one version."""
    list(Body.objects.select_for_update(no_key=True).filter(pk=body.pk))
    return refusals.require_on_body(by, "import", body) if by is not None else None


def _enter_resolution(resolution: Resolution, visibility: str, by: Person | None, acting_for: Person | None) -> None:
    if resolution._state.adding:
        resolution.visibility = visibility
        resolution.full_clean()
        audit.record(resolution, "resolution.imported", by=by, acting_for=acting_for)


def _taken_up(version: Version) -> Version:
    """The version as it is to be saved: new, or the one of that label whose text was not recorded until now."""
    there = Version.objects.filter(resolution=version.resolution, label=version.label).first()
    if there is not None and there.text:
        words = _("Version %(label)s is there with another text: give this one a label of its own.")
        raise ValidationError({"label": words % {"label": there.label}})
    if there is not None:
        version.pk, version._state.adding = there.pk, False
        for name in ("adopted_at", "in_force_from", "in_force_from_precision", "in_force_until"):
            setattr(version, name, getattr(there, name) or getattr(version, name))
    version.resolution = version.resolution  # its key is known only now
    version.full_clean()
    return version
