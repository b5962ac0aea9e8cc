"""Each head is shown to a witness, over HTTP, which keeps its own memory; whatever it does, the round goes on."""

import base64
import socket
import time
from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.utils import timezone

from tests.people import World
from tests.witness import NAME, Witness, open_witness
from tracker import keys
from tracker.log import sealing
from tracker.log import witness as showing
from tracker.models import Delivery, Finding, Head
from tracker.proofs import cosignatures, notes
from workflows import rounds, steps


@pytest.fixture
def witness(world: World, settings: Any) -> Generator[Witness]:
    """One that knows our log and has seen nothing of it; the record has a first head."""
    sealing.seal()
    with open_witness(keys.log_key().public) as opened:
        settings.LOG_WITNESS_URL, settings.LOG_WITNESS_KEY = opened.url, opened.line
        yield opened


def grow(world: World, words: str = "More.") -> Head:
    """One more event, and a head over it."""
    steps.comment(world.due, by=world.people["contributor"], text=words)
    head = sealing.seal().head
    assert head is not None
    return head


def deliveries() -> list[tuple[int, int, bool]]:
    rows = Delivery.objects.filter(way="witness").order_by("pk")
    return [(row.head.size, row.attempts, row.done_at is not None) for row in rows]


# As it should be ------------------------------------------------------------------------------------------------------


def test_each_head_is_cosigned_and_the_line_kept_and_checked(witness, world):
    first = Head.objects.get()
    assert showing.show()
    second = grow(world)
    assert showing.show()

    assert witness.asked == [(0, 200), (first.size, 200)]
    assert (witness.size, witness.root.hex()) == (second.size, second.root)
    assert deliveries() == [(first.size, 1, True), (second.size, 1, True)]
    key = cosignatures.witness_key(witness.line)
    assert cosignatures.cosigned(second.note, showing.lines(second), key) is not None
    assert cosignatures.cosigned(first.note, showing.lines(second), key) is None


def test_a_head_that_was_cosigned_is_not_shown_again(witness):
    assert showing.show()
    assert not showing.show()
    assert len(witness.asked) == 1


def test_checkpoint_for_everybody_carries_the_cosignature_and_still_reads(witness, client):
    showing.show()

    text = client.get("/log/checkpoint").content.decode()

    assert f"— {NAME} " in text
    assert notes.read(text, keys.known_keys()).size == Head.objects.get().size


def test_a_round_shows_it(witness, mailoutbox):
    assert rounds.run().failed == []
    assert witness.size == Head.objects.order_by("-size")[0].size


def test_without_an_address_nobody_is_asked(world, settings):
    sealing.seal()
    assert not showing.show()
    assert deliveries() == []


def test_without_a_key_the_answer_is_kept_as_it_is(witness, settings):
    settings.LOG_WITNESS_KEY = ""
    assert showing.show()
    assert showing.lines(Head.objects.get())[0].startswith(f"— {NAME} ")


def test_witness_that_knows_better_says_so_and_is_given_the_proof_from_there(witness, world):
    first = Head.objects.get()
    assert showing.show()
    second = grow(world)
    assert showing.show()
    Delivery.objects.filter(head=second).delete()  # its answer was lost on the way
    third = grow(world)

    assert showing.show()

    assert witness.asked[2:] == [(first.size, 409), (second.size, 200)]
    assert witness.size == third.size


def test_head_whose_answer_was_lost_is_cosigned_once_more(witness, world):
    assert showing.show()
    Delivery.objects.all().delete()

    assert showing.show()
    assert [code for _old, code in witness.asked] == [200, 409, 200]


def test_both_keys_after_a_rotation_satisfy_a_witness_that_knows_only_the_old_one(witness, world):
    showing.show()
    keys.rotate()
    grow(world)
    assert showing.show()

    grow(world)
    assert not showing.show()  # by the new key alone, which it has not been told of
    witness.known.append(keys.log_key().public)
    assert showing.show(now=timezone.now() + timedelta(minutes=2))


# As it should not be --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "says",
    [
        (500, "oops"),
        (403, "no"),
        (404, ""),
        (200, ""),
        (200, "hello"),
        (200, "— x y\n"),
        (409, "many"),
        (409, "9" * 30),
    ],
)
def test_refusal_or_nonsense_is_kept_and_tried_again_later(witness, world, says):
    witness.says = says
    began = timezone.now()
    assert not showing.show(now=began)
    assert not showing.show(now=began + timedelta(seconds=59))
    assert len(witness.asked) == 1
    assert not showing.show(now=began + timedelta(minutes=1))
    assert not showing.show(now=began + timedelta(minutes=2))
    assert len(witness.asked) == 2
    assert Delivery.objects.get().answer.startswith("Refused: ")
    assert not Finding.objects.exists()

    witness.says = None
    assert showing.show(now=began + timedelta(minutes=3))
    assert deliveries()[0][1:] == (3, True)


def test_try_of_a_clock_that_ran_ahead_keeps_nobody_waiting(witness):
    far = timezone.now() + timedelta(days=4_000)
    Delivery.objects.create(head=Head.objects.get(), way="witness", to=witness.url, attempts=1, tried_at=far)

    assert showing.show()


def test_delay_grows_and_ends_at_a_day():
    assert [showing.delay(n).total_seconds() / 60 for n in (0, 1, 2, 3, 4)] == [0, 1, 2, 4, 8]
    assert showing.delay(30) == timedelta(days=1)


def test_delay_goes_on_when_the_log_grows_meanwhile(witness, world):
    witness.says = (500, "")
    began = timezone.now()
    showing.show(now=began)
    grown = grow(world)

    assert not showing.show(now=began + timedelta(seconds=30))
    assert len(witness.asked) == 1
    witness.says = None
    assert showing.show(now=began + timedelta(minutes=2))
    assert deliveries() == [(grown.size, 2, True)]


def test_cosignature_of_another_witness_does_not_count(witness, settings):
    settings.LOG_WITNESS_KEY = str(
        cosignatures.WitnessKey(NAME, Ed25519PrivateKey.generate().public_key().public_bytes_raw())
    )
    assert not showing.show()
    assert "no cosignature of" in Delivery.objects.get().answer


@pytest.mark.parametrize("key", ["x", "a+b+c", "a+00000000+BAAA", "a+00000000+" + "BAAA" * 11])
def test_bad_key_is_said(witness, settings, key):
    settings.LOG_WITNESS_KEY = key
    assert not showing.show()
    assert Delivery.objects.get().answer.startswith("NotAKey: ")


@pytest.mark.parametrize(
    "url", ["ftp://127.0.0.1/", "127.0.0.1", "http://", "http://127.0.0.1:x/", "file:///etc/passwd"]
)
def test_bad_address_is_said(witness, settings, url):
    settings.LOG_WITNESS_URL = url
    assert not showing.show()
    assert Delivery.objects.get().answer


def test_nobody_at_the_address_is_said(witness, settings):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        settings.LOG_WITNESS_URL = f"http://127.0.0.1:{free.getsockname()[1]}/"
        assert not showing.show()
    assert Delivery.objects.get().answer.startswith("ConnectionRefusedError")


@pytest.mark.parametrize("slow", ["delay", "drip"])
def test_slow_witness_is_hung_up_on(witness, monkeypatch, slow):
    monkeypatch.setattr(showing, "PATIENCE", 0.5)
    setattr(witness, slow, 2.0 if slow == "delay" else 0.05)
    began = time.monotonic()

    assert not showing.show()
    assert time.monotonic() - began < 1.5
    assert Delivery.objects.get().done_at is None


def test_redirect_is_not_followed(witness):
    witness.says = (307, f"{witness.url}/elsewhere")
    assert not showing.show()
    assert len(witness.asked) == 1


def test_long_answer_is_read_no_further(witness):
    witness.says = (500, "x" * 10_000_000)
    assert not showing.show()
    assert len(Delivery.objects.get().answer) < 2_001


def test_a_worker_that_asks_already_keeps_the_others_away(witness):
    head = Head.objects.get()
    Delivery.objects.create(head=head, way="witness", to=witness.url, attempts=1, tried_at=timezone.now())
    assert not showing.show()
    assert witness.asked == []


# What a witness is for ------------------------------------------------------------------------------------------------


def test_log_that_was_written_anew_is_found(witness, world):
    """Nothing here remembers the first heads any more; the witness does."""
    showing.show()
    size = witness.size
    witness.root = b"\x07" * 32  # what it saw was another log

    grow(world)

    assert not showing.show()
    assert witness.asked[-1][1] == 422
    found = Finding.objects.get()
    assert (found.kind, found.facts["size"]) == ("exported", size)
    assert "does not go on" in Delivery.objects.order_by("-pk")[0].answer


def test_log_that_was_cut_is_found(witness):
    """An older backup was put back: the witness has seen more than there is."""
    showing.show()
    Delivery.objects.all().delete()
    witness.size += 50

    assert not showing.show()
    assert Finding.objects.get().kind == "tail"
    assert "the log was cut" in Delivery.objects.get().answer


def test_same_size_with_another_root_is_found(witness):
    showing.show()
    Delivery.objects.all().delete()
    witness.root = b"\x07" * 32

    assert not showing.show()
    assert Finding.objects.get().kind == "exported"


def test_another_worker_that_was_faster_is_no_finding(witness, world):
    head = Head.objects.get()
    showing.show()
    newer = grow(world)
    Delivery.objects.all().delete()
    witness.size = newer.size

    with pytest.raises(showing.Refused, match="meanwhile"):
        showing._cosigned(head)
    assert not Finding.objects.exists()


# The words of the protocol --------------------------------------------------------------------------------------------


def test_cosignature_is_as_the_specification_has_it():
    """Checked by its own words: key id, moment, message."""
    key = Ed25519PrivateKey.from_private_bytes(b"\x01" * 32)
    note = "example.com/log\n5\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n— example.com/log AAAAAAA=\n"
    line = cosignatures.cosign(note, NAME, key, datetime(2023, 3, 20, 12, 15, 15, tzinfo=UTC))
    said = base64.b64decode(line.split(" ")[2])
    public = key.public_key()
    assert said[4:12] == (1679314515).to_bytes(8, "big")
    public.verify(
        said[12:],
        b"cosignature/v1\ntime 1679314515\nexample.com/log\n5\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
    )
