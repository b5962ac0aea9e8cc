"""Files that come with a step: kept under a name of ours, or not at all."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from tracker.models import Activity, Evidence, Report, Visibility
from tracker.models.records import evidence_path
from workflows.steps.beats import Act

MOST_FILES = 20


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
