"""A training that does random things, and keeps a book of what was acknowledged. It ends itself, or is killed.

    python tests/soak/trainer.py FOLDER BOOK SESSION FIRST_STEP SEED

Each line of the book is JSON: what was done, the session, the step. For a record, its slot, digest, task and config
follow, and whether the slot had another config or task before.
"""

import json
import os
import random
import sys

from envcfg import Tracker

PLAIN, TASKS = 30, 4
CHILDREN = 50
"""The first slot of the processes that are forked; each of them has one of its own."""


class Training:
    def __init__(self, folder, book, session, step, seed):
        self.draw = random.Random(seed)
        self.session, self.step, self.held, self.children = session, step, {}, 0
        self.book = os.open(book, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self.tracker = Tracker(folder, run="soak", segment_bytes=self.draw.choice([1_500, 4_000, 20_000, 2_000_000]))
        self.note("open")

    def note(self, *done):
        what, *rest = done
        os.write(self.book, json.dumps([what, self.session, self.step, *rest]).encode() + b"\n")

    def record(self, slot, config, task):
        self.tracker.record(dict(config), step=self.step, epoch=self.epoch, slot=slot, task=task)
        is_new = self.held.get(slot) != (config, task)
        self.held[slot] = (config, task)
        self.note("record", slot, self.tracker.digest(slot), task, config, is_new)

    @property
    def epoch(self):
        return self.step // 50

    def adopt(self):
        slot = self.draw.randrange(5)
        config = {"v": self.draw.randrange(PLAIN), "s": self.session, "l": [self.draw.randrange(3)] * 4}
        if self.draw.random() < 0.2 and slot in self.held:
            config = self.held[slot][0]
        if self.draw.random() < 0.05:
            config = {"v": self.draw.random(), "n": {"t": "é\n"}, "s": self.session}
        self.record(slot, config, f"t{config['v'] % TASKS if type(config['v']) is int else 9}")

    def request(self):
        self.tracker.request({"v": self.draw.randrange(PLAIN)}, slot=self.draw.randrange(5), step=self.step)
        self.note("request")

    def mix(self):
        share = self.draw.random()
        self.tracker.mix({"t0": share, "t1": 1 - share}, step=self.step, epoch=self.epoch)

    def end_epoch(self):
        self.tracker.end_epoch(step=self.step, epoch=self.epoch, rewards={"t0": [self.draw.random()]})
        self.note("epoch")

    def fork(self):
        self.children += 1
        child = os.fork()
        if child:
            os.waitpid(child, 0)
            return
        for number in range(self.draw.randrange(1, 4)):
            self.record(CHILDREN + 1_000 * self.session + self.children, {"child": self.children, "k": number}, "child")
        if self.draw.random() < 0.5:
            self.tracker.close()
        os._exit(0)

    def close(self):
        self.note("closing")
        self.tracker.close()
        self.note("close")
        os._exit(0)

    def leave(self):
        os._exit(3)

    def run(self):
        doings = {self.adopt: 720, self.request: 60, self.mix: 80, self.end_epoch: 70}
        doings |= {self.fork: 10, self.close: 3, self.leave: 2}
        self.adopt()
        os.write(1, b"begun\n")
        while True:
            self.step += self.draw.randrange(4)
            (do,) = self.draw.choices(list(doings), list(doings.values()))
            do()


if __name__ == "__main__":
    folder, book, *numbers = sys.argv[1:]
    Training(folder, book, *map(int, numbers)).run()
