"""Every reader on every hostile file: what it takes of the processor and of memory, and how it ends.

    python tests/hostile_readers.py [WORD...]

prints a line for each hostile file whose description has one of the words. Each reader is a process of its own, which
is forked from one that has made the imports. Its limits of time and memory are those of the processor and of the
system, so that a busy machine changes nothing.
"""

import contextlib
import io
import os
import resource
import select
import signal
import sys
import tempfile
import traceback
import warnings
from pathlib import Path
from typing import NamedTuple

import every_command
import hostile_files
import polars as pl  # noqa: F401  # imported before the processes are forked

from envcfg import Tracker, load, load_sweep
from envcfg.cli.main import main as envcfg
from envcfg.core.errors import EnvcfgError

SECONDS, MEGABYTES = 5, 500
"""The targets."""
MOST_SECONDS, MOST_BYTES = 30, 6 << 30
"""The limits at which a reader is stopped."""
PATIENCE = 120
"""The seconds after which a reader waits for what never comes."""
WRITING = ("bundle", "Tracker")
"""Readers that write into the folder of the run."""
OTHERS = ("bundle",)
"""Commands on a run that `every_command` does not list."""
THREADED = ("dataset", "export")
"""Readers that start threads, which a process that is to be forked must not have."""


def resume(run):
    with Tracker(run / "envcfg") as tracker:
        tracker.record({"level": 3}, step=10**6)


LIBRARY = {"load": load, "load_sweep": lambda run: load_sweep([run]), "Tracker": resume}


class Reader(NamedTuple):
    name: str
    arguments: list[str]


class Ended(NamedTuple):
    reader: str
    how: str
    seconds: float
    megabytes: float


def readers():
    """Every command that reads a run, with its arguments, and the functions of the library."""
    for name in every_command.commands():
        for more in every_command.MORE.get(name, [[]])[:2]:
            yield Reader(name, [name, "RUN", *map(str, more)])
    yield from (Reader(name, [name, "RUN"]) for name in OTHERS)
    yield from (Reader(name, []) for name in LIBRARY)


def measured(reader, run, other):
    """How the reader ended, as a process of its own."""
    with tempfile.TemporaryFile("w+") as error:
        child = os.fork()
        if child == 0:
            _become(reader, run, other, error)
        ready, _, _ = select.select([os.pidfd_open(child)], [], [], PATIENCE)
        if not ready:
            os.kill(child, signal.SIGKILL)
        _, status, used = os.wait4(child, 0)
        error.seek(0)
        how = _how(os.waitstatus_to_exitcode(status), error.read()) if ready else "never ended"
    return Ended(reader.name, how, used.ru_utime + used.ru_stime, used.ru_maxrss / 1000)


def _how(status, error):
    said = (error.strip().splitlines() or [""])[-1]
    if status < 0:
        return f"killed by {signal.Signals(-status).name}"
    return "" if "Traceback" not in error and status in (0, 1, 2) else f"status {status}: {said[:200]}"


def _become(reader, run, other, error):
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
    status = 3
    try:
        status = _read_in_scratch(reader, run, other, error)
    except BaseException:  # noqa: BLE001  # this process ends here
        traceback.print_exc(file=error)
    error.flush()
    os._exit(status)


def _read_in_scratch(reader, run, other, error):
    """Let a reader read in a folder of its own; what it prints is not shown."""
    out, err = contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(error)
    with tempfile.TemporaryDirectory() as cwd, contextlib.chdir(cwd), out, err:
        return _read(reader, run, other)


def _read(reader, run, other):
    if reader.name in LIBRARY:
        with contextlib.suppress(EnvcfgError):
            LIBRARY[reader.name](run)
        return 0
    places = {"RUN": str(run), "OTHER": str(other)}
    sys.argv = ["envcfg", *(places.get(text, text) for text in reader.arguments)]
    os.environ["COLUMNS"] = "120"
    warnings.simplefilter("ignore")
    try:
        envcfg()
    except SystemExit as ended:
        return int(ended.code or 0)
    return 0


def table(words=()):
    """Measure, and write a line for each hostile file. Returns whether all targets were met."""
    write(f"| {'hostile file':<34} | {'CPU s':>5} | {'slowest':<10} | {'MB':>5} | {'largest':<10} |\n|{'---|' * 5}")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        other, every = hostile_files.ordinary(Path(folder, "other")), list(readers())
        for reader in every:
            if reader.name not in THREADED:
                _read_in_scratch(reader, other, other, io.StringIO())  # so that the imports are made
        asked = [name for name in hostile_files.FILES if not words or any(word in name for word in words)]
        results = [_is_met(name, Path(folder), every, other) for name in asked]
    write(f"Targets: each of {len(every)} readers below {SECONDS} s and {MEGABYTES} MB, and it ends by itself")
    return all(results)


def _is_met(name, folder, every, other):
    """Write the line of a hostile file, and each target that was missed."""
    place = folder / name.replace("/", "-")
    ended = [measured(reader, _run(name, place, number, reader), other) for number, reader in enumerate(every)]
    slowest = max(ended, key=lambda each: each.seconds)
    largest = max(ended, key=lambda each: each.megabytes)
    costs = f"{slowest.seconds:>5.2f} | {slowest.reader:<10} | {largest.megabytes:>5.0f} | {largest.reader:<10}"
    write(f"| {name:<34} | {costs} |")
    missed = [each for each in ended if each.how or each.seconds >= SECONDS or each.megabytes >= MEGABYTES]
    for each in missed:
        write(f"    MISSED: {each.reader}: {each.seconds:.2f} s, {each.megabytes:.0f} MB {each.how}")
    return not missed


def _run(name, place, number, reader):
    """The hostile run: a new one for a reader that writes into it."""
    run = place.with_name(f"{place.name} {number}") if reader.name in WRITING else place
    if not run.exists():
        hostile_files.FILES[name](hostile_files.ordinary(run))
    return run


def write(*lines):
    sys.stdout.writelines(f"{line}\n" for line in lines)
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(0 if table(sys.argv[1:]) else 1)
