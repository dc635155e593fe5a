"""RLlib callbacks: each environment's config at the start of its episodes, in the actor where it runs."""

from collections.abc import Iterable
from functools import partial
from typing import Any, Final

from ray.rllib.callbacks.callbacks import RLlibCallback

from envcfg.adapters.declared import Declared
from envcfg.tracking.tracker import Tracker

_HERE: Final = "EnvConfigCallbacks"


class EnvConfigCallbacks(RLlibCallback):
    """Records with *recorder*; made by `rllib_callbacks`, once in the trainer and once in each actor."""

    def __init__(self, recorder: Tracker, declared: Declared) -> None:
        self._trainers = recorder
        self._recorder: Tracker | None = None
        self._declared = declared

    def on_episode_start(self, *, env_runner: Any = None, env: Any = None, env_index: int = 0, **_: Any) -> None:
        """An environment was reset."""
        with (self._recorder or self._trainers).guard(_HERE):
            if self._recorder is None:
                worker = getattr(env_runner, "worker_index", 0)
                self._recorder = self._trainers.shard(worker) if worker else self._trainers
            inner = env.unwrapped
            one = inner.envs[env_index] if hasattr(inner, "envs") else inner
            config, cause = self._declared.read(one), self._declared.cause_of(one)
            self._recorder.record(config, task=self._declared.task_of(config), slot=env_index, cause=cause)

    def on_train_result(self, *, result: dict[str, Any], **_: Any) -> None:
        """An iteration of the trainer ended: that is an epoch."""
        with self._trainers.guard(_HERE):
            runners = result.get("env_runners", {})
            steps = int(runners.get("num_env_steps_sampled_lifetime", 0))
            self._trainers.end_epoch(step=steps, epoch=int(result["training_iteration"]))


def rllib_callbacks(
    recorder: Tracker, *, attributes: Iterable[str] = (), **declared: Any
) -> partial[EnvConfigCallbacks]:
    """For `AlgorithmConfig.callbacks(...)`; *attributes* and the rest say what is recorded: see `Declared`."""
    return partial(EnvConfigCallbacks, recorder, Declared(tuple(attributes), **declared))
