"""A Gymnasium wrapper that records the config of its environment at each reset, in the process of the environment."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final

import gymnasium

from envcfg.adapters.declared import Declared
from envcfg.adapters.transparent import Transparent
from envcfg.tracking.ambient import tracker
from envcfg.tracking.recorder import Recorder

DIGEST: Final = "env_config_digest"
"""The key of the digest of the recorded config in a reset's info. Vector environments would corrupt a whole config."""

_HERE: Final = "RecordedEnv"


class RecordedEnv(Transparent, gymnasium.Wrapper[Any, Any, Any, Any]):
    """Wraps one Gymnasium environment and records its config at each reset.

    *recorder* is by default the tracker of this process. An environment without a *slot* counts its own steps. One
    with a *slot* uses the last step of `Tracker.set_step` or `RecordedVectorEnv`. If nobody sets the step, give
    *slots*, the number of environments that are stepped together: the step is then the environment's own steps times
    *slots*. The other arguments say what is recorded (`attributes`, `spec`, `options`, `config`, `task`, `cause`).
    Raises `ConfigError` for arguments that contradict each other.

    Example: `env = RecordedEnv(gymnasium.make("CartPole-v1"), attributes=["gravity"])`
    """

    def __init__(
        self,
        env: gymnasium.Env[Any, Any],
        recorder: Recorder | None = None,
        *,
        slot: int | None = None,
        slots: int | None = None,
        **declared: Any,
    ) -> None:
        super().__init__(env)
        self._recorder = tracker() if recorder is None else recorder
        self._slot = slot
        self._slots = 1 if slot is None else slots
        self._declared = Declared(**declared)
        self._steps = 0
        self._episode = -1

    def reset(self, **kwargs: Any) -> tuple[Any, dict[str, Any]]:
        taken: tuple[Any, dict[str, Any]] = self.env.reset(**kwargs)
        with self._recorder.guard(_HERE):
            self._episode += 1
            self._record(kwargs.get("options"))
            digest = self._recorder.digest(self._slot or 0)
            return taken if digest is None else (taken[0], {**taken[1], DIGEST: digest})
        return taken

    def step(self, action: Any) -> Any:
        self._steps += 1
        return self.env.step(action)

    def config(self, options: Mapping[str, Any] | None) -> Any:
        """Return the config to record after a reset with *options*."""
        return self._declared.read(self.env, options)

    def _record(self, options: Mapping[str, Any] | None) -> None:
        config = self.config(options)
        self._recorder.record(
            config,
            step=None if self._slots is None else self._steps * self._slots,
            episode=self._episode,
            task=self._declared.task_of(config),
            slot=self._slot or 0,
            cause=self._declared.cause_of(self.env),
        )


def recorded(
    env_fns: Sequence[Callable[[], gymnasium.Env[Any, Any]]],
    recorder: Recorder | None = None,
    **declared: Any,
) -> list[Callable[[], gymnasium.Env[Any, Any]]]:
    """Return functions that make recorded environments, one for each slot, for a vector environment.

    The functions suit the vector environments of Gymnasium and of Stable-Baselines3. A worker process that calls one
    writes its own shard. The other arguments are those of `RecordedEnv`.

    Example: `SubprocVecEnv(recorded(env_fns, attributes=["gravity"]))`
    """
    used = tracker() if recorder is None else recorder
    return [partial(_made, env_fn, used, slot, declared) for slot, env_fn in enumerate(env_fns)]


def _made(
    env_fn: Callable[[], gymnasium.Env[Any, Any]],
    recorder: Recorder,
    slot: int,
    declared: Mapping[str, Any],
) -> RecordedEnv:
    return RecordedEnv(env_fn(), recorder, slot=slot, **declared)
