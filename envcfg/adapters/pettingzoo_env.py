"""Wrappers for environments of PettingZoo, in which several agents act. One environment is one slot."""

from collections.abc import Mapping
from typing import Any, Final

from pettingzoo.utils.wrappers import BaseParallelWrapper, BaseWrapper

from envcfg.adapters.declared import Declared
from envcfg.adapters.env_recording import EnvRecording
from envcfg.adapters.transparent import Transparent
from envcfg.core.record import Role
from envcfg.tracking.ambient import tracker
from envcfg.tracking.recorder import Recorder

_HERE: Final = "pettingzoo_env"


class _Agents(Transparent):
    """What both wrappers do. The return of an episode is the mean over its agents."""

    _recorder: Recorder
    _recording: EnvRecording
    _gained: float
    _agents: int

    def __init__(
        self,
        env: Any,
        recorder: Recorder | None = None,
        *,
        slot: int | None = None,
        role: Role = "train",
        watch_steps: int | None = None,
        **declared: Any,
    ) -> None:
        super().__init__(env)  # type: ignore[call-arg]  # of the wrapper of PettingZoo
        self._recorder = tracker() if recorder is None else recorder
        said = Declared(**declared)
        self._recording = EnvRecording(self.env, self._recorder, said, slot=slot, role=role, watch_steps=watch_steps)
        self._gained, self._agents = 0.0, 1

    @property
    def recorded_slot(self) -> int:
        """The number of the slot that is recorded."""
        return self._recording.slot

    def _begin(self, options: Mapping[str, Any] | None) -> None:
        with self._recorder.guard(_HERE):
            self._gained, self._agents = 0.0, max(1, len(self.env.agents))
            self._recording.adopt(options)

    def _count(self, rewards: Mapping[Any, Any], *ends: Mapping[Any, Any]) -> None:
        """Count a step. *ends* are the terminations and the truncations of the agents that are left."""
        with self._recorder.guard(_HERE):
            self._recording.step()
            self._gained += float(sum(rewards.values()))
            if all(any(end.get(agent) for end in ends) for agent in self.env.agents):
                self._recording.end_episode(self._gained / self._agents)

    def close(self) -> None:
        with self._recorder.guard(_HERE):
            self._recording.close()
        self.env.close()


class RecordedParallelEnv(_Agents, BaseParallelWrapper[Any, Any, Any]):
    """Wraps a parallel environment of PettingZoo, and records its config at each reset.

    The arguments are those of `RecordedEnv`. A parameter with a value for each agent, such as a dict, has a key for
    each agent. A step of all agents together is one environment step.

    Example: `env = RecordedParallelEnv(env, attributes=["speed"])`
    """

    def reset(self, *args: Any, **given: Any) -> Any:
        found = self.env.reset(*args, **given)
        self._begin(given.get("options"))
        return found

    def step(self, actions: Any) -> Any:
        taken = self.env.step(actions)
        self._count(*taken[1:4])
        return taken


class RecordedAECEnv(_Agents, BaseWrapper[Any, Any, Any]):
    """Wraps an environment of PettingZoo whose agents act in turn, and records its config at each reset.

    The arguments are those of `RecordedParallelEnv`. Each action of an agent is one environment step.

    Example: `env = RecordedAECEnv(env, attributes=["speed"])`
    """

    def reset(self, *args: Any, **given: Any) -> None:
        self.env.reset(*args, **given)
        self._begin(given.get("options"))

    def step(self, action: Any) -> None:
        self.env.step(action)
        if action is not None:  # otherwise the episode of this agent has ended
            self._count(self.env.rewards, self.env.terminations, self.env.truncations)
