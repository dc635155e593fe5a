"""Wherever and however a loop logs, its reward is placed where it was earned, and its rows are as without envcfg.

All loops of one ending run in one process, with the real client offline.
"""

import itertools
import json
import os
import shutil

import prepared
import pytest
from logging_loops import CHANGE, EPOCHS, MODES, ORDERS, STEPS, Loop, check_fall, theirs, train
from wandb_server.apps import run_python
from wandb_server.server import WandbServer

from envcfg import load
from envcfg.sources.metrics import metric
from envcfg.sources.wandb.log import read_log

LOOPS = [Loop(f"loop-{number}", *cell) for number, cell in enumerate(itertools.product(ORDERS, MODES, (1, 4)))]
"""Every order with every way to count, with a row in each epoch and with one in four."""
RESUMED = [loop._replace(epochs=(5 + number % 2 * 3, EPOCHS)) for number, loop in enumerate(LOOPS[::2])]
"""From an epoch before the change or after it, the last epochs are trained again."""
SYNCED = RESUMED[::4]
READER = """
import json, sys
from envcfg import load
from envcfg.sources.metrics import metric
for name in sys.argv[1:]:
    series = metric(load(f"wandb:acme/p/{name}"), "reward")
    print(json.dumps([series.axis, series.steps, series.values]))
"""


def id_of(loop):
    return f"{loop.order} {loop.mode} {loop.every}"


def offline(folder):
    places = {name: str(folder / name) for name in ("WANDB_DATA_DIR", "WANDB_CACHE_DIR", "WANDB_CONFIG_DIR")}
    return {**os.environ, **places, "WANDB_MODE": "offline"}


def trained(folder, switch, loops=LOOPS, *, is_killed=False):
    assert train(loops, folder, offline(folder), switch=switch, is_killed=is_killed) == ""
    return folder


def logs_of(folder, loop):
    return sorted((folder / loop.name / "wandb").glob("offline-run-*/run-*.wandb"))


def rows_of(folder, loop):
    """The rows of each session, as the trainer logged them."""
    return [list(map(theirs, read_log(path).rows)) for path in logs_of(folder, loop)]


def went_on(folder, switch):
    """A copy of trainings that were killed, in which some of them went on."""
    copy = shutil.copytree(folder, folder.with_name(f"{folder.name}-resumed"))
    return trained(copy, switch, [loop._replace(how=(("resume", "allow"),)) for loop in RESUMED])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("loops")


@pytest.fixture(scope="module")
def finished(folder):
    return trained(folder / "on", "on")


@pytest.fixture(scope="module")
def without(folder):
    return trained(folder / "off", "off")


@pytest.fixture(scope="module")
def killed(folder):
    """The process is killed as soon as its rows are on the disk. An open row is lost, as without envcfg."""
    return trained(folder / "killed", "on", is_killed=True)


@pytest.fixture(scope="module")
def resumed(killed):
    return went_on(killed, "on")


@pytest.fixture(scope="module")
def resumed_without(folder):
    return went_on(trained(folder / "killed-off", "off", LOOPS[::2], is_killed=True), "off")


def sent(folder, server):
    """The rows that the server has after each session was synced, in order."""
    server.runs.clear()
    variables = {**os.environ, **server.environment(folder), "HOME": str(folder), "NETRC": str(folder / "netrc")}
    for session in range(2):
        runs = [str(logs_of(folder, loop)[session].parent) for loop in SYNCED]
        done = prepared.run(["-m", "wandb", "sync", *runs], cwd=folder, env=variables, imports=("wandb.cli.cli",))
        assert done.returncode == 0, done.stderr
    return [list(map(theirs, server.run("acme", "p", loop.name).rows)) for loop in SYNCED]


@pytest.fixture(scope="module")
def synced(resumed, resumed_without):
    """The rows that trainings which went on have on the server, with envcfg and without, and their rewards."""
    with WandbServer() as server:
        without, rows = sent(resumed_without, server), sent(resumed, server)
        lines = run_python(server, resumed, READER, *(loop.name for loop in SYNCED)).splitlines()
        assert (server.errors, dict(server.unknown)) == ([], {})
    return dict(zip(SYNCED, zip(rows, without, map(json.loads, lines), strict=True), strict=True))


@pytest.mark.parametrize("loop", LOOPS, ids=id_of)
@pytest.mark.parametrize("ending", ["finished", "killed"])
def test_the_reward_falls_after_the_change_and_within_one_interval(request, ending, loop):
    series = metric(load(request.getfixturevalue(ending) / loop.name), "reward")
    check_fall(series.steps, series.values, loop.every)
    assert series.axis == "env_config/step"


@pytest.mark.parametrize(
    ("ending", "cell", "falls_at"),
    [
        ("finished", ("log first", "implicit", 1), CHANGE + 1),
        ("finished", ("end first", "epoch", 1), CHANGE + STEPS - 1),
        ("finished", ("twice", "implicit", 1), CHANGE + 1),
        ("killed", ("end first", "env", 1), CHANGE + STEPS - 1),
        ("finished", ("end first", "implicit", 4), CHANGE + 2 * STEPS - 1),
    ],
)
def test_the_loops_of_the_documentation_fall_where_it_says(request, ending, cell, falls_at):
    (loop,) = (loop for loop in LOOPS if loop[1:4] == cell)
    series = metric(load(request.getfixturevalue(ending) / loop.name), "reward")
    assert next(step for step, value in zip(series.steps, series.values, strict=True) if value < 0.5) == falls_at


@pytest.mark.parametrize("loop", LOOPS, ids=id_of)
def test_every_row_of_the_trainer_is_as_without_envcfg_and_there_is_no_other(finished, without, loop):
    assert rows_of(finished, loop) == rows_of(without, loop) != [[]]


def check_went_on(loop, axis, steps, values):
    """No row is left of the epochs that were trained again, and no row of the others is missing but an open one."""
    check_fall(steps, values, loop.every)
    assert len(set(steps)) == len(steps)
    rows = (EPOCHS // loop.every) * (2 if (loop.order, loop.mode) == ("twice", "implicit") else 1)
    assert rows - 1 <= len(steps) <= rows
    assert axis == "env_config/step"


@pytest.mark.parametrize("loop", RESUMED, ids=id_of)
def test_the_reward_of_a_killed_run_that_went_on_offline_falls_where_it_was_earned(resumed, resumed_without, loop):
    series = metric(load(resumed / loop.name), "reward")
    check_went_on(loop, series.axis, series.steps, series.values)
    assert rows_of(resumed, loop) == rows_of(resumed_without, loop)


@pytest.mark.parametrize("loop", SYNCED, ids=id_of)
def test_the_reward_of_a_run_that_was_synced_later_falls_where_it_was_earned(synced, loop):
    rows, without, found = synced[loop]
    check_went_on(loop, *found)
    assert rows == without
