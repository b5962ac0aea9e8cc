"""The keys of the record, none of which is in the database: that with which every process marks the events that it writes,
and that with which the worker signs the heads of the log.

The first comes from `SECRET_KEY`, which all processes share. The second is a file that the first sealing makes
(`LOG_KEYS/secret`), or `LOG_KEY`. Only what signs opens it; what checks or shows heads reads public lines alone: the present
one in `LOG_KEYS/log.pub` or `LOG_PUBLIC_KEY`, those of keys that signed earlier in `LOG_KEYS/old` and `LOG_OLD_KEYS`. After
a rotation the key before is kept (`LOG_KEYS/outgoing`, or a second key in `LOG_KEY`) until it has signed one more head beside
the new one, so that whoever knows only the old key can follow.
"""

import contextlib
import errno
import hashlib
import hmac
import os
import tempfile
import time
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings

from tracker.proofs import digests, notes

NO_LINKS = frozenset({errno.EPERM, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP})
"""What filesystems say that have no hard links, as some that are shared by a network."""
WAIT_SECONDS = 10


def event_keys() -> dict[str, bytes]:
    """The keys that mark events, by their short names: the one in use first, then those of earlier secrets."""
    return _event_keys((settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS))


@lru_cache(maxsize=8)
def _event_keys(secrets: tuple[str, ...]) -> dict[str, bytes]:
    keys = [hmac.digest(secret.encode(), b"resolves: marks of events", hashlib.sha256) for secret in secrets]
    return {digests.key_name(key): key for key in keys}


def event_key() -> bytes:
    """The key with which this process marks the events that it writes."""
    return next(iter(event_keys().values()))


def log_key() -> notes.SecretKey:
    """The key that signs heads; made at its first use where none was given, its public line beside it. `notes.NotAKey` where
    it cannot be read."""
    if settings.LOG_KEY:
        return notes.secret_key(settings.LOG_KEY.split()[0])
    file = _file("secret")
    if not file.exists():
        made = notes.new_key(settings.LOG_NAME or f"{urlsplit(settings.SITE_URL).netloc}/resolves")
        with contextlib.suppress(FileExistsError):  # another process was the first
            _write_new(file, made.line() + "\n")
        make_public()
    return notes.secret_key(file.read_text())


def known_keys() -> tuple[notes.PublicKey, ...]:
    """The public keys that a head may be signed with: the present one, then the earlier ones. Empty where there is no key
    yet: asking makes none, and opens no secret one."""
    given = [notes.secret_key(line).public for line in settings.LOG_KEY.split()]
    given += map(notes.public_key, settings.LOG_PUBLIC_KEY.split())
    lines = [*([] if given else _lines("log.pub")), *settings.LOG_OLD_KEYS.split(), *_lines("old")]
    return tuple(dict.fromkeys((*given, *map(notes.public_key, lines))))


def make_public() -> bool:
    """Put the public line of the key in `LOG_KEYS` beside it, where it is missing or another one; whether it was. For what may
    read the secret: the worker before it seals, `migrate` (an earlier version wrote none), a rotation."""
    if settings.LOG_KEY or not _file("secret").exists():
        return False
    line = str(notes.secret_key(_file("secret").read_text()).public)
    if line in settings.LOG_PUBLIC_KEY.split() or _lines("log.pub") == [line]:
        return False
    _put(_file("log.pub"), line + "\n", mode=0o644)
    return True


def outgoing() -> notes.SecretKey | None:
    """The key that signed before the present one and is to sign once more beside it, if there is one."""
    _first, *others = settings.LOG_KEY.split() or [""]
    file = _file("outgoing")
    if not others and not settings.LOG_KEY and file.exists():
        others = [file.read_text()]
    found = notes.secret_key(others[0]) if others else None
    return found if found and found.public != log_key().public else None


def let_go() -> None:
    """Forget the key before: it has signed its last head."""
    _file("outgoing").unlink(missing_ok=True)


def rotate() -> tuple[notes.SecretKey, notes.SecretKey]:
    """Put a new key in the place of the present one and keep the present one's public line; (old, new). Refused
    (`notes.NotAKey`) where the key comes from the environment: whoever gave it must change it there; and while the last
    rotation is under way."""
    if settings.LOG_KEY:
        raise notes.NotAKey(
            "The key is given by LOG_KEY: put the new one before it there, parted by a blank, and add the old public line "
            "to LOG_OLD_KEYS; take the old one out once a head is signed by both."
        )
    if outgoing() is not None:
        raise notes.NotAKey("The last change of keys is under way: wait until a head is signed by both keys.")
    old = log_key()
    new = notes.new_key(old.name)
    let_go()
    _write_new(_file("outgoing"), old.line() + "\n")
    with _file("old").open("a") as kept:
        kept.write(f"{old.public}\n")
        kept.flush()
        os.fsync(kept.fileno())
    _file("old").chmod(0o644)
    _put(_file("log.pub"), f"{new.public}\n", mode=0o644)  # before it can sign; the old one is known from `old`
    _put(_file("secret"), new.line() + "\n")
    make_public()  # a worker that sealed meanwhile has put back the old line
    return old, new


def _file(name: str) -> Path:
    return Path(settings.LOG_KEYS) / name


def _lines(name: str) -> list[str]:
    """The public lines in a file of the folder; none where there is no such file."""
    try:
        return _file(name).read_text().split()
    except FileNotFoundError:
        return []


def _write_new(file: Path, text: str) -> None:
    """Write a file that only we may read, whole or not at all; FileExistsError where it is there."""
    with _draft(file, text) as draft:
        try:
            os.link(draft, file)
        except OSError as error:
            if error.errno not in NO_LINKS:
                raise
            with _alone(file):
                if file.exists():
                    raise FileExistsError(file) from error
                draft.rename(file)


@contextlib.contextmanager
def _alone(file: Path) -> Iterator[None]:
    """Keep every other writer of the file out, where the filesystem has no hard links: whoever makes the file of this name is
    the one, and the others wait. What a killed writer left is taken away by hand: nobody can know that it is not in use."""
    taken, until = file.with_name(f".{file.name}.taken"), time.monotonic() + WAIT_SECONDS
    while True:
        try:
            os.close(os.open(taken, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            break
        except FileExistsError as error:
            if time.monotonic() > until:
                raise TimeoutError(f"{taken} is in the way: no other process writes {file}? Then remove it.") from error
            time.sleep(0.01)
    try:
        yield
    finally:
        taken.unlink()


def _put(file: Path, text: str, *, mode: int = 0o600) -> None:
    """Write a file whole or not at all, in the place of the one that is there."""
    with _draft(file, text, mode=mode) as draft:
        draft.replace(file)


@contextlib.contextmanager
def _draft(file: Path, text: str, *, mode: int = 0o600) -> Iterator[Path]:
    """A text on the disk beside the file that it is to become, under a name of its own; gone afterwards."""
    file.parent.mkdir(mode=0o755, parents=True, exist_ok=True)  # each file in it says who may read it
    descriptor, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
    draft = Path(name)
    try:
        with os.fdopen(descriptor, "w") as opened:
            if mode != 0o600:  # as which it was made
                os.fchmod(descriptor, mode)
            opened.write(text)
            opened.flush()
            os.fsync(descriptor)
        yield draft
    finally:
        draft.unlink(missing_ok=True)
