"""A body's calendar rules as pages: its document deadlines and working days, and the changes that a secretary makes to them."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import TemplateView

from tracker import access, clock
from tracker.duepoints import Stations, deadline_day, rule_in_words
from tracker.models import Body, ClosedDay, DeadlineRule, Session, State
from workflows import steps
from workflows.agenda import keeps
from workflows.foreseen_pages import Fact, Foreseen
from workflows.rules_forms import ClosedDayForm, RuleChangeForm, RuleForm, StationForm
from workflows.setup_forms import ReasonForm
from workflows.setup_pages import VerbPage


@dataclass(frozen=True)
class Deadline:
    """A document deadline, in words and as a day before the coming session."""

    rule: DeadlineRule
    words: str
    day: date | None


def coming(body: Body) -> Session | None:
    """The next ordinary session of a body that has a day."""
    found = body.sessions.filter(kind=Session.Kind.ORDINARY, state=State.PLANNED, precision="day")
    return found.filter(opens__gte=clock.today(body.time_zone)).order_by("opens").first()


class RulesPage(LoginRequiredMixin, TemplateView):
    """When papers are due before each session of a body, and on which days it works. Everybody who is logged in reads it."""

    template_name = "workflows/setup/rules.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        body = access.body(self.request.user, self.kwargs["body"])
        today = clock.today(body.time_zone)
        asked = self.request.GET.get("year", "")
        year = int(asked) if asked.isascii() and asked.isdigit() and 1850 <= int(asked[:5]) <= 2150 else today.year
        stations, session = Stations(), coming(body)
        rules = [
            Deadline(rule, rule_in_words(rule), deadline_day(rule, session.opens if session else None, stations))
            for rule in access.deadline_rules(self.request.user).filter(body=body)
        ]
        station = stations.of(body)
        about = {
            "body": body,
            "today": today,
            "year": year,
            "session": session,
            "rules": rules,
            "station": station,
            "own": station.of == body,
            "holidays": station.public_holidays(year),
            "closed": body.closed_days.filter(ended_at=None, day__year=year),
            "keeps": body.pk in keeps(self.request.user, [body], "set_rules"),
        }
        return super().get_context_data(**kwargs) | about


class OnRules(VerbPage):
    """A verb on a body's calendar rules; back to their page."""

    step = "set_rules"
    section = "calendar"
    standing = "body"

    def find(self) -> None:
        self.on = access.body(self.request.user, self.kwargs["body"])

    def body(self) -> Body:
        """The body whose rules they are."""
        found: Body = self.on if isinstance(self.on, Body) else self.on.body
        return found

    def get_success_url(self) -> str:
        return reverse("rules", args=[self.body().slug])


class RuleAdd(OnRules):
    form_class = RuleForm
    heading = gettext_lazy("Add a document deadline")
    button = gettext_lazy("Add the deadline")
    effects = (
        gettext_lazy("It stands before every session of this body, on the calendar page too."),
        gettext_lazy("Duties can hang on it from now on, and move when it changes."),
    )
    done = gettext_lazy("%(what)s is a document deadline now.")

    def take(self, given: dict[str, Any]) -> DeadlineRule:
        return steps.add_deadline_rule(self.on, by=self.by, **given)


class OnRule(OnRules):
    standing = "rule"

    def find(self) -> None:
        super().find()
        rule = self.on.deadline_rules.filter(slug=self.kwargs["rule"]).select_related("body").first()
        if rule is None:
            raise Http404(_("There is no such document deadline."))
        self.on = rule

    @property
    def words(self) -> str:
        """The deadline as it stands, in words."""
        return rule_in_words(self.on)


class RuleChange(Foreseen, OnRule):
    form_class = RuleChangeForm
    heading = gettext_lazy("Change a document deadline")
    confirm = gettext_lazy("Change it")
    effects = (
        gettext_lazy("First you see what would move, and who would be told; nothing changes before you confirm."),
        gettext_lazy("What hangs on it and lies ahead moves with it, and counts as moved with the calendar."),
        gettext_lazy("What is discharged, and what has passed its day, stays."),
    )
    done = gettext_lazy("%(what)s is changed, with all that hangs on it.")

    def change(self, given: dict[str, Any]) -> DeadlineRule:
        return steps.change_deadline_rule(self.on, by=self.by, **given)

    def facts(self, given: dict[str, Any]) -> list[Fact]:
        after = DeadlineRule(body=self.on.body, days_before=given["days_before"], working=given["working"])
        return [Fact(given["name"], self.words, rule_in_words(after))]


class RuleEnd(OnRule):
    form_class = ReasonForm
    heading = gettext_lazy("End a document deadline")
    button = gettext_lazy("End the deadline")
    effects = (
        gettext_lazy("It stands before no session any more, and no new duty can hang on it."),
        gettext_lazy("While a duty in force hangs on it, it is changed instead of ended."),
    )
    done = gettext_lazy("%(what)s is no document deadline any more.")

    def take(self, given: dict[str, Any]) -> DeadlineRule:
        return steps.end_deadline_rule(self.on, by=self.by, **given)


WORKING = (
    gettext_lazy("First you see what would move, and who would be told; nothing changes before you confirm."),
    gettext_lazy("Due points counted in working days are counted anew where they lie ahead."),
    gettext_lazy("Days changed by choice, and due points in calendar days, stay."),
)


def place_words(country: str, subdivision: str) -> str:
    """A duty station in words."""
    return "-".join(filter(None, (country, subdivision))) or str(_("not recorded"))


class StationChange(Foreseen, OnRules):
    form_class = StationForm
    heading = gettext_lazy("Set the duty station")
    confirm = gettext_lazy("Set it")
    effects = (*WORKING, gettext_lazy("A group without its own has that of the body above it."))
    done = gettext_lazy("The duty station of %(what)s is set.")

    def change(self, given: dict[str, Any]) -> Body:
        return steps.set_duty_station(self.on, by=self.by, **given)

    def facts(self, given: dict[str, Any]) -> list[Fact]:
        before = place_words(self.on.country, self.on.subdivision)
        after = place_words(given["country"].upper(), given["subdivision"])
        return [Fact(gettext_lazy("Duty station"), before, after)]


class ClosedDayAdd(Foreseen, OnRules):
    form_class = ClosedDayForm
    heading = gettext_lazy("Add closed days")
    confirm = gettext_lazy("Add them")
    effects = (*WORKING, gettext_lazy("Weekends and holidays within a closure need no entry and get none."))
    done = gettext_lazy("Added: %(what)s.")

    def change(self, given: dict[str, Any]) -> str:
        rows = steps.add_closed_day(self.on, by=self.by, **given)
        return ngettext("%(number)s day", "%(number)s days", len(rows)) % {"number": len(rows)}

    def facts(self, given: dict[str, Any]) -> list[Fact]:
        return [Fact(given["name"], "", _("is entered"))]


class ClosedDayEnd(Foreseen, OnRules):
    form_class = ReasonForm
    standing = "closed_day"
    heading = gettext_lazy("Take a day back")
    button = gettext_lazy("Take back")
    confirm = gettext_lazy("Take back")
    effects = (*WORKING, gettext_lazy("The day is again as the country has it."))
    done = gettext_lazy("Taken back: %(what)s.")

    def find(self) -> None:
        super().find()
        pk = self.kwargs["pk"]
        row = self.on.closed_days.filter(pk=pk).select_related("body").first() if pk < 2**63 else None
        if row is None:
            raise Http404(_("There is no such day."))
        self.on = row

    def change(self, given: dict[str, Any]) -> ClosedDay:
        return steps.end_closed_day(self.on, by=self.by, **given)

    def facts(self, _given: dict[str, Any]) -> list[Fact]:
        return [Fact(self.on.name, "", _("is taken back"))]
