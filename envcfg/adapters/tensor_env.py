"""Environments with thousands of slots whose parameters are rows of tensors, as in rsl-rl, legged_gym and Isaac Lab."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from envcfg.adapters.declared import read
from envcfg.adapters.method_hooks import HookedMethod
from envcfg.adapters.tensor_returns import Returns
from envcfg.core.tree import Config
from envcfg.tracking.ambient import tracker
from envcfg.tracking.recorder import Recorder


def recorded_tensors(
    env: Any,
    recorder: Recorder | None = None,
    *,
    attributes: Iterable[str],
    task: str | Callable[[Config], str] | None = None,
    iteration: int | None = None,
    draws: bool | None = None,
) -> Any:
    """Record *env* in each later call of `step`, for the slots that were reset in it. Returns *env*.

    *recorder* is by default the tracker of this process. *attributes* are dotted names, read from the unwrapped
    environment. In a tensor with one row for each slot, each slot has its own row; any other value holds for all slots.
    *iteration* is the number of `step` calls in an epoch (`num_steps_per_env` of rsl-rl). If the rewards that `step`
    returns have one value for each slot, the return and the length of each episode are kept.

    *draws* is as for `Tracker.record_slots`.

    Example: `env = recorded_tensors(env, attributes=["friction"], iteration=24)`
    """
    used = tracker() if recorder is None else recorder
    guard = partial(used.guard, "tensor_env")
    with guard():
        steps = _Steps(env, used, tuple(attributes), task, iteration, draws=draws)
        env.step = HookedMethod(env.step, guard, after=steps)
        if hasattr(env, "close"):
            env.close = HookedMethod(env.close, guard, before=steps.close)
    return env


class _Steps:
    """Records after each step. Rewards and dones stand before the last of the returned values."""

    def __init__(
        self,
        env: Any,
        recorder: Recorder,
        attributes: tuple[str, ...],
        task: str | Callable[[Config], str] | None,
        iteration: int | None,
        *,
        draws: bool | None,
    ) -> None:
        self._env = getattr(env, "unwrapped", env)
        self._slots = int(env.num_envs)
        self._recorder = recorder
        self._attributes = attributes
        self._task = task
        self._iteration = iteration
        self._draws = draws
        self._count = 0
        self._returns = Returns(self._slots)
        self._first_epoch = recorder.next_epoch
        recorder.add_steps(0)
        self.close()  # of an environment that was made before
        self._record(None)

    def close(self, *_: Any, **__: Any) -> None:
        """End all slots."""
        self._recorder.end_slot(range(self._slots))

    def __call__(self, taken: Any, *_: Any, **__: Any) -> None:
        self._count += 1
        self._recorder.add_steps(self._slots)
        resets = taken[-2] != 0
        for slot, reward, length in self._returns.ended(taken[-3] if len(taken) > 2 else None, resets):
            self._recorder.end_episode(reward=reward, length=length, slot=slot)
        self._record(resets)
        if self._iteration is not None and self._count % self._iteration == 0:
            self._recorder.end_epoch(epoch=self._first_epoch + self._count // self._iteration - 1)

    def _record(self, resets: Any) -> None:
        found = {name: read(self._env, name) for name in self._attributes}
        columns = {name: value for name, value in found.items() if self._is_column(value)}
        base = {name: value for name, value in found.items() if name not in columns}
        epoch = self._first_epoch + max(0, self._count - 1) // self._iteration if self._iteration else None
        self._recorder.record_slots(columns, base=base, epoch=epoch, resets=resets, task=self._task, draws=self._draws)

    def _is_column(self, value: Any) -> bool:
        return tuple(getattr(value, "shape", ()))[:1] == (self._slots,)
