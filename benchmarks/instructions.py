"""What a record costs in instructions of the processor, which do not depend on what else the machine does.

    python benchmarks/instructions.py

Counted by perf where the processor lets it, else by valgrind: the same program with a call, and with many more of it.
Whole trainings are not counted: two runs of one training differ by more than the recorder takes.
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
    """Instructions in user space of this script with *arguments*; exits where nothing can count them."""
    with tempfile.TemporaryDirectory() as folder:
        said = Path(folder) / "said"
        for counter, pattern in counters(said):
            command = [*counter, sys.executable, "-W", "ignore", __file__, "count", *arguments, folder]
            environment = {**os.environ, "PYTHONHASHSEED": "0"}
            done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
            found = re.search(pattern, said.read_text() if said.exists() else "")
            if done.returncode == 0 and found:
                return int(found[1].replace(",", ""))
    sys.exit("instructions cannot be counted here: no counters of the processor for perf, and no valgrind")


def counters(said: Path) -> list[tuple[list[str], str]]:
    """Commands that count what comes behind them, and how the number stands in the file *said*."""
    perf = ["perf", "stat", "-x", ";", "-e", "instructions:u", "-o", str(said)]
    grind = ["valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null", f"--log-file={said}"]
    ways = (perf, r"(?m)^(\d+);"), (grind, r"I\s+refs:\s+([\d,]+)")
    return [way for way in ways if shutil.which(way[0][0])]


def call(way: str, written: Path, folder: str) -> Callable[[int], Any]:
    """One call of *way*, by its number, with the config in the file *written*."""
    from families import place, put  # noqa: PLC0415  # the process that counts needs no torch
    from peers import full_config  # noqa: PLC0415

    from envcfg import Tracker  # noqa: PLC0415

    env = OmegaConf.create(json.loads(written.read_text())).env
    plain, twin = (OmegaConf.to_container(env, resolve=True) for _ in range(2))
    tracker, path, full = Tracker(folder), place(plain), full_config(env)

    def changed(number: int) -> None:
        put(plain, path, number + 0.5)
        tracker.record(plain, step=number)

    return {
        "==": lambda _: plain == twin,
        "unchanged": lambda number: tracker.record(plain, step=number),
        "changed": changed,
        "resolve": lambda _: OmegaConf.to_container(env, resolve=True),
        "DictConfig": lambda number: tracker.record(env, step=number),
        "full JSON": lambda number: full(plain, number),
    }[way]


def report(written: Path) -> None:
    from families import config  # noqa: PLC0415

    print(f"{'instructions':<26}" + "".join(f"{f'{size} leaves':>14}" for size in SIZES))
    costs: dict[str, list[float]] = {way: [] for way in TIMES}
    for size in SIZES:
        written.write_text(json.dumps(OmegaConf.to_container(config(size))))
        for way, times in TIMES.items():
            more, one = (counted("call", way, str(number), str(written)) for number in (times + 1, 1))
            costs[way].append((more - one) / times)
    for way, found in costs.items():
        print(f"  {way:<24}" + "".join(f"{cost:>14,.0f}" for cost in found))
    for cheap, dear, target in (("unchanged", "full JSON", 500), ("DictConfig", "resolve", 100)):
        ratios = [there / here for here, there in zip(costs[cheap], costs[dear], strict=True)]
        verdict = "" if min(ratios) >= target else "missed"
        name = f"{dear} over {cheap}"
        print(f"  {name:<24}" + "".join(f"{ratio:>13.0f}x" for ratio in ratios) + f"   target >= {target}x {verdict}")


def main(arguments: list[str]) -> None:
    match arguments:
        case ["count", "call", way, times, written, folder]:
            called = call(way, Path(written), folder)
            for number in range(int(times)):
                called(number)
        case _:
            with tempfile.TemporaryDirectory() as folder:
                report(Path(folder) / "config.json")


if __name__ == "__main__":
    main(sys.argv[1:])
