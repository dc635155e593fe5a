"""rsl-rl: its PPO on an environment of tensors. Each reset changes the level and friction of a slot."""

import levels
import torch
from rsl_rl.env import VecEnv
from rsl_rl.runners import OnPolicyRunner
from tensordict import TensorDict

from envcfg import Tracker, load
from envcfg.adapters.tensor_env import recorded_tensors as recorded

SLOTS, ITERATION, ITERATIONS = 64, 8, 6
MODEL = {"class_name": "rsl_rl.models.MLPModel", "hidden_dims": [16], "activation": "elu"}
PPO = {
    "num_steps_per_env": ITERATION,
    "save_interval": 100,
    "obs_groups": {"actor": ["policy"], "critic": ["policy"]},
    "actor": MODEL
    | {
        "distribution_cfg": {"class_name": "rsl_rl.modules.GaussianDistribution", "init_std": 1.0, "std_type": "scalar"}
    },
    "critic": MODEL,
    "algorithm": {"class_name": "rsl_rl.algorithms.PPO", "num_learning_epochs": 2, "num_mini_batches": 2},
}


class Terrain(levels.Terrain, VecEnv):
    def get_observations(self):
        return TensorDict({"policy": self.state()}, batch_size=[self.num_envs])

    def step(self, actions):
        _, _, rewards, dones, extras = super().step(actions)
        return self.get_observations(), rewards, dones, extras


def train(env):
    torch.manual_seed(5)
    runner = OnPolicyRunner(env, PPO, log_dir=None)
    runner.learn(ITERATIONS)
    weights = [value.tolist() for model in (runner.alg.actor, runner.alg.critic) for value in model.parameters()]
    return weights, torch.get_rng_state().tolist()


def test_the_history_equals_the_rows_of_each_slot_and_the_training_is_bit_for_bit_the_same(tmp_path):
    plain, env = Terrain(SLOTS), Terrain(SLOTS)
    with Tracker(tmp_path / "envcfg", run="r", strict=True) as tracker:
        assert train(recorded(env, tracker, attributes=levels.ATTRIBUTES, iteration=ITERATION)) == train(plain)
    assert env.rewards == plain.rewards
    history = load(tmp_path)
    assert levels.recorded(history) == env.book == plain.book
    assert min(map(len, env.book)) > 4
    assert (history.last_epoch, history.last_step) == (ITERATIONS - 1, ITERATION * ITERATIONS * SLOTS)
