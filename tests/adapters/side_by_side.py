"""A program of others, run without envcfg and with it in the same folder, and what differs between the two."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from apps import NO_WANDB, ON, hydra_yaml

RECEIVED = "+hydra.callbacks.received._target_=received.Received"
TIMES = re.compile(rb"\d{4}-\d\d-\d\d[ T_]\d\d[:-]\d\d[:-]\d\d([.,]\d+)?|(?<=Requeued job )\d+")
"""Times, and the process that submitit takes for the number of a job."""
NOT_THEIRS = {"envcfg", "__pycache__", ".submitit"}
"""Folders that are not compared: journals, compiled modules, and what submitit names by its process."""
EVENTS = re.compile(r"(events\.out\.tfevents\.)\d+\.[^/]*")
"""The name of a file of TensorBoard has the time, the host and the process."""
DRAWN = re.compile(r"__[0-9a-f]{8}_\d\d_\d\d_\d\d-\d\d_\d\d_\d\d")
"""What BenchMARL adds to the name of a run: drawn letters and the time."""


@dataclass(frozen=True)
class Left:
    """What a program left: its standard output, its exit status, its files, and the configs that its jobs received."""

    stdout: bytes
    status: int
    config: dict[str, bytes]
    files: dict[str, object]
    stderr: str


def both(folder, command, *, env=None, on=(ON, NO_WANDB), ignored=()):
    """Run the command without envcfg, then with it; *ignored* are patterns of files whose content has times."""
    without = _run(folder, command, env or {}, ignored)
    (folder / "run").rename(folder / "without")
    recorded = _run(folder, [*command, *on], env or {}, ignored)
    return without, recorded


def differences(without, recorded):
    """For each thing that was compared, the names of what differs."""
    compared = {"stdout": without.stdout == recorded.stdout, "status": without.status == recorded.status}
    found = {name: [] if same else [name] for name, same in compared.items()}
    for name in ("config", "files"):
        one, other = getattr(without, name), getattr(recorded, name)
        found[name] = sorted(path for path in {*one, *other} if one.get(path) != other.get(path))
    return found


def _run(folder, command, env, ignored):
    run = folder / "run"
    run.mkdir()
    paths = os.pathsep.join([str(Path(__file__).parent), *filter(None, [env.get("PYTHONPATH")])])
    settings = {**os.environ, "OMP_NUM_THREADS": "1", "COLUMNS": "100", **env, "PYTHONPATH": paths}
    done = subprocess.run(
        [sys.executable, *command, RECEIVED], cwd=run, env=settings, capture_output=True, check=False, timeout=500
    )
    config, files = {}, {}
    for path in sorted(path for path in run.rglob("*") if path.is_file()):
        name = DRAWN.sub("", EVENTS.sub(r"\1", str(path.relative_to(run))))
        if path.name.startswith("received"):
            config[name] = path.read_bytes()
        elif not NOT_THEIRS & set(path.relative_to(run).parts):
            files[name] = None if any(re.search(pattern, name) for pattern in ignored) else _content(path)
    return Left(TIMES.sub(b"TIME", done.stdout), done.returncode, config, files, done.stderr.decode(errors="replace"))


def _content(path):
    if path.name in ("hydra.yaml", "multirun.yaml"):
        return hydra_yaml(path)
    if EVENTS.search(path.name):
        return _scalars(path)
    return TIMES.sub(b"TIME", path.read_bytes())


def _scalars(path):
    """The rows of a file of TensorBoard, without its times and speeds. Hyperparameters are written in any order."""
    from tensorboard.backend.event_processing.event_file_loader import EventFileLoader

    return [
        (value.tag, event.step, _ordered(value) if "hparams" in value.tag else value.SerializeToString())
        for event in EventFileLoader(str(path)).Load()
        for value in event.summary.value
        if not value.tag.lower().startswith("time")
    ]


def _ordered(value):
    return bytes(sorted(value.SerializeToString()))
