"""Gymnasium ids of spies, for programs that take the id of an environment: `spy_ids:Spy-v0`.

`SPY_BOOKS` is the folder of the books. With `SPY_RECORDER`, the environments are recorded there, as in the recipe of
`docs/adapters.md`.
"""

import os
from functools import cache
from itertools import count
from pathlib import Path

import gymnasium
import numpy as np

from envcfg.testing import SpyEnv


class BoxSpy(SpyEnv):
    """A spy with an action between -1 and 1."""

    action_space = gymnasium.spaces.Box(-1.0, 1.0, (1,), np.float32)

    def step(self, action):
        return super().step(float(np.asarray(action).flatten()[0]) > 0)


@cache
def tracker():
    from envcfg import Tracker

    return Tracker(Path(os.environ["SPY_BOOKS"]) / "envcfg", run="r", strict=True)


_numbers = count()


def made(kind):
    """An environment with the next free book, recorded if this is asked for."""
    number = next(_numbers)
    env = kind(Path(os.environ["SPY_BOOKS"]) / f"book-{number}.jsonl", length=5 + 2 * (number % 4))
    if "SPY_RECORDER" not in os.environ:
        return env
    from envcfg.adapters import RecordedEnv

    return RecordedEnv(env, tracker(), attributes=SpyEnv.parameters)


gymnasium.register("Spy-v0", entry_point=lambda **_: made(SpyEnv))
gymnasium.register("BoxSpy-v0", entry_point=lambda **_: made(BoxSpy))
