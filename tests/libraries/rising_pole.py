"""A cart-pole whose gravity rises with its episodes, recorded, in a program that is interrupted once."""

import json
import os
from pathlib import Path

import gymnasium

from envcfg.adapters.gymnasium_env import RecordedEnv

SLOTS = 2


class Rising(gymnasium.Wrapper):
    """Keeps a book of its own: the gravity of each episode. The rank 0 presses Ctrl-C if a file asks for it."""

    def __init__(self, env, rank):
        super().__init__(env)
        self.rank, self.steps, self.book = rank, 0, Path(os.environ["BOOK"]) / f"book-{rank}"
        self.episodes = len(self.book.read_text().splitlines()) if self.book.exists() else 0

    def reset(self, **options):
        self.unwrapped.gravity = 9.0 + self.episodes // 2
        self.episodes += 1
        with self.book.open("a") as file:
            file.write(json.dumps(self.unwrapped.gravity) + "\n")
        return self.env.reset(**options)

    def step(self, action):
        self.steps += 1
        asked = self.book.with_name("interrupt")
        if self.rank == 0 and self.steps == 100 and asked.exists():
            asked.unlink()
            raise KeyboardInterrupt
        return self.env.step(action)


def make(id, rank, render_mode=None):  # noqa: A002  # the name of gymnasium
    env = Rising(gymnasium.make(id, render_mode=render_mode), rank)
    return RecordedEnv(env, slot=rank, slots=SLOTS, attributes=("gravity",))
