"""Every command that takes a run, and every figure and table of one: listed from what there is, not by hand."""

import inspect
import random
import re
from functools import cache
from importlib import import_module
from pkgutil import walk_packages

from command_line import envcfg
from noise import log, series
from plotly import graph_objects as go

from envcfg import Cause, Tracker, figures, load_sweep
from envcfg.cli.commands.export import FileFormat
from envcfg.cli.main import app
from envcfg.cli.options import Format
from envcfg.core.errors import EnvcfgError
from envcfg.figures.changes.cards import Cards
from envcfg.figures.html.page import page

BIN = 100
"""Steps from one value of the reward to the next."""
STAY = 12
"""Such bins from one change to the next."""
EPOCHS = STAY
"""Epochs from one change to the next: a reward of each is compared, too."""
ROUNDS = 2
"""How often the configs are gone through: what is counted, pooled and correlated needs some changes."""

FAULT = "bug of envcfg"
WITHOUT_RUN = {"demo", "workspace", "bundle", "serve"}
"""Commands of which no argument is a recorded run."""
WITHOUT_FIGURE = {"envcfg.figures.wandb.workspace"}
"""Modules that draw no run; this one asks W&B."""
MORE = {
    "analyze": [[], ["--export-csv", "k.csv", "--output-dir", "all", "--param", "*"]],
    "show": [["first"], ["last", "--param", "*"]],
    "diff": [["first", "last", "--exit-code"], ["OTHER"]],
    "requests": [["--slots"]],
    "effects": [["--invariant"], ["OTHER", "--invariant"]],
    "compare": [["OTHER", "--all", "--by", "schedule"]],
    "timeline": [["--x", "time"]],
    "report": [[], ["OTHER", "-o", "sweep.html"]],
    "watch": [["--once"]],
    "replay": [[], ["OTHER"]],
    "ablate": [
        [*edit, "--change", "1", "-o", "plan"]
        for edit in ([], ["--revert", "*"], ["--shift", "1"], ["--set", "*=2026-11-23"], ["--read"])
    ],
    "export": [
        *(["--format", kind, "-o", "tables", "--param", "*"] for kind in FileFormat),
        *(["history", "--format", kind] for kind in FileFormat),
    ],
}
"""What the others are given beside a run; `OTHER` is a second run."""


def invocations(run, other):
    """The arguments of every command on a run; those that can be asked for JSON are, too."""
    for name, answer in commands().items():
        given = inspect.signature(answer).parameters.values()
        can_json = any(one.default is Format.TEXT for one in given)
        for more in MORE.get(name, [[]]):
            arguments = [name, str(run), *(str(other) if text == "OTHER" else str(text) for text in more)]
            yield arguments
            if can_json:
                yield [*arguments, "--format", "json"]


def commands():
    """The commands that take a run, by name."""
    found = {command.name or command.callback.__name__: command.callback for command in app.registered_commands}
    return {name: answer for name, answer in found.items() if name not in WITHOUT_RUN}


def ask(arguments, cwd):
    """A command in this process: it answers, or refuses in one sentence."""
    done = envcfg(*arguments, cwd=cwd)
    may_differ = "--exit-code" in arguments or arguments[0] == "doctor"
    assert done.returncode in ((0, 1, 2) if may_differ else (0, 2)), done
    if done.returncode == 2:
        assert re.fullmatch(r"envcfg: [^\n]+", done.stderr.splitlines()[-1]), done
    assert FAULT not in done.stderr, done
    return done


def draw(name, run, other):
    """A figure as a page would have it, or cards; False where it refuses."""
    sweep = load_sweep([run, other])
    history = sweep[0].history
    subjects = {"history": [history], "sweep": [sweep], "runs": [sweep]}
    subjects["before"] = [history.at("first"), history.at("last")]
    figure, first = drawings()[name]
    try:
        drawn = figure(*subjects[first])
    except EnvcfgError:
        return False
    if isinstance(drawn, go.Figure):
        page(drawn, title=name)
    elif isinstance(drawn, Cards):
        _ = str(drawn), drawn._repr_html_()
    return True


@cache
def drawings():
    """The functions of `envcfg.figures` that draw a run, runs or configs; each with the name of its first argument."""
    found = {}
    for module in walk_packages(figures.__path__, "envcfg.figures."):
        if module.name not in WITHOUT_FIGURE:
            loaded = import_module(module.name)
            for name, function in inspect.getmembers(loaded, inspect.isfunction):
                first = next(iter(inspect.signature(function).parameters), "")
                is_own = function.__module__ == loaded.__name__ and not name.startswith("_")
                returned = inspect.signature(function).return_annotation
                if is_own and first in ("history", "sweep", "runs", "before") and _is_drawing(returned):
                    found[f"{module.name.removeprefix('envcfg.figures.')}.{name}"] = function, first
    return found


def _is_drawing(returned):
    return any(kind in str(returned) for kind in ("Figure", "Cards", "Explorer"))


def record(folder, configs, seed=0):
    """A run of two slots that goes through *configs*, with what it was asked, a reward, and shares of tasks."""
    draw = random.Random(seed)
    with Tracker(folder / "envcfg", run=f"run {seed}", curriculum="edits") as tracker:
        for turn, config in enumerate(configs * ROUNDS):
            step, task, epoch = turn * STAY * BIN, f"task {turn % len(configs)}", EPOCHS * turn
            tracker.request(config, step=step, epoch=epoch, task=task)
            for slot in (0, 1):
                cause = Cause("schedule")
                tracker.record(config, step=step + 50 * slot, epoch=epoch, slot=slot, task=task, cause=cause)
            tracker.mix({task: 1.0}, step=step + 50, epoch=epoch)
            for later in range(EPOCHS):
                at = step + 90 + later * STAY * BIN // EPOCHS
                tracker.end_epoch(step=at, epoch=epoch + later, rewards={task: [draw.random()]})
    count = STAY * ROUNDS * len(configs)
    log(folder, series([draw.gauss(index / count, 1) for index in range(count)], "reward"))
    return folder
