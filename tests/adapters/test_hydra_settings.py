"""The arguments of the callback: an invalid argument or interval ends the job with one message."""

import pytest
from apps import BARE, CALLBACK, DIR, KEY, ON, answer, app, run
from omegaconf import OmegaConf

from envcfg.adapters.hydra_schema import CallbackSettings
from envcfg.adapters.hydra_settings import save_interval, settings
from envcfg.core.errors import ConfigError
from envcfg.core.save_interval import DEFAULT_SAVE_INTERVAL


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({"trainer": {"env_config_save_interval": 5}}, 5),
        ({"trainer": {"env_config_save_interval": "${n}"}, "n": 6}, 6),
        ({"trainer": {"env_config_save_interval": "???"}}, DEFAULT_SAVE_INTERVAL),
        ({"trainer": {"lr": 1}}, DEFAULT_SAVE_INTERVAL),
        ({"trainer": "ppo"}, DEFAULT_SAVE_INTERVAL),
        ({"trainer": "${nothing}"}, DEFAULT_SAVE_INTERVAL),
        ({}, DEFAULT_SAVE_INTERVAL),
    ],
)
def test_the_interval_of_a_job_comes_from_its_trainer_node(config, expected):
    assert save_interval(OmegaConf.create(config), CallbackSettings()) == expected


def test_an_interval_given_to_the_callback_itself_wins():
    config = OmegaConf.create({"trainer": {"env_config_save_interval": 5}})
    assert save_interval(config, settings({"save_interval": 7})) == 7


@pytest.mark.parametrize("value", ["abc", 0, -1, 1.5, None, True, "${nothing}", "${name}"])
def test_the_error_for_an_invalid_interval_names_the_key(value):
    config = OmegaConf.create({"trainer": {"env_config_save_interval": value}, "name": "abc"})
    with pytest.raises(ConfigError, match=r"^trainer\.env_config_save_interval: .*[^\n]$"):
        save_interval(config, CallbackSettings())


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"save_interval": 0}, "save_interval=0: expected an integer >= 1"),
        ({"save_interval": True}, "save_interval: Value 'True' of type 'bool' could not be converted to Integer"),
        (
            {"save_intervall": 5},
            "save_intervall: no such argument; the arguments are save_interval, enabled, ranks, strict",
        ),
        ({"enabled": "perhaps"}, "enabled: Value 'perhaps' is not a valid bool"),
        ({"artifact_gap": -1}, "artifact_gap=-1.0: expected a number of seconds >= 0"),
        ({"artifact_gap": float("nan")}, "artifact_gap=nan: expected a number of seconds >= 0"),
        ({"last_upload": -1}, "last_upload=-1.0: expected a number of seconds >= 0"),
        ({"max_versions": 1}, "max_versions=1: expected an integer >= 2 (a first and a last)"),
        ({"artifact_ttl": 0}, "artifact_ttl=0: expected an integer >= 1 (days)"),
        ({"ranks": "0"}, "ranks=0: expected all or main"),
        ({"top_tasks": 0}, "top_tasks=0: expected an integer >= 1"),
        ({"params": "rewards.*"}, "params='rewards.*': expected a list, such as [rewards.*]"),
        ({"reveal": "HOME"}, "reveal='HOME': expected a list, such as [HOME]"),
        ({"sinks": "board"}, "sinks='board': expected a list, such as [board]"),
        ({"sinks": [5]}, "sinks: 5: expected the name of a sink, or {name: ..., option: value}"),
        ({"sinks": ["board"]}, "sinks: no plugin named 'board' is installed"),
        ({"folder": "/runs"}, "folder='/runs': expected a folder inside the job's output folder"),
        ({"folder": "../envcfg"}, "folder='../envcfg': expected a folder inside"),
        ({"folder": ""}, "folder='': expected a folder inside"),
    ],
)
def test_an_invalid_argument_raises_a_clear_error(given, sentence):
    with pytest.raises(ConfigError) as caught:
        settings(given)
    assert str(caught.value).startswith(f"{CALLBACK}.{sentence}")
    assert "\n" not in str(caught.value)


def test_every_argument_can_be_given():
    given = {
        "save_interval": 5,
        "enabled": False,
        "strict": True,
        "folder": "a/b",
        "curriculum": "mine",
        "sinks": ["a:B", {"name": "a:B", "folder": "tb"}],
        "wandb": False,
        "artifact_gap": 0,
        "max_versions": 30,
        "artifact_ttl": 365,
        "last_upload": 5,
        "params": ["a.*"],
        "top_tasks": 3,
        "page": True,
        "reveal": ["HOME"],
    }
    assert settings(given) == CallbackSettings(**given)


@pytest.mark.parametrize("plus", ["", "+"])
@pytest.mark.parametrize("value", ["abc", "null"])
def test_the_bare_style_refuses_a_bad_interval_before_the_job_starts(tmp_path, plus, value):
    done = run(app(tmp_path), BARE, f"{plus}{KEY}={value}")
    assert (done.returncode, done.stdout) == (1, "")
    assert f"\n{KEY}: expected an integer >= 1 (epochs), got " in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("plus", ["", "+"])
def test_the_bare_style_knows_the_key(tmp_path, plus):
    assert answer(run(app(tmp_path), BARE, f"{plus}{KEY}=5", DIR))["interval"] == 5


def test_a_bad_interval_that_is_referred_to_is_one_line_and_no_job_starts(tmp_path):
    train = app(tmp_path, config="trainer:\n  env_config_save_interval: ${seed}\nseed: abc\n")
    done = run(train, ON)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"envcfg: {KEY}: expected an integer >= 1 (epochs), got 'abc'\n"


@pytest.mark.parametrize("trainer", ["null", "ppo"])
def test_a_trainer_that_is_not_a_mapping_can_be_recorded_with_an_interval(tmp_path, trainer):
    train = app(tmp_path, config=f"trainer: {trainer}\nseed: 1\n")
    done = run(train, ON, DIR, f"{CALLBACK}.save_interval=5")
    assert answer(done)["tracker"] == "Tracker"
