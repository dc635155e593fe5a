"""The rows of an environment of tensors: records those of the slots that were reset, and those that changed."""

import sys
from collections.abc import Callable, Mapping
from typing import Any, Final

from envcfg.adapters.clock_claims import is_counted
from envcfg.adapters.latest_rows import LatestRows
from envcfg.adapters.layers import Layers
from envcfg.adapters.occupants import occupy
from envcfg.adapters.reading import value_or_marker
from envcfg.adapters.tensor_returns import Returns
from envcfg.adapters.tensor_steps import Taken, chosen, later, numbers_of, taken
from envcfg.core.record import EVALUATION, Role
from envcfg.core.tree import Config
from envcfg.tracking.arguments import role as checked_role
from envcfg.tracking.recorder import Recorder

_LATER: Final = "NEXT_STEP"
_NEVER: Final = "DISABLED"
"""Autoreset modes of Gymnasium. Without one of them, a slot is reset within the step in which its episode ends."""


class TensorRows:
    """Records the rows of one environment after each step and each reset."""

    def __init__(
        self,
        env: Any,
        recorder: Recorder,
        attributes: tuple[str, ...],
        task: str | Callable[[Config], str] | None,
        iteration: int | None,
        *,
        draws: bool | None,
        watch: int | None,
        role: Role,
    ) -> None:
        self._layers = Layers(env)
        self._slots = int(env.num_envs)
        self._role = checked_role(role)
        self._trains = role == "train"
        first = 0 if self._trains else EVALUATION
        self._numbers = range(first, first + self._slots)
        """The number of each slot for the recorder."""
        self._mode = _autoreset_mode(env)
        self._recorder = recorder
        self._attributes = attributes
        self._task = task
        self._iteration = iteration if self._trains else None
        self._draws = draws
        self._watch = watch
        self._count = 0
        self._ended: Any = None
        """A mask of the slots that are reset at their next step."""
        self._latest = LatestRows()
        self.when_closed: Callable[[], None] = lambda: None
        """Called when the environment is closed."""
        self._has_begun = False
        self._returns = Returns(self._slots)
        self._first_epoch = recorder.next_epoch
        self.close()  # of an environment that was made before
        self._occupy()

    def begin(self, *_: Any, reset: bool = False, **__: Any) -> None:
        """Record all slots before the first step, unless the environment is or was reset."""
        if not (self._has_begun or reset):
            self.reset()

    def reset(self, _: Any = None, *args: Any, **given: Any) -> None:
        """Record the slots that a call of `reset` concerns."""
        slots = chosen(args, given)
        if slots is None or self._ended is None:
            self._ended = None
        else:
            self._ended[slots] = False
        self._has_begun = True
        self._record(self._columns(), slots)

    def _occupy(self) -> None:
        if self._trains:
            self._recorder.add_steps(0)
            occupy(self._recorder, self)
        else:
            for slot in range(self._slots):
                self._recorder.begin_slot(slot, role=self._role)

    def close(self, *_: Any, **__: Any) -> None:
        """End all slots, and restore the methods of the environment."""
        self.when_closed()
        self._recorder.end_slot(self._numbers)

    def step(self, said: Any, *_: Any, reset: bool = False, **__: Any) -> None:
        """Count a step, and record the slots that were reset in it. *reset*: EnvPool returns those of a `reset`."""
        if reset:
            return
        one = taken(said, self._slots)
        self._count += 1
        columns, count = self._columns(), self._slots if one.slots is None else len(one.slots)
        if self._mode == _LATER:
            count -= self._begin_later(one, columns)
            self._add(count)
        else:
            self._add(count)
            self._end_episodes(one)
            if self._mode != _NEVER:
                self._record(columns, one.ended)
        self._look(columns)
        if self._iteration is not None and self._count % self._iteration == 0:
            self._recorder.end_epoch(epoch=self._first_epoch + self._count // self._iteration - 1)

    def _add(self, steps: int) -> None:
        """Count steps of the training, unless another adapter does."""
        if self._trains and not is_counted(self._recorder):
            self._recorder.add_steps(steps)

    def _begin_later(self, one: Taken, columns: dict[str, Any]) -> int:
        """Record the slots that were reset instead of stepping. Returns their number."""
        began, self._ended = later(self._ended, one, self._slots)
        self._end_episodes(one, began)
        if began is None or not began.any():
            return 0
        self._record(columns, began)
        return int(began.sum())

    def _end_episodes(self, one: Taken, began: Any = None) -> None:
        if self._trains and one.slots is None:
            for slot, reward, length in self._returns.ended(one.rewards, one.ended, began):
                self._recorder.end_episode(reward=reward, length=length, slot=slot)

    def _columns(self) -> dict[str, Any]:
        return self._layers.read(self._attributes)

    def _record(self, found: Mapping[str, Any], resets: Any) -> None:
        columns = {name: value for name, value in found.items() if self._is_column(value)}
        base = {name: value for name, value in found.items() if name not in columns}
        epoch = self._first_epoch + max(0, self._count - 1) // self._iteration if self._iteration else None
        if columns:
            given = {"base": base, "epoch": epoch, "resets": resets, "task": self._task, "draws": self._draws}
            self._recorder.record_slots(columns, **given, role=self._role)
        else:
            task = value_or_marker(self._task, base) if callable(self._task) else self._task
            for slot in numbers_of(resets, self._slots):
                self._recorder.record(base, slot=self._numbers[slot], epoch=epoch, task=task, draws=self._draws)
        if self._watch is not None:
            self._latest.update(columns, base, resets)

    def _look(self, found: Mapping[str, Any]) -> None:
        """Record the slots whose parameters changed since they were recorded, after each *watch* steps."""
        if self._watch is not None and self._count % self._watch == 0:
            changed = self._latest.changed(found)
            if changed is None or changed.any():
                self._record(found, changed)

    def _is_column(self, value: Any) -> bool:
        return tuple(getattr(value, "shape", ()))[:1] == (self._slots,)


def _autoreset_mode(env: Any) -> str | None:
    metadata, vector = getattr(env, "metadata", None), sys.modules.get("gymnasium.vector")
    mode = metadata.get("autoreset_mode") if isinstance(metadata, Mapping) else None
    is_old = not hasattr(vector, "AutoresetMode")  # gymnasium 1.0 has one mode only
    is_native = vector is not None and isinstance(getattr(env, "unwrapped", None), vector.VectorEnv)
    return _LATER if is_native and is_old else getattr(mode, "name", None)
