"""A Gymnasium wrapper that gives its environment the recorded config of each reset again."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final

import gymnasium

from envcfg.adapters.declared import Declared
from envcfg.adapters.layers import Layers
from envcfg.adapters.reading import set_part
from envcfg.adapters.transparent import Transparent
from envcfg.core.errors import ConfigError
from envcfg.rerun.replay import PlannedAdoption, Replay

DIVERGENCE: Final = "env_config_divergence"
"""The key in a reset's info that describes a divergence from the recording, in worker processes too."""


class ReplayedEnv(Transparent, gymnasium.Wrapper[Any, Any, Any, Any]):
    """Replays recorded configs in one Gymnasium environment.

    Before each reset it sets the recorded *attributes*, each on the layer that has it. It passes the recorded options
    to the reset, and then compares the environment's config with the recording. A *replay* by episode needs nothing
    else. For a replay by step or by epoch, *at* returns the current step or epoch. *apply* is called with the unwrapped
    environment and the config, for parameters that are not attributes. The other arguments are those of the recording.
    Raises `ConfigError` if *at* is missing.

    Example: `env = ReplayedEnv(env, envcfg.replay(RUN, by="episode"), attributes=["gravity"])`
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
            raise ConfigError(f'{replay!r}: give at=, which returns the {replay.by}, or replay it by="episode"')
        self._replay = replay
        self._declared = Declared(**declared)
        self._layers = Layers(env)
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
        found = self._replay.check(planned, self._declared.read(self._layers, kwargs.get("options")))
        return observation, info if found is None else {**info, DIVERGENCE: str(found)}

    def _restore(self, planned: PlannedAdoption) -> None:
        for name in self._declared.attributes:
            set_part(self._layers.owner(name), name, planned.config[name])
        if self._apply is not None:
            self._apply(self.env.unwrapped, planned.config)


def replayed(
    env_fns: Sequence[Callable[[], gymnasium.Env[Any, Any]]], replay: Replay, **options: Any
) -> list[Callable[[], gymnasium.Env[Any, Any]]]:
    """Return functions that make replayed environments, one for each slot, for a vector environment.

    The functions suit the vector environments of Gymnasium and of Stable-Baselines3. *options* are the arguments of
    `ReplayedEnv`.

    Example: `SyncVectorEnv(replayed(env_fns, envcfg.replay(RUN, by="episode"), attributes=["gravity"]))`
    """
    return [partial(_made, env_fn, replay, slot, options) for slot, env_fn in enumerate(env_fns)]


def _made(
    env_fn: Callable[[], gymnasium.Env[Any, Any]], replay: Replay, slot: int, options: Mapping[str, Any]
) -> ReplayedEnv:
    return ReplayedEnv(env_fn(), replay, slot=slot, **options)
