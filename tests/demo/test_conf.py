"""The demo's packaged configuration."""

import inspect
import sys

import pytest
from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf

from envcfg.demo import train


def composed(*overrides):
    with initialize_config_dir(str(train.CONF), version_base="1.3"):
        return compose("train", overrides=list(overrides))


@pytest.mark.parametrize("env", ["mettagrid", "cartpole"])
@pytest.mark.parametrize("preset", ["tiny", "dense", "short", "full"])
def test_every_preset_has_time_for_all_stages_even_if_none_is_mastered(preset, env):
    config = composed(f"preset={preset}", f"env={env}")
    promotions = len(config.env.tasks) - 1
    assert promotions == 4
    assert promotions * config.trainer.patience < config.trainer.epochs
    assert sorted(config.trainer.schedule) == list(config.trainer.schedule)
    assert len(config.trainer.schedule) == promotions
    assert config.trainer.schedule[-1] < config.trainer.epochs


@pytest.mark.parametrize("env", ["mettagrid", "cartpole"])
@pytest.mark.parametrize("preset", ["short", "full"])
def test_it_trains_as_stable_baselines3_does_by_default(preset, env):
    stable_baselines3 = pytest.importorskip("stable_baselines3")
    config = composed(f"preset={preset}", f"env={env}")
    defaults = inspect.signature(stable_baselines3.PPO).parameters
    steps = config.env.slots * config.ppo.rollout
    assert steps == defaults["n_steps"].default
    assert steps / config.ppo.minibatches == defaults["batch_size"].default
    assert config.ppo.passes == defaults["n_epochs"].default
    assert config.ppo.learning_rate == defaults["learning_rate"].default
    assert config.ppo.gae_lambda == defaults["gae_lambda"].default
    assert config.ppo.clip == defaults["clip_range"].default


@pytest.mark.parametrize("env", ["mettagrid", "cartpole"])
def test_tasks_come_in_order_with_their_interpolations_resolved(env):
    config = composed(f"env={env}", "env.base_steps=21")
    tasks = train.tasks_of(config.env)
    assert [task.name for task in tasks] == list(config.env.tasks)
    assert [task.params["max_steps"] for task in tasks[:2]] == [21, 21]


def test_cartpole_takes_the_place_of_a_mettagrid_that_is_not_installed(monkeypatch):
    pytest.importorskip("mettagrid")
    assert composed().env.kind == "mettagrid"
    monkeypatch.setitem(sys.modules, "mettagrid", None)
    assert composed().env.kind == "cartpole"
    with pytest.raises(SystemExit, match="env=cartpole"):
        train.world_of(OmegaConf.create({"kind": "mettagrid", "agents": 2}))


def test_the_recorder_is_off_unless_it_is_asked_for():
    config = composed()
    assert "env_config_save_interval" not in config.trainer
    assert "hydra" not in config
