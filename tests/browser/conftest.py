"""A real Chromium before a live server; every page that it opens is watched for errors of scripts and content policy."""

import re
from collections.abc import Callable, Generator
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

LogIn = Callable[[str, str], Page]


@pytest.fixture(scope="session")
def chromium_browser(chromium_path: str) -> Generator[Browser]:
    """One browser for the whole run."""
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]
        browser = playwright.chromium.launch(executable_path=chromium_path, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def complaints() -> list[str]:
    """What browsers complained of during the test: errors of scripts, refusals of the content policy."""
    return []


@pytest.fixture
def visit(live_server: LiveServer, chromium_browser: Browser, complaints: list[str]) -> Generator[Callable[..., Page]]:
    """Opens a fresh browser window; `visit(width=390)` a narrow one."""
    contexts: list[Any] = []

    def opened(*, width: int = 1280, language: str = "en") -> Page:
        context = chromium_browser.new_context(
            base_url=live_server.url, viewport={"width": width, "height": 900}, locale=language
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: complaints.extend(_complaint(message)))
        return page

    yield opened
    for context in contexts:
        context.close()


def _complaint(message: ConsoleMessage) -> list[str]:
    """An error in the console, but for the browser's own word on pages that answer 403, 404 or 409 on purpose."""
    on_purpose = re.search(r"status of (400|403|404|409)", message.text)
    return [message.text] if message.type == "error" and not on_purpose else []


@pytest.fixture
def log_in(visit: Callable[..., Page]) -> LogIn:
    """Logs somebody in at the door, as a person would; the page after it."""

    def logged_in(username: str, password: str) -> Page:
        page = visit()
        page.goto("/login/")
        page.get_by_label("User name").fill(username)
        page.get_by_label("Password").fill(password)
        page.get_by_role("button", name="Log in", exact=True).click()
        page.wait_for_url(lambda url: "/login/" not in url)
        return page

    return logged_in
