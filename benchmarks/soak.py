"""A day of training in a few minutes: does the memory of the tracker grow with the number of records?

    python benchmarks/soak.py [calls]

It records a hundred million steps of 64 slots with a simulated clock. Most calls change nothing. Every 1,000th call
changes to another of twenty tasks, every 100,000th call replaces one of the tasks, and every millionth ends an epoch.
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
"""The most megabytes that it may grow after the first tenth."""


@dataclass(frozen=True)
class Task:
    level: int
    size: int = 8


def megabytes() -> float:
    """The memory of this process now, on Linux. On other systems, the most memory so far."""
    pages = Path("/proc/self/statm")
    if pages.exists():
        return int(pages.read_text().split()[1]) * resource.getpagesize() / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def soak(folder: Path, calls: int) -> list[float]:
    """The megabytes after each tenth of the calls."""
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
