"""A Gymnasium vector wrapper that passes its steps and its requests to the recorder."""

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Self, TypeAlias

import gymnasium
import numpy as np
from gymnasium.vector import SyncVectorEnv, VectorEnv, VectorWrapper

from envcfg.adapters.clock_claims import count_for, count_no_more, has_left, leave
from envcfg.adapters.gymnasium_env import DIGEST, recorded
from envcfg.adapters.method_hooks import Asked, HookedMethod, MethodHooks
from envcfg.adapters.occupants import tell_if_closed
from envcfg.adapters.reading import value_or_marker
from envcfg.adapters.transparent import Transparent
from envcfg.tracking.ambient import tracker
from envcfg.tracking.recorder import Recorder
from envcfg.tracking.tracker import Tracker

if TYPE_CHECKING:
    _Wrapper: TypeAlias = VectorWrapper[Any, Any, Any, Any, Any]
else:
    _Wrapper = VectorWrapper  # generic since gymnasium 1.3

_NATIVE: Final = (
    "{} has no environments of their own, so their configs are not recorded here: use "
    "recorded_tensors(env, tracker, attributes=...) instead"
)
_UNWRAPPED: Final = (
    "no recorder wraps the environments of this {}, so their configs are not recorded: use "
    "RecordedVectorEnv.make(env_fns, tracker, ...), or wrap each one in RecordedEnv"
)
_NEXT_STEP: Final = "NEXT_STEP"
"""The autoreset mode of a vector environment that does not name one, as in gymnasium 1.0."""


class RecordedVectorEnv(Transparent, _Wrapper):
    """Wraps a Gymnasium vector environment whose environments are `recorded`.

    It counts environment steps of all slots together for *recorder*; worker processes use them too. If your program
    sets the step itself, its step wins, and resets are placed between two of its steps. A call of `set_attr` for one of
    *attributes* is recorded as a request for each slot, also on an outer or an inner vector environment. *methods*
    gives the requested values of each method for `call`: `{"set_level": lambda level: {"level": level}}`. *recorder* is
    by default the tracker of this process.

    Example: `envs = RecordedVectorEnv.make(env_fns, attributes=["gravity"])`
    """

    def __init__(
        self,
        env: VectorEnv,
        recorder: Recorder | None = None,
        *,
        attributes: Iterable[str] = (),
        methods: Mapping[str, Asked] | None = None,
    ) -> None:
        super().__init__(env)
        self._recorder = tracker() if recorder is None else recorder
        self._attributes = frozenset(attributes)
        self._methods = dict(methods or {})
        self._steps = 0
        self._has_begun = False
        self._waits = True
        """Whether the step after the end of an episode resets the slot and counts as no environment step."""
        self._ended = 0
        """The number of slots whose episode ended in the last step."""
        self._is_recorded = False
        """Whether a recorder wraps each environment, as far as it is known."""
        self._is_told = False
        self._numbers: Sequence[int] | None = None
        """The slot of each environment, as it is recorded; None while it is not known."""
        count_for(self._recorder, self)
        self._hooks = MethodHooks(self._guard, self, self._is_over)
        tell_if_closed(self._recorder)
        with self._guard():
            self._hear(env.unwrapped)
            self._waits = getattr((env.metadata or {}).get("autoreset_mode"), "name", _NEXT_STEP) == _NEXT_STEP

    @classmethod
    def make(
        cls,
        env_fns: Sequence[Callable[[], gymnasium.Env[Any, Any]]],
        recorder: Recorder | None = None,
        *,
        using: Callable[[Sequence[Callable[[], gymnasium.Env[Any, Any]]]], VectorEnv] = SyncVectorEnv,
        attributes: Iterable[str] = (),
        methods: Mapping[str, Asked] | None = None,
        **declared: Any,
    ) -> Self:
        """Make a recorded vector environment from *env_fns*.

        *using* makes the vector environment: `SyncVectorEnv`, `AsyncVectorEnv`, or a `partial` of one of them. The
        other arguments are those of `RecordedEnv`.
        """
        names = tuple(attributes)
        env = using(recorded(env_fns, recorder, attributes=names, **declared))
        return cls(env, recorder, attributes=names, methods=methods)

    def reset(self, **kwargs: Any) -> Any:
        return self._hooked("reset", before=self._restart, after=self._check)(**kwargs)

    def step(self, actions: Any) -> Any:
        return self._hooked("step", before=self._begin, after=self._count)(actions)

    def close(self, **kwargs: Any) -> Any:
        if self._has_begun:
            leave(self._recorder)
        count_no_more(self._recorder, self)
        self._hooks.remove_all()
        return self.env.close(**kwargs)

    @property
    def reset_async(self) -> Any:
        """The method of the inner environment, which may not exist. The same is true for the methods below."""
        return self._hooked("reset_async", before=self._restart)

    @property
    def step_async(self) -> Any:
        return self._hooked("step_async", before=self._begin)

    @property
    def step_wait(self) -> Any:
        return self._hooked("step_wait", after=self._count)

    def _hooked(self, name: str, **hooks: Callable[..., None]) -> Any:
        method = getattr(self.env, name)
        return method if self._recorder.is_closed else HookedMethod(method, self._guard, **hooks)

    def _is_over(self) -> bool:
        return self._recorder.is_closed

    def _hear(self, inner: Any) -> None:
        """Hear the requests at the innermost vector environment, to which each wrapper passes them on."""
        for name, heard in (("set_attr", self._ask), ("call", self._called)):
            if callable(getattr(inner, name, None)):
                self._hooks.add(inner, name, after=heard)

    def _guard(self) -> AbstractContextManager[None, bool | None]:
        return self._recorder.guard("RecordedVectorEnv")

    def _restart(self, *_: Any, **__: Any) -> None:
        self._ended = 0
        if not self._has_begun:
            self._has_begun = True
            if has_left(self._recorder):
                self._recorder.begin_phase("vector environment")
        self._recorder.add_steps(0)

    def _check(self, found: Any, *_: Any, **__: Any) -> None:
        """Say once if no recorder wraps the environments. One adds the digest of its config to the info."""
        if not self._is_recorded and isinstance(self._recorder, Tracker):
            self._is_recorded = DIGEST in found[1]
            if not self._is_recorded and not self._is_told:
                self._is_told = True
                native = not hasattr(self.env, "get_attr")
                sentence = (_NATIVE if native else _UNWRAPPED).format(type(self.env.unwrapped).__name__)
                sys.stderr.write(f"envcfg: {sentence}\n")

    def _begin(self, *_: Any, **__: Any) -> None:
        """Count a slot that is reset within the step: it has taken this step."""
        if not self._waits:
            self._add(self.num_envs)

    def _count(self, taken: Any, *_: Any, **__: Any) -> None:
        """Count the steps. A slot that was reset instead of stepping has not taken the step."""
        if self._waits:
            self._add(self.num_envs - self._ended)
        self._ended = int(np.logical_or(taken[2], taken[3]).sum())

    def _add(self, steps: int) -> None:
        self._steps += steps
        self._recorder.add_steps(steps)

    def _ask(self, _: Any, name: str, values: Any) -> None:
        """Record a call of `set_attr` that succeeded. A list or tuple contains one value for each slot."""
        if name in self._attributes:
            several = isinstance(values, list | tuple)
            asked = [(slot, value) for slot, value in enumerate(values)] if several else [(None, values)]
            for slot, value in asked:
                self._recorder.request({name: value}, slot=None if slot is None else self._number_of(slot))

    def _called(self, _: Any, name: str, *args: Any, **given: Any) -> None:
        """Record a call of a method of all environments that asks for values."""
        if name == "set_wrapper_attr" and len(args) > 1 and args[0] in self._attributes:
            self._recorder.request({args[0]: args[1]})
        elif name in self._methods:
            self._recorder.request(value_or_marker(partial(self._methods[name], *args, **given)))

    def _number_of(self, index: int) -> int:
        """The slot of the environment *index*. The recorder may have numbered the environments in another order."""
        if self._numbers is None and self._is_recorded:  # otherwise the call would end the worker processes
            numbers = value_or_marker(lambda: self.env.get_attr("recorded_slot"))
            is_known = isinstance(numbers, tuple | list) and len(numbers) == self.num_envs
            self._numbers = numbers if is_known else range(self.num_envs)
        return index if self._numbers is None else self._numbers[index]
