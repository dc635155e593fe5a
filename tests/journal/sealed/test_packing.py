"""A sealed segment is small: columns of numbers as JSON, in gzip."""

import gzip
import json
import random

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from envcfg.journal.columns import NONE
from envcfg.journal.sealed.deflate import gzipped
from envcfg.journal.sealed.packing import MOST, Packed, is_small, packed, packed_differences, unpacked

numbers = st.one_of(st.integers(0, 63), st.integers(0, 64**2), st.just(NONE), st.integers(-5, MOST + 5), st.integers())


@example([2**63])
@example([-(2**63) - 1] * 2)
@given(st.lists(numbers) | st.lists(st.integers(0, 99)) | st.lists(st.integers(0, MOST)))
def test_a_column_unpacks_to_the_packed_numbers(values):
    column = msgspec.json.decode(msgspec.json.encode(packed(values)), type=Packed)
    assert list(unpacked(column, len(values))) == values


def test_differences_contain_no_none():
    assert packed_differences([7, 6, 8]) == [0, -1, 2]
    assert packed([-1, -1]) is None
    assert packed([-1, -1], none=None) == -1


@pytest.mark.parametrize("column", [["01", "0"], ["0", 1], ["0"] * 6, ["0z", "00"], "0", [0], [None, None, "0"]])
def test_an_invalid_column_raises_an_error(column):
    with pytest.raises(ValueError, match="a column"):
        unpacked(column, 2)


def test_a_column_is_unpacked_lazily_only_if_its_numbers_are_small():
    small = ["01", ["01", "no"], ["0a", "0b", "0c"], None]
    assert all(is_small(column, 2) for column in small)
    assert not any(is_small(column, 2) for column in (["00"] * 4, ["0z", "00"], [1, 2], 7))


@given(st.binary(max_size=5_000) | st.text(min_size=1_100).map(lambda text: json.dumps([text, 1, text]).encode()))
def test_a_document_compressed_in_parts_is_one_gzip_member(document):
    assert gzip.decompress(gzipped(document)) == document


def test_random_columns_are_little_larger_than_their_entropy():
    draw = random.Random(0)
    texts = {str(size): packed([draw.randrange(size) for _ in range(10_000)]) for size in (2, 40, 64, 64**2)}
    entropy = 10_000 * (1 + 5.32 + 6 + 12) / 8
    document = json.dumps(texts, ensure_ascii=False).encode()
    assert len(gzipped(document)) < 1.04 * entropy
    assert len(gzip.compress(document, 9)) > 1.05 * entropy
