"""The cost of envcfg in W&B: keys, rows, artifact versions and uploaded bytes.

    python benchmarks/uploads.py [EPOCHS]

There are two runs of 100,000 epochs, one epoch a minute by a simulated clock. The config changes 47 times, or in every
epoch. The real client of W&B logs to the test server of this project on this machine, which counts what arrives.

The naive method is computed, not sent: a series for each task and each leaf of the config, a row of its own for each
epoch, and at each change the whole history so far as one JSON file. The exit status is 1 if a target is missed.
"""

import json
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

sys.path[0] = str(Path(__file__).parents[1] / "tests")  # the test server; no folder must hide the real wandb

import wandb
from wandb_server.server import WandbServer

from envcfg import Tracker
from envcfg.core.tree import leaves
from envcfg.sinks.wandb.sink import wandb_sinks
from envcfg.tracking.policy import MAX_VERSIONS

EPOCHS = 100_000
STEPS = 8_192
TASKS = 64
AMPLIFICATION = 1.1
"""The most bytes uploaded for each byte of the finished journal."""
LISTED = 300
"""The bytes with which the client lists one file. Most of them are the path of the file on the disk."""


class Cost(NamedTuple):
    """What a run stores in W&B."""

    keys: int
    rows: int
    versions: int
    files: int
    """The bytes of all uploaded files. A file that was uploaded twice counts twice."""
    lists: int
    """The bytes of the file lists that the client of W&B adds to all versions."""


def config(stage: int) -> dict[str, Any]:
    """A config of thirty leaves. Another stage changes nine of them."""
    rewards = {f"item_{number}": round(0.1 * number + stage % 7 / 100, 4) for number in range(8)}
    layout = {f"room_{number}": {"width": 10 + number, "height": 12, "walls": "sparse"} for number in range(6)}
    return {"max_steps": 1000 + stage, "num_agents": 24, "freeze_duration": 10, "rewards": rewards, "layout": layout}


def stages(epochs: int, changes: int) -> Iterator[int]:
    """The stage of each epoch: *changes* evenly spread changes of the stage."""
    return (epoch * (changes + 1) // epochs for epoch in range(epochs))


def ours(epochs: int, changes: int) -> tuple[Cost, int, int]:
    """The cost of one run, counted by the server, and the bytes and segments of its finished journal."""
    now = 1.8e9
    with tempfile.TemporaryDirectory() as folder, WandbServer() as server:
        os.environ.update(server.environment(Path(folder)))
        journal = Path(folder) / "envcfg"
        run = wandb.init(project="bench", id=f"changes-{changes}", settings=wandb.Settings(console="off"))
        sinks = wandb_sinks(clock=lambda: now)
        with Tracker(journal, sinks=sinks, clock=lambda: now) as tracker:
            for epoch, stage in enumerate(stages(epochs, changes)):
                now += 60.0
                step = epoch * STEPS
                tracker.record(config(stage), step=step, epoch=epoch, task=f"task-{stage % TASKS}")
                tracker.mix({f"task-{n}": 1 + (n == stage % TASKS) for n in range(TASKS)}, step=step, epoch=epoch)
                tracker.end_epoch(step=step + STEPS - 1, epoch=epoch)
                run.log({"reward": epoch / epochs})
                sinks[0]._uploads.wait(60.0)  # noqa: SLF001  # in a minute of a real run, the upload would end
        run.finish()
        wandb.teardown()
        sizes = [path.stat().st_size for path in journal.iterdir()]
        return counted(server), sum(sizes), len(sizes)


def counted(server: WandbServer) -> Cost:
    (run,) = server.runs.values()
    (collection,) = server.artifacts.collections.values()
    keys = {key for line in run.rows for key in line if not key.startswith("_") and key != "reward"}
    lists = [version.manifest for version in collection.committed]
    files = sum(map(len, collection.files.values()))
    return Cost(len(keys), len(run.rows), len(collection.committed), files, sum(len(listed or b"") for listed in lists))


def naive(epochs: int, changes: int) -> Cost:
    """The cost of the naive method, which uploads its whole history at each change."""
    history, files, before = 0, 0, None
    for epoch, stage in enumerate(stages(epochs, changes)):
        if stage != before:
            before = stage
            entry = {"epoch": epoch, "agent_step": epoch * STEPS, "task_name": f"task-{stage % TASKS}"}
            history += len(json.dumps({**entry, "config": config(stage)}))
            files += history
    return Cost(len(list(leaves(config(0)))) + TASKS, 2 * epochs, changes + 1, files, (changes + 1) * LISTED)


def report(epochs: int, changes: int) -> bool:
    """Print a table. Return whether every target was met."""
    cost, journal, segments = ours(epochs, changes)
    other = naive(epochs, changes)
    most = round(AMPLIFICATION * journal)
    targets = Cost(keys=200, rows=epochs, versions=MAX_VERSIONS, files=most, lists=MAX_VERSIONS**2 // 2 * LISTED)
    print(
        f"\n{epochs:,} epochs, {changes:,} changes; the finished journal has {journal:,} bytes in {segments} segments"
    )
    print(f"{'':<10} {'envcfg':>14} {'target':>16} {'naive':>22} {'ratio':>10}")
    for name, mine, target, theirs in zip(Cost._fields, cost, targets, other, strict=True):
        mark = "" if mine <= target else "  MISSED"
        print(f"{name:<10} {mine:>14,} {f'<= {target:,}':>16} {theirs:>22,} {theirs / mine:>9,.1f}x{mark}")
    both = (cost.files + cost.lists) / journal
    print(f"uploaded for each byte of the journal: {cost.files / journal:.2f}, with the client's lists {both:.2f}")
    return all(mine <= target for mine, target in zip(cost, targets, strict=True))


def main() -> None:
    epochs = int(sys.argv[1]) if len(sys.argv) > 1 else EPOCHS
    results = [report(epochs, changes) for changes in (47, epochs - 1)]
    sys.exit(not all(results))


if __name__ == "__main__":
    main()
