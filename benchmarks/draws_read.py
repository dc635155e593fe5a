"""What a person waits for after a run with 200,000 drawn resets: `analyze`, `log`, `draws`, `report` and `export`.

    python benchmarks/draws_read.py

Domain randomisation as in draws.py: 1,024 slots, six float32 parameters, ranges that widen tenfold and are stated five
times. Each command is a process of its own. The targets are 2 s of CPU and 300 MB each.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

import numpy as np
from draws import CALLS, CENTRES, SLOTS, epochs, recorded

from envcfg import Tracker, Uniform

SECONDS, MEGABYTES = 2.0, 300
COMMANDS: Final = (
    ("analyze", "RUN"),
    ("log", "RUN"),
    ("draws", "RUN"),
    ("report", "RUN", "-o", "report.html"),
    ("export", "RUN", "changes", "-o", "changes.csv"),
    ("export", "RUN", "draws", "-o", "draws.csv"),
)
STATED_EVERY: Final = 170
"""Epochs between two statements."""


def record(folder: Path) -> int:
    """Record the run. Returns the number of resets."""
    resets = 0
    with Tracker(folder, run="randomised") as tracker:
        for epoch, calls in enumerate(epochs(np.random.default_rng(0))):
            if epoch % STATED_EVERY == 0:
                low = 0.9 - 0.4 * epoch / 810
                ranges = {name: Uniform(*sorted((low * at, 1.1 * at))) for name, at in CENTRES.items()}
                tracker.state_draws(ranges, step=epoch * CALLS * SLOTS)
            recorded(tracker, calls, epoch)
            resets += sum(int(call.mask.sum()) for call in calls)
    return resets


def measured(arguments: list[str], where: Path) -> tuple[float, float, int]:
    """The CPU seconds and the most megabytes of one command, and the bytes that it printed."""
    command = [str(Path(sys.executable).with_name("envcfg")), *arguments]
    with (where / "out").open("wb") as out:
        process = subprocess.Popen(command, cwd=where, stdout=out, stderr=subprocess.DEVNULL)
        _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, command
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, (where / "out").stat().st_size


def main() -> int:
    with tempfile.TemporaryDirectory() as name:
        where = Path(name)
        print(f"{record(where / 'run' / 'envcfg'):,} resets of {SLOTS:,} slots, {len(CENTRES)} parameters")
        is_met = True
        for command in COMMANDS:
            arguments = ["run" if word == "RUN" else word for word in command]
            seconds, megabytes, printed = measured(arguments, where)
            is_met &= seconds < SECONDS and megabytes < MEGABYTES
            said = " ".join(word for word in command[: 3 if command[0] == "export" else 1] if word != "RUN")
            print(f"  {said:<20} {seconds:>6.2f} s CPU {megabytes:>6.0f} MB, prints {printed:>7,} bytes")
    print(f"  targets              {SECONDS:>6.2f} s     {MEGABYTES:>6.0f} MB")
    return 0 if is_met else 1


if __name__ == "__main__":
    sys.exit(main())
