"""Policies of reminders as pages: what holds for what, each ladder in words, and the changes that a secretary makes to them.
Everybody who is logged in reads what speaks for what they can see; drafts are read by who may change them."""

from typing import Any

from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from tracker import access, clock, history, rungs
from tracker.ladders import Ladder
from tracker.models import Body, Event, Obligation, ReminderPolicy
from tracker.policies import as_ladder
from workflows import foretelling, ruling, steps
from workflows.agenda import families, keeps
from workflows.policy_forms import DropForm, ForceForm, PolicyDraftForm, PolicyForm
from workflows.ruling import BUILT_IN
from workflows.setup_forms import ReasonForm, SetupForm
from workflows.setup_pages import VerbPage

State = ReminderPolicy.State
MOST_BODIES = 30


class PoliciesPage(LoginRequiredMixin, TemplateView):
    """What holds for which duties of which body, those that are built in, and the drafts of whoever may change them."""

    template_name = "workflows/policies/policies.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        person = self.request.user
        bodies = families(access.bodies(person).select_related("parent__parent"))
        chosen = self.request.GET.get("body", "")
        shown = [one for one in bodies if one.slug == chosen] if chosen else bodies[:MOST_BODIES]
        if chosen and not shown:
            raise Http404(_("There is no such body."))
        about = {
            "bodies": bodies,
            "chosen": chosen,
            "more": len(bodies) - len(shown),
            "ruled": ruling.ruled(person, shown, keeps(person, shown, "set_policies")),
            "built_in": [(slug, rungs.called(one), ruling.kinds_of(one)) for slug, one in BUILT_IN.items()],
        }
        return super().get_context_data(**kwargs) | about


class LadderPage(LoginRequiredMixin, TemplateView):
    """One ladder in words: when, to whom, on which day in an example; caps and contract."""

    template_name = "workflows/policies/policy.html"

    def ladder(self, ladder: Ladder, body: Body | None, spoken: ruling.SpeaksFor) -> dict[str, Any]:
        shown = ruling.example(body, spoken.next)
        return {
            "ladder": ladder,
            "lines": ruling.lines(ladder, shown),
            "example": shown,
            "contract": ruling.contract(ladder),
            "spoken": spoken,
            "today": clock.today(body.time_zone if body else "UTC"),
        }


class PolicyPage(LadderPage):
    """A policy: what it is for, its ladder, its history, and what its reader may do with it."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        person = self.request.user
        policy = access.policy(person, self.kwargs["pk"])
        about = Event.objects.filter(subject_type="reminderpolicy", subject_id=policy.pk)
        events = access.events(person).filter(pk__in=about.values("pk")).order_by("-number")
        spoken = ruling.speaks_for(person, policy)
        about_it = {
            "policy": policy,
            "for_what": rungs.subject(policy),
            "events": history.lines(list(events), reader=person),
            "keeps": access.may_on_body(person, "set_policies", policy.body),
            "who_may": access.who_may("set_policies"),
            "replaces": _standing(policy) if policy.state == State.DRAFT else None,
        }
        return super().get_context_data(**kwargs) | self.ladder(as_ladder(policy), policy.body, spoken) | about_it


class BuiltInPage(LadderPage):
    """A ladder that is built in: it holds where no policy does."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kind = self.kwargs["kind"]
        if kind not in BUILT_IN:
            raise Http404(_("No such ladder is built in."))
        ladder = BUILT_IN[kind]
        spoken = ruling.built_in_speaks_for(self.request.user, ladder)
        about = {"title": rungs.called(ladder), "kinds": ruling.kinds_of(ladder)}
        return super().get_context_data(**kwargs) | self.ladder(ladder, None, spoken) | about


# Drafts ----------------------------------------------------------------------------------------------------------------


class OnPolicy(VerbPage):
    """A verb on a policy; back to its page."""

    step = "set_policies"
    section = "policies"
    standing = "policy"

    def find(self) -> None:
        self.on = access.policy(self.request.user, self.kwargs["pk"])

    @property
    def for_what(self) -> str:
        return rungs.subject(self.on)

    def get_success_url(self) -> str:
        return reverse("policy", args=[self.on.pk])


class LadderForm(VerbPage):
    """A form of a ladder. More lines are asked for without anything being kept."""

    step = "set_policies"
    section = "policies"
    template_name = "workflows/policies/draft.html"
    form_class: type[PolicyForm] = PolicyForm

    def ladder(self) -> Ladder:
        """What the form starts from."""
        raise NotImplementedError

    def duty(self) -> Obligation | None:
        """The one duty that the policy is for."""
        return None

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "ladder": self.ladder(), "duty": self.duty()}

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        if "more" not in request.POST:
            return super().post(request, *args, **kwargs)
        form = self.get_form()
        return self.render_to_response(self.get_context_data(form=form, only_more=True))


class DraftAdd(LadderForm):
    """A new draft of a body, starting from any ladder that the reader knows."""

    form_class = PolicyDraftForm
    heading = gettext_lazy("Draft a policy of reminders")
    button = gettext_lazy("Keep the draft")
    effects = (
        gettext_lazy("The draft tells nobody: you can try it out before you put it in force."),
        gettext_lazy(
            "What is nearest holds: a duty before its text, a text before the body, a group before the body above."
        ),
    )
    done = gettext_lazy("%(what)s is drafted. Try it out, then put it in force.")

    def find(self) -> None:
        self.on = access.body(self.request.user, self.kwargs["body"])

    def body(self) -> Body:
        found: Body = self.on if isinstance(self.on, Body) else self.on.body
        return found

    @cached_property
    def starts(self) -> dict[str, tuple[str, Ladder]]:
        """The ladders to start from, by what the address calls them, with their names."""
        found = {slug: (_("%(name)s (built in)") % {"name": rungs.called(one)}, one) for slug, one in BUILT_IN.items()}
        in_force = access.policies(self.by).filter(state=State.IN_FORCE, body__in=self.body().lineage())
        for one in in_force:
            found[str(one.pk)] = (f"{one}: {rungs.subject(one)}", as_ladder(one))
        return found

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What else the address says, to be kept when another ladder is chosen."""
        return [(name, self.request.GET[name]) for name in ("kind", "resolution", "duty") if name in self.request.GET]

    @property
    def start(self) -> str:
        asked = self.request.GET.get("start", "")
        return asked if asked in self.starts else "general"

    def ladder(self) -> Ladder:
        return self.starts[self.start][1]

    def duty(self) -> Obligation | None:
        asked = self.request.GET.get("duty", "")
        if not asked:
            return None
        number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 18 else 0
        found = access.obligations(self.by).select_related("responsible__parent__parent").filter(pk=number).first()
        if found is None:
            raise Http404(_("There is no such duty, or you may not see it."))
        return found

    def get_form_class(self) -> type[SetupForm]:
        return PolicyForm if self.duty() else PolicyDraftForm

    def get_initial(self) -> dict[str, Any]:
        return {name: self.request.GET[name] for name in ("kind", "resolution") if name in self.request.GET}

    def take(self, given: dict[str, Any]) -> ReminderPolicy:
        self.on = steps.draft_policy(self.on, by=self.by, obligation=self.duty(), **given)
        return self.on

    def get_success_url(self) -> str:
        if isinstance(self.on, ReminderPolicy):
            return reverse("policy", args=[self.on.pk])
        return reverse("policies")


class DraftChange(OnPolicy, LadderForm):
    form_class = PolicyForm
    heading = gettext_lazy("Change a draft")
    button = gettext_lazy("Keep the draft")
    effects = (
        gettext_lazy("The draft tells nobody: you can try it out before you put it in force."),
        gettext_lazy("What it is for stays: that would be another draft."),
    )
    done = gettext_lazy("%(what)s is changed.")

    def ladder(self) -> Ladder:
        return as_ladder(self.on)

    def duty(self) -> Obligation | None:
        return self.on.obligation

    def get_initial(self) -> dict[str, Any]:
        return {"name": self.on.name}

    def take(self, given: dict[str, Any]) -> ReminderPolicy:
        return steps.change_policy(self.on, by=self.by, **given)


# In force --------------------------------------------------------------------------------------------------------------


def _standing(policy: ReminderPolicy) -> ReminderPolicy | None:
    """What holds for just the same at present."""
    return ReminderPolicy.objects.filter(scope=policy.scope, state=State.IN_FORCE).first()


class PutInForce(OnPolicy):
    """What would change for whom is shown beside the form; where something else holds by then, it is shown once more."""

    form_class = ForceForm
    template_name = "workflows/policies/force.html"
    heading = gettext_lazy("Put a policy of reminders in force")
    button = gettext_lazy("Put it in force")
    effects = (
        gettext_lazy("From now on it holds for what it is for, and the policy that held for just that ends."),
        gettext_lazy(
            "Reminders that were sent stay as they are; those that are planned are planned anew within a day."
        ),
        gettext_lazy("It is never changed: another draft takes its place, or it is ended."),
    )
    done = gettext_lazy("%(what)s is in force.")

    @cached_property
    def replaces(self) -> ReminderPolicy | None:
        return _standing(self.on)

    @cached_property
    def foretold(self) -> foretelling.Foretold:
        return foretelling.foretell(self.by, body=self.on.body, draft=self.on)

    @property
    def changes(self) -> list[foretelling.Outlook]:
        """Those who would get more mails or fewer."""
        return [one for one in self.foretold.people if one.change]

    @property
    def seen(self) -> str:
        """What the reader has before them: the draft as it is, and what it would take the place of."""
        last = Event.objects.filter(subject_type="reminderpolicy", subject_id=self.on.pk).order_by("-number").first()
        return f"{last.number if last else 0}:{self.replaces.pk if self.replaces else ''}"

    def form_valid(self, form: SetupForm) -> HttpResponse:
        if self.request.POST.get("seen", "") not in {"", self.seen}:
            form.add_error(None, _("Something has changed since you looked: look once more before you confirm."))
            return self.render_to_response(self.get_context_data(form=form), status=409)
        return super().form_valid(form)

    def take(self, given: dict[str, Any]) -> ReminderPolicy:
        return steps.put_in_force(self.on, by=self.by, **given)


class PolicyEnd(OnPolicy):
    form_class = ReasonForm
    heading = gettext_lazy("End a policy of reminders")
    button = gettext_lazy("End the policy")
    effects = (
        gettext_lazy("The next nearest policy holds instead, or what is built in."),
        gettext_lazy(
            "Reminders that were sent stay as they are; those that are planned are planned anew within a day."
        ),
    )
    done = gettext_lazy("%(what)s is in force no longer.")

    def take(self, given: dict[str, Any]) -> ReminderPolicy:
        return steps.end_policy(self.on, by=self.by, **given)


class DraftDrop(OnPolicy):
    form_class = DropForm
    heading = gettext_lazy("Give a draft up")
    button = gettext_lazy("Give it up")
    effects = (gettext_lazy("It stays on record and was never in force."),)
    done = gettext_lazy("%(what)s is given up.")

    def take(self, given: dict[str, Any]) -> ReminderPolicy:
        return steps.drop_draft(self.on, by=self.by, **given)

    def get_success_url(self) -> str:
        return reverse("policies")
