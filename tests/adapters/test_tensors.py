"""Environments of tensors, like legged_gym's: the real parameters of each slot at each reset in a training."""

import levels
import pytest
import torch

from envcfg import Tracker, load
from envcfg.adapters.tensor_env import recorded_tensors as recorded
from envcfg.core.returns import pooled
from envcfg.sources.returns import returns

SLOTS, ITERATION = 64, 6


def train(env, iterations=8):
    """Train a policy gradient; returns the final weights and the state of the random generator."""
    torch.manual_seed(3)
    actor = torch.nn.Linear(3, env.num_actions)
    optimizer = torch.optim.Adam(actor.parameters(), lr=0.01)
    for _ in range(iterations):
        losses, seen = [], env.state()
        for _ in range(ITERATION):
            policy = torch.distributions.Normal(actor(seen), 0.2)
            actions = policy.sample()
            seen, _, rewards, _, _ = env.step(actions)
            losses.append(-(policy.log_prob(actions).sum(1) * rewards).mean())
        optimizer.zero_grad()
        torch.stack(losses).sum().backward()
        optimizer.step()
    return [value.tolist() for value in actor.parameters()], torch.get_rng_state().tolist()


def test_the_history_equals_the_rows_of_each_slot_and_the_training_is_bit_for_bit_the_same(tmp_path):
    plain, env = levels.Terrain(SLOTS), levels.Terrain(SLOTS)
    with Tracker(tmp_path / "envcfg", run="r", strict=True) as tracker:
        given = {"attributes": levels.ATTRIBUTES, "iteration": ITERATION, "draws": False}
        recorded(env, tracker, **given, task=lambda c: f"level/{c['level']}")
        assert train(env) == train(plain)
    assert env.rewards == plain.rewards
    history = load(tmp_path)
    assert levels.recorded(history) == env.book == plain.book
    assert min(map(len, env.book)) > 5
    assert sum(history.adopted.values()) == sum(map(len, env.book))
    assert history.adopted["level/0"] >= SLOTS
    assert (history.last_epoch, history.last_step) == (7, 8 * ITERATION * SLOTS)


def test_the_returns_of_all_episodes_are_kept_by_task(tmp_path):
    env = levels.Terrain(SLOTS)
    with Tracker(tmp_path / "envcfg", run="r", strict=True) as tracker:
        recorded(env, tracker, attributes=levels.ATTRIBUTES, iteration=ITERATION, task=lambda c: f"level/{c['level']}")
        train(env)
    history, truth = load(tmp_path), env.episodes()
    assert len(truth) > 3
    for task, episodes in truth.items():
        whole = pooled(part for _, _, part in returns(history, task))
        assert whole.episodes == len(episodes)
        assert whole.mean == pytest.approx(sum(map(sum, episodes)) / len(episodes), rel=1e-5)
        assert whole.length == sum(map(len, episodes)) / len(episodes)


def test_rewards_of_another_form_are_no_returns(tmp_path):
    class Critics(levels.Terrain):
        def step(self, actions):
            seen, critic, rewards, dones, extras = super().step(actions)
            return seen, critic, torch.stack([rewards, rewards], dim=1), dones, extras

    with Tracker(tmp_path / "envcfg", run="r", strict=True) as tracker:
        env = recorded(Critics(2), tracker, attributes=("level",), iteration=2)
        for _ in range(20):
            env.step(torch.zeros(2, 2))
    history = load(tmp_path)
    assert list(returns(history)) == []
    assert history.failures == ()


def test_a_step_keeps_its_arguments_results_and_errors(tmp_path):
    class Strict(levels.Terrain):
        def step(self, actions, *, is_last=False):
            if is_last:
                raise KeyError("mine")
            return super().step(actions)

    with Tracker(tmp_path, run="r", strict=True) as tracker:
        env = recorded(Strict(2), tracker, attributes=("level",))
        assert len(env.step(actions=torch.zeros(2, 2))) == 5
        with pytest.raises(KeyError, match="mine"):
            env.step(torch.zeros(2, 2), is_last=True)
        assert len(env.step(torch.zeros(2, 2), is_last=False)) == 5


def test_an_environment_of_another_form_is_unchanged_and_reported(tmp_path, capsys):
    class Other:
        def step(self, actions):
            return actions

    class Short(levels.Terrain):
        def step(self, actions):
            return super().step(actions)[:1]

    with Tracker(tmp_path, run="r") as tracker:
        assert recorded(Other(), tracker, attributes=("level",)).step(3) == 3
        assert len(recorded(Short(2), tracker, attributes=("level",)).step(torch.zeros(2, 2))) == 1
    assert {failure.where for failure in load(tmp_path).failures} == {"tensor_env"}
    assert "'Other' object has no attribute 'num_envs'" in capsys.readouterr().err


def test_without_a_tracker_an_environment_steps_as_before():
    env = recorded(levels.Terrain(2), attributes=("level",))
    assert env.step(torch.zeros(2, 2))[3].tolist() == [0, 0]
