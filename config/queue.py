"""huey's queue on PostgreSQL, with one thing put right: many processes may be the first at once."""

from typing import Any

import huey
from huey.storage import PostgresStorage

TABLES_BEING_MADE = 0x7265736F6C766573  # any number that nobody else in the database locks: "resolves" in ASCII


class Storage(PostgresStorage):
    """Makes its tables one process after another. `CREATE TABLE IF NOT EXISTS` does not see a table that another
    transaction is just making, and fails when that one commits: a web process or a consumer would not start."""

    ddl: list[str]

    def __init__(self, *args: Any, create_tables: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, create_tables=False, **kwargs)
        self.ddl = [f"select pg_advisory_xact_lock({TABLES_BEING_MADE})", *self.ddl]
        if create_tables:
            self.initialize_schema()


class PostgresHuey(huey.Huey):
    """As huey's own, on this storage."""

    storage_class = Storage
