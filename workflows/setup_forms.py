"""The forms of what a secretary sets up: bodies, offices, calendar, people. Their fields are the verbs' arguments."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from tracker import access, clock
from tracker.models import Meeting, Office, Person, Precision, Resolution, Role, Session, Sitting, State, Term
from workflows.forms.base import WordsForm, day, line, text

REASON = _("It goes on record, and those concerned read it.")
SLUG = _("Part of addresses and references; it never changes. Small letters, digits and hyphens.")
BEGUN = [(State.PLANNED, State.PLANNED.label), (State.HELD, State.HELD.label)]


class SetupForm(WordsForm):
    """A form of one verb, filled in by one person; `on` is what the verb is about."""

    def __init__(self, *args: Any, by: Person, on: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by, self.on = by, on
        self.prepare()

    def prepare(self) -> None:
        """Fill in choices and first values that depend on `on`."""

    def hide(self) -> None:
        """The same words once more, to be confirmed."""
        for field in self.fields.values():
            field.widget = field.hidden_widget()


def known() -> forms.ChoiceField:
    """How much of a first day is known."""
    return forms.ChoiceField(
        label=_("How much of the first day is known"), choices=Precision.choices, initial=Precision.DAY
    )


def slug() -> forms.SlugField:
    """What stands for a thing in addresses."""
    return forms.SlugField(label=_("Short name in addresses"), max_length=60, help_text=SLUG)


def time_zone() -> forms.ChoiceField:
    """Days of a body are days of its own clock."""
    zones = sorted(name for name in available_timezones() if "/" in name and not name.startswith(("Etc/", "SystemV/")))
    choices: list[Any] = [("UTC", "UTC"), *((name, name.replace("_", " ")) for name in zones)]
    return forms.ChoiceField(label=_("Time zone"), choices=choices, help_text=_("What is late is counted in its days."))


# Bodies and offices ----------------------------------------------------------------------------------------------------


class BodyForm(SetupForm):
    name = line(_("Name"), required=True, most=200)
    short_name = line(_("Short name"), required=True, most=60, help_text=_("As it stands in lists, such as Council."))
    slug = slug()
    time_zone = time_zone()


class GroupForm(BodyForm):
    def prepare(self) -> None:
        self.initial.setdefault("time_zone", self.on.time_zone)


class OfficeForm(SetupForm):
    title = line(_("Title"), required=True, most=160, help_text=_("Such as Chair of the Assembly."))
    role = forms.ChoiceField(
        label=_("Role"),
        choices=Role.choices,
        help_text=_("What its holder may do follows from the role, and from nothing else."),
    )
    slug = slug()


class PersonChoice(forms.ModelChoiceField):
    """One active person, by name and user name."""

    def __init__(self, label: Any) -> None:
        super().__init__(Person.objects.none(), label=label, empty_label=_("Choose …"))

    def label_from_instance(self, person: Any) -> str:
        return f"{person.name} ({person.username})" if person.name else person.username


class ResolutionChoice(forms.ModelChoiceField):
    """One resolution, or any."""

    def __init__(self) -> None:
        super().__init__(
            Resolution.objects.none(), label=_("Only for"), required=False, empty_label=_("any resolution")
        )

    def label_from_instance(self, resolution: Any) -> str:
        return f"{resolution.symbol}: {resolution.title}" if resolution.title else resolution.symbol


class ValidatorForm(SetupForm):
    validator = forms.ModelChoiceField(
        Office.objects.none(),
        label=_("Validated by"),
        required=False,
        empty_label=_("nobody: reports go straight to the endorser"),
    )

    def prepare(self) -> None:
        family = [one.pk for one in access.bodies(self.by) if access.uppermost(one) == access.uppermost(self.on.body)]
        offices = access.offices(self.by).filter(body__in=family).exclude(pk=self.on.pk)
        self.fields["validator"].queryset = offices  # type: ignore[attr-defined]
        self.fields["validator"].label_from_instance = lambda one: f"{one.body}: {one.title}"  # type: ignore[attr-defined]
        self.initial.setdefault("validator", self.on.validator_id)


class AppointForm(SetupForm):
    rows = (("begins", "ends"),)
    person = PersonChoice(_("Who"))
    part = forms.ChoiceField(
        label=_("As"),
        choices=Term.Part.choices,
        initial=Term.Part.HOLDER,
        required=False,
        help_text=_("An alternate acts for the holder at any time and ends nobody's term; an office may have several."),
    )
    begins = day(_("First day"), required=True)
    ends = day(_("Last day"))

    def prepare(self) -> None:
        self.fields["person"].queryset = access.people(self.by).filter(is_active=True)  # type: ignore[attr-defined]

    def clean_part(self) -> str:
        return self.cleaned_data["part"] or Term.Part.HOLDER


class EndForm(SetupForm):
    ends = day(_("Last day"), required=True)


class SubstituteForm(SetupForm):
    rows = (("begins", "ends"),)
    substitute = PersonChoice(_("Who acts for the holder"))
    begins = day(_("From"), required=True)
    ends = day(_("Until"), required=True)
    resolution = ResolutionChoice()

    def prepare(self) -> None:
        self.fields["substitute"].queryset = access.people(self.by).filter(is_active=True)  # type: ignore[attr-defined]
        self.fields["resolution"].queryset = access.resolutions(self.by)  # type: ignore[attr-defined]


class AbsenceForm(SetupForm):
    """Somebody's own absence, or that of the person whom the page is about."""

    rows = (("begins", "ends"),)
    substitute = PersonChoice(_("Who acts in the meantime"))
    begins = day(_("From"), required=True)
    ends = day(_("Until"), required=True)
    office = forms.ModelChoiceField(
        Office.objects.none(),
        label=_("For"),
        required=False,
        empty_label=_("every office held, and what was asked in person"),
    )
    resolution = ResolutionChoice()

    def prepare(self) -> None:
        held = Term.objects.running(clock.today()).holding().filter(person=self.on).values("office")
        self.fields["substitute"].queryset = access.colleagues(self.by).exclude(pk=self.on.pk)  # type: ignore[attr-defined]
        self.fields["office"].queryset = access.offices(self.by).filter(pk__in=held)  # type: ignore[attr-defined]
        self.fields["office"].label_from_instance = lambda one: f"{one.body}: {one.title}"  # type: ignore[attr-defined]
        self.fields["resolution"].queryset = access.resolutions(self.by)  # type: ignore[attr-defined]


class NoteForm(SetupForm):
    note = text(
        _("Open questions"),
        required=True,
        most=20_000,
        rows=10,
        help_text=_("What the successor should know: what is asked, who knows more. It replaces what stands there."),
    )

    def prepare(self) -> None:
        self.initial.setdefault("note", self.on.note)


# The calendar ----------------------------------------------------------------------------------------------------------


class SessionForm(SetupForm):
    rows = (
        ("code", "name"),
        ("opens", "closes"),
        ("state", "place"),
    )
    code = forms.SlugField(label=_("Code"), max_length=30, help_text=_("Such as C19; it never changes."))
    name = line(_("Name"), required=True, most=160, help_text=_("Such as Council 2019."))
    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=Session.Kind.choices,
        help_text=_("Duties of each session fall due at ordinary ones only."),
    )
    opens = day(_("First day"))
    precision = known()
    closes = day(_("Last day"))
    state = forms.ChoiceField(label=_("State"), choices=BEGUN)
    place = line(_("Place"), most=160)
    source = line(_("Source"), most=300, help_text=_("Where the dates are announced or recorded."))


class DatesForm(SetupForm):
    """New dates of a session or a meeting; without a first day it is postponed."""

    rows = (("opens", "closes"),)
    opens = day(_("New first day"))
    precision = known()
    closes = day(_("New last day"))
    reason = text(_("Reason"), required=True, most=2000, help_text=REASON)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if "opens" not in self.errors and not given.get("opens"):
            given["precision"] = Precision.UNKNOWN
        return given

    def prepare(self) -> None:
        days = {"opens": self.on.opens, "closes": self.on.closes} if isinstance(self.on, Session) else {}
        if isinstance(self.on, Meeting):
            days = {"opens": self.on.begins, "closes": self.on.ends}
        for name, value in days.items():
            self.initial.setdefault(name, value)
        precision = self.on.precision if days.get("opens") else Precision.DAY
        self.initial.setdefault("precision", precision)


def becomes(state: str, next_states: dict[str, tuple[str, ...]]) -> list[tuple[str, Any]]:
    stays = _("as it is: %(state)s") % {"state": State(state).label}
    return [("", stays), *((one, State(one).label) for one in next_states[state])]


class StateForm(SetupForm):
    """What became of a session or a meeting."""

    state = forms.ChoiceField(label=_("What became of it"), required=False)
    reason = text(_("Reason"), most=2000, rows=3, help_text=_("Needed where it is postponed, cancelled or taken back."))

    def prepare(self) -> None:
        self.fields["state"].choices = becomes(self.on.state, self.next_states)  # type: ignore[attr-defined]
        for name in ("name", "place", "note", "source"):
            if name in self.fields:
                self.initial.setdefault(name, getattr(self.on, name))

    next_states: dict[str, tuple[str, ...]] = {}


class SessionStateForm(StateForm):
    name = line(_("Name"), required=True, most=160)
    place = line(_("Place"), most=160)
    source = line(_("Source"), most=300)
    field_order = ["state", "reason", "name", "place", "source"]


class MeetingStateForm(StateForm):
    note = line(_("Note"), most=300)
    source = line(_("Source"), most=300)
    field_order = ["state", "reason", "note", "source"]


class SittingForm(SetupForm):
    rows = (
        ("kind", "form"),
        ("begins", "ends"),
        ("state", "place"),
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=Sitting.Kind.choices)
    form = forms.ChoiceField(label=_("Form"), choices=Sitting.Form.choices)
    begins = day(_("First day"))
    precision = known()
    ends = day(_("Last day"))
    state = forms.ChoiceField(label=_("State"), choices=BEGUN)
    place = line(_("Place"), most=160)


class MeetingForm(SetupForm):
    rows = (("begins", "ends"),)
    number = forms.IntegerField(label=_("Number"), min_value=1, max_value=9999)
    begins = day(_("First day"))
    precision = known()
    ends = day(_("Last day"))
    session = forms.ModelChoiceField(
        Session.objects.none(),
        label=_("Belongs to session"),
        required=False,
        empty_label=_("the first ordinary session that opens after it"),
    )
    state = forms.ChoiceField(label=_("State"), choices=BEGUN)
    note = line(_("Note"), most=300)
    source = line(_("Source"), most=300)

    def prepare(self) -> None:
        sessions = access.sessions(self.by).filter(body__in=self.on.lineage()).order_by("-opens")
        self.fields["session"].queryset = sessions  # type: ignore[attr-defined]


# People ----------------------------------------------------------------------------------------------------------------


class InviteForm(SetupForm):
    name = line(_("Name"), required=True, most=160)
    username = line(
        _("User name"), required=True, most=80, help_text=_("For logging in. Letters, digits and . @ + - _ only.")
    )
    email = forms.EmailField(label=_("E-mail address"), max_length=254)
    language = forms.ChoiceField(
        label=_("Language"), required=False, choices=[("", _("as the browser says")), *settings.LANGUAGES]
    )
    office = forms.ModelChoiceField(
        Office.objects.none(),
        label=_("Office"),
        required=False,
        empty_label=_("none yet"),
        help_text=_("The term begins today."),
    )

    def prepare(self) -> None:
        offices = [one.pk for one in access.offices(self.by) if access.may_on_body(self.by, "invite", one.body)]
        self.fields["office"].queryset = access.offices(self.by).filter(pk__in=offices)  # type: ignore[attr-defined]
        self.fields["office"].label_from_instance = lambda one: f"{one.body}: {one.title}"  # type: ignore[attr-defined]


class ReasonForm(SetupForm):
    reason = text(_("Reason"), required=True, most=2000, help_text=REASON)


class NothingForm(SetupForm):
    """A verb that asks for no words."""
