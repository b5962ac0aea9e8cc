"""What a witness says of a head: a cosignature with its moment (c2sp.org/tlog-cosignature, Ed25519). It says that the witness
saw the log, in the order of its heads, go on from each to the next."""

import base64
import binascii
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from tracker.proofs.notes import DASH, NotAKey

KIND = b"\x04"


@dataclass(frozen=True)
class WitnessKey:
    """The public key of a witness; its line is `name+hash+key`, as that of a log."""

    name: str
    key: bytes

    @property
    def id(self) -> bytes:
        """Four bytes by which a cosignature names its key."""
        return hashlib.sha256(self.name.encode() + b"\n" + KIND + self.key).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(KIND + self.key).decode()}"


def witness_key(line: str) -> WitnessKey:
    """A witness's key from its line; NotAKey where it is none."""
    name, _plus, rest = line.strip().partition("+")
    said, _plus, written = rest.partition("+")
    try:
        raw = base64.b64decode(written, validate=True)
    except binascii.Error as error:
        raise NotAKey(f"The key of the witness {name} is not base64.") from error
    if len(raw) != 33 or not raw.startswith(KIND):
        raise NotAKey(f"The key of the witness {name} is no Ed25519 key for cosignatures (04).")
    found = WitnessKey(name, raw[1:])
    if found.id.hex() != said:
        raise NotAKey(f"The key of the witness {name} does not fit its own hash: it was not copied whole.")
    return found


def cosign(note: str, name: str, key: Ed25519PrivateKey, at: datetime) -> str:
    """The line with which a witness cosigns a head."""
    moment = int(at.timestamp())
    public = WitnessKey(name, key.public_key().public_bytes_raw())
    said = public.id + moment.to_bytes(8, "big") + key.sign(_message(note, moment))
    return f"{DASH} {name} {base64.b64encode(said).decode()}\n"


def cosigned(note: str, lines: Iterable[str], key: WitnessKey) -> datetime | None:
    """When the witness cosigned a head, by one of some lines; None where it did not."""
    for line in lines:
        try:
            dash, name, written = line.split(" ")
            said = base64.b64decode(written, validate=True)
        except ValueError:
            continue
        if (dash, name, said[:4]) != (DASH, key.name, key.id) or len(said) != 76:
            continue
        moment = int.from_bytes(said[4:12], "big")
        try:
            Ed25519PublicKey.from_public_bytes(key.key).verify(said[12:], _message(note, moment))
            return datetime.fromtimestamp(moment, UTC)
        except (InvalidSignature, OverflowError, ValueError, OSError):
            continue
    return None


def _message(note: str, moment: int) -> bytes:
    """What is signed: the head's own text after two lines that say what this is and when."""
    text = note.partition("\n\n")[0]
    return f"cosignature/v1\ntime {moment}\n{text}\n".encode()
