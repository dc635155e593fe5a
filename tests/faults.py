"""Trainings that meet a fault, as processes of their own, and what is left of them.

    python tests/faults.py 300

prints a line for each fault: how many trainings, how many records they had acknowledged, how many of those were lost,
and in how many the failure was reported. Everything is drawn by seed.
"""

import contextlib
import itertools
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

import envcfg
from envcfg import Tracker, load
from envcfg.cli import findings, remedies
from envcfg.core.code import Code

SCRIPT = Path(__file__).with_name("faulty.py")
SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
CODES = {
    "disk full": Code.DISK_FULL,
    "file size limit": Code.FILE_TOO_LARGE,
    "no file handles": Code.TOO_MANY_FILES,
    "read-only folder": Code.NO_PERMISSION,
    "permission lost": Code.NO_PERMISSION,
    "folder removed": Code.TAKEN_AWAY,
    "folder moved": Code.TAKEN_AWAY,
}
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


def kept(tracker, config, **when):
    """Record *config*; the digest that the tracker then acknowledges."""
    tracker.record(config, **when)
    return tracker.digest()


def interrupted(folder, moment):
    """A short training in which Ctrl-C comes at this line or return of ours; what was acknowledged, and how many."""
    ours, count, promised = str(Path(envcfg.__file__).parent), itertools.count(), {}

    def interrupt(frame, event, _):
        if event in ("line", "return") and next(count) == moment:
            raise KeyboardInterrupt
        return interrupt

    tracker = Tracker(folder, run="r", segment_bytes=1_000)
    sys.settrace(lambda frame, *_: interrupt if frame.f_code.co_filename.startswith(ours) else None)
    try:
        for step in range(8):
            with contextlib.suppress(KeyboardInterrupt):
                promised[step] = kept(tracker, {"level": step}, step=step, epoch=step // 3)
        try:
            tracker.close()
        except KeyboardInterrupt:
            tracker.close()
    finally:
        sys.settrace(None)
    return promised, next(count)


def damaged_and_resumed(folder, seed):
    """A training whose journal is damaged at three places before the next one resumes it; what that acknowledged."""
    draws = random.Random(seed)
    with Tracker(folder, run="r", segment_bytes=2_000) as tracker:
        for step in range(40):
            tracker.record({"level": step, "rows": [step] * 20}, step=step)
    victim = draws.choice(sorted(folder.iterdir()))
    content = bytearray(victim.read_bytes())
    for at in draws.sample(range(len(content)), 3):
        content[at] ^= 1 << draws.randrange(8)
    victim.write_bytes(bytes(content))
    with Tracker(folder, run="r") as tracker:
        return {step: kept(tracker, {"level": step}, step=step) for step in range(40, 60)}


def many_tasks(folder, tasks=100_000):
    with Tracker(folder, run="r") as tracker:
        return {step: kept(tracker, {"level": step % 50}, step=step, task=f"task/{step}") for step in range(tasks)}


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
    todo = remedies.of(CODES[fault], folder)
    return any((finding.code, finding.todo) == (CODES[fault], todo) for finding in findings.run(str(folder)))


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


def reported(fault, folder, met):
    """How often the failure was reported: 1 is right. 0 if doctor does not say what to type."""
    return met.told if fault in HARMLESS or is_explained(fault, folder) else 0


def summed(name, count, meet):
    """A line for *count* trainings, each in a folder of its own: what they had acknowledged, and lost."""
    records = missing = 0
    for seed in range(count):
        with tempfile.TemporaryDirectory() as base:
            promised = meet(Path(base, "run"), seed)
            records, missing = records + len(promised), missing + lost(Path(base, "run"), promised)
    return name, count, records, missing, None


def ends(rounds):
    """A line for each end, and for what is no end."""
    for number in SIGNALS:
        yield summed(number.name, rounds // 3, lambda folder, seed: stopped(folder, number, seed).promised)  # noqa: B023
    yield summed("Ctrl-C, caught", rounds // 30, lambda folder, seed: pestered(folder, seed).promised)
    with tempfile.TemporaryDirectory() as base:
        _, moments = interrupted(Path(base), -1)
    yield summed("Ctrl-C at any line", moments, lambda folder, moment: interrupted(folder, moment)[0])
    yield summed("damaged, resumed", rounds // 3, damaged_and_resumed)
    yield summed("100,000 tasks", 1, lambda folder, _: many_tasks(folder))
    with tempfile.TemporaryDirectory() as base:
        both = together(Path(base), rounds)
        yield "two in one folder", 2, sum(len(met.promised) for met in both), lost_of(both, Path(base)), None


def faults():
    """A line for each fault that a training survives; without a number of trainings where it cannot be tried here."""
    for fault in (*HARMLESS, *FAULTS):
        with tempfile.TemporaryDirectory() as base, place(base, fault) as folder:
            if folder is None:
                yield fault, 0, 0, 0, None
                continue
            met = faced(folder, fault)
            missing = lost_in(fault, folder, met)
            yield (
                fault,
                1,
                len(met.promised),
                len(met.promised) if missing is None else missing,
                reported(fault, folder, met),
            )


def main(rounds):
    sys.stdout.write(
        f"{'':<18} {'trainings':>9} {'records':>8} {'lost':>5} {'target':>6} {'reported':>8} {'target':>6}\n"
    )
    is_bad = False
    for fault, trainings, records, missing, times in (*ends(rounds), *faults()):
        right = None if times is None else int(fault in FAULTS)
        is_missed = missing > 0 or times != right
        is_bad |= is_missed
        columns = f"{missing:>5} {0:>6} {'' if times is None else times:>8} {'' if right is None else right:>6}"
        verdict = "MISSED" if is_missed else "ok" if trainings else "not tried: no right to mount a small file system"
        sys.stdout.write(f"{fault:<18} {trainings:>9,} {records:>8,} {columns}  {verdict}\n")
    return int(is_bad)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 300))
