"""A gymnasium vector environment that tells the recorder its steps, and what its environments are asked to run."""

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final, Self, TypeAlias

import gymnasium
import numpy as np
from gymnasium.vector import SyncVectorEnv, VectorEnv, VectorWrapper

from envcfg.adapters.gymnasium_env import recorded
from envcfg.tracking.ambient import NullTracker, tracker
from envcfg.tracking.tracker import Tracker

if TYPE_CHECKING:
    _Wrapper: TypeAlias = VectorWrapper[Any, Any, Any, Any, Any]
else:
    _Wrapper = VectorWrapper  # it takes parameters from gymnasium 1.3 on

_NEXT_STEP: Final = "NEXT_STEP"
"""How slots are reset where nothing is said, as in gymnasium 1.0."""


class RecordedVectorEnv(_Wrapper):
    """Around a vector environment whose environments are `recorded`; its steps are those of all slots together.

    It tells the recorder how far the run is, for the environments in their own processes too. What `set_attr` sets of
    the *attributes* is recorded as requested, for each slot.
    """

    def __init__(
        self, env: VectorEnv, recorder: Tracker | NullTracker | None = None, *, attributes: Iterable[str] = ()
    ) -> None:
        super().__init__(env)
        self._recorder = tracker() if recorder is None else recorder
        self._attributes = frozenset(attributes)
        self._steps = 0
        self._mode = getattr((env.metadata or {}).get("autoreset_mode"), "name", _NEXT_STEP)
        self._ended = np.zeros(env.num_envs, dtype=bool)

    @classmethod
    def make(
        cls,
        env_fns: Sequence[Callable[[], gymnasium.Env[Any, Any]]],
        recorder: Tracker | NullTracker | None = None,
        *,
        using: Callable[[Sequence[Callable[[], gymnasium.Env[Any, Any]]]], VectorEnv] = SyncVectorEnv,
        attributes: Iterable[str] = (),
        **declared: Any,
    ) -> Self:
        """Of *env_fns*, by *using*: `SyncVectorEnv`, `AsyncVectorEnv`, or either with its arguments filled in."""
        names = tuple(attributes)
        return cls(using(recorded(env_fns, recorder, attributes=names, **declared)), recorder, attributes=names)

    def reset(
        self, *, seed: int | list[int | None] | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        self._recorder.reach(step=self._steps)
        self._ended[:] = False
        return self.env.reset(seed=seed, options=options)  # type: ignore[arg-type]  # its own signature is narrower than its environments'

    def step(self, actions: Any) -> tuple[Any, Any, Any, Any, dict[str, Any]]:
        waits = self._mode == _NEXT_STEP
        if not waits:  # a slot that is reset within the step has taken it
            self._steps += self.num_envs
            self._recorder.reach(step=self._steps)
        taken = self.env.step(actions)
        if waits:  # one that is reset instead of stepping has not
            self._steps += self.num_envs - int(self._ended.sum())
        self._ended = np.logical_or(taken[2], taken[3])
        self._recorder.reach(step=self._steps)
        return taken

    def set_attr(self, name: str, values: Any) -> None:
        """As of the environment inside; a list or tuple has a value for each slot."""
        if name in self._attributes:
            several = isinstance(values, list | tuple)
            asked = [(slot, value) for slot, value in enumerate(values)] if several else [(None, values)]
            for slot, value in asked:
                self._recorder.request({name: value}, slot=slot)
        self.env.set_attr(name, values)  # type: ignore[attr-defined]  # of those that have environments of their own

    def call(self, name: str, *args: Any, **kwargs: Any) -> tuple[Any, ...]:
        """As of the environment inside."""
        answers: tuple[Any, ...] = self.env.call(name, *args, **kwargs)  # type: ignore[attr-defined]
        return answers
