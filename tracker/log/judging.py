"""One event by itself: is it as it was written, did we write it, are its words true? Also how quickly that can be told:
what is hashed is put together by hand here, and is the same, byte by byte, as `tracker.proofs.digests` makes of it.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from json.encoder import c_make_encoder  # type: ignore[attr-defined]
from json.encoder import encode_basestring as _quoted
from typing import Any, Never

from tracker.log.rows import Row
from tracker.proofs import digests
from tracker.proofs.canonical import canonical

_FORMS = frozenset({1, 2})  # those that are put together here
_SAFE = 2**53
_LONG = re.compile(r"\d{16}")
_BEYOND = re.compile("[\U00010000-\U0010ffff]")
_UNWRITABLE = (TypeError, ValueError, KeyError, RecursionError)  # what a column can raise that no process of ours wrote


class _NotPlain(Exception):
    pass


def _not_plain(_text: str) -> Never:
    raise _NotPlain


# Python's scanner and encoder in C, made once: what `json.loads` and `json.dumps` make anew for every value.
_decoder: Any = json.JSONDecoder(parse_float=_not_plain, parse_constant=_not_plain)
_scan = _decoder.scan_once
_encoder = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
_chunks: Any = (
    c_make_encoder(None, _encoder.default, _quoted, None, ":", ",", True, False, False)
    if c_make_encoder
    else lambda value, _level: (_encoder.encode(value),)
)


def rewritten(text: str) -> str:
    """JSON in any order and spacing as canonical JSON. ValueError where it is none."""
    if text == "{}":
        return text
    try:
        value, end = _scan(text, 0)
    except (_NotPlain, StopIteration):
        return canonical(json.loads(text)).decode()
    written = "".join(_chunks(value, 0))
    if end != len(text) or _LONG.search(written) or (not written.isascii() and _BEYOND.search(written)):
        return canonical(json.loads(text)).decode()
    return written


def judged(row: Any, keys: Mapping[str, bytes], *, logged: bool) -> tuple[str, str]:
    """What is wrong with the event itself (a kind of `findings.KINDS`, "" where nothing), and the hash that its columns
    have. `logged`: whether there is a log already, so that nothing new may come in the form from before it."""
    try:
        message, found = _digest(row)
    except _UNWRITABLE:
        return ("changed" if row[17] in digests.FORMS else "form"), ""
    if found != row[20]:
        return "changed", found
    mac, sealed = row[18], row[21]
    if row[17] == 1:
        return ("changed" if mac else "forged" if logged and not sealed else ""), found
    key = keys.get(mac[:8])
    if key is None:  # of a secret that was forgotten: the log vouches for what was sealed
        return ("" if sealed else "forged"), found
    genuine = mac[8:] == ":" + hmac.digest(key, message, "sha256").hex()
    return ("" if genuine else "forged"), found


def words_problem(words_hash: str, words: str | None) -> str:
    """What is wrong with the words beside an event ("emptied" where they were: whether that was said is not known here)."""
    if words is None:
        return "words_missing"
    salt, _, text = words.partition(" ")
    if not salt and text == "{}":
        return "emptied"
    try:
        found = hashlib.sha256((salt + rewritten(text)).encode()).hexdigest()
    except _UNWRITABLE:
        return "words"
    return "" if found == words_hash else "words"


def _digest(row: Any) -> tuple[bytes, str]:
    """What the code of the event is made over, and the hash of its columns."""
    (
        _id,
        stream,
        number,
        verb,
        subject_type,
        subject_id,
        subject_reference,
        body,
        actor,
        acting_for,
        means,
        changes,
        effective_on,
        effective_precision,
        recorded_at,
        request_id,
        words_hash,
        algorithm,
        mac,
        previous_hash,
        _hash,
        _sealed,
        _words,
        _before,
    ) = row
    if algorithm not in _FORMS:
        return _by_the_book(Row(*row))
    # By the alphabet, as canonical JSON has it; `mac` would stand between the two.
    before = (
        f'{{"acting_for":{"null" if acting_for is None else _number(acting_for)},'
        f'"actor":{"null" if actor is None else _number(actor)},"algorithm":{algorithm},'
        f'"body":{"null" if body is None else _number(body)},"changes":{rewritten(changes)},'
        f'"effective_on":{"null" if effective_on is None else _quoted(effective_on)},'
        f'"effective_precision":{_quoted(effective_precision)},'
    )
    after = (
        f'"means":{_quoted(means)},"number":{_number(number)},"previous_hash":{_quoted(previous_hash)},'
        f'"recorded_at":{_quoted(moment(recorded_at))},"request_id":{_quoted(request_id)},"stream":{_quoted(stream)},'
        f'"subject_id":{_number(subject_id)},"subject_reference":{_quoted(subject_reference)},'
        f'"subject_type":{_quoted(subject_type)},"verb":{_quoted(verb)},"words_hash":{_quoted(words_hash)}}}'
    )
    first, last = before.encode(), after.encode()
    message = first + last
    if algorithm == 1:
        return message, hashlib.sha256(message).hexdigest()
    return message, hashlib.sha256(b'%b"mac":%b,%b' % (first, _quoted(mac).encode(), last)).hexdigest()


def _number(value: Any) -> int:
    """SQLite keeps whatever it is given in any column: what is no number must not pass for one."""
    if type(value) is int and -_SAFE < value < _SAFE:
        return value
    raise TypeError("not a number")


def moment(text: str) -> str:
    """A moment in UTC as `datetime.isoformat` writes it: with six places behind the second, or none."""
    if len(text) != 19:
        whole, _, fraction = text.partition(".")
        text = f"{whole}.{fraction:0<6}"
    return f"{text[:10]}T{text[11:]}+00:00"


def _by_the_book(row: Row) -> tuple[bytes, str]:
    """A form that came later: as `digests` has it."""
    columns = {name: getattr(row, name) for name in (*digests.COLUMNS, "mac")}
    columns |= {"changes": json.loads(row.changes), "recorded_at": moment(row.recorded_at)}
    return digests.message(columns), digests.digest(columns)
