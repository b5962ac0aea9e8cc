"""Writes the tables of the documentation from the code: `make docs`, or `python -m docs.generate`.

A table stands in its page between `<!-- table: name -->` and `<!-- end of table -->`; `tests/test_docs.py` says when one
is stale. Words that the code does not have are in `docs.words` and `docs.step_words`
and `docs.addresses`.
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
from api.telling import NoticeFilters
from docs.addresses import ADDRESSES
from docs.step_words import ON_BODY, WRITES
from docs.words import MARKS, NO_GRANT, STATES, WHO_HEARS
from tracker import access, marks
from tracker.ladders import AUDIENCES, BUILT_IN, GENERAL, Ladder
from tracker.models import Notice, Occurrence
from tracker.verbs import VERBS
from workflows.machines import OPEN, STEPS, Status
from workflows.notices.handing import OPENED
from workflows.notices.hearing import FOLLOWED, HEARS
from workflows.notices.recording import MOST_ATTEMPTS, delay
from workflows.steps.catalogue import CATALOGUE

DOCS = Path(__file__).resolve().parent
ROOT = DOCS.parent
PLACE = re.compile(r"(<!-- table: (?P<name>[a-z-]+) -->\n)(?P<table>.*?)(<!-- end of table -->)", re.DOTALL)
OURS = ("tracker", "workflows", "api")

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
        [(f"`{verb}`", str(said) % {"actor": "…"}) for verb, said in VERBS.items()],
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
    rows.append((f"`{OPENED}`", f"`{Notice.Kind.HANDED_OVER}`", "the successor, on the first day of the term"))
    rows += [(f"`{verb}`", "`watched`", WHO_HEARS["watchers"]) for verb in VERBS if verb in FOLLOWED]
    return table(("event", "mail", "who hears of it"), rows)


def rungs() -> str:
    for_kinds = {"each_session": "For a duty of each session", "once": "For a duty that is done once"}
    ladders = {**{for_kinds[kind]: one for kind, one in BUILT_IN.items()}, "For all others": GENERAL}
    return "\n\n".join(f"**{words}** (*{one.name}*):\n\n{ladder_table(one)}" for words, one in ladders.items())


TOLD = dict(
    zip(AUDIENCES, ("who has the ball", "alternates", "contributors", "the chair", "the secretariat"), strict=True)
)


def ladder_table(ladder: Ladder) -> str:
    days = sorted({rung.days for rung in ladder.rungs})
    rows = []
    for day in days:
        when = (
            "the day after the due day"
            if day == 1
            else f"{abs(day)} days {'before' if day < 0 else 'after'} the due day"
        )
        told = [TOLD[rung.audience] for rung in ladder.rungs if rung.days == day]
        rows.append((when, ", ".join(told)))
    return table(("when", "to whom"), rows)


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
        ("/api/v1/bodies/", filters.BodyFilters),
        ("/api/v1/offices/", filters.OfficeFilters),
        ("/api/v1/sessions/", filters.SessionFilters),
        ("/api/v1/meetings/", filters.MeetingFilters),
        ("/api/v1/notices/", NoticeFilters),
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
