"""Whatever a program sends to any operation, the answer is never 500 or more."""

import random
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import pytest
import schemathesis
from django.core.cache import cache
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, given, settings
from rest_framework.authtoken.models import Token

from tests.acts import ACTS
from tests.people import World

EXAMPLES = 12
DESCRIPTION: dict[str, Any] = dict(SchemaGenerator().get_schema(request=None, public=True))
OPERATIONS = [(method, path) for path, found in DESCRIPTION["paths"].items() for method in found]


@pytest.fixture
def one_connection() -> Iterator[None]:
    """The handler would close the connection that holds the test's transaction."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.slow
@pytest.mark.parametrize(("method", "path"), OPERATIONS, ids=lambda part: part)
def test_no_operation_fails_whatever_is_sent(world: World, one_connection: None, method: str, path: str) -> None:
    act = ACTS.get(path.split("/")[-2])  # a step is tried by who may take it, all else by the secretary
    token = Token.objects.create(user=world.people[act.who if act else "secretary"])
    states = (act.state if act else "submitted", "in_progress", "endorsed")
    turns = [world.walk(state, turn) for state, turn in zip(states, world.obligation.occurrences.all(), strict=True)]
    there = {"occurrences": [turn.reference for turn in turns], "resolutions": ["council/r1"]}
    chance = random.Random(path)
    schema = schemathesis.openapi.from_dict(DESCRIPTION)
    schema.app = WSGIHandler()
    answers: list[int] = []

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def check(case: Any) -> None:
        cache.clear()  # the throttle
        if "reference" in (case.path_parameters or {}) and chance.random() < 0.8:
            case.path_parameters["reference"] = chance.choice(there[path.split("/")[3]])
        if "overview" in path and chance.random() < 0.8:
            case.query["body"] = "council"
        with transaction.atomic():
            answer = case.call(headers={"Authorization": f"Token {token.key}"})
            transaction.set_rollback(True)
        answers.append(answer.status_code)
        assert answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR, (case.as_curl_command(), answer.text[:300])

    given(case=schema[path][method].as_strategy())(check)()

    assert len(answers) >= EXAMPLES // 2
    assert HTTPStatus.UNAUTHORIZED not in answers
