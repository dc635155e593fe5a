from hypothesis import given
from hypothesis import strategies as st
from strategies import configs, places, put, trees

from envcfg.core.grafting import grafted, news, overlaid
from envcfg.core.tree import Marker, leaves


def equal(one, other):
    """As Python says, but every NaN is the same."""
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(equal(one[name], other[name]) for name in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(equal, one, other))
    return one == other or (one != one and other != other)  # noqa: PLR0124  # NaN


@st.composite
def pairs(draw):
    """A config, and one of the same keys at its root that differs in some places."""
    before = draw(configs.filter(bool))
    after = before
    for _ in range(draw(st.integers(0, 3))):
        after = put(after, draw(st.sampled_from(list(places(after)))), draw(trees))
    return before, after


@given(pairs())
def test_a_graft_is_equal_to_what_it_was_made_of(pair):
    before, after = pair
    tree, _ = grafted(before, after)
    assert equal(tree, after)


@given(pairs())
def test_what_is_not_in_the_delta_is_shared(pair):
    before, after = pair
    tree, delta = grafted(before, after)
    assert all(tree[name] is before[name] for name in before if name not in delta)


@given(pairs())
def test_what_is_new_laid_over_what_was_is_what_is(pair):
    before, after = pair
    tree, delta = grafted(before, after)
    assert repr(overlaid(before, news(tree, delta), delta)) == repr(tree)


def test_other_keys_are_no_graft():
    assert grafted({"a": 1}, {"a": 1, "b": 2}) is None
    assert grafted({"a": 1}, {"b": 1}) is None


def test_one_leaf_is_all_that_is_named():
    before = {"a": {"x": 1, "y": [1, 2]}, "b": {"z": Marker("missing")}}
    tree, delta = grafted(before, {"a": {"x": 5, "y": [1, 2]}, "b": before["b"]})
    assert delta == {"a": {"x": None}}
    assert news(tree, delta) == {"a": {"x": 5}}
    assert len(list(leaves(tree))) == 4
    assert tree["a"]["y"] is before["a"]["y"]
