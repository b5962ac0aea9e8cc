"""What may happen next: the states, the path, the verbs, the clock's wrapper."""

from django.apps import AppConfig


class WorkflowsConfig(AppConfig):
    name = "workflows"
