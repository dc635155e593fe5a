"""A template renders a packed form exactly as its config would be stored alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import places, plain_configs, plain_trees, put

from envcfg.core.delta_template import Base, DeltaTemplate
from envcfg.core.diff import apply
from envcfg.core.encoding import digest, encode
from envcfg.core.packed import packed, unpacked
from envcfg.core.record import Stored
from envcfg.core.tree import leaves, lookup


def mould_of(config):
    return DeltaTemplate(Base(config, packed(config), Stored(digest(config), config, len(encode(config)))))


def render(template, config):
    """The config that *template* renders from the packed form of *config*, which fits."""
    forms = template.values_at_places(packed(config))
    return template.render(
        [template.substitution(path, unpacked(form)) for path, form in zip(template.paths, forms, strict=True)]
    )


def same(one, other):
    return encode(one) == encode(other)


@st.composite
def kin(draw):
    """A config, and several configs that differ from it in some places."""
    config = draw(plain_configs.filter(bool))
    others = []
    for _ in range(draw(st.integers(1, 3))):
        other = config
        for _ in range(draw(st.integers(0, 3))):
            other = put(other, draw(st.sampled_from(list(places(other)))), draw(plain_trees))
        others.append(other)
    return config, others


@pytest.mark.slow
@given(kin())
def test_a_rendered_config_equals_the_config_stored_alone(family):
    config, others = family
    template = mould_of(config)
    for other in others:
        template = template.widened(packed(other)) or template
        if template.values_at_places(packed(other)) is None:
            continue
        stored = render(template, other)
        assert same(stored.config, other)
        assert (stored.digest, stored.size) == (digest(other), len(encode(other)))
        assert stored.base == (digest(config) if template.paths else None)
        assert same(apply(stored.edits, config), other)


@pytest.mark.slow
@given(plain_configs, plain_configs)
def test_a_config_that_fits_differs_only_at_the_places(config, other):
    template = mould_of(config)
    assert (template.values_at_places(packed(other)) == []) == (packed(config) == packed(other))
    wide = template.widened(packed(other))
    if wide is not None:
        assert same(render(wide, other).config, other)


def test_widening_creates_a_new_template():
    config = {"a": {"x": 1, "y": 2}, "b": list(range(50))}
    template = mould_of(config)
    assert template.widened(packed(put(config, ("a", "x"), 5))).paths == [("a", "x")]
    assert template.paths == []


@pytest.mark.parametrize(
    ("place", "value", "found"),
    [
        (("a", "x"), 2.5, ("a", "x")),
        (("a", "x"), "long enough to be written otherwise", ("a", "x")),
        (("a", "l"), [1, 2, 4], ("a", "l", 2)),
        (("a", "l"), [1, 2], ("a", "l")),
        (("a",), {"x": 1, "l": [1, 2, 3], "new": 0}, ("a",)),
        (("a", "x"), {"now": "an object"}, ("a", "x")),
    ],
)
def test_a_place_is_the_innermost_value_that_differs(place, value, found):
    config = {"a": {"x": 1, "l": [1, 2, 3]}, "b": list(range(50))}
    assert mould_of(config).widened(packed(put(config, place, value))).paths == [found]


def test_a_place_replaces_the_places_inside_it():
    config = {"a": {"x": 1, "l": [1, 2, 3]}, "b": list(range(50))}
    template = mould_of(config).widened(packed(put(config, ("a", "l"), [1, 5, 3])))
    assert template.paths == [("a", "l", 1)]
    assert template.widened(packed(put(config, ("a", "l"), []))).paths == [("a", "l")]


@pytest.mark.parametrize("other", [{"b": 1}, {"a": 1, "b": 2, "c": 3}, {}, {"b": 2, "a": 1}])
def test_configs_with_other_keys_need_another_template(other):
    assert mould_of({"a": 1, "b": 2}).widened(packed(other)) is None


def test_configs_that_differ_in_most_values_need_another_template():
    config = {f"key_{number}": number for number in range(200)}
    few = {**config, **{f"key_{number}": 0.5 for number in range(150)}}
    assert len(mould_of(config).widened(packed(few)).paths) == 150
    assert mould_of({"text": "a" * 100, "n": 1}).widened(packed({"text": "b" * 100, "n": 1})) is None
    assert mould_of({"a": {"x": "text"}, "n": 1}).widened(packed({"a": {"y": "text"}, "n": 1})) is None


def test_only_values_at_the_places_are_encoded(monkeypatch):
    config = {"a": {"x": 1, "y": 2}, "b": {f"k{key}": key for key in range(50)}}
    template, encoded = mould_of(config).widened(packed(put(config, ("a", "x"), 5))), []
    monkeypatch.setattr("envcfg.core.delta_template.encode", lambda tree: encoded.append(tree) or encode(tree))
    found = template.render([template.substitution(("a", "x"), 7)])
    assert [len(list(leaves(tree))) for tree in encoded] == [1]
    assert found.config["b"] is config["b"]
    assert lookup(found.config, ("a", "x")) == 7
