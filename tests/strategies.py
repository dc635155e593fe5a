"""Generated configs: everything a tree may hold, hostile keys included; and objects that a program may hand over."""

import math
from pathlib import PurePosixPath

from hypothesis import strategies as st

from envcfg.core.tree import MISSING, Marker

keys = st.text(max_size=6) | st.sampled_from(
    ["a", "b", "max_steps", "carbon.gained", "a/b", "~", "~1", ".", "", "'a.b'", "$float", "$$", "0", "__class__", "é"]
)

markers = st.one_of(
    st.just(MISSING),
    st.builds(Marker, st.just("enum"), st.text(max_size=8)),
    st.builds(Marker, st.just("path"), st.text(max_size=8)),
    st.builds(Marker, st.just("range"), st.lists(st.integers(-9, 9), min_size=3, max_size=3)),
)
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.integers(),
    st.sampled_from([2**53 + 1, 2**63, -(2**63) - 1, 2**64, 10**400, -(10**4000)]),
    st.floats(),
    st.sampled_from([0, 0.0, -0.0, 1, 1.0, True, 0.1, math.nextafter(0.1, 1), 0.1 + 0.2, 0.3, 1e16, 5e-324]),
    st.text(max_size=8),
    markers,
)
trees = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=12,
)
configs = st.dictionaries(keys, trees, max_size=4)


def places(tree, at=()):
    """Every place in objects, the innermost ones last."""
    if isinstance(tree, dict):
        for name, value in tree.items():
            yield (*at, name)
            yield from places(value, (*at, name))


def put(tree, path, value):
    """A copy with another value at *path* that shares the rest."""
    name, *rest = path
    return {**tree, name: put(tree[name], rest, value) if rest else value}


class Rude:
    """An object that answers nothing."""

    def __getattribute__(self, name):
        raise RuntimeError(name)

    def __repr__(self):
        raise RuntimeError

    __eq__ = __bool__ = __len__ = __iter__ = __str__ = __repr__
    __hash__ = object.__hash__


any_text = st.text(st.characters(), max_size=8)  # halves of surrogate pairs included
objects = st.recursive(
    st.one_of(
        scalars.filter(lambda value: value != MISSING),
        any_text,
        st.integers(-(10**5000), 10**5000),
        any_text.map(lambda text: PurePosixPath(text.replace("\0", ""))),
        st.binary(max_size=8),
        st.builds(Rude),
        st.complex_numbers(),
        st.decimals(),
        st.datetimes(),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(any_text | keys | st.integers() | st.booleans() | st.none(), inner, max_size=3),
        st.integers(40, 90).flatmap(lambda depth: inner.map(lambda leaf: nested(leaf, depth))),
    ),
    max_leaves=12,
)
"""Values as a curriculum may hand them over."""
handed = st.dictionaries(any_text | keys, objects, max_size=4)


def nested(leaf, depth):
    for _ in range(depth):
        leaf = [leaf]
    return leaf


plain_scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**64 - 1),
    st.sampled_from([0, 1, True, 1.0, 0.0, -0.0, "1", 31, 127, 128, -32, -33, 255, 256, 65_535, 65_536, 2**32]),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from([31, 32, 255, 256]).map(lambda length: "x" * length),
)
plain_trees = st.recursive(
    plain_scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(keys, inner, max_size=3)
        | st.sampled_from([15, 16]).flatmap(lambda length: st.lists(inner, min_size=length, max_size=length))
        | inner.map(lambda leaf: {str(number): leaf for number in range(16)})
    ),
    max_leaves=12,
)
plain_configs = st.dictionaries(keys, plain_trees, max_size=4)
"""Of JSON's own types alone, on either side of where MessagePack writes them otherwise."""
