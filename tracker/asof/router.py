"""Where questions are asked while a past state is read: in a database of its own, in this thread's memory."""

from contextvars import ContextVar
from typing import Any

here: ContextVar[str | None] = ContextVar("resolves_past", default=None)


class Past:
    """Sends every question to the past state that is being read, if one is; and lets nobody write meanwhile, because nothing
    written there would last."""

    def db_for_read(self, _model: Any, **_hints: Any) -> str | None:
        return here.get()

    def db_for_write(self, model: Any, **_hints: Any) -> str | None:
        if here.get() is not None:
            raise RuntimeError(f"A past state is being read: no {model.__name__} can be written.")
        return None

    def allow_relation(self, *_objects: Any, **_hints: Any) -> bool | None:
        return True if here.get() is not None else None
