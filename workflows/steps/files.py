"""Files that come with a step: kept under a name of ours, or not at all. And erased on request: the row stays, with name,
size and hash, so that every proof holds; the file goes."""

import hashlib
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from tracker import audit, clock
from tracker.models import Activity, Event, Evidence, Person, Report, Visibility
from tracker.models.records import evidence_path
from workflows import refusals
from workflows.steps.beats import Act, lock, require_present, said
from workflows.steps.bodies import NotTheMoment, one_act

log = logging.getLogger(__name__)
MOST_FILES = 20
SHORTEST_NAME = 4  # letters of a name that the reason may not repeat


@dataclass(frozen=True)
class Stored:
    """A file on disk: its place, the name it came with, SHA-256 and size in bytes."""

    place: str
    title: str
    sha256: str
    size: int


@contextmanager
def stored(files: Sequence[UploadedFile]) -> Iterator[list[Stored]]:
    """Put files on disk for the time of a step; if the step fails they are taken away again. Too many, too large or
    empty ones are a ValidationError."""
    if len(files) > MOST_FILES:
        raise ValidationError({"files": _("At most %(count)s files at a time.") % {"count": MOST_FILES}})
    saved: list[Stored] = []
    try:
        for file in files:
            saved.append(_store(file))  # noqa: PERF401  (one by one: what was stored before a refusal is taken away)
        yield saved
    except BaseException:
        for one in saved:
            default_storage.delete(one.place)
        raise


def _store(file: UploadedFile) -> Stored:
    title = " ".join(
        "".join(c for c in (file.name or "") if c.isprintable()).replace("\\", "/").rsplit("/", 1)[-1].split()
    )[:200]
    if not file.size:
        raise ValidationError({"files": _("%(name)s is empty.") % {"name": title}})
    if file.size > settings.UPLOAD_LIMIT:
        most = settings.UPLOAD_LIMIT // 1024 // 1024
        raise ValidationError({"files": _("%(name)s is larger than %(most)s MB.") % {"name": title, "most": most}})
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    place = default_storage.save(evidence_path(Evidence(), title), file)
    return Stored(place, title or _("file"), digest.hexdigest(), file.size)


def kept(
    saved: Sequence[Stored], act: Act, *, report: Report | None = None, activity: Activity | None = None
) -> list[Evidence]:
    """The files as rows of the occurrence, not yet saved."""
    return [
        Evidence(
            occurrence=act.occurrence,
            report=report,
            activity=activity,
            title=one.title,
            file=one.place,
            sha256=one.sha256,
            size=one.size,
            visibility=report.visibility if report else Visibility.MEMBERS,
            recorded_by=act.by,
            recorded_at=act.now,
        )
        for one in saved
    ]


# Erased on request -----------------------------------------------------------------------------------------------------


def require_file_eraser(by: Person, evidence: Evidence) -> Person | None:
    """Whom a person acts for in erasing a file (None: themselves); else PermissionDenied, saying who may."""
    return refusals.require_on_body(by, "erase_words", evidence.occurrence.body)


def erase_file(evidence: Evidence, *, by: Person, reason: str) -> Event:
    """Erase a file that was handed in, for good. Its row stays, with its name, size and SHA-256, and so does every event that
    names them. Only a secretary of the body may do it; NotTheMoment where there is no file (any more)."""
    with one_act():
        require_present(by)
        acting_for = require_file_eraser(by, evidence)
        turn = lock(evidence.occurrence)
        evidence = Evidence.objects.select_for_update(of=("self",), no_key=True).get(pk=evidence.pk)
        if not evidence.has_file:
            raise NotTheMoment(_("There is no file, or it was erased already."), object=evidence)
        reason = said("reason", reason)
        if len(evidence.title) >= SHORTEST_NAME and evidence.title.casefold() in reason.casefold():
            raise ValidationError({"reason": _("Leave the name of the file out: this reason stays on record.")})
        evidence.erased_at = clock.now()
        done = audit.record(
            turn, "file.erased", by=by, acting_for=acting_for, words={"reason": reason}, also=[evidence]
        )
        # What is taken away before the commit could not be put back; what a crash leaves after it is swept.
        transaction.on_commit(lambda: _remove(evidence), robust=True)
    assert done is not None  # noqa: S101  (a reason is always there)
    return done


def sweep_erased() -> int:
    """Take away erased files that are still there, as where a process died just after it had said so; how many."""
    swept = 0
    for evidence in Evidence.objects.exclude(erased_at=None).order_by("pk").iterator():
        try:
            swept += _remove(evidence)
        except OSError:  # the others must not wait for it; it is tried again
            log.exception("The erased file %s could not be taken away.", evidence.file.name)
    return swept


def _remove(evidence: Evidence) -> bool:
    """Take the file of a row away; whether it was there."""
    place = evidence.file.name or ""
    there = default_storage.exists(place)
    if there:
        default_storage.delete(place)
    return there
