"""What a curriculum hands out, and the world it is played in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from envcfg import Cause

Floats = NDArray[np.float32]
Actions = NDArray[np.int64]


@dataclass(frozen=True)
class Task:
    """A named set of parameters that a world can be built from."""

    name: str
    params: Mapping[str, Any]


@dataclass(frozen=True)
class Assignment:
    """A task for one slot, with when and why the curriculum decided on it."""

    task: Task
    cause: Cause
    requested_at: int | None = None
    """The step of the decision; None where it was made for this slot and this reset alone."""
    config: Mapping[str, Any] | None = None
    """The whole config, where it is a recorded one that comes back."""
    check: Callable[[object], None] = field(default=lambda _: None, repr=False)
    """Told the config that the world then runs."""


class World(Protocol):
    """One environment, rebuilt at each reset from the task it adopts."""

    agents: int
    observation_size: int
    actions: int

    def configure(self, task: Task) -> object:
        """The full config of a task: what the environment runs with, and what is recorded."""

    def restore(self, config: Mapping[str, Any]) -> object:
        """The same of a config as it was recorded."""

    def reset(self, config: Any, seed: int) -> Floats:
        """Adopt a config; gives the first observations, (agents, observation_size)."""

    def step(self, actions: Actions) -> tuple[Floats, Floats, bool]:
        """Observations, rewards (agents,) and whether the episode is over."""

    @property
    def outcome(self) -> float:
        """The share of the attainable reward that the episode has brought so far, in [0, 1]."""
