import dataclasses
import datetime as dt
import enum
import math
import pathlib

import attrs
import numpy as np
import pydantic
import pytest
from hypothesis import given
from strategies import configs

from envcfg.core.errors import ConfigError
from envcfg.core.normal import normal
from envcfg.core.tree import Marker


class Color(enum.Enum):
    RED = 1


@dataclasses.dataclass
class Wind:
    force: float = 1.5
    layers: tuple[int, ...] = (1, 2)


@attrs.define
class Rain:
    amount: int = 3


class Map(pydantic.BaseModel):
    width: int = 8
    kind: Color = Color.RED


@given(configs)
def test_a_tree_is_its_own_normal_form(config):
    assert repr(normal(config)) == repr(config)


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        (Wind(), {"force": 1.5, "layers": [1, 2]}),
        (Rain(), {"amount": 3}),
        (Map(), {"width": 8, "kind": 1}),
        ({"w": Wind(), "r": [Rain()]}, {"w": {"force": 1.5, "layers": [1, 2]}, "r": [{"amount": 3}]}),
        ({1: "a", None: "b", Color.RED: "c"}, {"1": "a", "None": "b", "RED": "c"}),
        ({"c": Color.RED}, {"c": Marker("enum", "Color.RED")}),
        ({"p": pathlib.PurePosixPath("a/b")}, {"p": Marker("path", "a/b")}),
        ({"r": range(0, 10, 2)}, {"r": Marker("range", [0, 10, 2])}),
        ({"s": {3, 1}}, {"s": Marker("set", [1, 3])}),
        ({"b": b"\x00\xff"}, {"b": Marker("bytes", "AP8=")}),
        ({"t": dt.date(2026, 1, 2)}, {"t": Marker("time", "2026-01-02")}),
        ({"n": np.int64(3), "f": np.float32(0.5), "a": np.array([[1, 2]])}, {"n": 3, "f": 0.5, "a": [[1, 2]]}),
    ],
)
def test_each_supported_kind_of_config_becomes_a_tree(config, expected):
    assert normal(config) == expected


def test_numbers_keep_their_type():
    tree = normal({"f": np.float64(2.0), "b": np.bool_(True)})
    assert type(tree["f"]) is float
    assert tree["b"] is True
    assert math.isnan(normal({"n": np.nan})["n"])


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"wind": {"fn": print}}, r"wind\.fn: cannot record a function"),
        ({"a": object()}, "a: cannot record an object of type object"),
        ({1: "a", "1": "b"}, "two keys of this mapping are both written '1'"),
        (3, "of type int"),
        ("text", "of type str"),
    ],
)
def test_an_unrecordable_value_raises_an_error_with_its_path(config, message):
    with pytest.raises(ConfigError, match=message):
        normal(config)


def test_a_config_that_contains_itself_is_refused():
    config: dict = {}
    config["self"] = config
    with pytest.raises(ConfigError, match="self: contains itself"):
        normal(config)


@dataclasses.dataclass
class Node:
    parent: object = None
    children: list = dataclasses.field(default_factory=list)


def test_a_graph_of_parents_and_children_is_recorded_as_far_as_it_does_not_contain_itself():
    root = Node()
    root.children = [Node(root) for _ in range(10)]
    found = normal({"scene": root, "gravity": 9.8}, lambda _, reason: str(reason))
    assert found["gravity"] == 9.8
    assert found["scene"]["children"][3]["parent"]["children"][0] == {"parent": "contains itself", "children": []}


def test_a_config_whose_parts_double_at_each_level_is_refused_after_a_bounded_walk():
    config: dict = {}
    for _ in range(60):
        config = {"a": config, "b": config}
    with pytest.raises(ConfigError, match="has more than 50,000 dicts, lists and objects"):
        normal(config)
    marked = normal(config, lambda _, reason: str(reason))
    assert normal({"a": 1}) == {"a": 1}
    assert "has more than 50,000" in repr(marked)


def test_a_part_that_stands_in_two_places_is_recorded_in_both():
    part = {"wall": 1}
    assert normal({"one": part, "two": [part, part]}) == {"one": part, "two": [part, part]}
