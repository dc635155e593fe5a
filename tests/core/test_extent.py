"""A config has a bounded number of values, and these have paths of a bounded length."""

import json

import pytest

from envcfg.core import extent
from envcfg.core.encoding import encode
from envcfg.core.errors import ConfigError
from envcfg.core.extent import check_extent, check_written_extent, keys_in
from envcfg.core.tree import Marker, leaves


def doubled(times):
    tree = {"x": 1}
    for _ in range(times):
        tree = {"a": tree, "b": tree}
    return tree


@pytest.mark.parametrize(
    "tree", [{}, {"a": 1}, {"a": {"b": [1, [2, []]], "c": {}}}, {"a": [1] * 5, "b": None}, doubled(6)]
)
def test_every_key_of_every_path_counts(tree):
    assert keys_in(tree) == sum(len(path) for path, _ in leaves(tree))


def test_a_subtree_that_is_shared_counts_as_often_as_it_occurs_and_is_not_walked_to_its_end():
    with pytest.raises(ConfigError, match="too many values: expected at most 1,000,000 keys"):
        extent.check_keys(doubled(100))


def test_the_members_of_a_set_count():
    assert keys_in({"a": Marker("set", [1, 2, 3])}) == 9


def test_a_wide_or_a_deep_config_is_refused_and_the_largest_is_not(monkeypatch):
    monkeypatch.setattr(extent, "MAX_KEYS", 100)
    deep = {"a": [0] * 20}
    for _ in range(3):
        deep = {"a": deep}
    for config, is_refused in (({"a": [0] * 50}, False), ({"a": [0] * 51}, True), (deep, False), ({"a": deep}, True)):
        if is_refused:
            with pytest.raises(ConfigError):
                check_extent(config, encode(config))
        else:
            check_extent(config, encode(config))


def test_commas_in_texts_are_no_values(monkeypatch):
    monkeypatch.setattr(extent, "MAX_KEYS", 100)
    check_written_extent(json.dumps({"a,b": ',"\\' * 200, "c": [0] * 90}).encode())
    with pytest.raises(ConfigError):
        check_written_extent(json.dumps([0] * 102).encode())
