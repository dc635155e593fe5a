"""A run that is resumed, killed or rewound, or whose rows another library writes: rewards are placed as earned.

Each training runs with the real client against a server on the loopback interface, once with envcfg and once without.
"""

import itertools
import json
import os
from concurrent.futures import ThreadPoolExecutor

import pytest
from logging_loops import EPOCHS, STEPS, Loop, check_fall, theirs, train
from wandb_server.apps import run_python
from wandb_server.server import WandbServer

from envcfg import load
from envcfg.sources.metrics import metric

LOOPS = list(itertools.product(("log first", "end first"), ("implicit", "env")))
HALF = 8
CHECKPOINT = 5
"""The epoch from which a training goes on that was rolled back."""
RESUMED = [(ending, *loop) for ending in ("must", "allow", "rewound", "killed") for loop in LOOPS]
# with its own steps, the client would drop the rows that are trained again, with envcfg and without
RESUMED += [("killed, from a checkpoint", order, "implicit") for order in ("log first", "end first")]
"""How the first half ended and the second began, and how both log."""
TRAINERS = [
    ("trainer", "log first", "trainer"),
    ("trainer", "end first", "trainer"),
    ("updates", "end first", "updates"),
]
"""Loops that log as Lightning does. One counts updates of the agent instead of steps."""
BOARD = Loop("board", "end first", "tensorboard", how=(("sync_tensorboard", True), ("reinit", "return_previous")))
DISAGREES = "a row that your program logs says trainer/global_step=16, but the run is at step 4,999"
READER = """
import json, sys
from envcfg import load
from envcfg.sources.metrics import metric, metric_names
for name in sys.argv[1:]:
    run = load(f"wandb:acme/p/{name}")
    reward = next(name for name in metric_names(run) if name.endswith("reward"))
    series = metric(run, reward)
    print(json.dumps([reward, series.axis, series.steps, series.values]))
"""


def name_of(case):
    return "-".join(case).replace(" ", "-").replace(",", "")


def begun(case):
    return Loop(name_of(case), *case[1:], epochs=(0, HALF))


def continued(case):
    loop, last = begun(case), CHECKPOINT - 1 if case[2] == "implicit" else CHECKPOINT * STEPS - 1
    match case[0]:
        case "rewound":
            at, how = CHECKPOINT, {"id": None, "resume_from": f"{loop.name}?_step={last}"}
        case "killed, from a checkpoint":
            at, how = CHECKPOINT, {"resume": "must"}
        case ending:
            at, how = HALF, {"resume": "allow" if ending == "allow" else "must"}
    return loop._replace(epochs=(at, EPOCHS), how=tuple(how.items()))


def trained(folder, switch, parts):
    """The trainer's rows of each run, and its reward as the folder and as the server have it."""
    places = {"ENVCFG_CACHE_DIR": str(folder / "cache"), "HOME": str(folder), "NETRC": str(folder / "netrc")}
    with WandbServer() as server:
        for loops, is_killed in parts:
            said = train(
                loops, folder, os.environ | server.environment(folder) | places, switch=switch, is_killed=is_killed
            )
            counts = {"updates", "on"} <= {switch, *(loop.mode for loop in loops)}
            assert (DISAGREES in said and said.count("\n") == 1) if counts else said == "", said
        names = sorted({loop.name for loops, _ in parts for loop in loops})
        if BOARD.name in names and switch == "on":
            check_points(server.run("acme", "p", BOARD.name).rows)
        rows = {name: list(map(theirs, server.run("acme", "p", name).rows)) for name in names}
        assert (server.errors, dict(server.unknown)) == ([], {})
        if switch == "off":
            return rows, {}
        lines = run_python(server, folder, READER, *names).splitlines()
        return rows, dict(zip(names, map(json.loads, lines), strict=True))


def check_points(rows):
    """Every epoch's points have a row on the axis of our own, where TensorBoard writes the trainer's rows."""
    names = ("env_config/epoch", "env_config/step", "env/max_steps")
    points = [tuple(row[name] for name in names) for row in rows if "env_config/epoch" in row]
    assert points == [(e, (e + 1) * STEPS - 1, 200 if e >= EPOCHS // 2 else 100) for e in range(EPOCHS)]


def is_of_board(row):
    return "global_step" in row


def unnumbered(row):
    return {key: value for key, value in row.items() if key != "_step"}


def compared(folder, parts):
    """The folder with envcfg, what `trained` gives with it, and the rows without it; both run at the same time."""
    with ThreadPoolExecutor(1) as thread:
        off = thread.submit(trained, folder / "off", "off", parts)
        rows, found = trained(folder / "on", "on", parts)
        return folder / "on", rows, found, off.result()[0]


@pytest.fixture(scope="module")
def resumed(tmp_path_factory):
    finished = [begun(case) for case in RESUMED if not case[0].startswith("killed")]
    killed = [begun(case) for case in RESUMED if case[0].startswith("killed")]
    parts = [(finished, False), (killed, True), ([continued(case) for case in RESUMED], False)]
    return compared(tmp_path_factory.mktemp("resumed"), parts)


@pytest.fixture(scope="module")
def loggers(tmp_path_factory):
    trainers = [Loop(name_of(case), *case[1:]) for case in TRAINERS]
    return compared(tmp_path_factory.mktemp("loggers"), [(trainers, False), ([BOARD], False)])


@pytest.mark.parametrize("case", RESUMED, ids=name_of)
def test_a_run_that_goes_on_keeps_its_rows_and_the_place_of_its_reward(resumed, case):
    _, rows, found, without = resumed
    _, axis, steps, values = found[name_of(case)]
    assert rows[name_of(case)] == without[name_of(case)]
    check_fall(steps, values)
    # a row with its own step is open until the next one, and a killed process loses it
    assert len(steps) == EPOCHS - (case[0] == "killed" and case[2] == "env")
    assert axis == "env_config/step"


@pytest.mark.parametrize("name", [*map(name_of, TRAINERS), BOARD.name])
def test_rows_of_another_logger_stay_its_own_and_are_placed(loggers, name):
    folder, rows, found, without = loggers
    if name == BOARD.name:  # rows of our own are numbered, too; tests/libraries/test_wandb_board.py counts them
        rows, without = ({name: list(map(unnumbered, filter(is_of_board, all_[name])))} for all_ in (rows, without))
    assert rows[name] == without[name]
    reward, axis, steps, values = found[name]
    check_fall(steps, values)
    assert (len(steps), axis) == (EPOCHS, "global_step" if name == BOARD.name else "env_config/step")
    assert metric(load(folder / name), reward).steps == tuple(steps)
