"""Pages on which a secretary erases words on request, and sets how long something is kept that is not the record itself."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.urls import reverse, reverse_lazy
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from tracker import access, history
from tracker.models import Body, Event, RetentionRule, Role
from workflows import steps
from workflows.forms.base import text
from workflows.setup_forms import ReasonForm, SetupForm
from workflows.setup_pages import VerbPage
from workflows.steps.erasing import require_eraser
from workflows.steps.files import require_file_eraser
from workflows.steps.retention import MOST_MONTHS, PROPOSED, require_keeper

What = RetentionRule.What


class EraseForm(SetupForm):
    reason = text(
        gettext_lazy("Reason"),
        required=True,
        most=2000,
        help_text=gettext_lazy("It stays on record: leave names and the words themselves out."),
    )


class EraseWords(VerbPage):
    """What would go is shown in full before anything does."""

    form_class = EraseForm
    template_name = "workflows/setup/erase.html"
    section = "history"
    back = reverse_lazy("history")
    heading = gettext_lazy("Erase words for good")
    button = gettext_lazy("Erase these words for good")
    effects = (
        gettext_lazy("The words shown here go, wherever Resolves keeps them; nobody can undo it."),
        gettext_lazy("The entry stays, with who, when, and the seal of what stood there: every proof still holds."),
        gettext_lazy("An entry of its own says that words were erased, by whom and why, and beside which entries."),
        gettext_lazy(
            "A file that was handed in stays: it is erased by itself, from the page of its item. So does what others have "
            "copied or been mailed."
        ),
    )
    done = gettext_lazy("The words are erased.")

    def find(self) -> None:
        pk = self.kwargs["pk"]
        self.on = access.events(self.request.user).filter(pk=pk).first() if pk < 2**63 else None
        if self.on is None:
            raise Http404(_("There is no such entry, or you may not see it."))

    def may(self) -> None:
        require_eraser(self.by, self.on)

    @cached_property
    def goes(self) -> steps.Goes | None:
        """What would go; None where nothing is left to erase."""
        try:
            return steps.would_erase(self.on)
        except steps.NotTheMoment:
            return None

    @property
    def entries(self) -> list[history.Line]:
        """The entries that would lose their words, in words."""
        named = [one.pk for one in self.goes.events] if self.goes else [self.on.pk]
        return history.lines(access.events(self.by).filter(pk__in=named).order_by("pk"), reader=self.by)

    def take(self, given: dict[str, Any]) -> Event:
        return steps.erase_words(self.on, by=self.by, **given)


class EraseFile(VerbPage):
    """What would go is named before it does."""

    form_class = EraseForm
    template_name = "workflows/setup/erase_file.html"
    section = "history"
    heading = gettext_lazy("Erase a file for good")
    button = gettext_lazy("Erase this file for good")
    effects = (
        gettext_lazy("The file goes from where Resolves keeps it; nobody can undo it."),
        gettext_lazy(
            "Its name, its size and its hash stay, and so does every entry that names it: every proof still holds."
        ),
        gettext_lazy(
            "Where the name says too much, erase the words beside the entry with which the file came: then it is gone too."
        ),
        gettext_lazy("Who asks for the file is told that it was erased, when and why."),
        gettext_lazy("What others have downloaded stays with them, and copies in backups until those end."),
    )
    done = gettext_lazy("The file is erased.")

    def find(self) -> None:
        self.on = access.evidence(self.request.user, self.kwargs["number"])

    def body(self) -> Body:
        return self.on.occurrence.body

    def may(self) -> None:
        require_file_eraser(self.by, self.on)

    def get_success_url(self) -> str:
        turn = self.on.occurrence
        return reverse("occurrence", args=[turn.body.slug, turn.short_reference])

    def take(self, given: dict[str, Any]) -> Event:
        return steps.erase_file(self.on, by=self.by, **given)


# Retention -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Kept:
    """Something that a rule may be about: the rule in force, how much it would erase today or the proposed one would, and
    when the clock last erased something."""

    what: str
    label: Any
    rule: RetentionRule | None
    months: int
    over: int
    last: Event | None

    @property
    def went(self) -> int:
        """How much was erased the last time."""
        went = self.last.changes.get("went", [None, 0])[1] if self.last else 0
        return went if isinstance(went, int) else 0


class RetentionPage(LoginRequiredMixin, TemplateView):
    """What is kept for how long; secretaries and auditors read it."""

    template_name = "workflows/setup/retention.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        person = self.request.user
        if not access.roles(person) & {Role.SECRETARY, Role.AUDITOR}:
            raise PermissionDenied(_("Only the %(who)s can do this.") % {"who": access.who_may("set_retention")})
        rules = {rule.what: rule for rule in RetentionRule.objects.filter(ended_at=None)}
        kept = [self._kept(what, label, rules.get(what)) for what, label in What.choices]
        ended = RetentionRule.objects.exclude(ended_at=None).order_by("-ended_at")[:20]
        return super().get_context_data(**kwargs) | {"kept": kept, "ended": ended, "keeps": _keeps(person)}

    def _kept(self, what: str, label: Any, rule: RetentionRule | None) -> Kept:
        months = rule.months if rule else PROPOSED[what]
        applied = Event.objects.filter(verb="retention.applied", subject_type="retentionrule")
        of_this = RetentionRule.objects.filter(what=what).values("pk")
        last = applied.filter(subject_id__in=of_this).order_by("-pk").first()
        return Kept(what, label, rule, months, steps.would_go(what, months=months), last)


def _keeps(person: Any) -> bool:
    try:
        require_keeper(person)
    except PermissionDenied:
        return False
    return True


class RetentionForm(SetupForm):
    months = forms.IntegerField(
        label=gettext_lazy("Kept for (months)"),
        min_value=1,
        max_value=MOST_MONTHS,
        help_text=gettext_lazy("Counted from the day of each visit, mail or entry."),
    )
    reason = text(
        gettext_lazy("Ground"),
        required=True,
        most=500,
        rows=3,
        help_text=gettext_lazy("The rule of the body or the law that says so. It stays on record."),
    )

    def prepare(self) -> None:
        rule = RetentionRule.objects.filter(what=self.on, ended_at=None).first()
        self.initial.setdefault("months", rule.months if rule else PROPOSED[self.on])
        self.initial.setdefault("reason", rule.reason if rule else "")


class OnRetention(VerbPage):
    """A verb on the rule about one kind of thing; back to the list."""

    section = "retention"
    back = reverse_lazy("retention")
    rule: RetentionRule | None = None

    def find(self) -> None:
        self.on = self.kwargs["what"] if self.kwargs["what"] in What.values else None

    def may(self) -> None:
        require_keeper(self.by)
        if self.on is None:
            raise Http404(_("There is no such rule."))
        self.rule = RetentionRule.objects.filter(what=self.on, ended_at=None).first()

    @property
    def words(self) -> str:
        """What the rule is about."""
        return str(What(self.on).label)


class RetentionSet(OnRetention):
    """Two looks: the second says how much would be erased at once."""

    form_class = RetentionForm
    template_name = "workflows/setup/retention_set.html"
    heading = gettext_lazy("Set how long something is kept")
    button = gettext_lazy("Show what would be erased")
    effects = (
        gettext_lazy("First you see how much would be erased today; nothing changes before you confirm."),
        gettext_lazy("Once a day the clock erases what has been kept for its time, and that goes on record."),
        gettext_lazy("What is erased cannot be brought back. The record and its log are never touched."),
    )
    done = gettext_lazy("In force from today: %(what)s.")

    def take(self, given: dict[str, Any]) -> RetentionRule:
        return steps.set_retention(self.on, by=self.by, **given)

    def form_valid(self, form: SetupForm) -> HttpResponse:
        given = dict(form.cleaned_data)
        if "edit" in self.request.POST:
            return self.render_to_response(
                self.get_context_data(form=RetentionForm(initial=given, by=self.by, on=self.on))
            )
        over = steps.would_go(self.on, months=given["months"])
        if self.request.POST.get("seen") == f"{given['months']}:{over}":
            return super().form_valid(form)
        form.hide()
        seen = f"{given['months']}:{over}"
        return self.render_to_response(self.get_context_data(form=form, given=given, over=over, seen=seen))


class RetentionEnd(OnRetention):
    form_class = ReasonForm
    standing = "retention"
    heading = gettext_lazy("End a rule of retention")
    button = gettext_lazy("End the rule")
    effects = (
        gettext_lazy("From now on nothing is erased by it; what was erased stays erased."),
        gettext_lazy("The rule stays on record, for what was erased under it."),
    )
    done = gettext_lazy("Ended: %(what)s.")

    def may(self) -> None:
        super().may()
        if self.rule is None:
            raise Http404(_("No such rule is in force."))

    def take(self, given: dict[str, Any]) -> RetentionRule:
        assert self.rule is not None  # noqa: S101  (may saw to it)
        return steps.end_retention(self.rule, by=self.by, **given)
