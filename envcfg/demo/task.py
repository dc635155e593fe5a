"""The tasks of a curriculum, and the interface of a world that runs them."""

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
    """A named set of parameters for a world."""

    name: str
    params: Mapping[str, Any]


@dataclass(frozen=True)
class Assignment:
    """A task for one slot, with the step and the cause of the curriculum's decision."""

    task: Task
    cause: Cause
    requested_at: int | None = None
    """The step of the decision, or None for a decision about this reset of this slot only."""
    config: Mapping[str, Any] | None = None
    """The whole config, if it comes from a recording."""
    check: Callable[[object], None] = field(default=lambda _: None, repr=False)
    """A function that is called with the config that the world then runs."""


class World(Protocol):
    """One environment. Each reset builds it again from the adopted task."""

    agents: int
    observation_size: int
    actions: int

    def configure(self, task: Task) -> object:
        """Return the full config of a task, which the environment runs and envcfg records."""

    def restore(self, config: Mapping[str, Any]) -> object:
        """Return the full config that belongs to a recorded one."""

    def reset(self, config: Any, seed: int) -> Floats:
        """Adopt a config. Return the first observations, of shape (agents, observation_size)."""

    def step(self, actions: Actions) -> tuple[Floats, Floats, bool]:
        """Return observations, rewards of shape (agents,), and whether the episode is over."""

    @property
    def outcome(self) -> float:
        """The share of the attainable reward in this episode so far, in [0, 1]."""
