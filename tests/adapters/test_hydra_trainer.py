"""Our key does not break apps that create an object from their trainer node."""

import pytest
from apps import BARE, CALLBACK, DIR, KEY, ON, answer, app, run

from envcfg import load

TARGET = "trainer:\n  _target_: builtins.dict\nseed: 1\n"
KNOWING = """
def make(lr, env_config_save_interval=3):
    print(env_config_save_interval)
"""
SCHEMA = """
import attrs
from dataclasses import dataclass, field
from hydra.core.config_store import ConfigStore
from omegaconf import OmegaConf

{decorator}
class TrainerConfig:
    lr: float = 0.1

@dataclass
class Config:
    trainer: TrainerConfig = field(default_factory=TrainerConfig)
    seed: int = 1

ConfigStore.instance().store(name="schema", node=Config)
"""


@pytest.mark.parametrize("also", [[], [f"{CALLBACK}.enabled=false"]])
def test_a_trainer_that_is_instantiated_does_not_get_our_key(tmp_path, also):
    done = run(app(tmp_path, config=TARGET), ON, DIR, f"{KEY}=5", *also)
    assert answer(done) == {"tracker": "NullTracker" if also else "Tracker", "interval": None}


def test_the_record_of_the_job_still_has_the_key(tmp_path):
    run(app(tmp_path, config=TARGET), ON, DIR, f"{KEY}=5")
    history = load(tmp_path / "out")
    assert history.config(history.jobs[0].config)["trainer"]["env_config_save_interval"] == 5


def test_a_trainer_that_has_a_parameter_of_that_name_gets_it(tmp_path):
    config = "trainer:\n  _target_: __main__.make\n  lr: 0.1\n  env_config_save_interval: 7\nseed: 1\n"
    instantiate = "from hydra.utils import instantiate; instantiate(config.trainer)"
    done = run(app(tmp_path, config=config, prelude=KNOWING, ending=instantiate), ON, DIR)
    assert answer(done)["interval"] == 7
    assert done.stdout.startswith("7\n")


@pytest.mark.parametrize(
    "decorator", ["@dataclass", "@dataclass(slots=True)", "@dataclass(frozen=True)", "@attrs.define"]
)
def test_a_structured_trainer_can_be_made_an_object(tmp_path, decorator):
    made = "print(OmegaConf.to_object(config))"
    schema = SCHEMA.format(decorator=decorator)
    train = app(tmp_path, config="defaults: [schema, _self_]\n", prelude=schema, ending=made)
    done = run(train, ON, DIR)
    assert "Config(trainer=TrainerConfig(lr=0.1), seed=1)" in done.stdout, done.stderr
    assert answer(done)["tracker"] == "Tracker"


def test_the_bare_style_adds_no_key(tmp_path):
    assert answer(run(app(tmp_path), BARE, DIR))["interval"] is None
