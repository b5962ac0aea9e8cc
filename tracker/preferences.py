"""How people want to be told, with the defaults for whoever never said."""

from collections.abc import Iterable
from dataclasses import dataclass

from tracker.models import Preferences

Channel, Pace = Preferences.Channel, Preferences.Pace


@dataclass(frozen=True)
class Wishes:
    """What a person wants. `time_zone` empty: that of the body that writes; `lead_days` None: as early as the policy says."""

    channel: str = Channel.BOTH.value
    pace: str = Pace.PROMPT.value
    digest_hour: int = 7
    time_zone: str = ""
    lead_days: int | None = None
    weekly: bool = True

    @property
    def by_mail(self) -> bool:
        return self.channel != Channel.APP

    @property
    def in_the_product(self) -> bool:
        """Whether what arrives is to be read here; who is told by mail alone has it as read."""
        return self.channel != Channel.MAIL


NAMES = tuple(Wishes.__dataclass_fields__)
DEFAULTS = Wishes()


def wishes_of(person_ids: Iterable[int]) -> dict[int, Wishes]:
    """The wishes of each of these people, the defaults where they have none. One query; none for nobody."""
    ids = set(person_ids)
    rows = Preferences.objects.filter(person__in=ids).values_list("person", *NAMES) if ids else ()
    found = {person: Wishes(*said) for person, *said in rows}
    return {pk: found.get(pk, DEFAULTS) for pk in ids}
