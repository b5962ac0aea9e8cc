"""What every page of a verb on bodies, calendar and people shares: one form, what it will do, and one button.

May they is asked before anything is shown, so that a page that cannot be used is never offered; the verb asks once more.
"""

from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.views.generic import FormView
from django_fsm import TransitionNotAllowed

from tracker import clock
from tracker.models import Body, Person
from workflows import refusals
from workflows.setup_forms import NothingForm, SetupForm


class VerbPage(LoginRequiredMixin, FormView):
    """One verb. `step` is its row in access's table; `on` what it is about; `take` calls it."""

    template_name = "workflows/setup/step.html"
    form_class: type[SetupForm] = NothingForm
    step = ""
    section = "setup"
    standing = ""
    heading: Any = ""
    button: Any = ""
    effects: tuple[Any, ...] = ()
    done: Any = ""
    back: Any = ""
    on: Any = None
    http_method_names = ["get", "head", "post", "options"]  # Django's own would take a step by PUT too

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated:
            self.find()
            self.may()
        return super().dispatch(request, *args, **kwargs)

    @property
    def by(self) -> Person:
        person = self.request.user
        assert isinstance(person, Person)  # noqa: S101  (the mixin saw to it)
        return person

    def find(self) -> None:
        """Fetch what the verb is about into `on`, or Http404."""

    def body(self) -> Body | None:
        """The body whose secretary may do this; None: see `may`."""
        return self.on if isinstance(self.on, Body) else getattr(self.on, "body", None)

    def may(self) -> None:
        """Raise PermissionDenied unless the reader may take this step."""
        body = self.body()
        assert body is not None  # noqa: S101  (pages that are about no body say `may` themselves)
        refusals.require_on_body(self.by, self.step, body)

    def take(self, given: dict[str, Any]) -> Any:
        """Call the verb."""
        raise NotImplementedError

    def today(self) -> Any:
        """The present day of the body's own clock."""
        body = self.body()
        return clock.today(body.time_zone if body else "UTC")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "by": self.by, "on": self.on}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        about = {"page": self, "on": self.on, "today": self.today(), "back": self.get_success_url()}
        return super().get_context_data(**kwargs) | about

    def get_success_url(self) -> str:
        return str(self.back)

    def form_valid(self, form: SetupForm) -> HttpResponse:
        try:
            result = self.take(dict(form.cleaned_data))
        except ValidationError as error:
            form.refused(error)
            return self.form_invalid(form)
        except TransitionNotAllowed as error:
            form.add_error(None, str(error))
            return self.render_to_response(self.get_context_data(form=form), status=409)
        messages.success(self.request, self.done % {"what": result})
        return HttpResponseRedirect(self.get_success_url())

    def form_invalid(self, form: SetupForm) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=400)
