"""No false alarm, and no bit unseen: random histories that nobody touched pass, and one bit flipped anywhere is found.

A short run with the ordinary suite, a longer one with `make test-slow`, and the long one with `make test-soak`. How long the
long one is comes from the environment: `RESOLVES_HISTORIES` (how many, 20), `RESOLVES_HISTORY_EVENTS` (of how many events each,
10000), `RESOLVES_HISTORY_SEED` (the first seed).
"""

import os
import random
import time

import pytest

from tests import histories
from tests.histories import undone
from tests.record import new_heads
from tests.reliability.recorded import found

HISTORIES = int(os.environ.get("RESOLVES_HISTORIES", "20"))
EVENTS = int(os.environ.get("RESOLVES_HISTORY_EVENTS", "10000"))
SEED = int(os.environ.get("RESOLVES_HISTORY_SEED", "1000"))


def one_run(seed: int, events: int, *, flips: int = 1) -> None:
    """A random history that nobody touched passes; a bit flipped anywhere is found."""
    random_ = random.Random(seed)
    with undone():
        new_heads()
        histories.fill(seed, events, sealed_every=random_.choice([events, events // 3 + 1, 97]))
        untouched = found()
        assert (untouched.findings, untouched.events) == ((), events), seed
        for _ in range(flips):
            with undone():
                deed = histories.flip(random_)
                assert found().found, (seed, deed)


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(20))
def test_random_history_untouched_passes_and_a_flipped_bit_is_found(seed: int) -> None:
    one_run(seed, 500, flips=3)


@pytest.mark.slow
@pytest.mark.django_db
def test_flipped_bits_are_found_in_longer_histories() -> None:
    for seed in range(100, 110):
        one_run(seed, 3_000, flips=20)


@pytest.mark.soak
@pytest.mark.django_db
def test_flipped_bits_are_found_in_many_long_histories() -> None:
    began = time.monotonic()
    for seed in range(SEED, SEED + HISTORIES):
        one_run(seed, EVENTS)
    print(  # noqa: T201  (a soak prints its figures)
        f"{HISTORIES} histories of {EVENTS} events: 0 false alarms, {HISTORIES} flipped bits found, "
        f"{time.monotonic() - began:.0f} s"
    )
