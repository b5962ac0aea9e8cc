"""Append-only, held by the database: triggers that refuse to change or delete what was recorded, and the log over it.

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
VISITS = "tracker_visit"
TABLED = ("tracker_tabled", "tracker_tabledsignature")
KEPT = (EVENTS, "tracker_leaf", "tracker_node", "tracker_head", *TABLED)  # never changed, never deleted
RULES = "tracker_retentionrule"
TABLES = (*KEPT, WORDS, VISITS)
# A visit goes only when it is older than the rule of retention in force says: in real time, whatever a clock is pinned to.
_OVER = f"SELECT 1 FROM {RULES} WHERE what = 'visits' AND ended_at IS NULL AND OLD.at < "  # noqa: S608  (names of ours)


def _sqlite() -> dict[str, str]:
    """Names and rules; the row of a visit may go when its time is over, but never be changed."""

    def refuse(what: str) -> str:
        return f"BEGIN SELECT RAISE(ABORT, '{what}'); END"

    wanted = {}
    for table in KEPT:
        wanted[f"{table}_no_update"] = f"BEFORE UPDATE ON {table} {refuse('events are append-only')}"
        wanted[f"{table}_no_delete"] = f"BEFORE DELETE ON {table} {refuse('events are append-only')}"
    wanted[f"{WORDS}_only_erase"] = (
        f"BEFORE UPDATE ON {WORDS} WHEN NOT (NEW.salt = '' AND NEW.words = '{{}}' AND NEW.event_id = OLD.event_id) "
        f"{refuse('words of events can only be erased')}"
    )
    wanted[f"{WORDS}_no_delete"] = f"BEFORE DELETE ON {WORDS} {refuse('events are append-only')}"
    wanted[f"{VISITS}_no_update"] = f"BEFORE UPDATE ON {VISITS} {refuse('visits are never changed')}"
    over = f"{_OVER} datetime('now', '-' || months || ' months')"
    kept = refuse("visits are kept for as long as the rule of retention says")
    wanted[f"{VISITS}_only_over"] = f"BEFORE DELETE ON {VISITS} WHEN NOT EXISTS ({over}) {kept}"
    return wanted


def _postgres() -> dict[str, str]:
    refuse = "EXECUTE FUNCTION resolves_refuse()"
    wanted = {}
    for table in KEPT:
        wanted[f"{table}_no_change"] = f"BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW {refuse}"
        wanted[f"{table}_no_truncate"] = f"BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {refuse}"
    wanted[f"{WORDS}_only_erase"] = (
        f"BEFORE UPDATE ON {WORDS} FOR EACH ROW "
        f"WHEN (NOT (NEW.salt = '' AND NEW.words = '{{}}'::jsonb AND NEW.event_id = OLD.event_id)) {refuse}"
    )
    wanted[f"{WORDS}_no_delete"] = f"BEFORE DELETE ON {WORDS} FOR EACH ROW {refuse}"
    wanted[f"{WORDS}_no_truncate"] = f"BEFORE TRUNCATE ON {WORDS} FOR EACH STATEMENT {refuse}"
    wanted[f"{VISITS}_no_update"] = f"BEFORE UPDATE ON {VISITS} FOR EACH ROW {refuse}"
    wanted[f"{VISITS}_no_truncate"] = f"BEFORE TRUNCATE ON {VISITS} FOR EACH STATEMENT {refuse}"
    wanted[f"{VISITS}_only_over"] = f"BEFORE DELETE ON {VISITS} FOR EACH ROW EXECUTE FUNCTION resolves_keep_visit()"
    return wanted


_REFUSE = """
CREATE OR REPLACE FUNCTION resolves_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'events are append-only (% on %)', TG_OP, TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation'; END $$
"""
_KEEP_VISIT = f"""
CREATE OR REPLACE FUNCTION resolves_keep_visit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS ({_OVER} now() - make_interval(months => months)) THEN RETURN OLD; END IF;
  RAISE EXCEPTION 'visits are kept for as long as the rule of retention says' USING ERRCODE = 'integrity_constraint_violation';
END $$
"""


def _wanted(using: str) -> dict[str, str]:
    return _sqlite() if connections[using].vendor == "sqlite" else _postgres()


def _table(name: str) -> str:
    return max((table for table in TABLES if name.startswith(f"{table}_")), key=len)


def install(using: str = "default") -> None:
    """Put every trigger in place, replacing one of the same name."""
    remove(using)
    with connections[using].cursor() as cursor:
        if connections[using].vendor == "postgresql":
            cursor.execute(_REFUSE)
            cursor.execute(_KEEP_VISIT)
        for name, rule in _wanted(using).items():
            cursor.execute(f"CREATE TRIGGER {name} {rule}")


def remove(using: str = "default") -> None:
    """Take the triggers away (for tests that attack the record, and before re-installing)."""
    with connections[using].cursor() as cursor:
        for name in _wanted(using):
            on = f" ON {_table(name)}" if connections[using].vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on}")


def missing(using: str = "default") -> list[str]:
    """The names of triggers that are not in the database as we put them there: gone, disabled, or replaced by one of the same
    name that lets through what ours refuses."""
    found = _sqlite_found(using) if connections[using].vendor == "sqlite" else _postgres_found(using)
    return sorted(name for name, rule in _wanted(using).items() if found.get(name) != _known_by(using, name, rule))


def _known_by(using: str, name: str, rule: str) -> tuple[Any, ...]:
    """What of a trigger the database gives back as it was given."""
    if connections[using].vendor == "sqlite":
        return (f"CREATE TRIGGER {name} {rule}",)
    moments = rule.partition(" ON ")[0].removeprefix("BEFORE ").split(" OR ")
    kind = _BEFORE | (_EACH_ROW if "FOR EACH ROW" in rule else 0) | sum(_MOMENTS[moment] for moment in moments)
    source = _KEEP_VISIT if "resolves_keep_visit" in rule else _REFUSE
    return _table(name), kind, "WHEN (" in rule, source.split("$$")[1]


_EACH_ROW, _BEFORE = 1, 2  # bits of `pg_trigger.tgtype`
_MOMENTS = {"DELETE": 8, "UPDATE": 16, "TRUNCATE": 32}


def _sqlite_found(using: str) -> dict[str, tuple[Any, ...]]:
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        return {name: (sql,) for name, sql in cursor.fetchall()}


def _postgres_found(using: str) -> dict[str, tuple[Any, ...]]:
    """Those that fire for everybody: not disabled, not for copies of the database alone, not for some columns alone."""
    with connections[using].cursor() as cursor:
        cursor.execute(
            "SELECT t.tgname, c.relname, t.tgtype, t.tgqual IS NOT NULL, p.prosrc FROM pg_trigger t "
            "JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid "
            "WHERE NOT t.tgisinternal AND t.tgenabled IN ('O', 'A') AND t.tgattr::text = '' "
            "AND pg_table_is_visible(c.oid)"
        )
        return {
            name: (table, kind, conditional, source) for name, table, kind, conditional, source in cursor.fetchall()
        }


def reinstall(using: str = "default", **_signal: Any) -> None:
    """After every migrate: the tables are there unless this app was migrated to nothing."""
    if _migrated(using):
        install(using)


def gone(using: str) -> list[str]:
    """The triggers that are missing where the tables are there."""
    return missing(using) if _migrated(using) else []


def _migrated(using: str) -> bool:
    return {*TABLES, RULES} <= set(connections[using].introspection.table_names())


def check(*, databases: Sequence[str] | None = None, **_kwargs: Any) -> list[CheckMessage]:
    """System check (tag *database*): a missing trigger is an error."""
    problems: list[CheckMessage] = []
    for using in databases or []:
        problems += [
            Error(
                _("The trigger %(name)s is missing: the record could be changed.") % {"name": name},
                hint=_("Run manage.py migrate: it puts the triggers back. Then find out who removed it."),
                id="tracker.E001",
            )
            for name in gone(using)  # none before the first migrate, which runs this check itself
        ]
    return problems
