"""Takes the pictures of the documentation from a demonstration of its own: `make screenshots`.

`python -m docs.screenshots` writes the pictures that the documentation shows into `docs/images/`.
`python -m docs.screenshots --all DIR` takes every page, at 1280 and 390 px and in print, for looking at.
Needs Chromium; the traffic stays on this machine.
"""

import argparse
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
PASSWORD = "resolution-1306"  # noqa: S105  (as `make demo` prints it)
ITEM = "/items/itu-council/r1306-1.2-c18/"
PARTS = "/items/itu-council/r1306-4-c18/"
# name → who looks, and at what; those of README and docs are taken at 1280 px.
SHOWN = {
    "council": ("councillor", "/council/"),
    "resolution": ("chair", "/resolutions/itu-council/r1306/"),
    "item": ("contributor", ITEM),
    "tasks": ("chair", "/tasks/"),
}
TALL = {"council": 1500}  # the grid is what it is about
ALL = {
    **SHOWN,
    "login": ("", "/login/"),
    "unsent": ("chair", "/unsent/"),
    "forgotten": ("", "/password/forgotten/"),
    "register": ("", "/public/"),
    "log": ("", "/log/"),
    "resolutions": ("councillor", "/resolutions/"),
    "occurrences": ("councillor", "/occurrences/?body=itu-council"),
    "history": ("auditor", "/history/"),
    "history-nothing": ("auditor", "/history/?words=chrysanthemum&acting=for"),
    "visits": ("auditor", "/history/visits/"),
    "trace": ("auditor", "/history/"),
    "trace-own": ("contributor", "/history/"),
    "checks": ("auditor", "/history/checks/"),
    "findings": ("auditor", "/history/findings/"),
    "board": ("chair", "/board/"),
    "step-assign": ("chair", "/items/itu-council/r1306-2-c18/steps/assign/"),
    "step-endorse": ("chair", "/items/itu-council/r1306-1.1-c18/steps/endorse/"),
    "step-submit": ("contributor", ITEM + "steps/submit/"),
    "step-record": ("secretary", "/items/itu-council/r1306-1.2-c16/steps/enter_from_record/"),
    "step-hold": ("contributor", ITEM + "steps/hold/"),
    "step-reassign": ("chair", ITEM + "steps/reassign/"),
    "step-ask": ("chair", ITEM + "steps/add_contributors/"),
    "step-finish": ("contributor", PARTS + "steps/finish_part/"),
    "step-release": ("secretary", PARTS + "steps/release_contributor/"),
    "step-accept": ("contributor", "/items/itu-council/r1306-5-c18/steps/accept/"),
    "step-grant": ("chair", ITEM + "steps/grant_new_date/"),
    "step-refuse": ("chair", ITEM + "steps/refuse_new_date/"),
    "step-close": ("secretary", "/items/itu-council/r1306-1.2-c17/steps/close/"),
    "step-correct": ("secretary", "/items/itu-council/r1306-1.2-c17/steps/correct/"),
    "item-parts": ("contributor", PARTS),
    "item-chair": ("chair", ITEM),
    "item-councillor": ("councillor", ITEM),
    "tasks-contributor": ("contributor", "/tasks/"),
    "tasks-auditor": ("auditor", "/tasks/"),
    "board-bulk": ("chair", "/board/assign/?item=itu-council/r1306-2-c18&item=itu-council/r1306-1.1-c18"),
    "board-preview": ("chair", "/board/"),
    "decisions": ("secretary", "/decisions/"),
    "decisions-preview": ("secretary", "/decisions/"),
    "watching": ("councillor", "/watching/"),
    "refused": ("councillor", ITEM + "steps/submit/"),
    "missing": ("councillor", "/items/itu-council/r1306-9-c18/"),
    "refused-when": ("contributor", PARTS + "steps/endorse/"),
    "refused-now": ("chair", "/items/itu-council/r1306-2-c18/steps/endorse/"),
    "calendar": ("secretary", "/calendar/"),
    "session-move": ("secretary", "/calendar/itu-council/sessions/c18/move/"),
    "session-move-preview": ("secretary", "/calendar/itu-council/sessions/c18/move/"),
    "session-add": ("secretary", "/calendar/itu-council/sessions/add/"),
    "session-change": ("secretary", "/calendar/itu-council/sessions/c18/change/"),
    "sitting-add": ("secretary", "/calendar/itu-council/sessions/c18/sittings/add/"),
    "sitting-change": ("secretary", "/calendar/"),
    "meeting-add": ("secretary", "/calendar/cwg-cop/meetings/add/"),
    "rules": ("secretary", "/calendar/itu-council/rules/"),
    "rule-add": ("secretary", "/calendar/itu-council/rules/deadlines/add/"),
    "rule-change": ("secretary", "/calendar/itu-council/rules/deadlines/financial/change/"),
    "station": ("secretary", "/calendar/itu-council/rules/station/"),
    "closed-days": ("secretary", "/calendar/itu-council/rules/closed-days/add/"),
    "events": ("secretary", "/calendar/itu-council/events/"),
    "agenda": ("secretary", "/calendar/agenda/"),
    "year": ("secretary", "/calendar/year/2018/"),
    "agenda-nothing": ("councillor", "/calendar/agenda/?since=2030-01-01"),
    "year-nothing": ("councillor", "/calendar/year/2030/"),
    "feeds": ("secretary", "/calendar/feeds/"),
    "search": ("secretary", "/search/?q=report"),
    "search-empty": ("councillor", "/search/"),
    "search-nothing": ("councillor", "/search/?q=chrysanthemum"),
    "search-public": ("", "/search/?q=report"),
    "saved": ("secretary", "/filters/agenda/?query=mine%3D1"),
    "setup": ("secretary", "/setup/"),
    "people": ("secretary", "/people/"),
    "appoint": ("secretary", "/setup/cwg-cop/offices/contributor/appoint/"),
    "validator": ("secretary", "/setup/cwg-cop/offices/contributor/validator/"),
    "absence": ("contributor", "/absence/"),
    "tokens": ("contributor", "/account/tokens/"),
    "absence-add": ("contributor", "/absence/add/"),
    "absence-chair": ("chair", "/absence/"),
    "deactivate": ("secretary", "/people/"),
    "invite": ("secretary", "/people/invite/"),
    "mailbox": ("secretary", "/mail/"),
    "intake": ("secretary", "/resolutions/itu-council/r1306/intake/C15/"),
    "intake-duty": ("secretary", "/resolutions/itu-council/r1306/intake/C15/1.2/duties/1/"),
    "import": ("secretary", "/resolutions/import/"),
}

# Pages that there are only once something was done: taken last, since it changes what the others show.
AFTERWARDS = {
    "hand-over": ("secretary", "/setup/cwg-cop/offices/contributor/appoint/"),
    "anonymise": ("secretary", "/people/"),
}


def _board_preview(page: Page) -> None:
    for row in page.locator("input[name=item]").all()[4:6]:
        row.check()
    page.locator("button[formaction*=assign], button[value=assign]").first.click()
    page.get_by_label("Lead", exact=True).select_option(index=1)
    page.get_by_role("button", name="See what would happen").click()


def _decisions_preview(page: Page) -> None:
    page.get_by_label("Document").fill("C17/119")
    page.get_by_label("Paragraph").first.fill("1")
    page.get_by_label("What the body did", exact=True).select_option("noted")
    for row in page.locator("input[type=checkbox][name$=chosen]").all()[:2]:
        row.check()
    page.get_by_role("button", name="Look at what will happen").click()


def _move_preview(page: Page) -> None:
    page.locator("input[name=opens]").fill("2018-04-24")
    page.locator("input[name=closes]").fill("2018-05-04")
    page.get_by_label("Reason").fill("To see what would move.")
    page.get_by_role("button", name="Show what would move").click()


def _follow(selector: str) -> Callable[[Page], None]:
    return lambda page: page.locator(selector).first.click()


def _hand_over(page: Page) -> None:
    form = page.url
    people = form.partition("/setup/")[0] + "/people/"
    page.goto(people)
    if not page.locator("a[href*='/hand-overs/']").count():
        page.goto(form)
        page.get_by_label("Who").select_option(page.locator("option", has_text="(vice-chair)").get_attribute("value"))
        page.get_by_role("button", name="Appoint").click()
        page.goto(people)
    page.locator("a[href*='/hand-overs/']").first.click()


def _anonymise(page: Page) -> None:
    if not page.locator("a[href$='/anonymise/']").count():
        page.locator("tr", has_text="Demo auditor").locator("a[href$='/deactivate/']").click()
        page.get_by_label("Reason").fill("To see the page that follows.")
        page.get_by_role("button", name="Deactivate").click()
    page.locator("a[href$='/anonymise/']").first.click()


# What is done on a page before its picture is taken. Nothing of it changes the record, but for what comes afterwards.
THEN: dict[str, Callable[[Page], None]] = {
    "board-preview": _board_preview,
    "decisions-preview": _decisions_preview,
    "session-move-preview": _move_preview,
    "sitting-change": _follow("a[href*='/sittings/'][href$='/change/']"),
    "trace": _follow(".history .what a[href$='/trace/']"),
    "trace-own": _follow(".history .what a[href$='/trace/']"),
    "deactivate": _follow("a[href$='/deactivate/']"),
    "hand-over": _hand_over,
    "anonymise": _anonymise,
}


def show(page: Page, address: str, name: str) -> None:
    """Open one of the pages, and do there what its picture needs."""
    page.goto(address + (ALL | AFTERWARDS)[name][1])
    if name in THEN:
        THEN[name](page)
        page.wait_for_load_state()


@contextmanager
def demonstration() -> Iterator[str]:
    """The address of a demonstration in a folder of its own, for as long as the block lasts."""
    with socket.socket() as probe, tempfile.TemporaryDirectory() as folder:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        environment = {
            **os.environ,
            "RESOLVES_MODE": "demo",
            "RESOLVES_NOW": "2018-02-16T09:00",
            "RESOLVES_VAR": folder,
        }
        command = [sys.executable, "manage.py", "demo", "--port", str(port)]
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
        try:
            address = f"http://localhost:{port}"
            _wait_for(address, process)
            yield address
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=30)


def _wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    for _second in range(120):
        if process.poll() is not None:
            sys.exit("The demonstration ended before it answered.")
        try:
            with urllib.request.urlopen(f"{address}/healthz") as answer:  # noqa: S310  (our own address)
                if answer.status == 200:
                    time.sleep(3)  # the worker's first round sends the first reminders
                    return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(1)
    sys.exit("The demonstration did not answer.")


def page_for(browser: Browser, address: str, who: str, width: int) -> Page:
    """A page of a fresh browser, logged in as `who` (empty: nobody)."""
    page = browser.new_context(viewport={"width": width, "height": 900}, locale="en").new_page()
    if who:
        page.goto(f"{address}/login/")
        page.get_by_label("User name").fill(who)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Log in", exact=True).click()
        page.wait_for_url(lambda url: "/login/" not in url)
    return page


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", type=Path, metavar="DIR", help="every page, in three forms, into this folder")
    folder = parser.parse_args().all
    (folder or IMAGES).mkdir(parents=True, exist_ok=True)
    with demonstration() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        passes = [(width, AFTERWARDS if last else ALL) for last in (False, True) for width in (1280, 390)]
        for width, wanted in passes if folder else [(1280, SHOWN)]:
            pages: dict[str, Page] = {}
            for name, (who, _path) in wanted.items():
                page = pages.get(who) or pages.setdefault(who, page_for(browser, address, who, width))
                show(page, address, name)
                if not folder:
                    page.screenshot(
                        path=IMAGES / f"{name}.png",
                        clip={"x": 0, "y": 0, "width": 1280, "height": TALL.get(name, 1100)},
                        full_page=True,
                    )
                    continue
                page.screenshot(path=folder / f"{name}-{width}.png", full_page=True)
                if width == 1280:
                    page.pdf(path=folder / f"{name}.pdf", prefer_css_page_size=True)
                print(name, width, page.title())
        browser.close()


if __name__ == "__main__":
    main()
