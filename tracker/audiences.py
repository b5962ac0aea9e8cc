"""Whom a rung of a ladder speaks to, as things stand on a day. The ledger names them ahead; who is told is asked on the day."""

from tracker import ladders
from tracker.ball import Ball, Roster, Told
from tracker.models import Assignment, Occurrence, Person, Report

Part = Assignment.Part


def told(audience: str, occurrence: Occurrence, roster: Roster) -> tuple[Person, ...]:
    """Those of an audience on the roster's day."""
    return whom(audience, occurrence, roster).people


def whom(audience: str, occurrence: Occurrence, roster: Roster) -> Told:
    """The same, and the holder in whose place they are. One holder is one person: while a substitution runs for them their
    substitutes are told instead; alternates are where nobody holds the office, or where a rung is for them."""
    within = occurrence.resolution_id
    match audience:
        case ladders.CONTRIBUTORS:
            parts = [one for one in _standing(occurrence) if one.part == Part.CONTRIBUTOR and one.done_at is None]
            found = (roster.told(one.office, roster.asked(one, within), within).people for one in parts)
            return Told(tuple(dict.fromkeys(person for people in found for person in people)))
        case ladders.CHAIR:
            chair = roster.seated(occurrence.obligation.responsible, "chair")
            return roster.told(chair, roster.people(chair, within), within) if chair else Told()
        case ladders.SECRETARIAT:
            ball = roster.secretariat(occurrence)
        case ladders.ALTERNATE:
            ball = ball_of(occurrence, roster)
            acting = roster.alternates.get(ball.office.pk, []) if ball.office else []
            return Told(tuple(person for person in ball.people if person in acting))
        case _:
            ball = ball_of(occurrence, roster)
    return roster.told(ball.office, ball.people, within)


def ball_of(occurrence: Occurrence, roster: Roster) -> Ball:
    """Who has the ball, from what was loaded with the turn (`assignments`, `reports`)."""
    lead = next((one for one in _standing(occurrence) if one.part == Part.LEAD), None)
    report = next((one for one in occurrence.reports.all() if one.state == Report.State.SUBMITTED), None)
    submitters = (report.submitted_by_id, report.acting_for_id) if report else ()
    return roster.ball(occurrence, lead=lead, submitters=submitters)


def _standing(occurrence: Occurrence) -> list[Assignment]:
    return [one for one in occurrence.assignments.all() if one.ended_at is None]
