"""The packed form: equal if and only if two configs have the same values in the same order."""

import dataclasses
import datetime as dt
import decimal
import enum
import uuid

import numpy as np
import pytest
from hypothesis import example, given
from strategies import handed, plain_configs, plain_trees

from envcfg.core.encoding import encode
from envcfg.core.normal import normal
from envcfg.core.packed import end_of, packed, size_of, unpacked


@dataclasses.dataclass
class Level:
    size: int


class Mode(enum.IntEnum):
    EASY = 1


class Word(enum.StrEnum):
    EASY = "easy"


class Text(str):
    __slots__ = ()


@given(plain_trees)
def test_a_plain_value_comes_back_as_it_was(tree):
    assert repr(unpacked(packed(tree))) == repr(tree)
    assert size_of(tree) == len(packed(tree))


@example("x" * (1 << 16), "y")
@example([0] * (1 << 16), [1])
@example({str(number): number for number in range(1 << 16)}, {})
@given(plain_trees, plain_trees)
def test_a_value_ends_where_the_next_one_begins(one, other):
    form = packed(one) + packed(other)
    assert end_of(form, 0) == len(packed(one))
    assert end_of(form, len(packed(one))) == len(form)


@given(handed)
def test_the_packed_form_unpacks_to_the_same_config(config):
    form = packed(config)
    if form is not None:
        tree = normal(config, lambda _, reason: reason)
        assert encode(normal(unpacked(form), lambda _, reason: reason)) == encode(tree)


@given(plain_configs)
def test_a_tuple_has_the_packed_form_of_a_list(config):
    assert packed({"a": (1, config)}) == packed({"a": [1, config]})


@pytest.mark.parametrize(
    "value",
    [
        *(Level(3), Mode.EASY, Word.EASY, Text("a"), 2**64, -(2**63) - 1, decimal.Decimal(1), 1j, {1}, frozenset()),
        *(dt.date(2026, 1, 1), dt.datetime(2026, 1, 1), dt.time(1), dt.timedelta(1), uuid.UUID(int=1), range(3)),  # noqa: DTZ001
        *(
            np.float64(1),
            np.int64(1),
            np.zeros(2),
            np.bool_(True),
            "\ud800",
            {1: 2},
            {None: 2},
            {Text("a"): 2},
            object(),
        ),
        {Mode.EASY: 1},
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_value_that_is_not_plain_has_no_packed_form(value):
    assert packed({"a": [value]}) is None


@pytest.mark.parametrize("value", [b"a", bytearray(b"a"), memoryview(b"a")], ids=["bytes", "bytearray", "memoryview"])
def test_end_of_refuses_packed_bytes(value):
    with pytest.raises(ValueError, match="does not begin a plain value"):
        end_of(packed([value]), 0)
