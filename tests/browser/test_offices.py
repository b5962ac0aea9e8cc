"""A hand-over in the browser, with everything on it: axe has nothing to say, and a phone does not scroll sideways."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.test_pages import PHONE, RULES, SIDEWAYS, as_person, demonstration
from tracker.models import HandOver, Occurrence, Office, Person
from workflows import steps

__all__ = ["demonstration"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def hand_over(demonstration: None) -> HandOver:
    """The auditor follows the contributor, who leaves words, a slip, something sent back, and a substitute."""
    secretary, chair, before, after = (
        Person.objects.get(username=name) for name in ("secretary", "chair", "contributor", "auditor")
    )
    office = Office.objects.get(body__slug="cwg-cop", slug="contributor")
    turn = Occurrence.objects.get(reference="itu-council/r1306-1.2-c18")
    steps.change_due_date(turn, due_on=date(2018, 3, 25), reason="More time was asked for.", by=chair)
    steps.submit(turn, by=before, text="What was done.")
    steps.send_back(turn, by=chair, reason="Name the sources.")
    term = steps.appoint(office, after, by=secretary)
    found = HandOver.objects.get(term=term)
    steps.note_hand_over(found, note="Ask the library for the figures.", by=before)
    steps.set_substitute(office, before, begins=date(2018, 2, 16), ends=date(2018, 3, 1), by=after)
    return found


def test_hand_over_is_accessible_quiet_and_fits_a_phone(
    hand_over: HandOver, live_server: Any, visit: Callable[..., Page], complaints: list[str]
) -> None:
    for width in (1280, PHONE):
        page = as_person(visit(width=width), "auditor", live_server.url)
        page.goto(f"/hand-overs/{hand_over.pk}/")
        assert "Name the sources." in page.content()
        assert Axe().run(page, options=RULES).response["violations"] == []
        assert page.evaluate(SIDEWAYS) == 0
    assert complaints == []


def test_hand_over_is_accepted_by_keyboard_alone(
    hand_over: HandOver, live_server: Any, visit: Callable[..., Page], complaints: list[str]
) -> None:
    page = as_person(visit(), "auditor", live_server.url)
    page.goto("/tasks/")

    page.get_by_role("link", name="Contributor to CWG-COP").first.focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Accept the hand-over").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Accept").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/hand-overs/{hand_over.pk}/")

    hand_over.refresh_from_db()
    assert hand_over.accepted_by.username == "auditor"
    assert complaints == []
