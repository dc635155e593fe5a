"""A dict with values other than plain ones is captured once, and each time that it changes."""

import decimal
import enum
import pathlib

import numpy as np
import pytest

from envcfg import Tracker, load
from envcfg.core.normal import MOST_OF_ARRAY
from envcfg.tracking.capture.capture import Capture
from envcfg.tracking.redaction.rules import Redaction


class Level(enum.Enum):
    EASY = 1
    HARD = 2


class CountingRedaction(Redaction):
    """Counts the configs that are walked."""

    walks = 0

    def plain(self, *given, **named):
        CountingRedaction.walks += 1
        return super().plain(*given, **named)


VALUES = [
    *(len, print, Level.EASY, Level.HARD, pathlib.PurePosixPath("a"), decimal.Decimal("1.5"), 1 + 2j, range(3)),
    *(np.float32(0.1), np.float64(0.1), np.array([1, 2]), np.array([1.0, 2.0]), np.array([[1, 2]]), b"ab", object()),
]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_the_same_config_is_walked_once_although_a_leaf_is_special(value):
    CountingRedaction.walks = 0
    capture = Capture(CountingRedaction())
    first = capture.entry({"a": 1, "inner": {"value": value}})
    again = capture.entry({"a": 1, "inner": {"value": value}})
    assert CountingRedaction.walks == 1
    assert again.snapshot == first.snapshot == Capture(Redaction())._walked({"a": 1, "inner": {"value": value}})
    assert first.is_still({"a": 1, "inner": {"value": value}}, None, None)
    assert not first.is_still({"a": 2, "inner": {"value": value}}, None, None)


def test_different_special_values_are_told_apart():
    capture = Capture(Redaction())
    digests = [capture.entry({"value": value}).snapshot.config.digest for value in VALUES]
    assert digests == [Capture(Redaction())._walked({"value": value}).config.digest for value in VALUES]


def test_a_container_with_special_values_is_read_anew_each_time():
    capture, inner = Capture(Redaction()), {"level": Level.EASY}
    before = capture.entry({"inner": inner, "set": {1}}).snapshot
    inner["level"] = Level.HARD
    assert capture.entry({"inner": inner, "set": {1}}).snapshot != before


def test_an_array_with_too_many_values_is_refused_with_the_number_and_the_rest_is_recorded(tmp_path, capsys):
    with Tracker(tmp_path) as tracker:
        tracker.record({"heights": np.zeros((1_000, 1_000)), "level": 3, "small": np.zeros(MOST_OF_ARRAY)}, step=0)
    config = load(tmp_path).config(load(tmp_path).adoptions[0].record.config)
    assert (config["level"], len(config["small"])) == (3, MOST_OF_ARRAY)
    assert config["heights"].kind == "unreadable"
    said = "heights: cannot record an array of 1,000,000 values (at most 10,000); record what it is made from, such as"
    assert said in capsys.readouterr().err
