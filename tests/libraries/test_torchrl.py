"""torchrl: a real trainer and collector with recorded environments."""

import warnings

import learner
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

    from envcfg.adapters.torchrl_hook import TorchRLHook


class Loss(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(()))

    def forward(self, batch):
        return TensorDict({"loss": (self.weight - batch["next", "reward"].mean()) ** 2}, [])


def train(folder, tracker):
    """Train with a gravity that changes every hundred frames; returns the losses, rewards and random states."""
    learner.seeded()
    folder.mkdir()
    pole = spied.Maker(folder, 0)()
    if tracker is not None:
        pole = RecordedEnv(pole, tracker, slot=0, attributes=spied.ATTRIBUTES)
    env = GymWrapper(pole, categorical_action_encoding=True)
    env.set_seed(3)
    policy = TensorDictModule(
        lambda seen: (seen.sum(-1) + torch.randn(()) > 0).long(), in_keys=["observation"], out_keys=["action"]
    )
    collector = Collector(env, policy, frames_per_batch=40, total_frames=400)
    loss, rewards = Loss(), []
    trainer = Trainer(
        collector=collector,
        total_frames=400,
        frame_skip=1,
        optim_steps_per_batch=1,
        loss_module=loss,
        optimizer=torch.optim.Adam(loss.parameters()),
        progress_bar=False,
    )
    if tracker is not None:
        TorchRLHook(tracker).register(trainer)

    def schedule(batch):
        rewards.extend(batch["next", "reward"].flatten().tolist())
        pole.unwrapped.gravity = 5.0 + trainer.collected_frames // 100
        return batch

    trainer.register_op("batch_process", schedule)
    trainer.train()
    return loss.weight.item(), rewards, learner.streams()


@pytest.mark.filterwarnings("ignore")
def test_a_recorded_training_is_bit_for_bit_the_same_and_its_history_equals_the_environments_log(tmp_path):
    with Tracker(tmp_path / "envcfg", run="r", strict=True) as tracker:
        on = train(tmp_path / "on", tracker)
    assert on == train(tmp_path / "plain", None)
    history, truth = load(tmp_path), spied.truth(tmp_path / "on", 1)
    assert truth == spied.truth(tmp_path / "plain", 1)
    assert spied.recorded(history) == [spied.changes(resets) for resets in truth]
    assert len(history.changes) >= 3
    assert history.last_epoch == 9
    assert {adoption.record.step % 40 for adoption in history.adoptions} == {0}
