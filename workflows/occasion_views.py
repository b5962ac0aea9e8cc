"""The events that duties wait for: which have happened, and the page on which the next one is put on record."""

from typing import Any

from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import Http404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from tracker import access, clock, visits
from tracker.duepoints import in_words
from tracker.models import Body, Obligation, Occasion, Occurrence
from workflows import steps
from workflows.agenda import keeps
from workflows.rules_forms import OccasionForm
from workflows.setup_pages import VerbPage


class OccasionsPage(LoginRequiredMixin, TemplateView):
    """What waits for an event in the resolutions of a body, and the events that were recorded."""

    template_name = "workflows/setup/occasions.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        reader = self.request.user
        body = access.body(reader, self.kwargs["body"])
        found = access.obligations(reader).filter(kind=Obligation.Kind.ON_EVENT, confirmed=True, resolution__body=body)
        duties = list(found.order_by("resolution__slug", "paragraph__position", "number"))
        mine = keeps(reader, {duty.responsible for duty in duties}, "record_occasion")
        turns: dict[int, list[Occurrence]] = {}
        seen = access.occurrences(reader).filter(obligation__in=duties, occasion__isnull=False)
        for turn in seen.select_related("occasion", "body", "obligation").order_by("-occasion__number"):
            turns.setdefault(turn.obligation_id, []).append(turn)
        rows = [
            {
                "duty": duty,
                "due": in_words(duty),
                "turns": turns.get(duty.pk, []),
                "may": duty.responsible_id in mine,
            }
            for duty in duties
        ]
        return super().get_context_data(**kwargs) | {"body": body, "rows": rows, "today": clock.today(body.time_zone)}


class OccasionAdd(VerbPage):
    """The event of one duty is put on record."""

    form_class = OccasionForm
    step = "record_occasion"
    section = "calendar"
    standing = "duty"
    heading = gettext_lazy("Record an event")
    button = gettext_lazy("Put it on record")
    effects = (
        gettext_lazy("A turn of the duty opens at once, due so many days after the event."),
        gettext_lazy("Who has to assign it is reminded of it from now on."),
        gettext_lazy("The same event is recorded once."),
    )
    done = gettext_lazy("On record: %(what)s. Its turn is open.")

    def find(self) -> None:
        found = access.obligations(self.request.user).filter(resolution__body__slug=self.kwargs["body"])
        duty = found.filter(pk=self.kwargs["pk"]).first() if self.kwargs["pk"] < 2**63 else None
        if duty is None or duty.kind != Obligation.Kind.ON_EVENT:
            visits.missed(Obligation, pk=self.kwargs["pk"])
            raise Http404(_("There is no such duty, or you may not see it."))
        self.on = duty

    def body(self) -> Body:
        duty: Obligation = self.on
        return duty.responsible

    @cached_property
    def due(self) -> str:
        """When the turn will be due, in words."""
        return in_words(self.on)

    def get_initial(self) -> dict[str, Any]:
        return {"happened_on": self.today()}

    def get_success_url(self) -> str:
        return reverse("occasions", args=[self.on.resolution.body.slug])

    def take(self, given: dict[str, Any]) -> Occasion:
        return steps.record_occasion(self.on, by=self.by, **given)
