"""The hash of an event, in each form that there has been. An event is a mapping with the names of `COLUMNS`, days and
moments in ISO 8601 (moments in UTC, as `datetime.isoformat` writes them), ids as numbers.

Form 1 hashes every column. Form 2 adds `mac`: a code that only a process with the key of the record can write, so that the
owner of the database cannot add an event that looks genuine (RFC 2104, HMAC-SHA-256).
"""

import hashlib
import hmac
from collections.abc import Callable, Mapping
from typing import Any

from tracker.proofs.canonical import canonical

COLUMNS = (
    "algorithm",
    "stream",
    "number",
    "verb",
    "subject_type",
    "subject_id",
    "subject_reference",
    "body",
    "actor",
    "acting_for",
    "means",
    "changes",
    "effective_on",
    "effective_precision",
    "recorded_at",
    "request_id",
    "words_hash",
    "previous_hash",
)
PRESENT_FORM = 2


def digest(event: Mapping[str, Any]) -> str:
    """SHA-256 (hex) over the canonical JSON of an event's columns in the form that it names; ValueError for a form that
    there never was."""
    form = FORMS.get(event["algorithm"])
    if form is None:
        raise ValueError(f"There is no form {event['algorithm']} of the hash of an event.")
    return hashlib.sha256(canonical(form(event))).hexdigest()


def message(event: Mapping[str, Any]) -> bytes:
    """What the code of an event (`mac`) is made over: every column but the code itself."""
    return canonical(_form_1(event))


def code(event: Mapping[str, Any], key: bytes) -> str:
    """The code of an event under a key: the key's short name, a colon, HMAC-SHA-256 in hex."""
    return f"{key_name(key)}:{hmac.digest(key, message(event), 'sha256').hex()}"


def key_name(key: bytes) -> str:
    """Eight letters by which a key is known, which say nothing about it."""
    return hashlib.sha256(b"resolves event key" + key).hexdigest()[:8]


def commitment(salt: str, words: Mapping[str, Any]) -> str:
    """SHA-256 over salt and canonical JSON of the words: stays true of the event after they are erased."""
    return hashlib.sha256(salt.encode() + canonical(dict(words))).hexdigest()


def print_of(value: Any) -> str:
    """What stands on record of a long value: `sha256:` and the hash of its canonical JSON."""
    return f"sha256:{hashlib.sha256(canonical(value)).hexdigest()}"


def text_hash(text: str) -> str:
    """SHA-256 of a text in UTF-8: the same text is the same version."""
    return hashlib.sha256(text.encode()).hexdigest()


def first(stream: str) -> str:
    """The hash that a stream begins at: SHA-256 of its name."""
    return hashlib.sha256(stream.encode()).hexdigest()


def _form_1(event: Mapping[str, Any]) -> dict[str, Any]:
    return {name: event[name] for name in COLUMNS}


def _form_2(event: Mapping[str, Any]) -> dict[str, Any]:
    return {**_form_1(event), "mac": event["mac"]}


FORMS: dict[int, Callable[[Mapping[str, Any]], dict[str, Any]]] = {1: _form_1, 2: _form_2}
