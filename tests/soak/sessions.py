"""Sessions of one run that do random things, are killed and resumed; compared with a book of their own."""

import json
import random
import signal
import subprocess
import sys
from collections import defaultdict
from itertools import zip_longest
from math import inf
from pathlib import Path
from typing import NamedTuple

from envcfg import load
from envcfg.core.code import Code

TRAINER = Path(__file__).with_name("trainer.py")


class Noted(NamedTuple):
    """A line of the book."""

    what: str
    session: int
    step: int
    slot: int = 0
    digest: str | None = None
    task: str | None = None
    config: dict | None = None
    is_new: bool = False


def book_of(path):
    lines = path.read_bytes().split(b"\n")[:-1] if path.exists() else []
    return [Noted(*json.loads(line)) for line in lines]


def trial(found, folder, seed):
    """Up to four sessions; each goes on after the last step, or restarts from an earlier one."""
    draw, journal, path = random.Random(seed), folder / "envcfg", folder / "book"
    first = 0
    for session in range(draw.randrange(1, 5)):
        given = [journal, path, session, first, draw.randrange(10**6)]
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
        with subprocess.Popen([sys.executable, TRAINER, *map(str, given)], **streams) as training:
            training.stdout.readline()  # it has recorded
            try:
                training.wait(timeout=draw.random())
            except subprocess.TimeoutExpired:
                training.send_signal(draw.choice([signal.SIGKILL, signal.SIGKILL, signal.SIGTERM]))
        last = max((noted.step for noted in book_of(path)), default=0)
        first = draw.choice([last + 1, max(0, last - draw.randrange(1, 100))])
    book = book_of(path)
    found.trials += 1
    if book:
        compare(found, load(folder), book, f"seed {seed}")


def compare(found, history, book, name):
    records = [noted for noted in book if noted.what == "record"]
    found.acknowledged += len(records)
    kept = {(a.record.step, a.record.slot, a.record.config, a.record.task) for a in history.adoptions}
    kept |= {(a.record.step, a.record.slot, a.record.config, a.record.task) for a in history.abandoned}
    new = [noted for noted in records if noted.is_new and noted.digest]
    gone = [noted for noted in new if (noted.step, noted.slot, noted.digest, noted.task) not in kept]
    found.loses(len(gone), f"{name}: {gone[:2]}")
    if any(noted.digest is None for noted in records) and not history.failures:
        found.hides(f"{name}: a record was not acknowledged")
    for noted in new:
        if noted.digest in history.configs and history.configs[noted.digest] != noted.config:
            found.lies(f"{name}: config {noted.digest} is {history.configs[noted.digest]}, recorded as {noted.config}")
    sessions = len({noted.session for noted in book})
    for slot, order in _in_force(book).items():
        told = [(a.record.step, a.record.config) for a in history.adoptions if a.record.slot == slot]
        rest = iter(told)
        if not all(one in rest for one in order):
            at = next(at for at, pair in enumerate(zip_longest(told, order)) if pair[0] != pair[1])
            found.lies(f"{name}: slot {slot} has {told[at : at + 2]} at {at}, and should have {order[at : at + 2]}")
        unknown = len(set(told) - set(order))
        if unknown > sessions:  # each may have been killed after a record, before it was noted
            found.lies(f"{name}: slot {slot} has {unknown} records that nobody noted")
    asked = sum(noted.what == "request" and noted.step < _end(book, noted.session) for noted in book)
    if asked > len(history.requests):
        found.lies(f"{name}: {len(history.requests)} of {asked} requests")
    if book[-1].what == "close" and history.status != "completed":
        found.lies(f"{name}: it was closed, and its status is {history.status}")
    was_closed = any(noted.what == "closing" for noted in book if noted.session == book[-1].session)
    if history.status == "completed" and not was_closed:
        found.lies(f"{name}: its last session was killed, and its status is completed")
    odd = [loss for loss in history.losses if loss.code not in {Code.TORN, Code.EMPTY}]
    if odd:
        found.lies(f"{name}: nothing was damaged, and it says {odd[:1]}")


def _end(book, session):
    """The step from which a later session replaces the records of this one."""
    steps = defaultdict(lambda: inf)
    for noted in book:
        if noted.what in {"record", "epoch"}:
            steps[noted.session] = min(steps[noted.session], noted.step)
    return min((step for other, step in steps.items() if other > session), default=inf)


def _in_force(book):
    """The adoptions of each slot that count, in order."""
    ends = {noted.session: _end(book, noted.session) for noted in book}
    order = defaultdict(list)
    for noted in book:
        if noted.is_new and noted.digest and noted.step < ends[noted.session]:
            order[noted.slot].append((noted.step, noted.digest))
    return order
