"""Fixtures that several parts share."""

import gc
import itertools
import locale
import os
import signal
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from types import FunctionType, ModuleType

import pytest
import unsynced  # noqa: F401  # before envcfg is imported
from compared import compared, pytest_terminal_summary  # noqa: F401  # a fixture and a hook
from hypothesis import settings

from envcfg.core.record import Cause
from envcfg.tracking.processes import exits
from envcfg.tracking.tracker import Tracker

# importing some of those libraries changes how numpy handles errors, for every test: they have a run of their own
collect_ignore = [] if "ENVCFG_LIBRARIES" in os.environ else ["libraries"]

os.environ["XDG_CONFIG_HOME"] = tempfile.mkdtemp(prefix="envcfg-tests-")  # nobody's own key for redaction is touched
os.environ["OMP_NUM_THREADS"] = "1"  # of torch: the threads of a network as small as a test's only wait for each other

# a shell starts its background jobs with Ctrl-C ignored, and every program of a test would inherit that
signal.signal(signal.SIGINT, signal.default_int_handler)

# what a test reads and what its programs print is UTF-8, also where the locale is ASCII
os.environ["LC_ALL"] = "C.UTF-8"
for name in ("PYTHONUTF8", "PYTHONIOENCODING"):
    os.environ.pop(name, None)
with suppress(locale.Error):  # not every platform has this locale
    locale.setlocale(locale.LC_CTYPE, os.environ["LC_ALL"])

settings.register_profile("short", deadline=None, max_examples=30, derandomize=True, print_blob=True)
settings.register_profile("long", deadline=None, max_examples=2_000, print_blob=True)
settings.load_profile("short")  # `make test-long` draws others at each run, and many more


SLOW = {
    *(
        "subprocess",
        "multiprocessing",
        "pty",
        "apps",
        "launched",
        "help_pages",
        "faults",
        "workers",
        "prepared",
        "side_by_side",
    ),
    *("wandb", "wandb_server", "browsing", "kaleido", "nbclient", "playwright"),
    *("torch", "stable_baselines3", "mettagrid", "learner", "spied"),
}
"""Modules that start processes, browsers, W&B or trainings, or take seconds to import: a file that uses one is slow."""


def pytest_collection_modifyitems(items):
    """Mark the tests of slow files, and let these run first: at the end, no worker is left alone with one of them."""
    for item in items:
        if _used(item.module) & SLOW:
            item.add_marker("slow")
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


def pytest_collection_finish():
    """Let no garbage collection go through what was imported, here or in a process that a test forks."""
    gc.collect()
    gc.freeze()


@cache
def _used(module):
    """The modules that a test file imports, or imports something from."""
    values = vars(module).values()
    named = {value.__name__ for value in values if isinstance(value, ModuleType)}
    named |= {value.__module__ for value in values if isinstance(value, FunctionType | type)}
    return {name.partition(".")[0] for name in named}


@pytest.fixture(autouse=True)
def _without_processes(request):
    """In `make check`, a test that starts a process fails: it is to be marked as slow."""
    _WATCH["on"] = request.config.option.markexpr == "not slow"
    yield
    _WATCH["on"] = False


@pytest.fixture(autouse=True, scope="session")
def _end_of_open_trackers():
    """A strict tracker that a test left open says once more what failed when it ends. Here pytest keeps that text."""
    yield
    gc.collect()
    exits.close_collected()


_WATCH = {"on": False}


def _watch(event, _arguments):
    if event == "subprocess.Popen" and _WATCH["on"]:
        raise RuntimeError("this test starts a process: mark it with @pytest.mark.slow")


sys.addaudithook(_watch)


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


@pytest.fixture
def staged(journal: Path, clock: Callable[[], float]) -> Path:
    """A run of three slots through three stages; the slots adopt each stage a few steps apart."""
    stages = [
        ("nav/easy", {"max_steps": 100, "rewards": {"heart": 1.0, "ore": 0.1}, "layout": "open", "walls": None}),
        ("nav/hard", {"max_steps": 200, "rewards": {"heart": 1.0, "ore": 0.0}, "layout": "maze", "walls": 8}),
        ("nav/last", {"max_steps": 200, "rewards": {"heart": 0.5}, "layout": "maze", "walls": 9}),
    ]
    with Tracker(journal, run="staged", curriculum="threshold", clock=clock) as tracker:
        for stage, (task, config) in enumerate(stages):
            for epoch in range(4 * stage, 4 * stage + 4):
                for slot in range(3):
                    tracker.record(
                        config,
                        step=epoch * 100 + slot * 7,
                        epoch=epoch,
                        task=task,
                        slot=slot,
                        requested_at=stage * 400,
                        cause=Cause("curriculum", metric="success", value=0.81, threshold=0.8) if stage else None,
                    )
    return journal
