"""The stage of the access tests."""

from typing import Any

import pytest

from tests.access.stage import Stage, make_stage


@pytest.fixture
def stage(db: None, clock_pinned: str, settings: Any, tmp_path: Any) -> Stage:
    """Two bodies, their people, and a thing of every kind for each answer that there can be."""
    settings.MEDIA_ROOT = str(tmp_path)
    return make_stage()
