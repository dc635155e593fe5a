"""Where the values of a config stand in what it is written as, and where two configs differ."""

from hypothesis import given
from hypothesis import strategies as st
from strategies import configs, places, plain_configs, plain_trees, put

from envcfg.core.encoding import encode
from envcfg.core.layout import CANONICAL, PACKED, differing, layout
from envcfg.core.packed import packed
from envcfg.core.tree import lookup


def paths(tree, at=()):
    """Every place, in objects and lists."""
    yield at
    if isinstance(tree, dict | list):
        for part, value in tree.items() if isinstance(tree, dict) else enumerate(tree):
            yield from paths(value, (*at, part))


@given(plain_configs)
def test_each_value_stands_in_the_packed_form_where_it_is_said_to(config):
    form, found = packed(config), layout(config, PACKED)
    assert {path: form[start:end] for path, (start, end) in found.items()} == {
        path: packed(lookup(config, path)) for path in paths(config)
    }


@given(configs)
def test_each_value_stands_in_the_canonical_encoding_where_it_is_said_to(config):
    text, found = encode(config), layout(config, CANONICAL)
    assert {path: text[start:end] for path, (start, end) in found.items()} == {
        path: encode(lookup(config, path)) for path in paths(config)
    }


@given(plain_configs.filter(bool), st.data())
def test_two_configs_differ_where_they_are_said_to_and_nowhere_else(config, data):
    path = data.draw(st.sampled_from(list(places(config))))
    other = put(config, path, data.draw(plain_trees))
    found = list(differing(config, other))
    assert bool(found) == (packed(config) != packed(other))
    assert all(place[: len(path)] == path for place in found)
    for place in found:
        assert packed(lookup(config, place)) != packed(lookup(other, place))


def test_an_object_with_its_keys_in_another_order_is_packed_otherwise():
    assert list(differing({"a": {"x": 1, "y": 2}, "b": 1}, {"a": {"y": 2, "x": 1}, "b": 1})) == [("a",)]
