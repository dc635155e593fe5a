"""torchrl: a real trainer and collector around environments that record themselves."""

import warnings

import pytest
import spied
import torch

from envcfg import Tracker, load
from envcfg.adapters.gymnasium_env import RecordedEnv

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # torchrl warns of its own classes when it is imported
    from tensordict import TensorDict
    from tensordict.nn import TensorDictModule
    from torchrl.collectors import Collector
    from torchrl.envs import GymWrapper
    from torchrl.trainers import Trainer

    from envcfg.adapters.torchrl_hook import EnvConfigHook


class Loss(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(()))

    def forward(self, batch):
        return TensorDict({"loss": (self.weight - batch["next", "reward"].mean()) ** 2}, [])


@pytest.mark.filterwarnings("ignore")
def test_the_history_is_what_the_environment_saw_at_the_frames_of_the_trainer(tmp_path):
    with Tracker(tmp_path / "envcfg", run="r") as tracker:
        pole = RecordedEnv(spied.Maker(tmp_path, 0)(), tracker, slot=0, attributes=spied.ATTRIBUTES)
        env = GymWrapper(pole, categorical_action_encoding=True)
        policy = TensorDictModule(lambda seen: (seen.sum(-1) > 0).long(), in_keys=["observation"], out_keys=["action"])
        collector = Collector(env, policy, frames_per_batch=40, total_frames=400)
        loss = Loss()
        trainer = Trainer(
            collector=collector,
            total_frames=400,
            frame_skip=1,
            optim_steps_per_batch=1,
            loss_module=loss,
            optimizer=torch.optim.Adam(loss.parameters()),
            progress_bar=False,
        )
        EnvConfigHook(tracker).register(trainer)

        def schedule(batch):
            pole.unwrapped.gravity = 5.0 + trainer.collected_frames // 100
            return batch

        trainer.register_op("batch_process", schedule)
        trainer.train()
    history, truth = load(tmp_path), spied.truth(tmp_path, 1)
    assert spied.recorded(history) == [spied.changes(resets) for resets in truth]
    assert len(history.transactions) >= 4
    assert history.last_epoch == 9
    assert {adoption.record.step % 40 for adoption in history.adoptions} == {0}
