"""A recorded config becomes Python values again, for an environment."""

import datetime as dt
import decimal
import enum
import pathlib

import pytest
from hypothesis import given
from strategies import configs

from envcfg.core.diff import diff
from envcfg.core.normal import normal
from envcfg.core.plain import plain
from envcfg.core.tree import MISSING, Marker


class Colour(enum.Enum):
    RED = 1


@pytest.mark.parametrize(
    "value",
    [
        b"\x00map",
        1 + 2j,
        decimal.Decimal("0.10"),
        pathlib.PurePosixPath("maps/a.txt"),
        range(2, 9, 3),
        {1, 2, 3},
        {(1, 2), (3, (4, 5))},
        set(),
        dt.date(2026, 11, 24),
        dt.datetime(2026, 11, 24, 14, 0, tzinfo=dt.UTC),
        dt.time(14, 0, 1),
        dt.timedelta(seconds=90.5),
        [{"deep": range(3)}, {"deeper": [b"x"]}],
    ],
)
def test_a_value_that_json_lacks_is_restored(value):
    assert plain(normal({"value": value})) == {"value": value}


def test_a_tuple_comes_back_as_a_list():
    assert plain(normal({"size": (3, 4)})) == {"size": [3, 4]}


@pytest.mark.parametrize(
    "marker",
    [
        MISSING,
        Marker("redacted", "api_key"),
        Marker("unreadable", "cannot record a function"),
        Marker("range", [1, 2, 0]),
        Marker("range", "abc"),
        Marker("bytes", "no base64!"),
        Marker("bytes", None),
        Marker("decimal", "many"),
        Marker("complex", [1]),
        Marker("time", "PTsoonS"),
        Marker("time", 7),
        Marker("set", [{"a": 1}]),
        Marker("set", [1, 1.0, True]),
        Marker("path", ["a"]),
    ],
)
def test_a_value_that_cannot_be_restored_stays_a_marker(marker):
    assert plain({"value": marker}) == {"value": marker}


def test_an_enum_member_stays_a_marker():
    assert plain(normal({"colour": Colour.RED})) == {"colour": Marker("enum", "Colour.RED")}


@given(configs)
def test_recording_it_again_gives_the_same_config(config):
    assert diff(config, normal(plain(config))) == ()
