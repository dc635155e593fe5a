"""A gymnasium environment that runs again, episode by episode, with what a recorded one ran with."""

from functools import reduce
from typing import Any

import gymnasium

from envcfg.adapters.declared import Declared
from envcfg.rerun.replay import Replay


class ReplayedEnv(gymnasium.Wrapper[Any, Any, Any, Any]):
    """Sets the recorded *attributes* on the unwrapped environment before each reset; gives that the recorded options.

    *replay* counts in episodes: `envcfg.replay(run, by="episode")`. What the environment then runs with is checked.
    """

    def __init__(
        self,
        env: gymnasium.Env[Any, Any],
        replay: Replay,
        *,
        attributes: tuple[str, ...] = (),
        slot: int = 0,
        rank: int = 0,
        worker: int = 0,
    ) -> None:
        super().__init__(env)
        self._replay = replay
        self._declared = Declared(attributes)
        self._place = {"slot": slot, "rank": rank, "worker": worker}
        self._episode = -1

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        self._episode += 1
        turn = self._replay.adopt(at=self._episode, **self._place)
        for name in self._declared.attributes:
            *owner, last = name.split(".")
            setattr(reduce(getattr, owner, self.env.unwrapped), last, turn.config[name])
        options = turn.config.get("options", options)
        answer = self.env.reset(seed=seed, options=options)
        self._replay.check(turn, self._declared.read(self.env, options))
        return answer
