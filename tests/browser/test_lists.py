"""The lists of the reading pages come anew without the page around them."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command
from playwright.sync_api import Page, expect

from tests.browser.test_pages import as_person
from tests.people import NOW
from tracker.views.pages import page_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_filters_and_pages_of_occurrences_bring_the_list_alone(
    transactional_db: None,
    settings: Any,
    live_server: Any,
    visit: Callable[..., Page],
    complaints: list[str],
    monkeypatch: Any,
) -> None:
    settings.RESOLVES_NOW = NOW
    monkeypatch.setitem(page_of_defaults(), "per_page", 5)
    call_command("seed_demo", verbosity=0)
    page = as_person(visit(), "councillor", live_server.url)
    page.goto("/occurrences/?body=itu-council")
    page.evaluate("window.kept = true")

    page.get_by_role("link", name="Next").click()
    expect(page).to_have_url(re.compile("page=2"))
    expect(page.locator(".pages [aria-current]")).to_contain_text("2")
    assert page.evaluate("document.activeElement.id") == "listing"

    page.get_by_label("Kind of duty").focus()
    page.get_by_label("Kind of duty").select_option("once")
    expect(page).to_have_url(re.compile("kind=once"))
    shown = int(page.locator("#shown").inner_text().split()[0])
    expect(page.locator("h1")).to_have_text(re.compile(rf"^{shown} occurrence"))
    assert page.evaluate("document.activeElement.name") == "kind"
    assert page.locator("#listing tbody tr").count() == shown
    assert page.evaluate("window.kept") is True
    assert complaints == []


def page_of_defaults() -> dict[str, Any]:
    """What the pages of a list have for default."""
    return page_of.__kwdefaults__
