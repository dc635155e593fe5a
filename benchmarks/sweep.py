"""The cost of comparing a thousand runs, and of grouping many millions of rows.

    python benchmarks/sweep.py [RUNS] [ROWS]

It records, loads and compares RUNS runs (1,000 by default) with 1,000 changes each. The comparison is with reading only
the bytes of their journals. Then a new process groups a dataset of ROWS change rows (10,000,000 by default; 100,000,000
take minutes to write) by key and by run. CPU seconds. Trust the ratios.
"""

import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import read as reading

from envcfg import load, load_sweep, tables
from envcfg.analysis.sweep.comparison import comparison
from envcfg.core.encoding import digest
from envcfg.core.record import Ending, Job, Record, Stored, Writer
from envcfg.journal.segment import SegmentWriter

CHANGES, CURRICULA = 1000, 7


def write_run(folder: Path, number: int) -> None:
    """Write one seed of one of seven curricula. Each curriculum has its own schedule of fifty configs."""
    chance = random.Random(number % CURRICULA)
    configs = [reading.config(task) for task in range(50)]
    writer = SegmentWriter(folder, Writer(f"sweep/{number}", "benchmark"))
    job = {"seed": number // CURRICULA, "curriculum": number % CURRICULA}
    writer.append(Stored(digest(job), job), time=reading.NOW)
    overrides = (f"curriculum={job['curriculum']}", f"seed={job['seed']}")
    writer.append(Job(reading.NOW, "seven", overrides=overrides, config=digest(job)), time=reading.NOW)
    for step in range(CHANGES):
        config = configs[chance.randrange(50)]
        name = digest(config)
        if not writer.knows(name):
            writer.append(Stored(name, config), time=reading.NOW)
        writer.append(Record(step * 1000, 0, name, reading.NOW + step, step), time=reading.NOW)
    writer.append(Ending("completed", reading.NOW, CHANGES * 1000), time=reading.NOW)
    writer.seal()


def compare(runs: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for number in range(runs):
            write_run(Path(folder, str(number), "envcfg"), number)
        files = [path for path in Path(folder).rglob("*") if path.is_file()]
        bare, _ = reading.cpu(lambda: [path.read_bytes() for path in files])
        loading, sweep = reading.cpu(lambda: load_sweep(folder))
        comparing, found = reading.cpu(lambda: comparison(sweep))
    differ = f"{len(found.schedules)} schedules, {len(found.env)} keys differ"
    print(f"{runs:,} runs of {CHANGES:,} changes, {differ}; CPU s\n")
    for name, seconds in (("bytes of the journals", bare), ("load_sweep", loading), ("comparison", comparing)):
        print(f"  {name:<24}{seconds:>8.2f}{seconds / bare:>8.0f}x{seconds / runs * 1e3:>10.2f} ms for each run")


def write_rows(folder: Path, rows: int) -> int:
    """Write runs of four million rows each until there are about *rows* rows. Return the number of rows."""
    with tempfile.TemporaryDirectory() as journal:
        reading.write(Path(journal), 1_000_000)
        frame = tables.changes(load(journal)).drop("run")
    runs = max(1, round(rows / frame.height))
    for number in range(runs):
        part = folder / "changes" / f"run={number}"
        part.mkdir(parents=True)
        frame.write_parquet(part / "part.parquet", row_group_size=1 << 18)
    return runs * frame.height


GROUPINGS = {"by key": ["path"], "by run and key": ["run", "path"], "by key and value": ["path", "after"]}


def group(folder: str) -> dict[str, float]:
    """The seconds of each grouping and the megabytes of all, in this process."""
    before = reading.peak()
    found = {}
    for name, keys in GROUPINGS.items():
        start = time.perf_counter()
        tables.scan(Path(folder)).group_by(keys).len().collect(engine="streaming")
        found[name] = time.perf_counter() - start
    return found | {"memory": reading.peak() - before}


def main(runs: int, rows: int) -> None:
    compare(runs)
    with tempfile.TemporaryDirectory() as folder:
        written = write_rows(Path(folder), rows)
        size = sum(path.stat().st_size for path in Path(folder).rglob("*.parquet"))
        command = [sys.executable, __file__, "--group", folder]
        found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    print(f"\n{written:,} change rows, {size / 1e6:,.0f} MB of Parquet; elapsed s\n")
    for name in GROUPINGS:
        print(f"  {name:<24}{found[name]:>8.2f}")
    print(f"  memory, MB{found['memory']:>22.0f}   ({written * 50 / 1e6:,.0f} would hold all rows)")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--group"]:
        print(json.dumps(group(sys.argv[2])))
    else:
        main(*(int(text) for text in (*sys.argv[1:], 1000, 10_000_000)[:2]))
