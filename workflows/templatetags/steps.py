"""The names of steps and who may take them, for templates."""

from datetime import date

from django.template import Library
from django.urls import reverse

from tracker import access, queries
from tracker.duepoints import in_words
from tracker.models import Obligation, Occurrence
from workflows.steps.catalogue import CATALOGUE

register = Library()


@register.filter
def step_label(step: str) -> str:
    """What the button of a step says."""
    return str(CATALOGUE[step].label)


@register.filter
def who_may(step: str) -> str:
    """The capacities that may take a step, in words."""
    return access.who_may(step)


@register.filter
def due_in_words(duty: Obligation) -> str:
    """When a duty is due, in words."""
    return in_words(duty)


@register.simple_tag
def waits(occurrence: Occurrence, today: date) -> str:
    """What an occurrence on hold waits for, in words; "" where it is not on hold or that was not said."""
    return queries.waiting_words(queries.waited_for(occurrence), today) if occurrence.on_hold else ""


@register.simple_tag
def item_url(occurrence: Occurrence, step: str = "") -> str:
    """The address of an occurrence's page, or of a step's page on it."""
    place = {"body": occurrence.body.slug, "short": occurrence.short_reference}
    return reverse("step", kwargs=place | {"step": step}) if step else reverse("occurrence", kwargs=place)
