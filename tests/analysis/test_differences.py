from itertools import product

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from strategies import configs, trees

from envcfg.core.diff import ABSENT, diff
from envcfg.core.encoding import encode
from envcfg.core.tree import Marker
from envcfg.tables.frames.differences import differences

alike = st.fixed_dictionaries({}, optional=dict.fromkeys("abc", trees))
"""Configs that mostly have the same keys."""


def spoken(change):
    return change[0], *[None if value is ABSENT else encode(value) for value in change[1:]]


def found(some, pairs):
    """The edits of each pair."""
    said = differences(some, *np.array(pairs, int).reshape(-1, 2).T)
    changes = [[] for _ in pairs]
    for pair, path, before, after in zip(said.pair, said.path, said.before, said.after, strict=True):
        changes[pair].append(spoken((said.paths[path], said.values[before], said.values[after])))
    return changes


@given(st.lists(configs | alike, min_size=1, max_size=5))
def test_the_differences_of_many_pairs_are_those_of_each_pair_alone(some):
    pairs = list(product(range(len(some)), repeat=2))
    expected = [diff(some[one], some[other]) for one, other in pairs]
    assert found(some, pairs) == [
        [spoken((change.path, change.before, change.after)) for change in changes] for changes in expected
    ]


def test_the_order_of_keys_in_a_marker_makes_no_difference():
    some = [{"a": Marker("set", {"b": 1, "c": 2})}, {"a": Marker("set", {"c": 2, "b": 1})}]
    assert found(some, [(0, 1)]) == [[]] == [list(diff(*some))]


def test_no_pairs_have_no_differences():
    assert found([{"a": 1}, {"a": 2}], []) == []
    assert found([], []) == []
