import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import trees

from envcfg import Cause
from envcfg.analysis.formatting import cause_text, duration_text, elided, printable, value_text, value_texts
from envcfg.core.diff import ABSENT
from envcfg.core.tree import MISSING, Marker


@given(st.text())
def test_no_control_character_is_left(text):
    assert printable(text).isprintable()


@given(st.text(max_size=50), st.integers(2, 30))
def test_an_elided_text_has_the_length_and_both_ends(text, length):
    short = elided(text, length)
    assert len(short) <= max(length, 1)
    assert short == text or (text.startswith(short.split("…")[0]) and "…" in short)


@given(trees)
def test_every_value_has_a_printable_text(tree):
    assert value_text(tree).isprintable()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1, "1"),
        (1.0, "1.0"),
        (0.1 + 0.2, "0.3"),
        (True, "true"),
        (None, "null"),
        ("a b", "a b"),
        (math.nan, "nan"),
        ([1, 2.0], "[1, 2.0]"),
        (ABSENT, "(absent)"),
        (MISSING, "???"),
        (Marker("redacted", "api_key"), "(redacted)"),
        (Marker("enum", "Color.RED"), "Color.RED"),
        (Marker("range", [0, 3, 1]), '{"$range": [0, 3, 1]}'),
        ("\x1b[31mred", "\\x1b[31mred"),
    ],
)
def test_values_read_as_people_write_them(value, text):
    assert value_text(value) == text


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        (["1", 1], ['"1"', "1"]),
        ([True, "true", False], ["true", '"true"', "false"]),
        ([0.1, math.nextafter(0.1, 1)], ["0.1", "0.10000000000000002"]),
        ([ABSENT, "(absent)"], ["(absent)", '"(absent)"']),
        (["a" * 60 + "b" + "c" * 60, "a" * 60 + "d" + "c" * 60], ["…aaaab", "…aaaad"]),
        ([Marker("redacted", "one"), Marker("redacted", "two")], ["(redacted)", "(redacted)"]),
        ([1, 1], ["1", "1"]),
    ],
)
def test_different_values_beside_each_other_have_different_texts(values, texts):
    assert all(map(str.startswith, value_texts(values), texts))


def test_a_cause_says_what_triggered_it():
    assert cause_text(Cause("curriculum", "success", 0.8125, 0.8)) == "curriculum: success 0.8125 (threshold 0.8)"
    assert cause_text(Cause("manual", note="by hand")) == "manual: by hand"
    assert cause_text(Cause("resume")) == "resume"
    assert cause_text(None) == ""


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-1, "0 s"),
        (0.4, "0 s"),
        (59.6, "1 min"),
        (62, "1 min 2 s"),
        (7_200, "2 h"),
        (7_500, "2 h 5 min"),
        (3_601, "1 h"),
        (90_000 * 100, "104 d 4 h"),
    ],
)
def test_a_duration_has_two_units_at_most(seconds, text):
    assert duration_text(seconds) == text
