"""How often somebody may try at the door. Counted in the database, so that every web process counts the same."""

from datetime import timedelta

from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac

from tracker import visits
from workflows.models import Attempt

LONGEST_WINDOW = timedelta(hours=1)


def attempt(what: str, *names: str, limit: int, within: timedelta) -> bool:
    """Count one try; whether it is within the limit. The row is written first and counted then, so that of many who try
    at once no more than the limit pass. Real time: a pinned clock must not lock anybody out for ever."""
    now = timezone.now()
    Attempt.objects.filter(at__lt=now - LONGEST_WINDOW).delete()
    key = _key(what, names)
    Attempt.objects.create(key=key, at=now)
    return Attempt.objects.filter(key=key, at__gt=now - within).count() <= limit


def forgive(what: str, *names: str) -> None:
    """Forget the tries: this one was right."""
    Attempt.objects.filter(key=_key(what, names)).delete()


def address(request: HttpRequest | None) -> str:
    """Where a request comes from; "" where there is none."""
    return visits.came_from(request) if request else ""


def _key(what: str, names: tuple[str, ...]) -> str:
    said = "\x1f".join(name.strip().casefold() for name in names)
    return salted_hmac(f"resolves.throttle.{what}", said, algorithm="sha256").hexdigest()
