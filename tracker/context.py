"""What every page shows: the menu, the demonstration's banner."""

from typing import Any

from django.http import HttpRequest


def page(request: HttpRequest) -> dict[str, Any]:
    """Context processor; the menu comes from `tracker.menu` once there are pages."""
    return {}
