"""System checks: can the keys of the record be read, and do its heads go where the database's owner cannot reach?"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Warning  # noqa: A004  (Django's name)
from django.utils.translation import gettext as _

from tracker import keys
from tracker.proofs import notes


def check(**_kwargs: Any) -> list[CheckMessage]:
    """Warnings: the pages work without any of this, the log does not prove what it should."""
    return [*_keys(), *_heads()]


def _keys() -> Iterator[CheckMessage]:
    if settings.LOG_KEY and not _reads(notes.secret_key, settings.LOG_KEY):
        yield Warning(
            _("LOG_KEY cannot be read: no head of the log can be signed."),
            hint=_("Give it as the file of LOG_KEYS has it, from PRIVATE+KEY+ on; or leave it out, and a key is made."),
            id="tracker.W001",
        )
        return
    for name in ("LOG_PUBLIC_KEY", "LOG_OLD_KEYS"):
        wrong = [line for line in getattr(settings, name).split() if not _reads(notes.public_key, line)]
        if wrong:
            yield Warning(
                _("%(name)s has a key that cannot be read: %(key)s") % {"name": name, "key": wrong[0][:60]},
                hint=_("Give public lines (name+hash+key), separated by spaces: heads are checked with them."),
                id="tracker.W002",
            )
            return
    if not (_reads(lambda _nothing: keys.known_keys(), "") and _secret_is_sound()):
        yield Warning(
            _("The keys of the log in %(folder)s cannot be read.") % {"folder": settings.LOG_KEYS},
            hint=_(
                "Let the worker's user read `secret`, nobody else, and everybody the others; put back what was changed."
            ),
            id="tracker.W001",
        )
    elif settings.LOG_KEY and settings.LOG_PUBLIC_KEY and not _fit():
        yield Warning(
            _("LOG_PUBLIC_KEY is not the public key of LOG_KEY: pages cannot check its heads."),
            hint=_("Give %(key)s to all that are not given LOG_KEY.") % {"key": keys.log_key().public},
            id="tracker.W005",
        )


def _fit() -> bool:
    return str(keys.log_key().public) in settings.LOG_PUBLIC_KEY.split()


def _secret_is_sound() -> bool:
    """Whether the key in the folder can be read, where it is for us to read: web processes may run as another user."""
    file = Path(settings.LOG_KEYS) / "secret"
    if settings.LOG_KEY:
        return True
    try:
        notes.secret_key(file.read_text())
    except (FileNotFoundError, PermissionError):
        return True
    except (ValueError, OSError):
        return False
    return True


def _reads(read: Callable[[str], object], line: str) -> bool:
    try:
        read(line)
    except (ValueError, OSError):
        return False
    return True


def _heads() -> Iterator[CheckMessage]:
    folder = Path(settings.LOG_HEADS)
    there = next(one for one in (folder, *folder.parents) if one.exists())
    if not (there.is_dir() and os.access(there, os.W_OK | os.X_OK)):
        yield Warning(
            _("Heads of the log cannot be written to %(folder)s.") % {"folder": folder},
            hint=_("Let the worker write there, or set LOG_HEADS to another folder."),
            id="tracker.W003",
        )
    if settings.MODE == "production" and not settings.LOG_WITNESS_URL and folder.is_relative_to(settings.VAR_DIR):
        yield Warning(
            _("Heads of the log are written beside the database: whoever owns the one can change the other."),
            hint=_("Set LOG_HEADS to a folder of another machine, or name a witness (LOG_WITNESS_URL)."),
            id="tracker.W004",
        )
