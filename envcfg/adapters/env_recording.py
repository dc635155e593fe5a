"""The recording of one environment of a library with other methods than those of Gymnasium."""

from collections.abc import Mapping
from typing import Any

from envcfg.adapters.clock_claims import is_counted
from envcfg.adapters.declared import Declared
from envcfg.adapters.occupants import Occupant, tell_if_closed
from envcfg.adapters.watched import Watched
from envcfg.core.record import Role
from envcfg.tracking.recorder import Recorder


class EnvRecording:
    """Records *env* in one slot: its config at each reset, its steps, and the returns of its episodes."""

    def __init__(
        self,
        env: Any,
        recorder: Recorder,
        declared: Declared,
        *,
        slot: int | None = None,
        role: Role = "train",
        watch_steps: int | None = None,
    ) -> None:
        self._recorder = recorder
        self._declared = declared
        self._watched = Watched(env, declared, is_watched=watch_steps is not None)
        self._watch = watch_steps
        self._occupant = Occupant(recorder, slot, role)
        self._counts = slot is None and role == "train"
        self._steps = 0
        """The steps since the last reset."""
        self._episode: int | None = None
        with recorder.guard("open"):
            self._watched.layers.look(declared.attributes)
        tell_if_closed(recorder)

    @property
    def slot(self) -> int:
        """The number of the slot that is recorded."""
        return self._occupant.number

    def adopt(self, options: Mapping[str, Any] | None) -> None:
        """Record the config after a reset with *options*."""
        if self._recorder.is_closed:
            return
        before, self._steps = self._episode, 0
        self._episode = self._recorder.next_episode(self.slot) if before is None else before + 1
        self._record(self._watched.adopted(options))
        self._occupant.check()

    def step(self) -> None:
        """Count a step of the environment. Nobody else may count it."""
        self._steps += 1
        if self._recorder.is_closed:
            return
        if self._counts and not is_counted(self._recorder):
            self._recorder.add_steps(1)
        if self._watch is not None and self._steps % self._watch == 0:
            config = self._watched.changed()
            if config is not None:
                self._record(config)

    def end_episode(self, reward: float) -> None:
        if not self._recorder.is_closed:
            self._recorder.end_episode(reward=reward, length=self._steps, slot=self.slot)

    def close(self) -> None:
        self._occupant.end()

    def _record(self, config: Any) -> None:
        self._recorder.record(
            config,
            episode=self._episode,
            task=self._declared.task_of(config),
            slot=self.slot,
            cause=self._declared.cause_of(self._watched.layers.env),
        )
