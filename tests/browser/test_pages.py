"""Every page, in the demonstration as a person finds it: axe has nothing to say (WCAG 2.2 AA), no script or content policy
complains, nothing makes a phone scroll sideways, and right-to-left pages are right-to-left."""

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings as django_settings
from django.core.management import call_command
from django.test import Client
from playwright.sync_api import Page

from docs.screenshots import ALL, THEN, show
from tests.people import NOW
from tracker.models import Person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
PHONE = 390


@pytest.fixture
def demonstration(transactional_db: None, settings: Any) -> None:
    settings.RESOLVES_NOW = NOW
    call_command("seed_demo", verbosity=0)


def as_person(page: Page, username: str, url: str) -> Page:
    """The page's browser, logged in without the door, which has a test of its own."""
    if username:
        client = Client()
        client.force_login(Person.objects.get(username=username))
        cookie = client.cookies[django_settings.SESSION_COOKIE_NAME]
        page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": url}])
    return page


def test_every_page_is_accessible_and_quiet(
    demonstration: None, live_server: Any, visit: Callable[..., Page], complaints: list[str]
) -> None:
    found: list[str] = []
    pages: dict[str, Page] = {}
    for name, (who, _path) in ALL.items():
        page = pages.get(who) or pages.setdefault(who, as_person(visit(), who, live_server.url))
        show(page, "", name)
        violations = Axe().run(page, options=RULES).response["violations"]
        found += [f"{name}: {one['id']} at {one['nodes'][0]['target']}" for one in violations]

    assert found == []
    assert complaints == []


@pytest.mark.parametrize("language", ["en", "fr", "ru"])
def test_no_page_makes_a_phone_scroll_sideways(
    demonstration: None, live_server: Any, visit: Callable[..., Page], complaints: list[str], language: str
) -> None:
    wide: dict[str, int] = {}
    pages: dict[str, Page] = {}
    for name, (who, _path) in ALL.items():
        if language != "en" and name in THEN:
            continue  # what is pressed there is named in English
        if who not in pages:
            pages[who] = as_person(visit(width=PHONE, language=language), who, live_server.url)
        page = pages[who]
        show(page, "", name)
        if beyond := page.evaluate(SIDEWAYS):
            wide[name] = beyond

    assert wide == {}
    assert complaints == []


def test_arabic_pages_read_from_right_to_left(
    demonstration: None, live_server: Any, visit: Callable[..., Page], complaints: list[str]
) -> None:
    page = as_person(visit(language="ar"), "councillor", live_server.url)

    page.goto("/council/")

    assert page.locator("html").get_attribute("dir") == "rtl"
    assert page.locator("html").get_attribute("lang") == "ar"
    assert page.evaluate(SIDEWAYS) == 0
    assert complaints == []
