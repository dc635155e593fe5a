"""A short run of the fuzzer over every reader, and its earlier findings."""

import gzip
import os
from pathlib import Path

import prepared
import pytest

from envcfg import load
from envcfg.core.diff import ABSENT, Edit, apply
from envcfg.core.encoding import decode
from envcfg.core.errors import ConfigError, EncodingError, EnvcfgError, SourceError
from envcfg.journal.lines import with_checksum
from envcfg.sources.wandb.address import address
from envcfg.sources.wandb.bundle import bundle
from envcfg.sources.wandb.log import packed, record_type
from envcfg.sources.wandb.metric_rows import read_rows
from envcfg.sources.wandb.mirror import Mirror

TESTS = Path(__file__).parents[1]
MAIN = "from fuzz.readers import main; main()"
TARGETS = (
    *("journal", "torn", "sealed", "config", "origin", "wandb", "wandb_record", "bundle"),
    *("rows", "torn_rows", "moment", "address", "edit", "plan"),
)
RUNS = dict.fromkeys(TARGETS, 1000) | {"bundle": 200}
"""A bundle is written, too, and so takes longer."""


@pytest.mark.parametrize("target", TARGETS)
def test_a_reader_accepts_any_input_or_raises_our_error(target, tmp_path):
    pytest.importorskip("atheris", reason="atheris has no wheel here")
    options = [f"-runs={RUNS[target]}", "-seed=7", "-max_len=20000", f"-artifact_prefix={tmp_path}/"]
    done = prepared.run(["-c", MAIN, target, *options], cwd=TESTS, env=os.environ, imports=("fuzz.readers",))
    assert done.returncode == 0, done.stderr[-3000:]
    assert f"Done {RUNS[target]} runs" in done.stderr


def test_a_line_that_is_not_utf8_is_the_only_one_lost(journal, tracker):
    tracker.record({"level": 1}, step=0)
    (path,) = journal.glob("*.jsonl")
    with path.open("ab") as segment:
        segment.write(with_checksum(b'{"t":"failure","where":"\x9f","message":"m","count":1,"time":1.0}'))
    history = load(journal)
    assert len(history.adoptions) == 1
    assert "line 5 was left out: not a journal line" in history.losses[0]


def test_a_file_that_is_not_utf8_raises_an_error(tmp_path):
    path = tmp_path / "env_config_history.json"
    path.write_bytes(b'{"history":[{"step":1,"config":{"a":"\xff"}}]}')
    with pytest.raises(SourceError, match="is not a readable"):
        load(path)


@pytest.mark.parametrize("payload", [b"[]", b"{}", b"null", b"1"])
def test_an_invalid_float_raises_an_error(payload):
    with pytest.raises(EncodingError):
        decode(b'{"a":{"$float":' + payload + b"}}")


DAMAGED = [b"{", gzip.compress(b"{", mtime=0)[:-9], gzip.compress(b"{\n", mtime=0), gzip.compress(b"[1]\n", mtime=0)]


@pytest.mark.parametrize("content", DAMAGED, ids=["no gzip", "torn", "no JSON", "no object"])
def test_damaged_metrics_from_the_server_raise_an_error(content, tmp_path):
    path = tmp_path / "metrics.jsonl.gz"
    path.write_bytes(content)
    with pytest.raises(SourceError, match="delete it"):
        read_rows(path)


@pytest.mark.parametrize("text", ["http://[", "https://[::1", "wandb:["])
def test_an_address_without_a_host_raises_an_error(text):
    with pytest.raises(SourceError, match="expected wandb:"):
        address(text)


@pytest.mark.parametrize("text", ["a" * 5000, "a" * 300 + "/b/c", "a\0b/c/d", "a\0b"])
def test_an_impossible_path_raises_a_clear_error(text, monkeypatch):
    monkeypatch.setenv("WANDB_MODE", "offline")
    monkeypatch.setenv("WANDB_BASE_URL", "http://127.0.0.1:9")
    with pytest.raises(EnvcfgError):
        load(text)
    assert "WANDB_SERVICE" not in os.environ  # a training that is started from here needs its own service


def test_a_bundle_leaves_out_invalid_records_and_devices(tmp_path):
    logged = record_type()()
    for digest, path in (("no digest", "/nowhere"), ("AAAA", "/dev/zero")):
        logged.artifact.manifest.contents.add(path="x", digest=digest, local_path=path)
    (tmp_path / "run-x.wandb").write_bytes(packed([b"\xff\xff", logged.SerializeToString()]))
    files, lost = bundle(tmp_path)
    assert (files, len(lost)) == (0, 3)


@pytest.mark.parametrize("said", ["[]", "{", "[" * 100_000])
def test_a_cache_with_a_damaged_state_is_filled_again(said, tmp_path):
    (tmp_path / "server.json").write_text(said)
    assert Mirror(tmp_path)._state == {}


def test_a_patch_that_changes_nothing_or_everything_is_handled():
    assert apply([Edit(("gone",), ABSENT, ABSENT)], {"a": 1}) == {"a": 1}
    with pytest.raises(ConfigError, match="an edit has an empty path"):
        apply([Edit((), {"a": 1}, {"b": 2})], {"a": 1})
