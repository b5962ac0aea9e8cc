"""Replay: what the events add up to, against what stands."""

from collections.abc import Iterable, Iterator

from tracker.log.findings import Found


def differences(*, subjects: Iterable[str] | None = None) -> Iterator[Found]:
    """Where the rows are not what the record says."""
    del subjects
    yield from ()
