"""SQLite as Resolves opens it."""

import sqlite3
from typing import Any


class Connection(sqlite3.Connection):
    """A connection that reads any text. SQLite keeps letters that are no UTF-8, which only somebody who writes past Resolves
    can have put there; Python would raise at them, whatever page the row is wanted for. They come as U+FFFD."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.text_factory = lambda text: text.decode(errors="replace")
