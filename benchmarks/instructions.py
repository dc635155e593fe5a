"""How many processor instructions a record costs. This number does not depend on the load of the machine.

    python benchmarks/instructions.py

perf counts them if the processor allows it, otherwise valgrind. A program runs with one call and with many calls.
A whole training is not measured: two equal runs differ by more than the recorder costs.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from omegaconf import OmegaConf

SIZES: Final = (50, 1000)
TIMES: Final = {"==": 4_000, "unchanged": 4_000, "changed": 500, "resolve": 20, "DictConfig": 1_000, "full JSON": 20}


def counted(*arguments: str) -> int:
    """The instructions in user space of this script with *arguments*. Exits if no tool can count them."""
    with tempfile.TemporaryDirectory() as folder:
        said = Path(folder) / "said"
        for counter, pattern in counters(said):
            command = [*counter, sys.executable, "-W", "ignore", __file__, "count", *arguments, folder]
            environment = {**os.environ, "PYTHONHASHSEED": "0"}
            done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
            found = re.search(pattern, said.read_text() if said.exists() else "")
            if done.returncode == 0 and found:
                return int(found[1].replace(",", ""))
    sys.exit("cannot count instructions: perf cannot read the counters of the processor; install valgrind")


def counters(said: Path) -> list[tuple[list[str], str]]:
    """Commands that count the instructions of another command, and the pattern of the number in the file *said*."""
    perf = ["perf", "stat", "-x", ";", "-e", "instructions:u", "-o", str(said)]
    grind = ["valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null", f"--log-file={said}"]
    known = (perf, r"(?m)^(\d+);"), (grind, r"I\s+refs:\s+([\d,]+)")
    return [(command, pattern) for command, pattern in known if shutil.which(command[0])]


def call(what: str, path: Path, folder: str) -> Callable[[int], Any]:
    """The call named *what*, as a function of its number. It uses the config in the file *path*."""
    from families import place, put  # noqa: PLC0415  # the counted process must not load torch
    from peers import full_config  # noqa: PLC0415

    from envcfg import Tracker  # noqa: PLC0415

    env = OmegaConf.create(json.loads(path.read_text(encoding="utf-8"))).env
    plain, twin = (OmegaConf.to_container(env, resolve=True) for _ in range(2))
    tracker, changed_path, log_full = Tracker(folder), place(plain), full_config(env)

    def changed(number: int) -> None:
        put(plain, changed_path, number + 0.5)
        tracker.record(plain, step=number)

    return {
        "==": lambda _: plain == twin,
        "unchanged": lambda number: tracker.record(plain, step=number),
        "changed": changed,
        "resolve": lambda _: OmegaConf.to_container(env, resolve=True),
        "DictConfig": lambda number: tracker.record(env, step=number),
        "full JSON": lambda number: log_full(plain, number),
    }[what]


def report(path: Path) -> None:
    from families import config  # noqa: PLC0415

    print(f"{'instructions':<26}" + "".join(f"{f'{size} leaves':>14}" for size in SIZES))
    costs: dict[str, list[float]] = {what: [] for what in TIMES}
    for size in SIZES:
        path.write_text(json.dumps(OmegaConf.to_container(config(size))), encoding="utf-8")
        for what, times in TIMES.items():
            more, one = (counted("call", what, str(number), str(path)) for number in (times + 1, 1))
            costs[what].append((more - one) / times)
    for what, found in costs.items():
        print(f"  {what:<24}" + "".join(f"{cost:>14,.0f}" for cost in found))
    for cheap, dear, target in (("unchanged", "full JSON", 500), ("DictConfig", "resolve", 100)):
        ratios = [theirs / ours for ours, theirs in zip(costs[cheap], costs[dear], strict=True)]
        verdict = "" if min(ratios) >= target else "missed"
        name = f"{dear} over {cheap}"
        print(f"  {name:<24}" + "".join(f"{ratio:>13.0f}x" for ratio in ratios) + f"   target >= {target}x {verdict}")


def main(arguments: list[str]) -> None:
    match arguments:
        case ["count", "call", what, times, path, folder]:
            called = call(what, Path(path), folder)
            for number in range(int(times)):
                called(number)
        case _:
            with tempfile.TemporaryDirectory() as folder:
                report(Path(folder) / "config.json")


if __name__ == "__main__":
    main(sys.argv[1:])
