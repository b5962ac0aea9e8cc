"""The chair's board: what nobody leads and what an empty office leads on top, then people × status, each number a link to
its rows. Several items are acted on at once from it (`bulk`)."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest, PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tracker import access, clock, queries
from tracker.models import Body, Occurrence, Person, Role
from workflows.board import COLUMNS, ORDERS, Desk
from workflows.forms.board import BoardFilters
from workflows.machines import Status
from workflows.views.bulk import MOST_AT_ONCE, offered

ON_TOP = 10
"""Rows of what is on top before a link leads to all of them."""
PER_PAGE = 50


def boards(person: Person) -> list[Body]:
    """The bodies whose work a person may assign, groups under them included, by name."""
    seats = access.seats(person)
    own = {s.office.body_id for s in seats if s.office.role in {Role.CHAIR, Role.VICE_CHAIR, Role.SECRETARY}}
    found = [body for body in access.bodies(person) if own & {one.pk for one in body.lineage()}]
    return sorted(found, key=lambda body: body.name)


def fullest(person: Person, groups: list[Body]) -> Body:
    """Of these the one with the most open occurrences; the first where none has any."""
    counts = dict(
        queries.still_open(access.occurrences(person))
        .order_by()
        .values("obligation__responsible")
        .annotate(number=Count("pk"))
        .values_list("obligation__responsible", "number")
    )
    return max(groups, key=lambda body: counts.get(body.pk, 0))


@login_required
@require_safe
def board(request: HttpRequest) -> HttpResponse:
    """The board of one group (`?group=`), its list narrowed by `who`, `status` and `only`, in pages."""
    person = request.user
    assert isinstance(person, Person)  # noqa: S101  (held by login_required)
    groups = boards(person)
    if not groups:
        raise PermissionDenied(_("The board is for chairs, vice-chairs and secretaries."))
    asked = next((one for one in groups if one.slug == request.GET.get("group")), None)
    group = asked or (groups[0] if len(groups) == 1 else fullest(person, groups))
    desk = Desk(person, group, clock.now())
    matrix = desk.matrix()
    form = BoardFilters(request.GET, group.slug, matrix.lines)
    if not form.is_valid():
        raise BadRequest(_("There is no such list."))
    chosen = form.selected(desk)
    order = ORDERS["due" if form.cleaned_data["order"] == "due" else "age"]
    found = (desk.others if chosen is None else chosen).order_by(*order).values_list("pk", flat=True)
    paginator = Paginator(found, PER_PAGE)
    no_one = _top(desk, desk.unassigned, matrix.unassigned)
    vacant = _top(desk, desk.vacant, matrix.vacant)
    if chosen is None:
        paginator.count = matrix.sum.total.count - no_one["count"] - vacant["count"]  # what stands on top is in neither
    page = paginator.get_page(request.GET.get("page"))
    rows = desk.rows(list(page))
    on_top = [] if chosen is not None else [*no_one["rows"], *vacant["rows"]]
    ticked = _ticked(person, request.GET.getlist("item"))
    shown = {row.occurrence.reference for row in [*on_top, *rows]}
    context: dict[str, Any] = {
        "groups": groups,
        "group": group,
        "today": desk.today,
        "columns": [(status, Status(status).label) for status in COLUMNS],
        "lines": matrix.lines,
        "sum": matrix.sum,
        "ages": matrix.ages,
        "compared": matrix.compared,
        "rows": rows,
        "ticked": ticked,
        "elsewhere": [one for one in ticked if one not in shown],
        "narrowing": [(name, value) for name, value in form.cleaned_data.items() if value],
        "page_obj": page,
        "shown": page.paginator.count,
        "total": matrix.sum.total.count,
        "filters": form,
        "filtered": chosen is not None,
        "reset": f"{request.path}?group={group.slug}",
        "steps": offered(),
        "steps_of_no_one": [step for step in offered() if step != "reassign"],
        "listing": True,
        "no_one": no_one,
        "vacant": vacant,
    }
    return render(request, "workflows/board.html", context)


def _top(desk: Desk, found: QuerySet[Occurrence], count: int) -> dict[str, Any]:
    """The first rows of what stands on top, nearest due day first, and how many there are: the table has counted them."""
    first = list(found.order_by(*ORDERS["due"]).values_list("pk", flat=True)[:ON_TOP]) if count else []
    return {"rows": desk.rows(first) if first else [], "count": count}


def _ticked(person: Person, references: list[str]) -> list[str]:
    """What was chosen on the pages before, as far as a person may see it."""
    wanted = [one for one in references if "\x00" not in one][:MOST_AT_ONCE]
    if not wanted:
        return []
    return list(access.occurrences(person).filter(reference__in=wanted).values_list("reference", flat=True))
