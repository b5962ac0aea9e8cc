"""JSON comes in whole, bounded and in UTF-8, whatever the request says of itself."""

import json
from collections.abc import Mapping
from typing import Any, NoReturn

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import JSONParser
from rest_framework.status import HTTP_413_REQUEST_ENTITY_TOO_LARGE


class TooLarge(APIException):
    """More was sent than is read."""

    status_code = HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"
    default_detail = gettext_lazy("More was sent than is read.")


class BoundedJSON(JSONParser):
    """DRF's parser reads without end, by the charset that the sender names, and falls over deep nesting."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        """What was sent. Raises TooLarge above DATA_UPLOAD_MAX_MEMORY_SIZE, ParseError where it is not JSON (RFC 8259)."""
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        sent = stream.read(limit + 1)
        if len(sent) > limit:
            raise TooLarge(_("More than %(most)s MB was sent.") % {"most": limit // 1024 // 1024})
        try:
            return json.loads(sent.decode("utf-8"), parse_constant=_refuse)
        except (ValueError, RecursionError) as error:
            raise ParseError(_("What was sent is not JSON: %(error)s.") % {"error": str(error)[:200]}) from error


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
