import itertools

import pytest
from left_out import Left
from omegaconf import OmegaConf

from envcfg.core.errors import ConfigError
from envcfg.core.tree import MISSING, Marker
from envcfg.tracking.capture.capture import Capture
from envcfg.tracking.redaction.rules import Redaction

OmegaConf.register_new_resolver("draw", itertools.count().__next__, replace=True)


@pytest.fixture
def capture():
    return Capture(Redaction(environment={"TOKEN_VALUE": "hunter2-hunter2", "STEPS": "77"}))


def test_an_attached_node_is_resolved_against_its_root(capture):
    root = OmegaConf.create({"seed": 3, "env": {"a": "${..seed}", "b": "${seed}", "c": [1, "${.0}"]}})
    assert capture(root.env).config.config == {"a": 3, "b": 3, "c": [1, 1]}


def test_the_template_keeps_interpolations_as_written(capture):
    root = OmegaConf.create({"seed": 3, "env": {"a": "${..seed}", "b": 1}})
    assert capture(root.env).template.config == {"a": "${..seed}", "b": 1}
    assert capture(OmegaConf.create({"b": 1})).template is None


def test_an_unchanged_config_is_captured_once(capture):
    config = OmegaConf.create({"a": "${draw:}", "b": 1})
    assert capture(config) is capture(config)


@pytest.mark.parametrize(
    "mutate",
    [
        lambda root: root.env.update({"b": 2}),
        lambda root: root.env.pop("b"),
        lambda root: root.env.layers.append(3),
        lambda root: root.__delattr__("other"),
        lambda root: root.update({"seed": 4}),
    ],
)
def test_every_mutation_of_the_tree_is_detected(capture, mutate):
    root = OmegaConf.create({"seed": 3, "other": 1, "env": {"a": "${..seed}", "b": 1, "layers": [1]}})
    before = capture(root.env)
    mutate(root)
    assert capture(root.env) is not before


def test_a_bad_interpolation_loses_one_leaf(capture):
    snapshot = capture(OmegaConf.create({"a": "${nope}", "b": 1, "c": {"d": "${unknown:1}"}}))
    assert snapshot.config.config["b"] == 1
    assert isinstance(snapshot.config.config["a"], Marker)
    assert [problem.split(":")[0] for problem in snapshot.problems] == ["a", "c.d"]


def test_a_bad_interpolation_is_an_error_in_strict_mode():
    with pytest.raises(ConfigError, match="a: InterpolationKeyError"):
        Capture(Redaction(), strict=True)(OmegaConf.create({"a": "${nope}"}))


def test_missing_is_a_value_and_an_interpolation_to_it_is_not(capture):
    snapshot = capture(OmegaConf.create({"a": "???", "b": "${a}", "c": None}))
    assert snapshot.config.config["a"] == MISSING
    assert snapshot.config.config["b"].kind == "unreadable"
    assert snapshot.config.config["c"] is None


def test_an_interpolation_to_a_node_is_recorded_whole(capture):
    root = OmegaConf.create({"x": 1, "shared": {"q": "${x}"}, "env": {"g": "${shared}"}})
    assert capture(root.env).config.config == {"g": {"q": 1}}


def test_a_function_loses_one_leaf(capture):
    snapshot = capture({"fn": print, "b": 1})
    assert snapshot.config.config["b"] == 1
    assert snapshot.config.config["fn"].kind == "unreadable"


def test_a_value_with_a_secrets_name_is_left_out(capture):
    snapshot = capture(
        {"wandb": {"api_key": "abc"}, "password": "x", "auth": {"token": 12345678}, "num_tokens": 5, "monkey": 1}
    )
    assert snapshot.config.config == {
        "wandb": {"api_key": Left("api_key")},
        "password": Left("password"),
        "auth": {"token": Left("token")},
        "num_tokens": 5,
        "monkey": 1,
    }


def test_a_short_number_is_not_an_access_token(capture):
    snapshot = capture(
        {
            "obs": {"token_value_base": 256, "pad_token": 0, "token_dropout": 0.1},
            "hub_token": "hunter2",
            "hub_token_2": 12345678,
            "token_pool": {"size": 4, "password": 1234, "names": ["abc"]},
        }
    )
    assert snapshot.config.config == {
        "obs": {"token_value_base": 256, "pad_token": 0, "token_dropout": 0.1},
        "hub_token": Left("hub_token"),
        "hub_token_2": Left("hub_token_2"),
        "token_pool": {
            "size": 4,
            "password": Left("password"),
            "names": ["abc"],
        },
    }


def test_the_value_of_an_environment_variable_is_left_out_even_through_references(capture, monkeypatch):
    monkeypatch.setenv("TOKEN_VALUE", "hunter2-hunter2")
    root = OmegaConf.create(
        {
            "key": "${oc.env:TOKEN_VALUE}",
            "env": {"a": "${oc.env:TOKEN_VALUE}", "b": "${..key}", "c": "id-${key}", "d": "hunter", "e": 1},
        }
    )
    snapshot = capture(root.env)
    redacted = Left("oc.env")
    assert snapshot.config.config == {"a": redacted, "b": redacted, "c": redacted, "d": "hunter", "e": 1}
    assert snapshot.template.config["a"] == "${oc.env:TOKEN_VALUE}"
    assert "hunter2" not in repr(snapshot)


def test_a_revealed_variable_is_recorded(monkeypatch):
    monkeypatch.setenv("STEPS", "77")
    capture = Capture(Redaction(reveal=frozenset({"STEPS"})))
    assert capture(OmegaConf.create({"max_steps": "${oc.decode:${oc.env:STEPS}}"})).config.config == {"max_steps": 77}


def test_a_literal_default_under_a_secrets_name_is_left_out_of_the_template(capture):
    snapshot = capture(OmegaConf.create({"password": "${oc.env:NOT_SET,fallback}", "path": "${oc.env:NOT_SET,here}"}))
    assert snapshot.template.config == {"password": Left("password"), "path": "${oc.env:NOT_SET,here}"}
    assert "fallback" not in repr(snapshot)


def test_overrides_lose_the_values_of_secrets():
    given = ["seed=1", "+wandb.api_key=abc", "hub_token=hunter2", "obs.token_value_base=256"]
    redacted = ("seed=1", "+wandb.api_key=<redacted>", "hub_token=<redacted>", "obs.token_value_base=256")
    assert Redaction().overrides(given) == redacted


def test_a_short_value_of_an_environment_variable_is_left_out_only_where_it_was_read(monkeypatch):
    capture = Capture(Redaction(environment={"LOCAL_RANK": "0"}))
    monkeypatch.setenv("LOCAL_RANK", "0")
    config = OmegaConf.create({"rank": "${oc.env:LOCAL_RANK}", "noise": 0, "name": "run-0"})
    assert capture(config).config.config == {"rank": Left("oc.env"), "noise": 0, "name": "run-0"}


def test_a_secret_that_the_app_passes_on_in_a_plain_dict_is_left_out(capture, monkeypatch):
    monkeypatch.setenv("TOKEN_VALUE", "hunter2-hunter2")
    root = OmegaConf.create({"key": "${oc.env:TOKEN_VALUE}"})
    capture(root)
    assert capture({"url": f"https://{root.key}@host"}).config.config == {"url": Left("oc.env")}
