"""What may happen next: the states, the path, the verbs, the clock's wrapper."""

from django.apps import AppConfig

from tracker import clock


class WorkflowsConfig(AppConfig):
    name = "workflows"

    def ready(self) -> None:
        from workflows import tasks  # noqa: PLC0415  (models are loaded only now)

        clock.on_wake(tasks.wake)
