"""Secrets by name, by form and by list: which values are left out, and that tags show a change."""

import gzip
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from left_out import Left
from omegaconf import OmegaConf
from wandb_server.server import WandbServer

from envcfg import Redaction, Tracker, load
from envcfg.core.normal import normal
from envcfg.tracking.capture.capture import Capture
from envcfg.tracking.redaction.secret_names import is_secret
from envcfg.tracking.redaction.secret_values import scrubbed, secret_kind

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
        "sk_" + f"live_{LETTERS}",
        f"gsk_{LETTERS}{LETTERS}",
        f"wandb_v1_{LETTERS}",
        "GOCSPX-" + LETTERS,
        "123456789:AA" + "b" * 33,
        "dapi" + "0123456789abcdef" * 2,
        f"hvs.{LETTERS}",
    ],
    "assignment": [
        "host=db password=hunter2 user=me",
        "Server=db;Pwd=hunter2;",
        "--api-key=abcdefg",
        '{"password": "hunter2"}',
    ],
    "address": [
        "https://user:pass@host/path",
        "postgresql://me:p%40ss@db:5432/runs",
        f"git+https://{LETTERS}@github.com/x/y.git",
        "redis://:hunter2@cache",
        "https://maps.host/tiles?size=3&access_token=abcdef123",
        "https://hooks.slack.com/services/T000/B000/XXXXXXXX",
    ],
    "header": [f"Bearer {LETTERS}", f"basic {LETTERS}=="],
    "private_key": [
        "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----",
        "-----BEGIN PGP PRIVATE KEY BLOCK-----",
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
        "basic reinforcement-learning-tutorial",
        "disk-of-a-thousand-little-mazes",
        "PWD=/home/me/training",
        "https://host/list?key=navigation-easy",
        "password=${oc.env:PASSWORD}",
    ),
    *("sk-learn", "hf_transformer", "task-sk-12", "a:b@c", "${oc.env:HOME}", "bearer of news", "x" * 10_000, "é" * 50),
]


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
    assert [change.step for change in history.changes] == [0, 2, 3]
    assert len(history.at("last")["hubs"]) == 2
    ((leaf,),) = (history.edits(change) for change in history.changes[2:])
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


@given(st.sampled_from(["password", "SECRET", "token", "api_key"]), st.integers(0, 10**12) | st.floats(0, 1e20))
def test_the_sign_of_a_number_does_not_matter(name, number):
    assert is_secret(name, number) == is_secret(name, -number)


@pytest.mark.parametrize("number", [0, -5, 100, -100, 0.25, -0.5, 1e-5])
def test_a_short_number_with_a_secrets_name_is_recorded(number):
    assert Redaction().plain({"SECRET": number}) == {"SECRET": number}


@pytest.mark.parametrize("text", HARMLESS)
def test_a_text_that_only_resembles_a_secret_is_recorded(text):
    assert Redaction().plain({"x": text, text: 1}) == {"x": text, text: 1}
    assert scrubbed(text) == text


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
    assert [change.step for change in history.changes] == [0, 2, 3]
    assert [leaf.path for leaf in history.edits(history.changes[1])] == [("api_key",)]
    assert history.changes[0].config == history.changes[2].config


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


TRAINER = """
import json, os, sys
from pathlib import Path
import wandb
from omegaconf import OmegaConf
from envcfg import Cause, Redaction, Tracker
from envcfg.sinks.wandb.sink import wandb_sinks

texts = json.loads(sys.stdin.read())  # not in the source of this program, which W&B may upload
hub = texts[-1]

class Broken:
    def model_dump(self, mode):
        raise ValueError(f"cannot dump {hub}")

root = OmegaConf.create({
    "hub": "${oc.env:HUB}", "at": "https://hub/${oc.env:HUB}/maps", "again": {"and": "${hub}"},
    "wrong": "${oc.decode:'{${oc.env:HUB}'}", "denied": texts[0], "password": Path(texts[0]),
    "keys": {text: {"level": 1} for text in texts[1:]},
})
run = wandb.init(project="p", id="run-1", settings=wandb.Settings(console="off"))
overrides = [f"+{texts[1]}.password=x", f"+{hub}.password=x"]
overrides += [f"+hub={texts[1]}", f"password={texts[0]}", f"note={hub}", "+login={user:me,password:%s}" % texts[0]]
job = {"name": hub, "overrides": overrides, "config": root}
rules = Redaction(deny=("denied", "map.seed"))
tracker = Tracker("envcfg", run="r", job=job, redaction=rules, curriculum=hub, sinks=wandb_sinks(artifact_gap=0.0))
for epoch, text in enumerate(texts):
    cause = Cause("manual", metric=f"reward {hub}", note=f"because of {text if epoch else hub}")
    config = {"max_steps": epoch, "map": {"seed": texts[0]}, "api_key": texts[0].encode(), "broken": Broken()}
    config |= {"where": [text if epoch else hub], "set": {f"see {text}" if epoch else hub}, "max_steps_of": hub}
    config |= {"keys": {f"of {text if epoch else hub}": {"max_steps": epoch}}, text if epoch else hub: epoch}
    task = f"task {text if epoch else hub}"
    tracker.record(config, step=epoch, epoch=epoch, task=task, cause=cause)
    tracker.record(root, step=epoch, epoch=epoch, slot=1, task=hub)
    asked = {"password": texts[0], "map": {"seed": hub, text if epoch else hub: 1}}
    tracker.request(asked, step=epoch, task=task, cause=cause)
    tracker.record({"x": 1}, step=f"no {hub}")
    tracker.mix({task: 1.0}, step=epoch)
    tracker.end_epoch(step=epoch, epoch=epoch, rewards={task: [1.0]})
    run.log({"reward": epoch})
tracker.close()
run.finish()
"""


def unpacked(path):
    content = path.read_bytes()
    return content + gzip.decompress(content) if path.suffix == ".gz" else content


def test_no_byte_of_a_secret_is_in_any_file_or_reaches_the_server(tmp_path):
    """There are secrets of a known form, one with only a secret's name, and one from the environment."""
    texts = ["plain-old-opensesame", *(text for texts in SECRETS.values() for text in texts), "from-the-environment"]
    with WandbServer() as server:
        environment = {**os.environ, **server.environment(tmp_path), "HUB": texts[-1]}
        done = subprocess.run(
            [sys.executable, "-c", TRAINER],
            cwd=tmp_path,
            env=environment,
            input=json.dumps(texts),
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    written = b"".join(unpacked(path) for path in tmp_path.rglob("*") if path.is_file())
    seen = {"files": written, "server": b"".join(server.received_bytes), "shown": (done.stdout + done.stderr).encode()}
    assert b"max_steps_of" in written
    assert b"max_steps" in seen["server"]
    for place, content in seen.items():
        for text in texts:
            assert text.encode() not in content, (place, text)
            assert json.dumps(text)[1:-1].encode() not in content, (place, text)
    assert load(tmp_path / "envcfg").losses == ()
