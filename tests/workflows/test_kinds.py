"""Every kind of duty on the rolling horizon: once, by period, by completion; and the column in which a turn stands."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django_fsm import TransitionNotAllowed

from tests.calendars import (
    Anchor,
    Kind,
    before_each_meeting,
    contributions,
    council_of,
    duty,
    each_session,
    ends,
    events,
    periodic,
)
from tests.people import World
from tests.record import everything, verified
from tracker.models import Meeting, Obligation, Occurrence, Sitting, State
from workflows import steps

# ── once ───────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_once_at_a_meeting_is_due_by_that_meeting_alone(world: World):
    meeting = steps.add_meeting(world.group, begins=date(2018, 6, 1), by=world.secretary)
    found = duty(
        world, Kind.ONCE, anchor=Anchor.MEETING, anchor_body=world.group, anchor_meeting=meeting, offset_days=-1
    )
    assert ends(found) == {"m15": date(2018, 5, 31)}

    steps.move_meeting(meeting, begins=date(2018, 6, 15), by=world.secretary, reason="Later.")

    assert ends(found) == {"m15": date(2018, 6, 14)}


def test_once_at_a_document_deadline_of_one_session(world: World):
    rule = contributions(world)

    found = duty(
        world,
        Kind.ONCE,
        anchor=Anchor.SESSION,
        anchor_body=world.council,
        anchor_session=world.sessions["C18"],
        anchor_rule=rule,
    )

    assert ends(found) == {"c18": date(2018, 4, 3)}


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"kind": "once", "anchor": "meeting"}, "anchor_meeting"),
        ({"kind": "once", "anchor": "session"}, "anchor_session"),
        ({"kind": "on_event", "anchor": "none", "trigger": " "}, "trigger"),
        ({"kind": "periodic", "anchor": "date", "due_date": date(2018, 1, 1)}, "interval_months"),
        ({"offset_days": 3661}, "offset_days"),
        ({"kind": "before_each_meeting", "anchor": "session"}, "anchor"),
    ],
)
def test_incomplete_due_point_is_not_confirmed(world: World, fields: dict, field: str):
    Obligation.objects.filter(pk=world.obligation.pk).update(confirmed=False, **fields)

    with pytest.raises(ValidationError) as refused:
        steps.confirm_obligation(world.obligation, by=world.secretary)

    assert field in refused.value.message_dict


def test_ended_or_foreign_deadline_is_not_confirmed(world: World):
    ended = steps.end_deadline_rule(contributions(world), by=world.secretary, reason="Done with.")
    foreign = steps.add_deadline_rule(world.group, name="Papers", days_before=7, by=world.secretary)

    for rule in (ended, foreign):
        Obligation.objects.filter(pk=world.obligation.pk).update(confirmed=False, anchor_rule=rule)
        with pytest.raises(ValidationError) as refused:
            steps.confirm_obligation(world.obligation, by=world.secretary)
        assert "anchor_rule" in refused.value.message_dict


# ── periodic ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_period_stands_for_itself_when_its_day_is_changed(world: World):
    found = periodic(world, date(2017, 8, 31), 6)
    first = found.occurrences.get(period=date(2018, 2, 28))

    steps.change_due_date(first, by=world.chair, due_on=date(2018, 3, 10), reason="Ten days more.")

    assert steps.roll() == 0
    assert Occurrence.objects.get(pk=first.pk).period == date(2018, 2, 28)


def test_counted_from_completion_only_one_turn_is_ever_open(world: World):
    found = periodic(world, date(2017, 3, 1), 12, completion=True)
    assert ends(found) == {"20180301": date(2018, 3, 1)}
    assert steps.roll() == 0

    first = found.occurrences.get()
    world.walk("submitted", first)
    assert len(ends(found)) == 1  # handed in is not discharged

    steps.endorse(first, by=world.chair)  # handed in on 16 February 2018

    assert ends(found) == {"20180301": date(2018, 3, 1), "20190216": date(2019, 2, 16)}
    assert steps.roll() == 0


def test_next_turn_is_entered_when_the_last_is_discharged(world: World):
    found = periodic(world, date(2017, 1, 15), 12, completion=True)  # due on 15 January 2018: late
    world.walk("endorsed", found.occurrences.get())  # on 16 February

    assert ends(found) == {"20180115": date(2018, 1, 15), "20190216": date(2019, 2, 16)}
    assert found.occurrences.get(period=date(2019, 2, 16)).status == "planned"


@pytest.mark.parametrize("precision", ["month", "unknown"])
def test_completion_whose_day_is_not_recorded_counts_from_the_due_day(world: World, precision: str):
    found = periodic(world, date(2017, 1, 15), 12, completion=True)

    steps.enter_from_record(
        found.occurrences.get(),
        by=world.secretary,
        source="A report.",
        effective_on=date(2018, 2, 1) if precision == "month" else None,
        precision=precision,
    )

    assert ends(found)["20190115"] == date(2019, 1, 15)


def test_waived_turn_brings_the_next_and_a_superseded_one_none(world: World):
    waived, superseded = (periodic(world, date(2017, 1, 15), 12, completion=True) for _ in range(2))

    world.walk("waived", waived.occurrences.get())
    world.walk("superseded", superseded.occurrences.get())

    assert (len(ends(waived)), len(ends(superseded))) == (2, 1)


def test_reopened_and_done_again_brings_no_second_turn(world: World):
    found = periodic(world, date(2017, 1, 15), 12, completion=True)
    turn = world.walk("endorsed", found.occurrences.get())

    steps.reopen(turn, by=world.chair, reason="A page was missing.")
    steps.submit(turn, by=world.contributor, text="All of it.")
    steps.endorse(turn, by=world.chair)

    assert len(ends(found)) == 2


def test_done_early_the_next_one_is_not_due_before_it(world: World):
    found = periodic(world, date(2017, 12, 1), 12, completion=True)  # due on 1 December 2018
    world.walk("endorsed", found.occurrences.get())

    assert list(ends(found).values()) == [date(2018, 12, 1), date(2019, 2, 16)]


# ── columns ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def columns(obligation: Obligation) -> list[str | None]:
    return list(obligation.occurrences.order_by("period").values_list("session__code", flat=True))


def test_periodic_turn_stands_in_the_column_of_the_next_ordinary_session(world: World):
    council_of(world, 2019, date(2019, 2, 28))

    assert columns(periodic(world, date(2017, 8, 31), 6)) == ["C18", "C19", "C19", None, None]


def test_column_is_kept_right_as_sessions_are_added_and_move(world: World):
    found = periodic(world, date(2017, 8, 31), 6)
    assert columns(found) == ["C18", None, None, None, None]

    council_of(world, 2019, date(2019, 6, 10))
    assert columns(found) == ["C18", "C19", "C19", None, None]

    steps.move_session(world.sessions["C18"], opens=date(2018, 9, 3), by=world.secretary, reason="After the summer.")
    assert columns(found) == ["C18", "C18", "C19", None, None]

    steps.change_session(world.sessions["C18"], state="cancelled", by=world.secretary, reason="Not held.")
    assert columns(found) == ["C19", "C19", "C19", None, None]
    assert [one.due_on for one in found.occurrences.all()] == [one.period for one in found.occurrences.all()]
    assert set(found.occurrences.values_list("moved_with_calendar", flat=True)) == {0}
    assert verified() > 0


def test_column_of_what_is_discharged_stays(world: World):
    found = periodic(world, date(2017, 8, 31), 6)
    done = world.walk("endorsed", found.occurrences.order_by("period").first())
    before = Occurrence.objects.values().get(pk=done.pk)

    council_of(world, 2019, date(2018, 3, 1))

    assert Occurrence.objects.values().get(pk=done.pk) == before


def test_session_does_not_move_what_only_stands_in_its_column(world: World):
    found = periodic(world, date(2017, 8, 31), 6)

    assert [one.occurrence.obligation for one in steps.would_move(world.sessions["C18"], date(2018, 5, 1))] == [
        world.obligation
    ]
    steps.move_session(world.sessions["C18"], opens=None, by=world.secretary, reason="No venue.")
    assert ends(found)["20180228"] == date(2018, 2, 28)


def test_meeting_belongs_to_the_session_that_now_comes_next_with_its_turns(world: World):
    found = before_each_meeting(world)
    meeting = steps.add_meeting(world.group, begins=date(2018, 3, 20), by=world.secretary)
    assert meeting.session == world.sessions["C18"]
    sooner = council_of(world, 2019, date(2018, 4, 2))

    turn = found.occurrences.get(meeting=meeting)

    assert Meeting.objects.get(pk=meeting.pk).session == turn.session == sooner
    assert turn.due_on == date(2018, 3, 19)
    assert events("meeting.changed")[-1].request_id == events("session.added")[-1].request_id
    assert Meeting.objects.get(number=12).session == world.sessions["C17"]  # held long ago: it stays


def test_meeting_put_under_a_session_by_choice_stays_there(world: World):
    later = council_of(world, 2019, date(2019, 6, 10))
    meeting = steps.add_meeting(world.group, begins=date(2018, 3, 20), session=later, by=world.secretary)

    council_of(world, 2020, date(2018, 4, 2))

    assert Meeting.objects.get(pk=meeting.pk).session == later


# ── slips ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_slips_with_the_calendar_are_counted_and_a_first_date_is_none(world: World):
    council = council_of(world, 2019, None)
    turn = Occurrence.objects.get(session=council)
    counts = []
    for opens in (date(2019, 6, 10), date(2019, 6, 17), None, date(2019, 7, 1)):
        steps.move_session(council, opens=opens, by=world.secretary, reason="As announced.")
        counts.append(Occurrence.objects.get(pk=turn.pk).moved_with_calendar)

    assert counts == [0, 1, 2, 2]
    assert Occurrence.objects.get(pk=turn.pk).first_due_on == date(2019, 5, 11)


def test_working_days_are_counted_anew_from_the_new_day(world: World):
    found = each_session(world, offset_days=-10, offset_working=True)
    assert ends(found)["c18"] == date(2018, 4, 3)

    steps.move_session(world.sessions["C18"], opens=date(2018, 4, 19), by=world.secretary, reason="Two days later.")

    assert ends(found)["c18"] == date(2018, 4, 5)
    steps.move_session(world.sessions["C18"], opens=date(2018, 4, 22), by=world.secretary, reason="A Sunday.")
    assert ends(found)["c18"] == date(2018, 4, 9)


# ── sittings ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def final(world: World) -> Sitting:
    return steps.add_sitting(
        world.sessions["C18"], kind=Sitting.Kind.FINAL, begins=date(2018, 10, 27), by=world.secretary
    )


def test_sitting_changes_its_dates_form_and_place(world: World):
    sitting = steps.change_sitting(
        final(world),
        begins=date(2018, 10, 28),
        precision="day",
        form="virtual",
        place="Dubai",
        by=world.secretary,
    )

    assert (sitting.begins, sitting.form, sitting.place, sitting.state) == (
        date(2018, 10, 28),
        "virtual",
        "Dubai",
        State.PLANNED,
    )
    assert events("sitting.changed")[-1].changes["begins"] == ["2018-10-27", "2018-10-28"]
    assert events("occurrence.moved") == []


def test_sitting_without_a_day_is_postponed_and_planned_with_one(world: World):
    sitting = steps.change_sitting(final(world), by=world.secretary)
    assert (sitting.state, sitting.begins) == (State.POSTPONED, None)

    sitting = steps.change_sitting(sitting, begins=date(2018, 10, 28), precision="day", by=world.secretary)
    assert (sitting.state, sitting.begins) == (State.PLANNED, date(2018, 10, 28))


@pytest.mark.parametrize("state", [State.POSTPONED, State.CANCELLED])
def test_sitting_is_called_off_with_a_reason(world: World, state: str):
    said = {"begins": date(2018, 10, 27), "precision": "day", "state": state, "by": world.secretary}
    sitting = final(world)
    with pytest.raises(ValidationError, match="goes on record"):
        steps.change_sitting(sitting, **said)

    assert steps.change_sitting(sitting, reason="No quorum.", **said).state == state


def test_sitting_is_not_held_before_its_day_nor_moved_after_it_was(world: World):
    sitting = final(world)
    with pytest.raises(ValidationError, match="not begun yet"):
        steps.change_sitting(sitting, begins=date(2018, 10, 27), precision="day", state="held", by=world.secretary)

    Sitting.objects.filter(pk=sitting.pk).update(state="held", begins=date(2018, 2, 1))
    with pytest.raises(TransitionNotAllowed):
        steps.change_sitting(sitting, begins=date(2018, 10, 27), precision="day", by=world.secretary)


def test_main_sitting_goes_with_its_session(world: World):
    main = steps.add_sitting(world.sessions["C18"], kind=Sitting.Kind.MAIN, by=world.secretary)
    with pytest.raises(TransitionNotAllowed):
        steps.change_sitting(main, begins=date(2018, 5, 1), precision="day", by=world.secretary)

    assert steps.change_sitting(main, form="virtual", by=world.secretary).begins == date(2018, 4, 17)
    steps.change_session(world.sessions["C18"], state="cancelled", reason="Not held.", by=world.secretary)
    assert Sitting.objects.get(pk=main.pk).state == State.CANCELLED


def test_change_of_a_sitting_that_changes_nothing_is_refused(world: World):
    sitting = final(world)
    before = everything()

    with pytest.raises(ValidationError, match="Nothing"):
        steps.change_sitting(sitting, begins=date(2018, 10, 27), precision="day", by=world.secretary)

    assert everything() == before
