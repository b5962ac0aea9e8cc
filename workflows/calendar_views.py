"""The calendar, and the pages on which a secretary adds to it and moves it."""

from datetime import date
from typing import Any

from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.exceptions import ValidationError
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from tracker import access
from tracker.models import Body, Meeting, Session, Sitting
from workflows import steps
from workflows.agenda import agenda
from workflows.foreseen_pages import Foreseen
from workflows.rules_forms import SittingChangeForm
from workflows.setup_forms import (
    DatesForm,
    MeetingForm,
    MeetingStateForm,
    SessionForm,
    SessionStateForm,
    SittingForm,
)
from workflows.setup_pages import VerbPage
from workflows.steps.calendar import NEXT_STATES


class CalendarPage(LoginRequiredMixin, TemplateView):
    """A year month by month, and what is held when, by body, with what hangs on it."""

    template_name = "workflows/setup/calendar.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        asked = self.request.GET.get("year", "")
        year = 0 if asked == "all" else int(asked) if asked.isascii() and asked.isdigit() and len(asked) == 4 else None
        body = self.request.GET.get("body", "")
        bodies = list(access.bodies(self.request.user))
        body = body if body in {one.slug for one in bodies} else ""
        found = agenda(self.request.user, year=year, body=body)
        about = {
            "agenda": found,
            "body": body,
            "bodies": bodies,
            "earlier": max((one for one in found.years if found.year and one < found.year), default=None),
            "later": min((one for one in found.years if found.year and one > found.year), default=None),
        }
        return super().get_context_data(**kwargs) | about


class OnCalendar(VerbPage):
    """A verb on a body's calendar; back to the year that it is about."""

    section = "calendar"

    @property
    def first(self) -> date | None:
        """The first day of what the verb is about, as it stands."""
        return self.on.opens if isinstance(self.on, Session) else getattr(self.on, "begins", None)

    @property
    def last(self) -> date | None:
        """Its last day."""
        return self.on.closes if isinstance(self.on, Session) else getattr(self.on, "ends", None)

    def get_success_url(self) -> str:
        thing = self.object if hasattr(self, "object") else self.on
        first = getattr(thing, "opens", None) or getattr(thing, "begins", None)
        return f"{reverse('calendar')}?year={first.year}" if first else reverse("calendar")

    def take(self, given: dict[str, Any]) -> Any:
        self.object = self.change(given)
        return self.object

    def change(self, given: dict[str, Any]) -> Any:
        """Call the verb."""
        raise NotImplementedError


class OnBodysCalendar(OnCalendar):
    standing = "body"

    def find(self) -> None:
        self.on = access.body(self.request.user, self.kwargs["body"])


class SessionAdd(OnBodysCalendar):
    form_class = SessionForm
    step = "add_session"
    heading = gettext_lazy("Add a session")
    button = gettext_lazy("Add the session")
    effects = (
        gettext_lazy("The session stands in the calendar for everybody to see."),
        gettext_lazy("Each duty that hangs on ordinary sessions of this body gets its turn at once, with its due day."),
        gettext_lazy("Where the first day is not known to the day, the turn waits for a date and is never late."),
    )
    done = gettext_lazy("%(what)s is in the calendar.")

    def change(self, given: dict[str, Any]) -> Session:
        return steps.add_session(self.on, by=self.by, **given)


class MeetingAdd(OnBodysCalendar):
    form_class = MeetingForm
    step = "add_meeting"
    heading = gettext_lazy("Add a meeting")
    button = gettext_lazy("Add the meeting")
    effects = (
        gettext_lazy("The meeting stands in the calendar for everybody to see."),
        gettext_lazy("Each duty that hangs on meetings of this group gets its turn at once, with its due day."),
        gettext_lazy("Where the first day is not known to the day, the turn waits for a date and is never late."),
        gettext_lazy("It belongs to the first ordinary session that opens after it, unless you choose one."),
    )
    done = gettext_lazy("Added: %(what)s.")

    def get_initial(self) -> dict[str, Any]:
        last = access.meetings(self.request.user).filter(body=self.on).order_by("-number").first()
        return {"number": last.number + 1 if last else 1}

    def change(self, given: dict[str, Any]) -> Meeting:
        return steps.add_meeting(self.on, by=self.by, **given)


class OnSession(OnCalendar):
    step = "move_session"
    standing = "dates"

    def find(self) -> None:
        self.on = access.session(self.request.user, self.kwargs["body"], self.kwargs["code"])


class OnMeeting(OnCalendar):
    step = "move_meeting"
    standing = "dates"

    def find(self) -> None:
        self.on = access.meeting(self.request.user, self.kwargs["body"], self.kwargs["number"])


class SittingAdd(OnSession):
    form_class = SittingForm
    step = "add_session"
    heading = gettext_lazy("Add a sitting")
    button = gettext_lazy("Add the sitting")
    effects = (
        gettext_lazy("The sitting stands under its session. Duties hang on the session, not on its sittings."),
        gettext_lazy("The main sitting has the session's own dates; to change those, move the session."),
    )
    done = gettext_lazy("Added: %(what)s.")

    def change(self, given: dict[str, Any]) -> Sitting:
        return steps.add_sitting(self.on, by=self.by, **given)

    def get_success_url(self) -> str:
        return f"{reverse('calendar')}?year={self.on.opens.year}" if self.on.opens else reverse("calendar")


class SittingChange(OnCalendar):
    """What became of one sitting of a session."""

    form_class = SittingChangeForm
    step = "move_session"
    standing = "dates"
    heading = gettext_lazy("Change a sitting")
    button = gettext_lazy("Put it on record")
    effects = (
        gettext_lazy("Nothing else moves: duties hang on the session, not on its sittings."),
        gettext_lazy("The main sitting has the session's own dates; to change those, move the session."),
    )
    done = gettext_lazy("On record: %(what)s.")

    def find(self) -> None:
        session = access.session(self.request.user, self.kwargs["body"], self.kwargs["code"])
        pk = self.kwargs["pk"]
        self.on = session.sittings.select_related("session__body").filter(pk=pk).first() if pk < 2**63 else None
        if self.on is None:
            raise Http404(_("There is no such sitting."))

    def body(self) -> Body:
        sitting: Sitting = self.on
        return sitting.session.body

    def change(self, given: dict[str, Any]) -> Sitting:
        return steps.change_sitting(self.on, by=self.by, **given)


HAPPENED = (
    gettext_lazy("Postponed, it loses its dates, and what hangs on it waits for new ones."),
    gettext_lazy("Cancelled, what hangs on it waits for a decision that waives it, or for another date."),
    gettext_lazy("Held, nothing moves any more."),
)


class Changed(Foreseen, OnCalendar):
    """What became of it; what that moves is shown first."""

    heading = gettext_lazy("Say what became of it")
    button = gettext_lazy("Put it on record")
    effects = HAPPENED
    done = gettext_lazy("On record: %(what)s.")
    take = OnCalendar.take


class SessionChange(Changed, OnSession):
    form_class = type("SessionForm", (SessionStateForm,), {"next_states": NEXT_STATES})

    def change(self, given: dict[str, Any]) -> Session:
        return steps.change_session(self.on, by=self.by, **given)


class MeetingChange(Changed, OnMeeting):
    form_class = type("MeetingForm", (MeetingStateForm,), {"next_states": NEXT_STATES})

    def change(self, given: dict[str, Any]) -> Meeting:
        return steps.change_meeting(self.on, by=self.by, **given)


class Move(Foreseen, OnCalendar):
    """New dates; what hangs on the old ones is shown first."""

    form_class = DatesForm
    always = True
    confirm = gettext_lazy("Move it")
    back_to_it = gettext_lazy("Other dates")
    effects = (
        gettext_lazy("First you see what would move, and who would be told; nothing changes before you confirm."),
        gettext_lazy("What is not yet discharged moves to its new due point and keeps its first promise."),
        gettext_lazy("A day that was changed by choice keeps its distance."),
        gettext_lazy("What is discharged is never rewritten."),
        gettext_lazy("Without a first day it is postponed, and what hangs on it waits for a date."),
        gettext_lazy("Each holder is told once."),
    )
    done = gettext_lazy("%(what)s is moved, with all that hangs on it.")
    take = OnCalendar.take

    def about(self, *args: Any) -> dict[str, Any]:
        found = super().about(*args)
        return found | {"dates": True, "postponed": not found["given"]["opens"]}


class SessionMove(Move, OnSession):
    heading = gettext_lazy("Move the session")

    def change(self, given: dict[str, Any]) -> Session:
        return steps.move_session(self.on, by=self.by, **given)


class MeetingMove(Move, OnMeeting):
    heading = gettext_lazy("Move the meeting")

    def change(self, given: dict[str, Any]) -> Meeting:
        words = {
            "begins": given["opens"],
            "ends": given["closes"],
            "precision": given["precision"],
            "reason": given["reason"],
        }
        try:
            return steps.move_meeting(self.on, by=self.by, **words)
        except ValidationError as error:
            names = {"begins": "opens", "ends": "closes"}
            raise ValidationError({names.get(name, name): said for name, said in error.message_dict.items()}) from error
