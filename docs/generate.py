"""Writes the tables of the documentation from the code: `make docs`, or `python -m docs.generate`.

A table stands in its page between `<!-- table: name -->` and `<!-- end of table -->`; `tests/test_docs.py` says when one
is stale. Words that the code does not have (what a mark means) are kept here, by name, so that a new name is missed at once.
"""

import ast
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import django
from django.apps import apps

if not apps.ready:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()

from django.contrib.admindocs.views import simplify_regex
from django.core.management import BaseCommand, get_commands, load_command_class
from django.urls import URLPattern, URLResolver, get_resolver

from api import filters
from api.steps_in import STEP_INPUT
from tracker import access, audit, marks
from tracker.deadlines import LADDER
from tracker.models import Occurrence
from workflows.machines import OPEN, STEPS, Status
from workflows.notices.hearing import HEARS
from workflows.notices.sending import MOST_ATTEMPTS, delay
from workflows.steps.catalogue import CATALOGUE

DOCS = Path(__file__).resolve().parent
ROOT = DOCS.parent
PLACE = re.compile(r"(<!-- table: (?P<name>[a-z-]+) -->\n)(?P<table>.*?)(<!-- end of table -->)", re.DOTALL)
OURS = ("tracker", "workflows", "api")

# --- words that the code does not have ----------------------------------------------------------------------------------

STATES: dict[str, tuple[str, str]] = {
    "planned": (
        "to assign: the chair of the responsible body, else the secretary",
        "The turn is known; nobody is asked.",
    ),
    "assigned": ("to accept: the lead", "Somebody is asked and has not answered."),
    "in_progress": ("to submit: the lead", "The lead has accepted. Work goes on, or a report was sent back."),
    "submitted": ("to endorse: the endorser", "A report stands. The lead's clock has stopped."),
    "endorsed": ("to close: the secretary", "The duty is discharged. The body has not decided yet."),
    "closed": ("nobody", "The body decided. Only another decision reopens it."),
    "waived": ("nobody", "The body released everybody from this turn."),
    "superseded": ("nobody", "An amendment took its place."),
}
MARKS: dict[str, str] = {
    "late": "the due day is over and nothing has come",
    "unassigned": "nobody is asked, before the due day or past it",
    "never_asked": "the due day is over and the lead was never told",
    "not_reported": "the session that it belongs to is over and nothing came",
    "waiting": "its session or meeting has no day: it is not late",
    "on_hold": "a reason is on record; the clock runs on",
    "due": "somebody is asked and the day is still to come",
    "submitted": "a report stands and waits for its endorser",
    "endorsed": "endorsed, and the session that it belongs to is not over",
    "received": "endorsed, on time, late by so many days, or on a day that is not recorded",
    "nothing": "the report says that nothing happened",
    "closed": "the body decided",
    "waived": "the body no longer asks for it",
    "blank": "superseded, not in force, or of a version whose text is not recorded",
}
# The event that a step writes, and what it needs beyond its words.
WRITES: dict[str, tuple[str, str]] = {
    "assign": ("occurrence.assigned", "The lead and each contributor is an office or a person who has not left."),
    "unassign": ("occurrence.unassigned", ""),
    "accept": ("occurrence.accepted", ""),
    "decline": ("occurrence.declined", ""),
    "record_activity": ("occurrence.activity_recorded", "A day to come is refused."),
    "submit": (
        "occurrence.submitted",
        "Words, a document symbol, a file, or that nothing happened: one of them at least.",
    ),
    "withdraw": ("occurrence.withdrawn", ""),
    "send_back": ("occurrence.sent_back", ""),
    "endorse": ("occurrence.endorsed", "Nobody endorses what they submitted themselves."),
    "close": ("occurrence.closed", "A decision of the body, or of the body of the turn's session, that has opened."),
    "waive": ("occurrence.waived", "A decision, as for `close`."),
    "supersede": ("occurrence.superseded", ""),
    "reopen": (
        "occurrence.reopened",
        "From closed: a decision that is not the one that closed it. Where nobody leads it any more: a lead.",
    ),
    "enter_from_record": (
        "occurrence.entered_from_record",
        "A source. A day to come is refused; a day that is not known stays open.",
    ),
    "hold": ("occurrence.held", "It is not on hold already."),
    "resume": ("occurrence.resumed", "It is on hold."),
    "change_due_date": ("occurrence.due_date_changed", "Another day, and none that is over."),
    "correct": ("occurrence.corrected", "The number of the wrong event in the history of the item."),
}
# Steps on a body: the line of the table in `access` that grants them, what they do, and the events that they write.
ON_BODY: dict[str, tuple[str, str, str]] = {
    "import_version": (
        "import",
        "Reads a text and enters it as a version in intake, with the duties that its words propose. The same text again changes nothing.",
        "resolution.imported, version.imported, obligation.drafted",
    ),
    "enter_version": (
        "import",
        "Enters a version whose text is not recorded. Its text can be read in later.",
        "resolution.imported, version.imported",
    ),
    "dispose": (
        "confirm_intake",
        "Accounts for an item: tracked, covered by another item of the version, or declaratory with a reason.",
        "paragraph.disposed",
    ),
    "reopen_disposition": ("confirm_intake", "Takes that back, saying why.", "paragraph.reopened"),
    "draft_obligation": ("confirm_intake", "Adds a duty to an item, not yet confirmed.", "obligation.drafted"),
    "change_obligation": (
        "confirm_intake",
        "Changes a duty while its version is in intake; it is then to be confirmed anew.",
        "obligation.changed",
    ),
    "drop_obligation": (
        "confirm_intake",
        "Takes away a duty that was wrongly proposed, saying why. It never had a turn.",
        "obligation.dropped",
    ),
    "confirm_obligation": (
        "confirm_intake",
        "Confirms a duty: its kind, its due point, who is responsible and who endorses.",
        "obligation.confirmed",
    ),
    "confirm_version": (
        "confirm_intake",
        "Ends intake. Every item is accounted for, every tracked one has duties, all are confirmed. Turns begin.",
        "version.confirmed, occurrence.planned",
    ),
    "record_decision": (
        "record_decision",
        "Puts a decision of a session on record, once. The session has opened.",
        "decision.recorded",
    ),
    "add_session": ("add_session", "Adds a session.", "session.added, occurrence.planned"),
    "add_sitting": ("add_session", "Adds one dated part of a session.", "sitting.added"),
    "move_session": (
        "move_session",
        "Gives a session other days, saying why. What hangs on it and is not discharged moves by the same days.",
        "session.moved, occurrence.moved",
    ),
    "change_session": (
        "move_session",
        "Says what became of a session (held, postponed, cancelled), or changes its name, place or source.",
        "session.changed, occurrence.moved",
    ),
    "add_meeting": ("add_meeting", "Adds a meeting of a group.", "meeting.added, occurrence.planned"),
    "move_meeting": ("move_meeting", "As `move_session`, for a meeting.", "meeting.moved, occurrence.moved"),
    "change_meeting": ("move_meeting", "As `change_session`, for a meeting.", "meeting.changed, occurrence.moved"),
    "add_body": (
        "",
        "Sets up a governing body. Whoever does it holds its secretariat from that day.",
        "body.added, office.added, term.begun",
    ),
    "add_group": ("add_group", "Sets up a group under a body.", "body.added"),
    "add_office": ("add_office", "Sets up an office. Its role says what its holder may do.", "office.added"),
    "appoint": (
        "appoint",
        "Begins a term. What is left of the term before ends the day before.",
        "term.begun, term.ended",
    ),
    "end_term": (
        "appoint",
        "Ends a term. The last secretary of a body does not go before another one is there.",
        "term.ended",
    ),
    "set_substitute": (
        "substitute",
        "Somebody acts for the holder between two days. Both names stand on each act.",
        "substitution.set",
    ),
    "end_substitution": ("substitute", "The holder is back sooner.", "substitution.set"),
    "invite": (
        "invite",
        "Makes an account, mails a link to set a password, and, where an office is named, begins a term.",
        "person.invited, term.begun",
    ),
    "invite_again": ("invite", "Mails a new link. Older links end.", "person.invited"),
    "accept_invitation": ("", "Sets the password by the mailed link, once, within 14 days.", "person.joined"),
    "deactivate": (
        "invite",
        "Somebody has left: they can no longer log in, and their terms end. Nothing is deleted.",
        "person.deactivated, term.ended",
    ),
    "plan_turns": (
        "",
        "Enters the turns of one duty that the calendar knows and that are not there yet.",
        "occurrence.planned",
    ),
    "roll": ("", "The same for every confirmed duty.", "occurrence.planned"),
}
NO_GRANT: dict[str, str] = {
    "add_body": "a secretary of any body; where there is no body yet, an administrator",
    "accept_invitation": "whoever has the mailed link",
    "plan_turns": "the system, when the calendar or a duty changes",
    "roll": "the clock, once a day",
}
# Who hears: the words for the functions of `workflows.notices.hearing`.
WHO_HEARS: dict[str, str] = {
    "asked": "each office or person newly asked",
    "released": "each who is no longer asked",
    "lead": "the lead",
    "assigner": "whoever had asked; else who has the ball",
    "ball": "who has the ball when the mail goes out",
}
QUESTIONS = {"what_is_missing", "would_move"}
ADDRESSES: dict[str, str] = {
    "home": "to my tasks, or to the public register where nobody has logged in",
    "healthz": "whether all is well, for machines",
    "council_start": "the Council page of the body that the reader belongs to",
    "council": "what was done, what is late, what nobody spoke of; of the next session or of the one named",
    "council_csv": "the same as a table for spreadsheets",
    "resolutions": "the resolutions that the reader may see",
    "resolution": "the text, with what became of each item in the margin",
    "occurrences": "the list behind every number",
    "history": "the record, in words",
    "register": "output documents, without logging in",
    "public_report": "one report of the register",
    "public_file": "one file of the register",
    "tasks": "what waits for the reader",
    "board": "who works on what; assign from it",
    "board_assign": "several items assigned at once",
    "occurrence": "one turn of a duty: words, timeline, activity, reminders, history, path",
    "step": "take a step",
    "import": "read a text in",
    "intake": "account for each item of a version",
    "intake_new_duty": "add a duty to an item",
    "intake_duty": "change a proposed duty",
    "file": "one file that was handed in",
    "calendar": "sessions and meetings",
    "session-add": "add a session",
    "session-move": "move a session and what hangs on it",
    "session-change": "what became of a session; its words",
    "sitting-add": "add a sitting of a session",
    "meeting-add": "add a meeting of a group",
    "meeting-move": "move a meeting and what hangs on it",
    "meeting-change": "what became of a meeting; its words",
    "setup": "bodies, groups, offices and who holds them",
    "body-add": "set up a body",
    "group-add": "set up a group under a body",
    "office-add": "set up an office",
    "appoint": "appoint somebody to an office",
    "substitute": "name somebody who acts for the holder",
    "term-end": "end a term",
    "substitution-end": "end a substitution",
    "people": "accounts",
    "invite": "invite somebody",
    "invite-again": "mail the invitation again",
    "deactivate": "somebody has left",
    "login": "log in",
    "logout": "log out",
    "password_forgotten": "ask for a new password by mail",
    "password_forgotten_done": "the mail is on its way",
    "password_reset_confirm": "choose a new password, from the mail's link",
    "password_reset_complete": "the new password is set",
    "invitation": "join, from the mail's link",
    "mailbox": "the demonstration's mails; 404 elsewhere",
    "set_language": "choose the language of the pages",
    "api-resolutions-list": "resolutions and their versions",
    "api-resolutions-detail": "one resolution",
    "api-paragraphs-list": "paragraphs, with the words as adopted",
    "api-obligations-list": "duties, by kind and due point",
    "api-occurrences-list": "turns, as they stand now",
    "api-occurrences-detail": "one turn",
    "api-events-list": "the record",
    "api-overview": "the summary that the Council page shows",
    "api-token": "a token for a user name and a password",
    "api-schema": "the description of the API (OpenAPI 3)",
    "api-try": "a page to try the API on",
    **{f"api-{step}": "take a step; the page [steps](steps.md) has the names" for step in STEPS},
}

# --- the tables ---------------------------------------------------------------------------------------------------------


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """A Markdown table."""
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def words_of(step: str) -> str:
    """Who may take a step, in words."""
    return access.who_may(step).replace(" / ", ", ")


def moves(step: str) -> str:
    """From which states to which, as the machine has it."""
    found = getattr(Occurrence, step)._django_fsm.transitions
    sources = [source for source in Status.values if source in found]
    label = {value: str(name) for value, name in Status.choices}
    start = "any" if "*" in found else ", ".join(label[source] for source in sources)
    target = next(iter(found.values())).target
    if target is None:
        return f"{start}; it stays"
    goals = getattr(target, "allowed_states", None) or [target]
    return f"{start} → {' or '.join(label[str(goal)] for goal in goals)}"


def grants() -> str:
    who = list(dict.fromkeys(one for allowed in access.GRANTS.values() for one in allowed))
    head = ("step", *(str(access.WHO_WORDS[one]) for one in who))
    return table(
        head,
        [(f"`{step}`", *("yes" if one in allowed else "–" for one in who)) for step, allowed in access.GRANTS.items()],
    )


def body_grants() -> str:
    return table(
        ("right", "who", "steps"),
        [
            (
                f"`{right}`",
                words_of(right),
                ", ".join(f"`{name}`" for name, (grant, *_) in ON_BODY.items() if grant == right),
            )
            for right in access.BODY_GRANTS
        ],
    )


def step_list() -> str:
    parts = []
    for step in STEPS:
        verb, needs = WRITES[step]
        fields = STEP_INPUT[step]().fields
        takes = ", ".join(f"`{name}` (needed)" if field.required else f"`{name}`" for name, field in fields.items())
        told = ", ".join(dict.fromkeys(f"`{kind}`" for kind, _who in HEARS.get(verb, ())))
        lines = [
            f"### `{step}`: {CATALOGUE[step].label}",
            "",
            " ".join(str(effect) for effect in CATALOGUE[step].effects),
            "",
            f"- **From → to**: {moves(step)}",
            f"- **Who**: {words_of(step)}",
            f"- **Takes**: {takes}",
            *([f"- **Needs**: {needs}"] if needs else []),
            f"- **Writes**: `{verb}`" + (f"; mails: {told}" if told else ""),
            "",
        ]
        parts.append("\n".join(lines))
    return "\n".join(parts).rstrip()


def body_steps() -> str:
    return table(
        ("step", "what it does", "who", "writes"),
        [
            (
                f"`{name}`",
                does,
                words_of(grant) if grant else NO_GRANT[name],
                ", ".join(f"`{verb}`" for verb in verbs.split(", ")),
            )
            for name, (grant, does, verbs) in ON_BODY.items()
        ],
    )


def verbs() -> str:
    return table(
        ("verb", "as the history says it"),
        [(f"`{verb}`", str(said) % {"actor": "…"}) for verb, said in audit.VERBS.items()],
    )


def states() -> str:
    return table(
        ("status", "in data", "open", "whose move", "what it says"),
        [
            (str(status.label), f"`{status.value}`", "yes" if status in OPEN else "no", *STATES[status.value])
            for status in Status
        ],
    )


def mark_list() -> str:
    return table(
        ("mark", "word", "in data", "when"),
        [(glyph or " ", str(word), f"`{code}`", MARKS[code]) for code, (glyph, word, _tone) in marks.MARKS.items()],
    )


def hears() -> str:
    rows = [(f"`{verb}`", f"`{kind}`", WHO_HEARS[who.__name__]) for verb, told in HEARS.items() for kind, who in told]
    return table(("event", "mail", "who hears of it"), rows)


def rungs() -> str:
    rows = []
    for number, rung in enumerate(LADDER, start=1):
        side = "before" if rung < 0 else "after"
        when = "the day after the due day" if rung == 1 else f"{abs(rung)} days {side} the due day"
        rows.append((str(number), when, "who has the ball" + (", the chair in copy" if rung > 0 else "")))
    return table(("reminder", "when", "to whom"), rows)


def retries() -> str:
    def said(attempt: int) -> str:
        minutes = int(delay(attempt).total_seconds() // 60)
        return f"{minutes} min" if minutes < 120 else f"{minutes / 60:.0f} h"

    waits = ", ".join(said(attempt) for attempt in range(1, MOST_ATTEMPTS))
    return f"The waits between {MOST_ATTEMPTS} tries: {waits}."


def filter_list() -> str:
    found = [
        ("/api/v1/resolutions/", filters.ResolutionFilters),
        ("/api/v1/paragraphs/", filters.ParagraphFilters),
        ("/api/v1/obligations/", filters.ObligationFilters),
        ("/api/v1/occurrences/", filters.OccurrenceFilters),
        ("/api/v1/events/", filters.EventFilters),
    ]
    rows = []
    for address, filterset in found:
        for name, one in filterset.base_filters.items():
            choices = [value for value, _label in one.extra.get("choices", ())]
            kind = {"DateFilter": "a day", "IsoDateTimeFilter": "a moment", "BooleanFilter": "`true` or `false`"}
            said = one.extra.get("help_text") or kind.get(type(one).__name__, "")
            if 0 < len(choices) <= 10:
                said = ", ".join(f"`{value}`" for value in choices)
            if type(one).__name__ == "MultipleChoiceFilter":
                said += "; several by repeating it"
            if name == "verb":
                said = "a verb of the [register](steps.md#the-register-of-verbs)"
            rows.append((f"`{address}`", f"`{name}`", said))
    return table(("list", "filter", "value"), rows)


def environment() -> str:
    """The table in the head of `config/settings.py`."""
    said = ast.get_docstring(ast.parse((ROOT / "config" / "settings.py").read_text())) or ""
    return "\n".join(line for line in said.splitlines() if line.startswith("|"))


def commands() -> str:
    parts = []
    for name, app in sorted(get_commands().items()):
        if app not in OURS:
            continue
        command = load_command_class(app, name)
        known = {action.dest for action in BaseCommand().create_parser("", "")._actions} | {"skip_checks"}
        own = [one for one in command.create_parser("manage.py", name)._actions if one.dest not in known]
        rows = [
            (
                f"`{' '.join(filter(None, [one.option_strings[0] if one.option_strings else '', str(one.metavar or '')]))}`",
                one.help or "",
            )
            for one in own
        ]
        parts.append(
            f"### `{name}`\n\n{command.help}\n" + (f"\n{table(('argument', 'meaning'), rows)}\n" if rows else "")
        )
    return "\n".join(parts).rstrip()


def routes(patterns: list[Any] | None = None, before: str = "") -> Iterator[tuple[str, str]]:
    """Name and path of every address but the administration's."""
    for one in get_resolver().url_patterns if patterns is None else patterns:
        path = before + str(one.pattern)
        if isinstance(one, URLResolver) and one.namespace != "admin":
            yield from routes(one.url_patterns, path)
        elif isinstance(one, URLPattern) and one.name:
            yield str(one.name), readable(path)


def readable(path: str) -> str:
    """A path as a reader would write it: `/items/<body>/<short>/`."""
    plain = re.sub(r"<[a-z]+:(\w+)>", r"<\1>", path)
    return simplify_regex(plain) if re.search(r"[\^\\]|\(\?P", plain) else "/" + plain


def addresses(*, api: bool) -> str:
    found: dict[str, tuple[str, str]] = {}
    for name, path in routes():
        if path.startswith("/api/") is not api:
            continue
        step = name.removeprefix("api-")
        shown = path.replace(f"/steps/{step}/", "/steps/<step>/") if step in STEPS and api else path
        found.setdefault(shown, (name if shown == path else "api-<step>", ADDRESSES[name]))
    return table(
        ("address", "what is there", "name"), [(f"`{path}`", said, f"`{name}`") for path, (name, said) in found.items()]
    )


TABLES: dict[str, Callable[[], str]] = {
    "grants": grants,
    "body-grants": body_grants,
    "steps": step_list,
    "body-steps": body_steps,
    "verbs": verbs,
    "states": states,
    "marks": mark_list,
    "hears": hears,
    "rungs": rungs,
    "retries": retries,
    "filters": filter_list,
    "environment": environment,
    "commands": commands,
    "addresses": lambda: addresses(api=False),
    "api-addresses": lambda: addresses(api=True),
}


def fresh(text: str) -> str:
    """A page with its tables written anew."""
    return PLACE.sub(lambda place: f"{place[1]}\n{TABLES[place['name']]()}\n\n{place[4]}", text)


def pages() -> list[Path]:
    """Every page of the documentation."""
    return [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted(DOCS.rglob("*.md"))]


def main() -> None:
    for page in pages():
        text = page.read_text()
        if (now := fresh(text)) != text:
            page.write_text(now)
            print(f"{page.relative_to(ROOT)}: written anew")


if __name__ == "__main__":
    main()
