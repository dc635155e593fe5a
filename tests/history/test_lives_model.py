"""Random slots begin, change, are closed, replaced and evaluated in several processes, against a simple book.

The program is also killed, resumed from earlier steps, moved to machines with wrong clocks, and started twice at once.
"""

import os
import pickle
import random
import signal
import time
from collections import Counter
from functools import partial

import pytest

from envcfg import Tracker, load
from envcfg.core.record import EVALUATION
from envcfg.history.queries.moments import moment
from envcfg.history.queries.spreads import spreads
from envcfg.sources.journal import from_journal, run_ids

WALKS, LENGTH, WORKERS, SLOTS = 20, 250, 4, 6
RUNS, SESSIONS, TURNS = 12, 5, 50


class Book:
    """What is in force in each slot of each role, after each step."""

    def __init__(self, pages=()):
        self.now = {"train": {}, "eval": {}}
        self.pages = list(pages)

    def turn(self, step):
        self.pages.append((step, {role: dict(slots) for role, slots in self.now.items()}))


class Program:
    """A program with a trainer and several workers, whose environments live in random slots."""

    def __init__(self, folder, rng, *, start=0, pages=(), skew=0.0, has_resets=True):
        self.rng, self.book, self.step, self.level = rng, Book(pages), start, 1000 * start
        self.trainer = Tracker(folder, run="r", clock=lambda: time.time() + skew)
        self.trackers = [self.trainer, *(self.trainer.shard(number) for number in range(1, WORKERS))]
        self.has_resets = has_resets
        self.living = {}
        """(role, slot): its tracker and its number there."""

    def walk(self, length=LENGTH):
        moves = [self.begin, self.begin, self.adopt, self.adopt, self.adopt, self.close, self.stop_worker]
        moves += [self.reset] * self.has_resets
        for _ in range(length):
            self.step += self.rng.randint(1, 9)
            self.trainer.set_step(step=self.step)
            self.rng.choice(moves if self.living else [self.begin])()
            self.book.turn(self.step)

    def close_all(self):
        self.trainer.set_step(step=self.step + 1)
        for tracker in reversed(self.trackers):
            tracker.close("interrupted")

    def begin(self):
        """A new environment, in a free or in a used slot, of any process."""
        role, slot = self.rng.choice(["train", "train", "eval"]), self.rng.randrange(SLOTS)
        tracker = self.rng.choice(self.trackers)
        self.living[role, slot] = tracker, tracker.begin_slot(slot, role=role)
        self.write(role, slot)

    def adopt(self):
        if self.living:
            self.write(*self.rng.choice(list(self.living)))

    def reset(self):
        """A reset that changes nothing."""
        if self.living:
            role, slot = self.rng.choice(list(self.living))
            tracker, number = self.living[role, slot]
            tracker.record(self.book.now[role][slot], slot=number)

    def close(self):
        if self.living:
            role, slot = self.rng.choice(list(self.living))
            tracker, number = self.living.pop((role, slot))
            tracker.end_slot(number)
            del self.book.now[role][slot]

    def stop_worker(self):
        """The process of some environments ends, and the next one has another number."""
        if self.rng.random() < 0.2:
            place = self.rng.randrange(1, WORKERS)
            gone = self.trackers[place]
            gone.close()
            self.trackers[place] = self.trainer.shard(WORKERS + len(self.book.pages))
            for role, slot in [key for key, (tracker, _) in self.living.items() if tracker is gone]:
                del self.living[role, slot], self.book.now[role][slot]

    def write(self, role, slot):
        self.level += 1
        tracker, number = self.living[role, slot]
        config = {"level": self.level, "size": self.rng.randrange(3)}
        tracker.record(config, slot=number)
        self.book.now[role][slot] = config


def in_force(history, step):
    adoptions = history.adoptions
    held = history.lives.only_living(adoptions.held(step), step, adoptions.row_at(step))
    return {place.slot: history.config(adoptions[row].record.config) for place, row in held.items()}


def differences(training, pages):
    """Where the history differs from the book: in a slot, or in how a parameter is spread over slots."""
    histories = {role: training.of_role(role) for role in ("train", "eval", "all")}
    for step, page in pages:
        every = page["train"] | {EVALUATION + slot: config for slot, config in page["eval"].items()}
        for role, expected in (*page.items(), ("all", every)):
            if not expected or step > training.last_step:  # if none lives, the last ones count
                continue
            if in_force(histories[role], step) != expected:
                yield step, role, expected
            for path, spread in spreads(histories[role], moment(histories[role], step)).values.items():
                if Counter(config[path[0]] for config in expected.values()) != dict(
                    zip(spread.values, spread.weights, strict=True)
                ):
                    yield step, role, path


@pytest.mark.parametrize("seed", range(WALKS))
def test_what_is_in_force_in_each_slot_equals_the_book(seed, tmp_path):
    program = Program(tmp_path / "envcfg", random.Random(seed))
    program.walk()
    program.close_all()
    training = load(tmp_path)
    assert not list(differences(training, program.book.pages))
    assert not training.failures
    assert {place.worker for place in training.adoptions.places} == {0}


def killed(start, path):
    """The pages of a program that runs in a process of its own, which is killed."""
    child = os.fork()
    if not child:
        try:
            program = start()
            program.walk(TURNS)
            path.write_bytes(pickle.dumps(program.book.pages))
        finally:
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    return pickle.loads(path.read_bytes())


def ended(start, *, also=()):
    """The pages of programs that run at the same time and end, the last one first."""
    programs = [each() for each in (start, *also)]
    for program in programs:
        program.walk(TURNS)
    for program in reversed(programs):
        program.close_all()
    return [program.book.pages for program in programs]


@pytest.mark.parametrize("seed", range(RUNS))
def test_after_kills_resumes_and_moves_what_is_in_force_equals_the_book(seed, tmp_path):
    folder, rng, pages, branches = tmp_path / "envcfg", random.Random(seed), [], []
    for session in range(SESSIONS):
        last = pages[-1][0] if pages else 0
        at = rng.choice([last + 5, rng.randint(last // 2, last)]) if session else 0
        before = [page for page in pages if page[0] <= at]
        start, other = (
            partial(Program, folder, random.Random(rng.random()), start=at, pages=before, skew=skew, has_resets=False)
            for skew in (rng.uniform(-1e5, 1e5), rng.uniform(-1e5, 1e5))
        )  # resets that change nothing are counted at the end of a worker, when another may have its slot
        match rng.choice(["killed", "ended", "ended twice"] if session else ["killed", "ended"]):
            case "killed":
                pages = killed(start, tmp_path / "pages")
            case "ended":
                (pages,) = ended(start)
            case "ended twice":  # the same job is started twice at once, and the second one is resumed
                branch, pages = ended(start, also=[other])
                branches.append(branch)
    found = [from_journal(folder, run=run) for run in run_ids(folder)]
    assert len(found) == 1 + len(branches)
    for book in (*branches, pages):
        assert any(not list(differences(training, book)) for training in found)
