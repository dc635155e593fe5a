"""Where the values of a config stand in what it is written as."""

from hypothesis import given
from hypothesis import strategies as st
from strategies import configs, plain_configs

from envcfg.core.encoding import encode
from envcfg.core.layout import place_at, place_of
from envcfg.core.packed import packed
from envcfg.core.tree import lookup


def paths(tree, at=()):
    """Every place, in objects and lists."""
    yield at
    if isinstance(tree, dict | list):
        for part, value in tree.items() if isinstance(tree, dict) else enumerate(tree):
            yield from paths(value, (*at, part))


@given(plain_configs, st.data())
def test_each_byte_of_the_packed_form_is_of_the_innermost_value_that_has_it(config, data):
    form = packed(config)
    offset = data.draw(st.integers(0, len(form) - 1))
    place = place_at(config, offset)
    value = lookup(config, place.path)
    assert place.start <= offset < place.end
    assert form[place.start : place.end] == packed(value)
    if isinstance(value, dict | list):
        inner = [place_at(config, at) for at in range(place.start, place.end)]
        assert sum(found.path == place.path for found in inner) == len(packed(value)) - sum(
            len(packed(member)) for member in (value.values() if isinstance(value, dict) else value)
        )


@given(configs, st.data())
def test_each_value_stands_in_the_canonical_encoding_where_it_is_said_to(config, data):
    path = data.draw(st.sampled_from(list(paths(config))))
    place = place_of(config, path)
    assert place.path == path
    assert encode(config)[place.start : place.end] == encode(lookup(config, path))
