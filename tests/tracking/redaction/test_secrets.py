"""Secrets by form and by list: which values are left out, and that tags show a change."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from known_secrets import HARMLESS, LETTERS, SECRETS
from left_out import Left
from omegaconf import OmegaConf

from envcfg import Redaction, Tracker, load
from envcfg.core.normal import normal
from envcfg.tracking.capture.capture import Capture
from envcfg.tracking.redaction.secret_values import scrubbed, secret_kind


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in SECRETS.items() for text in texts])
def test_a_text_with_a_secrets_form_is_left_out_anywhere(kind, text):
    assert secret_kind(text) == kind
    found = Redaction().plain({"x": text, "deep": [{"y": f"see {text} there"}]})
    assert found == {"x": Left(kind), "deep": [{"y": Left(kind)}]}
    assert text not in scrubbed(f"cannot read {text}: no")


@pytest.mark.parametrize("text", [text for texts in SECRETS.values() for text in texts])
def test_a_key_that_contains_a_secret_is_left_out_but_not_its_value(text):
    for key in (text, f"see {text} there"):
        found = Redaction().plain({"by": {key: {"level": 1}}, key: 2})
        (inner,), (_, outer) = found["by"], found
        assert re.fullmatch(r"<redacted #[0-9a-f]{8}>", inner)
        assert found == {"by": {inner: {"level": 1}}, outer: 2}
        assert inner == outer
    assert text not in Redaction().overrides([f"+hub.{text}.password=x"])[0]


def test_two_keys_that_contain_secrets_stay_different_and_a_change_below_one_is_visible(journal):
    one, other = f"hf_{LETTERS}", f"sk-{LETTERS}"
    with Tracker(journal, run="r") as tracker:
        for step, level in enumerate([1, 1, 2, 3]):
            tracker.record({"hubs": {one: {"level": level}, other: {"level": 1}}}, step=step)
    history = load(journal)
    assert [change.step for change in history.changes] == [2, 3]
    assert len(history.at("last")["hubs"]) == 2
    ((leaf,),) = (history.edits(change) for change in history.changes[1:])
    assert (leaf.path[0], leaf.path[2], leaf.before, leaf.after) == ("hubs", "level", 2, 3)


def test_a_key_from_the_environment_is_left_out(monkeypatch):
    monkeypatch.setenv("HUB_NAME", "wintermute")
    config = OmegaConf.create({"hub": "${oc.env:HUB_NAME}", "rooms": {"of wintermute": 3}})
    snapshot = Capture(Redaction())(config)
    assert "wintermute" not in str((snapshot.config.config, snapshot.template.config))
    assert list(snapshot.config.config["rooms"].values()) == [3]


def test_an_allowed_key_is_recorded_whatever_it_looks_like():
    config = {"rooms": {f"hf_{LETTERS}": 3}}
    assert Redaction(allow=("rooms.*",)).plain(config) == config


@pytest.mark.parametrize("text", HARMLESS)
def test_a_text_that_only_resembles_a_secret_is_recorded(text):
    assert Redaction().plain({"x": text, text: 1}) == {"x": text, text: 1}
    assert scrubbed(text) == text


HOSTILE = [
    *("password" + " " * 100_000, "a=" * 50_000, 'a="' * 50_000, "eyJ-" * 25_000, "://a:" * 25_000, "--a " * 25_000),
    *(
        "SG." * 30_000,
        "sk-" * 30_000,
        "curl " * 20_000,
        "login a " * 15_000,
        "a-" * 50_000 + "=",
        "\\" * 100_000 + "key",
    ),
    *(
        "Authorization: a " * 8_000,
        "bearer " * 15_000,
        "?token=" * 15_000,
        "-----BEGIN " * 10_000,
        "cookie: a=" * 10_000,
    ),
    *("password: '" * 10_000, "{" * 100_000 + "password", "a:1:b:" * 20_000, "token" * 20_000, "9" * 100_000 + "key=1"),
]


@pytest.mark.timeout(60)  # a pattern with quadratic time needs minutes for some of them
@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text[:12]))
def test_no_text_takes_longer_than_its_length_asks_for(text):
    scrubbed(text)
    Redaction().plain({"x": text, text: 1})


@pytest.mark.parametrize("secret", SECRETS["token"][:1])
@pytest.mark.parametrize("wrapped", [Path, lambda text: {text}, str.encode, lambda text: {text: 1}.keys()])
def test_a_secret_in_a_path_a_set_or_bytes_is_left_out_too(secret, wrapped):
    assert Redaction().plain(normal({"x": wrapped(secret)})) == {"x": Left("token")}


def test_allow_and_deny_override_the_rules():
    rules = Redaction(allow=("auth.token", "*.password"), deny=("map.seed", "team.*"))
    config = {
        "auth": {"token": "public", "key": f"hf_{LETTERS}"},
        "game": {"password": "opensesame"},
        "map": {"seed": 7, "size": 3},
        "team": {"red": [1, {"blue": 2}]},
    }
    assert rules.plain(config) == {
        "auth": {"token": "public", "key": Left("auth")},
        "game": {"password": "opensesame"},
        "map": {"seed": Left("deny"), "size": 3},
        "team": {"red": [Left("deny"), {"blue": Left("deny")}]},
    }
    assert rules.overrides(["auth.token=x", "map.seed=7", "map.size=3"]) == (
        "auth.token=x",
        "map.seed=<redacted>",
        "map.size=3",
    )


def test_overrides_lose_secrets_by_their_form_too():
    given = [
        f"hub.url=https://me:{LETTERS}@host",
        "a=1",
        "+auth={user:me,password:x}",
        "b={size:3}",
        "note=from-the-environment",
    ]
    redacted = ("hub.url=<redacted>", "a=1", "+auth=<redacted>", "b={size:3}", "note=<redacted>")
    assert Redaction().overrides(given, frozenset({"from-the-environment"})) == redacted


def test_a_variable_that_decodes_to_an_object_is_left_out_completely(monkeypatch):
    monkeypatch.setenv("LOGIN", "{user: me, login: hunter2}")
    config = OmegaConf.create({"login": "${oc.decode:${oc.env:LOGIN}}", "size": 3})
    assert Capture(Redaction())(config).config.config == {
        "login": {"user": Left("oc.env"), "login": Left("oc.env")},
        "size": 3,
    }


def test_the_default_of_an_unset_secret_variable_is_a_secret(monkeypatch):
    monkeypatch.delenv("HUB_TOKEN", raising=False)
    config = OmegaConf.create({"a": "${oc.env:HUB_TOKEN,opensesame}", "b": "${a}", "c": "${oc.env:MAPS,/maps}"})
    snapshot = Capture(Redaction())(config)
    assert snapshot.config.config == {"a": Left("oc.env"), "b": Left("oc.env"), "c": Left("oc.env")}
    assert snapshot.template.config == {"a": Left("oc.env"), "b": "${a}", "c": "${oc.env:MAPS,/maps}"}


def test_tags_show_a_change_of_a_secret_and_a_return_to_it(journal):
    with Tracker(journal, run="r") as tracker:
        for step, secret in enumerate(["first", "first", "second", "first"]):
            tracker.record({"level": 1, "api_key": secret}, step=step)
    history = load(journal)
    assert [change.step for change in history.changes] == [2, 3]
    assert [leaf.path for leaf in history.edits(history.changes[0])] == [("api_key",)]
    assert history.changes.initial[0].config == history.changes[1].config


def test_tags_reveal_nothing_without_the_key():
    def tag(value, key):
        return Redaction(key=lambda: key).plain({"password": value})["password"].value

    assert tag("abc", b"one") == tag("abc", b"one")
    assert tag("abc", b"one") != tag("abc", b"two")
    assert tag("abc", b"one") != tag("abd", b"one")


@given(st.text(min_size=6), st.text(min_size=6))
def test_two_secrets_have_two_tags(one, other):
    tags = [Redaction(key=lambda: b"key").plain({"password": value})["password"] for value in (one, other)]
    assert (tags[0] == tags[1]) == (one == other)
