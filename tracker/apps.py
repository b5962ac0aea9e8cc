"""The register: nouns, their history, questions about them."""

from django.apps import AppConfig
from django.core.checks import Tags, register
from django.db.models.signals import post_migrate

from tracker import triggers
from tracker.log import ready


class TrackerConfig(AppConfig):
    name = "tracker"

    def ready(self) -> None:
        # The one signal receiver of the house: a later ALTER on SQLite rebuilds a table and drops its triggers in
        # silence, so they are put back after every migrate.
        post_migrate.connect(triggers.reinstall, sender=self)
        register(Tags.database)(triggers.check)
        register(Tags.security)(ready.check)
