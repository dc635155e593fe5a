"""RLlib callbacks that record the config of each environment when an episode starts, in the environment's actor."""

from collections.abc import Iterable
from functools import partial
from typing import Any, Final

from ray.rllib.callbacks.callbacks import RLlibCallback

from envcfg.adapters.declared import Declared
from envcfg.adapters.layers import Layers
from envcfg.tracking.tracker import Tracker

_HERE: Final = "RLlibRecorder"
_EVALUATION_WORKERS: Final = 500_000
"""Added to the number of a worker that evaluates, since its number may be one of a worker that trains."""


class RLlibRecorder(RLlibCallback):
    """Records with *recorder*. `rllib_callbacks` makes one in the trainer and one in each actor."""

    def __init__(self, recorder: Tracker, declared: Declared) -> None:
        self._trainers = recorder
        self._recorder: Tracker | None = None
        self._declared = declared
        self._slots: dict[int, int] = {}
        self._layers: dict[int, Layers] = {}

    def on_episode_start(self, *, env_runner: Any = None, env: Any = None, env_index: int = 0, **_: Any) -> None:
        """Record the config of an environment that was reset."""
        if self._trainers.is_closed:
            return
        with (self._recorder or self._trainers).guard(_HERE):
            worker, config = getattr(env_runner, "worker_index", 0), getattr(env_runner, "config", None)
            is_evaluation = bool(getattr(config, "in_evaluation", False))
            if self._recorder is None:
                number = worker + _EVALUATION_WORKERS * is_evaluation
                self._recorder = self._trainers.shard(number) if number else self._trainers
            slot = max(0, worker - 1) * int(getattr(config, "num_envs_per_env_runner", 1)) + env_index
            if slot not in self._slots:
                self._slots[slot] = self._recorder.begin_slot(slot, role="eval" if is_evaluation else "train")
            inner = env.unwrapped
            one = inner.envs[env_index] if hasattr(inner, "envs") else inner
            if slot not in self._layers or self._layers[slot].env is not one:
                self._layers[slot] = Layers(one)
            found, cause = self._declared.read(self._layers[slot]), self._declared.cause_of(one)
            self._recorder.record(
                found,
                task=self._declared.task_of(found),
                slot=self._slots[slot],
                cause=cause,
                draws=self._declared.draws,
            )

    def on_train_result(self, *, result: dict[str, Any], **_: Any) -> None:
        """End an epoch: one iteration of the trainer."""
        if self._trainers.is_closed:
            return
        with self._trainers.guard(_HERE):
            runners = result.get("env_runners", {})
            steps = int(runners.get("num_env_steps_sampled_lifetime", 0))
            self._trainers.end_epoch(step=steps, epoch=int(result["training_iteration"]))


def rllib_callbacks(recorder: Tracker, *, attributes: Iterable[str] = (), **declared: Any) -> partial[RLlibRecorder]:
    """Return RLlib callbacks that record each environment with *recorder*.

    *attributes* and the other arguments say what is recorded, as in `RecordedEnv`. An iteration is an epoch.

    Example: `config.callbacks(rllib_callbacks(tracker, attributes=["gravity"]))`
    """
    return partial(RLlibRecorder, recorder, Declared(tuple(attributes), **declared))
