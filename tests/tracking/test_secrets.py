"""Secrets by name, by form and by list: what is left out, what is not, and that a change of one is seen."""

import gzip
import os
import stat
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from left_out import Left
from omegaconf import OmegaConf

from envcfg import Redaction, Tracker, load
from envcfg.tracking.secret_values import form, scrubbed

LETTERS = "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7"
SECRETS = {
    "token": [
        f"ghp_{LETTERS}",
        f"github_pat_{LETTERS}",
        f"hf_{LETTERS}",
        f"sk-{LETTERS}",
        f"sk-proj-{LETTERS}",
        "xoxb-" + "1234567890-abcdefghij",
        "AKIA" + "IOSFODNN7EXAMPLE",
        "AIza" + "SyA1234567890abcdefghijklmnopqrstuv",
        f"glpat-{LETTERS}",
        f"pypi-{LETTERS}",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc_def-ghi",
    ],
    "address": [
        "https://user:pass@host/path",
        "postgresql://me:p%40ss@db:5432/runs",
        f"git+https://{LETTERS}@github.com/x/y.git",
        "redis://:hunter2@cache",
    ],
    "header": [f"Bearer {LETTERS}", f"basic {LETTERS}=="],
    "private_key": [
        "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----",
    ],
}
HARMLESS = [
    *(
        "num_tokens",
        "navigation/easy",
        "https://host/path?x=1",
        "ssh://git@host/repo",
        "s3://bucket/maps",
        "mailto:a@b.cd",
    ),
    *(
        "outputs/2026-11-24/14-00-00",
        "user@host:22",
        "9f2c1e0b7a6d5c4b3a2918070f6e5d4c3b2a1908",
        "basic training of robots",
    ),
    *("sk-learn", "hf_transformer", "task-sk-12", "a:b@c", "${oc.env:HOME}", "bearer of news", "x" * 10_000, "é" * 50),
]


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in SECRETS.items() for text in texts])
def test_a_text_of_a_secrets_form_is_left_out_wherever_it_stands(kind, text):
    assert form(text) == kind
    found = Redaction().plain({"x": text, "deep": [{"y": f"see {text} there"}]})
    assert found == {"x": Left(kind), "deep": [{"y": Left(kind)}]}
    assert text not in scrubbed(f"cannot read {text}: no")


@pytest.mark.parametrize("text", HARMLESS)
def test_a_text_that_only_looks_a_little_like_one_is_recorded(text):
    assert Redaction().plain({"x": text}) == {"x": text}
    assert scrubbed(text) == text


@pytest.mark.parametrize(
    "name", ["api_key", "API-KEY", "wandb.api_key", "db_password", "aws_secret_access_key", "token"]
)
@pytest.mark.parametrize("value", ["x", 7, 1.5, True])
def test_what_stands_under_a_secrets_name_is_left_out_whatever_it_is(name, value):
    assert Redaction().plain({name: value}) == {name: Left(name)}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("num_tokens", 60),
        ("use_cls_token", True),
        ("token_value_base", 256),
        ("pad_token", 0),
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
def test_a_name_with_such_a_word_in_it_is_none(name, value):
    assert Redaction().plain({name: value}) == {name: value}


def test_lists_win_over_the_rules():
    rules = Redaction(allow=("auth.token", "*.password"), deny=("map.seed", "team.*"))
    config = {
        "auth": {"token": "public", "key": f"hf_{LETTERS}"},
        "game": {"password": "opensesame"},
        "map": {"seed": 7, "size": 3},
        "team": {"red": [1, {"blue": 2}]},
    }
    assert rules.plain(config) == {
        "auth": {"token": "public", "key": Left("token")},
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
    assert Redaction().overrides([f"hub.url=https://me:{LETTERS}@host", "a=1"]) == ("hub.url=<redacted>", "a=1")


def test_a_change_of_a_secret_is_seen_and_a_return_to_it_too(journal):
    with Tracker(journal, run="r") as tracker:
        for step, secret in enumerate(["first", "first", "second", "first"]):
            tracker.record({"level": 1, "api_key": secret}, step=step)
    history = load(journal)
    assert [change.step for change in history.transactions] == [0, 2, 3]
    assert [leaf.path for leaf in history.changes(history.transactions[1])] == [("api_key",)]
    assert history.transactions[0].config == history.transactions[2].config


def test_tags_say_nothing_without_the_key():
    def tag(value, key):
        return Redaction(key=lambda: key).plain({"password": value})["password"].value

    assert tag("abc", b"one") == tag("abc", b"one")
    assert tag("abc", b"one") != tag("abc", b"two")
    assert tag("abc", b"one") != tag("abd", b"one")


@given(st.text(min_size=6), st.text(min_size=6))
def test_two_secrets_have_two_tags(one, other):
    tags = [Redaction(key=lambda: b"key").plain({"password": value})["password"] for value in (one, other)]
    assert (tags[0] == tags[1]) == (one == other)


SHOW_KEY = "from envcfg.tracking.redaction_key import key; print(key().hex())"


def key_of(home):
    environment = {**os.environ, "HOME": str(home), "XDG_CONFIG_HOME": ""}
    return subprocess.run(
        [sys.executable, "-c", SHOW_KEY], env=environment, capture_output=True, text=True, check=True
    ).stdout


def test_the_key_is_made_once_for_a_user_and_readable_by_nobody_else(tmp_path):
    assert key_of(tmp_path) == key_of(tmp_path)
    path = tmp_path / ".config" / "envcfg" / "key"
    assert path.stat().st_size == 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [found.name for found in path.parent.iterdir()] == ["key"]
    (tmp_path / "other").mkdir()
    assert key_of(tmp_path) != key_of(tmp_path / "other")


def test_without_a_place_for_it_the_key_is_of_the_process_alone(tmp_path):
    (tmp_path / ".config").write_text("not a folder")
    assert key_of(tmp_path) != key_of(tmp_path)


def test_not_a_byte_of_a_secret_is_in_any_file(tmp_path, capsys, monkeypatch):
    secrets = [text for texts in SECRETS.values() for text in texts] + ["plain-old-password", "deny-me-please"]
    root = OmegaConf.create({"env": {"hub": "${oc.env:HUB_SECRET}", "map": {"seed": "deny-me-please"}}})
    monkeypatch.setenv("HUB_SECRET", "from-the-environment")
    rules = Redaction(deny=("map.seed",))
    job = {"overrides": [f"+hub={secrets[0]}", "password=plain-old-password"], "config": {"password": secrets[-2]}}
    with Tracker(tmp_path / "envcfg", run="r", redaction=rules, job=job) as tracker:
        tracker.record(root.env, step=0)
        for step, secret in enumerate(secrets[:-2], start=1):
            tracker.record({"level": step, "where": [secret], "broken": Broken(secret)}, step=step)
        tracker.request({"password": "plain-old-password"}, step=99)
    written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    plain = b"".join(gzip.decompress(path.read_bytes()) for path in tmp_path.rglob("*.gz"))
    shown = "".join(capsys.readouterr())
    for secret in [*secrets, "from-the-environment"]:
        assert secret.encode() not in written + plain
        assert secret not in shown


class Broken:
    """Quotes what it holds in its error."""

    def __init__(self, secret):
        self.secret = secret

    def model_dump(self, mode):
        raise ValueError(f"cannot dump {self.secret}")
