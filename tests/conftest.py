"""The ground that every test stands on: databases, triggers, Chromium, the corpus, and what must not be skipped.

People, clocks and made things are fixtures of their own modules (`tests.people`, registered below).
"""

import os
import shutil
from collections.abc import Callable, Generator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test import TransactionTestCase
from django.utils import translation

from tests.record import new_heads
from tracker import triggers

ROOT = Path(__file__).resolve().parent.parent
CORPUS = Path(os.environ.get("RESOLVES_CORPUS") or ROOT.parent / "shared" / "corpus")
REQUIRED = frozenset(filter(None, os.environ.get("RESOLVES_REQUIRE", "").split(",")))

pytest_plugins = ["tests.people"]


# --- what must run ----------------------------------------------------------------------------------------------------


def chromium() -> str | None:
    """The path of a Chromium on this machine."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


def pytest_configure(config: pytest.Config) -> None:
    """Say at once what a run that may skip nothing has not got."""
    unknown = REQUIRED - {"postgres", "chromium", "corpus"}
    absent = [
        *(f"{name} is no requirement (postgres, chromium, corpus)" for name in sorted(unknown)),
        *(["no Chromium on this machine"] if "chromium" in REQUIRED and not chromium() else []),
        *([f"no corpus in {CORPUS}"] if "corpus" in REQUIRED and not (CORPUS / "index.json").exists() else []),
    ]
    if absent:
        pytest.exit(f"RESOLVES_REQUIRE: {'; '.join(absent)}.", returncode=pytest.ExitCode.USAGE_ERROR)


def _insist(report: pytest.TestReport | pytest.CollectReport) -> None:
    """With RESOLVES_REQUIRE a skip is a failure: it should have run."""
    if REQUIRED and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        report.outcome = "failed"
        report.longrepr = f"{report.nodeid} should have run, but: {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    _insist(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    _insist(report)
    return report


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what speaks of the other database (it runs there), keep for the soak what is asked once, and run tests
    with real processes one at a time."""
    other = "sqlite" if connection.vendor == "postgresql" else "postgres"
    elsewhere = [item for item in items if item.get_closest_marker(other)]
    config.hook.pytest_deselected(items=elsewhere)
    items[:] = [item for item in items if item not in elsewhere]
    for item in items:
        if connection.vendor == "postgresql" and item.get_closest_marker("once"):
            item.add_marker(pytest.mark.soak)
        if item.get_closest_marker("processes"):
            item.add_marker(pytest.mark.xdist_group("processes"))


# --- what was measured ------------------------------------------------------------------------------------------------


@pytest.fixture
def figure(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Say what was counted: it stands at the end of the run, whichever process ran the test."""
    return lambda words: record_property("figure", words)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = [one for outcome in ("passed", "failed") for one in terminalreporter.stats.get(outcome, ())]
    found = [words for report in reports for name, words in report.user_properties if name == "figure"]
    if found:
        terminalreporter.section(f"figures on {connection.vendor}")
    for words in found:
        terminalreporter.write_line(words)


# --- databases --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session", autouse=True)
def emptied_past_the_triggers() -> Generator[None, None, None]:
    """Append-only tables refuse to be emptied, which is how a transactional test ends: the triggers step aside for it."""
    empty = TransactionTestCase._fixture_teardown

    def _empty(case: TransactionTestCase) -> None:
        triggers.remove()
        try:
            empty(case)
        finally:
            triggers.install()  # also where a test has taken one away

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", _empty)
        yield


@pytest.fixture(autouse=True)
def heads_of_its_own() -> None:
    """Each test has a database of its own, so the heads that another one gave out must not be held against its log."""
    new_heads()


@pytest.fixture(autouse=True)
def in_english() -> None:
    """A page that was read in another language leaves that language on in its thread: each test begins without one."""
    translation.deactivate()


@pytest.fixture
def child_environment(transactional_db: None) -> dict[str, str]:
    """The environment in which a real process (`manage.py …`, granian, the worker) shares this test's database."""
    found = connection.settings_dict
    if connection.vendor == "sqlite":
        url = f"sqlite:///{found['NAME']}"
    else:
        host = f"{found['USER']}:{found['PASSWORD']}@{found['HOST']}:{found['PORT'] or 5432}"
        url = f"postgres://{host}/{found['NAME']}"
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "DATABASE_URL": url,
        "LOG_HEADS": str(settings.LOG_HEADS),
    }


# --- what lies on the machine -----------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """The browser of the browser tests."""
    if not (path := chromium()):
        pytest.skip("no Chromium on this machine: apt install chromium")
    return path


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of real resolutions beside the checkout."""
    if not (CORPUS / "index.json").exists():
        pytest.skip("the corpus is not beside this checkout")
    return CORPUS
