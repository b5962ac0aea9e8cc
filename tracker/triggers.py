"""Append-only, held by the database: triggers that refuse to change or delete what was recorded.

`install()` may be run any number of times; `missing()` names what is not there. The words of an event may be emptied
(erasure) and nothing else.
"""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error
from django.db import connections
from django.utils.translation import gettext as _

EVENTS = "tracker_event"
WORDS = "tracker_eventwords"

_SQLITE = {
    f"{EVENTS}_no_update": f"BEFORE UPDATE ON {EVENTS} BEGIN SELECT RAISE(ABORT, 'events are append-only'); END",
    f"{EVENTS}_no_delete": f"BEFORE DELETE ON {EVENTS} BEGIN SELECT RAISE(ABORT, 'events are append-only'); END",
    f"{WORDS}_only_erase": (
        f"BEFORE UPDATE ON {WORDS} WHEN NOT (NEW.salt = '' AND NEW.words = '{{}}' AND NEW.event_id = OLD.event_id) "
        "BEGIN SELECT RAISE(ABORT, 'words of events can only be erased'); END"
    ),
    f"{WORDS}_no_delete": f"BEFORE DELETE ON {WORDS} BEGIN SELECT RAISE(ABORT, 'events are append-only'); END",
}
_POSTGRES = {
    f"{EVENTS}_no_change": f"BEFORE UPDATE OR DELETE ON {EVENTS} FOR EACH ROW EXECUTE FUNCTION resolves_refuse()",
    f"{EVENTS}_no_truncate": f"BEFORE TRUNCATE ON {EVENTS} FOR EACH STATEMENT EXECUTE FUNCTION resolves_refuse()",
    f"{WORDS}_only_erase": (
        f"BEFORE UPDATE ON {WORDS} FOR EACH ROW "
        "WHEN (NOT (NEW.salt = '' AND NEW.words = '{}'::jsonb AND NEW.event_id = OLD.event_id)) "
        "EXECUTE FUNCTION resolves_refuse()"
    ),
    f"{WORDS}_no_delete": f"BEFORE DELETE ON {WORDS} FOR EACH ROW EXECUTE FUNCTION resolves_refuse()",
    f"{WORDS}_no_truncate": f"BEFORE TRUNCATE ON {WORDS} FOR EACH STATEMENT EXECUTE FUNCTION resolves_refuse()",
}
_REFUSE = """
CREATE OR REPLACE FUNCTION resolves_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'events are append-only (% on %)', TG_OP, TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation'; END $$
"""


def _wanted(using: str) -> dict[str, str]:
    return _SQLITE if connections[using].vendor == "sqlite" else _POSTGRES


def _table(name: str) -> str:
    return WORDS if name.startswith(WORDS) else EVENTS


def install(using: str = "default") -> None:
    """Put every trigger in place, replacing one of the same name."""
    remove(using)
    with connections[using].cursor() as cursor:
        if connections[using].vendor == "postgresql":
            cursor.execute(_REFUSE)
        for name, rule in _wanted(using).items():
            cursor.execute(f"CREATE TRIGGER {name} {rule}")


def remove(using: str = "default") -> None:
    """Take the triggers away (for tests that attack the record, and before re-installing)."""
    with connections[using].cursor() as cursor:
        for name in _wanted(using):
            on = f" ON {_table(name)}" if connections[using].vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on}")


def missing(using: str = "default") -> list[str]:
    """The names of triggers that are not in the database, or on PostgreSQL are there but disabled."""
    query = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if connections[using].vendor == "sqlite"
        else "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'"
    )
    with connections[using].cursor() as cursor:
        cursor.execute(query)
        found = {row[0] for row in cursor.fetchall()}
    return sorted(set(_wanted(using)) - found)


def reinstall(using: str = "default", **_signal: Any) -> None:
    """After every migrate: the tables are there unless this app was migrated to nothing."""
    tables = connections[using].introspection.table_names()
    if EVENTS in tables and WORDS in tables:
        install(using)


def check(*, databases: Sequence[str] | None = None, **_kwargs: Any) -> list[CheckMessage]:
    """System check (tag *database*): a missing trigger is an error."""
    problems: list[CheckMessage] = []
    for using in databases or []:
        if EVENTS not in connections[using].introspection.table_names():
            continue  # not migrated yet: migrate itself runs this check
        problems += [
            Error(
                _("The trigger %(name)s is missing: the record could be changed.") % {"name": name},
                hint=_("Run manage.py migrate: it puts the triggers back. Then find out who removed it."),
                id="tracker.E001",
            )
            for name in missing(using)
        ]
    return problems
