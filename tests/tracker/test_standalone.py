"""The program for other machines, run as a stranger would run it: what is sound is found sound, everything else is not, and no
bad input gives a traceback."""

import base64
import copy
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from tests.checker import Checker
from tests.people import World
from tracker import audit, keys
from tracker.log import exporting, receipts, resolves_verify, sealing
from tracker.log.tree import Tree
from tracker.models import Event, EventWords, Head
from tracker.proofs import notes
from workflows import steps


@pytest.fixture
def checker(tmp_path: Path, world: World) -> Checker:
    """After an item was walked to its end, with letters of every kind in its words, and sealed in three heads."""
    turn = world.due
    sealing.seal()
    steps.assign(turn, lead=world.people["contributor"], by=world.people["chair"], note="𝒜 — \u2028 \x1f « Ω » 🏛️")
    sealing.seal()
    steps.accept(turn, by=world.people["contributor"])
    steps.submit(turn, by=world.people["contributor"], text="What was done.")
    sealing.seal()
    return Checker(tmp_path)


def receipt_of(world: World) -> dict[str, Any]:
    found = receipts.receipt(world.due)
    assert found is not None
    return found


def export_of(**options: Any) -> list[str]:
    return list(exporting.lines(**options))


# Sound ----------------------------------------------------------------------------------------------------------------


def test_receipt_is_sound_on_a_machine_that_has_never_seen_us(checker, world):
    code, said = checker.asked("receipt", checker.put("r.json", receipt_of(world)))

    assert code == 0, said
    assert "occurrence:council/r1-1.2-c18, 4 entries: 2 with their words shown and true" in said
    assert f"Head of {Event.objects.count()} events" in said


def test_it_speaks_plainly_to_people(checker, world):
    done = checker.run("receipt", checker.put("r.json", receipt_of(world)))

    assert done.stdout.startswith("SOUND: ")
    assert done.stderr == ""


def test_receipt_of_one_entry_is_sound(checker, world):
    code, said = checker.asked("receipt", checker.put("r.json", receipts.receipt(world.due, number=2)))

    assert (code, "1 entries" in said) == (0, True), said


def test_receipt_names_what_is_not_sealed_yet(checker, world):
    steps.comment(world.due, by=world.people["contributor"], text="Later.")

    code, said = checker.asked("receipt", checker.put("r.json", receipt_of(world)))

    assert code == 0
    assert "1 NOT sealed yet, so not proved (entry 5 of occurrence:council/r1-1.2-c18)" in said


def test_receipt_before_anything_is_sealed_proves_nothing(tmp_path, world):
    keys.log_key()
    code, said = Checker(tmp_path).asked("receipt", Checker(tmp_path).put("r.json", receipt_of(world)))

    assert (code, "nothing is proved" in said) == (1, True)


def test_erased_words_keep_the_receipt_sound(checker, world):
    EventWords.objects.filter(event__stream=audit.stream(world.due)).update(salt="", words={})

    code, said = checker.asked("receipt", checker.put("r.json", receipt_of(world)))

    assert (code, "0 with their words shown and true, 2 with words not shown" in said) == (0, True), said


def test_export_is_sound_and_so_is_what_came_after_a_head_that_was_kept(checker):
    first = Head.objects.order_by("size")[0]
    checker.put("kept.txt", first.note)
    whole = checker.put("all.jsonl", "".join(export_of(words=True)))
    later = checker.put("later.jsonl", "".join(export_of(since=first.size)))

    assert checker.asked("export", whole)[0] == 0
    assert "the whole log" in checker.asked("export", whole)[1]
    assert checker.asked("export", later, "--head", "kept.txt")[0] == 0
    assert f"from position {first.size} on" in checker.asked("export", later)[1]


def test_filtered_export_is_proved_event_by_event_and_says_that_it_is_not_all(checker, world):
    lines = export_of(events=Event.objects.filter(verb="occurrence.assigned"))

    code, said = checker.asked("export", checker.put("some.jsonl", "".join(lines)))

    assert len(lines) == 2
    assert (code, "this is not all of it" in said) == (0, True)


def test_events_by_their_hash_alone_are_proved_all_the_same(checker, world):
    closed = {event.pk for event in Event.objects.filter(verb="occurrence.assigned")}
    shown = receipts.receipt(world.due, shut=lambda _events: closed)
    lines = export_of(shut=lambda _events: closed)

    assert "1 by their hash alone" in checker.asked("receipt", checker.put("r.json", shown))[1]
    assert checker.asked("receipt", "r.json")[0] == 0
    assert checker.asked("export", checker.put("all.jsonl", "".join(lines)))[0] == 0


def test_two_heads_are_of_one_log(checker):
    old, *_, new = Head.objects.order_by("size")
    checker.put("old.txt", old.note)
    checker.put("new.txt", new.note)
    proof = receipts.in_base64(Tree().consistency(old.size, new.size))
    checker.put("proof.json", {"proof": proof})
    checker.put("proof.txt", f"old {old.size}\n" + "".join(f"{one}\n" for one in proof))

    assert checker.asked("heads", "old.txt", "new.txt", "proof.json")[0] == 0
    assert checker.asked("heads", "old.txt", "new.txt", "proof.txt")[0] == 0
    code, said = checker.asked("heads", "new.txt", "old.txt", "proof.json")
    assert (code, "the log was cut" in said) == (1, True)


def test_commands_give_what_it_takes(checker, tmp_path):
    said = io.StringIO()
    call_command("receipt", "council/r1-1.2-c18", words=True, stdout=said)
    call_command("export_log", out=str(tmp_path / "log.jsonl"), stdout=io.StringIO())

    assert checker.asked("receipt", checker.put("r.json", said.getvalue()))[0] == 0
    assert checker.asked("export", "log.jsonl")[0] == 0
    assert (tmp_path / "log.jsonl").stat().st_mode & 0o077 == 0


# Not sound ------------------------------------------------------------------------------------------------------------


def every_place(value: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to each plain value within a JSON value."""
    if isinstance(value, dict | list):
        inside = value.items() if isinstance(value, dict) else enumerate(value)
        return [found for name, one in inside for found in every_place(one, (*way, name))]
    return [way]


def changed(value: Any, way: tuple[Any, ...]) -> Any:
    """The value with one plain value changed."""
    found = copy.deepcopy(value)
    here = found
    for name in way[:-1]:
        here = here[name]
    old = here[way[-1]]
    if isinstance(old, bool) or old is None:
        here[way[-1]] = "x" if old is None else not old
    elif isinstance(old, int):
        here[way[-1]] = old + 1
    elif len(old) > 20:
        here[way[-1]] = old[:10] + ("0" if old[10] != "0" else "1") + old[11:]
    else:
        here[way[-1]] = old + "x"
    return found


def test_any_value_of_a_receipt_that_is_changed_is_found(checker, world):
    """Run within one process for speed; that the process is the same program is said by the tests around."""
    told, missed = receipt_of(world), []
    for way in every_place(told):
        checker.put("r.json", changed(told, way))
        said = ["receipt", str(checker.folder / "r.json"), *(word for key in checker.keys for word in ("--key", key))]
        if resolves_verify.main(said) == 0:
            missed.append(way)

    # "whole" tells only whether it is claimed to be all; without the claim less is checked, and less is said.
    assert missed == [("whole",)]


@pytest.mark.parametrize("gone", [0, 1, 2])
def test_entry_that_is_missing_is_found(checker, world, gone):
    told = receipt_of(world)
    del told["entries"][gone]

    code, said = checker.asked("receipt", checker.put("r.json", told))

    assert (code, said) == (1, f"entry {gone + 1} of {told['stream']} is missing: entry {gone + 2} stands in its place")


def test_forged_entry_with_a_right_hash_of_its_own_is_found(checker, world):
    told = receipt_of(world)
    told["entries"][1]["event"]["actor"] += 1
    told["entries"][1]["hash"] = audit.digests.digest(told["entries"][1]["event"])

    code, said = checker.asked("receipt", checker.put("r.json", told))

    assert (code, "entry 2 of occurrence:council/r1-1.2-c18, position" in said) == (1, True)


def test_other_key_is_not_believed(checker, world):
    other = str(notes.new_key("example.org/other").public)
    code, said = checker.asked("receipt", checker.put("r.json", receipt_of(world)), keys=[other])

    assert (code, "signed by none of the keys" in said) == (1, True)


@pytest.mark.parametrize("harm", ["drop", "swap", "change", "cut", "add"])
@pytest.mark.parametrize("at", ["first", "second", "middle", "last but one", "last"])
def test_export_that_was_tampered_with_is_found_and_the_line_named(checker, harm, at):
    top, *lines = export_of()
    place = {
        "first": 0,
        "second": 1,
        "middle": len(lines) // 2,
        "last but one": len(lines) - 2,
        "last": len(lines) - 1,
    }[at]
    match harm:
        case "drop":
            del lines[place]
        case "swap":
            other = place - 1 if place else 1
            lines[place], lines[other] = lines[other], lines[place]
        case "change":
            line = json.loads(lines[place])
            line["event"]["recorded_at"] = "2001-01-01T00:00:00+00:00"
            lines[place] = json.dumps(line) + "\n"
        case "cut":
            lines = lines[:place]
        case "add":
            lines.insert(place, lines[place])

    code, said = checker.asked("export", checker.put("all.jsonl", top + "".join(lines)))

    assert code == 1
    if harm == "change":
        assert said.startswith(f"line {place + 2} was changed")
    elif harm in {"swap", "add"}:
        assert "stands in its place" in said
        assert said.startswith("line ")


def test_export_that_goes_on_from_another_log_is_found(checker):
    first = Head.objects.order_by("size")[0]
    other = notes.sign(first.size, b"\x07" * 32, first.signed_at, [keys.log_key()])
    later = checker.put("later.jsonl", "".join(export_of(since=first.size)))

    code, said = checker.asked("export", later, "--head", checker.put("kept.txt", other))

    assert (code, "does not go on from the head" in said) == (1, True)


def test_two_heads_of_two_histories_are_found(checker):
    old, *_, new = Head.objects.order_by("size")
    other = notes.sign(old.size, b"\x07" * 32, old.signed_at, [keys.log_key()])
    proof = {"proof": receipts.in_base64(Tree().consistency(old.size, new.size))}

    code, said = checker.asked("heads", checker.put("o", other), checker.put("n", new.note), checker.put("p", proof))

    assert (code, "it was written anew" in said) == (1, True)


# Unreadable -----------------------------------------------------------------------------------------------------------

BAD = {
    "empty": b"",
    "no json": b"hello",
    "not utf-8": b"\xff\xfe\x00",
    "a list": b"[]",
    "twice": b'{"form":"resolves-receipt/1","form":"resolves-receipt/1"}',
    "deep": b"[" * 100_000,
    "long number": b'{"form":' + b"9" * 100_000 + b"}",
    "another form": b'{"form":"resolves-receipt/9","entries":[],"stream":"x"}',
    "entries of nothing": b'{"form":"resolves-receipt/1","entries":[1],"stream":"x","head":""}',
    "surrogate": b'{"form":"resolves-receipt/1","entries":[{"number":1,"hash":"'
    + b"0" * 64
    + b'","event":null}],"stream":"\\ud800","head":""}',
    "head of nothing": b'{"form":"resolves-receipt/1","entries":[],"stream":"x","head":"a\\n1\\nb\\n\\n"}',
    "head of a number": b'{"form":"resolves-receipt/1","entries":[],"stream":"x","head":5}',
    "infinite": b'{"form":"resolves-receipt/1","entries":[],"stream":"x","head":Infinity}',
    "null bytes": b"\x00" * 100,
}


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("what", ["receipt", "export", "heads"])
def test_what_cannot_be_read_is_said_in_one_sentence(tmp_path, world, what, bad):
    keys.log_key()
    checker = Checker(tmp_path)
    name = checker.put("bad", BAD[bad])

    code, said = checker.asked(what, *[name] * (3 if what == "heads" else 1))

    assert code in (1, 2)
    assert said


@pytest.mark.parametrize(
    ("arguments", "given"),
    [
        (["receipt", "gone.json"], None),
        (["receipt", "."], None),
        (["receipt", "r.json"], []),
        (["receipt", "r.json"], ["nonsense"]),
        (["receipt", "r.json"], ["a+b+c"]),
        (["receipt", "r.json"], ["é+00000000+AQ=="]),
    ],
)
def test_bad_file_or_key_is_unreadable(checker, world, arguments, given):
    checker.put("r.json", receipt_of(world))

    assert checker.asked(*arguments, keys=given)[0] == 2


# Every type in every place of a receipt: a mess is never a traceback, and never sound.
@pytest.mark.parametrize("mess", [None, True, 0, -1, 1.5, 2**60, "", "é", [], {}, [[]], {"a": 1}])
def test_mess_in_any_place_is_never_a_traceback(checker, world, mess):
    told, sound = receipt_of(world), []
    told["entries"] = told["entries"][:2]
    assert "words" in told["entries"][1]
    for way in [
        *every_place(told),
        ("entries", 0),
        ("entries", 1, "words"),
        ("entries", 1, "path"),
        ("entries", 0, "event"),
    ]:
        messy = copy.deepcopy(told)
        here = messy
        for name in way[:-1]:
            here = here[name]
        if here[way[-1]] == mess:
            continue
        here[way[-1]] = mess
        checker.put("r.json", messy)
        if resolves_verify.main(["receipt", str(checker.folder / "r.json"), "--key", checker.keys[0]]) == 0:
            sound.append(way)

    # Shown by less: not claimed to be whole, words or salt left out, an event by its hash alone, a place left out.
    less = {("whole",), ("entries", 1, "words"), ("entries", 0, "event")}
    less |= {("entries", at, "position") for at in (0, 1) if mess is None}
    assert {way for way in sound if way not in less and way[-1] != "mac"} == set(), mess


# Alone ----------------------------------------------------------------------------------------------------------------


def test_it_is_one_file_with_nothing_but_the_standard_library_and_cryptography():
    code = (
        "import sys; before = set(sys.modules); import runpy; runpy.run_path(sys.argv[1], run_name='x');"
        "print(*sorted({m.partition('.')[0] for m in set(sys.modules) - before} - set(sys.stdlib_module_names)))"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", code, resolves_verify.__file__],
        check=True,
        capture_output=True,
        text=True,
        cwd="/",
    )
    assert set(done.stdout.split()) <= {"cryptography", "_cffi_backend", "_openssl"}


def test_it_reads_on_older_pythons():
    path = Path(resolves_verify.__file__)
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--isolated", "--target-version", "py39", "--select", "E9,F,FA", path],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout


def test_export_of_many_events_is_read_in_bounded_memory(checker):
    """A hundred thousand lines, of a log made for it: what is held does not grow with them."""
    tree, lines = resolves_verify.Tree(), []
    for at in range(100_000):
        hash_ = at.to_bytes(32, "big")
        tree.add(resolves_verify.leaf_hash(hash_))
        lines.append(json.dumps({"position": at, "hash": hash_.hex(), "event": None}) + "\n")
    head = notes.sign(tree.size, tree.root(), Head.objects.first().signed_at, [keys.log_key()])
    top = {"form": exporting.FORM, "complete": True, "since": 0, "peaks": [], "head": head}
    name = checker.put("big.jsonl", json.dumps(top) + "\n" + "".join(lines))
    code = (
        "import runpy, sys; sys.argv = sys.argv[1:];\n"
        "try: runpy.run_path(sys.argv[0], run_name='__main__')\n"
        "finally: print(*[line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')])"
    )
    command = [sys.executable, "-I", "-c", code, "resolves_verify.py", "export", name, "--key", checker.keys[0]]
    done = subprocess.run(command, check=True, cwd=checker.folder, capture_output=True, text=True)

    assert "100000 by their hash alone" in done.stdout
    assert int(done.stdout.split()[-1]) < 60_000  # kilobytes, Python and cryptography among them
    assert base64.b64encode(tree.root()).decode() in head
