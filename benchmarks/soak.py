"""A day of training in some minutes: whether the tracker grows with what it records.

    python benchmarks/soak.py [calls]

A hundred million steps of 64 slots by a clock of its own: unchanged frozen tasks, a change now and then among twenty
tasks and a new config for good once in a while, an epoch every million calls.
"""

import resource
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from envcfg import Tracker

CALLS: Final = 100_000_000
SLOTS: Final = 64
CHANGE_EVERY: Final = 1_000
NEW_EVERY: Final = 100_000
EPOCH: Final = 1_000_000
DAY: Final = 86_400.0
AT_MOST: Final = 32.0
"""Megabytes that it may grow by, after the first tenth."""


@dataclass(frozen=True)
class Task:
    level: int
    size: int = 8


def megabytes() -> float:
    """What the process has of memory now, of Linux; elsewhere the most that it ever had."""
    pages = Path("/proc/self/statm")
    if pages.exists():
        return int(pages.read_text().split()[1]) * resource.getpagesize() / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def soak(folder: Path, calls: int) -> list[float]:
    """Megabytes after each tenth."""
    now, seen = 0.0, []
    tasks, slots = [Task(level) for level in range(20)], [0] * SLOTS
    with Tracker(folder, run="soak", clock=lambda: now) as tracker:
        for call in range(calls):
            slot = call % SLOTS
            if call % CHANGE_EVERY == 0:
                now = call / calls * DAY
                slots[slot] = (slots[slot] + 1 + call // CHANGE_EVERY) % len(tasks)
            if call % NEW_EVERY == 0:
                tasks[call // NEW_EVERY % len(tasks)] = Task(call)
            tracker.record(tasks[slots[slot]], step=call, slot=slot)
            if call % EPOCH == EPOCH - 1:
                tracker.end_epoch(step=call, epoch=call // EPOCH)
            if call % (calls // 10) == calls // 10 - 1:
                seen.append(megabytes())
    return seen


if __name__ == "__main__":
    calls = int(sys.argv[1]) if len(sys.argv) > 1 else CALLS
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        seen = soak(Path(folder) / "envcfg", calls)
    grown = seen[-1] - seen[0]
    print("megabytes after each tenth:", *(f"{found:.1f}" for found in seen))
    verdict = "ok" if grown <= AT_MOST else "MISSED"
    print(f"{calls:,} calls in {time.perf_counter() - start:.0f} s, {grown:.1f} MB more", end="   ")
    print(f"target {AT_MOST:.0f}   {verdict}")
