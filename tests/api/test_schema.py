"""The description of the API: sound, whole, kept in the repository as generated, with a page to try it on."""

import inspect
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema

from api.steps_in import STEP_INPUT
from tests.people import World
from tracker import access
from workflows import steps
from workflows.machines import STEPS

ROOT = Path(__file__).resolve().parent.parent.parent
KEPT = ROOT / "docs" / "openapi.yaml"
AGAIN = "write it anew: manage.py spectacular --file docs/openapi.yaml"


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    return dict(SchemaGenerator().get_schema(request=None, public=True))


def test_description_is_sound_and_without_warnings(schema: dict[str, Any], tmp_path: Path) -> None:
    validate_schema(schema)
    call_command("spectacular", file=str(tmp_path / "openapi.yaml"), validate=True, fail_on_warn=True)


def test_description_in_the_repository_is_as_generated(tmp_path: Path) -> None:
    call_command("spectacular", file=str(tmp_path / "openapi.yaml"))

    assert KEPT.exists(), AGAIN
    assert (tmp_path / "openapi.yaml").read_bytes() == KEPT.read_bytes(), AGAIN


def test_every_list_and_the_overview_are_described(schema: dict[str, Any]) -> None:
    addresses = [path for path in schema["paths"] if "/steps/" not in path]

    assert addresses == [
        "/api/v1/agenda/",
        "/api/v1/bodies/",
        "/api/v1/decisions/",
        "/api/v1/events/",
        "/api/v1/files/{number}/erase/",
        "/api/v1/meetings/",
        "/api/v1/meetings/{body}/{number}/move/",
        "/api/v1/notices/",
        "/api/v1/notices/{number}/",
        "/api/v1/notifications/read/",
        "/api/v1/obligations/",
        "/api/v1/occurrences/",
        "/api/v1/occurrences/{reference}/",
        "/api/v1/occurrences/{reference}/comments/",
        "/api/v1/occurrences/{reference}/comments/{number}/take-back/",
        "/api/v1/occurrences/{reference}/entries/{number}/erase/",
        "/api/v1/occurrences/{reference}/receipt/",
        "/api/v1/occurrences/{reference}/watch/",
        "/api/v1/offices/",
        "/api/v1/offices/{body}/{office}/appoint/",
        "/api/v1/offices/{body}/{office}/substitute/",
        "/api/v1/offices/{body}/{office}/substitutions/{id}/end/",
        "/api/v1/offices/{body}/{office}/terms/{id}/end/",
        "/api/v1/overview/",
        "/api/v1/paragraphs/",
        "/api/v1/policies/",
        "/api/v1/policies/{id}/",
        "/api/v1/policies/{id}/change/",
        "/api/v1/policies/{id}/drop/",
        "/api/v1/policies/{id}/end/",
        "/api/v1/policies/{id}/put-in-force/",
        "/api/v1/policies/{id}/simulation/",
        "/api/v1/policies/draft/{body}/",
        "/api/v1/preferences/",
        "/api/v1/resolutions/",
        "/api/v1/resolutions/{reference}/",
        "/api/v1/retention/",
        "/api/v1/retention/{what}/",
        "/api/v1/retention/{what}/end/",
        "/api/v1/sessions/",
        "/api/v1/sessions/{body}/{code}/move/",
        "/api/v1/token/",
        "/api/v1/token/end/",
    ]


@pytest.mark.parametrize("step", STEPS)
def test_every_step_has_an_operation_that_says_what_it_does_and_who_may(schema: dict[str, Any], step: str) -> None:
    operation = schema["paths"][f"/api/v1/occurrences/{{reference}}/steps/{step}/"]["post"]

    assert operation["operationId"] == f"occurrence_{step}"
    assert operation["summary"]
    assert operation["description"].endswith(f"May be taken by: {access.who_may(step)}.")
    assert set(operation["responses"]) == {"200", "400", "401", "403", "404", "409", "412"}
    assert "application/problem+json" in operation["responses"]["409"]["content"]


@pytest.mark.parametrize("step", STEPS)
def test_every_step_takes_what_its_verb_takes(step: str) -> None:
    verb = inspect.signature(steps.ON_OCCURRENCE[step]).parameters
    fields = STEP_INPUT[step]().fields

    assert set(fields) == set(verb) - {"occurrence", "by"}
    asked = {name for name, parameter in verb.items() if parameter.default is parameter.empty} - {"occurrence", "by"}
    assert {name for name, field in fields.items() if field.required} == asked


def test_description_is_served_to_anybody(db: None) -> None:
    answer = Client().get("/api/schema/", headers={"Accept": "application/json"})

    assert answer.status_code == 200
    assert answer.json()["openapi"].startswith("3.")


def test_page_to_try_it_works_under_the_strict_policy(world: World) -> None:
    client = Client()

    page = client.get("/api/")

    assert page.status_code == 200
    policy = page["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'self'" in policy
    html = page.content.decode()
    assert html.count("<script") == html.count("<script src=")  # none inline
    assert "style=" not in html
    assert "<style" not in html
    addresses = [part.split('"')[0] for part in html.split('src="')[1:]]
    assert all(address.startswith("/") for address in addresses)
    script = client.get(addresses[-1])
    assert script.status_code == 200
    assert "javascript" in script["Content-Type"]
    assert b"/api/schema/" in script.content
