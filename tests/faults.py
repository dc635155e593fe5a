"""Trainings that meet a fault, as processes of their own, and what is left of them.

    python tests/faults.py 300

prints a line for each kind of end: how many trainings, how many records they had acknowledged, how many of those were
lost. Everything is drawn by seed.
"""

import json
import random
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from envcfg import load

TRAINING = """
import json, resource, shutil, sys
from pathlib import Path
from envcfg import Tracker

folder, fault, seed = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
tracker = Tracker(folder, run="faulty")
tracker._out.journal.rotate_at = 4_000
said = lambda step, digest: (sys.stdout.write(json.dumps([step, digest]) + "\\n"), sys.stdout.flush())

def limited(kind, value):
    resource.setrlimit(kind, (value, resource.getrlimit(kind)[1]))

step = 0
while fault == "signal" or step < 400:
    if step == 100 and fault == "disk full":
        limited(resource.RLIMIT_FSIZE, 1_000)
    if step == 100 and fault == "no file handles":
        limited(resource.RLIMIT_NOFILE, 3)
    if step == 200 and fault in ("disk full", "no file handles"):
        kind = resource.RLIMIT_FSIZE if fault == "disk full" else resource.RLIMIT_NOFILE
        limited(kind, resource.getrlimit(kind)[1])
    if step == 100 and fault == "folder removed":
        shutil.rmtree(folder)
    config = {"level": step, "rows": [[seed] * 5] * 5}
    digest = tracker.record(config, step=step, epoch=step // 10, slot=step % 3, task=f"t{step % 7}")
    said(step, digest)
    if step % 10 == 9:
        tracker.advance(step=step, epoch=step // 10)
    step += 1
tracker.close()
"""
SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)


def start(folder, fault, seed=0):
    command = [sys.executable, "-c", TRAINING, str(folder), fault, str(seed)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def acknowledged(lines):
    """Steps whose record returned a digest, and which."""
    said = [json.loads(line) for line in lines if line.endswith("\n")]
    return {step: digest for step, digest in said if digest is not None}


def stopped(folder, number, seed):
    """A training that is sent a signal after a number of records that its seed draws; what it had acknowledged."""
    after = random.Random(seed).randrange(1, 400)
    with start(folder, "signal", seed) as process:
        lines = [process.stdout.readline() for _ in range(after)]
        process.send_signal(number)
        lines += process.stdout.readlines()
    return acknowledged(lines)


def faced(folder, fault):
    """A training that meets a fault at its 100th record: its exit status, what it acknowledged, and its stderr."""
    with start(folder, fault) as process:
        out, error = process.communicate()
    return process.returncode, acknowledged(out.splitlines(keepends=True)), error


def lost(folder, promised):
    """Of what was acknowledged, how much the history does not have."""
    found = {adoption.record.step: adoption.record.config for adoption in load(folder).adoptions}
    return sum(found.get(step) != digest for step, digest in promised.items())


def main(rounds):
    ends, promised, missing = Counter(), Counter(), Counter()
    with tempfile.TemporaryDirectory() as base:
        for seed in range(rounds):
            number = SIGNALS[seed % len(SIGNALS)]
            folder = Path(base) / str(seed)
            said = stopped(folder, number, seed)
            ends[number.name] += 1
            promised[number.name] += len(said)
            missing[number.name] += lost(folder, said)
    for name, count in ends.items():
        verdict = "ok" if not missing[name] else "MISSED"
        said = f"{count:>4} trainings {promised[name]:>8,} records {missing[name]:>4} lost"
        sys.stdout.write(f"{name:<8} {said}   target 0   {verdict}\n")
    return int(any(missing.values()))


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 300))
