"""The ground of the tests holds: the record stays guarded, real processes share the database, a skip can be forbidden."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from tracker import triggers
from tracker.models import Person

ROOT = Path(__file__).resolve().parent.parent
pytest_plugins = ["pytester"]


@pytest.mark.parametrize("turn", [1, 2])
@pytest.mark.django_db(transaction=True)
def test_the_record_is_guarded_again_after_a_transactional_test(turn):
    assert triggers.missing() == []
    triggers.remove()
    assert triggers.missing()


@pytest.mark.processes
def test_a_real_process_shares_the_database_of_its_test(child_environment):
    Person.objects.create(username="somebody")
    count = "from tracker.models import Person; print(Person.objects.filter(username='somebody').count())"

    answer = subprocess.run(
        [sys.executable, "manage.py", "shell", "--verbosity", "0", "-c", count],
        check=True,
        cwd=ROOT,
        env=child_environment,
        capture_output=True,
        text=True,
    )

    assert answer.stdout.strip() == "1"


@pytest.mark.sqlite
def test_the_database_is_a_file_of_this_worker_alone(db):
    assert Path(connection.settings_dict["NAME"]).parent == settings.VAR_DIR
    assert settings.VAR_DIR.name in {"main", "gw0", "gw1", "gw2", "gw3", "gw4", "gw5", "gw6", "gw7"}


@pytest.mark.postgres
def test_the_database_is_postgresql_15_or_newer(db):
    with connection.cursor():
        assert connection.pg_version >= 15_00_00


@pytest.mark.parametrize(("required", "outcome"), [("", {"skipped": 1}), ("corpus", {"failed": 1})])
def test_a_skip_is_a_failure_where_nothing_may_be_skipped(pytester, monkeypatch, required, outcome):
    pytester.makeconftest("from tests.conftest import pytest_runtest_makereport")
    pytester.makepyfile("import pytest\ndef test_x(): pytest.skip('no such thing here')")
    monkeypatch.setenv("RESOLVES_REQUIRE", required)
    monkeypatch.setenv("RESOLVES_CORPUS", str(ROOT))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "tests.settings")

    result = pytester.runpytest_subprocess("-p", "no:cacheprovider")

    result.assert_outcomes(**outcome)
    if required:
        result.stdout.fnmatch_lines(["*should have run, but:*no such thing here*"])
