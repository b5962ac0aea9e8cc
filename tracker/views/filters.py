"""The filters of the reading pages: forms sent by GET, so that what is shown has an address."""

from collections.abc import Container, Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import ProhibitNullCharactersValidator
from django.http import QueryDict
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracker import history
from tracker.models import Means, Notice, Person, Resolution, Visit
from tracker.summaries import Choices, Filters
from tracker.verbs import VERBS

Pairs = Iterable[tuple[str, Any]]


class Choice(forms.ChoiceField):
    """One of a list; the first says that nothing is narrowed."""

    def __init__(self, label: Any, every: Any, pairs: Pairs = ()) -> None:
        super().__init__(label=label, required=False, choices=[("", every), *pairs])

    def valid_value(self, value: object) -> bool:
        """A value that is not offered may still be one in an address; whether it makes sense is asked of the data."""
        return "\x00" not in str(value)


def day_field(label: Any) -> forms.DateField:
    return forms.DateField(label=label, required=False, widget=forms.DateInput(attrs={"type": "date"}))


class CouncilFilters(forms.Form):
    """What narrows the Council's page."""

    session = Choice(gettext_lazy("Session"), gettext_lazy("All sessions"))
    resolution = Choice(gettext_lazy("Resolution"), gettext_lazy("All"))
    mark = Choice(gettext_lazy("How it stands"), gettext_lazy("All"))
    holder = Choice(gettext_lazy("Holder"), gettext_lazy("All"))
    kind = Choice(gettext_lazy("Kind of duty"), gettext_lazy("All"))

    def __init__(self, data: QueryDict | dict[str, Any], choices: Choices) -> None:
        super().__init__(data)
        for name, pairs in (
            ("session", choices.sessions),
            ("resolution", choices.resolutions),
            ("mark", choices.marks),
            ("holder", choices.holders),
            ("kind", choices.kinds),
        ):
            field: Any = self.fields[name]
            field.choices = [field.choices[0], *pairs]

    def filters(self) -> Filters:
        """What was chosen."""
        self.full_clean()
        return Filters(**{name: self.cleaned_data.get(name, "") for name in CouncilFilters.base_fields})


class OccurrenceFilters(CouncilFilters):
    """What narrows the list of occurrences; the hidden ones come with a number's link."""

    body = forms.CharField(required=False, widget=forms.HiddenInput, max_length=60)
    until = forms.CharField(required=False, widget=forms.HiddenInput, max_length=100)
    before = forms.CharField(required=False, widget=forms.HiddenInput, max_length=100)
    item = forms.CharField(required=False, widget=forms.HiddenInput, max_length=60)
    past_due = forms.BooleanField(required=False, widget=forms.HiddenInput)
    awaiting = forms.BooleanField(required=False, widget=forms.HiddenInput)
    vacant = forms.BooleanField(required=False, widget=forms.HiddenInput)
    by = forms.ChoiceField(required=False, widget=forms.HiddenInput, choices=[("", ""), ("item", "item")])
    worst = forms.CharField(required=False, widget=forms.HiddenInput, max_length=20)

    def filters(self) -> Filters:
        if self.errors:
            raise ValidationError(_("There is no such list."))
        given = self.cleaned_data
        return Filters(**{name: given[name] for name in Filters.__dataclass_fields__ if name in given})


class Days(forms.Form):
    """Between two days."""

    since = day_field(gettext_lazy("From"))
    until = day_field(gettext_lazy("Until"))

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        since, until = given.get("since"), given.get("until")
        if since and until and since > until:
            self.add_error("until", _("That day comes before the first one."))
        return given


class OfPeople(Days):
    """What narrows by a person: one of those that are offered, or another one by number."""

    system = False

    def offer(self, name: str, people: Iterable[Person]) -> None:
        """The people to choose from; a number in the address that is none of them is kept as a number."""
        field: Any = self.fields[name]
        pairs = [(str(one.pk), str(one)) for one in people]
        given = str(self.data.get(name, ""))
        if _is_number(given) and given not in dict(pairs):
            pairs.append((given, _("Person number %(number)s") % {"number": given}))
        first = [(history.SYSTEM, _("The system"))] if self.system else []
        field.choices = [field.choices[0], *first, *pairs]

    def clean_person(self) -> str:
        person = str(self.cleaned_data["person"])
        if person and not (self.system and person == history.SYSTEM) and not _is_number(person):
            raise ValidationError(_("There is no such person."))
        return person


def _is_number(words: str) -> bool:
    return words.isascii() and words.isdecimal() and len(words) < 18


class HistoryFilters(OfPeople):
    """What narrows the history. Those that are needed now and then stand behind a word of their own."""

    more = ("acting", "means", "days", "since", "until", "request")
    system = True

    words = forms.CharField(
        label=gettext_lazy("Words"), required=False, max_length=200, widget=forms.TextInput(attrs={"type": "search"})
    )
    person = Choice(gettext_lazy("Person"), gettext_lazy("Everybody"))
    verb = Choice(gettext_lazy("What was done"), gettext_lazy("Anything"))
    item = forms.CharField(label=gettext_lazy("Item"), required=False, max_length=160)
    acting = Choice(
        gettext_lazy("For whom"),
        gettext_lazy("For anybody"),
        (
            ("own", gettext_lazy("For themselves")),
            ("for", gettext_lazy("For somebody else")),
            ("name", gettext_lazy("By others, in their name")),
        ),
    )
    means = Choice(gettext_lazy("By which way"), gettext_lazy("Any way"), Means.choices)
    days = Choice(gettext_lazy("Days of"), gettext_lazy("Recording"), [("effective", gettext_lazy("Taking effect"))])
    request = forms.CharField(label=gettext_lazy("Request"), required=False, max_length=40)
    field_order = ("words", "person", "verb", "item", "acting", "means", "days", "since", "until", "request")

    def __init__(self, data: QueryDict, people: Iterable[Person]) -> None:
        super().__init__(data)
        self.offer("person", people)
        verb: Any = self.fields["verb"]
        verb.choices = [verb.choices[0], *_by_subject()]

    def clean_verb(self) -> str:
        return _one_of(self.cleaned_data["verb"], VERBS, _("Nothing of that name is ever recorded."))

    def clean_means(self) -> str:
        return _one_of(self.cleaned_data["means"], Means.values, _("There is no such way."))

    def clean_acting(self) -> str:
        return _one_of(self.cleaned_data["acting"], ("own", "for", "name"), _("There is no such list."))

    def clean_days(self) -> str:
        return _one_of(self.cleaned_data["days"], ("effective",), _("There is no such list."))


def _one_of(value: Any, known: Container[str], otherwise: str) -> str:
    """A value that is known, or none."""
    if value and value not in known:
        raise ValidationError(otherwise)
    return str(value)


def _by_subject() -> list[tuple[str, list[tuple[str, str]]]]:
    """The verbs of the register in words, by what they are about."""
    found: dict[str, list[tuple[str, str]]] = {}
    for verb in VERBS:
        about = verb.partition(".")[0]
        name = _("other") if about in OF_NO_ROW else history.kind(KEPT_AS.get(about, about))
        found.setdefault(name, []).append((verb, history.verb_words(verb)))
    return [(capfirst(kind), sorted(verbs, key=lambda one: one[1])) for kind, verbs in sorted(found.items())]


KEPT_AS = {
    "closed_day": "closedday", "feed": "calendarfeed", "retention": "retentionrule", "rule": "deadlinerule", "words": "eventwords",
}  # fmt: skip
"""What verbs are about → the model that has its name, where the two differ."""
OF_NO_ROW = {"log", "record", "token"}


class VisitFilters(OfPeople):
    """What narrows the list of who saw what."""

    person = Choice(gettext_lazy("Person"), gettext_lazy("Everybody"))
    kind = Choice(gettext_lazy("Seen or refused"), gettext_lazy("Both"), Visit.Kind.choices)
    item = forms.CharField(
        label=gettext_lazy("Item"), required=False, max_length=160, validators=[ProhibitNullCharactersValidator()]
    )
    field_order = ("person", "kind", "item", "since", "until")

    def __init__(self, data: QueryDict, people: Iterable[Person]) -> None:
        super().__init__(data)
        self.offer("person", people)

    def clean_kind(self) -> str:
        return _one_of(self.cleaned_data["kind"], Visit.Kind.values, _("There is no such list."))


class LedgerFilters(OfPeople):
    """What narrows the ledger of notices."""

    more = ("resolution", "since", "until", "words")
    person = Choice(gettext_lazy("To"), gettext_lazy("Everybody"))
    item = forms.CharField(
        label=gettext_lazy("Item"), required=False, max_length=160, validators=[ProhibitNullCharactersValidator()]
    )
    kind = Choice(gettext_lazy("Why"), gettext_lazy("Anything"), Notice.Kind.choices)
    state = Choice(gettext_lazy("What became of it"), gettext_lazy("Anything"), Notice.State.choices)
    resolution = Choice(gettext_lazy("Resolution"), gettext_lazy("All"))
    words = forms.CharField(
        label=gettext_lazy("Words of a reason or of a server's answer"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"type": "search"}),
        validators=[ProhibitNullCharactersValidator()],
    )
    show = forms.ChoiceField(required=False, widget=forms.HiddenInput, choices=[("", ""), ("ahead", "ahead")])
    field_order = ("person", "item", "kind", "state", "resolution", "since", "until", "words")

    def __init__(self, data: QueryDict, people: Iterable[Person], resolutions: Iterable[Resolution]) -> None:
        super().__init__(data)
        self.offer("person", people)
        self.of = {one.reference: one.pk for one in resolutions}
        field: Any = self.fields["resolution"]
        field.choices = [field.choices[0], *((one.reference, one.symbol) for one in resolutions)]

    def clean_kind(self) -> str:
        return _one_of(self.cleaned_data["kind"], Notice.Kind.values, _("There is no such list."))

    def clean_state(self) -> str:
        return _one_of(self.cleaned_data["state"], Notice.State.values, _("There is no such list."))

    def clean_resolution(self) -> int | None:
        reference = self.cleaned_data["resolution"]
        if reference and reference not in self.of:
            raise ValidationError(_("There is no such resolution, or you may not see it."))
        return self.of.get(reference)


class RegisterFilters(forms.Form):
    """What narrows the public register."""

    words = forms.CharField(
        label=gettext_lazy("Words"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"type": "search"}),
        validators=[ProhibitNullCharactersValidator()],
    )
