"""Runs a program of others whose environments are spies, with a recorder and without, and compares everything."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from envcfg import load
from envcfg.testing import books, differences

SPEEDS = re.compile(r"(?m)^.*(SPS|it/s|s/it|fps|time_elapsed|seconds|duration).*$\n?")
"""Lines with speeds."""
STAMPS = re.compile(r"__\d{10}|\d{10}\.\d+|0x[0-9a-f]+")
HERE = Path(__file__).parent
ADAPTERS = HERE.parent / "adapters"


def compared(folder, command, **env):
    """For each thing that was compared, what differs; and the history with the recorder."""
    off, on = (
        run(folder / name, command, **env, **extra) for name, extra in (("off", {}), ("on", {"SPY_RECORDER": "1"}))
    )
    if off.returncode != 0:
        pytest.skip(f"does not run without envcfg: {off.stderr.strip().splitlines()[-1]}")
    history = load(folder / "on")
    found = {
        "stdout": [] if shown(off) == shown(on) else [on.stdout[-500:], on.stderr[-1000:]],
        "status": [] if off.returncode == on.returncode else [str(on.returncode)],
        "weights": changed(folder),
        "record": [] if books(folder / "off") == books(folder / "on") else ["the books of both runs differ"],
    }
    found["record"] += differences(history, books(folder / "on"))
    assert min(map(len, books(folder / "on"))) > 1
    return found, history


def run(folder, command, **env):
    folder.mkdir(parents=True)
    paths = os.pathsep.join(filter(None, [str(HERE), str(ADAPTERS), env.pop("PYTHONPATH", "")]))
    settings = {**os.environ, "OMP_NUM_THREADS": "1", "SPY_BOOKS": str(folder), "WANDB_MODE": "disabled", **env}
    settings["PYTHONPATH"] = paths
    return subprocess.run(
        [sys.executable, "-W", "ignore", *command],
        cwd=folder,
        env=settings,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )


def shown(done):
    return STAMPS.sub("", SPEEDS.sub("", done.stdout))


def changed(folder):
    """The files of weights that differ between both runs; their tensors are compared, and none may be missing."""
    import torch

    found, weights = [], [{}, {}]
    for part, name in zip(weights, ("off", "on"), strict=True):
        for path in sorted((folder / name).rglob("*")):
            if path.suffix in (".cleanrl_model", ".pt", ".pth"):
                loaded = torch.load(path, map_location="cpu", weights_only=False)
                part[STAMPS.sub("", str(path.relative_to(folder / name)))] = tensors(loaded)
    if weights[0].keys() != weights[1].keys() or not weights[0]:
        found.append(f"files of weights: {sorted(weights[0])}, {sorted(weights[1])}")
    for name in weights[0].keys() & weights[1].keys():
        one, other = weights[0][name], weights[1][name]
        is_same = len(one) == len(other) and all(torch.equal(*pair) for pair in zip(one, other, strict=True))
        found += [] if is_same and one else [name]
    return found


def tensors(value):
    """All tensors inside of a loaded file, in order."""
    import torch

    if isinstance(value, torch.Tensor):
        return [value]
    if isinstance(value, torch.nn.Module):
        return tensors(value.state_dict())
    if isinstance(value, dict):
        return [inner for each in value.values() for inner in tensors(each)]
    if isinstance(value, list | tuple):
        return [inner for each in value for inner in tensors(each)]
    return []
