"""A training that meets a fault at its 100th record and is rid of it at its 200th; `faults.py` starts it.

    python tests/faulty.py FOLDER FAULT SEED

It says on standard output which records it was given a digest for.
"""

import contextlib
import itertools
import json
import os
import resource
import shutil
import signal
import sys
from pathlib import Path

from envcfg import Tracker

BROKEN, MENDED, LAST = 100, 200, 400
NOBODY = 65534
CAUGHT = "Ctrl-C, caught"
ENDLESS = ("signal", CAUGHT)
TURNS = []
"""The turn that a Ctrl-C may interrupt."""


def limit(kind, value=None):
    """The limit of this process; without a *value* the one that it came with."""
    most = resource.getrlimit(kind)[1]
    resource.setrlimit(kind, (most if value is None else value, most))


def fill(folder):
    with (folder.parent / "filler").open("wb", buffering=0) as filler, contextlib.suppress(OSError):
        while True:
            filler.write(bytes(512))


def forbid(place, mode):
    """Take rights away; from root, too, which has to be somebody else for that."""
    place.chmod(mode)
    if os.getuid() == 0:
        os.seteuid(NOBODY)


def permit(place):
    if os.getuid() == 0:
        os.seteuid(0)
    place.chmod(0o755)


FAULTS = {
    "disk full": (fill, lambda folder: (folder.parent / "filler").unlink()),
    "file size limit": (lambda _: limit(resource.RLIMIT_FSIZE, 0), lambda _: limit(resource.RLIMIT_FSIZE)),
    "no file handles": (lambda _: limit(resource.RLIMIT_NOFILE, 3), lambda _: limit(resource.RLIMIT_NOFILE)),
    "read-only folder": (lambda folder: forbid(folder, 0o555), permit),
    "permission lost": (lambda folder: forbid(folder.parent, 0o600), lambda folder: permit(folder.parent)),
    "folder removed": (shutil.rmtree, lambda _: None),
    "folder moved": (lambda folder: folder.rename(folder.with_name("moved")), lambda _: None),
}
BACKWARDS = (1_800_000_000.0 - 3_600 * tick for tick in itertools.count())


def fork(tracker, step, seed):
    """A child that records, too, and is killed over it or ends as a program does; its parent waits for it."""
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        return
    for number in range(5):
        train(tracker, 1_000 * step + number, 9, seed)
    if step % 2:
        os.kill(os.getpid(), signal.SIGKILL)
    os._exit(0)


def train(tracker, step, slot, seed):
    config = {"level": step, "rows": [[seed] * 5] * 5}
    tracker.record(config, step=step, epoch=step // 10, slot=slot, task=f"t{step % 7}")
    os.write(1, json.dumps([step, tracker.digest(slot)]).encode() + b"\n")


def turn(tracker, step, folder, fault, seed):
    begin, end = FAULTS.get(fault, (lambda _: None, lambda _: None))
    if step in (BROKEN, MENDED):
        (begin if step == BROKEN else end)(folder)
    train(tracker, step, step % 3, seed)
    if step % 10 == 9:
        tracker.end_epoch(step=step, epoch=step // 10)
    if fault == "forks" and step % 41 == 40:
        fork(tracker, step, seed)


def interrupt(*_):
    """Ctrl-C where it is caught; it would end this training between two turns, which is nobody's fault."""
    if TURNS:
        TURNS.clear()
        raise KeyboardInterrupt


def main(folder, fault, seed):
    # a shell ignores it for what it starts in the background
    signal.signal(signal.SIGINT, interrupt if fault == CAUGHT else signal.default_int_handler)
    clock = {"clock": lambda: next(BACKWARDS)} if fault == "clock goes back" else {}
    tracker = Tracker(folder, run="faulty", segment_bytes=4_000, **clock)
    for step in itertools.count() if fault in ENDLESS else range(LAST):
        with contextlib.suppress(KeyboardInterrupt if fault == CAUGHT else ()):
            TURNS.append(step)
            turn(tracker, step, folder, fault, seed)
            TURNS.clear()
    tracker.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
