"""My tasks by the keyboard, and the board's list without reloading the page: in Chromium, on the demonstration."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command
from playwright.sync_api import Page, expect

from tests.browser.test_pages import as_person
from tests.people import NOW

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
FOCUSED = "document.activeElement.closest('[data-row]')?.querySelector('a[href]').getAttribute('href') || ''"


@pytest.fixture
def chairs(transactional_db: None, settings: Any, live_server: Any, visit: Callable[..., Page]) -> Page:
    """A chair's browser in the demonstration."""
    settings.RESOLVES_NOW = NOW
    call_command("seed_demo", verbosity=0)
    return as_person(visit(), "chair", live_server.url)


def test_keys_move_in_my_tasks_and_take_the_step(chairs: Page, complaints: list[str]) -> None:
    page = chairs
    page.goto("/tasks/")
    addresses = [link.get_attribute("href") for link in page.locator("[data-row] .words a").all()]
    assert len(addresses) > 2

    page.keyboard.press("j")
    page.keyboard.press("j")
    assert page.evaluate(FOCUSED) == addresses[1]
    page.keyboard.press("k")
    assert page.evaluate(FOCUSED) == addresses[0]
    page.keyboard.press("k")
    expect(page.locator("[data-keys-said]")).to_have_text("This is the first row.")
    assert page.evaluate(FOCUSED) == addresses[0]
    described = page.evaluate("document.activeElement.getAttribute('aria-describedby').split(' ')")
    assert all(page.locator(f"#{one}").count() == 1 for one in described)

    page.keyboard.press("?")
    expect(page.locator("[data-keys] details")).to_have_attribute("open", "")
    page.keyboard.press("?")
    expect(page.locator("[data-keys] details")).not_to_have_attribute("open", "")

    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{addresses[0]}" if page.url.endswith(str(addresses[0])) else "**/items/**")
    page.go_back()
    with_step = page.locator("[data-row]:has(a[data-step])").first
    with_step.locator("a").first.focus()
    page.keyboard.press("s")
    page.wait_for_url("**/steps/**")
    assert complaints == []


def test_keys_can_be_switched_off_and_leave_fields_alone(chairs: Page, complaints: list[str]) -> None:
    page = chairs
    page.goto("/board/")
    page.get_by_label("Status").focus()
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.tagName") == "SELECT"

    page.goto("/tasks/")
    page.keyboard.press("Control+j")
    assert page.evaluate(FOCUSED) == ""
    page.locator("[data-keys] summary").click()
    page.get_by_label("Use these keys on this device").uncheck()
    expect(page.locator("[data-keys-said]")).to_have_text("Keys are off.")
    page.goto("/tasks/")  # kept on this device
    page.keyboard.press("j")
    assert page.evaluate(FOCUSED) == ""

    page.locator("[data-keys] summary").click()
    page.get_by_label("Use these keys on this device").check()
    page.locator("h1").click()
    page.keyboard.press("j")
    assert page.evaluate(FOCUSED) != ""
    assert complaints == []


def test_filters_of_the_board_bring_the_list_without_the_page(chairs: Page, complaints: list[str]) -> None:
    page = chairs
    page.goto("/board/?status=open")
    page.evaluate("window.kept = true")
    before = page.locator("#shown").inner_text()
    assert "shown" in before

    page.get_by_label("Status").focus()
    page.get_by_label("Status").select_option("planned")
    expect(page).to_have_url(with_part("status=planned"))
    expect(page.locator("#shown")).not_to_have_text(before)

    assert page.evaluate("window.kept") is True
    assert "group=cwg-cop" in page.url
    assert page.evaluate("document.activeElement.name") == "status"
    shown = int(page.locator("#shown").inner_text().split()[0])
    assert page.locator("#listing tbody tr").count() == shown
    page.go_back()
    expect(page.locator("#shown")).to_contain_text(before.split("·")[0].strip())
    assert complaints == []


def test_chosen_rows_are_counted_aloud_and_previewed(chairs: Page, complaints: list[str]) -> None:
    page = chairs
    page.goto("/board/?status=planned")
    boxes = page.locator("#listing input[name=item]")
    boxes.nth(0).check()
    boxes.nth(1).check()
    expect(page.locator("#listing .batch [role=status]")).to_have_text("2 items chosen")

    page.locator("#listing").get_by_role("button", name="Assign").click()
    page.get_by_label("Lead").first.select_option(index=1)
    page.get_by_role("button", name="See what would happen").click()
    expect(page.locator(".lede")).to_have_text("2 will be assigned")
    expect(page.get_by_text("Nothing has been done yet.")).to_be_visible()
    page.get_by_role("button", name="Assign 2 items").click()
    expect(page.locator(".messages")).to_contain_text("2 items were assigned.")
    assert complaints == []


def test_board_and_tasks_work_without_scripts(chairs: Page, live_server: Any, chromium_browser: Any) -> None:
    context = chromium_browser.new_context(base_url=live_server.url, java_script_enabled=False)
    page = as_person(context.new_page(), "chair", live_server.url)

    page.goto("/board/?status=open")
    page.get_by_label("Status").select_option("planned")
    page.get_by_role("button", name="Show", exact=True).click()
    shown = int(page.locator("#shown").inner_text().split()[0])
    rows = page.locator("#listing tbody tr").count()
    page.goto("/tasks/")
    hidden = page.locator("[data-keys]").is_hidden()
    context.close()

    assert (rows, hidden) == (shown, True)


def with_part(part: str) -> Any:
    """A pattern of addresses that have a part."""
    return re.compile(re.escape(part))
