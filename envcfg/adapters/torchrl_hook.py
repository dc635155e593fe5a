"""A hook for a torchrl trainer: it passes the number of collected frames to the recorder. A batch is an epoch."""

from typing import Any, Final

from torchrl.trainers import Trainer
from torchrl.trainers.trainers import TrainerHookBase

from envcfg.tracking.ambient import tracker
from envcfg.tracking.recorder import Recorder

_HERE: Final = "TorchRLHook"


class TorchRLHook(TrainerHookBase):
    """Sets the step of the recorder and ends an epoch after each batch of a torchrl trainer.

    *recorder* is by default the tracker of this process. The hook reads no environment: wrap each one, as in
    `GymWrapper(RecordedEnv(...))`.

    Example: `TorchRLHook(tracker).register(trainer)`
    """

    def __init__(self, recorder: Recorder | None = None) -> None:
        self._recorder = tracker() if recorder is None else recorder
        self._trainer: Trainer | None = None
        self._epoch = 0

    def register(self, trainer: Trainer, name: str = "env_config") -> None:
        self._trainer = trainer
        with self._recorder.guard(_HERE):
            self._recorder.set_step(step=int(trainer.collected_frames))
            self._epoch = self._recorder.next_epoch
            self._recorder.set_step(step=int(trainer.collected_frames), epoch=self._epoch)
        trainer.register_module(name, self)
        trainer.register_op("post_steps", self)

    def __call__(self) -> None:
        if self._trainer is None or self._recorder.is_closed:
            return
        with self._recorder.guard(_HERE):
            self._recorder.end_epoch(step=int(self._trainer.collected_frames), epoch=self._epoch)
            self._epoch += 1

    def state_dict(self) -> dict[str, Any]:
        return {"epoch": self._epoch}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        with self._recorder.guard(_HERE):
            self._epoch = state_dict["epoch"]
