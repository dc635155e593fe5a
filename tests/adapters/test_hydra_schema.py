"""`trainer.env_config_save_interval` in apps that do not define it."""

import json
import re
from dataclasses import dataclass, field, make_dataclass

import attrs
import pytest
from apps import CALLBACK, KEY, NO_WANDB, ON, TRAINERS, app, run
from hydra import compose, initialize_config_dir
from hydra.core.config_store import ConfigStore
from hydra.errors import ConfigCompositionException
from omegaconf import OmegaConf

from envcfg.adapters.hydra_schema import CallbackSettings
from envcfg.adapters.hydra_settings import save_interval

BAD = ["abc", "0", "-3", "1.5", "null", "true", "'1e3'", "'1.5'", "[1]"]


@dataclass
class Typed:
    lr: float = 0.1


@attrs.define
class TypedByAttrs:
    lr: float = 0.1


@dataclass(frozen=True)
class Frozen:
    lr: float = 0.1


@dataclass
class Own:
    lr: float = 0.1
    env_config_save_interval: int = 50


@dataclass
class NoTrainer:
    seed: int = 1


def schema_of(trainer):
    return make_dataclass("Schema", [("trainer", trainer, field(default_factory=trainer))])


def composed(folder, trainer, *overrides, config=None):
    app(folder, trainer, config=config)
    with initialize_config_dir(str(folder / "conf"), version_base="1.3"):
        return compose("config", overrides=[ON, *overrides], return_hydra_config=True)


def interval(config):
    return save_interval(config, CallbackSettings())


def composed_with(folder, schema, *overrides):
    ConfigStore.instance().store(name="schema", node=schema)
    return composed(folder, "plain", *overrides, config="defaults: [schema, _self_]\n")


@pytest.mark.parametrize("trainer", [*TRAINERS, "structured"])
def test_every_kind_of_trainer_node_has_the_key_in_cfg_job(tmp_path, trainer):
    done = run(app(tmp_path, trainer), ON, f"{KEY}=500", "--cfg", "job")
    assert OmegaConf.create(done.stdout).trainer.env_config_save_interval == 500, done.stderr


@pytest.mark.parametrize("trainer", [Typed, TypedByAttrs, Own, dict])
def test_a_trainer_with_a_schema_has_the_key_typed(tmp_path, trainer):
    assert interval(composed_with(tmp_path, schema_of(trainer), f"{KEY}=5")) == 5
    for value in BAD:
        with pytest.raises(ConfigCompositionException):
            composed_with(tmp_path, schema_of(trainer), f"{KEY}={value}")


def test_an_app_whose_schema_has_no_trainer_has_the_key_all_the_same(tmp_path):
    config = composed_with(tmp_path, NoTrainer, f"{KEY}=5")
    assert (interval(config), "trainer" in config) == (5, False)


@pytest.mark.parametrize(("trainer", "expected"), [("plain", 1000), ("grouped", 1000), ("absent", 1000), ("yaml", 77)])
def test_the_default_is_1000_and_the_apps_yaml_overrides_it(tmp_path, trainer, expected):
    assert interval(composed(tmp_path, trainer)) == expected


def test_the_default_of_an_apps_own_field_counts(tmp_path):
    assert composed_with(tmp_path, schema_of(Own)).trainer.env_config_save_interval == 50
    assert interval(composed_with(tmp_path, schema_of(Own), f"{KEY}=60")) == 60


@pytest.mark.parametrize(
    "defaults", ["[override hydra/callbacks: env_config]", "[_self_, override hydra/callbacks: env_config]"]
)
def test_the_apps_yaml_counts_when_its_defaults_turn_it_on(tmp_path, defaults):
    config = f"defaults: {defaults}\ntrainer:\n  env_config_save_interval: 77\n"
    assert composed(tmp_path, "plain", config=config).trainer.env_config_save_interval == 77


def test_the_command_line_overrides_the_yaml(tmp_path):
    assert composed(tmp_path, "yaml", f"{KEY}=5").trainer.env_config_save_interval == 5


@pytest.mark.parametrize("plus", ["+", "++"])
def test_a_plus_gives_an_app_the_key(tmp_path, plus):
    assert composed(tmp_path, "plain", f"{plus}{KEY}=5").trainer.env_config_save_interval == 5
    with pytest.raises(ConfigCompositionException, match=KEY):
        composed(tmp_path, "plain", f"{plus}{KEY}=abc")


@pytest.mark.parametrize(
    ("override", "advice"),
    [
        (f"+{CALLBACK}.enabled=false", f"Either remove + prefix: '{CALLBACK}.enabled=false'"),
        (f"~{KEY}", f"'{KEY}' does not exist."),
    ],
)
def test_the_error_for_an_impossible_override_says_what_to_type(tmp_path, override, advice):
    with pytest.raises(ConfigCompositionException, match=re.escape(advice)):
        composed(tmp_path, "plain", override)


def test_the_error_for_a_plus_before_the_group_says_what_to_type(tmp_path):
    done = run(app(tmp_path), f"+{ON}")
    assert done.returncode == 1
    assert done.stderr.startswith("Multiple values for hydra/callbacks. To override a value use 'override")


def test_the_apps_own_trainer_keys_stay(tmp_path):
    assert composed(tmp_path, "grouped").trainer.lr == 0.1


@pytest.mark.parametrize("value", BAD)
def test_anything_but_an_integer_from_1_is_an_error_at_compose_time(tmp_path, value):
    with pytest.raises(ConfigCompositionException) as caught:
        composed(tmp_path, "plain", f"{KEY}={value}")
    assert f"{KEY}: expected an integer >= 1" in str(caught.value.__cause__)


@pytest.mark.parametrize("value", ["abc", "0", "1.5", "null", "true"])
def test_so_is_the_same_in_the_apps_yaml(tmp_path, value):
    with pytest.raises(ConfigCompositionException, match=f"The config of the app has an invalid {KEY}"):
        composed(tmp_path, "plain", config=f"trainer:\n  env_config_save_interval: {value}\n")


@pytest.mark.parametrize("value", ["abc", "0", "1.5", "null", "true"])
def test_the_error_names_the_key_and_the_value_and_shows_no_traceback(tmp_path, value):
    done = run(app(tmp_path), ON, f"{KEY}={value}", "--cfg", "job")
    assert (done.returncode, done.stdout) == (1, "")
    assert f"Error merging override {KEY}={value}" in done.stderr
    assert f"{KEY}: expected an integer >= 1" in done.stderr or f"'{KEY}' is not Optional" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "override",
    ["enabled=perhaps", "top_tasks=many", "artifact_gap=soon", "params=rewards", "folder=null", "intervall=5"],
)
def test_the_callbacks_own_arguments_are_typed(tmp_path, override):
    with pytest.raises(ConfigCompositionException):
        composed(tmp_path, "plain", f"{CALLBACK}.{override}")


@pytest.mark.parametrize("trainer", ["null", "ppo", "${seed}", "???", "[1, 2]", "{}"])
def test_the_key_can_be_set_whatever_the_trainer_is(tmp_path, trainer):
    config = composed(tmp_path, "plain", f"{KEY}=5", config=f"trainer: {trainer}\nseed: 1\n")
    assert interval(config) == 5
    received = OmegaConf.masked_copy(config, ["trainer", "seed"])
    assert OmegaConf.to_yaml(received) == OmegaConf.to_yaml(OmegaConf.create(f"trainer: {trainer}\nseed: 1\n"))


def test_a_frozen_trainer_leaves_the_key_settable(tmp_path):
    config = composed_with(tmp_path, schema_of(Frozen), f"{KEY}=5")
    assert (interval(config), config.trainer) == (5, {"lr": 0.1})


def test_the_key_may_refer_to_another(tmp_path):
    assert interval(composed(tmp_path, "plain", f"{KEY}=${{seed}}")) == 1


def test_the_argument_of_the_callback_wins_over_the_key(tmp_path):
    assert interval(composed(tmp_path, "plain", f"{KEY}=5", f"{CALLBACK}.save_interval=7")) == 7


def test_an_app_that_does_not_turn_it_on_does_not_know_the_key(tmp_path):
    done = run(app(tmp_path), f"{KEY}=5")
    assert done.returncode == 1
    assert f"To append to your config use +{KEY}=5" in done.stderr


def test_a_sweep_over_the_key_runs_and_a_bad_value_stops_it_before_any_job(tmp_path):
    train = app(tmp_path)
    done = run(train, "-m", ON, NO_WANDB, f"{KEY}=100,1000", "hydra.sweep.dir=good")
    assert [json.loads(line)["interval"] for line in done.stdout.splitlines() if line.startswith("{")] == [100, 1000]
    done = run(train, "-m", ON, NO_WANDB, f"{KEY}=100,abc", "hydra.sweep.dir=bad")
    assert done.returncode == 1
    assert '"tracker"' not in done.stdout


def test_hydra_zen_apps_have_the_key(tmp_path):
    (tmp_path / "train.py").write_text(
        "from hydra_zen import launch, make_config, zen\n"
        "import envcfg\n"
        "def task(trainer, seed):\n"
        "    envcfg.tracker().record({'seed': seed}, step=0)\n"
        "    return dict(trainer), envcfg.tracker().save_interval, type(envcfg.tracker()).__name__\n"
        "config = make_config(trainer=dict(lr=0.1), seed=1)\n"
        f"overrides = ['{ON}', '{NO_WANDB}']\n"
        f"job = launch(config, zen(task), overrides + ['{KEY}=50'], version_base='1.3')\n"
        "print(job.return_value)\n"
        f"(jobs,) = launch(config, zen(task), overrides + ['{KEY}=5,6'], version_base='1.3', multirun=True)\n"
        "print([job.return_value for job in jobs])\n"
    )
    done = run(tmp_path / "train.py")
    assert "({'lr': 0.1}, 50, 'Tracker')\n" in done.stdout, done.stderr
    assert "[({'lr': 0.1}, 5, 'Tracker'), ({'lr': 0.1}, 6, 'Tracker')]\n" in done.stdout
