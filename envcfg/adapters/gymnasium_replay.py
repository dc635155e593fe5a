"""A gymnasium environment that runs again, reset by reset, with what a recorded one ran with."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial, reduce
from typing import Any, Final

import gymnasium

from envcfg.adapters.declared import Declared
from envcfg.adapters.transparent import Transparent
from envcfg.core.errors import ConfigError
from envcfg.rerun.replay import PlannedAdoption, Replay

DIVERGENCE: Final = "env_config_divergence"
"""The key of a reset's info under which a divergence from the recording is told, also from a worker."""


class ReplayedEnv(Transparent, gymnasium.Wrapper[Any, Any, Any, Any]):
    """Before each reset of *env*, sets the recorded *attributes* on it, unwrapped; then gives it the recorded options.

    A *replay* by episode counts on its own; *at* tells the step or the epoch to one by step or by epoch. *apply* is
    given the unwrapped environment and the config, for what attributes do not do. What the environment then runs with
    is checked. The other arguments say what was recorded: see `Declared`.
    """

    def __init__(
        self,
        env: gymnasium.Env[Any, Any],
        replay: Replay,
        *,
        slot: int = 0,
        rank: int = 0,
        worker: int | None = None,
        at: Callable[[], int] | None = None,
        apply: Callable[[Any, Mapping[str, Any]], object] | None = None,
        **declared: Any,
    ) -> None:
        super().__init__(env)
        if at is None and replay.by != "episode":
            raise ConfigError(f'{replay!r}: give at=, which tells the {replay.by}, or replay it by="episode"')
        self._replay = replay
        self._declared = Declared(**declared)
        self._adopt = partial(replay.adopt, slot, rank=rank, worker=worker)
        self._at = at
        self._apply = apply
        self._episode = -1

    def reset(self, **kwargs: Any) -> tuple[Any, dict[str, Any]]:
        self._episode += 1
        planned = self._adopt(at=self._episode if self._at is None else self._at())
        self._restore(planned)
        if "options" in planned.config:
            kwargs["options"] = dict(planned.config["options"])
        observation, info = self.env.reset(**kwargs)
        found = self._replay.check(planned, self._declared.read(self.env, kwargs.get("options")))
        return observation, info if found is None else {**info, DIVERGENCE: str(found)}

    def _restore(self, planned: PlannedAdoption) -> None:
        inner = self.env.unwrapped
        for name in self._declared.attributes:
            *owner, last = name.split(".")
            setattr(reduce(getattr, owner, inner), last, planned.config[name])
        if self._apply is not None:
            self._apply(inner, planned.config)


def replayed(
    env_fns: Sequence[Callable[[], gymnasium.Env[Any, Any]]], replay: Replay, **options: Any
) -> list[Callable[[], gymnasium.Env[Any, Any]]]:
    """What makes the environments of a vector environment, of gymnasium or Stable-Baselines3, each as its slot was."""
    return [partial(_made, env_fn, replay, slot, options) for slot, env_fn in enumerate(env_fns)]


def _made(
    env_fn: Callable[[], gymnasium.Env[Any, Any]], replay: Replay, slot: int, options: Mapping[str, Any]
) -> ReplayedEnv:
    return ReplayedEnv(env_fn(), replay, slot=slot, **options)
