"""A year of mails, foretold: the page and the same as a table for spreadsheets."""

from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tracker import access, exports
from tracker.models import Body, ReminderPolicy
from tracker.views import pages
from workflows import foretelling
from workflows.agenda import families
from workflows.foretelling import Foretold
from workflows.foretelling.shown import days, row, table, totals

PER_PAGE = 50


@dataclass(frozen=True)
class Asked:
    """What the address asks for: a body, a draft, and what follows from both."""

    body: Body | None
    draft: ReminderPolicy | None

    @classmethod
    def of(cls, request: HttpRequest) -> "Asked":
        """Http404 where there is no such body, or no such draft for the reader."""
        slug, number = request.GET.get("body", ""), request.GET.get("draft", "")
        body = access.body(request.user, slug.replace("\x00", "")) if slug else None
        if number and pages.entry_number(request, "draft") is None:
            raise Http404(_("There is no such policy, or you may not see it."))
        draft = access.policy(request.user, int(number)) if number else None
        if draft and draft.state != ReminderPolicy.State.DRAFT:
            raise Http404(_("This policy is no draft: it is in force, or was ended."))
        return cls(body, draft)

    def foretell(self, reader: access.Reader) -> Foretold:
        body = self.draft.body if self.draft and not self.body else self.body
        return foretelling.foretell(reader, body=body, draft=self.draft)

    @property
    def query(self) -> str:
        """The same as part of an address."""
        named = {"body": self.body.slug if self.body else "", "draft": self.draft.pk if self.draft else ""}
        return urlencode({name: value for name, value in named.items() if value})


@require_safe
@login_required
def simulation(request: HttpRequest) -> HttpResponse:
    """Who would get how many mails in the coming year; of one person (`person`) which."""
    reader = request.user
    asked = Asked.of(request)
    foretold = asked.foretell(reader)
    page = pages.page_of(request, foretold.people, per_page=PER_PAGE)
    number = pages.entry_number(request, "person")
    person = next((one for one in foretold.people if one.person.pk == number), None)
    drafts = access.policies(reader).filter(state=ReminderPolicy.State.DRAFT)
    context = {
        "foretold": foretold,
        "draft": asked.draft,
        "chosen": asked.body.slug if asked.body else "",
        "bodies": families(access.bodies(reader)),
        "drafts": drafts,
        "keeps": asked.draft and access.may_on_body(reader, "set_policies", asked.draft.body),
        "page_obj": page,
        "rows": [row(one, foretold.months) for one in page],
        "totals": totals(foretold),
        "detail": f"?{asked.query}{'&' if asked.query else ''}person=",
        "csv": f"{reverse('policy-simulation-csv')}?{asked.query}",
        "person": person.person if person else None,
        "days": list(days(person)) if person else [],
    }
    return render(request, "workflows/policies/simulation.html", context)


@require_safe
@login_required
def simulation_csv(request: HttpRequest) -> HttpResponse:
    """The same as CSV: one row a person and month, then one row a reminder."""
    asked = Asked.of(request)
    foretold = asked.foretell(request.user)
    response = HttpResponse(exports.table(table(foretold)), content_type="text/csv; charset=utf-8")
    name = "-".join(filter(None, ["reminders", asked.body.slug if asked.body else "", foretold.first.isoformat()]))
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response
