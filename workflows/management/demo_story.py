"""The chapters of the demonstration, in order. Each enters what is not there yet and says in a line what it did; a second
run changes nothing, and what somebody has moved on since is left where it is."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, TypeVar

from django.contrib.auth.hashers import make_password
from django.db import models, transaction

from tracker import audit, intake
from tracker.models import (
    Activity,
    Body,
    DeadlineRule,
    Event,
    Meeting,
    Obligation,
    Occurrence,
    Office,
    Paragraph,
    Person,
    Precision,
    ReminderPolicy,
    Session,
    Sitting,
    State,
    Substitution,
    Term,
    Version,
    Visibility,
)
from tracker.parsing import read_source
from workflows import demo_data, steps

Act = Callable[[Occurrence], object]
Row = TypeVar("Row", bound=models.Model)


def ground() -> str:
    """Bodies, offices, accounts and the calendar: entered by the system itself, for there is no secretary before."""
    with transaction.atomic():
        bodies: dict[str, Body] = {}
        for fact in demo_data.BODIES:
            named = {
                "name": fact.name,
                "short_name": fact.short_name,
                "kind": fact.kind,
                "time_zone": demo_data.TIME_ZONE,
                "country": fact.country,
                "subdivision": fact.subdivision,
            }
            bodies[fact.slug] = _entered(
                Body, "body.added", {"slug": fact.slug}, {**named, "parent": bodies.get(fact.parent)}
            )
        _offices(bodies, _people())
        for rule in demo_data.RULES:
            key = {"body": bodies["itu-council"], "slug": rule.slug}
            _entered(DeadlineRule, "rule.added", key, {k: v for k, v in rule._asdict().items() if k != "slug"})
        sessions = _sessions(bodies)
        _meetings(bodies["cwg-cop"], sessions)
    counts = [f"{len(bodies)} bodies", f"{len(demo_data.ACCOUNTS)} accounts", f"{len(sessions)} sessions"]
    return f"Offices and calendar: {', '.join(counts)}, {len(demo_data.MEETINGS)} meetings of CWG-COP."


def person(username: str) -> Person:
    """One of the demonstration's accounts."""
    return Person.objects.get(username=username)


def _entered(model: type[Row], verb: str, key: Mapping[str, Any], rest: Mapping[str, Any]) -> Row:
    """The row of that key; entered, and recorded, where it is not there."""
    found = model._default_manager.filter(**key).first()
    if found is not None:
        return found
    row = model(**key, **rest)
    audit.record(row, verb, by=None)
    return row


def _people() -> dict[str, Person]:
    names = [username for username, _role in demo_data.ACCOUNTS]
    people = {one.username: one for one in Person.objects.filter(username__in=names)}
    absent = [name for name in names if name not in people]
    encoded = make_password(demo_data.PASSWORD) if absent else ""  # once: it is slow on purpose
    for name in absent:
        email = f"{name}@resolves.example"
        people[name] = Person(username=name, name=demo_data.NAMES[name], email=email, password=encoded)
        audit.record(people[name], "person.added", by=None)
    return people


def _offices(bodies: Mapping[str, Body], people: Mapping[str, Person]) -> None:
    """Each office with its holder; since when they hold it is not recorded."""
    for fact in demo_data.OFFICES:
        key = {"body": bodies[fact.body], "slug": fact.slug}
        office = _entered(Office, "office.added", key, {"title": fact.title, "role": fact.role})
        if not office.terms.exists():
            audit.record(
                Term(office=office, person=people[fact.held_by]),
                "term.begun",
                by=None,
                effective_precision=Precision.UNKNOWN,
            )


def _sessions(bodies: Mapping[str, Body]) -> dict[str, Session]:
    found = {}
    for fact in demo_data.SESSIONS:
        dates = {"opens": fact.opens, "closes": fact.closes, "precision": fact.precision, "state": fact.state}
        rest = {**dates, "name": fact.name, "kind": fact.kind, "place": fact.place, "source": fact.source}
        session = _entered(Session, "session.added", {"body": bodies[fact.body], "code": fact.code}, rest)
        main = demo_data.SittingFact(Sitting.Kind.MAIN, fact.opens, fact.closes, fact.precision, fact.place)
        for part in (main, *fact.more):
            _entered(
                Sitting,
                "sitting.added",
                {"session": session, "kind": part.kind},
                {name: value for name, value in {**part._asdict(), "state": fact.state}.items() if name != "kind"},
            )
        found[fact.code] = session
    return found


def _meetings(group: Body, sessions: Mapping[str, Session]) -> None:
    for fact in demo_data.MEETINGS:
        rest = {**fact._asdict(), "session": sessions.get(fact.before), "state": State.HELD}
        del rest["number"], rest["before"]
        _entered(Meeting, "meeting.added", {"body": group, "number": fact.number}, rest)


def imported() -> str:
    """Resolution 1306 as amended in 2015, read from its text; its first version, whose text is not recorded."""
    body = Body.objects.get(slug="itu-council")
    sessions = {session.code: session for session in body.sessions.all()}
    secretary = person("secretary")
    with transaction.atomic():
        version = steps.import_version(body, text=read_source(demo_data.TEXT), by=secretary)
        steps.enter_version(
            body,
            slug=version.resolution.slug,
            symbol=version.resolution.symbol,
            label="C09",
            designation="C09",
            title=demo_data.TITLE_OF_2009,
            adopted_at=sessions["C09"],
            in_force_from=date(2009, 10, 1),
            precision=Precision.MONTH,
            in_force_until=sessions["C15"].opens,
            by=secretary,
        )
    done, total, _missing = intake.accounted(version)
    return f"{version}: {done} of {total} items accounted for."


def intake_confirmed() -> str:
    """The secretary accounts for each item, sets right what the machine proposed, and confirms."""
    version = _version()
    secretary = person("secretary")
    with transaction.atomic():
        if version.tracking == Version.Tracking.INTAKE:
            offices = {f"{office.body.slug}/{office.slug}": office for office in Office.objects.select_related("body")}
            for obligation in Obligation.objects.filter(paragraph__version=version, confirmed=False):
                fact = demo_data.DUTIES[obligation.paragraph.path, obligation.number]
                steps.change_obligation(
                    obligation,
                    by=secretary,
                    title=fact.title,
                    responsible=Body.objects.get(slug=fact.responsible),
                    endorser=offices[fact.endorser],
                    lead_office=offices[fact.lead_office],
                )
                steps.confirm_obligation(obligation, by=secretary)
            for paragraph in version.paragraphs.filter(kind=Paragraph.Kind.OPERATIVE, disposition=""):
                steps.dispose(paragraph, disposition=Paragraph.Disposition.TRACKED, by=secretary)
            version = steps.confirm_version(version, by=secretary)
    done, total, _missing = intake.accounted(version)
    turns = Occurrence.objects.filter(resolution=version.resolution).count()
    return f"Intake confirmed: {done} of {total} items accounted for, {turns} turns in the calendar."


def history_entered() -> str:
    """What the record says happened before, each entry citing its document; recorded on the demonstration's day."""
    secretary = person("secretary")
    for fact in demo_data.HISTORY:
        with transaction.atomic():
            occurrence = Occurrence.objects.get(reference=fact.reference)
            if _untouched(occurrence):
                steps.enter_from_record(
                    occurrence,
                    by=secretary,
                    source=fact.source,
                    text=fact.text,
                    symbol=fact.symbol,
                    effective_on=fact.effective_on,
                    precision=Precision.DAY if fact.effective_on else Precision.UNKNOWN,
                    visibility=Visibility.PUBLIC if fact.public else Visibility.MEMBERS,
                )
    return f"History: {len(demo_data.HISTORY)} turns entered from the record."


def work_begun() -> str:
    """The work of the day, walked through the real steps by the demonstration's accounts."""
    for reference, acts in WORK.items():
        with transaction.atomic():
            occurrence = Occurrence.objects.get(reference=f"itu-council/r1306-{reference}")
            if _untouched(occurrence):
                for act in acts:
                    act(occurrence)
    return f"Work of the day: {len(WORK)} turns taken up."


def absence_set() -> str:
    """The chair will be away for a week, and the vice-chair acts for them then."""
    chair = person("chair")
    with transaction.atomic():
        if not Substitution.objects.filter(principal=chair).exists():
            begins, ends = demo_data.ABSENCE
            office = _office("cwg-cop/chair")
            steps.set_substitute(office, person("vice-chair"), begins=begins, ends=ends, by=chair)
    return "Absence: the vice-chair of CWG-COP acts for its chair for a week in March."


def policy_drafted() -> str:
    """A policy of reminders that waits to be tried out; what holds is what is built in."""
    group = Body.objects.get(slug="cwg-cop")
    name, rungs = demo_data.DRAFT
    with transaction.atomic():
        if not ReminderPolicy.objects.filter(body=group, name=name).exists():
            steps.draft_policy(group, name=name, rungs=rungs, most_per_item=3, by=person("secretary"))
    return "Reminders: a draft policy for CWG-COP, ready to be tried out."


def _version() -> Version:
    return Version.objects.select_related("resolution__body").get(
        resolution__body__slug="itu-council", resolution__slug="r1306", label="C15"
    )


def _untouched(occurrence: Occurrence) -> bool:
    """Whether nobody has done anything with a turn since the calendar brought it."""
    return not Event.objects.filter(stream=audit.stream(occurrence)).exclude(verb="occurrence.planned").exists()


# The work of the day ---------------------------------------------------------------------------------------------------


def _assign(office: str, by: str, note: str = "", helped_by: tuple[str, ...] = ()) -> Act:
    """Somebody asks an office (`cwg-cop/contributor`) to lead, and others to contribute."""

    def act(occurrence: Occurrence) -> None:
        contributors = [_office(one) for one in helped_by]
        steps.assign(occurrence, lead=_office(office), by=person(by), note=note, contributors=contributors)

    return act


def _office(named: str) -> Office:
    body, _, slug = named.partition("/")
    return Office.objects.get(body__slug=body, slug=slug)


def _accept(by: str, note: str = "") -> Act:
    return lambda occurrence: steps.accept(occurrence, by=person(by), note=note)


WORK: dict[str, tuple[Act, ...]] = {
    "1-c18": (_assign("itu-council/secretariat", "council-chair"),),
    "1.1-c18": (
        _assign("cwg-cop/vice-chair", "chair"),
        _accept("vice-chair"),
        lambda occurrence: steps.submit(
            occurrence,
            by=person("vice-chair"),
            text="Written for the demonstration: the Group held its 14th meeting on 23 January 2018.",
        ),
    ),
    "1.2-c18": (
        _assign("cwg-cop/contributor", "chair", "The document deadline is 30 days before Council 2018 opens."),
        _accept("contributor"),
        lambda occurrence: steps.record_activity(
            occurrence,
            by=person("contributor"),
            text="The 14th meeting was held; CWG-COP-14/3-E, a contribution by the Russian Federation on revising "
            "Resolution 179, had been sent to it.",
            happened_on=date(2018, 1, 23),
            stakeholder=Activity.Stakeholder.MEMBER_STATE,
            source="CWG-COP-14/3-E",
        ),
        lambda occurrence: steps.ask_new_date(
            occurrence, by=person("contributor"), wanted_on=date(2018, 3, 19), reason="18 March 2018 is a Sunday."
        ),
        lambda occurrence: steps.comment(
            occurrence, by=person("chair"), text="@contributor: please cite CWG-COP-14/3-E in the report."
        ),
        lambda occurrence: steps.watch(occurrence, by=person("councillor")),
    ),
    "3-m14": (_assign("cwg-cop/vice-chair", "chair"), _accept("vice-chair")),
    "4-c18": (
        _assign("itu-council/secretariat", "secretary", helped_by=("cwg-cop/vice-chair", "cwg-cop/contributor")),
        _accept("secretary"),
        lambda occurrence: steps.finish_part(
            occurrence, by=person("vice-chair"), note="Written for the demonstration: the vice-chair's part is done."
        ),
    ),
    "5-c18": (_assign("cwg-cop/contributor", "chair", "The draft is due with the annual report."),),
}
"""What the accounts do on the demonstration's day. Item 2 is left to be assigned: somebody who tries it out can."""
