"""The size of a finished journal, compared with the entropy of the records and with whole configs as JSON.

    python benchmarks/storage.py [records ...]

The entropy is computed for each column alone, as if the rows were independent: no code for single numbers is shorter
(Shannon 1948). For step and clock, it is the entropy of their differences. Tasks are numbers in it. The size of their
configs is computed separately: all of them as JSON, compressed with xz, and 16 bytes for each digest. Two ratios are
printed, without and with the configs. The target is for the first.
"""

import json
import lzma
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
TARGET, LONG = 1.5, 100_000
"""The most bytes for each byte of entropy, for runs with at least `LONG` records."""


def config(task: int) -> dict[str, Any]:
    """The config of a task: leaves that all tasks share, and ten of its own."""
    shared = {f"group_{group}": {f"key_{key}": group + key / 10 for key in range(10)} for group in range(LEAVES // 10)}
    return {**shared, "task": {f"level_{leaf}": task * 10 + leaf for leaf in range(10)}}


def entropy(values: Iterable[int]) -> float:
    """The least bytes for *values*, if each is drawn independently."""
    counts = Counter(values)
    total = counts.total()
    return -sum(count * math.log2(count / total) for count in counts.values()) / 8


def differences(values: Sequence[int]) -> list[int]:
    return [later - earlier for earlier, later in pairwise(values)]


def least_of(configs: Sequence[dict[str, Any]]) -> int:
    """The bytes of *configs*, compressed with a general compressor, and of their digests."""
    return len(lzma.compress("\n".join(map(json.dumps, configs)).encode())) + 16 * len(configs)


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
    both = least + least_of([configs[task] for task in dict.fromkeys(adopted)])
    whole = records * len(json.dumps(configs[0]))
    target = f"<= {TARGET}x" if records >= LONG else ""
    missed = "missed" if target and size > TARGET * least else ""
    print(
        f"{records:>10,} {tasks:>6,} {size:>14,} {least:>14,.0f} {size / least:>7.2f}x {target:>8} {missed:<7}"
        f"{both:>14,.0f} {size / both:>7.2f}x {size / records:>7.2f} {whole / size:>12,.0f}x"
    )


def main() -> None:
    given = [int(argument) for argument in sys.argv[1:]] or [1_000, 100_000, 1_000_000]
    heads = [("bytes", 14), ("entropy", 14), ("ratio", 8), ("target", 8), ("", 6)]
    heads += [("with configs", 14), ("ratio", 8), ("each", 7), ("JSON", 13)]
    print(f"{'records':>10} {'tasks':>6}", *(f"{head:>{width}}" for head, width in heads))
    for records in given:
        for tasks in TASKS:
            measure(records, tasks)


if __name__ == "__main__":
    main()
