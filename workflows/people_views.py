"""People: a secretary's list, inviting and deactivating."""

from typing import Any

from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, QuerySet
from django.http import Http404
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import ListView

from tracker import access, clock
from tracker.models import Assignment, HandOver, Person, Role, Term
from workflows import steps
from workflows.setup_forms import InviteForm, ReasonForm
from workflows.setup_pages import VerbPage


class PeoplePage(LoginRequiredMixin, ListView):
    """Every account with the offices that it holds; an auditor reads it too."""

    template_name = "workflows/setup/people.html"
    context_object_name = "people"
    paginate_by = 50

    def get_queryset(self) -> QuerySet[Person]:
        person = self.request.user
        if not access.roles(person) & {Role.SECRETARY, Role.AUDITOR}:
            raise PermissionDenied(_("Only the %(who)s can do this.") % {"who": access.who_may("invite")})
        running = Term.objects.running(clock.today()).select_related("office__body")
        away = access.substitutions(person).filter(ends__gte=clock.today())
        found = access.people(person).prefetch_related(
            Prefetch("terms", running, to_attr="present_terms"),
            Prefetch("substituted_by", away, to_attr="stand_ins"),
        )
        words = self.request.GET.get("q", "").strip().replace("\x00", "")
        return (found.filter(name__icontains=words) | found.filter(username__icontains=words)) if words else found

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        person = self.request.user
        about = {
            "keeps": Role.SECRETARY in access.roles(person),
            "traces": set(access.traceable(person).order_by().values_list("pk", flat=True)),
            "failed_mails": access.failed_mails(person).count(),
            "words": self.request.GET.get("q", "").strip(),
            "total": access.people(person).count(),
            "hand_overs": [one for one in access.hand_overs(person).filter(accepted_at=None) if not _is_over(one)],
        }
        return super().get_context_data(**kwargs) | about


def _is_over(hand_over: HandOver) -> bool:
    ends = hand_over.term.ends
    return ends is not None and ends < clock.today(hand_over.term.office.body.time_zone)


class OnPeople(VerbPage):
    """A verb on people: any secretary's page; the verb itself asks for more."""

    back = reverse_lazy("people")
    section = "people"

    def may(self) -> None:
        if Role.SECRETARY not in access.roles(self.by):
            raise PermissionDenied(_("Only the %(who)s can do this.") % {"who": access.who_may("invite")})


class OnPerson(OnPeople):
    standing = "person"

    def find(self) -> None:
        self.on = access.people(self.request.user).filter(pk=self.kwargs["pk"]).first()

    def may(self) -> None:
        super().may()
        if self.on is None:
            raise Http404(_("There is no such account."))


class Invite(OnPeople):
    form_class = InviteForm
    heading = gettext_lazy("Invite somebody")
    button = gettext_lazy("Send the invitation")
    effects = (
        gettext_lazy("They get a mail with a link on which they choose a password; it serves once, for 14 days."),
        gettext_lazy("With an office they hold it from today, and can act once they have joined."),
        gettext_lazy("What they may see and do follows from their offices alone."),
    )
    done = gettext_lazy("%(what)s is invited; the mail is on its way.")

    def take(self, given: dict[str, Any]) -> Person:
        return steps.invite(by=self.by, **given)


class InviteAgain(OnPerson):
    heading = gettext_lazy("Invite once more")
    button = gettext_lazy("Send another invitation")
    effects = (gettext_lazy("They get another mail with a new link, good for 14 days. Older links end."),)
    done = gettext_lazy("%(what)s is invited once more.")

    def take(self, given: dict[str, Any]) -> Person:
        return steps.invite_again(self.on, by=self.by)


class Deactivate(OnPerson):
    form_class = ReasonForm
    heading = gettext_lazy("Deactivate the account")
    button = gettext_lazy("Deactivate")
    done = gettext_lazy("%(what)s can no longer log in.")

    @property
    def effects(self) -> tuple[Any, ...]:  # type: ignore[override]
        words: list[Any] = [
            gettext_lazy("They can no longer log in, and hear nothing more from us."),
            gettext_lazy(
                "Their terms and substitutions end today; no one holds their offices until you appoint somebody."
            ),
            gettext_lazy("The account stays, and history goes on naming them."),
        ]
        asked = Assignment.objects.standing().filter(person=self.on).count() if self.on else 0
        if asked:
            words.append(
                _("%(number)s assignments are theirs in person: they go back to who may assign them.")
                % {"number": asked}
            )
        return tuple(words)

    def take(self, given: dict[str, Any]) -> Person:
        return steps.deactivate(self.on, by=self.by, **given)
