"""`trainer.env_config_save_interval` in apps that have never heard of it."""

import json

import pytest
from apps import TRAINERS, app, run
from hydra import compose, initialize_config_dir
from hydra.errors import ConfigCompositionException
from omegaconf import OmegaConf
from omegaconf.errors import ValidationError

ON = "hydra/callbacks=env_config"
KEY = "trainer.env_config_save_interval"


def composed(folder, trainer, *overrides):
    app(folder, trainer)
    with initialize_config_dir(str(folder / "conf"), version_base="1.3"):
        return compose("config", overrides=[ON, *overrides])


@pytest.mark.parametrize("trainer", [*TRAINERS, "structured"])
def test_every_kind_of_trainer_node_has_the_key_in_cfg_job(tmp_path, trainer):
    done = run(app(tmp_path, trainer), ON, f"{KEY}=500", "--cfg", "job")
    assert OmegaConf.create(done.stdout).trainer.env_config_save_interval == 500, done.stderr


@pytest.mark.parametrize(("trainer", "expected"), [("plain", 1000), ("grouped", 1000), ("absent", 1000), ("yaml", 77)])
def test_the_default_is_1000_and_the_apps_yaml_overrides_it(tmp_path, trainer, expected):
    assert composed(tmp_path, trainer).trainer.env_config_save_interval == expected


def test_the_command_line_overrides_the_yaml(tmp_path):
    assert composed(tmp_path, "yaml", f"{KEY}=5").trainer.env_config_save_interval == 5


def test_the_apps_own_trainer_keys_stay(tmp_path):
    assert composed(tmp_path, "grouped").trainer.lr == 0.1


@pytest.mark.parametrize("value", ["abc", "0", "-3", "1.5", "null", "true", "'1e3'", "[1]"])
def test_anything_but_an_integer_from_1_is_an_error_at_compose_time(tmp_path, value):
    with pytest.raises((ConfigCompositionException, ValidationError)) as caught:
        composed(tmp_path, "plain", f"{KEY}={value}")
    assert "env_config_save_interval" in str(caught.value) + str(caught.value.__cause__)


@pytest.mark.parametrize("value", ["abc", "true"])
def test_the_error_names_the_key_the_value_and_what_was_expected(tmp_path, value):
    done = run(app(tmp_path), ON, f"{KEY}={value}")
    assert done.returncode == 1
    assert "expected an integer >= 1 (epochs), got" in done.stderr
    assert "full_key: trainer.env_config_save_interval" in done.stderr
    assert done.stdout == ""


def test_assigning_a_bad_value_later_is_an_error_too(tmp_path):
    config = composed(tmp_path, "plain")
    for value in (True, 0, 2.0, "x"):
        with pytest.raises(ValidationError):
            config.trainer.env_config_save_interval = value
    config.trainer.env_config_save_interval = "12"
    assert config.trainer.env_config_save_interval == 12


def test_the_key_survives_a_copy_with_its_type(tmp_path):
    import copy
    import pickle

    config = composed(tmp_path, "plain")
    for twin in (copy.deepcopy(config), pickle.loads(pickle.dumps(config)), OmegaConf.merge(config, {"seed": 2})):
        with pytest.raises(ValidationError):
            twin.trainer.env_config_save_interval = "abc"


def test_a_sweep_over_the_key_runs_and_a_bad_value_stops_it_before_any_job(tmp_path):
    train = app(tmp_path)
    off = "hydra.callbacks.env_config.wandb=false"
    done = run(train, "-m", ON, off, f"{KEY}=100,1000", "hydra.sweep.dir=good")
    assert [json.loads(line)["interval"] for line in done.stdout.splitlines() if line.startswith("{")] == [100, 1000]
    done = run(train, "-m", ON, off, f"{KEY}=100,abc", "hydra.sweep.dir=bad")
    assert done.returncode == 1
    assert '"tracker"' not in done.stdout


def test_hydra_zen_apps_have_the_key(tmp_path):
    (tmp_path / "train.py").write_text(
        "from hydra_zen import builds, launch, make_config, zen\n"
        "import envcfg\n"
        "def task(trainer, seed):\n"
        "    envcfg.tracker().record({'seed': seed}, step=0)\n"
        "    return dict(trainer)['env_config_save_interval'], type(envcfg.tracker()).__name__\n"
        "config = make_config(trainer=dict(lr=0.1), seed=1)\n"
        "overrides = ['hydra/callbacks=env_config', 'hydra.callbacks.env_config.wandb=false']\n"
        "job = launch(config, zen(task), overrides + ['trainer.env_config_save_interval=50'], version_base='1.3')\n"
        "print(job.return_value)\n"
    )
    assert run(tmp_path / "train.py").stdout == "(50, 'Tracker')\n"
