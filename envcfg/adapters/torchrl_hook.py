"""A torchrl trainer's hook: tells the recorder the frames that were collected; a batch is an epoch."""

from typing import Any, Final

from torchrl.trainers import Trainer
from torchrl.trainers.trainers import TrainerHookBase

from envcfg.tracking.ambient import tracker
from envcfg.tracking.recorder import Recorder

_HERE: Final = "EnvConfigHook"


class EnvConfigHook(TrainerHookBase):
    """`EnvConfigHook(tracker).register(trainer)`; environments record themselves, as `GymWrapper(RecordedEnv(...))`.

    *recorder* is by default the one that is attached to this process.
    """

    def __init__(self, recorder: Recorder | None = None) -> None:
        self._recorder = tracker() if recorder is None else recorder
        self._trainer: Trainer | None = None
        self._epoch = 0

    def register(self, trainer: Trainer, name: str = "env_config") -> None:
        self._trainer = trainer
        with self._recorder.guard(_HERE):
            self._recorder.set_step(step=int(trainer.collected_frames), epoch=self._epoch)
        trainer.register_module(name, self)
        trainer.register_op("post_steps", self)

    def __call__(self) -> None:
        if self._trainer is None:
            return
        with self._recorder.guard(_HERE):
            self._recorder.end_epoch(step=int(self._trainer.collected_frames), epoch=self._epoch)
            self._epoch += 1

    def state_dict(self) -> dict[str, Any]:
        return {"epoch": self._epoch}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        with self._recorder.guard(_HERE):
            self._epoch = state_dict["epoch"]
