"""What a finished journal takes on disk, beside the entropy of what was recorded and beside whole configs as JSON.

    python benchmarks/storage.py [records ...]

The entropy is that of each column by itself, as if the rows had nothing to do with each other: no code of single
numbers is shorter (Shannon 1948). Of step and clock it is that of their differences.
"""

import json
import math
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from envcfg import Tracker

SLOTS = 64
LEAVES = 200
TASKS = (8, 100, 5000)


def config(task: int) -> dict[str, Any]:
    """The config of a task: what tasks share, and ten leaves of its own."""
    shared = {f"group_{group}": {f"key_{key}": group + key / 10 for key in range(10)} for group in range(LEAVES // 10)}
    return {**shared, "task": {f"level_{leaf}": task * 10 + leaf for leaf in range(10)}}


def entropy(values: Iterable[int]) -> float:
    """Bytes that *values* take at least, where each is drawn anew."""
    counts = Counter(values)
    total = counts.total()
    return -sum(count * math.log2(count / total) for count in counts.values()) / 8


def differences(values: Sequence[int]) -> list[int]:
    return [later - earlier for earlier, later in pairwise(values)]


def measure(records: int, tasks: int) -> None:
    chance = random.Random(records + tasks)
    configs = [config(task) for task in range(tasks)]
    rows: list[tuple[int, int, int, int]] = []
    step, clock, held = 0, 1_700_000_000_000, [-1] * SLOTS
    with tempfile.TemporaryDirectory() as folder:
        with Tracker(folder, clock=lambda: clock / 1000) as tracker:
            for _ in range(records):
                slot = chance.randrange(SLOTS)
                step += chance.randrange(1, 40)
                clock += chance.randrange(1, 20)
                held[slot] = (held[slot] + 1 + chance.randrange(tasks - 1)) % tasks
                tracker.record(configs[held[slot]], step=step, slot=slot, version=1)
                rows.append((step, slot, held[slot], clock))
        size = sum(path.stat().st_size for path in Path(folder).iterdir())
    steps, slots, adopted, clocks = zip(*rows, strict=True)
    least = entropy(differences(steps)) + entropy(slots) + entropy(adopted) + entropy(differences(clocks))
    whole = records * len(json.dumps(configs[0]))
    missed = "missed" if size > 1.5 * least else ""
    print(
        f"{records:>10,} {tasks:>6,} {size:>14,} {least:>14,.0f} {size / least:>7.2f}x {'<= 1.5x':>8} {missed:<7}"
        f"{size / records:>7.2f} {whole / size:>12,.0f}x"
    )


def main() -> None:
    given = [int(argument) for argument in sys.argv[1:]] or [1_000, 100_000, 1_000_000]
    heads = ("bytes", 14), ("entropy", 14), ("ratio", 8), ("target", 8), ("", 7), ("each", 7), ("JSON", 13)
    print(f"{'records':>10} {'tasks':>6}", *(f"{head:>{width}}" for head, width in heads))
    for records in given:
        for tasks in TASKS:
            measure(records, tasks)


if __name__ == "__main__":
    main()
