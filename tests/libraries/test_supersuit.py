"""SuperSuit's vector environment for Stable-Baselines3 shows no environments: each one is wrapped where it is made."""

import agents
import learner
import pytest
import stable_baselines3 as sb3
import supersuit
import torch

from envcfg import Tracker, load
from envcfg.adapters.pettingzoo_env import RecordedParallelEnv
from envcfg.adapters.sb3_callback import SB3Callback

pytestmark = pytest.mark.filterwarnings("ignore")


def trained(callback=None, *, around=lambda env: env, processes=1):
    learner.seeded()  # its vector environment accepts no seed
    envs = supersuit.pettingzoo_env_to_vec_env_v1(around(agents.Pair()))
    envs = supersuit.concat_vec_envs_v1(envs, 2, num_cpus=processes, base_class="stable_baselines3")
    model = sb3.PPO("MlpPolicy", envs, n_steps=8, batch_size=8, n_epochs=1, device="cpu")
    model.learn(64, callback=callback)
    return model.policy.state_dict()


def test_it_trains_as_without_the_callback_and_a_message_says_what_is_missing(tmp_path, capsys):
    plain = trained()
    with Tracker(tmp_path, run="r") as tracker:
        on = trained(SB3Callback(tracker, attributes=("steps",)))
    assert all(torch.equal(value, on[name]) for name, value in plain.items())
    history = load(tmp_path)
    assert (history.failures, history.last_epoch) == ((), 1)
    assert "envcfg: this SB3VecEnvWrapper does not show its environments" in capsys.readouterr().err


def test_wrapped_environments_are_recorded_each_in_one_slot_with_a_key_for_each_agent(tmp_path, capsys):
    plain = trained()
    agents.BOOKS.clear()
    with Tracker(tmp_path, run="r", strict=True) as tracker:
        around = lambda env: RecordedParallelEnv(env, tracker, attributes=agents.ATTRIBUTES)  # noqa: E731
        on = trained(SB3Callback(tracker), around=around)
    assert all(torch.equal(value, on[name]) for name, value in plain.items())
    history = load(tmp_path)
    assert agents.recorded(history) == [book for book in agents.BOOKS if len(book) > 1]
    assert len(agents.recorded(history)) == 2
    assert "envcfg" not in capsys.readouterr().err
