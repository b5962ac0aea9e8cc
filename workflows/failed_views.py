"""Mails that failed or are being tried again, for whoever looks after them; and another address for whom a mail did not reach."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import ListView
from django_fsm import TransitionNotAllowed

from tracker import access, clock
from tracker.models import Message, Person
from workflows import steps
from workflows.people_views import OnPerson
from workflows.setup_forms import SetupForm

LONGEST_NUMBER = 19  # digits that a row of the database can have
TRIED_AGAIN = 20  # of those that go by themselves the page shows so many
PLAIN = {
    "421": gettext_lazy("The mail server was too busy or is closing down."),
    "450": gettext_lazy("The mailbox is busy or blocked for the time being."),
    "451": gettext_lazy("The mail server had trouble of its own."),
    "452": gettext_lazy("The mailbox or the mail server is full."),
    "550": gettext_lazy("There is no such mailbox, or it takes nothing from us."),
    "551": gettext_lazy("The person has another address now."),
    "552": gettext_lazy("The mailbox is full."),
    "553": gettext_lazy("The address is written in a way that the mail server does not take."),
    "554": gettext_lazy("The mail server refused the mail."),
}
"""What the server's number means, for whoever does not know them."""


class FailedMails(LoginRequiredMixin, ListView):
    """GET shows them; POST has those that were ticked sent again."""

    template_name = "workflows/setup/failed_mails.html"
    context_object_name = "mails"
    paginate_by = 50
    http_method_names = ["get", "head", "post", "options"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated:
            access.require_send_again(request.user)
        return super().dispatch(request, *args, **kwargs)

    @property
    def by(self) -> Person:
        person = self.request.user
        assert isinstance(person, Person)  # noqa: S101  (the mixin saw to it)
        return person

    def get_queryset(self) -> QuerySet[Message]:
        return access.failed_mails(self.by).prefetch_related("notices")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = super().get_context_data(**kwargs)
        mails = list(found["mails"])
        again = list(access.retried_mails(self.by)[:TRIED_AGAIN])
        ahead = clock.now() - timezone.now()  # tries are in real time, the page in the demonstration's
        told_of = access.told_of(self.by, [*mails, *again])
        for mail in (*mails, *again):
            mail.shown = mail.pk in told_of
            mail.plainly = PLAIN.get(mail.answer[:3], "")
            mail.goes_to = mail.person.email if mail.person else ""
            mail.next_at = mail.not_before + ahead if mail.not_before else None
        return found | {
            "mails": mails,
            "again": again,
            "more_again": access.retried_mails(self.by).count() - len(again) if len(again) == TRIED_AGAIN else 0,
            "unwritten": list(access.unwritten(self.by).order_by("name", "pk")[:TRIED_AGAIN]),
            "keeps_people": "secretary" in access.roles(self.by),
            "reads_people": bool(access.roles(self.by) & {"secretary", "auditor"}),
            "ticked": {int(one) for one in self.request.POST.getlist("mail") if one.isdecimal()},
        }

    def post(self, request: HttpRequest) -> HttpResponse:
        given = request.POST.getlist("only") or request.POST.getlist("mail")  # a row's own button, whatever is ticked
        chosen = [int(one) for one in given if one.isdecimal() and len(one) < LONGEST_NUMBER]
        try:
            sent = steps.send_again(chosen, by=self.by)
        except ValidationError as error:
            return self._refused(" ".join(error.messages), 400)
        except TransitionNotAllowed as error:
            return self._refused(str(error), 409)
        words = ngettext("%(number)s mail is on its way again.", "%(number)s mails are on their way again.", len(sent))
        messages.success(request, words % {"number": len(sent)})
        same = [one for one in sent if one.person and one.address == one.person.email]
        if same:
            messages.info(
                request,
                _("The address of %(names)s is the one that failed: if it fails again, put another on record.")
                % {"names": ", ".join(sorted({str(one.person) for one in same}))},
            )
        return HttpResponseRedirect(request.path)

    def _refused(self, words: str, status: int) -> HttpResponse:
        self.object_list = self.get_queryset()
        return self.render_to_response(self.get_context_data(refused=words), status=status)


class AddressForm(SetupForm):
    email = forms.EmailField(label=gettext_lazy("E-mail address"), max_length=254)

    def prepare(self) -> None:
        self.fields["email"].initial = self.on.email


class ChangeAddress(OnPerson):
    form_class = AddressForm
    heading = gettext_lazy("Change the e-mail address")
    button = gettext_lazy("Put it on record")
    effects = (
        gettext_lazy("Mails go there from now on, those that wait to be sent too."),
        gettext_lazy("What failed at the old address is sent again only if you ask for it."),
    )
    done = gettext_lazy("The address of %(what)s is changed.")
    back = reverse_lazy("people")

    def take(self, given: dict[str, Any]) -> Person:
        return steps.change_address(self.on, by=self.by, **given)
