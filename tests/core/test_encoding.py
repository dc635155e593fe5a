import math

import pytest
from hypothesis import given
from strategies import configs, trees

from envcfg.core.encoding import decode, digest, encode
from envcfg.core.errors import EncodingError
from envcfg.core.tree import MISSING, Marker


@given(trees)
def test_decoding_inverts_encoding(tree):
    assert encode(decode(encode(tree))) == encode(tree)


@given(configs)
def test_the_order_of_keys_does_not_matter(config):
    assert digest(dict(reversed(config.items()))) == digest(config)


@given(trees)
def test_an_encoding_is_ascii_on_one_line(tree):
    assert encode(tree).isascii()
    assert b"\n" not in encode(tree)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, 1.0),
        (1, True),
        (0, False),
        (0, None),
        (0.0, -0.0),
        ("1", 1),
        ([], {}),
        ({"$float": "nan"}, math.nan),
        ({"$missing": None}, MISSING),
        ({"a": None}, {}),
        (Marker("enum", "A.B"), "A.B"),
    ],
)
def test_values_that_differ_have_other_digests(one, other):
    assert digest(one) != digest(other)


def test_every_nan_is_the_same_nan():
    assert digest([math.nan]) == digest([float("-nan")])


def test_integers_of_any_size_keep_their_value():
    assert decode(encode(2**80)) == 2**80


def test_a_lone_surrogate_survives():
    assert decode(encode("\ud800")) == "\ud800"


def test_the_digest_of_a_config_never_changes_between_versions():
    reward = {"heart": 1.0, "carbon.gained": math.inf}
    config = {"max_steps": 1000, "reward": reward, "layout": [None, "a", True, MISSING]}
    assert digest(config) == "d525b4b858d103fa2d73d03c37548683"


@pytest.mark.parametrize(
    "text",
    ['{"$new":1}', '{"$float":"1"}', '{"a":1,"$b":2}', "{", "NaN", '"\\', "[" * 100_000],
)
def test_an_invalid_encoding_raises_an_error(text):
    with pytest.raises(EncodingError):
        encode(decode(text))
