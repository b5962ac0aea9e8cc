"""`manage.py import_resolution`: a file to a draft, or a sentence that says what is wrong."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tests.people import World
from tracker.models import Event, Obligation, Paragraph, Resolution, Version

TEXT = Path(__file__).parents[2] / "tracker" / "texts" / "itu-council-r1306-c15.txt"


def run(file: object, **options: Any) -> str:
    out = StringIO()
    call_command("import_resolution", str(file), stdout=out, **options)
    return out.getvalue()


def test_import_command_makes_the_draft(world: World) -> None:
    said = run(TEXT, body="council")

    version = Version.objects.get(resolution__slug="r1306")
    assert (
        said == "Entered Resolution 1306 (C09, last amended C15) as council/r1306@C15.\n0 of 7 items accounted for.\n"
    )
    assert (version.tracking, version.unaccounted) == ("intake", 7)
    assert Event.objects.filter(verb="version.imported", actor=None, means="command").exists()


def test_import_command_again_says_that_it_is_here(world: World) -> None:
    run(TEXT, body="council")
    before = Event.objects.count()

    said = run(TEXT, body="council")

    assert "is here already" in said
    assert Event.objects.count() == before


def test_import_command_takes_the_body_from_the_enacting_words(world: World) -> None:
    run(TEXT)

    assert Version.objects.get(resolution__slug="r1306").resolution.body == world.council


def test_import_command_by_a_secretary_names_them(world: World) -> None:
    run(TEXT, body="council", by="secretary")

    assert Event.objects.get(verb="version.imported").actor == world.secretary


def test_import_command_dry_run_prints_and_changes_nothing(world: World) -> None:
    counted = (Resolution, Version, Paragraph, Obligation, Event)
    before = [kind.objects.count() for kind in counted]

    said = run(TEXT, body="council", dry_run=True)

    assert "16 preambular paragraphs, 7 operative items" in said
    assert "→ each session: sessions of Council, -30 days; Council, endorsed by Council-chair, Council" in said
    assert "in force from May 2015" in said
    assert said.endswith("Nothing was changed.\n")
    assert [kind.objects.count() for kind in counted] == before


BAD_FILES = {
    "no such file": None,
    "empty": b"",
    "blank": b" \n\n",
    "binary": b"\x7fELF\x00\x01",
    "not UTF-8": "Résolution".encode("latin-1"),
    "no resolution": b"Dear colleagues,\n\nlunch is at noon.\n",
    "too large": b"resolves\n" * 6_000_000,
}


@pytest.mark.parametrize("what", list(BAD_FILES))
def test_import_command_ends_with_2_for_a_file_that_it_cannot_read(world: World, tmp_path: Path, what: str) -> None:
    file, content = tmp_path / "text.txt", BAD_FILES[what]
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(CommandError) as refused:
        run(file, body="council")

    assert refused.value.returncode == 2
    assert len(str(refused.value)) > 20
    assert not Resolution.objects.filter(slug="r1306").exists()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"body": "nowhere"}, "There is no body 'nowhere' here"),
        ({"body": "council", "by": "nobody"}, "There is no account 'nobody'"),
        ({"body": "council", "by": "chair"}, "Only the secretary"),
        ({"body": "council", "adopted_at": "C99"}, "has no session 'C99'"),
        ({"body": "council", "label": "x" * 31}, "label: "),
    ],
)
def test_import_command_says_what_is_wrong(world: World, options: dict[str, str], words: str) -> None:
    with pytest.raises(CommandError, match=words):
        run(TEXT, **options)

    assert not Resolution.objects.filter(slug="r1306").exists()


def test_import_command_asks_whose_resolution_it_is(world: World, tmp_path: Path) -> None:
    file = tmp_path / "text.txt"
    file.write_text(TEXT.read_text().replace("The Council, \n", "The Assembly, \n"))

    with pytest.raises(CommandError, match=r"add --body \(council, group\)"):
        run(file)


def test_import_command_refuses_another_text_under_a_taken_label(world: World, tmp_path: Path) -> None:
    run(TEXT, body="council")
    file = tmp_path / "text.txt"
    file.write_text(TEXT.read_text().replace("annually", "each year"))

    with pytest.raises(CommandError, match="label: Version C15 is there with another text"):
        run(file, body="council")
