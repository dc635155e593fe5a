"""The cost of recording parameters that are drawn anew at each reset, compared with a numpy copy of the same rows.

    python benchmarks/draws.py

Domain randomisation: 1,024 slots, six float32 parameters, ranges that widen tenfold, 200,000 resets. Everything is
counted: each call, the ends of epochs, and closing. Trust the ratios.
"""

import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from envcfg import Tracker, load

SLOTS, RESETS, CALLS, LENGTH = 1024, 200_000, 24, 100
CENTRES = {"friction": 1.0, "mass": 1.0, "motor": 1.0, "gravity": -9.81, "push": 1.0, "delay": 0.01}
MOST = 6.8
"""The target of 3 µs on the machine of the targets, where the copy took 0.44 µs."""


def main() -> None:
    rng = np.random.default_rng(0)
    columns = {name: np.zeros(SLOTS, np.float32) for name in CENTRES}
    spent = {"record": 0.0, "copy": 0.0}

    def timed(name: str, began: float) -> None:
        spent[name] += time.process_time() - began

    with tempfile.TemporaryDirectory() as folder:
        tracker = Tracker(folder)
        resets = call = 0
        while resets < RESETS:
            mask = np.full(SLOTS, not call) | (rng.random(SLOTS) < 1 / LENGTH)
            for name, centre in CENTRES.items():
                columns[name][mask] = centre * rng.uniform(0.9 - 0.4 * resets / RESETS, 1.1, int(mask.sum()))
            resets, call = resets + int(mask.sum()), call + 1
            began = time.process_time()
            for column in columns.values():
                column[mask].copy()
            timed("copy", began)
            began = time.process_time()
            tracker.record_slots(columns, step=call * SLOTS, epoch=(call - 1) // CALLS, resets=mask)
            if call % CALLS == 0:
                tracker.end_epoch(step=call * SLOTS, epoch=(call - 1) // CALLS)
            timed("record", began)
        began = time.process_time()
        tracker.close()
        timed("record", began)
        size = sum(path.stat().st_size for path in Path(folder).iterdir())
        counted = sum(line.resets for line in load(folder).drawn)
    assert counted == resets, counted
    ratio = spent["record"] / spent["copy"]
    print(f"{resets:,} resets in {call:,} calls")
    for name, seconds in spent.items():
        print(f"  {name:<8} {seconds / resets * 1e6:>6.2f} µs a reset")
    print(f"  ratio    {ratio:>6.1f}      target {MOST}")
    print(f"  disk     {size / resets:>6.2f} bytes a reset, target 5")


if __name__ == "__main__":
    sys.exit(main())
