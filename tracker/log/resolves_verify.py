#!/usr/bin/env python3
"""Checks what Resolves hands out, on a machine that has never seen it: receipts, exports, and that two heads are of one log.

    resolves_verify.py receipt FILE --key LINE
    resolves_verify.py export FILE.jsonl --key LINE [--head FILE]
    resolves_verify.py heads OLD NEW PROOF --key LINE

Needs Python 3.9 or later and the package `cryptography`, nothing else: this one file can be read from top to bottom. The
key is the public key of the log (name+hash+key): get it from somebody you trust, not from where the file came from. It may
be given several times; after a change of keys give the old one and the new one. Exit codes: 0 sound, 1 not sound,
2 cannot be read.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import decimal
import hashlib
import json
import math
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

try:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
except ImportError:
    sys.exit("This needs the package cryptography: python3 -m pip install cryptography")

RECEIPT, EXPORT = "resolves-receipt/1", "resolves-export/1"
LONGEST = 64 * 1024 * 1024  # bytes of a receipt, or of one line of an export
COLUMNS = (
    "algorithm stream number verb subject_type subject_id subject_reference body actor acting_for means changes "
    "effective_on effective_precision recorded_at request_id words_hash previous_hash"
).split()
BEYOND = re.compile("[\U00010000-\U0010ffff]")
ENCODE = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode
FORMS = {1: COLUMNS, 2: [*COLUMNS, "mac"]}  # the columns that each form of the hash is made over


class NotSound(Exception):
    """Something does not fit; says what and where."""


class Unreadable(Exception):
    """What was given is not what it should be; says why."""


# Canonical JSON (RFC 8785) -----------------------------------------------------------------------------------------------


def canonical(value: Any) -> bytes:
    """The one way to write a JSON value. Python's own encoder does it where there are no fractions, no numbers beyond 2^53 and
    no letters beyond U+FFFF (names are sorted by UTF-16 units, Python sorts by code points)."""
    try:
        if _plain(value) and not BEYOND.search(quick := ENCODE(value)):
            return quick.encode("utf-8")
        return _written(value).encode("utf-8")
    except UnicodeEncodeError:
        raise Unreadable("a text holds half of a letter (a lone surrogate)") from None


def _plain(value: Any) -> bool:
    kind = type(value)
    if kind is dict:
        return all(map(_plain, value.values()))
    if kind is list:
        return all(map(_plain, value))
    return kind is str or value is None or kind is bool or (kind is int and -(2**53) < value < 2**53)


def _written(value: Any) -> str:
    if value is None or isinstance(value, (bool, str)):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, int):
        if abs(value) >= 2**53:
            raise Unreadable(f"the number {value} is larger than JSON can hold exactly")
        return str(value)
    if isinstance(value, float):
        return _fraction(value)
    if isinstance(value, list):
        return "[" + ",".join(map(_written, value)) + "]"
    names = sorted(value, key=lambda name: name.encode("utf-16-be", "surrogatepass"))
    return "{" + ",".join(f"{_written(name)}:{_written(value[name])}" for name in names) + "}"


def _fraction(value: float) -> str:
    """A fraction as ECMAScript writes it (RFC 8785 §3.2.2.3)."""
    if not math.isfinite(value):
        raise Unreadable("a number is not finite")
    if value == 0:
        return "0"
    found = decimal.Decimal(repr(value)).normalize().as_tuple()
    digits, sign = "".join(map(str, found.digits)), "-" if found.sign else ""
    point = len(digits) + int(found.exponent)
    if 0 < point <= 21:
        whole = digits[:point].ljust(point, "0")
        return sign + whole + ("." + digits[point:] if len(digits) > point else "")
    if -6 < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    mantissa = digits[0] + ("." + digits[1:] if len(digits) > 1 else "")
    return f"{sign}{mantissa}e{point - 1:+d}"


def parsed(text: bytes, what: str) -> dict[str, Any]:
    """A JSON object in UTF-8 without a doubled name."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            raise ValueError("a name stands twice in one object")
        return found

    def whole(digits: str) -> int:
        if len(digits) > 17:
            raise ValueError("a number is larger than JSON can hold exactly")
        return int(digits)

    try:
        value = json.loads(text.decode("utf-8"), object_pairs_hook=once, parse_int=whole)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"{what} is not JSON: {error}") from None
    if not isinstance(value, dict):
        raise Unreadable(f"{what} is not a JSON object")
    return value


# The Merkle tree (RFC 9162 §2.1) -----------------------------------------------------------------------------------------


def leaf_hash(event_hash: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + event_hash).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """A tree that grows leaf by leaf; holds one hash for each bit of its size."""

    def __init__(self, size: int = 0, peaks: Sequence[bytes] = ()) -> None:
        self.size = size
        levels = [level for level in range(size.bit_length() - 1, -1, -1) if size >> level & 1]
        if len(levels) != len(peaks):
            raise Unreadable(f"a tree of {size} leaves has {len(levels)} peaks, not {len(peaks)}")
        self.peaks = list(zip(levels, peaks))  # noqa: B905  (Python 3.9)

    def add(self, leaf: bytes) -> None:
        level, found = 0, leaf
        while self.peaks and self.peaks[-1][0] == level:
            found, level = node_hash(self.peaks.pop()[1], found), level + 1
        self.peaks.append((level, found))
        self.size += 1

    def root(self) -> bytes:
        if not self.peaks:
            return hashlib.sha256(b"").digest()
        found = self.peaks[-1][1]
        for _level, peak in reversed(self.peaks[:-1]):
            found = node_hash(peak, found)
        return found


def root_by_inclusion(leaf: bytes, position: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """The root that a path leads to (§2.1.3.2); None where the path has the wrong length."""
    at, last, found = position, size - 1, leaf
    for sibling in path:
        if last == 0:
            return None
        if at & 1 or at == last:
            found = node_hash(sibling, found)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        at, last = at >> 1, last >> 1
    return None if last else found


def goes_on(old: Head, new: Head, path: Sequence[bytes]) -> bool:
    """Whether the log of the new head goes on from that of the old one (§2.1.4.2)."""
    if old.size == new.size:
        return old.root == new.root and not path
    if old.size == 0:
        return old.root == Tree().root() and not path
    hashes = list(path)
    if old.size & (old.size - 1) == 0:
        hashes.insert(0, old.root)
    if not hashes:
        return False
    at, last = old.size - 1, new.size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    first = second = hashes[0]
    for sibling in hashes[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            first, second = node_hash(sibling, first), node_hash(sibling, second)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            second = node_hash(second, sibling)
        at, last = at >> 1, last >> 1
    return last == 0 and first == old.root and second == new.root


# Keys and signed heads (c2sp.org/signed-note, c2sp.org/tlog-checkpoint) --------------------------------------------------


class Key(NamedTuple):
    name: str
    id: bytes
    key: bytes


class Head(NamedTuple):
    origin: str
    size: int
    root: bytes
    time: str
    signed_by: list[str]


def key_of(line: str) -> Key:
    parts = line.strip().split("+", 2)
    try:
        raw = base64.b64decode(parts[2], validate=True)
    except (IndexError, binascii.Error):
        raise Unreadable(f"this is no public key (name+hash+key): {line[:80]}") from None
    if len(raw) != 33 or raw[0] != 1:
        raise Unreadable(f"the key of {parts[0]} is no Ed25519 key")
    found = hashlib.sha256(parts[0].encode() + b"\n" + raw).digest()[:4]
    if found.hex() != parts[1]:
        raise Unreadable(f"the key of {parts[0]} was not copied whole: its hash does not fit")
    return Key(parts[0], found, raw[1:])


def head_of(note: Any, keys: Sequence[Key]) -> Head:
    """What a signed head says, once a key that was given is found to have signed it."""
    if not isinstance(note, str):
        raise Unreadable("the head is not a text")
    text, blank, signatures = note.partition("\n\n")
    lines = text.split("\n")
    try:
        size, root = int(lines[1][:20]), base64.b64decode(lines[2], validate=True)
        signed = [_signature(line) for line in signatures.splitlines()]
        formed = bool(blank) and str(size) == lines[1] and 0 <= size < 2**63 and len(root) == 32
    except (IndexError, ValueError):
        formed = False
    if not formed:
        raise Unreadable("this is no signed head (name, size and root, an empty line, signatures)") from None
    by = _signers(text + "\n", signed, keys, f"the head of {size} events")
    moment = next((line[5:] for line in lines[3:] if line.startswith("time ")), "")
    return Head(lines[0], size, root, moment, by)


def _signers(text: str, signed: Sequence[tuple[str, bytes]], keys: Sequence[Key], what: str) -> list[str]:
    """Which of the keys that were given signed a text; it must be one of them."""
    by = []
    for name, said in signed:
        for key in keys:
            if (key.name, key.id) == (name, said[:4]):
                try:
                    Ed25519PublicKey.from_public_bytes(key.key).verify(said[4:], text.encode())
                except InvalidSignature:
                    raise NotSound(f"{what}: the signature of {name} is wrong") from None
                by.append(f"{key.name}+{key.id.hex()}")
    if not by:
        raise NotSound(f"{what} is signed by none of the keys that you gave")
    return by


def _signature(line: str) -> tuple[str, bytes]:
    dash, name, said = line.split(" ")
    if dash != "\N{EM DASH}":
        raise ValueError(dash)
    return name, base64.b64decode(said, validate=True)


# Entries -----------------------------------------------------------------------------------------------------------------


class Tally:
    """What was seen of the entries."""

    def __init__(self) -> None:
        self.entries = self.by_hash_alone = self.words_true = self.words_not_shown = self.without_words = 0
        self.not_sealed: list[str] = []

    def said(self) -> str:
        parts = [f"{self.words_true} with their words shown and true"]
        if self.words_not_shown:
            parts.append(f"{self.words_not_shown} with words not shown")
        if self.without_words:
            parts.append(f"{self.without_words} without words")
        if self.by_hash_alone:
            parts.append(f"{self.by_hash_alone} by their hash alone, not for this reader to see")
        if self.not_sealed:
            parts.append(f"{len(self.not_sealed)} NOT sealed yet, so not proved ({', '.join(self.not_sealed[:5])})")
        return f"{self.entries} entries: " + ", ".join(parts)


def hash_of(entry: dict[str, Any], where: str, tally: Tally) -> bytes:
    """The hash of an entry, once what it shows is found to have it."""
    said, event = entry.get("hash"), entry.get("event")
    if not isinstance(said, str) or len(said) != 64 or set(said) - set("0123456789abcdef"):
        raise Unreadable(f"{where} has no hash")
    tally.entries += 1
    if event is None:
        tally.by_hash_alone += 1
        return bytes.fromhex(said)
    if not isinstance(event, dict):
        raise Unreadable(f"{where} is no event")
    form = event.get("algorithm")
    columns = FORMS.get(form, []) if type(form) is int else []
    beyond = {name: value for name, value in event.items() if name not in columns}
    if not columns or len(event) - len(beyond) != len(columns) or beyond not in ({}, {"mac": ""}):
        raise NotSound(f"{where}: the event does not have the columns of any form of the hash")
    if hashlib.sha256(canonical({name: event[name] for name in columns})).hexdigest() != said:
        raise NotSound(f"{where} was changed: its columns do not have the hash {said[:16]}…")
    if words := entry.get("words"):
        salt = entry.get("salt")
        if not isinstance(words, dict) or not isinstance(salt, str):
            raise Unreadable(f"{where}: its words are not words with a salt")
        if hashlib.sha256(salt.encode("utf-8", "replace") + canonical(words)).hexdigest() != event["words_hash"]:
            raise NotSound(f"{where}: the words beside it were changed")
        tally.words_true += 1
    elif event["words_hash"]:
        tally.words_not_shown += 1
    else:
        tally.without_words += 1
    return bytes.fromhex(said)


def hashes_of(path: Any, where: str) -> list[bytes]:
    try:
        found = [base64.b64decode(one, validate=True) for one in path]
    except (TypeError, ValueError):
        raise Unreadable(f"{where}: its path is not a list of hashes in base64") from None
    if len(found) > 64 or any(len(one) != 32 for one in found):
        raise Unreadable(f"{where}: its path is not a list of hashes")
    return found


def require_included(entry: dict[str, Any], found: bytes, head: Head | None, where: str, tally: Tally) -> None:
    """That a sealed entry stands where it says in the log of the head."""
    position = entry.get("position")
    if position is None or head is None:
        tally.not_sealed.append(where)
        return
    if type(position) is not int or not 0 <= position < head.size:
        raise NotSound(f"{where}: there is no position {position} in a log of {head.size}")
    path = hashes_of(entry.get("path"), where)
    if root_by_inclusion(leaf_hash(found), position, head.size, path) != head.root:
        raise NotSound(f"{where}, position {position}: it is not in the log that the head is of")


# The three questions -----------------------------------------------------------------------------------------------------


def receipt(given: argparse.Namespace, keys: list[Key]) -> str:
    """An item's own stream, or one entry of it, held against one signed head."""
    told = parsed(_whole(given.file), given.file)
    entries, stream = told.get("entries"), told.get("stream")
    if told.get("form") != RECEIPT or not isinstance(entries, list) or not isinstance(stream, str):
        raise Unreadable(f"{given.file} is no receipt ({RECEIPT})")
    head = head_of(told["head"], keys) if told.get("head") else None
    tally, whole = Tally(), told.get("whole") is True
    before = hashlib.sha256(stream.encode("utf-8", "replace")).hexdigest()
    for at, entry in enumerate(entries, start=1):
        if not isinstance(entry, dict):
            raise Unreadable(f"entry {at} is no entry")
        number = at if whole else entry.get("number")
        where = f"entry {number} of {stream}"
        if entry.get("number") != number:
            raise NotSound(f"{where} is missing: entry {entry.get('number')} stands in its place")
        found, event = hash_of(entry, where, tally), entry.get("event")
        if event is not None and (event["stream"], event["number"]) != (stream, number):
            raise NotSound(f"{where} is entry {event['number']} of {event['stream']} in truth")
        if event is not None and whole and event["previous_hash"] != before:
            raise NotSound(f"{where} does not follow the one before it")
        require_included(entry, found, head, where, tally)
        before = found.hex()
    if head is None or tally.entries == len(tally.not_sealed):
        raise NotSound(f"nothing is proved: no entry of {stream} is sealed yet ({tally.said()})")
    return f"{stream}, {tally.said()}. {_of(head)}"


def export(given: argparse.Namespace, keys: list[Key]) -> str:
    """The whole log, or what came after an earlier head, or some events of it. Read line by line."""
    with Path(given.file).open("rb") as file:
        lines = _lines(file, given.file)
        top = parsed(next(lines, b""), f"line 1 of {given.file}")
        if top.get("form") != EXPORT:
            raise Unreadable(f"{given.file} is no export ({EXPORT})")
        head = head_of(top.get("head"), keys)
        complete, tree = top.get("complete") is True, _begun(top)
        since, tally = tree.size, Tally()
        last: dict[bytes, tuple[int, bytes]] = {}  # by subject, number and hash of its latest event
        _require_fits(given, keys, tree, head, complete)
        for at, line in enumerate(lines, start=2):
            where = f"line {at}"
            entry = parsed(line, where)
            found = hash_of(entry, where, tally)
            if not complete:
                require_included(entry, found, head, where, tally)
                continue
            if entry.get("position") != tree.size:
                raise NotSound(f"{where}: position {tree.size} is missing, {entry.get('position')} stands in its place")
            tree.add(leaf_hash(found))
            if not tally.by_hash_alone:
                _require_follows(entry["event"], found, last, where, from_the_first=since == 0)
    if complete and (tree.size, tree.root()) != (head.size, head.root):
        raise NotSound(f"the {tree.size} events do not give the root of the head of {head.size} events")
    kind = f"the log from position {since} on" if since else "the whole log"
    return f"{kind if complete else 'some events of the log (this is not all of it)'}, {tally.said()}. {_of(head)}"


def _begun(top: dict[str, Any]) -> Tree:
    """The tree that the lines go on from."""
    since, peaks = top.get("since", 0), top.get("peaks", [])
    if type(since) is not int or since < 0:
        raise Unreadable("line 1 does not say from where the export is")
    return Tree(since, hashes_of(peaks, "line 1"))


def _require_fits(given: argparse.Namespace, keys: list[Key], tree: Tree, head: Head, complete: bool) -> None:
    """That an export goes on from, or ends at, the head that was kept."""
    if not given.head:
        return
    kept = head_of(_whole(given.head).decode("utf-8", "replace"), keys)
    if kept.origin != head.origin:
        raise NotSound(f"the head in {given.head} is of the log {kept.origin}, the export of {head.origin}")
    if (kept.size, kept.root) == (head.size, head.root):
        return
    if not complete or kept.size != tree.size:
        raise Unreadable(
            f"the head in {given.head} is of {kept.size} events: it can be held against an export from there "
            "(--since) or up to there; use heads for two heads"
        )
    if tree.root() != kept.root:
        raise NotSound(f"the export does not go on from the head of {kept.size} events in {given.head}")


def _require_follows(
    event: dict[str, Any], found: bytes, last: dict[bytes, tuple[int, bytes]], where: str, *, from_the_first: bool
) -> None:
    """That an event follows the one before it in its stream. Keeps about 250 bytes for each subject."""
    name = str(event["stream"]).encode("utf-8", "replace")
    stream = hashlib.sha256(name).digest()
    number, before = last.get(stream, (0, stream))
    if (from_the_first or number) and (event["number"], event["previous_hash"]) != (number + 1, before.hex()):
        raise NotSound(f"{where} does not follow entry {number} of {event['stream']}")
    last[stream] = (event["number"], found)


def heads(given: argparse.Namespace, keys: list[Key]) -> str:
    """Two heads and the proof that the log of the second goes on from that of the first."""
    old, new = (head_of(_whole(name).decode("utf-8", "replace"), keys) for name in (given.old, given.new))
    text = _whole(given.proof)
    if text.lstrip().startswith(b"{"):
        path = hashes_of(parsed(text, given.proof).get("proof"), given.proof)
    else:
        words = text.decode("ascii", "replace").splitlines()
        path = hashes_of([line for line in words if line and not line.startswith("old ")], given.proof)
    if old.origin != new.origin:
        raise NotSound(f"the heads are of two logs: {old.origin} and {new.origin}")
    if old.size > new.size:
        raise NotSound(f"the log was cut: {old.size} events in the old head, {new.size} in the new one")
    if not goes_on(old, new, path):
        raise NotSound(f"the log of {new.size} events does not go on from that of {old.size}: it was written anew")
    return f"the log of {new.size} events goes on from that of {old.size}. {_of(new)}"


def tabled(given: argparse.Namespace, keys: list[Key]) -> str:
    """A tabled summary with its signature, as its page hands it out."""
    said = parsed(_whole(given.file), given.file)
    if said.get("form") != "resolves-tabled/1" or not all(
        isinstance(said.get(name), str) for name in ("of", "day", "note")
    ):
        raise Unreadable(f"{given.file} is no tabled summary")
    found = hashlib.sha256(canonical(said.get("summary"))).hexdigest()
    if said.get("sha256") != found:
        raise NotSound(f"what was frozen was changed: its hash is {found}, and {str(said.get('sha256'))[:64]} is said")
    text, _blank, signatures = said["note"].partition("\n\n")
    if text.split("\n")[1:] != ["resolves-tabled/1", said["of"], found, f"day {said['day']}"]:
        raise NotSound(f"no signature is with it that is of summary {said['of']}, of this day and this hash")
    try:
        signed = [_signature(line) for line in signatures.splitlines()]
    except ValueError:
        raise Unreadable("its signature is not well formed") from None
    by = _signers(text + "\n", signed, keys, f"summary {said['of']}")
    return f"summary {said['of']} is as it was tabled, as of {said['day']}, SHA-256 {found}, signed by {', '.join(by)}"


def _of(head: Head) -> str:
    return f"Head of {head.size} events of {head.origin}, signed {head.time or 'at a time not said'} by {', '.join(head.signed_by)}"


def _whole(name: str) -> bytes:
    with Path(name).open("rb") as file:
        text = file.read(LONGEST + 1)
    if len(text) > LONGEST:
        raise Unreadable(f"{name} is too long to be what it should be")
    return text


def _lines(file: BinaryIO, name: str) -> Iterator[bytes]:
    while line := file.readline(LONGEST + 1):
        if len(line) > LONGEST:
            raise Unreadable(f"{name} has a line that is too long")
        if line.strip():
            yield line


def main(arguments: Sequence[str] | None = None) -> int:
    """The command: says what it found in plain words, or with --json for programs."""
    parser = argparse.ArgumentParser(prog="resolves_verify.py", description=(__doc__ or "").partition("\n")[0])
    asked = parser.add_subparsers(dest="what", required=True)
    questions = {
        "receipt": (receipt, ["file"]),
        "export": (export, ["file"]),
        "heads": (heads, ["old", "new", "proof"]),
        "tabled": (tabled, ["file"]),
    }
    for name, (question, files) in questions.items():
        one = asked.add_parser(name, help=(question.__doc__ or "").partition("\n")[0])
        for file in files:
            one.add_argument(file)
        one.add_argument(
            "--key", action="append", default=[], help="public key of the log: name+hash+key (may be repeated)"
        )
        one.add_argument("--json", action="store_true", help="say it for programs")
        if name == "export":
            one.add_argument("--head", help="a head that you kept, such as from a mail")
    given = parser.parse_args(arguments)
    code = 0
    try:
        said = questions[given.what][0](given, _keys(given.key))
    except NotSound as wrong:
        code, said = 1, str(wrong)
    except (Unreadable, OSError, RecursionError, MemoryError) as wrong:
        code, said = 2, str(wrong) or type(wrong).__name__
    said = "".join(sign if sign.isprintable() else "?" for sign in said)
    if given.json:
        print(json.dumps({"result": ["sound", "not sound", "unreadable"][code], "says": said}))
    else:
        told = f"{['SOUND', 'NOT SOUND', 'CANNOT BE READ'][code]}: {said}"
        print(told.encode("ascii", "backslashreplace").decode(), file=sys.stderr if code else sys.stdout)
    return code


def _keys(lines: Sequence[str]) -> list[Key]:
    if not lines:
        raise Unreadable("give the public key of the log with --key; get it from somebody you trust")
    return [key_of(line) for line in lines]


if __name__ == "__main__":
    sys.exit(main())
