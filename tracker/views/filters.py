"""The filters of the reading pages: forms sent by GET, so that what is shown has an address."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import ProhibitNullCharactersValidator
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracker import history
from tracker.models import Person
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


class HistoryFilters(forms.Form):
    """What narrows the history."""

    person = Choice(gettext_lazy("Person"), gettext_lazy("Everybody"))
    verb = Choice(gettext_lazy("What was done"), gettext_lazy("Anything"))
    item = forms.CharField(label=gettext_lazy("Item"), required=False, max_length=160)
    since = day_field(gettext_lazy("Recorded from"))
    until = day_field(gettext_lazy("Recorded until"))
    words = forms.CharField(
        label=gettext_lazy("Words"), required=False, max_length=200, widget=forms.TextInput(attrs={"type": "search"})
    )

    def __init__(self, data: QueryDict, people: Iterable[Person]) -> None:
        super().__init__(data)
        person: Any = self.fields["person"]
        person.choices = [person.choices[0], ("system", _("The system")), *((str(p.pk), str(p)) for p in people)]
        verb: Any = self.fields["verb"]
        verb.choices = [verb.choices[0], *sorted(((v, history.verb_words(v)) for v in VERBS), key=lambda v: v[1])]

    def clean_person(self) -> str:
        person = str(self.cleaned_data["person"])
        if person and person != "system" and not (person.isdecimal() and len(person) < 18):
            raise ValidationError(_("There is no such person."))
        return person

    def clean_verb(self) -> str:
        verb = str(self.cleaned_data["verb"])
        if verb and verb not in VERBS:
            raise ValidationError(_("Nothing of that name is ever recorded."))
        return verb

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        since, until = given.get("since"), given.get("until")
        if since and until and since > until:
            self.add_error("until", _("That day comes before the first one."))
        return given


class RegisterFilters(forms.Form):
    """What narrows the public register."""

    words = forms.CharField(
        label=gettext_lazy("Words"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"type": "search"}),
        validators=[ProhibitNullCharactersValidator()],
    )
