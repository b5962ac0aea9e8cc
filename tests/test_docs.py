"""The documentation keeps up with the code: what there is has its place in docs/, tables are fresh, links lead somewhere, and
the examples of the API page are answered as it says."""

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command, get_commands
from django.test import Client

from docs import addresses, generate, step_words, words
from tests.people import NOW
from tracker import access, marks
from tracker.models import Event, Notice, Role
from tracker.verbs import VERBS
from workflows import steps
from workflows.machines import STEPS, Status

ROOT = Path(__file__).resolve().parent.parent
PAGES = generate.pages()
ALL = "\n".join(page.read_text() for page in PAGES)
SETTINGS = (ROOT / "config" / "settings.py").read_text()
ENVIRONMENT = set(re.findall(r"os\.environ(?:\.get\(|\[)\s*\"([A-Z_]+)\"", SETTINGS))


def page(name: str) -> str:
    return (ROOT / "docs" / f"{name}.md").read_text()


def missing(names: Any, text: str) -> list[str]:
    """The names that a page does not have as code."""
    return sorted(name for name in map(str, names) if f"`{name}`" not in text)


# ── what there is has its place ────────────────────────────────────────────────────────────────────────────────────────


def test_every_verb_of_the_register_is_there():
    assert missing(VERBS, page("steps")) == []


def test_every_step_is_there_with_who_may_take_it():
    assert [step for step in STEPS if f"### `{step}`: " not in page("steps")] == []
    assert missing(access.GRANTS, page("roles")) == []
    assert set(step_words.WRITES) == set(STEPS)
    assert {verb for verb, _needs in step_words.WRITES.values()} <= set(VERBS)


def test_every_step_on_a_body_is_there():
    functions = {name for name in steps.__all__ if name.islower() and name != "on_occurrence"} - set(STEPS)

    assert functions - words.QUESTIONS == set(step_words.ON_BODY)
    assert missing(words.QUESTIONS, page("steps")) == []
    assert missing(access.BODY_GRANTS, page("roles")) == []
    written = {verb for *_, verbs in step_words.ON_BODY.values() for verb in verbs.split(", ")}
    assert written <= set(VERBS)
    assert set(VERBS) == written | {verb for verb, _needs in step_words.WRITES.values()} | set(step_words.BY_COMMAND)


def test_every_status_and_mark_is_there():
    assert missing(Status.values, page("states")) == []
    assert missing(marks.MARKS, page("states")) == []
    assert [glyph for glyph, _word, _tone in marks.MARKS.values() if glyph not in page("states")] == []


def test_every_role_is_there():
    assert missing(Role.values, page("roles")) == []


def test_every_kind_of_mail_is_there():
    assert missing(Notice.Kind.values, page("reminders")) == []


def test_every_column_of_an_event_is_there():
    columns = {field.name for field in Event._meta.concrete_fields} - {"id"}
    assert missing(columns, page("records")) == []


def test_every_variable_of_the_environment_is_there():
    assert {"SECRET_KEY", "DATABASE_URL"} <= ENVIRONMENT
    assert missing(ENVIRONMENT, page("deployment")) == []


def test_every_command_of_ours_is_there():
    ours = [name for name, app in get_commands().items() if app in generate.OURS]
    assert ours
    assert missing(ours, page("commands")) == []


def test_every_address_is_there():
    routes = dict(generate.routes())
    assert "occurrence" in routes
    steps_of_the_api = {f"api-{step}" for step in STEPS}
    paths = {path for name, path in generate.routes() if name not in steps_of_the_api}
    assert missing(paths, page("addresses")) == []
    assert "`/api/v1/occurrences/<reference>/steps/<step>/`" in page("addresses")
    assert set(routes) == set(addresses.ADDRESSES)


# ── fresh, whole, plain ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_tables_are_as_the_code_has_them(path: Path):
    assert generate.fresh(path.read_text()) == path.read_text(), "stale: make docs"


def test_every_table_stands_somewhere():
    assert [name for name in generate.TABLES if f"<!-- table: {name} -->" not in ALL] == []


def anchors(path: Path) -> set[str]:
    """What a heading can be linked by, as code hosts make it."""
    headings = re.findall(r"^#+ (.+)$", path.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def links(path: Path) -> Iterator[str]:
    prose = re.sub(r"```.*?```", "", path.read_text(), flags=re.DOTALL)
    yield from re.findall(r"\]\(([^)\s]+)\)", prose)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path):
    lost = []
    for link in links(path):
        if re.match(r"https?://", link):
            continue
        file, _hash, anchor = unquote(link).partition("#")
        target = (path.parent / file).resolve() if file else path
        if not target.exists() or (anchor and anchor not in anchors(target)):
            lost.append(link)
    assert lost == []


def test_every_page_is_reached_from_the_readme():
    reached, todo = set(), [ROOT / "README.md"]
    while todo:
        here = todo.pop()
        if here.is_dir():
            todo += [path for path in here.glob("*.md") if path not in reached]
        elif here.suffix == ".md" and here not in reached:
            reached.add(here)
            todo += [(here.parent / link.partition("#")[0]).resolve() for link in links(here) if "://" not in link]
    assert set(PAGES) <= reached


def test_pages_speak_of_the_product_alone():
    of_the_workshop = re.compile(r"\bissue\s+#?\d|(?<![\w&/])#\d+\b|\bsprint\b|/(?:home|root|tmp|work)/", re.IGNORECASE)
    assert [(path.name, hit.group()) for path in PAGES if (hit := of_the_workshop.search(path.read_text()))] == []


def test_decisions_are_short_and_numbered():
    decisions = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert [int(path.name[:4]) for path in decisions] == list(range(1, len(decisions) + 1))
    assert [path.name for path in decisions if len(path.read_text().splitlines()) > 30] == []


@pytest.mark.parametrize("picture", ["council", "resolution", "item", "tasks"])
def test_pictures_are_there_and_light(picture: str):
    assert 10_000 < (ROOT / "docs" / "images" / f"{picture}.png").stat().st_size < 300_000


def test_make_targets_named_are_there():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"`make ([a-z-]+)", ALL)) | set(re.findall(r"^make ([a-z-]+)", ALL, re.MULTILINE))
    assert named - targets == set()


# ── the examples of the API page ───────────────────────────────────────────────────────────────────────────────────────

EXAMPLE = re.compile(r"^# (?P<status>\d{3}).*\n(?P<command>(?:(?!# \d{3}|```).*\n)+)", re.MULTILINE)


def requested(client: Client, command: str, known: dict[str, str]) -> Any:
    """Sends what a curl command would send; returns the answer."""
    for name, value in known.items():
        command = command.replace(f"${name}", value)
    words = iter(shlex.split(command.replace("\\\n", " "))[1:])
    address, data, headers, form, send = "", None, {}, {}, client.post
    for word in words:
        match word:
            case "-s":
                continue
            case "-X":
                send = getattr(client, next(words).lower())
            case "-H":
                name, _colon, value = next(words).partition(": ")
                headers[name] = value
            case "-d":
                data = next(words)
            case "-F":
                name, _is, value = next(words).partition("=")
                form[name] = SimpleUploadedFile(value[1:], b"A report.") if value.startswith("@") else value
            case _:
                address = word.removeprefix("http://localhost:8000")
    if form:
        return client.post(address, form, headers=headers)
    if data is not None:
        return send(address, data, content_type=headers.pop("Content-Type"), headers=headers)
    return client.get(address, headers=headers)


@pytest.mark.django_db
def test_examples_of_the_api_are_answered_as_the_page_says(settings: Any):
    settings.RESOLVES_NOW = NOW
    call_command("seed_demo", verbosity=0)
    known = {"RESOLVES": "http://localhost:8000"}
    answered = []

    for example in EXAMPLE.finditer(page("api")):
        command = example["command"].strip()
        token = re.match(r"([A-Z]+)=\$\((.*) \| sed .*\)\Z", command, re.DOTALL)
        answer = requested(Client(), token[2] if token else command, known)
        if token:
            known[token[1]] = json.loads(answer.content)["token"]
        answered.append((int(example["status"]), answer.status_code, command))

    assert len(answered) >= 20
    assert [one for one in answered if one[0] != one[1]] == []
