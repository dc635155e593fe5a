"""A Stable-Baselines3 callback: the steps of the training, what its environments are asked to run, and what they do."""

import sys
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, Final

from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.off_policy_algorithm import OffPolicyAlgorithm
from stable_baselines3.common.vec_env import DummyVecEnv, VecEnv

from envcfg.adapters.declared import Declared, told
from envcfg.adapters.gymnasium_env import RecordedEnv
from envcfg.tracking.ambient import NullTracker, tracker
from envcfg.tracking.tracker import Tracker

Asked = Callable[..., Mapping[str, Any]]
_OPTIONS: Final = "options"
_LEAST: Final = 1000
"""Steps of an epoch of an off-policy algorithm, whose rollouts may be of one step."""

_UNHEARD: Final = (
    "the environments of this {} live in other processes and do not record themselves: only what they are asked will "
    "be recorded; make it of envcfg.adapters.gymnasium_env.recorded(env_fns)"
)


class EnvConfigCallback(BaseCallback):
    """Records a training of Stable-Baselines3 with *recorder*, by default the one that is attached to this process.

    Environments in this process are read at each of their resets, from under their wrappers. Those of a
    `SubprocVecEnv` have to record themselves: make it of `envcfg.adapters.gymnasium_env.recorded(env_fns)`. What is
    asked of the vector environment with `set_attr`, `set_options` and `env_method` is recorded as requested; *methods*
    tells what a method asks for: `{"set_level": lambda level: {"level": level}}`. The other arguments say what is
    recorded: see `envcfg.adapters.declared.Declared`.
    """

    def __init__(
        self,
        recorder: Tracker | NullTracker | None = None,
        *,
        attributes: Iterable[str] = (),
        methods: Mapping[str, Asked] | None = None,
        **declared: Any,
    ) -> None:
        super().__init__()
        self._recorder = recorder
        self._declared = Declared(tuple(attributes), **declared)
        self._methods = dict(methods or {})
        self._reads: tuple[Any, ...] = ()
        self._episodes: list[int] = []
        self._tasks: dict[int, str | None] = {}
        self._rewards: dict[str, list[float]] = {}
        self._epoch = 0
        self._since = 0
        self._wrapped: VecEnv | None = None

    @property
    def recorder(self) -> Tracker | NullTracker:
        """Who records."""
        return tracker() if self._recorder is None else self._recorder

    def _on_training_start(self) -> None:
        self.recorder.reach(step=self.num_timesteps, epoch=self._epoch)
        inner = self.training_env.unwrapped
        self._listen(inner)
        if all(inner.env_is_wrapped(RecordedEnv)):
            return
        if isinstance(inner, DummyVecEnv):
            self._reads = tuple(inner.envs)
            self._episodes = [-1] * len(inner.envs)
            for slot in range(len(inner.envs)):
                self._read(slot)
        elif isinstance(self.recorder, Tracker):
            sys.stderr.write(f"envcfg: {_UNHEARD.format(type(inner).__name__)}\n")

    def _on_step(self) -> bool:
        self.recorder.reach(step=self.num_timesteps)
        for slot, is_over in enumerate(self.locals["dones"] if self._reads else ()):
            if is_over:
                self._end(slot, self.locals["infos"][slot])
                self._read(slot)
        return True

    def _on_rollout_end(self) -> None:
        if isinstance(self.model, OffPolicyAlgorithm) and self.num_timesteps - self._since < _LEAST:
            return
        self.recorder.advance(step=self.num_timesteps, epoch=self._epoch, rewards=self._rewards)
        self._epoch, self._since, self._rewards = self._epoch + 1, self.num_timesteps, {}

    def _on_training_end(self) -> None:
        for name in ("step_async", "set_attr", "set_options", "env_method"):
            vars(self._wrapped).pop(name, None)

    def _end(self, slot: int, info: Mapping[str, Any]) -> None:
        """An episode ended; its return is known where a `Monitor` says it."""
        if "episode" in info:
            self._rewards.setdefault(self._tasks[slot] or "", []).append(float(info["episode"]["r"]))

    def _read(self, slot: int) -> None:
        """The environment was reset just now, within the step."""
        env = self._reads[slot]
        self._episodes[slot] += 1
        config = self._declared.read(env)
        self._tasks[slot] = self._declared.task_of(config)
        self.recorder.record(
            config,
            step=self.num_timesteps,
            epoch=self._epoch,
            episode=self._episodes[slot],
            task=self._tasks[slot],
            slot=slot,
            cause=self._declared.cause_of(env),
        )

    def _listen(self, inner: VecEnv) -> None:
        """Hear what is asked of the innermost vector environment, which every one around it passes on to."""
        self._wrapped = inner
        step_async = inner.step_async
        set_attr, set_options, env_method = inner.set_attr, inner.set_options, inner.env_method

        def step_begun(actions: Any) -> None:
            self.recorder.reach(step=self.model.num_timesteps + inner.num_envs)  # what is reset in it has taken it
            step_async(actions)

        def asked_attr(attr_name: str, value: Any, indices: Any = None) -> None:
            if attr_name in self._declared.attributes:
                self._ask({attr_name: value}, indices)
            set_attr(attr_name, value, indices)

        def asked_options(options: Any = None) -> None:
            for slot, each in enumerate(options if isinstance(options, list) else [options] * inner.num_envs):
                if each:
                    self._ask({_OPTIONS: each}, slot)
            set_options(options)

        def asked_method(method_name: str, *method_args: Any, indices: Any = None, **method_kwargs: Any) -> Any:
            if method_name in self._methods:
                self._ask(told(partial(self._methods[method_name], *method_args, **method_kwargs)), indices)
            return env_method(method_name, *method_args, indices=indices, **method_kwargs)

        vars(inner).update(
            step_async=step_begun, set_attr=asked_attr, set_options=asked_options, env_method=asked_method
        )

    def _ask(self, changes: Mapping[str, Any], indices: Any) -> None:
        self.recorder.request(changes, step=self.model.num_timesteps, slot=indices)
