"""After an older backup was put back: sealing refuses until an administrator has accepted it, on record and told."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command

from tests.people import World
from tests.record import everything, new_heads, verified
from tests.workflows.test_alarms import cut
from tracker import triggers
from tracker.log import published, sealing
from tracker.models import Event, EventWords, Finding, Head, Leaf, Message, Notice, Person
from workflows import rounds, steps

REASON = "The disk failed; Friday's backup was put back."


@pytest.fixture
def restored(world: World, mailoutbox: Any) -> World:
    """Two rounds sealed their heads; then the state of after the first one came back."""
    new_heads()
    Person.objects.filter(pk=world.outsider.pk).update(is_superuser=True)
    rounds.run()
    before = Leaf.objects.count()
    steps.hold(world.due, by=world.chair, reason="Waiting.")
    steps.resume(world.due, by=world.chair)
    rounds.run()
    lost = list(Event.objects.order_by("-pk")[:2].values_list("pk", flat=True))
    cut(Leaf.objects.count() - before)
    triggers.remove()
    Notice.objects.filter(event__in=lost).delete()
    EventWords.objects.filter(event__in=lost).delete()
    Event.announced.related.related_model.objects.filter(event__in=lost).delete()
    Event.objects.filter(pk__in=lost).delete()
    triggers.install()
    return world


def accept(**given: str) -> str:
    said = io.StringIO()
    call_command("accept_restored_log", stdout=said, **({"by": "outsider", "reason": REASON} | given))
    return said.getvalue()


def kept() -> list[Path]:
    return sorted(Path(django_settings.LOG_HEADS).iterdir())


def test_sealing_refuses_until_the_backup_is_accepted_and_goes_on_then(restored: World, mailoutbox: Any):
    given_out = published.newest()
    assert given_out is not None
    with pytest.raises(published.LogBroken):
        sealing.seal()
    rounds.run()
    mailoutbox.clear()

    said = accept()

    assert f"where a head of {given_out.size} had been given out" in said
    assert rounds.run().failed == []
    event = Event.objects.get(verb="log.restored")
    assert (event.actor, event.means) == (restored.outsider, "command")
    assert event.changes["given_out"] == [None, given_out.size]
    assert event.changes["root"] == [None, given_out.root.hex()]
    assert event.words.words == {"reason": REASON}
    assert Leaf.objects.filter(event=event).exists()
    newest = published.newest()
    assert newest is not None
    assert newest.size == Head.objects.first().size == Event.objects.count() == verified()
    (old,) = [one for one in kept() if one.name.startswith("heads-until-")]
    assert json.loads(old.read_text().splitlines()[-1])["size"] == given_out.size
    assert not Finding.objects.filter(gone_at=None).exists()
    told = {mail.to[0]: mail for mail in mailoutbox}
    assert set(told) == {restored.people["auditor"].email, restored.outsider.email}
    assert REASON in told[restored.outsider.email].body


def test_accepted_once(restored: World):
    accept()
    with pytest.raises(CommandError, match="nothing to accept"):
        accept()
    assert Event.objects.filter(verb="log.restored").count() == 1


def test_log_that_was_written_anew_is_never_accepted(restored: World):
    """Another log of the same length, as somebody would write it who has the database."""
    triggers.remove()
    Leaf.objects.filter(position=0).update(hash="ab" * 32)
    triggers.install()
    before, files = everything(), kept()

    with pytest.raises(CommandError, match="written anew"):
        accept()

    assert (everything(), kept()) == (before, files)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"by": "secretary"}, "Only an administrator"),
        ({"by": "nobody"}, "no account nobody"),
        ({"reason": " "}, "goes on record"),
    ],
)
def test_only_an_administrator_with_a_reason(restored: World, given: dict[str, str], why: str):
    before, files = everything(), kept()

    with pytest.raises(CommandError, match=why):
        accept(**given)

    assert (everything(), kept()) == (before, files)


def test_sound_log_has_nothing_to_accept(world: World, mailoutbox: Any):
    new_heads()
    Person.objects.filter(pk=world.outsider.pk).update(is_superuser=True)
    rounds.run()

    with pytest.raises(CommandError, match="nothing to accept"):
        accept()

    assert Message.objects.filter(person=world.outsider).count() == 0
