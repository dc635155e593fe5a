"""A gymnasium vector environment that tells the recorder its steps, and what its environments are asked to run."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Final, Self, TypeAlias

import gymnasium
import numpy as np
from gymnasium.vector import SyncVectorEnv, VectorEnv, VectorWrapper

from envcfg.adapters.gymnasium_env import recorded
from envcfg.adapters.heard import Heard
from envcfg.adapters.transparent import Transparent
from envcfg.tracking.ambient import tracker
from envcfg.tracking.recorder import Recorder

if TYPE_CHECKING:
    _Wrapper: TypeAlias = VectorWrapper[Any, Any, Any, Any, Any]
else:
    _Wrapper = VectorWrapper  # it takes parameters from gymnasium 1.3 on

_NEXT_STEP: Final = "NEXT_STEP"
"""How slots are reset where nothing is said, as in gymnasium 1.0."""


class RecordedVectorEnv(Transparent, _Wrapper):
    """Around a vector environment whose environments are `recorded`; its steps are those of all slots together.

    It tells the recorder how far the run is, for the environments in their own processes too. What `set_attr` sets of
    the *attributes* is recorded as requested, for each slot.
    """

    def __init__(self, env: VectorEnv, recorder: Recorder | None = None, *, attributes: Iterable[str] = ()) -> None:
        super().__init__(env)
        self._recorder = tracker() if recorder is None else recorder
        self._attributes = frozenset(attributes)
        self._steps = 0
        self._waits = True
        """Whether a slot whose episode ended is reset at its next step, instead of taking it."""
        self._ended = 0
        """How many slots ended an episode in the last step."""
        with self._guard():
            self._waits = getattr((env.metadata or {}).get("autoreset_mode"), "name", _NEXT_STEP) == _NEXT_STEP

    @classmethod
    def make(
        cls,
        env_fns: Sequence[Callable[[], gymnasium.Env[Any, Any]]],
        recorder: Recorder | None = None,
        *,
        using: Callable[[Sequence[Callable[[], gymnasium.Env[Any, Any]]]], VectorEnv] = SyncVectorEnv,
        attributes: Iterable[str] = (),
        **declared: Any,
    ) -> Self:
        """Of *env_fns*, by *using*: `SyncVectorEnv`, `AsyncVectorEnv`, or either with its arguments filled in."""
        names = tuple(attributes)
        return cls(using(recorded(env_fns, recorder, attributes=names, **declared)), recorder, attributes=names)

    def reset(self, **kwargs: Any) -> Any:
        return self._heard("reset", before=self._restart)(**kwargs)

    def step(self, actions: Any) -> Any:
        return self._heard("step", before=self._begin, after=self._count)(actions)

    @property
    def reset_async(self) -> Any:
        """As of the environment inside, which may have none; so are those below."""
        return self._heard("reset_async", before=self._restart)

    @property
    def step_async(self) -> Any:
        return self._heard("step_async", before=self._begin)

    @property
    def step_wait(self) -> Any:
        return self._heard("step_wait", after=self._count)

    @property
    def set_attr(self) -> Any:
        """A list or tuple has a value for each slot."""
        return self._heard("set_attr", before=self._ask)

    def _heard(self, name: str, **heard: Callable[..., None]) -> Heard:
        return Heard(getattr(self.env, name), self._guard, **heard)

    def _guard(self) -> AbstractContextManager[None, bool | None]:
        return self._recorder.guard("RecordedVectorEnv")

    def _restart(self, *_: Any, **__: Any) -> None:
        self._ended = 0
        self._recorder.set_step(step=self._steps)

    def _begin(self, *_: Any, **__: Any) -> None:
        """A slot that is reset within the step has taken it."""
        if not self._waits:
            self._recorder.set_step(step=self._steps + self.num_envs)

    def _count(self, taken: Any, *_: Any, **__: Any) -> None:
        """A slot that was reset instead of stepping has not taken the step."""
        self._steps += self.num_envs - (self._ended if self._waits else 0)
        self._ended = int(np.logical_or(taken[2], taken[3]).sum())
        self._recorder.set_step(step=self._steps)

    def _ask(self, name: str, values: Any) -> None:
        if name in self._attributes:
            several = isinstance(values, list | tuple)
            asked = [(slot, value) for slot, value in enumerate(values)] if several else [(None, values)]
            for slot, value in asked:
                self._recorder.request({name: value}, slot=slot)
