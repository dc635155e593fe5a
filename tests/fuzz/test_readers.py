"""A short run of the fuzzer over every reader, and what it found once."""

import subprocess
import sys
from pathlib import Path

import pytest

from envcfg import load
from envcfg.core.diff import ABSENT, Change, apply
from envcfg.core.encoding import decode
from envcfg.core.errors import ConfigError, EncodingError, SourceError
from envcfg.journal.lines import checked

SCRIPT = Path(__file__).with_name("readers.py")
TARGETS = ["journal", "torn", "sealed", "config", "origin", "wandb", "edit", "plan"]
RUNS = 4000


@pytest.mark.parametrize("target", TARGETS)
def test_a_reader_reads_or_refuses_whatever_it_is_given(target):
    pytest.importorskip("atheris", reason="atheris has no wheel here")
    options = [f"-runs={RUNS}", "-seed=7", "-max_len=20000"]
    done = subprocess.run([sys.executable, SCRIPT, target, *options], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    assert f"Done {RUNS} runs" in done.stderr


def test_a_line_that_is_no_utf8_costs_that_line(journal, tracker):
    tracker.record({"level": 1}, step=0)
    (path,) = journal.glob("*.jsonl")
    with path.open("ab") as segment:
        segment.write(checked(b'{"t":"failure","where":"\x9f","message":"m","count":1,"time":1.0}'))
    history = load(journal)
    assert len(history.adoptions) == 1
    assert "line 5 was left out: not a journal line" in history.losses[0]


def test_a_file_that_is_no_utf8_is_refused(tmp_path):
    path = tmp_path / "env_config_history.json"
    path.write_bytes(b'{"history":[{"step":1,"config":{"a":"\xff"}}]}')
    with pytest.raises(SourceError, match="that can be read"):
        load(path)


@pytest.mark.parametrize("payload", [b"[]", b"{}", b"null", b"1"])
def test_a_float_that_is_none_is_refused(payload):
    with pytest.raises(EncodingError):
        decode(b'{"a":{"$float":' + payload + b"}}")


def test_a_difference_that_changes_nothing_or_everything():
    assert apply([Change(("gone",), ABSENT, ABSENT)], {"a": 1}) == {"a": 1}
    with pytest.raises(ConfigError, match="a change of no place"):
        apply([Change((), {"a": 1}, {"b": 2})], {"a": 1})
