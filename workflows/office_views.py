"""Pages of what goes on between people in office: validators, hand-overs, absences, and somebody's name taken out."""

from datetime import date
from typing import Any

from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import TemplateView

from tracker import access, clock, visits
from tracker.models import Body, HandOver, Office, Person, Substitution
from tracker.summaries.hand_over import pack
from workflows import steps
from workflows.people_views import OnPerson
from workflows.setup_forms import AbsenceForm, EndForm, NoteForm, ReasonForm, ValidatorForm
from workflows.setup_pages import VerbPage
from workflows.setup_views import OnOffice
from workflows.steps.anonymity import would_empty


class SetValidator(OnOffice):
    form_class = ValidatorForm
    step = "add_office"
    heading = gettext_lazy("Set the validator")
    button = gettext_lazy("Set the validator")
    effects = (
        gettext_lazy("A report handed in for this office is validated there before it goes to the endorser."),
        gettext_lazy("Nobody validates what they handed in themselves; where nobody there can, the endorser does."),
        gettext_lazy("What was handed in already waits as it did."),
    )
    done = gettext_lazy("Changed: %(what)s.")

    def take(self, given: dict[str, Any]) -> Office:
        return steps.set_validator(self.on, given["validator"], by=self.by)


# Hand-overs ------------------------------------------------------------------------------------------------------------


def _hand_over(reader: access.Reader, number: int) -> HandOver:
    """One hand-over that a reader may read, or Http404."""
    found = access.hand_overs(reader).filter(pk=number).first()
    if found is None:
        visits.missed(HandOver, pk=number)
        raise Http404(_("There is no such hand-over, or you may not see it."))
    return found


class HandOverPage(LoginRequiredMixin, TemplateView):
    """What a successor is handed, until they have accepted it and after."""

    template_name = "workflows/setup/hand_over.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        person = self.request.user
        hand_over = _hand_over(person, self.kwargs["pk"])
        term = hand_over.term
        found = pack(person, hand_over)
        is_open = not (hand_over.accepted_at or found.over)
        leaves = hand_over.predecessor is not None and hand_over.predecessor.person_id == person.pk
        stands_in = any(
            seat.office.pk == term.office_id and seat.acting_for == term.person for seat in access.seats(person)
        )
        about = {
            "pack": found,
            "may_note": is_open and (leaves or access.may_on_body(person, "hand_over", term.office.body)),
            "may_accept": is_open and found.begun and (term.person_id == person.pk or stands_in),
        }
        return super().get_context_data(**kwargs) | about


class OnHandOver(VerbPage):
    """A verb on the hand-over that the address names; the verb itself asks who may."""

    section = "hand-over"
    standing = "hand-over"

    def find(self) -> None:
        self.on = _hand_over(self.request.user, self.kwargs["pk"])

    def body(self) -> Body | None:
        return self.on.term.office.body

    def may(self) -> None:
        """Whoever may read it comes here; the verb refuses whose it is not."""

    def get_success_url(self) -> str:
        return reverse("hand-over", args=[self.on.pk])


class HandOverNote(OnHandOver):
    form_class = NoteForm
    heading = gettext_lazy("Open questions for the successor")
    button = gettext_lazy("Write it down")
    effects = (
        gettext_lazy("The successor reads it on the page of the hand-over, under your name."),
        gettext_lazy("It can be written anew until they have accepted."),
    )
    done = gettext_lazy("Written down: %(what)s.")

    def take(self, given: dict[str, Any]) -> HandOver:
        return steps.note_hand_over(self.on, by=self.by, **given)


class HandOverAccept(OnHandOver):
    heading = gettext_lazy("Accept the hand-over")
    button = gettext_lazy("Accept")
    effects = (
        gettext_lazy("You have read what is open in the office, and take it on."),
        gettext_lazy("It no longer stands in your tasks; its page stays."),
        gettext_lazy("The duties are the office's in any case: accepting takes none on and refuses none."),
    )
    done = gettext_lazy("Accepted: %(what)s.")

    def take(self, given: dict[str, Any]) -> HandOver:
        return steps.accept_hand_over(self.on, by=self.by)


# Absences --------------------------------------------------------------------------------------------------------------


class AbsencePage(LoginRequiredMixin, TemplateView):
    """Who acts for the reader, and for whom the reader acts: today and to come."""

    template_name = "workflows/setup/absence.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        today = clock.today()
        found = access.substitutions(self.request.user).filter(ends__gte=today).order_by("begins", "pk")
        mine = [one for one in found if one.principal_id == self.request.user.pk]
        others = [one for one in found if one.substitute_id == self.request.user.pk]
        return super().get_context_data(**kwargs) | {"mine": mine, "others": others, "today": today}


class AbsenceAdd(VerbPage):
    """Somebody's own absence: they need nobody for it."""

    form_class = AbsenceForm
    section = "absence"
    heading = gettext_lazy("Be away")
    button = gettext_lazy("Set the substitute")
    effects = (
        gettext_lazy("Between the two days somebody else can do what you can do, in what you choose here."),
        gettext_lazy("Both names stand on each act: theirs, for you."),
        gettext_lazy("You can go on acting yourself, and end it sooner."),
    )
    done = gettext_lazy("Set: %(what)s.")
    back = reverse_lazy("absence")

    def find(self) -> None:
        self.on = self.by

    def may(self) -> None:
        """Everybody for themselves."""

    def get_initial(self) -> dict[str, Any]:
        return {"begins": self.today()}

    def take(self, given: dict[str, Any]) -> Substitution:
        return steps.set_substitute(given.pop("office"), by=self.by, principal=self.on, **given)


class PersonAbsence(OnPerson):
    """The same for somebody else, by the secretariat."""

    form_class = AbsenceForm
    heading = gettext_lazy("Set a substitute")
    button = gettext_lazy("Set the substitute")
    effects = (
        gettext_lazy("Between the two days somebody else can do whatever this person can do, in what you choose here."),
        gettext_lazy("Both names stand on each act: one for the other."),
    )
    done = gettext_lazy("Set: %(what)s.")

    def get_initial(self) -> dict[str, Any]:
        return {"begins": self.today()}

    def take(self, given: dict[str, Any]) -> Substitution:
        return steps.set_substitute(given.pop("office"), by=self.by, principal=self.on, **given)


class AbsenceEnd(VerbPage):
    """Back sooner: by the person themselves or by the secretariat."""

    form_class = EndForm
    section = "absence"
    heading = gettext_lazy("End the substitution")
    button = gettext_lazy("End the substitution")
    effects = (gettext_lazy("After its last day nobody acts for them any more."),)
    done = gettext_lazy("Ended: %(what)s.")
    back = reverse_lazy("absence")

    def find(self) -> None:
        self.on = access.substitutions(self.request.user).filter(pk=self.kwargs["pk"]).first()
        if self.on is None:
            raise Http404(_("There is no such substitution."))

    def may(self) -> None:
        """Whoever may see it comes here; the verb refuses whose it is not."""

    def today(self) -> date:
        return clock.today(self.on.office.body.time_zone if self.on.office else "UTC")

    def get_initial(self) -> dict[str, Any]:
        return {"ends": self.today()}

    def get_success_url(self) -> str:
        return str(self.back) if self.on.principal_id == self.by.pk else reverse("people")

    def take(self, given: dict[str, Any]) -> Substitution:
        return steps.end_substitution(self.on, by=self.by, **given)


class Anonymise(OnPerson):
    form_class = ReasonForm
    heading = gettext_lazy("Anonymise the account")
    button = gettext_lazy("Take the name out for good")
    done = gettext_lazy("Done: %(what)s.")

    always = (
        gettext_lazy(
            "Name, user name and address go from the account and from every mail that is kept; nobody can undo it."
        ),
        gettext_lazy("What they did stays on record, under a number instead of a name."),
        gettext_lazy(
            "Free words in which somebody wrote the name down, such as a report, stay: they belong to the record."
        ),
        gettext_lazy("The user name is never given to anybody again."),
    )

    @property
    def effects(self) -> tuple[Any, ...]:  # type: ignore[override]
        count = would_empty(self.on) if self.on else 0
        beside = ngettext(
            "The words beside %(number)s entry of the history go; the entry stays, says so, and every proof still holds.",
            "The words beside %(number)s entries of the history go; the entries stay, say so, and every proof still holds.",
            count,
        )
        return (*self.always, beside % {"number": count})

    def may(self) -> None:
        super().may()
        if self.on.is_active:
            raise PermissionDenied(_("%(name)s has not left: deactivate the account first.") % {"name": self.on})

    def take(self, given: dict[str, Any]) -> Person:
        return steps.anonymise(self.on, by=self.by, **given)
