"""How often somebody may try at the door. Counted in the database, so that every web process counts the same."""

from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac

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
    """Where a request comes from. Behind a proxy of ours it is what the proxy added last, never what a client may claim."""
    if request is None:
        return ""
    remote = str(request.META.get("REMOTE_ADDR", ""))
    if settings.SECURE_PROXY_SSL_HEADER:
        return str(request.META.get("HTTP_X_FORWARDED_FOR", "")).rpartition(",")[2].strip() or remote
    return remote


def _key(what: str, names: tuple[str, ...]) -> str:
    said = "\x1f".join(name.strip().casefold() for name in names)
    return salted_hmac(f"resolves.throttle.{what}", said, algorithm="sha256").hexdigest()
