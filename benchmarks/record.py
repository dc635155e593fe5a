"""What one `record()` costs, beside the way of the note that this project started from, in the same run.

    python benchmarks/record.py

The note's way: deep-copy the OmegaConf config, resolve all of it, append it to a list, write the list as JSON.
Times are CPU microseconds for each record; trust the ratios.
"""

import copy
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from omegaconf import DictConfig, OmegaConf

from envcfg import Tracker


def config(leaves: int) -> DictConfig:
    """Groups of ten leaves, one leaf in ten interpolated."""
    groups = {f"group_{group}": {f"key_{key}": group + key / 10 for key in range(9)} for group in range(leaves // 10)}
    for group in groups.values():
        group["key_9"] = "${seed}"  # type: ignore[assignment]  # an interpolation stands for a number
    return OmegaConf.create({"seed": 7, "env": groups})


def cost(call: Callable[[int], Any], times: int) -> float:
    """CPU microseconds for one call."""
    call(0)
    start = time.process_time()
    for number in range(1, times + 1):
        call(number)
    return (time.process_time() - start) / times * 1e6


def main() -> None:
    print(f"{'leaves':>6} {'record':<28} {'µs':>9} {'note, µs':>10} {'ratio':>7} {'bytes':>8} {'note':>8}")
    for leaves in (50, 200, 1000):
        report(leaves)


def report(leaves: int) -> None:
    root = config(leaves)
    plain = OmegaConf.to_container(root.env, resolve=True)
    history: list[str] = []

    def note(_: int) -> None:
        history.append(json.dumps(OmegaConf.to_container(copy.deepcopy(root).env, resolve=True)))

    def changed(step: int) -> None:
        plain["group_0"]["key_0"] = step  # type: ignore[index,call-overload]
        tracker.record(plain, step=step)

    theirs = cost(note, 20)
    cases: dict[str, Callable[[int], Any]] = {
        "OmegaConf, unchanged": lambda step: tracker.record(root.env, step=step),
        "dict, unchanged": lambda step: tracker.record(plain, step=step),
        "dict, one leaf new each time": changed,
    }
    for name, call in cases.items():
        with tempfile.TemporaryDirectory() as folder:
            with Tracker(folder) as tracker:
                ours = cost(call, 300)
            size = sum(path.stat().st_size for path in Path(folder).iterdir()) / 301
        their_size = len(history[-1])
        print(
            f"{leaves:>6} {name:<28} {ours:>9.1f} {theirs:>10.0f} {theirs / ours:>6.0f}x {size:>8.1f} {their_size:>8}"
        )


if __name__ == "__main__":
    main()
