"""The answers of a history, compared with the recorded configs."""

import tempfile
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from related import LOOKALIKES, fewer, sequences

from envcfg import Tracker, load
from envcfg.core.diff import ABSENT, identity
from envcfg.core.encoding import encode
from envcfg.core.tree import leaves, lookup
from envcfg.history.adoptions import Place


def recorded(configs):
    with tempfile.TemporaryDirectory() as folder:
        with Tracker(Path(folder) / "envcfg", run="r") as tracker:
            for step, config in enumerate(configs):
                tracker.record(config, step=step)
        return load(folder)


@fewer(3)
@given(sequences())
def test_a_history_returns_each_config_and_a_change_wherever_it_differs(configs):
    history = recorded(configs)
    assert [encode(history.at(step)) for step in range(len(configs))] == list(map(encode, configs))
    became = [step for step, (one, other) in enumerate(pairwise(configs), 1) if encode(one) != encode(other)]
    changes = history.changes
    assert [change.step for change in changes] == became
    for change in changes:
        assert history.diff(change.step - 1, change.step) == history.edits(change) != ()


def is_blamed(configs):
    history = recorded(configs)
    for step in range(len(configs)):
        found = history.blame(step, Place(0, 0, 0))
        assert [blame.path for blame in found] == [path for path, _ in leaves(history.at(step)) if path]
        for blame in found:
            since = blame.adoption.record.step
            held = [identity(lookup(config, blame.path, ABSENT)) for config in configs[: step + 1]]
            assert set(held[since:]) == {identity(blame.value)}
            assert since == 0 or held[since - 1] != held[since]


@fewer(3)
@given(sequences())
def test_blame_names_the_record_that_last_changed_a_leaf(configs):
    is_blamed(configs)


@pytest.mark.parametrize("family", [*LOOKALIKES, [{"a": 1}, {}, {"a": 1}, {"b": 1}]])
def test_blame_distinguishes_values_that_only_look_equal(family):
    is_blamed([{"k": value} for value in family])
