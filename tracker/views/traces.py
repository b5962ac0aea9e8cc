"""A person's whole trace: what they did and for whom, what was done in their name and about them, the offices that they held,
what they saw of what is sensitive. For auditors and secretaries of their bodies, and for themselves."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from tracker import access, clock, history
from tracker.models import Person, Substitution, Term
from tracker.views.history import listed
from tracker.views.visits import in_words

SHOWN = 20
"""So many of the latest visits stand on the page; the list has them all."""
PARTS = {
    "": gettext_lazy("Everything"),
    "did": gettext_lazy("Own acts"),
    "for": gettext_lazy("Done for others"),
    "name": gettext_lazy("Done by others in this name"),
    "about": gettext_lazy("About the person"),
}


@require_safe
@login_required
def trace(request: HttpRequest, number: int) -> HttpResponse:
    """The trace of one person, newest first."""
    person = access.traced(request.user, number)
    seen = access.events(request.user)
    part = request.GET.get("part", "")
    part = part if part in PARTS else ""
    questions = _questions(person)
    counts = {name: history.counted(seen.filter(question)) for name, question in questions.items()}
    found = seen.filter(questions[part])
    bodies = access.watched_bodies(request.user)
    visits = access.visits(request.user, bodies).filter(person=person)
    context = {
        "person": person,
        "own": person == request.user,
        "part": part,
        "parts": [(name, words, counts[name]) for name, words in PARTS.items()],
        "at_most": history.AT_MOST,
        "terms": _terms(person),
        "stand_ins": _stand_ins(person),
        "today": clock.today(),
        "visits": in_words(list(visits[:SHOWN])),
        "visits_count": min(visits.order_by()[: history.AT_MOST + 1].count(), history.AT_MOST),
        **listed(request, seen, history.Search(found, slow=False), [person], watches=bool(bodies)),
    }
    return render(request, "tracker/trace.html", context)


def _questions(person: Person) -> dict[str, Q]:
    did, name = Q(actor=person), Q(acting_for=person)
    terms = Term.objects.filter(person=person).order_by().values("pk")
    stands = Substitution.objects.filter(Q(principal=person) | Q(substitute=person)).order_by().values("pk")
    about = Q(subject_type="person", subject_id=person.pk) | Q(subject_type="term", subject_id__in=terms)
    about |= Q(subject_type="substitution", subject_id__in=stands)
    return {"": did | name | about, "did": did, "for": did & Q(acting_for__isnull=False), "name": name, "about": about}


def _terms(person: Person) -> QuerySet[Term]:
    return Term.objects.filter(person=person).select_related("office__body").latest_first()


def _stand_ins(person: Person) -> QuerySet[Substitution, Any]:
    found = Substitution.objects.filter(Q(principal=person) | Q(substitute=person))
    return found.select_related("principal", "substitute", "office", "resolution").order_by("-begins", "-pk")
