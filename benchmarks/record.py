"""The cost of one `record()`, compared with other tools and with the least that Python needs.

    python benchmarks/record.py

CPU microseconds for each record, the least of several rounds. Trust the ratios: both sides are from one run on one
machine. The configs are those of mettagrid with fewer leaves. `make bench` installs the peers.
"""

import contextlib
import copy
import dataclasses
import io
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from hashlib import blake2b
from pathlib import Path
from typing import Any

import ormsgpack
from families import config, place, put
from omegaconf import DictConfig, OmegaConf
from peers import FULL, Logger, loggers

from envcfg import Tracker

SIZES = (50, 200, 1000)
SEEN = 100
"""The number of configs that a curriculum uses again and again."""


@dataclasses.dataclass(frozen=True)
class Task:
    """A frozen task, as many curricula use them."""

    level: int
    kind: str = "maze"


def cost(call: Callable[[int], Any], times: int, rounds: int = 5) -> float:
    """CPU microseconds for one call."""
    call(0)
    found, number = [], 0
    for _ in range(rounds):
        start = time.process_time()
        for _ in range(times):
            number += 1
            call(number)
        found.append((time.process_time() - start) / times * 1e6)
    return min(found)


@contextlib.contextmanager
def tracking() -> Iterator[Tracker]:
    with tempfile.TemporaryDirectory() as folder, Tracker(folder) as tracker:
        yield tracker


def line(name: str, ours: float, peer: str, theirs: float, target: float, *, at_most: bool = False) -> None:
    """Print one comparison: how many times cheaper than a peer, or (*at_most*) how many times the cost of a minimum."""
    ratio = ours / theirs if at_most else theirs / ours
    bar = f"{'<=' if at_most else '>='} {target:g}x"
    missed = "" if (ratio <= target if at_most else ratio >= target) else "missed"
    print(f"  {name:<30} {ours:>9.2f} {peer:<28} {theirs:>11.2f} {ratio:>9.1f}x {bar:>9} {missed}")


def known_objects() -> None:
    """A frozen task and an object with a version, compared with a function that compares by `is` and counts."""
    task, plain, seen = Task(3), {"level": 3}, [0]

    def compared(_: int) -> None:
        if task is task:  # noqa: PLR0124  # the minimum
            seen[0] += 1

    minimum = cost(compared, 20_000)
    with tracking() as tracker:
        line("frozen task", cost(lambda step: tracker.record(task, step=step), 20_000), "is", minimum, 10, at_most=True)
        versioned = cost(lambda step: tracker.record(plain, step=step, slot=1, version=1), 20_000)
        line("dict with a version", versioned, "is", minimum, 10, at_most=True)


def seen_before() -> None:
    tasks = [Task(level) for level in range(SEEN)]
    with tracking() as tracker:
        ours = cost(lambda step: tracker.record(tasks[step % SEEN], step=step), 5_000)
    print_under("another task, seen before", ours, 10)


def print_under(name: str, ours: float, target: float) -> None:
    missed = "" if ours < target else "missed"
    print(f"  {name:<30} {ours:>9.2f} {'':<28} {'':>11} {'':>10} {f'< {target:g} µs':>9} {missed}")


def report(leaves: int) -> None:
    root = config(leaves)
    plain: dict[str, Any] = OmegaConf.to_container(root.env, resolve=True)  # type: ignore[assignment]
    print(f"\n{leaves} leaves {'':<21} {'µs':>9} {'compared with':<28} {'µs':>11} {'ratio':>10} {'target':>9}")
    theirs = costs_of_peers(root, plain)
    env, twin = root.env, copy.deepcopy(plain)
    with tracking() as tracker:
        same = cost(lambda step: tracker.record(plain, step=step), 2_000)
        line("dict, unchanged", same, "dict == (and 5 µs)", cost(lambda _: plain == twin, 2_000) + 5, 3, at_most=True)
        line("", same, FULL, theirs[FULL], 500)
        if "wandb run.log, flat" in theirs:
            line("", same, "wandb run.log, flat", theirs["wandb run.log, flat"], 50)
    with tracking() as tracker:
        unchanged = cost(lambda step: tracker.record(env, step=step), 500)
        container = cost(lambda _: OmegaConf.to_container(env, resolve=True), 10)
        line("DictConfig, unchanged", unchanged, "to_container(resolve=True)", container, 100)
    with tracking() as tracker:
        new = cost(changing(plain, lambda config, step: tracker.record(config, step=step)), 500)
    for name, cost_of_peer in theirs.items():
        has_target = name == "wandb run.log, flat" and leaves == SIZES[-1]
        line("dict, one leaf new", new, name, cost_of_peer, 100 if has_target else 1)
    if leaves == SIZES[-1]:
        print_under("", new, 30)
        print(f"  {'... packing, hashing half, one write':<38} {least_cost_of_a_change(plain):>9.2f}")


def least_cost_of_a_change(plain: dict[str, Any]) -> float:
    """The least that a change costs without Python code: read each leaf, hash half of them, write 200 bytes."""
    path, text = place(plain), json.dumps(plain, separators=(",", ":")).encode()
    rest, line = text[len(text) // 2 :], bytes(200)
    with tempfile.NamedTemporaryFile() as file:

        def changed(step: int) -> None:
            put(plain, path, step + 0.5)
            ormsgpack.packb(plain)
            blake2b(rest).digest()
            os.write(file.fileno(), line)

        return cost(changed, 500)


def costs_of_peers(root: DictConfig, plain: dict[str, Any]) -> dict[str, float]:
    with (
        tempfile.TemporaryDirectory() as folder,
        contextlib.redirect_stdout(io.StringIO()),
        loggers(Path(folder), root.env, plain) as peers,
    ):
        return {name: cost(changing(plain, log), 20, 1) for name, log in peers.items()}


def changing(plain: dict[str, Any], log: Logger) -> Callable[[int], None]:
    """A function that changes one leaf of *plain* and logs *plain* with *log*."""
    path = place(plain)

    def changed(step: int) -> None:
        put(plain, path, step + 0.5)
        log(plain, step)

    return changed


def main() -> None:
    print(f"{'known objects':<32} {'µs':>9} {'compared with':<28} {'µs':>11} {'ratio':>10} {'target':>9}")
    known_objects()
    seen_before()
    for leaves in SIZES:
        report(leaves)


if __name__ == "__main__":
    main()
