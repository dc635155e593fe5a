"""The cost of reading a long run, compared with a file of whole configs and a file of JSON patches.

    python benchmarks/read.py [RECORDS]

It records and reads a run with 1,000,000 adoptions by 64 slots. There are 100 tasks with 200 leaves. The peers have a
hundredth of the records, and their costs are multiplied by 100. CPU seconds, one process each. Trust the ratios.
"""

import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from envcfg import load
from envcfg.core.diff import diff
from envcfg.core.encoding import digest
from envcfg.core.path import pointer
from envcfg.core.record import Ending, Record, Stored, Writer
from envcfg.journal.segment import SegmentWriter

TASKS, SLOTS, SCALE, NOW = 100, 64, 100, 1.8e9


def config(task: int) -> dict[str, Any]:
    """Twenty groups of ten leaves. Four leaves depend on the task."""
    chance = random.Random(task)
    return {
        f"group_{group}": {
            f"param_{leaf}": chance.randrange(1000) if group == 3 and leaf < 4 else group * leaf for leaf in range(10)
        }
        for group in range(20)
    }


def schedule(records: int) -> Iterator[tuple[int, int, int]]:
    """The step, slot and task of each record."""
    chance, step = random.Random(0), 0
    for _ in range(records):
        step += chance.randrange(1, SLOTS)
        yield step, chance.randrange(SLOTS), chance.randrange(TASKS)


def write(folder: Path, records: int) -> None:
    """Write the records with the segment writer that a tracker uses."""
    configs = [config(task) for task in range(TASKS)]
    digests = [digest(values) for values in configs]  # type: ignore[arg-type]  # configs are trees
    writer = SegmentWriter(folder, Writer("read", "benchmark"))
    for step, slot, task in schedule(records):
        if not writer.knows(digests[task]):
            writer.append(Stored(digests[task], configs[task]), time=NOW)
        writer.append(Record(step, slot, digests[task], NOW + step / 1e3, step // 8192, task=f"task/{task}"), time=NOW)
        if writer.is_full:
            writer.seal()
    writer.append(Ending("completed", NOW, step), time=NOW)
    writer.seal()


def cpu(call: Callable[[], Any]) -> tuple[float, Any]:
    start = time.process_time()
    found = call()
    return time.process_time() - start, found


def peak() -> float:
    """The most memory of this process so far, in megabytes, without that of its parent."""
    status = Path("/proc/self/status")
    if status.exists():
        return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM")) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def ours(folder: str) -> dict[str, float]:
    """The costs of envcfg. Call it in a new process."""
    import polars as pl  # noqa: F401, PLC0415  # so that the import is not part of the cost of the table

    from envcfg import tables  # noqa: PLC0415

    before = peak()
    loading, history = cpu(lambda: load(folder))
    memory = peak() - before
    chance = random.Random(1)
    steps = [chance.randrange(10_000, history.last_step) for _ in range(2000)]
    history.at(steps[0])
    asking, _ = cpu(lambda: [history.at(step) for step in steps])
    table, frame = cpu(lambda: tables.changes(history))
    again, _ = cpu(lambda: tables.changes(history))
    return {
        "load": loading,
        "memory": memory,
        "at": asking / len(steps) * 1e6,
        "rows": frame.height,
        "table": table,
        "again": again,
    }


def command(folder: str) -> float:
    """The CPU seconds of `envcfg show`, with its start."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, "-m", "envcfg.cli.main", "show", folder, "--epoch", "3"],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def whole_configs(records: int) -> tuple[float, float]:
    """The seconds and bytes to read one JSON object with a whole config for each record."""
    configs = [config(task) for task in range(TASKS)]
    lines = [
        json.dumps({"step": step, "slot": slot, "config": configs[task]}) for step, slot, task in schedule(records)
    ]
    seconds, _ = cpu(lambda: [json.loads(line) for line in lines])
    return seconds, sum(map(len, lines)) + len(lines)


def patches(records: int) -> tuple[float, float]:
    """The seconds and bytes to read one RFC 6902 patch for each record and to apply it to the config of its slot."""
    configs = [config(task) for task in range(TASKS)]
    held: dict[int, Any] = {}
    lines = []
    for step, slot, task in schedule(records):
        changes = diff(held.get(slot, {}), configs[task])  # type: ignore[arg-type]  # configs are trees
        patch = [{"op": "add", "path": pointer(change.path), "value": change.after} for change in changes]
        lines.append(json.dumps({"step": step, "slot": slot, "patch": patch}))
        held[slot] = configs[task]
    seconds, _ = cpu(lambda: list(applied(lines)))
    return seconds, sum(map(len, lines)) + len(lines)


def applied(lines: list[str]) -> Iterator[dict[str, Any]]:
    held: dict[int, dict[str, Any]] = {}
    for line in lines:
        record = json.loads(line)
        tree = {name: dict(group) for name, group in held.get(record["slot"], {}).items()}
        for change in record["patch"]:
            *group, leaf = change["path"].split("/")[1:]
            target = tree.setdefault(group[0], {}) if group else tree
            target[leaf] = change["value"]
        held[record["slot"]] = tree
        yield tree


def main(records: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        writing, _ = cpu(lambda: write(Path(folder), records))
        size = sum(path.stat().st_size for path in Path(folder).iterdir())
        done = subprocess.run(
            [sys.executable, __file__, "--measure", folder], check=True, capture_output=True, text=True
        )
        found = json.loads(done.stdout)
        shown = command(folder)
    share = records // SCALE
    print(f"{records:,} records, {SLOTS} slots, {TASKS} tasks, 200 leaves; recorded in {writing:.1f} s\n")
    print(f"{'':<44}{'measured':>12}{'target':>12}")
    for name, value, target in (
        ("load, CPU s", found["load"], 0.4),
        ("memory for it, MB", found["memory"], 150),
        ("config at any step, µs", found["at"], 100),
        (f"change table of {found['rows']:,.0f} rows, CPU s", found["table"], 0.5),
        ("  again", found["again"], 0.5),
        ("envcfg show, whole process, CPU s", shown, 1.0),
    ):
        print(f"{name:<44}{value:>12.3g}{'< ' + format(target, 'g'):>12}{'' if value < target else '   missed'}")
    print(f"\n{'reading it':<44}{'CPU s':>12}{'ratio':>9}{'MB':>10}")
    print(f"{'envcfg':<44}{found['load']:>12.3g}{1:>8}x{size / 1e6:>10.1f}")
    for name, peer in (("whole configs as JSON lines", whole_configs), ("JSON patches, applied", patches)):
        seconds, length = (value * SCALE for value in peer(share))
        print(f"{name + ' (times 100)':<44}{seconds:>12.3g}{seconds / found['load']:>8.0f}x{length / 1e6:>10.1f}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        print(json.dumps(ours(sys.argv[2])))
    else:
        main(int(sys.argv[1]) if sys.argv[1:] else 1_000_000)
