"""Trainings in which a system call on the journal's files fails: once, three times, or from some call on."""

import errno
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from envcfg import load
from envcfg.core.errors import EnvcfgError

SOURCE = Path(__file__).with_suffix(".c")
JOURNAL = "envcfg-soak"
STEPS = 150
FAULTS = [
    *[("write", number) for number in (errno.EIO, errno.ENOSPC, errno.EDQUOT)],
    ("short", 0),
    *[("fsync", number) for number in (errno.EIO, errno.ENOSPC)],
    ("fdatasync", errno.EIO),
    *[("rename", number) for number in (errno.EIO, errno.EACCES, errno.ESTALE)],
    ("unlink", errno.EACCES),
    *[("read", number) for number in (errno.EIO, errno.ESTALE)],
    *[("close", number) for number in (errno.EIO, errno.ENOSPC)],
    ("link", errno.EPERM),
]
AFTER = (*range(12), 20, 40, 60, 100, 150)
TIMES = (1, 3, 1_000)


def library(folder):
    """The library to preload; None on a system without a C compiler or without `LD_PRELOAD`."""
    compiler = shutil.which("cc")
    if compiler is None or sys.platform != "linux":
        return None
    path = folder / "system_calls.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", path, SOURCE, "-ldl"], check=True)
    return path


def trials():
    """Each fault with its number of calls before it, and how often it occurs."""
    for fault, error in FAULTS:
        for after in AFTER:
            for times in TIMES:
                if not (times == TIMES[1] and after % 2):
                    yield fault, error, after, times


def trial(found, folder, preloaded, fault, error, after, times):  # noqa: PLR0917
    journal = folder / JOURNAL
    given = {"FAULT": fault, "FAULT_ERROR": error, "FAULT_AFTER": after, "FAULT_TIMES": times}
    env = {**os.environ, "LD_PRELOAD": str(preloaded), **{name: str(value) for name, value in given.items()}}
    done = subprocess.run([sys.executable, __file__, journal], env=env, capture_output=True, check=False)
    name = f"{fault} ({errno.errorcode.get(error, 'half the bytes')}) after {after}, {times} times"
    said = [json.loads(line) for line in done.stdout.splitlines()]
    promised = {(step, digest) for step, digest in said if digest is not None}
    found.trials += 1
    found.acknowledged += len(promised)
    if done.returncode or len(said) != STEPS:
        found.lies(f"{name}: the training ended with {done.returncode}: {done.stderr[-200:]!r}")
    try:
        history = load(journal)
    except EnvcfgError as refused:
        found.loses(len(promised), f"{name}: {refused}")
        return
    kept = {(a.record.step, a.record.config) for a in (*history.adoptions, *history.abandoned)}
    found.loses(len(promised - kept), name)
    found.loses(sum(digest not in history.configs for _, digest in promised), f"{name}: configs")
    if len(promised) < STEPS and b"training goes on" not in done.stderr:
        found.hides(f"{name}: {STEPS - len(promised)} records were not kept")


def train(folder):
    from envcfg import Tracker  # only in the training

    with Tracker(folder, run="r", segment_bytes=3_000) as tracker:
        for step in range(STEPS):
            tracker.record({"i": step, "l": [step] * 5}, step=step, epoch=step // 10, slot=step % 3, task="t")
            line = json.dumps([step, tracker.digest(step % 3)]).encode() + b"\n"
            os.write(1, line)
            if step % 10 == 9:
                tracker.end_epoch(step=step, epoch=step // 10)


if __name__ == "__main__":
    train(sys.argv[1])
