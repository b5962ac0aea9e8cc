"""The demonstration: Resolution 1306 with the calendar and the history that were known on 16 February 2018, nothing more."""

from collections import Counter
from collections.abc import Generator
from datetime import date
from io import StringIO

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import transaction
from django.test import override_settings
from pytest_django import DjangoDbBlocker

from tests.people import NOW
from tracker import access, clock, intake, queries
from tracker.log import checks
from tracker.models import (
    Activity,
    Decision,
    Event,
    Evidence,
    Meeting,
    Obligation,
    Occurrence,
    Person,
    Report,
    Session,
    Sitting,
    Substitution,
    Version,
    Watch,
)
from workflows import demo_data, rounds, steps


def seed(until: str = "work") -> str:
    out = StringIO()
    call_command("seed_demo", until=until, stdout=out)
    return out.getvalue()


@pytest.fixture(scope="module")
def seeded(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Generator[None, None, None]:
    """Entered once for all tests that only look, and taken back after them."""
    with override_settings(RESOLVES_NOW=NOW), django_db_blocker.unblock(), transaction.atomic():
        seed()
        yield
        transaction.set_rollback(True)


@pytest.fixture
def demo(seeded: None, db: None, clock_pinned: str) -> None:
    """The whole demonstration; what a test does to it is undone."""


def version() -> Version:
    return Version.objects.get(resolution__slug="r1306", label="C15")


def turn(short: str) -> Occurrence:
    return Occurrence.objects.get(reference=f"itu-council/r1306-{short}")


def mark(short: str) -> tuple[str, int | None]:
    found = queries.with_facts(Occurrence.objects.filter(reference=f"itu-council/r1306-{short}")).get()
    shown = queries.mark(found, clock.today("Europe/Zurich"))
    return shown.code, shown.days


def rows() -> dict[str, int]:
    return {
        model.__name__: model._default_manager.count()
        for model in apps.get_models()
        if model._meta.app_label not in {"auth", "contenttypes", "sessions", "admin"}
    }


def test_demo_accounts_for_seven_of_seven_items(demo: None) -> None:
    assert intake.accounted(version()) == (7, 7, [])
    assert version().tracking == Version.Tracking.CONFIRMED


def test_demo_duties_are_those_of_the_seven_rows(demo: None) -> None:
    found = {
        duty.reference.partition("r1306-")[2]: (
            duty.kind,
            duty.offset_days,
            str(duty.anchor_session or duty.anchor_body),
            duty.responsible.slug,
            str(duty.endorser),
        )
        for duty in Obligation.objects.select_related("paragraph", "resolution__body")
    }

    group, council = ("cwg-cop", "Chair of CWG-COP"), ("itu-council", "Chair of the Council")
    assert found == {
        "1": ("continuing", -30, "Council", *council),
        "1.1": ("continuing", -30, "Council", *group),
        "1.2": ("each_session", -30, "Council", *group),
        "2": ("continuing", -30, "Council", *group),
        "3": ("before_each_meeting", -1, "CWG-COP", *group),
        "4": ("continuing", -30, "Council", *council),
        "5": ("once", -30, "Council 2018", *group),
        "5~2": ("once", 0, "Plenipotentiary Conference 2018", *council),
    }
    assert set(Obligation.objects.values_list("confirmed", "confirmed_by__username")) == {(True, "secretary")}


def test_demo_turns_carry_the_references_that_last(demo: None) -> None:
    sessions = [f"{path}-{session}" for path in ("1", "1.1", "1.2", "2", "4") for session in ("c16", "c17", "c18")]
    meetings = [f"3-m{number}" for number in (10, 11, 12, 13, 14)]

    found = set(Occurrence.objects.values_list("reference", flat=True))

    assert found == {f"itu-council/r1306-{one}" for one in [*sessions, *meetings, "5-c18", "5~2-pp18"]}


@pytest.mark.parametrize(
    ("short", "due"),
    [
        ("1.2-c18", date(2018, 3, 18)),
        ("5-c18", date(2018, 3, 18)),
        ("5~2-pp18", date(2018, 10, 29)),
        ("3-m14", date(2018, 1, 22)),
        ("1.2-c17", date(2017, 4, 15)),
        ("3-m13", None),
    ],
)
def test_demo_due_days_follow_the_calendar(demo: None, short: str, due: date | None) -> None:
    assert (turn(short).due_on, turn(short).first_due_on) == (due, due)


MARKS = {
    "1-c18": ("due", 30),
    "1.1-c16": ("received", 0),
    "1.1-c17": ("received", 0),
    "1.1-c18": ("submitted", 0),
    "1.2-c16": ("unassigned", 662),
    "1.2-c17": ("received", None),
    "1.2-c18": ("due", 30),
    "2-c18": ("unassigned", 30),
    "3-m11": ("received", None),
    "3-m13": ("unassigned", None),
    "3-m14": ("late", 25),
    "5-c18": ("due", 30),
    "5~2-pp18": ("unassigned", 255),
}


def test_demo_shows_its_marks_truthfully(demo: None) -> None:
    assert {short: mark(short) for short in MARKS} == MARKS


def test_demo_work_stands_where_the_accounts_left_it(demo: None) -> None:
    statuses = Counter(Occurrence.objects.values_list("status", flat=True))

    assert statuses == {"planned": 12, "assigned": 2, "in_progress": 3, "submitted": 1, "endorsed": 4}
    assert turn("1.2-c18").activities.get().happened_on == date(2018, 1, 23)
    assert not Decision.objects.exists()


def test_demo_shows_what_people_do_together(demo: None) -> None:
    parts = turn("4-c18").assignments.filter(part="contributor").order_by("pk")
    (request,) = turn("1.2-c18").date_requests.all()
    (comment,) = turn("1.2-c18").comments.all()
    (watch,) = Watch.objects.all()
    (absence,) = Substitution.objects.all()

    assert [(str(one.office), one.done_at is not None) for one in parts] == [
        ("Vice-chair of CWG-COP", True),
        ("Contributor to CWG-COP", False),
    ]
    assert (request.wanted_on, request.answer) == (date(2018, 3, 19), "open")
    assert [one.person.username for one in comment.mentions.all()] == ["contributor"]
    assert (watch.person.username, watch.obligation) == ("councillor", turn("1.2-c18").obligation)
    assert (absence.principal.username, absence.substitute.username) == ("chair", "vice-chair")
    assert (absence.begins, absence.ends) == demo_data.ABSENCE


def test_demo_history_cites_its_documents_and_leaves_unknown_days_unknown(demo: None) -> None:
    entered = Report.objects.filter(submitted_by=None).order_by("occurrence__reference")

    found = [(one.occurrence.short_reference, one.effective_on, one.symbol, one.visibility) for one in entered]
    assert found == [
        ("r1306-1.1-c16", date(2016, 2, 16), "WG-COP/13", "public"),
        ("r1306-1.1-c17", date(2016, 10, 10), "", "members"),
        ("r1306-1.2-c17", None, "C17/15", "public"),
        ("r1306-3-m11", None, "", "public"),
    ]
    assert not Evidence.objects.exclude(url="").exists()
    assert set(Evidence.objects.filter(visibility="public").values_list("symbol", flat=True)) == {
        "WG-COP/13",
        "C17/15",
        "Report of the 11th meeting of CWG-COP, 16 February 2016",
    }


def test_demo_enters_nothing_that_became_known_later(demo: None) -> None:
    day = date.fromisoformat(demo_data.DAY)

    assert not Session.objects.filter(opens__gt=day).exclude(code__in=["C18", "PP18"]).exists()
    assert not Meeting.objects.filter(begins__gt=day).exists()
    assert not Activity.objects.filter(happened_on__gt=day).exists()


def test_demo_calendar_keeps_what_is_not_recorded(demo: None) -> None:
    years = Session.objects.filter(precision="year").values_list("code", flat=True)
    unknown = Meeting.objects.filter(precision="unknown").values_list("number", "begins", "session")

    assert list(years) == ["C11", "C12", "C13"]
    assert list(unknown) == [(number, None, None) for number in (3, 4, 5, 6)]
    assert (Meeting.objects.get(number=13).precision, Meeting.objects.get(number=13).session) == ("year", None)
    assert Session.objects.get(code="C15-EXT").kind == Session.Kind.EXTRAORDINARY
    assert Session.objects.get(code="C14").opening_day is None
    assert Sitting.objects.get(session__code="C14", kind="final").begins == date(2014, 10, 18)


def test_demo_first_version_is_there_without_its_text(demo: None) -> None:
    first = Version.objects.get(label="C09")

    assert not first.text_recorded
    assert (first.in_force_from, first.in_force_from_precision) == (date(2009, 10, 1), "month")
    assert not first.paragraphs.exists()


def test_demo_accounts_are_roles_with_one_password(demo: None) -> None:
    people = {one.username: one for one in Person.objects.all()}

    assert set(people) == {username for username, _role in demo_data.ACCOUNTS}
    assert len(demo_data.PASSWORD) >= 10
    assert all(one.check_password(demo_data.PASSWORD) and not one.is_staff for one in people.values())
    roles = {name: sorted(map(str, access.roles(one))) for name, one in people.items()}
    assert roles == {
        "secretary": ["secretary"],
        "chair": ["chair"],
        "vice-chair": ["vice_chair"],
        "contributor": ["member"],
        "council-chair": ["chair"],
        "councillor": ["councillor"],
        "auditor": ["auditor"],
    }


def test_first_round_of_the_demo_checks_its_history(demo: None) -> None:
    rounds.run()

    check = checks.latest()
    assert check is not None
    assert (check.state, check.found) == ("passed", 0)


def test_demo_twice_changes_nothing(demo: None) -> None:
    before = rows()

    seed()

    assert rows() == before


def test_demo_started_again_leaves_what_somebody_moved_on(demo: None) -> None:
    steps.endorse(turn("1.1-c18"), by=Person.objects.get(username="chair"))
    steps.assign(
        turn("2-c18"), lead=Person.objects.get(username="contributor"), by=Person.objects.get(username="chair")
    )
    before = rows()

    seed()

    assert (turn("1.1-c18").status, turn("2-c18").status) == ("endorsed", "assigned")
    assert rows() == before


def test_demo_every_act_is_on_record_with_its_actor(demo: None) -> None:
    acts = Event.objects.filter(verb__startswith="occurrence.").exclude(verb="occurrence.planned")

    assert acts.count() == 19
    assert not acts.filter(actor=None).exists()
    assert set(Event.objects.values_list("means", flat=True)) == {"command"}
