"""Every path writes the record: what stands in the database is changed by `audit.record`, and past it only where a line
below says why."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
WRITES = frozenset(
    "save create bulk_create bulk_update update_or_create get_or_create delete update create_user create_superuser".split()
)
# Module → function: why it writes past the record. A new line needs a reason that would stand before an auditor.
PAST_THE_RECORD = {
    "tracker/audit.py": {
        "_save": "the record itself: the row that its event is about",
        "_append": "the record itself: the event and its words",
    },
    "tracker/log/sealing.py": {"_append": "leaves and nodes of the log", "_sign": "a head of the log"},
    "tracker/log/findings.py": {"keep": "what a check found"},
    "tracker/log/checks.py": {"*": "checks of the record, how far they are, and what stands of what they found"},
    "tracker/log/witness.py": {"*": "how a head came to the witness"},
    "tracker/management/commands/rotate_log_key.py": {"handle": "when the key of the log changed"},
    "tracker/visits.py": {"keep": "who saw what, logged apart", "_once_more": "the same"},
    "tracker/models/people.py": {
        "create_user": "Django's way of adding an account; used by `create_superuser` alone",
        "create_superuser": "`createsuperuser`; the record is told in the same transaction",
    },
    "workflows/flows.py": {"_cancel": "a run of the flow: whose turn it is, derived from the status"},
    "tracker/ticking.py": {"*": "that the clock runs, who runs it, and what failed: bookkeeping of the worker"},
    "workflows/throttle.py": {"attempt": "tries to log in, counted for an hour", "forgive": "the same"},
    "workflows/steps/anonymity.py": {
        "*": "erasure: words beside events, a name in comments and mails, filters; the event of the erasure says so"
    },
    "workflows/steps/erasing.py": {
        "erase_words": "erasure: words in the rows of an item and in mails; its event says so",
        "empty": "erasure: words beside events; the event of the erasure names them",
    },
    "tracker/audiences.py": {"give": "what many turns share, put into each in memory; no row"},
    "tracker/asof/scratch.py": {"fill": "a past state in memory, gone when it was read"},
    "tracker/packs/docx.py": {"made": "a file of Word in memory, no row"},
    "workflows/steps/tabling.py": {"sign_tabled": "the signature beside what was tabled, by the worker"},
    "workflows/steps/restoring.py": {"accept_restored_log": "findings that stand no longer; its event says so"},
    "workflows/steps/retention.py": {
        "_erase_visits": "who saw what, whose time is over; its event says how many",
        "_erase_mails": "texts of mails whose time is over; its event says how many",
    },
    "workflows/steps/intake.py": {"drop_obligation": "the row goes; the event on its paragraph says so"},
    "workflows/steps/tokens.py": {
        "make_token": "a token, which is secret; its event stands beside it",
        "end_token": "a token, which is secret; its event stands beside it",
    },
    "workflows/steps/own.py": {
        "keep_filter": "saved filters, which are nobody's act",
        "rename_filter": "saved filters, which are nobody's act",
        "drop_filter": "saved filters, which are nobody's act",
    },
    "workflows/steps/mails.py": {
        "_queue": "that a mail is to be sent again; its event stands beside it",
        "_promise_anew": "what is to be told at an address; its event stands beside it",
    },
    "workflows/steps/reading.py": {"mark_read": "that a person has read what arrived for them: a note of their own"},
    "workflows/steps/people.py": {"_promise_mail": "that a mail is to be sent"},
    "workflows/steps/links.py": {"_promise_mail": "that a mail is to be sent"},
    "tracker/mailed.py": {
        "_rows": "links of mails: bookkeeping of the mailer",
        "spend": "that a link was used; the event of its step stands beside it, by mailed link",
    },
    "workflows/reminders/planning.py": {"*": "what is to be mailed when, derived from the record"},
    "workflows/reminders/finding.py": {"*": "how far the clock has looked"},
    "workflows/notices": {"*": "mails, and (`told`) that a mail was taken: bookkeeping of the mailer"},
}
# Calls of these names that change no row: digests, dictionaries, files.
NO_ROWS = frozenset({"digest", "hash", "found", "named", "wanted", "facts", "default_storage", "settings", "options"})


def sources() -> Iterator[tuple[str, ast.Module]]:
    for package in ("api", "tracker", "workflows"):
        for path in sorted((ROOT / package).rglob("*.py")):
            if "migrations" not in path.parts:
                yield str(path.relative_to(ROOT)), ast.parse(path.read_text())


def writes(tree: ast.AST) -> Iterator[tuple[str, str, int]]:
    """(function, method, line) of each call that could change rows."""

    class Look(ast.NodeVisitor):
        def __init__(self) -> None:
            self.inside, self.found = [""], []  # type: ignore[var-annotated]

        def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
            self.inside.append(node.name)
            self.generic_visit(node)
            self.inside.pop()

        def visit_Call(self, node: ast.Call) -> None:
            if isinstance(node.func, ast.Attribute) and node.func.attr in WRITES and _of_rows(node):
                self.found.append((self.inside[-1], node.func.attr, node.lineno))
            self.generic_visit(node)

    look = Look()
    look.visit(tree)
    yield from look.found


def _of_rows(node: ast.Call) -> bool:
    """Whether a call may be one of a row or of a question about rows: `dict.update(x)` and a digest's are not."""
    assert isinstance(node.func, ast.Attribute)
    on = node.func.value
    if isinstance(on, ast.Call) and isinstance(on.func, ast.Name) and on.func.id == "super":
        return False
    if node.func.attr == "update":
        return not node.args  # rows are updated by keyword, dictionaries and digests by what they are given
    return not (isinstance(on, ast.Name) and on.id in NO_ROWS)


def excused(name: str, function: str) -> bool:
    return any(
        name.startswith(module) and (function in functions or "*" in functions)
        for module, functions in PAST_THE_RECORD.items()
    )


def test_nothing_is_written_past_the_record_without_a_reason() -> None:
    found = [
        f"{name}:{line} {function}: .{method}()"
        for name, tree in sources()
        for function, method, line in writes(tree)
        if not excused(name, function)
    ]
    assert found == []


def test_each_reason_is_still_needed() -> None:
    """A line whose function writes no more is taken out of the table."""
    there = {(name, function) for name, tree in sources() for function, _method, _line in writes(tree)}
    for module, functions in PAST_THE_RECORD.items():
        for function in functions:
            assert any(name.startswith(module) and function in ("*", one) for name, one in there), (module, function)


@pytest.mark.parametrize(
    "line",
    [
        "Occurrence.objects.filter(pk=1).update(status='closed')",
        "occurrence.save()",
        "Person.objects.create(username='x')",
        "Term.objects.bulk_create(rows)",
        "obligation.delete()",
    ],
)
def test_control_a_write_past_the_record_is_seen(line: str) -> None:
    (found,) = writes(ast.parse(f"def step():\n    {line}"))

    assert found[0] == "step"
    assert not excused("workflows/steps/upkeep.py", found[0])
    assert list(writes(ast.parse("digest.update(chunk)\nfound.update({1: 2})"))) == []
