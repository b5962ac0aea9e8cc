"""The whole story of one duty, in a browser, on the demonstration's real data: from the intake of Resolution 1306 to the
Council's decision. Every click is one that a person makes."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command
from playwright.sync_api import Page, expect

from tests.browser.conftest import LogIn
from tests.people import NOW
from workflows.demo_data import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TURN = "/items/itu-council/r1306-1.2-c18/"
AFTER_THE_COUNCIL = "2018-04-20T09:00"
ITEMS = ("1", "1.1", "1.2", "2", "3", "4", "5")


@pytest.fixture
def imported(transactional_db: None, settings: Any) -> None:
    """Resolution 1306 as `make demo` imports it, its intake not yet begun, on the demonstration's day."""
    settings.RESOLVES_NOW = NOW
    call_command("seed_demo", until="import", verbosity=0)


def test_a_duty_goes_from_the_text_to_the_decision(
    imported: None, live_server: Any, log_in: LogIn, visit: Callable[..., Page], settings: Any, complaints: list[str]
) -> None:
    secretary = log_in("secretary", PASSWORD)
    confirm_the_intake(secretary)

    chair = log_in("chair", PASSWORD)
    chair.goto("/board/")
    expect(chair.get_by_role("heading", level=1)).to_contain_text("Council Working Group on Child Online Protection")
    take(chair, "Assign", Lead="Contributor to CWG-COP", note="The document deadline is on 18 March.")
    expect_status(chair, "assigned")

    contributor = log_in("contributor", PASSWORD)
    expect(contributor.get_by_role("heading", level=1)).to_have_text("My tasks")
    contributor.get_by_role("link", name="Accept").first.click()
    contributor.get_by_role("button", name="Accept", exact=True).click()
    expect_status(contributor, "in progress")
    take(contributor, "Record activity", words="The 14th meeting was held on 23 January 2018.")
    take(contributor, "Submit the report", words="Two meetings were held.")
    expect_status(contributor, "submitted")

    take(chair, "Send back", words="Say who took part.")
    expect_status(chair, "in progress")
    take(contributor, "Submit the report", words="Two meetings were held, with about 100 participants each.")
    take(chair, "Endorse")
    expect_status(chair, "endorsed")

    settings.RESOLVES_NOW = AFTER_THE_COUNCIL  # the Council has met: until then there is no decision to cite
    close_by_decision(secretary)
    expect_status(secretary, "closed")

    councillor = log_in("councillor", PASSWORD)
    councillor.goto("/council/itu-council/c18/")
    row = councillor.locator("tr", has_text="1.2").first
    expect(row).to_contain_text("closed by decision")
    councillor.goto(TURN)
    history = councillor.locator("ol.history").last
    for verb in ("entered this turn", "assigned it", "accepted it", "recorded activity", "submitted a report"):
        expect(history).to_contain_text(verb)
    for verb in ("sent the report back", "endorsed the report", "closed it by a decision"):
        expect(history).to_contain_text(verb)
    expect(history).to_contain_text("Say who took part.")

    public = visit()
    public.goto("/public/")
    expect(public.get_by_role("heading", level=1)).to_be_visible()
    public.goto(TURN)
    expect(public).to_have_url(re.compile("/login/"))  # a member's page asks who you are, whether it is there or not
    assert complaints == []


def test_the_public_reads_output_documents_without_logging_in(
    imported: None, visit: Callable[..., Page], complaints: list[str]
) -> None:
    call_command("seed_demo", until="history", verbosity=0)
    public = visit(width=390)

    public.goto("/public/")

    expect(public.get_by_text("C17/15").first).to_be_visible()
    public.goto("/resolutions/itu-council/r1306/")
    expect(public.get_by_text("to report to the Council annually")).to_be_visible()
    assert complaints == []


def confirm_the_intake(page: Page) -> None:
    """Every proposed duty confirmed, every item accounted for, then the version."""
    page.goto("/resolutions/itu-council/r1306/intake/C15/")
    expect(page.get_by_text("0 of 7 items accounted for")).to_be_visible()
    while (confirm := page.locator("button[value=confirm_duty]")).count():
        confirm.first.click()
        page.wait_for_load_state()
    for path in ITEMS:
        finding = page.locator(f'[id="finding-{path}"]')
        finding.get_by_label("tracked", exact=True).check()
        finding.locator("button[value=dispose]").click()
        page.wait_for_load_state()
    expect(page.get_by_text("7 of 7 items accounted for")).to_be_visible()
    page.get_by_role("button", name="Confirm this version").click()
    page.goto("/resolutions/itu-council/r1306/")
    expect(page.get_by_text("7 of 7 items accounted for").first).to_be_visible()


def take(page: Page, step: str, *, words: str = "", note: str = "", **chosen: str) -> None:
    """A step from the item's page: its button, its form, its button again."""
    page.goto(TURN)
    page.get_by_role("link", name=step, exact=True).first.click()
    for label, value in chosen.items():
        option = page.get_by_label(label, exact=True).locator("option", has_text=value).first
        page.get_by_label(label, exact=True).select_option(option.get_attribute("value"))
    if words or note:
        page.locator("form textarea").first.fill(words or note)
    page.get_by_role("button", name=step, exact=True).click()
    page.wait_for_url(lambda url: "/steps/" not in url)


def close_by_decision(page: Page) -> None:
    page.goto(TURN)
    page.get_by_role("link", name="Close by decision", exact=True).first.click()
    page.get_by_label("Session", exact=True).select_option(label="Council 2018")
    page.get_by_label("Document").fill("C18/119")
    page.get_by_label("Paragraph").fill("4.2")
    page.get_by_label("What the body did").select_option(label="noted")
    page.locator("input[name=decided_on]").fill("2018-04-19")
    page.get_by_role("button", name="Close by decision", exact=True).click()
    page.wait_for_url(lambda url: "/steps/" not in url)


def expect_status(page: Page, status: str) -> None:
    """The status as the item's page says it."""
    page.goto(TURN)
    expect(page.locator("dl.facts").first).to_contain_text(status)
