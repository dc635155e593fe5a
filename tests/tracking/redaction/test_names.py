"""Secrets by the name of their key: which values are left out, and which are settings."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from known_secrets import LETTERS
from left_out import Left

from envcfg import Redaction
from envcfg.core.normal import normal
from envcfg.tracking.redaction.secret_names import is_secret


@given(st.sampled_from(["password", "SECRET", "token", "api_key"]), st.integers(0, 10**12) | st.floats(0, 1e20))
def test_the_sign_of_a_number_does_not_matter(name, number):
    assert is_secret(name, number) == is_secret(name, -number)


@pytest.mark.parametrize("number", [0, -5, 100, -100, 0.25, -0.5, 1e-5])
def test_a_short_number_with_a_secrets_name_is_recorded(number):
    assert Redaction().plain({"SECRET": number}) == {"SECRET": number}


@pytest.mark.parametrize(
    "name",
    [
        *("api_key", "API-KEY", "apiKey", "wandb.api_key", "db_password", "aws_secret_access_key"),
        *("clientSecret", "password_hash", "user_pass", "refreshToken"),
    ],
)
@pytest.mark.parametrize("value", ["x", 1234, Path("x"), b"x", {"x"}])
def test_any_value_with_a_secrets_name_is_left_out(name, value):
    assert Redaction().plain(normal({name: value})) == {name: Left(name)}


@pytest.mark.parametrize("name", ["token", "secret", "SECRET_2", "authorization", "cookie", "wandb_key", "hub_token"])
def test_under_a_name_that_games_use_too_all_but_plain_words_and_paths_is_left_out(name):
    for value in ("hunter2", 12345678, Path("a=b+c"), b"hunter2", {"hunter2"}):
        assert Redaction().plain(normal({name: value})) == {name: Left(name)}
    assert Redaction().plain({name: ["hunter2", "gold"]}) == {name: [Left(name), "gold"]}
    for value in ("gold", "Red Door", 1234567, Path("maps/easy"), {"gold"}, ["gold", "silver"], "/maps/1", True, None):
        assert Redaction().plain(normal({name: value})) == normal({name: value})


def test_deeper_under_a_name_that_games_use_too_only_what_looks_random_is_left_out():
    found = Redaction().plain({"secret": {"room": "a-room-with-a-long-name-7", "door": "Oak & iron", "hub": LETTERS}})
    assert found == {"secret": {"room": "a-room-with-a-long-name-7", "door": "Oak & iron", "hub": Left("secret")}}


@pytest.mark.parametrize("name", ["password_db", "api_key_openai", "hub_token", "HF_TOKEN_READ"])
def test_a_text_is_left_out_if_its_name_contains_a_secrets_name(name):
    assert Redaction().plain({name: "hunter2"}) == {name: Left(name)}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("num_tokens", 60),
        ("use_cls_token", True),
        ("token_value_base", 256),
        ("pad_token", 0),
        ("pad_token", "PAD"),
        ("mask_token", "[MASK]"),
        ("stop_token", "\n\nHuman:"),
        ("eos_token_id", 50256),
        ("token_dim", 512),
        ("token_encoder", "transformer"),
        ("tokens", 100_000),
        ("key_dim", 64),
        ("n_keys", 3),
        ("secret_door", "oak"),
        ("secret_room_prob", 0.25),
        ("n_secrets", 30_000),
        ("secrets", 3),
        ("password_length", 12),
        ("has_password", True),
        ("password", ""),
        ("pass_rate", 0.75),
        ("pass", 1),
        ("num_passes", 12),
        ("api_key_file", "/home/me/key"),
        ("authorization_required", True),
        ("hotkey", "ctrl+shift+a"),
        ("primary_key", "agent"),
        ("compass", "north-east"),
        ("max_tokens", "many"),
        ("tokenizer", "bpe"),
        ("keyboard", "qwerty"),
        ("monkey", 1),
        ("passive", 0.1),
        ("secretary_problem", 3),
        ("key", "left"),
        ("access", "open"),
    ],
)
def test_a_name_that_only_contains_a_secrets_word_is_not_a_secrets_name(name, value):
    assert Redaction().plain({name: value}) == {name: value}
