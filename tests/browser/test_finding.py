"""Finding things by keyboard, and without scripts."""

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings as django_settings
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from tests.people import NOW, make_world
from workflows import steps

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def world(transactional_db: None, settings: Any) -> Any:
    settings.RESOLVES_NOW = NOW
    return make_world()


def logged_in(page: Page, person: Any, url: str) -> Page:
    client = Client()
    client.force_login(person)
    cookie = client.cookies[django_settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": url}])
    return page


def test_slash_goes_to_the_search_and_enter_looks(
    world: Any, live_server: Any, visit: Callable[..., Page], complaints: list[str]
) -> None:
    page = logged_in(visit(), world.chair, live_server.url)
    page.goto("/tasks/")
    page.keyboard.press("/")
    expect(page.locator("#find")).to_be_focused()
    page.keyboard.type("annual/")
    page.keyboard.press("Backspace")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/?q=annual")
    expect(page.get_by_role("heading", name="Duties")).to_be_visible()
    page.get_by_role("link", name="Annual report (r1-1.2-c18)").focus()
    page.keyboard.press("/")
    expect(page.locator("#words")).to_be_focused()

    assert page.locator("#words").input_value() == "annual"
    assert complaints == []


def test_address_of_a_feed_is_copied_or_at_hand(
    world: Any, live_server: Any, visit: Callable[..., Page], complaints: list[str]
) -> None:
    feed = steps.make_feed(by=world.chair, kind="person")
    page = logged_in(visit(), world.chair, live_server.url)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("/calendar/feeds/")
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("status").filter(has_text="copied")).to_be_visible()

    assert feed.secret in page.evaluate("navigator.clipboard.readText()")
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]}).response["violations"]
    assert [one["id"] for one in found] == []
    assert complaints == []


def test_filters_are_kept_chosen_and_deleted_without_scripts(
    world: Any, live_server: Any, chromium_browser: Browser
) -> None:
    context = chromium_browser.new_context(base_url=live_server.url, java_script_enabled=False, locale="en")
    page = logged_in(context.new_page(), world.chair, live_server.url)
    page.goto("/calendar/agenda/?mark=unassigned")
    page.get_by_role("link", name="Saved filters").click()
    page.get_by_label("Name").fill("Nobody's")
    page.get_by_role("button", name="Keep").click()
    assert page.url.endswith("/calendar/agenda/?mark=unassigned")
    page.goto("/filters/agenda/")
    page.get_by_role("link", name="Nobody's").click()
    assert page.url.endswith("/calendar/agenda/?mark=unassigned")
    page.goto("/filters/agenda/")
    page.get_by_role("button", name="Delete").click()

    assert page.get_by_text("You keep none for this list yet.").is_visible()
    context.close()
