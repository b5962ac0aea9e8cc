"""The door for the web server (granian --interface wsgi config.wsgi:application)."""

import logging
import os

from django.core.wsgi import get_wsgi_application
from django.db import DatabaseError, connections

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()

from tracker import triggers  # noqa: E402  (the applications first)

try:
    if absent := triggers.missing():
        logging.getLogger("resolves").critical(
            "The record could be changed: %s missing. Run manage.py migrate.", ", ".join(absent)
        )
except DatabaseError:
    logging.getLogger("resolves").exception("The database does not answer yet.")
finally:
    connections.close_all()
