import pytest
from hypothesis import given
from hypothesis import strategies as st

from envcfg.core.errors import EncodingError
from envcfg.core.path import dotted, parse_pointer, pointer


@given(st.lists(st.text(max_size=5)))
def test_a_pointer_keeps_every_key_exactly(path):
    assert list(parse_pointer(pointer(tuple(path)))) == path


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (("game", "rewards", 0, "heart"), "game.rewards[0].heart"),
        (("carbon.gained",), '["carbon.gained"]'),
        (("a b", "c"), '["a b"].c'),
        ((), ""),
        (("\x1b[31m",), '["\\u001b[31m"]'),
    ],
)
def test_a_dotted_key_quotes_special_characters(path, text):
    assert dotted(path) == text


def test_a_pointer_starts_with_a_slash():
    with pytest.raises(EncodingError, match="JSON Pointer"):
        parse_pointer("a/b")
