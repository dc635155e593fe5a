"""A Stable-Baselines3 callback that records the steps of a training, the requests, and the adopted configs."""

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import partial
from typing import Any, Final

from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.off_policy_algorithm import OffPolicyAlgorithm
from stable_baselines3.common.vec_env import SubprocVecEnv, VecEnv

from envcfg.adapters.clock_claims import claim, count_for, count_no_more, release
from envcfg.adapters.declared import Declared
from envcfg.adapters.gymnasium_env import RecordedEnv
from envcfg.adapters.method_hooks import Asked, MethodHooks
from envcfg.adapters.occupants import Occupant, is_occupied, occupant_of
from envcfg.adapters.reading import value_or_marker
from envcfg.adapters.running import running
from envcfg.adapters.sb3_vec_env import ASYNC, ELSEWHERE, UNSEEN, end_at_close, environments, innermost
from envcfg.adapters.watched import Watched
from envcfg.core.code import Code
from envcfg.core.errors import ConfigError
from envcfg.tracking.ambient import tracker
from envcfg.tracking.recorder import Recorder
from envcfg.tracking.tracker import Tracker

_OPTIONS: Final = "options"
_LEAST: Final = 1000
"""The least number of steps in an epoch of an off-policy algorithm. A rollout may be one step only."""

_GUEST: Final = (
    "another model trains on the same tracker at the same time: the step and the epochs are those of the other one. "
    "Give each model its own tracker: SB3Callback(Tracker(folder))"
)


class SB3Callback(BaseCallback):
    """Records a training of Stable-Baselines3.

    *recorder* is by default the tracker of this process. Each environment of this process is read at each of its
    resets, below its wrappers. A `SubprocVecEnv` needs recorded environments: make it from `recorded(env_fns)`.
    Calls of `set_attr`, `set_options` and `env_method` are recorded as requests. *methods* gives the requested values
    for each method: `{"set_level": lambda level: {"level": level}}`. With *watch_steps*, the environments are also read
    after so many steps, and changes within an episode are recorded. The other arguments say what is recorded, as in
    `RecordedEnv`.

    Example: `model.learn(100_000, callback=SB3Callback(attributes=["gravity"]))`
    """

    def __init__(
        self,
        recorder: Recorder | None = None,
        *,
        attributes: Iterable[str] = (),
        methods: Mapping[str, Asked] | None = None,
        watch_steps: int | None = None,
        **declared: Any,
    ) -> None:
        super().__init__()
        self._recorder = recorder
        self._declared = Declared(tuple(attributes), **declared)
        self._methods = dict(methods or {})
        self._watch = watch_steps
        self._watched: dict[int, Watched] = {}
        """The environments that this callback reads, by their index."""
        self._steps_taken = 0
        self._hooks = MethodHooks(self._guard, None)
        self._occupants: dict[int, Occupant] = {}
        """The environments that this callback reads, by their index."""
        self._numbers: Sequence[int] = ()
        """The slot of each environment, as it is recorded."""
        self._episodes: dict[int, int] = {}
        self._tasks: dict[int, str | None] = {}
        self._ended: dict[int, str | None] = {}
        """The slots that were reset within this step, each with the task of the ended episode."""
        self._is_stepping = False
        self._is_guest = False
        """Whether another model drives the tracker at the same time. Then this one only records."""
        self._step = 0
        self._epoch = 0
        self._since = 0

    @property
    def recorder(self) -> Recorder:
        """The recorder in use."""
        return tracker() if self._recorder is None else self._recorder

    def _guard(self) -> AbstractContextManager[None, bool | None]:
        return self.recorder.guard("SB3Callback")

    def _on_training_start(self) -> None:
        with self._guard():
            self._begin_clock()
            inner = innermost(self.training_env)
            self._hooks.remove_all()
            is_over = partial(self._is_over, running(self.model, "learn"))
            self._hooks = MethodHooks(self._guard, self.locals, is_over)  # all callbacks of one training share `locals`
            self._add_hooks(inner)
            self._read_slots(inner)
            if self._is_guest:
                raise ConfigError(_GUEST, code=Code.TWO_CLOCKS)

    def _is_over(self, is_learning: Callable[[], bool]) -> bool:
        """Whether the training ended by an exception, or the tracker was closed before it ended."""
        if is_learning() and not self.recorder.is_closed:
            return False
        self._let_go()
        return True

    def _let_go(self) -> None:
        release(self.recorder, self)
        count_no_more(self.recorder, self)

    def _on_step(self) -> bool:
        if self.recorder.is_closed:
            return True
        with self._guard():
            self._set_step(self.num_timesteps)
            self._finish(self.locals.get("infos"))  # a `VecMonitor` writes the returns here
        return True

    def _on_rollout_end(self) -> None:
        if self.recorder.is_closed:
            return
        with self._guard():
            if isinstance(self.model, OffPolicyAlgorithm) and self.num_timesteps - self._since < _LEAST:
                return
            if not self._is_guest:
                self.recorder.end_epoch(step=self.num_timesteps, epoch=self._epoch)
            self._epoch, self._since = self._epoch + 1, self.num_timesteps

    def _on_training_end(self) -> None:
        with self._guard():
            self._hooks.remove_all()
            self._let_go()

    def _begin_clock(self) -> None:
        """Go on where the recording is. A training that counts from 0 is a phase of its own."""
        recorder, step = self.recorder, self.num_timesteps
        self._is_guest = not claim(recorder, self)
        self._since = step
        if self._is_guest:
            return
        count_for(recorder, self)
        if step == 0:
            recorder.begin_phase("learn")
        recorder.set_step(step=step)
        self._epoch = recorder.next_epoch
        self._set_step(step)

    def _set_step(self, step: int) -> None:
        self._step = step
        if not self._is_guest:
            self.recorder.set_step(step=step, epoch=self._epoch)

    def _read_slots(self, inner: VecEnv) -> None:
        """Read each environment now and at each of its resets. Report environments that cannot be read."""
        has_own = value_or_marker(inner.env_is_wrapped, RecordedEnv)
        silent = [slot for slot in range(inner.num_envs) if not (isinstance(has_own, Sequence) and has_own[slot])]
        envs = environments(inner)
        self._watched = {}
        self._occupants = {slot: occupant_of(self.recorder, envs[slot], slot) for slot in silent if envs}
        self._numbers = self._slots_of(inner, silent)
        if self._occupants:
            end_at_close(inner, self._occupants.values(), self._guard, lambda: self.recorder.is_closed)
        for slot in silent if envs else ():
            self._episodes[slot] = self.recorder.next_episode(self._numbers[slot]) - 1
            self._watched[slot] = Watched(envs[slot], self._declared, is_watched=self._watch is not None)
            self._adopt(slot)
            self._hooks.add(envs[slot], "reset", after=partial(self._reset, slot))
        if silent and not envs and not is_occupied(self.recorder):
            self._warn((ELSEWHERE if isinstance(inner, SubprocVecEnv) else UNSEEN).format(type(inner).__name__))
        if self.locals.get("async_eval") is not None:
            self._warn(ASYNC)

    def _slots_of(self, inner: VecEnv, silent: Sequence[int]) -> Sequence[int]:
        """The slot of each environment. Environments that record themselves may be numbered in another order."""
        own = [index for index in range(inner.num_envs) if index not in silent]
        told = value_or_marker(lambda: inner.get_attr("recorded_slot", own)) if own else []
        known = dict(zip(own, told, strict=True)) if isinstance(told, list) else {}
        known |= {index: occupant.number for index, occupant in self._occupants.items()}
        return [known.get(index, index) for index in range(inner.num_envs)]

    def _warn(self, sentence: str) -> None:
        if isinstance(self.recorder, Tracker):
            sys.stderr.write(f"envcfg: {sentence}\n")

    def _reset(self, slot: int, _: Any, **given: Any) -> None:
        if self._is_stepping:
            self._ended[slot] = self._tasks.get(slot)
        self._adopt(slot, given.get("options"))

    def _adopt(self, slot: int, options: Any = None) -> None:
        """Record an environment that was just reset, within a step or between two steps."""
        self._episodes[slot] += 1
        self._record(slot, self._watched[slot].adopted(options))

    def _look(self) -> None:
        """Record the environments whose config has changed within an episode."""
        for slot, watched in self._watched.items():
            config = watched.changed()
            if config is not None:
                self._record(slot, config)

    def _record(self, slot: int, config: Any) -> None:
        self._tasks[slot] = self._declared.task_of(config)
        self.recorder.record(
            config,
            step=None if self._is_guest else self._step,
            epoch=None if self._is_guest else self._epoch,
            episode=self._episodes[slot],
            task=self._tasks[slot],
            slot=self._numbers[slot],
            cause=self._declared.cause_of(self._watched[slot].layers.env),
            draws=self._declared.draws,
        )

    def _finish(self, infos: Any) -> None:
        """Store the return of each episode that ended in this step, if a `Monitor` gives it."""
        for slot in [slot for slot in self._ended if infos is not None and "episode" in infos[slot]]:
            said = infos[slot]["episode"]
            self.recorder.end_episode(reward=float(said["r"]), length=int(said["l"]), task=self._ended.pop(slot))

    def _add_hooks(self, inner: VecEnv) -> None:
        """Hook the innermost vector environment, because each outer one passes its calls on to it."""
        self._hooks.add(inner, "step_async", before=self._before_step)
        self._hooks.add(inner, "step_wait", after=self._after_step)
        self._hooks.add(inner, "set_attr", after=self._asked_attr)
        self._hooks.add(inner, "set_options", before=partial(self._asked_options, inner.num_envs))
        self._hooks.add(inner, "env_method", after=self._asked_method)

    def _before_step(self, *_: Any, **__: Any) -> None:
        self._is_stepping, self._ended = True, {}
        self._set_step(self.model.num_timesteps + self.training_env.num_envs)  # a slot that is reset in it has taken it

    def _after_step(self, taken: Any) -> None:
        self._is_stepping = False
        self._finish(taken[3])
        self._steps_taken += 1
        if self._watch is not None and self._steps_taken % self._watch == 0:
            self._look()

    def _asked_attr(self, _: Any, attr_name: str, value: Any, indices: Any = None) -> None:
        if attr_name in self._declared.attributes:
            self._ask({attr_name: value}, indices)

    def _asked_options(self, slots: int, options: Any = None) -> None:
        for slot, each in enumerate(options if isinstance(options, list) else [options] * slots):
            if each:
                self._ask({_OPTIONS: each}, slot)

    def _asked_method(self, _: Any, method_name: str, *args: Any, indices: Any = None, **kwargs: Any) -> None:
        if method_name in self._methods:
            self._ask(value_or_marker(partial(self._methods[method_name], *args, **kwargs)), indices)

    def _ask(self, changes: Any, indices: Any) -> None:
        several = [indices] if isinstance(indices, int) else indices
        slots = None if several is None else [self._numbers[index] for index in several]
        self.recorder.request(changes, step=None if self._is_guest else self.model.num_timesteps, slot=slots)
