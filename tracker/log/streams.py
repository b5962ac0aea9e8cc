"""The first look at the record: every stream in the order of its numbers, each event by itself and after the one before."""

import json
import re
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

from tracker import clock, keys
from tracker.log import rows
from tracker.log.findings import Found
from tracker.log.judging import judged, words_problem
from tracker.log.leaves import signed
from tracker.models import Event, Head, legible
from tracker.proofs import digests

LATE = timedelta(minutes=5)
ERASING = (
    "person.anonymised",
    "words.erased",
    "retention.applied",
)  # their fact `emptied` names the events whose words they emptied
_MENTION = re.compile(r"mention:[0-9]+\.person$")
UNSOUND = 100_000  # as many are kept in mind for the second look


class Streams:
    """Fed with rows (`tracker.log.rows`), stream by stream; says what it finds. `apart`: the events before a row were not
    read, so that each row brings the hash before it along."""

    def __init__(self, say: Callable[[Found], None], *, apart: bool = False) -> None:
        self.events = 0
        self.sealed = 0
        self.unsound: set[int] = set()
        self._say = say
        self._apart = apart
        self._keys = keys.event_keys()
        self._logged = Head.objects.exists()
        self._late = f"{clock.now() - LATE:%Y-%m-%d %H:%M:%S}"
        self._stream: str | None = None
        self._next = 1
        self._before: tuple[str, str] = ("", "")  # the hash of the event before, as it stands and as it should
        self._waiting: list[Found] = []
        self._erased: set[int] | None = None
        self._old: Callable[[Any], bool] = lambda _row: False

    def feed(self, page: Iterable[Any]) -> None:
        """The next rows."""
        emptied = []
        for row in page:
            kind, hash_ = judged(row, self._keys, logged=self._logged)
            if kind:
                self._unsound(kind, row)
            self._follows(row, hash_)
            if not row[21]:
                self._unsealed(row)
            elif self._waiting:
                self._flush()
            if row[16]:
                problem = words_problem(row[16], row[22])
                if problem == "emptied":
                    emptied.append(row)
                elif problem:
                    self._say(_about(problem, row))
            self.events += 1
            self.sealed += bool(row[21])
        if emptied:
            self._emptied(emptied)

    def _unsound(self, kind: str, row: Any) -> None:
        if len(self.unsound) < UNSOUND:
            self.unsound.add(row[0])
        self._say(_about(kind, row))

    def _follows(self, row: Any, hash_: str) -> None:
        """Whether the event has the next number of its stream, and names the hash of the one before."""
        stream, number, previous = row[1], row[2], row[19]
        if stream != self._stream:
            self._waiting.clear()
            self._stream, self._next, self._before = stream, 1, (_first(stream), "")
        if self._apart and number != self._next and row[23] is not None:
            self._next, self._before = number, (row[23], self._before[1])
        if number == self._next:
            if previous not in self._before:
                self._say(_about("chain", row))
            self._next, self._before = number + 1, (row[20], hash_)
        elif type(number) is not int or number < self._next:
            self._say(_about("double", row))
            self._before = (self._before[0], row[20])
        else:
            self._say(_about("gap", row, {"from": self._next, "to": number - 1}))
            self._next, self._before = number + 1, (row[20], hash_)

    def _unsealed(self, row: Any) -> None:
        """An event without a place in the log: late where it is old, or where one after it in its stream has a place."""
        if row[0] in self.unsound:
            return  # refused by the sealing, and named already
        found = _about("late", row)
        if str(row[14]).replace("T", " ")[:19] < self._late:
            self._say(found)
        elif len(self._waiting) < 1_000:
            self._waiting.append(found)

    def _flush(self) -> None:
        for found in self._waiting:
            self._say(found)
        self._waiting.clear()

    def _emptied(self, empty: list[Any]) -> None:
        """Words that were emptied: an event must say so. Asked again once, for one that came after we began."""
        if self._erased is None or any(row[0] not in self._erased for row in empty):
            self._erased, self._old = erased(), _old_ways()
        for row in empty:
            if row[0] not in self._erased and not self._old(row):
                self._say(_about("words_emptied", row))


def erased() -> set[int]:
    """The ids of the events of which an event says that it emptied their words."""
    found: set[int] = set()
    for (changes,) in rows.changes_of(ERASING):
        try:
            said = json.loads(changes)
        except (TypeError, ValueError, RecursionError):  # named already: such an event was changed
            continue
        pair = said.get("emptied") if isinstance(said, dict) else None
        if isinstance(pair, list) and len(pair) == 2 and isinstance(pair[1], list):
            found.update(pk for pk in pair[1] if isinstance(pk, int))
    return found


def words_accounted_for(row: Any) -> bool:
    """Whether an event says that it emptied the words of this one."""
    return row[0] in erased() or _old_ways()(row)


def _old_ways() -> Callable[[Any], bool]:
    """Anonymising did not name what it emptied while events had form 1: the words that stood in the person's own stream, and
    those of the comments that had named them. Once there is a log only an event that it vouches for says so."""
    said = Event.objects.filter(verb="person.anonymised", algorithm=1)
    if Head.objects.exists():
        said = said.filter(leaf__position__lt=signed())
    old = {stream: pk for pk, stream in said.values_list("pk", "stream")}

    def exempt(row: Any) -> bool:
        if row[17] != 1 or not old:
            return False
        streams = {row[1]} if row[3] != "occurrence.commented" else _mentioned(row[11])
        return any(row[0] < old.get(stream, 0) for stream in streams)

    return exempt


def _mentioned(changes: Any) -> set[str]:
    """The streams of the people whom a comment named, from the JSON of its event."""
    rows_ = ((_MENTION.match(name), pair[1]) for name, pair in legible.pairs(changes).items())
    return {f"person:{person}" for named, person in rows_ if named and isinstance(person, int)}


def _first(stream: Any) -> str:
    try:
        return digests.first(stream)
    except (AttributeError, ValueError):  # SQLite keeps what is no text too
        return ""


def _about(kind: str, row: Any, facts: dict[str, Any] | None = None) -> Found:
    """A finding about the event of a row. SQLite keeps what is no number too."""
    return Found(kind, row[0], str(row[1]), row[2] if type(row[2]) is int else None, facts=facts or {})
