"""Every command, figure and table on configs of every type that a config may hold, and on edited ones."""

import decimal
import enum
import json
import math
import tempfile
from datetime import date, timedelta
from pathlib import Path, PurePosixPath

import pytest
import yaml
from every_command import ask, commands, draw, drawings, invocations, record
from hypothesis import given
from related import fewer, sequences

from envcfg import load
from envcfg.core.encoding import encode, from_jsonable
from envcfg.core.path import dotted
from envcfg.core.tree import leaves


class Mode(enum.Enum):
    EASY = 1
    HARD = 2


TYPES = {
    "truth": [True, False],
    "whole": [1, 2],
    "whole beyond 64 bits": [2**64, 2**65],
    "whole beyond floats": [10**400, 1],
    "number": [0.5, 1e308, -1e308],
    "not a number": [math.nan, 1.0],
    "infinite": [math.inf, -math.inf],
    "whole or number": [1, 1.0],
    "truth or whole": [True, 1],
    "minus nought": [0.0, -0.0],
    "text": ["a", "b"],
    "long text": ["long " * 50 + "a", "long " * 50 + "b"],
    "text of a number": ["1", 1],
    "hostile text": ["\x1b[31m=1+1\n\0\u2028\x85", "[bold]<b>%{x}${y}"],
    "half a pair": ["\ud800", "\udfff"],
    "nothing": [None, 0],
    "missing": ["???", 1],
    "list that grows": [[1], [1, 2]],
    "list that empties": [[1], []],
    "list that fills": [[], [1]],
    "list that turns": [[1, 2], [2, 1]],
    "list of lists": [[[1], []], [[], [1]]],
    "list or object": [[1, 2], {"0": 1, "1": 2}],
    "list of objects": [[{"a": 1}], [{"a": 1}, {"b": 2}]],
    "tuple": [(1, 2), (1, 3)],
    "set": [{1, 2}, {2, 3}],
    "set that empties": [frozenset("ab"), frozenset()],
    "range": [range(3), range(4)],
    "bytes": [b"a", b"\xff"],
    "path": [PurePosixPath("a/b"), PurePosixPath("a/c")],
    "path or text": [PurePosixPath("a/b"), "a/b"],
    "enum": [Mode.EASY, Mode.HARD],
    "time": [date(2026, 11, 23), timedelta(seconds=1)],
    "decimal": [decimal.Decimal("0.1"), decimal.Decimal("NaN")],
    "complex": [1j, complex(math.nan, 0)],
    "object": [{"a": 1}, {"a": 2}],
    "object that empties": [{"a": {"b": 1}}, {"a": {}}],
    "object or nothing": [{}, None],
    "renamed key": [{"a": 1}, {"b": 1}],
    "hard keys": [{"a.b": 1, "a/b": 1, "": 1, "'": {'"': 1}}, {"a.b": 2, "a/b": 2, "": 2, "'": {'"': 2}}],
    "harder keys": [{"\x1b[31m": 1, "é\u2028": 1, "k" * 300: 1}, {"\x1b[31m": 2, "é\u2028": 2, "k" * 300: 2}],
    "keys that we use": [{"step": 1, "config": 1, "$set": 1}, {"step": 2, "config": 2, "$set": 2}],
    "secret": [{"password": "one"}, {"password": "two"}],
    "there or not": [1],
    "set or range or list": [{0, 1}, range(2), [0, 1]],
}
"""For each key, its values in turn. After the last value, the key is removed."""
CONFIGS = [
    {name: values[turn] for name, values in TYPES.items() if turn < len(values)} | {"turn": turn} for turn in range(3)
]


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folders = [tmp_path_factory.mktemp(name) for name in ("run", "other")]
    return [record(folder, CONFIGS, seed) for seed, folder in enumerate(folders)]


@pytest.fixture(autouse=True)
def _without_network(monkeypatch):
    monkeypatch.setenv("WANDB_MODE", "offline")


@pytest.mark.slow
@pytest.mark.parametrize("arguments", list(invocations("RUN", "OTHER")), ids=" ".join)
def test_every_command_works_with_every_type(arguments, runs, tmp_path):
    named = {"RUN": str(runs[0]), "OTHER": str(runs[1])}
    ask([named.get(argument, argument) for argument in arguments], tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("name", drawings())
def test_every_figure_draws_every_type(name, runs):
    assert draw(name, *runs)


def test_every_type_is_recorded_as_it_was_given(runs):
    history = load(runs[0])
    assert not history.losses
    assert not history.failures
    assert [len(history.at(f"change:{number}")) for number in (0, 1, 2)] == list(map(len, CONFIGS))


@pytest.mark.parametrize("arguments", [["log"], ["diff", "change:0", "change:1"]], ids=" ".join)
def test_a_change_of_every_type_is_shown_with_two_different_texts(arguments, runs, tmp_path):
    command, *more = arguments
    lines = ask([command, str(runs[0]), *more], tmp_path).stdout.splitlines()
    for name in TYPES:
        told = [line for line in lines if line.strip().startswith((f"{name} ", dotted((name,))))]
        assert told, name
        for before, after in (line.split(" → ") for line in told):
            assert not before.endswith(f" {after}") or "redacted" in after, name


def test_show_prints_yaml_that_reads_back_as_the_config(runs, tmp_path):
    for number in (1, 2, 3):
        shown = yaml.safe_load(ask(["show", str(runs[0]), f"change:{number}"], tmp_path).stdout)
        assert encode(from_jsonable(shown)) == encode(load(runs[0]).at(f"change:{number}"))


def test_blame_names_every_leaf(runs, tmp_path):
    answer = json.loads(ask(["blame", str(runs[0]), "--format", "json"], tmp_path).stdout)
    assert len(answer["leaves"]) == len(list(leaves(load(runs[0]).at("last"))))


def test_every_figure_of_the_package_is_found():
    assert {name.rpartition(".")[2] for name in drawings()} >= {
        "timeline",
        "task_mix",
        "effect_intervals",
        "event_study",
        "trajectories",
        "explore",
    }


def test_every_command_that_takes_a_run_is_tested():
    assert commands().keys() >= {"analyze", "effects", "report", "log", "show", "diff", "blame", "timeline", "export"}


@pytest.mark.slow
@fewer(25)
@given(sequences(least=3))
def test_every_command_and_figure_works_with_edited_configs(configs):
    with tempfile.TemporaryDirectory() as folder:
        run, other = Path(folder, "run"), Path(folder, "other")
        for seed, place in enumerate((run, other)):
            place.mkdir()
            record(place, configs, seed)
        for arguments in invocations(run, other):
            ask(arguments, folder)
        for name in drawings():
            draw(name, run, other)
