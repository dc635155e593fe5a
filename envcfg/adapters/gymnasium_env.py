"""A gymnasium environment that records what it runs with, at each of its resets, in the process where it lives."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final

import gymnasium

from envcfg.adapters.declared import Declared
from envcfg.adapters.transparent import Transparent
from envcfg.tracking.ambient import tracker
from envcfg.tracking.recorder import Recorder

DIGEST: Final = "env_config_digest"
"""The key of a reset's info under which the digest of the recorded config stands; a config in there gets corrupted."""

_HERE: Final = "RecordedEnv"


class RecordedEnv(Transparent, gymnasium.Wrapper[Any, Any, Any, Any]):
    """Records *env* with *recorder*, by default the one that is attached to this process.

    Alone, it counts its own steps. As one of several it has a *slot*, and records at the last step that the trainer
    set (`Tracker.set_step`, `RecordedVectorEnv`). Where nobody sets one, it records at its own steps times *slots*, the
    number of environments that are stepped together. The other arguments say what is recorded: see `Declared`.
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
        """What is recorded now, after a reset with *options*."""
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
    """What makes the environments of a vector environment, of gymnasium or Stable-Baselines3, each recorded as a slot.

    A worker process that calls one of them writes a shard of its own.
    """
    here = tracker() if recorder is None else recorder
    return [partial(_made, env_fn, here, slot, declared) for slot, env_fn in enumerate(env_fns)]


def _made(
    env_fn: Callable[[], gymnasium.Env[Any, Any]],
    recorder: Recorder,
    slot: int,
    declared: Mapping[str, Any],
) -> RecordedEnv:
    return RecordedEnv(env_fn(), recorder, slot=slot, **declared)
