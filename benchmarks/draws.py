"""The cost of recording parameters that are drawn anew at each reset, compared with a numpy copy of the same rows.

    python benchmarks/draws.py

Domain randomisation: 1,024 slots, six float32 parameters, ranges that widen tenfold, 200,000 resets. Everything is
counted: each call, the ends of epochs, and closing. Trust the ratios. The CPU time is that of the training's thread. It
is read once for all calls of an epoch, since reading it can take longer than a call.
"""

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from envcfg import Tracker, load

SLOTS, RESETS, CALLS, LENGTH = 1024, 200_000, 24, 100
CENTRES: Final = {"friction": 1.0, "mass": 1.0, "motor": 1.0, "gravity": -9.81, "push": 1.0, "delay": 0.01}
MOST: Final = 6.8
"""The target of 3 µs on the machine of the targets, where the copy took 0.44 µs."""


class Call(NamedTuple):
    """The arrays of a program at one of its steps."""

    columns: dict[str, np.ndarray]
    mask: np.ndarray
    """The slots that were reset."""


def epochs(rng: np.random.Generator) -> Iterator[list[Call]]:
    """The calls of each epoch."""
    columns = {name: np.zeros(SLOTS, np.float32) for name in CENTRES}
    resets = call = 0
    while resets < RESETS:
        calls: list[Call] = []
        for _ in range(CALLS):
            mask = np.full(SLOTS, not call) | (rng.random(SLOTS) < 1 / LENGTH)
            for name, centre in CENTRES.items():
                columns[name][mask] = centre * rng.uniform(0.9 - 0.4 * resets / RESETS, 1.1, int(mask.sum()))
            calls.append(Call({name: column.copy() for name, column in columns.items()}, mask))
            resets, call = resets + int(mask.sum()), call + 1
        yield calls


def seconds(work: Callable[[], object]) -> float:
    """The CPU seconds of this thread that *work* takes."""
    began = time.thread_time()
    work()
    return time.thread_time() - began


def copied(calls: list[Call]) -> None:
    """Copy the rows of the slots that were reset."""
    for columns, mask in calls:
        for column in columns.values():
            column[mask].copy()


def recorded(tracker: Tracker, calls: list[Call], epoch: int) -> None:
    """Record the rows of the slots that were reset."""
    for number, (columns, mask) in enumerate(calls, epoch * CALLS + 1):
        tracker.record_slots(columns, step=number * SLOTS, epoch=epoch, resets=mask)
    tracker.end_epoch(step=(epoch + 1) * CALLS * SLOTS, epoch=epoch)


def main() -> None:
    spent = {"record": 0.0, "copy": 0.0}
    resets = calls_made = 0
    with tempfile.TemporaryDirectory() as folder:
        tracker = Tracker(folder)
        for epoch, calls in enumerate(epochs(np.random.default_rng(0))):
            spent["copy"] += seconds(lambda: copied(calls))  # noqa: B023  # called at once
            spent["record"] += seconds(lambda: recorded(tracker, calls, epoch))  # noqa: B023
            resets, calls_made = resets + sum(int(call.mask.sum()) for call in calls), calls_made + len(calls)
        spent["record"] += seconds(tracker.close)
        size = sum(path.stat().st_size for path in Path(folder).iterdir())
        counted = sum(line.resets for line in load(folder).drawn)
    assert counted == resets, counted
    print(f"{resets:,} resets in {calls_made:,} calls")
    for name, taken in spent.items():
        print(f"  {name:<8} {taken / resets * 1e6:>6.2f} µs a reset")
    ratio = spent["record"] / spent["copy"]
    print(f"  ratio    {ratio:>6.1f}      target {MOST}{' missed' * (ratio > MOST)}")
    print(f"  disk     {size / resets:>6.2f} bytes a reset, target 5")


if __name__ == "__main__":
    sys.exit(main())
