"""A Stable-Baselines3 callback: the steps of the training, what its environments are asked to run, and what they do."""

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import partial
from typing import Any, Final

import gymnasium
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.off_policy_algorithm import OffPolicyAlgorithm
from stable_baselines3.common.vec_env import SubprocVecEnv, VecEnv

from envcfg.adapters.declared import Declared, told
from envcfg.adapters.gymnasium_env import RecordedEnv
from envcfg.adapters.heard import Listening
from envcfg.tracking.ambient import tracker
from envcfg.tracking.recorder import Recorder
from envcfg.tracking.tracker import Tracker

Asked = Callable[..., Mapping[str, Any]]
_OPTIONS: Final = "options"
_LEAST: Final = 1000
"""Steps of an epoch of an off-policy algorithm, whose rollouts may be of one step."""

_ELSEWHERE: Final = (
    "the environments of this {} live in other processes and do not record themselves: only what they are asked will "
    "be recorded; make it of envcfg.adapters.gymnasium_env.recorded(env_fns)"
)
_UNSEEN: Final = (
    "this {} does not show its environments: unless they record themselves, only what they are asked will be "
    "recorded; make it of envcfg.adapters.gymnasium_env.recorded(env_fns), or call "
    "tracker.record(config, slot=slot) in their reset"
)
_ASYNC: Final = (
    "async_eval steps environments of its own in other processes, which only record themselves; make them of "
    "envcfg.adapters.gymnasium_env.recorded(env_fns)"
)


class EnvConfigCallback(BaseCallback):
    """Records a training of Stable-Baselines3 with *recorder*, by default the one that is attached to this process.

    Environments in this process are read at each of their resets, whoever resets them, from under their wrappers.
    Those of a `SubprocVecEnv` have to record themselves: make it of `envcfg.adapters.gymnasium_env.recorded(env_fns)`.
    What is asked of the vector environment with `set_attr`, `set_options` and `env_method` is recorded as requested;
    *methods* tells what a method asks for: `{"set_level": lambda level: {"level": level}}`. The other arguments say
    what is recorded: see `envcfg.adapters.declared.Declared`.
    """

    def __init__(
        self,
        recorder: Recorder | None = None,
        *,
        attributes: Iterable[str] = (),
        methods: Mapping[str, Asked] | None = None,
        **declared: Any,
    ) -> None:
        super().__init__()
        self._recorder = recorder
        self._declared = Declared(tuple(attributes), **declared)
        self._methods = dict(methods or {})
        self._listening = Listening(self._guard, None)
        self._episodes: dict[int, int] = {}
        self._tasks: dict[int, str | None] = {}
        self._ended: dict[int, str | None] = {}
        """The slots that were reset within this step, and the task of the episode that ended."""
        self._is_stepping = False
        self._rewards: dict[str, list[float]] = {}
        self._step = 0
        self._epoch = 0
        self._since = 0

    @property
    def recorder(self) -> Recorder:
        """Who records."""
        return tracker() if self._recorder is None else self._recorder

    def _guard(self) -> AbstractContextManager[None, bool | None]:
        return self.recorder.guard("EnvConfigCallback")

    def _on_training_start(self) -> None:
        with self._guard():
            self._reach(self.num_timesteps)
            inner = _innermost(self.training_env)
            self._listening.stop()
            self._listening = Listening(self._guard, self.locals)  # which all callbacks of one training share
            self._listen(inner)
            self._read_slots(inner)

    def _on_step(self) -> bool:
        with self._guard():
            self._reach(self.num_timesteps)
            self._finish(self.locals.get("infos"))  # in which a `VecMonitor` says what the environments do not
        return True

    def _on_rollout_end(self) -> None:
        with self._guard():
            if isinstance(self.model, OffPolicyAlgorithm) and self.num_timesteps - self._since < _LEAST:
                return
            self.recorder.end_epoch(step=self.num_timesteps, epoch=self._epoch, rewards=self._rewards)
            self._epoch, self._since, self._rewards = self._epoch + 1, self.num_timesteps, {}

    def _on_training_end(self) -> None:
        with self._guard():
            self._listening.stop()

    def _reach(self, step: int) -> None:
        self._step = step
        self.recorder.set_step(step=step, epoch=self._epoch)

    def _read_slots(self, inner: VecEnv) -> None:
        """Read each environment now and at each of its resets; say which ones cannot be read."""
        has_own = told(inner.env_is_wrapped, RecordedEnv)
        silent = [slot for slot in range(inner.num_envs) if not (isinstance(has_own, Sequence) and has_own[slot])]
        envs = _within(inner)
        for slot in silent if envs else ():
            self._episodes[slot] = -1
            self._adopt(slot, envs[slot])
            self._listening.hear(envs[slot], "reset", after=partial(self._reset, slot, envs[slot]))
        if silent and not envs:
            self._say((_ELSEWHERE if isinstance(inner, SubprocVecEnv) else _UNSEEN).format(type(inner).__name__))
        if self.locals.get("async_eval") is not None:
            self._say(_ASYNC)

    def _say(self, sentence: str) -> None:
        if isinstance(self.recorder, Tracker):
            sys.stderr.write(f"envcfg: {sentence}\n")

    def _reset(self, slot: int, env: Any, _: Any, **given: Any) -> None:
        if self._is_stepping:
            self._ended[slot] = self._tasks.get(slot)
        self._adopt(slot, env, given.get("options"))

    def _adopt(self, slot: int, env: Any, options: Any = None) -> None:
        """The environment was reset just now, within a step or between two."""
        self._episodes[slot] += 1
        config = self._declared.read(env, options)
        self._tasks[slot] = self._declared.task_of(config)
        self.recorder.record(
            config,
            step=self._step,
            epoch=self._epoch,
            episode=self._episodes[slot],
            task=self._tasks[slot],
            slot=slot,
            cause=self._declared.cause_of(env),
        )

    def _finish(self, infos: Any) -> None:
        """Note the return of each episode that ended in this step, where a `Monitor` says it."""
        for slot in [slot for slot in self._ended if infos is not None and "episode" in infos[slot]]:
            task = self._ended.pop(slot) or ""
            self._rewards.setdefault(task, []).append(float(infos[slot]["episode"]["r"]))

    def _listen(self, inner: VecEnv) -> None:
        """Hear what is asked of the innermost vector environment, which every one around it passes on to."""
        self._listening.hear(inner, "step_async", before=self._begun)
        self._listening.hear(inner, "step_wait", after=self._stepped)
        self._listening.hear(inner, "set_attr", before=self._asked_attr)
        self._listening.hear(inner, "set_options", before=partial(self._asked_options, inner.num_envs))
        self._listening.hear(inner, "env_method", before=self._asked_method)

    def _begun(self, *_: Any, **__: Any) -> None:
        self._is_stepping, self._ended = True, {}
        self._reach(self.model.num_timesteps + self.training_env.num_envs)  # what is reset in it has taken it

    def _stepped(self, taken: Any) -> None:
        self._is_stepping = False
        self._finish(taken[3])

    def _asked_attr(self, attr_name: str, value: Any, indices: Any = None) -> None:
        if attr_name in self._declared.attributes:
            self._ask({attr_name: value}, indices)

    def _asked_options(self, slots: int, options: Any = None) -> None:
        for slot, each in enumerate(options if isinstance(options, list) else [options] * slots):
            if each:
                self._ask({_OPTIONS: each}, slot)

    def _asked_method(self, method_name: str, *args: Any, indices: Any = None, **kwargs: Any) -> None:
        if method_name in self._methods:
            self._ask(told(partial(self._methods[method_name], *args, **kwargs)), indices)

    def _ask(self, changes: Any, indices: Any) -> None:
        self.recorder.request(changes, step=self.model.num_timesteps, slot=indices)


def _innermost(venv: VecEnv) -> VecEnv:
    """The last one that is Stable-Baselines3's own kind: `unwrapped` may be another's, that of SuperSuit is."""
    while isinstance(inside := getattr(venv, "venv", None), VecEnv):
        venv = inside
    return venv


def _within(venv: Any) -> tuple[Any, ...]:
    """The environments of *venv* by slot, where they are in this process and it shows them."""
    envs = told(lambda: tuple(venv.envs))
    if not isinstance(envs, tuple) or len(envs) != venv.num_envs:
        return ()
    return envs if all(isinstance(env, gymnasium.Env) for env in envs) else ()
