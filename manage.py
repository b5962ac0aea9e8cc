#!/usr/bin/env python
"""Django's command line for Resolves."""

import os
import sys

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        settings.INSTALLED_APPS  # noqa: B018  (Django itself would go on without settings and find nothing amiss)
    except ImproperlyConfigured as error:
        sys.exit(f"Not configured: {error}")
    execute_from_command_line(sys.argv)
