"""The positions of values in an encoded config, and the places where two configs differ."""

from hypothesis import assume, given
from hypothesis import strategies as st
from strategies import configs, places, plain_configs, plain_trees, put

from envcfg.core.encoding import encode
from envcfg.core.layout import differing, holes, written_at
from envcfg.core.packed import packed
from envcfg.core.tree import lookup


def paths(tree, at=()):
    """Every place, in objects and lists."""
    if isinstance(tree, dict | list):
        for part, value in tree.items() if isinstance(tree, dict) else enumerate(tree):
            yield (*at, part)
            yield from paths(value, (*at, part))


@given(configs.filter(bool), st.data())
def test_written_at_gives_the_position_of_each_value(config, data):
    chosen = data.draw(st.lists(st.sampled_from(list(paths(config))), unique=True, min_size=1))
    apart = [path for path in chosen if not any(path[: len(other)] == other for other in chosen if other != path)]
    text, found = encode(config), written_at(config, holes(apart))
    assert {apart[number]: text[start:end] for number, (start, end) in found.items()} == {
        path: encode(lookup(config, path)) for path in apart
    }
    assert list(found.values()) == sorted(found.values())


@given(plain_configs.filter(bool), st.data())
def test_differing_gives_every_place_that_differs_and_no_other(config, data):
    path = data.draw(st.sampled_from(list(places(config))))
    other = put(config, path, data.draw(plain_trees))
    assume(packed(config) != packed(other))
    found, form = list(differing(config, other)), packed(config)
    assert found
    for place in found:
        mine = packed(lookup(config, place.path))
        assert place.path[: len(path)] == path
        assert form[place.span.start : place.span.end] == mine != packed(lookup(other, place.path))


def test_objects_with_different_key_orders_differ_as_a_whole():
    (place,) = differing({"a": {"x": 1, "y": 2}, "b": 1}, {"a": {"y": 2, "x": 1}, "b": 1})
    assert place.path == ("a",)
