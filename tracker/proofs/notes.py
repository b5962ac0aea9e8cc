"""Signed heads of the log: checkpoints in signed notes, as C2SP has them (c2sp.org/signed-note, c2sp.org/tlog-checkpoint),
signed with Ed25519 (RFC 8032).

A key is known by a line, `name+hash+key`; a secret one begins with `PRIVATE+KEY+`. A head's lines are the log's name, its
size, its root in base64, and `time` with the moment of signing in UTC.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519 = b"\x01"
SECRET = "PRIVATE+KEY+"  # noqa: S105  (the form's own words)
DASH = "\N{EM DASH}"
_NAME = re.compile(r"[^\s+]+")


class NotAHead(ValueError):
    """The text is no signed head; says why."""


class NotAKey(ValueError):
    """The line is no key; says why."""


@dataclass(frozen=True)
class PublicKey:
    """A key that heads are checked with."""

    name: str
    key: bytes

    @property
    def id(self) -> bytes:
        """Four bytes by which a signature names its key."""
        return hashlib.sha256(self.name.encode() + b"\n" + ED25519 + self.key).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(ED25519 + self.key).decode()}"


@dataclass(frozen=True, repr=False)
class SecretKey:
    """A key that heads are signed with."""

    name: str
    seed: bytes

    @property
    def public(self) -> PublicKey:
        key = Ed25519PrivateKey.from_private_bytes(self.seed).public_key().public_bytes_raw()
        return PublicKey(self.name, key)

    def sign(self, message: bytes) -> bytes:
        return Ed25519PrivateKey.from_private_bytes(self.seed).sign(message)

    def line(self) -> str:
        """The key as its file keeps it; whoever reads it can sign."""
        return f"{SECRET}{self.name}+{self.public.id.hex()}+{base64.b64encode(ED25519 + self.seed).decode()}"


@dataclass(frozen=True)
class Head:
    """What a head says: so many events, this root, signed then, by these keys (as lines)."""

    origin: str
    size: int
    root: bytes
    at: datetime | None
    signed_by: tuple[PublicKey, ...]


def new_key(name: str) -> SecretKey:
    """A new secret key of a log; its name holds no space and no plus sign."""
    if not _NAME.fullmatch(name):
        raise NotAKey(f"{name!r} cannot name a key: leave out spaces and plus signs.")
    return SecretKey(name, Ed25519PrivateKey.generate().private_bytes_raw())


def public_key(line: str) -> PublicKey:
    """A key from its line; NotAKey where it is none."""
    name, said, key = _parts(line.strip())
    found = PublicKey(name, key)
    if found.id.hex() != said:
        raise NotAKey(f"The key of {name} does not fit its own hash: it was not copied whole.")
    return found


def secret_key(line: str) -> SecretKey:
    """A secret key from its line; NotAKey where it is none."""
    line = line.strip()
    if not line.startswith(SECRET):
        raise NotAKey(f"A secret key begins with {SECRET}.")
    name, said, seed = _parts(line.removeprefix(SECRET))
    found = SecretKey(name, seed)
    if found.public.id.hex() != said:
        raise NotAKey(f"The secret key of {name} does not fit its own hash: it was not copied whole.")
    return found


def _parts(line: str) -> tuple[str, str, bytes]:
    parts = line.split("+", 2)
    if len(parts) != 3 or not _NAME.fullmatch(parts[0]):
        raise NotAKey("A key is written name+hash+key.")
    try:
        key = base64.b64decode(parts[2], validate=True)
    except binascii.Error as error:
        raise NotAKey(f"The key of {parts[0]} is not base64.") from error
    if len(key) != 33 or not key.startswith(ED25519):
        raise NotAKey(f"The key of {parts[0]} is no Ed25519 key.")
    return parts[0], parts[1], key[1:]


def sign(size: int, root: bytes, at: datetime, keys: Iterable[SecretKey]) -> str:
    """A signed head, in the name of the first key, signed by all."""
    keys = list(keys)
    moment = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return sign_text(f"{keys[0].name}\n{size}\n{base64.b64encode(root).decode()}\ntime {moment}\n", keys)


def sign_text(text: str, keys: Iterable[SecretKey]) -> str:
    """A text of whole lines as a signed note (C2SP), signed by all keys."""
    keys = list(keys)
    signed = [base64.b64encode(key.public.id + key.sign(text.encode())).decode() for key in keys]
    return text + "\n" + "".join(f"{DASH} {key.name} {said}\n" for key, said in zip(keys, signed, strict=True))


def read(note: str, keys: Iterable[PublicKey]) -> Head:
    """What a signed head says, with those of `keys` that signed it. NotAHead where it is none, where a known key's signature
    is wrong, or where no known key signed it."""
    text, separator, signatures = note.partition("\n\n")
    lines = text.split("\n")
    if not separator or len(lines) < 3:
        raise NotAHead("A head has a name, a size and a root, an empty line, and signatures.")
    try:
        size, root = int(lines[1]), base64.b64decode(lines[2], validate=True)
    except (ValueError, binascii.Error) as error:
        raise NotAHead("The second line of a head is its size, the third its root in base64.") from error
    if len(root) != 32 or str(size) != lines[1] or size < 0:
        raise NotAHead("The size or the root of the head is not well formed.")
    signed = _signers(text + "\n", signatures, keys)
    return Head(lines[0], size, root, _moment(lines[3:]), signed)


def read_text(note: str, keys: Iterable[PublicKey]) -> tuple[str, tuple[PublicKey, ...]]:
    """The text of a signed note with those of `keys` that signed it. NotAHead where it is none, where a known key's
    signature is wrong, or where no known key signed it."""
    text, separator, signatures = note.partition("\n\n")
    if not separator:
        raise NotAHead("A signed note has a text, an empty line, and signatures.")
    return text + "\n", _signers(text + "\n", signatures, keys)


def _signers(text: str, signatures: str, keys: Iterable[PublicKey]) -> tuple[PublicKey, ...]:
    known = {(key.name, key.id): key for key in keys}
    signed = tuple(known[found] for found, said in _signatures(signatures) if _holds(known.get(found), said, text))
    if not signed:
        raise NotAHead("No known key has signed this.")
    return signed


def _signatures(text: str) -> Iterable[tuple[tuple[str, bytes], bytes]]:
    for line in text.splitlines():
        parts = line.split(" ")
        if len(parts) != 3 or parts[0] != DASH:
            raise NotAHead(f"This is no line of a signature: {line[:80]!r}")
        try:
            said = base64.b64decode(parts[2], validate=True)
        except binascii.Error as error:
            raise NotAHead("A signature is not base64.") from error
        yield (parts[1], said[:4]), said[4:]


def _holds(key: PublicKey | None, signature: bytes, text: str) -> bool:
    """Whether a known key signed the text; a signature of an unknown key says nothing, a wrong one of a known key is fatal."""
    if key is None:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(key.key).verify(signature, text.encode())
    except InvalidSignature as error:
        raise NotAHead(f"The signature of {key.name} is wrong.") from error
    return True


def _moment(lines: list[str]) -> datetime | None:
    for line in lines:
        if line.startswith("time "):
            try:
                return datetime.strptime(line, "time %Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
            except ValueError as error:
                raise NotAHead("The time of the head is not well formed.") from error
    return None
