"""Replay gives the rows: after every step, in the demonstration, where words were erased; and every path writes the record."""

from io import StringIO
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.management.commands import changepassword
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import CommandError, call_command
from django.db import DatabaseError
from django.test import Client
from django_fsm import TransitionNotAllowed

from tests.acts import ACTS, prepared, take
from tests.people import PASSWORD, World
from tests.record import taken_in, verified
from tracker import audit
from tracker.log import replay
from tracker.models import Event, Head, Means, Occurrence, Paragraph, Person, Precision
from tracker.recorded import ALSO_KEPT, HASHED, OUTSIDE, SILENT, WORDS
from workflows import rounds, steps

NEW = "quite-another-password"


def differences() -> list[Any]:
    return list(replay.differences())


# Every model, every column ----------------------------------------------------------------------------------------------------


def test_every_model_is_on_record_or_outside_it_for_a_reason() -> None:
    ours = {str(model._meta.model_name) for model in apps.get_app_config("tracker").get_models()}
    folded = {name for family in replay.FAMILIES for name in (family.root, *family.beside)}

    assert folded | set(OUTSIDE) == ours
    assert not folded & set(OUTSIDE)


@pytest.mark.parametrize("table", [WORDS, HASHED, SILENT, ALSO_KEPT], ids=["words", "hashed", "silent", "also kept"])
def test_tables_name_columns_that_there_are(table: dict[str, Any]) -> None:
    for name, columns in table.items():
        there = {column.name for column in apps.get_model("tracker", name)._meta.concrete_fields}
        assert set(columns) <= there, name


# The rows ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", ACTS)
def test_replay_gives_the_rows_after_each_step(world: World, step: str) -> None:
    turn, given = prepared(world, step)
    taken_in()

    take(world, step, turn, given)

    assert differences() == []
    assert verified() > 0


@pytest.mark.parametrize("step", ACTS)
def test_no_event_where_nothing_changed(world: World, step: str) -> None:
    """The step once more: refused, or it says something new; never an event without a change or a word."""
    turn, given = prepared(world, step)
    take(world, step, turn, given)
    before = Event.objects.count()

    try:
        take(world, step, Occurrence.objects.get(pk=turn.pk), given)
    except (PermissionDenied, TransitionNotAllowed, ValidationError):
        assert Event.objects.count() == before
    assert not Event.objects.filter(changes={}, words_hash="").exists()
    assert all(pair[0] != pair[1] for event in Event.objects.all() for pair in event.changes.values())


def test_replay_gives_the_rows_of_the_demonstration(db: None, clock_pinned: str) -> None:
    call_command("seed_demo", stdout=StringIO())

    assert differences() == []
    rounds.run()
    assert not Event.objects.filter(verb="record.taken_in").exists()
    assert differences() == []


def test_every_event_of_the_demonstration_says_how_it_came(db: None, clock_pinned: str) -> None:
    """Means, request, effective day (or that it is not known) and the code of the writer stand on each."""
    call_command("seed_demo", stdout=StringIO())
    with audit.acting("clock"):
        steps.roll()

    for event in Event.objects.all():
        assert event.means in Means.values
        assert event.request_id
        assert event.mac
        assert event.effective_on is not None or event.effective_precision == Precision.UNKNOWN, event


def test_replay_of_some_subjects_looks_at_them_alone(world: World) -> None:
    taken_in()
    Occurrence.objects.filter(pk=world.past.pk).update(moved_by_choice=7)

    assert list(replay.differences(subjects=[world.due])) == []
    assert [found.stream for found in replay.differences(subjects=[world.past, world.due])] == [
        audit.stream(world.past)
    ]


def test_anonymised_person_and_what_named_them_replay(world: World) -> None:
    taken_in()
    steps.comment(world.due, by=world.chair, text="What does @contributor say?")
    steps.deactivate(world.contributor, by=world.secretary, reason="Left the group.")
    steps.anonymise(world.contributor, by=world.secretary, reason="As asked.")

    assert differences() == []
    Person.objects.filter(pk=world.contributor.pk).update(name="Somebody else")
    (found,) = differences()
    assert (found.kind, found.facts["field"]) == ("state", "name")


def test_dropped_duty_is_gone_and_a_new_one_takes_its_name(world: World) -> None:
    taken_in()
    paragraph = Paragraph.objects.get(path="1.2")
    facts = {
        "title": "To consult",
        "kind": "each_session",
        "anchor": "session",
        "anchor_body": world.council,
        "responsible": world.group,
        "endorser": world.offices["chair"],
    }
    dropped = steps.draft_obligation(paragraph, by=world.secretary, **facts)
    steps.drop_obligation(dropped, by=world.secretary, reason="Read twice.")
    assert differences() == []

    again = steps.draft_obligation(paragraph, by=world.secretary, **facts)
    assert differences() == []
    again.delete()
    assert [(found.kind, found.facts["id"]) for found in differences()] == [("state_missing", found_id(again, dropped))]


def found_id(again: Any, dropped: Any) -> int:
    events = Event.objects.filter(verb="obligation.drafted").order_by("-pk")
    assert {event.subject_reference for event in events[:2]} == {"council/r1-1.2~2"}
    return int(events[0].subject_id)


def test_value_before_that_was_never_so_is_a_finding(world: World) -> None:
    """The owner changed a row, and the next step took it for what stood: the step's own event shows it."""
    taken_in()
    Occurrence.objects.filter(pk=world.due.pk).update(moved_by_choice=4)

    steps.change_due_date(world.due, by=world.chair, due_on=world.due.due_on.replace(day=20), reason="Later.")

    lies = [found.facts for found in differences()]
    assert lies == [
        {"model": "occurrence", "id": world.due.pk, "field": "moved_by_choice", "recorded": 0, "before": 4},
    ]


@pytest.mark.parametrize("twice", [True, False], ids=["looked at twice", "control: once"])
def test_step_between_two_questions_is_no_finding(world: World, monkeypatch: pytest.MonkeyPatch, twice: bool) -> None:
    """Somebody acts after the events were read and before the rows are."""
    taken_in()
    folded, acts = replay._Window.folded, iter([lambda: steps.hold(world.due, by=world.chair, reason="Figures.")])

    def slow(window: Any) -> Any:
        found = folded(window)
        if window.family.root == "occurrence":
            next(acts, lambda: None)()
        return found

    monkeypatch.setattr(replay._Window, "folded", slow)
    if not twice:
        monkeypatch.setattr(replay._Window, "confirmed", lambda window: window._found())

    assert (differences() == []) is twice


# What an earlier version left out ------------------------------------------------------------------------------------------------


def test_what_stood_before_the_log_is_taken_in_once(world: World) -> None:
    assert {found.kind for found in differences()} == {"state_unrecorded"}
    body, chair = world.council, world.chair

    rounds.run()

    assert differences() == []
    assert Event.objects.filter(verb="record.taken_in", stream=audit.stream(body)).count() == 1
    assert Head.objects.exists()
    Person.objects.create_user("slipped-in", name="Slipped in")
    rounds.run()
    assert [found.kind for found in differences()] == ["state_unrecorded"]
    assert chair.email not in str(list(Event.objects.values_list("changes", flat=True)))


# Every path -------------------------------------------------------------------------------------------------------------------------


def told(person: Person) -> list[tuple[str, str, str | None]]:
    """Verb, means and actor of what the record says of a person, newest last."""
    events = Event.objects.filter(stream=audit.stream(person)).order_by("number").select_related("actor")
    return [(event.verb, event.means, event.actor.username if event.actor else None) for event in events]


def test_administrator_added_by_the_command_is_on_record(db: None) -> None:
    call_command(
        "createsuperuser", interactive=False, username="root", name="Root", email="root@resolves.example", verbosity=0
    )

    root = Person.objects.get(username="root")
    assert told(root) == [("person.added", "command", None)]
    assert Event.objects.get().changes["is_superuser"] == [None, True]
    assert differences() == []


def test_password_set_by_the_command_is_on_record_without_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changepassword.getpass, "getpass", lambda **_asked: NEW)

    call_command("changepassword", "chair", stdout=StringIO())

    assert told(world.chair) == [("person.password_changed", "command", None)]
    assert Event.objects.get(stream=audit.stream(world.chair)).changes == {"password_set": [False, True]}
    world.chair.refresh_from_db()
    assert world.chair.check_password(NEW)


def test_password_that_cannot_be_put_on_record_is_not_set(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The event and the password are one transaction: whatever comes between them, there are both or neither."""
    monkeypatch.setattr(changepassword.getpass, "getpass", lambda **_asked: NEW)

    def full(*_given: Any, **_words: Any) -> None:
        raise DatabaseError("the disk is full")

    monkeypatch.setattr(Event, "save", full)
    with pytest.raises(DatabaseError):
        call_command("changepassword", "chair", stdout=StringIO())

    monkeypatch.undo()
    assert told(world.chair) == []
    world.chair.refresh_from_db()
    assert world.chair.check_password(PASSWORD)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (["a-long-password", "another-password"] * 3, "3 tries"),
        (["short", "short"] * 3, "3 tries"),
    ],
)
def test_password_that_will_not_do_is_not_set_by_the_command(
    world: World, monkeypatch: pytest.MonkeyPatch, typed: list[str], said: str
) -> None:
    words = iter(typed)
    monkeypatch.setattr(changepassword.getpass, "getpass", lambda **_asked: next(words))
    with pytest.raises(CommandError, match=said):
        call_command("changepassword", "chair", stdout=StringIO(), stderr=StringIO())
    with pytest.raises(CommandError, match="no account"):
        call_command("changepassword", "nobody", stdout=StringIO())

    assert told(world.chair) == []


def test_password_set_by_the_link_of_a_mail_is_on_record_without_it(world: World) -> None:
    client = Client()
    client.post("/password/forgotten/", {"email": "chair@resolves.example"})
    rounds.run()
    bodies = [str(one.body) for one in mail.outbox if "chair@resolves.example" in one.to]
    link = next(word for body in bodies for word in body.split() if "/password/" in word).partition("://")[2]
    form = client.get(f"/{link.partition('/')[2]}", follow=True)

    client.post(form.redirect_chain[-1][0], {"new_password1": NEW, "new_password2": NEW})

    assert told(world.chair)[-1] == ("person.password_changed", "link", "chair")
    world.chair.refresh_from_db()
    assert world.chair.check_password(NEW)
    assert NEW not in str(list(Event.objects.values_list("changes", flat=True)))


def test_token_is_on_record_when_made_and_when_it_ends(world: World) -> None:
    for _twice in range(2):
        answer = Client().post("/api/v1/token/", {"username": "contributor", "password": PASSWORD}, "application/json")
        assert answer.status_code == 200
    steps.deactivate(world.contributor, by=world.secretary, reason="Left the group.")

    found = [one for one in told(world.contributor) if one[0].startswith("token.")]
    assert found == [("token.made", "api", "contributor"), ("token.ended", "command", "secretary")]


def test_import_puts_each_paragraph_on_record(world: World) -> None:
    taken_in()
    text = "Resolution 2\n\nThe Council,\n\nconsidering\n\na) that reports are due,\n\nresolves\n\n1 to report annually;\n\n2 to consult.\n"

    version = steps.import_version(world.council, text=text, by=world.secretary, symbol="Resolution 2", label="C18")

    assert version.paragraphs.count() >= 2
    assert differences() == []
    version.paragraphs.filter(path="1").update(text="to report never;")
    (found,) = differences()
    assert (found.kind, found.facts["model"], found.facts["field"]) == ("state", "paragraph", "text")
