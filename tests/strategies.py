"""Generated configs: everything a tree may hold, hostile keys included."""

from hypothesis import strategies as st

from envcfg.core.tree import MISSING, Marker

keys = st.text(max_size=6) | st.sampled_from(
    ["a", "b", "max_steps", "carbon.gained", "a/b", "~", "$float", "$$", "0", "__class__"]
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
    st.floats(),
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
