"""An environment that keeps a book of what it really ran with, independent of envcfg."""

import json
from collections.abc import Callable
from functools import partial
from itertools import count, takewhile
from os import PathLike
from pathlib import Path
from typing import Any, Final, TypeAlias

import gymnasium
import numpy as np

Book: TypeAlias = list[dict[str, Any]]
"""The parameters at each reset of one environment, in order."""


class SpyEnv(gymnasium.Env[Any, Any]):
    """A small Gymnasium environment that writes its parameters into the file *book* at each reset.

    At every second reset it raises its `level` itself, as a curriculum would. Other code may set `gravity`, call
    `set_level`, or pass `{"level": 3}` as options of a reset. An episode has *length* steps. What is observed and
    earned depends on the parameters and on the random generator: with other parameters, a training is another one.

    Example: `env = SpyEnv("runs/book-0.jsonl")`
    """

    parameters: Final = ("level", "gravity")
    """The names of the parameters in the book, to pass as `attributes=`."""
    observation_space = gymnasium.spaces.Box(-100.0, 100.0, (3,), np.float32)
    action_space = gymnasium.spaces.Discrete(2)

    def __init__(self, book: str | PathLike[str], *, length: int = 7) -> None:
        self.book = Path(book)
        self.length = length
        self.level = 0
        self.gravity = 9.8
        self._resets = 0
        self._steps = 0

    def set_level(self, level: int) -> None:
        """Set the level from the next reset on."""
        self.level = level

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        super().reset(seed=seed)
        self._resets, self._steps = self._resets + 1, 0
        self.level = (options or {}).get("level", self.level + (self._resets % 2 == 0))
        with self.book.open("a", encoding="utf-8") as book:
            book.write(json.dumps({name: getattr(self, name) for name in self.parameters}) + "\n")
        return self._seen(), {}

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        self._steps += 1
        reward = float(self.np_random.normal()) + int(action) * self.gravity / 10 - self.level / 10
        return self._seen(), reward, False, self._steps >= self.length, {}

    def _seen(self) -> Any:
        return np.array([self.level % 100, self.gravity % 100, self._steps], np.float32)


def spies(folder: str | PathLike[str], slots: int) -> list[Callable[[], gymnasium.Env[Any, Any]]]:
    """Return functions that make a `SpyEnv` for each of *slots*, which can be pickled into worker processes.

    The books stand in *folder*. The environments of the slots have episodes of other lengths.
    """
    Path(folder).mkdir(parents=True, exist_ok=True)
    return [partial(SpyEnv, _book(folder, slot), length=5 + 2 * slot) for slot in range(slots)]


def books(folder: str | PathLike[str]) -> list[Book]:
    """Return the books of the environments that `spies` made, in order of their slots."""
    paths = takewhile(Path.exists, (_book(folder, slot) for slot in count()))
    return [[json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] for path in paths]


def _book(folder: str | PathLike[str], slot: int) -> Path:
    return Path(folder) / f"book-{slot}.jsonl"
