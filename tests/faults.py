"""Trainings that meet a fault, as processes of their own, and what is left of them.

    python tests/faults.py 300

prints a line for each fault: how many trainings, how many records they had acknowledged, how many of those were lost,
and in how many it was told as it should be. Everything is drawn by seed.
"""

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from faulty import BROKEN, FAULTS, LAST, MENDED

from envcfg import load
from envcfg.cli import findings

SCRIPT = Path(__file__).with_name("faulty.py")
SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
ADVICE = {
    "disk full": "df -h",
    "file size limit": "ulimit -f",
    "no file handles": "ulimit -n",
    "read-only folder": "chmod",
    "permission lost": "chmod",
    "folder removed": "keep what cleans up",
    "folder moved": "keep what cleans up",
}
"""What `envcfg doctor` says to type."""
HARMLESS = ("clock goes back", "forks")


class Seen(NamedTuple):
    """What became of a training."""

    status: int
    promised: dict[int, str]
    """Steps whose record returned a digest, and which."""
    error: str

    @property
    def told(self):
        return self.error.count("training goes on; shown once")


def start(folder, fault, seed=0, **options):
    command = [sys.executable, str(SCRIPT), str(folder), fault, str(seed)]
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    return subprocess.Popen(command, text=True, **streams)


def acknowledged(lines):
    said = [json.loads(line) for line in lines if line.endswith("\n")]
    return {step: digest for step, digest in said if digest is not None}


def seen(process):
    out, error = process.communicate()
    return Seen(process.returncode, acknowledged(out.splitlines(keepends=True)), error or "")


def stopped(folder, number, seed):
    """A training that is sent a signal after a number of records that its seed draws."""
    after = random.Random(seed).randrange(1, LAST)
    with start(folder, "signal", seed) as process:
        lines = [process.stdout.readline() for _ in range(after)]
        process.send_signal(number)
        lines += process.stdout.readlines()
        error = process.stderr.read()
    return Seen(process.returncode, acknowledged(lines), error)


def pestered(folder, seed):
    """A training that catches every Ctrl-C and goes on, until it is killed."""
    draws = random.Random(seed)
    lines = []
    with start(folder, "Ctrl-C, caught", seed) as process:
        for _ in range(20):
            lines += [process.stdout.readline() for _ in range(draws.randrange(1, 30))]
            process.send_signal(signal.SIGINT)
        process.kill()
        lines += process.stdout.readlines()
        error = process.stderr.read()
    return Seen(process.returncode, acknowledged(lines), error)


def faced(folder, fault, seed=0, **options):
    """A training that meets a fault."""
    with start(folder, fault, seed, **options) as process:
        return seen(process)


def together(folder, seed):
    """Two trainings in one folder at the same time."""
    with start(folder, "none", seed) as one, start(folder, "none", seed) as other:
        return seen(one), seen(other)


def lost(folder, promised):
    """Of what was acknowledged, how much the history does not have."""
    history = load(folder)
    found = {(a.record.step, a.record.config) for a in (*history.adoptions, *history.abandoned)}
    return sum((step, digest) not in found for step, digest in promised.items())


def lost_of(several, folder):
    return sum(lost(folder, met.promised) for met in several)


def lost_in(fault, folder, met):
    """How much is lost of a training that went on; None where it did not. What was removed is not counted."""
    outside = set(range(BROKEN)) | set(range(MENDED, LAST))
    if met.status != 0 or not outside <= met.promised.keys():
        return None
    gone = range(BROKEN) if fault in ("folder removed", "folder moved") else ()
    return lost(folder, {step: digest for step, digest in met.promised.items() if step not in gone})


def is_explained(fault, folder):
    """Whether doctor says what to type."""
    return any(ADVICE[fault] in finding.todo for finding in findings.run(str(folder)) if finding.state == "wrong")


@contextlib.contextmanager
def place(base, fault):
    """Where to train; for a disk that fills up a file system of its own, if we may make one, else None."""
    folder = Path(base) / "run"
    folder.mkdir()
    if fault != "disk full":
        yield folder / "envcfg"
        return
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)]
    if os.getuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        yield None
        return
    try:
        yield folder / "envcfg"
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def told(fault, folder, met):
    if fault in HARMLESS:
        return "NOT SILENT" if met.error else "silent"
    return "told once, explained" if met.told == 1 and is_explained(fault, folder) else "NOT TOLD"


def signals(rounds):
    """A line for each signal."""
    for number in SIGNALS:
        records = missing = 0
        for seed in range(rounds // len(SIGNALS)):
            with tempfile.TemporaryDirectory() as base:
                promised = stopped(Path(base), number, seed).promised
                records += len(promised)
                missing += lost(Path(base), promised)
        yield number.name, seed + 1, records, missing, ""
    records = missing = 0
    for seed in range(rounds // 30):
        with tempfile.TemporaryDirectory() as base:
            promised = pestered(Path(base), seed).promised
            records, missing = records + len(promised), missing + lost(Path(base), promised)
    yield "Ctrl-C, caught", rounds // 30, records, missing, ""
    with tempfile.TemporaryDirectory() as base:
        both = together(Path(base), rounds)
        yield "two in one folder", 2, sum(len(met.promised) for met in both), lost_of(both, Path(base)), ""


def faults():
    """A line for each fault that a training survives."""
    for fault in (*HARMLESS, *FAULTS):
        with tempfile.TemporaryDirectory() as base, place(base, fault) as folder:
            if folder is None:
                yield fault, 0, 0, 0, "not tried: no right to mount a small file system"
                continue
            met = faced(folder, fault)
            missing = lost_in(fault, folder, met)
            yield (
                fault,
                1,
                len(met.promised),
                len(met.promised) if missing is None else missing,
                told(fault, folder, met),
            )


def main(rounds):
    sys.stdout.write(f"{'':<18} {'trainings':>9} {'records':>8} {'lost':>5} {'target':>7}\n")
    is_bad = False
    for fault, trainings, records, missing, said in (*signals(rounds), *faults()):
        is_bad |= bool(missing) or said.startswith("NOT")
        verdict = "MISSED" if missing else "ok"
        sys.stdout.write(f"{fault:<18} {trainings:>9,} {records:>8,} {missing:>5} {0:>7} {verdict:<7} {said}\n")
    return int(is_bad)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 300))
