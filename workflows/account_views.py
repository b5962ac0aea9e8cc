"""Logging in and out, another password, an invitation. Django's own views with our pages and our throttle."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, views
from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import FormView, TemplateView
from django_fsm import TransitionNotAllowed
from rest_framework.authtoken.models import Token

from tracker import invitations
from tracker.models import Person
from workflows import demo_data, steps
from workflows.account_forms import ForgottenForm, LogInForm, NewPasswordForm

METHODS = ["get", "head", "post", "options"]  # Django's own forms would take a PUT for a POST


class LogIn(views.LoginView):
    """The demonstration shows its accounts, one button each."""

    http_method_names = METHODS
    template_name = "registration/login.html"
    authentication_form = LogInForm
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        about = {"accounts": demo_data.ACCOUNTS, "demo_password": demo_data.PASSWORD} if settings.DEMO else {}
        return super().get_context_data(**kwargs) | about

    def form_invalid(self, form: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=429 if form.throttled else 400)


class LogOut(views.LogoutView):
    """By POST only."""


class Forgotten(FormView):
    """Asks for an address; what follows says the same whether an account has it or not."""

    http_method_names = METHODS

    template_name = "registration/forgotten.html"
    form_class = ForgottenForm
    success_url = reverse_lazy("password_forgotten_done")

    def form_valid(self, form: ForgottenForm) -> HttpResponse:
        form.ask(self.request)
        return super().form_valid(form)

    def form_invalid(self, form: ForgottenForm) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=400)


class ForgottenDone(views.PasswordResetDoneView):
    template_name = "registration/forgotten_done.html"


class NewPassword(views.PasswordResetConfirmView):
    """Where the mail's link leads."""

    http_method_names = METHODS
    template_name = "registration/new_password.html"
    form_class = NewPasswordForm
    success_url = reverse_lazy("password_reset_complete")


class NewPasswordDone(views.PasswordResetCompleteView):
    template_name = "registration/new_password_done.html"


@method_decorator([never_cache, sensitive_post_parameters()], name="dispatch")
class Invitation(FormView):
    """Where an invitation's link leads: choose a password and be there."""

    http_method_names = METHODS
    template_name = "workflows/account/invitation.html"
    form_class = NewPasswordForm
    person: Person

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        person = invitations.invited(self.kwargs["token"])
        if person is None:
            return self.over()
        self.person = person
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "user": self.person}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"person": self.person}

    def form_valid(self, form: NewPasswordForm) -> HttpResponse:
        try:
            person = steps.accept_invitation(self.kwargs["token"], password=form.cleaned_data["new_password1"])
        except TransitionNotAllowed:
            return self.over()
        except ValidationError as error:
            form.refused(error)
            return self.form_invalid(form)
        login(self.request, person, backend="django.contrib.auth.backends.ModelBackend")
        return HttpResponseRedirect(reverse(settings.LOGIN_REDIRECT_URL))

    def form_invalid(self, form: NewPasswordForm) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=400)

    def over(self) -> HttpResponse:
        """Used, too old, or never ours: the three look alike."""
        return render(
            self.request,
            "workflows/account/invitation_over.html",
            {"heading": _("This invitation is no longer good")},
            status=410,
        )


class Tokens(LoginRequiredMixin, TemplateView):
    """The reader's own token for programs: when it was made, and its end. What it reads as is never shown again."""

    http_method_names = METHODS
    template_name = "workflows/tokens.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        made = Token.objects.filter(user_id=self.request.user.pk).values_list("created", flat=True).first()
        return super().get_context_data(**kwargs) | {"made": made}

    def post(self, request: HttpRequest) -> HttpResponse:
        assert isinstance(request.user, Person)  # noqa: S101  (held by LoginRequiredMixin)
        try:
            steps.end_own_token(by=request.user)
        except TransitionNotAllowed as error:  # ended already, perhaps on another page
            messages.info(request, str(error))
        else:
            messages.success(request, _("Your token is ended: programs that use it are no longer let in."))
        return redirect("tokens")
