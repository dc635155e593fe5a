"""Fixtures that several parts share."""

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

from envcfg.tracking.tracker import Tracker

settings.register_profile("envcfg", deadline=None, max_examples=60, print_blob=True)
settings.load_profile("envcfg")


@pytest.fixture
def clock() -> Callable[[], float]:
    """A clock that moves one second at each look."""
    ticks = itertools.count(1_800_000_000)
    return lambda: float(next(ticks))


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "envcfg"


@pytest.fixture
def tracker(journal: Path, clock: Callable[[], float]):
    with Tracker(journal, run="run-1", clock=clock) as tracker:
        yield tracker
