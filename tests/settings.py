"""The settings of the tests: the product's own, in a folder that ends with the run.

`TEST_DATABASE_URL` (or `DATABASE_URL`) chooses PostgreSQL; without it the tests run on SQLite, in a file, so that threads
and real processes can share it. Each worker of pytest-xdist has a folder and a database of its own; a process started by
a test finds them through its environment (`tests.conftest.child_environment`).
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from tests.leftovers import remove_folders_of_the_dead

if "RESOLVES_TEST_ROOT" not in os.environ:  # the first process of a run; workers and children inherit it
    remove_folders_of_the_dead()
    _root = tempfile.mkdtemp(prefix=f"resolves-tests-{os.getpid()}-")
    atexit.register(shutil.rmtree, _root, ignore_errors=True)
    os.environ["RESOLVES_TEST_ROOT"] = _root
    for _ambient in ("ALLOWED_HOSTS", "EMAIL_FROM", "EMAIL_URL", "HUEY_URL", "RESOLVES_NOW", "SITE_URL"):
        os.environ.pop(_ambient, None)  # what a developer's shell happens to hold must not decide a test
    if _url := os.environ.get("TEST_DATABASE_URL"):
        os.environ["DATABASE_URL"] = _url

_folder = Path(os.environ["RESOLVES_TEST_ROOT"]) / os.environ.get("PYTEST_XDIST_WORKER", "main")
_folder.mkdir(parents=True, exist_ok=True)
os.environ["RESOLVES_VAR"] = str(_folder)
os.environ["RESOLVES_MODE"] = "test"
os.environ.setdefault("LOG_LEVEL", "WARNING")
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright's own event loop runs in the test's thread

from config.settings import *  # noqa: E402, F403  (the environment first)
from config.settings import DATABASES  # noqa: E402

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# A test kills processes, never the machine: what has reached the system's cache is safe, and waiting for the disk is not
# what is tested.
_database = DATABASES["default"]
if _database["ENGINE"].endswith("sqlite3"):
    _database["OPTIONS"] = {
        **_database["OPTIONS"],
        "init_command": _database["OPTIONS"]["init_command"].replace("synchronous=FULL", "synchronous=OFF"),
    }
    _database["TEST"] = {"NAME": str(_folder / "test.sqlite3")}
else:
    _database["OPTIONS"]["options"] += " -c synchronous_commit=off"
    _database["TEST"] = {"NAME": f"test_resolves_{os.environ['RESOLVES_TEST_ROOT'].split('-')[-2]}"}
