"""Random slots begin, change, are closed, replaced and evaluated in several processes, against a simple book."""

import random

import pytest

from envcfg import Tracker, load
from envcfg.core.record import EVALUATION

WALKS, LENGTH, WORKERS, SLOTS = 20, 250, 4, 6


class Book:
    """What is in force in each slot of each role, after each step."""

    def __init__(self):
        self.now = {"train": {}, "eval": {}}
        self.pages = []

    def turn(self, step):
        self.pages.append((step, {role: dict(slots) for role, slots in self.now.items()}))


class Program:
    """A program with a trainer and several workers, whose environments live in random slots."""

    def __init__(self, folder, rng):
        self.rng, self.book, self.step, self.level = rng, Book(), 0, 0
        self.trainer = Tracker(folder)
        self.trackers = [self.trainer, *(self.trainer.shard(number) for number in range(1, WORKERS))]
        self.living = {}
        """(role, slot): its tracker and its number there."""

    def walk(self):
        moves = [self.begin, self.begin, self.adopt, self.adopt, self.adopt, self.close, self.reset, self.stop_worker]
        for _ in range(LENGTH):
            self.step += self.rng.randint(1, 9)
            self.trainer.set_step(step=self.step)
            self.rng.choice(moves)()
            self.book.turn(self.step)
        self.trainer.set_step(step=self.step + 1)
        for tracker in reversed(self.trackers):
            tracker.close()

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
            tracker.record({"level": self.book.now[role][slot]}, slot=number)

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
        tracker.record({"level": self.level}, slot=number)
        self.book.now[role][slot] = self.level


def in_force(history, step):
    adoptions = history.adoptions
    held = history.lives.only_living(adoptions.held(step), step, adoptions.row_at(step))
    return {place.slot: history.config(adoptions[row].record.config)["level"] for place, row in held.items()}


@pytest.mark.parametrize("seed", range(WALKS))
def test_what_is_in_force_in_each_slot_equals_the_book(seed, tmp_path):
    program = Program(tmp_path / "envcfg", random.Random(seed))
    program.walk()
    training = load(tmp_path)
    histories = {role: training.of_role(role) for role in ("train", "eval", "all")}
    for step, page in program.book.pages:
        every = page["train"] | {EVALUATION + slot: level for slot, level in page["eval"].items()}
        for role, expected in (*page.items(), ("all", every)):
            if expected:  # if none lives, the last ones count
                assert in_force(histories[role], step) == expected, (step, role)
    assert not training.failures
    assert {place.worker for place in training.adoptions.places} == {0}
