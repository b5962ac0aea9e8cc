"""The control of `benchmarks.record`: Resolves without its record. The only place where it can be switched off, in a server
process of the benchmark's own: rows are saved, no event is written, hashed or signed."""

from typing import Any

from benchmarks.floor import application
from tracker import audit


def nothing(*_args: Any) -> None:
    """In place of the event."""


audit._append = nothing  # type: ignore[assignment]

__all__ = ["application"]
