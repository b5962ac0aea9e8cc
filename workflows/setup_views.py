"""Pages on which a secretary sets up bodies, their offices and who holds them. Everybody who is logged in may read them."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.auth.mixins import LoginRequiredMixin
from django.db.models import Prefetch
from django.http import Http404
from django.urls import reverse_lazy
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from tracker import access, clock
from tracker.models import Body, Office, Person, Substitution, Term
from workflows import steps
from workflows.agenda import families, keeps
from workflows.setup_forms import AppointForm, BodyForm, EndForm, GroupForm, OfficeForm, SubstituteForm
from workflows.setup_pages import VerbPage


@dataclass(frozen=True)
class Seat:
    """An office with who holds it today, who acts for them, and all its terms."""

    office: Office
    earlier: tuple[Term, ...]
    running: tuple[Term, ...]
    alternates: tuple[Term, ...]
    coming: tuple[Term, ...]
    substitutions: tuple[Substitution, ...]


@dataclass(frozen=True)
class Household:
    """A body with its offices."""

    body: Body
    keeps: bool
    seats: tuple[Seat, ...]


class SetupPage(LoginRequiredMixin, TemplateView):
    """Bodies, their offices, and who holds them today."""

    template_name = "workflows/setup/setup.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        person = self.request.user
        bodies = families(access.bodies(person))
        kept = keeps(person, bodies, "add_office")
        offices = access.offices(person).prefetch_related(
            Prefetch("terms", Term.objects.select_related("person").latest_first()),
            Prefetch("substitutions", Substitution.objects.select_related("principal", "substitute", "resolution")),
            Prefetch("validator", Office.objects.select_related("body")),
        )
        by_body: dict[int, list[Office]] = {}
        for office in offices:
            by_body.setdefault(office.body_id, []).append(office)
        households = [Household(body, body.pk in kept, self._seats(by_body.get(body.pk, []), body)) for body in bodies]
        first = not bodies and getattr(person, "is_superuser", False)  # an administrator sets up the first one
        mails, clock_ = access.may_send_again(person), access.may_watch_clock(person)
        may_add = first or bool(keeps(person, bodies, "add_group"))
        about = {"households": households, "mails": mails, "watches_clock": clock_, "may_add": may_add}
        return super().get_context_data(**kwargs) | about

    def _seats(self, offices: list[Office], body: Body) -> tuple[Seat, ...]:
        today = clock.today(body.time_zone)
        return tuple(
            Seat(
                office,
                tuple(term for term in office.terms.all() if term.ends and term.ends < today),
                tuple(term for term in _running(office, today) if term.part == Term.Part.HOLDER),
                tuple(term for term in _running(office, today) if term.part == Term.Part.ALTERNATE),
                tuple(term for term in office.terms.all() if term.begins and term.begins > today),
                tuple(one for one in office.substitutions.all() if one.ends >= today),
            )
            for office in offices
        )


def _running(office: Office, today: date) -> list[Term]:
    return [term for term in office.terms.all() if term.person.is_active and term.runs(today)]


class BodyAdd(VerbPage):
    form_class = BodyForm
    heading = gettext_lazy("Add a body")
    button = gettext_lazy("Add the body")
    effects = (
        gettext_lazy("The body is there for everybody to see, with a calendar of its own."),
        gettext_lazy("It gets a secretariat, and you hold it from today: otherwise nobody could go on from there."),
        gettext_lazy("Its short name in addresses never changes: references are built on it."),
    )
    done = gettext_lazy("%(what)s is set up. You hold its secretariat; add its offices, groups and sessions next.")
    back = reverse_lazy("setup")

    def may(self) -> None:
        access.require_new_body(self.by)

    def take(self, given: dict[str, Any]) -> Body:
        return steps.add_body(by=self.by, **given)


class OnBody(VerbPage):
    """A verb on the body that the address names."""

    back = reverse_lazy("setup")
    standing = "body"

    def find(self) -> None:
        self.on = access.body(self.request.user, self.kwargs["body"])


class GroupAdd(OnBody):
    form_class = GroupForm
    step = "add_group"
    heading = gettext_lazy("Add a group")
    button = gettext_lazy("Add the group")
    effects = (
        gettext_lazy("The group stands under the body; the body's secretariat serves it too."),
        gettext_lazy("Add its chair and its members as offices next."),
    )
    done = gettext_lazy("%(what)s is set up.")

    def take(self, given: dict[str, Any]) -> Body:
        return steps.add_group(self.on, by=self.by, **given)


class OfficeAdd(OnBody):
    form_class = OfficeForm
    step = "add_office"
    heading = gettext_lazy("Add an office")
    button = gettext_lazy("Add the office")
    effects = (
        gettext_lazy("The office can hold duties from now on, whoever sits in it."),
        gettext_lazy("No one holds it until you appoint somebody."),
    )
    done = gettext_lazy("%(what)s is added. No one holds it yet.")

    def take(self, given: dict[str, Any]) -> Office:
        return steps.add_office(self.on, by=self.by, **given)


class OnOffice(VerbPage):
    """A verb on the office that the address names."""

    back = reverse_lazy("setup")
    standing = "office"

    def find(self) -> None:
        self.on = access.office(self.request.user, self.kwargs["body"], self.kwargs["office"])

    def get_initial(self) -> dict[str, Any]:
        return {"begins": self.today()}

    @cached_property
    def holder(self) -> Person | None:
        """Who holds the office today, shown beside the form."""
        return self.on.holder(self.today())


class Appoint(OnOffice):
    form_class = AppointForm
    step = "appoint"
    heading = gettext_lazy("Appoint")
    button = gettext_lazy("Appoint")
    effects = (
        gettext_lazy("From the first day the person holds the office, with every duty that it owes."),
        gettext_lazy("What its present holder has left of a term ends the day before, and a hand-over is opened."),
        gettext_lazy("An alternate stands beside the holder: nobody's term ends, and both names stand on each act."),
        gettext_lazy("What was done in the office before stays under the names of those who did it."),
    )
    done = gettext_lazy("Appointed: %(what)s.")

    def take(self, given: dict[str, Any]) -> Term:
        return steps.appoint(self.on, by=self.by, **given)


class Substitute(OnOffice):
    form_class = SubstituteForm
    step = "substitute"
    heading = gettext_lazy("Set a substitute")
    button = gettext_lazy("Set the substitute")
    effects = (
        gettext_lazy("Between the two days somebody else can do whatever the holder can do in this office."),
        gettext_lazy("Both names stand on each act: one for the other."),
        gettext_lazy("The holder keeps the office."),
    )
    done = gettext_lazy("Set: %(what)s.")

    def take(self, given: dict[str, Any]) -> Substitution:
        return steps.set_substitute(self.on, by=self.by, **given)


class OnTerm(OnOffice):
    """A verb on one row of an office: a term or a substitution."""

    form_class = EndForm
    rows = ""
    row: Any = None

    def find(self) -> None:
        super().find()
        self.row = getattr(self.on, self.rows).filter(pk=self.kwargs["pk"]).first()
        if self.row is None:
            raise Http404(_("There is no such term."))

    def get_initial(self) -> dict[str, Any]:
        return {"ends": self.today()}


class TermEnd(OnTerm):
    rows = "terms"
    step = "appoint"
    heading = gettext_lazy("End the term")
    button = gettext_lazy("End the term")
    effects = (
        gettext_lazy("After its last day no one holds the office until you appoint somebody."),
        gettext_lazy("Its duties stay with the office, and show that no one holds it."),
    )
    done = gettext_lazy("Ended: %(what)s.")

    def take(self, given: dict[str, Any]) -> Term:
        return steps.end_term(self.row, by=self.by, **given)


class SubstitutionEnd(OnTerm):
    rows = "substitutions"
    step = "substitute"
    heading = gettext_lazy("End the substitution")
    button = gettext_lazy("End the substitution")
    effects = (gettext_lazy("After its last day the holder acts alone again."),)
    done = gettext_lazy("Ended: %(what)s.")

    def take(self, given: dict[str, Any]) -> Substitution:
        return steps.end_substitution(self.row, by=self.by, **given)
